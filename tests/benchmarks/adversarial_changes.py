"""A change of one thing in a sentence, as every kind of change makes it.

A kind is a function from a source and a generator of random numbers to the changes that its sentence allows.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.benchmarks import adversarial_words as words
from tests.benchmarks.adversarial_passages import Source


@dataclass(frozen=True, slots=True)
class Change:
    """A claim with one thing changed: `before` became `after`; `how` names the sort of change within its kind."""

    claim: str
    before: str
    after: str
    how: str


Changer = Callable[[Source, random.Random], Iterator[Change]]


def replaced(source: Source, start: int, end: int, after: str, how: str, *, is_new: bool = True) -> Iterator[Change]:
    """Yield the change of `sentence[start:end]`; with `is_new`, only if the passage holds the new words nowhere."""
    before = source.sentence[start:end]
    if before == after or (is_new and words.has_word(source.span, after)):
        return
    yield Change(opened(put(source.sentence, start, end, after)), before, after, how)


def put(text: str, start: int, end: int, after: str) -> str:
    """Return a text with other words in one place, the article before them and the white space around made to fit."""
    left = text[:start]
    article = re.search(r"\b([Aa])n? $", left)
    if article and after[:1].isalpha():
        left = left[: article.start()] + article[1] + ("n " if after[0] in "aeiouAEIO" else " ")
    if after.endswith(" a ") and text[end : end + 1] in "aeio":
        after = after[:-1] + "n "
    line = re.sub(r"  +", " ", left + after + text[end:]).strip()
    return re.sub(r" ([,.;])", r"\1", line).replace(",.", ".").replace("..", ".")


def opened(text: str) -> str:
    """Return a text as it would open a sentence."""
    return text[:1].upper() + text[1:]


def lowered(text: str) -> str:
    """Return a sentence's first words as they would stand inside one: names and acronyms keep their capital."""
    first = text.split(" ", 1)[0]
    return text[:1].lower() + text[1:] if first in _COMMON else text


_COMMON = frozenset(
    "The A An This These Those That It They He She We Its Their His Her Our In On At By As After Before When While "
    "Although Though If Because Once Until During Despite Since Some Many Most All Both There Several Few Each Every "
    "Other Such One Two Three Four Five Such No Higher Lower More Fewer Less People Prices Trade Government Early "
    "Late Oil Voters Treatments Economic Income Social Competition Inequality Lower Members Citizens".split()
)
