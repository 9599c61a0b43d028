"""What a reader sees of a defect: rows of the library are made unreadable behind the product's back, in a copy of it.

No code of ours expects such rows, so reading them raises what no error of ours stands for.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from assistant import conversations, database
from tests.browser.conftest import Served, serving
from tests.browser.test_ask import BLACKWELL, OVERFLOW, ask

if TYPE_CHECKING:
    from playwright.sync_api import Page

WENT_WRONG = "Something went wrong\nSomething went wrong inside, and it is not your doing."
WHOM_TO_TELL = (
    "if that does not help, tell whoever runs it the number below: the server's log says under it what happened."
)
IN_ANSWER = "The rest of this conversation, and everything indexed, are not touched by it. Ask again; " + WHOM_TO_TELL
ON_PAGE = "Other pages, and everything indexed, are not touched by it. Load the page again; " + WHOM_TO_TELL
INSIDES = ("Traceback", "ValueError", "JSONDecodeError", 'File "', ".py", "sqlite")

widths = pytest.mark.parametrize("width", [1280, 390])


@dataclass(frozen=True)
class Damaged:
    """A served copy of the library, its data directory, and the server's log."""

    url: str
    data_dir: Path
    log: Path

    def write(self, statement: str, file: str = database.FILE_NAME) -> None:
        """Change rows of the library, or of another file, as no product would."""
        with closing(sqlite3.connect(self.data_dir / file)) as connection, connection:
            assert connection.execute(statement).rowcount > 0

    def logged(self, error_id: str) -> str:
        """Return what the log says from this id on."""
        _, found, after = self.log.read_text(encoding="utf-8").partition(error_id)
        assert found
        return after


@pytest.fixture
def damaged(served: Served, tmp_path: Path) -> Iterator[Damaged]:
    """Serve a copy of the library, without what other tests asked."""

    def asked(_: str, names: list[str]) -> list[str]:
        return [name for name in names if conversations.FILE_NAME in name]

    data_dir = shutil.copytree(served.data_dir, tmp_path / "data", ignore=asked)
    page = serving(data_dir, tmp_path)
    with page as url:
        yield Damaged(url, data_dir, page.log)


def number_on_card(page: Page, works: str) -> str:
    """Return the id on the page's error card, which says what goes on and what to do, and nothing of the insides."""
    card = page.locator('.tpa-card[data-tone="error"]').inner_text()
    *words, number = re.split(r"\n+", card)
    assert words == [*WENT_WRONG.split("\n"), works]
    assert re.fullmatch(r"Error [0-9a-f]{8}", number)
    drawn = page.locator("body").inner_text()
    assert [inside for inside in INSIDES if inside in drawn] == []
    assert page.evaluate(OVERFLOW) <= 0
    return number.removeprefix("Error ")


@widths
def test_defect_in_an_answer_is_a_card_that_stays_until_the_question_is_asked_again(
    new_page: Callable[..., Page], damaged: Damaged, screenshots: Path, width: int
) -> None:
    page = new_page(width=width)
    page.goto(damaged.url)
    page.wait_for_selector(".tpa-heading")
    damaged.write("UPDATE passages SET heading = heading || '['")
    ask(page, BLACKWELL)
    error_id = number_on_card(page, IN_ANSWER)
    said = damaged.logged(error_id)
    assert said.startswith(f": question {BLACKWELL!r}: JSONDecodeError: ")
    assert "Traceback (most recent call last)" in said
    page.screenshot(path=screenshots / f"defect-answer-{width}.png", animations="disabled")
    page.reload()
    page.wait_for_selector(".tpa-card")
    assert number_on_card(page, IN_ANSWER) == error_id
    damaged.write("UPDATE passages SET heading = rtrim(heading, '[')")
    page.get_by_role("button", name="Ask again", exact=True).click()
    page.locator("a.tpa-cite").first.wait_for()
    assert page.locator(".tpa-question h2").all_inner_texts() == [BLACKWELL, BLACKWELL]


@widths
def test_defect_while_a_page_is_drawn_is_a_card_on_it_and_the_other_pages_go_on(
    new_page: Callable[..., Page], damaged: Damaged, screenshots: Path, width: int
) -> None:
    page = new_page(width=width)
    damaged.write("UPDATE versions SET indexed_at = 'the other day' WHERE title LIKE 'Tinplate%'")
    page.goto(f"{damaged.url}/sources")
    page.wait_for_selector(".tpa-card")
    error_id = number_on_card(page, ON_PAGE)
    said = damaged.logged(error_id)
    assert said.startswith(": page ui.sources: ValueError: ")
    assert "Traceback (most recent call last)" in said
    page.screenshot(path=screenshots / f"defect-page-{width}.png", animations="disabled")
    page.goto(damaged.url)
    ask(page, BLACKWELL)
    assert page.locator("a.tpa-cite").count() >= 1


@widths
def test_defect_behind_a_button_is_a_card_with_a_way_back_to_the_page(
    new_page: Callable[..., Page], damaged: Damaged, screenshots: Path, width: int
) -> None:
    page = new_page(width=width)
    page.goto(damaged.url)
    ask(page, BLACKWELL)
    page.get_by_role("radio", name="Thumbs down").click()
    page.get_by_role("button", name="Misread").wait_for()
    damaged.write("UPDATE feedback SET reasons = '['", conversations.FILE_NAME)
    page.get_by_role("radio", name="Thumbs up").click()
    back = page.get_by_role("button", name="Show the page again")
    back.wait_for()
    page.wait_for_selector(".tpa-question", state="detached")
    said = damaged.logged(number_on_card(page, ON_PAGE))
    assert said.startswith(": the page's script: JSONDecodeError: ")
    assert "Traceback (most recent call last)" in said
    page.screenshot(path=screenshots / f"defect-button-{width}.png", animations="disabled")
    damaged.write("UPDATE feedback SET reasons = '[]'", conversations.FILE_NAME)
    back.click()
    page.locator("a.tpa-cite").first.wait_for()
    back.wait_for(state="detached")
