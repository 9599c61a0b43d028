"""Fit the weights that units are ranked by, and print them.

    python -m tests.benchmarks.fit_units [--data ../shared/bench/data] [--questions 2000] [--floors]

Data recipe: the answerable SQuAD questions of the half that `squad.py` keeps for it, asked of all paragraphs; a unit is
right if it holds an accepted answer. The weights maximise the likelihood of a right unit in a softmax over the units of
a question, that of `own` tied to the cosine's. What is printed as measured comes from folds by article. Paste the
weights into `assistant/merit.py`. `--floors` prints instead what each share of the first quote's score would show.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from assistant.answering import ExtractiveAnswerer
from assistant.embedding import open_embedder
from assistant.merit import WEIGHTS
from assistant.settings import load_settings
from assistant.structure import GROUPS
from tests.benchmarks.squad import holds, open_pool, sample

RIDGE = 1e-3
FLOORS = (0.85, 0.8, 0.75, 0.7, 0.65, 0.6, 0.55, 0.5)


# From free weights to all: `own` moves with the cosine.
_TIED = np.delete(np.eye(len(WEIGHTS)), list(WEIGHTS).index("own"), axis=1)
_TIED[list(WEIGHTS).index("own"), 0] = WEIGHTS["own"]


@dataclass(frozen=True, slots=True)
class Choice:
    """One question: features of its units, shape (units, len(WEIGHTS)), best first, and which are right."""

    article: str
    features: NDArray[np.float64]
    is_right: NDArray[np.bool_]


def main() -> None:
    """Fit, cross-validate, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/bench/data"))
    parser.add_argument("--questions", type=int, default=2000)
    parser.add_argument("--floors", action="store_true", help="try floors for further quotes, with the weights in use")
    options = parser.parse_args()
    if options.floors:
        _try_floors(options.data / "squad", options.questions)
        return
    choices = _choices(options.data / "squad", options.questions)
    articles = sorted({choice.article for choice in choices})
    held_out = [
        _hits([choice for choice in choices if choice.article == article], fitted)
        for article in articles
        for fitted in [_fitted([choice for choice in choices if choice.article != article])]
    ]
    in_use = _hits(choices, np.array(list(WEIGHTS.values())))
    print(f"{len(choices)} questions on {len(articles)} articles; right first, right in the first two")
    print(f"fitted on the other articles: {_shown(np.concatenate(held_out))}; weights in use: {_shown(in_use)}")
    weights = _fitted(choices)
    print(json.dumps({name: round(float(weight), 2) for name, weight in zip(WEIGHTS, weights, strict=True)}))


def _choices(folder: Path, count: int) -> list[Choice]:
    choices = []
    with open_pool(folder, open_embedder(load_settings())) as pool:
        for question in sample(folder, count, develops=True):
            units = [unit for unit in pool.weigh(question.text).units if unit.read.unit.kind not in GROUPS]
            features = np.array([[unit.features[name] for name in WEIGHTS] for unit in units])
            right = np.array([holds(unit.read.text, question.answers) for unit in units])
            choices.append(Choice(question.article, features, right))
    return choices


def _fitted(choices: Sequence[Choice]) -> NDArray[np.float64]:
    """Return the weights, in the order of WEIGHTS, the cosine's 1; questions without a right unit teach nothing."""
    useful = [choice for choice in choices if choice.is_right.any()]
    rows = np.concatenate([choice.features for choice in useful])
    right = np.concatenate([choice.is_right for choice in useful]).astype(float)
    sizes = [len(choice.is_right) for choice in useful]
    starts, of = np.cumsum([0, *sizes[:-1]]), np.repeat(np.arange(len(sizes)), sizes)
    tied = rows @ _TIED
    spread = tied.std(axis=0) + 1e-9
    scaled = tied / spread

    def loss(weights: NDArray[Any]) -> tuple[float, NDArray[Any]]:
        scores = scaled @ weights
        raised = np.exp(scores - np.maximum.reduceat(scores, starts)[of])
        total, chosen = np.add.reduceat(raised, starts), np.add.reduceat(raised * right, starts)
        slope = scaled.T @ (raised / total[of] - raised * right / chosen[of]) / len(sizes)
        value = float(np.log(total / chosen).mean() + RIDGE * weights @ weights)
        return value, slope + 2 * RIDGE * weights

    found: NDArray[np.float64] = _TIED @ (minimize(loss, np.zeros(len(spread)), jac=True, method="L-BFGS-B").x / spread)
    return found / found[list(WEIGHTS).index("cosine")]


def _hits(choices: Sequence[Choice], weights: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return whether the first, and one of the first two, is right; shape (questions, 2)."""
    orders = [np.argsort(-(choice.features @ weights), kind="stable") for choice in choices]
    ranked = [choice.is_right[order] for choice, order in zip(choices, orders, strict=True)]
    return np.array([[right[:1].any(), right[:2].any()] for right in ranked])


def _try_floors(folder: Path, count: int) -> None:
    """Print for each floor how often the first two quotes hold an answer, and how many quotes an answer has."""
    found: dict[float, list[tuple[bool, int]]] = {floor: [] for floor in FLOORS}
    with open_pool(folder, open_embedder(load_settings())) as pool:
        for question in sample(folder, count, develops=True):
            evidence = pool.weigh(question.text)
            for floor, rows in found.items() if evidence.units else ():
                quotes = [draft.text for draft in ExtractiveAnswerer(floor).write(evidence, should_stop=lambda: False)]
                rows.append((any(holds(quote, question.answers) for quote in quotes[:2]), len(quotes)))
    for floor, rows in found.items():
        right, quotes_shown = np.array(rows, dtype=float).mean(axis=0)
        print(f"{floor:.2f}: {right:.3f} in the first two, {quotes_shown:.2f} quotes")


def _shown(hits: NDArray[np.bool_]) -> str:
    return " ".join(f"{share:.3f}" for share in hits.mean(axis=0))


if __name__ == "__main__":
    main()
