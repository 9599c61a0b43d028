"""Examine a library: everything that has to hold in it, read-only, with what to run for each thing that does not.

It takes no lock and judges from one snapshot, so that it may run while a library is written and asked. What cannot be
read is a finding, not an error. Sources and runs are looked at by `ingest/checkup.py`.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Collection, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from assistant import copies, database, vectors
from assistant.database import Connection, path_from_column, path_to_column
from assistant.domain import embedded_text
from assistant.errors import LibraryError, LibraryMismatch, LibraryMissing, ModelUnavailable, VectorsError
from assistant.kinds import Kinds
from assistant.library import Snapshot
from assistant.library_tables import KEPT_TABLES
from assistant.lock import is_locked
from assistant.records import text_hash
from assistant.settings import Settings
from assistant.staging import is_sound, unpacked

REBUILD = "run `trade-assistant rebuild`"
INGEST = "run `trade-assistant ingest`"
# Free space below which a run may not end well, beside what a rebuild needs.
MIN_FREE_BYTES = 200_000_000
# Vectors compared between the library and its vector directory, spread over all of them.
COMPARED_VECTORS = 500
SAME_COSINE = 0.999
# Articles whose texts are compared with what is kept to find their copies.
COMPARED_STORIES = 500


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: `seen` says what, `problem` what is wrong, "" if nothing, `remedy` what to do."""

    subject: str
    seen: str = ""
    problem: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class _Examined:
    """What all checks of one library share."""

    settings: Settings
    connection: Connection
    snapshot: Snapshot
    chunker_version: int
    parser_version: int
    is_written: bool
    asked_by_address: Collection[str]

    @property
    def vectors_root(self) -> Path:
        return self.settings.data_dir / vectors.FOLDER_NAME

    def all(self, query: str, values: Any = ()) -> list[Any]:
        return self.connection.execute(query, values).fetchall()

    def count(self, query: str) -> int:
        return int(self.connection.execute(query).fetchone()[0])


def examine(
    settings: Settings, *, chunker_version: int, parser_version: int, asked_by_address: Collection[str] = ()
) -> list[Finding]:
    """Look at the library of the settings, all of it, and at the model; the versions are those of this program.

    `asked_by_address` names the sources whose pages are asked for whether they list them or not.
    """
    writer = is_locked(settings.data_dir)
    findings = [_writer(writer), _data_dir(settings.data_dir), _disk(settings.data_dir), _model(settings)]
    path = settings.data_dir / database.FILE_NAME
    try:
        connection, _ = database.open_for_reading(path)
    except LibraryMissing as err:
        return [*findings, Finding("Library", problem=str(err), remedy="run `trade-assistant ingest PATH`")]
    except LibraryMismatch as err:
        return [*findings, Finding("Library", problem=str(err), remedy=_mismatch_remedy(str(err)))]
    except LibraryError as err:
        return [*findings, Finding("Library", problem=str(err), remedy=_start_again(settings.data_dir))]
    with closing(connection):
        try:
            with database.reading(connection, path):
                examined = _Examined(
                    settings,
                    connection,
                    Snapshot(connection, lambda *_: {}, Kinds(settings.data_dir)),
                    chunker_version,
                    parser_version,
                    is_written=writer is not None,
                    asked_by_address=asked_by_address,
                )
                for finding in _examine(examined):
                    findings.append(finding)
        except LibraryError as err:
            findings.append(Finding("Library", problem=str(err), remedy=_start_again(settings.data_dir)))
    return findings


def _examine(examined: _Examined) -> Iterator[Finding]:
    file = _file(examined.settings, examined.connection)
    yield file
    if file.problem:
        return  # what else is wrong follows from it
    for check in _CHECKS:
        with database.errors(examined.settings.data_dir / database.FILE_NAME):
            yield check(examined)


def _writer(pid: int | None) -> Finding:
    return Finding(
        "Writer", "nobody is writing" if pid is None else f"process {pid} is writing; this is how it was before"
    )


def _data_dir(data_dir: Path) -> Finding:
    subject = "Data folder"
    if not data_dir.exists():
        return Finding(subject, f"{data_dir} is not there yet")
    if not data_dir.is_dir():
        remedy = "name another with --data or TRADE_ASSISTANT_DATA_DIR"
        return Finding(subject, problem=f"{str(data_dir)!r} is not a folder", remedy=remedy)
    places = [data_dir, data_dir / database.FILE_NAME, data_dir / vectors.FOLDER_NAME]
    for place in places:
        needed = os.R_OK | os.W_OK | (os.X_OK if place.is_dir() else 0)
        if place.exists() and not os.access(place, needed):
            remedy = f"give yourself the rights to it: chmod -R u+rwX {str(data_dir)!r}"
            return Finding(subject, problem=f"{str(place)!r} cannot be read and written by this user", remedy=remedy)
    return Finding(subject, str(data_dir))


def _disk(data_dir: Path) -> Finding:
    place = next(parent for parent in [data_dir, *data_dir.parents] if parent.is_dir())
    free = shutil.disk_usage(place).free
    # A rebuild writes all of the library's vectors and another vector directory beside the ones there are.
    needed = MIN_FREE_BYTES + sum(file.stat().st_size for file in data_dir.rglob("*") if file.is_file())
    seen = f"{free / 1e9:,.1f} GB free"
    if free >= needed:
        return Finding("Disk", seen)
    problem = f"{seen}, a rebuild may need {needed / 1e9:,.1f} GB"
    return Finding("Disk", problem=problem, remedy=f"free some space on the disk of {str(place)!r}")


def _model(settings: Settings) -> Finding:
    from assistant.embedding import embedder_name, is_prepared

    subject = "Embedding model"
    try:
        name, dimension = embedder_name(settings)
        is_ready = is_prepared(settings)
    except ModelUnavailable as err:
        return Finding(subject, problem=str(err), remedy="make it available as the message says")
    if not is_ready:
        problem = f"{name} is not prepared for this computer, or what was prepared is damaged"
        return Finding(subject, problem=problem, remedy="run `trade-assistant prepare`")
    return Finding(subject, f"{name}, {dimension} dimensions")


def _mismatch_remedy(message: str) -> str:
    return INGEST if "trade-assistant ingest" in message else "upgrade the program"


def _start_again(data_dir: Path) -> str:
    keep = "copy sources.toml, standing.toml and conversations.sqlite3 back, as far as they are there,"
    return f"move {str(data_dir)!r} away, {keep} and run `trade-assistant ingest PATH`"


def _file(settings: Settings, connection: Connection) -> Finding:
    """Check the pages of the file, and if they are damaged, whether what cannot be made again is whole."""
    subject = "Library file"
    if not (problem := database.damage(connection)):
        return Finding(subject, "every page is whole")
    is_saved = not any(database.damage(connection, table) for table in KEPT_TABLES)
    if is_saved:
        return Finding(subject, problem=f"damaged ({problem}), but all articles are whole", remedy=REBUILD)
    return Finding(subject, problem=f"damaged ({problem}), articles too", remedy=_start_again(settings.data_dir))


def _references(examined: _Examined) -> Finding:
    wrong = examined.all("PRAGMA foreign_key_check")
    if wrong:
        tables = ", ".join(sorted({row[0] for row in wrong}))
        return Finding(
            "References", problem=f"{len(wrong)} rows of {tables} name rows that are not there", remedy=REBUILD
        )
    return Finding("References", "every row names rows that are there")


def _passages(examined: _Examined) -> Finding:
    subject = "Passages"
    passages = examined.count("SELECT count(*) FROM passages")
    counts = {
        "embeddings": examined.count("SELECT count(*) FROM embeddings"),
        "rows of full text": examined.count("SELECT count(*) FROM passage_text"),
    }
    for what, count in counts.items():
        if count != passages:
            return Finding(subject, problem=f"there are {passages} passages, but {count} {what}", remedy=REBUILD)
    bare = examined.count(
        "SELECT count(*) FROM articles WHERE live_version_id IS NOT NULL "
        "AND live_version_id NOT IN (SELECT version_id FROM passages)"
    )
    if bare:
        return Finding(subject, problem=f"{bare} articles have no passages to answer from", remedy=REBUILD)
    old = examined.count(
        "SELECT count(*) FROM passages WHERE version_id NOT IN "
        "(SELECT live_version_id FROM articles WHERE live_version_id IS NOT NULL)"
    )
    if old:
        return Finding(subject, problem=f"{old} passages are of articles or versions that are not live", remedy=REBUILD)
    return Finding(subject, f"{passages:,}, each with full text and an embedding")


def _articles(examined: _Examined) -> Finding:
    """Compare the text of every version with the hash taken when it was stored, and its blocks with its length."""
    subject = "Articles"
    rows = examined.all("SELECT article_id, version FROM versions ORDER BY version_id")
    for article_id, version in rows:
        try:
            stored = examined.snapshot.article(article_id, version).article
            content_hash = examined.all(_CONTENT_HASH, (article_id, version))[0][0]
            is_inside = all(0 <= block.start <= block.end <= len(stored.text) for block in stored.blocks)
            is_whole = is_inside and stored.content_hash == content_hash
        except (LibraryError, ValueError, TypeError, IndexError):
            is_whole = False
        if not is_whole:
            problem = f"the text of article {article_id}, version {version}, is not what was indexed"
            return Finding(subject, problem=problem, remedy=_start_again(examined.settings.data_dir))
    live = examined.count("SELECT count(*) FROM articles WHERE live_version_id IS NOT NULL")
    return Finding(subject, f"{live:,} live; all {len(rows):,} versions are what was indexed")


def _spans(examined: _Examined) -> Finding:
    """Compare every passage with its article, its row of full text and the hash of the text that was embedded."""
    subject = "Spans"
    wrong = [_wrong_span(row) for row in examined.connection.execute(_SPANS)]
    problems = [problem for problem in wrong if problem]
    if problems:
        return Finding(subject, problem=f"{len(problems)} passages are wrong: {problems[0]}", remedy=REBUILD)
    return Finding(subject, f"{len(wrong):,} lie where they say, with the text and the hash they should have")


def _wrong_span(row: Any) -> str:
    passage_id, start, end, heading, title, text, indexed_title, indexed_heading, indexed_text, digest = row
    if not 0 <= start < end <= len(text):
        return f"passage {passage_id} lies at {start}–{end} of {len(text)} characters"
    try:
        headings = tuple(map(str, json.loads(heading)))
    except (ValueError, TypeError):
        return f"the headings of passage {passage_id} cannot be read"
    if (indexed_title, indexed_heading, indexed_text) != (title, "\n".join(headings), text[start:end]):
        return f"the full text of passage {passage_id} is not its article's"
    if digest != text_hash(embedded_text(title, headings, text[start:end])):
        return f"passage {passage_id} was embedded with another text"
    return ""


def _full_text(examined: _Examined) -> Finding:
    if database.is_full_text_sound(examined.connection, "passage_text"):
        return Finding("Full-text index", "agrees with the passages")
    return Finding("Full-text index", problem="does not agree with the passages", remedy=REBUILD)


def _embeddings(examined: _Examined) -> Finding:
    dimension = examined.snapshot.dimension or 0
    wrong = total = 0
    for (blob,) in examined.connection.execute("SELECT vector FROM embeddings"):
        total += 1
        wrong += not is_sound(blob, dimension)
    if wrong:
        problem = f"{wrong} of {total} are not {dimension} finite numbers of norm 1"
        return Finding("Embeddings", problem=problem, remedy=REBUILD)
    return Finding("Embeddings", f"{total:,} of {dimension} dimensions and norm 1")


def _copies(examined: _Examined) -> Finding:
    subject = "Copies"
    try:
        problem = copies.fault(examined.connection, compared=COMPARED_STORIES)
    except (ValueError, TypeError):
        return Finding(subject, "not looked at, as articles are damaged")
    if problem:
        return Finding(subject, problem=f"{problem}; some copies of a story may count as sources", remedy=REBUILD)
    return Finding(subject, "every article is compared with the others")


def _library_model(examined: _Examined) -> Finding:
    from assistant.embedding import embedder_name

    subject = "Model of the library"
    made_with = examined.snapshot.embedding_model
    try:
        configured = embedder_name(examined.settings)[0]
    except ModelUnavailable:
        return Finding(subject, made_with or "none yet")
    if made_with not in (None, configured):
        problem = f"the library was embedded with {made_with}, the settings name {configured}"
        return Finding(subject, problem=problem, remedy=f"{REBUILD}, or set TRADE_ASSISTANT_EMBEDDING_MODEL back")
    return Finding(subject, made_with or "none yet")


def _versions(examined: _Examined) -> Finding:
    subject = "Reading"
    chunker = examined.all("SELECT chunker_version FROM meta")[0][0]
    if chunker not in (None, examined.chunker_version):
        problem = f"articles were cut by chunker {chunker}, this program has {examined.chunker_version}"
        return Finding(subject, problem=problem, remedy=REBUILD)
    old = [path_from_column(row[0]) for row in examined.all(_OUTDATED, (examined.parser_version,))]
    again = sum(_can_be_read_again(location, examined) for location in old)
    if again:
        problem = f"{again} articles were read by an earlier version of the program"
        return Finding(subject, problem=problem, remedy=INGEST)
    if old:
        # Of those that failed it is said below.
        kept = f"{len(old)} articles are kept as an earlier version read them, until a source gives them again"
        return Finding(subject, kept)
    return Finding(subject, "all articles were read and cut as this program does it")


def _can_be_read_again(location: str, examined: _Examined) -> bool:
    """Say whether a run reads an article again: its file is there, or its page can be asked for; neither failed."""
    if location.startswith("/"):
        is_failed = examined.all("SELECT 1 FROM failures WHERE location = ?", (path_to_column(location),))
        return not is_failed and Path(location).exists()
    pages = examined.all(_LEADING, (path_to_column(location),))
    return any(source in examined.asked_by_address for (source,) in pages)


def _generations(examined: _Examined) -> Finding:
    newest, changes = examined.snapshot.generation, examined.count("SELECT coalesce(max(generation), 0) FROM changes")
    if changes > newest:
        problem = f"a change is of generation {changes}, the library of {newest}"
        return Finding("Generations", problem=problem, remedy=REBUILD)
    return Finding("Generations", f"{newest:,}")


def _staged(examined: _Examined) -> Finding:
    ((model,),) = examined.all("SELECT staged_model FROM meta")
    if model is None or examined.is_written:
        return Finding("Rebuild", "none was stopped")
    count = examined.count("SELECT count(*) FROM staged_embeddings")
    problem = f"a rebuild with {model} was stopped; the {count:,} embeddings it made are kept"
    return Finding("Rebuild", problem=problem, remedy=f"{REBUILD} to end it")


_Check: TypeAlias = Callable[[_Examined], Finding]


def _looking_again(check: _Check) -> _Check:
    """Return a check of files that looks again, at the newer state, if one was published while it looked.

    A publish takes the place of a vector directory and deletes it, even while it is being checked.
    """

    def checked(examined: _Examined) -> Finding:
        finding = check(examined)
        if not finding.problem:
            return finding
        path = examined.settings.data_dir / database.FILE_NAME
        is_written = is_locked(examined.settings.data_dir) is not None
        connection, _ = database.open_for_reading(path)
        with closing(connection), database.reading(connection, path):
            newer = Snapshot(connection, lambda *_: {}, Kinds(path.parent))
            is_same = newer.vector_directory == examined.snapshot.vector_directory
            if is_same and is_written == examined.is_written:
                return finding
            return checked(replace(examined, connection=connection, snapshot=newer, is_written=is_written))

    return checked


def _vector_directory(examined: _Examined) -> Finding:
    """Read the directory whole, then ask Chroma for its ids and some vectors."""
    subject, name = "Vector directory", examined.snapshot.vector_directory
    passages = examined.snapshot.passage_count()
    if name is None:
        if passages and not examined.is_written:
            return Finding(subject, problem="there is none; answers are right but slower", remedy=REBUILD)
        return Finding(subject, "none is needed yet")
    try:
        with closing(vectors.VectorIndex(examined.vectors_root / name)) as index:
            problem = _differing(examined, index)
    except VectorsError as err:
        problem = str(err)
    if problem:
        return Finding(subject, problem=f"{problem}; answers are right but slower", remedy=REBUILD)
    pending = len(examined.snapshot.pending())
    return Finding(subject, f"{name}, {pending:,} passages still to be added" if pending else name)


def _differing(examined: _Examined, index: vectors.VectorIndex) -> str:
    """Say how ids or vectors differ from the library's."""
    snapshot = examined.snapshot
    departed = np.array([row[0] for row in examined.all("SELECT passage_id FROM departed")], dtype=np.int64)
    live = np.setdiff1d(snapshot.live(), snapshot.pending())
    ids = index.ids()
    missing, strays = np.setdiff1d(live, ids), np.setdiff1d(ids, np.concatenate([live, departed]))
    if len(missing) or len(strays):
        return f"it lacks {len(missing)} passages and has {len(strays)} that the library does not know"
    sample = live[:: max(1, len(live) // COMPARED_VECTORS)].tolist()
    held = index.vectors(sample)
    rows = examined.all(_SAMPLED, (json.dumps(sample),))
    # Of damaged embeddings it is said above.
    stored = {id_: unpacked(blob) for id_, blob in rows if is_sound(blob, snapshot.dimension or 0)}
    other = [id_ for id_, vector in stored.items() if not float(held[id_] @ vector) >= SAME_COSINE]
    return f"{len(other)} of {len(sample)} vectors in it are not the library's" if other else ""


def _left_behind(examined: _Examined) -> Finding:
    subject = "Old vector directories"
    unused = vectors.unused(examined.vectors_root, keep=examined.snapshot.vector_directory)
    if unused and not examined.is_written:
        size = sum(file.stat().st_size for path in unused for file in path.rglob("*") if file.is_file())
        problem = f"{len(unused)} are left behind, {size / 1e6:,.0f} MB"
        return Finding(subject, problem=problem, remedy=INGEST)
    return Finding(subject, "none is left behind")


def _failures(examined: _Examined) -> Finding:
    rows = examined.all("SELECT location, reason FROM failures ORDER BY location")
    if rows:
        first = path_from_column(rows[0][0])
        problem = f"{len(rows)} could not be indexed, {first!r} first: {rows[0][1]}"
        return Finding("Failures", problem=problem, remedy="run `trade-assistant ingest --retry` once that is mended")
    return Finding("Failures", "none is waiting")


_CONTENT_HASH = "SELECT content_hash FROM versions WHERE article_id = ? AND version = ?"
_OUTDATED = "SELECT location FROM articles WHERE live_version_id IS NOT NULL AND parser_version < ?"
_LEADING = "SELECT source FROM fetched WHERE location = ? AND url NOT IN (SELECT location FROM failures)"
_SAMPLED = "SELECT passage_id, vector FROM embeddings WHERE passage_id IN (SELECT value FROM json_each(?))"
_SPANS = """
    SELECT p.passage_id, p.start, p."end", p.heading, v.title, v.text, t.title, t.heading, t.text, e.text_hash
    FROM passages p JOIN versions v USING (version_id) LEFT JOIN passage_text t ON t.rowid = p.passage_id
    LEFT JOIN embeddings e USING (passage_id) ORDER BY p.version_id
"""
_CHECKS: tuple[_Check, ...] = (
    _references,
    _passages,
    _articles,
    _spans,
    _full_text,
    _embeddings,
    _copies,
    _library_model,
    _versions,
    _generations,
    _staged,
    _looking_again(_vector_directory),
    _looking_again(_left_behind),
    _failures,
)
