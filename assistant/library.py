"""The library as readers see it: articles in all their versions, live passages, full text and embeddings.

A question takes one `Snapshot`, which is one read transaction of SQLite: whatever the writer commits meanwhile, it
keeps seeing the same articles, passages and vectors. The writing half is `assistant/writer.py`.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant import copies, database, records
from assistant.database import Connection, date_from_column, date_to_column, path_from_column
from assistant.domain import (
    Article,
    ArticleSummary,
    Change,
    ChangeKind,
    Copies,
    Failure,
    Filters,
    Passage,
    Run,
    Searched,
    SourceState,
    Standing,
    Status,
    StoredArticle,
)
from assistant.errors import ArticleNotFound, LibraryError
from assistant.kinds import Kinds
from assistant.records import FailedFile, FetchedPage, ManifestEntry, Validators

# A term in the title of an article says more than one in its text.
TITLE_WEIGHT, HEADING_WEIGHT, TEXT_WEIGHT = 2.0, 2.0, 1.0
# Connections kept open between questions; more are opened while more questions run at once.
IDLE_CONNECTIONS = 8
# Terms whose document frequency is remembered within a generation: a few megabytes.
REMEMBERED_TERMS = 50_000

_LIVE = "articles a JOIN versions v ON v.version_id = a.live_version_id"
_INCOMPLETE = "the library is incomplete; index your articles again: trade-assistant ingest PATH"
_LIVE_PASSAGES = "passages p JOIN versions v USING (version_id)"  # only live versions have passages
_SUMMARY = f"""
    SELECT a.article_id, v.version, a.location, v.title, v.publisher, v.author, v.published, v.url, v.indexed_at,
           (SELECT count(*) FROM passages p WHERE p.version_id = v.version_id), v.characters
    FROM {_LIVE}
"""


class Library:
    """A library open for reading by any number of threads. Make it with `Library.open`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._kinds = Kinds(path.parent)
        self._lock = threading.Lock()
        self._idle: list[tuple[_Identity, Connection]] = []
        self._is_closed = False
        self._frequencies: tuple[tuple[str, int], dict[str, int]] = (("", -1), {})

    @classmethod
    def open(cls, data_dir: Path) -> Library:
        """Open the library in a data directory.

        Raises LibraryMissing if there is none, LibraryMismatch for another schema, LibraryError if unreadable.
        """
        library = cls(data_dir / database.FILE_NAME)
        with library.snapshot():
            return library

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """Hold the state of this moment for the length of a `with`; not to be shared between threads.

        Raises LibraryError if SQLite fails inside it, and LibraryMissing if the library was deleted.
        """
        identity, connection, may_stay = self._take()
        is_sound = False
        try:
            with database.reading(connection, self._path):
                yield Snapshot(connection, self._known_frequencies, self._kinds)
            is_sound = True
        finally:
            self._give_back(identity, connection, may_stay=may_stay and is_sound)

    def rest(self) -> None:
        """Close what no snapshot uses; a later snapshot opens it again."""
        with self._lock:
            idle, self._idle = self._idle, []
        for _, connection in idle:
            connection.close()

    def close(self) -> None:
        """Close the library; snapshots in use stay good until their `with` ends."""
        with self._lock:
            self._is_closed = True
        self.rest()

    def _take(self) -> tuple[_Identity, Connection, bool]:
        """Return a connection to the file that is there now, which may have replaced the one of before.

        Also whether it may be kept.
        """
        identity = _identity(self._path)
        outdated = []
        found = None
        with self._lock:
            if self._is_closed:
                raise LibraryError(f"the library {str(self._path)!r} was closed; open it again")
            while self._idle and found is None:
                entry = self._idle.pop()
                if entry[0] == identity:
                    found = entry
                else:
                    outdated.append(entry[1])
        for connection in outdated:
            connection.close()
        return (*found, True) if found else (identity, *database.open_for_reading(self._path))

    def _give_back(self, identity: _Identity, connection: Connection, *, may_stay: bool) -> None:
        with self._lock:
            if may_stay and not self._is_closed and len(self._idle) < IDLE_CONNECTIONS:
                self._idle.append((identity, connection))
                return
        connection.close()

    def _known_frequencies(self, library_id: str, generation: int) -> dict[str, int]:
        """Return what is remembered of a generation; only the newest one asked about is kept."""
        key = (library_id, generation)
        with self._lock:
            known, frequencies = self._frequencies
            if known == key and len(frequencies) < REMEMBERED_TERMS:
                return frequencies
            if known[0] == library_id and known[1] > generation:
                return {}
            self._frequencies = (key, {})
            return self._frequencies[1]


_Identity = tuple[int, int] | None
_KnownFrequencies = Callable[[str, int], dict[str, int]]


def _identity(path: Path) -> _Identity:
    try:
        status = path.stat()
    except OSError:
        return None
    return (status.st_dev, status.st_ino)


class Snapshot:
    """One consistent state of the library. Get it from `Library.snapshot`; it ends with that `with`."""

    def __init__(self, connection: Connection, known_frequencies: _KnownFrequencies, kinds: Kinds) -> None:
        self._connection = connection
        self._known_frequencies = known_frequencies
        self._kinds = kinds
        row = connection.execute(
            "SELECT library_id, generation, vector_directory, embedding_model, dimension, vector_last_id, "
            "embedding_setting FROM meta"
        ).fetchone()
        if row is None:
            raise LibraryError(_INCOMPLETE)
        self.library_id: str = row[0]
        self.generation: int = row[1]
        self.vector_directory: str | None = row[2]
        self.embedding_model: str | None = row[3]
        self.dimension: int | None = row[4]
        self._vector_last_id: int = row[5]
        self.embedding_setting: str | None = row[6]

    def status(self, data_dir: Path) -> Status:
        """Return the state of the library; failures by location."""
        articles, publishers, undated, oldest, newest = self._one(
            f"SELECT count(*), count(DISTINCT v.publisher), count(*) - count(v.published), min(v.published), "
            f"max(v.published) FROM {_LIVE}"
        )
        runs = self.runs(limit=1)
        return Status(
            data_dir=str(data_dir),
            generation=self.generation,
            articles=articles,
            passages=self.passage_count(),
            pending=self._one("SELECT count(*) FROM passages WHERE passage_id > ?", (self._last_published_id(),))[0],
            publishers=publishers,
            undated=undated,
            oldest=date_from_column(oldest),
            newest=date_from_column(newest),
            embedding_model=self.embedding_model,
            vector_directory=self.vector_directory,
            failures=tuple(
                Failure(path_from_column(location), reason, datetime.fromisoformat(at), source)
                for location, reason, at, source in self._all(
                    "SELECT location, reason, at, source FROM failures ORDER BY location"
                )
            ),
            last_run=runs[0] if runs else None,
        )

    def runs(self, *, limit: int) -> list[Run]:
        """Return the latest runs, newest first."""
        rows = self._all(f"SELECT {records.RUN_COLUMNS} FROM runs ORDER BY run_id DESC LIMIT ?", (limit,))
        return [records.run_of(row) for row in rows]

    def changes(self, *, after: int, until: int | None = None, limit: int | None = None) -> list[Change]:
        """Return what the publishes after generation `after` did, newest first; `until` is the last one included."""
        rows = self._all(
            "SELECT c.generation, c.kind, c.article_id, c.version, v.title, v.publisher, v.published, a.location, c.at "
            "FROM changes c JOIN articles a USING (article_id) "
            "JOIN versions v ON v.article_id = c.article_id AND v.version = c.version "
            "WHERE c.generation > ? AND c.generation <= ? ORDER BY c.change_id DESC LIMIT ?",
            (after, self.generation if until is None else until, -1 if limit is None else limit),
        )
        return [_change(row) for row in rows]

    def source_states(self) -> dict[str, SourceState]:
        """Return how each source was found at the last look, by name."""
        return records.read_source_states(self._connection)

    def source_validators(self, name: str) -> Validators:
        """Return the validators that were remembered of a source's listing."""
        return records.read_source_validators(self._connection, name)

    def failures(self) -> dict[str, FailedFile]:
        """Return the remembered failures by location, sorted."""
        return records.read_failures(self._connection)

    def fetched(self, source: str) -> dict[str, FetchedPage]:
        """Return what came from each address of a source on the network."""
        return records.read_fetched(self._connection, source)

    def folders(self) -> list[str]:
        """Return the folders that a library of schema 1 remembered; `sources.toml` names them since."""
        return records.read_folders(self._connection)

    def is_known(self, location: str) -> bool:
        """Say whether there is an article of this location, live or withdrawn."""
        return records.is_known(self._connection, location)

    def withdrawn(self, since: datetime) -> list[str]:
        """Return the locations of the articles that were withdrawn after a moment and are not live again."""
        return records.read_withdrawn(self._connection, since)

    def article_at(self, location: str) -> Article | None:
        """Return the newest version of the article under a location, live or withdrawn; None if none ever was."""
        return records.read_article_at(self._connection, location)

    def count_below(self, folder: str) -> int:
        """Return how many live articles lie in a folder or below it."""
        above = folder.rstrip("/") + "/"
        return int(
            self._one(
                "SELECT count(*) FROM articles WHERE live_version_id IS NOT NULL AND location >= ? AND location < ?",
                (above, above[:-1] + "0"),  # "0" is the character after "/"
            )[0]
        )

    def fetched_counts(self) -> dict[str, int]:
        """Return how many live articles came from each source on the network."""
        return dict(
            self._all(
                "SELECT f.source, count(DISTINCT f.location) FROM fetched f JOIN articles a USING (location) "
                "WHERE a.live_version_id IS NOT NULL GROUP BY f.source"
            )
        )

    def searched(self, filters: Filters) -> Searched:
        """Count what a question with these filters is answered from."""
        where, values = self._where(filters)
        articles = self._one(f"SELECT count(*) FROM {_LIVE} WHERE {where}", values)[0]
        passages = (
            self.passage_count()
            if filters.is_empty
            else self._one(f"SELECT count(*) FROM {_LIVE_PASSAGES} WHERE {where}", values)[0]
        )
        if not filters.is_dated:
            return Searched(articles, passages)
        where, values = self._where(replace(filters, since=None, as_of=None))
        undated = self._one(f"SELECT count(*) FROM {_LIVE} WHERE v.published IS NULL AND {where}", values)[0]
        return Searched(articles, passages, undated)

    def replaced_since(self, as_of: date) -> int:
        """Count the live articles that were published by a day in an earlier version and later in the live one."""
        day = date_to_column(as_of)
        query = (
            f"SELECT count(*) FROM {_LIVE} WHERE v.published > ? AND EXISTS (SELECT 1 FROM versions o "
            "WHERE o.article_id = a.article_id AND o.version < v.version AND o.published <= ?)"
        )
        return int(self._one(query, (day, day))[0])

    def article(self, article_id: str, version: int | None = None) -> StoredArticle:
        """Return one version of an article, the newest if none is named; a withdrawn article too.

        Raises ArticleNotFound.
        """
        row = self._first(
            "SELECT a.article_id, v.version, a.location, v.indexed_at, a.withdrawn_at, "
            f"v.version_id IS a.live_version_id, {records.ARTICLE_COLUMNS} "
            "FROM articles a JOIN versions v USING (article_id) WHERE a.article_id = :id AND "
            "(v.version = :version OR :version IS NULL) ORDER BY v.version DESC LIMIT 1",
            {"id": database.storable(article_id), "version": _in_range(version)},
        )
        if row is None:
            what = f"article {article_id!r}" if version is None else f"version {version} of article {article_id!r}"
            raise ArticleNotFound(f"the library has no {what}; `trade-assistant search` names the ones it has")
        return _stored_article(row)

    def articles(
        self, *, filters: Filters = Filters(), search: str = "", limit: int | None = None, offset: int = 0
    ) -> list[ArticleSummary]:
        """Return the live articles, newest published first, undated last, then by title.

        With `search`, those whose title, publisher, author or location hold each of its words, in any case.
        """
        where, values = self._where(filters)
        for word in database.storable(search).casefold().split():
            where += " AND v.searchable LIKE ? ESCAPE '\\'"
            values.append(f"%{_like_escaped(word)}%")
        rows = self._all(
            f"{_SUMMARY} WHERE {where} ORDER BY v.published DESC NULLS LAST, v.title COLLATE NOCASE, a.article_id "
            "LIMIT ? OFFSET ?",
            [*values, -1 if limit is None else limit, offset],
        )
        return [_summary(row) for row in rows]

    def summaries(self, article_ids: Sequence[str]) -> dict[str, ArticleSummary]:
        """Return the live articles among these, by id."""
        rows = self._all(
            f"{_SUMMARY} WHERE a.article_id IN (SELECT value FROM json_each(?))", (json.dumps(list(article_ids)),)
        )
        return {row[0]: _summary(row) for row in rows}

    def copies(self, article_ids: Sequence[str], *, as_of: date | None = None) -> dict[str, Copies]:
        """Return the story of each of these live articles that others tell too, by id.

        With `as_of`, articles published later are left out.
        """
        clusters = copies.clusters(self._connection, article_ids, as_of=as_of)
        summaries = self.summaries([member for cluster in clusters for member in cluster])
        found: dict[str, Copies] = {}
        for cluster in clusters:
            origin, *others = (summaries[member] for member in cluster)
            story = Copies(origin, tuple(others))
            found |= dict.fromkeys(set(cluster).intersection(article_ids), story)
        return found

    def origins(self, article_ids: Sequence[str], *, as_of: date | None = None) -> dict[str, str]:
        """Return the origin of the story of each of these live articles that others tell too, as `copies` has it."""
        clusters = copies.clusters(self._connection, article_ids, as_of=as_of)
        return {member: cluster[0] for cluster in clusters for member in set(cluster).intersection(article_ids)}

    def manifest(self) -> dict[str, ManifestEntry]:
        """Return what is known of the file of every live article, by location."""
        return records.read_manifest(self._connection)

    def publishers(self) -> list[tuple[str, int]]:
        """Return each publisher with its count of live articles, most articles first, then by name."""
        return self._all(
            f"SELECT v.publisher, count(*) FROM {_LIVE} WHERE v.publisher IS NOT NULL GROUP BY v.publisher "
            "ORDER BY count(*) DESC, v.publisher"
        )

    def passages(self, passage_ids: Sequence[int]) -> list[Passage]:
        """Return passages in the order asked for; those that are not live are left out."""
        rows = self._all(
            'SELECT p.passage_id, v.article_id, v.version, v.title, p.heading, p.start, p."end", t.text '
            "FROM passages p JOIN versions v USING (version_id) JOIN passage_text t ON t.rowid = p.passage_id "
            "WHERE p.passage_id IN (SELECT value FROM json_each(?))",
            (_json_ids(passage_ids),),
        )
        found = {
            row[0]: Passage(
                passage_id=row[0],
                article_id=row[1],
                version=row[2],
                title=row[3],
                heading=tuple(json.loads(row[4])),
                start=row[5],
                end=row[6],
                text=row[7],
            )
            for row in rows
        }
        return [found[passage_id] for passage_id in passage_ids if passage_id in found]

    def standings(self) -> dict[Standing, int]:
        """Return how many live articles are of each kind of source. Raises SettingsError for a table that is wrong."""
        return self._kinds.counts(self._connection, self.library_id)

    def passage_count(self) -> int:
        """Return how many passages are live."""
        return int(self._one("SELECT count(*) FROM passages")[0])

    def lexical(
        self, terms: Sequence[str], *, limit: int, filters: Filters, prefixes: Sequence[str] = ()
    ) -> list[tuple[int, float]]:
        """Rank live passages that hold any of the terms by BM25 (k1 1.2, b 0.75; title and headings count twice).

        Terms are stemmed (Porter); one of several words, such as `8471.30`, is a phrase. The last word of `prefixes`
        may go on: "8471 30" finds `8471.3001`. Returns (passage id, score), scores positive, best first, ties by id;
        nothing for no terms.
        """
        words = [*map(_quoted, terms), *(f"{_quoted(prefix)}*" for prefix in prefixes)]
        query = " OR ".join(dict.fromkeys(words))
        if not query or limit < 1:
            return []
        where, values = self._where(filters)
        # With a plain `rowid`, SQLite runs the full-text query once for each row that passes: 12 s at 10,000 passages.
        among = "" if filters.is_empty else f"AND +rowid IN (SELECT p.passage_id FROM {_LIVE_PASSAGES} WHERE {where})"
        return self._all(
            f"SELECT rowid, -bm25(passage_text, {TITLE_WEIGHT}, {HEADING_WEIGHT}, {TEXT_WEIGHT}) AS score "
            f"FROM passage_text WHERE passage_text MATCH ? {among} ORDER BY score DESC, rowid LIMIT ?",
            [query, *values, limit],
        )

    def document_frequency(self, terms: Sequence[str]) -> dict[str, int]:
        """Return for each term how many live passages hold it in title or text, found as `lexical` finds it."""
        known = self._known_frequencies(self.library_id, self.generation)
        for term in set(terms) - known.keys():
            known[term] = self._one("SELECT count(*) FROM passage_text WHERE passage_text MATCH ?", (_quoted(term),))[0]
        return {term: known[term] for term in terms}

    def live(self) -> NDArray[np.int64]:
        """Return the ids of all live passages, ascending."""
        return self._ids("SELECT passage_id FROM passages ORDER BY passage_id")

    def allowed(self, filters: Filters) -> NDArray[np.int64] | None:
        """Return the ids of the live passages that pass the filters, ascending; None if filters are empty."""
        if filters.is_empty:
            return None
        where, values = self._where(filters)
        # Versions that are not live have no passages.
        among = f"SELECT v.version_id FROM versions v WHERE {where}"
        return self._ids(f"SELECT passage_id FROM passages WHERE version_id IN ({among}) ORDER BY passage_id", values)

    def pending(self) -> NDArray[np.int64]:
        """Return the ids of the live passages that the named vector directory does not hold, ascending."""
        return self._ids(
            "SELECT passage_id FROM passages WHERE passage_id > ? ORDER BY passage_id", (self._last_published_id(),)
        )

    def published_count(self) -> int:
        """Return how many passages the named vector directory holds, those that are no longer live included."""
        last = self._last_published_id()
        return self.departed_count() + int(self._one("SELECT count(*) FROM passages WHERE passage_id <= ?", (last,))[0])

    def departed_count(self) -> int:
        """Return how many passages the named vector directory holds that are no longer live."""
        return int(self._one("SELECT count(*) FROM departed")[0])

    def vectors(self, passage_ids: NDArray[np.int64] | Sequence[int]) -> NDArray[np.float32]:
        """Return the embeddings of live passages, shape (n, dimension), in the order asked for.

        Raises LibraryError if one is not live.
        """
        wanted = np.asarray(passage_ids, dtype=np.int64)
        found, vectors = self.live_vectors(wanted)
        if len(found) == len(wanted) and np.array_equal(found, wanted):
            return vectors
        positions = np.searchsorted(found, wanted)
        if not len(found) or not np.array_equal(found[np.minimum(positions, len(found) - 1)], wanted):
            raise LibraryError("a passage that is not in this snapshot was asked for its vector")
        return vectors[positions]

    def live_vectors(
        self, passage_ids: NDArray[np.int64] | Sequence[int]
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return those of the passages that are live, ids ascending, with their embeddings, shape (n, dimension)."""
        dimension = self.dimension or 0
        rows = self._all(
            "SELECT passage_id, vector FROM embeddings WHERE passage_id IN (SELECT value FROM json_each(?)) "
            "ORDER BY passage_id",
            (_json_ids(passage_ids),),
        )
        ids = np.fromiter((row[0] for row in rows), dtype=np.int64, count=len(rows))
        vectors = np.empty((len(rows), dimension), dtype=np.float32)
        for position, (passage_id, vector) in enumerate(rows):
            if len(vector) != 4 * dimension:
                raise LibraryError(f"the embedding of passage {passage_id} is damaged: run `trade-assistant rebuild`")
            vectors[position] = np.frombuffer(vector, dtype="<f4")
        return ids, vectors

    def _last_published_id(self) -> int:
        return self._vector_last_id if self.vector_directory is not None else 0

    def _where(self, filters: Filters) -> tuple[str, list[Any]]:
        """Return the filters as a condition on `versions v` and its values."""
        conditions = ["1"]
        values: list[Any] = []
        if filters.since is not None:
            conditions.append("v.published >= ?")
            values.append(date_to_column(filters.since))
        if filters.as_of is not None:
            conditions.append("v.published <= ?")
            values.append(date_to_column(filters.as_of))
        if filters.publishers:
            wanted = {publisher.strip().casefold() for publisher in filters.publishers}
            names = [name for name, _ in self.publishers() if name.casefold() in wanted]
            conditions.append("v.publisher IN (SELECT value FROM json_each(?))")
            values.append(json.dumps(names))
        if filters.standings:
            versions = self._kinds.versions(self._connection, self.library_id, filters.standings)
            conditions.append("v.version_id IN (SELECT value FROM json_each(?))")
            values.append(json.dumps(versions))
        return " AND ".join(conditions), values

    def _ids(self, query: str, values: Any = ()) -> NDArray[np.int64]:
        return np.array([row[0] for row in self._connection.execute(query, values)], dtype=np.int64)

    def _all(self, query: str, values: Any = ()) -> list[Any]:
        return self._connection.execute(query, values).fetchall()

    def _first(self, query: str, values: Any = ()) -> Any:
        return self._connection.execute(query, values).fetchone()

    def _one(self, query: str, values: Any = ()) -> Any:
        row = self._first(query, values)
        if row is None:
            raise LibraryError(_INCOMPLETE)
        return row


def _quoted(term: str) -> str:
    """Return a term as an FTS5 string: unquoted, `U.S.` or `50%` are syntax errors and `NEAR` an operator."""
    return '"' + database.storable(term).replace("\0", " ").replace('"', '""') + '"'


def _like_escaped(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _json_ids(passage_ids: NDArray[np.int64] | Sequence[int]) -> str:
    return json.dumps([int(passage_id) for passage_id in passage_ids])


def _in_range(version: int | None) -> int | None:
    """Return a number that SQLite can bind; -1, which no version has, for one beyond 64 bits."""
    return version if version is None or abs(version) < 2**63 else -1


def _summary(row: Sequence[Any]) -> ArticleSummary:
    article_id, version, location, title, publisher, author, published, url, indexed_at, passages, characters = row
    return ArticleSummary(
        article_id=article_id,
        version=version,
        location=path_from_column(location),
        title=title,
        publisher=publisher,
        author=author,
        published=date_from_column(published),
        url=url,
        indexed_at=datetime.fromisoformat(indexed_at),
        passages=passages,
        characters=characters,
    )


def _stored_article(row: Sequence[Any]) -> StoredArticle:
    article_id, version, location, indexed_at, withdrawn_at, is_current, *content = row
    return StoredArticle(
        article_id=article_id,
        version=version,
        location=path_from_column(location),
        article=records.article_of(content),
        indexed_at=datetime.fromisoformat(indexed_at),
        withdrawn_at=None if withdrawn_at is None else datetime.fromisoformat(withdrawn_at),
        is_current=bool(is_current),
    )


def _change(row: Sequence[Any]) -> Change:
    generation, kind, article_id, version, title, publisher, published, location, at = row
    return Change(
        generation=generation,
        kind=ChangeKind(kind),
        article_id=article_id,
        version=version,
        title=title,
        publisher=publisher,
        published=date_from_column(published),
        location=path_from_column(location),
        at=datetime.fromisoformat(at),
    )
