"""An answer goes on whatever the page does: turns wait in order, stop when told, end in time and never raise."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.conversation_records import LOCAL, StoredTurn, TurnState
from assistant.conversations import FILE_NAME, ConversationStore
from assistant.domain import Answer, Change, ChangeKind, Claim, Filters, Searched, Support
from assistant.errors import AnswerUnreadable, ChatModelError, ConversationsError, QuestionError
from ui.changes import NO_NEWS, Tally
from ui.incidents import UnexpectedError
from ui.keeping import Kept
from ui.turn import Turn
from ui.turns import HISTORY_TURNS, LOADED_AT_ONCE, Conversation, ConversationGone, Turns
from ui.waiting import MAX_WAITING, Line, LineFull, Waiter

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


def test_turn_past_its_time_limit_is_over_though_its_thread_hangs(
    slow: SlowAsk, caplog: pytest.LogCaptureFixture
) -> None:
    turn = begin(Turns(time_limit_s=0.05), slow)
    assert slow.first_given.wait(10)
    wait_until(lambda: turn.view().is_over)
    assert (turn.view().state, turn.view().claims) == (TurnState.TIMED_OUT, (ONE,))
    said = f"error {turn.view().error_id}: question 'q?': AssistantError: not answered within 0.05 s"
    assert [record.getMessage() for record in caplog.records] == [said]
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


def test_stopped_while_queued_keeps_nobody_behind_it(slow: SlowAsk) -> None:
    turns = Turns(max_running=1)
    begin(turns, slow)
    begin(turns, ask_at_once).stop()
    assert begin(turns, ask_at_once).view().ahead == 1


def test_stopped_while_queued_lets_those_behind_it_move_up_at_once(slow: SlowAsk) -> None:
    turns = Turns(max_running=1)
    begin(turns, slow)
    first, second, third = (begin(turns, ask_at_once) for _ in range(3))
    first.stop()
    assert [turn.view().ahead for turn in (second, third)] == [1, 2]


def test_turn_found_past_its_limit_by_a_new_question_holds_nothing_up(slow: SlowAsk) -> None:
    turns = Turns(time_limit_s=0.05)
    conversation = turns.new_conversation()
    begin(turns, slow, into=conversation)
    assert slow.first_given.wait(10)
    time.sleep(0.06)
    last = begin(turns, ask_at_once, into=conversation)
    wait_until(lambda: last.view().is_over)
    assert [turn.view().state for turn in conversation.turns] == [TurnState.TIMED_OUT, TurnState.DONE]


def test_second_question_of_a_busy_conversation_is_not_taken(slow: SlowAsk) -> None:
    turns = Turns()
    conversation = turns.new_conversation()
    begin(turns, slow, into=conversation)
    assert turns.start(conversation, "again?", ask_at_once) is None
    assert len(conversation.turns) == 1


def test_owner_with_one_question_waits_for_no_queue_of_another() -> None:
    turns = Turns(max_running=1)
    asks = {name: SlowAsk() for name in ("a1", "a2", "a3", "b1", "b2")}
    waiting = {
        name: begin(turns, ask, name, turns.new_conversation(owner=f"{name[0]}@example.org"))
        for name, ask in asks.items()
    }
    assert asks["a1"].first_given.wait(10)
    assert {name: turn.view().ahead for name, turn in waiting.items()} == {"a1": 0, "b1": 1, "a2": 2, "b2": 3, "a3": 4}
    for done, following in (("a1", "b1"), ("b1", "a2")):
        asks[done].go_on.set()
        assert asks[following].first_given.wait(10)
    assert {name: waiting[name].view().ahead for name in ("b2", "a3")} == {"b2": 1, "a3": 2}
    for ask in asks.values():
        ask.go_on.set()
    wait_until(lambda: all(turn.view().is_over for turn in waiting.values()))


def test_owner_who_signed_in_has_not_more_than_so_many_waiting(slow: SlowAsk) -> None:
    turns = Turns(max_running=1, line=Line(max_waiting_of_one=2))
    begin(turns, slow, into=turns.new_conversation(owner="anna"))
    hers = [begin(turns, ask_at_once, into=turns.new_conversation(owner="anna")) for _ in range(2)]
    refused = turns.new_conversation(owner="anna")
    with pytest.raises(LineFull, match="2 of your questions wait to be answered already"):
        begin(turns, ask_at_once, into=refused)
    assert (refused.turns, refused.title, refused.is_busy) == ([], "", False)
    his = begin(turns, ask_at_once, into=turns.new_conversation(owner="boris"))
    hers[0].stop()
    again = begin(turns, ask_at_once, into=refused)
    slow.go_on.set()
    wait_until(lambda: all(turn.view().is_over for turn in (his, again)))
    assert [turn.view().state for turn in (his, again)] == [TurnState.DONE] * 2


def test_all_together_have_not_more_than_so_many_waiting_and_where_nobody_signs_in_they_are_one(slow: SlowAsk) -> None:
    turns = Turns(max_running=1, line=Line(max_waiting=3, max_waiting_of_one=1))
    begin(turns, slow)
    for _ in range(3):
        begin(turns, ask_at_once)
    with pytest.raises(LineFull, match="3 questions wait to be answered already"):
        begin(turns, ask_at_once)
    assert MAX_WAITING >= 100


def test_stopped_while_queued_says_that_nothing_is_suggested_after_it(slow: SlowAsk) -> None:
    turns = Turns(max_running=1)
    begin(turns, slow)
    waiting = begin(turns, ask_at_once)
    waiting.stop()
    assert waiting.view().next_questions == ()


@given(st.lists(st.sampled_from("abcd"), max_size=30), st.booleans())
def test_nobody_has_a_second_turn_before_all_who_wait_had_one(owners: list[str], is_slow: bool) -> None:
    line = Line(max_waiting_of_one=100)
    for number, owner in enumerate(owners):
        line.add(Waiter(owner, Turn(number, "q?", Filters(), time_limit_s=1), nothing, nothing))
    foretold = [waiter.turn.number for waiter in line.in_order()]
    taken = []
    while waiter := line.take():
        taken.append(waiter)
        if not is_slow:
            line.over(waiter)
    assert [waiter.turn.number for waiter in taken] == foretold
    rounds = [[earlier.owner for earlier in taken[:place]].count(one.owner) for place, one in enumerate(taken)]
    assert rounds == sorted(rounds)
    for owner in set(owners):
        numbers = [waiter.turn.number for waiter in taken if waiter.owner == owner]
        assert numbers == [number for number, each in enumerate(owners) if each == owner]


def nothing() -> None:
    """Do nothing."""


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


class Stored:
    """Turns over a store, and what a new process, or another person, finds in it."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.store = ConversationStore(data_dir)
        self.turns = Turns(self.store)

    def restarted(self) -> Turns:
        return Turns(ConversationStore(self.data_dir))


@pytest.fixture
def stored(tmp_path: Path) -> Stored:
    return Stored(tmp_path / "data")


def settled(turn: Turn) -> Kept:
    wait_until(lambda: turn.view().is_over and turn.view().kept is not Kept.NOT_YET)
    return turn.view().kept


class TestKept:
    def test_conversation_is_found_after_a_restart_as_it_was(self, stored: Stored) -> None:
        conversation = stored.turns.new_conversation()
        for question in ("tin?", "zinc?"):
            assert settled(begin(stored.turns, ask_at_once, question, conversation)) is Kept.YES
        found = stored.restarted().conversation(conversation.key)
        assert found is not None
        assert [turn.question for turn in found.turns] == ["tin?", "zinc?"]
        assert [turn.view() for turn in found.turns] == [turn.view() for turn in conversation.turns]
        assert (found.title, found.answers()) == ("tin?", conversation.answers())

    def test_question_asked_after_a_restart_knows_what_was_answered_before(self, stored: Stored, slow: SlowAsk) -> None:
        conversation = stored.turns.new_conversation()
        settled(begin(stored.turns, ask_at_once, "tin?", conversation))
        turns = stored.restarted()
        found = turns.conversation(conversation.key)
        assert found is not None
        turn = begin(turns, slow, "and zinc?", found)
        assert slow.first_given.wait(10)
        assert list(slow.history) == [answered("tin?", ONE)]
        slow.go_on.set()
        assert settled(turn) is Kept.YES
        assert [one.number for one in stored.store.turns(LOCAL, conversation.key)] == [1, 2]

    def test_question_of_a_server_that_stopped_is_interrupted(self, stored: Stored, slow: SlowAsk) -> None:
        conversation = stored.turns.new_conversation()
        begin(stored.turns, slow, "tin?", conversation)
        wait_until(lambda: stored.store.turns(LOCAL, conversation.key) != ())
        found = stored.restarted().conversation(conversation.key)
        assert found is not None
        (turn,) = found.turns
        assert (turn.question, turn.view().state, found.is_busy) == ("tin?", TurnState.INTERRUPTED, False)
        # Here it goes on.
        assert stored.turns.conversation(conversation.key) is conversation
        assert conversation.is_busy

    def test_answer_that_another_server_gave_meanwhile_takes_the_place_of_interrupted(
        self, stored: Stored, slow: SlowAsk
    ) -> None:
        conversation = stored.turns.new_conversation()
        turn = begin(stored.turns, slow, "tin?", conversation)
        wait_until(lambda: stored.store.turns(LOCAL, conversation.key) != ())
        elsewhere = stored.restarted()
        found = elsewhere.conversation(conversation.key)
        assert found is not None
        assert [one.view().state for one in found.turns] == [TurnState.INTERRUPTED]
        slow.go_on.set()
        assert settled(turn) is Kept.YES
        assert elsewhere.conversation(conversation.key) is found
        assert [one.view().answer for one in found.turns] == [answered("tin?", ONE, TWO)]

    def test_claims_are_stored_while_they_come_for_the_case_of_a_crash(self, stored: Stored, slow: SlowAsk) -> None:
        conversation = stored.turns.new_conversation()
        begin(stored.turns, slow, "tin?", conversation)
        wait_until(lambda: any(turn.claims for turn in stored.store.turns(LOCAL, conversation.key)))
        found = stored.restarted().conversation(conversation.key)
        assert found is not None
        (view,) = (turn.view() for turn in found.turns)
        assert (view.state, view.claims, view.answer) == (TurnState.INTERRUPTED, (ONE,), None)

    def test_many_claims_are_stored_by_few_writes(self, stored: Stored) -> None:
        saved: list[int] = []

        class Noting(ConversationStore):
            def save(self, owner: str, key: str, turn: StoredTurn, *, title: str = "") -> None:
                saved.append(len(turn.claims))
                super().save(owner, key, turn, title=title)

        go_on = threading.Event()

        def write(question: str, *, on_claim: Callable[[Claim], None], **options: object) -> Answer:
            for _ in range(500):
                on_claim(ONE)
            assert go_on.wait(10)
            return answered(question, ONE)

        turn = begin(Turns(Noting(stored.data_dir)), write)
        wait_until(lambda: 500 in saved)
        go_on.set()
        assert settled(turn) is Kept.YES
        assert len(saved) < 50

    def test_what_ended_early_is_kept_with_its_claims_and_its_error(self, stored: Stored, slow: SlowAsk) -> None:
        def fail(question: str, **options: object) -> Answer:
            raise ChatModelError("the model did not answer")

        conversation = stored.turns.new_conversation()
        stopped = begin(stored.turns, slow, "tin?", conversation)
        assert slow.first_given.wait(10)
        stopped.stop()
        settled(stopped)
        failed = begin(stored.turns, fail, "zinc?", conversation)
        settled(failed)
        found = stored.restarted().conversation(conversation.key)
        assert found is not None
        first, second = (turn.view() for turn in found.turns)
        assert (first.state, first.claims) == (TurnState.STOPPED, (ONE,))
        assert (second.state, type(second.error), str(second.error)) == (
            TurnState.FAILED,
            ChatModelError,
            "the model did not answer",
        )
        assert second.error_id == failed.view().error_id != ""

    def test_error_has_an_id_that_the_log_has_too(self, caplog: pytest.LogCaptureFixture) -> None:
        def fail(question: str, **options: object) -> Answer:
            raise ChatModelError("the model did not answer")

        with caplog.at_level(logging.WARNING):
            turn = begin(Turns(), fail)
            wait_until(lambda: turn.view().is_over)
        said = "question 'q?': ChatModelError: the model did not answer"
        assert [record.getMessage() for record in caplog.records] == [f"error {turn.view().error_id}: {said}"]

    def test_question_that_cannot_be_asked_is_no_failure(self, caplog: pytest.LogCaptureFixture) -> None:
        def refuse(question: str, **options: object) -> Answer:
            raise QuestionError("the question is empty")

        turn = begin(Turns(), refuse)
        wait_until(lambda: turn.view().is_over)
        assert (str(turn.view().error), turn.view().error_id, caplog.records) == ("the question is empty", "", [])

    def test_defect_has_an_id_that_its_trace_in_the_log_has_too(
        self, stored: Stored, caplog: pytest.LogCaptureFixture
    ) -> None:
        def fail(question: str, **options: object) -> Answer:
            raise ZeroDivisionError("secret detail")

        conversation = stored.turns.new_conversation()
        turn = begin(stored.turns, fail, "a\nb?", conversation)
        settled(turn)
        (record,) = caplog.records
        error_id = turn.view().error_id
        assert record.getMessage() == f"error {error_id}: question 'a\\nb?': ZeroDivisionError: secret detail"
        assert record.exc_info is not None
        found = stored.restarted().conversation(conversation.key)
        assert found is not None
        (again,) = (one.view() for one in found.turns)
        assert (type(again.error), again.error_id) == (UnexpectedError, error_id)

    def test_answer_that_cannot_be_read_loses_no_other(self, stored: Stored) -> None:
        conversation = stored.turns.new_conversation()
        for question in ("tin?", "zinc?"):
            settled(begin(stored.turns, ask_at_once, question, conversation))
        with closing(sqlite3.connect(stored.data_dir / FILE_NAME)) as connection, connection:
            connection.execute("UPDATE turns SET answer = 'x' WHERE number = 1")
        turns = stored.restarted()
        found = turns.conversation(conversation.key)
        assert found is not None
        first, second = (turn.view() for turn in found.turns)
        assert (first.state, type(first.error)) == (TurnState.UNREADABLE, AnswerUnreadable)
        assert second.answer == answered("zinc?", ONE)
        # It is left as it is: a later version of the program may be able to read it.
        settled(begin(turns, ask_at_once, "copper?", found))
        with closing(sqlite3.connect(stored.data_dir / FILE_NAME)) as connection:
            assert connection.execute("SELECT answer FROM turns WHERE number = 1").fetchone() == ("x",)

    def test_answer_is_given_though_nothing_can_be_written_and_kept_once_it_can(self, stored: Stored) -> None:
        stored.data_dir.write_text("a file where the folder should be", encoding="utf-8")
        conversation = stored.turns.new_conversation()
        turn = begin(stored.turns, ask_at_once, "tin?", conversation)
        wait_until(lambda: turn.view().answer is not None)
        assert settled(turn) is Kept.NO
        assert "cannot be made" in turn.view().not_kept
        stored.data_dir.unlink()
        stored.turns.keep_again(conversation)
        assert settled(turn) is Kept.YES
        assert stored.restarted().conversation(conversation.key) is not None

    def test_locked_file_delays_no_answer(self, stored: Stored) -> None:
        settled(begin(stored.turns, ask_at_once, "first?"))
        with closing(sqlite3.connect(stored.data_dir / FILE_NAME, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            conversation = stored.turns.new_conversation()
            turn = begin(stored.turns, ask_at_once, "tin?", conversation)
            wait_until(lambda: turn.view().answer is not None)
            assert turn.view().kept is Kept.NOT_YET
            assert settled(turn) is Kept.NO
            assert "another program holds it" in turn.view().not_kept
        following = begin(stored.turns, ask_at_once, "zinc?", conversation)
        assert settled(following) is Kept.YES

    def test_defect_of_the_store_ends_no_later_write(self, stored: Stored, caplog: pytest.LogCaptureFixture) -> None:
        class Defective(ConversationStore):
            def save(self, owner: str, key: str, turn: StoredTurn, *, title: str = "") -> None:
                if turn.question == "tin?":
                    raise ZeroDivisionError("secret detail")
                super().save(owner, key, turn, title=title)

        turns = Turns(Defective(stored.data_dir))
        with caplog.at_level(logging.ERROR):
            lost, kept = begin(turns, ask_at_once, "tin?"), begin(turns, ask_at_once, "zinc?")
            assert (settled(lost), settled(kept)) == (Kept.NO, Kept.YES)
        assert "secret detail" in caplog.text
        assert "secret detail" not in lost.view().not_kept


class TestOwner:
    def test_conversation_is_its_owner_s_in_memory_and_in_the_store(self, stored: Stored) -> None:
        hers = stored.turns.new_conversation(owner="anna")
        settled(begin(stored.turns, ask_at_once, into=hers))
        for turns in (stored.turns, stored.restarted()):
            assert [turns.conversation(hers.key, owner=owner) for owner in ("boris", LOCAL)] == [None, None]
            found = turns.conversation(hers.key, owner="anna")
            assert found is not None
            # Now in memory too.
            assert turns.conversation(hers.key, owner="boris") is None

    def test_another_s_conversation_is_neither_renamed_nor_deleted(self, stored: Stored) -> None:
        hers = stored.turns.new_conversation(owner="anna")
        settled(begin(stored.turns, ask_at_once, into=hers))
        with pytest.raises(ConversationsError):
            stored.turns.rename(hers.key, "mine", owner="boris")
        stored.turns.delete(hers.key, owner="boris")
        assert stored.turns.conversation(hers.key, owner="anna") is hers
        summary = stored.store.conversation("anna", hers.key)
        assert summary is not None
        assert summary.title == hers.title == "q?"


class TestChanged:
    def test_renamed_here_and_in_the_store(self, stored: Stored) -> None:
        conversation = stored.turns.new_conversation()
        settled(begin(stored.turns, ask_at_once, into=conversation))
        stored.turns.rename(conversation.key, "Levies on tin")
        assert conversation.title == "Levies on tin"
        settled(begin(stored.turns, ask_at_once, "zinc?", conversation))
        found = stored.restarted().conversation(conversation.key)
        assert found is not None
        assert found.title == "Levies on tin"

    def test_renamed_before_it_is_saved_is_saved_under_that_name(self, stored: Stored) -> None:
        conversation = stored.turns.new_conversation()
        stored.store.save(LOCAL, "other", StoredTurn(1, "q?", datetime.now(UTC), TurnState.DONE), title="q?")
        with closing(sqlite3.connect(stored.data_dir / FILE_NAME, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            assert settled(begin(stored.turns, ask_at_once, into=conversation)) is Kept.NO
            stored.turns.rename(conversation.key, "  Levies\non tin ")
        stored.turns.keep_again(conversation)
        wait_until(lambda: conversation.is_kept)
        summary = stored.store.conversation(LOCAL, conversation.key)
        assert summary is not None
        assert summary.title == conversation.title == "Levies on tin"

    def test_question_of_another_process_is_never_written_over(self, stored: Stored) -> None:
        conversation = stored.turns.new_conversation()
        settled(begin(stored.turns, ask_at_once, "tin?", conversation))
        elsewhere = stored.restarted()
        also = elsewhere.conversation(conversation.key)
        assert also is not None
        assert settled(begin(elsewhere, ask_at_once, "zinc?", also)) is Kept.YES
        late = begin(stored.turns, ask_at_once, "lead?", conversation)
        assert settled(late) is Kept.NO
        assert "from another program" in late.view().not_kept
        assert [turn.question for turn in stored.store.turns(LOCAL, conversation.key)] == ["tin?", "zinc?"]

    def test_deleted_while_it_is_answered_stays_deleted(self, stored: Stored, slow: SlowAsk) -> None:
        conversation = stored.turns.new_conversation()
        turn = begin(stored.turns, slow, into=conversation)
        assert slow.first_given.wait(10)
        stored.turns.delete(conversation.key)
        assert turn.view().state is TurnState.STOPPED
        slow.go_on.set()
        wait_until(lambda: slow.was_stopped)
        settled(turn)
        assert stored.turns.conversation(conversation.key) is None
        assert stored.store.conversations(LOCAL) == ()

    def test_nothing_is_asked_in_a_conversation_that_was_deleted_meanwhile(self, stored: Stored) -> None:
        conversation = stored.turns.new_conversation()
        settled(begin(stored.turns, ask_at_once, into=conversation))
        stored.turns.delete(conversation.key)
        with pytest.raises(ConversationGone):
            begin(stored.turns, ask_at_once, "zinc?", conversation)
        assert [turn.question for turn in conversation.turns] == ["q?"]

    def test_conversation_that_cannot_be_deleted_is_there_as_before(self, stored: Stored) -> None:
        conversation = stored.turns.new_conversation()
        settled(begin(stored.turns, ask_at_once, into=conversation))
        with closing(sqlite3.connect(stored.data_dir / FILE_NAME, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(ConversationsError, match="another program holds it"):
                stored.turns.delete(conversation.key)
        assert stored.turns.conversation(conversation.key) is conversation
        assert settled(begin(stored.turns, ask_at_once, "zinc?", conversation)) is Kept.YES


class TestMemory:
    def test_long_conversation_is_loaded_in_parts(self, stored: Stored) -> None:
        conversation = stored.turns.new_conversation()
        for number in range(LOADED_AT_ONCE * 2 + 5):
            settled(begin(stored.turns, ask_at_once, f"q{number}?", conversation))
        turns = stored.restarted()
        found = turns.conversation(conversation.key)
        assert found is not None
        seen = []
        while found.has_earlier:
            seen.append((len(found.turns), found.turn(1) is None))
            turns.load_earlier(found)
        assert seen == [(LOADED_AT_ONCE, True), (LOADED_AT_ONCE * 2, True)]
        assert [turn.question for turn in found.turns] == [turn.question for turn in conversation.turns]

    def test_turns_beyond_the_most_held_are_loaded_again(self, stored: Stored, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("ui.turns.MAX_TURNS", 3)
        conversation = stored.turns.new_conversation()
        for number in range(6):
            settled(begin(stored.turns, ask_at_once, f"q{number}?", conversation))
        assert ([turn.number for turn in conversation.turns], conversation.has_earlier) == ([4, 5, 6], True)
        stored.turns.load_earlier(conversation)
        assert ([turn.number for turn in conversation.turns], conversation.has_earlier) == ([1, 2, 3, 4, 5, 6], False)

    def test_conversation_let_go_of_is_loaded_again_and_a_busy_one_is_not_let_go_of(
        self, tmp_path: Path, slow: SlowAsk
    ) -> None:
        turns = Turns(ConversationStore(tmp_path), max_conversations=2)
        busy, kept = turns.new_conversation(), turns.new_conversation()
        begin(turns, slow, into=busy)
        settled(begin(turns, ask_at_once, into=kept))
        turns.new_conversation()
        assert turns.conversation(busy.key) is busy
        again = turns.conversation(kept.key)
        assert again is not None
        assert again is not kept
        assert again.answers() == kept.answers()

    def test_title_is_the_first_question(self) -> None:
        turns = Turns()
        conversation = turns.new_conversation()
        for question in ("What of   tin?", "And zinc?"):
            begin(turns, ask_at_once, question, conversation)
            wait_until(lambda: not conversation.is_busy)
        assert conversation.title == "What of tin?"


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Return what has to be set for a thread to be had."""
    to_be_had, begin = threading.Event(), threading.Thread.start

    def start(thread: threading.Thread) -> None:
        if not to_be_had.is_set():
            raise RuntimeError("can't start new thread")
        begin(thread)

    monkeypatch.setattr(threading.Thread, "start", start)
    return to_be_had


def test_questions_are_answered_again_once_threads_are_to_be_had_again(
    threads: threading.Event, tmp_path: Path
) -> None:
    turns = Turns(ConversationStore(tmp_path), max_running=1)
    first, second = turns.new_conversation(), turns.new_conversation()
    with pytest.raises(RuntimeError):
        turns.start(first, "Tin?", lambda question, **_: answered(question))
    view = first.turns[0].view()
    assert (view.state, view.kept) == (TurnState.STOPPED, Kept.NO)
    threads.set()
    turn = turns.start(second, "Zinc?", lambda question, **_: answered(question, ONE))
    assert turn is not None
    turns.keep_again(first)
    wait_until(lambda: turn.view().kept is first.turns[0].view().kept is Kept.YES)
    assert turn.view().state is TurnState.DONE
