"""The drawer that shows a whole article beside the page, at the cited passage, and the listener for citation chips.

What is open is remembered in the session, so the drawer survives the reruns of an answer that is still arriving.
A chip's id comes from the browser and is looked up among this reader's own citations, never believed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from assistant.domain import Citation, StoredArticle
from assistant.errors import AssistantError
from ui import render
from ui.turns import Conversation

if TYPE_CHECKING:
    from assistant.assistant import Assistant

_OPEN = "open_article"
_LISTENER = "citation_listener"


@dataclass(frozen=True, slots=True)
class Opened:
    """An article version (None: the newest) and the span of it that was cited, if any."""

    article_id: str
    version: int | None = None
    cited: tuple[int, int] | None = None


def open_article(article_id: str) -> None:
    """Have the newest version of an article shown at the end of this run."""
    st.session_state[_OPEN] = Opened(article_id)


def open_citation(citation: Citation) -> None:
    """Have a cited passage shown, in the version that was cited, at the end of this run."""
    st.session_state[_OPEN] = Opened(citation.article_id, citation.version, (citation.start, citation.end))


def close() -> None:
    """Have nothing shown."""
    st.session_state.pop(_OPEN, None)


def listen(conversation: Conversation) -> None:
    """Open the passage of a chip that is clicked."""

    def clicked() -> None:
        cite_id = render.parse_cite_id(st.session_state[_LISTENER].get("cite"))
        turn = conversation.turn(cite_id[0]) if cite_id else None
        citation = turn and cite_id and render.cited_in(turn.view().claims, cite_id[1])
        if citation:
            open_citation(citation)

    listener = st.components.v2.component("tpa_citations", js=_script())
    with st.container(key="tpa-unseen"):
        listener(key=_LISTENER, on_cite_change=clicked)


def show(assistant: Assistant) -> None:
    """Show the open article, if any; to be called last on a page."""
    opened = st.session_state.get(_OPEN)
    if isinstance(opened, Opened):
        _drawer(assistant, opened)


def _drawer(assistant: Assistant, opened: Opened) -> None:
    """Draw the drawer under the article's title, which stays in view however far the text is scrolled."""
    try:
        stored = assistant.article(opened.article_id, opened.version)
    except AssistantError as err:
        title, draw = "Source", partial(_trouble, err)
    else:
        title, draw = render.label(stored.article.title) or "Source", partial(_article, stored, opened.cited)
    st.dialog(title, position="right", width="medium", on_dismiss=close)(draw)()


def _trouble(error: AssistantError) -> None:
    st.html(render.card_html("This article cannot be shown", render.sentence(str(error)), tone="error"))


def _article(stored: StoredArticle, cited: tuple[int, int] | None) -> None:
    article = stored.article
    passage = article.text[slice(*cited)] if cited else ""
    address = render.publisher_link(article.url, passage)
    with st.container(key="tpa-drawer-head", horizontal=True, vertical_alignment="center"):
        st.html(render.article_head_html(article))
        if address:
            st.link_button("Open at publisher", address, icon="↗")
    st.html(
        render.article_notice_html(stored)
        + render.article_html(article.text, article.blocks, cited, shown_title=article.title)
    )
    st.html(f'<p class="tpa-foot">{render.escaped(render.article_foot(stored))}</p>')


@cache
def _script() -> str:
    return Path(__file__).with_name("citations.js").read_text(encoding="utf-8")
