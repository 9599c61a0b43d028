"""An answer goes on whatever the page does: turns wait in order, stop when told, end in time and never raise."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from assistant.conversation_records import TurnState
from assistant.domain import Answer, Change, ChangeKind, Claim, Filters, Searched, Support
from assistant.errors import ChatModelError
from ui.changes import NO_NEWS, Tally
from ui.turn import Turn
from ui.turns import HISTORY_TURNS, Conversation, Turns

ONE = Claim("One.", Support.SUPPORTED, "")
TWO = Claim("Two.", Support.SUPPORTED, "")


def answered(question: str, *claims: Claim) -> Answer:
    return Answer(question, question, not claims, "", claims, (), Searched(1, 1), 1, None, "exact quotes")


class SlowAsk:
    """Gives its first claim at once, the second when allowed to; remembers what it was asked."""

    def __init__(self) -> None:
        self.first_given = threading.Event()
        self.go_on = threading.Event()
        self.history: Sequence[Answer] = ()
        self.filters = Filters()
        self.was_stopped = False

    def __call__(
        self,
        question: str,
        *,
        history: Sequence[Answer] = (),
        filters: Filters = Filters(),
        on_claim: Callable[[Claim], None] | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> Answer:
        assert on_claim is not None and should_stop is not None
        self.history, self.filters = history, filters
        on_claim(ONE)
        self.first_given.set()
        assert self.go_on.wait(10)
        if should_stop():
            self.was_stopped = True
            return answered(question, ONE)
        on_claim(TWO)
        return answered(question, ONE, TWO)


def ask_at_once(question: str, **options: object) -> Answer:
    return answered(question, ONE)


@pytest.fixture
def slow() -> Iterator[SlowAsk]:
    ask = SlowAsk()
    yield ask
    ask.go_on.set()


def begin(turns: Turns, ask: Callable[..., Answer], question: str = "q?", into: Conversation | None = None) -> Turn:
    turn = turns.start(into or turns.new_conversation(), question, ask)
    assert turn is not None
    return turn


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < deadline, "waited 10 s in vain"
        time.sleep(0.005)


def test_claims_are_seen_before_the_answer_is_complete(slow: SlowAsk) -> None:
    turn = begin(Turns(), slow)
    assert slow.first_given.wait(10)
    view = turn.view()
    assert (view.state, view.claims, view.answer) == (TurnState.RUNNING, (ONE,), None)
    slow.go_on.set()
    wait_until(lambda: turn.view().is_over)
    view = turn.view()
    assert (view.state, view.claims, view.answer) == (TurnState.DONE, (ONE, TWO), answered("q?", ONE, TWO))


def test_stop_keeps_the_claims_and_what_comes_later_is_dropped(slow: SlowAsk) -> None:
    turn = begin(Turns(), slow)
    assert slow.first_given.wait(10)
    turn.stop()
    assert turn.view().state is TurnState.STOPPED
    slow.go_on.set()
    wait_until(lambda: slow.was_stopped)
    view = turn.view()
    assert (view.state, view.claims, view.answer) == (TurnState.STOPPED, (ONE,), None)


def test_turn_past_its_time_limit_is_over_though_its_thread_hangs(slow: SlowAsk) -> None:
    turn = begin(Turns(time_limit_s=0.05), slow)
    assert slow.first_given.wait(10)
    wait_until(lambda: turn.view().is_over)
    assert (turn.view().state, turn.view().claims) == (TurnState.TIMED_OUT, (ONE,))
    slow.go_on.set()
    wait_until(lambda: slow.was_stopped)


def test_turns_over_the_cap_wait_in_order() -> None:
    turns = Turns(max_running=1)
    asks = [SlowAsk() for _ in range(3)]
    first, second, third = (begin(turns, ask) for ask in asks)
    assert asks[0].first_given.wait(10)
    views = [turn.view() for turn in (first, second, third)]
    assert [(view.state, view.ahead) for view in views] == [
        (TurnState.RUNNING, 0),
        (TurnState.QUEUED, 1),
        (TurnState.QUEUED, 2),
    ]
    asks[0].go_on.set()
    assert asks[1].first_given.wait(10)
    assert (third.view().state, third.view().ahead) == (TurnState.QUEUED, 1)
    assert not asks[2].first_given.is_set()
    asks[1].go_on.set()
    asks[2].go_on.set()
    wait_until(lambda: all(turn.view().is_over for turn in (first, second, third)))


def test_stopped_while_queued_is_never_asked(slow: SlowAsk) -> None:
    turns = Turns(max_running=1)
    begin(turns, slow)
    asked = threading.Event()

    def note(question: str, **options: object) -> Answer:
        asked.set()
        return answered(question)

    waiting = begin(turns, note)
    waiting.stop()
    slow.go_on.set()
    last = begin(turns, ask_at_once)
    wait_until(lambda: last.view().is_over)
    assert (waiting.view().state, asked.is_set()) == (TurnState.STOPPED, False)


def test_second_question_of_a_busy_conversation_is_not_taken(slow: SlowAsk) -> None:
    turns = Turns()
    conversation = turns.new_conversation()
    begin(turns, slow, into=conversation)
    assert turns.start(conversation, "again?", ask_at_once) is None
    assert len(conversation.turns) == 1


def test_earlier_answers_go_with_a_question_and_stopped_ones_do_not(slow: SlowAsk) -> None:
    turns = Turns()
    conversation = turns.new_conversation()
    for number in range(HISTORY_TURNS + 2):
        begin(turns, ask_at_once, f"q{number}?", conversation)
        wait_until(lambda: not conversation.is_busy)
    stopped = SlowAsk()
    begin(turns, stopped, "stopped?", conversation).stop()
    stopped.go_on.set()
    begin(turns, slow, "last?", conversation)
    assert slow.first_given.wait(10)
    assert list(slow.history) == [answered(f"q{number}?", ONE) for number in range(2, HISTORY_TURNS + 2)]


def test_answer_says_what_changed_since_the_last_one() -> None:
    asked: list[tuple[int, int | None]] = []
    generations = iter([3, 5, 5, 2])

    def ask(question: str, **options: object) -> Answer:
        return replace(answered(question, ONE), generation=next(generations))

    def changes(after: int, *, until: int | None = None) -> list[Change]:
        asked.append((after, until))
        at = datetime(2026, 11, 22, tzinfo=UTC)
        return [Change(4, ChangeKind.ADDED, name, 1, name, None, None, f"/{name}", at) for name in ("a", "b")]

    turns = Turns()
    conversation = turns.new_conversation()
    news = []
    for _ in range(4):
        turn = turns.start(conversation, "q?", ask, changes=changes)
        assert turn is not None
        wait_until(lambda: not conversation.is_busy)
        news.append(turn.view().news)
    # Nothing before the first answer, nothing without a publish, nothing in a library that began anew.
    assert news == [NO_NEWS, Tally(new=2), NO_NEWS, NO_NEWS]
    assert asked == [(3, 5)]


def test_filters_go_with_a_question(slow: SlowAsk) -> None:
    turns = Turns()
    turns.start(turns.new_conversation(), "q?", slow, filters=Filters(publishers=("A",)))
    assert slow.first_given.wait(10)
    assert slow.filters == Filters(publishers=("A",))


def test_error_of_ours_ends_the_turn_with_its_words() -> None:
    def fail(question: str, **options: object) -> Answer:
        raise ChatModelError("the model did not answer")

    turn = begin(Turns(), fail)
    wait_until(lambda: turn.view().is_over)
    assert turn.view().state is TurnState.FAILED
    assert str(turn.view().error) == "the model did not answer"


def test_defect_ends_the_turn_without_its_trace_and_the_next_one_runs(caplog: pytest.LogCaptureFixture) -> None:
    def fail(question: str, **options: object) -> Answer:
        raise ZeroDivisionError("secret detail")

    turns = Turns(max_running=1)
    with caplog.at_level(logging.ERROR):
        turn = begin(turns, fail)
        wait_until(lambda: turn.view().is_over)
    assert "secret detail" in caplog.text
    assert "secret detail" not in str(turn.view().error)
    following = begin(turns, ask_at_once)
    wait_until(lambda: following.view().is_over)
    assert following.view().state is TurnState.DONE


def test_conversation_is_found_by_its_key_and_no_other() -> None:
    turns = Turns()
    mine, other = turns.new_conversation(), turns.new_conversation()
    assert turns.conversation(mine.key) is mine
    assert mine.key != other.key
    assert [turns.conversation(key) for key in (None, "", "x", mine.key[:-1])] == [None] * 4


def test_longest_unused_conversation_is_forgotten() -> None:
    turns = Turns(max_conversations=2)
    first, second = turns.new_conversation(), turns.new_conversation()
    assert turns.conversation(first.key) is first
    third = turns.new_conversation()
    found = [turns.conversation(each.key) for each in (first, second, third)]
    assert found == [first, None, third]


def test_turn_is_found_by_its_number() -> None:
    turns = Turns()
    conversation = turns.new_conversation()
    turn = begin(turns, ask_at_once, into=conversation)
    assert conversation.turn(turn.number) is turn
    assert conversation.turn(99) is None
