"""Lanes: one step of a lane at a time, in their order, and nobody waits for a lane that stands still."""

from __future__ import annotations

import threading
from contextlib import closing
from functools import partial
from queue import SimpleQueue

import pytest

from ingest.lanes import Lanes, host_of


@pytest.mark.timeout(60)
def test_steps_of_a_lane_follow_each_other_while_another_lane_stands_still() -> None:
    is_still, let_go = threading.Event(), threading.Event()
    done: SimpleQueue[int] = SimpleQueue()

    def stand_still() -> None:
        is_still.set()
        let_go.wait()

    with closing(Lanes(2, "lane")) as lanes:
        for _ in range(4):
            lanes.do("slow", stand_still)
        is_still.wait()
        for number in range(50):
            lanes.do("good", partial(done.put, number))
        assert [done.get() for _ in range(50)] == list(range(50))
        let_go.set()


@pytest.mark.timeout(60)
def test_lanes_take_turns() -> None:
    let_go = threading.Event()
    done: SimpleQueue[str] = SimpleQueue()
    with closing(Lanes(1, "lane")) as lanes:
        lanes.do("first", let_go.wait)
        for lane in "aabbcc":
            lanes.do(lane, partial(done.put, lane))
        let_go.set()
        assert "".join(done.get() for _ in "aabbcc") == "abcabc"


@pytest.mark.timeout(60)
def test_end_waits_for_no_step_and_takes_no_other() -> None:
    is_still, let_go, is_later = threading.Event(), threading.Event(), threading.Event()
    lanes = Lanes(1, "lane")

    def stand_still() -> None:
        is_still.set()
        let_go.wait()
        lanes.do("slow", is_later.set)

    lanes.do("slow", stand_still)
    lanes.do("slow", is_later.set)
    lanes.do("other", is_later.set)
    is_still.wait()
    lanes.close()
    let_go.set()
    for thread in threading.enumerate():
        if thread.name == "lane":
            assert thread.daemon
            thread.join()
    assert not is_later.is_set()


@pytest.mark.parametrize(
    ("address", "host"),
    [("https://Desk.example:8443/a", "desk.example"), ("/home/desk/a.txt", ""), ("http://[::1/", "")],
)
def test_host_of_an_address(address: str, host: str) -> None:
    assert host_of(address) == host
