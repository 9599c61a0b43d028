"""Reading ahead: how much of what was read waits for its embedding."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import cast

import pytest

from assistant.domain import Article, PassageSpan
from ingest.plan import Task
from ingest.read import READ_AHEAD, READ_AHEAD_BYTES, Gone, Reader
from ingest.sources import Document, Known
from ingest.worker import ParseWorker

LONG = READ_AHEAD_BYTES // 8


@dataclass
class Desk:
    """Remembers what was begun to be read, what was handed over, and how many lay between the two at most."""

    begun: list[str] = field(default_factory=list)
    handed_over: list[str] = field(default_factory=list)
    most_waiting: int = 0


@dataclass
class Item:
    location: str
    desk: Desk = field(repr=False)

    def is_unchanged(self, known: Known) -> bool:
        return False

    def read(self, known: Known | None, *, max_bytes: int) -> Document:
        self.desk.begun.append(self.location)
        self.desk.most_waiting = max(self.desk.most_waiting, len(self.desk.begun) - len(self.desk.handed_over))
        return Document(self.location, self.location.encode(), ".txt", "a.txt", 1)


class LongArticles:
    """Reads every document as a long article."""

    def article(self, document: Document) -> tuple[Article, tuple[PassageSpan, ...]]:
        return Article(title=document.location, text="x" * LONG, blocks=()), ()


@pytest.mark.timeout(60)
@pytest.mark.parametrize("is_page", [False, True])
def test_long_articles_are_read_ahead_up_to_a_weight_and_not_to_a_number(is_page: bool) -> None:
    desk = Desk()
    tasks = [Task("desk", Item(f"http://a/{number}", desk), None, is_page=is_page) for number in range(READ_AHEAD)]
    reader = Reader(cast("ParseWorker", LongArticles()), Gone((), {}), max_bytes=1)
    for task, _ in reader.read_all(tasks):
        if not desk.handed_over:
            time.sleep(1)  # the embedding of the first takes a while
        desk.handed_over.append(task.item.location)
    assert sorted(desk.handed_over) == sorted(task.item.location for task in tasks)
    assert desk.most_waiting <= 8 + 4  # what weighs as much as may wait, and one that each thread was reading


@pytest.mark.timeout(60)
def test_run_that_ends_early_waits_for_nothing_that_waits_for_room() -> None:
    desk = Desk()
    tasks = [Task("desk", Item(f"/{number}.txt", desk), None) for number in range(READ_AHEAD)]
    reading = Reader(cast("ParseWorker", LongArticles()), Gone((), {}), max_bytes=1).read_all(tasks)
    next(reading)
    time.sleep(0.3)
    reading.close()
    assert desk.most_waiting < READ_AHEAD
