"""What a page run has at hand: the settings, the one Assistant of the process, and this reader's conversation.

Streamlit runs a page's script again for every click; what must outlive that sits here, in caches of the process or in
the reader's session. A conversation is found again after a reload by the random key in the page's address.
"""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import streamlit as st

from assistant.domain import Filters
from assistant.settings import Settings, load_settings
from ui.reindexing import Reindexing
from ui.turns import Conversation, Turns

if TYPE_CHECKING:
    from assistant.assistant import Assistant

_KEY = "conversation"
_ADDRESS_KEY = "c"
_FILTERS = "filters"


def settings() -> Settings:
    """Return the settings as they are now. Raises SettingsError."""
    return load_settings()


def assistant() -> Assistant:
    """Return the Assistant of this process, opened at the first call. Raises AssistantError; then nothing is kept."""
    return _opened(settings())


def quoting_assistant() -> Assistant:
    """Return an Assistant that answers in exact quotes, whatever chat model is set. Raises AssistantError."""
    return _opened(settings().model_copy(update={"chat_model": None}))


def reindexing() -> Reindexing:
    """Return the process's one view of ingest runs for the current data directory."""
    return _open_reindexing(str(settings().data_dir))


@st.cache_resource(show_spinner=False)
def turns() -> Turns:
    """Return the conversations of this process."""
    return Turns()


def conversation() -> Conversation:
    """Return this reader's conversation, from the page's address after a reload; a new one where none is known."""
    known = turns().conversation(st.query_params.get(_ADDRESS_KEY)) or turns().conversation(st.session_state.get(_KEY))
    current = known or turns().new_conversation()
    st.session_state[_KEY] = current.key
    if current.turns:
        st.query_params[_ADDRESS_KEY] = current.key
    return current


def start_conversation() -> None:
    """Put an empty conversation in the place of the current one."""
    st.query_params.pop(_ADDRESS_KEY, None)
    st.session_state[_KEY] = turns().new_conversation().key


def filters() -> Filters:
    """Return the filters this reader asks under; they outlive a visit to another page."""
    kept = st.session_state.get(_FILTERS)
    return kept if isinstance(kept, Filters) else Filters()


def keep_filters(value: Filters) -> None:
    """Remember the filters this reader asks under."""
    st.session_state[_FILTERS] = value


def _opened(chosen: Settings) -> Assistant:
    return _open_assistant(chosen.model_dump_json(), chosen)


@st.cache_resource(show_spinner="Opening the library")
def _open_assistant(key: str, _settings: Settings) -> Assistant:
    from assistant.assistant import Assistant

    opened = Assistant.open(_settings)
    opened.prepare()
    # Streamlit collects garbage after every script run; over the objects of the heavy imports that stalls all readers
    # (20 s to the first word with 20 of them). Frozen, they are not looked at again.
    gc.collect()
    gc.freeze()
    return opened


@st.cache_resource(show_spinner=False)
def _open_reindexing(data_dir: str) -> Reindexing:
    from pathlib import Path

    return Reindexing(Path(data_dir))
