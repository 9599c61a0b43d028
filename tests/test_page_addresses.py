"""Each page keeps the address where it was found, whatever it says of itself, but for how that is spelled."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st

from assistant.library import Library
from assistant.settings import Settings, load_settings
from ingest.catalog import add_source, entry_for
from tests.test_source_runs import feed, live, run, story
from tests.web_server import Page, Site, redirect, web_server

NAMES = ("/a", "/b", "/c", "/d")
GOODS = dict(zip(NAMES, ("tin", "zinc", "cocoa", "glass"), strict=True))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(data_dir=tmp_path / "data", allow_private_addresses=True)


def canonical(address: str) -> str:
    return f'<link rel="canonical" href="{address}">'


def follow(settings: Settings, site: Site, name: str, *links: str) -> None:
    """Follow a feed of these pages."""
    add_source(settings.data_dir, entry_for("feed", name=name, url=site.add(f"/feed/{name}", feed(site, *links))))


def titles(settings: Settings, site: Site) -> dict[str, str]:
    """Return the title of each live article by its path."""
    return {location.removeprefix(site.url("")): kept.article.title for location, kept in live(settings).items()}


@settings_of_hypothesis(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    stated=st.tuples(*[st.sampled_from([*NAMES, "/news", "/", ""])] * len(NAMES)),
    steps=st.lists(st.lists(st.sampled_from(NAMES), min_size=1, unique=True), min_size=1, max_size=3),
    edited=st.sets(st.sampled_from(NAMES)),
)
def test_no_page_takes_the_place_of_another_whatever_they_state(
    tmp_path_factory: pytest.TempPathFactory, stated: tuple[str, ...], steps: list[list[str]], edited: set[str]
) -> None:
    settings = load_settings(data_dir=tmp_path_factory.mktemp("data"), allow_private_addresses=True)
    with web_server() as site:
        heads = {name: canonical(address) if address else "" for name, address in zip(NAMES, stated, strict=True)}
        for name, head in heads.items():
            site.add(name, Page(story(GOODS[name], 1, head)))
        followed: dict[str, str] = {}
        for number, links in enumerate(steps):
            follow(settings, site, f"desk-{number}", *links)
            followed |= {name: f"Levy on {GOODS[name]}" for name in links}
            assert run(settings).failed == ()
            assert titles(settings, site) == followed
        for name in edited & followed.keys():
            site.add(name, Page(story(f"new {GOODS[name]}", 2, heads[name])))
            followed[name] = f"Levy on new {GOODS[name]}"
        for number, links in enumerate(steps):
            site.add(f"/feed/desk-{number}", Page(str(feed(site, *links).body).replace("Item", "Update")))
        report = run(settings)
        assert (report.added, report.removed, report.failed) == ((), (), ())
        assert titles(settings, site) == followed


@pytest.mark.parametrize(
    "other", ["/story/amp", "/amp/story", "/story.amp", "/story?amp=1", "/story/?outputType=amp", "/story/", "/story"]
)
def test_other_spelling_of_an_address_is_the_same_article(settings: Settings, site: Site, other: str) -> None:
    site.add(other, Page(story("tin", 2, canonical("/story"))))
    follow(settings, site, "desk", f"{other}{'&' if '?' in other else '?'}utm_source=mail#top")
    assert run(settings).added == (site.url("/story"),)
    site.add("/story", Page(story("tin", 2) + "<p>The levy on tin was 1 per cent before that.</p>"))
    follow(settings, site, "more", "/story")
    assert run(settings).failed == ()
    assert list(live(settings)) == [site.url("/story")]


def test_story_at_two_addresses_is_one_origin_and_a_copy(settings: Settings, site: Site) -> None:
    for name in ("/story", "/print?id=7"):
        site.add(name, Page(story("tin", 1, canonical("/story"))))
    follow(settings, site, "desk", "/story", "/print?id=7")
    assert run(settings).added == (site.url("/print?id=7"), site.url("/story"))
    with closing(Library.open(settings.data_dir)) as library, library.snapshot() as snapshot:
        ids = [summary.article_id for summary in snapshot.articles()]
        found = snapshot.copies(ids)
    assert sorted(found) == sorted(ids)
    assert {str(each) for each in found.values()} == {"1 origin, 1 copy"}
    assert {kept.article.url for kept in live(settings).values()} == {site.url("/story")}


def test_page_that_goes_by_another_address_now_takes_its_article_along(settings: Settings, site: Site) -> None:
    site.add("/old", Page(story("tin", 1)))
    add_source(settings.data_dir, entry_for("url", name="page", url=site.url("/old")))
    run(settings)
    (before,) = live(settings).values()
    site.add("/new", Page(story("tin", 1)))
    site.add("/old", redirect("/new"))
    assert run(settings).failed == ()
    (after,) = live(settings).values()
    assert (after.location, after.article_id) == (site.url("/new"), before.article_id)
    assert after.article.text == before.article.text


def test_redirect_to_a_page_that_is_known_takes_nothing_from_it(settings: Settings, site: Site) -> None:
    for name, good in (("/a", "tin"), ("/b", "zinc")):
        site.add(name, Page(story(good, 1)))
        add_source(settings.data_dir, entry_for("url", name=name[1:], url=site.url(name)))
    run(settings)
    site.add("/a", redirect("/b"))
    for _ in range(2):
        assert run(settings).failed == ()
        assert titles(settings, site) == {"/a": "Levy on tin", "/b": "Levy on zinc"}


@pytest.mark.parametrize("above", ["/", "/news", "/news/"])
def test_redirect_to_a_page_above_is_a_failure_and_removes_nothing(settings: Settings, site: Site, above: str) -> None:
    site.add("/news/tin", Page(story("tin", 1)))
    add_source(settings.data_dir, entry_for("url", name="page", url=site.url("/news/tin")))
    run(settings)
    site.add(above, Page(story("all goods", 1)))
    site.add("/news/tin", redirect(above))
    (failure,) = run(settings).failed
    assert "above it: the page was removed, or asks for a sign-in" in failure.reason
    assert titles(settings, site) == {"/news/tin": "Levy on tin"}


def test_address_stated_after_a_closing_tag_is_still_in_the_head(settings: Settings, site: Site) -> None:
    site.add(
        "/story/amp",
        Page(story("tin", 1, "<meta name='x'></meta><link rel='next' href='/y'></link>" + canonical("/story"))),
    )
    follow(settings, site, "desk", "/story/amp")
    assert run(settings).added == (site.url("/story"),)
