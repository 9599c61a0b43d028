"""Test collections of information retrieval: articles, queries and judgements in a folder, as BEIR lays them out.

`corpus.jsonl` holds {"_id", "title", "text"} a line, `queries.jsonl` {"_id", "text"}, `qrels_test.tsv` a header and
then query id, article id and grade. A collection is indexed as any folder of articles is: written out as files, read
by the parsers, cut into passages, embedded, committed.
"""

from __future__ import annotations

import html
import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.assistant import Assistant
from assistant.errors import EvaluationError
from assistant.ranking import DEPTH, RankingResult, score_rankings
from assistant.settings import Settings
from ingest.progress import Progress
from ingest.sync import ingest

if TYPE_CHECKING:
    from assistant.embedding import Embedder

# Passages asked for, so that enough articles come of them: an article may have several in a list.
_PASSAGES = 2 * DEPTH


@dataclass(frozen=True, slots=True)
class Collection:
    """`articles` maps ids to (title, text), `queries` ids to texts, `judgements` query ids to article ids to grades."""

    articles: dict[str, tuple[str, str]]
    queries: dict[str, str]
    judgements: dict[str, dict[str, int]]


def read_collection(folder: Path, *, split: str = "test") -> Collection:
    """Read a collection with the judgements `qrels_{split}.tsv`; articles without a text are left out.

    Raises EvaluationError, naming file and line, for what cannot be used.
    """
    articles = {
        record["_id"]: (record.get("title", "").replace("_", " ").strip(), record["text"])
        for record in _records(folder / "corpus.jsonl")
        if record["text"].strip()
    }
    queries = {record["_id"]: record["text"] for record in _records(folder / "queries.jsonl")}
    judgements = _judgements(folder / f"qrels_{split}.tsv")
    where = folder / f"qrels_{split}.tsv"
    unknown = sorted(set(judgements) - set(queries))
    if unknown:
        raise EvaluationError(f"{where} judges a query that there is not: {unknown[0]!r}")
    if not any(grade > 0 for judged in judgements.values() for grade in judged.values()):
        raise EvaluationError(f"{where}: no query has a relevant article")
    return Collection(articles, queries, judgements)


def evaluate_ranking(
    collection: Collection,
    settings: Settings,
    *,
    embedder: Embedder | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> RankingResult:
    """Index a collection in a folder of its own, ask every judged query, and compare the rankings.

    The library of `settings` is not touched. Raises EvaluationError if an article could not be read.
    """
    with indexed(collection, settings, embedder=embedder, on_progress=on_progress) as (assistant, names):
        rankings = {}
        for number, query in enumerate(sorted(collection.judgements), start=1):
            rankings[query] = ranked_articles(assistant, collection.queries[query], names)
            if on_progress is not None:
                on_progress(Progress("asking", number, len(collection.judgements)))
    return score_rankings(rankings, collection.judgements, articles=len(collection.articles))


@contextmanager
def indexed(
    collection: Collection,
    settings: Settings,
    *,
    embedder: Embedder | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> Iterator[tuple[Assistant, dict[str, str]]]:
    """Give an assistant over the indexed collection, and the id of each article by the library's id of it.

    What was written is deleted at the end. Raises EvaluationError if an article could not be read.
    """
    with tempfile.TemporaryDirectory(prefix="trade-assistant-") as scratch:
        folder = Path(scratch) / "articles"
        ids = _written(collection, folder)
        own = settings.model_copy(update={"data_dir": Path(scratch) / "data"})
        report = ingest([folder], own, embedder=embedder, on_progress=on_progress)
        if report.failed:
            first = report.failed[0]
            raise EvaluationError(
                f"{len(report.failed)} articles could not be read, the first {ids[Path(first.location).name]!r}: "
                f"{first.reason}"
            )
        assistant = Assistant.open(own, embedder=embedder)
        try:
            assistant.prepare()
            yield (
                assistant,
                {summary.article_id: ids[Path(summary.location).name] for summary in assistant.articles()},
            )
        finally:
            assistant.close()


def ranked_articles(assistant: Assistant, query: str, names: dict[str, str]) -> list[str]:
    """Return the ids of articles in the order of their best passages."""
    hits = assistant.search(query, limit=_PASSAGES).hits
    return list(dict.fromkeys(names[hit.passage.article_id] for hit in hits))


def _written(collection: Collection, folder: Path) -> dict[str, str]:
    """Write each article as a web page, which states its title apart from its text; return the ids by file name."""
    folder.mkdir()
    names = {}
    for number, (article_id, (title, text)) in enumerate(collection.articles.items()):
        path = folder / f"{number:07}.html"
        shown = html.escape(title)
        path.write_text(
            f"<!doctype html><html><head><meta charset='utf-8'><title>{shown}</title></head><body><article>"
            f"<h1>{shown}</h1><p>{html.escape(text)}</p></article></body></html>",
            encoding="utf-8",
        )
        names[path.name] = article_id
    return names


def _records(path: Path) -> Iterator[dict[str, Any]]:
    for number, line in _lines(path):
        try:
            record = json.loads(line)
            if not (isinstance(record["_id"], str) and isinstance(record["text"], str)):
                raise TypeError("_id and text must be strings")
        except (ValueError, KeyError, TypeError) as err:
            raise EvaluationError(f"{path}, line {number} is no record of the expected form: {err}") from err
        yield record


def _judgements(path: Path) -> dict[str, dict[str, int]]:
    judgements: dict[str, dict[str, int]] = {}
    for number, line in _lines(path):
        fields = line.split("\t")
        if number == 1 and not fields[-1].strip().isdigit():
            continue
        try:
            query, article, grade = fields[0], fields[-2], int(fields[-1])
        except (IndexError, ValueError) as err:
            raise EvaluationError(f"{path}, line {number} is no judgement: query, article and grade by tabs") from err
        judgements.setdefault(query, {})[article] = grade
    return judgements


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield number, line
    except OSError as err:
        raise EvaluationError(f"cannot read {str(path)!r}: {err.strerror}") from err
    except UnicodeDecodeError as err:
        raise EvaluationError(f"cannot read {str(path)!r}: it is not UTF-8 text") from err
