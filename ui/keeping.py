"""Turns on their way into the store, written by a thread of its own, so that no answer waits for the disk.

A turn is written when it starts, so that a stopped server leaves "interrupted" and not nothing, now and then while its
claims come, and at its end. What cannot be written stays on the page, which says so.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum
from typing import TYPE_CHECKING

from assistant.errors import ConversationsError
from ui import failures, incidents

if TYPE_CHECKING:
    from ui.turn import Turn


class Kept(StrEnum):
    """Whether a turn stands in the store as it is."""

    NOT_YET = "not yet"
    YES = "yes"
    NO = "no"


class Keeper:
    """Runs writes in the order they came; its thread is there only while there are any.

    The thread is no daemon: a server that stops waits for what is under way.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._writes: deque[tuple[Callable[[], None], Callable[[str], None]]] = deque()
        self._is_working = False
        self._writing = threading.Lock()

    def put(self, write: Callable[[], None], failed: Callable[[str], None]) -> None:
        """Have `write` run soon, and `failed` with the reason if it raises; returns at once."""
        with self._lock:
            self._writes.append((write, failed))
            if self._is_working:
                return
            self._is_working = True
        try:
            threading.Thread(target=self._work, name="keeper").start()
        except RuntimeError as err:
            # No thread is to be had now; the next write tries again.
            self._give_up(err)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold back all writes for the length of a block."""
        with self._writing:
            yield

    def _give_up(self, error: RuntimeError) -> None:
        with self._lock:
            left = tuple(self._writes)
            self._writes.clear()
            self._is_working = False
        for _, failed in left:
            failed(_unexpected(error))

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._writes:
                    self._is_working = False
                    return
                write, failed = self._writes.popleft()
            try:
                with self._writing:
                    write()
            except ConversationsError as err:
                failed(failures.told(err, "saving a question").line)
            except Exception as err:  # noqa: BLE001 - a thread's edge: the writes behind a defect are still to be done
                failed(_unexpected(err))


def _unexpected(error: Exception) -> str:
    return failures.told(incidents.unexpected(error, "saving a question"), "saving a question").line


class Later:
    """Acts on a turn some seconds after it was told of it, once for all it was told until then."""

    def __init__(self, seconds: float, act: Callable[[Turn], None]) -> None:
        self._seconds = seconds
        self._act = act
        self._lock = threading.Lock()
        self._is_due = False

    def __call__(self, turn: Turn) -> None:
        """Have it acted on soon; returns at once."""
        with self._lock:
            if self._is_due:
                return
            self._is_due = True
        timer = threading.Timer(self._seconds, self._run, (turn,))
        # A server that stops ends its turns, and does not wait for this.
        timer.daemon = True
        # Where no thread is to be had, what was to be done is done at the end of the turn.
        with suppress(RuntimeError):
            timer.start()

    def _run(self, turn: Turn) -> None:
        with self._lock:
            self._is_due = False
        self._act(turn)
