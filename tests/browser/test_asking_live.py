"""Answers under way in several tabs, the queue, the writer, and thumbs, in a browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Served, serving
from tests.browser.test_ask import OVERFLOW, TINPLATE, ask
from tests.chat_server import MODEL, ChatServer, Reply

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

MINERALS = "Which minerals does the suspension cover?"
PUBLISHER = "Sample Trade Monitor"
TINPLATE_CLAIM = "The tinplate levy of Freedonia rose 5~10% and then 20~30%"
FORMATS = ("Markdown", "Web page (HTML)", "Word, with footnotes", "JSON")

widths = pytest.mark.parametrize("width", [1280, 390])


def row(page: Page) -> Locator:
    return page.locator("[class*=st-key-tpa-actions-]").last


@pytest.fixture
def written(served: Served, tmp_path: Path) -> Iterator[tuple[str, ChatServer]]:
    """Serve the page with a chat model that writes one sentence and then falls silent until it is hung up on."""
    with (
        ChatServer(Reply([f"{TINPLATE_CLAIM} [1]. ", "It ", "never ", "ends "], stall_after=3)) as chat,
        serving(
            served.data_dir,
            tmp_path,
            TRADE_ASSISTANT_CHAT_MODEL=f"openai:{MODEL}",
            TRADE_ASSISTANT_CHAT_BASE_URL=chat.base_url,
        ) as url,
    ):
        yield url, chat


def begin(page: Page, question: str = TINPLATE) -> None:
    """Ask without waiting for the end."""
    box = page.locator("[data-testid=stChatInput] textarea")
    box.fill(question)
    box.press("Enter")
    page.wait_for_selector(".tpa-working")


def test_writer_is_switched_where_a_chat_model_is_set(
    new_page: Callable[..., Page], written: tuple[str, ChatServer]
) -> None:
    url, chat = written
    page = new_page()
    page.goto(url)
    page.get_by_role("button", name=f"Written by {MODEL} · balanced").click()
    page.get_by_text("Exact quotes", exact=True).click()
    page.get_by_role("button", name="Exact quotes · balanced").wait_for()
    page.keyboard.press("Escape")
    ask(page, TINPLATE)
    assert page.locator("a.tpa-cite").count() >= 1
    assert chat.requests == []


def test_second_tab_and_one_that_slept_show_the_same_answer(
    new_page: Callable[..., Page], written: tuple[str, ChatServer]
) -> None:
    page = new_page()
    page.goto(written[0])
    begin(page)
    page.locator("a.tpa-cite").first.wait_for()
    second = page.context.new_page()
    second.goto(page.url)
    second.locator("a.tpa-cite").first.wait_for()
    assert second.locator(".tpa-working").count() == 1
    sleeping = page.context.new_cdp_session(page)
    sleeping.send("Page.setWebLifecycleState", {"state": "frozen"})
    second.get_by_role("button", name="Stop").click()
    stopped = "Stopped. What had been verified by then is kept."
    second.get_by_text(stopped).wait_for()
    sleeping.send("Page.setWebLifecycleState", {"state": "active"})
    page.get_by_text(stopped).wait_for()
    texts = [tab.locator(".tpa-claim .tpa-verbatim").inner_text() for tab in (page, second)]
    assert [text.startswith(TINPLATE_CLAIM) for text in texts] == [True, True]


@widths
def test_thumb_and_reasons_survive_a_reload(visit: Callable[..., Page], width: int) -> None:
    page = visit(width=width)
    ask(page, MINERALS)
    row(page).locator("[class*=st-key-vote-] button").last.click()
    page.get_by_role("button", name="Misread").click()
    page.get_by_label("What would have been right?").fill("Only *gallium* <b>")
    assert page.evaluate(OVERFLOW) <= 0
    page.get_by_role("button", name="Send", exact=True).click()
    said = "You said: Misread · “Only *gallium* <b>”"
    page.get_by_text(said).wait_for()
    page.reload()
    page.get_by_text(said).wait_for()
    page.get_by_role("button", name="Change").click()
    expect(page.get_by_label("What would have been right?")).to_have_value("Only *gallium* <b>")
