"""What a sentence states is read with its role: a level is no change, an end no start, a plan no status."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.domain import ComparisonKind
from assistant.facts import MAX_CHARS, read_facts

FIGURE, DATE, STATUS, ACTOR = ComparisonKind


def values(kind: ComparisonKind, text: str) -> list[tuple[str, str]]:
    """Return the role and the value of each fact of a kind; for a status how the measure stands."""
    return [(fact.side or fact.role, fact.value) for fact in read_facts(text) if fact.kind is kind]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The duty on tin is 31 percent.", [("level", "31 percent")]),
        ("The duty on tin was raised to around 31 percent.", [("level", "around 31 percent")]),
        (
            "The duty on tin was cut from 20 to 10 percent.",
            [("level before a change", "20"), ("level", "10 percent")],
        ),
        ("Exports of tin rose by 4 percent.", [("change", "rose by 4 percent")]),
        ("Chile mines over 80 percent of the tin.", [("share", "over 80 percent")]),
        ("They used 1,800 tonnes of the quota.", [("share", "1,800 tonnes")]),
        ("The pause in the duty lasts six months.", [("length", "six months")]),
        ("The duty began two years ago.", []),
        ("Section 301 covers tin.", []),
        ("The list names 214 companies.", [("level", "214")]),
        ("Tin is mined 260 km (160 mi) away.", [("level", "260 km")]),
    ],
)
def test_figures(text: str, expected: list[tuple[str, str]]) -> None:
    assert values(FIGURE, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The ban is suspended until 30 June 2026.", [("end", "30 June 2026")]),
        ("The levy takes effect on 1 May 2026.", [("start", "1 May 2026")]),
        ("The limits apply from September 2026.", [("start", "September 2026")]),
        ("The levy went into force on Aug. 12, 2026.", [("start", "Aug. 12, 2026")]),
        ("The tribunal ruled on 18 February.", [("day", "18 February")]),
        ("Mali exported 240,000 tonnes in 2024.", []),
        ("Prices held from 1974 to 1979.", []),
        ("It was convened by the Customs Act 1998.", []),
        ("The ban is suspended until 5/1/2026.", []),
    ],
)
def test_dates(text: str, expected: list[tuple[str, str]]) -> None:
    assert values(DATE, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Sylvania lifted its limits on onions.", [("ended", "lifted")]),
        ("Limits on onions remain in force.", [("holds", "remain in force")]),
        ("The cap on onions has not been lifted.", [("holds", "has not been lifted")]),
        ("The levy on onions no longer applies.", [("ended", "no longer applies")]),
        ("Curbs on onions were put on hold.", [("put off", "put on hold")]),
        ("Sylvania will delay its curbs on onions.", [("put off", "delay")]),
        ("Sylvania may lift its limits on onions.", []),
        ("Sylvania will lift its limits on onions.", []),
        ("Growers demand that the ban on onions be lifted.", []),
        ("Military force was used.", []),
        ("Sylvania announces a suspension of limits on onions, effective at once.", [("put off", "suspension")]),
        ("Sylvania lifted its limits on onions, effective at once.", [("ended", "lifted")]),
        ("Sylvania sets limits on onions, effective at once.", [("holds", "effective")]),
        ("The suspension of the limits on onions remains in force.", [("put off", "suspension")]),
        ("After the suspension of the fee, limits on onions remain in force.", [("holds", "remain in force")]),
        ("Exports dropped after the tariff.", []),
        ("The council approved the request.", [("accepted", "approved")]),
        ("The council rejected the request.", [("rejected", "rejected")]),
    ],
)
def test_statuses(text: str, expected: list[tuple[str, str]]) -> None:
    assert values(STATUS, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Rosa Valverde leads the talks on tin.", ["Rosa Valverde"]),
        ("Ingrid Solheim, a former judge, chairs the panel.", ["Ingrid Solheim"]),
        ("The terminal was bought by Nordhavn Logistics.", ["Nordhavn Logistics"]),
        ("Poland and Chile signed the accord.", ["Poland and Chile"]),
        ("Rosa Valverde will lead the talks on tin.", ["Rosa Valverde"]),
        ("The talks will be led by Rosa Valverde.", ["Rosa Valverde"]),
        ("Rosa Valverde said the talks went on.", []),
        ("Rosa Valverde criticised the levy.", []),
    ],
)
def test_actors(text: str, expected: list[str]) -> None:
    assert [value for _, value in values(ACTOR, text)] == expected


@given(st.text(max_size=300))
def test_every_value_stands_in_its_text(text: str) -> None:
    squeezed = " ".join(text.split())
    assert all(fact.value in squeezed for fact in read_facts(text))


def test_long_texts_are_left_alone() -> None:
    assert read_facts("The duty on tin is 31 percent. " * MAX_CHARS) == ()


@pytest.mark.parametrize(
    "text",
    [
        "The tariff on steel is not 25 percent, the ministry said.",
        "The tariff on steel isn't 25 percent.",
        "The tariff on steel is no longer 25 percent.",
        "The import quota was never set at 300,000 tonnes.",
        "It denied lifting the ban on gallium.",
        "Li Wei did not sign the accord.",
    ],
)
def test_what_is_not_so_is_no_fact(text: str) -> None:
    assert read_facts(text) == ()


@pytest.mark.parametrize(
    ("text", "is_proposed"),
    [
        ("Senators proposed a tariff of 25 percent on steel.", True),
        ("A tariff of 25 percent would fall on steel.", True),
        ("The tariff on steel would end on 1 May 2027.", True),
        ("The tariff on steel is 25 percent.", False),
        ("The tariff on steel fell to 25 percent in May.", False),
    ],
)
def test_what_somebody_asks_for_is_told_apart(text: str, is_proposed: bool) -> None:
    assert {fact.is_proposed for fact in read_facts(text)} == {is_proposed}


def test_a_day_on_which_nothing_ends_is_no_fact() -> None:
    assert read_facts("The ban will not end on 10 November 2026.") == ()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("The duty on steel is no more than 25 percent.", "no more than 25 percent"),
        ("The ban will not end until 10 November 2026.", "10 November 2026"),
        ("The duty on steel was set not at 20 but at 25 percent.", "25 percent"),
        ("The court denied the appeal and the duty on steel stayed 25 percent.", "25 percent"),
    ],
)
def test_a_bound_and_what_is_said_instead_are_facts(text: str, value: str) -> None:
    assert value in [fact.value for fact in read_facts(text)]
