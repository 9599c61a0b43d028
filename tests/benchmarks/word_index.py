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
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import snowballstemmer
from numpy.typing import NDArray

from assistant import library
from assistant.domain import Passage

Phrase = tuple[str, ...]
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
        self._stems = [
            (self.stems(" ".join([passage.title, *passage.heading])), self.stems(passage.text)) for passage in passages
        ]
        self._lengths = np.array([[len(stems) for stems in fields] for fields in self._stems], dtype=np.float64)
        self.texts = [Counter(text) for _, text in self._stems]
        postings: dict[str, list[tuple[int, int, int]]] = defaultdict(list)
        for place, ((title, _), in_text) in enumerate(zip(self._stems, self.texts, strict=True)):
            in_title = Counter(title)
            for stem in in_title | in_text:
                postings[stem].append((place, in_title[stem], in_text[stem]))
        self._postings = {(stem,): np.array(rows) for stem, rows in postings.items()}
        self._norms = functools.lru_cache(maxsize=1)(self._made_norms)

    def stems(self, text: str) -> list[str]:
        """Return the stems of a text as the index holds them."""
        decomposed = unicodedata.normalize("NFKD", text)
        plain = "".join(character for character in decomposed if not unicodedata.combining(character)).lower()
        return [self._stem(word) for word in _WORD.findall(plain)]

    def phrases(self, terms: Iterable[str]) -> Mapping[Phrase, float]:
        """Return what to search for with its weight: "8471.30" is a phrase, two words of one stem count twice."""
        return dict(Counter(phrase for term in terms if (phrase := tuple(self.stems(term)))))

    def idf(self, phrase: Phrase) -> float:
        """Return the weight of a phrase: rare weighs most."""
        count = len(self._holding(phrase))
        return max(1e-6, math.log((len(self._lengths) - count + 0.5) / (count + 0.5)))

    def scores(self, phrases: Mapping[Phrase, float], weights: WordWeights) -> NDArray[np.float64]:
        """Return the BM25 of each passage for phrases that weigh differently, shape (passages,)."""
        shortness, longness = self._norms(weights)
        scores = np.zeros(len(self._lengths))
        for phrase, weight in phrases.items():
            rows = self._holding(phrase)
            places = rows[:, 0]
            count = (rows[:, 1:] * shortness[places]).sum(axis=1)
            gain = count * (weights.k1 + 1) / (count + weights.k1 * longness[places])
            scores[places] += weight * self.idf(phrase) * gain
        return scores

    def _holding(self, phrase: Phrase) -> NDArray[np.int64]:
        """Return place, count in the title and count in the text of each passage that holds a phrase, shape (n, 3)."""
        if phrase not in self._postings:
            of_each = [set(self._postings[(stem,)][:, 0].tolist()) for stem in phrase if (stem,) in self._postings]
            holding = set.intersection(*of_each) if len(of_each) == len(phrase) else set()
            rows = [(place, *(_times(phrase, stems) for stems in self._stems[place])) for place in sorted(holding)]
            found = [row for row in rows if row[1] or row[2]]
            self._postings[phrase] = np.array(found, dtype=np.int64).reshape(-1, 3)
        return self._postings[phrase]

    def _made_norms(self, weights: WordWeights) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return what a stem in each field of each passage counts, and by what k1 is multiplied for each passage."""
        fields = np.array([weights.title, library.TEXT_WEIGHT])
        if weights.each_field:
            means = np.maximum(self._lengths.mean(axis=0), 1e-9)
            return fields / (1 - weights.b + weights.b * self._lengths / means), np.ones(len(self._lengths))
        total = self._lengths.sum(axis=1)
        longness = 1 - weights.b + weights.b * total / max(float(total.mean()), 1e-9)
        return np.broadcast_to(fields, self._lengths.shape), longness


def _times(phrase: Phrase, stems: Sequence[str]) -> int:
    return sum(tuple(stems[start : start + len(phrase)]) == phrase for start in range(len(stems)))


def _stemming(name: str) -> Callable[[str], str]:
    if not name:
        return lambda word: word
    stemmer = snowballstemmer.stemmer(name)

    @functools.cache
    def stem(word: str) -> str:
        return str(stemmer.stemWord(word))

    return stem
