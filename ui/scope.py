"""What is searched and how: the filters and the way of answering, as pills above the question box and in the address.

The address of the page holds the filters, so that a link gives somebody else the same view, and back, forward and
reload keep it. What an address says is not believed: a value that cannot be read, or a publisher nobody knows here, is
left out and told of.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

import streamlit as st

from assistant.domain import Filters, Standing, Strictness
from ui import filtering, render, session

if TYPE_CHECKING:
    from assistant.assistant import Assistant

PREFIX = "ask"
_IN_QUOTES, _STRICTNESS = "scope-in-quotes", "scope-strictness"
_WRITTEN = "scope_written"
_PROBLEMS = "scope_problems"
_SINCE, _AS_OF, _PUBLISHER, _KIND = "from", "as_of", "publisher", "kind"
NAMES = (_SINCE, _AS_OF, _PUBLISHER, _KIND)
MAX_TOLD = 3
"""Parts of an address that are told of; anybody can write a link with a thousand."""
MAX_TOLD_CHARS = 60

Address = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Pill:
    """One filter in words, and the filters without it."""

    words: str
    without: Filters


def to_address(filters: Filters) -> dict[str, list[str]]:
    """Return the filters as parameters of an address, without those that are not set."""
    values = {
        _SINCE: [filters.since.isoformat()] if filters.since else [],
        _AS_OF: [filters.as_of.isoformat()] if filters.as_of else [],
        _PUBLISHER: list(filters.publishers),
        _KIND: [kind.value for kind in filters.standings],
    }
    return {name: value for name, value in values.items() if value}


def from_address(address: Address, publishers: Sequence[str]) -> tuple[Filters, list[str]]:
    """Return the filters that an address asks for, and what of it cannot be used, in words."""
    problems: list[str] = []

    def day(name: str) -> date | None:
        given = next((value for value in reversed(address.get(name, ())) if value), "")
        try:
            read = date.fromisoformat(given) if given else None
        except ValueError:
            problems.append(f"{_quoted(given)} is no date like 2025-11-30")
            return None
        if read and not filtering.EARLIEST <= read <= filtering.LATEST:
            problems.append(f"{_quoted(given)} is no date from {filtering.EARLIEST} to {filtering.LATEST}")
            return None
        return read

    known = {" ".join(name.casefold().split()): name for name in publishers}
    named = {given: known.get(" ".join(given.casefold().split())) for given in address.get(_PUBLISHER, ()) if given}
    problems += [f"no indexed article is by {_quoted(given)}" for given, name in named.items() if name is None]
    kinds = {kind.value: kind for kind in Standing}
    asked = [given for given in address.get(_KIND, ()) if given]
    problems += [f"{_quoted(given)} is no kind of source" for given in asked if given not in kinds]
    filters = Filters(
        since=day(_SINCE),
        as_of=day(_AS_OF),
        publishers=tuple(dict.fromkeys(name for name in named.values() if name)),
        standings=tuple(dict.fromkeys(kinds[given] for given in asked if given in kinds)),
    )
    return filters, problems


def _quoted(given: str) -> str:
    return f"“{given}”" if len(given) <= MAX_TOLD_CHARS else f"“{given[: MAX_TOLD_CHARS - 1]}…”"


def pills(filters: Filters) -> list[Pill]:
    """Return each filter that is set in words, and what is left without it."""
    found = []
    if filters.since:
        found.append(Pill(f"From {render.day(filters.since)}", replace(filters, since=None)))
    if filters.as_of:
        found.append(Pill(f"As of {render.day(filters.as_of)}", replace(filters, as_of=None)))
    for name in filters.publishers:
        others = tuple(one for one in filters.publishers if one != name)
        found.append(Pill(name, replace(filters, publishers=others)))
    for kind in filters.standings:
        rest = tuple(one for one in filters.standings if one != kind)
        found.append(Pill(f"{str(kind).capitalize()} only", replace(filters, standings=rest)))
    return found


def adopt(assistant: Assistant) -> None:
    """Take over what the address asks for, if it is not what this page wrote there.

    To be called before anything of the scope is drawn. Back from another page the address is empty: then the filters
    of before hold.
    """
    address = _address()
    is_back = f"{PREFIX}-since" not in st.session_state
    if address == st.session_state.get(_WRITTEN) or (is_back and not address):
        return
    filters, problems = from_address(address, [name for name, _ in assistant.publishers()])
    st.session_state[_PROBLEMS] = problems
    _set(filters)


def bar(assistant: Assistant) -> None:
    """Draw the row above the question box: what is searched, each filter to be taken away, and the way of answering."""
    with st.container(key="tpa-scope", horizontal=True, vertical_alignment="center", gap="small"):
        with st.popover("Filters", key="scope-filters", type="tertiary"):
            current = session.filters()
            filters = filtering.filter_widgets(PREFIX, assistant.publishers(), assistant.standings(), current)
            session.keep_filters(filters)
        for place, pill in enumerate(pills(filters)):
            st.button(
                render.label(pill.words),
                key=f"pill-{place}",
                icon=":material/close:",
                icon_position="right",
                on_click=_set,
                args=(pill.without,),
            )
        _way_of_answering()
    problems = st.session_state.get(_PROBLEMS, ())
    if problems:
        more = f"; and {len(problems) - MAX_TOLD:,} more" if len(problems) > MAX_TOLD else ""
        told = "; ".join(problems[:MAX_TOLD]) + more
        st.html(render.notice_html(render.sentence(f"part of this page's address was left out: {told}")))
    _write(filters)


def _way_of_answering() -> None:
    """Draw how sure an answer has to be, and who writes it where a chat model is set."""
    settings = session.settings()
    way = session.way()
    # What was chosen just now counts for the words on the button too, which is drawn before it is read.
    chosen, in_quotes = (st.session_state.get(name) for name in (_STRICTNESS, _IN_QUOTES))
    way = session.Way(chosen or way.strictness, way.in_quotes if in_quotes is None else bool(in_quotes))
    with st.popover(_in_words(way, settings.chat_model), key="scope-way", type="tertiary"):
        in_quotes = way.in_quotes
        if settings.chat_model:
            st.session_state.setdefault(_IN_QUOTES, way.in_quotes)
            in_quotes = st.radio(
                "Answers",
                (False, True),
                key=_IN_QUOTES,
                format_func=lambda in_quotes: "Exact quotes" if in_quotes else f"Written by {settings.chat_model}",
                captions=("Each sentence checked against the passage it cites", "Only sentences of the articles"),
            )
        st.session_state.setdefault(_STRICTNESS, way.strictness or settings.strictness)
        strictness = st.radio(
            "How sure an answer has to be",
            tuple(Strictness),
            key=_STRICTNESS,
            format_func=lambda one: str(one).capitalize(),
            captions=(
                "Answers more, and more often what was not asked",
                "Refuses what the articles most likely do not answer",
                "Answers only what the articles almost surely do",
            ),
        )
    session.keep_way(session.Way(strictness, in_quotes))


def _in_words(way: session.Way, chat_model: str | None) -> str:
    """Return the way of answering as a label: "Exact quotes · strict"."""
    name = (chat_model or "").rpartition(":")[2]
    written = "Exact quotes" if way.in_quotes or not name else f"Written by {name}"
    strictness = way.strictness or session.settings().strictness
    return render.label(f"{written} · {strictness}")


def _address() -> dict[str, list[str]]:
    return {name: values for name in NAMES if (values := st.query_params.get_all(name))}


def _write(filters: Filters) -> None:
    """Have the address say the filters; nothing is written where it says them already."""
    wanted = to_address(filters)
    for name in NAMES:
        if st.query_params.get_all(name) != wanted.get(name, []):
            if name in wanted:
                st.query_params[name] = wanted[name]
            else:
                st.query_params.pop(name, None)
    st.session_state[_WRITTEN] = wanted


def _set(filters: Filters) -> None:
    filtering.set_widgets(PREFIX, filters)
    session.keep_filters(filters)
