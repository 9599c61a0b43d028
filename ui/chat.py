"""The Ask page: a question, its answer claim by claim with citation chips, and the sources under it.

An answer is written by a worker thread (`turns.py`); a fragment paints what is there a few times a second and hands
over to the plain page once the turn is over. The painted elements keep their places, so focus on a chip is kept.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st

from assistant.conversation_records import TurnState
from assistant.domain import Status
from assistant.errors import AssistantError, ChatModelError
from ui import answers, drawer, history, render, render_answer, render_claims, session
from ui.filtering import filter_widgets
from ui.troubles import guarded, no_library, trouble_card
from ui.turn import Turn, TurnView

if TYPE_CHECKING:
    from assistant.assistant import Assistant

PAINT_EVERY_S = 0.15
MAX_SUGGESTIONS = 4
MAX_QUESTION_CHARS = 1_000
_QUESTION = "question"
_ENDINGS = {
    TurnState.STOPPED: "Stopped. What had been verified by then is kept.",
    TurnState.INTERRUPTED: "Interrupted: the server stopped before this was answered.",
    TurnState.TIMED_OUT: "This took too long and was ended. What had been verified by then is kept.",
}


@guarded
def page() -> None:
    """Draw the Ask page."""
    assistant = session.assistant()
    conversation = session.conversation()
    status = assistant.status(checksums=False) if not conversation.turns else None
    if status and not status.articles:
        no_library()
        return
    _sidebar(assistant)
    if status:
        _empty_state(assistant, status)
    else:
        with st.container(key="tpa-turns"):
            for turn in history.shown_turns(conversation):
                _turn(turn)
        _question_box("Ask a follow-up", is_busy=conversation.is_busy)
    drawer.show(assistant)


def _ask(question: str | None) -> None:
    """Start a turn. While the last one goes on, asked in another tab perhaps, the question stays in the box."""
    asked = (question or "").strip()
    if not asked:
        return
    drawer.close()
    assistant = session.assistant()
    turn = session.turns().start(
        session.conversation(), asked, assistant.ask, filters=session.filters(), changes=assistant.changes
    )
    if turn is None:
        st.session_state[_QUESTION] = asked
        st.toast("The last question is still being answered.")


def _question_box(placeholder: str, *, is_busy: bool = False) -> None:
    """Draw the box inside a container: pinned by Streamlit it would drag the page to the end of every answer."""
    with st.container(key="tpa-ask"):
        st.chat_input(
            placeholder,
            key=_QUESTION,
            max_chars=MAX_QUESTION_CHARS,
            disabled=is_busy,
            on_submit=lambda: _ask(st.session_state.get(_QUESTION)),
        )


def _sidebar(assistant: Assistant) -> None:
    with st.sidebar:
        st.html('<h2 class="tpa-side-title">Search only</h2>')
        session.keep_filters(filter_widgets("ask", assistant.publishers(), assistant.standings(), session.filters()))


def _empty_state(assistant: Assistant, status: Status) -> None:
    limits = render.described(session.filters())
    with st.container(key="tpa-empty"):
        st.html(
            render.heading_html(
                "Ask the articles",
                render.facts(status) + (f" Searching only: {limits}." if limits else ""),
                kicker="Every sentence cited, every citation checked",
            )
        )
        _question_box("Ask about the indexed articles")
        questions = assistant.suggestions(MAX_SUGGESTIONS)
        if questions:
            st.html('<p class="tpa-section">Questions these articles answer</p>')
        for place, question in enumerate(questions):
            with st.container(key=f"tpa-suggestion-{place}"):
                st.button(render.label(question), key=f"suggestion-{place}", on_click=_ask, args=(question,))


def _turn(turn: Turn) -> None:
    with st.container(key=f"tpa-turn-{turn.number}"):
        st.html(render_answer.question_html(turn.question, filters=turn.filters))
        if turn.view().is_over:
            _paint(turn, turn.view())
            history.keeping(session.conversation(), turn)
        else:
            _live(turn)


@st.fragment(run_every=PAINT_EVERY_S)
def _live(turn: Turn) -> None:
    view = turn.view()
    if view.is_over:
        # The end is painted by the page: a click on a button of a fragment that is about to go would be lost.
        st.rerun()
    _paint(turn, view)


def _paint(turn: Turn, view: TurnView) -> None:
    answer = view.answer
    understood = render_answer.understood_html(turn.question, answer.standalone_question) if answer else ""
    if understood:
        st.html(understood)
    else:
        st.empty()
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
        st.html(render_answer.caption_html(_ENDINGS[view.state], turn.number))
        if view.state is TurnState.INTERRUPTED:
            st.button("Ask again", key=f"again-{turn.number}", on_click=_ask_again, args=(turn, session.assistant))
    if view.is_over:
        answers.source_rows(view, turn.number)


def _working(turn: Turn, view: TurnView) -> None:
    waiting = f"Queued, {render.count(view.ahead, 'question')} first" if view.ahead else "Queued"
    words = waiting if view.state is TurnState.QUEUED else "Checking further sentences" if view.claims else "Searching"
    with st.container(key=f"tpa-working-{turn.number}", horizontal=True, vertical_alignment="center"):
        st.html(render_answer.working_html(words, turn.number))
        st.button("Stop", key=f"stop-{turn.number}", on_click=turn.stop)


def _trouble(turn: Turn, error: AssistantError) -> None:
    trouble_card(error)
    if isinstance(error, ChatModelError) and turn is session.conversation().turns[-1]:
        again = (turn, session.quoting_assistant)
        st.button("Answer in exact quotes", key=f"quotes-{turn.number}", on_click=_ask_again, args=again)


def _ask_again(turn: Turn, opened: Callable[[], Assistant]) -> None:
    """Ask again under the same filters; `session.quoting_assistant` answers without the chat model."""
    assistant = opened()
    session.turns().start(
        session.conversation(), turn.question, assistant.ask, filters=turn.filters, changes=assistant.changes
    )
