"""The sidebar's list of this reader's conversations, and what of the current one is drawn.

A conversation is opened, searched for, renamed and deleted here. Titles are shown as they were typed. Of a long
conversation the latest turns are drawn, and earlier ones when they are asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, partial
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from assistant.conversation_records import ConversationSummary
from assistant.errors import ConversationsError, SettingsError
from ui import drawer, failures, render, session
from ui.keeping import Kept
from ui.turn import Turn
from ui.turns import Conversation

if TYPE_CHECKING:
    from streamlit.navigation.page import StreamlitPage

SHOWN_TURNS = 20
"""Turns drawn when a conversation is opened, and more of them for each "Show earlier"."""
MAX_SHOWN_TURNS = 40
"""Turns drawn once a question is asked, so that a page that stays open for days stays fast."""
LISTED = 30
"""Conversations listed, and more of them for each "Show more"."""
SETTLES_S = 0.3
MAX_TITLE_CHARS = 200

_SEARCH, _LISTED, _DOING, _TROUBLE = "history-search", "history_listed", "history_doing", "history_trouble"
_WINDOW = "shown_turns"
_RENAME, _DELETE = "Rename", "Delete"


@dataclass(frozen=True, slots=True)
class _Doing:
    """What a reader is asked about: a new title for a conversation, or whether it is to be deleted."""

    what: str
    key: str
    title: str
    turns: int


@dataclass(frozen=True, slots=True)
class _Window:
    """The numbers of the first and last turn that were drawn of a conversation."""

    key: str
    first: int
    last: int


def sidebar(ask: StreamlitPage) -> None:
    """Draw the list in the sidebar; `ask` is the page that a conversation is opened on."""
    st.html(Path(__file__).with_name("history.css"))
    with st.sidebar, st.container(key="tpa-history"):
        current = session.conversation()
        was_chosen = _list(current)
        _listen(current)
    if was_chosen:
        st.switch_page(ask)
    _dialog()


def shown_turns(conversation: Conversation) -> Sequence[Turn]:
    """Return the turns to be drawn, oldest first, after a button for earlier ones if there are any."""
    turns = tuple(conversation.turns)
    window = _window(conversation, turns)
    shown = [turn for turn in turns if turn.number >= window.first]
    if len(shown) < len(turns) or conversation.has_earlier:
        with st.container(key="tpa-earlier"):
            st.button("Show earlier questions", key="show-earlier", on_click=_show_earlier, args=(conversation, window))
    return shown


def keeping(conversation: Conversation, turn: Turn) -> None:
    """Say that a turn which is over could not be saved, if so, and offer to try again."""
    view = turn.view()
    if view.kept is Kept.NOT_YET:
        _settling(turn)
    elif view.kept is Kept.NO:
        reason = render.sentence(view.not_kept)
        st.html(render.notice_html(f"Not saved: {reason} It stays here until the server stops."))
        again = partial(session.turns().keep_again, conversation)
        st.button("Save again", key=f"keep-{turn.number}", on_click=again)


@st.fragment(run_every=SETTLES_S)
def _settling(turn: Turn) -> None:
    if turn.view().kept is not Kept.NOT_YET:
        st.rerun()


def _window(conversation: Conversation, turns: Sequence[Turn]) -> _Window:
    """Return what is drawn: the latest turns at first, those asked since, and earlier ones once they were asked for."""
    before = st.session_state.get(_WINDOW)
    first, last = (turns[0].number, turns[-1].number) if turns else (1, 0)
    if not isinstance(before, _Window) or before.key != conversation.key:
        first = max(first, last - SHOWN_TURNS + 1)
    elif last > before.last:
        first = max(before.first, last - MAX_SHOWN_TURNS + 1)
    else:
        first = max(first, before.first)
    window = _Window(conversation.key, first, last)
    st.session_state[_WINDOW] = window
    return window


def _show_earlier(conversation: Conversation, window: _Window) -> None:
    first = window.first - SHOWN_TURNS
    if conversation.turns and conversation.turns[0].number > first:
        try:
            session.turns().load_earlier(conversation)
        except ConversationsError as err:
            st.session_state[_TROUBLE] = failures.told(err, "reading earlier questions").line
            return
    st.session_state[_WINDOW] = _Window(conversation.key, first, window.last)


def _list(current: Conversation) -> bool:
    """Draw the list; say whether a conversation was chosen."""
    trouble = st.session_state.pop(_TROUBLE, "") or session.conversation_problem()
    limit = st.session_state.get(_LISTED, LISTED)
    search = str(st.session_state.get(_SEARCH) or "").strip()
    try:
        store = session.conversation_store()
    except SettingsError:
        return False
    try:
        found = store.conversations(session.owner(), search=search, limit=limit + 1)
    except ConversationsError as err:
        found, trouble = (), f"{failures.told(err, 'listing conversations').line} Asking goes on."
    listed = found[:limit]
    if current.turns and not search and all(one.key != current.key for one in listed):
        listed = (_summary(current), *listed)
    if trouble:
        st.html(failures.alert_html(render.sentence(trouble)))
    if not listed and not search:
        return False
    st.html('<h2 class="tpa-side-title">Conversations</h2>')
    st.text_input(
        "Search conversations",
        key=_SEARCH,
        type="search",
        placeholder="Search",
        label_visibility="collapsed",
        max_chars=200,
    )
    if not listed:
        st.html('<p class="tpa-note" role="status">No conversation has all these words.</p>')
    now = datetime.now(_zone())
    was_chosen = False
    for age, group in groupby(listed, key=lambda one: _age(one.updated_at, now)):
        st.html(f'<h3 class="tpa-history-age">{age}</h3>')
        for one in group:
            was_chosen |= _row(one, is_current=one.key == current.key)
    if len(found) > limit:
        st.button("Show more", key="history-more", type="tertiary", on_click=_list_more, args=(limit + LISTED,))
    return was_chosen


def _row(one: ConversationSummary, *, is_current: bool) -> bool:
    kind = "current" if is_current else "past"
    with st.container(key=f"tpa-{kind}-{one.key}", horizontal=True, vertical_alignment="center", wrap=False, gap=None):
        if is_current:
            st.html('<span class="tpa-sr">Current conversation:</span>')
        was_chosen = st.button(
            render.label(one.title), key=f"chat-{one.key}", type="tertiary", on_click=_open, args=(one.key,)
        )
        key = f"menu-{one.key}"
        st.menu_button(
            render.label(f"Rename or delete {one.title}"),
            (_RENAME, _DELETE),
            key=key,
            type="tertiary",
            on_click=_begin,
            args=(key, one),
        )
    return was_chosen


def _open(key: str) -> None:
    drawer.close()
    session.open_conversation(key)


def _list_more(limit: int) -> None:
    st.session_state[_LISTED] = limit


def _begin(menu: str, one: ConversationSummary) -> None:
    drawer.close()
    st.session_state[_DOING] = _Doing(str(st.session_state[menu]), one.key, one.title, one.turns)


def _end() -> None:
    st.session_state.pop(_DOING, None)


def _dialog() -> None:
    doing = st.session_state.get(_DOING)
    if not isinstance(doing, _Doing):
        return
    if drawer.is_open():
        # There is room for one dialog.
        _end()
        return
    title, draw = ("Rename", _rename) if doing.what == _RENAME else ("Delete this conversation?", _delete)
    st.dialog(title, width="small", on_dismiss=_end)(draw)(doing)


def _rename(doing: _Doing) -> None:
    if st.session_state.get(_DOING) != doing:
        st.rerun()
    with st.form("rename", border=False):
        st.text_input("Title", doing.title, key="new-title", max_chars=MAX_TITLE_CHARS)
        st.form_submit_button("Save", type="primary", on_click=_do_rename, args=(doing,))


def _do_rename(doing: _Doing) -> None:
    title = str(st.session_state.get("new-title") or "").strip()
    if title and title != doing.title:
        try:
            session.turns().rename(doing.key, title, owner=session.owner())
        except ConversationsError as err:
            st.session_state[_TROUBLE] = f"Not renamed: {failures.told(err, 'renaming a conversation').line}"
    _end()


def _delete(doing: _Doing) -> None:
    if st.session_state.get(_DOING) != doing:
        st.rerun()
    its = "its answer and the feedback on it" if doing.turns == 1 else "their answers and the feedback on them"
    st.text(doing.title)
    st.html(f'<p class="tpa-note">This deletes {render.count(doing.turns, "question")}, {its} for good.</p>')
    with st.container(horizontal=True, horizontal_alignment="right"):
        st.button("Cancel", key="delete-cancel", on_click=_end)
        st.button("Delete", key="delete-confirm", type="primary", on_click=_do_delete, args=(doing,))


def _do_delete(doing: _Doing) -> None:
    is_current = session.conversation().key == doing.key
    try:
        session.turns().delete(doing.key, owner=session.owner())
    except ConversationsError as err:
        st.session_state[_TROUBLE] = f"Not deleted: {failures.told(err, 'deleting a conversation').line}"
    else:
        if is_current:
            session.start_conversation()
    _end()


def _listen(current: Conversation) -> None:
    """Tell the browser which conversation is shown, and up to which question."""
    question = current.turns[-1].question if current.turns else ""
    shown = {"key": current.key, "question": question, "turns": len(current.turns)}
    with st.container(key="tpa-unseen-history"):
        st.components.v2.component("tpa_history", js=_script())(key="history_listener", data=shown)


@cache
def _script() -> str:
    return Path(__file__).with_name("history.js").read_text(encoding="utf-8")


def _summary(conversation: Conversation) -> ConversationSummary:
    """Return the current conversation as it is listed before it is stored."""
    asked = [turn.asked_at for turn in conversation.turns]
    return ConversationSummary(conversation.key, conversation.title, asked[0], asked[-1], len(asked))


def _zone() -> ZoneInfo | None:
    """Return the reader's time zone, None for that of the server."""
    try:
        return ZoneInfo(st.context.timezone) if st.context.timezone else None
    except (ZoneInfoNotFoundError, ValueError):
        return None


def _age(at: datetime, now: datetime) -> str:
    """Return under which heading a moment is listed; days are those of the reader."""
    days = (now.date() - at.astimezone(now.tzinfo).date()) // timedelta(days=1)
    return "Today" if days <= 0 else "Previous 7 days" if days <= 7 else "Older"
