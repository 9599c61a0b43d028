"""Feedback → HTML: what a reader said, of which question, and what the answer was. Pure, like `render`."""

from __future__ import annotations

from assistant.conversation_records import FeedbackEntry, Vote
from assistant.domain import Claim, Support
from ui.render import day, escaped

VOTES = {Vote.UP: "Good", Vote.DOWN: "Not right"}


def entry_html(entry: FeedbackEntry) -> str:
    """Return feedback with its question and answer; the sources are rows of their own."""
    said = [VOTES[entry.feedback.vote], *entry.feedback.reasons]
    when = f"{day(entry.at.date())}, {entry.at:%H:%M} UTC"
    head = (
        f'<p class="tpa-said-head"><span data-vote="{entry.feedback.vote}">{escaped(" · ".join(said))}</span>'
        f'<span class="tpa-note">{escaped(when)}</span></p>'
    )
    comment = entry.feedback.comment
    quoted = f'<blockquote class="tpa-comment" dir="auto">{escaped(comment)}</blockquote>' if comment else ""
    turn = entry.turn
    understood = (
        f'<p class="tpa-note">Understood as: <q class="tpa-understood" dir="auto">{escaped(turn.standalone)}</q></p>'
        if turn.standalone and turn.standalone.split() != turn.question.split()
        else ""
    )
    resolved = (
        f'<p class="tpa-note">Resolved {day(entry.resolved_at.date())}'
        f"{f': <span dir=auto>{escaped(entry.resolution)}</span>' if entry.resolution else ''}</p>"
        if entry.resolved_at
        else ""
    )
    return (
        f'<div class="tpa-feedback">{head}{resolved}<h2 dir="auto">{escaped(turn.question)}</h2>{understood}{quoted}'
        f"{_answered(entry)}</div>"
    )


def added_html(words: str, command: str) -> str:
    """Return that a question was added, and the command that asks it."""
    return (
        f'<div class="tpa-added" role="status"><p>{escaped(words)}</p>'
        f'<pre class="tpa-command"><code>{escaped(command)}</code></pre></div>'
    )


def _answered(entry: FeedbackEntry) -> str:
    answer = entry.turn.answer
    if answer is None:
        words = entry.turn.error or "There is no whole answer."
        return f'<p class="tpa-note">{escaped(words)}</p>'
    if answer.is_refusal:
        return f'<p class="tpa-note">Refused: <span dir="auto">{escaped(answer.text)}</span></p>'
    return "".join(_claim(claim) for claim in answer.claims)


def _claim(claim: Claim) -> str:
    markers = "".join(f" [{citation.marker}]" for citation in claim.citations)
    is_held = claim.support is Support.SUPPORTED
    verdict = (
        ""
        if is_held
        else f'<p class="tpa-verdict">{escaped(": ".join(filter(None, (claim.support, claim.reason))))}</p>'
    )
    return (
        f'<div class="tpa-claim"><p><span class="tpa-verbatim" dir="auto">{escaped(claim.text)}</span>{markers}</p>'
        f"{verdict}</div>"
    )
