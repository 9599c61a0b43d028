"""A cross-encoder orders the best passages when a setting names one; what cannot be one is refused in words."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from assistant.assistant import Assistant
from assistant.domain import Filters, Passage
from assistant.embedding import open_pair_model
from assistant.errors import ModelUnavailable
from assistant.library import Library
from assistant.reranking import open_reranker
from assistant.retrieval import Retriever
from assistant.settings import Settings
from assistant.vectors import DenseSearch
from ingest.sync import ingest
from tests.toys import HashEmbedder

WORDS = "[PAD] [UNK] [CLS] [SEP] [MASK] the a of on and duty steel zinc lamps fee levy pays is stays rate".split()
VARIABLE = "TRADE_ASSISTANT_RERANKER"
NOTES = {
    "Steel": "The duty on steel stays.",
    "Zinc": "The duty on zinc and the duty on lamps pays a fee of the levy.",
    "Lamps": "The levy on lamps is a duty of A-570-123.",
}


def save_tiny(folder: Path, *, outputs: int = 1, head: bool = True) -> Path:
    """Save a BERT of a few dimensions and a few words, with random weights."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertModel, BertTokenizer

    folder.mkdir()
    (folder / "vocab.txt").write_text("\n".join(WORDS), encoding="utf-8")
    config = BertConfig(
        vocab_size=len(WORDS),
        hidden_size=8,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=8,
        max_position_embeddings=64,
        initializer_range=2.0,
    )
    config.num_labels = outputs
    torch.manual_seed(7)
    (BertForSequenceClassification if head else BertModel)(config).save_pretrained(folder)
    BertTokenizer(str(folder / "vocab.txt")).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture
def notes(tmp_path: Path, settings: Settings) -> Settings:
    folder = tmp_path / "notes"
    folder.mkdir()
    for number, (title, text) in enumerate(NOTES.items()):
        (folder / f"{number}.md").write_text(f"---\ntitle: {title}\n---\n\n{text}\n", encoding="utf-8")
    assert not ingest([folder], settings, embedder=HashEmbedder()).failed
    return settings


def titles(settings: Settings, query: str) -> list[str]:
    with closing(Assistant.open(settings, embedder=HashEmbedder())) as assistant:
        hits = assistant.search(query).hits
    assert list(hits) == sorted(hits, key=lambda hit: -hit.score)
    return [hit.passage.title for hit in hits]


def test_cross_encoder_gives_numbers_from_0_to_1_in_order_whatever_stands_beside_a_pair(tiny: Path) -> None:
    model = open_pair_model(str(tiny), variable=VARIABLE)
    pairs = [("duty on steel", text) for text in NOTES.values()] * 4 + [("", ""), ("\ud800", "zinc " * 500)]
    found = model.outputs(pairs)
    assert (found.shape, model.output_count) == ((14, 1), 1)
    assert ((found > 0) & (found < 1)).all()
    assert len(set(found[:3, 0].round(6))) == 3
    np.testing.assert_allclose(found[:3], found[9:12], atol=1e-5)
    np.testing.assert_allclose(found[:1], model.outputs(pairs[:1]), atol=1e-5)
    assert model.outputs([]).shape == (0, 1)


def test_several_outputs_are_shares_of_one(tmp_path: Path) -> None:
    model = open_pair_model(str(save_tiny(tmp_path / "three", outputs=3)), variable=VARIABLE)
    np.testing.assert_allclose(model.outputs([("duty", "levy"), ("fee", "zinc")]).sum(axis=1), [1, 1], atol=1e-6)


def test_reranker_of_the_settings_orders_the_passages_as_it_rates_them(notes: Settings, tiny: Path) -> None:
    chosen = notes.model_copy(update={"reranker": str(tiny)})
    reranker = open_reranker(chosen)
    assert reranker is not None
    with closing(Library.open(notes.data_dir)) as library, library.snapshot() as snapshot:
        passages = snapshot.passages(snapshot.live().tolist())
    rated = reranker.rate("duty on steel", passages)
    best_first = [passages[place].title for place in np.argsort(-rated)]
    assert titles(chosen, "duty on steel") == best_first


def test_nothing_is_loaded_unless_it_is_set(notes: Settings) -> None:
    assert notes.reranker is None
    assert open_reranker(notes) is None


class LastFirst:
    """Rate passages the higher the later they were put in."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def rate(self, question: str, passages: Sequence[Passage]) -> NDArray[np.float64]:
        self.asked.append(question)
        return np.array([passage.passage_id / 1_000 for passage in passages])


@pytest.fixture
def retriever(notes: Settings) -> Iterator[Retriever]:
    with closing(DenseSearch(notes.data_dir)) as dense:
        yield Retriever(HashEmbedder(), dense, LastFirst())


@pytest.mark.parametrize(
    ("query", "expected"),
    [("duty on steel", ["Lamps", "Zinc", "Steel"]), ("duty in case A-570-123", ["Lamps", "Zinc", "Steel"])],
)
def test_order_is_the_rerankers(notes: Settings, retriever: Retriever, query: str, expected: list[str]) -> None:
    with closing(Library.open(notes.data_dir)) as library, library.snapshot() as snapshot:
        found = retriever.retrieve(snapshot, query, limit=3, filters=Filters())
    assert [hit.passage.title for hit in found.hits] == expected


def test_passage_with_the_identifier_comes_first_whatever_the_reranker_says(tmp_path: Path, settings: Settings) -> None:
    folder = tmp_path / "cases"
    folder.mkdir()
    for number in range(30):
        text = f"The duty in case A-570-{100 + number} stays."
        (folder / f"{number:02}.txt").write_text(f"Case note {number}\n\n{text}\n", encoding="utf-8")
    assert not ingest([folder], settings, embedder=HashEmbedder()).failed
    with (
        closing(DenseSearch(settings.data_dir)) as dense,
        closing(Library.open(settings.data_dir)) as library,
        library.snapshot() as snapshot,
    ):
        retriever = Retriever(HashEmbedder(), dense, LastFirst())
        found = retriever.retrieve(snapshot, "the duty in A-570-104", limit=12, filters=Filters())
    assert found.hits[0].passage.title == "Case note 4"
    assert len(found.hits) == 12


def refused(settings: Settings, name: str) -> str:
    with pytest.raises(ModelUnavailable) as refusal:
        open_reranker(settings.model_copy(update={"reranker": name}))
    assert VARIABLE in str(refusal.value)
    return str(refusal.value)


def test_what_is_no_reranker_is_refused_with_its_reason(tmp_path: Path, settings: Settings, tiny: Path) -> None:
    assert "neither a folder nor in the local Hugging Face cache" in refused(settings, str(tmp_path / "absent"))
    assert "neither a folder nor in the local Hugging Face cache" in refused(settings, "nobody/no-such-model")
    (tmp_path / "empty").mkdir()
    assert "cannot be read" in refused(settings, str(tmp_path / "empty"))
    assert "is no cross-encoder" in refused(settings, str(save_tiny(tmp_path / "encoder", head=False)))
    assert "tells 3 classes of pairs apart" in refused(settings, str(save_tiny(tmp_path / "three", outputs=3)))
    damaged = save_tiny(tmp_path / "damaged")
    (damaged / "model.safetensors").write_bytes(b"\0" * 64)
    assert "cannot be loaded" in refused(settings, str(damaged))
    of_another_kind = save_tiny(tmp_path / "sentences")
    (of_another_kind / "config_sentence_transformers.json").write_text(
        json.dumps({"model_type": "SentenceTransformer"}), encoding="utf-8"
    )
    assert "is no cross-encoder" in refused(settings, str(of_another_kind))


def test_missing_reranker_is_told_when_the_library_is_opened(notes: Settings, tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match=VARIABLE):
        Assistant.open(notes.model_copy(update={"reranker": str(tmp_path / "absent")}), embedder=HashEmbedder())
