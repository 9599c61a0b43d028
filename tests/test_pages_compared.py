"""A reader of the page sees where sources differ below the answer, and every source that was compared below that."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from streamlit.testing.v1 import AppTest

from assistant.settings import load_settings
from ingest.sync import ingest
from tests.test_pages import APP, ask, shown

if TYPE_CHECKING:
    from assistant.embedding import Embedder

pytestmark = pytest.mark.model

QUESTION = "What is the import quota for umbrellas in Freedonia?"
FIRST = (
    "Umbrella quota set",
    "Sylvania Post",
    "2026-01-12",
    "Freedonia set the import quota for umbrellas at 300,000 tonnes.",
)
DIFFERS = (
    "Umbrella quota named",
    "Ruritania Wire",
    "2026-02-15",
    "The import quota for umbrellas was set at 450,000 tonnes in Freedonia.",
)
AGREES = (
    "Umbrella quota known",
    "Coast Gazette",
    "2026-02-15",
    "The import quota for umbrellas was set at about 300,000 tonnes in Freedonia.",
)


@pytest.fixture
def asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, embedder: Embedder, request: pytest.FixtureRequest
) -> AppTest:
    folder = tmp_path / "articles"
    folder.mkdir()
    for title, publisher, published, text in (FIRST, request.param):
        head = f"---\ntitle: {title}\npublisher: {publisher}\ndate: {published}\n---\n\n"
        (folder / f"{title}.md").write_text(f"{head}{text} Shops are told by post.\n", encoding="utf-8")
    ingest([folder], load_settings(data_dir=tmp_path / "data"), embedder=embedder)
    monkeypatch.setenv("TRADE_ASSISTANT_DATA_DIR", str(tmp_path / "data"))
    return ask(AppTest.from_file(APP, default_timeout=60).run(), QUESTION)


@pytest.mark.parametrize("asked", [DIFFERS], indirect=True)
def test_difference_stands_below_the_answer(asked: AppTest) -> None:
    words = " ".join(shown(asked).split())
    assert "Sources differ on the import quota for umbrellas 450,000 tonnes newer" in words
    assert "450,000 tonnes newer Ruritania Wire · 15 February 2026 3 " in words
    assert "300,000 tonnes Sylvania Post · 12 January 2026 1 " in words
    assert words.index("Sources differ") > words.index(FIRST[3])


@pytest.mark.parametrize("asked", [AGREES], indirect=True)
def test_source_that_agrees_is_listed_and_opens(asked: AppTest) -> None:
    assert "2 independent sources agree: about 300,000 tonnes" in " ".join(shown(asked).split())
    asked.button(key="open-source-1-2").click().run()
    assert "Umbrella quota" in shown(asked)
