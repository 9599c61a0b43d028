"""What the page's server sends and refuses, whatever is drawn: the browser is told to load nothing from elsewhere.

A Content-Security-Policy allows only this server's own files, the components that Streamlit hands to the browser as
blobs, and the one script that stands in Streamlit's own page, by its hash. A request that names another host than the
page is served under is refused: a foreign name that was made to point here (DNS rebinding) reaches nothing. A defect
of the server ends as a page that says so, with an id, and its traceback in the log.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Awaitable, Callable, Collection, MutableMapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ui import failures, incidents
from ui.failures import Told
from ui.small_page import SmallPage

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

ANY_HOST = "*"
# A page may ask for none of these; Streamlit and the product need none.
UNUSED = "accelerometer camera display-capture geolocation gyroscope magnetometer microphone midi payment usb".split()
_INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_MAX_LOGGED_CHARS = 200


def content_security_policy() -> str:
    """Return the policy for the installed Streamlit.

    `style-src` must allow styles in the page: Streamlit's components write theirs there. A style can load nothing from
    elsewhere under the other lines. WebAssembly is what Streamlit's messages are read with; it makes no text a program.
    """
    scripts = ["'self'", "blob:", "'wasm-unsafe-eval'", *(f"'sha256-{digest}'" for digest in _inline_scripts())]
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src {' '.join(scripts)}",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "media-src 'self'",
            "connect-src 'self'",
            "manifest-src 'self'",
            "worker-src 'self' blob:",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        ]
    )


def headers() -> dict[str, str]:
    """Return the headers that every response carries."""
    return {
        "Content-Security-Policy": content_security_policy(),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": ", ".join(f"{feature}=()" for feature in UNUSED),
        # An address holds the key of a conversation: no other site is to learn it.
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }


class Guard:
    """ASGI middleware around the whole server: refuses foreign host names, and puts the headers on every response.

    With `is_secure`, for a page that is reached by https, browsers never use plain http again, for cookies neither.
    """

    def __init__(self, app: App, *, hosts: Collection[str], is_secure: bool = False) -> None:
        self._app = app
        self._hosts = frozenset(host.lower() for host in hosts)
        self._is_secure = is_secure
        sent = headers() | ({"Strict-Transport-Security": "max-age=31536000"} if is_secure else {})
        self._headers = [(name.lower().encode(), value.encode()) for name, value in sent.items()]

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one request, websocket or the server's start and end."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
        elif not self._is_served(scope):
            await self._refuse(scope, send)
        elif scope["type"] == "websocket":
            await self._app(scope, receive, self._with_headers(send))
        else:
            await self._serve(scope, receive, self._with_headers(send))

    async def _serve(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer a request, by a page about the defect if there is one; what was begun cannot be taken back."""
        begun: list[bool] = []

        async def sending(message: Message) -> None:
            begun.append(True)
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except Exception as err:
            if begun:
                raise
            where = f"{scope['method']} {scope['path']}"
            page = SmallPage(500, failures.told(incidents.unexpected(err, where), where))
            for message in page.response(scope):
                await send(message)

    def _is_served(self, scope: Message) -> bool:
        if ANY_HOST in self._hosts:
            return True
        named = [value for name, value in scope["headers"] if name == b"host"]
        return len(named) == 1 and _name(named[0]) in self._hosts

    async def _refuse(self, scope: Message, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        for message in _not_served(scope).response(scope, self._headers):
            await send(message)

    def _with_headers(self, send: Send) -> Send:
        names = {name for name, _ in self._headers}

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = [
                    self._kept(name, value) for name, value in message.get("headers", ()) if name.lower() not in names
                ]
                message = {**message, "headers": [*kept, *self._headers]}
            await send(message)

        return sending

    def _kept(self, name: bytes, value: bytes) -> tuple[bytes, bytes]:
        is_bare = self._is_secure and name.lower() == b"set-cookie" and b"; secure" not in value.lower()
        return name, value + b"; Secure" if is_bare else value


def _not_served(scope: Message) -> SmallPage:
    """Return the refusal of a foreign name, which is logged once for each name."""
    named = b", ".join(value for name, value in scope["headers"] if name == b"host")
    said = repr(named.decode("ascii", "backslashreplace")[:_MAX_LOGGED_CHARS])
    words = f"{said} is none of the names that the page answers to"
    told = Told(
        "This address does not lead here",
        "The page is not served under that name. Open it by the address that you were given; on the computer that it "
        "runs on, that begins with http://localhost.",
        "Whoever runs it can add a name to TRADE_ASSISTANT_ALLOWED_HOSTS.",
        incidents.standing(f"host {said}", "a request under a foreign name", words),
    )
    return SmallPage(421, told)


def _name(host: bytes) -> str | None:
    """Return the name of a Host header without its port, None where it is no host."""
    try:
        parts = urlsplit(f"//{host.decode('ascii')}")
        is_plain = parts.username is None and not (parts.path or parts.query or parts.fragment)
        return (parts.hostname or "").rstrip(".") if is_plain else None
    except ValueError:
        return None


@cache
def _inline_scripts() -> tuple[str, ...]:
    """Return the SHA-256 digests, in Base64, of the scripts that stand in Streamlit's page itself."""
    import streamlit

    page = (Path(streamlit.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
    digests = (hashlib.sha256(script.encode()).digest() for script in _INLINE_SCRIPT.findall(page))
    return tuple(base64.b64encode(digest).decode() for digest in digests)
