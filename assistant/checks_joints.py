"""What is a cause, a condition or an exception in the source is the same in the claim, and of the same thing.

The joints of the claim are held against those of the source that join the same two statements: the joining word may
not turn into another ("unless" into "even if"), nor the two change places.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from assistant.claim_reading import Case, Reading
from assistant.finding import Finding, doubtful, wrong
from assistant.joints import Joint, Kind, joints


def check_joints(case: Case) -> Iterable[Finding]:
    """No cause, condition or order in time of the claim is another one in the source, or the other way round."""
    stated = joints(case.source)
    for joint in joints(case.claim):
        straight = [(_share(joint.main, other.main, joint.side, other.side), other) for other in stated]
        crossed = [(_share(joint.main, other.side, joint.side, other.main), other) for other in stated]
        findings = [_held_against(case, joint, other, is_crossed=False) for other in _best(straight)]
        if not findings or (None not in findings and _most(crossed) > _most(straight)):
            findings = [_held_against(case, joint, other, is_crossed=True) for other in _best(crossed)]
        if findings and findings[0] is not None and None not in findings:
            yield findings[0]


def _most(shares: Sequence[tuple[float, Joint]]) -> float:
    return max((share for share, _ in shares), default=0.0)


def _best(shares: Sequence[tuple[float, Joint]]) -> list[Joint]:
    best = _most(shares)
    return [other for share, other in shares if best and share == best]


def is_joined(joint: Joint, other: Joint) -> bool:
    """Say whether two joints join the same statements the same way round."""
    straight = _share(joint.main, other.main, joint.side, other.side)
    return straight > 0 and straight >= _share(joint.main, other.side, joint.side, other.main)


def is_same(one: frozenset[str | int], other: frozenset[str | int]) -> bool:
    """Say whether two statements share enough of their words to be one."""
    least = min(len(one), len(other))
    return least > 0 and len(one & other) >= ALIKE * least


# Share of the words of the shorter of two statements that the other must have to be the same statement.
ALIKE = 0.5


def _share(
    one: frozenset[str | int], other: frozenset[str | int], two: frozenset[str | int], second: frozenset[str | int]
) -> float:
    """Return how far two statements are two others, 0 if one of them is not; words on both sides tell nothing."""
    common = (one & two) | (other & second)
    shares = []
    for mine, theirs in ((one - common, other - common), (two - common, second - common)):
        least = min(len(mine), len(theirs))
        share = len(mine & theirs) / least if least else 0.0
        if share < ALIKE:
            return 0.0
        shares.append(share * min(1.0, 0.9 + 0.02 * len(mine & theirs)))
    return sum(shares)


def _held_against(case: Case, joint: Joint, other: Joint, *, is_crossed: bool) -> Finding | None:
    """Return what a joint of the source leaves of a claim's; None if that says no more."""
    mine, theirs = _shown(case.claim, joint), _shown(case.source, other)
    if mine.lower() == theirs.lower():  # "if it is" for "if it is not"
        mine, theirs = _shown(case.claim, joint, is_whole=True), _shown(case.source, other, is_whole=True)
    pair = (joint.kind, other.kind)
    if is_crossed:
        if pair in _EITHER_WAY:
            return None
        return wrong(f"the cited passage has the two sides of “{mine}” the other way round")
    if joint.kind is other.kind or pair in _FOLLOWS:
        return None
    reason = f"the cited passage says “{theirs}” where the claim says “{mine}”"
    return wrong(reason) if frozenset(pair) in _OPPOSED else doubtful(reason)


def _shown(reading: Reading, joint: Joint, *, is_whole: bool = False) -> str:
    begin, end = (
        (min(joint.start, joint.side_at[0]), max(joint.end, joint.side_at[1])) if is_whole else (joint.start, joint.end)
    )
    return reading.as_given(begin, end).strip()


# What the claim may say where the source says the other.
_FOLLOWS = frozenset({
    (Kind.IF, Kind.ONLY_IF), (Kind.IF, Kind.WHEN), (Kind.WHEN, Kind.IF), (Kind.WHEN, Kind.ONLY_IF),
    (Kind.AFTER, Kind.CAUSE), (Kind.AFTER, Kind.WHEN), (Kind.WHEN, Kind.AFTER), (Kind.AFTER, Kind.AS),
    (Kind.AFTER, Kind.DESPITE), (Kind.AS, Kind.CAUSE), (Kind.CAUSE, Kind.AS), (Kind.WHEN, Kind.AS),
    (Kind.AS, Kind.WHEN), (Kind.AS, Kind.AFTER), (Kind.DESPITE, Kind.EVEN_IF), (Kind.EVEN_IF, Kind.DESPITE),
    (Kind.BEFORE, Kind.UNTIL), (Kind.UNTIL, Kind.BEFORE), (Kind.AFTER, Kind.ONLY_IF), (Kind.WHEN, Kind.CAUSE),
    (Kind.UNLESS, Kind.EXCEPT), (Kind.EXCEPT, Kind.UNLESS),
})  # fmt: skip
# With the two sides exchanged these say the same.
_EITHER_WAY = frozenset({
    (Kind.AFTER, Kind.BEFORE), (Kind.BEFORE, Kind.AFTER), (Kind.BEFORE, Kind.CAUSE), (Kind.DESPITE, Kind.DESPITE),
    (Kind.WHEN, Kind.WHEN), (Kind.AS, Kind.AS), (Kind.AS, Kind.WHEN), (Kind.WHEN, Kind.AS), (Kind.UNTIL, Kind.AFTER),
    (Kind.UNTIL, Kind.WHEN), (Kind.WHEN, Kind.AFTER), (Kind.AFTER, Kind.WHEN), (Kind.BEFORE, Kind.WHEN),
    (Kind.AFTER, Kind.UNTIL), (Kind.WHEN, Kind.UNTIL), (Kind.DESPITE, Kind.AFTER), (Kind.DESPITE, Kind.AS),
})  # fmt: skip
_OPPOSED = frozenset(
    frozenset(pair)
    for pair in (
        (Kind.CAUSE, Kind.DESPITE), (Kind.CAUSE, Kind.NO_CAUSE), (Kind.CAUSE, Kind.BEFORE), (Kind.AS, Kind.DESPITE),
        (Kind.IF, Kind.UNLESS), (Kind.IF, Kind.EVEN_IF), (Kind.IF, Kind.DESPITE), (Kind.ONLY_IF, Kind.EVEN_IF),
        (Kind.ONLY_IF, Kind.UNLESS), (Kind.WHEN, Kind.UNLESS), (Kind.WHEN, Kind.BEFORE), (Kind.UNLESS, Kind.EVEN_IF),
        (Kind.AFTER, Kind.BEFORE), (Kind.AFTER, Kind.UNTIL), (Kind.WHEN, Kind.UNTIL), (Kind.ONLY_IF, Kind.BEFORE),
        (Kind.EXCEPT, Kind.INCLUDING), (Kind.EXCEPT, Kind.ONLY_IF), (Kind.EXCEPT, Kind.EVEN_IF),
    )
)  # fmt: skip
