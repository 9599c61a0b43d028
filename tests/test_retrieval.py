"""Passages are found by words and by meaning, within the filters; each hit says how it was found."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from assistant.assistant import Assistant
from assistant.domain import Filters
from assistant.settings import Settings
from ingest.sync import ingest
from tests.toys import HashEmbedder

NOTES = {
    "notice.md": "---\ntitle: Notice\npublisher: Sample Register\n---\n\nCase A-570-123 covers tin mill products.\n",
    "codes.md": "---\ntitle: Codes\npublisher: Sample Customs\n---\n\nHeading 8471.30 covers portable machines.\n",
    "talks.md": "---\ntitle: Talks\npublisher: Sample Wire\n---\n\n## What was left out\n\nNobody spoke of it long.\n",
}


@pytest.fixture
def assistant(tmp_path: Path, settings: Settings) -> Assistant:
    folder = tmp_path / "notes"
    folder.mkdir()
    for name, text in NOTES.items():
        (folder / name).write_text(text, encoding="utf-8")
    assert not ingest([folder], settings, embedder=HashEmbedder()).failed
    return Assistant.open(settings, embedder=HashEmbedder())


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("A-570-123", "Notice"),
        ("8471.30", "Codes"),
        ("tin mill", "Notice"),
        ("left out of the talks", "Talks"),
    ],
)
def test_exact_words_identifiers_and_headings_are_found_first(assistant: Assistant, query: str, title: str) -> None:
    hits = assistant.search(query).hits
    assert hits[0].passage.title == title
    assert hits[0].lexical_rank == 1
    assert list(hits) == sorted(hits, key=lambda hit: -hit.score)


def test_filters_hold_and_nothing_passes_an_unknown_publisher(assistant: Assistant) -> None:
    only = assistant.search("products machines", filters=Filters(publishers=("Sample Customs",)))
    assert [hit.passage.title for hit in only.hits] == ["Codes"]
    assert assistant.search("products", filters=Filters(publishers=("Nobody",))).hits == ()


def test_the_limit_is_kept_and_the_generation_named(assistant: Assistant) -> None:
    found = assistant.search("covers products machines", limit=1)
    assert len(found.hits) == 1
    assert found.generation == assistant.status().generation


class FineEmbedder(HashEmbedder):
    """One in whose many dimensions different words have next to nothing in common."""

    name = "fine-embedder"
    dimension = 4_096


def test_of_two_passages_about_equally_near_the_one_that_is_about_what_the_best_are_about_comes_first(
    tmp_path: Path, settings: Settings
) -> None:
    texts = [f"The levy tariff for zinc smelters number{number} stays." for number in range(5)]
    texts += ["The levy for lamps and chairs stays.", "The levy for the zinc smelters stays today again."]
    folder = tmp_path / "more"
    folder.mkdir()
    for number, text in enumerate(texts):
        (folder / f"{number}.txt").write_text(f"Note {number}\n\n{text}\n", encoding="utf-8")
    embedder = FineEmbedder()
    assert not ingest([folder], settings, embedder=embedder).failed
    with closing(Assistant.open(settings, embedder=embedder)) as assistant:
        found = [hit.passage.title for hit in assistant.search("levy tariff").hits]
    assert found[5:] == ["Note 6", "Note 5"]


def test_the_passage_that_alone_holds_a_word_is_found_among_many_that_sound_alike(
    tmp_path: Path, settings: Settings
) -> None:
    folder = tmp_path / "alike"
    folder.mkdir()
    for number in range(40):
        thing = f"thing{number}"
        text = f"Notice {number}\n\nWhat is the fee on {thing}? The fee on {thing} is {number} percent.\n"
        (folder / f"{number}.txt").write_text(text, encoding="utf-8")
    rare = (
        "Gazette\n\nBrokers collect at every port, since the stage that came in with the spring, a levy on widgets.\n"
    )
    (folder / "gazette.txt").write_text(rare, encoding="utf-8")
    assert not ingest([folder], settings, embedder=HashEmbedder()).failed
    with closing(Assistant.open(settings, embedder=HashEmbedder())) as assistant:
        question = "What is the fee on widgets, what is it on them, what is the fee?"
        found = [hit.passage.title for hit in assistant.search(question, limit=8).hits]
        assert "Gazette" in found
        assert len(found) == 8
