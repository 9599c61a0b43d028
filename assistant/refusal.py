"""Say no plainly: what was searched and how far, and what of the question no passage mentions or gives."""

from __future__ import annotations

from datetime import date

from assistant.candidates import Sought, holds, sought
from assistant.domain import Filters, Searched
from assistant.evidence import PASSAGES_WEIGHED, Evidence
from assistant.text import content_stems, words
from assistant.vocabulary import same

MOST_NAMED = 4
_GIVEN = {
    Sought.VOTE: "the votes",
    Sought.CODE: "such a number",
    Sought.DURATION: "a length of time",
    Sought.DAY: "the day",
    Sought.MONTH: "the month",
    Sought.YEAR: "the year",
    Sought.SHARE: "such a share",
    Sought.MONEY: "an amount of money",
    Sought.RATE: "such a rate",
    Sought.COUNT: "that number",
    Sought.AMOUNT: "that amount",
}


def refusal_text(evidence: Evidence, searched: Searched, filters: Filters, *, newest: date | None = None) -> str:
    """Return the text of a refusal: that nothing supports an answer, what was searched, what is missing.

    `newest` is the publication date of the newest article searched, None if none is dated.
    """
    if searched.articles == 0 and filters.is_empty:
        return "Nothing is indexed, so there is nothing to answer from. Run `trade-assistant ingest PATH`."
    if searched.articles == 0:
        left_out = _left_out(searched)
        return f"No article was{_limits(filters)}, so there is nothing to answer from.{left_out}"
    scope = f"{_counted(searched.articles, 'article')} ({_counted(searched.passages, 'passage')}){_limits(filters)}"
    dated = f", the newest of {_day(newest)}" if newest else ""
    return (
        "The indexed articles do not answer this question, so there is no answer rather than a guess. "
        f"Searched {scope}{dated}.{_left_out(searched)}{_missing(evidence)}{_not_given(evidence)}"
    )


def _limits(filters: Filters) -> str:
    """Return the filters in words, to stand after what they limit."""
    parts = [f"by {_listed([f'“{name}”' for name in filters.publishers])}"] if filters.publishers else []
    parts += [f"since {_day(filters.since)}"] if filters.since else []
    parts += [f"until {_day(filters.as_of)}"] if filters.as_of else []
    return f" published {' '.join(parts)}" if parts else ""


def _left_out(searched: Searched) -> str:
    if not searched.undated_left_out:
        return ""
    return f" {_counted(searched.undated_left_out, 'undated article')} not searched."


def _missing(evidence: Evidence) -> str:
    """Name what no passage weighed mentions: identifiers, names and figures first, then other words."""
    passages = [hit.passage for hit in evidence.hits[:PASSAGES_WEIGHED]]
    if not passages:
        return ""
    said = frozenset(content_stems("\n".join(" ".join([one.title, *one.heading, one.text]) for one in passages)))
    meanings = frozenset().union(*(same().get(stem, _NONE) for stem in said))
    named = frozenset(content_stems(" ".join(evidence.missing)))
    unsaid = [
        word
        for word in words(evidence.question.text)
        for stem in content_stems(word)
        if stem in evidence.question.stems and stem not in said | named and not same().get(stem, _NONE) & meanings
    ]
    missing = [f"“{one}”" for one in dict.fromkeys([*evidence.missing, *unsaid])][:MOST_NAMED]
    return f" Not mentioned in the passages nearest to it: {', '.join(missing)}." if missing else ""


def _not_given(evidence: Evidence) -> str:
    given = _GIVEN.get(sought(evidence.question))
    if given is None or not evidence.units or any(holds(unit.read.text, evidence.question) for unit in evidence.units):
        return ""
    return f" None of these passages gives {given} that is asked for."


_NONE: frozenset[int] = frozenset()


def _day(day: date) -> str:
    return f"{day.day} {day:%B} {day.year}"


def _listed(parts: list[str]) -> str:
    return f"{', '.join(parts[:-1])} or {parts[-1]}" if len(parts) > 1 else "".join(parts)


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
