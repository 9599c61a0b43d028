"""Bytes of a text file as text: byte order mark, UTF-8, the declared encoding, then detection, in that order.

A decoding that yields control characters is refused, and so is text full of replacement characters: half-decoded text
would be quoted as if it were the source.
"""

from __future__ import annotations

import codecs
import re

from assistant.errors import ParseError
from ingest.manuscript import MAX_CHARS, too_long

# No encoding has characters of more bytes.
MAX_TEXT_BYTES = 4 * MAX_CHARS
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_OTHER_FILES = (
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a ZIP or Office file"),
    (b"\xd0\xcf\x11\xe0", "an old Office file"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"\x1f\x8b", "a compressed file"),
    (b"{\\rtf", "an RTF document"),
)
_UNREADABLE = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]")
_BLANKS = re.compile(r"(?<![^\S\n])[^\S\n]{201,}")
_MISREAD = re.compile(r"[\x80\x82-\x8c\x8e\x91-\x9c\x9e\x9f]")
# A sample this long tells an encoding; detection on a whole 50 MB file would take minutes.
_SAMPLE_BYTES = 65_536


def decode(data: bytes, *, declared: str | None = None, max_bytes: int | None = MAX_TEXT_BYTES) -> str:
    """Return the text, newlines as "\\n". Raises ParseError for binary data and encodings that cannot be told.

    `declared` is the encoding the document names itself, tried after UTF-8. More than `max_bytes` are refused before
    any time is spent on them; None where most of them may be markup.
    """
    if max_bytes is not None and len(data) > max_bytes:
        raise too_long()
    for magic, what in _OTHER_FILES:
        if data.startswith(magic):
            raise ParseError(f"it is {what} under another file type's name: rename it")
    text = _decoded(data, declared)
    text = re.sub(r"\r\n?|[\x0b\x0c\u2028\u2029]", "\n", text.removeprefix("\ufeff").rstrip("\x1a"))
    # No document sets thousands of blanks in a row; patterns that look for the end of white space take forever on them.
    text = _BLANKS.sub(" " * 200, text)
    # Windows punctuation that was once taken for Latin-1 is common in well-formed UTF-8; browsers read it so too.
    text = _MISREAD.sub(lambda found: found[0].encode("latin-1").decode("cp1252"), text)
    # A file that holds the replacement character was damaged before: a stray one shows where, many leave no text.
    if text.count("\ufffd") > len(text) // 100:
        raise ParseError("its text was destroyed by an earlier conversion (U+FFFD): get the original file")
    if unreadable := _UNREADABLE.search(text):
        code = f"U+{ord(unreadable[0]):04X}"
        raise ParseError(
            f"it holds binary data or text in an unknown encoding ({code} at {unreadable.start()}): save it as UTF-8"
        )
    return text


def _decoded(data: bytes, declared: str | None) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _strictly(data, encoding) or _refuse(f"it begins as {encoding.upper()} but is not: save it as UTF-8")
    if (text := _strictly(data, "utf-8")) is not None and "\x00" not in text:
        return text
    if data[:2000].count(0) > len(data[:2000]) // 4:
        return _utf16(data)
    if declared and (text := _strictly(data, declared)) is not None:
        return text
    return _detected(data)


def _strictly(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except (UnicodeError, LookupError, ValueError):
        return None


def _refuse(reason: str) -> str:
    raise ParseError(reason)


def _utf16(data: bytes) -> str:
    """Decode UTF-16 that lost its mark: Latin text has its zero bytes all at odd or all at even places."""
    sample = data[:2000]
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if min(even, odd) * 20 <= max(even, odd):
        text = _strictly(data, "utf-16-le" if odd > even else "utf-16-be")
        if text is not None:
            return text
    raise ParseError("it holds binary data, not text: convert it to text, or leave it out")


def _detected(data: bytes) -> str:
    from charset_normalizer import from_bytes

    # Western single-byte text of any length is read right by cp1252; detectors often call short samples Baltic or Thai.
    high = sum(byte > 127 for byte in data[:_SAMPLE_BYTES])
    if high * 20 <= min(len(data), _SAMPLE_BYTES) and (text := _strictly(data, "cp1252")) and _is_western(text):
        return text
    for match in from_bytes(data[:_SAMPLE_BYTES]):
        text = _strictly(data, match.encoding)
        if text is not None and not _UNREADABLE.search(text):
            return text
    raise ParseError("its text encoding cannot be told: save it as UTF-8")


def _is_western(text: str) -> bool:
    """Say whether the characters beyond ASCII are ones Western text has: letters, quotes, dashes, signs."""
    return not re.search(
        r"[^\x00-\x7f‘’“”–—…•€£¥§©®™°±²³«»¡¿·ªº¼½¾ÀÂÄÅÆÇÈÉÊËÌÎÏÑÒÔÖØÙÛÜßàáâãäåæçèéêëìíîïñòóôõöøùúûüÁÍÓÚÃÕœŒ\xa0]", text
    )
