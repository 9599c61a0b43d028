"""The list of sources: what may stand in it, what is said of what may not, and that nothing of it is lost."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.errors import SourceError
from ingest.catalog import (
    FILE_NAME,
    FederalRegisterEntry,
    FeedEntry,
    FolderEntry,
    UrlEntry,
    add_folders,
    add_source,
    entry_for,
    free_name,
    read_sources,
    remove_source,
)

FOLDER = FolderEntry(name="desk", path=Path("/articles"))
FEED = FeedEntry(name="ministry", url="https://ministry.example/feed", every="15m")
SEARCH = FederalRegisterEntry(
    name="notices",
    term="section 301",
    agencies=("commerce-department",),
    types=("NOTICE", "RULE"),
    docket="C-570-161",
    since=date(2025, 1, 1),
)
PAGE = UrlEntry(name="page", url="https://ministry.example/page")


def test_what_was_added_is_read_back(tmp_path: Path) -> None:
    entries = (FOLDER, FEED, SEARCH, PAGE)
    assert tuple(add_source(tmp_path, entry) for entry in entries) == entries
    assert read_sources(tmp_path) == entries
    assert [entry.every_s for entry in entries] == [600, 900, 21_600, 21_600]
    assert [entry.target for entry in entries] == [
        "/articles",
        "https://ministry.example/feed",
        "Federal Register: “section 301”; docket C-570-161; commerce-department; NOTICE, RULE; since 2025-01-01",
        "https://ministry.example/page",
    ]


def test_no_file_is_an_empty_list(tmp_path: Path) -> None:
    assert read_sources(tmp_path / "nowhere") == ()


def test_comments_and_order_of_the_user_are_kept(tmp_path: Path) -> None:
    mine = '# my desk\n[[source]]\nname = "desk" # the old one\nkind = "folder"\npath = "/articles"\n'
    (tmp_path / FILE_NAME).write_text(mine, encoding="utf-8")
    add_source(tmp_path, FEED)
    remove_source(tmp_path, "ministry")
    assert (tmp_path / FILE_NAME).read_text(encoding="utf-8").strip() == mine.strip()


def test_name_or_target_is_added_once(tmp_path: Path) -> None:
    add_source(tmp_path, FOLDER)
    with pytest.raises(SourceError, match="there is a source named 'desk' already"):
        add_source(tmp_path, UrlEntry(name="desk", url="https://ministry.example/"))
    with pytest.raises(SourceError, match="'/articles' is a source already, named 'desk'"):
        add_source(tmp_path, FolderEntry(name="other", path=Path("/articles")))
    assert read_sources(tmp_path) == (FOLDER,)


def test_removing_what_is_not_there_names_what_is(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no source named 'desk'; sources: there is none"):
        remove_source(tmp_path, "desk")
    add_source(tmp_path, FEED)
    with pytest.raises(SourceError, match="no source named 'desk'; sources: ministry"):
        remove_source(tmp_path, "desk")
    assert remove_source(tmp_path, "ministry") == FEED
    assert read_sources(tmp_path) == ()


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"kind": "gopher", "name": "a"}, "kind must be one of folder, url, feed, federal-register"),
        ({"kind": "feed", "name": "A b", "url": "https://x.example"}, "name 'A b' may hold a to z, 0 to 9 and hyphens"),
        ({"kind": "feed", "name": "a", "url": "ftp://x.example"}, "only http and https addresses are fetched"),
        ({"kind": "feed", "name": "a", "url": "https://exa mple.org/a"}, "holds a blank"),
        (
            {"kind": "url", "name": "a", "url": "http://a.example:99999/"},
            "names no host or port: 'http://a.example:99999/'",
        ),
        ({"kind": "url", "name": "a", "url": "http://"}, "names no host or port"),
        ({"kind": "url", "name": "a", "url": "https://ana:pw@x.example"}, "user name or password"),
        ({"kind": "url", "name": "a"}, "url is missing"),
        ({"kind": "url", "name": "a", "url": "https://x.example", "every": "5s"}, "every '5s' is no interval"),
        ({"kind": "url", "name": "a", "url": "https://x.example", "color": "red"}, "color is not a field"),
        ({"kind": "folder", "name": "a", "path": "articles"}, "'articles' is not an absolute path"),
        ({"kind": "folder", "name": "a", "path": Path("/caf\udce9")}, "not valid UTF-8"),
        ({"kind": "federal-register", "name": "a", "agencies": ["Commerce Dept"]}, "is no slug such as"),
        (
            {"kind": "federal-register", "name": "a", "types": ["NOTE"]},
            "types 'NOTE' must be 'RULE', 'PRORULE'",
        ),
    ],
)
def test_bad_source_is_refused_in_words(fields: dict[str, object], reason: str) -> None:
    with pytest.raises(SourceError, match="the source cannot be used") as refusal:
        entry_for(**fields)  # type: ignore[arg-type]
    assert reason in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[[source", "is not valid TOML"),
        ('source = "x"', "may hold nothing but"),
        ("[settings]\na = 1", "may hold nothing but"),
        ('[[source]]\nkind = "url"\nname = "a"', "number 1 of"),
        ("[[source]]\nkind = 'url'\nname = 'a'\nurl = 'https://x.example'\n" * 2, "two sources 'a'"),
        (b"\xff\xfe", "is not valid TOML"),
    ],
)
def test_spoiled_list_is_refused_and_not_replaced(tmp_path: Path, text: str | bytes, reason: str) -> None:
    path = tmp_path / FILE_NAME
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    before = path.read_bytes()
    for use in (lambda: read_sources(tmp_path), lambda: add_source(tmp_path, FEED)):
        with pytest.raises(SourceError, match=reason):
            use()
    assert path.read_bytes() == before


def test_folders_become_sources_once_and_under_a_name_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "one/Desk 7").mkdir(parents=True)
    (tmp_path / "two/desk-7/below").mkdir(parents=True)
    paths = [tmp_path / "one/Desk 7", tmp_path / "two/desk-7", tmp_path / "two/desk-7/below", tmp_path / "one/Desk 7"]
    entries = add_folders(tmp_path / "data", paths)
    assert [(entry.name, entry.target) for entry in entries] == [("desk-7", str(paths[0])), ("desk-7-2", str(paths[1]))]


@given(st.text(max_size=200))
def test_any_wish_gives_a_name_that_is_allowed(tmp_path_factory: pytest.TempPathFactory, wish: str) -> None:
    name = free_name(tmp_path_factory.getbasetemp() / "no-list", wish)
    assert UrlEntry(name=name, url="https://x.example").name == name
