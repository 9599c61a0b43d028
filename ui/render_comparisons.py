"""Where sources agree and differ → HTML: a row per position with its value, quote, chip, publisher and date.

Pure, like `render`, whose chips it uses. Nothing is averaged and no side is taken; the newer position is marked.
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from assistant.dating import in_words, of_day
from assistant.domain import Citation, Claim, Comparison, Position
from assistant.over_time import heading
from ui.render import escaped, publisher_words
from ui.render_claims import chip_html, citations_of
from ui.turn import TurnView

MAX_QUOTE_CHARS = 220
"""Characters of a quote shown in a row; its chip opens the whole."""


def comparisons_html(comparisons: Sequence[Comparison], turn: int, *, claims: Sequence[Claim] = ()) -> str:
    """Return a block for each comparison, differences as they come first; "" if there are none.

    `claims` are those shown above: what they quote is not quoted again.
    """
    said = frozenset(citation.marker for citation in citations_of(claims))
    blocks = "".join(
        _agreement(one.positions[0], turn) if one.is_agreement else _difference(one, turn, said) for one in comparisons
    )
    return f'<div class="tpa-compared">{blocks}</div>' if blocks else ""


def shown_citations(view: TurnView) -> tuple[Citation, ...]:
    """Return what a turn cites, in order of the markers: once it is answered also what only its comparisons cite."""
    return view.answer.citations if view.answer else citations_of(view.claims)


def shown_citation(view: TurnView, marker: int) -> Citation | None:
    """Return the citation of a turn with this marker, None if it has none."""
    return next((citation for citation in shown_citations(view) if citation.marker == marker), None)


def excerpt(quote: str, value: str) -> str:
    """Return a quote on one line, cut to MAX_QUOTE_CHARS around the value, "…" where it was cut, between words."""
    line = " ".join(quote.split())
    if len(line) <= MAX_QUOTE_CHARS:
        return line
    at = max(0, line.find(value))
    start = max(0, min(at - (MAX_QUOTE_CHARS - len(value)) // 2, len(line) - MAX_QUOTE_CHARS))
    end = start + MAX_QUOTE_CHARS
    start = line.find(" ", start) + 1 if start else 0
    end = line.rfind(" ", start, end) if end < len(line) else len(line)
    return f"{'… ' if start else ''}{line[start:end]}{' …' if end < len(line) else ''}"


def newer(comparison: Comparison) -> str:
    """Return the word that marks the newest position."""
    return "newer" if len(comparison.positions) == 2 else "newest"


def agreement_words(position: Position) -> str:
    """Return "2 independent sources agree"; the value follows."""
    return f"{len(position.citations)} independent sources agree"


def _difference(comparison: Comparison, turn: int, said: AbstractSet[int]) -> str:
    rows = "".join(_position(position, newer(comparison), turn, said) for position in comparison.positions)
    title = heading(comparison)
    return (
        f'<section class="tpa-differ" aria-label="Sources compared"><h3 dir="auto">{escaped(title)}</h3>'
        f'<ul class="tpa-positions">{rows}</ul></section>'
    )


def _position(position: Position, mark: str, turn: int, said: AbstractSet[int]) -> str:
    newest = f' <span class="tpa-newest">{mark}</span>' if position.is_newest else ""
    lines = "".join(_source(citation, position.value, turn, said) for citation in position.citations)
    value = f'<p class="tpa-position-value"><span dir="auto">{escaped(position.value)}</span>{newest}</p>'
    return f"<li>{value}<div>{lines}</div></li>"


def _source(citation: Citation, value: str, turn: int, said: AbstractSet[int]) -> str:
    published = in_words(of_day(citation.published)) if citation.published else "undated"
    name = publisher_words(citation.publisher, citation.standing) or citation.author or citation.title
    source = f"{escaped(f'{name} · {published}')}{chip_html(citation, turn)}"
    quote = f'<p class="tpa-position-quote"><q dir="auto">{escaped(excerpt(citation.quote, value))}</q></p>'
    return f'<p class="tpa-position-from">{source}</p>{"" if citation.marker in said else quote}'


def _agreement(position: Position, turn: int) -> str:
    in_order = sorted(position.citations, key=lambda citation: citation.marker)
    chips = "".join(chip_html(citation, turn) for citation in in_order)
    value = f'<strong dir="auto">{escaped(position.value)}</strong>'
    return f'<p class="tpa-agree">{escaped(agreement_words(position))}: {value}{chips}</p>'
