"""Weigh what was retrieved: score every unit as an answer to the question.

What is read off a unit: its cosine with the question, the idf-weighted coverage of the question's stems by itself and
by what stands above and beside it, the score of its passage, and whether it holds the type of thing asked for;
`merit.py` weighs it. A word of the question counts in part where a word of the same meaning stands for it.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from assistant.candidates import APART, sought
from assistant.candidates import holds as holds_sought
from assistant.domain import Hit, Span, Strictness
from assistant.identifier_kinds import Identifier
from assistant.identifiers import holds, identifiers
from assistant.library import Snapshot
from assistant.merit import gives_new, merit
from assistant.names import known_key
from assistant.question import MEASURED, Asked, Question, read_question
from assistant.reading import ReadUnit
from assistant.repeats import without_repeats
from assistant.retrieval import Retrieved
from assistant.structure import GROUPS, LISTS, UnitKind
from assistant.sufficiency import is_enough
from assistant.text import content_stems, with_other_names
from assistant.vocabulary import same

PASSAGES_WEIGHED = 12
LEAD_SHARE = 0.8
SYNONYM_SHARE = 0.6
HEADING_SHARE = 0.4
NEIGHBOUR_SHARE = 0.3
# A list of the very kind of thing that is asked for is the answer where a sentence only repeats the question.
KIND_WEIGHT = 0.25
# A rate, a town, a firm, an amount where one is sought: as much as one weighs of what `merit.py` knows the types of.
SOUGHT_WEIGHT = 0.11
# Of passages that hold a code or case, the units that do come first.
EXACT_WEIGHT = 0.4
# A sentence says more than a row of a table with the same words.
ROW_PENALTY = 0.05
# What the answer before it quoted is seldom what a follow-up asks for.
SHOWN_PENALTY = 0.35
# A country that a smaller share of the passages names has to stand beside what answers a question about it.
COMMON_SHARE = 0.25
# "European cars" may be those of the European Union or of one country.
CONTINENTS = frozenset({"europe", "asia", "africa"})


@dataclass(frozen=True, slots=True)
class WeighedUnit:
    """A unit with its score as an answer; `coverage` (0–1) is the share of the question's weight its words carry.

    `own_coverage` counts only what the unit itself says, `lead_coverage` only its lead-in or heading; `names_share`
    (0–1) is the share of the question's names in it, beside it or above it; `has_places` says that every
    country which the library seldom names is there. `features` is what the score was made from.
    """

    read: ReadUnit
    score: float
    cosine: float
    coverage: float
    own_coverage: float
    lead_coverage: float
    has_type: bool
    names_share: float
    has_places: bool
    was_shown: bool
    features: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the answerer writes from: `units` best first, those shown before at a disadvantage.

    `missing` are identifiers, names, figures and goods of the question that stand nowhere in it.
    `halves` are the same units for each half of a question that asks two things, best first for that one.
    `weights` are those of the question's stems: rare in the library weighs most. `strictness` is how sure it has to
    be that the question is answered.
    """

    question: Question
    hits: tuple[Hit, ...]
    units: tuple[WeighedUnit, ...]
    missing: tuple[str, ...]
    weights: Mapping[str, float] = field(default_factory=dict)
    strictness: Strictness = Strictness.BALANCED
    halves: tuple[tuple[WeighedUnit, ...], ...] = ()

    @property
    def is_enough(self) -> bool:
        """Say whether the question is to be answered rather than refused.

        What is asked of one tariff code or case is never answered without it.
        """
        exact = {identifier.key for identifier in self.question.identifiers}
        return exact.isdisjoint(self.missing) and is_enough(self, self.strictness)


def weigh(
    question: str,
    retrieved: Retrieved,
    snapshot: Snapshot,
    *,
    shown: Collection[Span] = (),
    strictness: Strictness = Strictness.BALANCED,
) -> Evidence:
    """Score the units of the best passages and note what of the question they never mention.

    `shown` are the spans that the answer before a follow-up quoted; they stand back for what is new.
    `strictness` says how sure it has to be that they answer the question.
    """
    asked = read_question(question)
    weights = _idf(asked, snapshot)
    holding = _articles_holding(asked.identifiers, retrieved)

    def ranked(question: Question) -> tuple[WeighedUnit, ...]:
        rare = tuple(place for place in question.places if _has_to_stand_near(place, weights))
        units = [
            unit
            for hit, passage_units in zip(retrieved.hits[:PASSAGES_WEIGHED], retrieved.units, strict=False)
            if not asked.identifiers or hit.passage.article_id in holding
            for unit in _Passage(
                question, _of_question(question, weights), retrieved, hit, passage_units, shown, rare
            ).weighed()
            if not _is_of_another(unit.read, asked.identifiers)
        ]
        best_first = sorted(units, key=lambda unit: SHOWN_PENALTY * unit.was_shown - unit.score)
        return tuple(_each_story_once(best_first, retrieved.origins))

    seen = _words_seen(retrieved)
    return Evidence(
        question=asked,
        hits=retrieved.hits,
        units=ranked(asked),
        missing=(*_identifiers_missing(asked, retrieved), *_missing(asked, seen)),
        weights=weights,
        strictness=strictness,
        halves=tuple(map(ranked, asked.halves)),
    )


def _each_story_once(units: list[WeighedUnit], origins: Mapping[str, str]) -> list[WeighedUnit]:
    return without_repeats(
        units,
        origins,
        article_id=lambda unit: unit.read.source.article_id,
        text=lambda unit: unit.read.text,
        score=lambda unit: unit.score - SHOWN_PENALTY * unit.was_shown,
    )


def _idf(question: Question, snapshot: Snapshot) -> dict[str, float]:
    """Return the weight of each stem of the question: rare in the library weighs most, absent from it most of all."""
    total = max(1, snapshot.passage_count())
    frequency = snapshot.document_frequency(question.stems)
    return {stem: math.log(1 + total / (frequency.get(stem, 0) + 0.5)) for stem in question.stems}


def _of_question(question: Question, weights: Mapping[str, float]) -> dict[str, float]:
    """Return the weights of the stems of a half; what only the half has (none, as a rule) weighs nothing."""
    return {stem: weights.get(stem, 0.0) for stem in question.stems}


def _has_to_stand_near(place: str, weights: Mapping[str, float]) -> bool:
    return known_key(place) not in CONTINENTS and not _is_common(place, weights)


def _is_common(place: str, weights: Mapping[str, float]) -> bool:
    """Say whether so many passages name a place that any of them may mean it without saying so."""
    least = math.log(1 + 1 / COMMON_SHARE)
    return all(weights.get(stem, 0.0) <= least for stem in content_stems(place))


@dataclass(frozen=True, slots=True)
class _Passage:
    """One retrieved passage on its way to weighed units."""

    question: Question
    weights: Mapping[str, float]
    retrieved: Retrieved
    hit: Hit
    units: tuple[ReadUnit, ...]
    shown: Collection[Span]
    rare_places: tuple[str, ...]

    def weighed(self) -> list[WeighedUnit]:
        atoms = [unit for unit in self.units if unit.unit.kind not in GROUPS]
        said = [self._words(unit.text) for unit in atoms]
        nothing = _Words.of("")
        found = []
        for position, unit in enumerate(atoms):
            before = said[position - 1] if position else nothing
            after = said[position + 1] if position + 1 < len(said) else nothing
            found.append(self._weigh(unit, said[position], (before, after)))
        groups = [unit for unit in self.units if unit.unit.kind in GROUPS]
        return found + [self._weigh(unit, self._words(unit.text), ()) for unit in groups]

    def _words(self, text: str) -> _Words:
        words = _Words.of(text)
        return words.with_identifiers(text, self.question.identifiers) if self.question.identifiers else words

    def _weigh(self, read: ReadUnit, own: _Words, beside: tuple[_Words, ...]) -> WeighedUnit:
        unit = read.unit
        is_list = unit.kind in LISTS
        lead = self._words(unit.lead)
        above = self._words(" ".join([read.source.article.title, *unit.heading]))
        # A long list holds most words of any question: what it is about stands in its lead-in.
        own_share = HEADING_SHARE if is_list else 1.0
        tiers = [(own, own_share), (lead, LEAD_SHARE), (above, HEADING_SHARE)]
        coverage = _share(self.weights, *tiers, *((words, NEIGHBOUR_SHARE) for words in beside))
        near = frozenset().union(*(words.stems for words in (own, lead, above, *beside)))
        cosine = read.cosine(self.retrieved.vector)
        has_type = self.question.is_type_in(read.text) or (is_list and self.question.asked is Asked.LIST)
        features = self._features(read, own, lead, above, beside) | {
            "cosine": cosine,
            "passage": self.hit.score - max(hit.score for hit in self.retrieved.hits),
            "type": float(has_type and self.question.asked not in MEASURED),
            "measured": float(has_type and self.question.asked in MEASURED),
            "new": float(gives_new(self.question, read.text)),
            "leans_back": float(unit.shown_from < unit.start),
        }
        return WeighedUnit(
            read=read,
            score=merit(features)
            + KIND_WEIGHT * (is_list and self._is_of_kind(lead, above))
            + SOUGHT_WEIGHT * (self._is_sought_apart and holds_sought(read.text, self.question))
            + EXACT_WEIGHT * self._holds_identifier(read.text)
            - ROW_PENALTY * (unit.kind is UnitKind.TABLE_ROW),
            cosine=cosine,
            coverage=coverage,
            own_coverage=_share(self.weights, (own, 1.0)),
            lead_coverage=_share(self.weights, (lead if unit.lead else self._words(" ".join(unit.heading[-1:])), 1.0)),
            has_type=has_type,
            names_share=_named_share(self.question.names, near),
            has_places=_named_share(self.rare_places, near) == 1.0,
            was_shown=any(_is_within(read, span) for span in self.shown),
            features=features,
        )

    @property
    def _is_sought_apart(self) -> bool:
        """Say whether what is sought is told apart more closely than by the type of thing asked for."""
        return sought(self.question) in APART

    def _holds_identifier(self, text: str) -> bool:
        return any(holds(text, one) for one in self.question.identifiers)

    def _is_of_kind(self, lead: _Words, above: _Words) -> bool:
        """Say whether what stands above a list names the kind of thing that a question wants listed."""
        kind = self.question.asked_for if self.question.asked is Asked.LIST else ()
        return bool(kind) and all(_says(lead, stem) or _says(above, stem) for stem in kind)

    def _features(
        self, read: ReadUnit, own: _Words, lead: _Words, above: _Words, beside: tuple[_Words, ...]
    ) -> dict[str, float]:
        """Return how much of the question the unit covers, and how much more what stands around it does."""
        is_list = read.unit.kind in LISTS
        # A list is what its heading or title says, as much as what its lead-in says.
        tiers = [(own, HEADING_SHARE if is_list else 1.0), (lead, LEAD_SHARE)]
        tiers += [(above, LEAD_SHARE)] if is_list else []
        covered = _share(self.weights, *tiers)
        before, after = beside or (_Words.of(""), _Words.of(""))
        more = {"above": above, "before": before, "after": after}
        return {"own": covered} | {
            name: _share(self.weights, *tiers, (words, 1.0)) - covered for name, words in more.items()
        }


def _named_share(names: Collection[str], near: frozenset[str]) -> float:
    return sum(_is_named(name, near) for name in names) / len(names) if names else 1.0


def _is_within(read: ReadUnit, span: Span) -> bool:
    is_same = (read.source.article_id, read.source.version) == (span.article_id, span.version)
    return is_same and span.start <= read.unit.start and read.unit.end <= span.end


@dataclass(frozen=True, slots=True)
class _Words:
    """The stems of a text and the groups of one meaning that they belong to."""

    stems: frozenset[str]
    meanings: frozenset[int]

    @staticmethod
    @functools.lru_cache(maxsize=8192)  # titles, headings and leads come again with every unit below them
    def of(text: str) -> _Words:
        stems = with_other_names(frozenset(content_stems(text)))
        return _Words(stems, frozenset(group for stem in stems for group in same().get(stem, ())))

    def with_identifiers(self, text: str, wanted: Collection[Identifier]) -> _Words:
        """Return these words with the keys of the wanted identifiers that find one of their text."""
        said = identifiers(text)
        keys = (one.key for one in wanted if any(map(one.finds, said)))
        return _Words(self.stems.union(keys), self.meanings)


def _share(weights: Mapping[str, float], *tiers: tuple[_Words, float]) -> float:
    """Return the share (0–1) of the weight of stems found in the tiers, each at the best share it is found at."""
    total = sum(weights.values())
    carried = 0.0
    for stem, weight in weights.items():
        meanings = same().get(stem, frozenset())
        carried += weight * max(
            share * (1.0 if stem in words.stems else SYNONYM_SHARE if meanings & words.meanings else 0.0)
            for words, share in tiers
        )
    return carried / total if total else 0.0


def _says(words: _Words, stem: str) -> bool:
    return stem in words.stems or not words.meanings.isdisjoint(same().get(stem, ()))


def _words_seen(retrieved: Retrieved) -> _Words:
    passages = [hit.passage for hit in retrieved.hits[:PASSAGES_WEIGHED]]
    return _Words.of("\n".join(" ".join([passage.title, *passage.heading, passage.text]) for passage in passages))


def _missing(question: Question, seen: _Words) -> tuple[str, ...]:
    """Return the names, figures and goods of the question that stand nowhere in the passages weighed."""
    named = dict.fromkeys([*question.names, *question.figures, *question.goods])
    return tuple(part for part in named if not seen.stems.issuperset(content_stems(part)))


def _identifiers_missing(question: Question, retrieved: Retrieved) -> tuple[str, ...]:
    passages = [hit.passage for hit in retrieved.hits[:PASSAGES_WEIGHED]] if question.identifiers else []
    texts = ["\n".join([passage.title, *passage.heading, passage.text]) for passage in passages]
    return tuple(one.key for one in question.identifiers if not any(holds(text, one) for text in texts))


def _articles_holding(wanted: Collection[Identifier], retrieved: Retrieved) -> set[str]:
    """Return the articles that name an identifier of the question anywhere; no other one tells of it."""
    sources = {units[0].source.article_id: units[0].source.article for units in retrieved.units if units and wanted}
    return {
        article_id
        for article_id, article in sources.items()
        if any(holds(article.title, one) or holds(article.text, one) for one in wanted)
    }


def _is_of_another(read: ReadUnit, wanted: Collection[Identifier]) -> bool:
    """Say whether a unit names only others of a kind asked for; a heading may say what its subheadings pay."""
    said = identifiers(read.text) if wanted else []
    return any(
        not any(one.finds(other) or other.finds(one) for one in wanted for other in said if other.kind is kind)
        for kind in {one.kind for one in wanted} & {other.kind for other in said}
    )


def _is_named(name: str, stems: frozenset[str]) -> bool:
    """Say whether most of a name's words are there, so that "Greer" names "Jamieson Greer"."""
    parts = content_stems(name)
    return 2 * len(stems.intersection(parts)) >= len(parts)
