"""What an answer or a conversation is when it leaves the library: a record that can be checked years later.

Every format (Markdown, HTML, Word, JSON) is written from one `Exported`, and each holds the whole record as JSON, so
that `export_checking` can hold any of them against the library again. A citation carries what pins it down: article,
version, offsets, the exact words and the hash of the article they were taken from. Nothing in it names a local file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import NamedTuple, Protocol

from assistant.domain import (
    Answer,
    Citation,
    Claim,
    Comparison,
    ComparisonKind,
    Filters,
    NearestArticle,
    Position,
    Searched,
    Standing,
    StoredArticle,
    Support,
    Validity,
)
from assistant.errors import ArticleNotFound
from assistant.over_time import heading

SCHEMA = 1
"""Raised when an older product could not read what a newer one writes; `export_json` says what each field is."""
MAX_SLUG_CHARS = 60
_DISTRIBUTION = "trade-policy-assistant"


class ExportFormat(StrEnum):
    """A kind of file; the value is its suffix."""

    MARKDOWN = "md"
    HTML = "html"
    WORD = "docx"
    JSON = "json"


class ExportedFile(NamedTuple):
    """A file as it is written, its media type, and a name to save it under."""

    content: bytes
    media_type: str
    name: str


@dataclass(frozen=True, slots=True)
class ExportedCitation:
    """An exact quote, where it stands and what it stands in.

    `quote` is `[start:end]` of that version, `content_hash` the sha256 of that version of the article, `retrieved_at`
    when it was read into the library, `story` "1 origin, 3 copies" where other articles tell the same.
    """

    marker: int
    quote: str
    title: str
    publisher: str | None
    author: str | None
    published: date | None
    url: str | None
    standing: Standing
    validity: Validity
    article_id: str
    version: int
    start: int
    end: int
    content_hash: str
    retrieved_at: datetime
    story: str = ""


@dataclass(frozen=True, slots=True)
class ExportedClaim:
    """A sentence or list of the answer, its verdict, and the markers of what it cites."""

    text: str
    support: Support
    reason: str
    markers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ExportedPosition:
    """What some sources say on a point, and the markers of their quotes, newest first."""

    value: str
    is_newest: bool
    markers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ExportedComparison:
    """Where sources agree (one position) or differ (several); `heading` says which, and on what."""

    kind: ComparisonKind
    heading: str
    positions: tuple[ExportedPosition, ...]

    @property
    def is_agreement(self) -> bool:
        """Say whether all say the same."""
        return len(self.positions) == 1


@dataclass(frozen=True, slots=True)
class ExportedAnswer:
    """A question and what came of it: claims, or a refusal with what was searched and the nearest articles.

    `citations` ascend by marker, and every marker of a claim or position is one of theirs. `sources` counts a story
    and its copies once; `generation` is the state of the library that answered.
    """

    question: str
    standalone_question: str
    filters: Filters
    as_of: date | None
    is_refusal: bool
    text: str
    claims: tuple[ExportedClaim, ...]
    comparisons: tuple[ExportedComparison, ...]
    notes: tuple[str, ...]
    nearest: tuple[NearestArticle, ...]
    searched: Searched
    citations: tuple[ExportedCitation, ...]
    sources: int
    cut_short: str
    generation: int
    answerer: str
    answered_at: datetime

    def citation(self, marker: int) -> ExportedCitation:
        """Return the citation with this marker. Raises KeyError."""
        return {citation.marker: citation for citation in self.citations}[marker]


@dataclass(frozen=True, slots=True)
class Exported:
    """One answer or a conversation, oldest question first, as it was exported."""

    title: str
    answers: tuple[ExportedAnswer, ...]
    exported_at: datetime
    product_version: str
    schema: int = SCHEMA

    @property
    def is_conversation(self) -> bool:
        """Say whether there is more than one answer."""
        return len(self.answers) > 1


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer with what it does not know itself: the filters it was asked under, and when."""

    answer: Answer
    filters: Filters = field(default_factory=Filters)
    answered_at: datetime = field(default_factory=lambda: datetime.now(UTC))


class Articles(Protocol):
    """Where versions of articles are looked up: an `Assistant`, or a `Snapshot` of its library."""

    def article(self, article_id: str, version: int | None = None) -> StoredArticle:
        """Return one version of an article. Raises ArticleNotFound."""
        ...


def of_answer(answer: Answered, articles: Articles, *, exported_at: datetime | None = None) -> Exported:
    """Return the record of one answer. Raises ArticleNotFound if the library does not hold what it cites."""
    return of_conversation([answer], articles, exported_at=exported_at)


def of_conversation(
    turns: Sequence[Answered], articles: Articles, *, title: str = "", exported_at: datetime | None = None
) -> Exported:
    """Return the record of a conversation, oldest answer first; without a title it goes by its first question.

    Raises ArticleNotFound, and ValueError for no turns at all.
    """
    if not turns:
        raise ValueError("there is no answer to export")
    return Exported(
        title=_storable(title or turns[0].answer.question),
        answers=tuple(_exported(turn, articles) for turn in turns),
        exported_at=exported_at or datetime.now(UTC),
        product_version=_product_version(),
    )


def export(record: Exported, file_format: ExportFormat) -> ExportedFile:
    """Write a record in a format: the bytes, their media type and a name for the file."""
    content, media_type = _written(record, file_format)
    return ExportedFile(content, media_type, file_name(record, file_format))


def _written(record: Exported, file_format: ExportFormat) -> tuple[bytes, str]:
    if file_format is ExportFormat.MARKDOWN:
        from assistant.export_markdown import markdown

        return markdown(record).encode(), "text/markdown; charset=utf-8"
    if file_format is ExportFormat.HTML:
        from assistant.export_html import html

        return html(record).encode(), "text/html; charset=utf-8"
    if file_format is ExportFormat.WORD:
        from assistant.export_word import word

        return word(record), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    from assistant.export_json import dumped

    return dumped(record, indent=2).encode() + b"\n", "application/json"


def file_name(record: Exported, file_format: ExportFormat) -> str:
    """Return "2026-11-22-which-minerals-need-a-licence.docx": no character that a system or a shell treats apart."""
    slug = re.sub(r"[^a-z0-9]+", "-", record.title[:500].lower()).strip("-")
    if len(slug) > MAX_SLUG_CHARS:
        slug = slug[: MAX_SLUG_CHARS + 1].rpartition("-")[0] or slug[:MAX_SLUG_CHARS]
    return "-".join(filter(None, [f"{record.exported_at:%Y-%m-%d}", slug or "answer"])) + f".{file_format}"


def _exported(turn: Answered, articles: Articles) -> ExportedAnswer:
    answer = turn.answer
    stories = {article_id: str(story) for article_id, story in answer.copies.items()}
    return ExportedAnswer(
        question=_storable(answer.question),
        standalone_question=_storable(answer.standalone_question),
        filters=turn.filters,
        as_of=answer.as_of,
        is_refusal=answer.is_refusal,
        text=_storable(answer.text),
        claims=tuple(map(_claim, answer.claims)),
        comparisons=tuple(map(_comparison, answer.comparisons)),
        notes=tuple(map(_storable, answer.notes)),
        nearest=answer.nearest,
        searched=answer.searched,
        citations=tuple(_citation(citation, articles, stories) for citation in answer.citations),
        sources=len(answer.origins),
        cut_short=_storable(answer.cut_short),
        generation=answer.generation,
        answerer=answer.answerer,
        answered_at=turn.answered_at,
    )


def _claim(claim: Claim) -> ExportedClaim:
    markers = tuple(citation.marker for citation in claim.citations)
    return ExportedClaim(_storable(claim.text), claim.support, _storable(claim.reason), markers)


def _comparison(comparison: Comparison) -> ExportedComparison:
    positions = tuple(map(_position, comparison.positions))
    agree = f"{len(comparison.positions[0].citations)} independent sources agree"
    return ExportedComparison(comparison.kind, agree if comparison.is_agreement else heading(comparison), positions)


def _position(position: Position) -> ExportedPosition:
    markers = tuple(citation.marker for citation in position.citations)
    return ExportedPosition(position.value, position.is_newest, markers)


def _citation(citation: Citation, articles: Articles, stories: Mapping[str, str]) -> ExportedCitation:
    stored = articles.article(citation.article_id, citation.version)
    if stored.article.text[citation.start : citation.end] != citation.quote:
        # Its hash would vouch for words that stand in no text it is the hash of.
        raise ArticleNotFound(
            "the library was made anew since this was answered, and holds other articles under the old numbers; "
            "ask again to export what it says now"
        )
    return ExportedCitation(
        marker=citation.marker,
        quote=citation.quote,
        title=citation.title,
        publisher=citation.publisher,
        author=citation.author,
        published=citation.published,
        url=citation.url,
        standing=citation.standing,
        validity=citation.validity,
        article_id=citation.article_id,
        version=citation.version,
        start=citation.start,
        end=citation.end,
        content_hash=stored.article.content_hash,
        retrieved_at=stored.indexed_at,
        story=stories.get(citation.article_id, ""),
    )


def _storable(text: str) -> str:
    """Return text that UTF-8 can hold; what comes from the library always can, a question need not."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _product_version() -> str:
    from importlib import metadata

    try:
        return metadata.version(_DISTRIBUTION)
    except metadata.PackageNotFoundError:
        return "unknown"
