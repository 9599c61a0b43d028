"""Who is at the page: one local owner who has everything, or, where sign-in is set up, the person who signed in.

Signing in is OpenID Connect by Streamlit's `st.login`; its secrets go from the settings to Streamlit in memory and
stand in no file. A person is known by issuer and subject: names and addresses change hands.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import ParamSpec, TypeVar
from urllib.parse import urlsplit

import streamlit as st

from assistant.conversation_records import LOCAL
from assistant.errors import AccessDenied, SettingsError
from assistant.settings import Settings, load_settings
from ui import render
from ui.roles import Role, role_of

MIN_SECRET_CHARS = 32
CALLBACK = "/oauth2callback"
_NEEDED = ("sign_in_metadata_url", "sign_in_client_id", "sign_in_client_secret", "sign_in_cookie_secret")

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Person:
    """Who is at the page; `id` is whose conversations they see, `role` None for who may see nothing."""

    id: str
    name: str
    role: Role | None


LOCAL_OWNER = Person(LOCAL, "", Role.EDITOR)


def is_on(settings: Settings) -> bool:
    """Say whether sign-in is set up. Raises SettingsError where only a part of it is: that never means "off"."""
    missing = [name for name in _NEEDED if getattr(settings, name) is None]
    if len(missing) == len(_NEEDED):
        return False
    if missing:
        raise SettingsError(f"sign-in also needs {', '.join(map(_variable, missing))}")
    secret = settings.sign_in_cookie_secret
    if secret is None or len(secret.get_secret_value()) < MIN_SECRET_CHARS:
        raise SettingsError(
            f"{_variable('sign_in_cookie_secret')} needs at least {MIN_SECRET_CHARS} random characters: "
            "whoever guesses it can sign in as anybody"
        )
    if urlsplit(settings.sign_in_redirect_uri).path != CALLBACK:
        raise SettingsError(f"{_variable('sign_in_redirect_uri')} has to be the page's address with {CALLBACK}")
    if not (settings.readers or settings.editors):
        raise SettingsError(
            f"nobody could use the page: {_variable('editors')} and {_variable('readers')} list who may, "
            'READERS="*" lets everybody read who can sign in'
        )
    return True


def provider(settings: Settings) -> dict[str, dict[str, str | dict[str, str]]]:
    """Return Streamlit's secrets for the provider, none where sign-in is off. Raises SettingsError."""
    if not is_on(settings):
        return {}
    assert settings.sign_in_client_secret is not None
    assert settings.sign_in_cookie_secret is not None
    return {
        "auth": {
            "server_metadata_url": settings.sign_in_metadata_url or "",
            "client_id": settings.sign_in_client_id or "",
            "client_secret": settings.sign_in_client_secret.get_secret_value(),
            "cookie_secret": settings.sign_in_cookie_secret.get_secret_value(),
            "redirect_uri": settings.sign_in_redirect_uri,
            "client_kwargs": {"scope": settings.sign_in_scope},
        }
    }


def person() -> Person | None:
    """Return who is at the page, None if they have to sign in first. Raises SettingsError."""
    settings = load_settings()
    if not is_on(settings):
        return LOCAL_OWNER
    claims: Mapping[str, object] = st.user.to_dict()
    if claims.get("is_logged_in") is not True:
        return None
    return person_of(claims, settings, now=time.time())


def person_of(claims: Mapping[str, object], settings: Settings, *, now: float) -> Person | None:
    """Return the person that the claims of an identity token describe, None if it is none or too old."""
    issuer, subject, issued_at = (claims.get(name) for name in ("iss", "sub", "iat"))
    if not isinstance(issuer, str) or not isinstance(subject, str) or not isinstance(issued_at, int | float):
        return None
    if not issuer or not subject or now - issued_at > settings.sign_in_hours * 3_600:
        return None
    digest = hashlib.sha256(f"{len(issuer)}:{issuer}{subject}".encode()).hexdigest()
    names = (claims.get(name) for name in ("name", "email", "preferred_username"))
    name = next((name for name in names if isinstance(name, str) and name.strip()), "Signed in")
    return Person(digest[:32], name, role_of(claims, settings))


def owner() -> str:
    """Return whose conversations are shown: "local" without sign-in. Raises AccessDenied where nobody is signed in."""
    found = person()
    if found is None or found.role is None:
        raise AccessDenied("sign in to see your conversations")
    return found.id


def may_edit() -> bool:
    """Say whether who is at the page may reindex and manage sources."""
    found = person()
    return found is not None and found.role is Role.EDITOR


def editors_only(action: Callable[P, R]) -> Callable[P, R]:
    """Let only an editor do this, whatever buttons a page shows. Raises AccessDenied for everybody else."""

    @wraps(action)
    def allowed(*args: P.args, **kwargs: P.kwargs) -> R:
        if not may_edit():
            raise AccessDenied("only an editor may do this; whoever runs this page can make you one")
        return action(*args, **kwargs)

    return allowed


def gate() -> None:
    """Let through who may see the page; to everybody else show how to sign in, and end the run."""
    found = person()
    if found is not None and found.role is not None:
        return
    with st.container(key="tpa-gate"):
        if found is None:
            lead = "Answers in exact quotes from your team's articles."
            st.html(render.heading_html("Sign in", lead, kicker="Trade Policy Assistant"))
            st.button("Sign in", key="sign-in", type="primary", on_click=st.login)
        else:
            st.html(
                render.card_html(
                    "You have no access yet",
                    f"You are signed in as {found.name}, who is on no list of readers or editors.",
                    "Whoever runs this page can put you on one. Then load the page again.",
                )
            )
            st.button("Sign out", key="sign-out", on_click=st.logout)
    st.stop()


def account() -> None:
    """Draw who is signed in, and the way out; nothing without sign-in."""
    found = person()
    if found is None or found is LOCAL_OWNER:
        return
    with st.sidebar, st.container(key="tpa-account"):
        st.html(f'<p class="tpa-note">Signed in as <b dir="auto">{render.escaped(found.name)}</b>, {found.role}</p>')
        st.button("Sign out", key="sign-out", type="tertiary", on_click=st.logout)


def _variable(name: str) -> str:
    return f"TRADE_ASSISTANT_{name.upper()}"
