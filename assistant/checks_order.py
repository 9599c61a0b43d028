"""What a near copy of a sentence has in another order says the same thing, unless two parts of it changed places.

A clause may move to the front and an active sentence become a passive one; who acts, and what each figure stands for,
may not change.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from assistant.alignment import Alignment
from assistant.claim_reading import Case
from assistant.figures import FigureKind
from assistant.finding import Finding, wrong
from assistant.near_copies import near_copies, said_instead
from assistant.units import Role, Unit, are_opposite


def check_subject(case: Case) -> Iterable[Finding]:
    """What the sentence says of one name right after it ("Chile agreed") is not said of another."""
    for pair in near_copies(case):
        lines = pair.lines
        for at, unit in enumerate(lines.claim[:-1]):
            here, there = lines.links.get(at), lines.links.get(at + 1)
            if here is None or not there or not unit.is_country or lines.claim[at + 1].role is Role.FUNCTION:
                continue
            other = lines.source[there - 1]
            is_parted = any(lines.source[place].is_cut for place in range(here + 1, there + 1))
            if other.is_country and other.stem != unit.stem and is_parted and not lines.source[there].is_cut:
                yield wrong(f"the cited passage says this of {pair.theirs(there - 1)}, not of {pair.mine(at)}")
                break


def check_exchange(case: Case) -> Iterable[Finding]:
    """Nothing of the sentence stands where another part of it stood: "A, not B" for "B, not A"."""
    for pair in near_copies(case):
        lines = pair.lines
        if _lists_out_of_order(lines):
            yield wrong("the cited passage lists these respectively, in another order")
            continue
        late = next((at for at in lines.links if _is_of_other_turn(lines, at)), None)
        if late is not None:
            yield wrong(f"the cited passage has {pair.mine(late)} at another place in its sequence")
            continue
        for at in sorted(lines.moved):
            turned = _opposite_there(lines, at)
            if turned is not None:
                yield said_instead(pair, at, [turned], is_wrong=True)
                break
            partner = _exchanged_with(lines, at)
            if partner is not None and not _passive(lines):
                yield said_instead(pair, at, [lines.links[partner]], is_wrong=True)
                break
            others = [there for there in lines.between(at) if lines.source[there].role is Role.CONTENT]
            others = [there for there in others if _is_apart(lines, at, there)]
            if 1 <= len(others) <= 2 and _takes_the_place(lines, at, others):
                yield said_instead(pair, at, others)
                break


def _lists_out_of_order(lines: Alignment) -> bool:
    is_paired = any(unit.lower == "respectively" for unit in lines.source)
    return is_paired and any(lines.claim[at].is_specific for at in lines.moved)


def _is_of_other_turn(lines: Alignment, at: int) -> bool:
    """Say whether a word comes "first" in the claim and "then" or "last" in the sentence."""
    mine, theirs = _turn(lines.claim, at), _turn(lines.source, lines.links[at])
    return mine != theirs and bool(mine and theirs) and _is_same_form(lines, at)


_TURNS = {"first": "first", "then": "then", "next": "then", "last": "last", "lastly": "last", "finally": "last"}


def _turn(line: Sequence[Unit], at: int) -> str:
    """Return the word that says when the turn of a unit is, with nothing but joining words between; empty if none."""
    if line[at].role is not Role.CONTENT or not line[at].lower or line[at].is_cut:
        return ""
    for place in range(at - 1, max(-1, at - 1 - _NEXT), -1):
        unit = line[place]
        is_ordinal = unit.figure is not None and unit.figure.kind is FigureKind.ORDINAL and unit.figure.value == 1
        turn = "first" if is_ordinal else _TURNS.get(unit.lower, "")
        if turn and place + 1 < at:  # "first to containers"; "the last containers" are no turn
            return turn
        if unit.is_cut or unit.role is not Role.FUNCTION:
            return ""
    return ""


def _opposite_there(lines: Alignment, at: int) -> int | None:
    """Return the place of the opposite of `claim[at]` where that stands; the word itself is elsewhere in the source."""
    inside = [there for there in lines.between(at) if lines.source[there].role is not Role.FUNCTION]
    if (
        len(inside) == 1
        and lines.is_free(inside[0])
        and are_opposite(lines.claim[at].stem, lines.source[inside[0]].stem)
    ):
        return inside[0]
    return None


def _exchanged_with(lines: Alignment, at: int) -> int | None:
    """Return the place of the claim whose unit stands where `claim[at]` stood, while that stands in its place."""
    if not _is_same_form(lines, at) or _is_speaker(lines.claim, at):
        return None
    for there in lines.between(at):
        partner = lines.back.get(there)
        if partner is None or partner not in lines.moved or not _is_same_form(lines, partner):
            continue
        if _is_speaker(lines.claim, partner):
            continue
        if lines.links[at] in lines.between(partner) and not _is_list(lines, lines.links[at], there):
            return partner
    return None


def _is_speaker(line: Sequence[Unit], at: int) -> bool:
    """Say whether a unit stands after "according to": who says something may move to either end of a sentence."""
    return any(unit.lower == "according" for unit in line[max(0, at - _TO_SPEAKER) : at])


_TO_SPEAKER = 4


def _is_same_form(lines: Alignment, at: int) -> bool:
    """Say whether a linked unit that says something is written alike in both: other forms come with other wording."""
    unit, other = lines.claim[at], lines.source[lines.links[at]]
    return unit.role is not Role.FUNCTION and (unit.is_country or unit.lower == other.lower)


def _is_apart(lines: Alignment, at: int, other: int) -> bool:
    """Say whether a unit of the source is not just next to a place of the claim in other order."""
    here = lines.back.get(other)
    is_alike = lines.claim[at].is_specific and lines.source[other].is_specific
    return here is None or is_alike or abs(here - at) > _NEXT


_NEXT = 3


def _takes_the_place(lines: Alignment, at: int, others: Sequence[int]) -> bool:
    unit, there = lines.claim[at], lines.links[at]
    if unit.role is not Role.CONTENT or not _is_same_form(lines, at) or there in others:
        return False
    if not _are_of_one_kind(unit, [lines.source[other] for other in others]):
        return False
    if _passive(lines) or _came_along(lines, at, there, others) or _is_list(lines, there, others[0]):
        return False
    low, high = sorted((there, others[0]))
    is_parted = any(
        place in lines.straight.values() and lines.source[place].role is Role.CONTENT for place in range(low + 1, high)
    )
    return is_parted and not _is_next_to_neighbour(lines, at, there)


def _are_of_one_kind(unit: Unit, others: Sequence[Unit]) -> bool:
    if unit.lower.endswith(("ed", "ing")) and not unit.is_country and all(other.is_specific for other in others):
        return False
    return unit.kind in {other.kind for other in others}


def _passive(lines: Alignment) -> bool:
    mine = any(unit.lower == "by" for unit in lines.claim)
    return mine != any(unit.lower == "by" for unit in lines.source)


def _came_along(lines: Alignment, at: int, there: int, others: Sequence[int]) -> bool:
    """Say whether something next to a moved unit in the source moved with it, as a figure does with its year."""
    return any(
        place in lines.moved
        and place != at
        and lines.claim[place].is_specific
        and lines.links[place] not in others
        and abs(lines.links[place] - there) <= 3
        for place in range(at - 6, at + 7)
    )


def _is_list(lines: Alignment, one: int, other: int) -> bool:
    """Say whether two units stand in one list, whose order says nothing unless another list goes with it."""
    if any(unit.lower == "respectively" for unit in lines.source):
        return False
    low, high = sorted((one, other))
    inside = lines.source[low + 1 : high]
    return all(unit.role is not Role.FUNCTION or unit.lower in ("and", "or") for unit in inside) and any(
        unit.is_cut or unit.lower in ("and", "or") for unit in inside
    )


def _is_next_to_neighbour(lines: Alignment, at: int, there: int) -> bool:
    """Say whether a unit still stands by the word it stood by: "sugar quota" for "quota for sugar"."""
    for step in (-1, 1):
        place = at + step
        while 0 <= place < len(lines.claim) and lines.claim[place].role is Role.FUNCTION:
            place += step
        if place in lines.links:
            low, high = sorted((there, lines.links[place]))
            if all(_only_joins(lines, between, at) for between in range(low + 1, high)):
                return True
    return False


def _only_joins(lines: Alignment, there: int, at: int) -> bool:
    unit = lines.source[there]
    if unit.is_cut or unit.lower in ("and", "or", "but"):
        return False
    is_near = there in lines.back and abs(lines.back[there] - at) <= 4
    return unit.role is Role.FUNCTION or (is_near and not unit.is_specific)
