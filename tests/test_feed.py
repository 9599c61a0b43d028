"""A feed as a source: its entries are items, what it repeats costs nothing, and what is wrong with it is said."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.domain import Article
from assistant.errors import FetchError, ParseError
from assistant.records import Validators
from assistant.settings import load_settings
from ingest.feed import MAX_ENTRIES, Entry, Feed, FeedSource, parse_feed
from ingest.fetch import Fetcher
from ingest.parse import parse_bytes
from ingest.sources import Document, Item, Known, Listing, Problem
from tests.web_server import Page, Site, packed

RSS = "application/rss+xml"
SENTENCE = "The duty on copper doubles to 50 per cent in March, the ministry said. "
RSS_2 = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel><title>Sample &amp;amp; Wire</title><link>https://news.example/</link>{entries}</channel></rss>"""
ATOM = """<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://base.example/en/">
<title>Ministry news</title><id>urn:1</id><updated>2026-03-02T08:00:00Z</updated>{entries}</feed>"""


@pytest.fixture
def fetcher(tmp_path: Path) -> Iterator[Fetcher]:
    """Fetch from this computer, under whatever name."""
    settings = load_settings(data_dir=tmp_path / "data", allow_private_addresses=True)
    with Fetcher(settings, sleep=lambda seconds: None, resolve=lambda host, port: ["127.0.0.1"]) as made:
        yield made


def item(
    link: str = "/copper",
    *,
    title: str = "Copper duty doubles",
    summary: str = "In short.",
    content: str = "",
    guid: str = "1",
    day: str = "Mon, 02 Mar 2026 22:00:00 -0500",
    extra: str = "",
) -> str:
    """Return an entry of an RSS feed."""
    full = f"<content:encoded><![CDATA[{content}]]></content:encoded>" if content else ""
    linked = f"<link>{link}</link>" if link else ""
    return (
        f"<item><title>{title}</title>{linked}<guid isPermaLink='false'>{guid}</guid><pubDate>{day}</pubDate>"
        f"<description>{summary}</description>{full}{extra}</item>"
    )


def rss(*items: str) -> Page:
    """Return an RSS feed with an ETag that changes with it."""
    text = RSS_2.format(entries="".join(items))
    return Page(text, RSS, headers={"ETag": f'"{hash(text)}"'})


def page(head: str = "<title>Copper duty doubles to 50 per cent</title>") -> Page:
    """Return an article on the web."""
    text = f"<html><head>{head}</head><body><article><h1>Copper</h1><p>{SENTENCE * 4}</p></article></body></html>"
    return Page(text, headers={"ETag": '"page"'})


def read(entry: Item, known: Known | None = None) -> Document:
    """Return the document of an entry."""
    found = entry.read(known, max_bytes=1_000_000)
    assert found is not None
    return found


def article(found: Document) -> Article:
    """Return its article."""
    return parse_bytes(found.data, suffix=found.suffix, name=found.name, stated=found.stated)


def known(found: Document) -> Known:
    """Return what the library remembers of it."""
    return Known(found.location, "h", found.size, 0, "c", found.validators)


def test_entry_is_read_from_its_page_and_the_feed_fills_the_gaps(site: Site, fetcher: Fetcher) -> None:
    site.add("/copper", page("<title>x</title>"))
    url = site.add("/feed", rss(item("/copper?utm_source=rss", extra="<dc:creator>Jane Roe</dc:creator>")))
    listing = FeedSource("wire", url, fetcher).list()
    (entry,) = listing.found
    assert (entry.location, listing.problems, listing.roots) == (site.url("/copper"), (), frozenset())
    found = article(read(entry))
    assert (found.title, found.author, found.publisher) == ("Copper", "Jane Roe", "Sample & Wire")
    # Ten in the evening in New York is the next day in UTC; the day is the publisher's.
    assert (found.published, found.url) == (date(2026, 3, 2), site.url("/copper"))


def test_page_is_believed_before_the_feed(site: Site, fetcher: Fetcher) -> None:
    head = '<meta property="og:site_name" content="Gazette"><meta name="date" content="2026-02-28">'
    site.add("/copper", page(head))
    (entry,) = FeedSource("wire", site.add("/feed", rss(item())), fetcher).list().found
    found = article(read(entry))
    assert (found.publisher, found.published) == ("Gazette", date(2026, 2, 28))


def test_unchanged_feed_costs_one_conditional_request(site: Site, fetcher: Fetcher) -> None:
    source = FeedSource("wire", site.add("/feed", rss(item())), fetcher)
    first = source.list()
    assert first.validators.etag is not None
    assert not first.is_unchanged
    again = source.list(first.validators)
    assert again == Listing(validators=first.validators, is_unchanged=True)
    assert site.paths() == ["/feed", "/feed"]


def test_feed_without_validators_is_known_by_its_bytes(site: Site, fetcher: Fetcher) -> None:
    source = FeedSource("wire", site.add("/feed", Page(rss(item()).body, RSS)), fetcher)
    first = source.list()
    assert (first.validators.etag, first.validators.last_modified) == (None, None)
    assert source.list(first.validators).is_unchanged


def test_entry_the_feed_repeats_is_not_asked_for_again(site: Site, fetcher: Fetcher) -> None:
    site.add("/copper", page())
    site.add("/zinc", page())
    site.add("/feed", rss(item()), rss(item("/zinc", guid="2"), item()))
    source = FeedSource("wire", site.url("/feed"), fetcher)
    first = source.list()
    document = read(first.found[0])
    copper, zinc = source.list(first.validators).found
    assert copper.is_unchanged(known(document))
    assert not zinc.is_unchanged(known(document))
    assert site.paths() == ["/feed", "/copper", "/feed"]


@pytest.mark.parametrize(
    "changed",
    [
        item(title="Copper duty trebles"),
        item(summary="Otherwise."),
        item(day="Tue, 03 Mar 2026 08:00:00 GMT"),
        item(guid="2"),
    ],
    ids=["title", "summary", "day", "id"],
)
def test_entry_of_which_the_feed_says_something_new_is_read_again(site: Site, fetcher: Fetcher, changed: str) -> None:
    site.add("/copper", page())
    site.add("/feed", rss(item()), rss(changed))
    source = FeedSource("wire", site.url("/feed"), fetcher)
    before = read(source.list().found[0])
    (entry,) = source.list().found
    assert not entry.is_unchanged(known(before))
    after = read(entry, known(before))
    assert after.data == before.data
    assert entry.is_unchanged(known(after))


def test_feeds_own_text_is_read_without_its_page(site: Site, fetcher: Fetcher) -> None:
    content = f"<p>{SENTENCE * 4}</p><ul><li>Copper</li><li>Zinc</li></ul><script>alert(1)</script>"
    url = site.add("/feed", rss(item(content=content)))
    (entry,) = FeedSource("wire", url, fetcher, "feed").list().found
    found = read(entry)
    assert (found.location, found.suffix, found.validators.fingerprint != "") == (site.url("/copper"), ".html", True)
    read_back = article(found)
    assert read_back.title == "Copper duty doubles"
    assert SENTENCE.strip() in read_back.text
    assert "alert" not in read_back.text
    assert entry.is_unchanged(known(found))
    assert site.paths() == ["/feed"]


def test_reading_another_way_reads_again(site: Site, fetcher: Fetcher) -> None:
    site.add("/copper", page())
    url = site.add("/feed", rss(item(summary=SENTENCE)))
    (from_page,) = FeedSource("wire", url, fetcher).list().found
    (from_feed,) = FeedSource("wire", url, fetcher, "feed").list().found
    assert not from_feed.is_unchanged(known(read(from_page)))


def test_entry_without_text_is_refused_in_a_feed_that_is_to_give_it(site: Site, fetcher: Fetcher) -> None:
    (entry,) = FeedSource("wire", site.add("/feed", rss(item(summary=""))), fetcher, "feed").list().found
    with pytest.raises(FetchError, match="the feed has no text for this entry"):
        entry.read(None, max_bytes=1_000_000)


def test_entry_with_a_bad_link_is_a_problem_and_the_others_are_read(site: Site, fetcher: Fetcher) -> None:
    entries = [
        item("", title="No link", guid="1"),
        item("javascript:alert(1)", guid="2"),
        item("ftp://news.example/a", guid="3"),
        item("/zinc", guid="4"),
        item("/zinc?utm_source=again", guid="5"),
    ]
    url = site.add("/feed", rss(*entries))
    listing = FeedSource("wire", url, fetcher).list()
    assert [entry.location for entry in listing.found] == [site.url("/zinc")]
    assert Problem(f"{url} (No link)", "the feed gives no address for this entry") in listing.problems
    assert len(listing.problems) == 3


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Page(status=404), "there is no such page: check the address"),
        (
            Page("<html><body>News</body></html>"),
            "it is no RSS or Atom feed: look for the feed's own address on the site",
        ),
        (Page("", RSS), "it is no RSS or Atom feed: look for the feed's own address on the site"),
        (Page("/etc/passwd", RSS), "it is no RSS or Atom feed: look for the feed's own address on the site"),
        (Page("x" * 6_000_000, RSS), "it is larger than 5,000,000 bytes; the limit is TRADE_ASSISTANT_MAX_FILE_BYTES"),
    ],
    ids=["404", "html", "empty", "path", "huge"],
)
def test_feed_that_cannot_be_read_is_a_problem_and_no_exception(
    site: Site, fetcher: Fetcher, answer: Page, words: str
) -> None:
    url = site.add("/feed", answer)
    assert FeedSource("wire", url, fetcher).list(Validators("e")) == Listing(problems=(Problem(url, words),))


def test_feed_is_read_packed_and_through_another_reader(site: Site, fetcher: Fetcher) -> None:
    asked: list[tuple[int, str, str]] = []

    def elsewhere(data: bytes, content_type: str, url: str) -> Feed:
        asked.append((len(data), content_type, url))
        return Feed.from_json(json.loads(json.dumps(parse_feed(data, content_type=content_type, url=url).to_json())))

    text = str(rss(item()).body)
    url = site.add("/feed", packed(text))
    (entry,) = FeedSource("wire", url, fetcher, reader=elsewhere).list().found
    assert entry.location == site.url("/copper")
    assert asked == [(len(text), "text/html; charset=utf-8", url)]


# What parse_feed reads


def parsed(text: str | bytes, content_type: str = RSS) -> Feed:
    """Read a feed that was at https://news.example/feeds/all.xml."""
    data = text if isinstance(text, bytes) else text.encode()
    return parse_feed(data, content_type=content_type, url="https://news.example/feeds/all.xml")


def test_rss_2_is_read() -> None:
    entry = item("/a?x=1&amp;y=2", title="Duties &lt;b&gt;rise&lt;/b&gt; &amp;amp; fall", content="<p>All</p>")
    assert parsed(RSS_2.format(entries=entry)) == Feed(
        "Sample & Wire",
        (
            Entry(
                id="1",
                link="https://news.example/a?x=1&y=2",
                title="Duties rise & fall",
                publisher="Sample & Wire",
                published="2026-03-02",
                updated="Mon, 02 Mar 2026 22:00:00 -0500",
                summary="In short.",
                content="<p>All</p>",
            ),
        ),
    )


def test_atom_is_read_with_its_base() -> None:
    entry = """<entry xml:base="news/"><title type="html">Duties &amp;lt;50&amp;gt;</title><id>urn:2</id>
<link rel="edit" href="edit"/><link href="a.html"/><updated>2026-03-05T08:00:00Z</updated>
<published>2026-03-02T23:30:00-05:00</published><author><name>Jane Roe</name></author>
<source><title>Other Wire</title></source>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>All</p></div></content></entry>"""
    (found,) = parsed(ATOM.format(entries=entry), "application/atom+xml").entries
    assert (found.link, found.title) == ("https://base.example/en/news/a.html", "Duties <50>")
    assert (found.published, found.updated) == ("2026-03-02", "2026-03-05T08:00:00Z")
    assert (found.author, found.publisher) == ("Jane Roe", "Other Wire")
    assert "<p>All</p>" in found.content


def test_atoms_updated_is_no_publication_date() -> None:
    entry = "<entry><title>A</title><id>urn:2</id><link href='a'/><updated>2026-03-05T08:00:00Z</updated></entry>"
    (found,) = parsed(ATOM.format(entries=entry)).entries
    assert (found.published, found.updated) == ("", "2026-03-05T08:00:00Z")


def test_rss_1_is_read_with_dublin_core() -> None:
    text = """<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://news.example/">
<title>Old Wire</title><link>https://news.example/</link></channel><item rdf:about="https://news.example/a">
<title>A</title><link>https://news.example/a</link><dc:date>2026-03-02</dc:date><dc:creator>Jane Roe</dc:creator></item>
</rdf:RDF>"""
    (found,) = parsed(text).entries
    assert (found.link, found.published, found.author) == ("https://news.example/a", "2026-03-02", "Jane Roe")


def test_rss_091_is_read() -> None:
    text = "<rss version='0.91'><channel><title>T</title><item><title>A</title><link>/a</link></item></channel></rss>"
    assert [(entry.title, entry.link) for entry in parsed(text).entries] == [("A", "https://news.example/a")]


@pytest.mark.parametrize(
    ("stated", "author"),
    [
        ("desk@news.example", ""),
        ("jane@news.example (Jane Roe)", "Jane Roe"),
        ("Jane Roe &lt;jane@news.example&gt;", "Jane Roe"),
        ("Jane Roe", "Jane Roe"),
    ],
)
def test_address_of_the_author_is_no_name(stated: str, author: str) -> None:
    (found,) = parsed(RSS_2.format(entries=item(extra=f"<author>{stated}</author>"))).entries
    assert found.author == author


@pytest.mark.parametrize(
    ("encoding", "content_type"),
    [
        ("utf-8", f"{RSS}; charset=iso-8859-1"),
        ("cp1252", f"{RSS}; charset=utf-8"),
        ("cp1252", f"{RSS}; charset=windows-1252"),
        ("utf-16", RSS),
        ("utf-8", "text/xml"),
        ("utf-8", "text/plain; charset=us-ascii"),
        ("utf-8", ""),
    ],
)
def test_wrong_charset_does_not_garble_a_feed(encoding: str, content_type: str) -> None:
    text = RSS_2.replace(' encoding="utf-8"', "").format(entries=item(title="Zölle auf Stahl: „sofort“"))
    assert [entry.title for entry in parsed(text.encode(encoding), content_type).entries] == [
        "Zölle auf Stahl: „sofort“"
    ]


def test_feed_that_breaks_off_gives_what_it_has() -> None:
    whole = RSS_2.format(entries=item("/a") + item("/b", guid="2"))
    assert [entry.link for entry in parsed(whole[: whole.index("</channel>")]).entries] == [
        "https://news.example/a",
        "https://news.example/b",
    ]


def test_feed_with_broken_markup_and_no_entries_says_so() -> None:
    with pytest.raises(ParseError, match="the feed is broken: "):
        parsed(RSS_2.format(entries="").replace("</title>", "</tilte>"))


def test_long_archive_is_cut_and_counted() -> None:
    entries = "".join(f"<item><title>{n}</title><link>/{n}</link></item>" for n in range(MAX_ENTRIES + 3))
    found = parsed(f"<rss version='2.0'><channel>{entries}</channel></rss>")
    assert (len(found.entries), found.left_out) == (MAX_ENTRIES, 3)


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "entities",
    [
        "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(12)) + '<!ENTITY e0 "lol">',
        '<!ENTITY e12 SYSTEM "file:///etc/passwd">',
        '<!ENTITY % p SYSTEM "http://127.0.0.1:9/x.dtd"> %p; <!ENTITY e12 "x">',
        f'<!ENTITY e12 "{"x" * 100_000}">',
    ],
    ids=["laughs", "file", "parameter", "blowup"],
)
def test_entities_of_a_feed_are_not_expanded(entities: str) -> None:
    text = f"<?xml version='1.0'?><!DOCTYPE rss [{entities}]>" + RSS_2.partition("?>")[2].format(
        entries=item(title="Duty &e12; rises", summary="&e12;" * 1_000)
    )
    (found,) = parsed(text).entries
    assert len(json.dumps(parsed(text).to_json())) < 30_000
    assert "root:" not in found.title + found.summary


@given(st.one_of(st.binary(max_size=500), st.text(max_size=300).map(lambda text: RSS_2.format(entries=text).encode())))
def test_any_bytes_are_a_feed_or_a_parse_error(data: bytes) -> None:
    try:
        found = parse_feed(data, content_type="text/xml", url="https://news.example/")
    except ParseError:
        return
    assert Feed.from_json(json.loads(json.dumps(found.to_json()))) == found
