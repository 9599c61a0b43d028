"""The single writer of a library: every change is one SQLite commit, and that commit is what publishes it.

The writer holds the lock of `assistant/lock.py` for its life. After the articles, `publish_vectors` builds the next
vector directory from what is committed; until then readers score the newer passages exactly, so nothing waits for it.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Collection, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from threading import Thread
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from assistant import copies, database, records, vectors
from assistant.database import Connection, date_to_column, path_to_column, storable
from assistant.domain import Article, ChangeKind, PassageSpan, Run, SourceState
from assistant.errors import LibraryError, LibraryMismatch
from assistant.lock import LOCK_NAME, is_held, take_lock
from assistant.publishing import VectorPublisher
from assistant.records import (
    FailedFile,
    FetchedPage,
    ManifestEntry,
    Move,
    NewArticle,
    TouchedFile,
    Validators,
    to_stamp,
)
from assistant.staging import Staging, is_sound, unpacked


class Writer:
    """The one process that may change a library. Make it with `Writer.open`, close it or use it in a `with`."""

    def __init__(self, data_dir: Path, connection: Connection, lock: int) -> None:
        self._data_dir = data_dir
        self._path = data_dir / database.FILE_NAME
        self._connection = connection
        self._lock: int | None = lock
        self._import: Thread | None = None
        self.is_same_making = self.is_same_model = True

    @classmethod
    def open(
        cls,
        data_dir: Path,
        *,
        embedding_model: str,
        dimension: int,
        chunker_version: int,
        embedding_setting: str | None = None,
        wait_s: float = 0,
        reindexing: bool = False,
    ) -> Writer:
        """Take the writer's lock and open the library, made if there is none.

        `embedding_setting` is what the user sets to get this model, for readers that are set to another one. With
        `reindexing`, a library made with another model or chunker opens too, for `swap` to replace all of it.
        Raises LibraryLocked naming the process that writes, after `wait_s` seconds; LibraryMismatch if the library was
        made with another embedding model, chunker or a newer schema; LibraryError if it cannot be written.
        """
        lock = take_lock(data_dir, wait_s)
        try:
            connection = database.open_for_writing(data_dir / database.FILE_NAME)
        except BaseException:
            os.close(lock)
            raise
        writer = cls(data_dir, connection, lock)
        try:
            making = _Making(embedding_model, dimension, chunker_version)
            writer._settle(making, embedding_setting, reindexing=reindexing)
        except BaseException:
            writer.close()
            raise
        return writer

    @staticmethod
    def salvage(data_dir: Path, *, wait_s: float = 0) -> bool:
        """Save the articles of a library whose file is damaged elsewhere, as `database.salvage` says; say if it was."""
        lock = take_lock(data_dir, wait_s)
        try:
            return database.salvage(data_dir / database.FILE_NAME)
        finally:
            os.close(lock)

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the library and free the lock; a second call does nothing."""
        if self._lock is None:
            return
        lock, self._lock = self._lock, None
        if self._import is not None:
            self._import.join()
        database.checkpoint(self._connection)
        self._connection.close()
        os.ftruncate(lock, 0)
        os.close(lock)

    @property
    def generation(self) -> int:
        """Return the number of the state that was committed last."""
        return int(self._value("SELECT generation FROM meta"))

    def manifest(self) -> dict[str, ManifestEntry]:
        """Return what is known of the file of every live article, by location."""
        with database.errors(self._path):
            return records.read_manifest(self._connection)

    def known_vectors(self, text_hashes: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """Return the stored embedding, shape (dimension,), of each of these texts that has one from this model."""
        if not self.is_same_model:
            return {}
        rows = self._all(
            "SELECT text_hash, vector FROM embeddings WHERE text_hash IN (SELECT value FROM json_each(?))",
            (json.dumps(list(text_hashes)),),
        )
        return {digest: unpacked(blob) for digest, blob in rows if is_sound(blob, self._making.dimension or 0)}

    def put(self, batch: Sequence[NewArticle]) -> int:
        """Store articles in one commit and return the generation, which is new if anything is.

        An article whose content is the stored one gets no new version; one that was withdrawn goes on with its numbers.
        Failures recorded for these locations are forgotten.
        """
        self._check(batch)
        with self._writing():
            changes = [self._put(new) for new in batch]
            self._note_pages([new.page for new in batch])
            self._forget_failures([new.location for new in batch])
            self._publish(change for change in changes if change)
        if any(changes) and self._import is None:
            self._import = vectors.import_ahead()
        return self.generation

    def touch(self, files: Sequence[TouchedFile]) -> None:
        """Note in one commit that files changed but not their articles; failures recorded for them are forgotten."""
        if not files:
            return
        with self._writing():
            self._connection.executemany(
                "UPDATE articles SET file_hash = ?, size = ?, changed_ns = ?, parser_version = ? WHERE location = ?",
                [
                    (file.file_hash, file.size, file.changed_ns, file.parser_version, path_to_column(file.location))
                    for file in files
                ],
            )
            self._note_pages([file.page for file in files])
            self._forget_failures([file.location for file in files])

    def move(self, moves: Sequence[Move]) -> int:
        """Give live articles new locations in one commit and return the generation, which is new if any moved.

        They keep their ids, versions and passages. No article may be known at a new location (`is_known`).
        """
        with self._writing():
            changes = [self._move(move) for move in moves]
            self._forget_failures([location for move in moves for location in (move.old, move.new)])
            self._publish(changes)
        return self.generation

    def is_known(self, location: str) -> bool:
        """Say whether there is an article of this location, live or withdrawn."""
        with database.errors(self._path):
            return records.is_known(self._connection, location)

    def article_at(self, location: str) -> Article | None:
        """Return the newest version of the article under a location, live or withdrawn; None if none ever was."""
        with database.errors(self._path):
            return records.read_article_at(self._connection, location)

    def is_held_by_others(self, page: FetchedPage, location: str) -> bool:
        """Say whether another address than this page's leads to a location."""
        others = "SELECT 1 FROM fetched WHERE location = ? AND NOT (source = ? AND url = ?)"
        return self._first(others, (path_to_column(location), page.source, page.url)) is not None

    def remove(self, locations: Sequence[str]) -> int:
        """Withdraw articles in one commit and return the generation, which is new if any was live.

        All their versions keep their text. Failures recorded for these locations are forgotten.
        """
        with self._writing():
            changes = [self._withdraw(location) for location in locations]
            self._forget_failures(locations)
            self._publish(change for change in changes if change)
        return self.generation

    def withhold(self, locations: Collection[str], *, found: Collection[str] = ()) -> None:
        """Note in one commit of which live articles the user is asked about, and which were `found` again."""
        if not locations and not found:
            return
        rows = [(1, path_to_column(location)) for location in locations]
        rows += [(0, path_to_column(location)) for location in found]
        with self._writing():
            self._connection.executemany("UPDATE articles SET withheld = ? WHERE location = ?", rows)

    def withdrawn(self, since: datetime) -> list[str]:
        """Return the locations of the articles that were withdrawn after a moment and are not live again."""
        with database.errors(self._path):
            return records.read_withdrawn(self._connection, since)

    def staging(self) -> Staging:
        """Return where embeddings for `swap` are kept, for the model this writer was opened with."""
        model, dimension = self._making.embedding_model or "", self._making.dimension or 0
        return Staging(self._path, self._connection, model=model, dimension=dimension)

    def is_stored(
        self, location: str, article: Article, passages: Sequence[PassageSpan], hashes: Sequence[str]
    ) -> bool:
        """Say whether a live article has just these passages, in full text too, each with an embedding of its text.

        Of the library's own model the embeddings must be sound; those of another are replaced in any case.
        """
        rows = self._all(_STORED_PASSAGES, (self._live_version_id(location),))
        if self.is_same_model and not all(is_sound(row[-1], self._making.dimension or 0) for row in rows):
            return False
        title, text = storable(article.title), storable(article.text)
        return [row[:-1] for row in rows] == [
            (span.start, span.end, _heading(span), digest, title, _headings(span), text[span.start : span.end])
            for span, digest in zip(passages, hashes, strict=True)
        ]

    def swap(self, recut: Iterable[NewArticle]) -> int:
        """Put what was staged in place, in one commit, and return the generation, which is new if anything is.

        `recut` are the live articles whose passages are to be replaced. If the model is another one, all embeddings are
        replaced by staged ones, and no vector directory is named until the next is built. Rows that belong to no live
        article are deleted, a damaged full-text index is made anew, and the staged embeddings are dropped. Raises
        LibraryError, with nothing changed, if an embedding was not staged.
        """
        with self._writing():
            is_change = not self.is_same_making
            for new in recut:
                self._check([new])
                version_id = self._live_version_id(new.location)
                self._delete_passages(version_id)
                self._put_passages(version_id, new)
                is_change = True
            is_change |= self._drop_strays()
            if not self.is_same_model:
                self._replace_vectors()
            database.mend_full_text(self._connection, "passage_text")
            copies.mend(self._connection)
            self._execute("DELETE FROM staged_embeddings")
            self._execute("UPDATE meta SET staged_model = NULL")
            self._record_making()
            if is_change:
                self._next_generation()
        self.is_same_making = self.is_same_model = True
        return self.generation

    def record_failures(self, failed: Sequence[FailedFile]) -> None:
        """Remember files that could not be indexed, in place of what was remembered of each."""
        if failed:
            rows = [
                (
                    path_to_column(file.failure.location),
                    storable(file.failure.reason),
                    to_stamp(file.failure.at),
                    file.failure.source,
                    file.file_hash,
                    file.size,
                    file.changed_ns,
                    file.parser_version,
                )
                for file in failed
            ]
            with self._writing():
                self._connection.executemany("INSERT OR REPLACE INTO failures VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)

    def failures(self) -> dict[str, FailedFile]:
        """Return the remembered failures by location, sorted."""
        with database.errors(self._path):
            return records.read_failures(self._connection)

    def forget_failures(self, locations: Sequence[str]) -> None:
        """Forget failures, of files that are gone for one."""
        if locations:
            with self._writing():
                self._forget_failures(locations)

    def record_run(self, run: Run) -> None:
        """Remember a finished run; with one that began at the same moment it is one run, done in several portions."""
        with self._writing():
            begun = (to_stamp(run.started_at),)
            former = self._first(f"SELECT {records.RUN_COLUMNS} FROM runs WHERE started_at = ?", begun)
            if former is not None:
                self._execute("DELETE FROM runs WHERE started_at = ?", begun)
                run = records.run_of(former).continued(run)
            counts = (run.added, run.changed, run.unchanged, run.removed, run.failed, run.moved, run.withheld)
            self._execute(
                f"INSERT INTO runs ({records.RUN_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    to_stamp(run.started_at),
                    to_stamp(run.finished_at),
                    *counts,
                    json.dumps(run.notes),
                    run.generation_before,
                    run.generation,
                ),
            )

    def folders(self) -> list[str]:
        """Return the folders that a library of schema 1 remembered; `sources.toml` names them since."""
        with database.errors(self._path):
            return records.read_folders(self._connection)

    def fetched(self, source: str) -> dict[str, FetchedPage]:
        """Return what came from each address of a source on the network."""
        with database.errors(self._path):
            return records.read_fetched(self._connection, source)

    def source_states(self) -> dict[str, SourceState]:
        """Return how each source was found at the last look, by name."""
        with database.errors(self._path):
            return records.read_source_states(self._connection)

    def source_validators(self, name: str) -> Validators:
        """Return the validators that were remembered of a source's listing."""
        with database.errors(self._path):
            return records.read_source_validators(self._connection, name)

    def record_source(self, state: SourceState, validators: Validators) -> None:
        """Remember how a source was found, in place of what was remembered of it."""
        with self._writing():
            self._execute(
                "INSERT OR REPLACE INTO source_states VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    state.name,
                    storable(state.target),
                    to_stamp(state.checked_at),
                    state.succeeded_at and to_stamp(state.succeeded_at),
                    storable(state.problem),
                    state.retry_at and to_stamp(state.retry_at),
                    state.withheld,
                    validators.etag,
                    validators.last_modified,
                    validators.fingerprint,
                ),
            )

    def rename_source(self, old: str, new: str) -> None:
        """Give what is remembered of a source and was fetched from it another name; its listing is asked for anew."""
        with self._writing():
            self._execute("UPDATE OR REPLACE source_states SET name = ? WHERE name = ?", (new, old))
            self._execute(
                "UPDATE source_states SET etag = NULL, last_modified = NULL, fingerprint = '' WHERE name = ?", (new,)
            )
            self._execute("UPDATE OR REPLACE fetched SET source = ? WHERE source = ?", (new, old))
            self._execute("UPDATE failures SET source = ? WHERE source = ?", (new, old))

    def forget_source(self, name: str) -> None:
        """Forget a source and what was fetched from it; its articles stay until they are removed."""
        with self._writing():
            self._execute("DELETE FROM source_states WHERE name = ?", (name,))
            self._execute("DELETE FROM fetched WHERE source = ?", (name,))
            self._execute("DELETE FROM failures WHERE source = ?", (name,))

    def publish_vectors(self, *, force: bool = False) -> str | None:
        """Build and name the next vector directory, as `VectorPublisher.publish` says; return the current one."""
        self._check_lock()
        return VectorPublisher(self._data_dir, self._connection).publish(force=force)

    def _settle(self, making: _Making, setting: str | None, *, reindexing: bool) -> None:
        """Check that the library was made as this process makes it; an empty one is made so from now on."""
        self._making, self._setting = making, setting
        columns = "embedding_model, dimension, chunker_version, embedding_setting"
        *row, stored_setting = self._first(f"SELECT {columns} FROM meta")
        made = _Making(*row)
        self.is_same_making = made == making
        self.is_same_model = (made.embedding_model, made.dimension) == (making.embedding_model, making.dimension)
        if (self.is_same_making and setting in (None, stored_setting)) or (reindexing and not self.is_same_making):
            return
        if not self.is_same_making and self._value("SELECT count(*) FROM passages"):
            raise LibraryMismatch(
                f"the library in {str(self._data_dir)!r} was made with {made}, this run would use {making}: "
                "run `trade-assistant rebuild` to make it anew from the stored articles"
            )
        with self._writing():
            self._record_making()
        self.is_same_making = self.is_same_model = True

    def _record_making(self) -> None:
        making = self._making
        # Another model than the one the setting was of: what is not known now is not known.
        self._execute(
            "UPDATE meta SET embedding_setting = CASE WHEN ?4 IS NULL AND embedding_model IS ?1 THEN embedding_setting "
            "ELSE ?4 END, embedding_model = ?1, dimension = ?2, chunker_version = ?3",
            (making.embedding_model, making.dimension, making.chunker_version, self._setting),
        )

    def _drop_strays(self) -> bool:
        """Delete what belongs to no live article, as only damage leaves it; say whether there was any."""
        before = self._connection.total_changes
        live = "(SELECT passage_id FROM passages JOIN articles ON live_version_id = version_id)"
        self._execute(f"DELETE FROM embeddings WHERE passage_id NOT IN {live}")
        self._execute(f"DELETE FROM passage_text WHERE rowid NOT IN {live}")
        self._execute(f"DELETE FROM passages WHERE passage_id NOT IN {live}")
        is_change = self._connection.total_changes > before
        self._execute("UPDATE meta SET generation = max(generation, (SELECT ifnull(max(generation), 0) FROM changes))")
        return is_change

    def _replace_vectors(self) -> None:
        row = self._first(
            "SELECT count(*) FROM embeddings WHERE text_hash NOT IN (SELECT text_hash FROM staged_embeddings)"
        )
        if row[0]:
            model = self._making.embedding_model
            raise LibraryError(
                f"{row[0]} passages were not embedded with {model!r}; run `trade-assistant rebuild` again"
            )
        self._execute(
            "UPDATE embeddings SET vector = "
            "(SELECT s.vector FROM staged_embeddings s WHERE s.text_hash = embeddings.text_hash)"
        )
        self._execute("DELETE FROM departed")
        self._execute("UPDATE meta SET vector_directory = NULL")

    def _check(self, batch: Sequence[NewArticle]) -> None:
        for new in batch:
            expected = (len(new.passages), self._making.dimension)
            is_complete = len(new.hashes) == len(new.passages) and (new.vectors.shape == expected or not new.passages)
            if not is_complete:
                raise ValueError(f"{new.location!r} has vectors of shape {new.vectors.shape}, expected {expected}")

    def _put(self, new: NewArticle) -> _Changed | None:
        """Store one article; return what became of it, None if what is answered from stays the same."""
        location = path_to_column(new.location)
        row = self._first("SELECT article_id, live_version_id FROM articles WHERE location = ?", (location,))
        article_id, live_id = row or (self._new_article(new), None)
        newest = self._first(
            "SELECT version_id, version, content_hash FROM versions WHERE article_id = ? ORDER BY version DESC LIMIT 1",
            (article_id,),
        )
        if newest is not None and newest[2] == new.article.content_hash:
            version_id = newest[0]
        else:
            version_id = self._new_version(article_id, 1 if newest is None else newest[1] + 1, new)
        is_change = version_id != live_id or not self._has_passages(version_id, new)
        if is_change:
            if live_id is not None:
                self._delete_passages(live_id)
            self._put_passages(version_id, new)
        if live_id is not None and live_id != version_id:
            copies.forget(self._connection, live_id)
        if not copies.is_signed(self._connection, version_id):
            copies.sign(self._connection, version_id, new.article)
        self._execute(
            "UPDATE articles SET live_version_id = ?, file_hash = ?, size = ?, changed_ns = ?, parser_version = ?, "
            "withdrawn_at = NULL WHERE article_id = ?",
            (version_id, new.file_hash, new.size, new.changed_ns, new.parser_version, article_id),
        )
        kind = ChangeKind.ADDED if live_id is None else ChangeKind.CHANGED
        return (kind, article_id) if is_change else None

    def _new_article(self, new: NewArticle) -> str:
        # An article that moved away keeps the id made from this location, so there is always another.
        ids = (_article_id(new.location, number) for number in count())
        article_id = next(id_ for id_ in ids if not self._first("SELECT 1 FROM articles WHERE article_id = ?", (id_,)))
        self._execute(
            "INSERT INTO articles (article_id, location, file_hash, size, changed_ns) VALUES (?, ?, ?, ?, ?)",
            (article_id, path_to_column(new.location), new.file_hash, new.size, new.changed_ns),
        )
        return article_id

    def _new_version(self, article_id: str, version: int, new: NewArticle) -> int:
        article = new.article
        fields = [article.publisher, article.author, article.url]
        publisher, author, url = (None if field is None else storable(field) for field in fields)
        names = (article.title, article.publisher or "", article.author or "", new.location)
        blocks = [[block.kind, block.start, block.end, block.level] for block in article.blocks]
        cursor = self._connection.execute(
            "INSERT INTO versions (article_id, version, content_hash, title, publisher, author, published, url, "
            'indexed_at, characters, searchable, blocks, text, effective, "references") '
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                article_id,
                version,
                article.content_hash,
                storable(article.title),
                publisher,
                author,
                date_to_column(article.published),
                url,
                to_stamp(datetime.now(UTC)),
                len(article.text),
                _searchable(*names),
                json.dumps(blocks),
                storable(article.text),
                date_to_column(article.effective),
                json.dumps(article.references),
            ),
        )
        return int(cursor.lastrowid or 0)

    def _live_version_id(self, location: str) -> int:
        row = self._first("SELECT live_version_id FROM articles WHERE location = ?", (path_to_column(location),))
        if row is None or row[0] is None:
            raise LibraryError(f"{location!r} is not a live article of this library")
        return int(row[0])

    def _has_passages(self, version_id: int, new: NewArticle) -> bool:
        stored = self._all(
            'SELECT p.start, p."end", p.heading, e.text_hash FROM passages p JOIN embeddings e USING (passage_id) '
            "WHERE p.version_id = ? ORDER BY p.passage_id",
            (version_id,),
        )
        return stored == [
            (span.start, span.end, _heading(span), digest)
            for span, digest in zip(new.passages, new.hashes, strict=True)
        ]

    def _put_passages(self, version_id: int, new: NewArticle) -> None:
        title, text = storable(new.article.title), storable(new.article.text)
        first_id = int(self._value("SELECT coalesce(max(seq), 0) + 1 FROM sqlite_sequence WHERE name = 'passages'"))
        spans = list(enumerate(new.passages, start=first_id))
        self._connection.executemany(
            'INSERT INTO passages (passage_id, version_id, start, "end", heading) VALUES (?, ?, ?, ?, ?)',
            [(passage_id, version_id, span.start, span.end, _heading(span)) for passage_id, span in spans],
        )
        self._connection.executemany(
            "INSERT INTO passage_text (rowid, title, heading, text) VALUES (?, ?, ?, ?)",
            [(passage_id, title, _headings(span), text[span.start : span.end]) for passage_id, span in spans],
        )
        blobs = (vector.astype("<f4").tobytes() for vector in new.vectors)
        self._connection.executemany(
            "INSERT INTO embeddings VALUES (?, ?, ?)", zip(count(first_id), new.hashes, blobs, strict=False)
        )

    def _move(self, move: Move) -> _Changed:
        row = self._first(
            "SELECT a.article_id, v.version_id, v.title, v.publisher, v.author FROM articles a "
            "JOIN versions v ON v.version_id = a.live_version_id WHERE a.location = ?",
            (path_to_column(move.old),),
        )
        if row is None:
            raise LibraryError(f"{move.old!r} is not a live article of this library")
        article_id, version_id, title, publisher, author = row
        self._execute(
            "UPDATE articles SET location = ?, file_hash = ?, size = ?, changed_ns = ?, withheld = 0 "
            "WHERE article_id = ?",
            (path_to_column(move.new), move.file_hash, move.size, move.changed_ns, article_id),
        )
        names = _searchable(title, publisher or "", author or "", move.new)
        self._execute("UPDATE versions SET searchable = ? WHERE version_id = ?", (names, version_id))
        return ChangeKind.MOVED, article_id

    def _withdraw(self, location: str) -> _Changed | None:
        """Withdraw one article; None if it was not live."""
        row = self._first(
            "SELECT article_id, live_version_id FROM articles WHERE location = ? AND live_version_id IS NOT NULL",
            (path_to_column(location),),
        )
        if row is None:
            return None
        self._delete_passages(row[1])
        copies.forget(self._connection, row[1])
        self._execute(
            "UPDATE articles SET live_version_id = NULL, withheld = 0, withdrawn_at = ? WHERE article_id = ?",
            (to_stamp(datetime.now(UTC)), row[0]),
        )
        return ChangeKind.REMOVED, row[0]

    def _delete_passages(self, version_id: int) -> None:
        self._execute(
            "INSERT INTO departed SELECT passage_id FROM passages, meta WHERE version_id = ? "
            "AND passage_id <= vector_last_id AND vector_directory IS NOT NULL",
            (version_id,),
        )
        ids = "(SELECT passage_id FROM passages WHERE version_id = ?)"
        self._execute(f"DELETE FROM passage_text WHERE rowid IN {ids}", (version_id,))
        self._execute(f"DELETE FROM embeddings WHERE passage_id IN {ids}", (version_id,))
        self._execute("DELETE FROM passages WHERE version_id = ?", (version_id,))

    def _forget_failures(self, locations: Sequence[str]) -> None:
        rows = [(path_to_column(location),) for location in locations]
        self._connection.executemany("DELETE FROM failures WHERE location = ?", rows)

    def _note_pages(self, pages: Iterable[FetchedPage | None]) -> None:
        self._connection.executemany(
            "INSERT OR REPLACE INTO fetched VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    page.source,
                    page.url,
                    page.location,
                    page.file_hash,
                    page.validators.etag,
                    page.validators.last_modified,
                    page.validators.fingerprint,
                )
                for page in pages
                if page is not None
            ],
        )

    def _publish(self, changes: Iterable[_Changed]) -> None:
        """Raise the generation if there are changes, and write them down with it."""
        rows = [(kind, article_id) for kind, article_id in changes]
        if not rows:
            return
        self._next_generation()
        generation, at = self._value("SELECT generation FROM meta"), to_stamp(datetime.now(UTC))
        self._connection.executemany(
            "INSERT INTO changes (generation, kind, article_id, version, at) VALUES (?, ?, ?, "
            "(SELECT max(version) FROM versions WHERE article_id = ?), ?)",
            [(generation, kind, article_id, article_id, at) for kind, article_id in rows],
        )

    def _next_generation(self) -> None:
        self._execute("UPDATE meta SET generation = generation + 1")

    def _writing(self) -> AbstractContextManager[None]:
        self._check_lock()
        return database.writing(self._connection, self._path)

    def _check_lock(self) -> None:
        if self._lock is None or not is_held(self._data_dir, self._lock):
            raise LibraryError(
                f"the file {LOCK_NAME} in {str(self._data_dir)!r} was deleted or replaced while this process was "
                "writing, so that another one may write too; what is committed stays: run it again"
            )

    def _execute(self, statement: str, values: Any = ()) -> None:
        self._connection.execute(statement, values)

    def _all(self, query: str, values: Any = ()) -> list[Any]:
        with database.errors(self._path):
            return self._connection.execute(query, values).fetchall()

    def _first(self, query: str, values: Any = ()) -> Any:
        with database.errors(self._path):
            return self._connection.execute(query, values).fetchone()

    def _value(self, query: str) -> Any:
        return self._first(query)[0]


_Changed: TypeAlias = tuple[ChangeKind, str]
_STORED_PASSAGES = """
    SELECT p.start, p."end", p.heading, e.text_hash, t.title, t.heading, t.text, e.vector
    FROM passages p LEFT JOIN embeddings e USING (passage_id) LEFT JOIN passage_text t ON t.rowid = p.passage_id
    WHERE p.version_id = ? ORDER BY p.passage_id
"""


@dataclass(frozen=True, slots=True)
class _Making:
    """What must be the same for all passages of a library."""

    embedding_model: str | None
    dimension: int | None
    chunker_version: int | None

    def __str__(self) -> str:
        return f"{self.embedding_model!r} ({self.dimension} dimensions, chunker {self.chunker_version})"


def _article_id(location: str, number: int) -> str:
    """Return the id of an article first seen at a location; `number` is 0 unless others were seen there before."""
    named = os.fsencode(location) + (b"\0%d" % number if number else b"")
    return f"a{hashlib.sha256(named).hexdigest()[:12]}"


def _heading(span: PassageSpan) -> str:
    return storable(json.dumps(span.heading, ensure_ascii=False))


def _headings(span: PassageSpan) -> str:
    """Return the headings as the full text holds them."""
    return storable("\n".join(span.heading))


def _searchable(*names: str) -> str:
    return storable("\n".join(names)).casefold()
