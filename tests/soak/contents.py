"""All that a library holds, in a form that does not depend on how it came to hold it, and a check of the whole."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant import database
from assistant.database import Connection, path_from_column
from assistant.domain import embedded_text
from assistant.library import Library
from assistant.records import text_hash
from assistant.vectors import FOLDER_NAME, VectorIndex, status_of
from tests.toys import HashEmbedder

# What may lie in a data directory when no run is at work.
ALLOWED = {
    *("library.sqlite3", "library.sqlite3-wal", "library.sqlite3-shm", "LOCK", "status.json", "vectors"),
    *("sources.toml", "sources.lock"),
}


@dataclass(frozen=True, slots=True)
class StoredPassage:
    """A live passage with what it was embedded as."""

    start: int
    end: int
    heading: tuple[str, ...]
    text: str
    text_hash: str
    vector: bytes


@dataclass(frozen=True, slots=True)
class Stored:
    """An article: its versions as (number, content hash, text), which is live, its passages in order."""

    versions: tuple[tuple[int, str, str], ...]
    live: int | None
    passages: tuple[StoredPassage, ...]


def contents(data_dir: Path) -> dict[str, Stored]:
    """Return every article by the name of its file, withdrawn ones too."""
    with _reading(data_dir) as connection:
        articles = connection.execute("SELECT article_id, location, live_version_id FROM articles").fetchall()
        return {
            Path(path_from_column(location)).name: Stored(
                tuple(
                    connection.execute(
                        "SELECT version, content_hash, text FROM versions WHERE article_id = ? ORDER BY version", (id_,)
                    )
                ),
                connection.execute("SELECT max(version) FROM versions WHERE version_id = ?", (live,)).fetchone()[0],
                tuple(_passages(connection, live)),
            )
            for id_, location, live in articles
        }


def stored_hashes(data_dir: Path) -> set[str]:
    """Return the hash of every text whose embedding is stored; none before there is a library."""
    if not (data_dir / database.FILE_NAME).is_file():
        return set()
    with _reading(data_dir) as connection:
        return {digest for (digest,) in connection.execute("SELECT text_hash FROM embeddings")}


def check(data_dir: Path) -> None:
    """See that the library is consistent in itself and that Chroma holds what it should. Raises AssertionError."""
    with _reading(data_dir) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        live = connection.execute("SELECT live_version_id FROM articles WHERE live_version_id IS NOT NULL").fetchall()
        withdrawn = connection.execute(
            "SELECT location FROM articles WHERE (live_version_id IS NULL) != (withdrawn_at IS NOT NULL)"
        ).fetchall()
        assert withdrawn == []
        counts = {
            table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("passages", "embeddings", "passage_text")
        }
        passages = [passage for (version,) in live for passage in _passages(connection, version, is_checked=True)]
    assert counts == dict.fromkeys(counts, len(passages))
    _check_vectors(data_dir)


def leftovers(data_dir: Path) -> list[str]:
    """Return what no run should leave behind: files beside those of a library, vector directories it does not name."""
    with closing(Library.open(data_dir)) as library, library.snapshot() as snapshot:
        named = snapshot.vector_directory
    unknown = [path.name for path in data_dir.iterdir() if path.name not in ALLOWED]
    folder = data_dir / FOLDER_NAME
    return sorted(unknown + [path.name for path in folder.iterdir() if path.name != named])


def _passages(connection: Connection, version: int | None, *, is_checked: bool = False) -> Iterator[StoredPassage]:
    row = connection.execute("SELECT title, text FROM versions WHERE version_id = ?", (version,)).fetchone()
    rows = connection.execute(
        'SELECT p.start, p."end", p.heading, t.text, e.text_hash, e.vector FROM passages p '
        "JOIN embeddings e USING (passage_id) JOIN passage_text t ON t.rowid = p.passage_id "
        "WHERE p.version_id = ? ORDER BY p.passage_id",
        (version,),
    )
    for start, end, heading, text, digest, vector in rows:
        passage = StoredPassage(start, end, tuple(json.loads(heading)), text, digest, vector)
        if is_checked:
            _check_passage(passage, *row)
        yield passage


def _check_passage(passage: StoredPassage, title: str, article_text: str) -> None:
    assert passage.text == article_text[passage.start : passage.end]
    embedded = embedded_text(title, passage.heading, passage.text)
    assert passage.text_hash == text_hash(embedded)
    assert passage.vector == HashEmbedder().embed([embedded])[0].astype("<f4").tobytes()


def _check_vectors(data_dir: Path) -> None:
    """See that Chroma holds the live passages that are not pending, and those that departed since, and no others."""
    with closing(Library.open(data_dir)) as library, library.snapshot() as snapshot:
        assert status_of(library, data_dir).vectors_problem == ""
        pending = set(snapshot.pending().tolist())
        published = [passage_id for passage_id in snapshot.live().tolist() if passage_id not in pending]
        departed, named = snapshot.departed_count(), snapshot.vector_directory
        vectors = snapshot.vectors(published)
    if named is None:
        assert published == []
        return
    with closing(VectorIndex(data_dir / FOLDER_NAME / named)) as index:
        assert index.count == len(published) + departed
        assert index.has(published)
        nearest = [index.search(vector, 1)[0][1] for vector in vectors]
    assert all(similarity > 0.999 for similarity in nearest)


@contextmanager
def _reading(data_dir: Path) -> Iterator[Any]:
    connection, _ = database.open_for_reading(data_dir / database.FILE_NAME)
    with closing(connection):
        yield connection
