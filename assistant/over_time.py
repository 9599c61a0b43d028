"""A difference between sources that is a change over time: "was 20 percent [2] (3 May 2024), since … 10 percent [1]".

Said only where the newer text shows it: it names the old value beside the new, says by how much it changed, extends a
date, or is the same publisher's later word. Two reports that differ about one event stay a difference: who did it, or
a day that was past already, does not change.
"""

from __future__ import annotations

import re
from datetime import date

from assistant.attribution import is_denial
from assistant.dating import Tense, in_words, of_day, resolve
from assistant.domain import Citation, Comparison, ComparisonKind, PartialDate, Position
from assistant.figures import Figure, dates, figures

_CHANGED = re.compile(
    r"\b(?:chang(?:es?|ed)|cuts?|lower(?:s|ed)|reduc(?:es?|ed)|rais(?:es?|ed)|lift(?:s|ed)|increas(?:es?|ed)"
    r"|halv(?:es?|ed)"
    r"|doubl(?:es?|ed)|tripl(?:es?|ed)|extend(?:s|ed)|prolong(?:s|ed)|replac(?:es?|ed)|revis(?:es?|ed)|rises?|rose|falls?|fell"
    r"|drop(?:s|ped)"
    r"|suspend(?:s|ed)|ended|revok(?:es?|ed)|repeal(?:s|ed)|postpon(?:es?|ed)|delay(?:s|ed)|moved|down|up)\b",
    re.IGNORECASE,
)
_EXTENDED = re.compile(
    r"\b(?:extend(?:s|ed)|prolong(?:s|ed)|renew(?:s|ed)|postpon(?:es?|ed)|delay(?:s|ed)|moved)\b", re.I
)
_TIMES = ((re.compile(r"\bhalv(?:es?|ed)\b", re.I), 0.5), (re.compile(r"\bdoubl(?:es?|ed)\b", re.I), 2.0),
          (re.compile(r"\btripl(?:es?|ed)\b", re.I), 3.0))  # fmt: skip


def change_note(comparison: Comparison, day: date | None = None) -> str:
    """Return what changed and since when, in one sentence; "" where sources contradict one another or agree.

    What begins after `day` is told as a change to come.
    """
    pair = _in_time(comparison)
    if pair is None:
        return ""
    old, new = pair
    before, after = old.citations[0], new.citations[0]
    if not _is_change(comparison.kind, old, new):
        return ""
    effective = after.validity.effective
    was, becomes = (_said(comparison.kind, position) for position in (old, new))
    if effective and before.published and effective.last >= before.published:
        if day is not None and effective.first > day:
            return (
                f"Change to come: {was} [{before.marker}]{_dated(before)}, "
                f"from {in_words(effective)} {becomes} [{after.marker}]."
            )
        now = f"since {in_words(effective)} {becomes} [{after.marker}]"
    else:
        now = f"now {becomes} [{after.marker}]{_dated(after)}"
    return f"Changed over time: was {was} [{before.marker}]{_dated(before)}, {now}."


def _said(kind: ComparisonKind, position: Position) -> str:
    """Return a value; words of status, which fit no sentence, in quotation marks."""
    return f"“{position.value}”" if kind is ComparisonKind.STATUS else position.value


def heading(comparison: Comparison) -> str:
    """Return what stands above positions: that sources differ on a point, or that it changes over time.

    Of measures that may be different ones neither is said.
    """
    if comparison.is_loose:
        return f"{comparison.point[:1].upper()}{comparison.point[1:]}, source by source (it need not be one measure)"
    is_change = change_note(comparison) != ""
    return f"Change over time: {comparison.point}" if is_change else f"Sources differ on {comparison.point}"


def _in_time(comparison: Comparison) -> tuple[Position, Position] | None:
    """Return the older and the newer of two positions, None if there are not two or their order is not known."""
    if len(comparison.positions) != 2 or comparison.is_loose:
        return None
    days = [[cited.published for cited in position.citations] for position in comparison.positions]
    known = [[day for day in found if day] for found in days]
    if any(len(found) != len(every) for found, every in zip(known, days, strict=True)):
        return None
    first, second = comparison.positions
    if min(known[0]) > max(known[1]):
        return second, first
    return (first, second) if min(known[1]) > max(known[0]) else None


def _is_change(kind: ComparisonKind, old: Position, new: Position) -> bool:
    text = new.citations[0].quote
    if any(is_denial(position.value) for position in (old, new)):
        return False
    if kind is ComparisonKind.ACTOR or (kind is ComparisonKind.DATE and _was_past(old)):
        return False
    if _is_own_update(old.citations, new.citations):
        return True
    if not _CHANGED.search(text):
        return False
    if kind is ComparisonKind.FIGURE:
        return _names_old_figure(text, old) or _is_multiple(text, old, new)
    if kind is ComparisonKind.DATE:
        return _EXTENDED.search(text) is not None or _names_old_date(text, old)
    # That it was eased is news only if the text says when, later than the other report.
    since, before = _happened(new.citations[0]), old.citations[0].published
    return kind is ComparisonKind.STATUS and bool(since and before and since.first > before)


def _happened(cited: Citation) -> PartialDate | None:
    """Return from when a quote says that something applies, or the one day in the past that it names."""
    if cited.validity.effective:
        return cited.validity.effective
    named = {resolve(one, cited.published, Tense.PAST) for one in dates(cited.quote) if not one.is_open}
    only = named.pop() if len(named) == 1 else None
    return only if only and cited.published and only.last <= cited.published else None


def _was_past(position: Position) -> bool:
    """Say whether a date lay before all that tell of it: then another one corrects it, and nothing changed."""
    told = [resolve(one, None, Tense.UNCLEAR) for one in dates(position.value)]
    published = [cited.published for cited in position.citations if cited.published]
    return bool(published) and any(when is not None and when.last < min(published) for when in told)


def _is_own_update(old: tuple[Citation, ...], new: tuple[Citation, ...]) -> bool:
    """Say whether one publisher says now what it said otherwise before."""
    before = {(cited.publisher or "").casefold() for cited in old} - {""}
    return bool(before & {(cited.publisher or "").casefold() for cited in new})


def _names_old_figure(text: str, old: Position) -> bool:
    here = figures(text)
    return any(one.matches(other) for one in figures(old.value) for other in here)


def _names_old_date(text: str, old: Position) -> bool:
    here = dates(text)
    return any(one.agrees(other) for one in dates(old.value) for other in here)


def _is_multiple(text: str, old: Position, new: Position) -> bool:
    """Say whether "halved" leads from the old figure to the new."""
    before, after = figures(old.value), figures(new.value)
    if len(before) != 1 or len(after) != 1:
        return False
    return any(pattern.search(text) and _times(before[0], factor, after[0]) for pattern, factor in _TIMES)


def _times(one: Figure, factor: float, other: Figure) -> bool:
    return one.kind is other.kind and abs(one.value * factor - other.value) <= 1e-6 * max(1.0, abs(other.value))


def _dated(cited: Citation) -> str:
    return f" ({in_words(of_day(cited.published))})" if cited.published else ""
