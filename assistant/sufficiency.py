"""Decide whether evidence answers a question: a logistic model over a few features that can be read.

One threshold on a score does not separate answerable from unanswerable questions on one topic (design note
`answers.md`). The weights stand in `sufficiency.toml`, with the figures of their fit: written, and measured on articles
that had no part in it, by `python -m tests.benchmarks.fit_sufficiency`.
"""

from __future__ import annotations

import functools
import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np

from assistant.candidates import EXACT, holds, is_counted, sought
from assistant.domain import Strictness
from assistant.identifiers import holds as holds_identifier
from assistant.question import Asked, Question
from assistant.question_parts import parts_of
from assistant.structure import LISTS
from assistant.text import content_stems

if TYPE_CHECKING:
    from assistant.evidence import Evidence, WeighedUnit
    from assistant.reading import ReadUnit

COEFFICIENTS = "sufficiency.toml"
# Best units whose vectors show what all of them are about.
TOPIC_UNITS = 40
# Best units that are searched for a count.
COUNTED_IN = 3
# A count in a unit near which fewer of the question's names stand is of something else.
NAMED_LEAST = 0.5


@dataclass(frozen=True, slots=True)
class Feature:
    """What a feature says of the evidence, and +1 or -1, the only sign that its weight may have."""

    sign: int
    meaning: str


# What depends on the size of the library (BM25, ranks, margins between articles) is left out: the model is fitted on
# 1,204 paragraphs and has to hold for ten articles and for ten thousand.
FEATURES = {
    "match": Feature(+1, "the best unit is near the question in meaning and says its words: one times the other"),
    "best_cosine": Feature(+1, "how near the nearest unit is to the question in meaning"),
    "best_coverage": Feature(+1, "how much of the question, its rare words above all, a single unit says"),
    "beyond_topic": Feature(
        +1, "how near the best unit is to the question in what the other units do not share with it"
    ),
    "lacks_figure": Feature(-1, "the best unit holds no such day, count, vote, share, sum or code as is asked for"),
    "lacks_kind": Feature(-1, "the best unit holds no such name, place, time or rate as is asked for"),
    "uncounted": Feature(-1, "none of the three best units counts what the question asks the number of"),
    "names_apart": Feature(-1, "share of the question's names that do not stand near the best unit"),
    "speaker_apart": Feature(
        -1, "share of the words for who is asked to have spoken that stand not near the best unit"
    ),
    "missing": Feature(-1, "share of the question's names, figures and goods that stand nowhere in the evidence"),
}


@dataclass(frozen=True, slots=True)
class Model:
    """A fitted model: the weight of each feature, and from which probability on each strictness answers.

    `thresholds_missing` are those where a name or a figure of the question stands nowhere in the evidence.
    """

    weights: Mapping[str, float]
    bias: float
    thresholds: Mapping[Strictness, float]
    thresholds_missing: Mapping[Strictness, float]

    def probability(self, found: Mapping[str, float]) -> float:
        """Return the probability (0–1) that evidence with these features answers its question.

        It is calibrated where one question in two has an answer.
        """
        return 1 / (1 + math.exp(-self.bias - sum(weight * found[name] for name, weight in self.weights.items())))


def is_enough(evidence: Evidence, strictness: Strictness) -> bool:
    """Say whether a question is to be answered rather than refused.

    A country that the evidence never names, or names elsewhere than where the answer stands, is reason to refuse.
    """
    if not evidence.units or set(evidence.question.places) & set(evidence.missing):
        return False
    best = _best(evidence)
    if not best.has_places or not _has_figure(evidence):
        return False
    if evidence.missing:
        return probability(evidence) >= model().thresholds_missing[strictness]
    # The items of a list thin out what is said above it, and the model was fitted on sentences; nor did it see codes,
    # which say all to a reader and little to a model of meaning.
    is_listed = evidence.question.asked is Asked.LIST and best.read.unit.kind in LISTS and best.lead_coverage > 0
    asked_for = evidence.question.identifiers
    is_named = bool(asked_for) and all(holds_identifier(best.read.text, one) for one in asked_for)
    is_plain = is_listed or (is_named and holds(best.read.text, evidence.question))
    return probability(evidence) >= model().thresholds[Strictness.LENIENT if is_plain else strictness]


def probability(evidence: Evidence) -> float:
    """Return the probability (0–1) that evidence answers its question; 0 without units."""
    return model().probability(features(evidence)) if evidence.units else 0.0


@functools.cache
def model() -> Model:
    """Return the model of `sufficiency.toml`, read once."""
    return read_model((resources.files("assistant") / COEFFICIENTS).read_text(encoding="utf-8"))


def read_model(text: str) -> Model:
    """Return the model that a file of coefficients describes. Raises ValueError if it is not one of these features."""
    record = tomllib.loads(text)
    weights = {name: float(entry["weight"]) for name, entry in record["features"].items()}
    if weights.keys() != FEATURES.keys():
        raise ValueError(f"{COEFFICIENTS} is of other features: {', '.join(sorted(weights.keys() ^ FEATURES.keys()))}")
    of_strictness = record["strictness"]
    return Model(
        weights=weights,
        bias=float(record["bias"]),
        thresholds={strictness: float(of_strictness[strictness]["threshold"]) for strictness in Strictness},
        thresholds_missing={
            strictness: float(of_strictness[strictness]["threshold_missing"]) for strictness in Strictness
        },
    )


def _has_figure(evidence: Evidence) -> bool:
    """Say whether one of the best units holds such a figure as is asked for, where one is."""
    if sought(evidence.question) not in EXACT:
        return True
    ranked = sorted(evidence.units, key=lambda unit: -unit.score)
    return any(holds(unit.read.text, evidence.question) for unit in ranked[:COUNTED_IN])


def features(evidence: Evidence) -> dict[str, float]:
    """Return what the decision is made from, by name; the evidence has units."""
    question, best = evidence.question, _best(evidence)
    ranked = sorted(evidence.units, key=lambda unit: -unit.score)
    # One word that occurs everywhere would carry all of a question that has only one.
    enough_words = min(1.0, len(question.stems) / 2)
    lacks = not holds(best.read.text, question)
    named = {*question.names, *question.figures, *question.goods}
    return {
        "match": best.coverage * max(0.0, best.cosine),
        "best_cosine": max(unit.cosine for unit in evidence.units),
        "best_coverage": enough_words * max(unit.coverage for unit in evidence.units),
        "beyond_topic": _beyond_topic(ranked),
        "lacks_figure": float(lacks and sought(question) in EXACT),
        "lacks_kind": float(lacks and sought(question) not in EXACT),
        "uncounted": float(
            not any(is_counted(unit.read.text, question) for unit in ranked[:COUNTED_IN] if _is_of_it(unit))
        ),
        "names_apart": 1.0 - best.names_share,
        "speaker_apart": _speaker_apart(question, best),
        "missing": len(named.intersection(evidence.missing)) / len(named) if named else 0.0,
    }


def _is_of_it(unit: WeighedUnit) -> bool:
    """Say whether a unit is about whom the question names: what others have is no answer."""
    return unit.names_share >= NAMED_LEAST


def _best(evidence: Evidence) -> WeighedUnit:
    return max(evidence.units, key=lambda unit: unit.score)


def _beyond_topic(ranked: Sequence[WeighedUnit]) -> float:
    """Return the cosine (-1 to 1) of the question and the best unit without their parts along the mean of the others.

    The question's part is known from its cosines with the units: their mean is its cosine with the mean of them. Where
    a unit has a vector of its lead-in too, the one that says more counts. Its own items are no others.
    """
    first, *rest = ranked[:TOPIC_UNITS]
    others = [unit for unit in rest if not _overlap(unit.read, first.read)]
    if not others:
        return first.cosine
    topic = np.mean([unit.read.vectors[0] for unit in others], axis=0)
    size = max(float(topic @ topic), _LEAST)
    of_question = sum(unit.cosine for unit in others) / len(others)
    return max(_apart(first.cosine, of_question, float(vector @ topic), size) for vector in first.read.vectors)


def _apart(cosine: float, of_question: float, of_unit: float, size: float) -> float:
    left = (1 - of_question**2 / size) * (1 - of_unit**2 / size)
    return min(1.0, (cosine - of_question * of_unit / size) / math.sqrt(max(left, _LEAST)))


def _overlap(one: ReadUnit, other: ReadUnit) -> bool:
    is_same = one.source.article_id == other.source.article_id
    return is_same and one.unit.start < other.unit.end and other.unit.start < one.unit.end


_LEAST = 1e-3


def _speaker_apart(question: Question, best: WeighedUnit) -> float:
    """Return how much of who speaks is not there: "the finance minister" where only a ministry is quoted."""
    speaker = frozenset(content_stems(parts_of(question.text).subject)) if question.asked is Asked.STATEMENT else None
    if not speaker:
        return 0.0
    unit = best.read.unit
    near = content_stems(" ".join([best.read.text, unit.lead, *unit.heading, best.read.source.article.title]))
    return len(speaker.difference(near)) / len(speaker)
