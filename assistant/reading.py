"""Read passages unit by unit: the sentences, lists and answers in them, each with its vector.

Vectors of units are made when a passage is first read and kept in memory, so that ingest need not embed every
sentence of the library (that would cost most of its time, design note `answers.md`).
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.domain import Passage, StoredArticle
from assistant.embedding import Embedder
from assistant.library import Snapshot
from assistant.structure import Outline, Unit, outline

# Articles whose outline and unit vectors stay in memory: about 60 KB each.
MAX_ARTICLES_KEPT = 512
# Longer units are embedded by their beginning: the model reads 256 tokens.
MAX_EMBEDDED_CHARS = 1_200


@dataclass(frozen=True, slots=True)
class ReadUnit:
    """A unit with the article it stands in and its vector: float32, shape (dim,), norm 1."""

    source: StoredArticle
    unit: Unit
    vector: NDArray[np.float32]

    @property
    def text(self) -> str:
        """Return the unit exactly as it stands in its article."""
        return self.source.article.text[self.unit.start : self.unit.end]


@dataclass(slots=True)
class _OpenArticle:
    source: StoredArticle
    outline: Outline
    vectors: dict[Unit, NDArray[np.float32]]


class Reader:
    """Read passages of a snapshot. One reader serves all threads of a process."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._kept: OrderedDict[tuple[str, int], _OpenArticle] = OrderedDict()
        self._lock = threading.Lock()

    def read(self, snapshot: Snapshot, passages: Sequence[Passage]) -> list[list[ReadUnit]]:
        """Return, for each passage, the units that lie in it; a list or answer counts where it begins."""
        opened = [self._open(snapshot, passage) for passage in passages]
        inside = [_units_inside(article.outline, passage) for article, passage in zip(opened, passages, strict=True)]
        wanted = {
            (position, unit): None
            for position, units in enumerate(inside)
            for unit in units
            if unit not in opened[position].vectors
        }
        vectors = self._embedder.embed([_unit_text(opened[position].source, unit) for position, unit in wanted])
        for (position, unit), vector in zip(wanted, vectors, strict=True):
            opened[position].vectors[unit] = vector
        return [
            [ReadUnit(article.source, unit, article.vectors[unit]) for unit in units]
            for article, units in zip(opened, inside, strict=True)
        ]

    def _open(self, snapshot: Snapshot, passage: Passage) -> _OpenArticle:
        key = (passage.article_id, passage.version)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        source = snapshot.article(*key)
        article = _OpenArticle(source, outline(source.article.text, source.article.blocks), {})
        with self._lock:
            self._kept[key] = article
            if len(self._kept) > MAX_ARTICLES_KEPT:
                self._kept.popitem(last=False)
        return article


def _units_inside(units: Outline, passage: Passage) -> list[Unit]:
    atoms = [unit for unit in units.atoms if passage.start <= unit.start and unit.end <= passage.end]
    groups = [unit for unit in units.groups if passage.start <= unit.start < passage.end]
    return atoms + groups


def _unit_text(source: StoredArticle, unit: Unit) -> str:
    text = source.article.text[unit.start : unit.end]
    is_whole = not unit.lead or text.startswith(unit.lead)
    return (text if is_whole else f"{unit.lead}\n{text}")[:MAX_EMBEDDED_CHARS]
