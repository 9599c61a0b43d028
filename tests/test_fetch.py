"""Fetching is guarded against servers, and polite to them. Real sockets; only waits and names are the tests' own."""

from __future__ import annotations

import gzip
import threading
import zlib
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

import httpcore
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.errors import FetchError
from assistant.records import Validators
from assistant.settings import Settings, load_settings
from ingest.addresses import checked_url, refusal
from ingest.fetch import ROBOTS_TOKEN, Fetched, Fetcher, Limits
from tests.web_server import Page, Site, http_date, packed, redirect, web_server

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TEXT = "<p>Tariffs on steel rose to 50 percent.</p>"
HERE = "127.0.0.1"
USUAL = Limits()
QUICK = Limits(connect_s=2, read_s=0.1, deadline_s=0.4, attempts=3, pause_s=1)


@pytest.fixture
def local(tmp_path: Path) -> Settings:
    """Settings that let this computer be fetched from, as the tests' server needs."""
    return load_settings(data_dir=tmp_path / "data", allow_private_addresses=True)


@pytest.fixture
def careful(tmp_path: Path) -> Settings:
    """Settings as users have them."""
    return load_settings(data_dir=tmp_path / "data")


class Waits(list[float]):
    """The waits that were asked for; none takes place, and the clock that paces requests stands still."""

    def fetcher(
        self,
        settings: Settings,
        *,
        limits: Limits = USUAL,
        now: Callable[[], datetime] = lambda: NOW,
        resolve: Callable[[str, int], list[str]] | None = None,
        connector: httpcore.NetworkBackend | None = None,
    ) -> Fetcher:
        """Return a fetcher that waits here and finds every name on this computer."""
        return Fetcher(
            settings,
            limits=limits,
            sleep=self.append,
            monotonic=lambda: 1_000.0,
            now=now,
            resolve=resolve or everything_here,
            connector=connector,
        )


def everything_here(host: str, port: int) -> list[str]:
    """Resolve every name to this computer, and addresses to themselves."""
    return [host if host[-1].isdigit() else HERE]


@pytest.fixture
def waits() -> Waits:
    """Return the waits of a test."""
    return Waits()


def error(fetcher: Fetcher, url: str, *, max_bytes: int | None = None) -> FetchError:
    """Return why an address is not fetched."""
    with pytest.raises(FetchError) as caught:
        fetcher.get(url, max_bytes=max_bytes)
    return caught.value


def reason(fetcher: Fetcher, url: str, *, max_bytes: int | None = None) -> str:
    """Return the words of it."""
    return str(error(fetcher, url, max_bytes=max_bytes))


def body(found: Fetched | None) -> bytes:
    """Return what was fetched."""
    assert found is not None
    return found.data


# What is asked and what comes back


def test_page_is_fetched_with_what_its_server_says_of_it(site: Site, local: Settings, waits: Waits) -> None:
    headers = {"ETag": '"v1"', "Last-Modified": "Mon, 02 Mar 2026 08:00:00 GMT"}
    url = site.add("/a", Page(TEXT, "text/HTML; Charset=ISO-8859-1", headers=headers))
    with waits.fetcher(local) as fetcher:
        assert fetcher.get(url + "#part") == Fetched(
            url=url,
            data=TEXT.encode(),
            media_type="text/html",
            charset="iso-8859-1",
            validators=Validators('"v1"', "Mon, 02 Mar 2026 08:00:00 GMT"),
        )


def test_request_says_who_asks_and_nothing_of_the_user(
    site: Site, local: Settings, waits: Waits, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    url = site.add("/a", Page(TEXT, headers={"Set-Cookie": "seen=1; Path=/"}))
    fetcher = waits.fetcher(local)
    fetcher.get(url, accept="text/html")
    fetcher.get(url)
    first, second = site.requests
    assert first.headers["user-agent"].startswith(ROBOTS_TOKEN)
    assert first.headers["accept"] == "text/html"
    assert "cookie" not in second.headers


def test_unchanged_page_costs_no_body(site: Site, local: Settings, waits: Waits) -> None:
    site.add("/etag", Page(TEXT, headers={"ETag": 'W/"v1"'}))
    site.add("/date", Page(TEXT, headers={"Last-Modified": "Mon, 02 Mar 2026 08:00:00 GMT"}))
    fetcher = waits.fetcher(local)
    for path in ("/etag", "/date"):
        found = fetcher.get(site.url(path))
        assert found is not None
        assert fetcher.get(site.url(path), validators=found.validators) is None
    assert body(fetcher.get(site.url("/etag"), validators=Validators('W/"v0"'))) == TEXT.encode()


def test_not_modified_without_being_asked_is_a_failure(site: Site, local: Settings, waits: Waits) -> None:
    url = site.add("/a", Page(status=304))
    assert reason(waits.fetcher(local), url) == "the server answers with status 304"


@pytest.mark.parametrize(
    "page",
    [
        packed(TEXT),
        packed(TEXT, encoding="x-gzip"),
        Page(zlib.compress(TEXT.encode()), headers={"Content-Encoding": "deflate"}),
        Page(zlib.compress(TEXT.encode(), wbits=-15), headers={"Content-Encoding": "deflate"}),
        Page(gzip.compress(TEXT[:9].encode()) + gzip.compress(TEXT[9:].encode()), headers={"Content-Encoding": "gzip"}),
        Page(TEXT, is_chunked=True),
        Page(gzip.compress(TEXT.encode()), headers={"Content-Encoding": "gzip"}, is_chunked=True),
    ],
    ids=["gzip", "x-gzip", "zlib", "bare deflate", "two members", "chunked", "chunked gzip"],
)
def test_packed_page_is_unpacked(site: Site, local: Settings, waits: Waits, page: Page) -> None:
    assert body(waits.fetcher(local).get(site.add("/a", page))) == TEXT.encode()


@given(st.binary(max_size=300_000), st.sampled_from(["gzip", "deflate"]), st.integers(1, 5_000))
def test_unpacking_gives_back_what_was_packed(data: bytes, encoding: str, step: int) -> None:
    from ingest.unpack import PIECE_BYTES, unpacker

    sent = gzip.compress(data) if encoding == "gzip" else zlib.compress(data)
    unpack = unpacker(encoding)
    pieces = [piece for start in range(0, len(sent), step) for piece in unpack.pieces(sent[start : start + step])]
    assert b"".join(pieces) == data
    assert unpack.is_whole
    assert max(map(len, pieces), default=0) <= PIECE_BYTES


def test_check_sees_the_final_address_and_type_before_the_body(site: Site, local: Settings, waits: Waits) -> None:
    seen: list[tuple[str, str]] = []

    def check(url: str, media_type: str) -> None:
        seen.append((url, media_type))
        raise FetchError("not wanted")

    site.add("/film", Page("x" * 100, "video/mp4", cut_after=10))
    url = site.add("/a", redirect("/film"))
    with pytest.raises(FetchError, match="not wanted"):
        waits.fetcher(local).get(url, check=check)
    assert seen == [(site.url("/film"), "video/mp4")]


# Failures


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "it asks for a sign-in: save the page from your browser and add the file"),
        (
            403,
            "the site refuses programs or visitors without a sign-in: save the page from your browser and add the file",
        ),
        (404, "there is no such page: check the address"),
        (410, "the page was taken down for good"),
        (418, "the server answers with status 418"),
        (206, "the server answers with status 206"),
    ],
)
def test_refusal_is_said_in_words_and_not_repeated(
    site: Site, local: Settings, waits: Waits, status: int, words: str
) -> None:
    url = site.add("/a", Page("no", status=status))
    assert reason(waits.fetcher(local), url) == words
    assert (site.paths(), waits) == (["/a"], [])


@pytest.mark.parametrize("status", [408, 425, 500, 502, 503, 504])
def test_passing_failure_is_tried_again(site: Site, local: Settings, waits: Waits, status: int) -> None:
    url = site.add("/a", Page(status=status), Page(status=status), Page(TEXT))
    assert body(waits.fetcher(local).get(url)) == TEXT.encode()
    assert site.paths() == ["/a"] * 3
    first, second = waits
    assert 1 <= first <= 2 <= second <= 3


def test_lasting_failure_ends_after_a_few_tries(site: Site, local: Settings, waits: Waits) -> None:
    url = site.add("/a", Page(status=500))
    assert reason(waits.fetcher(local), url) == "the server has trouble (status 500) (tried 4 times)"
    assert site.paths() == ["/a"] * 4


@pytest.mark.parametrize("header", ["7", http_date(NOW + timedelta(seconds=7))], ids=["seconds", "date"])
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_waited_for(site: Site, local: Settings, waits: Waits, status: int, header: str) -> None:
    url = site.add("/a", Page(status=status, headers={"Retry-After": header}), Page(TEXT))
    assert body(waits.fetcher(local).get(url)) == TEXT.encode()
    assert waits == [7.0]


@pytest.mark.parametrize("header", ["3600", http_date(NOW + timedelta(hours=1))], ids=["seconds", "date"])
def test_long_retry_after_ends_the_run_for_that_host(site: Site, local: Settings, waits: Waits, header: str) -> None:
    moment = [NOW]
    fetcher = waits.fetcher(local, now=lambda: moment[0])
    site.add("/b", Page(TEXT))
    url = site.add("/a", Page(status=429, headers={"Retry-After": header}), Page(TEXT))
    refused = error(fetcher, url)
    assert str(refused) == "the site asks to be left alone for a while: not before 2026-03-02 10:00 UTC"
    assert refused.retry_at == NOW + timedelta(hours=1)
    again = error(fetcher, site.url("/b"))
    assert str(again) == "127.0.0.1 asks to be left alone until 2026-03-02 10:00 UTC"
    assert again.retry_at == NOW + timedelta(hours=1)
    assert (site.paths(), waits) == (["/a"], [])
    moment[0] += timedelta(hours=1)
    assert body(fetcher.get(url)) == TEXT.encode()


@pytest.mark.parametrize("header", ["soon", "-5", "1e9", "9" * 40, "Mon, 99 Foo 2026", "\xb2"])
def test_senseless_retry_after_is_a_failure_like_any_other(
    site: Site, local: Settings, waits: Waits, header: str
) -> None:
    url = site.add("/a", Page(status=429, headers={"Retry-After": header}), Page(TEXT))
    assert body(waits.fetcher(local).get(url)) == TEXT.encode()
    (wait,) = waits
    assert 1 <= wait <= 2


@pytest.mark.parametrize(
    "page",
    [
        Page("x" * 5_000, cut_after=4_999),
        Page("x" * 5_000, cut_after=0),
        Page("x" * 5_000, cut_after=2_000, is_chunked=True),
        Page(gzip.compress(TEXT.encode())[:-6], headers={"Content-Encoding": "gzip"}),
    ],
    ids=["length", "no body", "chunked", "gzip"],
)
def test_truncated_page_is_no_page(site: Site, local: Settings, waits: Waits, page: Page) -> None:
    url = site.add("/a", page)
    assert "cut short" in (words := reason(waits.fetcher(local), url)) or "broke off" in words
    whole = site.add("/b", page, Page(TEXT))
    assert body(waits.fetcher(local).get(whole)) == TEXT.encode()


@pytest.mark.timeout(30)
def test_stalled_server_is_given_up(site: Site, local: Settings, waits: Waits) -> None:
    url = site.add("/a", Page(is_stalled=True))
    with Fetcher(local, limits=QUICK, sleep=waits.append) as fetcher:
        assert reason(fetcher, url) == "the server does not answer in time (tried 3 times)"


@pytest.mark.timeout(30)
@pytest.mark.parametrize("drip_s", [0.02, 0.001], ids=["in the headers", "in the body"])
def test_dripping_server_cannot_hold_a_request(site: Site, local: Settings, waits: Waits, drip_s: float) -> None:
    url = site.add("/a", Page("x" * 100_000, drip_s=drip_s))
    with Fetcher(local, limits=QUICK, sleep=waits.append) as fetcher:
        assert reason(fetcher, url) == "the server sends too slowly: not done after 0.4 seconds"
    assert site.paths() == ["/a"]


def test_nobody_at_the_address_is_a_failure(local: Settings, waits: Waits) -> None:
    with web_server() as gone:
        url = gone.url("/a")
    words = reason(waits.fetcher(local), url)
    assert words.startswith("its robots.txt cannot be read, so nothing is fetched: no connection to 127.0.0.1: ")


def test_unknown_name_is_a_failure(local: Settings, waits: Waits) -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise OSError("Name or service not known")

    words = reason(waits.fetcher(local, resolve=unknown), "http://no.such.example/")
    assert "the name no.such.example is not known, or there is no network" in words


def test_closed_fetcher_fetches_nothing(site: Site, local: Settings, waits: Waits) -> None:
    url = site.add("/a", Page(TEXT))
    with waits.fetcher(local) as fetcher:
        pass
    assert "fetching was ended" in reason(fetcher, url)
    assert site.all_requests == []


# Sizes


def test_page_over_the_limit_is_refused_before_it_is_read(site: Site, local: Settings, waits: Waits) -> None:
    url = site.add("/a", Page(b"x" * 50_000_001))
    assert reason(waits.fetcher(local), url) == (
        "it is larger than 50,000,000 bytes; the limit is TRADE_ASSISTANT_MAX_FILE_BYTES"
    )
    exact = site.add("/b", Page(b"x" * 1_000, is_chunked=True))
    assert body(waits.fetcher(local).get(exact, max_bytes=1_000)) == b"x" * 1_000
    assert "larger than 999 bytes" in reason(waits.fetcher(local), exact, max_bytes=999)


@pytest.mark.parametrize("is_chunked", [False, True])
def test_bomb_is_noticed_while_it_is_unpacked(site: Site, local: Settings, waits: Waits, is_chunked: bool) -> None:
    page = Page(gzip.compress(bytes(40_000_000)), headers={"Content-Encoding": "gzip"}, is_chunked=is_chunked)
    url = site.add("/a", page)
    assert reason(waits.fetcher(local), url) == "it unpacks to more than 200 times its size, as no article does"
    assert "larger than 500,000 bytes" in reason(waits.fetcher(local), url, max_bytes=500_000)


@pytest.mark.parametrize(
    ("encoding", "data", "words"),
    [
        ("gzip, gzip", gzip.compress(gzip.compress(b"x")), "packs its answer as 'gzip, gzip'"),
        ("br", b"\x0b\x02\x80x\x03", "packs its answer as 'br'"),
        ("gzip", b"no gzip at all", "the packed answer is damaged"),
    ],
)
def test_strange_packing_is_refused(
    site: Site, local: Settings, waits: Waits, encoding: str, data: bytes, words: str
) -> None:
    url = site.add("/a", Page(data, headers={"Content-Encoding": encoding}))
    assert words in reason(waits.fetcher(local), url)


# Redirects


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirect_is_followed(site: Site, local: Settings, waits: Waits, status: int) -> None:
    site.add("/new", Page(TEXT))
    url = site.add("/old", redirect("new#part", status=status))
    found = waits.fetcher(local).get(url)
    assert found is not None
    assert (found.url, found.data) == (site.url("/new"), TEXT.encode())


@pytest.mark.parametrize(
    ("to", "words"),
    [
        ("/a", "its redirects go round in a circle"),
        ("", "it redirects without saying where"),
        ("file:///etc/passwd", "only http and https addresses are fetched"),
        ("gopher://127.0.0.1/", "only http and https addresses are fetched"),
        ("//user:word@127.0.0.1/", "user name or password"),
        ("/b\\@evil.example", "a blank, a backslash or a control character"),
        ("http://[::1", "Invalid URL in location header"),
        ("http://169.254.169.254/latest/meta-data/", "169.254.169.254 is a metadata address"),
        ("http://[fd00:ec2::254]/", "a metadata address"),
        ("http://[fe80::1]/", "a link-local address"),
        ("http://0.0.0.0/", "an address of no single computer"),
    ],
)
def test_redirect_that_leads_nowhere_good_is_refused(
    site: Site, local: Settings, waits: Waits, to: str, words: str
) -> None:
    url = site.add("/a", redirect(to))
    fetcher = waits.fetcher(local, resolve=lambda host, port: [host])
    assert words in reason(fetcher, url)
    assert site.paths() == ["/a"]


def test_redirects_go_round_in_a_circle(site: Site, local: Settings, waits: Waits) -> None:
    site.add("/b", redirect("/a"))
    url = site.add("/a", redirect("/b"))
    assert "go round in a circle" in reason(waits.fetcher(local), url)
    assert site.paths() == ["/a", "/b"]


def test_redirects_have_a_limit(site: Site, local: Settings, waits: Waits) -> None:
    for number in range(20):
        site.add(f"/{number}", redirect(f"/{number + 1}"))
    assert reason(waits.fetcher(local), site.url("/0")) == "it redirects more than 10 times"
    assert len(site.requests) == 11


# Where a connection may go

REFUSED = [
    *"0.0.0.0 0.1.2.3 127.0.0.1 127.8.8.8 10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 169.254.0.1".split(),
    *"169.254.169.254 100.64.0.1 100.127.255.254 100.100.100.200 192.0.0.192 168.63.129.16 192.0.2.1".split(),
    *"198.18.0.1 198.51.100.1 203.0.113.9 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255".split(),
    *"192.88.99.1 :: ::1 ::2 fe80::1 fe80::1%eth0 fec0::1 fc00::1 fd12::1 fd00:ec2::254 ff02::1".split(),
    *"2001:db8::1 100::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 ::127.0.0.1".split(),
    *"2002:7f00:1:: 2002:a9fe:a9fe:: 2002:c0a8:101::1 64:ff9b::7f00:1 64:ff9b::a9fe:a9fe".split(),
    *"64:ff9b:1::1 2001:0:4136:e378:8000:63bf:80ff:fffe 4000::1 nonsense".split(),
    *"169.254.170.2 169.254.170.23 169.254.42.42 fd00:ec2::23 fd20:ce::254 fd00:c1::a9fe:a9fe fd00:42::42".split(),
    *"fd00:a9fe:a9fe::1 fd00:100::100:200 fe80::a9fe:a9fe".split(),
]


@pytest.mark.parametrize("address", REFUSED)
def test_address_that_is_no_public_one_is_refused(address: str) -> None:
    assert refusal(address) is not None


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "100.63.0.1", "100.128.0.1", "172.32.0.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"],
)
def test_public_address_is_allowed(address: str) -> None:
    assert refusal(address) is None


@pytest.mark.parametrize("address", REFUSED)
def test_setting_allows_this_computer_and_private_networks_alone(address: str) -> None:
    inner = address.rpartition(":")[2] if address.startswith("::ffff:") else address
    mapped = {"::127.0.0.1", "2002:7f00:1::", "2002:c0a8:101::1", "64:ff9b::7f00:1"}
    private = inner in mapped or inner in {"::1", "fc00::1", "fd12::1", "100.64.0.1", "100.127.255.254"}
    private |= inner.startswith(("127.", "10.", "172.16.", "172.31.", "192.168.")) or "80ff:fffe" in inner
    assert (refusal(address, allow_private=True) is None) == private


@given(st.ip_addresses())
def test_what_python_calls_private_is_never_allowed(address: IPv4Address | IPv6Address) -> None:
    if not address.is_global or address.is_multicast:
        inner = getattr(address, "ipv4_mapped", None)
        assert refusal(str(address)) is not None or (inner is not None and inner.is_global)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]"])
def test_this_computer_is_not_fetched_from_unless_a_setting_allows_it(
    site: Site, careful: Settings, waits: Waits, host: str
) -> None:
    site.add("/a", Page(TEXT))
    with Fetcher(careful, sleep=waits.append) as fetcher:
        assert "is this computer itself" in reason(fetcher, site.url("/a", host=host))
    assert site.all_requests == []


def test_one_private_answer_among_public_ones_is_enough_to_refuse(site: Site, careful: Settings, waits: Waits) -> None:
    fetcher = waits.fetcher(careful, resolve=lambda host, port: ["93.184.216.34", "10.0.0.7"])
    words = reason(fetcher, site.url("/a", host="news.example"))
    assert words == "news.example is on a private network (10.0.0.7), which is not fetched from"
    assert waits == []


class Rerouted(httpcore.NetworkBackend):
    """Remembers which addresses were to be connected to, and connects to this computer instead."""

    def __init__(self) -> None:
        self.addresses: list[str] = []
        self._real = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        self.addresses.append(host)
        return self._real.connect_tcp(HERE, port, timeout, local_address, socket_options)


def test_connection_goes_to_the_address_that_was_checked(site: Site, careful: Settings, waits: Waits) -> None:
    answers = iter(["93.184.216.34", "93.184.216.35", "127.0.0.1"])
    asked: list[str] = []

    def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return [next(answers)]

    connector = Rerouted()
    fetcher = waits.fetcher(careful, resolve=rebinding, connector=connector)
    url = site.add("/a", Page(TEXT)).replace(HERE, "news.example")
    assert body(fetcher.get(url)) == TEXT.encode()
    # Once for robots.txt, once for the page: never a second question for one connection.
    assert (asked, connector.addresses) == (["news.example"] * 2, ["93.184.216.34", "93.184.216.35"])
    assert {request.host for request in site.all_requests} == {"news.example"}
    assert reason(fetcher, url) == "news.example is this computer itself (127.0.0.1), which is not fetched from"
    assert len(connector.addresses) == 2


def test_redirect_is_checked_like_any_address(site: Site, careful: Settings, waits: Waits) -> None:
    names = {"news.example": "93.184.216.34", "inside.example": "192.168.0.10"}
    connector = Rerouted()
    fetcher = waits.fetcher(careful, resolve=lambda host, port: [names[host]], connector=connector)
    url = site.add("/a", redirect(site.url("/b", host="inside.example"))).replace(HERE, "news.example")
    assert reason(fetcher, url) == "inside.example is on a private network (192.168.0.10), which is not fetched from"
    assert connector.addresses == ["93.184.216.34"] * 2


def test_next_address_is_tried_when_one_does_not_answer(site: Site, local: Settings, waits: Waits) -> None:
    url = site.add("/a", Page(TEXT)).replace(HERE, "news.example")
    # The server listens at 127.0.0.1 alone.
    fetcher = waits.fetcher(local, resolve=lambda host, port: ["::1", HERE])
    assert body(fetcher.get(url)) == TEXT.encode()


@pytest.mark.parametrize(
    "url",
    [
        "ftp://news.example/a",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "//news.example/a",
        "/etc/passwd",
        "",
        "http://",
        "http:///a",
        "http://user@news.example/",
        "http://user:word@news.example/",
        "http://news.example:0/",
        "http://news.example:99999/",
        "http://news.example/a b",
        " http://news.example/",
        "http://news.example/\n",
        "http://news.example/\x00",
        "http://news.example\\@evil.example/",
        "http://news.example/\u00a0",
        "http://[::1/",
        "http://news..example\u2488/",
        "http://news.example/" + "a" * 2_000,
    ],
)
def test_what_is_no_plain_web_address_is_refused(url: str) -> None:
    with pytest.raises(FetchError):
        checked_url(url)


@given(st.text(max_size=60), st.sampled_from(["", "http://", "https://", "http://news.example/"]))
def test_address_is_checked_or_refused_and_nothing_else(text: str, prefix: str) -> None:
    try:
        checked = checked_url(prefix + text)
    except FetchError:
        return
    assert checked.scheme in ("http", "https")
    assert checked.host
    assert str(checked).isascii() or checked.host != checked.raw_host.decode()


# Manners


def robots(*lines: str) -> Page:
    """Return a robots.txt."""
    return Page("\n".join(lines), "text/plain")


def test_robots_txt_keeps_its_pages_unread(site: Site, local: Settings, waits: Waits) -> None:
    site.add("/robots.txt", robots("User-agent: *", "Disallow: /private", "Allow: /private/press"))
    for path in ("/private/a", "/private/press/b", "/c"):
        site.add(path, Page(TEXT))
    fetcher = waits.fetcher(local)
    words = "the site's robots.txt keeps programs from this page: save it from your browser instead"
    assert reason(fetcher, site.url("/private/a")) == words
    assert body(fetcher.get(site.url("/private/press/b"))) == TEXT.encode()
    assert body(fetcher.get(site.url("/c"))) == TEXT.encode()
    assert [request.path for request in site.all_requests] == ["/robots.txt", "/private/press/b", "/c"]


def test_robots_txt_may_name_this_program(site: Site, local: Settings, waits: Waits) -> None:
    site.add("/robots.txt", robots("User-agent: *", "Allow: /", f"User-agent: {ROBOTS_TOKEN}", "Disallow: /"))
    assert "robots.txt keeps programs" in reason(waits.fetcher(local), site.add("/a", Page(TEXT)))


def test_redirect_is_no_way_around_robots_txt(site: Site, local: Settings, waits: Waits) -> None:
    site.add("/robots.txt", robots("User-agent: *", "Disallow: /private"))
    site.add("/private", Page(TEXT))
    assert "robots.txt keeps programs" in reason(waits.fetcher(local), site.add("/a", redirect("/private")))
    assert site.paths() == ["/a"]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_site_without_robots_txt_may_be_read(site: Site, local: Settings, waits: Waits, status: int) -> None:
    site.add("/robots.txt", Page("Disallow: /", status=status))
    assert body(waits.fetcher(local).get(site.add("/a", Page(TEXT)))) == TEXT.encode()


@pytest.mark.parametrize(
    "page",
    [Page(status=503), Page(status=429), Page(b"x" * 600_000), redirect("/robots.txt"), Page("x" * 50, cut_after=5)],
    ids=["503", "429", "huge", "loop", "cut"],
)
def test_unreadable_robots_txt_means_not_now(site: Site, local: Settings, waits: Waits, page: Page) -> None:
    site.add("/robots.txt", page)
    fetcher = waits.fetcher(local)
    url = site.add("/a", Page(TEXT))
    assert reason(fetcher, url).startswith("its robots.txt cannot be read, so nothing is fetched: ")
    asked = len(site.all_requests)
    assert reason(fetcher, url).startswith("its robots.txt cannot be read, so nothing is fetched: ")
    assert (site.requests, len(site.all_requests)) == ([], asked)


def test_robots_txt_that_could_not_be_read_is_asked_for_again_after_a_minute(site: Site, local: Settings) -> None:
    clock = [1_000.0]
    fetcher = Fetcher(local, sleep=lambda s: None, monotonic=lambda: clock[0])
    site.add("/robots.txt", Page(status=503))
    url = site.add("/a", Page(TEXT))
    reason(fetcher, url)
    site.add("/robots.txt", robots("User-agent: *", "Allow: /"))
    reason(fetcher, url)
    clock[0] += 61
    assert body(fetcher.get(url)) == TEXT.encode()


def test_robots_txt_may_be_elsewhere_but_not_inside(site: Site, careful: Settings, waits: Waits) -> None:
    names = {"news.example": "93.184.216.34", "inside.example": "10.1.1.1"}
    fetcher = waits.fetcher(careful, resolve=lambda host, port: [names[host]], connector=Rerouted())
    site.add("/robots.txt", redirect(site.url("/rules", host="inside.example")))
    url = site.add("/a", Page(TEXT)).replace(HERE, "news.example")
    assert reason(fetcher, url) == "inside.example is on a private network (10.1.1.1), which is not fetched from"


def test_interface_for_programs_is_not_what_robots_txt_is_about(site: Site, local: Settings, waits: Waits) -> None:
    site.add("/robots.txt", robots("User-agent: *", "Disallow: /"))
    found = waits.fetcher(local).get(site.add("/api", Page("{}")), is_interface=True)
    assert body(found) == b"{}"
    assert [request.path for request in site.all_requests] == ["/api"]


def test_requests_to_a_host_are_a_second_apart(site: Site, local: Settings, waits: Waits) -> None:
    site.add("/a", Page(TEXT))
    fetcher = waits.fetcher(local)
    for host in ("one.example", "two.example", "one.example"):
        fetcher.get(site.url("/a", host=host))
    # A pause after each robots.txt, and one before the third page: "two.example" did not wait for "one.example".
    assert waits == [1.0, 1.0, 1.0]


@pytest.mark.parametrize(("asked", "pause"), [("5", 5.0), ("0.1", 1.0), ("900", 30.0), ("soon", 1.0)])
def test_crawl_delay_is_kept_within_reason(site: Site, local: Settings, waits: Waits, asked: str, pause: float) -> None:
    site.add("/robots.txt", robots("User-agent: *", f"Crawl-delay: {asked}"))
    site.add("/a", Page(TEXT))
    fetcher = waits.fetcher(local)
    fetcher.get(site.url("/a", host="news.example"))
    fetcher.get(site.url("/a", host="news.example"))
    assert waits == [1.0, pause]


def test_this_computers_own_server_needs_no_pause(site: Site, local: Settings, waits: Waits) -> None:
    url = site.add("/a", Page(TEXT))
    fetcher = waits.fetcher(local)
    fetcher.get(url)
    fetcher.get(url)
    assert waits == []


@pytest.mark.timeout(60)
def test_threads_ask_a_host_one_at_a_time(site: Site, local: Settings, waits: Waits) -> None:
    inside, most = [0], [0]
    lock = threading.Lock()

    def answer(request: object) -> Page:
        with lock:
            inside[0] += 1
            most[0] = max(most[0], inside[0])
        threading.Event().wait(0.01)
        with lock:
            inside[0] -= 1
        return Page(TEXT)

    url = site.add("/a", answer)
    found: list[bytes] = []
    with Fetcher(local, sleep=waits.append) as fetcher:
        threads = [threading.Thread(target=lambda: found.append(body(fetcher.get(url)))) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert (found, most) == ([TEXT.encode()] * 8, [1])
    assert [request.path for request in site.all_requests].count("/robots.txt") == 1
