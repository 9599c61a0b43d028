"""What a citation says of time: from when to when what it tells of applies, nothing where the text gives none."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.dating import Tense, age, in_words, later, resolve
from assistant.domain import Article, Block, BlockKind, PartialDate, Validity
from assistant.figures import Figure, dates, figures
from assistant.validity import read_validity, read_words, validity_line
from tests.benchmarks.report_time import READ, Case, misread, read_cases

PUBLISHED = date(2025, 11, 11)


@pytest.mark.parametrize(
    "case", [case for case in read_cases("dev") if case["kind"] in READ], ids=lambda case: case["id"]
)
def test_time_of_a_quote_is_read_as_the_text_gives_it(case: Case) -> None:
    assert misread(case) == ""


def test_time_is_shown_with_its_words_and_its_own_precision() -> None:
    read = read_words("The curbs, effective immediately, are suspended until November 2026.", published=PUBLISHED)
    assert read == Validity(
        PartialDate(2025, 11, 11), PartialDate(2026, 11), "effective immediately … suspended until November 2026"
    )
    assert validity_line(read) == (
        "applies 11 November 2025 – November 2026 (“effective immediately … suspended until November 2026”)"
    )
    assert validity_line(Validity()) == ""


def test_words_that_say_the_time_as_it_is_shown_are_not_repeated() -> None:
    read = read_words("The curbs are suspended until November 2026.", published=PUBLISHED)
    until = replace(read, words="Until November 2026")
    assert validity_line(until) == "applies until November 2026"


def test_sentence_before_says_when_it_was_announced_and_the_one_after_until_when() -> None:
    told = "The step was announced on Nov. 9."
    quote = "The ministry suspended its licences for graphite with immediate effect."
    goes_on = "The suspension lasts until 10 November 2026."
    text = " ".join([told, quote, goes_on])
    article = Article("T", text, (Block(BlockKind.PARAGRAPH, 0, len(text)),), published=PUBLISHED)
    start = text.index(quote)
    read = read_validity(article, start, start + len(quote))
    assert (read.effective, read.expires) == (PartialDate(2025, 11, 9), PartialDate(2026, 11, 10))


@pytest.mark.parametrize(
    "text",
    [
        "The suspension, due to end on 10 November 2026, was extended for one year.",
        "The ministry denied that the suspension lasts until 10 November 2026.",
        "It is not true that the ban takes effect on 1 May 2026.",
        "Reports that the ban takes effect on 1 May 2026 are false.",
        "The ban takes effect on 1 May 2026 unless Congress acts.",
        "The quota applies until 31 December 2026 or until it is used up.",
        "The ban is suspended until 31 December 2026 at the earliest.",
        "The court struck down the tariff, in force since 3 May 2025.",
        "The rule took effect on 3 May 2025 but was stayed by a court on 10 May 2025.",
        "The duty applies from 5/1/2026.",
        "The duty is suspended until 01.05.2026.",
        "Last year the duty took effect in May.",
    ],
)
def test_what_is_denied_conditional_ended_or_ambiguous_gives_no_time(text: str) -> None:
    assert read_words(text, published=PUBLISHED) == Validity()


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("The duty applies from 31/1/2026.", PartialDate(2026, 1, 31)),
        ("The duty applies from 5/5/2026.", PartialDate(2026, 5, 5)),
        ("The duty applies from 2026-05-01.", PartialDate(2026, 5, 1)),
    ],
)
def test_days_in_figures_that_can_be_only_one_are_read(text: str, meant: PartialDate) -> None:
    assert read_words(text, published=PUBLISHED).effective == meant


def test_what_follows_about_something_else_adds_nothing() -> None:
    quote = "The ministry suspended its controls on graphite."
    for after in (
        "The controls run until May 2027.",
        "Talks go on until 12 December 2025.",
        "A safeguard on steel lasts until May 2027.",
    ):
        assert read_words(quote, published=PUBLISHED, after=after) == Validity()


def test_publication_counts_only_in_the_notice_itself() -> None:
    quote = "The exclusion expires 30 days after publication."
    assert read_words(quote, published=PUBLISHED) == Validity()
    assert read_words(quote, published=PUBLISHED, is_notice=True).expires == PartialDate(2025, 12, 11)


@pytest.mark.parametrize(
    ("written", "tense", "meant"),
    [
        ("Nov. 9", Tense.PAST, PartialDate(2025, 11, 9)),
        ("Nov. 9", Tense.UNCLEAR, PartialDate(2025, 11, 9)),
        ("1 December", Tense.FUTURE, PartialDate(2025, 12, 1)),
        ("31 March", Tense.FUTURE, PartialDate(2026, 3, 31)),
        ("31 March", Tense.PAST, PartialDate(2025, 3, 31)),
        ("31 March", Tense.UNCLEAR, None),
        ("12 November", Tense.PAST, None),
        ("May 2024", Tense.FUTURE, PartialDate(2024, 5)),
        ("30 February 2026", Tense.FUTURE, None),
    ],
)
def test_missing_year_is_filled_in_only_where_one_fits(written: str, tense: Tense, meant: PartialDate | None) -> None:
    assert resolve(dates(f"until {written}")[0], PUBLISHED, tense) == meant


def test_missing_year_of_an_undated_article_stays_missing() -> None:
    assert resolve(dates("Nov. 9")[0], None, Tense.PAST) is None


def span(words: str) -> Figure:
    return figures(words)[0]


def test_period_ends_no_more_exactly_than_it_begins() -> None:
    assert later(PartialDate(2025, 8, 31), span("six months")) == PartialDate(2026, 2, 28)
    assert later(PartialDate(2025, 8, 12), span("90 days")) == PartialDate(2025, 11, 10)
    assert later(PartialDate(2025, 11), span("one year")) == PartialDate(2026, 11)
    assert later(PartialDate(2025, 11), span("90 days")) is None
    assert later(PartialDate(2025), span("six months")) is None
    assert later(PartialDate(2025), span("two years")) == PartialDate(2027)


def test_age_is_told_in_the_unit_a_reader_counts_in() -> None:
    assert age(date(2026, 10, 1), date(2026, 11, 1)) == "31 days"
    assert age(date(2025, 3, 3), date(2026, 11, 22)) == "20 months"
    assert age(date(2023, 7, 19), date(2026, 11, 22)) == "3 years"


def test_characters_of_a_font_of_its_own_are_no_dates() -> None:
    read = read_words("The \ue000 ban holds for \ue001 from \ue002 and until \ue000 and until 3 May 2026.")
    assert read.expires == PartialDate(2026, 5, 3)


MOMENTS = st.dates(date(1950, 1, 1), date(2090, 1, 1))
PARTIAL = st.one_of(
    MOMENTS.map(lambda day: PartialDate(day.year, day.month, day.day)),
    MOMENTS.map(lambda day: PartialDate(day.year, day.month)),
    MOMENTS.map(lambda day: PartialDate(day.year)),
)


@given(PARTIAL)
def test_partial_date_covers_its_days_and_is_read_back_from_its_words(when: PartialDate) -> None:
    assert when.first <= when.last
    assert (when.day is None) == (when.first < when.last)
    (written,) = dates(f"until {in_words(when)}")
    assert resolve(written, None, Tense.UNCLEAR) == when


@given(PARTIAL, PARTIAL)
def test_range_is_read_back_whatever_its_precision(one: PartialDate, other: PartialDate) -> None:
    first, last = sorted((one, other), key=lambda when: (when.first, when.last))
    read = read_words(f"The quota applies from {in_words(first)} to {in_words(last)}.")
    assert (read.effective, read.expires) == (first, last)


@given(st.text(max_size=200), st.one_of(st.none(), MOMENTS), st.booleans())
def test_any_text_is_read_without_failing_and_the_words_are_its_own(
    text: str, published: date | None, is_notice: bool
) -> None:
    read = read_words(f"{text} in force until 3 May 2026 {text}", published=published, before=text, is_notice=is_notice)
    for part in read.words.split(" … "):
        assert part.removesuffix(" …") in " ".join(f"{text} in force until 3 May 2026 {text}".split())
    if read.effective and read.expires:
        assert read.effective.first <= read.expires.last
