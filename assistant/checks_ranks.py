"""What is ranked keeps its place: the largest is not the second-largest, one of the largest not the largest.

A rank of the claim is held against the ranks the source gives the same thing, by the words around them.
"""

from __future__ import annotations

from collections.abc import Iterable

from assistant.claim_reading import Case
from assistant.finding import Finding, doubtful, wrong
from assistant.ranks import Rank, ranks


def check_ranks(case: Case) -> Iterable[Finding]:
    """No rank of the claim is another one in the source, and none is put in."""
    for rank in ranks(case.claim):
        finding = _held_against(rank, case)
        if finding is not None:
            yield finding


def _held_against(rank: Rank, case: Case) -> Finding | None:
    near = [(rank.nearness(other), other) for other in ranks(case.source)]
    best = max((score for score, _ in near), default=0)
    same = [other for score, other in near if score == best and rank.follows_from(other)]
    if not best or (same and not all(rank.reaches_beyond(other) for other in same)):
        return None
    if same:
        said = case.source.as_given(same[0].start, same[0].end)
        return wrong(f"the cited passage says “{said}” of another place or time")
    other = next(other for score, other in near if score == best)
    if rank.scale != other.scale or (rank.is_plain and best < _SURE):
        return None
    said, written = case.source.as_given(other.start, other.end), case.claim.as_given(rank.start, rank.end)
    if rank.sign == other.sign and rank.place == other.place and other.is_shared:
        return doubtful(f"the cited passage has it among “{said}”, not as “{written}”")
    return wrong(f"the cited passage says “{said}”, not “{written}”")


# What "last" and "main" are said of must be shared in what follows them: they are often no ranks.
_SURE = 3
