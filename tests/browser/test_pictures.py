"""Pictures of the page at two widths in two themes, written to `screenshots/`; `make pictures` takes two from there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from assistant.settings import load_settings
from ingest.sync import ingest
from tests.browser.conftest import serving
from tests.browser.test_ask import JAPAN, ask, open_drawer
from ui.reindexing import SAMPLES

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from assistant.embedding import Embedder

SIZES = {1280: 860, 390: 844}
QUESTION = "Which minerals does the suspension cover?"


@pytest.fixture(scope="module")
def samples_url(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[str]:
    """Serve the page over the sample articles alone, as a new user has it."""
    data_dir = tmp_path_factory.mktemp("data")
    ingest([SAMPLES], load_settings(data_dir=data_dir), embedder=embedder)
    with serving(data_dir, tmp_path_factory.mktemp("elsewhere")) as url:
        yield url


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", SIZES)
def test_pictures(new_page: Callable[..., Page], samples_url: str, screenshots: Path, width: int, scheme: str) -> None:
    page = new_page(width=width, height=SIZES[width], color_scheme=scheme)
    page.goto(samples_url)

    def take(name: str) -> None:
        # Streamlit dims what it is about to replace for a moment.
        page.wait_for_timeout(700)
        picture = page.screenshot(path=screenshots / f"{name}-{width}-{scheme}.png", animations="disabled")
        assert len(picture) > 10_000

    page.wait_for_selector("[class*=st-key-tpa-suggestion-]")
    take("first-screen")
    ask(page, QUESTION)
    take("answer")
    page.locator("a.tpa-cite").first.click()
    open_drawer(page)
    take("citation")
    page.keyboard.press("Escape")
    page.wait_for_selector("[role=dialog]", state="detached")
    ask(page, JAPAN)
    take("refusal")
