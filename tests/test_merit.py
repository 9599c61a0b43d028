"""What makes a unit a good answer, and that a list is found by what stands above it."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.assistant import Assistant
from assistant.merit import WEIGHTS, gives_new, merit
from assistant.question import read_question
from assistant.settings import Settings
from ingest.sync import ingest
from tests.toys import HashEmbedder


@pytest.mark.parametrize(
    ("question", "text", "expected"),
    [
        ("Who signed the tea accord?", "The accord was signed by Amina Odhiambo.", True),
        ("Who signed the tea accord?", "Nobody knows who signed it.", False),
        ("Who did Amina Odhiambo succeed?", "In her speech Amina Odhiambo thanked everyone.", False),
        ("When did the quota of 2021 end?", "The quota of 2021 was large.", False),
        ("When did the quota of 2021 end?", "It ended in March 2023.", True),
        ("How many ports closed?", "Eleven of 14 ports closed.", True),
        ("How many ports closed?", "Several ports closed.", False),
        ("How long will the ban last?", "The ban holds for two years.", True),
        ("Why was the ban lifted?", "It cost 300 jobs in Leeds.", False),
    ],
)
def test_new_is_what_is_asked_for_and_not_in_the_question(question: str, text: str, expected: bool) -> None:
    assert gives_new(read_question(question), text) is expected


def test_merit_grows_with_everything_that_speaks_for_a_unit() -> None:
    nothing = dict.fromkeys(WEIGHTS, 0.0)
    assert merit(nothing) == 0.0
    assert {name for name in WEIGHTS if merit(nothing | {name: 1.0}) < 0} == set()
    assert merit(dict.fromkeys(WEIGHTS, 1.0)) == pytest.approx(sum(WEIGHTS.values()))


def test_list_is_found_by_its_title_though_a_sentence_repeats_the_question(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "list.md").write_text(
        "# Which fruits the import permits cover\n\nThe harbour office wrote to traders on Monday.\n\n"
        "These fruits are named:\n\n- mango\n- lychee\n- papaya\n\n"
        "Traders covered by import permits must show them at the gate.\n",
        encoding="utf-8",
    )
    (tmp_path / "other.md").write_text("# Rates\n\nFreight rates rose in Lagos by a tenth.\n", encoding="utf-8")
    embedder = HashEmbedder()
    assert not ingest([tmp_path], settings, embedder=embedder).failed
    assistant = Assistant.open(settings, embedder=embedder)
    answer = assistant.ask("Which fruits are covered by the import permits?")
    assistant.close()
    assert [fruit in answer.text for fruit in ("mango", "lychee", "papaya")] == [True, True, True]
