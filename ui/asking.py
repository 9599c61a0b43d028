"""Questions on their way from the page to the worker threads: typed, suggested, edited, or asked again.

Everything here is a callback of a widget: it starts a turn of the reader's conversation and draws nothing, but for the
form in which a question, or what it was understood as, is edited.
"""

from __future__ import annotations

from functools import cache, partial
from pathlib import Path

import streamlit as st

from assistant.domain import Filters
from ui import drawer, session
from ui.turn import Turn
from ui.turns import Conversation

MAX_QUESTION_CHARS = 1_000
QUESTION = "question"
_EDITED = "edited_question"
_EDITING = "editing"
_ASKED = "asked"


def ask(question: str | None) -> None:
    """Ask what was typed or chosen, as a follow-up of what was asked before.

    While the last question goes on, asked in another tab perhaps, this one stays in the box.
    """
    asked = (question or "").strip()
    if asked and not _start(asked, session.filters()):
        st.session_state[QUESTION] = asked


def ask_again(turn: Turn, *, in_quotes: bool = False) -> None:
    """Ask the question of a turn again, under the filters it was asked under."""
    _start(turn.question, turn.filters, in_quotes=in_quotes)


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
    """Tell the browser which question was asked here last, which one is edited, and whether one is being answered."""
    key, number, _ = st.session_state.get(_EDITING, ("", 0, False))
    data = {
        "asked": st.session_state.get(_ASKED, ""),
        "edited": f"{key}-{number}" if number else "",
        "busy": conversation.is_busy,
    }
    with st.container(key="tpa-unseen-asking"):
        st.components.v2.component("tpa_asking", js=_script())(key="asking_listener", data=data)


def _ask_edited() -> None:
    _, _, alone = st.session_state.get(_EDITING, ("", 0, False))
    asked = str(st.session_state.get(_EDITED) or "").strip()
    if asked and _start(asked, session.filters(), alone=alone):
        _stop_editing()


def _stop_editing() -> None:
    st.session_state.pop(_EDITING, None)


def _start(question: str, filters: Filters, *, alone: bool = False, in_quotes: bool = False) -> bool:
    """Start a turn; say whether it could be started."""
    drawer.close()
    assistant = session.assistant()
    way = session.way()
    turn = session.turns().start(
        session.conversation(),
        question,
        partial(assistant.ask, strictness=way.strictness, in_quotes=in_quotes or way.in_quotes),
        filters=filters,
        changes=assistant.changes,
        suggest=assistant.next_questions,
        alone=alone,
    )
    if turn is None:
        st.toast("The last question is still being answered.")
        return False
    st.session_state[_ASKED] = f"{session.conversation().key}-{turn.number}"
    return True


@cache
def _script() -> str:
    return Path(__file__).with_name("asking.js").read_text(encoding="utf-8")
