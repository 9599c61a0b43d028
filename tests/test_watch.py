"""Watching: a change is indexed without being asked for, and only one process watches."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from queue import Queue

import pytest

from assistant.errors import LibraryLocked
from assistant.settings import Settings
from ingest.catalog import FolderEntry, add_source
from ingest.watch import Looked, watch
from ingest.watching import is_watching, watching
from tests.toys import HashEmbedder

TEXT = "Levy on {name}\n\nThe levy on {name} rose to 7 per cent in March, and importers have to register by June.\n"


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
