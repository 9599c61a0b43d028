"""Bring the library in step with files: plan what is new, changed and gone, then read, embed and commit.

`plan` only decides, from a listing and the library's manifest. A run commits in small batches, so that articles answer
while it goes on and a stop at any moment leaves a consistent library; running again goes on from there. What failed to
be read is reported and never removed.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from assistant.domain import Article, Failure, PassageSpan, Run, embedded_text
from assistant.errors import LibraryMismatch, LibraryMissing, ParseError, VectorsError
from assistant.library import Library, Snapshot
from assistant.records import FailedFile, ManifestEntry, NewArticle, TouchedFile, text_hash
from assistant.settings import Settings
from assistant.writer import Writer
from ingest.chunk import CHUNKER_VERSION, passages
from ingest.folder import Found, sources_for
from ingest.parse import parse
from ingest.progress import Progress, ProgressFile, RunState
from ingest.sources import Item, Known, Listing, Problem, merged

if TYPE_CHECKING:
    from assistant.embedding import Embedder

# A commit holds at most this many articles, or the articles that bring it past this many passages, so that new articles
# answer within seconds. One file is one commit, however long it is.
BATCH_ARTICLES = 64
BATCH_PASSAGES = 256
# Texts embedded between two reports of progress, a few seconds' work; more than most commits hold.
EMBEDDED_AT_ONCE = 2 * BATCH_PASSAGES
# Files read ahead of the one that is being embedded. They and one commit are what memory holds of a folder, so it grows
# with the length of the files, not with their number.
READ_AHEAD = 2 * BATCH_ARTICLES
# A file changed less than this before it was read may change again without a new time stamp (FAT counts in 2 s), so
# its time is not trusted and its bytes are compared at the next run.
UNSETTLED_NS = 2_000_000_000
# Stored as the time of such a file: no file has it, so the next run looks again.
UNSETTLED = -1
KEPT = "what was indexed from it before is kept"

OnProgress: TypeAlias = Callable[[Progress], None]
Notify: TypeAlias = Callable[[str], None]
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do about a listing. `to_read` are files that are new or whose size or time changed."""

    to_read: tuple[Found, ...]
    unchanged: int
    removed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of a run: locations sorted; `notes` are sentences about what a user might not expect."""

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


def plan(found: Listing, manifest: Mapping[str, ManifestEntry]) -> Plan:
    """Compare a listing with the live articles. Pure; the order in which files were found does not matter.

    A live article is removed only if a folder above it was seen and it was not there (`Listing.is_gone`).
    """
    to_read: list[Item] = []
    for file in found.found:
        entry = manifest.get(file.location)
        if entry is None or not file.is_unchanged(_known(file.location, entry)):
            to_read.append(file)
    here = {file.location for file in found.found}
    removed = [location for location in manifest if location not in here and found.is_gone(location)]
    return Plan(
        to_read=tuple(sorted(to_read, key=lambda file: file.location)),
        unchanged=len(here) - len({file.location for file in to_read}),
        removed=tuple(sorted(removed)),
    )


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """The outcome of a rebuild; `is_embedded_again` if the model or the chunker had changed."""

    articles: int
    passages: int
    is_embedded_again: bool
    vector_directory: str | None
    generation: int
    seconds: float


def ingest(
    paths: Sequence[Path],
    settings: Settings,
    *,
    embedder: Embedder | None = None,
    dry_run: bool = False,
    on_progress: OnProgress | None = None,
    notify: Notify | None = None,
    wait_s: float = 0,
) -> Report:
    """Index files and folders; with no paths, look again at everything that was indexed before.

    A file that cannot be read or parsed is in `Report.failed`; the rest go on. `dry_run` reads and parses too, so that
    its report is what a run would do, and writes nothing. `notify` gets the messages of loading the embedding model.
    If only the vector directory cannot be built, the run is done and `Report.notes` says so.

    Raises LibraryLocked if another process is writing (after waiting `wait_s` seconds), LibraryMismatch if the library
    was made with another embedding model or chunker, LibraryMissing if there are neither paths nor a library,
    ModelUnavailable if there is something to embed and no model.
    """
    is_new = not _has_library(settings)
    if is_new and not paths:
        raise LibraryMissing("nothing has been indexed yet: name files or folders, `trade-assistant ingest PATH`")
    # Nothing to index: leave no empty library behind.
    if dry_run or (is_new and not sources_for(paths)[0]):
        return _dry_run(paths, settings, on_progress, dry_run=dry_run)
    with _open_writer(settings, embedder, wait_s=wait_s) as writer, _progress(settings, on_progress) as progress:
        embedding = _Embedding(writer, settings, embedder, progress, notify)
        report = _Sync(writer, embedding, progress, max_bytes=settings.max_file_bytes).run(paths)
        progress.finish(_counts(report))
        return report


def rebuild(
    settings: Settings,
    *,
    embedder: Embedder | None = None,
    on_progress: OnProgress | None = None,
    notify: Notify | None = None,
    wait_s: float = 0,
) -> Rebuilt:
    """Make the vector directory anew from the library; no source file is read.

    If the embedding model or the chunker is not the one the library was made with, every article is cut and embedded
    again from its stored text, and readers see the old state until all of it is done. Raises as `ingest` does.
    """
    clock = time.monotonic()
    library = Library.open(settings.data_dir)
    is_mismatch = False
    try:
        writer = _open_writer(settings, embedder, wait_s=wait_s)
    except LibraryMismatch:
        is_mismatch = True
        writer = _open_writer(settings, embedder, wait_s=wait_s, reindexing=True)
    with closing(library), writer, _progress(settings, on_progress) as progress:
        if is_mismatch:
            embedding = _Embedding(writer, settings, embedder, progress, notify)
            with library.snapshot() as snapshot:
                writer.reindex(_cut_again(snapshot, writer.manifest(), embedding, progress))
        progress.update(Progress("publishing", 0, 0))
        directory = writer.publish_vectors(force=True)
        with library.snapshot() as snapshot:
            status = snapshot.status(settings.data_dir)
        rebuilt = Rebuilt(
            articles=status.articles,
            passages=status.passages,
            is_embedded_again=is_mismatch,
            vector_directory=directory,
            generation=status.generation,
            seconds=time.monotonic() - clock,
        )
        progress.finish({"articles": rebuilt.articles, "passages": rebuilt.passages, "seconds": rebuilt.seconds})
        return rebuilt


@dataclass(frozen=True, slots=True)
class _Parsed:
    """A file that was read and cut, before it is embedded."""

    location: str
    file_hash: str
    size: int
    mtime_ns: int
    article: Article
    passages: tuple[PassageSpan, ...]


_Outcome: TypeAlias = _Parsed | TouchedFile | Problem


@dataclass(slots=True)
class _Tally:
    """What came of the files so far."""

    unchanged: int = 0
    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def count(self, outcome: _Outcome, manifest: Mapping[str, ManifestEntry]) -> None:
        match outcome:
            case Problem():
                self.problems.append(outcome)
            case TouchedFile():
                self.unchanged += 1
            case _Parsed(location=location):
                (self.changed if location in manifest else self.added).append(location)


class _Sync:
    """One run over a library that is open for writing."""

    def __init__(self, writer: Writer, embedding: _Embedding, progress: ProgressFile, *, max_bytes: int) -> None:
        self._writer = writer
        self._embedding = embedding
        self._progress = progress
        self._max_bytes = max_bytes

    def run(self, paths: Sequence[Path]) -> Report:
        clock, started_at = time.monotonic(), datetime.now(UTC)
        self._progress.update(Progress("looking", 0, 0))
        manifest = self._writer.manifest()
        folders = self._writer.folders()
        known = {*manifest, *folders}
        listing = _look(paths or _known_paths(folders, [*manifest, *self._writer.failures()]))
        planned = plan(listing, manifest)
        tally = _Tally(unchanged=planned.unchanged, problems=list(listing.problems))
        self._index(planned.to_read, manifest, tally)
        if planned.removed:
            self._writer.remove(planned.removed)
        failures = _failures(tally.problems, known)
        self._remember(failures, listing, known)
        self._progress.update(Progress("publishing", len(planned.to_read), len(planned.to_read)))
        notes = (*_notes(planned, listing), *self._publish())
        report = _report(planned, tally, listing, failures, notes, self._writer.generation, time.monotonic() - clock)
        self._writer.record_run(_run_record(report, started_at))
        return report

    def _publish(self) -> Iterator[str]:
        """Publish the vectors; say it if that fails: all articles are committed and answered from all the same."""
        try:
            self._writer.publish_vectors()
        except VectorsError as err:
            yield f"the vector index could not be built: {err}; answers stay right, run `trade-assistant rebuild`"

    def _index(self, files: Sequence[Found], manifest: Mapping[str, ManifestEntry], tally: _Tally) -> None:
        """Read, embed and commit files in batches."""
        batch: list[_Parsed] = []
        touched: list[TouchedFile] = []
        for number, (file, outcome) in enumerate(_read_ahead(files, manifest, self._max_bytes), start=1):
            tally.count(outcome, manifest)
            if isinstance(outcome, _Parsed):
                batch.append(outcome)
            elif isinstance(outcome, TouchedFile):
                touched.append(outcome)
            if _is_full(batch):
                self._writer.put(self._embedding.embedded(batch))
                batch = []
            self._progress.update(Progress("indexing", number, len(files), file.location))
        if batch:
            self._writer.put(self._embedding.embedded(batch))
        self._writer.touch(touched)

    def _remember(self, failures: Sequence[Failure], listing: Listing, known: set[str]) -> None:
        """Record what failed, and forget failures of files that are well or gone.

        A path that never existed is not remembered: a misspelt name would be reported for ever.
        """
        looked_at = {file.location for file in listing.found} | {problem.location for problem in listing.problems}
        missing = {problem.location for problem in listing.problems if problem.is_missing} - known
        lasting = [failure for failure in failures if failure.location not in missing]
        kept = {failure.location for failure in lasting}
        self._writer.forget_failures(
            [
                location
                for location in self._writer.failures()
                if location not in kept
                and (location in looked_at or location in listing.roots or listing.is_gone(location))
            ]
        )
        self._writer.record_failures([FailedFile(failure) for failure in lasting])


class _Embedding:
    """Turns cut articles into what the library stores. The model is only opened when a text has no vector yet."""

    def __init__(
        self,
        writer: Writer,
        settings: Settings,
        embedder: Embedder | None,
        progress: ProgressFile,
        notify: Notify | None,
    ) -> None:
        self._writer = writer
        self._settings = settings
        self._embedder = embedder
        self._progress = progress
        self._notify = notify

    def embedded(self, batch: Sequence[_Parsed]) -> list[NewArticle]:
        """Embed each text of a batch that the library does not know, once."""
        texts = [_texts(parsed) for parsed in batch]
        by_hash = {digest: text for pairs in texts for digest, text in pairs}
        vectors = self._writer.known_vectors(list(by_hash))
        missing = [digest for digest in by_hash if digest not in vectors]
        for start in range(0, len(missing), EMBEDDED_AT_ONCE):
            if len(missing) > EMBEDDED_AT_ONCE:
                # It is the last file that makes a batch this long.
                self._progress.update(Progress("embedding passages", start, len(missing), batch[-1].location))
            digests = missing[start : start + EMBEDDED_AT_ONCE]
            vectors.update(zip(digests, self._open().embed([by_hash[digest] for digest in digests]), strict=True))
        return [_new_article(parsed, pairs, vectors) for parsed, pairs in zip(batch, texts, strict=True)]

    def _open(self) -> Embedder:
        if self._embedder is None:
            from assistant.embedding import open_embedder

            self._embedder = open_embedder(self._settings, notify=self._notify)
        return self._embedder


def _texts(parsed: _Parsed) -> list[tuple[str, str]]:
    """Return (hash, text) of what is embedded for each passage."""
    article = parsed.article
    texts = [
        embedded_text(article.title, span.heading, article.text[span.start : span.end]) for span in parsed.passages
    ]
    return [(text_hash(text), text) for text in texts]


def _new_article(
    parsed: _Parsed, pairs: Sequence[tuple[str, str]], vectors: Mapping[str, NDArray[np.float32]]
) -> NewArticle:
    hashes = tuple(digest for digest, _ in pairs)
    return NewArticle(
        location=parsed.location,
        file_hash=parsed.file_hash,
        size=parsed.size,
        mtime_ns=parsed.mtime_ns,
        article=parsed.article,
        passages=parsed.passages,
        vectors=np.stack([vectors[digest] for digest in hashes]) if hashes else np.empty((0, 0), np.float32),
        hashes=hashes,
    )


def _is_full(batch: Sequence[_Parsed]) -> bool:
    return len(batch) >= BATCH_ARTICLES or sum(len(parsed.passages) for parsed in batch) >= BATCH_PASSAGES


def _read_ahead(
    files: Sequence[Found], manifest: Mapping[str, ManifestEntry], max_bytes: int
) -> Iterator[tuple[Found, _Outcome]]:
    """Yield what came of each file, in order, reading some files ahead while the caller embeds.

    One thread: PDFium must not be used by two, and the embedding uses the other cores.
    """
    pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="read")
    waiting: deque[tuple[Found, Future[_Outcome]]] = deque()
    try:
        for file in files:
            waiting.append((file, pool.submit(_read, file, manifest.get(file.location), max_bytes)))
            if len(waiting) > READ_AHEAD:
                first, future = waiting.popleft()
                yield first, future.result()
        while waiting:
            first, future = waiting.popleft()
            yield first, future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _read(file: Found, entry: ManifestEntry | None, max_bytes: int) -> _Outcome:
    """Read one file. The hash is taken before the text, so that a change in between is seen by the next run."""
    digest = _digest(file, max_bytes)
    mtime_ns = file.mtime_ns if time.time_ns() - file.mtime_ns > UNSETTLED_NS else UNSETTLED
    touched = TouchedFile(file.location, digest, file.size, mtime_ns)
    if entry is not None and digest == entry.file_hash:
        return touched
    try:
        article = parse(file.path, max_bytes=max_bytes)
        spans = tuple(passages(article))
    except ParseError as err:
        return Problem(file.location, str(err))
    except Exception as err:  # whatever a hostile file does to a parser, the other files go on
        logger.debug("cannot parse %r", file.location, exc_info=True)
        return Problem(file.location, f"the file cannot be parsed ({type(err).__name__}: {' '.join(str(err).split())})")
    if not spans:
        return Problem(file.location, "no sentences to answer from were found in it")
    if entry is not None and article.content_hash == entry.content_hash:
        return touched
    return _Parsed(file.location, digest, file.size, mtime_ns, article, spans)


def _known(location: str, entry: ManifestEntry) -> Known:
    return Known(location, entry.file_hash, entry.size, entry.mtime_ns, entry.content_hash)


def _digest(file: Found, max_bytes: int) -> str:
    """Return the sha256 (hex) of a file, "" for one that cannot be read; parsing it will say why."""
    if file.size > max_bytes:
        return ""
    try:
        with file.path.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest()
    except OSError:
        return ""


def _look(paths: Sequence[Path]) -> Listing:
    sources, problems = sources_for(paths)
    return merged([*(source.list() for source in sources), Listing(problems=tuple(problems))])


def _known_paths(folders: Sequence[str], locations: Sequence[str]) -> list[Path]:
    """Return the folders indexed before, and those of the locations that were named one by one."""
    single = {
        location for location in locations if not any(PurePath(location).is_relative_to(folder) for folder in folders)
    }
    return [Path(path) for path in (*folders, *sorted(single))]


def _failures(problems: Sequence[Problem], known: Collection[str]) -> tuple[Failure, ...]:
    """Return the problems as failures; of a file or folder that is known, what was indexed before stays."""
    now = datetime.now(UTC)
    return tuple(
        Failure(problem.location, f"{problem.reason}; {KEPT}" if problem.location in known else problem.reason, now)
        for problem in sorted(problems, key=lambda problem: problem.location)
    )


def _report(
    planned: Plan,
    tally: _Tally,
    listing: Listing,
    failures: tuple[Failure, ...],
    notes: tuple[str, ...],
    generation: int,
    seconds: float,
    *,
    dry_run: bool = False,
) -> Report:
    return Report(
        added=tuple(sorted(tally.added)),
        changed=tuple(sorted(tally.changed)),
        unchanged=tally.unchanged,
        removed=planned.removed,
        failed=failures,
        ignored=listing.ignored,
        notes=notes,
        generation=generation,
        seconds=seconds,
        dry_run=dry_run,
    )


def _notes(planned: Plan, listing: Listing) -> Iterator[str]:
    """Say it when a folder lost all its articles at once: that is what an unmounted disk looks like."""
    for root in sorted(listing.roots):
        removed = sum(PurePath(location).is_relative_to(root) for location in planned.removed)
        if removed and not any(PurePath(file.location).is_relative_to(root) for file in listing.found):
            yield (
                f"no article is left in {root!r}, so all that were indexed from it ({removed}) are removed; if a disk "
                "is missing there, mount it and ingest the folder again"
            )


def _run_record(report: Report, started_at: datetime) -> Run:
    return Run(
        started_at=started_at,
        finished_at=datetime.now(UTC),
        added=len(report.added),
        changed=len(report.changed),
        unchanged=report.unchanged,
        removed=len(report.removed),
        failed=len(report.failed),
    )


def _counts(report: Report) -> dict[str, int | float]:
    return {
        "added": len(report.added),
        "changed": len(report.changed),
        "unchanged": report.unchanged,
        "removed": len(report.removed),
        "failed": len(report.failed),
        "generation": report.generation,
        "seconds": round(report.seconds, 3),
    }


def _dry_run(paths: Sequence[Path], settings: Settings, on_progress: OnProgress | None, *, dry_run: bool) -> Report:
    """Look, read and parse as a run does, and write nothing."""
    clock = time.monotonic()
    manifest, folders, failed, generation = _present_state(settings)
    listing = _look(paths or _known_paths(folders, [*manifest, *failed]))
    planned = plan(listing, manifest)
    tally = _Tally(unchanged=planned.unchanged, problems=list(listing.problems))
    outcomes = _read_ahead(planned.to_read, manifest, settings.max_file_bytes)
    for number, (file, outcome) in enumerate(outcomes, start=1):
        tally.count(outcome, manifest)
        if on_progress is not None:
            on_progress(Progress("reading", number, len(planned.to_read), file.location))
    failures = _failures(tally.problems, {*manifest, *folders})
    notes = tuple(_notes(planned, listing))
    return _report(planned, tally, listing, failures, notes, generation, time.monotonic() - clock, dry_run=dry_run)


def _present_state(settings: Settings) -> tuple[dict[str, ManifestEntry], list[str], list[str], int]:
    """Return manifest, folders, locations of failures and generation without the writer's lock."""
    try:
        library = Library.open(settings.data_dir)
    except LibraryMissing:
        return {}, [], [], 0
    with closing(library), library.snapshot() as snapshot:
        status = snapshot.status(settings.data_dir)
        failed = [failure.location for failure in status.failures]
        return snapshot.manifest(), list(status.folders), failed, snapshot.generation


def _cut_again(
    snapshot: Snapshot, manifest: Mapping[str, ManifestEntry], embedding: _Embedding, progress: ProgressFile
) -> Iterator[list[NewArticle]]:
    """Yield every live article in batches, cut and embedded as this version of the product does it."""
    batch: list[_Parsed] = []
    for number, (location, entry) in enumerate(manifest.items(), start=1):
        article = snapshot.article(entry.article_id, entry.version).article
        spans = tuple(passages(article))
        batch.append(_Parsed(location, entry.file_hash, entry.size, entry.mtime_ns, article, spans))
        if _is_full(batch):
            yield embedding.embedded(batch)
            batch = []
        progress.update(Progress("embedding", number, len(manifest), location))
    if batch:
        yield embedding.embedded(batch)


def _has_library(settings: Settings) -> bool:
    try:
        Library.open(settings.data_dir).close()
    except LibraryMissing:
        return False
    except LibraryMismatch:
        return True
    return True


def _open_writer(settings: Settings, embedder: Embedder | None, *, wait_s: float, reindexing: bool = False) -> Writer:
    if embedder is None:
        from assistant.embedding import embedder_name

        name, dimension = embedder_name(settings)
    else:
        name, dimension = embedder.name, embedder.dimension
    return Writer.open(
        settings.data_dir,
        embedding_model=name,
        dimension=dimension,
        chunker_version=CHUNKER_VERSION,
        wait_s=wait_s,
        reindexing=reindexing,
    )


@contextmanager
def _progress(settings: Settings, on_progress: OnProgress | None) -> Iterator[ProgressFile]:
    """Keep the progress file for the length of a run, and say in it how the run ended if not well."""
    progress = ProgressFile(settings.data_dir, on_progress=on_progress)
    try:
        yield progress
    except KeyboardInterrupt:
        progress.fail(RunState.INTERRUPTED, "stopped by the user")
        raise
    except Exception as err:
        progress.fail(RunState.FAILED, str(err) or type(err).__name__)
        raise
