"""What the page's server sends with every response, and whom it does not answer."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import pytest
import streamlit

from ui.security import ANY_HOST, Guard, content_security_policy, headers

HERE = ("localhost", "127.0.0.1", "::1")
Message = MutableMapping[str, Any]


def directives() -> dict[str, list[str]]:
    lines = (line.split() for line in content_security_policy().split(";"))
    return {name: sources for name, *sources in lines}


def answered(host: bytes | None, *, hosts: tuple[str, ...] = HERE, kind: str = "http") -> list[Message]:
    """Return what is sent for a request under this host name by a guarded server that answers anybody."""
    sent: list[Message] = []

    async def anybody(scope: Message, receive: object, send: Any) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.accept"})
            return
        framed = [(b"content-type", b"text/html"), (b"X-Frame-Options", b"ALLOWALL")]
        await send({"type": "http.response.start", "status": 200, "headers": framed})
        await send({"type": "http.response.body", "body": b"here"})

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    named = [] if host is None else [(b"host", host)]
    asyncio.run(Guard(anybody, hosts=hosts)({"type": kind, "path": "/", "headers": named}, receive, send))
    return sent


def test_nothing_is_loaded_from_elsewhere() -> None:
    sources = {source for sources in directives().values() for source in sources}
    named = {source for source in sources if not source.startswith("'sha256-")}
    assert named == {"'none'", "'self'", "'unsafe-inline'", "'wasm-unsafe-eval'", "blob:", "data:"}
    assert directives()["default-src"] == ["'none'"]


def test_no_script_but_the_servers_own_is_run() -> None:
    allowed = directives()["script-src"]
    assert "'unsafe-inline'" not in allowed
    assert "'unsafe-eval'" not in allowed
    page = (Path(streamlit.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    digests = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
    assert allowed == ["'self'", "blob:", "'wasm-unsafe-eval'", *(f"'sha256-{digest}'" for digest in digests)]


def test_no_other_site_can_frame_the_page() -> None:
    assert directives()["frame-ancestors"] == ["'none'"]
    assert headers()["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("host", [b"localhost", b"LOCALHOST:8501", b"127.0.0.1:8501", b"[::1]:8501", b"localhost."])
def test_response_carries_every_header_once(host: bytes) -> None:
    start, body = answered(host)
    assert start["status"] == 200
    assert body["body"] == b"here"
    wanted = {name.lower().encode(): value.encode() for name, value in headers().items()}
    assert sorted(start["headers"]) == sorted([(b"content-type", b"text/html"), *wanted.items()])


FOREIGN = [
    None,
    b"",
    b"evil.example",
    b"localhost.evil.example",
    b"evil.example:8501",
    b"user@localhost",
    b"localhost/path",
    b"localhost?x",
    b"[::1",
    b"loc\xe4lhost",
]


@pytest.mark.parametrize("host", FOREIGN)
def test_request_under_a_foreign_name_is_refused(host: bytes | None) -> None:
    start, body = answered(host)
    assert start["status"] == 421
    assert b"not served under that name" in body["body"]
    assert {name.lower().encode() for name in headers()} <= {name for name, _ in start["headers"]}


def test_refusal_is_logged_once_for_a_name_under_the_id_that_is_shown(caplog: pytest.LogCaptureFixture) -> None:
    foreign = b"evil.example\x1b" + b"x" * 5_000
    bodies = {answered(foreign)[1]["body"].decode() for _ in range(3)}
    (line,) = [record.getMessage() for record in caplog.records]
    assert line.endswith("is none of the names that the page answers to")
    assert len(line) < 400
    assert [re.findall(r"Error ([0-9a-f]{8})\.", body) for body in bodies] == [[line.split()[1].rstrip(":")]]
    assert not any("evil" in body for body in bodies)


def defective(*, is_begun: bool) -> list[Message]:
    """Return what is sent for a request on which the server comes upon a defect."""
    sent: list[Message] = []

    async def server(scope: Message, receive: object, send: Any) -> None:
        if is_begun:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        raise KeyError("/home/ana/secret.txt")

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    named = [(b"host", b"localhost"), (b"accept", b"text/html")]
    scope = {"type": "http", "method": "GET", "path": "/media/1", "headers": named}
    asyncio.run(Guard(server, hosts=HERE)(scope, receive, send))
    return sent


def test_defect_of_the_server_is_a_page_with_its_id_and_all_headers(caplog: pytest.LogCaptureFixture) -> None:
    start, body = defective(is_begun=False)
    page = body["body"].decode()
    assert (start["status"], "secret" in page) == (500, False)
    assert {name.lower().encode() for name in headers()} <= {name for name, _ in start["headers"]}
    (record,) = caplog.records
    (error_id,) = re.findall(r"Error ([0-9a-f]{8})<", page)
    assert record.getMessage() == f"error {error_id}: GET /media/1: KeyError: '/home/ana/secret.txt'"
    assert record.exc_info is not None


def test_defect_in_the_midst_of_an_answer_is_left_to_the_server() -> None:
    with pytest.raises(KeyError):
        defective(is_begun=True)


@pytest.mark.parametrize("host", FOREIGN)
def test_websocket_under_a_foreign_name_is_refused(host: bytes | None) -> None:
    assert answered(host, kind="websocket") == [{"type": "websocket.close", "code": 1008}]


def test_websocket_under_the_servers_name_is_accepted() -> None:
    assert answered(b"localhost:8501", kind="websocket") == [{"type": "websocket.accept"}]


def test_any_name_is_served_where_that_was_chosen() -> None:
    start, _ = answered(b"anything.example", hosts=(ANY_HOST,))
    assert start["status"] == 200


def test_start_and_end_of_the_server_pass() -> None:
    seen: list[str] = []

    async def server(scope: Message, receive: object, send: object) -> None:
        seen.append(scope["type"])

    async def nothing(*_: object) -> Any:
        return {}

    asyncio.run(Guard(server, hosts=HERE)({"type": "lifespan"}, nothing, nothing))
    assert seen == ["lifespan"]
