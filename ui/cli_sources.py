"""`trade-assistant sources` and `trade-assistant watch`: where articles come from, and keeping them current."""

from __future__ import annotations

import signal
import threading
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ui.cli_base import FAILED, HELP_NAMES, WRONG_USAGE, AsJson, Commands, Data, fail, print_json, say, settings_of

if TYPE_CHECKING:
    from assistant.settings import Settings
    from ingest.catalog import SourceEntry
    from ingest.watch import Looked

# Taking a source off the list waits this long for a run that goes on.
WAIT_S = 60.0

sources = typer.Typer(
    cls=Commands,
    help="Where articles come from: folders, pages, feeds, searches of the Federal Register.",
    no_args_is_help=True,
    context_settings=HELP_NAMES,
)


@sources.command("list")
def list_sources(data: Data = None, as_json: AsJson = False) -> None:
    """List the sources: how they stand, when they were looked at, how many articles came from them."""
    from ingest.overview import overview

    settings = settings_of(data)
    found = overview(settings)
    if as_json:
        from ui.cli_json import sources_json

        print_json(sources_json(found))
    else:
        from ui.cli_text import print_sources_list, printer

        print_sources_list(printer(), found)


@sources.command("add")
def add_source(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="folder, url, feed or federal-register.")],
    target: Annotated[
        str | None,
        typer.Argument(metavar="[TARGET]", help="The folder or address; of federal-register the words to look for."),
    ] = None,
    name: Annotated[str | None, typer.Option("--name", metavar="NAME", help="a to z, 0 to 9, hyphens.")] = None,
    every: Annotated[
        str | None, typer.Option("--every", metavar="INTERVAL", help="How often `watch` looks: 15m, 6h, 1d.")
    ] = None,
    text: Annotated[
        str | None, typer.Option("--text", metavar="page|feed", help="feed: read linked pages, or the feed's own text.")
    ] = None,
    agency: Annotated[
        list[str] | None, typer.Option("--agency", metavar="SLUG", help="federal-register: an agency; repeats.")
    ] = None,
    document_type: Annotated[
        list[str] | None,
        typer.Option("--type", metavar="TYPE", help="federal-register: RULE, PRORULE, NOTICE or PRESDOCU; repeats."),
    ] = None,
    docket: Annotated[str | None, typer.Option("--docket", metavar="ID", help="federal-register: a docket.")] = None,
    since: Annotated[
        datetime | None,
        typer.Option("--since", metavar="YYYY-MM-DD", formats=["%Y-%m-%d"], help="federal-register: not older."),
    ] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Add a source to the list. Nothing is fetched yet: `ingest` and `watch` do that."""
    from ingest.catalog import add_source as add
    from ingest.catalog import free_name, overlap

    settings = settings_of(data)
    if kind != "federal-register" and (agency or document_type or docket or since):
        fail("--agency, --type, --docket and --since are for federal-register", exit_code=WRONG_USAGE)
    given: dict[str, object] = {"every": every, "text": text, "docket": docket, "agencies": agency}
    given |= {"types": document_type, "since": since and since.date(), **_target(kind, target)}
    wanted = _entry(settings, kind, name or free_name(settings.data_dir, _wish(kind, target)), given)
    note = overlap(settings.data_dir, wanted)
    entry = add(settings.data_dir, wanted)
    if as_json:
        from ui.cli_json import entry_json

        print_json(entry_json(entry))
    else:
        from ui.cli_text import print_lines, printer

        print_lines(printer(), [f"Added {entry.name}: {entry.target}"])
        if note:
            say(f"Note: {note}")
        say(f"Index it now: `trade-assistant ingest --source {entry.name}`")
        say("Keep it current: `trade-assistant watch`")


@sources.command("remove")
def remove_source(
    name: Annotated[str, typer.Argument(metavar="NAME", help="As `sources list` prints it.")],
    keep_articles: Annotated[
        bool, typer.Option("--keep-articles", help="Go on answering from what came from it.")
    ] = False,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Take a source off the list; articles that came from it alone are no longer answered from.

    Their text is kept, so that old citations still open.
    """
    from ingest.sync import forget_source

    withdrawn = forget_source(name, settings_of(data), keep_articles=keep_articles, wait_s=WAIT_S)
    if as_json:
        print_json({"name": name, "withdrawn": list(withdrawn)})
    else:
        from ui.cli_text import print_lines, printer

        print_lines(printer(), [f"Removed {name}; articles withdrawn: {len(withdrawn):,}"])


def watch(
    source: Annotated[
        list[str] | None, typer.Option("--source", metavar="NAME", help="Only this source; repeats.")
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="Look at what is due now and end, for cron.")] = False,
    data: Data = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a line of JSON for each look.")] = False,
) -> None:
    """Keep every source current until it is stopped: folders within seconds, the others by their interval.

    This is what a service unit runs. Answers go on, and see each change at the next question.
    """
    settings = settings_of(data)
    _require_known(source or (), settings)
    _hint_at_first(settings)
    failed = watch_sources(settings, only=source, once=once, as_json=as_json)
    if once and failed:
        raise typer.Exit(FAILED)


def watch_sources(
    settings: Settings, *, only: Collection[str] | None, once: bool = False, as_json: bool = False
) -> bool:
    """Watch until SIGINT or SIGTERM, printing a line for each look; say whether anything failed."""
    from ingest.watch import watch as watch_all

    stop, failed = threading.Event(), threading.Event()

    def on_look(looked: Looked) -> None:
        if looked.report is None or looked.report.failed or looked.report.withheld:
            failed.set()
        _print_look(looked, as_json=as_json)

    before = {number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        if not once:
            say("Watching. Ctrl-C stops it.")
        watch_all(settings, stop=stop, on_look=on_look, sources=only, once=once)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return failed.is_set()


def folders_of(settings: Settings, paths: Sequence[Path]) -> list[str]:
    """Return the names of the sources that hold these paths."""
    from ingest.catalog import folder_names, read_sources
    from ingest.folder import resolved
    from ingest.plan import source_of

    folders = folder_names(read_sources(settings.data_dir))
    return sorted({name for path in paths if (name := source_of(str(resolved(path)), folders))})


def _target(kind: str, target: str | None) -> dict[str, object]:
    """Return what a source looks at as the field of its kind."""
    from ingest.folder import resolved

    if kind == "federal-register":
        return {"term": target}
    if not target and kind in ("folder", "url", "feed"):
        missing = "folder" if kind == "folder" else "address"
        fail(f"name the {missing}: `trade-assistant sources add {kind} {missing.upper()}`", exit_code=WRONG_USAGE)
    if kind != "folder":
        return {"url": target}
    path = resolved(Path(target or ""))
    if not path.is_dir():
        fail(f"{target!r} is not a folder", exit_code=WRONG_USAGE)
    return {"path": path}


def _entry(settings: Settings, kind: str, name: str, fields: Mapping[str, Any]) -> SourceEntry:
    """Return the source that was described on the command line; one that cannot be is wrong usage."""
    from assistant.errors import SourceError
    from ingest.catalog import entry_for

    try:
        return entry_for(kind, allow_private=settings.allow_private_addresses, name=name, **fields)
    except SourceError as err:
        fail(str(err), exit_code=WRONG_USAGE)


def _wish(kind: str, target: str | None) -> str:
    """Return what a new source may be called: a host, a folder's name, what is looked for."""
    from urllib.parse import urlsplit

    from ingest.folder import resolved

    match kind:
        case "folder":
            return resolved(Path(target or "")).name
        case "federal-register":
            return f"{kind}-{target or ''}"
    try:
        return urlsplit(target or "").hostname or kind
    except ValueError:  # no address at all, which the list of sources says in its own words
        return kind


def _hint_at_first(settings: Settings) -> None:
    """Say how to add a source if there is none yet."""
    from ingest.catalog import read_sources

    if not read_sources(settings.data_dir):
        say("There is no source yet; add one: `trade-assistant sources add folder FOLDER` (or url, feed, ...)")


def _require_known(names: Collection[str], settings: Settings) -> None:
    """Refuse a misspelt name, which would be watched for ever. Raises SourceError."""
    from assistant.errors import SourceError
    from ingest.catalog import read_sources

    known = [entry.name for entry in read_sources(settings.data_dir)]
    for name in names:
        if name not in known:
            raise SourceError(f"there is no source named {name!r}; sources: {', '.join(known) or 'there is none'}")


def _print_look(looked: Looked, *, as_json: bool) -> None:
    if as_json:
        from ui.cli_json import look_json

        print_json(look_json(looked))
    else:
        from ui.cli_text import print_look, printer

        print_look(printer(), looked)
