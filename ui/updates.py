"""The Updates page: what the last run changed, where articles come from and how that stands, and what to do about it.

Runs go on in a process of their own; this page only starts them and shows what the library and `status.json` say, so
it is the same for every reader.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from assistant.domain import Change, Failure, Run, Status
from assistant.errors import LibraryMissing
from assistant.settings import Settings
from ui import adding, changes, commands, drawer, render, render_updates, session
from ui.changes import Changed
from ui.progress import begin, live_progress
from ui.reindexing import Reindexing, Request
from ui.rows import row
from ui.troubles import guarded, no_library

if TYPE_CHECKING:
    from assistant.assistant import Assistant
    from ingest.overview import SourceOverview

PAGE_ROWS = 8
"""Changes listed at once."""
_RUNS_LOOKED_AT = 2_000
_FAILED = "failed"
_FIRST, _SHOWN = "changes-first", "changes-shown"


@guarded
def page() -> None:
    """Draw the Updates page."""
    settings, reindexing = session.settings(), session.reindexing()
    try:
        assistant = session.assistant()
    except LibraryMissing:
        no_library()
        adding.add_source(settings, reindexing)
        adding.upload(settings, reindexing, None)
        return
    from ingest.overview import overview
    from ingest.watching import is_watching

    now = datetime.now(UTC)
    status = assistant.status()
    sources = overview(settings)
    is_watched = is_watching(settings.data_dir) is not None
    st.html(render.heading_html("Updates", "What answers come from, and when it last changed."))
    is_running = _reindex(reindexing)
    _watch_note(settings, is_watched=is_watched)
    for source in sources:
        _withheld(source, reindexing)
    _retired(status.last_run, sources, reindexing)
    if status.vectors_problem:
        _vectors_problem(status.vectors_problem, settings)
    _what_changed(assistant, status, now)
    _sources(sources, reindexing, now, is_running=is_running, is_watched=is_watched)
    adding.add_source(settings, reindexing)
    uploads = adding.uploads_source(settings)
    adding.upload(settings, reindexing, next((source for source in sources if source.entry == uploads), None))
    _other_failures(status, sources, reindexing)
    st.html(f'<p class="tpa-section">The index</p>{render.facts_html(_index_facts(status))}')
    st.page_link(st.Page(page, title="Sources", url_path="sources"), label="All articles are under Sources")
    drawer.show(assistant)


def _reindex(reindexing: Reindexing) -> bool:
    """Draw the bar, or the button that starts a run; say whether one goes on."""
    with st.container(key="tpa-run"):
        if live_progress(reindexing):
            return True
        st.button("Reindex now", key="reindex", type="primary", on_click=begin, args=(reindexing,))
        st.html('<p class="tpa-note">Finds what is new, edited, renamed or gone in all sources. Answers go on.</p>')
        return False


def _watch_note(settings: Settings, *, is_watched: bool) -> None:
    if is_watched:
        st.html('<p class="tpa-note" data-watch="on">A running watch keeps all sources current by itself.</p>')
        return
    st.html(
        '<div class="tpa-note" data-watch="off"><p>Nothing watches the sources: they are looked at when somebody asks '
        "for it here or on the command line. This command keeps them current while it runs:</p>"
        f'<pre class="tpa-command"><code>{render.escaped(commands.command(settings, "watch"))}</code></pre></div>'
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
    st.button(
        f"Withdraw {render.count(number + held, 'article')}",
        key="withdraw-retired",
        on_click=begin,
        args=(reindexing, Request(allow_removals=True)),
        disabled=reindexing.is_running,
    )


def _vectors_problem(problem: str, settings: Settings) -> None:
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


def _what_changed(assistant: Assistant, status: Status, now: datetime) -> None:
    st.html('<h2 class="tpa-part">What the last run changed</h2>')
    found = _latest_changes(assistant)
    last = status.last_run
    failed = [failure for failure in status.failures if last and failure.at >= last.started_at]
    st.html(f'<p class="tpa-note">{render.escaped(_about(last, found, failed, now))}</p>')
    kinds = [kind for kind in changes.WORDS if any(change.kind == kind for change in found.changes)]
    shown = _narrowed(found.changes, [*kinds, *([_FAILED] if failed else [])], len(failed))
    if shown != _FAILED:
        _change_rows([change for change in found.changes if shown in {None, change.kind}])
    if failed and shown in {None, _FAILED}:
        st.html(f'<p class="tpa-section">Could not be indexed</p>{render_updates.some_failures_html(failed)}')


def _about(last: Run | None, found: Changed, failed: Sequence[Failure], now: datetime) -> str:
    """Say which run the list is about."""
    if last is None:
        return "No run has ended yet." if not found.changes else "No run has ended yet. What was done until now:"
    when = render_updates.run_line(last, now)
    if found.run == last:
        return f"{when}."
    nothing = "it changed nothing" if not failed else "no article changed"
    if not found.changes:
        return f"{when}: {nothing}."
    if found.run is None:
        return f"{when}: {nothing}. Besides, a source was removed or a run was interrupted, which did this:"
    return f"{when}: {nothing}. The last changes are those of {render_updates.moment(found.run.finished_at)}:"


def _narrowed(found: Sequence[Change], kinds: Sequence[str], failed: int) -> str | None:
    """Draw the choice of what to list where there is one; return the kind chosen, None for all."""
    if len(kinds) < 2:
        return None
    numbers = {kind: failed if kind == _FAILED else sum(change.kind == kind for change in found) for kind in kinds}
    chosen = st.pills(
        "List only",
        list(kinds),
        key=_SHOWN,
        format_func=lambda kind: f"{numbers.get(kind, 0):,} {changes.WORDS.get(kind, kind)}",
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


def _latest_changes(assistant: Assistant) -> Changed:
    """Return what the latest run that changed something did, or what was done since by other means."""
    latest = assistant.changes(0, limit=1)
    if not latest:
        return Changed(None, ())
    generation = latest[0].generation
    runs = assistant.runs(limit=_RUNS_LOOKED_AT)
    run = changes.run_of(generation, runs)
    earlier = (known.generation for known in runs if known.generation < generation)
    before = run.generation_before if run else max(earlier, default=0)
    return Changed(run, _net(assistant, before, generation, latest[0].at))


@st.cache_resource(max_entries=8, show_spinner=False)
def _net(_assistant: Assistant, after: int, until: int, at: datetime) -> tuple[Change, ...]:
    """Keep the outcome of a run, which may be long; `at` tells libraries apart that count from the same number."""
    return tuple(changes.net(_assistant.changes(after, until=until)))


def _sources(
    sources: Sequence[SourceOverview], reindexing: Reindexing, now: datetime, *, is_running: bool, is_watched: bool
) -> None:
    st.html('<h2 class="tpa-part">Sources</h2>')
    if not sources:
        st.html('<p class="tpa-note">None yet. Add a folder, a web page or a feed below.</p>')
    for source in sources:
        with st.container(key=f"tpa-source-{source.entry.name}"):
            is_current = reindexing.is_at(source.entry.name)
            st.html(render_updates.source_html(source, now, is_running=is_current, is_watched=is_watched))
            _source_ways(source, reindexing, is_running=is_running)


def _source_ways(source: SourceOverview, reindexing: Reindexing, *, is_running: bool) -> None:
    name, failures = source.entry.name, render_updates.failures_in(source)
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
        with st.popover("Remove", key=f"remove-{name}", type="tertiary"):
            st.html(
                f'<p class="tpa-note">Remove <b dir="auto">{render.escaped(name)}</b>? Its '
                f"{render.count(source.articles, 'article')} will no longer be answered from. Old citations still "
                "open, marked as withdrawn, and nothing is deleted where they came from.</p>"
            )
            st.button("Remove this source", key=f"remove-surely-{name}", on_click=_remove, args=(source, reindexing))
    if failures:
        with st.expander(f"{len(failures):,} could not be indexed", key=f"tpa-failures-{name}"):
            st.html(render_updates.some_failures_html(failures))


def _retry(key: str, reindexing: Reindexing, request: Request, *, is_running: bool) -> None:
    st.button("Retry failed", key=key, type="tertiary", on_click=begin, args=(reindexing, request), disabled=is_running)


def _remove(source: SourceOverview, reindexing: Reindexing) -> None:
    reindexing.enqueue(Request(source=source.entry.name, remove=True))


def _other_failures(status: Status, sources: Sequence[SourceOverview], reindexing: Reindexing) -> None:
    """List what failed of files that belong to no source."""
    listed = {failure.location for source in sources for failure in source.failures}
    others = [failure for failure in status.failures if failure.location not in listed]
    if others:
        st.html(
            f'<p class="tpa-section">Single files that could not be indexed</p>'
            f"{render_updates.some_failures_html(others)}"
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
