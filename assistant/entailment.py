"""Ask a model whether a text entails a claim or contradicts it: a second opinion on what word rules cannot read.

Off unless the setting `entailment_model` names a cross-encoder with three labels. The word rules keep the last word on
figures, dates, names and negation: see `verify`.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

from assistant.embedding import PairModel, open_pair_model
from assistant.errors import ModelUnavailable
from assistant.settings import Settings

VARIABLE = "TRADE_ASSISTANT_ENTAILMENT_MODEL"

# Share of a model's certainty below which it counts as undecided; a label that is only the likeliest is a guess.
SURE = 0.5


class Relation(StrEnum):
    """What a text is to a claim."""

    ENTAILS = "entails"
    CONTRADICTS = "contradicts"
    NEITHER = "neither"


class Entailment(Protocol):
    """Says what cited texts, taken together, are to a claim."""

    def relation(self, claim: str, quotes: Sequence[str]) -> Relation:
        """Judge a claim; no quotes: neither. Used by several threads."""
        ...


class CrossEncoderEntailment:
    """Judges by a cross-encoder that tells three classes of pairs apart; `labels` says which output is which."""

    def __init__(self, model: PairModel, labels: Sequence[Relation]) -> None:
        self._model = model
        self._labels = tuple(labels)

    def relation(self, claim: str, quotes: Sequence[str]) -> Relation:
        """Judge as Entailment says: the quotes in their order are the premise. What is too long counts up to there."""
        if not quotes:
            return Relation.NEITHER
        shares = self._model.outputs([("\n".join(quotes), claim)])[0]
        best = int(shares.argmax())
        return self._labels[best] if shares[best] > SURE else Relation.NEITHER


def open_entailment(settings: Settings) -> Entailment | None:
    """Load the entailment model that the settings name, None if they name none.

    Raises ModelUnavailable if it is missing, damaged or has not the three labels. Never touches the network.
    """
    if settings.entailment_model is None:
        return None
    model = open_pair_model(settings.entailment_model, variable=VARIABLE, threads=settings.embedding_threads)
    labels = [_BY_NAME.get(label.lower()) for label in model.labels]
    known = [label for label in labels if label is not None]
    if len(known) != len(labels) or sorted(known) != sorted(Relation):
        raise ModelUnavailable(
            f"the model {settings.entailment_model!r} has the labels {', '.join(model.labels)}; an entailment model "
            f"has entailment, contradiction and neutral: see {VARIABLE}"
        )
    return CrossEncoderEntailment(model, known)


_BY_NAME = {
    "entailment": Relation.ENTAILS,
    "entail": Relation.ENTAILS,
    "contradiction": Relation.CONTRADICTS,
    "contradict": Relation.CONTRADICTS,
    "neutral": Relation.NEITHER,
}
