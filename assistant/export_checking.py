"""What became of the quotes of an exported file: held against the library, of which every version is kept.

A quote is looked up where its citation says it stands, in the version it was taken from, so that a changed word, date
or publisher in the file is noticed; then in the newest version of that article, sentence by sentence.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from assistant.domain import StoredArticle
from assistant.errors import ArticleNotFound
from assistant.export_reading import ReadBack
from assistant.export_words import day
from assistant.exports import Articles, ExportedCitation
from assistant.revision import Fate, Revision, compare


class Outcome(StrEnum):
    """What became of a quote; all but the first want a look."""

    UNCHANGED = "unchanged"
    CHANGED = "changed"
    WITHDRAWN = "withdrawn"
    DIFFERS = "differs"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class CheckedCitation:
    """A quote of the file (`answer` counts from 1) and what became of it, with the reason in words.

    Of a changed one `old` holds the sentences it stood in and `new` what stands there now, "" if nothing does. Of one
    that differs `old` is what the library holds.
    """

    answer: int
    citation: ExportedCitation
    outcome: Outcome
    reason: str
    old: str = ""
    new: str = ""
    newest_version: int | None = None


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """All quotes of a file in order, and the texts of the record that the file no longer shows as they were."""

    citations: tuple[CheckedCitation, ...]
    altered: tuple[str, ...]

    @property
    def is_unchanged(self) -> bool:
        """Say whether everything stands as it was exported."""
        return not self.altered and all(one.outcome is Outcome.UNCHANGED for one in self.citations)


def check(read_back: ReadBack, articles: Articles) -> CheckedFile:
    """Hold a file against the library. Raises LibraryError if that cannot be read."""
    checker = _Checker(read_back, articles)
    answers = list(enumerate(read_back.record.answers, start=1))
    checked = [checker.check(number, citation) for number, answer in answers for citation in answer.citations]
    texts = [text for _, answer in answers for text in (answer.question, *(claim.text for claim in answer.claims))]
    altered = tuple(text for text in dict.fromkeys(texts) if not read_back.shows(text))
    return CheckedFile(tuple(checked), altered)


class _Checker:
    """Looks up each article once, and compares each pair of versions once."""

    def __init__(self, read_back: ReadBack, articles: Articles) -> None:
        self._read_back = read_back
        self._articles = articles
        self._known: dict[tuple[str, int | None], StoredArticle | None] = {}
        self._revisions: dict[tuple[str, int], Revision] = {}

    def check(self, answer: int, citation: ExportedCitation) -> CheckedCitation:
        newest = self._article(citation.article_id, None)
        if newest is None:
            reason = "this library has no such article"
            return CheckedCitation(answer, citation, Outcome.UNKNOWN, reason)
        stored = self._article(citation.article_id, citation.version)
        if stored is None:
            reason = f"this library has no version {citation.version} of it, its newest is {newest.version}"
            return CheckedCitation(answer, citation, Outcome.UNKNOWN, reason, newest_version=newest.version)
        if difference := self._difference(citation, stored):
            held = stored.article.text[citation.start : citation.end]
            old = held if held != citation.quote else ""
            return CheckedCitation(answer, citation, Outcome.DIFFERS, difference, old, "", newest.version)
        return self._followed(answer, citation, stored, newest)

    def _article(self, article_id: str, version: int | None) -> StoredArticle | None:
        key = (article_id, version)
        if key not in self._known:
            try:
                self._known[key] = self._articles.article(article_id, version)
            except ArticleNotFound:
                self._known[key] = None
        return self._known[key]

    def _difference(self, citation: ExportedCitation, stored: StoredArticle) -> str:
        """Return in what the file does not say what the library holds, "" for nothing."""
        article = stored.article
        is_same_article = article.content_hash == citation.content_hash
        if article.text[citation.start : citation.end] != citation.quote:
            if is_same_article:
                return "the file's quote is not what stands there: it was changed in the file"
            return "neither the quote nor the hash is that version's: changed in the file, or from another library"
        known = [
            ("title", citation.title, article.title),
            ("publisher", citation.publisher, article.publisher),
            ("author", citation.author, article.author),
            ("date", citation.published, article.published),
            ("address", citation.url, article.url),
        ]
        wrong = [name for name, one, other in known if one != other]
        if wrong:
            return f"the quote stands there, but the {' and the '.join(wrong)} in the file is not the article's"
        if not is_same_article:
            return "the quote stands there, but the hash is not that version's: from another library"
        shown = (citation.quote, citation.title, citation.publisher, citation.author, citation.url)
        if all(self._read_back.shows(text or "") for text in (*shown, day(citation.published))):
            return ""
        return "the file shows other words than it records: it was changed after the export"

    def _followed(
        self, answer: int, citation: ExportedCitation, stored: StoredArticle, newest: StoredArticle
    ) -> CheckedCitation:
        """Return what became of a quote that is what the library holds."""
        fate, old, new, details = Fate.UNCHANGED, "", "", ""
        if newest.version != stored.version:
            revision = self._revision(stored, newest)
            fate = revision.fate(citation.start, citation.end)
            old, new = ("", "") if fate is Fate.UNCHANGED else _sentences(revision, citation, stored, newest)
            names = " and ".join(detail.name.lower() for detail in revision.details)
            details = f"; the {names} of the article changed" if names else ""
        reason = f"{_REASONS[fate].format(version=newest.version)}{details}"
        outcome = Outcome.UNCHANGED if fate is Fate.UNCHANGED else Outcome.CHANGED
        if newest.withdrawn_at:
            gone = f"withdrawn on {day(newest.withdrawn_at.date())}"
            outcome, reason = Outcome.WITHDRAWN, f"the article was {gone}; until then {reason}"
        return CheckedCitation(answer, citation, outcome, reason, old, new, newest.version)

    def _revision(self, old: StoredArticle, new: StoredArticle) -> Revision:
        key = (old.article_id, old.version)
        if key not in self._revisions:
            self._revisions[key] = compare(old.article, new.article)
        return self._revisions[key]


_REASONS = {
    Fate.UNCHANGED: "stands word for word in version {version}, the newest",
    Fate.CHANGED: "reads otherwise in version {version}, the newest",
    Fate.GONE: "is no longer there in version {version}, the newest",
}


def _sentences(
    revision: Revision, citation: ExportedCitation, old: StoredArticle, new: StoredArticle
) -> tuple[str, str]:
    """Return the sentences that a quote stood in, and what became of them; "" if nothing did."""
    lines = [
        line for line in revision.lines if line.old and line.old[0] < citation.end and citation.start < line.old[1]
    ]
    before = [old.article.text[slice(*line.old)] for line in lines if line.old]
    after = [new.article.text[slice(*line.new)] for line in lines if line.new]
    return "\n".join(before), "\n".join(after)
