"""Copies and versions in the browser: one story is one source, and an old citation shows what changed since."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from assistant.settings import Settings, load_settings
from ingest.sync import ingest
from tests.browser.conftest import serving
from tests.browser.test_ask import IS_IN_VIEW, OVERFLOW, ask, open_drawer
from tests.stories import COPIES, GALLIUM, STEEL, Text

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from assistant.embedding import Embedder

QUESTION = "How long would the review of a licence take?"
QUOTA = "By how much will the European Union cut its quota for duty-free steel imports?"
CHANGED = (
    *STEEL[:1],
    STEEL[3],
    *STEEL[1:3],
    *STEEL[4:6],
    "Steel from Ukraine & Moldova: NT$ 5~10% and 20~30%, HK$ too.",
)
# Contrast of text that WCAG 2.1 asks for (AA).
CONTRAST = 4.5
CONTRAST_OF = """element => {
  const luminance = (css) => {
    const canvas = document.createElement("canvas").getContext("2d");
    canvas.fillStyle = css;
    canvas.fillRect(0, 0, 1, 1);
    const parts = [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3).map((value) => value / 255);
    const linear = parts.map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  };
  const style = getComputedStyle(element);
  const [low, high] = [luminance(style.color), luminance(style.backgroundColor)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}"""


def write(folder: Path, name: str, title: str, publisher: str, day: str, text: Text) -> Path:
    """Write an article as a Markdown file."""
    head = f"---\ntitle: {title}\npublisher: {publisher}\ndate: {day}\n---\n\n"
    path = folder / f"{name}.md"
    path.write_text(head + "\n\n".join(text) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    folder = tmp_path / "articles"
    folder.mkdir()
    daily, cut, edited = (
        COPIES[name][1] for name in ("straight quotes", "cut after six of eight paragraphs", "a sentence edited")
    )
    write(folder, "wire", "China suspends ban on gallium exports", "Sample Wire", "2025-11-09", GALLIUM)
    write(folder, "daily", "Beijing lifts metals ban", "Sample Daily", "2025-11-10", daily)
    write(folder, "post", "Gallium flows again", "Sample Post", "2025-11-11", cut)
    write(folder, "herald", "Relief for chipmakers", "Sample Herald", "2025-11-12", edited)
    write(folder, "steel", "EU to cut steel quota", "Sample Times", "2025-10-07", STEEL)
    return folder


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(data_dir=tmp_path / "data")


@pytest.fixture
def url(articles: Path, settings: Settings, embedder: Embedder, tmp_path: Path) -> Iterator[str]:
    ingest([articles], settings, embedder=embedder)
    (tmp_path / "elsewhere").mkdir()
    with serving(settings.data_dir, tmp_path / "elsewhere") as address:
        yield address


@pytest.fixture
def visited(new_page: Callable[..., Page], url: str) -> Callable[..., Page]:
    def visit(**options: object) -> Page:
        page = new_page(**options)
        page.goto(url)
        page.wait_for_selector("[data-testid=stChatInput]")
        return page

    return visit


@pytest.mark.parametrize(("width", "scheme"), [(1280, "dark"), (390, "light")])
def test_story_is_one_source_and_its_copies_open_in_the_drawer(
    visited: Callable[..., Page], screenshots: Path, width: int, scheme: str
) -> None:
    page = visited(width=width, color_scheme=scheme)
    ask(page, QUESTION)
    page.screenshot(path=screenshots / f"copies-{width}-{scheme}.png", animations="disabled")
    note = page.locator(".tpa-row-note").first.inner_text()
    copies = "Sample Daily · 10 November 2025, Sample Post · 11 November 2025, Sample Herald · 12 November 2025"
    assert note == f"1 origin, 3 copies: {copies}"
    assert "1 source · " in page.locator(".tpa-caption").inner_text()
    page.locator("a.tpa-cite").first.click()
    drawer = open_drawer(page)
    rows = drawer.locator(".tpa-row")
    assert drawer.get_by_text("The same story: 1 origin, 3 copies", exact=True).count() == 1
    assert [row.split("\n") for row in rows.all_inner_texts()] == [
        ["China suspends ban on gallium exports", "Sample Wire · 9 November 2025", "Origin, shown here"],
        ["Beijing lifts metals ban", "Sample Daily · 10 November 2025", "Copy"],
        ["Gallium flows again", "Sample Post · 11 November 2025", "Copy"],
        ["Relief for chipmakers", "Sample Herald · 12 November 2025", "Copy"],
    ]
    assert page.evaluate(OVERFLOW) == 0
    rows.last.scroll_into_view_if_needed()
    page.wait_for_timeout(500)
    page.screenshot(path=screenshots / f"story-{width}-{scheme}.png", animations="disabled")
    drawer.get_by_role("button", name="Open").last.click()
    page.get_by_role("dialog", name="Relief for chipmakers").wait_for()
    assert "announced it following weeks of" in open_drawer(page).locator(".tpa-article").inner_text()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_old_citation_opens_its_version_and_shows_what_changed(
    visited: Callable[..., Page],
    articles: Path,
    settings: Settings,
    embedder: Embedder,
    screenshots: Path,
    width: int,
    scheme: str,
) -> None:
    page = visited(width=width, color_scheme=scheme)
    ask(page, QUOTA)
    quote = page.locator(".tpa-hover-quote").first.text_content()
    write(articles, "steel", "EU to cut steel quota", "Sample Times", "2025-10-08", _with_other_figures(CHANGED))
    ingest([articles], settings, embedder=embedder)
    page.locator("a.tpa-cite").first.click()
    drawer = open_drawer(page)
    notice = drawer.locator(".tpa-notice").inner_text()
    assert notice.startswith("This is version 1, indexed ")
    assert notice.endswith(". The cited passage was changed in the current version.")
    assert "; version 2 is current since " in notice
    assert drawer.locator("mark").evaluate_all("marks => marks.map(mark => mark.textContent).join('')") == quote
    page.wait_for_timeout(500)
    page.screenshot(path=screenshots / f"old-version-{width}-{scheme}.png", animations="disabled")
    drawer.get_by_text("Show what changed").click()
    diff = drawer.locator(".tpa-diff")
    diff.wait_for()
    assert diff.locator("h3").inner_text() == "What changed from version 1 to version 2"
    shown = [
        part.replace("Deleted: ", "").replace("Inserted: ", "") for part in diff.locator("del, ins").all_inner_texts()
    ]
    assert [part.strip().removesuffix(".").strip() for part in shown][:4] == ["2025-10-07", "2025-10-08", "47", "44"]
    assert "Steel from Ukraine & Moldova: NT$ 5~10% and 20~30%, HK$ too." in diff.inner_text()
    for tag in ("del", "ins"):
        assert diff.locator(tag).first.evaluate(CONTRAST_OF) >= CONTRAST
    assert page.evaluate(OVERFLOW) == 0
    diff.scroll_into_view_if_needed()
    page.wait_for_timeout(500)
    page.screenshot(path=screenshots / f"versions-{width}-{scheme}.png", animations="disabled")


@pytest.mark.parametrize("width", [1280, 390])
def test_withdrawn_article_still_opens_and_says_so_beside_the_passage(
    visited: Callable[..., Page], articles: Path, settings: Settings, embedder: Embedder, screenshots: Path, width: int
) -> None:
    long = (*(f"Paragraph {number} of the minutes: {STEEL[4]}" for number in range(30)), *STEEL)
    write(articles, "steel", "EU to cut steel quota", "Sample Times", "2025-10-07", long)
    ingest([articles], settings, embedder=embedder)
    page = visited(width=width)
    ask(page, QUOTA)
    (articles / "steel.md").unlink()
    ingest([articles], settings, embedder=embedder)
    page.locator("a.tpa-cite").first.click()
    notice = open_drawer(page).locator(".tpa-notice")
    assert notice.inner_text().startswith("Withdrawn on ")
    assert notice.inner_text().endswith(": no answer uses it any more.")
    page.wait_for_function(f"() => ({IS_IN_VIEW})(document.querySelector('[role=dialog] mark'))")
    assert notice.evaluate(IS_IN_VIEW)
    page.screenshot(path=screenshots / f"withdrawn-{width}-light.png", animations="disabled")


def _with_other_figures(text: Text) -> Text:
    return tuple(part.replace("by 47 percent", "by 44 percent") for part in text)
