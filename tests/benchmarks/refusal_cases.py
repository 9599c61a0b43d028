"""Questions that a library answers and questions that it does not, as the evidence the product found for them.

Data recipe: every paragraph of the SQuAD 2.0 development set is indexed by the product itself. A question with an
answer is asked as it is, with the paragraph that answers it hidden, and with its whole article hidden; the questions
written to have no answer (they ask what their article comes near to) are asked over all paragraphs. Articles are cut
in two halves, by the order of the SHA-256 of their titles: the model is chosen and fitted on one, and reported on the
other. Our own questions come in halves as well, in `tests/data/refusal` and `tests/data/genres`.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.assistant import PASSAGES_PER_QUESTION
from assistant.domain import Filters, Passage
from assistant.embedding import Embedder
from assistant.evidence import Evidence, weigh
from assistant.library import Library, Snapshot
from assistant.retrieval import Retriever
from assistant.settings import load_settings
from assistant.vectors import DenseSearch
from ingest.sync import ingest
from tests.benchmarks.corpora import index_articles, read_relevant
from tests.benchmarks.records import first_records

AS_IT_IS = "as it is"
ARTICLE_MISSING = "article missing"
PARAGRAPH_MISSING = "paragraph missing"
ADVERSARIAL = "SQuAD adversarial"
TRAP = "near-topic trap"
CASES = (ARTICLE_MISSING, PARAGRAPH_MISSING, ADVERSARIAL)
SEED = 7
ROOT = Path(__file__).resolve().parents[2]
OWN = (ROOT / "tests" / "data" / "refusal", ROOT / "tests" / "data" / "genres")
SAMPLES = ROOT / "ingest" / "samples"


@dataclass(frozen=True, slots=True)
class Example:
    """The evidence for one question; `article` is what it is about, so that folds can be cut by it."""

    case: str
    article: str
    is_answerable: bool
    evidence: Evidence


def squad_examples(
    folder: Path, embedder: Embedder, *, choosing: bool, questions: int, adversarial: int
) -> Iterator[Example]:
    """Yield the evidence of up to `questions` answerable ones three times, and of up to `adversarial` others.

    Both are drawn evenly from the articles of one half: the one to choose and fit on, or the one to report on.
    """
    corpus = first_records(folder / "corpus.jsonl")
    titles = {record["_id"]: record["title"] for record in corpus}
    known = _read_questions(folder, titles)
    half = halves(known)[0 if choosing else 1]
    drawn = _drawn({title: known[title] for title in half}, questions, adversarial)
    with tempfile.TemporaryDirectory() as directory:
        index_articles(Path(directory), embedder, corpus)
        library = Library.open(Path(directory))
        dense = DenseSearch(Path(directory))
        with library.snapshot() as snapshot:
            asking = _Asking(snapshot, dense, embedder, titles)
            for title, question in drawn:
                yield from asking.examples(title, question)
        dense.close()
        library.close()


def own_examples(embedder: Embedder, *, choosing: bool) -> Iterator[Example]:
    """Yield the evidence for one half of our own questions: half ask what our articles say, half what they only touch.

    Articles of no collection: the samples, and fourteen written for this, seven for the questions of either half.
    """
    with tempfile.TemporaryDirectory() as directory:
        settings = load_settings(data_dir=Path(directory))
        ingest([*OWN, SAMPLES], settings, embedder=embedder)
        library, dense = Library.open(Path(directory)), DenseSearch(Path(directory))
        with library.snapshot() as snapshot:
            retriever = Retriever(embedder, dense)
            name = "questions-dev.jsonl" if choosing else "questions-held.jsonl"
            for record in (record for folder in OWN for record in first_records(folder / name)):
                found = retriever.retrieve(
                    snapshot,
                    record["question"],
                    limit=PASSAGES_PER_QUESTION,
                    filters=Filters(),
                    each_story_once=True,
                )
                evidence = weigh(record["question"], found, snapshot)
                yield Example(TRAP, record["about"], record["kind"] != "unanswerable", evidence)
        dense.close()
        library.close()


def halves(titles: Collection[str]) -> tuple[list[str], list[str]]:
    """Return the titles to choose and fit on, and those to report on."""
    ordered = sorted(titles, key=lambda title: hashlib.sha256(title.encode()).hexdigest())
    return ordered[::2], ordered[1::2]


@dataclass(frozen=True, slots=True)
class _SquadQuestion:
    text: str
    gold: str | None


def _read_questions(folder: Path, titles: Mapping[str, str]) -> dict[str, list[_SquadQuestion]]:
    """Return the questions of each article. They stand in its order, those without an answer among the others."""
    relevant = read_relevant(folder / "qrels_test.tsv")
    questions: dict[str, list[_SquadQuestion]] = {}
    title = ""
    for record in first_records(folder / "queries.jsonl"):
        gold = next(iter(relevant.get(record["_id"], ())), None)
        title = titles[gold] if gold else title
        questions.setdefault(title, []).append(_SquadQuestion(record["text"], gold))
    return questions


def _drawn(
    known: Mapping[str, Sequence[_SquadQuestion]], questions: int, adversarial: int
) -> list[tuple[str, _SquadQuestion]]:
    random = np.random.default_rng(SEED)
    drawn = []
    for title, of_article in known.items():
        shuffled = [of_article[place] for place in random.permutation(len(of_article))]
        answerable = [question for question in shuffled if question.gold]
        others = [question for question in shuffled if not question.gold]
        chosen = answerable[: questions // len(known)] + others[: adversarial // len(known)]
        drawn += [(title, question) for question in chosen]
    return drawn


class _Asking:
    """Asks a library whose passages can be hidden."""

    def __init__(self, snapshot: Snapshot, dense: DenseSearch, embedder: Embedder, titles: Mapping[str, str]) -> None:
        self._hiding = _Hiding(snapshot, dense)
        self._retriever = Retriever(embedder, self._hiding)  # type: ignore[arg-type]
        paragraphs: dict[str, list[int]] = {}
        articles: dict[str, list[int]] = {}
        location = {article.article_id: article.location for article in snapshot.articles()}
        for passage in snapshot.passages(snapshot.live().tolist()):
            paragraph = location[passage.article_id]
            paragraphs.setdefault(paragraph, []).append(passage.passage_id)
            articles.setdefault(titles[paragraph], []).append(passage.passage_id)
        self._paragraphs, self._articles = paragraphs, articles

    def examples(self, title: str, question: _SquadQuestion) -> Iterator[Example]:
        if question.gold is None:
            yield Example(ADVERSARIAL, title, False, self._evidence(question.text, ()))
            return
        yield Example(AS_IT_IS, title, True, self._evidence(question.text, ()))
        hidden = self._paragraphs[question.gold]
        yield Example(PARAGRAPH_MISSING, title, False, self._evidence(question.text, hidden))
        yield Example(ARTICLE_MISSING, title, False, self._evidence(question.text, self._articles[title]))

    def _evidence(self, question: str, hidden: Collection[int]) -> Evidence:
        self._hiding.hidden = frozenset(hidden)
        snapshot: Any = self._hiding
        found = self._retriever.retrieve(
            snapshot, question, limit=PASSAGES_PER_QUESTION, filters=Filters(), each_story_once=True
        )
        return weigh(question, found, snapshot)


class _Hiding:
    """A snapshot and its dense search as they would be without some passages; everything else is the snapshot's."""

    def __init__(self, snapshot: Snapshot, dense: DenseSearch) -> None:
        self._snapshot = snapshot
        self._dense = dense
        self.hidden: frozenset[int] = frozenset()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._snapshot, name)

    def search(
        self, _: Snapshot, vector: NDArray[np.float32], *, limit: int, filters: Filters
    ) -> list[tuple[int, float]]:
        return self._kept(self._dense.search(self._snapshot, vector, limit=limit + len(self.hidden), filters=filters))[
            :limit
        ]

    def lexical(
        self, terms: Sequence[str], *, limit: int, filters: Filters, prefixes: Sequence[str] = ()
    ) -> list[tuple[int, float]]:
        found = self._snapshot.lexical(terms, limit=limit + len(self.hidden), filters=filters, prefixes=prefixes)
        return self._kept(found)[:limit]

    def passages(self, passage_ids: Sequence[int]) -> list[Passage]:
        return self._snapshot.passages([one for one in passage_ids if one not in self.hidden])

    def _kept(self, ranked: list[tuple[int, float]]) -> list[tuple[int, float]]:
        return [(passage_id, score) for passage_id, score in ranked if passage_id not in self.hidden]
