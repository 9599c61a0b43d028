"""The Updates page: what is indexed, what the last run changed, what failed and why, and a button that reindexes."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from assistant.domain import Run, Status
from ui import render, session
from ui.progress import begin, live_progress
from ui.reindexing import Reindexing
from ui.troubles import guarded


@guarded
def page() -> None:
    """Draw the Updates page."""
    status = session.assistant().status()
    st.html(render.heading_html("Updates", "What answers come from, and when it last changed."))
    _reindex(session.reindexing(), status)
    st.html(render.facts_html(_index_facts(status)))
    if status.last_run:
        st.html(f'<p class="tpa-section">Last run</p>{render.facts_html(_run_facts(status.last_run))}')
    st.html(f'<p class="tpa-section">Indexed from</p>{render.lines_html(status.folders, none="No folder is watched.")}')
    failed = render.failures_html(status.failures) or '<p class="tpa-note">Every file could be read.</p>'
    st.html(f'<p class="tpa-section">Could not be indexed</p>{failed}')


def _reindex(reindexing: Reindexing, status: Status) -> None:
    if live_progress(reindexing):
        return
    st.button(
        "Reindex now",
        key="reindex",
        type="primary",
        disabled=not status.folders,
        on_click=begin,
        args=(reindexing,),
    )
    st.html(
        '<p class="tpa-note">Looks through the folders below for new, changed and removed files. Answers go on.</p>'
    )


def _index_facts(status: Status) -> list[tuple[str, str]]:
    found = [
        ("Articles", f"{status.articles:,}"),
        ("Passages", f"{status.passages:,}"),
        ("Publishers", f"{status.publishers:,}"),
        ("Published", render.days(status.oldest, status.newest) or "undated"),
        ("Undated", f"{status.undated:,}"),
        ("Generation", f"{status.generation:,}"),
    ]
    if status.pending:
        found.append(("Waiting for the next vector index", f"{status.pending:,} (searched all the same)"))
    return found


def _run_facts(run: Run) -> list[tuple[str, str]]:
    changes = [("Added", run.added), ("Changed", run.changed), ("Removed", run.removed)]
    changes += [("Unchanged", run.unchanged), ("Failed", run.failed)]
    seconds = (run.finished_at - run.started_at).total_seconds()
    return [("Finished", _moment(run.finished_at)), ("Took", f"{seconds:.1f} s")] + [
        (name, f"{number:,}") for name, number in changes
    ]


def _moment(moment: datetime) -> str:
    local = moment.astimezone()
    return f"{render.day(local.date())}, {local:%H:%M}"
