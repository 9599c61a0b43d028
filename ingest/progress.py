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
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from assistant.lock import is_locked

FILE_NAME = "status.json"
# Seconds between two writes within a stage: a page looks about as often, and a run of 100,000 files is not slowed.
WRITE_EVERY_S = 0.2
STOPPED = "stopped by the user"
"""The reason of a run that was cut off on purpose."""
# Seconds of a stage before its rate is believed: opening the model and the first long file would mislead.
MEASURED_AFTER_S = 4.0


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
    """The latest run as read back. `reason` is set when it failed, `report` when it is done.

    `left_s` is how many seconds the stage goes on at the rate it had until `updated_at`, None while that is unknown.
    """

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
    left_s: float | None = None

    def seconds_left(self, now: datetime) -> float | None:
        """Return how long the stage goes on from `now`; None if that is unknown or was underestimated."""
        if self.state is not RunState.RUNNING or self.left_s is None:
            return None
        left = self.left_s - (now - self.updated_at).total_seconds()
        return left if left > 0 else None


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
    """Writes `status.json` for one run. Only the holder of the library's lock may have one.

    `clock` gives seconds that never go back.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        on_progress: Callable[[Progress], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._path = data_dir / FILE_NAME
        self._on_progress = on_progress
        self._clock = clock
        self._stages: dict[str, _Stage] = {}
        self._started_at = datetime.now(UTC)
        self._latest = Progress("starting", 0, 0)
        self._written_at = -math.inf
        self._write(RunState.RUNNING)

    def update(self, progress: Progress) -> None:
        """Tell the caller at once, and the file at once for a new stage, else a few times a second."""
        is_new_stage = progress.stage != self._latest.stage
        self._latest = progress
        # A stage that another one interrupts, a long file for one, goes on with the rate it had.
        stage = self._stages.get(progress.stage)
        if stage is None or progress.done < stage.done or progress.total != stage.total:
            stage = _Stage(self._clock(), progress.done, progress.total)
        self._stages[progress.stage] = replace(stage, done=progress.done)
        if is_new_stage or self._clock() - self._written_at >= WRITE_EVERY_S:
            self._write(RunState.RUNNING)
        if self._on_progress is not None:
            self._on_progress(progress)

    def finish(self, report: Mapping[str, Any]) -> None:
        """Record that the run is done, with its report in JSON's types."""
        self._write(RunState.DONE, report=report)

    def fail(self, state: RunState, reason: str) -> None:
        """Record why the run stopped. Where even that cannot be written, the free lock will tell readers so."""
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
            "left_s": self._left_s(),
        }
        beside = self._path.with_suffix(".json.new")
        # The file only informs. If the disk is full, the library says so with the next commit.
        try:
            beside.write_text(json.dumps(record), encoding="ascii")
            beside.replace(self._path)
        except OSError:
            with contextlib.suppress(OSError):
                beside.unlink()
        self._written_at = self._clock()

    def _left_s(self) -> float | None:
        stage = self._stages.get(self._latest.stage)
        return stage.left_s(self._clock()) if stage else None


@contextlib.contextmanager
def recorded(data_dir: Path, on_progress: Callable[[Progress], None] | None) -> Iterator[ProgressFile]:
    """Keep the progress file for the length of a run, and say in it how the run ended if not well."""
    progress = ProgressFile(data_dir, on_progress=on_progress)
    try:
        yield progress
    except KeyboardInterrupt:
        progress.fail(RunState.INTERRUPTED, STOPPED)
        raise
    except Exception as err:
        progress.fail(RunState.FAILED, str(err) or type(err).__name__)
        raise


@dataclass(frozen=True, slots=True)
class _Stage:
    """When a stage began, with how much of it done, and how much is done now."""

    began_at: float
    done_before: int
    total: int
    done: int = 0

    def left_s(self, now: float) -> float | None:
        """Return how many seconds the rest takes at the rate so far."""
        elapsed, managed = now - self.began_at, self.done - self.done_before
        if elapsed < MEASURED_AFTER_S or managed < 1:
            return None
        return round((self.total - self.done) * elapsed / managed, 1)


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
            left_s=None if record.get("left_s") is None else float(record["left_s"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        # The file only informs: without it, or with one written by another version, there is no latest run to show.
        return None
