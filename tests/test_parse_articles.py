"""The two real articles and the samples, looked at block by block."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from assistant.domain import Article, BlockKind
from ingest.parse import parse
from tests.build_samples import LABEL, SAMPLES, build

MAX_BYTES = 1_000_000


def read(path: Path) -> Article:
    return parse(path, max_bytes=MAX_BYTES)


def of_kind(article: Article, *kinds: BlockKind) -> list[str]:
    return [article.text[block.start : block.end] for block in article.blocks if block.kind in kinds]


@pytest.fixture
def truce(shared: Path) -> Article:
    """The article without a title line and without a date."""
    return read(next((shared / "articles").glob("000_*.txt")))


@pytest.fixture
def reprieve(shared: Path) -> Article:
    """The article with a title, a byline and a list of sites at its end."""
    return read(next((shared / "articles").glob("001_*.txt")))


def test_article_without_title_line_or_date_is_named_by_its_first_sentence_and_stays_undated(truce: Article) -> None:
    known = (truce.title, truce.publisher, truce.author, truce.published, truce.url)
    title = "US-China rare earths truce dominated headlines after President Donald Trump and President…"
    assert known == (title, "Bloomberg", None, None, None)
    assert len(title) <= 90
    assert of_kind(truce, BlockKind.TITLE) == []


def test_headings_of_the_undated_article_are_found_and_lead_in_lines_are_not_headings(truce: Article) -> None:
    headings = [(truce.text[b.start : b.end], b.level) for b in truce.blocks if b.kind is BlockKind.HEADING]
    assert headings == [
        ("Key Points", 2),
        ("Why the US-China rare earths truce matters now", 2),
        ("What changed—and what did not—under the US-China rare earths truce", 2),
        ("Context: Months of tit‑for‑tat and a wider trade thaw", 2),
        ("The pushback: A risky linkage and a “dangerous precedent”", 2),
        ("Industry reality check: “Everything but rare earths”", 2),
        ("Legal overhang: Tariffs face a Supreme Court test", 2),
        ("What Beijing did not get", 2),
        ("What the US-China rare earths truce means for companies", 2),
        ("The politics of the pause—and the year ahead", 2),
        ("Reactions and updates", 2),
        ("Outlook: Truce today, tests tomorrow", 2),
        ("FAQ’s", 2),
        ("What is the US-China rare earths truce and what was agreed?", 3),
        ("How long does the US-China rare earths truce last and what happens after?", 3),
        (
            "How does the US-China rare earths truce affect U.S. industries like defense, semiconductors and EVs?",
            3,
        ),
        ("Did the truce include approval for Nvidia’s Blackwell chip sales to China?", 3),
    ]
    lead_ins = [text for text in of_kind(truce, BlockKind.PARAGRAPH) if text.endswith(":") and "." not in text]
    assert lead_ins == [
        "What changed:",
        "What did not:",
        "After the meeting:",
        "On the ground, companies report:",
        "For defense, aerospace, auto and electronics manufacturers, the practical effects are nuanced:",
        "Action items leaders are considering:",
    ]


def test_list_items_of_the_undated_article_are_of_one_depth_and_without_their_dash(truce: Article) -> None:
    items = [block for block in truce.blocks if block.kind is BlockKind.LIST_ITEM]
    assert [block.level for block in items] == [0] * 33
    assert [truce.text[block.start : block.end] for block in items][9:12] == [
        "The 20% fentanyl tariff was halved",
        "Planned port fees on Chinese ships were put on hold for a year",
        "A proposed blacklist expansion was paused",
    ]


def test_credits_of_the_undated_article_are_not_answered_from(truce: Article) -> None:
    assert of_kind(truce, BlockKind.BYLINE, BlockKind.BOILERPLATE) == [
        "Article Source: Bloomberg",
        "Image Source: Bloomberg",
    ]


def test_dated_article_keeps_its_title_byline_and_structure(reprieve: Article) -> None:
    known = (reprieve.title, reprieve.publisher, reprieve.author, reprieve.published, reprieve.url)
    title = "U.S. and China reach temporary truce in rare earths trade war"
    assert known == (title, None, "bellecarter", date(2025, 11, 11), None)
    assert [(block.kind.value, reprieve.text[block.start : block.end][:32]) for block in reprieve.blocks] == [
        ("title", "U.S. and China reach temporary t"),
        ("byline", "By bellecarter // 2025-11-11"),
        ("list_item", "Beijing has lifted restrictions "),
        ("list_item", "The move reverses China's Decemb"),
        ("list_item", "China refines over 80 percent of"),
        ("list_item", "China reinstated U.S. soybean im"),
        ("list_item", "While a temporary reprieve, the "),
        ("paragraph", "In a move signaling a tentative "),
        ("heading", "A strategic retreat in the rare "),
        ("paragraph", "China's latest concessions mark "),
        ("heading", "Agricultural concessions and lin"),
        ("paragraph", "Beyond minerals, China also rest"),
        ("boilerplate", "Watch the video below where Trum"),
        ("boilerplate", "Sources include:"),
        ("boilerplate", "TheEpochTimes.com NYTimes.com Br"),
    ]


def test_paragraph_is_split_before_the_prompt_to_watch_a_video(reprieve: Article) -> None:
    last = of_kind(reprieve, BlockKind.PARAGRAPH)[-1]
    assert last.endswith("balancing short-term relief against the urgent need for supply chain independence.")
    assert of_kind(reprieve, BlockKind.BOILERPLATE)[0].endswith("channel on Brighteon.com.")


def test_text_of_a_text_file_is_the_file(shared: Path, truce: Article) -> None:
    path = next((shared / "articles").glob("000_*.txt"))
    assert truce.text == path.read_text(encoding="utf-8")


def known(article: Article) -> tuple[str, str | None, str | None, date | None, str | None]:
    return article.title, article.publisher, article.author, article.published, article.url


def test_samples_state_who_published_them_and_when() -> None:
    site = "https://example.org/"
    assert {path.name: known(read(path)) for path in sorted(SAMPLES.iterdir()) if path.suffix != ".py"} == {
        "chips-stay-outside-the-deal.md": (
            "Chips stay outside the minerals deal",
            "Sample Tech Letter",
            None,
            date(2025, 11, 1),
            f"{site}sample-tech-letter/chips",
        ),
        "critics-see-a-costly-linkage.md": (
            "Critics of the truce see a costly linkage",
            "Sample Gazette",
            "Sample Reporter",
            date(2025, 11, 2),
            f"{site}sample-gazette/critics",
        ),
        "farm-trade.html": (
            "Soybean licenses return, broader tariffs stay",
            "Sample Farm Bulletin",
            "Sample Field Desk",
            date(2025, 11, 11),
            f"{site}sample-farm-bulletin/soybeans",
        ),
        "industry-reaction.pdf": (
            "Magnet makers greet the truce with a shrug",
            "Sample Trade Monitor",
            None,
            date(2025, 11, 13),
            None,
        ),
        "mineral-list.html": (
            "Which minerals the suspension covers",
            "Sample Trade Monitor",
            None,
            date(2025, 11, 10),
            f"{site}sample-trade-monitor/mineral-list",
        ),
        "questions-and-answers.html": (
            "The minerals truce in questions and answers",
            "Sample Wire",
            "Sample Desk",
            date(2025, 11, 3),
            f"{site}sample-wire/questions-and-answers",
        ),
        "tariffs-at-the-supreme-court.pdf": (
            "The tariffs wait for the Supreme Court",
            "Sample Gazette",
            "Sample Desk",
            date(2025, 11, 5),
            f"{site}sample-gazette/court",
        ),
        "timeline-of-the-dispute.md": (
            "Timeline: from the first mineral curbs to the truce",
            "Sample Gazette",
            None,
            date(2025, 11, 12),
            f"{site}sample-gazette/timeline",
        ),
        "what-changed-and-what-did-not.md": (
            "What the minerals truce changed, and what it left alone",
            "Sample Wire",
            None,
            date(2025, 10, 31),
            f"{site}sample-wire/what-changed",
        ),
        "what-companies-do.docx": (
            "What companies do with a year of quiet",
            "Sample Trade Monitor",
            "Sample Desk",
            date(2025, 11, 4),
            None,
        ),
    }


def test_every_sample_is_labelled_and_the_label_is_not_answered_from() -> None:
    labels = {path.name: of_kind(read(path), BlockKind.BOILERPLATE)[:1] for path in SAMPLES.iterdir() if path.is_file()}
    assert labels and all(found == [LABEL] for found in labels.values()), labels


@pytest.mark.parametrize(
    "name", ["tariffs-at-the-supreme-court.pdf", "industry-reaction.pdf", "what-companies-do.docx"]
)
def test_binary_samples_are_what_their_text_makes(tmp_path: Path, name: str) -> None:
    (tmp_path / "again").mkdir()
    first = {path.name: path.read_bytes() for path in build(tmp_path)}
    second = {path.name: path.read_bytes() for path in build(tmp_path / "again")}
    assert first == second
    assert read(tmp_path / name) == read(SAMPLES / name)


def test_pages_of_a_sample_are_joined_without_their_feet() -> None:
    article = read(SAMPLES / "tariffs-at-the-supreme-court.pdf")
    assert "Page" not in article.text
    assert of_kind(article, BlockKind.HEADING) == ["The law in question", "What is at stake", "Where the rates stand"]
    assert of_kind(article, BlockKind.LIST_ITEM) == [
        "Tariffs on Chinese goods that may be thrown out",
        "Other new tariffs that rest on the same law",
        "A harder setting for talks on any extension of the truce",
    ]
    assert of_kind(article, BlockKind.PARAGRAPH)[1] == (
        "The law is the International Economic Emergency Powers Act of 1977. Lower courts have held that using it to "
        "impose tariffs was unlawful. The high court has yet to decide."
    )
