"""Both sides are found where one text says a measure holds and another that it was eased."""

from __future__ import annotations

import pytest

from assistant.question import read_question
from assistant.sides import asks_for_both_sides, is_opposed

LIFTED = "The ministry suspended the export curbs on gallium."
KEPT = "The curbs on magnets remain in force."


@pytest.mark.parametrize(
    ("one", "other", "opposed"),
    [
        (LIFTED, KEPT, True),
        (KEPT, LIFTED, True),
        (LIFTED, "The curbs were lifted on Monday.", False),
        (KEPT, "The older rules are still in place.", False),
        ("Ministers met in Geneva.", KEPT, False),
        (f"{LIFTED} {KEPT}", KEPT, False),
    ],
)
def test_opposed_sides(one: str, other: str, opposed: bool) -> None:
    assert is_opposed(one, other) is opposed


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("Are the curbs still in force?", True),
        ("Which restrictions remain?", True),
        ("What do the two reports say about licences?", True),
        ("Do sources disagree on the date?", True),
        ("Who signed the order?", False),
    ],
)
def test_a_question_of_status_asks_for_both_sides(text: str, asks: bool) -> None:
    assert asks_for_both_sides(read_question(text)) is asks
