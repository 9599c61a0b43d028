"""Decide whether evidence answers a question: a logistic model over a few features that can be read.

One threshold on the score does not separate answerable from unanswerable questions on one topic (design note
`answers.md`). Fitted and cross-validated by `python -m tests.benchmarks.fit_sufficiency`, which prints the table below.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from assistant.question import MEASURED

if TYPE_CHECKING:
    from assistant.evidence import Evidence

# Name: +1 or -1, the only sign its weight may have. A feature that needs the other sign to fit says something else.
FEATURES = {
    "score": 1,
    "best_cosine": 1,
    "best_coverage": 1,
    "own_coverage": 1,
    "passage_score": 1,
    "lead": 1,
    "ranks_agree": 1,
    "names_missing": -1,
    "names_apart": -1,
    "goods_missing": -1,
    "figures_missing": -1,
    "absent_share": -1,
    "absent_most": -1,
    "type_lacking": -1,
    "stems": -1,
}
WEIGHTS = {"score": 4.0, "names_missing": -4.0, "figures_missing": -4.0, "goods_missing": -4.0}
BIAS = -2.8
THRESHOLD = 0.5
UNITS_SEARCHED_FOR_TYPE = 3


def probability(evidence: Evidence) -> float:
    """Return the probability (0–1) that evidence answers its question; 0 without units."""
    if not evidence.units:
        return 0.0
    found = features(evidence)
    return 1 / (1 + math.exp(-BIAS - sum(weight * found[name] for name, weight in WEIGHTS.items())))


def features(evidence: Evidence) -> dict[str, float]:
    """Return what the decision is made from, by name; the evidence has units."""
    question, units, missing = evidence.question, evidence.units, evidence.missing
    best, *others = sorted(units, key=lambda unit: -unit.score)
    has_type = any(unit.has_type for unit in [best, *others[: UNITS_SEARCHED_FOR_TYPE - 1]])
    first = evidence.hits[0]
    return {
        "score": best.score,
        "best_cosine": max(unit.cosine for unit in units),
        "best_coverage": max(unit.coverage for unit in units),
        "own_coverage": max(unit.own_coverage for unit in units),
        "passage_score": first.score,
        "lead": best.score - (others[0].score if others else 0.0),
        "ranks_agree": float(first.dense_rank == first.lexical_rank == 1),
        "names_missing": sum(name in missing for name in question.names) / max(1, len(question.names)),
        "names_apart": 1.0 - best.names_share,
        "goods_missing": float(any(good in missing for good in question.goods)),
        "figures_missing": float(any(figure in missing for figure in question.figures)),
        "absent_share": evidence.absent_share,
        "absent_most": evidence.absent_most,
        "type_lacking": float(question.asked in MEASURED and not has_type),
        "stems": math.log(1 + len(question.stems)),
    }
