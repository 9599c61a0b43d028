"""The Federal Register as a source: a search in its documents API, each record an item.

One search reaches 2,000 records, so a larger one is split by publication date until each part fits. A record says all
that decides whether a document changed, so what is known and unchanged costs no request. No address in an answer is
believed: pages are counted here, and text is fetched only from the Register's own hosts.
https://www.federalregister.gov/developers/documentation/api/v1
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from assistant.errors import FetchError, ParseError, SourceError
from assistant.records import NO_VALIDATORS, Validators
from ingest.decode import decode
from ingest.fetch import Fetched, Fetcher
from ingest.metadata import clean, stated_date, web_address
from ingest.parse_federal_register import SUFFIX, BodyKind, envelope, stated_of
from ingest.sources import Document, Known, Listing, Problem
from ingest.web import in_utf8

BASE_URL = "https://www.federalregister.gov/api/v1"
TYPES = ("RULE", "PRORULE", "NOTICE", "PRESDOCU")
MAX_PER_SEARCH = 2_000
PER_PAGE = 1_000
# The newest of a source; a search that finds more wants a term, an agency or a date.
MAX_RECORDS = 20_000
MAX_ANSWER_BYTES = 30_000_000
FIRST_ISSUE = date(1936, 3, 14)
FIELDS = (
    "abstract action agencies body_html_url citation comments_close_on correction_of dates docket_ids document_number "
    "effective_on executive_order_number html_url proclamation_number publication_date raw_text_url "
    "regulation_id_numbers subtype title type"
).split()
_HOSTS = frozenset({"federalregister.gov", "www.federalregister.gov", "govinfo.gov", "www.govinfo.gov"})
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)
_NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{1,39}", re.ASCII)

Record = Mapping[str, Any]


class FederalRegister:
    """A search: `term` as in the Register's own search box, agencies by slug, types of TYPES, a docket, a first day.

    Raises SourceError for a slug or type that cannot be one.
    """

    def __init__(
        self,
        name: str,
        fetcher: Fetcher,
        *,
        base_url: str = BASE_URL,
        term: str = "",
        agencies: Sequence[str] = (),
        types: Sequence[str] = (),
        docket: str = "",
        since: date | None = None,
    ) -> None:
        for slug in agencies:
            if not _SLUG.fullmatch(slug):
                raise SourceError(
                    f"{slug!r} is no agency of the Federal Register: take the last part of its page's address, "
                    "such as international-trade-administration"
                )
        for kind in types:
            if kind not in TYPES:
                raise SourceError(f"{kind!r} is no type of document; choose from {', '.join(TYPES)}")
        self.name, self.fetcher = name, fetcher
        self.base_url = base_url.rstrip("/")
        self.agencies, self.since = tuple(agencies), since
        self._conditions = [
            *([("conditions[term]", term)] if term else []),
            *(("conditions[agencies][]", slug) for slug in agencies),
            *(("conditions[type][]", kind) for kind in types),
            *([("conditions[docket_id]", docket)] if docket else []),
        ]

    def list(self, known: Validators = NO_VALIDATORS) -> Listing:
        """Search, page by page. A part of the search that fails is a problem, and the others go on."""
        found = _Found()
        parts = [_Part(self.since, None)]
        while parts:
            if len(found.items) >= MAX_RECORDS:
                found.problem(
                    self.address(parts[-1]),
                    f"the search finds more than {MAX_RECORDS:,} documents; the newest are read: "
                    "name a term, an agency or a first day",
                )
                break
            parts += self._take(parts.pop(), found)
        return Listing(
            found=tuple(found.items[location] for location in sorted(found.items)),
            problems=tuple(found.problems[location] for location in sorted(found.problems)),
        )

    def address(self, part: _Part) -> str:
        """Return the address of a part of the search, for messages."""
        return f"{self.base_url}/documents.json?{urlencode([*self._conditions, *part.conditions()], safe='[]')}"

    def _take(self, part: _Part, found: _Found) -> Sequence[_Part]:
        """Take in one part of the search; if it is too large return the parts to search instead, the newest last."""
        try:
            first = self._page(part, 1)
            if first.count > MAX_PER_SEARCH and (halves := part.halves(first)):
                return halves
            pages = [first, *(self._page(part, number) for number in range(2, first.pages() + 1))]
            self._check_agencies(pages)
        except FetchError as err:
            found.problem(self.address(part), str(err), retry_at=err.retry_at)
            return ()
        records = [record for page in pages for record in page.records]
        wanted = min(first.count, MAX_PER_SEARCH)
        if first.count > MAX_PER_SEARCH:
            reason = f"more than {MAX_PER_SEARCH:,} documents on one day; the {MAX_PER_SEARCH:,} newest are read"
            found.problem(self.address(part), reason)
        elif len(records) < wanted:
            reason = f"it was to be {wanted:,} documents and was {len(records):,}: the rest comes with a later run"
            found.problem(self.address(part), reason)
        for record in records:
            self._add(record, found)
        return ()

    def _page(self, part: _Part, number: int) -> _Page:
        query = [
            *(("fields[]", name) for name in FIELDS),
            ("per_page", str(PER_PAGE)),
            ("page", str(number)),
            ("order", "newest"),
            *self._conditions,
            *part.conditions(),
        ]
        address = f"{self.base_url}/documents.json?{urlencode(query, safe='[]')}"
        found = self.fetcher.get(address, accept="application/json", max_bytes=MAX_ANSWER_BYTES, is_interface=True)
        assert found is not None  # nothing was sent that a server could call unchanged
        return _opened(found)

    def _check_agencies(self, pages: Sequence[_Page]) -> None:
        """Refuse a search whose answer ignores the agencies: a slug that is none must not index the whole Register."""
        records = [record for page in pages for record in page.records]
        named = {agency.get("slug") for record in records for agency in _agencies(record)}
        if self.agencies and records and not named & set(self.agencies):
            raise FetchError(f"the documents found are of other agencies: is {', '.join(self.agencies)} spelt right?")

    def _add(self, record: Record, found: _Found) -> None:
        number, day = record.get("document_number"), stated_date(record.get("publication_date"))
        if not isinstance(number, str) or not _NUMBER.fullmatch(number) or day is None:
            where = f"{self.base_url}/documents.json ({clean(str(number))})"
            found.problem(where, "a record without a document number or a publication date")
            return
        # Numbers were used again before 2016; with its day one is unique.
        location = f"{self.base_url}/documents/{number}?publication_date={day.isoformat()}"
        kept = {name: record.get(name) for name in FIELDS}
        found.items.setdefault(location, RegisterItem(location, kept, self.fetcher, _host(self.base_url)))


@dataclass(frozen=True)
class RegisterItem:
    """One document. `location` is its address in the API, which stays the same when the Register mends its title."""

    location: str
    record: Record
    fetcher: Fetcher
    base_host: str

    @property
    def fingerprint(self) -> str:
        """Return a hash of all that the record says."""
        said = json.dumps(self.record, ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()

    def is_unchanged(self, known: Known) -> bool:
        """Say whether the record is the one that was indexed."""
        return known.validators.fingerprint == self.fingerprint

    def read(self, known: Known | None, *, max_bytes: int) -> Document:
        """Fetch the text of the document. Raises FetchError."""
        body, kind = self._body(max_bytes)
        data = envelope(self.record, body, kind)
        return Document(
            location=known.location if known is not None else self._address(),
            data=data,
            suffix=SUFFIX,
            name=str(self.record["document_number"]),
            size=len(data),
            stated=stated_of(self.record),
            validators=Validators(fingerprint=self.fingerprint),
        )

    def _address(self) -> str:
        """Return the document's page on federalregister.gov, which names it."""
        address = web_address(self.record.get("html_url"))
        if address is None or not self._is_ours(address):
            raise FetchError("its record names no page of the Federal Register")
        return address.partition("#")[0].partition("?")[0]

    def _body(self, max_bytes: int) -> tuple[str, BodyKind]:
        """Return the text of the document, as HTML or else as raw text; ("", "none") if it has none yet."""
        kinds: Sequence[tuple[str, BodyKind]] = (("body_html_url", "html"), ("raw_text_url", "text"))
        failure: FetchError | None = None
        for name, kind in kinds:
            address = self.record.get(name)
            if not isinstance(address, str) or not address:
                continue
            try:
                return self._text(address, max_bytes), kind
            except FetchError as err:
                if err.retry_at is not None:
                    raise
                failure = err
        if failure is not None:
            raise failure
        return "", "none"

    def _text(self, address: str, max_bytes: int) -> str:
        if not self._is_ours(address):
            raise FetchError(f"its record leads to {address[:100]!r}, which is not the Federal Register")
        found = self.fetcher.get(address, accept="text/html, text/plain", max_bytes=max_bytes, is_interface=True)
        assert found is not None  # nothing was sent that a server could call unchanged
        if not self._is_ours(found.url):
            raise FetchError(f"instead of the text comes a page of {urlsplit(found.url).hostname}: try again later")
        try:
            text = decode(in_utf8(found.data, found.charset), declared=found.charset)
        except ParseError as err:
            raise FetchError(f"the text of the document cannot be read: {err}") from err
        if not text.strip():
            raise FetchError("the text of the document is empty")
        return text

    def _is_ours(self, address: str) -> bool:
        host = _host(address)
        return host == self.base_host or host in _HOSTS


@dataclass(frozen=True, slots=True)
class _Part:
    """A stretch of publication days, both ends included; None is open."""

    first: date | None
    last: date | None

    def conditions(self) -> list[tuple[str, str]]:
        ends = (("gte", self.first), ("lte", self.last))
        return [(f"conditions[publication_date][{end}]", day.isoformat()) for end, day in ends if day is not None]

    def halves(self, page: _Page) -> Sequence[_Part]:
        """Return two stretches of half the length, the newer last; nothing if it is a single day."""
        first = self.first or FIRST_ISSUE
        last = self.last or page.newest()
        if first >= last:
            return ()
        middle = first + (last - first) // 2
        return _Part(first, middle), _Part(middle + timedelta(days=1), self.last or last)


@dataclass(frozen=True, slots=True)
class _Page:
    """One answer of the API: how many documents there are in all, and some of them."""

    count: int
    records: tuple[Record, ...]

    def pages(self) -> int:
        return -(-min(self.count, MAX_PER_SEARCH) // PER_PAGE)

    def newest(self) -> date:
        days = [day for record in self.records if (day := stated_date(record.get("publication_date")))]
        if not days:
            raise FetchError("the API counts documents and gives none with a date")
        return max(days)


@dataclass(slots=True)
class _Found:
    items: dict[str, RegisterItem] = field(default_factory=dict)
    problems: dict[str, Problem] = field(default_factory=dict)

    def problem(self, location: str, reason: str, *, retry_at: datetime | None = None) -> None:
        self.problems[location] = Problem(location, reason, retry_at=retry_at)


def _opened(found: Fetched) -> _Page:
    """Check the shape of an answer; without a match it has no "results" at all."""
    try:
        answer = json.loads(found.data)
    except (ValueError, RecursionError) as err:
        raise FetchError("the API's answer is no JSON") from err
    match answer:
        case {"count": int(count), "results": list(results)} if count >= 0:
            return _Page(count, tuple(record for record in results if isinstance(record, dict)))
        case {"count": 0}:
            return _Page(0, ())
        case {"errors": errors}:
            raise FetchError(f"the API refuses the search: {clean(str(errors), 300)}")
    raise FetchError("the API's answer is not of the shape its documentation describes")


def _agencies(record: Record) -> list[dict[str, Any]]:
    agencies = record.get("agencies")
    return [agency for agency in agencies if isinstance(agency, dict)] if isinstance(agencies, list) else []


def _host(address: str) -> str:
    """Return host and port, "" for what has none."""
    try:
        parts = urlsplit(address)
        return (parts.hostname or "") + (f":{parts.port}" if parts.port else "")
    except ValueError:
        return ""
