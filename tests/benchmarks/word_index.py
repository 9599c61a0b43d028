"""BM25 over title and text with other constants than SQLite's full text has, to see whether they would rank better.

Fields are measured each by its own mean length (BM25F: Robertson and Zaragoza 2009), or by that of the whole passage,
which is what SQLite does. Everything is in memory: it is for trials, no part of the product.
"""

from __future__ import annotations

import functools
import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import snowballstemmer
from numpy.typing import NDArray

from assistant import library
from assistant.domain import Passage

_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class WordWeights:
    """Constants of BM25; as they stand, those of the product.

    `stemmer` is one of Snowball's, or empty for none. With `each_field`, title and text are each measured by their own
    mean length.
    """

    k1: float = 1.2
    b: float = 0.75
    title: float = library.TITLE_WEIGHT
    stemmer: str = "porter"
    each_field: bool = False


class WordIndex:
    """The stems of passages: title and headings one field, the text the other."""

    def __init__(self, passages: Sequence[Passage], stemmer: str) -> None:
        self._stem = _stemming(stemmer)
        postings: dict[str, list[tuple[int, int, int]]] = defaultdict(list)
        self.texts: list[Counter[str]] = []
        lengths = []
        for place, passage in enumerate(passages):
            title = self.stems(" ".join([passage.title, *passage.heading]))
            text = self.stems(passage.text)
            lengths.append((len(title), len(text)))
            in_title, in_text = Counter(title), Counter(text)
            self.texts.append(in_text)
            for stem in in_title | in_text:
                postings[stem].append((place, in_title[stem], in_text[stem]))
        self._lengths = np.array(lengths, dtype=np.float64)
        self._norms = functools.lru_cache(maxsize=1)(self._made_norms)
        self._postings = {stem: np.array(rows) for stem, rows in postings.items()}

    def stems(self, text: str) -> list[str]:
        """Return the stems of a text as the index holds them."""
        decomposed = unicodedata.normalize("NFKD", text)
        plain = "".join(character for character in decomposed if not unicodedata.combining(character)).lower()
        return [self._stem(word) for word in _WORD.findall(plain)]

    def idf(self, stem: str) -> float:
        """Return the weight of a stem: rare weighs most."""
        count = len(self._postings.get(stem, ()))
        return max(1e-6, math.log((len(self._lengths) - count + 0.5) / (count + 0.5)))

    def scores(self, stems: Mapping[str, float], weights: WordWeights) -> NDArray[np.float64]:
        """Return the BM25 of each passage for stems that weigh differently, shape (passages,)."""
        shortness, longness = self._norms(weights)
        scores = np.zeros(len(self._lengths))
        for stem, weight in stems.items():
            rows = self._postings.get(stem)
            if rows is not None:
                places = rows[:, 0]
                count = (rows[:, 1:] * shortness[places]).sum(axis=1)
                gain = count * (weights.k1 + 1) / (count + weights.k1 * longness[places])
                scores[places] += weight * self.idf(stem) * gain
        return scores

    def _made_norms(self, weights: WordWeights) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return what a stem in each field of each passage counts, and by what k1 is multiplied for each passage."""
        fields = np.array([weights.title, library.TEXT_WEIGHT])
        if weights.each_field:
            means = np.maximum(self._lengths.mean(axis=0), 1e-9)
            return fields / (1 - weights.b + weights.b * self._lengths / means), np.ones(len(self._lengths))
        total = self._lengths.sum(axis=1)
        longness = 1 - weights.b + weights.b * total / max(float(total.mean()), 1e-9)
        return np.broadcast_to(fields, self._lengths.shape), longness


def _stemming(name: str) -> Callable[[str], str]:
    if not name:
        return lambda word: word
    stemmer = snowballstemmer.stemmer(name)

    @functools.cache
    def stem(word: str) -> str:
        return str(stemmer.stemWord(word))

    return stem
