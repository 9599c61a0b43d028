"""The one door to SQLite: connections, schemas with their migrations, transactions, and errors in our own words.

The library's file is its truth and its only commit point; conversations have a file of their own. Each is in WAL mode,
so any number of readers each see one consistent state while a writer works. `PRAGMA user_version` holds the version.
"""

from __future__ import annotations

import hashlib
import os
import re
import sqlite3
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from urllib.parse import quote

from assistant.errors import AssistantError, LibraryError, LibraryMismatch, LibraryMissing
from assistant.library_tables import KEPT_TABLES, MIGRATIONS

FILE_NAME = "library.sqlite3"
# A reader waits only while another process recovers the WAL after a crash, the writer only for a stray checkpoint.
BUSY_TIMEOUT_S = 10.0

Connection = sqlite3.Connection

_FIXES = {
    "SQLITE_FULL": "the disk is full; free some space and try again",
    "SQLITE_READONLY": "it cannot be written; check the permissions of the folder",
    "SQLITE_CANTOPEN": "it cannot be opened; check that the folder exists and its permissions",
    "SQLITE_PERM": "it cannot be opened; check the permissions of the folder",
    "SQLITE_BUSY": "another program holds it; close that program and try again",
    "SQLITE_IOERR": "reading or writing the disk failed; check the disk and its free space",
}


@dataclass(frozen=True, slots=True)
class Schema:
    """What a database file holds, and what to say of it when it cannot be used.

    `migrations` has a tuple of statements for each version. In `missing`, `outdated` and `damaged`, `{folder!r}` is the
    folder of the file. `fixes` go before what is said of an error of SQLite anyway, by the beginning of its name. With
    `is_private` nobody but the user who makes the file can read it.
    """

    name: str
    migrations: tuple[tuple[str, ...], ...]
    missing: str
    outdated: str
    damaged: str
    error: type[AssistantError]
    missing_error: type[AssistantError]
    mismatch_error: type[AssistantError]
    fixes: Mapping[str, str] = field(default_factory=dict)
    busy_timeout_s: float = BUSY_TIMEOUT_S
    is_private: bool = False

    @property
    def version(self) -> int:
        """Return the version that this program writes."""
        return len(self.migrations)


LIBRARY = Schema(
    name="library",
    migrations=MIGRATIONS,
    missing="nothing has been indexed in {folder!r} yet; run `trade-assistant ingest PATH`",
    outdated="run `trade-assistant ingest` once to bring it up to date",
    damaged="the file is damaged: `trade-assistant doctor` says how to begin anew without losing conversations",
    error=LibraryError,
    missing_error=LibraryMissing,
    mismatch_error=LibraryMismatch,
    fixes={"SQLITE_FULL": "the disk is full; free some space and run it again (nothing indexed is lost)"},
)


def open_for_reading(path: Path, schema: Schema = LIBRARY) -> tuple[Connection, bool]:
    """Open an existing file read-only, for any thread, one at a time; say whether it may stay open.

    It may not where the folder cannot be written: then changes made from elsewhere would not be noticed. Raises the
    schema's errors if there is none, if it has another version, or if it cannot be read.
    """
    if not path.is_file():
        raise schema.missing_error(schema.missing.format(folder=str(path.parent)))
    may_stay = True
    with errors(path, schema):
        connection = _connect(path, "mode=ro", schema.busy_timeout_s)
        try:
            version = _version(connection)
        except sqlite3.OperationalError as err:
            connection.close()
            if not _is_on_read_only_ground(path, err):
                raise
            connection, may_stay = _connect(path, "immutable=1", schema.busy_timeout_s), False
            version = _version(connection)
        except BaseException:
            connection.close()
            raise
    try:
        _check_version(path, schema, version, at_least=schema.version)
    except AssistantError:
        connection.close()
        raise
    return connection, may_stay


def open_for_writing(path: Path, schema: Schema = LIBRARY) -> Connection:
    """Open a file, made or migrated to the current version first; a library only for the holder of the writer's lock.

    Raises the schema's errors if a newer version of the product made it, or if it cannot be written.
    """
    if schema.is_private:
        _make_private(path)
    with errors(path, schema):
        connection = _connect(path, "mode=rwc", schema.busy_timeout_s)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            # FULL: a commit that was reported survives a power cut too.
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
            _migrate(connection, path, schema)
        except BaseException:
            connection.close()
            raise
    return connection


@contextmanager
def reading(connection: Connection, path: Path, schema: Schema = LIBRARY) -> Iterator[None]:
    """Hold one read transaction: every query inside sees the same state."""
    with errors(path, schema):
        connection.execute("BEGIN")
        try:
            # A deferred transaction only gets its state with the first read.
            connection.execute("SELECT 1 FROM sqlite_master").fetchone()
            yield
        finally:
            with suppress(sqlite3.Error):
                connection.execute("ROLLBACK")


@contextmanager
def writing(connection: Connection, path: Path, schema: Schema = LIBRARY) -> Iterator[None]:
    """Hold one write transaction: committed as a whole at the end, or not at all."""
    with errors(path, schema):
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
def errors(path: Path, schema: Schema = LIBRARY) -> Iterator[None]:
    """Turn an error of SQLite into the schema's error, which says what to do."""
    try:
        yield
    except sqlite3.Error as err:
        name = getattr(err, "sqlite_errorname", "") or ""
        if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
            fix = schema.damaged.format(folder=str(path.parent))
        else:
            fixes = {**_FIXES, **schema.fixes}
            fix = next((text for prefix, text in fixes.items() if name.startswith(prefix)), str(err))
        raise schema.error(f"the {schema.name} {str(path)!r} cannot be used: {fix}") from err


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
        if _version(old) != LIBRARY.version or not damage(old):
            return False
        if any(damage(old, table) for table in KEPT_TABLES):
            fix = LIBRARY.damaged.format(folder=str(path.parent))
            raise LibraryError(f"the library {str(path)!r} cannot be used: {fix}")
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


def _connect(path: Path, mode: str, busy_timeout_s: float = BUSY_TIMEOUT_S) -> Connection:
    uri = f"file:{quote(os.fsencode(path.absolute()))}?{mode}"
    connection = sqlite3.connect(
        uri, uri=True, timeout=busy_timeout_s, isolation_level=None, check_same_thread=False, cached_statements=256
    )
    if mode != "mode=rwc":
        connection.execute("PRAGMA query_only = ON")
    return connection


def _make_private(path: Path) -> None:
    """Make the file, or an existing one, one that only its user can read; SQLite gives its log the same rights."""
    # What stands in the way here, a folder that cannot be written, SQLite says better when it opens the file.
    with suppress(OSError):
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
        path.chmod(0o600)


def _is_on_read_only_ground(path: Path, err: sqlite3.OperationalError) -> bool:
    """Say whether the file can be read as unchanging: WAL needs a writable folder, even to read."""
    if not (err.sqlite_errorname or "").startswith(("SQLITE_CANTOPEN", "SQLITE_READONLY")):
        return False
    log = path.with_name(path.name + "-wal")
    return not (log.exists() and log.stat().st_size)


def _version(connection: Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _check_version(path: Path, schema: Schema, version: int, *, at_least: int = 0) -> None:
    if version == 0 and at_least:
        raise schema.missing_error(schema.missing.format(folder=str(path.parent)))
    if version > schema.version:
        raise schema.mismatch_error(
            f"the {schema.name} {str(path)!r} was written by a newer version of this program (schema {version}, this "
            f"one knows {schema.version}); upgrade the program, or use another data directory"
        )
    if version < at_least:
        raise schema.mismatch_error(
            f"the {schema.name} {str(path)!r} has schema {version}, this program needs {schema.version}; "
            f"{schema.outdated}"
        )


def _migrate(connection: Connection, path: Path, schema: Schema) -> None:
    version = _version(connection)
    _check_version(path, schema, version)
    if version == schema.version:
        return
    with writing(connection, path, schema):
        # Another process may have done it while this one waited for its turn.
        version = _version(connection)
        for statement in (statement for migration in schema.migrations[version:] for statement in migration):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {schema.version}")
