"""An exported file, of whichever format, read back as its record and the text that it shows.

A file that comes back is a stranger's: sizes are limited before anything is unpacked or parsed, nothing is written to
disk, no document type is accepted in XML (so there are no entities to expand), and what is shown is held against what
is recorded, since a quote can be changed in one and not in the other.
"""

from __future__ import annotations

import io
import lzma
import re
import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant import export_html, export_json, export_markdown
from assistant.errors import ExportError
from assistant.export_words import seen
from assistant.exports import Exported, ExportFormat
from assistant.word_package import RECORD_NAMESPACE, W

MAX_FILE_BYTES = 30_000_000
MAX_PARTS = 100
MAX_UNPACKED_BYTES = 60_000_000
"""Of all parts of a Word file that are read. zipfile never unpacks more of a part than it says that it holds."""


_W = f"{{{W}}}"
_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")
_SHOWN_PARTS = ("word/document.xml", "word/footnotes.xml")
_ITEM = re.compile(r"customXml/item\d{1,4}\.xml")
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    ValueError,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
)
_NO_MORE = "the file was cut, or saved by a program that drops what it does not know"


@dataclass(frozen=True, slots=True)
class ReadBack:
    """A record with the format it was in and the text its file shows, without white space; None if it is only JSON."""

    record: Exported
    format: ExportFormat
    shown: str | None

    def shows(self, text: str) -> bool:
        """Say whether the file shows a text, spaces and line breaks apart."""
        return self.shown is None or _dense(seen(text)) in self.shown


def read_file(path: Path) -> ReadBack:
    """Read an exported file. Raises ExportError for one that is too large or holds no record, OSError."""
    with path.open("rb") as file:
        content = file.read(MAX_FILE_BYTES + 1)
    try:
        return read(content)
    except ExportError as err:
        raise ExportError(f"{str(path)!r} cannot be checked: {err}") from err


def read(content: bytes) -> ReadBack:
    """Read the bytes of an exported file; its format is told from them, not from a name. Raises ExportError."""
    if len(content) > MAX_FILE_BYTES:
        raise ExportError(f"it has more than {MAX_FILE_BYTES:,} bytes, more than any export")
    if content.startswith(b"PK"):
        return _of_word(content)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as err:
        raise ExportError("it is neither a Word file nor text in UTF-8") from err
    start = text.lstrip()[:200].lower()
    if start.startswith("{"):
        return ReadBack(export_json.loaded(text), ExportFormat.JSON, None)
    if start.startswith(("<!doctype html", "<html")):
        return _of_html(text)
    return _of_markdown(text)


def _of_markdown(text: str) -> ReadBack:
    before, *found = re.split(f"^{export_markdown.RECORD_START}", text.replace("\r\n", "\n"), flags=re.MULTILINE)
    if len(found) != 1:
        raise ExportError(f"it holds {'no record' if not found else 'several records'}: {_NO_MORE}")
    record, end, after = found[0].partition(export_markdown.RECORD_END)
    if not end:
        raise ExportError(f"the end of its record is missing: {_NO_MORE}")
    shown = export_markdown.visible(f"{before}\n{after}")
    return ReadBack(export_json.loaded(record), ExportFormat.MARKDOWN, _dense(shown))


def _of_html(text: str) -> ReadBack:
    from lxml import etree

    parser = etree.HTMLParser(encoding="utf-8", no_network=True, huge_tree=True, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(text.encode(), parser)
    except (etree.LxmlError, ValueError) as err:
        raise ExportError("it is damaged HTML") from err
    found = [] if root is None else root.xpath("//script[@id=$id]", id=export_html.RECORD_ID)
    if len(found) != 1:
        raise ExportError(f"it holds {'no record' if not found else 'several records'}: {_NO_MORE}")
    record = export_json.loaded(found[0].text or "")
    etree.strip_elements(root, "script", "style", "template", "noscript", "title", with_tail=False)
    return ReadBack(record, ExportFormat.HTML, _dense("".join(root.itertext())))


def _of_word(content: bytes) -> ReadBack:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            roots = {part.filename: _xml(archive, part) for part in _parts(archive)}
    except _UNREADABLE as err:
        raise ExportError("it is damaged, or no Word file without a password") from err
    found = [root for root in roots.values() if root.tag == f"{{{RECORD_NAMESPACE}}}record"]
    if len(found) != 1:
        raise ExportError(f"it holds {'no record' if not found else 'several records'}: {_NO_MORE}")
    record = export_json.loaded(found[0].text or "")
    shown = "".join(_shown(roots[name]) for name in _SHOWN_PARTS if name in roots)
    return ReadBack(record, ExportFormat.WORD, _dense(shown))


def _parts(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """Return the parts that are read. Raises ExportError if they are too many or too large."""
    wanted = [one for one in archive.infolist() if one.filename in _SHOWN_PARTS or _ITEM.fullmatch(one.filename)]
    size = sum(one.file_size for one in wanted)
    if len(wanted) > MAX_PARTS or size > MAX_UNPACKED_BYTES:
        raise ExportError(f"it unpacks to {size:,} bytes in {len(wanted):,} parts, more than any export")
    if len({one.filename for one in wanted}) < len(wanted):
        raise ExportError("it holds two parts of one name")
    return wanted


def _xml(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Any:
    """Return the root of a part. Raises ExportError for one that is no XML or has a document type."""
    from lxml import etree

    # What libxml2 reads is what was looked at here: one encoding, whatever the part itself says.
    text = _DECLARATION.sub("", archive.read(part).decode("utf-8-sig"))
    if "<!DOCTYPE" in text:
        raise ExportError(f"its part {part.filename!r} has a document type, which no Word file needs")
    parser = etree.XMLParser(encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)
    try:
        return etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError as err:
        raise ExportError(f"its part {part.filename!r} is damaged") from err


def _shown(root: Any) -> str:
    """Return the text of a part of a Word file; what was deleted with changes tracked is no `w:t`."""
    return "".join(one.text or "" for one in root.iter(f"{_W}t"))


def _dense(text: str) -> str:
    """Return a text without white space: programs that save a file again break lines and paragraphs as they like."""
    return "".join(text.split())
