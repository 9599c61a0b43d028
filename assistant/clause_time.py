"""The time that one clause gives for something to apply: its start, its end, or both."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from assistant import time_words
from assistant.dating import Tense, later, of_day, resolve
from assistant.domain import PartialDate, Validity
from assistant.figures import WrittenDate
from assistant.masked_clause import About, MaskedClause, tense_of

MAX_WORDS_CHARS = 120


class ClauseTime(MaskedClause):
    """A clause with the rules that read from when and until when something applies."""

    def __init__(self, clause: str, sentence: str, about: About) -> None:
        super().__init__(clause, sentence, about)
        self.words: list[tuple[int, int]] = []

    def validity(self) -> Validity:
        """Return what the clause says."""
        if not (self.dates or self.spans or time_words.DAY in self.masked or _is_worded(self.masked)):
            return Validity()
        effective, expires = self._range()
        if not effective and not expires:
            effective, expires = self._period_with_start()
        if not effective and not expires:
            effective, expires = self._start(), self._end()
        if effective and not expires:
            expires = self._end_of_period(effective)
        if (not effective and not expires) or (effective and expires and effective.first > expires.last):
            return Validity()
        return Validity(effective, expires, self._said())

    def _said(self) -> str:
        """Return the words that were read, as the clause has them, parts that lie apart joined by an ellipsis."""
        ends: list[list[int]] = []
        for start, end in sorted(self.words):
            if ends and start <= ends[-1][1] + 1:
                ends[-1][1] = max(end, ends[-1][1])
            else:
                ends.append([start, end])
        words = " … ".join(" ".join(self.given[start:end].split()) for start, end in ends)
        return words if len(words) <= MAX_WORDS_CHARS else words[:MAX_WORDS_CHARS].rpartition(" ")[0] + " …"

    def _range(self) -> tuple[PartialDate | None, PartialDate | None]:
        """Read "from D to D", "between D and D", "on or after D and before D"."""
        for match in time_words.RANGE.finditer(self.masked):
            link = match["link"].strip(" ,")
            if (link == "and") != bool(match["between"]) or not self.is_measure(match):
                continue
            last = self.date(match, "last", Tense.UNCLEAR)
            first = self.date(match, "first", Tense.UNCLEAR)
            if first is None and last is not None:
                first = self._in_year_of(match, last)
            if first and last:
                self.words.append(match.span())
                return first, last
        for start, pair in self.dates.items():
            if len(pair) == 2:
                read = self._days_of_one_month(start, pair)
                if read:
                    return read
        return None, None

    def _days_of_one_month(self, start: int, pair: list[WrittenDate]) -> tuple[PartialDate, PartialDate] | None:
        """Read "from 10 to 20 November 2025"."""
        before = re.search(r"\b(?:from|between) \Z", self.masked[:start], re.IGNORECASE)
        first, last = (resolve(each, self.about.published, Tense.UNCLEAR) for each in pair)
        if before and first and last and self.measures(before.start()):
            self.words.append((before.start(), pair[0].end))
            return first, last
        return None

    def _in_year_of(self, match: re.Match[str], last: PartialDate) -> PartialDate | None:
        """Give "from 10 November to 10 December 2025" its first year: the one of the second, or the one before."""
        written = self.dates.get(match.start("first"))
        if not written or written[0].year is not None or written[0].month is None:
            return None
        for year in (last.year, last.year - 1):
            found = resolve(replace(written[0], year=year), None, Tense.UNCLEAR)
            if found and found.first <= last.first:
                return found
        return None

    def _start(self) -> PartialDate | None:
        """Return from when something applies, if the clause gives one day for it."""
        found: dict[PartialDate, tuple[int, int]] = {}
        for when, span in self._starts():
            found.setdefault(when, span)
        if len(found) == 1:
            ((when, span),) = found.items()
            self.words.append(span)
            return when
        return None

    def _starts(self) -> Iterator[tuple[PartialDate, tuple[int, int]]]:
        taken: list[tuple[int, int]] = []
        for match in time_words.STARTS_PUT_OFF.finditer(self.masked):
            taken.append(match.span())
            if self.holds(match):
                yield from self._yielded(match)
        for match in time_words.NOT_UNTIL.finditer(self.masked):
            taken.append(match.span())
            if re.search(
                rf"\b(?:{time_words.STARTS}|appl(?:y|ies|ied)|begin|start"
                r"|be (?:enforced|applied|collected|required|due))\b",
                match[0],
                re.I,
            ) and not time_words.UNSURE.search(self.masked[: match.start()]):
                yield from self._yielded(match)
        if time_words.WAS_DUE.search(self.masked) and (
            time_words.PUT_OFF.search(self.masked) or not self.about.published
        ):
            return
        for pattern in (time_words.STARTS_DATE, time_words.STARTS_LATER, time_words.CHANGES_ON):
            for match in pattern.finditer(self.masked):
                is_sure = self.holds(match) and not time_words.WAS_DUE.search(self.masked) and not self.is_over(match)
                if not _inside(match, taken) and is_sure:
                    taken.append(match.span())
                    yield from self._yielded(match)
        for match in time_words.FROM_DATE.finditer(self.masked):
            if not _inside(match, taken) and self._is_start(match):
                yield from self._yielded(match)
        yield from self._worded_starts()

    def _worded_starts(self) -> Iterator[tuple[PartialDate, tuple[int, int]]]:
        about = self.about
        for match in time_words.IMMEDIATE.finditer(self.masked):
            if self.holds(match) and (when := self.announced()):
                yield when, match.span()
        if not about.is_notice:
            return
        for match in time_words.ON_PUBLICATION.finditer(self.masked):
            if about.published and self.holds(match):
                yield of_day(about.published), match.span()
        for match in time_words.AFTER_PUBLICATION.finditer(self.masked):
            is_end = re.fullmatch(rf"{time_words.ENDS}|until", match["verb"], re.IGNORECASE)
            if not is_end and self.holds(match) and (when := self.after_publication(match)):
                yield when, match.span()
        for match in time_words.OWN.finditer(self.masked):
            if about.stated and self.holds(match) and not self.dates and not time_words.IMMEDIATE.search(self.masked):
                yield of_day(about.stated), match.span()

    def _end(self) -> PartialDate | None:
        """Return until when something applies, if the clause gives one day for it."""
        found: dict[PartialDate, tuple[int, int]] = {}
        put_off = (*time_words.NOT_UNTIL.finditer(self.masked), *time_words.STARTS_PUT_OFF.finditer(self.masked))
        taken = [match.span() for match in put_off]
        for pattern in (time_words.UNTIL_DATE, time_words.ENDS_DATE, time_words.EXTENDED_TO):
            for match in pattern.finditer(self.masked):
                if not _inside(match, taken) and self._is_end(match, pattern):
                    when = self.date(match, "date", self.endtense_of(match))
                    if when and not self.is_this_month(match, when):
                        found.setdefault(when, match.span())
        if self.about.is_notice:
            for match in (
                *time_words.AFTER_PUBLICATION.finditer(self.masked),
                *time_words.FROM_PUBLICATION.finditer(self.masked),
            ):
                verb = match.groupdict().get("verb") or "until"
                if re.fullmatch(rf"{time_words.ENDS}|until", verb, re.IGNORECASE) and self.holds(match):
                    when = self.after_publication(match)
                    if when:
                        found.setdefault(when, match.span())
        if len(found) != 1:
            return None
        ((when, span),) = found.items()
        self.words.append(span)
        return when

    def _end_of_period(self, effective: PartialDate) -> PartialDate | None:
        """Return the end of "for one year" that begins on a known day."""
        ends = {}
        for match in time_words.PERIOD.finditer(self.masked):
            if match["from"] or not self._is_period(match):
                continue
            # How long a pause that began long ago goes on says nothing of its beginning.
            if re.search(
                r"\b(?:another|further|additional|more|extend\w*|extension|renew\w*|prolong\w*)\b", self.masked, re.I
            ):
                continue
            when = later(effective, self.spans[match.start("span") if match["span"] else match.start("own")])
            if when:
                ends[when] = match.span()
        if len(ends) != 1:
            return None
        ((when, span),) = ends.items()
        self.words.append(span)
        return when

    def _period_with_start(self) -> tuple[PartialDate | None, PartialDate | None]:
        """Read "for 90 days from 12 August 2025"."""
        for match in time_words.PERIOD.finditer(self.masked):
            if not match["from"] or not self._is_period(match):
                continue
            start = self.date(match, "date", tense_of(self.masked[: match.start()]))
            end = start and later(start, self.spans[match.start("span") if match["span"] else match.start("own")])
            if start and end:
                self.words.append(match.span())
                return start, end
        return None, None

    def _is_period(self, match: re.Match[str]) -> bool:
        if time_words.NOT_ITS_TERM.search(self.masked[max(0, match.start() - 40) : match.start()]):
            return False
        return (
            self.holds(match)
            and (time_words.STRONG.search(self.masked) or time_words.MEASURE.search(self.masked)) is not None
        )

    def _yielded(self, match: re.Match[str]) -> Iterator[tuple[PartialDate, tuple[int, int]]]:
        when = self.date(match, "date", self.starttense_of(match))
        if when:
            yield when, match.span()

    def _is_end(self, match: re.Match[str], pattern: re.Pattern[str]) -> bool:
        is_bare = pattern is time_words.UNTIL_DATE and not match["verb"]
        is_deadline = is_bare and time_words.TIME_TO.search(self.masked[: match.start()]) is not None
        is_of_event = not is_bare and time_words.OF_EVENT.search(self.masked[: match.start()]) is not None
        if is_deadline or is_of_event or not self.is_measure(match):
            return False
        is_put_off = time_words.WAS_DUE.search(self.masked[: match.start()])
        later_words = re.search(
            r"\b(?:but|however|instead|until|extended|prolonged|renewed|postponed|delayed|shortened|cut short)\b",
            self.masked[match.end() :],
            re.IGNORECASE,
        )
        if is_put_off and later_words:
            return False
        if pattern is time_words.ENDS_DATE and re.match(r"end", match[0], re.IGNORECASE):
            about = self.masked[: match.start()]
            return (time_words.STRONG.search(about) or time_words.MEASURE.search(about)) is not None
        return True

    def _is_start(self, match: re.Match[str]) -> bool:
        """Say whether "from D", "as of D" and their like begin something."""
        if not self.is_measure(match) or self.is_over(match):
            return False
        how, before = match["how"].lower(), self.masked[: match.start()]
        beside = f"{before} {self.masked[match.end() :]}"
        if time_words.STATISTIC.search(beside) and not time_words.STRONG.search(beside):
            return False
        if how == "after" or before.endswith(f"{time_words.SPAN} "):
            return False
        if how == "as of":
            is_act = (time_words.ACTION.search(beside) or time_words.STRONG.search(beside)) is not None
            return is_act and not re.search(r"\b(?:remain\w*|stood|stands?|still|had)\b", beside, re.I)
        if how == "from":
            return (
                not before.strip()
                or re.search(rf"{time_words.ACTION.pattern}|\b(?:is|are|was|were|be)\b", before, re.I) is not None
            )
        return time_words.ACTION.search(beside) is not None or time_words.STRONG.search(beside) is not None


def _is_worded(masked: str) -> bool:
    return bool(
        time_words.IMMEDIATE.search(masked)
        or re.search(r"\bpublication\b", masked, re.IGNORECASE)
        or time_words.OWN.search(masked)
    )


def _inside(match: re.Match[str], taken: Sequence[tuple[int, int]]) -> bool:
    return any(start < match.end() and match.start() < end for start, end in taken)
