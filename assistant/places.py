"""Countries, agencies and agreements known under several names, and which of those names are true aliases.

News text calls a country by its people and its capital, too: a claim about Beijing may rest on a sentence about China.
To search for one name when another is asked for is a different matter. "Washington" is a state and a man as well, so
only names proper are searched for in place of one another; a capital leads to its country, never the other way round.
The names stand in `places.toml`.
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from importlib import resources


def _tables() -> tuple[Mapping[str, str], Mapping[str, str]]:
    table = tomllib.loads((resources.files("assistant") / "places.toml").read_text(encoding="utf-8"))
    return table["places"], table["bodies"]


_PLACES, _BODIES = _tables()


def _lines(table: Mapping[str, str]) -> Iterator[tuple[str, list[str], list[str]]]:
    """Yield each key with its names proper and with what only leads to them."""
    for key, forms in table.items():
        proper, _, loose = forms.partition("/")
        yield key, _forms(proper), _forms(loose)


def _forms(written: str) -> list[str]:
    return [form.strip() for form in written.split("|") if form.strip()]


def form_words(form: str) -> tuple[str, ...]:
    """Return the words of a name as `KEYS` and `NAMES` hold them: lower case, no dots, parted at hyphens."""
    return tuple(form.lower().replace("’", "'").replace(".", "").replace("-", " ").split())


def _keys(table: Mapping[str, str]) -> dict[tuple[str, ...], str]:
    return {form_words(form): key for key, proper, loose in _lines(table) for form in (*proper, *loose)}


# Words of a form, lower case, without dots: the key they share. Of countries, regions and what states make together:
KEYS = _keys(_PLACES)
# … and of these and all other bodies.
NAMES = KEYS | _keys(_BODIES)

_PROPER = {key: proper for table in (_PLACES, _BODIES) for key, proper, _ in _lines(table)}
# In small letters these are words, even in a question that is typed so.
_WORDS_IN_SMALL_LETTERS = frozenset({"us", "un", "turkey", "bis", "tra", "cit", "chile"})


def _pattern(forms: Iterable[tuple[str, ...]]) -> re.Pattern[str]:
    def written(form: tuple[str, ...]) -> str:
        dotted = [r"\.?".join(word) if len(word) <= len("usa") else re.escape(word) for word in form]
        return r"[\s-]".join(dotted).replace("'", "['’]")

    longest_first = sorted(forms, key=lambda form: -len(" ".join(form)))
    return re.compile(rf"(?<![\w.])(?:{'|'.join(map(written, longest_first))})(?!\w)", re.IGNORECASE)


@functools.cache
def _any() -> re.Pattern[str]:
    return _pattern(NAMES)


def body_forms() -> list[list[str]]:
    """Return the names of each agency, court, agreement and law, the abbreviation first."""
    return [proper for _, proper, _ in _lines(_BODIES)]


def other_names(text: str) -> list[str]:
    """Return what else the countries and bodies that a text names are called, a few of each, in order.

    A name with dots comes beside the one without, because an index of words tells them apart.
    """
    said: dict[str, set[str]] = {}
    for found in _any().finditer(text):
        if found[0] not in _WORDS_IN_SMALL_LETTERS:
            written = found[0].lower().replace("’", "'")
            said.setdefault(NAMES[form_words(written)], set()).add(written.replace(".", ""))
    return [form for key, forms in said.items() for form in _PROPER[key] if form.lower() not in forms]
