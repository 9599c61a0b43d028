"""The bar of a running ingest, the same for every reader and after a reload, and how the latest run ended."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from ingest.progress import RunState, RunStatus
from ui import render
from ui.reindexing import Reindexing

POLL_EVERY_S = 0.5


def begin(reindexing: Reindexing, paths: Sequence[Path] = ()) -> None:
    """Start a run, as from a button; while one is going on its bar is shown and nothing else happens."""
    reindexing.start(paths)


def live_progress(reindexing: Reindexing) -> bool:
    """Draw the bar and say True while a run goes on; else draw how it failed, if it did, and say False."""
    if reindexing.is_running:
        _bar(reindexing)
        return True
    status = reindexing.progress()
    failure = reindexing.failure
    if failure:
        st.html(render.card_html("The last run failed", render.sentence(failure), tone="error"))
    elif status and status.state is RunState.INTERRUPTED:
        st.html(
            render.card_html(
                "The last run was interrupted",
                "What it had indexed is kept. Run it again and it goes on where it was.",
                tone="warning",
            )
        )
    elif status and status.state is RunState.FAILED:
        st.html(
            render.card_html("The last run failed", render.sentence(status.reason or "no reason given"), tone="error")
        )
    return False


@st.fragment(run_every=POLL_EVERY_S)
def _bar(reindexing: Reindexing) -> None:
    if not reindexing.is_running:
        st.rerun()
    status = reindexing.progress()
    st.html(_bar_html(status))


def _bar_html(status: RunStatus | None) -> str:
    if status is None or status.state is not RunState.RUNNING:
        return render.progress_html("Starting", 0, 0)
    return render.progress_html(status.stage.capitalize(), status.done, status.total, location=status.location)
