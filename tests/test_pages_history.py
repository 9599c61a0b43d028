"""Conversations in the sidebar as a reader meets them, without a browser, and those that cannot be kept or read."""

from __future__ import annotations

import html
import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from streamlit.testing.v1 import AppTest

from assistant.conversation_records import LOCAL, StoredTurn, TurnState, title_of
from assistant.conversations import FILE_NAME, ConversationStore
from assistant.settings import load_settings
from ingest.sync import ingest
from tests.test_pages import APP, ask, markup, until
from ui import history, render, session
from ui.history import SHOWN_TURNS

if TYPE_CHECKING:
    from assistant.embedding import Embedder

TIN = "What is the tin levy of Quentland?"
HOSTILE = "Is <b>tin</b> at 5~10% -- *not* NT$4 :smile: [x](javascript:alert(1))?"

pytestmark = pytest.mark.model


@pytest.fixture
def data_dir(tmp_path: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Index one article; return the data directory."""
    article = tmp_path / "levy.txt"
    article.write_text("Levy on tin\n\nThe tin levy of Quentland is 40 percent since March.\n", encoding="utf-8")
    ingest([article], load_settings(data_dir=tmp_path / "data"), embedder=embedder)
    monkeypatch.setenv("TRADE_ASSISTANT_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def store(data_dir: Path) -> ConversationStore:
    return ConversationStore(data_dir)


def keep(store: ConversationStore, key: str, *questions: str, days: int = 0, owner: str = LOCAL) -> None:
    at = datetime.now(UTC) - timedelta(days=days)
    for number, question in enumerate(questions, 1):
        stored = StoredTurn(number, question, at, TurnState.STOPPED)
        store.save(owner, key, stored, title=title_of(questions[0]))


def visit(key: str | None = None) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=60)
    if key:
        app.query_params["c"] = key
    return app.run()


def words(app: AppTest) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", markup(app))).split())


def listed(app: AppTest) -> list[str]:
    return [button.label for button in app.button if (button.key or "").startswith("chat-")]


def questions(app: AppTest) -> list[str]:
    return re.findall(r'<header class="tpa-question"><h2[^>]*>(.*?)</h2>', markup(app), re.DOTALL)


def test_nothing_is_listed_before_the_first_question(data_dir: Path) -> None:
    app = visit()
    assert "Conversations" not in words(app)
    assert listed(app) == []
    assert not (data_dir / FILE_NAME).exists()


def test_conversation_asked_is_listed_and_found_by_a_new_process(data_dir: Path) -> None:
    app = ask(visit(), TIN)
    assert listed(app) == [render.label(TIN)]
    key = str(app.query_params["c"])
    conversation = session.turns().conversation(key)
    assert conversation is not None
    answer = conversation.turns[0].view().answer
    session._open_turns.clear()
    again = visit(key)
    found = session.turns().conversation(key)
    assert found is not None
    assert found is not conversation
    assert found.turns[0].view().answer == answer
    assert questions(again) == [TIN]
    again.button(key="open-source-1-1").click().run()
    (dialog,) = again.get("dialog")
    assert dialog.proto.dialog.title == "Levy on tin"
    assert '<mark aria-label="Cited passage">' in markup(again)


def test_citation_of_a_library_that_was_made_anew_is_not_shown_in_another_text(
    data_dir: Path, tmp_path: Path, embedder: Embedder
) -> None:
    key = str(ask(visit(), TIN).query_params["c"])
    session._open_turns.clear()
    session._open_assistant.clear()
    for path in data_dir.glob("library.sqlite3*"):
        path.unlink()
    (tmp_path / "levy.txt").write_text("Levy on tin\n\nNobody pays any levy in Quentland.\n", encoding="utf-8")
    ingest([tmp_path / "levy.txt"], load_settings(data_dir=data_dir), embedder=embedder)
    app = visit(key)
    app.button(key="open-source-1-1").click().run()
    assert "the library was made anew since this was cited" in words(app).lower()
    assert "Nobody pays" not in words(app)


def test_list_is_by_age_with_titles_as_they_were_typed(store: ConversationStore) -> None:
    keep(store, "new", HOSTILE)
    keep(store, "week", "Zinc?", days=6)
    keep(store, "old", "Copper?", days=40)
    keep(store, "hers", "Nickel?", owner="anna")
    app = visit("week")
    assert listed(app) == [render.label(title_of(HOSTILE)), "Zinc?".replace("?", r"\?"), r"Copper\?"]
    assert re.findall(r'tpa-history-age">(.*?)<', markup(app)) == ["Today", "Previous 7 days", "Older"]
    assert markup(app).count("Current conversation:") == 1
    assert questions(app) == ["Zinc?"]


def test_conversation_is_opened_and_a_new_one_begun(store: ConversationStore) -> None:
    keep(store, "tin", "Tin?")
    keep(store, "zinc", "Zinc?", days=1)
    app = visit("tin")
    app.button(key="chat-zinc").click().run()
    assert questions(app) == ["Zinc?"]
    app.button(key="new-chat").click().run()
    assert questions(app) == []
    assert "Current conversation:" not in markup(app)


def test_search_finds_by_words_of_questions(store: ConversationStore) -> None:
    keep(store, "tin", "Tin?", "And what of lead?")
    keep(store, "zinc", "Zinc?")
    app = visit()
    app.text_input(key="history-search").set_value("lead").run()
    assert listed(app) == [r"Tin\?"]
    app.text_input(key="history-search").set_value("nickel").run()
    assert listed(app) == []
    assert "No conversation has all these words." in words(app)


def test_more_are_listed_when_they_are_asked_for(store: ConversationStore) -> None:
    for number in range(history.LISTED + 1):
        keep(store, f"k{number}", f"Question {number}?", days=number)
    app = visit()
    assert len(listed(app)) == history.LISTED
    app.button(key="history-more").click().run()
    assert len(listed(app)) == history.LISTED + 1


def test_long_conversation_shows_its_latest_turns_and_earlier_ones_when_asked(store: ConversationStore) -> None:
    asked = [f"Question {number}?" for number in range(1, 46)]
    keep(store, "long", *asked)
    app = visit("long")
    assert questions(app) == asked[-SHOWN_TURNS:]
    app.button(key="show-earlier").click().run()
    assert questions(app) == asked[-2 * SHOWN_TURNS :]
    app.button(key="show-earlier").click().run()
    assert questions(app) == asked
    assert "show-earlier" not in [button.key for button in app.button]
    app.run()
    assert questions(app) == asked


def test_renamed_in_a_dialog(store: ConversationStore) -> None:
    keep(store, "tin", "Tin?")
    app = visit("tin")
    app.session_state["history_doing"] = history._Doing("Rename", "tin", "Tin?", 1)
    app.run()
    app.text_input(key="new-title").set_value("Levies & *quotas*")
    next(button for button in app.button if button.label == "Save").click().run()
    app.run()
    assert listed(app) == [render.label("Levies & *quotas*")]
    assert not app.get("dialog")


def test_deleted_after_it_was_confirmed(store: ConversationStore) -> None:
    keep(store, "tin", "Tin?", "And zinc?")
    app = visit("tin")
    app.session_state["history_doing"] = history._Doing("Delete", "tin", "Tin?", 2)
    app.run()
    assert "This deletes 2 questions, their answers and the feedback on them for good." in words(app)
    app.button(key="delete-cancel").click().run()
    app.run()
    assert listed(app) == [r"Tin\?"]
    app.session_state["history_doing"] = history._Doing("Delete", "tin", "Tin?", 2)
    app.run()
    app.button(key="delete-confirm").click().run()
    app.run()
    assert (listed(app), questions(app), app.get("dialog")) == ([], [], [])
    assert store.conversation(LOCAL, "tin") is None


def test_interrupted_question_can_be_asked_again(store: ConversationStore) -> None:
    store.save(LOCAL, "tin", StoredTurn(1, TIN, datetime.now(UTC), TurnState.RUNNING), title=TIN)
    app = visit("tin")
    assert "Interrupted: the server stopped before this was answered." in words(app)
    app.button(key="again-1").click().run()
    until(app, lambda page: "tpa-working" not in markup(page))
    assert questions(app) == [TIN, TIN]
    assert "40 percent" in words(app)


def test_answer_that_cannot_be_read_is_a_card_among_the_others(store: ConversationStore, data_dir: Path) -> None:
    keep(store, "tin", "Tin?", "Zinc?")
    with closing(sqlite3.connect(data_dir / FILE_NAME)) as connection, connection:
        connection.execute("UPDATE turns SET format = 99 WHERE number = 1")
    app = visit("tin")
    assert questions(app) == ["Tin?", "Zinc?"]
    assert "This answer cannot be shown It was stored by a newer version of this program" in words(app)


def test_answer_that_cannot_be_saved_is_shown_and_says_so(data_dir: Path, caplog: pytest.LogCaptureFixture) -> None:
    (data_dir / FILE_NAME).mkdir()
    app = ask(visit(), TIN)
    until(app, lambda page: "Not saved:" in words(page))
    assert "40 percent" in words(app)
    assert listed(app) == [render.label(TIN)]
    told = re.search(r"Not saved: .* Error ([0-9a-f]{8})\. It stays here until the server stops\.", words(app))
    assert told
    assert f"error {told[1]}: saving a question: ConversationsError" in caplog.text
    (data_dir / FILE_NAME).rmdir()
    app.button(key="keep-1").click().run()
    until(app, lambda _: [one.title for one in ConversationStore(data_dir).conversations(LOCAL)] == [TIN])
    assert "Not saved:" not in words(app)


def test_file_that_is_damaged_leaves_the_page_usable(data_dir: Path, caplog: pytest.LogCaptureFixture) -> None:
    (data_dir / FILE_NAME).write_bytes(b"no database at all" * 100)
    app = visit("some")
    assert "the file is damaged; move conversations.sqlite3 in" in words(app)
    told = re.search(r"Error ([0-9a-f]{8})\. Asking goes on\.", words(app))
    assert told
    assert f"error {told[1]}: listing conversations: ConversationsError" in caplog.text
    assert "40 percent" in words(ask(app, TIN))


def test_address_of_a_conversation_that_is_not_there_says_so(store: ConversationStore) -> None:
    keep(store, "hers", "Nickel?", owner="anna")
    for key in ("hers", "gone"):
        app = visit(key)
        assert "conversation in the page's address is not here; it may have been deleted." in words(app)
        assert "Nickel" not in words(app)


def test_question_that_took_too_long_says_under_which_id_the_log_has_it(store: ConversationStore) -> None:
    at = datetime.now(UTC)
    late = StoredTurn(1, "Tin?", at, TurnState.TIMED_OUT, error_id="0011aabb")
    store.save(LOCAL, "tin", late, title="Tin?")
    assert "This took too long and was ended." in words(visit("tin"))
    assert "Ask again later. Error 0011aabb." in words(visit("tin"))
