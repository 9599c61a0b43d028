"""Try ways to rank that the product does not take, on judgements that are not reported, and print what each would give.

    python -m tests.benchmarks.try_ranking [--data ../shared] [--only WORD]… [--reported]

The questions are those that `fit_ranking.py` chooses weights on. Printed are differences to the ranking as it is, in
thousandths of nDCG@10 (SciFact) and Hits@1 (SQuAD), each with the 95 % interval of the paired difference; and for each
idea what its best setting, chosen anew on four parts of five, gives on the part left out: parts are cut by article.
With `--reported`, the differences on what the README reports, Cranfield too: nothing is chosen by these.
Vectors are remembered from run to run; the first embeds about 20,000 texts more, a later one takes about ten minutes.
"""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.ranking import MEASURES, measures
from ingest.collection import Collection, read_collection
from ingest.progress import Progress
from tests.benchmarks.fit_ranking import ROOT, is_developed, only
from tests.benchmarks.ranking_trials import AS_IT_IS, FAMILIES, Shelf, Way, opened
from tests.benchmarks.remembered import RememberingEmbedder, open_remembering_embedder
from tests.benchmarks.report_ranking import Told

PARTS = 5
NDCG, HITS = MEASURES.index("ndcg@10"), MEASURES.index("hits@1")


def main() -> None:
    """Gather, try every way, print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared")
    parser.add_argument("--only", action="append", metavar="WORD", help="ideas whose name holds this (repeatable)")
    parser.add_argument("--reported", action="store_true", help="on the questions that the README reports")
    options = parser.parse_args()
    families = {
        name: ways for name, ways in FAMILIES.items() if not options.only or any(word in name for word in options.only)
    }
    embedder = open_remembering_embedder()
    columns = {
        name: _measured(name, collection, measure, families, embedder)
        for name, collection, measure in _collections(options.data / "bench" / "data", is_reported=options.reported)
    }
    _show(families, columns, is_chosen=not options.reported)


class Column:
    """What each way gives on one collection: a value for each question, and the part that it is in."""

    def __init__(self, values: Mapping[Way, NDArray[np.float64]], parts: NDArray[np.int64]) -> None:
        self.values, self.parts = values, parts

    def difference(self, way: Way) -> str:
        """Return the difference to the ranking as it is, with its interval."""
        return _shown(self.values[way] - self.values[AS_IT_IS])

    def mean(self, way: Way, is_in: NDArray[np.bool_]) -> float:
        """Return the mean over some questions."""
        return float(self.values[way][is_in].mean())


def _collections(folder: Path, *, is_reported: bool) -> Iterator[tuple[str, Collection, int]]:
    squad = read_collection(folder / "squad")
    if not is_reported:
        yield "SciFact, training", read_collection(folder / "scifact", split="train"), NDCG
        yield "SQuAD, first half", only(squad, is_developed), HITS
        return
    yield "SciFact", read_collection(folder / "scifact"), NDCG
    yield "Cranfield", read_collection(folder / "cranfield"), NDCG
    yield "SQuAD", squad, HITS
    yield "SQuAD, other half", only(squad, lambda title: not is_developed(title)), HITS


def _measured(
    name: str,
    collection: Collection,
    measure: int,
    families: Mapping[str, Mapping[str, Way]],
    embedder: RememberingEmbedder,
) -> Column:
    with opened(collection, embedder, name=name) as shelf:
        ways = dict.fromkeys([AS_IT_IS, *(way for of in families.values() for way in of.values())])
        told = Told(name)
        values = {}
        for number, way in enumerate(ways, start=1):
            values[way] = _values(shelf, way, measure)
            told(Progress("trying", number, len(ways)))
        embedder.save()
        print(
            f"{name}: {len(shelf.asked):,} questions, {len(collection.articles):,} articles, {len(shelf):,} passages; "
            f"{values[AS_IT_IS].mean():.4f}",
            flush=True,
        )
        titles = [collection.articles[min(asked.relevant)][0] for asked in shelf.asked]
        return Column(values, np.array([_hash(title) % PARTS for title in titles]))


def _values(shelf: Shelf, way: Way, measure: int) -> NDArray[np.float64]:
    return np.array([measures(shelf.ranked(asked, way), asked.relevant)[measure] for asked in shelf.asked])


def _show(families: Mapping[str, Mapping[str, Way]], columns: Mapping[str, Column], *, is_chosen: bool) -> None:
    print(f"\n| tried on the ranking as it is | {' | '.join(columns)} |\n| --- |{' --- |' * len(columns)}")
    for name, ways in families.items():
        for setting, way in ways.items():
            shown = [column.difference(way) for column in columns.values()]
            print(f"| {f'{name} {setting}'.rstrip()} | {' | '.join(shown)} |")
        if is_chosen and len(ways) > 1:
            print(f"| … chosen in four parts of five | {' | '.join(_chosen_anew(list(ways.values()), columns))} |")


def _chosen_anew(ways: Sequence[Way], columns: Mapping[str, Column]) -> list[str]:
    """Return what the best of some settings, or none of them, gives on each part, chosen on the others."""
    gains = {name: np.zeros(len(column.parts)) for name, column in columns.items()}
    for part in range(PARTS):
        best = max(
            [AS_IT_IS, *ways],
            key=lambda way: sum(column.mean(way, column.parts != part) for column in columns.values()),
        )
        for name, column in columns.items():
            is_in = column.parts == part
            gains[name][is_in] = (column.values[best] - column.values[AS_IT_IS])[is_in]
    return [_shown(gain) for gain in gains.values()]


def _shown(gains: NDArray[np.float64]) -> str:
    half = 1.96 * float(gains.std(ddof=1)) / len(gains) ** 0.5
    return f"{1000 * gains.mean():+.1f} ± {1000 * half:.1f}".replace("-", "−")


def _hash(text: str) -> int:
    return int(hashlib.sha256(text.encode()).hexdigest(), 16)


if __name__ == "__main__":
    main()
