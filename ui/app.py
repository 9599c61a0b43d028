"""The page `python -m streamlit run ui/app.py`: a router to Ask, Sources and Updates, nothing else.

The server imports this file once, for `app`, which says how the page is served; for every click of a reader Streamlit
runs it as a script, which draws. Streamlit puts `ui/` itself first on the path, so the project's modules are always
imported as `from ui import …`.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from streamlit.starlette import App

from ui import chat, drawer, feedback, history, motion, pacing, serving, session, signin, sources, updates
from ui.troubles import guarded


@guarded
def main() -> None:
    """Draw the page the reader is on."""
    with pacing.drawing():
        _draw()


def _draw() -> None:
    st.set_page_config(page_title="Trade Policy Assistant", page_icon="⚖️", layout="centered")
    st.html(Path(__file__).with_name("page.css"))
    signin.gate()
    ask = st.Page(chat.page, title="Ask", default=True)
    page = st.navigation(
        [
            ask,
            st.Page(sources.page, title="Sources", url_path="sources"),
            st.Page(updates.page, title="Updates", url_path="updates"),
            *([st.Page(feedback.page, title="Feedback", url_path="feedback")] if signin.may_edit() else []),
        ],
        position="top",
    )
    with st.sidebar:
        if st.button("New chat", key="new-chat", shortcut="Alt+N", width="stretch"):
            drawer.close()
            session.start_conversation()
            st.switch_page(ask)
    history.sidebar(ask)
    drawer.listen(session.conversation())
    motion.calm()
    page.run()
    signin.account()


if __name__ == "__main__":
    main()
elif __name__ != "__mp_main__":  # a process that is spawned while this is the script imports it, and serves nothing
    app = App(Path(__file__), **serving.app_options())
