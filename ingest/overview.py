"""How the sources stand: each with its last and next look, its articles, and what failed of it."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from assistant.domain import Failure, SourceState
from assistant.errors import LibraryMissing
from assistant.library import Library, Snapshot
from assistant.settings import Settings
from ingest.catalog import FolderEntry, SourceEntry, folder_names, read_sources
from ingest.plan import nearest
from ingest.watching import is_watching


@dataclass(frozen=True, slots=True)
class SourceOverview:
    """One source. `state` is None before its first look, also at another target; `next_at` is None if nobody watches.

    `articles` counts the live ones that come from it; an article of two sources counts for both.
    """

    entry: SourceEntry
    state: SourceState | None
    next_at: datetime | None
    articles: int
    failures: tuple[Failure, ...]


def overview(settings: Settings) -> list[SourceOverview]:
    """Return the sources in the order of the list. Raises SourceError if that cannot be read."""
    entries = read_sources(settings.data_dir)
    is_watched = is_watching(settings.data_dir) is not None
    try:
        library = Library.open(settings.data_dir)
    except LibraryMissing:
        return [SourceOverview(entry, None, None, 0, ()) for entry in entries]
    with closing(library), library.snapshot() as snapshot:
        now = datetime.now(UTC)
        targets = {entry.name: entry.target for entry in entries}
        states = {name: state for name, state in snapshot.source_states().items() if state.target == targets.get(name)}
        fetched = snapshot.fetched_counts()
        failures = [failed.failure for failed in snapshot.failures().values()]
        return [
            SourceOverview(
                entry=entry,
                state=states.get(entry.name),
                next_at=max(due_at(entry, states.get(entry.name)), now) if is_watched else None,
                articles=_articles(entry, snapshot, fetched),
                failures=tuple(failure for failure in failures if _is_from(failure, entry, entries)),
            )
            for entry in entries
        ]


def due_at(entry: SourceEntry, state: SourceState | None) -> datetime:
    """Return when a source is to be looked at again, long ago if it never was; its server may have asked for later."""
    if state is None or state.target != entry.target:
        return datetime.min.replace(tzinfo=UTC)
    at = state.checked_at + timedelta(seconds=entry.every_s)
    return max(at, state.retry_at) if state.retry_at else at


def _articles(entry: SourceEntry, snapshot: Snapshot, fetched: dict[str, int]) -> int:
    if isinstance(entry, FolderEntry):
        return snapshot.count_below(entry.target)
    return fetched.get(entry.name, 0)


def _is_from(failure: Failure, entry: SourceEntry, entries: tuple[SourceEntry, ...]) -> bool:
    if failure.source:
        return failure.source == entry.name
    return nearest(failure.location, folder_names(entries)) == entry.target
