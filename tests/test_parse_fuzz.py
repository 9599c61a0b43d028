"""Whatever the bytes are, reading them gives an article that holds together, or a ParseError.

Documents are built from random parts or taken from the samples, then damaged: cut, flipped, spliced, with markup thrown
in. TRADE_ASSISTANT_SOAK=1 tries ten times as many, in another order each time.
"""

from __future__ import annotations

import functools
import io
import os
import zipfile
import zlib
from collections.abc import Callable
from itertools import pairwise

import pytest
from docx import Document as WordDocument
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reportlab.pdfgen.canvas import Canvas

from assistant.errors import ParseError
from ingest.chunk import passages
from ingest.parse import parse_bytes
from ingest.worker import dumped, loaded, packed_article, unpacked_article
from tests.build_samples import SAMPLES

IS_SOAK = os.environ.get("TRADE_ASSISTANT_SOAK") == "1"
EXAMPLES = 10 if IS_SOAK else 1


def fuzz(examples: int) -> settings:
    return settings(
        max_examples=examples * EXAMPLES,
        deadline=None,
        derandomize=not IS_SOAK,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    )


def check(data: bytes, suffix: str) -> None:
    """Read the bytes as both callers do, and see that the article and its passages are whole."""
    try:
        article = parse_bytes(data, suffix=suffix, name=f"a{suffix}")
    except ParseError as err:
        assert str(err) and str(err) == " ".join(str(err).split())
        return
    assert article.title and article.title == " ".join(article.title.split())
    bounds = [bound for block in article.blocks for bound in (block.start, block.end)]
    assert all(first <= second for first, second in pairwise([0, *bounds, len(article.text)]))
    assert all(block.start < block.end for block in article.blocks)
    assert all(0 <= block.level <= 8 for block in article.blocks)
    article.text.encode()
    spans = passages(article)
    edges = [edge for span in spans for edge in (span.start, span.end)]
    assert all(first <= second for first, second in pairwise([0, *edges, len(article.text)]))
    assert all(article.text[span.start : span.end].strip() for span in spans)
    if spans:
        assert unpacked_article(loaded(dumped(packed_article(article, spans)))) == (article, tuple(spans))


# Parts of documents

WORDS = (
    "the duty on copper doubles in June , . ! ? … : ; - – — • * # > | ( [ “ ” \" ' 5% $1.2 8471.30 U.S. Nov. 9, 2025 "
    "By Jane Roe WASHINGTON (Sample Wire) — Source: Published: 2025-11-09 Advertisement Subscribe Related: © FAQ Why? "
    "Q: A: 1. a) https://example.org/a @jane é 中国 \u200b \u00a0 \u00ad \ufeff \u0301 "
    "\U0001f600 \u202e \x85 \u2028 \ufffd"
).split(" ")
words = st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join)
odd = st.text(st.characters(exclude_categories=["Cc", "Cn", "Co", "Cs"]), max_size=12)
text = words | words | odd
gap = st.sampled_from(["\n", "\n\n", "\n\n\n", "\r\n", "\t", "    ", "\n  ", "\n \n", "\x0c"])
plain = st.lists(st.tuples(text, gap), max_size=14).map(lambda lines: "".join(map("".join, lines)))

MARKS = [
    "# {}", "## {}\n", "- {}", "  - {}", "1. {}", "> {}", "> > {}", "| {} | a |\n|---|---|\n| b | {} |",
    "```\n{}\n```", "    {}", "**{}**", "*{}_", "~~{}~~", "`{}`", "[{}](/a)", "![{}](/a \"b\")", "[{}]: /a",
    "<div>{}</div>", "<!-- {} -->", "<b>{}", "{}\n===", "{}\n---", "---\ntitle: {}\ndate: {}\n---\n",
    "---\nauthor: [{}, {}]\n---", "&amp;{}&#0;", "\\{}", "***", "{}  \n", "<script>{}</script>", "<![CDATA[{}",
    "---\n{}", "...",
]  # fmt: skip
markdown = st.lists(st.tuples(st.sampled_from(MARKS), text, gap), max_size=12).map(
    lambda parts: "".join(mark.replace("{}", content) + after for mark, content, after in parts)
)

TAGS = (
    "p div h1 h2 h6 ul ol li table tr td th thead blockquote pre code article section main header footer nav aside "
    "span b i a br img figure figcaption time script style noscript template iframe svg math form button select option "
    "head body html title meta link dl dt dd q del sup frameset plaintext xmp marquee unknown"
).split()
ATTRIBUTES = [
    "", ' class="byline"', ' class="content"', ' id="main"', ' href="https://example.org/"', ' datetime="2025-11-09"',
    ' itemprop="datePublished"', ' rel="author"', ' rel="canonical" href="/a"', ' property="og:title" content="{}"',
    ' name="author" content="{}"', ' name="date" content="{}"', ' type="application/ld+json"', " style=display:none",
    ' charset="utf-16"', ' a="', " =", " hidden", ' rend="h9"', ' colspan="99999999999"',
]  # fmt: skip
JSON_LD = [
    '{"@type": "NewsArticle", "headline": "{}", "author": {"name": "{}"}, "datePublished": "{}"}',
    '{"@graph": [{"@type": ["Article"], "publisher": [{"name": {}}]}]}',
    '[[{"@type": "Article"}], 5, null]',
    '{"@type": "Article", "author": [5, null, {"name": ["{}"]}], "url": {}, "headline": 1e999}',
]
markup = st.recursive(
    text | st.sampled_from(JSON_LD).map(lambda data: f'<script type="application/ld+json">{data}</script>'),
    lambda inner: st.builds(
        lambda tag, attribute, content, closed, word: (
            f"<{tag}{attribute.replace('{}', word)}>{''.join(content)}" + (f"</{tag}>" if closed else "")
        ),
        st.sampled_from(TAGS),
        st.sampled_from(ATTRIBUTES),
        st.lists(inner, min_size=1, max_size=4),
        st.booleans(),
        words,
    ),
    max_leaves=20,
)
prolog = st.sampled_from(
    [
        "",
        "<!DOCTYPE html>",
        "<?xml version='1.0' encoding='latin-1'?>",
        "<!DOCTYPE a [<!ENTITY b 'c'>]>",
        "<!-- a -->",
        "<html>",
    ]
)
running = st.sampled_from(["", "<p>The duty on copper doubles in June, the ministry said.</p>" * 4])
page = st.builds(
    lambda before, parts, after: before + "".join(parts) + after, prolog, st.lists(markup, max_size=6), running
)
encoding = st.sampled_from(["utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252", "latin-1", "shift_jis"])

WORD_TAGS = (
    "p r t tbl tr tc sdt sdtContent ins del hyperlink tab br pPr numPr drawing customXml smartTag noBreakHyphen".split()
)
WORD_PROPERTIES = [
    '<w:pPr><w:pStyle w:val="Heading1"/></w:pPr>', '<w:pPr><w:pStyle w:val="Title"/></w:pPr>',
    '<w:pPr><w:pStyle/></w:pPr>', '<w:pPr><w:pStyle w:val="ListNumber3"/></w:pPr>',
    '<w:pPr><w:outlineLvl w:val="²"/></w:pPr>',
    '<w:pPr><w:numPr><w:ilvl w:val="99999"/><w:numId w:val="5"/></w:numPr></w:pPr>',
    '<w:pPr><w:outlineLvl w:val="2"/></w:pPr>',
    '<w:pPr><w:numPr><w:ilvl w:val="-1"/><w:numId w:val="٣"/></w:numPr></w:pPr>', "<w:numPr/>", "<!-- a -->",
    "<?a b?>", "&amp;",
]  # fmt: skip
escaped = words.map(lambda content: content.replace("&", "&amp;").replace("<", "&lt;"))
word_xml = st.recursive(
    escaped.map(lambda content: f"<w:p><w:r><w:t>{content}</w:t></w:r></w:p>") | st.sampled_from(WORD_PROPERTIES),
    lambda inner: st.builds(
        lambda tag, parts: f"<w:{tag}>{''.join(parts)}</w:{tag}>",
        st.sampled_from(WORD_TAGS),
        st.lists(inner, min_size=1, max_size=4),
    ),
    max_leaves=15,
)


@functools.cache
def word_parts() -> dict[str, bytes]:
    plain_document, written = WordDocument(), io.BytesIO()
    plain_document.add_paragraph("Copper")
    plain_document.save(written)
    with zipfile.ZipFile(written) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def word_file(xml: list[str], damaged: tuple[str, Callable[[bytes], bytes]], level: int) -> bytes:
    """Return a Word file with this body, one of its parts damaged after it was written and before it is packed."""
    name, damage = damaged
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", level) as archive:
        for part, content in word_parts().items():
            if part == "word/document.xml":
                content = content.replace(b"<w:body>", b"<w:body>" + "".join(xml).encode())
            archive.writestr(part, damage(content) if part == name else content)
    return data.getvalue()


PDF_WORDS = [
    b"BT", b"ET", b"/F1 12 Tf", b"/F1 0 Tf", b"/F2 -9 Tf", b"50 700 Td", b"0 -14 Td", b"1e30 -1e30 Td",
    b"(Copper) Tj", b"(\\000\\377\\u) '", b"<48656c6c6f> Tj", b"[(a) -9999 (b)] TJ", b"1 0 0 1 0 0 Tm",
    b"0 0 0 0 0 0 Tm", b"3 Tr", b"q", b"Q", b"/A Do", b"BI /W 1 ID a EI", b"100 Tz", b"T*", b"14 TL", b"(", b"<<",
    b"]", b"%", b"99999999999 Tc",
]  # fmt: skip
PDF_OBJECTS = [
    b"/Type/Page", b"/Kids[3 0 R]", b"/Parent 2 0 R", b"/Parent 3 0 R", b"/MediaBox[0 0 612 792]",
    b"/MediaBox[0 0 0 0]", b"/MediaBox[nan]", b"/Rotate 45", b"/Contents 4 0 R", b"/Contents[4 0 R 4 0 R 99 0 R]",
    b"/Resources<</Font<</F1 5 0 R>>>>", b"/Count -1", b"/Count 9", b"/Title(a\\000b)", b"/Title<FEFFD800>",
    b"/Encrypt 5 0 R", b"/Filter/FlateDecode", b"/Length 9",
]  # fmt: skip


def pdf_file(content: list[bytes], entries: list[list[bytes]], is_packed: bool) -> bytes:
    """Return a PDF file of one page whose objects have entries that belong there and some that do not."""
    shown = b" ".join(content)
    stream = zlib.compress(shown) if is_packed else shown
    packed = b"/Filter/FlateDecode" if is_packed else b""
    more = [b"".join(extra) for extra in entries]
    objects = [
        b"<</Type/Catalog/Pages 2 0 R%s>>" % more[0],
        b"<</Type/Pages/Kids[3 0 R]/Count 1%s>>" % more[1],
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>%s>>" % more[2],
        b"<</Length %d%s%s>>stream\n%s\nendstream" % (len(stream), packed, more[3], stream),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica%s>>" % more[4],
    ]
    data, places = bytearray(b"%PDF-1.5\n"), []
    for number, body in enumerate(objects, start=1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return bytes(
        data
    ) + b"xref\n0 6\n0000000000 65535 f \n%strailer<</Size 6/Root 1 0 R/Info 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (
        table,
        len(data),
    )


def canvas_file(lines: list[tuple[str, int, int]]) -> bytes:
    """Return a PDF file as a program writes it, with lines of text in some sizes at some places."""
    data = io.BytesIO()
    canvas = Canvas(data)
    for number, (content, size, left) in enumerate(lines):
        canvas.setFont("Helvetica-Bold" if size > 14 else "Helvetica", size)
        canvas.drawString(left, 780 - 30 * (number % 26), content)
        if number % 26 == 25:
            canvas.showPage()
    canvas.save()
    return data.getvalue()


# Damage

SCRAPS = [
    b"", b"\x00", b"\xff", b"\xff\xfe", b"\xed\xa0\x80", b"\r", b"<", b">", b"&", b'"', b"'", b"</", b"<!--", b"-->",
    b"<![CDATA[", b"<!DOCTYPE a [", b"&#xD800;", b"&#0;", b"<p>", b"</p>", b"<table>", b"</w:p>", b"<w:tbl>",
    b"---\n", b"```", b"[](", b"endobj", b"stream\n", b"9 0 R", b"<<", b">>", b"PK\x03\x04", b"PK\x01\x02",
    b"PK\x05\x06", b"%PDF-", b"\n\n", b"A" * 300, b"1" * 40,
]  # fmt: skip
Damage = Callable[[bytes], bytes]
place = st.floats(0, 1)


def at(data: bytes, where: float) -> int:
    return min(int(where * (len(data) + 1)), len(data))


cut: st.SearchStrategy[Damage] = st.builds(lambda where: lambda data: data[: at(data, where)], place)
flip: st.SearchStrategy[Damage] = st.builds(
    lambda where, bit: (
        lambda data: (
            data[: at(data, where)]
            + bytes(byte ^ (1 << bit) for byte in data[at(data, where) :][:1])
            + data[at(data, where) + 1 :]
        )
    ),
    place,
    st.integers(0, 7),
)
throw_in: st.SearchStrategy[Damage] = st.builds(
    lambda where, scrap, times: lambda data: data[: at(data, where)] + scrap * times + data[at(data, where) :],
    place,
    st.sampled_from(SCRAPS),
    st.sampled_from([1, 1, 2, 50]),
)
move: st.SearchStrategy[Damage] = st.builds(
    lambda first, second, third: (
        lambda data: (
            data[: at(data, third)]
            + data[at(data, min(first, second)) : at(data, max(first, second))]
            + data[at(data, third) :]
        )
    ),
    place,
    place,
    place,
)
damage: st.SearchStrategy[list[Damage]] = st.just([]) | st.lists(cut | flip | throw_in | throw_in | move, max_size=4)


def damaged(data: bytes, ways: list[Damage]) -> bytes:
    for way in ways:
        data = way(data)
    return data


def sample(suffix: str) -> st.SearchStrategy[bytes]:
    """Return one of the samples of a file type."""
    return st.sampled_from(sorted(path.name for path in SAMPLES.iterdir() if path.suffix == suffix)).map(
        lambda name: (SAMPLES / name).read_bytes()
    )


raw = st.binary(max_size=400)


@pytest.mark.parametrize("suffix", [".txt", ".md", ".html", ".pdf", ".docx"])
def test_any_bytes_are_an_article_or_refused(suffix: str) -> None:
    starts = st.sampled_from([b"", b"%PDF-1.7\n", b"PK\x03\x04", b"\xff\xfe", b"<html>", b"---\n"])

    @fuzz(60)
    @given(starts, raw)
    def read(start: bytes, data: bytes) -> None:
        check(start + data, suffix)

    read()


@pytest.mark.parametrize("suffix", [".txt", ".md", ".html"])
def test_any_text_is_an_article_or_refused(suffix: str) -> None:
    @fuzz(250)
    @given({".txt": plain, ".md": markdown | plain, ".html": page}[suffix], encoding, damage)
    def read(content: str, name: str, ways: list[Damage]) -> None:
        check(damaged(content.encode(name, "replace"), ways), suffix)

    read()


@pytest.mark.parametrize("suffix", [".md", ".html", ".pdf", ".docx"])
def test_a_damaged_sample_is_an_article_or_refused(suffix: str) -> None:
    @fuzz(60)
    @given(sample(suffix), damage)
    def read(data: bytes, ways: list[Damage]) -> None:
        check(damaged(data, ways), suffix)

    read()


@fuzz(120)
@given(
    st.lists(word_xml, max_size=6),
    st.tuples(
        st.sampled_from(
            ["", "word/document.xml", "word/styles.xml", "word/numbering.xml", "[Content_Types].xml", "_rels/.rels"]
        ),
        damage.map(lambda ways: lambda data: damaged(data, ways)),
    ),
    st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]),
    damage,
)
def test_a_word_file_is_an_article_or_refused(
    xml: list[str], part: tuple[str, Damage], level: int, ways: list[Damage]
) -> None:
    check(damaged(word_file(xml, part, level), ways), ".docx")


@fuzz(120)
@given(
    st.lists(st.sampled_from(PDF_WORDS), max_size=25).map(
        lambda content: [b"BT /F1 12 Tf 50 750 Td (Copper) Tj", *content]
    ),
    st.lists(st.lists(st.sampled_from(PDF_OBJECTS), max_size=2), min_size=5, max_size=5),
    st.booleans(),
    damage,
)
def test_a_pdf_file_is_an_article_or_refused(
    content: list[bytes], entries: list[list[bytes]], is_packed: bool, ways: list[Damage]
) -> None:
    check(damaged(pdf_file(content, entries, is_packed), ways), ".pdf")


@fuzz(60)
@given(st.lists(st.tuples(words, st.integers(1, 40), st.integers(-20, 600)), max_size=40), damage)
def test_a_written_pdf_file_is_an_article_or_refused(lines: list[tuple[str, int, int]], ways: list[Damage]) -> None:
    check(damaged(canvas_file(lines), ways), ".pdf")
