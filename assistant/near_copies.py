"""Which sentences of a claim nearly repeat a sentence of the source: those are laid beside it and compared in full."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from assistant.alignment import Alignment, align
from assistant.claim_reading import Case, Reading, read_text
from assistant.text import sentences
from assistant.units import units_of


@dataclass(frozen=True)
class Pair:
    """A sentence of a claim beside one of its source; `elsewhere` are the words of the source's other sentences."""

    claim: Reading
    source: Reading
    lines: Alignment
    elsewhere: frozenset[str]

    def mine(self, at: int) -> str:
        """Return a unit of the claim in quotation marks, as written."""
        unit = self.lines.claim[at]
        return f"“{self.claim.as_given(unit.start, unit.end)}”"

    def theirs(self, *places: int) -> str:
        """Return the source from the first to the last of some units in quotation marks, as written."""
        first, last = self.lines.source[places[0]], self.lines.source[places[-1]]
        return f"“{self.source.as_given(first.start, last.end)}”"

    def is_name_there(self, there: int) -> bool:
        """Say whether a unit of the source is part of a proper name."""
        unit = self.lines.source[there]
        return any(name.start <= unit.start < name.end for name in self.source.names)

    def is_name(self, at: int) -> bool:
        """Say whether a unit of the claim is part of a proper name."""
        unit = self.lines.claim[at]
        return any(name.start <= unit.start < name.end for name in self.claim.names)


def near_copies(case: Case) -> tuple[Pair, ...]:
    """Return each sentence of the claim that nearly repeats a sentence of the source, beside it."""
    return _near_copies(case.claim.original, tuple(part.original for part in case.nearest), case.source.original)


def is_near_copy(case: Case) -> bool:
    """Say whether every sentence of the claim nearly repeats one of the source."""
    return len(near_copies(case)) == len(_parts(case.claim))


# Several checks ask for the same pairs.
@functools.lru_cache(maxsize=256)
def _near_copies(claim: str, nearest: tuple[str, ...], source: str) -> tuple[Pair, ...]:
    found = []
    for part in _parts(read_text(claim)):
        best = _best(part, nearest, read_text(source))
        if best is not None:
            found.append(best)
    return tuple(found)


def _parts(reading: Reading) -> list[Reading]:
    spans = sentences(reading.text)
    return [reading] if len(spans) == 1 else [read_text(reading.as_given(start, end)) for start, end in spans]


def _best(part: Reading, nearest: tuple[str, ...], source: Reading) -> Pair | None:
    best: tuple[float, int, Reading, Alignment] | None = None
    for text in nearest:
        other = read_text(text)
        lines = align(units_of(part), units_of(other))
        rank = (lines.coverage, len(lines.links))
        if lines.is_near_copy and (best is None or rank > best[:2]):
            best = (*rank, other, lines)
    if best is None:
        return None
    inside = {word.lower for word in best[2].words}
    return Pair(part, best[2], best[3], frozenset(word.lower for word in source.words) - inside)
