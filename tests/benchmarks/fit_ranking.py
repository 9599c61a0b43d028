"""Choose the weights of the ranking on judgements that are not reported: SciFact's training queries, half of SQuAD.

    python -m tests.benchmarks.fit_ranking [--data ../shared]

What each candidate of each query has is gathered once through the product's own ingest; then every combination of
weights ranks it. The half of SQuAD are the questions on articles whose title has an even sha256. Printed are the ten
best by nDCG@10 of the one plus Hits@1 of the other, and the weights that `assistant/retrieval.py` has.
Vectors are remembered from run to run; then trying the 72 combinations takes the most time, minutes on one core.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant import retrieval
from assistant.domain import Filters
from assistant.embedding import Embedder
from assistant.library import Library, Snapshot
from assistant.ranking import MEASURES, measures
from assistant.retrieval import CANDIDATES_PER_LIST, CANDIDATES_READ, FIRST_PER_LIST, Retriever
from assistant.settings import load_settings
from assistant.text import search_terms
from assistant.vectors import DenseSearch
from assistant.wording import Wording
from ingest.collection import Collection, indexed, read_collection
from ingest.progress import Progress
from tests.benchmarks.remembered import open_remembering_embedder
from tests.benchmarks.report_ranking import Told

ROOT = Path(__file__).resolve().parents[2]
# Candidates whose wording and sentences are gathered: more than are read, as other weights put others first.
GATHERED = 30


@dataclass(frozen=True, slots=True)
class Weights:
    """The constants of `assistant/retrieval.py`."""

    bm25_scale: float = retrieval.BM25_SCALE
    best_sentence: float = retrieval.BEST_SENTENCE_WEIGHT
    coverage: float = retrieval.COVERAGE_WEIGHT
    order: float = retrieval.ORDER_WEIGHT
    feedback: float = retrieval.FEEDBACK_WEIGHT


GRID = [
    Weights(*values)
    for values in itertools.product((40.0, 60.0, 80.0), (0.5, 0.7), (0, 0.1, 0.2), (0, 0.1, 0.2), (0.15, 0.25))
]


@dataclass(frozen=True, slots=True)
class Candidates:
    """The candidates of a query, those with sentences and wording first: one row each; `relevant` grades articles."""

    articles: tuple[str, ...]
    cosines: NDArray[np.float32]
    bm25: NDArray[np.float64]
    vectors: NDArray[np.float32]
    is_first: NDArray[np.bool_]
    gains: NDArray[np.float64]
    coverage: NDArray[np.float64]
    order: NDArray[np.float64]
    relevant: Mapping[str, int]


def main() -> None:
    """Gather, try every combination, print the best."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared")
    folder = parser.parse_args().data / "bench" / "data"
    embedder = open_remembering_embedder()
    scifact = list(gathered(read_collection(folder / "scifact", split="train"), embedder))
    embedder.save()
    squad = list(gathered(only(read_collection(folder / "squad"), is_developed), embedder))
    embedder.save()
    print(f"{len(scifact)} queries of SciFact, {len(squad)} of SQuAD")
    tried = sorted(
        ((_mean(scifact, one)[0], _mean(squad, one)[1], one) for one in GRID), key=lambda row: -row[0] - row[1]
    )
    for ndcg, hits, weights in [*tried[:10], (_mean(scifact, Weights())[0], _mean(squad, Weights())[1], Weights())]:
        print(f"SciFact nDCG@10 {ndcg:.4f}  SQuAD Hits@1 {hits:.4f}  {weights}")


def gathered(collection: Collection, embedder: Embedder) -> Iterator[Candidates]:
    """Yield what the candidates of each judged query have."""
    told = Told("gathering")
    with indexed(collection, load_settings(), embedder=embedder, on_progress=told) as (assistant, names):
        data_dir = Path(assistant.status().data_dir)
        with (
            closing(DenseSearch(data_dir)) as dense,
            closing(Library.open(data_dir)) as library,
            library.snapshot() as snapshot,
        ):
            retriever = Retriever(embedder, dense)
            for number, (query, judged) in enumerate(collection.judgements.items(), start=1):
                told(Progress("asking", number, len(collection.judgements)))
                relevant = {article: grade for article, grade in judged.items() if grade > 0}
                if relevant:
                    yield _gathered(collection.queries[query], relevant, names, retriever, dense, snapshot)


def is_developed(title: str) -> bool:
    """Say whether the questions on a SQuAD article of this title are among those that weights are chosen on."""
    return int(hashlib.sha256(title.encode()).hexdigest(), 16) % 2 == 0


def only(collection: Collection, is_wanted: Callable[[str], bool]) -> Collection:
    """Return a collection with the judgements on articles whose title is wanted."""

    def is_chosen(judged: Mapping[str, int]) -> bool:
        return is_wanted(next(collection.articles[article][0] for article, grade in judged.items() if grade > 0))

    chosen = {query: judged for query, judged in collection.judgements.items() if is_chosen(judged)}
    return replace(collection, judgements=chosen)


def ranked(candidates: Candidates, weights: Weights) -> list[str]:
    """Return the articles as `Retriever.retrieve` would rank them with these weights."""
    scores = candidates.cosines + candidates.bm25 / weights.bm25_scale
    scores += weights.feedback * retrieval._feedback(candidates.vectors, scores)
    read = np.arange(min(GATHERED, len(scores)))
    places = retrieval._best_places(scores[read], candidates.is_first[read], CANDIDATES_READ)
    scores[places] += (
        weights.best_sentence * candidates.gains[places]
        + weights.coverage * candidates.coverage[places]
        + weights.order * candidates.order[places]
    )
    return list(dict.fromkeys(candidates.articles[place] for place in np.argsort(-scores, kind="stable")))


def _gathered(
    query: str,
    relevant: Mapping[str, int],
    names: Mapping[str, str],
    retriever: Retriever,
    dense: DenseSearch,
    snapshot: Snapshot,
) -> Candidates:
    vector = retriever.embedder.embed([query])[0]
    near = dense.search(snapshot, vector, limit=CANDIDATES_PER_LIST, filters=Filters())
    lexical = snapshot.lexical(search_terms(query), limit=CANDIDATES_PER_LIST, filters=Filters())
    scores = dict(lexical)
    passages = snapshot.passages(list(dict.fromkeys([*dict(near), *scores])))
    vectors = snapshot.vectors([passage.passage_id for passage in passages])
    cosines = np.einsum("ij,j->i", vectors, vector)
    bm25 = np.array([scores.get(passage.passage_id, 0.0) for passage in passages])
    by_score = np.argsort(-(cosines + bm25 / retrieval.BM25_SCALE), kind="stable")
    passages, vectors, cosines, bm25 = (
        [passages[place] for place in by_score],
        vectors[by_score],
        cosines[by_score],
        bm25[by_score],
    )
    firsts = {passage_id for best in (near, lexical) for passage_id, _ in best[:FIRST_PER_LIST]}
    read, wording = passages[:GATHERED], Wording.of(query, snapshot)
    units = retriever.reader.read(snapshot, read)
    return Candidates(
        articles=tuple(names[passage.article_id] for passage in passages),
        cosines=cosines,
        bm25=bm25,
        vectors=vectors,
        is_first=np.array([passage.passage_id in firsts for passage in passages]),
        gains=np.array(
            [retrieval._best(vector, of, cosine) - cosine for of, cosine in zip(units, cosines, strict=False)]
        ),
        coverage=np.array([wording.coverage(passage) for passage in read]),
        order=np.array([wording.order(passage) for passage in read]),
        relevant=relevant,
    )


def _mean(queries: Sequence[Candidates], weights: Weights) -> tuple[float, float]:
    """Return the mean nDCG@10 and Hits@1."""
    rows = np.array([measures(ranked(candidates, weights), candidates.relevant) for candidates in queries])
    means = dict(zip(MEASURES, map(float, rows.mean(axis=0)), strict=True))
    return means["ndcg@10"], means["hits@1"]


if __name__ == "__main__":
    main()
