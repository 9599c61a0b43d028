"""What somebody claims is no fact, a denial is shown as one, and one body's figure is one source however often told."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.attribution import origin_names, origin_words
from assistant.claim_reading import read_text
from assistant.domain import PartialDate, Validity
from assistant.facts import read_facts
from assistant.sameness import Relation, relation
from assistant.validity import read_words


@pytest.mark.parametrize(
    "text",
    [
        "Opponents claim the ban on tin exports was lifted.",
        "Opponents say that the ban on tin exports was lifted.",
        "The ban on tin exports was lifted, critics say.",
        "The ban on tin exports was lifted in May, the union alleges.",
        "The ban on tin exports was reportedly lifted.",
        "The ban on tin exports is said to have been lifted.",
        "According to unconfirmed reports the ban on tin exports was lifted.",
        "Miners accuse Freedonia of having ended its ban on tin exports.",
        "Rivals argue that the duty on tin is 25 percent.",
        "The levy on tin allegedly ends on 10 November 2026.",
        "The paper retracted its report that the ban on tin exports was lifted.",
        "The court refused to say that the ban on tin exports was lifted.",
        "No one denies that the ban on tin exports was lifted.",
    ],
)
def test_what_somebody_claims_is_no_fact(text: str) -> None:
    assert read_facts(text) == ()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("The ban on tin exports was lifted, the ministry said.", "lifted"),
        ("The ban on tin exports was lifted, but miners claim that jobs will go.", "lifted"),
        ("Miners claim to be ruined; the ban on tin exports was lifted.", "lifted"),
        ("According to the ministry the ban on tin exports was lifted.", "lifted"),
    ],
)
def test_what_a_text_tells_itself_is_a_fact(text: str, value: str) -> None:
    assert [fact.value for fact in read_facts(text)] == [value]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (
            "The minister denied that the tariff on steel is 25 percent.",
            "denied that the tariff on steel is 25 percent",
        ),
        ("The minister denied the ban on steel was lifted.", "denied the ban on steel was lifted"),
        ("It is not true that the ban on tin was lifted.", "is not true that the ban on tin was lifted"),
        ("Reports that the ban on tin was lifted are false.", "Reports that the ban on tin was lifted are false"),
        ("The port dismissed reports that it lifted the ban on tin.", "dismissed reports that it lifted"),
        ("The port denied that the levy ends on 1 May 2027.", "denied that the levy ends on 1 May 2027"),
    ],
)
def test_what_is_denied_is_shown_with_its_denial(text: str, value: str) -> None:
    facts = read_facts(text)
    assert value in [fact.value for fact in facts]
    assert all(fact.is_denied for fact in facts)


def test_beside_a_denial_nothing_is_sure() -> None:
    assert read_facts("The port denied reports of a delay and said that the ban on tin was lifted.") == ()


def test_what_is_said_after_a_denial_of_something_else_is_a_fact() -> None:
    facts = read_facts("The port denied a delay and said that the ban on tin was lifted.")
    assert [fact.value for fact in facts] == ["lifted"]


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ("The ban on tin was lifted.", Relation.OTHER),
        ("The ban on tin remains in force.", Relation.UNCLEAR),
        ("The port denied that the ban on tin was lifted.", Relation.UNCLEAR),
    ],
)
def test_a_denial_contradicts_what_it_denies_and_says_no_more(other: str, expected: Relation) -> None:
    denial = next(fact for fact in read_facts("The minister denied that the ban on tin was lifted.") if fact.side)
    stated = next(fact for fact in read_facts(other) if fact.side)
    assert relation(denial, stated) is relation(stated, denial) is expected


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("The toll would cost $40 million, according to the Peverell Institute.", ["Peverell Institute"]),
        ("The Peverell Institute estimates that the toll would cost $40 million.", ["Peverell Institute"]),
        ("Data from the Peverell Institute put the toll at $40 million.", ["Peverell Institute"]),
        ("The toll would cost $40 million, Peverell Institute data show.", ["Peverell Institute"]),
        ("The Peverell Institute opposes the toll of $40 million.", []),
    ],
)
def test_the_body_that_a_figure_is_from_is_named(text: str, names: list[str]) -> None:
    reading = read_text(text)
    assert [reading.written(name) for name in origin_names(reading)] == names


def test_a_body_without_a_name_is_known_by_its_words() -> None:
    assert origin_words(read_text("Exports rose to $4 million, according to customs data.")) == {"custom", "data"}
    assert origin_words(read_text("Exports rose to $4 million.")) == frozenset()


@pytest.mark.parametrize(
    "quote",
    [
        "Opponents claim the ban on tin expires on 3 June 2026.",
        "The ban on tin expires on 3 June 2026, critics say.",
        "The ban on tin reportedly expires on 3 June 2026.",
        "Officials denied the ban on tin expires on 3 June 2026.",
        "Talks on the ban on tin end on 3 June 2026.",
        "The review of the ban on tin must end no later than 3 June 2026.",
    ],
)
def test_no_time_is_read_from_a_claim_a_denial_or_an_event(quote: str) -> None:
    assert read_words(quote, published=date(2026, 3, 2)) == Validity()


def test_a_time_beside_a_claim_of_something_else_is_read() -> None:
    read = read_words(
        "The ban on tin expires on 3 June 2026, but miners claim that it stays.", published=date(2026, 3, 2)
    )
    assert read.expires == PartialDate(2026, 6, 3)
