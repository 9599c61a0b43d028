"""Fetching is guarded against servers, and polite to them. Real sockets; only waits and names are the tests' own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assistant.errors import FetchError
from assistant.records import Validators
from assistant.settings import Settings, load_settings
from ingest.fetch import Fetched, Fetcher
from tests.web_server import Page, Site, web_server

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TEXT = "<p>Tariffs on steel rose to 50 percent.</p>"


@pytest.fixture
def site() -> Iterator[Site]:
    """Serve nothing yet."""
    with web_server() as served:
        yield served


@pytest.fixture
def local(tmp_path: Path) -> Settings:
    """Settings that let this computer be fetched from, as the tests' server needs."""
    return load_settings(data_dir=tmp_path / "data", allow_private_addresses=True)


class Waits(list[float]):
    """The waits that were asked for, none of which takes place; unless it was, the clock stands still."""

    def fetcher(self, settings: Settings, **options: object) -> Fetcher:
        """Return a fetcher that waits here and finds every name ending in ".example" on this computer."""
        return Fetcher(
            settings,
            **{  # type: ignore[arg-type]
                "sleep": self.append,
                "monotonic": lambda: 1_000.0,
                "now": lambda: NOW,
                "resolve": everything_here,
                **options,
            },
        )


def everything_here(host: str, port: int) -> list[str]:
    """Resolve every name to this computer, and addresses to themselves."""
    return [host if host.replace(".", "").isdigit() else "127.0.0.1"]


@pytest.fixture
def waits() -> Waits:
    """Return the waits of a test."""
    return Waits()


def refused(fetcher: Fetcher, url: str, **options: object) -> str:
    """Return the reason why an address is not fetched."""
    with pytest.raises(FetchError) as caught:
        fetcher.get(url, **options)  # type: ignore[arg-type]
    return str(caught.value)


def test_page_is_fetched_with_what_its_server_says_of_it(site: Site, local: Settings, waits: Waits) -> None:
    headers = {"ETag": '"v1"', "Last-Modified": "Mon, 02 Mar 2026 08:00:00 GMT"}
    url = site.add("/a", Page(TEXT, "text/HTML; Charset=ISO-8859-1", headers=headers))
    with waits.fetcher(local) as fetcher:
        found = fetcher.get(url + "#part")
    assert found == Fetched(
        url=url,
        data=TEXT.encode(),
        media_type="text/html",
        charset="iso-8859-1",
        validators=Validators('"v1"', "Mon, 02 Mar 2026 08:00:00 GMT"),
    )
