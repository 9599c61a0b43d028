"""Fit the model that decides whether the evidence answers a question, and write its coefficients.

    python -m tests.benchmarks.fit_sufficiency [--data ../shared/bench/data] [--questions 800] [--dry-run]

Fitted on the choosing half of the cases (see refusal_cases.py) and on the development half of the questions in
`tests/data/refusal` and `tests/data/genres`; thresholds are chosen on probabilities from folds cut by article, so that
none comes from an article its model was fitted on. The other halves have no part in it: `report_refusal` measures on
them.
"""

from __future__ import annotations

import argparse
import itertools
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tomlkit
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold

import assistant
from assistant.domain import Strictness
from assistant.sufficiency import COEFFICIENTS, FEATURES, features
from tests.benchmarks.refusal_cases import (
    ADVERSARIAL,
    ARTICLE_MISSING,
    AS_IT_IS,
    CASES,
    PARAGRAPH_MISSING,
    TRAP,
    Example,
    own_examples,
    squad_examples,
)
from tests.benchmarks.remembered import open_remembering_embedder

COMMAND = "python -m tests.benchmarks.fit_sufficiency"
RIDGE = 1e-3
FOLDS = 4
# How much the examples of each case weigh; then those with and those without an answer are made to weigh the same.
# Our own are few, but of the kind of text and question that the product is for.
CASE_WEIGHTS = {AS_IT_IS: 3.0, ARTICLE_MISSING: 1.25, PARAGRAPH_MISSING: 1.25, ADVERSARIAL: 0.5, TRAP: 4.0}
# Of the answerable questions, this share is still answered …
ANSWERED = {Strictness.LENIENT: 0.98, Strictness.BALANCED: 0.95, Strictness.STRICT: 0.88}
# … and where a name or figure stands nowhere in the evidence, an answer has to be at least as likely as not.
LEAST_WITH_MISSING = 0.5
BINS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


@dataclass(frozen=True, slots=True)
class Table:
    """Examples as numbers: a row of `FEATURES` each, whether it has an answer, its weight, case and article."""

    rows: NDArray[np.float64]
    labels: NDArray[np.int64]
    weights: NDArray[np.float64]
    cases: NDArray[np.str_]
    articles: NDArray[np.str_]


def main() -> None:
    """Fit, choose the thresholds, write the file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/bench/data"))
    parser.add_argument("--questions", type=int, default=800, help="answerable ones, and as many adversarial ones")
    parser.add_argument("--dry-run", action="store_true", help="print the file instead of writing it")
    options = parser.parse_args()
    embedder = open_remembering_embedder()
    count = options.questions
    examples = [
        *squad_examples(options.data / "squad", embedder, choosing=True, questions=count, adversarial=count),
        *own_examples(embedder, choosing=True),
    ]
    text = fitted_file(table(examples))
    if options.dry_run:
        print(text)
    else:
        Path(assistant.__file__).with_name(COEFFICIENTS).write_text(text, encoding="utf-8")


def table(examples: Iterable[Example]) -> Table:
    """Return examples as numbers; those without any evidence are refused without the model and left out."""
    known = [example for example in examples if example.evidence.units]
    found = [features(example.evidence) for example in known]
    return Table(
        rows=np.array([[row[name] for name in FEATURES] for row in found]),
        labels=np.array([int(example.is_answerable) for example in known]),
        weights=np.array([CASE_WEIGHTS[example.case] for example in known]),
        cases=np.array([example.case for example in known]),
        articles=np.array([example.article for example in known]),
    )


def fitted_file(examples: Table) -> str:
    """Return the file of coefficients fitted to the examples, with the figures of its fit."""
    held_out = cross_validated(examples)
    weights, bias = _fitted(examples, np.ones(len(examples.labels), dtype=bool))
    counts = Counter(examples.cases.tolist())
    document = tomlkit.document()
    squad = ", ".join(f"{counts[case]:,} {case}" for case in (AS_IT_IS, *CASES))
    for line in (
        f"Written by `{COMMAND}`: do not edit, run it again.",
        "Fitted on questions of SQuAD 2.0, the half of its articles to choose on, as many of each kind as stands here:",
        f"{squad};",
        f"and on {counts[TRAP]} questions of tests/data. The figures below are of folds cut by article.",
    ):
        document.add(tomlkit.comment(line))
    document.add("bias", tomlkit.item(round(bias, 4)))
    document.add("features", _features(weights))
    document.add("strictness", _strictness(examples, held_out))
    document.add("auc", _aucs(examples, held_out))
    document.add("reliability", _reliability(examples, held_out))
    return tomlkit.dumps(document)


def cross_validated(examples: Table) -> NDArray[np.float64]:
    """Return the probability of each example by a model that was fitted without its article."""
    held_out = np.zeros(len(examples.labels))
    for train, test in GroupKFold(n_splits=FOLDS).split(examples.rows, examples.labels, examples.articles):
        weights, bias = _fitted(examples, np.isin(np.arange(len(held_out)), train))
        held_out[test] = 1 / (1 + np.exp(-(examples.rows[test] @ weights + bias)))
    return held_out


def _fitted(examples: Table, chosen: NDArray[np.bool_]) -> tuple[NDArray[Any], float]:
    """Fit a logistic model, both labels weighing the same, each weight held to the sign its feature may have."""
    rows, labels, weights = examples.rows[chosen], examples.labels[chosen], examples.weights[chosen]
    spread = rows.std(axis=0) + 1e-9
    scaled = rows / spread
    sides = np.where(labels == 1, weights[labels == 1].sum(), weights[labels == 0].sum())
    balance = len(labels) * weights / (2 * sides)
    signs = [feature.sign for feature in FEATURES.values()]

    def loss(solution: NDArray[Any]) -> tuple[float, NDArray[Any]]:
        weights, bias = solution[:-1], solution[-1]
        margin = scaled @ weights + bias
        error = balance * (1 / (1 + np.exp(-margin)) - labels)
        value = np.mean(balance * (np.logaddexp(0, margin) - labels * margin)) + RIDGE * weights @ weights
        return float(value), np.append(scaled.T @ error / len(labels) + 2 * RIDGE * weights, error.mean())

    bounds = [(0, None) if sign > 0 else (None, 0) for sign in signs] + [(None, None)]
    found = minimize(loss, np.zeros(len(signs) + 1), jac=True, bounds=bounds, method="L-BFGS-B").x
    return found[:-1] / spread, float(found[-1])


def _features(weights: NDArray[np.float64]) -> Any:
    section = tomlkit.table(is_super_table=True)
    for (name, feature), weight in zip(FEATURES.items(), weights, strict=True):
        section.add(name, _table(weight=round(float(weight), 4) + 0.0, meaning=feature.meaning))
    return section


def _strictness(examples: Table, held_out: NDArray[np.float64]) -> Any:
    section = tomlkit.table(is_super_table=True)
    answerable = examples.labels == 1
    for strictness, share in ANSWERED.items():
        threshold = round(_quantile(held_out[answerable], examples.weights[answerable], 1 - share), 3)
        refused = {case: float((held_out[examples.cases == case] < threshold).mean()) for case in CASES}
        figures = {
            "threshold": threshold,
            "threshold_missing": max(threshold, LEAST_WITH_MISSING),
            "rule": f"answers {100 * share:.0f} % of the answerable; with a name missing, if as likely as not",
            "answered": round(float((held_out[answerable] >= threshold).mean()), 3),
            **{f"refused, {case}": round(share, 3) for case, share in refused.items()},
        }
        section.add(strictness.value, _table(**figures))
    return section


def _table(**values: Any) -> Any:
    section = tomlkit.table()
    for name, value in values.items():
        section.add(name, value)
    return section


def _quantile(values: NDArray[np.float64], weights: NDArray[np.float64], share: float) -> float:
    """Return the value below which a share of the weight lies."""
    order = np.argsort(values)
    reached = np.cumsum(weights[order]) / weights.sum()
    return float(values[order][np.searchsorted(reached, share)])


def _aucs(examples: Table, held_out: NDArray[np.float64]) -> Any:
    section = tomlkit.table()
    for case in CASES:
        chosen = (examples.cases == AS_IT_IS) | (examples.cases == case)
        section.add(case, round(float(roc_auc_score(examples.labels[chosen], held_out[chosen])), 3))
    own = examples.cases == TRAP
    if len(set(examples.labels[own].tolist())) == 2:
        section.add(TRAP, round(float(roc_auc_score(examples.labels[own], held_out[own])), 3))
    return section


def _reliability(examples: Table, held_out: NDArray[np.float64]) -> Any:
    rows = tomlkit.aot()
    for line in reliability(held_out, examples.labels, examples.weights):
        rows.append(tomlkit.item(dict(zip(("from", "to", "questions", "predicted", "answerable"), line, strict=True))))
    return rows


def reliability(
    probabilities: NDArray[np.float64], labels: NDArray[np.int64], weights: NDArray[np.float64]
) -> Sequence[tuple[float, float, int, float, float]]:
    """Return (from, to, questions, mean probability, share with an answer) of each tenth that holds questions.

    Questions with and without an answer are made to weigh the same, as in the fit.
    """
    sides = np.where(labels == 1, weights[labels == 1].sum(), weights[labels == 0].sum())
    balance = weights / sides
    found = []
    for low, high in itertools.pairwise(BINS):
        inside = (probabilities >= low) & ((probabilities < high) | (high == 1.0))
        if inside.any():
            of_bin = balance[inside]
            predicted = float(np.average(probabilities[inside], weights=of_bin))
            share = float(np.average(labels[inside], weights=of_bin))
            found.append((low, high, int(inside.sum()), round(predicted, 3), round(share, 3)))
    return found


if __name__ == "__main__":
    main()
