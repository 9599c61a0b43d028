"""The ways of asking in a browser, at two widths: filters, editing, suggestions, exports, keys."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
from typer.testing import CliRunner

from tests.browser.conftest import Served
from tests.browser.test_ask import JAPAN, OVERFLOW, TINPLATE, ask
from ui.cli import app as command_line

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

MINERALS = "Which minerals does the suspension cover?"
PUBLISHER = "Sample Trade Monitor"
TINPLATE_CLAIM = "The tinplate levy of Freedonia rose 5~10% and then 20~30%"
FORMATS = ("Markdown", "Web page (HTML)", "Word, with footnotes", "JSON")

widths = pytest.mark.parametrize("width", [1280, 390])


def pills(page: Page) -> list[str]:
    return [words.replace("\u2060", "") for words in page.locator("[class*=st-key-pill-] button p").all_inner_texts()]


def filters_in(page: Page) -> dict[str, list[str]]:
    return {name: values for name, values in parse_qs(urlsplit(page.url).query).items() if name != "c"}


def row(page: Page) -> Locator:
    return page.locator("[class*=st-key-tpa-actions-]").last


@widths
def test_filters_are_pills_that_the_address_keeps(visit: Callable[..., Page], width: int) -> None:
    page = visit(f"/?from=2025-10-01&publisher={PUBLISHER.replace(' ', '%20')}", width=width)
    page.locator("[class*=st-key-pill-]").nth(1).wait_for()
    assert pills(page) == ["From 1 October 2025", PUBLISHER]
    assert page.evaluate(OVERFLOW) <= 0
    ask(page, MINERALS)
    assert page.locator(".tpa-question .tpa-note").inner_text().startswith("Searched only:")
    assert filters_in(page) == {"from": ["2025-10-01"], "publisher": [PUBLISHER]}
    shared = visit(page.url.removeprefix(page.url.split("/?")[0]), width=width)
    shared.locator("[class*=st-key-pill-]").nth(1).wait_for()
    assert pills(shared) == ["From 1 October 2025", PUBLISHER]
    page.reload()
    page.get_by_role("button", name="Remove filter: From 1 October 2025").click()
    page.wait_for_function("() => document.querySelectorAll('[class*=st-key-pill-] button').length === 1")
    page.wait_for_function("() => !location.search.includes('from=')")
    assert (pills(page), filters_in(page)) == ([PUBLISHER], {"publisher": [PUBLISHER]})


def test_filters_are_there_after_a_look_at_another_page_and_with_the_browsers_back(visit: Callable[..., Page]) -> None:
    page = visit("/?from=2025-10-01")
    page.locator("[class*=st-key-pill-]").wait_for()
    page.get_by_role("link", name="Sources").click()
    page.get_by_role("heading", name="Sources", exact=True).wait_for()
    page.get_by_role("link", name="Ask").click()
    page.locator("[class*=st-key-pill-]").wait_for()
    assert pills(page) == ["From 1 October 2025"]
    page.wait_for_function("() => location.search.includes('from=2025-10-01')")
    page.get_by_role("link", name="Sources").click()
    page.get_by_role("heading", name="Sources", exact=True).wait_for()
    page.go_back()
    page.locator("[class*=st-key-pill-]").wait_for()
    assert pills(page) == ["From 1 October 2025"]


@widths
def test_how_sure_an_answer_has_to_be_is_chosen_above_the_box(visit: Callable[..., Page], width: int) -> None:
    page = visit(width=width)
    page.get_by_role("button", name="Exact quotes · balanced").click()
    page.get_by_text("Answers only what the articles almost surely do").wait_for()
    assert page.evaluate(OVERFLOW) <= 0
    page.get_by_text("Strict", exact=True).click()
    page.get_by_role("button", name="Exact quotes · strict").wait_for()
    page.keyboard.press("Escape")
    page.get_by_text("Answers only what the articles almost surely do").wait_for(state="hidden")
    ask(page, MINERALS)
    assert page.get_by_role("button", name="Exact quotes · strict").count() == 1


@widths
def test_question_is_edited_and_asked_again(visit: Callable[..., Page], width: int) -> None:
    page = visit(width=width)
    ask(page, MINERALS)
    row(page).get_by_role("button", name="Edit and ask again").click()
    field = page.get_by_label("Edit the question")
    page.wait_for_function("() => document.activeElement?.matches('.st-key-tpa-edit textarea')")
    assert field.input_value() == MINERALS
    assert page.evaluate(OVERFLOW) <= 0
    page.keyboard.press("Escape")
    field.wait_for(state="detached")
    row(page).get_by_role("button", name="Edit and ask again").click()
    field.fill(JAPAN)
    page.get_by_role("button", name="Ask", exact=True).click()
    page.get_by_role("heading", name=JAPAN, exact=True).wait_for()
    page.wait_for_selector(".tpa-working", state="detached")
    assert page.locator(".tpa-question h2").all_inner_texts() == [MINERALS, JAPAN]
    assert field.count() == 0


@widths
def test_what_a_question_was_understood_as_is_edited_and_asked_as_it_stands(
    visit: Callable[..., Page], width: int
) -> None:
    page = visit(width=width)
    ask(page, MINERALS)
    ask(page, "And what about gallium?")
    understood = page.locator(".tpa-understood").inner_text()
    page.get_by_role("button", name="Edit", exact=True).click()
    field = page.get_by_label("Edit the question")
    # The form is drawn a moment before its text is in it.
    page.wait_for_function(
        "text => document.querySelector('.st-key-tpa-edit textarea')?.value === text", arg=understood
    )
    field.fill("Which countries are mentioned?")
    page.get_by_role("button", name="Ask", exact=True).click()
    page.get_by_role("heading", name="Which countries are mentioned?", exact=True).wait_for()
    page.wait_for_selector(".tpa-working", state="detached")
    assert page.locator(".tpa-understood").count() == 1


@widths
def test_what_these_articles_answer_too_is_offered_below_and_answered(visit: Callable[..., Page], width: int) -> None:
    page = visit(width=width)
    ask(page, JAPAN)
    offered = page.locator(".st-key-tpa-next button").first
    offered.wait_for()
    assert page.evaluate(OVERFLOW) <= 0
    question = offered.inner_text().replace("\u2060", "")
    offered.click()
    page.get_by_role("heading", name=question, exact=True).wait_for()
    page.wait_for_selector(".tpa-working", state="detached")
    assert page.locator("a.tpa-cite").count() >= 1


@widths
def test_exports_of_an_answer_and_of_the_conversation_are_accepted(
    visit: Callable[..., Page], served: Served, tmp_path: Path, width: int
) -> None:
    page = visit(width=width)
    ask(page, TINPLATE)
    ask(page, MINERALS)
    row(page).get_by_role("button", name="Export").click()
    for what, part in (("This answer", "this"), ("Whole conversation", "all")):
        page.get_by_role("radio", name=what).click()
        page.locator(f"[class*=st-key-export-][class*=-{part}-json]").wait_for()
        for name in FORMATS:
            with page.expect_download() as download:
                page.get_by_role("button", name=name, exact=True).click()
            path = tmp_path / f"{what[:4]}-{download.value.suggested_filename}"
            download.value.save_as(path)
            shown = CliRunner().invoke(command_line, ["verify-export", str(path), "--data", str(served.data_dir)])
            assert (shown.exit_code, path.suffix) == (0, path.suffix), shown.output
            assert ("tinplate" in shown.output.lower()) is (what == "Whole conversation"), shown.output
    assert page.evaluate(OVERFLOW) <= 0
    page.keyboard.press("Escape")
    page.get_by_role("button", name="JSON", exact=True).wait_for(state="hidden")


@widths
def test_last_question_stands_below_the_header_and_the_empty_box_is_one_line_high(
    new_page: Callable[..., Page], served: Served, width: int
) -> None:
    page = new_page(width=width, height=844)
    page.goto(served.url)
    header = page.locator(".stAppHeader")
    box = page.locator(".stChatInput")
    box.wait_for()
    height = box.evaluate("box => box.offsetHeight")
    for question in (
        MINERALS,
        TINPLATE,
        "And what does the suspension of the minerals not cover, and until when?",
        JAPAN,
    ):
        # Each at once after the one before: what is offered after an answer is still arriving, and goes again.
        ask(page, question)
        page.wait_for_timeout(500)
        heading = page.get_by_role("heading", name=question, exact=True)
        at, above = heading.bounding_box(), header.bounding_box()
        assert at is not None
        assert above is not None
        assert above["y"] + above["height"] <= at["y"] < 160
        assert box.evaluate("box => box.offsetHeight") == height


def test_keys_lead_to_the_box_and_to_a_new_chat(visit: Callable[..., Page]) -> None:
    page = visit()
    is_in_box = "() => document.activeElement?.matches('[data-testid=stChatInput] textarea')"
    page.wait_for_selector('[data-testid=stChatInput] textarea[aria-keyshortcuts="/"]')
    page.keyboard.press("/")
    page.wait_for_function(is_in_box)
    page.keyboard.type("Which 1/2?")
    box = page.locator("[data-testid=stChatInput] textarea")
    assert box.input_value() == "Which 1/2?"
    ask(page, MINERALS)
    page.wait_for_function(is_in_box)
    page.keyboard.press("Alt+n")
    page.wait_for_selector(".tpa-heading")
    page.wait_for_selector(".tpa-question", state="detached")
