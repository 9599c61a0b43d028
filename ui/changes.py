"""What changed between two generations of the library, article by article, and in words.

A publish logs every step; a reader wants the outcome. An article that came and went in between is none, and one that
went and came back as it was is none either.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from assistant.domain import Change, ChangeKind, Run

NEW, EDITED, MOVED, WITHDRAWN = ChangeKind.ADDED, ChangeKind.CHANGED, ChangeKind.MOVED, ChangeKind.REMOVED
WORDS = {NEW: "new", EDITED: "edited", MOVED: "moved", WITHDRAWN: "withdrawn"}
"""How a kind of change is called on the page, in the order it is listed there."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many articles are new, edited and withdrawn; a new name or place of one is no news."""

    new: int = 0
    edited: int = 0
    withdrawn: int = 0

    def __bool__(self) -> bool:
        return bool(self.new or self.edited or self.withdrawn)


NO_NEWS = Tally()


class Maker(StrEnum):
    """What made the latest changes: a run, or, with OTHER, what leaves no record of a run.

    That is the removal of a source, or a run that was interrupted.
    """

    THIS_RUN = "this run"
    LAST_RUN = "last run"
    EARLIER_RUN = "earlier run"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Stretch:
    """Generations that belong together: those after `after` until `until`, of a run that goes on since `since` only."""

    maker: Maker
    after: int
    until: int
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Changed:
    """The latest changes, what made them and when it made the last of them."""

    maker: Maker
    at: datetime
    changes: tuple[Change, ...]


def net(changes: Iterable[Change]) -> list[Change]:
    """Return one change for each article that is not as it was before, the latest first.

    `changes` are all changes since then, the latest first, as the library gives them. The last one of an article tells
    its state now; its kind is what all of them come to.
    """
    by_article: dict[str, list[Change]] = {}
    for change in changes:
        by_article.setdefault(change.article_id, []).append(change)
    outcomes = ((steps[0], _kind(steps)) for steps in by_article.values())
    return [replace(change, kind=kind) for change, kind in outcomes if kind is not None]


def tally(changes: Iterable[Change]) -> Tally:
    """Count the articles that these changes, the latest first, made new, edited or withdrew."""
    counts = Counter(change.kind for change in net(changes))
    return Tally(counts[NEW], counts[EDITED], counts[WITHDRAWN])


def in_words(counted: Tally) -> str:
    """Return "3 new articles", "1 edited article" or "2 new articles, 1 edited, 1 withdrawn"; "" for nothing."""
    parts = [
        (number, word)
        for number, word in ((counted.new, "new"), (counted.edited, "edited"), (counted.withdrawn, "withdrawn"))
        if number
    ]
    if not parts:
        return ""
    number, word = parts[0]
    first = f"{number:,} {word} {'article' if number == 1 else 'articles'}"
    return ", ".join([first, *(f"{number:,} {word}" for number, word in parts[1:])])


def latest(change: Change, runs: Sequence[Run], *, running_since: datetime | None = None) -> Stretch:
    """Return the generations that what made the latest change, `change`, has made so far.

    `runs` are the last finished ones, the latest first; `running_since` is when the run began that goes on, if any.
    """
    until = change.generation
    run = next((run for run in runs if run.generation_before < until <= run.generation), None)
    if run is not None:
        return Stretch(Maker.LAST_RUN if run == runs[0] else Maker.EARLIER_RUN, run.generation_before, until)
    after = max((run.generation for run in runs if run.generation < until), default=0)
    if running_since is not None and change.at >= running_since:
        return Stretch(Maker.THIS_RUN, after, until, running_since)
    return Stretch(Maker.OTHER, after, until)


def _kind(steps: Sequence[Change]) -> ChangeKind | None:
    """Return what the steps of one article, the latest first, come to; None for nothing."""
    latest, earliest = steps[0], steps[-1]
    was_there, is_there = earliest.kind is not NEW, latest.kind is not WITHDRAWN
    if not was_there:
        return NEW if is_there else None
    if not is_there:
        return WITHDRAWN
    kinds = {step.kind for step in steps}
    # The version is a step's outcome: of one that withdraws it is the version that was there before.
    if EDITED in kinds or (earliest.kind is WITHDRAWN and latest.version != earliest.version):
        return EDITED
    return MOVED if MOVED in kinds else None
