"""A clause with its dates, durations and days masked, and what can be asked of a place in it.

Which day a date means, whether the clause tells what is and not what might be, whether a date is a measure's and not a
meeting's or a statistic's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta

from assistant import time_words
from assistant.attribution import is_attributed, is_hearsay
from assistant.date_order import DateOrder, in_order
from assistant.dating import RELATIVE, Tense, is_ambiguous, is_relative, later, of_day, resolve, resolve_relative
from assistant.domain import PartialDate
from assistant.figures import Bound, Figure, FigureKind, WrittenDate, plain, read_figures


@dataclass(frozen=True, slots=True)
class About:
    """What is known around a sentence: the document's dates, its order of dates in figures, the sentences before."""

    published: date | None
    stated: date | None
    is_notice: bool
    before: tuple[str, ...]
    order: DateOrder | None = None


class MaskedClause:
    """One clause; `masked` is its text with a sign for each letter of a date, a duration or a day."""

    def __init__(self, clause: str, sentence: str, about: About) -> None:
        self.given = clause
        self.text = plain(clause).translate(time_words.UNUSED)
        self.sentence = sentence
        self.about = about
        found_figures, found_dates, _ = read_figures(self.text)
        self.dates: dict[int, list[WrittenDate]] = {}
        for each in found_dates:
            self.dates.setdefault(each.start, []).append(each)
        masked = self.text
        for start, written in self.dates.items():
            masked = _masked(masked, start, written[0].end, time_words.DATE)
        self.spans: dict[int, Figure] = {}
        for figure in found_figures:
            span = _span_of(figure, self.text)
            if span:
                self.spans[span.start] = span
                masked = _masked(masked, span.start, span.end, time_words.SPAN)
        for match in re.finditer(rf"\b{RELATIVE}\b", masked, re.IGNORECASE):
            masked = _masked(masked, *match.span(), time_words.DAY)
        self.masked = masked
        self.words: list[tuple[int, int]] = []

    def date(self, match: re.Match[str], group: str, tense: Tense) -> PartialDate | None:
        """Return the date that a group of a match stands for."""
        start, word = match.start(group), match[group]
        if led := re.match(r"(last|next|this) ", word, re.IGNORECASE):
            tense = {"last": Tense.PAST, "next": Tense.FUTURE}.get(led[1].lower(), tense)
            start += led.end()
        if start in self.dates:
            written, *others = self.dates[start]
            if written.month is None and written.quarter is None and time_words.END_OF.search(self.masked[:start]):
                written = replace(written, month=12)
            certain = self._certain(written)
            if others or certain is None:
                return None
            return resolve(certain, self.about.published, tense)
        said = self.text[start : match.end(group)]
        return resolve_relative(said, self.about.published, tense) if is_relative(said) else None

    def _certain(self, written: WrittenDate) -> WrittenDate | None:
        """Return a date, None if it may be another: "5/1/2026" in a text of no known order, "in May" of "last year"."""
        if written.year is None:
            return None if time_words.OTHER_YEAR.search(self.masked) else written
        if is_ambiguous(self.text[written.start : written.end]):
            return in_order(written, self.about.order)
        return written

    def is_this_month(self, match: re.Match[str], when: PartialDate) -> bool:
        """Say whether "until November" stands in an article of a November: this one, or the next?"""
        written = self.dates.get(match.start("date"), [])
        published = self.about.published
        is_bare = bool(written) and written[0].year is None and written[0].day is None
        return is_bare and published is not None and when.first <= published <= when.last

    def holds(self, match: re.Match[str]) -> bool:
        """Say whether the clause tells what is, not what might be, what is not or what somebody claims."""
        before = self.masked[: match.start()]
        if is_hearsay(self.text) or is_attributed(self.text, match.start(), match.end()):
            return False
        if (
            time_words.UNSURE.search(before)
            or time_words.CONDITION.search(self.masked)
            or time_words.SAID_UNTRUE.search(self.sentence)
        ):
            return False
        return time_words.DENIED.search(before) is None

    def measures(self, at: int) -> bool:
        """Say whether a date at this place is a measure's, not a meeting's and not a statistic's."""
        before = self.masked[:at]
        if time_words.YEAR_ENDED.search(before):
            return False
        if time_words.FLOWED.search(self.masked):
            return False
        if time_words.STRONG.search(self.masked):
            event = list(time_words.EVENT.finditer(before))
            is_ordered = event and time_words.ORDERED.search(before[: event[-1].start()])
            return not event or bool(is_ordered) or time_words.STRONG.search(self.masked, event[-1].end()) is not None
        if time_words.EVENT.search(self.masked) or time_words.STATISTIC.search(self.masked):
            return False
        return time_words.MEASURE.search(self.masked) is not None

    def is_over(self, match: re.Match[str]) -> bool:
        """Say whether the clause tells that what began was ended: "in force since 2020, was lifted"."""
        if time_words.REVOKED.search(self.masked, match.end()):
            return True
        return time_words.ENDED_IT.search(self.masked[: match.start()]) is not None

    def is_measure(self, match: re.Match[str]) -> bool:
        return self.holds(match) and self.measures(match.start())

    def after_publication(self, match: re.Match[str]) -> PartialDate | None:
        published = self.about.published
        if published is None:
            return None
        if match.groupdict().get("span"):
            return later(of_day(published), self.spans[match.start("span")])
        days = time_words.NTH.get((match["nth"] or "").lower())
        return of_day(published + timedelta(days)) if days else None

    def starttense_of(self, match: re.Match[str]) -> Tense:
        if re.search(r"\bsince\b", match[0], re.IGNORECASE):
            return Tense.PAST
        return tense_of(self.masked[: match.end()])

    def endtense_of(self, match: re.Match[str]) -> Tense:
        before = self.masked[: match.end()]
        if time_words.PASSIVE.search(before):
            return Tense.FUTURE
        return Tense.PAST if time_words.PAST.search(before) else Tense.FUTURE

    def announced(self) -> PartialDate | None:
        """Return the day of the announcement: the one that the text gives, else the day of publication."""
        for place, sentence in enumerate((self.sentence, *reversed(self.about.before))):
            read = (
                self if place == 0 and sentence == plain(self.given) else MaskedClause(sentence, sentence, self.about)
            )
            match = time_words.ANNOUNCED.search(read.masked)
            if match:
                group = next(name for name in ("date", "lead", "bare") if match[name])
                return read.date(match, group, Tense.PAST)
            if place == 0 and (
                time_words.STARTS_EARLIER.search(read.masked) or time_words.VAGUE_DAY.search(read.masked)
            ):
                return None
            if re.search(time_words.ANNOUNCE, sentence, re.IGNORECASE) and time_words.VAGUE_DAY.search(sentence):
                return None
        return of_day(self.about.published) if self.about.published else None


def _masked(text: str, start: int, end: int, sign: str) -> str:
    return text[:start] + sign * (end - start) + text[end:]


def _span_of(figure: Figure, text: str) -> Figure | None:
    """Return a duration without a "for" that is part of it; None for other figures and for "about" and "up to"."""
    if figure.kind not in (FigureKind.MONTHS, FigureKind.DAYS) or figure.bound is not Bound.EXACT:
        return None
    written = text[figure.start : figure.end].lower()
    if written.startswith(("by ", "another ", "within ", "over ", "than ")):
        return None
    lead = len("for ") if written.startswith("for ") else 0
    return replace(figure, start=figure.start + lead)


def tense_of(text: str) -> Tense:
    """Return the tense of the last word that shows one."""
    # "will be applied" is to come.
    text = time_words.PASSIVE_TO_COME.sub("will", text)
    past = [match.end() for match in time_words.PAST.finditer(text)]
    coming = [match.end() for match in time_words.COMING.finditer(text)]
    if not past and not coming:
        return Tense.UNCLEAR
    return Tense.PAST if max(past, default=-1) > max(coming, default=-1) else Tense.FUTURE
