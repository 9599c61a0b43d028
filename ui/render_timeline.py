"""Dated events → HTML: a list in order of time, each with a link that opens its sentence. Pure, like `render`.

A link is `#event-<turn>-<place>`, which `citations.js` listens to as it does to chips.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.dating import in_words
from assistant.events import Event, EventKind
from ui.render import escaped

MAX_WORDS_CHARS = 180
"""Characters of a sentence shown in the list; its link opens the whole."""
_SIGNS = {EventKind.PUBLISHED: "○", EventKind.TOLD: "●", EventKind.EFFECTIVE: "▶", EventKind.EXPIRES: "■"}
_EVENT_ID = re.compile(r"event-(\d{1,6})-(\d{1,6})\Z")


def events_html(events: Sequence[Event], turn: int) -> str:
    """Return the events as a list: the date, what happens on it, the sentence and who says it."""
    rows = "".join(_row(event, f"event-{turn}-{place}") for place, event in enumerate(events))
    return f'<ol class="tpa-events" aria-label="Dated events">{rows}</ol>'


def legend_html(events: Sequence[Event]) -> str:
    """Return what the signs of the picture mean, of those that are in it; the list says it in words."""
    kinds = {event.kind for event in events}
    signs = "".join(f"<span><i>{sign}</i> {kind}</span>" for kind, sign in _SIGNS.items() if kind in kinds)
    return f'<p class="tpa-legend" aria-hidden="true">{signs}</p>'


def parse_event_id(value: object) -> tuple[int, int] | None:
    """Return (turn, place from 0) from what the browser sent, None if it is not an id of ours."""
    found = _EVENT_ID.match(value) if isinstance(value, str) else None
    return (int(found[1]), int(found[2])) if found else None


def event_words(event: Event) -> str:
    """Return the sentence of an event on one line, cut between words; for a publication its title."""
    words = " ".join(event.words.split())
    if len(words) <= MAX_WORDS_CHARS:
        return words
    return f"{words[:MAX_WORDS_CHARS].rpartition(' ')[0] or words[:MAX_WORDS_CHARS]} …"


def event_kind(event: Event) -> str:
    """Return what happens on the date: "published", "applies from" or "applies until"; "" for what is told of it."""
    return "" if event.kind is EventKind.TOLD else str(event.kind)


def _row(event: Event, event_id: str) -> str:
    when = in_words(event.when)
    kind = f' <span class="tpa-event-kind">{event_kind(event)}</span>' if event_kind(event) else ""
    source = event.publisher or ("" if event.kind is EventKind.PUBLISHED else event.title)
    told = f'<span class="tpa-event-from" dir="auto">{escaped(source)}</span>' if source else ""
    return (
        f'<li><span class="tpa-event-when"><time datetime="{event.when}">{when}</time>{kind}</span>'
        f'<div><a class="tpa-event" href="#{event_id}" dir="auto">{escaped(event_words(event))}</a>{told}</div></li>'
    )
