"""A file as an article: the one door to the readers of each file type. Every failure is a ParseError with its reason.

The readers turn bytes into a manuscript (text, blocks, what the markup states); the manuscript becomes the article.
Files are hostile until read: sizes are capped before anything is unpacked, and nothing is fetched.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from assistant.domain import Article
from assistant.errors import ParseError
from ingest.manuscript import MAX_CHARS, Manuscript, article
from ingest.metadata import NOTHING, Stated

# Raised with every change that makes other articles of the same bytes: files read by an older one are read again.
PARSER_VERSION = 1
SUFFIXES = frozenset({".txt", ".md", ".html", ".htm", ".pdf", ".docx"})
# What sources hand over that is never a file of the user's.
SOURCE_SUFFIXES = frozenset({".federal-register"})


class Unsettled(ParseError):
    """A file changed or vanished while it was read: nothing is wrong with it, it is to be read later."""


def parse(path: Path, *, max_bytes: int) -> Article:
    """Read a file as an article. Raises ParseError with a one-line reason that does not repeat the path."""
    suffix = path.suffix.lower()
    _check_suffix(suffix)
    return parse_bytes(read_bytes(path, max_bytes=max_bytes)[0], suffix=suffix, name=path.name)


def parse_bytes(data: bytes, *, suffix: str, name: str, stated: Stated = NOTHING) -> Article:
    """Read the bytes of a file of the type `suffix` (lower case, with dot; also of SOURCE_SUFFIXES) as an article.

    `name` is the file name without folders; it is never taken for a title. `stated` is what the source says of the
    document and fills what that does not say itself. Raises ParseError.
    """
    if suffix not in SOURCE_SUFFIXES:
        _check_suffix(suffix)
    if not data:
        raise ParseError("the file is empty (0 bytes)")
    manuscript = _reader(suffix)(data)
    return article(replace(manuscript, stated=manuscript.stated.or_else(stated)))


def _check_suffix(suffix: str) -> None:
    if suffix not in SUFFIXES:
        known = ", ".join(sorted(SUFFIXES))
        raise ParseError(f"files of type {suffix or '(none)'!r} are not supported: convert it to one of {known}")


def read_bytes(path: Path, *, max_bytes: int, identity: tuple[int, int] | None = None) -> tuple[bytes, os.stat_result]:
    """Return a regular file's bytes and the state they were read in. Raises ParseError, also for one being written.

    With the device and inode that were found under the path, another file there is none of them, nor is a link.
    """
    try:
        found = path.lstat() if identity else path.stat()
        _check_identity(found, identity)
        if stat.S_ISDIR(found.st_mode):
            raise ParseError("it is a folder, not a file: name the folder that holds it instead")
        if not stat.S_ISREG(found.st_mode):
            raise ParseError("it is a device, pipe or socket, not a file: leave it out")
        # Never waits for what may have taken its place, such as a pipe.
        flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | (os.O_NOFOLLOW if identity else 0)
        with os.fdopen(os.open(path, flags), "rb") as file:
            before = os.fstat(file.fileno())
            _check_identity(before, identity)
            data = file.read(max_bytes + 1)
            after = os.fstat(file.fileno())
    except FileNotFoundError as err:
        raise Unsettled("the file is not there any more: run ingest again") from err
    except PermissionError as err:
        raise ParseError("no permission to read the file: change its permissions, e.g. chmod u+r") from err
    except (OSError, ValueError) as err:
        raise ParseError(f"the file cannot be read: {err.__class__.__name__}: {_one_line(err)}") from err
    if len(data) > max_bytes:
        raise ParseError(
            f"the file is larger than {max_bytes:,} bytes: split it, or raise TRADE_ASSISTANT_MAX_FILE_BYTES"
        )
    times = [(state.st_size, state.st_mtime_ns, state.st_ctime_ns) for state in (before, after)]
    if times[0] != times[1] or len(data) != after.st_size:
        raise Unsettled("the file is being written: run ingest again once it is complete")
    return data, after


def _check_identity(state: os.stat_result, identity: tuple[int, int] | None) -> None:
    # A new file may get the number of one that was deleted.
    is_it = identity == (state.st_dev, state.st_ino) and stat.S_ISREG(state.st_mode)
    if identity is not None and not is_it:
        raise Unsettled("another file was put in its place: run ingest again")


def _one_line(err: BaseException) -> str:
    return " ".join(str(getattr(err, "strerror", None) or err).split())[:200]


def _reader(suffix: str) -> Callable[[bytes], Manuscript]:
    """Return the reader of a file type; each imports its library only when it is wanted."""
    match suffix:
        case ".pdf":
            from ingest.parse_pdf import read_pdf

            return read_pdf
        case ".docx":
            from ingest.parse_docx import read_docx

            return read_docx
        case ".html" | ".htm":
            from ingest.parse_html import read_html

            return read_html
        case ".md":
            from ingest.parse_markdown import read_markdown

            return read_markdown
        case ".federal-register":
            from ingest.parse_federal_register import read_federal_register

            return read_federal_register
        case _:
            return _read_txt


def _read_txt(data: bytes) -> Manuscript:
    from ingest.decode import decode
    from ingest.parse_text import parse_text

    text = decode(data)
    if len(text) > MAX_CHARS:
        raise ParseError(f"its text is longer than {MAX_CHARS:,} characters: split the document")
    if text.lstrip()[:15].lower().startswith(("<!doctype html", "<html")):
        raise ParseError("it holds HTML under the name .txt: rename it to .html")
    return parse_text(text)
