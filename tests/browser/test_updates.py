"""Updates in the browser: one bar for all, one run for two clicks, sources and files put in, news in the chat."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from assistant.lock import take_lock
from assistant.settings import load_settings
from ingest.progress import Progress, ProgressFile
from ingest.sync import ingest
from ingest.uploads import uploads_folder
from tests.browser.conftest import serving
from tests.browser.test_ask import OVERFLOW, ask, open_drawer

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from assistant.embedding import Embedder

RUN_WITHIN_MS = 120_000
WIDTHS = (1280, 390)
HOSTILE = "Levy of <b>Freedonia</b> 5~10%, NT$ -- *not* less"
DROP = """(zone, files) => {
  const dropped = new DataTransfer();
  for (const [name, text] of files) dropped.items.add(new File([text], name));
  for (const kind of ["dragenter", "dragover", "drop"]) {
    zone.dispatchEvent(new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: dropped }));
  }
}"""


IN_SIGHT = """(selector) => {
  const box = document.querySelector(selector).getBoundingClientRect();
  return document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2)?.matches(selector) ?? false;
}"""


# Drawn to the end and no longer unfolding, in two frames one after the other.
SETTLED = """async (summary) => {
  const place = () => {
    const part = summary.parentElement;
    const moves = part.getAnimations({ subtree: true }).some((one) => one.playState === "running");
    const runs = document.querySelector("[data-test-script-state=running]") !== null;
    return part.open && !moves && !runs ? Math.round(part.getBoundingClientRect().bottom) : null;
  };
  const before = place();
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  return before !== null && before === place();
}"""


@dataclass
class Desk:
    """A library of one folder of ten notices, with its page."""

    url: str
    data_dir: Path
    folder: Path
    server_pid: int

    def write(self, number: int, title: str, *, percent: int) -> Path:
        path = self.folder / f"notice-{number}.txt"
        path.write_text(f"{title}\n\nThe duty on tinplate from country {number} was set at {percent} per cent.\n")
        return path

    def finished_runs(self) -> int:
        with contextlib.closing(sqlite3.connect(self.data_dir / "library.sqlite3")) as database:
            number: int = database.execute("SELECT count(*) FROM runs").fetchone()[0]
            return number

    def processes(self) -> int:
        """Return how many ingest runs the server has started that go on."""
        found = 0
        for task in Path(f"/proc/{self.server_pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                with contextlib.suppress(OSError):
                    found += b"\0ingest\0" in Path(f"/proc/{child}/cmdline").read_bytes()
        return found


@pytest.fixture
def desk(tmp_path: Path, embedder: Embedder) -> Iterator[Desk]:
    made = Desk("", tmp_path / "data", tmp_path / "desk", 0)
    made.folder.mkdir()
    for number in range(10):
        made.write(number, f"Notice {number}", percent=number + 3)
    ingest([made.folder], load_settings(data_dir=made.data_dir), embedder=embedder)
    (tmp_path / "elsewhere").mkdir()
    server = serving(made.data_dir, tmp_path / "elsewhere")
    with server as url:
        made.url, made.server_pid = url, server.process.pid
        yield made


@pytest.fixture
def visit(new_page: Callable[..., Page], desk: Desk) -> Callable[..., Page]:
    """Return a function that opens a page of the desk in a context of its own and waits until it is drawn."""

    def open_it(path: str = "/updates", **options: object) -> Page:
        page = new_page(**options)
        page.goto(desk.url + path)
        page.wait_for_selector(".tpa-heading")
        return page

    return open_it


def reindex(page: Page) -> None:
    """Click, and wait until the run is over and the page shows what came of it."""
    page.get_by_role("button", name="Reindex now").click()
    page.wait_for_selector(".tpa-progress")
    page.get_by_role("button", name="Reindex now").wait_for(timeout=RUN_WITHIN_MS)


def open_part(page: Page, title: str) -> None:
    """Open a part that folds, and wait until it has: a click on what still slides may miss."""
    summary = page.locator("summary", has_text=title)
    summary.click()
    page.wait_for_function(SETTLED, arg=summary.element_handle())


@pytest.mark.parametrize("width", WIDTHS)
def test_bar_is_the_same_for_every_reader_and_survives_a_reload(
    visit: Callable[..., Page], desk: Desk, width: int
) -> None:
    pages = visit(width=width), visit(width=width)
    clock = iter([0.0, 0.0, 10.0, 10.0, *[20.0] * 20])
    lock = take_lock(desk.data_dir, 5)
    try:
        run = ProgressFile(desk.data_dir, clock=lambda: next(clock))
        run.update(Progress("indexing", 1, 4_001, "/press/a <b>.md"))
        run.update(Progress("indexing", 401, 4_001, "/press/a <b>.md"))
        for page in pages:
            # Nobody clicked here: the pages noticed by themselves that a run began elsewhere.
            page.get_by_text("401 of 4,001").wait_for()
            assert "/press/a <b>.md" in page.locator(".tpa-progress-at").inner_text()
            # A run may be started from the end of the page.
            page.get_by_text("All articles are under Sources").scroll_into_view_if_needed()
            assert page.evaluate(IN_SIGHT, ".tpa-progress progress")
        pages[0].reload()
        pages[0].get_by_text("401 of 4,001").wait_for()
        assert pages[0].get_by_role("progressbar", name="Reading and indexing").get_attribute("max") == "4001"
        assert pages[0].evaluate(OVERFLOW) == 0
        run.finish({})
    finally:
        os.close(lock)
    for page in pages:
        page.get_by_role("button", name="Reindex now").wait_for()


def test_two_readers_who_click_at_once_start_one_process(visit: Callable[..., Page], desk: Desk) -> None:
    for number in range(10, 400):
        desk.write(number, f"Notice {number}", percent=number)
    pages = visit(), visit()
    runs = desk.finished_runs()
    buttons = [page.get_by_role("button", name="Reindex now") for page in pages]
    for button in buttons:
        button.click(no_wait_after=True)
    for page in pages:
        page.wait_for_selector(".tpa-progress")
    assert desk.processes() == 1
    for button in buttons:
        button.wait_for(timeout=RUN_WITHIN_MS)
    assert (desk.finished_runs(), desk.processes()) == (runs + 1, 0)
    for page in pages:
        page.get_by_text("1–5 of 390").wait_for()


@pytest.mark.parametrize("width", WIDTHS)
def test_what_changed_opens_in_the_drawer(visit: Callable[..., Page], desk: Desk, width: int) -> None:
    desk.write(1, HOSTILE, percent=90)
    (desk.folder / "notice-2.txt").unlink()
    page = visit(width=width)
    reindex(page)
    page.get_by_role("button", name=f"Open: {HOSTILE}", exact=True).click()
    drawer = open_drawer(page)
    assert "90 per cent" in (drawer.locator(".tpa-article").text_content() or "")
    page.keyboard.press("Escape")
    drawer.wait_for(state="detached")
    page.get_by_role("radio", name="1 withdrawn").click()
    page.get_by_role("button", name="Open: Notice 2", exact=True).click()
    page.get_by_text("Withdrawn on").wait_for()
    assert page.evaluate(OVERFLOW) == 0


@pytest.mark.parametrize("width", WIDTHS)
def test_count_of_failures_leads_to_the_source_that_says_why(
    visit: Callable[..., Page], desk: Desk, width: int
) -> None:
    (desk.folder / "broken\u202egnp.pdf").write_bytes(b"%PDF-1.7 broken")
    (desk.folder / "damaged.pdf").write_bytes(b"%PDF-1.7 broken")
    page = visit(width=width)
    reindex(page)
    page.locator(".tpa-failed").get_by_role("link", name="desk").click()
    page.wait_for_function(IN_SIGHT, arg="#source-desk h3")
    source = page.locator(".st-key-tpa-source-desk")
    assert page.get_by_text("damaged PDF").count() == source.get_by_text("damaged PDF").count() == 1
    source.get_by_role("button", name="Retry failed").wait_for()
    assert "\u202e" not in page.locator("body").inner_text()
    assert page.evaluate(OVERFLOW) == 0


@pytest.mark.parametrize("width", WIDTHS)
def test_folder_is_added_and_indexed_at_once(visit: Callable[..., Page], tmp_path: Path, width: int) -> None:
    other = tmp_path / "press <b> 5~10%"
    other.mkdir()
    (other / "cocoa.txt").write_text("Cocoa\n\nThe quota on cocoa butter was lifted to 4,200 tonnes a year.\n")
    page = visit(width=width)
    open_part(page, "Add a source")
    folder = page.get_by_label("Folder", exact=True).and_(page.locator("input"))
    folder.fill("relative/folder")
    page.get_by_role("button", name="Add and index").click()
    page.get_by_role("alert").wait_for()
    assert folder.input_value() == "relative/folder"
    folder.fill(str(other))
    page.get_by_role("button", name="Add and index").click()
    page.get_by_role("heading", name="press-b-5-10").wait_for()
    source = page.locator(".st-key-tpa-source-press-b-5-10")
    source.get_by_text("Up to date").wait_for(timeout=RUN_WITHIN_MS)
    assert str(other) in source.inner_text()
    source.get_by_text("1 article ·").wait_for()
    source.get_by_role("button", name="Reindex this one: press-b-5-10").wait_for()
    assert page.evaluate(OVERFLOW) == 0


def test_source_is_removed_after_a_warning_that_counts_its_articles(visit: Callable[..., Page]) -> None:
    page = visit()
    page.get_by_role("button", name="Remove: desk").click()
    page.get_by_text("Its 10 articles will no longer be answered from.").wait_for()
    page.get_by_role("button", name="Remove this source").click()
    page.get_by_role("heading", name="Nothing is indexed yet").wait_for(timeout=RUN_WITHIN_MS)
    page.get_by_text("1–5 of 10").wait_for()
    assert page.locator(".tpa-kind", has_text="Withdrawn").count() == 5


@pytest.mark.parametrize("width", WIDTHS)
def test_files_are_uploaded_by_drag_and_drop(visit: Callable[..., Page], desk: Desk, width: int) -> None:
    page = visit(width=width)
    open_part(page, "Upload files")
    zone = page.get_by_test_id("stFileUploaderDropzone")
    zone.wait_for()
    cocoa = "Cocoa\n\nThe quota on cocoa butter was lifted to 4,200 tonnes a year.\n"
    files = [["cocoa.txt", cocoa], ["../../over\u0007 <b>.md", f"# {cocoa}"], ["broken.pdf", "%PDF-1.7 broken"]]
    zone.evaluate(DROP, files)
    outcomes = page.locator(".st-key-tpa-upload .tpa-lines li")
    outcomes.get_by_text("Indexed.", exact=True).nth(1).wait_for(timeout=RUN_WITHIN_MS)
    assert outcomes.count() == 3
    assert "damaged PDF" in outcomes.filter(has_text="broken.pdf").inner_text()
    kept = sorted(path.name for path in uploads_folder(desk.data_dir).iterdir())
    assert len(kept) == 3
    assert all(path.parent == uploads_folder(desk.data_dir) for path in desk.data_dir.rglob("*over*"))
    # The same file once more is no second article.
    zone.evaluate(DROP, files[:1])
    page.wait_for_function("() => document.querySelectorAll('.st-key-tpa-upload .tpa-lines li').length === 1")
    outcomes.get_by_text("Indexed.", exact=True).wait_for(timeout=RUN_WITHIN_MS)
    page.locator(".st-key-tpa-source-uploads").get_by_text("2 articles ·").wait_for(timeout=RUN_WITHIN_MS)
    assert sorted(path.name for path in uploads_folder(desk.data_dir).iterdir()) == kept
    assert page.evaluate(OVERFLOW) == 0


@pytest.mark.parametrize("width", WIDTHS)
def test_articles_that_vanished_at_once_are_withdrawn_only_when_told_to(
    visit: Callable[..., Page], desk: Desk, width: int
) -> None:
    hidden = desk.folder.with_name("hidden")
    hidden.mkdir()
    for number in range(4):
        shutil.move(desk.folder / f"notice-{number}.txt", hidden)
    page = visit(width=width)
    reindex(page)
    page.get_by_role("heading", name="4 articles of “desk” not found, but not withdrawn").wait_for()
    assert page.evaluate(OVERFLOW) == 0
    shutil.move(hidden / "notice-0.txt", desk.folder)
    page.get_by_role("button", name="Look again").click()
    page.get_by_role("heading", name="3 articles of “desk” not found, but not withdrawn").wait_for(
        timeout=RUN_WITHIN_MS
    )
    page.get_by_role("button", name="Withdraw 3 articles").click()
    page.locator(".tpa-kind", has_text="Withdrawn").nth(2).wait_for(timeout=RUN_WITHIN_MS)
    page.locator(".st-key-tpa-source-desk").get_by_text("Up to date").wait_for()
    assert page.get_by_text("not withdrawn").count() == 0


@pytest.mark.parametrize("width", WIDTHS)
def test_open_chat_says_what_is_new_with_its_next_answer(visit: Callable[..., Page], desk: Desk, width: int) -> None:
    asking = visit("/", width=width)
    ask(asking, "What was the duty on tinplate from country 5 set at?")
    assert asking.locator(".tpa-news").count() == 0
    desk.write(5, "Notice 5", percent=77)
    desk.write(10, "Notice 10", percent=60)
    desk.write(11, "Notice 11", percent=61)
    (desk.folder / "notice-6.txt").unlink()
    reindex(visit())
    ask(asking, "What is the duty on tinplate from country 5 now?")
    news = asking.locator(".tpa-news")
    news.wait_for()
    assert news.inner_text() == "2 new articles, 1 edited, 1 withdrawn since your last question."
    assert asking.evaluate(OVERFLOW) == 0
    ask(asking, "What is the duty on tinplate from country 11?")
    assert news.count() == 1
