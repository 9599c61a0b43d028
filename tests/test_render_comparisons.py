"""Where sources differ is drawn as they say it: each side's quote, publisher and date, nothing run, nothing merged."""

from __future__ import annotations

import html
import io
import re
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from assistant.conversation_records import TurnState
from assistant.domain import Answer, Citation, Claim, Comparison, ComparisonKind, Position, Searched, Support
from ui import cli_json, cli_text, render_comparisons
from ui.turn import TurnView

HOSTILE = '<script>alert(1)</script> **31** ~5% & 7% "quoted" <img src=x onerror=alert(2)> [9](javascript:x)'


def citation(marker: int, quote: str, publisher: str, published: date | None) -> Citation:
    return Citation(marker, f"a{marker}", 1, f"T{marker}", publisher, None, published, None, 0, len(quote), quote)


OLD = citation(1, "The tariff comes to around 31 percent.", "Sylvania Post", date(2026, 1, 12))
NEW = citation(2, "The average tariff is 29 percent, economists say.", "Ruritania Wire", date(2026, 2, 3))
DIFFERENCE = Comparison(
    ComparisonKind.FIGURE,
    "the average tariff",
    (Position("29 percent", (NEW,), is_newest=True), Position("around 31 percent", (OLD,))),
)
AGREEMENT = Comparison(ComparisonKind.FIGURE, "the average tariff", (Position("around 31 percent", (OLD, NEW)),))
ANSWER = Answer(
    question="What is the average tariff?",
    standalone_question="What is the average tariff?",
    is_refusal=False,
    text=f"{OLD.quote} [1]",
    claims=(Claim(OLD.quote, Support.SUPPORTED, "exact quote", (OLD,)),),
    nearest=(),
    searched=Searched(12, 40),
    generation=1,
    as_of=None,
    answerer="exact quotes",
    comparisons=(DIFFERENCE,),
)


def drawn(*comparisons: Comparison) -> str:
    return render_comparisons.comparisons_html(comparisons, 3)


def text(markup: str) -> str:
    without_cards = re.sub(r'<span class="tpa-hover" hidden>.*?</span></span>', " ", markup)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", without_cards)).split())


def printed(answer: Answer) -> str:
    console = Console(file=io.StringIO(), width=100, markup=False, emoji=False, highlight=False)
    cli_text.print_answer(console, answer)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


class TestPage:
    def test_each_position_has_value_quote_chip_publisher_and_date(self) -> None:
        assert text(drawn(DIFFERENCE)) == (
            "Sources differ on the average tariff "
            "29 percent newer Ruritania Wire · 3 February 2026 2 The average tariff is 29 percent, economists say. "
            "around 31 percent Sylvania Post · 12 January 2026 1 The tariff comes to around 31 percent."
        )
        assert re.findall(r'href="(#cite-[\d-]+)"', drawn(DIFFERENCE)) == ["#cite-3-2", "#cite-3-1"]

    def test_what_a_claim_above_quotes_is_not_quoted_again(self) -> None:
        claim = Claim("The average tariff is 29 percent, economists say.", Support.SUPPORTED, "", (NEW,))
        assert text(render_comparisons.comparisons_html((DIFFERENCE,), 3, claims=(claim,))) == (
            "Sources differ on the average tariff 29 percent newer Ruritania Wire · 3 February 2026 2 "
            "around 31 percent Sylvania Post · 12 January 2026 1 The tariff comes to around 31 percent."
        )

    def test_agreement_is_one_line(self) -> None:
        assert text(drawn(AGREEMENT)) == "2 independent sources agree: around 31 percent 1 2"

    def test_nothing_compared_draws_nothing(self) -> None:
        assert drawn() == ""

    def test_of_three_positions_one_is_the_newest(self) -> None:
        third = Position("27 percent", (replace(OLD, marker=4, published=date(2025, 1, 1)),))
        assert text(drawn(replace(DIFFERENCE, positions=(*DIFFERENCE.positions, third)))).count("newest") == 1

    def test_undated_source_is_said_to_be(self) -> None:
        undated = replace(DIFFERENCE, positions=(Position("31 percent", (replace(OLD, published=None),)),) * 2)
        assert "Sylvania Post · undated" in text(drawn(undated))

    def test_source_without_a_publisher_goes_by_its_author_or_title(self) -> None:
        for author, shown in (("A. Writer", "A. Writer · 12 January 2026"), (None, "T1 · 12 January 2026")):
            nameless = Position("31 percent", (replace(OLD, publisher=None, author=author),))
            compared = replace(DIFFERENCE, positions=(nameless, DIFFERENCE.positions[0]))
            assert shown in text(drawn(compared))
            assert f"  {shown}" in printed(replace(ANSWER, comparisons=(compared,))).splitlines()

    def test_hostile_words_are_shown_and_not_run(self) -> None:
        hostile = citation(1, HOSTILE, HOSTILE, None)
        positions = (Position(HOSTILE, (hostile,)), Position("b", (NEW,)))
        markup = drawn(Comparison(ComparisonKind.FIGURE, HOSTILE, positions))
        assert "<script" not in markup
        assert "<img" not in markup
        assert text(markup).count(" ".join(HOSTILE.split())) == 4


@given(quote=st.text(min_size=1, max_size=900), at=st.integers(0, 900))
def test_excerpt_is_words_of_the_quote_around_the_value(quote: str, at: int) -> None:
    line = " ".join(quote.split())
    shown = render_comparisons.excerpt(quote, line[at : at + 5])
    assert shown.removeprefix("… ").removesuffix(" …") in line
    assert len(shown) <= render_comparisons.MAX_QUOTE_CHARS + 4


def test_excerpt_of_a_long_quote_holds_its_value() -> None:
    quote = f"{'words before it ' * 30}the duty is 31 percent {'and words after it ' * 30}"
    assert "31 percent" in render_comparisons.excerpt(quote, "31 percent")


def test_chip_of_a_source_that_only_agrees_opens() -> None:
    answer = replace(ANSWER, comparisons=(AGREEMENT,))
    view = TurnView(TurnState.DONE, ANSWER.claims, answer, None, 0)
    assert render_comparisons.shown_citations(view) == (OLD, NEW)
    assert render_comparisons.shown_citation(view, 2) == NEW
    assert render_comparisons.shown_citation(replace(view, answer=None), 2) is None


class TestTerminal:
    def test_difference_is_printed_after_the_answer(self) -> None:
        lines = [line.rstrip() for line in printed(ANSWER).splitlines()]
        start = lines.index("Sources differ on the average tariff")
        assert lines[start : start + 7] == [
            "Sources differ on the average tariff",
            "- 29 percent (newer)",
            "  “The average tariff is 29 percent, economists say.” [2]",
            "  Ruritania Wire · 3 February 2026",
            "- around 31 percent",
            "  “The tariff comes to around 31 percent.” [1]",
            "  Sylvania Post · 12 January 2026",
        ]

    def test_agreement_is_printed_in_one_line(self) -> None:
        answer = replace(ANSWER, comparisons=(AGREEMENT,))
        assert "2 independent sources agree: around 31 percent [1][2]" in printed(answer).splitlines()

    def test_markers_stand_in_their_order(self) -> None:
        turned = replace(AGREEMENT, positions=(replace(AGREEMENT.positions[0], citations=(NEW, OLD)),))
        assert "2 independent sources agree: around 31 percent [1][2]" in printed(
            replace(ANSWER, comparisons=(turned,))
        )
        assert text(drawn(turned)) == "2 independent sources agree: around 31 percent 1 2"

    def test_sources_list_what_only_a_comparison_cites(self) -> None:
        assert "[2] T2" in printed(replace(ANSWER, comparisons=(AGREEMENT,)))

    @pytest.mark.parametrize("character", ["\x1b", "\x9b", "\u202e", "\x07"])
    def test_nothing_steers_the_terminal(self, character: str) -> None:
        nasty = citation(1, f"a{character}[2Jb", f"p{character}", None)
        answer = replace(
            ANSWER,
            comparisons=(
                Comparison(
                    ComparisonKind.STATUS,
                    f"point{character}",
                    (Position(f"v{character}", (nasty,)), Position("w", (NEW,))),
                ),
            ),
        )
        assert character not in printed(answer)


def test_json_holds_every_position_with_its_citation() -> None:
    (record,) = cli_json.answer_json(ANSWER)["comparisons"]
    assert {key: record[key] for key in ("kind", "point", "is_agreement")} == {
        "kind": "figure",
        "point": "the average tariff",
        "is_agreement": False,
    }
    shown = [(one["value"], one["is_newest"], one["citations"][0]["marker"]) for one in record["positions"]]
    assert shown == [("29 percent", True, 2), ("around 31 percent", False, 1)]
