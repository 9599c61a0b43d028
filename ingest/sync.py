"""Bring the library in step with its sources: plan what is new, changed and gone, then read, embed and commit.

A run commits in small batches, so that articles answer while it goes on and a stop at any moment leaves a consistent
library; running again goes on from there. What failed to be read or fetched is reported and never removed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from assistant.domain import SourceState
from assistant.errors import LibraryMissing, VectorsError
from assistant.records import NO_VALIDATORS, FailedFile, Move, TouchedFile
from assistant.settings import Settings
from assistant.writer import Writer
from ingest import catalog
from ingest.catalog import UrlEntry
from ingest.embedding_step import EmbeddingStep, Parsed, is_full, open_writer
from ingest.folder import Folder, sources_for
from ingest.memory import has_library, present_memory
from ingest.plan import Task, flat
from ingest.progress import Progress, ProgressFile, recorded
from ingest.report import Report, notes_of, report_of
from ingest.survey import Portion, Survey, Wanted, orphans, problem_of, renamed
from ingest.uploads import set_aside, uploads_folder

if TYPE_CHECKING:
    from assistant.embedding import Embedder

# Articles that were read wait no longer than this for a batch to fill: pages come one a second.
COMMIT_AFTER_S = 5.0

OnProgress: TypeAlias = Callable[[Progress], None]
Notify: TypeAlias = Callable[[str], None]


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
    portions: Sequence[Portion] = (),
) -> Report:
    """Index files and folders, or the named `sources`; with neither, look again at everything known.

    A folder becomes a source. A file or page that cannot be read is in `Report.failed`; the rest go on. A file that
    failed is read again once it changes, or with `retry`. More than a fifth of a folder's articles are removed at once
    only with `allow_removals`. Files that changed within `settle_s` seconds, or are open for writing, are left for a
    later run and counted. `portions` are of looks at sources that were begun before. `dry_run` reads and parses too, so
    that its report is what a run would do, and writes nothing. `notify` gets the messages of loading the embedding
    model. If only the vector directory cannot be built, the run is done and `Report.notes` says so.

    Raises LibraryLocked if another process is writing (after waiting `wait_s` seconds), LibraryMismatch if the library
    was made with another embedding model or chunker, LibraryMissing if there is nothing to look at, SourceError if
    `sources.toml` or a name in `sources` cannot be used, ModelUnavailable if there is something to embed and no model.
    """
    names = None if sources is None else tuple(sources)
    wanted = Wanted(tuple(paths), names, allow_removals, retry, settle_s, tuple(portions))
    is_new = not has_library(settings)
    if is_new and not paths and not catalog.read_sources(settings.data_dir):
        raise LibraryMissing("nothing has been indexed yet: name files or folders, `trade-assistant ingest PATH`")
    # Nothing to index: leave no empty library behind.
    if dry_run or (is_new and paths and not sources_for(paths)[0]):
        return _dry_run(wanted, settings, on_progress, dry_run=dry_run)
    with open_writer(settings, embedder, wait_s=wait_s) as writer, recorded(settings.data_dir, on_progress) as progress:
        embedding = EmbeddingStep(writer, settings, embedder, progress, notify)
        report = _Sync(writer, embedding, progress, settings).run(wanted)
        progress.finish(report.counts())
        return report


def forget_source(
    name: str, settings: Settings, *, embedder: Embedder | None = None, keep_articles: bool = False, wait_s: float = 0
) -> tuple[str, ...]:
    """Take a source off the list and withdraw the articles that came from it alone; return their locations, sorted.

    With `keep_articles` they stay, as single files do. Else uploaded files are set aside with their source: the next
    upload would bring them back. Raises SourceError if there is none of that name, and as `ingest` does.
    """
    if not has_library(settings):
        catalog.remove_source(settings.data_dir, name)
        return ()
    with open_writer(settings, embedder, wait_s=wait_s) as writer:
        removed = catalog.remove_source(settings.data_dir, name)
        if removed.target == str(uploads_folder(settings.data_dir)) and not keep_articles:
            set_aside(settings.data_dir)
        entries = catalog.read_sources(settings.data_dir)
        alone = orphans(writer, entries, writer.manifest()).get(name, ())
        if alone and not keep_articles:
            writer.remove(alone)
            writer.publish_vectors()
        writer.forget_source(name)
        return () if keep_articles else alone


class _Sync:
    """One run over a library that is open for writing."""

    def __init__(self, writer: Writer, embedding: EmbeddingStep, progress: ProgressFile, settings: Settings) -> None:
        self._writer = writer
        self._embedding = embedding
        self._progress = progress
        self._settings = settings

    def run(self, wanted: Wanted) -> Report:
        clock, now, before = time.monotonic(), datetime.now(UTC), self._writer.generation
        started_at = min((portion.began_at for portion in wanted.portions), default=now)
        self._progress.update(Progress("looking", 0, 0))
        with ExitStack() as stack:
            catalog.add_folders(self._settings.data_dir, self._folders_to_add(wanted.paths))
            self._follow_names()
            survey = Survey(wanted, self._settings, self._writer, stack)
            # Before anything is added: should the run be stopped, what is new is not to outweigh what is gone.
            asked = flat(survey.withheld())
            self._writer.withhold(asked)
            self._index(survey)
        held = survey.withheld()
        self._writer.withhold((), found=(asked | survey.found_again) - flat(held))
        removed = [location for location in survey.lost() if location not in flat(held)]
        if removed:
            self._writer.remove(removed)
        retired = self._retire(survey)
        failures = survey.failures()
        self._remember(survey, failures)
        self._record_sources(survey, held, now)
        self._progress.update(Progress("publishing", len(survey.plan.to_read), len(survey.plan.to_read)))
        notes = (*notes_of(survey, held, retired), *self._publish())
        report = replace(
            report_of(survey, failures, held, time.monotonic() - clock),
            removed=tuple(sorted({*removed, *(retired if wanted.allow_removals else ())})),
            withheld=tuple(sorted({*flat(held), *(() if wanted.allow_removals else retired)})),
            notes=notes,
            generation=self._writer.generation,
        )
        self._writer.record_run(report.record(started_at, before))
        return report

    def _follow_names(self) -> None:
        """Take along what is known of sources that were given another name by hand."""
        entries = catalog.read_sources(self._settings.data_dir)
        for old, new in renamed(self._writer.source_states(), entries).items():
            self._writer.rename_source(old, new)

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

    def _index(self, survey: Survey) -> None:
        """Read, embed and commit in batches."""
        batch: list[Parsed] = []
        touched: list[TouchedFile] = []
        committed_at = time.monotonic()
        tasks = survey.plan.to_read
        for number, (task, outcome) in enumerate(survey.reader.read_all(tasks), start=1):
            survey.tally.count(task, outcome, survey.manifest)
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
            self._writer.move([Move(known.location, parsed.location, known.file_hash, known.size, known.changed_ns)])

    def _retire(self, survey: Survey) -> tuple[str, ...]:
        """Return the articles of sources that were taken out of the list by hand; withdraw them if that is allowed."""
        left_behind = orphans(self._writer, survey.entries, survey.manifest)
        locations = sorted(flat(left_behind))
        if locations and survey.wanted.allow_removals:
            self._writer.remove(locations)
        for name, left in left_behind.items():
            if not left or survey.wanted.allow_removals:
                self._writer.forget_source(name)
        return tuple(locations)

    def _remember(self, survey: Survey, failures: Sequence[FailedFile]) -> None:
        """Record what failed, and forget failures of files and pages that are well or gone.

        A path that never existed is not remembered: a misspelt name would be reported for ever.
        """
        problems = [problem for look in survey.looks for problem in look.listing.problems]
        known = {*survey.manifest, *survey.folders}
        missing = {problem.location for problem in problems if problem.is_missing} - known
        lasting = [failed for failed in failures if failed.failure.location not in missing]
        kept = {failed.failure.location for failed in lasting} | {failure.location for failure in survey.plan.lasting}
        looked_at = {item.location for look in survey.looks for item in look.listing.found}
        looked_at |= {problem.location for problem in problems}
        looked_at |= {task.item.location for task in survey.plan.to_read}
        listed = {look.entry.name for look in survey.looks if look.entry and not problem_of(look)}
        elsewhere = {location for look in survey.looks if look.portion for location in look.portion.others}
        self._writer.forget_failures(
            [
                location
                for location, failed in self._writer.failures().items()
                if location not in kept
                and location not in elsewhere
                and (
                    location in looked_at
                    or location in survey.files.roots
                    or survey.files.is_gone(location)
                    or (failed.failure.source in listed and not location.startswith("/"))
                )
            ]
        )
        self._writer.record_failures(lasting)

    def _record_sources(self, survey: Survey, held: Mapping[str, Sequence[str]], at: datetime) -> None:
        states = self._writer.source_states()
        for look in survey.looks:
            if look.entry is None or survey.is_open(look):
                continue
            name, problem, before = look.entry.name, problem_of(look), states.get(look.entry.name)
            problems = [*look.listing.problems]
            refused = [(task, each.problem) for task, each in survey.tally.refused if task.source == name]
            problems += [each for task, each in refused if task.failed_at is None]
            validators = look.listing.validators
            if problem is None and problems and isinstance(look.entry, UrlEntry):
                problem = problems[0]
            if problem is not None:
                validators = self._writer.source_validators(name)
            elif problems or self._has_failed_before(look.portion):
                validators = NO_VALIDATORS  # the listing is read again, so that what failed is tried again
            moments = [*(each.retry_at for each in problems), look.portion.retry_at if look.portion else None]
            state = SourceState(
                name=name,
                target=look.entry.target,
                checked_at=at,
                succeeded_at=at if problem is None else before.succeeded_at if before else None,
                problem=problem.reason if problem else "",
                retry_at=max((moment for moment in moments if moment), default=None),
                withheld=before.withheld if problem and before else len(held.get(look.entry.target, ())),
            )
            self._writer.record_source(state, validators)

    def _has_failed_before(self, portion: Portion | None) -> bool:
        """Say whether something of a look failed in an earlier portion."""
        return portion is not None and any(
            failed.failure.source == portion.entry.name and failed.failure.at >= portion.began_at
            for location, failed in self._writer.failures().items()
            if location in portion.others
        )


def _dry_run(wanted: Wanted, settings: Settings, on_progress: OnProgress | None, *, dry_run: bool) -> Report:
    """Look, read and parse as a run does, and write nothing."""
    clock = time.monotonic()
    with ExitStack() as stack:
        memory = present_memory(settings, stack)
        survey = Survey(wanted, settings, memory, stack)
        tasks = survey.plan.to_read
        for number, (task, outcome) in enumerate(survey.reader.read_all(tasks), start=1):
            survey.tally.count(task, outcome, survey.manifest)
            if on_progress is not None:
                on_progress(Progress("reading", number, len(tasks), task.item.location))
        held = survey.withheld()
        retired = sorted(flat(orphans(memory, survey.entries, survey.manifest)))
        removed = {*survey.lost()} - flat(held)
        if wanted.allow_removals:
            removed |= set(retired)
        return replace(
            report_of(survey, survey.failures(), held, time.monotonic() - clock),
            removed=tuple(sorted(removed)),
            notes=tuple(notes_of(survey, held, retired)),
            generation=memory.generation,
            dry_run=dry_run,
        )
