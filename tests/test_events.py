"""What an article dates is found with its exact sentence, and a date that may be another is nobody's event."""

from __future__ import annotations

from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from assistant.domain import Article, Block, BlockKind, Citation, PartialDate, StoredArticle
from assistant.events import MAX_EVENTS, Event, EventKind, events_of


def stored(*paragraphs: str, article_id: str = "a", published: date | None = date(2026, 3, 12)) -> StoredArticle:
    blocks, at = [Block(BlockKind.TITLE, 0, 6)], 7
    for paragraph in paragraphs:
        blocks.append(Block(BlockKind.PARAGRAPH, at, at + len(paragraph)))
        at += len(paragraph) + 1
    text = "\n".join(["Title.", *paragraphs])
    article = Article("Title.", text, tuple(blocks), publisher="Coast Gazette", published=published)
    return StoredArticle(article_id, 1, "here", article, datetime(2026, 3, 13, tzinfo=UTC), None, True)


def told(events: tuple[Event, ...]) -> list[tuple[str, EventKind, str]]:
    return [(str(event.when), event.kind, event.words) for event in events]


def test_publication_dated_sentences_and_the_time_a_measure_applies_are_events() -> None:
    talks = "Ruritania and Sylvania met on 3 February 2026."
    ban = "The ban on parasol exports is suspended from 1 April 2026 until November 2026."
    assert told(events_of([stored(talks, ban)])) == [
        ("2026-02-03", EventKind.TOLD, talks),
        ("2026-03-12", EventKind.PUBLISHED, "Title."),
        ("2026-04-01", EventKind.EFFECTIVE, ban),
        ("2026-11", EventKind.EXPIRES, ban),
    ]


@given(
    st.lists(st.sampled_from(["Talks began on 3 May 2026.", "It ends in June 2026. More is said.", "x 5~10%", "\t"]))
)
def test_span_of_an_event_holds_its_words(paragraphs: list[str]) -> None:
    article = stored(*paragraphs)
    for event in events_of([article]):
        assert article.article.text[event.span.start : event.span.end] == event.words


def test_date_that_may_be_another_is_no_event() -> None:
    doubtful = ("It began on 5/1/2026.", "Duties rose in 2024.", "It came in the third quarter of 2025.", "It was May.")
    assert told(events_of([stored(*doubtful, published=None)])) == []


def test_day_without_its_year_is_read_against_the_publication() -> None:
    said = "The ministry said on March 9 that the quota ends."
    assert told(events_of([stored(said)]))[0] == ("2026-03-09", EventKind.TOLD, said)
    assert events_of([stored(said, published=None)]) == ()


def test_event_of_another_age_does_not_press_the_others_together() -> None:
    assert told(events_of([stored("The treaty of July 1907 is still read.")])) == [
        ("2026-03-12", EventKind.PUBLISHED, "Title.")
    ]


def test_one_date_is_told_once_by_the_sentence_that_is_cited() -> None:
    first, second = "Talks began on 3 May 2026.", "On 3 May 2026 the ship left."
    article = stored(first, second)
    start = article.article.text.index(second)
    cited = Citation(1, "a", 1, "Title.", None, None, None, None, start, start + len(second), second)
    (_, event) = events_of([article], citations=[cited])
    assert event.words == second
    (_, event) = events_of([article], question="When did the talks begin?")
    assert event.words == first


def test_of_too_many_events_those_that_bear_on_the_question_are_kept() -> None:
    days = [f"A ship left on {day} May 2026." for day in range(1, 29)]
    events = events_of(
        [stored(*days, "The levy on tinplate came on 30 May 2026.")], question="When came the tinplate levy?"
    )
    assert len(events) == MAX_EVENTS
    assert events[-1].when == PartialDate(2026, 5, 30)


def test_long_sentence_without_an_end_is_not_read() -> None:
    assert len(events_of([stored("on 3 May 2026 " * 10_000)])) == 1
