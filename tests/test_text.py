"""Sentences keep their offsets; words that mean one thing have one stem."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.text import content_stems, search_terms, sentences, stem, stems, words


def split(text: str, *, wrapped: bool = False) -> list[str]:
    return [text[start:end] for start, end in sentences(text, wrapped=wrapped)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He left the U.S. The deal held.", ["He left the U.S.", "The deal held."]),
        ("U.S. Trade Representative Jane Roe spoke.", ["U.S. Trade Representative Jane Roe spoke."]),
        ("See No. 5 of the list. No. Officials said so.", ["See No. 5 of the list.", "No.", "Officials said so."]),
        ("It began on Nov. 9 in Geneva. It ended.", ["It began on Nov. 9 in Geneva.", "It ended."]),
        (
            "Mr. J. Q. Doe of Acme Inc. said so. “Yes?” he asked.",
            ["Mr. J. Q. Doe of Acme Inc. said so.", "“Yes?” he asked."],
        ),
        (
            "“It works,” said Ann Lee, head of Acme Inc. “The risk is low.”",
            ["“It works,” said Ann Lee, head of Acme Inc.", "“The risk is low.”"],
        ),
        ("Duties rose 2.5 percent. Prices fell!", ["Duties rose 2.5 percent.", "Prices fell!"]),
        ("Goods (e.g. neodymium) count. So do magnets.", ["Goods (e.g. neodymium) count.", "So do magnets."]),
        ("One line\nAnother line", ["One line", "Another line"]),
        ("", []),
        (" \n ", []),
    ],
)
def test_text_is_split_into_sentences(text: str, expected: list[str]) -> None:
    assert split(text) == expected


def test_hard_wrapped_lines_are_one_sentence() -> None:
    text = "The ministry said on Monday\nthat the rule Applies\nto magnets. A second one.\n\nA third"
    assert split(text, wrapped=True) == [
        "The ministry said on Monday\nthat the rule Applies\nto magnets.",
        "A second one.",
        "A third",
    ]


@given(st.text(alphabet=st.characters(codec="utf-8") | st.sampled_from('.!?…“”"\n U.S'), max_size=200), st.booleans())
def test_sentences_ascend_and_lose_nothing_but_white_space(text: str, wrapped: bool) -> None:
    spans = sentences(text, wrapped=wrapped)
    joined = "".join(text[start:end] for start, end in spans)
    assert "".join(joined.split()) == "".join(text.split())
    assert all(one[1] <= other[0] for one, other in pairwise(spans))
    assert all(text[start:end] == text[start:end].strip() != "" for start, end in spans)


def test_identifiers_stay_whole_and_hyphens_part_words() -> None:
    text = "HTS 8471.30, case A‑570‑123, Section 301, 50%, one‑year pause"
    assert words(text) == ["hts", "8471.30", "case", "a-570-123", "section", "301", "50", "one", "year", "pause"]


def test_stop_words_are_left_out_unless_there_is_nothing_else() -> None:
    assert stems("Which of the tariffs were suspended?") == ["tariff", "suspend"]
    assert search_terms("What is it?") == ["what", "is", "it"]


@pytest.mark.parametrize("text", ["Beijing", "Chinese", "PRC", "the People’s Republic of China", "China's"])
def test_every_way_to_name_a_country_has_one_stem(text: str) -> None:
    assert content_stems(text) == ["china"]


@pytest.mark.parametrize("text", ["U.S.", "US", "the United States", "American", "Washington’s"])
def test_the_united_states_has_one_stem(text: str) -> None:
    assert content_stems(text) == ["us"]


@pytest.fixture
def busy_threads() -> Iterator[None]:
    """Let threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("busy_threads")
def test_threads_do_not_get_each_others_stems() -> None:
    tried = [f"{start}{end}" for start in ("tariff", "nation", "regul", "organ") for end in ("s", "ally", "izations")]
    expected = [stem(word) for word in tried] * 100
    with ThreadPoolExecutor(max_workers=4) as threads:
        assert list(threads.map(stem, tried * 100)) == expected
