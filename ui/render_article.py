"""An article → HTML: its text by its blocks with the cited span marked, what stands above and below it, its address.

Pure, like `render`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from urllib.parse import quote, urlsplit

from assistant.domain import (
    Article,
    Block,
    BlockKind,
    Standing,
    StoredArticle,
    Validity,
)
from assistant.revision import Fate
from assistant.validity import validity_line
from ui.render import day, escaped, notice_html, publisher_words, running, standing_words

MAX_SHOWN_CHARS = 300_000
"""Characters of an article shown at once; a longer one is cut around the cited passage, and says so."""
BULLET = re.compile(r"[ \t]*(?:[-*+•‣◦▪–—·]|\d{1,3}[.)])[ \t]+(?=\S)")
_BULLET_BEFORE = re.compile(r"(?:(?<=\n)|\A)[ \t]*(?:[-*+•‣◦▪–—·]|\d{1,3}[.)])[ \t]+\Z")
_CELL_EDGE = re.compile(r"[ \t]*\|[ \t]*|\t")
_FRAGMENT_WORDS = 6
_FATES = {
    Fate.UNCHANGED: "The cited passage is unchanged",
    Fate.CHANGED: "The cited passage was changed",
    Fate.GONE: "The cited passage is no longer there",
}


def article_html(
    text: str, blocks: Sequence[Block], cited: tuple[int, int] | None = None, *, shown_title: str = ""
) -> str:
    """Return an article by its blocks, every character in place, with the cited span in `<mark>`.

    The text content of the result is `text`; that of its marks, joined, is `text[start:end]`. Text of more than
    MAX_SHOWN_CHARS is cut to a window around the span. A title that is already shown above stays in the text, unseen.
    """
    start, end = _window(len(text), cited)
    pieces = Pieces(text, cited, shown_title)
    stretches = list(_stretches(text, blocks, start, end))
    body = "".join(_run_html(kind, list(run), pieces) for kind, run in groupby(stretches, key=lambda block: block.kind))
    before = '<p class="tpa-notice">The beginning of this long article is left out here.</p>' if start else ""
    after = '<p class="tpa-notice">The end of this long article is left out here.</p>' if end < len(text) else ""
    return f'<article class="tpa-article">{before}{body}{after}</article>'


def publisher_link(url: str | None, passage: str = "") -> str | None:
    """Return the article's address, at the passage by a text fragment; None unless it is http or https.

    The fragment names the first and last words of the passage's first line, as WICG's scroll-to-text draft allows.
    """
    if not url or re.search(r"[\s\x00-\x1f\x7f\\<>\"]", url):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return None
    first_line = next((line for line in passage.splitlines() if line.strip()), "")
    words = BULLET.sub("", first_line).split()
    if not words:
        return url
    ends = [words] if len(words) <= 2 * _FRAGMENT_WORDS else [words[:_FRAGMENT_WORDS], words[-_FRAGMENT_WORDS:]]
    target = ",".join(quote(" ".join(end), safe="").replace("-", "%2D") for end in ends)
    return f"{url}{'' if parts.fragment else '#'}:~:text={target}"


def article_head_html(article: Article, standing: Standing = Standing.UNKNOWN) -> str:
    """Return publisher, dates, author and what kind of source it is: what stands under the title."""
    effective = f"effective {day(article.effective)}" if article.effective else ""
    kind = standing_words(standing)
    parts = (publisher_words(article.publisher, standing), day(article.published), effective, article.author, kind)
    return f'<p class="tpa-kicker" dir="auto">{escaped(" · ".join(part for part in parts if part))}</p>'


def applies_html(validity: Validity) -> str:
    """Return the time for which the cited passage says something applies, "" where it says none."""
    words = validity_line(validity)
    return f'<p class="tpa-note" dir="auto">Cited passage: {escaped(words)}</p>' if words else ""


def article_notice_html(stored: StoredArticle, newest: StoredArticle | None = None, fate: Fate | None = None) -> str:
    """Return a warning for a withdrawn or superseded version, else "".

    `newest` is the newest version, if that is another, and `fate` what became in it of the passage that was cited.
    """
    words = []
    if stored.withdrawn_at:
        words.append(f"Withdrawn on {day(stored.withdrawn_at.date())}: no answer uses it any more.")
    if newest:
        is_current = not newest.withdrawn_at
        now = f"is current since {day(newest.indexed_at.date())}" if is_current else "was the last"
        indexed = f"This is version {stored.version}, indexed {day(stored.indexed_at.date())}"
        became = f" {_FATES[fate]} in the {'current' if is_current else 'last'} version." if fate else ""
        words.append(f"{indexed}; version {newest.version} {now}.{became}")
    return "".join(map(notice_html, words))


def article_foot(stored: StoredArticle) -> str:
    """Return which version this is and when it was indexed."""
    return f"Version {stored.version} · indexed {day(stored.indexed_at.date())} · {stored.article_id}"


class Pieces:
    """Escapes stretches of one text, with what lies in the cited span marked."""

    def __init__(self, text: str, cited: tuple[int, int] | None, shown_title: str = "") -> None:
        self.text = text
        self.shown_title = shown_title
        self.start, self.end = cited or (0, 0)

    def html(self, start: int, end: int) -> str:
        """Return `text[start:end]` as HTML."""
        inner_start, inner_end = max(start, self.start), min(end, self.end)
        if inner_start >= inner_end:
            return running(self.text[start:end])
        return (
            f"{running(self.text[start:inner_start])}"
            f'<mark aria-label="Cited passage">{running(self.text[inner_start:inner_end])}</mark>'
            f"{running(self.text[inner_end:end])}"
        )


def _run_html(kind: BlockKind, run: Sequence[Block], pieces: Pieces) -> str:
    if kind is BlockKind.LIST_ITEM:
        return f"<ul>{''.join(_article_item(block, pieces) for block in run)}</ul>"
    if kind is BlockKind.TABLE_ROW:
        rows = "".join(table_row_html(block, pieces) for block in run)
        return f'<div class="tpa-table"><table><tbody>{rows}</tbody></table></div>'
    return "".join(_article_block(block, pieces) for block in run)


def _article_block(block: Block, pieces: Pieces) -> str:
    inner = pieces.html(block.start, block.end)
    if block.kind is BlockKind.TITLE:
        words = pieces.text[block.start : block.end].split()
        is_repeated = words == pieces.shown_title.split() and "<mark" not in inner
        repeated = ' class="tpa-repeated"' if is_repeated else ""
        return f'<h2{repeated} dir="auto">{inner}</h2>'
    if block.kind is BlockKind.HEADING:
        level = min(max(block.level, 1) + 2, 6)
        return f'<h{level} dir="auto">{inner}</h{level}>'
    quiet = ' class="tpa-quiet"' if block.kind in {BlockKind.BYLINE, BlockKind.BOILERPLATE} else ""
    return f'<p{quiet} dir="auto">{inner}</p>'


def _article_item(block: Block, pieces: Pieces) -> str:
    found = BULLET.match(pieces.text, block.start, block.end)
    bullet_end = found.end() if found and not found[0].strip()[0].isdigit() else block.start
    # A mark must begin at the bullet's text or at the bullet, never inside the part the eye does not see.
    hidden = (
        f'<span class="tpa-glyph">{pieces.html(block.start, bullet_end)}</span>' if bullet_end > block.start else ""
    )
    numbered = ' class="tpa-numbered"' if found and bullet_end == block.start else ""
    depth = min(block.level, 4)
    return f'<li data-depth="{depth}"{numbered} dir="auto">{hidden}{pieces.html(bullet_end, block.end)}</li>'


def table_row_html(block: Block, pieces: Pieces, *, after: str = "", is_head: bool = False) -> str:
    """Split a row at its separators; they stay in the text, unseen, so that nothing is lost."""
    cells, at = [], block.start
    start, end = ('<th scope="col" dir="auto">', "</th>") if is_head else ('<td dir="auto">', "</td>")
    for edge in _CELL_EDGE.finditer(pieces.text, block.start, block.end):
        separator = f'<span class="tpa-glyph">{pieces.html(*edge.span())}</span>'
        cells.append(f"{start}{pieces.html(at, edge.start())}{separator}{end}")
        at = edge.end()
    cells.append(f"{start}{pieces.html(at, block.end)}{after}{end}")
    return f"<tr>{''.join(cells)}</tr>"


def _window(length: int, cited: tuple[int, int] | None) -> tuple[int, int]:
    if length <= MAX_SHOWN_CHARS:
        return 0, length
    centre = cited[0] if cited else 0
    start = min(max(centre - MAX_SHOWN_CHARS // 2, 0), length - MAX_SHOWN_CHARS)
    return start, start + MAX_SHOWN_CHARS


def _stretches(text: str, blocks: Sequence[Block], start: int, end: int) -> Iterator[Block]:
    """Cover `text[start:end]` without a gap: blocks take the white space after them, other gaps are paragraphs."""
    known = [block for block in blocks if block.start < block.end and block.end > start and block.start < end]
    if not known:
        known = [Block(BlockKind.PARAGRAPH, *span.span()) for span in re.finditer(r"\S(?:.|\n(?!\s*\n))*", text[:end])]
        known = [block for block in known if block.end > start]
    known = _with_bullets(text, known, start)
    at = start
    for place, block in enumerate(known):
        if text[at : block.start].strip():
            yield Block(BlockKind.PARAGRAPH, at, block.start)
            at = block.start
        following = known[place + 1].start if place + 1 < len(known) else end
        gap_is_blank = not text[block.end : following].strip()
        until = min(following if gap_is_blank else block.end, end)
        yield Block(block.kind, at, until, block.level)
        at = until
    if at < end:
        yield Block(BlockKind.PARAGRAPH, at, end)


def _with_bullets(text: str, blocks: Sequence[Block], start: int) -> list[Block]:
    """Begin list items at their bullets, which parsers leave between the blocks."""
    begun, free = [], start
    for block in blocks:
        bullet = _BULLET_BEFORE.search(text, free, block.start) if block.kind is BlockKind.LIST_ITEM else None
        begun.append(replace(block, start=bullet.start()) if bullet else block)
        free = block.end
    return begun
