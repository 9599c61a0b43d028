"""The bar of a running ingest, the same for every reader and after a reload, and how the latest run ended.

A page that shows neither bar nor failure keeps an eye on the data directory all the same, so that a run which another
reader or the command line started is seen, and what it changed is there once it is over.
"""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from ui import drawer, render, render_updates, signin
from ui.failures import Told
from ui.reindexing import EVERYTHING, Reindexing, Request, RunFailure

POLL_EVERY_S = 0.5
IDLE_EVERY_S = 2.0
# Seconds after which "5 minutes ago" is said anew.
SAID_FOR_S = 60.0


@signin.editors_only
def begin(reindexing: Reindexing, request: Request = EVERYTHING) -> None:
    """Start a run, as from a button; while one is going on its bar is shown and nothing else happens."""
    reindexing.start(request)


def live_progress(reindexing: Reindexing) -> bool:
    """Draw the bar and say True while a run goes on; else draw how it failed, if it did, and say False."""
    if reindexing.is_running:
        with st.container(key="tpa-running"):
            _bar(reindexing)
        return True
    _look_out(reindexing, _seen(reindexing), datetime.now(UTC))
    if failure := reindexing.failure:
        st.html(failure_html(failure))
    return False


def failure_html(failure: RunFailure) -> str:
    """Return the card of a run that failed or was cut off."""
    works = "Answers go on from what is indexed; nothing of it is lost. Run it again and it goes on where it was."
    title = "The last run was interrupted" if failure.is_interrupted else "The last run failed"
    if failure.is_removal:
        title, works = "The source was not removed", "It stays on the list, and answers go on from its articles."
    told = Told(title, render.sentence(failure.reason), works, failure.error_id)
    return told.card_html


@st.fragment(run_every=POLL_EVERY_S)
def _bar(reindexing: Reindexing) -> None:
    if not reindexing.is_running:
        if drawer.is_open():
            st.html(render_updates.progress_html(None, datetime.now(UTC), begins="Done"))
            return
        st.rerun()
    current = reindexing.current
    status = None if current and current.remove else reindexing.progress()
    begins = "Removing a source" if current and current.remove else "Starting"
    st.html(render_updates.progress_html(status, datetime.now(UTC), begins=begins))


@st.fragment(run_every=IDLE_EVERY_S)
def _look_out(reindexing: Reindexing, seen: object, drawn_at: datetime) -> None:
    """Draw the page again once a run begins or has ended, and when what it says of the time has become wrong.

    Not while an article is being read: closing it draws the page.
    """
    if drawer.is_open():
        return
    is_old = (datetime.now(UTC) - drawn_at).total_seconds() > SAID_FOR_S
    if is_old or reindexing.is_running or _seen(reindexing) != seen:
        st.rerun()


def _seen(reindexing: Reindexing) -> object:
    status = reindexing.progress()
    return status and (status.pid, status.started_at, status.state)
