"""Identifiers of trade law are read exactly, found by what they begin with, and never taken for one another."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from assistant.assistant import Assistant
from assistant.domain import Filters
from assistant.identifier_kinds import Identifier, IdentifierKind
from assistant.identifiers import holds, identifiers, search_forms
from assistant.settings import Settings
from ingest.sync import ingest
from tests.toys import HashEmbedder

PAIRS = st.integers(0, 99).map("{:02}".format)
HEADINGS = st.tuples(st.integers(1, 97).filter(lambda chapter: chapter not in (19, 20, 77)), st.integers(1, 99)).map(
    lambda parts: f"{parts[0]:02}{parts[1]:02}"
)
CODES = st.tuples(HEADINGS, st.lists(PAIRS, max_size=3)).map(lambda parts: ".".join([parts[0], *parts[1]]))
TEXTS = st.text("0123456789.,-/()§ ACDEFHNORSUTWX acdefhinorstuw", max_size=60)


def only(text: str) -> Identifier:
    (found,) = identifiers(text)
    return found


def digits(code: str) -> str:
    return code.replace(".", "")


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("HTS 8471 and headings 8473, 8517 or 8542 in 2025", ["8471", "8473", "8517", "8542"]),
        ("subheading 8471.30.0100; 8471.3000; 9903.88.03", ["8471.30.01.00", "8471.30.00", "9903.88.03"]),
        ("the code 84713001 or 84713002; code 847130", ["8471.30.01", "8471.30.02"]),
        ("tariff line 84713001, HS code 847130, CN code 8471 30 00", ["8471.30.01", "8471.30", "8471.30.00"]),
        ("chapter 84 of the HTSUS, HTS chapter 9", ["HS chapter 84", "HS chapter 09"]),
        (
            "Section 301(b)(1), Sections 232 and 201, § 337",
            ["Section 301(b)(1)", "Section 232", "Section 201", "Section 337"],
        ),
        ("the 301 tariffs and a 232 investigation", ["Section 301", "Section 232"]),
        ("Title VII of the Act", ["Title VII"]),
        ("84 FR 243, 84 Fed. Reg. 12,345 and 90 Federal Register 5", ["84 FR 243", "84 FR 12345", "90 FR 5"]),
        ("A-570-123/C‑570‑124 and a-351-007", ["A-570-123", "C-570-124", "A-351-007"]),
        ("701-TA-612-613, 337-TA-1133, TA-201-75", ["701-TA-612", "701-TA-613", "337-TA-1133", "TA-201-75"]),
        ("Inv. No. 332-567", ["332-567"]),
        ("WT/DS436/AB/R, DS 437 and ds438", ["DS436", "DS437", "DS438"]),
        ("E.O. 14257, EO No. 13,873", ["Executive Order 14257", "Executive Order 13873"]),
        ("Executive Orders 14257 and 14259", ["Executive Order 14257", "Executive Order 14259"]),
        ("Proclamations 9704 and 10908", ["Proclamation 9704", "Proclamation 10908"]),
        ("USTR-2018-0025, usitc_2020_0114-0007", ["USTR-2018-0025", "USITC-2020-0114-0007"]),
        ("19 CFR 351.225(c)(1), 19 C.F.R. Part 351", ["19 CFR 351.225(c)(1)", "19 CFR 351"]),
        ("19 U.S.C. § 2411(b), 19 USC 1671a", ["19 U.S.C. 2411(b)", "19 U.S.C. 1671a"]),
        ("Pub. L. 117-78", ["Public Law 117-78"]),
        ("Regulation (EU) 2023/956, Directive 2014/65", ["(EU) 2023/956", "(EU) 2014/65"]),
        ("ECCN 3A090.a and 4a994", ["3A090.a", "4A994"]),
        ("HQ H301234 and NY N304567, FR Doc. 2019-12345", ["H301234", "N304567", "2019-12345"]),
        # As people type them, and as they stand in other countries' papers.
        ("heading 84.71 and 8471-30-0100; what is 8471300100?", ["8471", "8471.30.01.00", "8471.30.01.00"]),
        ("A570967, C 570-968, case A 570 969, case no. 570-970", ["A-570-967", "C-570-968", "A-570-969", "570-970"]),
        ("WTO dispute 597, D.S. 598, the panel in dispute 599?", ["DS597", "DS598", "DS599"]),
        ("Exec. Order No. 14,257, EO14258", ["Executive Order 14257", "Executive Order 14258"]),
        ("84 Fed. Register 243", ["84 FR 243"]),
        ("s. 337, s301 and the 232 review", ["Section 337", "Section 301", "Section 232"]),
    ],
)
def test_identifier_is_read_in_the_forms_it_is_written_in(text: str, keys: list[str]) -> None:
    assert [identifier.key for identifier in identifiers(text)] == keys


@pytest.mark.parametrize(
    "text",
    [
        "In 2025 the agency counted 8,471 machines and 8471 lamps.",
        "The price of $8471.30 rose to 8471.30 dollars, or 3412.56 points.",
        "Heading 2025, the HS 2022 edition and HS 2017",
        "Heading 8471 tons of it",
        "under heading 8400",
        "Executive Order 2025; a proclamation of 2018",
        "A 570 967 ton order in case 12; a dispute 25 years old, a WTO dispute 30 days on; on 2005-11-03 or 2005 11 03",
        "Customs seized 84713001 parcels in 10.25 hours; lines 84.71 and S. 301",
        "He bought 301 lamps, 232 chairs and 12 DS players; EO and DS stand alone.",
        "A-57-123, 84 FRANCS 243, 19 CFRs, USTR-18-25, 40-1671",
        "Sections were cut. The title was won by 19 teams.",
    ],
)
def test_years_counts_and_prices_are_no_identifiers(text: str) -> None:
    assert identifiers(text) == []


@hypothesis_settings(deadline=None)
@given(TEXTS)
def test_what_is_read_of_any_text_lies_in_it_in_order_and_holds_itself(text: str) -> None:
    found = identifiers(text)
    for identifier in found:
        assert 0 <= identifier.start < identifier.end <= len(text)
        assert identifier.finds(identifier)
        assert holds(text, identifier)
    starts = [identifier.start for identifier in found]
    assert starts == sorted(starts)


@hypothesis_settings(deadline=None)
@given(CODES)
def test_code_reads_back_from_its_own_way_of_writing_and_without_dots(code: str) -> None:
    for written in (f"HTS {code}", f"tariff code {digits(code)}", f"subheading {code}."):
        assert only(written).key == code


@hypothesis_settings(deadline=None)
@given(CODES, st.integers(2, 5))
def test_code_is_found_by_what_it_begins_with_and_by_nothing_else(code: str, length: int) -> None:
    whole = only(f"HTS {code}")
    shorter = Identifier(whole.kind, whole.path[:length], 0, 1)
    assert shorter.finds(whole)
    assert whole.finds(shorter) == (shorter.path == whole.path)


@hypothesis_settings(deadline=None)
@given(CODES, CODES)
def test_one_code_finds_another_exactly_if_its_digits_begin_it(wanted: str, other: str) -> None:
    is_beginning = digits(other).startswith(digits(wanted))
    assert only(f"HTS {wanted}").finds(only(f"HTS {other}")) == is_beginning
    assert holds(f"Goods of HTS {other} pay a duty.", only(f"HTS {wanted}")) == is_beginning


@hypothesis_settings(deadline=None)
@given(CODES, st.integers(0, 9))
def test_code_with_another_last_digit_is_another_code(code: str, last: int) -> None:
    other = f"{code[:-1]}{last}"
    if other != code and other[2:4] != "00":
        assert not holds(f"HTS {other} is free.", only(f"HTS {code}"))


def test_kinds_are_never_taken_for_one_another() -> None:
    texts = ("Section 2411", "19 U.S.C. 2411", "19 CFR 2411", "HTS 2411", "84 FR 2411", "Proclamation 2411")
    for one in texts:
        assert [text for text in texts if holds(text, only(one))] == [one]


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("HTS 8471.30 through 8471.50", ["8471.30–8471.50"]),
        ("codes 8471.30-8471.50, 8473.30–8473.40", ["8471.30–8471.50", "8473.30–8473.40"]),
        ("headings 8471 to 8473 and 8517", ["8471–8473", "8517"]),
        ("heading 8471 through heading 8517", ["8471–8517"]),
        ("Sections 301-310, Sections 201 through 204", ["Section 301–310", "Section 201–204"]),
        ("Section 301(a) through 301(c)", ["Section 301(a)–301(c)"]),
        ("Executive Orders 14257 through 14259", ["Executive Order 14257–14259"]),
        ("DS436–DS438", ["DS436–DS438"]),
        # Two, not what lies between them.
        ("moved from HTS 8471.30 to 8471.50", ["8471.30", "8471.50"]),
        ("it went from Section 232 to Section 301", ["Section 232", "Section 301"]),
        ("headings 8473 to 8471, Sections 301 and 310", ["8473", "8471", "Section 301", "Section 310"]),
        ("HTS 8471.30 to 8473", ["8471.30", "8473"]),
    ],
)
def test_range_is_read_as_one_where_it_cannot_be_two(text: str, keys: list[str]) -> None:
    assert [identifier.key for identifier in identifiers(text)] == keys


@pytest.mark.parametrize(
    ("asked", "text", "is_held"),
    [
        ("HTS 8471.41", "Goods of HTS 8471.30 through 8471.50 are free.", True),
        ("HTS 8471.41.01", "Goods of HTS 8471.30 through 8471.50 are free.", False),
        ("HTS 8471.60", "Goods of HTS 8471.30 through 8471.50 are free.", False),
        ("heading 8471", "Goods of HTS 8471.30 through 8471.50 are free.", True),
        ("heading 8472", "Goods of headings 8471 to 8473 are free.", True),
        ("heading 8474", "Goods of headings 8471 to 8473 are free.", False),
        ("headings 8471 to 8473", "Goods of HTS 8472.10 are free.", True),
        ("headings 8471 to 8473", "Goods of HTS 8474.10 are free.", False),
        ("headings 8471 to 8473", "Goods of headings 8473 to 8480 are free.", True),
        ("headings 8471 to 8473", "Goods of headings 8474 to 8480 are free.", False),
        ("Section 305", "The remedies of Sections 301-310 remain.", True),
        ("Section 305", "The remedies of Sections 301 and 310 remain.", False),
        ("Sections 99 to 101", "The rule of Section 100(b) remains.", True),
        ("Executive Order 14258", "Executive Orders 14257 through 14259 were revoked.", True),
    ],
)
def test_range_holds_what_lies_between_its_ends_and_nothing_else(asked: str, text: str, is_held: bool) -> None:
    assert holds(text, only(asked)) == is_held
    assert holds("Nothing is said of it. " * 120 + text, only(asked)) == is_held


@hypothesis_settings(deadline=None)
@given(HEADINGS, PAIRS, PAIRS, PAIRS)
def test_subheading_is_found_in_a_range_exactly_if_it_lies_between_its_ends(
    heading: str, first: str, last: str, asked: str
) -> None:
    text = f"Goods of HTS {heading}.{first} through {heading}.{last} pay."
    is_held = first <= asked <= last if first < last else asked in (first, last)
    assert holds(text, only(f"HTS {heading}.{asked}")) == is_held


def test_number_that_stands_alone_is_the_code_only_where_codes_are_spoken_of() -> None:
    wanted = only("HTS 8471")
    assert holds("HTS code | Rate\n8471 | 20 percent\n8473 | free", wanted)
    assert holds("HTS code | Rate\n84713001 | 20 percent", wanted)
    assert not holds("The plant shipped 8471 lamps.", wanted)
    assert not holds("Under its HTS heading it shipped 8471 tons and 8471 lamps.", wanted)


@hypothesis_settings(deadline=None)
@given(CODES, st.integers(0, 9_000))
def test_code_is_held_wherever_it_stands_in_a_long_text(code: str, words: int) -> None:
    text = "lamp " * words + f"Goods of HTS {code} pay. " + "lamp " * 400
    assert holds(text, only(f"HTS {code}"))
    assert not holds(text.replace("HTS ", "$"), only(f"HTS {code}"))


def test_search_forms_of_a_code_are_all_ways_of_setting_its_dots() -> None:
    assert search_forms(only("8471.30.01")).prefixes == (
        "8471 30 01",
        "8471 3001",
        "847130 01",
        "84713001",
        "8471",
    )


NOTES = {
    "Laptop order": "Goods of subheading 8471.30.0100 pay a duty of 20 percent since the order.",
    "Printer order": "Goods of subheading 8471.41.0150 pay a duty of 35 percent since the order.",
    "Monitor order": "Goods of subheadings 8528.42 through 8528.69 pay a duty of 15 percent since the order.",
    "Schedule": "HTS code 85171300 is free of the duty, and so is HTS code 85176200.",
    "Tariff lines in figures": "In 2025 customs counted 8,471 parcels; 8473 parcels were sent back with the duty.",
    "Steel action": "The Section 232 tariffs on steel stay at 50 percent, the ministry said.",
    "Ships action": "Fees under § 301(b) on ships were set at 18 dollars a ton by the ministry.",
    "Pipe notice": "The margin in case A-570-956 is 31 percent. See 84 Fed. Reg. 12,345 and USTR-2018-0025.",
    "Pipe notice of Brazil": "The margin in case A-351-826 is 12 percent. See 84 FR 12346 and USTR-2018-0026.",
    "Panel": "The panel in WT/DS436/R found for India. Executive Order 14257 set a rate of 10 percent.",
    "Other panel": "The panel in DS437 found for China. E.O. 14259 set a rate of 84 percent.",
    "Scope": "A scope inquiry under 19 C.F.R. § 351.225(c) takes 300 days; 19 U.S.C. 1675(b) is another matter.",
}


@pytest.fixture
def assistant(tmp_path: Path, settings: Settings) -> Assistant:
    folder = tmp_path / "notes"
    folder.mkdir()
    for number, (title, text) in enumerate(NOTES.items()):
        (folder / f"{number}.md").write_text(f"---\ntitle: {title}\n---\n\n{text}\n", encoding="utf-8")
    assert not ingest([folder], settings, embedder=HashEmbedder()).failed
    return Assistant.open(settings, embedder=HashEmbedder())


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("What duty do goods of HTS 8471.30 pay since the order?", "Laptop order"),
        ("What duty do goods of 8471.30.01 pay?", "Laptop order"),
        ("What duty do goods of HS code 847141 pay?", "Printer order"),
        ("Is heading 8517 free of the duty that the ministry set?", "Schedule"),
        ("Which goods and parcels does 8517.62 cover?", "Schedule"),
        ("What did the ministry say of the Section 301 tariffs on steel?", "Ships action"),
        ("What did the ministry say of fees on ships under Sec. 232?", "Steel action"),
        ("What is the margin in A-351-826?", "Pipe notice of Brazil"),
        ("What margin does 84 FR 12345 give?", "Pipe notice"),
        ("What margin was published at 84 Federal Register 12,346?", "Pipe notice of Brazil"),
        ("What was filed in docket ustr-2018-0026?", "Pipe notice of Brazil"),
        ("What did the panel find in DS 436?", "Panel"),
        ("What did the panel find in WT/DS437?", "Other panel"),
        ("Which rate did EO 14257 set?", "Panel"),
        ("Which rate did Executive Order No. 14,259 set?", "Other panel"),
        ("How long does an inquiry under 19 CFR 351.225 take?", "Scope"),
        ("What is 19 CFR part 351?", "Scope"),
        ("What does 19 USC 1675 say?", "Scope"),
        ("What is the margin in case A351826?", "Pipe notice of Brazil"),
        ("What is the margin in case 351-826?", "Pipe notice of Brazil"),
        ("What did the panel find in WTO dispute 437?", "Other panel"),
        ("Which rate did Exec. Order 14259 set?", "Other panel"),
        ("What is the duty on 8471410150?", "Printer order"),
        ("What do goods of heading 85.17 pay?", "Schedule"),
        ("What duty do goods of 8528.52 pay?", "Monitor order"),
        ("Which duty do goods of headings 8526 to 8528 pay?", "Monitor order"),
    ],
)
def test_passage_that_holds_the_identifier_of_a_question_comes_first(
    assistant: Assistant, question: str, title: str
) -> None:
    hits = assistant.search(question).hits
    assert hits[0].passage.title == title
    assert list(hits) == sorted(hits, key=lambda hit: -hit.score)


def test_passage_that_holds_both_identifiers_comes_before_those_that_hold_one(assistant: Assistant) -> None:
    titles = [hit.passage.title for hit in assistant.search("Do 84 FR 12346 and USTR-2018-0025 and DS436 agree?").hits]
    assert set(titles[:3]) == {"Pipe notice", "Pipe notice of Brazil", "Panel"}


def test_identifier_is_looked_for_within_the_filters(assistant: Assistant) -> None:
    assert assistant.search("A-570-956", filters=Filters(publishers=("Nobody",))).hits == ()


@pytest.mark.parametrize(
    ("question", "missing"),
    [
        ("What duty do goods of subheading 8471.50 pay since the order?", "8471.50"),
        ("What duty do goods of HTS 8473 pay?", "8473"),
        ("What duty do goods of HTS 8528.72 pay since the order?", "8528.72"),
        ("What duty do goods of headings 8529 to 8531 pay since the order?", "8529–8531"),
        ("Which Section 201 tariffs on steel stay at 50 percent?", "Section 201"),
        ("What is the margin in case A-570-957?", "A-570-957"),
        ("What is the margin in case C-570-956?", "C-570-956"),
        ("What is the margin in case A570957?", "A-570-957"),
        ("What is the margin in case 570-957?", "570-957"),
        ("What did the panel in DS438 find?", "DS438"),
        ("What did the panel in dispute 438 find?", "DS438"),
        ("What did the panel find in WTO dispute 438?", "DS438"),
        ("What rate did Executive Order 14258 set?", "Executive Order 14258"),
        ("What margin does 84 FR 1234 give?", "84 FR 1234"),
        ("How many days does a scope inquiry under 19 CFR 351.226 take?", "19 CFR 351.226"),
    ],
)
def test_question_of_an_identifier_that_no_passage_holds_is_refused_by_name(
    assistant: Assistant, question: str, missing: str
) -> None:
    answer = assistant.ask(question)
    assert answer.is_refusal
    assert f"“{missing}”" in answer.text


@pytest.mark.parametrize(
    ("question", "said", "never"),
    [
        ("What duty do goods of subheading 8471.30 pay since the order?", "20 percent", "35 percent"),
        ("What duty do goods of HTS 8471.41 pay since the order?", "35 percent", "20 percent"),
        ("What is the margin in case A-570-956?", "31 percent", "12 percent"),
        ("What rate did EO 14259 set?", "84 percent", "10 percent"),
        ("What duty do goods of HTS 8528.52 pay since the order?", "15 percent", "35 percent"),
        ("What duty do goods of headings 8526 to 8530 pay since the order?", "15 percent", "35 percent"),
    ],
)
def test_question_of_an_identifier_is_answered_from_it_and_from_no_other(
    assistant: Assistant, question: str, said: str, never: str
) -> None:
    with closing(assistant):
        answer = assistant.ask(question)
    assert (said in answer.text, never in answer.text) == (True, False)


def test_case_without_its_letter_finds_both_proceedings_and_each_of_them_only_itself() -> None:
    bare, duty, subsidy = only("case 570-967"), only("A-570-967"), only("C570967")
    found = {
        (one.key, other.key) for one in (bare, duty, subsidy) for other in (bare, duty, subsidy) if one.finds(other)
    }
    assert found == {
        ("570-967", "570-967"),
        ("570-967", "A-570-967"),
        ("570-967", "C-570-967"),
        ("A-570-967", "A-570-967"),
        ("C-570-967", "C-570-967"),
    }


def test_kind_names_what_is_compared() -> None:
    assert {identifier.kind for identifier in identifiers("HTS 8471, DS436, A-570-956")} == {
        IdentifierKind.TARIFF_CODE,
        IdentifierKind.DISPUTE,
        IdentifierKind.CASE,
    }
