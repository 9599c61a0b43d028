"""What can be done with a finished answer: say what one thinks of it, export it, and go on to another question.

What a reader says is stored with the answer as it was; the maintainer reads it on the Feedback page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial

import streamlit as st

from assistant import exports
from assistant.conversation_records import Feedback, Vote
from assistant.errors import AssistantError, ConversationsError
from assistant.exports import Answered, Exported, ExportFormat
from ui import asking, render, session
from ui.turn import Turn
from ui.turns import Conversation

REASONS = (
    "Wrong passage",
    "Misread",
    "Out of date",
    "Should have refused",
    "Should have answered",
    "Something else",
)
MAX_COMMENT_CHARS = 2_000
SUGGESTS_EVERY_S = 0.5
_FORMATS = {
    ExportFormat.MARKDOWN: "Markdown",
    ExportFormat.HTML: "Web page (HTML)",
    ExportFormat.WORD: "Word, with footnotes",
    ExportFormat.JSON: "JSON",
}
_THUMBS = (Vote.DOWN, Vote.UP)


def given_feedback(conversation: Conversation) -> Mapping[int, Feedback]:
    """Return what the reader said of the turns of a conversation; nothing where that cannot be read."""
    try:
        return session.conversation_store().feedback_on(conversation.owner, conversation.key)
    except ConversationsError:
        # The list of conversations says so already.
        return {}


def row(turn: Turn, given: Feedback | None) -> None:
    """Draw the row under a finished answer."""
    answer = turn.view().answer
    with st.container(key=f"tpa-actions-{turn.number}", horizontal=True, vertical_alignment="center", gap="small"):
        key = f"vote-{turn.number}"
        default = _THUMBS.index(given.vote) if given else None
        st.feedback("thumbs", key=key, default=default, on_change=_vote, args=(turn, key))
        if answer:
            answered = Answered(answer, turn.filters, turn.asked_at)
            _export(f"export-{turn.number}", "Export", [answered])
        edit = partial(asking.begin_editing, turn, turn.question, alone=False)
        st.button("Edit and ask again", key=f"edit-{turn.number}", type="tertiary", on_click=edit)
    if given and given.vote is Vote.DOWN:
        _reasons(turn, given)


def export_conversation(conversation: Conversation) -> None:
    """Draw the button that exports all answers of a conversation; nothing for fewer than two."""
    turns = [turn for turn in conversation.turns if turn.view().answer]
    if len(turns) > 1:
        answered = [Answered(answer, turn.filters, turn.asked_at) for turn in turns if (answer := turn.view().answer)]
        _export("export-all", "Export the conversation", answered, title=conversation.title)


def next_questions(turn: Turn) -> None:
    """Draw what may be asked next, as soon as it is known."""
    found = turn.view().next_questions
    if found is None:
        _awaited(turn)
    elif found:
        with st.container(key="tpa-next"):
            st.html('<p class="tpa-section">Also answered by these articles</p>')
            for place, question in enumerate(found):
                with st.container(key=f"tpa-suggestion-next-{place}"):
                    key = f"next-{turn.number}-{place}"
                    st.button(render.label(question), key=key, on_click=asking.ask, args=(question,))


@st.fragment(run_every=SUGGESTS_EVERY_S)
def _awaited(turn: Turn) -> None:
    if turn.view().next_questions is not None:
        st.rerun()


def _export(key: str, words: str, answers: Sequence[Answered], *, title: str = "") -> None:
    with st.popover(words, key=key, type="tertiary", on_change="rerun") as menu:
        if not menu.open:
            return
        try:
            record = exports.of_conversation(answers, session.assistant(), title=title)
        except AssistantError as err:
            st.html(render.notice_html(render.sentence(str(err))))
            return
        for file_format, name in _FORMATS.items():
            st.download_button(
                name,
                partial(_content, record, file_format),
                file_name=exports.file_name(record, file_format),
                key=f"{key}-{file_format}",
                type="tertiary",
                on_click="ignore",
                width="stretch",
            )
        st.html('<p class="tpa-note">Check it later: trade-assistant verify-export FILE</p>')


def _content(record: Exported, file_format: ExportFormat) -> bytes:
    return exports.export(record, file_format).content


def _vote(turn: Turn, key: str) -> None:
    chosen = st.session_state.get(key)
    if chosen is not None:
        _save(turn, Feedback(_THUMBS[chosen]))


def _reasons(turn: Turn, given: Feedback) -> None:
    """Ask what was wrong, once the thumb is down."""
    number = turn.number
    with st.form(f"reasons-{number}", border=False):
        chosen = [reason for reason in given.reasons if reason in REASONS]
        st.pills("What was wrong?", REASONS, selection_mode="multi", default=chosen, key=f"reason-{number}")
        st.text_input("What would have been right?", given.comment, key=f"said-{number}", max_chars=MAX_COMMENT_CHARS)
        st.form_submit_button("Send", key=f"send-{number}", on_click=_send, args=(turn,))


def _send(turn: Turn) -> None:
    reasons = tuple(st.session_state.get(f"reason-{turn.number}") or ())
    comment = str(st.session_state.get(f"said-{turn.number}") or "").strip()
    if _save(turn, Feedback(Vote.DOWN, reasons, comment)):
        st.toast("Thank you. It is kept with the answer.")


def _save(turn: Turn, feedback: Feedback) -> bool:
    conversation = session.conversation()
    try:
        session.conversation_store().save_feedback(
            conversation.owner, conversation.key, turn.number, feedback, at=datetime.now(UTC)
        )
    except ConversationsError as err:
        st.toast(render.label(render.sentence(str(err))))
        return False
    return True
