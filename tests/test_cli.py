"""What the command line promises: exact JSON, honest exit statuses, one-line errors, text that is only shown."""

from __future__ import annotations

import contextlib
import io
import json
import os
import pty
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

import assistant.embedding
from assistant.domain import (
    Answer,
    Article,
    ArticleSummary,
    Citation,
    Claim,
    Copies,
    Failure,
    Hit,
    NearestArticle,
    PartialDate,
    Passage,
    Run,
    Searched,
    SearchResult,
    Standing,
    Status,
    StoredArticle,
    Support,
    Validity,
)
from assistant.embedding import Embedder
from assistant.evaluation import EvaluationResult
from assistant.library import Library
from assistant.settings import Settings
from assistant.writer import Writer
from ingest.progress import RunState, RunStatus
from ingest.rebuild import Rebuilt
from ingest.report import Report
from ingest.sync import ingest
from tests.toys import HashEmbedder
from ui import cli_json, cli_text, serving
from ui.cli import app

ROOT = Path(__file__).resolve().parent.parent
MOMENT = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
CITATION = Citation(
    marker=1,
    article_id="a1",
    version=2,
    title="Tariffs on steel",
    publisher="Sample Wire",
    author=None,
    published=date(2026, 2, 3),
    url="https://example.org/steel",
    start=18,
    end=40,
    quote="The duty rose to 25 %.",
    standing=Standing.WIRE,
    validity=Validity(PartialDate(2026, 2, 1), PartialDate(2026, 11), "until November 2026"),
)
ANSWER = Answer(
    question="And how high is it?",
    standalone_question="How high is the duty on steel?",
    is_refusal=False,
    text="The duty rose to 25 %. [1]",
    claims=(Claim("The duty rose to 25 %.", Support.SUPPORTED, "the exact words of the source", (CITATION,)),),
    nearest=(),
    searched=Searched(12, 40, 1),
    generation=7,
    as_of=date(2026, 3, 1),
    answerer="extractive",
    timings_ms={"retrieve": 10.0, "total": 1234.0},
    notes=("The newest source cited is from 3 February 2026, 26 days old.",),
)
REFUSAL = replace(
    ANSWER,
    is_refusal=True,
    text="The indexed articles do not answer this question.",
    claims=(),
    nearest=(NearestArticle("a1", "Tariffs on steel", "Sample Wire", None, None),),
    as_of=None,
    notes=(),
)
NASTY = "[bold]red[/bold] \x1b[31m\x9b2J\x07 \u202eevil\u2069 a\tb\r\nnext :smile: \udc80"


class Cli:
    """The command line over a data directory of its own."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir

    def __call__(self, *arguments: object, data: bool = True) -> Result:
        """Run one command."""
        where = ["--data", str(self.data_dir)] if data else []
        called = [*map(str, arguments), *where]
        return CliRunner().invoke(app, called, prog_name="trade-assistant", catch_exceptions=False)

    def json(self, *arguments: object, exit_code: int = 0) -> Any:
        """Run one command with --json and return what stdout held, which must be JSON and nothing else."""
        result = self(*arguments, "--json")
        assert result.exit_code == exit_code, result.output
        assert result.stdout.count("\n") == 1
        return json.loads(result.stdout)


@pytest.fixture
def cli(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Return the command line with the hash embedder in place of the model."""
    use(HashEmbedder(), monkeypatch)
    return Cli(settings.data_dir)


@pytest.fixture
def real_cli(settings: Settings, embedder: Embedder, shared: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Return the command line with the real model, loaded once, over the shared articles."""
    use(embedder, monkeypatch)
    ingest([shared / "articles"], settings, embedder=embedder)
    return Cli(settings.data_dir)


def use(embedder: Embedder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every command open this embedder."""

    def opened(*_: object, **__: object) -> Embedder:
        return embedder

    monkeypatch.setattr(assistant.embedding, "open_embedder", opened)
    monkeypatch.setattr(assistant.embedding, "embedder_name", lambda _: (embedder.name, embedder.dimension))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with two articles."""
    path = tmp_path.resolve() / "articles"
    path.mkdir()
    (path / "tariffs.txt").write_text(
        "Tariffs on steel\n\nThe duty on steel rose to 25 per cent in March.\n", encoding="utf-8"
    )
    (path / "minerals.md").write_text(
        "---\npublisher: Sample Wire\ndate: 2026-02-03\n---\n# Minerals stay restricted\n\n"
        "Exports of gallium need a licence since 2023.\n",
        encoding="utf-8",
    )
    return path


def shown(print_it: Callable[[Console], None], *, width: int = 80) -> str:
    """Return what a console of this width shows."""
    console = Console(file=io.StringIO(), width=width, markup=False, emoji=False, highlight=False)
    print_it(console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def error_line(result: Result, exit_code: int = 1) -> str:
    """Return the one line that a failed command says on stderr; stdout is empty and there is no traceback."""
    assert (result.exit_code, result.stdout) == (exit_code, "")
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1
    return result.stderr.strip()


# JSON


def test_answer_json_has_exactly_the_promised_keys_in_order() -> None:
    assert json.dumps(cli_json.answer_json(ANSWER)) == json.dumps(
        {
            "question": "And how high is it?",
            "standalone_question": "How high is the duty on steel?",
            "is_refusal": False,
            "text": "The duty rose to 25 %. [1]",
            "claims": [
                {
                    "text": "The duty rose to 25 %.",
                    "support": "supported",
                    "reason": "the exact words of the source",
                    "citations": [
                        {
                            "marker": 1,
                            "article_id": "a1",
                            "version": 2,
                            "title": "Tariffs on steel",
                            "publisher": "Sample Wire",
                            "author": None,
                            "published": "2026-02-03",
                            "url": "https://example.org/steel",
                            "start": 18,
                            "end": 40,
                            "quote": "The duty rose to 25 %.",
                            "standing": "wire",
                            "effective": "2026-02-01",
                            "expires": "2026-11",
                            "validity_words": "until November 2026",
                        }
                    ],
                }
            ],
            "nearest": [],
            "searched": {"articles": 12, "passages": 40, "undated_left_out": 1},
            "generation": 7,
            "as_of": "2026-03-01",
            "answerer": "extractive",
            "timings_ms": {"retrieve": 10.0, "total": 1234.0},
            "sources": len({citation.article_id for citation in ANSWER.citations}),
            "copies": {},
            "comparisons": [],
            "notes": ["The newest source cited is from 3 February 2026, 26 days old."],
        }
    )


def test_refusal_json_names_the_nearest_articles() -> None:
    record = cli_json.answer_json(REFUSAL)
    assert list(record) == list(cli_json.answer_json(ANSWER))
    assert (record["is_refusal"], record["claims"], record["as_of"]) == (True, [], None)
    assert record["nearest"] == [
        {"article_id": "a1", "title": "Tariffs on steel", "publisher": "Sample Wire", "published": None, "url": None}
    ]


def test_search_json_has_exactly_the_promised_keys() -> None:
    passage = Passage(5, "a1", 2, "Tariffs on steel", ("Duties",), 18, 40, "The duty rose to 25 %.")
    assert cli_json.search_json(SearchResult("duty", 7, (Hit(passage, 0.5, 1, None),))) == {
        "query": "duty",
        "generation": 7,
        "hits": [
            {
                "article_id": "a1",
                "title": "Tariffs on steel",
                "start": 18,
                "end": 40,
                "score": 0.5,
                "text": "The duty rose to 25 %.",
            }
        ],
    }


def test_evaluation_json_has_exactly_the_promised_keys() -> None:
    assert cli_json.evaluation_json(EvaluationResult(18, 17, 4, 4, (("d05", "refused"),))) == {
        "answerable": 18,
        "answered_right": 17,
        "unanswerable": 4,
        "refused_right": 4,
        "failures": [{"id": "d05", "reason": "refused"}],
    }


def test_status_json_has_every_field_of_the_status_and_the_run() -> None:
    status = Status(
        data_dir="/data",
        generation=7,
        articles=2,
        passages=3,
        pending=1,
        publishers=1,
        undated=1,
        oldest=date(2026, 2, 3),
        newest=None,
        embedding_model="m",
        vector_directory="0001",
        failures=(Failure("/articles/x.txt", "empty", MOMENT),),
        last_run=Run(MOMENT, MOMENT, 1, 2, 3, 4, 5, 6, 7, ("a note",), 8, 9),
    )
    run = RunStatus(RunState.RUNNING, "indexing", 1, 9, "/articles/y.txt", 42, MOMENT, MOMENT, None, None)
    record = cli_json.status_json(status, run, [])
    assert list(record) == [*(field.name for field in fields(Status)), "sources", "withheld", "ingest"]
    at = "2026-03-01T12:30:00+00:00"
    assert (record["oldest"], record["newest"]) == ("2026-02-03", None)
    assert record["failures"] == [{"location": "/articles/x.txt", "reason": "empty", "at": at}]
    assert record["last_run"] == {
        "started_at": at,
        "finished_at": at,
        "added": 1,
        "changed": 2,
        "unchanged": 3,
        "removed": 4,
        "failed": 5,
        "moved": 6,
        "withheld": 7,
        "notes": ["a note"],
    }
    assert record["ingest"] == {
        "state": "running",
        "stage": "indexing",
        "done": 1,
        "total": 9,
        "location": "/articles/y.txt",
        "pid": 42,
        "started_at": at,
        "updated_at": at,
        "reason": None,
    }
    assert cli_json.status_json(replace(status, last_run=None), None, [])["ingest"] is None


def test_json_keeps_every_character_and_steers_no_terminal() -> None:
    line = cli_json.dumped({"text": f"日本 – {NASTY}"})
    assert json.loads(line) == {"text": f"日本 – {NASTY}"}
    assert "日本 –" in line
    assert not re.search("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", line)


# Text


def test_answer_is_shown_with_its_sources_and_what_was_searched() -> None:
    assert shown(lambda console: cli_text.print_answer(console, ANSWER)) == (
        "Asked: How high is the duty on steel?\n"
        "\n"
        "As of 1 March 2026, from what was published by then\n"
        "\n"
        "The duty rose to 25 %. [1]\n"
        "\n"
        "Note: The newest source cited is from 3 February 2026, 26 days old.\n"
        "\n"
        "Sources\n"
        "[1] Tariffs on steel\n"
        "    Sample Wire · 3 February 2026 · wire\n"
        "    applies 1 February 2026 – November 2026 (“until November 2026”)\n"
        "    a1, version 2, characters 18–40\n"
        "    https://example.org/steel\n"
        "\n"
        "Searched 12 articles (40 passages) · 1 undated article not searched · 1.23 s\n"
    )


def test_refusal_is_shown_with_the_nearest_articles() -> None:
    refusal = replace(REFUSAL, standalone_question=REFUSAL.question)
    assert shown(lambda console: cli_text.print_answer(console, refusal)) == (
        "The indexed articles do not answer this question.\n"
        "\n"
        "Related, not an answer\n"
        "- Tariffs on steel\n"
        "  Sample Wire · undated · a1\n"
    )


def test_claim_that_is_not_supported_is_marked_with_the_reason() -> None:
    claim = Claim("The duty rose to 30 %.", Support.PARTIAL, "30 is not in the source", (CITATION,))
    text = shown(lambda console: cli_text.print_answer(console, replace(ANSWER, claims=(claim,))))
    assert "Only partly supported: “The duty rose to 30 %.” (30 is not in the source)" in text
    supported = shown(lambda console: cli_text.print_answer(console, ANSWER))
    assert "upported" not in supported


def test_article_text_is_shown_and_never_obeyed() -> None:
    stored = StoredArticle("a1", 1, NASTY, Article(NASTY, NASTY, (), publisher=NASTY), MOMENT, None, True)
    text = shown(lambda console: cli_text.print_article(console, stored))
    assert "[bold]red[/bold]" in text
    assert ":smile:" in text
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", text)
    assert text.encode("utf-8")


def test_long_text_wraps_and_addresses_stay_whole() -> None:
    url = "https://example.org/" + "long/" * 30
    long = replace(CITATION, title="Steel " * 40, url=url)
    answer = replace(ANSWER, claims=(replace(ANSWER.claims[0], citations=(long,)),), text="word " * 60)
    lines = shown(lambda console: cli_text.print_answer(console, answer)).splitlines()
    assert [line for line in lines if len(line) > 80] == [f"    {url}"]
    assert sum(line.startswith("    Steel") for line in lines) >= 2


def test_report_says_what_a_dry_run_would_do_and_cuts_long_lists() -> None:
    added = tuple(f"/articles/{number:03}.txt" for number in range(25))
    report = Report(
        added, (), 3, ("/gone.txt",), (Failure("/bad.txt", "empty", MOMENT),), 0, ("All gone.",), 1, 0.5, True
    )
    text = shown(lambda console: cli_text.print_report(console, report))
    assert text.startswith(
        "Would be: 25 added, 0 changed, 3 unchanged, 1 removed, 1 failed\nAdded\n  /articles/000.txt\n"
    )
    assert text.endswith(
        "  /articles/019.txt\n  … and 5 more; --json lists all\n"
        "Removed\n  /gone.txt\nFailed\n  /bad.txt\n    empty\nNote: All gone.\n"
    )
    done = shown(lambda console: cli_text.print_report(console, replace(report, dry_run=False)))
    assert done.startswith("25 added, 0 changed, 3 unchanged, 1 removed, 1 failed in 0.5 s\nRemoved\n")


# Commands


@pytest.mark.parametrize(
    "command", ["", "ingest", "ask", "search", "show", "status", "chat", "rebuild", "evaluate", "prepare"]
)
def test_every_command_explains_itself(cli: Cli, command: str) -> None:
    result = cli(*command.split(), "--help", data=False)
    assert result.exit_code == 0
    assert "Usage: trade-assistant" in result.stdout
    assert ("--data" in result.stdout) == bool(command)
    assert ("--json" in result.stdout) == (command not in {"", "chat", "prepare"})


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("ask",),
        ("ask", "Why?", "--as-of", "tomorrow"),
        ("ask", "Why?", "--as-of", "2026-02-30"),
        ("ask", "Why?", "--since", "01.02.2026"),
        ("ask", "Why?", "--since", "2026-02-02", "--as-of", "2026-02-01"),
        ("ask", "Why?", "twice"),
        ("search", "duty", "-k", "0"),
        ("search", "duty", "-k", "many"),
        ("show",),
        ("show", "a1", "--version", "0"),
        ("evaluate",),
        ("chat", "--port", "0"),
        ("chat", "--port", "70000"),
        ("ingest", "--no-such-option"),
    ],
)
def test_wrong_usage_exits_with_2(cli: Cli, arguments: tuple[str, ...]) -> None:
    result = cli(*arguments, data=False)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Error" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("ask", "Why?"),
        ("search", "duty"),
        ("show", "a1"),
        ("status",),
        ("rebuild",),
        ("ingest",),
        ("evaluate", "q.jsonl"),
    ],
)
def test_command_without_a_library_says_how_to_make_one(cli: Cli, arguments: tuple[str, ...]) -> None:
    assert "trade-assistant ingest PATH" in error_line(cli(*arguments))
    assert not cli.data_dir.exists()


def test_ingest_reports_in_json(cli: Cli, folder: Path) -> None:
    (folder / "empty.txt").touch()
    (folder / "photo.jpg").touch()
    record = cli.json("ingest", folder, exit_code=1)
    assert record.pop("seconds") >= 0
    assert record == {
        "added": [str(folder / "minerals.md"), str(folder / "tariffs.txt")],
        "changed": [],
        "unchanged": 0,
        "removed": [],
        "failed": [{"location": str(folder / "empty.txt"), "reason": "the file is empty (0 bytes)"}],
        "moved": [],
        "withheld": [],
        "deferred": 0,
        "ignored": 1,
        "notes": [],
        "generation": 1,
        "dry_run": False,
    }


def test_ingest_reports_in_text_and_exits_with_1_only_if_a_file_failed(cli: Cli, folder: Path) -> None:
    result = cli("ingest", folder)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("2 added, 0 changed, 0 unchanged, 0 removed, 0 failed in ")
    (folder / "empty.txt").touch()
    result = cli("ingest")
    assert result.exit_code == 1
    assert f"Failed\n  {folder / 'empty.txt'}\n" in result.stdout


def test_dry_run_makes_no_library(cli: Cli, folder: Path) -> None:
    result = cli("ingest", folder, "--dry-run")
    assert result.exit_code == 0
    assert result.stdout.startswith("Would be: 2 added")
    assert not cli.data_dir.exists()


def test_second_ingest_is_told_who_writes(cli: Cli, folder: Path) -> None:
    writing = Writer.open(cli.data_dir, embedding_model="hash-embedder", dimension=64, chunker_version=1)
    with writing:
        assert f"process {os.getpid()} is indexing" in error_line(cli("ingest", folder))


def test_ctrl_c_says_that_what_was_indexed_is_kept(cli: Cli, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("ingest.sync.ingest", stopped)
    result = cli("ingest", folder)
    assert (result.exit_code, result.stdout) == (130, "")
    assert result.stderr.startswith("Interrupted. What was indexed so far is kept")


def test_data_folder_that_cannot_be_made_is_a_one_line_error(cli: Cli, folder: Path) -> None:
    cli.data_dir = folder / "tariffs.txt"
    assert "cannot be written" in error_line(cli("ingest", folder / "minerals.md"))


def test_full_disk_is_a_one_line_error(cli: Cli, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device", "/data/status.json")

    monkeypatch.setattr("ingest.sync.ingest", full)
    assert error_line(cli("ingest", folder)) == "Error: No space left on device: '/data/status.json'"


def test_status_counts_what_is_indexed(cli: Cli, folder: Path) -> None:
    cli("ingest", folder)
    record = cli.json("status")
    assert (record["articles"], record["undated"], record["publishers"], record["pending"]) == (2, 1, 1, 0)
    assert (record["oldest"], record["newest"]) == ("2026-02-03", "2026-02-03")
    assert record["ingest"]["state"] == "done"
    text = cli("status").stdout
    assert "2 (1 undated), 1 publisher\n" in text
    assert "Run done" not in text


def test_status_tells_of_a_run_that_was_killed(cli: Cli, folder: Path) -> None:
    cli("ingest", folder)
    path = cli.data_dir / "status.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"done"', '"running"', 1), encoding="utf-8")
    assert cli.json("status")["ingest"]["state"] == "interrupted"
    assert "Run interrupted" in cli("status").stdout


def test_show_prints_the_stored_text_of_any_version(cli: Cli, folder: Path) -> None:
    cli("ingest", folder)
    (article_id,) = {hit["article_id"] for hit in cli.json("search", "duty on steel", "-k", 1)["hits"]}
    (folder / "tariffs.txt").write_text("Tariffs on steel\n\nThe duty on steel fell again.\n", encoding="utf-8")
    cli("ingest")
    first, second = cli.json("show", article_id, "--version", 1), cli.json("show", article_id)
    assert list(first) == [
        "article_id",
        "version",
        "is_current",
        "location",
        "title",
        "publisher",
        "author",
        "published",
        "url",
        "indexed_at",
        "withdrawn_at",
        "text",
    ]
    assert (first["version"], first["is_current"], "rose to 25 per cent" in first["text"]) == (1, False, True)
    assert (second["version"], second["is_current"], "fell again" in second["text"]) == (2, True, True)
    text = cli("show", article_id).stdout
    assert text.startswith("Tariffs on steel\nFile ")
    assert "The duty on steel fell again." in text


def test_show_diff_prints_what_changed_since_a_version(cli: Cli, folder: Path) -> None:
    cli("ingest", folder)
    (article_id,) = {hit["article_id"] for hit in cli.json("search", "duty on steel", "-k", 1)["hits"]}
    nothing = cli("show", article_id, "--diff")
    text = (folder / "tariffs.txt").read_text(encoding="utf-8")
    (folder / "tariffs.txt").write_text(text.replace("duty on steel", "levy on steel"), encoding="utf-8")
    cli("ingest")
    shown, record = cli("show", article_id, "--version", 1, "--diff"), cli.json("show", article_id, "--diff")
    assert "Only white space or layout changed." in nothing.stdout
    lines = shown.stdout.splitlines()
    assert [line[:2] for line in lines if "on steel" in line and line[0] in "-+"] == ["- ", "+ "]
    assert (record["old_version"], record["new_version"], record["is_same"]) == (1, 2, False)
    marked = [piece for line in record["lines"] for piece in line["pieces"] if piece["mark"] != "same"]
    assert [(piece["mark"], piece["text"]) for piece in marked] == [("deleted", "duty "), ("inserted", "levy ")]
    assert list(record) == ["article_id", "old_version", "new_version", "is_same", "details", "lines"]


def test_answer_names_origin_and_copies_once_a_story() -> None:
    told = [
        ArticleSummary(f"a{n}", 1, f"/a{n}", "T", f"Paper {n}", None, date(2025, 11, n), None, MOMENT, 1, 1)
        for n in (1, 2, 3, 4)
    ]
    answer = replace(ANSWER, copies={"a1": Copies(told[0], tuple(told[1:]))})
    text = shown(lambda console: cli_text.print_answer(console, answer))
    assert [line.strip() for line in text.splitlines() if "Paper" in line] == [
        "Origin: Paper 1 · 1 November 2025 · a1",
        "Copy: Paper 2 · 2 November 2025 · a2",
        "Copy: Paper 3 · 3 November 2025 · a3",
        "Copy: Paper 4 · 4 November 2025 · a4",
    ]
    assert text.count("1 origin, 3 copies:") == 1
    record = cli_json.answer_json(answer)["copies"]
    assert list(record) == ["a1"]
    assert (record["a1"]["says"], record["a1"]["origin"]["article_id"]) == ("1 origin, 3 copies", "a1")
    assert [copy["published"] for copy in record["a1"]["copies"]] == ["2025-11-02", "2025-11-03", "2025-11-04"]


def test_show_of_an_unknown_article_or_version_fails(cli: Cli, folder: Path) -> None:
    cli("ingest", folder)
    (article_id,) = {hit["article_id"] for hit in cli.json("search", "duty on steel", "-k", 1)["hits"]}
    assert "'nothing'" in error_line(cli("show", "nothing"))
    assert "version 9" in error_line(cli("show", article_id, "--version", 9))


def test_search_gives_exact_spans(cli: Cli, folder: Path) -> None:
    cli("ingest", folder)
    record = cli.json("search", "duty on steel", "-k", 1)
    assert list(record) == ["query", "generation", "hits"]
    (hit,) = record["hits"]
    assert hit["text"] == cli.json("show", hit["article_id"])["text"][hit["start"] : hit["end"]]
    text = cli("search", "duty on steel").stdout
    assert text.startswith("1  Tariffs on steel\n")


def test_rebuild_reports_in_json_and_text(cli: Cli, folder: Path) -> None:
    cli("ingest", folder)
    before = cli.json("status")["vector_directory"]
    record = cli.json("rebuild")
    assert record.pop("seconds") >= 0
    assert record["vector_directory"] == cli.json("status")["vector_directory"] != before
    assert record == {
        "articles": 2,
        "passages": 2,
        "is_embedded_again": False,
        "embedded": 0,
        "mended": 0,
        "vector_directory": record["vector_directory"],
        "generation": 1,
    }
    assert list(cli_json.rebuilt_json(Rebuilt(0, 0, True, None, 0, 0.0))) == [*record, "seconds"]
    assert cli("rebuild").stdout.startswith("Made the vectors anew: 2 articles, 2 passages in ")


def test_bad_setting_is_a_one_line_error(cli: Cli, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRADE_ASSISTANT_MAX_FILE_BYTES", "lots")
    assert "TRADE_ASSISTANT_MAX_FILE_BYTES" in error_line(cli("ingest", folder))


def test_questions_that_cannot_be_read_fail(cli: Cli, folder: Path, tmp_path: Path) -> None:
    cli("ingest", folder)
    assert "missing.jsonl" in error_line(cli("evaluate", tmp_path / "missing.jsonl"))


def test_unknown_publisher_is_wrong_usage_and_lists_those_known(cli: Cli, folder: Path) -> None:
    """An unnoticed misspelling would read as "nothing was published about this"."""
    cli("ingest", folder)
    result = cli("ask", "What needs a licence?", "--publisher", "Sample Wier")
    assert error_line(result, 2) == "Error: no article is by 'Sample Wier'; publishers: Sample Wire"


def test_publisher_is_found_in_any_case(cli: Cli, folder: Path) -> None:
    cli("ingest", folder)
    assert cli.json("ask", "Which exports need a licence?", "--publisher", "sample  WIRE")["searched"]["articles"] == 1


def test_dates_and_publishers_narrow_what_is_searched(cli: Cli, folder: Path) -> None:
    cli("ingest", folder)
    record = cli.json("ask", "Which exports need a licence?", "--as-of", "2026-02-03", "--since", "2026-02-03")
    assert record["searched"] == {"articles": 1, "passages": 1, "undated_left_out": 1}
    assert record["as_of"] == "2026-02-03"
    before = cli.json("ask", "Which exports need a licence?", "--as-of", "2026-02-02")
    assert (before["is_refusal"], before["searched"]["articles"]) == (True, 0)


def test_empty_question_fails(cli: Cli, folder: Path) -> None:
    cli("ingest", folder)
    assert "empty" in error_line(cli("ask", "  "))


@pytest.mark.model
def test_ask_answers_in_quotes_that_are_the_stored_text(real_cli: Cli) -> None:
    answer = real_cli.json("ask", "How long will China delay its new export regime for critical minerals?")
    assert list(answer) == list(cli_json.answer_json(ANSWER))
    assert not answer["is_refusal"]
    assert re.search("one[- ‑–]year", answer["text"])
    citations = [citation for claim in answer["claims"] for citation in claim["citations"]]
    assert citations
    for citation in citations:
        stored = real_cli.json("show", citation["article_id"], "--version", citation["version"])
        assert stored["text"][citation["start"] : citation["end"]] == citation["quote"]


@pytest.mark.model
def test_refusal_exits_with_0(real_cli: Cli) -> None:
    result = real_cli("ask", "What is the boiling point of mercury?")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "Related, not an answer" in result.stdout


@pytest.mark.model
def test_earlier_questions_make_a_conversation(real_cli: Cli) -> None:
    earlier = "What will China delay for critical minerals?"
    answer = real_cli.json("ask", "And how long will it last?", "--history", earlier)
    assert answer["question"] == "And how long will it last?"
    assert answer["standalone_question"] != answer["question"]
    text = real_cli("ask", "And how long will it last?", "--history", earlier).stdout
    assert " ".join(text.split()).startswith(f"Asked: {answer['standalone_question']}")


@pytest.mark.model
def test_evaluation_with_misses_exits_with_0(real_cli: Cli, tmp_path: Path) -> None:
    questions = [
        {"id": "right", "kind": "unanswerable", "question": "What is the boiling point of mercury?"},
        {"id": "miss", "kind": "fact", "question": "What is the boiling point of mercury?", "must": ["357"]},
    ]
    path = tmp_path / "questions.jsonl"
    path.write_text("\n".join(map(json.dumps, questions)), encoding="utf-8")
    record = real_cli.json("evaluate", path)
    assert record.pop("failures")[0]["id"] == "miss"
    assert record == {"answerable": 1, "answered_right": 0, "unanswerable": 1, "refused_right": 1}
    assert real_cli("evaluate", path).stdout.startswith("Answered right: 0 of 1\nRefused right:  1 of 1\nmiss  refused")


# Processes


def run(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "ui.cli", *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
        env={**os.environ, **environment},
    )


def test_help_and_version_load_nothing_heavy() -> None:
    code = """if True:
        import sys
        from ui.cli import main
        sys.argv = ["trade-assistant", "--version"]
        try:
            main()
        except SystemExit as err:
            assert not err.code
        heavy = {"chromadb", "torch", "openvino", "numpy", "pydantic", "streamlit", "trafilatura", "langchain_core"}
        print(sorted(heavy & set(sys.modules)))
    """
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False)
    assert re.fullmatch(r"trade-assistant .+\n\[\]\n", result.stdout)
    assert result.stderr == ""


@pytest.mark.model
@pytest.mark.usefixtures("embedder")
def test_terminal_sees_that_something_goes_on_and_only_the_report_is_piped(tmp_path: Path, folder: Path) -> None:
    data = ("--data", str(tmp_path / "data"))
    indexing = run_with_terminal("ingest", str(folder), *data)
    assert indexing[0].startswith("2 added, ")
    assert "Publishing" in indexing[1]
    asking = run_with_terminal("ask", "How high is the duty on steel?", *data, "--json")
    assert json.loads(asking[0])["searched"]["articles"] == 2
    assert "Opening the library" in asking[1]
    assert "Traceback" not in indexing[1] + asking[1]


def run_with_terminal(*arguments: str) -> tuple[str, str]:
    """Run the command with a terminal as its stderr; return stdout and what the terminal was sent."""
    terminal, child_side = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "80"}
    process = subprocess.Popen(
        [sys.executable, "-m", "ui.cli", *arguments],
        stdout=subprocess.PIPE,
        stderr=child_side,
        cwd=ROOT,
        env=environment,
        text=True,
    )
    os.close(child_side)
    with ThreadPoolExecutor(1) as pool:
        sent = pool.submit(read_to_end, terminal)
        stdout, _ = process.communicate(timeout=120)
        return stdout, sent.result()


def read_to_end(terminal: int) -> str:
    """Return what a terminal was sent until its other side closed, which Linux reports as an error."""
    parts = []
    with open(terminal, "rb", buffering=0) as reader, contextlib.suppress(OSError):
        while part := reader.read(4096):
            parts.append(part)
    return b"".join(parts).decode("utf-8", "replace")


def test_piped_output_has_no_colour_and_the_error_no_traceback(tmp_path: Path) -> None:
    result = run("status", "--data", tmp_path / "none")
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.startswith("Error: nothing has been indexed in ")
    assert "\x1b" not in run("ingest", tmp_path / "none", "--data", tmp_path / "data").stdout


def test_reader_that_goes_away_makes_no_noise(settings: Settings, folder: Path) -> None:
    ingest([folder], settings, embedder=HashEmbedder())
    command = [sys.executable, "-m", "ui.cli", "status", "--data", str(settings.data_dir)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""


def test_terminal_that_knows_only_ascii_gets_text_all_the_same(settings: Settings, folder: Path) -> None:
    ingest([folder], settings, embedder=HashEmbedder())
    with closing(Library.open(settings.data_dir)) as library, library.snapshot() as snapshot:
        article_id = snapshot.articles()[0].article_id
    result = run("show", article_id, "--data", settings.data_dir, PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert (result.returncode, result.stderr) == (0, "")


def test_vectors_that_cannot_be_built_are_noted_and_no_failure(cli: Cli, folder: Path) -> None:
    cli.data_dir.mkdir(parents=True)
    (cli.data_dir / "vectors").write_text("in the way", encoding="utf-8")
    result = cli("ingest", folder, "--json")
    report = json.loads(result.stdout)
    assert (result.exit_code, len(report["added"]), report["failed"]) == (0, 2, [])
    assert [note.split(":")[0] for note in report["notes"]] == ["the vector index could not be built"]


# The page


def free_port() -> int:
    """Return a port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_port_in_use_says_what_to_do(cli: Cli) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        message = error_line(cli("chat", "--port", port, "--samples"))
    assert f"port {port} is in use" in message
    assert f"--port {port + 1}" in message
    assert not cli.data_dir.exists()


def test_free_port_passes_and_is_left_free() -> None:
    port = free_port()
    serving.require_free_port(port)
    with socket.create_server((serving.HOST, port)) as server:
        assert server.getsockname() == (serving.HOST, port)


def test_samples_are_indexed_once_and_only_if_nothing_is(
    cli: Cli, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served: list[tuple[int, Path]] = []
    monkeypatch.setattr(serving, "serve", lambda port, *, data_dir, open_browser: served.append((port, data_dir)))
    port = free_port()
    result = cli("chat", "--port", port, "--samples")
    assert (result.exit_code, result.stdout) == (
        0,
        f"Trade Policy Assistant: http://localhost:{port}  (Ctrl-C stops it)\n",
    )
    assert "sample articles" in result.stderr
    assert cli.json("status")["articles"] >= 8
    assert cli("chat", "--port", port, "--samples").stderr == ""
    assert served == [(port, cli.data_dir)] * 2


def test_library_of_the_users_own_gets_no_samples(cli: Cli, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "serve", lambda *_, **__: None)
    cli("ingest", folder)
    assert cli("chat", "--port", free_port(), "--samples").exit_code == 0
    assert cli.json("status")["articles"] == 2


def test_chat_serves_the_page_on_this_computer_only(tmp_path: Path) -> None:
    port = free_port()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-m", "ui.cli", "chat", "--port", str(port), "--no-browser", "--data", str(tmp_path / "data")],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert wait_for(f"http://127.0.0.1:{port}/_stcore/health") == b"ok"
        assert listening_addresses(port) <= {"127.0.0.1"}
    finally:
        process.terminate()
        output, _ = process.communicate(timeout=30)
    assert output.startswith(f"Trade Policy Assistant: http://localhost:{port}")
    assert "Traceback" not in output


def test_standing_prints_rules_publishers_and_where_to_write_ones_own(cli: Cli, folder: Path) -> None:
    empty = cli.json("standing")
    assert (empty["publishers"], empty["file"]) == ({}, str(cli.data_dir / "standing.toml"))
    assert empty["rules"][-1]["standing"] == "agency"
    cli("ingest", folder)
    (cli.data_dir / "standing.toml").write_text(
        '[[source]]\nstanding = "court"\npublishers = ["Sample *"]\n', encoding="utf-8"
    )
    record = cli.json("standing")
    assert record["publishers"] == {"Sample Wire": "court"}
    assert record["rules"] == [{"standing": "court", "publishers": ["Sample *"], "sites": []}, *empty["rules"]]
    text = cli("standing").stdout
    assert text.startswith("Publishers of the library\ncourt  Sample Wire\n")
    assert f"Your own rules: {cli.data_dir / 'standing.toml'}\n" in text


def test_standing_begins_a_table_once(cli: Cli) -> None:
    result = cli("standing", "--create")
    path = cli.data_dir / "standing.toml"
    assert (result.exit_code, path.exists()) == (0, True)
    assert str(path) in result.stderr
    path.write_text("[[source]]\n", encoding="utf-8")
    assert error_line(cli("standing")) == f"Error: {str(path)!r}, line 1: the standing is missing; " + (
        "write one of official notice, agency, court, wire, trade press, opinion, unknown"
    )


def wait_for(address: str, timeout_s: float = 60) -> bytes:
    """Return what an address answers once it does."""
    deadline = time.monotonic() + timeout_s
    while True:
        try:
            with urllib.request.urlopen(address, timeout=5) as response:
                return bytes(response.read())
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def listening_addresses(port: int) -> set[str]:
    """Return those of this computer's addresses that take connections on a port."""
    own = {"127.0.0.1", *(str(info[4][0]) for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET))}
    found = set()
    for address in own:
        with socket.socket() as probe:
            probe.settimeout(2)
            if probe.connect_ex((address, port)) == 0:
                found.add(address)
    return found
