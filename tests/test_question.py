"""A question is taken apart into what it asks for and what it names."""

from __future__ import annotations

import pytest

from assistant.candidates import holds
from assistant.question import Asked, read_question


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("How long will the pause last?", Asked.DURATION),
        ("Until when does the waiver run?", Asked.DATE),
        ("On what date did the ministry publish its list?", Asked.DATE),
        ("What share of world output does Chile refine?", Asked.SHARE),
        ("How many tonnes were shipped?", Asked.NUMBER),
        ("What did the commissioner say about quotas?", Asked.STATEMENT),
        ("Who signed the order?", Asked.PERSON),
        ("Which official warned of shortages?", Asked.PERSON),
        ("Under which law were the duties imposed?", Asked.LAW),
        ("Where was the agreement signed?", Asked.PLACE),
        ("Why were the licences revoked?", Asked.REASON),
        ("Which minerals are covered?", Asked.LIST),
        ("Which broker insures the cargo?", Asked.OTHER),
        ("What are companies doing when they apply for a licence?", Asked.LIST),
        ("Is the ban still in force?", Asked.YES_NO),
        ("Does the EU, which paused its list, still levy duties?", Asked.YES_NO),
        ("If no deal is reached, who decides?", Asked.PERSON),
        ("When the talks ended, what did the United States agree to?", Asked.OTHER),
    ],
)
def test_what_is_asked_for(text: str, asked: Asked) -> None:
    assert read_question(text).asked is asked


def test_names_figures_goods_and_the_kind_of_thing_asked_for() -> None:
    question = read_question("How many million tons of soybeans did China’s Cofco buy under Section 301 in 2024?")
    assert question.names == ("China", "Cofco")
    assert question.figures == ("2024",)
    assert [identifier.key for identifier in question.identifiers] == ["Section 301"]
    assert question.goods == ("soybeans",)
    assert question.asked_for == ("million", "ton")


@pytest.mark.parametrize(
    ("question", "text", "is_there"),
    [
        ("How long does it last?", "It lasts until November 2026.", True),
        ("How long does it last?", "It lasts.", False),
        ("When did it begin?", "It began in early October.", True),
        ("When did it begin?", "It may begin soon.", False),
        ("Where did they meet?", "They met in Geneva.", True),
        ("Which law is it?", "The Trade Act of 1974 applies.", True),
        ("What share is it?", "About 31 per cent.", True),
    ],
)
def test_the_type_asked_for_is_seen_in_a_text(question: str, text: str, is_there: bool) -> None:
    assert read_question(question).is_type_in(text) is is_there


@pytest.mark.parametrize("piece", ["1", "(a,", "a,", "quota ", "A", "vote ", "Ab ", "“a "])
def test_long_text_of_one_kind_is_read_in_one_go(piece: str) -> None:
    text = piece * (100_000 // len(piece))
    for asked in ("What are the quotas?", "Who was it?", "Why?", "When did it end?", "By what vote did it pass?"):
        question = read_question(asked)
        seen = (question.is_type_in(text), holds(text, question))
        assert seen == (question.is_type_in(text[:5_000]), holds(text[:5_000], question))
