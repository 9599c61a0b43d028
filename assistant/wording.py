"""How much of a question's wording a passage has: its words by weight, and its pairs of words in their order.

Two words that stand side by side in a question and as near in a passage say more than each of them somewhere in it
(sequential dependence: Metzler and Croft 2005). Weights are inverse frequencies in the library.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from assistant.domain import Passage
from assistant.library import Snapshot
from assistant.text import content_stems

# Content words from the first of a pair to the second.
LONGEST_STEP = 2


@dataclass(frozen=True, slots=True)
class Wording:
    """The stems of a question in order, and the weight of each: rare in the library weighs most."""

    stems: tuple[str, ...]
    weights: Mapping[str, float]

    @classmethod
    def of(cls, question: str, snapshot: Snapshot) -> Wording:
        """Read a question and weigh its stems in a library."""
        stems = tuple(content_stems(question))
        return cls(stems, stem_weights(dict.fromkeys(stems), snapshot))

    def coverage(self, passage: Passage) -> float:
        """Return the share (0–1) of the weight of its stems that stand in a passage, its title or a heading above."""
        said = _stems_of(passage)
        total = sum(self.weights.values())
        return sum(weight for stem, weight in self.weights.items() if stem in said) / total if total else 0.0

    def order(self, passage: Passage) -> float:
        """Return the share (0–1) of its pairs of neighbours that stand as near and in that order in a passage.

        A pair weighs as much as the commoner of its words.
        """
        pairs = {pair: min(map(self.weights.__getitem__, pair)) for pair in itertools.pairwise(self.stems)}
        said = _stems_of(passage)
        total = sum(pairs.values())
        held = sum(weight for pair, weight in pairs.items() if pair[0] != pair[1] and _stand_so(pair, said))
        return held / total if total else 0.0


def stem_weights(stems: Iterable[str], snapshot: Snapshot) -> dict[str, float]:
    """Return the weight of each stem: rare in the library weighs most, absent from it most of all."""
    wanted = list(stems)
    total = max(1, snapshot.passage_count())
    frequency = snapshot.document_frequency(wanted)
    return {stem: math.log(1 + total / (frequency.get(stem, 0) + 0.5)) for stem in wanted}


def _stand_so(pair: tuple[str, str], said: Mapping[str, Sequence[int]]) -> bool:
    first, second = (said.get(stem, ()) for stem in pair)
    return any(0 < later - place <= LONGEST_STEP for place in first for later in second)


@functools.lru_cache(maxsize=2048)  # the passages of a topic come again with every question about it
def _stems_of(passage: Passage) -> Mapping[str, Sequence[int]]:
    """Return the places of each stem of a passage; title, headings and text stand apart."""
    places: dict[str, list[int]] = {}
    place = 0
    for part in (passage.title, *passage.heading, passage.text):
        for stem in content_stems(part):
            places.setdefault(stem, []).append(place)
            place += 1
        place += LONGEST_STEP
    return places
