"""What a source lists, and above all what it does not claim to have seen."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.folder import Files, Folder, Found, resolved, sources_for
from ingest.parse import Unsettled
from ingest.sources import Listing, Problem, merged

is_root = os.geteuid() == 0


def write(path: Path, text: str = "Tariffs rose.") -> Path:
    """Write a file, folders and all, and return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def names(listing: Listing, root: Path) -> list[str]:
    """Return what was found, relative to the folder."""
    return [Path(file.location).relative_to(root).as_posix() for file in listing.found]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return an empty folder under its real name."""
    path = tmp_path.resolve() / "articles"
    path.mkdir()
    return path


def test_folder_lists_supported_files_to_its_bottom_in_order(folder: Path) -> None:
    for name in ("b.md", "a.TXT", "deep/er/c.html", "deep/d.pdf", "e.docx"):
        write(folder / name)
    listing = Folder(folder).list()
    assert names(listing, folder) == ["a.TXT", "b.md", "deep/d.pdf", "deep/er/c.html", "e.docx"]
    assert (listing.problems, listing.roots, listing.ignored) == ((), {str(folder)}, 0)


def test_found_file_carries_size_and_the_time_of_its_last_change(folder: Path) -> None:
    path = write(folder / "a.txt", "12345")
    os.utime(path, ns=(1_000, 2_000_000_007))
    state = path.stat()
    identity = (state.st_dev, state.st_ino)
    assert Folder(folder).list().found == (Found(str(path), path, path, identity, 5, state.st_ctime_ns),)
    ahead = state.st_ctime_ns + 3_600_000_000_000
    os.utime(path, ns=(ahead, ahead))
    assert Folder(folder).list().found == (Found(str(path), path, path, identity, 5, ahead),)


def test_hidden_locked_and_unfinished_files_are_ignored(folder: Path) -> None:
    ignored = (
        ".hidden.txt",
        ".git/x.txt",
        "~$a.docx",
        "a.docx.part",
        "a.tmp",
        "a.pdf.crdownload",
        "photo.jpg",
        "a.txt~",
    )
    for name in (*ignored, "kept.txt"):
        write(folder / name)
    listing = Folder(folder).list()
    assert names(listing, folder) == ["kept.txt"]
    assert (listing.problems, listing.ignored) == ((), len(ignored))


def test_file_gone_from_a_folder_that_was_seen_is_gone(folder: Path) -> None:
    listing = Folder(folder).list()
    assert listing.is_gone(str(folder / "old.txt"))
    assert listing.is_gone(str(folder / "deleted folder/old.txt"))
    assert not listing.is_gone(str(folder.parent / "elsewhere.txt"))
    assert not listing.is_gone(str(folder) + "-not-below/a.txt")


def test_hidden_folder_was_not_looked_into_unless_named(folder: Path) -> None:
    write(folder / ".private/a.txt")
    outer, inner = Folder(folder).list(), Folder(folder / ".private").list()
    gone = str(folder / ".private/b.txt")
    assert not outer.is_gone(gone)
    assert merged([outer, inner]).is_gone(gone)
    assert not outer.is_gone(str(folder / ".private"))


@pytest.mark.skipif(is_root, reason="root may read everything")
def test_unreadable_folder_is_reported_and_nothing_below_it_is_gone(folder: Path) -> None:
    write(folder / "closed/a.txt")
    write(folder / "open.txt")
    (folder / "closed").chmod(0)
    try:
        listing = Folder(folder).list()
    finally:
        (folder / "closed").chmod(0o700)
    assert names(listing, folder) == ["open.txt"]
    assert listing.problems == (Problem(str(folder / "closed"), "the folder cannot be read: permission denied"),)
    assert not listing.is_gone(str(folder / "closed/a.txt"))
    assert listing.is_gone(str(folder / "other.txt"))


def test_folder_whose_listing_fails_is_a_problem_and_not_seen(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder / "closed/a.txt")
    scandir = os.scandir

    def failing(path: Path) -> object:
        if Path(path).name == "closed":
            raise OSError(5, "Input/output error")
        return scandir(path)

    monkeypatch.setattr("ingest.folder.os.scandir", failing)
    listing = Folder(folder).list()
    assert listing.problems == (Problem(str(folder / "closed"), "the folder cannot be read: input/output error"),)
    assert not listing.is_gone(str(folder / "closed/a.txt"))


def test_missing_folder_is_a_problem_and_nothing_below_it_is_gone(folder: Path) -> None:
    missing = folder / "unmounted"
    sources, problems = sources_for([missing])
    assert (sources, problems) == ([], [Problem(str(missing), "no such file or folder", is_missing=True)])
    listing = Folder(missing).list()
    assert (listing.found, listing.roots) == ((), frozenset())
    assert not listing.is_gone(str(missing / "a.txt"))


def test_link_out_of_the_folder_is_refused(folder: Path, tmp_path: Path) -> None:
    secret = write(tmp_path.resolve() / "secret.txt")
    (folder / "file.txt").symlink_to(secret)
    (folder / "tree").symlink_to(secret.parent)
    (folder / "picture.jpg").symlink_to(secret)
    listing = Folder(folder).list()
    why = "a symbolic link that leads out of the folder, to"
    assert listing.found == ()
    assert listing.problems == (
        Problem(str(folder / "file.txt"), f"{why} {secret}"),
        Problem(str(folder / "tree"), f"{why} {secret.parent}"),
    )
    assert not listing.is_gone(str(folder / "file.txt"))


def test_link_inside_the_folder_never_makes_a_second_article(folder: Path) -> None:
    write(folder / "sub/a.txt")
    (folder / "again.txt").symlink_to(folder / "sub/a.txt")
    (folder / "loop").symlink_to(folder)
    listing = Folder(folder).list()
    assert (names(listing, folder), listing.problems, listing.ignored) == (["sub/a.txt"], (), 2)


def test_link_to_a_hidden_file_of_the_folder_is_read(folder: Path) -> None:
    """Mounted configuration and git-annex keep every file behind such a link."""
    write(folder / "..data/a.txt")
    (folder / "a.txt").symlink_to("..data/a.txt")
    listing = Folder(folder).list()
    assert (names(listing, folder), listing.problems) == (["a.txt"], ())


def test_link_to_nothing_is_a_problem(folder: Path) -> None:
    (folder / "a.txt").symlink_to(folder / "missing.txt")
    reason = "a symbolic link to something that does not exist"
    assert Folder(folder).list().problems == (Problem(str(folder / "a.txt"), reason),)
    assert sources_for([folder / "a.txt"])[1] == [Problem(str(folder / "a.txt"), reason)]


def test_pipe_is_never_opened(folder: Path) -> None:
    os.mkfifo(folder / "pipe.txt")
    reason = "not a regular file"
    assert Folder(folder).list().problems == (Problem(str(folder / "pipe.txt"), reason),)
    assert Files([folder / "pipe.txt"]).list().problems == (Problem(str(folder / "pipe.txt"), reason),)


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS refuses such names")
def test_name_that_is_not_text_is_a_problem(folder: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9.txt"))
    path.write_text("x", encoding="utf-8")
    (problem,) = Folder(folder).list().problems
    assert problem.location == str(folder / "caf\ufffd.txt")
    assert "not valid UTF-8" in problem.reason


def test_named_file_of_another_kind_says_which_are_read(folder: Path) -> None:
    path = write(folder / "table.xlsx")
    (problem,) = Files([path]).list().problems
    assert problem.location == str(path)
    assert problem.reason.startswith("files of kind '.xlsx' are not read; supported: .docx, .htm")


def test_named_hidden_file_is_read_and_removes_nothing(folder: Path) -> None:
    path = write(folder / ".draft.txt")
    listing = Files([path]).list()
    assert names(listing, folder) == [".draft.txt"]
    assert not listing.is_gone(str(folder / "other.txt"))


def test_two_names_of_a_folder_give_one_location(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder / "a.txt")
    alias = folder.parent / "alias"
    alias.symlink_to(folder)
    monkeypatch.chdir(folder)
    expected = Folder(folder).list()
    assert Folder(alias).list() == Folder(Path()).list() == Folder(folder / "../articles").list() == expected
    assert resolved(alias / "a.txt") == resolved(Path("a.txt")) == folder / "a.txt"


def test_file_named_beside_its_folder_is_found_once(folder: Path) -> None:
    path = write(folder / "a.txt")
    sources, problems = sources_for([folder, path, folder])
    listing = merged([source.list() for source in sources])
    assert (names(listing, folder), listing.problems, problems) == (["a.txt"], (), [])


@pytest.mark.parametrize("mark", ["\n", "\x1b", "\x7f", "\u0085", "\u2028", "\u202e", "\u2066"])
def test_name_with_a_control_character_is_refused_in_printable_words(folder: Path, mark: str) -> None:
    write(folder / "well.txt")
    file = write(folder / f"a{mark}[31mgone.txt")
    below = write(folder / f"b{mark}c" / "in.txt")
    (folder / f"link{mark}.txt").symlink_to(folder / "well.txt")
    escaped, code = mark.encode("unicode_escape").decode(), f"U+{ord(mark):04X}"
    reason = f"the name of the file or of a folder above it holds the control character {code}: rename it"
    listing = Folder(folder).list()
    assert names(listing, folder) == ["well.txt"]
    assert listing.problems == (
        Problem(f"{folder}/a{escaped}[31mgone.txt", reason),
        Problem(f"{folder}/b{escaped}c", reason),
    )
    assert all(f"{problem.location}{problem.reason}".isprintable() for problem in listing.problems)
    assert not any(listing.is_gone(str(path)) for path in (file, below))
    problems = (Problem(f"{folder}/a{escaped}[31mgone.txt", reason), Problem(f"{folder}/b{escaped}c", reason))
    assert sources_for([file, below.parent]) == ([], list(problems))
    assert Files([file]).list().problems == problems[:1]
    assert Folder(below.parent).list() == Listing(problems=problems[1:], unseen=frozenset())


@pytest.mark.timeout(60)
@pytest.mark.parametrize("named", [False, True])
def test_what_is_put_in_the_place_of_a_file_that_was_listed_is_left_for_the_next_look(
    folder: Path, tmp_path: Path, named: bool
) -> None:
    secret = write(tmp_path.resolve() / "secret.txt", "secret")
    file = write(folder / "sub/a.txt")
    source = Files([file]) if named else Folder(folder)

    def read_after(swap: Callable[[], object]) -> None:
        file.parent.mkdir(exist_ok=True)
        write(file)
        (item,) = source.list().found
        assert item.read(None, max_bytes=100) is not None
        swap()
        with pytest.raises(Unsettled):
            item.read(None, max_bytes=100)

    def clear() -> None:
        file.unlink()

    read_after(lambda: (clear(), file.symlink_to(secret)))
    clear()
    read_after(lambda: (clear(), file.hardlink_to(secret)))
    clear()
    read_after(lambda: (clear(), os.mkfifo(file)))
    clear()
    write(secret.parent / "other/a.txt", "secret")
    read_after(lambda: (file.parent.rename(folder / "moved"), file.parent.symlink_to(secret.parent / "other")))


def test_link_that_is_pointed_elsewhere_after_it_was_listed_is_not_followed_there(folder: Path, tmp_path: Path) -> None:
    write(folder / "..data/a.txt", "ours")
    link = folder / "a.txt"
    link.symlink_to("..data/a.txt")
    (item,) = Folder(folder).list().found
    link.unlink()
    link.symlink_to(write(tmp_path.resolve() / "secret.txt", "secret"))
    document = item.read(None, max_bytes=100)
    assert document is not None
    assert document.data == b"ours"


def test_names_in_any_script_are_read(folder: Path) -> None:
    for name in (
        "caf\u00e9.txt",
        "\u05d3\u05d5\u05d7\u200f.txt",
        "at 1.00\u202fPM.txt",
        "\U0001f469\u200d\U0001f33e.txt",
    ):
        write(folder / name)
    listing = Folder(folder).list()
    assert (len(listing.found), listing.problems) == (4, ())
