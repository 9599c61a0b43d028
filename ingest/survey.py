"""What a run found out: what its sources list, what is to be read, and what came of it so far.

A survey looks and decides; it changes nothing. A run with `dry_run` is a survey and a report.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from assistant.domain import Failure, SourceState
from assistant.errors import SourceError
from assistant.records import NO_VALIDATORS, FailedFile, FetchedPage, ManifestEntry, Move
from assistant.settings import Settings
from ingest import catalog
from ingest.catalog import FolderEntry, SourceEntry
from ingest.embedding_step import Parsed
from ingest.folder import Files, Folder, Found, is_walked, sources_for
from ingest.memory import Memory
from ingest.opening import Nothing, SourceOpener
from ingest.parse import PARSER_VERSION
from ingest.plan import (
    REMOVED_WITHIN,
    Plan,
    Task,
    joined,
    known_file,
    may_become,
    nearest,
    plan_files,
    plan_pages,
    refreshed,
    withheld,
)
from ingest.read import Deferred, Gone, Outcome, Reader, Refused
from ingest.settling import unsettled
from ingest.sources import Item, Listing, Problem, Source, merged

KEPT = "what was indexed from it before is kept"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the caller of a run asked for."""

    paths: tuple[Path, ...]
    sources: tuple[str, ...] | None
    allow_removals: bool
    retry: bool
    settle_s: float
    portions: tuple[Portion, ...] = ()


@dataclass(frozen=True, slots=True)
class Portion:
    """What is at hand of a look at a source on the network that was begun before the run.

    `listing` and `plan` hold the items of this portion alone, `others` are the locations that other portions are about,
    and `later` says how many items are still to come. `problem` is what kept the source from being listed, `retry_at`
    when a server of its pages so far asks to be asked again, at the latest.
    """

    entry: SourceEntry
    listing: Listing
    plan: Plan
    began_at: datetime
    others: frozenset[str] = frozenset()
    later: int = 0
    problem: Problem | None = None
    retry_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """One source that a run looked at; `entry` is None for what the user named by path."""

    entry: SourceEntry | None
    listing: Listing
    portion: Portion | None = None


class Survey:
    """The sources of a run, looked at when it is made; `reader` reads what is to be read, `tally` counts it.

    `stack` ends what is opened for it: the parse worker, the fetcher.
    """

    def __init__(self, wanted: Wanted, settings: Settings, memory: Memory, stack: ExitStack) -> None:
        self.wanted = wanted
        self.manifest = memory.manifest()
        self.failed = memory.failures()
        self.entries = _listed(settings.data_dir, memory.folders())
        self.folders = catalog.folder_names(self.entries)
        self.left_alone = {} if wanted.paths or wanted.sources is not None else self._closed(memory)
        opener = SourceOpener(settings, stack)
        self.looks = [self._look(entry, source, memory) for entry, source in self._selected(opener)]
        self.files = merged([look.listing for look in self.looks if not is_network(look.entry)])
        # A part of a source that was looked at alone is judged as a part of it.
        self.roots = {nearest(root, self.folders) or root for root in self.files.roots}
        self.plan, self._left = self._settled(self._planned(memory, opener))
        self.gone = Gone(self.plan.gone, self.manifest)
        self.reader = Reader(opener.worker, self.gone, max_bytes=settings.max_file_bytes, taken=self._taken(memory))
        stack.callback(self.reader.close)
        self.tally = Tally()
        here = {item.location for item in self.files.found}
        held_back = {location for location, entry in self.manifest.items() if entry.withheld}
        self.found_again = held_back & here
        self._asked = held_back - here
        self._recent = memory.withdrawn(datetime.now(UTC) - REMOVED_WITHIN) if self.plan.gone else []

    @property
    def deferred(self) -> int:
        """Return how many files were left because they are being written, and pages because they come later."""
        later = sum(look.portion.later for look in self.looks if look.portion)
        return len(self._left) + len(self.tally.deferred) + later

    def is_open(self, look: Look) -> bool:
        """Say whether a source was not looked at to its end, so that its look goes on."""
        name = look.entry.name if look.entry else ""
        is_part = look.portion is not None and look.portion.later > 0
        return is_part or any(task.is_page and task.source == name for task in self.tally.deferred)

    def lost(self) -> tuple[str, ...]:
        """Return the articles whose files are gone, but for those that a file which is being written may hold again."""
        unread = [task.item for task in (*self._left, *self.tally.deferred) if task.known is None]
        files = [item for item in unread if isinstance(item, Found)]
        return tuple(
            location
            for location in self.gone.locations
            if not any(may_become(file, known_file(location, self.manifest[location])) for file in files)
        )

    def withheld(self) -> dict[str, tuple[str, ...]]:
        """Return, by folder, what is gone and may not be removed without being asked about."""
        if self.wanted.allow_removals:
            return {}
        return withheld(self.gone.locations, self.manifest, self.roots, asked=self._asked, recent=self._recent)

    def failures(self) -> list[FailedFile]:
        """Return what failed in this run; of a file, page or folder that is known, what was indexed before stays."""
        now = datetime.now(UTC)
        known = {*self.manifest, *self.folders}
        failed = {
            problem.location: FailedFile(_failure(problem, look.entry.name if look.entry else "", now, known))
            for look in self.looks
            for problem in look.listing.problems
        }
        for task, refused in self.tally.refused:
            kept = {*known, task.item.location} if task.known else known
            failure = _failure(refused.problem, task.source, task.failed_at or now, kept)
            state = (refused.file_hash, refused.size, refused.changed_ns, PARSER_VERSION if refused.file_hash else 0)
            failed[failure.location] = FailedFile(failure, *state)
        return [failed[location] for location in sorted(failed)]

    def _selected(self, opener: SourceOpener) -> Iterator[tuple[SourceEntry | None, Source]]:
        """Return the sources to look at, with the entry of those that are in the list."""
        if self.wanted.paths:
            yield from self._named(self.wanted.paths, opener)
        elif self.wanted.sources is not None:
            for name in self.wanted.sources:
                entry = next((entry for entry in self.entries if entry.name == name), None)
                if entry is None:
                    known = ", ".join(entry.name for entry in self.entries) or "there is none"
                    raise SourceError(f"there is no source named {name!r}; sources: {known}")
                yield entry, opener.source(entry)
        else:
            for entry in self.entries:
                if entry.name not in self.left_alone:
                    yield entry, opener.source(entry)
            single = [
                Path(location) for location in sorted({*self.manifest, *self.failed}) if self._is_single(location)
            ]
            if single:
                yield None, Files(single)

    def _closed(self, memory: Memory) -> dict[str, datetime]:
        """Return the sources whose servers ask not to be asked yet, with the moment until which they ask it."""
        now, states = datetime.now(UTC), memory.source_states()
        asked = {entry.name: states[entry.name].retry_at for entry in self.entries if entry.name in states}
        return {name: until for name, until in asked.items() if until is not None and until > now}

    def _look(self, entry: SourceEntry | None, source: Source, memory: Memory) -> Look:
        for portion in self.wanted.portions:
            if portion.entry == entry:
                return Look(entry, portion.listing, portion)
        known = memory.source_validators(entry.name) if entry and not self.wanted.retry else NO_VALIDATORS
        return Look(entry, source.list(known))

    def _named(self, paths: Sequence[Path], opener: SourceOpener) -> Iterator[tuple[SourceEntry | None, Source]]:
        sources, problems = sources_for(paths)
        by_target = {entry.target: entry for entry in self.entries}
        for source in sources:
            yield by_target.get(str(source.path)) if isinstance(source, Folder) else None, source
        if problems:
            yield None, Nothing(tuple(problems))

    def _is_single(self, location: str) -> bool:
        """Say whether only the user named a file: it lies in no source, or hidden in one."""
        folder = nearest(location, self.folders)
        if folder is not None:
            return not is_walked(Path(location), Path(folder))
        failure = self.failed.get(location)
        return location.startswith("/") and not (failure and failure.failure.source)

    def _planned(self, memory: Memory, opener: SourceOpener) -> Plan:
        failed = {} if self.wanted.retry else self.failed
        plans = [plan_files(self.files, self.manifest, failed=failed, folders=self.folders)]
        for look in self.looks:
            if look.portion is not None:
                fetched = memory.fetched(look.portion.entry.name)
                plans.append(refreshed(look.portion.plan, fetched, self.manifest))
            elif look.entry is not None and is_network(look.entry):
                plans.append(pages_planned(look.entry, look.listing, memory, opener, retry=self.wanted.retry))
        return joined(plans)

    def _settled(self, planned: Plan) -> tuple[Plan, list[Task]]:
        """Return the plan without the files that are still being written, and these."""
        if not self.wanted.settle_s:
            return planned, []
        files = {task.item.path for task in planned.to_read if isinstance(task.item, Found)}
        later = unsettled(files, settle_s=self.wanted.settle_s)
        left = [task for task in planned.to_read if isinstance(task.item, Found) and task.item.path in later]
        return replace(planned, to_read=tuple(task for task in planned.to_read if task not in left)), left

    def _taken(self, memory: Memory) -> frozenset[str]:
        """Return the locations of new files that a renamed article cannot have, because one was withdrawn there."""
        if not self.plan.gone:
            return frozenset()
        new = [task.item.location for task in self.plan.to_read if task.known is None and not task.is_page]
        return frozenset(location for location in new if memory.is_known(location))


@dataclass(slots=True)
class Tally:
    """What came of the items so far."""

    unchanged: int = 0
    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    moved: list[tuple[str, str]] = field(default_factory=list)
    refused: list[tuple[Task, Refused]] = field(default_factory=list)
    deferred: list[Task] = field(default_factory=list)

    def count(self, task: Task, outcome: Outcome, manifest: Mapping[str, ManifestEntry]) -> None:
        """Add what came of a task."""
        match outcome:
            case Refused():
                self.refused.append((task, outcome))
            case Parsed(location=location):
                is_known = location in manifest or (task.known is not None and task.known.location in manifest)
                (self.changed if is_known else self.added).append(location)
            case Move(old=old, new=new):
                self.moved.append((old, new))
            case Deferred():
                self.deferred.append(task)
            case _:
                self.unchanged += 1


def _listed(data_dir: Path, former: Sequence[str]) -> tuple[SourceEntry, ...]:
    """Return the sources in the list; where there is none yet, those that it is going to have."""
    entries = catalog.read_sources(data_dir)
    if entries or catalog.has_list(data_dir):
        return entries
    return tuple(FolderEntry(name=f"folder-{place}", path=Path(path)) for place, path in enumerate(former, start=1))


def orphans(
    memory: Memory, entries: Sequence[SourceEntry], manifest: Mapping[str, ManifestEntry]
) -> dict[str, tuple[str, ...]]:
    """Return, for each source that is not in the list any more, the live articles that came from it alone."""
    names = {entry.name for entry in entries}
    folders = catalog.folder_names(entries)
    states = memory.source_states()
    left = [state for name, state in states.items() if name not in {*names, *renamed(states, entries)}]
    if not left:
        return {}
    held = {page.location for entry in entries if is_network(entry) for page in memory.fetched(entry.name).values()}
    left_behind = {}
    for state in left:
        fetched = {page.location for page in memory.fetched(state.name).values()} - held
        below = [
            location
            for location in manifest
            if nearest(location, {state.target}) and nearest(location, folders) is None
        ]
        left_behind[state.name] = tuple(sorted({*below, *(location for location in fetched if location in manifest)}))
    return left_behind


def renamed(states: Mapping[str, SourceState], entries: Sequence[SourceEntry]) -> dict[str, str]:
    """Return the new name of each source that was given another one in the list, by the name it was looked at under."""
    names = {entry.name for entry in entries}
    new = {
        entry.target: entry.name
        for entry in entries
        if entry.name not in states or states[entry.name].target != entry.target
    }
    return {name: new[state.target] for name, state in states.items() if name not in names and state.target in new}


def pages_planned(
    entry: SourceEntry, listing: Listing, memory: Memory, opener: SourceOpener, *, name: str = "", retry: bool = False
) -> Plan:
    """Compare what a source on the network lists with what is known of it, under another `name` if that is given."""
    name = name or entry.name
    state = memory.source_states().get(name)
    # A source that was pointed elsewhere has nothing to do with what failed before.
    is_same = state is not None and state.target == entry.target

    def unlisted(address: str, page: FetchedPage | None, fingerprint: str) -> Item | None:
        return opener.unlisted(entry, address, memory.article_at(page.location) if page else None, fingerprint)

    return plan_pages(
        entry.name,
        listing,
        memory.fetched(name),
        memory.manifest(),
        failed={url: each for url, each in memory.failures().items() if is_same and each.failure.source == name},
        retry=retry,
        unlisted=unlisted,
    )


def is_network(entry: SourceEntry | None) -> bool:
    """Say whether what an entry lists is fetched."""
    return entry is not None and not isinstance(entry, FolderEntry)


def problem_of(look: Look) -> Problem | None:
    """Return what kept a source from being looked at, if it was that and not some of its items."""
    if look.entry is None:
        return None
    if look.portion is not None:
        return look.portion.problem
    if isinstance(look.entry, FolderEntry):
        return next((problem for problem in look.listing.problems if problem.location == look.entry.target), None)
    return listing_problem(look.listing)


def listing_problem(listing: Listing) -> Problem | None:
    """Return what kept a source on the network from being listed at all."""
    return listing.problems[0] if listing.problems and not listing.found else None


def _failure(problem: Problem, source: str, at: datetime, known: Collection[str]) -> Failure:
    reason = f"{problem.reason}; {KEPT}" if problem.location in known else problem.reason
    return Failure(problem.location, reason, at, source)
