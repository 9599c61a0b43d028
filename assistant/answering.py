"""Write an answer from evidence. The offline answerer, the default, writes nothing of its own: it picks exact quotes.

It chooses units, not bare sentences: a list comes with its lead-in, a quotation with its speaker, a sentence that
says "he" with the one before it. It shows few: what follows the first quote must add something.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

from assistant.domain import Draft, Span
from assistant.evidence import Evidence, WeighedUnit
from assistant.question import Asked
from assistant.reading import ReadUnit
from assistant.structure import UnitKind
from assistant.text import content_stems

MAX_SENTENCES = 4
MAX_QUOTES = 3
# A further quote must score at least this share of the first one's score …
RELATIVE_FLOOR = 0.80
# … and a second source may be this much weaker when the question asks whether something is so.
SECOND_SOURCE_FLOOR = 0.70
# Units whose vectors or words agree more than this say the same.
SAME_MEANING = 0.86
SAME_WORDS = 0.7
GROUPS = frozenset({UnitKind.LIST, UnitKind.TABLE})


class Answerer(Protocol):
    """Writes the claims of an answer one by one."""

    name: str

    def write(self, evidence: Evidence, *, should_stop: Callable[[], bool]) -> Iterator[Draft]:
        """Yield drafts in reading order; none means that the evidence does not answer."""
        ...


class ExtractiveAnswerer:
    """Answer in exact quotes, without any language model."""

    name = "exact quotes"

    def write(self, evidence: Evidence, *, should_stop: Callable[[], bool]) -> Iterator[Draft]:
        """Yield one draft a quote, the one that answers first."""
        for weighed in _chosen(evidence):
            if should_stop():
                return
            source, unit = weighed.read.source, weighed.read.unit
            span = Span(source.article_id, source.version, unit.shown_from, unit.end)
            yield Draft(source.article.text[span.start : span.end], (span,))


def _chosen(evidence: Evidence) -> list[WeighedUnit]:
    chosen: list[WeighedUnit] = []
    for unit in evidence.units:
        if chosen and not _adds(unit, chosen, evidence.question.asked):
            continue
        chosen.append(unit)
        if len(chosen) == MAX_QUOTES or unit.read.unit.kind in GROUPS:
            break
    return chosen


def _adds(unit: WeighedUnit, chosen: list[WeighedUnit], asked: Asked) -> bool:
    first = chosen[0]
    is_new_source = all(unit.read.source.article_id != other.read.source.article_id for other in chosen)
    floor = SECOND_SOURCE_FLOOR if is_new_source and asked is Asked.YES_NO else RELATIVE_FLOOR
    sentences = sum(other.read.unit.sentences for other in chosen) + unit.read.unit.sentences
    return (
        unit.score >= floor * first.score
        and sentences <= MAX_SENTENCES
        and unit.read.unit.kind not in GROUPS
        and not any(_says_the_same(unit.read, other.read) for other in chosen)
    )


def _says_the_same(one: ReadUnit, other: ReadUnit) -> bool:
    if one.source.article_id == other.source.article_id:
        overlaps = one.unit.shown_from < other.unit.end and other.unit.shown_from < one.unit.end
        if overlaps:
            return True
    words, others = set(content_stems(one.text)), set(content_stems(other.text))
    shared = len(words & others) / max(1, min(len(words), len(others)))
    return shared > SAME_WORDS or float(one.vector @ other.vector) > SAME_MEANING
