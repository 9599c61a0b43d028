"""A question that somebody asks is never quoted as an answer, and an answer to another question not without it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.assistant import Assistant
from assistant.domain import Strictness
from assistant.interview import without_speaker
from assistant.settings import Settings
from ingest.sync import ingest
from tests.toys import HashEmbedder

BRIEFING = """---
title: Transcript of the briefing on the steel safeguard
publisher: Department of External Trade
date: 2026-04-09
---

SPOKESWOMAN: Good afternoon. The steel safeguard was extended this morning.

QUESTION: There are reports that the ministry will raise the steel tariff to 50 percent. Can you confirm?

MS. HALE: I cannot confirm that. No decision has been taken on the steel tariff.

QUESTION: Has the quota for cold-rolled sheet changed?

MS. HALE: It has. It goes up by 3 percent.

Why does any of this matter for steel traders? The quota for wire rod was not discussed at all.
"""


@pytest.fixture
def assistant(tmp_path: Path, settings: Settings, embedder: HashEmbedder) -> Iterator[Assistant]:
    folder = tmp_path / "briefings"
    folder.mkdir()
    (folder / "briefing.md").write_text(BRIEFING, encoding="utf-8")
    assert not ingest([folder], settings, embedder=embedder).failed
    opened = Assistant.open(settings, embedder=embedder)
    yield opened
    opened.close()


@pytest.mark.model
@pytest.mark.parametrize(
    "question",
    [
        "Will the ministry raise the steel tariff to 50 percent?",
        "Are there reports that the ministry will raise the steel tariff to 50 percent?",
        "Has the quota for cold-rolled sheet changed?",
        "Why does it matter for steel traders?",
    ],
)
def test_no_quote_only_asks(assistant: Assistant, question: str) -> None:
    answer = assistant.ask(question)
    asked = [
        cited.quote for claim in answer.claims for cited in claim.citations[-1:] if cited.quote.rstrip().endswith("?")
    ]
    assert asked == []


@pytest.mark.model
def test_report_that_a_reporter_tells_of_is_answered_by_who_was_asked(assistant: Assistant) -> None:
    answer = assistant.ask("Will the ministry raise the steel tariff to 50 percent?")
    assert "No decision has been taken on the steel tariff." in answer.claims[0].text


@pytest.mark.model
def test_short_answer_to_another_question_comes_with_that_question(assistant: Assistant) -> None:
    answer = assistant.ask("Has the quota for galvanised sheet changed?", strictness=Strictness.LENIENT)
    [first, *_] = answer.claims
    assert first.text.split("\n")[0] == "QUESTION: Has the quota for cold-rolled sheet changed?"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("MS. HALE: No.", "No."),
        ("MINISTER O’NEIL: Partly.", "Partly."),
        ("A3. Yes.", "Yes."),
        ("A: Yes.", "Yes."),
        ("A fee is due.", "A fee is due."),
        ("The rule: no licence.", "The rule: no licence."),
    ],
)
def test_answer_is_read_without_the_label_of_its_speaker(said: str, expected: str) -> None:
    assert without_speaker(said) == expected
