"""Sources and Updates in the browser: finding an article, and seeing a new one answered from without a restart."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tests.browser.conftest import HOSTILE_TITLE, Served, serving
from tests.browser.test_ask import ask, open_drawer

if TYPE_CHECKING:
    from playwright.sync_api import Page

REINDEXED_WITHIN_MS = 120_000
NEW_ARTICLE = """Ruritania lifts its cocoa quota

The trade ministry of Ruritania lifted its quota on cocoa butter to 4,200 tonnes a year on Monday.
"""


def test_article_is_found_and_opened(visit: Callable[..., Page]) -> None:
    page = visit("/sources")
    page.wait_for_selector(".tpa-row")
    search = page.get_by_label("Search", exact=True)
    search.fill("tinplate")
    search.press("Enter")
    page.wait_for_function("() => document.querySelectorAll('.tpa-row').length === 1")
    assert page.locator(".tpa-row-title").inner_text() == HOSTILE_TITLE
    page.locator("[class*=st-key-tpa-row-article-] button").click()
    drawer = open_drawer(page)
    assert HOSTILE_TITLE in (drawer.locator(".tpa-article").text_content() or "")
    assert drawer.locator("mark").count() == 0


def test_new_file_is_answered_from_after_reindex_without_a_restart(visit: Callable[..., Page], served: Served) -> None:
    asking = visit()
    ask(asking, "How large is Ruritania's quota on cocoa butter?")
    asking.get_by_text("No answer in the indexed articles").wait_for()
    (served.articles / "cocoa.txt").write_text(NEW_ARTICLE, encoding="utf-8")
    (served.articles / "broken $5~10%.pdf").write_bytes(b"%PDF-1.7 broken")
    updates = visit("/updates")
    updates.get_by_role("button", name="Reindex now").click()
    updates.wait_for_selector(".tpa-progress")
    updates.reload()
    updates.get_by_role("button", name="Reindex now").wait_for(timeout=REINDEXED_WITHIN_MS)
    updates.get_by_text("broken $5~10%.pdf").first.wait_for()
    asking.get_by_role("button", name="New chat").click()
    asking.get_by_label("Ask a follow-up").wait_for(state="detached")
    ask(asking, "How large is Ruritania's quota on cocoa butter?")
    assert "4,200 tonnes" in asking.locator(".tpa-claim").first.inner_text()


def test_two_readers_who_click_at_once_see_one_run(visit: Callable[..., Page], served: Served) -> None:
    pages = visit("/updates"), visit("/updates")
    buttons = [page.get_by_role("button", name="Reindex now") for page in pages]
    runs = finished_runs(served.data_dir)
    for button in buttons:
        button.click()
    for page in pages:
        page.wait_for_selector(".tpa-progress")
    for button in buttons:
        button.wait_for(timeout=REINDEXED_WITHIN_MS)
    assert finished_runs(served.data_dir) == runs + 1


def finished_runs(data_dir: Path) -> int:
    with contextlib.closing(sqlite3.connect(data_dir / "library.sqlite3")) as database:
        number: int = database.execute("SELECT count(*) FROM runs").fetchone()[0]
        return number


def test_new_installation_answers_after_one_click(new_page: Callable[..., Page], tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    with serving(tmp_path / "data", tmp_path / "elsewhere") as url:
        page = new_page()
        page.goto(url)
        page.get_by_role("heading", name="Nothing is indexed yet").wait_for()
        page.get_by_role("button", name="Index the sample articles").click()
        page.get_by_text("Answers come only from 10 indexed articles").wait_for(timeout=REINDEXED_WITHIN_MS)
        page.locator("[class*=st-key-tpa-suggestion-] button").first.click()
        page.wait_for_selector("a.tpa-cite")
