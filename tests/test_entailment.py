"""An entailment model is a second opinion: it lowers a verdict, and never makes up for a figure, date or name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from assistant.assistant import Assistant
from assistant.domain import Draft, Span, Support, Verdict
from assistant.entailment import CrossEncoderEntailment, Relation, open_entailment
from assistant.errors import ModelUnavailable
from assistant.evidence import Evidence
from assistant.settings import Settings
from assistant.verification import verify
from ingest.sync import ingest
from tests.test_reranking import save_tiny
from tests.toys import HashEmbedder

VARIABLE = "TRADE_ASSISTANT_ENTAILMENT_MODEL"
SOURCE = "Shipping lines must pay a levy of 40 dollars whenever a vessel built abroad docks."
OTHER_WORDS = "A levy is due from foreign hulls when a vessel calls."
LABELS = {0: "contradiction", 1: "entailment", 2: "neutral"}
CONTRADICTED = "the entailment model reads the cited passage as contradicting this"


def save_judge(folder: Path, *, labels: dict[int, str] = LABELS, answer: int | None = None) -> Path:
    """Save a tiny cross-encoder; with `answer` it always gives that output."""
    import torch
    from transformers import BertForSequenceClassification

    save_tiny(folder, outputs=len(labels))
    model = BertForSequenceClassification.from_pretrained(folder)
    model.config.id2label = labels
    model.config.label2id = {name: number for number, name in labels.items()}
    if answer is not None:
        with torch.no_grad():
            model.classifier.weight.zero_()
            model.classifier.bias.copy_(torch.tensor([9.0 * (at == answer) for at in range(len(labels))]))
    model.save_pretrained(folder)
    return folder


def chosen(settings: Settings, folder: Path) -> Settings:
    return settings.model_copy(update={"entailment_model": str(folder)})


@pytest.mark.parametrize(
    ("answer", "expected"), [(0, Relation.CONTRADICTS), (1, Relation.ENTAILS), (2, Relation.NEITHER)]
)
def test_model_of_the_settings_is_read_by_its_labels(
    tmp_path: Path, settings: Settings, answer: int, expected: Relation
) -> None:
    model = open_entailment(chosen(settings, save_judge(tmp_path / "judge", answer=answer)))
    assert model is not None
    assert model.relation("The duty stays.", ["The duty on steel stays.", "The fee is a levy."]) is expected
    assert model.relation("The duty stays.", []) is Relation.NEITHER


class Unsure:
    """Gives the same shares for every pair."""

    output_count = 3
    labels = ("contradiction", "entailment", "neutral")

    def outputs(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float64]:
        return np.tile([0.45, 0.35, 0.2], (len(pairs), 1))


def test_likeliest_label_that_is_not_sure_says_nothing() -> None:
    labels = (Relation.CONTRADICTS, Relation.ENTAILS, Relation.NEITHER)
    assert CrossEncoderEntailment(Unsure(), labels).relation("Duties fell.", [SOURCE]) is Relation.NEITHER


def test_none_is_used_unless_a_setting_names_it(settings: Settings) -> None:
    assert settings.entailment_model is None
    assert open_entailment(settings) is None


def test_what_is_no_entailment_model_is_refused_with_its_reason(tmp_path: Path, settings: Settings) -> None:
    with pytest.raises(ModelUnavailable, match=VARIABLE):
        open_entailment(chosen(settings, tmp_path / "absent"))
    others = {0: "good", 1: "bad", 2: "neutral"}
    with pytest.raises(ModelUnavailable, match=f"has the labels good, bad, neutral.*{VARIABLE}"):
        open_entailment(chosen(settings, save_judge(tmp_path / "others", labels=others)))


def test_contradiction_lowers_the_verdict_by_a_step() -> None:
    assert verify("Shipping lines must pay a levy.", [SOURCE], relation=Relation.CONTRADICTS) == Verdict(
        Support.PARTIAL, CONTRADICTED
    )
    assert verify(OTHER_WORDS, [SOURCE]).support is Support.PARTIAL
    assert verify(OTHER_WORDS, [SOURCE], relation=Relation.CONTRADICTS) == Verdict(Support.UNSUPPORTED, CONTRADICTED)


def test_exact_quote_stays_one_whatever_the_model_reads() -> None:
    assert verify(SOURCE, [SOURCE], relation=Relation.CONTRADICTS).support is Support.SUPPORTED


@pytest.mark.parametrize(
    "claim",
    [
        f"{OTHER_WORDS[:-1]} 50 dollars.",
        f"{OTHER_WORDS[:-1]} since May 2024.",
        f"{OTHER_WORDS[:-1]} at Rotterdam.",
        "Shipping lines must not pay a levy of 40 dollars.",
    ],
)
def test_entailment_makes_up_for_other_words_and_for_nothing_else(claim: str) -> None:
    assert verify(OTHER_WORDS, [SOURCE], relation=Relation.ENTAILS).support is Support.SUPPORTED
    assert verify(claim, [SOURCE], relation=Relation.ENTAILS) == verify(claim, [SOURCE])
    assert verify(claim, [SOURCE]).support is not Support.SUPPORTED


class Scripted:
    """An answerer that says in other words what it cites."""

    name = "scripted"

    def write(self, evidence: Evidence, **_: object) -> Iterator[Draft]:
        source = evidence.units[0].read.source
        start = source.article.text.index("The tin levy")
        end = source.article.text.index(" on 3 May")
        yield Draft("The levy on tin rose to 4%.", (Span(source.article_id, source.version, start, end),))


@pytest.mark.parametrize(("answer", "expected"), [(0, Support.PARTIAL), (2, Support.SUPPORTED)])
def test_answers_are_checked_by_the_model_too(
    tmp_path: Path, settings: Settings, answer: int, expected: Support
) -> None:
    (tmp_path / "notes").mkdir()
    text = "---\ntitle: Tin\n---\n\nThe tin levy rose to 4 percent on 3 May.\n"
    (tmp_path / "notes" / "tin.md").write_text(text, encoding="utf-8")
    assert not ingest([tmp_path / "notes"], settings, embedder=HashEmbedder()).failed
    judged = chosen(settings, save_judge(tmp_path / "judge", answer=answer))
    with closing(Assistant.open(judged, embedder=HashEmbedder(), answerer=Scripted())) as assistant:
        told = assistant.ask("When did the tin levy rise?")
    assert [claim.support for claim in told.claims] == [expected]
