"""What a reader has to know before relying on an answer: in time, and by whose word. One sentence each.

Days are compared with the one that was asked about or, where none was, with today.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from assistant.as_of import AskedAsOf
from assistant.attribution import is_denial
from assistant.dating import age, in_words, of_day
from assistant.domain import Citation, Claim, Comparison
from assistant.over_time import change_note
from assistant.standing import standing_note


def notes(
    claims: Sequence[Claim],
    comparisons: Sequence[Comparison] = (),
    *,
    today: date,
    as_of: date | None = None,
    asked: AskedAsOf | None = None,
    stale_after_days: int = 0,
) -> tuple[str, ...]:
    """Return the notes on an answer made of these claims, on a refusal for none.

    `as_of` is the day up to which articles were searched, `asked` the one that the question itself set; 0 days: no
    source is too old.
    """
    citations = _citations(claims, comparisons)
    day = as_of or today
    found = [
        _asked_note(asked),
        *(change_note(one, day) for one in comparisons),
        *_denial_notes(comparisons),
        *_later_notes(comparisons),
        *_validity_notes(
            [cited for cited in citations if cited.marker not in _outlived(comparisons)],
            day,
            is_past=as_of is not None,
        ),
        _stale_note(citations, day, stale_after_days, is_past=as_of is not None),
        standing_note(claims),
    ]
    return tuple(note for note in found if note)


def _citations(claims: Sequence[Claim], comparisons: Sequence[Comparison]) -> list[Citation]:
    """Return each citation of an answer once, in order of its marker; those of comparisons too."""
    of_claims = [cited for claim in claims for cited in claim.citations]
    by_marker = {cited.marker: cited for cited in (*of_claims, *(one for each in comparisons for one in _sides(each)))}
    return [by_marker[marker] for marker in sorted(by_marker)]


def _sides(comparison: Comparison) -> list[Citation]:
    return [cited for position in comparison.positions for cited in position.citations]


def _denial_notes(comparisons: Sequence[Comparison]) -> list[str]:
    """Say where the newest source denies what others tell."""
    return [
        f"{_markers([cited.marker for cited in position.citations])}, which is newer, tells of a denial: "
        f"“{position.value}”."
        for comparison in comparisons
        for position in comparison.positions
        if position.is_newest and is_denial(position.value)
    ]


def _later_notes(comparisons: Sequence[Comparison]) -> list[str]:
    """Say where a newer source gives a later end for the same thing, as after an extension."""
    return [
        f"According to [{old.marker}] this applied until {in_words(old.validity.expires)}, "
        f"according to [{new.marker}], which is newer, until {in_words(new.validity.expires)}."
        for old, new in _extended(comparisons)
        if old.validity.expires and new.validity.expires
    ]


def _outlived(comparisons: Sequence[Comparison]) -> set[int]:
    return {old.marker for old, _ in _extended(comparisons)}


def _extended(comparisons: Sequence[Comparison]) -> list[tuple[Citation, Citation]]:
    """Return pairs of quotes on one thing of which the newer gives a later end."""
    found: dict[tuple[int, int], tuple[Citation, Citation]] = {}
    for comparison in comparisons:
        if comparison.is_loose:
            continue
        timed = [cited for cited in _sides(comparison) if cited.published and cited.validity.expires]
        newest = max(timed, key=lambda cited: cited.published or date.min, default=None)
        for old in timed:
            if (
                newest
                and newest.published
                and _ends(old) < _ends(newest)
                and (old.published or date.max) < newest.published
            ):
                found[old.marker, newest.marker] = (old, newest)
    return list(found.values())


def _ends(cited: Citation) -> date:
    return cited.validity.expires.last if cited.validity.expires else date.max


def _asked_note(asked: AskedAsOf | None) -> str:
    if asked is None:
        return ""
    day = _day(asked.day)
    words = "" if day.casefold() in asked.words.casefold() else f" “{asked.words}”"
    either = f" It may also mean {_day(asked.other)}: ask with the month in words." if asked.other else ""
    return f"Only what was published by {day} was searched, as the question says{words}.{either}"


def _validity_notes(citations: Iterable[Citation], day: date, *, is_past: bool) -> list[str]:
    """Say which quotes tell of a time that is over, or that has not begun, each time once."""
    over: dict[str, list[int]] = {}
    ahead: dict[str, list[int]] = {}
    for cited in citations:
        effective, expires = cited.validity.effective, cited.validity.expires
        if expires and expires.last < day:
            over.setdefault(in_words(expires), []).append(cited.marker)
        elif effective and effective.first > day:
            ahead.setdefault(in_words(effective), []).append(cited.marker)
    is_over = f"by {_day(day)} that time was over" if is_past else "that time is over"
    is_ahead = f"on {_day(day)} that was still to come" if is_past else "that is still to come"
    return [
        *(f"According to {_markers(found)} this applied until {when}; {is_over}." for when, found in over.items()),
        *(f"According to {_markers(found)} this applies from {when}; {is_ahead}." for when, found in ahead.items()),
    ]


def _stale_note(citations: Sequence[Citation], day: date, limit_days: int, *, is_past: bool) -> str:
    """Say how old the newest cited source is if that is more than the limit; "" where none is dated."""
    newest = max((cited.published for cited in citations if cited.published), default=None)
    if newest is None or not limit_days or (day - newest).days <= limit_days:
        return ""
    then = f" on {_day(day)}" if is_past else ""
    dated = "" if all(cited.published for cited in citations) else "dated "
    return f"The newest {dated}source cited is from {_day(newest)}, {age(newest, day)} old{then}."


def _markers(markers: Sequence[int]) -> str:
    *others, last = [f"[{marker}]" for marker in sorted(markers)]
    return f"{', '.join(others)} and {last}" if others else last


def _day(day: date) -> str:
    return in_words(of_day(day))
