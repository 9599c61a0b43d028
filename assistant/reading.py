"""Read passages unit by unit: the sentences, lists and answers in them, each with its vector.

Vectors of units are made when a passage is first read and kept in memory, so that ingest need not embed every
sentence of the library (that would cost most of its time, design note `answers.md`).
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.domain import Passage, StoredArticle
from assistant.embedding import Embedder
from assistant.library import Snapshot
from assistant.structure import GROUPS, Outline, Unit, outline

# Characters of articles whose outline and unit vectors stay in memory, about 20 bytes of memory each.
MAX_CHARS_KEPT = 10_000_000
# Longer units are embedded by their beginning: the model reads 256 tokens.
MAX_EMBEDDED_CHARS = 1_200

MIN_WORDS_AROUND = 3
_QUOTATION = re.compile(r"“[^“”]*”|\"[^\"]*\"")


@dataclass(frozen=True, slots=True)
class ReadUnit:
    """A unit with the article it stands in and its vectors: float32, shape (1 or 2, dim), rows of norm 1.

    The first row is of the whole unit. A second one is of the heading and lead-in of a list or an answer, or of what
    stands around a quotation: a question is like the name of what answers it, and about the speaker of what is said.
    """

    source: StoredArticle
    unit: Unit
    vectors: NDArray[np.float32]

    @property
    def text(self) -> str:
        """Return the unit exactly as it stands in its article."""
        return self.source.article.text[self.unit.start : self.unit.end]

    def cosine(self, vector: NDArray[np.float32]) -> float:
        """Return how near the unit is to a question's vector, -1 to 1."""
        return float((self.vectors @ vector).max())


@dataclass(slots=True)
class _OpenArticle:
    source: StoredArticle
    outline: Outline
    vectors: dict[Unit, NDArray[np.float32]]


class Reader:
    """Read passages of a snapshot. One reader serves all threads of a process."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._kept: OrderedDict[tuple[str, str | None, str, int], _OpenArticle] = OrderedDict()
        self._chars_kept = 0
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
        texts = [_unit_texts(opened[position].source, unit) for position, unit in wanted]
        vectors = self._embedder.embed([text for of_unit in texts for text in of_unit])
        for (position, unit), of_unit in zip(wanted, texts, strict=True):
            # A copy: a slice would keep the whole batch in memory as long as one of its units.
            opened[position].vectors[unit], vectors = vectors[: len(of_unit)].copy(), vectors[len(of_unit) :]
        return [
            [ReadUnit(article.source, unit, article.vectors[unit]) for unit in units]
            for article, units in zip(opened, inside, strict=True)
        ]

    def _open(self, snapshot: Snapshot, passage: Passage) -> _OpenArticle:
        key = (snapshot.library_id, snapshot.embedding_model, passage.article_id, passage.version)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        source = snapshot.article(passage.article_id, passage.version)
        article = _OpenArticle(source, outline(source.article.text, source.article.blocks), {})
        with self._lock:
            if key not in self._kept:
                self._chars_kept += len(source.article.text)
            self._kept[key] = article
            while self._chars_kept > MAX_CHARS_KEPT and len(self._kept) > 1:
                _, dropped = self._kept.popitem(last=False)
                self._chars_kept -= len(dropped.source.article.text)
        return article


def _units_inside(units: Outline, passage: Passage) -> list[Unit]:
    atoms = [unit for unit in units.atoms if passage.start <= unit.start and unit.end <= passage.end]
    groups = [unit for unit in units.groups if passage.start <= unit.start < passage.end]
    return atoms + groups


def _unit_texts(source: StoredArticle, unit: Unit) -> list[str]:
    """Return what is embedded for a unit: what it depends on, then its text; and its text without quotations."""
    text = source.article.text[unit.start : unit.end]
    above = unit.heading[-1:] if unit.kind in GROUPS else ()
    lead = unit.lead if not text.startswith(unit.lead) and unit.lead not in above else ""
    texts = ["\n".join([*above, *([lead] if lead else []), text])[:MAX_EMBEDDED_CHARS]]
    if unit.kind in GROUPS:
        named = " ".join(dict.fromkeys([*above, unit.lead])).strip()
        return [*texts, named] if named else texts
    around = " ".join(_QUOTATION.sub(" ", text).split())
    if len(around) < len(text) / 2 and len(around.split()) >= MIN_WORDS_AROUND:
        texts.append(around)
    return texts
