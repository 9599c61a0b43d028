"""The dates that a sentence states: when something starts, ends or was done; not the time that a figure is of."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.claim_reading import Reading
from assistant.clauses import about_of, clause_at, is_verb, near_to
from assistant.dating import is_ambiguous
from assistant.domain import ComparisonKind
from assistant.fact import Fact, Role
from assistant.figures import WrittenDate
from assistant.vocabulary import exempt, word_stem

# More dates than a sentence that can be compared holds; tables have many.
_MOST_DATES = 8
_AT = r"(?: (?:in|on|the|end|of|late|early|mid|at|about|around|least|as|beginning|start|only)\b)*[ -]*\Z"
_ENDS = re.compile(
    rf"\b(?:until|till|through|by|before|expir\w+|ends?|ended|ending|laps\w+|deadline(?: of| is| was)?|runs? to){_AT}",
    re.IGNORECASE,
)
_STARTS = re.compile(
    rf"\b(?:since|from|starting|beginning|began|begins?|starts?|started|effective|opens?|opened|in force|applies"
    rf"|applied|apply|effect|(?:enters?|entered|goes|go|went|comes?|came) in ?to (?:force|effect)){_AT}",
    re.IGNORECASE,
)
_DATE_BACK = 60
_DATE_LEAD = re.compile(
    r"\b(?:(?:the )?end of|late|early|mid|the beginning of|the start of)[ -](?:the )?\Z", re.IGNORECASE
)
_FIRST = re.compile(r"\b(?:when|as)\W", re.IGNORECASE)


def date_facts(reading: Reading) -> Iterator[Fact]:
    for date in reading.dates[:_MOST_DATES]:
        role = _date_role(reading, date)
        begin, until = clause_at(reading, date.start, date.end)
        has_figure = any(begin <= figure.start < until for figure in reading.figures)
        deeds = _verbs_before(reading, begin, date.start)
        is_scope = role is Role.ON and ((date.day is None and has_figure) or not deeds)
        if is_scope or _is_span(reading, date) or _is_named(reading, date) or is_ambiguous(reading.written(date)):
            continue
        lead = _DATE_LEAD.search(reading.text, max(0, date.start - 24), date.start)
        yield Fact(
            kind=ComparisonKind.DATE,
            role=role,
            reading=reading,
            start=date.start,
            end=date.end,
            about=about_of(reading, lead.start() if lead else date.start, date.end),
            near=near_to(reading, date.start, date.end),
            date=date,
            deeds=deeds if role is Role.ON else frozenset(),
        )


_SPAN_BEFORE = re.compile(r"\b(?:from|between)\s(?:\w+\s)?\Z", re.IGNORECASE)
_SPAN_AFTER = re.compile(r"\s?(?:to|and|until|through|-)\s?(?:\w+\s)?\Z", re.IGNORECASE)


def _is_span(reading: Reading, date: WrittenDate) -> bool:
    """Say whether a date is an end of a span of time, such as "from 1974 to 1979", in which something went on."""
    for other in reading.dates:
        first, second = sorted((date, other), key=lambda one: one.start)
        is_joined = other is not date and _SPAN_AFTER.fullmatch(reading.text[first.end : second.start])
        if is_joined and _SPAN_BEFORE.search(reading.text[max(0, first.start - 16) : first.start]):
            return True
    return False


_ACT = re.compile(r"\b(?:Act|Law|Code|Treaty|Regulation|Directive|Agreement|Convention|Order|Plan) (?:of )?\Z")


def _is_named(reading: Reading, date: WrittenDate) -> bool:
    """Say whether a year is part of a name, such as "the Customs Act 1998"."""
    return date.month is None and _ACT.search(reading.text[max(0, date.start - 20) : date.start]) is not None


def _verbs_before(reading: Reading, begin: int, end: int) -> frozenset[str]:
    """Return the stems of the verbs before a date in its clause: what was done on it."""
    found = []
    for at, word in enumerate(reading.words):
        if begin <= word.start < end:
            is_infinitive = at > 0 and reading.words[at - 1].lower in ("will", "would", "shall", "must", "to", "may")
            if (is_infinitive or is_verb(word.lower)) and reading.stems[at] not in exempt():
                found.append(reading.stems[at])
    return frozenset(found)


def _date_role(reading: Reading, date: WrittenDate) -> Role:
    before = reading.text[max(0, date.start - _DATE_BACK) : date.start]
    if _ENDS.search(before):
        return Role.END
    if _STARTS.search(before):
        return Role.START
    after = reading.text[date.end : date.end + _DATE_BACK]
    if (opening := _FIRST.search(after)) and re.search(r"\b(?:opens?|starts?|begins?)\b", after[opening.end() :]):
        return Role.START
    return _verb_role(reading, date)


_START_STEMS = frozenset(map(word_stem, "start begin open apply".split()))
_END_STEMS = frozenset(map(word_stem, "end expire lapse finish conclude terminate".split()))


def _verb_role(reading: Reading, date: WrittenDate) -> Role:
    """Read "will start in August", "will end their boycott in 2028": the nearest such verb before the date."""
    begin = clause_at(reading, date.start, date.end)[0]
    for at in range(len(reading.words) - 1, -1, -1):
        if begin <= reading.words[at].start < date.start:
            if reading.stems[at] in _START_STEMS:
                return Role.START
            if reading.stems[at] in _END_STEMS:
                return Role.END
    return Role.ON
