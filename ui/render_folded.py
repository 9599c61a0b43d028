"""An earlier turn of a conversation → HTML: question, answer and sources in one piece, each citation a link.

Pure, like `render`. A page holds many of these and few whole turns, whose buttons cost a browser far more than text.
"""

from __future__ import annotations

from assistant.conversation_records import Feedback
from assistant.domain import Answer, Filters
from ui import render, render_answer, render_claims, render_comparisons, render_updates
from ui.render_feedback import VOTES
from ui.turn import TurnView


def folded_html(
    number: int, question: str, view: TurnView, *, filters: Filters, ending: str = "", given: Feedback | None = None
) -> str:
    """Return a turn that is over; `ending` is said where there is no answer, `given` is what the reader said of it."""
    answer = view.answer
    understood = render_answer.understood_html(question, answer.standalone_question) if answer else ""
    parts = [
        render_answer.question_html(question, filters=filters),
        understood,
        *(_refused(answer, filters, number) if answer and answer.is_refusal else _answered(view, number, ending)),
        render_updates.news_html(view.news),
        _rows_html(view, number),
        f'<p class="tpa-note">You said: {VOTES[given.vote]}</p>' if given else "",
    ]
    return f'<div class="tpa-folded">{"".join(part for part in parts if part)}</div>'


def _refused(answer: Answer, filters: Filters, number: int) -> list[str]:
    nearest = "".join(render.row_html(one.title, render.source_line(one)) for one in answer.nearest)
    return [
        render_answer.refusal_html(answer, filters),
        render_answer.notes_html(answer.notes),
        render_answer.finished_html(number, "No answer found"),
        f'<div><p class="tpa-section">Related, not an answer</p>{nearest}</div>' if nearest else "",
    ]


def _answered(view: TurnView, number: int, ending: str) -> list[str]:
    answer = view.answer
    claims = [render_claims.claim_html(claim, number) for claim in view.claims]
    if answer is None:
        return [*claims, render_answer.caption_html(ending, number)]
    return [
        *claims,
        render_comparisons.comparisons_html(answer.comparisons, number, claims=answer.claims),
        render.notice_html(f"This answer is incomplete: {answer.cut_short}") if answer.cut_short else "",
        render_answer.notes_html(answer.notes, answer.citations, turn=number),
        render_answer.caption_html(render_answer.caption(answer), number),
    ]


def _rows_html(view: TurnView, number: int) -> str:
    """Return the cited passages by article; a link laid over each opens it, as a chip does."""
    if view.answer and view.answer.is_refusal:
        return ""
    notes = render_answer.story_notes(view.answer) if view.answer else {}
    rows = "".join(
        f'<div class="tpa-folded-row">'
        f"{render_answer.source_row_html(cited, note=notes.get(cited.marker, ''), is_first=is_first)}"
        f"{render_claims.row_link_html(cited, number)}</div>"
        for cited, is_first in render_answer.by_article(render_comparisons.shown_citations(view))
    )
    return f'<div><p class="tpa-section">Sources</p>{rows}</div>' if rows else ""
