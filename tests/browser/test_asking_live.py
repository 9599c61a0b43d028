"""Answers under way in a browser, looked at, reloaded, stopped, and in several tabs; also the writer, and thumbs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import WRITTEN_CLAIM, Written
from tests.browser.test_ask import MARKED, OVERFLOW, TINPLATE, ask, open_drawer
from tests.chat_server import MODEL

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

MINERALS = "Which minerals does the suspension cover?"
BOX = "[data-testid=stChatInput] textarea"
IS_FOCUSED_WITH = "box => box === document.activeElement ? box.value : null"
STOPPED = "Stopped. What had been verified by then is kept."

widths = pytest.mark.parametrize("width", [1280, 390])


def row(page: Page) -> Locator:
    return page.locator("[class*=st-key-tpa-actions-]").last


def begin(page: Page, question: str = TINPLATE) -> None:
    """Ask, and wait for the first claim, not for the end."""
    box = page.locator(BOX)
    box.fill(question)
    box.press("Enter")
    page.locator("a.tpa-cite").first.wait_for()


def claims(page: Page) -> list[str]:
    return page.locator(".tpa-claim .tpa-verbatim").all_inner_texts()


def test_writer_is_switched_where_a_chat_model_is_set(new_page: Callable[..., Page], written: Written) -> None:
    page = new_page()
    page.goto(written.url)
    page.get_by_role("button", name=f"Written by {MODEL} · balanced").click()
    page.get_by_text("Exact quotes", exact=True).click()
    page.get_by_role("button", name="Exact quotes · balanced").wait_for()
    page.keyboard.press("Escape")
    ask(page, TINPLATE)
    assert page.locator("a.tpa-cite").count() >= 1
    assert written.chat.requests == []


def test_answer_in_progress_survives_a_look_at_its_source_and_a_reload_until_it_is_stopped(
    new_page: Callable[..., Page], written: Written
) -> None:
    page = new_page()
    page.goto(written.url)
    begin(page)
    page.locator("a.tpa-cite").first.click()
    assert "20~30%" in open_drawer(page).locator("mark").evaluate_all(MARKED)
    assert page.locator(".tpa-working").count() == 1
    page.keyboard.press("Escape")
    page.wait_for_selector("[role=dialog]", state="detached")
    page.reload()
    page.wait_for_selector(".tpa-working")
    page.get_by_role("button", name="Stop").click()
    page.get_by_text(STOPPED).wait_for()
    (claim,) = claims(page)
    assert claim.startswith(WRITTEN_CLAIM)
    assert page.locator(".tpa-working").count() == 0


def test_end_of_an_answer_leaves_its_claim_and_the_focus_where_they_are(
    new_page: Callable[..., Page], written: Written
) -> None:
    page = new_page()
    page.goto(written.url)
    begin(page)
    chip = page.locator("a.tpa-cite").first
    chip.focus()
    drawn = chip.element_handle()
    written.chat.go_on.set()
    row(page).wait_for()
    assert drawn.evaluate("chip => chip === document.activeElement")
    assert claims(page) == [f"{WRITTEN_CLAIM}.", "So it says."]


def test_what_is_typed_while_an_answer_is_written_stays_in_the_box_and_can_be_asked_after_it(
    new_page: Callable[..., Page], written: Written
) -> None:
    page = new_page()
    page.goto(written.url)
    box = page.locator(BOX)
    drawn = box.element_handle()
    drawn.focus()
    page.keyboard.type(TINPLATE)
    page.keyboard.press("Enter")
    # One letter after the other, from before the page has drawn the question until its answer is being written.
    typed = ""
    for letter in MINERALS[:-1]:
        page.keyboard.type(letter)
        typed += letter
        page.wait_for_timeout(30)
    page.locator("a.tpa-cite").first.wait_for()
    assert drawn.evaluate(IS_FOCUSED_WITH) == typed
    for put_back in (typed, f"{typed} ", typed):
        page.keyboard.press("Enter")
        expect(box).to_have_value(put_back)
        page.get_by_text("The last question is still being answered. Your question was not asked").wait_for()
        assert drawn.evaluate(IS_FOCUSED_WITH) == put_back
    written.chat.go_on.set()
    row(page).wait_for()
    page.get_by_text("Your question was not asked").wait_for(state="detached")
    page.keyboard.type(MINERALS[-1])
    assert drawn.evaluate(IS_FOCUSED_WITH) == MINERALS
    page.keyboard.press("Enter")
    page.get_by_role("heading", name=MINERALS, exact=True).wait_for()
    expect(box).to_have_value("")
    assert drawn.evaluate(IS_FOCUSED_WITH) == ""


def test_box_lets_go_of_the_keyboard_of_a_phone_when_a_question_is_asked(visit: Callable[..., Page]) -> None:
    page = visit(width=390)
    box = page.locator(BOX)
    box.tap()
    page.keyboard.type(MINERALS)
    assert box.evaluate("box => box === document.activeElement")
    page.keyboard.press("Enter")
    row(page).wait_for()
    assert box.evaluate("box => box !== document.activeElement")


def test_second_tab_and_one_that_slept_show_the_same_answer(new_page: Callable[..., Page], written: Written) -> None:
    page = new_page()
    page.goto(written.url)
    begin(page)
    second = page.context.new_page()
    second.goto(page.url)
    second.locator("a.tpa-cite").first.wait_for()
    assert second.locator(".tpa-working").count() == 1
    sleeping = page.context.new_cdp_session(page)
    sleeping.send("Page.setWebLifecycleState", {"state": "frozen"})
    second.get_by_role("button", name="Stop").click()
    second.get_by_text(STOPPED).wait_for()
    sleeping.send("Page.setWebLifecycleState", {"state": "active"})
    page.get_by_text(STOPPED).wait_for()
    (claim,) = claims(page)
    assert claim.startswith(WRITTEN_CLAIM)
    assert claims(second) == [claim]


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
