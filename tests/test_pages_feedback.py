"""What a reader says of an answer reaches the maintainer, who resolves it or turns it into an evaluation question."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from streamlit.testing.v1 import AppTest

from assistant.assistant import Assistant
from assistant.conversation_records import LOCAL, Feedback, FeedbackEntry, StoredTurn, TurnState, Vote
from assistant.conversations import ConversationStore
from assistant.domain import Answer
from assistant.evaluation import read_questions
from assistant.question_file import FILE_NAME
from assistant.settings import load_settings
from ingest.sync import ingest
from tests.test_pages import APP
from ui import feedback

if TYPE_CHECKING:
    from assistant.embedding import Embedder

TIN = "What is the tin levy of Quentland?"
READ_BY = "An editor reads this together with the question and the answer."
HOSTILE = "<script>alert(1)</script> *5~10%* $x$"

pytestmark = pytest.mark.model


@pytest.fixture
def answer(tmp_path: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch) -> Answer:
    """Index one article and answer a question from it."""
    article = tmp_path / "levy.txt"
    article.write_text("Levy on tin\n\nThe tin levy of Quentland is 40 percent since March.\n", encoding="utf-8")
    settings = load_settings(data_dir=tmp_path / "data")
    ingest([article], settings, embedder=embedder)
    monkeypatch.setenv("TRADE_ASSISTANT_DATA_DIR", str(tmp_path / "data"))
    return Assistant.open(settings).ask(TIN)


@pytest.fixture
def store(answer: Answer, tmp_path: Path) -> ConversationStore:
    return ConversationStore(tmp_path / "data")


def say(store: ConversationStore, number: int, said: Feedback, answer: Answer | None, *, question: str = TIN) -> None:
    at = datetime(2025, 11, 1, tzinfo=UTC) + timedelta(hours=number)
    store.save(LOCAL, "k", StoredTurn(number, question, at, TurnState.DONE, answer=answer), title="Levies")
    store.save_feedback(LOCAL, "k", number, said, at=at)


def open_page() -> AppTest:
    def draw() -> None:
        from ui import feedback

        feedback.page()

    app = AppTest.from_function(draw, default_timeout=60).run()
    assert not app.exception
    return app


def markup(app: AppTest) -> str:
    assert not app.exception
    return " ".join(each.proto.body for each in app.get("html") if not each.proto.body.startswith("<style"))


def shown(app: AppTest) -> str:
    return html.unescape(re.sub(r"<[^>]+>", " ", markup(app)))


def entries(store: ConversationStore, *, resolved: bool) -> tuple[FeedbackEntry, ...]:
    return store.feedback(resolved=resolved)


def test_open_feedback_is_shown_with_question_answer_and_sources(store: ConversationStore, answer: Answer) -> None:
    say(store, 1, Feedback(Vote.UP), answer)
    say(store, 2, Feedback(Vote.DOWN, ("Misread",), HOSTILE), answer, question=HOSTILE)
    words = " ".join(shown(open_page()).split())
    assert words.index("Not right · Misread") < words.index("Good")
    assert words.count(HOSTILE) == 2
    assert words.count("The tin levy of Quentland is 40 percent since March.") == 4
    assert "<script>" not in markup(open_page())


def test_nothing_open_is_said(store: ConversationStore) -> None:
    assert "Nothing is open." in shown(open_page())


def test_feedback_is_paged(store: ConversationStore, answer: Answer) -> None:
    for number in range(1, feedback.PAGE_ROWS + 3):
        say(store, number, Feedback(Vote.UP), answer, question=f"Question number {number}?")
    app = open_page()
    assert "Question number 12?" in shown(app)
    assert "Question number 2?" not in shown(app)
    app.button(key="feedback_first-older").click().run()
    assert "Question number 2?" in shown(app)
    assert "Question number 12?" not in shown(app)
    assert app.button(key="feedback_first-older").disabled


def test_resolved_feedback_leaves_the_list_with_its_note(store: ConversationStore, answer: Answer) -> None:
    say(store, 1, Feedback(Vote.DOWN), answer)
    app = open_page()
    app.text_input(key="resolution-1").set_value("Mended in the writer")
    next(button for button in app.button if button.form_id == "resolving-1").click().run()
    assert "Nothing is open." in shown(app)
    ((resolution, is_resolved),) = [(one.resolution, one.resolved_at is not None) for one in store.feedback()]
    assert (resolution, is_resolved) == ("Mended in the writer", True)


def test_only_an_editor_sees_what_readers_said(
    store: ConversationStore, answer: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(store, 1, Feedback(Vote.DOWN), answer)
    for name, value in {
        "METADATA_URL": "http://127.0.0.1:9/openid",
        "CLIENT_ID": "page",
        "CLIENT_SECRET": "secret",
        "COOKIE_SECRET": "c" * 32,
    }.items():
        monkeypatch.setenv(f"TRADE_ASSISTANT_SIGN_IN_{name}", value)
    monkeypatch.setenv("TRADE_ASSISTANT_READERS", "*")
    words = shown(open_page())
    assert "This is not open to you" in words
    assert TIN not in words


@pytest.mark.parametrize("is_refused", [False, True])
def test_feedback_becomes_a_question_that_evaluate_reads(
    store: ConversationStore, answer: Answer, tmp_path: Path, *, is_refused: bool
) -> None:
    reasons = ("Should have refused",) if is_refused else ("Misread",)
    say(store, 1, Feedback(Vote.DOWN, reasons, "40 percent"), answer)
    app = open_page()
    app.session_state["evaluate-1"] = True
    app.run()
    assert app.radio(key="question-refused-1").value is is_refused
    assert app.text_area(key="question-sources-1").value == "levy.txt"
    next(button for button in app.button if button.form_id == "question-1").click().run()
    (known,) = read_questions(tmp_path / "data" / FILE_NAME)
    assert (known.question_id, known.question, known.is_answerable) == ("feedback-1", TIN, not is_refused)
    assert known.sources == (() if is_refused else ("levy.txt",))
    assert "trade-assistant evaluate" in shown(app)
    assert [one.resolution for one in entries(store, resolved=True)] == ["evaluation question feedback-1"]


def test_question_that_is_there_already_is_told_and_stays_open(
    store: ConversationStore, answer: Answer, tmp_path: Path
) -> None:
    say(store, 1, Feedback(Vote.DOWN, (), "40 percent"), answer)
    (tmp_path / "data" / FILE_NAME).write_text(
        '{"id": "feedback-1", "kind": "fact", "question": "Which?"}\n', encoding="utf-8"
    )
    app = open_page()
    app.session_state["evaluate-1"] = True
    app.run()
    next(button for button in app.button if button.form_id == "question-1").click().run()
    assert "holds a question with the id 'feedback-1' already" in shown(app)
    # It is advice on what was typed, not a failure.
    assert not re.search(r"Error [0-9a-f]{8}", shown(app))
    assert len(entries(store, resolved=False)) == 1


def test_question_that_cannot_be_written_is_a_failure_with_an_id(
    store: ConversationStore, answer: Answer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    say(store, 1, Feedback(Vote.DOWN, (), "40 percent"), answer)
    (tmp_path / "data" / FILE_NAME).mkdir()
    app = open_page()
    app.session_state["evaluate-1"] = True
    app.run()
    next(button for button in app.button if button.form_id == "question-1").click().run()
    told = re.search(r"The question was not added .* The feedback stays as it is\.\s+Error ([0-9a-f]{8})", shown(app))
    assert told
    assert f"error {told[1]}: adding an evaluation question: EvaluationError" in caplog.text
    assert len(entries(store, resolved=False)) == 1


def test_vote_that_cannot_be_kept_says_so_until_that_is_read(
    store: ConversationStore, answer: Answer, caplog: pytest.LogCaptureFixture
) -> None:
    at = datetime(2025, 11, 1, tzinfo=UTC)
    store.save(LOCAL, "k", StoredTurn(1, TIN, at, TurnState.DONE, answer=answer), title="Levies")
    app = AppTest.from_file(APP, default_timeout=60)
    app.query_params["c"] = "k"
    app.run()
    store.delete(LOCAL, "k")
    app.feedback(key="vote-k-1").set_value(0).run()
    told = re.search(r"Error ([0-9a-f]{8})", shown(app))
    assert told
    assert f"error {told[1]}: keeping feedback: ConversationsError" in caplog.text


def test_reasons_are_set_aside_by_a_thumb_up_and_count_again_with_it_down(
    store: ConversationStore, answer: Answer
) -> None:
    said = Feedback(Vote.DOWN, ("Misread",), HOSTILE)
    say(store, 1, said, answer)
    app = AppTest.from_file(APP, default_timeout=60)
    app.query_params["c"] = "k"
    app.run()
    assert f"You said: Misread · “{HOSTILE}”" in shown(app)
    app.feedback(key="vote-k-1").set_value(1).run()
    assert "You said:" not in shown(app)
    assert f"Set aside, as your thumb is up: Misread · “{HOSTILE}”." in shown(app)
    assert f"Thank you. {READ_BY}" in shown(app)
    words = " ".join(shown(open_page()).split())
    assert "Good" in words
    assert "Misread" not in words
    assert HOSTILE not in words
    app.feedback(key="vote-k-1").set_value(0).run()
    assert f"You said: Misread · “{HOSTILE}”" in shown(app)
    assert store.feedback_on(LOCAL, "k") == {1: said}
    assert [entry.feedback for entry in store.feedback()] == [said]


def test_form_for_reasons_says_who_reads_them(store: ConversationStore, answer: Answer) -> None:
    say(store, 1, Feedback(Vote.UP), answer)
    app = AppTest.from_file(APP, default_timeout=60)
    app.query_params["c"] = "k"
    app.run()
    assert READ_BY not in shown(app)
    app.feedback(key="vote-k-1").set_value(0).run()
    assert READ_BY in shown(app)
    app.text_input(key="said-k-1").set_value("It was 30 percent.")
    next(button for button in app.button if button.label == "Send").click().run()
    assert store.feedback_on(LOCAL, "k") == {1: Feedback(Vote.DOWN, (), "It was 30 percent.")}
