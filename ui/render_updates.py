"""What the Updates page says, as HTML or as words: sources, runs, what changed, and how long something takes.

Pure, as `render.py`: every word that comes from a source, a path or a server goes through `escaped`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from assistant.domain import Change, Failure, Run, SourceState
from ingest.progress import RunState, RunStatus
from ui.changes import WORDS, Changed, Maker, Tally, in_words
from ui.render import count, day, escaped, failures_html, named, sentence

if TYPE_CHECKING:
    from ingest.overview import SourceOverview

KINDS = {"folder": "Folder", "url": "Web page", "feed": "Feed", "federal-register": "Federal Register"}
"""What the kinds of sources are called."""
STAGES = {
    "starting": "Starting",
    "looking": "Looking for changes",
    "indexing": "Reading and indexing",
    "embedding passages": "Indexing a long document",
    "embedding": "Indexing again",
    "publishing": "Publishing",
}
MAX_FAILURES = 50
"""Failures listed of one source; the rest are counted."""
MAX_LINKS = 6
"""Sources named of those where something failed; the rest are counted."""
_LATE_S = 90
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
# How `ingest.fetch` writes the time until which a site asks to be left alone.
_STATED_TIME = "%Y-%m-%d %H:%M UTC"
_TIME = re.compile(r"\b\d{4}-\d\d-\d\d \d\d:\d\d UTC\b", re.ASCII)


@dataclass(frozen=True, slots=True)
class State:
    """How a source stands, in words; `tone` is "good", "busy", "quiet" or "bad"."""

    tone: str
    words: str


def moment(at: datetime) -> str:
    """Return "22 Nov 2026, 03:41" in this computer's time."""
    local = at.astimezone()
    return f"{day(local.date())}, {local:%H:%M}"


def ago(at: datetime, now: datetime) -> str:
    """Return "just now" or "5 minutes ago"."""
    seconds = (now - at).total_seconds()
    return "just now" if seconds < _MINUTE else f"{_span(seconds)} ago"


def ahead(at: datetime, now: datetime) -> str:
    """Return "in 5 minutes", or "any moment" for what is due."""
    seconds = (at - now).total_seconds()
    return "any moment" if seconds < 1 else f"in {_span(max(seconds, _MINUTE))}"


def time_left(status: RunStatus, now: datetime) -> str:
    """Return "about 2 minutes left at this rate", "" while nothing is known about it."""
    seconds = status.seconds_left(now)
    if seconds is None:
        return ""
    if seconds < 10:
        return "a few seconds left"
    if seconds < _LATE_S:
        return f"about {10 * round(seconds / 10)} seconds left at this rate"
    if seconds < 100 * _MINUTE:
        return f"about {count(round(seconds / _MINUTE), 'minute')} left at this rate"
    return f"about {count(round(seconds / _HOUR), 'hour')} left at this rate"


def every(interval_s: int) -> str:
    """Return "every 15 minutes", "every hour", "every 2 days"."""
    for unit_s, unit in ((_DAY, "day"), (_HOUR, "hour"), (_MINUTE, "minute"), (1, "second")):
        if interval_s >= unit_s and interval_s % unit_s == 0:
            number = interval_s // unit_s
            return f"every {unit}" if number == 1 else f"every {number:,} {unit}s"
    return "all the time"


def every_in_words(interval: str) -> str:
    """Return "Every 15 minutes" for "15m", as sources.toml writes it."""
    seconds = int(interval[:-1]) * {"m": _MINUTE, "h": _HOUR, "d": _DAY}[interval[-1]]
    return _sentence_case(every(seconds))


def progress_html(status: RunStatus | None, now: datetime, *, begins: str = "Starting") -> str:
    """Return the bar of a run: what it is at, how much of it is done and how long that still takes.

    `begins` is said of a run that has not reported yet.
    """
    if status is None or status.state is not RunState.RUNNING:
        return _bar_html(begins, "", "", "")
    total, done = status.total, min(status.done, status.total)
    amount = f"{done:,} of {total:,}" if total else ""
    value = f' value="{done}" max="{total}"' if total else ""
    stage = STAGES.get(status.stage, status.stage.capitalize())
    left = time_left(status, now)
    return _bar_html(stage, " · ".join(part for part in (amount, left) if part), value, status.location or "")


def news_html(news: Tally) -> str:
    """Return "3 new articles since your last question", "" for none."""
    words = in_words(news)
    return f'<p class="tpa-news">{escaped(words)} since your last question.</p>' if words else ""


def state_of(state: SourceState | None, failures: Sequence[Failure], *, is_running: bool = False) -> State:
    """Return how a source stands."""
    if is_running:
        return State("busy", "Being looked at")
    if state is None:
        return State("quiet", "Not looked at yet")
    if state.withheld:
        return State("bad", f"{count(state.withheld, 'article')} withheld")
    if state.problem:
        return State("bad", "Problem")
    if failures:
        return State("bad", f"{len(failures):,} failed")
    return State("good", "Up to date")


def source_html(source: SourceOverview, now: datetime, *, is_running: bool = False, is_watched: bool = False) -> str:
    """Return one source: its name and state, where it looks, how many articles it has, and when it looks again."""
    entry, state = source.entry, source.state
    stands = state_of(state, failures_in(source), is_running=is_running)
    looked = f"last look {_when(ago(state.checked_at, now), state.checked_at, now)}" if state else ""
    coming = f"next {_when(ahead(source.next_at, now), source.next_at, now)}" if source.next_at else ""
    pace = every(entry.every_s) if is_watched else "next when asked for"
    facts = " · ".join(part for part in (count(source.articles, "article"), looked, coming or pace) if part)
    kind = KINDS.get(entry.kind, entry.kind)
    target = entry.target.removeprefix(f"{kind}: ")
    return (
        f'<div class="tpa-source" id="{escaped(source_id(entry.name))}"><div class="tpa-source-head">'
        f'<h3 class="tpa-row-title" dir="auto">{escaped(entry.name)}</h3>'
        f'<span class="tpa-stands" data-tone="{stands.tone}">{escaped(stands.words)}</span>'
        f'</div><p class="tpa-row-meta">{escaped(kind)} · '
        f'<span class="tpa-target" dir="auto">{named(target)}</span></p>'
        f'<p class="tpa-row-note">{escaped(facts)}</p>{_problem_html(state, now)}</div>'
    )


def source_id(name: str) -> str:
    """Return the name by which a link leads to a source on the page."""
    return f"source-{name}"


def failures_in(source: SourceOverview) -> tuple[Failure, ...]:
    """Return what failed inside a source; that it cannot be looked at as a whole is its problem, said once."""
    problem = source.state.problem if source.state else ""
    return tuple(
        failure for failure in source.failures if failure.location != source.entry.target and failure.reason != problem
    )


def some_failures_html(failures: Sequence[Failure], now: datetime) -> str:
    """Return the first failures with their reasons, and how many more there are."""
    shown = [replace(failure, reason=in_local_time(failure.reason, now)) for failure in failures[:MAX_FAILURES]]
    more = len(failures) - MAX_FAILURES
    rest = f'<p class="tpa-note">And {more:,} more.</p>' if more > 0 else ""
    return failures_html(shown) + rest


def failed_html(failures: Sequence[Failure], sources: Sequence[SourceOverview]) -> str:
    """Return how many could not be indexed, with links to where they stand with their reasons; "" for none."""
    if not failures:
        return ""
    failed = {failure.location for failure in failures}
    in_sources = {source.entry.name: failed & {each.location for each in source.failures} for source in sources}
    links = [
        f'<a href="#{escaped(source_id(name))}">{escaped(name)}</a>'
        for name, locations in in_sources.items()
        if locations
    ]
    if failed - set().union(*in_sources.values()):
        links.append('<a href="#single-files">single files</a>')
    more = f" and {count(len(links) - MAX_LINKS, 'other')}" if len(links) > MAX_LINKS else ""
    said = f"{len(failures):,} could not be indexed; why is said below at"
    return f'<p class="tpa-note tpa-failed">{said} {", ".join(links[:MAX_LINKS])}{more}.</p>'


def command_html(words: str, command: str) -> str:
    """Return a command to type, with what it is for."""
    code = f'<pre class="tpa-command"><code>{escaped(command)}</code></pre>'
    return f'<div class="tpa-note"><p>{escaped(words)}</p>{code}</div>'


def in_local_time(words: str, now: datetime) -> str:
    """Return words of a fetch with the times in them as a reader's clock shows them."""

    def local(found: re.Match[str]) -> str:
        try:
            at = datetime.strptime(found[0], _STATED_TIME).replace(tzinfo=UTC)
        except ValueError:
            return found[0]
        return _clock(at, now)

    return _TIME.sub(local, words)


def change_html(change: Change) -> str:
    """Return one row of what a run changed; the button that opens the article is laid over it by the page."""
    meta = " · ".join(part for part in (change.publisher, day(change.published)) if part)
    return (
        f'<div class="tpa-row"><span class="tpa-kind" data-kind="{change.kind}">{WORDS[change.kind].capitalize()}'
        f'</span><div class="tpa-row-body"><span class="tpa-row-title" dir="auto">{escaped(change.title)}</span>'
        f'<span class="tpa-change-from"><span class="tpa-row-meta" dir="auto">{escaped(meta)}</span>'
        f'<span class="tpa-row-note" dir="auto">{named(change.location)}</span></span></div></div>'
    )


def outcome_line(run: Run, now: datetime) -> str:
    """Return when a run was, how long it took and what came of it; what failed is said by `failed_html`."""
    seconds = (run.finished_at - run.started_at).total_seconds()
    took = f"{seconds:.1f} s" if seconds < _MINUTE else _span(seconds)
    numbers = {
        "new": run.added,
        "edited": run.changed,
        "moved": run.moved,
        "withdrawn": run.removed,
        "not found but not withdrawn": run.withheld,
    }
    changed = [f"{number:,} {word}" for word, number in numbers.items() if number]
    came = ", ".join(changed) or ("no article changed" if run.failed else "nothing changed")
    return f"{_sentence_case(_when(ago(run.finished_at, now), run.finished_at, now))}, in {took}: {came}."


def so_far_line(now: datetime) -> str:
    """Return until when changes of a run that goes on are listed."""
    return f"Until {now.astimezone():%H:%M:%S}; answers already come from it."


def made_line(changed: Changed) -> str:
    """Return when changes were made that are not the last run's, and by what."""
    if changed.maker is Maker.EARLIER_RUN:
        return f"Changed before, by the run of {moment(changed.at)}"
    return f"Changed {moment(changed.at)}, as a source was removed or a run was interrupted"


def _bar_html(stage: str, amount: str, value: str, location: str) -> str:
    at = f'<span class="tpa-progress-at"><bdi>{named(location)}</bdi></span>' if location else ""
    return (
        f'<div class="tpa-progress"><div class="tpa-progress-words"><span>{escaped(stage)}</span>'
        f'<span>{escaped(amount)}</span></div><progress{value} aria-label="{escaped(stage)}"></progress>{at}</div>'
    )


def _problem_html(state: SourceState | None, now: datetime) -> str:
    """Return why a source could not be looked at, and when its server wants to be asked again: once, in local time."""
    if state is None or not state.problem:
        return ""
    words = state.problem
    if state.retry_at and f"{state.retry_at.astimezone(UTC):{_STATED_TIME}}" not in words:
        words = f"{sentence(words)} It asks to be asked again {_when(ahead(state.retry_at, now), state.retry_at, now)}."
    return f'<p class="tpa-source-problem" dir="auto">{escaped(sentence(in_local_time(words, now)))}</p>'


def _when(relative: str, at: datetime, now: datetime) -> str:
    return f"{relative} ({_clock(at, now)})"


def _clock(at: datetime, now: datetime) -> str:
    """Return "08:15", with its day if that is not today."""
    is_today = at.astimezone().date() == now.astimezone().date()
    return f"{at.astimezone():%H:%M}" if is_today else moment(at)


def _span(seconds: float) -> str:
    if seconds < _MINUTE:
        return count(round(seconds), "second")
    if seconds < 100 * _MINUTE:
        return count(round(seconds / _MINUTE), "minute")
    if seconds < 2 * _DAY:
        return count(round(seconds / _HOUR), "hour")
    return count(round(seconds / _DAY), "day")


def _sentence_case(words: str) -> str:
    return words[:1].upper() + words[1:]
