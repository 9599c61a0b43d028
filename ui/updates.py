"""The Updates page: what is indexed, what the last run changed, what failed and why, and a button that reindexes."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from assistant.domain import Run, Status
from ui import commands, render, session
from ui.progress import begin, live_progress
from ui.reindexing import Reindexing
from ui.troubles import guarded


@guarded
def page() -> None:
    """Draw the Updates page."""
    status = session.assistant().status()
    st.html(render.heading_html("Updates", "What answers come from, and when it last changed."))
    _reindex(session.reindexing())
    if status.vectors_problem:
        _vectors_problem(status.vectors_problem)
    st.html(render.facts_html(_index_facts(status)))
    if status.last_run:
        st.html(f'<p class="tpa-section">Last run</p>{render.facts_html(_run_facts(status.last_run))}')
    folders = render.lines_html(status.folders, none="Single files only. New files are found in folders.")
    st.html(f'<p class="tpa-section">Folders</p>{folders}')
    failed = render.failures_html(status.failures) or '<p class="tpa-note">Every file could be read.</p>'
    st.html(f'<p class="tpa-section">Could not be indexed</p>{failed}')


def _reindex(reindexing: Reindexing) -> None:
    if live_progress(reindexing):
        return
    st.button(
        "Reindex now",
        key="reindex",
        type="primary",
        on_click=begin,
        args=(reindexing,),
    )
    st.html(
        '<p class="tpa-note">Finds new, changed and removed files in all that was indexed before. Answers go on.</p>'
    )


def _vectors_problem(problem: str) -> None:
    settings = session.settings()
    st.html(
        render.card_html(
            "The vector index cannot be used",
            "Answers stay right: the vectors are taken from the library instead, which is slower. This command makes "
            "the index anew; answers go on meanwhile.",
            f"What was found: {render.sentence(commands.as_typed(problem, settings))}",
            command=commands.command(settings, "rebuild"),
            tone="warning",
        )
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
