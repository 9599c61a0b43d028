"""Nothing that axe-core calls serious or critical, on every page and in every state of it, at two widths and themes."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from assistant.conversations import FILE_NAME
from tests.browser.conftest import Served, serving
from tests.browser.test_ask import BLACKWELL, JAPAN, ask, open_drawer
from tests.browser.test_history import choose, show_list
from tests.browser.test_pictures import SIZES

if TYPE_CHECKING:
    from playwright.sync_api import Page

LOOKS = [(width, scheme) for width in SIZES for scheme in ("light", "dark")]


@pytest.fixture
def url(served: Served, tmp_path: Path) -> Iterator[str]:
    """Serve a copy of the library without the conversations of other tests."""
    copy = tmp_path / "data"
    shutil.copytree(served.data_dir, copy, ignore=lambda _, names: [name for name in names if FILE_NAME in name])
    (tmp_path / "elsewhere").mkdir()
    with serving(copy, tmp_path / "elsewhere") as address:
        yield address


def findings(page: Page) -> list[str]:
    """Return what axe-core finds that is serious or critical, each with the first place."""
    from axe_playwright_python.sync_playwright import Axe

    # Streamlit fades in what is new, and what is half faded has too little contrast.
    page.wait_for_timeout(700)
    found = Axe().run(page).response
    assert len(found["passes"]) > 10
    return [
        f"{one['id']}: {one['nodes'][0]['target']} {one['nodes'][0]['html'][:160]}"
        for one in found["violations"]
        if one["impact"] in {"serious", "critical"}
    ]


def where_there_are_some(found: dict[str, list[str]]) -> dict[str, list[str]]:
    return {state: problems for state, problems in found.items() if problems}


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_asking_and_reading(new_page: Callable[..., Page], url: str, width: int, scheme: str) -> None:
    page = new_page(width=width, height=SIZES[width], color_scheme=scheme)
    page.goto(url)
    page.locator("[class*=st-key-tpa-suggestion-]").first.wait_for()
    found = {"first screen": findings(page)}
    page.get_by_role("button", name="Filters").click()
    page.get_by_text("Kind of source").wait_for()
    found["filters"] = findings(page)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Exact quotes · balanced").click()
    page.get_by_text("How sure an answer has to be").wait_for()
    found["way of answering"] = findings(page)
    page.keyboard.press("Escape")
    ask(page, BLACKWELL)
    page.locator("summary").filter(has_text="Timeline").click()
    page.locator("a.tpa-event").last.wait_for()
    found["answer"] = findings(page)
    page.locator("a.tpa-cite").first.click()
    open_drawer(page).locator("mark").first.wait_for()
    found["drawer"] = findings(page)
    page.keyboard.press("Escape")
    page.wait_for_selector("[role=dialog]", state="detached")
    ask(page, JAPAN)
    found["refusal"] = findings(page)
    page.get_by_role("button", name="Edit and ask again").last.click()
    page.locator(".st-key-tpa-edit textarea").wait_for()
    found["edited question"] = findings(page)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Export").last.click()
    page.get_by_role("button", name="JSON", exact=True).wait_for()
    found["export"] = findings(page)
    assert where_there_are_some(found) == {}


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_thumbs_feedback_and_conversations(new_page: Callable[..., Page], url: str, width: int, scheme: str) -> None:
    page = new_page(width=width, height=SIZES[width], color_scheme=scheme)
    page.goto(url)
    ask(page, BLACKWELL)
    page.locator("[class*=st-key-vote-] button").last.click()
    page.get_by_role("button", name="Misread").click()
    found = {"reasons": findings(page)}
    page.get_by_role("button", name="Send", exact=True).click()
    page.get_by_text("You said: Misread").wait_for()
    found["reasons said"] = findings(page)
    choose(show_list(page), BLACKWELL, "Rename")
    page.get_by_role("dialog").get_by_role("textbox").wait_for()
    found["rename"] = findings(page)
    page.keyboard.press("Escape")
    page.wait_for_selector("[role=dialog]", state="detached")
    if width < 600:
        # Left open it would lie over the next page.
        page.locator("[data-testid=stSidebarCollapseButton] button").click()
    page.goto(f"{url}/feedback")
    page.locator("[class*=st-key-tpa-feedback-]").first.wait_for()
    found["feedback"] = findings(page)
    page.get_by_role("button", name="Turn into an evaluation question").click()
    page.get_by_role("button", name="Add the question").wait_for()
    found["evaluation question"] = findings(page)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Resolve").click()
    found["resolve"] = findings(page)
    assert where_there_are_some(found) == {}


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_sources_and_updates(new_page: Callable[..., Page], url: str, width: int, scheme: str) -> None:
    page = new_page(width=width, height=SIZES[width], color_scheme=scheme)
    page.goto(f"{url}/sources")
    page.wait_for_selector(".tpa-heading")
    found = {"sources": findings(page)}
    page.goto(f"{url}/updates")
    page.wait_for_selector(".tpa-heading")
    page.locator("summary", has_text="Add a source").click()
    page.locator("summary", has_text="Upload files").click()
    page.get_by_role("button", name="Add and index").wait_for()
    found["updates"] = findings(page)
    assert where_there_are_some(found) == {}
