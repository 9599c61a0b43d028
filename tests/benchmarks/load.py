"""`make load`: many readers ask the page at once, each over a websocket of its own.

The samples, and the folder given, are indexed and served by the product's page. First one reader asks alone, question
after question; then 20 and 50 connect and ask at the same moment, each another question. Nothing is cut short: the
numbers hold the waiting in the queue, which the page shows. Prints a table for the README.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import cycle, islice
from pathlib import Path

from rich.console import Console
from rich.table import Table
from websockets.exceptions import WebSocketException

from tests.benchmarks.bench import run, this_computer
from tests.browser.conftest import serving
from tests.page_client import Asked, PageClient
from ui.reindexing import SAMPLES
from ui.turns import MAX_RUNNING

QUESTIONS = Path(__file__).resolve().parent.parent / "data" / "questions.jsonl"
ALONE = 10
TIME_LIMIT_S = 180.0


@dataclass(frozen=True, slots=True)
class Load:
    """Readers asking at once: seconds to the first text and to the whole answer of each, and what went wrong.

    `memory_mib` is the resident memory of the server after them, its peak where the system tells.
    """

    readers: int
    first_text_s: list[float]
    whole_s: list[float]
    errors: list[str]
    memory_mib: float


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print the table, and write all numbers to --json; exit status 1 if a reader saw an error."""
    parser = argparse.ArgumentParser(prog="make load", description="ask the page from many connections at once")
    parser.add_argument("--readers", type=int, nargs="+", default=[20, 50], help="how many ask at once (20 and 50)")
    parser.add_argument("--articles", type=Path, help="a folder that is indexed beside the samples")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the measurements there too")
    options = parser.parse_args(arguments)
    computer = this_computer()
    questions = [json.loads(line)["question"] for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]
    with tempfile.TemporaryDirectory(prefix="trade-assistant-load-") as directory:
        data_dir = Path(directory) / "data"
        paths = [str(path) for path in (SAMPLES, options.articles) if path]
        run([sys.executable, "-m", "ui.cli", "ingest", *paths, "--data", str(data_dir)])
        with serving_page(data_dir, Path(directory)) as page:
            alone = asyncio.run(ask_alone(page, questions))
            loads = [asyncio.run(ask_at_once(page, readers, questions)) for readers in options.readers]
    show(alone, loads)
    print(
        f"{computer.cpu}, {computer.cores} cores, load {computer.load} at the start; {MAX_RUNNING} answered at a time"
    )
    if options.json:
        record = {"alone": [asdict(each) for each in alone], "at_once": [asdict(each) for each in loads]}
        options.json.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    if any(load.errors for load in loads):
        sys.exit(1)


@dataclass(frozen=True, slots=True)
class Served:
    """Where the page is, and the process that serves it."""

    url: str
    process_id: int

    def memory_mib(self) -> float:
        """Return the most memory the server has held so far, what it holds now where the system tells no peak."""
        try:
            status = Path(f"/proc/{self.process_id}/status").read_text(encoding="utf-8")
        except OSError:
            shown, _, _ = run(["ps", "-o", "rss=", "-p", str(self.process_id)])
            return round(int(shown) / 1024, 1)
        fields = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
        return round(int(fields["VmHWM"].split()[0]) / 1024, 1)


@contextlib.contextmanager
def serving_page(data_dir: Path, working_dir: Path) -> Iterator[Served]:
    """Serve the page over a library while the block lasts."""
    server = serving(data_dir, working_dir)
    with server as url:
        yield Served(url, server.process.pid)


async def ask_alone(page: Served, questions: Sequence[str]) -> list[Asked]:
    """Ask some questions, each after the other and over a new connection.

    They are asked from the end of the list, so that what is asked at once finds nothing remembered; the first of all,
    which opens the library, is left out.
    """
    asked = []
    for question in questions[: -ALONE - 2 : -1]:
        async with PageClient(page.url) as reader:
            asked.append(await reader.ask(question))
    return asked[1:]


async def ask_at_once(page: Served, readers: int, questions: Sequence[str]) -> Load:
    """Connect so many readers, wait until all see the page, and let all ask at the same moment."""
    asked: list[Asked] = []
    errors: list[str] = []
    ready = asyncio.Barrier(readers)

    async def read(question: str) -> None:
        try:
            async with asyncio.timeout(TIME_LIMIT_S), PageClient(page.url) as reader:
                await ready.wait()
                asked.append(await reader.ask(question))
        except (OSError, RuntimeError, TimeoutError, WebSocketException) as err:
            errors.append(f"{type(err).__name__}: {err}")
            await ready.abort()

    await asyncio.gather(*(read(question) for question in islice(cycle(questions), readers)))
    firsts, wholes = sorted(each.first_text_s for each in asked), sorted(each.whole_s for each in asked)
    return Load(readers, firsts, wholes, errors, page.memory_mib())


def show(alone: Sequence[Asked], loads: Sequence[Load]) -> None:
    """Print a table: medians and the slowest reader, and how many times as long as alone."""
    table = Table(title="Readers asking at once, each another question, over websockets of their own")
    for heading in ("readers", "first text, median s", "slowest", "whole answer, median s", "slowest", "errors", "MiB"):
        table.add_column(heading, justify="right")
    first, whole = [each.first_text_s for each in alone], [each.whole_s for each in alone]
    table.add_row("1", *_middle_and_most(first), *_middle_and_most(whole), "0", "")
    for load in loads:
        times = (*_middle_and_most(load.first_text_s), *_middle_and_most(load.whole_s))
        table.add_row(str(load.readers), *times, str(len(load.errors)), f"{load.memory_mib:.0f}")
    console = Console()
    console.print(table)
    for load in loads:
        for error in load.errors[:3]:
            console.print(f"{load.readers} readers: {error}", markup=False)
        if load.whole_s:
            ratio = max(load.whole_s) / statistics.median(whole)
            console.print(f"{load.readers} readers: the slowest whole answer takes {ratio:.1f} times one asked alone")


def _middle_and_most(seconds: Sequence[float]) -> tuple[str, str]:
    return (f"{statistics.median(seconds):.2f}", f"{max(seconds):.2f}") if seconds else ("-", "-")


if __name__ == "__main__":
    main()
