"""What the adversarial set promises: one thing changed, nothing in the passage that says it, fair halves."""

from __future__ import annotations

import dataclasses
import json
import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.domain import Support, Verdict
from tests.benchmarks.adversarial import Checked, check, table, write_misses
from tests.benchmarks.adversarial_changes import Change
from tests.benchmarks.adversarial_hidden import HIDDEN_KINDS
from tests.benchmarks.adversarial_kinds import OPEN_KINDS
from tests.benchmarks.adversarial_names import names
from tests.benchmarks.adversarial_pairs import Pair, draw, pairs_of
from tests.benchmarks.adversarial_passages import (
    Source,
    Text,
    sample_texts,
    sentences,
    sources,
    sources_of,
    split_of,
    texts,
)
from tests.benchmarks.adversarial_true import TRUE_KINDS
from tests.benchmarks.adversarial_written import written
from tests.toys import HashEmbedder

NOTICE = Text(
    "Harbour Dispatch",
    "squad",
    tuple(
        map(
            sentences,
            (
                "Norway raised its duty on dried fish to 31% on 9 November 2025, according to the Harbour Dispatch. "
                "The Ministry of Fisheries said that exporters may ask for refunds of about $5 billion before March "
                "2026. Because stocks were low, prices rose after the duty was announced. If the duty is challenged, "
                "the court could suspend all of its parts for two years.",
                "In 1994 Sweden accused Denmark of dumping 12,500 tons of herring. Peter Holm argued that the import "
                "quota did not protect small harbours, which were the second largest employers in Norway. However, "
                "the proposed rule was adopted by the council in 1998. Most fishermen accepted the offer because of "
                "falling prices.",
                "Iceland and Finland opposed the plan for three months. Anna Brandt told reporters that Finland "
                "planned to lift the ban. The Fisheries Commission will publish its report on Tuesday.",
            ),
        )
    ),
)
MORE_NOTICES = [
    dataclasses.replace(NOTICE, title=f"Harbour Dispatch {number}", collection="samples" if number == 1 else "squad")
    for number in range(1, 4)
]


def made(kind: Callable[[Source, random.Random], object], sentence: str, span: str = "") -> list[Change]:
    """Return the changes of a kind over a few drawings, each once."""
    source = Source("Article", "squad", sentence, span or sentence, ("Sweden met Denmark. Norway left.",))
    found = [change for seed in range(20) for change in kind(source, random.Random(seed))]  # type: ignore[attr-defined]
    return list(dict.fromkeys(found))


@pytest.fixture(scope="module")
def pairs() -> list[Pair]:
    return pairs_of([source for text in MORE_NOTICES for source in sources_of(text)], with_hidden=True)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder like the shared one, with a small collection of each name."""
    folder = tmp_path_factory.mktemp("shared")
    (folder / "articles").mkdir()
    (folder / "articles" / "notice.txt").write_text("\n\n".join(map(" ".join, NOTICE.paragraphs)), encoding="utf-8")
    for name in ("squad", "scifact", "cranfield"):
        collection = folder / "bench" / "data" / name
        collection.mkdir(parents=True)
        records = [
            {"_id": f"{article}-{place}", "title": f"{name} {article}", "text": " ".join(paragraph)}
            for article in range(12)
            for place, paragraph in enumerate(NOTICE.paragraphs)
        ]
        lines = "".join(json.dumps(record) + "\n" for record in records)
        (collection / "corpus.jsonl").write_text(lines, encoding="utf-8")
    return folder


def test_every_kind_is_drawn_from_a_notice_that_has_something_to_change(pairs: list[Pair]) -> None:
    drawn = {pair.kind for pair in pairs}
    assert drawn >= {
        "figure", "unit", "date", "name", "role swap", "mixed up", "negation added", "negation removed", "direction",
        "attribution", "modality", *HIDDEN_KINDS,
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["figure", "unit", "date", "name", "direction", "attribution"])
def test_what_stands_there_now_is_nowhere_in_the_passage(pairs: list[Pair], kind: str) -> None:
    changed = [pair for pair in pairs if pair.kind == kind and pair.after]
    assert changed
    found = [pair for pair in changed if re.search(rf"(?<!\w){re.escape(pair.after)}(?!\w)", pair.source.span)]
    assert found == []


def test_one_stretch_of_the_sentence_is_changed_and_the_rest_is_kept(pairs: list[Pair]) -> None:
    changed = [pair for pair in pairs if pair.kind in ("figure", "unit", "date", "name", "mixed up", "negation added")]
    assert changed
    for pair in changed:
        sentence = pair.source.sentence
        places = [one.start() for one in re.finditer(re.escape(pair.before), sentence)]
        rebuilt = {sentence[:at] + pair.after + sentence[at + len(pair.before) :] for at in places}
        assert pair.claim in rebuilt


def test_claims_are_never_words_of_the_passage_unless_they_are_the_sentence_itself(pairs: list[Pair]) -> None:
    assert [pair for pair in pairs if pair.claim in pair.source.span and pair.kind != "the sentence itself"] == []


def test_the_passage_holds_the_sentence_once(pairs: list[Pair]) -> None:
    assert {pair.source.span.count(pair.source.sentence) for pair in pairs} == {1}


def test_spans_are_sentences_alone_with_their_neighbours_and_whole_paragraphs() -> None:
    found = [source for number in range(30) for source in sources_of(dataclasses.replace(NOTICE, title=str(number)))]
    lengths = {len(sentences(source.span)) for source in found if source.sentence.startswith("Because")}
    assert lengths == {1, 3, 4}


def test_the_same_seed_draws_the_same_pairs_and_another_seed_others(pairs: list[Pair]) -> None:
    found = [source for text in MORE_NOTICES for source in sources_of(text)]
    assert pairs_of(found, with_hidden=True) == pairs
    assert pairs_of(found, with_hidden=True, seed=1) != pairs


def test_no_article_is_in_both_halves(data: Path) -> None:
    dev, test = ({source.article for source in sources(data, split)} for split in ("dev", "test"))
    assert dev
    assert test
    assert dev & test == set()
    assert dev | test == {text.title for text in texts(data)}


def test_samples_are_for_tuning_and_the_articles_that_came_with_the_task_are_held_out() -> None:
    assert {split_of(title, "samples") for title in "abcdefgh"} == {"dev"}
    assert {split_of(title, "articles") for title in "abcdefgh"} == {"test"}


def test_the_dev_half_has_no_hidden_kind(data: Path) -> None:
    dev, test = ({pair.kind for pair in draw(data, split)} for split in ("dev", "test"))
    assert dev <= {*OPEN_KINDS, *TRUE_KINDS}
    assert test & set(HIDDEN_KINDS)


def test_a_tenth_is_drawn_for_a_quick_look(data: Path) -> None:
    whole, tenth = (len(draw(data, "test", share=share)) for share in (1.0, 0.1))
    assert 0 < tenth < whole / 4


def test_a_missing_collection_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        draw(tmp_path, "dev")


def test_a_lower_bound_moves_up_and_an_upper_bound_down() -> None:
    sentence = "The fund paid more than 80 farmers and less than 40 millers."
    found = made(OPEN_KINDS["figure"], sentence)
    assert {float(one.after) > 80 for one in found if one.before == "80"} == {True}
    assert {float(one.after) < 40 for one in found if one.before == "40"} == {True}


def test_a_figure_in_digits_is_not_taken_where_the_passage_has_it_in_words() -> None:
    span = "The fund paid 11 farmers. Twelve millers and ten bakers asked for more."
    found = made(OPEN_KINDS["figure"], "The fund paid 11 farmers.", span)
    assert found
    assert not {"10", "12"} & {one.after for one in found}


def test_years_move_to_where_a_bound_no_longer_holds() -> None:
    found = made(OPEN_KINDS["date"], "The ban was lifted before 1990, and trade grew after 1991.")
    assert {int(one.after) < 1990 for one in found if one.before == "1990"} == {True}
    assert {int(one.after) > 1991 for one in found if one.before == "1991"} == {True}


def test_names_are_swapped_within_their_kind_and_never_for_one_of_the_passage() -> None:
    found = made(OPEN_KINDS["name"], "The duty on fish from Norway hurt traders in Iceland last year.")
    assert {one.after for one in found} == {"Sweden", "Denmark"}


def test_what_may_be_a_name_of_something_else_is_no_person() -> None:
    assert [one.text for one in names("They met Peter Holm near James River and the Court of Justice.")] == [
        "Peter Holm",
        "Court of Justice",
    ]


def test_names_in_a_list_do_not_change_places() -> None:
    assert made(OPEN_KINDS["role swap"], "Norway and Sweden signed the treaty with Denmark in the spring.") == []
    swapped = made(OPEN_KINDS["role swap"], "Norway accused Sweden of dumping herring in the spring.")
    assert [one.claim for one in swapped] == ["Sweden accused Norway of dumping herring in the spring."]


def test_ends_of_a_range_do_not_change_places() -> None:
    assert made(OPEN_KINDS["role swap"], "The quota applied from 1990 to 1995 in every harbour.") == []


@pytest.mark.parametrize(
    ("kind", "sentence", "claim"),
    [
        ("negation removed", "The court did not lift the ban.", "The court lifted the ban."),
        ("negation removed", "The ban does not apply here.", "The ban applies here."),
        ("negation removed", "The court refused to hear the case.", "The court heard the case."),
        ("negation removed", "The duty cannot be refunded.", "The duty can be refunded."),
        ("direction", "Prices rose in every harbour.", "Prices fell in every harbour."),
        ("direction", "The duty is above the old one.", "The duty is below the old one."),
        ("modality", "The council planned to lift the ban.", "The council lifted the ban."),
        ("unit", "The pause lasts 90 minutes.", "The pause lasts 90 seconds."),
    ],
)
def test_changes_read_as_sentences(kind: str, sentence: str, claim: str) -> None:
    assert claim in {one.claim for one in made(OPEN_KINDS[kind], sentence)}


@pytest.mark.parametrize(
    ("kind", "sentence", "claim"),
    [
        ("percent", "The duty is 31% now.", "The duty is 31 per cent now."),
        ("money", "They paid $5 billion in all.", "They paid 5bn USD in all."),
        ("money", "They paid $5 billion in all.", "They paid $5,000 million in all."),
        ("date form", "It began on 9 November 2025 at noon.", "It began on 2025-11-09 at noon."),
        ("date form", "It began on 9 November 2025 at noon.", "It began on Nov. 9, 2025 at noon."),
        ("contraction", "The ban did not end there.", "The ban didn't end there."),
        ("number in words", "The pause lasts three months.", "The pause lasts 3 months."),
        ("short name", "The United States left the talks.", "The U.S. left the talks."),
        ("active or passive", "The rule was adopted by the council in 1998.", "The council adopted the rule in 1998."),
        ("order of clauses", "When talks failed, prices rose fast.", "Prices rose fast when talks failed."),
        ("part left out", "The fund (a state body) paid them.", "The fund paid them."),
        ("opener left out", "However, the ban remained in place.", "The ban remained in place."),
        ("verb of saying", "The minister said that the ban ended.", "The minister stated that the ban ended."),
        ("synonym", "The firms bought approximately half of it.", "The firms bought about half of it."),
    ],
)  # fmt: skip
def test_rewrites_say_the_same(kind: str, sentence: str, claim: str) -> None:
    assert claim in {one.claim for one in made(TRUE_KINDS[kind], sentence)}


def test_claims_by_hand_are_about_passages_of_the_samples_and_of_the_invented_notices() -> None:
    pairs = written()
    assert len({(pair.source.span, pair.claim) for pair in pairs}) == len(pairs)
    assert sum(not pair.is_true for pair in pairs) >= 100
    assert sum(pair.is_true for pair in pairs) >= 60
    samples = {text.title: [" ".join(one) for one in text.paragraphs] for text in sample_texts()}
    for pair in pairs:
        paragraphs = samples.get(pair.source.article)
        assert paragraphs is None or pair.source.span in paragraphs
        assert paragraphs is not None or pair.source.article.startswith("invented notice")


def test_claims_are_checked_with_their_similarity_unless_they_are_the_whole_passage(pairs: list[Pair]) -> None:
    checked = check(pairs, HashEmbedder())
    assert [row.pair for row in checked] == pairs
    for row in checked:
        assert (row.similarity is None) == (row.pair.claim == row.pair.source.span)
        assert row.similarity is None or -1.001 <= row.similarity <= 1.001


def test_the_table_counts_what_is_caught_and_what_is_rejected(pairs: list[Pair], tmp_path: Path) -> None:
    changed = next(pair for pair in pairs if pair.kind == "figure")
    hidden = next(pair for pair in pairs if pair.is_hidden)
    true = next(pair for pair in pairs if pair.is_true)
    rows = [
        Checked(changed, Verdict(Support.UNSUPPORTED, "it is not there"), 0.9),
        Checked(changed, Verdict(Support.SUPPORTED, ""), 0.9),
        Checked(hidden, Verdict(Support.PARTIAL, "not quite"), 0.9),
        Checked(true, Verdict(Support.PARTIAL, "not quite"), 0.9),
    ]
    counts = [[cell.strip() for cell in line.split("|")[1:4]] for line in table(rows) if re.match(r"\| [*\w]", line)]
    assert counts == [
        ["Changed", "claims", "caught"],
        ["figure", "2", "1"],
        ["**open kinds**", "2", "1"],
        [hidden.kind, "1", "1"],
        ["**hidden kinds**", "1", "1"],
        ["**all changed**", "3", "2"],
        ["True", "claims", "rejected"],
        [true.kind, "1", "1"],
        ["**all true**", "1", "1"],
    ]
    misses = tmp_path / "misses.jsonl"
    write_misses(rows, misses)
    written = [json.loads(line) for line in misses.read_text(encoding="utf-8").splitlines()]
    assert [(one["kind"], one["verdict"], one["reason"]) for one in written] == [
        ("figure", "supported", ""),
        (true.kind, "partial", "not quite"),
    ]
