"""The writer of the live test: changes a folder of notices and indexes it, run after run, and keeps the journal.

`python -m tests.soak.live_writer FOLDER DATA JOURNAL SEED SECONDS PUBLISHES` goes on until both are reached.
"""

from __future__ import annotations

import random
import sys
import time
from contextlib import closing
from pathlib import Path

from assistant.library import Library
from tests.soak import notices
from tests.soak.journal import JournalWriter, Published
from tests.soak.syncing import sync

SINGLES = 24
# A family is rewritten in this share of the runs, so that a generation holds several editions of different families.
REWRITTEN_SHARE = 0.6


class Folder:
    """A folder of notices and what is in it."""

    def __init__(self, path: Path, chance: random.Random) -> None:
        self._path = path
        self._chance = chance
        self.state: dict[str, tuple[int, str]] = {}

    def fill(self) -> None:
        """Write the first edition of all families and of half of the others."""
        for thing in [*notices.MEMBERS, *notices.THINGS[: SINGLES // 2]]:
            self._write(thing, 1)

    def change(self, run: int) -> None:
        """Rewrite whole families, and add, edit, rename and remove some of the others."""
        for family in notices.FAMILIES:
            if self._chance.random() < REWRITTEN_SHARE:
                for thing in (thing for thing, its in notices.MEMBERS.items() if its == family):
                    self._write(thing, run)
        for thing in self._chance.sample(notices.THINGS[:SINGLES], self._chance.randint(1, 4)):
            if thing not in self.state:
                self._write(thing, run)
            else:
                self._chance.choice([self._write, self._write, self._remove, self._rename])(thing, run)

    def _write(self, thing: str, run: int) -> None:
        name = self.state.get(thing, (0, f"{thing}.md"))[1]
        beside = self._path / f"{name}.part"
        beside.write_text(notices.markdown(thing, run), encoding="utf-8")
        beside.replace(self._path / name)
        self.state[thing] = (run, name)

    def _remove(self, thing: str, run: int) -> None:
        (self._path / self.state.pop(thing)[1]).unlink()

    def _rename(self, thing: str, run: int) -> None:
        edition, name = self.state[thing]
        self.state[thing] = (edition, f"{thing}-{run}.md")
        (self._path / name).rename(self._path / self.state[thing][1])


def main(folder: Path, data_dir: Path, journal_path: Path, seed: int, seconds: float, publishes: int) -> None:
    """Index until both the time and the number of publishes are reached."""
    journal = JournalWriter(journal_path)
    notices_there = Folder(folder, random.Random(seed))
    notices_there.fill()
    deadline = time.monotonic() + seconds
    run, published = 1, publish(notices_there, 1, folder, data_dir, journal)
    while time.monotonic() < deadline or published <= publishes:
        run += 1
        notices_there.change(run)
        published += publish(notices_there, run, folder, data_dir, journal)
    journal.end()


def publish(notices_there: Folder, run: int, folder: Path, data_dir: Path, journal: JournalWriter) -> int:
    """Index the folder as it is; return how many publishes that was, 0 if nothing had changed."""
    journal.announce(run, notices_there.state)
    report = sync(folder, data_dir)
    if report.failed or report.notes:
        raise AssertionError(f"run {run} failed: {report.failed} {report.notes}")
    with closing(Library.open(data_dir)) as library, library.snapshot() as snapshot:
        journal.report(run, Published(report.generation, snapshot.vector_directory or ""))
    return int(bool(report.added or report.changed or report.removed))


if __name__ == "__main__":
    places = [Path(argument) for argument in sys.argv[1:4]]
    main(places[0], places[1], places[2], int(sys.argv[4]), float(sys.argv[5]), int(sys.argv[6]))
