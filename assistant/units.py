"""A text as a line of units to align: words, figures, dates and countries, each with all it may be written as.

A figure with its unit is one unit, and so are a date and a country's name, so that "31 per cent" stands against "31%".
Words before a figure that only bound it ("at least") belong to the figure.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from assistant.claim_reading import Reading, is_inside, read_text
from assistant.figures import Figure, FigureKind, WrittenDate
from assistant.names import Name, Token
from assistant.synonyms import DISTINCT, generic, light, strong_words, synonyms
from assistant.text import stems
from assistant.vocabulary import poles, same, word_stem


class Role(StrEnum):
    """How much a unit says: `light` words carry little ("made", "the company"), `function` words only join others."""

    CONTENT = "content"
    LIGHT = "light"
    FUNCTION = "function"


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit at `text[start:end]` of a reading.

    `keys` are what it may be matched by; `logic` is the class of a logic word, empty for others.
    `lower` is the word itself and empty for what is no word; `is_cut` says that a mark parts it from what is before it,
    `is_capital` that it has a capital, `is_country` that it names a country or body by its key.
    """

    start: int
    end: int
    lower: str
    stem: str
    keys: frozenset[str | int]
    role: Role
    logic: str = ""
    is_cut: bool = False
    is_country: bool = False
    is_capital: bool = False
    figure: Figure | None = None
    date: WrittenDate | None = None

    @property
    def is_specific(self) -> bool:
        """Whether this is a figure, a date or a country, of which a text has several that must not be mixed up."""
        return self.is_country or self.figure is not None or self.date is not None

    @property
    def kind(self) -> str:
        """What this could be mixed up with: "date" (a bare number like 1855, too), "figure" or "word"."""
        if self.date or (self.figure and self.figure.kind is FigureKind.NUMBER and 1000 <= self.figure.value < 2100):
            return "date"
        return "figure" if self.figure else "word"

    def is_like(self, other: Unit) -> bool:
        """Say whether `other`, a unit of a source, can stand where this one stands in a claim."""
        if self.figure is not None and other.figure is not None:
            return self.figure.equals(other.figure)
        if self.date is not None and other.figure is not None:
            return self.date.is_year and other.figure.value == self.date.year
        if self.figure is not None and other.date is not None:
            return other.date.is_year and self.figure.value == other.date.year
        if self.date is not None or other.date is not None:
            return self.date is not None and other.date is not None and self.date.agrees(other.date)
        if self.stem and self.stem == other.stem:
            return True
        return not self.keys.isdisjoint(other.keys) and not are_opposite(self.stem, other.stem)


def are_opposite(one: str, other: str) -> bool:
    """Say whether two stems are opposites, as "rise" and "fall" are."""
    table = poles()
    return any((axis, -sign) in table.get(other, ()) for axis, sign in table.get(one, ()))


# A text is often checked many times while a citation is narrowed; a reading is slow to hash, its text is not.
def units_of(reading: Reading) -> tuple[Unit, ...]:
    """Return the units of a reading in order."""
    return _units_of(reading.original)


@functools.lru_cache(maxsize=1024)
def _units_of(original: str) -> tuple[Unit, ...]:
    return tuple(_read_units(read_text(original)))


_MARK = re.compile(r"[,;:.()\n]| - ")


def _read_units(reading: Reading) -> Iterator[Unit]:
    parts: list[Figure | WrittenDate] = [*reading.figures, *reading.dates]
    parts.sort(key=lambda part: part.start)
    countries = [name for name in reading.names if name.key is not None]
    done = 0
    for at, word in enumerate(reading.words):
        if word.start < done:
            continue
        covering = [part for part in parts if part.lead <= word.start < part.end]
        country = next((name for name in countries if is_inside(word, name)), None)
        if covering:
            own = [part for part in covering if part.start <= word.start]
            for part in own:
                yield _of_part(part, reading.written(part), is_cut=_is_cut(reading.text, done, part.start))
                done = part.end
        elif country is not None and country.key is not None:
            is_cut = _is_cut(reading.text, done, country.start)
            yield _of_country(country.key, country, word.lower, is_cut=is_cut)
            done = country.end
        else:
            yield _of_word(word, reading.stems[at], is_cut=_is_cut(reading.text, done, word.start))
            done = word.end


def _is_cut(text: str, done: int, start: int) -> bool:
    return done > 0 and start > done + 1 and _MARK.search(text, done, start) is not None


def _of_part(part: Figure | WrittenDate, written: str, *, is_cut: bool) -> Unit:
    if isinstance(part, WrittenDate):
        return Unit(part.start, part.end, "", "", frozenset(), Role.CONTENT, is_cut=is_cut, date=part)
    role = Role.LIGHT if part.kind is FigureKind.VAGUE else Role.CONTENT
    stemmed = word_stem(written.lower()) if part.kind is FigureKind.MULTIPLE else ""
    keys = _keys(stemmed) if stemmed else frozenset()
    return Unit(part.start, part.end, "", stemmed, keys, role, is_cut=is_cut, figure=part)


def _of_country(key: str, name: Name, lower: str, *, is_cut: bool) -> Unit:
    keys: frozenset[str | int] = frozenset((key,))
    return Unit(name.start, name.end, lower, key, keys, Role.CONTENT, "", is_cut, is_country=True, is_capital=True)


def _of_word(word: Token, stemmed: str, *, is_cut: bool) -> Unit:
    stemmed = DISTINCT.get(word.lower, stemmed)
    keys, role, logic = _meaning(word.lower, stemmed)
    return Unit(word.start, word.end, word.lower, stemmed, keys, role, logic, is_cut=is_cut, is_capital=word.is_capital)


@functools.lru_cache(maxsize=65536)
def _meaning(lower: str, stemmed: str) -> tuple[frozenset[str | int], Role, str]:
    logic = strong_words().get(lower, "")
    keys = frozenset((stemmed, f"logic {logic}")) if logic else _keys(stemmed)
    return keys, _role(lower, stemmed), logic


@functools.lru_cache(maxsize=65536)
def _keys(stemmed: str) -> frozenset[str | int]:
    found: set[str | int] = {stemmed, *synonyms().get(stemmed, ()), *same().get(stemmed, ())}
    return frozenset(found)


_FUNCTION = frozenset(
    "may might could would shall must never without every several many either neither also still yet already now "
    "since although though despite unless within among upon however whose whereas whether amid toward towards "
    "via per along across throughout onto therefore thus hence moreover furthermore meanwhile nevertheless "
    "nonetheless instead otherwise else maybe perhaps ever even quite rather too enough else together "
    "later earlier ago onwards onward well can cannot like such so lot us percent per cent pct percentage points "
    "point".split()
)


def _role(lower: str, stemmed: str) -> Role:
    if lower in _FUNCTION or lower in strong_words() or not stems(lower):
        return Role.FUNCTION
    if stemmed in light() or lower in generic():
        return Role.LIGHT
    return Role.CONTENT
