"""How well the assistant knows when not to answer: articles missing, paragraphs missing, questions that only come near.

    python -m tests.benchmarks.report_refusal [--data ../shared]

Asked are the reporting half of the cases (see `refusal_cases.py`) and of our own questions: neither had a part in
choosing the features, in fitting the weights or in setting the thresholds of `assistant/sufficiency.toml`.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from assistant.domain import Strictness
from assistant.embedding import open_embedder
from assistant.settings import load_settings
from assistant.sufficiency import probability
from tests.benchmarks.fit_sufficiency import CASE_WEIGHTS, reliability
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
from tests.benchmarks.section import Section, interval

QUESTIONS = 800
RESAMPLES = 500
SEED = 11
# The design note's measurements on all of SQuAD: the score of the best sentence alone, and 14 features fitted to it.
REFERENCE = {ARTICLE_MISSING: (".982", "–"), PARAGRAPH_MISSING: (".850", ".894"), ADVERSARIAL: (".639", "–")}


def section(data: Path, *, quick: bool = False) -> Section:
    """Ask the reporting halves; `data` is the shared folder."""
    embedder = open_embedder(load_settings())
    count = QUESTIONS // 10 if quick else QUESTIONS
    squad = list(
        squad_examples(data / "bench/data/squad", embedder, choosing=False, questions=count, adversarial=count)
    )
    own = list(own_examples(embedder, choosing=False))
    return refusal_section(squad, own)


def refusal_section(squad: Sequence[Example], own: Sequence[Example]) -> Section:
    """Return the section for the evidence of the collection's questions and of our own."""
    return Section(
        "Refusal",
        (
            *_separated(squad, own),
            "",
            *_traded(squad, own),
            "",
            *_calibrated([*squad, *own]),
        ),
    )


def _separated(squad: Sequence[Example], own: Sequence[Example]) -> list[str]:
    lines = [
        "How well the probability separates questions that can be answered from those that cannot (AUC):",
        "",
        "| Not answerable | answerable, not | AUC [95 %] | best unit's score alone "
        "| design note: score alone | its 14 features |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for case in CASES:
        examples = [one for one in squad if one.case in (AS_IT_IS, case)]
        lines.append(f"| {case} | {_counts(examples)} | {_aucs(examples)} | {' | '.join(REFERENCE[case])} |")
    lines.append(f"| {TRAP}, our own articles | {_counts(own)} | {_aucs(own)} | – | – |")
    return lines


def _counts(examples: Sequence[Example]) -> str:
    answerable = sum(one.is_answerable for one in examples)
    return f"{answerable}, {len(examples) - answerable}"


def _aucs(examples: Sequence[Example]) -> str:
    labels = np.array([one.is_answerable for one in examples])
    fitted = np.array([probability(one.evidence) for one in examples])
    alone = np.array([max((unit.score for unit in one.evidence.units), default=0.0) for one in examples])
    low, high = _auc_interval(labels, fitted)
    by_model, by_score = _share(roc_auc_score(labels, fitted)), _share(roc_auc_score(labels, alone))
    return f"{by_model} [{_share(low)}–{_share(high)}] | {by_score}"


def _auc_interval(labels: NDArray[np.bool_], scores: NDArray[np.float64]) -> tuple[float, float]:
    """Return the middle 95 % of the AUC over questions drawn with replacement, each side for itself."""
    random = np.random.default_rng(SEED)
    sides = [np.flatnonzero(labels), np.flatnonzero(~labels)]
    drawn = [np.concatenate([random.choice(side, len(side)) for side in sides]) for _ in range(RESAMPLES)]
    low, high = np.percentile([roc_auc_score(labels[one], scores[one]) for one in drawn], [2.5, 97.5])
    return float(low), float(high)


def _traded(squad: Sequence[Example], own: Sequence[Example]) -> list[str]:
    lines = [
        "What a strictness answers and refuses, by the probability and the fixed rules for missing names together:",
        "",
        "| Strictness | answered of answerable | refused: " + " | refused: ".join(CASES) + " "
        "| our own: answered | our own: refused |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for strictness in Strictness:
        cells = [_answered([one for one in squad if one.case == AS_IT_IS], strictness)]
        cells += [_refused([one for one in squad if one.case == case], strictness) for case in CASES]
        cells += [_answered([one for one in own if one.is_answerable], strictness)]
        cells += [_refused([one for one in own if not one.is_answerable], strictness)]
        name = f"**{strictness}**" if strictness is Strictness.BALANCED else str(strictness)
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines


def _answered(examples: Sequence[Example], strictness: Strictness) -> str:
    return _of(_decisions(examples, strictness))


def _refused(examples: Sequence[Example], strictness: Strictness) -> str:
    return _of([not is_answered for is_answered in _decisions(examples, strictness)])


def _decisions(examples: Iterable[Example], strictness: Strictness) -> list[bool]:
    return [replace(one.evidence, strictness=strictness).is_enough for one in examples]


def _of(hits: Sequence[bool]) -> str:
    low, high = interval(sum(hits), len(hits))
    return f"{sum(hits)} of {len(hits)}, {100 * sum(hits) / len(hits):.1f} % [{100 * low:.1f}–{100 * high:.1f}]"


def _calibrated(examples: Sequence[Example]) -> list[str]:
    lines = [
        "Whether the probability can be believed, where one question in two has an answer:",
        "",
        "| Probability | questions | mean probability | have an answer |",
        "| --- | ---: | ---: | ---: |",
    ]
    rows = reliability(
        np.array([probability(one.evidence) for one in examples]),
        np.array([int(one.is_answerable) for one in examples]),
        np.array([CASE_WEIGHTS[one.case] for one in examples]),
    )
    return [
        *lines,
        *(
            f"| {low:.1f} to {high:.1f} | {count} | {100 * predicted:.0f} % | {100 * share:.0f} % |"
            for low, high, count, predicted, share in rows
        ),
    ]


def _share(value: float) -> str:
    return f"{value:.3f}".removeprefix("0")


def main() -> None:
    """Print the section."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared"))
    parser.add_argument("--quick", action="store_true", help="a tenth of the questions")
    options = parser.parse_args()
    print(section(options.data, quick=options.quick))


if __name__ == "__main__":
    main()
