"""When pages are asked for again: after an edit of their source, a failure, a new version of the parser."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from assistant.database import FILE_NAME
from assistant.doctor import Finding
from assistant.settings import Settings, load_settings
from ingest import checkup as checkup_module
from ingest import feed as feed_module
from ingest import plan, read, survey
from ingest.catalog import add_source, entry_for
from ingest.parse import PARSER_VERSION
from ingest.plan import ASKED_AGAIN_FOR
from tests.test_source_runs import feed, live, run, state_of, story
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


def test_page_that_failed_is_asked_for_again_although_its_feed_dropped_it(settings: Settings, site: Site) -> None:
    site.add("/2", Page("later", status=403))
    follow(settings, site, "/0", "/1", "/2")
    assert [failure.location for failure in run(settings).failed] == [site.url("/2")]
    site.add("/feed", feed(site, "/0"))
    site.forget()
    assert [failure.location for failure in run(settings).failed] == [site.url("/2")]
    assert site.paths() == ["/feed", "/2"]
    site.add("/2", Page(story("tin 2", 2)))
    report = run(settings)
    assert (report.added, report.failed) == ((site.url("/2"),), ())
    site.forget()
    assert (run(settings).failed, site.paths()) == ((), ["/feed"])


def test_page_that_stays_away_is_reported_and_left_alone_until_one_asks(settings: Settings, site: Site) -> None:
    site.add("/2", Page("gone", status=410))
    follow(settings, site, "/0", "/2")
    run(settings)
    site.add("/feed", feed(site, "/0"))
    run(settings)
    age_failures(settings, ASKED_AGAIN_FOR)
    for _ in range(3):
        site.forget()
        assert [failure.location for failure in run(settings).failed] == [site.url("/2")]
        assert site.paths() == ["/feed"]
    assert [failure.location for failure in state_of(settings, "desk").failures] == [site.url("/2")]
    site.add("/2", Page(story("tin 2", 2)))
    report = run(settings, retry=True)
    assert (report.added, report.failed) == ((site.url("/2"),), ())


def test_failures_of_another_address_of_the_source_are_forgotten(settings: Settings, site: Site) -> None:
    site.add("/2", Page("gone", status=410))
    follow(settings, site, "/0", "/2")
    site.add("/other", feed(site, "/1"))
    run(settings)
    edit(settings, "/feed", "/other")
    site.forget()
    assert (run(settings).failed, site.paths()) == ((), ["/other", "/1"])


def test_page_that_cannot_be_parsed_is_left_until_the_feed_says_something_new_of_it(
    settings: Settings, site: Site
) -> None:
    site.add("/2", Page("<html><body></body></html>"))
    follow(settings, site, "/0", "/2")
    (failed,) = run(settings).failed
    for options in ({}, {}, {"dry_run": True}):
        site.forget()
        again = run(settings, **options)
        assert [(each.location, each.reason) for each in again.failed] == [(site.url("/2"), failed.reason)]
        assert site.paths() == ["/feed"]
    site.forget()
    assert [each.location for each in run(settings, retry=True).failed] == [site.url("/2")]
    assert site.paths() == ["/feed", "/2"]
    site.add("/2", Page(story("tin 2", 2)))
    body = feed(site, "/0", "/2").body
    assert isinstance(body, str)
    site.add("/feed", Page(body.replace("Item /2", "Update"), "application/rss+xml", headers={"ETag": '"new"'}))
    report = run(settings)
    assert (report.added, report.failed) == ((site.url("/2"),), ())


def test_new_parser_reads_listed_and_dropped_pages_again_once(
    settings: Settings, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = "<author>Jane Roe</author><pubDate>Mon, 02 March 2026 08:00:00 GMT</pubDate></item>"
    body = feed(site, "/0", "/1", "/2").body
    assert isinstance(body, str)
    site.add("/feed", Page(body.replace("</item>", facts), "application/rss+xml", headers={"ETag": '"1"'}))
    add_source(settings.data_dir, entry_for("feed", name="desk", url=site.url("/feed")))
    run(settings)
    site.add("/feed", feed(site, "/0"))
    run(settings)
    before = {location: (kept.version, kept.article) for location, kept in live(settings).items()}
    assert all(article.publisher == "Desk" for _, article in before.values())
    raise_parser_version(monkeypatch)
    assert "earlier version" in reading(settings).problem
    site.add("/2", Page("gone", status=410))
    site.forget()
    report = run(settings)
    assert sorted(site.paths()) == ["/0", "/1", "/2", "/feed"]
    assert [failure.location for failure in report.failed] == [site.url("/2")]
    after = {location: (kept.version, kept.article) for location, kept in live(settings).items()}
    dropped = {site.url("/1"), site.url("/2")}  # what the feed said of these is still known
    assert {url: after[url] for url in dropped} == {url: before[url] for url in dropped}
    # What cannot be read again is a failure, and no reason to run the same command for ever.
    assert (reading(settings).problem, reading(settings).remedy) == ("", "")
    age_failures(settings, ASKED_AGAIN_FOR)
    site.forget()
    run(settings)
    assert site.paths() == ["/feed"]
    assert reading(settings).problem == ""


def test_new_parser_reads_an_unchanged_feed_again_and_its_texts(
    settings: Settings, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = (
        '<?xml version="1.0"?><rss version="2.0"><channel><title>Desk</title><item><title>Levy on tin</title>'
        f"<link>{site.url('/0')}</link><description>The levy on tin has been put off until the spring, the ministry "
        "said.</description></item></channel></rss>"
    )
    site.add("/feed", Page(body, "application/rss+xml", headers={"ETag": '"1"'}))
    add_source(settings.data_dir, entry_for("feed", name="desk", url=site.url("/feed"), text="feed"))
    run(settings)
    raise_parser_version(monkeypatch)
    assert run(settings).unchanged == 1
    assert reading(settings) == Finding("Reading", "all articles were read and cut as this program does it")


def test_many_outdated_pages_are_read_again_some_at_a_time(
    settings: Settings, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    follow(settings, site, "/0", "/1", "/2", "/3")
    run(settings)
    site.add("/feed", feed(site))
    run(settings)
    raise_parser_version(monkeypatch)
    monkeypatch.setattr(plan, "OUTDATED_AT_ONCE", 3)
    for expected, unchanged in ((["/0", "/1", "/2"], 3), (["/3"], 4), ([], 4)):
        site.forget()
        assert run(settings).unchanged == unchanged  # at first the feed is read anew, and says nothing of them
        assert sorted(site.paths()) == [*expected, "/feed"]
    assert reading(settings).problem == ""


def raise_parser_version(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a newer version of the parser be the one that is installed."""
    for module in (plan, read, survey, feed_module, checkup_module):
        monkeypatch.setattr(module, "PARSER_VERSION", PARSER_VERSION + 1)


def reading(settings: Settings) -> Finding:
    """Return what the doctor says of how articles were read."""
    (found,) = [finding for finding in checkup_module.checkup(settings) if finding.subject == "Reading"]
    return found


def age_failures(settings: Settings, by: timedelta) -> None:
    """Let it be so much later, for what failed."""
    with closing(sqlite3.connect(settings.data_dir / FILE_NAME)) as connection:
        for location, at in connection.execute("SELECT location, at FROM failures").fetchall():
            earlier = (datetime.fromisoformat(at) - by).isoformat()
            connection.execute("UPDATE failures SET at = ? WHERE location = ?", (earlier, location))
        connection.commit()
