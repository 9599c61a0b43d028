"""Lay a claim's sentence beside a source's: which unit of the one stands for which of the other, and what is left over.

The longest common line of units is linked first, then, among what is left, the next longest, so that a clause that
moved to the front is linked as well. What stands between the same neighbours in both texts is in the same slot.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.units import Role, Unit


@dataclass(frozen=True)
class Alignment:
    """Units of a claim and of a source with their links: `links[at]` is the place in `source` of `claim[at]`.

    `moved` are the places in `claim` that are linked out of order.
    """

    claim: tuple[Unit, ...]
    source: tuple[Unit, ...]
    links: dict[int, int]
    moved: frozenset[int]

    @functools.cached_property
    def back(self) -> dict[int, int]:
        """The links from the source's side."""
        return {there: here for here, there in self.links.items()}

    @property
    def coverage(self) -> float:
        """The share of the claim's content units that are linked, 1 if it has none."""
        content = [at for at, unit in enumerate(self.claim) if unit.role is Role.CONTENT]
        return sum(at in self.links for at in content) / len(content) if content else 1.0

    @property
    def is_near_copy(self) -> bool:
        """Say whether the claim is nearly the source's own sentence: few of its content units are linked to nothing."""
        content = [at for at, unit in enumerate(self.claim) if unit.role is Role.CONTENT and not self._goes_on(at)]
        linked = sum(at in self.links for at in content)
        in_order = len(self.straight) >= IN_ORDER * len(self.claim)
        return linked >= NEAR_COPY * len(content) or (linked >= 2 and len(content) - linked == 1) or in_order

    def _goes_on(self, at: int) -> bool:
        """Say whether a unit is the second or a later word of a name that is linked to nothing."""
        before = self.claim[at - 1] if at else None
        if before is None or at in self.links or at - 1 in self.links:
            return False
        return before.is_capital and self.claim[at].is_capital

    @property
    def loose(self) -> list[int]:
        """The places in `claim` that are linked to nothing."""
        return [at for at in range(len(self.claim)) if at not in self.links]

    def is_free(self, there: int) -> bool:
        """Say whether `source[there]` is linked to nothing."""
        return there not in self.back

    @functools.cached_property
    def straight(self) -> dict[int, int]:
        """The links that are in order."""
        return {here: there for here, there in self.links.items() if here not in self.moved}

    def is_inside(self, at: int) -> bool:
        """Say whether what stands where `claim[at]` stands is known from both sides, and linked to nothing."""
        before, after = self._neighbours(at)
        if before is None or after is None:
            return False
        return all(there not in self.back for there in range(before + 1, after))

    def between(self, at: int) -> list[int]:
        """Return the places of the source between the two that `claim[at]` stands between; only links in order count.

        Where one is not known, the clause ends there.
        """
        before, after = self._neighbours(at)
        if before is None and after is None:
            return []
        if before is None:
            return self._run(range((after or 0) - 1, -1, -1), self.straight_back)
        if after is None:
            return self._run(range(before + 1, len(self.source)), self.straight_back)
        return list(range(before + 1, after))

    def slot(self, at: int) -> list[int]:
        """Return the unlinked places of the source that stand where `claim[at]` stands, next to the same neighbours."""
        if self.is_inside(at):
            return self.between(at)
        before = next((place for place in range(at - 1, -1, -1) if place in self.links), None)
        after = next((place for place in range(at + 1, len(self.claim)) if place in self.links), None)
        loose = range(0 if before is None else before + 1, len(self.claim) if after is None else after)
        most = sum(self.claim[place].role is not Role.FUNCTION for place in loose)
        found: list[int] = []
        if before is not None:
            places = range(self.links[before] + 1, len(self.source))
            found += self._run(places, self.back, most=most, over_mark=self.claim[before + 1].is_cut)
        if after is not None:
            places = range(self.links[after] - 1, -1, -1)
            found += self._run(places, self.back, most=most, over_mark=self.claim[after].is_cut)
        return sorted(set(found))

    @functools.cached_property
    def straight_back(self) -> dict[int, int]:
        """The links that are in order, from the source's side."""
        return {there: here for here, there in self.straight.items()}

    def _neighbours(self, at: int) -> tuple[int | None, int | None]:
        before = next((self.straight[place] for place in range(at - 1, -1, -1) if place in self.straight), None)
        after = next((self.straight[place] for place in range(at + 1, len(self.claim)) if place in self.straight), None)
        return before, after

    def _run(self, places: range, taken: dict[int, int], *, most: int = 3, over_mark: bool = False) -> list[int]:
        """Return the places up to one that is taken, the end of the clause, or `most` words that say something.

        `over_mark`: a mark before the first place does not end the clause, as the claim has one there as well.
        """
        run: list[int] = []
        for at in places:
            mark = at if places.step > 0 else at + 1
            unit = self.source[at]
            is_parted = mark < len(self.source) and self.source[mark].is_cut and (bool(run) or not over_mark)
            if at in taken or (run and unit.lower in _JOINING) or is_parted:
                break
            most -= unit.role is not Role.FUNCTION
            if most < 0:
                break
            run.append(at)
        return run


_JOINING = frozenset("and or but which that who whose where when while as because if unless".split())


# Share of a claim's content units that one sentence must hold for the claim to be a near copy of it.
NEAR_COPY = 0.7

# Share of all units, joining words too, that stand in the sentence's own order in a near copy with little content.
IN_ORDER = 0.8

# Longer lines are lists or tables; a sentence is far shorter.
MOST_UNITS = 160
_MOST_CHAINS = 4


def align(claim: Sequence[Unit], source: Sequence[Unit]) -> Alignment:
    """Link the units of a claim to those of a source, each to one at most; only the first `MOST_UNITS` are read."""
    mine, theirs = tuple(claim[:MOST_UNITS]), tuple(source[:MOST_UNITS])
    links: dict[int, int] = {}
    moved: set[int] = set()
    for chain in range(_MOST_CHAINS):
        here = [at for at in range(len(mine)) if at not in links and (not chain or _says_something(mine[at]))]
        taken = set(links.values())
        there = [at for at in range(len(theirs)) if at not in taken and (not chain or _says_something(theirs[at]))]
        found = _longest([mine[at] for at in here], [theirs[at] for at in there])
        if not found:
            break
        for one, other in found:
            links[here[one]] = there[other]
            if chain:
                moved.add(here[one])
    return Alignment(mine, theirs, links, frozenset(moved))


def _says_something(unit: Unit) -> bool:
    return unit.role is not Role.FUNCTION or bool(unit.logic)


def _weight(one: Unit, other: Unit) -> float:
    """Return how much a link is worth: the same content word most, a like word less, a joining word little."""
    if one.role is Role.FUNCTION or other.role is Role.FUNCTION:
        if one.lower == other.lower:
            return 0.3
        return 0.2 if one.role is other.role and one.is_like(other) else 0.0
    if not one.is_like(other):
        return 0.0
    return 1.0 if one.stem == other.stem else 0.8


def _weights(claim: Sequence[Unit], source: Sequence[Unit]) -> list[list[float]]:
    """Return the worth of each link; only units that share a key, or have none, are compared."""
    places: dict[str | int, list[int]] = {}
    keyless = [at for at, unit in enumerate(source) if unit.figure or unit.date]
    for at, unit in enumerate(source):
        for key in unit.keys:
            places.setdefault(key, []).append(at)
    rows = []
    for one in claim:
        row = [0.0] * len(source)
        for key in one.keys:
            for at in places.get(key, ()):
                if not row[at]:
                    row[at] = _weight(one, source[at])
        if one.figure or one.date:
            for at in keyless:
                row[at] = _weight(one, source[at])
        rows.append(row)
    return rows


def _longest(claim: Sequence[Unit], source: Sequence[Unit]) -> list[tuple[int, int]]:
    """Return the links of the heaviest common line, in order."""
    weights = _weights(claim, source)
    best = [[0.0] * (len(source) + 1) for _ in range(len(claim) + 1)]
    for i in range(len(claim) - 1, -1, -1):
        below, row, weight = best[i + 1], best[i], weights[i]
        for j in range(len(source) - 1, -1, -1):
            value = below[j] if below[j] >= row[j + 1] else row[j + 1]
            if weight[j] and below[j + 1] + weight[j] > value:
                value = below[j + 1] + weight[j]
            row[j] = value
    found = []
    i = j = 0
    while i < len(claim) and j < len(source):
        if weights[i][j] and best[i][j] == best[i + 1][j + 1] + weights[i][j]:
            found.append((i, j))
            i, j = i + 1, j + 1
        elif best[i + 1][j] >= best[i][j + 1]:
            i += 1
        else:
            j += 1
    return found
