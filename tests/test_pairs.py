"""The pairs that the comparison of sources is measured on hold what they say, and the measuring command runs."""

from __future__ import annotations

from collections import Counter
from itertools import chain
from pathlib import Path

import pytest

from tests.benchmarks.report_disagreement import KINDS, outcomes, read_pairs, section, table


def test_half_of_the_pairs_differ_in_every_kind_and_the_halves_share_nothing() -> None:
    pairs = read_pairs()
    expected = Counter(pair.expect == "differ" for pair in pairs)
    assert len(pairs) >= 40
    assert abs(expected[True] - expected[False]) <= len(pairs) // 5
    for half in ("dev", "held"):
        assert {pair.kind for pair in pairs if pair.half == half and pair.expect == "differ"} == set(KINDS)
        assert {pair.kind for pair in pairs if pair.half == half and pair.expect != "differ"} == set(KINDS)
    titles = [article["title"] for pair in pairs for article in pair.articles]
    assert len(set(titles)) == len(titles)
    assert len({pair.id for pair in pairs}) == len(pairs)


def test_each_value_stands_in_an_article_of_its_pair() -> None:
    for pair in read_pairs():
        texts = [article["text"] for article in pair.articles]
        assert [value for value in pair.values if not any(value in text for text in texts)] == [], pair.id
        assert bool(pair.values) is (pair.expect != "none"), pair.id


@pytest.mark.model
def test_the_section_of_the_report_counts_every_kind() -> None:
    found = section(Path(), quick=True)
    assert found.title == "Where sources differ and agree"
    rows = [line for line in found.lines if line.startswith("| differ: ")]
    assert len(rows) == 2 * (len(KINDS) + 1)


@pytest.mark.model
def test_plain_pairs_come_out_right() -> None:
    plain = [pair for pair in read_pairs("dev") if pair.id in ("f07", "d01", "s01", "a01", "f11", "f16")]
    found = list(outcomes(plain))
    assert [one.pair.id for one in found if not one.is_right] == []
    assert any("differ: figure | 1 of 1" in row for row in chain(table(found)))
