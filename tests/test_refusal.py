"""What a refusal says: what was searched and how far, what no passage mentions, what none gives."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from assistant.assistant import Assistant
from assistant.domain import Filters, Strictness
from assistant.settings import load_settings
from ingest.sync import ingest
from tests.toys import HashEmbedder

if TYPE_CHECKING:
    from assistant.embedding import Embedder

LUMBER = """---
title: Lumber duties
publisher: Sample Timber Post
date: 2025-08-14
---

# Lumber duties

Canadian mills pay a higher duty on softwood lumber since August. The council of mills called it a tax on roofs.
"""
CARS = """---
title: Car tariffs
publisher: Sample Pacific Ledger
date: 2025-05-20
---

# Car tariffs

The ministry cut its tariff on cars. Used vehicles stay banned.
"""
UNDATED = "Notes on sugar\n\nMills may trade their sugar quotas among themselves.\n"
NO_ANSWER = "The indexed articles do not answer this question, so there is no answer rather than a guess. "


@pytest.fixture
def assistant(tmp_path: Path) -> Iterator[Assistant]:
    folder = tmp_path / "articles"
    folder.mkdir()
    for name, text in (("lumber.md", LUMBER), ("cars.md", CARS), ("sugar.txt", UNDATED)):
        (folder / name).write_text(text, encoding="utf-8")
    embedder = HashEmbedder()
    settings = load_settings(data_dir=tmp_path / "data")
    ingest([folder], settings, embedder=embedder)
    opened = Assistant.open(settings, embedder=embedder)
    yield opened
    opened.close()


QUESTION = "Which skaters won medals in Oslo?"
MISSING = " Not mentioned in the passages nearest to it: “Oslo”, “skaters”, “medals”."


@pytest.mark.parametrize(
    ("filters", "searched"),
    [
        (Filters(), "Searched 3 articles (3 passages), the newest from 14 August 2025."),
        (
            Filters(publishers=("Sample Pacific Ledger",)),
            "Searched 1 article (1 passage) published by “Sample Pacific Ledger”, the newest from 20 May 2025.",
        ),
        (
            Filters(since=date(2025, 5, 1), as_of=date(2025, 5, 31)),
            "Searched 1 article (1 passage) published since 1 May 2025 until 31 May 2025, the newest from 20 May 2025."
            " 1 undated article not searched.",
        ),
    ],
)
def test_a_refusal_says_what_was_searched_and_what_no_passage_mentions(
    assistant: Assistant, filters: Filters, searched: str
) -> None:
    answer = assistant.ask(QUESTION, filters=filters)
    assert answer.is_refusal
    assert answer.text == f"{NO_ANSWER}{searched}{MISSING}"


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("The Ministry of Commerce of the People’s Republic met the U.S. Trade Representative.", "MOFCOM and USTR"),
        ("Some 1,200 parcels came on Nov. 10 through São Paulo.", "1200 on November 10 from Sao Paulo"),
        ("An antidumping order on aluminium, re-exports and labour.", "anti-dumping, aluminum, reexports and labor"),
        ("Goods of 8471.30.01 pay; policy-makers of the organisation agree.", "8471 30 01, policymakers, organization"),
    ],
)
def test_what_stands_there_in_another_spelling_is_not_said_to_be_missing(
    tmp_path: Path, written: str, asked: str
) -> None:
    (tmp_path / "note.txt").write_text(f"Note\n\n{written}\n", encoding="utf-8")
    embedder = HashEmbedder()
    settings = load_settings(data_dir=tmp_path / "library", strictness=Strictness.STRICT)
    ingest([tmp_path / "note.txt"], settings, embedder=embedder)
    with closing(Assistant.open(settings, embedder=embedder)) as opened:
        answer = opened.ask(f"Which skaters of Zorbia waltzed, {asked}?")
    assert answer.is_refusal
    assert answer.text.endswith(" Not mentioned in the passages nearest to it: “Zorbia”, “skaters”, “waltzed”.")


def test_a_refusal_says_that_no_passage_gives_what_is_asked_for(assistant: Assistant) -> None:
    answer = assistant.ask("How many skaters were there in Oslo?")
    assert answer.text.endswith(" None of these passages gives that number that is asked for.")


def test_filters_that_nothing_passes_are_named(assistant: Assistant) -> None:
    filters = Filters(since=date(2025, 9, 1), publishers=("Sample Pacific Ledger", "Sample Timber Post"))
    answer = assistant.ask(QUESTION, filters=filters)
    assert answer.text == (
        "No article was published by “Sample Pacific Ledger” or “Sample Timber Post” since"
        " 1 September 2025, so there is nothing to answer from."
    )


def test_the_stricter_the_more_is_refused(tmp_path: Path, assistant: Assistant) -> None:
    del assistant
    questions = [
        "What duty do Canadian mills pay on softwood lumber?",
        "Who cut the tariff on cars?",
        "What did the council call the duty?",
        "Which mills pay for roofs?",
        "What do mills trade on roofs?",
        "What is the price of roofs?",
        "Why was the tariff on roofs banned?",
        "Who likes the cars of the council?",
        "What colour have the roofs of the ministry?",
        "Which ministry of mills stay higher?",
        "Why do roofs need lumber?",
    ]
    refused = {}
    for strictness in Strictness:
        settings = load_settings(data_dir=tmp_path / "data", strictness=strictness)
        opened = Assistant.open(settings, embedder=HashEmbedder())
        refused[strictness] = {question for question in questions if opened.ask(question).is_refusal}
        opened.close()
    assert refused[Strictness.LENIENT] <= refused[Strictness.BALANCED] <= refused[Strictness.STRICT]
    assert refused[Strictness.LENIENT] < refused[Strictness.STRICT]
    opened = Assistant.open(load_settings(data_dir=tmp_path / "data"), embedder=HashEmbedder())
    for strictness in Strictness:
        by_question = {question for question in questions if opened.ask(question, strictness=strictness).is_refusal}
        assert by_question == refused[strictness]
    opened.close()


@pytest.mark.model
def test_code_alone_is_question_enough(tmp_path: Path, embedder: Embedder) -> None:
    text = "Goods of subheading 8471.30.01 now enter at 12.5 percent, a rate that the office expects to last."
    (tmp_path / "a.md").write_text(f"# Portable computers\n\n{text}\n", encoding="utf-8")
    settings = load_settings(data_dir=tmp_path / "data")
    ingest([tmp_path / "a.md"], settings, embedder=embedder)
    opened = Assistant.open(settings, embedder=embedder)
    asked, of_another = opened.ask("What does 8471.30.01 pay?"), opened.ask("What does 8471.30.02 pay?")
    opened.close()
    assert not asked.is_refusal
    assert asked.claims[0].text == text
    assert of_another.is_refusal
