"""What a reader sees instead of a traceback: what failed, what still works, what to do, and an id that the log has too.

An empty library is no failure but the first screen of a new installation, with a button that indexes the samples.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path

import streamlit as st

from assistant.errors import AssistantError, LibraryMissing
from ui import commands, failures, incidents, render, session, signin
from ui.progress import begin, live_progress
from ui.reindexing import SAMPLES, Request


def guarded(page: Callable[[], None]) -> Callable[[], None]:
    """Draw a page so that every error ends as a card on it, those that nobody expected too."""

    @wraps(page)
    def drawn() -> None:
        try:
            page()
        except LibraryMissing:
            no_library()
        except AssistantError as err:
            _failed(err, f"page {page.__module__}")
        except Exception as err:  # noqa: BLE001 - the page's edge: a defect ends as a card and, with its trace, in the log
            _failed(incidents.unexpected(err, f"page {page.__module__}"), f"page {page.__module__}")

    return drawn


def unexpected(error: Exception) -> bool:
    """Draw the card of an error that no page caught, one in a button's action for example; Streamlit shows nothing.

    The run has ended there: nothing else is on the page, so a button draws it again.
    """
    st.html(Path(__file__).with_name("page.css"))
    where = "the page's script"
    _failed(error if isinstance(error, AssistantError) else incidents.unexpected(error, where), where)
    st.button("Show the page again", key="after-error")
    return True


def trouble_card(error: AssistantError, *, works: str = "", error_id: str = "") -> None:
    """Draw what went wrong and what to do about it; `error_id` is what the log knows it by, if it is there already.

    `works` is for where more is known of what goes on than by the kind of error.
    """
    st.html(failures.told(error, "page", works=works, error_id=error_id).card_html)


def no_library(*, has_boxes: bool = False) -> None:
    """Draw how to make a library, and a button that makes one of the sample articles.

    `has_boxes` says that the page goes on with the boxes to add a source and to upload files, and with the command.
    """
    st.html(
        render.heading_html("Nothing is indexed yet", "Answers come only from articles you index.", kicker="Welcome")
    )
    reindexing = session.reindexing()
    if live_progress(reindexing):
        if not has_boxes:
            return
    elif not signin.may_edit():
        st.html('<p class="tpa-note">An editor can index articles under Updates; then you can ask.</p>')
        return
    else:
        st.button(
            "Index the sample articles",
            key="index-samples",
            type="primary",
            on_click=begin,
            args=(reindexing, Request(paths=(SAMPLES,))),
        )
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


def _failed(error: AssistantError, where: str) -> None:
    """Draw what kept a page from being drawn: a failure, also where its kind could be advice on what was typed."""
    trouble_card(error, error_id=incidents.incident(error, where))


def _updates() -> None:
    """Stand for the page of that address, which imports this module."""
