"""What kind of source a publisher is: the packaged table, a reader's own before it, and what an article says itself."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from assistant import standing
from assistant.domain import Article, Block, BlockKind, Citation, Claim, Standing, Support
from assistant.errors import SettingsError
from assistant.standing import Rule, is_legal, packaged_rules, parse_table, read_table, standing_note, standing_of

PACKAGED = packaged_rules()


def article(publisher: str | None = None, url: str | None = None, title: str = "A title", *lines: str) -> Article:
    """Return an article whose lines are its byline and paragraphs."""
    blocks, start = [], 0
    for place, line in enumerate(lines):
        kind = BlockKind.PARAGRAPH if place == len(lines) - 1 else BlockKind.BYLINE
        blocks.append(Block(kind, start, start + len(line)))
        start += len(line) + 1
    return Article(title, "\n".join(lines), tuple(blocks), publisher=publisher, url=url)


@pytest.mark.parametrize(
    ("publisher", "url", "kind"),
    [
        ("Federal Register", None, Standing.OFFICIAL),
        (
            "International Trade Administration, Commerce Department",
            "https://www.federalregister.gov/d/1",
            "official notice",
        ),
        ("International Trade Administration, Commerce Department", None, Standing.AGENCY),
        ("Official Journal of the European Union", None, Standing.OFFICIAL),
        ("Ministry of Commerce of Freedonia", None, Standing.AGENCY),
        ("U.S. Department of Agriculture", None, Standing.AGENCY),
        ("European Commission", None, Standing.AGENCY),
        (None, "https://english.mofcom.gov.cn/article/1", Standing.AGENCY),
        (None, "https://www.trade.gov/notice", Standing.AGENCY),
        ("Court of Justice of the European Union", None, Standing.COURT),
        ("U.S. Court of International Trade", None, Standing.COURT),
        ("REUTERS", None, Standing.WIRE),
        (None, "https://www.reuters.com/world/1", Standing.WIRE),
        ("Sample Wire", None, Standing.WIRE),
        ("PR Newswire", None, Standing.UNKNOWN),
        ("Sylvanian Post", None, Standing.TRADE_PRESS),
        ("Bloomberg Opinion", None, Standing.OPINION),
        ("Department of Economics, Freedonia University", None, Standing.UNKNOWN),
        ("Jane Roe", "https://notreuters.com/1", Standing.UNKNOWN),
        (None, "https://[bad", Standing.UNKNOWN),
        (None, None, Standing.UNKNOWN),
    ],
)
def test_packaged_table_knows_the_usual_kinds(publisher: str | None, url: str | None, kind: str) -> None:
    assert standing_of(article(publisher, url), PACKAGED) == kind


BODY = "The levy on tinplate was lifted, the ministry said. Mills are glad."


@pytest.mark.parametrize(
    "credit", ["Article Source: Sample Wire", "(Source: sample wire)", "First published by Sample Wire."]
)
def test_article_that_names_its_publisher_only_as_its_source_is_a_retelling(credit: str) -> None:
    assert standing_of(article("Sample Wire", None, "A title", BODY, credit), PACKAGED) is Standing.RETELLING


def test_credit_of_somebody_else_and_a_publishers_own_site_leave_the_standing() -> None:
    other = article("Sample Wire", None, "A title", BODY, "Image Source: Sample Wire", "Source: customs data")
    assert standing_of(other, PACKAGED) is Standing.WIRE
    own = article("Reuters", "https://www.reuters.com/1", "A title", BODY, "Source: Reuters")
    assert standing_of(own, PACKAGED) is Standing.WIRE
    early = article("Sample Wire", None, "A title", "Source: Sample Wire", BODY * 20)
    assert standing_of(early, PACKAGED) is Standing.WIRE


@pytest.mark.parametrize(
    "publisher",
    [
        "Unofficial Journal of Trade", "Federal Register Watch", "Harbour Customs and Trade Law Group",
        "Customs and Duties LLP", "Supreme Court Observer", "Supreme Court Blog", "Bureau of National Affairs",
    ],
)  # fmt: skip
def test_who_only_sounds_like_an_office_is_none(publisher: str) -> None:
    assert standing_of(article(publisher), PACKAGED) not in standing.OFFICIAL


@pytest.mark.parametrize(
    "told",
    [
        article("Sylvanian Post", None, "Opinion: who pays the levy"),
        article("Sylvanian Post", None, "Who pays the levy | Editorial"),
        article("Harbour Wire", "https://wire.example/opinion/levy"),
        article(None, None, "Who pays the levy", "COMMENTARY", "By Jane Roe", "The levy is a tax on breakfast."),
    ],
)
def test_article_that_calls_itself_opinion_is_opinion(told: Article) -> None:
    assert standing_of(told, PACKAGED) is Standing.OPINION


def test_word_opinion_elsewhere_makes_none() -> None:
    below = article("Harbour Wire", None, "Levy stays", "By Jane Roe", "The levy stays.")
    court = article("Supreme Court of Freedonia", "https://court.example/opinions/12", "Opinion: levy void")
    assert [standing_of(one, PACKAGED) for one in (below, court)] == [Standing.WIRE, Standing.COURT]


def test_own_rules_come_first(tmp_path: Path) -> None:
    assert read_table(tmp_path) == PACKAGED
    (tmp_path / standing.FILE_NAME).write_text(
        '[[source]]\nstanding = "trade press"\npublishers = ["Harbour *"]\nsites = ["www.harbour.example"]\n',
        encoding="utf-8",
    )
    table = read_table(tmp_path)
    assert table == (Rule(Standing.TRADE_PRESS, ("Harbour *",), ("harbour.example",)), *PACKAGED)
    assert standing_of(article("Harbour Wire"), table) is Standing.TRADE_PRESS
    assert standing_of(article(None, "https://news.harbour.example/1"), table) is Standing.TRADE_PRESS


def test_table_begun_for_a_reader_changes_nothing_and_is_never_overwritten(tmp_path: Path) -> None:
    path = standing.create(tmp_path / "data")
    assert read_table(tmp_path / "data") == PACKAGED
    path.write_text("# mine\n", encoding="utf-8")
    assert standing.create(tmp_path / "data") == path
    assert path.read_text(encoding="utf-8") == "# mine\n"


def test_example_in_the_table_works_once_its_marks_are_gone() -> None:
    example = standing.EXAMPLE[standing.EXAMPLE.index("# [[source]]") :].replace("# ", "")
    assert parse_table(example, "x") == (
        Rule(Standing.TRADE_PRESS, ("Harbour Monitor", "Sample * Weekly"), ("harbour-monitor.example",)),
    )


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('[[source]]\nstanding = "agency\n', 2, "is no TOML"),
        ('\n\n[[sources]]\nstanding = "agency"\n', 3, "'sources' is not known"),
        ('[source]\nstanding = "agency"\n', 1, "with two brackets"),
        (
            '[[source]]\nstanding = "agency"\nsites = ["a.example"]\n\n[[source]]\nsites = ["b"]\nstanding = "press"\n',
            7,
            "'press' is no standing",
        ),
        ('[[source]]\nsites = ["b.example"]\n', 1, "the standing is missing"),
        ('[[source]]\nstanding = "wire"\nsite = ["b.example"]\n', 3, "'site' is not known"),
        ('[[source]]\nstanding = "wire"\npublishers = "Harbour Wire"\n', 3, "publishers is a list"),
        ('[[source]]\nstanding = "wire"\nsites = [1]\n', 3, "sites is a list"),
        ('[[source]]\nstanding = "wire"\n', 2, "name publishers or sites"),
    ],
)
def test_wrong_table_is_refused_with_file_and_line(tmp_path: Path, text: str, line: int, words: str) -> None:
    path = tmp_path / standing.FILE_NAME
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        read_table(tmp_path)
    message = str(caught.value)
    assert str(path) in message
    assert f"line {line}" in message
    assert words in message


@pytest.mark.parametrize(
    ("text", "is_law"),
    [
        ("Importers must pay an inspection fee.", True),
        ("Exports of germanium are prohibited.", True),
        ("The new rule takes effect on 1 December.", True),
        ("The ministry lifted its restrictions on gallium.", True),
        ("Freedonia charges a duty of 20 percent on tinplate.", True),
        ("The tariff on steel was raised to 25 percent.", True),
        ("Exporters need a licence from the cocoa board.", True),
        ("The tariff would rise to 25 percent if talks fail.", False),
        ("Sylvania signals a possible 100% tariff increase.", False),
        ("The proposed rule prohibits exports of tin.", False),
        ("It threatens a 40% tariff on tin.", False),
        ("Importers must file the form as soon as possible.", True),
        ("Exports of steel fell by 9 percent in a year.", False),
        ("Canneries stocked up in April.", False),
        ("Spot rates from Tavira to Kestria fell 4 percent to $2,140 a box.", False),
        ("The exchange rate moved by 2 percent.", False),
        ("The cash deposit rate is 12 percent.", True),
        ("The average tariff rate falls to around 31%.", True),
        ("“We are relieved,” said the head of a smelter.", False),
    ],
)
def test_what_the_law_says_is_told_from_what_happened(text: str, is_law: bool) -> None:
    assert is_legal(text) is is_law


def claim(*kinds: Standing, text: str = "Importers must pay a fee.", marker: int = 1) -> Claim:
    """Return a claim with a citation of each of these standings."""
    cited = tuple(
        Citation(marker + place, "a", 1, "T", None, None, None, None, 0, 1, text, kind)
        for place, kind in enumerate(kinds)
    )
    return Claim(text, Support.SUPPORTED, "", cited)


def test_note_says_by_whose_word_the_law_is_told() -> None:
    press, opinion, unknown = Standing.TRADE_PRESS, Standing.OPINION, Standing.UNKNOWN
    assert standing_note([claim(opinion)]) == "What [1] says on the law is backed only by commentary."
    assert standing_note([claim(Standing.WIRE, press)]) == (
        "What [1] and [2] say on the law is backed only by press reports, no official source."
    )
    assert standing_note([claim(press, unknown)]) == "What [1] and [2] say on the law is backed by no official source."


def test_note_names_only_the_citations_that_speak_of_the_law() -> None:
    row = claim(Standing.WIRE, Standing.WIRE)
    header = replace(row.citations[0], quote="When | Who | Step")
    cited = replace(row, citations=(header, row.citations[1]))
    assert standing_note([cited]) == "What [2] says on the law is backed only by press reports, no official source."


def test_note_is_left_out_where_it_would_say_nothing() -> None:
    assert standing_note([]) == ""
    assert standing_note([claim(Standing.WIRE, text="Canneries stocked up.")]) == ""
    assert standing_note([claim(Standing.COURT)]) == ""
    assert standing_note([claim(Standing.WIRE), claim(Standing.AGENCY, marker=2)]) == ""


def test_commentary_alone_is_told_beside_an_official_source() -> None:
    note = standing_note([claim(Standing.AGENCY), claim(Standing.OPINION, marker=2)])
    assert note == "What [2] says on the law is backed only by commentary."
