"""The words that all formats of an export share, and what makes a stranger's text safe to show.

Text from articles is shown as it is, but for characters that cannot be seen or that change the order in which others
are read: each becomes U+FFFD, so that a reader sees that there was one. The record keeps the exact text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from urllib.parse import urlsplit

from assistant.dating import in_words, of_day
from assistant.domain import Filters, NearestArticle, Standing, Support
from assistant.exports import Exported, ExportedAnswer, ExportedCitation, ExportedClaim, ExportedComparison
from assistant.validity import validity_line

# C0 but for tab and line feed, C1, marks of direction, what has no width, tags, and what XML cannot hold.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
_ADDRESS = re.compile(
    r"https?://[a-z0-9.-]+(?::\d{1,5})?(?:[/?#](?:%[0-9a-f]{2}|[a-z0-9!#$&'()*+,./:;=?@_~-])*)?", re.I
)
# The name of `ExtractiveAnswerer`, whose module is heavy.
EXACT_QUOTES = "exact quotes"
# Word calls a document with a longer address damaged.
MAX_LINK_CHARS = 2_000
_VERDICTS = {
    Support.PARTIAL: "Partly supported",
    Support.UNSUPPORTED: "Not supported by its source",
    Support.UNCITED: "No source",
}
_MARKER = re.compile(r"\[(\d{1,6})\]")


def seen(text: str) -> str:
    """Return text that shows all there is of it; line breaks are line feeds."""
    return _UNSEEN.sub("\ufffd", re.sub("\r\n?", "\n", text))


def one_line(text: str) -> str:
    """Return seen text with every run of white space as one space."""
    return " ".join(seen(text).split())


def link(url: str | None) -> str | None:
    """Return an address that may be a link; None for any but plain http and https ones, which are shown as text."""
    if not url or len(url) > MAX_LINK_CHARS or not _ADDRESS.fullmatch(url):
        return None
    try:
        parts = urlsplit(url)
        return url if parts.hostname and (parts.port is None or parts.port) else None
    except ValueError:
        return None


def day(value: date | None) -> str:
    """Return "2 November 2025", or "undated"."""
    return in_words(of_day(value)) if value else "undated"


def moment(at: datetime) -> str:
    """Return "2026-11-22 13:30 UTC", or with the offset that the record has."""
    name = at.tzname() or ""
    return f"{at:%Y-%m-%d %H:%M} {name}".rstrip()


def heading(record: Exported) -> str:
    """Return what stands above a conversation: its title, if that says more than its first question."""
    title = one_line(record.title)
    return f"{len(record.answers)} questions" if title == one_line(record.answers[0].question) else title


def understood(answer: ExportedAnswer) -> str:
    """Return the question as it was understood, "" where that is how it was asked."""
    same = answer.question.split() == answer.standalone_question.split()
    return "" if same else one_line(answer.standalone_question)


def limits(answer: ExportedAnswer) -> str:
    """Return what the answer was limited to, "" for nothing: "published since 1 May 2025, by Harbour Monitor"."""
    filters: Filters = answer.filters
    until = filters.as_of or answer.as_of
    parts = [
        f"published since {day(filters.since)}" if filters.since else "",
        f"{'' if filters.since else 'published '}until {day(until)}" if until else "",
        f"by {' or '.join(map(one_line, filters.publishers))}" if filters.publishers else "",
        f"from sources of the kind {' or '.join(filters.standings)}" if filters.standings else "",
    ]
    return ", ".join(part for part in parts if part)


def scope(answer: ExportedAnswer) -> str:
    """Return "2 sources · searched 312 articles · answered 2026-11-22 13:30 UTC · …": who wrote it, from what state."""
    searched = answer.searched
    parts = [
        "" if answer.is_refusal else count(answer.sources, "source"),
        f"searched {count(searched.articles, 'article')}",
        f"{count(searched.undated_left_out, 'undated article')} left out" if searched.undated_left_out else "",
        f"answered {moment(answer.answered_at)}",
        f"library generation {answer.generation:,}",
        "in exact quotes" if answer.answerer == EXACT_QUOTES else f"written by {one_line(answer.answerer)}",
    ]
    words = " · ".join(part for part in parts if part)
    return words[:1].upper() + words[1:]


def verdict(claim: ExportedClaim) -> tuple[str, str]:
    """Return the verdict and its reason, two empty strings for a claim that is supported."""
    words = _VERDICTS.get(claim.support, "")
    return (words, one_line(claim.reason)) if words else ("", "")


def unfinished(answer: ExportedAnswer) -> str:
    """Return why an answer ends early, "" if it does not."""
    return f"This answer is incomplete: {one_line(answer.cut_short)}" if answer.cut_short else ""


def newest(comparison: ExportedComparison) -> str:
    """Return the word that marks the newest position."""
    return "newer" if len(comparison.positions) == 2 else "newest"


def about(source: ExportedCitation | NearestArticle) -> str:
    """Return "Sample Wire · Ann Writer · 2 November 2025 · wire": at least a date, or that there is none."""
    author = standing = None
    if isinstance(source, ExportedCitation):
        author = source.author
        standing = "kind of source unknown" if source.standing is Standing.UNKNOWN else str(source.standing)
    parts = (source.publisher, author, day(source.published), standing)
    return " · ".join(one_line(part) for part in parts if part)


def applies(citation: ExportedCitation) -> str:
    """Return "Applies until November 2026 (…)", "" where the quote does not say for what time."""
    words = one_line(validity_line(citation.validity))
    return words[:1].upper() + words[1:]


def place(citation: ExportedCitation) -> str:
    """Return what pins a quote down: article, version, characters, and when that version was read."""
    return (
        f"Article {one_line(citation.article_id)}, version {citation.version}, characters {citation.start}–"
        f"{citation.end}, retrieved {moment(citation.retrieved_at)}"
    )


def fingerprint(citation: ExportedCitation) -> str:
    """Return the hash of the article's version, with its name."""
    return f"SHA-256 {one_line(citation.content_hash)}"


def closing(record: Exported) -> tuple[str, str]:
    """Return where the file comes from, and how it is checked: two sentences for its end."""
    made = f"Exported {moment(record.exported_at)} by Trade Policy Assistant {one_line(record.product_version)}."
    return made, "Whether every quote still stands is told by: trade-assistant verify-export FILE"


def count(number: int, noun: str) -> str:
    """Return "1 article" or "1,204 articles"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def pieces(note: str, answer: ExportedAnswer) -> Iterator[str | int]:
    """Cut a note of ours at the markers it names: text, marker, text; a number that is no marker stays text."""
    known = {citation.marker for citation in answer.citations}
    at = 0
    for found in _MARKER.finditer(note):
        if int(found[1]) in known:
            yield note[at : found.start()].removesuffix(" ")
            yield int(found[1])
            at = found.end()
    yield note[at:]
