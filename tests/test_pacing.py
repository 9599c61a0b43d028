"""Few pages are drawn at a time, all of them in the end, whatever goes wrong while one is."""

from __future__ import annotations

import threading
import time

import pytest

from ui.pacing import MAX_DRAWING, drawing


def test_only_so_many_draw_at_once_and_all_get_their_turn() -> None:
    lock = threading.Lock()
    now: list[int] = []
    most: list[int] = []

    def draw(number: int) -> None:
        with drawing():
            with lock:
                now.append(number)
                most.append(len(now))
            time.sleep(0.002)
            with lock:
                now.remove(number)

    threads = [threading.Thread(target=draw, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert (len(most), max(most), now) == (12, MAX_DRAWING, [])


def test_a_part_drawn_within_a_page_waits_for_nobody_and_an_error_lets_the_next_one_draw() -> None:
    for _ in range(MAX_DRAWING + 1):
        with pytest.raises(ValueError, match="broken"), drawing(), drawing():
            raise ValueError("broken")
    with drawing():
        pass
