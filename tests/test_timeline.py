"""A timeline that cannot be drawn says so, under an id that the log has too; the answer above it stands."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from streamlit.testing.v1 import AppTest

from assistant.assistant import Assistant
from assistant.conversation_records import LOCAL, StoredTurn, TurnState
from assistant.conversations import ConversationStore
from assistant.settings import load_settings
from ingest.sync import ingest
from tests.test_pages import APP, shown

if TYPE_CHECKING:
    from pathlib import Path

    from assistant.embedding import Embedder

TIN = "What is the tin levy of Quentland?"

pytestmark = pytest.mark.model


def test_cited_version_that_is_not_there_leaves_the_answer_and_a_card(
    tmp_path: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    article = tmp_path / "levy.txt"
    article.write_text("Levy on tin\n\nThe tin levy of Quentland is 40 percent since March.\n", encoding="utf-8")
    settings = load_settings(data_dir=tmp_path / "data")
    ingest([article], settings, embedder=embedder)
    monkeypatch.setenv("TRADE_ASSISTANT_DATA_DIR", str(tmp_path / "data"))
    answer = Assistant.open(settings).ask(TIN)
    claims = [
        replace(claim, citations=tuple(replace(cited, version=99) for cited in claim.citations))
        for claim in answer.claims
    ]
    gone = replace(answer, claims=tuple(claims))
    turn = StoredTurn(1, TIN, datetime(2025, 11, 1, tzinfo=UTC), TurnState.DONE, answer=gone)
    ConversationStore(tmp_path / "data").save(LOCAL, "k", turn, title="Levies")
    app = AppTest.from_file(APP, default_timeout=60)
    app.query_params["c"] = "k"
    words = shown(app.run())
    assert "40 percent since March" in words
    assert "The timeline cannot be drawn" in words
    told = re.search(r"Error ([0-9a-f]{8})", words)
    assert told
    assert f"error {told[1]}: drawing a timeline: " in caplog.text
