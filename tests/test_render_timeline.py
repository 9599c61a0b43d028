"""The list beside a timeline says what its picture says, as the articles say it, and believes no id from outside."""

from __future__ import annotations

import pytest
from hypothesis import given

from assistant.domain import PartialDate, Span
from assistant.events import Event, EventKind
from tests.test_render import HOSTILE, Read, texts
from ui import render_timeline
from ui.timeline import _chart


def event(
    words: str = "It ends.", kind: EventKind = EventKind.EXPIRES, publisher: str | None = "Coast Gazette"
) -> Event:
    return Event(PartialDate(2026, 11), kind, words, Span("a", 1, 0, len(words)), "A title", publisher)


def test_list_names_date_kind_sentence_and_source() -> None:
    read = Read(render_timeline.events_html([event(), event("It began.", EventKind.TOLD, None)], 3))
    assert read.text == "November 2026 applies untilIt ends.Coast GazetteNovember 2026It began.A title"
    assert read.links == ["#event-3-0", "#event-3-1"]


@given(texts)
def test_words_of_an_event_are_shown_as_they_are(text: str) -> None:
    shown = render_timeline.events_html([event(HOSTILE + text, publisher=text)], 1)
    assert Read(shown).tags <= {"ol", "li", "span", "time", "a", "div"}
    assert render_timeline.event_words(event(HOSTILE)) in Read(render_timeline.events_html([event(HOSTILE)], 1)).text


def test_long_sentence_is_cut_between_words() -> None:
    words = render_timeline.event_words(event("tinplate " * 60))
    assert words.endswith("tinplate …")
    assert len(words) <= render_timeline.MAX_WORDS_CHARS + 2


def test_legend_explains_the_signs_that_are_used() -> None:
    assert Read(render_timeline.legend_html([event(), event()])).text == "■ applies until"


@pytest.mark.parametrize("value", [None, 3, "", "1-1", "event-1", "event-1-1\n", "event--1-1", "event-1-9999999"])
def test_id_that_is_none_of_ours_is_not_believed(value: object) -> None:
    assert render_timeline.parse_event_id(value) is None
    assert render_timeline.parse_event_id("event-2-14") == (2, 14)


def test_picture_carries_text_as_data_only() -> None:
    hostile = "datum['x'] <script>alert(1)</script> {{x}}"
    spec = _chart([event(hostile, publisher=hostile)], is_dark=False).to_dict()
    assert hostile in str(spec.pop("datasets"))
    assert "script" not in str(spec)
