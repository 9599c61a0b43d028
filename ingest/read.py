"""Read what a plan says, ahead of the embedding: files one after the other, pages of several hosts at once.

Whatever an item does to its reader, the outcome is one of a few values and the others go on. A file whose bytes are
those of a live article whose own file is gone was only renamed, and is not read as an article at all.
"""

from __future__ import annotations

import hashlib
import logging
import sys
import threading
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import PurePath
from queue import SimpleQueue
from typing import TypeAlias
from urllib.parse import urlsplit

from assistant.errors import FetchError, ParseError
from assistant.records import FetchedPage, ManifestEntry, Move, TouchedFile
from ingest.embedding_step import BATCH_ARTICLES, Parsed
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
    """Reads items with one parse worker. `taken` are locations that a renamed file cannot move to."""

    def __init__(self, worker: ParseWorker, gone: Gone, *, max_bytes: int, taken: frozenset[str] = frozenset()) -> None:
        self._worker = worker
        self._gone = gone
        self._max_bytes = max_bytes
        self._taken = taken
        self._ahead = _Ahead()

    def read_all(self, tasks: Sequence[Task]) -> Iterator[tuple[Task, Outcome]]:
        """Yield what came of each task: files in their order, then pages as they come."""
        files = [task for task in tasks if not task.is_page]
        pages = [task for task in tasks if task.is_page]
        with _threads(1, "read") as pool, self._ahead:
            yield from self._ahead.handing_over(self._in_order(files, pool))
        with _threads(HOSTS_AT_ONCE, "fetch") as pool, self._ahead:
            yield from self._ahead.handing_over(self._as_they_come(pages, pool))

    def outcome(self, task: Task) -> Outcome:
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

    def _in_order(self, tasks: Iterable[Task], pool: Executor) -> Generator[tuple[Task, Outcome]]:
        waiting: deque[tuple[Task, Future[Outcome]]] = deque()
        for task in tasks:
            waiting.append((task, pool.submit(self.outcome, task)))
            if len(waiting) > READ_AHEAD:
                first, future = waiting.popleft()
                yield first, future.result()
        while waiting:
            first, future = waiting.popleft()
            yield first, future.result()

    def _as_they_come(self, tasks: Iterable[Task], pool: Executor) -> Generator[tuple[Task, Outcome]]:
        """Yield what came of pages. Those of a host are one job, so that no thread waits for another one's host."""
        hosts: dict[str, list[Task]] = {}
        for task in tasks:
            hosts.setdefault(urlsplit(task.item.location).netloc.lower(), []).append(task)
        done: SimpleQueue[tuple[Task, Outcome] | Future[None]] = SimpleQueue()
        room, ended = threading.Semaphore(READ_AHEAD), threading.Event()

        def read(own: Sequence[Task]) -> None:
            for task in own:
                room.acquire()
                if ended.is_set():
                    return
                done.put((task, self.outcome(task)))

        for own in hosts.values():
            pool.submit(read, own).add_done_callback(done.put)
        left = len(hosts)
        try:
            while left:
                found = done.get()
                if isinstance(found, Future):
                    found.result()
                    left -= 1
                else:
                    room.release()
                    yield found
        finally:
            ended.set()
            room.release(len(hosts) + 1)


class _Ahead:
    """How much of what was read is not handed over yet; nothing is read before it is entered or after."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._bytes = 0
        self._is_over = True

    def __enter__(self) -> None:
        self._bytes, self._is_over = 0, False

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._is_over = True
            self._changed.notify_all()

    def has_room(self) -> bool:
        """Wait for room; False if there is none to wait for any more."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_over or self._bytes < READ_AHEAD_BYTES)
            return not self._is_over

    def add(self, outcome: Outcome) -> None:
        with self._changed:
            self._bytes += _weight(outcome)

    def handing_over(self, read: Generator[tuple[Task, Outcome]]) -> Iterator[tuple[Task, Outcome]]:
        with closing(read):
            for task, outcome in read:
                with self._changed:
                    self._bytes -= _weight(outcome)
                    self._changed.notify_all()
                yield task, outcome


def _weight(outcome: Outcome) -> int:
    return sys.getsizeof(outcome.article.text) if isinstance(outcome, Parsed) else 0


@contextmanager
def _threads(count: int, name: str) -> Iterator[Executor]:
    """Give a pool of threads; work that still waits when the `with` is left is dropped."""
    pool = ThreadPoolExecutor(max_workers=count, thread_name_prefix=name)
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def document_hash(document: Document) -> str:
    """Return the sha256 (hex) of a document's bytes, and of what its source says about it, if anything."""
    digest = hashlib.sha256(document.data)
    if document.stated != NOTHING:
        digest.update(repr(document.stated).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def _bytes_key(location: str, file_hash: str) -> str:
    return f"{file_hash}{PurePath(location).suffix.lower()}"
