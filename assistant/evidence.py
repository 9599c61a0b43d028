"""Weigh what was retrieved: score every unit as an answer to the question, and decide whether anything answers it.

score = cosine + 0.5 × idf-weighted coverage of the question's stems + 0.1 × score of the passage + 0.08 if the unit
holds the type of thing asked for (design note `answers.md`: top-1 .766, top-2 .860 on open SQuAD). Words of a lead-in
or a question heading count for the units under it, at less than full weight.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.domain import Filters, Hit
from assistant.library import Snapshot
from assistant.question import Asked, Question, read_question
from assistant.reading import ReadUnit
from assistant.retrieval import Retrieved
from assistant.structure import UnitKind
from assistant.text import content_stems

PASSAGES_WEIGHED = 8
COVERAGE_WEIGHT = 0.5
PASSAGE_WEIGHT = 0.1
TYPE_WEIGHT = 0.08
LEAD_SHARE = 0.8
HEADING_SHARE = 0.4
GROUP_WEIGHT = 0.1


@dataclass(frozen=True, slots=True)
class WeighedUnit:
    """A unit with its score as an answer; `coverage` (0–1) is the share of the question's weight its words carry."""

    read: ReadUnit
    score: float
    cosine: float
    coverage: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the answerer writes from: `units` best first; `missing` are names and figures found nowhere in it."""

    question: Question
    hits: tuple[Hit, ...]
    units: tuple[WeighedUnit, ...]
    missing: tuple[str, ...]
    is_enough: bool


def weigh(question: str, retrieved: Retrieved, snapshot: Snapshot) -> Evidence:
    """Score the units of the best passages and decide whether they can answer the question."""
    asked = read_question(question)
    weights = _idf(asked, snapshot)
    units = sorted(
        (
            _weighed(asked, weights, unit, retrieved, hit)
            for hit, passage_units in zip(retrieved.hits[:PASSAGES_WEIGHED], retrieved.units, strict=False)
            for unit in passage_units
        ),
        key=lambda unit: -unit.score,
    )
    missing = _missing(asked, retrieved)
    return Evidence(asked, retrieved.hits, tuple(units), missing, _is_enough(asked, units, missing, retrieved.hits))


def _idf(question: Question, snapshot: Snapshot) -> dict[str, float]:
    """Return the weight of each stem of the question: rare in the library weighs most, absent from it most of all."""
    total = max(1, snapshot.searched(Filters()).passages)
    frequency = snapshot.document_frequency(question.stems)
    return {stem: math.log(1 + total / (frequency.get(stem, 0) + 0.5)) for stem in question.stems}


def _weighed(
    question: Question, weights: Mapping[str, float], read: ReadUnit, retrieved: Retrieved, hit: Hit
) -> WeighedUnit:
    cosine = float(read.vector @ retrieved.vector)
    coverage = _coverage(weights, read)
    score = cosine + COVERAGE_WEIGHT * coverage + PASSAGE_WEIGHT * hit.score
    if question.is_type_in(read.text):
        score += TYPE_WEIGHT
    if read.unit.kind in (UnitKind.LIST, UnitKind.TABLE):
        score += GROUP_WEIGHT if question.asked is Asked.LIST else -GROUP_WEIGHT
    return WeighedUnit(read, score, cosine, coverage)


def _coverage(weights: Mapping[str, float], read: ReadUnit) -> float:
    unit = read.unit
    shares = dict.fromkeys(content_stems(" ".join([read.source.article.title, *unit.heading])), HEADING_SHARE)
    shares |= dict.fromkeys(content_stems(unit.lead), LEAD_SHARE)
    own = content_stems(read.text)
    is_list = unit.kind in (UnitKind.LIST, UnitKind.TABLE)
    shares |= dict.fromkeys(
        [stem for stem in own if not is_list or stem not in shares], HEADING_SHARE if is_list else 1.0
    )
    total = sum(weights.values())
    return sum(weight * shares.get(stem, 0.0) for stem, weight in weights.items()) / total if total else 0.0


def _missing(question: Question, retrieved: Retrieved) -> tuple[str, ...]:
    """Return the names and figures of the question that stand nowhere in the passages weighed or their titles."""
    seen: set[str] = set()
    for hit in retrieved.hits[:PASSAGES_WEIGHED]:
        seen.update(content_stems(" ".join([hit.passage.title, *hit.passage.heading, hit.passage.text])))
    return tuple(part for part in (*question.names, *question.figures) if not set(content_stems(part)) <= seen)


def features(
    question: Question, units: Sequence[WeighedUnit], missing: Sequence[str], hits: Sequence[Hit]
) -> dict[str, float]:
    """Return what the decision to answer is made from, by name."""
    best = units[0]
    second = units[1].score if len(units) > 1 else 0.0
    return {
        "score": best.score,
        "best_cosine": max(unit.cosine for unit in units),
        "best_coverage": max(unit.coverage for unit in units),
        "coverage_of_first": best.coverage,
        "passage_score": hits[0].score,
        "lead": best.score - second,
        "names_missing": len([name for name in missing if name in question.names]) / max(1, len(question.names)),
        "figures_missing": float(any(figure in missing for figure in question.figures)),
        "has_type": float(question.is_type_in(best.read.text)),
        "stems": float(len(question.stems)),
    }


def _is_enough(question: Question, units: Sequence[WeighedUnit], missing: Sequence[str], hits: Sequence[Hit]) -> bool:
    if not units:
        return False
    found = features(question, units, missing, hits)
    return found["score"] > 0.7 and not missing
