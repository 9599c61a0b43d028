"""The command `trade-assistant`: index articles, ask, check, open the chat page.

What a command reports goes to stdout, as text or with `--json` as JSON alone; progress and messages go to stderr. Exit
status 0 (also for a refusal and an evaluation with misses), 1 for a failure with a one-line reason, 2 for wrong usage,
130 after Ctrl-C. Nothing heavy is imported before a command needs it, so that `--help` is quick.
"""

from __future__ import annotations

import contextlib
import errno
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from assistant.errors import AssistantError, LibraryMissing
from ui.cli_json import dumped

if TYPE_CHECKING:
    from rich.console import Console

    from assistant.assistant import Assistant
    from assistant.domain import Answer, Filters
    from assistant.settings import Settings
    from ingest.progress import Progress
    from ingest.sync import Report

DISTRIBUTION = "trade-policy-assistant"
DEFAULT_PORT = 8501
FAILED, WRONG_USAGE, INTERRUPTED = 1, 2, 130


class Commands(TyperGroup):
    """The commands, with every failure said in one line on stderr instead of a traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command named."""
        try:
            return super().invoke(ctx)
        except AssistantError as err:
            _fail(str(err))
        except OSError as err:
            if err.errno == errno.EPIPE:
                raise
            _fail(f"{err.strerror or type(err).__name__}: {err.filename!r}" if err.filename else str(err))


app = typer.Typer(
    name="trade-assistant",
    cls=Commands,
    help="Ask questions of indexed trade-policy articles and get exact quotes that can be checked.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Data = Annotated[
    Path | None,
    typer.Option(
        "--data", metavar="DIR", help="Folder of the library; else TRADE_ASSISTANT_DATA_DIR or the user's data folder."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, and nothing else, on stdout.")]


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
        typer.Argument(metavar="[PATH]...", help="Files and folders; none: everything indexed before, once more."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be done, write nothing.")] = False,
    wait: Annotated[
        float, typer.Option("--wait", metavar="SECONDS", min=0, help="Wait for another ingest run to end.")
    ] = 0,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Index files and folders: new, changed and removed ones since the last time.

    A file gone from a folder that was indexed before is removed; one that cannot be read is reported and what was
    indexed of it kept. Exit status 1 if any file failed.
    """
    report = _ingest(paths or [], _settings(data), dry_run=dry_run, wait_s=wait)
    _report(report, as_json=as_json)
    if report.failed:
        raise typer.Exit(FAILED)


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
    history: Annotated[
        list[str] | None,
        typer.Option("--history", metavar="QUESTION", help="An earlier question of the conversation; repeats."),
    ] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Answer a question in exact quotes, or say that nothing indexed answers it.

    Earlier questions are asked first, in order, as one conversation; only the last answer is printed.
    """
    first, last = _day(since), _day(as_of)
    if first and last and last < first:
        _fail("--as-of is before --since, so that no article could be searched", exit_code=WRONG_USAGE)
    with _assistant(data) as assistant, _working("Reading the library"):
        filters = _filters(assistant, first, last, publisher or [])
        answers: list[Answer] = []
        for each in [*(history or []), question]:
            answers.append(assistant.ask(each, history=tuple(answers), filters=filters))
    if as_json:
        from ui.cli_json import answer_json

        _print_json(answer_json(answers[-1]))
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
    with _assistant(data) as assistant, _working("Reading the library"):
        result = assistant.search(query, limit=limit)
    if as_json:
        from ui.cli_json import search_json

        _print_json(search_json(result))
    else:
        from ui.cli_text import print_hits, printer

        print_hits(printer(), result)


@app.command()
def show(
    article_id: Annotated[str, typer.Argument(metavar="ARTICLE_ID", help="As `ask` and `search` print it.")],
    version: Annotated[int | None, typer.Option("--version", metavar="N", min=1, help="Not the newest.")] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Show the stored text of an article and what is known about it."""
    from assistant.library import Library

    with contextlib.closing(Library.open(_settings(data).data_dir)) as library, library.snapshot() as snapshot:
        stored = snapshot.article(article_id, version)
    if as_json:
        from ui.cli_json import article_json

        _print_json(article_json(stored))
    else:
        from ui.cli_text import print_article, printer

        print_article(printer(), stored)


@app.command()
def status(data: Data = None, as_json: AsJson = False) -> None:
    """Say what is indexed, when, what failed, and whether an ingest run goes on."""
    from assistant.library import Library
    from assistant.vectors import status_of
    from ingest.progress import read_progress

    data_dir = _settings(data).data_dir
    with contextlib.closing(Library.open(data_dir)) as library, library.snapshot() as snapshot:
        state = status_of(snapshot, data_dir)
    run = read_progress(data_dir)
    if as_json:
        from ui.cli_json import status_json

        _print_json(status_json(state, run))
    else:
        from ui.cli_text import print_status, printer

        print_status(printer(), state, run)


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
    """Open the chat page on this computer. Ctrl-C stops it."""
    from ui.serving import address, require_free_port, serve

    settings = _settings(data)
    require_free_port(port)
    if samples and _is_empty(settings):
        _message("Nothing is indexed yet: indexing the sample articles written for this project.")
        from ui.serving import samples_folder

        with samples_folder() as folder:
            _report(_ingest([folder], settings), to_stderr=True)
    typer.echo(f"Trade Policy Assistant: {address(port)}  (Ctrl-C stops it)")
    serve(port, data_dir=settings.data_dir, open_browser=browser and sys.stdout.isatty())


@app.command()
def prepare(data: Data = None) -> None:
    """Prepare the embedding model for this computer. Quick when it is prepared already."""
    from assistant.embedding import prepare as prepare_model

    prepare_model(_settings(data), notify=_message)


@app.command()
def rebuild(data: Data = None, as_json: AsJson = False) -> None:
    """Make passages, full text and vectors anew from the library where they are damaged or made another way.

    With another embedding model everything is embedded again, while the library goes on answering with the one of
    before; stopped, it goes on from there the next time. The files the articles came from are not needed.
    """
    from ingest.rebuild import rebuild as rebuild_library

    with _bar() as on_progress:
        rebuilt = rebuild_library(_settings(data), on_progress=on_progress, notify=_message)
    if as_json:
        from ui.cli_json import rebuilt_json

        _print_json(rebuilt_json(rebuilt))
    else:
        from ui.cli_text import print_rebuilt, printer

        print_rebuilt(printer(), rebuilt)


@app.command()
def doctor(data: Data = None, as_json: AsJson = False) -> None:
    """Examine everything, change nothing, and name the command that repairs what is wrong.

    Works beside a running ingest. Exit status 1 if anything is wrong.
    """
    from ingest.checkup import checkup

    settings = _settings(data)
    with _working("Examining the library"):
        findings = checkup(settings)
    if as_json:
        from ui.cli_json import findings_json

        _print_json(findings_json(findings))
    else:
        from ui.cli_text import print_findings, printer

        print_findings(printer(), findings, settings)
    if any(finding.problem for finding in findings):
        raise typer.Exit(FAILED)


@app.command()
def evaluate(
    questions: Annotated[
        Path, typer.Argument(metavar="QUESTIONS.jsonl", help="Questions with known answers, one JSON object a line.")
    ],
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Ask questions with known answers and count what came out right; exit status 0 also with misses."""
    from assistant.evaluation import evaluate as evaluate_questions

    with _assistant(data) as assistant, _working("Asking the questions"):
        result = evaluate_questions(assistant, questions)
    if as_json:
        from ui.cli_json import evaluation_json

        _print_json(evaluation_json(result))
    else:
        from ui.cli_text import print_evaluation, printer

        print_evaluation(printer(), result)


def _settings(data: Path | None) -> Settings:
    from assistant.settings import load_settings

    settings = load_settings(data_dir=data)
    return settings.model_copy(update={"data_dir": settings.data_dir.absolute()})


def _day(at: datetime | None) -> date | None:
    return at.date() if at else None


@contextlib.contextmanager
def _assistant(data: Path | None) -> Iterator[Assistant]:
    from assistant.assistant import Assistant

    with _working("Opening the library"):
        assistant = Assistant.open(_settings(data))
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
        _fail(f"no article is by {', '.join(map(repr, unknown))}; publishers: {known}", exit_code=WRONG_USAGE)
    return Filters(since=since, as_of=as_of, publishers=tuple(spelled[folded] for folded in wanted))


def _ingest(paths: Sequence[Path], settings: Settings, *, dry_run: bool = False, wait_s: float = 0) -> Report:
    from ingest.sync import ingest as ingest_paths

    try:
        with _bar() as on_progress:
            return ingest_paths(
                paths, settings, dry_run=dry_run, on_progress=on_progress, notify=_message, wait_s=wait_s
            )
    except KeyboardInterrupt:
        _message("Interrupted. What was indexed so far is kept and answers; the same command goes on from there.")
        raise typer.Exit(INTERRUPTED) from None


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

        _print_json(report_json(report))
    else:
        from ui.cli_text import print_report, printer

        print_report(printer(stderr=to_stderr), report)


def _print_json(record: Mapping[str, Any]) -> None:
    typer.echo(dumped(record))


def _message(text: str) -> None:
    from ui.cli_text import one_line

    typer.echo(one_line(text), err=True)


def _fail(reason: str, *, exit_code: int = FAILED) -> NoReturn:
    _message(f"Error: {reason}")
    raise typer.Exit(exit_code)


@contextlib.contextmanager
def _working(what: str) -> Iterator[None]:
    """Show on a terminal that something goes on."""
    console = _terminal()
    if console is None:
        yield
    else:
        with console.status(what):
            yield


@contextlib.contextmanager
def _bar() -> Iterator[Callable[[Progress], None] | None]:
    """Show a progress bar on a terminal, nothing elsewhere."""
    console = _terminal()
    if console is None:
        yield None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bar(*columns, console=console, transient=True) as bar:
        task = bar.add_task("Starting", total=None)

        def show_progress(progress: Progress) -> None:
            bar.update(
                task, description=progress.stage.capitalize(), completed=progress.done, total=progress.total or None
            )

        yield show_progress


def _terminal() -> Console | None:
    """Return a console on stderr if that is a terminal."""
    if not sys.stderr.isatty():
        return None
    from ui.cli_text import printer

    return printer(stderr=True)


if __name__ == "__main__":
    main()
