"""An ingest run that says on stdout how far it is, so that it can be killed at any stage of it.

`python -m tests.soak.crash_child FOLDER DATA EMBEDDED [STAGE OCCURRENCE]`: the product's own functions run, each told
of before it does. EMBEDDED gets the hash of each text before it is embedded, flushed to the disk. At that occurrence of
that stage the run stands still, until it is killed.
"""

from __future__ import annotations

import functools
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant import database, vectors
from assistant.records import text_hash
from assistant.writer import Writer
from ingest.folder import Folder
from ingest.worker import ParseWorker
from tests.soak.syncing import sync
from tests.toys import HashEmbedder

STANDS_STILL_S = 120
# First words of statements, and the stage that a transaction with one of them is in.
_STATEMENTS = {
    "INSERT INTO versions": "commit",
    "INSERT INTO passages": "commit",
    "UPDATE articles": "commit",
    "UPDATE meta SET vector_directory": "naming",
}


class Stages:
    """Says each stage as it begins."""

    def __init__(self, held: tuple[str, int] | None = None) -> None:
        self._held = held
        self._met: Counter[str] = Counter()
        self._in_transaction = ""
        self._lock = threading.Lock()

    def enter(self, stage: str) -> None:
        """Say a stage; stand still if it is the one to be killed in."""
        with self._lock:
            self._met[stage] += 1
            is_held = self._held == (stage, self._met[stage])
            say(f"{stage} held" if is_held else stage)
        if is_held:
            time.sleep(STANDS_STILL_S)

    def statement(self, sql: str) -> None:
        """Take note of what SQLite is about to do."""
        if sql.startswith("BEGIN"):
            self._in_transaction = ""
        for first_words, stage in _STATEMENTS.items():
            if sql.startswith(first_words):
                self._in_transaction = stage
                self.enter(stage)
        if sql == "COMMIT" and self._in_transaction:
            self.enter(self._in_transaction)


def say(line: str) -> None:
    """Write a line at once and as a whole."""
    os.write(1, f"{line}\n".encode())


class NotedEmbedder(HashEmbedder):
    """Notes each text on the disk before it embeds it."""

    def __init__(self, path: Path, stages: Stages) -> None:
        self._file = path.open("ab", buffering=0)
        self._stages = stages

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return what a HashEmbedder returns."""
        self._stages.enter("embed")
        self._file.write("".join(f"{text_hash(text)}\n" for text in texts).encode())
        os.fsync(self._file.fileno())
        return super().embed(texts)


def announce_calls(owner: Any, name: str, stages: Stages, stage: str) -> None:
    """Have each call of a function said before it runs."""
    real: Callable[..., Any] = getattr(owner, name)

    @functools.wraps(real)
    def announced(*arguments: Any, **options: Any) -> Any:
        stages.enter(stage)
        return real(*arguments, **options)

    setattr(owner, name, announced)


def announce_commits(stages: Stages) -> None:
    """Have the statements of the writer followed, and each generation said once it is committed."""
    opened, writing = database.open_for_writing, database.writing

    def followed(path: Path, *schema: database.Schema) -> database.Connection:
        connection = opened(path, *schema)
        connection.set_trace_callback(stages.statement)
        return connection

    @contextmanager
    def told(connection: database.Connection, path: Path, *schema: database.Schema) -> Iterator[None]:
        with writing(connection, path, *schema):
            yield
        say(f"committed {connection.execute('SELECT generation FROM meta').fetchone()[0]}")

    database.open_for_writing, database.writing = followed, told


def main(folder: Path, data_dir: Path, embedded: Path, held: tuple[str, int] | None) -> None:
    """Run one ingest."""
    stages = Stages(held)
    announce_calls(Folder, "list", stages, "listing")
    announce_calls(ParseWorker, "article", stages, "parse")
    announce_commits(stages)
    announce_calls(vectors, "_copy", stages, "copy")
    announce_calls(vectors, "_fill", stages, "fill")
    announce_calls(vectors, "_seal", stages, "verify")
    announce_calls(vectors, "_check", stages, "verify")
    announce_calls(vectors, "_flush", stages, "verify")
    announce_calls(vectors, "delete_unused", stages, "clean-up")
    announce_calls(Writer, "record_run", stages, "finish")
    announce_calls(Writer, "close", stages, "finish")
    say("started")
    report = sync(folder, data_dir, embedder=NotedEmbedder(embedded, stages), wait_s=0)
    if report.failed or report.notes:
        raise AssertionError(f"the run failed: {report.failed} {report.notes}")
    say("done")


if __name__ == "__main__":
    places = [Path(argument) for argument in sys.argv[1:4]]
    main(places[0], places[1], places[2], (sys.argv[4], int(sys.argv[5])) if len(sys.argv) > 4 else None)
