"""Where sources differ: does one text say that a measure holds and the other that it was eased?

Only words decide, so both texts are shown and nothing is averaged or settled.
"""

from __future__ import annotations

import re

from assistant.question import Asked, Question
from assistant.text import stems
from assistant.vocabulary import poles

_EVERY_SOURCE = re.compile(
    r"\b(?:both|two|either|each|all|different) (?:of the )?(?:articles?|reports?|sources?|accounts?|outlets?|stories|papers)\b"
    r"|\b(?:articles|reports|sources|accounts|outlets) (?:agree|disagree|differ|say|conflict)",
    re.IGNORECASE,
)
_STATUS = re.compile(
    r"\b(?:still|remain(?:s|ed|ing)?|in force|in place|in effect|no longer|lifted|suspended|paused|eased?|easier|relaxed|dropped|ended)\b",
    re.IGNORECASE,
)


def asks_for_both_sides(question: Question) -> bool:
    """Say whether a question asks whether something is so, what its status is, or what each source says."""
    is_status = _STATUS.search(question.text) is not None
    return question.asked is Asked.YES_NO or is_status or _EVERY_SOURCE.search(question.text) is not None


def is_opposed(one: str, other: str) -> bool:
    """Say whether the other text takes a side that the first does not: in force against lifted, paused or eased."""
    sides = _sides(one)
    return bool(sides) and not _sides(other) <= sides


def _sides(text: str) -> set[int]:
    """Return the signs of a text's words on the axis of force: +1 for "remain" or "impose", -1 for "lift"."""
    return {sign for stem in stems(text) for axis, sign in poles().get(stem, ()) if axis == "force"}
