"""Earlier turns of a conversation, drawn as text in one piece until more of them is asked for.

The latest turns have all their buttons. An earlier one is read, searched for and printed as before, and its citations
open; what else can be done with it is a click away. So a page with many turns is drawn nearly as fast as an empty one.
"""

from __future__ import annotations

import streamlit as st

from assistant.conversation_records import Feedback, TurnState
from ui import asking
from ui.keeping import Kept
from ui.render_folded import folded_html
from ui.turn import Turn
from ui.turns import Conversation

WHOLE_TURNS = 3
"""The latest turns of a conversation, which are never folded."""
_UNFOLDED = "unfolded"
# A turn that failed or was interrupted has a card or a button of its own.
_FOLDING = frozenset({TurnState.DONE, TurnState.STOPPED, TurnState.TIMED_OUT})


def is_folded(conversation: Conversation, turn: Turn) -> bool:
    """Say whether a turn is drawn as text only."""
    if any(turn is one for one in conversation.turns[-WHOLE_TURNS:]):
        return False
    view = turn.view()
    is_settled = view.state in _FOLDING and view.kept is Kept.YES
    is_wanted = asking.is_editing(conversation, turn) or _name(conversation, turn) in _unfolded()
    return is_settled and not is_wanted


def show(conversation: Conversation, turn: Turn, given: Feedback | None, *, ending: str) -> None:
    """Draw a folded turn and the button that unfolds it; `ending` is said of one that has no answer."""
    st.html(folded_html(turn.number, turn.question, turn.view(), filters=turn.filters, ending=ending, given=given))
    st.button(
        "More on this answer", key=f"more-{turn.number}", type="tertiary", on_click=_unfold, args=(conversation, turn)
    )


def _unfold(conversation: Conversation, turn: Turn) -> None:
    st.session_state[_UNFOLDED] = _unfolded() | {_name(conversation, turn)}


def _unfolded() -> frozenset[tuple[str, int]]:
    found = st.session_state.get(_UNFOLDED)
    return found if isinstance(found, frozenset) else frozenset()


def _name(conversation: Conversation, turn: Turn) -> tuple[str, int]:
    return conversation.key, turn.number
