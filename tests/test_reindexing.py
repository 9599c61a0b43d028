"""One run at a time, whoever clicks, and its failure said in words."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.progress import ProgressFile
from ui.reindexing import Reindexing, Request

NOTES_AND_WAITS = """
import pathlib, sys, time
folder = pathlib.Path(sys.argv[1])
with (folder / "runs").open("a") as runs:
    print(*sys.argv[2:], file=runs)
while not (folder / "go").exists():
    time.sleep(0.01)
"""
FAILS = "import sys; print('reading'); print('Error: no model here', file=sys.stderr); sys.exit(1)"


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < deadline, "waited 20 s in vain"
        time.sleep(0.01)


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


def test_run_that_cannot_even_begin_says_why(tmp_path: Path) -> None:
    reindexing = Reindexing(tmp_path, command=(sys.executable, "-c", FAILS))
    assert reindexing.failure is None
    assert reindexing.start()
    wait_until(lambda: not reindexing.is_running)
    assert reindexing.failure == "Error: no model here"


def test_failure_is_over_once_another_run_reported(tmp_path: Path) -> None:
    reindexing = Reindexing(tmp_path, command=(sys.executable, "-c", FAILS))
    assert reindexing.start()
    wait_until(lambda: not reindexing.is_running)
    assert reindexing.failure == "Error: no model here"
    ProgressFile(tmp_path).finish({"added": 1})
    assert reindexing.failure is None


def test_failure_of_the_run_after_a_good_one_is_said(tmp_path: Path) -> None:
    ProgressFile(tmp_path).finish({"added": 1})
    reindexing = Reindexing(tmp_path, command=(sys.executable, "-c", FAILS))
    assert reindexing.failure is None
    assert reindexing.start()
    wait_until(lambda: not reindexing.is_running)
    assert reindexing.failure == "Error: no model here"


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
    assert reindexing.failure == "Error: no model here"


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
