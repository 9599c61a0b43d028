"""A day that a question itself sets: "What was the duty as of 1 October 2025?" asks what was known by then.

Read only where it is unmistakable. "Which rate applies as of 1 October?" asks what begins on that day, and the article
that says so may be younger; it sets nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta

from assistant.date_order import turned
from assistant.dating import Tense, resolve
from assistant.domain import Filters, PartialDate
from assistant.figures import WrittenDate, plain, read_figures

_DATE = "\ue000"
_WHEN = rf"(?:the )?(?:(?:end|close) of )?(?P<date>{_DATE}+)"
_PUBLISHED = (
    r"(?:(?:based|going|relying) (?:only )?(?:on|by)|according to|from|using|with|knowing|given)(?: only)?"
    r" (?:(?:the )?(?:articles?|reports?|sources?|news|documents?)(?: that (?:was|were))?|what (?:was|had been|is))"
    r"(?: \w+)? (?:published|known|reported|available|released) (?P<how>by|up to|until|before|as of|on or before)"
)
_STOOD = r"as (?:things|matters|it|they) (?:stood|were) (?:on|in|at|as of|by)"
_PLAIN = re.compile(rf",? ?\b(?:{_PUBLISHED}|{_STOOD}) {_WHEN},?", re.IGNORECASE)
_LEADING = re.compile(rf"\A(?:as of|as at) {_WHEN},? ", re.IGNORECASE)
_LATER = re.compile(rf",? (?:as of|as at) {_WHEN}(?=\s*[?.!]?\Z)", re.IGNORECASE)
_PAST = re.compile(r"\b(?:was|were|did|had)\b", re.IGNORECASE)
# "Which rate was imposed as of …": the day on which something begins.
_BEGINS = re.compile(
    r"\b(?:appl(?:y|ies|ied|icable)|effective|effect|force|impos\w+|introduc\w+|rais\w+|cut|lower\w+|reduc\w+|lift\w*"
    r"|suspen\w+|bann?\w*|requir\w+|begin\w*|beg[au]n|start\w*|chang\w+|will|shall|must|increas\w+|due|payable|exempt\w*)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class AskedAsOf:
    """The day a question sets, the words that set it, and the question without them.

    `other` is the later day that the words may mean as well: "5/1/2026" is 5 January or 1 May.
    """

    day: date
    words: str
    question: str
    other: date | None = None


def read_as_of(question: str, today: date) -> AskedAsOf | None:
    """Return the day that a question sets, None if it sets none without doubt or one that is still to come."""
    text = plain(question).replace(_DATE, " ")
    dates = {found.start: found for found in read_figures(text)[1]}
    signs = list(text)
    for found in dates.values():
        signs[found.start : found.end] = _DATE * (found.end - found.start)
    match = _found("".join(signs))
    if match is None:
        return None
    written = dates[match.start("date")]
    when = resolve(written, None, Tense.UNCLEAR)
    is_end_of_year = re.search(r"(?:end|close) of ", match[0], re.IGNORECASE) is not None
    if when is None or (when.month is None and not is_end_of_year):
        return None
    is_before = (match.groupdict().get("how") or "").lower() == "before"
    days = sorted(one.first - timedelta(1) if is_before else one.last for one in _meant(written, when))
    past = [day for day in days if day <= today]
    if not past:
        return None
    words = question[match.start() : match.end()].strip(" ,")
    rest = " ".join(f"{question[: match.start()]} {question[match.end() :]}".replace(" ?", "?").split())
    if not rest.strip(" ?.!"):
        return None
    # Of two days the earlier one: what was published by then was by the other day, too.
    return AskedAsOf(past[0], words, rest[:1].upper() + rest[1:], past[1] if len(past) > 1 else None)


def narrowed(question: str, filters: Filters, today: date) -> tuple[str, Filters, AskedAsOf | None]:
    """Return a question without the day it sets, filters with that day, and the day; the earlier of two days holds."""
    asked = read_as_of(question, today)
    if asked is None:
        return question, filters, None
    day = min(asked.day, filters.as_of) if filters.as_of else asked.day
    return asked.question, replace(filters, as_of=day), asked


def _meant(written: WrittenDate, when: PartialDate) -> list[PartialDate]:
    """Return the days that a date may mean: two where it is in figures that can be read either way round."""
    other = resolve(turned(written), None, Tense.UNCLEAR) if written.is_open else None
    return [when, other] if other else [when]


def _found(masked: str) -> re.Match[str] | None:
    if match := _PLAIN.search(masked):
        return match
    if match := _LEADING.match(masked):
        return None if _BEGINS.search(masked[match.end() :]) and not _PAST.search(masked) else match
    match = _LATER.search(masked)
    if match and _PAST.search(masked[: match.start()]) and not _BEGINS.search(masked[: match.start()][-25:]):
        return match
    return None
