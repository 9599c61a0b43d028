"""Runs of ingest started from the page: `python -m ui.cli ingest`, the same entry point as the command line.

The process is its own, so that the page keeps answering meanwhile; how far it is stands in the data directory's
`status.json`, so every reader sees the same bar and a reload keeps it. Two clicks make one run: this object refuses a
second while its process lives, and the library's lock refuses one started elsewhere. What must not be dropped, such as
the first look at a new source, waits its turn instead.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import ingest
from ingest.progress import STOPPED, RunState, RunStatus, read_progress
from ui import incidents

SAMPLES = Path(ingest.__file__).parent / "samples"
# How long a run that may not be dropped waits for one that was started elsewhere.
WAITS_S = 3_600
_PACKAGES_ROOT = Path(ingest.__file__).parent.parent
_KEPT_LINES = 20


@dataclass(frozen=True, slots=True)
class Request:
    """What a run is to do: look at `paths`, at one source, or, with neither, at all sources.

    With `retry` files that failed are read again although they did not change; with `allow_removals` articles are
    withdrawn however many they are. With `remove` the source is taken off the list and nothing is looked at.
    """

    paths: tuple[Path, ...] = ()
    source: str = ""
    retry: bool = False
    allow_removals: bool = False
    remove: bool = False

    def arguments(self, data_dir: Path, *, wait_s: int = 0) -> list[str]:
        """Return it as the arguments of the command line; `wait_s` is how long it waits for a run started elsewhere."""
        data = ["--data", str(data_dir)]
        if self.remove:
            return ["sources", "remove", *data, self.source]
        waits = ["--wait", str(wait_s)] if wait_s else []
        source = ["--source", self.source] if self.source else []
        flags = [
            flag for flag, is_set in (("--retry", self.retry), ("--allow-removals", self.allow_removals)) if is_set
        ]
        return ["ingest", *data, *waits, *source, *flags, *map(str, self.paths)]


EVERYTHING = Request()


@dataclass(frozen=True, slots=True)
class RunFailure:
    """How the latest run failed, or was cut off; `error_id` is what the log has too, "" where a person stopped it."""

    reason: str
    error_id: str
    is_interrupted: bool = False
    is_removal: bool = False


class Reindexing:
    """Starts ingest runs over one data directory and says how they go; safe to use from many threads."""

    def __init__(self, data_dir: Path, *, command: Sequence[str] = (sys.executable, "-m", "ui.cli")) -> None:
        self._data_dir = data_dir
        self._command = tuple(command)
        self._lock = threading.Lock()
        self._run: _Run | None = None
        self._waiting: deque[Request] = deque()

    def start(self, request: Request = EVERYTHING) -> bool:
        """Start a run; False, and nothing done, while one goes on."""
        with self._lock:
            if self._is_busy() or self._is_running_elsewhere():
                return False
            self._begin(request)
            return True

    def enqueue(self, request: Request) -> None:
        """Start a run, after the one that goes on if there is one. The same request waits only once."""
        with self._lock:
            if request in self._waiting:
                return
            if self._is_busy():
                self._waiting.append(request)
            else:
                self._begin(request, wait_s=WAITS_S)

    def progress(self) -> RunStatus | None:
        """Return the latest run of this data directory, whoever started it; None if there was none."""
        return read_progress(self._data_dir)

    @property
    def is_running(self) -> bool:
        """Say whether a run is going on, started here or elsewhere."""
        with self._lock:
            return self._is_busy() or self._is_running_elsewhere()

    @property
    def current(self) -> Request | None:
        """Return what the run that was started here is doing, None if there is none."""
        with self._lock:
            return self._run.request if self._run is not None and self._run.is_alive else None

    def is_at(self, source: str) -> bool:
        """Say whether a run that was started here is looking at this source, alone or with all the others."""
        request = self.current
        return request is not None and request.source in {"", source} and not request.paths

    @property
    def failure(self) -> RunFailure | None:
        """Return how the latest run failed, None if it did not; the log has it under the same id.

        A run started here that failed before it could report is told by its last words, until a run that reported
        since, wherever it was started, is the latest one instead. What reports of a run that began before tell nothing
        about whether a source was removed.
        """
        with self._lock:
            run = self._run
            if run is not None and run.is_alive:
                return None
            status = read_progress(self._data_dir)
            if run is not None and (found := _without_report(run, status)):
                return found
            return _of_report(status)

    def _note_failure(self, run: _Run) -> None:
        """Put how a run failed into the log, with its last words, although nobody looks."""
        words = " | ".join(run.said)
        status = read_progress(self._data_dir)
        if not _without_report(run, status, words) and status and status.pid == run.process.pid:
            _of_report(status, words)

    def _begin(self, request: Request, *, wait_s: int = 0) -> None:
        command = [*self._command, *request.arguments(self._data_dir, wait_s=wait_s)]
        self._run = _Run(request, command, note=self._note_failure, on_end=self._go_on)

    def _go_on(self) -> None:
        """Start what waits, in the thread of the run that ended; what cannot be started keeps nothing else waiting."""
        with self._lock:
            while self._waiting:
                request = self._waiting.popleft()
                try:
                    self._begin(request, wait_s=WAITS_S)
                except OSError as err:
                    incidents.incident(err, f"starting to index {request.source or 'all sources'}")
                else:
                    return

    def _is_busy(self) -> bool:
        return bool(self._waiting) or (self._run is not None and self._run.is_alive)

    def _is_running_elsewhere(self) -> bool:
        status = read_progress(self._data_dir)
        return status is not None and status.state is RunState.RUNNING


class _Run:
    """A process with a thread that reads what it says, keeps the end of it, and waits for the process."""

    def __init__(
        self, request: Request, command: Sequence[str], *, note: Callable[[_Run], None], on_end: Callable[[], None]
    ) -> None:
        self.request = request
        self.said: deque[str] = deque(maxlen=_KEPT_LINES)
        self.started_at = datetime.now(UTC)
        self._note, self._on_end = note, on_end
        self._is_over = threading.Event()
        self.process = subprocess.Popen(
            command,
            cwd=_PACKAGES_ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
        )
        threading.Thread(target=self._read, name="reindexing", daemon=True).start()

    @property
    def is_alive(self) -> bool:
        return not self._is_over.is_set()

    def _read(self) -> None:
        with self.process as process:
            for line in process.stdout or ():
                if line.strip():
                    self.said.append(line.strip())
        try:
            self._note(self)
        finally:
            self._is_over.set()
            self._on_end()


def _without_report(run: _Run, status: RunStatus | None, words: str = "") -> RunFailure | None:
    """Return how a run that is over failed before it could report, None if it did not or another reported since."""
    if not run.process.returncode:
        return None
    if status is not None:
        reported_at = status.started_at if run.request.remove else status.updated_at
        if reported_at >= run.started_at:
            return None
    reason = run.said[-1] if run.said else f"the run ended with status {run.process.returncode}"
    key = f"run {run.process.pid} {run.started_at.isoformat()}"
    error_id = incidents.standing(key, f"run {run.process.pid}, started from the page", words or reason)
    return RunFailure(reason, error_id, is_removal=run.request.remove)


def _of_report(status: RunStatus | None, words: str = "") -> RunFailure | None:
    """Return how a run that reported failed, None if it did not. Every process comes to the same id for it."""
    if status is None or status.state not in {RunState.FAILED, RunState.INTERRUPTED}:
        return None
    reason, is_interrupted = status.reason or "no reason given", status.state is RunState.INTERRUPTED
    if is_interrupted and reason == STOPPED:
        return RunFailure(reason, "", is_interrupted=True)
    key = f"run {status.pid} {status.started_at.isoformat()}"
    where = f"run {status.pid}, begun {status.started_at:%Y-%m-%d %H:%M:%S %Z}"
    error_id = incidents.standing(key, where, f"{reason} | {words}" if words else reason)
    return RunFailure(reason, error_id, is_interrupted=is_interrupted)
