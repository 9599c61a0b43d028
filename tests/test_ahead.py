"""Fetching ahead of runs: portions of a long listing add up to what one run over all of it does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from assistant.errors import LibraryError
from assistant.library import Library
from assistant.lock import is_locked
from assistant.settings import Settings, load_settings
from ingest import plan, read, survey
from ingest.ahead import FETCHED_AT_ONCE, Ahead, PortionSize, Taken
from ingest.catalog import SourceEntry, add_source, entry_for, read_sources
from ingest.embedding_step import open_writer
from ingest.overview import overview
from ingest.parse import PARSER_VERSION
from ingest.report import Report
from ingest.sync import ingest
from tests.toys import HashEmbedder
from tests.web_server import Page, Request, Site

SIZE = PortionSize(pages=2, wait_s=0.0)
TEXT = "The levy on {name} rose to 7 per cent in March, and importers have to register by June."


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(data_dir=tmp_path / "data", allow_private_addresses=True)


@pytest.fixture
def ahead(settings: Settings) -> Iterator[Ahead]:
    with closing(Ahead(settings, size=SIZE)) as opened:
        yield opened


@pytest.fixture
def entry(settings: Settings, site: Site) -> SourceEntry:
    """A feed of five pages."""
    site.add("/feed", feed(site, *(f"/{number}" for number in range(5))))
    for number in range(5):
        site.add(f"/{number}", story(f"ore {number}"))
    return add_source(settings.data_dir, entry_for("feed", name="desk", url=site.url("/feed")))


def story(name: str) -> Page:
    body = f"<article><h1>Levy</h1><p>{TEXT.format(name=name)}</p></article>"
    return Page(f"<html><head><title>Levy on {name}</title></head><body>{body}</body></html>")


def feed(site: Site, *links: str) -> Page:
    entries = "".join(f"<item><title>{link}</title><link>{site.url(link)}</link></item>" for link in links)
    body = f'<?xml version="1.0"?><rss version="2.0"><channel><title>Desk</title>{entries}</channel></rss>'
    return Page(body, "application/rss+xml", headers={"ETag": f'"{len(links)}"'})


def taken(ahead: Ahead) -> Taken:
    """Return the next portion, however long it takes; the test's own time limit ends the waiting."""
    while (found := ahead.take(wait_s=1.0)) is None:
        pass
    return found


def indexed(settings: Settings, found: Taken) -> Report:
    assert found.portion is not None, found.error
    return ingest([], settings, embedder=HashEmbedder(), sources=[found.entry.name], portions=[found.portion])


def look(settings: Settings, ahead: Ahead, entry: SourceEntry) -> list[Report]:
    """Look at a source to its end."""
    ahead.start(entry)
    reports = []
    while ahead.is_busy:
        reports.append(indexed(settings, taken(ahead)))
    return reports


def live(settings: Settings) -> set[str]:
    with closing(Library.open(settings.data_dir)) as library, library.snapshot() as snapshot:
        return set(snapshot.manifest())


def failures(settings: Settings) -> list[str]:
    with closing(Library.open(settings.data_dir)) as library, library.snapshot() as snapshot:
        return list(snapshot.failures())


@pytest.mark.timeout(60)
def test_portions_bring_all_of_a_listing_that_is_asked_for_once(
    settings: Settings, site: Site, ahead: Ahead, entry: SourceEntry
) -> None:
    reports = look(settings, ahead, entry)
    assert len(reports) >= 3
    assert sorted(location for report in reports for location in report.added) == sorted(live(settings))
    assert live(settings) == {site.url(f"/{number}") for number in range(5)}
    assert [report.deferred > 0 for report in reports] == [True] * (len(reports) - 1) + [False]
    assert sorted(site.paths()) == ["/0", "/1", "/2", "/3", "/4", "/feed"]
    site.forget()
    # All went well, so the feed is remembered.
    assert [report.unchanged for report in look(settings, ahead, entry)] == [5]
    assert [(request.path, request.headers.get("if-none-match")) for request in site.requests] == [("/feed", '"5"')]


@pytest.mark.timeout(60)
@pytest.mark.parametrize("number", [0, 4])
def test_page_that_failed_is_remembered_and_tried_again_whatever_portion_it_was_in(
    settings: Settings, site: Site, ahead: Ahead, entry: SourceEntry, number: int
) -> None:
    site.add(f"/{number}", Page("no", status=403))
    reports = look(settings, ahead, entry)
    assert sum(len(report.failed) for report in reports) == 1
    assert failures(settings) == [site.url(f"/{number}")]
    site.forget()
    site.add(f"/{number}", story("gold"))
    assert [report.added for report in look(settings, ahead, entry)] == [(site.url(f"/{number}"),)]
    assert sorted(site.paths()) == [f"/{number}", "/feed"]
    assert failures(settings) == []


@pytest.mark.timeout(60)
def test_source_counts_as_looked_at_after_the_last_portion_alone(
    settings: Settings, site: Site, ahead: Ahead, entry: SourceEntry
) -> None:
    ahead.start(entry)
    while ahead.is_busy:
        assert [source.state for source in overview(settings)] == [None]
        indexed(settings, taken(ahead))
    (source,) = overview(settings)
    assert source.state is not None
    assert source.state.problem == ""
    assert source.articles == 5


@pytest.mark.timeout(60)
def test_source_that_was_given_another_name_is_not_fetched_anew(
    settings: Settings, site: Site, ahead: Ahead, entry: SourceEntry
) -> None:
    look(settings, ahead, entry)
    path = settings.data_dir / "sources.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('"desk"', '"press"'), encoding="utf-8")
    site.forget()
    (report,) = look(settings, ahead, read_sources(settings.data_dir)[0])
    assert (report.unchanged, site.paths()) == (5, ["/feed"])


@pytest.mark.timeout(60)
def test_nothing_is_locked_while_a_host_stalls_and_the_pages_of_another_are_at_hand(
    settings: Settings, site: Site, ahead: Ahead
) -> None:
    is_asked, let_go = threading.Event(), threading.Event()

    def stalling(request: Request) -> Page:
        is_asked.set()
        let_go.wait()
        return story("gold")

    site.add("/slow", stalling)
    site.add("/good", story("iron"))
    links = "".join(
        f"<item><link>{link}</link></item>" for link in (site.url("/slow"), f"http://localhost:{site.port}/good")
    )
    site.add("/feed", Page(f'<rss version="2.0"><channel>{links}</channel></rss>', "application/rss+xml"))
    entry = add_source(settings.data_dir, entry_for("feed", name="desk", url=site.url("/feed")))
    ahead.start(entry)
    first = taken(ahead)
    is_asked.wait()
    assert is_locked(settings.data_dir) is None
    report = indexed(settings, first)
    assert (report.added, report.deferred) == ((f"http://localhost:{site.port}/good",), 1)
    let_go.set()
    report = indexed(settings, taken(ahead))
    assert (report.added, report.deferred) == ((site.url("/slow"),), 0)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("stalled", ["/feed", "/page"])
def test_many_sources_of_a_host_that_stalls_keep_no_other_host_waiting(
    settings: Settings, site: Site, ahead: Ahead, stalled: str
) -> None:
    is_asked, let_go = threading.Event(), threading.Event()

    def stalling(request: Request) -> Page:
        if request.path.startswith(stalled):
            is_asked.set()
            let_go.wait()
        return feed(site, f"/page{request.path[5:]}") if request.path.startswith("/feed") else story("gold")

    for number in range(2 * FETCHED_AT_ONCE):
        site.add(f"/page{number}", stalling)
        address = site.add(f"/feed{number}", stalling)
        ahead.start(add_source(settings.data_dir, entry_for("feed", name=f"slow-{number}", url=address)))
    good = add_source(settings.data_dir, entry_for("url", name="good", url=site.url("/good", host="localhost")))
    site.add("/good", story("iron"))
    is_asked.wait()
    ahead.start(good)
    try:
        assert indexed(settings, taken(ahead)).added == (good.target,)
    finally:
        let_go.set()


@pytest.mark.timeout(60)
def test_feed_that_cannot_be_had_is_the_sources_problem(settings: Settings, site: Site, ahead: Ahead) -> None:
    entry = add_source(settings.data_dir, entry_for("feed", name="desk", url=site.add("/feed", Page("no", status=404))))
    (report,) = look(settings, ahead, entry)
    assert [failure.location for failure in report.failed] == [site.url("/feed")]
    (source,) = overview(settings)
    assert source.state is not None
    assert source.state.problem.startswith("there is no such page")


@pytest.mark.timeout(60)
def test_feed_that_cannot_be_had_is_the_sources_problem_although_an_older_parser_read_its_pages(
    settings: Settings, site: Site, ahead: Ahead, entry: SourceEntry, monkeypatch: pytest.MonkeyPatch
) -> None:
    look(settings, ahead, entry)
    (before,) = overview(settings)
    for module in (plan, read, survey):
        monkeypatch.setattr(module, "PARSER_VERSION", PARSER_VERSION + 1)
    site.add("/feed", Page("no", status=404))
    assert sum(report.unchanged for report in look(settings, ahead, entry)) == 5
    (after,) = overview(settings)
    assert before.state is not None
    assert after.state is not None
    assert after.state.problem.startswith("there is no such page")
    assert after.state.succeeded_at == before.state.succeeded_at


@pytest.mark.timeout(60)
def test_server_that_asks_to_be_left_alone_is_heeded_whatever_portion_its_page_was_in(
    settings: Settings, site: Site, ahead: Ahead
) -> None:
    let_go = threading.Event()

    def stalling(request: Request) -> Page:
        let_go.wait()
        return story("gold")

    site.add("/slow", stalling)
    site.add("/closed", Page("no", status=429, headers={"Retry-After": "7200"}))
    links = "".join(
        f"<item><link>{site.url(path, host=host)}</link></item>"
        for path, host in [("/slow", "127.0.0.1"), ("/closed", "localhost")]
    )
    site.add("/feed", Page(f'<rss version="2.0"><channel>{links}</channel></rss>', "application/rss+xml"))
    ahead.start(add_source(settings.data_dir, entry_for("feed", name="desk", url=site.url("/feed"))))
    first = taken(ahead)
    let_go.set()
    assert len(indexed(settings, first).failed) == 1
    assert len(indexed(settings, taken(ahead)).added) == 1
    assert first.portion is not None
    (source,) = overview(settings)
    assert source.state is not None
    assert source.state.retry_at is not None
    assert source.state.retry_at == first.portion.retry_at


@pytest.mark.timeout(60)
def test_page_that_is_the_same_as_one_withdrawn_meanwhile_is_read_again(
    settings: Settings, site: Site, ahead: Ahead
) -> None:
    page = Page(story("zinc").body, headers={"ETag": '"1"'})
    entry = add_source(settings.data_dir, entry_for("url", name="page", url=site.add("/page", page)))
    look(settings, ahead, entry)
    ahead.start(entry)
    portion = taken(ahead)
    withdraw(settings, site.url("/page"))
    report = indexed(settings, portion)
    assert (report.added, report.unchanged, report.deferred) == ((), 0, 1)
    assert [report.added for report in look(settings, ahead, entry)] == [(site.url("/page"),)]


@pytest.mark.timeout(60)
def test_library_that_cannot_be_read_is_the_reason_of_a_portion(
    settings: Settings, ahead: Ahead, entry: SourceEntry
) -> None:
    (settings.data_dir / "library.sqlite3").write_bytes(b"x" * 4_096)
    with pytest.raises(LibraryError) as caught:
        Library.open(settings.data_dir)
    ahead.start(entry)
    assert taken(ahead).error == str(caught.value)
    assert not ahead.is_busy


def withdraw(settings: Settings, location: str) -> None:
    with open_writer(settings, HashEmbedder(), wait_s=10) as writer:
        writer.remove([location])
