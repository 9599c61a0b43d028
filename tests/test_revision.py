"""A reader sees what changed between two versions: nothing lost, nothing shown as changed that was not."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.domain import Article
from assistant.revision import Detail, Fate, Line, Mark, Piece, Revision, compare
from tests.shelf import article

FIRST = "The duty on tin is 25 percent."
SECOND = "It has applied since March 2025, the ministry said."
THIRD = "Importers expect it to stay until autumn."
OLD = article(f"{FIRST} {SECOND}", THIRD)

sentences = st.lists(
    st.sampled_from([FIRST, SECOND, THIRD, FIRST.replace("25", "30"), "He agreed.", "“No.”", "A\nB  C.", "5%", ""]),
    max_size=9,
)
articles = st.builds(lambda parts: article(*parts), st.lists(sentences.map(" ".join), max_size=4)) | st.builds(
    lambda parts: article(*parts), st.lists(st.text(max_size=40), max_size=4)
)


def shown(revision: Revision) -> str:
    """Return the lines as text: -[deleted], +[inserted], ~[moved]."""
    signs = {Mark.SAME: "{}", Mark.DELETED: "-[{}]", Mark.INSERTED: "+[{}]", Mark.MOVED: "~[{}]"}
    lines = ["".join(signs[piece.mark].format(piece.text) for piece in line.pieces) for line in revision.lines]
    return "\n".join(lines)


def test_same_text_is_all_the_same() -> None:
    revision = compare(OLD, OLD)
    assert (revision.is_same, shown(revision)) == (True, f"{FIRST}\n{SECOND}\n{THIRD}")


def test_changed_figure_is_marked_alone() -> None:
    revision = compare(OLD, article(f"The duty on tin is 30 percent. {SECOND}", THIRD))
    assert shown(revision) == f"The duty on tin is -[25 ]+[30 ]percent.\n{SECOND}\n{THIRD}"


def test_sentences_come_and_go() -> None:
    revision = compare(OLD, article(f"A new lead was written. {FIRST}", THIRD))
    assert shown(revision) == f"+[A new lead was written.]\n{FIRST}\n-[{SECOND}]\n{THIRD}"


def test_deleted_sentence_stands_before_what_took_its_place() -> None:
    revision = compare(OLD, article(FIRST, "Prices went down.", THIRD))
    assert shown(revision) == f"{FIRST}\n-[{SECOND}]\n+[Prices went down.]\n{THIRD}"


def test_moved_paragraph_is_not_shown_as_all_changed() -> None:
    revision = compare(OLD, article(THIRD, f"{FIRST} {SECOND}"))
    assert shown(revision) == f"~[{THIRD}]\n{FIRST}\n{SECOND}"


def test_line_breaks_inside_a_paragraph_are_no_change() -> None:
    assert compare(OLD, article(f"{FIRST}\n{SECOND}".replace(" on ", "\non "), THIRD)).is_same


def test_details_that_changed_are_named() -> None:
    old = article(FIRST, title="Tin", published=date(2025, 3, 4), publisher="Sample Wire")
    new = article(FIRST, title="Tin duty", published=date(2025, 3, 5), publisher="Sample Wire", author="A. Tester")
    assert compare(old, new).details == (
        Detail("Title", "Tin", "Tin duty"),
        Detail("Author", "", "A. Tester"),
        Detail("Published", "2025-03-04", "2025-03-05"),
    )
    assert not compare(old, new).is_same


@pytest.mark.parametrize(
    ("new", "fate"),
    [
        ((FIRST, SECOND, "Now something else."), Fate.UNCHANGED),
        ((THIRD, "A new paragraph in between.", SECOND, FIRST), Fate.UNCHANGED),
        ((FIRST, SECOND.replace("March", "April"), THIRD), Fate.CHANGED),
        ((FIRST, THIRD), Fate.GONE),
        ((), Fate.GONE),
    ],
)
def test_fate_of_the_cited_passage_is_told(new: tuple[str, ...], fate: Fate) -> None:
    start = OLD.text.index(SECOND)
    assert compare(OLD, article(*new)).fate(start, start + len(SECOND)) is fate


def test_passage_of_which_one_sentence_is_gone_was_changed() -> None:
    assert compare(OLD, article(FIRST, THIRD)).fate(0, OLD.text.index(THIRD) - 1) is Fate.CHANGED


@given(articles, articles)
def test_every_sentence_of_both_versions_is_shown_once_and_as_it_stands(old: Article, new: Article) -> None:
    revision = compare(old, new)
    assert sorted(_olds(revision)) == sorted(set(_olds(revision))) == sorted(_olds(compare(old, old)))
    assert _news(revision) == sorted(set(_news(revision))) == _news(compare(new, new))
    for line in revision.lines:
        assert _words_of(line, Mark.SAME, Mark.MOVED, Mark.DELETED) == _words_at(old, line.old)
        assert _exactly(line, Mark.SAME, Mark.MOVED, Mark.INSERTED) == (new.text[slice(*line.new)] if line.new else "")


@given(articles)
def test_an_article_is_the_same_as_itself(one: Article) -> None:
    assert compare(one, one).is_same


@pytest.mark.timeout(60)
@pytest.mark.parametrize("is_repetitive", [False, True])
def test_huge_articles_are_compared(is_repetitive: bool) -> None:
    every = 7 if is_repetitive else 1_000_000
    old = article(*(f"Row {n % every} of the tariff schedule sets a duty." for n in range(20_000)))
    new = article(*(f"Row {n % every} of the new schedule sets a duty." for n in range(0, 40_000, 2)))
    assert len(_news(compare(old, new))) == 20_000


def test_a_huge_sentence_is_replaced_as_a_whole() -> None:
    old, new = article("duty " * 600 + "old"), article("duty " * 600 + "new")
    revision = compare(old, new)
    assert revision.lines == (
        Line((0, 3003), (0, 3003), (Piece(Mark.DELETED, old.text), Piece(Mark.INSERTED, new.text))),
    )


def _olds(revision: Revision) -> list[tuple[int, int]]:
    return [line.old for line in revision.lines if line.old]


def _news(revision: Revision) -> list[tuple[int, int]]:
    return [line.new for line in revision.lines if line.new]


def _exactly(line: Line, *marks: Mark) -> str:
    return "".join(piece.text for piece in line.pieces if piece.mark in marks)


def _words_of(line: Line, *marks: Mark) -> list[str]:
    """Return the words of the old version; white space may be that of the new one."""
    return _exactly(line, *marks).split() if line.old else []


def _words_at(one: Article, span: tuple[int, int] | None) -> list[str]:
    return one.text[slice(*span)].split() if span else []
