"""The door to the file readers: one small document of each type read whole, blocks that cover the text, refusals."""

from __future__ import annotations

import contextlib
import io
import os
import re
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from lxml import etree
from reportlab.pdfgen.canvas import Canvas

from assistant.domain import Article, Block, BlockKind
from assistant.errors import ParseError
from ingest.parse import SUFFIXES, parse, parse_bytes
from tests.build_samples import SAMPLES

TITLE, BYLINE, HEADING, PARAGRAPH = BlockKind.TITLE, BlockKind.BYLINE, BlockKind.HEADING, BlockKind.PARAGRAPH
LIST_ITEM, TABLE_ROW, BOILERPLATE = BlockKind.LIST_ITEM, BlockKind.TABLE_ROW, BlockKind.BOILERPLATE
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
BODY = "The duty on copper doubles in June, the ministry said."


def read(data: str | bytes, suffix: str) -> Article:
    return parse_bytes(data.encode() if isinstance(data, str) else data, suffix=suffix, name=f"article{suffix}")


def outline(article: Article) -> list[tuple[BlockKind, str, int]]:
    return [(block.kind, article.text[block.start : block.end], block.level) for block in article.blocks]


def refusal(data: str | bytes, suffix: str) -> str:
    with pytest.raises(ParseError) as caught:
        read(data, suffix)
    reason = str(caught.value)
    assert reason and "\n" not in reason
    return reason


# One small document of each type, read whole


def test_markdown_is_read_whole() -> None:
    article = read(
        "---\ntitle: Copper duty\npublisher: Sample Wire\nauthor: [Jane Roe, John Roe]\ndate: 2025-11-09\n"
        "url: https://example.org/copper\n---\n# Copper duty\n\n**Duty** [doubles](https://example.org) in\n`June`.\n\n"
        "- beams\n  - thin\n\n| Month | Rate |\n|---|---|\n| June | *5%* |\n",
        ".md",
    )
    assert article == Article(
        title="Copper duty",
        text="Copper duty\n\nDuty doubles in June.\n\n• beams\n  • thin\n\nMonth | Rate\nJune | 5%",
        blocks=(
            Block(TITLE, 0, 11),
            Block(PARAGRAPH, 13, 34),
            Block(LIST_ITEM, 38, 43),
            Block(LIST_ITEM, 48, 52, 1),
            Block(TABLE_ROW, 54, 66),
            Block(TABLE_ROW, 67, 76),
        ),
        publisher="Sample Wire",
        author="Jane Roe, John Roe",
        published=date(2025, 11, 9),
        url="https://example.org/copper",
    )


def test_front_matter_that_is_no_yaml_is_read_line_by_line() -> None:
    article = read(f"---\ntitle: Copper: the duty\ndate: 2025-11-09\n---\n{BODY}\n", ".md")
    assert (article.title, article.published, article.text) == ("Copper: the duty", date(2025, 11, 9), BODY)


def test_html_tags_and_entities_in_markdown_are_not_quoted() -> None:
    article = read(
        "A <b>high</b> duty &amp; a quota.\n\n<div>A block with <i>tags</i>.</div>\n\n<!-- a note -->\n", ".md"
    )
    assert [" ".join(text.split()) for _, text, _ in outline(article)] == [
        "A high duty & a quota.",
        "A block with tags.",
    ]


PAGE = """<!DOCTYPE html><html><head><meta charset="{charset}"><title>Copper duty doubles | Sample Wire</title>
<meta property="og:site_name" content="Sample Wire"><link rel="canonical" href="https://example.org/copper">
<meta name="author" content="By bellecarter"><meta property="article:published_time" content="2025-11-09T08:00:00Z">
</head><body><nav><a href="/">Home</a></nav><div class="cookie-banner">We use cookies.</div><article>
<h1>Copper duty doubles</h1><p>The <b>duty</b> on copper<br>doubles in June, the ministry said on Monday. It named no
reason for the date, and importers had asked for a later one in letters to the ministry – £40 a tonne is at stake.</p>
<h2>What it covers</h2><p>The list names:</p><ul><li>wire<ul><li>thin wire</li></ul></li><li>plate</li></ul>
<table><tr><th>Month</th><th>Rate</th></tr><tr><td>June</td><td>10%</td></tr></table></article>
<aside><h3>Related</h3><a href="/z">Zinc</a></aside><footer>© 2024 Sample Wire</footer></body></html>"""


@pytest.mark.parametrize("charset", ["utf-8", "windows-1252", "iso-8859-15"])
def test_web_page_is_read_whole_in_the_encoding_it_names(charset: str) -> None:
    page = PAGE.format(charset=charset)
    if charset == "iso-8859-15":
        page = page.replace("–", "-")
    article = read(page.encode(charset), ".html")
    assert (article.title, article.publisher, article.author) == ("Copper duty doubles", "Sample Wire", "bellecarter")
    assert (article.published, article.url) == (date(2025, 11, 9), "https://example.org/copper")
    dash = "-" if charset == "iso-8859-15" else "–"
    assert outline(article) == [
        (TITLE, "Copper duty doubles", 0),
        (
            PARAGRAPH,
            "The duty on copper\ndoubles in June, the ministry said on Monday. It named no reason for the date, and "
            f"importers had asked for a later one in letters to the ministry {dash} £40 a tonne is at stake.",
            0,
        ),
        (HEADING, "What it covers", 2),
        (PARAGRAPH, "The list names:", 0),
        (LIST_ITEM, "wire", 0),
        (LIST_ITEM, "thin wire", 1),
        (LIST_ITEM, "plate", 0),
        (TABLE_ROW, "Month | Rate", 0),
        (TABLE_ROW, "June | 10%", 0),
    ]


def page_with(head: str) -> Article:
    return read(f"<html><head>{head}</head><body><article><p>{BODY} {BODY}</p></article></body></html>", ".html")


def test_json_ld_states_the_metadata() -> None:
    article = page_with(
        '<script type="application/ld+json">{"@graph": [{"@type": "WebSite", "name": "x"}, {"@type": ["NewsArticle"], '
        '"headline": "Copper duty", "datePublished": "2025-11-09", "dateModified": "2025-12-01", '
        '"author": [{"name": "Jane Roe"}, {"name": "John Roe"}], "publisher": {"name": "Sample Wire"}, '
        '"url": "https://example.org/copper"}]}</script>'
    )
    assert (article.title, article.publisher, article.author) == ("Copper duty", "Sample Wire", "Jane Roe, John Roe")
    assert (article.published, article.url) == (date(2025, 11, 9), "https://example.org/copper")


@pytest.mark.parametrize(
    "head",
    [
        '<meta name="date" content="03/04/2025">',
        '<meta property="article:modified_time" content="2025-11-09">',
        '<script type="application/ld+json">{"@type": "NewsArticle", "dateModified": "2025-11-09"}</script>',
        '<script type="application/ld+json">{"@type": "NewsArticle", "datePublished": </script>',
        '<meta name="copyright" content="© 2025"><link rel="canonical" href="https://example.org/2025/11/09/copper">',
        f'<script type="application/ld+json">{"[" * 20000}</script>',
    ],
)
def test_web_page_without_a_stated_publication_date_is_undated(head: str) -> None:
    assert page_with(head).published is None


@pytest.mark.parametrize("reference", ["&#27;", "&#x1B;", "&#X0001b;", "&#0;", "&#8", "&#xFFFE;", "&#65535;"])
def test_reference_to_a_control_character_is_left_out(reference: str) -> None:
    article = read(
        f"<html><body><article><p>Copper {reference}duty. {BODY} {BODY}</p></article></body></html>", ".html"
    )
    assert article.text.startswith("Copper duty. ")


@pytest.mark.parametrize("reference", ["&#11;", "&#12;", "&#xc;"])
def test_reference_to_a_page_break_is_white_space(reference: str) -> None:
    article = read(f"<html><body><article><p>Copper{reference}duty. {BODY} {BODY}</p></article></body></html>", ".html")
    assert article.text.startswith("Copper duty. ")


def test_other_character_references_are_read() -> None:
    article = read(
        f"<html><body><article><p>&#65;&#x42;&#8211;&#0151;&#10;C {BODY} {BODY}</p></article></body></html>", ".html"
    )
    assert article.text.startswith("AB–— C ")


@pytest.mark.parametrize(
    "subset",
    [
        '<!ENTITY nbsp "&#160;">',
        '<!ENTITY a "b > c ] d"> <!-- it\'s -->\n<!ATTLIST p x CDATA #IMPLIED>',
        "<!-- it's \" not ]> closed --> %names;",
        "",
    ],
)
def test_declarations_of_a_page_are_not_text(subset: str) -> None:
    public = 'PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd"'
    page = (
        f'<?xml version="1.0"?>\n<!-- saved -->\n<!DOCTYPE html {public} [\n{subset}\n]>\n'
        f"<html><head><title>Copper</title></head><body><div>{BODY} {BODY}</div></body></html>"
    )
    assert read(page, ".html") == read(page[page.index("<html>") :], ".html")


def test_declarations_that_do_not_end_take_no_text_with_them() -> None:
    page = f"<!DOCTYPE html [ ><html><body><p>{BODY} {BODY}</p><p>Codes[0]> are listed.</p></body></html>"
    assert BODY in read(page, ".html").text


@pytest.mark.timeout(120)  # a stall guard: each takes well under a second
def test_declarations_that_never_end_are_refused_or_read_at_once() -> None:
    pieces = ["<!-- x -->", "<!--", "'a'", '"', "<!ENTITY a ", "[", "&#000"]
    for piece in pieces:
        with contextlib.suppress(ParseError):
            assert read(f"<!DOCTYPE html [{piece * 20_000}<p>{BODY}</p>", ".html").text


def test_public_record_in_one_pre_is_read_as_text() -> None:
    article = read(
        "<html><head><title>Notice</title></head><body><pre>\n[Notices]\n\nSUMMARY: The office sets a quota for copper "
        "wire and asks for\ncomments on the quota by the end of May.\n\nDATES: Comments are due in May.\n"
        "</pre></body></html>",
        ".html",
    )
    assert article.title == "Notice"
    assert [(kind, " ".join(text.split())) for kind, text, _ in outline(article)][1:] == [
        (
            PARAGRAPH,
            "SUMMARY: The office sets a quota for copper wire and asks for comments on the quota by the end of May.",
        ),
        (PARAGRAPH, "DATES: Comments are due in May."),
    ]


def word_file(document: Any) -> bytes:
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def test_word_document_is_read_whole() -> None:
    document = Document()
    document.core_properties.author = "python-docx"
    document.core_properties.title = "Microsoft Word - copper.docx"
    document.add_heading("Copper duty doubles", level=0)
    document.add_paragraph("By Jane Roe | November 9, 2025")
    document.add_paragraph("The duty doubles.")
    document.add_heading("What it covers", level=1)
    document.add_paragraph("wire", style="List Bullet")
    document.add_paragraph("thin wire", style="List Bullet 2")
    document.add_paragraph("first", style="List Number")
    document.add_paragraph("second", style="List Number")
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip([*table.rows[0].cells, *table.rows[1].cells], ["Month", "Rate", "June", "10%"], strict=True):
        cell.text = text
    document.add_paragraph("The end.")
    article = read(word_file(document), ".docx")
    assert article.text == (
        "Copper duty doubles\n\nBy Jane Roe | November 9, 2025\n\nThe duty doubles.\n\nWhat it covers\n\n• wire\n"
        "  • thin wire\n1. first\n2. second\n\nMonth | Rate\nJune | 10%\n\nThe end."
    )
    assert outline(article) == [
        (TITLE, "Copper duty doubles", 0),
        (BYLINE, "By Jane Roe | November 9, 2025", 0),
        (PARAGRAPH, "The duty doubles.", 0),
        (HEADING, "What it covers", 1),
        (LIST_ITEM, "wire", 0),
        (LIST_ITEM, "thin wire", 1),
        (LIST_ITEM, "first", 0),
        (LIST_ITEM, "second", 0),
        (TABLE_ROW, "Month | Rate", 0),
        (TABLE_ROW, "June | 10%", 0),
        (PARAGRAPH, "The end.", 0),
    ]
    assert (article.title, article.author, article.published) == ("Copper duty doubles", "Jane Roe", date(2025, 11, 9))


def test_properties_of_a_word_document_count_where_its_text_is_silent_but_its_dates_never() -> None:
    document = Document()
    document.core_properties.title, document.core_properties.author = "Copper duty", "Jane Roe"
    document.add_paragraph(BODY)
    article = read(word_file(document), ".docx")
    assert (article.title, article.author, article.published) == ("Copper duty", "Jane Roe", None)


def test_inserted_text_is_read_and_deleted_text_is_not() -> None:
    document = Document()
    document.add_paragraph("The duty MARK doubles.")
    inserted = (
        "The duty </w:t></w:r><w:ins w:id='1' w:author='x'><w:r><w:t>on copper</w:t></w:r></w:ins>"
        "<w:del w:id='2' w:author='x'><w:r><w:delText>on tin</w:delText></w:r></w:del><w:r>"
        "<w:t xml:space='preserve'> doubles."
    )
    data = edited(word_file(document), "word/document.xml", lambda xml: xml.replace("The duty MARK doubles.", inserted))
    assert read(data, ".docx").text == "The duty on copper doubles."


def edited(archive: bytes, member: str, edit: Any) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as source, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            target.writestr(name, edit(content.decode()) if name == member else content)
    return buffer.getvalue()


def pdf_file(*pages: list[tuple[float, float, int, str]], title: str = "") -> bytes:
    """Return a PDF with lines of text at (x, y) in points, in a size, bold where the size is over 10."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(400, 600), invariant=1)
    canvas.setTitle(title)
    for page in pages:
        for x, y, size, text in page:
            canvas.setFont("Helvetica-Bold" if size > 10 else "Helvetica", size)
            canvas.drawString(x, y, text)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


PDF_PAGES: tuple[list[tuple[float, float, int, str]], ...] = (
    [
        (40, 575, 8, "Sample Gazette"),
        (40, 530, 16, "Copper duty doubles"),
        (40, 510, 10, "By Jane Roe | November 9, 2025"),
        (40, 480, 12, "What it covers"),
        (40, 460, 10, "The duty on copper doubles in June, the ministry said on Monday, after impor-"),
        (40, 448, 10, "ters had asked for a later date. The list is long-"),
        (40, 436, 10, "term and names:"),
        (50, 420, 10, "• wire of every kind that is drawn from copper and sold on reels to builders of"),
        (60, 408, 10, "houses"),
        (50, 396, 10, "• plate"),
        (40, 370, 10, "Month"),
        (200, 370, 10, "Rate"),
        (40, 356, 10, "June"),
        (200, 356, 10, "10%"),
        (40, 330, 10, "The ministry gave no reason for the date, and it did not say whether the quota that"),
        (195, 20, 8, "Page 1"),
    ],
    [
        (40, 575, 8, "Sample Gazette"),
        (40, 540, 10, "importers know from last year will come back."),
        (195, 20, 8, "Page 2"),
    ],
)


def test_pdf_is_read_whole() -> None:
    article = read(pdf_file(*PDF_PAGES, title="untitled"), ".pdf")
    assert outline(article) == [
        (TITLE, "Copper duty doubles", 0),
        (BYLINE, "By Jane Roe | November 9, 2025", 0),
        (HEADING, "What it covers", 2),
        (
            PARAGRAPH,
            "The duty on copper doubles in June, the ministry said on Monday, after importers had asked for a later "
            "date. The list is long-term and names:",
            0,
        ),
        (LIST_ITEM, "wire of every kind that is drawn from copper and sold on reels to builders of houses", 0),
        (LIST_ITEM, "plate", 0),
        (TABLE_ROW, "Month | Rate", 0),
        (TABLE_ROW, "June | 10%", 0),
        (
            PARAGRAPH,
            "The ministry gave no reason for the date, and it did not say whether the quota that importers know from "
            "last year will come back.",
            0,
        ),
    ]
    assert (article.title, article.author, article.published) == ("Copper duty doubles", "Jane Roe", date(2025, 11, 9))


def test_pdf_without_larger_or_bold_lines_gets_its_headings_from_their_shape() -> None:
    lines = [
        "Copper duty doubles",
        "",
        "The duty on copper doubles in June.",
        "",
        "What it covers",
        "",
        "It covers wire.",
    ]
    page = [(40.0, 560.0 - 14 * row, 10, text) for row, text in enumerate(lines) if text]
    assert outline(read(pdf_file(page), ".pdf")) == [
        (TITLE, "Copper duty doubles", 0),
        (PARAGRAPH, "The duty on copper doubles in June.", 0),
        (HEADING, "What it covers", 2),
        (PARAGRAPH, "It covers wire.", 0),
    ]


# Blocks


def check_blocks(article: Article) -> None:
    """Check what holds for the blocks of every article."""
    end, outside = 0, []
    for block in article.blocks:
        assert end <= block.start < block.end <= len(article.text)
        content = article.text[block.start : block.end]
        assert content == content.strip()
        outside.append(article.text[end : block.start])
        end = block.end
    outside.append(article.text[end:])
    # What no block covers is white space and the marks of lists, headings and questions.
    marks = re.sub(
        r"\(?\b(?:\d{1,3}|[a-z]|[Qq](?:uestion)?|[Aa](?:nswer)?)(?:\s?\d{1,2})?\s?[.):]", "", " ".join(outside)
    )
    assert not any(character.isalnum() for character in marks), marks
    assert "\x00" not in article.text and "\r" not in article.text
    assert article.title == " ".join(article.title.split()) != ""


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.*")), ids=lambda path: path.name)
def test_blocks_of_the_samples_cover_their_text(path: Path) -> None:
    article = parse(path, max_bytes=1_000_000)
    check_blocks(article)
    assert article == parse(path, max_bytes=1_000_000)
    assert article.content_hash == parse(path, max_bytes=1_000_000).content_hash


def test_blocks_of_the_shared_articles_cover_their_text(shared: Path) -> None:
    for path in (shared / "articles").glob("*.txt"):
        check_blocks(parse(path, max_bytes=1_000_000))


LINES = st.lists(
    st.sampled_from(
        [
            *[
                "",
                " ",
                "- item",
                " • item two",
                "1. first",
                "Heading",
                "What now?",
                "Lead in:",
                "Q: Why?",
                "A: So.",
                "---",
            ],
            *["By Jane Roe | Nov. 9, 2025", "Read more:", "A sentence. Watch the video below.", "# Hash", "| a | b |"],
            *[
                "a line of running text that goes on and on until it is about as long as wrapped",
                "lines are, and ends.",
            ],
            *[
                "Sources include:",
                "PARIS, Nov. 9, 2025 (Sample Wire) — Text.",
                "\u2028",
                "\tindented",
                "> quote",
                "```",
            ],
        ]
    )
    | st.text(max_size=40),
    max_size=25,
)


@given(LINES, st.sampled_from([".txt", ".md"]))
@settings(max_examples=200, deadline=None)
def test_blocks_cover_any_text(lines: list[str], suffix: str) -> None:
    try:
        article = read("\n".join(lines).encode("utf-8", "replace"), suffix)
    except ParseError:
        return
    check_blocks(article)


# Encodings


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "mac-roman"]
)
def test_text_is_read_in_its_encoding(encoding: str) -> None:
    text = "Copper duty doubles\n\nThe “duty” on copper doubles in June — the ministry’s café note said so. " * 5 + "\n"
    if encoding in ("mac-roman",):
        text = text.replace("—", "-")
    assert read(text.encode(encoding), ".txt").text == text


def test_windows_punctuation_taken_for_latin_1_is_mended() -> None:
    assert read("The ministry\x92s duty \x96 10% \x96 stays.", ".txt").text == "The ministry’s duty – 10% – stays."


def test_newlines_of_every_system_are_one() -> None:
    assert read("Copper duty\r\n\r\nIt doubles.\rIt does.\n", ".txt").text == "Copper duty\n\nIt doubles.\nIt does.\n"


# Refusals


@pytest.mark.parametrize("suffix", sorted(SUFFIXES))
def test_empty_file_is_refused(suffix: str) -> None:
    assert refusal(b"", suffix) == "the file is empty (0 bytes)"


@pytest.mark.parametrize("suffix", [".txt", ".md", ".html", ".htm"])
def test_blank_file_is_refused(suffix: str) -> None:
    assert "readable text" in refusal(b" \n\t\n  \n", suffix)


@pytest.mark.parametrize(
    "data, word",
    [
        (b"\x00\x01\x02\x03" * 50, "binary"),
        (b"Text then \x00 a zero byte and more text", "unknown encoding"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "picture"),
        (b"%PDF-1.4\n", "PDF"),
        (b"PK\x03\x04" + bytes(50), "ZIP"),
        (b"Text \x08 with a control character", "unknown encoding"),
        ("Text with a \ufffd replacement \ufffd character".encode(), "original file"),
        (b"\xff\xfeodd", "UTF-16"),
        (b"<!DOCTYPE html><p>text</p>", ".html"),
        (b"Photo: Jane Roe\n", "page furniture"),
    ],
)
def test_text_file_that_holds_something_else_is_refused(data: bytes, word: str) -> None:
    assert word in refusal(data, ".txt")


@pytest.mark.parametrize(
    "data",
    [b"<html></html>", b"<html><body><script>x()</script></body></html>", b"<div>" * 50_000 + b"text"],
)
def test_web_page_without_text_is_refused(data: bytes) -> None:
    assert "no readable text" in refusal(data, ".html")


def test_entities_of_a_web_page_are_not_expanded() -> None:
    bomb = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    page = f'<!DOCTYPE html [<!ENTITY e0 "boom">{bomb}]><html><body><p>{BODY} &e11;</p></body></html>'
    assert len(read(page, ".html").text) < 2_000


def test_encrypted_pdf_is_refused() -> None:
    from reportlab.lib.pdfencrypt import StandardEncryption

    buffer = io.BytesIO()
    canvas = Canvas(buffer, encrypt=StandardEncryption("secret", canPrint=0))
    canvas.drawString(40, 500, BODY)
    canvas.save()
    assert refusal(buffer.getvalue(), ".pdf") == "it is encrypted with a password: save it without one"


def test_scanned_pdf_is_refused_with_what_to_do() -> None:
    assert "run OCR" in refusal(pdf_file([], []), ".pdf")


@pytest.mark.parametrize("data", [b"%PDF-1.7\nrubbish", b"no pdf", pdf_file(*PDF_PAGES)[:900]])
def test_broken_pdf_is_refused(data: bytes) -> None:
    assert "damaged PDF" in refusal(data, ".pdf")


@pytest.mark.parametrize("data", [b"no zip", b"PK\x03\x04" + bytes(100)])
def test_broken_word_document_is_refused(data: bytes) -> None:
    assert "not a whole .docx file" in refusal(data, ".docx")


def test_word_document_cut_short_is_refused() -> None:
    document = Document()
    document.add_paragraph(BODY)
    data = word_file(document)
    assert "save it again" in refusal(data[: len(data) // 2], ".docx")


def test_old_or_protected_word_document_is_refused() -> None:
    assert "password" in refusal(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), ".docx")


def test_word_document_without_its_body_is_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("hello.txt", "hello")
    assert "not a Word document" in refusal(buffer.getvalue(), ".docx")


def test_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    document = Document()
    document.add_paragraph(BODY)
    data = edited(word_file(document), "word/document.xml", lambda xml: xml + " " * 300_000_000)
    assert len(data) < 1_000_000
    assert "more than a document needs" in refusal(data, ".docx")


def test_entities_of_a_word_document_are_not_expanded() -> None:
    document = Document()
    document.add_paragraph("BOOM")
    bomb = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 9))

    def arm(xml: str) -> str:
        head, _, rest = xml.partition("?>")
        return f'{head}?><!DOCTYPE w:document [<!ENTITY e0 "boom">{bomb}]>{rest.replace("BOOM", "&e8;")}'

    reason = refusal(edited(word_file(document), "word/document.xml", arm), ".docx")
    assert "readable text" in reason or "damaged" in reason


# Files


def test_file_is_read_by_its_suffix_whatever_its_case(tmp_path: Path) -> None:
    path = tmp_path / "ARTICLE.TXT"
    path.write_text(BODY)
    assert parse(path, max_bytes=1_000).text == BODY


def file_refusal(path: Path, max_bytes: int = 1_000) -> str:
    with pytest.raises(ParseError) as caught:
        parse(path, max_bytes=max_bytes)
    reason = str(caught.value)
    assert "\n" not in reason and str(path) not in reason
    return reason


def test_file_over_the_limit_is_refused_and_one_at_the_limit_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(BODY)
    assert parse(path, max_bytes=len(BODY)).text == BODY
    assert "larger than 53 bytes" in file_refusal(path, len(BODY) - 1)


def test_vanished_file_is_refused(tmp_path: Path) -> None:
    assert "not there any more" in file_refusal(tmp_path / "gone.txt")


def test_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.txt").mkdir()
    assert "a folder" in file_refusal(tmp_path / "folder.txt")


def test_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    assert "pipe" in file_refusal(tmp_path / "pipe.txt")


def test_other_file_types_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.rtf").write_text("x")
    assert "'.rtf' are not supported" in file_refusal(tmp_path / "a.rtf")
    assert "'(none)'" in file_refusal(tmp_path / "a")


def test_file_without_permission_is_refused(tmp_path: Path) -> None:
    class Locked(type(tmp_path)):  # type: ignore[misc]
        def stat(self, **options: Any) -> Any:
            raise PermissionError(13, "Permission denied")

    (tmp_path / "a.txt").write_text(BODY)
    assert "no permission" in file_refusal(Locked(tmp_path / "a.txt"))


# Hostile bytes: nothing but an article or a ParseError comes out

HTML = SAMPLES / "mineral-list.html"
SEEDS = {
    ".txt": PAGE.encode(),
    ".md": (SAMPLES / "timeline-of-the-dispute.md").read_bytes(),
    ".html": HTML.read_bytes(),
    ".htm": (SAMPLES / "questions-and-answers.html").read_bytes(),
    ".pdf": (SAMPLES / "industry-reaction.pdf").read_bytes(),
    ".docx": (SAMPLES / "what-companies-do.docx").read_bytes(),
}


def attempt(data: bytes, suffix: str) -> None:
    try:
        article = parse_bytes(data, suffix=suffix, name=f"x{suffix}")
    except ParseError as err:
        assert str(err) and "\n" not in str(err)
    else:
        check_blocks(article)


@given(st.binary(max_size=400), st.sampled_from(sorted(SUFFIXES)))
@example(b"%PDF-1.4\n%%EOF", ".pdf")
@example(b"---\n&a [*a]\n---\n", ".md")
@example(b"---\n" + b"[" * 9000 + b"\n---\n", ".md")
@example(b">" * 5000 + b"x", ".md")
@example(b"- " * 3000 + b"x", ".md")
@example(b"[" * 5000, ".md")
@example(b"**" * 5000, ".md")
@example(b"<ul><li>" * 3000 + b"x", ".html")
@example(b"<table><tr><td>" * 2000 + b"x", ".html")
@example(b"<" * 5000, ".html")
@example(b"<meta charset=undefined><p>caf\xe9", ".html")
@example(b"<meta charset=base64><p>caf\xe9", ".html")
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_random_bytes_give_an_article_or_a_reason(data: bytes, suffix: str) -> None:
    attempt(data, suffix)


@given(st.sampled_from(sorted(SUFFIXES)), st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_damaged_files_give_an_article_or_a_reason(suffix: str, draw: st.DataObject) -> None:
    data = bytearray(SEEDS[suffix])
    for _ in range(draw.draw(st.integers(1, 6))):
        at = draw.draw(st.integers(0, len(data) - 1))
        patch = draw.draw(st.binary(max_size=6))
        data[at : at + draw.draw(st.integers(0, 40))] = patch
        if not data:
            break
    attempt(bytes(data), suffix)


XML = st.recursive(
    st.sampled_from(["<w:t>x</w:t>", "<w:br/>", "<w:tab/>", "", "x"]),
    lambda inner: st.builds(
        lambda tag, parts: f"<w:{tag}>{''.join(parts)}</w:{tag}>",
        st.sampled_from(
            ["p", "r", "tbl", "tr", "tc", "sdt", "sdtContent", "pPr", "numPr", "ins", "del", "pStyle", "hyperlink"]
        ),
        st.lists(inner, max_size=4),
    ),
    max_leaves=25,
)


@given(st.lists(XML, max_size=5))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_word_documents_of_any_structure_give_an_article_or_a_reason(parts: list[str]) -> None:
    attempt(
        edited(BLANK, "word/document.xml", lambda xml: xml.replace("<w:body>", f"<w:body>{''.join(parts)}")), ".docx"
    )


BLANK = word_file(Document())


@pytest.mark.parametrize("level", ["²", "٣", "-1", "9" * 5_000, ""])
def test_a_word_level_that_is_no_number_is_passed_over(level: str) -> None:
    document = Document()
    for tag in ("outlineLvl", "ilvl"):
        properties = document.add_paragraph(BODY)._p.get_or_add_pPr()
        holder = properties if tag == "outlineLvl" else properties.get_or_add_numPr()
        if tag == "ilvl":
            holder.get_or_add_numId().set(f"{W}val", "7")
        etree.SubElement(holder, f"{W}{tag}").set(f"{W}val", level)
    data = io.BytesIO()
    document.save(data)
    kinds = [block.kind for block in read(data.getvalue(), ".docx").blocks]
    assert kinds == [PARAGRAPH, LIST_ITEM]
