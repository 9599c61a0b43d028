"""Packed HTTP bodies, unpacked in small pieces: a bomb is noticed before what it unpacks to is held in memory.

httpx unpacks each read as a whole, and packings within packings, a thousandfold each; servers are asked for one of two.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any, Protocol

from assistant.errors import FetchError

PIECE_BYTES = 65_536


class Unpacker(Protocol):
    """Turns what comes over the wire into what was meant."""

    def pieces(self, data: bytes) -> Iterator[bytes]:
        """Yield what some bytes unpack to, at most PIECE_BYTES at a time. Raises FetchError if they are damaged."""
        ...

    @property
    def is_whole(self) -> bool:
        """Say whether nothing is missing at the end."""
        ...


def unpacker(encoding: str) -> Unpacker:
    """Return the unpacker for a Content-Encoding. Raises FetchError for one that was not asked for."""
    name = encoding.strip().lower().removeprefix("x-")
    if name in ("", "identity"):
        return _Plain()
    if name in ("gzip", "deflate"):
        return _Zipped(is_gzip=name == "gzip")
    raise FetchError(f"the server packs its answer as {encoding[:40]!r}, which was not asked for")


class _Plain:
    is_whole = True

    def pieces(self, data: bytes) -> Iterator[bytes]:
        yield data


class _Zipped:
    def __init__(self, *, is_gzip: bool) -> None:
        self._is_gzip = is_gzip
        self._stream: Any = None
        self._is_done = False

    @property
    def is_whole(self) -> bool:
        return self._is_done or self._stream is None

    def pieces(self, data: bytes) -> Iterator[bytes]:
        while data and not self._is_done:
            if self._stream is None:
                self._stream = zlib.decompressobj(self._window(data))
            try:
                yield from self._unpacked(data)
            except zlib.error as err:
                raise FetchError(f"the packed answer is damaged: {err}") from err
            if not self._stream.eof:
                return
            # A gzip file may have several members; what follows the last one is padding.
            data = self._stream.unused_data
            self._is_done = not (self._is_gzip and data.startswith(b"\x1f\x8b"))
            self._stream = None

    def _window(self, data: bytes) -> int:
        """Return zlib's window size: some servers mean zlib by "deflate", as the standard says, others bare deflate."""
        if self._is_gzip:
            return zlib.MAX_WBITS + 16
        return zlib.MAX_WBITS if data[0] & 0x0F == zlib.DEFLATED else -zlib.MAX_WBITS

    def _unpacked(self, data: bytes) -> Iterator[bytes]:
        is_more = True
        while is_more:
            piece = self._stream.decompress(data, PIECE_BYTES)
            data = self._stream.unconsumed_tail
            # With nothing left to read, a full piece may still have a rest inside.
            is_more = not self._stream.eof and (bool(data) or len(piece) == PIECE_BYTES)
            yield piece
