"""What follows the claims of an answer: what sources say, what to know, the caption, and the cited passages.

Also the card of a refusal with the nearest articles. All of it is drawn from a `TurnView`; nothing is asked here.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from assistant.domain import Answer, Filters
from ui import commands, drawer, render, render_answer, render_comparisons, render_updates, session
from ui.rows import row
from ui.timeline import timeline
from ui.turn import TurnView

if TYPE_CHECKING:
    from collections.abc import Mapping


def below_claims(answer: Answer, view: TurnView, number: int) -> None:
    """Draw what follows the claims of a finished answer, down to its caption."""
    if answer.comparisons:
        st.html(render_comparisons.comparisons_html(answer.comparisons, number, claims=answer.claims))
    if answer.cut_short:
        st.html(render.notice_html(f"This answer is incomplete: {answer.cut_short}"))
    if answer.notes:
        st.html(render_answer.notes_html(answer.notes, answer.citations, turn=number))
    caption = render_answer.caption_html(render_answer.caption(answer), number)
    st.html(caption + render_updates.news_html(view.news))
    timeline(answer, number, on_open=drawer.open_span)


def refusal(answer: Answer, view: TurnView, number: int, filters: Filters) -> None:
    """Draw the card of a refusal, and the nearest articles under it."""
    to_type = commands.command(session.settings(), "ingest", "PATH")
    st.html(
        render_answer.refusal_html(answer, filters, ingest_command=to_type)
        + render_answer.notes_html(answer.notes)
        + render_updates.news_html(view.news)
        + render_answer.finished_html(number, "No answer found")
    )
    if not answer.nearest:
        return
    with st.container(key=f"tpa-rows-{number}"):
        st.html('<p class="tpa-section">Related, not an answer</p>')
        for place, nearest in enumerate(answer.nearest):
            row(
                f"nearest-{number}-{place}",
                render.row_html(nearest.title, render.source_line(nearest)),
                button="Open",
                on_open=partial(drawer.open_article, nearest.article_id),
            )


def source_rows(view: TurnView, number: int) -> None:
    """List the cited passages by article, with a button each: they open even where the chips' script does not run."""
    citations = render_comparisons.shown_citations(view)
    if not citations:
        return
    notes: Mapping[int, str] = render_answer.story_notes(view.answer) if view.answer else {}
    with st.container(key=f"tpa-rows-{number}"):
        st.html('<p class="tpa-section">Sources</p>')
        for citation, is_first in render_answer.by_article(citations):
            row(
                f"source-{number}-{citation.marker}",
                render_answer.source_row_html(citation, note=notes.get(citation.marker, ""), is_first=is_first),
                button=f"Open {citation.marker}",
                on_open=partial(drawer.open_citation, citation, view),
            )
