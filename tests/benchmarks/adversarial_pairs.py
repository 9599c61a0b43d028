"""Draw the pairs of claim and passage: so many of each kind, most of them trade, law, economy and history.

The same data and the same seed give the same pairs. The dev half has only the kinds that may be tuned on.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from tests.benchmarks.adversarial_changes import Change, Changer
from tests.benchmarks.adversarial_hidden import HIDDEN_KINDS
from tests.benchmarks.adversarial_kinds import OPEN_KINDS
from tests.benchmarks.adversarial_passages import Source, sources
from tests.benchmarks.adversarial_true import TRUE_KINDS

# Pairs drawn of each kind at most; some forms are rarer than that.
CHANGED_PER_KIND = 120
HIDDEN_PER_KIND = 90
TRUE_PER_KIND = 70
_ORDER = {"samples": 0, "articles": 0, "squad, other": 2}
# Shares of a kind at most, of collections that are far from trade.
SHARES = {"scifact": 0.12, "cranfield": 0.05}
# Of one kind at most this part has the same words changed, so that no single word makes the figure.
SAME_CHANGE = 0.1
# Kinds that have few words to change at all.
_FEW_WORDS = frozenset({"the sentence itself", "percent", "contraction", "opener left out"})
# A sentence of a trade article is changed in up to so many ways of one kind, any other in one.
TRADE_CHANGES = 3


@dataclass(frozen=True, slots=True)
class Pair:
    """A claim about a passage: true of it, or with one thing changed (`before` to `after`) and so not carried by it."""

    kind: str
    is_true: bool
    is_hidden: bool
    claim: str
    source: Source
    before: str
    after: str
    how: str

    @property
    def published(self) -> list[date]:
        """Return the dates the product would hand to the verification."""
        return [self.source.published] if self.source.published else []


def draw(data: Path, split: str, *, seed: int = 0, share: float = 1.0) -> list[Pair]:
    """Return the pairs of one half, kind after kind; `share` is the part of the usual number that is drawn.

    Raises FileNotFoundError if `data` does not hold the collections.
    """
    return pairs_of(sources(data, split, seed=seed), with_hidden=split == "test", seed=seed, share=share)


def pairs_of(found: Iterable[Source], *, with_hidden: bool, seed: int = 0, share: float = 1.0) -> list[Pair]:
    """Return the pairs that sources give, in the order of the sources, trade first, what is far from it last."""
    ordered = sorted(found, key=lambda source: _ORDER.get(source.collection, 1))
    groups: list[tuple[Mapping[str, Changer], int, bool, bool]] = [
        (OPEN_KINDS, CHANGED_PER_KIND, False, False),
        (HIDDEN_KINDS if with_hidden else {}, HIDDEN_PER_KIND, False, True),
        (TRUE_KINDS, TRUE_PER_KIND, True, False),
    ]
    return [
        Pair(kind, is_true, is_hidden, change.claim, source, change.before, change.after, change.how)
        for kinds, count, is_true, is_hidden in groups
        for kind, changer in kinds.items()
        for source, change in _drawn(ordered, changer, kind, max(1, round(count * share)), seed)
    ]


def _drawn(found: list[Source], changer: Changer, kind: str, count: int, seed: int) -> Iterator[tuple[Source, Change]]:
    taken: Counter[str] = Counter()
    seen: Counter[tuple[str, str]] = Counter()
    for source in found:
        limit = SHARES.get(source.collection, 1.0) * count
        # A third of a kind may be trade articles, so that a few sentences do not make all of it.
        limit = count / 3 if source.collection in ("samples", "articles") else limit
        if taken[source.collection] >= limit:
            continue
        rng = random.Random(f"{seed} {kind} {source.key}")
        changes = [one for one in changer(source, rng) if kind == "the sentence itself" or is_whole(one, source)]
        rng.shuffle(changes)
        wanted = TRADE_CHANGES if source.collection in ("samples", "articles") and kind != "the sentence itself" else 1
        fresh = [one for one in changes if kind in _FEW_WORDS or seen[one.before, one.after] < SAME_CHANGE * count]
        for change in fresh[:wanted]:
            taken[source.collection] += 1
            seen[change.before, change.after] += 1
            yield source, change
            if taken.total() == count:
                return


def is_whole(change: Change, source: Source) -> bool:
    """Say whether a change gives a claim that can be read and is not in the passage word for word."""
    return len(change.claim.split()) >= 4 and change.claim not in source.span and change.claim[-1] in '.”"'
