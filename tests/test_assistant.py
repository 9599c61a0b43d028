"""What a reader is promised: exact quotes, markers that resolve, honest refusals, filters that hold, live publishes."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from assistant.assistant import Assistant
from assistant.domain import Claim, Draft, Filters, Span, Support
from assistant.errors import LibraryMismatch, QuestionError
from assistant.evidence import Evidence
from assistant.settings import Settings, load_settings
from ingest.sync import ingest
from tests.toys import HashEmbedder

TREATY = """---
title: Lunar cheese treaty signed
publisher: Sample Moon Wire
author: A. Tester
date: 2025-03-04
url: https://example.org/treaty
---

The lunar cheese treaty sets a tariff of 12 percent on moon cheese. Delegates signed it in Reykjavik on 3 March 2025.

Delegates agreed on three duties:

- Weigh every wheel of cheese
- Report each shipment of cheese
- Label the cheese by crater
"""
REPORT = """---
title: Moon cheese trade a year on
publisher: Sample Crater Gazette
date: 2026-03-10
---

The tariff on moon cheese was cut to 9 percent in March 2026. “We are relieved,” said Edda Holm, head of Crater Foods.
"""
UNDATED = """# Notes on cheese wheels

A wheel of moon cheese weighs about 40 kilograms on Earth. Nobody has said when these notes were written.
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "articles"
    place.mkdir()
    for name, text in {"treaty.md": TREATY, "report.md": REPORT, "undated.md": UNDATED}.items():
        (place / name).write_text(text, encoding="utf-8")
    return place


@pytest.fixture
def assistant(folder: Path, settings: Settings, embedder: HashEmbedder) -> Iterator[Assistant]:
    report = ingest([folder], settings, embedder=embedder)
    assert not report.failed
    opened = Assistant.open(settings, embedder=embedder)
    yield opened
    opened.close()


@pytest.mark.model
class TestAsk:
    def test_the_first_words_answer_in_an_exact_quote(self, assistant: Assistant) -> None:
        answer = assistant.ask("Where did delegates sign the lunar cheese treaty?")
        first = answer.claims[0]
        assert "in Reykjavik on 3 March 2025" in first.text
        assert first.support is Support.SUPPORTED
        assert first.citations[0].quote == first.text
        assert (first.citations[0].title, first.citations[0].publisher) == (
            "Lunar cheese treaty signed",
            "Sample Moon Wire",
        )
        assert (first.citations[0].author, first.citations[0].published, first.citations[0].url) == (
            "A. Tester",
            date(2025, 3, 4),
            "https://example.org/treaty",
        )

    def test_every_citation_is_the_stored_text_and_every_marker_resolves(self, assistant: Assistant) -> None:
        answer = assistant.ask("What is the tariff on moon cheese?")
        assert answer.claims
        markers = [citation.marker for claim in answer.claims for citation in claim.citations]
        assert markers == list(range(1, len(markers) + 1))
        for citation in answer.citations:
            stored = assistant.article(citation.article_id, citation.version)
            assert stored.article.text[citation.start : citation.end] == citation.quote
            assert f"[{citation.marker}]" in answer.text

    def test_a_list_comes_whole_with_its_lead_in(self, assistant: Assistant) -> None:
        answer = assistant.ask("Which duties did the delegates agree on?")
        assert answer.claims[0].text.split("\n")[0] == "Delegates agreed on three duties:"
        assert "Weigh every wheel" in answer.claims[0].text
        assert "Label the cheese by crater" in answer.claims[0].text

    def test_a_row_is_quoted_under_its_header_as_one_citation(
        self, folder: Path, settings: Settings, embedder: HashEmbedder
    ) -> None:
        names = ("Copernicus", "Tycho", "Kepler", "Selene", "Plato")
        rows = "".join(f"| {name} Creamery | {rate} |\n" for rate, name in enumerate(names, start=11))
        table = f"# Rates for moon cream\n\n| Creamery | Deposit rate (percent) |\n| --- | --- |\n{rows}"
        (folder / "rates.md").write_text(table, encoding="utf-8")
        assert not ingest([folder], settings, embedder=embedder).failed
        with closing(Assistant.open(settings, embedder=embedder)) as assistant:
            of_one = assistant.ask("What is the deposit rate of Selene Creamery?")
            of_all = assistant.ask("What deposit rates for moon cream were set?")
        header = "Creamery | Deposit rate (percent)"
        first, *others = of_one.claims
        assert [claim.text for claim in others if "Creamery |" in claim.text] == []
        assert (first.text, first.support) == (f"{header}\nSelene Creamery | 14", Support.SUPPORTED)
        assert [(cited.marker, cited.quote, cited.lead) for cited in first.citations] == [
            (1, "Selene Creamery | 14", header)
        ]
        assert of_one.text.split("\n\n")[0] == f"{header}\nSelene Creamery | 14 [1]"
        assert of_all.claims[0].text.count("Creamery |") == 6

    def test_what_no_article_says_is_refused_with_what_was_searched(self, assistant: Assistant) -> None:
        answer = assistant.ask("Who won the chess championship in Bulgaria?")
        assert answer.is_refusal
        assert answer.claims == ()
        assert "Searched 3 articles" in answer.text
        assert "Bulgaria" in answer.text
        assert {near.title for near in answer.nearest} <= {
            "Lunar cheese treaty signed",
            "Moon cheese trade a year on",
            "Notes on cheese wheels",
        }
        assert answer.nearest

    def test_as_of_answers_from_what_was_published_by_then(self, assistant: Assistant) -> None:
        answer = assistant.ask("What is the tariff on moon cheese?", filters=Filters(as_of=date(2025, 12, 31)))
        assert {citation.publisher for citation in answer.citations} == {"Sample Moon Wire"}
        assert (answer.searched.articles, answer.searched.undated_left_out) == (1, 1)
        assert answer.as_of == date(2025, 12, 31)

    def test_since_and_publisher_narrow_what_is_searched(self, assistant: Assistant) -> None:
        recent = assistant.ask("What is the tariff on moon cheese?", filters=Filters(since=date(2026, 1, 1)))
        assert {citation.publisher for citation in recent.citations} == {"Sample Crater Gazette"}
        by_wire = assistant.ask("What is the tariff on moon cheese?", filters=Filters(publishers=("Sample Moon Wire",)))
        assert {citation.publisher for citation in by_wire.citations} == {"Sample Moon Wire"}

    def test_a_follow_up_is_made_standalone(self, assistant: Assistant) -> None:
        first = assistant.ask("Where was the lunar cheese treaty signed?")
        second = assistant.ask("And what tariff does it set?", history=[first])
        assert second.standalone_question != second.question
        assert "treaty" in second.standalone_question
        assert "12 percent" in second.text

    def test_claims_arrive_one_by_one_as_they_stand_in_the_answer(self, assistant: Assistant) -> None:
        arrived: list[Claim] = []
        answer = assistant.ask("What is the tariff on moon cheese?", on_claim=arrived.append)
        assert tuple(arrived) == answer.claims

    def test_stopping_keeps_what_was_checked(self, assistant: Assistant) -> None:
        question = "What is the tariff on moon cheese?"
        whole = assistant.ask(question)
        arrived: list[Claim] = []
        stopped = assistant.ask(question, on_claim=arrived.append, should_stop=lambda: bool(arrived))
        assert len(whole.claims) > 1
        assert stopped.claims == whole.claims[:1]
        assert (whole.cut_short, stopped.cut_short) == ("", "stopped on request")
        assert stopped.text.endswith("(This answer is incomplete: stopped on request)")

    def test_a_new_article_is_answered_from_without_reopening(
        self, assistant: Assistant, folder: Path, settings: Settings, embedder: HashEmbedder
    ) -> None:
        question = "Which broker insures the cheese rockets?"
        before = assistant.ask(question)
        text = "Rockets insured\n\nThe cheese rockets are insured by the broker Olafsson Ltd.\n"
        (folder / "new.txt").write_text(text, encoding="utf-8")
        ingest([folder], settings, embedder=embedder)
        after = assistant.ask(question)
        assert before.is_refusal
        assert "Olafsson" in after.text
        assert after.generation > before.generation

    def test_a_library_made_anew_in_the_same_place_is_read_anew(
        self, assistant: Assistant, folder: Path, settings: Settings, embedder: HashEmbedder
    ) -> None:
        question = "What is the tariff on moon cheese in the treaty?"
        assert "12 percent" in assistant.ask(question).text
        shutil.rmtree(settings.data_dir)
        (folder / "treaty.md").write_text(TREATY.replace("12 percent", "15 percent"), encoding="utf-8")
        ingest([folder], settings, embedder=embedder)
        assert "15 percent" in assistant.ask(question).text

    def test_numbers_in_brackets_of_a_source_are_no_markers(
        self, assistant: Assistant, folder: Path, settings: Settings, embedder: HashEmbedder
    ) -> None:
        sentence = "The lunar butter levy is 6 percent in Hadley crater [9][1]."
        (folder / "butter.txt").write_text(f"Lunar butter\n\n{sentence}\n", encoding="utf-8")
        ingest([folder], settings, embedder=embedder)
        answer = assistant.ask("What is the lunar butter levy?")
        assert answer.claims[0].citations[0].quote == sentence
        markers = {int(number) for number in re.findall(r"\[(\d+)\]", answer.text)}
        assert markers == {citation.marker for citation in answer.citations}

    def test_an_answer_that_says_no_comes_with_its_question(
        self, assistant: Assistant, folder: Path, settings: Settings, embedder: HashEmbedder
    ) -> None:
        text = "# Questions\n\n## Does the treaty cover goat milk?\n\nNo. Goat milk was left to a later round.\n"
        (folder / "questions.md").write_text(text, encoding="utf-8")
        ingest([folder], settings, embedder=embedder)
        asked = assistant.ask("What was left to a later round?")
        assert asked.claims[0].text.split("\n")[0] == "Does the treaty cover goat milk?"
        assert asked.claims[0].citations[0].quote == asked.claims[0].text
        repeated = assistant.ask("Does the treaty cover goat milk?")
        assert repeated.claims[0].text.startswith("No. Goat milk was left")

    def test_a_country_that_no_article_names_is_never_answered_for(self, assistant: Assistant) -> None:
        assert not assistant.ask("What is the tariff on moon cheese?").is_refusal
        assert assistant.ask("What is the Norwegian tariff on moon cheese?").is_refusal

    def test_suggestions_are_questions_it_answers(self, assistant: Assistant) -> None:
        suggestions = assistant.suggestions()
        assert "What did Edda Holm say?" in suggestions
        assert not any(assistant.ask(question).is_refusal for question in suggestions)

    def test_questions_to_go_on_with_are_answered_and_new(
        self, assistant: Assistant, folder: Path, settings: Settings, embedder: HashEmbedder
    ) -> None:
        text = "# Goat milk\n\n## Does the treaty cover goat milk?\n\nNo. Goat milk was left to a later round.\n\n"
        later = "## Quota for Tycho goats\n\nThe quota for Tycho goats is 400 wheels a year.\n\n"
        clause = "## What keepers of goats watch\n\nKeepers of goats watch the weather on the moon.\n"
        (folder / "questions.md").write_text(text + later + clause, encoding="utf-8")
        ingest([folder], settings, embedder=embedder)
        first = assistant.ask("Does the treaty cover goat milk?")
        offered = assistant.next_questions([first])
        assert "What is said about “Quota for Tycho goats”?" in offered
        assert "Does the treaty cover goat milk?" not in offered
        assert not any("“What" in question for question in offered)
        assert not any(assistant.ask(question).is_refusal for question in offered)
        unknown = assistant.next_questions([first, assistant.ask("What is the Norwegian tariff on moon cheese?")])
        assert not any(assistant.ask(question).is_refusal for question in unknown)
        assert assistant.next_questions([first], limit=1) == offered[:1]
        assert assistant.next_questions([first], filters=Filters(publishers=("Sample Moon Wire",))) == []


class Scripted:
    """An answerer that writes what the test tells it to."""

    name = "scripted"

    def __init__(self, text: str, spans_of: str) -> None:
        self.text, self.spans_of = text, spans_of

    def write(self, evidence: Evidence, **_: object) -> Iterator[Draft]:
        source = evidence.units[0].read.source
        start = source.article.text.index(self.spans_of)
        span = Span(source.article_id, source.version, start, start + len(self.spans_of))
        yield Draft(self.text, (span,))


@pytest.mark.model
@pytest.mark.parametrize(
    ("text", "support"),
    [
        ("The treaty sets a tariff of 12 percent on moon cheese.", Support.SUPPORTED),
        ("The treaty sets a tariff of 21 percent on moon cheese.", Support.UNSUPPORTED),
    ],
)
def test_a_written_claim_is_checked_against_its_span(
    assistant: Assistant, text: str, support: Support, settings: Settings, embedder: HashEmbedder
) -> None:
    span = "The lunar cheese treaty sets a tariff of 12 percent on moon cheese."
    scripted = Assistant.open(settings, embedder=embedder, answerer=Scripted(text, span))
    claims: list[Claim] = []
    answer = scripted.ask("What tariff does the lunar cheese treaty set?", on_claim=claims.append)
    scripted.close()
    assert [claim.support for claim in claims] == [support]
    assert answer.is_refusal == (support is Support.UNSUPPORTED)
    assert bool(claims[0].citations) == (support is Support.SUPPORTED)
    if support is Support.UNSUPPORTED:
        assert "21" in claims[0].reason


@pytest.mark.model
def test_a_question_may_be_answered_in_quotes_whatever_answerer_is_set(
    assistant: Assistant, settings: Settings, embedder: HashEmbedder
) -> None:
    written = "The treaty sets a tariff of 12 percent on moon cheese."
    span = "The lunar cheese treaty sets a tariff of 12 percent on moon cheese."
    scripted = Assistant.open(settings, embedder=embedder, answerer=Scripted(written, span))
    question = "What tariff does the lunar cheese treaty set?"
    answers = [scripted.ask(question), scripted.ask(question, in_quotes=True)]
    scripted.close()
    assert [(answer.answerer, answer.claims[0].text) for answer in answers] == [
        ("scripted", written),
        (assistant.answerer.name, span),
    ]


@pytest.mark.model
@pytest.mark.parametrize(("year", "support"), [(2025, Support.SUPPORTED), (2019, Support.PARTIAL)])
def test_a_year_that_only_the_claim_states_must_fit_the_publication(
    year: int, support: Support, folder: Path, settings: Settings, embedder: HashEmbedder
) -> None:
    text = "The gouda quota of Tycho starts on 9 November."
    (folder / "quota.md").write_text(f"---\ntitle: Gouda quota\ndate: 2025-11-05\n---\n\n{text}\n", encoding="utf-8")
    ingest([folder], settings, embedder=embedder)
    claim = f"The gouda quota of Tycho starts on November 9, {year}."
    scripted = Assistant.open(settings, embedder=embedder, answerer=Scripted(claim, text))
    answer = scripted.ask("When does the gouda quota of Tycho start?")
    scripted.close()
    assert [claim.support for claim in answer.claims] == [support]


def test_empty_and_endless_questions_are_refused_with_a_reason(folder: Path, settings: Settings) -> None:
    ingest([folder], settings, embedder=HashEmbedder())
    opened = Assistant.open(settings, embedder=HashEmbedder())
    with pytest.raises(QuestionError, match="empty"):
        opened.ask(" \n ")
    with pytest.raises(QuestionError, match="at most 2000"):
        opened.ask("why " * 1000)
    opened.close()


def test_an_emptied_library_says_that_nothing_is_indexed(folder: Path, settings: Settings) -> None:
    ingest([folder], settings, embedder=HashEmbedder())
    for file in folder.iterdir():
        file.unlink()
    ingest([folder], settings, embedder=HashEmbedder(), allow_removals=True)
    opened = Assistant.open(settings, embedder=HashEmbedder())
    answer = opened.ask("What is the tariff on moon cheese?")
    opened.close()
    assert answer.text == "Nothing is indexed, so there is nothing to answer from. Run `trade-assistant ingest PATH`."


def test_another_embedding_model_is_never_mixed_in(folder: Path, settings: Settings) -> None:
    ingest([folder], settings, embedder=HashEmbedder())

    class Other(HashEmbedder):
        name = "other-embedder"

    with pytest.raises(LibraryMismatch, match="rebuild"):
        Assistant.open(load_settings(data_dir=settings.data_dir), embedder=Other())
