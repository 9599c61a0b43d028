"""How many pages are drawn at the same moment, and how often an answer in progress is painted.

All of a process draw and answer with one interpreter. Twenty pages that are drawn at once leave nothing of it to the
answers, and hold each other up at the lock around Streamlit's settings, which every element takes: each then takes
many times as long. A few at a time, all are drawn sooner, and the first answers come early.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

MAX_DRAWING = 2
PAINT_EVERY_S = 0.15
PAINT_QUEUED_EVERY_S = 0.6
"""While a question waits behind others nothing changes but its place in the queue."""

_turns_to_draw = threading.BoundedSemaphore(MAX_DRAWING)
_thread = threading.local()


@contextmanager
def drawing() -> Iterator[None]:
    """Draw in this block, once few enough others do; a block within a block goes on at once."""
    if getattr(_thread, "is_drawing", False):
        yield
        return
    with _turns_to_draw:
        _thread.is_drawing = True
        try:
            yield
        finally:
            _thread.is_drawing = False
