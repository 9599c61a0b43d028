"""What a page run has at hand: the settings, the one Assistant of the process, the reader and their conversation.

Streamlit runs a page's script again for every click; what must outlive that sits here, in caches of the process or in
the reader's session. A conversation is found again after a reload, or a restart of the server, by the random key in
the page's address.
"""

from __future__ import annotations

import gc
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from assistant.conversations import ConversationStore
from assistant.domain import Filters, Strictness
from assistant.errors import ConversationsError, SettingsError
from assistant.settings import Settings, load_settings
from ui import failures, signin
from ui.reindexing import Reindexing
from ui.turns import Conversation, Turns

if TYPE_CHECKING:
    from assistant.assistant import Assistant

_KEY = "conversation"
_ADDRESS_KEY = "c"
_FILTERS = "filters"
_PROBLEM = "conversation_problem"
_SHOWN = "conversation_shown"
_TOLD = "told"
_WAY = "way"


@dataclass(frozen=True, slots=True)
class Way:
    """How questions are answered; without `strictness` as the settings say, `in_quotes` without the chat model."""

    strictness: Strictness | None = None
    in_quotes: bool = False


def settings() -> Settings:
    """Return the settings as they are now. Raises SettingsError."""
    return load_settings()


def assistant() -> Assistant:
    """Return the Assistant of this process, opened at the first call. Raises AssistantError; then nothing is kept."""
    chosen = settings()
    return _open_assistant(chosen.model_dump_json(), chosen)


def reindexing() -> Reindexing:
    """Return the process's one view of ingest runs for the current data directory."""
    return _open_reindexing(str(settings().data_dir))


def owner() -> str:
    """Return whose conversations these are: where nobody signs in there is one owner, who has everything."""
    return signin.owner()


def conversation_store() -> ConversationStore:
    """Return the stored conversations of the current data directory. Raises SettingsError."""
    return ConversationStore(settings().data_dir)


def turns() -> Turns:
    """Return the conversations in use in this process, over the store of the current data directory."""
    try:
        return _open_turns(settings().data_dir)
    except SettingsError:
        # The page says so in the place of what it shows; until then nothing can be asked.
        return _open_turns(None)


def conversation() -> Conversation:
    """Return this reader's conversation, from the page's address after a reload; a new one where none is known."""
    asked_for = st.query_params.get(_ADDRESS_KEY)
    st.session_state[_PROBLEM] = ""
    found = _known(asked_for) or _known(st.session_state.get(_KEY))
    if not st.session_state[_PROBLEM]:
        _tell_if_gone(asked_for, found)
    current = found or turns().new_conversation(owner=owner())
    st.session_state[_KEY] = current.key
    if current.turns:
        st.query_params[_ADDRESS_KEY] = st.session_state[_SHOWN] = current.key
    return current


def shown() -> str:
    """Return the key of the conversation with questions in it that this reader opened last, "" for none."""
    return str(st.session_state.get(_SHOWN, ""))


def conversation_problem() -> str:
    """Say why the conversation that was asked for is not shown; "" if it is."""
    return str(st.session_state.get(_PROBLEM, ""))


def tell(words: str, *, question: str = "") -> None:
    """Have words stand above the question box until something is asked; `question` is the one that was not."""
    st.session_state[_TOLD] = (words, question)


def told() -> tuple[str, str]:
    """Return what stands above the question box, and the question that it is about; "" for nothing."""
    words, question = st.session_state.get(_TOLD, ("", ""))
    return words, question


def forget_told() -> None:
    """Have nothing stand above the question box."""
    st.session_state.pop(_TOLD, None)


def start_conversation() -> None:
    """Put an empty conversation in the place of the current one."""
    open_conversation(turns().new_conversation(owner=owner()).key)
    st.session_state[_SHOWN] = ""


def open_conversation(key: str) -> None:
    """Put the conversation with this key in the place of the current one."""
    st.query_params.pop(_ADDRESS_KEY, None)
    st.session_state[_KEY] = st.session_state[_SHOWN] = key
    forget_told()


def _tell_if_gone(asked_for: str | None, found: Conversation | None) -> None:
    """Say so where the conversation that was open, or is in the address, is not there."""
    missed = asked_for or shown()
    if not missed or (found and found.key == missed):
        return
    if missed == shown():
        tell("The conversation you opened is no longer here: it was deleted, in another tab perhaps.")
    else:
        tell("The conversation in the page's address is not here; it may have been deleted.")
    st.query_params.pop(_ADDRESS_KEY, None)
    st.session_state[_SHOWN] = ""


def _known(key: str | None) -> Conversation | None:
    """Return the conversation with this key, if it is this reader's."""
    try:
        return turns().conversation(key, owner=owner())
    except ConversationsError as err:
        st.session_state[_PROBLEM] = failures.told(err, "opening a conversation").line
        return None


def filters() -> Filters:
    """Return the filters this reader asks under; they outlive a visit to another page."""
    kept = st.session_state.get(_FILTERS)
    return kept if isinstance(kept, Filters) else Filters()


def keep_filters(value: Filters) -> None:
    """Remember the filters this reader asks under."""
    st.session_state[_FILTERS] = value


def way() -> Way:
    """Return how this reader wants questions answered; it outlives a visit to another page."""
    kept = st.session_state.get(_WAY)
    return kept if isinstance(kept, Way) else Way()


def keep_way(value: Way) -> None:
    """Remember how this reader wants questions answered."""
    st.session_state[_WAY] = value


@st.cache_resource(show_spinner="Opening the library", max_entries=2, on_release=lambda opened: opened.rest())
def _open_assistant(key: str, _settings: Settings) -> Assistant:
    from assistant.assistant import Assistant

    opened = Assistant.open(_settings)
    opened.prepare()
    _spare_imports()
    return opened


@cache
def _spare_imports() -> None:
    """Have the collector leave out what is there once the first library is open; what comes later can be freed.

    Streamlit collects garbage after every script run; over the objects of the heavy imports that stalls all readers
    (20 s to the first word with 20 of them).
    """
    gc.collect()
    gc.freeze()


@st.cache_resource(show_spinner=False)
def _open_turns(data_dir: Path | None) -> Turns:
    return Turns(ConversationStore(data_dir) if data_dir else None)


@st.cache_resource(show_spinner=False)
def _open_reindexing(data_dir: str) -> Reindexing:
    return Reindexing(Path(data_dir))
