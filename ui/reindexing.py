"""Runs of ingest started from the page: `python -m ui.cli ingest`, the same entry point as the command line.

The process is its own, so that the page keeps answering meanwhile; how far it is stands in the data directory's
`status.json`, so every reader sees the same bar and a reload keeps it. Two clicks make one run: this object refuses a
second while its process lives, and the library's lock refuses one started elsewhere.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from collections import deque
from collections.abc import Sequence
from pathlib import Path

import ingest
from ingest.progress import RunState, RunStatus, read_progress

SAMPLES = Path(ingest.__file__).parent / "samples"
_PACKAGES_ROOT = Path(ingest.__file__).parent.parent
_KEPT_LINES = 20


class Reindexing:
    """Starts ingest runs over one data directory and says how they go; safe to use from many threads."""

    def __init__(self, data_dir: Path, *, command: Sequence[str] = (sys.executable, "-m", "ui.cli")) -> None:
        self._data_dir = data_dir
        self._command = tuple(command)
        self._lock = threading.Lock()
        self._run: _Run | None = None

    def start(self, paths: Sequence[Path] = ()) -> bool:
        """Start a run over `paths`, or over all that was indexed before; False, and nothing done, while one goes on."""
        with self._lock:
            if self._is_alive() or self._is_running_elsewhere():
                return False
            self._run = _Run([*self._command, "ingest", "--data", str(self._data_dir), *map(str, paths)])
            return True

    def progress(self) -> RunStatus | None:
        """Return the latest run of this data directory, whoever started it; None if there was none."""
        return read_progress(self._data_dir)

    @property
    def is_running(self) -> bool:
        """Say whether a run is going on, started here or elsewhere."""
        with self._lock:
            return self._is_alive() or self._is_running_elsewhere()

    @property
    def failure(self) -> str | None:
        """Return the last words of a run started here that failed before it could report, else None."""
        with self._lock:
            run = self._run
            if run is None or run.is_alive or not run.process.returncode:
                return None
            status = read_progress(self._data_dir)
            if status is not None and status.pid == run.process.pid:
                return None
            return run.said[-1] if run.said else f"the run ended with status {run.process.returncode}"

    def _is_alive(self) -> bool:
        return self._run is not None and self._run.is_alive

    def _is_running_elsewhere(self) -> bool:
        status = read_progress(self._data_dir)
        return status is not None and status.state is RunState.RUNNING


class _Run:
    """A process with a thread that reads what it says, keeps the end of it, and waits for the process."""

    def __init__(self, command: Sequence[str]) -> None:
        self.said: deque[str] = deque(maxlen=_KEPT_LINES)
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
        self._reader = threading.Thread(target=self._read, name="reindexing", daemon=True)
        self._reader.start()

    @property
    def is_alive(self) -> bool:
        return self._reader.is_alive()

    def _read(self) -> None:
        with self.process as process:
            for line in process.stdout or ():
                if line.strip():
                    self.said.append(line.strip())
