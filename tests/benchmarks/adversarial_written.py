"""Claims written by hand about the samples and two invented notices: a second held-out set, not made by rules.

`tests/data/claims.jsonl` has a passage a line with what is true of it and what is not, and how it is not. Nothing is
tuned on it.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from tests.benchmarks.adversarial_pairs import Pair
from tests.benchmarks.adversarial_passages import Source

CLAIMS = Path(__file__).resolve().parents[1] / "data" / "claims.jsonl"


def written(path: Path = CLAIMS) -> list[Pair]:
    """Return the claims as pairs, changed ones by kind before the true ones."""
    pairs = [pair for line in path.read_text(encoding="utf-8").splitlines() for pair in _pairs(json.loads(line))]
    return sorted(pairs, key=lambda pair: (pair.is_true, pair.kind))


def _pairs(record: dict[str, object]) -> list[Pair]:
    passage, published = str(record["passage"]), date.fromisoformat(str(record["published"]))
    source = Source(str(record["source"]), "written", "", passage, (), published)
    changed, true = record["changed"], record["true"]
    assert isinstance(changed, list)
    assert isinstance(true, list)
    return [
        *(Pair(one["kind"], False, False, one["claim"], source, "", "", "by hand") for one in changed),
        *(Pair("by hand", True, False, claim, source, "", "", "by hand") for claim in true),
    ]
