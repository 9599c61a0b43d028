"""`trade-assistant verify-export` and `ask --export`: answers as files, and what became of their quotes."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.errors import ExportError
from ui.cli_base import FAILED, WRONG_USAGE, AsJson, Data, fail, print_json, say, settings_of, working

if TYPE_CHECKING:
    from rich.console import Console

    from assistant.export_checking import CheckedCitation, CheckedFile
    from assistant.exports import Answered, Articles, ExportFormat


def verify_export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A Markdown, HTML, Word or JSON file of an export.")],
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Check whether the quotes of an exported file still stand, and say what changed.

    Exit status 0 if every quote is unchanged, 1 if any was changed, withdrawn, or is not what the library holds, 2 if
    the file is no export or damaged.
    """
    from assistant.export_checking import check
    from assistant.export_reading import read_file
    from assistant.library import Library

    try:
        read_back = read_file(file)
    except ExportError as err:
        fail(str(err), exit_code=WRONG_USAGE)
    except OSError as err:
        fail(f"{err.strerror or type(err).__name__}: {str(file)!r}", exit_code=WRONG_USAGE)
    with (
        contextlib.closing(Library.open(settings_of(data).data_dir)) as library,
        working("Checking the quotes"),
        library.snapshot() as snapshot,
    ):
        checked = check(read_back, snapshot)
    if as_json:
        print_json(_json(file, read_back.format, checked))
    else:
        from ui.cli_text import printer

        _print(printer(), checked)
    if not checked.is_unchanged:
        raise typer.Exit(FAILED)


def export_format(file: Path) -> ExportFormat:
    """Return the format that a file's name asks for, before anything is asked. Ends the command if it cannot be."""
    from assistant.exports import ExportFormat

    suffixes = {f".{one}": one for one in ExportFormat}
    if file.suffix.lower() not in suffixes:
        fail(f"--export {str(file)!r}: the name has to end in {', '.join(suffixes)}", exit_code=WRONG_USAGE)
    if file.exists():
        fail(f"--export {str(file)!r}: there is such a file already, name another", exit_code=WRONG_USAGE)
    if not file.absolute().parent.is_dir():
        fail(f"--export {str(file)!r}: there is no such folder", exit_code=WRONG_USAGE)
    return suffixes[file.suffix.lower()]


def write_export(file: Path, turns: Sequence[Answered], articles: Articles) -> None:
    """Write a conversation into a file that is not there yet. Raises ArticleNotFound, OSError."""
    from assistant.exports import export, of_conversation

    content = export(of_conversation(turns, articles), export_format(file)).content
    with file.open("xb") as opened:
        opened.write(content)
    say(f"Written: {file}")


def _json(file: Path, file_format: ExportFormat, checked: CheckedFile) -> dict[str, Any]:
    return {
        "file": str(file),
        "format": file_format.value,
        "is_unchanged": checked.is_unchanged,
        "altered": list(checked.altered),
        "citations": [_citation_json(one) for one in checked.citations],
    }


def _citation_json(checked: CheckedCitation) -> dict[str, Any]:
    citation = checked.citation
    return {
        "answer": checked.answer,
        "marker": citation.marker,
        "outcome": checked.outcome.value,
        "reason": checked.reason,
        "title": citation.title,
        "publisher": citation.publisher,
        "published": citation.published.isoformat() if citation.published else None,
        "url": citation.url,
        "article_id": citation.article_id,
        "version": citation.version,
        "newest_version": checked.newest_version,
        "start": citation.start,
        "end": citation.end,
        "quote": citation.quote,
        "old": checked.old,
        "new": checked.new,
    }


def _print(console: Console, checked: CheckedFile) -> None:
    from rich.text import Text

    from assistant.export_checking import Outcome
    from assistant.export_words import about, count
    from ui.cli_text import clean, one_line, print_under

    numbers = {one.answer for one in checked.citations}
    for one in checked.citations:
        is_well = one.outcome is Outcome.UNCHANGED
        marker = f"{one.answer}.{one.citation.marker}" if len(numbers) > 1 else str(one.citation.marker)
        lead = f"{one.outcome:<9}  [{marker}]"
        columns = len(lead) + 1
        print_under(console, lead, one_line(one.citation.title), columns, lead_style="green" if is_well else "bold red")
        print_under(console, "", about(one.citation), columns, style="dim")
        print_under(console, "", one_line(one.reason), columns)
        if one.outcome is Outcome.DIFFERS and one.old:
            print_under(console, "", f"file:    {clean(one.citation.quote)}", columns, style="red")
            print_under(console, "", f"library: {clean(one.old)}", columns, style="green")
        elif one.old:
            print_under(console, "", f"- {clean(one.old)}", columns, style="red")
            print_under(console, "", f"+ {clean(one.new)}" if one.new else "+ (nothing)", columns, style="green")
    for text in checked.altered:
        print_under(console, "altered", f"the file no longer shows this as it was: {one_line(text)}", 11)
    bad = sum(one.outcome is not Outcome.UNCHANGED for one in checked.citations)
    console.print()
    wants = "wants" if bad == 1 else "want"
    said = f"{bad} of {count(len(checked.citations), 'quote')} {wants} a look" if bad else "Every quote is unchanged"
    if not checked.citations:
        said = "Nothing is quoted in this file"
    if checked.altered:
        said += f"; {count(len(checked.altered), 'text')} altered in the file"
    console.print(Text(f"{said}.", style="bold"))
