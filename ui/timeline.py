"""The timeline under an answer: a dot for every dated event in the cited articles, and the same events as a list.

Altair draws the picture (it comes with Streamlit); a click on a dot opens its passage. The list says the same in words
with links, for the keyboard, for screen readers and for paper. What is clicked is looked up among the answer's own
events, never believed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import streamlit as st

from assistant.dating import in_words
from assistant.domain import Answer, Span
from assistant.errors import AssistantError
from assistant.events import Event, EventKind, events_of
from ui import failures, render_timeline, session

if TYPE_CHECKING:
    import altair

    from assistant.assistant import Assistant

MIN_EVENTS = 3
"""Fewer are told faster than drawn."""
ROW_PX = 54
AXIS_PX = 30
MAX_NAME_CHARS = 44
_POINT = "event"


@dataclass(frozen=True, slots=True)
class _Colours:
    """The colours of page.css, which a canvas cannot read."""

    accent: str
    quiet: str
    ground: str
    line: str


_LIGHT = _Colours("#1f5f8b", "#5a6876", "#ffffff", "#dfe4e9")
_DARK = _Colours("#8fc4e8", "#9aa8b5", "#12181f", "#2b3641")
_SHAPES = {
    EventKind.PUBLISHED: "circle",
    EventKind.TOLD: "circle",
    EventKind.EFFECTIVE: "triangle-right",
    EventKind.EXPIRES: "square",
}


def timeline(answer: Answer, number: int, *, on_open: Callable[[Span], None]) -> None:
    """Draw the timeline of an answer, closed; nothing where the cited articles date fewer than MIN_EVENTS events."""
    try:
        events = _events_of(answer)
    except AssistantError as err:
        title, works = "The timeline cannot be drawn", "The answer and its citations stand as they are."
        st.html(failures.told(err, "drawing a timeline", title=title, works=works).html)
        return
    if len(events) < MIN_EVENTS:
        return
    # Under its number alone it would stand open because that of another conversation was opened.
    of = f"{session.conversation().key}-{number}"
    with st.expander(f"Timeline · {len(events)} dated events", key=f"tpa-timeline-{of}", on_change="rerun") as shown:
        if shown.open:
            _picture(events, of, on_open)
            st.html(render_timeline.legend_html(events) + render_timeline.events_html(events, number))


def event_of(answer: Answer, place: int) -> Event | None:
    """Return an event of an answer by its place (from 0) on the timeline, None if there is none.

    Raises AssistantError where a cited article version cannot be read.
    """
    events = _events_of(answer)
    return events[place] if place < len(events) else None


def _events_of(answer: Answer) -> tuple[Event, ...]:
    """Return the dated events of the cited article versions, earliest first."""
    cited = tuple((one.article_id, one.version, one.start, one.end) for one in answer.citations)
    key = (str(session.settings().data_dir), answer.generation, cited, answer.standalone_question)
    return _read_events(session.assistant(), answer, key)


@st.cache_resource(max_entries=1_000, show_spinner=False)
def _read_events(_assistant: Assistant, _answer: Answer, key: object) -> tuple[Event, ...]:
    """Read the cited versions, which never change; `key` says which, of which library."""
    versions = dict.fromkeys((cited.article_id, cited.version) for cited in _answer.citations)
    articles = [_assistant.article(article_id, version) for article_id, version in versions]
    return events_of(articles, citations=_answer.citations, question=_answer.standalone_question)


def _picture(events: Sequence[Event], of: str, on_open: Callable[[Span], None]) -> None:
    """Draw the dots. What was clicked is forgotten by a new key, so that the same dot opens its passage again.

    `of` ends the keys of what belongs to this answer.
    """
    count_key = f"timeline-clicks-{of}"
    key = f"timeline-{of}-{st.session_state.get(count_key, 0)}"

    def clicked() -> None:
        found = st.session_state[key].selection.get(_POINT) or [{}]
        place = found[0].get("place")
        st.session_state[count_key] = st.session_state.get(count_key, 0) + 1
        if isinstance(place, int) and 0 <= place < len(events):
            on_open(events[place].span)

    is_dark = st.context.theme.type == "dark"
    alt = f"Timeline from {in_words(events[0].when)} to {in_words(events[-1].when)}; the list below says the same."
    st.altair_chart(_chart(events, is_dark=is_dark), key=key, on_select=clicked, alt=alt, theme=None)


def _chart(events: Sequence[Event], *, is_dark: bool) -> altair.LayerChart:
    """Return one row for each article, named above its dots; a date that is only a month is a bar under its dot."""
    import altair as alt

    colours = _DARK if is_dark else _LIGHT
    articles = list(dict.fromkeys(event.span.article_id for event in events))
    dots = alt.InlineData(values=[_dot(place, event, articles) for place, event in enumerate(events)])
    names = alt.InlineData(values=[_name(row, one, events) for row, one in enumerate(articles)])
    y = alt.Y("row:Q", scale=alt.Scale(domain=[-0.65, len(articles) - 0.4], reverse=True, nice=False), axis=None)
    axis = alt.Axis(
        format="%b %Y",
        labelOverlap=True,
        labelSeparation=12,
        tickCount=6,
        title=None,
        gridColor=colours.line,
        domain=False,
        ticks=False,
        labelColor=colours.quiet,
        labelFontSize=12,
        labelPadding=6,
        labelFlush=True,
    )
    x = alt.X("first:T", axis=axis, scale=alt.Scale(padding=14))
    shapes = alt.Scale(domain=[str(kind) for kind in _SHAPES], range=list(_SHAPES.values()))
    is_published = f"datum.kind === '{EventKind.PUBLISHED}'"
    base = alt.Chart(dots).encode(y=y)
    months = base.mark_rule(color=colours.accent, opacity=0.3, strokeWidth=6, strokeCap="round")
    points = base.mark_point(size=130, opacity=1, strokeWidth=1.5).encode(
        x="middle:T",
        shape=alt.Shape("kind:N", scale=shapes, legend=None),
        fill=alt.condition(is_published, alt.value(colours.ground), alt.value(colours.accent)),
        stroke=alt.condition(is_published, alt.value(colours.quiet), alt.value(colours.accent)),
    )
    above = alt.Chart(names).mark_text(align="left", baseline="bottom", dy=-13, fontSize=13, color=colours.quiet)
    # A finger needs more than a dot.
    targets = base.mark_circle(size=650, opacity=0.001, cursor="pointer").encode(
        x="middle:T", tooltip=[alt.Tooltip("when:N", title="Date"), alt.Tooltip("what:N", title="Event")]
    )
    chosen = alt.selection_point(name=_POINT, fields=["place"], on="click", toggle=False)
    chart: altair.LayerChart = (
        alt.layer(
            months.encode(x=x, x2="last:T"),
            points,
            above.encode(x=alt.value(0), y=y, text="name:N"),
            targets.add_params(chosen),
        )
        .properties(height=ROW_PX * len(articles) + AXIS_PX, width="container", background="transparent")
        .configure(font="Source Sans, sans-serif")
        .configure_view(stroke=None)
    )
    return chart


def _dot(place: int, event: Event, articles: Sequence[str]) -> dict[str, Any]:
    first, last = event.when.first, event.when.last
    middle = date.fromordinal((first.toordinal() + last.toordinal()) // 2)
    return {
        "place": place,
        "row": articles.index(event.span.article_id),
        # A day without a time is taken for midnight in Greenwich, which is the day before in America.
        "first": f"{first}T00:00:00",
        "middle": f"{middle}T00:00:00",
        "last": f"{last}T00:00:00",
        "kind": str(event.kind),
        "when": " · ".join(part for part in (in_words(event.when), render_timeline.event_kind(event)) if part),
        "what": render_timeline.event_words(event),
    }


def _name(row: int, article_id: str, events: Sequence[Event]) -> dict[str, Any]:
    """Return what stands above a row: the publisher, or the title where that is not known."""
    event = next(event for event in events if event.span.article_id == article_id)
    name = event.publisher or event.title
    return {"row": row, "name": name if len(name) <= MAX_NAME_CHARS else f"{name[: MAX_NAME_CHARS - 1].rstrip()}…"}
