"""Publishing vectors: the next vector directory, built beside the current one from what the library has committed.

It is done by the holder of the writer's lock, after the articles: they are answered from at once, and until a directory
holds them readers score them exactly. A directory is named in one commit once it was checked and flushed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant import database, vectors
from assistant.database import Connection
from assistant.errors import VectorsError

# Up to this many passages a run ends with everything in the vector directory: copying and verifying takes about as
# long as importing Chroma. Larger libraries wait until the difference is worth it; 2,000 passages scored exactly add
# 10 ms to a process's first question and less than 1 ms to the others.
ALWAYS_PUBLISHED_PASSAGES = 20_000
PUBLISHED_DIFFERENCE = 2_000
# Deleted vectors stay in an HNSW graph as dead ends: beyond this share of the live ones it is built anew.
DELETED_SHARE = 0.2
# Digits of the library's id in the names of its vector directories.
LIBRARY_ID_DIGITS = 6
# Rows handed to Chroma at a time, 84 MB at 384 dimensions.
ROWS_PER_READ = 54_610


class VectorPublisher:
    """Builds and names the vector directories of a library that is open for writing."""

    def __init__(self, data_dir: Path, connection: Connection) -> None:
        self._root = data_dir / vectors.FOLDER_NAME
        self._path = data_dir / database.FILE_NAME
        self._connection = connection

    def publish(self, *, force: bool = False) -> str | None:
        """Build, verify and name the next vector directory, if it is due; return the name of the current one.

        It is a copy of the current one with the difference applied. It is built anew from the stored embeddings with
        `force`, if there is none, if the current one is damaged as far as `vectors.is_sealed` can tell, if much of it
        was deleted, or if the copy fails. None if there are no passages. Directories that nobody needs any more are
        deleted. Raises VectorsError if it cannot be built; everything committed is answered from all the same.
        """
        current = self._value("SELECT vector_directory FROM meta")
        live = int(self._value("SELECT count(*) FROM passages"))
        if live == 0:
            if current is not None:
                self._name_directory(None, deletions=0)
        elif force or current is None or not self._is_whole(current):
            self._build(base=None)
        elif self._is_difference_worth_it(live):
            try:
                self._build(base=None if self._has_many_deletions(live) else current)
            except VectorsError:
                self._build(base=None)
        named: str | None = self._value("SELECT vector_directory FROM meta")
        vectors.delete_unused(self._root, keep=named)
        return named

    def _is_whole(self, name: str) -> bool:
        published = int(self._value(f"SELECT (SELECT count(*) FROM passages) - ({_PENDING}) + ({_DEPARTED})"))
        return vectors.is_sealed(self._root / name, published)

    def _is_difference_worth_it(self, live: int) -> bool:
        difference = int(self._value(f"SELECT ({_PENDING}) + ({_DEPARTED})"))
        return difference > 0 and (live <= ALWAYS_PUBLISHED_PASSAGES or difference >= PUBLISHED_DIFFERENCE)

    def _has_many_deletions(self, live: int) -> bool:
        deletions = int(self._value("SELECT vector_deletions + (SELECT count(*) FROM departed) FROM meta"))
        return deletions > DELETED_SHARE * live

    def _build(self, *, base: str | None) -> None:
        """Build the next directory from all passages, or from those that `base` lacks, and name it."""
        newer_than = 0 if base is None else int(self._value("SELECT vector_last_id FROM meta"))
        departed = [] if base is None else [row[0] for row in self._all("SELECT passage_id FROM departed")]
        name = self._new_name()
        vectors.build(
            self._root / name,
            rows=self._rows(newer_than),
            count=int(self._value("SELECT count(*) FROM passages")),
            base=None if base is None else self._root / base,
            departed=departed,
        )
        before = 0 if base is None else int(self._value("SELECT vector_deletions FROM meta"))
        self._name_directory(name, deletions=before + len(departed))

    def _new_name(self) -> str:
        """Return a name that no directory had or has.

        Chroma shares what it has open by path within a process, so a path must never come back with other content,
        not even after the library was deleted and made anew, or put back from a copy made when it named less.
        """
        while True:
            with self._writing():
                self._execute("UPDATE meta SET vector_number = vector_number + 1")
            number, library_id = self._first("SELECT vector_number, library_id FROM meta")
            name = f"{number:04d}-{library_id[:LIBRARY_ID_DIGITS]}"
            if not (self._root / name).exists():
                return name

    def _name_directory(self, name: str | None, *, deletions: int) -> None:
        with self._writing():
            self._execute("DELETE FROM departed")
            self._execute(
                "UPDATE meta SET vector_directory = ?, vector_deletions = ?, "
                "vector_last_id = (SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'passages')",
                (name, deletions),
            )

    def _rows(self, newer_than: int) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32]]]:
        """Yield the ids and embeddings of live passages, ids ascending."""
        query = "SELECT passage_id, vector FROM embeddings WHERE passage_id > ? ORDER BY passage_id LIMIT ?"
        while rows := self._all(query, (newer_than, ROWS_PER_READ)):
            ids = np.array([row[0] for row in rows], dtype=np.int64)
            yield ids, np.frombuffer(b"".join(row[1] for row in rows), dtype="<f4").reshape(len(rows), -1)
            newer_than = int(ids[-1])

    def _writing(self) -> AbstractContextManager[None]:
        return database.writing(self._connection, self._path)

    def _execute(self, statement: str, values: Any = ()) -> None:
        self._connection.execute(statement, values)

    def _all(self, query: str, values: Any = ()) -> list[Any]:
        with database.errors(self._path):
            return self._connection.execute(query, values).fetchall()

    def _first(self, query: str) -> Any:
        with database.errors(self._path):
            return self._connection.execute(query).fetchone()

    def _value(self, query: str) -> Any:
        return self._first(query)[0]


_DEPARTED = "SELECT count(*) FROM departed"
_PENDING = "SELECT count(*) FROM passages WHERE passage_id > (SELECT vector_last_id FROM meta)"
