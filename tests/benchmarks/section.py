"""A part of the evaluation report: a title and Markdown lines, and the intervals that its shares come with."""

from __future__ import annotations

import math
from dataclasses import dataclass

# Of the normal distribution, for 95 %.
_Z = 1.959964


@dataclass(frozen=True, slots=True)
class Section:
    """What one part of the evaluation found, in Markdown, without its heading."""

    title: str
    lines: tuple[str, ...]

    def __str__(self) -> str:
        """Return the section as it stands in the report."""
        return "\n".join([f"### {self.title}", "", *self.lines, ""])


def interval(hits: int, count: int) -> tuple[float, float]:
    """Return the 95 % interval (0–1) of a share by Wilson's score; (0, 1) of nothing."""
    if not count:
        return 0.0, 1.0
    share, slack = hits / count, _Z**2 / count
    middle = share + slack / 2
    spread = _Z * math.sqrt(share * (1 - share) / count + slack / (4 * count))
    return max(0.0, (middle - spread) / (1 + slack)), min(1.0, (middle + spread) / (1 + slack))
