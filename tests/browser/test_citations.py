"""From a claim to its passage and back: the drawer, its ways on, the copied reference, the timeline and paper."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from assistant.settings import load_settings
from ingest.sync import ingest
from tests.browser.conftest import HOSTILE_SENTENCE, HOSTILE_TITLE, serving
from tests.browser.test_ask import MARKED, OVERFLOW, ask, open_drawer
from tests.browser.test_pictures import SIZES

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from assistant.embedding import Embedder

SCRAP = "Until when is the ban on copper scrap exports from Ruritania suspended?"
TINPLATE = "How much did the tinplate levy of Freedonia rise?"
NOWHERE = "Which quota applies to Swiss watches in Japan?"
FILLER = "Mills along the coast wait for the harbour master, and the harbour master waits for the tide. " * 12
ARTICLES = {
    "pause": (
        "Ruritania pauses its ban on copper scrap", "Customs Administration of Ruritania", "2026-03-04",
        f"{FILLER}\n\nThe ban on exports of copper scrap from Ruritania is suspended for 90 days from 10 March 2026."
        f"\n\n{FILLER}\n\nThe ban on copper scrap exports from Ruritania was imposed in December 2024.\n\n{FILLER}",
    ),
    "longer": (
        "Copper scrap pause runs on", "Coast Gazette", "2026-06-05",
        "Ruritania has extended the suspension of its ban on copper scrap exports to 30 November 2026. "
        "The customs office gave no reason for the new date.",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("articles")
    for name, (title, publisher, published, text) in ARTICLES.items():
        head = f"title: {title}\npublisher: {publisher}\ndate: {published}\nurl: https://{name}.example/news"
        (folder / f"{name}.md").write_text(f"---\n{head}\n---\n\n{text}\n", encoding="utf-8")
    (folder / "hostile.txt").write_text(f"{HOSTILE_TITLE}\n\n{HOSTILE_SENTENCE}\n", encoding="utf-8")
    data_dir = tmp_path_factory.mktemp("data")
    ingest([folder], load_settings(data_dir=data_dir), embedder=embedder)
    with serving(data_dir, tmp_path_factory.mktemp("elsewhere")) as served:
        yield served


@pytest.fixture
def opened(new_page: Callable[..., Page], url: str) -> Callable[..., Page]:
    def open_it(question: str = "", path: str = "/", **options: object) -> Page:
        page = new_page(**options)
        page.goto(url + path)
        page.wait_for_selector(".tpa-heading, .tpa-question")
        if question:
            ask(page, question)
        return page

    return open_it


def marked(page: Page) -> str:
    return str(open_drawer(page).locator("mark").evaluate_all(MARKED))


def place(drawer: Locator) -> str:
    return drawer.locator(".tpa-step").first.inner_text()


@pytest.mark.parametrize("width", SIZES)
def test_drawer_steps_through_the_citations_and_says_what_each_is_used_for(
    opened: Callable[..., Page], width: int
) -> None:
    page = opened(SCRAP, width=width, height=SIZES[width])
    quotes = page.locator(".tpa-hover-quote").all_text_contents()
    total = len(set(page.locator("a.tpa-cite").evaluate_all("all => all.map(each => each.textContent)")))
    assert total > 1
    page.locator("a.tpa-cite").first.click()
    drawer = open_drawer(page)
    assert place(drawer) == f"Citation 1 of {total}"
    assert marked(page) == quotes[0]
    assert drawer.locator(".tpa-used").first.inner_text() == "Used for: a quote, word for word"
    assert drawer.locator(".tpa-check").first.inner_text() == "Checked: exact quote."
    drawer.get_by_role("button", name="Next citation").click()
    page.wait_for_function(f"() => document.querySelector('.tpa-step')?.textContent === 'Citation 2 of {total}'")
    assert marked(page) in quotes
    drawer.get_by_role("button", name="Previous citation").click()
    page.wait_for_function(f"() => document.querySelector('.tpa-step')?.textContent === 'Citation 1 of {total}'")
    drawer.get_by_role("button", name="Previous citation").click()
    page.wait_for_function(f"() => document.querySelector('.tpa-step')?.textContent === 'Citation {total} of {total}'")
    if width < 600:
        assert open_drawer(page).bounding_box()["width"] == width  # type: ignore[index]
    assert page.evaluate(OVERFLOW) <= 0


def test_card_says_how_the_claim_was_checked(opened: Callable[..., Page]) -> None:
    page = opened(SCRAP)
    page.locator("a.tpa-cite").first.hover()
    assert page.get_by_role("tooltip").locator(".tpa-float-check").inner_text() == "Checked: exact quote."


def test_quote_is_copied_with_its_reference_by_keyboard_alone(opened: Callable[..., Page]) -> None:
    page = opened(SCRAP)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    chip = page.locator("a.tpa-cite").first
    chip.focus()
    page.keyboard.press("Enter")
    drawer = open_drawer(page)
    quote = marked(page)
    button = drawer.get_by_role("button", name="Copy quote with reference")
    for _ in range(30):
        page.keyboard.press("Tab")
        if button.evaluate("button => button === document.activeElement"):
            break
    page.keyboard.press("Enter")
    drawer.get_by_text("Copied", exact=True).wait_for()
    copied = page.evaluate("() => navigator.clipboard.readText()")
    assert copied.startswith(f"“{quote}” — ")
    assert re.search(r", “.+”, \d+ \w+ 2026, https://\w+\.example/news.*, version 1, characters \d+–\d+$", copied)
    page.keyboard.press("Escape")
    drawer.wait_for(state="detached")
    page.wait_for_function("() => document.activeElement?.matches('a.tpa-cite')")
    assert chip.evaluate("chip => chip === document.activeElement")


def test_quote_can_be_selected_where_the_browser_refuses_the_clipboard(opened: Callable[..., Page]) -> None:
    page = opened(TINPLATE)
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')); }")
    page.locator("a.tpa-cite").first.click()
    drawer = open_drawer(page)
    drawer.get_by_role("button", name="Copy quote with reference").click()
    shown = drawer.get_by_label("Quote with reference", exact=True)
    shown.wait_for()
    selected = "text => text.value.slice(text.selectionStart, text.selectionEnd)"
    assert shown.evaluate(selected).startswith(f"“{HOSTILE_SENTENCE}” — ")


def test_publisher_opens_at_the_passage(opened: Callable[..., Page]) -> None:
    page = opened(SCRAP)
    page.locator("a.tpa-cite").first.click()
    link = open_drawer(page).get_by_role("link", name="Open at publisher").get_attribute("href") or ""
    assert re.fullmatch(r"https://\w+\.example/news#:~:text=.+", link)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", SIZES)
def test_dots_and_lines_of_the_timeline_open_their_sentences(
    opened: Callable[..., Page], screenshots: Path, width: int, scheme: str
) -> None:
    page = opened(SCRAP, width=width, height=SIZES[width], color_scheme=scheme)
    page.locator("summary").filter(has_text="Timeline").click()
    dots = page.locator(".stVegaLiteChart svg .mark-symbol").last.locator("path")
    dots.last.wait_for()
    assert dots.count() == page.locator("a.tpa-event").count()
    assert page.evaluate(OVERFLOW) <= 0
    # Away from the question box, which stays at the lower edge and lies over what is below it.
    page.locator(".stVegaLiteChart").evaluate("chart => chart.scrollIntoView({ block: 'center' })")
    page.wait_for_timeout(700)
    page.screenshot(path=screenshots / f"timeline-{width}-{scheme}.png", animations="disabled")
    for _ in range(2):
        dots.last.click(force=True)
        assert "30 November 2026" in marked(page)
        page.keyboard.press("Escape")
        page.wait_for_selector("[role=dialog]", state="detached")
    line = page.locator("a.tpa-event").last
    line.focus()
    page.keyboard.press("Enter")
    assert "30 November 2026" in marked(page)


def test_paper_has_the_sources_in_full_and_nothing_to_press(opened: Callable[..., Page]) -> None:
    page = opened(SCRAP)
    page.emulate_media(media="print")
    reference = page.locator(".tpa-reference").first
    assert reference.is_visible()
    assert re.search(r"https://\w+\.example/news.*characters \d+–\d+$", reference.inner_text())
    assert page.locator("button:visible").count() == 0
    assert not page.locator("[data-testid=stSidebar]").is_visible()
    assert page.locator("a.tpa-cite").first.evaluate("chip => getComputedStyle(chip, '::before').content") == '"["'
    assert page.locator(".stApp").evaluate("app => getComputedStyle(app).backgroundColor") == "rgb(255, 255, 255)"
