"""A Word export has real footnotes, opens in Word's and LibreOffice's way of reading, and holds no command."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from docx import Document
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from assistant.errors import ExportError
from assistant.export_checking import Outcome
from assistant.export_reading import read
from assistant.export_word import MAX_FOOTNOTE_CHARS, word
from assistant.export_words import seen
from assistant.exports import Exported, ExportFormat
from ingest.parse_docx import read_docx
from tests import office
from tests.conftest import unavailable
from tests.exports import CONVERSATION, HOSTILE, quoting, saying
from tests.test_exports import SENTENCES, Shelf, written

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
WRITTEN = word(CONVERSATION)
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"


@pytest.fixture(scope="session")
def soffice() -> Path:
    """Return LibreOffice."""
    found = office.find()
    if found is None:
        unavailable(office.HOW_TO)
    return found


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """Return a library with one article."""
    return Shelf(tmp_path / "data")


def part(record: Exported, name: str) -> Any:
    """Return the root of a part."""
    with zipfile.ZipFile(io.BytesIO(word(record))) as archive:
        return etree.fromstring(archive.read(name))


def text_of(root: Any) -> str:
    """Return the text of an element, a line break as a line feed."""
    return "".join({"br": "\n", "tab": "\t"}.get(etree.QName(one).localname, one.text or "") for one in root.iter())


def rewritten(content: bytes, changes: dict[str, bytes]) -> bytes:
    """Return a Word file with some parts replaced or added."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in {*old.namelist(), *changes}:
            new.writestr(name, changes.get(name) or old.read(name))
    return buffer.getvalue()


def parts(content: bytes) -> dict[str, bytes]:
    """Return the parts of a Word file."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


# How it is made


@pytest.mark.parametrize("record", [CONVERSATION, saying(HOSTILE), saying(HOSTILE, url="https://example.org/?a=1&b=2")])
def test_every_reference_has_its_footnote_and_every_link_its_address(record: Exported) -> None:
    document, footnotes = part(record, "word/document.xml"), part(record, "word/footnotes.xml")
    references = [int(one.get(f"{W}id")) for one in document.iter(f"{W}footnoteReference")]
    notes = {int(one.get(f"{W}id")): one.get(f"{W}type") for one in footnotes}
    assert references == list(range(1, len(references) + 1))
    assert notes == {-1: "separator", 0: "continuationSeparator"} | dict.fromkeys(references)
    marks = {one.get(f"{W}name") for one in document.iter(f"{W}bookmarkStart")}
    fields = {found for one in document.iter(f"{W}instrText") for found in re.findall(r"NOTEREF (\S+)", one.text)}
    assert fields <= marks
    for name, root in (("document", document), ("footnotes", footnotes)):
        relations = part(record, f"word/_rels/{name}.xml.rels")
        known = {one.get("Id") for one in relations if one.get("TargetMode") == "External"}
        assert {one.get(f"{R}id") for one in root.iter(f"{W}hyperlink")} == known
        assert {one.get("Target") for one in relations if one.get("TargetMode")} <= {
            "https://example.org/steel?x=1&y=2",
            "https://example.org/?a=1&b=2",
        }


def test_every_part_is_declared_and_every_relation_leads_to_one() -> None:
    content = parts(word(CONVERSATION))
    types = etree.fromstring(content["[Content_Types].xml"])
    declared = {one.get("PartName") for one in types if one.get("PartName")}
    assert declared == {
        "/word/document.xml", "/word/styles.xml", "/word/settings.xml", "/word/numbering.xml", "/word/footnotes.xml",
        "/word/footer1.xml", "/docProps/core.xml", "/docProps/app.xml", "/customXml/itemProps1.xml",
    }  # fmt: skip
    assert {f"/{name}" for name in content} >= declared
    for name in [name for name in content if name.endswith(".rels")]:
        base = Path("/") / Path(name).parent.parent
        for one in etree.fromstring(content[name]):
            if one.get("TargetMode") != "External":
                assert str((base / one.get("Target")).resolve())[1:] in content


def test_styles_that_are_used_are_defined() -> None:
    defined = {one.get(f"{W}styleId") for one in part(CONVERSATION, "word/styles.xml").iter(f"{W}style")}
    for name in ("document", "footnotes", "footer1"):
        root = part(CONVERSATION, f"word/{name}.xml")
        used = {one.get(f"{W}val") for one in root.iter(f"{W}pStyle", f"{W}rStyle")}
        assert used <= defined


def test_footnote_holds_the_exact_quote_and_its_source() -> None:
    footnotes = part(CONVERSATION, "word/footnotes.xml")
    assert [text_of(one).strip() for one in footnotes][2:] == [
        "“The duty on steel rose to 25 per cent.” — Tariffs on steel. Sample Wire · Ada Ünal · 3 February 2026 · wire"
        " · https://example.org/steel?x=1&y=2",
        "“The steel duty is 20 per cent.” — Steel duty notified. undated · kind of source unknown",
    ]


def test_quote_too_long_for_a_footnote_stands_whole_under_sources() -> None:
    text = "A clause of the order, and another. " * 3_000
    record = quoting(text.strip())
    assert len(text_of(part(record, "word/footnotes.xml"))) < MAX_FOOTNOTE_CHARS + 500
    shown = "".join(text_of(part(record, "word/document.xml")).split())
    assert shown.count("".join(text.split())) == 2


def test_hostile_text_is_text_and_no_field() -> None:
    record = saying(HOSTILE)
    document = part(record, "word/document.xml")
    assert seen(HOSTILE) in text_of(document)
    codes = [one.text for one in document.iter(f"{W}instrText")]
    assert all(re.fullmatch(r" NOTEREF _Note\d+_\d+ (\\f )?\\h ", code) for code in codes)


def test_python_docx_and_our_own_reader_open_it() -> None:
    content = word(CONVERSATION)
    document = Document(io.BytesIO(content))
    assert document.core_properties.title == "Steel, in two questions"
    assert document.core_properties.author == "Trade Policy Assistant"
    headings = [one.text for one in document.paragraphs if one.style and one.style.name == "Heading 1"]
    assert headings == ["Who is the minister?", "And how high is it?"]
    assert "The duty on steel rose to 25 per cent." in str(read_docx(content))


def test_same_record_gives_the_same_bytes() -> None:
    assert word(CONVERSATION) == word(CONVERSATION)


# What comes back


def test_word_changed_only_in_the_footnote_is_noticed(shelf: Shelf) -> None:
    content = written(shelf.record(), ExportFormat.WORD)
    old = parts(content)
    changed = {
        name: old[name].replace(b"25 per cent", b"52 per cent") for name in ("word/document.xml", "word/footnotes.xml")
    }
    checked = shelf.check(rewritten(content, changed))
    assert [one.outcome for one in checked.citations] == [Outcome.DIFFERS]
    assert checked.altered == (SENTENCES[1],)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("customXml/item1.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><record>&b;</record>', "document type"),
        ("customXml/item1.xml", '<?xml version="1.0" encoding="utf-16"?><a/>'.encode("utf-16"), "damaged"),
        ("customXml/item1.xml", b"<record", "damaged"),
        ("customXml/item1.xml", b'<record xmlns="urn:trade-assistant:export">{}</record>', "no export"),
        ("customXml/item1.xml", b"<record/>", "no record"),
        ("customXml/item2.xml", b'<record xmlns="urn:trade-assistant:export">{}</record>', "several records"),
        ("word/document.xml", b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a>&b;</a>', "document type"),
        ("word/document.xml", b"<a>" + b" " * 60_000_001 + b"</a>", "unpacks to 60,"),
    ],
    ids=["entity", "other encoding", "cut", "empty", "none", "two", "outside", "bomb"],
)  # fmt: skip
def test_file_made_to_harm_is_refused(name: str, content: bytes, reason: str) -> None:
    with pytest.raises(ExportError, match=reason):
        read(rewritten(word(CONVERSATION), {name: content}))


@settings(deadline=None, max_examples=150)
@given(st.lists(st.tuples(st.integers(0, 20_000), st.integers(0, 255)), min_size=1, max_size=8), st.integers(0, 20_000))
def test_damaged_file_is_refused_or_read_as_it_was(changes: list[tuple[int, int]], cut: int) -> None:
    content = bytearray(WRITTEN)
    for place, value in changes:
        content[place % len(content)] = value
    content = content[: len(content) - (cut % len(content) if cut % 3 == 0 else 0)]
    try:
        read(bytes(content))
    except ExportError as err:
        assert str(err)


def test_parts_with_paths_that_lead_elsewhere_are_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    content = rewritten(
        word(CONVERSATION), {"../../evil.txt": b"x", "/tmp/evil.txt": b"x", "customXml/../item1.xml": b"<a/>"}
    )
    assert read(content).record == CONVERSATION
    assert list(tmp_path.iterdir()) == []


# In LibreOffice


def test_libreoffice_shows_the_footnotes_with_their_numbers(soffice: Path, tmp_path: Path) -> None:
    path = tmp_path / "answer.docx"
    path.write_bytes(word(CONVERSATION))
    pdf = pypdfium2.PdfDocument(office.convert(soffice, path, "pdf"))
    text = " ".join("\n".join(page.get_textpage().get_text_range() for page in pdf).split())
    pdf.close()
    assert re.search(r"The duty on steel rose to 25 per cent\. ?1 ", text)
    assert re.search(r"It may fall\. ?2 ?, ?1 ", text)
    assert re.search(r" 1 ?“The duty on steel rose to 25 per cent\.” — Tariffs on steel\. Sample Wire", text)
    assert re.search(r" 2 ?“The steel duty is 20 per cent\.” — Steel duty notified\.", text)
    assert "What [2] says on the law" in text


def test_file_saved_again_by_libreoffice_can_still_be_checked(soffice: Path, tmp_path: Path, shelf: Shelf) -> None:
    path = tmp_path / "answer.docx"
    path.write_bytes(written(shelf.record(), ExportFormat.WORD))
    again = office.convert(soffice, path, "docx").read_bytes()
    assert b"LibreOffice" in b"".join(parts(again).values())
    assert shelf.check(again).is_unchanged


@pytest.mark.parametrize(
    "record",
    [saying(HOSTILE), quoting("w" * 100_000), quoting("A clause, and another. " * 1_000)],
    ids=["hostile", "word without an end", "quote of many pages"],
)
def test_libreoffice_opens_what_is_meant_to_harm(soffice: Path, tmp_path: Path, record: Exported) -> None:
    path = tmp_path / "answer.docx"
    path.write_bytes(word(record))
    pdf = pypdfium2.PdfDocument(office.convert(soffice, path, "pdf"))
    assert len(pdf) >= 1
    pdf.close()
