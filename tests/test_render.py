"""What the page shows is what the source says: nothing lost, nothing run, every marker leading to its passage."""

from __future__ import annotations

import html
import re
import shlex
from dataclasses import replace
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from pathlib import Path

import platformdirs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.domain import (
    Answer,
    Article,
    ArticleSummary,
    Block,
    BlockKind,
    Citation,
    Claim,
    Copies,
    Failure,
    Filters,
    PartialDate,
    Searched,
    Standing,
    Status,
    StoredArticle,
    Support,
    Validity,
)
from assistant.revision import Fate, compare
from assistant.settings import load_settings
from tests import shelf
from ui import commands, render, render_answer, render_article, render_claims, render_revision

HOSTILE = (
    "<script>alert(1)</script> 5~10% and 20~30%, NT$, HK$ -- *bold* ![x](https://evil.example/p.png) "
    '</p><img src=x onerror="alert(2)"> --> https://evil.example :smile: &amp; `code`'
)
OUR_TAGS = {"a", "div", "p", "span", "ul", "li", "strong", "mark", "article", "h2", "h3", "h4", "h5", "h6", "table"}
OUR_TAGS |= {"tbody", "tr", "td", "th", "header", "section"}
OUR_ATTRIBUTES = {"class", "href", "aria-label", "hidden", "dir", "scope", "data-support", "data-depth", "data-tone"}
SEARCHED = Searched(312, 4_000)
MOVED = datetime(2025, 11, 22, tzinfo=UTC)

fragments = st.sampled_from(
    [
        HOSTILE,
        "\n",
        "\n- ",
        "\n • ",
        "\n1. ",
        "|",
        "\na | b",
        "\t",
        "</span>",
        "<mark>",
        "&lt;",
        "&#13;",
        "\r",
        '"',
        "'",
        ": ",
        " ",
    ]
)
texts = st.lists(st.one_of(st.text(max_size=20), fragments), max_size=12).map("".join)


class Read(HTMLParser):
    """Reads HTML as a browser would: its text, without what the page adds itself, its marks, tags and attributes."""

    def __init__(self, source: str, *, added: tuple[str, ...] = ()) -> None:
        super().__init__(convert_charrefs=True)
        self.text = self.marked = ""
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self._added = added
        self._open: list[tuple[str, str]] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self._open.append((tag, values.get("class") or ""))
        self.tags.add(tag)
        self.attributes |= set(values)
        if href := values.get("href"):
            self.links.append(href)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        if any(name in self._added for _, name in self._open):
            return
        self.text += data
        if any(tag == "mark" for tag, _ in self._open):
            self.marked += data


def citation(marker: int = 1, *, quote: str = "A quote.", title: str = "A title") -> Citation:
    return Citation(
        marker, "a1", 1, title, "Sample Wire", None, date(2025, 11, 2), "https://example.org", 0, len(quote), quote
    )


def chip(cited: Citation) -> str:
    return render_claims.chip_html(cited, 1)


def claim(text: str, *citations: Citation, support: Support = Support.SUPPORTED, reason: str = "") -> Claim:
    return Claim(text, support, reason, citations)


def answer(*claims: Claim, searched: Searched = SEARCHED) -> Answer:
    return Answer("q?", "q?", not claims, "", claims, (), searched, 1, None, "exact quotes")


def stored(article: Article, *, withdrawn_at: datetime | None = None, is_current: bool = True) -> StoredArticle:
    return StoredArticle("a1", 1, "/f.txt", article, MOVED, withdrawn_at, is_current)


@given(texts, texts)
def test_claim_and_its_hover_card_show_every_character_as_it_is(text: str, quote: str) -> None:
    shown = render_claims.claim_html(claim(text, citation(quote=quote)), 1)
    read = Read(shown, added=("tpa-cite", "tpa-hover"))
    assert read.text == text
    assert read.tags <= OUR_TAGS
    assert read.attributes <= OUR_ATTRIBUTES
    (hover,) = re.findall(r'<span class="tpa-hover-quote">(.*?)</span>', shown, re.DOTALL)
    assert html.unescape(hover) == quote


def test_an_item_quoted_with_its_heading_is_shown_under_it() -> None:
    led = claim(
        "What was left out\nA sale of chips",
        citation(1, quote="What was left out"),
        citation(2, quote="A sale of chips"),
    )
    shown = render_claims.claim_html(led, 1)
    assert '<p class="tpa-list-lead"><span class="tpa-verbatim" dir="auto">What was left out</span></p>' in shown
    assert '<li><span class="tpa-verbatim" dir="auto">A sale of chips</span>' in shown


@given(texts)
def test_escaped_text_comes_back_the_same_and_holds_no_markup(text: str) -> None:
    shown = render.escaped(text)
    assert html.unescape(shown) == text
    assert not set("<>\"'\r") & set(shown)


def test_half_a_character_is_shown_as_a_question_mark_instead_of_breaking_the_page() -> None:
    assert render.escaped("a\ud800b") == "a?b"


@st.composite
def articles(draw: st.DrawFn) -> tuple[str, tuple[Block, ...], tuple[int, int] | None]:
    text = draw(texts)
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=10)))
    pairs = zip(cuts[::2], cuts[1::2], strict=False)
    kinds = st.sampled_from(list(BlockKind))
    blocks = tuple(Block(draw(kinds), start, end, draw(st.integers(0, 7))) for start, end in pairs)
    span = draw(st.none() | st.tuples(st.integers(0, len(text)), st.integers(0, len(text))))
    return text, blocks, (min(span), max(span)) if span else None


@given(articles())
def test_article_is_shown_whole_and_its_marks_are_the_quote(
    drawn: tuple[str, tuple[Block, ...], tuple[int, int] | None],
) -> None:
    text, blocks, cited = drawn
    read = Read(render_article.article_html(text, blocks, cited))
    assert read.text == text
    assert read.marked == (text[slice(*cited)] if cited else "")
    assert read.tags <= OUR_TAGS
    assert read.attributes <= OUR_ATTRIBUTES


def test_article_is_shown_by_its_blocks() -> None:
    text = "Title\nWhen?\nOne.\n- a\n- b\nx | y"
    kinds = [
        (BlockKind.TITLE, 0, 5, 0),
        (BlockKind.HEADING, 6, 11, 2),
        (BlockKind.PARAGRAPH, 12, 16, 0),
        (BlockKind.LIST_ITEM, 17, 20, 0),
        (BlockKind.LIST_ITEM, 21, 24, 1),
        (BlockKind.TABLE_ROW, 25, 30, 0),
    ]
    assert render_article.article_html(text, [Block(*kind) for kind in kinds], (19, 24)) == (
        '<article class="tpa-article"><h2 dir="auto">Title\n</h2><h4 dir="auto">When?\n</h4><p dir="auto">One.\n</p>'
        '<ul><li data-depth="0" dir="auto"><span class="tpa-glyph">- </span>'
        '<mark aria-label="Cited passage">a\n</mark></li>'
        '<li data-depth="1" dir="auto"><span class="tpa-glyph"><mark aria-label="Cited passage">- </mark></span>'
        '<mark aria-label="Cited passage">b</mark>\n</li></ul>'
        '<div class="tpa-table"><table><tbody><tr><td dir="auto">x<span class="tpa-glyph"> | </span></td>'
        '<td dir="auto">y</td></tr></tbody></table></div></article>'
    )


def test_bullet_that_stands_before_its_item_becomes_the_bullet_of_the_list() -> None:
    text = "Gains:\n• One\n  2. Two"
    blocks = [Block(BlockKind.PARAGRAPH, 0, 6), Block(BlockKind.LIST_ITEM, 9, 12), Block(BlockKind.LIST_ITEM, 18, 21)]
    assert render_article.article_html(text, blocks, (9, 12)) == (
        '<article class="tpa-article"><p dir="auto">Gains:\n</p><ul><li data-depth="0" dir="auto">'
        '<span class="tpa-glyph">• </span><mark aria-label="Cited passage">One</mark>\n</li>'
        '<li data-depth="0" class="tpa-numbered" dir="auto">  2. Two</li></ul></article>'
    )


def test_very_long_article_is_cut_around_the_passage_and_says_so() -> None:
    text = "".join(f"Sentence number {number} of a long article.\n" for number in range(20_000))
    start = text.index("Sentence number 15000")
    read = Read(render_article.article_html(text, [], (start, start + 40)), added=("tpa-notice",))
    assert read.marked == text[start : start + 40]
    assert len(read.text) == render_article.MAX_SHOWN_CHARS
    assert read.text in text
    assert "left out here" in render_article.article_html(text, [], (start, start + 40))


def test_list_claim_keeps_its_lead_in_and_shows_as_a_list() -> None:
    text = "On the ground, companies report:\n- Longer approval times\n - Repeated filings"
    shown = render_claims.claim_html(claim(text, citation()), 3)
    items = re.findall(r"<li>(.*?)</li>", shown, re.DOTALL)
    assert [Read(item, added=("tpa-glyph", "tpa-cite", "tpa-hover")).text for item in items] == [
        "Longer approval times",
        "Repeated filings",
    ]
    assert shown.index("companies report:") < shown.index("<ul>")
    assert 'href="#cite-3-1"' in items[-1]


def test_rows_of_a_table_are_shown_as_a_table_under_their_header() -> None:
    header, row = "When | Step", "December 2023 | Processing technology"
    led = claim(f"{header}\n{row}", citation(1, quote=header), citation(2, quote=row))
    shown = render_claims.claim_html(led, 1)
    cells = re.findall(r"<(th|td)\b[^>]*>(.*?)</\1>", shown, re.DOTALL)
    unseen = ("tpa-glyph", "tpa-cite", "tpa-hover")
    assert [(tag, Read(cell, added=unseen).text.strip()) for tag, cell in cells] == [
        ("th", "When"),
        ("th", "Step"),
        ("td", "December 2023"),
        ("td", "Processing technology"),
    ]
    assert 'href="#cite-1-2"' in cells[-1][1]
    assert Read(shown, added=("tpa-cite", "tpa-hover")).text == f"{header}\n{row}"


def test_rows_without_a_header_name_no_columns() -> None:
    shown = render_claims.claim_html(claim("What changed:\nDecember 2023 | A\nJune 2024 | B", citation()), 1)
    assert (shown.count("<td"), shown.count("<th "), shown.count("<table>")) == (4, 0, 1)
    assert shown.index("What changed:") < shown.index("<table>")


def test_question_and_its_answer_stand_on_lines_of_their_own() -> None:
    shown = render_claims.claim_html(claim("How long does it last?\nThe pause lasts one year."), 1)
    assert shown.count("<p>") == 2


def test_line_broken_in_mid_sentence_flows() -> None:
    assert render_claims.claim_html(claim("The pause lasts\none year."), 1).count("<p>") == 1


@given(st.lists(st.integers(1, 9), min_size=1, max_size=6), st.integers(1, 99))
def test_every_marker_resolves_to_its_citation(markers: list[int], turn: int) -> None:
    claims = [claim("One.", *(citation(marker, quote=f"quote {marker}") for marker in markers))]
    links = Read(render_claims.claim_html(claims[0], turn)).links
    assert len(links) == len(markers)
    for link, marker in zip(links, markers, strict=True):
        parsed = render_claims.parse_cite_id(link.removeprefix("#cite-"))
        assert parsed == (turn, marker)
        assert citation(marker, quote=f"quote {marker}") in render_claims.citations_of(claims)


@pytest.mark.parametrize("value", [None, 3, "", "1", "1-", "-1-2", "1-2-3", "1-2\n", "a-1", "1-9999999", ["1-1"]])
def test_id_that_is_none_of_ours_is_not_believed(value: object) -> None:
    assert render_claims.parse_cite_id(value) is None


def test_chip_says_where_it_leads() -> None:
    shown = render_claims.chip_html(citation(2, title="Who -->\nsaid <what>"), 1)
    assert 'aria-label="Citation 2: Sample Wire, 2025-11-02, Who --› said ‹what›. Show passage"' in shown


@pytest.mark.parametrize(
    ("support", "words"),
    [
        (Support.PARTIAL, "Partly supported."),
        (Support.UNSUPPORTED, "Not supported by its source."),
        (Support.UNCITED, "No source."),
    ],
)
def test_claim_that_is_not_supported_is_marked_with_its_reason(support: Support, words: str) -> None:
    shown = render_claims.claim_html(claim("X.", support=support, reason='the figure "<5>" is not there'), 1)
    assert Read(shown).text == f'X.{words} The figure "<5>" is not there.'


def test_card_of_a_chip_says_how_its_claim_was_checked() -> None:
    checked = render_claims.claim_html(claim("It rose 5 %.", citation(), reason="its figures are in the passage"), 1)
    assert '<span class="tpa-hover-check">Checked: its figures are in the passage.</span>' in checked
    doubted = claim("It rose 7 %.", citation(), support=Support.PARTIAL, reason="7 % is not in the passage")
    assert '<span class="tpa-hover-check">Partly supported. 7 % is not in the passage.</span>' in (
        render_claims.claim_html(doubted, 1)
    )
    assert "tpa-hover-check" not in chip(citation())


def test_supported_claim_carries_no_mark() -> None:
    assert "tpa-verdict" not in render_claims.claim_html(claim("X.", citation(), reason="all there"), 1)


@given(texts)
def test_button_label_reads_as_the_text(text: str) -> None:
    shown = render.label(text)
    assert re.sub(r"\\(.)", r"\1", shown).replace("\u2060", "") == " ".join(text.replace("\u2060", "").split())
    assert not re.search(r"(?<!\\)[<>$~*`\[\]!:#|_]", re.sub(r"\\\\", "", shown))


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        (date(2025, 10, 27), date(2025, 11, 14), "27 October–14 November 2025"),
        (date(2025, 11, 1), date(2025, 11, 14), "1–14 November 2025"),
        (date(2024, 1, 2), date(2025, 11, 14), "2 January 2024–14 November 2025"),
        (date(2025, 11, 14), date(2025, 11, 14), "14 November 2025"),
        (None, date(2025, 11, 14), "14 November 2025"),
        (None, None, ""),
    ],
)
def test_range_of_days_names_once_what_both_share(first: date | None, last: date | None, words: str) -> None:
    assert render.days(first, last) == words


def test_facts_say_what_answers_come_from() -> None:
    status = Status("/d", 1, 10, 57, 0, 6, 1, date(2025, 10, 27), date(2025, 11, 14), None, None, (), (), None)
    assert (
        render.facts(status) == "Answers come only from 10 indexed articles, 27 October–14 November 2025, 6 publishers."
    )


def test_answer_as_of_a_day_says_so_above_and_below() -> None:
    day = date(2025, 10, 1)
    question = render_answer.question_html("How high?", filters=Filters(as_of=day))
    assert Read(question).text == "How high?As of 1 October 2025, from what was published by then"
    asked = replace(answer(claim("One.", citation(1))), as_of=day)
    assert render_answer.caption(asked) == (
        "As of 1 October 2025 · newest cited article 2 November 2025 · 1 source · searched 312 articles"
    )


def test_citation_shows_its_standing_and_its_time() -> None:
    until = Validity(PartialDate(2025, 11, 9), PartialDate(2026, 11), "until November 2026")
    timed = replace(citation(), standing=Standing.AGENCY, validity=until)
    words = "applies 9 November 2025 – November 2026 (“until November 2026”)"
    assert render.source_line(timed) == "Sample Wire · 2 November 2025 · agency"
    assert render.source_line(citation()) == "Sample Wire · 2 November 2025 · kind of source unknown"
    assert render.validity_words(timed) == "A" + words[1:]
    assert "A" + words[1:] in Read(render_claims.chip_html(timed, 1)).text
    assert Read(render_article.applies_html(until)).text == f"Cited passage: {words}"
    assert (render.validity_words(citation()), render_article.applies_html(Validity())) == ("", "")


def test_retelling_names_whose_story_it_is_and_not_a_publisher() -> None:
    told = replace(citation(), standing=Standing.RETELLING)
    assert render.source_line(told) == "Retold from Sample Wire · 2 November 2025"
    assert 'aria-label="Citation 1: Retold from Sample Wire, 2025-11-02, A title. Show passage"' in chip(told)


def test_notes_are_shown_as_they_are() -> None:
    assert Read(render_answer.notes_html(["One <b>.", "Two."])).text == "One <b>.Two."
    assert render_answer.notes_html([]) == ""


def test_marker_in_a_note_is_a_chip_where_the_answer_has_that_citation_and_not_in_a_quote() -> None:
    cited = replace(citation(), marker=2)
    note = "According to [2] and [7] this applied until May: “no [2] <b>”."
    shown = render_answer.notes_html([note], [cited], turn=3)
    assert re.findall(r'<a class="tpa-cite" href="(.*?)"', shown) == ["#cite-3-2"]
    said = re.sub(r'<span class="tpa-hover" hidden>.*?</span></span>', "", shown, flags=re.DOTALL)
    assert html.unescape(re.sub(r"<[^>]+>", "", said)) == "According to 2 and [7] this applied until May: “no [2] <b>”."
    assert "[2]" in render_answer.notes_html([note])


def test_caption_does_not_say_again_what_a_note_says() -> None:
    notes = (
        "Only what was published by 5 November 2025 was searched, as the question says.",
        "The newest source cited is from 2 November 2025, 12 months old.",
    )
    noted = replace(answer(claim("One.", citation(1))), notes=notes, as_of=date(2025, 11, 5))
    assert render_answer.caption(noted) == "1 source · searched 312 articles"


def test_caption_dates_the_answer_by_its_newest_source() -> None:
    old, new = citation(1), replace(citation(2), article_id="a2", published=date(2025, 11, 14))
    undated = replace(citation(3), article_id="a3", published=None)
    asked = answer(claim("One.", old, new), claim("Two.", undated), searched=Searched(312, 4_000, 2))
    assert render_answer.caption(asked) == (
        "Newest cited article 14 November 2025 · 3 sources · searched 312 articles · 2 undated articles left out"
    )
    assert render_answer.caption(answer(claim("Two.", undated))) == (
        "No cited article is dated · 1 source · searched 312 articles"
    )


def test_rewritten_question_is_shown_and_an_unchanged_one_is_not() -> None:
    assert "Understood as" in render_answer.understood_html("And then?", "What happens after the truce?")
    assert render_answer.understood_html("How long?", "How  long? ") == ""


def test_refusal_gives_the_answers_own_reason_and_what_may_help() -> None:
    refused = replace(answer(), text="Searched 312 articles. Not mentioned in the passages nearest to it: “<b>”.")
    words = Read(render_answer.refusal_html(refused)).text
    assert refused.text in words
    assert "Ask with the words an article would use" in words
    assert "Widen" not in words
    narrowed = Read(render_answer.refusal_html(refused, Filters(since=date(2025, 11, 1)))).text
    assert "Widen the dates or publishers under Filters, or ask with the words" in narrowed


def test_refusal_over_nothing_says_how_to_index() -> None:
    none = replace(answer(searched=Searched(0, 0)), text="Nothing is indexed.")
    shown = Read(render_answer.refusal_html(none, ingest_command="trade-assistant ingest PATH")).text
    assert shown == "Nothing is indexedNothing is indexed.trade-assistant ingest PATH"
    filtered = Read(render_answer.refusal_html(none, Filters(publishers=("B",)), ingest_command="ingest")).text
    assert filtered.endswith("Widen the dates or publishers under Filters.")


@pytest.mark.parametrize(
    ("url", "passage", "link"),
    [
        ("https://example.org/a", "", "https://example.org/a"),
        (
            "https://example.org/a",
            "Duties fell, to 5-10%.",
            "https://example.org/a#:~:text=Duties%20fell%2C%20to%205%2D10%25.",
        ),
        ("https://example.org/a#top", "One.", "https://example.org/a#top:~:text=One."),
        (
            "http://example.org",
            "- a b c d e f g h i j k l m n\nsecond line",
            "http://example.org#:~:text=a%20b%20c%20d%20e%20f,i%20j%20k%20l%20m%20n",
        ),
        ("javascript:alert(1)", "", None),
        ("data:text/html,<script>", "", None),
        ("file:///etc/passwd", "", None),
        ("//example.org/a", "", None),
        ("https://", "", None),
        ("https://exa mple.org", "", None),
        ("https://[broken", "", None),
        ("https://example.org/\nx", "", None),
        (None, "x", None),
    ],
)
def test_link_to_the_publisher_leads_to_the_passage_or_nowhere(url: str | None, passage: str, link: str | None) -> None:
    assert render_article.publisher_link(url, passage) == link


def test_withdrawn_and_superseded_versions_say_so() -> None:
    article = Article("T", "x", ())
    newest = replace(stored(article), version=2)
    withdrawn = replace(newest, withdrawn_at=MOVED, is_current=False)
    gone = "Withdrawn on 22 November 2025: no answer uses it any more."
    earlier = "This is version 1, indexed 22 November 2025; version 2 is current since 22 November 2025."
    assert [
        Read(render_article.article_notice_html(*shown)).text
        for shown in [
            (stored(article),),
            (withdrawn,),
            (stored(article, is_current=False), newest),
            (stored(article, is_current=False), newest, Fate.CHANGED),
            (stored(article, is_current=False), newest, Fate.GONE),
            (stored(article, withdrawn_at=MOVED, is_current=False), withdrawn, Fate.UNCHANGED),
        ]
    ] == [
        "",
        gone,
        earlier,
        f"{earlier} The cited passage was changed in the current version.",
        f"{earlier} The cited passage is no longer there in the current version.",
        f"{gone}This is version 1, indexed 22 November 2025; version 2 was the last. The cited passage is unchanged in "
        "the last version.",
    ]


def test_revision_marks_what_was_deleted_and_inserted_and_folds_the_rest() -> None:
    kept = [f"Sentence number {number} stays as it is." for number in ("one", "two", "three", "four", "five")]
    old = article_of(*kept, "The duty is 25 percent.", "This goes.")
    new = replace(article_of(*kept, "The duty is 30 percent."), title="Another")
    shown = render_revision.revision_html(compare(old, new), old=1, new=2)
    assert re.sub(r' class="[^"]*"| dir="auto"', "", shown) == (
        "<section><h3>What changed from version 1 to version 2</h3>"
        "<p><span>Title</span> <del><span>Deleted: </span>A title<span>. </span></del> "
        "<ins><span>Inserted: </span>Another<span>. </span></ins></p>"
        "<p>4 unchanged sentences</p><p>Sentence number five stays as it is.</p>"
        "<p>The duty is <del><span>Deleted: </span>25<span>. </span></del> "
        "<ins><span>Inserted: </span>30<span>. </span></ins> percent.</p>"
        "<p><del><span>Deleted: </span>This goes.<span>. </span></del></p></section>"
    )


def test_revision_of_layout_alone_says_so() -> None:
    shown = render_revision.revision_html(compare(article_of("a  b"), article_of("a b")), old=1, new=2)
    assert Read(shown).text == "What changed from version 1 to version 2Only white space or layout changed."


@given(texts, texts)
def test_revision_shows_every_character_as_it_is(old: str, new: str) -> None:
    revision = compare(article_of(old), article_of(new))
    read = Read(
        render_revision.revision_html(revision, old=1, new=2), added=("tpa-sr", "tpa-folded", "tpa-moved", "tpa-note")
    )
    pieces = [piece.text for line in revision.lines for piece in line.pieces if not line.is_same]
    assert read.tags <= OUR_TAGS | {"del", "ins"}
    assert read.attributes <= OUR_ATTRIBUTES
    assert all(piece.rstrip() in read.text for piece in pieces)


def test_very_long_revision_is_cut_and_says_so() -> None:
    old, new = (article_of(*(f"Row {n} {word}." for n in range(900))) for word in ("was", "became"))
    shown = render_revision.revision_html(compare(old, new), old=1, new=2)
    assert (shown.count("<p dir"), "The rest of this long comparison is left out here." in shown) == (600, True)


def article_of(*paragraphs: str) -> Article:
    return shelf.article(*paragraphs)


def summary(article_id: str, publisher: str, day: int) -> ArticleSummary:
    return ArticleSummary(article_id, 1, f"/{article_id}", "T", publisher, None, date(2025, 11, day), None, MOVED, 1, 1)


def told(origin: str, *copies: str) -> Copies:
    """Return a story told by articles whose publisher is their id in capitals, a day after each other."""
    known = [summary(name, name.upper(), day) for day, name in enumerate((origin, *copies), start=1)]
    return Copies(known[0], tuple(known[1:]))


def test_origin_and_copies_are_counted_and_listed_at_the_first_citation_of_a_story() -> None:
    cited = [replace(citation(marker), article_id=name) for marker, name in enumerate(("a", "c", "a", "x"), start=1)]
    story = told("a", "b", "c", "d")
    given = replace(answer(claim("Text.", *cited)), copies={"a": story, "c": story})
    assert render_answer.story_notes(given) == {
        1: "1 origin, 3 copies: B · 2 November 2025, C · 3 November 2025, D · 4 November 2025",
        2: "A copy; the origin is A · 1 November 2025. The same story as 1",
        3: "The same story as 1",
    }
    assert "2 sources" in render_answer.caption(given)


def test_cited_copy_names_its_origin_first() -> None:
    given = replace(answer(claim("Text.", replace(citation(), article_id="b"))), copies={"b": told("a", "b")})
    assert render_answer.story_notes(given) == {
        1: "A copy; the origin is A · 1 November 2025. 1 origin, 1 copy: B · 2 November 2025"
    }
    assert "1 source ·" in render_answer.caption(given)


def test_many_copies_are_counted_beyond_the_ones_listed() -> None:
    given = replace(answer(claim("Text.", replace(citation(), article_id="a"))), copies={"a": told(*"abcdefg")})
    assert render_answer.story_notes(given)[1].endswith("E · 5 November 2025 and 2 more")


def test_article_head_names_publisher_date_and_author() -> None:
    named = Article("T", "T", (), publisher="P <x>", author="A", published=date(2025, 11, 2))
    assert Read(render_article.article_head_html(named, Standing.AGENCY)).text == "P <x> · 2 November 2025 · A · agency"
    assert Read(render_article.article_head_html(Article("T", "x", ()))).text == "undated · kind of source unknown"


def test_title_that_stands_above_the_text_is_not_seen_twice() -> None:
    blocks = [Block(BlockKind.TITLE, 0, 4)]
    unseen = '<h2 class="tpa-repeated" dir="auto">A  T</h2>'
    assert unseen in render_article.article_html("A  T", blocks, shown_title="A T")
    assert "tpa-repeated" not in render_article.article_html("A  T", blocks, shown_title="Another")
    assert "tpa-repeated" not in render_article.article_html("A  T", blocks, (0, 4), shown_title="A T")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("x\u202egnp.txt", "x\ufffdgnp.txt"),
        ("a\nb\x07\u200b\u2066c\u2069\ufeff", "a\ufffdb\ufffd\ufffd\ufffdc\ufffd\ufffd"),
        ("Zölle & 鋼 <b> می\u200cخواهم.txt", "Zölle & 鋼 <b> می\u200cخواهم.txt"),
    ],
)
def test_name_cannot_be_read_as_another(name: str, shown: str) -> None:
    assert Read(render.named(name)).text == shown


@given(texts)
def test_names_of_files_reasons_and_questions_are_shown_as_they_are(text: str) -> None:
    assert text in Read(render.failures_html([Failure("a.pdf", f"x {text} y", MOVED)])).text
    shown = Read(render.named(text)).text
    assert [(old, new) for old, new in zip(text, shown, strict=True) if old != new and old.isprintable()] == []
    assert text in Read(render.lines_html([text], none="none")).text
    assert text in Read(render_answer.question_html(text)).text
    assert text in Read(render.row_html(text, "meta", quote=text, note=text)).text
    assert text in Read(render.card_html(text, "why", command=text)).text
    assert text in Read(render.facts_html([("name", text)])).text


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("the file is empty", "The file is empty."),
        ("no answer, it seems!", "No answer, it seems!"),
        ("openai:gpt-4o needs a key: set OPENAI_API_KEY", "openai:gpt-4o needs a key: set OPENAI_API_KEY."),
        ("report.pdf is damaged", "report.pdf is damaged."),
        ("run `trade-assistant rebuild`", "Run `trade-assistant rebuild`"),
        ("", "."),
    ],
)
def test_reason_is_a_sentence_and_a_setting_keeps_its_spelling(words: str, shown: str) -> None:
    assert render.sentence(words) == shown


def test_command_is_of_this_installation_and_names_another_data_directory(tmp_path: Path) -> None:
    default = load_settings(data_dir=platformdirs.user_data_dir("trade-assistant", appauthor=False))
    program = shlex.split(commands.command(default, "rebuild"))[0]
    assert Path(program).name == "trade-assistant"
    assert commands.command(default, "ingest", "PATH") == shlex.join([program, "ingest", "PATH"])
    elsewhere = load_settings(data_dir=tmp_path / "a b")
    typed = shlex.join([program, "ingest", "PATH", "--data", str(tmp_path / "a b")])
    assert commands.command(elsewhere, "ingest", "PATH") == typed
    assert commands.as_typed("Run `trade-assistant ingest PATH`, not `ls`.", elsewhere) == f"Run `{typed}`, not `ls`."
    assert commands.command(elsewhere, "sources", "list").endswith(f"sources list --data '{tmp_path / 'a b'}'")


@given(texts)
def test_quote_in_a_row_keeps_its_lines(text: str) -> None:
    shown = render.row_html("", "", quote=text)
    assert Read(shown).text == text
    assert not re.search(r"\n\s*\n", Read(shown, added=("tpa-glyph",)).text.replace("\r", ""))


def test_bar_is_of_unknown_length_until_the_total_is_known() -> None:
    assert "<progress aria-label" in render.progress_html("Reading", 0, 0)
    assert '<progress value="3" max="7"' in render.progress_html("Reading", 3, 7, location="/a<b>")
    assert "/a&lt;b&gt;" in render.progress_html("Reading", 3, 7, location="/a<b>")


@given(text=st.text(alphabet="x é<&\n", max_size=1_200))
def test_endless_word_may_break_and_its_text_is_the_same(text: str) -> None:
    shown = render.running(text)
    assert html.unescape(shown.replace("<wbr>", "")) == text
    assert all(len(html.unescape(part)) <= 400 for part in re.split(r"<wbr>|\s", shown))
