"""A date in figures that may be two days is read as the article writes its dates, or as neither."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.date_order import DateOrder, date_order
from assistant.domain import Article, Block, BlockKind, PartialDate, Validity
from assistant.validity import read_validity

QUOTE = "The duty on oats applies until 5/1/2027."


def article(text: str, *, publisher: str | None = None, url: str | None = None) -> Article:
    block = Block(BlockKind.PARAGRAPH, 0, len(text))
    return Article("Oats", text, (block,), publisher=publisher, published=date(2026, 3, 2), url=url)


def read(text: str, *, publisher: str | None = None, url: str | None = None) -> Validity:
    at = text.index(QUOTE)
    return read_validity(article(text, publisher=publisher, url=url), at, at + len(QUOTE))


MAY, JANUARY = PartialDate(2027, 5, 1), PartialDate(2027, 1, 5)


@pytest.mark.parametrize(
    ("text", "publisher", "url", "expires"),
    [
        (f"Bids were opened on 2/28/2026. {QUOTE}", None, None, MAY),
        (f"Bids were opened on 28/2/2026. {QUOTE}", "U.S. Trade News", None, JANUARY),
        (QUOTE, "U.S. Customs and Border Protection", None, MAY),
        (QUOTE, None, "https://www.cbp.gov/oats", MAY),
        (QUOTE, None, "https://www.farmers.co.uk/oats", JANUARY),
        (QUOTE, None, None, None),
        (QUOTE, "Sylvania Post", "https://example.com/oats", None),
        (f"Bids came on 28/2/2026 and on 2/27/2026. {QUOTE}", None, "https://www.cbp.gov/oats", None),
        (f"Bids came on 2/3/2026. {QUOTE}", None, None, None),
    ],
)
def test_the_text_decides_and_else_the_publisher_s_country(
    text: str, publisher: str | None, url: str | None, expires: PartialDate | None
) -> None:
    assert read(text, publisher=publisher, url=url).expires == expires


@pytest.mark.parametrize("url", ["", "http://[", "not an address", "file:///5/1/2026", "https://"])
def test_no_address_tells_nothing(url: str) -> None:
    assert date_order("", url=url) is None


def test_what_is_no_date_tells_nothing() -> None:
    assert date_order("Docket 1/31/2026/4, rule 12/45/2026 and 99/12/2026") is None
    assert date_order("31/12/25") is DateOrder.DAY
