"""What ingest hands to a library and gets back from it, and how a library is read for that.

An article is named by its location: an absolute path, or the canonical address of a page.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.database import Connection, date_from_column, path_from_column, path_to_column
from assistant.domain import Article, Block, BlockKind, Failure, PassageSpan, Run, SourceState


@dataclass(frozen=True, slots=True)
class Validators:
    """What tells whether an address has something new: what its server sent, and a hash of what a listing said of it.

    `fingerprint` is "" where the listing said nothing.
    """

    etag: str | None = None
    last_modified: str | None = None
    fingerprint: str = ""


NO_VALIDATORS = Validators()


@dataclass(frozen=True, slots=True)
class FetchedPage:
    """What came from one address of a source, and the location of its article; `(source, url)` is unique."""

    source: str
    url: str
    location: str
    file_hash: str
    validators: Validators = NO_VALIDATORS


@dataclass(frozen=True, slots=True)
class ManifestEntry:
    """What the library knows of a live article's file, to see whether it changed.

    `withheld` is 1 while the file is gone and the user is asked whether the article is to be removed.
    """

    article_id: str
    version: int
    file_hash: str
    size: int
    changed_ns: int
    content_hash: str
    parser_version: int
    withheld: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class NewArticle:
    """An article to store. `vectors` is float32 (len(passages), dimension); `hashes` are of the embedded texts.

    `page` is set when it came from the network.
    """

    location: str
    file_hash: str
    size: int
    changed_ns: int
    article: Article
    passages: tuple[PassageSpan, ...]
    vectors: NDArray[np.float32]
    hashes: tuple[str, ...]
    parser_version: int = 1
    page: FetchedPage | None = None


@dataclass(frozen=True, slots=True)
class TouchedFile:
    """A live article's file or page that changed while its content did not."""

    location: str
    file_hash: str
    size: int
    changed_ns: int
    parser_version: int = 1
    page: FetchedPage | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """A live article whose file has another name now."""

    old: str
    new: str
    file_hash: str
    size: int
    changed_ns: int


@dataclass(frozen=True, slots=True)
class FailedFile:
    """A file that could not be indexed, as it was then: its hash "" and the numbers -1 where it could not be read."""

    failure: Failure
    file_hash: str = ""
    size: int = -1
    changed_ns: int = -1
    parser_version: int = 0


# The columns of a version `v` that its article is made of, in the order that `article_of` takes them.
RUN_COLUMNS = (
    "started_at, finished_at, added, changed, unchanged, removed, failed, moved, withheld, notes, generation_before, "
    "generation"
)
ARTICLE_COLUMNS = 'v.title, v.text, v.blocks, v.publisher, v.author, v.published, v.url, v.effective, v."references"'


def text_hash(embedded_text: str) -> str:
    """Return the key under which an embedding is known: sha256 (hex) of the text that was embedded."""
    return hashlib.sha256(embedded_text.encode("utf-8", "surrogatepass")).hexdigest()


def read_manifest(connection: Connection) -> dict[str, ManifestEntry]:
    """Return what a library knows of the file of every live article, by location."""
    rows = connection.execute(
        "SELECT a.location, a.article_id, v.version, a.file_hash, a.size, a.changed_ns, v.content_hash, "
        "a.parser_version, a.withheld "
        "FROM articles a JOIN versions v ON v.version_id = a.live_version_id"
    )
    return {path_from_column(row[0]): ManifestEntry(*row[1:]) for row in rows}


def read_withdrawn(connection: Connection, since: datetime) -> list[str]:
    """Return the locations of the articles that were withdrawn after a moment and are not live again."""
    rows = connection.execute("SELECT location FROM articles WHERE withdrawn_at > ?", (to_stamp(since),))
    return [path_from_column(row[0]) for row in rows]


def read_source_states(connection: Connection) -> dict[str, SourceState]:
    """Return how each source was found at the last look, by name."""
    rows = connection.execute(
        "SELECT name, target, checked_at, succeeded_at, problem, retry_at, withheld FROM source_states ORDER BY name"
    )
    return {
        name: SourceState(name, target, datetime.fromisoformat(at), moment(good), problem, moment(retry), withheld)
        for name, target, at, good, problem, retry, withheld in rows
    }


def to_stamp(at: datetime) -> str:
    """Return a time as columns hold it: in UTC, so that two of them compare as the times do."""
    return at.astimezone(UTC).isoformat()


def run_of(row: Sequence[Any]) -> Run:
    """Return the run of a row with the columns of RUN_COLUMNS."""
    started_at, finished_at, added, changed, unchanged, removed, failed, moved, withheld, notes, before, generation = (
        row
    )
    return Run(
        started_at=datetime.fromisoformat(started_at),
        finished_at=datetime.fromisoformat(finished_at),
        added=added,
        changed=changed,
        unchanged=unchanged,
        removed=removed,
        failed=failed,
        moved=moved,
        withheld=withheld,
        notes=tuple(json.loads(notes)),
        generation_before=before,
        generation=generation,
    )


def article_of(content: Sequence[Any]) -> Article:
    """Return the article of a row with the columns of ARTICLE_COLUMNS."""
    title, text, blocks, publisher, author, published, url, effective, references = content
    return Article(
        title=title,
        text=text,
        blocks=tuple(Block(BlockKind(kind), *numbers) for kind, *numbers in json.loads(blocks)),
        publisher=publisher,
        author=author,
        published=date_from_column(published),
        url=url,
        effective=date_from_column(effective),
        references=tuple((label, identifier) for label, identifier in json.loads(references)),
    )


def read_article_at(connection: Connection, location: str) -> Article | None:
    """Return the newest version of the article under a location, live or withdrawn; None if none ever was."""
    row = connection.execute(
        f"SELECT {ARTICLE_COLUMNS} FROM articles a JOIN versions v USING (article_id) WHERE a.location = ? "
        "ORDER BY v.version DESC LIMIT 1",
        (path_to_column(location),),
    ).fetchone()
    return None if row is None else article_of(row)


def moment(stamp: str | None) -> datetime | None:
    """Return the time that a column holds."""
    return None if stamp is None else datetime.fromisoformat(stamp)


def read_failures(connection: Connection) -> dict[str, FailedFile]:
    """Return the remembered failures by location, sorted."""
    rows = connection.execute(
        "SELECT location, reason, at, source, file_hash, size, changed_ns, parser_version FROM failures "
        "ORDER BY location"
    )
    return {
        path_from_column(location): FailedFile(
            Failure(path_from_column(location), reason, datetime.fromisoformat(at), source), *state
        )
        for location, reason, at, source, *state in rows
    }


def read_fetched(connection: Connection, source: str) -> dict[str, FetchedPage]:
    """Return what came from each address of a source on the network."""
    rows = connection.execute(
        "SELECT url, location, file_hash, etag, last_modified, fingerprint FROM fetched WHERE source = ?", (source,)
    )
    return {
        url: FetchedPage(source, url, path_from_column(location), file_hash, Validators(*validators))
        for url, location, file_hash, *validators in rows
    }


def read_source_validators(connection: Connection, name: str) -> Validators:
    """Return the validators that were remembered of a source's listing."""
    row = connection.execute(
        "SELECT etag, last_modified, fingerprint FROM source_states WHERE name = ?", (name,)
    ).fetchone()
    return Validators(*row) if row else NO_VALIDATORS


def read_folders(connection: Connection) -> list[str]:
    """Return the folders that a library of schema 1 remembered; `sources.toml` names them since."""
    return sorted(path_from_column(row[0]) for row in connection.execute("SELECT path FROM folders"))


def is_known(connection: Connection, location: str) -> bool:
    """Say whether there is an article of this location, live or withdrawn."""
    row = connection.execute("SELECT 1 FROM articles WHERE location = ?", (path_to_column(location),)).fetchone()
    return row is not None
