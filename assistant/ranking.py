"""How good a ranking is: the measures of information retrieval over judged queries, with bootstrap intervals.

Measures are trec_eval's: gain is the judgement itself, discounted by log2(rank + 1); an article that was not judged is
not relevant. Every measure is a mean over the queries that have a relevant article.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DEPTH = 100
MEASURES = ("ndcg@10", "recall@10", "recall@100", "hits@1", "hits@5", "hits@10", "mrr@10")
RESAMPLES = 2_000
SEED = 20_240_701


@dataclass(frozen=True, slots=True)
class RankingResult:
    """Means of `MEASURES`, 0 to 1, and for each its 95 % interval by resampling the queries."""

    queries: int
    articles: int
    means: Mapping[str, float]
    intervals: Mapping[str, tuple[float, float]]


def score_rankings(
    rankings: Mapping[str, Sequence[str]], judgements: Mapping[str, Mapping[str, int]], *, articles: int
) -> RankingResult:
    """Compare rankings (query id → article ids, best first) with judgements (query id → article id → grade).

    Queries without a relevant article are left out; one that is not in `rankings` found nothing. Raises ValueError if
    no query is left.
    """
    judged = {query: {key: grade for key, grade in of.items() if grade > 0} for query, of in judgements.items()}
    judged = {query: of for query, of in judged.items() if of}
    if not judged:
        raise ValueError("no query has a relevant article")
    rows = np.array([measures(rankings.get(query, ()), judged[query]) for query in sorted(judged)])
    means = dict(zip(MEASURES, map(float, rows.mean(axis=0)), strict=True))
    return RankingResult(len(rows), articles, means, dict(zip(MEASURES, intervals(rows), strict=True)))


def measures(ranking: Sequence[str], relevant: Mapping[str, int]) -> list[float]:
    """Return one query's `MEASURES`; `relevant` maps article ids to grades above 0 and is not empty."""
    gains = [relevant.get(article, 0) for article in ranking[:DEPTH]]
    first = next((place for place, gain in enumerate(gains, start=1) if gain), math.inf)
    ideal = _discounted(sorted(relevant.values(), reverse=True)[:10])
    return [
        _discounted(gains[:10]) / ideal,
        sum(map(bool, gains[:10])) / len(relevant),
        sum(map(bool, gains)) / len(relevant),
        float(first <= 1),
        float(first <= 5),
        float(first <= 10),
        1 / first if first <= 10 else 0.0,
    ]


def intervals(rows: NDArray[np.float64]) -> list[tuple[float, float]]:
    """Return the 2.5th and 97.5th percentile of the mean of each column, rows drawn with replacement."""
    random = np.random.default_rng(SEED)
    draws = random.integers(0, len(rows), size=(RESAMPLES, len(rows)))
    means = np.stack([rows[draw].mean(axis=0) for draw in draws])
    low, high = np.percentile(means, [2.5, 97.5], axis=0)
    return [(float(least), float(most)) for least, most in zip(low, high, strict=True)]


def _discounted(gains: Sequence[int]) -> float:
    return sum(gain / math.log2(place + 1) for place, gain in enumerate(gains, start=1))
