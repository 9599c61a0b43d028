"""Vectors kept between measurements are those of the model, and of nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.benchmarks.remembered import RememberingEmbedder
from tests.toys import HashEmbedder

TEXTS = ["A duty on zinc.", "", "A quota, twice: a quota.", "A duty on zinc."]


class CountingEmbedder(HashEmbedder):
    """Tells what it was asked to embed."""

    def __init__(self, sign: float = 1.0) -> None:
        self.embedded: list[str] = []
        self._sign = np.float32(sign)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.embedded += texts
        return self._sign * super().embed(texts)


def test_no_text_is_embedded_twice_and_vectors_are_those_of_the_model(tmp_path: Path) -> None:
    model = CountingEmbedder()
    remembering = RememberingEmbedder(model, tmp_path)
    for _ in range(2):
        assert np.array_equal(remembering.embed(TEXTS), HashEmbedder().embed(TEXTS))
    assert model.embedded == list(dict.fromkeys(TEXTS))
    assert remembering.embed([]).shape == (0, 64)


def test_what_was_saved_is_known_to_the_next(tmp_path: Path) -> None:
    first = RememberingEmbedder(HashEmbedder(), tmp_path)
    first.embed(TEXTS)
    first.save()
    model = CountingEmbedder()
    after = RememberingEmbedder(model, tmp_path)
    model.embedded.clear()  # the sample
    assert np.array_equal(after.embed([*TEXTS, "New"]), HashEmbedder().embed([*TEXTS, "New"]))
    assert model.embedded == ["New"]


@pytest.mark.parametrize("is_damaged", [True, False])
def test_file_that_is_damaged_or_of_a_model_that_changed_is_not_used(tmp_path: Path, is_damaged: bool) -> None:
    first = RememberingEmbedder(HashEmbedder(), tmp_path)
    first.embed(TEXTS)
    first.save()
    (file,) = tmp_path.iterdir()
    if is_damaged:
        file.write_bytes(file.read_bytes()[:100])
    changed = CountingEmbedder(sign=1.0 if is_damaged else -1.0)
    assert np.array_equal(RememberingEmbedder(changed, tmp_path).embed(TEXTS), changed.embed(TEXTS))
