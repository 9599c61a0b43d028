"""Fit the model that decides whether the evidence answers a question, and print its coefficients.

    python -m tests.benchmarks.fit_sufficiency [--data ../shared/bench/data] [--questions 600]

Data recipe: every paragraph of the SQuAD 2.0 development set is indexed by the product itself. A sample of answerable
questions is retrieved three times: as it is (answerable), with the paragraph that answers it hidden (not answerable),
and with its whole article hidden (not answerable). Folds are cut by article, so that no figure printed comes from an
article the model was fitted on. Paste what it prints into `assistant/sufficiency.py`.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold

from assistant.assistant import PASSAGES_PER_QUESTION
from assistant.domain import Filters
from assistant.embedding import open_embedder
from assistant.evidence import weigh
from assistant.library import Library
from assistant.retrieval import Retrieved, Retriever
from assistant.settings import load_settings
from assistant.sufficiency import FEATURES, features
from assistant.vectors import DenseSearch
from tests.benchmarks.corpora import index_articles, read_relevant
from tests.benchmarks.records import first_records

RIDGE = 1e-3


def main() -> None:
    """Fit, cross-validate, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/bench/data"))
    parser.add_argument("--questions", type=int, default=600)
    options = parser.parse_args()
    rows, scores, decided, labels, groups, cases = [], [], [], [], [], []
    for row, score, is_enough, label, group, case in _examples(options.data / "squad", options.questions):
        rows.append([row[name] for name in FEATURES])
        scores.append(score)
        decided.append(is_enough)
        labels.append(label)
        groups.append(group)
        cases.append(case)
    _report(np.array(rows), np.array(scores), np.array(decided), np.array(labels), np.array(groups), np.array(cases))


def _examples(folder: Path, count: int) -> Iterator[tuple[dict[str, float], float, bool, int, str, str]]:
    """Yield (features, score, decision, is answerable, article, case) of each question as it is and as simulated."""
    embedder = open_embedder(load_settings())
    corpus = first_records(folder / "corpus.jsonl")
    title_of = {record["_id"]: record["title"] for record in corpus}
    questions = {record["_id"]: record["text"] for record in first_records(folder / "queries.jsonl")}
    relevant = read_relevant(folder / "qrels_test.tsv")
    chosen = np.random.default_rng(7).permutation(sorted(relevant))[:count]
    with tempfile.TemporaryDirectory() as directory:
        index_articles(Path(directory), embedder, corpus)
        library = Library.open(Path(directory))
        retriever = Retriever(embedder, DenseSearch(Path(directory)))
        with library.snapshot() as snapshot:
            place = {article.article_id: article.location for article in snapshot.articles()}
            for question_id in chosen:
                question, gold = questions[question_id], next(iter(relevant[question_id]))
                found = retriever.retrieve(snapshot, question, limit=4 * PASSAGES_PER_QUESTION, filters=Filters())
                paragraphs = [place[hit.passage.article_id] for hit in found.hits]
                cases = {
                    "as it is": [True] * len(paragraphs),
                    "paragraph missing": [paragraph != gold for paragraph in paragraphs],
                    "article missing": [title_of[paragraph] != title_of[gold] for paragraph in paragraphs],
                }
                for case, kept in cases.items():
                    evidence = weigh(question, _keeping(found, kept), snapshot)
                    if evidence.units:
                        yield (
                            features(evidence),
                            evidence.units[0].score,
                            evidence.is_enough,
                            int(case == "as it is"),
                            title_of[gold],
                            case,
                        )


def _keeping(found: Retrieved, kept: list[bool]) -> Retrieved:
    chosen = [position for position, is_kept in enumerate(kept) if is_kept][:PASSAGES_PER_QUESTION]
    hits = tuple(found.hits[position] for position in chosen)
    return replace(found, hits=hits, units=tuple(found.units[position] for position in chosen))


def _report(
    rows: NDArray[Any],
    score: NDArray[Any],
    decided: NDArray[Any],
    labels: NDArray[Any],
    groups: NDArray[Any],
    cases: NDArray[Any],
) -> None:
    held_out = np.zeros(len(labels))
    for train, test in GroupKFold(n_splits=8).split(rows, labels, groups):
        held_out[test] = _probabilities(rows[test], *_fitted(rows[train], labels[train]))
    for case in ("paragraph missing", "article missing"):
        chosen = (labels == 1) | (cases == case)
        alone, both = roc_auc_score(labels[chosen], score[chosen]), roc_auc_score(labels[chosen], held_out[chosen])
        print(f"AUC, {case}: {both:.3f} (the score alone: {alone:.3f})")
    print("threshold: answered of answerable, refused of paragraph missing, refused of article missing")
    for threshold in (0.04, 0.06, 0.1, 0.2, 0.3, 0.5):
        shares = [(held_out[labels == 1] >= threshold).mean()]
        shares += [(held_out[cases == case] < threshold).mean() for case in ("paragraph missing", "article missing")]
        print(f"  {threshold:.2f}: " + ", ".join(f"{share:.3f}" for share in shares))
    shares = [decided[labels == 1].mean()]
    shares += [1 - decided[cases == case].mean() for case in ("paragraph missing", "article missing")]
    print("  as decided by the model in use: " + ", ".join(f"{share:.3f}" for share in shares))
    weights, bias = _fitted(rows, labels)
    kept = {name: round(float(weight), 3) for name, weight in zip(FEATURES, weights, strict=True) if abs(weight) > 1e-3}
    print(f"WEIGHTS = {json.dumps(kept)}\nBIAS = {bias:.3f}")


def _fitted(rows: NDArray[Any], labels: NDArray[Any]) -> tuple[NDArray[Any], float]:
    """Fit a logistic model, both labels weighing the same, each weight held to the sign its feature may have."""
    spread = rows.std(axis=0) + 1e-9
    scaled = rows / spread
    balance = np.where(labels == 1, 0.5 / labels.mean(), 0.5 / (1 - labels.mean()))
    signs = np.array(list(FEATURES.values()))

    def loss(solution: NDArray[Any]) -> tuple[float, NDArray[Any]]:
        weights, bias = solution[:-1], solution[-1]
        margin = scaled @ weights + bias
        error = balance * (1 / (1 + np.exp(-margin)) - labels)
        value = np.mean(balance * (np.logaddexp(0, margin) - labels * margin)) + RIDGE * weights @ weights
        return float(value), np.append(scaled.T @ error / len(labels) + 2 * RIDGE * weights, error.mean())

    bounds = [(0, None) if sign > 0 else (None, 0) for sign in signs] + [(None, None)]
    found = minimize(loss, np.zeros(len(signs) + 1), jac=True, bounds=bounds, method="L-BFGS-B").x
    return found[:-1] / spread, float(found[-1])


def _probabilities(rows: NDArray[Any], weights: NDArray[Any], bias: float) -> NDArray[Any]:
    return 1 / (1 + np.exp(-(rows @ weights + bias)))


if __name__ == "__main__":
    main()
