"""PDF files as a manuscript, from the place, size and weight of their characters (PDFium).

A PDF has lines, not paragraphs: lines are joined where the next word would not have fitted, words hyphenated at a
line's end are made whole, running heads and page numbers are left out, larger or bold lines are headings.
"""

from __future__ import annotations

import ctypes
import re
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median
from typing import Any

from assistant.domain import BlockKind
from assistant.errors import ParseError
from ingest.manuscript import MAX_CHARS, Composer, Manuscript, too_long
from ingest.metadata import Stated
from ingest.parse_docx import sane_author, sane_title
from ingest.parse_text import parse_text

MAX_PAGES = 3_000
_PASSWORD_ERROR = 4
# PDFium is not thread-safe.
_PDFIUM = threading.Lock()
_HYPHENS = "-\u00ad\u2010"
_HYPHEN_MARKS = (0x02, 0xFFFE)
_LINE_ENDS = (0x0A, 0x0D, *_HYPHEN_MARKS)
_BULLET = re.compile(r"(?P<sign>[•‣▪◦●·–○■□▶➤\uf0b7\uf0a7*-])\s+(?=\S)|(?P<number>\(?\d{1,2}[.)])\s+(?=\S)")
_BARE_NUMBER = re.compile(
    r"(?:page\s+)?[-–—|]?\s*#(?:\s*(?:of|/)\s*#)?\s*[-–—|]?|(?:.{0,60}\s)?page #(?: of #)?|[ivxl]{1,6}", re.IGNORECASE
)
# First halves of words that English writes with a hyphen, so that it stays when a line ends at it.
_COMPOUNDS = frozenset(
    "one two three four five six seven eight nine ten non self well long short high low mid anti pro co ex pre post "
    "semi cross multi quasi half part full real third first second so year day rare critical decision supply export "
    "import trade state government dual end all tit for on the".split()
)


def read_pdf(data: bytes) -> Manuscript:
    """Read the bytes of a PDF file. Raises ParseError for encrypted, damaged and scanned ones."""
    with _PDFIUM:
        lines, properties, pages = _read(data)
    if not lines:
        raise ParseError(f"it has no text layer ({pages} pages, probably a scan): run OCR on it first, e.g. ocrmypdf")
    _check_readable(lines)
    stretches = _stretches(_without_running_lines(lines, pages))
    composer = Composer()
    if any(stretch.kind is BlockKind.HEADING for stretch in stretches):
        _write(stretches, composer)
        manuscript = composer.manuscript()
    else:
        manuscript = parse_text("\n".join(f"{stretch.mark} {stretch.text}".strip() for stretch in stretches))
    return replace(manuscript, properties=properties)


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of a page; lengths in points from the lower left corner; `size` is the height of its characters."""

    page: int
    text: str
    cells: tuple[tuple[float, str], ...]
    left: float
    right: float
    bottom: float
    size: float
    is_bold: bool
    is_margin: bool


def _read(data: bytes) -> tuple[list[_Line], Stated, int]:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as err:
        if getattr(err, "err_code", None) == _PASSWORD_ERROR:
            raise ParseError("it is encrypted with a password: save it without one") from err
        raise ParseError("it is a damaged PDF, or none at all: open it in a viewer and print it to a new PDF") from err
    try:
        pages = len(document)
        if pages > MAX_PAGES:
            raise ParseError(f"it has {pages:,} pages, more than {MAX_PAGES:,}: split the document")
        lines: list[_Line] = []
        left = MAX_CHARS
        for number in range(pages):
            on_page, count = _page_lines(document, number, left)
            lines += on_page
            left -= count
        properties = document.get_metadata_dict()
    except (pypdfium2.PdfiumError, ValueError) as err:
        raise ParseError("a page of the PDF is damaged: open it in a viewer and print it to a new PDF") from err
    finally:
        document.close()
    return lines, Stated(title=sane_title(properties.get("Title")), author=sane_author(properties.get("Author"))), pages


def _page_lines(document: Any, number: int, max_chars: int) -> tuple[list[_Line], int]:
    """Return the lines of a page and how many characters it has. Raises ParseError if there are more than allowed."""
    page = document[number]
    try:
        textpage = page.get_textpage()
        try:
            count = textpage.count_chars()
            if count > max_chars:
                raise too_long()
            return list(_text_lines(textpage, count, number, page.get_height())), count
        finally:
            textpage.close()
    finally:
        page.close()


def _text_lines(textpage: Any, count: int, page: int, height: float) -> Iterator[_Line]:
    import pypdfium2.raw as pdfium

    characters = [pdfium.FPDFText_GetUnicode(textpage.raw, index) for index in range(count)]
    start = 0
    for index in range(count + 1):
        if index == count or characters[index] in _LINE_ENDS:
            # PDFium puts a mark in place of a hyphen at a line's end, and no line end after it.
            end = index + 1 if index < count and characters[index] in _HYPHEN_MARKS else index
            if line := _line(textpage, pdfium, characters, start, end, page, height):
                yield line
            start = index + 1


def _line(textpage: Any, pdfium: Any, codes: list[int], start: int, end: int, page: int, height: float) -> _Line | None:
    inked = [index for index in range(start, end) if not chr(codes[index]).isspace() and codes[index]]
    if not inked:
        return None
    first, last, middle = inked[0], inked[-1], inked[len(inked) // 2]
    left, _, _, _ = textpage.get_charbox(first, loose=True)
    # A few characters, as one word may be set in another font.
    boxes = [textpage.get_charbox(index, loose=True) for index in inked[:: max(1, len(inked) // 5)]]
    middle_bottom = median(box[1] for box in boxes)
    right = textpage.get_charbox(last, loose=True)[2]
    size = round(max(median(box[3] - box[1] for box in boxes), 1.0), 1)
    cells, opened, opened_left = [], first, left
    for index in range(first + 1, last):
        if codes[index] == 32 and pdfium.FPDFText_IsGenerated(textpage.raw, index):
            before, after = (
                textpage.get_charbox(index - 1, loose=True)[2],
                textpage.get_charbox(index + 1, loose=True)[0],
            )
            if after - before > size:
                cells.append((opened_left, _string(codes[opened:index])))
                opened, opened_left = index + 1, after
    cells.append((opened_left, _string(codes[opened : last + 1])))
    is_bold = _is_bold(textpage, pdfium, middle) and _is_bold(textpage, pdfium, last)
    is_margin = height > 0 and not 0.09 * height < middle_bottom < 0.91 * height
    text = _string(codes[first : last + 1])
    return _Line(page, text, tuple(cells), left, right, middle_bottom, size, is_bold, is_margin)


def _string(codes: Sequence[int]) -> str:
    """Return UTF-16 code units as text, the hyphens PDFium puts at line ends as "-"."""
    units = "".join(map(chr, codes)).encode("utf-16-le", "surrogatepass")
    text = units.decode("utf-16-le", "replace")
    return " ".join(text.replace("\x02", "-").replace("\ufffe", "-").replace("\x00", " ").split())


def _is_bold(textpage: Any, pdfium: Any, index: int) -> bool:
    if pdfium.FPDFText_GetFontWeight(textpage.raw, index) >= 600:
        return True
    buffer, flags = ctypes.create_string_buffer(128), ctypes.c_int()
    pdfium.FPDFText_GetFontInfo(textpage.raw, index, buffer, len(buffer), ctypes.byref(flags))
    return any(word in buffer.value.lower() for word in (b"bold", b"black", b"heavy"))


def _check_readable(lines: Sequence[_Line]) -> None:
    """Refuse text whose characters have no meaning: fonts without a map to Unicode print well and read as rubbish."""
    text = "".join(line.text for line in lines)
    strange = sum(character == "\ufffd" or "\ue000" <= character <= "\uf8ff" or character < " " for character in text)
    if strange > 0.2 * len(text):
        raise ParseError("its text layer cannot be read (fonts without a character map): run OCR on it, e.g. ocrmypdf")


def _without_running_lines(lines: Sequence[_Line], pages: int) -> list[_Line]:
    """Return the lines without the heads and feet that repeat from page to page, and without page numbers."""
    appearances: dict[str, set[int]] = defaultdict(set)
    for line in lines:
        if line.is_margin:
            appearances[_numberless(line.text)].add(line.page)
    repeated = {text for text, found in appearances.items() if len(found) >= max(2, min(3, pages // 3))}
    kept = [
        line
        for line in lines
        if not (
            line.is_margin and (_numberless(line.text) in repeated or _BARE_NUMBER.fullmatch(_numberless(line.text)))
        )
    ]
    return kept or list(lines)


def _numberless(text: str) -> str:
    return re.sub(r"\d+", "#", text.casefold())


@dataclass(slots=True)
class _Stretch:
    """A paragraph, heading, list item or table row being put together from lines."""

    kind: BlockKind
    parts: list[str]
    mark: str
    lines: list[_Line]
    cells: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return "".join(self.parts)


def _stretches(lines: Sequence[_Line]) -> list[_Stretch]:
    shape = _Shape(lines)
    rows = _table_lines(lines)
    vocabulary = set(re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", " ".join(line.text for line in lines).lower()))
    stretches: list[_Stretch] = []
    for index, line in enumerate(lines):
        if index in rows:
            stretches.append(
                _Stretch(BlockKind.TABLE_ROW, [line.text], "", [line], tuple(text for _, text in line.cells))
            )
            continue
        bullet = _BULLET.match(line.text)
        is_heading = shape.is_heading(line)
        if stretches and (bullet is None or is_heading) and shape.continues(stretches[-1], line, is_heading=is_heading):
            stretches[-1].parts[-1] = _ended(stretches[-1].parts[-1], line.text, vocabulary)
            stretches[-1].parts.append(line.text)
            stretches[-1].lines.append(line)
        elif bullet is not None and not is_heading:
            mark = bullet["number"] or "•"
            stretches.append(_Stretch(BlockKind.LIST_ITEM, [line.text[bullet.end() :]], mark, [line]))
        else:
            kind = BlockKind.HEADING if is_heading else BlockKind.PARAGRAPH
            stretches.append(_Stretch(kind, [line.text], "", [line]))
    return stretches


class _Shape:
    """What is usual in a document: the size of its running text, the distance of its lines, its right margins."""

    def __init__(self, lines: Sequence[_Line]) -> None:
        sizes: Counter[float] = Counter()
        for line in lines:
            sizes[line.size] += len(line.text)
        self.size = sizes.most_common(1)[0][0]
        bold = sum(len(line.text) for line in lines if line.is_bold)
        self.is_bold_rare = bold < 0.4 * sum(len(line.text) for line in lines)
        steps = [
            first.bottom - second.bottom
            for first, second in pairwise(lines)
            if first.page == second.page
            and self._is_body(first)
            and self._is_body(second)
            and first.bottom > second.bottom
        ]
        # The lower quarter: in a document of short paragraphs most steps are those between paragraphs.
        step = sorted(steps)[len(steps) // 4] if steps else 1.2 * self.size
        self.step = min(max(step, 0.9 * self.size), 1.75 * self.size)
        self._margins: dict[tuple[int, int], float] = {}
        self._rights: dict[int, list[tuple[float, float]]] = defaultdict(list)
        for line in lines:
            self._rights[line.page].append((line.left, line.right))

    def _is_body(self, line: _Line) -> bool:
        return abs(line.size - self.size) <= 0.06 * self.size

    def is_heading(self, line: _Line) -> bool:
        """Say whether a line is set apart by its size or weight and reads like a heading."""
        if len(line.text) > 200 or not any(character.isalpha() for character in line.text):
            return False
        if line.size >= 1.1 * self.size:
            return True
        is_emphatic = line.is_bold and self.is_bold_rare and line.size >= 0.9 * self.size
        return is_emphatic and len(line.text) <= 120 and not re.search(r"[.,;:!][\"'”’)]*\Z", line.text)

    def continues(self, stretch: _Stretch, line: _Line, *, is_heading: bool) -> bool:
        """Say whether a line goes on with what the lines before it began."""
        last = stretch.lines[-1]
        if stretch.kind is BlockKind.TABLE_ROW or is_heading is not (stretch.kind is BlockKind.HEADING):
            return False
        if abs(line.size - last.size) > 0.12 * last.size:
            return False
        if is_heading:
            return (
                line.is_bold is last.is_bold
                and 0 < last.bottom - line.bottom <= 1.5 * last.size
                and line.page == last.page
            )
        is_running_on = line.text[0].islower() and not re.search(r"[.!?:][\"'”’)]*\Z", last.text)
        is_full = is_running_on or not self._fits(last, line)
        if _is_elsewhere(last, line):
            return is_running_on or (is_full and not re.search(r"[.!?:][\"'”’)]*\Z", last.text))
        if last.bottom - line.bottom > 1.3 * self.step:
            return False
        if stretch.kind is BlockKind.LIST_ITEM and line.left > stretch.lines[0].left + 0.5 * line.size:
            return True
        is_indented = line.left > last.left + 0.8 * line.size and not line.text[0].islower()
        return is_full and not is_indented

    def _fits(self, last: _Line, line: _Line) -> bool:
        """Say whether the first word of a line would have found room on the line before: then the break is meant."""
        word = line.text.split(maxsplit=1)[0]
        per_character = (line.right - line.left) / max(len(line.text), 1)
        return last.right + 1.25 * per_character * (len(word) + 1) < self._margin(last)

    def _margin(self, line: _Line) -> float:
        """Return where lines that begin about where this one does end at the latest, one in ten left out."""
        key = (line.page, round(line.left / 10))
        if key not in self._margins:
            rights = sorted(right for left, right in self._rights[line.page] if abs(left - line.left) < 60)
            self._margins[key] = rights[-1 - len(rights) // 10]
        return self._margins[key]


def _table_lines(lines: Sequence[_Line]) -> set[int]:
    """Return the numbers of lines that are table rows: neighbours with as many cells, set at the same places."""
    rows: set[int] = set()
    for index, (first, second) in enumerate(pairwise(lines)):
        if len(first.cells) < 2 or len(first.cells) != len(second.cells) or first.page != second.page:
            continue
        if any(_BULLET.match(f"{line.cells[0][1]} x") for line in (first, second)):
            continue
        pairs = zip(first.cells, second.cells, strict=True)
        if all(abs(one[0] - other[0]) <= 1.5 * first.size for one, other in pairs):
            rows |= {index, index + 1}
    return rows


def _ended(before: str, after: str, vocabulary: set[str]) -> str:
    """Return a line as it ends before the next one: with a space, or at a hyphen without, or without the hyphen.

    A hyphen at the end stays if the document writes the word with one elsewhere, or English commonly does.
    """
    if len(before) < 2 or before[-1] not in _HYPHENS or not before[-2].isalpha() or not after[0].islower():
        is_tight = before[-1] in "-‑—" and not before[-2:-1].isspace() and after[0].isalnum()
        return before if is_tight else f"{before} "
    head = (re.search(r"[^\W\d_]+(?:-[^\W\d_]+)*\Z", before[-80:-1]) or [before[:-1]])[0].lower()
    tail = (re.match(r"[^\W\d_]+", after) or [after])[0].lower()
    is_compound = f"{head}-{tail}" in vocabulary or head.rpartition("-")[2] in _COMPOUNDS
    return before if is_compound and f"{head}{tail}" not in vocabulary else before[:-1]


def _write(stretches: Sequence[_Stretch], composer: Composer) -> None:
    headings = [stretch for stretch in stretches if stretch.kind is BlockKind.HEADING]
    largest = max(stretch.lines[0].size for stretch in headings)
    title = next(stretch for stretch in headings if stretch.lines[0].size == largest)
    opens = (
        title is next(stretch for stretch in stretches if stretch.kind is not BlockKind.TABLE_ROW)
        or title is headings[0]
    )
    is_title = opens and title.lines[0].page == 0
    sizes = sorted({stretch.lines[0].size for stretch in headings if not (is_title and stretch is title)}, reverse=True)
    for stretch, depth in zip(stretches, _depths(stretches), strict=True):
        match stretch.kind:
            case BlockKind.TABLE_ROW:
                composer.add_row(stretch.cells)
            case BlockKind.HEADING if is_title and stretch is title:
                composer.add(BlockKind.TITLE, stretch.text)
            case BlockKind.HEADING:
                composer.add(BlockKind.HEADING, stretch.text, min(sizes.index(stretch.lines[0].size) + 2, 6))
            case BlockKind.LIST_ITEM:
                composer.add(BlockKind.LIST_ITEM, stretch.text, depth, stretch.mark)
            case _:
                composer.add(stretch.kind, stretch.text)


def _depths(stretches: Sequence[_Stretch]) -> list[int]:
    """Return how deep each list item is by its indent; an item at the top of a column is as deep as the one before."""
    depths: list[int] = []
    indents: list[float] = []
    previous: _Stretch | None = None
    for stretch in stretches:
        if stretch.kind is not BlockKind.LIST_ITEM:
            indents, previous = [], None
            depths.append(0)
            continue
        left = stretch.lines[0].left
        if previous is not None and _is_elsewhere(previous.lines[-1], stretch.lines[0]):
            indents = [indent + left - previous.lines[0].left for indent in indents]
        while indents and indents[-1] > left + 5:
            indents.pop()
        if not indents or left > indents[-1] + 9:
            indents.append(left)
        depths.append(min(len(indents) - 1, 8))
        previous = stretch
    return depths


def _is_elsewhere(last: _Line, line: _Line) -> bool:
    """Say whether a line begins a new page or column."""
    return line.page != last.page or line.bottom >= last.bottom
