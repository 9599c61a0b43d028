"""RSS and Atom feeds as a source: each entry an item, read from the page it links to or from the feed itself.

What a feed says of an entry is hashed, so that an entry it goes on saying the same of is not asked for again. Feeds are
read by feedparser, which takes them as they are found; `parse_feed` is pure, so that it can run in another process.
"""

from __future__ import annotations

import hashlib
import html
import io
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Literal

from assistant.errors import FetchError, ParseError
from assistant.records import NO_VALIDATORS, Validators
from ingest.fetch import Fetched, Fetcher
from ingest.metadata import MAX_TITLE_CHARS, Stated, clean, name, stated_date
from ingest.parse import PARSER_VERSION
from ingest.sources import Document, Item, Known, Listing, Problem
from ingest.web import PageItem, clean_address, document_name

ACCEPT = "application/atom+xml, application/rss+xml, application/rdf+xml, application/xml, text/xml;q=0.9, */*;q=0.1"
MAX_FEED_BYTES = 5_000_000
# Feeds carry their newest ten to a hundred entries; more than this is an archive, of which the newest are taken.
MAX_ENTRIES = 2_000
# RSS asks for the author's mail address and allows a name beside it.
_ADDRESS = re.compile(r"\S*@\S*")


@dataclass(frozen=True, slots=True)
class Entry:
    """What a feed says of one article, all as text; "" where it says nothing. `published` is a day, "2025-11-09".

    `summary` and `content` are HTML without scripts, `updated` is as the feed has it.
    """

    id: str = ""
    link: str = ""
    title: str = ""
    author: str = ""
    publisher: str = ""
    published: str = ""
    updated: str = ""
    summary: str = ""
    content: str = ""


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed as read, entries in its order. `left_out` counts entries beyond MAX_ENTRIES."""

    title: str
    entries: tuple[Entry, ...]
    left_out: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Feed:
        """Return what `to_json` was made of."""
        return cls(value["title"], tuple(Entry(**entry) for entry in value["entries"]), value["left_out"])


Reader = Callable[[bytes, str, str], Feed]


def read_here(data: bytes, content_type: str, url: str) -> Feed:
    """Read a feed in this process. Raises ParseError."""
    return parse_feed(data, content_type=content_type, url=url)


class FeedSource:
    """A feed. With `text="page"` the linked pages are the articles, with "feed" what the feed holds of them.

    `reader` is given the bytes, the content type and the address of the feed.
    """

    def __init__(
        self,
        name: str,
        url: str,
        fetcher: Fetcher,
        text: Literal["page", "feed"] = "page",
        *,
        reader: Reader = read_here,
    ) -> None:
        self.name, self.url, self.fetcher, self.text = name, url, fetcher, text
        self.reader = reader

    def list(self, known: Validators = NO_VALIDATORS) -> Listing:
        """Fetch the feed and return its entries; the same feed, read as before, is unchanged."""
        asked = self._asked()
        if not known.fingerprint.startswith(asked):
            known = NO_VALIDATORS
        try:
            found = self.fetcher.get(self.url, validators=known, accept=ACCEPT, max_bytes=MAX_FEED_BYTES)
            if found is None:
                return Listing(validators=known, is_unchanged=True)
            validators = Validators(found.validators.etag, found.validators.last_modified, asked + _hash(found.data))
            if validators.fingerprint == known.fingerprint:
                return Listing(validators=validators, is_unchanged=True)
            feed = self.reader(found.data, _content_type(found), found.url)
        except (FetchError, ParseError) as err:
            retry_at = err.retry_at if isinstance(err, FetchError) else None
            return Listing(problems=(Problem(self.url, str(err), retry_at=retry_at),))
        return self._listing(feed, validators)

    def _asked(self) -> str:
        """Return what the fingerprint begins with: validators hold for one address, read in one way."""
        return f"{_hash(json.dumps([self.url, self.text, PARSER_VERSION]).encode())}:"

    def _listing(self, feed: Feed, validators: Validators) -> Listing:
        items: dict[str, Item] = {}
        problems: dict[str, Problem] = {}
        for entry in feed.entries:
            try:
                item = self._item(feed, entry)
            except FetchError as err:
                where = entry.link or f"{self.url} ({entry.title or entry.id or 'an entry without a title'})"
                problems[where] = Problem(where, str(err))
            else:
                items.setdefault(item.location, item)
        if feed.left_out:
            problems[self.url] = Problem(
                self.url, f"it has {feed.left_out:,} entries more than the {MAX_ENTRIES:,} that are read"
            )
        return Listing(
            found=tuple(items[location] for location in sorted(items)),
            problems=tuple(problems[where] for where in sorted(problems)),
            validators=validators,
        )

    def _item(self, feed: Feed, entry: Entry) -> Item:
        if not entry.link:
            raise FetchError("the feed gives no address for this entry")
        address = clean_address(entry.link)
        stated = _stated(feed, entry, address)
        if self.text == "page":
            return PageItem(address, self.fetcher, stated, _fingerprint(entry, "page", entry.summary))
        return FeedText(address, entry, stated, _fingerprint(entry, "feed", entry.summary + entry.content))


@dataclass(frozen=True, slots=True)
class FeedText:
    """An entry whose article is what the feed holds of it."""

    location: str
    entry: Entry
    stated: Stated
    fingerprint: str

    def is_unchanged(self, known: Known) -> bool:
        """Say whether the feed holds what it held when the article was indexed."""
        return known.validators.fingerprint == self.fingerprint

    def read(self, known: Known | None, *, max_bytes: int) -> Document:
        """Return the entry as a page of its own. Raises FetchError if the feed has no text for it."""
        body = max(self.entry.content, self.entry.summary, key=len)
        if not body.strip():
            raise FetchError('the feed has no text for this entry: read its page instead (text = "page")')
        title = html.escape(self.stated.title or "")
        heading = f"<h1>{title}</h1>" if title else ""
        page = (
            f"<!doctype html><html><head><title>{title}</title></head><body><article>{heading}{body}</article></body>"
        )
        data = f"{page}</html>".encode("utf-8", "replace")
        if len(data) > max_bytes:
            raise FetchError(f"its text is larger than {max_bytes:,} bytes")
        return Document(
            location=self.location,
            data=data,
            suffix=".html",
            name=document_name(self.location, ".html"),
            size=len(data),
            stated=self.stated,
            validators=Validators(fingerprint=self.fingerprint),
        )


def parse_feed(data: bytes, *, content_type: str, url: str = "") -> Feed:
    """Read the bytes of a feed; relative links are resolved against `url`. Raises ParseError if it is no feed."""
    from xml.sax import SAXException

    import feedparser

    # A string or bytes would be tried as an address and as a file's name first.
    headers = {"content-type": content_type, "content-location": url}
    try:
        parsed = feedparser.parse(io.BytesIO(data), response_headers=headers)
    except (ValueError, TypeError, KeyError, AttributeError, AssertionError, RecursionError, LookupError) as err:
        raise ParseError("the feed is broken: its reader fails on it") from err
    version, entries = parsed.get("version") or "", parsed.entries
    if not version and not entries:
        raise ParseError("it is no RSS or Atom feed: look for the feed's own address on the site")
    # Of a feed that breaks off or is badly nested the entries that can be told apart are taken; there are none here.
    if not entries and isinstance(parsed.get("bozo_exception"), SAXException):
        raise ParseError(f"the feed is broken: {clean(str(parsed.bozo_exception)) or 'it is no XML'}")
    title = _text(parsed.feed, "title")
    kept = tuple(_entry(entry, title, version) for entry in entries[:MAX_ENTRIES])
    return Feed(title, kept, len(entries) - len(kept))


def _entry(entry: Any, feed_title: str, version: str) -> Entry:
    # In RSS 0.9 and 1.0 Dublin Core's date is the only one, and means publication; Atom's "updated" does not.
    # Asked for a date it has not, feedparser gives another one, with a warning.
    updated = _string(entry["updated"]) if "updated" in entry else ""
    stated = _string(entry.get("published")) or (updated if version.startswith("rss") else "")
    contents = [part.get("value") or "" for part in entry.get("content") or []]
    return Entry(
        id=_string(entry.get("id")),
        link=_string(entry.get("link")).strip(),
        title=_text(entry, "title"),
        author=_ADDRESS.sub("", _string(entry.get("author"))).strip(" ()<>,;"),
        publisher=_text(entry.get("source") or {}, "title") or feed_title,
        published=_day(stated, entry.get("published_parsed")),
        updated=updated or stated,
        summary=_string(entry.get("summary")),
        content=max(contents, key=len, default=""),
    )


def _text(holder: Any, key: str) -> str:
    """Return a title as text, whether the feed wrote it as text or as HTML."""
    from ingest.parse_html import fragment_text

    value = _string(holder.get(key))
    kind = (holder.get(f"{key}_detail") or {}).get("type") or ""
    text = fragment_text(value) if "html" in kind and ("<" in value or "&" in value) else value
    return clean(text, MAX_TITLE_CHARS) or ""


def _day(stated: Any, parsed: Any) -> str:
    """Return the day as written, which is the publisher's; in UTC it may be the next one."""
    day = stated_date(stated)
    if day is None and parsed is not None:
        try:
            day = date(*parsed[:3])
        except (TypeError, ValueError):
            return ""
    return "" if day is None else day.isoformat()


def _string(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _stated(feed: Feed, entry: Entry, address: str) -> Stated:
    return Stated(
        title=clean(entry.title, MAX_TITLE_CHARS),
        publisher=name(entry.publisher or feed.title),
        author=name(entry.author),
        published=stated_date(entry.published),
        url=address,
    )


def _fingerprint(entry: Entry, kind: str, text: str) -> str:
    said = [kind, entry.id, entry.link, entry.updated, entry.title, entry.author, entry.published, _hash(text.encode())]
    return _hash(json.dumps(said, ensure_ascii=False).encode("utf-8", "replace"))


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _content_type(found: Fetched) -> str:
    return found.media_type + (f"; charset={found.charset}" if found.charset else "")
