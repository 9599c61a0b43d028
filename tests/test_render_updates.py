"""What the Updates page says of sources, runs and changes: right numbers, right words, and nothing of theirs run."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.domain import Change, ChangeKind, Failure, Run, SourceState
from ingest.progress import RunState, RunStatus
from ui import render_updates
from ui.changes import NO_NEWS, Changed, Maker, Tally
from ui.render_updates import State, ago, ahead, every, state_of, time_left

if TYPE_CHECKING:
    from ingest.catalog import SourceOverview

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
HOSTILE = "<script>alert(1)</script> 5~10%, NT$ -- *bold* ![x](https://evil.example/p.png) \x07 &amp; `code`"
OUR_TAGS = {"div", "p", "span", "h3", "progress", "bdi", "ul", "li", "a", "pre", "code"}


@dataclass(frozen=True)
class Entry:
    """An entry of sources.toml, as far as the page reads it."""

    name: str = "wto"
    kind: str = "feed"
    target: str = "https://example.org/feed.xml"
    every_s: int = 3_600


@dataclass(frozen=True)
class Overview:
    """What is known of a source."""

    entry: Entry = Entry()
    state: SourceState | None = None
    next_at: datetime | None = None
    articles: int = 0
    failures: tuple[Failure, ...] = ()


def words(markup: str) -> str:
    """Return the text of HTML, checking that every tag in it is one of ours."""
    assert set(re.findall(r"</?([a-zA-Z0-9!]+)", markup)) <= OUR_TAGS
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", markup)).split())


def source_words(source: Overview, *, is_running: bool = False, is_watched: bool = False) -> str:
    return words(
        render_updates.source_html(cast("SourceOverview", source), NOW, is_running=is_running, is_watched=is_watched)
    )


def failure(number: int) -> Failure:
    return Failure(f"/articles/{number}.pdf", "it is a damaged PDF", NOW)


def state(**known: object) -> SourceState:
    return replace(SourceState("wto", "https://example.org/feed.xml", NOW - timedelta(minutes=5)), **known)  # type: ignore[arg-type]


def running(**known: object) -> RunStatus:
    status = RunStatus(RunState.RUNNING, "indexing", 3, 12, None, 1, NOW, NOW, None, None)
    return replace(status, **known)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-5, "just now"),
        (59, "just now"),
        (60, "1 minute ago"),
        (300, "5 minutes ago"),
        (3_600, "60 minutes ago"),
        (3 * 3_600, "3 hours ago"),
        (47 * 3_600, "47 hours ago"),
        (3 * 86_400, "3 days ago"),
    ],
)
def test_time_since_is_said_in_its_natural_unit(seconds: int, said: str) -> None:
    assert ago(NOW - timedelta(seconds=seconds), NOW) == said


@pytest.mark.parametrize(
    ("seconds", "said"), [(-60, "any moment"), (0, "any moment"), (20, "in 1 minute"), (600, "in 10 minutes")]
)
def test_time_to_come_is_said_in_its_natural_unit(seconds: int, said: str) -> None:
    assert ahead(NOW + timedelta(seconds=seconds), NOW) == said


@pytest.mark.parametrize(
    ("interval_s", "said"),
    [
        (60, "every minute"),
        (900, "every 15 minutes"),
        (3_600, "every hour"),
        (21_600, "every 6 hours"),
        (86_400, "every day"),
        (604_800, "every 7 days"),
        (5_400, "every 90 minutes"),
    ],
)
def test_interval_is_said_in_whole_units(interval_s: int, said: str) -> None:
    assert every(interval_s) == said


@pytest.mark.parametrize(
    ("left_s", "said"),
    [
        (None, ""),
        (0.0, ""),
        (4.0, "a few seconds left"),
        (38.0, "about 40 seconds left at this rate"),
        (95.0, "about 2 minutes left at this rate"),
        (3_000.0, "about 50 minutes left at this rate"),
        (9_000.0, "about 2 hours left at this rate"),
    ],
)
def test_time_left_is_rounded_as_its_precision_is(left_s: float | None, said: str) -> None:
    assert time_left(running(left_s=left_s), NOW) == said


def test_bar_says_stage_counts_time_left_and_file() -> None:
    markup = render_updates.progress_html(running(left_s=38.0, location="/articles/<b>a</b>.md"), NOW)
    assert words(markup) == ("Reading and indexing 3 of 12 · about 40 seconds left at this rate /articles/<b>a</b>.md")
    assert '<progress value="3" max="12" aria-label="Reading and indexing">' in markup


@pytest.mark.parametrize("status", [None, running(state=RunState.DONE)])
def test_bar_of_a_run_that_has_not_reported_has_no_length(status: RunStatus | None) -> None:
    markup = render_updates.progress_html(status, NOW)
    assert words(markup) == "Starting"
    assert "value=" not in markup


def test_bar_is_never_past_its_end_and_names_unknown_stages() -> None:
    markup = render_updates.progress_html(running(stage="fetching", done=9, total=8), NOW)
    assert words(markup) == "Fetching 8 of 8"
    assert 'value="8" max="8"' in markup


@pytest.mark.parametrize(
    ("known", "failures", "stands"),
    [
        (None, 0, State("quiet", "Not looked at yet")),
        (state(), 0, State("good", "Up to date")),
        (state(), 2, State("bad", "2 failed")),
        (state(problem="the server answered 503"), 2, State("bad", "Problem")),
        (state(withheld=1, problem="x"), 0, State("bad", "1 article withheld")),
        (state(withheld=12), 0, State("bad", "12 articles withheld")),
    ],
)
def test_source_stands_as_it_was_found(known: SourceState | None, failures: int, stands: State) -> None:
    failed = [failure(number) for number in range(failures)]
    assert state_of(known, failed) == stands
    assert state_of(known, failed, is_running=True) == State("busy", "Being looked at")


def test_source_that_is_watched_says_when_it_is_looked_at_next() -> None:
    source = Overview(state=state(), next_at=NOW + timedelta(minutes=55), articles=1_204)
    clock = f"{(NOW - timedelta(minutes=5)).astimezone():%H:%M}", f"{(NOW + timedelta(minutes=55)).astimezone():%H:%M}"
    assert source_words(source, is_watched=True) == (
        "wto Up to date Feed · https://example.org/feed.xml "
        f"1,204 articles · last look 5 minutes ago ({clock[0]}) · next in 55 minutes ({clock[1]})"
    )


def test_source_that_nothing_watches_is_only_looked_at_when_asked_for() -> None:
    assert source_words(Overview(articles=1)).endswith("1 article · next when asked for")
    assert source_words(Overview(), is_watched=True).endswith("0 articles · every hour")


def test_problem_of_a_source_is_said_with_the_time_its_server_asks_for() -> None:
    retry_at = NOW + timedelta(days=3)
    found = state(problem="the server answered 503 Service Unavailable", retry_at=retry_at)
    assert source_words(Overview(state=found)).endswith(
        "The server answered 503 Service Unavailable. It asks to be asked again in 3 days "
        f"({render_updates.moment(retry_at)})."
    )


def test_time_a_server_asks_for_is_said_once_as_the_reader_s_clock_shows_it() -> None:
    retry_at = NOW.replace(hour=10, minute=0, second=25)
    clock = f"{retry_at.astimezone():%H:%M}"
    busy = state(
        problem="the site asks to be left alone for a while: not before 2026-11-22 10:00 UTC", retry_at=retry_at
    )
    assert source_words(Overview(state=busy)).endswith(
        f"The site asks to be left alone for a while: not before {clock}."
    )
    other = replace(busy, retry_at=retry_at + timedelta(hours=1))
    asked = f"{other.retry_at.astimezone():%H:%M}" if other.retry_at else ""
    assert source_words(Overview(state=other)).endswith(
        f"not before {clock}. It asks to be asked again in {_minutes(other)} minutes ({asked})."
    )


def _minutes(found: SourceState) -> int:
    assert found.retry_at
    return round((found.retry_at - NOW).total_seconds() / 60)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("until 2026-11-22 10:00 UTC", f"until {NOW.replace(hour=10, minute=0).astimezone():%H:%M}"),
        (
            "until 2026-11-24 10:00 UTC; kept",
            f"until {render_updates.moment(NOW.replace(day=24, hour=10, minute=0))}; kept",
        ),
        ("until 2026-13-45 10:00 UTC", "until 2026-13-45 10:00 UTC"),
        ("on 2026-11-24 at 10:00", "on 2026-11-24 at 10:00"),
    ],
)
def test_times_in_words_are_said_in_local_time(words: str, said: str) -> None:
    assert render_updates.in_local_time(words, NOW) == said


def test_kind_is_not_said_twice_where_the_target_names_it() -> None:
    entry = Entry("steel", "federal-register", "Federal Register: “steel”; NOTICE")
    assert "Federal Register · “steel”; NOTICE" in source_words(Overview(entry))


def test_change_is_named_by_its_kind_title_and_place() -> None:
    changed = Change(3, ChangeKind.REMOVED, "a", 2, HOSTILE, "A & B", date(2025, 11, 2), "/x/<i>.md", NOW)
    assert (
        words(render_updates.change_html(changed))
        == f"Withdrawn {' '.join(HOSTILE.split())} A & B · 2 November 2025 /x/<i>.md"
    )


@given(st.text(max_size=60))
def test_whatever_a_source_says_is_text(text: str) -> None:
    entry = Entry(text, "folder", text)
    source_words(Overview(entry, state(problem=text or "x"), failures=(Failure(text, text, NOW),)))
    words(render_updates.progress_html(running(stage=text, location=text), NOW))
    words(render_updates.change_html(Change(1, ChangeKind.ADDED, "a", 1, text, text, None, text, NOW)))


def test_problem_of_a_whole_source_is_no_failure_inside_it() -> None:
    whole = [Failure(address, "no network", NOW) for address in (Entry().target, "https://example.org/page-2")]
    other = Failure("https://example.org/a", "not found", NOW)
    source = Overview(Entry(), state(problem="no network"), failures=(*whole, other))
    assert render_updates.failures_in(cast("SourceOverview", source)) == (other,)


def test_long_list_of_failures_is_cut_and_counted() -> None:
    listed = words(render_updates.some_failures_html([failure(number) for number in range(52)], NOW))
    assert listed.count("It is a damaged PDF.") == 50
    assert listed.endswith("And 2 more.")
    assert "more" not in words(render_updates.some_failures_html([failure(1)], NOW))


@pytest.mark.parametrize(
    ("counts", "came"),
    [
        ({}, "nothing changed"),
        ({"failed": 2}, "no article changed"),
        ({"added": 1_200, "changed": 1}, "1,200 new, 1 edited"),
        ({"moved": 2, "removed": 3, "withheld": 7}, "2 moved, 3 withdrawn, 7 not found but not withdrawn"),
        ({"withheld": 7, "failed": 5}, "7 not found but not withdrawn"),
    ],
)
def test_run_is_said_with_its_time_its_length_and_what_came_of_it(counts: dict[str, int], came: str) -> None:
    none = Run(NOW - timedelta(minutes=9, seconds=1.5), NOW - timedelta(minutes=9), 0, 0, 0, 0, 0)
    clock = f"{none.finished_at.astimezone():%H:%M}"
    run = replace(none, **counts)  # type: ignore[arg-type]
    assert render_updates.outcome_line(run, NOW) == f"9 minutes ago ({clock}), in 1.5 s: {came}."


def test_what_failed_is_counted_with_links_to_where_it_stands() -> None:
    failures = [failure(number) for number in range(4)]
    sources = [
        Overview(Entry("desk"), failures=tuple(failures[:2])),
        Overview(Entry("fine")),
        Overview(Entry("wto"), failures=(failures[2], failure(9))),
    ]
    markup = render_updates.failed_html(failures, cast("list[SourceOverview]", sources))
    assert words(markup) == "4 could not be indexed; why is said below at desk , wto , single files ."
    assert re.findall('href="(.*?)"', markup) == ["#source-desk", "#source-wto", "#single-files"]
    for source in sources:
        assert f'id="source-{source.entry.name}"' in render_updates.source_html(cast("SourceOverview", source), NOW)
    assert render_updates.failed_html([], cast("list[SourceOverview]", sources)) == ""


def test_long_list_of_sources_that_failed_is_cut_and_counted() -> None:
    sources = [Overview(Entry(f"s{number}"), failures=(failure(number),)) for number in range(9)]
    markup = render_updates.failed_html([failure(number) for number in range(9)], cast("list[SourceOverview]", sources))
    assert words(markup).endswith("s5 and 3 others.")


def test_changes_that_are_not_the_last_run_s_are_dated_and_say_who_made_them() -> None:
    at = render_updates.moment(NOW)
    said = {maker: render_updates.made_line(Changed(maker, NOW, ())) for maker in (Maker.EARLIER_RUN, Maker.OTHER)}
    assert said == {
        Maker.EARLIER_RUN: f"Changed before, by the run of {at}",
        Maker.OTHER: f"Changed {at}, as a source was removed or a run was interrupted",
    }


def test_name_that_reads_as_another_is_not_shown_as_it_is() -> None:
    changed = Change(1, ChangeKind.ADDED, "a", 1, "Levy", None, None, "/desk/x\u202egnp.txt", NOW)
    assert "/desk/x\ufffdgnp.txt" in words(render_updates.change_html(changed))
    listed = words(render_updates.some_failures_html([Failure("/desk/x\u202egnp\n.pdf", "bad", NOW)], NOW))
    assert listed == "/desk/x\ufffdgnp\ufffd.pdf Bad."


def test_news_are_one_line_and_no_news_is_none() -> None:
    assert words(render_updates.news_html(Tally(new=3))) == "3 new articles since your last question."
    assert render_updates.news_html(NO_NEWS) == ""
