"""The three pages as a reader meets them, without a browser: what is shown, and what a click changes."""

from __future__ import annotations

import html
import re
import shlex
import shutil
import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
from streamlit.testing.v1 import AppTest

from assistant.domain import Answer, Claim, Support
from assistant.errors import ChatModelError
from assistant.settings import load_settings
from ingest.catalog import read_sources
from ingest.sync import ingest
from ui import render, session, sources
from ui.reindexing import SAMPLES
from ui.turn import Ask

if TYPE_CHECKING:
    from assistant.embedding import Embedder

APP = str(Path(session.__file__).with_name("app.py"))
BLACKWELL = "Did China get approval to buy Nvidia's Blackwell chips?"
JAPAN = "Who is the current prime minister of Japan?"
BROKEN = "broken ~file~ $x$.pdf"

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Path:
    """Index the samples and one broken file; return the data directory."""
    folder = tmp_path_factory.mktemp("articles")
    for sample in SAMPLES.iterdir():
        if sample.suffix in {".md", ".html", ".pdf", ".docx"}:
            shutil.copy(sample, folder)
    (folder / BROKEN).write_bytes(b"%PDF-1.7 broken")
    data_dir = tmp_path_factory.mktemp("data")
    ingest([folder], load_settings(data_dir=data_dir), embedder=embedder)
    return data_dir


@pytest.fixture
def use_library(library: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TRADE_ASSISTANT_DATA_DIR", str(library))
    return library


@pytest.fixture
def app(use_library: Path) -> AppTest:
    return AppTest.from_file(APP, default_timeout=60).run()


def shown(app: AppTest) -> str:
    """Return the text on the page, without the style sheet."""
    assert not app.exception
    bodies = [element.proto.body for element in app.get("html")]
    return html.unescape(re.sub(r"<[^>]+>", " ", " ".join(body for body in bodies if not body.startswith("<style"))))


def markup(app: AppTest) -> str:
    """Return the HTML on the page, without the style sheet."""
    assert not app.exception
    return " ".join(element.proto.body for element in app.get("html") if not element.proto.body.startswith("<style"))


def until(app: AppTest, is_so: Callable[[AppTest], bool]) -> AppTest:
    """Run the page again and again, as its timer would, until it shows what is waited for."""
    deadline = time.monotonic() + 60
    while not is_so(app):
        assert time.monotonic() < deadline, shown(app)
        time.sleep(0.05)
        app.run()
    return app


def ask(app: AppTest, question: str) -> AppTest:
    app.chat_input(key="question").set_value(question).run()
    return until(app, lambda page: "tpa-working" not in markup(page))


def open_page(name: str) -> AppTest:
    def draw(name: str) -> None:
        import importlib

        importlib.import_module(f"ui.{name}").page()

    return AppTest.from_function(draw, args=(name,), default_timeout=60).run()


def test_first_screen_says_what_is_indexed_and_offers_questions(app: AppTest) -> None:
    assert re.search(r"Answers come only from \d+ indexed articles, .* 2025, \d+ publishers\.", shown(app))
    suggestions = [button for button in app.button if (button.key or "").startswith("suggestion-")]
    assert 3 <= len(suggestions) <= 4


def test_suggestion_is_answered_with_sources(app: AppTest) -> None:
    app.button(key="suggestion-0").click().run()
    until(app, lambda page: "tpa-working" not in markup(page))
    assert "searched" in shown(app)
    assert 'href="#cite-1-1"' in markup(app)
    assert app.button(key="open-source-1-1").label == "Open 1"


def test_source_opens_the_whole_article_at_the_cited_passage(app: AppTest) -> None:
    ask(app, BLACKWELL)
    conversation = session.turns().conversation(str(app.query_params["c"]))
    assert conversation is not None
    answer = conversation.turns[-1].view().answer
    assert answer is not None
    assert not app.get("dialog")
    app.button(key="open-source-1-1").click().run()
    (dialog,) = app.get("dialog")
    assert dialog.proto.dialog.title == render.label(answer.citations[0].title)
    marks = re.findall(r'<mark aria-label="Cited passage">(.*?)</mark>', markup(app), re.DOTALL)
    assert html.unescape("".join(marks)) == answer.citations[0].quote


def test_follow_up_shows_how_it_was_understood(app: AppTest) -> None:
    ask(app, BLACKWELL)
    assert "Understood as:" not in shown(app)
    ask(app, "And what about the older chips?")
    assert markup(app).count("tpa-question") == 2
    (understood,) = re.findall(r'<q class="tpa-understood" dir="auto">(.*?)</q>', markup(app))
    assert "older chips" in understood
    assert "China" in understood


def test_refusal_names_related_articles_and_what_was_searched(app: AppTest) -> None:
    ask(app, JAPAN)
    words = shown(app)
    assert "No answer in the indexed articles" in words
    assert re.search(r"Searched \d+ articles \(\d+ passages\), the newest from \d+ \w+ \d{4}\.", words)
    conversation = session.turns().conversation(str(app.query_params["c"]))
    assert conversation is not None
    answer = conversation.turns[-1].view().answer
    assert answer is not None
    assert answer.text in words
    assert "Related, not an answer" in words
    assert "#cite-" not in markup(app)
    app.button(key="open-nearest-1-0").click().run()
    assert len(app.get("dialog")) == 1
    assert "<mark" not in markup(app)


def test_question_of_markup_is_shown_as_it_was_typed(app: AppTest) -> None:
    question = "<img src=x onerror=alert(1)> $5~10% *tariffs* -- `x`?"
    ask(app, question)
    assert question in shown(app)
    assert "<img" not in markup(app)


def test_reload_finds_the_conversation_and_a_strangers_address_does_not(app: AppTest) -> None:
    ask(app, BLACKWELL)
    again = AppTest.from_file(APP, default_timeout=60)
    again.query_params["c"] = str(app.query_params["c"])
    assert BLACKWELL in shown(again.run())
    stranger = AppTest.from_file(APP, default_timeout=60)
    stranger.query_params["c"] = "x" * 22
    assert BLACKWELL not in shown(stranger.run())


def test_new_chat_starts_empty(app: AppTest) -> None:
    ask(app, BLACKWELL)
    app.button(key="new-chat").click().run()
    assert BLACKWELL not in shown(app)
    assert "Answers come only from" in shown(app)


def test_filters_limit_what_is_searched_and_are_said(app: AppTest) -> None:
    publisher = session.assistant().publishers()[0][0]
    app.multiselect(key="ask-publishers").set_value([publisher]).run()
    ask(app, JAPAN)
    assert f"Searched only: {publisher}" in shown(app)
    app.button(key="ask-clear").click().run()
    assert app.multiselect(key="ask-publishers").value == []
    assert "ask-clear" not in [button.key for button in app.button]


@pytest.fixture
def slow_ask() -> Iterator[Ask]:
    """Return an `ask` that makes one claim and waits until the test is over."""
    go_on = threading.Event()
    claim = Claim("Half an answer.", Support.SUPPORTED, "")

    def ask_slowly(question: str, *, on_claim: Callable[[Claim], None], **options: object) -> Answer:
        on_claim(claim)
        go_on.wait(60)
        raise ChatModelError("the page ended this turn")

    yield cast("Ask", ask_slowly)
    go_on.set()


@pytest.fixture
def slow_turn(use_library: Path, slow_ask: Ask) -> Iterator[str]:
    """Start a turn that has one claim and waits; return the key of its conversation."""
    conversation = session.turns().new_conversation()
    turn = session.turns().start(conversation, "slow?", slow_ask)
    assert turn is not None
    yield conversation.key
    turn.stop()


def test_answer_in_progress_shows_its_claims_and_can_be_stopped(slow_turn: str) -> None:
    app = AppTest.from_file(APP, default_timeout=60)
    app.query_params["c"] = slow_turn
    until(app.run(), lambda page: "Half an answer." in shown(page))
    assert "Checking further sentences" in shown(app)
    app.button(key="stop-1").click().run()
    app.run()
    assert "Stopped." in shown(app)
    assert "Half an answer." in shown(app)


def test_next_question_can_be_typed_while_an_answer_is_written_and_asked_when_it_is_there(slow_turn: str) -> None:
    app = AppTest.from_file(APP, default_timeout=60)
    app.query_params["c"] = slow_turn
    until(app.run(), lambda page: "Half an answer." in shown(page))
    assert not app.chat_input(key="question").disabled
    app.chat_input(key="question").set_value(JAPAN).run()
    assert "The last question is still being answered. Your question was not asked; it stands in the box" in shown(app)
    app.button(key="stop-1").click().run()
    until(app, lambda page: "Stopped." in shown(page))
    ask(app, JAPAN)
    assert "was not asked" not in shown(app)


def test_library_that_is_served_no_more_lets_go_of_its_files_and_answers_what_was_asked(use_library: Path) -> None:
    opened = session.assistant()
    assert opened.ask(JAPAN).is_refusal
    before = len(list(Path("/dev/fd").iterdir()))
    session._open_assistant.clear()
    assert len(list(Path("/dev/fd").iterdir())) < before
    assert opened.ask(JAPAN).is_refusal
    opened.close()
    assert session.assistant().status().articles


def test_question_asked_in_a_tab_that_missed_the_last_one_stays_in_the_box(use_library: Path, slow_ask: Ask) -> None:
    conversation = session.turns().new_conversation()
    app = AppTest.from_file(APP, default_timeout=60)
    app.query_params["c"] = conversation.key
    app.run()
    turn = session.turns().start(conversation, "slow?", slow_ask)
    assert turn is not None
    app.chat_input(key="question").set_value(JAPAN).run()
    assert "The last question is still being answered." in shown(app)
    assert [each.question for each in conversation.turns] == ["slow?"]
    assert app.get("chat_input")[0].proto.value == JAPAN
    turn.stop()


def test_sources_lists_articles_and_finds_them_by_words(use_library: Path) -> None:
    page = open_page("sources")
    articles = session.assistant().articles()
    assert markup(page).count('class="tpa-row"') == len(articles)
    assert all(article.title in shown(page) for article in articles)
    page.text_input(key="sources-search").set_value(articles[0].title.upper()).run()
    assert articles[0].title in shown(page)
    assert articles[1].title not in shown(page)
    page.text_input(key="sources-search").set_value("no such <title>").run()
    assert "No indexed article matches “no such <title>”." in shown(page)


def test_sources_opens_an_article_without_a_mark(use_library: Path) -> None:
    page = open_page("sources")
    page.button(key="open-article-0").click().run()
    assert len(page.get("dialog")) == 1
    article = session.assistant().articles()[0]
    text = session.assistant().article(article.article_id).article.text
    assert html.unescape(re.sub(r"<[^>]+>", "", markup(page))).count(text) == 1
    assert "<mark" not in markup(page)


def test_sources_filters_by_publisher_and_date(use_library: Path) -> None:
    page = open_page("sources")
    publisher, number = session.assistant().publishers()[-1]
    page.multiselect(key="sources-publishers").set_value([publisher]).run()
    assert markup(page).count('class="tpa-row"') == number
    newest = session.assistant().status().newest
    page.multiselect(key="sources-publishers").set_value([]).run()
    page.date_input(key="sources-since").set_value(newest).run()
    expected = [article for article in session.assistant().articles() if article.published == newest]
    assert markup(page).count('class="tpa-row"') == len(expected)


@pytest.mark.parametrize("name", ["sources", "updates"])
def test_file_that_failed_is_named_with_its_reason(use_library: Path, name: str) -> None:
    words = shown(open_page(name))
    assert BROKEN in words
    failure = session.assistant().status().failures[0]
    assert failure.reason.rstrip(".").lower() in words.lower()


def test_updates_says_what_is_indexed_and_what_the_last_run_changed(use_library: Path) -> None:
    page = open_page("updates")
    status = session.assistant().status()
    assert status.last_run is not None
    words = " ".join(shown(page).split())
    for fact in (
        f"Articles {status.articles}",
        f"Passages {status.passages}",
        f"Generation {status.generation}",
        *(entry.target for entry in read_sources(use_library)),
    ):
        assert fact in words
    assert f": {status.last_run.added} new." in words
    assert "1 could not be indexed; why is said below at" in words
    assert page.button(key="reindex").label == "Reindex now"


def test_without_a_library_every_page_says_how_to_make_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRADE_ASSISTANT_DATA_DIR", str(tmp_path / "none"))
    for page in (AppTest.from_file(APP, default_timeout=60).run(), open_page("sources"), open_page("updates")):
        assert "Nothing is indexed yet" in shown(page)
        (command,) = re.findall(r"<code>(.*?)</code>", markup(page))
        program, *arguments = shlex.split(html.unescape(command))
        assert Path(program).name == "trade-assistant"
        assert arguments == ["ingest", "PATH", "--data", str(tmp_path / "none")]


def test_samples_are_indexed_by_one_click_and_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRADE_ASSISTANT_DATA_DIR", str(tmp_path / "fresh"))
    app = AppTest.from_file(APP, default_timeout=60).run()
    app.button(key="index-samples").click().run()
    assert "tpa-progress" in markup(app)
    until(app, lambda page: "indexed articles," in shown(page))
    ask(app, BLACKWELL)
    assert "#cite-1-1" in markup(app)


def test_library_that_vanishes_and_comes_back_is_used_again(
    library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moving = tmp_path / "data"
    shutil.copytree(library, moving)
    monkeypatch.setenv("TRADE_ASSISTANT_DATA_DIR", str(moving))
    app = AppTest.from_file(APP, default_timeout=60).run()
    assert "Answers come only from" in shown(app)
    shutil.rmtree(moving)
    assert "Nothing is indexed yet" in shown(app.run())
    shutil.copytree(library, moving)
    ask(app.run(), BLACKWELL)
    assert "#cite-1-1" in markup(app)


def test_chat_model_that_cannot_be_reached_is_a_card_with_a_way_to_exact_quotes(
    use_library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as unanswered:
        unanswered.bind(("127.0.0.1", 0))
        monkeypatch.setenv("TRADE_ASSISTANT_CHAT_MODEL", "openai:toy-model")
        monkeypatch.setenv("TRADE_ASSISTANT_CHAT_BASE_URL", f"http://127.0.0.1:{unanswered.getsockname()[1]}/v1")
        app = AppTest.from_file(APP, default_timeout=60).run()
        ask(app, BLACKWELL)
        assert "The chat model gave no answer" in shown(app)
        assert "cannot be reached" in shown(app)
        assert "#cite-" not in markup(app)
        app.button(key="quotes-1").click().run()
        until(app, lambda page: "tpa-working" not in markup(page))
    assert 'href="#cite-2-1"' in markup(app)
    assert "quotes-1" not in [button.key for button in app.button]


def test_library_of_another_model_is_a_card_with_the_command_that_mends_it(
    library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data_dir = tmp_path / "data"
    shutil.copytree(library, data_dir)
    with sqlite3.connect(data_dir / "library.sqlite3") as database:
        database.execute("UPDATE meta SET embedding_model = 'another-model'")
    database.close()
    monkeypatch.setenv("TRADE_ASSISTANT_DATA_DIR", str(data_dir))
    words = shown(AppTest.from_file(APP, default_timeout=60).run())
    assert "The library does not fit this version or its settings" in words
    assert "another-model" in words
    assert f"trade-assistant rebuild --data {data_dir}" in words


def test_damaged_vectors_are_a_warning_with_the_command_that_mends_them(
    library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data_dir = tmp_path / "data"
    shutil.copytree(library, data_dir)
    monkeypatch.setenv("TRADE_ASSISTANT_DATA_DIR", str(data_dir))
    assert "vector index cannot be used" not in shown(open_page("updates"))
    for directory in (data_dir / "vectors").iterdir():
        if directory.is_dir():
            shutil.rmtree(directory)
    page = open_page("updates")
    assert "The vector index cannot be used" in shown(page)
    typed = [shlex.split(html.unescape(command))[1:] for command in re.findall(r"<code>(.*?)</code>", markup(page))]
    assert typed == [["rebuild", "--data", str(data_dir)], ["watch", "--data", str(data_dir)]]


def test_sources_are_turned_page_by_page(use_library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "PAGE_ROWS", 4)
    titles = [article.title for article in session.assistant().articles()]

    def rows(page: AppTest) -> list[str]:
        found = re.findall(r'<span class="tpa-row-title" dir="auto">(.*?)</span>', markup(page), re.DOTALL)
        return [html.unescape(title) for title in found]

    page = open_page("sources")
    seen = rows(page)
    assert page.button(key="sources-newer").disabled
    while not page.button(key="sources-older").disabled:
        page.button(key="sources-older").click().run()
        seen += rows(page)
    assert seen == titles
    page.button(key="sources-newer").click().run()
    first = (len(titles) - 1) // 4 * 4 - 4
    assert rows(page) == titles[first : first + 4]
    page.text_input(key="sources-search").set_value(titles[-1]).run()
    assert rows(page) == titles[-1:]


def test_bad_setting_is_a_card_that_names_it(use_library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRADE_ASSISTANT_MAX_FILE_BYTES", "many")
    app = AppTest.from_file(APP, default_timeout=60).run()
    assert "A setting cannot be used" in shown(app)
    assert "TRADE_ASSISTANT_MAX_FILE_BYTES" in shown(app)
