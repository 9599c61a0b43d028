"""Which sentences of a claim nearly repeat a sentence of the source: those are laid beside it and compared in full."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.alignment import Alignment, align
from assistant.claim_reading import Case, Reading, read_text
from assistant.finding import Finding, doubtful, wrong
from assistant.text import sentences
from assistant.units import Role, units_of


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


def said_instead(pair: Pair, at: int, there: Sequence[int], *, is_wrong: bool = False) -> Finding:
    """Return what to hold against a unit of the claim that stands where the source has others."""
    reason = f"the cited passage says {pair.theirs(*there)} where the claim says {pair.mine(at)}"
    return wrong(reason) if is_wrong else doubtful(reason)


def near_copies(case: Case) -> tuple[Pair, ...]:
    """Return each sentence of the claim that nearly repeats a sentence of the source, beside it."""
    return _near_copies(case.claim.original, case.source.original)


def is_near_copy(case: Case) -> bool:
    """Say whether every sentence of the claim nearly repeats one of the source."""
    return len(near_copies(case)) == len(_parts(case.claim))


# Several checks ask for the same pairs.
@functools.lru_cache(maxsize=256)
def _near_copies(claim: str, source: str) -> tuple[Pair, ...]:
    cited = read_text(source)
    found = (_best(part, cited) for part in _parts(read_text(claim)))
    return tuple(pair for pair in found if pair is not None)


def _parts(reading: Reading) -> list[Reading]:
    spans = sentences(reading.text)
    return [reading] if len(spans) == 1 else [read_text(reading.as_given(start, end)) for start, end in spans]


def _best(part: Reading, source: Reading) -> Pair | None:
    """Lay a sentence of the claim beside the sentence that holds most of it, or beside two that follow each other."""
    spans = sentences(source.text)
    ranked = _ranked(part, source, spans)
    found = [_beside(part, source, *spans[at]) for at in ranked[:_MOST_TRIED]]
    best = max(found, key=_fit, default=None)
    if best is not None and not best.lines.is_near_copy:
        for at in (ranked[0] - 1, ranked[0]):
            if 0 <= at < len(spans) - 1:
                both = _beside(part, source, spans[at][0], spans[at + 1][1])
                if _in_order(both) >= _in_order(best) + _MORE_IN_TWO:
                    best = both
    return best if best is not None and best.lines.is_near_copy else None


_MOST_TRIED = 2
# Two sentences hold more words than one by chance, too.
_MORE_IN_TWO = 2


def _ranked(part: Reading, source: Reading, spans: Sequence[tuple[int, int]]) -> list[int]:
    """Return the places of the sentences that share something with the claim, those that share most first."""
    mine = [unit for unit in units_of(part) if unit.role is not Role.FUNCTION]
    shares = []
    for at, (start, end) in enumerate(spans):
        theirs = units_of(read_text(source.as_given(start, end)))
        keys = frozenset(key for unit in theirs for key in unit.keys)
        others = [unit for unit in theirs if not unit.keys]
        shared = sum(not unit.keys.isdisjoint(keys) if unit.keys else any(map(unit.is_like, others)) for unit in mine)
        shares.append((-shared, at))
    return [at for shared, at in sorted(shares) if shared]


def _beside(part: Reading, source: Reading, start: int, end: int) -> Pair:
    other = read_text(source.as_given(start, end))
    lines = align(units_of(part), units_of(other))
    inside = {word.lower for word in other.words}
    return Pair(part, other, lines, frozenset(word.lower for word in source.words) - inside)


def _fit(pair: Pair) -> tuple[float, int]:
    return pair.lines.coverage, len(pair.lines.links)


def _in_order(pair: Pair) -> int:
    return sum(pair.lines.claim[at].role is Role.CONTENT for at in pair.lines.straight)
