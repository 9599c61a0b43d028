"""Runs of ingest started from the page: `python -m ui.cli ingest`, the same entry point as the command line.

The process is its own, so that the page keeps answering meanwhile; how far it is stands in the data directory's
`status.json`, so every reader sees the same bar and a reload keeps it. Two clicks make one run: this object refuses a
second while its process lives, and the library's lock refuses one started elsewhere.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import ingest
from ingest.progress import RunState, RunStatus, read_progress

SAMPLES = Path(ingest.__file__).parent / "samples"
_PACKAGES_ROOT = Path(ingest.__file__).parent.parent
_MAX_OUTPUT_BYTES = 4_000


class Reindexing:
    """Starts ingest runs over one data directory and says how they go; safe to use from many threads."""

    def __init__(self, data_dir: Path, *, command: Sequence[str] = (sys.executable, "-m", "ui.cli")) -> None:
        self._data_dir = data_dir
        self._command = tuple(command)
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._output: IO[bytes] | None = None

    def start(self, paths: Sequence[Path] = ()) -> bool:
        """Start a run over `paths` and all folders known; False, and nothing done, while one is running."""
        with self._lock:
            if self._is_alive() or self._is_running_elsewhere():
                return False
            if self._output is not None:
                self._output.close()
            self._output = tempfile.TemporaryFile()  # noqa: SIM115 - the process writes to it after this call
            self._process = subprocess.Popen(
                [*self._command, "ingest", "--data", str(self._data_dir), *map(str, paths)],
                cwd=_PACKAGES_ROOT,
                stdin=subprocess.DEVNULL,
                stdout=self._output,
                stderr=subprocess.STDOUT,
            )
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
            if self._process is None or self._output is None or self._is_alive() or not self._process.returncode:
                return None
            status = read_progress(self._data_dir)
            if status is not None and status.pid == self._process.pid:
                return None
            size = self._output.seek(0, 2)
            self._output.seek(max(size - _MAX_OUTPUT_BYTES, 0))
            lines = self._output.read().decode("utf-8", "replace").split("\n")
            said = [line.strip() for line in lines if line.strip()]
            return said[-1] if said else f"the run ended with status {self._process.returncode}"

    def _is_alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def _is_running_elsewhere(self) -> bool:
        status = read_progress(self._data_dir)
        return status is not None and status.state is RunState.RUNNING
