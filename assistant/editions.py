"""What an as-of answer has to admit of articles that were edited since: only their newest version is searched.

A quote that its article did not hold yet is named, and so is how many articles were left out because their newest
version is dated later.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from assistant.dating import in_words, of_day
from assistant.domain import Citation, Claim, StoredArticle
from assistant.library import Snapshot


def edition_notes(snapshot: Snapshot, claims: Sequence[Claim], as_of: date | None) -> tuple[str, ...]:
    """Return what to know of later versions; nothing for an answer that is not as of a day."""
    if as_of is None:
        return ()
    cited = {one.marker: one for claim in claims for one in claim.citations}
    notes = [_edited_note(snapshot, one, as_of) for one in cited.values()]
    return tuple(note for note in (*dict.fromkeys(notes), _replaced_note(snapshot, as_of)) if note)


def _edited_note(snapshot: Snapshot, cited: Citation, as_of: date) -> str:
    """Say that a quote came into its article with a version that was read after the day, if it did."""
    if cited.version == 1:
        return ""
    quoted = snapshot.article(cited.article_id, cited.version)
    if quoted.indexed_at.date() <= as_of:
        return ""
    earlier = _version_of_then(_versions_before(snapshot, cited), as_of)
    if cited.quote in earlier.article.text:
        return ""
    read = in_words(of_day(quoted.indexed_at.date()))
    return f"What [{cited.marker}] quotes was not in its article before it was edited; the edit was read on {read}."


def _versions_before(snapshot: Snapshot, cited: Citation) -> Iterable[StoredArticle]:
    return (snapshot.article(cited.article_id, version) for version in range(cited.version - 1, 0, -1))


def _version_of_then(versions: Iterable[StoredArticle], as_of: date) -> StoredArticle:
    """Return the newest version that was read by a day, the oldest one if none was."""
    for stored in versions:
        if stored.indexed_at.date() <= as_of or stored.version == 1:
            return stored
    raise AssertionError("every article has a first version")


def _replaced_note(snapshot: Snapshot, as_of: date) -> str:
    number = snapshot.replaced_since(as_of)
    if not number:
        return ""
    what = "1 article was" if number == 1 else f"{number:,} articles were"
    day = in_words(of_day(as_of))
    return f"{what} published by {day} in an edition that is no longer searched; a later one replaced it."
