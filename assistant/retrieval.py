"""Find passages: dense and lexical top lists, score fusion, feedback, then the best sentence of the top candidates.

Rank fusion loses to BM25 alone on questions with exact words; fusing the scores wins on every collection measured
(design note `answers.md`; the figures of this file's constants are in `tests/benchmarks`).
"""

from __future__ import annotations

import functools
import itertools
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from assistant.domain import Filters, Hit, Passage
from assistant.embedding import Embedder
from assistant.identifier_kinds import Identifier
from assistant.identifiers import holds, identifiers, search_forms
from assistant.library import Snapshot
from assistant.places import other_names
from assistant.reading import Reader, ReadUnit
from assistant.repeats import without_repeats
from assistant.reranking import Reranker
from assistant.text import search_terms
from assistant.vectors import DenseSearch
from assistant.wording import Wording

CANDIDATES_PER_LIST = 100
# Candidates whose sentences are read; each costs about six short embeddings the first time.
CANDIDATES_READ = 20
# The first of either list are always read and found, however little the other list makes of them: in a small library
# a word that one passage alone holds may weigh less than much that sounds alike.
FIRST_PER_LIST = 2
# These weights were chosen together, on SciFact's training queries and half of SQuAD's articles, by
# `python -m tests.benchmarks.fit_ranking`; their neighbours do about as well, see `report_ranking.py`.
BM25_SCALE = 60.0
BEST_SENTENCE_WEIGHT = 0.5
COVERAGE_WEIGHT = 0.1
ORDER_WEIGHT = 0.1
# How near a candidate is to the best ones together says what they are all about: chosen on SciFact's training queries,
# where .15 to .35 over the best 3 to 10 do about as well.
FEEDBACK_PASSAGES = 5
FEEDBACK_WEIGHT = 0.25
# A country or agency found by another name than the question's counts half: it is often named by both.
OTHER_NAME_SHARE = 0.5
CANDIDATES_BY_OTHER_NAMES = 30
# By this much at least a passage that holds an identifier of the question is better than any that does not.
APART = 0.01


@dataclass(frozen=True, slots=True)
class Retrieved:
    """The hits of a question, best first; `units` holds what each of the first ones says, unit by unit.

    `origins` names the origin of each article that has copies; it is empty if they were not asked for.
    """

    vector: NDArray[np.float32]
    hits: tuple[Hit, ...]
    units: tuple[tuple[ReadUnit, ...], ...]
    origins: Mapping[str, str] = field(default_factory=dict)


class Retriever:
    """Rank the passages of a snapshot for a query. One retriever serves all threads of a process."""

    def __init__(self, embedder: Embedder, dense: DenseSearch, reranker: Reranker | None = None) -> None:
        self.embedder = embedder
        self._dense = dense
        self._reranker = reranker
        self.reader = Reader(embedder)

    def retrieve(
        self, snapshot: Snapshot, query: str, *, limit: int, filters: Filters, each_story_once: bool = False
    ) -> Retrieved:
        """Return at most `limit` hits; none if no passage passes the filters.

        With `each_story_once`, what copies of one story say again is left out.
        """
        vector = self.embedder.embed([query])[0]
        named = _named(query)
        dense = self._dense.search(snapshot, vector, limit=CANDIDATES_PER_LIST, filters=filters)
        lexical = snapshot.lexical(search_terms(query), limit=CANDIDATES_PER_LIST, filters=filters)
        aliased = snapshot.lexical(other_names(query), limit=CANDIDATES_BY_OTHER_NAMES, filters=filters)
        exact = [passage_id for one in named for passage_id in _holding(snapshot, one, filters)]
        found = [*_ids(dense), *_ids(lexical), *_ids(aliased), *exact]
        candidates = snapshot.passages(list(dict.fromkeys(found)))
        if not candidates:
            return Retrieved(vector, (), ())
        bm25 = defaultdict(float, lexical)
        for passage_id, score in aliased:
            bm25[passage_id] += OTHER_NAME_SHARE * score
        # einsum: `@` on a few hundred rows waits for BLAS threads that spin on busy cores.
        vectors = snapshot.vectors([passage.passage_id for passage in candidates])
        cosines = np.einsum("ij,j->i", vectors, vector)
        scores = cosines + np.array([bm25[passage.passage_id] for passage in candidates]) / BM25_SCALE
        holding = _shares_held(candidates, named)
        held = holding.mean(axis=1) if named else np.zeros(len(candidates))
        scores = _lifted(scores, held)
        origins = _origins(snapshot, candidates, filters) if each_story_once else {}
        if origins:
            kept = _kept(candidates, scores, origins)
            candidates, cosines, scores = [candidates[place] for place in kept], cosines[kept], scores[kept]
            vectors, held, holding = vectors[kept], held[kept], holding[kept]
        scores = _lifted(scores + FEEDBACK_WEIGHT * _feedback(vectors, scores), held)
        firsts = {passage_id for best in (dense, lexical) for passage_id in _ids(best[:FIRST_PER_LIST])}
        firsts |= {candidates[place].passage_id for place in _best_holding(holding, scores)}
        is_first = np.array([passage.passage_id in firsts for passage in candidates])
        places = _best_places(scores, is_first, CANDIDATES_READ)
        read = [candidates[place] for place in places]
        units = self.reader.read(snapshot, read)
        wording = Wording.of(query, snapshot)
        scores[places] += [
            BEST_SENTENCE_WEIGHT * (_best(vector, passage_units, cosine) - cosine)
            + COVERAGE_WEIGHT * wording.coverage(passage)
            + ORDER_WEIGHT * wording.order(passage)
            for passage, passage_units, cosine in zip(read, units, cosines[places], strict=True)
        ]
        if self._reranker is not None:
            scores[places] = self._reranker.rate(query, read) + _best_of_the_rest(scores, places)
        scores = _lifted(scores, held)
        dense_ranks, lexical_ranks = _ranks(dense), _ranks(lexical)
        hits = tuple(
            Hit(
                passage,
                float(scores[place]),
                dense_ranks.get(passage.passage_id),
                lexical_ranks.get(passage.passage_id),
            )
            for place in _best_places(scores, is_first, limit)
            for passage in [candidates[place]]
        )
        said = dict(zip(read, map(tuple, units), strict=True))
        return Retrieved(vector, hits, tuple(said.get(hit.passage, ()) for hit in hits), origins)


def _named(query: str) -> list[Identifier]:
    """Return the distinct identifiers of a query."""
    return list({identifier.key: identifier for identifier in identifiers(query)}.values())


def _holding(snapshot: Snapshot, wanted: Identifier, filters: Filters) -> list[int]:
    """Return the passages that hold an identifier, as far as they are among the first that its words find."""
    forms = search_forms(wanted)
    found = snapshot.lexical(forms.phrases, limit=CANDIDATES_PER_LIST, filters=filters, prefixes=forms.prefixes)
    return [passage.passage_id for passage in snapshot.passages(_ids(found)) if _share_held(passage, wanted)]


def _shares_held(passages: Sequence[Passage], named: Sequence[Identifier]) -> NDArray[np.float64]:
    """Return for each passage how much of each identifier it holds, shape (passages, identifiers)."""
    return np.array([[_share_held(passage, one) for one in named] for passage in passages])


@functools.lru_cache(maxsize=4096)  # a passage is asked about as it is found, and again as a candidate
def _share_held(passage: Passage, wanted: Identifier) -> float:
    """Return 1 if a passage holds an identifier, half if only its title does, else 0."""
    if holds("\n".join([*passage.heading, passage.text]), wanted):
        return 1.0
    return 0.5 * holds(passage.title, wanted)


def _best_holding(holding: NDArray[np.float64], scores: NDArray[np.float64]) -> set[int]:
    """Return the place of the best passage of each identifier: those of one must not keep those of another away."""
    order = np.argsort(-scores, kind="stable")
    return {int(order[np.argmax(held[order] > 0)]) for held in holding.T if held.any()}


def _lifted(scores: NDArray[np.float64], held: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return scores by which passages that hold more come first, each group moved as one and no further than needed."""
    lifted = scores.copy()
    for less, more in itertools.pairwise(np.unique(held)):
        gap = lifted[held == less].max() - lifted[held == more].min()
        lifted[held == more] += max(0.0, gap + APART)
    return lifted


def _best_places(scores: NDArray[np.float64], is_first: NDArray[np.bool_], limit: int) -> NDArray[np.intp]:
    """Return the places of at most `limit` candidates, best first; up to half are kept for those that are marked."""
    order = np.argsort(-scores, kind="stable")
    kept = order[is_first[order]][: limit // 2]
    rest = order[~np.isin(order, kept)][: limit - len(kept)]
    return order[np.isin(order, [*kept, *rest])]


def _feedback(vectors: NDArray[np.float32], scores: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return how near each candidate is to the mean of the best ones, -1 to 1."""
    mean = vectors[np.argsort(-scores, kind="stable")[:FEEDBACK_PASSAGES]].mean(axis=0)
    near: NDArray[np.float32] = np.einsum("ij,j->i", vectors, mean / max(float(np.linalg.norm(mean)), 1e-9))
    return near


def _best_of_the_rest(scores: NDArray[np.float64], places: NDArray[np.intp]) -> float:
    """Return what nothing but the given places scores more than."""
    rest = np.delete(scores, places)
    return float(rest.max()) if len(rest) else 0.0


def _origins(snapshot: Snapshot, passages: list[Passage], filters: Filters) -> dict[str, str]:
    article_ids = list(dict.fromkeys(passage.article_id for passage in passages))
    return snapshot.origins(article_ids, as_of=filters.as_of)


def _kept(passages: list[Passage], scores: NDArray[np.float64], origins: Mapping[str, str]) -> list[int]:
    """Return the places of the passages that say something no better one of their story says."""
    return without_repeats(
        range(len(passages)),
        origins,
        article_id=lambda place: passages[place].article_id,
        text=lambda place: passages[place].text,
        score=lambda place: float(scores[place]),
    )


def _ids(scored: list[tuple[int, float]]) -> list[int]:
    return [passage_id for passage_id, _ in scored]


def _ranks(scored: list[tuple[int, float]]) -> dict[int, int]:
    return {passage_id: rank for rank, passage_id in enumerate(_ids(scored), start=1)}


def _best(vector: NDArray[np.float32], units: list[ReadUnit], otherwise: float) -> float:
    return max((unit.cosine(vector) for unit in units), default=otherwise)
