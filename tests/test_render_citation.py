"""A citation shown by itself: a reference that leads to the span, and what the answer uses it for."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given

from assistant.domain import Support
from tests.test_render import Read, citation, claim, texts
from ui.render_citation import check_words, place_of, quote_with_reference, reference, used_for_html


def test_quote_is_copied_as_it_is_with_all_that_leads_to_it() -> None:
    cited = replace(
        citation(quote="It rose 5~10%.\n- More"), url="https://wire.example/a", version=2, start=120, end=141
    )
    assert quote_with_reference(cited) == (
        "“It rose 5~10%.\n- More” — Sample Wire, “A title”, 2 November 2025, https://wire.example/a, version 2, "
        "characters 120–141"
    )


def test_reference_leaves_out_what_is_not_known_and_an_address_that_is_none() -> None:
    bare = replace(citation(), publisher=None, author=None, published=None, url="javascript:alert(1)", start=0, end=8)
    assert reference(bare) == "“A title”, undated, version 1, characters 0–8"


@given(texts)
def test_reference_is_one_line(text: str) -> None:
    assert len(reference(replace(citation(title=text), publisher=text)).splitlines()) == 1


@given(texts, texts)
def test_what_a_citation_is_used_for_is_shown_as_it_is(text: str, reason: str) -> None:
    shown = Read(used_for_html(citation(), [claim(f"It said {text}", citation(), reason=reason)]))
    assert shown.text.startswith("Used for: It said ")
    assert text in shown.text
    assert shown.tags == {"p", "span"}


def test_each_claim_that_cites_is_named_with_its_verdict() -> None:
    first = claim("It rose 5 %.", citation(), reason="its figures are in the cited passage")
    other = claim("It fell.", citation(2))
    doubted = claim("It rose 7 %.", citation(), support=Support.PARTIAL, reason="7 % is not in the cited passage")
    assert Read(used_for_html(citation(), [first, other, doubted])).text == (
        "Used for: It rose 5 %.Checked: its figures are in the cited passage."
        "Used for: It rose 7 %.Partly supported. 7 % is not in the cited passage."
    )


def test_citation_of_a_comparison_alone_says_so() -> None:
    assert Read(used_for_html(citation(3), [claim("It rose 5 %.", citation())])).text == (
        "Used for: the comparison of sources"
    )


def test_passage_that_is_the_claim_is_not_said_again() -> None:
    quoted = claim("A  quote.", citation(quote="A quote."), reason="exact quote")
    assert Read(used_for_html(citation(), [quoted])).text == ("Used for: a quote, word for wordChecked: exact quote.")


def test_verdict_without_a_reason_is_a_sentence() -> None:
    assert check_words(claim("It rose.", support=Support.UNCITED)) == "No source."
    assert check_words(claim("It rose.", citation())) == "Checked."


def test_place_counts_the_citations_of_the_answer() -> None:
    assert place_of(citation(4), [citation(1), citation(4), citation(7)]) == (2, 3)
