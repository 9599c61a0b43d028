"""A checkup of everything a library needs: the library itself, where its articles come from, and the last run."""

from __future__ import annotations

import os

from assistant.doctor import INGEST, Finding, examine
from assistant.errors import LibraryError, LibraryMismatch, SourceError
from assistant.settings import Settings
from ingest.catalog import FolderEntry, read_sources
from ingest.chunk import CHUNKER_VERSION
from ingest.opening import has_pages
from ingest.overview import overview
from ingest.parse import PARSER_VERSION
from ingest.progress import RunState, read_progress
from ingest.report import letting_go


def checkup(settings: Settings) -> list[Finding]:
    """Return what was looked at, in an order to read; nothing is changed and nobody is kept waiting."""
    return [
        *examine(
            settings,
            chunker_version=CHUNKER_VERSION,
            parser_version=PARSER_VERSION,
            asked_by_address=_asked_by_address(settings),
        ),
        *_sources(settings),
        _last_run(settings),
    ]


def _asked_by_address(settings: Settings) -> list[str]:
    """Return the names of the sources whose pages can be asked for although they are not listed any more."""
    try:
        return [entry.name for entry in read_sources(settings.data_dir) if has_pages(entry)]
    except SourceError:  # a finding of its own
        return []


def _sources(settings: Settings) -> list[Finding]:
    try:
        entries = read_sources(settings.data_dir)
    except SourceError as err:
        return [
            Finding("Sources", problem=str(err), remedy="correct the file, then run `trade-assistant sources list`")
        ]
    findings = [
        Finding(
            "Sources",
            problem=f"the folder {str(entry.path)!r} of source {entry.name!r} cannot be read",
            remedy=f"mount it or put it back, or run `trade-assistant sources remove {entry.name}`",
        )
        for entry in entries
        if isinstance(entry, FolderEntry) and not os.access(entry.path, os.R_OK | os.X_OK)
    ]
    findings += _kept(settings)
    return findings or [Finding("Sources", f"{len(entries)}")]


def _kept(settings: Settings) -> list[Finding]:
    """Return a finding for each source whose files are gone and whose articles are kept until somebody decides."""
    try:
        found = overview(settings)
    except (LibraryError, LibraryMismatch):  # a finding of its own
        return []
    return [
        Finding(
            "Sources",
            problem=f"{source.state.withheld:,} articles of source {source.entry.name!r} are answered from although "
            "their files are gone",
            remedy=f"put the files back, or run {letting_go(source.entry.name)}",
        )
        for source in found
        if source.state is not None and source.state.withheld
    ]


def _last_run(settings: Settings) -> Finding:
    run = read_progress(settings.data_dir)
    if run is None:
        return Finding("Last run", "none")
    if run.state in (RunState.FAILED, RunState.INTERRUPTED):
        reason = f": {run.reason}" if run.reason else ""
        return Finding("Last run", problem=f"it did not end well{reason}", remedy=f"{INGEST} to go on from there")
    return Finding("Last run", run.state.value)
