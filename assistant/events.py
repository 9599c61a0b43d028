"""Dated events in articles, for a timeline: when each was published, and what their sentences date to a day or month.

A date is read as the article writes it and resolved against its publication, as `dating` does: one that could be
another day, a bare year and a quarter give no event. Nothing is said of whether a sentence is true; its span is kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from assistant.date_order import DateOrder, date_order, in_order
from assistant.dating import of_day, resolve
from assistant.domain import Article, Block, BlockKind, Citation, PartialDate, Span, StoredArticle
from assistant.figures import WrittenDate, dates, plain
from assistant.masked_clause import tense_of
from assistant.text import content_stems, sentences
from assistant.validity import read_validity

MAX_EVENTS = 24
"""More dots than this nobody tells apart; those that bear most on the question are kept."""
MAX_YEARS = 20
"""Events further from the newest publication than this would press all others together."""
MAX_SENTENCE_CHARS = 1_000
_TELLING = frozenset({BlockKind.PARAGRAPH, BlockKind.LIST_ITEM, BlockKind.TABLE_ROW})


class EventKind(StrEnum):
    """What happens on the date."""

    PUBLISHED = "published"
    TOLD = "in the text"
    EFFECTIVE = "applies from"
    EXPIRES = "applies until"


@dataclass(frozen=True, slots=True)
class Event:
    """Something an article dates. `words` is the stored text of `span`, the title where it is the publication."""

    when: PartialDate
    kind: EventKind
    words: str
    span: Span
    title: str
    publisher: str | None


def events_of(
    articles: Sequence[StoredArticle], *, citations: Sequence[Citation] = (), question: str = ""
) -> tuple[Event, ...]:
    """Return the dated events of articles, earliest first, at most MAX_EVENTS.

    Of one article each date is named once for each kind, by the sentence that is cited or bears most on the question.
    """
    stems = frozenset(content_stems(question))
    cited = [(citation.article_id, citation.version, citation.start, citation.end) for citation in citations]
    best: dict[tuple[str, PartialDate, EventKind], tuple[tuple[bool, bool, int], Event]] = {}
    for event in (event for stored in articles for event in _events(stored)):
        weight = _weight(event, cited, stems)
        key = (event.span.article_id, event.when, event.kind)
        if key not in best or weight > best[key][0]:
            best[key] = (weight, event)
    near = _near(list(best.values()))
    kept = sorted(near, key=lambda found: found[0], reverse=True)[:MAX_EVENTS]
    return tuple(sorted((event for _, event in kept), key=_order))


def _weight(event: Event, cited: Sequence[tuple[str, int, int, int]], stems: frozenset[str]) -> tuple[bool, bool, int]:
    span = event.span
    is_cited = any(
        (article_id, version) == (span.article_id, span.version) and start < span.end and span.start < end
        for article_id, version, start, end in cited
    )
    bears = len(stems & frozenset(content_stems(event.words)))
    return is_cited, event.kind is not EventKind.TOLD, bears


def _near(found: Sequence[tuple[tuple[bool, bool, int], Event]]) -> list[tuple[tuple[bool, bool, int], Event]]:
    published = [event.when.year for _, event in found if event.kind is EventKind.PUBLISHED]
    if not published:
        return list(found)
    return [(weight, event) for weight, event in found if abs(event.when.year - max(published)) <= MAX_YEARS]


def _order(event: Event) -> tuple[object, ...]:
    return (event.when.first, event.when.last, event.kind != EventKind.PUBLISHED, event.title, event.span.start)


def _events(stored: StoredArticle) -> Iterator[Event]:
    article = stored.article
    if article.published:
        span = _head(stored)
        yield Event(
            of_day(article.published), EventKind.PUBLISHED, article.title, span, article.title, article.publisher
        )
    order = date_order(article.text, publisher=article.publisher, url=article.url)
    for block in article.blocks:
        if block.kind in _TELLING:
            yield from _told(stored, block, order)


def _head(stored: StoredArticle) -> Span:
    """Return where an article begins: its title, else its first block."""
    blocks = stored.article.blocks
    first = next((block for block in blocks if block.kind is BlockKind.TITLE), blocks[0] if blocks else None)
    start, end = (first.start, first.end) if first else (0, 0)
    return Span(stored.article_id, stored.version, start, end)


def _told(stored: StoredArticle, block: Block, order: DateOrder | None) -> Iterator[Event]:
    article = stored.article
    for first, last in sentences(article.text[block.start : block.end]):
        start, end = block.start + first, block.start + last
        sentence = article.text[start:end]
        if len(sentence) > MAX_SENTENCE_CHARS or not (written := dates(sentence)):
            continue
        validity = read_validity(article, start, end)
        kinds = {validity.expires: EventKind.EXPIRES, validity.effective: EventKind.EFFECTIVE}
        span = Span(stored.article_id, stored.version, start, end)
        found = {when: EventKind.TOLD for one in written if (when := _meant(one, article, sentence, order))}
        found |= {when: kind for when, kind in kinds.items() if when and when.month}
        for when, kind in found.items():
            yield Event(when, kind, sentence, span, article.title, article.publisher)


def _meant(written: WrittenDate, article: Article, sentence: str, order: DateOrder | None) -> PartialDate | None:
    if written.is_open:
        ordered = in_order(written, order)
        if ordered is None:
            return None
        written = replace(ordered, is_open=False)
    if written.month is None:
        return None
    tense = tense_of(plain(sentence)[: written.end])
    return resolve(written, article.published, tense)
