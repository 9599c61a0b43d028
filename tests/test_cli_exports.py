"""`ask --export` writes a file that `verify-export` reads back, with exit statuses that a script can rely on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

import assistant.embedding
from assistant.exports import ExportFormat
from tests.test_exports import SENTENCES, Shelf, edited, written
from tests.toys import HashEmbedder
from ui.cli import app

QUESTION = "How high is the duty on steel?"


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    """Return a library with one article, asked with the hash embedder."""
    embedder = HashEmbedder()
    monkeypatch.setattr(assistant.embedding, "open_embedder", lambda *_, **__: embedder)
    monkeypatch.setattr(assistant.embedding, "embedder_name", lambda _: (embedder.name, embedder.dimension))
    return Shelf(tmp_path / "data")


def run(shelf: Shelf, *arguments: object) -> Result:
    """Run one command over the library."""
    called = [*map(str, arguments), "--data", str(shelf.data_dir)]
    return CliRunner().invoke(app, called, prog_name="trade-assistant", catch_exceptions=False)


def verified(shelf: Shelf, file: Path, *, exit_code: int) -> Any:
    """Run verify-export with --json."""
    result = run(shelf, "verify-export", file, "--json")
    assert result.exit_code == exit_code, result.output
    return json.loads(result.stdout)


@pytest.mark.parametrize("suffix", ["md", "html", "docx", "json"])
def test_asked_written_and_checked(shelf: Shelf, tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"answer.{suffix}"
    asked = run(shelf, "ask", QUESTION, "--history", "What pays more?", "--strictness", "lenient", "--export", file)
    assert (asked.exit_code, asked.stderr) == (0, f"Written: {file}\n")
    assert SENTENCES[1] in asked.stdout
    record = verified(shelf, file, exit_code=0)
    assert (record["format"], record["is_unchanged"], record["altered"]) == (suffix, True, [])
    assert {one["outcome"] for one in record["citations"]} == {"unchanged"}
    assert (2, SENTENCES[1]) in [(one["answer"], one["quote"]) for one in record["citations"]]


def test_changes_are_told_in_words_and_by_the_exit_status(shelf: Shelf, tmp_path: Path) -> None:
    file = tmp_path / "answer.html"
    file.write_bytes(written(shelf.record(), ExportFormat("html")))
    unchanged = run(shelf, "verify-export", file)
    assert (unchanged.exit_code, unchanged.stdout.splitlines()[-1]) == (0, "Every quote is unchanged.")
    shelf.put(SENTENCES[0], "The duty on steel rose to 30 per cent.", SENTENCES[2])
    changed = run(shelf, "verify-export", file)
    assert changed.exit_code == 1
    assert [line.strip() for line in changed.stdout.splitlines()] == [
        "changed    [1] Steel",
        "Sample Wire · 3 February 2026 · kind of source unknown",
        "reads otherwise in version 2, the newest",
        "- The duty on steel rose to 25 per cent.",
        "+ The duty on steel rose to 30 per cent.",
        "",
        "1 of 1 quote wants a look.",
    ]


def test_tampered_quote_is_shown_beside_what_the_library_holds(shelf: Shelf, tmp_path: Path) -> None:
    file = tmp_path / "answer.json"
    file.write_bytes(written(edited(shelf.record(), quote="The duty fell.\x1b[31m"), ExportFormat("json")))
    result = run(shelf, "verify-export", file)
    assert result.exit_code == 1
    assert "file:    The duty fell.\ufffd[31m" in result.stdout
    assert "library: The duty on steel rose to 25 per cent." in result.stdout


def test_json_has_exactly_the_promised_keys(shelf: Shelf, tmp_path: Path) -> None:
    file = tmp_path / "answer.json"
    record = shelf.record()
    file.write_bytes(written(record, ExportFormat("json")))
    shelf.put(SENTENCES[0], SENTENCES[2])
    citation = record.answers[0].citations[0]
    assert verified(shelf, file, exit_code=1) == {
        "file": str(file),
        "format": "json",
        "is_unchanged": False,
        "altered": [],
        "citations": [
            {
                "answer": 1,
                "marker": 1,
                "outcome": "changed",
                "reason": "is no longer there in version 2, the newest",
                "title": "Steel",
                "publisher": "Sample Wire",
                "published": "2026-02-03",
                "url": None,
                "article_id": citation.article_id,
                "version": 1,
                "newest_version": 2,
                "start": citation.start,
                "end": citation.end,
                "quote": SENTENCES[1],
                "old": SENTENCES[1],
                "new": "",
            }
        ],
    }


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"hello", "no record"), (b"PK\x03\x04", "damaged"), (None, "No such file"), (b"{}", "no export")],
)
def test_unusable_file_is_wrong_usage(shelf: Shelf, tmp_path: Path, content: bytes | None, reason: str) -> None:
    file = tmp_path / "answer.md"
    if content is not None:
        file.write_bytes(content)
    result = run(shelf, "verify-export", file)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("Error: ") and reason in result.stderr
    assert result.stderr.count("\n") == 1


def test_folder_is_wrong_usage(shelf: Shelf, tmp_path: Path) -> None:
    assert run(shelf, "verify-export", tmp_path).exit_code == 2


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("answer.pdf", "has to end in"),
        ("answer", "has to end in"),
        ("there.md", "already"),
        ("none/a.md", "no such folder"),
    ],
)
def test_file_that_cannot_be_written_is_named_before_anything_is_asked(
    shelf: Shelf, tmp_path: Path, name: str, reason: str
) -> None:
    (tmp_path / "there.md").write_text("mine")
    result = run(shelf, "ask", QUESTION, "--export", tmp_path / name)
    assert (result.exit_code, result.stdout) == (2, "")
    assert reason in result.stderr
    assert (tmp_path / "there.md").read_text() == "mine"
