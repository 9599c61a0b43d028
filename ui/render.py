"""Domain objects → HTML that shows source text exactly as it is; pure, and tested without Streamlit.

Streamlit's Markdown turns "5~10% and 20~30%" into struck-through text, "NT$, HK$" into a formula and `--` into a dash,
even escaped; so every word that comes from a source, a file name or a reader goes through `escaped` into `st.html`.
The one place Streamlit takes only Markdown is a button's label: `label` is for that.
Classes begin with `tpa-` and are styled in `page.css`; `citations.js` listens to the chips.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from datetime import date
from itertools import pairwise

from assistant.domain import (
    ArticleSummary,
    Citation,
    Failure,
    Filters,
    NearestArticle,
    Standing,
    Status,
)
from assistant.validity import validity_line

_ENDLESS = re.compile(r"\S{200}(?=\S)")
_PLAIN_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*[,;:.!?]?(?:\s|\Z)")
# Controls, marks of direction and what has no width; joiners are left, as words of some scripts need them.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_PUNCTUATION = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
_WORD_JOINER = "\u2060"


def escaped(text: str) -> str:
    """Return HTML whose text content is `text`; only lone surrogates, which no browser can show, are replaced."""
    return html.escape(text.encode("utf-8", "replace").decode("utf-8")).replace("\r", "&#13;")


def running(text: str) -> str:
    """Return HTML whose text content is `text`, in which an endless word may break every 200 characters.

    Without these places a browser lays a word of 300,000 characters out for minutes in a font from the web.
    """
    ends = [match.end() for match in _ENDLESS.finditer(text)]
    return "<wbr>".join(escaped(text[start:end]) for start, end in pairwise([0, *ends, len(text)]))


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
    """Return "2 November 2025", as the notes of an answer write it, or "undated"."""
    return f"{value.day} {value:%B} {value.year}" if value else "undated"


def days(first: date | None, last: date | None) -> str:
    """Return "27 October–14 November 2025", naming what both ends share once; "" if neither is known."""
    if first is None or last is None or first == last:
        known = first or last
        return day(known) if known else ""
    if first.year != last.year:
        return f"{day(first)}–{day(last)}"
    start = f"{first.day}" if first.month == last.month else f"{first.day} {first:%B}"
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
    kinds = ", ".join(map(str, filters.standings))
    return " · ".join(part for part in (dates, ", ".join(filters.publishers), kinds) if part)


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


def source_line(source: Citation | NearestArticle | ArticleSummary) -> str:
    """Return "Publisher · 2 November 2025", or what is known of it; of a citation also what kind of source it is."""
    standing = source.standing if isinstance(source, Citation) else None
    kind = standing_words(standing) if standing else ""
    return " · ".join(
        part for part in (publisher_words(source.publisher, standing), day(source.published), kind) if part
    )


def publisher_words(publisher: str | None, standing: Standing | None) -> str:
    """Return the publisher; of a retelling, whose story it tells."""
    return f"Retold from {publisher}" if publisher and standing is Standing.RETELLING else publisher or ""


def standing_words(standing: Standing) -> str:
    """Return "agency" or "kind of source unknown"; "" for a retelling, which is told beside the publisher's name."""
    if standing is Standing.RETELLING:
        return ""
    return "kind of source unknown" if standing is Standing.UNKNOWN else str(standing)


def validity_words(citation: Citation) -> str:
    """Return "Applies until November 2026 (…)", "" where the quote does not say for what time."""
    words = validity_line(citation.validity)
    return words[:1].upper() + words[1:]


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


def row_html(
    title: str, meta: str, *, marker: int | None = None, quote: str = "", applies: str = "", note: str = ""
) -> str:
    """Return one row of a list of articles; the button that opens it is laid over it by the page."""
    number = f'<span class="tpa-row-marker">{marker}</span>' if marker is not None else ""
    # The row shows the first lines: empty ones stay in the text, unseen.
    lines = re.sub(r"(?<=\n)((?:\s|&#13;)*\n)", r'<span class="tpa-glyph">\1</span>', running(quote))
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
