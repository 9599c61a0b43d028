"""Readers see where sources agree and differ, each side in its own exact quote, and nothing is averaged or decided."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from assistant.assistant import Assistant
from assistant.domain import Answer, ComparisonKind, Support
from assistant.settings import Settings
from ingest.sync import ingest
from tests.toys import HashEmbedder

Ask = Callable[..., Answer]


def article(title: str, publisher: str, published: str, text: str) -> str:
    return f"---\ntitle: {title}\npublisher: {publisher}\ndate: {published}\n---\n\n{text}\n"


@pytest.fixture
def ask(tmp_path: Path, settings: Settings, embedder: HashEmbedder) -> Iterator[Ask]:
    opened: list[Assistant] = []

    def asked(question: str, *articles: str) -> Answer:
        folder = tmp_path / "articles"
        folder.mkdir()
        for number, text in enumerate(articles):
            (folder / f"{number}.md").write_text(text, encoding="utf-8")
        ingest([folder], settings, embedder=embedder)
        opened.append(Assistant.open(settings, embedder=embedder))
        return opened[-1].ask(question)

    yield asked
    for assistant in opened:
        assistant.close()


QUOTA = article(
    "Freedonia sets umbrella quota",
    "Sylvania Post",
    "2026-01-12",
    "Freedonia set the import quota for umbrellas at 300,000 tonnes. Traders apply for a share by post.",
)
OTHER_QUOTA = article(
    "Umbrella quota named",
    "Ruritania Wire",
    "2026-01-15",
    "The import quota for umbrellas was set at 450,000 tonnes in Freedonia. Shops are glad.",
)
ASKED = "What is the import quota for umbrellas in Freedonia?"


@pytest.mark.model
class TestDifference:
    def test_both_figures_are_shown_with_their_quotes_and_the_newer_is_marked(self, ask: Ask) -> None:
        answer = ask(ASKED, QUOTA, OTHER_QUOTA)
        (found,) = answer.comparisons
        assert (found.kind, found.is_agreement, found.point) == (
            ComparisonKind.FIGURE,
            False,
            "the import quota for umbrellas",
        )
        shown = [(one.value, one.is_newest, one.citations[0].publisher) for one in found.positions]
        assert shown == [("450,000 tonnes", True, "Ruritania Wire"), ("300,000 tonnes", False, "Sylvania Post")]

    def test_each_side_is_a_supported_claim_of_the_answer(self, ask: Ask) -> None:
        answer = ask(ASKED, QUOTA, OTHER_QUOTA)
        cited = {citation.marker for claim in answer.claims for citation in claim.citations}
        assert {c.marker for one in answer.comparisons[0].positions for c in one.citations} <= cited
        assert {claim.support for claim in answer.claims} == {Support.SUPPORTED}

    def test_no_figure_is_invented(self, ask: Ask) -> None:
        answer = ask(ASKED, QUOTA, OTHER_QUOTA)
        for one in answer.comparisons:
            for position in one.positions:
                assert all(position.value in citation.quote for citation in position.citations)
        assert "375,000" not in answer.text


@pytest.mark.model
def test_agreement_names_the_independent_sources(ask: Ask) -> None:
    rounded = OTHER_QUOTA.replace("450,000 tonnes", "around 300,000 tons")
    answer = ask(ASKED, QUOTA, rounded)
    (found,) = answer.comparisons
    assert found.is_agreement
    assert {citation.publisher for citation in found.positions[0].citations} == {"Sylvania Post", "Ruritania Wire"}
    assert len(answer.origins) == 2


@pytest.mark.model
def test_a_copy_is_no_second_source(ask: Ask) -> None:
    body = (
        "Freedonia set the import quota for umbrellas at 300,000 tonnes on Monday, and the minister of trade told "
        "shopkeepers in the capital that no further change is planned before the rains of next spring arrive."
    )
    copies = [article("Umbrella quota", name, "2026-01-12", body) for name in ("Sylvania Post", "Ruritania Wire")]
    assert ask(ASKED, *copies).comparisons == ()


@pytest.mark.model
@pytest.mark.parametrize(
    "other",
    [
        "The import quota for parasols was set at 450,000 tonnes in Freedonia. Shops are glad.",
        "The import quota for umbrellas was set at 450,000 tonnes in Switzerland. Shops are glad.",
        "The export quota for umbrellas was set at 450,000 tonnes in Freedonia. Shops are glad.",
        "Freedonia raised the import quota for umbrellas by 450,000 tonnes. Shops are glad.",
        "The import quota for umbrellas brings Freedonia 450,000 dollars. Shops are glad.",
    ],
)
def test_figures_of_other_things_are_no_difference(ask: Ask, other: str) -> None:
    answer = ask(ASKED, QUOTA, article("Another quota", "Ruritania Wire", "2026-01-15", other))
    assert [one for one in answer.comparisons if not one.is_agreement] == []
