"""`make page`: its conversations and libraries are the product's, each step is done in both cases, and it is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.assistant import Assistant
from assistant.conversation_records import LOCAL
from assistant.conversations import ConversationStore
from assistant.domain import Answer, Searched
from assistant.settings import load_settings
from tests import chromium
from tests.benchmarks.page import Seen, Sizes, Step, measure, middle, show
from tests.benchmarks.page_data import add_articles, store_conversation
from tests.conftest import unavailable

QUICK = Sizes(turns=30, small=25, large=45, rounds=1, answers=25)


def answer(question: str) -> Answer:
    return Answer(question, question, True, "", (), (), Searched(1, 1), 1, None, "exact quotes")


def test_stored_conversation_asks_something_else_each_time_and_ends_with_the_last_answer(tmp_path: Path) -> None:
    store_conversation(tmp_path, "long", [answer("Tin?"), answer("Zinc?"), answer("Rice?")], 5)
    turns = ConversationStore(tmp_path).turns(LOCAL, "long")
    assert [turn.number for turn in turns] == [1, 2, 3, 4, 5]
    assert [turn.question.split("?")[0] for turn in turns] == ["Zinc", "Rice", "Tin", "Zinc", "Rice"]
    assert len({turn.question for turn in turns}) == 5
    assert [turn.answer.standalone_question for turn in turns if turn.answer] == [turn.question for turn in turns]


@pytest.mark.model
def test_made_up_articles_are_in_the_library_and_found(tmp_path: Path) -> None:
    settings = load_settings(data_dir=tmp_path)
    add_articles(settings, 30)
    assistant = Assistant.open(settings)
    try:
        assert assistant.status().articles == 30
        assert assistant.status().vectors_problem == ""
        assert [one.title.split(" on ")[0] for one in assistant.articles(search="notice 27")] == ["Notice 27"]
    finally:
        assistant.close()


def test_medians_of_rounds() -> None:
    rounds = [Seen(1.0, 2.0, 10, 100, 5), Seen(3.0, 5.0, 30, 300, 7), Seen(2.0, 3.0, 20, 200, 6)]
    assert middle(rounds) == Seen(2.0, 3.0, 20, 200, 6)
    assert middle([]) is None


def test_table_tells_ratios_where_there_are_two_cases(capsys: pytest.CaptureFixture[str]) -> None:
    seen = Seen(0.5, 1.0, 60, 2_048, 400)
    show("Turns", [Step("open", [seen], [Seen(1.0, 1.5, 1_200, 4_096, 800)]), Step("more", [], [seen])])
    assert capsys.readouterr().out.splitlines()[3:] == [
        "| open | 1.00 s (2.00 × 0.50) | 1.50 s (1.50 × 1.00) | 1,200 (60) | 4 (2) | 800 (400) |",
        "| more | 0.50 s | 1.00 s | 60 | 2 | 400 |",
    ]


@pytest.mark.model
def test_every_step_is_done_in_the_small_and_in_the_large_case() -> None:
    if chromium.find() is None:
        unavailable(chromium.HOW_TO)
    asked, sources = measure(QUICK)
    assert [(step.name, len(step.small), len(step.large)) for step in asked] == [
        ("open a conversation, beside an empty page", 1, 1),
        ("change how sure an answer has to be, beside an empty page", 1, 1),
        ("reload it", 1, 1),
        ("click a thumb", 1, 1),
        ("open a citation", 1, 1),
        ("close it", 1, 1),
        ("ask a follow-up", 1, 1),
        ("show earlier questions", 0, 1),
    ]
    assert [(step.name, len(step.small), len(step.large)) for step in sources] == [
        ("open Sources", 1, 1),
        ("open an article", 1, 1),
        ("close it", 1, 1),
        ("turn to the next page", 1, 1),
        ("search", 1, 1),
    ]
    for seen in (seen for step in (*asked, *sources) for seen in (*step.small, *step.large)):
        assert 0 <= seen.seen_s <= seen.idle_s
        assert min(seen.messages, seen.bytes, seen.nodes) > 0
