"""Programs run beside a test, and all that they started."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from tests.soak.scale import ROOT

# A child that notices the death of its parent by its pipe has ended long before.
DYING_S = 10.0


def started(module: str, *arguments: object) -> subprocess.Popen[bytes]:
    """Run a program of this package."""
    command = [sys.executable, "-W", "error", "-m", f"tests.soak.{module}", *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def descendants(pid: int) -> set[tuple[int, str]]:
    """Return (pid, start time) of all that a process started; nothing where there is no /proc."""
    found = set()
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in _read(task).split():
            found |= {(int(child), _start_time(int(child))), *descendants(int(child))}
    return found


def survivors(processes: set[tuple[int, str]]) -> set[int]:
    """Wait for processes to end and return those that do not."""
    deadline = time.monotonic() + DYING_S
    left = processes
    while left and time.monotonic() < deadline:
        left = {(pid, started_at) for pid, started_at in left if _start_time(pid) == started_at != ""}
        time.sleep(0.01)
    return {pid for pid, _ in left}


def _start_time(pid: int) -> str:
    """Return when a process started, in the kernel's ticks; "" for one that is gone or only waits to be collected."""
    fields = _read(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()
    return fields[19] if fields and fields[0] not in "ZX" else ""


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
