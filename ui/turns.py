"""Questions being answered, outside the page's script, so that a click or a reload never kills an answer.

A worker thread runs `Assistant.ask` and fills a `Turn`; the page reads `Turn.view()` as often as it likes and touches
nothing else. Threads are capped: further turns wait in order. A turn that passes its time limit, or that a reader
stops, keeps the claims it has. Conversations live in memory under a random key that only their reader's address holds.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from assistant.domain import Answer, Change, Claim, Filters
from assistant.errors import AssistantError
from ui.changes import NO_NEWS, Tally, tally

MAX_RUNNING = 4
TIME_LIMIT_S = 120.0
MAX_CONVERSATIONS = 500
MAX_TURNS = 100
HISTORY_TURNS = 8
"""Earlier answers handed over with a question; a follow-up seldom leans further back."""

ALL = Filters()

_log = logging.getLogger(__name__)


class Ask(Protocol):
    """The signature of `Assistant.ask`."""

    def __call__(
        self,
        question: str,
        *,
        history: Sequence[Answer] = ...,
        filters: Filters = ...,
        on_claim: Callable[[Claim], None] | None = ...,
        should_stop: Callable[[], bool] | None = ...,
    ) -> Answer: ...


class Changes(Protocol):
    """The signature of `Assistant.changes`."""

    def __call__(self, after: int, *, until: int | None = ...) -> Sequence[Change]: ...


class TurnState(StrEnum):
    """Where a turn is; the last four are final."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    TIMED_OUT = "timed_out"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class TurnView:
    """One consistent look at a turn. `answer` is set once it is done, `error` once it failed.

    `news` counts what changed between the state that answered before in this conversation and the one that answered.
    """

    state: TurnState
    claims: tuple[Claim, ...]
    answer: Answer | None
    error: AssistantError | None
    ahead: int
    news: Tally = NO_NEWS

    @property
    def is_over(self) -> bool:
        """Say whether nothing will change any more."""
        return self.state not in {TurnState.QUEUED, TurnState.RUNNING}


class Turn:
    """One question of a conversation, its claims so far, and its end."""

    def __init__(self, number: int, question: str, filters: Filters, *, time_limit_s: float) -> None:
        self.number = number
        self.question = question
        self.filters = filters
        self._time_limit_s = time_limit_s
        self._lock = threading.Lock()
        self._state = TurnState.QUEUED
        self._claims: list[Claim] = []
        self._answer: Answer | None = None
        self._error: AssistantError | None = None
        self._news = NO_NEWS
        self._deadline = float("inf")
        self._ahead = 0

    def view(self) -> TurnView:
        """Return the turn as it is now; a turn past its time limit is over, whatever its thread does."""
        with self._lock:
            if self._state is TurnState.RUNNING and time.monotonic() >= self._deadline:
                self._state = TurnState.TIMED_OUT
            return TurnView(self._state, tuple(self._claims), self._answer, self._error, self._ahead, self._news)

    def stop(self) -> None:
        """End the turn now, with the claims it has."""
        self._end(TurnState.STOPPED)

    def run(self, ask: Ask, history: Sequence[Answer], changes: Changes | None = None) -> None:
        """Ask, in the calling thread, and fill the turn; never raises. `changes` tells what is new since `history`."""
        with self._lock:
            if self._state is not TurnState.QUEUED:
                return
            self._state, self._ahead = TurnState.RUNNING, 0
            self._deadline = time.monotonic() + self._time_limit_s
        try:
            answer = ask(
                self.question,
                history=history,
                filters=self.filters,
                on_claim=self._add,
                should_stop=lambda: self.view().is_over,
            )
            news = _news(changes, history, answer)
        except AssistantError as err:
            self._end(TurnState.FAILED, error=err)
        except Exception:  # noqa: BLE001 - a thread's edge: a defect ends as a card on the page and a trace in the log
            _log.exception("question %r failed", self.question)
            self._end(
                TurnState.FAILED, error=AssistantError("something went wrong inside; the log of the server says what")
            )
        else:
            self._end(TurnState.DONE, answer=answer, news=news)

    def wait_behind(self, ahead: int) -> None:
        """Note how many turns come first."""
        with self._lock:
            self._ahead = ahead

    def _add(self, claim: Claim) -> None:
        with self._lock:
            if self._state is TurnState.RUNNING:
                self._claims.append(claim)

    def _end(
        self,
        state: TurnState,
        *,
        answer: Answer | None = None,
        error: AssistantError | None = None,
        news: Tally = NO_NEWS,
    ) -> None:
        with self._lock:
            if self._state not in {TurnState.QUEUED, TurnState.RUNNING}:
                return
            self._state, self._answer, self._error, self._news = state, answer, error, news
            if answer is not None:
                self._claims = list(answer.claims)


def _news(changes: Changes | None, history: Sequence[Answer], answer: Answer) -> Tally:
    """Count what changed since the last answer; nothing in a library that began anew since then."""
    if changes is None or not history or history[-1].generation >= answer.generation:
        return NO_NEWS
    return tally(changes(history[-1].generation, until=answer.generation))


@dataclass
class Conversation:
    """The turns of one reader, oldest first."""

    key: str
    turns: list[Turn] = field(default_factory=list)

    @property
    def is_busy(self) -> bool:
        """Say whether its last question is still being answered."""
        return bool(self.turns) and not self.turns[-1].view().is_over

    def turn(self, number: int) -> Turn | None:
        """Return the turn with this number, None if there is none."""
        return next((turn for turn in self.turns if turn.number == number), None)

    def answers(self) -> tuple[Answer, ...]:
        """Return what was answered so far, oldest first."""
        found = (turn.view().answer for turn in self.turns)
        return tuple(answer for answer in found if answer is not None)


class Turns:
    """All conversations of this process and the threads that answer; safe to use from many threads."""

    def __init__(
        self,
        *,
        max_running: int = MAX_RUNNING,
        time_limit_s: float = TIME_LIMIT_S,
        max_conversations: int = MAX_CONVERSATIONS,
    ) -> None:
        self._max_running = max_running
        self._time_limit_s = time_limit_s
        self._max_conversations = max_conversations
        self._lock = threading.Lock()
        self._conversations: OrderedDict[str, Conversation] = OrderedDict()
        self._waiting: deque[tuple[Turn, Ask, tuple[Answer, ...], Changes | None]] = deque()
        self._running = 0

    def new_conversation(self) -> Conversation:
        """Start an empty conversation; the longest unused one is forgotten when there are too many."""
        conversation = Conversation(secrets.token_urlsafe(16))
        with self._lock:
            self._conversations[conversation.key] = conversation
            while len(self._conversations) > self._max_conversations:
                self._conversations.popitem(last=False)
        return conversation

    def conversation(self, key: str | None) -> Conversation | None:
        """Return the conversation with this key, None if it is unknown here (the server may have restarted)."""
        with self._lock:
            found = self._conversations.get(key) if key else None
            if found is not None:
                self._conversations.move_to_end(found.key)
            return found

    def start(
        self,
        conversation: Conversation,
        question: str,
        ask: Ask,
        *,
        filters: Filters = ALL,
        changes: Changes | None = None,
    ) -> Turn | None:
        """Begin to answer, or None while the conversation's last question is still being answered."""
        with self._lock:
            if conversation.is_busy:
                return None
            history = conversation.answers()[-HISTORY_TURNS:]
            number = conversation.turns[-1].number + 1 if conversation.turns else 1
            turn = Turn(number, question, filters, time_limit_s=self._time_limit_s)
            conversation.turns.append(turn)
            del conversation.turns[:-MAX_TURNS]
            self._waiting.append((turn, ask, history, changes))
            is_new_thread = self._running < self._max_running
            self._running += is_new_thread
            self._renumber()
        if is_new_thread:
            # A daemon: a question being answered never keeps the server from stopping.
            threading.Thread(target=self._work, name=f"turn-{number}", daemon=True).start()
        return turn

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._running -= 1
                    return
                turn, ask, history, changes = self._waiting.popleft()
                self._renumber()
            turn.run(ask, history, changes)

    def _renumber(self) -> None:
        for place, (turn, *_) in enumerate(self._waiting):
            turn.wait_behind(place + 1 if self._running >= self._max_running else 0)
