"""What the commands of `trade-assistant` share: options, settings, messages, progress on a terminal, exit status."""

from __future__ import annotations

import contextlib
import errno
import sys
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from assistant.errors import AssistantError
from ui.cli_json import dumped
from ui.commands import as_typed

if TYPE_CHECKING:
    from rich.console import Console

    from assistant.settings import Settings
    from ingest.progress import Progress

FAILED, WRONG_USAGE, INTERRUPTED = 1, 2, 130
HELP_NAMES = {"help_option_names": ["-h", "--help"]}
# The settings of the running command, for the commands in its messages.
_in_use: ContextVar[Settings | None] = ContextVar("settings", default=None)

Data = Annotated[
    Path | None,
    typer.Option(
        "--data", metavar="DIR", help="Folder of the library; else TRADE_ASSISTANT_DATA_DIR or the user's data folder."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, and nothing else, on stdout.")]


class Commands(TyperGroup):
    """The commands, with every failure said in one line on stderr instead of a traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command named."""
        try:
            return super().invoke(ctx)
        except AssistantError as err:
            fail(str(err))
        except OSError as err:
            if err.errno == errno.EPIPE:
                raise
            fail(f"{err.strerror or type(err).__name__}: {err.filename!r}" if err.filename else str(err))


def settings_of(data: Path | None, **given: Any) -> Settings:
    """Return the settings with what the command line gives, the data directory absolute. Raises SettingsError."""
    from assistant.settings import load_settings

    settings = load_settings(data_dir=data, **given)
    settings = settings.model_copy(update={"data_dir": settings.data_dir.absolute()})
    _in_use.set(settings)
    return settings


def typed(text: str) -> str:
    """Return a message with its commands as they work in this terminal, over the library that is in use."""
    settings = _in_use.get()
    return text if settings is None else as_typed(text, settings, is_on_path=True)


def print_json(record: Mapping[str, Any]) -> None:
    """Print a record as JSON, alone on stdout."""
    typer.echo(dumped(record))


def say(text: str) -> None:
    """Print a message on stderr."""
    from ui.cli_text import one_line

    typer.echo(one_line(typed(text)), err=True)


def fail(reason: str, *, exit_code: int = FAILED) -> NoReturn:
    """Say why and end with this exit status."""
    say(f"Error: {reason}")
    raise typer.Exit(exit_code)


@contextlib.contextmanager
def working(what: str) -> Iterator[None]:
    """Show on a terminal that something goes on."""
    console = _terminal()
    if console is None:
        yield
    else:
        with console.status(what):
            yield


@contextlib.contextmanager
def progress_bar() -> Iterator[Callable[[Progress], None] | None]:
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
