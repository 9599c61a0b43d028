"""Ask a library: one question, one snapshot of the library, one answer whose every sentence was checked.

The way of a question: make it standalone → retrieve → weigh → refuse, or write → check each claim against the exact
span it cites. An `Assistant` serves all threads of a process and sees every publish at its next question.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime

from assistant import standing
from assistant.answering import Answerer, ExtractiveAnswerer
from assistant.as_of import narrowed
from assistant.comparison import Compared, compare
from assistant.domain import (
    Answer,
    Article,
    ArticleSummary,
    Change,
    Citation,
    Claim,
    Copies,
    Draft,
    Filters,
    NearestArticle,
    Run,
    Searched,
    SearchResult,
    Span,
    Standing,
    Status,
    StoredArticle,
    Strictness,
    Support,
    Verdict,
)
from assistant.editions import edition_notes
from assistant.embedding import Embedder, LibraryEmbedder
from assistant.entailment import Entailment, Relation, open_entailment
from assistant.errors import ChatModelError, QuestionError
from assistant.evidence import Evidence, weigh
from assistant.followup import standalone
from assistant.library import Library, Snapshot
from assistant.next_questions import next_questions
from assistant.notes import notes
from assistant.refusal import refusal_text
from assistant.reranking import open_reranker
from assistant.retrieval import Retriever
from assistant.settings import Settings
from assistant.suggestions import suggest
from assistant.validity import read_validity
from assistant.vectors import DenseSearch, status_of
from assistant.verification import verify

MAX_QUESTION_CHARS = 2_000
_NUMBER_IN_BRACKETS = re.compile(r"\[(\d+)\]")
PASSAGES_PER_QUESTION = 12
NEAREST_ARTICLES = 3


class Assistant:
    """Questions and searches over one library. Make it with `Assistant.open`."""

    def __init__(
        self,
        library: Library,
        embedder: LibraryEmbedder,
        answerer: Answerer,
        settings: Settings,
        today: Callable[[], date],
    ) -> None:
        self.answerer = answerer
        self._library = library
        self._embedder = embedder
        self._dense = DenseSearch(settings.data_dir)
        self._reranker = open_reranker(settings)
        self._entailment = open_entailment(settings)
        self._latest: Retriever | None = None
        self._data_dir = settings.data_dir
        self._stale_after_days = settings.stale_after_days
        self._strictness = settings.strictness
        self._today = today
        self._suggested: tuple[int, list[str]] = (-1, [])

    @classmethod
    def open(
        cls,
        settings: Settings,
        *,
        embedder: Embedder | None = None,
        answerer: Answerer | None = None,
        today: Callable[[], date] = lambda: datetime.now().astimezone().date(),
    ) -> Assistant:
        """Open the library of the settings for asking; `today` is the day that sources are old against.

        It is asked with the embedding model it was made with, also when the settings name another one by now. Raises
        LibraryMissing if nothing was indexed yet, LibraryMismatch if its model is not to be had, ModelUnavailable, or
        ChatModelError for a chat model that cannot be set up.
        """
        library = Library.open(settings.data_dir)
        model = LibraryEmbedder(settings, embedder)
        with library.snapshot() as snapshot:
            model.of(snapshot)
        return cls(library, model, answerer or _configured_answerer(settings), settings, today)

    def ask(
        self,
        question: str,
        *,
        history: Sequence[Answer] = (),
        filters: Filters = Filters(),
        strictness: Strictness | None = None,
        in_quotes: bool = False,
        on_claim: Callable[[Claim], None] | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> Answer:
        """Answer a question, or refuse. `history` holds the earlier answers of the same conversation, oldest first.

        Without `strictness`, that of the settings holds; with `in_quotes`, no chat model is asked, whatever is set.

        Each claim goes to `on_claim` as soon as it was checked; `should_stop` is asked between claims and ends the
        answer early with what was checked so far. Raises QuestionError, LibraryMismatch, ChatModelError.
        """
        stopwatch = _Stopwatch()
        asked = _checked(question)
        with self._library.snapshot() as snapshot:
            retriever = self._retriever(snapshot)
            with stopwatch.measures("rewrite"):
                alone = standalone(asked, history)
                wanted, filters, set_day = narrowed(alone, filters, self._today())
            with stopwatch.measures("retrieve"):
                found = retriever.retrieve(
                    snapshot, wanted, limit=PASSAGES_PER_QUESTION, filters=filters, each_story_once=True
                )
            with stopwatch.measures("weigh"):
                shown = _shown(history) if alone != asked else ()
                evidence = weigh(wanted, found, snapshot, shown=shown, strictness=strictness or self._strictness)
            with stopwatch.measures("write"):
                checker = _Checker(snapshot, retriever.embedder, standing.read_table(self._data_dir), self._entailment)
                answerer = ExtractiveAnswerer() if in_quotes else self.answerer
                claims, cut_short = _write(answerer, checker, evidence, on_claim, should_stop or (lambda: False))
            with stopwatch.measures("compare"):
                compared = _compare(snapshot, checker, evidence, () if cut_short else claims, filters.as_of, on_claim)
            claims += compared.claims
            is_refusal = not any(claim.support in _STANDING for claim in claims)
            searched = snapshot.searched(filters)
            text = _refusal(snapshot, evidence, searched, filters) if is_refusal else _text(claims, cut_short)
            return Answer(
                question=question,
                standalone_question=alone,
                is_refusal=is_refusal,
                text=text,
                claims=() if is_refusal else tuple(claims),
                nearest=_nearest(snapshot, evidence) if is_refusal else (),
                searched=searched,
                generation=snapshot.generation,
                as_of=filters.as_of,
                answerer=answerer.name,
                timings_ms=stopwatch.timings_ms(),
                cut_short=cut_short,
                copies={} if is_refusal else snapshot.copies(_cited(claims, compared), as_of=filters.as_of),
                comparisons=compared.comparisons,
                notes=notes(
                    () if is_refusal else claims,
                    compared.comparisons,
                    today=self._today(),
                    as_of=filters.as_of,
                    asked=set_day,
                    stale_after_days=self._stale_after_days,
                )
                + edition_notes(snapshot, () if is_refusal else claims, filters.as_of),
            )

    def search(self, query: str, *, limit: int = 10, filters: Filters = Filters()) -> SearchResult:
        """Return the best passages for a query. Raises QuestionError, LibraryMismatch."""
        checked = _checked(query)
        with self._library.snapshot() as snapshot:
            found = self._retriever(snapshot).retrieve(snapshot, checked, limit=limit, filters=filters)
            return SearchResult(query, snapshot.generation, found.hits)

    def article(self, article_id: str, version: int | None = None) -> StoredArticle:
        """Return one version of an article, the newest if None; withdrawn ones too. Raises ArticleNotFound."""
        with self._library.snapshot() as snapshot:
            return snapshot.article(article_id, version)

    def standing(self, article: Article) -> Standing:
        """Return what kind of source an article is. Raises SettingsError for a table of the reader's that is wrong."""
        return standing.standing_of(article, standing.read_table(self._data_dir))

    def copies(self, article_id: str) -> Copies | None:
        """Return the story that an article and others tell, None if no other live one does."""
        with self._library.snapshot() as snapshot:
            return snapshot.copies([article_id]).get(article_id)

    def articles(
        self, *, filters: Filters = Filters(), search: str = "", limit: int | None = None, offset: int = 0
    ) -> list[ArticleSummary]:
        """Return the live articles that pass, newest publication first, undated last."""
        with self._library.snapshot() as snapshot:
            return snapshot.articles(filters=filters, search=search, limit=limit, offset=offset)

    def publishers(self) -> list[tuple[str, int]]:
        """Return the publishers of live articles with their number of articles."""
        with self._library.snapshot() as snapshot:
            return snapshot.publishers()

    def standings(self) -> dict[Standing, int]:
        """Return how many live articles are of each kind of source. Raises SettingsError for a table that is wrong."""
        with self._library.snapshot() as snapshot:
            return snapshot.standings()

    def changes(self, after: int, *, until: int | None = None, limit: int | None = None) -> list[Change]:
        """Return what the generations after `after`, up to and with `until`, changed; the latest first."""
        with self._library.snapshot() as snapshot:
            return snapshot.changes(after=after, until=until, limit=limit)

    def runs(self, *, limit: int) -> list[Run]:
        """Return the finished ingest runs, the latest first."""
        with self._library.snapshot() as snapshot:
            return snapshot.runs(limit=limit)

    def status(self, *, checksums: bool = True) -> Status:
        """Return the state of the library, with what is wrong with its vectors, if anything.

        Without checksums only missing files and other sizes are noticed, in much less time.
        """
        return status_of(self._library, self._data_dir, checksums=checksums)

    def prepare(self) -> None:
        """Open the vectors and the chat model ahead of the first question, in a process that stays.

        From then on Chroma is searched. A process that asks once scores all vectors exactly instead, which is quicker
        than importing Chroma.
        """
        with self._library.snapshot() as snapshot:
            self._dense.prepare(snapshot)
        from assistant.chat_model import ChatAnswerer

        if isinstance(self.answerer, ChatAnswerer):
            self.answerer.prepare()

    def suggestions(self, limit: int = 4) -> list[str]:
        """Return questions that the library answers; the same ones until the next publish."""
        with self._library.snapshot() as snapshot:
            generation, questions = self._suggested
            if generation != snapshot.generation:
                questions = suggest(snapshot, self._is_answerable)
                self._suggested = (snapshot.generation, questions)
            return questions[:limit]

    def next_questions(self, history: Sequence[Answer], *, filters: Filters = Filters(), limit: int = 3) -> list[str]:
        """Return questions to go on with after the last answer, about what it cites, that are answered too."""
        with self._library.snapshot() as snapshot:
            return next_questions(
                snapshot, history, lambda question: self._is_answerable(snapshot, question, filters), limit=limit
            )

    def rest(self) -> None:
        """Let go of the files that nothing uses just now; what is asked later opens them again."""
        self._dense.rest()
        self._library.rest()

    def close(self) -> None:
        """Let go of the library and its vectors."""
        self._dense.close()
        self._library.close()

    def _retriever(self, snapshot: Snapshot) -> Retriever:
        """Return the retriever for the model of the snapshot; what the one of before kept in memory goes with it."""
        embedder = self._embedder.of(snapshot)
        latest = self._latest
        if latest is None or latest.embedder is not embedder:
            latest = self._latest = Retriever(embedder, self._dense, self._reranker)
        return latest

    def _is_answerable(self, snapshot: Snapshot, question: str, filters: Filters = Filters()) -> bool:
        found = self._retriever(snapshot).retrieve(snapshot, question, limit=PASSAGES_PER_QUESTION, filters=filters)
        return weigh(question, found, snapshot, strictness=self._strictness).is_enough


_STANDING = (Support.SUPPORTED, Support.PARTIAL)


class _Checker:
    """Turns drafts into checked claims and gives every distinct span its marker, 1 first."""

    def __init__(
        self,
        snapshot: Snapshot,
        embedder: Embedder,
        table: Sequence[standing.Rule],
        entailment: Entailment | None = None,
    ) -> None:
        self._snapshot = snapshot
        self._embedder = embedder
        self._entailment = entailment
        self._table = table
        self._markers: dict[Span, int] = {}

    def check(self, draft: Draft) -> Claim:
        sources = {span: self._snapshot.article(span.article_id, span.version) for span in draft.spans}
        quotes = [source.article.text[span.start : span.end] for span, source in sources.items()]
        dates = [source.article.published for source in sources.values() if source.article.published]
        lead = self._text(draft.lead) if draft.lead else ""
        verdict = self._verdict(draft.text, [lead, *quotes] if lead else quotes, dates)
        if verdict.support not in _STANDING:
            return Claim(draft.text, verdict.support, verdict.reason)
        citations = tuple(self._citation(span, source, lead) for span, source in sources.items())
        return Claim(draft.text, verdict.support, verdict.reason, citations)

    def _text(self, span: Span) -> str:
        return self._snapshot.article(span.article_id, span.version).article.text[span.start : span.end]

    def _verdict(self, claim: str, quotes: list[str], published: list[date]) -> Verdict:
        if not quotes or claim in quotes:
            return verify(claim, quotes)
        vectors = self._embedder.embed([claim, *quotes])
        similarity = float((vectors[1:] @ vectors[0]).max())
        relation = self._entailment.relation(claim, quotes) if self._entailment else Relation.NEITHER
        return verify(claim, quotes, similarity=similarity, published=published, relation=relation)

    def _citation(self, span: Span, source: StoredArticle, lead: str) -> Citation:
        article = source.article
        kind = standing.standing_of(article, self._table)
        return Citation(
            marker=self._markers.setdefault(span, len(self._markers) + 1),
            article_id=span.article_id,
            version=span.version,
            title=article.title,
            publisher=article.publisher,
            author=article.author,
            published=article.published,
            url=article.url,
            start=span.start,
            end=span.end,
            quote=article.text[span.start : span.end],
            standing=kind,
            validity=read_validity(article, span.start, span.end, is_notice=kind is Standing.OFFICIAL),
            lead=lead,
        )


@dataclass(slots=True)
class _Stopwatch:
    started: float = field(default_factory=time.perf_counter)
    parts: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def measures(self, part: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        self.parts[part] = round(1000 * (time.perf_counter() - started), 1)

    def timings_ms(self) -> dict[str, float]:
        return {**self.parts, "total": round(1000 * (time.perf_counter() - self.started), 1)}


def _checked(question: str) -> str:
    asked = " ".join(question.split())
    if not asked:
        raise QuestionError("the question is empty: type what you want to know")
    if len(asked) > MAX_QUESTION_CHARS:
        raise QuestionError(f"the question has {len(asked)} characters: ask in at most {MAX_QUESTION_CHARS}")
    return asked


def _write(
    answerer: Answerer,
    checker: _Checker,
    evidence: Evidence,
    on_claim: Callable[[Claim], None] | None,
    should_stop: Callable[[], bool],
) -> tuple[list[Claim], str]:
    """Return the checked claims, and why they end early, "" if they do not."""
    if not evidence.is_enough:
        return [], ""
    claims: list[Claim] = []
    try:
        for draft in answerer.write(evidence, should_stop=should_stop):
            claims.append(checker.check(draft))
            if on_claim:
                on_claim(claims[-1])
    except ChatModelError as err:
        if not any(claim.support in _STANDING for claim in claims):
            raise
        return claims, str(err)
    return claims, "stopped on request" if should_stop() else ""


def _shown(history: Sequence[Answer]) -> list[Span]:
    return [Span(cited.article_id, cited.version, cited.start, cited.end) for cited in history[-1].citations]


def _compare(
    snapshot: Snapshot,
    checker: _Checker,
    evidence: Evidence,
    claims: Sequence[Claim],
    as_of: date | None,
    on_claim: Callable[[Claim], None] | None,
) -> Compared:
    """Hold what the claims cite against the rest of the evidence; quotes of other sides go to `on_claim` as well."""
    if not any(claim.citations for claim in claims):
        return Compared()
    articles = list(dict.fromkeys(unit.read.source.article_id for unit in evidence.units))
    compared = compare(evidence, claims, origins=snapshot.origins(articles, as_of=as_of), check=checker.check)
    if on_claim:
        for claim in compared.claims:
            on_claim(claim)
    return compared


def _cited(claims: Sequence[Claim], compared: Compared) -> list[str]:
    of_claims = [citation for claim in claims for citation in claim.citations]
    positions = [position for one in compared.comparisons for position in one.positions]
    of_positions = [citation for position in positions for citation in position.citations]
    return list(dict.fromkeys(citation.article_id for citation in (*of_claims, *of_positions)))


def _configured_answerer(settings: Settings) -> Answerer:
    if settings.chat_model is None:
        return ExtractiveAnswerer()
    from assistant.chat_model import ChatAnswerer

    return ChatAnswerer(settings)


def _text(claims: Sequence[Claim], cut_short: str) -> str:
    ending = [f"(This answer is incomplete: {cut_short})"] if cut_short else []
    return "\n\n".join([*map(_marked, claims), *ending])


def _marked(claim: Claim) -> str:
    """Return a claim with its markers; a "[9]" of the source itself is shown as "［9］", so that it is none of ours."""
    markers = "".join(f"[{citation.marker}]" for citation in claim.citations)
    text = _NUMBER_IN_BRACKETS.sub(r"［\1］", claim.text)
    return f"{text} {markers}" if markers else text


def _refusal(snapshot: Snapshot, evidence: Evidence, searched: Searched, filters: Filters) -> str:
    newest = next((article.published for article in snapshot.articles(filters=filters, limit=1)), None)
    return refusal_text(evidence, searched, filters, newest=newest)


def _nearest(snapshot: Snapshot, evidence: Evidence) -> tuple[NearestArticle, ...]:
    ids = list(dict.fromkeys(hit.passage.article_id for hit in evidence.hits))
    origins = snapshot.origins(ids)
    of_each_story = {origins.get(article_id, article_id): article_id for article_id in reversed(ids)}
    ids = [article_id for article_id in ids if article_id in of_each_story.values()][:NEAREST_ARTICLES]
    summaries = snapshot.summaries(ids)
    return tuple(
        NearestArticle(article_id, found.title, found.publisher, found.published, found.url)
        for article_id in ids
        if (found := summaries.get(article_id))
    )
