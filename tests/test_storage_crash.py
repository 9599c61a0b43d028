"""What survives a writer that is killed, and what a reader in another process sees of a writer at work."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from assistant.domain import Filters
from assistant.errors import LibraryLocked
from assistant.library import Library
from assistant.lock import is_locked
from assistant.vectors import DenseSearch
from tests.shelf import new, vector, writer

ALL = Filters()
ROOT = Path(__file__).resolve().parent.parent
# Puts, edits, removes and publishes for as long as it is let, and says each generation once it is committed.
BUSY_WRITER = """
import sys
from itertools import count
from pathlib import Path
from tests.shelf import new, writer
with writer(Path(sys.argv[1]), wait_s=30) as open_writer:
    print("open", flush=True)
    for turn in count(int(sys.argv[2])):
        batch = [new(f"/{turn}-{item}.md", f"zinc {turn} {item}", f"tin {turn} {item}") for item in range(5)]
        print(open_writer.put(batch), flush=True)
        if turn % 3 == 2:
            print(open_writer.remove([f"/{turn - 1}-0.md"]), flush=True)
        open_writer.publish_vectors(force=turn % 4 == 3)
"""
# Reads until it has seen several states; every question must be answered whole from one of them.
BUSY_READER = """
import sys
from pathlib import Path
from assistant.domain import Filters
from assistant.library import Library
from assistant.vectors import DenseSearch
from tests.shelf import vector
library, dense = Library.open(Path(sys.argv[1])), DenseSearch(Path(sys.argv[1]))
with library.snapshot() as snapshot:
    dense.prepare(snapshot)
print("open", flush=True)
generations, asked = set(), vector("zinc 1 1")
while len(generations) < 6:
    with library.snapshot() as snapshot:
        generations.add(snapshot.generation)
        wanted = min(10, snapshot.passage_count())
        hits = dense.search(snapshot, asked, limit=10, filters=Filters())
        assert len(hits) == wanted == len(snapshot.passages([passage_id for passage_id, _ in hits])), hits
        status = snapshot.status(Path(sys.argv[1]))
        assert 0 <= status.pending <= status.passages
print(dense.problem, flush=True)
dense.close()
library.close()
"""
# Opens the vector directory again and again while threads of its own look whether it is whole.
OPENS_AND_LOOKS = """
import sys, threading, time
from pathlib import Path
from assistant.library import Library
from assistant.vectors import DenseSearch, VectorIndex
data_dir = Path(sys.argv[1])
library, is_done = Library.open(data_dir), threading.Event()
with library.snapshot() as snapshot:
    directory = data_dir / "vectors" / snapshot.vector_directory
def look():
    while not is_done.wait(0.01):
        with library.snapshot() as snapshot:
            assert DenseSearch(data_dir).check(snapshot) is None
threads = [threading.Thread(target=look) for _ in range(2)]
for thread in threads:
    thread.start()
print("open", flush=True)
sys.stdin.readline()
for _ in range(30):
    VectorIndex(directory).close()
is_done.set()
for thread in threads:
    thread.join()
library.close()
print("done", flush=True)
"""


@contextmanager
def process(code: str, *arguments: object) -> Iterator[subprocess.Popen[str]]:
    """Run Python beside the test, past its first line of output."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        try:
            assert running.stdout.readline() == "open\n"
            yield running
        finally:
            running.kill()


def committed(killed: subprocess.Popen[str]) -> int:
    """Return the last generation a killed writer said it had committed, 0 for none."""
    assert killed.stdout is not None
    said = [line for line in killed.stdout.read().splitlines(keepends=True) if line.endswith("\n")]
    return int(said[-1]) if said else 0


def test_killed_writer_loses_nothing_it_committed(tmp_path: Path) -> None:
    chance = random.Random(7)
    last = 0
    for turn in range(6):
        with process(BUSY_WRITER, tmp_path, 100 * turn) as busy:
            time.sleep(chance.uniform(0.05, 2.5))
            assert is_locked(tmp_path) == busy.pid
            os.kill(busy.pid, signal.SIGKILL)
            busy.wait()
            last = max(last, committed(busy))
        assert is_locked(tmp_path) is None
        library, dense = Library.open(tmp_path), DenseSearch(tmp_path)
        with library.snapshot() as snapshot:
            assert snapshot.generation >= last
            passages = snapshot.passages(snapshot.live().tolist())
            assert len(passages) == snapshot.passage_count() == len(snapshot.vectors(snapshot.live()))
            for passage in passages:
                article = snapshot.article(passage.article_id).article
                assert passage.text == article.text[passage.start : passage.end]
            dense.prepare(snapshot)
            hits = dense.search(snapshot, vector("zinc 1 1"), limit=10, filters=ALL)
            assert len(hits) == min(10, len(passages))
            assert dense.problem is None
        dense.close()
        library.close()
    with writer(tmp_path) as open_writer:
        open_writer.put([new("/last.md", "lead")])
        open_writer.publish_vectors()
    library = Library.open(tmp_path)
    with library.snapshot() as snapshot:
        assert snapshot.status(tmp_path).pending == 0
        named = snapshot.vector_directory
    library.close()
    assert [path.name for path in (tmp_path / "vectors").iterdir()] == [named]


def test_lock_names_the_other_process_and_is_free_once_it_is_killed(tmp_path: Path) -> None:
    with process(BUSY_WRITER, tmp_path, 0) as busy:
        with pytest.raises(LibraryLocked, match=f"process {busy.pid} is indexing"):
            writer(tmp_path)
        busy.kill()
        busy.wait()
    writer(tmp_path).close()


def test_readers_in_other_processes_see_every_commit_and_never_a_mixture(tmp_path: Path) -> None:
    with writer(tmp_path) as open_writer:
        open_writer.put([new("/0.md", "zinc 0")])
        open_writer.publish_vectors()
    with (
        process(BUSY_READER, tmp_path) as one,
        process(BUSY_READER, tmp_path) as two,
        process(BUSY_WRITER, tmp_path, 0) as busy,
    ):
        for reader in (one, two):
            said, _ = reader.communicate(timeout=120)
            assert (reader.returncode, said) == (0, "None\n")
        assert busy.poll() is None


@pytest.mark.timeout(200)
def test_processes_that_open_and_check_the_same_vectors_do_not_wait_for_each_other(tmp_path: Path) -> None:
    with writer(tmp_path) as open_writer:
        open_writer.put([new(f"/{number}.md", f"zinc {number}") for number in range(20)])
        open_writer.publish_vectors()
    with process(OPENS_AND_LOOKS, tmp_path) as one, process(OPENS_AND_LOOKS, tmp_path) as two:
        for running in (one, two):
            assert running.stdin is not None
            running.stdin.write("\n")
            running.stdin.flush()
        assert [running.communicate(timeout=90)[0] for running in (one, two)] == ["done\n"] * 2
