"""How many false claims the verification catches and how many true ones it rejects, on articles held out from tuning.

    python -m tests.benchmarks.report_verification [--data ../shared]

The claims are drawn by adversarial_pairs.py (the test half) and read from `tests/data/claims.jsonl` (by hand).
"""

from __future__ import annotations

import argparse
from pathlib import Path

from assistant.embedding import open_embedder
from assistant.settings import load_settings
from tests.benchmarks.adversarial import check, table
from tests.benchmarks.adversarial_pairs import draw
from tests.benchmarks.adversarial_written import written
from tests.benchmarks.section import Section

_QUICK = 10


def section(data: Path, *, quick: bool = False) -> Section:
    """Return the tables of both sets; `data` holds bench/data and articles, `quick` takes a tenth."""
    embedder = open_embedder(load_settings())
    pairs = draw(data, "test", share=1 / _QUICK if quick else 1.0)
    by_hand = written()[:: _QUICK if quick else 1]
    articles = len({pair.source.article for pair in pairs})
    lines = [
        f"{len(pairs):,} claims about passages of {articles} articles held out from tuning. A changed claim is caught",
        "if it is not supported, a true one rejected if it is not; partial support counts as not supported but for the",
        "last columns. The kinds of change below the first total were hidden while tuning, too.",
        "",
        *table(check(pairs, embedder)),
        "",
        f"{len(by_hand)} claims written by hand about the samples and two invented notices:",
        "",
        *table(check(by_hand, embedder)),
    ]
    return Section("Verification: claims with one thing changed", tuple(lines))


def main() -> None:
    """Print the section."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared"), help="the folder with bench/data and articles")
    print(section(parser.parse_args().data))


if __name__ == "__main__":
    main()
