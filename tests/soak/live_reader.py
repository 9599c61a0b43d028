"""A reader of the live test: asks and searches in several threads and holds every answer against the journal.

`python -m tests.soak.live_reader DATA JOURNAL prepared|unprepared SEED` goes on until the journal ends, then prints
one JSON object: counts of what was done, what was wrong, and the memory of the process over time.
"""

from __future__ import annotations

import json
import os
import random
import sys
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.assistant import Assistant
from assistant.domain import Hit, Passage, StoredArticle
from assistant.library import Library, Snapshot
from assistant.settings import Settings, load_settings
from ingest.chunk import passages as cut
from tests.soak import notices
from tests.soak.journal import Journal
from tests.toys import HashEmbedder

# All that a search looks at: whatever holds a word that nothing else holds is among it.
SEARCH_LIMIT = 200
# A patient question waits inside its snapshot until this many more runs are reported.
RUNS_WAITED_FOR = 4
PATIENCE_S = 30.0
REPORTED_PROBLEMS = 20
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


class Wrong(Exception):
    """An answer breaks a promise."""


class PatientEmbedder(HashEmbedder):
    """Embeds its first text of a question only after the writer has published several times."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.is_waiting = False

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return what a HashEmbedder returns, late if asked to."""
        if self.is_waiting:
            self.is_waiting = False
            last, deadline = self._journal.poll() + RUNS_WAITED_FOR, time.monotonic() + PATIENCE_S
            while self._journal.poll() < last and not self._journal.is_ended and time.monotonic() < deadline:
                time.sleep(0.02)
        return super().embed(texts)


class Reader:
    """One process's threads, their counts and what they found wrong."""

    def __init__(self, settings: Settings, journal: Journal, *, is_prepared: bool, seed: int) -> None:
        self._settings = settings
        self._journal = journal
        self._is_prepared = is_prepared
        self._seed = seed
        self._lock = threading.Lock()
        self._assistant = self._opened(HashEmbedder())
        self._known_texts: dict[tuple[str, int], str] = {}
        self.counts: Counter[str] = Counter()
        self.problems: list[str] = []
        self.memory_mib: list[float] = []

    def run(self) -> None:
        """Ask until the journal ends."""
        kinds = [self._ask, self._ask, self._search, self._audit, self._look]
        if self._is_prepared:
            kinds += [self._ask, self._search, self._patiently]
        threads = [
            threading.Thread(target=self._repeat, args=(kind, random.Random(self._seed + number)))
            for number, kind in enumerate(kinds)
        ]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            self.memory_mib.append(_memory_mib())
            time.sleep(0.25)
        self._assistant.close()

    def _repeat(self, kind: Callable[[random.Random], str], chance: random.Random) -> None:
        while not self._journal.is_ended and len(self.problems) < REPORTED_PROBLEMS:
            try:
                done = kind(chance)
            except Exception:  # noqa: BLE001 - whatever goes wrong in a reader is what the test is about
                with self._lock:
                    self.problems.append(traceback.format_exc(limit=-6))
            else:
                with self._lock:
                    self.counts[done] += 1

    def _ask(self, chance: random.Random) -> str:
        self._check_answer(self._assistant, self._some_thing(chance))
        return "questions"

    def _patiently(self, chance: random.Random) -> str:
        """Ask with a question that begins on one vector directory and ends when others have taken its place."""
        embedder = PatientEmbedder(self._journal)
        with closing(self._opened(embedder)) as assistant:
            before = self._journal.poll()
            embedder.is_waiting = True
            self._check_answer(assistant, self._some_thing(chance))
        directories = {self._journal.published[run].directory for run in range(before, self._journal.poll() + 1)}
        with self._lock:
            self.counts["swaps while a question was in progress"] += len(directories) - 1
        return "patient questions"

    def _search(self, chance: random.Random) -> str:
        thing = self._some_thing(chance)
        reported = self._journal.poll()
        result = self._assistant.search(thing, limit=SEARCH_LIMIT)
        seen = [self._checked_passage(hit) for hit in result.hits]
        truth = self._truth(result.generation, reported)
        truth.check({(notices.thing_of(passage.title), _edition(passage.text)) for passage in seen})
        if truth.has(thing):
            expected = notices.sentences(thing, truth.edition(thing))
            found = "\n\n".join(passage.text for passage in seen if passage.title == f"Notice on {thing}")
            if any(sentence not in found for sentence in expected):
                raise Wrong(f"generation {result.generation} lacks a part of {thing}: {found!r}")
        return "searches"

    def _audit(self, chance: random.Random) -> str:
        """Take a snapshot and compare all that is live with what the folder held."""
        reported = self._journal.poll()
        with closing(Library.open(self._settings.data_dir)) as library, library.snapshot() as snapshot:
            generation = snapshot.generation
            articles = [snapshot.article(summary.article_id) for summary in snapshot.articles()]
            for stored in articles:
                self._check_whole(stored)
            _check_passages(snapshot, articles)
            directory = snapshot.vector_directory
        truth = self._truth(generation, reported)
        here = {notices.thing_of(stored.article.title): stored for stored in articles}
        truth.check({(thing, _edition(stored.article.text)) for thing, stored in here.items()}, all_of=truth.things)
        if truth.is_exact:
            names = {thing: Path(stored.location).name for thing, stored in here.items()}
            expected = {thing: name for thing, (_, name) in truth.state.items()}
            if (names, len(articles)) != (expected, len(here)):
                raise Wrong(f"generation {generation} holds {names}, the folder held {expected}")
        with self._lock:
            self.counts[f"in directory {directory}"] += 1
        time.sleep(0.1)
        return "audits"

    def _look(self, chance: random.Random) -> str:
        """Look at what the page shows: the state, the articles, questions to begin with."""
        status = self._assistant.status()
        if status.vectors_problem:
            raise Wrong(f"the status reports a problem: {status.vectors_problem}")
        for summary in self._assistant.articles(search="notice", limit=5):
            self._check_whole(self._assistant.article(summary.article_id, summary.version))
        time.sleep(0.1)
        return "looks at the status"

    def _check_answer(self, assistant: Assistant, thing: str) -> None:
        reported = self._journal.poll()
        answer = assistant.ask(notices.question(thing))
        seen = set()
        for citation in answer.citations:
            stored = self._check_whole(assistant.article(citation.article_id, citation.version))
            if stored.article.text[citation.start : citation.end] != citation.quote:
                raise Wrong(f"not the words of the article: {citation}")
            seen.add((notices.thing_of(citation.title), _edition(stored.article.text)))
        truth = self._truth(answer.generation, reported)
        truth.check(seen)
        topic = notices.MEMBERS.get(thing, thing)
        topics = {notices.MEMBERS.get(other, other) for other, _ in seen}
        if truth.has(thing) and topic not in topics:
            raise Wrong(f"generation {answer.generation} has {thing} but was not answered from it: {answer.text!r}")

    def _checked_passage(self, hit: Hit) -> Passage:
        passage = hit.passage
        stored = self._check_whole(self._assistant.article(passage.article_id, passage.version))
        if stored.article.text[passage.start : passage.end] != passage.text:
            raise Wrong(f"not the words of the article: {passage}")
        return passage

    def _check_whole(self, stored: StoredArticle) -> StoredArticle:
        """See that an article is one that was in the folder, whole, and that a version never changes."""
        thing, text = notices.thing_of(stored.article.title), stored.article.text
        if text != notices.stored_text(thing, _edition(text)):
            raise Wrong(f"never published like this: {text!r}")
        key = (stored.article_id, stored.version)
        if self._known_texts.setdefault(key, text) != text:
            raise Wrong(f"version {key} was {self._known_texts[key]!r} and is {text!r}")
        return stored

    def _truth(self, generation: int, reported: int) -> Truth:
        """Return what a generation must hold. Raises Wrong if it is older than what was reported before."""
        self._journal.poll()
        if reported and generation < self._journal.published[reported].generation:
            raise Wrong(f"stale: generation {generation} after run {reported} was reported")
        return Truth(self._journal, generation)

    def _some_thing(self, chance: random.Random) -> str:
        """Return a notice that is there, was there, or will be."""
        self._journal.poll()
        things = {thing for state in list(self._journal.states.values())[-6:] for thing in state}
        return chance.choice(sorted(things))

    def _opened(self, embedder: HashEmbedder) -> Assistant:
        assistant = Assistant.open(self._settings, embedder=embedder)
        if self._is_prepared:
            assistant.prepare()
        return assistant


class Truth:
    """What the folder held in the run that made a generation.

    A run that was not done yet with that generation may have done what it adds and edits, and what it removes, or not:
    each of the two as a whole, as so few notices are one commit.
    """

    def __init__(self, journal: Journal, generation: int) -> None:
        self.generation = generation
        self.run, self.is_exact = journal.run_of(generation)
        self.state = journal.states[self.run]
        self._before = journal.states.get(self.run - 1, {})

    @property
    def things(self) -> set[str]:
        """Return the notices that are there for certain."""
        return {*self.state} if self.is_exact else {*self.state} & {*self._before}

    def has(self, thing: str) -> bool:
        """Say whether a notice is there for certain, in an edition that is certain."""
        return thing in self.state if self.is_exact else self.state.get(thing, 0) == self._before.get(thing, 1)

    def edition(self, thing: str) -> int:
        """Return the edition of a notice that is there."""
        return self.state[thing][0]

    def check(self, seen: Collection[tuple[str, int]], *, all_of: Collection[str] = ()) -> None:
        """See that notices and their editions are those of one state. Raises Wrong."""
        missing = {*all_of} - {thing for thing, _ in seen}
        possible = [self.state] if self.is_exact else [self.state, self._before]
        leaving = (
            {} if self.is_exact else {thing: its for thing, its in self._before.items() if thing not in self.state}
        )
        if missing or not any(_is_from({**state, **leaving}, seen) for state in possible):
            raise Wrong(
                f"generation {self.generation} of run {self.run} (done: {self.is_exact}) gave {sorted(seen)}, lacking "
                f"{sorted(missing)}; the folder held {self.state}, before {self._before}"
            )


def _is_from(state: dict[str, tuple[int, str]], seen: Collection[tuple[str, int]]) -> bool:
    return all(thing in state and state[thing][0] == edition for thing, edition in seen)


def _edition(text: str) -> int:
    found = notices.editions(text)
    if len(found) != 1:
        raise Wrong(f"speaks of the editions {sorted(found)}: {text!r}")
    return found.pop()


def _check_passages(snapshot: Snapshot, articles: Sequence[StoredArticle]) -> None:
    """See that every live article has all its passages, with their vectors, and that there are no others."""
    ids = snapshot.live()
    spans: dict[str, list[tuple[int, int]]] = {stored.article_id: [] for stored in articles}
    for passage in snapshot.passages(ids.tolist()):
        spans[passage.article_id].append((passage.start, passage.end))
    for stored in articles:
        expected = [(span.start, span.end) for span in cut(stored.article)]
        if sorted(spans[stored.article_id]) != expected:
            raise Wrong(f"{stored.location} has the passages {spans[stored.article_id]}, not {expected}")
    if len(snapshot.vectors(ids)) != sum(map(len, spans.values())):
        raise Wrong("there are passages without an article, or without a vector")


def _memory_mib() -> float:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * PAGE_BYTES / 2**20


def main(data_dir: Path, journal_path: Path, mode: str, seed: int) -> None:
    """Read until the journal ends and print what came of it."""
    journal = Journal(journal_path)
    while not journal.poll():
        time.sleep(0.05)
    reader = Reader(load_settings(data_dir=data_dir), journal, is_prepared=mode == "prepared", seed=seed)
    reader.run()
    journal.close()
    sampled = reader.memory_mib
    outcome = {
        "counts": reader.counts,
        "problems": reader.problems,
        "memory_mib": [sampled[len(sampled) // 4], sampled[-1]],
    }
    print(json.dumps(outcome))  # noqa: T201 - it is what this process says to the test


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
