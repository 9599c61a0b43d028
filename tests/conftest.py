"""What every test can ask for: settings of its own, the real embedder, the shared articles, a browser.

Tests never see the user's library or settings and never leave this computer. Where CI=true, a test whose browser,
model or `../shared` is missing fails; elsewhere it is skipped with the reason.
"""

from __future__ import annotations

import functools
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import urlsplit

import pytest

from assistant.settings import Settings, load_settings
from tests import chromium, office
from tests.web_server import Site, web_server

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

    from assistant.embedding import Embedder

ROOT = Path(__file__).resolve().parent.parent
PREFIX = "TRADE_ASSISTANT_"
KEPT = {
    "TRADE_ASSISTANT_CACHE_DIR",
    "TRADE_ASSISTANT_SHARED",
    "TRADE_ASSISTANT_SOAK",
    chromium.VARIABLE,
    office.VARIABLE,
}
HERE = {"127.0.0.1", "localhost", "::1"}
BROWSER_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NEVER_USED = pytest.StashKey[str]()


def pytest_configure(config: pytest.Config) -> None:
    """Take the user's settings out of the environment, and point what is left at an empty folder."""
    for name in [name for name in os.environ if name.startswith(PREFIX) and name not in KEPT]:
        del os.environ[name]
    config.stash[NEVER_USED] = tempfile.mkdtemp(prefix="trade-assistant-")
    os.environ["TRADE_ASSISTANT_DATA_DIR"] = str(Path(config.stash[NEVER_USED]) / "data")
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ["ANONYMIZED_TELEMETRY"] = "False"
    os.environ["LANGSMITH_TRACING"] = "false"


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove the empty folder."""
    shutil.rmtree(config.stash[NEVER_USED], ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what uses a browser, and run it last: Playwright leaves an event loop running in this thread."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


def unavailable(reason: str) -> NoReturn:
    """Skip the test with this reason; where CI=true fail it."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@pytest.fixture(autouse=True)
def main_module() -> Iterator[None]:
    """Put the main module back: AppTest leaves its script there, and a process that is spawned later would run it."""
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings with a data folder of the test's own; the model's cache is the user's, so it is exported once."""
    return load_settings(data_dir=tmp_path / "data")


@pytest.fixture
def site() -> Iterator[Site]:
    """Serve pages on this computer, for the length of a test."""
    with web_server() as served:
        yield served


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    """Return the real embedder on its fast path, prepared on first use."""
    from assistant.embedding import open_embedder, prepare
    from assistant.errors import ModelUnavailable

    settings = load_settings()
    try:
        prepare(settings)
        return open_embedder(settings)
    except ModelUnavailable as err:
        unavailable(f"the embedding model cannot be loaded: {err}")


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder with the real articles and evaluation questions, beside this repository."""
    folder = Path(os.environ.get("TRADE_ASSISTANT_SHARED") or ROOT.parent / "shared")
    if not (folder / "articles").is_dir():
        unavailable(f"no articles in {str(folder)!r}; TRADE_ASSISTANT_SHARED names another folder")
    return folder


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start one Chromium for all tests."""
    from playwright.sync_api import sync_playwright

    executable = chromium.find()
    if executable is None:
        unavailable(chromium.HOW_TO)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=BROWSER_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def outside_requests() -> list[str]:
    """Return the addresses outside this computer that the test's pages asked for; none were let through."""
    return []


@pytest.fixture
def new_page(browser: Browser, outside_requests: list[str]) -> Iterator[Callable[..., Page]]:
    """Return a function that opens a fresh page; the test fails at its end if a page asked for another computer."""
    contexts = []

    def guard(route: Route) -> None:
        address = urlsplit(route.request.url)
        if address.hostname in HERE or address.scheme in {"blob", "data"}:
            route.continue_()
        else:
            outside_requests.append(route.request.url)
            route.abort()

    def open_page(width: int = 1280, height: int = 900, color_scheme: str = "light") -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=color_scheme,  # type: ignore[arg-type]
            reduced_motion="reduce",
            has_touch=width < 600,
            service_workers="block",
        )
        contexts.append(context)
        context.set_default_timeout(60_000)
        context.route("**/*", guard)
        page = context.new_page()
        # Playwright would ask again and again from within the page, by `eval`, which the page's policy forbids.
        page.wait_for_function = functools.partial(wait_until, page)  # type: ignore[method-assign]
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert outside_requests == []


def wait_until(page: Page, expression: str, arg: object = None, *, timeout: float = 60_000) -> None:
    """Wait, at most `timeout` ms, until the expression or function is true in the page.

    One that throws, as while an element it looks at is not drawn yet, is not true yet.
    """
    from playwright.sync_api import Error

    deadline = time.monotonic() + timeout / 1_000
    thrown: Error | None = None
    while True:
        try:
            if page.evaluate(expression, arg):
                return
        except Error as err:
            thrown = err
        if time.monotonic() > deadline:
            raise AssertionError(f"never true: {expression}") from thrown
        page.wait_for_timeout(50)


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    """Return a fresh page at 1280 px in the light theme."""
    return new_page()
