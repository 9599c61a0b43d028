"""Watching: a change is indexed without being asked for, and only one process watches."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from queue import Queue

import numpy as np
import pytest
import watchfiles
from numpy.typing import NDArray

from assistant import database
from assistant.errors import LibraryLocked
from assistant.library import Library
from assistant.lock import is_locked
from assistant.settings import Settings, load_settings
from ingest.catalog import FolderEntry, add_source, entry_for
from ingest.watch import Looked, watch
from ingest.watching import is_watching, watching
from tests.toys import HashEmbedder
from tests.web_server import Page, Request, Site, web_server

TEXT = "Levy on {name}\n\nThe levy on {name} rose to 7 per cent in March, and importers have to register by June.\n"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(data_dir=tmp_path / "data", allow_private_addresses=True)


@pytest.fixture
def folder(settings: Settings, tmp_path: Path) -> Path:
    path = tmp_path / "desk"
    path.mkdir()
    add_source(settings.data_dir, FolderEntry(name="desk", path=path))
    return path


def until(looks: Queue[Looked], is_it: Callable[[Looked], bool]) -> Looked:
    """Return the first look that is it; the test's own time limit ends the waiting."""
    while not is_it(looked := looks.get()):
        pass
    return looked


@contextmanager
def watched(settings: Settings, embedder: HashEmbedder | None = None) -> Iterator[Queue[Looked]]:
    """Watch in a thread, and give its looks as they come."""
    looks: Queue[Looked] = Queue()
    stop = threading.Event()
    options = {"stop": stop, "on_look": looks.put, "embedder": embedder or HashEmbedder()}
    watcher = threading.Thread(target=watch, args=(settings,), kwargs=options)
    watcher.start()
    try:
        yield looks
        assert watcher.is_alive()
    finally:
        stop.set()
        watcher.join()


def has_added(path: str) -> Callable[[Looked], bool]:
    return lambda looked: looked.report is not None and path in looked.report.added


class Stalling:
    """A page that is asked for and not answered before `let_go` is set."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.is_asked, self.let_go = threading.Event(), threading.Event()

    def __call__(self, request: Request) -> Page:
        self.is_asked.set()
        self.let_go.wait()
        return self.page


def story(name: str) -> Page:
    text = TEXT.format(name=name).replace("\n\n", "</h1><p>")
    return Page(
        f"<html><head><title>Levy on {name}</title></head><body><article><h1>{text}</p></article></body></html>"
    )


def feed(site: Site, *links: str) -> Page:
    entries = "".join(f"<item><title>{link}</title><link>{site.url(link)}</link></item>" for link in links)
    return Page(
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>Desk</title>{entries}</channel></rss>',
        "application/rss+xml",
    )


def live(settings: Settings) -> set[str]:
    with closing(Library.open(settings.data_dir)) as library, library.snapshot() as snapshot:
        return set(snapshot.manifest())


@pytest.mark.timeout(60)
def test_new_renamed_and_removed_files_are_noticed(settings: Settings, folder: Path) -> None:
    for number in range(8):
        (folder / f"{number}.txt").write_text(TEXT.format(name=f"ore {number}"), encoding="utf-8")
    looks: Queue[Looked] = Queue()
    stop = threading.Event()
    options = {"stop": stop, "on_look": looks.put, "embedder": HashEmbedder()}
    watcher = threading.Thread(target=watch, args=(settings,), kwargs=options)
    watcher.start()
    try:
        until(
            looks, lambda looked: looked.report is not None and looked.report.unchanged + len(looked.report.added) == 8
        )
        assert is_watching(settings.data_dir) is not None
        with pytest.raises(LibraryLocked, match="watches the sources"), watching(settings.data_dir):
            pass
        new = folder / "new.txt"
        new.write_text(TEXT.format(name="zinc"), encoding="utf-8")
        until(looks, lambda looked: looked.report is not None and looked.report.added == (str(new),))
        new.rename(folder / "renamed.txt")
        moved = ((str(new), str(folder / "renamed.txt")),)
        until(looks, lambda looked: looked.report is not None and looked.report.moved == moved)
        (folder / "renamed.txt").unlink()
        gone = (str(folder / "renamed.txt"),)
        until(looks, lambda looked: looked.report is not None and looked.report.removed == gone)
    finally:
        stop.set()
        watcher.join()
    assert is_watching(settings.data_dir) is None


def test_once_looks_at_what_is_due_and_ends(settings: Settings, folder: Path) -> None:
    (folder / "a.txt").write_text(TEXT.format(name="zinc"), encoding="utf-8")
    looks: list[Looked] = []
    for _ in range(2):
        watch(settings, stop=threading.Event(), on_look=looks.append, embedder=HashEmbedder(), once=True)
    assert [looked.sources for looked in looks] == [("desk",)]


@pytest.mark.timeout(60)
def test_file_is_indexed_while_a_host_keeps_its_page_back(settings: Settings, folder: Path) -> None:
    with web_server() as site:
        stalling = Stalling(story("gold"))
        site.add("/good", story("iron"))
        site.add("/slow", stalling)
        add_source(
            settings.data_dir, entry_for("feed", name="feed", url=site.add("/feed", feed(site, "/good", "/slow")))
        )
        with watched(settings) as looks:
            stalling.is_asked.wait()
            new = folder / "new.txt"
            new.write_text(TEXT.format(name="zinc"), encoding="utf-8")
            until(looks, lambda looked: looked.report is not None and looked.report.added == (str(new),))
            assert live(settings) == {str(new)}
            stalling.let_go.set()
            fetched = until(looks, lambda looked: looked.sources == ("feed",))
            assert fetched.report is not None
            assert fetched.report.added == (site.url("/good"), site.url("/slow"))
        assert site.paths().count("/feed") == 1


@pytest.mark.timeout(60)
def test_stop_waits_for_no_host_and_leaves_no_lock(settings: Settings, folder: Path) -> None:
    with web_server() as site:
        stalling = Stalling(story("gold"))
        add_source(settings.data_dir, entry_for("url", name="page", url=site.add("/slow", stalling)))
        with watched(settings):
            stalling.is_asked.wait()
        assert (is_watching(settings.data_dir), is_locked(settings.data_dir)) == (None, None)
        stalling.let_go.set()


class StoppingEmbedder(HashEmbedder):
    """Sets a stop as soon as there is something to embed."""

    def __init__(self, stop: threading.Event) -> None:
        self.stop = stop

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.stop.set()
        return super().embed(texts)


@pytest.mark.timeout(60)
def test_stop_ends_a_long_run_between_two_files_and_the_next_goes_on(settings: Settings, folder: Path) -> None:
    for number in range(150):
        (folder / f"{number}.txt").write_text(TEXT.format(name=f"ore {number}"), encoding="utf-8")
    stop = threading.Event()
    looks: list[Looked] = []
    watch(settings, stop=stop, on_look=looks.append, embedder=StoppingEmbedder(stop))
    done = len(live(settings))
    assert 0 < done < 150
    assert (looks, is_locked(settings.data_dir)) == ([], None)
    watch(settings, stop=threading.Event(), on_look=looks.append, embedder=HashEmbedder(), once=True)
    assert [(len(looked.report.added), looked.report.unchanged) for looked in looks if looked.report] == [
        (150 - done, done)
    ]


class FailingEmbedder(HashEmbedder):
    """Fails in its own way, but for the second time on."""

    has_failed = False

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if not self.has_failed:
            self.has_failed = True
            raise RuntimeError("out of memory")
        return super().embed(texts)


@pytest.mark.timeout(60)
def test_failure_of_whatever_kind_is_told_and_its_source_looked_at_again(
    settings: Settings, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (folder / "a.txt").write_text(TEXT.format(name="zinc"), encoding="utf-8")
    with watched(settings, FailingEmbedder()) as looks:
        failed = until(looks, lambda looked: looked.report is None)
        assert (failed.sources, failed.error) == (("desk",), "RuntimeError: out of memory")
        (folder / "b.txt").write_text(TEXT.format(name="iron"), encoding="utf-8")
        until(looks, has_added(str(folder / "a.txt")))
    assert [record.exc_info is not None for record in caplog.records if record.name == "ingest.watch"] == [True]


@pytest.mark.timeout(60)
def test_library_that_cannot_be_read_is_told_and_looked_at_once_it_can(settings: Settings, folder: Path) -> None:
    (folder / "a.txt").write_text(TEXT.format(name="zinc"), encoding="utf-8")
    watch(settings, stop=threading.Event(), on_look=lambda looked: None, embedder=HashEmbedder(), once=True)
    path = settings.data_dir / database.FILE_NAME
    with watched(settings) as looks:
        until(looks, lambda looked: looked.report is not None)
        version = set_schema(path, 1)
        assert "run `trade-assistant" in until(looks, lambda looked: looked.report is None).error
        set_schema(path, version)
        (folder / "b.txt").write_text(TEXT.format(name="iron"), encoding="utf-8")
        until(looks, lambda looked: looked.report is not None and looked.report.added == (str(folder / "b.txt"),))


@pytest.mark.timeout(60)
def test_folders_that_the_system_does_not_watch_are_looked_at_and_it_is_told_once(
    settings: Settings, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*paths: str, **options: object) -> None:
        raise OSError(28, "OS file watch limit reached")

    monkeypatch.setattr(watchfiles, "watch", refuse)
    (folder / "a.txt").write_text(TEXT.format(name="zinc"), encoding="utf-8")
    with watched(settings) as looks:
        first = looks.get()
        assert "watch limit reached" in first.error
        assert "max_user_watches" in first.error
        second = looks.get()
        assert second.report is not None
        assert second.report.added == (str(folder / "a.txt"),)


@pytest.mark.timeout(60)
def test_another_folder_put_in_place_is_looked_at(settings: Settings, folder: Path, tmp_path: Path) -> None:
    for number in range(8):
        (folder / f"{number}.txt").write_text(TEXT.format(name=f"ore {number}"), encoding="utf-8")
    with watched(settings) as looks:
        until(looks, lambda looked: looked.report is not None and len(looked.report.added) == 8)
        for name in ("next", "third"):
            other = tmp_path / name
            other.mkdir()
            for number in range(8):
                (other / f"{number}.txt").write_text(TEXT.format(name=f"ore {number}"), encoding="utf-8")
            (other / f"{name}.txt").write_text(TEXT.format(name=name), encoding="utf-8")
            folder.rename(tmp_path / f"before-{name}")
            other.rename(folder)
            new = str(folder / f"{name}.txt")
            until(looks, has_added(new))


@pytest.mark.timeout(60)
def test_list_that_cannot_be_read_is_told_and_read_again(settings: Settings, folder: Path) -> None:
    path = settings.data_dir / "sources.toml"
    text = path.read_text(encoding="utf-8")
    with watched(settings) as looks:
        path.write_text("[[source", encoding="utf-8")
        assert "sources.toml" in until(looks, lambda looked: looked.report is None).error
        (folder / "a.txt").write_text(TEXT.format(name="zinc"), encoding="utf-8")
        path.write_text(text, encoding="utf-8")
        until(looks, lambda looked: looked.report is not None and looked.report.added == (str(folder / "a.txt"),))


def set_schema(path: Path, version: int) -> int:
    """Give a library another schema version and return the one it had."""
    with closing(sqlite3.connect(path)) as connection:
        (before,) = connection.execute("PRAGMA user_version").fetchone()
        connection.execute(f"PRAGMA user_version = {version}")
        connection.commit()
    return int(before)
