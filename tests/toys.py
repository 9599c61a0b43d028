"""Small real stand-ins for tests: an embedder without a model. Everything else in tests is the real thing."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray


class HashEmbedder:
    """Embed a text as the normalised sum of pseudo-random word vectors: same words, near vectors."""

    name = "hash-embedder"
    dimension = 64

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return float32 of shape (len(texts), 64), rows of norm 1, in input order."""
        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in re.findall(r"\w+", text.lower()) or [""]:
                row += _word_vector(word, self.dimension)
            row /= np.linalg.norm(row)
        return rows


@lru_cache(maxsize=10_000)
def _word_vector(word: str, dimension: int) -> NDArray[np.float32]:
    seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "big")
    return np.random.default_rng(seed).standard_normal(dimension).astype(np.float32)
