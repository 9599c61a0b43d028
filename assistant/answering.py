"""Write an answer from evidence. The offline answerer, the default, writes nothing of its own: it picks exact quotes.

It chooses units, not bare sentences: a list comes with its lead-in, a quotation with its speaker, a sentence that
says "he" with the one before it. It shows few: what follows the first quote must add something.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Protocol

from assistant.domain import Draft, Span
from assistant.evidence import Evidence, WeighedUnit
from assistant.interview import is_question
from assistant.question import Asked
from assistant.reading import ReadUnit
from assistant.sides import asks_for_both_sides, is_opposed
from assistant.structure import LISTS, UnitKind
from assistant.text import content_stems

MAX_SENTENCES = 4
MAX_QUOTES = 3
# A further quote must score at least this share of the first one's score: of .85 to .5, where SQuAD's gold answers in
# the first two quotes and our own golden questions stop gaining (`tests.benchmarks.fit_units --floors`) …
RELATIVE_FLOOR = 0.6
# … and one that takes the other side, or is from another source, this share where the question asks for that.
OTHER_SIDE_FLOOR = 0.65
# A list covers this much more of the question than its best item: the question names several items.
SEVERAL_ITEMS = 0.25
# Units whose vectors or words agree more than this say the same.
SAME_MEANING = 0.86
# A question heading that holds this share of the reader's question is the same question. With one word less, "It has."
# would answer for galvanised sheet what was asked about cold-rolled.
ASKED_ALREADY = 0.9
SAME_WORDS = 0.7


class Answerer(Protocol):
    """Writes the claims of an answer one by one."""

    name: str

    def write(self, evidence: Evidence, *, should_stop: Callable[[], bool]) -> Iterator[Draft]:
        """Yield drafts in reading order; none means that the evidence does not answer."""
        ...


class ExtractiveAnswerer:
    """Answer in exact quotes, without any language model."""

    name = "exact quotes"

    def __init__(self, floor: float = RELATIVE_FLOOR) -> None:
        self._floor = floor

    def write(self, evidence: Evidence, *, should_stop: Callable[[], bool]) -> Iterator[Draft]:
        """Yield one draft a quote, the one that answers first; none where the best sentences only ask."""
        telling = replace(evidence, units=_telling(evidence.units), halves=tuple(map(_telling, evidence.halves)))
        if not telling.units or not all(telling.halves):
            return
        for weighed in _chosen(telling, self._floor):
            if should_stop():
                return
            yield _quoted(weighed)


def _telling(units: tuple[WeighedUnit, ...]) -> tuple[WeighedUnit, ...]:
    return tuple(unit for unit in units if not is_question(unit.read.text))


def _quoted(weighed: WeighedUnit) -> Draft:
    """Quote a unit with what it depends on: its lead-in line, its question, or the sentence that names its subject.

    A question that the reader asked himself is not repeated to him.
    """
    source, unit = weighed.read.source, weighed.read.unit
    start, end, lead = min(unit.shown_from, unit.opening), unit.end, unit.lead_span
    if lead and not _is_asked(weighed):
        is_next = not any(character.isalnum() for character in source.article.text[lead[1] : start])
        start, lead = (lead[0], None) if is_next else (start, lead)
    else:
        lead = None
    parts = [lead, (start, end)] if lead else [(start, end)]
    spans = [Span(source.article_id, source.version, *part) for part in parts]
    return Draft(
        text="\n".join(source.article.text[slice(*part)] for part in parts),
        spans=(spans[-1],),
        lead=spans[0] if lead else None,
    )


def _is_asked(weighed: WeighedUnit) -> bool:
    return weighed.read.unit.lead.endswith("?") and weighed.lead_coverage >= ASKED_ALREADY


def _chosen(evidence: Evidence, floor: float) -> list[WeighedUnit]:
    if evidence.halves:
        return _of_halves(evidence, floor)
    chosen = [_whole(evidence.units[0], evidence)]
    if asks_for_both_sides(evidence.question):
        chosen += _other_sides(chosen[0], evidence)
    if chosen[0].read.unit.kind in LISTS:
        return chosen
    for unit in evidence.units:
        if len(chosen) == MAX_QUOTES:
            break
        if unit.score >= floor * chosen[0].score and _adds(unit, chosen):
            chosen.append(unit)
    return chosen


def _of_halves(evidence: Evidence, floor: float) -> list[WeighedUnit]:
    """Return what answers each half of a question that asks two things, in its order; then what adds to it."""
    chosen: list[WeighedUnit] = []
    for units, half in zip(evidence.halves, evidence.question.halves, strict=True):
        best = _whole(units[0], replace(evidence, units=units, question=half))
        # "It expires in May" is quoted with the sentence before it, which answers the first half.
        chosen = [other for other in chosen if not _is_quoted_in(other, best)]
        if not any(_says_the_same(best.read, other.read) for other in chosen):
            chosen.append(best)
    for unit in evidence.units:
        if len(chosen) >= MAX_QUOTES or any(one.read.unit.kind in LISTS for one in chosen):
            break
        if unit.score >= floor * chosen[0].score and _adds(unit, chosen):
            chosen.append(unit)
    return chosen


def _is_quoted_in(unit: WeighedUnit, other: WeighedUnit) -> bool:
    one, longer = unit.read.unit, other.read.unit
    is_inside = min(longer.shown_from, longer.opening) <= one.shown_from and one.end <= longer.end
    return is_inside and unit.read.source.article_id == other.read.source.article_id


def _whole(unit: WeighedUnit, evidence: Evidence) -> WeighedUnit:
    """Return the list that a unit belongs to if the question asks for the whole, and an item of it if it does not."""
    if unit.read.unit.kind in LISTS:
        items = [other for other in evidence.units if _is_part(other, unit)]
        best = max(items, key=lambda item: item.score, default=unit)
        return unit if _asks_for_whole(unit, best, evidence) else best
    groups = (group for group in evidence.units if group.read.unit.kind in LISTS and _is_part(unit, group))
    return next((group for group in groups if _asks_for_whole(group, unit, evidence)), unit)


def _asks_for_whole(group: WeighedUnit, item: WeighedUnit, evidence: Evidence) -> bool:
    """Say whether a question is about what a list's lead-in says, or names several of its items, and no single row."""
    if _is_singled_out(item, group, evidence):
        return False
    needed = (0.5 if evidence.question.asked is Asked.LIST else 1.0) * item.own_coverage
    is_about_lead = group.lead_coverage > 0 and group.lead_coverage >= needed
    return is_about_lead or group.own_coverage >= item.own_coverage + SEVERAL_ITEMS


def _is_singled_out(item: WeighedUnit, group: WeighedUnit, evidence: Evidence) -> bool:
    """Say whether a question names one row of a table and no other as well: its header is quoted with it anyway."""
    if item.read.unit.kind is not UnitKind.TABLE_ROW or item.own_coverage < SEVERAL_ITEMS:
        return False
    rows = (other for other in evidence.units if _is_part(other, group) and other is not item)
    return all(other.own_coverage < item.own_coverage for other in rows)


def _is_part(unit: WeighedUnit, group: WeighedUnit) -> bool:
    one, other = unit.read.unit, group.read.unit
    is_inside = other.start <= one.start and one.end <= other.end and one.kind is not other.kind
    return is_inside and unit.read.source.article_id == group.read.source.article_id


def _other_sides(first: WeighedUnit, evidence: Evidence) -> list[WeighedUnit]:
    """Return the best unit that takes the other side, and the best one of another article."""
    near = [unit for unit in evidence.units if unit.score >= OTHER_SIDE_FLOOR * first.score]
    sides: list[WeighedUnit] = []
    opposed = next(
        (unit for unit in near if is_opposed(first.read.text, unit.read.text) and _adds(unit, [first])), None
    )
    if opposed:
        sides.append(opposed)
    if all(unit.read.source.article_id == first.read.source.article_id for unit in sides):
        other = (unit for unit in near if unit.read.source.article_id != first.read.source.article_id)
        sides += [unit for unit in other if _adds(unit, [first, *sides])][:1]
    return sides


def _adds(unit: WeighedUnit, chosen: list[WeighedUnit]) -> bool:
    sentences = sum(_sentences(other) for other in [*chosen, unit] if other.read.unit.kind not in LISTS)
    return (
        unit.read.unit.kind not in LISTS
        and sentences <= MAX_SENTENCES
        and not any(_says_the_same(unit.read, other.read) or _is_beside(unit.read, other.read) for other in chosen)
    )


def _is_beside(one: ReadUnit, other: ReadUnit) -> bool:
    """Say whether two rows are of one table: what another firm pays answers no question about the first."""
    are_rows = one.unit.kind is other.unit.kind is UnitKind.TABLE_ROW
    return are_rows and one.unit.lead == other.unit.lead and one.source.article_id == other.source.article_id


def _sentences(weighed: WeighedUnit) -> int:
    """Return how many sentences are quoted, a heading or header that is quoted with them among them."""
    unit = weighed.read.unit
    return unit.sentences + (unit.lead_span is not None and not _is_asked(weighed))


def _says_the_same(one: ReadUnit, other: ReadUnit) -> bool:
    if one.source.article_id == other.source.article_id:
        overlaps = one.unit.shown_from < other.unit.end and other.unit.shown_from < one.unit.end
        if overlaps:
            return True
    words, others = set(content_stems(one.text)), set(content_stems(other.text))
    shared = len(words & others) / max(1, min(len(words), len(others)))
    return shared > SAME_WORDS or float(one.vectors[0] @ other.vectors[0]) > SAME_MEANING
