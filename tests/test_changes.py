"""What a reader is told changed: the outcome for each article, not the steps to it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.domain import Change, ChangeKind, Run
from ui.changes import NO_NEWS, Maker, Stretch, Tally, in_words, latest, net, tally

AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
NEW, EDITED, MOVED, WITHDRAWN = ChangeKind.ADDED, ChangeKind.CHANGED, ChangeKind.MOVED, ChangeKind.REMOVED


def change(generation: int, kind: ChangeKind, article: str = "a", version: int = 1) -> Change:
    return Change(generation, kind, article, version, f"Title {article}", "Wire", None, f"/x/{article}.md", AT)


def outcome(*steps: tuple[ChangeKind, int]) -> ChangeKind | None:
    """Return what became of one article by steps, the earliest first, each with the version after it."""
    logged = [change(generation, kind, version=version) for generation, (kind, version) in enumerate(steps, start=1)]
    found = net(reversed(logged))
    return found[0].kind if found else None


@pytest.mark.parametrize(
    ("steps", "kind"),
    [
        ([(NEW, 1)], NEW),
        ([(NEW, 1), (EDITED, 2)], NEW),
        ([(NEW, 1), (MOVED, 1)], NEW),
        ([(NEW, 1), (WITHDRAWN, 1)], None),
        ([(NEW, 1), (WITHDRAWN, 1), (NEW, 1)], NEW),
        ([(EDITED, 2)], EDITED),
        ([(EDITED, 2), (MOVED, 2)], EDITED),
        ([(EDITED, 2), (WITHDRAWN, 2)], WITHDRAWN),
        ([(WITHDRAWN, 1)], WITHDRAWN),
        ([(WITHDRAWN, 1), (NEW, 1)], None),
        ([(WITHDRAWN, 1), (NEW, 2)], EDITED),
        ([(WITHDRAWN, 1), (NEW, 1), (MOVED, 1)], MOVED),
        ([(MOVED, 1)], MOVED),
    ],
)
def test_steps_of_an_article_come_to_one_outcome(steps: list[tuple[ChangeKind, int]], kind: ChangeKind | None) -> None:
    assert outcome(*steps) == kind


def test_outcomes_carry_what_is_known_last_and_keep_the_latest_first() -> None:
    logged = [change(3, EDITED, "a", 2), change(2, NEW, "b"), change(1, NEW, "a")]
    assert net(logged) == [change(3, NEW, "a", 2), change(2, NEW, "b")]


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.booleans()), max_size=30))
def test_counts_are_those_of_what_is_there_before_and_after(pushes: list[tuple[str, bool]]) -> None:
    """Put and withdraw articles in any order, every put with the same content, and compare with the plain sets."""
    before = {"a", "b"}
    there, logged = set(before), []
    for generation, (article, is_put) in enumerate(pushes, start=1):
        if is_put != (article in there):
            logged.append(change(generation, NEW if is_put else WITHDRAWN, article))
            there ^= {article}
    assert tally(reversed(logged)) == Tally(new=len(there - before), withdrawn=len(before - there))


@pytest.mark.parametrize(
    ("counted", "words"),
    [
        (NO_NEWS, ""),
        (Tally(new=1), "1 new article"),
        (Tally(new=3), "3 new articles"),
        (Tally(edited=1), "1 edited article"),
        (Tally(withdrawn=2), "2 withdrawn articles"),
        (Tally(2, 1, 1), "2 new articles, 1 edited, 1 withdrawn"),
        (Tally(1, 0, 1_204), "1 new article, 1,204 withdrawn"),
    ],
)
def test_news_are_worded_for_their_number(counted: Tally, words: str) -> None:
    assert in_words(counted) == words
    assert bool(counted) == bool(words)


def run(before: int, after: int) -> Run:
    return Run(AT, AT + timedelta(seconds=1), 0, 0, 0, 0, 0, generation_before=before, generation=after)


@pytest.mark.parametrize(
    ("generation", "stretch"),
    [
        (2, Stretch(Maker.OTHER, 0, 2)),
        (3, Stretch(Maker.EARLIER_RUN, 2, 3)),
        (4, Stretch(Maker.EARLIER_RUN, 2, 4)),
        (5, Stretch(Maker.OTHER, 4, 5)),
        (9, Stretch(Maker.EARLIER_RUN, 5, 9)),
        (11, Stretch(Maker.LAST_RUN, 9, 11)),
        (12, Stretch(Maker.OTHER, 11, 12)),
    ],
)
def test_latest_changes_are_those_of_who_made_them(generation: int, stretch: Stretch) -> None:
    runs = [run(9, 11), run(9, 9), run(5, 9), run(2, 4)]
    assert latest(change(generation, NEW), runs) == stretch
    # A run that began later, and has changed nothing, made none of them.
    assert latest(change(generation, NEW), runs, running_since=AT + timedelta(seconds=1)) == stretch


def test_what_a_run_that_goes_on_has_changed_is_its_own() -> None:
    since = AT - timedelta(seconds=5)
    assert latest(change(7, NEW), [run(2, 4)], running_since=since) == Stretch(Maker.THIS_RUN, 4, 7, since)
    assert latest(change(1, NEW), [], running_since=since) == Stretch(Maker.THIS_RUN, 0, 1, since)
