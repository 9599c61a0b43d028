"""What can be done with a finished answer: say what one thinks of it, export it, and go on to another question.

What a reader says is stored with the answer as it was; the maintainer reads it on the Feedback page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import streamlit as st

from assistant import exports
from assistant.conversation_records import Feedback, StoredTurn, Vote
from assistant.errors import AssistantError, ConversationsError
from assistant.exports import Answered, ExportFormat
from ui import asking, failures, incidents, render, session
from ui.turn import Turn
from ui.turns import Conversation

_REFUSED, _ANSWERED = "Should have refused", "Should have answered"
REASONS = (
    "Wrong passage",
    "Misread",
    "Out of date",
    _REFUSED,
    _ANSWERED,
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
_THIS, _ALL = "This answer", "Whole conversation"
_WHO_READS = "An editor reads this together with the question and the answer."
_SAYING = "saying"
"""The turn whose reasons are being given, as in the keys of its widgets."""
_EXPORTED_AT = "exported-at"
"""When the menu of exports was opened."""
_TOLD = "vote-told"
"""The turn that was voted on last, as in the keys of its widgets, and what came of that as HTML."""


def given_feedback(conversation: Conversation) -> Mapping[int, Feedback]:
    """Return what the reader said of the turns of a conversation; nothing where that cannot be read."""
    try:
        return session.conversation_store().feedback_on(conversation.owner, conversation.key)
    except ConversationsError:
        # The list of conversations says so already.
        return {}


def row(conversation: Conversation, turn: Turn, given: Feedback | None) -> None:
    """Draw the row under a turn that is over; under the last one also what may be asked next."""
    with st.container(key=f"tpa-actions-{turn.number}", horizontal=True, vertical_alignment="center", gap="small"):
        key = f"vote-{_of(conversation, turn)}"
        default = _THUMBS.index(given.vote) if given else None
        st.feedback("thumbs", key=key, default=default, on_change=_vote, args=(conversation, turn, key, given))
        if turn.view().answer:
            _export(conversation, turn)
        edit = partial(asking.begin_editing, turn, turn.question, alone=False)
        st.button("Edit and ask again", key=f"edit-{turn.number}", type="tertiary", on_click=edit)
    if given and given.vote is Vote.DOWN:
        _reasons(conversation, turn, given)
    elif given and given.is_explained:
        aside = f"Set aside, as your thumb is up: {_said(given)}. With the thumb down it counts again."
        st.html(f'<p class="tpa-note" dir="auto">{render.escaped(aside)}</p>')
    told_of, told = st.session_state.get(_TOLD, ("", ""))
    if told_of == _of(conversation, turn):
        st.html(told)
    if turn is conversation.turns[-1]:
        _next_questions(turn)


def _next_questions(turn: Turn) -> None:
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


def _export(conversation: Conversation, turn: Turn) -> None:
    key = f"export-{_of(conversation, turn)}"
    with st.popover("Export", key=key, type="tertiary", on_change="rerun") as menu:
        if not menu.open:
            st.session_state.pop(_EXPORTED_AT, None)
            return
        what = _THIS
        if len(conversation.turns) > 1 or conversation.has_earlier:
            what = st.segmented_control(
                "What to export", (_THIS, _ALL), default=_THIS, key=f"{key}-what", required=True, width="stretch"
            )
        try:
            turns, title = ([turn.stored()], "") if what == _THIS else (_all_turns(conversation), conversation.title)
            answered = [Answered(one.answer, one.filters, one.asked_at) for one in turns if one.answer]
            # One time as long as the menu is open: the same bytes have the same address, however often they are drawn.
            at = st.session_state.setdefault(_EXPORTED_AT, datetime.now(UTC))
            record = exports.of_conversation(answered, session.assistant(), title=title, exported_at=at)
            # Made before a button is clicked: Streamlit loses a file that is to be made at the click if the page is
            # just drawn anew, and tells in its own words of one that cannot be made.
            files = {file_format: exports.export(record, file_format) for file_format in _FORMATS}
        except Exception as err:  # noqa: BLE001 - the menu's edge: the answer beside it stays as it is
            known = err if isinstance(err, AssistantError) else incidents.unexpected(err, "an export")
            title = "This cannot be exported"
            works = "The answer stays here, and can be exported later."
            st.html(failures.told(known, "an export", title=title, works=works).card_html)
            return
        for file_format, file in files.items():
            st.download_button(
                _FORMATS[file_format],
                file.content,
                file_name=file.name,
                # Another choice is another button: the one of before goes, with its file, and cannot be clicked.
                key=f"{key}-{'this' if what == _THIS else 'all'}-{file_format}",
                type="tertiary",
                on_click="ignore",
                width="stretch",
            )
        st.html('<p class="tpa-note">Check it later: trade-assistant verify-export FILE</p>')


def _all_turns(conversation: Conversation) -> Sequence[StoredTurn]:
    """Return the turns of a conversation, those too that are not in memory. Raises ConversationsError."""
    held = [turn.stored() for turn in conversation.turns]
    if not conversation.has_earlier:
        return held
    store, first = session.conversation_store(), held[0].number
    return [*store.turns(conversation.owner, conversation.key, before=first, limit=first), *held]


def _of(conversation: Conversation, turn: Turn) -> str:
    """Return what ends the keys of a turn's widgets: under its number alone they would stand as another turn's did."""
    return f"{conversation.key}-{turn.number}"


def _vote(conversation: Conversation, turn: Turn, key: str, given: Feedback | None) -> None:
    """Keep a vote; it can be changed, but not taken back. Reasons given before stay with it."""
    chosen = st.session_state.get(key)
    if chosen is None:
        st.session_state[key] = _THUMBS.index(given.vote) if given else None
    elif given is None or given.vote is not _THUMBS[chosen]:
        # Another tab may have given reasons since this was drawn.
        said = given_feedback(conversation).get(turn.number) or Feedback(_THUMBS[chosen])
        st.session_state.pop(_SAYING, None)
        thanks = f"Thank you. {_WHO_READS}" if _THUMBS[chosen] is Vote.UP else ""
        _save(conversation, turn, replace(said, vote=_THUMBS[chosen]), thanks=thanks)


def _reasons(conversation: Conversation, turn: Turn, given: Feedback) -> None:
    """Ask what was wrong, once the thumb is down; later say what was said."""
    number, key = turn.number, _of(conversation, turn)
    if given.is_explained and st.session_state.get(_SAYING) != key:
        with st.container(key=f"tpa-said-{number}", horizontal=True, vertical_alignment="center", gap="small"):
            st.html(f'<p class="tpa-note" role="status" dir="auto">You said: {render.escaped(_said(given))}</p>')
            st.button("Change", key=f"say-{key}", type="tertiary", on_click=_say, args=(key,))
        return
    with st.container(key=f"tpa-reasons-{number}"), st.form(f"reasons-{key}", border=False):
        answer = turn.view().answer
        reasons = [one for one in REASONS if one != (_REFUSED if answer and answer.is_refusal else _ANSWERED)]
        chosen = [reason for reason in given.reasons if reason in reasons]
        st.pills("What was wrong?", reasons, selection_mode="multi", default=chosen, key=f"reason-{key}")
        st.text_input("What would have been right?", given.comment, key=f"said-{key}", max_chars=MAX_COMMENT_CHARS)
        st.html(f'<p class="tpa-note">{_WHO_READS}</p>')
        st.form_submit_button("Send", key=f"send-{key}", on_click=_send, args=(conversation, turn))


def _said(given: Feedback) -> str:
    return " · ".join([*given.reasons, *([f"“{given.comment}”"] if given.comment else [])])


def _say(key: str) -> None:
    st.session_state[_SAYING] = key


def _send(conversation: Conversation, turn: Turn) -> None:
    key = _of(conversation, turn)
    reasons = tuple(st.session_state.get(f"reason-{key}") or ())
    comment = str(st.session_state.get(f"said-{key}") or "").strip()
    feedback = Feedback(Vote.DOWN, reasons, comment)
    if _save(conversation, turn, feedback, thanks="" if feedback.is_explained else "Thank you. It is kept."):
        st.session_state.pop(_SAYING, None)


def _save(conversation: Conversation, turn: Turn, feedback: Feedback, *, thanks: str) -> bool:
    """Store what was said, and have what came of it stand under the turn: `thanks`, or why it could not be stored."""
    st.session_state.pop(_TOLD, None)
    try:
        session.conversation_store().save_feedback(
            conversation.owner, conversation.key, turn.number, feedback, at=datetime.now(UTC)
        )
    except ConversationsError as err:
        st.session_state[_TOLD] = (_of(conversation, turn), failures.told(err, "keeping feedback").html)
        return False
    if thanks:
        said = f'<p class="tpa-note" role="status">{render.escaped(thanks)}</p>'
        st.session_state[_TOLD] = (_of(conversation, turn), said)
    return True
