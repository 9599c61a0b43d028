"""Earlier turns of a long conversation in a browser: their citations open, and the last question is what is seen."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from assistant.conversations import FILE_NAME
from assistant.settings import load_settings
from tests.benchmarks.page_data import sample_answers, store_conversation
from tests.browser.conftest import Served, serving
from tests.browser.test_accessibility import findings
from ui.folded import WHOLE_TURNS

if TYPE_CHECKING:
    from playwright.sync_api import Page

TURNS = 8
FOLDED = TURNS - WHOLE_TURNS
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
TOP = "heading => heading.getBoundingClientRect().top"
GROW = "turn => (turn.style.paddingTop = '500px')"


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_earlier_turn_is_read_and_its_citations_open(
    new_page: Callable[..., Page], served: Served, tmp_path: Path, screenshots: Path, width: int, scheme: str
) -> None:
    data_dir = tmp_path / "data"
    shutil.copytree(served.data_dir, data_dir, ignore=lambda _, names: [name for name in names if FILE_NAME in name])
    answers = sample_answers(load_settings(data_dir=data_dir), 20)[-FOLDED:]
    store_conversation(data_dir, "long", answers, TURNS)
    page = new_page(width=width, color_scheme=scheme)
    with serving(data_dir, tmp_path) as url:
        page.goto(f"{url}/?c=long")
        last = page.locator(".tpa-question h2").nth(TURNS - 1)
        page.wait_for_function("() => document.querySelectorAll('.tpa-folded').length === 5")
        last.wait_for()
        page.wait_for_function(f"({TOP})(document.querySelectorAll('.tpa-question h2')[{TURNS - 1}]) < 200")
        before = last.evaluate(TOP)
        # As when a font arrives that makes the lines above longer.
        page.locator(".st-key-tpa-turn-1").evaluate(GROW)
        page.wait_for_function(f"Math.abs(({TOP})(document.querySelectorAll('.tpa-question h2')[7]) - {before}) < 2")

        turn = page.locator(f".st-key-tpa-turn-{FOLDED}")
        link = turn.locator(".tpa-row-open").first
        assert link.get_attribute("aria-label") == f"Open 1: {turn.locator('.tpa-row-title').first.inner_text()}"
        link.focus()
        page.screenshot(path=screenshots / f"conversation-folded-{width}-{scheme}.png")
        assert findings(page) == []
        page.keyboard.press("Enter")
        marks = page.locator("[role=dialog] .tpa-article mark")
        marks.first.wait_for()
        cited = answers[(FOLDED - 1 - TURNS) % FOLDED].citations[0]
        assert "".join(marks.all_text_contents()) == cited.quote
        page.keyboard.press("Escape")
        page.get_by_role("dialog").wait_for(state="detached")
        assert link.evaluate("link => link === document.activeElement")

        turn.get_by_role("button", name="More on this answer").click()
        turn.get_by_role("radio", name="Thumbs up").wait_for()
        turn.get_by_role("button", name="Open 1: ").wait_for()
        assert turn.locator(".tpa-folded").count() == 0
        assert page.evaluate(OVERFLOW) == 0
