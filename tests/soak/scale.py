"""How much a soak test does: everything with TRADE_ASSISTANT_SOAK=1 (`make soak`), a tenth of it otherwise."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
IS_FULL = os.environ.get("TRADE_ASSISTANT_SOAK", "") not in {"", "0"}


def scaled(full: int) -> int:
    """Return the count of the full soak, or a tenth of it, at least 1."""
    return full if IS_FULL else max(1, full // 10)
