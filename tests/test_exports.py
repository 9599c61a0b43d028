"""An exported answer says exactly what was answered, comes back as it was, and can be held against the library."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant import export_json, exports
from assistant.answering import ExtractiveAnswerer
from assistant.domain import Answer, Citation, Claim, Comparison, ComparisonKind, Filters, Position, Searched, Support
from assistant.errors import ArticleNotFound, ExportError
from assistant.export_checking import CheckedCitation, CheckedFile, Outcome, check
from assistant.export_reading import MAX_FILE_BYTES, read, read_file
from assistant.export_words import EXACT_QUOTES, link, seen
from assistant.exports import Answered, Exported, ExportFormat, export, of_answer, of_conversation
from assistant.library import Library
from tests.exports import ANSWER, CONVERSATION, HOSTILE, MOMENT, REFUSAL, STEEL, quoting, saying
from tests.shelf import new, writer

SENTENCES = ("Steel pays more.", "The duty on steel rose to 25 per cent.", "Aluminium was left out.")
LOCATION = "/news/steel.md"


class Shelf:
    """A library of one article, with an answer that quotes it."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.put(*SENTENCES)

    def put(self, *sentences: str, publisher: str = "Sample Wire") -> None:
        """Store the next version of the article."""
        with writer(self.data_dir) as open_writer:
            open_writer.put([new(LOCATION, *sentences, title="Steel", publisher=publisher, published=date(2026, 2, 3))])

    def withdraw(self) -> None:
        """Remove the article."""
        with writer(self.data_dir) as open_writer:
            open_writer.remove([LOCATION])

    def answer(self, quote: str = SENTENCES[1]) -> Answer:
        """Return an answer that quotes the newest version."""
        with self.library().snapshot() as snapshot:
            (summary,) = snapshot.articles()
            stored = snapshot.article(summary.article_id)
        start = stored.article.text.index(quote)
        citation = Citation(
            1, stored.article_id, stored.version, "Steel", "Sample Wire", None, date(2026, 2, 3), None, start,
            start + len(quote), quote,
        )  # fmt: skip
        return Answer(
            question="How high is the duty?",
            standalone_question="How high is the duty?",
            is_refusal=False,
            text=f"{quote} [1]",
            claims=(Claim(quote, Support.SUPPORTED, "exact quote", (citation,)),),
            nearest=(),
            searched=Searched(1, 3),
            generation=1,
            as_of=None,
            answerer=EXACT_QUOTES,
        )

    def record(self, quote: str = SENTENCES[1]) -> Exported:
        """Return its record."""
        with self.library().snapshot() as snapshot:
            return of_answer(Answered(self.answer(quote)), snapshot)

    def check(self, content: bytes) -> CheckedFile:
        """Hold a file against the library."""
        with self.library().snapshot() as snapshot:
            return check(read(content), snapshot)

    def only(self, content: bytes) -> CheckedCitation:
        """Return what became of the one quote of a file that shows what it did."""
        checked = self.check(content)
        assert checked.altered == ()
        (found,) = checked.citations
        return found

    def library(self) -> Library:
        """Open the library."""
        return Library.open(self.data_dir)


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    """Return a library with one article."""
    yield Shelf(tmp_path / "data")


def written(record: Exported, file_format: ExportFormat) -> bytes:
    """Return the bytes of an export."""
    return export(record, file_format).content


def edited(record: Exported, **changes: object) -> Exported:
    """Return the record with its first citation changed."""
    (answer,) = record.answers
    return replace(record, answers=(replace(answer, citations=(replace(answer.citations[0], **changes),)),))  # type: ignore[arg-type]


# The record


def test_record_holds_what_pins_a_quote_down(shelf: Shelf) -> None:
    asked_at = datetime(2026, 3, 1, tzinfo=UTC)
    answer = shelf.answer()
    with shelf.library().snapshot() as snapshot:
        stored = snapshot.article(answer.citations[0].article_id)
        record = of_answer(Answered(answer, Filters(since=date(2025, 1, 1)), asked_at), snapshot, exported_at=MOMENT)
    (told,) = record.answers
    (citation,) = told.citations
    assert citation.quote == stored.article.text[citation.start : citation.end] == SENTENCES[1]
    assert (citation.content_hash, citation.retrieved_at) == (stored.article.content_hash, stored.indexed_at)
    assert (citation.article_id, citation.version) == (stored.article_id, 1)
    assert (told.filters, told.answered_at, told.generation) == (Filters(since=date(2025, 1, 1)), asked_at, 1)
    assert (record.title, record.exported_at, record.schema) == ("How high is the duty?", MOMENT, 1)
    assert [claim.markers for claim in told.claims] == [(1,)]


def test_record_names_no_file_of_this_computer(shelf: Shelf) -> None:
    assert LOCATION not in export_json.dumped(shelf.record())


def test_article_that_was_never_held_cannot_be_exported(shelf: Shelf) -> None:
    answer = shelf.answer()
    citation = replace(answer.citations[0], article_id="a-none")
    answer = replace(answer, claims=(replace(answer.claims[0], citations=(citation,)),))
    with shelf.library().snapshot() as snapshot, pytest.raises(ArticleNotFound):
        of_answer(Answered(answer), snapshot)


def test_quote_is_not_exported_under_the_hash_of_another_text(shelf: Shelf, tmp_path: Path) -> None:
    """A library that was made anew numbers its versions from 1 again."""
    answer = shelf.answer()
    with writer(tmp_path / "anew") as open_writer:
        open_writer.put([new(LOCATION, "Officials denied that the duty on steel was ever raised.", title="Steel")])
    with Library.open(tmp_path / "anew").snapshot() as snapshot:
        assert snapshot.article(answer.citations[0].article_id, 1).version == answer.citations[0].version
        with pytest.raises(ArticleNotFound, match="made anew"):
            of_answer(Answered(answer), snapshot)


def test_agreement_and_difference_are_told_apart(shelf: Shelf) -> None:
    answer = shelf.answer()
    sides = (Position("25 per cent", answer.citations, is_newest=True), Position("20 per cent", answer.citations))
    both = Comparison(ComparisonKind.FIGURE, "the duty", sides)
    answer = replace(answer, comparisons=(both, replace(both, positions=sides[:1])))
    with shelf.library().snapshot() as snapshot:
        told = of_answer(Answered(answer), snapshot).answers[0].comparisons
    assert [one.heading for one in told] == ["Sources differ on the duty", "1 independent sources agree"]
    assert [[position.markers for position in one.positions] for one in told] == [[(1,), (1,)], [(1,)]]


def test_conversation_keeps_its_order_and_goes_by_its_title(shelf: Shelf) -> None:
    turns = [Answered(shelf.answer()), Answered(replace(shelf.answer(), question="Since when?"))]
    with shelf.library().snapshot() as snapshot:
        named, unnamed = of_conversation(turns, snapshot, title="Steel"), of_conversation(turns, snapshot)
        with pytest.raises(ValueError, match="no answer"):
            of_conversation([], snapshot)
    assert [answer.question for answer in named.answers] == ["How high is the duty?", "Since when?"]
    assert (named.title, unnamed.title) == ("Steel", "How high is the duty?")


def test_answers_in_exact_quotes_are_known_by_name() -> None:
    assert ExtractiveAnswerer.name == EXACT_QUOTES


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Which minerals need a licence?", "2026-03-01-which-minerals-need-a-licence.md"),
        ("../../etc/passwd\x00 CON", "2026-03-01-etc-passwd-con.md"),
        ("日本", "2026-03-01-answer.md"),
        ("word " * 40, f"2026-03-01-{'word-' * 12}".rstrip("-") + ".md"),
        ("w" * 1_000_000, f"2026-03-01-{'w' * 60}.md"),
    ],
)
def test_file_name_is_plain(title: str, name: str) -> None:
    assert export(replace(CONVERSATION, title=title), ExportFormat.MARKDOWN).name == name


# Text that means harm


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "file:///etc/passwd", "//evil.example", "http://",
     "http://a b", "https://bank.example@evil.example", "http://a.example:99999/", "https://a.example/%zz",
     "https://a.example/\"onclick", "https://a.example/<b>", "https://a.example/\u202e", "https://" + "a" * 3000, "ftp://a.example",
     "https://a.example:0/", None, ""],
)  # fmt: skip
def test_only_plain_addresses_are_links(url: str | None) -> None:
    assert link(url) is None


@pytest.mark.parametrize(
    "url", ["http://a.example", "https://a.example:8443/x_(y)?q=1&r=%C3%BC#z~", "HTTPS://A.example/"]
)
def test_plain_address_is_a_link(url: str) -> None:
    assert link(url) == url


@given(st.text())
def test_seen_text_has_the_length_that_the_eye_counts(text: str) -> None:
    shown = seen(text)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]", shown)
    assert len(shown) == len(text.replace("\r\n", "\n"))


# JSON


def test_json_has_the_promised_keys_in_order() -> None:
    record = json.loads(written(CONVERSATION, ExportFormat.JSON))
    assert list(record) == ["format", "schema", "title", "answers", "exported_at", "product_version"]
    assert list(record["answers"][1]) == [
        "question", "standalone_question", "filters", "as_of", "is_refusal", "text", "claims", "comparisons", "notes",
        "nearest", "searched", "citations", "sources", "cut_short", "generation", "answerer", "answered_at",
    ]  # fmt: skip
    assert record["answers"][1]["citations"][0] == {
        "marker": 1,
        "quote": "The duty on steel rose to 25 per cent.",
        "title": "Tariffs on steel",
        "publisher": "Sample Wire",
        "author": "Ada Ünal",
        "published": "2026-02-03",
        "url": "https://example.org/steel?x=1&y=2",
        "standing": "wire",
        "validity": {
            "effective": {"year": 2026, "month": 2, "day": 1},
            "expires": {"year": 2026, "month": 11, "day": None},
            "words": "until November 2026",
        },
        "article_id": "a1",
        "version": 2,
        "start": 18,
        "end": 56,
        "content_hash": "5e" * 32,
        "retrieved_at": "2026-03-01T12:30:00Z",
        "story": "1 origin, 2 copies",
    }


def test_json_schema_names_every_key() -> None:
    schema = export_json.schema()
    assert {*json.loads(export_json.dumped(CONVERSATION))} == {*schema["properties"]}
    assert set(schema["$defs"]["ExportedCitation"]["properties"]) == {*STEEL.__dataclass_fields__}


@pytest.mark.parametrize("file_format", ExportFormat)
@pytest.mark.parametrize(
    "record",
    [
        CONVERSATION,
        saying(HOSTILE),
        saying("w" * 20_000),
        quoting("w" * 1_000_000),
        quoting(("word " * 20_000).strip()),
    ],
    ids=["everything", "hostile", "long", "word of a megabyte", "quote of 100,000 characters"],
)
def test_every_format_gives_the_record_back(record: Exported, file_format: ExportFormat) -> None:
    back = read(written(record, file_format))
    assert (back.record, back.format) == (record, file_format)
    for answer in record.answers:
        assert all(back.shows(text) for text in (answer.question, *(claim.text for claim in answer.claims)))
        assert all(back.shows(citation.quote) for citation in answer.citations)


storable = st.text(st.characters(exclude_categories=["Cs"]))


@settings(deadline=None, max_examples=50)
@given(
    st.one_of(
        storable, storable.map(lambda text: text + HOSTILE), st.sampled_from(["-->", "</script>", "]]>", "-" * 9])
    )
)
def test_record_comes_back_whatever_its_texts_hold(text: str) -> None:
    record = saying(text, url="")
    for file_format in ExportFormat:
        back = read(written(record, file_format))
        assert back.record == record
        assert back.shows(text)


def test_record_ends_no_element_and_no_comment() -> None:
    line = export_json.embedded(saying(HOSTILE + "--!> <!-- --" + "-->" * 3))
    assert not re.search("[<>&\n]|--", line)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"schema": 2}, "schema 2, this version reads 1"),
        ({"format": "other"}, "no export"),
        ({"answers": "none"}, "damaged at 'answers'"),
        ({"answers": [{}]}, "damaged at 'answers.0.question'"),
        ({"exported_at": "yesterday"}, "damaged at 'exported_at'"),
        ({"title": 7}, "damaged at 'title'"),
    ],
)
def test_damaged_record_is_named(change: dict[str, object], reason: str) -> None:
    record = json.loads(export_json.dumped(CONVERSATION)) | change
    with pytest.raises(ExportError, match=reason):
        export_json.loaded(json.dumps(record))


@pytest.mark.parametrize(
    "answer",
    [
        replace(ANSWER, citations=ANSWER.citations[:1]),
        replace(ANSWER, citations=(STEEL, STEEL)),
        replace(ANSWER, citations=(replace(STEEL, start=9, end=8), ANSWER.citations[1])),
        replace(ANSWER, citations=(replace(STEEL, marker=0), STEEL, ANSWER.citations[1])),
    ],
)
def test_claims_and_quotes_that_do_not_fit_together_are_refused(answer: exports.ExportedAnswer) -> None:
    text = export_json.dumped(replace(CONVERSATION, answers=(answer,)))
    with pytest.raises(ExportError, match="damaged"):
        export_json.loaded(text)


@pytest.mark.parametrize("day", [{"year": 2026, "month": 2, "day": 31}, {"year": 10**30, "month": None, "day": None}])
def test_day_that_never_was_is_refused(day: dict[str, int | None]) -> None:
    record = json.loads(export_json.dumped(CONVERSATION))
    record["answers"][1]["citations"][0]["validity"]["effective"] = day
    with pytest.raises(ExportError, match="damaged"):
        export_json.loaded(json.dumps(record))


# Files that are none


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no record"),
        (b"# An answer\n\nwithout a record", "no record"),
        (b"\xff\xfe\x00", "neither a Word file nor text"),
        (b"{" * 100_000, "not JSON"),
        (b"[" * 100_000, "no record"),
        (b'{"a": ' * 100_000, "not JSON"),
        (b'{"format": ' + b"9" * 5_000 + b"}", "not JSON"),
        (b"<!DOCTYPE html><p>hello", "no record"),
        (b"PK\x03\x04 no zip", "damaged"),
        (b"<!-- trade-assistant-export {} -->", "no export"),
        (b"<!-- trade-assistant-export {", "end of its record"),
        (b"<!-- trade-assistant-export {} -->\n<!-- trade-assistant-export {} -->", "several records"),
        (b"x" * (MAX_FILE_BYTES + 1), "more than"),
    ],
)  # fmt: skip
def test_file_that_is_no_export_is_refused_with_its_reason(content: bytes, reason: str) -> None:
    with pytest.raises(ExportError, match=reason):
        read(content)


def test_reason_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "notes.md"
    path.write_bytes(b"nothing")
    with pytest.raises(ExportError, match=r"notes\.md.*no record"):
        read_file(path)


# Held against the library


@pytest.mark.parametrize("file_format", ExportFormat)
def test_fresh_export_is_unchanged(shelf: Shelf, file_format: ExportFormat) -> None:
    checked = shelf.check(written(shelf.record(), file_format))
    assert checked.is_unchanged
    assert [(one.answer, one.outcome, one.old, one.new) for one in checked.citations] == [
        (1, Outcome.UNCHANGED, "", "")
    ]


def test_quote_that_stands_in_a_newer_version_is_unchanged(shelf: Shelf) -> None:
    content = written(shelf.record(), ExportFormat.JSON)
    shelf.put("A new beginning.", *SENTENCES)
    found = shelf.only(content)
    assert (found.outcome, found.newest_version) == (Outcome.UNCHANGED, 2)
    assert found.reason == "stands word for word in version 2, the newest"


def test_changed_sentence_is_shown_old_and_new(shelf: Shelf) -> None:
    content = written(shelf.record(), ExportFormat.HTML)
    shelf.put(SENTENCES[0], "The duty on steel rose to 30 per cent.", SENTENCES[2])
    found = shelf.only(content)
    assert (found.outcome, found.old, found.new) == (
        Outcome.CHANGED,
        SENTENCES[1],
        "The duty on steel rose to 30 per cent.",
    )
    assert found.reason == "reads otherwise in version 2, the newest"


def test_deleted_sentence_is_shown_with_nothing_after_it(shelf: Shelf) -> None:
    content = written(shelf.record(), ExportFormat.WORD)
    shelf.put(SENTENCES[0], SENTENCES[2])
    found = shelf.only(content)
    assert (found.outcome, found.old, found.new) == (Outcome.CHANGED, SENTENCES[1], "")


def test_corrected_publisher_is_told(shelf: Shelf) -> None:
    content = written(shelf.record(), ExportFormat.JSON)
    shelf.put(*SENTENCES, publisher="Sample Gazette")
    found = shelf.only(content)
    assert found.outcome is Outcome.UNCHANGED
    assert found.reason == "stands word for word in version 2, the newest; the publisher of the article changed"


def test_withdrawn_article_is_told(shelf: Shelf) -> None:
    content = written(shelf.record(), ExportFormat.MARKDOWN)
    shelf.withdraw()
    found = shelf.only(content)
    assert found.outcome is Outcome.WITHDRAWN
    assert found.reason.startswith("the article was withdrawn on ")


def test_article_of_another_library_is_unknown(shelf: Shelf, tmp_path: Path) -> None:
    content = written(edited(shelf.record(), article_id="a-none"), ExportFormat.JSON)
    assert (shelf.only(content).outcome, shelf.only(content).reason) == (
        Outcome.UNKNOWN,
        "this library has no such article",
    )


@pytest.mark.parametrize("version", [2, 10**30, 0, -1])
def test_version_that_never_was_is_unknown(shelf: Shelf, version: int) -> None:
    found = shelf.only(written(edited(shelf.record(), version=version), ExportFormat.JSON))
    assert (found.outcome, found.newest_version) == (Outcome.UNKNOWN, 1)


@pytest.mark.parametrize("file_format", ExportFormat)
def test_quote_changed_throughout_the_file_differs(shelf: Shelf, file_format: ExportFormat) -> None:
    found = shelf.only(written(edited(shelf.record(), quote=SENTENCES[1].replace("25", "52")), file_format))
    assert (found.outcome, found.old) == (Outcome.DIFFERS, SENTENCES[1])
    assert found.reason == "the file's quote is not what stands there: it was changed in the file"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"publisher": "Ministry of Trade"}, "the publisher in the file is not the article's"),
        ({"published": None, "title": "Other"}, "the title and the date in the file is not the article's"),
        ({"content_hash": "0" * 64}, "the hash is not that version's"),
        ({"content_hash": "0" * 64, "quote": "Nothing."}, "neither the quote nor the hash"),
        ({"start": 0, "end": 10**40}, "not what stands there"),
    ],
)
def test_changed_record_differs(shelf: Shelf, change: dict[str, object], reason: str) -> None:
    found = shelf.only(written(edited(shelf.record(), **change), ExportFormat.JSON))
    assert found.outcome is Outcome.DIFFERS
    assert reason in found.reason


@pytest.mark.parametrize("file_format", [ExportFormat.MARKDOWN, ExportFormat.HTML])
def test_word_changed_only_where_it_is_shown_is_noticed(shelf: Shelf, file_format: ExportFormat) -> None:
    text = written(shelf.record(), file_format).decode()
    edge = text.rindex("trade-assistant-export")
    shown, record = text[:edge], text[edge:]
    checked = shelf.check((shown.replace("25 per cent", "52 per cent") + record).encode())
    assert [one.outcome for one in checked.citations] == [Outcome.DIFFERS]
    assert checked.citations[0].reason == "the file shows other words than it records: it was changed after the export"
    assert checked.altered == (SENTENCES[1],)


def test_refusal_has_nothing_to_check(shelf: Shelf) -> None:
    checked = shelf.check(written(replace(CONVERSATION, answers=(REFUSAL,)), ExportFormat.HTML))
    assert (checked, checked.is_unchanged) == (CheckedFile((), ()), True)
