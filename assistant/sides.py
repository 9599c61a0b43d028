"""Where sources differ: does one text say that a measure holds and the other that it was eased?

Only words decide, so both texts are shown and nothing is averaged or settled.
"""

from __future__ import annotations

import re

from assistant.question import Asked, Question

_EVERY_SOURCE = re.compile(
    r"\b(?:both|two|either|each|all|different)\ (?:of\ the\ )?"
    r"(?:articles?|reports?|sources?|accounts?|outlets?|stories|papers)\b"
    r"| \b(?:articles|reports|sources|accounts|outlets)\ (?:agree|disagree|differ|say|conflict)",
    re.IGNORECASE | re.VERBOSE,
)
_STATUS = re.compile(
    r"\b(?:still|remain(?:s|ed|ing)?|in\ force|in\ place|in\ effect|no\ longer|lifted|suspended|paused|eased?|easier"
    r"|relaxed|dropped|ended)\b",
    re.IGNORECASE | re.VERBOSE,
)
_HOLDS = re.compile(
    r"\b(?:remain(?:s|ed|ing)?|stay(?:s|ed)?|persist(?:s|ed)?|continue[sd]?|kept|keeps?|retain(?:s|ed)?|intact|unchanged"
    r"|still|in\ force|in\ place|in\ effect)\b",
    re.IGNORECASE | re.VERBOSE,
)
_EASED = re.compile(
    r"\b(?:lift(?:s|ed)|suspend(?:s|ed)|suspension|paus(?:e|es|ed)|eas(?:es|ed)|relax(?:es|ed)|remov(?:es|ed)|dropp?(?:s|ed)"
    r"|delay(?:s|ed)?|postpone[sd]?|halt(?:s|ed)|waive[sd]?|withdr[ae]wn?|roll(?:s|ed)\ back|no\ longer|expired?|ended"
    r"|scrapp?(?:s|ed)|repeal(?:s|ed)|on\ hold|frozen)\b",
    re.IGNORECASE | re.VERBOSE,
)


def asks_for_both_sides(question: Question) -> bool:
    """Say whether a question asks whether something is so, what its status is, or what each source says."""
    is_status = _STATUS.search(question.text) is not None
    return question.asked is Asked.YES_NO or is_status or _EVERY_SOURCE.search(question.text) is not None


def is_opposed(one: str, other: str) -> bool:
    """Say whether the other text takes a side that the first does not: in force against lifted, paused or eased."""
    sides = _sides(one)
    return bool(sides) and not _sides(other) <= sides


def _sides(text: str) -> set[str]:
    found = {"holds": _HOLDS.search(text), "eased": _EASED.search(text)}
    return {side for side, match in found.items() if match}
