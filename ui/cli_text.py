"""What the commands print for people: plain text with a little colour, wrapped, nothing interpreted.

Article text is data. It never goes through rich's markup, and characters that steer a terminal or reorder what is
read are replaced before anything is printed.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from assistant.domain import (
    Answer,
    Claim,
    Comparison,
    Copies,
    NearestArticle,
    SearchResult,
    Standing,
    Status,
    StoredArticle,
    Support,
)
from assistant.over_time import heading
from assistant.revision import Line, Mark, Revision
from assistant.validity import validity_line
from ui.cli_base import typed

if TYPE_CHECKING:
    from datetime import date, datetime
    from pathlib import Path

    from assistant.doctor import Finding
    from assistant.evaluation import EvaluationResult
    from assistant.standing import Rule
    from ingest.overview import SourceOverview
    from ingest.progress import RunStatus
    from ingest.rebuild import Rebuilt
    from ingest.report import Report
    from ingest.watch import Looked

# C0 but for the line feed, DEL, C1, bidirectional controls and lone surrogates.
_UNSAFE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_LINE_BREAKS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_MARKER = re.compile(r"\[\d+\]")
_SUPPORT_MARKS = {
    Support.PARTIAL: "Only partly supported",
    Support.UNSUPPORTED: "Not supported",
    Support.UNCITED: "Without a source",
}
MAX_LISTED = 20


def printer(*, stderr: bool = False) -> Console:
    """Return a console that shows text as it is: no markup, no emoji codes, no guessing what to highlight."""
    return Console(stderr=stderr, markup=False, emoji=False, highlight=False)


def clean(text: str) -> str:
    """Return text that a terminal only shows: tabs become spaces, other control characters U+FFFD."""
    unbroken = _LINE_BREAKS.sub("\n", text).replace("\t", "    ")
    return _UNSAFE.sub("\ufffd", unbroken)


def one_line(text: str) -> str:
    """Return clean text with every run of white space as one space."""
    return " ".join(clean(text).split())


def print_answer(console: Console, answer: Answer) -> None:
    """Print an answer with its sources, or a refusal with what was searched."""
    if one_line(answer.standalone_question) != one_line(answer.question):
        console.print(Text(f"Asked: {one_line(answer.standalone_question)}", style="italic"))
        console.print()
    # Where the question itself sets the day, a note says so.
    if answer.as_of and not any(f"published by {day(answer.as_of)}" in note for note in answer.notes):
        console.print(Text(f"As of {day(answer.as_of)}, from what was published by then", style="italic"))
        console.print()
    console.print(_marked(answer.text))
    doubts = [claim for claim in answer.claims if claim.support is not Support.SUPPORTED]
    if doubts:
        console.print()
    for claim in doubts:
        console.print(_doubt(claim))
    if answer.notes:
        console.print()
    for note in answer.notes:
        print_under(console, "Note:", one_line(note), 6, lead_style="bold yellow")
    if answer.is_refusal:
        _print_nearest(console, answer.nearest)
        return
    for one in answer.comparisons:
        console.print()
        _print_comparison(console, one)
    _print_sources(console, answer)
    console.print()
    print_under(console, "", _scope(answer), 0, style="dim")


def print_hits(console: Console, result: SearchResult) -> None:
    """Print the hits of a search, best first."""
    if not result.hits:
        console.print(Text("Nothing found."))
    for number, hit in enumerate(result.hits, start=1):
        if number > 1:
            console.print()
        console.print(Text.assemble((f"{number}  ", "cyan"), (one_line(hit.passage.title), "bold")))
        place = f"{hit.passage.article_id} · characters {hit.passage.start}–{hit.passage.end} · score {hit.score:.3f}"
        print_under(console, "", place, 3, style="dim")
        print_under(console, "", clean(hit.passage.text), 3)


def print_article(console: Console, stored: StoredArticle) -> None:
    """Print an article version: what is known about it, then its text as stored (control characters replaced)."""
    article = stored.article
    console.print(Text(one_line(article.title), style="bold"))
    known = [
        ("Publisher", article.publisher),
        ("Author", article.author),
        ("Published", day(article.published)),
        ("Effective", day(article.effective)),
        ("Address", article.url),
        ("File", stored.location),
        ("Article", f"{stored.article_id}, version {stored.version}{'' if stored.is_current else ' (not the newest)'}"),
        ("Indexed", moment(stored.indexed_at)),
        ("Withdrawn", stored.withdrawn_at and moment(stored.withdrawn_at)),
    ]
    _print_table(console, [(name, one_line(value)) for name, value in known if value])
    console.print()
    console.print(Text(clean(article.text)))


def print_revision(console: Console, old: StoredArticle, new: StoredArticle, revision: Revision) -> None:
    """Print what changed between two versions: lines that were deleted after "-", inserted after "+"."""
    console.print(Text(one_line(new.article.title), style="bold"))
    _print_table(console, [(f"Version {one.version}", f"indexed {moment(one.indexed_at)}") for one in (old, new)])
    console.print()
    if revision.is_same:
        console.print(Text("Only white space or layout changed."))
    for detail in revision.details:
        for lead, value, style in (("-", detail.old, "red"), ("+", detail.new, "green")):
            if value:
                print_under(console, lead, f"{detail.name}: {one_line(value)}", 2, style=style, lead_style=style)
    for line in () if revision.is_same else revision.folded():
        if isinstance(line, int):
            print_under(console, "", f"… {_count(line, 'unchanged sentence')}", 2, style="dim")
        else:
            _print_line(console, line)


def _print_line(console: Console, line: Line) -> None:
    marks = {piece.mark for piece in line.pieces}
    if marks == {Mark.SAME} or marks == {Mark.MOVED}:
        moved = "moved here: " if Mark.MOVED in marks else ""
        print_under(console, "", moved + clean(line.pieces[0].text), 2)
        return
    for lead, left_out, style in (("-", Mark.INSERTED, "red"), ("+", Mark.DELETED, "green")):
        text = "".join(piece.text for piece in line.pieces if piece.mark is not left_out)
        if marks != {left_out}:
            print_under(console, lead, clean(text), 2, style=style, lead_style=style)


def print_status(console: Console, status: Status, run: RunStatus | None, found: Sequence[SourceOverview] = ()) -> None:
    """Print the state of the library and its sources, and of a run that goes on or did not end well."""
    troubled = sum(source.state is not None and bool(source.state.problem) for source in found)
    kept = sum(source.state.withheld for source in found if source.state)
    days = " to ".join(day(end) for end in dict.fromkeys((status.oldest, status.newest)) if end)
    rows = [
        ("Library", status.data_dir),
        ("Articles", f"{status.articles:,} ({status.undated:,} undated), {_count(status.publishers, 'publisher')}"),
        ("Published", days or "no dates known"),
        ("Passages", f"{status.passages:,} ({status.pending:,} waiting for the next vector index)"),
        ("Generation", f"{status.generation:,}"),
        ("Model", status.embedding_model or "none yet"),
        ("Sources", f"{len(found):,}{f', {troubled:,} with a problem' if troubled else ''}"),
        *([("Kept", f"{_count(kept, 'article')} whose files are gone: see `sources list`")] if kept else []),
        ("Last run", _last_run(status)),
        *([("Vectors", status.vectors_problem)] if status.vectors_problem else []),
    ]
    if run is not None and run.state.value != "done":
        rows.append((f"Run {run.state.value}", _run_line(run)))
    _print_table(console, [(name, one_line(value)) for name, value in rows])
    _print_failures(console, [(failure.location, failure.reason) for failure in status.failures])


def print_report(console: Console, report: Report) -> None:
    """Print what an ingest run did, or would do."""
    counts = [
        (len(report.added), "added"),
        (len(report.changed), "changed"),
        (report.unchanged, "unchanged"),
        (len(report.removed), "removed"),
        (len(report.failed), "failed"),
    ]
    # Rare, so said only where there are some.
    counts += [
        (count, name)
        for count, name in (
            (len(report.moved), "renamed"),
            (len(report.withheld), "gone but kept"),
            (report.deferred, "left until they are written"),
        )
        if count
    ]
    line = Text("Would be: " if report.dry_run else "", style="bold")
    line.append(", ".join(f"{count:,} {name}" for count, name in counts), style="bold")
    if not report.dry_run:
        line.append(f" in {report.seconds:.1f} s", style="dim")
    console.print(line)
    shown = [("Added", report.added), ("Changed", report.changed), ("Removed", report.removed)]
    for name, locations in shown:
        if locations and (report.dry_run or name != "Added"):
            console.print(Text(name, style="bold"))
            _print_paths(console, locations)
    if report.moved:
        console.print(Text("Renamed", style="bold"))
        _print_paths(console, [f"{old} → {new}" for old, new in report.moved])
    if report.withheld:
        console.print(Text("Gone but kept", style="bold"))
        _print_paths(console, report.withheld)
    _print_failures(console, [(failure.location, failure.reason) for failure in report.failed])
    for note in report.notes:
        # Not wrapped, so that its commands can be copied.
        console.print(Text(f"Note: {one_line(typed(note))}", style="yellow"), soft_wrap=True)


def print_standing(console: Console, rules: Sequence[Rule], file: Path, publishers: Mapping[str, Standing]) -> None:
    """Print how each publisher of the library stands, the table it comes from, and where to change it."""
    if publishers:
        console.print(Text("Publishers of the library", style="bold"))
        _print_table(console, [(str(standing), one_line(name)) for name, standing in publishers.items()])
        console.print()
    console.print(Text("Rules, the first that fits decides", style="bold"))
    for rule in rules:
        named = [*rule.publishers, *(f"site {site}" for site in rule.sites)]
        print_under(console, str(rule.standing), one_line(", ".join(named)), 17, lead_style="dim")
    console.print()
    is_there = (
        "Your own rules:" if file.exists() else "No rules of your own yet; `trade-assistant standing --create` begins"
    )
    console.print(Text(one_line(typed(f"{is_there} {file}"))), soft_wrap=True)


def print_lines(console: Console, lines: Sequence[str]) -> None:
    """Print lines as they are, control characters replaced."""
    for line in lines:
        print_under(console, "", one_line(line), 0)


def print_sources_list(console: Console, found: Sequence[SourceOverview]) -> None:
    """Print each source with how it stands."""
    from ingest.report import letting_go

    if not found:
        print_lines(console, [typed("No source yet: `trade-assistant sources add folder PATH`")])
    for number, source in enumerate(found):
        if number:
            console.print()
        entry, state = source.entry, source.state
        kept = f"{state.withheld:,} articles whose files are gone" if state and state.withheld else ""
        pace = f", every {entry.every}" if source.next_at else ""
        console.print(Text.assemble((entry.name, "bold"), (f"  {entry.kind}{pace}", "dim")))
        rows = [
            ("Looks at", entry.target),
            ("Articles", f"{source.articles:,}"),
            ("Last look", moment(state.checked_at) if state else "never"),
            ("Next look", moment(source.next_at) if source.next_at else "by hand: nobody watches"),
            ("Problem", state.problem if state else ""),
            (
                "Kept",
                typed(f"{kept}; {letting_go(entry.name)} lets them go") if kept else "",
            ),
        ]
        _print_table(console, [(name, one_line(value)) for name, value in rows if value])
        _print_failures(console, [(failure.location, failure.reason) for failure in source.failures])


def print_look(console: Console, looked: Looked) -> None:
    """Print one look of `watch` in a line, with what failed under it; nothing if nothing came of it."""
    report = looked.report
    if report is None:
        print_lines(console, [f"{moment(looked.at)}  {', '.join(looked.sources) or 'watch'}: {typed(looked.error)}"])
        return
    counts = [
        (len(report.added), "added"),
        (len(report.changed), "changed"),
        (len(report.moved), "renamed"),
        (len(report.removed), "removed"),
        (len(report.failed), "failed"),
        (len(report.withheld), "gone but kept"),
    ]
    said = [f"{count:,} {name}" for count, name in counts if count]
    if said:
        print_lines(console, [f"{moment(looked.at)}  {', '.join(looked.sources)}: {', '.join(said)}"])
        _print_failures(console, [(failure.location, failure.reason) for failure in report.failed])
        print_lines(console, [f"Note: {typed(note)}" for note in report.notes])


def print_rebuilt(console: Console, rebuilt: Rebuilt) -> None:
    """Print what a rebuild did."""
    what = "Embedded again" if rebuilt.is_embedded_again else "Made the vectors anew"
    scope = f"{_count(rebuilt.articles, 'article')}, {_count(rebuilt.passages, 'passage')}"
    console.print(Text.assemble((f"{what}: {scope}", "bold"), (f" in {rebuilt.seconds:.1f} s", "dim")))
    if rebuilt.mended:
        console.print(Text(f"Mended the passages of {_count(rebuilt.mended, 'article')}."))


def print_findings(console: Console, findings: Sequence[Finding]) -> None:
    """Print a line for each thing that was looked at, and under each problem what to run."""
    columns = max(len(finding.subject) for finding in findings) + len("problem") + 4
    for finding in findings:
        mark, style = ("problem", "bold red") if finding.problem else ("ok", "green")
        lead = f"{mark:<7}  {finding.subject}"
        print_under(console, lead, one_line(typed(finding.problem or finding.seen)), columns, lead_style=style)
        if finding.problem and finding.remedy not in finding.problem:
            # Not wrapped, so that it can be copied.
            console.print(Text(" " * columns + one_line(typed(finding.remedy)), style="bold"), soft_wrap=True)
    problems = sum(bool(finding.problem) for finding in findings)
    console.print()
    console.print(Text(f"{_count(problems, 'problem')} found." if problems else "All is well.", style="bold"))


def print_evaluation(console: Console, result: EvaluationResult) -> None:
    """Print the counts of an evaluation, then each question that came out wrong."""
    console.print(Text(f"Answered right: {result.answered_right} of {result.answerable}", style="bold"))
    console.print(Text(f"Refused right:  {result.refused_right} of {result.unanswerable}", style="bold"))
    for question_id, reason in result.failures:
        console.print(Text.assemble((one_line(question_id), "bold red"), f"  {one_line(reason)}"))


def day(published: date | None) -> str:
    """Return a date in full, "" if it is not known."""
    return f"{published.day} {published:%B} {published.year}" if published else ""


def moment(at: datetime) -> str:
    """Return a moment in the reader's time zone."""
    return f"{at.astimezone():%Y-%m-%d %H:%M:%S}"


def _marked(text: str) -> Text:
    marked = Text(clean(text))
    marked.highlight_regex(_MARKER, "bold cyan")
    return marked


def _doubt(claim: Claim) -> Text:
    return Text.assemble(
        (f"{_SUPPORT_MARKS[claim.support]}: ", "bold yellow"),
        f"“{one_line(claim.text)}”",
        (f" ({one_line(claim.reason)})" if claim.reason else "", "yellow"),
    )


def _print_comparison(console: Console, comparison: Comparison) -> None:
    """Print each position with its quotes, or in one line what sources agree on."""
    if comparison.is_agreement:
        position = comparison.positions[0]
        markers = "".join(f"[{marker}]" for marker in sorted(citation.marker for citation in position.citations))
        agree = f"{len(position.citations)} independent sources agree: {one_line(position.value)} {markers}"
        console.print(_marked(agree), soft_wrap=True)
        return
    console.print(Text(one_line(heading(comparison)), style="bold"), soft_wrap=True)
    for position in comparison.positions:
        newer = "newer" if len(comparison.positions) == 2 else "newest"
        mark = f" ({newer})" if position.is_newest else ""
        print_under(console, "-", f"{one_line(position.value)}{mark}", 2, style="bold")
        for citation in position.citations:
            print_under(console, "", f"“{one_line(citation.quote)}” [{citation.marker}]", 2)
            name = citation.publisher or citation.author or citation.title
            about = f"{one_line(name)} · {day(citation.published) or 'undated'}"
            print_under(console, "", about, 2, style="dim")


def _print_sources(console: Console, answer: Answer) -> None:
    """Print each source; at the first citation of a story that others tell too, where it comes from."""
    if not answer.citations:
        return
    told: set[str] = set()
    first: dict[tuple[str, int], int] = {}
    console.print()
    console.print(Text("Sources", style="bold"))
    for citation in answer.citations:
        marker = f"[{citation.marker}]"
        indent = len(marker) + 1
        before = first.setdefault((citation.article_id, citation.version), citation.marker)
        is_first = before == citation.marker
        if is_first:
            print_under(console, marker, one_line(citation.title), indent)
            kind = "kind of source unknown" if citation.standing is Standing.UNKNOWN else str(citation.standing)
            about = [citation.publisher, citation.author, day(citation.published) or "undated", kind]
            print_under(console, "", " · ".join(one_line(part) for part in about if part), indent)
        else:
            print_under(console, marker, f"the same article as [{before}]", indent)
        if applies := validity_line(citation.validity):
            print_under(console, "", one_line(applies), indent)
        place = f"{citation.article_id}, version {citation.version}, characters {citation.start}–{citation.end}"
        print_under(console, "", place, indent, style="dim")
        if citation.url and is_first:
            print_under(console, "", one_line(citation.url), indent, style="dim")
        story = answer.copies.get(citation.article_id)
        if story and story.origin.article_id not in told:
            told.add(story.origin.article_id)
            _print_story(console, story, indent)


def _print_story(console: Console, story: Copies, indent: int) -> None:
    print_under(console, "", f"{story}:", indent)
    for name, article in [("Origin", story.origin), *(("Copy", copy) for copy in story.copies)]:
        about = [article.publisher, day(article.published) or "undated", article.article_id]
        print_under(console, "", f"{name}: {' · '.join(one_line(part) for part in about if part)}", indent + 2)


def _print_nearest(console: Console, nearest: Sequence[NearestArticle]) -> None:
    if not nearest:
        return
    console.print()
    console.print(Text("Related, not an answer", style="bold"))
    for article in nearest:
        print_under(console, "-", one_line(article.title), 2)
        about = [article.publisher, day(article.published) or "undated", article.article_id]
        print_under(console, "", " · ".join(one_line(part) for part in about if part), 2, style="dim")


def _scope(answer: Answer) -> str:
    searched = answer.searched
    sources = [_count(len(answer.origins), "source")] if answer.copies else []
    parts = [*sources, f"Searched {_count(searched.articles, 'article')} ({_count(searched.passages, 'passage')})"]
    if searched.undated_left_out:
        parts.append(f"{_count(searched.undated_left_out, 'undated article')} not searched")
    if "total" in answer.timings_ms:
        parts.append(f"{answer.timings_ms['total'] / 1000:.2f} s")
    return " · ".join(parts)


def _print_table(console: Console, rows: Sequence[tuple[str, str]]) -> None:
    width = max(len(name) for name, _ in rows) + 2
    for name, value in rows:
        print_under(console, name, value, width, lead_style="dim")


def _print_paths(console: Console, paths: Sequence[str]) -> None:
    for path in paths[:MAX_LISTED]:
        print_under(console, "", one_line(path), 2)
    _print_rest(console, len(paths))


def _print_failures(console: Console, failures: Sequence[tuple[str, str]]) -> None:
    if not failures:
        return
    console.print(Text("Failed", style="bold red"))
    for location, reason in failures[:MAX_LISTED]:
        print_under(console, "", one_line(location), 2)
        print_under(console, "", one_line(reason), 4, style="red")
    _print_rest(console, len(failures))


def _print_rest(console: Console, count: int) -> None:
    if count > MAX_LISTED:
        print_under(console, "", f"… and {count - MAX_LISTED:,} more; --json lists all", 2, style="dim")


def _last_run(status: Status) -> str:
    run = status.last_run
    if run is None:
        return "never"
    counts = f"{run.added:,} added, {run.changed:,} changed, {run.removed:,} removed, {run.failed:,} failed"
    return f"{moment(run.finished_at)}: {counts}"


def _run_line(run: RunStatus) -> str:
    done = f"{run.stage} {run.done:,} of {run.total:,}" if run.total else run.stage
    return f"{done} (process {run.pid}, since {moment(run.started_at)}){f': {run.reason}' if run.reason else ''}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def print_under(console: Console, lead: str, text: str, columns: int, *, style: str = "", lead_style: str = "") -> None:
    """Print clean text wrapped under a hanging indent of `columns`; long words, such as URLs, stay whole."""
    width = max(console.width - columns, 20)
    lines = [part for line in text.split("\n") for part in _wrapped(line, width)]
    for number, line in enumerate(lines):
        start = lead.ljust(columns) if number == 0 else " " * columns
        console.print(Text.assemble((start, lead_style), (line, style)), soft_wrap=True)


def _wrapped(line: str, width: int) -> list[str]:
    return textwrap.wrap(line, width, break_long_words=False, break_on_hyphens=False) or [""]
