"""What "the second one" or "the last of them" of a follow-up stands for: an item of the list that was answered.

A list is a claim with its lead-in on the first line and one item on each further one; without one, a series in a
sentence ("gallium, germanium and graphite").
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.antecedents import agreeing
from assistant.domain import Answer

# A longer item is named by its beginning.
MOST_WORDS = 14
# A series is looked for in so much of a claim: the pattern tries every beginning.
LONGEST_CHARS = 400
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_COUNTS = {"two": 2, "three": 3, "four": 4}
_ASKED = re.compile(
    rf"\b(?:the )(?P<place>{'|'.join(_ORDINALS)}|last|latter|former)(?: (?P<count>two|three|four))?"
    r"(?: (?:one|item|point|entry|ones|items|of (?:them|these|those))\b"
    r"|(?=\s*[?.,!]|\s*$|\s+(?:is|are|was|were|will|would|can|could|may|has|have|mean|cost|apply|last|begin|start|end|"
    r"work|cover|say|come|go|include|affect|be|happen|matter)s?\b))",
    re.IGNORECASE,
)
_BULLET = re.compile(r"^\s*(?:[-*•–]|\(?\d{1,2}[.)])\s*")
_SERIES = re.compile(r"(?:[\w’'-]+(?: [\w’'-]+){0,2}, )+[\w’'-]+(?: [\w’'-]+){0,2},? (?:and|or) [\w’'-]+(?: [\w’'-]+)?")


def with_listed_items(core: str, history: Sequence[Answer]) -> str:
    """Put the item of the last answer's list for an ordinal that stands without a noun; else return the question."""
    match = _ASKED.search(core)
    items = _items(history[-1]) if match and history else []
    if match is None or not items:
        return core
    chosen = _chosen(items, match["place"].lower(), _COUNTS.get((match["count"] or "").lower(), 1))
    if not chosen:
        return core
    named = " and ".join(map(_named, chosen))
    return f"{agreeing(core[: match.start()], named)}{named}{core[match.end() :]}"


def _chosen(items: list[str], place: str, count: int) -> list[str]:
    if place in ("last", "latter"):
        return items[-count:]
    first = 0 if place == "former" else _ORDINALS.index(place)
    return items[first : first + count]


def _items(answer: Answer) -> list[str]:
    for claim in answer.claims:
        lines = [_BULLET.sub("", line).strip() for line in claim.text.splitlines() if line.strip()]
        if len(lines) > 2 or (len(lines) == 2 and lines[0].endswith(":")):
            return lines[1:]
    return next((found for claim in answer.claims if (found := _series(claim.text))), [])


def _series(text: str) -> list[str]:
    match = _SERIES.search(text[:LONGEST_CHARS])
    return re.split(r",? (?:and|or) |, ", match[0]) if match else []


def _named(item: str) -> str:
    words = re.split(r"[:;]\s", item, maxsplit=1)[0].rstrip(" .;,").split()
    return " ".join(words[:MOST_WORDS])
