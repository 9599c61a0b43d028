"""What the doctor promises: each kind of damage is one finding that names what to run, and nothing is written."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

import assistant.embedding
from assistant import vectors
from assistant.doctor import Finding
from assistant.library import Library
from assistant.lock import is_locked, take_lock
from assistant.settings import Settings
from ingest.catalog import FolderEntry, add_source
from ingest.checkup import checkup
from ingest.rebuild import rebuild
from ingest.sync import ingest
from tests.toys import HashEmbedder
from ui.cli import app

SUBJECTS = [
    "Writer",
    "Data folder",
    "Disk",
    "Embedding model",
    "Library file",
    "References",
    "Passages",
    "Articles",
    "Spans",
    "Full-text index",
    "Embeddings",
    "Copies",
    "Model of the library",
    "Reading",
    "Generations",
    "Rebuild",
    "Vector directory",
    "Old vector directories",
    "Failures",
    "Sources",
    "Last run",
]


@pytest.fixture(autouse=True)
def toy_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the configured model be the toy, prepared."""
    monkeypatch.setattr(assistant.embedding, "embedder_name", lambda _: (HashEmbedder.name, HashEmbedder.dimension))
    monkeypatch.setattr(assistant.embedding, "is_prepared", lambda _: True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path.resolve() / "articles"
    path.mkdir()
    for number in range(8):
        text = f"The tariff on item {number} is {number + 3} percent.\n\nMinisters agreed on item {number} in March."
        text += " They will look at it again once the talks with all neighbours of the country have come to an end."
        (path / f"{number}.md").write_text(f"# Item {number}\n\n{text}\n", encoding="utf-8")
    return path


@pytest.fixture
def indexed(settings: Settings, folder: Path) -> Settings:
    """Settings of a sound library."""
    assert len(ingest([folder], settings, embedder=HashEmbedder()).added) == 8
    return settings


def problems(settings: Settings) -> dict[str, Finding]:
    """Return what is wrong, by subject; and see that nothing was written but the lock rows of Chroma's readers."""
    before = contents(settings.data_dir)
    found = {finding.subject: finding for finding in checkup(settings) if finding.problem}
    assert contents(settings.data_dir) == before
    return found


def contents(data_dir: Path) -> dict[str, bytes | None]:
    left_out = ("chroma.sqlite3", "library.sqlite3-shm", "library.sqlite3-wal")
    return {
        str(path): path.read_bytes() for path in data_dir.rglob("*") if path.is_file() and path.name not in left_out
    }


def change(settings: Settings, *statements: str) -> None:
    with closing(sqlite3.connect(settings.data_dir / "library.sqlite3")) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def overwrite(settings: Settings, table: str) -> None:
    """Write over the first page of a table inside the file."""
    file = settings.data_dir / "library.sqlite3"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        size = connection.execute("PRAGMA page_size").fetchone()[0]
        page = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()[0]
    with file.open("r+b") as stream:
        stream.seek((page - 1) * size)
        stream.write(b"\xff" * size)


def directory(settings: Settings) -> Path:
    (found,) = (settings.data_dir / "vectors").iterdir()
    return found


def test_all_is_well_after_a_run(indexed: Settings) -> None:
    findings = checkup(indexed)
    assert [finding.subject for finding in findings] == SUBJECTS
    assert [finding for finding in findings if finding.problem or finding.remedy] == []


# What is changed in the library, what the first finding is about and says, and what mends it.
REBUILD, INGEST, AGAIN = "run `trade-assistant rebuild`", "run `trade-assistant ingest`", "move '"
CHANGES = {
    "passage lost": ("DELETE FROM passages WHERE passage_id = 3", "References", "rows of embeddings", REBUILD),
    "embedding lost": ("DELETE FROM embeddings WHERE passage_id = 3", "Passages", "but 7 embeddings", REBUILD),
    "full text lost": ("DELETE FROM passage_text WHERE rowid = 3", "Passages", "but 7 rows of full text", REBUILD),
    "passages of an old version": (
        "UPDATE articles SET live_version_id = NULL WHERE article_id = (SELECT min(article_id) FROM articles)",
        "Passages",
        "are of articles or versions that are not live",
        REBUILD,
    ),
    "start after end": (
        'UPDATE passages SET start = "end" WHERE passage_id = 3',
        "Spans",
        "passage 3 lies at",
        REBUILD,
    ),
    "end outside": ('UPDATE passages SET "end" = 9000 WHERE passage_id = 3', "Spans", "passage 3 lies", REBUILD),
    "shifted": ("UPDATE passages SET start = start + 1 WHERE passage_id = 3", "Spans", "passage 3 is not its", REBUILD),
    "headings": ("UPDATE passages SET heading = '[1' WHERE passage_id = 3", "Spans", "headings of passage 3", REBUILD),
    "other full text": (
        "UPDATE passage_text SET text = 'No.' WHERE rowid = 3",
        "Spans",
        "full text of passage 3",
        REBUILD,
    ),
    "other hash": ("UPDATE embeddings SET text_hash = 'x' WHERE passage_id = 3", "Spans", "another text", REBUILD),
    "full-text index": ("DELETE FROM passage_text_data WHERE id > 10", "Full-text index", "does not agree", REBUILD),
    "zero vector": (
        "UPDATE embeddings SET vector = zeroblob(256) WHERE passage_id = 3",
        "Embeddings",
        "1 of 8 are not 64 finite numbers of norm 1",
        REBUILD,
    ),
    "short vector": ("UPDATE embeddings SET vector = x'00' WHERE passage_id = 3", "Embeddings", "1 of 8", REBUILD),
    "text changed": (
        "UPDATE versions SET text = 'x' || text WHERE version_id = 3",
        "Articles",
        "what was indexed",
        AGAIN,
    ),
    "blocks outside": (
        "UPDATE versions SET blocks = '[[\"paragraph\", 0, 99999, 0]]' WHERE version_id = 3",
        "Articles",
        "is not what was indexed",
        AGAIN,
    ),
    "story not kept": ("DELETE FROM tellings WHERE version_id = 3", "Copies", "1 texts that are compared", REBUILD),
    "stories not kept": (
        "DELETE FROM tellings; DELETE FROM stories; DELETE FROM story_bands",
        "Copies",
        "8 articles are not compared with others",
        REBUILD,
    ),
    "stories of another version": ("UPDATE stories SET scheme = '0'", "Copies", "as another version does", REBUILD),
    "story of another text": ("UPDATE stories SET text_hash = 'x' WHERE story_id = 3", "Copies", "1 articles", REBUILD),
    "story lost": ("DELETE FROM stories WHERE story_id = 3", "Copies", "a text that is not there", REBUILD),
    "story not indexed": ("DELETE FROM story_bands WHERE story_id = 3", "Copies", "places in the index", REBUILD),
    "half a pair of copies": ("INSERT INTO copies VALUES (3, 4)", "Copies", "1 pairs of copies", REBUILD),
    "other model": ("UPDATE meta SET embedding_model = 'x'", "Model of the library", "embedded with x,", REBUILD),
    "other chunker": ("UPDATE meta SET chunker_version = 0", "Reading", "cut by chunker 0", REBUILD),
    "older parser": ("UPDATE articles SET parser_version = 0", "Reading", "8 articles were read by an earlier", INGEST),
    "generation": ("UPDATE meta SET generation = 0", "Generations", "a change is of generation 1", REBUILD),
    "stopped rebuild": ("UPDATE meta SET staged_model = 'y'", "Rebuild", "a rebuild with y was stopped", REBUILD),
    "no vectors": ("UPDATE meta SET vector_directory = NULL", "Vector directory", "there is none", REBUILD),
    "other passages": (
        "UPDATE meta SET vector_last_id = 3",
        "Vector directory",
        "5 that the library does not know",
        REBUILD,
    ),
    "failure": (
        "INSERT INTO failures (location, reason, at) VALUES ('/x.pdf', 'no text', '2026-01-01T00:00:00+00:00')",
        "Failures",
        "'/x.pdf' first: no text",
        "run `trade-assistant ingest --retry`",
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_damage_inside_the_library_is_named_with_what_mends_it(name: str, indexed: Settings) -> None:
    statement, subject, problem, remedy = CHANGES[name]
    change(indexed, *statement.split("; "))
    found = problems(indexed)
    assert subject in found
    assert problem in found[subject].problem
    assert found[subject].remedy.startswith(remedy)


@pytest.mark.parametrize("name", [name for name, change in CHANGES.items() if change[3] is REBUILD])
def test_what_it_says_to_run_mends_it(name: str, indexed: Settings) -> None:
    change(indexed, *CHANGES[name][0].split("; "))
    rebuild(indexed, embedder=HashEmbedder())
    assert problems(indexed) == {}


def write_over(path: Path) -> None:
    path.write_bytes(os.urandom(path.stat().st_size))


VECTOR_DAMAGES: dict[str, Callable[[Path], object]] = {
    "directory gone": shutil.rmtree,
    "seal gone": lambda path: (path / vectors.SEAL_NAME).unlink(),
    "vectors garbled": lambda path: write_over(next(path.rglob("data_level0.bin"))),
    "database garbled": lambda path: write_over(path / "chroma.sqlite3"),
}


@pytest.mark.parametrize("name", VECTOR_DAMAGES)
def test_damaged_vector_directory_is_found_and_mended_by_the_command(name: str, indexed: Settings) -> None:
    VECTOR_DAMAGES[name](directory(indexed))
    found = problems(indexed)
    assert list(found) == ["Vector directory"]
    assert (found["Vector directory"].remedy, "answers are right" in found["Vector directory"].problem) == (
        REBUILD,
        True,
    )
    rebuild(indexed, embedder=HashEmbedder())
    assert problems(indexed) == {}


def test_publish_while_the_vectors_are_looked_at_is_no_damage(
    indexed: Settings, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Path] = []
    original = vectors.VectorIndex

    def published_meanwhile(path: Path) -> vectors.VectorIndex:
        opened.append(path)
        if len(opened) == 1:
            (folder / "new.md").write_text("# New\n\nThe tariff on tin is 9 percent.\n", encoding="utf-8")
            monkeypatch.setattr(vectors, "VectorIndex", original)
            ingest([], indexed, embedder=HashEmbedder())
            monkeypatch.setattr(vectors, "VectorIndex", published_meanwhile)
        return original(path)

    monkeypatch.setattr(vectors, "VectorIndex", published_meanwhile)
    assert [finding for finding in checkup(indexed) if finding.problem] == []
    assert [path.is_dir() for path in opened] == [False, True]


def test_vectors_that_are_not_the_librarys_are_found(indexed: Settings) -> None:
    with closing(sqlite3.connect(indexed.data_dir / "library.sqlite3")) as connection:
        first, second = (row[0] for row in connection.execute("SELECT vector FROM embeddings LIMIT 2"))
        connection.execute("UPDATE embeddings SET vector = ? WHERE vector = ?", (first, second))
        connection.commit()
    assert "1 of 8 vectors in it are not the library's" in problems(indexed)["Vector directory"].problem


def test_directory_that_nobody_uses_is_found_and_cleared_by_the_next_run(indexed: Settings) -> None:
    shutil.copytree(directory(indexed), directory(indexed).with_name("0000-left"))
    assert problems(indexed)["Old vector directories"].remedy == INGEST
    ingest([], indexed, embedder=HashEmbedder())
    assert problems(indexed) == {}


def no_database(settings: Settings) -> None:
    (settings.data_dir / "library.sqlite3").write_text("This is a letter, not a database.\n" * 40)


def newer(settings: Settings) -> None:
    change(settings, "PRAGMA user_version = 99")


def older(settings: Settings) -> None:
    change(settings, "PRAGMA user_version = 1")


def cut_short(settings: Settings) -> None:
    os.truncate(settings.data_dir / "library.sqlite3", 20_000)


def emptied(settings: Settings) -> None:
    shutil.rmtree(settings.data_dir)
    settings.data_dir.mkdir()


def meta_gone(settings: Settings) -> None:
    change(settings, "DELETE FROM meta")


UNREADABLE: dict[str, tuple[Callable[[Settings], None], str, str]] = {
    "no database": (no_database, "damaged", AGAIN),
    "newer schema": (newer, "written by a newer version", "upgrade the program"),
    "older schema": (older, "has schema 1", INGEST),
    "cut short": (cut_short, "damaged", AGAIN),
    "empty folder": (emptied, "nothing has been indexed", "run `trade-assistant ingest PATH`"),
    "articles garbled": (lambda settings: overwrite(settings, "versions"), "damaged", AGAIN),
    "passages garbled": (lambda settings: overwrite(settings, "passages"), "all articles are whole", REBUILD),
    "meta gone": (meta_gone, "", AGAIN),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_library_that_cannot_be_read_is_one_finding(name: str, indexed: Settings) -> None:
    spoil, problem, remedy = UNREADABLE[name]
    spoil(indexed)
    ((subject, finding),) = problems(indexed).items()
    assert subject.startswith("Library")
    assert problem in finding.problem
    assert finding.remedy.startswith(remedy)


def test_file_whose_articles_are_whole_is_saved_by_the_command(indexed: Settings) -> None:
    overwrite(indexed, "passages")
    rebuild(indexed, embedder=HashEmbedder())
    assert problems(indexed) == {}


def test_data_folder_that_is_a_file_is_named(settings: Settings) -> None:
    settings.data_dir.write_text("a file")
    assert "is not a folder" in problems(settings)["Data folder"].problem


def test_log_that_was_lost_leaves_the_library_of_before(indexed: Settings) -> None:
    (indexed.data_dir / "library.sqlite3-wal").unlink(missing_ok=True)
    assert problems(indexed) == {}


def test_it_works_beside_a_writer_and_says_so(indexed: Settings) -> None:
    lock = take_lock(indexed.data_dir, 0)
    try:
        writer = next(finding for finding in checkup(indexed) if finding.subject == "Writer")
        assert (writer.problem, f"process {os.getpid()} is writing" in writer.seen) == ("", True)
        assert is_locked(indexed.data_dir) == os.getpid()
    finally:
        os.close(lock)


def test_run_that_was_killed_is_found(indexed: Settings) -> None:
    status = indexed.data_dir / "status.json"
    record = json.loads(status.read_text(encoding="ascii"))
    status.write_text(json.dumps(record | {"state": "running"}), encoding="ascii")
    found = problems(indexed)["Last run"]
    assert "the process ended before the run was done" in found.problem
    assert found.remedy.startswith(INGEST)


def test_source_whose_folder_is_gone_and_list_that_cannot_be_read(indexed: Settings, tmp_path: Path) -> None:
    add_source(indexed.data_dir, FolderEntry(name="desk", path=tmp_path / "unmounted"))
    assert "source 'desk' cannot be read" in problems(indexed)["Sources"].problem
    (indexed.data_dir / "sources.toml").write_text("[[source]\n", encoding="utf-8")
    assert "sources.toml" in problems(indexed)["Sources"].problem


def test_command_prints_a_line_each_and_its_exit_status_says_whether_all_is_well(indexed: Settings) -> None:
    arguments = ["doctor", "--data", str(indexed.data_dir)]
    well = CliRunner().invoke(app, arguments)
    assert (well.exit_code, well.stdout.splitlines()[-1]) == (0, "All is well.")
    record = json.loads(CliRunner().invoke(app, [*arguments, "--json"]).stdout)
    assert (record["is_well"], [finding["subject"] for finding in record["findings"]]) == (True, SUBJECTS)
    change(indexed, "UPDATE meta SET staged_model = 'y'")
    unwell = CliRunner().invoke(app, arguments)
    assert (unwell.exit_code, unwell.stdout.splitlines()[-1]) == (1, "1 problem found.")
    assert f"rebuild --data {indexed.data_dir}" in " ".join(unwell.stdout.split())
    with closing(Library.open(indexed.data_dir)) as library, library.snapshot() as snapshot:
        assert snapshot.generation == 1
