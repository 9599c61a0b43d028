"""A row of a list of articles: text shown as it is, and one button laid over all of it that opens the article."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st


def row(key: str, html: str, *, button: str, on_open: Callable[[], None]) -> None:
    """Draw a row; `html` comes from `render.row_html`, `button` is the short word the row is opened by."""
    with st.container(key=f"tpa-row-{key}"):
        st.html(html)
        st.button(button, key=f"open-{key}", on_click=on_open)
