"""When pages are asked for again: after an edit of their source, a failure, a new version of the parser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.settings import Settings, load_settings
from ingest.catalog import add_source, entry_for
from tests.test_source_runs import feed, live, run, story
from tests.web_server import Page, Site, web_server


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(data_dir=tmp_path / "data", allow_private_addresses=True)


@pytest.fixture
def site() -> Iterator[Site]:
    with web_server() as served:
        for number in range(4):
            served.add(f"/{number}", Page(story(f"tin {number}", number)))
        yield served


def follow(settings: Settings, site: Site, *links: str) -> None:
    """Follow a feed named desk of these pages."""
    add_source(settings.data_dir, entry_for("feed", name="desk", url=site.add("/feed", feed(site, *links))))


def edit(settings: Settings, old: str, new: str) -> None:
    """Edit the list of sources by hand."""
    path = settings.data_dir / "sources.toml"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


def test_feed_that_was_pointed_elsewhere_is_asked_as_a_new_one(settings: Settings, site: Site) -> None:
    follow(settings, site, "/0", "/1")
    site.add("/other", feed(site, "/2", "/3"))  # with the same ETag
    run(settings)
    edit(settings, "/feed", "/other")
    site.forget()
    assert run(settings).added == (site.url("/2"), site.url("/3"))
    (asked,) = [request for request in site.requests if request.path == "/other"]
    assert "if-none-match" not in asked.headers
    site.forget()
    assert (run(settings).unchanged, site.paths()) == (4, ["/other"])


def test_feed_whose_text_is_to_be_read_otherwise_is_read_anew(settings: Settings, site: Site) -> None:
    body = (
        '<?xml version="1.0"?><rss version="2.0"><channel><title>Desk</title><item><title>Levy on tin</title>'
        f"<link>{site.url('/0')}</link><description>Only the feed says that the levy on tin has been put off until "
        "the spring.</description></item></channel></rss>"
    )
    site.add("/feed", Page(body, "application/rss+xml", headers={"ETag": '"1"'}))
    add_source(settings.data_dir, entry_for("feed", name="desk", url=site.url("/feed")))
    run(settings)
    edit(settings, 'kind = "feed"', 'kind = "feed"\ntext = "feed"')
    assert run(settings).changed == (site.url("/0"),)
    assert "put off until the spring" in live(settings)[site.url("/0")].article.text
    edit(settings, 'text = "feed"', 'text = "page"')
    assert run(settings).changed == (site.url("/0"),)
    assert run(settings).unchanged == 1
