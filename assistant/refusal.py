"""Say no plainly: what was searched, and what the question names that no article mentions."""

from __future__ import annotations

from assistant.domain import Filters, Searched
from assistant.evidence import Evidence


def refusal_text(evidence: Evidence, searched: Searched, filters: Filters) -> str:
    """Return the text of a refusal: that nothing supports an answer, what was searched, what is missing."""
    if searched.articles == 0 and filters.is_empty:
        return "Nothing is indexed, so there is nothing to answer from. Run `trade-assistant ingest PATH`."
    if searched.articles == 0:
        return f"No article passes the filters, so there is nothing to answer from.{_left_out(searched)}"
    articles = _counted(searched.articles, "article")
    passages = _counted(searched.passages, "passage")
    missing = ""
    if evidence.missing:
        names = ", ".join(f"“{name}”" for name in evidence.missing[:3])
        missing = f" Not mentioned in the passages nearest to it: {names}."
    return (
        "The indexed articles do not answer this question, so there is no answer rather than a guess. "
        f"Searched {articles} ({passages}).{_left_out(searched)}{missing}"
    )


def _left_out(searched: Searched) -> str:
    if not searched.undated_left_out:
        return ""
    return f" {_counted(searched.undated_left_out, 'undated article')} not searched."


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
