"""Bring the library in step with its sources: plan what is new, changed and gone, then read, embed and commit.

A run commits in small batches, so that articles answer while it goes on and a stop at any moment leaves a consistent
library; running again goes on from there. What failed to be read or fetched is reported and never removed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeAlias

from assistant.domain import Failure, Run, SourceState
from assistant.errors import LibraryMismatch, LibraryMissing, SourceError, VectorsError
from assistant.library import Library, Snapshot
from assistant.records import NO_VALIDATORS, FailedFile, FetchedPage, ManifestEntry, Move, TouchedFile, Validators
from assistant.settings import Settings
from assistant.writer import Writer
from ingest import catalog
from ingest.catalog import FederalRegisterEntry, FeedEntry, FolderEntry, SourceEntry, UrlEntry
from ingest.embedding_step import EmbeddingStep, Parsed, is_full, open_writer
from ingest.folder import Files, Folder, Found, sources_for
from ingest.parse import PARSER_VERSION
from ingest.plan import Plan, Task, joined, nearest, plan_files, plan_pages, withheld
from ingest.progress import Progress, ProgressFile, recorded
from ingest.read import Deferred, Gone, Outcome, Reader, Refused
from ingest.settling import unsettled
from ingest.sources import Listing, Problem, Source, merged
from ingest.worker import ParseWorker

if TYPE_CHECKING:
    from assistant.embedding import Embedder
    from ingest.feed import Feed
    from ingest.fetch import Fetcher

# Articles that were read wait no longer than this for a batch to fill: pages come one a second.
COMMIT_AFTER_S = 5.0
KEPT = "what was indexed from it before is kept"

OnProgress: TypeAlias = Callable[[Progress], None]
Notify: TypeAlias = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of a run: locations sorted; `notes` are sentences about what a user might not expect.

    `moved` are pairs of the old and the new location. `withheld` are articles whose files are gone and that were not
    removed, because they are more than a fifth of their folder's and nobody allowed it.
    """

    added: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: int
    removed: tuple[str, ...]
    failed: tuple[Failure, ...]
    ignored: int
    notes: tuple[str, ...]
    generation: int
    seconds: float
    dry_run: bool
    moved: tuple[tuple[str, str], ...] = ()
    withheld: tuple[str, ...] = ()
    deferred: int = 0


def ingest(
    paths: Sequence[Path],
    settings: Settings,
    *,
    embedder: Embedder | None = None,
    dry_run: bool = False,
    on_progress: OnProgress | None = None,
    notify: Notify | None = None,
    wait_s: float = 0,
    sources: Sequence[str] | None = None,
    allow_removals: bool = False,
    retry: bool = False,
    settle_s: float = 0,
) -> Report:
    """Index files and folders, or the named `sources`; with neither, look again at everything known.

    A folder becomes a source. A file or page that cannot be read is in `Report.failed`; the rest go on. A file that
    failed is read again once it changes, or with `retry`. More than a fifth of a folder's articles are removed at once
    only with `allow_removals`. Files that changed within `settle_s` seconds, or are open for writing, are left for a
    later run and counted. `dry_run` reads and parses too, so that its report is what a run would do, and writes
    nothing. `notify` gets the messages of loading the embedding model. If only the vector directory cannot be built,
    the run is done and `Report.notes` says so.

    Raises LibraryLocked if another process is writing (after waiting `wait_s` seconds), LibraryMismatch if the library
    was made with another embedding model or chunker, LibraryMissing if there is nothing to look at, SourceError if
    `sources.toml` or a name in `sources` cannot be used, ModelUnavailable if there is something to embed and no model.
    """
    wanted = _Wanted(tuple(paths), None if sources is None else tuple(sources), allow_removals, retry, settle_s)
    is_new = not _has_library(settings)
    if is_new and not paths and not catalog.read_sources(settings.data_dir):
        raise LibraryMissing("nothing has been indexed yet: name files or folders, `trade-assistant ingest PATH`")
    # Nothing to index: leave no empty library behind.
    if dry_run or (is_new and paths and not sources_for(paths)[0]):
        return _dry_run(wanted, settings, on_progress, dry_run=dry_run)
    with open_writer(settings, embedder, wait_s=wait_s) as writer, recorded(settings.data_dir, on_progress) as progress:
        embedding = EmbeddingStep(writer, settings, embedder, progress, notify)
        report = _Sync(writer, embedding, progress, settings).run(wanted)
        progress.finish(_counts(report))
        return report


def forget_source(
    name: str, settings: Settings, *, embedder: Embedder | None = None, keep_articles: bool = False, wait_s: float = 0
) -> tuple[str, ...]:
    """Take a source off the list and withdraw the articles that came from it alone; return their locations, sorted.

    With `keep_articles` they stay, as single files do. Raises SourceError if there is none of that name, and as
    `ingest` does.
    """
    if not _has_library(settings):
        catalog.remove_source(settings.data_dir, name)
        return ()
    with open_writer(settings, embedder, wait_s=wait_s) as writer:
        catalog.remove_source(settings.data_dir, name)
        entries = catalog.read_sources(settings.data_dir)
        orphans = _orphans(writer, entries, writer.manifest()).get(name, ())
        if orphans and not keep_articles:
            writer.remove(orphans)
            writer.publish_vectors()
        writer.forget_source(name)
        return () if keep_articles else orphans


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What the caller of a run asked for."""

    paths: tuple[Path, ...]
    sources: tuple[str, ...] | None
    allow_removals: bool
    retry: bool
    settle_s: float


class _Memory(Protocol):
    """What a run reads of the library: the writer, or for a dry run a snapshot."""

    def manifest(self) -> dict[str, ManifestEntry]: ...
    def failures(self) -> dict[str, FailedFile]: ...
    def folders(self) -> list[str]: ...
    def fetched(self, source: str) -> dict[str, FetchedPage]: ...
    def source_states(self) -> dict[str, SourceState]: ...
    def source_validators(self, name: str) -> Validators: ...
    def is_known(self, location: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class _Look:
    """One source that a run looked at; `entry` is None for what the user named by path."""

    entry: SourceEntry | None
    listing: Listing


class _Run:
    """What a run found out before it changes anything."""

    def __init__(self, wanted: _Wanted, settings: Settings, memory: _Memory, stack: ExitStack) -> None:
        self.wanted = wanted
        self.manifest = memory.manifest()
        self.failed = memory.failures()
        self.entries = _listed(settings.data_dir, memory.folders())
        self.folders = catalog.folder_names(self.entries)
        opening = _Opening(settings, stack)
        self.looks = [
            _Look(entry, source.list(memory.source_validators(entry.name) if entry else NO_VALIDATORS))
            for entry, source in self._selected(opening)
        ]
        self.files = merged([look.listing for look in self.looks if not _is_network(look.entry)])
        self.plan, self._left = self._settled(self._planned(memory))
        self.gone = Gone(self.plan.gone, self.manifest)
        self.reader = Reader(opening.worker, self.gone, max_bytes=settings.max_file_bytes, taken=self._taken(memory))
        self.tally = _Tally()

    @property
    def deferred(self) -> int:
        """Return how many files were left because they are being written."""
        return len(self._left) + len(self.tally.deferred)

    def lost(self) -> tuple[str, ...]:
        """Return the articles whose files are gone.

        None are while a new file is being written or came and went: it may be the new name of one.
        """
        is_open = any(task.known is None for task in (*self._left, *self.tally.deferred))
        return () if is_open else self.gone.locations

    def withheld(self) -> dict[str, tuple[str, ...]]:
        """Return, by folder, what is gone and may not be removed without being asked about."""
        return {} if self.wanted.allow_removals else withheld(self.lost(), self.manifest, self.files.roots)

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
            failure = _failure(refused.problem, task.source, now, kept)
            state = (refused.file_hash, refused.size, refused.mtime_ns, PARSER_VERSION if refused.file_hash else 0)
            failed[failure.location] = FailedFile(failure, *state)
        return [failed[location] for location in sorted(failed)]

    def _selected(self, opening: _Opening) -> Iterator[tuple[SourceEntry | None, Source]]:
        """Return the sources to look at, with the entry of those that are in the list."""
        if self.wanted.paths:
            yield from self._named(self.wanted.paths, opening)
        elif self.wanted.sources is not None:
            for name in self.wanted.sources:
                entry = next((entry for entry in self.entries if entry.name == name), None)
                if entry is None:
                    known = ", ".join(entry.name for entry in self.entries) or "there is none"
                    raise SourceError(f"there is no source named {name!r}; sources: {known}")
                yield entry, opening.source(entry)
        else:
            for entry in self.entries:
                yield entry, opening.source(entry)
            single = [
                Path(location) for location in sorted({*self.manifest, *self.failed}) if self._is_single(location)
            ]
            if single:
                yield None, Files(single)

    def _named(self, paths: Sequence[Path], opening: _Opening) -> Iterator[tuple[SourceEntry | None, Source]]:
        sources, problems = sources_for(paths)
        by_target = {entry.target: entry for entry in self.entries}
        for source in sources:
            yield by_target.get(str(source.path)) if isinstance(source, Folder) else None, source
        if problems:
            yield None, _Nothing(tuple(problems))

    def _is_single(self, location: str) -> bool:
        failure = self.failed.get(location)
        is_path = location.startswith("/") and not (failure and failure.failure.source)
        return is_path and nearest(location, self.folders) is None

    def _planned(self, memory: _Memory) -> Plan:
        failed = {} if self.wanted.retry else self.failed
        plans = [plan_files(self.files, self.manifest, failed=failed, folders=self.folders)]
        for look in self.looks:
            if look.entry is not None and _is_network(look.entry):
                name = look.entry.name
                plans.append(plan_pages(name, look.listing, memory.fetched(name), self.manifest))
        return joined(plans)

    def _settled(self, planned: Plan) -> tuple[Plan, list[Task]]:
        """Return the plan without the files that are still being written, and these."""
        if not self.wanted.settle_s:
            return planned, []
        files = {task.item.path for task in planned.to_read if isinstance(task.item, Found)}
        later = unsettled(files, settle_s=self.wanted.settle_s)
        left = [task for task in planned.to_read if isinstance(task.item, Found) and task.item.path in later]
        return replace(planned, to_read=tuple(task for task in planned.to_read if task not in left)), left

    def _taken(self, memory: _Memory) -> frozenset[str]:
        """Return the locations of new files that a renamed article cannot have, because one was withdrawn there."""
        if not self.plan.gone:
            return frozenset()
        new = [task.item.location for task in self.plan.to_read if task.known is None and not task.is_page]
        return frozenset(location for location in new if memory.is_known(location))


class _Sync:
    """One run over a library that is open for writing."""

    def __init__(self, writer: Writer, embedding: EmbeddingStep, progress: ProgressFile, settings: Settings) -> None:
        self._writer = writer
        self._embedding = embedding
        self._progress = progress
        self._settings = settings

    def run(self, wanted: _Wanted) -> Report:
        clock, started_at, before = time.monotonic(), datetime.now(UTC), self._writer.generation
        self._progress.update(Progress("looking", 0, 0))
        with ExitStack() as stack:
            catalog.add_folders(self._settings.data_dir, self._folders_to_add(wanted.paths))
            run = _Run(wanted, self._settings, self._writer, stack)
            self._index(run)
        held = run.withheld()
        removed = [location for location in run.lost() if location not in _flat(held)]
        if removed:
            self._writer.remove(removed)
        retired = self._retire(run)
        failures = run.failures()
        self._remember(run, failures)
        self._record_sources(run, held, started_at)
        self._progress.update(Progress("publishing", len(run.plan.to_read), len(run.plan.to_read)))
        notes = (*_notes(run, held, retired), *self._publish())
        report = replace(
            _report(run, failures, held, time.monotonic() - clock),
            removed=tuple(sorted({*removed, *(retired if wanted.allow_removals else ())})),
            withheld=tuple(sorted({*_flat(held), *(() if wanted.allow_removals else retired)})),
            notes=notes,
            generation=self._writer.generation,
        )
        self._writer.record_run(_run_record(report, started_at, before))
        return report

    def _folders_to_add(self, paths: Sequence[Path]) -> list[Path]:
        """Return the folders among the paths; and those of a library that had no list of sources yet."""
        former = [] if catalog.has_list(self._settings.data_dir) else map(Path, self._writer.folders())
        return [*former, *(source.path for source in sources_for(paths)[0] if isinstance(source, Folder))]

    def _publish(self) -> Iterator[str]:
        """Publish the vectors; say it if that fails: all articles are committed and answered from all the same."""
        try:
            self._writer.publish_vectors()
        except VectorsError as err:
            yield f"the vector index could not be built: {err}; answers stay right, run `trade-assistant rebuild`"

    def _index(self, run: _Run) -> None:
        """Read, embed and commit in batches."""
        batch: list[Parsed] = []
        touched: list[TouchedFile] = []
        committed_at = time.monotonic()
        tasks = run.plan.to_read
        for number, (task, outcome) in enumerate(run.reader.read_all(tasks), start=1):
            run.tally.count(task, outcome, run.manifest)
            match outcome:
                case Parsed():
                    self._follow(task, outcome)
                    batch.append(outcome)
                case TouchedFile():
                    touched.append(outcome)
                case Move():
                    self._writer.move([outcome])
            if is_full(batch) or (batch and time.monotonic() - committed_at > COMMIT_AFTER_S):
                self._writer.put(self._embedding.embedded(batch))
                batch, committed_at = [], time.monotonic()
            self._progress.update(Progress("indexing", number, len(tasks), task.item.location))
        if batch:
            self._writer.put(self._embedding.embedded(batch))
        self._writer.touch(touched)

    def _follow(self, task: Task, parsed: Parsed) -> None:
        """Take an article along to the address that its page goes by now, if nothing else leads to the old one."""
        if task.known is None or parsed.page is None or task.known.location == parsed.location:
            return
        if not self._writer.is_known(parsed.location) and not self._writer.is_held_by_others(
            parsed.page, task.known.location
        ):
            known = task.known
            self._writer.move([Move(known.location, parsed.location, known.file_hash, known.size, known.mtime_ns)])

    def _retire(self, run: _Run) -> tuple[str, ...]:
        """Return the articles of sources that were taken out of the list by hand; withdraw them if that is allowed."""
        orphans = _orphans(self._writer, run.entries, run.manifest)
        locations = sorted(_flat(orphans))
        if locations and run.wanted.allow_removals:
            self._writer.remove(locations)
        for name, left in orphans.items():
            if not left or run.wanted.allow_removals:
                self._writer.forget_source(name)
        return tuple(locations)

    def _remember(self, run: _Run, failures: Sequence[FailedFile]) -> None:
        """Record what failed, and forget failures of files and pages that are well or gone.

        A path that never existed is not remembered: a misspelt name would be reported for ever.
        """
        problems = [problem for look in run.looks for problem in look.listing.problems]
        known = {*run.manifest, *run.folders}
        missing = {problem.location for problem in problems if problem.is_missing} - known
        lasting = [failed for failed in failures if failed.failure.location not in missing]
        kept = {failed.failure.location for failed in lasting} | {failure.location for failure in run.plan.lasting}
        looked_at = {item.location for look in run.looks for item in look.listing.found}
        looked_at |= {problem.location for problem in problems}
        listed = {look.entry.name for look in run.looks if look.entry and not _problem_of(look)}
        self._writer.forget_failures(
            [
                location
                for location, failed in self._writer.failures().items()
                if location not in kept
                and (
                    location in looked_at
                    or location in run.files.roots
                    or run.files.is_gone(location)
                    or (failed.failure.source in listed and not location.startswith("/"))
                )
            ]
        )
        self._writer.record_failures(lasting)

    def _record_sources(self, run: _Run, held: Mapping[str, Sequence[str]], at: datetime) -> None:
        states = self._writer.source_states()
        for look in run.looks:
            if look.entry is None:
                continue
            name, problem, before = look.entry.name, _problem_of(look), states.get(look.entry.name)
            problems = [*look.listing.problems]
            problems += [each.problem for task, each in run.tally.refused if task.source == name]
            validators = look.listing.validators
            if problem is None and problems and isinstance(look.entry, UrlEntry):
                problem = problems[0]
            if problem is not None:
                validators = self._writer.source_validators(name)
            elif problems:
                validators = NO_VALIDATORS  # the listing is read again, so that what failed is tried again
            state = SourceState(
                name=name,
                target=look.entry.target,
                checked_at=at,
                succeeded_at=at if problem is None else before.succeeded_at if before else None,
                problem=problem.reason if problem else "",
                retry_at=max((each.retry_at for each in problems if each.retry_at), default=None),
                withheld=len(held.get(look.entry.target, ())),
            )
            self._writer.record_source(state, validators)


@dataclass(slots=True)
class _Tally:
    """What came of the items so far."""

    unchanged: int = 0
    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    moved: list[tuple[str, str]] = field(default_factory=list)
    refused: list[tuple[Task, Refused]] = field(default_factory=list)
    deferred: list[Task] = field(default_factory=list)

    def count(self, task: Task, outcome: Outcome, manifest: Mapping[str, ManifestEntry]) -> None:
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


class _Opening:
    """Makes sources, and what they share for the length of a run: one parse worker, one fetcher if any is needed."""

    def __init__(self, settings: Settings, stack: ExitStack) -> None:
        self.worker = stack.enter_context(ParseWorker())
        self._settings = settings
        self._stack = stack
        self._fetcher: Fetcher | None = None

    def source(self, entry: SourceEntry) -> Source:
        """Return the source that an entry describes; one that cannot be looked at lists only why."""
        try:
            return self._source(entry)
        except SourceError as err:
            return _Nothing((Problem(entry.target, str(err)),))

    def _source(self, entry: SourceEntry) -> Source:
        match entry:
            case FolderEntry():
                return Folder(entry.path)
            case UrlEntry():
                from ingest.web import UrlSource

                return UrlSource(entry.name, entry.url, self._fetching())
            case FeedEntry():
                from ingest.feed import FeedSource

                return FeedSource(entry.name, entry.url, self._fetching(), entry.text, reader=self._read_feed)
            case FederalRegisterEntry():
                from ingest.federal_register import FederalRegister

                return FederalRegister(
                    entry.name,
                    self._fetching(),
                    base_url=self._settings.federal_register_url,
                    term=entry.term,
                    agencies=entry.agencies,
                    types=entry.types,
                    docket=entry.docket,
                    since=entry.since,
                )

    def _read_feed(self, data: bytes, content_type: str, url: str) -> Feed:
        """Read a feed where it can do no harm. Raises ParseError."""
        from ingest.feed import Feed

        return Feed.from_json(self.worker.call("feed", data, {"content_type": content_type, "url": url}))

    def _fetching(self) -> Fetcher:
        if self._fetcher is None:
            from ingest.fetch import Fetcher

            self._fetcher = self._stack.enter_context(Fetcher(self._settings))
        return self._fetcher


@dataclass(frozen=True, slots=True)
class _Nothing:
    """Stands for paths that are neither files nor folders."""

    problems: tuple[Problem, ...]

    def list(self, known: Validators = NO_VALIDATORS) -> Listing:
        """Return the problems alone."""
        return Listing(problems=self.problems)


def _listed(data_dir: Path, former: Sequence[str]) -> tuple[SourceEntry, ...]:
    """Return the sources in the list; where there is none yet, those that it is going to have."""
    entries = catalog.read_sources(data_dir)
    if entries or catalog.has_list(data_dir):
        return entries
    return tuple(FolderEntry(name=f"folder-{place}", path=Path(path)) for place, path in enumerate(former, start=1))


def _orphans(
    memory: _Memory, entries: Sequence[SourceEntry], manifest: Mapping[str, ManifestEntry]
) -> dict[str, tuple[str, ...]]:
    """Return, for each source that is not in the list any more, the live articles that came from it alone."""
    names = {entry.name for entry in entries}
    folders = catalog.folder_names(entries)
    left = [state for name, state in memory.source_states().items() if name not in names]
    if not left:
        return {}
    held = {page.location for entry in entries if _is_network(entry) for page in memory.fetched(entry.name).values()}
    orphans = {}
    for state in left:
        fetched = {page.location for page in memory.fetched(state.name).values()} - held
        below = [
            location
            for location in manifest
            if nearest(location, {state.target}) and nearest(location, folders) is None
        ]
        orphans[state.name] = tuple(sorted({*below, *(location for location in fetched if location in manifest)}))
    return orphans


def _is_network(entry: SourceEntry | None) -> bool:
    return entry is not None and not isinstance(entry, FolderEntry)


def _problem_of(look: _Look) -> Problem | None:
    """Return what kept a source from being looked at, if it was that and not some of its items."""
    problems = look.listing.problems
    if look.entry is None or not problems:
        return None
    if isinstance(look.entry, FolderEntry):
        return next((problem for problem in problems if problem.location == look.entry.target), None)
    return None if look.listing.found else problems[0]


def _failure(problem: Problem, source: str, at: datetime, known: Collection[str]) -> Failure:
    reason = f"{problem.reason}; {KEPT}" if problem.location in known else problem.reason
    return Failure(problem.location, reason, at, source)


def _report(run: _Run, failures: Sequence[FailedFile], held: Mapping[str, Sequence[str]], seconds: float) -> Report:
    """Return the report of a run as far as it is the same for a dry one."""
    all_failures = [*(failed.failure for failed in failures), *run.plan.lasting]
    return Report(
        added=tuple(sorted({*run.tally.added})),
        changed=tuple(sorted({*run.tally.changed})),
        unchanged=run.plan.unchanged + run.tally.unchanged,
        removed=(),
        failed=tuple(sorted(all_failures, key=lambda failure: failure.location)),
        ignored=sum(look.listing.ignored for look in run.looks),
        notes=(),
        generation=0,
        seconds=seconds,
        dry_run=False,
        moved=tuple(sorted(run.tally.moved)),
        withheld=tuple(sorted(_flat(held))),
        deferred=run.deferred,
    )


def _notes(run: _Run, held: Mapping[str, Sequence[str]], retired: Collection[str]) -> Iterator[str]:
    """Say what was withheld and why."""
    for root, locations in held.items():
        live = sum(nearest(location, run.files.roots) == root for location in run.manifest)
        yield (
            f"{len(locations)} of {live} articles from {root!r} are gone at once, so none of them was removed; if they "
            "are meant to be gone run `trade-assistant ingest --allow-removals`, if a disk is missing mount it"
        )
    if retired and not run.wanted.allow_removals:
        yield (
            f"{len(retired)} articles came from sources that are no longer in sources.toml and are still answered "
            "from; `trade-assistant ingest --allow-removals` withdraws them"
        )


def _flat(locations: Mapping[str, Sequence[str]]) -> set[str]:
    return {location for each in locations.values() for location in each}


def _run_record(report: Report, started_at: datetime, generation_before: int) -> Run:
    return Run(
        started_at=started_at,
        finished_at=datetime.now(UTC),
        added=len(report.added),
        changed=len(report.changed),
        unchanged=report.unchanged,
        removed=len(report.removed),
        failed=len(report.failed),
        moved=len(report.moved),
        withheld=len(report.withheld),
        notes=report.notes,
        generation_before=generation_before,
        generation=report.generation,
    )


def _counts(report: Report) -> dict[str, int | float | list[str]]:
    return {
        "added": len(report.added),
        "changed": len(report.changed),
        "moved": len(report.moved),
        "unchanged": report.unchanged,
        "removed": len(report.removed),
        "withheld": len(report.withheld),
        "failed": len(report.failed),
        "generation": report.generation,
        "seconds": round(report.seconds, 3),
        "notes": list(report.notes),
    }


def _dry_run(wanted: _Wanted, settings: Settings, on_progress: OnProgress | None, *, dry_run: bool) -> Report:
    """Look, read and parse as a run does, and write nothing."""
    clock = time.monotonic()
    with ExitStack() as stack:
        memory = _present_state(settings, stack)
        run = _Run(wanted, settings, memory, stack)
        tasks = run.plan.to_read
        for number, (task, outcome) in enumerate(run.reader.read_all(tasks), start=1):
            run.tally.count(task, outcome, run.manifest)
            if on_progress is not None:
                on_progress(Progress("reading", number, len(tasks), task.item.location))
        held = run.withheld()
        retired = sorted(_flat(_orphans(memory, run.entries, run.manifest)))
        removed = {*run.lost()} - _flat(held)
        if wanted.allow_removals:
            removed |= set(retired)
        return replace(
            _report(run, run.failures(), held, time.monotonic() - clock),
            removed=tuple(sorted(removed)),
            notes=tuple(_notes(run, held, retired)),
            generation=getattr(memory, "generation", 0),
            dry_run=dry_run,
        )


class _NoLibrary:
    """The memory of a library that is not there."""

    generation = 0

    def manifest(self) -> dict[str, ManifestEntry]:
        return {}

    def failures(self) -> dict[str, FailedFile]:
        return {}

    def folders(self) -> list[str]:
        return []

    def fetched(self, source: str) -> dict[str, FetchedPage]:
        return {}

    def source_states(self) -> dict[str, SourceState]:
        return {}

    def source_validators(self, name: str) -> Validators:
        return NO_VALIDATORS

    def is_known(self, location: str) -> bool:
        return False


def _present_state(settings: Settings, stack: ExitStack) -> Snapshot | _NoLibrary:
    """Return what is there without the writer's lock."""
    try:
        library = stack.enter_context(closing(Library.open(settings.data_dir)))
    except LibraryMissing:
        return _NoLibrary()
    return stack.enter_context(library.snapshot())


def _has_library(settings: Settings) -> bool:
    try:
        Library.open(settings.data_dir).close()
    except LibraryMissing:
        return False
    except LibraryMismatch:
        return True
    return True
