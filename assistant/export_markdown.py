"""An export as Markdown: quotes as footnotes, every stranger's text escaped so that CommonMark shows exactly it.

Footnotes are an extension that GitHub, Pandoc and most editors know; in plain CommonMark they read as paragraphs that
begin with [^1], hence each is one paragraph and never looks like the definition of a link. The record stands at the
end in a comment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from assistant import export_words as words
from assistant.export_json import embedded
from assistant.exports import Exported, ExportedAnswer, ExportedCitation, ExportedClaim, ExportedComparison

RECORD_START, RECORD_END = "<!-- trade-assistant-export ", " -->"

# Besides what CommonMark reads: footnotes and tables of GitHub, formulas, marks and citations of Pandoc, tags of
# Obsidian, bare addresses, and the dashes and dots that some programs join.
_MEANT = re.compile(
    r"[\\`*_\[\]<>&$~|^#@{}]|(?<!\d):(?=\S)|=(?==)|(?<==)=|%(?=%)|-(?=-)|(?<=-)[->]|\.(?=\.)|(?<=www)\.", re.I
)
_OPENS_LINE = re.compile(r"[-+=:%!]|\d{1,9}(?=[.)])")
_QUOTED = re.compile(r"^(?:[ \t]*>)++ ?")
_ESCAPED = re.compile(r"\\([\n!-/:-@\[-`{-~])|&#(\d{1,7});")
_EDGES = re.compile(r"\A\s+|\s+\Z")


def markdown(record: Exported) -> str:
    """Return the record as a Markdown file."""
    parts = [f"# {verbatim(words.heading(record))}"] if record.is_conversation else []
    for number, answer in enumerate(record.answers, start=1):
        notes = _Footnotes(f"{number}-" if record.is_conversation else "")
        parts += _answer(answer, notes, "##" if record.is_conversation else "#")
    made, check = words.closing(record)
    parts += ["---", f"{verbatim(made)} {verbatim(check)}", f"{RECORD_START}{embedded(record)}{RECORD_END}"]
    return "\n\n".join(parts) + "\n"


def verbatim(text: str) -> str:
    """Return Markdown for one paragraph whose rendered text is `text` (as `seen`), line breaks and spaces included."""
    shown = words.seen(text)
    inner = _EDGES.sub("", shown)
    if not inner:
        return _spaces(shown)
    start = shown.index(inner)
    lines = "\\\n".join(_line(line) for line in inner.split("\n"))
    return _spaces(shown[:start]) + lines + _spaces(shown[start + len(inner) :])


def visible(source: str) -> str:
    """Return the text that a Markdown file shows, as far as the checking needs it; in time that grows with its length.

    Escapes are undone, marks of quotations and line breaks are taken off. What other programs write instead (`__` for
    `**`) stays.
    """
    lines = (_QUOTED.sub("", line) for line in source.split("\n"))
    return _ESCAPED.sub(lambda found: found[1] or chr(min(int(found[2]), 0x10FFFF)), "\n".join(lines))


class _Footnotes:
    """The labels of one answer's citations: "1" alone, "2-1" in a conversation, where every answer starts from 1."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix

    def label(self, marker: int) -> str:
        return f"[^{self._prefix}{marker}]"

    def labels(self, markers: Sequence[int]) -> str:
        return "".join(map(self.label, markers))


def _answer(answer: ExportedAnswer, notes: _Footnotes, level: str) -> Iterator[str]:
    yield f"{level} {verbatim(words.one_line(answer.question))}"
    if asked := words.understood(answer):
        yield f"Understood as: {verbatim(asked)}"
    if limits := words.limits(answer):
        yield f"Answered from what was {verbatim(limits)}."
    if answer.is_refusal:
        yield "**No answer in the indexed articles**"
        yield verbatim(answer.text)
    for claim in answer.claims:
        yield from _claim(claim, notes)
    if cut := words.unfinished(answer):
        yield f"**{verbatim(cut)}**"
    for comparison in answer.comparisons:
        yield from _comparison(comparison, answer, notes, level)
    if answer.notes:
        yield f"{level}# Notes"
        yield "\n".join(f"- {_note(note, answer, notes)}" for note in answer.notes)
    if answer.nearest:
        yield f"{level}# Related, not an answer"
        yield "\n".join(f"- {_source(one.title, words.about(one), one.url)}" for one in answer.nearest)
    yield f"*{verbatim(words.scope(answer))}*"
    for citation in answer.citations:
        yield _footnote(citation, notes)


def _claim(claim: ExportedClaim, notes: _Footnotes) -> Iterator[str]:
    yield verbatim(claim.text) + notes.labels(claim.markers)
    verdict, reason = words.verdict(claim)
    if verdict:
        yield f"> **{verdict}.** {verbatim(reason)}"


def _comparison(comparison: ExportedComparison, answer: ExportedAnswer, notes: _Footnotes, level: str) -> Iterator[str]:
    if comparison.is_agreement:
        position = comparison.positions[0]
        value = verbatim(words.one_line(position.value))
        yield f"{verbatim(comparison.heading)}: **{value}**{notes.labels(sorted(position.markers))}"
        return
    yield f"{level}# {verbatim(words.one_line(comparison.heading))}"
    lines = []
    for position in comparison.positions:
        mark = f" ({words.newest(comparison)})" if position.is_newest else ""
        sources = "; ".join(
            f"{verbatim(words.about(answer.citation(marker)))}{notes.label(marker)}" for marker in position.markers
        )
        lines.append(f"- **{verbatim(words.one_line(position.value))}**{mark}: {sources}")
    yield "\n".join(lines)


def _note(note: str, answer: ExportedAnswer, notes: _Footnotes) -> str:
    return "".join(
        notes.label(piece) if isinstance(piece, int) else _phrase(piece) for piece in words.pieces(note, answer)
    )


def _phrase(text: str) -> str:
    """Return a stretch of a paragraph: the spaces at its ends stay, as they part it from what stands beside it."""
    shown = re.sub(r"\s+", " ", words.seen(text))
    return (
        f"{' ' * shown.startswith(' ')}{verbatim(shown.strip())}{' ' * shown.endswith(' ')}" if shown.strip() else shown
    )


def _source(title: str, about: str, url: str | None) -> str:
    address = words.link(url)
    shown = f" <{address}>" if address else f" {verbatim(words.one_line(url))}" if url else ""
    return f"**{verbatim(words.one_line(title))}** · {verbatim(about)}{shown}"


def _footnote(citation: ExportedCitation, notes: _Footnotes) -> str:
    """Return one paragraph. Its first line has several words, else plain CommonMark would read it as a link to come."""
    more = [words.applies(citation), words.one_line(citation.story), words.place(citation), words.fingerprint(citation)]
    lines = [
        f"{notes.label(citation.marker)}: {_source(citation.title, words.about(citation), citation.url)}",
        f"“{verbatim(citation.quote)}”",
        ". ".join(verbatim(part) for part in more if part),
    ]
    return "\\\n".join(lines)


def _line(line: str) -> str:
    """Escape one line, which may stand where a block could begin, and keep the spaces at its ends."""
    start, end = len(line) - len(line.lstrip()), len(line.rstrip())
    inner = line[start:end]
    escaped = _MEANT.sub(r"\\\g<0>", inner)
    opening = _OPENS_LINE.match(escaped)
    if opening:
        escaped = f"\\{escaped}" if not opening[0].isdigit() else f"{opening[0]}\\{escaped[opening.end() :]}"
    return _spaces(line[:start]) + escaped + _spaces(line[end:] if inner else "")


def _spaces(blank: str) -> str:
    """Return white space as references, which CommonMark keeps where it would drop the characters."""
    return "".join(f"&#{ord(character)};" for character in blank)
