"""Who is at the page and what they may do; and that the page is open to nobody by mistake."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.errors import AccessDenied, SettingsError
from assistant.settings import Settings, load_settings
from ui import serving, signin
from ui.roles import Role, role_of

SECRET, COOKIE = "client-secret-of-the-page", "c" * 40
ISSUER = "https://accounts.example.org"
NOW = 1_760_000_000.0
SIGN_IN: dict[str, Any] = {
    "sign_in_metadata_url": f"{ISSUER}/.well-known/openid-configuration",
    "sign_in_client_id": "page",
    "sign_in_client_secret": SECRET,
    "sign_in_cookie_secret": COOKIE,
    "editors": "Ana@example.org, policy-editors",
    "readers": "bo@example.org,policy-team",
    "role_claim": "groups",
}


def settings(**changed: Any) -> Settings:
    return load_settings(data_dir=Path("data"), **(SIGN_IN | changed))


def claims(**stated: object) -> dict[str, object]:
    return {"iss": ISSUER, "sub": "42", "iat": NOW, "is_logged_in": True, **stated}


def verified(address: str) -> dict[str, object]:
    return {"email": address, "email_verified": True}


@pytest.mark.parametrize(
    ("stated", "role"),
    [
        (verified("ana@example.org"), Role.EDITOR),
        (verified("ANA@EXAMPLE.ORG"), Role.EDITOR),
        (verified("bo@example.org"), Role.READER),
        (verified("eve@example.org"), None),
        ({"email": "ana@example.org"}, None),
        ({"email": "ana@example.org", "email_verified": False}, None),
        ({"email": "ana@example.org", "email_verified": "true"}, None),
        ({"email": ["ana@example.org"], "email_verified": True}, None),
        ({"groups": ["x", "policy-editors"]}, Role.EDITOR),
        ({"groups": "policy-team"}, Role.READER),
        ({"groups": ["Policy-Team"]}, None),
        ({"groups": ["ana@example.org"]}, None),
        ({"roles": ["policy-editors"]}, None),
        ({"groups": {"policy-editors": True}}, None),
        ({"groups": [["policy-editors"], None, 7]}, None),
        ({"groups": ["policy-team"], **verified("ana@example.org")}, Role.EDITOR),
        (verified("policy-editors"), None),
        ({}, None),
    ],
)
def test_role_comes_from_a_verified_address_or_the_claim(stated: dict[str, object], role: Role | None) -> None:
    assert role_of(stated, settings()) == role


def test_claim_is_found_inside_another_and_by_a_name_with_dots() -> None:
    inside = settings(role_claim="realm_access.roles")
    assert role_of({"realm_access": {"roles": ["policy-team"]}}, inside) == Role.READER
    assert role_of({"realm_access": ["roles"]}, inside) is None
    named = settings(role_claim="https://page.example.org/roles")
    assert role_of({"https://page.example.org/roles": ["policy-editors"]}, named) == Role.EDITOR


def test_everybody_may_read_only_where_that_is_said_and_nobody_edits_by_it() -> None:
    assert role_of({}, settings(readers="*")) == Role.READER
    assert role_of({}, settings(editors="*", readers="nobody")) is None
    assert role_of({"groups": ["*"]}, settings(editors="*", readers="x")) is None


NOBODY_LISTED = settings(editors="zz-editors-zz", readers="zz-readers-zz")


@given(
    email=st.none() | st.text(max_size=12) | st.lists(st.text(max_size=3), max_size=2),
    is_verified=st.none() | st.booleans() | st.text(max_size=4),
    groups=st.none() | st.text(max_size=12) | st.lists(st.none() | st.text(max_size=12), max_size=3),
)
def test_nobody_gets_a_role_without_a_listed_name(email: object, is_verified: object, groups: object) -> None:
    assert role_of({"email": email, "email_verified": is_verified, "groups": groups}, NOBODY_LISTED) is None


def test_person_is_known_by_issuer_and_subject_alone() -> None:
    ana = signin.person_of(claims(name="Ana", **verified("ana@example.org")), settings(), now=NOW)
    assert ana is not None
    assert ana == signin.Person(ana.id, "Ana", Role.EDITOR)
    renamed = signin.person_of(claims(name="Anna B.", **verified("bo@example.org")), settings(), now=NOW)
    assert renamed == dataclasses.replace(ana, name="Anna B.", role=Role.READER)
    others = [claims(sub="43"), claims(iss="https://other.example"), claims(iss=f"{ISSUER}4", sub="2")]
    ids = {person.id for one in others if (person := signin.person_of(one, settings(), now=NOW))}
    assert len(ids | {ana.id, "local"}) == 5


@pytest.mark.parametrize("stated", [{"iss": ""}, {"sub": None}, {"sub": ""}, {"iat": None}, {"iat": "now"}, {"iat": 0}])
def test_incomplete_or_old_token_is_nobody(stated: dict[str, object]) -> None:
    assert signin.person_of(claims(**stated), settings(), now=NOW) is None


def test_sign_in_ends_after_its_hours() -> None:
    for hours, is_known in [(11.9, True), (12.1, False)]:
        assert (signin.person_of(claims(), settings(), now=NOW + hours * 3_600) is not None) == is_known
    assert signin.person_of(claims(), settings(sign_in_hours=13.0), now=NOW + 12.1 * 3_600) is not None


def test_without_sign_in_one_local_owner_has_everything() -> None:
    assert signin.person() == signin.LOCAL_OWNER
    assert signin.owner() == "local"
    assert signin.may_edit()
    assert signin.editors_only(lambda word: word * 2)("ab") == "abab"


@pytest.fixture
def signed_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set sign-in up for this process; outside a page nobody is signed in."""
    for name, value in SIGN_IN.items():
        monkeypatch.setenv(f"TRADE_ASSISTANT_{name.upper()}", value)


@pytest.mark.usefixtures("signed_out")
@pytest.mark.filterwarnings("ignore")
def test_who_is_not_signed_in_owns_nothing_and_changes_nothing() -> None:
    done: list[str] = []
    assert signin.person() is None
    assert not signin.may_edit()
    with pytest.raises(AccessDenied, match="only an editor"):
        signin.editors_only(done.append)("reindexed")
    assert done == []
    with pytest.raises(AccessDenied, match="sign in"):
        signin.owner()


@pytest.mark.parametrize("left_out", [name for name in SIGN_IN if name.startswith("sign_in_")])
def test_half_a_set_up_is_an_error_and_never_means_off(left_out: str) -> None:
    with pytest.raises(SettingsError, match=f"sign-in also needs TRADE_ASSISTANT_{left_out.upper()}$"):
        signin.is_on(settings(**{left_out: None}))


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"sign_in_cookie_secret": "short"}, "TRADE_ASSISTANT_SIGN_IN_COOKIE_SECRET needs at least 32"),
        ({"sign_in_redirect_uri": "https://trade.example.org/"}, "has to be the page's address with /oauth2callback"),
        ({"editors": "", "readers": " , "}, "nobody could use the page"),
    ],
)
def test_set_up_that_cannot_work_says_why(changed: dict[str, str], message: str) -> None:
    with pytest.raises(SettingsError, match=message) as caught:
        signin.is_on(settings(**changed))
    assert "short" not in str(caught.value)


def test_provider_is_told_to_streamlit_and_secrets_to_nobody_else() -> None:
    chosen = settings()
    assert signin.provider(chosen) == {
        "auth": {
            "server_metadata_url": SIGN_IN["sign_in_metadata_url"],
            "client_id": "page",
            "client_secret": SECRET,
            "cookie_secret": COOKIE,
            "redirect_uri": "http://localhost:{port}/oauth2callback",
            "client_kwargs": {"scope": "openid email profile"},
        }
    }
    told = f"{chosen!r} {chosen} {chosen.model_dump_json()} {chosen.model_dump()}"
    assert SECRET not in told
    assert COOKIE not in told
    assert signin.provider(load_settings()) == {}


LOCAL_ADDRESSES = ["127.0.0.1", "127.8.9.1", "::1", "[::1]", "localhost"]
OPEN_ADDRESSES = ["0.0.0.0", "::", "192.168.1.5", "10.0.0.1", "example.org", "127.0.0.1.example.org", ""]


@pytest.mark.parametrize("address", LOCAL_ADDRESSES)
def test_page_for_this_computer_needs_no_sign_in(address: str) -> None:
    serving.require_sign_in(load_settings(), address)


@pytest.mark.parametrize("address", OPEN_ADDRESSES)
def test_page_for_others_needs_sign_in_or_a_setting(address: str) -> None:
    with pytest.raises(SettingsError, match="TRADE_ASSISTANT_ALLOW_WITHOUT_SIGN_IN=true"):
        serving.require_sign_in(load_settings(), address)
    serving.require_sign_in(load_settings(allow_without_sign_in=True), address)
    serving.require_sign_in(settings(), address)


def test_page_answers_to_its_own_names_only() -> None:
    own = {"localhost", "127.0.0.1", "::1"}
    assert serving.hosts(load_settings(), "127.0.0.1") == own
    assert serving.hosts(load_settings(), "0.0.0.0") == own
    assert serving.hosts(load_settings(allowed_hosts="trade.lan, *"), "192.168.1.5") == {
        *own,
        "trade.lan",
        "*",
        "192.168.1.5",
    }
    public = settings(sign_in_redirect_uri="https://trade.example.org:8443/oauth2callback")
    assert serving.hosts(public, "::") == {*own, "trade.example.org"}


def test_address_to_type_is_one_that_works() -> None:
    hosts = ["127.0.0.1", "::1", "0.0.0.0", "192.168.1.5", "fe80::1"]
    assert [serving.address(8501, host=host).removesuffix(":8501") for host in hosts] == [
        "http://localhost",
        "http://localhost",
        "http://localhost",
        "http://192.168.1.5",
        "http://[fe80::1]",
    ]


def test_address_that_is_not_this_computers_is_named() -> None:
    with pytest.raises(SettingsError, match=r"TRADE_ASSISTANT_ADDRESS: 192\.0\.2\.1 is no address of this computer"):
        serving.require_free_port(0, host="192.0.2.1")
