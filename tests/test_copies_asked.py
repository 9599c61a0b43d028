"""What a reader is told of copies: one story is one source, its origin is named, and no copy takes a place twice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import date

import pytest

from assistant.assistant import Assistant
from assistant.domain import Answer, Filters
from assistant.library import Library
from assistant.settings import Settings
from tests import shelf
from tests.stories import COPIES, GALLIUM, GALLIUM_RETOLD, STEEL, Text
from tests.toys import HashEmbedder

QUESTION = "How long does the review of a licence take?"
PRICES = "What happened to prices of gallium and germanium in Europe?"
OWN_PARAGRAPH = "A trader in Antwerp said that prices of gallium in Europe would stay above 600 dollars a kilogram."
ARTICLES: dict[str, tuple[Text, str, date]] = {
    "/reuters": (GALLIUM, "Sample Wire", date(2025, 11, 9)),
    "/daily": (COPIES["straight quotes"][1], "Sample Daily", date(2025, 11, 10)),
    "/post": (COPIES["cut after six of eight paragraphs"][1], "Sample Post", date(2025, 11, 11)),
    "/herald": ((*GALLIUM, OWN_PARAGRAPH), "Sample Herald", date(2025, 11, 12)),
    "/retold": (GALLIUM_RETOLD, "Sample Review", date(2025, 11, 12)),
    "/steel": (STEEL, "Sample Times", date(2025, 10, 7)),
}


@pytest.fixture
def assistant(settings: Settings) -> Iterator[Assistant]:
    with shelf.writer(settings.data_dir) as writer:
        writer.put(
            [
                shelf.new(location, *text, title=f"As told in {publisher}", publisher=publisher, published=published)
                for location, (text, publisher, published) in ARTICLES.items()
            ]
        )
    opened = Assistant.open(settings, embedder=HashEmbedder())
    yield opened
    opened.close()


def locations(settings: Settings) -> dict[str, str]:
    """Return the location of each article by its id."""
    with closing(Library.open(settings.data_dir)) as library, library.snapshot() as snapshot:
        return {summary.article_id: summary.location for summary in snapshot.articles()}


def cited(answer: Answer, settings: Settings) -> list[str]:
    """Return the locations of the articles cited, in order."""
    where = locations(settings)
    return [where[citation.article_id] for citation in answer.citations]


def test_answer_names_the_origin_and_its_copies_and_counts_one_source(assistant: Assistant, settings: Settings) -> None:
    answer = assistant.ask(QUESTION)
    where = locations(settings)
    stories = {
        where[article_id]: (story.origin.publisher, [copy.publisher for copy in story.copies])
        for article_id, story in answer.copies.items()
    }
    assert stories == {"/reuters": ("Sample Wire", ["Sample Daily", "Sample Post", "Sample Herald"])}
    assert [where[origin] for origin in answer.origins if where[origin] != "/retold"] == ["/reuters"]


def test_no_sentence_of_a_story_is_quoted_twice(assistant: Assistant) -> None:
    quotes = [citation.quote for citation in assistant.ask(QUESTION).citations]
    assert len(quotes) == len(set(quotes))


def test_what_only_a_copy_says_is_still_answered_from(assistant: Assistant, settings: Settings) -> None:
    answer = assistant.ask("What did a trader in Antwerp say about prices of gallium?")
    assert (OWN_PARAGRAPH in answer.text, cited(answer, settings)[0]) == (True, "/herald")
    assert [story.origin.publisher for story in answer.copies.values()] == ["Sample Wire"]


def test_copies_published_after_the_day_asked_about_are_not_told(assistant: Assistant) -> None:
    answer = assistant.ask(QUESTION, filters=Filters(as_of=date(2025, 11, 10)))
    assert [
        (story.origin.publisher, [copy.publisher for copy in story.copies]) for story in answer.copies.values()
    ] == [("Sample Wire", ["Sample Daily"])]


def test_copy_is_cited_where_the_origin_is_filtered_out(assistant: Assistant, settings: Settings) -> None:
    answer = assistant.ask(QUESTION, filters=Filters(publishers=("Sample Post",)))
    assert set(cited(answer, settings)) == {"/post"}
    assert [story.origin.publisher for story in answer.copies.values()] == ["Sample Wire"]


def test_refusal_names_one_article_of_a_story(assistant: Assistant, settings: Settings) -> None:
    answer = assistant.ask("Which licence does a zebra in the Antwerp zoo need for the germanium smelters of Peru?")
    where = locations(settings)
    copies = {"/reuters", "/daily", "/post", "/herald"}
    assert answer.is_refusal
    assert len(copies.intersection(where[near.article_id] for near in answer.nearest)) == 1


def test_search_lists_every_copy(assistant: Assistant, settings: Settings) -> None:
    where = locations(settings)
    hits = assistant.search("review of a licence working days", limit=20).hits
    assert {"/reuters", "/daily", "/post", "/herald"} <= {where[hit.passage.article_id] for hit in hits}


def test_article_without_copies_has_none(assistant: Assistant, settings: Settings) -> None:
    ids = {location: article_id for article_id, location in locations(settings).items()}
    story = assistant.copies(ids["/daily"])
    assert assistant.copies(ids["/steel"]) is None
    assert story is not None
    assert [story.origin.location, *(copy.location for copy in story.copies)] == [
        "/reuters",
        "/daily",
        "/post",
        "/herald",
    ]
