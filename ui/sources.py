"""The Sources page: every indexed article, newest first, found by words, publisher and date; a click opens it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import streamlit as st

from assistant.domain import ArticleSummary, Filters, Status
from ui import drawer, render, render_updates, session
from ui.filtering import filter_widgets
from ui.rows import row
from ui.troubles import guarded

if TYPE_CHECKING:
    from assistant.assistant import Assistant

PAGE_ROWS = 20
_FIRST = "sources-first"


@guarded
def page() -> None:
    """Draw the Sources page."""
    assistant = session.assistant()
    status = assistant.status(checksums=False)
    st.html(render.heading_html("Sources", _totals(status)))
    search, filters = _narrow(assistant)
    _rows(assistant, search, filters)
    _failures(status)
    drawer.show(assistant)


def _totals(status: Status) -> str:
    parts = [
        render.count(status.articles, "article"),
        render.days(status.oldest, status.newest),
        render.count(status.publishers, "publisher"),
        f"{status.undated:,} undated" if status.undated else "",
    ]
    return " · ".join(part for part in parts if part)


def _narrow(assistant: Assistant) -> tuple[str, Filters]:
    with st.container(key="tpa-narrow"):
        search = st.text_input("Search", key="sources-search", placeholder="Title, publisher, author or file name")
        with st.expander("Filter by date and publisher"):
            filters = filter_widgets("sources", assistant.publishers(), assistant.standings(), Filters(), wide=True)
    asked = (search, filters)
    if st.session_state.get("sources-asked") != asked:
        st.session_state["sources-asked"] = asked
        st.session_state[_FIRST] = 0
    return search.strip(), filters


def _rows(assistant: Assistant, search: str, filters: Filters) -> None:
    first = int(st.session_state.get(_FIRST, 0))
    found = assistant.articles(filters=filters, search=search, limit=PAGE_ROWS + 1, offset=first)
    shown = found[:PAGE_ROWS]
    if not shown:
        limits = " with these filters" if not filters.is_empty else ""
        words = f"No indexed article matches “{search}”{limits}." if search else f"No indexed article{limits}."
        st.html(render.card_html("Nothing found", words))
        return
    with st.container(key="tpa-rows-sources"):
        st.html(f'<span class="tpa-from" data-from="{first}" hidden></span>')
        for place, summary in enumerate(shown):
            _article_row(first + place, summary)
    _paging(first, len(shown), has_more=len(found) > PAGE_ROWS)


def _article_row(place: int, summary: ArticleSummary) -> None:
    note = f"{render.count(summary.passages, 'passage')} · indexed {render.day(summary.indexed_at.date())}"
    row(
        f"article-{place}",
        render.row_html(summary.title, render.source_line(summary), note=note),
        button="Open",
        on_open=lambda: drawer.open_article(summary.article_id),
    )


def _paging(first: int, shown: int, *, has_more: bool) -> None:
    if not first and not has_more:
        return
    with st.container(key="tpa-paging", horizontal=True, vertical_alignment="center"):
        st.button("Newer", key="sources-newer", disabled=first == 0, on_click=_turn_to, args=(first - PAGE_ROWS,))
        st.html(f'<p class="tpa-note">{first + 1:,}–{first + shown:,}</p>')
        st.button("Older", key="sources-older", disabled=not has_more, on_click=_turn_to, args=(first + PAGE_ROWS,))


def _turn_to(first: int) -> None:
    st.session_state[_FIRST] = max(first, 0)


def _failures(status: Status) -> None:
    if status.failures:
        listed = render_updates.some_failures_html(status.failures, datetime.now(UTC))
        st.html(f'<p class="tpa-section">Could not be indexed</p>{listed}')
    st.page_link(
        st.Page(page, title="Updates", url_path="updates"), label="Add, update or remove articles under Updates"
    )
