"""Fetch what the sources on the network have, in threads of their own and without the writer's lock.

A slow or silent host keeps only those waiting who want its pages: what was fetched is handed over in portions, each a
listing whose items are at hand, so that a run over it parses, embeds and commits, and waits for nobody.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial

from assistant.errors import AssistantError, FetchError
from assistant.settings import Settings
from ingest.catalog import FederalRegisterEntry, SourceEntry, read_sources
from ingest.lanes import ENDING_S, Lanes, host_of
from ingest.memory import present_memory
from ingest.opening import SourceOpener
from ingest.parse import Unsettled
from ingest.plan import Plan, Task
from ingest.sources import Document, Item, Known, Listing, Problem, Source
from ingest.survey import Portion, listing_problem, pages_planned, renamed

# Requests at once, all of different hosts; they wait for their servers most of the time.
FETCHED_AT_ONCE = 8
# Nothing more is fetched while this much waits to be indexed; a page may bring it past that by its own length.
BYTES_AT_HAND = 64_000_000
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PortionSize:
    """When there is enough at hand for a run, and how much one takes at most: it holds the writer's lock so long.

    64 pages are one commit, and 16 MB are read in seconds; whatever came of a slow host is indexed after 10 s.
    """

    pages: int = 64
    data_bytes: int = 16_000_000
    wait_s: float = 10.0


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of a source: a portion to hand to a run, or why it could not be looked at."""

    entry: SourceEntry
    portion: Portion | None
    error: str = ""


@dataclass(frozen=True, slots=True)
class AtHand:
    """An item that was read already, by one who knew `known` of it: its document, or the error that came."""

    item: Item
    known: Known | None
    came: Document | Exception | None

    @property
    def location(self) -> str:
        """Return the address asked for."""
        return self.item.location

    def is_unchanged(self, known: Known) -> bool:
        """Say from the listing alone whether there can be nothing new."""
        return self.item.is_unchanged(known)

    def read(self, known: Known | None, *, max_bytes: int) -> Document | None:
        """Return what came. Raises what came; Unsettled if it is unchanged from what is not in the library any more."""
        if isinstance(self.came, Exception):
            raise self.came
        if self.came is None and known != self.known:
            raise Unsettled("the article changed while its page was asked for")
        return self.came


@dataclass(slots=True, eq=False)
class _Job:
    """One look at a source, from its listing to the last of its pages; guarded by the condition of its `Ahead`.

    `plan` is what was not handed over yet, but for its tasks.
    """

    entry: SourceEntry
    began_at: datetime
    listing: Listing | None = None
    problem: Problem | None = None
    plan: Plan = field(default_factory=Plan)
    named: frozenset[str] = frozenset()
    unchanged: tuple[Item, ...] = ()
    unread: int = 0
    at_hand: deque[Task] = field(default_factory=deque)
    since: float = 0.0
    retry_at: datetime | None = None
    error: str = ""
    is_dropped: bool = False

    def is_ready(self, size: PortionSize, now: float) -> bool:
        if self.listing is None or not self.at_hand:
            return bool(self.error) or (self.listing is not None and not self.unread)
        return (
            not self.unread
            or len(self.at_hand) >= size.pages
            or sum(map(_weight, self.at_hand)) >= size.data_bytes
            or now - self.since >= size.wait_s
        )


class Ahead:
    """Fetches sources ahead of the runs that index them. `start` and `take` are for one thread; close it at the end."""

    def __init__(self, settings: Settings, *, size: PortionSize = PortionSize()) -> None:
        self._settings = settings
        self._size = size
        self._stack = ExitStack()
        self._opener = SourceOpener(settings, self._stack)
        self._jobs: dict[str, _Job] = {}
        self._changed = threading.Condition()
        self._lanes = Lanes(FETCHED_AT_ONCE, "ahead")

    @property
    def is_busy(self) -> bool:
        """Say whether something that was started was not taken to its end."""
        return bool(self._jobs)

    def start(self, entry: SourceEntry) -> None:
        """Begin to look at a source and to fetch what is new there, unless that goes on already."""
        if (job := self._jobs.get(entry.name)) and job.entry == entry:
            return
        self.drop(entry.name)
        job, source = _Job(entry, datetime.now(UTC)), self._opener.source(entry)
        with self._changed:
            self._jobs[entry.name] = job
        is_search = isinstance(entry, FederalRegisterEntry)
        asked = self._settings.federal_register_url if is_search else entry.target
        self._lanes.do(host_of(asked), partial(self._list, job, source))

    def take(self, *, wait_s: float = 0.0) -> Taken | None:
        """Return what is worth a run by now, at the latest after `wait_s`; None if nothing is."""
        with self._changed:
            job = self._ready()
            if job is None and wait_s:
                self._changed.wait(wait_s)
                job = self._ready()
            return None if job is None else self._taken(job)

    def drop(self, name: str) -> None:
        """Let go of what was begun of a source; it is looked at anew when it is started again."""
        with self._changed:
            if job := self._jobs.pop(name, None):
                job.is_dropped = True
                job.at_hand.clear()
            self._changed.notify_all()

    def close(self) -> None:
        """End, within a second or two whatever the hosts do."""
        for name in list(self._jobs):
            self.drop(name)
        # It may wait for a feed that is being read.
        ending = threading.Thread(target=self._stack.close, name="ahead-end", daemon=True)
        ending.start()
        self._lanes.close()
        ending.join(ENDING_S)

    def _ready(self) -> _Job | None:
        now = time.monotonic()
        ready = [job for job in self._jobs.values() if job.is_ready(self._size, now)]
        return min(ready, key=lambda job: job.since, default=None)

    def _taken(self, job: _Job) -> Taken:
        """Take what one run is to index; after the last of it the job is done."""
        if job.listing is None:
            del self._jobs[job.entry.name]
            return Taken(job.entry, None, job.error)
        tasks: list[Task] = []
        data_bytes = 0
        while job.at_hand and len(tasks) < self._size.pages and data_bytes < self._size.data_bytes:
            tasks.append(job.at_hand.popleft())
            data_bytes += _weight(tasks[-1])
        later = job.unread + len(job.at_hand)
        if not later:
            del self._jobs[job.entry.name]
        listed = {item.location for item in job.listing.found}
        found = [*job.unchanged, *(task.item for task in tasks if task.item.location in listed)]
        listing = replace(
            job.listing,
            found=tuple(sorted(found, key=lambda item: item.location)),
            problems=() if later else job.listing.problems,
        )
        plan = replace(job.plan, to_read=tuple(tasks))
        here = {
            *(item.location for item in found),
            *(task.item.location for task in tasks),
            *(problem.location for problem in listing.problems),
            *(failure.location for failure in plan.lasting),
        }
        job.unchanged, job.plan, job.since = (), Plan(), time.monotonic()
        self._changed.notify_all()
        moments = (job.retry_at, *map(_retry_at, tasks))
        job.retry_at = max((moment for moment in moments if moment), default=None)
        others = job.named - here
        portion = Portion(job.entry, listing, plan, job.began_at, others, later, job.problem, job.retry_at)
        return Taken(job.entry, portion)

    def _list(self, job: _Job, source: Source) -> None:
        if job.is_dropped:
            return
        try:
            listing, plan = self._planned(job.entry, source)
            hosts = _by_host(plan.to_read)
        except Exception as err:  # whatever is wrong with one source, the others go on
            if not isinstance(err, AssistantError):
                logger.warning("cannot look at %r", job.entry.name, exc_info=True)
            with self._changed:
                job.error = str(err) or type(err).__name__
                self._changed.notify_all()
            return
        finally:
            self._opener.worker.close()  # the next feed may be far away
        new = {task.item.location for task in plan.to_read}
        lasting = {failure.location for failure in plan.lasting}
        with self._changed:
            job.named = frozenset(
                {
                    *new,
                    *lasting,
                    *(item.location for item in listing.found),
                    *(problem.location for problem in listing.problems),
                }
            )
            job.unchanged = tuple(item for item in listing.found if item.location not in new)
            job.listing, job.problem, job.plan = listing, listing_problem(listing), replace(plan, to_read=())
            job.unread, job.since = len(plan.to_read), time.monotonic()
            self._changed.notify_all()
        for host, tasks in hosts.items():
            self._lanes.do(host, partial(self._fetch, job, host, tasks))

    def _planned(self, entry: SourceEntry, source: Source) -> tuple[Listing, Plan]:
        """List a source and say what is to be read; the library is held only for moments."""
        entries = read_sources(self._settings.data_dir)
        with ExitStack() as stack:
            memory = present_memory(self._settings, stack)
            # The run takes along what is known of a source that was given another name.
            former = {new: old for old, new in renamed(memory.source_states(), entries).items()}
            known = memory.source_validators(former.get(entry.name, entry.name))
        listing = source.list(known)
        with ExitStack() as stack:
            memory = present_memory(self._settings, stack)
            name = entry.name if entry.name in memory.source_states() else former.get(entry.name, "")
            return listing, pages_planned(entry, listing, memory, self._opener, name=name)

    def _fetch(self, job: _Job, host: str, tasks: deque[Task]) -> None:
        """Read one item; the next comes after what other looks want of its host, so that each source gets its turn."""
        with self._changed:
            while not job.is_dropped and self._bytes_at_hand() >= BYTES_AT_HAND:
                self._changed.wait()
            if job.is_dropped:
                return
        read = self._read(tasks.popleft())
        with self._changed:
            if not job.at_hand:
                job.since = time.monotonic()
            job.at_hand.append(read)
            job.unread -= 1
            self._changed.notify_all()
        if tasks:
            self._lanes.do(host, partial(self._fetch, job, host, tasks))

    def _read(self, task: Task) -> Task:
        """Return the task with its item at hand."""
        try:
            came = task.item.read(task.known, max_bytes=self._settings.max_file_bytes)
        except Exception as err:  # noqa: BLE001 - it is raised again, and told, where the item is read in a run
            return replace(task, item=AtHand(task.item, task.known, err))
        return replace(task, item=AtHand(task.item, task.known, came))

    def _bytes_at_hand(self) -> int:
        return sum(_weight(task) for job in self._jobs.values() for task in job.at_hand)


def _weight(task: Task) -> int:
    """Return the number of bytes that a task holds."""
    match task.item:
        case AtHand(came=Document(data=data)):
            return len(data)
    return 0


def _retry_at(task: Task) -> datetime | None:
    """Return when a page's server asks to be asked again, unless its source does not list the page any more."""
    match task.item:
        case AtHand(came=FetchError(retry_at=moment)) if task.failed_at is None:
            return moment
    return None


def _by_host(tasks: Iterable[Task]) -> dict[str, deque[Task]]:
    hosts: dict[str, deque[Task]] = {}
    for task in tasks:
        hosts.setdefault(host_of(task.item.location), deque()).append(task)
    return hosts
