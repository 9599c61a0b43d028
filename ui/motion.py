"""No motion where the reader wants none: what Streamlit moves by script, which no style sheet can stop."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import streamlit as st


def calm() -> None:
    """Have parts unfold at once in a browser that asks for reduced motion."""
    with st.container(key="tpa-unseen-motion"):
        st.components.v2.component("tpa_motion", js=_script())(key="motion_listener")


@cache
def _script() -> str:
    return Path(__file__).with_name("motion.js").read_text(encoding="utf-8")
