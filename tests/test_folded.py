"""Earlier turns of a long conversation: drawn in one piece with all they say, and whole again once that is wanted."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from streamlit.testing.v1 import AppTest

from assistant.conversation_records import LOCAL, Feedback, StoredTurn, TurnState, Vote
from assistant.conversations import ConversationStore
from assistant.domain import Answer, Citation, Claim, Filters, NearestArticle, Searched, Support
from assistant.settings import load_settings
from ingest.sync import ingest
from tests.test_pages import APP, markup
from ui.folded import WHOLE_TURNS
from ui.render_claims import claim_html
from ui.render_folded import folded_html
from ui.turn import Turn

if TYPE_CHECKING:
    from assistant.embedding import Embedder

SENTENCE = "The tin levy of Quentland is 40 percent since March."
CITED = Citation(1, "a" * 16, 1, "Levy <on> tin", "Narva Ledger", None, None, None, 13, 13 + len(SENTENCE), SENTENCE)
AGAIN = replace(CITED, marker=2, start=0, end=4, quote="Levy")
CLAIM = Claim(SENTENCE, Support.SUPPORTED, "", (CITED, AGAIN))
ANSWER = Answer("Tin?", "Tin?", False, "", (CLAIM,), (), Searched(1, 1), 1, None, "exact quotes")


def turn(number: int = 7, *, state: TurnState = TurnState.DONE, answer: Answer | None = ANSWER) -> Turn:
    stored = StoredTurn(number, f"Question <{number}>?", datetime.now(UTC), state, answer=answer)
    return Turn.restored(stored)


def folded(one: Turn, *, ending: str = "", given: Feedback | None = None, filters: Filters = Filters()) -> str:
    return folded_html(one.number, one.question, one.view(), filters=filters, ending=ending, given=given)


def test_folded_turn_says_all_that_a_whole_one_says() -> None:
    noted = replace(ANSWER, standalone_question="And tin?", notes=("Old <news> [1].",), cut_short="it took too long")
    shown = folded(turn(answer=noted), filters=Filters(publishers=("Narva Ledger",)))
    for words in (
        "Question &lt;7&gt;?",
        "Searched only: Narva Ledger",
        "Understood as: ",
        claim_html(CLAIM, 7),
        "Old &lt;news&gt; ",
        "This answer is incomplete: it took too long",
        "searched 1 article",
        "Levy &lt;on&gt; tin",
        "Narva Ledger, “Levy &lt;on&gt; tin”, undated, version 1, characters 0–4",
    ):
        assert words in shown
    assert "<news>" not in shown


def test_each_cited_passage_of_a_folded_turn_is_opened_by_a_link() -> None:
    rows = folded(turn()).partition("Sources</p>")[2]
    assert re.findall(r'<a class="tpa-cite tpa-row-open" href="([^"]*)" aria-label="([^"]*)">([^<]*)</a>', rows) == [
        ("#cite-7-1", "Open 1: Levy ‹on› tin", "Open 1"),
        ("#cite-7-2", "Open 2: Levy ‹on› tin", "Open 2"),
    ]


def test_folded_refusal_names_the_nearest_articles_and_no_sources() -> None:
    near = NearestArticle("b" * 16, "Duties & dates", "Osmark Gazette", None, None)
    refused = replace(ANSWER, is_refusal=True, claims=(), text="Nothing indexed answers this.", nearest=(near,))
    shown = folded(turn(answer=refused))
    assert "No answer in the indexed articles" in shown
    assert "Nothing indexed answers this." in shown
    assert "Related, not an answer</p>" in shown
    assert "Duties &amp; dates" in shown
    assert "Sources</p>" not in shown


def test_folded_turn_without_an_answer_says_how_it_ended() -> None:
    assert "Stopped early." in folded(turn(state=TurnState.STOPPED, answer=None), ending="Stopped early.")


@pytest.mark.parametrize(("vote", "words"), [(Vote.UP, "You said: Good"), (Vote.DOWN, "You said: Not right")])
def test_folded_turn_says_what_was_said_of_it(vote: Vote, words: str) -> None:
    assert words in folded(turn(), given=Feedback(vote))


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, embedder: Embedder) -> AppTest:
    """Open a stored conversation: three turns before those that are always whole, the second of them interrupted."""
    article = tmp_path / "levy.txt"
    article.write_text(f"Levy on tin\n\n{SENTENCE}\n", encoding="utf-8")
    ingest([article], load_settings(data_dir=tmp_path / "data"), embedder=embedder)
    monkeypatch.setenv("TRADE_ASSISTANT_DATA_DIR", str(tmp_path / "data"))
    store = ConversationStore(tmp_path / "data")
    for number in range(1, WHOLE_TURNS + 4):
        asked = replace(ANSWER, standalone_question=f"Question <{number}>?")
        one = turn(number, state=TurnState.INTERRUPTED, answer=None) if number == 2 else turn(number, answer=asked)
        store.save(LOCAL, "some", one.stored(), title="Tin?")
    opened = AppTest.from_file(APP, default_timeout=60)
    opened.query_params["c"] = "some"
    return opened.run()


def keys(app: AppTest, start: str) -> list[str]:
    return [str(button.key) for button in app.button if str(button.key).startswith(start)]


@pytest.mark.model
def test_only_the_latest_turns_and_those_that_went_wrong_are_drawn_with_their_buttons(app: AppTest) -> None:
    whole = [2, *range(4, WHOLE_TURNS + 4)]
    assert keys(app, "more-") == ["more-1", "more-3"]
    assert keys(app, "edit-") == [f"edit-{number}" for number in whole]
    assert keys(app, "again-") == ["again-2"]
    assert markup(app).count('<header class="tpa-question">') == WHOLE_TURNS + 3
    assert [markup(app).count(f"#cite-{number}-1") for number in (1, 2, 3, 4)] == [2, 0, 2, 1]


@pytest.mark.model
def test_more_of_a_folded_turn_is_drawn_once_it_is_asked_for(app: AppTest) -> None:
    app.button(key="more-3").click().run()
    assert keys(app, "more-") == ["more-1"]
    assert keys(app, "open-source-3-") == ["open-source-3-1", "open-source-3-2"]
    assert keys(app, "edit-") == [f"edit-{number}" for number in range(2, WHOLE_TURNS + 4)]
