"""An export as a Word document: each quote a real footnote, so that it stays with its claim when text moves.

The first reference to a source is the footnote, later ones are cross-references to it, as Word makes them itself. A
quote too long for a footnote stands whole under Sources. What XML cannot hold is shown as U+FFFD.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from xml.sax.saxutils import escape

from assistant import export_words as words
from assistant.domain import NearestArticle
from assistant.export_json import embedded
from assistant.exports import Exported, ExportedAnswer, ExportedCitation, ExportedClaim, ExportedComparison
from assistant.word_package import WordFile, packed

# About a third of a page; a footnote of many pages is hard to read and slow to set.
MAX_FOOTNOTE_CHARS = 1_500
# LibreOffice takes minutes to set a paragraph of a million characters.
MAX_PARAGRAPH_CHARS = 3_000


def word(record: Exported) -> bytes:
    """Return the record as the bytes of a .docx file."""
    notes = _Footnotes()
    body = "".join(_paragraphs(record, notes))
    made, _ = words.closing(record)
    return packed(
        WordFile(
            title=words.one_line(record.title),
            created=f"{record.exported_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
            footer=made,
            body=body,
            footnotes="".join(notes.written),
            body_links=notes.body_links,
            footnote_links=notes.footnote_links,
            record=embedded(record),
        )
    )


@dataclass(slots=True)
class _Footnotes:
    """The footnotes of the document so far, by answer and marker, and the addresses that links lead to."""

    numbers: dict[tuple[int, int], int] = field(default_factory=dict)
    written: list[str] = field(default_factory=list)
    body_links: list[str] = field(default_factory=list)
    footnote_links: list[str] = field(default_factory=list)

    def references(self, answer: int, citations: Sequence[ExportedCitation]) -> str:
        """Return superscript numbers, a comma between two."""
        comma = _run(",", '<w:rStyle w:val="FootnoteReference"/>')
        return comma.join(self._reference(answer, citation) for citation in citations)

    def mention(self, answer: int, citation: ExportedCitation) -> str:
        """Return a source named within a sentence: "[2]"."""
        if (answer, citation.marker) not in self.numbers:
            return self._reference(answer, citation)
        return _run(" [") + self._cross_reference(answer, citation, raised=False) + _run("]")

    def _cross_reference(self, answer: int, citation: ExportedCitation, *, raised: bool = True) -> str:
        style = '<w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr>' if raised else ""
        code = f" NOTEREF {_bookmark(answer, citation.marker)} " + ("\\f \\h " if raised else "\\h ")
        return (
            f'<w:r>{style}<w:fldChar w:fldCharType="begin"/></w:r>'
            f'<w:r>{style}<w:instrText xml:space="preserve">{code}</w:instrText></w:r>'
            f'<w:r>{style}<w:fldChar w:fldCharType="separate"/></w:r>'
            f"<w:r>{style}<w:t>{self.numbers[answer, citation.marker]}</w:t></w:r>"
            f'<w:r>{style}<w:fldChar w:fldCharType="end"/></w:r>'
        )

    def _reference(self, answer: int, citation: ExportedCitation) -> str:
        key = (answer, citation.marker)
        if key in self.numbers:
            return self._cross_reference(answer, citation)
        style = '<w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr>'
        number = self.numbers[key] = len(self.numbers) + 1
        self.written.append(self._footnote(number, citation))
        return (
            f'<w:bookmarkStart w:id="{number}" w:name="{_bookmark(*key)}"/>'
            f'<w:r>{style}<w:footnoteReference w:id="{number}"/></w:r><w:bookmarkEnd w:id="{number}"/>'
        )

    def _footnote(self, number: int, citation: ExportedCitation) -> str:
        quote = words.seen(citation.quote)
        if len(quote) > MAX_FOOTNOTE_CHARS:
            cut = quote[:MAX_FOOTNOTE_CHARS].rpartition(" ")[0] or quote[:MAX_FOOTNOTE_CHARS]
            said = _run(f"“{cut.rstrip()} …” (the whole quote: under Sources) ")
        else:
            said = _run(f"“{quote}” ")
        source = f"{words.one_line(citation.title)}. {words.about(citation)}"
        return (
            f'<w:footnote w:id="{number}"><w:p><w:pPr><w:pStyle w:val="FootnoteText"/></w:pPr>'
            '<w:r><w:rPr><w:rStyle w:val="FootnoteReference"/></w:rPr><w:footnoteRef/></w:r>'
            f"{_run(' ')}{said}{_run(f'— {source}')}{_address(citation.url, self.footnote_links, ' · ')}"
            "</w:p></w:footnote>"
        )


def _bookmark(answer: int, marker: int) -> str:
    return f"_Note{answer}_{marker}"


def _paragraphs(record: Exported, notes: _Footnotes) -> Iterator[str]:
    if record.is_conversation:
        yield _paragraph("Title", _run(words.heading(record)))
    for number, answer in enumerate(record.answers, start=1):
        yield from _answer(number, answer, notes, "Heading1" if record.is_conversation else "Title")
    made, check = words.closing(record)
    yield _paragraph("Meta", _run(f"{made} {check}"))


def _answer(number: int, answer: ExportedAnswer, notes: _Footnotes, style: str) -> Iterator[str]:
    yield _paragraph(style, _run(words.one_line(answer.question)))
    asked, limits = words.understood(answer), words.limits(answer)
    if asked:
        yield _paragraph("Meta", _run("Understood as: ") + _run(asked, "<w:i/>"))
    if limits:
        yield _paragraph("Meta", _run(f"Answered from what was {limits}."))
    if answer.is_refusal:
        yield _paragraph("Heading2", _run("No answer in the indexed articles"))
        yield from _text_paragraphs("Normal", answer.text)
    for claim in answer.claims:
        yield from _claim(number, claim, answer, notes)
    if cut := words.unfinished(answer):
        yield _paragraph("Verdict", _run(cut))
    for comparison in answer.comparisons:
        yield from _comparison(number, comparison, answer, notes)
    if answer.notes:
        yield _paragraph("Heading2", _run("Notes"))
    for note in answer.notes:
        yield _paragraph("ListBullet", _note(number, note, answer, notes))
    if answer.nearest:
        yield _paragraph("Heading2", _run("Related, not an answer"))
    for one in answer.nearest:
        yield _paragraph("ListBullet", _nearest(one, notes))
    if answer.citations:
        yield _paragraph("Heading2", _run("Sources"))
    for citation in answer.citations:
        yield from _source(number, citation, notes)
    yield _paragraph("Meta", _run(words.scope(answer)))


def _claim(number: int, claim: ExportedClaim, answer: ExportedAnswer, notes: _Footnotes) -> Iterator[str]:
    cited = [answer.citation(marker) for marker in claim.markers]
    yield from _text_paragraphs("Normal", claim.text, notes.references(number, cited))
    verdict, reason = words.verdict(claim)
    if verdict:
        yield _paragraph("Verdict", _run(f"{verdict}. ", "<w:b/>") + _run(reason))


def _comparison(
    number: int, comparison: ExportedComparison, answer: ExportedAnswer, notes: _Footnotes
) -> Iterator[str]:
    if comparison.is_agreement:
        position = comparison.positions[0]
        cited = [answer.citation(marker) for marker in sorted(position.markers)]
        value = _run(words.one_line(position.value), "<w:b/>")
        yield _paragraph("Normal", _run(f"{comparison.heading}: ") + value + notes.references(number, cited))
        return
    yield _paragraph("Heading2", _run(words.one_line(comparison.heading)))
    for position in comparison.positions:
        mark = f" ({words.newest(comparison)})" if position.is_newest else ""
        said = _run("; ").join(
            _run(words.about(citation)) + notes.references(number, [citation])
            for citation in map(answer.citation, position.markers)
        )
        value = _run(words.one_line(position.value), "<w:b/>")
        yield _paragraph("ListBullet", value + _run(f"{mark}: ") + said)


def _note(number: int, note: str, answer: ExportedAnswer, notes: _Footnotes) -> str:
    return "".join(
        notes.mention(number, answer.citation(piece)) if isinstance(piece, int) else _run(words.seen(piece))
        for piece in words.pieces(note, answer)
    )


def _nearest(article: NearestArticle, notes: _Footnotes) -> str:
    title = _run(words.one_line(article.title), "<w:b/>")
    return title + _run(f" · {words.about(article)}") + _address(article.url, notes.body_links, " · ")


def _source(number: int, citation: ExportedCitation, notes: _Footnotes) -> Iterator[str]:
    title = _run(f" {words.one_line(citation.title)}", "<w:b/>")
    yield _paragraph("Source", notes.references(number, [citation]) + title + _run(f" · {words.about(citation)}"))
    if len(words.seen(citation.quote)) > MAX_FOOTNOTE_CHARS:
        yield from _text_paragraphs("Quote", citation.quote)
    more = [words.applies(citation), words.one_line(citation.story), words.place(citation), words.fingerprint(citation)]
    yield _paragraph("Place", _run("\n".join(line for line in more if line)))


def _address(url: str | None, links: list[str], before: str) -> str:
    """Return an address, as a link if it may be one; its address is added to `links`."""
    if not url:
        return ""
    address = words.link(url)
    shown = words.one_line(url)
    if address is None:
        return _run(f"{before}{shown}")
    links.append(address)
    inner = _run(shown, '<w:rStyle w:val="Hyperlink"/>')
    return f'{_run(before)}<w:hyperlink r:id="link{len(links)}" w:history="1">{inner}</w:hyperlink>'


def _text_paragraphs(style: str, text: str, after: str = "") -> Iterator[str]:
    """Yield a text as one paragraph, or as several, cut between words where it has words; `after` ends the last."""
    rest = words.seen(text)
    while len(rest) > MAX_PARAGRAPH_CHARS:
        cuts = (rest.rfind(edge, 0, MAX_PARAGRAPH_CHARS) + 1 for edge in ("\n", " "))
        cut = next((cut for cut in cuts if cut > MAX_PARAGRAPH_CHARS // 2), MAX_PARAGRAPH_CHARS)
        yield _paragraph(style, _run(rest[:cut].removesuffix("\n")))
        rest = rest[cut:]
    yield _paragraph(style, _run(rest) + after)


def _paragraph(style: str, content: str) -> str:
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{content}</w:p>'


def _run(text: str, properties: str = "") -> str:
    """Return a run of seen text; line breaks and tabs are elements of their own in Word."""
    lines = ("<w:tab/>".join(_text(part) for part in line.split("\t")) for line in text.split("\n"))
    shown = "<w:br/>".join(lines)
    return f"<w:r>{f'<w:rPr>{properties}</w:rPr>' if properties else ''}{shown}</w:r>"


def _text(text: str) -> str:
    return f'<w:t xml:space="preserve">{escape(text)}</w:t>' if text else ""
