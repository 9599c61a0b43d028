"""A data directory on a disk that is full, or that cannot be written; to be run where mounting is allowed.

`unshare --map-root-user --mount python -m tests.soak.small_disk full|read-only FOLDER`: mounts are seen by this process
and its children alone and go with them. Prints one JSON object for each ingest, with what happened.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from assistant.assistant import Assistant
from assistant.domain import SearchResult
from assistant.errors import AssistantError
from assistant.settings import load_settings
from tests.soak.contents import check, contents, leftovers
from tests.soak.history import History
from tests.soak.scale import IS_FULL, ROOT
from tests.soak.syncing import sync
from tests.toys import HashEmbedder

# What tmpfs counts in.
PAGE = 4096
DISK_BYTES = 48 << 20
# From nothing to what a run of these folders needs: some have room for the log but for no directory.
FREE_PAGES = (0, 1, 2, 4, 8, 16, 32, 64, 96, 128, 192, 256, 384, 512, 1024) if IS_FULL else (0, 2, 64, 128, 1024)
SEED = 21
QUESTION = "What does the tariff office ask of each vessel?"


def full(work: Path) -> list[dict[str, Any]]:
    """Index at each amount of free space, ask meanwhile, then make space and index to the end."""
    disk, folder = work / "disk", work / "folder"
    disk.mkdir()
    _mount("-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(disk))
    history = History(folder, SEED)
    return [_at(pages, disk / f"data-{pages}", folder, history) for pages in FREE_PAGES]


def _at(free_pages: int, data_dir: Path, folder: Path, history: History) -> dict[str, Any]:
    sync(folder, data_dir)
    history.change()
    with closing(_opened(data_dir)) as assistant:
        before = assistant.search(QUESTION)
        ballast = _filled(data_dir.parent, free_pages)
        result = {"free": free_pages * PAGE, **_tried(folder, data_dir, assistant, before)}
    ballast.unlink()
    result |= _completed(folder, data_dir)
    shutil.rmtree(data_dir)
    return result


def read_only(work: Path) -> list[dict[str, Any]]:
    """Ask and index while nothing can be written, then make it writable again and index."""
    data_dir, folder = work / "data", work / "folder"
    history = History(folder, SEED)
    sync(folder, data_dir)
    history.change()
    with closing(_opened(data_dir)) as assistant:
        before = assistant.search(QUESTION)
        _mount("--bind", str(data_dir), str(data_dir))
        _mount("-o", "remount,bind,ro", str(data_dir))
        with suppress(OSError):
            (data_dir / "probe").touch()
            raise AssertionError("the directory can be written after all")
        result = _tried(folder, data_dir, assistant, before)
        command = [sys.executable, "-m", "ui.cli", "show", before.hits[0].passage.article_id, "--data", str(data_dir)]
        result["command"] = subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL).returncode
    _mount("-o", "remount,bind,rw", str(data_dir))
    return [result | _completed(folder, data_dir)]


def _tried(folder: Path, data_dir: Path, assistant: Assistant, before: SearchResult) -> dict[str, Any]:
    """Index, and say how that ended and what is answered afterwards."""
    outcome = _outcome(lambda: sync(folder, data_dir))
    with closing(_opened(data_dir)) as another:
        return {
            "outcome": outcome,
            "open reader": _answers(assistant, before),
            "new reader": _answers(another, before),
            "vectors problem": another.status().vectors_problem,
        }


def _completed(folder: Path, data_dir: Path) -> dict[str, Any]:
    """Index to the end, and compare with a library made anew."""
    sync(folder, data_dir)
    check(data_dir)
    reference = folder.with_name(f"reference-{data_dir.name}")
    sync(folder, reference)
    return {"is complete": _live(data_dir) == _live(reference), "leftovers": leftovers(data_dir)}


def _live(data_dir: Path) -> dict[str, object]:
    return {name: stored.passages for name, stored in contents(data_dir).items() if stored.live is not None}


def _outcome(act: Callable[[], Any]) -> str:
    """Return how a run ended: "done" with its notes, or the error."""
    try:
        report = act()
    except AssistantError as err:
        return f"AssistantError: {err}"
    except Exception as err:  # noqa: BLE001 - the test says which errors are right
        return f"{type(err).__name__}: {err}"
    return "\n".join(["done", *report.notes])


def _answers(assistant: Assistant, before: SearchResult) -> str:
    """Say what a reader answers from: the "old" state or a "newer" one."""
    assistant.ask(QUESTION)
    now = assistant.search(QUESTION)
    if now.generation > before.generation:
        return "newer"
    return (
        "old" if now == before else f"generation {now.generation} with {len(now.hits)} hits that are not the old ones"
    )


def _opened(data_dir: Path) -> Assistant:
    """Open the library as a page does."""
    assistant = Assistant.open(load_settings(data_dir=data_dir), embedder=HashEmbedder())
    assistant.prepare()
    return assistant


def _filled(disk: Path, free_pages: int) -> Path:
    """Fill a disk but for some pages; return the file that does it."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for _ in range(os.statvfs(disk).f_bavail - free_pages):
            file.write(bytes(PAGE))
    return ballast


def _mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True)


if __name__ == "__main__":
    scenario = {"full": full, "read-only": read_only}[sys.argv[1]]
    print(json.dumps(scenario(Path(sys.argv[2]))))  # noqa: T201 - it is what this process says to the test
