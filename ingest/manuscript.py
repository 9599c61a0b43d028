"""A document once its file format is behind it: its text, blocks by markup or shape, and what the markup states.

The readers of the file types end here; `article` does what is the same for all of them: it finds the title, bylines,
datelines and page furniture, and fills up from the text what the markup left unsaid.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.domain import Article, Block, BlockKind
from assistant.errors import ParseError
from assistant.text import sentences
from ingest.boilerplate import is_boilerplate, opens_list, runs
from ingest.metadata import MAX_TITLE_CHARS, NOTHING, Stated, byline, clean, dateline, is_name, shorten, stated_date

MAX_CHARS = 5_000_000
MAX_DERIVED_TITLE_CHARS = 90
# Every passage below a heading is stored and embedded with it: one of a megabyte would be written a thousand times.
MAX_HEADING_CHARS = 1_000
_FRONT_BLOCKS = 10
_BACK_BLOCKS = 8
_ANSWERABLE = frozenset({BlockKind.PARAGRAPH, BlockKind.LIST_ITEM, BlockKind.TABLE_ROW})
_SECTION_NAMES = frozenset(
    "key points|key takeaways|takeaways|highlights|summary|executive summary|abstract|overview|introduction|background"
    "|context|contents|table of contents|faq|faqs|faq's|what to know|at a glance|in brief".split("|")
)
_INVISIBLE = re.compile("[\u00ad\u200b-\u200d\u2060\ufeff\ufffc]")


@dataclass(frozen=True, slots=True)
class Manuscript:
    """A text, its blocks in ascending order, and what its markup states.

    `is_wrapped` says that a line break inside a block is only typesetting. `properties` are those of the file, which
    count only where the text itself is silent: programs fill them in.
    """

    text: str
    blocks: tuple[Block, ...]
    stated: Stated = NOTHING
    is_wrapped: bool = False
    properties: Stated = NOTHING


class Composer:
    """Write a manuscript block by block, for file types whose text is not the file itself."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._blocks: list[Block] = []
        self._length = 0

    def add(self, kind: BlockKind, text: str, level: int = 0, mark: str = "") -> None:
        """Append a block; white space is collapsed line by line, and nothing is added for blank text.

        `mark` ("•", "1.") is written before the block and is no part of it; a list item without one goes on with the
        item before it.
        """
        lines = (" ".join(line.split()) for line in _INVISIBLE.sub("", _printable(text)).split("\n"))
        body = "\n".join(line for line in lines if line)
        if not body:
            return
        before = "" if kind is not BlockKind.LIST_ITEM else "  " * level + (f"{mark} " if mark else "  ")
        if self._blocks:
            is_run = kind is self._blocks[-1].kind and kind in (BlockKind.LIST_ITEM, BlockKind.TABLE_ROW)
            before = ("\n" if is_run else "\n\n") + before
        start = self._length + len(before)
        self._length = start + len(body)
        if self._length > MAX_CHARS:
            raise too_long()
        self._parts += (before, body)
        self._blocks.append(Block(kind, start, self._length, level))

    def add_row(self, cells: Sequence[str]) -> None:
        """Append a table row as "cell | cell"; a row of one filled cell is a paragraph."""
        filled = [" ".join(cell.split()) for cell in cells]
        while filled and not filled[-1]:
            filled.pop()
        kind = BlockKind.TABLE_ROW if sum(map(bool, filled)) > 1 else BlockKind.PARAGRAPH
        self.add(kind, " | ".join(filled) if kind is BlockKind.TABLE_ROW else "".join(filled))

    @property
    def is_empty(self) -> bool:
        """Say whether nothing has been written yet."""
        return not self._blocks

    def manuscript(self, stated: Stated = NOTHING, *, properties: Stated = NOTHING) -> Manuscript:
        """Return what was written."""
        return Manuscript("".join(self._parts), tuple(self._blocks), stated, properties=properties)


def too_long() -> ParseError:
    """Return the error for a document whose text has more than 5,000,000 characters, about 2,000 pages."""
    return ParseError(f"its text is longer than {MAX_CHARS:,} characters: split the document")


def article(manuscript: Manuscript) -> Article:
    """Return the article a manuscript holds. Raises ParseError if it has nothing to answer from."""
    text = manuscript.text
    if not manuscript.blocks:
        raise ParseError("it holds no readable text")
    if len(text) > MAX_CHARS:
        raise too_long()
    blocks = _without_furniture(manuscript)
    blocks = _with_title(text, blocks, manuscript.stated.title or manuscript.properties.title)
    blocks, credited = _with_bylines(text, blocks)
    if not any(block.kind in _ANSWERABLE for block in blocks):
        raise ParseError("it holds no text to answer from, only titles, credits or page furniture")
    stated = manuscript.stated.or_else(credited)
    title = stated.title or _shown_title(text, blocks) or manuscript.properties.title or _derived_title(text, blocks)
    stated = stated.or_else(manuscript.properties)
    return Article(
        title=title,
        text=text,
        blocks=tuple(blocks),
        publisher=stated.publisher,
        author=stated.author,
        published=stated.published,
        url=stated.url,
        effective=stated.effective,
        references=stated.references,
    )


def _without_furniture(manuscript: Manuscript) -> list[Block]:
    """Return the blocks with page furniture marked; a paragraph that holds some is split at the sentence."""
    text, found = manuscript.text, list[Block]()
    listing: Block | None = None
    for block in manuscript.blocks:
        content = text[block.start : block.end]
        is_listed = listing is not None and _is_listed(text, listing, found[-1], block)
        if not is_listed:
            listing = None
        if block.kind in (BlockKind.TITLE, BlockKind.BYLINE, BlockKind.TABLE_ROW):
            found.append(block)
        elif is_listed or (is_boilerplate(content) and byline(content) is None):
            found.append(Block(BlockKind.BOILERPLATE, block.start, block.end))
            listing = listing or (block if opens_list(content) else None)
        elif block.kind is BlockKind.HEADING and block.end - block.start <= MAX_HEADING_CHARS:
            found.append(block)
        else:
            kind = BlockKind.PARAGRAPH if block.kind is BlockKind.HEADING else block.kind
            parts = runs(text, block.start, block.end, wrapped=manuscript.is_wrapped or "\n" not in content)
            for start, end, is_furniture in parts:
                part = Block(kind, start, end, block.level if kind is block.kind else 0)
                found.append(Block(BlockKind.BOILERPLATE, start, end) if is_furniture else part)
    return found


def _is_listed(text: str, label: Block, previous: Block, block: Block) -> bool:
    """Say whether a block is one of the links or names under a label such as "Sources include:"."""
    content = text[block.start : block.end]
    if block.kind is BlockKind.HEADING or _is_prose(content) or byline(content):
        return False
    is_apart = "\n" in text[previous.end : block.start].replace("\n", "", 1)
    return previous is label or previous.start == label.start or block.kind is BlockKind.LIST_ITEM or not is_apart


def _is_prose(content: str) -> bool:
    return len(content.split()) >= 14 and content.rstrip("\"'”’)").endswith((".", "!", "?"))


def _with_title(text: str, blocks: list[Block], stated: str | None) -> list[Block]:
    """Return the blocks with the one that holds the title marked, if the document shows its title."""
    if any(block.kind is BlockKind.TITLE for block in blocks):
        return blocks
    for index, block in enumerate(blocks[:_FRONT_BLOCKS]):
        content = text[block.start : block.end]
        if block.kind is BlockKind.BOILERPLATE or (block.kind is not BlockKind.HEADING and byline(content)):
            continue
        is_stated = stated is not None and _alike(content, stated)
        is_heading = block.kind is BlockKind.HEADING and content.strip(" :").lower() not in _SECTION_NAMES
        is_above_byline = (
            block.kind is BlockKind.PARAGRAPH
            and len(content) <= 160
            and index + 1 < len(blocks)
            and byline(text[blocks[index + 1].start : blocks[index + 1].end]) is not None
        )
        if is_heading and not is_stated and _is_masthead(text, blocks, index):
            blocks = [*blocks[:index], Block(BlockKind.BYLINE, block.start, block.end), *blocks[index + 1 :]]
            continue
        if is_stated or is_heading or is_above_byline:
            return [*blocks[:index], Block(BlockKind.TITLE, block.start, block.end), *blocks[index + 1 :]]
        return blocks
    return blocks


def _is_masthead(text: str, blocks: list[Block], index: int) -> bool:
    """Say whether a line of capitals above the title names the publication or kind of text ("PRESS RELEASE")."""
    content = text[blocks[index].start : blocks[index].end]
    if not content.isupper() or len(content.split()) > 4:
        return False
    following = (block for block in blocks[index + 1 : _front(text, blocks)] if block.kind is BlockKind.HEADING)
    return any(not text[block.start : block.end].isupper() for block in following)


def _alike(first: str, second: str) -> bool:
    return re.findall(r"\w+", first.casefold()) == re.findall(r"\w+", second.casefold())


def _with_bylines(text: str, blocks: list[Block]) -> tuple[list[Block], Stated]:
    """Return the blocks with bylines, credits and the dateline marked, and what they state."""
    found, stated = list(blocks), NOTHING
    front = _front(text, blocks)
    is_timeline = sum(stated_date(text[block.start : block.end]) is not None for block in blocks) > 1
    for index, block in enumerate(blocks):
        # Below a standfirst a byline is still known by its "By"; a source there may be that of a chart.
        is_near = index < front or index >= len(blocks) - _BACK_BLOCKS
        if block.kind not in (BlockKind.PARAGRAPH, BlockKind.HEADING, BlockKind.BYLINE):
            continue
        read = byline(text[block.start : block.end])
        if read is None or not (read.is_labelled or (index < front and not is_timeline)):
            continue
        if not is_near and not (index < _FRONT_BLOCKS and read.stated.author):
            continue
        if not read.is_labelled and index and is_name(text[blocks[index - 1].start : blocks[index - 1].end]):
            found[index - 1] = _as_byline(found[index - 1])
        found[index] = Block(BlockKind.BYLINE, block.start, block.end)
        stated = stated.or_else(read.stated)
    return _with_dateline(text, found, stated)


def _as_byline(block: Block) -> Block:
    """Return a line with nothing but a name above the date as a byline; whose name it is, it does not say."""
    return block if block.kind is BlockKind.TITLE else Block(BlockKind.BYLINE, block.start, block.end)


def _front(text: str, blocks: list[Block]) -> int:
    """Return how many blocks stand before the first running text."""
    for index, block in enumerate(blocks[:_FRONT_BLOCKS]):
        content = text[block.start : block.end]
        if block.kind in (BlockKind.LIST_ITEM, BlockKind.TABLE_ROW):
            return index
        if block.kind is BlockKind.PARAGRAPH and byline(content) is None and len(content) > 160:
            return index
    return min(len(blocks), _FRONT_BLOCKS)


def _with_dateline(text: str, blocks: list[Block], stated: Stated) -> tuple[list[Block], Stated]:
    for index, block in enumerate(blocks):
        if block.kind is not BlockKind.PARAGRAPH:
            continue
        read = dateline(text[block.start : block.end])
        if read is None:
            break
        length, found = read
        start = block.start + length
        head = len(text[block.start : start].rstrip())
        parts = [Block(BlockKind.BYLINE, block.start, block.start + head), replace(block, start=start)]
        return [*blocks[:index], *parts, *blocks[index + 1 :]], stated.or_else(found)
    return blocks, stated


def _shown_title(text: str, blocks: Sequence[Block]) -> str | None:
    shown = next((text[block.start : block.end] for block in blocks if block.kind is BlockKind.TITLE), None)
    return clean(shown, MAX_TITLE_CHARS)


def _derived_title(text: str, blocks: Sequence[Block]) -> str:
    """Return the first sentence, shortened: an article without a title still has to be named in lists."""
    first = next(block for block in blocks if block.kind in _ANSWERABLE)
    start, end = sentences(text, first.start, first.end, wrapped=True)[0]
    return shorten(clean(text[start:end], MAX_TITLE_CHARS) or "Untitled", MAX_DERIVED_TITLE_CHARS)


def _printable(text: str) -> str:
    """Return the text with line ends as "\\n" and control characters as spaces."""
    return re.sub(
        r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]",
        " ",
        re.sub(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]", "\n", text),
    )
