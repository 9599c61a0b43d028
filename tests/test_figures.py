"""A figure is read with what bounds it, in whatever words."""

from __future__ import annotations

import pytest

from assistant.figures import Bound, read_figures


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("more than 20 percent", Bound.OVER),
        ("20 percent or more", Bound.OVER),
        ("20 percent at least", Bound.OVER),
        ("no less than 20 percent", Bound.OVER),
        ("must not be below 20 percent", Bound.OVER),
        ("at most 20 percent", Bound.UNDER),
        ("20 percent at the most", Bound.UNDER),
        ("no more than 20 percent", Bound.UNDER),
        ("not more than 20 percent", Bound.UNDER),
        ("a duty not exceeding 20 percent", Bound.UNDER),
        ("does not exceed 20 percent", Bound.UNDER),
        ("must not be above 20 percent", Bound.UNDER),
        ("some 20 percent", Bound.ABOUT),
        ("20 percent", Bound.EXACT),
    ],
)
def test_bounds_are_read_also_where_they_are_denied(text: str, bound: Bound) -> None:
    figures = read_figures(text)[0]
    assert [(figure.value, figure.bound) for figure in figures] == [(20.0, bound)]
