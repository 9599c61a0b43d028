"""A claim that is nearly a sentence of its source is held to that sentence, word by word: what it puts in or exchanges.

Laid beside the sentence, what the claim has more or instead shows. Other forms of a word, words of one meaning, other
ways to write figures and dates, and another order of clauses are no difference.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from assistant.alignment import Alignment
from assistant.checks_figures import is_counted
from assistant.checks_names import initials
from assistant.claim_reading import Case
from assistant.figures import FigureKind
from assistant.finding import Finding, doubtful, wrong
from assistant.near_copies import Pair, near_copies, said_instead
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
from assistant.synonyms import clashing_sides, generic, intentions, needed
from assistant.units import Role, Unit, units_of
from assistant.vocabulary import negative, poles


def check_put_in(case: Case) -> Iterable[Finding]:
    """Nothing is added to a sentence that the claim otherwise repeats, and no word put in the place of another."""
    known = frozenset(key for unit in units_of(case.source) for key in unit.keys)
    for pair in near_copies(case):
        for at in pair.lines.loose:
            clashing = _clashing_there(pair, at)
            if clashing is not None:
                yield said_instead(pair, at, [clashing], is_wrong=pair.lines.claim[at].lower not in _CAUSAL)
            elif _is_degree_put_in(pair.lines, at):
                yield doubtful(f"the cited passage does not say {pair.mine(at)}")
            elif pair.lines.claim[at].role is Role.FUNCTION:
                yield from _logic_put_in(pair, at)
            else:
                yield from _word_put_in(case, pair, at, known)


def _word_put_in(case: Case, pair: Pair, at: int, known: frozenset[str | int]) -> Iterator[Finding]:
    """Hold a word of the claim that is linked to nothing against what stands in its slot."""
    lines, unit = pair.lines, pair.lines.claim[at]
    slot = lines.slot(at) or _beside(pair, at)
    said = [there for there in slot if lines.source[there].role is not Role.FUNCTION]
    if _is_said_otherwise(case, pair, at, said):
        return
    heavy = [there for there in said if lines.source[there].role is Role.CONTENT]
    is_known = not unit.keys.isdisjoint(known)
    if unit.lower in needed() or _is_only_intended(lines, at):
        yield doubtful(f"the cited passage does not say {pair.mine(at)}")
    elif _is_other_speaker(lines, at, slot) or (
        unit.figure and any(lines.source[there].logic == "all" for there in slot)
    ):
        yield said_instead(pair, at, slot)
    elif lines.is_inside(at) and _is_in_the_place(pair, at, said, heavy, is_known=is_known):
        yield said_instead(pair, at, said)
    elif heavy and _replaces(pair, at, heavy, is_known=is_known):
        yield said_instead(pair, at, heavy)
    elif unit.role is Role.CONTENT and not is_known and (_is_all_else_in_order(lines, at) or not _looks_verbal(unit)):
        yield doubtful(f"the cited passage does not say {pair.mine(at)}")


def _is_in_the_place(pair: Pair, at: int, said: Sequence[int], heavy: Sequence[int], *, is_known: bool) -> bool:
    """Say whether one word stands for another between the same neighbours, on both sides."""
    is_one_for_one = _is_tight(pair.lines, at, heavy) or len(said) == 1
    return bool(said) and is_one_for_one and not _is_coreference(pair, at, said, is_known)


def _replaces(pair: Pair, at: int, heavy: Sequence[int], *, is_known: bool) -> bool:
    """Say whether a word replaces others beside one neighbour: where the clause ends, or where its order changed.

    A word that the source has elsewhere may name what the sentence calls "it", so more has to speak against it.
    """
    lines, unit = pair.lines, pair.lines.claim[at]
    if unit.role is not Role.CONTENT:
        return False
    if (pair.is_name(at) and any(map(pair.is_name_there, heavy))) or _is_other_modifier(lines, at):
        return True
    if _is_all_else_in_order(lines, at):
        return True
    if not _is_tight(lines, at, heavy):
        return False
    if is_known:
        is_of_one_kind = unit.kind != "word" and any(unit.kind == lines.source[there].kind for there in heavy)
        return is_of_one_kind or _opens(pair, at)
    return not _looks_verbal(unit)


def _is_tight(lines: Alignment, at: int, heavy: Sequence[int]) -> bool:
    """Say whether about as many words stand in the slot as are put in."""
    return 0 < len(heavy) <= len(_run_of_loose(lines, at)) + 1


def _beside(pair: Pair, at: int) -> list[int]:
    """Return the source's unlinked name on the other side of what a name of the claim belongs to.

    "The United Kingdom Parliament" stands where the claim has "the Parliament of Victoria".
    """
    lines = pair.lines
    if not pair.is_name(at):
        return []
    before = next((lines.links[place] for place in range(at - 1, -1, -1) if place in lines.links), None)
    after = next((lines.links[place] for place in range(at + 1, len(lines.claim)) if place in lines.links), None)
    found = [before - 1] if before else []
    if after is not None:
        beyond = range(after + 1, min(after + 4, len(lines.source)))
        found += [next((place for place in beyond if lines.source[place].lower not in ("of", "the")), after)]
    return [place for place in found if lines.is_free(place) and pair.is_name_there(place)]


def _is_coreference(pair: Pair, at: int, said: Sequence[int], is_known: bool) -> bool:
    """Say whether one of two texts names what the other calls "the company"; "the bank" for a bank is no other."""
    unit = pair.lines.claim[at]
    others = [pair.lines.source[there] for there in said]
    if unit.lower in generic():
        following = at + 1 < len(pair.lines.claim) and pair.lines.claim[at + 1]
        is_definite = at > 0 and pair.lines.claim[at - 1].lower in DEFINITE
        return is_definite and (not following or following.role is Role.FUNCTION)
    return is_known and all(other.lower in generic() for other in others)


def _is_other_speaker(lines: Alignment, at: int, slot: Sequence[int]) -> bool:
    """Say whether somebody else says what the source has its own authors say: "critics show" for "we show"."""
    own = any(lines.source[there].lower in ("we", "i", "our") for there in slot)
    return own and lines.claim[at].lower not in _AUTHORS


# Who "we" are in a report, besides a name.
_AUTHORS = frozenset(
    ("author researcher scientist study paper article team report they writer authors researchers scientists").split()
)


def _is_other_modifier(lines: Alignment, at: int) -> bool:
    """Say whether a word stands right before the word that another stands right before in the source."""
    head = lines.links.get(at + 1)
    if not head or lines.claim[at + 1].role is Role.FUNCTION or lines.claim[at + 1].is_cut:
        return False
    other = lines.source[head - 1]
    return lines.is_free(head - 1) and other.role is Role.CONTENT and not lines.source[head].is_cut


def _is_only_intended(lines: Alignment, at: int) -> bool:
    """Say whether a loose "planned to" stands before a verb of the sentence, which has no "would" either."""
    is_hedged = any(unit.lower in HEDGES and lines.is_free(there) for there, unit in enumerate(lines.source))
    return not is_hedged and is_before_verb(lines.claim, at) and at + 1 not in lines.links and at + 2 in lines.links


def _is_all_else_in_order(lines: Alignment, at: int) -> bool:
    """Say whether a claim is the sentence as it stands but for one word, in the same voice."""
    return all(
        place in lines.straight or place == at or (unit.role is Role.FUNCTION and unit.lower not in _VOICE)
        for place, unit in enumerate(lines.claim)
    )


_VOICE = frozenset("by was were is are been be being".split())


def _says_again(pair: Pair, at: int) -> bool:
    """Say whether a word only goes with a name that has it elsewhere: "U.S. government", "European Commission"."""
    unit = pair.lines.claim[at]
    line = pair.lines.claim
    near = [line[at - 1]] if at and not unit.is_cut else []
    near += [line[at + 1]] if at + 1 < len(line) and not line[at + 1].is_cut else []
    if unit.is_country:
        return any(other.is_capital and not other.is_country for other in near)
    return unit.lower in ("government", "president") and any(other.is_country for other in near)


def _opens(pair: Pair, at: int) -> bool:
    """Say whether a unit of a name opens the claim, where who speaks or acts stands."""
    return pair.is_name(at) and all(place not in pair.lines.links for place in range(at))


def _run_of_loose(lines: Alignment, at: int) -> list[int]:
    """Return the unlinked places next to and including `at` that say something."""
    first = last = at
    while first and first - 1 not in lines.links:
        first -= 1
    while last + 1 < len(lines.claim) and last + 1 not in lines.links:
        last += 1
    return [place for place in range(first, last + 1) if lines.claim[place].role is not Role.FUNCTION]


def _is_said_otherwise(case: Case, pair: Pair, at: int, said: Sequence[int]) -> bool:
    """Say whether the source says the same by another form of the word, a list that is counted, initials or a "not"."""
    lines, unit = pair.lines, pair.lines.claim[at]
    others = [lines.source[there] for there in said]
    ordinal = lines.claim[at - 1].figure if at else None
    if ordinal and ordinal.kind is FigureKind.ORDINAL and at - 1 in lines.links and superlative_base(unit.lower):
        return True  # "fifth-largest" of "ranks fifth"; ranks are held against one another
    if any(_is_form_of(unit, other) for other in others):
        return True
    if unit.figure is not None:
        return is_counted(unit.figure, case.source) and not any(other.figure for other in others)
    if _says_again(pair, at):
        return True
    if pair.claim.text[unit.start : unit.end].isupper() and unit.lower in initials(case.source):
        return True
    free = [other for there, other in enumerate(lines.source) if lines.is_free(there)]
    if unit.lower in needed() and any(not unit.keys.isdisjoint(other.keys) for other in others):
        return True
    logics = {other.logic for other in free}
    if any(other.lower in HEDGES for other in free) and unit.stem in intentions():
        return True
    if ("deny" in logics and unit.stem in negative()) or ("if" in logics and unit.lower == "provided"):
        return True
    if "deny" in logics and any(is_denied_form(other, unit) for other in free):
        return True
    is_denied = any(lines.claim[place].logic == "deny" for place in lines.loose)
    return is_denied and any(is_denied_form(unit, other) for other in free)


def _is_form_of(one: Unit, other: Unit) -> bool:
    """Say whether two words look like forms of one: "signature" and "signed"."""
    if not one.stem or not other.stem or (one.lower and other.lower and degree(one.lower)[1] != degree(other.lower)[1]):
        return False  # "larger" and "largest" say different things
    shared = next((at for at, (a, b) in enumerate(zip(one.stem, other.stem, strict=False)) if a != b), None)
    if shared is None:
        shared = min(len(one.stem), len(other.stem))
    return shared >= max(4, min(len(one.stem), len(other.stem)) - 1)


def _looks_verbal(unit: Unit) -> bool:
    return unit.lower.endswith(("ed", "ing", "ly")) or unit.stem in poles()


def _logic_put_in(pair: Pair, at: int) -> Iterator[Finding]:
    lines, unit = pair.lines, pair.lines.claim[at]
    slot = lines.slot(at)
    following = lines.claim[at + 1] if at + 1 < len(lines.claim) else None
    if unit.lower == "even" and following and following.lower in _CONDITIONED and at + 1 in lines.links:
        yield doubtful(f"the cited passage does not say {pair.mine(at)}")
    if unit.lower == "some" and following and following.is_specific:
        return
    if unit.logic and not _is_meant(pair, at, slot):
        reason = f"the cited passage does not say {pair.mine(at)}"
        yield wrong(reason) if unit.logic == "deny" else doubtful(reason)


def _clashing_there(pair: Pair, at: int) -> int | None:
    """Return the place in the slot of a word's other side: "unless" for "if", "less" for "more"."""
    lines, unit = pair.lines, pair.lines.claim[at]
    if _stands_free(unit.lower, lines) or (unit.logic == "most" and _MORE_THAN_ANY.search(pair.source.text)):
        return None
    return next((there for there in lines.slot(at) if _clash(unit.lower, lines.source[there].lower)), None)


def _is_degree_put_in(lines: Alignment, at: int) -> bool:
    """Say whether "less" stands before an adjective that the sentence has as it is."""
    there = lines.links.get(at + 1)
    if lines.claim[at].lower not in ("more", "less", "least") or not there:
        return False
    return lines.source[there].lower.endswith(ADJECTIVAL) and lines.source[there - 1].lower not in DEGREES


# Two facts side by side may well be cause and effect; the source only does not say so.
_CAUSAL = frozenset("because since owing due".split())


def _clash(one: str, other: str) -> bool:
    sides = clashing_sides()
    return any(
        line == other_line and side != other_side
        for line, side in sides.get(one, ())
        for other_line, other_side in sides.get(other, ())
    )


def _stands_free(word: str, lines: Alignment) -> bool:
    return any(unit.lower == word and lines.is_free(there) for there, unit in enumerate(lines.source))


def _is_meant(pair: Pair, at: int, slot: Sequence[int]) -> bool:
    """Say whether the source has the logic of a word in another: "not known" for "unknown"."""
    unit = pair.lines.claim[at]
    others = [pair.lines.source[there] for there in slot]
    if unit.logic == "deny":
        lines = pair.lines
        free = [other for there, other in enumerate(lines.source) if lines.is_free(there)]
        loose = [lines.claim[place] for place in lines.loose]
        return any(other.stem in negative() for other in others) or any(
            is_denied_form(one, other) for one in loose for other in free
        )
    if unit.logic == "will":
        head = head_of(pair.lines.claim, at)
        there = pair.lines.links.get(head) if head is not None else None
        was = pair.lines.links.get(at + 1)
        if was is not None and pair.lines.source[was].lower in _WAS:
            return False
        return there is None or not is_past(pair.lines.source[there])
    if unit.logic == "most" and _MORE_THAN_ANY.search(pair.source.text):
        return True
    if unit.logic == "all" and at + 1 < len(pair.lines.claim) and pair.lines.claim[at + 1].stem in PERIODS:
        return True
    if unit.logic in ("all", "most", "some", "few"):
        return not any(other.logic for other in others) and unit.lower in pair.elsewhere
    if unit.logic in ("if", "unless") and any(other.lower == "otherwise" for other in pair.lines.source):
        return True
    return unit.logic == "if" and any(other.lower in _OPENS_CONDITION for other in pair.lines.source)


_MORE_THAN_ANY = re.compile(r"\bmore (?:[\w'-]+ ){0,3}than any(?:one|body)?\b|\bno (?:other )?(?:[\w'-]+ ){1,4}more\b")


_CONDITIONED = frozenset("if when once after with without where unless though".split())


_OPENS_CONDITION = frozenset("provided when once subject without assuming where should only".split())


_WAS = frozenset("was were had did been".split())
