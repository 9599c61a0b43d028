"""Files put in through the page: kept whole, under a name that can do no harm, in a folder that runs look at."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st

from assistant.domain import Failure
from assistant.errors import SourceError
from assistant.settings import Settings, load_settings
from ingest.catalog import FILE_NAME, FolderEntry, UrlEntry, add_source, read_sources
from ingest.overview import overview
from ingest.parse import SUFFIXES
from ingest.report import Report
from ingest.sync import forget_source, ingest
from ingest.uploads import delete_upload, save_upload, uploads_folder
from tests.toys import HashEmbedder

TEXT = b"Levy on zinc\n\nThe levy on zinc rose to 7 per cent in March, and importers have to register by June.\n"


def kept(data_dir: Path) -> dict[str, bytes]:
    """Return every file of the data directory but the list of sources, by its path below the uploads."""
    ours = {FILE_NAME, "sources.lock"}
    files = [path for path in data_dir.rglob("*") if path.is_file() and path.name not in ours]
    return {str(path.relative_to(uploads_folder(data_dir))): path.read_bytes() for path in files}


def run(settings: Settings) -> Report:
    return ingest([], settings, embedder=HashEmbedder())


def test_upload_is_kept_and_the_next_run_indexes_it(settings: Settings) -> None:
    path = save_upload(settings.data_dir, "zinc.txt", TEXT)
    assert (path, path.read_bytes()) == (settings.data_dir / "uploads/zinc.txt", TEXT)
    assert read_sources(settings.data_dir) == (FolderEntry(name="uploads", path=settings.data_dir / "uploads"),)
    report = run(settings)
    assert (report.added, report.failed) == ((str(path),), ())


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("../../zinc.txt", "zinc.txt"),
        ("/etc/zinc.txt", "zinc.txt"),
        ("..\\..\\zinc.txt", "zinc.txt"),
        ("C:\\Users\\ana\\zinc.txt", "zinc.txt"),
        ("...txt", "file.txt"),
        (".txt", "file.txt"),
        (".zinc.txt", "zinc.txt"),
        (". .zinc.txt", "zinc.txt"),
        ("~$zinc.docx", "$zinc.docx"),
        (". ~$zinc.docx", "$zinc.docx"),
        ("  zinc.txt ", "zinc.txt"),
        ("zi\x1b[31mnc\n\x00\x9b.txt", "zi_[31mnc___.txt"),
        ("zinc\u202etxt.exe.txt", "zinc_txt.exe.txt"),
        ("zinc\udc80.txt", "zinc_.txt"),
        ("\u200b\u00a0zinc.txt", "__zinc.txt"),
        ("Zölle 鋼 2026.TXT", "Zölle 鋼 2026.TXT"),
        ("鋼" * 300 + ".txt", "鋼" * 66 + ".txt"),
        ("z" * 5_000 + ".txt", "z" * 200 + ".txt"),
    ],
)
def test_name_is_made_harmless_and_its_kind_kept(settings: Settings, name: str, expected: str) -> None:
    path = save_upload(settings.data_dir, name, TEXT)
    assert path == settings.data_dir / "uploads" / expected
    assert kept(settings.data_dir) == {expected: TEXT}


@settings_of_hypothesis(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.sampled_from("./\\~$ a\x00\n\x1b\u202e鋼"), max_size=12), st.sampled_from(sorted(SUFFIXES)))
def test_whatever_the_name_a_run_finds_the_file(tmp_path: Path, stem: str, suffix: str) -> None:
    path = save_upload(tmp_path, f"{stem}{suffix}", TEXT)
    assert path.parent == uploads_folder(tmp_path)
    assert path.suffix == suffix
    assert path.name.isprintable()
    assert not path.name.startswith((".", "~$"))
    assert path.read_bytes() == TEXT
    assert {name for name in kept(tmp_path) if "/" in name} == set()


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("zinc.exe", "files of kind '.exe' are not read"),
        ("zinc.txt.zip", "files of kind '.zip' are not read"),
        ("zinc.txt\n", "files of kind '.txt_' are not read"),
        ("zinc", "its name has no ending that says what kind of file it is"),
        ("zinc.txt.", "its name has no ending that says what kind of file it is"),
        ("..", "its name has no ending that says what kind of file it is"),
        ("uploads/", "its name has no ending that says what kind of file it is"),
        ("", "its name has no ending that says what kind of file it is"),
    ],
)
def test_file_of_another_kind_is_refused_and_leaves_nothing(settings: Settings, name: str, reason: str) -> None:
    with pytest.raises(SourceError) as refusal:
        save_upload(settings.data_dir, name, TEXT)
    assert str(refusal.value) == f"{reason}; supported: {', '.join(sorted(SUFFIXES))}"
    assert not settings.data_dir.exists()


def test_empty_file_is_refused_and_leaves_nothing(settings: Settings) -> None:
    with pytest.raises(SourceError, match=r"^the file is empty \(0 bytes\)$"):
        save_upload(settings.data_dir, "zinc.txt", b"")
    assert not settings.data_dir.exists()


def test_file_that_is_too_big_is_kept_and_the_run_says_so(tmp_path: Path) -> None:
    settings = load_settings(data_dir=tmp_path / "data", max_file_bytes=len(TEXT))
    path = save_upload(settings.data_dir, "right.txt", TEXT)
    big = save_upload(settings.data_dir, "big.txt", TEXT + b".")
    report = run(settings)
    assert report.added == (str(path),)
    (failure,) = report.failed
    assert failure == Failure(str(big), failure.reason, failure.at, "uploads")
    assert "larger than" in failure.reason
    assert big.read_bytes() == TEXT + b"."


def test_same_bytes_are_kept_once_and_others_under_a_name_of_their_own(settings: Settings) -> None:
    first = save_upload(settings.data_dir, "zinc.txt", TEXT)
    before = first.stat()
    assert save_upload(settings.data_dir, "zinc.txt", TEXT) == first
    assert (first.stat().st_ino, first.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    other = save_upload(settings.data_dir, "zinc.txt", TEXT + b"More.\n")
    assert save_upload(settings.data_dir, "zinc.txt", TEXT + b"More.\n") == other
    assert other.name.startswith("zinc-")
    assert other.suffix == ".txt"
    assert kept(settings.data_dir) == {"zinc.txt": TEXT, other.name: TEXT + b"More.\n"}


def test_folder_that_has_the_name_is_left_alone(settings: Settings) -> None:
    below = uploads_folder(settings.data_dir) / "zinc.txt"
    below.mkdir(parents=True)
    path = save_upload(settings.data_dir, "zinc.txt", TEXT)
    assert path.parent == below.parent
    assert kept(settings.data_dir) == {path.name: TEXT}
    assert list(below.iterdir()) == []


def test_file_in_the_place_of_the_folder_is_said(settings: Settings) -> None:
    settings.data_dir.mkdir()
    (settings.data_dir / "uploads").write_text("mine", encoding="utf-8")
    with pytest.raises(SourceError, match=r"the file cannot be kept in .*uploads' \(File exists\)"):
        save_upload(settings.data_dir, "zinc.txt", TEXT)
    assert (settings.data_dir / "uploads").read_text(encoding="utf-8") == "mine"


def test_spoiled_list_of_sources_is_said_before_anything_is_kept(settings: Settings) -> None:
    settings.data_dir.mkdir()
    (settings.data_dir / FILE_NAME).write_text("[[source", encoding="utf-8")
    with pytest.raises(SourceError, match="is not valid TOML"):
        save_upload(settings.data_dir, "zinc.txt", TEXT)
    assert kept(settings.data_dir) == {}


def test_name_that_another_source_has_is_no_obstacle(settings: Settings) -> None:
    page = add_source(settings.data_dir, UrlEntry(name="uploads", url="https://ministry.example/"))
    save_upload(settings.data_dir, "zinc.txt", TEXT)
    folder = FolderEntry(name="uploads-2", path=uploads_folder(settings.data_dir))
    assert read_sources(settings.data_dir) == (page, folder)


def test_folder_that_lies_in_a_source_is_no_other_one(settings: Settings, tmp_path: Path) -> None:
    above = add_source(settings.data_dir, FolderEntry(name="all", path=tmp_path))
    path = save_upload(settings.data_dir, "zinc.txt", TEXT)
    assert read_sources(settings.data_dir) == (above,)
    assert run(settings).added == (str(path),)


def test_upload_counts_where_the_data_directory_is_a_link(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "data").symlink_to(tmp_path / "disk")
    settings = load_settings(data_dir=tmp_path / "data")
    path = save_upload(settings.data_dir, "zinc.txt", TEXT)
    assert run(settings).added == (str(path),)
    (source,) = overview(settings)
    assert (source.entry.target, source.articles) == (str(tmp_path / "disk/uploads"), 1)


def test_removed_uploads_stay_removed_when_another_file_is_uploaded(settings: Settings) -> None:
    first = save_upload(settings.data_dir, "zinc.txt", TEXT)
    run(settings)
    assert forget_source("uploads", settings, embedder=HashEmbedder()) == (str(first),)
    second = save_upload(settings.data_dir, "tin.txt", TEXT.replace(b"zinc", b"tin"))
    assert run(settings).added == (str(second),)
    assert (settings.data_dir / "uploads-removed-1/zinc.txt").read_bytes() == TEXT


def test_uploads_whose_articles_are_kept_stay_where_they_are(settings: Settings) -> None:
    path = save_upload(settings.data_dir, "zinc.txt", TEXT)
    run(settings)
    assert forget_source("uploads", settings, embedder=HashEmbedder(), keep_articles=True) == ()
    assert path.read_bytes() == TEXT
    assert run(settings).unchanged == 1


def test_deleted_upload_is_withdrawn_by_a_run_that_may(settings: Settings) -> None:
    path = save_upload(settings.data_dir, "zinc.txt", TEXT)
    run(settings)
    delete_upload(settings.data_dir, path.name)
    report = ingest([], settings, embedder=HashEmbedder(), sources=["uploads"], allow_removals=True)
    assert (report.removed, path.exists()) == ((str(path),), False)


@pytest.mark.parametrize("name", ["none.txt", "../library.sqlite3", "../uploads/zinc.txt", "", ".", "sub"])
def test_only_uploaded_files_are_deleted(settings: Settings, name: str) -> None:
    save_upload(settings.data_dir, "zinc.txt", TEXT)
    (uploads_folder(settings.data_dir) / "sub").mkdir()
    run(settings)
    before = sorted(settings.data_dir.rglob("*"))
    with pytest.raises(SourceError, match="is no uploaded file"):
        delete_upload(settings.data_dir, name)
    assert sorted(settings.data_dir.rglob("*")) == before
