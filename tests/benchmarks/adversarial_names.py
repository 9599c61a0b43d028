"""Proper names in a sentence with their kind, and other names of that kind from the same article.

Only names whose kind is certain are found: countries, nationalities and cities from lists, organisations by the word
they end or begin with, persons by their first name. A missed name makes no wrong pair; a wrong kind would.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from tests.benchmarks import adversarial_words as words
from tests.benchmarks.adversarial_passages import Source

_WORD = r"(?:(?:[A-Z]\.)+|[A-Z][\w’'-]*)"
_CAPITALS = re.compile(rf"{_WORD}(?:(?: (?:of|of the|de|van|von|du|la|al|for) (?=[A-Z])| ){_WORD})*")


# Words with a capital before a name that are no part of it.
_OPENING = re.compile(
    r"(?:The|In|On|At|By|For|From|As|And|But|While|When|After|Before|Although|Since|Both|Under|With|Former|President|King"
    r"|Queen|Emperor|Pope|Sir|Lord|Professor|Dr\.?|Mr\.?|Prince|Duke|General|Presidents) (?=[A-Z])"
)
_GEOGRAPHY = (
    "County River Street Avenue Park Bay Island Lake Hall House Beach Tower Building Mountains Valley Creek Act I II "
    "III IV V VI VII War Theorem Treaty Airport Bridge State City Day Law"
).split()
_BODY_OF = re.compile(rf"(?:{'|'.join(words.ORGANISATIONS)}) of ")


@dataclass(frozen=True, slots=True)
class Name:
    """A proper name `text[start:end]` of a kind; `takes_the` if an article stands before it."""

    text: str
    start: int
    end: int
    kind: str
    takes_the: bool


def names(text: str) -> list[Name]:
    """Return the names of a text whose kind is certain, in order."""
    found: list[Name] = []
    for match in _CAPITALS.finditer(text):
        for start, end, kind in _parts(match[0]):
            begin, stop = match.start() + start, match.start() + end
            if kind == "organisation" and re.search(r"\b(?:of|of the|and|&) $", text[:begin]):
                continue
            takes_the = bool(re.search(r"\b[Tt]he $", text[:begin]))
            found.append(Name(text[begin:stop], begin, stop, kind, takes_the))
    return found


def others(name: Name, source: Source) -> list[str]:
    """Return names of the same kind from the rest of the article, none of which the passage holds or shares a word of.

    Without any, countries, cities and nationalities come from the lists.
    """
    pool = {
        one.text
        for paragraph in source.elsewhere
        for one in _names_of(paragraph)
        if one.kind == name.kind and one.takes_the == name.takes_the
    }
    lists = {"country": words.COUNTRIES, "city": words.CITIES, "nationality": words.NATIONALITIES}
    free = [one for one in sorted(pool) if _is_free(one, name, source.span)]
    if len(free) < 2 and name.kind in lists:
        free += [one for one in lists[name.kind] if _is_free(one, name, source.span)]
    if name.kind == "nationality":
        free = [one for one in free if _starts_alike(one, name.text)]
    return free


def is_same_place(one: str, other: str) -> bool:
    """Say whether two names may mean one place, or one place within another."""
    return any(one in group and other in group for group in words.SAME_PLACE)


def _starts_alike(one: str, other: str) -> bool:
    return (one[0] in "AEIO") == (other[0] in "AEIO")


def _is_free(candidate: str, name: Name, span: str) -> bool:
    if is_same_place(candidate, name.text) or (name.kind in ("country", "nationality") and candidate[:4] in span):
        return False
    parts = [part for part in re.findall(r"\w+", candidate) if part[0].isupper() and part not in words.ORGANISATIONS]
    if name.kind == "organisation":
        return candidate not in span and name.text not in candidate and any(part not in span for part in parts)
    return bool(parts) and not any(words.has_word(span, part) for part in parts)


@functools.lru_cache(maxsize=4096)
def _names_of(text: str) -> tuple[Name, ...]:
    return tuple(names(text))


def _parts(capitals: str) -> Iterator[tuple[int, int, str]]:
    """Yield the stretches of a run of capitalised words that are names, with their kinds."""
    run = re.sub(r"[’']s$|[.,’']+$", "", capitals)
    offset = 0
    if _OPENING.match(run):
        offset = run.index(" ") + 1
    core = run[offset:]
    pieces = core.split(" ")
    if core in words.COUNTRIES:
        yield offset, offset + len(core), "country"
    elif core in words.NATIONALITIES:
        yield offset, offset + len(core), "nationality"
    elif core in words.CITIES:
        yield offset, offset + len(core), "city"
    elif len(pieces) > 1 and (pieces[-1] in words.ORGANISATIONS or _BODY_OF.match(core)):
        yield offset, offset + len(core), "organisation"
    elif (
        len(pieces) in (2, 3)
        and pieces[0] in words.FIRST_NAMES
        and pieces[1][:1].isupper()
        and not is_place_like(pieces)
    ):
        yield offset, offset + len(core), "person"


def is_place_like(pieces: list[str]) -> bool:
    """Say whether words that begin like a person's name are rather a river, a street, a reign or a theorem."""
    return pieces[-1] in _GEOGRAPHY or pieces[-1].endswith("’s") or "of" in pieces
