"""Whether `trade-assistant watch` runs over a data directory: it holds an exclusive `flock` on the file WATCH."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from assistant.errors import LibraryLocked, SourceError
from assistant.lock import holder

FILE_NAME = "WATCH"


def is_watching(data_dir: Path) -> int | None:
    """Return the pid of the process that watches (-1 if it has not said yet), None if none does."""
    return holder(data_dir / FILE_NAME)


@contextmanager
def watching(data_dir: Path) -> Iterator[None]:
    """Be the one that watches, for the length of a `with`. Raises LibraryLocked naming another that does."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(data_dir / FILE_NAME, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as err:
        raise SourceError(f"{str(data_dir)!r} cannot be written ({err.strerror}): check its permissions") from err
    try:
        if not _is_taken(descriptor):
            pid = is_watching(data_dir)
            raise LibraryLocked(f"process {pid} watches the sources of {str(data_dir)!r} already; stop it first")
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield
        os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def _is_taken(descriptor: int) -> bool:
    """Take the lock and say True; those who only look at it hold it for microseconds, so try more than once."""
    for _ in range(10):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.02)
        else:
            return True
    return False
