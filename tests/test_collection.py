"""Test collections: read as they are laid out, indexed by the product's own ingest, ranked, refused with the line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from assistant.errors import EvaluationError
from assistant.ranking import MEASURES
from assistant.settings import Settings
from ingest.collection import evaluate_ranking, indexed, ranked_articles, read_collection
from tests.test_cli import use
from tests.toys import HashEmbedder
from ui.cli import app

GOODS = (
    "zinc",
    "lead",
    "cocoa",
    "tinplate",
    "cement",
    "lumber",
    "barley",
    "glass",
    "rubber",
    "copper",
    "paper",
    "silk",
)


def record(number: int, good: str) -> dict[str, Any]:
    return {
        "_id": f"d{number}",
        "title": f"Levy on {good} <b>& others</b>",
        "text": f"The ministry raised the levy on {good} to {number + 3} per cent. Importers of {good} must register.",
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a collection of twelve articles with a query for each, the last of which was never judged."""
    path = tmp_path / "collection"
    path.mkdir()
    corpus = [record(number, good) for number, good in enumerate(GOODS)]
    queries = [{"_id": f"q{number}", "text": f"levy on {good}"} for number, good in enumerate(GOODS)]
    judged = [f"q{number}\td{number}\t1" for number in range(len(GOODS) - 1)]
    lay(path, corpus, queries, ["query-id\tcorpus-id\tscore", *judged])
    return path


def lay(path: Path, corpus: list[Any], queries: list[Any], judged: list[str]) -> None:
    for name, lines in (
        ("corpus.jsonl", map(json.dumps, corpus)),
        ("queries.jsonl", map(json.dumps, queries)),
        ("qrels_test.tsv", judged),
    ):
        (path / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_collection_is_read_as_it_is_laid_out(folder: Path) -> None:
    with (folder / "corpus.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"_id": "empty", "title": "Without a text", "text": "  "}\n')
        file.write('{"_id": "untitled", "text": "A text alone."}\n')
    (folder / "qrels_train.tsv").write_text("q1\td0\t0\nq1\td1\t2\n", encoding="utf-8")
    collection = read_collection(folder, split="train")
    assert collection.judgements == {"q1": {"d0": 0, "d1": 2}}
    assert len(collection.articles) == len(GOODS) + 1
    assert collection.articles["untitled"] == ("", "A text alone.")
    assert collection.queries["q11"] == "levy on silk"


def test_articles_are_indexed_whole_with_their_titles_and_found_by_their_ids(folder: Path, settings: Settings) -> None:
    collection = read_collection(folder)
    with indexed(collection, settings, embedder=HashEmbedder()) as (assistant, ids):
        assert sorted(ids.values()) == sorted(collection.articles)
        for article_id, name in ids.items():
            article = assistant.article(article_id).article
            assert (article.title, collection.articles[name][1] in article.text) == (collection.articles[name][0], True)
        ranking = ranked_articles(assistant, "levy on cocoa", ids)
        assert (ranking[0], len(ranking)) == ("d2", len(set(ranking)))
        library = Path(assistant.status().data_dir)
        assert library.exists()
    assert not library.exists()
    assert not settings.data_dir.exists()


def test_ranking_is_compared_with_what_was_judged(folder: Path, settings: Settings) -> None:
    done: list[tuple[str, int, int]] = []
    result = evaluate_ranking(
        read_collection(folder),
        settings,
        embedder=HashEmbedder(),
        on_progress=lambda progress: done.append((progress.stage, progress.done, progress.total)),
    )
    assert (result.queries, result.articles, result.means["hits@1"]) == (11, 12, 1.0)
    assert done[-1] == ("asking", 11, 11)


def test_command_prints_the_measures_as_json(folder: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    use(HashEmbedder(), monkeypatch)
    result = CliRunner().invoke(app, ["evaluate", str(folder), "--data", str(settings.data_dir)])
    assert result.exit_code == 0, result.output
    printed = json.loads(result.stdout)
    assert list(printed) == [*MEASURES, "intervals", "queries", "articles"]
    assert (printed["ndcg@10"], printed["intervals"]["ndcg@10"], printed["queries"]) == (1.0, [1.0, 1.0], 11)


def broken(folder: Path, name: str, text: str) -> str:
    (folder / name).write_text(text, encoding="utf-8")
    with pytest.raises(EvaluationError) as refusal:
        read_collection(folder)
    return str(refusal.value)


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("corpus.jsonl", '{"_id": "a", "text": "x"}\n{"_id": "b"}\n', "corpus.jsonl, line 2 is no record"),
        ("corpus.jsonl", '{"_id": 1, "text": "x"}\n', "corpus.jsonl, line 1 is no record"),
        ("queries.jsonl", "\n{\n", "queries.jsonl, line 2 is no record"),
        ("queries.jsonl", "[]\n", "queries.jsonl, line 1 is no record"),
        ("queries.jsonl", '{"_id": "q1", "text": "levy"}\n', "judges a query that there is not: 'q0'"),
        ("qrels_test.tsv", "query-id\tcorpus-id\tscore\nq1\td1\tmuch\n", "qrels_test.tsv, line 2 is no judgement"),
        ("qrels_test.tsv", "q1 d1\n", "no query has a relevant article"),
        ("qrels_test.tsv", "q1\td1\t0\n", "no query has a relevant article"),
    ],
)
def test_file_that_cannot_be_used_is_named_with_its_line(folder: Path, name: str, text: str, reason: str) -> None:
    assert reason in broken(folder, name, text)


def test_missing_file_is_named(folder: Path) -> None:
    with pytest.raises(EvaluationError, match=r"cannot read .*qrels_dev\.tsv"):
        read_collection(folder, split="dev")
    (folder / "queries.jsonl").unlink()
    with pytest.raises(EvaluationError, match=r"cannot read .*queries\.jsonl"):
        read_collection(folder)
