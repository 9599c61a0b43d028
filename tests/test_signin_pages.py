"""Where signing in fails, a reader is told so on a page; Streamlit's own routes and a real provider are behind it."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.testclient import TestClient
from streamlit.auth_util import encode_provider_token
from streamlit.runtime.secrets import secrets_singleton
from streamlit.web.server.starlette.starlette_auth_routes import create_auth_routes

from tests.oidc_server import OidcServer
from ui.security import Guard, headers
from ui.signin_pages import SignInPages

PAGE = "http://localhost:8501"
CLIENT_SECRET, COOKIE_SECRET = "secret-between-page-and-provider", "0123456789abcdef" * 4
HTML = {"accept": "text/html"}

# Authlib warns of its own future.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def provider() -> Iterator[OidcServer]:
    with OidcServer() as running:
        yield running


@pytest.fixture
def page_of(caplog: pytest.LogCaptureFixture) -> Iterator[Callable[[str], TestClient]]:
    """Return a function that gives a client of a page whose provider describes itself at an address."""

    def client(metadata_url: str) -> TestClient:
        auth: dict[str, Any] = {
            "server_metadata_url": metadata_url,
            "client_id": "page",
            "client_secret": CLIENT_SECRET,
            "cookie_secret": COOKIE_SECRET,
            "redirect_uri": f"{PAGE}/oauth2callback",
        }
        secrets_singleton.merge_programmatic_secrets({"auth": auth})
        app = Starlette(
            routes=create_auth_routes(""),
            middleware=[
                Middleware(Guard, hosts=["localhost"]),
                Middleware(SignInPages),
                Middleware(SessionMiddleware, secret_key=COOKIE_SECRET),
            ],
        )
        return TestClient(app, base_url=PAGE, follow_redirects=False, raise_server_exceptions=False)

    yield client
    secrets_singleton.merge_programmatic_secrets({"auth": {}})
    assert CLIENT_SECRET not in caplog.text
    assert COOKIE_SECRET not in caplog.text


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def begun(page: TestClient, **asked: str) -> httpx.Response:
    return page.get("/auth/login", params={"provider": encode_provider_token("default")}, headers=HTML | asked)


def at_provider(page: TestClient, **chosen: str) -> str:
    """Begin to sign in, choose at the provider, and return the way back."""
    there = begun(page).headers["location"]
    back = httpx.post(there, data=chosen).headers["location"]
    assert back.startswith(f"{PAGE}/oauth2callback?")
    return str(back.removeprefix(PAGE))


def told(response: httpx.Response, caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the lines of a page, whose id stands in the log, and which tells nothing of what is inside."""
    for name, value in headers().items():
        assert response.headers[name] == value
    for inside in (CLIENT_SECRET, COOKIE_SECRET, "Traceback", "authlib", "oidc", "127.0.0.1"):
        assert inside not in response.text
    *lines, number = re.findall(r"<(?:h1|p)[^>]*>(?:<a[^>]*>)?(.*?)</", response.text)
    assert f"error {number.removeprefix('Error ')}: " in caplog.text
    return lines[1:]


def is_signed_in(page: TestClient) -> bool:
    return bool(page.cookies.get("_streamlit_user"))


def test_provider_that_is_down_is_said_calmly(
    page_of: Callable[[str], TestClient], closed_port: int, caplog: pytest.LogCaptureFixture
) -> None:
    page = page_of(f"http://127.0.0.1:{closed_port}/.well-known/openid-configuration")
    response = begun(page)
    assert response.status_code == 502
    title, words, works, way = told(response, caplog)
    assert (title, way) == ("Sign-in cannot begin", "Back to the page")
    assert words.startswith("The provider of sign-in cannot be reached")
    assert works == "Nothing was changed, and nobody was signed in."
    asked = {"provider": encode_provider_token("default")}
    assert page.head("/auth/login", params=asked).status_code == 502
    as_json = page.get("/auth/login", params=asked, headers={"accept": "application/json"})
    assert (as_json.status_code, as_json.json()["error"]) == (502, "Sign-in cannot begin")


def test_provider_that_is_none_is_said_calmly(
    page_of: Callable[[str], TestClient], provider: OidcServer, caplog: pytest.LogCaptureFixture
) -> None:
    response = begun(page_of(f"{provider.url}/users/nobody"))
    assert (response.status_code, told(response, caplog)[0]) == (502, "Sign-in cannot begin")


def test_defect_of_the_way_in_is_a_page_too(
    page_of: Callable[[str], TestClient], provider: OidcServer, caplog: pytest.LogCaptureFixture
) -> None:
    page = page_of(provider.metadata_url)
    token = encode_provider_token("default")
    secrets_singleton.merge_programmatic_secrets({"auth": {"default": 5, "cookie_secret": COOKIE_SECRET}})
    response = page.get("/auth/login", params={"provider": token}, headers=HTML)
    assert response.status_code == 500
    assert told(response, caplog)[:2] == [
        "Something went wrong",
        "Something went wrong inside, and it is not your doing.",
    ]


def test_reader_who_is_refused_is_told_so(
    page_of: Callable[[str], TestClient], provider: OidcServer, caplog: pytest.LogCaptureFixture
) -> None:
    page = page_of(provider.metadata_url)
    response = page.get(at_provider(page, action="deny"), headers=HTML)
    assert response.status_code == 403
    assert told(response, caplog)[0] == "You were not signed in"
    assert "where the provider said 'access_denied'" in caplog.text
    assert not is_signed_in(page)


def test_error_in_an_address_is_neither_shown_nor_a_line_of_its_own_in_the_log(
    page_of: Callable[[str], TestClient], provider: OidcServer, caplog: pytest.LogCaptureFixture
) -> None:
    said = "<script>x</script>\nERROR forged" + "y" * 500
    response = page_of(provider.metadata_url).get("/oauth2callback", params={"error": said}, headers=HTML)
    assert (response.status_code, "script" in response.text) == (403, False)
    (line,) = [record.getMessage() for record in caplog.records if record.name == "ui.incidents"]
    assert "\n" not in line
    assert "y" * 100 not in line


def test_answer_of_the_provider_that_cannot_be_used_is_said(
    page_of: Callable[[str], TestClient], provider: OidcServer, caplog: pytest.LogCaptureFixture
) -> None:
    page = page_of(provider.metadata_url)
    address = urlsplit(at_provider(page, sub="ana"))
    forged = re.sub("code=[^&]*", "code=guessed", address.query)
    response = page.get(f"{address.path}?{forged}", headers=HTML)
    assert (response.status_code, told(response, caplog)[0]) == (400, "Sign-in was not completed")
    assert not is_signed_in(page)


def test_answer_to_a_question_that_was_not_asked_is_said_to_who_is_not_signed_in(
    page_of: Callable[[str], TestClient], provider: OidcServer, caplog: pytest.LogCaptureFixture
) -> None:
    page = page_of(provider.metadata_url)
    response = page.get("/oauth2callback?code=a&state=b", headers=HTML)
    assert (response.status_code, told(response, caplog)[0]) == (400, "Sign-in was not completed")


def test_who_signs_in_is_let_in_and_the_button_for_the_page_before_leads_back_in(
    page_of: Callable[[str], TestClient], provider: OidcServer
) -> None:
    page = page_of(provider.metadata_url)
    way_back = at_provider(page, sub="ana")
    for _ in range(2):
        response = page.get(way_back, headers=HTML)
        assert (response.status_code, response.headers["location"]) == (302, "/")
        assert is_signed_in(page)


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_no_other_site_signs_a_reader_out(
    page_of: Callable[[str], TestClient], provider: OidcServer, caplog: pytest.LogCaptureFixture, site: str
) -> None:
    page = page_of(provider.metadata_url)
    page.get(at_provider(page, sub="ana"))
    response = page.get("/auth/logout", headers=HTML | {"sec-fetch-site": site})
    assert response.status_code == 403
    assert "set-cookie" not in response.headers
    assert told(response, caplog)[0] == "You are still signed in"
    assert is_signed_in(page)


@pytest.mark.parametrize("asked", [{"sec-fetch-site": "same-origin"}, {"sec-fetch-site": "none"}, {}])
def test_reader_signs_out_and_comes_back_to_the_door(
    page_of: Callable[[str], TestClient], provider: OidcServer, asked: dict[str, str]
) -> None:
    page = page_of(provider.metadata_url)
    page.get(at_provider(page, sub="ana"))
    assert page.get("/auth/logout", headers=HTML | asked).status_code == 302
    assert not is_signed_in(page)
    response = page.get("/oauth2callback", headers=HTML)
    assert (response.status_code, response.headers["location"]) == (302, "/")
