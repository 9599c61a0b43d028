"""Rounding, bounds and partial dates say the same; other values do not; and where both may be meant nothing is said."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.domain import ComparisonKind
from assistant.fact import Fact
from assistant.facts import read_facts
from assistant.sameness import Relation, relation

SAME, OTHER, UNCLEAR = Relation.SAME, Relation.OTHER, Relation.UNCLEAR
SPRING = (date(2026, 3, 1), date(2026, 4, 1))


def fact(kind: ComparisonKind, text: str) -> Fact:
    return next(found for found in read_facts(text) if found.kind is kind)


def figures(one: str, other: str) -> Relation:
    read = [fact(ComparisonKind.FIGURE, f"The duty on tin comes to {written}.") for written in (one, other)]
    return relation(read[0], read[1])


def dates(one: str, other: str) -> Relation:
    read = [fact(ComparisonKind.DATE, f"The duty on tin is suspended until {written}.") for written in (one, other)]
    return relation(read[0], read[1], published=SPRING)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("31 percent", "31%", SAME),
        ("around 31 per cent", "30.8 %", SAME),
        ("31 percent", "30.8 percent", SAME),
        ("31 percent", "32 percent", OTHER),
        ("31 percent", "29 percent", OTHER),
        ("6.5 percent", "6 percent", OTHER),
        ("over 80 percent", "85%", SAME),
        ("over 80 percent", "75 percent", OTHER),
        ("up to 50 percent", "20 percent", UNCLEAR),
        ("more than 50 percent", "less than 40 percent", OTHER),
        ("10 to 20 percent", "15 percent", SAME),
        ("10 to 20 percent", "30 percent", OTHER),
        ("$5 billion", "5.2bn dollars", SAME),
        ("$5 billion", "$7 billion", OTHER),
        ("$2 billion", "$1.6 billion", UNCLEAR),
        ("about 80,000 tonnes", "82,000 tons", SAME),
        ("80,000 tonnes", "82,000 tonnes", OTHER),
        ("over 80 percent", "over 80 percent", SAME),
        ("over 80 percent", "over 85 percent", UNCLEAR),
        ("over 80 percent", "under 90 percent", UNCLEAR),
        ("no more than 20 percent", "over 20 percent", UNCLEAR),
        ("no more than 20 percent", "30 percent", OTHER),
        ("no less than 20 percent", "10 percent", OTHER),
        ("45 days", "45 days", SAME),
        ("45 days", "50 days", OTHER),
        ("12 months", "13 months", OTHER),
        ("a period of one year", "13 months", UNCLEAR),
        ("three months", "90 days", SAME),
        ("three months", "60 days", OTHER),
    ],
)
def test_figures(one: str, other: str, expected: Relation) -> None:
    assert figures(one, other) is expected
    assert figures(other, one) is expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("November 2026", "Nov. 10, 2026", SAME),
        ("10 November 2026", "Nov. 10, 2026", SAME),
        ("10 November 2026", "Nov. 27, 2026", OTHER),
        ("November 2026", "December 2026", OTHER),
        ("November 2026", "November 2027", OTHER),
        ("the fourth quarter of 2026", "November 2026", SAME),
        ("the third quarter of 2026", "November 2026", OTHER),
        ("November 10", "10 November 2026", SAME),
        ("2026", "10 November 2026", UNCLEAR),
        ("November 10", "10 November 2027", UNCLEAR),
        ("November", "10 November 2027", UNCLEAR),
        ("November 10", "10 December 2027", OTHER),
    ],
)
def test_dates(one: str, other: str, expected: Relation) -> None:
    assert dates(one, other) is expected
    assert dates(other, one) is expected


def test_a_day_without_a_year_says_nothing_about_a_report_of_another_year() -> None:
    read = [
        fact(ComparisonKind.DATE, f"The duty is suspended until {day}.") for day in ("November 10", "27 November 2027")
    ]
    assert relation(read[0], read[1], published=(date(2025, 1, 1), date(2027, 1, 1))) is UNCLEAR


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("lifted", "has lifted", SAME),
        ("lifted", "suspended", UNCLEAR),
        ("lifted", "did not lift", OTHER),
        ("maintained", "has suspended", OTHER),
        ("maintained", "extended", SAME),
    ],
)
def test_statuses(one: str, other: str, expected: Relation) -> None:
    read = [fact(ComparisonKind.STATUS, f"Sylvania {words} its curbs on tin.") for words in (one, other)]
    assert relation(read[0], read[1]) is expected
    assert relation(read[1], read[0]) is expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("Rosa Valverde", "Valverde", SAME),
        ("Rosa Valverde", "Paulo Mendes", OTHER),
        ("The Ministry of Finance", "The Ministry of Agriculture", OTHER),
        ("The Commerce Department", "The International Trade Commission", OTHER),
        ("Beijing", "China", SAME),
        ("Brazil", "Argentina", OTHER),
        ("Brazil", "The Ministry of Finance", UNCLEAR),
        ("Poland and Chile", "Chile", UNCLEAR),
    ],
)
def test_actors(one: str, other: str, expected: Relation) -> None:
    read = [fact(ComparisonKind.ACTOR, f"{name} signed the accord on tin in Lisbon.") for name in (one, other)]
    assert relation(read[0], read[1]) is expected
    assert relation(read[1], read[0]) is expected


@given(value=st.integers(2, 10_000), other=st.integers(2, 10_000))
def test_no_figure_is_the_same_as_one_twice_as_large(value: int, other: int) -> None:
    found = figures(f"{value} tonnes", f"{other} tonnes")
    assert found is (SAME if value == other else OTHER)
