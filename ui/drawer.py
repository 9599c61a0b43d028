"""The drawer that shows a whole article beside the page, at the cited passage, and the listener for citation chips.

What is open is remembered in the session, so the drawer survives the reruns of an answer that is still arriving.
A chip's id comes from the browser and is looked up among this reader's own citations, never believed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from assistant.domain import Citation, Copies, Standing, StoredArticle, Validity
from assistant.errors import AssistantError
from assistant.revision import Revision, compare
from assistant.validity import read_validity
from ui import render, render_article, render_claims, render_comparisons, render_revision
from ui.rows import row
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


def is_open() -> bool:
    """Say whether an article is being read; drawing the page anew would take the reader back to its top."""
    return _OPEN in st.session_state


def listen(conversation: Conversation) -> None:
    """Open the passage of a chip that is clicked."""

    def clicked() -> None:
        cite_id = render_claims.parse_cite_id(st.session_state[_LISTENER].get("cite"))
        turn = conversation.turn(cite_id[0]) if cite_id else None
        citation = turn and cite_id and render_comparisons.shown_citation(turn.view(), cite_id[1])
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


@dataclass(frozen=True)
class _Shown:
    """What the drawer shows: an article version, the newest one if that is another, and the story that others tell."""

    stored: StoredArticle
    newest: StoredArticle | None
    story: Copies | None
    standing: Standing

    @cached_property
    def revision(self) -> Revision | None:
        """Return what changed since this version, None if it is the newest."""
        return compare(self.stored.article, self.newest.article) if self.newest else None


def _drawer(assistant: Assistant, opened: Opened) -> None:
    """Draw the drawer under the article's title, which stays in view however far the text is scrolled."""
    try:
        stored = assistant.article(opened.article_id, opened.version)
        newest = stored if stored.is_current else assistant.article(opened.article_id)
        story = assistant.copies(opened.article_id)
        standing = assistant.standing(stored.article)
    except AssistantError as err:
        title, draw = "Source", partial(_trouble, err)
    else:
        shown = _Shown(stored, newest if newest.version != stored.version else None, story, standing)
        title, draw = render.label(stored.article.title) or "Source", partial(_article, opened, shown)
    st.dialog(title, position="right", width="medium", on_dismiss=close)(draw)()


def _trouble(error: AssistantError) -> None:
    st.html(render.card_html("This article cannot be shown", render.sentence(str(error)), tone="error"))


def _article(opened: Opened, shown: _Shown) -> None:
    if st.session_state.get(_OPEN) != opened:
        # A copy was opened: the dialog runs alone and would go on showing what it began with.
        st.rerun()
    stored, cited = shown.stored, opened.cited
    article = stored.article
    passage = article.text[slice(*cited)] if cited else ""
    address = render_article.publisher_link(article.url, passage)
    fate = shown.revision.fate(*cited) if shown.revision and cited else None
    notice = render_article.article_notice_html(stored, shown.newest, fate)
    validity = read_validity(article, *cited, is_notice=shown.standing is Standing.OFFICIAL) if cited else Validity()
    with st.container(key="tpa-drawer-top"):
        with st.container(key="tpa-drawer-head", horizontal=True, vertical_alignment="center"):
            st.html(render_article.article_head_html(article, shown.standing))
            if address:
                st.link_button("Open at publisher", address, icon="↗")
        if below := render_article.applies_html(validity) + notice:
            st.html(below)
    if shown.newest and shown.revision:
        _changes(stored, shown.newest, shown.revision)
    st.html(render_article.article_html(article.text, article.blocks, cited, shown_title=article.title))
    if shown.story:
        _story(shown.story, stored.article_id)
    st.html(f'<p class="tpa-foot">{render.escaped(render_article.article_foot(stored))}</p>')


def _changes(stored: StoredArticle, newest: StoredArticle, revision: Revision) -> None:
    if st.toggle("Show what changed", key=f"changes-{stored.article_id}-{stored.version}"):
        st.html(render_revision.revision_html(revision, old=stored.version, new=newest.version))


def _story(story: Copies, shown_id: str) -> None:
    """List the articles that tell the same, the origin first, each to be opened here."""
    with st.container(key="tpa-rows-story"):
        st.html(f'<p class="tpa-section">The same story: {story}</p>')
        for place, told in enumerate((story.origin, *story.copies)):
            words = "Origin" if place == 0 else "Copy"
            note = f"{words}, shown here" if told.article_id == shown_id else words
            row(
                f"story-{place}",
                render.row_html(told.title, render.source_line(told), note=note),
                button="Open",
                on_open=partial(open_article, told.article_id),
            )


@cache
def _script() -> str:
    return Path(__file__).with_name("citations.js").read_text(encoding="utf-8")
