"""Trials of the ranking start from what the product does: the same order, the same BM25, no change without cause."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from assistant.assistant import Assistant
from assistant.domain import Filters
from assistant.library import Library
from assistant.settings import load_settings
from assistant.text import search_terms
from ingest.collection import Collection, indexed, ranked_articles
from tests.benchmarks.ranking_trials import AS_IT_IS, FAMILIES, Shelf, Way, opened
from tests.benchmarks.word_index import WordIndex, WordWeights
from tests.toys import HashEmbedder

GOODS = ("zinc", "lead", "cocoa", "cement", "lumber", "barley", "glass", "rubber", "copper", "paper", "silk", "wool")
QUERIES = {
    "q0": "quota on cocoa from Chinese ports",
    "q1": "Which importers of rubber must register their licences, and what did one importer say?",
    "q2": "glass levy of heading 7005.30",
    "q3": "duties raised on copper and paper",
}


def text(number: int, good: str) -> str:
    other = GOODS[(number + 5) % len(GOODS)]
    said = [
        f"The ministry raised duties on {good} to {number + 3} per cent, more than on {other}.",
        f"Importers of {good} must register their licences at the ports before {2001 + number}.",
        f"Heading {6999 + number}.30 came after heading 30.{6999 + number}, which had no quota.",
        f"Exporters in China called the quota on {other} and the levy on {good} a surprise.",
    ]
    # Long enough for several passages, which some of the ways are about.
    return "\n\n".join(" ".join(said[turn:] + said[:turn]) * 4 for turn in range(number % 4 + 1))


COLLECTION = Collection(
    articles={f"d{number}": (f"Levy on {good}", text(number, good)) for number, good in enumerate(GOODS)},
    queries=QUERIES,
    judgements={query: {f"d{number}": 1} for number, query in enumerate(QUERIES)},
)


@pytest.fixture(scope="module")
def shelf() -> Iterator[Shelf]:
    with opened(COLLECTION, HashEmbedder(), name="toys") as shelf:
        yield shelf


@pytest.fixture(scope="module")
def product() -> Iterator[tuple[Assistant, dict[str, str]]]:
    with indexed(COLLECTION, load_settings(), embedder=HashEmbedder()) as product:
        yield product


def ranked(shelf: Shelf, way: Way) -> list[list[str]]:
    return [shelf.ranked(asked, way) for asked in shelf.asked]


def test_trial_without_a_change_ranks_as_the_product_does(
    shelf: Shelf, product: tuple[Assistant, dict[str, str]]
) -> None:
    assert len(shelf) > len(GOODS)
    assistant, names = product
    expected = [ranked_articles(assistant, QUERIES[query], names) for query in sorted(QUERIES)]
    assert ranked(shelf, AS_IT_IS) == expected


def test_settings_that_say_nothing_change_nothing(shelf: Shelf) -> None:
    silent = Way(terms=5, neighbours=0.0, read_each=1_000, feedback_each=1_000)
    assert ranked(shelf, silent) == ranked(shelf, AS_IT_IS)


def test_every_way_ranks_the_same_articles_each_once(shelf: Shelf) -> None:
    for name, ways in FAMILIES.items():
        for way in ways.values():
            for ranking in ranked(shelf, way):
                assert sorted(set(ranking)) == sorted(ranking), name
                assert set(ranking) <= set(COLLECTION.articles), name


def test_each_idea_changes_something_somewhere(shelf: Shelf) -> None:
    usual = ranked(shelf, AS_IT_IS)
    strong = [Way(title_twice=True), Way(title=2.0), Way(neighbours=2.0), Way(length=2.0), Way(second=0.9)]
    strong += [Way(temperature=1.0), Way(apart=2.0), Way(smoothed=0.9), Way(terms=10, terms_weight=5.0)]
    strong += [Way(words=WordWeights(k1=50.0, b=1.0))]
    assert [way for way in strong if ranked(shelf, way) == usual] == []


def test_words_weigh_as_sqlite_weighs_them(product: tuple[Assistant, dict[str, str]]) -> None:
    assistant, _ = product
    with closing(Library.open(Path(assistant.status().data_dir))) as library, library.snapshot() as snapshot:
        ids: Sequence[int] = [int(passage_id) for passage_id in snapshot.live()]
        index = WordIndex(snapshot.passages(ids), "porter")
        for question in QUERIES.values():
            terms = search_terms(question)
            theirs = dict(snapshot.lexical(terms, limit=len(ids), filters=Filters()))
            ours = index.scores(index.phrases(terms), WordWeights())
            assert theirs
            assert ours == pytest.approx(np.array([theirs.get(passage_id, 0.0) for passage_id in ids]), abs=1e-6)
