"""What a reader sees where signing in fails, and whose request to sign out is taken.

Streamlit's own addresses for signing in answer a failure with two bare words, or by going back to the page as if
nothing had been. Here each failure ends as a small page that says what to do, with an id; Streamlit's lines in the log
beside the one with that id say what happened. Where browsers say which site asks, no other can sign a reader out.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qs

from assistant.errors import AssistantError
from ui import failures
from ui.signin import CALLBACK
from ui.small_page import SmallPage

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

LOGIN, LOGOUT = "/auth/login", "/auth/logout"
_USER_COOKIE = b"_streamlit_user="
_MAX_LOGGED_CHARS = 100
_UNCHANGED = "Nothing was changed, and nobody was signed in."


class SignInError(AssistantError):
    """Somebody could not be signed in, or is not signed out at another site's wish."""


class SignInPages:
    """ASGI middleware around Streamlit's addresses for signing in and out."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one request."""
        path = scope["path"] if scope["type"] == "http" else ""
        if path.endswith(LOGOUT) and _is_another_sites(scope):
            for message in _still_signed_in().response(scope):
                await send(message)
        elif path.endswith((LOGIN, CALLBACK)):
            await self._watched(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _watched(self, scope: Message, receive: Receive, send: Send) -> None:
        """Let Streamlit answer, and put a page in the place of an answer that is a failure."""
        told: list[bool] = []

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start" and (page := _page(scope, message)):
                told.append(True)
                # Cookies that Streamlit takes back are taken back.
                cookies = [(name, value) for name, value in message["headers"] if name.lower() == b"set-cookie"]
                for part in page.response(scope, cookies):
                    await send(part)
            elif not told:
                await send(message)

        await self._app(scope, receive, sending)


def _page(scope: Message, start: Message) -> SmallPage | None:
    """Return what is shown in the place of Streamlit's answer, None where that is as it should be."""
    if scope["path"].endswith(LOGIN):
        return _cannot_begin() if start["status"] >= 400 else None
    asked = parse_qs(scope.get("query_string", b"").decode("ascii", "replace"))
    if "error" in asked:
        return _refused(asked["error"][0])
    if start["status"] >= 400 or ("code" in asked and not _is_signed_in(scope, start)):
        return _not_completed()
    # Without a code this is the way back from signing out.
    return None


def _is_signed_in(scope: Message, start: Message) -> bool:
    """Say whether a reader is signed in after this answer, by it or, where it says nothing about that, before."""
    said = [
        value.removeprefix(_USER_COOKIE)
        for name, value in start["headers"]
        if name.lower() == b"set-cookie" and value.startswith(_USER_COOKIE)
    ]
    if said:
        return not said[-1].startswith((b'""', b";"))
    brought = (value for name, value in scope["headers"] if name == b"cookie")
    return any(part.strip().startswith(_USER_COOKIE) for value in brought for part in value.split(b";"))


def _is_another_sites(scope: Message) -> bool:
    """Say whether another site made the browser ask.

    What does not tell is believed: browsers that are too old, and every one over plain http to another computer.
    """
    stated = [value for name, value in scope["headers"] if name == b"sec-fetch-site"]
    return any(value not in {b"same-origin", b"none"} for value in stated)


def _cannot_begin() -> SmallPage:
    error = SignInError(
        "the provider of sign-in cannot be reached, or the page is not set up for it as it should be: try again in a "
        "few minutes; if it stays so, tell whoever runs this page the number below"
    )
    told = failures.told(error, "signing in", title="Sign-in cannot begin", works=_UNCHANGED)
    return SmallPage(502, told, ("Back to the page", "../"))


def _refused(code: str) -> SmallPage:
    error = SignInError(
        "sign-in was cancelled, or its provider does not let you in: sign in again, or ask whoever runs this page "
        "whether you may use it"
    )
    where = f"signing in, where the provider said {code[:_MAX_LOGGED_CHARS]!r}"
    told = failures.told(error, where, title="You were not signed in", works=_UNCHANGED)
    return SmallPage(403, told, ("Back to the page", "./"))


def _not_completed() -> SmallPage:
    error = SignInError(
        "what the provider of sign-in answered could not be used, or it came too late: sign in again; if that does not "
        "help, tell whoever runs this page the number below"
    )
    told = failures.told(error, "coming back from signing in", title="Sign-in was not completed", works=_UNCHANGED)
    return SmallPage(400, told, ("Back to the page", "./"))


def _still_signed_in() -> SmallPage:
    error = SignInError("another site asked to sign you out, which only you can: press “Sign out” on the page to do so")
    told = failures.told(error, "signing out", title="You are still signed in", works="Nothing was changed.")
    return SmallPage(403, told, ("Back to the page", "../"))
