"""A turn around its claims → HTML: the question, notes, the caption, the refusal, and what its source rows say.

Pure, like `render`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from assistant.dating import in_words, of_day
from assistant.domain import Answer, Citation, Filters, Searched
from ui.render import card_html, count, day, described, escaped, row_html, source_line, validity_words
from ui.render_citation import reference
from ui.render_claims import chip_html

MAX_LISTED_COPIES = 4
"""Copies named in a source row; the drawer lists all."""
_NO_FILTERS = Filters()
_MARKER = re.compile(r"\[[0-9]+\]")
# What a note quotes is an article's: a number in brackets there is none of ours.
_MARKER_OR_QUOTE = re.compile(r"(“[^”]*”|\[[0-9]+\])")


def question_html(question: str, *, filters: Filters = _NO_FILTERS) -> str:
    """Return the reader's question, with the filters it was asked under."""
    as_of = f"As of {day(filters.as_of)}, from what was published by then" if filters.as_of else ""
    limits = described(replace(filters, as_of=None))
    words = ". ".join(part for part in (as_of, f"Searched only: {limits}" if limits else "") if part)
    tone = ' data-as-of="true"' if as_of else ""
    under = f'<p class="tpa-note"{tone}>{escaped(words)}</p>' if words else ""
    return f'<header class="tpa-question"><h2 dir="auto">{escaped(question)}</h2>{under}</header>'


def understood_html(question: str, standalone: str) -> str:
    """Return "Understood as: …" where the question was rewritten, else ""."""
    if question.split() == standalone.split():
        return ""
    return f'<p class="tpa-note">Understood as: <q class="tpa-understood" dir="auto">{escaped(standalone)}</q></p>'


def notes_html(notes: Sequence[str], citations: Sequence[Citation] = (), *, turn: int = 0) -> str:
    """Return what has to be known before relying on an answer, "" for nothing; markers of `citations` are chips."""
    by_marker = {str(citation.marker): citation for citation in citations}

    def linked(part: str) -> str:
        cited = by_marker.get(part[1:-1]) if _MARKER.fullmatch(part) else None
        return chip_html(cited, turn) if cited else escaped(part)

    rows = "".join(f"<li>{''.join(map(linked, _MARKER_OR_QUOTE.split(note)))}</li>" for note in notes)
    return f'<div role="note" aria-label="Notes"><ul class="tpa-notes">{rows}</ul></div>' if rows else ""


def caption(answer: Answer) -> str:
    """Return how fresh the answer is and how much was searched, without the days that a note above it gives."""
    citations = answer.citations
    newest = max((citation.published for citation in citations if citation.published), default=None)
    fresh = f"newest cited article {day(newest)}" if newest else "no cited article is dated"
    is_told = newest and any(f"cited is from {in_words(of_day(newest))}" in note for note in answer.notes)
    is_set = answer.as_of and any(f"published by {in_words(of_day(answer.as_of))}" in note for note in answer.notes)
    parts = [
        f"As of {day(answer.as_of)}" if answer.as_of and not is_set else "",
        "" if is_told else fresh,
        count(len(answer.origins), "source"),
        f"searched {count(answer.searched.articles, 'article')}",
        _left_out(answer.searched),
    ]
    words = " · ".join(part for part in parts if part)
    return words[:1].upper() + words[1:]


def working_html(words: str, turn: int) -> str:
    """Return the line shown while a turn is waiting or being answered."""
    state = f'<span class="tpa-state" data-turn="{turn}" data-state="working"></span>'
    return f'<p class="tpa-working">{state}{escaped(words)}…</p>'


def caption_html(words: str, turn: int) -> str:
    """Return the line under a finished answer."""
    return f'<p class="tpa-caption">{escaped(words)}</p>{finished_html(turn, "Answer complete")}'


def finished_html(turn: int, says: str) -> str:
    """Return the unseen mark of a finished turn; `says` is announced once to assistive technology."""
    return f'<span class="tpa-state" data-turn="{turn}" data-state="over" data-says="{escaped(says)}" hidden></span>'


def refusal_html(answer: Answer, filters: Filters = _NO_FILTERS, *, ingest_command: str = "") -> str:
    """Return the card shown when nothing supports an answer: why, in the answer's own words, and what may help.

    `ingest_command` stands under it while nothing at all is indexed.
    """
    if not answer.searched.articles and filters.is_empty:
        return card_html("Nothing is indexed", answer.text, command=ingest_command)
    ask = "sk with the words an article would use: name the country, the product or the measure."
    widen = "Widen the dates or publishers under Filters"
    hint = f"A{ask}" if filters.is_empty else f"{widen}, or a{ask}" if answer.searched.articles else f"{widen}."
    return card_html("No answer in the indexed articles", answer.text, hint)


def by_article(citations: Sequence[Citation]) -> tuple[tuple[Citation, bool], ...]:
    """Return citations with those of one article version together, each with whether it is the first of them.

    Articles come in the order of their first marker, the citations of each by their markers.
    """
    groups: dict[tuple[str, int], list[Citation]] = {}
    for citation in citations:
        groups.setdefault((citation.article_id, citation.version), []).append(citation)
    return tuple((citation, place == 0) for group in groups.values() for place, citation in enumerate(group))


def source_row_html(citation: Citation, *, note: str = "", is_first: bool = True) -> str:
    """Return the row of a cited passage; title and source are seen at the first passage of an article only.

    On paper each row ends with the whole reference.
    """
    shown = row_html(
        citation.title,
        source_line(citation),
        marker=citation.marker,
        quote=citation.quote,
        applies=validity_words(citation),
        note=note,
    )
    again = "" if is_first else ' data-again="true"'
    return f'<div class="tpa-cited"{again}>{shown}<p class="tpa-reference">{escaped(reference(citation))}</p></div>'


def story_notes(answer: Answer) -> dict[int, str]:
    """Return, by marker, what a source row says of copies: all of it at the first citation of a story."""
    notes: dict[int, str] = {}
    told: dict[str, int] = {}
    for citation in answer.citations:
        story = answer.copies.get(citation.article_id)
        if story is None:
            continue
        origin = story.origin.article_id
        parts = [] if origin == citation.article_id else [f"A copy; the origin is {source_line(story.origin)}"]
        if origin in told:
            parts.append(f"the same story as {told[origin]}")
        else:
            listed = ", ".join(source_line(copy) for copy in story.copies[:MAX_LISTED_COPIES])
            more = len(story.copies) - MAX_LISTED_COPIES
            parts.append(f"{story}: {listed}{f' and {more:,} more' if more > 0 else ''}")
        told.setdefault(origin, citation.marker)
        notes[citation.marker] = ". ".join(part[:1].upper() + part[1:] for part in parts)
    return notes


def _left_out(searched: Searched) -> str:
    left_out = searched.undated_left_out
    return f"{count(left_out, 'undated article')} left out" if left_out else ""
