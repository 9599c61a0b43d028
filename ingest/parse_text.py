"""Structure of text without markup, from the shape of its lines; offsets are those of the text itself.

Two habits are told apart: one line a paragraph, and lines wrapped by hand at some column. A heading is a short line
that ends no sentence and is followed by text; a line that ends with ":" leads in what follows and is no heading.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from assistant.domain import Block, BlockKind
from ingest.boilerplate import is_boilerplate, opens_list
from ingest.manuscript import Manuscript
from ingest.metadata import byline

MAX_HEADING_CHARS = 120
_MAX_TITLE_CHARS = 200
_BULLET = re.compile(r"(?:(?:[-*•‣▪◦●·–]|[○■□▶►✓✔➤])[ \t\xa0]+|\(?\d{1,3}[.)][ \t\xa0]+|\(?[a-z][)][ \t\xa0]+)(?=\S)")
_QUESTION = re.compile(r"(?:Q(?:uestion)?(?:\s?\d{1,2})?\s?[:.)]\s+|\d{1,2}[.)]\s+)(?=\S.*\?\s*\Z)")
_REPLY = re.compile(r"A(?:nswer)?(?:\s?\d{1,2})?\s?:\s+(?=\S)")
_HASHES = re.compile(r"(#{1,6})\s+(?=\S)")
# Two cells of a table set with tabs or blanks; sentences are at most two blanks apart.
_CELLS = re.compile(r"\S(?: {3,}|[ \t\xa0]*\t[ \t\xa0]*)\S")
_ENDS_OPEN = re.compile(r"[.!:;,…][\"'”’)\]]*\Z")
_ENDS_ABBREVIATED = re.compile(r"(?:\b(?:[A-Z]\.){2,}|\b(?:Inc|Co|Corp|Ltd)\.)\Z")
_FAQ = re.compile(r"(?:FAQ.{0,3}|(?:.*\b)?frequently asked questions.*|questions and answers|Q ?& ?A)\Z", re.IGNORECASE)


def parse_text(text: str) -> Manuscript:
    """Return the manuscript of a plain text; its text is `text` itself."""
    lines = _lines(text)
    width = _wrap_width(lines)
    stretches = _stretches(text, lines, width)
    return Manuscript(text, tuple(_blocks(stretches)), is_wrapped=width > 0)


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    end: int
    indent: int
    text: str

    @property
    def bullet(self) -> str:
        found = _BULLET.match(self.text)
        return found[0] if found else ""


def _lines(text: str) -> list[_Line]:
    lines, position = [], 0
    for raw in text.split("\n"):
        content = raw.strip()
        indent = len(raw) - len(raw.lstrip())
        start = position + (indent if content else 0)
        lines.append(_Line(start, start + len(content), len(raw[:indent].expandtabs(4)), content))
        position += len(raw) + 1
    return lines


def _wrap_width(lines: Sequence[_Line]) -> int:
    """Return the column at which the lines were wrapped by hand, 0 if each line is a paragraph of its own."""
    pairs = [
        (line, following)
        for line, following in pairwise(lines)
        if line.text and following.text and not following.bullet and not _CELLS.search(following.text)
    ]
    if not pairs:
        return 0
    longest = max(len(line.text) + line.indent for line in lines)
    lower = sum(following.text[0].islower() for _, following in pairs)
    is_wrapped = longest <= 132 and median(len(line.text) for line, _ in pairs) >= 35 and lower >= 0.25 * len(pairs)
    return longest if is_wrapped else 0


@dataclass(frozen=True, slots=True)
class _Stretch:
    """One paragraph, list item or heading to be: where it is, its mark, and whether a blank line precedes it."""

    start: int
    end: int
    text: str
    raw: str
    mark: str
    indent: int
    is_apart: bool


def _stretches(text: str, lines: Sequence[_Line], width: int) -> list[_Stretch]:
    stretches: list[_Stretch] = []
    first: _Line | None = None
    previous: _Line | None = None
    is_apart = is_first_apart = True

    def close() -> None:
        if first is not None and previous is not None:
            start = first.start + len(first.bullet)
            raw = text[start : previous.end]
            mark = first.bullet.strip()
            stretches.append(
                _Stretch(start, previous.end, " ".join(raw.split()), raw, mark, first.indent, is_first_apart)
            )

    for line in lines:
        if not line.text:
            is_apart = True
            continue
        goes_on = first is not None and previous is not None and width > 0 and not is_apart
        if not (goes_on and first and previous and _continues(previous, line, first, width)):
            close()
            first, is_first_apart = line, is_apart
        is_apart, previous = False, line
    close()
    return stretches


def _continues(previous: _Line, line: _Line, opened: _Line, width: int) -> bool:
    """Say whether the break between two lines is only typesetting: the next word did not fit, or goes on in small."""
    if line.bullet and not (line.text[0].isdigit() and not opened.bullet):
        return False
    if opened.bullet and line.indent > opened.indent:
        return True
    if line.indent > previous.indent + 1 and not opened.bullet and previous.text.endswith((".", "?", "!", "”", '"')):
        return False
    if _CELLS.search(previous.text) or _CELLS.search(line.text):
        return False
    first_word = line.text.split(maxsplit=1)[0]
    return line.text[0].islower() or previous.indent + len(previous.text) + 1 + len(first_word) > 0.92 * width


def _blocks(stretches: Sequence[_Stretch]) -> list[Block]:
    kinds = [_kind(stretches, index) for index in range(len(stretches))]
    _drop_heading_runs(stretches, kinds)
    _mark_unmarked_lists(stretches, kinds)
    _mark_links(stretches, kinds)
    blocks: list[Block] = []
    is_faq, indents = False, list[int]()
    for index, (stretch, kind) in enumerate(zip(stretches, kinds, strict=True)):
        start = stretch.start + _skipped(stretch, kind)
        if kind is BlockKind.HEADING:
            is_question = stretch.text.endswith("?")
            if not is_question:
                following = (
                    index + 1 < len(kinds) and kinds[index + 1] is kind and stretches[index + 1].text.endswith("?")
                )
                is_faq = following and _FAQ.match(stretch.text) is not None
            level = len(found[1]) if (found := _HASHES.match(stretch.text)) else 3 if is_question and is_faq else 2
            blocks.append(Block(kind, start, stretch.end, level))
        else:
            indents = _indents(indents, stretch.indent) if kind is BlockKind.LIST_ITEM else []
            level = min(max(len(indents) - 1, 0), 8)
            blocks.append(Block(kind, start, stretch.end, level))
    return blocks


def _indents(above: list[int], indent: int) -> list[int]:
    """Return the indents of the lists a list item is in: two columns or more beyond the last are one list deeper."""
    kept = [earlier for earlier in above if earlier <= indent + 1]
    return [*kept, indent] if not kept or indent >= kept[-1] + 2 else kept


def _kind(stretches: Sequence[_Stretch], index: int) -> BlockKind:
    stretch = stretches[index]
    if not any(character.isalnum() for character in stretch.text):
        return BlockKind.BOILERPLATE
    following = stretches[index + 1] if index + 1 < len(stretches) else None
    if stretch.mark:
        is_alone = not (following and following.mark) and not (index and stretches[index - 1].mark)
        is_question = stretch.text.endswith("?") and stretch.mark[0].isdigit() and following and not following.mark
        if stretch.mark[0].isdigit() and following and (is_alone or is_question) and _is_title_like(stretch.text):
            return BlockKind.HEADING
        return BlockKind.LIST_ITEM
    if _CELLS.search(stretch.raw) and any(
        neighbour is not None and _CELLS.search(neighbour.raw) and not neighbour.mark
        for neighbour in (following, stretches[index - 1] if index else None)
    ):
        return BlockKind.TABLE_ROW
    if len(stretch.text) <= _MAX_TITLE_CHARS and (byline(stretch.text) is not None or is_boilerplate(stretch.text)):
        return BlockKind.PARAGRAPH
    if following is not None and (_is_title_like(stretch.text) or _HASHES.match(stretch.text)):
        return BlockKind.HEADING
    if index == 0 and following is not None and _is_title_like(stretch.text, _MAX_TITLE_CHARS):
        return BlockKind.HEADING
    return BlockKind.PARAGRAPH


def _is_title_like(text: str, max_chars: int = MAX_HEADING_CHARS) -> bool:
    if not 2 <= len(text) <= max_chars or len(text.split()) > max_chars // 6:
        return False
    opening = text.lstrip("\"'“‘([$€£").removeprefix("#")
    if not opening or opening[0].islower() or not any(character.isalpha() for character in text):
        return False
    if re.search(r"[.!?]\s+[A-Z“\"]", text) and len(text) > 80:
        return False
    return _ENDS_OPEN.search(text) is None or _ENDS_ABBREVIATED.search(text) is not None


def _drop_heading_runs(stretches: Sequence[_Stretch], kinds: list[BlockKind]) -> None:
    """Make runs of four or more short lines paragraphs: they are a list without marks, a table or a poem."""
    start = 0
    while start < len(kinds):
        end = start
        while end < len(kinds) and kinds[end] is BlockKind.HEADING and (end == start or not stretches[end].is_apart):
            end += 1
        if end - start >= 4 and not any(stretches[index].text.endswith("?") for index in range(start, end)):
            kinds[start:end] = [BlockKind.PARAGRAPH] * (end - start)
        start = max(end, start + 1)


def _mark_unmarked_lists(stretches: Sequence[_Stretch], kinds: list[BlockKind]) -> None:
    """Make the short lines right under a line that ends with ":" list items."""
    for index, (stretch, kind) in enumerate(zip(stretches, kinds, strict=True)):
        if kind is not BlockKind.PARAGRAPH or not stretch.text.endswith(":"):
            continue
        end = index + 1
        while (
            end < len(kinds)
            and not stretches[end].is_apart
            and not stretches[end].mark
            and _is_item(stretches[end].text)
        ):
            end += 1
        is_closed = end == len(kinds) or stretches[end].is_apart
        if end - index > 2 and is_closed:
            kinds[index + 1 : end] = [BlockKind.LIST_ITEM] * (end - index - 1)


def _mark_links(stretches: Sequence[_Stretch], kinds: list[BlockKind]) -> None:
    """Make the headlines under a label such as "Related articles" paragraphs: they head nothing here."""
    for index, stretch in enumerate(stretches):
        if not opens_list(stretch.text):
            continue
        end = index + 1
        while (
            end < len(kinds) and kinds[end] is BlockKind.HEADING and (end == index + 1 or not stretches[end].is_apart)
        ):
            end += 1
        if end - index > 2 or (end - index == 2 and not stretches[index + 1].is_apart):
            kinds[index + 1 : end] = [BlockKind.PARAGRAPH] * (end - index - 1)


def _is_item(text: str) -> bool:
    return len(text) <= 100 and not text.endswith((".", ":", "?", "!"))


def _skipped(stretch: _Stretch, kind: BlockKind) -> int:
    """Return the length of a mark that stays outside the block: "## ", "Q: ", "A: "."""
    pattern = _REPLY if kind is BlockKind.PARAGRAPH else _QUESTION if kind is BlockKind.HEADING else None
    found = (kind is BlockKind.HEADING and _HASHES.match(stretch.text)) or (pattern and pattern.match(stretch.text))
    return found.end() if found else 0
