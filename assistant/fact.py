"""A fact that a sentence states, with the words that say what it is about: the value that sources are compared on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from assistant.claim_reading import Reading
from assistant.domain import ComparisonKind
from assistant.figures import Figure, WrittenDate
from assistant.names import Name


class Role(StrEnum):
    """What a fact's value is to what it is about. Facts with different roles are never compared."""

    LEVEL = "level"
    BEFORE = "level before a change"
    CHANGE = "change"
    SHARE = "share"
    LENGTH = "length"
    START = "start"
    END = "end"
    ON = "day"
    STATUS = "status"
    DEED = "deed"


class Side(StrEnum):
    """How a measure stands."""

    HOLDS = "holds"
    EASED = "eased"
    PUT_OFF = "put off"
    ENDED = "ended"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Fact:
    """A value at `reading.text[start:end]` with the stems around it in its clause.

    `sign` is the direction of a change, 0 if it has none; `per` the stem of what a figure is counted by ("tonne"), or
    of what it counts; `near` the stems right beside the value; `deeds` what was done on a date. A value `is_proposed`
    if it is what somebody asks for or what might be, and `is_denied` if the text denies it, which `value` then tells.
    `measures` are the stems of the measures that a status is of. One of `figure`, `date`, `side` and `actors` is set.
    """

    kind: ComparisonKind
    role: Role
    reading: Reading
    start: int
    end: int
    about: frozenset[str]
    figure: Figure | None = None
    upper: Figure | None = None
    sign: int = 0
    per: frozenset[str] = frozenset()
    date: WrittenDate | None = None
    side: Side | None = None
    actors: tuple[Name, ...] = ()
    deed: str = ""
    deeds: frozenset[str] = frozenset()
    near: frozenset[str] = frozenset()
    is_definite: bool = False
    is_proposed: bool = False
    is_denied: bool = False
    measures: frozenset[str] = frozenset()

    @property
    def value(self) -> str:
        """Return the value as the source writes it, on one line."""
        return " ".join(self.reading.as_given(self.start, self.end).split())
