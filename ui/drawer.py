"""The drawer that shows a whole article beside the page, at the cited passage, and the listener for citation chips.

What is open is remembered in the session, so the drawer survives the reruns of an answer that is still arriving.
A chip's id comes from the browser and is looked up among this reader's own citations, never believed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from assistant.domain import Citation, Copies, Span, Standing, StoredArticle, Validity
from assistant.errors import ArticleNotFound, AssistantError
from assistant.revision import Revision, compare
from assistant.validity import read_validity
from ui import (
    failures,
    render,
    render_article,
    render_citation,
    render_claims,
    render_comparisons,
    render_revision,
    render_timeline,
    timeline,
)
from ui.rows import row
from ui.turn import TurnView
from ui.turns import Conversation

if TYPE_CHECKING:
    from assistant.assistant import Assistant

_OPEN = "open_article"
_LISTENER = "citation_listener"
_COPY_BUTTON = """\
<button type="button" class="tpa-copy">Copy quote with reference</button>
<span role="status" class="tpa-copied"></span>
<textarea class="tpa-copy-text" aria-label="Quote with reference" rows="4" readonly hidden></textarea>"""


@dataclass(frozen=True, slots=True)
class Opened:
    """An article version (None: the newest) and the span of it to be shown, if any.

    `citation` is set where an answer cites the span, `view` is that answer: the other citations are a step away.
    """

    article_id: str
    version: int | None = None
    cited: tuple[int, int] | None = None
    citation: Citation | None = None
    view: TurnView | None = field(default=None, compare=False)


def open_article(article_id: str) -> None:
    """Have the newest version of an article shown at the end of this run."""
    st.session_state[_OPEN] = Opened(article_id)


def open_citation(citation: Citation, view: TurnView | None = None) -> None:
    """Have a cited passage shown, in the version that was cited, at the end of this run; `view` is what cites it."""
    span = (citation.start, citation.end)
    st.session_state[_OPEN] = Opened(citation.article_id, citation.version, span, citation, view)


def open_span(span: Span) -> None:
    """Have a stretch of an article version shown at the end of this run."""
    st.session_state[_OPEN] = Opened(span.article_id, span.version, (span.start, span.end))


def close() -> None:
    """Have nothing shown."""
    st.session_state.pop(_OPEN, None)


def is_open() -> bool:
    """Say whether an article is being read; drawing the page anew would take the reader back to its top."""
    return _OPEN in st.session_state


def listen(conversation: Conversation) -> None:
    """Open the passage of a chip or of an event that is clicked."""

    def clicked() -> None:
        clicked_id = st.session_state[_LISTENER].get("cite")
        event_id = render_timeline.parse_event_id(clicked_id)
        cite_id = render_claims.parse_cite_id(clicked_id)
        known = event_id or cite_id
        turn = conversation.turn(known[0]) if known else None
        view = turn.view() if turn else None
        if view and view.answer and event_id and (event := timeline.event_of(view.answer, event_id[1])):
            open_span(event.span)
        if view and cite_id and (citation := render_comparisons.shown_citation(view, cite_id[1])):
            open_citation(citation, view)

    listener = st.components.v2.component("tpa_citations", js=_script("citations.js"))
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
        if opened.citation and stored.article.text[slice(*opened.cited or ())] != opened.citation.quote:
            raise ArticleNotFound(
                "the library was made anew since this was cited, and holds other articles under the old numbers; the "
                "quote and where it came from stand under the answer"
            )
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
    title = "This article cannot be shown"
    works = "The answer, and other articles, can be read as before."
    st.html(failures.told(error, "an article that was opened", title=title, works=works).card_html)


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
        st.html(render_article.article_head_html(article, shown.standing))
        if opened.citation and opened.view:
            _steps(opened.citation, opened.view)
            st.html(render_citation.used_for_html(opened.citation, opened.view.claims))
        if below := render_article.applies_html(validity) + notice:
            st.html(below)
    if shown.newest and shown.revision:
        _changes(stored, shown.newest, shown.revision)
    st.html(render_article.article_html(article.text, article.blocks, cited, shown_title=article.title))
    if shown.story:
        _story(shown.story, stored.article_id)
    st.html(f'<p class="tpa-foot">{render.escaped(render_article.article_foot(stored))}</p>')
    if address or opened.citation:
        with st.container(key="tpa-drawer-ways", horizontal=True, vertical_alignment="center"):
            if opened.citation:
                _copy_button(opened.citation)
            if address:
                st.link_button("Open at publisher", address, icon="↗")


def _steps(citation: Citation, view: TurnView) -> None:
    """Draw where this citation stands in the answer and in its article, with the ways to the next ones."""
    every = render_comparisons.shown_citations(view)
    here = [cited for cited in every if (cited.article_id, cited.version) == (citation.article_id, citation.version)]
    with st.container(key="tpa-steps", horizontal=True, vertical_alignment="center"):
        _step("Citation", "citation", citation, every, view)
        if 1 < len(here) < len(every):
            _step("In this article", "passage", citation, sorted(here, key=lambda cited: cited.start), view)


def _step(words: str, noun: str, citation: Citation, citations: Sequence[Citation], view: TurnView) -> None:
    """Draw "2 of 5" between a way back and a way on; past the last comes the first, so that no button ever dies."""
    place, total = render_citation.place_of(citation, citations)
    if total == 1:
        return
    with st.container(key=f"tpa-step-{noun}", horizontal=True, vertical_alignment="center"):
        st.html(f'<p class="tpa-step">{words} {place} of {total}</p>')
        for name, target in (("Previous", citations[place - 2]), ("Next", citations[place % total])):
            st.button(f"{name} {noun}", key=f"step-{name}-{noun}".lower(), on_click=open_citation, args=(target, view))


def _copy_button(citation: Citation) -> None:
    button = st.components.v2.component("tpa_copy", html=_COPY_BUTTON, js=_script("copying.js"), isolate_styles=False)
    button(key="copy-quote", data={"text": render_citation.quote_with_reference(citation)}, width="content")


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
def _script(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8")
