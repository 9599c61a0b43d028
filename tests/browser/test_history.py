"""Conversations in the browser: found again after a restart, with their citations, by mouse, keyboard and touch."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from assistant.conversation_records import LOCAL, Feedback, StoredTurn, TurnState, Vote, title_of
from assistant.conversations import FILE_NAME, ConversationStore
from tests.browser.conftest import Served, serving

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

BLACKWELL = "Did China get approval to buy Nvidia's Blackwell chips?"
HOSTILE = "Is <b>tin</b> at 5~10% -- *not* NT$4?"
LONG = "Question {}?"
WIDTHS = [(1280, "light"), (390, "dark")]
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
IN_UPPER_HALF = "heading => ((at) => at > 0 && at < innerHeight / 2)(heading.getBoundingClientRect().top)"
FOCUSED_AT = "() => document.activeElement.getBoundingClientRect().right"
MARKED = "marks => marks.map(mark => mark.textContent).join('')"


@pytest.fixture
def data_dir(served: Served, tmp_path: Path) -> Path:
    """Copy the library, without the conversations of other tests; keep three of our own."""
    copy = tmp_path / "data"
    shutil.copytree(served.data_dir, copy, ignore=lambda _, names: [name for name in names if FILE_NAME in name])
    store = ConversationStore(copy)
    for key, days, questions in (
        ("hostile", 0, [HOSTILE]),
        ("long", 3, [LONG.format(number) for number in range(1, 46)]),
        ("old", 60, ["Who applies the CBAM?"]),
    ):
        at = datetime.now(UTC) - timedelta(days=days, minutes=1)
        for number, question in enumerate(questions, 1):
            turn = StoredTurn(number, question, at, TurnState.STOPPED)
            store.save(LOCAL, key, turn, title=title_of(questions[0]))
    return copy


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    return folder


def show_list(page: Page) -> Locator:
    """Open the sidebar where it is closed; return the list."""
    opening = page.locator("[data-testid=stExpandSidebarButton]")
    if opening.is_visible():
        opening.click()
    history = page.locator(".st-key-tpa-history")
    history.get_by_role("heading", name="Conversations").wait_for()
    return history


def titles(history: Locator) -> list[str]:
    shown = history.locator("[class*=st-key-chat-] button").all_inner_texts()
    return [title.replace("\u2060", "") for title in shown]


def choose(history: Locator, title: str, what: str) -> None:
    history.get_by_role("button", name=f"Rename or delete {title}").click()
    history.page.get_by_role("menuitem", name=what).click()


@pytest.mark.parametrize(("width", "scheme"), WIDTHS)
def test_conversation_and_its_citation_are_there_after_a_restart(
    new_page: Callable[..., Page], data_dir: Path, elsewhere: Path, screenshots: Path, width: int, scheme: str
) -> None:
    page = new_page(width=width, color_scheme=scheme)
    with serving(data_dir, elsewhere) as url:
        page.goto(url)
        page.wait_for_selector(".tpa-heading")
        box = page.locator("[data-testid=stChatInput] textarea")
        box.fill(BLACKWELL)
        box.press("Enter")
        page.get_by_role("button", name="Open 1").wait_for()
        claims = page.locator(".tpa-claim").all_text_contents()
        address = page.url.partition("?")[2]
        assert address.startswith("c=")
    page.goto("about:blank")
    with serving(data_dir, elsewhere) as url:
        page.goto(f"{url}/?{address}")
        page.get_by_role("button", name="Open 1").wait_for()
        assert page.locator(".tpa-claim").all_text_contents() == claims
        chip = page.locator("a.tpa-cite").first
        quote = chip.locator("+ .tpa-hover .tpa-hover-quote").text_content()
        chip.click()
        page.wait_for_selector("[role=dialog] .tpa-article mark")
        assert page.locator("[role=dialog] mark").evaluate_all(MARKED) == quote
        page.keyboard.press("Escape")
        page.get_by_role("dialog").wait_for(state="detached")
        history = show_list(page)
        assert titles(history)[0] == BLACKWELL
        assert history.locator("[class*=st-key-tpa-current-]").count() == 1
        page.wait_for_timeout(300)  # until the sidebar stands still, for the picture
        page.screenshot(path=screenshots / f"conversations-{width}-{scheme}.png")
        assert page.evaluate(OVERFLOW) == 0


@pytest.mark.parametrize(("width", "scheme"), WIDTHS)
def test_conversations_are_opened_searched_renamed_and_deleted(
    new_page: Callable[..., Page], data_dir: Path, elsewhere: Path, screenshots: Path, width: int, scheme: str
) -> None:
    page = new_page(width=width, color_scheme=scheme)
    with serving(data_dir, elsewhere) as url:
        page.goto(url)
        page.wait_for_selector(".tpa-heading")
        history = show_list(page)
        assert titles(history) == [HOSTILE, LONG.format(1), "Who applies the CBAM?"]
        assert history.get_by_role("heading", level=3).all_inner_texts() == ["Today", "Previous 7 days", "Older"]

        history.get_by_role("button", name="Question 1?", exact=True).click()
        last = page.get_by_role("heading", name=LONG.format(45), exact=True)
        page.wait_for_function("() => document.querySelectorAll('.tpa-question').length === 20")
        # On a phone the list gives way; in any case the last question is in view.
        page.wait_for_function(IN_UPPER_HALF, arg=last.element_handle())
        assert page.locator("[data-testid=stExpandSidebarButton]").is_visible() == (width < 600)
        page.screenshot(path=screenshots / f"conversation-long-{width}-{scheme}.png")
        page.get_by_role("button", name="Show earlier questions").click()
        page.wait_for_function("() => document.querySelectorAll('.tpa-question').length === 40")

        history = show_list(page)
        choose(history, "Question 1?", "Rename")
        field = page.get_by_role("dialog").get_by_label("Title")
        field.fill("Levies & *quotas*")
        page.screenshot(path=screenshots / f"conversation-rename-{width}-{scheme}.png")
        field.press("Enter")
        page.get_by_role("dialog").wait_for(state="detached")
        history.get_by_role("button", name="Levies").first.wait_for()
        assert titles(history) == [HOSTILE, "Levies & *quotas*", "Who applies the CBAM?"]

        history.get_by_label("Search conversations").fill("CBAM")
        history.get_by_label("Search conversations").press("Enter")
        page.wait_for_function("() => document.querySelectorAll('[class*=st-key-chat-] button').length === 1")
        assert titles(history) == ["Who applies the CBAM?"]
        history.get_by_label("Search conversations").fill("")
        history.get_by_label("Search conversations").press("Enter")
        page.wait_for_function("() => document.querySelectorAll('[class*=st-key-chat-] button').length === 3")

        choose(history, "Levies", "Delete")
        dialog = page.get_by_role("dialog")
        dialog.get_by_text("45 questions").wait_for()
        page.screenshot(path=screenshots / f"conversation-delete-{width}-{scheme}.png")
        dialog.get_by_role("button", name="Delete", exact=True).click()
        dialog.wait_for(state="detached")
        page.wait_for_function("() => document.querySelectorAll('[class*=st-key-chat-] button').length === 2")
        assert titles(history) == [HOSTILE, "Who applies the CBAM?"]
        page.wait_for_selector(".tpa-heading")
    assert ConversationStore(data_dir).conversation(LOCAL, "long") is None


def test_list_is_used_by_keyboard(new_page: Callable[..., Page], data_dir: Path, elsewhere: Path) -> None:
    page = new_page()
    with serving(data_dir, elsewhere) as url:
        page.goto(url)
        page.wait_for_selector(".tpa-heading")
        history = show_list(page)
        page.get_by_label("Search conversations").focus()
        page.keyboard.press("Tab")
        first = history.locator("[class*=st-key-chat-] button").first
        assert first.evaluate("button => button === document.activeElement")
        assert first.evaluate("button => getComputedStyle(button).outlineStyle") == "solid"
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.get_by_role("menuitem", name="Rename").wait_for()
        page.keyboard.press("Escape")
        page.get_by_role("menuitem", name="Rename").wait_for(state="detached")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.get_by_role("heading", name=LONG.format(45), exact=True).wait_for()
        current = history.locator("[class*=st-key-tpa-current-]")
        assert "Current conversation:" in (current.text_content() or "")


def test_keyboard_never_goes_into_the_list_while_it_is_put_away(
    new_page: Callable[..., Page], data_dir: Path, elsewhere: Path
) -> None:
    page = new_page(width=390)
    with serving(data_dir, elsewhere) as url:
        page.goto(url)
        page.wait_for_selector(".tpa-heading")
        page.wait_for_selector("[class*=st-key-chat-] button", state="attached")
        focused_at = []
        for _ in range(30):
            page.keyboard.press("Tab")
            focused_at.append(page.evaluate(FOCUSED_AT))
        assert min(focused_at) >= 0
        assert show_list(page).get_by_role("button", name="Question 1?", exact=True).is_visible()


def test_what_was_said_of_one_answer_does_not_stand_under_another(
    new_page: Callable[..., Page], data_dir: Path, elsewhere: Path
) -> None:
    said_of_another = Feedback(Vote.UP)
    ConversationStore(data_dir).save_feedback(LOCAL, "old", 1, said_of_another, at=datetime.now(UTC))
    page = new_page()
    with serving(data_dir, elsewhere) as url:
        page.goto(url)
        page.wait_for_selector(".tpa-heading")
        history = show_list(page)
        history.get_by_role("button", name="Is <b>tin").first.click()
        page.get_by_role("heading", name=HOSTILE, exact=True).wait_for()
        page.get_by_role("radio", name="Thumbs down").click()
        page.get_by_label("What would have been right?").fill("For this one only")
        history.get_by_role("button", name="Who applies the CBAM?", exact=True).click()
        page.get_by_role("heading", name="Who applies the CBAM?", exact=True).wait_for()
        page.get_by_role("radio", name="Thumbs up", checked=True).wait_for()
        page.get_by_role("radio", name="Thumbs down").click()
        assert page.get_by_label("What would have been right?").input_value() == ""
    assert ConversationStore(data_dir).feedback_on(LOCAL, "hostile") == {1: Feedback(Vote.DOWN)}
    assert ConversationStore(data_dir).feedback_on(LOCAL, "old") == {1: Feedback(Vote.DOWN)}
