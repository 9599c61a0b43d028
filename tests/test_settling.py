"""Files that are being written are seen from outside, by their age and by who has them open."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ingest.settling import LONGEST_WAIT_S, unsettled

# Nothing in a test happens within the one, everything within the other.
NO_TIME, LONG = 0.0, 3_600.0
ONLY_LINUX = pytest.mark.skipif(not Path("/proc/self/fdinfo").is_dir(), reason="only Linux tells who has a file open")


def written(path: Path, *, age_s: float) -> Path:
    """Write a file that last changed so many seconds ago."""
    path.write_text("The levy rose", encoding="utf-8")
    at = time.time() - age_s
    os.utime(path, (at, at))
    return path


@contextmanager
def opened(path: Path, mode: str) -> Iterator[subprocess.Popen[str]]:
    """Have another process hold a file open, which leaves its time as it is, until the block ends."""
    code = f"with open({str(path)!r}, {mode!r}):\n    print('open', flush=True)\n    input()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=-1, stdout=-1, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        yield process
        process.communicate("\n")


def test_file_that_changed_a_moment_ago_is_left_for_later(tmp_path: Path) -> None:
    new, old = written(tmp_path / "new.txt", age_s=1), written(tmp_path / "old.txt", age_s=2 * LONG)
    assert unsettled([new, old], settle_s=LONG) == {new}


def test_file_that_nobody_writes_is_settled(tmp_path: Path) -> None:
    path = written(tmp_path / "a.txt", age_s=5)
    assert unsettled([path], settle_s=NO_TIME) == frozenset()
    assert unsettled([], settle_s=LONG) == frozenset()


@ONLY_LINUX
@pytest.mark.parametrize("mode", ["a", "r+"])
def test_file_that_another_process_writes_is_left_until_it_closes_it(tmp_path: Path, mode: str) -> None:
    held, free = written(tmp_path / "held.txt", age_s=5), written(tmp_path / "free.txt", age_s=5)
    with opened(held, mode):
        assert unsettled([held, free], settle_s=NO_TIME) == {held}
    assert unsettled([held, free], settle_s=NO_TIME) == frozenset()


@ONLY_LINUX
def test_file_of_a_writer_that_was_killed_is_settled(tmp_path: Path) -> None:
    path = written(tmp_path / "a.txt", age_s=5)
    with opened(path, "a") as process:
        assert unsettled([path], settle_s=NO_TIME) == {path}
        process.kill()
        process.wait()
        assert unsettled([path], settle_s=NO_TIME) == frozenset()


def test_file_that_is_only_read_is_settled(tmp_path: Path) -> None:
    path = written(tmp_path / "a.txt", age_s=5)
    with opened(path, "r"):
        assert unsettled([path], settle_s=NO_TIME) == frozenset()


def test_file_kept_open_for_long_without_a_change_is_read_all_the_same(tmp_path: Path) -> None:
    path = written(tmp_path / "log.txt", age_s=LONGEST_WAIT_S + 1)
    with opened(path, "a"):
        assert unsettled([path], settle_s=NO_TIME) == frozenset()


@ONLY_LINUX
def test_writer_is_seen_under_every_name_of_its_file(tmp_path: Path) -> None:
    path = written(tmp_path / "a.txt", age_s=5)
    links = [tmp_path / "link.txt", tmp_path / "other.txt"]
    for link in links:
        link.symlink_to(path)
    with opened(path, "a"):
        assert unsettled(links, settle_s=NO_TIME) == {*links}
        assert unsettled([path, *links], settle_s=NO_TIME) == {path, *links}


@ONLY_LINUX
def test_writer_of_a_file_that_was_replaced_is_no_writer_of_the_new_one(tmp_path: Path) -> None:
    path = written(tmp_path / "a.txt", age_s=5)
    with opened(path, "a"):
        written(tmp_path / "new.txt", age_s=5).replace(path)
        assert unsettled([path], settle_s=NO_TIME) == frozenset()


def test_file_that_is_gone_is_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "dangling.txt").symlink_to(tmp_path / "nowhere.txt")
    gone = [tmp_path / "gone.txt", tmp_path / "gone/a.txt", tmp_path / "dangling.txt"]
    assert unsettled(gone, settle_s=LONG) == frozenset()


def test_file_from_the_future_is_not_waited_for(tmp_path: Path) -> None:
    path = written(tmp_path / "a.txt", age_s=-LONG)
    assert unsettled([path], settle_s=2 * LONG) == frozenset()
