"""An export as one HTML file: no script, nothing from elsewhere, light, dark and on paper.

Its Content-Security-Policy allows its own style sheet, by hash, and nothing else, so that no text of an article could
load or run anything even if it were not escaped. The record stands in a script element of a kind no browser runs.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence
from html import escape

from assistant import export_words as words
from assistant.domain import NearestArticle
from assistant.export_json import embedded
from assistant.exports import Exported, ExportedAnswer, ExportedCitation, ExportedClaim, ExportedComparison

RECORD_ID = "trade-assistant-export"

STYLE = """
:root { color-scheme: light dark; --ink: light-dark(#1b2733, #e4e9ee); --quiet: light-dark(#556371, #a3b0bc);
  --line: light-dark(#dfe4e9, #2f3b46); --ground: light-dark(#ffffff, #12181f); --tint: light-dark(#f4f6f8, #1b242d);
  --accent: light-dark(#1f5f8b, #8fc4e8); --accent-tint: light-dark(#e6f0f7, #1d3647);
  --warn: light-dark(#8a4b08, #f0b466); --mark: light-dark(#fff3c9, #3d3417);
  --serif: Charter, "Source Serif 4", Georgia, "Liberation Serif", serif;
  --sans: system-ui, "Source Sans 3", "Liberation Sans", Arial, sans-serif; }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 1rem/1.55 var(--sans); overflow-wrap: anywhere; }
main { max-width: 44rem; margin: 0 auto; padding: clamp(1.5rem, 5vw, 4rem) 1.25rem 4rem; }
h1, h2, h3 { font-family: var(--serif); line-height: 1.2; text-wrap: balance; margin: 0; }
p { margin: 0; } .quiet { color: var(--quiet); font-size: .875rem; }
h1 { font-size: clamp(1.625rem, 5vw, 2.125rem); } h2 { font-size: 1.375rem; }
.kicker { margin: 0 0 .5rem; font-size: .8125rem; font-weight: 600; color: var(--accent); }
article { margin-top: 2.5rem; } article > * + * { margin-top: 1rem; }
article + article { padding-top: 2.5rem; border-top: 1px solid var(--line); }
header + article { margin-top: 2rem; }
h3 { font: 600 1rem/1.4 var(--sans); } article > h3, article > section, article > ul { margin-top: 1.75rem; }
article > .under { margin-top: .375rem; }
.verbatim { white-space: pre-wrap; }
.claim { font-family: var(--serif); font-size: 1.125rem; line-height: 1.6; }
.verdict { margin-top: .375rem; padding-left: .75rem; border-left: 3px solid var(--warn); font-size: .875rem;
  color: var(--quiet); } .verdict strong { color: var(--warn); }
.ref { font: 600 .75rem/1 var(--sans); vertical-align: .35em; margin-left: .125rem; padding: .125rem .3125rem;
  border-radius: 5px; background: var(--accent-tint); color: var(--accent); text-decoration: none;
  white-space: nowrap; }
a { color: var(--accent); text-underline-offset: .15em; }
a:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.card { padding: 1rem 1.25rem; border: 1px solid var(--line); border-radius: 10px; background: var(--tint); }
.card p { margin-top: .375rem; }
ul { margin: .5rem 0 0; padding-left: 1.25rem; } li + li { margin-top: .375rem; } li::marker { color: var(--quiet); }
.positions, .sources { list-style: none; padding: 0; }
.positions li { padding: .75rem 0; border-top: 1px solid var(--line); margin: 0; }
.newest { font-size: .8125rem; color: var(--quiet); }
.sources > li { display: grid; grid-template-columns: 2rem 1fr; padding: 1rem 0; margin: 0;
  border-top: 1px solid var(--line); } .sources > li > div { min-width: 0; }
.sources > li > div > * + * { margin-top: .375rem; } .sources > li:target { background: var(--mark); }
.number { font-weight: 600; color: var(--accent); } .title { font-weight: 600; }
blockquote { margin: 0; padding-left: .875rem; border-left: 3px solid var(--line); font-family: var(--serif);
  line-height: 1.55; }
.place { font-size: .75rem; line-height: 1.5; color: var(--quiet); }
footer { margin-top: 2.5rem; padding-top: 1rem; border-top: 1px solid var(--line); }
code { font: .8125rem ui-monospace, "Liberation Mono", monospace; }
@media print {
  :root { color-scheme: only light; } @page { margin: 2cm; }
  body { font-size: 10.5pt; } main { max-width: none; padding: 0; } .claim { font-size: 11.5pt; }
  h1, h2, h3, .under { break-after: avoid; } p, li { orphans: 3; widows: 3; }
  .card, .positions li, .sources > li { break-inside: avoid; } a { color: inherit; text-decoration: none; }
  .ref { padding: 0; background: none; } .ref::before { content: "["; } .ref::after { content: "]"; }
}
"""


def html(record: Exported) -> str:
    """Return the record as an HTML file."""
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    answers = "\n".join(
        _answer(answer, f"{number}-", "h2" if record.is_conversation else "h1")
        for number, answer in enumerate(record.answers, start=1)
    )
    made, check = words.closing(record)
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="Trade Policy Assistant {_line(record.product_version)}">
<title>{_line(record.title)}</title>
<style>{STYLE}</style>
</head>
<body>
<main>
{_heading(record)}
{answers}
<footer class="quiet"><p>{_line(made)} {_check(check)}</p></footer>
</main>
<script type="application/json" id="{RECORD_ID}">{embedded(record)}</script>
</body>
</html>
"""


def _heading(record: Exported) -> str:
    kicker = '<p class="kicker">Trade Policy Assistant</p>'
    return (
        f'<header>{kicker}<h1 dir="auto">{_line(words.heading(record))}</h1></header>'
        if record.is_conversation
        else kicker
    )


def _check(words_of_it: str) -> str:
    lead, _, command = words_of_it.partition(": ")
    return f"{escape(lead)}: <code>{escape(command)}</code>"


def _answer(answer: ExportedAnswer, prefix: str, level: str) -> str:
    return f"<article>\n{chr(10).join(_parts(answer, prefix, level))}\n</article>"


def _parts(answer: ExportedAnswer, prefix: str, level: str) -> Iterator[str]:
    yield f'<{level} dir="auto">{_line(answer.question)}</{level}>'
    if asked := words.understood(answer):
        yield f'<p class="quiet under">Understood as: <em dir="auto">{_line(asked)}</em></p>'
    if limits := words.limits(answer):
        yield f'<p class="quiet under">Answered from what was {_line(limits)}.</p>'
    if answer.is_refusal:
        yield (
            '<section class="card"><h3>No answer in the indexed articles</h3>'
            f'<p class="verbatim" dir="auto">{_text(answer.text)}</p></section>'
        )
    for claim in answer.claims:
        yield _claim(claim, prefix)
    if cut := words.unfinished(answer):
        yield f'<p class="verdict">{_line(cut)}</p>'
    for comparison in answer.comparisons:
        yield _comparison(comparison, answer, prefix)
    if answer.notes:
        rows = "".join(f"<li>{_note(note, answer, prefix)}</li>" for note in answer.notes)
        yield f"<section><h3>Notes</h3><ul>{rows}</ul></section>"
    if answer.nearest:
        rows = "".join(f"<li>{_source(one)}</li>" for one in answer.nearest)
        yield f"<section><h3>Related, not an answer</h3><ul>{rows}</ul></section>"
    if answer.citations:
        rows = "".join(_cited(citation, prefix) for citation in answer.citations)
        yield f'<section><h3>Sources</h3><ol class="sources">{rows}</ol></section>'
    yield f'<p class="quiet">{_line(words.scope(answer))}</p>'


def _claim(claim: ExportedClaim, prefix: str) -> str:
    verdict, reason = words.verdict(claim)
    under = f'<p class="verdict"><strong>{verdict}.</strong> {_line(reason)}</p>' if verdict else ""
    text = f'<span class="verbatim">{_text(claim.text)}</span>'
    return f'<div><p class="claim" dir="auto">{text}{_references(claim.markers, prefix)}</p>{under}</div>'


def _comparison(comparison: ExportedComparison, answer: ExportedAnswer, prefix: str) -> str:
    if comparison.is_agreement:
        position = comparison.positions[0]
        return (
            f"<p>{_line(comparison.heading)}: <strong>{_line(position.value)}</strong>"
            f"{_references(sorted(position.markers), prefix)}</p>"
        )
    rows = ""
    for position in comparison.positions:
        mark = f' <span class="newest">{words.newest(comparison)}</span>' if position.is_newest else ""
        said = "".join(
            f'<p class="quiet">{_line(words.about(answer.citation(marker)))}{_references([marker], prefix)}</p>'
            for marker in position.markers
        )
        rows += f'<li><strong dir="auto">{_line(position.value)}</strong>{mark}{said}</li>'
    return f'<section><h3 dir="auto">{_line(comparison.heading)}</h3><ul class="positions">{rows}</ul></section>'


def _note(note: str, answer: ExportedAnswer, prefix: str) -> str:
    return "".join(
        _references([piece], prefix) if isinstance(piece, int) else _text(piece) for piece in words.pieces(note, answer)
    )


def _references(markers: Sequence[int], prefix: str) -> str:
    return "".join(
        f'<a class="ref" href="#source-{prefix}{marker}" aria-label="Source {marker}">{marker}</a>'
        for marker in markers
    )


def _cited(citation: ExportedCitation, prefix: str) -> str:
    more = [words.applies(citation), words.one_line(citation.story)]
    under = "".join(f'<p class="quiet">{_line(line)}</p>' for line in more if line)
    where = f"{_line(words.place(citation))}<br>{_line(words.fingerprint(citation))}"
    return (
        f'<li id="source-{prefix}{citation.marker}"><span class="number">{citation.marker}</span><div>'
        f"{_source(citation)}"
        f'<blockquote class="verbatim" dir="auto">{_text(citation.quote)}</blockquote>{under}'
        f'<p class="place">{where}</p></div></li>\n'
    )


def _source(source: ExportedCitation | NearestArticle) -> str:
    address = words.link(source.url)
    shown = _line(source.url or "")
    if address:
        shown = f'<a href="{escape(address)}" rel="noopener noreferrer nofollow">{shown}</a>'
    under = f'<p class="quiet">{shown}</p>' if shown else ""
    return (
        f'<p class="title" dir="auto">{_line(source.title)}</p><p class="quiet">{_line(words.about(source))}</p>{under}'
    )


def _text(text: str) -> str:
    """Return HTML whose text content is `text` as `seen`, line breaks kept."""
    return escape(words.seen(text))


def _line(text: str) -> str:
    return escape(words.one_line(text))
