"""One ingest at a time: a second one waits or names the first, and a killed one holds nothing."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from assistant.errors import LibraryLocked
from assistant.lock import is_locked
from tests.soak.conftest import Outcomes
from tests.soak.contents import check, contents, leftovers
from tests.soak.history import History
from tests.soak.processes import started
from tests.soak.scale import ROOT, scaled
from tests.soak.syncing import sync

pytestmark = pytest.mark.soak

PAIRS = scaled(20)
# Starts to index at a given moment, so that two of them meet.
AT_THE_SAME_TIME = """
import sys, time
from pathlib import Path
from assistant.errors import LibraryLocked
from tests.soak.syncing import sync
print("ready", flush=True)
sys.stdin.readline()
try:
    sync(Path(sys.argv[1]), Path(sys.argv[2]), wait_s=float(sys.argv[3]))
except LibraryLocked as err:
    print(f"locked: {err}", flush=True)
else:
    print("done", flush=True)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with articles."""
    History(tmp_path / "folder", 31)
    return tmp_path / "folder"


@contextmanager
def held(folder: Path, data_dir: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run an ingest that stands still in the middle."""
    with started("crash_child", folder, data_dir, data_dir.with_name("embedded.txt"), "embed", 1) as run:
        assert run.stdout is not None
        try:
            assert any(line == b"embed held\n" for line in run.stdout)
            yield run
        finally:
            run.kill()


def test_second_ingest_names_the_first_or_waits_for_it(tmp_path: Path, folder: Path) -> None:
    data_dir = tmp_path / "data"
    with held(folder, data_dir) as run:
        named = rf"process {run.pid} is indexing into .*; wait until it is done, or stop it"
        for wait_s in (0.0, 0.5):
            with pytest.raises(LibraryLocked, match=named):
                sync(folder, data_dir, wait_s=wait_s)
        assert is_locked(data_dir) == run.pid
        reports = []
        waiting = threading.Thread(target=lambda: reports.append(sync(folder, data_dir, wait_s=60)))
        waiting.start()
        run.kill()
        run.wait()
        waiting.join()
    assert [len(report.added) for report in reports] == [len(list(folder.iterdir()))]
    assert is_locked(data_dir) is None
    check(data_dir)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("wait_s", [0, 60])
def test_two_that_start_at_once_both_end_well_or_one_says_why_not(
    tmp_path: Path, folder: Path, outcomes: Outcomes, wait_s: int
) -> None:
    data_dir = tmp_path / "data"
    said: Counter[str] = Counter()
    for number in range(PAIRS):
        (folder / "last.md").write_text(f"# The last report\n\nIt is number {number} of all that we made.\n")
        command = [sys.executable, "-c", AT_THE_SAME_TIME, str(folder), str(data_dir), str(wait_s)]
        pair = [
            subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            for _ in range(2)
        ]
        assert [one.stdout.readline() for one in pair if one.stdout] == ["ready\n"] * 2
        for one in pair:
            assert one.stdin is not None
            one.stdin.write("\n")
            one.stdin.flush()
        ends = [re.sub(r"process \d+ is .*", "another", one.communicate()[0].strip()) for one in pair]
        assert sorted(ends) in ([["done", "done"]] if wait_s else [["done", "done"], ["done", "locked: another"]])
        said.update(ends)
        check(data_dir)
        assert contents(data_dir)["last.md"].versions[-1][0] == number + 1
    assert leftovers(data_dir) == []
    outcomes.add(f"two at once, waiting {wait_s} s", PAIRS, ", ".join(f"{n} {end}" for end, n in said.items()))
