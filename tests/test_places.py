"""Names of countries and agencies: one stands for another in a search and as evidence, where that is safe."""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path

import pytest
from babel import Locale

from assistant.assistant import Assistant
from assistant.names import known_key
from assistant.places import other_names
from assistant.settings import Settings
from assistant.text import content_stems, with_other_names
from ingest.sync import ingest
from tests.toys import HashEmbedder


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("PRC", "China"),
        ("the P.R.C.", "People’s Republic of China"),
        ("ROK", "South Korea"),
        ("Britain", "U.K."),
        ("EU", "European Union"),
        ("MOFCOM", "Ministry of Commerce"),
        ("commerce ministry", "mofcom"),
        ("USTR", "U.S. Trade Representative"),
        ("CBP", "Customs and Border Protection"),
        ("USITC", "International Trade Commission"),
        ("the ITC", "USITC"),
        ("IEEPA", "International Emergency Economic Powers Act"),
    ],
)
def test_names_of_one_body_are_searched_for_and_understood_either_way(one: str, other: str) -> None:
    def form(name: str) -> str:
        return name.lower().replace("’", "'").replace(".", "").removeprefix("the ")

    assert form(other) in {form(name) for name in other_names(one)}
    assert form(one) in {form(name) for name in other_names(other)}
    for asked, said in ((one, other), (other, one)):
        assert with_other_names(frozenset(content_stems(f"What {said} said"))).issuperset(content_stems(asked))


def test_capital_leads_to_its_country_and_nothing_leads_to_an_ambiguous_name() -> None:
    assert "China" in other_names("What did Beijing announce?")
    for text in ("What did China announce?", "What did the United States announce?"):
        assert not {"Beijing", "Washington", "America"} & set(other_names(text))


@pytest.mark.parametrize("text", ["does it let us go", "a turkey for un-chilled trade", "the mouse gene cit bis", ""])
def test_ordinary_words_in_small_letters_name_nobody(text: str) -> None:
    assert other_names(text) == []


def test_every_country_of_cldr_is_known() -> None:
    """Territories whose names are also a man's, or stand in that of a state, are left out: see places.toml."""
    territories = Locale("en").territories
    no_country = {"EZ", "QO", "UM", "XA", "XB", "ZZ"}
    said = [name for code, name in territories.items() if re.fullmatch("[A-Z]{2}", code) and code not in no_country]
    plain = [re.sub(r" SAR China| \(.*\)| - .*", "", name).replace("&", "and") for name in said]
    assert sorted(name for name in plain if known_key(name) is None) == ["Chad", "Jersey"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("Belizean tiles", "Belize"),
        ("Laotian exporters", "Lao People's Democratic Republic"),
        ("Algerians", "Algeria"),
        ("Mongolian cashmere", "Mongolia’s"),
        ("the Omani rule", "Oman"),
        ("Ivory Coast", "Côte d’Ivoire"),
        ("Korean steel", "the Republic of Korea"),
        ("Filipino coconut oil", "the Philippines"),
        ("Nigerien uranium", "Niger"),
    ],
)
def test_country_is_meant_by_its_people(asked: str, said: str) -> None:
    assert set(content_stems(asked)) & set(content_stems(said))


@pytest.mark.parametrize(
    ("one", "other"), [("Niger", "Nigerian"), ("Guinea", "Papua New Guinea"), ("Sudan", "South Sudan")]
)
def test_countries_with_a_word_in_common_are_two(one: str, other: str) -> None:
    assert not set(content_stems(one)) & set(content_stems(other))


def test_question_about_a_country_that_nobody_names_is_refused(tmp_path: Path, settings: Settings) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    text = "Tile duties\n\nThe dumping margin on stoneware floor tiles from Laos is 25.11 percent.\n"
    (folder / "tiles.txt").write_text(text, encoding="utf-8")
    assert not ingest([folder], settings, embedder=HashEmbedder()).failed
    with closing(Assistant.open(settings, embedder=HashEmbedder())) as assistant:
        asked = [
            assistant.ask(f"What is the dumping margin on {people} stoneware floor tiles?").is_refusal
            for people in ("Laotian", "Belizean", "Mongolian")
        ]
    assert asked == [False, True, True]


def test_north_korea_is_not_south_korea() -> None:
    assert known_key("Democratic People's Republic of Korea") == "north korea"
    assert known_key("Republic of Korea") == "south korea"
    assert other_names("the Democratic People's Republic of Korea") == ["North Korea", "DPRK"]


def test_question_by_one_name_is_answered_from_a_passage_with_another(tmp_path: Path, settings: Settings) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    for number in range(30):
        text = f"Bulletin {number}\n\nThe harbour office announced fee number {number} on gallium cranes.\n"
        (folder / f"{number}.txt").write_text(text, encoding="utf-8")
    notice = "Notice\n\nThe Ministry of Commerce announced a ban on gallium from the first of May.\n"
    (folder / "notice.txt").write_text(notice, encoding="utf-8")
    assert not ingest([folder], settings, embedder=HashEmbedder()).failed
    with closing(Assistant.open(settings, embedder=HashEmbedder())) as assistant:
        answer = assistant.ask("What ban on gallium did MOFCOM announce?")
    assert [citation.title for citation in answer.citations][:1] == ["Notice"]


@pytest.mark.parametrize(("written", "asked"), [("aluminium", "aluminum"), ("sulfur", "sulphur"), ("tyres", "tire")])
def test_text_answers_to_goods_in_their_other_spelling(written: str, asked: str) -> None:
    assert with_other_names(frozenset(content_stems(f"Duties on {written}"))).issuperset(content_stems(asked))
