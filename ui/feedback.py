"""The Feedback page, for editors: what readers said of answers, each resolved, or turned into an evaluation question.

Readers' words and those of articles are shown as they are. What is shown belongs to others, so every action asks again
who is at the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

import streamlit as st

from assistant.conversation_records import FeedbackEntry, Vote
from assistant.errors import AssistantError, ConversationsError, EvaluationError
from assistant.question_file import FILE_NAME, NewQuestion, append_question, lines_of
from ui import commands, drawer, failures, render, render_feedback, session, signin
from ui.failures import Told
from ui.rows import row
from ui.troubles import guarded

if TYPE_CHECKING:
    from assistant.assistant import Assistant

PAGE_ROWS = 10
MAX_NOTE_CHARS = 500
_FIRST, _FIRST_RESOLVED = "feedback_first", "feedback_first_resolved"
_SAID = "feedback_said"


@guarded
@signin.editors_only
def page() -> None:
    """Draw the Feedback page."""
    st.html(Path(__file__).with_name("asking.css"))
    assistant = session.assistant()
    st.html(render.heading_html("Feedback", "What readers said of answers, the latest first."))
    _said()
    first = st.session_state.get(_FIRST, 0)
    entries = _entries(first, resolved=False)
    if not entries:
        st.html('<p class="tpa-note">Nothing is open. Thumbs under an answer bring it here.</p>')
    for entry in entries[:PAGE_ROWS]:
        with st.container(key=f"tpa-feedback-{entry.feedback_id}"):
            _entry(assistant, entry)
            _ways(assistant, entry)
    _paging(_FIRST, first, entries)
    _resolved(assistant)
    drawer.show(assistant)


def _entries(first: int, *, resolved: bool) -> Sequence[FeedbackEntry]:
    """Return a page of feedback, and one more if there is more."""
    return session.conversation_store().feedback(resolved=resolved, limit=first + PAGE_ROWS + 1)[first:]


def _entry(assistant: Assistant, entry: FeedbackEntry) -> None:
    st.html(render_feedback.entry_html(entry))
    answer = entry.turn.answer
    for citation in answer.citations if answer else ():
        row(
            f"feedback-{entry.feedback_id}-{citation.marker}",
            render.row_html(citation.title, render.source_line(citation), marker=citation.marker, quote=citation.quote),
            button=f"Open {citation.marker}",
            on_open=partial(drawer.open_citation, citation),
        )


def _ways(assistant: Assistant, entry: FeedbackEntry) -> None:
    key = entry.feedback_id
    with st.container(key=f"tpa-ways-feedback-{key}", horizontal=True, vertical_alignment="center", gap="small"):
        with st.popover(
            "Turn into an evaluation question", key=f"evaluate-{key}", type="tertiary", on_change="rerun"
        ) as menu:
            if menu.open:
                _question_form(assistant, entry)
        with st.popover("Resolve", key=f"resolve-{key}", type="tertiary"), st.form(f"resolving-{key}", border=False):
            st.text_input("What was done about it", key=f"resolution-{key}", max_chars=MAX_NOTE_CHARS)
            st.form_submit_button("Resolve", type="primary", on_click=_resolve, args=(key,))


def _question_form(assistant: Assistant, entry: FeedbackEntry) -> None:
    """Ask what a right answer would be; the fields say what the answer was."""
    key, turn, answer = entry.feedback_id, entry.turn, entry.turn.answer
    wants_refusal = "Should have refused" in entry.feedback.reasons or bool(
        answer and answer.is_refusal and entry.feedback.vote is Vote.UP
    )
    with st.form(f"question-{key}", border=False):
        st.text_input("Id", f"feedback-{key}", key=f"question-id-{key}", max_chars=60)
        st.text_area("Question", turn.standalone or turn.question, key=f"question-text-{key}", height="content")
        st.radio(
            "What is right",
            (False, True),
            index=int(wants_refusal),
            key=f"question-refused-{key}",
            format_func=lambda is_refused: "A refusal" if is_refused else "An answer",
            horizontal=True,
        )
        st.text_area(
            "Words the answer has to hold, a line for each",
            entry.feedback.comment,
            key=f"question-must-{key}",
            height=80,
        )
        sources = "\n".join(_files(assistant, entry))
        st.text_area("Files it has to cite, a line for each", sources, key=f"question-sources-{key}", height=80)
        st.checkbox("Resolve this feedback too", value=True, key=f"question-resolves-{key}")
        st.form_submit_button("Add the question", type="primary", on_click=_add_question, args=(entry,))


def _files(assistant: Assistant, entry: FeedbackEntry) -> Sequence[str]:
    """Return the names of the files that an answer cites, those of them that the library still knows."""
    names = []
    for citation in entry.turn.answer.citations if entry.turn.answer else ():
        try:
            names.append(PurePath(assistant.article(citation.article_id, citation.version).location).name)
        except AssistantError:
            continue
    return tuple(dict.fromkeys(names))


@signin.editors_only
def _add_question(entry: FeedbackEntry) -> None:
    def said(name: str) -> str:
        return str(st.session_state.get(f"question-{name}-{entry.feedback_id}") or "")

    path = session.settings().data_dir / FILE_NAME
    is_refused = st.session_state.get(f"question-refused-{entry.feedback_id}") is True
    new = NewQuestion(
        question_id=said("id"),
        question=said("text"),
        must=() if is_refused else lines_of(said("must")),
        sources=() if is_refused else lines_of(said("sources")),
        is_refused=is_refused,
        as_of=entry.turn.filters.as_of,
    )
    try:
        append_question(path, new)
    except EvaluationError as err:
        st.session_state[_SAID] = failures.told(err, "adding an evaluation question")
        return
    command = commands.command(session.settings(), "evaluate", str(path))
    st.session_state[_SAID] = (f"Added {new.question_id.strip()}. This asks all questions of the file:", command)
    if st.session_state.get(f"question-resolves-{entry.feedback_id}"):
        _note(entry.feedback_id, f"evaluation question {new.question_id.strip()}")


@signin.editors_only
def _resolve(feedback_id: int) -> None:
    if _note(feedback_id, str(st.session_state.get(f"resolution-{feedback_id}") or "").strip()):
        st.session_state.pop(_SAID, None)


def _note(feedback_id: int, resolution: str) -> bool:
    try:
        session.conversation_store().resolve_feedback(feedback_id, resolution, at=datetime.now(UTC))
    except ConversationsError as err:
        works = "The feedback stays open; try again."
        st.session_state[_SAID] = failures.told(err, "resolving feedback", title="Not resolved", works=works)
        return False
    return True


def _said() -> None:
    """Say what came of the last action."""
    said = st.session_state.get(_SAID)
    if isinstance(said, Told):
        st.html(said.html)
    elif said:
        st.html(render_feedback.added_html(*said))


def _resolved(assistant: Assistant) -> None:
    with st.expander("Resolved", key="feedback-resolved", on_change="rerun") as part:
        if not part.open:
            return
        first = st.session_state.get(_FIRST_RESOLVED, 0)
        entries = _entries(first, resolved=True)
        if not entries:
            st.html('<p class="tpa-note">Nothing has been resolved yet.</p>')
        for entry in entries[:PAGE_ROWS]:
            with st.container(key=f"tpa-feedback-{entry.feedback_id}"):
                _entry(assistant, entry)
        _paging(_FIRST_RESOLVED, first, entries)


def _paging(name: str, first: int, entries: Sequence[FeedbackEntry]) -> None:
    has_more = len(entries) > PAGE_ROWS
    if not first and not has_more:
        return
    with st.container(key=f"tpa-paging-{name}", horizontal=True, vertical_alignment="center"):
        st.button("Newer", key=f"{name}-newer", disabled=not first, on_click=_turn_to, args=(name, first - PAGE_ROWS))
        st.html(f'<p class="tpa-note">{first + 1:,}–{first + len(entries[:PAGE_ROWS]):,}</p>')
        st.button(
            "Older", key=f"{name}-older", disabled=not has_more, on_click=_turn_to, args=(name, first + PAGE_ROWS)
        )


def _turn_to(name: str, first: int) -> None:
    st.session_state[name] = max(first, 0)
