"""Hostile articles and questions are shown verbatim and do nothing: on the page, in the hover card, in the drawer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from assistant.settings import load_settings
from ingest.sync import ingest
from tests.browser.conftest import serving
from tests.browser.test_ask import MARKED, OVERFLOW, ask, open_drawer

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from assistant.embedding import Embedder

SENTENCES = {
    "zinc": "The zinc levy of Sylvania is <script>window.ran=1</script> 7 percent <img src=x onerror=window.ran=1>.",
    "jute": "The jute levy of Sylvania is **8** percent, `code`, ~~struck~~ and [link](javascript:alert(1)).",
    "hemp": "The hemp levy of Sylvania is $9$ percent, $$\\frac{1}{2}$$ and \\(x^2\\) on NT$ 40 to HK$ 50.",
    "cork": "The cork levy of Sylvania is 10 percent :smile: :material/delete: :red[now] :blue-badge[1] and --- over.",
    "flax": "The flax levy of Sylvania is \u202e11 percent\u202c for \u2066all\u2069 importers of \u200fcloth.",
    "silk": "The silk levy of Sylvania is 12 percent, says ![seal](https://evil.example/seal.png) of //evil.example/x.",
    "wool": "The wool levy of Sylvania is 13 percent &lt;b&gt;bold&lt;/b&gt; &amp; {{7*7}} ${7*7} <%= 7*7 %>.",
}
LONG_WORD = "x" * 1_000_000
RUNS_NOTHING = (
    ":is(.tpa-claim, .tpa-article, .tpa-float, .tpa-question, .tpa-row)"
    " :is(img, script, iframe, object, b, em, strong, del, code, .katex, [onerror], a[href^='javascript:'])"
)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[str]:
    """Serve a library whose articles, titles and file names try everything; return its address."""
    folder = tmp_path_factory.mktemp("hostile")
    for good, sentence in SENTENCES.items():
        (folder / f"{good} $x$ ~y~ <b>.txt").write_text(f"On {good}: {sentence}\n\n{sentence}\n", encoding="utf-8")
    (folder / "long.txt").write_text(f"The long word\n\nThe lead levy of Sylvania is 14 percent.\n\n{LONG_WORD}\n")
    data_dir = tmp_path_factory.mktemp("data")
    ingest([folder], load_settings(data_dir=data_dir), embedder=embedder)
    with serving(data_dir, tmp_path_factory.mktemp("elsewhere")) as url:
        yield url


@pytest.fixture
def visit_hostile(new_page: Callable[..., Page], hostile: str) -> Iterator[Callable[..., Page]]:
    """Return a function that opens a page on which no dialog may open and nothing may run until the test is over."""
    pages: list[Page] = []
    dialogs: list[str] = []

    def open_it(path: str = "/", **options: object) -> Page:
        page = new_page(**options)
        page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
        page.goto(hostile + path)
        page.wait_for_selector(".tpa-heading, .tpa-question")
        pages.append(page)
        return page

    yield open_it
    assert dialogs == []
    assert [page.evaluate("window.ran") for page in pages] == [None for _ in pages]


@pytest.mark.parametrize("good", SENTENCES)
def test_article_is_verbatim_on_the_page_in_the_card_and_in_the_drawer(
    visit_hostile: Callable[..., Page], good: str
) -> None:
    page = visit_hostile()
    ask(page, f"What is the {good} levy of Sylvania?")
    said = "".join(page.locator(".tpa-claim .tpa-verbatim").all_text_contents())
    assert SENTENCES[good] in said
    chip = page.locator("a.tpa-cite").first
    chip.hover()
    page.get_by_role("tooltip").wait_for()
    assert SENTENCES[good] in (page.locator(".tpa-float-quote").text_content() or "")
    chip.click()
    drawer = open_drawer(page)
    assert SENTENCES[good] in drawer.locator("mark").evaluate_all(MARKED)
    assert page.locator(RUNS_NOTHING).count() == 0


@pytest.mark.parametrize("question", [sentence.rstrip(".") + "?" for sentence in SENTENCES.values()], ids=SENTENCES)
def test_question_is_shown_as_it_was_typed(visit_hostile: Callable[..., Page], question: str) -> None:
    page = visit_hostile()
    box = page.locator("[data-testid=stChatInput] textarea")
    box.fill(question)
    box.press("Enter")
    page.locator(".tpa-question h2").wait_for()
    page.wait_for_selector(".tpa-working", state="detached")
    assert page.locator(".tpa-question h2").text_content() == question
    assert page.locator(RUNS_NOTHING).count() == 0
    assert page.locator("[data-testid=stSidebar] :is(.katex, img, del, a[href*=evil])").count() == 0


def test_lists_of_articles_and_changes_are_verbatim(visit_hostile: Callable[..., Page], screenshots: Path) -> None:
    page = visit_hostile("/sources")
    page.wait_for_selector(".tpa-row")
    titles = page.locator(".tpa-row-title").all_text_contents()
    assert any(SENTENCES["zinc"][:40] in title for title in titles)
    assert page.locator(RUNS_NOTHING).count() == 0
    page.screenshot(path=screenshots / "hostile-sources.png")
    updates = visit_hostile("/updates")
    updates.get_by_text("What the last run changed").wait_for()
    assert updates.locator(RUNS_NOTHING).count() == 0


@pytest.mark.parametrize("width", [1280, 390])
def test_word_of_a_megabyte_neither_widens_nor_stalls_the_page(visit_hostile: Callable[..., Page], width: int) -> None:
    page = visit_hostile(width=width)
    ask(page, "What is the lead levy of Sylvania?")
    page.locator("a.tpa-cite").first.click()
    drawer = open_drawer(page)
    # A longer text is cut around the cited passage, and says so.
    assert LONG_WORD[:200_000] in (drawer.locator(".tpa-article").text_content() or "")
    assert page.evaluate(OVERFLOW) <= 0
    assert drawer.evaluate("drawer => drawer.scrollWidth - drawer.clientWidth") <= 0
