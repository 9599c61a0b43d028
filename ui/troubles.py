"""What a reader sees instead of a traceback: what failed, what still works, and what to do.

An empty library is no failure but the first screen of a new installation, with a button that indexes the samples.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps

import streamlit as st

from assistant.errors import (
    AnswerUnreadable,
    AssistantError,
    ChatModelError,
    LibraryMismatch,
    LibraryMissing,
    ModelUnavailable,
    QuestionError,
    SettingsError,
)
from ui import commands, render, session
from ui.progress import begin, live_progress
from ui.reindexing import SAMPLES, Request

_log = logging.getLogger(__name__)
_TITLES: dict[type[AssistantError], tuple[str, str]] = {
    AnswerUnreadable: ("This answer cannot be shown", "The others in this conversation can."),
    QuestionError: ("This question cannot be asked", ""),
    SettingsError: ("A setting cannot be used", "Change it and start the page again."),
    LibraryMismatch: ("The library does not fit this version or its settings", ""),
    ModelUnavailable: ("The embedding model cannot be loaded", "Indexed articles can still be read under Sources."),
    ChatModelError: ("The chat model gave no answer", "Without TRADE_ASSISTANT_CHAT_MODEL, answers are exact quotes."),
}


def guarded(page: Callable[[], None]) -> Callable[[], None]:
    """Draw a page so that every error of ours ends as a card on it."""

    @wraps(page)
    def drawn() -> None:
        try:
            page()
        except LibraryMissing:
            no_library()
        except AssistantError as err:
            _log.warning("page %s: %s", page.__module__, err)
            trouble_card(err)

    return drawn


def trouble_card(error: AssistantError) -> None:
    """Draw what went wrong and what to do about it."""
    title, advice = next(
        (words for kind, words in _TITLES.items() if isinstance(error, kind)), ("This did not work", "")
    )
    st.html(render.card_html(title, render.sentence(_as_typed(str(error))), advice, tone="error"))


def no_library(*, has_boxes: bool = False) -> None:
    """Draw how to make a library, and a button that makes one of the sample articles.

    `has_boxes` says that the page goes on with the boxes to add a source and to upload files, and with the command.
    """
    st.html(
        render.heading_html("Nothing is indexed yet", "Answers come only from articles you index.", kicker="Welcome")
    )
    reindexing = session.reindexing()
    if not live_progress(reindexing):
        st.button(
            "Index the sample articles",
            key="index-samples",
            type="primary",
            on_click=begin,
            args=(reindexing, Request(paths=(SAMPLES,))),
        )
    elif not has_boxes:
        return
    kinds = "Text, Markdown, HTML, PDF and Word files can be read."
    if has_boxes:
        st.html(
            '<h2 class="tpa-part">Or index your own</h2><p class="tpa-note">Add a folder, a web page, a feed or a '
            f"search of the Federal Register, or upload files. {kinds}</p>"
        )
        return
    st.html(
        render.card_html(
            "Or index your own",
            f"Add folders, web pages and feeds, or upload files, under Updates. Or type this command. {kinds}",
            command=commands.command(session.settings(), "ingest", "PATH"),
        )
    )
    st.page_link(st.Page(_updates, title="Updates", url_path="updates"), label="Go to Updates")


def _updates() -> None:
    """Stand for the page of that address, which imports this module."""


def _as_typed(message: str) -> str:
    try:
        return commands.as_typed(message, session.settings())
    except SettingsError:
        return message
