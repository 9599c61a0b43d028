"""Keep every source current: folders as their files change, the others as often as their entries say.

What a service unit runs. Changes are waited out until they settle, then a run like any other looks at the sources
concerned, so that nothing depends on an event that the system may have dropped: each folder is looked at by its
interval too.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from assistant.domain import SourceState
from assistant.errors import AssistantError, LibraryMissing
from assistant.library import Library
from assistant.settings import Settings
from ingest.catalog import SourceEntry, folder_names, read_sources
from ingest.overview import due_at
from ingest.parse import SUFFIXES
from ingest.plan import source_of
from ingest.report import Report
from ingest.sync import ingest
from ingest.uploads import uploads_folder
from ingest.watching import watching

if TYPE_CHECKING:
    from watchfiles import Change

    from assistant.embedding import Embedder

# A burst is over when nothing changed for this long, or it is looked at in the middle after the longer time.
QUIET_S = 0.5
LONGEST_BURST_S = 10.0
# A file that changed within this time, or that is open for writing, is left for the next look.
SETTLE_S = 1.0
# How often the list of sources and the clock are looked at while nothing happens.
TICK_S = 1.0
# Waiting for another run to end; then the sources are tried again like after any other failure.
WAIT_S = 600.0
RETRY_AFTER_S = 60.0
# The model is let go of when no text was embedded for this long: it holds some hundred megabytes.
MODEL_KEPT_S = 600.0


@dataclass(frozen=True, slots=True)
class Looked:
    """One look: when, at which sources, and what came of it; `error` is "" unless the run could not be done."""

    at: datetime
    sources: tuple[str, ...]
    report: Report | None
    error: str = ""


def watch(
    settings: Settings,
    *,
    stop: threading.Event,
    on_look: Callable[[Looked], None],
    embedder: Embedder | None = None,
    sources: Collection[str] | None = None,
    once: bool = False,
) -> None:
    """Look at each source (or the named `sources` alone) whenever it changed or is due, until `stop` is set.

    With `once` only what is due now is looked at, for a timer that starts this again and again. Raises LibraryLocked
    if another process watches, SourceError if the list cannot be read at the start; later failures go to `on_look`,
    and what failed is tried again.
    """
    read_sources(settings.data_dir)
    with watching(settings.data_dir):
        _Watch(settings, stop, on_look, embedder or _KeptEmbedder(settings), sources).run(once=once)


class _Watch:
    def __init__(
        self,
        settings: Settings,
        stop: threading.Event,
        on_look: Callable[[Looked], None],
        embedder: Embedder,
        sources: Collection[str] | None,
    ) -> None:
        self._settings = settings
        self._stop = stop
        self._on_look = on_look
        self._embedder = embedder
        self._names = sources
        self._has_looked = False
        self._again: dict[str, float] = {}  # name → when it is due again, on the monotonic clock

    def run(self, *, once: bool) -> None:
        if once:
            self._look(self._due(self._entries()))
            return
        while not self._stop.is_set():
            entries = self._entries()
            folders = folder_names(entries)
            there = _there(folders)
            with closing(_events(self._settings.data_dir, there, self._stop)) as events:
                # The first comes when the watch has begun: what changed before it is found by this look.
                next(events, None)
                self._look(self._due(entries) | (set(folders.values()) if not self._has_looked else set()))
                self._has_looked = True
                for changed in events:
                    self._look({source_of(path, folders) for path in changed} | self._due(entries))
                    if isinstance(self._embedder, _KeptEmbedder):
                        self._embedder.let_go_if_idle()
                    if self._entries() != entries or _there(folders) != there:
                        break

    def _entries(self) -> tuple[SourceEntry, ...]:
        try:
            entries = read_sources(self._settings.data_dir)
        except AssistantError as err:
            self._on_look(Looked(datetime.now(UTC), (), None, str(err)))
            self._stop.wait(RETRY_AFTER_S)
            return ()
        return tuple(entry for entry in entries if self._names is None or entry.name in self._names)

    def _due(self, entries: Sequence[SourceEntry]) -> set[str]:
        now, clock = datetime.now(UTC), time.monotonic()
        states = _states(self._settings.data_dir)
        by_interval = {entry.name for entry in entries if due_at(entry, states.get(entry.name)) <= now}
        return {
            entry.name
            for entry in entries
            if (self._again[entry.name] <= clock if entry.name in self._again else entry.name in by_interval)
        }

    def _look(self, names: Collection[str]) -> None:
        """Run over these sources; one that failed, or has files that are being written, is looked at again soon."""
        known = sorted(name for name in names if name)
        if not known or self._stop.is_set():
            return
        try:
            report = ingest(
                [], self._settings, embedder=self._embedder, sources=known, wait_s=WAIT_S, settle_s=SETTLE_S
            )
        except AssistantError as err:
            self._again |= dict.fromkeys(known, time.monotonic() + RETRY_AFTER_S)
            self._on_look(Looked(datetime.now(UTC), tuple(known), None, str(err)))
            return
        for name in known:
            self._again.pop(name, None)
        if report.deferred:
            self._again |= dict.fromkeys(known, time.monotonic() + SETTLE_S)
        self._on_look(Looked(datetime.now(UTC), tuple(known), report))


def _states(data_dir: Path) -> dict[str, SourceState]:
    try:
        with closing(Library.open(data_dir)) as library, library.snapshot() as snapshot:
            return snapshot.source_states()
    except LibraryMissing:
        return {}


def _there(folders: Collection[str]) -> dict[str, int]:
    """Return the folders that can be watched; another number means another folder under the same name."""
    found = {}
    for folder in folders:
        try:
            found[folder] = Path(folder).stat().st_ino
        except OSError:  # missing: it is left to its interval, and its look says so
            continue
    return found


def _events(data_dir: Path, folders: Collection[str], stop: threading.Event) -> Generator[set[str], None, None]:
    """Yield the paths that changed in these folders, a burst at a time, and an empty set about every `TICK_S`."""
    if not folders:
        while not stop.wait(TICK_S):
            yield set()
        return
    from watchfiles import watch as watch_files

    for changes in watch_files(
        *folders,
        watch_filter=None,
        debounce=int(LONGEST_BURST_S * 1000),
        step=int(QUIET_S * 1000),
        rust_timeout=int(TICK_S * 1000),
        yield_on_timeout=True,
        stop_event=stop,
        ignore_permission_denied=True,
    ):
        yield {path for change, path in changes if _concerns(change, PurePath(path), data_dir)}


def _concerns(change: Change, path: PurePath, data_dir: Path) -> bool:
    """Say whether a change may be one of an article: not what a run itself writes, nor a hidden file.

    What was deleted may have been a folder whatever its name.
    """
    from watchfiles import Change

    is_ours = path.is_relative_to(data_dir.absolute()) and not path.is_relative_to(uploads_folder(data_dir))
    if is_ours or path.name.startswith("."):
        return False
    return path.suffix.lower() in SUFFIXES or change is Change.deleted or Path(path).is_dir()


class _KeptEmbedder:
    """The configured model, opened when the first text comes and kept for the next ones."""

    def __init__(self, settings: Settings) -> None:
        from assistant.embedding import embedder_name

        self._settings = settings
        self._model: Embedder | None = None
        self._used_at = 0.0
        self.name, self.dimension = embedder_name(settings)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed as the model does. Raises ModelUnavailable."""
        if self._model is None:
            from assistant.embedding import open_embedder

            self._model = open_embedder(self._settings)
        self._used_at = time.monotonic()
        return self._model.embed(texts)

    def let_go_if_idle(self) -> None:
        """Free the memory of a model that was not used for a while."""
        if time.monotonic() - self._used_at > MODEL_KEPT_S:
            self._model = None
