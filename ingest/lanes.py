"""Threads that wait for hosts: of one host one step at a time, each host in its turn, and nobody has to wait for them.

They are daemons: a step that goes on when everything ends is abandoned. A thread pool of the standard library would
keep the process, and with it the writer's lock, for as long as the slowest host likes.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from queue import SimpleQueue
from typing import TypeAlias
from urllib.parse import urlsplit

# Ending waits this long for steps that are about to be done.
ENDING_S = 1.0

Step: TypeAlias = Callable[[], object]


class Lanes:
    """Takes steps in at most `count` threads, those of one lane one after the other in their order.

    Lanes that have something to do take turns, step by step. A step must not raise. Close it at the end.
    """

    def __init__(self, count: int, name: str) -> None:
        self._count = count
        self._name = name
        self._lock = threading.Lock()
        self._waiting: dict[str, deque[Step]] = {}  # by lane, for as long as it has a step waiting or under way
        self._turns: SimpleQueue[str | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._is_closed = False

    def do(self, lane: str, step: Step) -> None:
        """Have a step taken; none is taken any more after the end."""
        with self._lock:
            if self._is_closed:
                return
            if lane in self._waiting:
                self._waiting[lane].append(step)
                return
            self._waiting[lane] = deque([step])
            self._turns.put(lane)
            if len(self._threads) < min(self._count, len(self._waiting)):
                self._threads.append(threading.Thread(target=self._serve, name=self._name, daemon=True))
                self._threads[-1].start()

    def close(self) -> None:
        """End, within `ENDING_S` whatever the steps under way wait for."""
        with self._lock:
            self._is_closed = True
            for _ in self._threads:
                self._turns.put(None)
        until = time.monotonic() + ENDING_S
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))

    def _serve(self) -> None:
        while (lane := self._turns.get()) is not None:
            with self._lock:
                if self._is_closed:
                    return
                step = self._waiting[lane].popleft()
            step()
            with self._lock:
                if self._waiting[lane]:
                    self._turns.put(lane)
                else:
                    del self._waiting[lane]


def host_of(address: str) -> str:
    """Return the host of an address in lower case, "" if it has none: the lane of what is asked there."""
    try:
        return urlsplit(address).hostname or ""
    except ValueError:  # nothing is asked at such an address: reading it says so
        return ""
