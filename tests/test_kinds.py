"""Questions can be limited to kinds of source; what is read of the articles follows the table and every publish."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest

from assistant.domain import Filters, Searched, Standing
from assistant.errors import SettingsError
from assistant.library import Library, Snapshot
from tests.shelf import new, writer

NOTICE = new("/a/notice.md", "The duty is 25 percent.", title="Notice", publisher="Federal Register")
VIEW = new(
    "/a/view.md",
    "The duty is a mistake.",
    title="Opinion: the duty",
    publisher="Tidewater",
    published=date(2025, 5, 1),
)
REPORT = new("/a/report.md", "The duty was raised.", title="Report", publisher="Tidewater")


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    with writer(tmp_path / "data") as open_writer:
        open_writer.put([NOTICE, VIEW, REPORT])
    return tmp_path / "data"


@contextmanager
def library_of(data_dir: Path) -> Iterator[Library]:
    library = Library.open(data_dir)
    try:
        yield library
    finally:
        library.close()


def titles(snapshot: Snapshot, *standings: Standing) -> list[str]:
    return [entry.title for entry in snapshot.articles(filters=Filters(standings=standings))]


def test_kinds_are_counted_and_limit_every_way_of_searching(data_dir: Path) -> None:
    with library_of(data_dir) as library, library.snapshot() as snapshot:
        assert snapshot.standings() == {Standing.OFFICIAL: 1, Standing.OPINION: 1, Standing.UNKNOWN: 1}
        official = Filters(standings=(Standing.OFFICIAL,))
        assert titles(snapshot, Standing.OFFICIAL) == ["Notice"]
        assert titles(snapshot, Standing.OFFICIAL, Standing.OPINION) == ["Opinion: the duty", "Notice"]
        assert titles(snapshot, Standing.COURT) == []
        allowed = snapshot.allowed(official)
        assert allowed is not None
        assert [passage.title for passage in snapshot.passages(allowed.tolist())] == ["Notice"]
        ranked = snapshot.passages([one for one, _ in snapshot.lexical(["duty"], limit=9, filters=official)])
        assert [passage.title for passage in ranked] == ["Notice"]


def test_undated_articles_left_out_are_those_of_the_kind(data_dir: Path) -> None:
    with library_of(data_dir) as library, library.snapshot() as snapshot:
        wanted = Filters(since=date(2025, 1, 1), standings=(Standing.OPINION, Standing.UNKNOWN))
        assert snapshot.searched(wanted) == Searched(1, 1, 1)


def test_a_changed_table_and_a_new_article_are_followed(data_dir: Path) -> None:
    with library_of(data_dir) as library:
        with library.snapshot() as snapshot:
            assert titles(snapshot, Standing.TRADE_PRESS) == []
        table = '[[source]]\nstanding = "trade press"\npublishers = ["Tidewater"]\n'
        (data_dir / "standing.toml").write_text(table, encoding="utf-8")
        with library.snapshot() as snapshot:
            assert titles(snapshot, Standing.TRADE_PRESS) == ["Report"]
        with writer(data_dir) as open_writer:
            open_writer.put([new("/a/later.md", "Ships wait.", title="Later", publisher="Tidewater")])
        with library.snapshot() as snapshot:
            assert titles(snapshot, Standing.TRADE_PRESS) == ["Later", "Report"]


def test_a_table_that_is_wrong_is_named(data_dir: Path) -> None:
    (data_dir / "standing.toml").write_text("[[source]]\nstanding = 1\n", encoding="utf-8")
    with library_of(data_dir) as library, library.snapshot() as snapshot, pytest.raises(SettingsError, match="line 2"):
        titles(snapshot, Standing.COURT)
