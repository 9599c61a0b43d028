"""How long a run still takes: measured before it is said, at the rate of the stage, and never below nothing."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from assistant.lock import take_lock
from ingest.progress import FILE_NAME, Progress, ProgressFile, RunState, RunStatus, read_progress


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Running:
    """A run whose progress is written by the test."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.clock = Clock()
        self.file = ProgressFile(data_dir, clock=self.clock)

    def after(self, seconds: float, stage: str, done: int, total: int) -> float | None:
        """Report progress `seconds` later and return the seconds left as a reader is told."""
        self.clock.now += seconds
        self.file.update(Progress(stage, done, total))
        status = read_progress(self.data_dir)
        assert status is not None
        return status.left_s


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    lock = take_lock(tmp_path, 0)
    yield Running(tmp_path)
    os.close(lock)


def test_nothing_is_said_in_the_first_seconds(running: Running) -> None:
    assert running.after(0, "indexing", 1, 100) is None
    assert running.after(3, "indexing", 40, 100) is None
    assert running.after(1, "indexing", 41, 100) == pytest.approx(59 * 4 / 40)


def test_time_left_follows_from_the_rate_of_the_stage(running: Running) -> None:
    running.after(0, "looking", 0, 0)
    running.after(60, "indexing", 1, 101)
    assert running.after(10, "indexing", 11, 101) == pytest.approx(90)
    assert running.after(90, "indexing", 101, 101) == 0


def test_stage_that_was_interrupted_goes_on_at_its_rate(running: Running) -> None:
    running.after(0, "indexing", 1, 11)
    running.after(0, "embedding passages", 0, 2_000)
    assert running.after(10, "embedding passages", 500, 2_000) == pytest.approx(30)
    assert running.after(30, "indexing", 3, 11) == pytest.approx(160)


def test_stage_that_begins_anew_is_measured_anew(running: Running) -> None:
    running.after(0, "embedding passages", 0, 1_000)
    running.after(50, "embedding passages", 900, 1_000)
    assert running.after(5, "embedding passages", 0, 3_000) is None
    assert running.after(10, "embedding passages", 1_000, 3_000) == pytest.approx(20)


def test_unknown_total_has_no_time_left(running: Running) -> None:
    running.after(0, "looking", 0, 0)
    assert running.after(30, "looking", 0, 0) is None


def test_estimate_runs_down_between_reports_and_ends_unsaid(running: Running) -> None:
    running.after(0, "indexing", 1, 21)
    running.after(10, "indexing", 11, 21)
    status = read_progress(running.data_dir)
    assert status is not None
    assert status.seconds_left(status.updated_at) == pytest.approx(10)
    assert status.seconds_left(status.updated_at + timedelta(seconds=4)) == pytest.approx(6)
    assert status.seconds_left(status.updated_at + timedelta(seconds=11)) is None
    assert replace(status, state=RunState.DONE).seconds_left(status.updated_at) is None


def test_status_of_another_version_has_no_time_left(running: Running) -> None:
    running.after(0, "indexing", 1, 21)
    path = running.data_dir / FILE_NAME
    record = json.loads(path.read_text())
    del record["left_s"]
    path.write_text(json.dumps(record))
    status = read_progress(running.data_dir)
    assert isinstance(status, RunStatus)
    assert status.left_s is None
    path.write_text(json.dumps({**record, "left_s": "soon"}))
    assert read_progress(running.data_dir) is None
