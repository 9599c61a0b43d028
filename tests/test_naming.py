"""One article, one address: pages that state another's address, addresses that lead to one page, in any order."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from pathlib import Path

import pytest

from assistant.settings import Settings, load_settings
from ingest.catalog import add_source, entry_for
from tests.test_source_runs import feed, live, run, story
from tests.web_server import Page, Site, redirect, web_server


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(data_dir=tmp_path / "data", allow_private_addresses=True)


@pytest.fixture
def site() -> Iterator[Site]:
    with web_server() as served:
        yield served


def canonical(address: str) -> str:
    return f'<link rel="canonical" href="{address}">'


def follow(settings: Settings, site: Site, name: str, *links: str) -> None:
    """Follow a feed of these pages."""
    add_source(settings.data_dir, entry_for("feed", name=name, url=site.add(f"/feed/{name}", feed(site, *links))))


def rates(settings: Settings, site: Site) -> dict[str, str]:
    """Return, by path, what each live article is about."""
    return {location.removeprefix(site.url("")): kept.article.title for location, kept in live(settings).items()}


def test_pages_that_all_state_one_address_are_all_indexed(settings: Settings, site: Site) -> None:
    for number in range(4):
        site.add(f"/p{number}", Page(story(f"tin {number}", number, canonical("/news"))))
    follow(settings, site, "desk", *(f"/p{number}" for number in range(4)))
    report = run(settings)
    assert (len(report.added), report.changed, report.failed) == (4, (), ())
    before = {location: (kept.version, kept.article) for location, kept in live(settings).items()}
    assert {article.title for _, article in before.values()} == {f"Levy on tin {number}" for number in range(4)}
    assert all(version == 1 for version, _ in before.values())
    for number in range(4):  # fetched anew they stay where they are
        site.add(f"/p{number}", Page(story(f"tin {number}", number, canonical("/news") + "<!-- seen again -->")))
    links = ",".join(f"/p{number}" for number in range(4)).split(",")
    site.add("/feed/desk", Page(feed(site, *links).body.replace("Item", "Update")))  # type: ignore[union-attr]
    again = run(settings)
    assert (again.added, again.changed, again.failed) == ((), (), ())
    assert {location: (kept.version, kept.article) for location, kept in live(settings).items()} == before


def test_address_of_a_folder_above_names_no_page_in_it(settings: Settings, site: Site) -> None:
    site.add("/news/tin/1", Page(story("tin", 1, canonical("/news/"))))
    follow(settings, site, "desk", "/news/tin/1")
    assert run(settings).added == (site.url("/news/tin/1"),)


@pytest.mark.parametrize("order", list(permutations(["honest", "other"])))
@pytest.mark.parametrize("runs", [1, 2])
def test_page_cannot_take_the_place_of_another(settings: Settings, site: Site, order: list[str], runs: int) -> None:
    site.add("/report", Page(story("tin", 1)))
    site.add("/x", Page(story("lies", 99, canonical("/report"))))
    links = {"honest": "/report", "other": "/x"}
    for name in order:
        follow(settings, site, name, links[name])
        if runs == 2:
            run(settings)
    for _ in range(2):
        run(settings)
        assert rates(settings, site) == {"/report": "Levy on tin", "/x": "Levy on lies"}
    # Edited, each goes on in its own place.
    site.add("/report", Page(story("tin", 2)))
    site.add("/x", Page(story("lies", 98, canonical("/report"))))
    for name, link in links.items():
        body = feed(site, link).body
        assert isinstance(body, str)
        site.add(f"/feed/{name}", Page(body.replace("Item", "Update")))
    report = run(settings)
    assert (report.added, report.failed) == ((), ())
    assert report.changed == (site.url("/report"), site.url("/x"))
    assert rates(settings, site) == {"/report": "Levy on tin", "/x": "Levy on lies"}
    assert [kept.version for _, kept in sorted(live(settings).items())] == [2, 2]


@pytest.mark.parametrize("order", list(permutations(["/story", "/print?id=7"])))
@pytest.mark.parametrize("runs", [1, 2])
def test_two_addresses_of_one_article_are_one(settings: Settings, site: Site, order: list[str], runs: int) -> None:
    site.add("/story", Page(story("tin", 1, canonical("/story"))))
    site.add("/print", Page(story("tin", 1, canonical("/story") + "<style>nav { display: none }</style>")))
    for number, link in enumerate(order):
        follow(settings, site, f"desk-{number}", link)
        if runs == 2:
            run(settings)
    run(settings)
    assert rates(settings, site) == {"/story": "Levy on tin"}
    assert run(settings).failed == ()


@pytest.mark.parametrize("other", ["/story/amp", "/amp/story", "/story.amp", "/story?amp=1", "/story/?outputType=amp"])
def test_amp_page_is_its_article_whatever_it_leaves_out(settings: Settings, site: Site, other: str) -> None:
    site.add(other, Page(story("tin", 2, canonical("/story"))))
    follow(settings, site, "desk", other)
    assert run(settings).added == (site.url("/story"),)
    site.add("/story", Page(story("tin", 2) + "<p>The levy on tin was 1 per cent before that.</p>"))
    follow(settings, site, "more", "/story")
    run(settings)
    assert list(live(settings)) == [site.url("/story")]


def test_edit_of_a_page_with_an_address_of_its_own_choice_is_an_edit(settings: Settings, site: Site) -> None:
    site.add("/p", Page(story("tin", 1, canonical("/story"))))
    add_source(settings.data_dir, entry_for("url", name="page", url=site.url("/p")))
    assert run(settings).added == (site.url("/story"),)
    site.add("/p", Page(story("zinc", 30, canonical("/story"))))
    assert run(settings).changed == (site.url("/story"),)
    assert rates(settings, site) == {"/story": "Levy on zinc"}


def test_page_that_states_a_free_address_moves_there_once(settings: Settings, site: Site) -> None:
    site.add("/p", Page(story("tin", 1)))
    add_source(settings.data_dir, entry_for("url", name="page", url=site.url("/p")))
    run(settings)
    site.add("/p", Page(story("tin", 1, canonical("/story"))))
    run(settings)
    assert rates(settings, site) == {"/story": "Levy on tin"}


def test_redirect_to_a_page_that_is_known_takes_nothing_from_it(settings: Settings, site: Site) -> None:
    site.add("/a", Page(story("tin", 1)))
    site.add("/b", Page(story("zinc", 2)))
    for name in "ab":
        add_source(settings.data_dir, entry_for("url", name=name, url=site.url(f"/{name}")))
    run(settings)
    site.add("/a", redirect("/b"))
    for _ in range(2):
        run(settings)
        assert rates(settings, site) == {"/a": "Levy on tin", "/b": "Levy on zinc"}


def test_dry_run_tells_pages_of_one_stated_address_apart(settings: Settings, site: Site) -> None:
    for number in range(3):
        site.add(f"/p{number}", Page(story(f"tin {number}", number, canonical("/news"))))
    follow(settings, site, "desk", *(f"/p{number}" for number in range(3)))
    assert len(run(settings, dry_run=True).added) == 3
