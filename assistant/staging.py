"""Embeddings on their way into a library: what a rebuild embeds is committed as it comes and swapped in at its end.

They are kept by the hash of the embedded text, for one target at a time. Readers never look at them, so a rebuild that
is killed changes no answer, and the next one for the same target embeds only what is missing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant import database
from assistant.database import Connection

# How far the norm of a stored embedding may be from 1: float32 rounding leaves 1e-6.
NORM_TOLERANCE = 1e-3


class Staging:
    """The staged embeddings of a library that is open for writing. `model` and `dimension` are what they are for."""

    def __init__(self, path: Path, connection: Connection, *, model: str, dimension: int) -> None:
        self._path = path
        self._connection = connection
        self._target = f"{model} ({dimension} dimensions)"
        self._dimension = dimension

    def begin(self) -> None:
        """Go on with what is staged for this target, or drop what was staged for another."""
        if self._all("SELECT staged_model FROM meta")[0][0] != self._target:
            with database.writing(self._connection, self._path):
                self._connection.execute("DELETE FROM staged_embeddings")
                self._connection.execute("UPDATE meta SET staged_model = ?", (self._target,))

    def vectors(self, text_hashes: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """Return the staged embedding, shape (dimension,), of each of these texts that has one."""
        return self._sound("staged_embeddings", text_hashes)

    def add(self, vectors: Mapping[str, NDArray[np.float32]]) -> None:
        """Stage embeddings by the hash of their text, in one commit."""
        with database.writing(self._connection, self._path):
            self._connection.executemany(
                "INSERT OR REPLACE INTO staged_embeddings VALUES (?, ?)",
                [(digest, vector.astype("<f4").tobytes()) for digest, vector in vectors.items()],
            )

    def adopt(self, text_hashes: Sequence[str]) -> None:
        """Stage what the library itself holds for these texts; only where it is of the target's model."""
        if known := self._sound("embeddings", text_hashes):
            self.add(known)

    def _sound(self, table: str, text_hashes: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """Return the embeddings in a table, without those that are damaged."""
        rows = self._all(
            f"SELECT text_hash, vector FROM {table} WHERE text_hash IN (SELECT value FROM json_each(?))",
            (json.dumps(list(text_hashes)),),
        )
        return {digest: unpacked(blob) for digest, blob in rows if is_sound(blob, self._dimension)}

    def _all(self, query: str, values: Any = ()) -> list[Any]:
        with database.errors(self._path):
            return self._connection.execute(query, values).fetchall()


def unpacked(blob: bytes) -> NDArray[np.float32]:
    """Return a stored embedding as an array of its own."""
    return np.frombuffer(blob, dtype="<f4").astype(np.float32)


def is_sound(blob: object, dimension: int) -> bool:
    """Say whether a stored embedding has this dimension, is finite and of norm 1."""
    if not isinstance(blob, bytes) or len(blob) != 4 * dimension:
        return False
    norm = float(np.linalg.norm(np.frombuffer(blob, dtype="<f4").astype(np.float64)))
    return abs(norm - 1.0) <= NORM_TOLERANCE  # false for NaN too
