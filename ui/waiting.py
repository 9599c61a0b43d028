"""Questions that wait for a thread, in a fair order: owners take turns, so who asks much waits for it themselves.

The next one is of the owner with the fewest under way, among equals of the one whose last turn is longest ago; of one
owner they are taken as they came. Who keeps a `Line` guards it: nothing here is locked.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass

from assistant.conversation_records import LOCAL
from assistant.errors import AssistantError
from ui.turn import Turn

MAX_WAITING = 200
"""Of all owners together; where nobody signs in all readers are one owner, who may have them all."""
MAX_WAITING_OF_ONE = 10
"""Of an owner who signed in, in all their tabs."""


class LineFull(AssistantError):
    """As many questions wait as may; the message says whose, and what to do."""


@dataclass(frozen=True, slots=True)
class Waiter:
    """A turn that waits, whose it is, and what is done once it is taken: it is run, then `suggest` is called."""

    owner: str
    turn: Turn
    run: Callable[[], None]
    suggest: Callable[[], None]


class Line:
    """The turns that wait, and how many of each owner are under way."""

    def __init__(self, *, max_waiting: int = MAX_WAITING, max_waiting_of_one: int = MAX_WAITING_OF_ONE) -> None:
        self._max_waiting = max_waiting
        self._max_waiting_of_one = max_waiting_of_one
        self._waiting: list[Waiter] = []
        self._under_way: Counter[str] = Counter()
        self._last_taken: dict[str, int] = {}
        self._taken = 0

    def check(self, owner: str) -> None:
        """Raise LineFull if no further question of this owner can wait."""
        self._forget_ended()
        if len(self._waiting) >= self._max_waiting:
            raise LineFull(f"{len(self._waiting)} questions wait to be answered already; ask again in a minute")
        of_owner = sum(waiter.owner == owner for waiter in self._waiting)
        if owner != LOCAL and of_owner >= self._max_waiting_of_one:
            raise LineFull(
                f"{of_owner} of your questions wait to be answered already; ask again once one of them is answered, "
                "or stop one"
            )

    def add(self, waiter: Waiter) -> None:
        """Put a turn into the line."""
        self._waiting.append(waiter)

    def take(self) -> Waiter | None:
        """Take out the turn whose time has come, None if none waits; it is under way until `over` is called."""
        waiting = self.in_order()
        if not waiting:
            return None
        taken = waiting[0]
        self._waiting.remove(taken)
        self._under_way[taken.owner] += 1
        self._taken += 1
        self._last_taken[taken.owner] = self._taken
        return taken

    def over(self, waiter: Waiter) -> None:
        """Note that a turn that was taken is no longer under way."""
        self._under_way[waiter.owner] -= 1

    def in_order(self) -> list[Waiter]:
        """Return what waits, what is taken next first; what was stopped meanwhile has left."""
        self._forget_ended()
        by_owner: dict[str, deque[Waiter]] = {}
        for waiter in self._waiting:
            by_owner.setdefault(waiter.owner, deque()).append(waiter)
        busy, last = Counter(self._under_way), dict(self._last_taken)
        found: list[Waiter] = []
        while by_owner:
            # Owners stand in the order of their first question here, and of equal ones the first is the least.
            owner = min(by_owner, key=lambda each: (busy[each], last.get(each, 0)))
            found.append(by_owner[owner].popleft())
            busy[owner] += 1
            last[owner] = self._taken + len(found)
            if not by_owner[owner]:
                del by_owner[owner]
        return found

    def _forget_ended(self) -> None:
        self._waiting = [waiter for waiter in self._waiting if not waiter.turn.view().is_over]
