"""Whole runs over sources: pages, feeds and searches on a real server, renames, removals that are asked about."""

from __future__ import annotations

import os
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from assistant.domain import ChangeKind, StoredArticle
from assistant.errors import SourceError
from assistant.library import Library
from assistant.settings import Settings, load_settings
from ingest.catalog import FolderEntry, add_source, entry_for, read_sources, remove_source
from ingest.overview import SourceOverview, overview
from ingest.progress import Progress
from ingest.report import Report
from ingest.sync import forget_source, ingest
from tests.toys import HashEmbedder
from tests.web_server import Page, Register, Site, redirect

SENTENCES = (
    "The ministry raised the levy on {thing} to {rate} per cent. Importers of {thing} have to register by the end of "
    "the month. A review of the levy on {thing} is planned for next year."
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(data_dir=tmp_path / "data", allow_private_addresses=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "desk"
    path.mkdir()
    for number in range(10):
        write(path / f"{number}.txt", f"tin {number}", number)
    return path


def write(path: Path, thing: str, rate: int) -> Path:
    """Write an article old enough for its time to be trusted."""
    path.write_text(f"Levy on {thing}\n\n{SENTENCES.format(thing=thing, rate=rate)}\n", encoding="utf-8")
    at = time.time_ns() - 60_000_000_000
    os.utime(path, ns=(at, at))
    return path


def story(thing: str, rate: int, head: str = "") -> str:
    return (
        f"<html><head><title>Levy on {thing}</title>{head}</head><body><article><h1>Levy on {thing}</h1>"
        f"<p>{SENTENCES.format(thing=thing, rate=rate)}</p></article></body></html>"
    )


def feed(site: Site, *links: str) -> Page:
    entries = "".join(
        f"<item><title>Item {link}</title><link>{site.url(link)}</link><guid>{link}</guid></item>" for link in links
    )
    body = f'<?xml version="1.0"?><rss version="2.0"><channel><title>Desk</title>{entries}</channel></rss>'
    return Page(body, "application/rss+xml", headers={"ETag": f'"{len(links)}"'})


def run(settings: Settings, *paths: Path, **options: Any) -> Report:
    return ingest(paths, settings, embedder=HashEmbedder(), **options)


def live(settings: Settings) -> dict[str, StoredArticle]:
    with closing(Library.open(settings.data_dir)) as library, library.snapshot() as snapshot:
        found = [snapshot.article(summary.article_id) for summary in snapshot.articles()]
    return {stored.location: stored for stored in found}


def state_of(settings: Settings, name: str) -> SourceOverview:
    (found,) = [each for each in overview(settings) if each.entry.name == name]
    return found


def test_page_is_indexed_and_asked_for_only_what_is_new(settings: Settings, site: Site) -> None:
    url = site.add("/a", Page(story("zinc", 5), headers={"ETag": '"1"'}))
    add_source(settings.data_dir, entry_for("url", name="page", url=url + "?utm_source=mail#top"))
    assert run(settings).added == (url,)
    stored = live(settings)[url]
    assert (stored.article.title, stored.article.url) == ("Levy on zinc", url)
    assert run(settings).unchanged == 1
    assert [request.headers.get("if-none-match") for request in site.requests] == [None, '"1"']
    site.add("/a", Page(story("zinc", 7), headers={"ETag": '"2"'}))
    assert run(settings).changed == (url,)
    assert live(settings)[url].version == 2


def test_page_that_claims_the_address_of_another_site_is_linked_to_where_it_was_found(
    settings: Settings, site: Site
) -> None:
    url = site.add("/a", Page(story("zinc", 5, '<link rel="canonical" href="https://elsewhere.example/x">')))
    add_source(settings.data_dir, entry_for("url", name="page", url=url))
    run(settings)
    assert live(settings)[url].article.url == url


@pytest.mark.parametrize(
    "answer", [Page("gone", status=410), Page("no", status=404), Page(story("tin", 1), cut_after=30)]
)
def test_failed_fetch_removes_nothing_and_says_why(settings: Settings, site: Site, answer: Page) -> None:
    url = site.add("/a", Page(story("zinc", 5)))
    add_source(settings.data_dir, entry_for("url", name="page", url=url))
    run(settings)
    before = live(settings)
    site.add("/a", answer)
    report = run(settings, allow_removals=True)
    assert [failure.location for failure in report.failed] == [url]
    assert report.failed[0].reason.endswith("; what was indexed from it before is kept")
    assert (report.removed, live(settings)) == ((), before)
    state = state_of(settings, "page")
    assert state.state is not None
    assert state.state.problem
    assert state.state.succeeded_at is not None
    assert state.state.succeeded_at < state.state.checked_at
    assert [failure.location for failure in state.failures] == [url]
    site.add("/a", Page(story("zinc", 5)))
    assert run(settings).failed == ()
    assert state_of(settings, "page").failures == ()


def test_server_that_asks_to_be_left_alone_is_asked_again_only_when_it_is_named(settings: Settings, site: Site) -> None:
    url = site.add("/a", Page("slow down", status=429, headers={"Retry-After": "3600"}))
    add_source(settings.data_dir, entry_for("url", name="page", url=url))
    assert [failure.location for failure in run(settings).failed] == [url]
    site.add("/a", Page(story("zinc", 5)))
    asked = len(site.requests)
    report = run(settings)
    (note,) = report.notes
    assert note.startswith("source 'page' was not asked: its server asks to be left alone until ")
    assert (report.failed, len(site.requests)) == ((), asked)
    assert [failure.location for failure in state_of(settings, "page").failures] == [url]
    assert run(settings, sources=["page"]).added == (url,)
    assert (run(settings).notes, state_of(settings, "page").failures) == ((), ())


def test_feed_brings_each_entry_once_and_keeps_what_falls_out_of_it(settings: Settings, site: Site) -> None:
    add_source(settings.data_dir, entry_for("feed", name="desk", url=site.add("/feed", feed(site, "/1", "/2"))))
    for number in "123":
        site.add(f"/{number}", Page(story(f"ore {number}", int(number))))
    assert run(settings).added == (site.url("/1"), site.url("/2"))
    site.forget()
    assert run(settings).unchanged == 2
    assert site.paths() == ["/feed"]
    site.add("/feed", feed(site, "/2", "/3", "/3"))
    site.forget()
    assert run(settings, allow_removals=True).added == (site.url("/3"),)
    assert site.paths() == ["/feed", "/3"]
    assert sorted(live(settings)) == [site.url(f"/{number}") for number in "123"]
    assert state_of(settings, "desk").articles == 3


def test_entry_that_failed_is_tried_again_although_the_feed_is_the_same(settings: Settings, site: Site) -> None:
    add_source(settings.data_dir, entry_for("feed", name="desk", url=site.add("/feed", feed(site, "/1", "/2"))))
    site.add("/1", Page(story("ore", 1)))
    report = run(settings)
    assert (report.added, [failure.location for failure in report.failed]) == ((site.url("/1"),), [site.url("/2")])
    site.add("/2", Page(story("salt", 2)))
    report = run(settings)
    assert (report.added, report.failed) == ((site.url("/2"),), ())


def test_unreachable_feed_is_the_problem_of_its_source_alone(settings: Settings, site: Site, folder: Path) -> None:
    add_source(settings.data_dir, entry_for("feed", name="desk", url=site.url("/nowhere")))
    report = run(settings, folder)
    assert len(report.added) == 10
    report = run(settings)
    assert (report.unchanged, [failure.location for failure in report.failed]) == (10, [site.url("/nowhere")])
    states = {each.entry.name: each.state and each.state.problem for each in overview(settings)}
    assert states["desk"] is not None or states["desk-2"]


def test_article_of_two_sources_stays_until_both_are_gone(settings: Settings, site: Site) -> None:
    url = site.add("/1", Page(story("ore", 1)))
    for name in ("one", "two"):
        add_source(settings.data_dir, entry_for("feed", name=name, url=site.add(f"/{name}", feed(site, "/1"))))
    assert run(settings).added == (url,)
    assert [each.articles for each in overview(settings)] == [1, 1]
    assert forget_source("one", settings, embedder=HashEmbedder()) == ()
    assert list(live(settings)) == [url]
    assert forget_source("two", settings, embedder=HashEmbedder()) == (url,)
    assert live(settings) == {}
    assert read_sources(settings.data_dir) == ()


def test_article_follows_its_page_to_a_new_address(settings: Settings, site: Site) -> None:
    first = site.add("/old", Page(story("ore", 1)))
    add_source(settings.data_dir, entry_for("url", name="page", url=first))
    run(settings)
    before = live(settings)[first]
    site.add("/old", redirect("/new", status=301))
    second = site.add("/new", Page(story("ore", 2)))
    report = run(settings)
    assert (report.added, report.changed, report.removed) == ((), (second,), ())
    after = live(settings)
    assert list(after) == [second]
    assert (after[second].article_id, after[second].version) == (before.article_id, before.version + 1)


def test_register_search_is_indexed_with_its_facts_and_never_fetched_twice(site: Site, tmp_path: Path) -> None:
    record = {
        "title": "Duties on Ore",
        "type": "Notice",
        "abstract": "Commerce sets a duty on ore.",
        "agencies": [{"name": "Commerce Department", "slug": "commerce-department", "id": 54, "parent_id": None}],
        "document_number": "2025-00001",
        "publication_date": "2025-04-07",
        "effective_on": "2025-05-01",
        "citation": "90 FR 1",
        "docket_ids": ["C-570-161"],
        "html_url": site.url("/documents/2025-00001"),
        "body_html_url": site.add("/body", Page("<p>The duty on ore is 12 percent ad valorem for all exporters.</p>")),
    }
    register = Register(site, [record])
    settings = load_settings(
        data_dir=tmp_path / "data", allow_private_addresses=True, federal_register_url=register.base_url
    )
    add_source(settings.data_dir, entry_for("federal-register", name="notices", agencies=["commerce-department"]))
    report = run(settings)
    assert (report.added, report.failed) == ((site.url("/documents/2025-00001"),), ())
    (stored,) = live(settings).values()
    assert (stored.article.title, stored.article.publisher) == ("Duties on Ore", "Commerce Department")
    assert stored.article.effective is not None
    assert stored.article.effective.isoformat() == "2025-05-01"
    assert ("Docket", "C-570-161") in stored.article.references
    assert "12 percent ad valorem" in stored.article.text
    site.forget()
    assert run(settings).unchanged == 1
    assert site.paths() == ["/api/v1/documents.json"]


def test_more_than_a_fifth_is_kept_until_it_is_allowed(settings: Settings, folder: Path) -> None:
    run(settings, folder)
    for number in (0, 1):
        (folder / f"{number}.txt").unlink()
    report = run(settings)
    assert (len(report.removed), report.withheld, report.notes) == (2, (), ())  # 2 of 10 is a fifth and no more
    gone = [folder / f"{number}.txt" for number in (2, 3)]
    for path in gone:
        path.unlink()
    report = run(settings)
    assert (report.removed, report.withheld) == ((), tuple(map(str, gone)))
    (note,) = report.notes
    assert note.startswith(f"2 of 8 articles from {str(folder)!r} are gone but kept, because more than a fifth went")
    assert len(live(settings)) == 8
    held = state_of(settings, "desk").state
    assert held is not None
    assert held.withheld == 2
    report = run(settings, allow_removals=True)
    assert (report.removed, report.withheld, len(live(settings))) == (tuple(map(str, gone)), (), 6)


def test_what_is_withheld_stays_so_whatever_is_added_or_comes_back(settings: Settings, folder: Path) -> None:
    run(settings, folder)
    texts = {path: path.read_bytes() for path in sorted(folder.iterdir())[:3]}
    for path in texts:
        path.unlink()
    assert run(settings).withheld == tuple(map(str, texts))
    for number in range(20, 60):
        write(folder / f"{number}.txt", f"zinc {number}", number)
    assert (run(settings).withheld, run(settings).removed) == (tuple(map(str, texts)), ())
    back, *still_gone = texts
    back.write_bytes(texts[back])
    assert (run(settings).withheld, run(settings).removed) == (tuple(map(str, still_gone)), ())
    for path in still_gone:
        path.write_bytes(texts[path])
    assert (run(settings).withheld, len(live(settings))) == ((), 50)
    back.unlink()
    assert run(settings).removed == (str(back),)


def test_what_is_withheld_stays_so_after_a_part_was_looked_at_or_the_folder_was_away(
    settings: Settings, folder: Path
) -> None:
    below = folder / "below"
    below.mkdir()
    gone = tuple(str(write(below / f"{number}.txt", f"salt {number}", number)) for number in range(5))
    run(settings, folder)
    for path in gone:
        Path(path).unlink()
    assert run(settings, below).withheld == gone
    folder.rename(folder.with_name("away"))
    assert run(settings).removed == ()
    folder.with_name("away").rename(folder)
    for number in range(20, 60):
        write(folder / f"{number}.txt", f"zinc {number}", number)
    assert (run(settings).withheld, run(settings).removed) == (gone, ())
    assert run(settings, allow_removals=True).removed == gone


def test_what_is_withheld_stays_so_when_the_run_that_asks_is_stopped(settings: Settings, folder: Path) -> None:
    run(settings, folder)
    gone = tuple(str(folder / f"{number}.txt") for number in range(3))
    for path in gone:
        Path(path).unlink()
    for number in range(20, 120):
        write(folder / f"{number}.txt", f"zinc {number}", number)

    def stop(progress: Progress) -> None:
        if progress.done == 90:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(settings, on_progress=stop)
    assert len(live(settings)) > 15
    report = run(settings)
    assert (report.removed, report.withheld) == ((), gone)


def test_files_that_go_one_by_one_are_asked_about_like_those_that_go_at_once(settings: Settings, folder: Path) -> None:
    """A folder in the cloud is emptied over minutes, and watching looks at it every few seconds."""
    run(settings, folder)
    removed = []
    for number in range(10):
        (folder / f"{number}.txt").unlink()
        removed.append(run(settings).removed)
    assert removed == [(str(folder / "0.txt"),), (str(folder / "1.txt"),), *[()] * 8]
    assert len(run(settings, allow_removals=True).removed) == 8


def test_file_that_goes_after_an_allowed_removal_is_not_asked_about(settings: Settings, folder: Path) -> None:
    run(settings, folder)
    for number in range(5):
        (folder / f"{number}.txt").unlink()
    assert len(run(settings, allow_removals=True).removed) == 5
    (folder / "5.txt").unlink()
    assert run(settings).removed == (str(folder / "5.txt"),)


def test_disk_that_is_missing_removes_nothing(settings: Settings, folder: Path) -> None:
    run(settings, folder)
    for path in folder.iterdir():
        path.unlink()
    assert (run(settings).removed, len(live(settings))) == ((), 10)


def test_small_folder_is_judged_by_itself(settings: Settings, folder: Path, tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    paths = [write(small / f"{number}.txt", f"salt {number}", number) for number in range(2)]
    run(settings, folder, small)
    paths[0].unlink()
    report = run(settings)
    assert (report.removed, report.withheld) == ((), (str(paths[0]),))


def test_renamed_files_keep_their_articles_however_many(settings: Settings, folder: Path) -> None:
    run(settings, folder)
    before = {stored.article_id: stored.article for stored in live(settings).values()}
    for path in sorted(folder.iterdir()):
        path.rename(folder / f"renamed-{path.name}")
    report = run(settings)
    assert len(report.moved) == 10
    assert (report.added, report.removed, report.withheld) == ((), (), ())
    assert {stored.article_id: stored.article for stored in live(settings).values()} == before
    with closing(Library.open(settings.data_dir)) as library, library.snapshot() as snapshot:
        (latest,) = snapshot.runs(limit=1)
        changes = snapshot.changes(after=latest.generation_before)
    assert {change.kind for change in changes} == {ChangeKind.MOVED}
    assert (latest.moved, len(changes)) == (10, 10)


def test_file_renamed_and_edited_is_another_article(settings: Settings, folder: Path) -> None:
    run(settings, folder)
    (folder / "0.txt").unlink()
    write(folder / "new.txt", "nickel", 40)
    report = run(settings)
    assert (report.added, report.removed) == ((str(folder / "new.txt"),), (str(folder / "0.txt"),))


def test_two_copies_of_a_file_that_is_gone_are_a_rename_and_a_new_article(settings: Settings, folder: Path) -> None:
    run(settings, folder)
    text = (folder / "0.txt").read_bytes()
    (folder / "0.txt").unlink()
    for name in ("x.txt", "y.txt"):
        (folder / name).write_bytes(text)
    report = run(settings)
    assert (report.moved, report.added) == (
        ((str(folder / "0.txt"), str(folder / "x.txt")),),
        (str(folder / "y.txt"),),
    )


def test_name_of_a_withdrawn_article_is_its_own_again(settings: Settings, folder: Path) -> None:
    run(settings, folder)
    first = live(settings)[str(folder / "0.txt")]
    text = (folder / "0.txt").read_bytes()
    (folder / "0.txt").unlink()
    run(settings)
    (folder / "0.txt").write_bytes(text)
    assert run(settings).added == (str(folder / "0.txt"),)
    again = live(settings)[str(folder / "0.txt")]
    assert (again.article_id, again.article) == (first.article_id, first.article)


def test_failure_is_not_tried_again_until_the_file_changes_or_one_asks(settings: Settings, folder: Path) -> None:
    bad = folder / "bad.pdf"
    bad.write_bytes(b"%PDF-1.4 nothing")
    at = time.time_ns() - 60_000_000_000
    os.utime(bad, ns=(at, at))
    reason = {failure.location: failure.reason for failure in run(settings, folder).failed}
    assert list(reason) == [str(bad)]
    stages: list[int] = []
    again = run(settings, on_progress=lambda progress: stages.append(progress.total))
    assert {failure.location: failure.reason for failure in again.failed} == reason
    assert set(stages) == {0}
    assert [failure.location for failure in run(settings, retry=True).failed] == [str(bad)]
    write(bad.with_suffix(".txt"), "nickel", 40)
    bad.unlink()
    assert run(settings).failed == ()


def test_source_taken_out_of_the_list_by_hand_is_asked_about(settings: Settings, folder: Path) -> None:
    run(settings, folder)
    remove_source(settings.data_dir, "desk")
    report = run(settings)
    assert (report.removed, len(report.withheld), len(live(settings))) == ((), 10, 10)
    assert "no longer in sources.toml" in report.notes[0]
    assert len(run(settings, allow_removals=True).removed) == 10
    assert live(settings) == {}


def test_forgotten_folder_is_withdrawn_or_kept_as_told(settings: Settings, folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    path = write(other / "a.txt", "nickel", 3)
    run(settings, folder, other)
    assert forget_source("other", settings, embedder=HashEmbedder(), keep_articles=True) == ()
    assert str(path) in live(settings)
    assert len(forget_source("desk", settings, embedder=HashEmbedder())) == 10
    assert list(live(settings)) == [str(path)]
    report = run(settings)
    assert (report.unchanged, report.failed, report.notes) == (1, (), ())
    with pytest.raises(SourceError, match="no source named 'desk'"):
        forget_source("desk", settings, embedder=HashEmbedder())


def test_one_source_is_looked_at_alone(settings: Settings, folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    run(settings, folder, other)
    write(folder / "new.txt", "nickel", 3)
    write(other / "new.txt", "cobalt", 3)
    assert run(settings, sources=["other"]).added == (str(other / "new.txt"),)
    with pytest.raises(SourceError, match="there is no source named 'x'; sources: desk, other"):
        run(settings, sources=["x"])


def test_folder_inside_a_source_is_no_source_of_its_own(settings: Settings, folder: Path) -> None:
    (folder / "below").mkdir()
    write(folder / "below/a.txt", "nickel", 3)
    run(settings, folder)
    run(settings, folder / "below")
    assert read_sources(settings.data_dir) == (FolderEntry(name="desk", path=folder),)


def test_dry_run_adds_no_source(settings: Settings, folder: Path) -> None:
    assert len(run(settings, folder, dry_run=True).added) == 10
    assert not settings.data_dir.exists()


def test_file_being_written_is_left_for_later_and_nothing_is_removed_for_it(settings: Settings, folder: Path) -> None:
    run(settings, folder)
    (folder / "0.txt").rename(folder / "half.txt")
    with (folder / "half.txt").open("ab"):  # open for writing, changed a minute ago
        (folder / "half.txt").touch()
        report = run(settings, settle_s=0.01)
        assert (report.deferred, report.removed, report.moved, report.failed) == (1, (), (), ())
    at = time.time_ns() - 60_000_000_000
    os.utime(folder / "half.txt", ns=(at, at))
    report = run(settings, settle_s=0.01)
    assert (report.deferred, report.moved) == (0, ((str(folder / "0.txt"), str(folder / "half.txt")),))


def test_file_that_keeps_growing_holds_back_no_removal_but_of_what_it_may_be(settings: Settings, folder: Path) -> None:
    long = write(folder / "long.txt", "nickel " * 500, 40)
    page = folder / "page.html"
    page.write_text(story("cobalt " * 500, 3), encoding="utf-8")
    run(settings, folder)
    for path in (folder / "0.txt", long, page):
        path.unlink()
    log = folder / "log.txt"
    removed = []
    with log.open("a") as growing:
        for size in (1_000, 20_000):
            growing.write("x" * (size - log.stat().st_size))
            growing.flush()
            report = run(settings, settle_s=0.01, allow_removals=True)
            assert report.deferred == 1
            removed.append(report.removed)
    assert removed == [(str(folder / "0.txt"), str(page)), (str(long),)]


def test_file_that_was_named_in_a_hidden_folder_of_a_source_is_looked_at_again(
    settings: Settings, folder: Path
) -> None:
    run(settings, folder)
    (folder / ".drafts").mkdir()
    path = write(folder / ".drafts/a.txt", "gold", 3)
    assert run(settings, path).added == (str(path),)
    assert run(settings).unchanged == 11
    write(path, "silver", 4)
    assert run(settings).changed == (str(path),)
    path.write_bytes(b"")
    for _ in range(2):
        assert [failure.location for failure in run(settings).failed] == [str(path)]
    path.unlink()
    (failure,) = run(settings, allow_removals=True).failed
    assert failure.reason == "no such file or folder; what was indexed from it before is kept"
    assert str(path) in live(settings)


def test_source_that_was_renamed_by_hand_keeps_its_articles_although_it_cannot_be_reached(
    settings: Settings, site: Site
) -> None:
    add_source(settings.data_dir, entry_for("feed", name="desk", url=site.add("/feed", feed(site, "/1", "/2"))))
    for number in "12":
        site.add(f"/{number}", Page(story(f"ore {number}", int(number))))
    run(settings)
    listed = settings.data_dir / "sources.toml"
    listed.write_text(listed.read_text(encoding="utf-8").replace('"desk"', '"ores"'), encoding="utf-8")
    site.add("/feed", Page("down", status=404))
    before = live(settings)
    assert run(settings, dry_run=True, allow_removals=True).removed == ()
    report = run(settings, allow_removals=True)
    assert ((report.removed, report.withheld), live(settings)) == (((), ()), before)
    source = state_of(settings, "ores")
    assert source.state is not None
    assert (source.articles, source.state.succeeded_at is not None) == (2, True)
    site.add("/feed", feed(site, "/1", "/2"))
    site.forget()
    assert run(settings).unchanged == 2
    assert site.paths() == ["/feed"]
    assert [each.entry.name for each in overview(settings)] == ["ores"]
