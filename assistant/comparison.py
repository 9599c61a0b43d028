"""Where sources agree and differ: facts of what an answer cites, held against those of other articles.

Made from the exact spans, never by a model, which would invent an event to reconcile two dates. Every position is
shown with its own quote; nothing is averaged and nothing is decided. An article and its copies are one source, and so
are two articles of one publisher.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from assistant.domain import Claim, Comparison, ComparisonKind, Draft
from assistant.evidence import Evidence, WeighedUnit
from assistant.fact import Fact, Role
from assistant.facts import read_facts
from assistant.measures import Placed, are_independent, bearing, sameness, share_asked
from assistant.positions import Quotes, comparison
from assistant.question import MEASURED, Asked, Question
from assistant.sameness import Relation, relation
from assistant.sides import asks_for_both_sides
from assistant.structure import GROUPS

MAX_POSITIONS = 3
MAX_SOURCES = 3
MAX_DIFFERENCES = 2
MAX_AGREEMENTS = 1
# The share of the question's words that stand around a fact that is shown; agreement is only shown on what was asked.
DIFFERENCE_BEARS, AGREEMENT_BEARS = 0.34, 0.5
# A quote that answers this much less than the first is there for something else.
ON_TOPIC = 0.6
# Between two sentences of a source that say as much, the one that the answer has already is shown.
CITED_BONUS = 0.1


@dataclass(frozen=True, slots=True)
class Compared:
    """What comparing an answer with the rest of its evidence adds: quotes of other sides, and the comparisons."""

    claims: tuple[Claim, ...] = ()
    comparisons: tuple[Comparison, ...] = ()


def compare(
    evidence: Evidence, claims: Sequence[Claim], *, origins: Mapping[str, str], check: Callable[[Draft], Claim]
) -> Compared:
    """Compare what claims cite with the other units of their evidence, differences first.

    `origins` names the origin of each article that has copies; `check` makes a quote a claim with its citations. The
    claims returned are the quotes of positions that the answer does not cite yet.
    """
    quotes = Quotes(check, [citation for claim in claims for citation in claim.citations], [])
    found = sorted(_found(evidence, quotes, origins), key=_Found.place)
    comparisons: list[Comparison] = []
    told: set[tuple[str, ComparisonKind, int]] = set()
    left = {True: MAX_DIFFERENCES, False: MAX_AGREEMENTS}
    for one in found:
        is_told = not told.isdisjoint(one.units) or (one.is_loose and any(one.is_like(other) for other in comparisons))
        if is_told or not left[one.differs]:
            continue
        made = comparison(one.groups, quotes, is_loose=one.is_loose)
        if made is not None:
            comparisons.append(made)
            left[one.differs] -= 1
            told |= one.units
    return Compared(tuple(quotes.further), tuple(comparisons))


@dataclass(frozen=True, slots=True)
class _Found:
    """Facts in groups that say the same, that of the cited fact first; `is_loose` if they only bear on one question."""

    groups: tuple[tuple[Placed, ...], ...]
    is_asked: bool
    is_loose: bool

    @property
    def differs(self) -> bool:
        return len(self.groups) > 1

    @property
    def units(self) -> frozenset[tuple[str, ComparisonKind, int]]:
        return frozenset(
            (placed.article_id, placed.fact.kind, placed.unit.read.unit.start)
            for group in self.groups
            for placed in group
        )

    def place(self) -> tuple[bool, bool, bool]:
        """Order differences first, what was asked before what was not."""
        return not self.differs, not self.is_asked, self.is_loose

    def is_like(self, other: Comparison) -> bool:
        return other.kind is self.groups[0][0].fact.kind and not other.is_agreement


def _found(evidence: Evidence, quotes: Quotes, origins: Mapping[str, str]) -> Iterator[_Found]:
    atoms = [unit for unit in evidence.units if unit.read.unit.kind not in GROUPS]
    cited = [unit for unit in atoms if quotes.holds(unit)]
    least = ON_TOPIC * max((unit.coverage for unit in cited), default=0.0)
    for unit in [unit for unit in cited if unit.coverage >= least]:
        for fact in read_facts(unit.read.text):
            bears = share_asked(fact, evidence.question)
            if bears < DIFFERENCE_BEARS:
                continue
            related = _related_by_story(Placed(fact, unit), atoms, evidence.question, origins, quotes)
            groups = _groups(Placed(fact, unit), related)
            is_asked = _is_asked(fact, evidence.question)
            is_wanted = (is_asked or _is_open(fact, evidence.question)) and bears >= AGREEMENT_BEARS
            if len(groups) > 1 or (len(groups[0]) > 1 and is_wanted):
                is_loose = any(one.is_loose for one in related if one.how is Relation.OTHER)
                yield _Found(groups, is_asked, is_loose)


@dataclass(frozen=True, slots=True)
class _Related:
    """A fact of another story with its relation to the cited one, and how surely both are about one thing."""

    placed: Placed
    how: Relation
    surely: float
    is_loose: bool


def _related_by_story(
    cited: Placed, atoms: Sequence[WeighedUnit], question: Question, origins: Mapping[str, str], quotes: Quotes
) -> list[_Related]:
    """Return the one fact of each other story that says most about the cited one, the surest first.

    One sentence that says the same is enough: then others of that source speak of something else. But asked what still
    applies, a source that says that some of it does is shown for that.
    """
    own = origins.get(cited.article_id, cited.article_id)
    is_loose = cited.fact.kind is ComparisonKind.STATUS and _asks_what_applies(question)
    preferred = Relation.OTHER if is_loose else Relation.SAME
    siblings = [Placed(fact, cited.unit) for fact in read_facts(cited.unit.read.text) if fact is not cited.fact]
    best: dict[str, tuple[tuple[bool, bool, float], _Related]] = {}
    for unit in atoms:
        story = origins.get(unit.read.source.article_id, unit.read.source.article_id)
        for fact in read_facts(unit.read.text) if story != own else ():
            one = _related(cited, Placed(fact, unit), question)
            if one is None or _has_better(one, siblings, question):
                continue
            rank = (one.how is preferred, not one.is_loose, one.surely + CITED_BONUS * quotes.holds(unit))
            if story not in best or rank > best[story][0]:
                best[story] = rank, one
    return sorted((one for _, one in best.values()), key=lambda one: -one.surely)


def _has_better(one: _Related, siblings: Sequence[Placed], question: Question) -> bool:
    """Say whether another fact of the cited sentence says what a fact says, or is more surely about the same thing."""
    if one.how is Relation.SAME:
        return False
    others = (_related(sibling, one.placed, question) for sibling in siblings)
    surer = (other for other in others if other and other.is_loose is one.is_loose)
    return any(other.how is Relation.SAME or other.surely > one.surely for other in surer)


def _asks_what_applies(question: Question) -> bool:
    return asks_for_both_sides(question) and question.asked not in (*MEASURED, Asked.PERSON)


def _related(cited: Placed, other: Placed, question: Question) -> _Related | None:
    """Return how a fact relates to the cited one, None if they are not about one thing.

    For a question of status, what holds and what was eased need not be one thing, only both what is asked about.
    """
    if cited.fact.kind is not other.fact.kind or cited.fact.role is not other.fact.role:
        return None
    if question.asked is not Asked.DATE and (_is_year(cited.fact) or _is_year(other.fact)):
        return None
    how = relation(cited.fact, other.fact, published=(cited.published, other.published))
    if how is Relation.UNCLEAR:
        return None
    surely = sameness(cited, other, question)
    if surely is not None:
        return _Related(other, how, surely, is_loose=False)
    is_status = cited.fact.kind is ComparisonKind.STATUS and _asks_what_applies(question)
    bears = bearing(cited, other, question) if is_status and how is Relation.OTHER else None
    return None if bears is None else _Related(other, how, bears, is_loose=True)


def _groups(cited: Placed, related: Sequence[_Related]) -> tuple[tuple[Placed, ...], ...]:
    """Return the cited fact with those that say the same, then groups of those that say otherwise."""
    groups = [[cited]]
    for one in related:
        if one.how is Relation.SAME:
            _join(one.placed, groups[0])
    for one in related:
        if one.how is Relation.OTHER:
            _put(one.placed, groups)
    return tuple(tuple(group) for group in groups[:MAX_POSITIONS])


def _put(placed: Placed, groups: list[list[Placed]]) -> None:
    for group in groups[1:]:
        if relation(group[0].fact, placed.fact, published=(group[0].published, placed.published)) is Relation.SAME:
            _join(placed, group)
            return
    groups.append([placed])


def _join(placed: Placed, group: list[Placed]) -> None:
    """Add what says the same to a group if it is a further independent source and there is room for it."""
    if len(group) < MAX_SOURCES and all(are_independent(placed, there) for there in group):
        group.append(placed)


_ASKED_KINDS = {
    Asked.DATE: {ComparisonKind.DATE},
    Asked.DURATION: {ComparisonKind.DATE, ComparisonKind.FIGURE},
    Asked.SHARE: {ComparisonKind.FIGURE},
    Asked.NUMBER: {ComparisonKind.FIGURE},
    Asked.PERSON: {ComparisonKind.ACTOR},
    Asked.YES_NO: {ComparisonKind.STATUS},
}


def _is_asked(fact: Fact, question: Question) -> bool:
    if fact.kind is ComparisonKind.STATUS and asks_for_both_sides(question):
        return True
    is_length = fact.role is Role.LENGTH
    return fact.kind in _ASKED_KINDS.get(question.asked, ()) and (not is_length or question.asked is Asked.DURATION)


def _is_open(fact: Fact, question: Question) -> bool:
    """Say whether a question asks for no certain type of thing, so that agreement on any may bear on it."""
    return question.asked in (Asked.OTHER, Asked.LIST) and fact.kind is not ComparisonKind.ACTOR


def _is_year(fact: Fact) -> bool:
    """Say whether a fact is no more than a year, which tells more of the time of a report than of what it is about."""
    return fact.date is not None and fact.date.month is None and fact.date.quarter is None
