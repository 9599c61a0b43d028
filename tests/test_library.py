"""What the library promises: one truth, whole versions, snapshots that hold still, one writer, clear refusals."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant import database
from assistant.domain import Failure, Filters, Passage, PassageSpan, Run, Searched
from assistant.errors import ArticleNotFound, LibraryError, LibraryLocked, LibraryMismatch, LibraryMissing
from assistant.library import Library, Snapshot
from assistant.lock import LOCK_NAME, is_locked
from assistant.records import FailedFile, Move, TouchedFile, text_hash
from tests.shelf import EMBEDDER, article, new, ready, writer

ALL = Filters()
CHIPS = new(
    "/news/chips.md",
    "The tariff on chips is 50% from May.",
    "Heading 8471.30 covers portable computers.",
    title="Chips",
    publisher="Sample Wire",
    author="Ada Ünal",
    published=date(2025, 3, 1),
)
SOY = new(
    "/news/soy.md", "Farmers sold soy abroad.", title="Soy", publisher="Sample Gazette", published=date(2024, 6, 30)
)
STEEL = new("/news/steel_50%.md", "Steel imports fell.", title="Steel", publisher="Sample Wire")
HOSTILE = [
    "U.S.",
    "50%",
    "A-570-123",
    "NEAR",
    "AND",
    "OR",
    "NOT",
    "*",
    '"',
    "'",
    "(",
    "title:",
    "^a",
    "😀",
    "",
    "\0",
    "\ud800",
    "-",
    "a*",
]


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    with writer(tmp_path / "data") as open_writer:
        open_writer.put([CHIPS, SOY, STEEL])
    return tmp_path / "data"


@pytest.fixture
def snapshot(data_dir: Path) -> Iterator[Snapshot]:
    with snapshot_of(data_dir) as current:
        yield current


@contextmanager
def snapshot_of(data_dir: Path) -> Iterator[Snapshot]:
    library = Library.open(data_dir)
    try:
        with library.snapshot() as current:
            yield current
    finally:
        library.close()


def texts(snapshot: Snapshot) -> set[str]:
    return {passage.text for passage in snapshot.passages(snapshot.live().tolist())}


def found(snapshot: Snapshot, *terms: str, filters: Filters = ALL) -> list[str]:
    hits = snapshot.lexical(terms, limit=10, filters=filters)
    return [passage.text for passage in snapshot.passages([passage_id for passage_id, _ in hits])]


class TestArticles:
    def test_stored_article_is_what_was_put(self, snapshot: Snapshot) -> None:
        for item in (CHIPS, SOY, STEEL):
            (summary,) = [entry for entry in snapshot.articles() if entry.location == item.location]
            stored = snapshot.article(summary.article_id)
            assert (stored.article, stored.version, stored.location) == (item.article, 1, item.location)
            assert (stored.is_current, stored.withdrawn_at) == (True, None)
            assert (summary.passages, summary.characters) == (len(item.passages), len(item.article.text))

    def test_id_comes_from_the_location(self, snapshot: Snapshot) -> None:
        assert {entry.location: entry.article_id for entry in snapshot.articles()} == {
            "/news/chips.md": "a1e039e24ec00",
            "/news/soy.md": "ac396466e27a5",
            "/news/steel_50%.md": "a0b0d5a7a323c",
        }

    def test_edited_article_gets_a_version_and_the_old_one_stays_citable(self, data_dir: Path) -> None:
        edited = ready(CHIPS.location, replace(CHIPS.article, title="Chips, edited"))
        with writer(data_dir) as open_writer:
            assert open_writer.put([edited]) == 2
        with snapshot_of(data_dir) as snapshot:
            article_id = snapshot.articles(search="chips")[0].article_id
            newest, first = snapshot.article(article_id), snapshot.article(article_id, 1)
            assert [(newest.version, newest.is_current), (first.version, first.is_current)] == [(2, True), (1, False)]
            assert (newest.article, first.article) == (edited.article, CHIPS.article)
            assert {passage.title for passage in snapshot.passages(snapshot.live().tolist())} == {
                "Chips, edited",
                "Soy",
                "Steel",
            }

    def test_putting_the_same_again_changes_nothing(self, data_dir: Path) -> None:
        with snapshot_of(data_dir) as snapshot:
            before = (snapshot.generation, snapshot.live().tolist(), snapshot.articles())
        with writer(data_dir) as open_writer:
            assert open_writer.put([CHIPS, SOY, STEEL]) == 1
        with snapshot_of(data_dir) as snapshot:
            assert (snapshot.generation, snapshot.live().tolist(), snapshot.articles()) == before

    def test_going_back_to_an_earlier_text_is_a_new_version(self, data_dir: Path) -> None:
        with writer(data_dir) as open_writer:
            open_writer.put([new(SOY.location, "Nothing was sold.")])
            open_writer.put([SOY])
            (entry,) = [entry for location, entry in open_writer.manifest().items() if location == SOY.location]
        assert entry.version == 3

    def test_withdrawn_article_opens_but_is_not_answered_from(self, data_dir: Path) -> None:
        with writer(data_dir) as open_writer:
            article_id = open_writer.manifest()[SOY.location].article_id
            assert open_writer.remove([SOY.location, "/never/seen.md"]) == 2
            assert open_writer.remove([SOY.location]) == 2
            assert set(open_writer.manifest()) == {CHIPS.location, STEEL.location}
        with snapshot_of(data_dir) as snapshot:
            stored = snapshot.article(article_id)
            assert (stored.article, stored.is_current) == (SOY.article, False)
            assert stored.withdrawn_at is not None
            assert found(snapshot, "soy") == []
            assert (snapshot.articles(search="soy"), snapshot.summaries([article_id])) == ([], {})
            assert snapshot.searched(ALL) == Searched(articles=2, passages=3)

    def test_article_put_again_after_withdrawal_goes_on_with_its_numbers(self, data_dir: Path) -> None:
        with writer(data_dir) as open_writer:
            before = open_writer.manifest()[SOY.location]
            open_writer.remove([SOY.location])
            open_writer.put([SOY])
            assert open_writer.manifest()[SOY.location] == before
            open_writer.remove([SOY.location])
            open_writer.put([new(SOY.location, "Other news.")])
            after = open_writer.manifest()[SOY.location]
        assert (after.article_id, after.version) == (before.article_id, 2)
        with snapshot_of(data_dir) as snapshot:
            assert snapshot.article(before.article_id).withdrawn_at is None

    @pytest.mark.parametrize(("article_id", "version"), [("a000000000000", None), ("", None), ("\ud800", None)])
    def test_unknown_article_is_named(self, snapshot: Snapshot, article_id: str, version: int | None) -> None:
        with pytest.raises(ArticleNotFound) as caught:
            snapshot.article(article_id, version)
        assert repr(article_id) in str(caught.value)

    @pytest.mark.parametrize("version", [0, 2, -1, 2**70])
    def test_unknown_version_is_named(self, snapshot: Snapshot, version: int) -> None:
        with pytest.raises(ArticleNotFound, match=f"version {version} of article"):
            snapshot.article(snapshot.articles()[0].article_id, version)

    def test_a_path_that_is_not_utf8_comes_back_as_it_was(self, data_dir: Path) -> None:
        location = os.fsdecode(b"/news/caf\xe9.md")
        with writer(data_dir) as open_writer:
            open_writer.put([new(location, "Coffee is dear.")])
            open_writer.record_failures([FailedFile(Failure(location + "2", "no", datetime(2025, 1, 1, tzinfo=UTC)))])
            assert location in open_writer.manifest()
            assert list(open_writer.failures()) == [location + "2"]
        with snapshot_of(data_dir) as snapshot:
            assert location in [entry.location for entry in snapshot.articles()]

    def test_a_text_that_utf8_cannot_hold_keeps_its_offsets(self, data_dir: Path) -> None:
        with writer(data_dir) as open_writer:
            open_writer.put([new("/odd.md", "Odd \ud800 sign.", "After \0 it.")])
            article_id = open_writer.manifest()["/odd.md"].article_id
        with snapshot_of(data_dir) as snapshot:
            stored = snapshot.article(article_id).article
            assert stored.text == "Odd \ufffd sign.\nAfter \0 it."
            assert {"Odd \ufffd sign.", "After \0 it."} <= texts(snapshot)


class TestLists:
    def test_newest_published_first_and_undated_last(self, snapshot: Snapshot) -> None:
        assert [entry.title for entry in snapshot.articles()] == ["Chips", "Soy", "Steel"]
        assert [entry.title for entry in snapshot.articles(limit=1, offset=1)] == ["Soy"]

    @pytest.mark.parametrize(
        ("search", "titles"),
        [
            ("CHIPS", ["Chips"]),
            ("sample wire", ["Chips", "Steel"]),
            ("ÜNAL", ["Chips"]),
            ("wire steel", ["Steel"]),
            ("%", ["Steel"]),
            ("l_5", ["Steel"]),
            ("c_i", []),
            ("\\", []),
            ("  ", ["Chips", "Soy", "Steel"]),
        ],
    )
    def test_search_finds_words_in_any_case_and_takes_signs_as_they_are(
        self, snapshot: Snapshot, search: str, titles: list[str]
    ) -> None:
        assert [entry.title for entry in snapshot.articles(search=search)] == titles

    def test_publishers_are_counted(self, snapshot: Snapshot) -> None:
        assert snapshot.publishers() == [("Sample Wire", 2), ("Sample Gazette", 1)]

    def test_summaries_are_by_id(self, snapshot: Snapshot) -> None:
        listed = snapshot.articles()
        assert snapshot.summaries([listed[2].article_id, "none"]) == {listed[2].article_id: listed[2]}

    @pytest.mark.parametrize(
        ("filters", "titles", "searched"),
        [
            (Filters(since=date(2025, 3, 1)), ["Chips"], Searched(1, 2, 1)),
            (Filters(since=date(2025, 3, 2)), [], Searched(0, 0, 1)),
            (Filters(as_of=date(2024, 6, 30)), ["Soy"], Searched(1, 1, 1)),
            (Filters(since=date(2024, 1, 1), as_of=date(2025, 12, 31)), ["Chips", "Soy"], Searched(2, 3, 1)),
            (Filters(publishers=("sample WIRE ",)), ["Chips", "Steel"], Searched(2, 3)),
            (Filters(since=date(2024, 1, 1), publishers=("Sample Wire",)), ["Chips"], Searched(1, 2, 1)),
            (Filters(since=date(2024, 1, 1), publishers=("Sample Gazette",)), ["Soy"], Searched(1, 1, 0)),
            (Filters(publishers=("Nobody",)), [], Searched(0, 0)),
            (ALL, ["Chips", "Soy", "Steel"], Searched(3, 4)),
        ],
    )
    def test_filters_choose_by_publication_and_count_the_undated(
        self, snapshot: Snapshot, filters: Filters, titles: list[str], searched: Searched
    ) -> None:
        assert [entry.title for entry in snapshot.articles(filters=filters)] == titles
        assert snapshot.searched(filters) == searched
        allowed = snapshot.allowed(filters)
        passages = snapshot.passages((snapshot.live() if allowed is None else allowed).tolist())
        assert [passage.title for passage in passages] == sorted(passage.title for passage in passages)
        assert ({passage.title for passage in passages}, len(passages)) == (set(titles), searched.passages)
        assert set(found(snapshot, "tariff", "farmer", "steel", filters=filters)) <= {p.text for p in passages}


class TestFullText:
    def test_terms_are_stemmed_and_any_of_them_counts(self, snapshot: Snapshot) -> None:
        assert found(snapshot, "tariffs") == ["The tariff on chips is 50% from May."]
        assert set(found(snapshot, "importing", "farmer")) == {"Steel imports fell.", "Farmers sold soy abroad."}

    def test_an_identifier_is_one_phrase(self, snapshot: Snapshot) -> None:
        assert found(snapshot, "8471.30") == ["Heading 8471.30 covers portable computers."]
        assert found(snapshot, "8471.31") == found(snapshot, "30.8471") == []

    def test_a_word_in_the_title_counts_more(self, data_dir: Path) -> None:
        with writer(data_dir) as open_writer:
            open_writer.put([new("/1", "Copper is a metal.", title="A"), new("/2", "It is a metal.", title="Copper")])
        with snapshot_of(data_dir) as snapshot:
            assert found(snapshot, "copper") == ["It is a metal.", "Copper is a metal."]

    def test_scores_are_positive_and_best_first(self, snapshot: Snapshot) -> None:
        scores = [score for _, score in snapshot.lexical(["tariff", "steel", "chips"], limit=10, filters=ALL)]
        assert scores == sorted(scores, reverse=True)
        assert len(scores) == 3 and min(scores) > 0

    @pytest.mark.parametrize("term", HOSTILE)
    def test_hostile_terms_are_only_words(self, snapshot: Snapshot, term: str) -> None:
        holding = {"50%": "The tariff on chips is 50% from May."}
        assert set(found(snapshot, term)) == ({holding[term]} if term in holding else set())
        assert "Farmers sold soy abroad." in found(snapshot, term, "soy")
        assert snapshot.document_frequency([term, "soy"]) == {term: int(term in holding), "soy": 1}

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=200)
    @given(terms=st.lists(st.text(max_size=12), max_size=5))
    def test_any_terms_can_be_asked_for(self, snapshot: Snapshot, terms: list[str]) -> None:
        hits = snapshot.lexical(terms, limit=10, filters=ALL)
        frequencies = snapshot.document_frequency(terms)
        assert set(frequencies) == set(terms)
        assert bool(hits) == any(frequencies.values())

    def test_a_filter_costs_no_more_than_a_few_times_the_search(self, tmp_path: Path) -> None:
        count = 1500
        spans = tuple(PassageSpan(7 * number, 7 * number + 6) for number in range(count))
        many = replace(
            new("/many.md", published=date(2025, 1, 1)),
            article=article("tariff " * count, published=date(2025, 1, 1)),
            passages=spans,
            vectors=np.zeros((count, EMBEDDER.dimension), dtype=np.float32),
            hashes=("same",) * count,
        )
        with writer(tmp_path) as open_writer:
            open_writer.put([many])

        def thousands_of_steps(snapshot: Snapshot, filters: Filters) -> int:
            """Count the steps of SQLite's virtual machine: unlike seconds, the same at every run."""
            calls: list[None] = []
            snapshot._connection.set_progress_handler(lambda: calls.append(None), 1000)
            assert len(snapshot.lexical(["tariff"], limit=100, filters=filters)) == 100
            snapshot._connection.set_progress_handler(None, 0)
            return len(calls)

        with snapshot_of(tmp_path) as snapshot:
            filtered = thousands_of_steps(snapshot, Filters(since=date(2025, 1, 1)))
            assert filtered <= 10 * thousands_of_steps(snapshot, ALL) + 10

    def test_no_terms_find_nothing(self, snapshot: Snapshot) -> None:
        assert (found(snapshot), snapshot.lexical(["soy"], limit=0, filters=ALL)) == ([], [])
        assert snapshot.document_frequency([]) == {}

    def test_document_frequency_counts_live_passages(self, data_dir: Path) -> None:
        library = Library.open(data_dir)
        with library.snapshot() as snapshot:
            expected = {"imports": 1, "chip": 2, "8471.30": 1, "absent": 0}
            assert snapshot.document_frequency(list(expected)) == expected
            with writer(data_dir) as open_writer:
                open_writer.remove([STEEL.location])
            with library.snapshot() as later:
                assert later.document_frequency(["imports", "chip"]) == {"imports": 0, "chip": 2}
            assert snapshot.document_frequency(["imports"]) == {"imports": 1}
        library.close()


class TestPassages:
    def test_come_in_the_order_asked_for_without_those_that_are_gone(self, snapshot: Snapshot) -> None:
        live = snapshot.live().tolist()
        asked = [live[2], 10_000, live[0]]
        assert [passage.passage_id for passage in snapshot.passages(asked)] == [live[2], live[0]]

    def test_are_whole(self, snapshot: Snapshot) -> None:
        passage_id = snapshot.live().tolist()[1]
        (passage,) = snapshot.passages([passage_id])
        (entry,) = snapshot.articles(search="chips")
        start, end = CHIPS.passages[1].start, CHIPS.passages[1].end
        text = "Heading 8471.30 covers portable computers."
        heading = ("Top", "Below")
        assert passage == Passage(passage_id, entry.article_id, 1, "Chips", heading, start, end, text)

    def test_vectors_come_in_the_order_asked_for(self, snapshot: Snapshot) -> None:
        live = snapshot.live()
        expected = np.concatenate([CHIPS.vectors, SOY.vectors, STEEL.vectors])
        assert np.array_equal(snapshot.vectors(live), expected)
        assert np.array_equal(snapshot.vectors(live[::-1]), expected[::-1])
        assert np.array_equal(snapshot.vectors([live[1], live[1]]), expected[[1, 1]])
        assert snapshot.vectors([]).shape == (0, EMBEDDER.dimension)

    def test_vector_of_a_passage_that_is_gone_is_refused(self, snapshot: Snapshot) -> None:
        with pytest.raises(LibraryError, match="not in this snapshot"):
            snapshot.vectors([10_000])

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30)
    @given(data=st.data())
    def test_text_is_the_slice_of_the_article(self, tmp_path: Path, data: st.DataObject) -> None:
        text = data.draw(st.text(min_size=1, max_size=60))
        bounds = data.draw(st.lists(st.tuples(st.integers(0, len(text)), st.integers(0, len(text))), max_size=4))
        spans = tuple(PassageSpan(min(pair), max(pair)) for pair in bounds)
        item = ready("/any.md", article(text))
        hashes = tuple(text_hash(text[span.start : span.end]) for span in spans)
        item = replace(item, passages=spans, vectors=EMBEDDER.embed(["x"] * len(spans)), hashes=hashes)
        with writer(tmp_path / "data") as open_writer:
            open_writer.put([item])
        with snapshot_of(tmp_path / "data") as snapshot:
            for passage in snapshot.passages(snapshot.live().tolist()):
                stored = snapshot.article(passage.article_id, passage.version).article
                assert passage.text == stored.text[passage.start : passage.end]


class TestHistory:
    """Whatever is done in whatever order, the live side is what was put last and not removed since."""

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
    @given(steps=st.lists(st.tuples(st.sampled_from("pr"), st.sampled_from("abc"), st.integers(0, 2)), max_size=12))
    def test_live_side_is_what_was_put_last(self, tmp_path: Path, steps: list[tuple[str, str, int]]) -> None:
        shutil.rmtree(tmp_path / "data", ignore_errors=True)
        live: dict[str, int] = {}
        versions: dict[str, list[int]] = {}
        with writer(tmp_path / "data") as open_writer:
            for step, location, text in steps:
                if step == "r":
                    open_writer.remove([location])
                    live.pop(location, None)
                    continue
                open_writer.put([new(location, f"Text number {text}.", "Second passage.")])
                live[location] = text
                if versions.get(location, [])[-1:] != [text]:
                    versions.setdefault(location, []).append(text)
            manifest = open_writer.manifest()
        with snapshot_of(tmp_path / "data") as snapshot:
            assert {entry.location: entry.version for entry in snapshot.articles()} == {
                location: len(versions[location]) for location in live
            }
            assert {(p.article_id, p.text) for p in snapshot.passages(snapshot.live().tolist())} == {
                (manifest[location].article_id, line)
                for location, text in live.items()
                for line in (f"Text number {text}.", "Second passage.")
            }
            for location, texts_put in versions.items():
                article_id = database_id(tmp_path / "data", location)
                stored = [snapshot.article(article_id, number + 1).article.text for number in range(len(texts_put))]
                assert stored == [f"Text number {text}.\nSecond passage." for text in texts_put]
            assert snapshot.document_frequency(["second"]) == {"second": len(live)}


def database_id(data_dir: Path, location: str) -> str:
    with sqlite3.connect(data_dir / database.FILE_NAME) as connection:
        row = connection.execute("SELECT article_id FROM articles WHERE location = ?", (location,)).fetchone()
    connection.close()
    return str(row[0])


class TestSnapshots:
    def test_hold_still_while_the_writer_commits(self, data_dir: Path) -> None:
        library = Library.open(data_dir)
        with library.snapshot() as before:
            seen = (before.generation, texts(before), before.status(data_dir))
            with writer(data_dir) as open_writer:
                open_writer.put([new("/late.md", "Late news on soy.")])
                open_writer.remove([CHIPS.location])
            assert (before.generation, texts(before), before.status(data_dir)) == seen
            with library.snapshot() as after:
                assert after.generation == 3
                assert texts(after) == {"Late news on soy.", "Farmers sold soy abroad.", "Steel imports fell."}
        library.close()

    def test_many_threads_read_at_once(self, data_dir: Path) -> None:
        library = Library.open(data_dir)
        seen: list[set[str]] = []

        def read() -> None:
            for _ in range(20):
                with library.snapshot() as snapshot:
                    seen.append(texts(snapshot))

        threads = [threading.Thread(target=read) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        library.close()
        with snapshot_of(data_dir) as snapshot:
            assert seen == [texts(snapshot)] * 160

    def test_library_made_anew_in_the_same_place_is_read(self, data_dir: Path) -> None:
        library = Library.open(data_dir)
        shutil.rmtree(data_dir)
        with pytest.raises(LibraryMissing), library.snapshot():
            pass
        with writer(data_dir) as open_writer:
            open_writer.put([SOY])
        with library.snapshot() as snapshot:
            assert texts(snapshot) == {"Farmers sold soy abroad."}
        library.close()

    def test_closed_library_says_so(self, data_dir: Path) -> None:
        library = Library.open(data_dir)
        library.close()
        with pytest.raises(LibraryError, match="was closed"), library.snapshot():
            pass


class TestWriter:
    def test_known_texts_have_their_vectors(self, data_dir: Path) -> None:
        with writer(data_dir) as open_writer:
            known = open_writer.known_vectors([*CHIPS.hashes, "unknown"])
        assert set(known) == set(CHIPS.hashes)
        assert all(np.array_equal(known[key], row) for key, row in zip(CHIPS.hashes, CHIPS.vectors, strict=True))

    def test_touched_file_is_noted_without_a_generation(self, data_dir: Path) -> None:
        with writer(data_dir) as open_writer:
            before = open_writer.manifest()[SOY.location]
            open_writer.record_failures([FailedFile(Failure(SOY.location, "locked", datetime(2025, 1, 1, tzinfo=UTC)))])
            open_writer.touch([TouchedFile(SOY.location, "new hash", 7, 8)])
            assert open_writer.manifest()[SOY.location] == replace(before, file_hash="new hash", size=7, changed_ns=8)
            assert (open_writer.generation, open_writer.failures()) == (1, {})

    def test_status_tells_the_whole_state(self, data_dir: Path) -> None:
        first, last = datetime(2025, 1, 1, tzinfo=UTC), datetime(2025, 1, 2, tzinfo=UTC)
        failures = (Failure("/a.md", "not text", first), Failure("/b.md", "empty", last))
        runs = [Run(first, last, 1, 2, 3, 4, 5), Run(last, last, 0, 0, 3, 0, 2)]
        with writer(data_dir) as open_writer:
            open_writer.record_failures([FailedFile(replace(failures[0], reason="older")), FailedFile(failures[1])])
            open_writer.record_failures([FailedFile(failures[0])])
            for run in runs:
                open_writer.record_run(run)
        with snapshot_of(data_dir) as snapshot:
            status = snapshot.status(data_dir)
        assert (status.generation, status.articles, status.passages, status.pending) == (1, 3, 4, 4)
        assert (status.publishers, status.undated) == (2, 1)
        assert (status.oldest, status.newest) == (date(2024, 6, 30), date(2025, 3, 1))
        assert (status.embedding_model, status.vector_directory) == (EMBEDDER.name, None)
        assert (status.failures, status.last_run) == (failures, runs[1])

    def test_run_in_several_portions_is_one_run(self, data_dir: Path) -> None:
        first, second, last = (datetime(2025, 1, day, tzinfo=UTC) for day in (1, 2, 3))
        with writer(data_dir) as open_writer:
            open_writer.record_run(Run(first, second, 1, 2, 3, 0, 1, notes=("a",), generation_before=4, generation=5))
            open_writer.record_run(Run(second, second, 9, 9, 9, 9, 9, generation_before=5, generation=6))
            open_writer.record_run(Run(first, last, 2, 0, 1, 1, 0, 1, 1, ("b", "a"), 6, 7))
        with snapshot_of(data_dir) as snapshot:
            whole, other = snapshot.runs(limit=9)
        assert whole == Run(first, last, 3, 2, 4, 1, 1, 1, 1, ("a", "b"), 4, 7)
        assert (other.started_at, other.added) == (second, 9)

    def test_failure_is_forgotten_once_the_file_is_indexed(self, data_dir: Path) -> None:
        with writer(data_dir) as open_writer:
            at = datetime(2025, 1, 1, tzinfo=UTC)
            names = ("/late.md", SOY.location, "/gone.md")
            open_writer.record_failures([FailedFile(Failure(name, "no", at)) for name in names])
            open_writer.put([new("/late.md", "Late.")])
            open_writer.remove([SOY.location])
            assert list(open_writer.failures()) == ["/gone.md"]
            open_writer.forget_failures(["/gone.md"])
            assert open_writer.failures() == {}

    def test_batch_is_stored_whole_or_not_at_all(self, data_dir: Path) -> None:
        broken = replace(new("/b.md", "B."), vectors=np.zeros((1, 3), dtype=np.float32))
        with writer(data_dir) as open_writer:
            with pytest.raises(ValueError, match="shape"):
                open_writer.put([new("/a.md", "A."), broken])
            assert (open_writer.generation, "/a.md" in open_writer.manifest()) == (1, False)

    def test_swap_replaces_embeddings_and_keeps_versions(self, data_dir: Path) -> None:
        staged = {digest: v[:32] / np.linalg.norm(v[:32]) for a in (CHIPS, SOY, STEEL) for digest, v in _vectors(a)}
        with writer(data_dir, embedding_model="other", dimension=32, reindexing=True) as open_writer:
            assert open_writer.known_vectors(CHIPS.hashes) == {}
            open_writer.staging().begin()
            open_writer.staging().add(staged)
            assert open_writer.swap([]) == 2
            assert {entry.version for entry in open_writer.manifest().values()} == {1}
            assert open_writer.staging().vectors(list(staged)) == {}
        with snapshot_of(data_dir) as snapshot:
            assert (snapshot.embedding_model, snapshot.dimension) == ("other", 32)
            assert texts(snapshot) == {p for a in (CHIPS, SOY, STEEL) for p in a.article.text.split("\n")}
            assert found(snapshot, "soy") == ["Farmers sold soy abroad."]
        writer(data_dir, embedding_model="other", dimension=32).close()

    def test_swap_that_lacks_an_embedding_changes_nothing(self, data_dir: Path) -> None:
        with writer(data_dir, embedding_model="other", reindexing=True) as open_writer:
            open_writer.staging().begin()
            open_writer.staging().add(dict(_vectors(CHIPS)))
            with pytest.raises(LibraryError, match="were not embedded with 'other'"):
                open_writer.swap([])
            assert open_writer.generation == 1
        with snapshot_of(data_dir) as snapshot:
            assert (snapshot.embedding_model, snapshot.searched(ALL)) == (EMBEDDER.name, Searched(3, 4))


def _vectors(item: Any) -> list[tuple[str, Any]]:
    return list(zip(item.hashes, item.vectors, strict=True))


class TestRefusals:
    def test_no_library_says_how_to_make_one(self, tmp_path: Path) -> None:
        with pytest.raises(LibraryMissing, match="trade-assistant ingest PATH"):
            Library.open(tmp_path / "none")
        assert not (tmp_path / "none").exists()

    def test_half_made_library_counts_as_none(self, tmp_path: Path) -> None:
        (tmp_path / database.FILE_NAME).touch()
        with pytest.raises(LibraryMissing):
            Library.open(tmp_path)
        writer(tmp_path).close()
        Library.open(tmp_path).close()

    @pytest.mark.parametrize(
        "other",
        [{"embedding_model": "other"}, {"dimension": 8}, {"chunker_version": 2}],
        ids=["model", "dimension", "chunker"],
    )
    def test_library_made_otherwise_names_the_repair(self, data_dir: Path, other: dict[str, Any]) -> None:
        with pytest.raises(LibraryMismatch, match="trade-assistant rebuild"):
            writer(data_dir, **other)
        assert is_locked(data_dir) is None
        writer(data_dir).close()

    def test_library_without_passages_takes_another_model(self, tmp_path: Path) -> None:
        writer(tmp_path).close()
        with writer(tmp_path, embedding_model="other") as open_writer:
            assert open_writer.put([SOY]) == 1

    def test_newer_schema_says_to_upgrade(self, data_dir: Path) -> None:
        with sqlite3.connect(data_dir / database.FILE_NAME) as connection:
            connection.execute(f"PRAGMA user_version = {database.LIBRARY.version + 1}")
        connection.close()
        for open_it in (Library.open, writer):
            with pytest.raises(LibraryMismatch, match="upgrade the program"):
                open_it(data_dir)
        assert is_locked(data_dir) is None

    @pytest.mark.parametrize("content", [b"not a database at all" * 400, b"SQLite format 3\0" + b"\xff" * 8000])
    def test_file_that_is_no_library_says_what_to_do(self, tmp_path: Path, content: bytes) -> None:
        (tmp_path / database.FILE_NAME).write_bytes(content)
        for open_it in (Library.open, writer):
            with pytest.raises(LibraryError, match="damaged: `trade-assistant doctor`"):
                open_it(tmp_path)
        assert is_locked(tmp_path) is None

    def test_damage_found_in_a_question_says_what_to_do(self, data_dir: Path) -> None:
        path = data_dir / database.FILE_NAME
        content = bytearray(path.read_bytes())
        content[4096:] = b"\xa5" * (len(content) - 4096)
        path.write_bytes(content)
        with pytest.raises(LibraryError, match="damaged: `trade-assistant doctor`"), snapshot_of(data_dir) as snapshot:
            snapshot.articles()

    def test_data_directory_that_is_a_file_says_what_to_do(self, tmp_path: Path) -> None:
        (tmp_path / "data").write_text("")
        with pytest.raises(LibraryError, match="cannot be written"):
            writer(tmp_path / "data")

    def test_library_in_a_folder_that_cannot_be_written_is_read(self, data_dir: Path) -> None:
        code = """
import os, sys
from pathlib import Path
from assistant.domain import Filters
from assistant.errors import LibraryError
from assistant.library import Library
from tests.shelf import writer
data_dir = Path(sys.argv[1])
if os.geteuid() == 0:
    os.setuid(65534)
library = Library.open(data_dir)
for _ in range(2):
    with library.snapshot() as snapshot:
        print(len(snapshot.lexical(["soy"], limit=9, filters=Filters())))
library.close()
try:
    writer(data_dir)
except LibraryError as err:
    print("check its permissions" in str(err))
"""
        read_only = Path(shutil.copytree(data_dir, tempfile.mkdtemp(dir="/tmp") + "/data"))
        read_only.parent.chmod(0o755)
        for path in (*read_only.rglob("*"), read_only):
            path.chmod(0o555 if path.is_dir() else 0o444)
        try:
            run = subprocess.run([sys.executable, "-c", code, read_only], capture_output=True, text=True, cwd=ROOT)
        finally:
            read_only.chmod(0o755)
            shutil.rmtree(read_only.parent)
        assert (run.stderr, run.stdout) == ("", "1\n1\nTrue\n")

    def test_full_disk_says_so_and_keeps_what_was_committed(self, data_dir: Path) -> None:
        with writer(data_dir) as open_writer:
            pages = open_writer._connection.execute("PRAGMA page_count").fetchone()[0]
            open_writer._connection.execute(f"PRAGMA max_page_count = {pages}")
            with pytest.raises(LibraryError, match="disk is full"):
                open_writer.put([new("/long.md", "x" * 500_000)])
            assert open_writer.generation == 1
        with snapshot_of(data_dir) as snapshot:
            assert snapshot.searched(ALL) == Searched(3, 4)


class TestLock:
    def test_second_writer_is_told_who_holds_it(self, data_dir: Path) -> None:
        with writer(data_dir):
            assert is_locked(data_dir) == os.getpid()
            with pytest.raises(LibraryLocked, match=f"process {os.getpid()} is indexing"):
                writer(data_dir)
        assert is_locked(data_dir) is None

    def test_second_writer_may_wait(self, data_dir: Path) -> None:
        first = writer(data_dir)
        timer = threading.Timer(0.4, first.close)
        started = time.monotonic()
        timer.start()
        with writer(data_dir, wait_s=20):
            assert 0.3 <= time.monotonic() - started < 20
            assert is_locked(data_dir) == os.getpid()
        timer.join()

    @pytest.mark.parametrize("is_replaced", [False, True])
    def test_writer_whose_lock_file_was_deleted_commits_nothing_more(self, is_replaced: bool, data_dir: Path) -> None:
        with writer(data_dir) as first:
            before = set(first.manifest())
            first.put([new("/a", "Tariffs on tin rose.")])
            (data_dir / LOCK_NAME).unlink()
            if is_replaced:
                with writer(data_dir) as second:
                    second.put([new("/b", "Tariffs on zinc fell.")])
            for write in (lambda: first.put([new("/c", "Tariffs on lead rose.")]), first.publish_vectors):
                with pytest.raises(LibraryError, match=r"LOCK .* was deleted or replaced"):
                    write()
        with writer(data_dir) as later:
            assert later.manifest().keys() - before == {"/a", *(["/b"] if is_replaced else [])}

    def test_writer_that_waits_gets_the_lock_that_others_see(self, data_dir: Path) -> None:
        first = writer(data_dir)
        timer = threading.Timer(0.2, (data_dir / LOCK_NAME).unlink)
        timer.start()
        with writer(data_dir, wait_s=20), pytest.raises(LibraryLocked):
            writer(data_dir)
        timer.join()
        first.close()

    def test_no_data_directory_is_not_locked(self, tmp_path: Path) -> None:
        assert is_locked(tmp_path / "none") is None

    def test_looking_does_not_turn_a_writer_away(self, data_dir: Path) -> None:
        stop = threading.Event()

        def look() -> None:
            while not stop.is_set():
                is_locked(data_dir)

        thread = threading.Thread(target=look)
        thread.start()
        try:
            for _ in range(20):
                writer(data_dir).close()
        finally:
            stop.set()
            thread.join()


def test_an_unchanged_run_imports_neither_chroma_nor_a_model(data_dir: Path) -> None:
    with writer(data_dir) as open_writer:
        open_writer.publish_vectors()
    code = """
import sys
from pathlib import Path
from tests.shelf import writer
with writer(Path(sys.argv[1])) as open_writer:
    open_writer.put([])
    print(open_writer.manifest() != {}, open_writer.publish_vectors()[:4])
print(sorted({"chromadb", "openvino", "torch"} & set(sys.modules)))
"""
    run = subprocess.run([sys.executable, "-c", code, str(data_dir)], capture_output=True, text=True, cwd=ROOT)
    assert (run.stderr, run.stdout.split("\n")) == ("", ["True 0001", "[]", ""])


ROOT = Path(__file__).resolve().parent.parent


def test_a_name_can_be_used_again_after_each_article_that_had_it_was_renamed(tmp_path: Path) -> None:
    months = range(1, 7)
    with writer(tmp_path) as open_writer:
        for month in months:
            open_writer.put([new("/news/report.md", f"Steel imports of month {month} fell.")])
            open_writer.move([Move("/news/report.md", f"/news/report-{month}.md", "hash", 1, 1)])
    with snapshot_of(tmp_path) as snapshot:
        found = {summary.location: snapshot.article(summary.article_id) for summary in snapshot.articles()}
    assert {location: stored.article.text for location, stored in found.items()} == {
        f"/news/report-{month}.md": f"Steel imports of month {month} fell." for month in months
    }
    assert len({stored.article_id for stored in found.values()}) == len(months)
