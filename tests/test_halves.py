"""A question that asks two things gets both: each half is read and answered by itself, in the order asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.answering import ExtractiveAnswerer
from assistant.domain import Filters
from assistant.evidence import weigh
from assistant.library import Library
from assistant.question import Asked, read_question
from assistant.retrieval import Retriever
from assistant.settings import Settings
from assistant.vectors import DenseSearch
from ingest.sync import ingest
from tests.toys import HashEmbedder


@pytest.mark.parametrize(
    ("question", "halves"),
    [
        (
            "When did the rule enter into force, and when does it expire?",
            [("When did the rule enter into force", Asked.DATE), ("when does it expire?", Asked.DATE)],
        ),
        (
            "How long does a permit last and from what date?",
            [("How long does a permit last", Asked.DURATION), ("from what date?", Asked.DATE)],
        ),
        ("Who lifted the ban and why?", [("Who lifted the ban", Asked.PERSON), ("why lifted the ban", Asked.REASON)]),
        ("Who pays? When?", [("Who pays", Asked.PERSON), ("When pays", Asked.DATE)]),
        ("What did the two ports agree on and sign?", []),
        ("Is the ban lifted, and is the quota gone?", []),
    ],
)
def test_a_question_is_parted_where_a_second_one_begins(question: str, halves: list[tuple[str, Asked]]) -> None:
    assert [(half.text, half.asked) for half in read_question(question).halves] == halves


TEA = """# Tea ports

Harland suspended the quota on green tea in March. Sellers had asked for that since spring. Buyers in other towns were
glad of it. Freight stayed cheap through the winter months.

The fee on black leaves remains in force at every port. It was set by the council long ago.
"""


def _quoted(settings: Settings, folder: Path, question: str) -> list[str]:
    (folder / "articles").mkdir(exist_ok=True)
    (folder / "articles" / "tea.md").write_text(TEA, encoding="utf-8")
    embedder = HashEmbedder()
    assert not ingest([folder / "articles"], settings, embedder=embedder).failed
    library, dense = Library.open(settings.data_dir), DenseSearch(settings.data_dir)
    with library.snapshot() as snapshot:
        found = Retriever(embedder, dense).retrieve(snapshot, question, limit=12, filters=Filters())
        drafts = ExtractiveAnswerer().write(weigh(question, found, snapshot), should_stop=lambda: False)
        quotes = [draft.text for draft in drafts]
    dense.close()
    library.close()
    return quotes


def test_both_halves_are_answered_in_the_order_asked(settings: Settings, tmp_path: Path) -> None:
    first = _quoted(settings, tmp_path, "What did Harland suspend, and what remains in force at every port?")
    assert first[:2] == [
        "Harland suspended the quota on green tea in March.",
        "The fee on black leaves remains in force at every port.",
    ]
    turned = _quoted(settings, tmp_path, "What remains in force at every port, and what did Harland suspend?")
    assert turned[:2] == first[:2][::-1]
