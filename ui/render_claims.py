"""A claim → HTML: its text as it is, as prose, a list or a table, its citation chips, and a mark if it is unsupported.

Pure, like `render`. A chip is a plain link `#cite-<turn>-<marker>` that `citations.js` listens to.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from itertools import groupby

from assistant.domain import (
    Block,
    BlockKind,
    Citation,
    Claim,
    Support,
)
from ui.render import escaped, publisher_words, running, sentence, source_line, validity_words
from ui.render_article import BULLET, Pieces, table_row_html
from ui.render_citation import VERDICTS, check_words

_CITE_ID = re.compile(r"(\d{1,6})-(\d{1,6})\Z")
_LINE_END = re.compile(r"(?<=[.?!:\"”’])\n(?=.*\S)", re.DOTALL)


def claim_html(claim: Claim, turn: int) -> str:
    """Return one claim: its text as it is, its citation chips, and a mark where it is not supported."""
    chips = "".join(chip_html(citation, turn, claim) for citation in claim.citations)
    lines = claim.text.split("\n")
    if any(map(_is_row, lines)):
        body = _table_claim(lines, chips, has_head=_is_led(claim))
    elif _is_list(lines) or _is_led(claim):
        body = _list_claim(lines, chips)
    else:
        body = _prose_claim(claim.text, chips)
    return f'<div class="tpa-claim" data-support="{claim.support}">{body}{_verdict(claim)}</div>'


def chip_html(citation: Citation, turn: int, claim: Claim | None = None) -> str:
    """Return a marker as a link to its passage, followed by the hidden text of its hover card.

    The card of a chip after a claim says how that claim was checked.
    """
    publisher = publisher_words(citation.publisher, citation.standing)
    source = ", ".join(part for part in (publisher, _iso(citation.published), citation.title) if part)
    name = _spoken(f"Citation {citation.marker}: {source}. Show passage")
    time = validity_words(citation)
    applies = f'<span class="tpa-hover-applies">{escaped(time)}</span>' if time else ""
    check = f'<span class="tpa-hover-check">{escaped(check_words(claim))}</span>' if claim else ""
    return (
        f'<a class="tpa-cite" href="#cite-{turn}-{citation.marker}" aria-label="{name}">{citation.marker}</a>'
        f'<span class="tpa-hover" hidden><span class="tpa-hover-meta">{escaped(source_line(citation))}</span>'
        f'<span class="tpa-hover-title">{escaped(citation.title)}</span>'
        f'<span class="tpa-hover-quote">{escaped(citation.quote)}</span>{applies}{check}</span>'
    )


def row_link_html(citation: Citation, turn: int) -> str:
    """Return the link that is laid over the row of a cited passage, where the row has no button; it has no card."""
    name = _spoken(f"Open {citation.marker}: {citation.title}")
    return (
        f'<a class="tpa-cite tpa-row-open" href="#cite-{turn}-{citation.marker}" aria-label="{name}">'
        f"Open {citation.marker}</a>"
    )


def citations_of(claims: Sequence[Claim]) -> tuple[Citation, ...]:
    """Return each cited span once, in order of its marker."""
    by_marker = {citation.marker: citation for claim in claims for citation in claim.citations}
    return tuple(by_marker[marker] for marker in sorted(by_marker))


def parse_cite_id(value: object) -> tuple[int, int] | None:
    """Return (turn, marker) from what the browser sent, None if it is not an id of ours."""
    found = _CITE_ID.match(value) if isinstance(value, str) else None
    return (int(found[1]), int(found[2])) if found else None


def _verbatim(text: str) -> str:
    return f'<span class="tpa-verbatim" dir="auto">{running(text)}</span>'


def _prose_claim(text: str, chips: str) -> str:
    """Lines that end a sentence stay lines; others were broken to fit a page and flow."""
    *first, last = _LINE_END.split(text)
    return "\n".join([*(f"<p>{_verbatim(line)}</p>" for line in first), f"<p>{_verbatim(last)}{chips}</p>"])


def _is_list(lines: Sequence[str]) -> bool:
    items = sum(bool(BULLET.match(line)) for line in lines)
    follows_lead = lines[0].rstrip().endswith(":") and len([line for line in lines if line.strip()]) > 1
    return items > 1 or (items == 1 and len(lines) > 1) or follows_lead


def _is_row(line: str) -> bool:
    return " | " in line and not BULLET.match(line)


def _table_claim(lines: Sequence[str], chips: str, *, has_head: bool) -> str:
    """Lines with cells become a table, others stay lines; with `has_head` the first of several rows names columns."""
    last = max(place for place, line in enumerate(lines) if line.strip())
    shown, at = [], 0
    for is_row, run in groupby(lines, key=_is_row):
        members = list(run)
        # The end of a line stays in the text, inside the line it ends: between rows it would be moved out of the table.
        ended = [line + ("\n" if at + place + 1 < len(lines) else "") for place, line in enumerate(members)]
        marks = [chips if at + place == last else "" for place in range(len(members))]
        if is_row:
            heads = [has_head and len(members) > 1 and not place for place in range(len(members))]
            rows = "".join(
                table_row_html(
                    Block(BlockKind.TABLE_ROW, 0, len(line)), Pieces(line, None), after=mark, is_head=is_head
                )
                for line, mark, is_head in zip(ended, marks, heads, strict=True)
            )
            shown.append(f'<div class="tpa-table tpa-verbatim"><table><tbody>{rows}</tbody></table></div>')
        else:
            shown += [f"<p>{_verbatim(line)}{mark}</p>" for line, mark in zip(ended, marks, strict=True)]
        at += len(members)
    return "".join(shown)


def _is_led(claim: Claim) -> bool:
    """Say whether a claim is a lead-in line, heading or table header with one item quoted from under it.

    Answers of before cite the header beside the item.
    """
    quotes = [quote for citation in claim.citations for quote in (citation.lead, citation.quote) if quote]
    return len(quotes) > 1 and claim.text == "\n".join(quotes)


def _list_claim(lines: Sequence[str], chips: str) -> str:
    """Lines before the first item are its lead-in; a bullet stays in the text but the eye sees the list's own."""
    first = next((place for place, line in enumerate(lines) if BULLET.match(line)), 1)
    lead, items = "\n".join(lines[:first]), list(lines[first:])
    last = max(place for place, line in enumerate(items) if line.strip())
    head = f'<p class="tpa-list-lead">{_verbatim(lead)}</p>' + "\n" if first else ""
    shown = "\n".join(
        f"<li>{_item(line)}{chips if place == last else ''}</li>" if line.strip() else escaped(line)
        for place, line in enumerate(items)
    )
    return f"{head}<ul>{shown}</ul>"


def _item(line: str) -> str:
    found = BULLET.match(line)
    glyph = found[0] if found and not found[0].strip()[0].isdigit() else ""
    hidden = f'<span class="tpa-glyph">{escaped(glyph)}</span>' if glyph else ""
    return hidden + _verbatim(line[len(glyph) :])


def _verdict(claim: Claim) -> str:
    """A supported claim carries no mark: its chips' cards say how it was checked."""
    if claim.support is Support.SUPPORTED:
        return ""
    reason = f" {escaped(sentence(claim.reason))}" if claim.reason else ""
    return f'<p class="tpa-verdict"><strong>{VERDICTS[claim.support]}.</strong>{reason}</p>'


def _iso(value: date | None) -> str:
    return value.isoformat() if value else "undated"


def _spoken(text: str) -> str:
    """Escape a name for assistive technology; the sanitiser drops an attribute that holds `-->` or `</style`."""
    return escaped(re.sub(r"\s+", " ", text).replace("<", "‹").replace(">", "›"))
