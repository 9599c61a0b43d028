"""What is a cause, a condition or an exception in the source is the same in the claim, and of the same thing.

The joints of the claim are held against those of the source that join the same two statements: the joining word may
not turn into another ("unless" into "even if"), nor the two change places.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from assistant.claim_reading import Case, Reading, concepts_of
from assistant.finding import Finding, doubtful, wrong
from assistant.joints import COMPARING, Joint, Kind, joints, statement
from assistant.text import sentences
from assistant.vocabulary import poles


def check_joints(case: Case) -> Iterable[Finding]:
    """No cause, condition or order in time of the claim is another one in the source, or the other way round."""
    for joint in joints(case.claim):
        is_comparing = joint.kind in COMPARING
        stated = [other for other in joints(case.source) if (other.kind in COMPARING) == is_comparing]
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


def check_conditions(case: Case) -> Iterable[Finding]:
    """What the source says under a condition is not said without one, and the condition itself not as a fact."""
    if any(joint.kind in CONDITIONAL for joint in joints(case.claim)):
        return
    said = statement(case.claim)
    is_hedged = any(word.lower in _WOULD for word in case.claim.words)
    is_denied = bool(case.claim.denied) or any(joint.kind is Kind.EXCEPT for joint in joints(case.claim))
    for joint in joints(case.source):
        first = _first_part(case.source, joint)
        if joint.kind is Kind.EXCEPT and not is_denied and _says_of(said, joint.main, first - joint.main):
            yield wrong(f"the cited passage excepts this: “{_shown(case.source, joint, is_whole=True)}”")
        if joint.kind not in CONDITIONAL or _is_said_elsewhere(said, case, joint):
            continue
        shown = f"“{_shown(case.source, joint, is_whole=joint.start < joint.side_at[0])}”"
        if joint.kind is not Kind.WHEN and _is_all_of(said, joint.main):
            yield doubtful(f"the cited passage has a condition that the claim leaves out: {shown}")
        elif not is_hedged and _is_all_of(said, first) and is_to_come(case.source, joint):
            yield doubtful(f"the cited passage has this only as a condition: {shown}")


CONDITIONAL = frozenset({Kind.IF, Kind.ONLY_IF, Kind.UNLESS, Kind.WHEN})
_WOULD = frozenset("would could might should if unless whether".split())


def _first_part(source: Reading, joint: Joint) -> frozenset[str | int]:
    """Return the words of a joint's side up to its first comma: what follows may be about anything."""
    start, end = joint.side_at
    comma = source.text.find(", ", start + 2, end)
    return statement(source, start, end if comma < 0 else comma)


def _says_of(said: frozenset[str | int], main: frozenset[str | int], excepted: frozenset[str | int]) -> bool:
    """Say whether a claim says the main statement of what is excepted from it."""
    return bool(excepted) and len(said & excepted) > ALIKE * len(excepted) and len(said & main) >= ALIKE * len(main)


def _is_all_of(said: frozenset[str | int], part: frozenset[str | int]) -> bool:
    """Say whether a claim says this part of a sentence and hardly anything else."""
    shared = len(said & part)
    return shared >= 2 and shared >= MOST * len(said) and shared >= ALIKE * len(part)


# Share of a claim's words that are those of a part of a sentence if the claim says nothing but that part.
MOST = 0.8


def _is_said_elsewhere(said: frozenset[str | int], case: Case, joint: Joint) -> bool:
    """Say whether a sentence without the joint says it as well."""
    for start, end in sentences(case.source.text):
        if not start <= joint.start < end and len(said & statement(case.source, start, end)) >= MOST * len(said):
            return True
    return False


def is_to_come(source: Reading, joint: Joint) -> bool:
    """Say whether "once" or "when" opens a condition: the rest of the sentence is still to come."""
    if joint.kind is not Kind.WHEN or source.text[joint.start : joint.end].lower() == "whenever":
        return joint.kind is not Kind.WHEN
    start, end = next(span for span in sentences(source.text) if span[0] <= joint.start < span[1])
    return any(word.lower in _TO_COME for word in source.words if start <= word.start < end)


_TO_COME = frozenset("will would may can must shall should".split())


def is_converse(case: Case) -> bool:
    """Say whether the claim only says it the other way round: "B is lower than A", "B before A" for "A after B"."""
    mine = [joint for joint in joints(case.claim) if joint.kind in _TURNING]
    stated = joints(case.source)
    known = statement(case.source)
    opposites = {
        stemmed
        for word, stemmed in case.claim.line
        if stemmed in poles() and any(joint.start <= word.start < joint.end for joint in mine)
    }
    rest = statement(case.claim) - known - concepts_of(opposites)
    return (
        bool(mine)
        and not rest
        and all(
            any(
                (joint.kind, other.kind) in _CONVERSE
                and _share(joint.main, other.side, joint.side, other.main)
                > _share(joint.main, other.main, joint.side, other.side)
                for other in stated
            )
            for joint in mine
        )
    )


_CONVERSE = frozenset({
    (Kind.MORE, Kind.LESS), (Kind.LESS, Kind.MORE), (Kind.BEFORE, Kind.AFTER), (Kind.AFTER, Kind.BEFORE),
    (Kind.BEFORE, Kind.ONLY_IF),
})  # fmt: skip
_TURNING = COMPARING | {Kind.BEFORE, Kind.AFTER}


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
    if not is_crossed and mine.lower() == theirs.lower():  # "if it is" for "if it is not"
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
    return reading.as_given(begin, end).strip(" .,")


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
    (Kind.BEFORE, Kind.ONLY_IF), (Kind.AFTER, Kind.UNTIL), (Kind.WHEN, Kind.UNTIL),
    (Kind.DESPITE, Kind.AFTER), (Kind.DESPITE, Kind.AS),
    (Kind.MORE, Kind.LESS), (Kind.LESS, Kind.MORE), (Kind.AS_MUCH, Kind.AS_MUCH),
})  # fmt: skip
_OPPOSED = frozenset(
    frozenset(pair)
    for pair in (
        (Kind.CAUSE, Kind.DESPITE), (Kind.CAUSE, Kind.NO_CAUSE), (Kind.CAUSE, Kind.BEFORE), (Kind.AS, Kind.DESPITE),
        (Kind.IF, Kind.UNLESS), (Kind.IF, Kind.EVEN_IF), (Kind.IF, Kind.DESPITE), (Kind.ONLY_IF, Kind.EVEN_IF),
        (Kind.ONLY_IF, Kind.UNLESS), (Kind.WHEN, Kind.UNLESS), (Kind.WHEN, Kind.BEFORE), (Kind.UNLESS, Kind.EVEN_IF),
        (Kind.AFTER, Kind.BEFORE), (Kind.AFTER, Kind.UNTIL), (Kind.WHEN, Kind.UNTIL), (Kind.ONLY_IF, Kind.BEFORE),
        (Kind.MORE, Kind.LESS), (Kind.MORE, Kind.AS_MUCH), (Kind.LESS, Kind.AS_MUCH),
        (Kind.EXCEPT, Kind.INCLUDING), (Kind.EXCEPT, Kind.ONLY_IF), (Kind.EXCEPT, Kind.EVEN_IF),
    )
)  # fmt: skip
