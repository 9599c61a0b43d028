"""A small page says what failed and what to do, loads nothing, and answers in the form that was asked for."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from ui.failures import Told
from ui.security import headers
from ui.small_page import SmallPage

PAGE = SmallPage(
    502, Told("No <b>way</b>", "It is down: try again.", "Nothing changed.", "0011aabb"), ("Back & on", "../")
)


def answered(accept: bytes | None, method: str = "GET") -> tuple[dict[str, Any], bytes]:
    asked = [] if accept is None else [(b"accept", accept)]
    start, body = PAGE.response({"method": method, "headers": asked}, [(b"set-cookie", b"a=b")])
    assert (start["status"], body["type"]) == (502, "http.response.body")
    return dict(start["headers"]), body["body"]


def test_browser_gets_a_page_with_what_failed_what_to_do_and_the_id() -> None:
    sent, body = answered(b"text/html,application/xhtml+xml,*/*;q=0.8")
    assert sent[b"content-type"] == b"text/html; charset=utf-8"
    page = body.decode()
    assert re.findall(r"<(?:h1|p)[^>]*>(.*?)</(?:h1|p)>", page) == [
        "Trade Policy Assistant",
        "No &lt;b&gt;way&lt;/b&gt;",
        "It is down: try again.",
        "Nothing changed.",
        '<a href="../">Back &amp; on</a>',
        "Error 0011aabb",
    ]
    assert "<title>No &lt;b&gt;way&lt;/b&gt; · Trade Policy Assistant</title>" in page


def test_page_loads_nothing_and_runs_nothing() -> None:
    page = PAGE.html()
    assert "<script" not in page
    assert not re.search(r"https?:|url\(|@import| on\w+=|javascript", page)
    assert set(re.findall(r'(?:src|href)="(.*?)"', page)) == {"data:,", "../"}
    # What its style needs is what the policy allows.
    assert "style-src 'self' 'unsafe-inline'" in headers()["Content-Security-Policy"]


def test_page_has_the_colours_of_the_product() -> None:
    style = re.search(r"<style>(.*?)</style>", PAGE.html(), re.DOTALL)
    assert style
    used, stated = (set(re.findall(form, style[1])) for form in (r"var\((--[\w-]+)\)", r"(--[\w-]+):"))
    assert used and used <= stated


@pytest.mark.parametrize("accept", [None, b"*/*", b"image/avif,*/*"])
def test_who_asks_for_no_kind_gets_plain_text(accept: bytes | None) -> None:
    sent, body = answered(accept)
    assert sent[b"content-type"] == b"text/plain; charset=utf-8"
    assert body == b"No <b>way</b>\nIt is down: try again. Error 0011aabb.\nNothing changed.\n"


def test_who_asks_for_json_gets_it() -> None:
    sent, body = answered(b"application/json")
    assert sent[b"content-type"] == b"application/json; charset=utf-8"
    assert json.loads(body) == {
        "error": "No <b>way</b>",
        "reason": "It is down: try again.",
        "note": "Nothing changed.",
        "id": "0011aabb",
    }


@pytest.mark.parametrize("accept", [None, b"text/html", b"application/json"])
def test_head_has_the_same_headers_and_no_body(accept: bytes | None) -> None:
    full, body = answered(accept)
    assert answered(accept, "HEAD") == (full, b"")
    assert full[b"content-length"] == str(len(body)).encode()
    assert (full[b"cache-control"], full[b"vary"], full[b"set-cookie"]) == (b"no-store", b"Accept", b"a=b")
