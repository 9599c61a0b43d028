"""What a rebuild promises: another model comes in whole or not at all, nothing is embedded twice, damage is mended.

Killed processes are real ones; the toy embedders write down every text they embed.
"""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from assistant import vectors
from assistant.assistant import Assistant
from assistant.domain import Article, Filters, PassageSpan
from assistant.errors import LibraryError, LibraryLocked, LibraryMismatch, LibraryMissing
from assistant.library import Library
from assistant.settings import Settings
from assistant.staging import Staging
from ingest import embedding_step
from ingest import rebuild as rebuilding
from ingest.chunk import CHUNKER_VERSION, passages
from ingest.progress import Progress
from ingest.rebuild import rebuild
from ingest.sync import ingest
from tests.toys import HashEmbedder

ROOT = Path(__file__).resolve().parent.parent
QUESTION = "What is the tariff on item 7?"


class Logged(HashEmbedder):
    """A hash embedder that remembers its texts."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.texts += texts
        return super().embed(texts)


class Turned(Logged):
    """Another model of the same dimension: its vectors are those of the first with their columns in another order."""

    name = "turned-embedder"

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.ascontiguousarray(np.roll(super().embed(texts), 1, axis=1))


class Wide(Logged):
    """Another model of another dimension."""

    name = "wide-embedder"
    dimension = 96


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path.resolve() / "articles"
    path.mkdir()
    for number in range(12):
        write(path, number)
    return path


def write(folder: Path, number: int) -> Path:
    file = folder / f"{number:02d}.md"
    text = f"The tariff on item {number} is {number + 3} percent.\n\nMinisters agreed on item {number} in March."
    file.write_text(f"# Item {number}\n\n{text}\n", encoding="utf-8")
    return file


@pytest.fixture
def indexed(settings: Settings, folder: Path) -> Settings:
    """Settings of a library made with the first toy."""
    assert len(ingest([folder], settings, embedder=HashEmbedder()).added) == 12
    return settings


def state(settings: Settings) -> dict[str, object]:
    """Return what an answer depends on: every passage by where it lies, with its hash of embedding and model."""
    with closing(Library.open(settings.data_dir)) as library, library.snapshot() as snapshot:
        ids = snapshot.live()
        rows = zip(snapshot.passages(ids.tolist()), snapshot.vectors(ids), strict=True)
        return {
            "model": snapshot.embedding_model,
            "dimension": snapshot.dimension,
            "pending": len(snapshot.pending()) if snapshot.vector_directory else None,
            "passages": {
                (passage.article_id, passage.version, passage.start, passage.end, passage.text): vector.tobytes()
                for passage, vector in rows
            },
        }


def expected(settings: Settings, folder: Path, model: HashEmbedder, fresh: Path) -> dict[str, object]:
    """Return the state of a library that was made with a model from the start."""
    new = settings.model_copy(update={"data_dir": fresh})
    ingest([folder], new, embedder=model)
    return state(new)


def staged(settings: Settings) -> int:
    with closing(sqlite3.connect(settings.data_dir / "library.sqlite3")) as connection:
        return int(connection.execute("SELECT count(*) FROM staged_embeddings").fetchone()[0])


def damage(settings: Settings, *statements: str) -> None:
    with closing(sqlite3.connect(settings.data_dir / "library.sqlite3")) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def test_nothing_is_embedded_and_no_generation_made_where_all_is_well(indexed: Settings, folder: Path) -> None:
    before = state(indexed)
    for file in folder.iterdir():
        file.unlink()
    embedder = Logged()
    done = rebuild(indexed, embedder=embedder)
    assert (done.articles, done.is_embedded_again, done.mended, done.embedded) == (12, False, 0, 0)
    assert (done.generation, embedder.texts, state(indexed)) == (1, [], before)
    assert str(done.vector_directory).startswith("0002-")


@pytest.mark.parametrize("model", [Turned, Wide])
def test_another_model_gives_what_it_would_have_given_from_the_start(
    model: type[Logged], indexed: Settings, folder: Path, tmp_path: Path
) -> None:
    embedder = model()
    with pytest.raises(LibraryMismatch, match="trade-assistant rebuild"):
        ingest([folder], indexed, embedder=embedder)
    done = rebuild(indexed, embedder=embedder)
    assert (done.is_embedded_again, done.generation, done.embedded) == (True, 2, len(set(embedder.texts)))
    assert len(embedder.texts) == len(set(embedder.texts))
    assert state(indexed) == expected(indexed, folder, model(), tmp_path / "fresh")
    assert staged(indexed) == 0


def test_rebuild_reports_how_far_it_is(indexed: Settings) -> None:
    seen: list[Progress] = []
    rebuild(indexed, embedder=Turned(), on_progress=seen.append)
    assert [(step.stage, step.done, step.total) for step in seen] == [
        *(("embedding", number, 12) for number in range(1, 13)),
        ("publishing", 0, 0),
    ]


def test_old_state_answers_until_the_swap_and_never_an_error(
    indexed: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rebuilding, "BATCH_PASSAGES", 2)
    before = state(indexed)
    seen: list[bool] = []

    class Watched(Turned):
        def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
            seen.append(state(indexed) == before)
            return super().embed(texts)

    rebuild(indexed, embedder=Watched())
    assert len(seen) > 3
    assert all(seen)
    assert state(indexed) != before


def test_killed_rebuild_goes_on_where_it_was(indexed: Settings, folder: Path, tmp_path: Path) -> None:
    """Kill it at each of its commits in turn; between two of them an ingest with the old model adds an article."""
    log = tmp_path / "embedded.jsonl"
    before = state(indexed)
    for _ in range(3):
        killed = start(indexed, log, die_after=2)
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        assert state(indexed) == before
    assert staged(indexed) == 6 * 2
    write(folder, 12)
    report = ingest([folder], indexed, embedder=HashEmbedder())
    assert (len(report.added), state(indexed)["model"]) == (1, "hash-embedder")
    done = start(indexed, log, die_after=None)
    assert done.returncode == 0, done.stderr
    embedded = [text for line in log.read_text(encoding="utf-8").splitlines() for text in json.loads(line)]
    assert len(embedded) == len(set(embedded)) == len(state(indexed)["passages"])  # type: ignore[arg-type]
    assert state(indexed) == expected(indexed, folder, Turned(), tmp_path / "fresh")


@pytest.mark.parametrize("moment", ["before the swap", "before the vectors"])
def test_rebuild_killed_late_embeds_nothing_again(moment: str, indexed: Settings, folder: Path, tmp_path: Path) -> None:
    log = tmp_path / "embedded.jsonl"
    killed = start(indexed, log, die_after=None, die_at=moment)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert state(indexed)["model"] == ("hash-embedder" if moment == "before the swap" else "turned-embedder")
    embedder = Turned()
    assert rebuild(indexed, embedder=embedder).articles == 12
    assert embedder.texts == []
    assert state(indexed) == expected(indexed, folder, Turned(), tmp_path / "fresh")


def start(
    settings: Settings, log: Path, *, die_after: int | None, die_at: str = ""
) -> subprocess.CompletedProcess[str]:
    """Rebuild with the turned model in a process of its own that logs its texts and kills itself."""
    arguments = [str(settings.data_dir), str(log), str(die_after or 0), die_at]
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", "from tests.test_rebuild import child; child()", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )


def child() -> None:
    """Run in a process of its own: commit two texts at a time, and die by SIGKILL after so many commits."""
    from assistant.settings import load_settings
    from assistant.writer import Writer

    data_dir, log, die_after, die_at = sys.argv[1:]
    vars(rebuilding)["BATCH_PASSAGES"] = 2
    add, swap, publish = Staging.add, Writer.swap, Writer.publish_vectors
    commits = 0

    def die() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    class Written(Turned):
        def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
            with Path(log).open("a", encoding="utf-8") as file:
                file.write(json.dumps(list(texts)) + "\n")
            return super().embed(texts)

    def counted(self: Staging, added: dict[str, NDArray[np.float32]]) -> None:
        nonlocal commits
        add(self, added)
        commits += 1
        if commits == int(die_after):
            die()

    def late_swap(self: Writer, recut: object) -> int:
        if die_at == "before the swap":
            die()
        return swap(self, recut)  # type: ignore[arg-type]

    def late_publish(self: Writer, *, force: bool = False) -> str | None:
        if die_at == "before the vectors":
            die()
        return publish(self, force=force)

    Staging.add, Writer.swap, Writer.publish_vectors = counted, late_swap, late_publish  # type: ignore[method-assign, assignment]
    rebuild(load_settings(data_dir=data_dir), embedder=Written())


def test_change_of_mind_drops_what_was_staged(indexed: Settings, tmp_path: Path) -> None:
    assert start(indexed, tmp_path / "log", die_after=2).returncode == -signal.SIGKILL
    assert staged(indexed) == 4
    wide = Wide()
    assert rebuild(indexed, embedder=wide).embedded == len(set(wide.texts)) == len(wide.texts)
    assert (state(indexed)["model"], staged(indexed)) == ("wide-embedder", 0)


def test_going_back_to_the_model_of_before_embeds_nothing(indexed: Settings, tmp_path: Path) -> None:
    before = state(indexed)
    assert start(indexed, tmp_path / "log", die_after=2).returncode == -signal.SIGKILL
    embedder = Logged()
    rebuild(indexed, embedder=embedder)
    assert (embedder.texts, state(indexed), staged(indexed)) == ([], before, 0)


def test_another_chunker_embeds_only_texts_that_are_not_known(
    indexed: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = state(indexed)
    monkeypatch.setattr(embedding_step, "CHUNKER_VERSION", CHUNKER_VERSION + 1)
    with pytest.raises(LibraryMismatch, match="rebuild"):
        ingest([], indexed, embedder=HashEmbedder())
    embedder = Logged()
    assert rebuild(indexed, embedder=embedder).is_embedded_again
    assert (embedder.texts, state(indexed)) == ([], before)


def test_chunker_that_cuts_one_article_otherwise_embeds_only_its_new_passages(
    indexed: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut = passages

    def shorter(article: Article) -> list[PassageSpan]:
        first, *others = cut(article)
        if article.title != "Item 7":
            return [first, *others]
        return [PassageSpan(first.start, first.end - 1, first.heading), *others]

    monkeypatch.setattr(embedding_step, "CHUNKER_VERSION", CHUNKER_VERSION + 1)
    monkeypatch.setattr(rebuilding, "passages", shorter)
    embedder = Logged()
    done = rebuild(indexed, embedder=embedder)
    assert (done.embedded, len(embedder.texts)) == (1, 1)
    assert "Item 7" in embedder.texts[0]


DAMAGES = {
    "a passage lost": ["DELETE FROM passages WHERE passage_id = 3"],
    "an embedding lost": ["DELETE FROM embeddings WHERE passage_id = 3"],
    "a row of full text lost": ["DELETE FROM passage_text WHERE rowid = 3"],
    "a row of full text changed": ["UPDATE passage_text SET text = 'Ministers resigned.' WHERE rowid = 3"],
    "an offset shifted": ["UPDATE passages SET start = start + 1 WHERE passage_id = 3"],
    "an embedding of zeros": ["UPDATE embeddings SET vector = zeroblob(length(vector)) WHERE passage_id = 3"],
    "an embedding cut short": ["UPDATE embeddings SET vector = x'00000000' WHERE passage_id = 3"],
    "the hash of another text": ["UPDATE embeddings SET text_hash = 'other' WHERE passage_id = 3"],
    "headings garbled": ["UPDATE passages SET heading = '[1' WHERE passage_id = 3"],
    "passages of no article": [
        "INSERT INTO passages VALUES (900, 77, 0, 5, '[]')",
        "INSERT INTO passage_text (rowid, title, heading, text) VALUES (900, 'tariff', '', 'tariff on item 7')",
        "INSERT INTO embeddings SELECT 900, text_hash, vector FROM embeddings WHERE passage_id = 1",
    ],
    "the full-text index emptied": ["DELETE FROM passage_text_idx", "DELETE FROM passage_text_data WHERE id > 10"],
    "a generation too low": ["UPDATE meta SET generation = 0"],
}


@pytest.mark.parametrize("name", DAMAGES)
def test_damage_to_what_is_derived_from_articles_is_mended(name: str, indexed: Settings) -> None:
    before, ask = state(indexed), answer_of(indexed)
    damage(indexed, *DAMAGES[name])
    done = rebuild(indexed, embedder=HashEmbedder())
    assert (done.articles, state(indexed)) == (12, before)
    assert answer_of(indexed) == ask
    damage(indexed, "INSERT INTO passage_text (passage_text, rank) VALUES ('integrity-check', 0)")


@pytest.mark.parametrize("table", ["passages", "embeddings", "passage_text_content", "passages_by_version"])
def test_articles_of_a_damaged_file_are_saved(table: str, indexed: Settings) -> None:
    before, asked = state(indexed), answer_of(indexed)
    damage(indexed)
    overwrite(indexed, table)
    embedder = Logged()
    with closing(Library.open(indexed.data_dir)) as opened_before:
        done = rebuild(indexed, embedder=embedder)
        with opened_before.snapshot() as snapshot:
            assert snapshot.generation == done.generation > 1
    assert (done.articles, len(embedder.texts)) == (12, 12 if table == "embeddings" else 0)
    assert (state(indexed), answer_of(indexed)) == (before, asked)
    assert len(ingest([], indexed, embedder=HashEmbedder()).added) == 0


@pytest.mark.parametrize("step", ["_copy_kept", "_give_up_if_held", "checkpoint"])
def test_nothing_is_lost_when_saving_articles_is_killed_beside_a_reader(
    step: str, indexed: Settings, folder: Path
) -> None:
    overwrite(indexed, "embeddings")
    with closing(Library.open(indexed.data_dir)) as library:
        with library.snapshot() as snapshot:
            # Readers keep what is committed now from being folded into the file.
            before = len(snapshot.articles())
            damage(indexed, "UPDATE versions SET title = 'Committed beside a reader' WHERE version_id = 1")
            killed = subprocess.run([sys.executable, "-c", KILLED_SALVAGE, str(indexed.data_dir), step], cwd=ROOT)
            assert (killed.returncode, len(snapshot.articles())) == (-signal.SIGKILL, before)
        with library.snapshot() as snapshot:
            assert "Committed beside a reader" in {article.title for article in snapshot.articles()}
        rebuild(indexed, embedder=HashEmbedder())
        with library.snapshot() as snapshot:
            titles = {article.title for article in snapshot.articles()}
    assert (len(titles), "Committed beside a reader" in titles) == (12, True)
    assert not list(indexed.data_dir.glob("*.new*"))


KILLED_SALVAGE = """
import os, signal, sys
from pathlib import Path
from assistant import database
from assistant.writer import Writer

setattr(database, sys.argv[2], lambda *_: os.kill(os.getpid(), signal.SIGKILL))
Writer.salvage(Path(sys.argv[1]))
"""


def overwrite(settings: Settings, table: str) -> None:
    """Overwrite the first page of a table or an index in the file."""
    file = settings.data_dir / "library.sqlite3"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        page = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()[0]
        size = connection.execute("PRAGMA page_size").fetchone()[0]
    with file.open("r+b") as stream:
        stream.seek((page - 1) * size)
        stream.write(b"\xff" * size)


def test_damaged_articles_are_said_and_nothing_is_touched(indexed: Settings) -> None:
    file = indexed.data_dir / "library.sqlite3"
    overwrite(indexed, "versions")
    content = file.read_bytes()
    with pytest.raises(LibraryError, match="damaged: `trade-assistant doctor`"):
        rebuild(indexed, embedder=HashEmbedder())
    assert file.read_bytes() == content


def answer_of(settings: Settings) -> tuple[bool, list[str]]:
    """Return whether a question is refused and what is quoted."""
    with closing(Assistant.open(settings, embedder=HashEmbedder())) as assistant:
        answer = assistant.ask(QUESTION)
        found = assistant.search("Ministers agreed on item 3", limit=5, filters=Filters())
        return answer.is_refusal, [citation.quote for citation in answer.citations] + [
            hit.passage.text for hit in found.hits
        ]


@pytest.mark.parametrize("file", ["data_level0.bin", vectors.SEAL_NAME, "chroma.sqlite3"])
def test_damaged_vector_directory_is_made_anew(file: str, indexed: Settings) -> None:
    asked = answer_of(indexed)
    damaged = next((indexed.data_dir / "vectors").rglob(file))
    damaged.write_bytes(os.urandom(damaged.stat().st_size))
    assert answer_of(indexed) == asked
    rebuild(indexed, embedder=HashEmbedder())
    with closing(Library.open(indexed.data_dir)) as library:
        assert vectors.status_of(library, indexed.data_dir).vectors_problem == ""
    assert answer_of(indexed) == asked


def test_one_writer_at_a_time(indexed: Settings) -> None:
    class Nested(Turned):
        def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
            with pytest.raises(LibraryLocked, match=str(os.getpid())):
                ingest([], indexed, embedder=HashEmbedder())
            return super().embed(texts)

    assert rebuild(indexed, embedder=Nested()).is_embedded_again


def test_rebuild_without_a_library_says_how_to_make_one(settings: Settings) -> None:
    with pytest.raises(LibraryMissing, match="ingest"):
        rebuild(settings, embedder=HashEmbedder())
    assert not settings.data_dir.exists()
