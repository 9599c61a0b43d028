"""More questions at once than are answered at once, in a browser: each waits in sight, and each has its end."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import WRITTEN_CLAIM, Written
from tests.browser.test_ask import OVERFLOW, TINPLATE
from tests.browser.test_asking_live import STOPPED, claims
from ui.turns import MAX_RUNNING

if TYPE_CHECKING:
    from playwright.sync_api import Page

WRITTEN = [f"{WRITTEN_CLAIM}.", "So it says."]


def says(page: Page, words: str) -> None:
    """Wait until the line of an answer under way says this."""
    page.locator(".tpa-working", has_text=words).wait_for()


@pytest.mark.parametrize("width", [1280, 390])
def test_questions_over_what_is_answered_at_once_wait_in_sight_until_it_is_their_turn(
    new_page: Callable[..., Page], written: Written, width: int
) -> None:
    running = [new_page(width=width) for _ in range(MAX_RUNNING)]
    waiting = [new_page(width=width) for _ in range(3)]
    boxes = []
    for page in (*running, *waiting):
        page.goto(written.url)
        boxes.append(page.locator("[data-testid=stChatInput] textarea"))
        boxes[-1].fill(TINPLATE)
    for box in boxes:
        box.press("Enter")
        box.page.wait_for_selector(".tpa-working")
    for page in running:
        says(page, "Checking further sentences")
    for place, page in enumerate(waiting, start=1):
        says(page, f"Queued, {place} question{'s' * (place > 1)} first")
        assert page.evaluate(OVERFLOW) <= 0
    left, second, third = waiting
    left.get_by_role("button", name="Stop").click()
    left.get_by_text(STOPPED).wait_for()
    assert claims(left) == []
    says(second, "Queued, 1 question first")
    says(third, "Queued, 2 questions first")
    stopped, *others = running
    stopped.get_by_role("button", name="Stop").click()
    stopped.get_by_text(STOPPED).wait_for()
    says(second, "Checking further sentences")
    says(third, "Queued, 1 question first")
    written.chat.go_on.set()
    for page in (*others, second, third):
        page.wait_for_selector(".tpa-working", state="detached")
        assert claims(page) == WRITTEN
