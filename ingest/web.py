"""Web pages as items of a source: one address, or each page that a feed links to.

A page is named by the address where it was found, spelled as the page itself states it, so that one article has one
location under http and https, with and without tracking parameters, and in its form for telephones. Another address
that it states for itself is what links lead to, never its name: careless publishers state one for many pages, and none
of them may take the place of another. The same story under two names is a copy (`assistant/copies.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from assistant.errors import FetchError
from assistant.records import NO_VALIDATORS, Validators
from ingest.addresses import checked_url
from ingest.fetch import Fetched, Fetcher
from ingest.metadata import NOTHING, Stated, shorten
from ingest.sources import Document, Known, Listing, Problem

if TYPE_CHECKING:
    import httpx

ACCEPT = "text/html, application/xhtml+xml, application/pdf, text/markdown, text/plain;q=0.9, */*;q=0.1"
MAX_NAME_CHARS = 120
# `<link rel="canonical">` stands in the head of a page; this much of it is looked at.
_HEAD_BYTES = 262_144
_MAX_TAG_BYTES = 4_000
_MAX_LINKS = 200
_TAG = re.compile(rb"<(!--|/?[a-z][a-z0-9:-]*)")
_RAW = frozenset({b"script", b"style", b"title", b"noscript", b"template"})
_IN_HEAD = frozenset(
    {b"html", b"head", b"meta", b"base", b"/meta", b"/base", b"/link", *(b"/" + name for name in _RAW)}
)
_SUFFIXES = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "application/pdf": ".pdf",
    "application/x-pdf": ".pdf",
    "text/markdown": ".md",
    "text/x-markdown": ".md",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
}
# What servers say that do not know what they serve; the name or the bytes tell.
_VAGUE = frozenset({"", "text/plain", "application/octet-stream", "binary/octet-stream", "application/download"})
_NAMED = {".htm": ".html", ".html": ".html", ".pdf": ".pdf", ".md": ".md", ".txt": ".txt", ".docx": ".docx"}
_KINDS = "web pages, PDF, Word, Markdown and plain text"
# Parameters that say how a reader came to a page, never which page it is: "utm_" and whatever follows, and these names.
# Other beginnings are not believed, because a site may name its articles by `pk_news` or `at_id`.
_TRACKING_PREFIX = "utm_"
_TRACKING = frozenset(
    (
        "__twitter_impression _hsenc _hsmi cmpid dclid fbclid gbraid gclid gclsrc igshid mc_cid mc_eid mkt_tok msclkid "
        "oly_anon_id oly_enc_id ref_src ttclid twclid vero_conv vero_id wbraid xtor yclid "
        "at_campaign at_campaign_type at_creation at_custom1 at_custom2 at_custom3 at_custom4 at_format at_link_id "
        "at_link_origin at_link_type at_medium at_ptr_name at_variant "
        "hsa_acc hsa_ad hsa_cam hsa_grp hsa_kw hsa_mt hsa_net hsa_ol hsa_src hsa_tgt hsa_ver "
        "mtm_campaign mtm_cid mtm_content mtm_group mtm_keyword mtm_kwd mtm_medium mtm_placement mtm_source "
        "pk_campaign pk_cid pk_content pk_cpn pk_keyword pk_kwd pk_medium pk_source"
    ).split()
)
# How a page for telephones goes by the address of its article: /amp/story, /story/amp, /story.amp, ?amp=1.
_AMP_PATH = re.compile(r"^/amp(?=/)|[/.]amp$|\.amp(?=\.html?$)", re.IGNORECASE)
_AMP_QUERY = frozenset({"amp", "amp=1", "amp=true", "outputtype=amp"})


class UrlSource:
    """One page."""

    def __init__(self, name: str, url: str, fetcher: Fetcher) -> None:
        self.name, self.url, self.fetcher = name, url, fetcher

    def list(self, known: Validators = NO_VALIDATORS) -> Listing:
        """Return the page as the only item; nothing is fetched yet."""
        try:
            return Listing(found=(PageItem(clean_address(self.url), self.fetcher),))
        except FetchError as err:
            return Listing(problems=(Problem(self.url, str(err), retry_at=err.retry_at),))


@dataclass(frozen=True, slots=True)
class PageItem:
    """A page to fetch. `stated` is what a listing says of it, `fingerprint` a hash of that ("" if nothing)."""

    location: str
    fetcher: Fetcher
    stated: Stated = NOTHING
    fingerprint: str = ""

    def is_unchanged(self, known: Known) -> bool:
        """Say whether the listing says what it said when the page was indexed."""
        return self.fingerprint != "" and known.validators.fingerprint == self.fingerprint

    def read(self, known: Known | None, *, max_bytes: int) -> Document | None:
        """Fetch the page; None if its server says that it is unchanged. Raises FetchError."""
        # What a listing says anew is to be stored even if the page is the same, so then it is fetched as a whole.
        is_same = known is not None and known.validators.fingerprint == self.fingerprint
        asked = known.validators if known is not None and is_same else NO_VALIDATORS
        found = self.fetcher.get(self.location, validators=asked, accept=ACCEPT, max_bytes=max_bytes, check=suffix_of)
        if found is None:
            return None
        return page(self.location, found, stated=self.stated, fingerprint=self.fingerprint)


def page(asked: str, found: Fetched, *, stated: Stated = NOTHING, fingerprint: str = "") -> Document:
    """Return what was fetched as a document under its canonical address. Raises FetchError if it cannot be one."""
    if not found.data.strip():
        raise FetchError("the page is empty")
    if _is_above(found.url, asked):
        raise FetchError(f"it leads to {found.url[:200]!r}, above it: the page was removed, or asks for a sign-in")
    suffix = suffix_of(found.url, found.media_type, found.data)
    where = _own(asked, found.url)
    stated_address = canonical(where, found) if suffix == ".html" else where
    location = stated_address if _is_one_page(where, stated_address) else where
    data = found.data if suffix in (".pdf", ".docx") else in_utf8(found.data, found.charset)
    return Document(
        location=location,
        data=data,
        suffix=suffix,
        name=document_name(location, suffix),
        size=len(data),
        stated=replace(stated, url=stated_address),
        validators=Validators(found.validators.etag, found.validators.last_modified, fingerprint),
    )


def suffix_of(url: str, media_type: str, data: bytes = b"") -> str:
    """Return the suffix of the reader for an answer. Raises FetchError for what none reads."""
    if data.startswith(b"%PDF-"):
        return ".pdf"
    if media_type in _SUFFIXES:
        return _SUFFIXES[media_type]
    named = _NAMED.get(PurePosixPath(unquote(urlsplit(url).path)).suffix.lower())
    if media_type not in _VAGUE:
        if media_type.startswith("text/") and named:
            return named
        raise FetchError(f"it is of type {media_type[:80]!r}; what can be read: {_KINDS}")
    start = data[:1_000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return ".html"
    if media_type == "text/plain":
        return ".md" if named == ".md" else ".txt"
    if named is None and data:
        raise FetchError(f"its server does not say what it is, nor does its name; what can be read: {_KINDS}")
    return named or ".html"


def clean_address(url: str) -> str:
    """Return an address without its fragment and without parameters that only track readers. Raises FetchError."""
    address = checked_url(url)
    path, mark, query = address.raw_path.decode("ascii").partition("?")
    kept = [part for part in query.split("&") if part and not _is_tracking(part.partition("=")[0].lower())]
    return str(address.copy_with(raw_path=(path + (mark + "&".join(kept) if kept else "")).encode("ascii")))


def _is_tracking(parameter: str) -> bool:
    return parameter in _TRACKING or parameter.startswith(_TRACKING_PREFIX)


def canonical(where: str, found: Fetched) -> str:
    """Return the address that a page states for itself if that can be, else `where` it was found.

    It can be one of the same site that is no folder which the page lies in: that is what a list of pages goes by.
    """
    stated = _stated_canonical(found)
    if stated is None:
        return where
    try:
        address = clean_address(str(checked_url(found.url).join(stated)))
    except (FetchError, ValueError):
        return where
    address = _own(where, address)
    return where if _is_above(address, where) else address


def in_utf8(data: bytes, charset: str | None) -> bytes:
    """Return text in UTF-8 if its server names another encoding that fits; the bytes win where they contradict it."""
    import codecs

    try:
        encoding = codecs.lookup(charset or "utf-8").name
    except (LookupError, ValueError):
        return data
    if encoding in ("utf-8", "ascii") or data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        return data
    # Markup and Western text have zero bytes in UTF-16 and UTF-32, and nowhere else.
    is_wide = b"\0" in data[:1_000]
    if is_wide != encoding.startswith(("utf-16", "utf-32")) or (not is_wide and _decoded(data, "utf-8") is not None):
        return data
    # Browsers read Latin-1 as the Windows code page that holds it, because that is what is meant.
    return _transcoded(data, "cp1252" if encoding == "iso8859-1" else encoding)


def document_name(location: str, suffix: str) -> str:
    """Return a short file name for messages: the last part of the path."""
    parts = urlsplit(location)
    last = unquote(parts.path.rstrip("/").rpartition("/")[2]) or parts.hostname or "page"
    name = shorten("".join(mark if mark.isprintable() else "_" for mark in last), MAX_NAME_CHARS)
    return name if name.lower().endswith(suffix) else name + suffix


def _transcoded(data: bytes, encoding: str) -> bytes:
    text = _decoded(data, encoding)
    return data if text is None else text.encode("utf-8", "replace")


def _decoded(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except (UnicodeError, LookupError, ValueError):
        return None


def _own(asked: str, other: str) -> str:
    """Return the other address if it is of the same site, else the one asked for."""
    try:
        first, second = checked_url(asked), checked_url(other)
    except FetchError:
        return asked
    return clean_address(other) if _site(first) == _site(second) else asked


def _site(address: httpx.URL) -> tuple[str, int | None]:
    return address.host.removeprefix("www."), address.port


def _is_one_page(one: str, other: str) -> bool:
    """Say whether two addresses differ only in their scheme, "www.", a last slash, or what marks a page for AMP."""
    return _plain(one) == _plain(other)


def _plain(url: str) -> tuple[str, str, str]:
    parts = urlsplit(url)
    query = "&".join(part for part in parts.query.split("&") if part.lower() not in _AMP_QUERY)
    path = _AMP_PATH.sub("", parts.path.rstrip("/")).removesuffix("/index.html")
    return parts.netloc.lower().removeprefix("www."), path.rstrip("/"), query


def _is_above(url: str, other: str) -> bool:
    """Say whether an address names the front page of a site, or a folder that the other one lies in."""
    above, below = urlsplit(url), urlsplit(other)
    if above.query or _is_one_page(url, other):
        return False
    is_front, is_page = not above.path.strip("/"), bool(below.path.strip("/") or below.query)
    is_folder = _plain(url)[0] == _plain(other)[0] and below.path.startswith(above.path.rstrip("/") + "/")
    return is_page if is_front else is_folder


def _stated_canonical(found: Fetched) -> str | None:
    """Return what the head of a page names as its address; None if it names none, or several."""
    from lxml import etree, html

    tags = list(islice(_links(in_utf8(found.data[:_HEAD_BYTES], found.charset)), _MAX_LINKS))
    if not tags:
        return None
    parser = html.HTMLParser(remove_comments=True, remove_pis=True, no_network=True, collect_ids=False)
    try:
        tree = html.document_fromstring(b"".join(tags).decode("utf-8", "replace"), parser=parser)
    except (etree.LxmlError, ValueError, AssertionError, RecursionError):
        return None
    links = {
        (link.get("href") or "").strip()
        for link in tree.iter("link")
        if "canonical" in (link.get("rel") or "").lower().split()
    }
    return links.pop() or None if len(links) == 1 else None


def _links(data: bytes) -> Iterator[bytes]:
    """Yield the `<link>` tags in the head of a page, in one pass however it is written: it may be made to cost time.

    The head ends with the first tag that cannot stand in one. Comments, scripts and overlong tags are passed over.
    """
    lower, place = data.lower(), 0
    while (tag := _TAG.search(lower, place)) is not None:
        name, place = tag[1], tag.end()
        closing = b"-->" if name == b"!--" else b"</" + name if name in _RAW else b">" if name == b"link" else b""
        if name == b"!--":
            place -= 2  # "<!-->" is a whole comment
        if closing:
            place = lower.find(closing, place) + len(closing)
            if place < len(closing):
                return
        elif name not in _IN_HEAD:
            return
        if name == b"link" and place - tag.start() <= _MAX_TAG_BYTES:
            yield data[tag.start() : place]
