"""One run at a time, whoever clicks, and its failure said in words."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.progress import STOPPED, ProgressFile, RunState
from ui.progress import failure_html
from ui.reindexing import Reindexing, Request, RunFailure

NOTES_AND_WAITS = """
import pathlib, sys, time
folder = pathlib.Path(sys.argv[1])
with (folder / "runs").open("a") as runs:
    print(*sys.argv[2:], file=runs)
while not (folder / "go").exists():
    time.sleep(0.01)
"""
GOES_ON = "Answers go on from what is indexed; nothing of it is lost. Run it again and it goes on where it was."
FAILS = "import sys; print('reading'); print('Error: no model here', file=sys.stderr); sys.exit(1)"


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < deadline, "waited 20 s in vain"
        time.sleep(0.01)


def reason(reindexing: Reindexing) -> str | None:
    return reindexing.failure.reason if reindexing.failure else None


def log_lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records]


def test_two_clicks_make_one_run_over_the_data_directory(tmp_path: Path) -> None:
    data = tmp_path / "data"
    reindexing = Reindexing(data, command=(sys.executable, "-c", NOTES_AND_WAITS, str(tmp_path)))
    assert reindexing.start(Request(paths=(Path("/a b"),)))
    assert not reindexing.start()
    assert reindexing.is_running
    (tmp_path / "go").touch()
    wait_until(lambda: not reindexing.is_running)
    assert (tmp_path / "runs").read_text() == f"ingest --data {data} /a b\n"
    assert reindexing.failure is None


def test_run_can_be_started_again_once_it_is_over(tmp_path: Path) -> None:
    (tmp_path / "go").touch()
    reindexing = Reindexing(tmp_path, command=(sys.executable, "-c", NOTES_AND_WAITS, str(tmp_path)))
    for _ in range(2):
        assert reindexing.start()
        wait_until(lambda: not reindexing.is_running)
    assert (tmp_path / "runs").read_text() == f"ingest --data {tmp_path}\n" * 2


def test_runs_that_wait_and_cannot_be_started_are_logged_and_block_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    program = tmp_path / "program"
    program.symlink_to(sys.executable)
    reindexing = Reindexing(tmp_path, command=(str(program), "-c", NOTES_AND_WAITS, str(tmp_path)))
    assert reindexing.start()
    reindexing.enqueue(Request(source="press"))
    reindexing.enqueue(Request(source="desk"))
    program.unlink()
    (tmp_path / "go").touch()
    wait_until(lambda: not reindexing.is_running)
    wait_until(lambda: len(log_lines(caplog)) == 2)
    for line, source in zip(log_lines(caplog), ("press", "desk"), strict=True):
        assert f"starting to index {source}: FileNotFoundError" in line
    program.symlink_to(sys.executable)
    assert reindexing.start()
    wait_until(lambda: not reindexing.is_running)


def test_run_that_cannot_even_begin_says_why(tmp_path: Path) -> None:
    reindexing = Reindexing(tmp_path, command=(sys.executable, "-c", FAILS))
    assert reindexing.failure is None
    assert reindexing.start()
    wait_until(lambda: not reindexing.is_running)
    assert reason(reindexing) == "Error: no model here"


def test_run_that_failed_is_in_the_log_under_the_id_that_is_shown(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    reindexing = Reindexing(tmp_path, command=(sys.executable, "-c", FAILS))
    assert reindexing.start()
    wait_until(lambda: not reindexing.is_running)
    (line,) = log_lines(caplog)
    failures = {reindexing.failure for _ in range(3)}
    assert [(one.error_id, one.is_removal) for one in failures if one] == [(line.split()[1].rstrip(":"), False)]
    assert line.endswith(", started from the page: reading | Error: no model here")
    assert log_lines(caplog) == [line]


def test_run_that_reported_its_failure_is_logged_with_its_last_words(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    reports = (
        "import pathlib, sys; from ingest.progress import ProgressFile, RunState;"
        "ProgressFile(pathlib.Path(sys.argv[1])).fail(RunState.FAILED, 'the disk is full');"
        "print('Traceback: here'); sys.exit(1)"
    )
    reindexing = Reindexing(tmp_path, command=(sys.executable, "-c", reports, str(tmp_path)))
    assert reindexing.start()
    wait_until(lambda: not reindexing.is_running)
    (line,) = log_lines(caplog)
    status = reindexing.progress()
    assert status is not None
    error_id = line.split()[1].rstrip(":")
    assert reindexing.failure == RunFailure("the disk is full", error_id)
    begun = f"{status.started_at:%Y-%m-%d %H:%M:%S UTC}"
    assert line == f"error {error_id}: run {status.pid}, begun {begun}: the disk is full | Traceback: here"


def test_failure_of_a_run_started_elsewhere_has_one_id_in_every_process(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ProgressFile(tmp_path).fail(RunState.FAILED, "the disk is full")
    shown = {Reindexing(tmp_path).failure for _ in range(3)}
    (line,) = log_lines(caplog)
    assert line.endswith(": the disk is full")
    assert shown == {RunFailure("the disk is full", line.split()[1].rstrip(":"))}


def test_killed_run_has_an_id_and_one_that_a_person_stopped_has_none(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ProgressFile(tmp_path)
    killed = Reindexing(tmp_path).failure
    (line,) = log_lines(caplog)
    ended = "the process ended before the run was done"
    assert killed == RunFailure(ended, line.split()[1].rstrip(":"), is_interrupted=True)
    ProgressFile(tmp_path).fail(RunState.INTERRUPTED, STOPPED)
    assert Reindexing(tmp_path).failure == RunFailure(STOPPED, "", is_interrupted=True)
    assert log_lines(caplog) == [line]


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (
            RunFailure("the disk is full", "0011aabb"),
            ["The last run failed", "The disk is full.", GOES_ON, "Error 0011aabb"],
        ),
        (
            RunFailure(STOPPED, "", is_interrupted=True),
            ["The last run was interrupted", "Stopped by the user.", GOES_ON],
        ),
        (
            RunFailure("Error: no", "0011aabb", is_removal=True),
            [
                "The source was not removed",
                "Error: no.",
                "It stays on the list, and answers go on from its articles.",
                "Error 0011aabb",
            ],
        ),
    ],
)
def test_card_of_a_run_says_what_failed_what_works_and_what_to_do(failure: RunFailure, said: list[str]) -> None:
    assert re.findall(r"<(?:h2|p)>(.*?)</", failure_html(failure)) == said


def test_failure_is_over_once_another_run_reported(tmp_path: Path) -> None:
    reindexing = Reindexing(tmp_path, command=(sys.executable, "-c", FAILS))
    assert reindexing.start()
    wait_until(lambda: not reindexing.is_running)
    assert reason(reindexing) == "Error: no model here"
    ProgressFile(tmp_path).finish({"added": 1})
    assert reindexing.failure is None


def test_failure_of_the_run_after_a_good_one_is_said(tmp_path: Path) -> None:
    ProgressFile(tmp_path).finish({"added": 1})
    reindexing = Reindexing(tmp_path, command=(sys.executable, "-c", FAILS))
    assert reindexing.failure is None
    assert reindexing.start()
    wait_until(lambda: not reindexing.is_running)
    assert reason(reindexing) == "Error: no model here"


@pytest.mark.parametrize(
    ("request_", "arguments"),
    [
        (Request(), "ingest --data /d"),
        (Request(source="wto"), "ingest --data /d --source wto"),
        (Request(source="wto", retry=True), "ingest --data /d --source wto --retry"),
        (Request(source="wto", allow_removals=True), "ingest --data /d --source wto --allow-removals"),
        (Request(paths=(Path("/a"), Path("/b"))), "ingest --data /d /a /b"),
        (Request(source="wto", remove=True), "sources remove --data /d wto"),
    ],
)
def test_request_is_what_the_command_line_takes(request_: Request, arguments: str) -> None:
    assert request_.arguments(Path("/d")) == arguments.split()


def test_removal_that_failed_is_said_though_another_run_goes_on(tmp_path: Path) -> None:
    other = ProgressFile(tmp_path)
    reindexing = Reindexing(tmp_path, command=(sys.executable, "-c", FAILS))
    reindexing.enqueue(Request(source="wto", remove=True))
    wait_until(lambda: reindexing.current is None)
    other.finish({"added": 1})
    assert reason(reindexing) == "Error: no model here"


def test_first_look_at_a_new_source_waits_for_the_run_that_goes_on_and_waits_once(tmp_path: Path) -> None:
    data = tmp_path / "data"
    reindexing = Reindexing(data, command=(sys.executable, "-c", NOTES_AND_WAITS, str(tmp_path)))
    assert reindexing.start()
    for name in ("desk", "wto", "desk"):
        reindexing.enqueue(Request(source=name))
    assert not reindexing.start()
    wait_until((tmp_path / "runs").exists)
    assert (tmp_path / "runs").read_text() == f"ingest --data {data}\n"
    (tmp_path / "go").touch()
    wait_until(lambda: not reindexing.is_running)
    started = [f"ingest --data {data}{more}" for more in ("", *(f" --wait 3600 --source {n}" for n in ("desk", "wto")))]
    assert (tmp_path / "runs").read_text().splitlines() == started


def test_source_that_is_being_looked_at_is_known(tmp_path: Path) -> None:
    reindexing = Reindexing(tmp_path, command=(sys.executable, "-c", NOTES_AND_WAITS, str(tmp_path)))
    assert not reindexing.is_at("desk")
    assert reindexing.start(Request(source="desk"))
    assert (reindexing.is_at("desk"), reindexing.is_at("wto")) == (True, False)
    (tmp_path / "go").touch()
    wait_until(lambda: not reindexing.is_running)
    assert not reindexing.is_at("desk")


def test_without_any_run_there_is_no_progress(tmp_path: Path) -> None:
    reindexing = Reindexing(tmp_path)
    assert (reindexing.progress(), reindexing.is_running, reindexing.failure) == (None, False, None)
