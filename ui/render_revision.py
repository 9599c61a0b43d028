"""What changed between two versions of an article → HTML, unchanged stretches folded. Pure, like `render`."""

from __future__ import annotations

from itertools import islice

from assistant.revision import Line, Mark, Revision
from ui.render import count, escaped, notice_html

MAX_SHOWN_LINES = 600
"""Sentences of a comparison shown at once."""


def revision_html(revision: Revision, *, old: int, new: int) -> str:
    """Return what changed between two versions, unchanged stretches folded to a sentence on either side.

    Deleted text is in `<del>`, inserted text in `<ins>`.
    """
    head = f"<h3>What changed from version {old} to version {new}</h3>"
    if revision.is_same:
        return f'<section class="tpa-diff">{head}<p class="tpa-note">Only white space or layout changed.</p></section>'
    details = "".join(
        f'<p dir="auto"><span class="tpa-note">{escaped(detail.name)}</span> {_change_html(Mark.DELETED, detail.old)} '
        f"{_change_html(Mark.INSERTED, detail.new)}</p>"
        for detail in revision.details
    )
    shown = list(islice(revision.folded(), MAX_SHOWN_LINES + 1))
    lines = "".join(map(_line_html, shown[:MAX_SHOWN_LINES]))
    rest = "" if len(shown) <= MAX_SHOWN_LINES else notice_html("The rest of this long comparison is left out here.")
    return f'<section class="tpa-diff">{head}{details}{lines}{rest}</section>'


def _line_html(line: Line | int) -> str:
    if isinstance(line, int):
        return f'<p class="tpa-note tpa-folded">{count(line, "unchanged sentence")}</p>'
    pieces = "".join(_change_html(piece.mark, piece.text) for piece in line.pieces)
    quiet = ' class="tpa-unchanged"' if line.is_same else ""
    return f'<p dir="auto"{quiet}>{pieces}</p>'


def _change_html(mark: Mark, text: str) -> str:
    """Return a piece of a revision; what its colour says is said in words to assistive technology."""
    if mark is Mark.SAME or not text:
        return escaped(text)
    if mark is Mark.MOVED:
        return f'<span class="tpa-moved">Moved here</span> {escaped(text)}'
    tag, word = ("del", "Deleted") if mark is Mark.DELETED else ("ins", "Inserted")
    # A space at the end is no part of what the eye should compare.
    space = escaped(text[len(text.rstrip()) :])
    marked = f'<span class="tpa-sr">{word}: </span>{escaped(text.rstrip())}<span class="tpa-sr">. </span>'
    return f"<{tag}>{marked}</{tag}>{space}"
