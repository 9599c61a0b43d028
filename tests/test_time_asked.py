"""Time from end to end: what is asked as of a day, which versions it sees, and what an answer says of its sources."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from assistant import standing
from assistant.assistant import Assistant
from assistant.domain import Answer, Filters, PartialDate, Standing
from assistant.errors import SettingsError
from assistant.settings import Settings, load_settings
from ingest.sync import ingest
from tests.benchmarks.report_time import ARTICLES, read_cases, section, wrong
from tests.toys import HashEmbedder

TODAY = date(2026, 11, 22)
DUTY = "How high is the duty on imported tinplate in Freedonia?"
LEVY = "Who must pay a levy on almonds in Port Alba?"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "articles"
    shutil.copytree(ARTICLES, place)
    return place


@pytest.fixture
def assistant(folder: Path, settings: Settings, embedder: HashEmbedder) -> Iterator[Assistant]:
    assert not ingest([folder], settings, embedder=embedder).failed
    opened = Assistant.open(settings, embedder=embedder, today=lambda: TODAY)
    yield opened
    opened.close()


def cited(assistant: Assistant, answer: Answer) -> set[str]:
    """Return the files that an answer cites."""
    return {Path(assistant.article(one.article_id).location).name for one in answer.citations}


@pytest.mark.model
class TestAsked:
    @pytest.mark.parametrize(
        "case",
        [case for case in read_cases("dev") if case["kind"] in ("as of", "over", "stale", "standing")],
        ids=lambda case: case["id"],
    )
    def test_golden_question_is_answered_with_its_notes(
        self, assistant: Assistant, settings: Settings, embedder: HashEmbedder, case: dict[str, str]
    ) -> None:
        opened = Assistant.open(settings, embedder=embedder, today=lambda: date.fromisoformat(case["today"]))
        filters = Filters(as_of=date.fromisoformat(case["as_of"]) if "as_of" in case else None)
        assert wrong(case, opened.ask(case["question"], filters=filters), opened) == ""
        opened.close()

    def test_day_in_the_question_answers_as_the_filter_does(self, assistant: Assistant) -> None:
        asked = assistant.ask("As of 1 October 2025, how high was the duty on imported tinplate in Freedonia?")
        filtered = assistant.ask(DUTY, filters=Filters(as_of=date(2025, 10, 1)))
        assert cited(assistant, asked) == cited(assistant, filtered) == {"tinplate-2024.md"}
        assert (asked.as_of, asked.searched) == (filtered.as_of, filtered.searched)
        assert asked.searched.undated_left_out == 1
        assert asked.notes[0] == "Only what was published by 1 October 2025 was searched, as the question says."

    def test_citation_has_its_standing_and_its_time(self, assistant: Assistant) -> None:
        answer = assistant.ask("From when does the safeguard quota on solar glass apply in the Customs Union?")
        (first, *_) = answer.citations
        assert first.standing is Standing.OFFICIAL
        assert (first.validity.effective, first.validity.expires) == (
            PartialDate(2027, 1, 1),
            PartialDate(2029, 12, 31),
        )

    def test_quote_that_came_with_a_later_edit_is_named(
        self, assistant: Assistant, folder: Path, settings: Settings, embedder: HashEmbedder
    ) -> None:
        path = folder / "tinplate-2024.md"
        path.write_text(path.read_text(encoding="utf-8").replace("20 percent", "22 percent"), encoding="utf-8")
        before = assistant.ask(DUTY, filters=Filters(as_of=date(2025, 10, 1)))
        ingest([folder], settings, embedder=embedder)
        after = assistant.ask(DUTY, filters=Filters(as_of=date(2025, 10, 1)))
        now = assistant.ask(DUTY)
        assert ["edited" in note for note in before.notes].count(True) == 0
        assert ["was not in its article before it was edited" in note for note in after.notes].count(True) == 1
        assert ["edited" in note for note in now.notes].count(True) == 0

    def test_article_redated_since_is_left_out_and_told(
        self, assistant: Assistant, folder: Path, settings: Settings, embedder: HashEmbedder
    ) -> None:
        path = folder / "tinplate-2024.md"
        path.write_text(path.read_text(encoding="utf-8").replace("2024-05-03", "2026-05-03"), encoding="utf-8")
        ingest([folder], settings, embedder=embedder)
        answer = assistant.ask(DUTY, filters=Filters(as_of=date(2025, 10, 1)))
        assert "tinplate-2024.md" not in cited(assistant, answer)
        assert answer.notes[-1] == (
            "1 article was published by 1 October 2025 in an edition that is no longer searched; "
            "a later one replaced it."
        )

    def test_limit_of_age_is_a_setting(self, assistant: Assistant, settings: Settings, embedder: HashEmbedder) -> None:
        said = []
        for days in (0, 100_000, 1):
            opened = Assistant.open(
                load_settings(data_dir=settings.data_dir, stale_after_days=days), embedder=embedder, today=lambda: TODAY
            )
            said.append(any("newest source" in note for note in opened.ask(DUTY).notes))
            opened.close()
        assert said == [False, False, True]

    def test_own_table_counts_at_the_next_question_and_a_wrong_one_is_told(
        self, assistant: Assistant, settings: Settings
    ) -> None:
        path = settings.data_dir / standing.FILE_NAME
        assert any("only by commentary" in note for note in assistant.ask(LEVY).notes)
        path.write_text('[[source]]\nstanding = "agency"\npublishers = ["Sylvanian Post"]\n', encoding="utf-8")
        answer = assistant.ask(LEVY)
        assert {one.standing for one in answer.citations} == {Standing.AGENCY}
        assert not any("on the law" in note for note in answer.notes)
        path.write_text('[[source]]\nstanding = "gossip"\n', encoding="utf-8")
        with pytest.raises(SettingsError, match="line 2: 'gossip' is no standing"):
            assistant.ask(LEVY)


@pytest.mark.model
def test_report_runs_on_a_tenth(tmp_path: Path) -> None:
    found = section(tmp_path, quick=True)
    assert found.title == "Time and standing"
    assert found.lines[0] == "| what | half | right | 95 % |"
