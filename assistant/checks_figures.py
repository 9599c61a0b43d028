"""Figures and dates of a claim are those of the source, with the same bounds, and stand for the same things.

A figure agrees as `Figure.matches` has it (rounded, in words, in another scale) and a date as far as it is stated.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from assistant.claim_reading import Case, Reading, concepts_of
from assistant.figures import Bound, Figure, FigureKind, WrittenDate
from assistant.finding import Finding, absent, doubtful, wrong


def check_figures(case: Case) -> Iterable[Finding]:
    """Every figure of the claim is in the source, of the same kind and unit, and no bound is turned round."""
    for figure in case.claim.figures:
        written = case.claim.written(figure)
        if figure.kind is FigureKind.ORDINAL and _is_list_word(case.claim, figure):
            continue
        found = [other for other in case.source.figures if _same_figure(figure, other)]
        if not found:
            if not is_counted(figure, case.source):
                yield wrong(absent(written))
        elif figure.bound in _BOUNDED and not any(other.bound is figure.bound for other in found):
            is_opposite = all(other.bound in _BOUNDED for other in found)
            reason = f"the cited passage does not say “{figure.bound} {written}”"
            yield wrong(reason) if is_opposite else doubtful(reason)


_BOUNDED = (Bound.OVER, Bound.UNDER)


def _same_figure(claimed: Figure, other: Figure) -> bool:
    return claimed.equals(other)


def _is_list_word(claim: Reading, figure: Figure) -> bool:
    """Say whether an ordinal only counts sentences ("First, …") or is half of a fixed phrase ("at first")."""
    after = claim.text[figure.end : figure.end + 1]
    before = claim.text[max(0, figure.start - 4) : figure.start].lower()
    return after == "," or before.endswith("at ")


_ENUMERATION = re.compile(r"\w(?:, \w[\w'-]*(?: [\w'-]+){0,2})*(?P<last>,? (?:and|or) \w)")


def is_counted(figure: Figure, source: Reading) -> bool:
    """Say whether a small number counts what the source lists: "four minerals" of four named ones, "two" of "both"."""
    if figure.kind is not FigureKind.NUMBER or figure.unit or not 2 <= figure.value <= 12:
        return False
    if figure.value == 2 and any(word.lower in ("both", "pair", "either", "neither") for word in source.words):
        return True
    for match in _ENUMERATION.finditer(source.text):
        commas = match[0].count(",")
        if 2 + commas - match["last"].count(",") == figure.value:
            return True
    return False


def check_belonging(case: Case) -> Iterable[Finding]:
    """A figure stands for what it stands for in the source, not for what another figure there stands for."""
    stated = [(other, words) for other, words in _said_of_figures(case.source)]
    for mine, around in _said_of_figures(case.claim):
        own = [(other, len(around & words)) for other, words in stated if _same_figure(mine, other)]
        if not own:
            continue
        rivals = [
            len(around & words)
            for other, words in stated
            if (mine.kind, mine.unit) == (other.kind, other.unit)
            and not _same_figure(mine, other)
            and not any(_are_one_change(case.source, other, same_value) for same_value, _ in own)
        ]
        if rivals and max(rivals) >= max(count for _, count in own) + 2:
            yield doubtful(f"“{case.claim.written(mine)}” stands for something else in the cited passage")


_FIGURE_REACH = 6

# More figures than a sentence of an answer holds; tables have many.
_MOST_FIGURES = 48
_CLAUSE_MARK = re.compile(r"[,;:.()\n](?!\d)")


def _said_of_figures(reading: Reading) -> list[tuple[Figure, frozenset[str | int]]]:
    """Return figures with the words next to each in its clause, as far as the next figure of its kind."""
    marks = [mark.start() for mark in _CLAUSE_MARK.finditer(reading.text)]
    found = []
    for figure in reading.figures[:_MOST_FIGURES]:
        alike = [other.start for other in reading.figures if other is not figure and other.kind is figure.kind]
        begin = max((at for at in (*marks, *alike) if at < figure.start), default=-1)
        end = min((at for at in (*marks, *alike) if at >= figure.end), default=len(reading.text))
        before = [stemmed for word, stemmed in reading.line if begin < word.start < figure.start][-_FIGURE_REACH:]
        after = [stemmed for word, stemmed in reading.line if figure.end <= word.start < end][:_FIGURE_REACH]
        found.append((figure, concepts_of(before + after)))
    return found


def _are_one_change(reading: Reading, one: Figure, other: Figure) -> bool:
    first, second = sorted((one, other), key=lambda figure: figure.start)
    between = reading.text[first.end : second.start]
    return len(between) < 60 and re.search(r"\b(?:to|from|rising|falling)\b", between) is not None


def check_dates(case: Case) -> Iterable[Finding]:
    """Every date of the claim is in the source as far as it is stated; "until" is not turned into "since"."""
    for day in case.claim.dates:
        written = case.claim.written(day)
        found = [other for other in case.source.dates if day.agrees(other)]
        if not found:
            if not _is_plain_number(day, case.source):
                yield wrong(absent(written))
            continue
        adds_year = day.year is not None and all(other.year is None for other in found)
        if adds_year and any(_is_of_other_year(day, other) for other in case.source.dates):
            yield wrong(absent(written))
            continue
        if adds_year and case.published and not any(day.is_near(published) for published in case.published):
            yield doubtful(f"the cited passage gives no year for “{written}”")
        side = _side(case.claim, day)
        sides = {_side(case.source, other) for other in found}
        if side and sides == {-side}:
            yield wrong(f"the cited passage has “{written}” as {'the start' if side < 0 else 'the end'}")


def _is_of_other_year(day: WrittenDate, other: WrittenDate) -> bool:
    is_same_day = day.month == other.month and day.day in (None, other.day)
    return is_same_day and other.year is not None and other.year != day.year


def _is_plain_number(day: WrittenDate, source: Reading) -> bool:
    is_year_only = day.month is None and day.quarter is None
    return is_year_only and any(figure.value == day.year for figure in source.figures)


_AT = r"(?: (?:in|on|the|end|of|late|early|mid|at|about|around)\b)*[ -]*\Z"
_ENDS = re.compile(rf"\b(?:until|till|through|by|before|expir\w+|ends?|ended){_AT}", re.IGNORECASE)
_STARTS = re.compile(rf"\b(?:since|from|after|starting|beginning|began|starts?|started|effective){_AT}", re.IGNORECASE)


def _side(reading: Reading, day: WrittenDate) -> int:
    before = reading.text[max(0, day.start - 40) : day.start]
    return 1 if _ENDS.search(before) else -1 if _STARTS.search(before) else 0
