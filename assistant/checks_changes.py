"""A change goes "from", "to" or "by" a figure as in the source: a tariff cut to 10 percent was not cut by 10 percent.

Only the word right before a figure counts, and only where both texts have the same figure with such a word. "Rose 10
percent" is read as "by 10 percent". What is no change ("equal to 10 percent", "10 percent tariffs") is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from assistant.claim_reading import Case, Reading
from assistant.figures import Figure, FigureKind
from assistant.finding import Finding, doubtful, wrong
from assistant.vocabulary import poles, word_stem


def check_change_words(case: Case) -> Iterable[Finding]:
    """No "from", "to" or "by" of the claim stands as another of them before the same figure in the source."""
    stated = [step for part in case.nearest for step in _steps(part)]
    for step in _steps(case.claim):
        there = [other for other in stated if step.word and step.figure.matches(other.figure)]
        others = [other for other in there if other.word]
        if not others or any(other.word == step.word for other in others):
            continue
        reason = f"the cited passage says “{others[0].written}”, not “{step.word} {step.amount}”"
        yield wrong(reason) if len(others) == len(there) else doubtful(reason)


@dataclass(frozen=True, slots=True)
class _Step:
    """A figure with the word it is reached by: "from", "to", "by", or "" for none; `written` is both as they stand."""

    figure: Figure
    word: str
    written: str
    amount: str


_MEASURED = frozenset(
    {FigureKind.MONEY, FigureKind.PERCENT, FigureKind.POINTS, FigureKind.NUMBER, FigureKind.MONTHS, FigureKind.DAYS}
)
# More figures than a sentence of an answer holds; tables have many.
_MOST_FIGURES = 48


def _steps(reading: Reading) -> list[_Step]:
    found: list[_Step] = []
    for figure in reading.figures[:_MOST_FIGURES]:
        if figure.kind in _MEASURED:
            amount = reading.written(figure)
            word, lead = _word_before(reading, figure, found[-1] if found else None)
            if figure.kind is FigureKind.NUMBER and not figure.unit and not _follows_change(reading, figure):
                word = ""
            found.append(_Step(figure, word, f"{lead} {amount}".strip(), amount))
    return found


_BETWEEN = (
    r"(?:(?:about|around|roughly|approximately|nearly|almost|some|just|only|over|under|more than|less than|at least|"
    r"at most|as (?:much|many|low|high|little) as|another|an? (?:further|additional|full|record|total of)|a|"
    r"an average of)\s+)*(?:[a-z]{0,2}[$€£¥₹])?\Z"
)
_WORD_BEFORE = re.compile(rf"(?:\b(?P<before>\w+)\s+)?\b(?P<word>from|to|by)\s+{_BETWEEN}", re.IGNORECASE)
_VERB_BEFORE = re.compile(
    r"\b(?P<verb>rose|rise[ns]?|rising|f[ae]lls?|fallen|falling|drop(?:s|ped|ping)?|climb(?:s|ed|ing)?|jump(?:s|ed|ing)?"
    r"|surg(?:es?|ed|ing)|soar(?:s|ed|ing)?|slump(?:s|ed|ing)?|declin(?:es?|ed|ing)|gr[eo]ws?|grown|growing"
    rf"|plung(?:es?|ed|ing)|tumbl(?:es?|ed|ing)|s[aiu]nks?|shr[aiu]nks?)\s+{_BETWEEN}",
    re.IGNORECASE,
)
# "Up to 10 percent" and the like are no changes to it.
_NO_CHANGE = frozenset(
    "up close equal equals equivalent compared relative next due according subject amount amounts amounted amounting "
    "come comes came apply applies applied add adds added belong belongs similar".split()
)
# "10 percent tariffs" are tariffs; only "a" stands before such a noun as well, so "a" alone is no sign of a change.
_ATTRIBUTED = re.compile(
    r"[ -](?:\w+ )?(?:tariffs?|dut(?:y|ies)|lev(?:y|ies)|rates?|surtax|tax(?:es)?|fees?|surcharges?|quotas?|ceilings?|"
    r"caps?|floors?|stakes?|shares?|discounts?|penalt(?:y|ies)|increases?|rises?|cuts?|reductions?|drops?|declines?|"
    r"hikes?|packages?|deals?|funds?|funding|loans?|contracts?)\b",
    re.IGNORECASE,
)
_LOOK_BACK = 60


def _word_before(reading: Reading, figure: Figure, earlier: _Step | None) -> tuple[str, str]:
    """Return the word a figure is reached by, and the word to show for it; the second of a range has the first's."""
    if earlier and earlier.word != "from" and _is_range(reading, earlier.figure, figure):
        return earlier.word, earlier.written.split()[0] if earlier.word else ""
    before = reading.text[max(0, figure.start - _LOOK_BACK) : figure.start]
    match = _WORD_BEFORE.search(before)
    if match and (match["before"] or "").lower() not in _NO_CHANGE:
        is_noun = _ATTRIBUTED.match(reading.text, figure.end) is not None
        return ("", "") if is_noun else (match["word"].lower(), match["word"].lower())
    verb = _VERB_BEFORE.search(before)
    return ("by", verb["verb"]) if verb and not match else ("", "")


def _is_range(reading: Reading, one: Figure, other: Figure) -> bool:
    is_alike = (one.kind, one.unit) == (other.kind, other.unit)
    return is_alike and _RANGE.fullmatch(reading.text, one.end, other.start) is not None


_RANGE = re.compile(r" ?(?:-|to|or|and) ?[$€£¥₹]?", re.IGNORECASE)
_CHANGE_REACH = 8


def _follows_change(reading: Reading, figure: Figure) -> bool:
    """Say whether a word of growing or shrinking stands before a bare number: "sales to 12 countries" is no change."""
    before = [word for word in reading.words if word.end <= figure.start][-_CHANGE_REACH:]
    return any(axis == "amount" for word in before for axis, _ in poles().get(word_stem(word.lower), ()))
