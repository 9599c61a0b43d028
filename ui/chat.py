"""The Ask page: a question, its answer claim by claim with citation chips, and the sources under it.

An answer is written by a worker thread (`turns.py`); a fragment paints what is there a few times a second and hands
over to the plain page once the turn is over. The painted elements keep their places, so focus on a chip is kept.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from assistant.conversation_records import Feedback, TurnState
from assistant.domain import Status
from assistant.errors import AssistantError, ChatModelError
from ui import (
    actions,
    answers,
    asking,
    drawer,
    folded,
    history,
    pacing,
    render,
    render_answer,
    render_claims,
    scope,
    session,
)
from ui.incidents import UnexpectedError
from ui.troubles import guarded, no_library, trouble_card
from ui.turn import Turn, TurnView
from ui.turns import Conversation

if TYPE_CHECKING:
    from assistant.assistant import Assistant

MAX_SUGGESTIONS = 4
_ENDINGS = {
    TurnState.STOPPED: "Stopped. What had been verified by then is kept.",
    TurnState.INTERRUPTED: "Interrupted: the server stopped before this was answered.",
    TurnState.TIMED_OUT: "This took too long and was ended. What had been verified by then is kept. Ask again later.",
}
_PARTIAL = "Interrupted: the server stopped. What had been verified by then is kept."
_AFTER_DEFECT = (
    "The rest of this conversation, and everything indexed, are not touched by it. Ask again; if that does not help, "
    "tell whoever runs it the number below: the server's log says under it what happened."
)


@guarded
def page() -> None:
    """Draw the Ask page."""
    assistant = session.assistant()
    conversation = session.conversation()
    status = assistant.status(checksums=False) if not conversation.turns else None
    if status and not status.articles:
        no_library()
        return
    st.html(Path(__file__).with_name("asking.css"))
    asking.listen(conversation)
    scope.adopt(assistant)
    # The box is the same element in the same place before and after the first question, so it keeps focus and letters.
    if status:
        _heading(status)
        _question_box(assistant, "Ask about the indexed articles")
        _suggestions(assistant)
    else:
        with st.container(key="tpa-turns"):
            given = actions.given_feedback(conversation)
            for turn in history.shown_turns(conversation):
                _turn(conversation, turn, given.get(turn.number))
        _question_box(assistant, "Ask a follow-up")
    drawer.show(assistant)


def _question_box(assistant: Assistant, placeholder: str) -> None:
    """Draw the box inside a container: pinned by Streamlit it would drag the page to the end of every answer."""
    with st.container(key="tpa-ask"):
        asking.told()
        scope.bar(assistant)
        st.chat_input(
            placeholder,
            key=asking.QUESTION,
            max_chars=asking.MAX_QUESTION_CHARS,
            on_submit=lambda: asking.ask(st.session_state.get(asking.QUESTION)),
        )
        st.html('<p class="tpa-sr">Press / to go to this box, and Alt and N for a new chat.</p>')


def _heading(status: Status) -> None:
    with st.container(key="tpa-empty"):
        kicker = "Every sentence cited, every citation checked"
        st.html(render.heading_html("Ask the articles", render.facts(status), kicker=kicker))


def _suggestions(assistant: Assistant) -> None:
    with st.container(key="tpa-suggestions"):
        questions = assistant.suggestions(MAX_SUGGESTIONS)
        if questions:
            st.html('<p class="tpa-section">Questions these articles answer</p>')
        for place, question in enumerate(questions):
            with st.container(key=f"tpa-suggestion-{place}"):
                st.button(render.label(question), key=f"suggestion-{place}", on_click=asking.ask, args=(question,))


def _turn(conversation: Conversation, turn: Turn, given: Feedback | None) -> None:
    with st.container(key=f"tpa-turn-{turn.number}"):
        if folded.is_folded(conversation, turn):
            folded.show(conversation, turn, given, ending=_ending(turn.view()))
            return
        st.html(render_answer.question_html(turn.question, filters=turn.filters))
        if asking.is_editing(conversation, turn):
            asking.form(turn)
        if turn.view().is_over:
            # As in the fragment that painted it until now, which is a container too: so what is there keeps its place,
            # and with it the focus, and is not seen twice while the rest is drawn.
            with st.container():
                _paint(turn, turn.view())
            history.keeping(conversation, turn)
            actions.row(conversation, turn, given)
        else:
            (_live_queued if turn.view().state is TurnState.QUEUED else _live_running)(turn)


def _live(turn: Turn) -> None:
    """Paint a turn again and again until it is over."""
    view = turn.view()
    if view.is_over:
        # The end is painted by the page: a click on a button of a fragment that is about to go would be lost.
        st.rerun()
    with pacing.drawing():
        _paint(turn, view)


_live_queued = st.fragment(run_every=pacing.PAINT_QUEUED_EVERY_S)(_live)
_live_running = st.fragment(run_every=pacing.PAINT_EVERY_S)(_live)


def _paint(turn: Turn, view: TurnView) -> None:
    answer = view.answer
    understood = render_answer.understood_html(turn.question, answer.standalone_question) if answer else ""
    with st.container(key=f"tpa-understood-{turn.number}", horizontal=True, vertical_alignment="center", gap="small"):
        if answer and understood:
            st.html(understood)
            edit = partial(asking.begin_editing, turn, answer.standalone_question, alone=True)
            st.button("Edit", key=f"edit-understood-{turn.number}", type="tertiary", on_click=edit)
    if answer and answer.is_refusal:
        answers.refusal(answer, view, turn.number, turn.filters)
        return
    for claim in view.claims:
        st.html(render_claims.claim_html(claim, turn.number))
    if not view.is_over:
        _working(turn, view)
    elif view.error:
        _trouble(turn, view.error)
    elif answer:
        answers.below_claims(answer, view, turn.number)
    else:
        st.html(render_answer.caption_html(_ending(view), turn.number))
        if view.state is TurnState.INTERRUPTED:
            st.button("Ask again", key=f"again-{turn.number}", on_click=asking.ask_again, args=(turn,))
    if view.is_over:
        answers.source_rows(view, turn.number)


def _ending(view: TurnView) -> str:
    """Return what is said of a turn that ended without an answer or an error, "" of any other."""
    words = _ENDINGS.get(view.state, "")
    if view.state is TurnState.INTERRUPTED and view.claims:
        words = _PARTIAL
    return f"{words} Error {view.error_id}." if words and view.error_id else words


def _working(turn: Turn, view: TurnView) -> None:
    waiting = f"Queued, {render.count(view.ahead, 'question')} first" if view.ahead else "Queued"
    words = waiting if view.state is TurnState.QUEUED else "Checking further sentences" if view.claims else "Searching"
    with st.container(key=f"tpa-working-{turn.number}", horizontal=True, vertical_alignment="center"):
        st.html(render_answer.working_html(words, turn.number))
        st.button("Stop", key=f"stop-{turn.number}", on_click=turn.stop)


def _trouble(turn: Turn, error: AssistantError) -> None:
    is_defect = isinstance(error, UnexpectedError)
    trouble_card(error, works=_AFTER_DEFECT if is_defect else "", error_id=turn.view().error_id)
    if turn is not session.conversation().turns[-1]:
        return
    if isinstance(error, ChatModelError):
        again = partial(asking.ask_again, turn, in_quotes=True)
        st.button("Answer in exact quotes", key=f"quotes-{turn.number}", on_click=again)
    elif is_defect:
        st.button("Ask again", key=f"again-{turn.number}", on_click=asking.ask_again, args=(turn,))
