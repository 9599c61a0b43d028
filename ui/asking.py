"""Questions on their way from the page to the worker threads: typed, suggested, edited, or asked again.

Everything here is a callback of a widget: it starts a turn of the reader's conversation and draws nothing, but for the
form in which a question, or what it was understood as, is edited.
"""

from __future__ import annotations

from functools import cache, partial
from pathlib import Path

import streamlit as st

from assistant.domain import Filters
from ui import drawer, render, session
from ui.turn import Turn
from ui.turns import Conversation, ConversationGone
from ui.waiting import LineFull

MAX_QUESTION_CHARS = 1_000
QUESTION = "question"
_EDITED = "edited_question"
_EDITING = "editing"
_ASKED = "asked"
_PUT_BACK = "put_back"
_STILL_BUSY = "The last question is still being answered."


def ask(question: str | None) -> None:
    """Ask what was typed or chosen, as a follow-up of what was asked before.

    What cannot be asked stays in the box.
    """
    asked = (question or "").strip()
    if asked:
        _start(asked, session.filters())


def ask_again(turn: Turn, *, in_quotes: bool = False) -> None:
    """Ask the question of a turn again, under the filters it was asked under."""
    _start(turn.question, turn.filters, in_quotes=in_quotes)


def told() -> None:
    """Draw why a question was not asked, or why the reader's conversation is not there; to be called above the box."""
    words, question = session.told()
    if words.startswith(_STILL_BUSY) and not session.conversation().is_busy:
        words = ""
    if question and QUESTION not in st.session_state:
        # Another page was visited: the box is a new one.
        st.session_state[QUESTION] = question
    if words:
        st.html(f'<p class="tpa-notice" role="alert">{render.escaped(words)}</p>')


def begin_editing(turn: Turn, text: str, *, alone: bool) -> None:
    """Open the form in the place of a question; `alone` if what is edited needs no conversation to be understood."""
    drawer.close()
    st.session_state[_EDITING] = (session.conversation().key, turn.number, alone)
    st.session_state[_EDITED] = text


def is_editing(conversation: Conversation, turn: Turn) -> bool:
    """Say whether the form is open under this turn."""
    key, number, _ = st.session_state.get(_EDITING, ("", 0, False))
    return (key, number) == (conversation.key, turn.number)


def form(turn: Turn) -> None:
    """Draw the form under a question; what is asked from it becomes a turn of its own."""
    with st.container(key="tpa-edit"), st.form(f"edit-{turn.number}", border=False):
        st.text_area("Edit the question", key=_EDITED, max_chars=MAX_QUESTION_CHARS, height="content")
        with st.container(horizontal=True, horizontal_alignment="right"):
            st.form_submit_button("Cancel", key=f"edit-cancel-{turn.number}", on_click=_stop_editing)
            st.form_submit_button("Ask", key=f"edit-ask-{turn.number}", type="primary", on_click=_ask_edited)


def listen(conversation: Conversation) -> None:
    """Tell the browser which conversation is shown, which question was asked last, and which one is edited."""
    key, number, _ = st.session_state.get(_EDITING, ("", 0, False))
    data = {
        "shown": conversation.key,
        "asked": st.session_state.get(_ASKED, ""),
        "edited": f"{key}-{number}" if number else "",
    }
    with st.container(key="tpa-unseen-asking"):
        st.components.v2.component("tpa_asking", js=_script())(key="asking_listener", data=data)


def _ask_edited() -> None:
    _, _, alone = st.session_state.get(_EDITING, ("", 0, False))
    asked = str(st.session_state.get(_EDITED) or "").strip()
    if asked and _start(asked, session.filters(), alone=alone, is_edited=True):
        _stop_editing()


def _stop_editing() -> None:
    st.session_state.pop(_EDITING, None)


def _start(
    question: str, filters: Filters, *, alone: bool = False, in_quotes: bool = False, is_edited: bool = False
) -> bool:
    """Start a turn; say whether it could be started. If not, the question stands in its form, or in the box."""
    drawer.close()
    opened, conversation = session.shown(), session.conversation()
    if opened and conversation.key != opened:
        # Asked in another conversation it would be understood without what it follows.
        _not_asked(question, session.conversation_problem() or session.told()[0])
        return False
    assistant = session.assistant()
    way = session.way()
    try:
        turn = session.turns().start(
            conversation,
            question,
            partial(assistant.ask, strictness=way.strictness, in_quotes=in_quotes or way.in_quotes),
            filters=filters,
            changes=assistant.changes,
            suggest=assistant.next_questions,
            alone=alone,
        )
    except (LineFull, ConversationGone) as err:
        # With the conversation its form is gone.
        _not_asked(question, str(err), is_in_form=is_edited and not isinstance(err, ConversationGone))
        return False
    if turn is None:
        _not_asked(question, _STILL_BUSY, is_in_form=is_edited)
        return False
    session.forget_told()
    st.session_state[_ASKED] = f"{conversation.key}-{turn.number}"
    return True


def _not_asked(question: str, why: str, *, is_in_form: bool = False) -> None:
    """Have the reader told why, and the question kept."""
    if not is_in_form:
        # The box takes nothing over that is what it was given last; the space is not asked.
        is_same = question == st.session_state.get(_PUT_BACK)
        st.session_state[QUESTION] = st.session_state[_PUT_BACK] = f"{question} " if is_same else question
    place = "the form above" if is_in_form else "the box below"
    words = f"{render.sentence(why)} Your question was not asked; it stands in {place}."
    session.tell(words, question="" if is_in_form else question)


@cache
def _script() -> str:
    return Path(__file__).with_name("asking.js").read_text(encoding="utf-8")
