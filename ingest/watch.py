"""Keep every source current: folders as their files change, the others as often as their entries say.

What a service unit runs. Changes are waited out until they settle, then a run like any other looks at the sources
concerned, so that nothing depends on an event that the system may have dropped: each folder is looked at by its
interval too. The network is asked by threads of their own, for which no folder waits. What fails is told and tried
again: only a stop ends it.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection, Generator, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from assistant.domain import SourceState
from assistant.errors import AssistantError, LibraryLocked, LibraryMissing
from assistant.library import Library
from assistant.settings import Settings
from ingest.ahead import Ahead, Taken
from ingest.catalog import SourceEntry, folder_names, read_sources
from ingest.overview import due_at
from ingest.parse import SUFFIXES
from ingest.plan import source_of
from ingest.progress import Progress
from ingest.report import Report
from ingest.survey import Portion, is_network
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
# Another run may go on for this long before that is told; it is asked for the lock in steps, so that a stop is seen.
WAIT_S = 600.0
LOCK_TRIED_S = 1.0
# After a failure the sources are tried again, and folders that could not be watched are.
RETRY_AFTER_S = 60.0
# The model is let go of when no text was embedded for this long: it holds some hundred megabytes.
MODEL_KEPT_S = 600.0
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Looked:
    """One look: when, at which sources, and what came of it; `error` is "" unless the run could not be done.

    A trouble of the watch as a whole names no sources.
    """

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
    and what failed is tried again. A stop ends it between two files, and waits for no host.
    """
    read_sources(settings.data_dir)
    with watching(settings.data_dir), closing(Ahead(settings)) as ahead:
        _Watch(settings, stop, on_look, embedder or _KeptEmbedder(settings), sources, ahead).run(once=once)


class _Watch:
    def __init__(
        self,
        settings: Settings,
        stop: threading.Event,
        on_look: Callable[[Looked], None],
        embedder: Embedder,
        sources: Collection[str] | None,
        ahead: Ahead,
    ) -> None:
        self._settings = settings
        self._stop = stop
        self._on_look = on_look
        self._embedder = embedder
        self._names = sources
        self._ahead = ahead
        self._has_looked = False
        self._blind_until = 0.0
        self._again: dict[str, float] = {}  # name → when it is due again, on the monotonic clock
        self._troubles: dict[str, str] = {}  # what of the watch as a whole is wrong, each told once

    def run(self, *, once: bool) -> None:
        if once:
            entries = self._entries()
            self._tick(entries)
            while self._ahead.is_busy and not self._stop.is_set():
                self._index(self._ahead.take(wait_s=TICK_S), entries)
            return
        while not self._stop.is_set():
            try:
                self._follow(self._entries())
            except _Blind as err:
                self._blind_until = time.monotonic() + RETRY_AFTER_S
                self._tell("watch", str(err))

    def _follow(self, entries: tuple[SourceEntry, ...]) -> None:
        """Look whenever something changed or is due, until there is something else to follow. Raises _Blind."""
        folders = folder_names(entries)
        there = _there(folders)
        is_blind = time.monotonic() < self._blind_until
        with closing(_events(self._settings.data_dir, () if is_blind else there, self._stop)) as events:
            # The first comes when the watch has begun: what changed before it is found by this look.
            next(events, None)
            if not is_blind:
                self._troubles.pop("watch", None)
            self._tick(entries, () if is_blind and self._has_looked else folders.values())
            self._has_looked = True
            for changed in events:
                self._tick(entries, [source_of(path, folders) for path in changed])
                if isinstance(self._embedder, _KeptEmbedder):
                    self._embedder.let_go_if_idle()
                if (
                    self._entries() != entries
                    or _there(folders) != there
                    or not changed.isdisjoint(folders)  # made anew under its name, maybe with the same number
                    or is_blind != (time.monotonic() < self._blind_until)
                ):
                    return

    def _tick(self, entries: Sequence[SourceEntry], changed: Iterable[str] = ()) -> None:
        """Look at the folders that changed or are due, and index what came from the network meanwhile."""
        due = self._due(entries)
        network = {entry.name: entry for entry in entries if is_network(entry)}
        for name in sorted(due & network.keys()):
            self._ahead.start(network[name])
        names = tuple(sorted({*changed, *due} - network.keys() - {""}))
        if names:
            self._look(names)
        self._index(self._ahead.take(), entries)

    def _entries(self) -> tuple[SourceEntry, ...]:
        try:
            entries = read_sources(self._settings.data_dir)
        except AssistantError as err:
            self._tell("sources", str(err))
            return ()
        self._troubles.pop("sources", None)
        return tuple(entry for entry in entries if self._names is None or entry.name in self._names)

    def _due(self, entries: Sequence[SourceEntry]) -> set[str]:
        now, clock = datetime.now(UTC), time.monotonic()
        states = self._states()
        by_interval = {
            entry.name for entry in entries if states is not None and due_at(entry, states.get(entry.name)) <= now
        }
        return {
            entry.name
            for entry in entries
            if (self._again[entry.name] <= clock if entry.name in self._again else entry.name in by_interval)
        }

    def _states(self) -> Mapping[str, SourceState] | None:
        """Return how the sources were found at their last looks, None if the library cannot be read."""
        try:
            with closing(Library.open(self._settings.data_dir)) as library, library.snapshot() as snapshot:
                states = snapshot.source_states()
        except LibraryMissing:
            states = {}
        except (AssistantError, OSError) as err:
            self._tell("library", str(err))
            return None
        self._troubles.pop("library", None)
        return states

    def _look(self, names: tuple[str, ...]) -> None:
        """Run over these folders; one that failed, or has files that are being written, is looked at again soon."""
        report = self._run(names)
        if report is not None and report.deferred:
            self._again |= dict.fromkeys(names, time.monotonic() + SETTLE_S)

    def _index(self, taken: Taken | None, entries: Sequence[SourceEntry]) -> None:
        """Run over what was fetched of a source, if it is still in the list as it was then."""
        if taken is None:
            return
        names = (taken.entry.name,)
        if taken.portion is None:
            self._fail(names, taken.error)
        elif taken.entry not in entries or self._run(names, taken.portion) is None:
            self._ahead.drop(taken.entry.name)

    def _run(self, names: tuple[str, ...], portion: Portion | None = None) -> Report | None:
        """Run over these sources and tell what came of it; None if it could not be done."""
        if self._stop.is_set():
            return None
        until = time.monotonic() + WAIT_S
        while True:
            try:
                report = ingest(
                    [],
                    self._settings,
                    embedder=self._embedder,
                    on_progress=self._heed_stop,
                    wait_s=LOCK_TRIED_S,
                    sources=names,
                    settle_s=SETTLE_S,
                    portions=() if portion is None else (portion,),
                )
            except _Stopped:
                return None
            except LibraryLocked as err:
                if self._stop.is_set():
                    return None
                if time.monotonic() >= until:
                    self._fail(names, str(err))
                    return None
            except (AssistantError, OSError) as err:
                self._fail(names, str(err))
                return None
            except Exception as err:  # of a library's own kind, such as that of a model without memory
                logger.exception("cannot look at %s", ", ".join(names))
                self._fail(names, f"{type(err).__name__}: {err}")
                return None
            else:
                for name in names:
                    self._again.pop(name, None)
                self._on_look(Looked(datetime.now(UTC), names, report))
                return report

    def _heed_stop(self, progress: Progress) -> None:
        if self._stop.is_set():
            raise _Stopped

    def _fail(self, names: tuple[str, ...], reason: str) -> None:
        self._again |= dict.fromkeys(names, time.monotonic() + RETRY_AFTER_S)
        self._on_look(Looked(datetime.now(UTC), names, None, reason))

    def _tell(self, what: str, reason: str) -> None:
        """Tell what is wrong, unless that is what was told of it last."""
        if self._troubles.get(what) != reason:
            self._troubles[what] = reason
            self._on_look(Looked(datetime.now(UTC), (), None, reason))


class _Blind(AssistantError):
    """Changes in folders are not told of."""


class _Stopped(KeyboardInterrupt):
    """The stop was set during a run, which ends as one does that a user interrupts: consistent, to be gone on with."""


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
    """Yield the paths that changed in these folders, a burst at a time, and an empty set about every `TICK_S`.

    Raises _Blind if the system does not tell of changes.
    """
    if not folders:
        while not stop.wait(TICK_S):
            yield set()
        return
    from watchfiles import watch as watch_files

    try:
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
    except FileNotFoundError:  # gone since it was seen, so there is something else to follow
        stop.wait(TICK_S)
    except (OSError, RuntimeError) as err:  # its own error of what it cannot name is a RuntimeError
        raise _Blind(
            f"the system does not tell of changes in folders ({err}), so they are looked at by their interval alone; "
            "on Linux raise fs.inotify.max_user_watches"
        ) from err


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
        self._settings = settings
        self._model: Embedder | None = None
        self._used_at = 0.0

    @property
    def name(self) -> str:
        """Return the model's. Raises ModelUnavailable."""
        return self._named[0]

    @property
    def dimension(self) -> int:
        """Return the model's. Raises ModelUnavailable."""
        return self._named[1]

    @cached_property
    def _named(self) -> tuple[str, int]:
        from assistant.embedding import embedder_name

        return embedder_name(self._settings)

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
