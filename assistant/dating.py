"""Which day a written date means: the year it leaves out, the weekday it names, the day a duration later.

Measured against the day of publication, and None wherever more than one day could be meant. Periods are counted as law
counts them, without the day they start on (Regulation (EEC, Euratom) No 1182/71, article 3; FRCP rule 6).
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from enum import StrEnum

from dateutil.relativedelta import relativedelta

from assistant.domain import PartialDate
from assistant.figures import Figure, FigureKind, WrittenDate

# A date without its year lies near the publication, or in the same year: further off writers name the year.
NEAR_DAYS = 120
FAR_DAYS = 183
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
RELATIVE = (
    r"(?:today|tomorrow|yesterday|(?:mon|tues|wednes|thurs|fri|satur|sun)day"
    r"|(?:the )?(?:end|close) of (?:the|this) (?:calendar )?(?:year|month)|year[- ]?end)"
)


class Tense(StrEnum):
    """Whether a text speaks of a day as gone or as coming."""

    PAST = "past"
    FUTURE = "future"
    UNCLEAR = "unclear"


def resolve(written: WrittenDate, published: date | None, tense: Tense) -> PartialDate | None:
    """Return the date that is meant; a year that is left out only where publication and tense leave one choice."""
    if written.quarter is not None:
        return None
    if written.year is not None:
        return _valid(written.year, written.month, written.day)
    if published is None or written.month is None:
        return None
    years = (published.year - 1, published.year, published.year + 1)
    known = [found for year in years if (found := _valid(year, written.month, written.day))]
    fitting = [found for found in known if _fits(found, published, tense)]
    return fitting[0] if len(fitting) == 1 else None


def resolve_relative(words: str, published: date | None, tense: Tense) -> PartialDate | None:
    """Return the date that a word such as "tomorrow", "Monday" or "year-end" means (`RELATIVE` matches them)."""
    if published is None:
        return None
    words = words.lower()
    if words in ("today", "tomorrow", "yesterday"):
        return of_day(published + timedelta({"today": 0, "tomorrow": 1, "yesterday": -1}[words]))
    if "year" in words:
        return PartialDate(published.year, 12)
    if "month" in words:
        return PartialDate(published.year, published.month)
    if tense is Tense.UNCLEAR:
        return None
    # A paper names today by its weekday when it tells what happened, hardly when it tells what will.
    ahead = (_WEEKDAYS.index(words) - published.weekday()) % 7
    if tense is Tense.PAST:
        return of_day(published - timedelta(-ahead % 7))
    return of_day(published + timedelta(ahead)) if ahead else None


def of_day(day: date) -> PartialDate:
    """Return a day as a date of full precision."""
    return PartialDate(day.year, day.month, day.day)


def later(start: PartialDate, span: Figure) -> PartialDate | None:
    """Return the end of a span of months or days from a start, no more exact than the start; None if it is not."""
    count = round(span.value)
    if abs(span.value - count) > 1e-9:
        return None
    if start.day is not None:
        step = relativedelta(months=count) if span.kind is FigureKind.MONTHS else relativedelta(days=count)
        try:
            return of_day(start.first + step)
        except (ValueError, OverflowError):
            return None
    if span.kind is not FigureKind.MONTHS or (start.month is None and count % 12):
        return None
    months = start.year * 12 + (start.month or 1) - 1 + count
    return PartialDate(months // 12, months % 12 + 1 if start.month else None)


def age(then: date, now: date) -> str:
    """Return how long ago a day is, in words: "45 days", "20 months" or "3 years"."""
    passed = relativedelta(now, then)
    months = passed.years * 12 + passed.months
    if months < 2:
        return _counted((now - then).days, "day")
    return _counted(months, "month") if months < 24 else _counted(passed.years, "year")


def in_words(when: PartialDate) -> str:
    """Return "10 November 2026", "November 2026" or "2026"."""
    named = f"{when.first:%B} {when.year}" if when.month else str(when.year)
    return f"{when.day} {named}" if when.day else named


def is_ambiguous(words: str) -> bool:
    """Say whether a date in figures is another day where the month comes first: "5/1/2026", not "31/1/2026"."""
    match = re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})[/.-](?:\d\d){1,2}", words.strip())
    return (
        match is not None and match[1].lstrip("0") != match[2].lstrip("0") and max(int(match[1]), int(match[2])) <= 12
    )


def is_relative(word: str) -> bool:
    """Say whether a word is one that `resolve_relative` reads."""
    return re.fullmatch(RELATIVE, word, re.IGNORECASE) is not None


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _valid(year: int, month: int | None, day: int | None) -> PartialDate | None:
    found = PartialDate(year, month, day)
    try:
        found.first  # noqa: B018 - there is no 30 February
    except ValueError:
        return None
    return found


def _fits(found: PartialDate, published: date, tense: Tense) -> bool:
    """Say whether a date can be what is meant; one that covers the publication can, whatever the tense."""
    if found.first <= published <= found.last:
        return found.day is not None or tense is not Tense.UNCLEAR
    days = (found.first - published).days if found.first > published else (found.last - published).days
    if tense is Tense.UNCLEAR:
        return abs(days) <= NEAR_DAYS
    if (days > 0) is not (tense is Tense.FUTURE):
        return False
    return found.year == published.year or abs(days) <= FAR_DAYS
