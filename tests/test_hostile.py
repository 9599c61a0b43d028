"""Documents made to harm their reader: refused with what to do about it, or read, in bounded time and memory.

All go through the reader process with a quarter of its usual memory and time; a limit that does not hold is a reason
other than the one expected here.
"""

from __future__ import annotations

import io
import os
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from docx import Document as WordDocument

from assistant.domain import Article, BlockKind
from assistant.errors import ParseError
from assistant.settings import Settings
from ingest.chunk import MAX_LEAD_CHARS, passages
from ingest.manuscript import MAX_CHARS, MAX_HEADING_CHARS
from ingest.parse import parse_bytes
from ingest.sources import Document
from ingest.sync import ingest
from ingest.worker import MEMORY_BYTES, ParseWorker
from tests.toys import HashEmbedder

ROOT = Path(__file__).resolve().parent.parent

SENTENCE = "The duty on copper doubles in June, the ministry said."
BODY = f"{SENTENCE} " * 5
NO_TEXT = "no readable text was found in the page: open it in a browser and save it as text or PDF"
DAMAGED = "it is a damaged .docx file, or not a Word document: open it in Word and save it again"
TOO_LONG = "its text is longer than 5,000,000 characters: split the document"
TOO_SLOW = "reading it took longer than 15 s, so it was stopped: split it, or save it as plain text"
TOO_LARGE = "reading it needed more than 0.5 GB of memory, so it was stopped: split it"


@pytest.fixture(scope="module")
def worker() -> Iterator[ParseWorker]:
    with ParseWorker(memory_bytes=MEMORY_BYTES // 4, deadline_s=15) as opened:
        yield opened


def read(worker: ParseWorker, data: bytes, suffix: str) -> Article:
    return worker.article(Document(f"/articles/a{suffix}", data, suffix, f"a{suffix}", len(data)))[0]


def refusal(worker: ParseWorker, data: bytes, suffix: str) -> str:
    """Return why a document is refused, and see that the one after it is read."""
    with pytest.raises(ParseError) as caught:
        read(worker, data, suffix)
    assert read(worker, SENTENCE.encode(), ".txt").text == SENTENCE
    return str(caught.value)


# Word files


def word(
    change: Callable[[bytes], bytes] = bytes, *, part: str = "word/document.xml", more: dict[str, bytes] | None = None
) -> bytes:
    """Return a Word file with one of its parts changed and others added."""
    document, plain, changed = WordDocument(), io.BytesIO(), io.BytesIO()
    document.add_paragraph(SENTENCE)
    document.save(plain)
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry in source.infolist():
            archive.writestr(
                entry.filename, change(source.read(entry)) if entry.filename == part else source.read(entry)
            )
        for name, data in (more or {}).items():
            archive.writestr(name, data)
    return changed.getvalue()


def with_body(xml: bytes) -> bytes:
    return word(lambda document: document.replace(b"<w:body>", b"<w:body>" + xml))


def with_entities(declarations: str, text: str) -> bytes:
    """Return a Word file whose text begins with references to entities that it declares."""
    paragraph = f"<w:body><w:p><w:r><w:t>{text}</w:t></w:r></w:p>".encode()
    declared = f"?><!DOCTYPE d [{declarations}]>".encode()
    return word(lambda document: document.replace(b"?>", declared, 1).replace(b"<w:body>", paragraph))


def with_sizes(data: bytes, name: bytes, size: int) -> bytes:
    """Return an archive that gives another unpacked size for one of its parts, in both places that say it."""
    changed = bytearray(data)
    for mark, length_at, name_at, size_at in ((b"PK\x01\x02", 28, 46, 24), (b"PK\x03\x04", 26, 30, 22)):
        position = changed.find(mark)
        while position >= 0:
            (length,) = struct.unpack_from("<H", changed, position + length_at)
            if changed[position + name_at : position + name_at + length] == name:
                struct.pack_into("<I", changed, position + size_at, size)
            position = changed.find(mark, position + 1)
    return bytes(changed)


LAUGHS = '<!ENTITY a "lol">' + "".join(
    f'<!ENTITY {name} "{f"&{inner};" * 10}">' for inner, name in zip("abcdefghi", "bcdefghij", strict=True)
)
WORD_FILES: dict[str, tuple[Callable[[], bytes], str]] = {
    "a part that unpacks to 190 MB": (
        lambda: word(more={"word/media/a.bin": bytes(190_000_000)}),
        "it unpacks to 190,826,247 bytes in 18 parts, more than a document needs: not read",
    ),
    "a text of blanks": (lambda: with_body(b" " * 60_000_000), "it unpacks to 60,"),
    "parts without end": (
        lambda: word(more={f"word/{number}.xml": b"<a/>" for number in range(5_000)}),
        "it unpacks to 846,247 bytes in 5,017 parts, more than a document needs: not read",
    ),
    "a directory that lies": (
        lambda: with_sizes(with_body(b" " * 60_000_000), b"word/document.xml", 3_000),
        DAMAGED,
    ),
    "a directory that claims 4 GB": (
        lambda: with_sizes(word(), b"word/document.xml", 4_000_000_000),
        "it unpacks to 4,000,",
    ),
    "a billion laughs": (lambda: with_entities(LAUGHS, "&j;"), DAMAGED),
    "quadratic blowup": (lambda: with_entities(f'<!ENTITY a "{"a" * 100_000}">', "&a;" * 10_000), DAMAGED),
    "tables in tables": (
        lambda: with_body(b"<w:tbl><w:tr><w:tc>" * 20_000 + b"<w:p/>" + b"</w:tc></w:tr></w:tbl>" * 20_000),
        DAMAGED,
    ),
    "a file cut short": (lambda: word()[:-30], "it is not a whole .docx file"),
    "no archive at all": (lambda: b"PK\x03\x04" + bytes(1_000), "it is not a whole .docx file"),
}


@pytest.mark.parametrize("name", WORD_FILES)
def test_a_hostile_word_file_is_refused(worker: ParseWorker, name: str) -> None:
    make, reason = WORD_FILES[name]
    assert refusal(worker, make(), ".docx").startswith(reason)


def test_an_archive_inside_a_word_file_is_not_opened(worker: ParseWorker) -> None:
    inner = word(more={"word/media/b.bin": bytes(100_000_000)})
    assert read(worker, word(more={"word/embeddings/a.zip": inner}), ".docx").text == SENTENCE


@pytest.mark.parametrize("address", ["file:///etc/hostname", "http://127.0.0.1:9/a", "/etc/hostname"])
def test_a_word_file_fetches_no_entity(worker: ParseWorker, address: str) -> None:
    data = with_entities(f'<!ENTITY a SYSTEM "{address}">', "Before &a; after.")
    assert read(worker, data, ".docx").text == f"Before\n\n{SENTENCE}"


def test_a_word_file_fetches_nothing_that_it_refers_to(worker: ParseWorker) -> None:
    relation = (
        b'<Relationship Id="rId99" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/%s" '
        b'Target="http://127.0.0.1:9/a.%s" TargetMode="External"/></Relationships>'
    )
    for kind, suffix in ((b"attachedTemplate", b"dotm"), (b"image", b"png"), (b"subDocument", b"docx")):
        data = word(
            lambda part, kind=kind, suffix=suffix: part.replace(b"</Relationships>", relation % (kind, suffix)),
            part="word/_rels/document.xml.rels",
        )
        assert read(worker, data, ".docx").text == SENTENCE


def test_lists_without_number_are_read_in_linear_time(worker: ParseWorker) -> None:
    lists = b"".join(b'<w:num w:numId="%d"><w:abstractNumId w:val="5"/></w:num>' % number for number in range(20_000))
    kinds = b"".join(
        b'<w:abstractNum w:abstractNumId="%d"><w:lvl w:ilvl="0"><w:numFmt w:val="decimal"/></w:lvl></w:abstractNum>'
        % number
        for number in range(20_000)
    )
    data = word(
        lambda part: part.replace(b"</w:numbering>", kinds + lists + b"</w:numbering>"), part="word/numbering.xml"
    )
    assert read(worker, data, ".docx").text == SENTENCE


# PDF files


def pdf(*objects: bytes) -> bytes:
    """Return a PDF file of these objects, the first of which is its catalogue."""
    data, places = bytearray(b"%PDF-1.5\n"), []
    for number, content in enumerate(objects, start=1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, len(data))
    return bytes(data) + b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table) + end


def stream(data: bytes, entries: bytes = b"") -> bytes:
    return b"<<%s/Length %d>>stream\n%s\nendstream" % (entries, len(data), data)


def page(
    content: bytes,
    *,
    box: bytes = b"0 0 612 792",
    catalog: bytes = b"",
    kids: bytes = b"3 0 R",
    more: tuple[bytes, ...] = (),
) -> bytes:
    resources = b"/Resources<</Font<</F1 5 0 R>>/XObject<</A 6 0 R>>>>"
    return pdf(
        b"<</Type/Catalog/Pages 2 0 R%s>>" % catalog,
        b"<</Type/Pages/Kids[%s]/Count %d>>" % (kids, kids.count(b"R")),
        b"<</Type/Page/Parent 2 0 R/MediaBox[%s]/Contents 4 0 R%s>>" % (box, resources),
        content,
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        *more,
    )


def deflated(data: bytes, times: int) -> bytes:
    """Return `data` written `times` times and compressed, without ever holding all of it."""
    packer = zlib.compressobj(9)
    return b"".join(packer.compress(data) for _ in range(times)) + packer.flush()


def form(content: bytes, inner: bytes) -> bytes:
    entries = b"/Type/XObject/Subtype/Form/BBox[0 0 612 792]/Resources<</XObject<</A %s>>/Font<</F1 5 0 R>>>>" % inner
    return stream(content, entries)


SHOWN = b"BT /F1 12 Tf 50 700 Td (%s) Tj ET " % SENTENCE.encode()
CRASHED = "its reader crashed on it"
BOMB = "it has no text layer (1 pages, probably a scan): run OCR on it first, e.g. ocrmypdf"
PDF_FILES: dict[str, tuple[Callable[[], bytes], tuple[str, ...]]] = {
    "a stream that unpacks to 200 MB": (
        lambda: page(stream(deflated(b" " * 1_000_000, 200), b"/Filter/FlateDecode")),
        (CRASHED, TOO_LARGE, BOMB),
    ),
    "a stream packed twice": (
        lambda: page(stream(zlib.compress(deflated(b" " * 1_000_000, 200)), b"/Filter[/FlateDecode/FlateDecode]")),
        (CRASHED, TOO_LARGE, BOMB),
    ),
    "pages that hold themselves": (
        lambda: page(stream(SHOWN), kids=b"2 0 R 3 0 R"),
        ("a page of the PDF is damaged: open it in a viewer and print it to a new PDF",),
    ),
    "100,000 empty pages": (
        lambda: pdf(
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[%s]/Count 100000>>" % (b"3 0 R " * 100_000),
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>",
        ),
        ("it has 100,000 pages, more than 3,000: split the document",),
    ),
    "3,000 empty pages": (
        lambda: page(stream(b""), kids=b"3 0 R " * 3_000),
        ("it has no text layer (3000 pages, probably a scan): run OCR on it first, e.g. ocrmypdf",),
    ),
    "a form that shows itself": (
        lambda: page(stream(SHOWN + b" /A Do"), more=(form(b"/A Do /A Do", b"6 0 R"),)),
        (CRASHED, TOO_LARGE, TOO_SLOW),
    ),
    "forms that show ten others": (
        lambda: page(
            stream(b"/A Do"),
            more=(*(form(b"/A Do " * 10, b"%d 0 R" % number) for number in range(7, 15)), form(SHOWN, b"5 0 R")),
        ),
        (CRASHED, TOO_LARGE, TOO_SLOW),
    ),
}


@pytest.mark.parametrize("name", PDF_FILES)
def test_a_hostile_pdf_is_refused(worker: ParseWorker, name: str) -> None:
    make, reasons = PDF_FILES[name]
    assert refusal(worker, make(), ".pdf").startswith(reasons)


@pytest.mark.parametrize(
    "data",
    [
        page(stream(SHOWN), box=b"-99999999999999999999 -1e300 99999999999999999999 1e308"),
        page(stream(SHOWN), box=b"0 0 0 0"),
        page(stream(SHOWN), catalog=b"/X " + b"[" * 100_000 + b"]" * 100_000),
        page(stream(SHOWN), catalog=b"/X " + b"<</A " * 100_000 + b">>" * 100_000),
        page(stream(b"q " * 500_000 + SHOWN)),
    ],
    ids=["a huge page", "no page", "deep lists", "deep dictionaries", "deep states"],
)
def test_an_odd_pdf_is_read_all_the_same(worker: ParseWorker, data: bytes) -> None:
    assert read(worker, data, ".pdf").text == SENTENCE


@pytest.mark.skipif(os.environ.get("TRADE_ASSISTANT_SOAK") != "1", reason="reads 5,000,000 characters; for `make soak`")
def test_pages_without_end_are_refused_by_their_characters() -> None:
    lines = b"".join(b"BT /F1 1 Tf 5 %d Td (%s) Tj ET " % (height, b"ab " * 2_000) for height in range(5, 780, 4))
    with pytest.raises(ParseError) as caught:
        parse_bytes(page(stream(lines), kids=b"3 0 R " * 6), suffix=".pdf", name="a.pdf")
    assert str(caught.value) == TOO_LONG


# Web pages

WEB_PAGES: dict[str, tuple[Callable[[], str], str]] = {
    "elements 100,000 deep": (lambda: "<div>" * 100_000 + BODY, NO_TEXT),
    "lists 100,000 deep": (lambda: "<ul><li>" * 100_000 + BODY, NO_TEXT),
    "tables 100,000 deep": (lambda: "<table><tr><td>" * 100_000 + BODY, NO_TEXT),
    "elements that trafilatura keeps": (
        lambda: f'<div class="c"><p>{BODY}</p>' * 220,
        "its markup is nested too deeply: open it in a browser and save it as text or PDF",
    ),
    "text without end": (lambda: "<p>" + "&" * 5_100_000 + "</p>", TOO_LONG),
    "a record without end": (lambda: "<pre>" + f"{BODY}\n" * 19_000 + "</pre>", TOO_LONG),
    "a tag of 200,000 attributes": (
        lambda: "<p " + " ".join(f"a{n}=''" for n in range(200_000)) + f">{BODY}",
        "its markup is broken: open it in a browser and save it as text or PDF",
    ),
    "a null": (lambda: f"<p>{BODY}\x00</p>", "it holds binary data or text in an unknown encoding (U+0000 at "),
}


@pytest.mark.parametrize("name", WEB_PAGES)
def test_a_hostile_page_is_refused(worker: ParseWorker, name: str) -> None:
    make, reason = WEB_PAGES[name]
    assert refusal(worker, f"<html><body>{make()}".encode(), ".html").startswith(reason)


@pytest.mark.parametrize(
    "markup",
    [
        "<a " * 300_000,
        "<!--" * 300_000,
        "<!DOCTYPE x [" + "<!ENTITY a 'b'>" * 50_000,
        "<i></i>" * 100_000,
        '<script type="application/ld+json">' + "[" * 300_000 + "</script>",
        " " * 5_000_000,
    ],
    ids=["open tags", "open comments", "an open declaration", "empty tags", "deep data", "blanks"],
)
def test_an_odd_page_is_read_all_the_same(worker: ParseWorker, markup: str) -> None:
    assert read(worker, f"<html><body><p>{BODY}</p>{markup}".encode(), ".html").text.startswith(BODY.strip())


# Text and Markdown


@pytest.mark.parametrize("suffix", [".txt", ".md", ".html"])
@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\xff\xfe" + b"\x00\xd8" * 1_000, "it begins as UTF-16 but is not: save it as UTF-8"),
        (BODY.encode("utf-16") + b"\x00\xd8A\x00", "it begins as UTF-16 but is not: save it as UTF-8"),
        (bytes(1_000_000), "it holds binary data, not text: convert it to text, or leave it out"),
        (
            BODY.encode() + b"\x00",
            "it holds binary data or text in an unknown encoding (U+0000 at 275): save it as UTF-8",
        ),
    ],
    ids=["halves of pairs", "half a pair", "nulls", "a null"],
)
def test_bytes_that_are_no_text_are_refused(worker: ParseWorker, suffix: str, data: bytes, reason: str) -> None:
    assert refusal(worker, data, suffix) == reason


@pytest.mark.parametrize("suffix", [".txt", ".md"])
def test_a_line_of_100_mb_is_refused(worker: ParseWorker, suffix: str) -> None:
    assert refusal(worker, b"copper " * 14_300_000, suffix) == TOO_LONG


def test_a_page_of_one_line_of_100_mb_is_refused() -> None:
    with ParseWorker(deadline_s=30) as worker:
        assert refusal(worker, b"<html><body><p>" + b"copper " * 14_300_000, ".html") in (NO_TEXT, TOO_LONG)


MARKDOWN: dict[str, str] = {
    "quotes": ">" * 100_000 + f" {BODY}",
    "brackets": "[" * 20_000 + "a" + "]" * 20_000,
    "links": "[a](" * 20_000,
    "pictures": "![[]()" * 5_000,
    "emphasis": "*a **b " * 10_000,
    "odd emphasis": "*a_ " * 20_000,
    "stars": "a" + "*" * 50_000 + "b",
    "code": "".join("`" * count + "a" for count in range(500)),
    "lists": "- " * 50_000 + "a",
    "numbers": "1. " * 50_000 + "a",
    "definitions": "[a]: /x '" + "x\n" * 10_000 + BODY,
    "open definitions": "[a\n" * 5_000 + BODY,
    "references": "&#1" * 50_000,
    "tags": "x <![CDATA[" * 5_000,
    "tables": "|x" * 2_000 + "|\n" + "|-" * 2_000 + "|\n" + "|x|\n" * 2_000,
    "HTML": "<div>" * 20_000 + BODY,
    "aliases": "---\na: &a [x,x,x,x,x,x,x,x,x]\n"
    + "".join(
        f"{name}: &{name} [{','.join([f'*{inner}'] * 9)}]\n"
        for inner, name in zip("abcdefghijk", "bcdefghijkl", strict=True)
    )
    + f"title: *l\nauthor: *l\n---\n{BODY}",
    "deep fields": "---\na: " + "[" * 9_000 + f"\n---\n{BODY}",
    "deep blocks": "---\n" + "- " * 9_000 + f"a\n---\n{BODY}",
}


@pytest.mark.parametrize("name", MARKDOWN)
def test_markdown_made_to_be_slow_is_read_or_refused(worker: ParseWorker, name: str) -> None:
    try:
        assert read(worker, MARKDOWN[name].encode(), ".md").text
    except ParseError as err:
        assert str(err) in (
            "it holds no readable text",
            "it holds no text to answer from, only titles, credits or page furniture",
        )


def test_front_matter_makes_no_objects(worker: ParseWorker, tmp_path: Path) -> None:
    made = tmp_path / "made"
    fields = f"title: !!python/object/apply:os.mkdir ['{made}']\nauthor: !!python/name:os.system ''\n"
    article = read(worker, f"---\n{fields}---\n{SENTENCE}\n".encode(), ".md")
    assert (article.text, article.author, made.exists()) == (SENTENCE, None, False)


# What repeats without end

REPEATS = [
    "a. ", "A. B. ", "U.S. ", "Nov. ", "1. ", "1,", "1", ", ", "-", "- ", "— ", "…", ". ", "!\" ", "\"", "“", "'s ",
    "(", "[", "By ", "By Jane Roe ", "of the ", "A", "Aa ", "WASHINGTON ", "AB, Ab ", "AB (AB ", "2025-11-09 ",
    "http://a.b/c ", "@a ", "a · b · ", "a // ", "; ", "” he said. “", "It ", "\u00a0", "\u200b", "a\u0301", "a.b.",
    "subscribe ", "click here ", "source: ", "sources include ", "by continuing. ", "Reporting by a ", "a  b\t",
    "\n", "a\n\n", "a\n \n", "• x\n", "a | b\n", "aa    bb\n", "- a\n", "a:\n", "Why?\n", "# a\n", "Ab cd\n",
    "Related\nAb cd\n", "FAQ\nWhy?\n", "A: b\nQ: c?\n", "Nov. 9, 2025\n", "\r", "\x0c", "\u2028", "\t",
]  # fmt: skip


@pytest.mark.parametrize("suffix", [".txt", ".md", ".html"])
def test_nothing_that_repeats_stalls_a_reader(worker: ParseWorker, suffix: str) -> None:
    """A pattern that takes quadratic time on 20,000 characters takes minutes on the 5,000,000 a document may have."""
    kept = "no readable text", "no text to answer from", "destroyed by an earlier conversion"
    for unit in REPEATS if suffix == ".txt" else REPEATS[::4]:
        repeated = unit * (20_000 // len(unit))
        try:
            read(worker, f"{SENTENCE} {repeated}\n{SENTENCE}".encode(), suffix)
        except ParseError as err:
            assert any(reason in str(err) for reason in kept), (unit, str(err))


# What would be written a thousand times


def test_a_heading_of_a_megabyte_is_not_stored_with_every_passage() -> None:
    heading = "Copper " * 20_000
    article = parse_bytes(f"# Title\n\n## {heading}\n\n{BODY * 40}\n".encode(), suffix=".md", name="a.md")
    assert [block.kind for block in article.blocks] == [BlockKind.TITLE, BlockKind.PARAGRAPH, BlockKind.PARAGRAPH]
    assert all(len("".join(span.heading)) <= MAX_HEADING_CHARS for span in passages(article))


def test_a_lead_of_a_megabyte_is_not_stored_with_every_passage() -> None:
    items = "".join(f"- {SENTENCE}\n" for _ in range(100))
    article = parse_bytes(f"# Title\n\n{'copper ' * 20_000}follows:\n\n{items}".encode(), suffix=".md", name="a.md")
    spans = passages(article)
    assert len(spans) > 5
    assert all(len("".join(span.heading)) <= MAX_LEAD_CHARS for span in spans)


@pytest.mark.parametrize("suffix", [".txt", ".md", ".html"])
def test_no_file_type_has_more_text_than_allowed(suffix: str) -> None:
    data = ("<html><body><pre>" if suffix == ".html" else "") + f"{BODY}\n" * (MAX_CHARS // len(BODY) + 1)
    with pytest.raises(ParseError) as caught:
        parse_bytes(data.encode(), suffix=suffix, name=f"a{suffix}")
    assert str(caught.value) == TOO_LONG


# Names and links


def test_names_that_hide_or_command_are_refused_or_shown_harmlessly(
    tmp_path: Path, settings: Settings, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "articles"
    folder.mkdir()
    harmless = ["\u200b.txt", "-rf.txt", "$(a).txt"]
    refused = ["a\nb.txt", "a\x1b[31mred.txt", "a\u202egpj.txt", "tab\t.txt", "bell\x07.txt", "bad\n\x1b[2J\u202e.pdf"]
    for number, name in enumerate([*harmless, *refused]):
        (folder / name).write_text(f"{SENTENCE} {number}", encoding="utf-8")
    report = ingest([folder], settings, embedder=HashEmbedder())
    assert set(report.added) == {str(folder / name) for name in harmless}
    assert {Path(failure.location).name for failure in report.failed} == {
        name.encode("unicode_escape").decode() for name in refused
    }
    command = [sys.executable, "-m", "ui.cli", "ingest", "--dry-run", str(folder)]
    environment = {**os.environ, "TRADE_ASSISTANT_DATA_DIR": str(settings.data_dir), "COLUMNS": "300"}
    done = subprocess.run(command, cwd=ROOT, env=environment, check=False, capture_output=True, text=True)
    assert "6 failed" in done.stdout
    shown = done.stdout + done.stderr + "".join(capfd.readouterr())
    assert all(character.isprintable() or character == "\n" for character in shown)
    assert f"{folder}/bad\\n\\x1b[2J\\u202e.pdf" in shown


def test_links_out_of_the_folder_are_refused(tmp_path: Path, settings: Settings) -> None:
    folder, outside = tmp_path / "articles", tmp_path / "outside"
    folder.mkdir()
    outside.mkdir()
    (outside / "secret.txt").write_text(SENTENCE, encoding="utf-8")
    (folder / "good.txt").write_text(SENTENCE, encoding="utf-8")
    links = {"file.txt": outside / "secret.txt", "folder": outside, "zero.txt": Path("/dev/zero")}
    for name, target in links.items():
        (folder / name).symlink_to(target)
    (folder / "loop").symlink_to(folder)
    (folder / "self.txt").symlink_to(folder / "self.txt")
    os.mkfifo(folder / "pipe.txt")
    report = ingest([folder], settings, embedder=HashEmbedder())
    assert report.added == (str(folder / "good.txt"),)
    assert {Path(failure.location).name: failure.reason for failure in report.failed} == {
        **{name: f"a symbolic link that leads out of the folder, to {target}" for name, target in links.items()},
        "self.txt": "the file cannot be read: too many levels of symbolic links",
        "pipe.txt": "not a regular file",
    }


def test_a_name_that_is_no_utf_8_is_refused(tmp_path: Path, settings: Settings) -> None:
    if sys.platform == "darwin":
        pytest.skip("macOS has no such names")
    with Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\xfe.txt")).open("w", encoding="utf-8") as file:
        file.write(SENTENCE)
    report = ingest([tmp_path], settings, embedder=HashEmbedder())
    assert [(failure.location, failure.reason) for failure in report.failed] == [
        (f"{tmp_path}/\ufffd\ufffd.txt", "the name of the file or of a folder above it is not valid UTF-8: rename it")
    ]
