"""Searches of the Federal Register become articles with their facts, each document once and none fetched twice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.domain import Article, BlockKind
from assistant.errors import FetchError, ParseError, SourceError
from assistant.settings import Settings, load_settings
from ingest.federal_register import MAX_PER_SEARCH, FederalRegister
from ingest.fetch import Fetcher
from ingest.parse import SUFFIXES, parse_bytes
from ingest.parse_federal_register import SUFFIX, effective_date, envelope, publisher_of
from ingest.sources import Document, Item, Known, Listing
from tests.web_server import Page, Register, Site, redirect, web_server

COMMERCE = {"raw_name": "DEPARTMENT OF COMMERCE", "name": "Commerce Department", "id": 54, "parent_id": None}
TRADE = {"raw_name": "International Trade Administration", "name": "International Trade Administration", "id": 261}
AGENCIES = [
    {**COMMERCE, "slug": "commerce-department"},
    {**TRADE, "parent_id": 54, "slug": "international-trade-administration"},
]
ABSTRACT = (
    "The U.S. Department of Commerce determines that countervailable subsidies are provided to producers of 2,4-D."
)
BODY = f"""<div id="fulltext"><h1>2,4-D From China: Final Determination</h1>
<span class="printed-page-wrapper unprinted-element">Start Printed Page 14957</span>
<h2>AGENCY:</h2><p>International Trade Administration, Department of Commerce.</p>
<h2>SUMMARY:</h2><p>{ABSTRACT}</p><h2>DATES:</h2><p>Applicable April 7, 2025.</p>
<h2>SUPPLEMENTARY INFORMATION:</h2><h3>Background</h3>
<p>Commerce published<sup>[1]</sup> the <em>Preliminary Determination</em> <span class="printed-page">14958</span>
in September.</p><ul><li>First</li><li><p>Second</p><ol><li>Deep</li></ol></li></ul>
<table><caption>Rates</caption><tr><th>Company</th><th>Rate</th></tr><tr><td>All Others</td><td>62.87</td></tr></table>
loose words<footer><p>1. See 89 FR 75524.</p></footer></div>"""
RAW = f"""<html><body><pre>
[Federal Register Volume 90, Number 65 (Monday, April 7, 2025)]
[Notices]
[FR Doc No: 2025-05887]


-----------------------------------------------------------------------

DEPARTMENT OF COMMERCE

2,4-D From China: Final
Determination

AGENCY: International Trade Administration, Department of
Commerce.

SUMMARY: {ABSTRACT[:70]}
{ABSTRACT[70:].strip()}

DATES: Applicable April 7, 2025.

SUPPLEMENTARY INFORMATION:

Background

    Commerce published its determination on 2,4-
D &amp; aligned it with the final

[[Page 14958]]

determination in the companion case.
    The products are described below.

------------------------------------------------------------------------
                                                           Subsidy rate
                         Company                            (percent ad
                                                             valorem)
------------------------------------------------------------------------
Rainbow Chemical Company
  Limited..............................................           26.50
All Others.............................................           62.87
------------------------------------------------------------------------

BILLING CODE 3510-DS-P
</pre></body></html>"""


@pytest.fixture
def local(tmp_path: Path) -> Settings:
    """Settings that let this computer be fetched from."""
    return load_settings(data_dir=tmp_path / "data", allow_private_addresses=True)


@pytest.fixture
def fetcher(local: Settings) -> Iterator[Fetcher]:
    """Fetch without waits."""
    with Fetcher(local, sleep=lambda seconds: None) as made:
        yield made


def record(number: str = "2025-05887", day: str = "2025-04-07", **fields: object) -> dict[str, Any]:
    """Return a record of the real shape; see the API's documentation."""
    page = f"https://www.federalregister.gov/documents/{day.replace('-', '/')}/{number}/24-d-from-china"
    return {
        "abstract": ABSTRACT,
        "action": None,
        "agencies": AGENCIES,
        "body_html_url": None,
        "citation": "90 FR 14957",
        "comments_close_on": None,
        "correction_of": None,
        "dates": "Applicable April 7, 2025.",
        "docket_ids": ["C-570-161"],
        "document_number": number,
        "effective_on": None,
        "executive_order_number": None,
        "html_url": page,
        "proclamation_number": None,
        "publication_date": day,
        "raw_text_url": None,
        "regulation_id_numbers": [],
        "subtype": None,
        "title": "2,4-D From China: Final Determination",
        "type": "Notice",
        "page_views": {"count": 12},
        **fields,
    }


def listed(site: Site, fetcher: Fetcher, records: list[dict[str, Any]], **search: Any) -> tuple[Listing, Register]:
    """Serve records, search them, and return what was found."""
    register = Register(site, records)
    return FederalRegister("register", fetcher, base_url=register.base_url, **search).list(), register


def read(item: Item, known: Known | None = None) -> Document:
    """Return the document of an item."""
    found = item.read(known, max_bytes=1_000_000)
    assert found is not None
    return found


def article(found: Document) -> Article:
    """Return its article."""
    return parse_bytes(found.data, suffix=found.suffix, name=found.name, stated=found.stated)


def known(found: Document) -> Known:
    """Return what the library remembers of it."""
    return Known(found.location, "h", found.size, 0, "c", found.validators)


def blocks(found: Article) -> list[tuple[str, str]]:
    """Return kind and text of each block."""
    return [(block.kind.value, found.text[block.start : block.end]) for block in found.blocks]


FACTS = [
    ("title", "2,4-D From China: Final Determination"),
    ("table_row", "Type | Notice"),
    ("table_row", "Agencies | Commerce Department; International Trade Administration"),
    ("table_row", "Document number | 2025-05887"),
    ("table_row", "Citation | 90 FR 14957"),
    ("table_row", "Docket | C-570-161"),
    ("table_row", "Publication date | April 7, 2025"),
    ("table_row", "Effective date | April 7, 2025"),
    ("heading", "Summary"),
    ("paragraph", ABSTRACT),
    ("heading", "Dates"),
    ("paragraph", "Applicable April 7, 2025."),
]


# Searches


def test_document_becomes_an_article_with_its_facts(site: Site, fetcher: Fetcher) -> None:
    url = site.add("/full/2025-05887.html", Page(BODY))
    listing, _ = listed(site, fetcher, [record(body_html_url=url)])
    (item,) = listing.found
    document = read(item)
    assert document.location == record()["html_url"]
    found = article(document)
    assert (found.title, found.publisher) == (
        "2,4-D From China: Final Determination",
        "International Trade Administration, Commerce Department",
    )
    assert (found.published, found.effective, found.url) == (date(2025, 4, 7), date(2025, 4, 7), document.location)
    assert found.references == (
        ("Document number", "2025-05887"),
        ("Citation", "90 FR 14957"),
        ("Docket", "C-570-161"),
    )
    assert blocks(found) == [
        *FACTS,
        ("heading", "AGENCY:"),
        ("paragraph", "International Trade Administration, Department of Commerce."),
        ("heading", "SUPPLEMENTARY INFORMATION:"),
        ("heading", "Background"),
        ("paragraph", "Commerce published[1] the Preliminary Determination in September."),
        ("list_item", "First"),
        ("list_item", "Second"),
        ("list_item", "Deep"),
        ("paragraph", "Rates"),
        ("table_row", "Company | Rate"),
        ("table_row", "All Others | 62.87"),
        ("paragraph", "loose words"),
        ("paragraph", "1. See 89 FR 75524."),
    ]
    assert listing.roots == frozenset()


def test_raw_text_is_read_where_there_is_no_html(site: Site, fetcher: Fetcher) -> None:
    url = site.add("/full/2025-05887.txt", Page(RAW, "text/html"))
    listing, _ = listed(site, fetcher, [record(raw_text_url=url)])
    assert blocks(article(read(listing.found[0]))) == [
        *FACTS,
        ("boilerplate", "[Federal Register Volume 90, Number 65 (Monday, April 7, 2025)]"),
        ("boilerplate", "[Notices]"),
        ("boilerplate", "[FR Doc No: 2025-05887]"),
        ("heading", "DEPARTMENT OF COMMERCE"),
        ("paragraph", "AGENCY: International Trade Administration, Department of Commerce."),
        ("heading", "SUPPLEMENTARY INFORMATION:"),
        ("heading", "Background"),
        (
            "paragraph",
            "Commerce published its determination on 2,4-D & aligned it with the final determination in the companion "
            "case.",
        ),
        ("paragraph", "The products are described below."),
        ("table_row", "Company | Subsidy rate (percent ad valorem)"),
        ("table_row", "Rainbow Chemical Company Limited | 26.50"),
        ("table_row", "All Others | 62.87"),
        ("boilerplate", "BILLING CODE 3510-DS-P"),
    ]


@pytest.mark.parametrize(
    "broken", [Page(status=404), Page(status=500), Page("", "text/html"), Page(b"\x00\x01\x02", "text/html")]
)
def test_raw_text_is_read_where_the_html_fails(site: Site, fetcher: Fetcher, broken: Page) -> None:
    html, raw = site.add("/a.html", broken), site.add("/a.txt", Page(RAW, "text/plain"))
    listing, _ = listed(site, fetcher, [record(body_html_url=html, raw_text_url=raw)])
    assert "The products are described below." in article(read(listing.found[0])).text


def test_document_whose_text_fails_is_a_failure_and_no_shorter_article(site: Site, fetcher: Fetcher) -> None:
    listing, _ = listed(site, fetcher, [record(body_html_url=site.url("/gone"), raw_text_url=site.url("/gone"))])
    with pytest.raises(FetchError, match="there is no such page"):
        read(listing.found[0])


def test_document_without_text_yet_is_its_summary_until_it_has_one(site: Site, fetcher: Fetcher) -> None:
    listing, register = listed(site, fetcher, [record()])
    before = read(listing.found[0])
    assert blocks(article(before)) == FACTS
    register.records = [record(body_html_url=site.add("/a.html", Page(BODY)))]
    (item,) = FederalRegister("register", fetcher, base_url=register.base_url).list().found
    assert not item.is_unchanged(known(before))
    assert "Background" in article(read(item, known(before))).text


def test_unchanged_record_is_known_without_a_request(site: Site, fetcher: Fetcher) -> None:
    url = site.add("/a.html", Page(BODY))
    register = Register(site, [record(body_html_url=url)])
    source = FederalRegister("register", fetcher, base_url=register.base_url)
    document = read(source.list().found[0])
    site.forget()
    register.records = [record(body_html_url=url, page_views={"count": 99})]
    (item,) = source.list().found
    assert item.is_unchanged(known(document))
    register.records = [record(body_html_url=url, effective_on="2025-05-01")]
    (item,) = source.list().found
    assert not item.is_unchanged(known(document))
    assert site.paths() == ["/api/v1/documents.json"] * 2


def test_mended_title_leaves_the_article_where_it_is(site: Site, fetcher: Fetcher) -> None:
    first, register = listed(site, fetcher, [record()])
    before = read(first.found[0])
    address = record()["html_url"] + "-corrected"
    register.records = [record(html_url=address, title="2,4-D From China: Corrected")]
    (item,) = FederalRegister("register", fetcher, base_url=register.base_url).list().found
    assert (item.location, read(item, known(before)).location) == (first.found[0].location, before.location)
    assert read(item).location == address


def test_number_used_twice_is_two_documents(site: Site, fetcher: Fetcher) -> None:
    listing, _ = listed(site, fetcher, [record("05-1", "2005-01-03"), record("05-1", "2005-06-01")])
    assert len({read(item).location for item in listing.found}) == 2


def test_search_asks_for_what_it_was_given(site: Site, fetcher: Fetcher) -> None:
    _, register = listed(
        site,
        fetcher,
        [record()],
        term="2,4-D from",
        agencies=["international-trade-administration", "trade-representative-office-of-united-states"],
        types=["NOTICE", "RULE"],
        docket="C-570-161",
        since=date(2025, 1, 1),
    )
    (query,) = register.searches
    assert {name: value for name, value in query.items() if name != "fields[]"} == {
        "per_page": ["1000"],
        "page": ["1"],
        "order": ["newest"],
        "conditions[term]": ["2,4-D from"],
        "conditions[agencies][]": [
            "international-trade-administration",
            "trade-representative-office-of-united-states",
        ],
        "conditions[type][]": ["NOTICE", "RULE"],
        "conditions[docket_id]": ["C-570-161"],
        "conditions[publication_date][gte]": ["2025-01-01"],
    }


def test_search_without_a_match_is_empty(site: Site, fetcher: Fetcher) -> None:
    assert listed(site, fetcher, [record()], term="sugar")[0] == Listing()


def days(count: int, per_day: int, *, first: date = date(2024, 1, 1)) -> list[dict[str, Any]]:
    """Return records, so many a day."""
    return [record(f"2024-{n:05}", (first + timedelta(days=n // per_day)).isoformat()) for n in range(count)]


@pytest.mark.parametrize("count", [1, 999, 1_000, 1_001, 2_000])
def test_search_within_the_window_is_paged(site: Site, fetcher: Fetcher, count: int) -> None:
    listing, register = listed(site, fetcher, days(count, 10))
    assert (len(listing.found), listing.problems) == (count, ())
    assert len(register.searches) == -(-count // 1_000)


@pytest.mark.parametrize("since", [None, date(2024, 1, 1), date(2024, 2, 1)])
def test_search_beyond_the_window_is_split_by_date(site: Site, fetcher: Fetcher, since: date | None) -> None:
    records = days(5_300, 70)
    listing, register = listed(site, fetcher, records, since=since)
    wanted = [entry for entry in records if since is None or entry["publication_date"] >= since.isoformat()]
    assert listing.problems == ()
    assert len(listing.found) == len(wanted)
    assert {item.location.rpartition("/")[2].partition("?")[0] for item in listing.found} == {
        entry["document_number"] for entry in wanted
    }
    assert len(register.searches) < 40
    assert {request.host for request in site.all_requests} == {"127.0.0.1"}


def test_day_beyond_the_window_is_said_and_its_newest_are_taken(site: Site, fetcher: Fetcher) -> None:
    records = [*days(2_100, 3_000), record("2024-99999", "2024-01-02")]
    listing, register = listed(site, fetcher, records)
    assert len(listing.found) == MAX_PER_SEARCH + 1
    (problem,) = listing.problems
    assert problem.reason == "more than 2,000 documents on one day; the 2,000 newest are read"
    assert "[gte]=2024-01-01" in problem.location
    assert "[lte]=2024-01-01" in problem.location
    assert register.records[0]["document_number"] not in str([item.location for item in listing.found])


def test_next_page_elsewhere_is_not_followed(site: Site, fetcher: Fetcher) -> None:
    listing, _ = listed(site, fetcher, days(1_500, 10))
    assert (len(listing.found), listing.problems) == (1_500, ())
    assert set(site.paths()) == {"/api/v1/documents.json"}


def test_part_that_fails_does_not_stop_the_others(site: Site, fetcher: Fetcher) -> None:
    register = Register(site, days(3_000, 100))
    served = site.add("/api/v1/documents.json", lambda request: broken_in_january(register, request))
    listing = FederalRegister("register", fetcher, base_url=served.removesuffix("/documents.json")).list()
    assert {problem.reason for problem in listing.problems} == {"there is no such page: check the address"}
    assert 0 < len(listing.found) < 3_000


def broken_in_january(register: Register, request: Any) -> Page:
    """Answer like the register, but for searches that end in the middle of January."""
    last = request.query.get("conditions[publication_date][lte]", ["2024-12-31"])[0]
    return Page(status=404) if last < "2024-01-20" else register.answer(request)


def test_short_answer_is_said(site: Site, fetcher: Fetcher) -> None:
    body = json.dumps({"count": 3, "results": [record()]})
    site.add("/api/v1/documents.json", Page(body, "application/json"))
    listing = FederalRegister("register", fetcher, base_url=site.url("/api/v1")).list()
    assert len(listing.found) == 1
    assert [problem.reason for problem in listing.problems] == [
        "it was to be 3 documents and was 1: the rest comes with a later run"
    ]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Page(status=404), "there is no such page: check the address"),
        (Page("<html>", "text/html"), "the API's answer is no JSON"),
        (Page("[" * 100_000, "application/json"), "the API's answer is no JSON"),
        (Page("[]", "application/json"), "the API's answer is not of the shape its documentation describes"),
        (Page('{"count": 5}', "application/json"), "the API's answer is not of the shape its documentation describes"),
        (Page('{"count": -1, "results": []}'), "the API's answer is not of the shape its documentation describes"),
        (Page('{"errors": {"type": "bad\\u0000"}}'), "the API refuses the search: {'type': 'bad\\x00'}"),
        (
            Page('{"count": 9999, "results": []}', "application/json"),
            "the API counts documents and gives none with a date",
        ),
    ],
)
def test_answer_that_is_none_is_a_problem(site: Site, fetcher: Fetcher, answer: Page, words: str) -> None:
    site.add("/api/v1/documents.json", answer)
    listing = FederalRegister("register", fetcher, base_url=site.url("/api/v1/"), term="2,4-D").list()
    assert listing.found == ()
    assert [(problem.location, problem.reason) for problem in listing.problems] == [
        (site.url("/api/v1/documents.json?conditions[term]=2%2C4-D"), words)
    ]


@pytest.mark.parametrize(
    "fields",
    [{"document_number": None}, {"document_number": "../x"}, {"publication_date": None}, {"publication_date": "soon"}],
)
def test_record_that_cannot_be_named_is_a_problem(site: Site, fetcher: Fetcher, fields: dict[str, Any]) -> None:
    body = json.dumps({"count": 2, "results": [{**record(), **fields}, record()]})
    site.add("/api/v1/documents.json", Page(body, "application/json"))
    listing = FederalRegister("register", fetcher, base_url=site.url("/api/v1")).list()
    assert len(listing.found) == 1
    assert [problem.reason for problem in listing.problems] == [
        "a record without a document number or a publication date"
    ]


def test_answer_that_ignores_the_agencies_is_not_indexed(site: Site, fetcher: Fetcher) -> None:
    body = json.dumps({"count": 1, "results": [record()]})
    site.add("/api/v1/documents.json", Page(body, "application/json"))
    listing = FederalRegister("r", fetcher, base_url=site.url("/api/v1"), agencies=["comerce-department"]).list()
    assert listing.found == ()
    assert [problem.reason for problem in listing.problems] == [
        "the documents found are of other agencies: is comerce-department spelt right?"
    ]


@pytest.mark.parametrize("search", [{"agencies": ["Commerce Department"]}, {"agencies": [""]}, {"types": ["notice"]}])
def test_search_that_cannot_be_one_is_refused(fetcher: Fetcher, search: dict[str, Any]) -> None:
    with pytest.raises(SourceError):
        FederalRegister("register", fetcher, **search)


@pytest.mark.parametrize(
    "address",
    ["http://169.254.169.254/a", "https://federalregister.gov.evil.example/a", "file:///etc/passwd", "http://[", "x"],
)
def test_text_is_fetched_from_the_registers_own_hosts_alone(site: Site, fetcher: Fetcher, address: str) -> None:
    listing, _ = listed(site, fetcher, [record(body_html_url=address)])
    with pytest.raises(FetchError, match="which is not the Federal Register"):
        read(listing.found[0])
    assert site.paths() == ["/api/v1/documents.json"]


def test_page_that_asks_for_a_person_is_no_text(site: Site, local: Settings) -> None:
    with web_server() as elsewhere, Fetcher(local, sleep=lambda seconds: None) as fetcher:
        elsewhere.add("/captcha", Page("<p>Are you a robot?</p>"))
        url = site.add("/a.html", redirect(elsewhere.url("/captcha")))
        listing, _ = listed(site, fetcher, [record(body_html_url=url)])
        with pytest.raises(FetchError, match=r"instead of the text comes a page of 127\.0\.0\.1: try again later"):
            read(listing.found[0])


def test_page_of_a_record_elsewhere_names_no_article(site: Site, fetcher: Fetcher) -> None:
    listing, _ = listed(site, fetcher, [record(html_url="https://elsewhere.example/a")])
    with pytest.raises(FetchError, match="its record names no page of the Federal Register"):
        read(listing.found[0])


def test_rate_limit_of_the_texts_is_passed_on(site: Site, fetcher: Fetcher) -> None:
    url = site.add("/a.html", Page(status=429, headers={"Retry-After": "900"}))
    listing, _ = listed(site, fetcher, [record(body_html_url=url, raw_text_url=site.add("/a.txt", Page(RAW)))])
    with pytest.raises(FetchError) as caught:
        read(listing.found[0])
    assert caught.value.retry_at is not None
    assert site.paths() == ["/api/v1/documents.json", "/a.html"]


# What is read


def test_folders_do_not_take_the_suffix() -> None:
    assert SUFFIX not in SUFFIXES


@pytest.mark.parametrize(
    ("dates", "day"),
    [
        ("Applicable April 7, 2025.", date(2025, 4, 7)),
        ("Effective June 1, 2025", date(2025, 6, 1)),
        ("Effective Date: June 1, 2025.", date(2025, 6, 1)),
        ("This rule is effective on June 1, 2025. Comments are due July 1, 2025.", date(2025, 6, 1)),
        ("This notice is applicable as of Jan. 2, 2025.", date(2025, 1, 2)),
        ("The order is effective beginning March 4, 2025.", date(2025, 3, 4)),
        ("Effective June 1, 2025. Applicable June 1, 2025.", date(2025, 6, 1)),
        ("Effective June 1, 2025. Applicable May 1, 2025.", None),
        ("This rule is effective June 1, 2025, unless adverse comment is received.", None),
        ("The effective date of the rule published April 1, 2025, is delayed until June 1, 2025.", None),
        ("The rule is no longer effective June 1, 2025.", None),
        ("Applicable January 1, 2024, through December 31, 2024.", None),
        ("Comments are due July 1, 2025.", None),
        ("Effective immediately.", None),
        ("Effective February 30, 2025.", None),
        ("", None),
    ],
)
def test_effective_date_is_read_where_it_is_plain(dates: str, day: date | None) -> None:
    assert effective_date(dates) == day


def test_effective_date_of_the_record_comes_first() -> None:
    found = parse_bytes(envelope(record(effective_on="2025-05-01"), BODY, "html"), suffix=SUFFIX, name="x")
    assert found.effective == date(2025, 5, 1)


AGRICULTURE = {"name": "Agriculture Department", "id": 12, "parent_id": None}


@pytest.mark.parametrize(
    ("agencies", "publisher"),
    [
        (AGENCIES, "International Trade Administration, Commerce Department"),
        (AGENCIES[:1], "Commerce Department"),
        (AGENCIES[1:], "International Trade Administration"),
        (
            [*AGENCIES, AGRICULTURE],
            "International Trade Administration, Commerce Department; Agriculture Department",
        ),
        ([{"raw_name": "Office of the Something"}], "Office of the Something"),
        ([{"name": None, "raw_name": None}, "x", None], "Federal Register"),
        ([], "Federal Register"),
        (None, "Federal Register"),
        ([{"name": "A", "id": 1, "parent_id": 2}, {"name": "B", "id": 2, "parent_id": 1}], "A; B"),
        ([{"name": "A", "id": 1, "parent_id": 1}], "A"),
        (
            [{"name": f"{'Long Name ' * 4}{n}", "id": n} for n in range(9)],
            "Long Name Long Name Long Name Long Name 0; Long Name Long Name Long Name Long Name 1 and others",
        ),
    ],
)
def test_publisher_is_the_agency_as_one_cites_it(agencies: Any, publisher: str) -> None:
    assert publisher_of({"agencies": agencies}) == publisher


def test_presidential_document_goes_by_its_numbers() -> None:
    order = record(
        type="Presidential Document",
        subtype="Executive Order",
        executive_order_number="14257",
        regulation_id_numbers=["0694-AJ00"],
        docket_ids=["Docket No. 250401-0055", "Docket No. 250401-0055"],
        abstract=None,
        dates=None,
    )
    found = parse_bytes(
        envelope(order, "<p>By the authority vested in me as President.</p>", "html"), suffix=SUFFIX, name=""
    )
    assert found.references == (
        ("Document number", "2025-05887"),
        ("Citation", "90 FR 14957"),
        ("Docket", "250401-0055"),
        ("Executive Order", "14257"),
        ("RIN", "0694-AJ00"),
    )
    assert ("table_row", "Type | Presidential Document, Executive Order") in blocks(found)
    assert "Summary" not in found.text


def test_summary_that_says_more_than_the_record_is_kept() -> None:
    body = f"<h2>SUMMARY:</h2><p>{ABSTRACT}</p><p>And more.</p>"
    found = blocks(parse_bytes(envelope(record(), body, "html"), suffix=SUFFIX, name="x"))
    assert found[-3:] == [("heading", "SUMMARY:"), ("paragraph", ABSTRACT), ("paragraph", "And more.")]


def test_title_alone_is_no_article() -> None:
    with pytest.raises(ParseError, match="no text yet"):
        parse_bytes(envelope(record(abstract=None, dates=None), "", "none"), suffix=SUFFIX, name="x")


@pytest.mark.parametrize("part", ["<div>", "<table><tr><td>", "<ul><li>", "<b>"])
def test_markup_too_deep_to_be_read_whole_is_refused(part: str) -> None:
    with pytest.raises(ParseError, match="nested too deeply"):
        parse_bytes(envelope(record(), part * 3_000 + "deep", "html"), suffix=SUFFIX, name="x")
    found = parse_bytes(envelope(record(), part * 20 + "deep", "html"), suffix=SUFFIX, name="x")
    assert found.text.endswith("deep")


@pytest.mark.timeout(60)
@pytest.mark.parametrize("blank", [" ", "\n", "\n \n", "\t", "\r"], ids=repr)
def test_much_white_space_takes_no_time(blank: str) -> None:
    found = parse_bytes(envelope(record(), "First." + blank * 300_000 + "Last.", "text"), suffix=SUFFIX, name="x")
    assert found.text.endswith("Last.")


@given(st.binary(max_size=300))
def test_any_bytes_are_an_article_or_a_parse_error(data: bytes) -> None:
    with pytest.raises(ParseError):
        parse_bytes(data, suffix=SUFFIX, name="x")


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(record())), inner, max_size=4),
    max_leaves=8,
)
MARKUP = st.lists(
    st.sampled_from(
        "<p> </p> <h2> </h2> <ul> <li> </ul> <table> <tr> <td> </td> </table> <pre> </pre> <br> <!-- --> SUMMARY: "
        "---------- "
        "\n \n\n [[Page&nbsp;1]] A.......5 text <span&nbsp;class=printed-page> </span> \x00 \ud800 &#1;".split(" ")
    ).map(lambda part: part.replace("&nbsp;", " ")),
    max_size=40,
).map("".join)


@given(st.fixed_dictionaries(dict.fromkeys(record(), ANYTHING)), MARKUP, st.sampled_from(["html", "text", "none"]))
def test_any_record_is_an_article_or_a_parse_error(fields: dict[str, Any], body: str, kind: Any) -> None:
    data = json.dumps({"record": fields, "body": body, "body_kind": kind}).encode()
    try:
        found = parse_bytes(data, suffix=SUFFIX, name="x")
    except ParseError:
        return
    assert found.blocks[0].kind is BlockKind.TITLE
    assert all(found.text[block.start : block.end].strip() for block in found.blocks)


WORDS = st.lists(st.sampled_from("alpha bravo charlie delta echo foxtrot".split()), min_size=1, max_size=5).map(
    " ".join
)


@given(st.lists(st.tuples(st.sampled_from(["p", "h3", "li", "td", "div", "blockquote", "dd"]), WORDS), max_size=20))
def test_no_word_of_the_text_is_lost_or_written_twice(parts: list[tuple[str, str]]) -> None:
    frames = {"li": "<ul>{}</ul>", "td": "<table><tr>{}</tr></table>", "dd": "<dl>{}</dl>"}
    numbered = [(tag, f"{words} no{n}") for n, (tag, words) in enumerate(parts)]
    body = "".join(frames.get(tag, "{}").format(f"<{tag}>{words}</{tag}>") for tag, words in numbered)
    found = parse_bytes(envelope(record(), body, "html"), suffix=SUFFIX, name="x")
    text = " ".join(content for _, content in blocks(found)[len(FACTS) :])
    assert text.split() == " ".join(words for _, words in numbered).split()
