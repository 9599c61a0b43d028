"""The answerable SQuAD questions, cut in two by article, and a library of all paragraphs to ask them of.

Every second article in the order of the titles belongs to the half that weights are chosen on (`develops`), the others
to the half that is reported. All 1,204 paragraphs are indexed either way, so both halves are asked of one pool.
"""

from __future__ import annotations

import re
import string
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assistant.assistant import PASSAGES_PER_QUESTION
from assistant.domain import Filters
from assistant.embedding import Embedder
from assistant.evidence import Evidence, weigh
from assistant.library import Library, Snapshot
from assistant.retrieval import Retrieved, Retriever
from assistant.vectors import DenseSearch
from tests.benchmarks.corpora import index_articles, read_relevant
from tests.benchmarks.records import first_records

SEED = 20_251_122


@dataclass(frozen=True, slots=True)
class GoldQuestion:
    """A question with its accepted answers and the title of the article that answers it."""

    question_id: str
    text: str
    answers: tuple[str, ...]
    article: str


@dataclass(frozen=True, slots=True)
class Pool:
    """All paragraphs, open for asking."""

    snapshot: Snapshot
    retriever: Retriever

    def retrieve(self, question: str) -> Retrieved:
        """Find passages as the assistant does."""
        return self.retriever.retrieve(self.snapshot, question, limit=PASSAGES_PER_QUESTION, filters=Filters())

    def weigh(self, question: str) -> Evidence:
        """Find and weigh as the assistant does."""
        return weigh(question, self.retrieve(question), self.snapshot)


def sample(folder: Path, count: int, *, develops: bool) -> list[GoldQuestion]:
    """Return at most `count` questions of one half, drawn with a fixed seed."""
    title_of = {record["_id"]: record["title"] for record in first_records(folder / "corpus.jsonl")}
    relevant = read_relevant(folder / "qrels_test.tsv")
    questions = [
        GoldQuestion(record["_id"], record["text"], tuple(record["answers"]), title_of[min(relevant[record["_id"]])])
        for record in first_records(folder / "queries.jsonl")
        if record["answerable"] and record["answers"]
    ]
    titles = sorted({question.article for question in questions})
    half = [question for question in questions if (titles.index(question.article) % 2 == 0) == develops]
    return [half[place] for place in np.random.default_rng(SEED).permutation(len(half))[:count]]


@contextmanager
def open_pool(folder: Path, embedder: Embedder, *, paragraphs: int | None = None) -> Iterator[Pool]:
    """Index every paragraph, or the first ones, by the product's own writer in a folder that is removed at the end."""
    with tempfile.TemporaryDirectory(prefix="trade-assistant-squad-") as directory:
        index_articles(Path(directory), embedder, first_records(folder / "corpus.jsonl", paragraphs))
        library, dense = Library.open(Path(directory)), DenseSearch(Path(directory))
        try:
            with library.snapshot() as snapshot:
                yield Pool(snapshot, Retriever(embedder, dense))
        finally:
            dense.close()
            library.close()


_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)


def holds(text: str, answers: Sequence[str]) -> bool:
    """Say whether a text holds one of the answers as whole words, both normalised as SQuAD's own script does."""
    padded = f" {normalised(text)} "
    return any(f" {wanted} " in padded for answer in answers if (wanted := normalised(answer)))


def normalised(text: str) -> str:
    """Return a text in lower case without punctuation, English articles and repeated white space."""
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split())
