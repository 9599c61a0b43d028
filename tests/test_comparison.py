"""Readers see where sources agree and differ, each side in its own exact quote, and nothing is averaged or decided."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from assistant.answering import Answerer
from assistant.assistant import Assistant
from assistant.domain import Answer, Claim, ComparisonKind, Draft, Filters, Span, Support
from assistant.embedding import Embedder
from assistant.evidence import Evidence
from assistant.over_time import heading
from assistant.settings import Settings
from ingest.sync import ingest

Ask = Callable[..., Answer]


def article(title: str, publisher: str, published: str, text: str) -> str:
    return f"---\ntitle: {title}\npublisher: {publisher}\ndate: {published}\n---\n\n{text}\n"


@pytest.fixture
def ask(tmp_path: Path, settings: Settings, embedder: Embedder) -> Iterator[Ask]:
    opened: list[Assistant] = []

    def asked(question: str, *articles: str, answerer: Answerer | None = None, **options: Any) -> Answer:
        folder = tmp_path / "articles"
        folder.mkdir()
        for number, text in enumerate(articles):
            (folder / f"{number}.md").write_text(text, encoding="utf-8")
        ingest([folder], settings, embedder=embedder)
        opened.append(Assistant.open(settings, embedder=embedder, answerer=answerer))
        return opened[-1].ask(question, **options)

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
def test_who_asks_what_applies_sees_both_sides(ask: Ask) -> None:
    eased = "Freedonia lifted its ban on umbrella imports in spring. Shops are glad."
    held = "In Freedonia the ban on umbrella imports remains in force. Shops are not glad."
    answer = ask(
        "Is the ban on umbrella imports in Freedonia still in force?",
        article("Umbrellas may come in", "Sylvania Post", "2026-01-12", eased),
        article("Umbrellas kept out", "Ruritania Wire", "2026-01-15", held),
    )
    (found,) = answer.comparisons
    assert [one.value for one in found.positions] == ["remains in force", "lifted"]


@pytest.mark.model
def test_a_ban_lifted_for_some_is_no_agreement_that_it_was_lifted(ask: Ask) -> None:
    answer = ask(
        "Is the ban on umbrella imports in Freedonia still in force?",
        article("Umbrellas come in", "Sylvania Post", "2026-01-12", "Freedonia lifted its ban on umbrella imports."),
        article(
            "Two may bring umbrellas",
            "Ruritania Wire",
            "2026-01-15",
            "Freedonia lifted its ban on umbrella imports for two companies.",
        ),
    )
    assert [one for one in answer.comparisons if one.is_agreement] == []


@pytest.mark.model
def test_sides_of_a_model_s_answer_are_found_from_the_spans_it_cites(ask: Ask) -> None:
    class Model:
        name = "a model"

        def write(self, evidence: Evidence, *, should_stop: Callable[[], bool]) -> Iterator[Draft]:
            first = next(unit.read for unit in evidence.units if "300,000" in unit.read.text)
            span = Span(first.source.article_id, first.source.version, first.unit.start, first.unit.end)
            yield Draft("The umbrella import quota in Freedonia is 300,000 tonnes.", (span,))

    answer = ask(ASKED, QUOTA, OTHER_QUOTA, answerer=Model())
    assert [claim.citations[0].publisher for claim in answer.claims] == ["Sylvania Post", "Ruritania Wire"]
    assert [one.value for one in answer.comparisons[0].positions] == ["450,000 tonnes", "300,000 tonnes"]


@pytest.mark.model
def test_sides_are_streamed_as_claims(ask: Ask) -> None:
    arrived: list[Claim] = []
    answer = ask(ASKED, QUOTA, OTHER_QUOTA, on_claim=arrived.append)
    assert tuple(arrived) == answer.claims


@pytest.mark.model
def test_later_versions_of_an_as_of_question_are_not_compared(ask: Ask) -> None:
    assert ask(ASKED, QUOTA, OTHER_QUOTA, filters=Filters(as_of=date(2026, 1, 13))).comparisons == ()


@pytest.mark.model
def test_agreement_names_the_independent_sources(ask: Ask) -> None:
    rounded = OTHER_QUOTA.replace("450,000 tonnes", "around 300,000 tons")
    answer = ask(ASKED, QUOTA, rounded)
    (found,) = answer.comparisons
    assert found.is_agreement
    assert found.positions[0].value == "around 300,000 tons"
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
    ("publisher", "text"),
    [
        ("Sylvania Post", "The import quota for umbrellas was set at 300,000 tonnes in Freedonia. Shops are glad."),
        ("The Sylvania Post", "The import quota for umbrellas was set at 300,000 tonnes in Freedonia. Shops are glad."),
        (
            "Ruritania Wire",
            "The import quota for umbrellas in Freedonia is 300,000 tonnes, the Sylvania Post says. Shops are glad.",
        ),
        (
            "Ruritania Wire",
            "The import quota for umbrellas in Freedonia is not 300,000 tonnes, the minister said. Shops are glad.",
        ),
    ],
)
def test_no_agreement_with_the_same_publisher_nor_a_retelling_nor_a_denial(ask: Ask, publisher: str, text: str) -> None:
    assert ask(ASKED, QUOTA, article("Umbrella quota named", publisher, "2026-01-15", text)).comparisons == ()


@pytest.mark.model
@pytest.mark.parametrize(
    "other",
    [
        "The import quota for parasols was set at 450,000 tonnes in Freedonia. Shops are glad.",
        "The import quota for umbrellas was set at 450,000 tonnes in Switzerland. Shops are glad.",
        "The export quota for umbrellas was set at 450,000 tonnes in Freedonia. Shops are glad.",
        "Freedonia raised the import quota for umbrellas by 450,000 tonnes. Shops are glad.",
        "The import quota for umbrellas brings Freedonia 450,000 dollars. Shops are glad.",
        "Senators in Freedonia proposed to set the import quota for umbrellas at 450,000 tonnes. Shops are glad.",
    ],
)
def test_figures_of_other_things_are_no_difference(ask: Ask, other: str) -> None:
    answer = ask(ASKED, QUOTA, article("Another quota", "Ruritania Wire", "2026-01-15", other))
    assert [one for one in answer.comparisons if not one.is_agreement] == []


@pytest.mark.model
def test_the_two_articles_differ_on_what_china_still_restricts(
    settings: Settings, shared: Path, embedder: Embedder
) -> None:
    ingest([shared / "articles"], settings, embedder=embedder)
    assistant = Assistant.open(settings, embedder=embedder)
    answer = assistant.ask("Are China's rare earth export restrictions still in force?")
    assistant.close()
    (found,) = answer.comparisons
    assert (found.kind, found.point) == (ComparisonKind.STATUS, "what still applies")
    assert {one.value for one in found.positions} == {"suspended", "remain in place"}
    assert len({citation.article_id for one in found.positions for citation in one.citations}) == 2


def compared(ask: Ask, question: str, one: str, other: str) -> Answer:
    """Ask a question of two articles, the second one the newer."""
    return ask(
        question,
        article("Umbrellas in the news", "Sylvania Post", "2026-01-12", one),
        article("More on umbrellas", "Ruritania Wire", "2026-01-15", other),
    )


@pytest.mark.model
class TestNothingFalse:
    def test_a_figure_for_some_is_no_agreement_on_the_whole(self, ask: Ask) -> None:
        answer = compared(
            ask,
            ASKED,
            "Freedonia set the import quota for umbrellas at 300,000 tonnes. Shops are glad.",
            "Freedonia set the import quota for umbrellas at 300,000 tonnes for Sylvania only.",
        )
        assert answer.comparisons == ()

    def test_a_duty_on_goods_of_one_country_is_not_the_duty_on_all(self, ask: Ask) -> None:
        answer = compared(
            ask,
            "What duty does Freedonia charge on imported umbrellas?",
            "Freedonia charges a duty of 20 percent on imported umbrellas. Shops are not glad.",
            "Freedonia charges a duty of 12 percent on umbrellas imported from Ostland.",
        )
        assert answer.comparisons == ()

    def test_a_claim_of_opponents_is_no_second_source(self, ask: Ask) -> None:
        answer = compared(
            ask,
            "Is the ban on umbrella imports in Freedonia still in force?",
            "Freedonia lifted its ban on umbrella imports. Shops are glad.",
            "Opponents claim that Freedonia lifted its ban on umbrella imports to please donors.",
        )
        assert answer.comparisons == ()

    def test_one_estimate_in_two_papers_is_one_source(self, ask: Ask) -> None:
        answer = compared(
            ask,
            "What would the umbrella duty cost Freedonia's shops?",
            "The umbrella duty would cost Freedonia's shops $40 million, according to the Peverell Institute.",
            "The Peverell Institute estimates that the umbrella duty would cost Freedonia's shops $40 million.",
        )
        assert answer.comparisons == ()

    def test_a_newer_denial_stands_beside_what_it_denies(self, ask: Ask) -> None:
        answer = compared(
            ask,
            "Is the ban on umbrella imports in Freedonia still in force?",
            "Freedonia lifted its ban on umbrella imports. Shops are glad.",
            "The ministry denied that Freedonia's ban on umbrella imports was lifted.",
        )
        (found,) = answer.comparisons
        denial = "denied that Freedonia's ban on umbrella imports was lifted"
        assert [one.value for one in found.positions] == [denial, "lifted"]
        marker = found.positions[0].citations[0].marker
        assert f"[{marker}], which is newer, tells of a denial: “{denial}”." in answer.notes

    def test_two_measures_are_no_difference_between_sources(self, ask: Ask) -> None:
        answer = compared(
            ask,
            "What did Freedonia suspend on umbrella imports and what still applies?",
            "Freedonia suspended the licence requirement for umbrella imports.",
            "The quota for umbrella imports remains in force in Freedonia.",
        )
        (found,) = answer.comparisons
        assert found.is_loose
        assert "differ" not in heading(found)
        assert [note for note in answer.notes if "Changed" in note] == []

    def test_a_ban_and_a_duty_are_not_compared_where_the_question_asks_of_the_ban(self, ask: Ask) -> None:
        answer = compared(
            ask,
            "Is the ban on umbrella imports in Freedonia still in force?",
            "Freedonia lifted its ban on umbrella imports. Shops are glad.",
            "Freedonia's duty on umbrella imports remains in force.",
        )
        assert answer.comparisons == ()


@pytest.mark.model
class TestWhatIsFound:
    @pytest.mark.parametrize(
        "question",
        [
            "What did Freedonia suspend and what still applies?",
            "What did Freedonia suspend, and what remains in force?",
        ],
    )
    def test_who_names_no_measure_is_shown_what_each_source_tells(self, ask: Ask, question: str) -> None:
        answer = compared(
            ask,
            question,
            "Freedonia temporarily suspended its curbs on exports of umbrella silk. Weavers are glad.",
            "Existing curbs on umbrella ribs, the trade ministry of Freedonia said, remain in force.",
        )
        (found,) = answer.comparisons
        assert found.is_loose
        assert [one.value for one in found.positions] == ["remain in force", "suspended"]

    def test_a_ministry_s_notice_need_not_repeat_its_country(self, ask: Ask) -> None:
        answer = ask(
            "How high is the duty on imported umbrellas in Freedonia?",
            article(
                "Duty on umbrellas",
                "Sylvania Post",
                "2024-05-03",
                "Freedonia charges a duty of 20 percent on umbrellas.",
            ),
            article(
                "Notice on the duty on umbrellas",
                "Ministry of Trade of Freedonia",
                "2025-10-20",
                "The duty on imported umbrellas is cut from 20 percent to 10 percent as of 1 November 2025.",
            ),
        )
        (found,) = answer.comparisons
        assert [one.value for one in found.positions] == ["10 percent", "20 percent"]
        assert any("was 20 percent" in note and "since 1 November 2025 10 percent" in note for note in answer.notes)

    def test_a_weekday_beside_a_figure_is_not_what_it_is_of(self, ask: Ask) -> None:
        answer = compared(
            ask,
            "How high is the surcharge on umbrellas in Freedonia?",
            "Freedonia has put a surcharge of 8 percent on umbrellas. Shops are not glad.",
            "Freedonia halved its surcharge on umbrellas to 4 percent on Monday.",
        )
        (found,) = answer.comparisons
        assert [one.value for one in found.positions] == ["4 percent", "8 percent"]
