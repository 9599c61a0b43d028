"""What a maintainer adds is what `evaluate` reads; nothing that it could not read is ever written."""

from __future__ import annotations

import threading
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.domain import Filters
from assistant.errors import EvaluationError
from assistant.evaluation import read_questions
from assistant.question_file import FILE_NAME, NewQuestion, append_question, lines_of


def test_added_questions_are_read_by_evaluate(tmp_path: Path) -> None:
    path = tmp_path / "data" / FILE_NAME
    append_question(
        path, NewQuestion("feedback-1", "Which rate\napplies? ", ("5.5 percent", "(from) May"), ("notice",))
    )
    append_question(path, NewQuestion("feedback-2", "Who won?", is_refused=True, as_of=date(2025, 11, 30)))
    first, second = read_questions(path)
    assert (first.question, first.is_answerable, first.sources) == ("Which rate applies?", True, ("notice",))
    assert [bool(pattern.search("From now 5.5\npercent, (FROM) MAY.")) for pattern in first.must] == [True, True]
    assert not any(pattern.search("505 percent from may") for pattern in first.must)
    assert (second.is_answerable, second.must, second.filters) == (False, (), Filters(as_of=date(2025, 11, 30)))
    assert [each.name for each in path.parent.iterdir()] == [FILE_NAME]


@pytest.mark.parametrize(
    ("new", "problem"),
    [
        (NewQuestion("feedback-1", "Again?", ("yes",)), "holds a question with the id 'feedback-1' already"),
        (NewQuestion(" ", "Which?", ("yes",)), "needs an id and a question"),
        (NewQuestion("feedback-2", " ", ("yes",)), "needs an id and a question"),
        (NewQuestion("feedback-2", "Which?"), "say which words the answer has to hold"),
    ],
)
def test_question_that_cannot_be_used_changes_nothing(tmp_path: Path, new: NewQuestion, problem: str) -> None:
    path = tmp_path / FILE_NAME
    append_question(path, NewQuestion("feedback-1", "Which?", ("yes",)))
    before = path.read_bytes()
    with pytest.raises(EvaluationError, match=problem):
        append_question(path, new)
    assert path.read_bytes() == before


def test_file_that_evaluate_cannot_read_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    path.write_text('{"id": "a"\n', encoding="utf-8")
    with pytest.raises(EvaluationError, match=r"questions\.jsonl, line 1 is no question"):
        append_question(path, NewQuestion("b", "Which?", ("yes",)))
    assert path.read_text(encoding="utf-8") == '{"id": "a"\n'


def test_file_without_an_end_of_line_keeps_its_last_question(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    path.write_text('{"id": "a", "kind": "fact", "question": "Which?"}', encoding="utf-8")
    append_question(path, NewQuestion("b", "Who?", ("yes",)))
    assert [known.question_id for known in read_questions(path)] == ["a", "b"]


def test_many_at_once_are_all_added(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    news = [NewQuestion(f"id-{number}", "Which?", ("yes",)) for number in range(12)]
    threads = [threading.Thread(target=append_question, args=(path, new)) for new in news]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert {known.question_id for known in read_questions(path)} == {new.question_id for new in news}


@given(words=st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip))
def test_expected_words_are_no_pattern(tmp_path_factory: pytest.TempPathFactory, words: str) -> None:
    path = tmp_path_factory.mktemp("data") / FILE_NAME
    lines = lines_of(words)
    append_question(path, NewQuestion("a", "Which?", lines))
    (known,) = read_questions(path)
    assert [bool(pattern.search(f"so {line}.")) for pattern, line in zip(known.must, lines, strict=True)] == [
        True
    ] * len(lines)
