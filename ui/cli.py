"""The command `trade-assistant`: index articles, ask, check, open the chat page.

What a command reports goes to stdout, as text or with `--json` as JSON alone; progress and messages go to stderr. Exit
status 0 (also for a refusal and an evaluation with misses), 1 for a failure with a one-line reason, 2 for wrong usage,
130 after Ctrl-C. Nothing heavy is imported before a command needs it, so that `--help` is quick.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.domain import Standing, Strictness
from assistant.errors import LibraryMissing, SourceError
from ui.cli_base import (
    FAILED,
    HELP_NAMES,
    INTERRUPTED,
    WRONG_USAGE,
    AsJson,
    Commands,
    Data,
    fail,
    print_json,
    progress_bar,
    say,
    settings_of,
    working,
)
from ui.cli_exports import export_format, verify_export, write_export
from ui.cli_sources import folders_of, sources, watch, watch_sources

if TYPE_CHECKING:
    from assistant.assistant import Assistant
    from assistant.domain import Answer, Filters, StoredArticle
    from assistant.settings import Settings
    from ingest.report import Report

DISTRIBUTION = "trade-policy-assistant"
DEFAULT_PORT = 8501


app = typer.Typer(
    name="trade-assistant",
    cls=Commands,
    help="Ask questions of indexed trade-policy articles and get exact quotes that can be checked.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings=HELP_NAMES,
)


def main() -> None:
    """Run the command line: the console entry point."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    app(prog_name="trade-assistant")


def _version(is_wanted: bool) -> None:
    if is_wanted:
        from importlib import metadata

        try:
            version = metadata.version(DISTRIBUTION)
        except metadata.PackageNotFoundError:
            version = "(run from its source folder, not installed)"
        typer.echo(f"trade-assistant {version}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and stop.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Ask questions of indexed trade-policy articles and get exact quotes that can be checked."""


@app.command()
def ingest(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[PATH]...", help="Files and folders; none: every source, once more."),
    ] = None,
    source: Annotated[
        list[str] | None, typer.Option("--source", metavar="NAME", help="Only this source of the list; repeats.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be done, write nothing.")] = False,
    keep_watching: Annotated[
        bool, typer.Option("--watch", help="Go on: index again within seconds whenever a file changes. Ctrl-C ends it.")
    ] = False,
    retry: Annotated[bool, typer.Option("--retry", help="Read files that failed again, even if unchanged.")] = False,
    allow_removals: Annotated[
        bool, typer.Option("--allow-removals", help="Remove even more than a fifth of a folder's articles.")
    ] = False,
    wait: Annotated[
        float, typer.Option("--wait", metavar="SECONDS", min=0, help="Wait for another ingest run to end.")
    ] = 0,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Index files and folders: new, changed, renamed and removed ones since the last time.

    A folder becomes a source, looked at again by later runs. A file gone from it is removed; one that cannot be read is
    reported and what was indexed of it kept. When more than a fifth of a folder's articles are gone at once they are
    kept until you say that they may go. Exit status 1 if any file failed or anything was kept so.
    """
    if keep_watching and dry_run:
        fail("--watch and --dry-run exclude each other", exit_code=WRONG_USAGE)
    if keep_watching and paths and not any(path.is_dir() for path in paths):
        fail("--watch watches folders: name the one that the files are in", exit_code=WRONG_USAGE)
    if paths and source:
        fail("name either paths or sources, not both", exit_code=WRONG_USAGE)
    settings = settings_of(data)
    options = _Options(tuple(source) if source else None, dry_run, wait, retry, allow_removals)
    report = _ingest(paths or [], settings, options)
    _report(report, as_json=as_json)
    if report.withheld and not dry_run and not as_json and _may_remove(report):
        report = _ingest(paths or [], settings, replace(options, allow_removals=True))
        _report(report, as_json=as_json)
    if keep_watching:
        watch_sources(settings, only=folders_of(settings, paths or []) or source, as_json=as_json)
    if report.failed or report.withheld:
        raise typer.Exit(FAILED)


app.add_typer(sources, name="sources")
app.command()(watch)
app.command()(verify_export)


@app.command()
def ask(
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="A question in plain English.")],
    as_of: Annotated[
        datetime | None,
        typer.Option("--as-of", metavar="YYYY-MM-DD", formats=["%Y-%m-%d"], help="Only articles up to this day."),
    ] = None,
    since: Annotated[
        datetime | None,
        typer.Option("--since", metavar="YYYY-MM-DD", formats=["%Y-%m-%d"], help="Only articles from this day on."),
    ] = None,
    publisher: Annotated[
        list[str] | None, typer.Option("--publisher", metavar="NAME", help="Only this publisher; repeats.")
    ] = None,
    kind: Annotated[list[Standing] | None, typer.Option("--kind", help="Only this kind of source; repeats.")] = None,
    history: Annotated[
        list[str] | None,
        typer.Option("--history", metavar="QUESTION", help="An earlier question of the conversation; repeats."),
    ] = None,
    strictness: Annotated[
        Strictness | None,
        typer.Option(help="How sure it has to be that the question can be answered: stricter refuses more."),
    ] = None,
    export: Annotated[
        Path | None,
        typer.Option("--export", metavar="FILE", help="Write the conversation too: .md, .html, .docx or .json."),
    ] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Answer a question in exact quotes, or say that nothing indexed answers it.

    Earlier questions are asked first, in order, as one conversation; only the last answer is printed.
    """
    from assistant.exports import Answered

    if export:
        export_format(export)
    first, last = _day(since), _day(as_of)
    if first and last and last < first:
        fail("--as-of is before --since, so that no article could be searched", exit_code=WRONG_USAGE)
    with _assistant(data, strictness) as assistant, working("Reading the library"):
        filters = replace(_filters(assistant, first, last, publisher or []), standings=tuple(kind or ()))
        answers: list[Answer] = []
        turns: list[Answered] = []
        for each in [*(history or []), question]:
            answers.append(assistant.ask(each, history=tuple(answers), filters=filters))
            turns.append(Answered(answers[-1], filters))
        if export:
            write_export(export, turns, assistant)
    if as_json:
        from ui.cli_json import answer_json

        print_json(answer_json(answers[-1]))
    else:
        from ui.cli_text import print_answer, printer

        print_answer(printer(), answers[-1])


@app.command()
def search(
    query: Annotated[str, typer.Argument(metavar="QUERY", help="Words or a question.")],
    limit: Annotated[int, typer.Option("-k", metavar="N", min=1, max=1000, help="How many passages.")] = 10,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """List the passages nearest to a query, best first."""
    with _assistant(data) as assistant, working("Reading the library"):
        result = assistant.search(query, limit=limit)
    if as_json:
        from ui.cli_json import search_json

        print_json(search_json(result))
    else:
        from ui.cli_text import print_hits, printer

        print_hits(printer(), result)


@app.command()
def show(
    article_id: Annotated[str, typer.Argument(metavar="ARTICLE_ID", help="As `ask` and `search` print it.")],
    version: Annotated[int | None, typer.Option("--version", metavar="N", min=1, help="Not the newest.")] = None,
    diff: Annotated[
        bool, typer.Option("--diff", help="What changed since that version, or since the one before the newest.")
    ] = False,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Show the stored text of an article and what is known about it, or what changed in it."""
    from assistant.library import Library

    with contextlib.closing(Library.open(settings_of(data).data_dir)) as library, library.snapshot() as snapshot:
        stored = snapshot.article(article_id, version)
        newest = snapshot.article(article_id)
        if diff and version is None:
            stored = snapshot.article(article_id, max(1, newest.version - 1))
    if diff:
        _show_revision(stored, newest, as_json=as_json)
    elif as_json:
        from ui.cli_json import article_json

        print_json(article_json(stored))
    else:
        from ui.cli_text import print_article, printer

        print_article(printer(), stored)


def _show_revision(old: StoredArticle, new: StoredArticle, *, as_json: bool) -> None:
    from assistant.revision import compare

    revision = compare(old.article, new.article)
    if as_json:
        from ui.cli_json import revision_json

        print_json(revision_json(old, new, revision))
    else:
        from ui.cli_text import print_revision, printer

        print_revision(printer(), old, new, revision)


@app.command()
def status(data: Data = None, as_json: AsJson = False) -> None:
    """Say what is indexed, when, what failed, and whether an ingest run goes on."""
    from assistant.library import Library
    from assistant.vectors import status_of
    from ingest.overview import overview
    from ingest.progress import read_progress

    settings = settings_of(data)
    with contextlib.closing(Library.open(settings.data_dir)) as library:
        state = status_of(library, settings.data_dir)
    run = read_progress(settings.data_dir)
    try:
        found = overview(settings)
    except SourceError as err:  # the library answers all the same
        say(f"Warning: {err}")
        found = []
    if as_json:
        from ui.cli_json import status_json

        print_json(status_json(state, run, found))
    else:
        from ui.cli_text import print_status, printer

        print_status(printer(), state, run, found)


@app.command()
def standing(
    create: Annotated[
        bool, typer.Option("--create", help="Begin a table of your own in the data directory, if there is none.")
    ] = False,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Print what kind of source each publisher is, by which rules, and where to change them.

    A citation shows it (official notice, agency, court, wire, trade press, opinion or unknown), and an answer says when
    what it tells of the law has no official source.
    """
    from assistant import standing as table

    settings = settings_of(data)
    if create:
        say(f"Write your rules into {table.create(settings.data_dir)}")
    rules = table.read_table(settings.data_dir)
    publishers = {name: table.standing_of_publisher(name, rules) for name in _publishers(settings)}
    file = settings.data_dir / table.FILE_NAME
    if as_json:
        from ui.cli_json import standing_json

        print_json(standing_json(rules, file, publishers))
    else:
        from ui.cli_text import print_standing, printer

        print_standing(printer(), rules, file, publishers)


def _publishers(settings: Settings) -> list[str]:
    """Return the publishers of the library by name, none before anything is indexed."""
    from assistant.library import Library

    try:
        with contextlib.closing(Library.open(settings.data_dir)) as library, library.snapshot() as snapshot:
            return sorted(name for name, _ in snapshot.publishers())
    except LibraryMissing:
        return []


@app.command()
def chat(
    port: Annotated[
        int, typer.Option("--port", metavar="N", min=1, max=65535, help="Port of the page.")
    ] = DEFAULT_PORT,
    samples: Annotated[
        bool, typer.Option("--samples/--no-samples", help="Index the sample articles if nothing is indexed yet.")
    ] = False,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open the page in a browser, where there is a screen.")
    ] = True,
    data: Data = None,
) -> None:
    """Open the chat page on this computer, or on TRADE_ASSISTANT_ADDRESS. Ctrl-C stops it."""
    from ui.serving import address, require_free_port, require_sign_in, serve

    settings = settings_of(data)
    require_sign_in(settings, settings.address)
    require_free_port(port, host=settings.address)
    if samples and _is_empty(settings):
        say("Nothing is indexed yet: indexing the sample articles written for this project.")
        from ui.serving import samples_folder

        with samples_folder() as folder:
            _report(_ingest([folder], settings, _Options()), to_stderr=True)
    typer.echo(f"Trade Policy Assistant: {address(port, host=settings.address)}  (Ctrl-C stops it)")
    serve(port, data_dir=settings.data_dir, open_browser=browser and sys.stdout.isatty())


@app.command()
def prepare(data: Data = None) -> None:
    """Prepare the embedding model for this computer. Quick when it is prepared already."""
    from assistant.embedding import prepare as prepare_model

    prepare_model(settings_of(data), notify=say)


@app.command()
def rebuild(data: Data = None, as_json: AsJson = False) -> None:
    """Make passages, full text and vectors anew from the library where they are damaged or made another way.

    With another embedding model everything is embedded again, while the library goes on answering with the one of
    before; stopped, it goes on from there the next time. The files the articles came from are not needed.
    """
    from ingest.rebuild import rebuild as rebuild_library

    with progress_bar() as on_progress:
        rebuilt = rebuild_library(settings_of(data), on_progress=on_progress, notify=say)
    if as_json:
        from ui.cli_json import rebuilt_json

        print_json(rebuilt_json(rebuilt))
    else:
        from ui.cli_text import print_rebuilt, printer

        print_rebuilt(printer(), rebuilt)


@app.command()
def doctor(data: Data = None, as_json: AsJson = False) -> None:
    """Examine everything, change nothing, and name the command that repairs what is wrong.

    Works beside a running ingest. Exit status 1 if anything is wrong.
    """
    from ingest.checkup import checkup

    settings = settings_of(data)
    with working("Examining the library"):
        findings = checkup(settings)
    if as_json:
        from ui.cli_json import findings_json

        print_json(findings_json(findings))
    else:
        from ui.cli_text import print_findings, printer

        print_findings(printer(), findings)
    if any(finding.problem for finding in findings):
        raise typer.Exit(FAILED)


@app.command()
def evaluate(
    questions: Annotated[
        Path,
        typer.Argument(
            metavar="QUESTIONS.jsonl|DIR",
            help="Questions with known answers, one JSON object a line; or a test collection: a folder with "
            "corpus.jsonl, queries.jsonl and qrels_test.tsv.",
        ),
    ],
    split: Annotated[str, typer.Option("--split", metavar="NAME", help="Of a collection: qrels_NAME.tsv.")] = "test",
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Ask questions with known answers and count what came out right; exit status 0 also with misses.

    A test collection is indexed in a folder of its own and ranked; its measures are printed as JSON.
    """
    if questions.is_dir():
        _evaluate_ranking(questions, split, settings_of(data))
        return
    from assistant.evaluation import evaluate as evaluate_questions

    with _assistant(data) as assistant, working("Asking the questions"):
        result = evaluate_questions(assistant, questions)
    if as_json:
        from ui.cli_json import evaluation_json

        print_json(evaluation_json(result))
    else:
        from ui.cli_text import print_evaluation, printer

        print_evaluation(printer(), result)


def _evaluate_ranking(folder: Path, split: str, settings: Settings) -> None:
    from ingest.collection import evaluate_ranking, read_collection
    from ui.cli_json import ranking_json

    collection = read_collection(folder, split=split)
    with progress_bar() as on_progress:
        result = evaluate_ranking(collection, settings, on_progress=on_progress)
    print_json(ranking_json(result))


def _day(at: datetime | None) -> date | None:
    return at.date() if at else None


@contextlib.contextmanager
def _assistant(data: Path | None, strictness: Strictness | None = None) -> Iterator[Assistant]:
    from assistant.assistant import Assistant

    with working("Opening the library"):
        assistant = Assistant.open(settings_of(data, strictness=strictness))
    with contextlib.closing(assistant):
        yield assistant


def _filters(assistant: Assistant, since: date | None, as_of: date | None, publishers: Sequence[str]) -> Filters:
    """Return the filters, publishers spelled as the library does. A name nobody publishes under is wrong usage.

    An unnoticed misspelling would look like "nothing was published about this".
    """
    from assistant.domain import Filters

    wanted = [" ".join(name.casefold().split()) for name in publishers]
    spelled = {name.casefold(): name for name, _ in assistant.publishers()} if publishers else {}
    unknown = [name for name, folded in zip(publishers, wanted, strict=True) if folded not in spelled]
    if unknown:
        known = ", ".join(sorted(spelled.values())) or "none is known"
        fail(f"no article is by {', '.join(map(repr, unknown))}; publishers: {known}", exit_code=WRONG_USAGE)
    return Filters(since=since, as_of=as_of, publishers=tuple(spelled[folded] for folded in wanted))


@dataclass(frozen=True, slots=True)
class _Options:
    """How a run is to be done."""

    sources: tuple[str, ...] | None = None
    dry_run: bool = False
    wait_s: float = 0
    retry: bool = False
    allow_removals: bool = False


def _ingest(paths: Sequence[Path], settings: Settings, options: _Options) -> Report:
    from ingest.sync import ingest as ingest_paths

    try:
        with progress_bar() as on_progress:
            return ingest_paths(paths, settings, on_progress=on_progress, notify=say, **asdict(options))
    except KeyboardInterrupt:
        say("Interrupted. What was indexed so far is kept and answers; the same command goes on from there.")
        raise typer.Exit(INTERRUPTED) from None


def _may_remove(report: Report) -> bool:
    """Ask, where somebody can answer, whether articles that are gone may be removed."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    return typer.confirm(f"Remove the {len(report.withheld):,} articles that are gone?", default=False, err=True)


def _is_empty(settings: Settings) -> bool:
    from assistant.library import Library

    try:
        with contextlib.closing(Library.open(settings.data_dir)) as library, library.snapshot() as snapshot:
            return not snapshot.articles(limit=1)
    except LibraryMissing:
        return True


def _report(report: Report, *, as_json: bool = False, to_stderr: bool = False) -> None:
    if as_json:
        from ui.cli_json import report_json

        print_json(report_json(report))
    else:
        from ui.cli_text import print_report, printer

        print_report(printer(stderr=to_stderr), report)


if __name__ == "__main__":
    main()
