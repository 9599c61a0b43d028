"""Lines of the public test collections (BEIR's format), for the benchmarks."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any


def first_records(file: Path, limit: int | None = None) -> list[dict[str, Any]]:
    """Return the first `limit` JSON objects of a file that has one a line; all of them without a limit."""
    with file.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in itertools.islice(lines, limit)]
