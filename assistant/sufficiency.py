"""Decide whether evidence answers a question: a logistic model over a few features that can be read.

One threshold on the score does not separate answerable from unanswerable questions on one topic (design note
`answers.md`). Fitted and cross-validated by `python -m tests.benchmarks.fit_sufficiency`, which prints the table below.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from assistant.question import Asked

if TYPE_CHECKING:
    from assistant.evidence import Evidence

# Name: +1 or -1, the only sign its weight may have. What depends on the size of the library (BM25, margins between
# units) is left out: the model was fitted on 1,204 paragraphs and has to hold for ten articles and for ten thousand.
FEATURES = {
    "best_cosine": 1,
    "best_coverage": 1,
    "names_apart": -1,
    "goods_missing": -1,
    "figures_missing": -1,
    "counted_absent": -1,
}
WEIGHTS = {
    "best_cosine": 7.305,
    "best_coverage": 5.009,
    "names_apart": -0.44,
    "goods_missing": -3.034,
    "figures_missing": -0.08,
    "counted_absent": -1.683,
}
BIAS = -7.344
# 99 % of the answerable questions of the collection are answered at this probability …
THRESHOLD = 0.1
# … and this much is asked where a name or figure of the question stands nowhere in the evidence.
THRESHOLD_WITH_MISSING = 0.5


def is_enough(evidence: Evidence) -> bool:
    """Say whether a question is to be answered rather than refused.

    A country that the evidence never names, or names elsewhere than where the answer stands, is reason to refuse.
    """
    if not evidence.units or set(evidence.question.places) & set(evidence.missing):
        return False
    if not max(evidence.units, key=lambda unit: unit.score).has_places:
        return False
    return probability(evidence) >= (THRESHOLD_WITH_MISSING if evidence.missing else THRESHOLD)


def probability(evidence: Evidence) -> float:
    """Return the probability (0–1) that evidence answers its question; 0 without units."""
    if not evidence.units:
        return 0.0
    found = features(evidence)
    return 1 / (1 + math.exp(-BIAS - sum(weight * found[name] for name, weight in WEIGHTS.items())))


def features(evidence: Evidence) -> dict[str, float]:
    """Return what the decision is made from, by name; the evidence has units."""
    question, units, missing = evidence.question, evidence.units, evidence.missing
    return {
        "best_cosine": max(unit.cosine for unit in units),
        # One word that occurs everywhere would carry all of a question that has only one.
        "best_coverage": max(unit.coverage for unit in units) * min(1.0, len(question.stems) / 2),
        "names_apart": 1.0 - max(units, key=lambda unit: unit.score).names_share,
        "goods_missing": float(any(good in missing for good in question.goods)),
        "figures_missing": float(any(figure in missing for figure in question.figures)),
        "counted_absent": float(evidence.is_kind_absent and question.asked in (Asked.NUMBER, Asked.SHARE)),
    }
