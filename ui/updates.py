"""The Updates page: what the last run changed, where articles come from and how that stands, and what to do about it.

Runs go on in a process of their own; this page only starts them and shows what the library and `status.json` say, so
it is the same for every reader. Where people sign in, what changes something is there for editors only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from assistant.domain import Change, Run, Status
from assistant.errors import LibraryMissing
from assistant.settings import Settings
from ingest.progress import RunState
from ui import adding, changes, commands, drawer, incidents, render, render_updates, session, signin
from ui.changes import Changed, Maker
from ui.progress import begin, live_progress
from ui.reindexing import Reindexing, Request
from ui.rows import row
from ui.troubles import guarded, no_library

if TYPE_CHECKING:
    from assistant.assistant import Assistant
    from ingest.overview import SourceOverview

PAGE_ROWS = 5
"""Changes listed at once."""
SHOWN_FAILURES = 3
"""Failures of a source that stand open beside it; more are behind a line that counts them."""
_RUNS_LOOKED_AT = 2_000
_FIRST, _SHOWN = "changes-first", "changes-shown"


@guarded
def page() -> None:
    """Draw the Updates page; without an article it begins as every page does then, with ways to put some in."""
    from ingest.overview import overview
    from ingest.watching import is_watching

    settings, reindexing = session.settings(), session.reindexing()
    assistant = _assistant()
    status = assistant.status() if assistant else None
    now = datetime.now(UTC)
    sources = overview(settings)
    is_watched = is_watching(settings.data_dir) is not None
    if assistant is None or status is None or not status.articles:
        no_library(has_boxes=True)
        _boxes(settings, reindexing, sources)
        st.html(render_updates.command_html("Or type this command:", commands.command(settings, "ingest", "PATH")))
        if sources:
            _part("Sources")
            _sources(sources, reindexing, now, is_watched=is_watched)
        if assistant and status and status.generation:
            _what_changed(assistant, status, sources, reindexing, now)
    else:
        st.html(render.heading_html("Updates", "What answers come from, and when it last changed."))
        _reindex(reindexing)
        for source in sources:
            _withheld(source, reindexing)
        _retired(status.last_run, sources, reindexing)
        if status.vectors_problem:
            _vectors_problem(status.vectors_problem, settings)
        _what_changed(assistant, status, sources, reindexing, now)
        _part("Sources")
        _boxes(settings, reindexing, sources)
        if sources:
            _watch_note(settings, is_watched=is_watched)
        else:
            st.html('<p class="tpa-note">None yet. Add a folder, a web page or a feed above.</p>')
        _sources(sources, reindexing, now, is_watched=is_watched)
    if status:
        _other_failures(status, sources, reindexing, now)
        if status.articles:
            st.html(f'<p class="tpa-section">The index</p>{render.facts_html(_index_facts(status))}')
            st.page_link(st.Page(page, title="Sources", url_path="sources"), label="All articles are under Sources")
    if assistant:
        drawer.show(assistant)


def _assistant() -> Assistant | None:
    try:
        return session.assistant()
    except LibraryMissing:
        return None


def _reindex(reindexing: Reindexing) -> None:
    """Draw the bar, or the button that starts a run."""
    if live_progress(reindexing):
        return
    if not signin.may_edit():
        st.html('<p class="tpa-note">You can read here. Reindexing and managing sources is for editors.</p>')
        return
    with st.container(key="tpa-run"):
        st.button("Reindex now", key="reindex", type="primary", on_click=begin, args=(reindexing,))
        st.html('<p class="tpa-note">Finds what is new, edited, renamed or gone in all sources. Answers go on.</p>')


def _watch_note(settings: Settings, *, is_watched: bool) -> None:
    if is_watched:
        st.html('<p class="tpa-note" data-watch="on">A running watch keeps all sources current by itself.</p>')
        return
    st.html(
        render_updates.command_html(
            "Nothing watches the sources: they are looked at when somebody asks for it here or on the command line. "
            "This command keeps them current while it runs:",
            commands.command(settings, "watch"),
        )
    )


def _withheld(source: SourceOverview, reindexing: Reindexing) -> None:
    """Draw the card of a source that lost too many articles at once, with both ways on."""
    if source.state is None or not source.state.withheld:
        return
    name, number = source.entry.name, source.state.withheld
    with st.container(key=f"tpa-withheld-{name}"):
        st.html(
            render.card_html(
                f"{render.count(number, 'article')} of “{name}” not found, but not withdrawn",
                f"The last look at {source.entry.target} no longer found {number:,} of {source.articles:,} articles. "
                "So many at once may mean a missing disk, so answers still come from them.",
                "If a disk or a share is missing there, connect it and look again. If they are gone for good, withdraw "
                "them: answers no longer come from them, and old citations still open, marked as withdrawn.",
                tone="warning",
            )
        )
        if not signin.may_edit():
            return
        with st.container(key=f"tpa-withheld-ways-{name}", horizontal=True):
            st.button(
                "Look again",
                key=f"look-again-{name}",
                on_click=begin,
                args=(reindexing, Request(source=name)),
                disabled=reindexing.is_running,
            )
            st.button(
                f"Withdraw {render.count(number, 'article')}",
                key=f"withdraw-{name}",
                on_click=begin,
                args=(reindexing, Request(source=name, allow_removals=True)),
                disabled=reindexing.is_running,
            )


def _retired(last: Run | None, sources: Sequence[SourceOverview], reindexing: Reindexing) -> None:
    """Draw the card of articles whose source was taken out of `sources.toml` by hand."""
    held = sum(source.state.withheld for source in sources if source.state)
    number = (last.withheld if last else 0) - held
    if number <= 0:
        return
    articles = render.count(number, "article")
    st.html(
        render.card_html(
            f"{articles} of a source that is no longer on the list",
            "Answers still come from what was indexed of it. Withdraw that if it is meant to go, or add the source "
            "again; old citations open in either case.",
            f"This also withdraws the {render.count(held, 'article')} above that were not found." if held else "",
            tone="warning",
        )
    )
    if not signin.may_edit():
        return
    st.button(
        f"Withdraw {render.count(number + held, 'article')}",
        key="withdraw-retired",
        on_click=begin,
        args=(reindexing, Request(allow_removals=True)),
        disabled=reindexing.is_running,
    )


def _vectors_problem(problem: str, settings: Settings) -> None:
    error_id = incidents.standing(f"{settings.data_dir} {problem}", "the vector index", problem)
    st.html(
        render.card_html(
            "The vector index cannot be used",
            "Answers stay right: the vectors are taken from the library instead, which is slower. This command makes "
            "the index anew; answers go on meanwhile.",
            f"What was found: {render.sentence(commands.as_typed(problem, settings))}",
            f"Error {error_id}",
            command=commands.command(settings, "rebuild"),
            tone="warning",
        )
    )


def _what_changed(
    assistant: Assistant,
    status: Status,
    sources: Sequence[SourceOverview],
    reindexing: Reindexing,
    now: datetime,
) -> None:
    """Draw what the run that goes on has changed so far, else what came of the last one, and what was done last."""
    run = reindexing.progress()
    running_since = run.started_at if run and run.state is RunState.RUNNING else None
    found, last = _latest_changes(assistant, running_since), status.last_run
    if found and found.maker is Maker.THIS_RUN:
        title, said, since = "What this run has changed so far", render_updates.so_far_line(now), running_since
    else:
        is_cut_off = run is not None and run.state in {RunState.FAILED, RunState.INTERRUPTED}
        title = f"What the last {'complete run' if is_cut_off else 'run'} changed"
        since = last.started_at if last else None
        said = render_updates.outcome_line(last, now) if last else "No run has ended yet."
    failed = [failure for failure in status.failures if since and failure.at >= since]
    _part(title)
    st.html(f'<p class="tpa-note">{render.escaped(said)}</p>{render_updates.failed_html(failed, sources)}')
    if found is None:
        return
    if found.maker in {Maker.EARLIER_RUN, Maker.OTHER}:
        st.html(f'<h3 class="tpa-section">{render.escaped(render_updates.made_line(found))}</h3>')
    shown = _narrowed(found.changes)
    _change_rows([change for change in found.changes if shown in {None, change.kind}])


def _narrowed(found: Sequence[Change]) -> str | None:
    """Draw the choice of what to list where there is one; return the kind chosen, None for all."""
    numbers = Counter(change.kind for change in found)
    kinds = [kind for kind in changes.WORDS if numbers[kind]]
    if len(kinds) < 2:
        return None
    chosen = st.pills(
        "List only",
        kinds,
        key=_SHOWN,
        format_func=lambda kind: f"{numbers[kind]:,} {changes.WORDS[kind]}",
        on_change=lambda: st.session_state.update({_FIRST: 0}),
        label_visibility="collapsed",
    )
    return chosen if isinstance(chosen, str) else None


def _change_rows(listed: Sequence[Change]) -> None:
    if not listed:
        return
    order = list(changes.WORDS)
    ordered = sorted(listed, key=lambda change: order.index(change.kind))
    first = min(int(st.session_state.get(_FIRST, 0)), (len(ordered) - 1) // PAGE_ROWS * PAGE_ROWS)
    shown = ordered[first : first + PAGE_ROWS]
    with st.container(key="tpa-rows-changes"):
        st.html(f'<span class="tpa-from" data-from="{first}" hidden></span>')
        for place, change in enumerate(shown):
            row(
                f"change-{place}",
                render_updates.change_html(change),
                button="Open",
                on_open=partial(drawer.open_article, change.article_id),
            )
    if len(ordered) > PAGE_ROWS:
        _paging(first, len(shown), len(ordered))


def _paging(first: int, shown: int, total: int) -> None:
    has_more = first + shown < total
    with st.container(key="tpa-paging", horizontal=True, vertical_alignment="center"):
        st.button("Previous", key="changes-back", disabled=first == 0, on_click=_turn_to, args=(first - PAGE_ROWS,))
        st.html(f'<p class="tpa-note">{first + 1:,}–{first + shown:,} of {total:,}</p>')
        st.button("Next", key="changes-on", disabled=not has_more, on_click=_turn_to, args=(first + PAGE_ROWS,))


def _turn_to(first: int) -> None:
    st.session_state[_FIRST] = max(first, 0)


def _latest_changes(assistant: Assistant, running_since: datetime | None) -> Changed | None:
    """Return what the run that goes on, or the latest that changed something, did; or what was done by other means."""
    newest = assistant.changes(0, limit=1)
    if not newest:
        return None
    stretch = changes.latest(newest[0], assistant.runs(limit=_RUNS_LOOKED_AT), running_since=running_since)
    at = newest[0].at
    return Changed(stretch.maker, at, _net(assistant, stretch.after, stretch.until, stretch.since, at))


@st.cache_resource(max_entries=8, show_spinner=False)
def _net(_assistant: Assistant, after: int, until: int, since: datetime | None, at: datetime) -> tuple[Change, ...]:
    """Keep the outcome of a run, which may be long; `at` tells libraries apart that count from the same number."""
    made = _assistant.changes(after, until=until)
    return tuple(changes.net(change for change in made if since is None or change.at >= since))


def _part(title: str) -> None:
    st.html(f'<h2 class="tpa-part">{title}</h2>')


def _sources(sources: Sequence[SourceOverview], reindexing: Reindexing, now: datetime, *, is_watched: bool) -> None:
    is_running = reindexing.is_running
    for source in sources:
        with st.container(key=f"tpa-source-{source.entry.name}"):
            is_current = reindexing.is_at(source.entry.name)
            st.html(render_updates.source_html(source, now, is_running=is_current, is_watched=is_watched))
            _source_ways(source, reindexing, now, is_running=is_running)


def _boxes(settings: Settings, reindexing: Reindexing, sources: Sequence[SourceOverview]) -> None:
    """Draw the two closed boxes by which articles come in, for those who may use them."""
    if not signin.may_edit():
        return
    adding.add_source(settings, reindexing, sources)
    uploads = adding.uploads_source(settings)
    adding.upload(settings, reindexing, next((source for source in sources if source.entry == uploads), None))


def _source_ways(source: SourceOverview, reindexing: Reindexing, now: datetime, *, is_running: bool) -> None:
    from ingest.uploads import uploads_folder

    settings = session.settings()
    name, failures = source.entry.name, render_updates.failures_in(source)
    if signin.may_edit():
        with st.container(key=f"tpa-ways-{name}", horizontal=True, vertical_alignment="center"):
            st.button(
                "Reindex this one",
                key=f"reindex-{name}",
                type="tertiary",
                on_click=begin,
                args=(reindexing, Request(source=name)),
                disabled=is_running,
            )
            if failures:
                _retry(f"retry-{name}", reindexing, Request(source=name, retry=True), is_running=is_running)
            if source.entry.target == str(uploads_folder(settings.data_dir)):
                adding.delete_uploads(settings, reindexing)
            _removal(source, reindexing)
    if failures:
        title = f"{len(failures):,} could not be indexed"
        with st.expander(title, key=f"tpa-failures-{name}", expanded=len(failures) <= SHOWN_FAILURES):
            st.html(render_updates.some_failures_html(failures, now))


def _removal(source: SourceOverview, reindexing: Reindexing) -> None:
    name = source.entry.name
    with st.popover("Remove", key=f"remove-{name}", type="tertiary"):
        st.html(
            f'<p class="tpa-note">Remove <b dir="auto">{render.escaped(name)}</b>? Its '
            f"{render.count(source.articles, 'article')} will no longer be answered from. Old citations still "
            "open, marked as withdrawn, and nothing is deleted where they came from.</p>"
        )
        st.button("Remove this source", key=f"remove-surely-{name}", on_click=_remove, args=(source, reindexing))


def _retry(key: str, reindexing: Reindexing, request: Request, *, is_running: bool) -> None:
    if signin.may_edit():
        st.button(
            "Retry failed", key=key, type="tertiary", on_click=begin, args=(reindexing, request), disabled=is_running
        )


@signin.editors_only
def _remove(source: SourceOverview, reindexing: Reindexing) -> None:
    reindexing.enqueue(Request(source=source.entry.name, remove=True))


def _other_failures(status: Status, sources: Sequence[SourceOverview], reindexing: Reindexing, now: datetime) -> None:
    """List what failed of files that belong to no source."""
    listed = {failure.location for source in sources for failure in source.failures}
    others = [failure for failure in status.failures if failure.location not in listed]
    if others:
        st.html(
            f'<p class="tpa-section" id="single-files">Single files that could not be indexed</p>'
            f"{render_updates.some_failures_html(others, now)}"
        )
        _retry("retry-others", reindexing, Request(retry=True), is_running=reindexing.is_running)


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
