"""How the sources stand: what each look found, when the next one is due, whose articles and failures are whose."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from assistant.domain import Failure, SourceState
from assistant.errors import SourceError
from assistant.settings import Settings, load_settings
from ingest.catalog import FILE_NAME, FeedEntry, FolderEntry, SourceEntry, UrlEntry, add_source
from ingest.overview import SourceOverview, due_at, overview
from ingest.sync import Report, ingest
from ingest.watching import watching
from tests.toys import HashEmbedder
from tests.web_server import Page, Site

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
LONG_AGO = datetime.min.replace(tzinfo=UTC)
PAGE = UrlEntry(name="page", url="https://ministry.example/page", every="6h")
LOOKED = SourceState(name="page", target=PAGE.target, checked_at=AT, succeeded_at=AT)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(data_dir=tmp_path / "data", allow_private_addresses=True)


@pytest.fixture
def desk(settings: Settings, tmp_path: Path) -> SourceEntry:
    """Return a folder of five articles that is a source, not looked at yet."""
    for number in range(5):
        write(tmp_path / f"desk/{number}.txt", f"ore {number}")
    return add_source(settings.data_dir, FolderEntry(name="desk", path=tmp_path / "desk"))


def text(thing: str) -> str:
    return f"The levy on {thing} rose to 7 per cent in March, and importers of {thing} have to register by June."


def write(path: Path, thing: str) -> Path:
    """Write an article old enough for its time to be trusted."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"Levy on {thing}\n\n{text(thing)}\n", encoding="utf-8")
    at = time.time() - 60
    os.utime(path, (at, at))
    return path


def page(thing: str) -> Page:
    return Page(f"<html><head><title>Levy on {thing}</title></head><body><p>{text(thing)}</p></body></html>")


def feed(site: Site, *links: str) -> Page:
    items = "".join(f"<item><title>{link}</title><link>{site.url(link)}</link></item>" for link in links)
    return Page(f'<rss version="2.0"><channel><title>News</title>{items}</channel></rss>', "application/rss+xml")


def run(settings: Settings, **options: Any) -> Report:
    return ingest([], settings, embedder=HashEmbedder(), **options)


def one(settings: Settings, name: str) -> SourceOverview:
    (found,) = [source for source in overview(settings) if source.entry.name == name]
    return found


def looked(source: SourceOverview) -> SourceState:
    assert source.state is not None
    return source.state


def test_no_sources_are_none(settings: Settings) -> None:
    assert overview(settings) == []


def test_list_that_cannot_be_read_is_said(settings: Settings) -> None:
    settings.data_dir.mkdir()
    (settings.data_dir / FILE_NAME).write_text("[[source", encoding="utf-8")
    with pytest.raises(SourceError, match="is not valid TOML"):
        overview(settings)


def test_source_is_bare_before_its_first_look(settings: Settings, desk: SourceEntry) -> None:
    bare = [SourceOverview(entry=desk, state=None, next_at=None, articles=0, failures=())]
    assert overview(settings) == bare
    other = add_source(settings.data_dir, PAGE)
    run(settings, sources=["desk"])
    assert one(settings, "page") == SourceOverview(entry=other, state=None, next_at=None, articles=0, failures=())
    assert one(settings, "desk").articles == 5


def test_sources_stand_in_the_order_of_the_list(settings: Settings, tmp_path: Path) -> None:
    for name in ("zinc", "alloys", "metals"):
        (tmp_path / name).mkdir()
        add_source(settings.data_dir, FolderEntry(name=name, path=tmp_path / name))
    run(settings)
    assert [source.entry.name for source in overview(settings)] == ["zinc", "alloys", "metals"]


def test_look_that_went_well_is_told(settings: Settings, desk: SourceEntry) -> None:
    before = datetime.now(UTC)
    run(settings)
    found = one(settings, "desk")
    at = looked(found).checked_at
    state = SourceState(name="desk", target=desk.target, checked_at=at, succeeded_at=at)
    assert found == SourceOverview(entry=desk, state=state, next_at=None, articles=5, failures=())
    assert before <= at <= datetime.now(UTC)


def test_folder_that_went_missing_is_a_problem_and_its_articles_count_on(
    settings: Settings, desk: SourceEntry, tmp_path: Path
) -> None:
    run(settings)
    well_at = looked(one(settings, "desk")).checked_at
    (tmp_path / "desk").rename(tmp_path / "elsewhere")
    run(settings)
    found = one(settings, "desk")
    state = looked(found)
    assert (found.articles, state.succeeded_at) == (5, well_at)
    assert state.checked_at > well_at
    assert state.problem == "the folder cannot be read: no such file or directory"
    (failure,) = found.failures
    assert (failure.location, failure.source) == (desk.target, "desk")


def test_articles_that_are_gone_but_kept_are_counted_until_they_may_go(
    settings: Settings, desk: SourceEntry, tmp_path: Path
) -> None:
    run(settings)
    for number in (0, 1):
        (tmp_path / f"desk/{number}.txt").unlink()
    run(settings)
    found = one(settings, "desk")
    assert (found.articles, looked(found).withheld, looked(found).problem) == (5, 2, "")
    run(settings, allow_removals=True)
    found = one(settings, "desk")
    assert (found.articles, looked(found).withheld) == (3, 0)


def test_article_counts_for_each_source_it_comes_from(
    settings: Settings, desk: SourceEntry, tmp_path: Path, site: Site
) -> None:
    write(tmp_path / "desk/below/deep.txt", "tin")
    add_source(settings.data_dir, FolderEntry(name="below", path=tmp_path / "desk/below"))
    site.add("/1", page("zinc"))
    site.add("/2", page("lead"))
    add_source(settings.data_dir, FeedEntry(name="news", url=site.add("/feed", feed(site, "/1", "/2"))))
    add_source(settings.data_dir, UrlEntry(name="page", url=site.url("/1")))
    run(settings)
    counted = {source.entry.name: source.articles for source in overview(settings)}
    assert counted == {"desk": 6, "below": 1, "news": 2, "page": 1}


def test_failure_stands_with_its_own_source(settings: Settings, desk: SourceEntry, tmp_path: Path, site: Site) -> None:
    bad = tmp_path / "desk/empty.txt"
    bad.touch()
    deep = tmp_path / "desk/below/empty.txt"
    deep.parent.mkdir()
    deep.touch()
    add_source(settings.data_dir, FolderEntry(name="below", path=deep.parent))
    site.add("/1", page("zinc"))
    add_source(settings.data_dir, FeedEntry(name="news", url=site.add("/feed", feed(site, "/1", "/none"))))
    single = tmp_path / "single.txt"
    single.touch()
    ingest([single], settings, embedder=HashEmbedder())
    run(settings)
    found = {source.entry.name: source.failures for source in overview(settings)}
    where = {name: [(each.location, each.source) for each in failures] for name, failures in found.items()}
    assert where == {
        "desk": [(str(bad), "desk")],
        "below": [(str(deep), "below")],
        "news": [(site.url("/none"), "news")],
    }
    (failure,) = found["desk"]
    assert failure == Failure(str(bad), "the file is empty (0 bytes)", failure.at, "desk")


def test_source_that_was_pointed_elsewhere_was_never_looked_at_there(
    settings: Settings, desk: SourceEntry, tmp_path: Path
) -> None:
    run(settings)
    path = settings.data_dir / FILE_NAME
    path.write_text(path.read_text(encoding="utf-8").replace(desk.target, str(tmp_path / "other")), encoding="utf-8")
    found = one(settings, "desk")
    assert found.entry.target == str(tmp_path / "other")
    assert (found.state, found.articles) == (None, 0)


def test_next_look_is_told_while_somebody_watches(settings: Settings, desk: SourceEntry, site: Site) -> None:
    asked = {"Retry-After": "86400"}
    busy = UrlEntry(name="busy", url=site.add("/busy", Page("later", status=503, headers=asked)), every="15m")
    add_source(settings.data_dir, busy)
    run(settings)
    new = UrlEntry(name="new", url=site.url("/new"))
    add_source(settings.data_dir, new)
    assert [source.next_at for source in overview(settings)] == [None, None, None]
    with watching(settings.data_dir):
        before = datetime.now(UTC)
        found = {source.entry.name: source for source in overview(settings)}
        after = datetime.now(UTC)
    assert found["desk"].next_at == looked(found["desk"]).checked_at + timedelta(minutes=10)
    later = looked(found["busy"]).retry_at
    assert later is not None
    assert later > looked(found["busy"]).checked_at + timedelta(hours=23)
    assert found["busy"].next_at == later
    at = found["new"].next_at  # never looked at: due now, not long ago
    assert at is not None
    assert before <= at <= after
    assert [source.next_at for source in overview(settings)] == [None, None, None]


@pytest.mark.parametrize(
    ("state", "due"),
    [
        (None, LONG_AGO),
        (LOOKED, AT + timedelta(hours=6)),
        (SourceState(name="page", target="https://ministry.example/old", checked_at=AT), LONG_AGO),
        (SourceState("page", PAGE.target, AT, problem="it is away"), AT + timedelta(hours=6)),
        (SourceState("page", PAGE.target, AT, retry_at=AT + timedelta(hours=1)), AT + timedelta(hours=6)),
        (SourceState("page", PAGE.target, AT, retry_at=AT + timedelta(hours=9)), AT + timedelta(hours=9)),
    ],
)
def test_source_is_due_by_its_interval_unless_its_server_asks_for_later(
    state: SourceState | None, due: datetime
) -> None:
    assert due_at(PAGE, state) == due
