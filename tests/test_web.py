"""A page as an item of a source: its name, its reader, its encoding, and what makes it no article."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.errors import FetchError
from assistant.records import Validators
from assistant.settings import load_settings
from ingest.fetch import Fetched, Fetcher
from ingest.metadata import Stated
from ingest.parse import parse_bytes
from ingest.sources import Document, Known, Listing, Problem
from ingest.web import PageItem, UrlSource, canonical, clean_address, in_utf8, suffix_of
from tests.web_server import HTML, Page, Site, packed, redirect

SENTENCE = "The duty on steel rises to 50 percent on March 12, the ministry said in a statement on Monday. "
ARTICLE = f"""<!doctype html><html><head><title>Steel duty rises</title>
<meta property="og:site_name" content="Sample Wire"><meta name="author" content="Jane Roe">
<meta property="article:published_time" content="2026-03-02T08:00:00Z">{{head}}</head>
<body><nav><a href="/">Home</a></nav><article><h1>Steel duty rises</h1><p>{SENTENCE * 3}</p></article></body></html>"""


@pytest.fixture
def fetcher(tmp_path: Path) -> Iterator[Fetcher]:
    """Fetch from this computer, under whatever name."""
    settings = load_settings(data_dir=tmp_path / "data", allow_private_addresses=True)
    with Fetcher(settings, sleep=lambda seconds: None, resolve=lambda host, port: ["127.0.0.1"]) as made:
        yield made


def article(head: str = "") -> str:
    """Return a page with something in its head."""
    return ARTICLE.format(head=head)


def read(fetcher: Fetcher, url: str, known: Known | None = None) -> Document | None:
    """Return the document behind an address."""
    (item,) = UrlSource("page", url, fetcher).list().found
    return item.read(known, max_bytes=1_000_000)


def document(fetcher: Fetcher, url: str) -> Document:
    """Return it for certain."""
    found = read(fetcher, url)
    assert found is not None
    return found


def known(found: Document) -> Known:
    """Return what the library remembers of a document."""
    return Known(found.location, "h", found.size, 0, "c", found.validators)


def refused(fetcher: Fetcher, url: str) -> str:
    """Return why there is no document."""
    with pytest.raises(FetchError) as caught:
        read(fetcher, url)
    return str(caught.value)


def test_page_becomes_an_article_that_names_its_source(site: Site, fetcher: Fetcher) -> None:
    url = site.add("/2026/steel", Page(article(), headers={"ETag": '"1"'}))
    found = document(fetcher, url)
    assert found == Document(
        location=url,
        data=article().encode(),
        suffix=".html",
        name="steel.html",
        size=len(article()),
        stated=Stated(url=url),
        validators=Validators(etag='"1"'),
    )
    read_back = parse_bytes(found.data, suffix=found.suffix, name=found.name, stated=found.stated)
    assert (read_back.title, read_back.publisher, read_back.author) == ("Steel duty rises", "Sample Wire", "Jane Roe")
    assert (read_back.published, read_back.url) == (date(2026, 3, 2), url)


def test_unchanged_page_is_none(site: Site, fetcher: Fetcher) -> None:
    url = site.add("/a", Page(article(), headers={"ETag": '"1"'}))
    first = document(fetcher, url)
    (item,) = UrlSource("page", url, fetcher).list().found
    assert not item.is_unchanged(known(first))
    assert item.read(known(first), max_bytes=1_000_000) is None


def test_listing_fetches_nothing(site: Site, fetcher: Fetcher) -> None:
    listing = UrlSource("page", site.url("/a?utm_source=x#top"), fetcher).list()
    assert listing == Listing(found=(PageItem(site.url("/a"), fetcher),))
    assert site.all_requests == []


def test_bad_address_is_a_problem_and_no_exception(fetcher: Fetcher) -> None:
    listing = UrlSource("page", "ftp://news.example/a", fetcher).list()
    assert listing == Listing(
        problems=(
            Problem("ftp://news.example/a", "only http and https addresses are fetched, not 'ftp://news.example/a'"),
        )
    )


def test_what_a_listing_says_anew_is_fetched_as_a_whole(site: Site, fetcher: Fetcher) -> None:
    url = site.add("/a", Page(article(), headers={"ETag": '"1"'}))
    before = PageItem(url, fetcher, fingerprint="monday").read(None, max_bytes=1_000_000)
    assert before is not None
    assert before.validators == Validators(etag='"1"', fingerprint="monday")
    same = PageItem(url, fetcher, fingerprint="monday")
    assert same.is_unchanged(known(before))
    other = PageItem(url, fetcher, fingerprint="tuesday")
    assert not other.is_unchanged(known(before))
    after = other.read(known(before), max_bytes=1_000_000)
    assert after is not None
    assert after.validators == Validators(etag='"1"', fingerprint="tuesday")


# One article, one location


@pytest.mark.parametrize(
    ("head", "location"),
    [
        ("", "/a"),
        ('<link rel="canonical" href="/canonical">', "/canonical"),
        ('<link rel="Canonical nofollow" href="/canonical?utm_source=x#top">', "/canonical"),
        ('<link rel="canonical" href="https://elsewhere.example/a">', "/a"),
        ('<link rel="canonical" href="//elsewhere.example/a">', "/a"),
        ('<link rel="canonical" href="javascript:alert(1)">', "/a"),
        ('<link rel="canonical" href="">', "/a"),
        ('<link rel="canonical" href="/">', "/a"),
        ('<link rel="canonical" href="/b"><link rel="canonical" href="/c">', "/a"),
        ('<link rel="canonical" href="http://[">', "/a"),
    ],
)
def test_links_lead_to_the_address_that_a_page_states_on_its_own_site_and_its_name_is_where_it_was_found(
    site: Site, fetcher: Fetcher, head: str, location: str
) -> None:
    url = site.add("/a", Page(article(head)))
    found = document(fetcher, url)
    assert (found.stated.url, found.location) == (site.url(location), url)


def test_canonical_link_counts_in_the_head_alone(site: Site, fetcher: Fetcher) -> None:
    comment = article().replace("</article>", '<link rel="canonical" href="/forged"></article>')
    assert document(fetcher, site.add("/a", Page(comment))).stated.url == site.url("/a")


@pytest.mark.parametrize(
    ("head", "location"),
    [
        ('<!-- <link rel="canonical" href="/no"> --><link rel=canonical href="/b">', "/b"),
        ('<script>var a = \'<link rel="canonical" href="/no">\'</script><LINK REL=canonical HREF=/b />', "/b"),
        (
            '<title>İİİ <link rel="canonical" href="/no"></title><link rel="canonical" href="/b?x=1&amp;y=2">',
            "/b?x=1&y=2",
        ),
        ('<link rel="canonical" href="/zölle">', "/z%C3%B6lle"),
        ('<p>The head is over.</p><link rel="canonical" href="/no">', "/a"),
        ('<meta name="x"></meta><link rel="next" href="/y"></link><link rel="canonical" href="/b">', "/b"),
        ('<!--><link rel="canonical" href="/b">', "/b"),
        ('<!---><link rel="canonical" href="/b">', "/b"),
        ("<!-- no end", "/a"),
        ("<link " + " ".join(f"x{number}=1" for number in range(30_000)) + ">", "/a"),
        ("<link rel=canonical " * 5_000, "/a"),
    ],
)
@pytest.mark.timeout(20)
def test_stated_address_is_looked_for_in_one_pass_over_the_head(head: str, location: str) -> None:
    page = f"<!doctype html><html><head><meta charset=utf-8>{head}</head><body>x</body></html>".encode()
    found = Fetched("http://news.example/a", page, "text/html", "utf-8", Validators())
    assert canonical("http://news.example/a", found) == f"http://news.example{location}"


def test_redirect_on_the_same_site_names_the_page(site: Site, fetcher: Fetcher) -> None:
    site.add("/new", Page(article()))
    url = site.add("/old", redirect(site.url("/new?utm_medium=rss", host="www.news.example")))
    asked = url.replace("127.0.0.1", "news.example")
    assert document(fetcher, asked).location == site.url("/new", host="www.news.example")


def test_redirect_to_another_site_leaves_the_name(site: Site, fetcher: Fetcher) -> None:
    site.add("/new", Page(article('<link rel="canonical" href="/other">')))
    url = site.add("/old", redirect(site.url("/new", host="elsewhere.example")))
    assert document(fetcher, url).location == url


def test_www_and_scheme_make_no_other_site() -> None:
    page = b'<html><head><link rel="canonical" href="https://www.news.example/a"></head><body>x</body></html>'
    found = Fetched("http://news.example/a?id=1", page, "text/html", None, Validators())
    assert canonical("http://news.example/a?id=1", found) == "https://www.news.example/a"


@pytest.mark.parametrize(
    ("url", "clean"),
    [
        ("https://news.example/a#part", "https://news.example/a"),
        ("https://News.Example:443/A", "https://news.example/A"),
        ("https://news.example", "https://news.example/"),
        ("https://news.example/a?utm_source=x&id=5&UTM_Medium=y", "https://news.example/a?id=5"),
        ("https://news.example/a?fbclid=x", "https://news.example/a"),
        ("https://news.example/a?at_medium=RSS&at_campaign=KARANGA", "https://news.example/a"),
        ("https://news.example/a?pk_campaign=x&mtm_source=y&mc_cid=z&gclid=1", "https://news.example/a"),
        *(
            (f"https://news.example/a?{name}=7", f"https://news.example/a?{name}=7")
            for name in ("pk_news", "pk", "at_id", "mc_article", "mtm_id", "hsa_7", "oly_page", "vero_a", "id", "ncid")
        ),
        ("https://news.example/a?b=2&a=1&empty=&flag", "https://news.example/a?b=2&a=1&empty=&flag"),
        ("https://news.example/a?q=x%26y+z", "https://news.example/a?q=x%26y+z"),
        ("https://news.example/zölle?ü", "https://news.example/z%C3%B6lle?%C3%BC"),
        ("https://zölle.example/", "https://xn--zlle-5qa.example/"),
    ],
)
def test_address_is_freed_of_what_tracks_readers(url: str, clean: str) -> None:
    assert httpx_equal(clean_address(url), clean)
    assert clean_address(clean_address(url)) == clean_address(url)


def httpx_equal(one: str, other: str) -> bool:
    """Compare two addresses, names of hosts in either spelling."""
    import httpx

    return httpx.URL(one) == httpx.URL(other)


# Which reader


@pytest.mark.parametrize(
    ("path", "media_type", "data", "suffix"),
    [
        ("/a", HTML, b"<html>", ".html"),
        ("/a", "application/xhtml+xml", b"<?xml version='1.0'?>", ".html"),
        ("/a.php", "", b"<!DOCTYPE html><html>", ".html"),
        ("/a", "text/plain", b"\xef\xbb\xbf\n<html lang=en>", ".html"),
        ("/a", "text/plain", b"Tariffs rose.", ".txt"),
        ("/a.md", "text/plain", b"# Tariffs", ".md"),
        ("/a", "text/markdown", b"# Tariffs", ".md"),
        ("/a", "application/pdf", b"%PDF-1.7", ".pdf"),
        ("/a", HTML, b"%PDF-1.7", ".pdf"),
        ("/a.pdf", "application/octet-stream", b"", ".pdf"),
        ("/a%2Epdf?x=1", "application/octet-stream", b"", ".pdf"),
        ("/a.md", "text/x-web-markdown", b"# Tariffs", ".md"),
    ],
)
def test_type_name_and_bytes_choose_the_reader(path: str, media_type: str, data: bytes, suffix: str) -> None:
    assert suffix_of(f"https://news.example{path}", media_type.partition(";")[0], data) == suffix


@pytest.mark.parametrize("media_type", ["video/mp4", "image/png", "application/json", "application/zip", "text/css"])
def test_what_no_reader_takes_is_refused_before_it_is_read(site: Site, fetcher: Fetcher, media_type: str) -> None:
    url = site.add("/a", Page(b"x" * 5_000, media_type, cut_after=10))
    assert refused(fetcher, url) == (
        f"it is of type {media_type!r}; what can be read: web pages, PDF, Word, Markdown and plain text"
    )


def test_bytes_of_no_known_kind_are_refused(site: Site, fetcher: Fetcher) -> None:
    url = site.add("/a", Page(b"\x7fELF\x02\x01", "application/octet-stream"))
    assert refused(fetcher, url).startswith("its server does not say what it is")


@pytest.mark.parametrize("text", ["", " \n"])
def test_empty_page_is_no_article(site: Site, fetcher: Fetcher, text: str) -> None:
    assert refused(fetcher, site.add("/a", Page(text))) == "the page is empty"


def test_page_that_leads_to_the_front_page_is_gone(site: Site, fetcher: Fetcher) -> None:
    site.add("/", Page(article()))
    url = site.add("/2020/old", redirect("/"))
    assert (
        refused(fetcher, url) == f"it leads to {site.url('/')!r}, above it: the page was removed, or asks for a sign-in"
    )
    assert document(fetcher, site.url("/")).location == site.url("/")


def test_compressed_page_is_read(site: Site, fetcher: Fetcher) -> None:
    assert document(fetcher, site.add("/a", packed(article()))).data == article().encode()


# Encodings

UMLAUTS = "Zölle auf Stahl steigen auf 50 % – „sofort“, sagte die Ministerin am Montag in München. "


@pytest.mark.parametrize(
    ("charset", "encoding", "meta"),
    [
        ("utf-8", "utf-8", ""),
        ("iso-8859-1", "utf-8", ""),
        ("utf-8", "cp1252", ""),
        ("utf-8", "cp1252", '<meta charset="windows-1252">'),
        ("iso-8859-1", "cp1252", '<meta charset="utf-8">'),
        ("windows-1252", "cp1252", '<meta charset="utf-8">'),
        ("utf-16le", "utf-16-le", ""),
        ("utf-16", "utf-8", ""),
        ("nonsense", "utf-8", ""),
        ("nonsense", "cp1252", ""),
        ("", "utf-8-sig", ""),
        ("utf-8", "utf-16", ""),
    ],
)
def test_wrong_charset_does_not_garble_a_page(
    site: Site, fetcher: Fetcher, charset: str, encoding: str, meta: str
) -> None:
    page = article(meta).replace(SENTENCE, UMLAUTS)
    media_type = f"text/html; charset={charset}" if charset else "text/html"
    found = document(fetcher, site.add("/a", Page(page.encode(encoding), media_type)))
    read_back = parse_bytes(found.data, suffix=found.suffix, name=found.name, stated=found.stated)
    assert UMLAUTS.strip() in read_back.text


def test_named_charset_decides_where_the_bytes_allow_it(site: Site, fetcher: Fetcher) -> None:
    text = "Пошлины на сталь выросли до пятидесяти процентов. " * 5
    page = f"<html><body><article><h1>Сталь</h1><p>{text}</p></article></body></html>"
    found = document(fetcher, site.add("/a", Page(page.encode("koi8-r"), "text/html; charset=koi8-r")))
    assert found.data.decode() == page


@given(st.binary(max_size=200), st.sampled_from(["utf-8", "utf-16", "latin-1", "shift_jis", "x", "rot13", "hex", ""]))
def test_any_bytes_of_any_charset_stay_bytes(data: bytes, charset: str) -> None:
    assert isinstance(in_utf8(data, charset or None), bytes)


@given(st.text(max_size=200))
def test_utf8_is_left_alone_whatever_its_server_says(text: str) -> None:
    assert in_utf8(text.encode(), "iso-8859-1") == text.encode()
