"""In the browser: what outlives a deleted conversation, a killed server and a second thought about a vote."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from assistant.conversation_records import LOCAL, Feedback, Vote, title_of
from assistant.conversations import FILE_NAME, ConversationStore
from assistant.settings import load_settings
from ingest.sync import ingest
from tests.browser.conftest import HOSTILE_SENTENCE, Served, serving
from tests.browser.test_ask import IS_IN_VIEW, MARKED, OVERFLOW, TINPLATE, ask, open_drawer
from tests.browser.test_history import choose, show_list
from tests.browser.test_pictures import SIZES
from tests.chat_server import MODEL, ChatServer, Reply

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from assistant.embedding import Embedder

SCRAP = "Until when is the ban on copper scrap exports from Ruritania suspended?"
TINPLATE_CLAIM = "The tinplate levy of Freedonia rose 5~10% and then 20~30%"
FOLLOW_UP = "And since when?"
READ_BY = "An editor reads this together with the question and the answer."
ARTICLES = {
    "pause": (
        "Ruritania pauses its ban on copper scrap", "Customs Administration of Ruritania", "2026-03-04",
        "The ban on exports of copper scrap from Ruritania is suspended until 10 June 2026.\n\n"
        "The ban on copper scrap exports from Ruritania was imposed in December 2024.",
    ),
    "longer": (
        "Copper scrap pause runs on", "Coast Gazette", "2026-06-05",
        "Ruritania has extended the suspension of its ban on copper scrap exports to 30 November 2026. "
        "The customs office gave no reason for the new date.",
    ),
}  # fmt: skip
SIDES = ("width", "height")
LEAST_PX = {1280: 24, 390: 36}

widths = pytest.mark.parametrize("width", SIZES)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Path:
    folder, data_dir = tmp_path_factory.mktemp("articles"), tmp_path_factory.mktemp("data")
    for name, (title, publisher, published, text) in ARTICLES.items():
        head = f"title: {title}\npublisher: {publisher}\ndate: {published}"
        (folder / f"{name}.md").write_text(f"---\n{head}\n---\n\n{text}\n", encoding="utf-8")
    ingest([folder], load_settings(data_dir=data_dir), embedder=embedder)
    return data_dir


@pytest.fixture
def data_dir(library: Path, tmp_path: Path) -> Path:
    return copy_of(library, tmp_path)


def copy_of(library: Path, folder: Path) -> Path:
    """Copy a data directory, without what other tests asked."""
    return Path(
        shutil.copytree(library, folder / "data", ignore=lambda _, names: [one for one in names if FILE_NAME in one])
    )


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    return folder


@pytest.fixture
def visit(new_page: Callable[..., Page], data_dir: Path, elsewhere: Path) -> Iterator[Callable[..., Page]]:
    """Serve the page; return a function that opens it at a width."""
    with serving(data_dir, elsewhere) as url:

        def open_it(width: int) -> Page:
            page = new_page(width=width, height=SIZES[width])
            page.goto(url)
            page.wait_for_selector(".tpa-heading")
            return page

        yield open_it


def box(page: Page) -> Locator:
    return page.locator("[data-testid=stChatInput] textarea")


def thumb(page: Page, way: str) -> Locator:
    return page.get_by_role("radio", name=f"Thumbs {way}").last


@widths
def test_question_typed_where_another_tab_deleted_the_conversation_is_told_and_kept(
    visit: Callable[..., Page], data_dir: Path, screenshots: Path, width: int
) -> None:
    page = visit(width)
    ask(page, SCRAP)
    other = page.context.new_page()
    other.goto(page.url)
    other.wait_for_selector(".tpa-question")
    choose(show_list(other), title_of(SCRAP), "Delete")
    other.get_by_role("button", name="Delete", exact=True).click()
    other.wait_for_selector(".tpa-question", state="detached")
    page.bring_to_front()
    box(page).fill(FOLLOW_UP)
    box(page).press("Enter")
    notice = page.get_by_role("alert").filter(has_text="was deleted, in another tab perhaps")
    notice.wait_for()
    assert "Your question was not asked; it stands in the box below." in notice.inner_text()
    expect(box(page)).to_have_value(FOLLOW_UP)
    page.wait_for_selector(".tpa-question", state="detached")
    page.wait_for_function(f"() => ({IS_IN_VIEW})(document.querySelector('.st-key-tpa-ask .tpa-notice'))")
    assert page.evaluate(OVERFLOW) <= 0
    page.screenshot(path=screenshots / f"deleted-elsewhere-{width}.png", animations="disabled")
    assert ConversationStore(data_dir).conversations(LOCAL) == ()
    box(page).press("Enter")
    page.get_by_role("heading", name=FOLLOW_UP).wait_for()
    notice.wait_for(state="detached")


@widths
def test_answer_of_a_killed_server_keeps_what_had_been_verified(
    new_page: Callable[..., Page], served: Served, tmp_path: Path, elsewhere: Path, screenshots: Path, width: int
) -> None:
    data_dir = copy_of(served.data_dir, tmp_path)
    page = new_page(width=width, height=SIZES[width])
    with ChatServer(Reply([f"{TINPLATE_CLAIM} [1]. ", "It ", "never ", "ends "], stall_after=3)) as chat:
        server = serving(
            data_dir,
            elsewhere,
            TRADE_ASSISTANT_CHAT_MODEL=f"openai:{MODEL}",
            TRADE_ASSISTANT_CHAT_BASE_URL=chat.base_url,
        )
        with server as url:
            page.goto(url)
            box(page).fill(TINPLATE)
            box(page).press("Enter")
            page.locator("a.tpa-cite").first.wait_for()
            address = page.url.removeprefix(url)
            wait_until(lambda: _has_claims(data_dir))
            server.process.kill()
        page.goto("about:blank")
        with serving(data_dir, elsewhere) as url:
            page.goto(f"{url}{address}")
            page.get_by_text("Interrupted: the server stopped. What had been verified by then is kept.").wait_for()
            assert page.locator(".tpa-claim .tpa-verbatim").inner_text().startswith(TINPLATE_CLAIM)
            assert page.evaluate(OVERFLOW) <= 0
            page.screenshot(path=screenshots / f"interrupted-{width}.png", animations="disabled")
            page.locator("a.tpa-cite").first.click()
            assert open_drawer(page).locator("mark").evaluate_all(MARKED) == HOSTILE_SENTENCE
            page.keyboard.press("Escape")
            page.wait_for_selector("[role=dialog]", state="detached")
            page.get_by_role("button", name="Ask again", exact=True).click()
            page.wait_for_function("() => document.querySelectorAll('.tpa-question').length === 2")


def _has_claims(data_dir: Path) -> bool:
    store = ConversationStore(data_dir)
    return any(turn.claims for one in store.conversations(LOCAL) for turn in store.turns(LOCAL, one.key))


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < deadline, "waited 60 s in vain"
        time.sleep(0.05)


@widths
def test_timeline_that_was_opened_is_closed_in_the_next_conversation(visit: Callable[..., Page], width: int) -> None:
    page = visit(width)
    ask(page, SCRAP)
    page.keyboard.press("Alt+N")
    page.wait_for_selector(".tpa-heading")
    ask(page, f"Please: {SCRAP}")
    page.locator("summary").filter(has_text="Timeline").click()
    page.locator("a.tpa-event").first.wait_for()
    show_list(page).locator("[class*=st-key-chat-] button").last.click()
    page.get_by_role("heading", name=SCRAP, exact=True).wait_for()
    page.locator("summary").filter(has_text="Timeline").wait_for()
    page.wait_for_timeout(500)
    assert page.locator("[class*=st-key-tpa-timeline-] details[open]").count() == 0
    assert page.locator("a.tpa-event").count() == 0


@widths
def test_reasons_say_who_reads_them_and_outlast_a_thumb_up(
    visit: Callable[..., Page], data_dir: Path, screenshots: Path, width: int
) -> None:
    page = visit(width)
    ask(page, SCRAP)
    thumb(page, "down").click()
    page.get_by_text(READ_BY).wait_for()
    page.get_by_role("button", name="Misread").click()
    page.get_by_label("What would have been right?").fill("Until June")
    page.screenshot(path=screenshots / f"who-reads-{width}.png", animations="disabled")
    page.get_by_role("button", name="Send", exact=True).click()
    page.get_by_text("You said: Misread · “Until June”").wait_for()
    thumb(page, "up").click()
    page.get_by_text("Set aside, as your thumb is up: Misread · “Until June”.").wait_for()
    page.reload()
    page.get_by_text("Set aside, as your thumb is up").wait_for()
    assert page.evaluate(OVERFLOW) <= 0
    page.screenshot(path=screenshots / f"set-aside-{width}.png", animations="disabled")
    thumb(page, "down").click()
    page.get_by_text("You said: Misread · “Until June”").wait_for()
    (entry,) = ConversationStore(data_dir).feedback()
    assert entry.feedback == Feedback(Vote.DOWN, ("Misread",), "Until June")


@widths
def test_thumbs_are_calm_and_fingers_hit_them(visit: Callable[..., Page], width: int) -> None:
    page = visit(width)
    ask(page, SCRAP)
    thumbs = page.locator("[class*=st-key-tpa-actions-] .stFeedback button")
    thumbs.nth(1).wait_for()
    sizes = [thumbs.nth(place).bounding_box() or {"width": 0, "height": 0} for place in range(2)]
    assert min(min(size["width"], size["height"]) for size in sizes) >= LEAST_PX[width]
    colour = "element => getComputedStyle(element).color"
    quiet = page.locator(".tpa-caption").evaluate(colour)
    page.mouse.move(0, 0)
    assert [thumb(page, way).evaluate(colour) for way in ("up", "down")] == [quiet, quiet]
    thumb(page, "down").click()
    page.get_by_role("radio", name="Thumbs down", checked=True).wait_for()
    page.mouse.move(0, 0)
    accent = page.locator("a.tpa-cite").first.evaluate(colour)
    chosen = "document.querySelector('.stFeedback [aria-checked=true]')"
    page.wait_for_function(f"() => ({colour})({chosen}) === '{accent}'")
    assert thumb(page, "up").evaluate(colour) == quiet


@widths
def test_marker_in_a_note_opens_its_passage(visit: Callable[..., Page], width: int) -> None:
    page = visit(width)
    ask(page, SCRAP)
    chips = page.locator(".tpa-notes a.tpa-cite")
    assert chips.count() >= 1
    if width < 600:
        assert min((chips.first.bounding_box() or {"width": 0.0, "height": 0.0}).get(side, 0) for side in SIDES) >= 24
    assert re.match(r"Citation \d+: ", chips.first.get_attribute("aria-label") or "")
    chips.first.focus()
    page.keyboard.press("Enter")
    number = chips.first.inner_text()
    drawer = open_drawer(page)
    assert drawer.locator(".tpa-step").first.inner_text().startswith(f"Citation {number} of")
    assert drawer.locator("mark").evaluate_all(MARKED) != ""
