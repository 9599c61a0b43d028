"""The one door to SQLite: connections, the schema with its migrations, transactions, and errors in our own words.

The database file is the truth of a library and its only commit point. It is in WAL mode, so any number of readers each
see one consistent state while the single writer works. `PRAGMA user_version` holds the schema's version.
"""

from __future__ import annotations

import hashlib
import os
import re
import sqlite3
import uuid
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import date
from pathlib import Path
from urllib.parse import quote

from assistant.errors import LibraryError, LibraryMismatch, LibraryMissing

FILE_NAME = "library.sqlite3"
# A reader waits only while another process recovers the WAL after a crash, the writer only for a stray checkpoint.
BUSY_TIMEOUT_S = 10.0

Connection = sqlite3.Connection

# One tuple of statements for each schema version, applied in order; never edit one that was released.
MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE meta (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            library_id TEXT NOT NULL,                    -- made anew with every library; keys caches of passage ids
            generation INTEGER NOT NULL DEFAULT 0,
            embedding_model TEXT,
            dimension INTEGER,
            chunker_version INTEGER,
            vector_directory TEXT,                       -- name below vectors/, NULL before the first
            vector_last_id INTEGER NOT NULL DEFAULT 0,   -- largest passage id ever given when it was built
            vector_deletions INTEGER NOT NULL DEFAULT 0, -- passages deleted inside it by earlier differences
            vector_number INTEGER NOT NULL DEFAULT 0     -- last number used for a name; none is used twice
        )""",
        """CREATE TABLE articles (
            article_id TEXT PRIMARY KEY,
            location NOT NULL UNIQUE,                    -- TEXT, or BLOB where a path is not valid UTF-8
            live_version_id INTEGER REFERENCES versions, -- NULL once withdrawn
            file_hash TEXT NOT NULL,
            size INTEGER NOT NULL,
            mtime_ns INTEGER NOT NULL,
            withdrawn_at TEXT
        )""",
        """CREATE TABLE versions (
            version_id INTEGER PRIMARY KEY,
            article_id TEXT NOT NULL REFERENCES articles,
            version INTEGER NOT NULL,
            content_hash TEXT NOT NULL,
            title TEXT NOT NULL,
            publisher TEXT,
            author TEXT,
            published INTEGER,                           -- yyyymmdd, NULL if the document does not say
            url TEXT,
            indexed_at TEXT NOT NULL,
            characters INTEGER NOT NULL,
            searchable TEXT NOT NULL,                    -- case-folded title, publisher, author, location
            blocks TEXT NOT NULL,                        -- JSON [[kind, start, end, level], …]
            text TEXT NOT NULL,
            UNIQUE (article_id, version)
        )""",
        # Filters read this and not the rows, which are as long as their texts.
        "CREATE INDEX versions_by_date ON versions (published, publisher)",
        """CREATE TABLE passages (
            passage_id INTEGER PRIMARY KEY AUTOINCREMENT,
            version_id INTEGER NOT NULL REFERENCES versions,
            start INTEGER NOT NULL,
            "end" INTEGER NOT NULL,
            heading TEXT NOT NULL                        -- JSON ["Top heading", …]
        )""",
        "CREATE INDEX passages_by_version ON passages (version_id)",
        """CREATE TABLE embeddings (
            passage_id INTEGER PRIMARY KEY REFERENCES passages,
            text_hash TEXT NOT NULL,                     -- sha256 of the text that was embedded
            vector BLOB NOT NULL                         -- float32, little-endian
        )""",
        "CREATE INDEX embeddings_by_text ON embeddings (text_hash)",
        # Live passages only: rows of old versions would distort the idf.
        """CREATE VIRTUAL TABLE passage_text USING fts5(
            title, heading, text, tokenize = "porter unicode61 remove_diacritics 2"
        )""",
        # Passages that the named vector directory still holds but the library does not.
        "CREATE TABLE departed (passage_id INTEGER PRIMARY KEY)",
        "CREATE TABLE folders (path NOT NULL PRIMARY KEY)",
        "CREATE TABLE failures (location NOT NULL PRIMARY KEY, reason TEXT NOT NULL, at TEXT NOT NULL)",
        """CREATE TABLE runs (
            run_id INTEGER PRIMARY KEY,
            started_at TEXT NOT NULL,
            finished_at TEXT NOT NULL,
            added INTEGER NOT NULL,
            changed INTEGER NOT NULL,
            unchanged INTEGER NOT NULL,
            removed INTEGER NOT NULL,
            failed INTEGER NOT NULL
        )""",
    ),
    (
        "ALTER TABLE articles ADD COLUMN parser_version INTEGER NOT NULL DEFAULT 1",
        # The later of the times when its bytes were written and when anything of the file changed.
        "ALTER TABLE articles RENAME COLUMN mtime_ns TO changed_ns",
        # 1 while its file is gone and the user is asked whether it is to be removed.
        "ALTER TABLE articles ADD COLUMN withheld INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE versions ADD COLUMN effective INTEGER",  # yyyymmdd
        "ALTER TABLE versions ADD COLUMN \"references\" TEXT NOT NULL DEFAULT '[]'",  # JSON [[label, identifier], …]
        "ALTER TABLE failures ADD COLUMN source TEXT NOT NULL DEFAULT ''",
        # State of the file it failed with: the same bytes are not tried again by the same parser.
        "ALTER TABLE failures ADD COLUMN file_hash TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE failures ADD COLUMN size INTEGER NOT NULL DEFAULT -1",
        "ALTER TABLE failures ADD COLUMN changed_ns INTEGER NOT NULL DEFAULT -1",
        "ALTER TABLE failures ADD COLUMN parser_version INTEGER NOT NULL DEFAULT 0",
        # What the user sets to get the model that `embedding_model` identifies; NULL if not known.
        "ALTER TABLE meta ADD COLUMN embedding_setting TEXT",
        """CREATE TABLE fetched (
            source TEXT NOT NULL,                        -- name in sources.toml
            url TEXT NOT NULL,                           -- as asked for
            location NOT NULL,                           -- of its article
            file_hash TEXT NOT NULL,
            etag TEXT,
            last_modified TEXT,
            fingerprint TEXT NOT NULL,
            PRIMARY KEY (source, url)
        )""",
        "CREATE INDEX fetched_by_location ON fetched (location)",
        """CREATE TABLE source_states (
            name TEXT PRIMARY KEY,
            target TEXT NOT NULL,                        -- the folder or address it had then
            checked_at TEXT NOT NULL,
            succeeded_at TEXT,
            problem TEXT NOT NULL,                       -- "" when the last look went well
            retry_at TEXT,
            withheld INTEGER NOT NULL,                   -- articles that are gone but were not removed
            etag TEXT,
            last_modified TEXT,
            fingerprint TEXT NOT NULL
        )""",
        "ALTER TABLE runs ADD COLUMN moved INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE runs ADD COLUMN withheld INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE runs ADD COLUMN notes TEXT NOT NULL DEFAULT '[]'",  # JSON ["a sentence", …]
        "ALTER TABLE runs ADD COLUMN generation_before INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE runs ADD COLUMN generation INTEGER NOT NULL DEFAULT 0",
        # Written in the commit that makes the change.
        """CREATE TABLE changes (
            change_id INTEGER PRIMARY KEY,
            generation INTEGER NOT NULL,                 -- the one that the change made
            kind TEXT NOT NULL,                          -- a ChangeKind
            article_id TEXT NOT NULL REFERENCES articles,
            version INTEGER NOT NULL,
            at TEXT NOT NULL
        )""",
        "CREATE INDEX changes_by_generation ON changes (generation)",
        # Embeddings of a re-embedding under way, so that one that was killed goes on where it was.
        "CREATE TABLE staged_embeddings (text_hash TEXT PRIMARY KEY, vector BLOB NOT NULL)",
        "ALTER TABLE meta ADD COLUMN staged_model TEXT",
        # What live articles tell, each distinct story once; `assistant/copies.py`.
        """CREATE TABLE stories (
            story_id INTEGER PRIMARY KEY,
            text_hash TEXT NOT NULL UNIQUE,
            scheme TEXT NOT NULL,                        -- how it was read and signed
            words INTEGER NOT NULL,
            figures BLOB NOT NULL,                       -- int64 hashes of its figures, dates and identifiers
            bands BLOB NOT NULL                          -- int64 hashes of its signature's bands
        )""",
        """CREATE TABLE story_bands (
            band INTEGER NOT NULL,
            story_id INTEGER NOT NULL,
            PRIMARY KEY (band, story_id)
        ) WITHOUT ROWID""",
        "CREATE TABLE tellings (version_id INTEGER PRIMARY KEY REFERENCES versions, story_id INTEGER NOT NULL)",
        "CREATE INDEX tellings_by_story ON tellings (story_id)",
        """CREATE TABLE copies (                           -- each pair in both directions
            story_id INTEGER NOT NULL,
            other_id INTEGER NOT NULL,
            PRIMARY KEY (story_id, other_id)
        ) WITHOUT ROWID""",
    ),
)
SCHEMA_VERSION = len(MIGRATIONS)

_FIXES = {
    "SQLITE_FULL": "the disk is full; free some space and run it again (nothing indexed is lost)",
    "SQLITE_READONLY": "it cannot be written; check the permissions of the folder",
    "SQLITE_CANTOPEN": "it cannot be opened; check that the folder exists and its permissions",
    "SQLITE_PERM": "it cannot be opened; check the permissions of the folder",
    "SQLITE_BUSY": "another program holds it; close that program and try again",
    "SQLITE_IOERR": "reading or writing the disk failed; check the disk and its free space",
}
# What cannot be made again from anything else in a library.
KEPT_TABLES = ("meta", "articles", "versions", "folders", "failures", "runs", "changes", "fetched", "source_states")
_DAMAGED = "the file is damaged; move {folder!r} away and index your articles again: trade-assistant ingest PATH"


def open_for_reading(path: Path) -> tuple[Connection, bool]:
    """Open an existing library read-only, for any thread, one at a time; say whether it may stay open.

    It may not where the folder cannot be written: then changes made from elsewhere would not be noticed. Raises
    LibraryMissing if there is none, LibraryMismatch for another schema, LibraryError if it cannot be read.
    """
    if not path.is_file():
        raise LibraryMissing(f"nothing has been indexed in {str(path.parent)!r} yet; run `trade-assistant ingest PATH`")
    may_stay = True
    with errors(path):
        connection = _connect(path, "mode=ro")
        try:
            version = _schema_version(connection)
        except sqlite3.OperationalError as err:
            connection.close()
            if not _is_on_read_only_ground(path, err):
                raise
            connection, may_stay = _connect(path, "immutable=1"), False
            version = _schema_version(connection)
        except BaseException:
            connection.close()
            raise
    try:
        _check_version(path, version, at_least=SCHEMA_VERSION)
    except LibraryError:
        connection.close()
        raise
    return connection, may_stay


def open_for_writing(path: Path) -> Connection:
    """Open the library, made or migrated to the current schema first; only for the holder of the writer's lock.

    Raises LibraryMismatch if a newer version of the product made it, LibraryError if it cannot be written.
    """
    with errors(path):
        connection = _connect(path, "mode=rwc")
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            # FULL: a commit that was reported survives a power cut too.
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
            _migrate(connection, path)
        except BaseException:
            connection.close()
            raise
    return connection


@contextmanager
def reading(connection: Connection, path: Path) -> Iterator[None]:
    """Hold one read transaction: every query inside sees the same state."""
    with errors(path):
        connection.execute("BEGIN")
        try:
            # A deferred transaction only gets its state with the first read.
            connection.execute("SELECT id FROM meta").fetchone()
            yield
        finally:
            with suppress(sqlite3.Error):
                connection.execute("ROLLBACK")


@contextmanager
def writing(connection: Connection, path: Path) -> Iterator[None]:
    """Hold one write transaction: committed as a whole at the end, or not at all."""
    with errors(path):
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            connection.execute("COMMIT")
        except BaseException:
            # SQLite has rolled back by itself after some errors, such as a full disk.
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


@contextmanager
def errors(path: Path) -> Iterator[None]:
    """Turn an error of SQLite into a LibraryError that says what to do."""
    try:
        yield
    except sqlite3.Error as err:
        name = getattr(err, "sqlite_errorname", "") or ""
        if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
            fix = _DAMAGED.format(folder=str(path.parent))
        else:
            fix = next((text for prefix, text in _FIXES.items() if name.startswith(prefix)), str(err))
        raise LibraryError(f"the library {str(path)!r} cannot be used: {fix}") from err


def salvage(path: Path) -> bool:
    """If pages of a library are damaged and all its articles are whole, put these in the place of its content.

    Only for the holder of the writer's lock. The content is replaced in one transaction: a reader keeps the state it
    has, and a process that is killed leaves the old content or the new one. Passages and full text are left to be made
    anew; embeddings that can be read are staged, so that none of them has to be computed again. Raises LibraryError if
    articles are damaged too.
    """
    fresh = path.with_name(f"{path.name}.new")
    _delete(fresh)  # of a process that was killed here
    with errors(path), closing(_connect(path, "mode=rw")) as old:
        if _schema_version(old) != SCHEMA_VERSION or not damage(old):
            return False
        if any(damage(old, table) for table in KEPT_TABLES):
            raise LibraryError(f"the library {str(path)!r} cannot be used: {_DAMAGED.format(folder=str(path.parent))}")
        with closing(open_for_writing(fresh)) as new, closing(open_for_writing(path)) as damaged:
            _copy_kept(old, new, fresh)
            new.backup(damaged, progress=_give_up_if_held)
            checkpoint(damaged)
    _delete(fresh)
    return True


def _give_up_if_held(status: int, *_: int) -> None:
    """Stop a copy, which else tries without end, where another program has been writing for BUSY_TIMEOUT_S."""
    if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        raise LibraryError(f"the library cannot be mended: {_FIXES['SQLITE_BUSY']}")


def _delete(path: Path) -> None:
    """Delete a SQLite file of our own that nobody else knows of."""
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _copy_kept(old: Connection, new: Connection, path: Path) -> None:
    with writing(new, path):
        new.execute("PRAGMA defer_foreign_keys = ON")
        (library_id,) = new.execute("SELECT library_id FROM meta").fetchone()
        new.execute("DELETE FROM meta")
        for table in KEPT_TABLES:
            columns = ", ".join(f'"{row[1]}"' for row in new.execute(f"PRAGMA table_info({table})"))
            rows = old.execute(f"SELECT {columns} FROM {table}")
            marks = ", ".join("?" * len(rows.description))
            new.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)
        if not damage(old, "embeddings"):
            rows = old.execute("SELECT text_hash, vector FROM embeddings")
            new.executemany("INSERT OR IGNORE INTO staged_embeddings VALUES (?, ?)", rows)
        # Passage ids are given anew, so what readers remember by them must not be found again.
        new.execute(
            "UPDATE meta SET library_id = ?, vector_directory = NULL, generation = generation + 1, "
            "staged_model = embedding_model || ' (' || dimension || ' dimensions)'",
            (library_id,),
        )


def content_digest(path: Path, *, leaving_out: Collection[str]) -> str:
    """Check a whole SQLite file of another program; return the sha256 (hex) of the rows of its tables, except some.

    Equal content gives the same digest wherever in the file it stands. Raises LibraryError for a damaged file.
    """
    with errors(path):
        # Not read-only: a transaction that a killed process left unfinished has to be rolled back first.
        connection = _connect(path, "mode=rw")
        try:
            connection.execute("PRAGMA query_only = ON")
            connection.execute("BEGIN")
            found = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
            if found != "ok":
                raise LibraryError(f"{str(path)!r} is damaged: {' '.join(str(found).split())}")
            return _digest(connection, leaving_out)
        finally:
            connection.close()


def copy_content(source: Path, target: Path) -> None:
    """Copy a SQLite file of another program as it is at one moment, whoever writes into it. Raises LibraryError."""
    with (
        errors(source),
        closing(_connect(source, "mode=rw")) as original,
        closing(_connect(target, "mode=rwc")) as copy,
    ):
        original.backup(copy)


def _digest(connection: Connection, leaving_out: Collection[str]) -> str:
    digest = hashlib.sha256()
    tables = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
    for name, sql in tables:
        # The rows of a virtual table stand in other tables.
        if name in leaving_out or not sql.upper().startswith("CREATE TABLE"):
            continue
        digest.update(f"{name}\0{sql}\0".encode())
        for row in connection.execute(f'SELECT * FROM "{name}"'):
            digest.update(repr(row).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def damage(connection: Connection, table: str | None = None) -> str:
    """Return the first thing that is wrong inside a file, or inside one of its tables; "" if nothing is."""
    try:
        found = connection.execute(f"PRAGMA integrity_check{'(1)' if table is None else f'({table!r})'}").fetchone()[0]
    except sqlite3.DatabaseError as err:
        found = str(err)
    return "" if found == "ok" else " ".join(str(found).split())


def is_full_text_sound(connection: Connection, table: str) -> bool:
    """Say whether the index of an FTS5 table agrees with its rows.

    SQLite checks that only where it may write, so a copy in a temporary file is checked; it needs as much space.
    """
    shadows = [f"{table}_{name}" for name in ("config", "content", "data", "docsize", "idx")]
    with closing(sqlite3.connect("", isolation_level=None)) as copy:
        row = connection.execute("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).fetchone()
        copy.execute(row[0])
        for shadow in shadows:
            copy.execute(f"DELETE FROM {shadow}")
            rows = connection.execute(f"SELECT * FROM {shadow}")
            copy.executemany(f"INSERT INTO {shadow} VALUES ({', '.join('?' * len(rows.description))})", rows)
        try:
            copy.execute(f"INSERT INTO {table} ({table}, rank) VALUES ('integrity-check', 0)")
        except sqlite3.DatabaseError as err:
            if not (err.sqlite_errorname or "").startswith("SQLITE_CORRUPT"):
                raise
            return False
    return True


def mend_full_text(connection: Connection, table: str) -> bool:
    """Make the index of an FTS5 table anew from its rows if it does not agree with them; say whether it did not."""
    try:
        connection.execute(f"INSERT INTO {table} ({table}, rank) VALUES ('integrity-check', 0)")
    except sqlite3.DatabaseError as err:
        if not (err.sqlite_errorname or "").startswith("SQLITE_CORRUPT"):
            raise
        connection.execute(f"INSERT INTO {table} ({table}) VALUES ('rebuild')")
        return True
    return False


def checkpoint(connection: Connection) -> None:
    """Fold the write-ahead log into the file and empty it, unless readers still need it; before closing."""
    with suppress(sqlite3.Error):
        connection.execute("PRAGMA busy_timeout = 0")  # else it waits for every reader
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def path_to_column(location: str) -> str | bytes:
    """Return a path as SQLite can hold it: file names on Linux need not be valid UTF-8."""
    try:
        location.encode()
    except UnicodeEncodeError:
        return os.fsencode(location)
    return location


def path_from_column(value: str | bytes) -> str:
    """Return the path that `path_to_column` was given."""
    return value if isinstance(value, str) else os.fsdecode(value)


def date_to_column(day: date | None) -> int | None:
    """Return a date as the integer yyyymmdd, which sorts and compares as the date does."""
    return None if day is None else day.year * 10_000 + day.month * 100 + day.day


def date_from_column(value: int | None) -> date | None:
    """Return the date that `date_to_column` was given."""
    return None if value is None else date(value // 10_000, value // 100 % 100, value % 100)


def storable(text: str) -> str:
    """Replace lone surrogates, which UTF-8 cannot hold, with U+FFFD: offsets stay as they are."""
    return re.sub("[\ud800-\udfff]", "\ufffd", text)


def _connect(path: Path, mode: str) -> Connection:
    uri = f"file:{quote(os.fsencode(path.absolute()))}?{mode}"
    connection = sqlite3.connect(
        uri, uri=True, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False, cached_statements=256
    )
    if mode != "mode=rwc":
        connection.execute("PRAGMA query_only = ON")
    return connection


def _is_on_read_only_ground(path: Path, err: sqlite3.OperationalError) -> bool:
    """Say whether the file can be read as unchanging: WAL needs a writable folder, even to read."""
    if not (err.sqlite_errorname or "").startswith(("SQLITE_CANTOPEN", "SQLITE_READONLY")):
        return False
    log = path.with_name(path.name + "-wal")
    return not (log.exists() and log.stat().st_size)


def _schema_version(connection: Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _check_version(path: Path, version: int, *, at_least: int = 0) -> None:
    if version == 0 and at_least:
        raise LibraryMissing(f"nothing has been indexed in {str(path.parent)!r} yet; run `trade-assistant ingest PATH`")
    if version > SCHEMA_VERSION:
        raise LibraryMismatch(
            f"the library {str(path)!r} was written by a newer version of this program (schema {version}, this one "
            f"knows {SCHEMA_VERSION}); upgrade the program, or use another data directory"
        )
    if version < at_least:
        raise LibraryMismatch(
            f"the library {str(path)!r} has schema {version}, this program needs {SCHEMA_VERSION}; "
            "run `trade-assistant ingest` once to bring it up to date"
        )


def _migrate(connection: Connection, path: Path) -> None:
    version = _schema_version(connection)
    _check_version(path, version)
    if version == SCHEMA_VERSION:
        return
    with writing(connection, path):
        for statement in (statement for migration in MIGRATIONS[version:] for statement in migration):
            connection.execute(statement)
        if version == 0:
            connection.execute("INSERT INTO meta (id, library_id) VALUES (1, ?)", (uuid.uuid4().hex,))
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
