"""The writer's lock: one process at a time may change a library.

It is an exclusive `flock` on the file LOCK, held for the life of the writer, so the system frees it when the process
dies. The file holds the pid of the process, for messages only. Where somebody deletes it, another process can lock a
new one: so a writer asks `is_held` whenever it is about to commit.
"""

from __future__ import annotations

import errno
import fcntl
import os
import time
from contextlib import suppress
from pathlib import Path

from assistant.errors import LibraryError, LibraryLocked

LOCK_NAME = "LOCK"
# `is_locked` holds the lock for microseconds to look at it; a writer that meets it then tries again for this long.
LOOK_AWAY_S = 0.25


def is_locked(data_dir: Path) -> int | None:
    """Return the pid of the writer if one is running (-1 if it has not said yet), else None."""
    return holder(data_dir / LOCK_NAME)


def holder(path: Path) -> int | None:
    """Return the pid of the process that holds an exclusive lock on a file (-1 if it has not said yet), else None."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _pid_in(descriptor)
    finally:
        os.close(descriptor)
    return None


def take_lock(data_dir: Path, wait_s: float) -> int:
    """Return a descriptor that holds the writer's lock, with this process's pid in the file."""
    deadline = time.monotonic() + max(wait_s, LOOK_AWAY_S)
    while True:
        try:
            data_dir.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(data_dir / LOCK_NAME, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as err:
            raise _unwritable(data_dir, err) from err
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if is_held(data_dir, descriptor):
                break
        except BlockingIOError as err:
            if time.monotonic() >= deadline:
                pid = _pid_in(descriptor)
                os.close(descriptor)
                raise LibraryLocked(
                    f"process {pid} is indexing into {str(data_dir)!r}; wait until it is done, or stop it"
                ) from err
            time.sleep(0.02)
        os.close(descriptor)
    try:
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
    except OSError as err:
        os.close(descriptor)
        raise _unwritable(data_dir, err) from err
    return descriptor


def is_held(data_dir: Path, descriptor: int) -> bool:
    """Say whether the file that a descriptor holds locked is still the one that others would lock."""
    try:
        return os.path.samestat(os.fstat(descriptor), (data_dir / LOCK_NAME).stat())
    except FileNotFoundError:
        return False


def _unwritable(data_dir: Path, err: OSError) -> LibraryError:
    if err.errno in (errno.ENOSPC, errno.EDQUOT):
        fix = "free some space and run it again (nothing indexed is lost)"
    else:
        fix = "check its permissions, or name another with --data or TRADE_ASSISTANT_DATA_DIR"
    return LibraryError(f"the data directory {str(data_dir)!r} cannot be written ({err.strerror}); {fix}")


def _pid_in(descriptor: int) -> int:
    """Return the pid in a lock file that is held, -1 if none is there yet."""
    for _ in range(50):
        with suppress(ValueError):
            return int(os.pread(descriptor, 20, 0))
        time.sleep(0.002)
    return -1
