"""Judge each candidate together with the question, by a cross-encoder: slower than vectors, and read more closely.

Off unless the setting `reranker` names one. What it says decides the order of the candidates that are read; which
candidates these are, it does not change.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from assistant.domain import Passage, embedded_text
from assistant.embedding import PairModel, open_pair_model
from assistant.errors import ModelUnavailable
from assistant.settings import Settings


class Reranker(Protocol):
    """Says how well passages answer a question."""

    def rate(self, question: str, passages: Sequence[Passage]) -> NDArray[np.float64]:
        """Return a number of 0 to 1 for each passage, in their order; higher is better. Used by several threads."""
        ...


class CrossEncoderReranker:
    """Rate passages by a cross-encoder that gives one number for a pair of texts."""

    def __init__(self, model: PairModel) -> None:
        self._model = model

    def rate(self, question: str, passages: Sequence[Passage]) -> NDArray[np.float64]:
        """Rate as Reranker says. A passage longer than the model reads counts up to there."""
        texts = [embedded_text(passage.title, passage.heading, passage.text) for passage in passages]
        rated: NDArray[np.float64] = self._model.outputs([(question, text) for text in texts])[:, 0]
        return rated


def open_reranker(settings: Settings) -> Reranker | None:
    """Load the reranker that the settings name, None if they name none.

    Raises ModelUnavailable if it is missing, damaged or no cross-encoder with one output. Never touches the network.
    """
    if settings.reranker is None:
        return None
    model = open_pair_model(settings.reranker, variable="TRADE_ASSISTANT_RERANKER", threads=settings.embedding_threads)
    if model.output_count != 1:
        raise ModelUnavailable(
            f"the model {settings.reranker!r} tells {model.output_count} classes of pairs apart; a reranker has one "
            "output: see TRADE_ASSISTANT_RERANKER"
        )
    return CrossEncoderReranker(model)
