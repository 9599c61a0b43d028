"""`make page`: what a conversation of 200 turns and a library of 10,000 articles cost the page in a browser.

A real browser asks the product's own server: conversations of stored answers are opened, clicked in and asked in beside
empty and short ones, and Sources of many articles beside Sources of few, by turns. Each figure is the median of some
rounds in a browser that has the page's scripts in its cache; ratios are of one run. Prints tables for the README.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.settings import load_settings
from tests import chromium
from tests.benchmarks.bench import run, this_computer
from tests.benchmarks.page_data import add_articles, sample_answers, store_conversation
from tests.browser.conftest import serving
from tests.conftest import BROWSER_FLAGS
from ui.reindexing import SAMPLES
from ui.sources import PAGE_ROWS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PROBE = Path(__file__).with_name("page_probe.js")
QUIET_MS = 500
TIME_LIMIT_S = 90.0
SEARCHED = "notice 1"
FOLLOW_UP = "Who applies the CBAM?"
BOX = ".st-key-tpa-ask textarea"
_OVER = ".st-key-tpa-turn-{} .tpa-state[data-state=over]"
FIRST_ROW = ".st-key-tpa-row-article-{}"


@dataclass(frozen=True, slots=True)
class Seen:
    """Seconds from a click, or from asking for the page, until it was seen and until nothing changed any more.

    `messages` and `bytes` came over the websocket meanwhile; `nodes` are the elements of the document at the end.
    """

    seen_s: float
    idle_s: float
    messages: int
    bytes: int
    nodes: int


@dataclass(frozen=True, slots=True)
class Step:
    """One thing a reader does, with what it is like in a small case and in a large one, round by round."""

    name: str
    small: list[Seen]
    large: list[Seen]


@dataclass(frozen=True, slots=True)
class Sizes:
    """Turns of the long conversation, articles added to the small and to the large library, and rounds."""

    turns: int
    small: int
    large: int
    rounds: int
    answers: int = 25


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print the tables, and write all numbers to --json."""
    parser = argparse.ArgumentParser(prog="make page", description="measure long conversations and large libraries")
    parser.add_argument("--turns", type=int, default=200, help="turns of the long conversation (default 200)")
    parser.add_argument("--articles", type=int, default=10_000, help="articles in the large library (default 10000)")
    parser.add_argument("--few", type=int, default=50, help="articles in the small library (default 50)")
    parser.add_argument("--rounds", type=int, default=5, help="times that everything is done (default 5)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the measurements there too")
    options = parser.parse_args(arguments)
    if chromium.find() is None:
        sys.exit(chromium.HOW_TO)
    run([sys.executable, "-m", "ui.cli", "prepare"])
    computer = this_computer()
    asked, sources = measure(Sizes(options.turns, options.few, options.articles, options.rounds))
    show(f"{options.turns} turns in a conversation", asked)
    show(f"{options.articles:,} articles in Sources beside {options.few}", sources)
    print(f"{computer.cpu}, {computer.cores} cores, load {computer.load} at the start; {options.rounds} rounds")
    if options.json:
        record = {"ask": [asdict(step) for step in asked], "sources": [asdict(step) for step in sources]}
        options.json.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


def measure(sizes: Sizes) -> tuple[list[Step], list[Step]]:
    """Make the libraries and conversations, serve them, and measure the Ask page and the Sources page."""
    with tempfile.TemporaryDirectory(prefix="trade-assistant-page-") as directory, ExitStack() as served:
        work = Path(directory)
        make_library(work / "small", sizes.small)
        make_library(work / "large", sizes.large)
        # Sources of both sizes are drawn beside an empty list of conversations.
        shutil.copytree(work / "small", work / "talks")
        make_conversations(work / "talks", sizes)
        browser = served.enter_context(chromium_browser())
        with server(work / "talks") as url:
            asked = measure_ask(browser, url, sizes)
        with server(work / "small") as small, server(work / "large") as large:
            return asked, measure_sources(browser, small, large, sizes.rounds)


def server(data_dir: Path) -> serving:
    """Return the page's server over a library, to be used in a `with`."""
    working_dir = data_dir.with_name(f"{data_dir.name}-elsewhere")
    working_dir.mkdir()
    return serving(data_dir, working_dir)


def make_library(data_dir: Path, articles: int) -> None:
    """Index the samples by the product's command and add so many made-up articles."""
    run([sys.executable, "-m", "ui.cli", "ingest", str(SAMPLES), "--data", str(data_dir)])
    add_articles(load_settings(data_dir=data_dir), articles)


def make_conversations(data_dir: Path, sizes: Sizes) -> None:
    """Store a conversation of many turns and one of a single turn for each round, so that none was opened before."""
    answers = sample_answers(load_settings(data_dir=data_dir), sizes.answers)
    for number in range(sizes.rounds + 1):
        store_conversation(data_dir, f"one-{number}", answers, 1)
        store_conversation(data_dir, f"many-{number}", answers, sizes.turns)


@contextmanager
def chromium_browser() -> Iterator[Browser]:
    """Start the browser of the browser tests while the block lasts."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=BROWSER_FLAGS)
        yield browser
        browser.close()


def measure_ask(browser: Browser, url: str, sizes: Sizes) -> list[Step]:
    """Open conversations and click in them; what is done in an empty or a short one, is done in a long one too."""
    steps: dict[str, Step] = {}
    with Reader.of(browser) as reader:
        for number in range(sizes.rounds + 1):
            for is_large, conversation in ((False, "one"), (True, "many")):
                last = sizes.turns if is_large else 1
                found = _in_conversation(reader, url, f"{conversation}-{number}", last, is_large=is_large)
                if number:  # the first round fills the caches of the browser and opens the library
                    _add(steps, found, is_large=is_large)
    return list(steps.values())


def measure_sources(browser: Browser, small: str, large: str, rounds: int) -> list[Step]:
    """Open Sources, search it, go on to the next page and open an article, in both libraries."""
    steps: dict[str, Step] = {}
    with Reader.of(browser) as reader:
        for number in range(rounds + 1):
            for is_large, url in ((False, small), (True, large)):
                found = _in_sources(reader, url)
                if number:
                    _add(steps, found, is_large=is_large)
    return list(steps.values())


def show(title: str, steps: Sequence[Step]) -> None:
    """Print a table: medians and their ratio, and what the large case brings over the websocket and into the page."""
    print(f"\n| {title} | seen | nothing moves | messages | KiB | elements |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for step in steps:
        print(f"| {step.name} | {' | '.join(_cells(middle(step.small), middle(step.large)))} |")


def _cells(small: Seen | None, large: Seen | None) -> list[str]:
    """Return "0.52 s (1.3 times 0.40)" for each time, then the counts of the large case beside those of the small."""
    assert large is not None

    def time_cell(name: str) -> str:
        now = getattr(large, name)
        before = getattr(small, name) if small else 0
        return f"{now:.2f} s" + (f" ({now / before:.2f} × {before:.2f})" if before else "")

    def count_cell(now: float, before: float | None) -> str:
        return f"{now:,.0f}" + (f" ({before:,.0f})" if before is not None else "")

    return [
        time_cell("seen_s"),
        time_cell("idle_s"),
        count_cell(large.messages, small and small.messages),
        count_cell(large.bytes / 1024, small and small.bytes / 1024),
        count_cell(large.nodes, small and small.nodes),
    ]


def middle(rounds: Sequence[Seen]) -> Seen | None:
    """Return the medians of some rounds, None of none."""
    if not rounds:
        return None
    return Seen(
        statistics.median(each.seen_s for each in rounds),
        statistics.median(each.idle_s for each in rounds),
        round(statistics.median(each.messages for each in rounds)),
        round(statistics.median(each.bytes for each in rounds)),
        round(statistics.median(each.nodes for each in rounds)),
    )


class Reader:
    """A page in the browser that the probe runs in; each act is followed until what it is for is seen, and the end."""

    def __init__(self, page: Page) -> None:
        self.page = page

    @classmethod
    @contextmanager
    def of(cls, browser: Browser) -> Iterator[Reader]:
        """Open a page with an own cache while the block lasts."""
        context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
        context.set_default_timeout(TIME_LIMIT_S * 1_000)
        context.add_init_script(path=PROBE)
        yield cls(context.new_page())
        context.close()

    def go(self, url: str, selector: str) -> Seen:
        """Ask for a page and follow it until the last match of the selector is in view, and idle."""
        self.page.goto("about:blank")
        self.page.goto(url, wait_until="commit")
        self.page.evaluate("sought => (tpaProbe.sought = sought)", {"selector": selector, "inView": True})
        return self._followed()

    def do(self, act: Callable[[], object], selector: str, *, in_view: bool = True) -> Seen:
        """Act on the page and follow it until the last match of the selector is there, and idle."""
        self.page.evaluate("sought => tpaProbe.seek(sought)", {"selector": selector, "inView": in_view})
        act()
        return self._followed()

    def click(self, selector: str) -> Callable[[], object]:
        """Return an act: the last match of the selector is clicked by the page's own script, at once."""
        return lambda: self.page.locator(selector).last.dispatch_event("click")

    def _followed(self) -> Seen:
        deadline = time.monotonic() + TIME_LIMIT_S
        while not (found := self.page.evaluate("quiet => tpaProbe.found(quiet)", QUIET_MS)):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self.page.url} never showed {self.page.evaluate('tpaProbe.sought')}")
            self.page.wait_for_timeout(50)
        return Seen(**found)


def _in_conversation(reader: Reader, url: str, key: str, last: int, *, is_large: bool) -> dict[str, Seen]:
    """Open a conversation and use it; beside a long one an empty page is opened, and one that was just asked in."""
    address, turn = f"{url}/?c={key}", f".st-key-tpa-turn-{last}"
    found = {}
    if is_large:
        found["open a conversation, beside an empty page"] = reader.go(address, f"{turn} .tpa-claim")
        found["change how sure an answer has to be, beside an empty page"] = _be_strict(reader)
    else:
        found["open a conversation, beside an empty page"] = reader.go(url, ".st-key-tpa-suggestion-0 button")
        found["change how sure an answer has to be, beside an empty page"] = _be_strict(reader)
        reader.go(address, f"{turn} .tpa-claim")
    found["reload it"] = reader.go(address, f"{turn} .tpa-claim")
    found["click a thumb"] = reader.do(reader.click(f"{turn} [data-testid=stFeedback] button"), BOX, in_view=False)
    found["open a citation"] = reader.do(reader.click(f"{turn} .tpa-cite"), "[role=dialog] .tpa-article mark")
    found["close it"] = reader.do(lambda: reader.page.keyboard.press("Escape"), BOX, in_view=False)
    found["ask a follow-up"] = reader.do(lambda: _ask(reader.page), _OVER.format(last + 1), in_view=False)
    if is_large:
        first_shown = _first_turn(reader.page)
        found["show earlier questions"] = reader.do(
            reader.click(".st-key-show-earlier button"), _OVER.format(first_shown - 1), in_view=False
        )
    return found


def _be_strict(reader: Reader) -> Seen:
    reader.page.locator(".st-key-scope-way button").click()
    strict = reader.page.get_by_role("radio", name="Strict")
    strict.wait_for()
    seen = reader.do(lambda: strict.dispatch_event("click"), BOX, in_view=False)
    reader.page.keyboard.press("Escape")
    return seen


def _ask(page: Page) -> None:
    page.locator(BOX).fill(FOLLOW_UP)
    page.locator(BOX).press("Enter")


def _first_turn(page: Page) -> int:
    name = page.locator("[class*=st-key-tpa-turn-]").first.get_attribute("class") or ""
    return int(name.partition("st-key-tpa-turn-")[2].split()[0])


def _in_sources(reader: Reader, url: str) -> dict[str, Seen]:
    page = reader.page
    found = {"open Sources": reader.go(f"{url}/sources", FIRST_ROW.format(0))}
    found["open an article"] = reader.do(reader.click(f"{FIRST_ROW.format(0)} button"), "[role=dialog] .tpa-article")
    found["close it"] = reader.do(lambda: page.keyboard.press("Escape"), FIRST_ROW.format(0), in_view=False)
    found["turn to the next page"] = reader.do(
        reader.click(".st-key-sources-older button"), FIRST_ROW.format(PAGE_ROWS), in_view=False
    )
    search = page.get_by_label("Search", exact=True)
    search.fill(SEARCHED)
    found["search"] = reader.do(lambda: search.press("Enter"), FIRST_ROW.format(0), in_view=False)
    return found


def _add(steps: dict[str, Step], found: dict[str, Seen], *, is_large: bool) -> None:
    for name, seen in found.items():
        step = steps.setdefault(name, Step(name, [], []))
        (step.large if is_large else step.small).append(seen)


if __name__ == "__main__":
    main()
