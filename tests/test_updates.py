"""The Updates page without a browser: what changed, how sources stand, what is withheld, and what a form refuses."""

from __future__ import annotations

import contextlib
import html
import os
import re
import shlex
import sqlite3
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from streamlit.testing.v1 import AppTest

from assistant.lock import take_lock
from assistant.settings import load_settings
from ingest.catalog import LOCK_NAME, add_source, entry_for, read_sources, remove_source
from ingest.progress import Progress, ProgressFile, RunState
from ingest.report import Report
from ingest.sync import forget_source, ingest
from ingest.uploads import save_upload, uploaded
from ingest.watching import watching
from tests.test_pages import markup, open_page, shown, until
from ui import session, updates
from ui.reindexing import Reindexing

if TYPE_CHECKING:
    from assistant.embedding import Embedder

pytestmark = pytest.mark.model
HOSTILE = "Levy of <b>Freedonia</b> 5~10%, NT$ -- *not* less"


class Desk:
    """A folder of ten notices, indexed into a library that the page shows."""

    def __init__(self, folder: Path, data_dir: Path, embedder: Embedder) -> None:
        self.folder, self.data_dir, self._embedder = folder, data_dir, embedder
        folder.mkdir()
        for number in range(10):
            self.write(number, f"Notice {number}")
        self.ingest()

    def write(self, number: int, title: str) -> None:
        text = f"{title}\n\nThe duty on tinplate from country {number} was set at {number + 3} per cent on Monday.\n"
        self.path(number).write_text(text, encoding="utf-8")

    def path(self, number: int) -> Path:
        return self.folder / f"notice-{number}.txt"

    def ingest(self, *, allow_removals: bool = False) -> Report:
        settings = load_settings(data_dir=self.data_dir)
        return ingest([self.folder], settings, embedder=self._embedder, allow_removals=allow_removals)


@pytest.fixture
def desk(tmp_path: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("TRADE_ASSISTANT_DATA_DIR", str(tmp_path / "data"))
    return Desk(tmp_path / "desk", tmp_path / "data", embedder)


@pytest.fixture
def noted(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Have runs note their arguments in a file instead of fetching anything; return the file."""
    notes = "import pathlib, sys; pathlib.Path(sys.argv[1]).write_text(' '.join(sys.argv[2:]) + '\\n')"
    reindexing = Reindexing(desk.data_dir, command=(sys.executable, "-c", notes, str(tmp_path / "noted")))
    monkeypatch.setattr(session, "reindexing", lambda: reindexing)
    return tmp_path / "noted"


def changes(page: AppTest) -> list[tuple[str, str]]:
    """Return kind and title of each row of what changed."""
    rows = re.findall(
        r'<span class="tpa-kind"[^>]*>(.*?)</span>.*?<span class="tpa-row-title" dir="auto">(.*?)</span>',
        markup(page),
        re.DOTALL,
    )
    return [(kind, html.unescape(title)) for kind, title in rows]


def typed(page: AppTest) -> list[list[str]]:
    """Return the commands on the page, without the program."""
    return [shlex.split(html.unescape(command))[1:] for command in re.findall(r"<code>(.*?)</code>", markup(page))]


def form(page: AppTest, field: str) -> str:
    """Return the key of a field of the form that is shown."""
    kind = page.button_group(key="add-kind").value
    return f"add-form-0-{kind}-{field}"


def test_what_the_last_run_changed_is_listed_by_kind_and_opens(desk: Desk) -> None:
    desk.write(1, HOSTILE)
    desk.path(2).rename(desk.folder / "renamed.txt")
    desk.path(3).unlink()
    desk.write(10, "Notice 10")
    (desk.folder / "broken.pdf").write_bytes(b"%PDF-1.7 broken")
    desk.ingest()
    page = open_page("updates")
    assert changes(page) == [
        ("New", "Notice 10"),
        ("Edited", HOSTILE),
        ("Moved", "Notice 2"),
        ("Withdrawn", "Notice 3"),
    ]
    assert "1 new, 1 edited, 1 moved, 1 withdrawn." in shown(page)
    page.button(key="open-change-3").click().run()
    assert len(page.get("dialog")) == 1
    assert "Withdrawn on" in shown(page)


def test_only_one_kind_is_listed_when_that_is_chosen(desk: Desk) -> None:
    desk.path(3).unlink()
    desk.write(10, "Notice 10")
    desk.ingest()
    page = open_page("updates")
    page.button_group(key="changes-shown").set_value("removed").run()
    assert changes(page) == [("Withdrawn", "Notice 3")]


def test_run_that_changed_nothing_says_so_and_what_was_changed_before_stands_under_its_own_date(desk: Desk) -> None:
    desk.path(3).unlink()
    (desk.folder / "broken.pdf").write_bytes(b"%PDF-1.7 broken")
    desk.ingest()
    desk.ingest()
    page = open_page("updates")
    words = " ".join(shown(page).split())
    assert re.search(r"What the last run changed Just now \(\d\d:\d\d\), in \d\.\d s: no article changed\.", words)
    assert changes(page) == [("Withdrawn", "Notice 3")]
    assert words.index("no article changed") < words.index("Changed before, by the run of") < words.index("Notice 3")


def test_what_the_last_run_withheld_is_said_first(desk: Desk) -> None:
    for number in range(3):
        desk.path(number).unlink()
    desk.ingest()
    words = " ".join(shown(open_page("updates")).split())
    assert "s: 3 not found but not withdrawn. Changed before, by the run of" in words


def test_run_that_failed_is_not_the_one_whose_changes_are_listed(desk: Desk) -> None:
    ProgressFile(desk.data_dir).fail(RunState.FAILED, "the disk is full")
    words = shown(open_page("updates"))
    assert re.search(r"The last run failed\s+The disk is full\.\s+Answers go on .*\s+Error [0-9a-f]{8}", words)
    assert "What the last complete run changed" in words


def test_what_a_run_has_published_so_far_is_its_own_while_it_goes_on(desk: Desk) -> None:
    lock = take_lock(desk.data_dir, 5)
    try:
        run = ProgressFile(desk.data_dir)
        run.update(Progress("indexing", 1, 2, "a.md"))
        assert "What the last run changed" in shown(open_page("updates"))
        # What a run publishes before it ends has no record of the run yet.
        with contextlib.closing(sqlite3.connect(desk.data_dir / "library.sqlite3")) as database, database:
            database.execute("DELETE FROM runs")
            database.execute("UPDATE changes SET at = ?", (datetime.now(UTC).isoformat(),))
        page = open_page("updates")
        assert "What this run has changed so far" in shown(page)
        assert len(changes(page)) == updates.PAGE_ROWS
        assert "interrupted" not in shown(page)
        run.finish({})
    finally:
        os.close(lock)
    assert "as a source was removed or a run was interrupted" in shown(page.run())


def test_long_list_of_changes_is_turned_page_by_page(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(updates, "PAGE_ROWS", 4)
    page = open_page("updates")
    seen = changes(page)
    assert page.button(key="changes-back").disabled
    while not page.button(key="changes-on").disabled:
        page.button(key="changes-on").click().run()
        seen += changes(page)
    assert sorted(seen) == [("New", f"Notice {number}") for number in range(10)]
    page.button(key="changes-back").click().run()
    assert len(changes(page)) == 4


def test_source_says_where_it_looks_and_what_it_holds(desk: Desk) -> None:
    words = " ".join(shown(open_page("updates")).split())
    assert f"desk Up to date Folder · {desk.folder} 10 articles · last look just now" in words
    assert "next when asked for" in words


def test_page_says_whether_anything_watches_and_how_to_begin(desk: Desk) -> None:
    page = open_page("updates")
    assert typed(page) == [["watch", "--data", str(desk.data_dir)]]
    with watching(desk.data_dir):
        page.run()
        assert "A running watch keeps all sources current by itself." in shown(page)
        assert "next in 10 minutes" in shown(page)
        assert typed(page) == []


def test_too_many_removals_are_a_card_with_both_ways_on(desk: Desk) -> None:
    for number in range(3):
        desk.path(number).unlink()
    desk.ingest()
    page = open_page("updates")
    words = shown(page)
    assert "3 articles of “desk” not found, but not withdrawn" in words
    assert f"The last look at {desk.folder} no longer found 3 of 10 articles." in words
    assert "3 articles withheld" in words
    assert page.button(key="look-again-desk").label == "Look again"
    assert page.button(key="withdraw-desk").label == "Withdraw 3 articles"
    desk.ingest(allow_removals=True)
    page.run()
    assert "not withdrawn" not in shown(page)
    assert [kind for kind, _ in changes(page)] == ["Withdrawn"] * 3


def test_articles_of_a_source_taken_off_by_hand_are_a_card(desk: Desk) -> None:
    other = desk.folder.with_name("other")
    other.mkdir()
    (other / "more.txt").write_text("More\n\nThe levy on cocoa was lifted to 40 per cent on Friday.\n")
    ingest([other], load_settings(data_dir=desk.data_dir))
    remove_source(desk.data_dir, "other")
    desk.ingest()
    page = open_page("updates")
    assert "1 article of a source that is no longer on the list" in shown(page)
    assert page.button(key="withdraw-retired").label == "Withdraw 1 article"


def test_source_removed_outside_a_run_is_said(desk: Desk) -> None:
    other = desk.folder.with_name("other")
    other.mkdir()
    (other / "more.txt").write_text("More\n\nThe levy on cocoa was lifted to 40 per cent on Friday.\n")
    ingest([other], load_settings(data_dir=desk.data_dir))
    forget_source("desk", load_settings(data_dir=desk.data_dir))
    page = open_page("updates")
    assert {kind for kind, _ in changes(page)} == {"Withdrawn"}
    assert "as a source was removed or a run was interrupted" in shown(page)
    forget_source("other", load_settings(data_dir=desk.data_dir))
    words = shown(page.run())
    assert "Nothing is indexed yet" in words
    assert ("Withdrawn", "More") in changes(page)


def test_library_without_an_article_is_welcomed_beside_the_source_that_failed(desk: Desk, tmp_path: Path) -> None:
    settings = load_settings(data_dir=tmp_path / "new", allow_private_addresses=True)
    add_source(settings.data_dir, entry_for("url", name="closed", url="http://127.0.0.1:9/"))
    ingest([], settings)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("TRADE_ASSISTANT_DATA_DIR", str(settings.data_dir))
        page = open_page("updates")
        words = " ".join(shown(page).split())
        assert page.button(key="index-samples").label == "Index the sample articles"
        assert "closed Problem Web page · http://127.0.0.1:9/ 0 articles" in words
        assert "Published" not in words
        assert [expander.label for expander in page.expander][:2] == ["Add a source", "Upload files"]


def test_failures_stand_once_with_their_source_and_can_be_tried_again(desk: Desk) -> None:
    (desk.folder / "broken $5~10%.pdf").write_bytes(b"%PDF-1.7 broken")
    desk.ingest()
    page = open_page("updates")
    assert "1 failed" in shown(page)
    assert [expander.label for expander in page.expander] == ["Add a source", "Upload files", "1 could not be indexed"]
    assert page.button(key="retry-desk").label == "Retry failed"
    assert shown(page).count("It is a damaged PDF") == 1
    assert '<a href="#source-desk">desk</a>' in markup(page)


@pytest.mark.parametrize(
    ("kind", "fields", "reason"),
    [
        ("folder", {}, "Name a folder."),
        ("folder", {"path": "here"}, "'here' is not an absolute path"),
        ("url", {}, "Give an address that begins with https:// or http://."),
        ("folder", {"path": "/no/such/folder <b>"}, "There is no folder '/no/such/folder <b>'"),
        ("url", {"url": "ftp://example.org/a"}, "only http and https addresses are fetched, not 'ftp://example.org/a'"),
        ("feed", {"url": "https://example.org/feed", "name": "No good"}, "name 'No good' may hold a to z"),
        ("federal-register", {}, "Say which documents are wanted"),
        ("federal-register", {"agencies": "Commerce Dept"}, "'Commerce Dept' is no slug"),
        ("url", {"url": "http://127.0.0.1:8000/x"}, "'http://127.0.0.1:8000/x' is this computer itself"),
    ],
)
def test_form_says_what_is_wrong_and_adds_nothing(desk: Desk, kind: str, fields: dict[str, str], reason: str) -> None:
    before = read_sources(desk.data_dir)
    page = open_page("updates")
    page.button_group(key="add-kind").set_value(kind).run()
    for field, value in fields.items():
        page.text_input(key=form(page, field)).set_value(value)
    submit(page)
    assert reason in shown(page)
    assert '<p class="tpa-notice" role="alert">' in markup(page)
    assert read_sources(desk.data_dir) == before
    for field, value in fields.items():
        assert page.text_input(key=form(page, field)).value == value


def test_list_of_sources_that_was_broken_by_hand_is_a_card_whose_id_the_log_has(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    (desk.data_dir / "sources.toml").write_text("[sauce]\n", encoding="utf-8")
    told = re.search(r"may hold nothing but .* Error ([0-9a-f]{8})", " ".join(shown(open_page("updates")).split()))
    assert told
    assert f"error {told[1]}: page ui.updates: SourceError: " in caplog.text


def test_list_of_sources_that_cannot_be_written_is_a_failure_with_an_id(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    page = open_page("updates")
    page.text_input(key=form(page, "path")).set_value(str(desk.folder.parent))
    (desk.data_dir / LOCK_NAME).unlink(missing_ok=True)
    (desk.data_dir / LOCK_NAME).mkdir()
    submit(page)
    words = " ".join(shown(page).split())
    told = re.search(r"The source was not added .* cannot be written .* as they are\. Error ([0-9a-f]{8})", words)
    assert told
    assert f"error {told[1]}: adding a source: SourceError:" in caplog.text
    assert page.text_input(key=form(page, "path")).value == str(desk.folder.parent)


def submit(page: AppTest) -> None:
    (button,) = [button for button in page.button if button.label == "Add and index"]
    button.click().run()


@pytest.mark.parametrize(
    ("kind", "fields", "name"),
    [
        ("url", {"url": " https://example.org/a "}, "example-org"),
        ("feed", {"url": "https://example.org/feed"}, "example-org"),
        ("federal-register", {"term": "wire rod", "docket": "C-570-161"}, "federal-register-c-570-161"),
        ("url", {"url": "https://example.org/a", "name": "mine"}, "mine"),
    ],
)
def test_what_the_form_says_is_added_and_a_run_of_it_begins(
    desk: Desk, kind: str, fields: dict[str, str], name: str, noted: Path
) -> None:
    page = open_page("updates")
    page.button_group(key="add-kind").set_value(kind).run()
    for field, value in fields.items():
        page.text_input(key=form(page, field)).set_value(value)
    submit(page)
    usual = {"url": "6h", "feed": "30m", "federal-register": "6h"}
    expected = {**{field: value.strip() for field, value in fields.items()}, "name": name, "every": usual[kind]}
    assert read_sources(desk.data_dir)[-1] == entry_for(kind, **expected)
    assert re.search(f"Added {name}. It is (being indexed now|not indexed yet).", shown(page))
    until(page, lambda _: noted.exists() and noted.read_text() != "")
    assert noted.read_text() == f"ingest --data {desk.data_dir} --wait 3600 --source {name}\n"


def test_what_is_said_of_a_source_just_added_follows_how_it_stands(desk: Desk, noted: Path) -> None:
    page = open_page("updates")
    page.text_input(key=form(page, "path")).set_value(str(desk.folder.parent))
    page.text_input(key=form(page, "name")).set_value("all")
    submit(page)
    until(page, lambda _: noted.exists() and noted.read_text() != "")
    assert "its folder holds 'desk'" in shown(page).lower()
    until(page, lambda page: "Added all. It is not indexed yet." in shown(page))
    ingest([], load_settings(data_dir=desk.data_dir), sources=["all"])
    assert "Added all: 10 articles." in shown(page.run())
    desk.folder.rename(desk.folder.with_name("gone"))
    remove_source(desk.data_dir, "all")
    assert "all was added and has been removed." in shown(page.run())


def test_uploaded_file_is_deleted_and_its_article_withdrawn(desk: Desk, noted: Path, embedder: Embedder) -> None:
    settings = load_settings(data_dir=desk.data_dir)
    for name in ("tin.txt", "zinc.txt"):
        save_upload(desk.data_dir, name, f"Levy\n\nThe levy on {name} rose to 7 per cent on Monday.\n".encode())
    ingest([], settings, embedder=embedder, sources=["uploads"])
    page = open_page("updates")
    assert page.button(key="delete-uploads-surely").disabled
    page.multiselect(key="delete-uploads").select("zinc.txt").run()
    button = page.button(key="delete-uploads-surely")
    assert (button.label, button.disabled) == ("Delete 1 file", False)
    button.click().run()
    assert uploaded(desk.data_dir) == ["tin.txt"]
    until(page, lambda _: noted.exists() and noted.read_text() != "")
    assert noted.read_text().split()[-3:] == ["--source", "uploads", "--allow-removals"]
    assert ingest([], settings, embedder=embedder, sources=["uploads"], allow_removals=True).removed != ()


def test_file_that_somebody_deleted_meanwhile_is_said(desk: Desk, noted: Path, embedder: Embedder) -> None:
    save_upload(desk.data_dir, "tin.txt", b"Levy\n\nThe levy on tin rose to 7 per cent on Monday.\n")
    ingest([], load_settings(data_dir=desk.data_dir), embedder=embedder, sources=["uploads"])
    page = open_page("updates")
    page.multiselect(key="delete-uploads").select("tin.txt").run()
    save_upload(desk.data_dir, "zinc.txt", b"Levy\n\nThe levy on zinc rose to 9 per cent on Monday.\n")
    (desk.data_dir / "uploads/tin.txt").unlink()
    page.button(key="delete-uploads-surely").click().run()
    assert "'tin.txt' is no uploaded file" in shown(page)
