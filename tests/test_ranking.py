"""Measures of a ranking: what trec_eval computes, and intervals that hold what they say."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.ranking import DEPTH, MEASURES, intervals, measures, score_rankings

IDS = [f"a{number}" for number in range(120)]
rankings = st.permutations(IDS)
relevant = st.dictionaries(st.sampled_from(IDS), st.integers(1, 4), min_size=1)


def named(ranking: list[str], judged: dict[str, int]) -> dict[str, float]:
    return dict(zip(MEASURES, measures(ranking, judged), strict=True))


def test_measures_of_a_ranking_worked_out_by_hand() -> None:
    # Relevant: first (grade 1), fourth (grade 3), and one that was not found (grade 2).
    found = named(["x", "b", "c", "y"], {"x": 1, "y": 3, "z": 2})
    ideal = 3 / math.log2(2) + 2 / math.log2(3) + 1 / math.log2(4)
    assert found == pytest.approx(
        {
            "ndcg@10": (1 / math.log2(2) + 3 / math.log2(5)) / ideal,
            "recall@10": 2 / 3,
            "recall@100": 2 / 3,
            "hits@1": 1.0,
            "hits@5": 1.0,
            "hits@10": 1.0,
            "mrr@10": 1.0,
        }
    )


@pytest.mark.parametrize(
    ("place", "expected"),
    [(2, (0, 1, 1, 0.5)), (5, (0, 1, 1, 0.2)), (6, (0, 0, 1, 1 / 6)), (10, (0, 0, 1, 0.1)), (11, (0, 0, 0, 0))],
)
def test_place_of_the_first_relevant_article_decides_hits_and_reciprocal_rank(
    place: int, expected: tuple[float, ...]
) -> None:
    found = named(IDS, {IDS[place - 1]: 1})
    assert (found["hits@1"], found["hits@5"], found["hits@10"], found["mrr@10"]) == pytest.approx(expected)
    assert (found["recall@10"], found["recall@100"]) == (float(place <= 10), 1.0)


@given(rankings, relevant)
def test_every_measure_lies_between_nothing_and_the_best_ranking(ranking: list[str], judged: dict[str, int]) -> None:
    best = sorted(IDS, key=lambda article: -judged.get(article, 0))
    ideal = named(best, judged)
    assert (ideal["ndcg@10"], ideal["hits@1"], ideal["mrr@10"]) == pytest.approx((1, 1, 1))
    for name, value in named(ranking, judged).items():
        assert 0 <= value <= ideal[name] + 1e-12


@given(rankings, relevant)
def test_what_stands_below_the_depth_counts_for_nothing(ranking: list[str], judged: dict[str, int]) -> None:
    assert measures(ranking, judged) == measures(ranking[:DEPTH], judged)


def test_queries_without_a_relevant_article_are_left_out_and_one_without_a_ranking_found_nothing() -> None:
    result = score_rankings({"q1": ["x"]}, {"q1": {"x": 1, "y": 0}, "q2": {"y": 2}, "q3": {"y": 0}}, articles=7)
    assert (result.queries, result.articles, result.means["ndcg@10"]) == (2, 7, 0.5)
    with pytest.raises(ValueError, match="no query has a relevant article"):
        score_rankings({}, {"q1": {"x": 0}}, articles=1)


def test_intervals_hold_the_mean_of_the_whole_about_as_often_as_they_say() -> None:
    random = np.random.default_rng(3)
    held = 0
    for _ in range(200):
        ((least, most),) = intervals(random.binomial(1, 0.7, size=(150, 1)).astype(float))
        held += least <= 0.7 <= most
    assert 180 <= held <= 198


def test_intervals_of_one_value_are_that_value() -> None:
    assert intervals(np.full((20, 2), 0.25)) == [(0.25, 0.25)] * 2
