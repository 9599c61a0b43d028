"""Pictures of the page at two widths in two themes, in `screenshots/`; `make pictures` takes some to the README."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from assistant.settings import load_settings
from ingest.sync import ingest
from tests.browser.conftest import Served, serving
from tests.browser.test_ask import JAPAN, OVERFLOW, TINPLATE, ask, open_drawer
from tests.chat_server import MODEL, ChatServer, Reply
from ui.reindexing import SAMPLES

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from assistant.embedding import Embedder

SIZES = {1280: 860, 390: 844}
QUESTION = "Which minerals does the suspension cover?"
ONE_LINE_PX = 40
FOLLOW_UP = "And what about gallium?"


@pytest.fixture(scope="module")
def samples_url(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[str]:
    """Serve the page over the sample articles alone, as a new user has it."""
    data_dir = tmp_path_factory.mktemp("data")
    ingest([SAMPLES], load_settings(data_dir=data_dir), embedder=embedder)
    with serving(data_dir, tmp_path_factory.mktemp("elsewhere")) as url:
        yield url


def picture(page: Page, folder: Path, suffix: str, name: str) -> None:
    """Take a picture of what is in view, which nothing sticks out of at the side."""
    # Streamlit dims what it is about to replace for a moment.
    page.wait_for_timeout(700)
    taken = page.screenshot(path=folder / f"{name}-{suffix}.png", animations="disabled")
    assert len(taken) > 10_000
    assert page.evaluate(OVERFLOW) <= 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", SIZES)
def test_pictures(new_page: Callable[..., Page], samples_url: str, screenshots: Path, width: int, scheme: str) -> None:
    page = new_page(width=width, height=SIZES[width], color_scheme=scheme)
    take = partial(picture, page, screenshots, f"{width}-{scheme}")
    page.goto(samples_url)

    page.wait_for_selector("[class*=st-key-tpa-suggestion-]")
    take("first-screen")
    ask(page, QUESTION)
    take("answer")
    page.locator("a.tpa-cite").first.click()
    open_drawer(page)
    take("citation")
    page.keyboard.press("Escape")
    page.wait_for_selector("[role=dialog]", state="detached")
    actions = page.locator("[class*=st-key-tpa-actions-]").last
    actions.get_by_role("button", name="Export").click()
    page.get_by_role("button", name="JSON", exact=True).wait_for()
    take("export")
    page.keyboard.press("Escape")
    actions.locator("[class*=st-key-vote-] button").last.click()
    page.get_by_role("button", name="Misread").click()
    page.get_by_label("What would have been right?").fill("Graphite is not among them")
    page.get_by_label("What would have been right?").scroll_into_view_if_needed()
    take("reasons")
    page.get_by_role("button", name="Send", exact=True).click()
    page.get_by_text("You said: Misread").wait_for()
    ask(page, FOLLOW_UP)
    take("follow-up")
    page.get_by_role("button", name="Edit", exact=True).click()
    page.wait_for_function("() => document.activeElement?.matches('.st-key-tpa-edit textarea')")
    take("edit")
    page.keyboard.press("Escape")
    ask(page, JAPAN)
    take("refusal")
    page.locator(".st-key-tpa-next button").last.wait_for()
    page.locator(".st-key-tpa-next button").last.scroll_into_view_if_needed()
    take("suggestions")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", SIZES)
def test_pictures_of_filters_and_feedback(
    new_page: Callable[..., Page], samples_url: str, screenshots: Path, width: int, scheme: str
) -> None:
    page = new_page(width=width, height=SIZES[width], color_scheme=scheme)
    take = partial(picture, page, screenshots, f"{width}-{scheme}")

    page.goto(f"{samples_url}/?from=2025-11-01&publisher=Sample%20Trade%20Monitor&publisher=Sample%20Gazette")
    page.locator("[class*=st-key-pill-]").nth(2).wait_for()
    take("filters")
    page.get_by_role("button", name="Filters").click()
    page.get_by_text("Kind of source").wait_for()
    take("filters-open")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Exact quotes · balanced").click()
    page.get_by_text("Answers only what the articles almost surely do").wait_for()
    take("way-of-answering")
    page.keyboard.press("Escape")
    ask(page, QUESTION)
    page.locator("[class*=st-key-vote-] button").last.click()
    page.get_by_role("button", name="Out of date").click()
    page.get_by_role("button", name="Send", exact=True).click()
    page.get_by_text("You said: Out of date").wait_for()
    page.goto(f"{samples_url}/feedback")
    page.locator("[class*=st-key-tpa-feedback-]").first.wait_for()
    take("feedback")
    page.get_by_role("button", name="Turn into an evaluation question").first.click()
    page.get_by_role("button", name="Add the question").wait_for()
    take("feedback-question")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", SIZES)
def test_pictures_of_a_chat_model_at_work_and_failing(
    new_page: Callable[..., Page], served: Served, screenshots: Path, tmp_path: Path, width: int, scheme: str
) -> None:
    page = new_page(width=width, height=SIZES[width], color_scheme=scheme)
    take = partial(picture, page, screenshots, f"{width}-{scheme}")

    claim = "The tinplate levy of Freedonia rose 5~10% and then 20~30% [1]. "
    with (
        ChatServer(Reply([claim, "It ", "never ", "ends "], stall_after=3), Reply(status=401)) as chat,
        serving(
            served.data_dir,
            tmp_path,
            TRADE_ASSISTANT_CHAT_MODEL=f"openai:{MODEL}",
            TRADE_ASSISTANT_CHAT_BASE_URL=chat.base_url,
        ) as url,
    ):
        page.goto(url)
        box = page.locator("[data-testid=stChatInput] textarea")
        box.fill(TINPLATE)
        box.press("Enter")
        page.locator("a.tpa-cite").first.wait_for()
        take("working")
        page.get_by_role("button", name="Stop").click()
        page.get_by_text("Stopped. What had been verified by then is kept.").wait_for()
        take("stopped")
        ask(page, TINPLATE.replace("How much", "By how much"))
        page.get_by_role("button", name="Answer in exact quotes").wait_for()
        empty = box.bounding_box()
        assert empty is not None
        assert empty["height"] < ONE_LINE_PX
        take("failed")
