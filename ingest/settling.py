"""Whether a file is still being written, as far as that can be seen from outside.

A file that changed a moment ago may change again. On Linux a process of the same user that has it open for writing is
seen too; elsewhere a writer that pauses for longer than `settle_s` shows half of its file, and the rest with the next
change.
"""

from __future__ import annotations

import os
import time
from collections.abc import Collection
from pathlib import Path

# A file that some program keeps open for writing is read all the same once it has not changed for this long.
LONGEST_WAIT_S = 60.0


def unsettled(paths: Collection[Path], *, settle_s: float) -> frozenset[Path]:
    """Return those of the files that are better read later. One that is gone is none of them."""
    ages = {path: age for path in paths if (age := _age_s(path)) is not None}
    fresh = {path for path, age in ages.items() if 0 <= age < settle_s}
    held = {path for path, age in ages.items() if 0 <= age < LONGEST_WAIT_S} - fresh
    return frozenset(fresh | (held and _open_for_writing(held)))


def _age_s(path: Path) -> float | None:
    try:
        return time.time() - path.stat().st_mtime
    except OSError:
        return None


def _open_for_writing(paths: Collection[Path]) -> set[Path]:
    """Return those that a process of this user has open for writing; none where the system does not tell."""
    real = {path: os.path.realpath(path) for path in paths}
    wanted = frozenset(real.values())
    found: set[str] = set()
    for process in Path("/proc").glob("[0-9]*/fd"):
        try:
            descriptors = list(os.scandir(process))
        except OSError:  # another user's, or gone meanwhile
            continue
        for descriptor in descriptors:
            name = _target(descriptor)
            if name in wanted and _is_written(process.parent / "fdinfo" / descriptor.name):
                found.add(name)
    return {path for path in paths if real[path] in found}


def _target(descriptor: os.DirEntry[str]) -> str:
    try:
        return os.readlink(descriptor.path)  # noqa: PTH115 - a string to look up, not a path
    except OSError:
        return ""


def _is_written(info: Path) -> bool:
    try:
        lines = info.read_text(encoding="ascii").splitlines()
        flags = next(int(line.split()[1], 8) for line in lines if line.startswith("flags:"))
    except (OSError, StopIteration, ValueError):
        return False
    return flags & os.O_ACCMODE != os.O_RDONLY
