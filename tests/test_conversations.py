"""Stored conversations come back as they were, to their owner only, and one row that cannot be read loses no other."""

from __future__ import annotations

import sqlite3
import stat
import threading
from collections import abc
from collections.abc import Iterator
from contextlib import closing
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant import conversation_records
from assistant.assistant import Assistant
from assistant.conversation_records import (
    FORMAT,
    LOCAL,
    MAX_TITLE_CHARS,
    Feedback,
    StoredTurn,
    TurnState,
    Vote,
    title_of,
    turn_from_columns,
    turn_to_columns,
)
from assistant.conversations import FILE_NAME, ConversationStore
from assistant.domain import Answer, Claim, Filters, Searched, Standing, Support
from assistant.errors import ConversationsError
from assistant.settings import load_settings
from ingest.sync import ingest
from tests.toys import HashEmbedder

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
ANNA, BORIS = "anna@example.org", "boris@example.org"
CLAIM = Claim("Quentland halved its tin levy.", Support.PARTIAL, "the year is not in the source")


def answered(question: str = "What of tin?", text: str = "Quentland halved its tin levy. [1]") -> Answer:
    searched = Searched(3, 9, 1)
    return Answer(question, question, False, text, (CLAIM,), (), searched, 7, None, "exact quotes", {"total": 1.5})


def turn(number: int = 1, question: str = "What of tin?", *, minutes: int = 0, text: str = "") -> StoredTurn:
    at = NOW + timedelta(minutes=minutes)
    answer = answered(question, text) if text else answered(question)
    return StoredTurn(number, question, at, TurnState.DONE, standalone=question, answer=answer)


def anything(hint: Any) -> st.SearchStrategy[Any]:
    """Return a strategy for values of a type of the domain, every field of them filled."""
    if isinstance(hint, type) and is_dataclass(hint):
        hints = get_type_hints(hint)
        return st.deferred(lambda: st.builds(hint, **{each.name: anything(hints[each.name]) for each in fields(hint)}))
    kind, inside = get_origin(hint), get_args(hint)
    if kind is tuple and inside[-1] is Ellipsis:
        return st.lists(anything(inside[0]), max_size=2).map(tuple)
    if kind is tuple:
        return st.tuples(*map(anything, inside))
    if kind is abc.Mapping:
        return st.dictionaries(*map(anything, inside), max_size=2)
    if kind is UnionType:
        return st.one_of(*map(anything, inside))
    if isinstance(hint, type) and issubclass(hint, Enum):
        return st.sampled_from(hint)
    return PLAIN[hint]


PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    NoneType: st.none(),
    bool: st.booleans(),
    int: st.integers(-(2**60), 2**60),
    float: st.floats(allow_nan=False),
    str: st.text(max_size=20),
    date: st.dates(),
    datetime: st.datetimes(timezones=st.just(UTC)),
}


@pytest.fixture
def store(tmp_path: Path) -> ConversationStore:
    return ConversationStore(tmp_path / "data")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / FILE_NAME


def change(path: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement, values)


class TestRoundTrip:
    @settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow], deadline=None)
    @given(anything(StoredTurn))
    def test_every_turn_comes_back_as_it_was(self, stored: StoredTurn) -> None:
        assert turn_from_columns(turn_to_columns(stored)) == stored

    def test_answer_of_everything_comes_back_with_its_types(self) -> None:
        found = turn_from_columns(turn_to_columns(turn()))
        assert found == turn()
        assert found.answer is not None
        assert isinstance(found.answer.claims[0].support, Support)
        assert isinstance(found.answer.claims, tuple)

    def test_times_that_are_no_numbers_are_kept(self) -> None:
        timed = replace(turn(), answer=replace(answered(), timings_ms={"slow": float("inf")}))
        assert turn_from_columns(turn_to_columns(timed)) == timed

    def test_half_a_character_is_replaced_and_the_rest_is_kept(self) -> None:
        half = replace(turn(), question="tin \ud83d?", answer=replace(answered(), text="a\ud83db"))
        found = turn_from_columns(turn_to_columns(half))
        assert found.answer is not None
        assert (found.question, found.answer.text) == ("tin \ufffd?", "a\ufffdb")

    def test_filters_come_back(self, store: ConversationStore) -> None:
        filters = Filters(NOW.date(), NOW.date(), ("The <Gazette>",), (Standing.COURT,))
        store.save(LOCAL, "k", replace(turn(), filters=filters), title="t")
        assert store.turns(LOCAL, "k") == (replace(turn(), filters=filters),)

    def test_row_of_the_first_format_is_read(self) -> None:
        """What this program wrote once has to be read for good; a row is never changed here, only added."""
        assert turn_from_columns({**FIRST_ROW}) == turn()
        assert FORMAT == 1

    def test_time_without_zone_is_refused(self) -> None:
        with pytest.raises(ConversationsError, match="has no time zone"):
            turn_to_columns(replace(turn(), asked_at=datetime(2026, 1, 1)))  # noqa: DTZ001


FIRST_ROW = {
    "number": 1,
    "format": 1,
    "question": "What of tin?",
    "standalone": "What of tin?",
    "asked_at": "2026-11-22T09:30:00.000000+00:00",
    "state": "done",
    "filters": '{"since":null,"as_of":null,"publishers":[]}',
    "claims": "[]",
    "answer": '{"question":"What of tin?","standalone_question":"What of tin?","is_refusal":false,'
    '"text":"Quentland halved its tin levy. [1]","claims":[{"text":"Quentland halved its tin levy.",'
    '"support":"partial","reason":"the year is not in the source","citations":[]}],"nearest":[],'
    '"searched":{"articles":3,"passages":9,"undated_left_out":1},"generation":7,"as_of":null,'
    '"answerer":"exact quotes","timings_ms":{"total":1.5},"cut_short":"","copies":{},"comparisons":[],"notes":[]}',
    "error": "",
    "error_kind": "",
    "error_id": "",
    "news": "{}",
}


class TestTurns:
    def test_nothing_is_made_by_looking(self, store: ConversationStore, path: Path) -> None:
        assert (store.conversations(LOCAL), store.conversation(LOCAL, "k"), store.turns(LOCAL, "k")) == ((), None, ())
        assert store.feedback() == ()
        store.delete(LOCAL, "k")
        assert not path.parent.exists()

    def test_turn_is_written_at_its_start_and_again_at_its_end(self, store: ConversationStore) -> None:
        begun = StoredTurn(1, "What of tin?", NOW, TurnState.RUNNING)
        store.save(LOCAL, "k", begun, title="What of tin?")
        assert store.turns(LOCAL, "k") == (replace(begun, state=TurnState.INTERRUPTED),)
        store.save(LOCAL, "k", turn())
        assert store.turns(LOCAL, "k") == (turn(),)

    def test_stopped_turn_keeps_its_claims(self, store: ConversationStore) -> None:
        stopped = StoredTurn(1, "q?", NOW, TurnState.STOPPED, claims=(CLAIM,))
        store.save(LOCAL, "k", stopped, title="q?")
        assert store.turns(LOCAL, "k") == (stopped,)

    def test_long_conversation_comes_in_parts_oldest_first(self, store: ConversationStore) -> None:
        for number in range(1, 46):
            store.save(LOCAL, "k", turn(number), title="k")
        numbers = [[one.number for one in store.turns(LOCAL, "k", before=before)] for before in (None, 26, 6, 1)]
        assert numbers == [list(range(26, 46)), list(range(6, 26)), list(range(1, 6)), []]

    def test_file_can_be_read_by_its_user_only(self, store: ConversationStore, path: Path) -> None:
        store.save(LOCAL, "k", turn(), title="t")
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        path.chmod(0o644)
        store.save(LOCAL, "k", turn(2))
        assert stat.S_IMODE(path.stat().st_mode) == 0o600

    def test_file_is_read_and_written_while_another_reads_and_writes(
        self, store: ConversationStore, path: Path
    ) -> None:
        failures: list[Exception] = []

        def write(key: str) -> None:
            try:
                for number in range(1, 11):
                    store.save(LOCAL, key, turn(number), title=key)
                    assert len(store.turns(LOCAL, key)) == number
            except (ConversationsError, AssertionError) as err:
                failures.append(err)

        threads = [threading.Thread(target=write, args=(f"k{number}",)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []
        assert {one.turns for one in ConversationStore(path.parent).conversations(LOCAL)} == {10}


class TestUnreadable:
    @pytest.fixture
    def three(self, store: ConversationStore) -> Iterator[ConversationStore]:
        for number in (1, 2, 3):
            store.save(LOCAL, "k", turn(number, f"q{number}?"), title="t")
        yield store

    def test_row_of_a_newer_program_says_so_and_loses_no_other(self, three: ConversationStore, path: Path) -> None:
        change(path, "UPDATE turns SET format = 9, answer = ? WHERE number = 2", '{"shape": "unknown"}')
        first, second, third = three.turns(LOCAL, "k")
        assert (first, third) == (turn(1, "q1?"), turn(3, "q3?"))
        assert (second.number, second.question, second.state) == (2, "q2?", TurnState.UNREADABLE)
        assert second.error == (
            "it was stored by a newer version of this program (format 9, this one knows 1); upgrade the program to "
            "read it, or ask the question again"
        )

    @pytest.mark.parametrize(
        "damage",
        ["answer = '{'", "answer = '{}'", "filters = 'x'", "state = 'asleep'", "asked_at = 'noon'", "news = '['"],
    )
    def test_damaged_row_says_so_and_loses_no_other(self, three: ConversationStore, path: Path, damage: str) -> None:
        change(path, f"UPDATE turns SET {damage} WHERE number = 2")
        first, second, third = three.turns(LOCAL, "k")
        assert (first, third) == (turn(1, "q1?"), turn(3, "q3?"))
        assert (second.question, second.state) == ("q2?", TurnState.UNREADABLE)
        assert second.error == "it is damaged; ask the question again"

    def test_newer_file_says_to_upgrade(self, three: ConversationStore, path: Path) -> None:
        change(path, "PRAGMA user_version = 99")
        with pytest.raises(ConversationsError, match="written by a newer version"):
            ConversationStore(path.parent).turns(LOCAL, "k")

    def test_file_that_is_no_database_says_what_to_do(self, store: ConversationStore, path: Path) -> None:
        path.parent.mkdir()
        path.write_bytes(b"no database at all" * 100)
        with pytest.raises(ConversationsError, match="the file is damaged; move"):
            store.conversations(LOCAL)
        with pytest.raises(ConversationsError, match="the file is damaged; move"):
            store.save(LOCAL, "k", turn(), title="t")

    def test_file_whose_making_was_cut_short_is_finished(self, store: ConversationStore, path: Path) -> None:
        path.parent.mkdir()
        path.touch()
        assert store.conversations(LOCAL) == ()
        store.save(LOCAL, "k", turn(), title="t")
        assert store.turns(LOCAL, "k") == (turn(),)

    def test_file_that_another_program_holds_is_read_but_not_written(
        self, three: ConversationStore, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(ConversationsError, match="another program holds it"):
                three.save(LOCAL, "k", turn(4))
            assert len(three.turns(LOCAL, "k")) == 3
        three.save(LOCAL, "k", turn(4))
        assert len(three.turns(LOCAL, "k")) == 4


class TestOwner:
    @pytest.fixture
    def shared(self, store: ConversationStore) -> ConversationStore:
        store.save(ANNA, "hers", turn(), title="Tin")
        store.save(BORIS, "his", turn(), title="Zinc")
        return store

    def test_each_sees_their_own(self, shared: ConversationStore) -> None:
        assert [one.key for one in shared.conversations(ANNA)] == ["hers"]
        assert [one.key for one in shared.conversations(ANNA, search="tin")] == ["hers"]
        assert (shared.conversation(ANNA, "his"), shared.turns(ANNA, "his"), shared.feedback_on(ANNA, "his")) == (
            None,
            (),
            {},
        )

    def test_nobody_changes_what_is_another_s(self, shared: ConversationStore) -> None:
        his = shared.conversation(BORIS, "his")
        with pytest.raises(ConversationsError):
            shared.save(ANNA, "his", turn(2))
        with pytest.raises(ConversationsError):
            shared.save(ANNA, "his", turn(2), title="Mine now")
        with pytest.raises(ConversationsError):
            shared.rename(ANNA, "his", "Mine now")
        with pytest.raises(ConversationsError):
            shared.save_feedback(ANNA, "his", 1, Feedback(Vote.UP), at=NOW)
        shared.delete(ANNA, "his")
        assert shared.conversation(BORIS, "his") == his
        assert shared.turns(BORIS, "his") == (turn(),)
        assert shared.feedback() == ()


class TestList:
    def test_last_used_comes_first(self, store: ConversationStore) -> None:
        for place, key in enumerate(("a", "b", "c")):
            store.save(LOCAL, key, turn(minutes=place), title=key)
        store.save(LOCAL, "a", turn(2, minutes=9))
        found = store.conversations(LOCAL)
        assert [(one.key, one.turns) for one in found] == [("a", 2), ("c", 1), ("b", 1)]
        assert (found[0].created_at, found[0].updated_at) == (NOW, NOW + timedelta(minutes=9))
        assert [one.key for one in store.conversations(LOCAL, limit=2)] == ["a", "c"]

    @pytest.mark.parametrize(
        ("search", "found"),
        [
            ("", {"tin", "steel"}),
            ("tin", {"tin"}),
            ("TIN lev", {"tin"}),
            ("Section 232", {"steel"}),
            ("50%", {"steel"}),
            ("8471.30", {"steel"}),
            ("tariffs", {"steel"}),
            ("tin steel", set()),
            ('"', set()),
            ("* OR NEAR(", set()),
            ("%", set()),
            ("'; DROP TABLE turns", set()),
            ("Zoë", {"tin"}),
            ("zoe", {"tin"}),
            ("\ud800 \0tin", {"tin"}),
        ],
    )
    def test_search_looks_into_titles_questions_and_answers(
        self, store: ConversationStore, search: str, found: set[str]
    ) -> None:
        store.save(LOCAL, "tin", turn(text="Quentland halved its levy. [1]"), title="For Zoë")
        store.save(LOCAL, "steel", turn(1, "Which tariff is on 8471.30?", text="Section 232: 50% [1]"), title="t")
        assert {one.key for one in store.conversations(LOCAL, search=search)} == found

    def test_words_may_stand_in_different_turns_and_markers_are_not_searched(self, store: ConversationStore) -> None:
        store.save(LOCAL, "k", turn(1, "Tin?", text="Halved. [17]"), title="t")
        store.save(LOCAL, "k", turn(2, "Zinc?", text="Doubled. [2]"))
        assert [bool(store.conversations(LOCAL, search=words)) for words in ("tin zinc", "halved doubled", "17")] == [
            True,
            True,
            False,
        ]

    def test_renamed_is_found_by_its_new_title_only(self, store: ConversationStore) -> None:
        store.save(LOCAL, "k", turn(), title="Aluminium")
        store.rename(LOCAL, "k", "  Levies on\n copper ")
        assert [one.title for one in store.conversations(LOCAL, search="copper")] == ["Levies on copper"]
        assert store.conversations(LOCAL, search="aluminium") == ()

    def test_empty_title_is_refused(self, store: ConversationStore) -> None:
        store.save(LOCAL, "k", turn(), title="Tin")
        with pytest.raises(ConversationsError, match="at least one character"):
            store.rename(LOCAL, "k", " \n ")

    def test_deleted_is_gone_from_list_search_and_file(self, store: ConversationStore, path: Path) -> None:
        store.save(LOCAL, "other", turn(), title="Other")
        secret = turn(1, "Who told Wexford of the xylophones?", text="Marguerite told Wexford. [1]")
        store.save(LOCAL, "k", secret, title="Xylophones")
        store.save_feedback(LOCAL, "k", 1, Feedback(Vote.DOWN, comment="Marguerite"), at=NOW)
        store.delete(LOCAL, "k")
        assert [one.key for one in store.conversations(LOCAL)] == ["other"]
        assert store.conversations(LOCAL, search="xylophones") == ()
        assert (store.turns(LOCAL, "k"), store.feedback()) == ((), ())
        files = b"".join(file.read_bytes() for file in path.parent.iterdir()).lower()
        assert [word for word in (b"wexford", b"marguerite", b"xylophone") if word in files] == []

    def test_turn_of_a_deleted_conversation_does_not_bring_it_back(self, store: ConversationStore) -> None:
        store.save(LOCAL, "k", turn(), title="t")
        store.delete(LOCAL, "k")
        with pytest.raises(ConversationsError, match="it was deleted"):
            store.save(LOCAL, "k", turn(2))
        assert store.conversations(LOCAL) == ()


class TestTitle:
    @given(st.text(max_size=300))
    def test_title_is_one_short_line_of_the_question(self, question: str) -> None:
        title = title_of(question)
        assert len(title) <= MAX_TITLE_CHARS
        assert title == " ".join(title.split())
        assert " ".join(question.split()).startswith(title.removesuffix("…"))

    def test_long_question_is_cut_between_words(self) -> None:
        question = "Which countries suspended export licences for rare earths, and until when did they do so?"
        assert title_of(question) == "Which countries suspended export licences for rare earths…"
        assert title_of("Short?") == "Short?"


class TestFeedback:
    def test_feedback_goes_to_the_maintainer_with_its_turn(self, store: ConversationStore) -> None:
        store.save(ANNA, "k", turn(), title="t")
        said = Feedback(Vote.DOWN, ("wrong figure", "too long"), "It was a third, *not* a half.")
        store.save_feedback(ANNA, "k", 1, said, at=NOW)
        (entry,) = store.feedback()
        assert (entry.feedback, entry.at, entry.owner, entry.key, entry.turn) == (said, NOW, ANNA, "k", turn())
        assert store.feedback_on(ANNA, "k") == {1: said}

    def test_new_feedback_takes_the_place_of_the_old_and_is_open_again(self, store: ConversationStore) -> None:
        store.save(ANNA, "k", turn(), title="t")
        store.save_feedback(ANNA, "k", 1, Feedback(Vote.DOWN, ("wrong",)), at=NOW)
        (entry,) = store.feedback()
        store.resolve_feedback(entry.feedback_id, "became a question of the evaluation", at=NOW)
        (resolved,) = store.feedback(resolved=True)
        assert (resolved.resolution, resolved.resolved_at) == ("became a question of the evaluation", NOW)
        assert store.feedback(resolved=False) == ()
        store.save_feedback(ANNA, "k", 1, Feedback(Vote.UP), at=NOW)
        assert [entry.feedback for entry in store.feedback(resolved=False)] == [Feedback(Vote.UP)]
        assert store.feedback(resolved=True) == ()

    def test_reasons_set_aside_by_another_vote_are_their_owner_s_only(self, store: ConversationStore) -> None:
        store.save(ANNA, "k", turn(), title="t")
        said = Feedback(Vote.UP, ("wrong figure",), "It was a third.")
        store.save_feedback(ANNA, "k", 1, said, at=NOW)
        assert store.feedback_on(ANNA, "k") == {1: said}
        assert [entry.feedback for entry in store.feedback()] == [Feedback(Vote.UP)]

    def test_feedback_on_what_is_not_stored_says_so(self, store: ConversationStore) -> None:
        with pytest.raises(ConversationsError, match="the answer is not stored"):
            store.save_feedback(ANNA, "k", 1, Feedback(Vote.UP), at=NOW)
        with pytest.raises(ConversationsError, match="no longer there"):
            store.resolve_feedback(1, "done", at=NOW)


def test_stored_citations_open_their_words_after_articles_changed_and_were_withdrawn(tmp_path: Path) -> None:
    folder, chosen, embedder = tmp_path / "articles", load_settings(data_dir=tmp_path / "data"), HashEmbedder()
    folder.mkdir()
    changed, withdrawn = folder / "levy.txt", folder / "quota.txt"
    changed.write_text("Levy on tin\n\nQuentland set its levy on tin at 40 percent in March.\n", encoding="utf-8")
    withdrawn.write_text("Quota of tin\n\nQuentland set its quota of tin at 900 tonnes in April.\n", encoding="utf-8")
    ingest([folder], chosen, embedder=embedder)
    store = ConversationStore(chosen.data_dir)
    with closing(Assistant.open(chosen, embedder=embedder)) as assistant:
        given_then = [
            assistant.ask("At what did Quentland set its levy on tin?"),
            assistant.ask("At what did Quentland set its quota of tin?"),
        ]
    for number, answer in enumerate(given_then, 1):
        store.save(
            LOCAL, "k", StoredTurn(number, answer.question, NOW, TurnState.DONE, answer=answer), title=answer.question
        )
    for levy in (35, 30, 25):
        changed.write_text(f"Levy on tin\n\nThe levy of Quentland on tin is {levy} percent.\n", encoding="utf-8")
        withdrawn.unlink(missing_ok=True)
        ingest([folder], chosen, embedder=embedder, allow_removals=True)
    with closing(Assistant.open(chosen, embedder=embedder)) as assistant:
        stored = [found.answer for found in ConversationStore(chosen.data_dir).turns(LOCAL, "k")]
        assert stored == given_then
        cited = [citation for answer in given_then for citation in answer.citations]
        assert {citation.title for citation in cited} == {"Levy on tin", "Quota of tin"}
        for citation in cited:
            text = assistant.article(citation.article_id, citation.version).article.text
            assert text[citation.start : citation.end] == citation.quote


def test_names_of_stored_values_are_known() -> None:
    """A state or a vote is stored by its name: one that is taken away cannot be read any more."""
    assert {state.value for state in conversation_records.TurnState} >= {
        *("queued", "running", "done", "stopped", "timed_out", "failed", "interrupted")
    }
    assert [vote.value for vote in Vote] == ["up", "down"]
