"""Say no plainly: what was searched and how far, and what of the question no passage mentions or gives."""

from __future__ import annotations

import calendar
import re
import unicodedata
from collections.abc import Sequence
from datetime import date

from assistant.candidates import Sought, holds, sought
from assistant.domain import Filters, Searched
from assistant.evidence import PASSAGES_WEIGHED, Evidence
from assistant.question_parts import INTRANSITIVE
from assistant.text import content_stems, with_other_names, words
from assistant.vocabulary import past_verbs, same

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
    Sought.SUM: "an amount of money",
    Sought.QUANTITY: "such an amount",
    Sought.TOWN: "the name of a town",
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
    dated = f", the newest from {_day(newest)}" if newest else ""
    return (
        "The indexed articles do not answer this question, so there is no answer rather than a guess. "
        f"Searched {scope}{dated}.{_left_out(searched)}{_missing(evidence)}{_not_given(evidence)}"
    )


def _limits(filters: Filters) -> str:
    """Return the filters in words, to stand after what they limit."""
    parts = [f"by {_listed([f'“{name}”' for name in filters.publishers])}"] if filters.publishers else []
    parts += [f"since {_day(filters.since)}"] if filters.since else []
    parts += [f"until {_day(filters.as_of)}"] if filters.as_of else []
    published = f" published {' '.join(parts)}" if parts else ""
    return published + (f" from sources of the kind {_listed(filters.standings)}" if filters.standings else "")


def _left_out(searched: Searched) -> str:
    if not searched.undated_left_out:
        return ""
    return f" {_counted(searched.undated_left_out, 'undated article')} not searched."


def _missing(evidence: Evidence) -> str:
    """Name what no passage weighed mentions: identifiers, names and figures first, then other words."""
    passages = [hit.passage for hit in evidence.hits[:PASSAGES_WEIGHED]]
    if not passages:
        return ""
    text = "\n".join(" ".join([one.title, *one.heading, one.text]) for one in passages)
    exact = {identifier.key for identifier in evidence.question.identifiers}
    said = with_other_names(frozenset(content_stems(text)))
    meanings = frozenset().union(*(same().get(stem, _NONE) for stem in said))
    spelled = f" {_one_spelling(text)} "

    def is_written(part: str) -> bool:
        return f" {_one_spelling(part)} " in spelled

    # Of "anti-dumping" both halves.
    written = frozenset(words(" ".join(filter(is_written, evidence.question.text.split()))))

    def is_said(part: str) -> bool:
        is_meant = all(stem in said or same().get(stem, _NONE) & meanings for stem in content_stems(part))
        return is_meant or part in written or is_written(part)

    asked = frozenset(evidence.question.stems)
    # "Not mentioned: won" tells a reader nothing: what was done is said in too many ways.
    done = past_verbs() | INTRANSITIVE
    others = [
        word for word in words(evidence.question.text) if word not in done and asked.intersection(content_stems(word))
    ]
    named = frozenset(content_stems(" ".join(evidence.missing)))
    unsaid = [one for one in evidence.missing if one in exact or not is_said(one)]
    unsaid += [one for one in others if not named.issuperset(content_stems(one)) and not is_said(one)]
    missing = [f"“{one}”" for one in dict.fromkeys(unsaid)][:MOST_NAMED]
    return f" Not mentioned in the passages nearest to it: {', '.join(missing)}." if missing else ""


def _one_spelling(text: str) -> str:
    """Return the words of a text as they are spelled alike: no accents, no hyphens, "1,200" and "labour" as one does.

    Words that become alike by mistake are not said to be missing, which is the lesser harm.
    """
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(sign))
    bare = re.sub(r"(?<=\d),(?=\d{3})|(?<=[^\W\d])[-‐‑](?=[^\W\d])|['’]s\b", "", bare)
    bare = bare.replace("aluminium", "aluminum")
    bare = re.sub(r"is(?=e[sd]?\b|ing\b|ations?\b)", "iz", bare)
    bare = re.sub(r"our(?=s?\b)", "or", bare)
    return " ".join(word[:3] if word in _MONTHS else word for word in re.findall(r"\w+", bare))


def _not_given(evidence: Evidence) -> str:
    given = _GIVEN.get(sought(evidence.question))
    if given is None or not evidence.units or any(holds(unit.read.text, evidence.question) for unit in evidence.units):
        return ""
    return f" None of these passages gives {given} that is asked for."


_NONE: frozenset[int] = frozenset()
_MONTHS = frozenset(name.lower() for name in calendar.month_name if name) | {"sept"}


def _day(day: date) -> str:
    return f"{day.day} {day:%B} {day.year}"


def _listed(parts: Sequence[str]) -> str:
    return f"{', '.join(parts[:-1])} or {parts[-1]}" if len(parts) > 1 else "".join(parts)


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
