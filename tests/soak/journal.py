"""What the writer says about its folder, in a file that readers follow: first what a run will do, then that it is done.

A line is a JSON object: {"about": 7, "state": {"brobak": [5, "brobak.md"], …}} before run 7 starts, {"done": 7,
"generation": 12, "directory": "0007-…"} once its publish was reported, {"end": true} after the last.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

# Edition and file name of each notice in the folder, by thing.
State: TypeAlias = Mapping[str, tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Published:
    """What a run reported: the generation it ended with and the vector directory that was named then."""

    generation: int
    directory: str


class JournalWriter:
    """Appends lines, each with one write, so that a reader sees whole lines or none."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab", buffering=0)

    def announce(self, run: int, state: State) -> None:
        """Say what the folder holds, before the run that indexes it."""
        self._append({"about": run, "state": {thing: list(placed) for thing, placed in state.items()}})

    def report(self, run: int, published: Published) -> None:
        """Say that a run is done."""
        self._append({"done": run, "generation": published.generation, "directory": published.directory})

    def end(self) -> None:
        """Say that no more runs will come."""
        self._append({"end": True})
        self._file.close()

    def _append(self, record: Mapping[str, Any]) -> None:
        self._file.write(json.dumps(record).encode() + b"\n")


class Journal:
    """The journal as read so far; threads may share it."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb", buffering=0)
        self._rest = b""
        self._lock = threading.Lock()
        self.states: dict[int, State] = {}
        self.published: dict[int, Published] = {}
        self.is_ended = False

    def poll(self) -> int:
        """Read what was written meanwhile; return the number of the last run that was reported, 0 before the first."""
        with self._lock:
            *lines, self._rest = (self._rest + self._file.read()).split(b"\n")
            for line in lines:
                self._take(json.loads(line))
            return max(self.published, default=0)

    def close(self) -> None:
        """Close the file; what was read stays."""
        self._file.close()

    def run_of(self, generation: int) -> tuple[int, bool]:
        """Return the run that a generation belongs to, and whether that run was done with it."""
        for run in sorted(self.published, reverse=True):
            if self.published[run].generation < generation:
                return run + 1, False
            if self.published[run].generation == generation and self._before(run) < generation:
                return run, True
        return 1, False

    def _before(self, run: int) -> int:
        earlier = self.published.get(run - 1)
        return earlier.generation if earlier else 0

    def _take(self, record: Mapping[str, Any]) -> None:
        if "about" in record:
            state = {thing: (edition, name) for thing, (edition, name) in record["state"].items()}
            self.states = {**self.states, record["about"]: state}
        elif "done" in record:
            published = Published(record["generation"], record["directory"])
            self.published = {**self.published, record["done"]: published}
        else:
            self.is_ended = True
