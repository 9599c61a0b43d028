"""One question of a conversation: its claims so far, and its end.

A worker thread runs it; the page reads `Turn.view()` as often as it likes and touches nothing else.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Protocol

from assistant.conversation_records import StoredTurn, TurnState
from assistant.domain import Answer, Change, Claim, Filters
from assistant.errors import AssistantError
from ui import failures, incidents
from ui.changes import NO_NEWS, Tally, tally
from ui.keeping import Kept

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


class Suggest(Protocol):
    """The signature of `Assistant.next_questions`."""

    def __call__(self, history: Sequence[Answer], *, filters: Filters = ...) -> Sequence[str]: ...


@dataclass(frozen=True, slots=True)
class TurnView:
    """One consistent look at a turn. `answer` is set once it is done, `error` once it failed.

    `news` counts what changed between the state that answered before in this conversation and the one that answered.
    `error_id` is what the server's log has too. `kept` says whether the turn is stored, `not_kept` why it is not.
    `next_questions` are what may be asked next, None while that is sought.
    """

    state: TurnState
    claims: tuple[Claim, ...]
    answer: Answer | None
    error: AssistantError | None
    ahead: int
    news: Tally = NO_NEWS
    error_id: str = ""
    kept: Kept = Kept.YES
    not_kept: str = ""
    next_questions: tuple[str, ...] | None = ()

    @property
    def is_over(self) -> bool:
        """Say whether nothing will change any more."""
        return self.state not in {TurnState.QUEUED, TurnState.RUNNING}


class Turn:
    """One question of a conversation, its claims so far, and its end, at which `on_over` is called once.

    `on_claim` is called after each claim that came before the end.
    """

    def __init__(
        self,
        number: int,
        question: str,
        filters: Filters,
        *,
        time_limit_s: float,
        asked_at: datetime | None = None,
        on_over: Callable[[Turn], None] = lambda _: None,
        on_claim: Callable[[Turn], None] = lambda _: None,
    ) -> None:
        self.number = number
        self.question = question
        self.filters = filters
        self.asked_at = asked_at or datetime.now(UTC)
        self._on_over = on_over
        self._on_claim = on_claim
        self._time_limit_s = time_limit_s
        self._lock = threading.Lock()
        self._state = TurnState.QUEUED
        self._claims: list[Claim] = []
        self._answer: Answer | None = None
        self._error: AssistantError | None = None
        self._error_id = ""
        self._news = NO_NEWS
        self._kept, self._not_kept = Kept.YES, ""
        self._next_questions: tuple[str, ...] | None = None
        self._deadline = float("inf")
        self._ahead = 0

    @classmethod
    def restored(cls, stored: StoredTurn) -> Turn:
        """Return a turn as it was stored."""
        turn = cls(stored.number, stored.question, stored.filters, time_limit_s=0.0, asked_at=stored.asked_at)
        turn._state, turn._answer, turn._error_id = stored.state, stored.answer, stored.error_id
        turn._claims = list(stored.answer.claims if stored.answer else stored.claims)
        turn._next_questions = ()
        turn._news = Tally(**{name: stored.news.get(name, 0) for name in asdict(NO_NEWS)})
        if stored.error:
            turn._error = _errors().get(stored.error_kind, AssistantError)(stored.error)
        return turn

    def stored(self) -> StoredTurn:
        """Return the turn as it is to be stored."""
        view = self.view()
        return StoredTurn(
            self.number,
            self.question,
            self.asked_at,
            view.state,
            self.filters,
            standalone=view.answer.standalone_question if view.answer else "",
            claims=() if view.answer else view.claims,
            answer=view.answer,
            error=str(view.error or ""),
            error_kind=type(view.error).__name__ if view.error else "",
            error_id=view.error_id,
            news=asdict(view.news),
        )

    def view(self) -> TurnView:
        """Return the turn as it is now; a turn past its time limit is over, whatever its thread does."""
        with self._lock:
            is_late = self._state is TurnState.RUNNING and time.monotonic() >= self._deadline
        if is_late:
            self._end(TurnState.TIMED_OUT)
        with self._lock:
            return TurnView(
                self._state,
                tuple(self._claims),
                self._answer,
                self._error,
                self._ahead,
                self._news,
                self._error_id,
                self._kept,
                self._not_kept,
                self._next_questions,
            )

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
            self._fail(err)
        except Exception as err:  # noqa: BLE001 - a thread's edge: a defect ends as a card on the page and a trace in the log
            self._fail(incidents.unexpected(err, self._where))
        else:
            self._end(TurnState.DONE, answer=answer, news=news)

    def suggest(self, suggest: Suggest | None, earlier: Sequence[Answer]) -> None:
        """Find what may be asked after the answer, in the calling thread; never raises, as nothing hangs on it."""
        answer = self.view().answer
        if answer is None or suggest is None:
            return
        try:
            self.note_next_questions(suggest([*earlier, answer], filters=self.filters))
        except Exception:  # noqa: BLE001 - a thread's edge: an answer without suggestions is an answer still
            _log.exception("nothing could be suggested after question %r", self.question)

    def note_next_questions(self, questions: Sequence[str] = ()) -> None:
        """Note what may be asked next, unless that is known."""
        with self._lock:
            if self._next_questions is None:
                self._next_questions = tuple(questions)

    def wait_behind(self, ahead: int) -> None:
        """Note how many turns come first."""
        with self._lock:
            self._ahead = ahead

    def note_kept(self, kept: Kept, reason: str = "") -> None:
        """Note whether the turn is stored as it is, and why if it is not."""
        with self._lock:
            self._kept, self._not_kept = kept, reason

    def _add(self, claim: Claim) -> None:
        with self._lock:
            if self._state is not TurnState.RUNNING:
                return
            self._claims.append(claim)
        self._on_claim(self)

    def _fail(self, error: AssistantError) -> None:
        error_id = "" if failures.is_advice(error) else incidents.incident(error, self._where)
        self._end(TurnState.FAILED, error=error, error_id=error_id)

    @property
    def _where(self) -> str:
        return f"question {self.question!r}"

    def _end(
        self,
        state: TurnState,
        *,
        answer: Answer | None = None,
        error: AssistantError | None = None,
        error_id: str = "",
        news: Tally = NO_NEWS,
    ) -> None:
        with self._lock:
            if self._state not in {TurnState.QUEUED, TurnState.RUNNING}:
                return
            self._state, self._answer, self._error, self._news = state, answer, error, news
            if state is TurnState.TIMED_OUT:
                late = AssistantError(f"not answered within {self._time_limit_s:g} s")
                error_id = incidents.incident(late, self._where)
            self._error_id = error_id
            if answer is None:
                self._next_questions = ()
            else:
                self._claims = list(answer.claims)
        self._on_over(self)


def _errors() -> dict[str, type[AssistantError]]:
    """Return our classes of errors by their names."""

    def below(kind: type[AssistantError]) -> Iterator[type[AssistantError]]:
        yield kind
        for one in kind.__subclasses__():
            yield from below(one)

    return {kind.__name__: kind for kind in below(AssistantError)}


def _news(changes: Changes | None, history: Sequence[Answer], answer: Answer) -> Tally:
    """Count what changed since the last answer; nothing in a library that began anew since then."""
    if changes is None or not history or history[-1].generation >= answer.generation:
        return NO_NEWS
    return tally(changes(history[-1].generation, until=answer.generation))
