"""Ways to rank that the product does not take, each a change of one or two things in the way it does.

A `Shelf` is an indexed collection with all that the ways need in memory; `Shelf.ranked` follows
`Retriever.retrieve` step by step, without the identifiers, of which the collections' questions name none.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant import retrieval
from assistant.domain import Filters, embedded_text
from assistant.embedding import Embedder
from assistant.library import Library, Snapshot
from assistant.places import other_names
from assistant.reading import Reader
from assistant.settings import load_settings
from assistant.text import search_terms
from assistant.wording import Wording
from ingest.collection import Collection, indexed
from ingest.progress import Progress
from tests.benchmarks.report_ranking import Told
from tests.benchmarks.word_index import WordIndex, WordWeights

# Words in a question for which a weight that depends on its length is that of the product.
USUAL_WORDS = 8
# Articles that are told apart from those above them.
TOLD_APART = 10
# Candidates whose scores a candidate's is averaged with.
SMOOTHED_OVER = 5


@dataclass(frozen=True, slots=True)
class Way:
    """How to rank; what is left as it stands here is as `assistant/retrieval.py` has it.

    Of vectors: `title_twice` embeds the title a second time, `title` and `neighbours` add so much of the vector of the
    title, of the mean of the passages beside it. Of BM25: `words` takes other constants, `length` divides it by the
    question's words to this power, `terms` words of the best passages are looked for too and count `terms_weight`
    together. Of articles: so many passages of one article are read (`read_each`) or say what the best ones are about
    (`feedback_each`); `second` is the share of an article's second passage in its score, `temperature` that of a
    log-sum over its passages; `apart` is taken off for likeness to an article above it. `smoothed` is the share of the
    scores of the candidates nearest in meaning.
    """

    title_twice: bool = False
    title: float = 0.0
    neighbours: float = 0.0
    words: WordWeights | None = None
    bm25_scale: float = retrieval.BM25_SCALE
    length: float = 0.0
    terms: int = 0
    terms_weight: float = 0.0
    read_each: int = 0
    feedback_each: int = 0
    second: float = 0.0
    temperature: float = 0.0
    apart: float = 0.0
    smoothed: float = 0.0


AS_IT_IS = Way()
# Each family is one idea; the settings of one are tried against each other, never the best of all at once.
FAMILIES: Mapping[str, Mapping[str, Way]] = {
    "diversity: of one article, so many passages are read": {"1": Way(read_each=1), "2": Way(read_each=2)},
    "diversity: of one article, so many passages give feedback": {"1": Way(feedback_each=1)},
    "diversity: likeness to an article above taken off": {f".{n:02}": Way(apart=n / 100) for n in (2, 5, 10, 20)},
    "title twice in what is embedded": {"": Way(title_twice=True)},
    "vector of the title added": {f".{n}": Way(title=n / 10) for n in (1, 2, 4)},
    "mean vector of the neighbours added": {f".{n}": Way(neighbours=n / 10) for n in (1, 2, 4)},
    "article: share of its second passage": {f".{n}": Way(second=n / 10) for n in (1, 2, 3)},
    "article: log-sum of its passages, temperature": {
        ".03": Way(temperature=0.03),
        ".1": Way(temperature=0.1),
        ".3": Way(temperature=0.3),
    },
    "BM25 by the length of the question, power": {
        "−.5": Way(length=-0.5),
        "−.25": Way(length=-0.25),
        ".25": Way(length=0.25),
        ".5": Way(length=0.5),
    },
    "BM25: k1": {f"{k1:g}": Way(words=WordWeights(k1=k1)) for k1 in (0.6, 0.9, 1.6, 2.0)},
    "BM25: b": {f"{b:g}": Way(words=WordWeights(b=b)) for b in (0.3, 0.5, 0.6, 0.9)},
    "BM25: stemmer": {
        "Porter, as it is": Way(words=WordWeights()),
        "Porter 2": Way(words=WordWeights(stemmer="english")),
        "none": Way(words=WordWeights(stemmer="")),
    },
    "BM25F, title weighs": {
        f"{title:g}": Way(words=WordWeights(title=title, each_field=True)) for title in (0.25, 0.5, 1.0, 2.0)
    },
    "feedback terms in BM25, 10 weigh": {
        f".{n}": Way(terms=10, terms_weight=n / 10) for n in (1, 2, 4)
    },
    "feedback terms in BM25, 20 weigh": {
        f".{n}": Way(terms=20, terms_weight=n / 10) for n in (1, 2, 4)
    },
    "scores averaged with those of the 5 nearest candidates": {f".{n}": Way(smoothed=n / 10) for n in (1, 2, 3)},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """A judged question: its vector, the BM25 of passages by place, what was read of passages so far."""

    number: int
    text: str
    vector: NDArray[np.float32]
    relevant: Mapping[str, int]
    lexical: Mapping[int, float]
    aliased: Mapping[int, float]
    wording: Wording
    read: dict[int, tuple[float, float, float]] = field(default_factory=dict)


class Shelf:
    """An indexed collection, open as long as its `with` lasts. Passages go by their place in it."""

    def __init__(self, snapshot: Snapshot, names: Mapping[str, str], embedder: Embedder) -> None:
        ids = snapshot.live()
        self._snapshot, self._embedder, self._reader = snapshot, embedder, Reader(embedder)
        self._passages = snapshot.passages([int(passage_id) for passage_id in ids])
        self._places = {passage.passage_id: place for place, passage in enumerate(self._passages)}
        self._own = snapshot.vectors(ids)
        self._article_ids = [passage.article_id for passage in self._passages]
        self.articles = [names[article_id] for article_id in self._article_ids]
        # Ways with the same vectors are tried one after the other.
        self._vectors = functools.lru_cache(maxsize=2)(self._made_vectors)
        self._near = functools.lru_cache(maxsize=2)(self._made_near)
        self._index = functools.cache(lambda stemmer: WordIndex(self._passages, stemmer))
        self.asked: list[Asked] = []

    def __len__(self) -> int:
        """Return how many passages it has."""
        return len(self._passages)

    def ask(self, question: str, relevant: Mapping[str, int]) -> None:
        """Take a judged question in."""
        self.asked.append(
            Asked(
                number=len(self.asked),
                text=question,
                vector=self._embedder.embed([question])[0],
                relevant=relevant,
                lexical=self._by_words(search_terms(question), retrieval.CANDIDATES_PER_LIST),
                aliased=self._by_words(other_names(question), retrieval.CANDIDATES_BY_OTHER_NAMES),
                wording=Wording.of(question, self._snapshot),
            )
        )

    def ranked(self, asked: Asked, way: Way) -> list[str]:
        """Return the ids of the articles of a question's candidates, best first."""
        vectors = self._vectors(way.title_twice, way.title, way.neighbours)
        near, first_near = (found[asked.number] for found in self._near(way.title_twice, way.title, way.neighbours))
        lexical = self._lexical(asked, way)
        first_lexical = sorted(lexical, key=lambda place: -lexical[place])
        places = np.array(list(dict.fromkeys([*first_near, *first_lexical, *asked.aliased])))
        words = np.array([
            lexical.get(place, 0.0) + retrieval.OTHER_NAME_SHARE * asked.aliased.get(place, 0.0) for place in places
        ])  # fmt: skip
        length = max(1, len(search_terms(asked.text))) / USUAL_WORDS
        words = words / (way.bm25_scale * length**way.length)
        if way.terms:
            words += self._terms(asked, places, near[places] + words, way) / way.bm25_scale
        scores: NDArray[np.float64] = near[places].astype(np.float64) + words
        vectors = vectors[places]
        if way.smoothed:
            scores = _smoothed(vectors, scores, way.smoothed)
        scores += retrieval.FEEDBACK_WEIGHT * self._feedback(vectors, scores, places, way)
        firsts = {*first_near[: retrieval.FIRST_PER_LIST], *first_lexical[: retrieval.FIRST_PER_LIST]}
        is_first = np.array([place in firsts for place in places])
        open_to = self._best_of_each(scores, places, way.read_each)
        read = open_to[retrieval._best_places(scores[open_to], is_first[open_to], retrieval.CANDIDATES_READ)]
        said = self._said(asked, places[read])
        gain = np.where(np.isnan(said[:, 0]), 0.0, said[:, 0] - near[places[read]])
        scores[read] += (
            retrieval.BEST_SENTENCE_WEIGHT * gain
            + retrieval.COVERAGE_WEIGHT * said[:, 1]
            + retrieval.ORDER_WEIGHT * said[:, 2]
        )
        return self._articles(scores, places, vectors, way)

    def _by_words(self, terms: Sequence[str], limit: int) -> dict[int, float]:
        found = self._snapshot.lexical(terms, limit=limit, filters=Filters())
        return {self._places[passage_id]: score for passage_id, score in found}

    def _lexical(self, asked: Asked, way: Way) -> Mapping[int, float]:
        if way.words is None:
            return asked.lexical
        index = self._index(way.words.stemmer)
        scores = index.scores(index.phrases(search_terms(asked.text)), way.words)
        return {place: float(scores[place]) for place in _first(scores) if scores[place] > 0}

    def _terms(
        self, asked: Asked, places: NDArray[np.intp], scores: NDArray[np.float64], way: Way
    ) -> NDArray[np.float64]:
        """Return the BM25 of the words that tell the best candidates from the rest, as much as the question's own."""
        index = self._index("porter")
        own = set(index.stems(asked.text))
        told: Counter[str] = Counter()
        for place in places[np.argsort(-scores, kind="stable")[: retrieval.FEEDBACK_PASSAGES]]:
            stems = index.texts[place]
            total = sum(stems.values())
            told.update({stem: count / total * index.idf((stem,)) for stem, count in stems.items() if stem not in own})
        best = dict(told.most_common(way.terms))
        share = way.terms_weight * max(1, len(search_terms(asked.text))) / max(sum(best.values()), 1e-9)
        found = index.scores({(stem,): share * weight for stem, weight in best.items()}, WordWeights())
        return found[places]

    def _feedback(
        self, vectors: NDArray[np.float32], scores: NDArray[np.float64], places: NDArray[np.intp], way: Way
    ) -> NDArray[np.float32]:
        among = self._best_of_each(scores, places, way.feedback_each)
        best = among[np.argsort(-scores[among], kind="stable")[: retrieval.FEEDBACK_PASSAGES]]
        mean = vectors[best].mean(axis=0)
        near: NDArray[np.float32] = np.einsum("ij,j->i", vectors, mean / max(float(np.linalg.norm(mean)), 1e-9))
        return near

    def _best_of_each(self, scores: NDArray[np.float64], places: NDArray[np.intp], most: int) -> NDArray[np.intp]:
        """Return the positions of the best so many of each article, all for 0."""
        if not most:
            return np.arange(len(places))
        taken: Counter[str] = Counter()
        kept = []
        for position in np.argsort(-scores, kind="stable"):
            article = self._article_ids[places[position]]
            taken[article] += 1
            if taken[article] <= most:
                kept.append(position)
        return np.array(kept)

    def _said(self, asked: Asked, places: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return cosine of the best unit (NaN for none), coverage and order of passages, shape (n, 3)."""
        new = [int(place) for place in places if int(place) not in asked.read]
        passages = [self._passages[place] for place in new]
        for place, passage, units in zip(new, passages, self._reader.read(self._snapshot, passages), strict=True):
            best = retrieval._best(asked.vector, units, float("nan"))
            asked.read[place] = (best, asked.wording.coverage(passage), asked.wording.order(passage))
        return np.array([asked.read[int(place)] for place in places])

    def _articles(
        self, scores: NDArray[np.float64], places: NDArray[np.intp], vectors: NDArray[np.float32], way: Way
    ) -> list[str]:
        of_article: dict[str, list[int]] = {}
        for position in np.argsort(-scores, kind="stable"):
            of_article.setdefault(self.articles[places[position]], []).append(int(position))
        merits = {}
        for article, positions in of_article.items():
            found = scores[positions]
            merits[article] = float(found[0])
            if way.second and len(found) > 1:
                merits[article] += way.second * float(found[1] - found[0])
            if way.temperature:
                merits[article] += way.temperature * float(np.log(np.exp((found - found[0]) / way.temperature).sum()))
        ranking = sorted(merits, key=lambda article: -merits[article])
        if not way.apart:
            return ranking
        firsts = {article: vectors[positions[0]] for article, positions in of_article.items()}
        return _told_apart(ranking, merits, firsts, way.apart)

    def _made_vectors(self, title_twice: bool, title: float, neighbours: float) -> NDArray[np.float32]:
        made = self._own
        if title_twice:
            made = self._embedder.embed([
                "\n".join([*filter(None, [one.title]), embedded_text(one.title, one.heading, one.text)])
                for one in self._passages
            ])  # fmt: skip
        if title:
            named = self._embedder.embed([one.title or one.text for one in self._passages])
            made = made + np.float32(title) * named
        if neighbours:
            made = made + np.float32(neighbours) * self._beside()
        return made / np.maximum(np.linalg.norm(made, axis=1, keepdims=True), 1e-9)

    def _made_near(
        self, title_twice: bool, title: float, neighbours: float
    ) -> tuple[NDArray[np.float32], list[list[int]]]:
        """Return how near each passage is to each question, shape (questions, passages), and the nearest of each."""
        near = np.stack([asked.vector for asked in self.asked]) @ self._vectors(title_twice, title, neighbours).T
        return near, [_first(row) for row in near]

    def _beside(self) -> NDArray[np.float32]:
        """Return the mean of the vectors of the passages before and after each in its article, zeros for none."""
        sums, counts = np.zeros_like(self._own), np.zeros((len(self), 1), dtype=np.float32)
        is_same = np.array([a == b for a, b in zip(self._article_ids, self._article_ids[1:], strict=False)])
        (before,) = np.nonzero(is_same)
        for place, other in ((before, before + 1), (before + 1, before)):
            np.add.at(sums, place, self._own[other])
            np.add.at(counts, place, 1)
        return sums / np.maximum(counts, 1)


@contextmanager
def opened(collection: Collection, embedder: Embedder, *, name: str) -> Iterator[Shelf]:
    """Index a collection and take its judged questions in; what was written is deleted at the end."""
    told = Told(name)
    with (
        indexed(collection, load_settings(), embedder=embedder, on_progress=told) as (assistant, names),
        closing(Library.open(Path(assistant.status().data_dir))) as library,
        library.snapshot() as snapshot,
    ):
        shelf = Shelf(snapshot, names, embedder)
        for number, (query, judged) in enumerate(sorted(collection.judgements.items()), start=1):
            told(Progress("asking", number, len(collection.judgements)))
            relevant = {article: grade for article, grade in judged.items() if grade > 0}
            if relevant:
                shelf.ask(collection.queries[query], relevant)
        yield shelf


def _first(scores: NDArray[np.floating]) -> list[int]:
    """Return the places of the best ones of a list, best first."""
    most = min(retrieval.CANDIDATES_PER_LIST, len(scores))
    least = np.partition(scores, -most)[-most]
    (places,) = np.nonzero(scores >= least)
    order = np.argsort(-scores[places], kind="stable")[: retrieval.CANDIDATES_PER_LIST]
    return [int(place) for place in places[order]]


def _smoothed(vectors: NDArray[np.float32], scores: NDArray[np.float64], share: float) -> NDArray[np.float64]:
    """Return scores of which so much is the mean of those of the nearest candidates."""
    likeness = vectors @ vectors.T
    np.fill_diagonal(likeness, -1.0)
    nearest = np.argsort(-likeness, axis=1)[:, :SMOOTHED_OVER]
    mixed: NDArray[np.float64] = (1 - share) * scores + share * scores[nearest].mean(axis=1)
    return mixed


def _told_apart(
    ranking: list[str], merits: Mapping[str, float], vectors: Mapping[str, NDArray[np.float32]], weight: float
) -> list[str]:
    """Return a ranking in which likeness to an article above costs an article (Carbonell and Goldstein 1998)."""
    rest, chosen = list(ranking[: 3 * TOLD_APART]), [ranking[0]]
    rest.remove(ranking[0])
    while rest and len(chosen) < TOLD_APART:
        above = np.stack([vectors[article] for article in chosen])
        best = max(rest, key=lambda article: merits[article] - weight * float((above @ vectors[article]).max()))
        chosen.append(best)
        rest.remove(best)
    return [*chosen, *rest, *ranking[3 * TOLD_APART :]]
