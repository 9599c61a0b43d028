"""A server with the page over its own copy of the sample articles, and pages in the browser that look at it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from assistant.settings import load_settings
from ingest.sync import ingest
from tests.chat_server import MODEL, ChatServer, Reply
from tests.conftest import ROOT
from ui.reindexing import SAMPLES

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from assistant.embedding import Embedder

STARTS_WITHIN_S = 90
HOSTILE_TITLE = "Tinplate <script>alert(1)</script> & NT$5~10%"
HOSTILE_SENTENCE = (
    "The tinplate levy of Freedonia rose 5~10% and then 20~30%, NT$ 40 and HK$ 50 a tonne -- *not* less -- says "
    "<b>the</b> notice at https://evil.example/notice, ![seal](https://evil.example/seal.png) and "
    "[here](javascript:alert(1))."
)
WRITTEN_CLAIM = "The tinplate levy of Freedonia rose 5~10% and then 20~30%"


@dataclass(frozen=True)
class Served:
    """The page's address, its data directory, and the folder of articles it was made from."""

    url: str
    data_dir: Path
    articles: Path


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Served]:
    """Index the samples and a hostile article with the real model, and serve the page from another folder."""
    articles = tmp_path_factory.mktemp("articles")
    for sample in sorted(SAMPLES.iterdir()):
        if sample.suffix in {".md", ".html", ".pdf", ".docx"}:
            shutil.copy(sample, articles)
    (articles / "hostile.txt").write_text(f"{HOSTILE_TITLE}\n\n{HOSTILE_SENTENCE}\n", encoding="utf-8")
    data_dir = tmp_path_factory.mktemp("data")
    ingest([articles], load_settings(data_dir=data_dir), embedder=embedder)
    with serving(data_dir, tmp_path_factory.mktemp("elsewhere")) as url:
        yield Served(url, data_dir, articles)


@dataclass(frozen=True)
class Written:
    """The address of a page with a chat model, the model's server, and the log of the page's server."""

    url: str
    chat: ChatServer
    log: Path


@pytest.fixture
def written(served: Served, tmp_path: Path) -> Iterator[Written]:
    """Serve the page with a model that writes `WRITTEN_CLAIM` and falls silent until it may go on or is hung up on."""
    reply = Reply([f"{WRITTEN_CLAIM} [1]. ", "So ", "it ", "says."], hold_after=3)
    with ChatServer(reply) as chat:
        page = serving(
            served.data_dir,
            tmp_path,
            TRADE_ASSISTANT_CHAT_MODEL=f"openai:{MODEL}",
            TRADE_ASSISTANT_CHAT_BASE_URL=chat.base_url,
        )
        with page as url:
            yield Written(url, chat, page.log)


class serving:
    """Run `streamlit run ui/app.py` over a data directory while the block lasts; enters with the page's address.

    `variables` are added to the server's environment; another `script` is run in the place of the product's.
    """

    def __init__(
        self, data_dir: Path, working_dir: Path, *, script: Path = ROOT / "ui/app.py", **variables: str
    ) -> None:
        self.data_dir, self.working_dir, self.script, self.variables = data_dir, working_dir, script, variables
        self.log = working_dir / "server.log"

    def __enter__(self) -> str:
        port = free_port()
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "streamlit", "run", str(self.script), f"--server.port={port}"],
                cwd=self.working_dir,
                env={**os.environ, "TRADE_ASSISTANT_DATA_DIR": str(self.data_dir), **self.variables},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        url = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + STARTS_WITHIN_S
        while not is_healthy(url):
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.__exit__()
                pytest.fail(f"the page did not start:\n{self.log.read_text()}", pytrace=False)
            time.sleep(0.1)
        return url

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(20)


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


def is_healthy(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/_stcore/health", timeout=2) as response:
            return bool(response.read() == b"ok")
    except (urllib.error.URLError, OSError):
        return False


@pytest.fixture
def visit(new_page: Callable[..., Page], served: Served) -> Callable[..., Page]:
    """Return a function that opens a page of the product in a fresh browser context and waits until it is drawn."""

    def open_it(path: str = "/", **options: object) -> Page:
        page = new_page(**options)
        page.goto(served.url + path)
        page.wait_for_selector(".tpa-heading, .tpa-question")
        return page

    return open_it


@pytest.fixture(scope="session")
def screenshots() -> Path:
    """Return the folder the pictures of a run are written to."""
    folder = ROOT / "screenshots"
    folder.mkdir(exist_ok=True)
    return folder
