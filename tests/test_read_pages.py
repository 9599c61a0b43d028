"""Reading pages of several hosts: in the order of each host, and no host waits for another."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

import pytest

from ingest.embedding_step import Parsed
from ingest.plan import Task
from ingest.read import HOSTS_AT_ONCE, Gone, Reader, Unchanged
from ingest.sources import Document, Known
from ingest.worker import ParseWorker


@dataclass
class Web:
    """Hosts that are asked for pages; nothing answers at `stalled` until every page of the others was read."""

    stalled: str
    left: int
    asked: dict[str, list[str]] = field(default_factory=dict)
    busy: dict[str, int] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    others_are_read: threading.Event = field(default_factory=threading.Event)


@dataclass
class Asked:
    location: str
    web: Web

    def is_unchanged(self, known: Known) -> bool:
        return False

    def read(self, known: Known | None, *, max_bytes: int) -> Document | None:
        host = self.location.split("/")[2]
        with self.web.lock:
            self.web.busy[host] = self.web.busy.get(host, 0) + 1
            assert self.web.busy[host] == 1, "two pages of one host at once"
            self.web.asked.setdefault(host, []).append(self.location)
        if host == self.web.stalled:
            self.web.others_are_read.wait()
        with self.web.lock:
            self.web.busy[host] -= 1
            if host != self.web.stalled:
                self.web.left -= 1
                if not self.web.left:
                    self.web.others_are_read.set()
                return None
        text = b"The levy on zinc rose to 7 per cent in March."
        return Document(self.location, text, ".txt", "a.txt", len(text))


def tasks(web: Web, hosts: list[str], pages: int) -> list[Task]:
    """Return tasks as plans have them: sorted, so that all pages of a host follow each other."""
    return [
        Task("desk", Asked(f"http://{host}/{number:02}", web), None, is_page=True)
        for host in hosts
        for number in range(pages)
    ]


@pytest.mark.timeout(60)
def test_hosts_do_not_wait_for_each_other() -> None:
    hosts = ["a.test", *(f"b{number}.test" for number in range(HOSTS_AT_ONCE - 1))]
    web = Web("a.test", left=20 * (len(hosts) - 1))
    wanted = tasks(web, hosts, 20)
    with ParseWorker() as worker:
        found = list(Reader(worker, Gone([], {}), max_bytes=1_000).read_all(wanted))
    assert {task.item.location for task, _ in found} == {task.item.location for task in wanted}
    assert {type(outcome) for _, outcome in found} == {Unchanged, Parsed}
    assert web.asked == {host: [f"http://{host}/{number:02}" for number in range(20)] for host in hosts}


@pytest.mark.timeout(60)
def test_reading_that_is_left_asks_for_no_more() -> None:
    web = Web("", left=400)
    with ParseWorker() as worker:
        reading = Reader(worker, Gone([], {}), max_bytes=1_000).read_all(tasks(web, ["a.test", "b.test"], 200))
        next(reading)
        reading.close()  # type: ignore[attr-defined]
        asked = sum(map(len, web.asked.values()))
        assert asked < 400
    assert sum(map(len, web.asked.values())) == asked


@pytest.mark.timeout(60)
def test_reading_that_is_left_waits_for_no_host_and_parses_nothing_that_comes_later() -> None:
    web = Web("a.test", left=2)
    with ParseWorker() as worker:
        reading = Reader(worker, Gone([], {}), max_bytes=1_000).read_all(tasks(web, ["a.test", "b.test"], 1))
        next(reading)
        reading.close()  # type: ignore[attr-defined]
        web.others_are_read.set()
        for thread in threading.enumerate():
            if thread.name == "read":
                thread.join()
        assert worker.pid is None
