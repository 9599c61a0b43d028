"""What an ingest run promises: what is new answers, what is gone does not, what failed is never taken for gone."""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st
from numpy.typing import NDArray

from assistant.domain import StoredArticle
from assistant.errors import LibraryLocked, LibraryMismatch, LibraryMissing
from assistant.library import Library
from assistant.records import ManifestEntry
from assistant.settings import Settings, load_settings
from assistant.vectors import status_of
from assistant.writer import Writer
from ingest import embedding_step
from ingest.catalog import read_sources
from ingest.chunk import CHUNKER_VERSION
from ingest.folder import Found
from ingest.plan import Plan, plan_files
from ingest.progress import Progress, RunState, read_progress
from ingest.rebuild import rebuild
from ingest.report import Report
from ingest.sources import Document, Known, Listing
from ingest.survey import KEPT
from ingest.sync import ingest
from ingest.worker import ParseWorker
from tests.toys import HashEmbedder

ROOT = Path(__file__).resolve().parent.parent


class CountingEmbedder(HashEmbedder):
    """A hash embedder that remembers what it was asked to embed."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed, and remember."""
        self.texts += texts
        return super().embed(texts)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with two articles."""
    path = tmp_path.resolve() / "articles"
    write(path / "tariffs.txt", "Tariffs on steel", "The duty on steel rose to 25 per cent in March.")
    write(path / "minerals.md", "# Minerals stay restricted", "Exports of gallium need a licence since 2023.")
    return path


def write(path: Path, title: str, *paragraphs: str) -> Path:
    """Write an article old enough for its time to be trusted, and return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n\n".join([title, *paragraphs]) + "\n", encoding="utf-8")
    return settled(path)


def settled(path: Path) -> Path:
    """Make a file look last changed a minute ago, at a moment of its own."""
    changed_at = time.time_ns() - 60_000_000_000
    os.utime(path, ns=(changed_at, changed_at))
    return path


def run(settings: Settings, *paths: Path, dry_run: bool = False) -> Report:
    """Ingest with the hash embedder; these folders are so small that any removal is more than a fifth."""
    return ingest(paths, settings, embedder=HashEmbedder(), dry_run=dry_run, allow_removals=True)


def counts(report: Report) -> tuple[int, int, int, int, int]:
    """Return added, changed, unchanged, removed, failed."""
    lists = (report.added, report.changed, report.removed, report.failed)
    added, changed, removed, failed = map(len, lists)
    return added, changed, report.unchanged, removed, failed


def live(settings: Settings) -> dict[str, StoredArticle]:
    """Return the live articles by file name."""
    with closing(Library.open(settings.data_dir)) as library, library.snapshot() as snapshot:
        found = [snapshot.article(summary.article_id) for summary in snapshot.articles()]
    return {Path(stored.location).name: stored for stored in found}


def state(settings: Settings) -> tuple[int, str | None, tuple[str, ...], dict[str, StoredArticle]]:
    """Return all of the library that a reader could notice."""
    with closing(Library.open(settings.data_dir)) as library, library.snapshot() as snapshot:
        status = snapshot.status(settings.data_dir)
    failures = tuple(f"{failure.location}: {failure.reason}" for failure in status.failures)
    return status.generation, status.vector_directory, failures, live(settings)


def remembered_failures(settings: Settings) -> dict[str, str]:
    """Return the failures the library remembers, by file name."""
    with closing(Library.open(settings.data_dir)) as library, library.snapshot() as snapshot:
        return {Path(f.location).name: f.reason for f in snapshot.status(settings.data_dir).failures}


def test_new_files_are_indexed_and_published(settings: Settings, folder: Path) -> None:
    report = run(settings, folder)
    assert report.added == (str(folder / "minerals.md"), str(folder / "tariffs.txt"))
    assert counts(report) == (2, 0, 0, 0, 0)
    assert {name: stored.article.title for name, stored in live(settings).items()} == {
        "minerals.md": "Minerals stay restricted",
        "tariffs.txt": "Tariffs on steel",
    }
    with closing(Library.open(settings.data_dir)) as library, library.snapshot() as snapshot:
        status = snapshot.status(settings.data_dir)
    assert status.pending == 0
    assert [entry.target for entry in read_sources(settings.data_dir)] == [str(folder)]
    assert status.vector_directory is not None
    assert status.last_run is not None
    assert (status.last_run.added, status.last_run.failed) == (2, 0)


def test_syncing_twice_changes_nothing(settings: Settings, folder: Path) -> None:
    run(settings, folder)
    before = state(settings)
    assert counts(run(settings, folder)) == (0, 0, 2, 0, 0)
    assert counts(run(settings)) == (0, 0, 2, 0, 0)
    assert state(settings) == before


def test_unchanged_folder_is_neither_parsed_nor_embedded_and_loads_nothing_heavy(
    settings: Settings, folder: Path
) -> None:
    run(settings, folder)
    code = """if True:
        import sys
        from pathlib import Path
        from assistant.settings import load_settings
        from ingest import sync, worker
        from tests.toys import HashEmbedder
        def never(*args, **kwargs):
            raise AssertionError("an unchanged file was parsed")
        worker.ParseWorker.article = never
        report = sync.ingest([Path(sys.argv[2])], load_settings(data_dir=sys.argv[1]), embedder=HashEmbedder())
        assert (report.unchanged, len(report.failed)) == (2, 0), report
        heavy = {"chromadb", "torch", "openvino", "sentence_transformers", "transformers", "tokenizers", "trafilatura",
                 "pypdfium2", "docx", "langchain", "streamlit"}
        print(sorted(heavy & set(sys.modules)))
    """
    result = subprocess.run(
        [sys.executable, "-c", code, settings.data_dir, folder], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert (result.stdout, result.stderr) == ("[]\n", "")


def test_edited_file_gets_a_new_version_and_the_old_one_stays_readable(settings: Settings, folder: Path) -> None:
    run(settings, folder)
    before = live(settings)["tariffs.txt"]
    write(folder / "tariffs.txt", "Tariffs on steel", "The duty on steel fell to 15 per cent in June.")
    report = run(settings, folder)
    assert (report.changed, counts(report)) == ((str(folder / "tariffs.txt"),), (0, 1, 1, 0, 0))
    after = live(settings)["tariffs.txt"]
    assert (after.article_id, after.version) == (before.article_id, 2)
    assert "fell to 15 per cent" in after.article.text
    with closing(Library.open(settings.data_dir)) as library, library.snapshot() as snapshot:
        assert snapshot.article(before.article_id, 1) == replace(before, is_current=False)


def test_edit_that_keeps_size_and_comes_within_the_clocks_grain_is_seen(settings: Settings, folder: Path) -> None:
    path = folder / "tariffs.txt"
    now = time.time_ns()
    os.utime(path, ns=(now, now))
    run(settings, folder)
    path.write_text(path.read_text(encoding="utf-8").replace("25", "35"), encoding="utf-8")
    os.utime(path, ns=(now, now))
    assert run(settings, folder).changed == (str(path),)
    assert "35 per cent" in live(settings)["tariffs.txt"].article.text


def test_edit_that_keeps_size_and_time_is_seen_and_a_file_with_other_rights_is_not_parsed(
    settings: Settings, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(settings, folder)
    path = folder / "tariffs.txt"
    written_at = path.stat().st_mtime_ns
    path.write_text(path.read_text(encoding="utf-8").replace("25", "35"), encoding="utf-8")
    os.utime(path, ns=(written_at, written_at))
    assert run(settings, folder).changed == (str(path),)
    path.chmod(0o600)
    read, real = [], Found.read

    def noted(item: Found, known: Known | None, *, max_bytes: int) -> Document:
        read.append(item.location)
        return real(item, known, max_bytes=max_bytes)

    def never(*_: object) -> None:
        raise AssertionError("a file with the same bytes was parsed")

    monkeypatch.setattr(Found, "read", noted)
    monkeypatch.setattr(ParseWorker, "article", never)
    for _ in range(2):
        assert counts(run(settings, folder)) == (0, 0, 2, 0, 0)
    assert read == [str(path)]


def test_touched_file_is_unchanged(settings: Settings, folder: Path) -> None:
    run(settings, folder)
    before = state(settings)
    settled(folder / "tariffs.txt")
    assert counts(run(settings, folder)) == (0, 0, 2, 0, 0)
    assert state(settings) == before


def test_file_with_other_bytes_of_the_same_article_is_unchanged(settings: Settings, folder: Path) -> None:
    run(settings, folder)
    before = state(settings)
    path = folder / "tariffs.txt"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    settled(path)
    assert counts(run(settings, folder)) == (0, 0, 2, 0, 0)
    assert state(settings) == before


def test_deleted_file_is_removed_and_its_text_stays_readable(settings: Settings, folder: Path) -> None:
    run(settings, folder)
    before = live(settings)["tariffs.txt"]
    (folder / "tariffs.txt").unlink()
    report = run(settings, folder)
    assert (report.removed, counts(report), report.notes) == ((str(folder / "tariffs.txt"),), (0, 0, 1, 1, 0), ())
    assert list(live(settings)) == ["minerals.md"]
    with closing(Library.open(settings.data_dir)) as library, library.snapshot() as snapshot:
        after = snapshot.article(before.article_id)
    assert (after.article, after.is_current, after.withdrawn_at is not None) == (before.article, False, True)


def test_renamed_file_is_the_same_article_and_is_neither_parsed_nor_embedded(settings: Settings, folder: Path) -> None:
    run(settings, folder)
    before = live(settings)["tariffs.txt"]
    (folder / "tariffs.txt").rename(folder / "steel.txt")
    embedder = CountingEmbedder()
    report = ingest([folder], settings, embedder=embedder)
    assert report.moved == ((str(folder / "tariffs.txt"), str(folder / "steel.txt")),)
    assert counts(report) == (0, 0, 1, 0, 0)
    assert live(settings)["steel.txt"] == replace(before, location=str(folder / "steel.txt"))
    assert sorted(live(settings)) == ["minerals.md", "steel.txt"]
    assert embedder.texts == []


def test_copies_are_two_articles_embedded_once(settings: Settings, folder: Path) -> None:
    embedder = CountingEmbedder()
    write(folder / "copy.txt", "Tariffs on steel", "The duty on steel rose to 25 per cent in March.")
    assert counts(ingest([folder], settings, embedder=embedder)) == (3, 0, 0, 0, 0)
    assert sorted(live(settings)) == ["copy.txt", "minerals.md", "tariffs.txt"]
    assert len(embedder.texts) == len(set(embedder.texts)) == 2


def test_missing_folder_is_a_failure_and_removes_nothing(settings: Settings, folder: Path) -> None:
    run(settings, folder)
    before = live(settings)
    folder.rename(folder.with_name("unmounted"))
    for report in (run(settings), run(settings, folder)):
        assert counts(report) == (0, 0, 0, 0, 1)
        assert report.failed[0].location == str(folder)
        assert report.failed[0].reason.endswith(f"; {KEPT}")
    assert live(settings) == before
    assert list(remembered_failures(settings)) == ["articles"]
    folder.with_name("unmounted").rename(folder)
    assert counts(run(settings)) == (0, 0, 2, 0, 0)
    assert remembered_failures(settings) == {}


def test_file_that_can_no_longer_be_read_keeps_answering_and_is_reported(settings: Settings, folder: Path) -> None:
    run(settings, folder)
    before = live(settings)
    (folder / "tariffs.txt").write_bytes(b"")
    report = run(settings, folder)
    assert counts(report) == (0, 0, 1, 0, 1)
    assert report.failed[0].reason == f"the file is empty (0 bytes); {KEPT}"
    assert live(settings) == before
    assert remembered_failures(settings) == {"tariffs.txt": report.failed[0].reason}


def test_failure_is_forgotten_once_the_file_is_well_or_gone(settings: Settings, folder: Path) -> None:
    (folder / "empty.txt").touch()
    (folder / "other.txt").touch()
    assert counts(run(settings, folder)) == (2, 0, 0, 0, 2)
    assert sorted(remembered_failures(settings)) == ["empty.txt", "other.txt"]
    write(folder / "empty.txt", "Filled", "It has a sentence now, about quotas.")
    (folder / "other.txt").unlink()
    assert counts(run(settings, folder)) == (1, 0, 2, 0, 0)
    assert remembered_failures(settings) == {}


def test_failure_elsewhere_is_remembered_when_another_folder_is_ingested(settings: Settings, folder: Path) -> None:
    (folder / "empty.txt").touch()
    run(settings, folder)
    other = write(folder.parent / "other" / "a.txt", "Quotas", "Sugar quotas were raised by a tenth.")
    run(settings, other.parent)
    assert list(remembered_failures(settings)) == ["empty.txt"]


def test_bad_files_never_stop_the_run(
    settings: Settings, folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (folder / "0.txt").touch()
    (folder / "1.pdf").write_bytes(b"%PDF-1.7 not really")
    (folder / "2.docx").write_bytes(b"PK\x03\x04 not really")
    (folder / "3.txt").write_bytes(bytes(range(256)) * 40)
    (folder / "4.txt").write_text("x" * 3_000, encoding="utf-8")
    limited = settings.model_copy(update={"max_file_bytes": 2_000})
    report = run(limited, folder)
    assert sorted(live(settings)) == ["minerals.md", "tariffs.txt"]
    assert [Path(failure.location).name for failure in report.failed] == ["0.txt", "1.pdf", "2.docx", "3.txt", "4.txt"]
    assert all(failure.reason and "\n" not in failure.reason for failure in report.failed)


def test_file_named_alone_is_looked_at_again_but_never_removed(settings: Settings, folder: Path) -> None:
    path = folder / "tariffs.txt"
    assert counts(run(settings, path)) == (1, 0, 0, 0, 0)
    write(path, "Tariffs on steel", "The duty on steel fell to 15 per cent in June.")
    assert counts(run(settings)) == (0, 1, 0, 0, 0)
    path.unlink()
    report = run(settings)
    assert counts(report) == (0, 0, 0, 0, 1)
    assert report.failed[0].reason == f"no such file or folder; {KEPT}"
    assert list(live(settings)) == ["tariffs.txt"]
    assert counts(run(settings, folder)) == (1, 0, 0, 1, 0)


def test_misspelt_path_is_reported_and_not_remembered(settings: Settings, folder: Path) -> None:
    run(settings, folder)
    report = run(settings, folder / "tarifs.txt")
    assert [(failure.location, failure.reason) for failure in report.failed] == [
        (str(folder / "tarifs.txt"), "no such file or folder")
    ]
    assert remembered_failures(settings) == {}


def test_nothing_to_index_leaves_no_library_behind(settings: Settings, tmp_path: Path) -> None:
    report = run(settings, tmp_path / "missing")
    assert (counts(report), report.dry_run) == ((0, 0, 0, 0, 1), False)
    assert not settings.data_dir.exists()
    with pytest.raises(LibraryMissing, match="trade-assistant ingest PATH"):
        run(settings)
    assert not settings.data_dir.exists()


def test_dry_run_reports_what_a_run_would_do_and_writes_nothing(settings: Settings, folder: Path) -> None:
    (folder / "empty.txt").touch()
    dry = run(settings, folder, dry_run=True)
    assert (counts(dry), dry.dry_run, dry.generation) == ((2, 0, 0, 0, 1), True, 0)
    assert not settings.data_dir.exists()
    run(settings, folder)
    write(folder / "tariffs.txt", "Tariffs on steel", "The duty on steel fell to 15 per cent in June.")
    write(folder / "new.txt", "Quotas", "Sugar quotas were raised by a tenth.")
    (folder / "minerals.md").unlink()
    before = state(settings), contents(settings.data_dir)
    dry = run(settings, dry_run=True)
    assert (state(settings), contents(settings.data_dir)) == before
    real = run(settings)
    assert counts(real) == (1, 1, 0, 1, 1)
    ours = ("added", "changed", "unchanged", "removed", "ignored", "notes")
    assert [getattr(dry, name) for name in ours] == [getattr(real, name) for name in ours]
    assert [(f.location, f.reason) for f in dry.failed] == [(f.location, f.reason) for f in real.failed]


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder; SQLite's shared memory aside, which readers write too."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith(("-shm", "-wal"))
    }


def test_articles_answer_while_a_long_run_goes_on(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedding_step, "BATCH_ARTICLES", 2)
    folder = tmp_path / "many"
    for number in range(7):
        write(folder / f"{number}.txt", f"Report {number}", f"Quota number {number} was raised by a tenth.")
    seen = []

    def look(progress: Progress) -> None:
        if progress.stage == "indexing":
            seen.append((progress.done, len(live(settings))))

    ingest([folder], settings, embedder=HashEmbedder(), on_progress=look)
    assert seen == [(1, 0), (2, 2), (3, 2), (4, 4), (5, 4), (6, 6), (7, 6)]
    assert len(live(settings)) == 7


def test_run_that_was_stopped_is_said_so_and_the_next_one_finishes_it(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedding_step, "BATCH_ARTICLES", 2)
    folder = tmp_path / "many"
    for number in range(5):
        write(folder / f"{number}.txt", f"Report {number}", f"Quota number {number} was raised by a tenth.")

    def stop(progress: Progress) -> None:
        if progress.stage == "indexing" and progress.done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ingest([folder], settings, embedder=HashEmbedder(), on_progress=stop)
    status = read_progress(settings.data_dir)
    assert status is not None
    assert (status.state, status.reason) == (RunState.INTERRUPTED, "stopped by the user")
    assert sorted(live(settings)) == ["0.txt", "1.txt"]
    assert counts(run(settings)) == (3, 0, 2, 0, 0)
    with closing(Library.open(settings.data_dir)) as library, library.snapshot() as snapshot:
        assert snapshot.status(settings.data_dir).pending == 0


def test_run_that_was_killed_reads_as_interrupted(settings: Settings, folder: Path) -> None:
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=ingest_and_die, args=(str(settings.data_dir), str(folder)))
    process.start()
    process.join(60)
    assert process.exitcode == 9
    written = json.loads((settings.data_dir / "status.json").read_text(encoding="utf-8"))
    assert (written["state"], written["pid"]) == ("running", process.pid)
    status = read_progress(settings.data_dir)
    assert status is not None
    assert (status.state, status.pid) == (RunState.INTERRUPTED, process.pid)
    assert counts(run(settings, folder)) == (2, 0, 0, 0, 0)


def ingest_and_die(data_dir: str, folder: str) -> None:
    """Die in the middle of a run as if killed."""

    def die(progress: Progress) -> None:
        if progress.stage == "indexing":
            os._exit(9)

    ingest([Path(folder)], load_settings(data_dir=data_dir), embedder=HashEmbedder(), on_progress=die)


def test_progress_can_be_read_while_a_run_goes_on_and_after_it(settings: Settings, folder: Path) -> None:
    seen = []

    def look(progress: Progress) -> None:
        status = read_progress(settings.data_dir)
        assert status is not None
        seen.append((status.state, status.stage, progress.done, progress.total, status.pid))

    ingest([folder], settings, embedder=HashEmbedder(), on_progress=look)
    pid = os.getpid()
    assert seen == [
        (RunState.RUNNING, "looking", 0, 0, pid),
        (RunState.RUNNING, "indexing", 1, 2, pid),
        (RunState.RUNNING, "indexing", 2, 2, pid),
        (RunState.RUNNING, "publishing", 2, 2, pid),
    ]
    status = read_progress(settings.data_dir)
    assert status is not None
    assert (status.state, status.reason) == (RunState.DONE, None)
    assert status.report is not None
    assert {name: status.report[name] for name in ("added", "changed", "unchanged", "removed", "failed")} == {
        "added": 2,
        "changed": 0,
        "unchanged": 0,
        "removed": 0,
        "failed": 0,
    }


def test_run_whose_vectors_cannot_be_built_keeps_its_report(settings: Settings, folder: Path) -> None:
    settings.data_dir.mkdir()
    (settings.data_dir / "vectors").write_text("in the way", encoding="utf-8")
    report = run(settings, folder)
    assert counts(report) == (2, 0, 0, 0, 0)
    (note,) = report.notes
    assert note.startswith("the vector index could not be built: the vector directory ")
    assert note.endswith("; answers stay right, run `trade-assistant rebuild`")
    status = read_progress(settings.data_dir)
    assert status is not None
    assert (status.state, status.reason) == (RunState.DONE, None)
    with closing(Library.open(settings.data_dir)) as library, library.snapshot() as snapshot:
        recorded = snapshot.status(settings.data_dir)
    assert recorded.last_run is not None
    assert (recorded.last_run.added, recorded.pending, recorded.vector_directory) == (2, 2, None)
    (settings.data_dir / "vectors").unlink()
    assert run(settings, folder).notes == ()
    assert state(settings)[1] is not None


def test_damaged_vectors_are_mended_by_a_run_over_unchanged_files(settings: Settings, folder: Path) -> None:
    run(settings, folder)
    before = state(settings)
    graph = next((settings.data_dir / "vectors").rglob("data_level0.bin"))
    graph.write_bytes(bytes(graph.stat().st_size))
    assert counts(run(settings, folder)) == (0, 0, 2, 0, 0)
    with closing(Library.open(settings.data_dir)) as library:
        assert status_of(library, settings.data_dir).vectors_problem == ""
    assert state(settings)[1] != before[1]


def test_progress_inside_a_long_file_is_reported(
    settings: Settings, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedding_step, "BATCH_PASSAGES", 3)
    monkeypatch.setattr(embedding_step, "EMBEDDED_AT_ONCE", 3)
    sentences = (f"Quota number {number} was raised by a tenth for importers of steel. " * 8 for number in range(16))
    path = write(folder / "long.txt", "Quotas", *sentences)
    embedder = CountingEmbedder()
    seen: list[tuple[Progress, int]] = []

    def look(progress: Progress) -> None:
        seen.append((progress, len(embedder.texts)))

    assert counts(ingest([path], settings, embedder=embedder, on_progress=look)) == (1, 0, 0, 0, 0)
    total = len(embedder.texts)
    assert total > 6
    assert seen == [
        (Progress("looking", 0, 0), 0),
        *((Progress("embedding passages", done, total, str(path)), done) for done in range(0, total, 3)),
        (Progress("indexing", 1, 1, str(path)), total),
        (Progress("publishing", 1, 1), total),
    ]
    with closing(Library.open(settings.data_dir)) as library, library.snapshot() as snapshot:
        stored = snapshot.vectors(snapshot.live())
    assert np.array_equal(stored, HashEmbedder().embed(embedder.texts))


def test_run_that_failed_says_why(settings: Settings, folder: Path) -> None:
    class Broken(HashEmbedder):
        def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        ingest([folder], settings, embedder=Broken())
    status = read_progress(settings.data_dir)
    assert status is not None
    assert (status.state, status.reason) == (RunState.FAILED, "[Errno 28] No space left on device")


@pytest.mark.parametrize("content", ["", "{", "[]", '{"state": "asleep"}', '{"state": "running"}'])
def test_progress_that_cannot_be_understood_is_none(tmp_path: Path, content: str) -> None:
    assert read_progress(tmp_path) is None
    (tmp_path / "status.json").write_text(content, encoding="utf-8")
    assert read_progress(tmp_path) is None


def test_second_run_is_told_who_writes(settings: Settings, folder: Path) -> None:
    opened = Writer.open(settings.data_dir, embedding_model="hash-embedder", dimension=64, chunker_version=1)
    with opened, pytest.raises(LibraryLocked, match=str(os.getpid())):
        run(settings, folder)
    assert counts(run(settings, folder)) == (2, 0, 0, 0, 0)


def test_rebuild_makes_the_vectors_anew_without_the_files(settings: Settings, folder: Path) -> None:
    run(settings, folder)
    before = live(settings)
    for path in folder.iterdir():
        path.unlink()
    embedder = CountingEmbedder()
    directory = state(settings)[1]
    rebuilt = rebuild(settings, embedder=embedder)
    assert (rebuilt.articles, rebuilt.passages, rebuilt.is_embedded_again) == (2, 2, False)
    assert rebuilt.vector_directory == state(settings)[1] != directory
    assert (live(settings), embedder.texts) == (before, [])


def test_rebuild_embeds_everything_again_when_the_model_changed(settings: Settings, folder: Path) -> None:
    class Other(CountingEmbedder):
        name = "another-embedder"

    run(settings, folder)
    before = live(settings)
    for path in folder.iterdir():
        path.unlink()
    embedder = Other()
    with pytest.raises(LibraryMismatch, match="rebuild"):
        ingest([folder], settings, embedder=embedder)
    seen: list[Progress] = []
    rebuilt = rebuild(settings, embedder=embedder, on_progress=seen.append)
    assert (rebuilt.articles, rebuilt.passages, rebuilt.is_embedded_again) == (2, 2, True)
    assert live(settings) == before
    assert len(embedder.texts) == 2
    assert [(progress.stage, progress.done, progress.total) for progress in seen] == [
        ("embedding", 1, 2),
        ("embedding", 2, 2),
        ("publishing", 0, 0),
    ]
    with closing(Library.open(settings.data_dir)) as library, library.snapshot() as snapshot:
        assert (snapshot.embedding_model, len(snapshot.pending())) == ("another-embedder", 0)


def test_rebuild_cuts_again_when_the_chunker_changed(
    settings: Settings, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(settings, folder)
    monkeypatch.setattr(embedding_step, "CHUNKER_VERSION", CHUNKER_VERSION + 1)
    assert rebuild(settings, embedder=HashEmbedder()).is_embedded_again
    assert counts(run(settings, folder)) == (0, 0, 2, 0, 0)


def test_rebuild_without_a_library_says_how_to_make_one(settings: Settings) -> None:
    with pytest.raises(LibraryMissing, match="ingest"):
        rebuild(settings, embedder=HashEmbedder())
    assert not settings.data_dir.exists()


CHANGES = st.lists(
    st.tuples(st.sampled_from(["write", "spoil", "delete", "sync"]), st.sampled_from("xyz"), st.integers(0, 2)),
    max_size=8,
)


@settings_of_hypothesis(max_examples=12, deadline=None)
@given(CHANGES)
def test_library_follows_the_folder_whatever_happened_in_between(changes: list[tuple[str, str, int]]) -> None:
    """Every readable file answers with its newest text, a spoilt one with its last good text, a deleted one not."""
    with tempfile.TemporaryDirectory() as directory:
        folder, settings = Path(directory).resolve() / "articles", load_settings(data_dir=Path(directory) / "data")
        folder.mkdir()
        on_disk: dict[str, str | None] = {}
        indexed: dict[str, str] = {}
        for change, name, number in [*changes, ("sync", "", 0)]:
            path = folder / f"{name}.txt"
            if change == "write":
                text = f"Quota number {number} was raised by a tenth."
                path.write_text(f"Report\n\n{text}\n", encoding="utf-8")
                on_disk[path.name] = text
            elif change == "spoil":
                path.write_bytes(b"")
                on_disk[path.name] = None
            elif change == "delete":
                path.unlink(missing_ok=True)
                on_disk.pop(path.name, None)
            else:
                report = run(settings, folder)
                assert len(report.failed) == sum(text is None for text in on_disk.values())
                indexed = {key: text or indexed.get(key, "") for key, text in on_disk.items() if text or key in indexed}
                found = {key: stored.article.text for key, stored in live(settings).items()}
                assert found.keys() == indexed.keys()
                assert all(indexed[key] in text for key, text in found.items())
        before = state(settings)
        assert counts(run(settings, folder))[:2] == (0, 0)
        assert state(settings) == before


LOCATIONS = [f"/articles/{folder}{name}.txt" for folder in ("", "a/", "a/b/") for name in "xyz"]
FILES = st.builds(
    lambda location, size, mtime: Found(location, Path(location), Path(location), (1, 1), size, mtime),
    st.sampled_from(LOCATIONS),
    st.integers(0, 1),
    st.integers(0, 1),
)
ENTRIES = st.builds(
    lambda size, mtime: ManifestEntry("id", 1, "hash", size, mtime, "content", 1), st.integers(0, 1), st.integers(0, 1)
)
FOUND = st.lists(FILES, unique_by=lambda file: file.location)
MANIFESTS = st.dictionaries(st.sampled_from(LOCATIONS), ENTRIES)
FOLDERS = st.frozensets(st.sampled_from(["/articles", "/articles/a", "/articles/a/b", "/elsewhere"]))


@given(FOUND, MANIFESTS, FOLDERS, FOLDERS, st.randoms())
def test_plan_does_not_depend_on_order(
    found: list[Found],
    manifest: dict[str, ManifestEntry],
    roots: frozenset[str],
    unseen: frozenset[str],
    random: object,
) -> None:
    shuffled, entries = list(found), list(manifest.items())
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    random.shuffle(entries)  # type: ignore[attr-defined]
    one = plan_files(Listing(tuple(found), roots=roots, unseen=unseen), manifest)
    assert plan_files(Listing(tuple(shuffled), roots=roots, unseen=unseen), dict(entries)) == one


@given(FOUND, MANIFESTS, FOLDERS, FOLDERS)
def test_plan_puts_each_file_in_one_place_and_removes_only_what_was_looked_for(
    found: list[Found], manifest: dict[str, ManifestEntry], roots: frozenset[str], unseen: frozenset[str]
) -> None:
    listing = Listing(tuple(found), roots=roots, unseen=unseen)
    planned = plan_files(listing, manifest)
    here = {file.location for file in found}
    assert len(planned.to_read) + planned.unchanged == len(here)
    assert here.isdisjoint(planned.gone)
    assert set(planned.gone) <= manifest.keys()
    for location in manifest.keys() - here:
        nearest = max((path for path in roots | unseen if location.startswith(f"{path}/")), key=len, default=None)
        assert (location in planned.gone) == (nearest in roots)


@given(FOUND)
def test_plan_for_what_was_just_indexed_is_empty(found: list[Found]) -> None:
    manifest = {file.location: ManifestEntry("id", 1, "h", file.size, file.changed_ns, "c", 1) for file in found}
    listing = Listing(tuple(found), roots=frozenset({"/articles"}))
    assert plan_files(listing, manifest) == Plan(to_read=(), unchanged=len(found), gone=())
