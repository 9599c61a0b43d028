"""The progress of an ingest run, as a file that other processes can read while it goes on.

`status.json` in the data directory is only ever replaced as a whole, so a reader sees one state or the next. The file
alone is not believed: "running" with nobody holding the library's lock means that the run was killed.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from assistant.lock import is_locked

FILE_NAME = "status.json"
# Seconds between two writes within a stage: a page looks about as often, and a run of 100,000 files is not slowed.
WRITE_EVERY_S = 0.2


class RunState(StrEnum):
    """What became of the latest run."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: `done` of `total` files in this stage; passages of `location` in "embedding passages"."""

    stage: str
    done: int
    total: int
    location: str | None = None


@dataclass(frozen=True, slots=True)
class RunStatus:
    """The latest run as read back. `reason` is set when it failed, `report` when it is done."""

    state: RunState
    stage: str
    done: int
    total: int
    location: str | None
    pid: int
    started_at: datetime
    updated_at: datetime
    reason: str | None
    report: Mapping[str, Any] | None


def read_progress(data_dir: Path) -> RunStatus | None:
    """Return the latest run, None if there was none or its file cannot be understood."""
    status = _read(data_dir)
    if status is None or status.state is not RunState.RUNNING or is_locked(data_dir) == status.pid:
        return status
    # The run may have ended between the two looks: what it wrote before it let go of the lock is there now.
    again = _read(data_dir)
    if again is None or again.state is not RunState.RUNNING or is_locked(data_dir) == again.pid:
        return again
    return replace(again, state=RunState.INTERRUPTED, reason="the process ended before the run was done")


class ProgressFile:
    """Writes `status.json` for one run. Only the holder of the library's lock may have one."""

    def __init__(self, data_dir: Path, *, on_progress: Callable[[Progress], None] | None = None) -> None:
        self._path = data_dir / FILE_NAME
        self._on_progress = on_progress
        self._started_at = datetime.now(UTC)
        self._latest = Progress("starting", 0, 0)
        self._written_at = -math.inf
        self._write(RunState.RUNNING)

    def update(self, progress: Progress) -> None:
        """Tell the caller at once, and the file at once for a new stage, else a few times a second."""
        is_new_stage = progress.stage != self._latest.stage
        self._latest = progress
        if is_new_stage or time.monotonic() - self._written_at >= WRITE_EVERY_S:
            self._write(RunState.RUNNING)
        if self._on_progress is not None:
            self._on_progress(progress)

    def finish(self, report: Mapping[str, Any]) -> None:
        """Record that the run is done, with its report in JSON's types."""
        self._write(RunState.DONE, report=report)

    def fail(self, state: RunState, reason: str) -> None:
        """Record why the run stopped. Where even that cannot be written, the free lock will tell readers so."""
        with contextlib.suppress(OSError):
            self._write(state, reason=reason)

    def _write(self, state: RunState, *, reason: str | None = None, report: Mapping[str, Any] | None = None) -> None:
        record = {
            "state": state,
            "stage": self._latest.stage,
            "done": self._latest.done,
            "total": self._latest.total,
            "location": self._latest.location,
            "pid": os.getpid(),
            "started_at": self._started_at.isoformat(),
            "updated_at": datetime.now(UTC).isoformat(),
            "reason": reason,
            "report": report,
        }
        beside = self._path.with_suffix(".json.new")
        beside.write_text(json.dumps(record), encoding="ascii")
        beside.replace(self._path)
        self._written_at = time.monotonic()


def _read(data_dir: Path) -> RunStatus | None:
    try:
        record = json.loads((data_dir / FILE_NAME).read_text(encoding="ascii"))
        return RunStatus(
            state=RunState(record["state"]),
            stage=str(record["stage"]),
            done=int(record["done"]),
            total=int(record["total"]),
            location=record["location"],
            pid=int(record["pid"]),
            started_at=datetime.fromisoformat(record["started_at"]),
            updated_at=datetime.fromisoformat(record["updated_at"]),
            reason=record["reason"],
            report=record["report"],
        )
    except (OSError, ValueError, KeyError, TypeError):
        # The file only informs: without it, or with one written by another version, there is no latest run to show.
        return None
