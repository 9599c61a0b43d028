"""Where sources agree and differ: facts of what an answer cites, held against those of other articles.

Made from the exact spans, never by a model, which would invent an event to reconcile two dates. Every position is
shown with its own quote; nothing is averaged and nothing is decided. An article and its copies are one source.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from assistant.domain import Claim, Comparison, ComparisonKind, Draft
from assistant.evidence import Evidence, WeighedUnit
from assistant.facts import Fact, Role, read_facts
from assistant.measures import Placed, sameness
from assistant.positions import Quotes, comparison
from assistant.question import Asked, Question
from assistant.sameness import Relation, relation
from assistant.sides import asks_for_both_sides
from assistant.structure import GROUPS

MAX_POSITIONS = 3
MAX_SOURCES = 3
MAX_DIFFERENCES = 2
MAX_AGREEMENTS = 1


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
    found = sorted(_found(evidence, quotes, origins), key=lambda one: (not one.differs, not one.is_asked))
    comparisons: list[Comparison] = []
    told: set[tuple[str, int, int]] = set()
    left = {True: MAX_DIFFERENCES, False: MAX_AGREEMENTS}
    for one in found:
        places = {place for group in one.groups for placed in group for place in _units_of(placed)}
        if not left[one.differs] or places & told:
            continue
        made = comparison(one.groups, quotes)
        if made is not None:
            comparisons.append(made)
            left[one.differs] -= 1
            told |= places
    return Compared(tuple(quotes.further), tuple(comparisons))


@dataclass(frozen=True, slots=True)
class _Found:
    """Facts of one thing in groups that say the same, that of the cited fact first."""

    groups: tuple[tuple[Placed, ...], ...]
    is_asked: bool

    @property
    def differs(self) -> bool:
        return len(self.groups) > 1


def _units_of(placed: Placed) -> Iterator[tuple[str, int, int]]:
    unit = placed.unit.read.unit
    yield f"{placed.article_id} {placed.fact.kind}", unit.start, unit.end


def _found(evidence: Evidence, quotes: Quotes, origins: Mapping[str, str]) -> Iterator[_Found]:
    atoms = [unit for unit in evidence.units if unit.read.unit.kind not in GROUPS]
    cited = [unit for unit in atoms if _is_cited(unit, quotes)]
    for unit in cited:
        for fact in read_facts(unit.read.text):
            groups = _groups(Placed(fact, unit), atoms, evidence.question, origins)
            if len(groups) > 1 or len(groups[0]) > 1:
                yield _Found(groups, _is_asked(fact, evidence.question))


def _is_cited(unit: WeighedUnit, quotes: Quotes) -> bool:
    source, span = unit.read.source, unit.read.unit
    return any(
        (citation.article_id, citation.version) == (source.article_id, source.version)
        and citation.start <= span.start
        and span.end <= citation.end
        for citation in quotes.citations
    )


def _groups(
    cited: Placed, atoms: Sequence[WeighedUnit], question: Question, origins: Mapping[str, str]
) -> tuple[tuple[Placed, ...], ...]:
    """Return the cited fact with those of other stories that say the same, then groups of those that say otherwise."""
    own = origins.get(cited.article_id, cited.article_id)
    is_loose = cited.fact.kind is ComparisonKind.STATUS and asks_for_both_sides(question)
    best: dict[str, tuple[Relation, float, Placed]] = {}
    for unit in atoms:
        story = origins.get(unit.read.source.article_id, unit.read.source.article_id)
        if story == own:
            continue
        for fact in read_facts(unit.read.text):
            found = _related(cited, Placed(fact, unit), is_loose=is_loose)
            # One sentence that says the same is enough: then others of that source speak of something else.
            if found and (story not in best or _rank(found) > _rank(best[story])):
                best[story] = found
    same = [placed for how, _, placed in best.values() if how is Relation.SAME]
    groups = [[cited, *same[: MAX_SOURCES - 1]]]
    for how, _, placed in sorted(best.values(), key=lambda found: -found[1]):
        if how is Relation.OTHER:
            _put(placed, groups)
    return tuple(tuple(group) for group in groups[:MAX_POSITIONS])


def _rank(found: tuple[Relation, float, Placed]) -> tuple[bool, float]:
    return found[0] is Relation.SAME, found[1]


def _related(cited: Placed, other: Placed, *, is_loose: bool) -> tuple[Relation, float, Placed] | None:
    strict = sameness(cited, other)
    how = relation(cited.fact, other.fact, published=(cited.published, other.published))
    if how is Relation.SAME:
        return (how, strict, other) if strict is not None else None
    loose = sameness(cited, other, is_loose=True) if is_loose and strict is None else strict
    return (how, loose, other) if how is Relation.OTHER and loose is not None else None


def _put(placed: Placed, groups: list[list[Placed]]) -> None:
    for group in groups[1:]:
        if relation(group[0].fact, placed.fact, published=(group[0].published, placed.published)) is Relation.SAME:
            if len(group) < MAX_SOURCES:
                group.append(placed)
            return
    groups.append([placed])


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
