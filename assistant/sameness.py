"""Do two facts of different sources say the same, or not? Rounding, bounds, partial dates and short names allowed for.

"Around 31 per cent" says the same as 30.8 %, "over 80 percent" as 85 %, "November 2026" as 10 November 2026. Where
both may be meant, such as "up to 50 percent" and 20 %, neither is claimed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from assistant.fact import Fact, Side
from assistant.figures import Bound, Figure, FigureKind, WrittenDate
from assistant.names import Name

# "About 80,000" may be 5 percent off.
ABOUT_SHARE = 0.05
# "Over 80 percent" is said of 85, hardly of 120; in between nothing is claimed.
BOUND_SHARE = 0.25
# 31 rounds 30.8 and 5 billion 5.2 billion; 2 billion for 1.6 is rounded too, but neither the same nor another figure.
ROUNDED_SHARE = 0.1
# 6.5 percent is not 6 percent, though either rounds it: a figure this near to half of the last digit is another one.
ROUNDING = 0.8
# Months are 28 to 31 days: "three months" and 90 days are one length.
LENGTH_SHARE = 0.06
DAYS_PER_MONTH = 30.4
_LENGTHS = (FigureKind.MONTHS, FigureKind.DAYS)
# A day without a year may be compared with another when the articles are not further apart.
SAME_YEAR_DAYS = 180


class Relation(StrEnum):
    """How two values stand to each other."""

    SAME = "same"
    OTHER = "other"
    UNCLEAR = "unclear"


def relation(one: Fact, other: Fact, *, published: tuple[date | None, date | None] = (None, None)) -> Relation:
    """Compare the values of two facts of one role about one thing; the same whichever comes first.

    To deny a value is to say otherwise than who states it, and tells nothing of any other value.
    """
    if one.is_denied or other.is_denied:
        is_contradiction = one.is_denied is not other.is_denied and _stated(one, other, published) is Relation.SAME
        return Relation.OTHER if is_contradiction else Relation.UNCLEAR
    return _stated(one, other, published)


def _stated(one: Fact, other: Fact, published: tuple[date | None, date | None]) -> Relation:
    if one.figure and other.figure:
        return _of_figures(one, other)
    if one.date and other.date:
        return _of_dates(one.date, other.date, published)
    if one.side and other.side:
        return _of_sides(one.side, other.side)
    return _of_actors(one, other)


def _of_sides(one: Side, other: Side) -> Relation:
    """Compare how a measure stands: "lifted" and "suspended" are neither the same nor a contradiction."""
    if one is other:
        return Relation.SAME
    decided = {Side.ACCEPTED, Side.REJECTED}
    if {one, other} & decided:
        return Relation.OTHER if {one, other} == decided else Relation.UNCLEAR
    return Relation.OTHER if Side.HOLDS in (one, other) else Relation.UNCLEAR


# ---- Figures ----


def _of_figures(one: Fact, other: Fact) -> Relation:
    if one.sign and other.sign and one.sign != other.sign:
        return Relation.OTHER
    lengths = _of_exact_lengths(one, other)
    if lengths is not None:
        return lengths
    mine, theirs = _extent(one), _extent(other)
    if mine is None or theirs is None:
        return Relation.UNCLEAR
    if mine.meets(theirs):
        if _are_other_bounds(one, other):
            return Relation.UNCLEAR
        return Relation.SAME if mine.says_as_much_as(theirs) else Relation.UNCLEAR
    return Relation.OTHER


def _of_exact_lengths(one: Fact, other: Fact) -> Relation | None:
    """Compare two lengths counted alike, None for any other figures: 45 days are not 50, a year may be 13 months."""
    if one.figure is None or other.figure is None or one.upper or other.upper:
        return None
    is_length = one.figure.kind in _LENGTHS and one.figure.kind is other.figure.kind
    if not is_length or (one.figure.bound, other.figure.bound) != (Bound.EXACT, Bound.EXACT):
        return None
    if math.isclose(one.figure.value, other.figure.value):
        return Relation.SAME
    unit = max(one.figure.precision, other.figure.precision)
    is_clear = unit <= 1 or abs(one.figure.value - other.figure.value) >= unit
    return Relation.OTHER if is_clear else Relation.UNCLEAR


def _are_other_bounds(one: Fact, other: Fact) -> bool:
    """Say whether both figures are bounds and not one: "over 80" and "over 85", "over 80" and "under 90"."""
    if one.figure is None or other.figure is None:
        return False
    bounds = (one.figure.bound, other.figure.bound)
    if not all(bound in (Bound.OVER, Bound.UNDER) for bound in bounds):
        return False
    mine, theirs = (fact.figure.value * _factor(fact.figure) for fact in (one, other) if fact.figure)
    return bounds[0] is not bounds[1] or not math.isclose(mine, theirs)


@dataclass(frozen=True, slots=True)
class _Extent:
    """What values a written figure can stand for, and the number it names."""

    low: float
    high: float
    named: float
    is_bound: bool

    def meets(self, other: _Extent) -> bool:
        is_equal = math.isclose(self.named, other.named)
        return is_equal or (self.low < other.high and other.low < self.high)

    def says_as_much_as(self, other: _Extent) -> bool:
        """Say whether the named numbers are near enough to be one: 85 for "over 80", not 20 for "up to 50"."""
        larger = max(abs(self.named), abs(other.named))
        near = BOUND_SHARE if self.is_bound or other.is_bound else ROUNDED_SHARE
        return abs(self.named - other.named) <= near * larger


def _extent(fact: Fact) -> _Extent | None:
    if fact.figure is None:
        return None
    figure, factor = fact.figure, _factor(fact.figure)
    value = figure.value * factor
    if fact.upper is not None:
        high = fact.upper.value * factor
        return _Extent(value, high, (value + high) / 2, is_bound=True)
    half = ROUNDING * figure.precision * factor / 2
    if figure.kind in _LENGTHS:
        half = LENGTH_SHARE * value
    if figure.bound is Bound.ABOUT:
        half = max(half, min(ABOUT_SHARE * value, _last_digit(figure.value) * factor / 2))
    if figure.bound is Bound.OVER:
        return _Extent(value - half, math.inf, value, is_bound=True)
    if figure.bound is Bound.UNDER:
        return _Extent(-math.inf, value + half, value, is_bound=True)
    # Of a whole number of things the last digit counts.
    is_count = figure.kind is FigureKind.NUMBER and not figure.unit and figure.precision == 1
    half = half if figure.bound is Bound.ABOUT else 0.0 if is_count else half
    return _Extent(value - half, value + half, value, is_bound=False)


def _factor(figure: Figure) -> float:
    return DAYS_PER_MONTH if figure.kind is FigureKind.MONTHS else 1.0


def _last_digit(value: float) -> float:
    """Return the place of the last digit that is not 0: 10,000 of 80,000."""
    place = 1.0
    while value and place < abs(value) and math.isclose(value % (place * 10), 0.0, abs_tol=1e-9):
        place *= 10
    return place


# ---- Dates ----


def _of_dates(one: WrittenDate, other: WrittenDate, published: tuple[date | None, date | None]) -> Relation:
    if one.year is not None and other.year is not None and one.year != other.year:
        return Relation.OTHER
    if (one.year is None or other.year is None) and not _are_near(published):
        return Relation.UNCLEAR
    quarters = _quarter(one), _quarter(other)
    if None not in quarters and quarters[0] != quarters[1]:
        return Relation.OTHER
    if one.month is not None and other.month is not None and one.month != other.month:
        return Relation.OTHER
    if one.day is not None and other.day is not None and one.day != other.day:
        return Relation.OTHER
    if not (_can_be_of(one, other.year, published[0]) and _can_be_of(other, one.year, published[1])):
        return Relation.UNCLEAR
    shares = one.month is not None and other.month is not None
    is_one_year = one.year is not None and one.year == other.year
    return Relation.SAME if shares or (is_one_year and _names_no_more(one, other)) else Relation.UNCLEAR


def _quarter(day: WrittenDate) -> int | None:
    return day.quarter if day.quarter is not None else (day.month + 2) // 3 if day.month is not None else None


def _names_no_more(one: WrittenDate, other: WrittenDate) -> bool:
    """Say whether neither date is only a year where the other names a day: "in 2026" says too little of it."""
    is_only_year = [day.month is None and day.quarter is None for day in (one, other)]
    return all(is_only_year) or not any(is_only_year)


def _can_be_of(day: WrittenDate, year: int | None, published: date | None) -> bool:
    """Say whether a date that leaves its year out can be of a year: that of its article, or at most half a year off."""
    if day.year is not None or year is None or published is None or day.month is None:
        return True
    months = (year - published.year) * 12 + day.month - published.month
    return year == published.year or abs(months) <= SAME_YEAR_DAYS / DAYS_PER_MONTH


def _are_near(published: tuple[date | None, date | None]) -> bool:
    first, second = published
    return first is not None and second is not None and abs((first - second).days) <= SAME_YEAR_DAYS


# ---- Actors ----

# Words that many bodies and companies share; what is left tells them apart.
_COMMON = frozenset(
    "ministry department office agency bureau commission council committee authority board administration court "
    "group holdings holding company corporation corp inc ltd co limited plc llc association federation institute bank "
    "national federal international general".split()
)
_BODIES = frozenset(
    "ministry department office agency bureau commission council committee authority board administration court "
    "house parliament senate congress treasury customs tribunal cabinet government secretariat union bank".split()
)


def _of_actors(one: Fact, other: Fact) -> Relation:
    mine, theirs = one.actors, other.actors
    if any(is_one_actor(first, second) for first in mine for second in theirs):
        return Relation.SAME if len(mine) == len(theirs) == 1 else Relation.UNCLEAR
    if any(_type(first) != _type(second) for first in mine for second in theirs):
        return Relation.UNCLEAR
    # Who else is named in the other sentence may have had a part in it.
    if any(_is_named(first, other) for first in mine) or any(_is_named(second, one) for second in theirs):
        return Relation.UNCLEAR
    return Relation.OTHER


def _type(name: Name) -> str:
    if name.key is not None:
        return "place"
    return "body" if _BODIES.intersection(name.words) else "name"


def is_one_actor(one: Name, other: Name) -> bool:
    """Say whether two names are of one actor: a country and its capital, a body and its short name."""
    if one.key is not None or other.key is not None:
        return one.key == other.key
    bodies = _BODIES.intersection(one.words), _BODIES.intersection(other.words)
    if all(bodies) and bodies[0] != bodies[1]:
        return False
    mine, theirs = _telling(one.words), _telling(other.words)
    return mine <= theirs or theirs <= mine or _is_short_for(one, other) or _is_short_for(other, one)


def _telling(words: Sequence[str]) -> frozenset[str]:
    return frozenset(words) - _COMMON or frozenset(words)


def _is_short_for(one: Name, other: Name) -> bool:
    return len(one.words) == 1 and one.words[0] == "".join(word[0] for word in other.words)


def _is_named(name: Name, fact: Fact) -> bool:
    return any(is_one_actor(name, there) for there in fact.reading.names)
