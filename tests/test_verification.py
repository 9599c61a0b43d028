"""What a reader may rely on when a sentence carries a citation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet
from hypothesis import given
from hypothesis import strategies as st

from assistant.domain import Support, Verdict
from assistant.text import sentences
from assistant.verification import is_verbatim, narrow, verify


@dataclass(frozen=True)
class Pair:
    source: str
    claim: str
    is_true: bool
    is_gap: bool


def read_pairs(name: str) -> list[Pair]:
    pairs, source = [], ""
    for line in (Path(__file__).parent / name).read_text(encoding="utf-8").splitlines():
        if line.startswith("> "):
            source = line[2:].replace("\\n", "\n")
        elif line.startswith(("+ ", "- ", "?+ ", "?- ")):
            sign, _, claim = line.partition(" ")
            pairs.append(Pair(source, claim, sign.endswith("+"), sign.startswith("?")))
    return pairs


PAIRS = read_pairs("verification_pairs.txt")


def cases(*, is_true: bool) -> list[ParameterSet]:
    gap = pytest.mark.xfail(strict=True, reason="known gap")
    return [
        pytest.param(pair, id=pair.claim, marks=[gap] if pair.is_gap else [])
        for pair in PAIRS
        if pair.is_true is is_true
    ]


NOTICE = "The ministry in Beijing announced on Nov. 9 that its ban is suspended until November 2026."


@pytest.mark.parametrize("pair", cases(is_true=True))
def test_true_paraphrase_is_supported(pair: Pair) -> None:
    verdict = verify(pair.claim, [pair.source])
    assert verdict.support is Support.SUPPORTED, verdict.reason


@pytest.mark.parametrize("pair", cases(is_true=False))
def test_claim_with_one_thing_changed_is_not_supported(pair: Pair) -> None:
    assert verify(pair.claim, [pair.source]).support in (Support.PARTIAL, Support.UNSUPPORTED)


def test_pairs_that_nothing_was_tuned_on_are_mostly_told_apart() -> None:
    kept = read_pairs("verification_kept.txt")
    supported = [pair.is_true for pair in kept if verify(pair.claim, [pair.source]).support is Support.SUPPORTED]
    assert supported.count(False) <= 0.1 * sum(not pair.is_true for pair in kept)
    assert supported.count(True) >= 0.6 * sum(pair.is_true for pair in kept)


@pytest.mark.parametrize(
    ("claim", "reason"),
    [
        ("The ministry announced on Nov. 19 that its ban is suspended.", "“Nov. 19” is not in the cited passage"),
        ("The ban is suspended until November 2028.", "“November 2028” is not in the cited passage"),
        ("Japan suspended its ban until November 2026.", "“Japan” is not in the cited passage"),
        ("The ban costs 31 % a year and is suspended.", "“31 %” is not in the cited passage"),
        ("The ban is “lifted for good”.", "the quoted words “lifted for good” are not in the cited passage"),
        ("The ban is not suspended.", "the cited passage says the opposite about “suspended”"),
        (
            "Soccer clubs hired coaches for summer camps.",
            "the cited passage is about something else: it has no “Soccer”, “clubs”, “hired”",
        ),
    ],
)
def test_reason_names_what_is_wrong(claim: str, reason: str) -> None:
    verdict = verify(claim, [NOTICE])
    assert verdict == Verdict(Support.UNSUPPORTED, reason)


HALVED = "China will suspend new curbs for a year while the U.S. halved the fentanyl tariff to 10 percent."


@pytest.mark.parametrize(
    ("source", "claim", "support", "reason"),
    [
        (
            HALVED,
            "The U.S. halved the fentanyl tariff from 10 percent.",
            Support.UNSUPPORTED,
            "the cited passage says “to 10 percent”, not “from 10 percent”",
        ),
        (
            HALVED,
            "The U.S. lifted the fentanyl tariff by 10 percent.",
            Support.UNSUPPORTED,
            "the cited passage says “to 10 percent”, not “by 10 percent”",
        ),
        (
            "Steel output fell 12 percent in May.",
            "Steel output fell to 12 percent in May.",
            Support.UNSUPPORTED,
            "the cited passage says “fell 12 percent”, not “to 12 percent”",
        ),
        (
            HALVED,
            "China will suspend new curbs because the U.S. halved the fentanyl tariff.",
            Support.PARTIAL,
            "the cited passage does not say that one is because of the other",
        ),
        (HALVED, "10 percent.", Support.PARTIAL, "too short to be checked"),
        (HALVED, "To about 10%", Support.PARTIAL, "too short to be checked"),
        (HALVED, "Fentanyl tariff", Support.PARTIAL, "too short to be checked"),
        (HALVED, "20 percent.", Support.UNSUPPORTED, "“20 percent” is not in the cited passage"),
        (
            "The U.S. delayed the hearing on tin.",
            "Chile delayed the hearing on tin in the U.S.",
            Support.UNSUPPORTED,
            "“Chile” is not in the cited passage",
        ),
        (
            "The U.S. sued, and Chile agreed to the cut on tin.",
            "The U.S. agreed to the cut on tin, and Chile sued.",
            Support.UNSUPPORTED,
            "the cited passage says this of “Chile”, not of “U.S.”",
        ),
        (
            "Coal came on U.S. ships, and tin came on trucks from Japan.",
            "Coal came on Japanese ships.",
            Support.UNSUPPORTED,
            "the cited passage says this of “U.S.”, not of “Japanese”",
        ),
        (
            "Greer of the USTR said McGuire’s view of the tin duty was wrong.",
            "McGuire said the view of Greer on the tin duty was wrong.",
            Support.UNSUPPORTED,
            "the cited passage has this from “Greer of the USTR”, not from “McGuire”",
        ),
        (
            "Tavira is the world's second-largest exporter of tin.",
            "Tavira is the world's largest exporter of tin.",
            Support.UNSUPPORTED,
            "the cited passage says “second-largest”, not “largest”",
        ),
        (
            "Shipments are exempt unless they contain tin.",
            "Shipments are exempt if they contain tin.",
            Support.UNSUPPORTED,
            "the cited passage says “unless” where the claim says “if”",
        ),
        (
            "If the office does not object, licences for tin are granted.",
            "If the office objects, licences for tin are granted.",
            Support.UNSUPPORTED,
            "the cited passage says “If the office does not object” where the claim says “If the office objects”",
        ),
        (
            "Licences for tin may be granted only when the office agrees.",
            "Licences for tin may be granted.",
            Support.PARTIAL,
            "the cited passage has a condition that the claim leaves out: “only when the office agrees”",
        ),
        (
            "Tin prices rose because a strike closed the mine.",
            "A strike closed the mine because tin prices rose.",
            Support.UNSUPPORTED,
            "the cited passage has the two sides of “because” the other way round",
        ),
        (
            "Tin exports fell because of drought, while fuel costs climbed.",
            "Tin exports fell because of fuel costs.",
            Support.PARTIAL,
            "the cited passage gives another cause: “drought”",
        ),
        (
            "The duty on tin may fall in May.",
            "The duty on tin will fall in May.",
            Support.PARTIAL,
            "the cited passage says “may” where the claim says “will”",
        ),
        (
            "The tin duty remains in force.",
            "The tin duty was Put on Hold.",
            Support.UNSUPPORTED,
            "the cited passage says “remains” where the claim says “Put on Hold”",
        ),
    ],
)
def test_reason_keeps_the_spelling_of_passage_and_claim(source: str, claim: str, support: Support, reason: str) -> None:
    assert verify(claim, [source]) == Verdict(support, reason)


@pytest.mark.parametrize("claim", ["10 percent.", "Fentanyl tariff"])
def test_fragment_that_is_the_whole_of_a_quote_is_exact(claim: str) -> None:
    assert verify(claim, [claim]) == Verdict(Support.SUPPORTED, "exact quote")


@pytest.mark.parametrize("claim", ["Tariffs rose.", "Duties persist", "Exporters gained.", "Tariffs fell 4%"])
def test_short_sentence_with_a_verb_is_no_fragment(claim: str) -> None:
    assert verify(claim, [f"In May {claim.rstrip('.').lower()}, officials said."]).support is Support.SUPPORTED


def test_claim_without_source_is_uncited() -> None:
    assert verify("Tariffs rose.", []) == Verdict(Support.UNCITED, "no source is cited")
    assert verify("Tariffs rose.", ["  \n "]) == Verdict(Support.UNCITED, "no source is cited")


def test_empty_claim_is_never_supported() -> None:
    assert verify(" ", ["Tariffs rose."]).support is Support.UNSUPPORTED


@pytest.mark.parametrize(
    ("claim", "quotes", "expected"),
    [
        ("Duties fell.", ["Duties fell."], True),
        ("Duties\n fell.", ["Duties  fell."], True),
        ("Duties fell.", ["Exports rose. Duties fell. Imports did not."], True),
        ("Firms report:\n- Queues\n- Filings", ["Firms report:", "Queues", "Filings"], False),
        ("Firms report:\nLonger queues", ["Firms report:", "Longer queues"], True),
        ("Firms report:\n- Queues\n- Filings", ["Firms report:\n- Queues\n- Filings"], True),
        ("Duties fell", ["Duties fell sharply."], False),
        ("fell.", ["Duties fell."], False),
        ("", ["Duties fell."], False),
    ],
)
def test_exact_quote_is_whole_sentences_of_what_is_cited(claim: str, quotes: list[str], expected: bool) -> None:
    assert is_verbatim(claim, quotes) is expected


def test_exact_quote_says_so() -> None:
    assert verify("Duties fell 3%.", ["Exports rose. Duties fell 3%."]) == Verdict(Support.SUPPORTED, "exact quote")


def test_two_quotes_may_carry_one_claim_together() -> None:
    quotes = ["Chile cut its copper levy to 4%.", "Peru left its copper levy at 6%."]
    claim = "Chile cut its copper levy to 4 percent while Peru left its own at 6 percent."
    assert verify(claim, quotes).support is Support.SUPPORTED
    assert verify(claim, quotes[:1]).support is Support.UNSUPPORTED


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        ("The ministry in Beijing announced on November 9, 2025 that its ban is suspended.", Support.SUPPORTED),
        ("The ministry in Beijing announced on November 9, 2019 that its ban is suspended.", Support.PARTIAL),
    ],
)
def test_year_that_only_the_claim_states_must_be_near_the_publication(claim: str, expected: Support) -> None:
    assert verify(claim, [NOTICE], published=[date(2025, 11, 11)]).support is expected


def test_embedding_speaks_for_other_words_but_never_for_a_figure() -> None:
    source = "Shipping lines must pay a levy whenever a vessel built abroad docks."
    claim = "Foreign hulls are charged each time they call at harbour."
    assert verify(claim, [source]).support is not Support.SUPPORTED
    assert verify(claim, [source], similarity=0.95).support is Support.PARTIAL
    assert verify(f"{claim[:-1]} 40 dollars.", [source], similarity=0.99).support is Support.UNSUPPORTED
    assert verify("Shipping lines must pay a levy.", [source], similarity=0.1).support is Support.SUPPORTED


PASSAGE = (
    "Talks opened in Geneva. Copper duties were cut to 4% on 3 May. Few saw it. "
    "The cut applies to Chile and not Peru. Markets closed higher."
)


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        ("On May 3 copper duties were cut to 4 percent.", "Copper duties were cut to 4% on 3 May."),
        ("The cut does not apply to Peru.", "The cut applies to Chile and not Peru."),
        (
            "Copper duties were cut to 4%, and the cut applies to Chile.",
            "Copper duties were cut to 4% on 3 May. Few saw it. The cut applies to Chile and not Peru.",
        ),
        ("Copper duties were cut to 9%.", "Copper duties were cut to 4% on 3 May."),
    ],
)
def test_citation_is_narrowed_to_the_sentences_that_carry_the_claim(claim: str, expected: str) -> None:
    start, end = narrow(claim, PASSAGE, sentences(PASSAGE))
    assert PASSAGE[start:end] == expected


def test_narrowing_without_sentences_keeps_the_whole_text() -> None:
    assert narrow("Duties fell.", "Duties fell", []) == (0, 11)


@given(st.integers(0, len(PAIRS) - 1))
def test_narrowed_span_is_whole_sentences_and_no_worse_than_the_passage(which: int) -> None:
    pair = PAIRS[which]
    spans = sentences(pair.source)
    start, end = narrow(pair.claim, pair.source, spans)
    assert start in {span[0] for span in spans}
    assert end in {span[1] for span in spans}
    if pair.is_true and not pair.is_gap:
        assert verify(pair.claim, [pair.source[start:end]]).support is Support.SUPPORTED


@given(st.text(max_size=300), st.lists(st.text(max_size=300), max_size=3))
def test_any_text_gets_a_verdict_in_words(claim: str, quotes: list[str]) -> None:
    verdict = verify(claim, quotes)
    assert verdict.reason
    assert (verdict.support is Support.UNCITED) == (not any(quote.strip() for quote in quotes))


@given(st.text(min_size=1, max_size=200).filter(str.strip))
def test_every_text_supports_itself(text: str) -> None:
    assert verify(text, [text]).support is Support.SUPPORTED


@pytest.mark.timeout(120)  # a stall guard: each takes well under a second
def test_hostile_text_does_not_stall_the_check() -> None:
    for text in ("1," * 5_000, "a, " * 3_000 + "and b", '"' * 5_000, "A " * 5_000, "from 1 to " * 2_000, "$" * 9_000):
        assert verify(text, [text[::-1]]).reason
