"""Domain objects → HTML that shows source text exactly as it is; pure, and tested without Streamlit.

Streamlit's Markdown turns "5~10% and 20~30%" into struck-through text, "NT$, HK$" into a formula and `--` into a dash,
even escaped; so every word that comes from a source, a file name or a reader goes through `escaped` into `st.html`.
The one place Streamlit takes only Markdown is a button's label: `label` is for that.
Classes begin with `tpa-` and are styled in `page.css`; `citations.js` listens to the chips.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import groupby, islice
from urllib.parse import quote, urlsplit

from assistant.dating import in_words, of_day
from assistant.domain import (
    Answer,
    Article,
    ArticleSummary,
    Block,
    BlockKind,
    Citation,
    Claim,
    Failure,
    Filters,
    NearestArticle,
    Searched,
    Standing,
    Status,
    StoredArticle,
    Support,
    Validity,
)
from assistant.revision import Fate, Line, Mark, Revision
from assistant.validity import validity_line

MAX_SHOWN_CHARS = 300_000
"""Characters of an article shown at once; a longer one is cut around the cited passage, and says so."""
MAX_SHOWN_LINES = 600
"""Sentences of a comparison shown at once."""
MAX_LISTED_COPIES = 4
"""Copies named in a source row; the drawer lists all."""

_NO_FILTERS = Filters()
_CITE_ID = re.compile(r"(\d{1,6})-(\d{1,6})\Z")
_ITEM = re.compile(r"[ \t]*(?:[-*+•‣◦▪–—·]|\d{1,3}[.)])[ \t]+(?=\S)")
_BULLET_BEFORE = re.compile(r"(?:(?<=\n)|\A)[ \t]*(?:[-*+•‣◦▪–—·]|\d{1,3}[.)])[ \t]+\Z")
_CELL_EDGE = re.compile(r"[ \t]*\|[ \t]*|\t")
_PLAIN_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*[,;:.!?]?(?:\s|\Z)")
_LINE_END = re.compile(r"(?<=[.?!:\"”’])\n(?=.*\S)", re.DOTALL)
# Controls, marks of direction and what has no width; joiners are left, as words of some scripts need them.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_PUNCTUATION = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
_WORD_JOINER = "\u2060"
_FRAGMENT_WORDS = 6
_FATES = {
    Fate.UNCHANGED: "The cited passage is unchanged",
    Fate.CHANGED: "The cited passage was changed",
    Fate.GONE: "The cited passage is no longer there",
}
_VERDICTS = {
    Support.PARTIAL: "Partly supported",
    Support.UNSUPPORTED: "Not supported by its source",
    Support.UNCITED: "No source",
}


def escaped(text: str) -> str:
    """Return HTML whose text content is `text`; only lone surrogates, which no browser can show, are replaced."""
    return html.escape(text.encode("utf-8", "replace").decode("utf-8")).replace("\r", "&#13;")


def named(text: str) -> str:
    """Return HTML of a path, an address or the name of a file, as which files are told apart.

    Characters that cannot be seen or that change the order in which others are read are replaced.
    """
    return escaped(_UNSEEN.sub("\ufffd", text))


def label(text: str) -> str:
    """Return Markdown for a button's label that reads as `text`.

    Streamlit still changes escaped runs such as `--` and `->`, so an invisible word joiner separates them.
    """
    joined = re.sub(r"\s+", " ", text).strip()
    return "".join(
        f"\\{char}{_WORD_JOINER if joined[place + 1 : place + 2] in _PUNCTUATION else ''}"
        if char in _PUNCTUATION
        else char
        for place, char in enumerate(joined)
    )


def day(value: date | None) -> str:
    """Return "2 Nov 2025", or "undated"."""
    return f"{value.day} {value:%b} {value.year}" if value else "undated"


def days(first: date | None, last: date | None) -> str:
    """Return "27 Oct–14 Nov 2025", naming what both ends share once; "" if neither is known."""
    if first is None or last is None or first == last:
        known = first or last
        return day(known) if known else ""
    if first.year != last.year:
        return f"{day(first)}–{day(last)}"
    start = f"{first.day}" if first.month == last.month else f"{first.day} {first:%b}"
    return f"{start}–{day(last)}"


def count(number: int, noun: str) -> str:
    """Return "1 article" or "1,204 articles"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def facts(status: Status) -> str:
    """Return the one line that says what answers come from."""
    parts = [count(status.articles, "indexed article"), days(status.oldest, status.newest)]
    parts.append(count(status.publishers, "publisher") if status.publishers else "")
    return f"Answers come only from {', '.join(part for part in parts if part)}."


def described(filters: Filters) -> str:
    """Return the filters in words, "" if there are none."""
    dates = ""
    if filters.since and filters.as_of:
        dates = f"published {days(filters.since, filters.as_of)}"
    elif filters.since:
        dates = f"published since {day(filters.since)}"
    elif filters.as_of:
        dates = f"published by {day(filters.as_of)}"
    return " · ".join(part for part in (dates, ", ".join(filters.publishers)) if part)


def heading_html(title: str, lead: str = "", *, kicker: str = "") -> str:
    """Return the top of a page: a small line, the title and one line below it."""
    above = f'<p class="tpa-kicker">{escaped(kicker)}</p>' if kicker else ""
    below = f'<p class="tpa-lead">{escaped(lead)}</p>' if lead else ""
    return f'<header class="tpa-heading">{above}<h1>{escaped(title)}</h1>{below}</header>'


def card_html(title: str, *paragraphs: str, command: str = "", tone: str = "neutral") -> str:
    """Return a card: what happened, what it means, and a command to type if there is one."""
    body = "".join(f"<p>{escaped(paragraph)}</p>" for paragraph in paragraphs if paragraph)
    code = f"<pre><code>{escaped(command)}</code></pre>" if command else ""
    return f'<section class="tpa-card" data-tone="{tone}"><h2>{escaped(title)}</h2>{body}{code}</section>'


def notice_html(words: str) -> str:
    """Return one line that must not be missed."""
    return f'<p class="tpa-notice" role="note">{escaped(words)}</p>'


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


def claim_html(claim: Claim, turn: int) -> str:
    """Return one claim: its text as it is, its citation chips, and a mark where it is not supported."""
    chips = "".join(chip_html(citation, turn) for citation in claim.citations)
    lines = claim.text.split("\n")
    if any(map(_is_row, lines)):
        body = _table_claim(lines, chips, has_head=_is_led(claim))
    elif _is_list(lines) or _is_led(claim):
        body = _list_claim(lines, chips)
    else:
        body = _prose_claim(claim.text, chips)
    return f'<div class="tpa-claim" data-support="{claim.support}">{body}{_verdict(claim)}</div>'


def chip_html(citation: Citation, turn: int) -> str:
    """Return a marker as a link to its passage, followed by the hidden text of its hover card."""
    source = ", ".join(part for part in (citation.publisher, _iso(citation.published), citation.title) if part)
    name = _spoken(f"Citation {citation.marker}: {source}. Show passage")
    time = validity_words(citation)
    applies = f'<span class="tpa-hover-applies">{escaped(time)}</span>' if time else ""
    return (
        f'<a class="tpa-cite" href="#cite-{turn}-{citation.marker}" aria-label="{name}">{citation.marker}</a>'
        f'<span class="tpa-hover" hidden><span class="tpa-hover-meta">{escaped(source_line(citation))}</span>'
        f'<span class="tpa-hover-title">{escaped(citation.title)}</span>'
        f'<span class="tpa-hover-quote">{escaped(citation.quote)}</span>{applies}</span>'
    )


def source_line(source: Citation | NearestArticle | ArticleSummary) -> str:
    """Return "Publisher · 2 Nov 2025", or what is known of it; of a citation also what kind of source it is."""
    kind = standing_words(source.standing) if isinstance(source, Citation) else ""
    return " · ".join(part for part in (source.publisher, day(source.published), kind) if part)


def standing_words(standing: Standing) -> str:
    """Return "agency" or "standing unknown"."""
    return "standing unknown" if standing is Standing.UNKNOWN else str(standing)


def validity_words(citation: Citation) -> str:
    """Return "Applies until November 2026 (…)", "" where the quote does not say for what time."""
    words = validity_line(citation.validity)
    return words[:1].upper() + words[1:]


def notes_html(notes: Sequence[str]) -> str:
    """Return what has to be known before relying on an answer, "" for nothing."""
    rows = "".join(f"<li>{escaped(note)}</li>" for note in notes)
    return f'<ul class="tpa-notes" role="note" aria-label="Notes">{rows}</ul>' if rows else ""


def citations_of(claims: Sequence[Claim]) -> tuple[Citation, ...]:
    """Return each cited span once, in order of its marker."""
    by_marker = {citation.marker: citation for claim in claims for citation in claim.citations}
    return tuple(by_marker[marker] for marker in sorted(by_marker))


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


def finished_html(turn: int, says: str) -> str:
    """Return the unseen mark of a finished turn; `says` is announced once to assistive technology."""
    return f'<span class="tpa-state" data-turn="{turn}" data-state="over" data-says="{escaped(says)}" hidden></span>'


def working_html(words: str, turn: int) -> str:
    """Return the line shown while a turn is waiting or being answered."""
    state = f'<span class="tpa-state" data-turn="{turn}" data-state="working"></span>'
    return f'<p class="tpa-working">{state}{escaped(words)}…</p>'


def caption_html(words: str, turn: int) -> str:
    """Return the line under a finished answer."""
    return f'<p class="tpa-caption">{escaped(words)}</p>{finished_html(turn, "Answer complete")}'


def progress_html(stage: str, done: int, total: int, *, location: str | None = None) -> str:
    """Return a bar: `done` of `total`, of unknown length while `total` is 0."""
    amount = f"{done:,} of {total:,}" if total else ""
    value = f' value="{min(done, total)}" max="{total}"' if total else ""
    at = f'<span class="tpa-progress-at">{escaped(location)}</span>' if location else ""
    return (
        f'<div class="tpa-progress"><div class="tpa-progress-words"><span>{escaped(stage)}</span><span>{amount}</span>'
        f'</div><progress{value} aria-label="{escaped(stage)}"></progress>{at}</div>'
    )


def failures_html(failures: Sequence[Failure]) -> str:
    """Return each file that could not be indexed with its reason, "" if there are none."""
    rows = "".join(
        f'<li><span class="tpa-path" dir="auto">{named(failure.location)}</span>'
        f"{escaped(sentence(failure.reason))}</li>"
        for failure in failures
    )
    return f'<ul class="tpa-lines">{rows}</ul>' if rows else ""


def lines_html(lines: Sequence[str], *, none: str) -> str:
    """Return paths one below the other, or the words for none."""
    if not lines:
        return f'<p class="tpa-note">{escaped(none)}</p>'
    return f'<ul class="tpa-lines">{"".join(f"<li>{escaped(line)}</li>" for line in lines)}</ul>'


def sentence(words: str) -> str:
    """Return an error's words as a sentence: a capital first, a full stop last.

    A first word that is no plain word ("openai:gpt-4o", a file's name) is somebody's spelling and stays as it is.
    """
    trimmed = words.strip()
    ended = trimmed if trimmed.endswith((".", "!", "?", "`")) else f"{trimmed}."
    return ended[:1].upper() + ended[1:] if _PLAIN_WORD.match(ended) else ended


def refusal_html(answer: Answer, filters: Filters = _NO_FILTERS, *, ingest_command: str = "") -> str:
    """Return the card shown when nothing supports an answer: why, in the answer's own words, and what may help.

    `ingest_command` stands under it while nothing at all is indexed.
    """
    if not answer.searched.articles and filters.is_empty:
        return card_html("Nothing is indexed", answer.text, command=ingest_command)
    ask = "sk with the words an article would use: name the country, the product or the measure."
    widen = "Widen the dates or publishers in the side bar"
    hint = f"A{ask}" if filters.is_empty else f"{widen}, or a{ask}" if answer.searched.articles else f"{widen}."
    return card_html("No answer in the indexed articles", answer.text, hint)


def row_html(
    title: str, meta: str, *, marker: int | None = None, quote: str = "", applies: str = "", note: str = ""
) -> str:
    """Return one row of a list of articles; the button that opens it is laid over it by the page."""
    number = f'<span class="tpa-row-marker">{marker}</span>' if marker is not None else ""
    # The row shows the first lines: empty ones stay in the text, unseen.
    lines = re.sub(r"(?<=\n)(\s*\n)", r'<span class="tpa-glyph">\1</span>', escaped(quote))
    cited = f'<span class="tpa-row-quote" dir="auto">{lines}</span>' if quote else ""
    extra = "".join(f'<span class="tpa-row-note">{escaped(words)}</span>' for words in (applies, note) if words)
    return (
        f'<div class="tpa-row">{number}<div class="tpa-row-body"><span class="tpa-row-title" dir="auto">'
        f'{escaped(title)}</span><span class="tpa-row-meta">{escaped(meta)}</span>{cited}{extra}</div></div>'
    )


def facts_html(pairs: Sequence[tuple[str, str]]) -> str:
    """Return names and values as a definition list."""
    rows = "".join(f"<div><dt>{escaped(name)}</dt><dd>{escaped(value)}</dd></div>" for name, value in pairs)
    return f'<dl class="tpa-facts">{rows}</dl>'


def parse_cite_id(value: object) -> tuple[int, int] | None:
    """Return (turn, marker) from what the browser sent, None if it is not an id of ours."""
    found = _CITE_ID.match(value) if isinstance(value, str) else None
    return (int(found[1]), int(found[2])) if found else None


def publisher_link(url: str | None, passage: str = "") -> str | None:
    """Return the article's address, at the passage by a text fragment; None unless it is http or https.

    The fragment names the first and last words of the passage's first line, as WICG's scroll-to-text draft allows.
    """
    if not url or re.search(r"[\s\x00-\x1f\x7f\\<>\"]", url):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return None
    first_line = next((line for line in passage.splitlines() if line.strip()), "")
    words = _ITEM.sub("", first_line).split()
    if not words:
        return url
    ends = [words] if len(words) <= 2 * _FRAGMENT_WORDS else [words[:_FRAGMENT_WORDS], words[-_FRAGMENT_WORDS:]]
    target = ",".join(quote(" ".join(end), safe="").replace("-", "%2D") for end in ends)
    return f"{url}{'' if parts.fragment else '#'}:~:text={target}"


def article_head_html(article: Article, standing: Standing = Standing.UNKNOWN) -> str:
    """Return publisher, dates, author and what kind of source it is: what stands under the title."""
    effective = f"effective {day(article.effective)}" if article.effective else ""
    kind = standing_words(standing)
    parts = (article.publisher, day(article.published), effective, article.author, kind)
    return f'<p class="tpa-kicker" dir="auto">{escaped(" · ".join(part for part in parts if part))}</p>'


def applies_html(validity: Validity) -> str:
    """Return the time for which the cited passage says something applies, "" where it says none."""
    words = validity_line(validity)
    return f'<p class="tpa-note" dir="auto">Cited passage: {escaped(words)}</p>' if words else ""


def article_notice_html(stored: StoredArticle, newest: StoredArticle | None = None, fate: Fate | None = None) -> str:
    """Return a warning for a withdrawn or superseded version, else "".

    `newest` is the newest version, if that is another, and `fate` what became in it of the passage that was cited.
    """
    words = []
    if stored.withdrawn_at:
        words.append(f"Withdrawn on {day(stored.withdrawn_at.date())}: no answer uses it any more.")
    if newest:
        is_current = not newest.withdrawn_at
        now = f"is current since {day(newest.indexed_at.date())}" if is_current else "was the last"
        indexed = f"This is version {stored.version}, indexed {day(stored.indexed_at.date())}"
        became = f" {_FATES[fate]} in the {'current' if is_current else 'last'} version." if fate else ""
        words.append(f"{indexed}; version {newest.version} {now}.{became}")
    return "".join(map(notice_html, words))


def revision_html(revision: Revision, *, old: int, new: int) -> str:
    """Return what changed between two versions, unchanged stretches folded to a sentence on either side.

    Deleted text is in `<del>`, inserted text in `<ins>`.
    """
    head = f"<h3>What changed from version {old} to version {new}</h3>"
    if revision.is_same:
        return f'<section class="tpa-diff">{head}<p class="tpa-note">Only white space or layout changed.</p></section>'
    details = "".join(
        f'<p dir="auto"><span class="tpa-note">{escaped(detail.name)}</span> {_change_html(Mark.DELETED, detail.old)} '
        f"{_change_html(Mark.INSERTED, detail.new)}</p>"
        for detail in revision.details
    )
    shown = list(islice(revision.folded(), MAX_SHOWN_LINES + 1))
    lines = "".join(map(_line_html, shown[:MAX_SHOWN_LINES]))
    rest = "" if len(shown) <= MAX_SHOWN_LINES else notice_html("The rest of this long comparison is left out here.")
    return f'<section class="tpa-diff">{head}{details}{lines}{rest}</section>'


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


def article_foot(stored: StoredArticle) -> str:
    """Return which version this is and when it was indexed."""
    return f"Version {stored.version} · indexed {day(stored.indexed_at.date())} · {stored.article_id}"


def article_html(
    text: str, blocks: Sequence[Block], cited: tuple[int, int] | None = None, *, shown_title: str = ""
) -> str:
    """Return an article by its blocks, every character in place, with the cited span in `<mark>`.

    The text content of the result is `text`; that of its marks, joined, is `text[start:end]`. Text of more than
    MAX_SHOWN_CHARS is cut to a window around the span. A title that is already shown above stays in the text, unseen.
    """
    start, end = _window(len(text), cited)
    pieces = _Pieces(text, cited, shown_title)
    stretches = list(_stretches(text, blocks, start, end))
    body = "".join(_run_html(kind, list(run), pieces) for kind, run in groupby(stretches, key=lambda block: block.kind))
    before = '<p class="tpa-notice">The beginning of this long article is left out here.</p>' if start else ""
    after = '<p class="tpa-notice">The end of this long article is left out here.</p>' if end < len(text) else ""
    return f'<article class="tpa-article">{before}{body}{after}</article>'


def _line_html(line: Line | int) -> str:
    if isinstance(line, int):
        return f'<p class="tpa-note tpa-folded">{count(line, "unchanged sentence")}</p>'
    pieces = "".join(_change_html(piece.mark, piece.text) for piece in line.pieces)
    quiet = ' class="tpa-unchanged"' if line.is_same else ""
    return f'<p dir="auto"{quiet}>{pieces}</p>'


def _change_html(mark: Mark, text: str) -> str:
    """Return a piece of a revision; what its colour says is said in words to assistive technology."""
    if mark is Mark.SAME or not text:
        return escaped(text)
    if mark is Mark.MOVED:
        return f'<span class="tpa-moved">Moved here</span> {escaped(text)}'
    tag, word = ("del", "Deleted") if mark is Mark.DELETED else ("ins", "Inserted")
    # A space at the end is no part of what the eye should compare.
    space = escaped(text[len(text.rstrip()) :])
    marked = f'<span class="tpa-sr">{word}: </span>{escaped(text.rstrip())}<span class="tpa-sr">. </span>'
    return f"<{tag}>{marked}</{tag}>{space}"


def _verbatim(text: str) -> str:
    return f'<span class="tpa-verbatim" dir="auto">{escaped(text)}</span>'


def _prose_claim(text: str, chips: str) -> str:
    """Lines that end a sentence stay lines; others were broken to fit a page and flow."""
    *first, last = _LINE_END.split(text)
    return "\n".join([*(f"<p>{_verbatim(line)}</p>" for line in first), f"<p>{_verbatim(last)}{chips}</p>"])


def _is_list(lines: Sequence[str]) -> bool:
    items = sum(bool(_ITEM.match(line)) for line in lines)
    follows_lead = lines[0].rstrip().endswith(":") and len([line for line in lines if line.strip()]) > 1
    return items > 1 or (items == 1 and len(lines) > 1) or follows_lead


def _is_row(line: str) -> bool:
    return " | " in line and not _ITEM.match(line)


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
                _row(Block(BlockKind.TABLE_ROW, 0, len(line)), _Pieces(line, None), after=mark, is_head=is_head)
                for line, mark, is_head in zip(ended, marks, heads, strict=True)
            )
            shown.append(f'<div class="tpa-table tpa-verbatim"><table><tbody>{rows}</tbody></table></div>')
        else:
            shown += [f"<p>{_verbatim(line)}{mark}</p>" for line, mark in zip(ended, marks, strict=True)]
        at += len(members)
    return "".join(shown)


def _is_led(claim: Claim) -> bool:
    """Say whether a claim is a lead-in line, heading or table header with one item quoted from under it."""
    return len(claim.citations) > 1 and claim.text == "\n".join(citation.quote for citation in claim.citations)


def _list_claim(lines: Sequence[str], chips: str) -> str:
    """Lines before the first item are its lead-in; a bullet stays in the text but the eye sees the list's own."""
    first = next((place for place, line in enumerate(lines) if _ITEM.match(line)), 1)
    lead, items = "\n".join(lines[:first]), list(lines[first:])
    last = max(place for place, line in enumerate(items) if line.strip())
    head = f'<p class="tpa-list-lead">{_verbatim(lead)}</p>' + "\n" if first else ""
    shown = "\n".join(
        f"<li>{_item(line)}{chips if place == last else ''}</li>" if line.strip() else escaped(line)
        for place, line in enumerate(items)
    )
    return f"{head}<ul>{shown}</ul>"


def _item(line: str) -> str:
    found = _ITEM.match(line)
    glyph = found[0] if found and not found[0].strip()[0].isdigit() else ""
    hidden = f'<span class="tpa-glyph">{escaped(glyph)}</span>' if glyph else ""
    return hidden + _verbatim(line[len(glyph) :])


def _verdict(claim: Claim) -> str:
    words = _VERDICTS.get(claim.support)
    if not words:
        return ""
    reason = f" {escaped(sentence(claim.reason))}" if claim.reason else ""
    return f'<p class="tpa-verdict"><strong>{words}.</strong>{reason}</p>'


def _left_out(searched: Searched) -> str:
    left_out = searched.undated_left_out
    return f"{count(left_out, 'undated article')} left out" if left_out else ""


def _iso(value: date | None) -> str:
    return value.isoformat() if value else "undated"


def _spoken(text: str) -> str:
    """Escape a name for assistive technology; the sanitiser drops an attribute that holds `-->` or `</style`."""
    return escaped(re.sub(r"\s+", " ", text).replace("<", "‹").replace(">", "›"))


def _window(length: int, cited: tuple[int, int] | None) -> tuple[int, int]:
    if length <= MAX_SHOWN_CHARS:
        return 0, length
    centre = cited[0] if cited else 0
    start = min(max(centre - MAX_SHOWN_CHARS // 2, 0), length - MAX_SHOWN_CHARS)
    return start, start + MAX_SHOWN_CHARS


def _stretches(text: str, blocks: Sequence[Block], start: int, end: int) -> Iterator[Block]:
    """Cover `text[start:end]` without a gap: blocks take the white space after them, other gaps are paragraphs."""
    known = [block for block in blocks if block.start < block.end and block.end > start and block.start < end]
    if not known:
        known = [Block(BlockKind.PARAGRAPH, *span.span()) for span in re.finditer(r"\S(?:.|\n(?!\s*\n))*", text[:end])]
        known = [block for block in known if block.end > start]
    known = _with_bullets(text, known, start)
    at = start
    for place, block in enumerate(known):
        if text[at : block.start].strip():
            yield Block(BlockKind.PARAGRAPH, at, block.start)
            at = block.start
        following = known[place + 1].start if place + 1 < len(known) else end
        gap_is_blank = not text[block.end : following].strip()
        until = min(following if gap_is_blank else block.end, end)
        yield Block(block.kind, at, until, block.level)
        at = until
    if at < end:
        yield Block(BlockKind.PARAGRAPH, at, end)


def _with_bullets(text: str, blocks: Sequence[Block], start: int) -> list[Block]:
    """Begin list items at their bullets, which parsers leave between the blocks."""
    begun, free = [], start
    for block in blocks:
        bullet = _BULLET_BEFORE.search(text, free, block.start) if block.kind is BlockKind.LIST_ITEM else None
        begun.append(replace(block, start=bullet.start()) if bullet else block)
        free = block.end
    return begun


class _Pieces:
    """Escapes stretches of one text, with what lies in the cited span marked."""

    def __init__(self, text: str, cited: tuple[int, int] | None, shown_title: str = "") -> None:
        self.text = text
        self.shown_title = shown_title
        self.start, self.end = cited or (0, 0)

    def html(self, start: int, end: int) -> str:
        """Return `text[start:end]` as HTML."""
        inner_start, inner_end = max(start, self.start), min(end, self.end)
        if inner_start >= inner_end:
            return escaped(self.text[start:end])
        return (
            f"{escaped(self.text[start:inner_start])}"
            f'<mark aria-label="Cited passage">{escaped(self.text[inner_start:inner_end])}</mark>'
            f"{escaped(self.text[inner_end:end])}"
        )


def _run_html(kind: BlockKind, run: Sequence[Block], pieces: _Pieces) -> str:
    if kind is BlockKind.LIST_ITEM:
        return f"<ul>{''.join(_article_item(block, pieces) for block in run)}</ul>"
    if kind is BlockKind.TABLE_ROW:
        rows = "".join(_row(block, pieces) for block in run)
        return f'<div class="tpa-table"><table><tbody>{rows}</tbody></table></div>'
    return "".join(_article_block(block, pieces) for block in run)


def _article_block(block: Block, pieces: _Pieces) -> str:
    inner = pieces.html(block.start, block.end)
    if block.kind is BlockKind.TITLE:
        words = pieces.text[block.start : block.end].split()
        is_repeated = words == pieces.shown_title.split() and "<mark" not in inner
        repeated = ' class="tpa-repeated"' if is_repeated else ""
        return f'<h2{repeated} dir="auto">{inner}</h2>'
    if block.kind is BlockKind.HEADING:
        level = min(max(block.level, 1) + 2, 6)
        return f'<h{level} dir="auto">{inner}</h{level}>'
    quiet = ' class="tpa-quiet"' if block.kind in {BlockKind.BYLINE, BlockKind.BOILERPLATE} else ""
    return f'<p{quiet} dir="auto">{inner}</p>'


def _article_item(block: Block, pieces: _Pieces) -> str:
    found = _ITEM.match(pieces.text, block.start, block.end)
    bullet_end = found.end() if found and not found[0].strip()[0].isdigit() else block.start
    # A mark must begin at the bullet's text or at the bullet, never inside the part the eye does not see.
    hidden = (
        f'<span class="tpa-glyph">{pieces.html(block.start, bullet_end)}</span>' if bullet_end > block.start else ""
    )
    numbered = ' class="tpa-numbered"' if found and bullet_end == block.start else ""
    depth = min(block.level, 4)
    return f'<li data-depth="{depth}"{numbered} dir="auto">{hidden}{pieces.html(bullet_end, block.end)}</li>'


def _row(block: Block, pieces: _Pieces, *, after: str = "", is_head: bool = False) -> str:
    """Split a row at its separators; they stay in the text, unseen, so that nothing is lost."""
    cells, at = [], block.start
    start, end = ('<th scope="col" dir="auto">', "</th>") if is_head else ('<td dir="auto">', "</td>")
    for edge in _CELL_EDGE.finditer(pieces.text, block.start, block.end):
        separator = f'<span class="tpa-glyph">{pieces.html(*edge.span())}</span>'
        cells.append(f"{start}{pieces.html(at, edge.start())}{separator}{end}")
        at = edge.end()
    cells.append(f"{start}{pieces.html(at, block.end)}{after}{end}")
    return f"<tr>{''.join(cells)}</tr>"
