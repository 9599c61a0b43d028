"""Asking in the browser: from the first screen to the cited passage and back, by mouse, keyboard and touch."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import HOSTILE_SENTENCE, HOSTILE_TITLE, Served

if TYPE_CHECKING:
    from playwright.sync_api import Dialog, Locator, Page

BLACKWELL = "Did China get approval to buy Nvidia's Blackwell chips?"
JAPAN = "Who is the current prime minister of Japan?"
TINPLATE = "How much did the tinplate levy of Freedonia rise?"

IS_IN_VIEW = """mark => {
  const at = mark.getBoundingClientRect();
  const top = document.elementFromPoint(at.left + 4, at.top + 4);
  return at.height > 0 && at.top >= 0 && at.bottom <= innerHeight && mark.contains(top);
}"""
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
NOTE_DIALOGS = """() => {
  window.dialogs = 0;
  new MutationObserver(() => { window.dialogs += document.querySelectorAll('[role=dialog]').length; })
    .observe(document.body, { subtree: true, childList: true });
}"""
MARKED = "marks => marks.map(mark => mark.textContent).join('')"


def ask(page: Page, question: str) -> None:
    """Ask, and wait until the turn is over: then it has its row of buttons, and is not drawn by a fragment any more."""
    box = page.locator("[data-testid=stChatInput] textarea")
    box.fill(question)
    box.press("Enter")
    turn = page.locator("[class*=st-key-tpa-turn-]").filter(has=page.get_by_role("heading", name=question, exact=True))
    turn.locator("[class*=st-key-tpa-actions-]").wait_for()


def open_drawer(page: Page) -> Locator:
    page.wait_for_selector("[role=dialog] .tpa-article")
    return page.get_by_role("dialog")


def test_first_screen_says_what_is_indexed(visit: Callable[..., Page]) -> None:
    page = visit()
    facts = page.locator(".tpa-lead").inner_text()
    assert re.fullmatch(r"Answers come only from \d+ indexed articles, .+ 2025, \d+ publishers\.", facts)
    page.locator("[class*=st-key-tpa-suggestion-] button").nth(2).wait_for()


def test_suggestion_is_answered_when_clicked(visit: Callable[..., Page]) -> None:
    page = visit()
    suggestion = page.locator("[class*=st-key-tpa-suggestion-] button").first
    question = suggestion.inner_text().replace("\u2060", "")
    suggestion.click()
    page.wait_for_selector(".tpa-caption")
    assert page.locator(".tpa-question h2").inner_text() == question
    assert page.locator("a.tpa-cite").count() >= 1


def test_chip_shows_its_quote_on_hover_and_focus(visit: Callable[..., Page]) -> None:
    page = visit()
    ask(page, BLACKWELL)
    chip = page.locator("a.tpa-cite").first
    quote = chip.locator("+ .tpa-hover .tpa-hover-quote").text_content()
    card = page.get_by_role("tooltip")
    chip.hover()
    card.wait_for()
    assert card.locator(".tpa-float-quote").text_content() == quote
    page.mouse.move(5, 400)
    card.wait_for(state="hidden")
    page.locator("[data-testid=stChatInput] textarea").focus()
    for _ in range(40):
        page.keyboard.press("Shift+Tab")
        if chip.evaluate("chip => chip === document.activeElement"):
            break
    card.wait_for()
    assert card.locator(".tpa-float-quote").text_content() == quote
    page.keyboard.press("Escape")
    card.wait_for(state="hidden")


def test_card_never_covers_its_chip_in_a_window_without_room_for_both(
    new_page: Callable[..., Page], served: Served
) -> None:
    # 1280 by 860 pixels at a zoom of 200 %.
    page = new_page(width=640, height=430)
    page.goto(served.url)
    ask(page, BLACKWELL)
    chip = page.locator("a.tpa-cite").first
    chip.hover()
    card = page.get_by_role("tooltip")
    card.wait_for()
    at, over = chip.bounding_box(), card.bounding_box()
    assert at is not None
    assert over is not None
    assert over["y"] + over["height"] <= at["y"] or over["y"] >= at["y"] + at["height"]
    assert over["y"] >= 0
    assert over["y"] + over["height"] <= 430
    chip.click()
    open_drawer(page)


def test_chip_opens_the_article_at_the_quote_and_escape_returns_to_it(visit: Callable[..., Page]) -> None:
    page = visit()
    ask(page, BLACKWELL)
    chip = page.locator("a.tpa-cite").first
    assert re.fullmatch(r"Citation 1: .+, .+\. Show passage", chip.get_attribute("aria-label") or "")
    quote = chip.locator("+ .tpa-hover .tpa-hover-quote").text_content()
    chip.focus()
    page.keyboard.press("Enter")
    drawer = open_drawer(page)
    marks = drawer.locator("mark")
    page.wait_for_function(f"() => ({IS_IN_VIEW})(document.querySelector('[role=dialog] mark'))")
    assert marks.evaluate_all(MARKED) == quote
    assert marks.first.get_attribute("aria-label") == "Cited passage"
    page.keyboard.press("Escape")
    drawer.wait_for(state="detached")
    page.wait_for_function("() => document.activeElement?.matches('a.tpa-cite')")
    assert chip.evaluate("chip => chip === document.activeElement")


def test_source_row_opens_the_same_passage(visit: Callable[..., Page]) -> None:
    page = visit()
    ask(page, BLACKWELL)
    quote = page.locator(".tpa-hover-quote").first.text_content()
    title = page.locator(".tpa-row-title").first.inner_text()
    page.get_by_role("button", name=f"Open 1: {title}", exact=True).click()
    assert open_drawer(page).locator("mark").evaluate_all(MARKED) == quote


def test_answer_is_found_again_after_a_reload_and_by_the_address_of_a_citation(visit: Callable[..., Page]) -> None:
    page = visit()
    ask(page, BLACKWELL)
    answer = page.locator(".tpa-claim").first.inner_text()
    page.reload()
    page.wait_for_selector(".tpa-claim")
    assert page.locator(".tpa-claim").first.inner_text() == answer
    page.goto(f"{page.url}#cite-1-1")
    page.reload()
    assert open_drawer(page).locator("mark").count() >= 1


def test_id_that_is_not_of_this_conversation_opens_nothing(visit: Callable[..., Page]) -> None:
    page = visit()
    ask(page, BLACKWELL)
    page.evaluate(NOTE_DIALOGS)
    page.locator("a.tpa-cite").first.evaluate("chip => { chip.setAttribute('href', '#cite-1-99'); chip.click(); }")
    # What is asked after the click is answered after it.
    ask(page, JAPAN)
    assert page.evaluate("window.dialogs") == 0


def test_refusal_says_what_was_searched_and_offers_related_articles(visit: Callable[..., Page]) -> None:
    page = visit()
    ask(page, JAPAN)
    card = page.locator(".tpa-card")
    assert "No answer in the indexed articles" in card.inner_text()
    assert re.search(r"Searched \d+ articles \(\d+ passages\), the newest from \d+ \w+ \d{4}\.", card.inner_text())
    page.get_by_text("Related, not an answer").wait_for()
    page.locator("[class*=st-key-tpa-row-nearest-] button").first.click()
    assert open_drawer(page).locator("mark").count() == 0


def test_end_of_an_answer_is_announced(visit: Callable[..., Page]) -> None:
    page = visit()
    status = page.locator(".tpa-sr[role=status]")
    ask(page, JAPAN)
    page.wait_for_function("() => document.querySelector('.tpa-sr[role=status]').textContent !== ''")
    assert status.text_content() == "No answer found"


def test_end_that_comes_before_anything_of_the_answer_is_drawn_is_announced_too(visit: Callable[..., Page]) -> None:
    page = visit()
    ask(page, JAPAN)
    says = "() => document.querySelector('.tpa-sr[role=status]').textContent"
    page.wait_for_function(f"() => ({says})() === 'No answer found'")
    page.evaluate("() => document.querySelector('.tpa-sr[role=status]').textContent = ''")
    page.evaluate("() => document.dispatchEvent(new CustomEvent('tpa-asked', {detail: '1'}))")
    assert page.evaluate(says) == "No answer found"
    page.evaluate("() => document.addEventListener('tpa-asked', ({detail}) => (window.seenAsked ??= detail))")
    ask(page, TINPLATE)
    page.wait_for_function("() => window.seenAsked === '2'")
    page.wait_for_function(f"() => ({says})() === 'Answer complete'")


def test_hostile_article_is_shown_as_it_is_and_does_nothing(visit: Callable[..., Page]) -> None:
    page = visit()
    dialogs: list[str] = []

    def note(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", note)
    ask(page, TINPLATE)
    assert page.locator(".tpa-claim .tpa-verbatim").first.inner_text() == HOSTILE_SENTENCE
    assert page.locator(".tpa-row-title").first.inner_text() == HOSTILE_TITLE
    page.locator("a.tpa-cite").first.click()
    drawer = open_drawer(page)
    assert drawer.locator("mark").evaluate_all(MARKED) == HOSTILE_SENTENCE
    assert HOSTILE_TITLE in (drawer.locator(".tpa-article").text_content() or "")
    assert HOSTILE_TITLE in drawer.inner_text().replace("\u2060", "")
    assert page.locator(":is(.tpa-claim, .tpa-article) :is(img, script, b, em, del, .katex)").count() == 0
    assert dialogs == []


def test_new_chat_leaves_the_conversation(visit: Callable[..., Page]) -> None:
    page = visit()
    ask(page, BLACKWELL)
    page.get_by_role("button", name="New chat").click()
    page.wait_for_selector(".tpa-heading")
    page.wait_for_selector(".tpa-question", state="detached")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_small_screen_scrolls_down_only_and_fingers_hit(visit: Callable[..., Page], scheme: str) -> None:
    page = visit(width=390, height=844, color_scheme=scheme)
    assert page.evaluate(OVERFLOW) <= 0
    ask(page, TINPLATE)
    assert page.evaluate(OVERFLOW) <= 0
    targets = "a.tpa-cite, [class*=st-key-tpa-row-] button, [data-testid=stChatInput] button"
    sizes = page.locator(targets).evaluate_all(
        "all => all.map(each => [each.getBoundingClientRect().width, each.getBoundingClientRect().height])"
    )
    assert min(min(size) for size in sizes) >= 24
    page.locator("a.tpa-cite").first.tap()
    drawer = open_drawer(page)
    page.wait_for_function(f"() => ({IS_IN_VIEW})(document.querySelector('[role=dialog] mark'))")
    assert page.evaluate(OVERFLOW) <= 0
    assert drawer.evaluate("drawer => drawer.scrollWidth - drawer.clientWidth") <= 0


CONTRAST = """element => {
  const channels = colour => colour.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(c => c / 255)
    .map(c => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, place) => sum + c * [0.2126, 0.7152, 0.0722][place], 0);
  let ground = element;
  while (ground && (channels(getComputedStyle(ground).backgroundColor)[3] ?? 1) === 0) ground = ground.parentElement;
  const [a, b] = [getComputedStyle(element).color, getComputedStyle(ground).backgroundColor].map(channels).map(light);
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_in_both_themes(visit: Callable[..., Page], scheme: str) -> None:
    page = visit(color_scheme=scheme)
    ask(page, BLACKWELL)
    for selector in (
        ".tpa-question h2",
        ".tpa-verbatim",
        "a.tpa-cite",
        ".tpa-caption",
        ".tpa-row-meta",
        ".tpa-section",
    ):
        assert page.locator(selector).first.evaluate(CONTRAST) >= 4.5, selector
    page.locator("a.tpa-cite").first.click()
    drawer = open_drawer(page)
    for selector in ("mark", ".tpa-kicker", ".tpa-foot"):
        assert drawer.locator(selector).first.evaluate(CONTRAST) >= 4.5, selector
    updates = visit("/updates", color_scheme=scheme)
    assert updates.locator("[data-testid=stBaseButton-primary] p").evaluate(CONTRAST) >= 4.5
