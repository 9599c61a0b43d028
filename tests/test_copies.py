"""Copies are kept with the articles: the same pairs whatever came first, none of what is gone, no scan of the rest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st

from assistant import copies, database
from assistant.library import Library
from assistant.records import Move, NewArticle
from tests import shelf
from tests.stories import COCOA, COPIES, GALLIUM, HOSES, NOTICES, OTHERS, STEEL, Text

CUT = COPIES["cut after three of eight paragraphs"][1]
EDITED = COPIES["a sentence edited"][1]
UPDATED = OTHERS["an update: a date"][1]
TEXTS: tuple[Text, ...] = (
    GALLIUM,
    GALLIUM,
    CUT,
    EDITED,
    UPDATED,
    STEEL,
    COPIES["British spelling"][1],
    HOSES,
    NOTICES["another month"],
    COCOA,
)
"""Texts of articles /0, /1, …; their stories are {0, 1, 2, 3}, {5, 6} and the others one each."""

Groups = set[frozenset[str]]


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


def new(place: int, text: Text | None = None, **names: object) -> NewArticle:
    """Return article /0, /1, …."""
    return shelf.new(f"/{place}", *(TEXTS[place] if text is None else text), title=f"Headline {place}", **names)  # type: ignore[arg-type]


def groups(data_dir: Path) -> Groups:
    """Return the locations of the articles that tell one story, for every story that several tell."""
    with closing(Library.open(data_dir)) as library, library.snapshot() as snapshot:
        found = snapshot.copies([summary.article_id for summary in snapshot.articles()])
        return {frozenset(one.location for one in (story.origin, *story.copies)) for story in found.values()}


def tables(data_dir: Path) -> dict[str, list[tuple[object, ...]]]:
    """Return what is kept of stories, without the numbers that depend on the order of coming."""
    connection, _ = database.open_for_reading(data_dir / database.FILE_NAME)
    with closing(connection):
        return {
            "stories": sorted(connection.execute("SELECT text_hash, scheme, words, figures, bands FROM stories")),
            "bands": sorted(
                connection.execute("SELECT text_hash, band FROM story_bands JOIN stories USING (story_id)")
            ),
            "tellings": sorted(
                connection.execute(
                    "SELECT location, text_hash FROM tellings JOIN stories USING (story_id) "
                    "JOIN articles ON live_version_id = version_id"
                )
            ),
            "copies": sorted(
                connection.execute(
                    "SELECT one.text_hash, other.text_hash FROM copies c JOIN stories one USING (story_id) "
                    "JOIN stories other ON other.story_id = other_id"
                )
            ),
        }


def stored(articles: Sequence[NewArticle]) -> dict[str, list[tuple[object, ...]]]:
    """Return what is kept after these articles were stored at once in a library of their own."""
    with TemporaryDirectory() as folder:
        with shelf.writer(Path(folder)) as writer:
            writer.put(articles)
        return tables(Path(folder))


def test_articles_that_tell_one_story_are_found(data_dir: Path) -> None:
    with shelf.writer(data_dir) as writer:
        writer.put([new(place) for place in range(len(TEXTS))])
    assert groups(data_dir) == {frozenset({"/0", "/1", "/2", "/3"}), frozenset({"/5", "/6"})}


@st.composite
def histories(draw: st.DrawFn) -> list[list[tuple[int, Text | None]]]:
    """Draw batches of (article, its text, None: withdrawn)."""
    step = st.tuples(st.integers(0, len(TEXTS) - 1), st.none() | st.sampled_from(TEXTS))
    batches = draw(st.lists(st.lists(step, min_size=1, max_size=5, unique_by=lambda one: one[0]), max_size=6))
    order = draw(st.permutations(range(len(TEXTS))))
    return [*batches, [(place, TEXTS[place]) for place in order]]


@settings_of_hypothesis(max_examples=15, deadline=None)
@given(histories(), st.integers(1, 10))
def test_what_is_kept_depends_on_the_articles_and_not_on_their_history(
    history: list[list[tuple[int, Text | None]]], size: int
) -> None:
    with TemporaryDirectory() as folder:
        data_dir = Path(folder)
        with shelf.writer(data_dir) as writer:
            for batch in history:
                writer.remove([f"/{place}" for place, text in batch if text is None])
                for part in _parts([new(place, text) for place, text in batch if text is not None], size):
                    writer.put(part)
        assert tables(data_dir) == stored([new(place) for place in range(len(TEXTS))])


def _parts(articles: Sequence[NewArticle], size: int) -> Iterator[Sequence[NewArticle]]:
    for start in range(0, len(articles), size):
        yield articles[start : start + size]


def test_edited_article_leaves_the_story(data_dir: Path) -> None:
    with shelf.writer(data_dir) as writer:
        writer.put([new(0), new(2)])
        writer.put([new(2, UPDATED)])
    assert (groups(data_dir), tables(data_dir)) == (set(), stored([new(0), new(2, UPDATED)]))


def test_withdrawn_article_leaves_the_story_and_comes_back(data_dir: Path) -> None:
    with shelf.writer(data_dir) as writer:
        writer.put([new(0), new(2)])
        writer.remove(["/2"])
        alone = groups(data_dir)
        writer.put([new(2)])
    assert (alone, groups(data_dir)) == (set(), {frozenset({"/0", "/2"})})


def test_moved_article_stays_in_the_story(data_dir: Path) -> None:
    with shelf.writer(data_dir) as writer:
        writer.put([new(0), new(2)])
        writer.move([Move("/2", "/moved", "hash", 1, 1)])
    assert groups(data_dir) == {frozenset({"/0", "/moved"})}


def test_story_that_two_articles_tell_stays_when_one_goes(data_dir: Path) -> None:
    with shelf.writer(data_dir) as writer:
        writer.put([new(0), new(1), new(2)])
        writer.remove(["/0"])
    assert (groups(data_dir), tables(data_dir)) == ({frozenset({"/1", "/2"})}, stored([new(1), new(2)]))


def test_copies_of_copies_are_one_story(data_dir: Path) -> None:
    cut, with_own_ending = GALLIUM[:4], (*GALLIUM[:3], *COCOA[3:5])
    with shelf.writer(data_dir) as writer:
        writer.put([new(0, GALLIUM), new(3, with_own_ending)])
        before = groups(data_dir)
        writer.put([new(1, cut)])
    assert (before, groups(data_dir)) == (set(), {frozenset({"/0", "/1", "/3"})})


def test_origin_is_the_earliest_then_the_longest_then_the_first_by_id(data_dir: Path) -> None:
    days = (None, date(2025, 11, 10), date(2025, 11, 9), date(2025, 11, 9))
    with shelf.writer(data_dir) as writer:
        writer.put([new(place, published=published) for place, published in enumerate(days)])
    with closing(Library.open(data_dir)) as library, library.snapshot() as snapshot:
        ids = [summary.article_id for summary in snapshot.articles()]
        found = snapshot.copies(ids)
        by_date = [snapshot.copies(ids, as_of=date(2025, 11, day)) for day in (8, 9, 10)]
    order = {tuple(one.location for one in (story.origin, *story.copies)) for story in found.values()}
    assert (set(found), order) == (set(ids), {("/3", "/2", "/1", "/0")})
    assert [sorted(len(story.copies) for story in known.values()) for known in by_date] == [[], [1, 1], [2, 2, 2]]


def test_article_without_copies_has_no_entry(data_dir: Path) -> None:
    with shelf.writer(data_dir) as writer:
        writer.put([new(0), new(5), new(2)])
    with closing(Library.open(data_dir)) as library, library.snapshot() as snapshot:
        ids = {summary.location: summary.article_id for summary in snapshot.articles()}
        found = snapshot.copies([ids["/0"], ids["/5"], "no such article"])
    assert {article_id: story.origin.location for article_id, story in found.items()} == {ids["/0"]: "/0"}


def test_library_whose_articles_were_never_signed_answers_and_is_mended(data_dir: Path) -> None:
    articles = [new(place) for place in (0, 2, 5)]
    with shelf.writer(data_dir) as writer:
        writer.put(articles)
    _empty_tables(data_dir)
    before = groups(data_dir)
    with shelf.writer(data_dir) as writer:
        writer.put(articles[:2])
        touched = groups(data_dir)
    _mend(data_dir)
    assert (before, touched, tables(data_dir)) == (set(), {frozenset({"/0", "/2"})}, stored(articles))


def test_stories_of_another_scheme_are_read_anew(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    articles = [new(place) for place in (0, 2)]
    with monkeypatch.context() as earlier:
        earlier.setattr(copies, "SCHEME", 0)
        with shelf.writer(data_dir) as writer:
            writer.put(articles)
    _mend(data_dir)
    assert tables(data_dir) == stored(articles)


def test_a_failed_commit_keeps_no_story(data_dir: Path) -> None:
    with shelf.writer(data_dir) as writer:
        writer.put([new(0)])
        broken = shelf.ready("/2", shelf.article(*CUT, title="\0" * 3))
        object.__setattr__(broken, "hashes", (None, *broken.hashes[1:]))
        with pytest.raises(Exception, match="NOT NULL"):
            writer.put([new(1), broken])
    assert tables(data_dir) == stored([new(0)])


def _empty_tables(data_dir: Path) -> None:
    connection = database.open_for_writing(data_dir / database.FILE_NAME)
    with closing(connection):
        for table in ("copies", "story_bands", "tellings", "stories"):
            connection.execute(f"DELETE FROM {table}")


def _mend(data_dir: Path) -> None:
    connection = database.open_for_writing(data_dir / database.FILE_NAME)
    with closing(connection), database.writing(connection, data_dir / database.FILE_NAME):
        copies.mend(connection)


def test_putting_one_article_reads_only_what_may_be_its_copy(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    original = copies._stored_story
    with shelf.writer(data_dir) as writer:
        writer.put([shelf.new(f"/other/{n}", *_unlike(n), title=f"Other {n}") for n in range(300)])
        writer.put([new(0)])
        monkeypatch.setattr(copies, "_stored_story", lambda *given: (read.append(given[1]), original(*given))[1])
        writer.put([new(2)])
    assert len(read) == 1


def test_putting_one_notice_of_a_template_reads_no_more_of_many_than_of_some(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    original = copies._stored_story
    monkeypatch.setattr(copies, "_stored_story", lambda *given: (read.append(given[1]), original(*given))[1])
    counts = []
    with shelf.writer(data_dir) as writer:
        for number in range(150):
            writer.put([shelf.new(f"/bulletin/{number}", *_bulletin(number), title=f"Bulletin {number}")])
            counts.append(len(read))
            read.clear()
    assert max(counts) == max(counts[:50]) == copies.MAX_MISSES
    assert groups(data_dir) == set()


@pytest.mark.parametrize("change", ["cut", "edited", "framed"])
def test_copy_of_one_notice_is_found_among_many_of_its_template(change: str, data_dir: Path) -> None:
    text = _bulletin(77)
    copy = {
        "cut": text[:-4],
        "edited": tuple(part.replace("rated ", "tariff ").replace("ratef ", "duty ") for part in text),
        "framed": ("What the ministry says today.", *text, "Editing by Lee Park"),
    }[change]
    with shelf.writer(data_dir) as writer:
        writer.put([shelf.new(f"/bulletin/{n}", *_bulletin(n), title=f"Bulletin {n}") for n in range(150)])
        writer.put([shelf.new("/copy", *copy, title="A copy")])
    assert groups(data_dir) == {frozenset({"/bulletin/77", "/copy"})}


def test_story_that_went_round_the_world_is_one_story(data_dir: Path) -> None:
    places = range(copies.MAX_HELD + 20)
    with shelf.writer(data_dir) as writer:
        for place in places:
            writer.put([shelf.new(f"/{place}", *GALLIUM, f"Edited by desk {place}x.", title=f"Headline {place}")])
    assert groups(data_dir) == {frozenset(f"/{place}" for place in places)}


def _bulletin(number: int) -> Text:
    """Return a bulletin without figures, two thirds of which stand in all others too."""
    common = [" ".join(f"rate{_letters(part * place)}" for place in range(1, 16)) for part in range(1, 21)]
    own = [" ".join(f"of{_letters(number * 977 + part * 31 + place**3)}" for place in range(15)) for part in range(10)]
    return tuple(part for place in range(10) for part in (*common[2 * place : 2 * place + 2], own[place]))


def _letters(number: int) -> str:
    return "".join("bcdfghjklm"[int(digit)] for digit in str(number))


def _unlike(number: int) -> Text:
    return tuple(
        " ".join(f"word{number * 7 + part * 31 + place * place * 13} rate{place}" for place in range(30))
        for part in range(3)
    )
