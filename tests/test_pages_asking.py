"""What becomes of a question that cannot be asked, and of an answer whose server was killed, without a browser."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from streamlit.testing.v1 import AppTest

from assistant.conversation_records import LOCAL, StoredTurn, TurnState
from assistant.conversations import ConversationStore
from assistant.domain import Claim, Support
from assistant.settings import load_settings
from ingest.sync import ingest
from tests.test_pages import APP, ask, markup
from ui import session
from ui.turns import Turns
from ui.waiting import Line

if TYPE_CHECKING:
    from assistant.embedding import Embedder

TIN = "What is the tin levy of Quentland?"
FOLLOW_UP = "And since <b>when</b>?"
DELETED = "The conversation you opened is no longer here: it was deleted, in another tab perhaps."
KEPT = "Your question was not asked; it stands in the box below."

pytestmark = pytest.mark.model


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Index one article; return the data directory."""
    article = tmp_path / "levy.txt"
    article.write_text("Levy on tin\n\nThe tin levy of Quentland is 40 percent since March.\n", encoding="utf-8")
    ingest([article], load_settings(data_dir=tmp_path / "data"), embedder=embedder)
    monkeypatch.setenv("TRADE_ASSISTANT_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


def visit(key: str | None = None) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=60)
    if key:
        app.query_params["c"] = key
    return app.run()


def words(app: AppTest) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", markup(app))).split())


def questions(app: AppTest) -> list[str]:
    return re.findall(r'<header class="tpa-question"><h2[^>]*>(.*?)</h2>', markup(app), re.DOTALL)


def in_the_box(app: AppTest) -> str:
    return str(app.get("chat_input")[0].proto.value)


def listed() -> list[str]:
    return [one.title for one in session.conversation_store().conversations(LOCAL)]


def test_question_typed_where_another_tab_deleted_the_conversation_is_kept_and_not_asked() -> None:
    app = ask(visit(), TIN)
    session.turns().delete(str(app.query_params["c"]))
    app.chat_input(key="question").set_value(FOLLOW_UP).run()
    assert (questions(app), listed()) == ([], [])
    assert f"{DELETED} {KEPT}" in words(app)
    assert in_the_box(app) == FOLLOW_UP
    app.run()
    assert f"{DELETED} {KEPT}" in words(app)
    ask(app, TIN)
    assert (questions(app), listed()) == ([TIN], [TIN])
    assert DELETED not in words(app)


def test_question_asked_again_where_the_conversation_was_deleted_is_kept_too() -> None:
    app = visit()
    ask(app, TIN)
    app.button(key="edit-1").click().run()
    app.text_area(key="edited_question").set_value(FOLLOW_UP)
    session.turns().delete(str(app.query_params["c"]))
    next(button for button in app.button if button.label == "Ask").click().run()
    assert (questions(app), in_the_box(app)) == ([], FOLLOW_UP)
    assert f"{DELETED} {KEPT}" in words(app)


def test_conversation_that_another_tab_deleted_says_so_at_the_next_click() -> None:
    app = ask(visit(), TIN)
    session.turns().delete(str(app.query_params["c"]))
    app.run()
    assert DELETED in words(app)
    assert KEPT not in words(app)
    app.button(key="new-chat").click().run()
    assert DELETED not in words(app)


def test_conversation_chosen_from_a_list_that_is_old_says_that_it_was_deleted(data_dir: Path) -> None:
    store = ConversationStore(data_dir)
    for key in ("tin", "zinc"):
        store.save(LOCAL, key, StoredTurn(1, f"{key}?", datetime.now(UTC), TurnState.STOPPED), title=key)
    app = visit("tin")
    session.turns().delete("zinc")
    app.button(key="chat-zinc").click().run()
    assert questions(app) == []
    assert DELETED in words(app)


def test_own_deletion_is_not_told() -> None:
    app = ask(visit(), TIN)
    from ui import history

    app.session_state["history_doing"] = history._Doing("Delete", str(app.query_params["c"]), TIN, 1)
    app.run()
    app.button(key="delete-confirm").click().run()
    app.run()
    assert (questions(app), listed()) == ([], [])
    assert "deleted" not in words(app)


def test_question_for_which_there_is_no_room_is_kept_and_can_be_asked_later(monkeypatch: pytest.MonkeyPatch) -> None:
    full = Turns(session.conversation_store(), line=Line(max_waiting=0))
    app = visit()
    with monkeypatch.context() as patch:
        patch.setattr(session, "turns", lambda: full)
        app.run()
        app.chat_input(key="question").set_value(TIN).run()
        assert f"0 questions wait to be answered already; ask again in a minute. {KEPT}" in words(app)
        assert (questions(app), in_the_box(app)) == ([], TIN)
    ask(app, TIN)
    assert questions(app) == [TIN]
    assert KEPT not in words(app)


def test_claims_of_an_answer_whose_server_was_killed_are_shown(data_dir: Path) -> None:
    claim = Claim("The levy is 40 percent.", Support.SUPPORTED, "")
    stored = StoredTurn(1, TIN, datetime.now(UTC), TurnState.RUNNING, claims=(claim,))
    ConversationStore(data_dir).save(LOCAL, "tin", stored, title=TIN)
    said = words(visit("tin"))
    assert "The levy is 40 percent." in said
    assert "Interrupted: the server stopped. What had been verified by then is kept." in said


def test_export_that_cannot_be_made_is_a_card_in_its_menu_and_the_answer_stays(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    app = ask(visit(), TIN)
    menu = f"export-{app.query_params['c']}-1"
    app.session_state[menu] = True
    app.run()
    files = [button.label for button in app.get("download_button")]
    assert files == ["Markdown", "Web page (HTML)", "Word, with footnotes", "JSON"]

    def fail(*_: object) -> None:
        raise RuntimeError("a defect")

    monkeypatch.setattr("assistant.exports.export", fail)
    app.run()
    assert app.get("download_button") == []
    assert "40 percent" in words(app)
    assert "This cannot be exported" in words(app)
    found = re.search(r"Error ([0-9a-f]{8})", words(app))
    assert found is not None
    assert f"error {found[1]}: an export: RuntimeError: a defect" in caplog.text
