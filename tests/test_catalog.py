"""The list of sources: what may stand in it, what is said of what may not, and that nothing of it is lost."""

from __future__ import annotations

import os
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
    has_list,
    overlap,
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
    "fields",
    [{}, {"types": ("RULE",)}, {"term": "", "docket": None}],
)
def test_whole_register_is_not_a_source(fields: dict[str, object]) -> None:
    with pytest.raises(SourceError, match="say which documents are wanted"):
        entry_for("federal-register", name="all", **fields)
    assert entry_for("federal-register", name="all", since=date(2026, 1, 1)).name == "all"


@pytest.mark.parametrize(
    ("host", "kind"),
    [
        ("127.0.0.1:8000", "this computer itself"),
        ("localhost", "this computer itself"),
        ("wiki.LOCALHOST.", "this computer itself"),
        ("[::1]", "this computer itself"),
        ("127.1", "this computer itself"),
        ("2130706433", "this computer itself"),
        ("192.168.1.7", "on a private network"),
        ("[::ffff:10.0.0.1]", "on a private network"),
    ],
)
def test_address_in_figures_is_refused_where_fetches_may_not_go(host: str, kind: str) -> None:
    url = f"http://{host}/x"
    with pytest.raises(SourceError, match=kind) as refusal:
        entry_for("url", allow_private=False, name="a", url=url)
    assert "TRADE_ASSISTANT_ALLOW_PRIVATE_ADDRESSES" in str(refusal.value)
    assert entry_for("url", allow_private=True, name="a", url=url) == UrlEntry(name="a", url=url)


@pytest.mark.parametrize("allow_private", [True, False])
def test_metadata_address_is_refused_whatever_is_set(allow_private: bool) -> None:
    with pytest.raises(SourceError, match="a metadata address"):
        entry_for("url", allow_private=allow_private, name="a", url="http://169.254.169.254/latest")


@pytest.mark.parametrize("host", ["intranet", "mylocalhost", "localhost.example", "10.example", "8.8.8.8", "[2606::1]"])
def test_names_and_public_addresses_are_left_to_the_fetch(host: str) -> None:
    url = f"http://{host}/x"
    assert entry_for("url", allow_private=False, name="a", url=url) == UrlEntry(name="a", url=url)


@pytest.mark.parametrize("below", [".", "vectors", "sub/../."])
def test_folder_of_the_library_is_no_source(tmp_path: Path, below: str) -> None:
    data_dir = tmp_path / "data"
    (data_dir / "vectors").mkdir(parents=True)
    (tmp_path / "link").symlink_to(data_dir)
    for folder in (data_dir / below, tmp_path / "link" / below):
        with pytest.raises(SourceError, match="is where the library is kept"):
            add_source(data_dir, FolderEntry(name="own", path=folder))
    assert read_sources(data_dir) == ()
    for folder in (data_dir / "uploads", data_dir / "uploads/press", tmp_path, tmp_path / "data-2"):
        add_source(data_dir, FolderEntry(name=f"n{len(read_sources(data_dir))}", path=folder))


def test_folders_that_overlap_are_said(tmp_path: Path) -> None:
    for name in ("press", "press/2026", "other"):
        (tmp_path / name).mkdir()
    add_source(tmp_path / "data", FolderEntry(name="press", path=tmp_path / "press"))
    add_source(tmp_path / "data", FEED)

    def said(path: Path) -> str:
        return overlap(tmp_path / "data", FolderEntry(name="new", path=path))

    both = "what both hold is indexed once and counts for both"
    assert said(tmp_path / "press/2026") == f"its folder lies in 'press': {both}"
    assert said(tmp_path) == f"its folder holds 'press': {both}"
    assert said(tmp_path / "other") == ""
    assert overlap(tmp_path / "data", FEED) == ""


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


def test_source_can_be_added_after_the_last_one_was_removed(tmp_path: Path) -> None:
    first, second = UrlEntry(name="a", url="https://a.example/x"), UrlEntry(name="b", url="https://b.example/x")
    add_source(tmp_path, first)
    remove_source(tmp_path, "a")
    assert (read_sources(tmp_path), has_list(tmp_path)) == ((), True)
    add_source(tmp_path, second)
    add_source(tmp_path, first)
    assert read_sources(tmp_path) == (second, first)


@pytest.mark.parametrize(
    "listed", ["source = []", 'source = [{name = "a", kind = "url", url = "https://a.example/x"}]']
)
def test_source_can_be_added_to_a_list_written_in_brackets(tmp_path: Path, listed: str) -> None:
    (tmp_path / "sources.toml").write_text(f"# ours\n{listed}\n", encoding="utf-8")
    before = read_sources(tmp_path)
    added = add_source(tmp_path, FeedEntry(name="b", url="https://b.example/feed"))
    assert read_sources(tmp_path) == (*before, added)
    assert (tmp_path / "sources.toml").read_text(encoding="utf-8").startswith("# ours\n")


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), max_size=12), st.sampled_from(["", "source = []\n"]))
def test_list_holds_what_was_added_and_not_removed(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, bool]], start: str
) -> None:
    data_dir = tmp_path_factory.mktemp("data")
    (data_dir / "sources.toml").write_text(f"# a comment that stays\n{start}", encoding="utf-8")
    expected: dict[str, UrlEntry] = {}
    for name, is_added in steps:
        if is_added and name not in expected:
            expected[name] = UrlEntry(name=name, url=f"https://{name}.example/")
            add_source(data_dir, expected[name])
        elif not is_added and name in expected:
            remove_source(data_dir, name)
            del expected[name]
        assert read_sources(data_dir) == tuple(expected.values())
    assert (data_dir / "sources.toml").read_text(encoding="utf-8").startswith("# a comment that stays\n")


def test_folder_below_a_hidden_one_is_a_source_of_its_own(tmp_path: Path) -> None:
    home = tmp_path / "home"
    hidden, plain = home / ".local/articles", home / "desk/articles"
    for folder in (hidden, plain):
        folder.mkdir(parents=True)
    add_folders(tmp_path / "data", [home])
    known = add_folders(tmp_path / "data", [hidden, plain])
    assert [entry.target for entry in known] == [str(home), str(hidden)]


def test_folder_whose_name_is_not_text_is_refused_with_the_reason(tmp_path: Path) -> None:
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9"))
    folder.mkdir()
    with pytest.raises(SourceError, match="is not valid UTF-8: rename it"):
        add_folders(tmp_path / "data", [folder])
    assert read_sources(tmp_path / "data") == ()
