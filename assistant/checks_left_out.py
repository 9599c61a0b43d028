"""A claim that is nearly a sentence of its source leaves out no word that the sentence is not true without.

A "not", a "may", a condition, a "first" or a "more" that is missing makes another statement of it; most words may go.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from assistant.alignment import Alignment
from assistant.checks_joints import CONDITIONAL, is_to_come
from assistant.claim_reading import Case
from assistant.figures import FigureKind
from assistant.finding import Finding, doubtful, wrong
from assistant.joints import joints
from assistant.near_copies import Pair, near_copies
from assistant.phrasing import (
    ADJECTIVAL,
    DEFINITE,
    DEGREES,
    HEDGES,
    PERIODS,
    head_of,
    is_before_verb,
    is_denied_form,
    is_past,
)
from assistant.ranks import degree, superlative_base
from assistant.synonyms import light, needed, opinions
from assistant.units import Role, Unit
from assistant.vocabulary import negative, word_stem


def check_left_out(case: Case) -> Iterable[Finding]:
    """No "not", "may", "most", "unless" or "proposed" of the sentence is missing where the rest is repeated."""
    for pair in near_copies(case):
        yield from _left_out(pair)


def _left_out(pair: Pair) -> Iterator[Finding]:
    lines = pair.lines
    mine = {lines.claim[at].logic for at in lines.loose}
    loose = [lines.claim[at] for at in lines.loose]
    is_undone = any(unit.stem in negative() for unit in lines.claim)
    yield from _conditions_left_out(pair)
    yield from _degree_left_out(pair)
    for there, unit in enumerate(lines.source):
        if not lines.is_free(there):
            continue
        if _is_ordinal_left_out(pair, there):
            shown = pair.theirs(there, there + 1)
            yield doubtful(f"the cited passage says {shown}, which the claim leaves out in part")
            continue
        if unit.stem in opinions() and _is_opinion(lines, there) and not any(other.stem in light() for other in loose):
            yield doubtful(f"the cited passage only has what somebody holds: {pair.theirs(there)}")
            continue
        if not (unit.logic or unit.lower in needed()):
            yield from _intention_left_out(pair, there)
            continue
        if unit.logic in mine and unit.logic:
            continue
        if unit.logic in ("if", "unless"):
            if _governs(lines, there) and not _is_condition_kept(pair, there):
                shown = pair.theirs(there, _end_of_clause(lines, there))
                yield doubtful(f"the cited passage has a condition that the claim leaves out: {shown}")
            continue
        head = head_of(lines.source, there)
        if unit.logic == "deny" and head is not None and lines.is_free(head):
            head = _next_said(lines, head)
        if head is None or lines.is_free(head) or (is_undone and not unit.logic):
            continue
        if unit.logic == "deny" and any(_says_no(lines, other) for other in loose):
            continue
        if unit.lower == "most" and _is_ranked_otherwise(lines, head):
            continue
        if unit.logic == "only" and (lines.source[head].figure or lines.source[head].lower == "one"):
            continue
        if unit.logic == "will" and not is_past(lines.claim[lines.back[head]]):
            continue
        if unit.logic == "all" and lines.source[head].stem in PERIODS:
            continue
        reason = f"the cited passage says {pair.theirs(*sorted((there, head)))}, which the claim leaves out in part"
        yield wrong(reason) if unit.logic == "deny" else doubtful(reason)


def _is_ordinal_left_out(pair: Pair, there: int) -> bool:
    """Say whether "first" of "the first quota" is missing where the claim has "the quota"."""
    lines, unit = pair.lines, pair.lines.source[there]
    is_ordinal = unit.figure is not None and unit.figure.kind is FigureKind.ORDINAL
    at = lines.back.get(there + 1)
    if not is_ordinal or not there or not at or lines.source[there - 1].lower not in DEFINITE:
        return False
    return lines.source[there + 1].role is not Role.FUNCTION and lines.claim[at - 1].lower in DEFINITE


def _conditions_left_out(pair: Pair) -> Iterator[Finding]:
    """Yield each condition none of whose words the claim has, where it has what is said under it."""
    lines = pair.lines
    if any(joint.kind in CONDITIONAL for joint in joints(pair.claim)):
        return
    for joint in joints(pair.source):
        first, last = joint.side_at
        side = [at for at, unit in enumerate(lines.source) if first <= unit.start < last and unit.role is Role.CONTENT]
        before = [at for at, unit in enumerate(lines.source) if unit.start < joint.start and unit.role is Role.CONTENT]
        beyond = [at for at, unit in enumerate(lines.source) if unit.start >= last and unit.role is Role.CONTENT]
        main = before[-_CLOSE:] or beyond[:_CLOSE]
        is_kept = not main or lines.is_free(main[-1] if before else main[0]) or not all(map(lines.is_free, side))
        if joint.kind in CONDITIONAL and side and not is_kept and is_to_come(pair.source, joint):
            shown = pair.source.as_given(min(joint.start, first), last).strip(" .,")
            yield doubtful(f"the cited passage has a condition that the claim leaves out: “{shown}”")


_CLOSE = 3


def _degree_left_out(pair: Pair) -> Iterator[Finding]:
    """Yield each "more" of "more active" that the claim leaves out before the same adjective."""
    lines = pair.lines
    for there, unit in enumerate(lines.source[:-1]):
        at = lines.back.get(there + 1)
        if unit.lower not in ("more", "less") or not lines.is_free(there) or not at:
            continue
        head = lines.source[there + 1]
        is_bare = lines.claim[at - 1].lower not in DEGREES and not degree(lines.claim[at].lower)[1]
        if is_bare and head.role is Role.CONTENT and head.lower.endswith(ADJECTIVAL):
            yield doubtful(
                f"the cited passage says {pair.theirs(there, there + 1)}, which the claim leaves out in part"
            )


def _is_ranked_otherwise(lines: Alignment, head: int) -> bool:
    """Say whether a claim takes another superlative of the sentence to a noun: "the fewest" for "the most"."""
    at = lines.back[head] - 1
    return at in lines.links and bool(superlative_base(lines.claim[at].lower))


def _is_condition_kept(pair: Pair, there: int) -> bool:
    """Say whether a claim has a condition in a word of another class: "while" for "as long as"."""
    said = {pair.lines.claim[at].lower for at in pair.lines.loose}
    if pair.lines.source[there].lower == "whether":
        return any(unit.stem in _DEPENDS for unit in pair.lines.claim)
    return "provided" in said or ("while" in said and "as long as" in pair.theirs(there).lower())


def _end_of_clause(lines: Alignment, there: int) -> int:
    marks = (place - 1 for place in range(there + 1, len(lines.source)) if lines.source[place].is_cut)
    return next(marks, len(lines.source) - 1)


_DEPENDS = frozenset(map(word_stem, ("depend", "hinge", "rest")))


def _is_opinion(lines: Alignment, there: int) -> bool:
    """Say whether a verb such as "claimed" leads to what the claim says: "she claimed that …", "…, he argues"."""
    before, after = lines.source[max(0, there - 1)], lines.source[min(there + 1, len(lines.source) - 1)]
    leads = after.lower == "that" or before.lower in _SPEAKERS or before.lower in HEDGES
    return (
        leads
        and there + 2 < len(lines.source)
        and not all(map(lines.is_free, range(there + 1, min(there + 6, len(lines.source)))))
    )


_SPEAKERS = frozenset("he she they we i it who some many critics others experts".split())


def _intention_left_out(pair: Pair, there: int) -> Iterator[Finding]:
    """A thing that one planned, or asked somebody to do, is not yet so."""
    lines = pair.lines
    is_hedged = any(lines.claim[at].lower in HEDGES for at in lines.loose)
    for last in range(there, min(there + 3, len(lines.source))):
        if is_before_verb(lines.source, there, last) and lines.is_free(last + 1):
            if not lines.is_free(last + 2) and not is_hedged:
                said = pair.theirs(there, last + 2)
                yield doubtful(f"the cited passage says {said}, which the claim leaves out in part")
            return


def _says_no(lines: Alignment, unit: Unit) -> bool:
    """Say whether a loose word of the claim denies by itself: "lack", "unaffected" for "not affected"."""
    free = (other for there, other in enumerate(lines.source) if lines.is_free(there))
    return unit.stem in negative() or any(is_denied_form(other, unit) for other in free)


def _next_said(lines: Alignment, head: int) -> int | None:
    """Return the next linked place that says something in the clause of an unlinked one: "no effect in rats"."""
    for place in range(head + 1, min(head + 4, len(lines.source))):
        unit = lines.source[place]
        if unit.is_cut or unit.lower in ("and", "or", "but", "which", "that", "who"):
            return None
        if unit.role is not Role.FUNCTION and not lines.is_free(place):
            return place
    return None


def _governs(lines: Alignment, there: int) -> bool:
    """Say whether a condition belongs to what the claim says: to what stands before it, or after its clause."""
    before = next((at for at in range(there - 1, -1, -1) if lines.source[at].role is not Role.FUNCTION), None)
    return before is None or not lines.is_free(before)
