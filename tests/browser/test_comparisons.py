"""Where sources differ, in the browser: both sides with their passages a click away, on any screen, in both themes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from assistant.settings import load_settings
from ingest.sync import ingest
from tests.browser.conftest import serving
from tests.browser.test_ask import MARKED, OVERFLOW, ask, open_drawer
from tests.browser.test_pictures import SIZES

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from assistant.embedding import Embedder

QUOTA = "What is the import quota for umbrellas in Freedonia?"
BAN = "Until when is the ban on parasol exports from Sylvania suspended?"
ARTICLES = {
    "quota": ("Umbrella quota set", "Sylvania Post", "2026-01-12", "Freedonia set the import quota for umbrellas at "
              "300,000 tonnes. Traders apply for a share by post, and those that <b>had</b> one last year come first."),
    "quota-2": ("Umbrella quota named", "The Ruritania Wire and Commercial Advertiser", "2026-02-15",
                "The import quota for umbrellas was set at 450,000 tonnes in Freedonia. Shops are glad."),
    "ban": ("Parasols may leave", "Sylvania Post", "2026-03-12",
            "Sylvania has suspended its ban on parasol exports until November 2026. Makers are glad."),
    "ban-2": ("Makers of parasols ship again", "Coast Gazette", "2026-03-15",
              "The ban on parasol exports from Sylvania is suspended until Nov. 10, 2026, a maker of parasols said."),
}  # fmt: skip


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("articles")
    for name, (title, publisher, published, text) in ARTICLES.items():
        head = f"---\ntitle: {title}\npublisher: {publisher}\ndate: {published}\n---\n\n"
        (folder / f"{name}.md").write_text(f"{head}{text}\n", encoding="utf-8")
    data_dir = tmp_path_factory.mktemp("data")
    ingest([folder], load_settings(data_dir=data_dir), embedder=embedder)
    with serving(data_dir, tmp_path_factory.mktemp("elsewhere")) as served:
        yield served


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", SIZES)
def test_both_sides_fit_and_lead_to_their_passages(
    new_page: Callable[..., Page], url: str, screenshots: Path, width: int, scheme: str
) -> None:
    page = new_page(width=width, height=SIZES[width], color_scheme=scheme)
    page.goto(url)
    page.wait_for_selector(".tpa-heading")
    ask(page, QUOTA)
    block = page.locator(".tpa-differ")
    assert block.locator("h3").inner_text() == "Sources differ on the import quota for umbrellas"
    assert block.locator(".tpa-position-value").all_inner_texts() == ["450,000 tonnes newer", "300,000 tonnes"]
    assert page.evaluate(OVERFLOW) <= 0
    page.wait_for_timeout(700)
    page.screenshot(path=screenshots / f"differ-{width}-{scheme}.png", animations="disabled")
    block.locator("a.tpa-cite").first.click()
    drawer = open_drawer(page)
    assert "450,000 tonnes" in drawer.locator("mark").evaluate_all(MARKED)


def test_source_that_only_agrees_opens_at_its_passage(
    new_page: Callable[..., Page], url: str, screenshots: Path
) -> None:
    page = new_page(width=390, height=844)
    page.goto(url)
    page.wait_for_selector(".tpa-heading")
    ask(page, BAN)
    line = page.locator(".tpa-agree")
    assert line.inner_text().startswith("2 independent sources agree: November 2026")
    page.wait_for_timeout(700)
    page.screenshot(path=screenshots / "agree-390-light.png", animations="disabled")
    seen = set()
    for place in range(2):
        line.locator("a.tpa-cite").nth(place).click()
        seen.add(open_drawer(page).locator("mark").evaluate_all(MARKED))
        page.keyboard.press("Escape")
        page.wait_for_selector("[role=dialog]", state="detached")
    assert len(seen) == 2
