"""The nouns of the product as frozen values, standard library only.

Every offset counts code points in the stored text of one article version, half-open: `text[start:end]`.
A citation is (article_id, version, start, end); the quote is always that slice, never a copy of its own.
"""

from __future__ import annotations

import hashlib
import json
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum


class BlockKind(StrEnum):
    """What a stretch of an article is; only paragraphs, list items and table rows are answered from."""

    TITLE = "title"
    BYLINE = "byline"
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST_ITEM = "list_item"
    TABLE_ROW = "table_row"
    BOILERPLATE = "boilerplate"


@dataclass(frozen=True, slots=True)
class Block:
    """One line-like stretch `text[start:end]` of an article; blocks ascend and never overlap.

    `level` is 1–6 for headings (1 = top) and the depth for list items (0 = outermost), else 0.
    """

    kind: BlockKind
    start: int
    end: int
    level: int = 0


@dataclass(frozen=True, slots=True)
class Article:
    """One source document as parsed: its text, what each part of it is, and what is known about it.

    Unknown metadata is None, never a guess. `published` is the publication date the document states, `effective` the
    day from which what it orders applies; `references` are the identifiers it goes by, each with its label, such as
    ("Docket", "C-570-161").
    """

    title: str
    text: str
    blocks: tuple[Block, ...]
    publisher: str | None = None
    author: str | None = None
    published: date | None = None
    url: str | None = None
    effective: date | None = None
    references: tuple[tuple[str, str], ...] = ()

    @property
    def content_hash(self) -> str:
        """Return the sha256 (hex) of all fields; equal hashes mean nothing to index again."""
        fields = [self.title, self.publisher, self.author, self.published and self.published.isoformat(), self.url]
        blocks = [[block.kind, block.start, block.end, block.level] for block in self.blocks]
        # Left out where there are none, so that articles stored before these fields came keep their hash.
        later = [[self.effective and self.effective.isoformat(), self.references]]
        more = later if self.effective or self.references else []
        record = json.dumps([fields, blocks, self.text, *more], ensure_ascii=False)
        return hashlib.sha256(record.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class StoredArticle:
    """One version of an article as the library keeps it.

    `location` says where ingest got it (an absolute path). `withdrawn_at` is set once the article was removed;
    `is_current` is true for the version that is answered from.
    """

    article_id: str
    version: int
    location: str
    article: Article
    indexed_at: datetime
    withdrawn_at: datetime | None
    is_current: bool


@dataclass(frozen=True, slots=True)
class ArticleSummary:
    """A live article without its text, for lists."""

    article_id: str
    version: int
    location: str
    title: str
    publisher: str | None
    author: str | None
    published: date | None
    url: str | None
    indexed_at: datetime
    passages: int
    characters: int


@dataclass(frozen=True, slots=True)
class Copies:
    """Live articles that tell one story: the origin, which was published first, and the others, earliest first."""

    origin: ArticleSummary
    copies: tuple[ArticleSummary, ...]

    def __str__(self) -> str:
        """Return "1 origin, 3 copies"."""
        number = len(self.copies)
        return f"1 origin, {number:,} {'copy' if number == 1 else 'copies'}"


@dataclass(frozen=True, slots=True)
class PassageSpan:
    """A retrievable span of an article before it is stored; `heading` is the path of headings above it."""

    start: int
    end: int
    heading: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """A stored, live passage; `text == article.text[start:end]` always."""

    passage_id: int
    article_id: str
    version: int
    title: str
    heading: tuple[str, ...]
    start: int
    end: int
    text: str


def embedded_text(title: str, heading: tuple[str, ...], text: str) -> str:
    """Return what is embedded for a passage: its title and heading path, then its text."""
    return "\n".join([*dict.fromkeys(part for part in (title, *heading) if part), text])


class Standing(StrEnum):
    """What kind of source a publisher is; of a retelling only who first told it is known, not who tells it here."""

    OFFICIAL = "official notice"
    AGENCY = "agency"
    COURT = "court"
    WIRE = "wire"
    TRADE_PRESS = "trade press"
    OPINION = "opinion"
    RETELLING = "retelling"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Filters:
    """What a question may be answered from. Dates are publication dates, both ends included.

    With `since` or `as_of` set, undated articles are left out and counted.
    """

    since: date | None = None
    as_of: date | None = None
    publishers: tuple[str, ...] = ()
    standings: tuple[Standing, ...] = ()

    @property
    def is_dated(self) -> bool:
        """Say whether undated articles are left out."""
        return self.since is not None or self.as_of is not None

    @property
    def is_empty(self) -> bool:
        """Say whether every live article is searched."""
        return not self.is_dated and not self.publishers and not self.standings


class Strictness(StrEnum):
    """How sure it has to be that the evidence answers a question: the stricter, the more is refused."""

    LENIENT = "lenient"
    BALANCED = "balanced"
    STRICT = "strict"


@dataclass(frozen=True, slots=True)
class Hit:
    """A retrieved passage with its fused score and the rank (from 1) each retriever gave it, None if it did not."""

    passage: Passage
    score: float
    dense_rank: int | None = None
    lexical_rank: int | None = None


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The hits for a query, best first, and the generation they came from."""

    query: str
    generation: int
    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """An exact stretch of one article version."""

    article_id: str
    version: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Draft:
    """One sentence (or one list) an answerer wrote, without markers, and the spans it says support it.

    `lead` is what it opens with and does not rest on: the header of a quoted row, the question of a short answer.
    """

    text: str
    spans: tuple[Span, ...]
    lead: Span | None = None


class Support(StrEnum):
    """How well the cited spans carry a claim."""

    SUPPORTED = "supported"
    PARTIAL = "partial"
    UNSUPPORTED = "unsupported"
    UNCITED = "uncited"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of checking a claim, with the reason in words a reader understands."""

    support: Support
    reason: str


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A year, a month or a day, no more exact than the text that names it; `str` is its ISO 8601 form."""

    year: int
    month: int | None = None
    day: int | None = None

    @property
    def first(self) -> date:
        """Return the first day it covers."""
        return date(self.year, self.month or 1, self.day or 1)

    @property
    def last(self) -> date:
        """Return the last day it covers."""
        month = self.month or 12
        return date(self.year, month, self.day or monthrange(self.year, month)[1])

    def __str__(self) -> str:
        """Return "2026", "2026-11" or "2026-11-09"."""
        parts = [f"{self.year:04}", *(f"{part:02}" for part in (self.month, self.day) if part)]
        return "-".join(parts)


@dataclass(frozen=True, slots=True)
class Validity:
    """From when to when something applies, both ends included, as far as the text gives it; `words` are its words."""

    effective: PartialDate | None = None
    expires: PartialDate | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Citation:
    """A link from a claim to an exact span; `quote` is the stored text `[start:end]` of that version.

    `standing` is what kind of source its publisher is, `validity` the time for which the quote says something applies.
    `lead` is what stands above it in the article and opens the claim: the header of a table, a lead-in, a question.
    """

    marker: int
    article_id: str
    version: int
    title: str
    publisher: str | None
    author: str | None
    published: date | None
    url: str | None
    start: int
    end: int
    quote: str
    standing: Standing = Standing.UNKNOWN
    validity: Validity = Validity()
    lead: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence (or one list) of an answer, without markers, with its citations and its verdict."""

    text: str
    support: Support
    reason: str
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True)
class Position:
    """What some sources say on a point: `value` is the figure, date, status or actor that the quotes hold.

    Where they say it more or less exactly, the least exact, which is right for all: "around 31 percent" for 30.8 %. One
    citation of each independent source, newest first.
    """

    value: str
    citations: tuple[Citation, ...]
    is_newest: bool = False


class ComparisonKind(StrEnum):
    """What two sources are compared in."""

    FIGURE = "figure"
    DATE = "date"
    STATUS = "status"
    ACTOR = "actor"


@dataclass(frozen=True, slots=True)
class Comparison:
    """What independent sources say on one point: one position if they agree, several, newest first, if they differ.

    `point` names what is compared, in words of the quotes. Copies of one story are one source. With `is_loose` the
    positions bear on one question, but need not be about one thing: of controls some are suspended and others remain.
    """

    kind: ComparisonKind
    point: str
    positions: tuple[Position, ...]
    is_loose: bool = False

    @property
    def is_agreement(self) -> bool:
        """Say whether all say the same."""
        return len(self.positions) == 1


@dataclass(frozen=True, slots=True)
class NearestArticle:
    """An article named beside a refusal: related, not an answer."""

    article_id: str
    title: str
    publisher: str | None
    published: date | None
    url: str | None


@dataclass(frozen=True, slots=True)
class Searched:
    """How much was searched: articles and passages that passed the filters, undated articles left out."""

    articles: int
    passages: int
    undated_left_out: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """Claims, or a refusal that names the nearest articles. `text` is what the reader sees, with `[n]` markers.

    `cut_short` says why the answer ends early, "" if it does not; what was checked until then is kept. `copies` has an
    entry for each cited article whose story other articles tell too. `comparisons` say where cited sources agree and
    differ, `notes` what a reader has to know before relying on the answer, such as that its newest source is old.
    """

    question: str
    standalone_question: str
    is_refusal: bool
    text: str
    claims: tuple[Claim, ...]
    nearest: tuple[NearestArticle, ...]
    searched: Searched
    generation: int
    as_of: date | None
    answerer: str
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    cut_short: str = ""
    copies: Mapping[str, Copies] = field(default_factory=dict)
    comparisons: tuple[Comparison, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def origins(self) -> frozenset[str]:
        """Return the articles that the cited ones have their stories from: an article and its copies are one source."""
        cited = {citation.article_id for citation in self.citations}
        return frozenset(self.copies[one].origin.article_id if one in self.copies else one for one in cited)

    @property
    def citations(self) -> tuple[Citation, ...]:
        """Return each span that a claim or a comparison cites once, in order of its marker."""
        cited = [citation for claim in self.claims for citation in claim.citations]
        cited += [citation for one in self.comparisons for position in one.positions for citation in position.citations]
        by_marker = {citation.marker: citation for citation in cited}
        return tuple(by_marker[marker] for marker in sorted(by_marker))


@dataclass(frozen=True, slots=True)
class Failure:
    """A file or page that could not be indexed at the last try; `source` names its source, "" for a single file."""

    location: str
    reason: str
    at: datetime
    source: str = ""


class ChangeKind(StrEnum):
    """What became of an article at a publish."""

    ADDED = "added"
    CHANGED = "changed"
    MOVED = "moved"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Change:
    """One article that a publish added, changed, moved or removed. `version` is the one live after it, or the last."""

    generation: int
    kind: ChangeKind
    article_id: str
    version: int
    title: str
    publisher: str | None
    published: date | None
    location: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Run:
    """One finished ingest run. What it changed are the changes of the generations after `generation_before`.

    `withheld` counts articles that are gone but were not removed because there were too many of them.
    """

    started_at: datetime
    finished_at: datetime
    added: int
    changed: int
    unchanged: int
    removed: int
    failed: int
    moved: int = 0
    withheld: int = 0
    notes: tuple[str, ...] = ()
    generation_before: int = 0
    generation: int = 0

    def continued(self, later: Run) -> Run:
        """Return this run with what a later part of it did; what was withheld is as that part found it."""
        return replace(
            later,
            started_at=self.started_at,
            added=self.added + later.added,
            changed=self.changed + later.changed,
            unchanged=self.unchanged + later.unchanged,
            removed=self.removed + later.removed,
            failed=self.failed + later.failed,
            moved=self.moved + later.moved,
            notes=tuple(dict.fromkeys((*self.notes, *later.notes))),
            generation_before=self.generation_before,
        )


@dataclass(frozen=True, slots=True)
class SourceState:
    """How a source was found at the last look.

    `target` is its folder or address then, `problem` "" if all went well, `retry_at` when its server asks to be asked
    again, `withheld` the number of its articles that are gone but were not removed.
    """

    name: str
    target: str
    checked_at: datetime
    succeeded_at: datetime | None = None
    problem: str = ""
    retry_at: datetime | None = None
    withheld: int = 0


@dataclass(frozen=True, slots=True)
class Status:
    """The state of a library. `pending` counts live passages not yet in the vector directory.

    `vectors_problem` says what is wrong with that directory and what to do; answers stay right without it.
    """

    data_dir: str
    generation: int
    articles: int
    passages: int
    pending: int
    publishers: int
    undated: int
    oldest: date | None
    newest: date | None
    embedding_model: str | None
    vector_directory: str | None
    failures: tuple[Failure, ...]
    last_run: Run | None
    vectors_problem: str = ""
