"""A day that a question sets itself: read where it is unmistakable, and left alone where something begins on it."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.as_of import AskedAsOf, narrowed, read_as_of
from assistant.domain import Filters
from assistant.notes import notes

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        (
            "As of 1 October 2025, what was the duty on tinplate?",
            AskedAsOf(date(2025, 10, 1), "As of 1 October 2025", "What was the duty on tinplate?"),
        ),
        (
            "What was the duty on tinplate as of October 1, 2025?",
            AskedAsOf(date(2025, 10, 1), "as of October 1, 2025", "What was the duty on tinplate?"),
        ),
        (
            "How many licences had been granted as of October 2025?",
            AskedAsOf(date(2025, 10, 31), "as of October 2025", "How many licences had been granted?"),
        ),
        (
            "As things stood on 3 May 2024, was the ban in force?",
            AskedAsOf(date(2024, 5, 3), "As things stood on 3 May 2024", "Was the ban in force?"),
        ),
        (
            "Based only on articles published before 9 November 2025, are exports restricted?",
            AskedAsOf(
                date(2025, 11, 8),
                "Based only on articles published before 9 November 2025",
                "Are exports restricted?",
            ),
        ),
    ],
)
def test_day_that_a_question_sets_is_read_and_taken_out(question: str, asked: AskedAsOf) -> None:
    assert read_as_of(question, TODAY) == asked


@pytest.mark.parametrize(
    "question",
    [
        "Which rate applies as of 10 November 2025?",
        "As of 10 November 2025, which tariff applies?",
        "What tariff was imposed as of 10 November 2025?",
        "As of 1 October, what was the duty?",
        "As of 2025, what was the duty?",
        "As of 1 December 2027, what was the duty?",
        "What happened on 1 October 2025?",
        "Which notice was published on 1 October 2025?",
        "What was known as of now?",
        "As of 1 October 2025?",
        "As of \ue000, what was the duty?",
    ],
)
def test_day_that_may_mean_something_else_sets_nothing(question: str) -> None:
    assert read_as_of(question, TODAY) is None
    assert narrowed(question, Filters(), TODAY) == (question, Filters(), None)


def test_the_earlier_of_two_days_holds() -> None:
    question = "What was the duty on tinplate as of 1 October 2025?"
    for filtered, day in ((date(2025, 3, 1), date(2025, 3, 1)), (date(2026, 3, 1), date(2025, 10, 1))):
        alone, filters, _ = narrowed(question, Filters(as_of=filtered, publishers=("P",)), TODAY)
        assert (alone, filters) == ("What was the duty on tinplate?", Filters(as_of=day, publishers=("P",)))


@given(st.text(max_size=120))
def test_any_question_is_read_without_failing(question: str) -> None:
    asked = read_as_of(question, TODAY)
    assert asked is None or (asked.day <= TODAY and asked.words in question)


@pytest.mark.parametrize(
    ("written", "day", "other"),
    [
        ("5/1/2026", date(2026, 1, 5), date(2026, 5, 1)),
        ("1/5/2026", date(2026, 1, 5), date(2026, 5, 1)),
        ("5/12/2026", date(2026, 5, 12), None),
        ("4/28/2026", date(2026, 4, 28), None),
        ("3/3/2026", date(2026, 3, 3), None),
    ],
)
def test_a_date_that_may_be_two_days_is_the_earlier_one_and_names_the_other(
    written: str, day: date, other: date | None
) -> None:
    asked = read_as_of(f"What was the duty on tinplate as of {written}?", TODAY)
    assert asked == AskedAsOf(day, f"as of {written}", "What was the duty on tinplate?", other)


def test_a_note_says_which_other_day_may_be_meant() -> None:
    asked = AskedAsOf(date(2026, 1, 5), "as of 5/1/2026", "What was the duty?", date(2026, 5, 1))
    assert notes((), today=TODAY, as_of=asked.day, asked=asked) == (
        "Only what was published by 5 January 2026 was searched, as the question says “as of 5/1/2026”. "
        "It may also mean 1 May 2026: ask with the month in words.",
    )
