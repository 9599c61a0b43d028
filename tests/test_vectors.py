"""What dense search promises: nothing stale, nothing missed, and an answer even where the vectors are damaged."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from assistant import publishing, vectors
from assistant.domain import Filters
from assistant.errors import LibraryMismatch, VectorsError
from assistant.library import Library, Snapshot
from assistant.vectors import DenseSearch, VectorIndex, VectorReaders
from assistant.writer import Writer
from tests.shelf import EMBEDDER, new, vector, writer

ALL = Filters()
ROOT = Path(__file__).resolve().parent.parent
WORDS = ["tariff", "chip", "soy", "steel", "quota", "port", "farm", "ship", "mine", "court"]
SHELF = [
    new(
        f"/{number}.md",
        *(f"{WORDS[number]} {other} {number}" for other in WORDS),
        publisher=("Sample Wire", "Sample Gazette")[number % 2],
        published=None if number == 9 else date(2025, 1, 1 + number),
    )
    for number in range(10)
]


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data directory that no test changes."""
    data_dir = tmp_path_factory.mktemp("published")
    with writer(data_dir) as open_writer:
        open_writer.put(SHELF)
        open_writer.publish_vectors()
    return data_dir


@pytest.fixture
def data_dir(published: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(published, tmp_path / "data"))


class Reader:
    """A process that stays: one library, one prepared dense search."""

    def __init__(self, data_dir: Path) -> None:
        self.library = Library.open(data_dir)
        self.dense = DenseSearch(data_dir)
        with self.library.snapshot() as snapshot:
            self.dense.prepare(snapshot)

    def search(self, question: str, *, limit: int = 5, filters: Filters = ALL) -> list[tuple[str, float]]:
        with self.library.snapshot() as snapshot:
            return named(snapshot, self.dense.search(snapshot, vector(question), limit=limit, filters=filters))

    def close(self) -> None:
        self.dense.close()
        self.library.close()


@pytest.fixture
def reader(data_dir: Path) -> Iterator[Reader]:
    with reading(data_dir) as open_reader:
        yield open_reader


@contextmanager
def reading(data_dir: Path) -> Iterator[Reader]:
    open_reader = Reader(data_dir)
    try:
        yield open_reader
    finally:
        open_reader.close()


def named(snapshot: Snapshot, hits: list[tuple[int, float]]) -> list[tuple[str, float]]:
    passages = snapshot.passages([passage_id for passage_id, _ in hits])
    return [(passage.text, score) for passage, (_, score) in zip(passages, hits, strict=True)]


def by_hand(snapshot: Snapshot, question: str, limit: int, filters: Filters = ALL) -> list[tuple[str, float]]:
    """Return what an exact search must find, ties by id."""
    allowed = snapshot.allowed(filters)
    ids = snapshot.live() if allowed is None else allowed
    scores = [round(float(row @ vector(question)), vectors.DIGITS) for row in snapshot.vectors(ids)]
    best = sorted(zip(ids.tolist(), scores, strict=True), key=lambda hit: (-hit[1], hit[0]))[:limit]
    return named(snapshot, best)


def close_to(expected: list[tuple[str, float]]) -> list[tuple[str, object]]:
    return [(text, pytest.approx(score, abs=2e-6)) for text, score in expected]


def directories(data_dir: Path) -> list[Path]:
    """Return the vector directories, oldest first."""
    return sorted((data_dir / vectors.FOLDER_NAME).iterdir())


def directory(data_dir: Path) -> Path:
    (found,) = directories(data_dir)
    return found


def number(name: str | None) -> int | None:
    """Return the number in the name of a vector directory."""
    return None if name is None else int(name.split("-")[0])


def next_copy(data_dir: Path) -> Path:
    """Return a copy of the one vector directory under the next name, sealed as that."""
    first = directory(data_dir)
    copy = Path(shutil.copytree(first, first.with_name(first.name.replace("0001", "0002"))))
    seal = copy / vectors.SEAL_NAME
    write(seal, json.dumps(json.loads(seal.read_text(encoding="utf-8")) | {"name": copy.name}))
    return copy


class TestSearch:
    @pytest.mark.parametrize("question", ["tariff chip 0", "soy farm", "court 9", "nothing of this"])
    @pytest.mark.parametrize("limit", [1, 7, 100, 1000])
    def test_finds_what_exact_search_finds(self, reader: Reader, question: str, limit: int) -> None:
        with reader.library.snapshot() as snapshot:
            expected = by_hand(snapshot, question, limit)
        found = reader.search(question, limit=limit)
        assert [score for _, score in found] == pytest.approx([score for _, score in expected], abs=2e-6)
        assert (len(found), reader.dense.problem) == (min(limit, 100), None)

    def test_uses_chroma_in_a_process_that_stays(self, reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
        asked = []
        search = VectorIndex.search

        def noted(index: VectorIndex, question: NDArray[np.float32], k: int) -> list[tuple[int, float]]:
            asked.append(k)
            return search(index, question, k)

        monkeypatch.setattr(VectorIndex, "search", noted)
        reader.search("tariff", limit=5)
        assert asked == [5]

    def test_answers_one_question_of_a_small_library_without_importing_chroma(self, data_dir: Path) -> None:
        code = """
import sys
from pathlib import Path
from assistant.domain import Filters
from assistant.library import Library
from assistant.vectors import DenseSearch
from tests.shelf import vector
library, dense = Library.open(Path(sys.argv[1])), DenseSearch(Path(sys.argv[1]))
with library.snapshot() as snapshot:
    print(len(dense.search(snapshot, vector("tariff"), limit=5, filters=Filters())), "chromadb" in sys.modules)
dense.close()
library.close()
"""
        run = subprocess.run([sys.executable, "-c", code, str(data_dir)], capture_output=True, text=True, cwd=ROOT)
        assert (run.stderr, run.stdout) == ("", "5 False\n")

    def test_uses_chroma_for_one_question_of_a_large_library(
        self, data_dir: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(vectors, "COLD_EXACT_PASSAGES", 50)
        shutil.rmtree(directory(data_dir))
        dense, library = DenseSearch(data_dir), Library.open(data_dir)
        with library.snapshot() as snapshot:
            assert len(dense.search(snapshot, vector("tariff"), limit=5, filters=ALL)) == 5
        library.close()
        assert dense.problem is not None

    @pytest.mark.parametrize(
        "filters",
        [
            Filters(since=date(2025, 1, 4)),
            Filters(as_of=date(2025, 1, 4)),
            Filters(publishers=("Sample Gazette",)),
            Filters(since=date(2025, 1, 2), as_of=date(2025, 1, 8), publishers=("Sample Wire",)),
            Filters(publishers=("Nobody",)),
        ],
    )
    @pytest.mark.parametrize("exact_passages", [vectors.EXACT_PASSAGES, 1])
    def test_filters_are_exact_and_never_let_another_through(
        self, reader: Reader, filters: Filters, exact_passages: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(vectors, "EXACT_PASSAGES", exact_passages)
        with reader.library.snapshot() as snapshot:
            expected = by_hand(snapshot, "tariff chip", 12, filters)
        assert reader.search("tariff chip", limit=12, filters=filters) == close_to(expected)

    def test_wide_filter_that_hides_the_nearest_falls_back_to_exact(
        self, reader: Reader, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(vectors, "EXACT_PASSAGES", 1)
        monkeypatch.setattr(vectors, "NAMED_PASSAGES", 8)
        filters = Filters(since=date(2025, 1, 5))
        with reader.library.snapshot() as snapshot:
            expected = by_hand(snapshot, "tariff tariff 0", 5, filters)
        assert reader.search("tariff tariff 0", filters=filters) == close_to(expected)
        assert reader.dense.problem is None

    def test_scores_are_the_same_whoever_found_them(self, data_dir: Path, reader: Reader) -> None:
        cold = DenseSearch(data_dir)
        with reader.library.snapshot() as snapshot:
            asked = vector("mine ship tariff 3")
            found = [dense.search(snapshot, asked, limit=10, filters=ALL) for dense in (reader.dense, cold)]
        assert found[0] == found[1]
        cold.close()

    def test_empty_library_finds_nothing(self, tmp_path: Path) -> None:
        with writer(tmp_path) as open_writer:
            assert open_writer.publish_vectors() is None
        with reading(tmp_path) as open_reader:
            assert open_reader.search("tariff") == []
            assert open_reader.dense.problem is None

    def test_no_limit_finds_nothing(self, reader: Reader) -> None:
        assert reader.search("tariff", limit=0) == []

    def test_vector_of_another_model_is_refused(self, reader: Reader) -> None:
        with reader.library.snapshot() as snapshot, pytest.raises(LibraryMismatch, match="trade-assistant rebuild"):
            reader.dense.search(snapshot, np.ones(3, dtype=np.float32), limit=1, filters=ALL)


class TestFreshness:
    def test_new_article_is_found_before_the_next_publish(self, data_dir: Path, reader: Reader) -> None:
        with writer(data_dir) as open_writer:
            open_writer.put([new("/late.md", "zinc and tin")])
            with reader.library.snapshot() as snapshot:
                assert snapshot.pending().tolist() == [101]
            assert reader.search("zinc and tin")[0][0] == "zinc and tin"
            open_writer.publish_vectors()
        with reader.library.snapshot() as snapshot:
            assert snapshot.pending().tolist() == []
        assert reader.search("zinc and tin")[0][0] == "zinc and tin"

    @pytest.mark.parametrize("filters", [ALL, Filters(publishers=("Sample Wire",))])
    def test_removed_article_is_never_found_and_leaves_no_gap(
        self, data_dir: Path, reader: Reader, filters: Filters
    ) -> None:
        with writer(data_dir) as open_writer:
            open_writer.remove(["/0.md"])
            for _ in range(2):
                with reader.library.snapshot() as snapshot:
                    expected = by_hand(snapshot, "tariff tariff 0", 9, filters)
                found = reader.search("tariff tariff 0", limit=9, filters=filters)
                assert [score for _, score in found] == pytest.approx([score for _, score in expected], abs=2e-6)
                assert not any(text.endswith(" 0") for text, _ in found)
                open_writer.publish_vectors()

    def test_snapshot_taken_before_a_publish_still_answers_from_its_state(self, data_dir: Path, reader: Reader) -> None:
        with reader.library.snapshot() as before:
            expected = reader.dense.search(before, vector("chip soy"), limit=5, filters=ALL)
            with writer(data_dir) as open_writer:
                for count in range(3):
                    open_writer.put([new(f"/late{count}.md", "zinc tin lead")])
                    open_writer.publish_vectors()
                    assert reader.search("zinc tin lead")[0][0] == "zinc tin lead"
                    assert reader.dense.search(before, vector("chip soy"), limit=5, filters=ALL) == expected
        assert [text for text, _ in reader.search("zinc tin lead", limit=3)] == ["zinc tin lead"] * 3
        assert reader.dense.problem is None

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=8)
    @given(steps=st.lists(st.tuples(st.sampled_from(["put", "remove", "publish"]), st.integers(0, 9)), max_size=10))
    def test_whatever_was_done_chroma_and_exact_search_agree(
        self, tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int]]
    ) -> None:
        data_dir = tmp_path_factory.mktemp("data")
        with writer(data_dir) as open_writer:
            open_writer.put(SHELF[:5])
            open_writer.publish_vectors()
            with reading(data_dir) as open_reader:
                for step, number in steps:
                    if step == "put":
                        open_writer.put([SHELF[number]])
                    elif step == "remove":
                        open_writer.remove([f"/{number}.md"])
                    else:
                        open_writer.publish_vectors()
                    with open_reader.library.snapshot() as snapshot:
                        expected = by_hand(snapshot, "steel quota 3", 12)
                        status = snapshot.status(data_dir)
                    found = open_reader.search("steel quota 3", limit=12)
                    assert [score for _, score in found] == pytest.approx([s for _, s in expected], abs=2e-6)
                    assert open_reader.dense.problem is None
                    assert step != "publish" or status.pending == 0

    def test_library_made_anew_in_the_same_place_is_searched(self, data_dir: Path, reader: Reader) -> None:
        for child in data_dir.iterdir():
            shutil.rmtree(child) if child.is_dir() else child.unlink()
        with writer(data_dir) as open_writer:
            open_writer.put([new("/new.md", "zinc", "tin")])
            open_writer.publish_vectors()
        assert [text for text, _ in reader.search("zinc")] == ["zinc", "tin"]
        assert reader.dense.problem is None


class TestPublish:
    def test_unchanged_library_keeps_its_directory(self, data_dir: Path) -> None:
        with writer(data_dir) as open_writer:
            open_writer.put(SHELF)
            assert number(open_writer.publish_vectors()) == 1

    def test_difference_is_applied_to_a_copy(self, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        copied = []
        copy = vectors._copy

        def noted(base: Path, target: Path) -> None:
            copied.append(number(base.name))
            copy(base, target)

        monkeypatch.setattr(vectors, "_copy", noted)
        with writer(data_dir) as open_writer:
            open_writer.put([new("/late.md", "zinc and tin")])
            open_writer.remove(["/0.md"])
            assert number(open_writer.publish_vectors()) == 2
        assert (copied, number(directory(data_dir).name)) == ([1], 2)
        index = VectorIndex(directory(data_dir))
        assert (index.count, index.has([101]), index.has([1])) == (91, True, False)
        index.close()

    def test_many_deletions_build_it_anew(self, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(vectors, "_copy", None)
        with writer(data_dir) as open_writer:
            open_writer.remove([f"/{number}.md" for number in range(5)])
            assert number(open_writer.publish_vectors()) == 2

    def test_small_difference_of_a_large_library_waits(self, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(publishing, "ALWAYS_PUBLISHED_PASSAGES", 50)
        monkeypatch.setattr(publishing, "PUBLISHED_DIFFERENCE", 3)
        with writer(data_dir) as open_writer:
            open_writer.put([new("/late.md", "zinc", "tin")])
            assert number(open_writer.publish_vectors()) == 1
            open_writer.put([new("/later.md", "lead")])
            assert number(open_writer.publish_vectors()) == 2

    def test_last_article_removed_leaves_no_directory(self, data_dir: Path) -> None:
        with writer(data_dir) as open_writer:
            open_writer.remove([item.location for item in SHELF])
            assert open_writer.publish_vectors() is None
            assert list((data_dir / "vectors").iterdir()) == []
            open_writer.put(SHELF[:1])
            assert number(open_writer.publish_vectors()) == 2

    def test_more_than_one_batch_is_stored(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(vectors, "BATCH", 7)
        monkeypatch.setattr(publishing, "ROWS_PER_READ", 16)
        with writer(tmp_path) as open_writer:
            open_writer.put(SHELF)
            open_writer.publish_vectors()
            open_writer.remove(["/3.md"])
            open_writer.publish_vectors()
        index = VectorIndex(directory(tmp_path))
        assert index.count == 90
        index.close()

    def test_directory_in_use_is_kept_until_it_is_let_go(self, data_dir: Path) -> None:
        index = VectorIndex(directory(data_dir))
        with writer(data_dir) as open_writer:
            open_writer.put([new("/late.md", "zinc")])
            open_writer.publish_vectors()
            assert [number(path.name) for path in directories(data_dir)] == [1, 2]
            assert len(index.search(vector("tariff"), 5)) == 5
            index.close()
            open_writer.publish_vectors()
        assert number(directory(data_dir).name) == 2

    def test_what_a_killed_writer_left_is_deleted(self, data_dir: Path) -> None:
        next_copy(data_dir)
        with writer(data_dir) as open_writer:
            assert number(open_writer.publish_vectors()) == 1
        assert number(directory(data_dir).name) == 1

    @pytest.mark.parametrize("size", [1, 2, 3, 100])
    def test_reading_changes_no_vector(self, tmp_path: Path, size: int) -> None:
        changes: list[Callable[[Writer], int]] = [
            lambda open_writer: open_writer.put([new("/all.md", *(f"tariff {item}" for item in range(size)))]),
            lambda open_writer: open_writer.put([new("/more.md", "chip")]),
            lambda open_writer: open_writer.remove(["/more.md"]),
        ]
        for change in changes:
            with writer(tmp_path) as open_writer:
                change(open_writer)
                open_writer.publish_vectors()
            kept = {path: path.read_bytes() for path in directory(tmp_path).rglob("*.*") if path.suffix != ".sqlite3"}
            for _ in range(2):
                with reading(tmp_path) as open_reader:
                    assert open_reader.search("tariff", limit=1)[0][0].startswith("tariff")
                    assert open_reader.dense.problem is None
            assert kept == {path: path.read_bytes() for path in kept}
            assert sum(map(len, kept.values())) > size * EMBEDDER.dimension * 4

    @pytest.mark.timeout(120)
    def test_directory_is_copied_while_readers_open_it(self, data_dir: Path, tmp_path: Path) -> None:
        """They write into Chroma's own file, with a journal that comes and goes."""
        done = threading.Event()
        base = directory(data_dir)

        def write_as_readers_do() -> None:
            while not done.is_set():
                change_inside(base, "INSERT INTO acquire_write (lock_status) VALUES (1)")
                time.sleep(0.005)

        with ThreadPoolExecutor(1) as pool:
            writing = pool.submit(write_as_readers_do)
            try:
                for number in range(20):
                    ids = np.array([1_000 + number])
                    rows = [(ids, EMBEDDER.embed([f"zinc {number}"]))]
                    vectors.build(tmp_path / f"{number}", rows=rows, count=101, base=base)
            finally:
                done.set()
            writing.result()
        assert [path for path in tmp_path.iterdir() if path.name.isdigit() and not vectors.is_sealed(path, 101)] == []

    def test_failed_build_keeps_the_one_before(self, data_dir: Path, reader: Reader) -> None:
        root = data_dir / vectors.FOLDER_NAME
        with writer(data_dir) as open_writer:
            open_writer.put([new("/late.md", "zinc")])
            root.rename(data_dir / "aside")
            root.write_text("in the way")
            with pytest.raises(VectorsError, match="cannot be written"):
                open_writer.publish_vectors()
            root.unlink()
            (data_dir / "aside").rename(root)
            assert reader.search("zinc")[0][0] == "zinc"
            assert number(open_writer.publish_vectors()) == 3
        assert reader.dense.problem is None

    @pytest.mark.parametrize("missed, is_taken", [(0, True), (2, True), (3, False)])
    def test_few_vectors_that_do_not_find_themselves_are_allowed(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missed: int, is_taken: bool
    ) -> None:
        asked = []
        search = VectorIndex.search

        def forgetful(index: VectorIndex, question: NDArray[np.float32], k: int) -> list[tuple[int, float]]:
            asked.append(question.tolist())
            hits = search(index, question, k)
            return [(passage_id, 0.5) for passage_id, _ in hits] if len(asked) <= missed else hits

        monkeypatch.setattr(VectorIndex, "search", forgetful)
        every = EMBEDDER.embed([f"tariff {item}" for item in range(47)])
        rows = [(np.arange(start, min(start + 15, 47)), every[start : start + 15]) for start in range(0, 47, 15)]
        if is_taken:
            vectors.build(tmp_path / "0001", rows=rows, count=47)
        else:
            with pytest.raises(VectorsError, match="finds only 17 of 20 of the vectors it holds"):
                vectors.build(tmp_path / "0001", rows=rows, count=47)
        assert (tmp_path / "0001").exists() == is_taken
        assert len(asked) == vectors.CHECKED_VECTORS == 20
        assert all(asked.count(question) == every.tolist().count(question) for question in asked)

    def test_build_that_found_others_is_refused_if_a_vector_is_missing(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(VectorIndex, "has", lambda *_: False)
        with pytest.raises(VectorsError, match="lacks passages it was given"):
            vectors.build(tmp_path / "0001", rows=[(np.array([1, 2]), EMBEDDER.embed(["a", "b"]))], count=2)

    def test_wrong_vectors_are_not_named(self, tmp_path: Path) -> None:
        rows = [(np.array([1, 2]), EMBEDDER.embed(["a", "b"]))]
        with pytest.raises(VectorsError, match="holds 2 of 3 passages"):
            vectors.build(tmp_path / "0001", rows=rows, count=3)
        assert list(tmp_path.iterdir()) == []


def cut_short(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def garble(path: Path) -> None:
    path.write_bytes(os.urandom(path.stat().st_size))


def empty(path: Path) -> None:
    shutil.rmtree(path)
    path.mkdir()


def write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def change_inside(path: Path, statement: str) -> None:
    """Change Chroma's SQLite file without changing its size or its structure."""
    with closing(sqlite3.connect(path / "chroma.sqlite3")) as connection:
        connection.execute(statement)
        connection.commit()


def garble_table(path: Path) -> None:
    """Overwrite the end of the first page of a table, where its rows stand."""
    file = path / "chroma.sqlite3"
    with closing(sqlite3.connect(file)) as connection:
        size = connection.execute("PRAGMA page_size").fetchone()[0]
        page = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'embeddings'").fetchone()[0]
    with file.open("r+b") as stream:
        stream.seek(page * size - 64)
        stream.write(bytes(64))


def replace_with_foreign(path: Path) -> None:
    """Put the directory of another library, sealed and as large, in the place of this one."""
    other = path.parent.parent.parent / "other"
    with writer(other) as open_writer:
        open_writer.put([new("/o.md", *(f"barley {number}" for number in range(100)))])
        open_writer.publish_vectors()
    shutil.rmtree(path)
    shutil.copytree(directory(other), path)


def lose_a_passage(path: Path) -> None:
    """Make it a directory, rightly sealed, that holds one passage less than the library says."""
    ids = np.arange(1, 100)
    vectors.build(path.parent / "small" / path.name, rows=[(ids, EMBEDDER.embed([str(id_) for id_ in ids]))], count=99)
    shutil.rmtree(path)
    shutil.move(path.parent / "small" / path.name, path)
    (path.parent / "small").rmdir()


# What some thousands of processes that open a directory leave in it.
MANY_OPENINGS = """
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400000)
    INSERT INTO acquire_write (lock_status) SELECT 1 FROM n
"""
DAMAGES: dict[str, Callable[[Path], None]] = {
    "directory missing": shutil.rmtree,
    "directory empty": empty,
    "seal missing": lambda path: (path / vectors.SEAL_NAME).unlink(),
    "seal garbled": lambda path: garble(path / vectors.SEAL_NAME),
    "seal is other JSON": lambda path: write(path / vectors.SEAL_NAME, "[1]"),
    "seal has a list": lambda path: write(path / vectors.SEAL_NAME, '{"files": [1]}'),
    "seal has other sizes": lambda path: write(path / vectors.SEAL_NAME, '{"files": {"chroma.sqlite3": 5}}'),
    "database missing": lambda path: (path / "chroma.sqlite3").unlink(),
    "database cut short": lambda path: cut_short(path / "chroma.sqlite3"),
    "database garbled": lambda path: garble(path / "chroma.sqlite3"),
    "database lost a row": lambda path: change_inside(path, "DELETE FROM embeddings WHERE id = 7"),
    "database names another passage": lambda path: change_inside(
        path, "UPDATE embeddings SET embedding_id = '900' WHERE id = 7"
    ),
    "database table garbled": garble_table,
    "another library's directory": replace_with_foreign,
    "a passage too few": lose_a_passage,
    "vectors missing": lambda path: next(path.rglob("data_level0.bin")).unlink(),
    "vectors cut short": lambda path: cut_short(next(path.rglob("data_level0.bin"))),
    "vectors garbled": lambda path: garble(next(path.rglob("data_level0.bin"))),
    "ids garbled": lambda path: garble(next(path.rglob("index_metadata.pickle"))),
}


def problem(data_dir: Path, *, checksums: bool = True) -> str:
    """Return what the status says is wrong with the vectors."""
    with closing(Library.open(data_dir)) as library:
        return vectors.status_of(library, data_dir, checksums=checksums).vectors_problem


class TestDamage:
    @pytest.mark.parametrize("damage", DAMAGES)
    def test_question_is_answered_exactly_and_rebuild_mends(self, data_dir: Path, damage: str) -> None:
        DAMAGES[damage](directory(data_dir))
        with reading(data_dir) as open_reader:
            with open_reader.library.snapshot() as snapshot:
                expected = by_hand(snapshot, "tariff chip 0", 8)
            assert open_reader.search("tariff chip 0", limit=8) == close_to(expected)
            assert open_reader.dense.problem is not None
            assert "run `trade-assistant rebuild`" in open_reader.dense.problem
            with writer(data_dir) as open_writer:
                assert number(open_writer.publish_vectors(force=True)) == 2
            assert open_reader.search("tariff chip 0", limit=8) == close_to(expected)
            assert open_reader.dense.problem is None

    @pytest.mark.parametrize("damage", DAMAGES)
    def test_next_run_with_changes_mends_it_too(self, data_dir: Path, damage: str) -> None:
        DAMAGES[damage](directory(data_dir))
        with writer(data_dir) as open_writer:
            open_writer.put([new("/late.md", "zinc")])
            assert number(open_writer.publish_vectors()) in (2, 3)
        with reading(data_dir) as open_reader:
            assert open_reader.search("zinc")[0][0] == "zinc"
            assert open_reader.dense.problem is None

    @pytest.mark.parametrize("damage", DAMAGES)
    def test_unchanged_run_mends_what_the_status_reports(self, data_dir: Path, damage: str) -> None:
        DAMAGES[damage](directory(data_dir))
        assert problem(data_dir) != ""
        with writer(data_dir) as open_writer:
            assert number(open_writer.publish_vectors()) == 2
        assert problem(data_dir) == ""

    def test_checksums_of_a_large_directory_are_left_to_its_readers(
        self, data_dir: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(vectors, "SUMMED_BYTES", 1_000)
        garble(next(directory(data_dir).rglob("data_level0.bin")))
        assert vectors.is_sealed(directory(data_dir), 100)
        cut_short(next(directory(data_dir).rglob("data_level0.bin")))
        assert not vectors.is_sealed(directory(data_dir), 100)

    def test_directory_stays_whole_however_often_it_is_opened(self, data_dir: Path) -> None:
        before = (directory(data_dir) / "chroma.sqlite3").read_bytes()
        change_inside(directory(data_dir), MANY_OPENINGS)
        assert len((directory(data_dir) / "chroma.sqlite3").read_bytes()) > len(before)
        assert problem(data_dir) == problem(data_dir, checksums=False) == ""
        with writer(data_dir) as open_writer:
            assert number(open_writer.publish_vectors()) == 1

    def test_name_that_is_taken_is_not_used_again(self, data_dir: Path) -> None:
        taken = next_copy(data_dir)
        with writer(data_dir) as open_writer:
            open_writer.put([new("/late.md", "zinc")])
            assert taken.name < str(open_writer.publish_vectors())

    def test_status_without_checksums_compares_sizes(self, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        garble(next(directory(data_dir).rglob("data_level0.bin")))
        assert "data_level0.bin is not what was written" in problem(data_dir)
        with monkeypatch.context() as patched:
            patched.setattr(vectors, "_checksum", None)
            assert problem(data_dir, checksums=False) == ""
            cut_short(next(directory(data_dir).rglob("data_level0.bin")))
            assert "data_level0.bin is not what was written" in problem(data_dir, checksums=False)

    def test_missing_directory_is_built_by_an_unchanged_run(self, data_dir: Path) -> None:
        shutil.rmtree(data_dir / "vectors")
        with writer(data_dir) as open_writer:
            assert number(open_writer.publish_vectors()) == 2

    def test_files_can_be_checked_without_a_question(self, data_dir: Path) -> None:
        dense, library = DenseSearch(data_dir), Library.open(data_dir)
        with library.snapshot() as snapshot:
            assert dense.check(snapshot) is None
            garble(next(directory(data_dir).rglob("data_level0.bin")))
            assert "data_level0.bin is not what was written" in str(dense.check(snapshot))
        library.close()


class TestReaders:
    def test_newest_stays_open_and_older_ones_close_after_their_last_query(self, data_dir: Path) -> None:
        second = next_copy(data_dir)
        readers = VectorReaders(data_dir / "vectors")
        with readers.acquire(directories(data_dir)[0].name) as old, readers.acquire(second.name):
            assert len(old.search(vector("tariff"), 3)) == 3
        vectors.delete_unused(data_dir / "vectors", keep=None)
        assert directories(data_dir) == [second]
        readers.close()
        vectors.delete_unused(data_dir / "vectors", keep=None)
        assert directories(data_dir) == []

    def test_an_older_one_can_be_asked_for_again(self, data_dir: Path) -> None:
        next_copy(data_dir)
        first, second = directories(data_dir)
        readers = VectorReaders(data_dir / "vectors")
        for asked in (second, first, second, first):
            with readers.acquire(asked.name) as index:
                assert (index.directory, index.count) == (asked, 100)
        readers.close()

    def test_many_threads_search_while_directories_change(self, data_dir: Path, reader: Reader) -> None:
        failures: list[BaseException] = []
        stop = threading.Event()

        def ask() -> None:
            try:
                while not stop.is_set():
                    assert reader.search("tariff tariff 0", limit=1)[0][0] == "tariff tariff 0"
            except BaseException as err:  # noqa: BLE001 - reported by the main thread
                failures.append(err)

        threads = [threading.Thread(target=ask) for _ in range(6)]
        for thread in threads:
            thread.start()
        try:
            with writer(data_dir) as open_writer:
                for number in range(5):
                    open_writer.put([new(f"/late{number}.md", f"zinc {number}")])
                    open_writer.publish_vectors()
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        assert failures == []
        assert reader.dense.problem is None
