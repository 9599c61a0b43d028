"""Which way round a text writes its dates in figures: is 5/1/2026 the fifth of January or the first of May?

Read from the text's own dates that can be read one way only ("4/28/2026"), else from where its publisher is. Where
neither tells, a date that may be two days is neither.
"""

from __future__ import annotations

import re
from dataclasses import replace
from enum import StrEnum
from urllib.parse import urlsplit

from assistant.figures import WrittenDate


class DateOrder(StrEnum):
    """What comes first in a date in figures."""

    DAY = "day first"
    MONTH = "month first"


def date_order(text: str, *, publisher: str | None = None, url: str | None = None) -> DateOrder | None:
    """Return how a text of this publisher writes dates in figures, None where nothing tells or the text does both."""
    shown = {order for match in _IN_FIGURES.finditer(text) if (order := _shown(int(match[1]), int(match[2])))}
    if shown:
        return shown.pop() if len(shown) == 1 else None
    ending = (urlsplit(url).hostname or "").rpartition(".")[2] if url and _is_address(url) else ""
    if ending in _MONTH_FIRST or _AMERICAN.search(publisher or ""):
        return DateOrder.MONTH
    return DateOrder.DAY if ending in _DAY_FIRST or _BRITISH.search(publisher or "") else None


def in_order(written: WrittenDate, order: DateOrder | None) -> WrittenDate | None:
    """Return the date that an order makes of one in figures read day first, None where there is no order."""
    if order is None:
        return None
    return written if order is DateOrder.DAY else turned(written)


def turned(written: WrittenDate) -> WrittenDate:
    """Return a date in figures the other way round."""
    return replace(written, month=written.day, day=written.month, is_open=False)


_IN_FIGURES = re.compile(r"(?<![\d/.-])(\d{1,2})/(\d{1,2})/(?:\d\d){1,2}(?![\d/])")
_MOST_MONTHS, _MOST_DAYS = 12, 31
# Top-level domains of where dates are written so; Canada writes both.
_MONTH_FIRST = frozenset("gov mil us ph".split())
_DAY_FIRST = frozenset(
    "uk ie eu de fr it es pt nl be at ch pl cz gr ro bg hr si sk dk no fi in pk bd lk np au nz za ng ke gh tz ug sg my "
    "id th vn hk br mx ar cl co pe uy ec ae sa qa eg ma tr il ru ua".split()
)
_AMERICAN = re.compile(
    r"\b(?:U\.S\.|(?-i:US|USITC|USTR|USDA)\b|United States|American|Federal Register)", re.IGNORECASE
)
_BRITISH = re.compile(r"\b(?:U\.K\.|(?-i:UK|HMRC)\b|British|European|Official Journal)", re.IGNORECASE)


def _is_address(url: str) -> bool:
    return re.match(r"https?://[\w.-]+(?:[:/?#]|\Z)", url) is not None


def _shown(first: int, second: int) -> DateOrder | None:
    if first <= _MOST_MONTHS < second <= _MOST_DAYS:
        return DateOrder.MONTH
    return DateOrder.DAY if second <= _MOST_MONTHS < first <= _MOST_DAYS else None
