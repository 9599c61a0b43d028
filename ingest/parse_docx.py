"""Word documents (.docx) as a manuscript: styles give headings and lists, tables stay in their place.

The body is walked as XML rather than through python-docx's paragraphs, which leave out content controls and text
inserted with "track changes" on.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from assistant.domain import BlockKind
from assistant.errors import ParseError
from ingest.manuscript import Composer, Manuscript
from ingest.metadata import MAX_TITLE_CHARS, NOTHING, Stated, clean, name

if TYPE_CHECKING:
    from docx.document import Document

MAX_UNPACKED_BYTES = 200_000_000
MAX_UNPACKED_RATIO = 200
MAX_PARTS = 5_000
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_SKIPPED = frozenset(
    f"{_W}{tag}" for tag in ("del", "moveFrom", "drawing", "pict", "object", "instrText", "delText", "rPr", "pPr")
) | {"{http://schemas.openxmlformats.org/markup-compatibility/2006}AlternateContent"}
# Word and python-docx fill these in by themselves.
_PROGRAM_NAMES = re.compile(
    r"python-docx|microsoft(?: office)?(?: word| user)?.*|openxml.*|admin(?:istrator)?|user|unknown|author|owner",
    re.IGNORECASE,
)
_PROGRAM_TITLES = re.compile(
    r"microsoft word.*|word document|document\s?\d*|untitled.*|title|.*\.(?:docx?|rtf|pdf|txt|indd|html?)",
    re.IGNORECASE,
)


def read_docx(data: bytes) -> Manuscript:
    """Read the bytes of a Word document. Raises ParseError."""
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise ParseError("it is password-protected or in the old .doc format: save it as .docx without a password")
    _check_archive(data)
    document, styles = _opened(data)
    composer = Composer()
    try:
        _write_body(document.element.body, composer, styles)
    except RecursionError as err:
        raise ParseError("its tables are nested too deeply: simplify the document") from err
    return composer.manuscript(properties=_core_properties(document))


def sane_title(value: object) -> str | None:
    """Return a title from file properties, None if a program put it there."""
    found = clean(value, MAX_TITLE_CHARS)
    return None if found is None or _PROGRAM_TITLES.fullmatch(found) or found.startswith("(") else found


def sane_author(value: object) -> str | None:
    """Return an author from file properties, None if a program put it there."""
    found = name(value)
    return None if found is None or _PROGRAM_NAMES.fullmatch(found) or found.startswith("(") else found


def _check_archive(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, struct.error, EOFError, NotImplementedError, OSError) as err:
        raise ParseError("it is not a whole .docx file: open it in Word and save it again") from err
    unpacked = sum(part.file_size for part in parts)
    if (
        len(parts) > MAX_PARTS
        or unpacked > MAX_UNPACKED_BYTES
        or unpacked > 10_000_000 + MAX_UNPACKED_RATIO * len(data)
    ):
        raise ParseError(
            f"it unpacks to {unpacked:,} bytes in {len(parts):,} parts, more than a document needs: not read"
        )
    if any(part.flag_bits & 1 for part in parts):
        raise ParseError("it is password-protected: save it without a password")


def _opened(data: bytes) -> tuple[Document, _Styles]:
    from docx import Document
    from docx.opc.exceptions import OpcError
    from lxml import etree

    try:
        document = Document(io.BytesIO(data))
        if document.element.body is None:
            raise ValueError("no body")
        return document, _Styles(document)
    except (
        # python-docx lets out whatever a damaged package trips over; fuzzing found each of these.
        OpcError,
        etree.LxmlError,
        zipfile.BadZipFile,
        zlib.error,
        struct.error,
        LookupError,
        ValueError,
        TypeError,
        AttributeError,
        NotImplementedError,
        RecursionError,
        EOFError,
        OSError,
    ) as err:
        raise ParseError(
            "it is a damaged .docx file, or not a Word document: open it in Word and save it again"
        ) from err


class _Styles:
    """What the paragraph styles of a document mean, by style id."""

    def __init__(self, document: Document) -> None:
        self._meaning: dict[str, tuple[BlockKind, int]] = {}
        self._numbered: dict[str, bool] = {}
        for style in document.styles.element.iter(f"{_W}style"):
            style_id = style.get(f"{_W}styleId") or ""
            label = _value(style, "name").lower()
            self._meaning[style_id] = _meaning(label)
            self._numbered[style_id] = "number" in label
        self._formats = _number_formats(document)
        self._counts: dict[str, dict[int, int]] = {}

    def meaning(self, paragraph: Any) -> tuple[BlockKind, int, str]:
        """Return the kind, level and list mark of a paragraph."""
        properties = paragraph.find(f"{_W}pPr")
        style_id = "" if properties is None else _value(properties, "pStyle")
        kind, level = self._meaning.get(style_id, (BlockKind.PARAGRAPH, 0))
        outline = None if properties is None else _depth(_value(properties, "outlineLvl"))
        if kind is BlockKind.PARAGRAPH and outline is not None and outline < 6:
            return BlockKind.HEADING, outline + 1, ""
        number = None if properties is None else properties.find(f"{_W}numPr")
        if number is not None and kind is BlockKind.PARAGRAPH and _value(number, "numId") not in ("", "0"):
            level = _depth(_value(number, "ilvl")) or 0
            number_format = self._formats.get(_value(number, "numId"), {}).get(str(level), "bullet")
            return BlockKind.LIST_ITEM, level, self._mark(_value(number, "numId"), level, number_format)
        if kind is BlockKind.LIST_ITEM:
            return kind, level, self._mark(style_id, level, "decimal" if self._numbered[style_id] else "bullet")
        return kind, level, ""

    def _mark(self, list_id: str, level: int, number_format: str) -> str:
        if number_format != "decimal":
            return "•" if number_format == "bullet" else "–"
        counts = {above: count for above, count in self._counts.get(list_id, {}).items() if above <= level}
        counts[level] = counts.get(level, 0) + 1
        self._counts[list_id] = counts
        return f"{counts[level]}."


def _depth(value: str) -> int | None:
    """Return a level as the file writes it, at most 8; None for anything but ASCII digits ("²" is a digit too)."""
    found = re.fullmatch(r"0*([0-9]{1,9})", value)
    return min(int(found[1]), 8) if found else None


def _meaning(label: str) -> tuple[BlockKind, int]:
    if label == "title":
        return BlockKind.TITLE, 0
    if found := re.match(r"heading (\d)", label):
        return BlockKind.HEADING, min(max(int(found[1]), 1), 6)
    if label == "subtitle":
        return BlockKind.PARAGRAPH, 0
    if found := re.match(r"list (?:bullet|number)(?: (\d))?\Z", label):
        return BlockKind.LIST_ITEM, max(int(found[1] or 1) - 1, 0)
    return (BlockKind.LIST_ITEM, 0) if label == "list" else (BlockKind.PARAGRAPH, 0)


def _number_formats(document: Document) -> dict[str, dict[str, str]]:
    """Return the number format ("bullet", "decimal") by list id, then level; {} if the document defines no lists."""
    from docx.opc.constants import RELATIONSHIP_TYPE

    try:
        part: Any = document.part.part_related_by(RELATIONSHIP_TYPE.NUMBERING)
        numbering = part.element
    except (KeyError, AttributeError, ValueError):
        return {}
    # Lists share the levels they refer to, however many lists there are.
    abstract = {
        entry.get(f"{_W}abstractNumId"): {
            level.get(f"{_W}ilvl"): _value(level, "numFmt") for level in entry.iter(f"{_W}lvl")
        }
        for entry in numbering.iter(f"{_W}abstractNum")
    }
    return {
        entry.get(f"{_W}numId"): abstract.get(_value(entry, "abstractNumId"), {})
        for entry in numbering.iter(f"{_W}num")
    }


def _value(element: Any, tag: str) -> str:
    found = element.find(f"{_W}{tag}")
    return "" if found is None else found.get(f"{_W}val") or ""


def _write_body(body: Any, composer: Composer, styles: _Styles) -> None:
    for element in body:
        if element.tag == f"{_W}p":
            kind, level, mark = styles.meaning(element)
            composer.add(kind, _text(element), level, mark)
        elif element.tag == f"{_W}tbl":
            for row in _children(element, "tr"):
                composer.add_row([_text(cell).replace("\n", " ") for cell in _children(row, "tc")])
        elif element.tag not in _SKIPPED and isinstance(element.tag, str):
            _write_body(element, composer, styles)


def _children(element: Any, tag: str) -> Iterator[Any]:
    """Yield the children of a table or row, also those in content controls."""
    for child in element:
        if child.tag == f"{_W}{tag}":
            yield child
        elif child.tag in (f"{_W}sdt", f"{_W}sdtContent", f"{_W}ins", f"{_W}customXml"):
            yield from _children(child, tag)


def _text(element: Any) -> str:
    return "".join(_pieces(element))


def _pieces(element: Any) -> Iterator[str]:
    for child in element:
        if child.tag in _SKIPPED:
            continue
        if child.tag == f"{_W}t":
            yield child.text or ""
        elif child.tag in (f"{_W}br", f"{_W}cr"):
            yield "\n"
        elif child.tag in (f"{_W}tab", f"{_W}ptab"):
            yield "\t"
        elif child.tag == f"{_W}noBreakHyphen":
            yield "‑"
        else:
            yield from _pieces(child)
            if child.tag == f"{_W}p":
                yield "\n"


def _core_properties(document: Document) -> Stated:
    """Return title and author from the file's properties; its dates are those of the file, not of publication."""
    try:
        properties = document.core_properties
        return Stated(title=sane_title(properties.title), author=sane_author(properties.author))
    except (KeyError, ValueError, AttributeError, TypeError):
        return NOTHING
