"""A small page for what goes wrong before the page itself can be drawn: of the server, of sign-in.

It has the product's look and loads nothing: one HTML text under the same headers as everything else. Who does not ask
for HTML gets the same words as JSON or as plain text, with the same status.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ui.failures import Told
from ui.render import escaped

Headers = Iterable[tuple[bytes, bytes]]
_PALETTE = re.compile(r"^:root[^{]*(\{.*?\})", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class SmallPage:
    """What it says, under which status, and a way on: its words and its address, relative to the page's."""

    status: int
    told: Told
    way: tuple[str, str] | None = None

    def html(self) -> str:
        """Return the page."""
        told = self.told
        lines = "".join(f"<p>{escaped(line)}</p>" for line in (told.words, told.works) if line)
        way = f'<p><a href="{escaped(self.way[1])}">{escaped(self.way[0])}</a></p>' if self.way else ""
        number = f'<p class="quiet">Error {escaped(told.error_id)}</p>' if told.error_id else ""
        return (
            '<!doctype html><html lang="en"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">'
            f"<title>{escaped(told.title)} · Trade Policy Assistant</title><style>{_style()}</style></head>"
            f'<body><main><p class="kicker">Trade Policy Assistant</p><h1>{escaped(told.title)}</h1>'
            f"{lines}{way}{number}</main></body></html>"
        )

    def response(self, scope: Any, more: Headers = ()) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the two messages of ASGI that answer a request with it; `more` are headers beside its own."""
        kind, text = self._as_asked(scope["headers"])
        body = text.encode()
        headers = [
            (b"content-type", f"{kind}; charset=utf-8".encode()),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-store"),
            (b"vary", b"Accept"),
            *more,
        ]
        start = {"type": "http.response.start", "status": self.status, "headers": headers}
        return start, {"type": "http.response.body", "body": b"" if scope.get("method") == "HEAD" else body}

    def _as_asked(self, headers: Headers) -> tuple[str, str]:
        """Return the type and the text that this request asks for."""
        wanted = b",".join(value for name, value in headers if name == b"accept").lower()
        told = self.told
        if b"text/html" in wanted:
            return "text/html", self.html()
        if b"json" in wanted:
            said = {"error": told.title, "reason": told.words, "note": told.works, "id": told.error_id}
            return "application/json", json.dumps(said, ensure_ascii=False)
        return "text/plain", "".join(f"{line}\n" for line in (told.title, told.line, told.works) if line)


@cache
def _style() -> str:
    """Return the style: the page's own colours, which follow what the reader's computer prefers."""
    folder = Path(__file__).parent
    palette = _PALETTE.search((folder / "page.css").read_text(encoding="utf-8"))
    return f":root{palette[1] if palette else '{}'}\n{(folder / 'small_page.css').read_text(encoding='utf-8')}"
