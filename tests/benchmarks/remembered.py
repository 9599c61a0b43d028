"""Vectors of the texts of test collections, kept from one measurement to the next: most of the time went into them.

A vector is the model's own or it is not used: files go by the name of the model, which says its weights, and what was
kept is embedded again in a sample when it is opened. Timings are never measured with it.
"""

from __future__ import annotations

import hashlib
import threading
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.embedding import Embedder, open_embedder
from assistant.settings import load_settings

SAMPLED = 32
# Vectors in bfloat16 depend a little on what is embedded beside a text: .9999 is measured.
MIN_COSINE = 0.999
SAVED_EVERY = 5_000


def open_remembering_embedder() -> RememberingEmbedder:
    """Open the configured model with what the cache folder holds of it."""
    settings = load_settings()
    return RememberingEmbedder(open_embedder(settings), settings.cache_dir / "benchmarks")


class RememberingEmbedder:
    """An `Embedder` that embeds no text twice. Used by several threads; `save` keeps what is new."""

    def __init__(self, embedder: Embedder, folder: Path) -> None:
        self.name, self.dimension = embedder.name, embedder.dimension
        self._embedder = embedder
        self._file = folder / f"{hashlib.sha256(embedder.name.encode()).hexdigest()[:16]}.npz"
        self._lock = threading.Lock()
        self._unsaved = 0
        self._known = self._opened()

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed as Embedder says."""
        new = list(dict.fromkeys(text for text in texts if text not in self._known))
        vectors = self._embedder.embed(new)
        with self._lock:
            self._known.update(zip(new, vectors.copy(), strict=True))
            self._unsaved += len(new)
        if self._unsaved > SAVED_EVERY:
            self.save()
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        return np.stack([self._known[text] for text in texts])

    def save(self) -> None:
        """Write what is known; the file is only ever replaced as a whole."""
        with self._lock:
            if not self._unsaved:
                return
            self._file.parent.mkdir(parents=True, exist_ok=True)
            written = self._file.with_suffix(".tmp.npz")
            texts, vectors = list(self._known), np.stack(list(self._known.values()))
            np.savez(written, texts=np.frombuffer("\0".join(texts).encode(), dtype=np.uint8), vectors=vectors)
            written.replace(self._file)
            self._unsaved = 0

    def _opened(self) -> dict[str, NDArray[np.float32]]:
        """Return what the file holds if the model still says the same of a sample, else nothing."""
        if not self._file.is_file():
            return {}
        try:
            with self._file.open("rb") as file, np.load(file) as kept:
                texts = kept["texts"].tobytes().decode().split("\0")
                vectors = kept["vectors"]
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return {}  # damaged: all is embedded again
        if vectors.shape != (len(texts), self.dimension):
            return {}
        sampled = np.random.default_rng(0).permutation(len(texts))[:SAMPLED]
        again = self._embedder.embed([texts[place] for place in sampled])
        is_same = np.einsum("ij,ij->i", again, vectors[sampled]).min() > MIN_COSINE
        return dict(zip(texts, vectors, strict=True)) if is_same else {}
