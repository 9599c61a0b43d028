"""The widgets for publication dates, publishers and kinds of source, and the `Filters` they make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import streamlit as st

from assistant.domain import Filters, Standing
from ui import render

EARLIEST, LATEST = date(1900, 1, 1), date(2100, 12, 31)


def filter_widgets(
    prefix: str,
    publishers: Sequence[tuple[str, int]],
    kinds: Mapping[Standing, int],
    current: Filters,
    *,
    wide: bool = False,
) -> Filters:
    """Draw the widgets, set to `current` where they are new, and return what they say now.

    `publishers` and `kinds` come with their numbers of articles. With `wide` the two dates stand side by side.
    """
    counts = dict(publishers)
    for name, value in (("since", current.since), ("until", current.as_of)):
        st.session_state.setdefault(f"{prefix}-{name}", value)
    st.session_state.setdefault(f"{prefix}-publishers", [name for name in current.publishers if name in counts])
    first, second = st.columns(2) if wide else (st.container(), st.container())
    st.session_state.setdefault(f"{prefix}-kinds", [kind for kind in current.standings if kind in kinds])
    since = first.date_input(
        "Published from", key=f"{prefix}-since", format="YYYY-MM-DD", min_value=EARLIEST, max_value=LATEST
    )
    until = second.date_input(
        "As of (published until)", key=f"{prefix}-until", format="YYYY-MM-DD", min_value=EARLIEST, max_value=LATEST
    )
    chosen = st.multiselect(
        "Publishers",
        list(counts),
        key=f"{prefix}-publishers",
        format_func=lambda name: f"{name} ({counts[name]})",
        placeholder="All publishers",
    )
    of_kind = st.multiselect(
        "Kind of source",
        list(kinds),
        key=f"{prefix}-kinds",
        format_func=lambda kind: f"{kind} ({kinds[kind]})",
        placeholder="All kinds",
    )
    filters = Filters(
        since if isinstance(since, date) else None,
        until if isinstance(until, date) else None,
        tuple(chosen),
        tuple(of_kind),
    )
    if filters.since and filters.as_of and filters.since > filters.as_of:
        st.html('<p class="tpa-notice" role="alert">“From” is after “until”, so nothing matches.</p>')
    elif filters.as_of:
        day = render.day(filters.as_of)
        st.html(f'<p class="tpa-note" data-as-of="true">Answers are as of {day}: undated articles are left out.</p>')
    elif filters.is_dated:
        st.html('<p class="tpa-note">Undated articles are left out.</p>')
    if not filters.is_empty:
        st.button(
            "Clear filters", key=f"{prefix}-clear", type="tertiary", on_click=set_widgets, args=(prefix, Filters())
        )
    return filters


def set_widgets(prefix: str, filters: Filters) -> None:
    """Have the widgets say these filters when they are drawn next."""
    st.session_state[f"{prefix}-since"] = filters.since
    st.session_state[f"{prefix}-until"] = filters.as_of
    st.session_state[f"{prefix}-publishers"] = list(filters.publishers)
    st.session_state[f"{prefix}-kinds"] = list(filters.standings)
