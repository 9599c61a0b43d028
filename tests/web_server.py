"""A web server on this computer that serves what a test tells it to, well or badly.

Nothing of the client is replaced: redirects, cuts, stalls, drips and bombs happen on the wire. It answers for every
host name, so that a test can point a name of its own at it; what was asked, it remembers.

    with web_server() as site:
        site.add("/news", Page("<p>Tariffs rose.</p>"))
        fetcher.get(site.url("/news"))
"""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

HTML = "text/html; charset=utf-8"


@dataclass(frozen=True)
class Request:
    """A request as it came over the wire; header names in lower case."""

    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]

    @property
    def host(self) -> str:
        return self.headers["host"].partition(":")[0]


@dataclass(frozen=True)
class Page:
    """An answer. With an ETag or Last-Modified among its headers, the server says 304 to who has it already.

    `cut_after` hangs up after so many bytes of the body, `is_chunked` sends it without saying its length, `drip_s`
    sends one byte at a time with so many seconds between, headers included, `is_stalled` never answers.
    """

    body: str | bytes = ""
    media_type: str = HTML
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut_after: int | None = None
    is_chunked: bool = False
    is_stalled: bool = False
    drip_s: float | None = None

    @property
    def data(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else self.body.encode()


def redirect(to: str, *, status: int = 302) -> Page:
    """Return an answer that leads elsewhere."""
    return Page(status=status, headers={"Location": to})


def packed(page: str, *, encoding: str = "gzip") -> Page:
    """Return a page as most servers send it."""
    return Page(gzip.compress(page.encode()), headers={"Content-Encoding": encoding})


Answer = Page | Callable[[Request], Page]


class Site:
    """What is served, and what was asked. Unknown paths are 404, /robots.txt too unless it is added."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.stopping = threading.Event()
        self._answers: dict[str, list[Answer]] = {}
        self._lock = threading.Lock()
        self._requests: list[Request] = []

    def url(self, path: str = "/", *, host: str = "127.0.0.1") -> str:
        """Return the address of a path, on any host name the test resolves to this server."""
        return f"http://{host}:{self.port}{path}"

    def add(self, path: str, *answers: Answer) -> str:
        """Serve these answers under a path (with or without its query), the last one again and again."""
        with self._lock:
            self._answers[path] = list(answers)
        return self.url(path)

    @property
    def requests(self) -> list[Request]:
        """Return the requests so far, those for robots.txt left out."""
        with self._lock:
            return [request for request in self._requests if request.path != "/robots.txt"]

    @property
    def all_requests(self) -> list[Request]:
        with self._lock:
            return list(self._requests)

    def paths(self) -> list[str]:
        """Return the paths that were asked for, in order."""
        return [request.path for request in self.requests]

    def forget(self) -> None:
        """Forget the requests so far."""
        with self._lock:
            self._requests.clear()

    def answer(self, target: str, request: Request) -> Page:
        with self._lock:
            self._requests.append(request)
            answers = self._answers.get(target) or self._answers.get(request.path) or [Page("no", status=404)]
            answer = answers.pop(0) if len(answers) > 1 else answers[0]
        return answer if isinstance(answer, Page) else answer(request)


@contextmanager
def web_server() -> Iterator[Site]:
    """Serve on 127.0.0.1 until the block ends."""
    handler = type("BoundHandler", (_Handler,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    site = Site(server.server_address[1])
    handler.site = site
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        site.stopping.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    site: ClassVar[Site]

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(parts.path, parse_qs(parts.query, keep_blank_values=True), headers)
        page = self.site.answer(self.path, request)
        self.close_connection = True
        try:
            if page.is_stalled:
                self.site.stopping.wait()
            elif _is_known(page, headers):
                self._send(b"HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n", page)
            else:
                self._answer(page)
        except (BrokenPipeError, ConnectionResetError):
            return

    def _answer(self, page: Page) -> None:
        data = page.data
        length = {"Transfer-Encoding": "chunked"} if page.is_chunked else {"Content-Length": str(len(data))}
        kind = {"Content-Type": page.media_type} if page.media_type else {}
        headers = {**length, **kind, "Connection": "close", **page.headers}
        lines = [f"HTTP/1.1 {page.status} Whatever", *(f"{name}: {value}" for name, value in headers.items())]
        self._send("\r\n".join([*lines, "", ""]).encode("latin-1"), page)
        sent = data if page.cut_after is None else data[: page.cut_after]
        if page.is_chunked:
            sent = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in _parts(sent))
            sent += b"" if page.cut_after is not None else b"0\r\n\r\n"
        self._send(sent, page)

    def _send(self, data: bytes, page: Page) -> None:
        if page.drip_s is None:
            self.wfile.write(data)
            return
        for byte in data:
            self.wfile.write(bytes([byte]))
            if self.site.stopping.wait(page.drip_s):
                return

    def log_message(self, format: str, *args: Any) -> None:
        """Keep test output clean."""


def _is_known(page: Page, headers: dict[str, str]) -> bool:
    etag, modified = page.headers.get("ETag"), page.headers.get("Last-Modified")
    is_same = etag is not None and headers.get("if-none-match") == etag
    return is_same or (modified is not None and headers.get("if-modified-since") == modified)


def _parts(data: bytes) -> Iterator[bytes]:
    for start in range(0, len(data), 4_096):
        yield data[start : start + 4_096]


def http_date(moment: datetime) -> str:
    """Return a moment as HTTP writes it."""
    return moment.astimezone(UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")


class Register:
    """The documents API of the Federal Register, of the real shape, over these records; and the texts beside it.

    One search reaches `window` records, as the real one 2,000. Links to the next page lead elsewhere: nobody should
    follow them. Texts are added to the site by whoever needs them.
    """

    def __init__(self, site: Site, records: Sequence[dict[str, Any]], *, window: int = 2_000) -> None:
        self.records = list(records)
        self.window = window
        self.base_url = site.url("/api/v1")
        self.searches: list[dict[str, list[str]]] = []
        site.add("/api/v1/documents.json", self.answer)

    def answer(self, request: Request) -> Page:
        """Answer a search."""
        query = request.query
        self.searches.append(query)
        wanted = sorted(
            (record for record in self.records if _is_wanted(record, query)),
            key=lambda record: (record["publication_date"], record["document_number"]),
            reverse=True,
        )
        size = min(int(query.get("per_page", ["20"])[0]), 1_000)
        start = (int(query.get("page", ["1"])[0]) - 1) * size
        if start >= self.window:
            return Page('{"errors": {"page": "too far"}}', "application/json", status=400)
        shown = wanted[: self.window][start : start + size]
        fields = query.get("fields[]", [])
        answer: dict[str, Any] = {"count": len(wanted), "description": "Documents"}
        if wanted:
            answer["total_pages"] = -(-min(len(wanted), self.window) // size)
            answer["next_page_url"] = "http://elsewhere.example/api/v1/documents.json?page=2"
            answer["results"] = [{name: record.get(name) for name in fields} for record in shown]
        return Page(json.dumps(answer), "application/json; charset=utf-8")


def _is_wanted(record: dict[str, Any], query: dict[str, list[str]]) -> bool:
    slugs = {agency["slug"] for agency in record["agencies"]}
    types = {"Rule": "RULE", "Proposed Rule": "PRORULE", "Notice": "NOTICE", "Presidential Document": "PRESDOCU"}
    day = record["publication_date"]
    term = query.get("conditions[term]", [""])[0].lower()
    return bool(
        term in record["title"].lower()
        and ("conditions[agencies][]" not in query or slugs & set(query["conditions[agencies][]"]))
        and types[record["type"]] in query.get("conditions[type][]", types.values())
        and query.get("conditions[publication_date][gte]", [""])[0] <= day
        and day <= query.get("conditions[publication_date][lte]", ["9999"])[0]
        and (query.get("conditions[docket_id]", [""])[0] in ["", *record["docket_ids"]])
    )
