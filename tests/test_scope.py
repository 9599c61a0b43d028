"""The filters stand in the page's address as they are, and what an address says is not believed."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.domain import Filters, Standing
from ui.filtering import EARLIEST, LATEST
from ui.scope import Pill, from_address, pills, to_address

PUBLISHERS = ["Sample Wire", "Harbour & Quay", "Ünal’s 100% Notes", "  ", "a=b;c"]
FILTERS = st.builds(
    Filters,
    since=st.none() | st.dates(EARLIEST, LATEST),
    as_of=st.none() | st.dates(EARLIEST, LATEST),
    publishers=st.lists(st.sampled_from(PUBLISHERS), unique=True).map(tuple),
    standings=st.lists(st.sampled_from(list(Standing)), unique=True).map(tuple),
)


@given(filters=FILTERS)
def test_an_address_gives_the_filters_back(filters: Filters) -> None:
    assert from_address(to_address(filters), PUBLISHERS) == (filters, [])


def test_no_filter_leaves_the_address_empty() -> None:
    assert to_address(Filters()) == {}
    assert from_address({}, PUBLISHERS) == (Filters(), [])


def test_what_an_address_says_wrongly_is_left_out_and_told() -> None:
    address = {
        "from": ["2025-13-40"],
        "as_of": ["", "2025-11-30"],
        "publisher": ["sample  WIRE", "<script>alert(1)</script>"],
        "kind": ["agency", "agency", "rumour"],
    }
    filters, problems = from_address(address, PUBLISHERS)
    assert filters == Filters(as_of=date(2025, 11, 30), publishers=("Sample Wire",), standings=(Standing.AGENCY,))
    assert problems == [
        "no indexed article is by “<script>alert(1)</script>”",
        "“rumour” is no kind of source",
        "“2025-13-40” is no date like 2025-11-30",
    ]


@pytest.mark.parametrize("day", ["0001-01-01", "1899-12-31", "2101-01-01", "9999-12-31"])
def test_day_that_no_widget_can_show_is_left_out(day: str) -> None:
    """Streamlit raises an error for a date outside the range of its widget, and the page would show nothing else."""
    for name in ("from", "as_of"):
        assert from_address({name: [day]}, PUBLISHERS) == (
            Filters(), [f"“{day}” is no date from 1900-01-01 to 2100-12-31"]
        )  # fmt: skip


def test_long_nonsense_is_told_of_in_short() -> None:
    _, problems = from_address({"publisher": ["A" * 10_000]}, PUBLISHERS)
    assert problems == [f"no indexed article is by “{'A' * 59}…”"]


@given(values=st.dictionaries(st.sampled_from(["from", "as_of", "publisher", "kind"]), st.lists(st.text())))
def test_no_address_is_an_error(values: dict[str, list[str]]) -> None:
    filters, problems = from_address(values, PUBLISHERS)
    assert set(filters.publishers) <= set(PUBLISHERS)
    assert all(isinstance(problem, str) for problem in problems)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(), []),
        (
            Filters(since=date(2025, 1, 2), publishers=("Sample Wire", "a=b;c")),
            [
                Pill("From 2 January 2025", Filters(publishers=("Sample Wire", "a=b;c"))),
                Pill("Sample Wire", Filters(since=date(2025, 1, 2), publishers=("a=b;c",))),
                Pill("a=b;c", Filters(since=date(2025, 1, 2), publishers=("Sample Wire",))),
            ],
        ),
        (
            Filters(as_of=date(2025, 1, 2), standings=(Standing.COURT,)),
            [
                Pill("As of 2 January 2025", Filters(standings=(Standing.COURT,))),
                Pill("Court only", Filters(as_of=date(2025, 1, 2))),
            ],
        ),
    ],
)
def test_each_filter_is_a_pill_that_can_be_taken_away(filters: Filters, expected: list[Pill]) -> None:
    assert pills(filters) == expected
