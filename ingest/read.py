"""Read what a plan says, ahead of the embedding: files one after the other, pages of several hosts at once.

Whatever an item does to its reader, the outcome is one of a few values and the others go on. A file whose bytes are
those of a live article whose own file is gone was only renamed, and is not read as an article at all.
"""

from __future__ import annotations

import hashlib
import logging
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import PurePath
from queue import SimpleQueue
from typing import TypeAlias

from assistant.errors import FetchError, ParseError
from assistant.records import FetchedPage, ManifestEntry, Move, TouchedFile
from ingest.embedding_step import BATCH_ARTICLES, Parsed
from ingest.lanes import Lanes, host_of
from ingest.metadata import NOTHING
from ingest.parse import PARSER_VERSION, Unsettled
from ingest.plan import Task
from ingest.sources import Document, Problem
from ingest.worker import ParseWorker

# Items read ahead of the one that is being embedded, at most. They and one commit are what memory holds of a source.
READ_AHEAD = 2 * BATCH_ARTICLES
# No further item is read while the texts of those that were weigh more than this.
READ_AHEAD_BYTES = 32 * 2**20
# Hosts asked at once, so that one that is slow to answer keeps few others waiting; of one host, one page at a time.
HOSTS_AT_ONCE = 16
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Unchanged:
    """A page that its server says is what it was."""


@dataclass(frozen=True, slots=True)
class Deferred:
    """A file that changed or vanished while it was read."""


@dataclass(frozen=True, slots=True)
class Refused:
    """An item that could not be read, or, with its hash, a document that could not be parsed.

    The hash of a page is the fingerprint of what its listing said of it.
    """

    problem: Problem
    file_hash: str = ""
    size: int = -1
    changed_ns: int = -1


Outcome: TypeAlias = Parsed | TouchedFile | Move | Unchanged | Deferred | Refused


class Gone:
    """The live articles whose files are gone, each to be claimed once by a new file that holds the same."""

    def __init__(self, locations: Sequence[str], manifest: Mapping[str, ManifestEntry]) -> None:
        self._lock = threading.Lock()
        self._left = dict.fromkeys(sorted(locations))
        self._holding: dict[str, list[str]] = {}
        for location in self._left:
            entry = manifest[location]
            for key in (_bytes_key(location, entry.file_hash), entry.content_hash):
                self._holding.setdefault(key, []).append(location)

    def claim_bytes(self, new: str, file_hash: str) -> str | None:
        """Return the old location of the article whose bytes the file `new` has now, one of the same name if any.

        It must be of the same kind, because the kind decides how bytes are read.
        """
        return self._claim(new, _bytes_key(new, file_hash))

    def claim_article(self, new: str, content_hash: str) -> str | None:
        """Return the old location of the very article that was read from the file `new` now."""
        return self._claim(new, content_hash)

    @property
    def locations(self) -> tuple[str, ...]:
        """Return those that nobody claimed."""
        with self._lock:
            return tuple(self._left)

    def _claim(self, new: str, key: str) -> str | None:
        with self._lock:
            same = [location for location in self._holding.get(key, ()) if location in self._left]
            found = next((location for location in same if PurePath(location).name == PurePath(new).name), None)
            found = found or next(iter(same), None)
            if found is not None:
                del self._left[found]
            return found


class Reader:
    """Reads the items of one run with one parse worker; close it before the worker.

    `taken` are locations that a renamed file cannot move to.
    """

    def __init__(self, worker: ParseWorker, gone: Gone, *, max_bytes: int, taken: frozenset[str] = frozenset()) -> None:
        self._worker = worker
        self._gone = gone
        self._max_bytes = max_bytes
        self._taken = taken
        self._ahead = _Ahead()
        self._lanes = Lanes(HOSTS_AT_ONCE, "read")

    def read_all(self, tasks: Sequence[Task]) -> Iterator[tuple[Task, Outcome]]:
        """Yield what came of each task: files in their order, then pages as they come."""
        files = [task for task in tasks if not task.is_page]
        pages = [task for task in tasks if task.is_page]
        with closing(self):
            yield from self._read_through(files)
            yield from self._read_through(pages)

    def close(self) -> None:
        """Let go of what is being read, within a second or two whatever the hosts do."""
        self._ahead.end()
        self._lanes.close()

    def _read_through(self, tasks: Sequence[Task]) -> Iterator[tuple[Task, Outcome]]:
        """Yield what came of each task as it comes; files are one lane, so they come in their order."""
        done: SimpleQueue[tuple[Task, Outcome] | Exception] = SimpleQueue()

        def read(task: Task) -> None:
            try:
                done.put((task, self._outcome(task)))
            except Exception as err:  # noqa: BLE001 - it is raised again where the outcome is waited for
                done.put(err)

        for task in tasks:
            self._lanes.do(host_of(task.item.location) if task.is_page else "", partial(read, task))
        for _ in tasks:
            found = done.get()
            if isinstance(found, Exception):
                raise found
            self._ahead.hand_over(found[1])
            yield found

    def _outcome(self, task: Task) -> Outcome:
        """Read one item, once there is room for it."""
        if not self._ahead.has_room():
            return Deferred()
        outcome = self._read(task)
        self._ahead.add(outcome)
        return outcome

    def _read(self, task: Task) -> Outcome:
        try:
            document = task.item.read(task.known, max_bytes=self._max_bytes)
        except FetchError as err:
            return Refused(Problem(task.item.location, str(err), retry_at=err.retry_at))
        except Unsettled:
            return Deferred()
        except ParseError as err:
            return Refused(Problem(task.item.location, str(err)))
        except Exception as err:  # whatever is wrong with one item, the others go on
            logger.warning("cannot read %r", task.item.location, exc_info=True)
            reason = f"it cannot be read ({type(err).__name__}: {' '.join(str(err).split())})"
            return Refused(Problem(task.item.location, reason))
        if self._ahead.is_over:  # nobody waits for it any more, and the parse worker is not to be started anew
            return Deferred()
        return Unchanged() if document is None else self._parsed(task, document)

    def _parsed(self, task: Task, document: Document) -> Outcome:
        digest = document_hash(document)
        page = None
        if task.is_page:
            page = FetchedPage(task.source, task.item.location, document.location, digest, document.validators)
        touched = TouchedFile(document.location, digest, document.size, document.changed_ns, PARSER_VERSION, page)
        known = task.known if task.known and task.known.location == document.location else None
        if known is not None and digest == known.file_hash and not task.is_outdated:
            return touched
        is_new_file = task.known is None and not task.is_page and document.location not in self._taken
        if is_new_file and (old := self._gone.claim_bytes(document.location, digest)):
            return Move(old, document.location, digest, document.size, document.changed_ns)
        try:
            article, passages = self._worker.article(document)
        except ParseError as err:
            # A page is known by what its listing said of it, a file by its bytes.
            state = document.validators.fingerprint if task.is_page else digest
            return Refused(Problem(task.item.location, str(err)), state, document.size, document.changed_ns)
        if task.is_page:
            # Of the same site, whatever the text itself says: the link to the publisher leads there.
            article = replace(article, url=document.stated.url or document.location)
        if known is not None and article.content_hash == known.content_hash:
            return touched
        if is_new_file and (old := self._gone.claim_article(document.location, article.content_hash)):
            return Move(old, document.location, digest, document.size, document.changed_ns)
        return Parsed(
            location=document.location,
            file_hash=digest,
            size=document.size,
            changed_ns=document.changed_ns,
            article=article,
            passages=passages,
            parser_version=PARSER_VERSION,
            page=page,
        )


class _Ahead:
    """How much of what was read is not handed over yet."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._items = 0
        self._bytes = 0
        self.is_over = False

    def has_room(self) -> bool:
        """Wait for room and take it for one item; False if there is none to wait for any more."""
        with self._changed:
            self._changed.wait_for(
                lambda: self.is_over or (self._items < READ_AHEAD and self._bytes < READ_AHEAD_BYTES)
            )
            self._items += 1
            return not self.is_over

    def add(self, outcome: Outcome) -> None:
        """Count the weight of what was read."""
        with self._changed:
            self._bytes += _weight(outcome)

    def hand_over(self, outcome: Outcome) -> None:
        """Give back the room of what was read."""
        with self._changed:
            self._items -= 1
            self._bytes -= _weight(outcome)
            self._changed.notify_all()

    def end(self) -> None:
        """Let nothing more be read."""
        with self._changed:
            self.is_over = True
            self._changed.notify_all()


def _weight(outcome: Outcome) -> int:
    return sys.getsizeof(outcome.article.text) if isinstance(outcome, Parsed) else 0


def document_hash(document: Document) -> str:
    """Return the sha256 (hex) of a document's bytes, and of what its source says about it, if anything."""
    digest = hashlib.sha256(document.data)
    if document.stated != NOTHING:
        digest.update(repr(document.stated).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def _bytes_key(location: str, file_hash: str) -> str:
    return f"{file_hash}{PurePath(location).suffix.lower()}"
