"""What a reader is told before relying on an answer: what is over, what is old, what changed since."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from assistant.domain import (
    Citation,
    Claim,
    Comparison,
    ComparisonKind,
    PartialDate,
    Position,
    Standing,
    Support,
    Validity,
)
from assistant.notes import notes
from assistant.over_time import change_note

TODAY = date(2026, 11, 22)
NEW = date(2026, 11, 1)


def citation(
    marker: int,
    quote: str = "Canneries stocked up.",
    *,
    published: date | None = NEW,
    effective: PartialDate | None = None,
    expires: PartialDate | None = None,
    publisher: str = "Harbour Wire",
) -> Citation:
    """Return a citation of an article of its own."""
    return Citation(
        marker, f"a{marker}", 1, "T", publisher, None, published, None, 0, len(quote), quote, Standing.WIRE,
        Validity(effective, expires),
    )  # fmt: skip


def claims(*cited: Citation) -> list[Claim]:
    """Return a claim for each citation."""
    return [Claim(one.quote, Support.SUPPORTED, "", (one,)) for one in cited]


def test_time_that_is_over_is_said_once_for_all_who_say_it() -> None:
    month = PartialDate(2026, 10)
    told = claims(citation(1, expires=month), citation(2), citation(3, expires=month))
    assert notes(told, today=TODAY) == ("According to [1] and [3] this applied until October 2026; that time is over.",)
    assert notes(told, today=date(2026, 10, 31)) == ()


def test_newer_source_that_gives_a_later_end_is_named() -> None:
    old = citation(1, published=date(2026, 3, 4), expires=PartialDate(2026, 6, 8))
    new = citation(2, published=date(2026, 6, 5), expires=PartialDate(2027, 11))
    agreed = Comparison(ComparisonKind.STATUS, "the ban", (Position("suspended", (new, old)),))
    assert notes(claims(old), [agreed], today=TODAY) == (
        "According to [1] this applied until 8 June 2026, according to [2], which is newer, until November 2027.",
    )
    assert notes(claims(old), [agreed], today=date(2027, 12, 1))[1:] == (
        "According to [2] this applied until November 2027; that time is over.",
    )


def test_time_is_not_over_before_the_last_day_that_the_text_allows() -> None:
    told = claims(citation(1, expires=PartialDate(2026, 11)))
    assert notes(told, today=date(2026, 11, 30)) == ()
    assert len(notes(told, today=date(2026, 12, 1))) == 1


def test_time_that_has_not_begun_is_said() -> None:
    told = claims(citation(1, effective=PartialDate(2026, 12, 1)))
    assert notes(told, today=TODAY) == ("According to [1] this applies from 1 December 2026; that is still to come.",)


def test_day_asked_about_counts_and_not_today() -> None:
    told = claims(citation(1, published=date(2024, 1, 5), expires=PartialDate(2025, 3, 31)))
    assert notes(told, today=TODAY, as_of=date(2024, 6, 1), stale_after_days=180) == ()
    assert notes(told, today=TODAY, as_of=date(2025, 5, 1), stale_after_days=180) == (
        "According to [1] this applied until 31 March 2025; by 1 May 2025 that time was over.",
        "The newest source cited is from 5 January 2024, 15 months old on 1 May 2025.",
    )


@pytest.mark.parametrize(
    ("limit_days", "said"),
    [(0, ()), (629, ()), (628, ("The newest source cited is from 3 March 2025, 20 months old.",))],
)
def test_answer_from_old_sources_says_how_old(limit_days: int, said: tuple[str, ...]) -> None:
    old, older = citation(1, published=date(2025, 3, 3)), citation(2, published=date(2020, 1, 1))
    assert notes(claims(older, old), today=TODAY, stale_after_days=limit_days) == said


def test_undated_sources_are_not_called_old() -> None:
    assert notes(claims(citation(1, published=None)), today=TODAY, stale_after_days=1) == ()


def change(old: Citation, was: str, new: Citation, now: str, kind: ComparisonKind = ComparisonKind.FIGURE) -> str:
    """Return the note on two positions."""
    positions = (Position(now, (new,), is_newest=True), Position(was, (old,)))
    return change_note(Comparison(kind, "the duty", positions))


OLD = citation(2, "The duty is 20 percent.", published=date(2025, 11, 3))


def test_change_is_told_with_both_values_and_since_when() -> None:
    cut = citation(
        1, "The duty was cut from 20 to 10 percent.", published=date(2025, 11, 11), effective=PartialDate(2025, 11, 10),
        publisher="Sylvanian Post",
    )  # fmt: skip
    assert change(OLD, "20 percent", cut, "10 percent") == (
        "Changed over time: was 20 percent [2] (3 November 2025), since 10 November 2025 10 percent [1]."
    )
    undated = replace(cut, validity=Validity())
    assert change(OLD, "20 percent", undated, "10 percent") == (
        "Changed over time: was 20 percent [2] (3 November 2025), now 10 percent [1] (11 November 2025)."
    )


def test_halving_and_an_own_update_are_changes() -> None:
    halved = citation(1, "The duty was halved to 10 percent.", publisher="Sylvanian Post")
    own = citation(1, "The duty is 10 percent.")
    assert change(OLD, "20 percent", halved, "10 percent") != ""
    assert change(OLD, "20 percent", own, "10 percent") != ""


def test_contradiction_stays_a_contradiction() -> None:
    other = "Sylvanian Post"
    says = citation(1, "The duty is 10 percent.", publisher=other)
    raised = citation(1, "The duty was raised to 30 percent.", publisher=other)
    same_day = citation(1, "The duty was cut from 20 to 10 percent.", published=OLD.published, publisher=other)
    undated = citation(1, "The duty was cut from 20 to 10 percent.", published=None, publisher=other)
    lifted = citation(1, "The ban was lifted.", publisher=other)
    assert change(OLD, "20 percent", says, "10 percent") == ""
    assert change(OLD, "20 percent", raised, "30 percent") == ""
    assert change(OLD, "20 percent", same_day, "10 percent") == ""
    assert change(OLD, "20 percent", undated, "10 percent") == ""
    assert change(citation(2, "The ban remains in force."), "in force", lifted, "lifted", ComparisonKind.STATUS) == ""


def test_agreement_and_three_positions_are_no_change() -> None:
    agreed = Comparison(ComparisonKind.FIGURE, "the duty", (Position("20 percent", (OLD, citation(1))),))
    three = Comparison(
        ComparisonKind.FIGURE, "the duty", tuple(Position(str(one), (citation(one),)) for one in (1, 2, 3))
    )
    assert (change_note(agreed), change_note(three)) == ("", "")


def test_change_that_is_still_to_come_is_no_change_yet() -> None:
    raised = citation(
        1, "The duty rises from 20 to 25 percent on 1 January 2027.", effective=PartialDate(2027, 1, 1),
        publisher="Sylvanian Post",
    )  # fmt: skip
    positions = (Position("25 percent", (raised,), is_newest=True), Position("20 percent", (OLD,)))
    compared = Comparison(ComparisonKind.FIGURE, "the duty", positions)
    told = "from 1 January 2027 25 percent [1]."
    assert change_note(compared, TODAY) == f"Change to come: 20 percent [2] (3 November 2025), {told}"
    assert change_note(compared, date(2027, 1, 1)) == (
        "Changed over time: was 20 percent [2] (3 November 2025), since 1 January 2027 25 percent [1]."
    )


def test_facts_that_need_not_be_about_one_thing_are_no_change_and_no_extension() -> None:
    old = citation(2, "Tin may leave again.", published=date(2026, 3, 4), expires=PartialDate(2027, 3, 8))
    new = citation(1, "Zinc may not.", published=date(2026, 6, 5), expires=PartialDate(2027, 11))
    positions = (Position("remain", (new,), is_newest=True), Position("suspended", (old,)))
    loose = Comparison(ComparisonKind.STATUS, "what still applies", positions, is_loose=True)
    assert notes(claims(old, new), [loose], today=TODAY) == ()


def test_another_doer_and_another_past_day_are_no_change() -> None:
    one, other = citation(2, "Rosa Valverde signed.", published=date(2025, 11, 3)), citation(1, "Paulo Mendes signed.")
    assert change(one, "Rosa Valverde", other, "Paulo Mendes", ComparisonKind.ACTOR) == ""
    one, other = citation(2, "Signed on 1 May 2025.", published=date(2025, 11, 3)), citation(1, "Signed on 2 May 2025.")
    assert change(one, "1 May 2025", other, "2 May 2025", ComparisonKind.DATE) == ""


def test_an_undated_source_may_be_newer_than_the_newest_dated_one() -> None:
    told = claims(citation(1, published=date(2025, 3, 3)), citation(2, published=None))
    assert notes(told, today=TODAY, stale_after_days=180) == (
        "The newest dated source cited is from 3 March 2025, 20 months old.",
    )


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ("The ban was lifted on 5 May 2026.", True),
        ("The ban was lifted on 5 May.", True),
        ("The ban was lifted on 5 May 2025.", False),
        ("The ban was lifted.", False),
        ("The ban was lifted on 5/6/2026.", False),
    ],
)
def test_a_status_changes_on_a_day_after_the_older_report(told: str, said: bool) -> None:
    old = citation(2, "The ban remains in force.", published=date(2025, 11, 3), publisher="Harbour Wire")
    new = citation(1, told, published=date(2026, 6, 8), publisher="Sylvanian Post")
    expected = "Changed over time: was “remains in force” [2] (3 November 2025), now “lifted” [1] (8 June 2026)."
    assert change(old, "remains in force", new, "lifted", ComparisonKind.STATUS) == (expected if said else "")


def test_a_denial_is_no_change() -> None:
    old = citation(2, "The ban was lifted.", published=date(2026, 5, 3))
    new = citation(1, "The ministry denied that the ban was lifted.", published=date(2026, 6, 8))
    assert change(old, "lifted", new, "denied that the ban was lifted", ComparisonKind.STATUS) == ""
