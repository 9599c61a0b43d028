"""Facts about different goods, places and parts are told apart, however alike the rest of their sentences is."""

from __future__ import annotations

import pytest

from assistant.facts import read_facts
from assistant.objects import are_of_other_objects


@pytest.mark.parametrize(
    ("one", "other", "are_other"),
    [
        ("The duty is 17 percent on rebar.", "The duty is 9 percent on wire rod.", True),
        ("The duty is 17 percent on rebar.", "The duty is 9 percent on imported rebar.", False),
        ("The duty on rebar is 17 percent.", "The duty on wire rod is 9 percent.", True),
        ("The duty on rebar is 17 percent.", "The rebar duty on all mills is 9 percent.", False),
        ("They sold 12,000 tonnes of tuna.", "They sold 3,000 tonnes of canned tuna.", True),
        ("They sold 12,000 tonnes of tuna.", "They sold 3,000 tonnes of tuna.", False),
        ("The port is 300 km from the Red Hills.", "The port is 260 km from the Grey Sea.", True),
        (
            "The fund holds 3 million dollars for lumber mills.",
            "Lumber mills get 4 million dollars for machines.",
            True,
        ),
        ("The quota is 3,000 tonnes.", "The quota for rice is 4,000 tonnes.", False),
    ],
)
def test_objects(one: str, other: str, are_other: bool) -> None:
    first, second = read_facts(one)[0], read_facts(other)[0]
    assert are_of_other_objects(first, second) is are_other
    assert are_of_other_objects(second, first) is are_other
