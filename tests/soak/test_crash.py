"""An ingest killed at any moment loses nothing it committed, leaves nothing behind, and the next run completes it.

The folder's history is a matter of chance with a seed; the same history, never interrupted, goes into a second library,
and the two must end up the same.
"""

from __future__ import annotations

import math
import os
import random
import selectors
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from assistant.assistant import Assistant
from assistant.library import Library
from assistant.lock import is_locked
from assistant.settings import load_settings
from tests.soak.conftest import Outcomes
from tests.soak.contents import Stored, check, contents, leftovers, stored_hashes
from tests.soak.history import History
from tests.soak.processes import descendants, started, survivors
from tests.soak.scale import IS_FULL, scaled
from tests.soak.syncing import sync
from tests.toys import HashEmbedder

pytestmark = pytest.mark.soak

KILLS = scaled(100)
STAGES = ("listing", "parse", "embed", "commit", "copy", "fill", "verify", "naming", "clean-up")
SEED = int(os.environ.get("SEED", "5"))
# A run of these folders takes about this long, most of it imports.
RUN_S = 2.0
# Seconds between two looks at a run that says nothing.
LOOK_S = 1.0
# From the word that a stage begins to the kill: within it, or a little past it.
DELAY_S = 0.03


@dataclass(frozen=True, slots=True)
class Aim:
    """When to kill: `delay_s` after this occurrence of a stage begins, or while the run is held there.

    With no stage, `delay_s` after the start.
    """

    stage: str | None
    occurrence: int
    delay_s: float
    is_held: bool


@dataclass(frozen=True, slots=True)
class Death:
    """How a run ended: the stage it was in, None if it was not killed; the last generation it said was committed."""

    stage: str | None
    generation: int


class Crashes:
    """One library whose runs are killed, and what came of it."""

    def __init__(self, folder: Path, data_dir: Path, chance: random.Random) -> None:
        self._folder = folder
        self._data_dir = data_dir
        self._embedded = data_dir.with_name("embedded.txt")
        data_dir.parent.mkdir(exist_ok=True)
        self._chance = chance
        self._generation = 0
        self.stages: Counter[str] = Counter()

    @property
    def count(self) -> int:
        """Return how many runs were killed so far."""
        return self.stages.total()

    def attempt(self) -> bool:
        """Run an ingest that is to be killed, and check what is left; say whether it ended before."""
        death = self._run(self._aim())
        if death.stage is None:
            return True
        self.stages[death.stage] += 1
        self._check_after(death)
        return False

    def finish(self) -> None:
        """Run an ingest that nobody interrupts."""
        assert self._run(None).stage is None
        check(self._data_dir)
        assert leftovers(self._data_dir) == []

    def _aim(self) -> Aim:
        """Take a stage that was met least so far, in one of four cases a mere moment."""
        fewest = min(self.stages[stage] for stage in STAGES)
        is_missing = fewest == 0
        stage = self._chance.choice([stage for stage in STAGES if self.stages[stage] <= fewest + (not is_missing)])
        if not is_missing and self._chance.random() < 0.25:
            return Aim(None, 0, self._chance.uniform(0.1, RUN_S), is_held=False)
        occurrence = self._chance.choice([1, 1, 2, 3, 40] if stage in {"parse", "commit"} else [1])
        return Aim(stage, occurrence, self._chance.uniform(0, DELAY_S), is_held=self._chance.random() < 0.5)

    def _run(self, aim: Aim | None) -> Death:
        before, noted = stored_hashes(self._data_dir), self._noted()
        held = (aim.stage, aim.occurrence) if aim and aim.is_held else ()
        with started("crash_child", self._folder, self._data_dir, self._embedded, *held) as run:
            lines = list(_until_killed(run, aim))
            complaint = run.stderr.read().decode() if run.stderr else ""
        said = [line.removesuffix(" held") for line in lines]
        if run.returncode not in (0, -9):
            raise AssertionError(f"seed {SEED}: the run failed instead of dying, after {lines[-5:]}:\n{complaint}")
        committed = [int(line.split()[1]) for line in said if line.startswith("committed ")]
        self._generation = max([self._generation, *committed])
        again = before & set(self._noted()[len(noted) :])
        assert again == set(), f"seed {SEED}: {len(again)} texts were embedded though their embeddings were stored"
        return Death(_died_in(said), self._generation)

    def _noted(self) -> list[str]:
        return self._embedded.read_text(encoding="ascii").split() if self._embedded.exists() else []

    def _check_after(self, death: Death) -> None:
        """See that the lock is free and that the last committed generation answers, Chroma and all."""
        assert is_locked(self._data_dir) is None
        if death.generation == 0:
            return
        check(self._data_dir)
        stored = {name: its for name, its in contents(self._data_dir).items() if its.live is not None}
        with closing(Library.open(self._data_dir)) as library, library.snapshot() as snapshot:
            assert snapshot.generation >= death.generation, f"seed {SEED}: a commit that was reported is lost"
        settings = load_settings(data_dir=self._data_dir)
        with closing(Assistant.open(settings, embedder=HashEmbedder())) as assistant:
            assistant.prepare()
            _check_answers(assistant, stored[self._chance.choice(sorted(stored))])


def _died_in(said: list[str]) -> str | None:
    """Return the last stage that a run was in, None if it was done."""
    if "done" in said:
        return None
    return next((line for line in reversed(said) if not line.startswith("committed ")), "start")


def _until_killed(run: subprocess.Popen[bytes], aim: Aim | None) -> Iterator[str]:
    """Yield the lines a run says, and kill it when the aim says so; nothing it started may outlive it."""
    assert run.stdout is not None
    kill_at = time.monotonic() + aim.delay_s if aim and aim.stage is None else math.inf
    met, rest, is_killed, looks_since_end = 0, b"", False, 0
    with selectors.DefaultSelector() as ready:
        ready.register(run.stdout, selectors.EVENT_READ)
        while True:
            has_said = ready.select(min(LOOK_S, max(0.0, kill_at - time.monotonic())))
            if time.monotonic() >= kill_at and not is_killed:
                started_by_it = descendants(run.pid)
                run.kill()
                is_killed, kill_at = True, math.inf
                assert survivors(started_by_it) == set(), f"seed {SEED}: what a killed run had started goes on"
            if not has_said:
                looks_since_end += run.poll() is not None
                assert looks_since_end < 10, f"seed {SEED}: a run has ended, something holds its output open: {aim}"
                continue
            if not (piece := os.read(run.stdout.fileno(), 65_536)):
                break
            *lines, rest = (rest + piece).split(b"\n")
            for line in map(bytes.decode, lines):
                yield line
                is_aimed_at = aim is not None and line.removesuffix(" held") == aim.stage
                met += is_aimed_at
                if aim and is_aimed_at and met == aim.occurrence and not is_killed:
                    kill_at = time.monotonic() + aim.delay_s
    run.wait()


def _check_answers(assistant: Assistant, expected: Stored) -> None:
    """See that an article is found by its words, with all its passages, each from where it says."""
    title = expected.versions[-1][2].split("\n")[0]
    hits = [hit.passage for hit in assistant.search(title, limit=200).hits]
    versions = {number: text for number, _, text in expected.versions}
    found = {(hit.start, hit.end, hit.text) for hit in hits if hit.title == title}
    assert found >= {(passage.start, passage.end, passage.text) for passage in expected.passages}
    for hit in hits:
        stored = assistant.article(hit.article_id, hit.version)
        assert stored.is_current
        assert stored.article.text[hit.start : hit.end] == hit.text
    assert expected.live in versions
    answer = assistant.ask(f"What does {title} say?")
    for citation in answer.citations:
        text = assistant.article(citation.article_id, citation.version).article.text
        assert text[citation.start : citation.end] == citation.quote
    assert assistant.status().vectors_problem == ""


def _tell(outcomes: Outcomes, what: str, crashes: Crashes, uninterrupted: int) -> None:
    stages = ", ".join(f"{count} in {stage}" for stage, count in sorted(crashes.stages.items()))
    outcomes.add(f"crash: {what}, kills", crashes.count, stages)
    outcomes.add(f"crash: {what}, runs completed", uninterrupted, "each the same as the run never interrupted")


@pytest.mark.timeout(3600)
def test_killed_runs_lose_nothing_and_the_next_one_completes_them(tmp_path: Path, outcomes: Outcomes) -> None:
    history = History(tmp_path / "folder", SEED)
    chance = random.Random(SEED)
    crashes = Crashes(tmp_path / "folder", tmp_path / "killed" / "data", chance)
    crashes_path, other = tmp_path / "killed" / "data", tmp_path / "never-killed"
    rounds = 0
    while crashes.count < KILLS or any(not crashes.stages[stage] for stage in STAGES):
        for _ in range(chance.randint(2, 5)):
            if crashes.attempt():
                break
        crashes.finish()
        sync(tmp_path / "folder", other)
        assert contents(crashes_path) == contents(other), f"seed {SEED}, round {rounds}"
        rounds += 1
        history.change()
    check(other)
    _tell(outcomes, "same folder until done", crashes, rounds)


@pytest.mark.skipif(not IS_FULL, reason="only in `make soak`: the test above does most of it")
@pytest.mark.timeout(3600)
def test_folder_that_changes_between_kills_ends_up_in_the_library(tmp_path: Path, outcomes: Outcomes) -> None:
    history = History(tmp_path / "folder", SEED + 1)
    chance = random.Random(SEED + 1)
    data_dir = tmp_path / "killed" / "data"
    crashes = Crashes(tmp_path / "folder", data_dir, chance)
    rounds = 0
    while crashes.count < KILLS // 2:
        for _ in range(chance.randint(2, 6)):
            crashes.attempt()
            history.change()
        crashes.finish()
        sync(tmp_path / "folder", tmp_path / f"fresh-{rounds}")
        assert _live(data_dir) == _live(tmp_path / f"fresh-{rounds}"), f"seed {SEED}, round {rounds}"
        assert {*_live(data_dir)} == history.names()
        for stored in contents(data_dir).values():
            assert [number for number, _, _ in stored.versions] == list(range(1, len(stored.versions) + 1))
        rounds += 1
    _tell(outcomes, "changing folder", crashes, rounds)


def _live(data_dir: Path) -> dict[str, tuple[str, str, object]]:
    """Return content hash, text and passages of the live articles by name; numbers of versions depend on the kills."""
    return {
        name: (*stored.versions[stored.live - 1][1:], stored.passages)
        for name, stored in contents(data_dir).items()
        if stored.live is not None
    }
