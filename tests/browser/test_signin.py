"""Signing in with a real OpenID Connect provider: own conversations only, readers change nothing, and signing out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.browser.conftest import Served, serving
from tests.browser.test_ask import BLACKWELL, ask
from tests.oidc_server import OidcServer

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

CLIENT_SECRET, COOKIE_SECRET = "secret-between-page-and-provider", "0123456789abcdef" * 4
ANA, BO, EVE = "ana", "bo", "eve"


@pytest.fixture(scope="module")
def provider() -> Iterator[OidcServer]:
    """Run a provider that knows an editor by address, a reader by group, and somebody who claims another's address."""
    with OidcServer() as running:
        running.add(ANA, name="Ana <b>Ünal</b>", email="ana@example.org", email_verified=True)
        running.add(BO, name="Bo", groups=["analysts"])
        running.add(EVE, name="Eve", email="ana@example.org", email_verified=False)
        yield running


@pytest.fixture(scope="module")
def page_of_a_team(
    served: Served, provider: OidcServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Path]]:
    """Serve the page with sign-in; return its address and its log."""
    server = serving(
        served.data_dir,
        tmp_path_factory.mktemp("team"),
        TRADE_ASSISTANT_SIGN_IN_METADATA_URL=provider.metadata_url,
        TRADE_ASSISTANT_SIGN_IN_CLIENT_ID="page",
        TRADE_ASSISTANT_SIGN_IN_CLIENT_SECRET=CLIENT_SECRET,
        TRADE_ASSISTANT_SIGN_IN_COOKIE_SECRET=COOKIE_SECRET,
        TRADE_ASSISTANT_SIGN_IN_REDIRECT_URI="http://127.0.0.1:{port}/oauth2callback",
        TRADE_ASSISTANT_ROLE_CLAIM="groups",
        TRADE_ASSISTANT_EDITORS="ana@example.org",
        TRADE_ASSISTANT_READERS="analysts",
    )
    with server as url:
        yield url, server.log


@pytest.fixture
def sign_in(
    new_page: Callable[..., Page], page_of_a_team: tuple[str, Path], provider: OidcServer
) -> Callable[..., Page]:
    """Return a function that signs somebody in, in a browser context of their own, and gives their page."""
    url, _ = page_of_a_team

    def leave_the_providers_style(route: Route) -> None:
        if urlsplit(route.request.frame.url).port == provider.port:
            route.abort()
        else:
            route.fallback()

    def signed_in(subject: str, **options: object) -> Page:
        page = new_page(**options)
        page.route(lambda address: urlsplit(address).hostname != "127.0.0.1", leave_the_providers_style)
        page.goto(url)
        page.get_by_role("button", name="Sign in").click()
        page.locator("input[name=sub]").fill(subject)
        page.get_by_role("button", name="Authorize").click()
        page.wait_for_url(f"{url}/**")
        page.locator(".tpa-heading, .tpa-card").first.wait_for()
        return page

    return signed_in


@pytest.mark.parametrize("path", ["/", "/sources", "/updates", "/?c=guessed"])
def test_nothing_is_shown_before_signing_in(
    new_page: Callable[..., Page], page_of_a_team: tuple[str, Path], path: str
) -> None:
    page = new_page()
    page.goto(page_of_a_team[0] + path)
    page.get_by_role("button", name="Sign in").wait_for()
    page.wait_for_timeout(1_000)
    assert page.locator("h1").all_inner_texts() == ["Sign in"]
    assert page.get_by_role("button", name="New chat").count() == 0
    assert page.locator("[data-testid=stChatInput], .tpa-row").count() == 0


def test_everybody_sees_their_own_conversations_only(
    sign_in: Callable[..., Page], page_of_a_team: tuple[str, Path], screenshots: Path
) -> None:
    ana = sign_in(ANA)
    ana.get_by_text("Signed in as Ana <b>Ünal</b>, editor").wait_for()
    ask(ana, BLACKWELL)
    ana.wait_for_url("**c=*")
    ana.screenshot(path=screenshots / "signed-in.png")
    bo = sign_in(BO)
    bo.get_by_text("Signed in as Bo, reader").wait_for()
    assert bo.get_by_text(BLACKWELL).count() == 0
    bo.goto(ana.url)
    bo.get_by_text("Signed in as Bo, reader").wait_for()
    bo.locator("[data-testid=stChatInput] textarea").wait_for()
    bo.wait_for_timeout(1_000)
    assert bo.get_by_text(BLACKWELL).count() == 0
    again = sign_in(ANA)
    again.goto(ana.url)
    again.get_by_role("heading", name=BLACKWELL).wait_for()


def test_reader_cannot_change_anything_and_an_editor_can(sign_in: Callable[..., Page], screenshots: Path) -> None:
    for subject, width, is_editor in [(BO, 1280, False), (BO, 390, False), (ANA, 1280, True)]:
        page = sign_in(subject, width=width)
        page.goto(f"{page.url.split('?')[0]}updates")
        page.get_by_role("heading", name="What the last run changed").wait_for()
        page.wait_for_timeout(500)
        page.screenshot(path=screenshots / f"updates-{'editor' if is_editor else 'reader'}-{width}.png")
        for name in ("Reindex now", "Reindex this one", "Remove"):
            assert (page.get_by_role("button", name=name).count() > 0) == is_editor, name
        for box in ("Add a source", "Upload files"):
            assert (page.get_by_text(box, exact=True).count() > 0) == is_editor, box
        assert (page.get_by_text("managing sources is for editors").count() > 0) == (not is_editor)


def test_who_is_on_no_list_sees_nothing_although_they_claim_an_editors_address(
    sign_in: Callable[..., Page], screenshots: Path
) -> None:
    page = sign_in(EVE)
    page.get_by_text("You are signed in as Eve, who is on no list of readers or editors.").wait_for()
    assert page.get_by_role("button", name="New chat").count() == 0
    page.screenshot(path=screenshots / "no-access.png")


def test_signing_out_ends_at_the_door(
    sign_in: Callable[..., Page], page_of_a_team: tuple[str, Path], screenshots: Path
) -> None:
    page = sign_in(BO)
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="End session").click()
    page.get_by_role("button", name="Sign in").wait_for()
    page.screenshot(path=screenshots / "sign-in.png")
    page.goto(f"{page_of_a_team[0]}/updates")
    page.get_by_role("button", name="Sign in").wait_for()
    assert page.get_by_role("button", name="New chat").count() == 0


def test_cookie_that_was_tampered_with_is_nobody(
    sign_in: Callable[..., Page], page_of_a_team: tuple[str, Path]
) -> None:
    page = sign_in(BO)
    (cookie,) = [one for one in page.context.cookies() if one["name"] == "_streamlit_user"]
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Lax")
    value = cookie["value"]
    middle = len(value) // 3
    forged = value[:middle] + ("A" if value[middle] != "A" else "B") + value[middle + 1 :]
    page.context.add_cookies([{**cookie, "value": forged}])
    page.goto(page_of_a_team[0])
    page.get_by_role("button", name="Sign in").wait_for()


def test_reader_whom_the_provider_refuses_is_told_so_and_finds_the_way_back(
    new_page: Callable[..., Page], page_of_a_team: tuple[str, Path], screenshots: Path
) -> None:
    url, log = page_of_a_team
    for width in (1280, 390):
        page = new_page(width=width)
        # The provider's own style is left out: what it loads is of another host.
        page.route(lambda address: urlsplit(address).hostname != "127.0.0.1", lambda route: route.abort())
        page.goto(url)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("button", name="Deny").click()
        page.get_by_role("heading", name="You were not signed in").wait_for()
        page.screenshot(path=screenshots / f"sign-in-refused-{width}.png")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        number = page.get_by_text("Error ", exact=False).inner_text().removeprefix("Error ")
        assert f"error {number}: signing in" in log.read_text(encoding="utf-8")
        page.get_by_role("link", name="Back to the page").click()
        page.get_by_role("button", name="Sign in").wait_for()


def test_link_and_picture_of_another_site_sign_nobody_out(
    sign_in: Callable[..., Page], page_of_a_team: tuple[str, Path]
) -> None:
    page = sign_in(BO)
    home = page_of_a_team[0]
    # The same server under another name is another site.
    elsewhere = page.context.new_page()
    there = home.replace("127.0.0.1", "localhost")
    body = f'<a href="{home}/auth/logout">a prize</a><img src="{home}/auth/logout">'
    elsewhere.route(f"{there}/prize", lambda route: route.fulfill(body=body, content_type="text/html"))
    elsewhere.goto(f"{there}/prize")
    elsewhere.get_by_role("link", name="a prize").click()
    elsewhere.get_by_role("heading", name="You are still signed in").wait_for()
    elsewhere.get_by_role("link", name="Back to the page").click()
    elsewhere.get_by_text("Signed in as Bo, reader").wait_for()
    page.reload()
    page.get_by_text("Signed in as Bo, reader").wait_for()


def test_log_tells_no_secret(sign_in: Callable[..., Page], page_of_a_team: tuple[str, Path]) -> None:
    sign_in(BO)
    log = page_of_a_team[1].read_text(encoding="utf-8")
    assert CLIENT_SECRET not in log
    assert COOKIE_SECRET not in log
