"""A claim laid beside a sentence: what stands for what, what moved, and what is in a slot without a link."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.alignment import MOST_UNITS, Alignment, align
from assistant.claim_reading import read_case, read_text
from assistant.near_copies import is_near_copy, near_copies
from assistant.units import units_of


def laid(claim: str, source: str) -> Alignment:
    return align(units_of(read_text(claim)), units_of(read_text(source)))


def linked(claim: str, source: str) -> list[tuple[str, str]]:
    """Return the pairs of parts of the two texts that are linked, as both are written."""
    lines, mine, theirs = laid(claim, source), read_text(claim), read_text(source)
    return [
        (
            mine.as_given(lines.claim[here].start, lines.claim[here].end),
            theirs.as_given(lines.source[there].start, lines.source[there].end),
        )
        for here, there in sorted(lines.links.items())
    ]


def test_other_forms_of_a_figure_a_date_a_country_and_a_word_are_linked() -> None:
    claim = "China began buying 31 per cent on Nov. 9."
    source = "Beijing started to purchase 31% on 9 November."
    assert linked(claim, source) == [
        ("China", "Beijing"),
        ("began", "started"),
        ("buying", "purchase"),
        ("31 per cent", "31%"),
        ("on", "on"),
        ("Nov. 9", "9 November"),
    ]


@pytest.mark.parametrize(
    ("claim", "source"),
    [("Duties rose.", "Duties fell."), ("All firms.", "Most firms."), ("An important firm.", "An import firm.")],
)
def test_opposites_and_words_that_only_look_alike_are_not_linked(claim: str, source: str) -> None:
    assert len(laid(claim, source).loose) == 1


def test_clause_that_moved_is_linked_out_of_order() -> None:
    lines = laid("If rain comes, ships pass.", "Ships pass if rain comes.")
    assert lines.loose == []
    assert lines.coverage == 1
    assert {lines.claim[at].lower for at in lines.moved} in ({"if", "rain", "comes"}, {"ships", "pass"})


def test_slot_is_what_stands_between_the_same_neighbours() -> None:
    lines = laid("The port of Rotterdam closed on Friday.", "The port of Hamburg closed on Friday.")
    (at,) = lines.loose
    assert lines.claim[at].lower == "rotterdam"
    assert [lines.source[there].lower for there in lines.slot(at)] == ["hamburg"]
    assert lines.is_inside(at)


@given(st.text(max_size=200), st.text(max_size=200))
def test_every_unit_is_linked_once_at_most_and_a_text_to_itself_in_order(claim: str, source: str) -> None:
    lines = laid(claim, source)
    assert len(set(lines.links.values())) == len(lines.links)
    assert all(one.is_like(other) for one, other in ((lines.claim[h], lines.source[t]) for h, t in lines.links.items()))
    itself = laid(claim, claim)
    assert itself.links == {at: at for at in range(len(itself.claim))}
    assert not itself.moved


def test_only_the_first_units_of_a_long_text_are_read() -> None:
    assert len(laid("tin " * 500, "zinc").claim) == MOST_UNITS


PASSAGE = "Talks opened in Lima. Peru cut its copper levy to 4% in May. Few saw it."


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        ("Peru cut its copper levy to 4% in June.", True),
        ("In May the levy on copper was cut to 4 percent by Peru.", True),
        ("Talks opened in Lima. Few saw it.", True),
        ("Analysts welcome cheaper Peruvian metal.", False),
        ("Few saw it. Analysts welcome cheaper Peruvian metal.", False),
    ],
)
def test_claim_is_a_near_copy_if_each_sentence_nearly_repeats_one(claim: str, expected: bool) -> None:
    case = read_case(claim, PASSAGE, similarity=None, published=())
    assert is_near_copy(case) is expected
    assert all(pair.source.original in PASSAGE for pair in near_copies(case))
