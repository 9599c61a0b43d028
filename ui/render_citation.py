"""A citation by itself → words and HTML: its reference to copy, what it is used for, and how the claim was checked.

Pure, like `render`. The drawer shows these beside the passage; the reference is also what is printed and copied.
"""

from __future__ import annotations

from collections.abc import Sequence

from assistant.dating import in_words, of_day
from assistant.domain import Citation, Claim, Support
from ui.render import escaped, publisher_words, sentence
from ui.render_article import publisher_link

VERDICTS = {
    Support.SUPPORTED: "Checked",
    Support.PARTIAL: "Partly supported",
    Support.UNSUPPORTED: "Not supported by its source",
    Support.UNCITED: "No source",
}


def reference(citation: Citation) -> str:
    """Return Publisher, “Title”, date, address, version and characters: what leads anybody to the very span."""
    published = in_words(of_day(citation.published)) if citation.published else "undated"
    parts = (
        publisher_words(citation.publisher, citation.standing) or citation.author,
        f"“{citation.title}”" if citation.title else "",
        published,
        publisher_link(citation.url),
        f"version {citation.version}",
        f"characters {citation.start}–{citation.end}",
    )
    return ", ".join(" ".join(part.split()) for part in parts if part)


def quote_with_reference(citation: Citation) -> str:
    """Return the quote as it is, in quotation marks, and its reference after a dash."""
    return f"“{citation.quote}” — {reference(citation)}"


def check_words(claim: Claim) -> str:
    """Return the verdict on a claim with its reason: "Checked: its figures are in the cited passage."."""
    words = VERDICTS[claim.support]
    if claim.support is Support.SUPPORTED:
        return sentence(f"{words}: {claim.reason}" if claim.reason else words)
    return f"{words}. {sentence(claim.reason)}" if claim.reason else f"{words}."


def check_html(claim: Claim) -> str:
    """Return the verdict as a mark with its reason in words."""
    return f'<p class="tpa-check" data-support="{claim.support}">{escaped(check_words(claim))}</p>'


def used_for_html(citation: Citation, claims: Sequence[Claim]) -> str:
    """Return what an answer uses a citation for, each claim with its verdict; else it is one of sources compared.

    Where the claim is the passage itself, its words are not said again.
    """
    using = [claim for claim in claims if any(cited.marker == citation.marker for cited in claim.citations)]
    if not using:
        return _used("the comparison of sources", is_quiet=True)
    return "".join(_used_for(citation, claim) for claim in using)


def place_of(citation: Citation, citations: Sequence[Citation]) -> tuple[int, int]:
    """Return the place (from 1) of a citation among those of an answer, by its marker, and how many there are."""
    markers = [cited.marker for cited in citations]
    return markers.index(citation.marker) + 1, len(markers)


def _used_for(citation: Citation, claim: Claim) -> str:
    is_quote = claim.text.split() == citation.quote.split()
    words = "a quote, word for word" if is_quote else claim.text
    return _used(words, is_quiet=is_quote) + check_html(claim)


def _used(words: str, *, is_quiet: bool) -> str:
    quiet = ' data-quiet="true"' if is_quiet else ""
    return f'<p class="tpa-used"{quiet}><span>Used for: </span><span dir="auto">{escaped(words)}</span></p>'
