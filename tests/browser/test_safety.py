"""What the page refuses to do, seen in the browser: asking other hosts, running foreign scripts, being framed."""

from __future__ import annotations

import functools
import http.server
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import Served, serving
from tests.browser.test_ask import BLACKWELL, TINPLATE, ask, open_drawer
from tests.conftest import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Page

NOTE_VIOLATIONS = """
window.violations = [];
addEventListener("securitypolicyviolation", event => violations.push([event.violatedDirective, event.blockedURI]));
"""
CHARTS = """
import streamlit as st
from streamlit.starlette import App

from ui import serving


def main() -> None:
    import altair

    days = altair.Data(values=[{"day": f"2025-0{month}-01", "size": month} for month in (1, 2, 3)])
    dot = altair.selection_point(name="dot", fields=["day"])
    shade = altair.condition(dot, altair.value("navy"), altair.value("gray"))
    chart = altair.Chart(days, height=300).transform_calculate(label="'Size ' + datum.size * 2")
    chart = chart.mark_circle(size=9000, opacity=1).encode(x="day:T", y=altair.value(150), tooltip="label:N")
    chart = chart.encode(color=shade).add_params(dot)
    picked = st.altair_chart(chart, on_select="rerun", key="chart")
    st.html(f'<p id="picked">{len(picked.selection["dot"])}</p>')


if __name__ == "__main__":
    main()
else:
    app = App(__file__, **serving.app_options())
"""


@pytest.fixture
def noting(new_page: Callable[..., Page], served: Served) -> Callable[..., Page]:
    """Return a function that opens a page of the product whose `violations` are those of the policy."""

    def open_it(path: str = "/", **options: object) -> Page:
        page = new_page(**options)
        page.add_init_script(NOTE_VIOLATIONS)
        page.goto(served.url + path)
        page.wait_for_selector(".tpa-heading, .tpa-question")
        return page

    return open_it


@pytest.fixture
def watched(noting: Callable[..., Page]) -> Iterator[Callable[..., Page]]:
    """Return `noting`, for pages on which nothing may break the policy or fail in a script until the test is over."""
    said: list[str] = []
    pages: list[Page] = []

    def open_it(path: str = "/", **options: object) -> Page:
        page = noting(path, **options)
        page.on("console", lambda message: said.append(message.text) if "Security Policy" in message.text else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        pages.append(page)
        return page

    yield open_it
    assert [page.evaluate("violations") for page in pages] == [[] for _ in pages]
    assert said == []


@pytest.mark.parametrize("width", [1280, 390])
def test_every_page_keeps_to_the_policy_and_to_this_server(
    watched: Callable[..., Page], outside_requests: list[str], width: int
) -> None:
    page = watched(width=width)
    ask(page, BLACKWELL)
    ask(page, TINPLATE)
    page.locator("a.tpa-cite").last.hover()
    page.get_by_role("tooltip").wait_for()
    page.locator("a.tpa-cite").last.click()
    open_drawer(page)
    page.keyboard.press("Escape")
    page.wait_for_selector("[role=dialog]", state="detached")
    sources = watched("/sources", width=width)
    sources.locator("[class*=st-key-tpa-row-article-] button").first.click()
    open_drawer(sources)
    updates = watched("/updates", width=width)
    updates.get_by_text("Add a source", exact=True).click()
    updates.get_by_text("Federal Register", exact=True).click()
    updates.get_by_label("Docket").wait_for()
    updates.get_by_text("Upload files", exact=True).click()
    updates.get_by_text("Drop files here, or choose them").wait_for()
    assert outside_requests == []


INTRUSIONS = {
    "script in the page": "document.body.append(Object.assign(document.createElement('script'), {textContent: 'x'}))",
    "script from elsewhere": (
        "document.body.append(Object.assign(document.createElement('script'), {src: 'https://evil.example/x.js'}))"
    ),
    "handler in markup": "document.body.insertAdjacentHTML('beforeend', '<img src=data:, onerror=window.ran=1>')",
    "image from elsewhere": "new Image().src = 'https://evil.example/x.png'",
    "request to elsewhere": "fetch('https://evil.example/').catch(() => 0)",
    "frame": "document.body.insertAdjacentHTML('beforeend', '<iframe src=https://evil.example/></iframe>')",
    "text as a program": "setTimeout('window.ran = 1')",
    "form to elsewhere": (
        "document.body.insertAdjacentHTML('beforeend', '<form action=https://evil.example/></form>');"
        "document.forms[document.forms.length - 1].submit()"
    ),
}


@pytest.mark.parametrize("intrusion", INTRUSIONS.values(), ids=INTRUSIONS)
def test_what_markup_could_try_is_stopped_by_the_browser(
    noting: Callable[..., Page], outside_requests: list[str], intrusion: str
) -> None:
    page = noting("/sources")
    page.evaluate(f"() => {{ {intrusion} }}")
    page.wait_for_function("violations.length > 0")
    assert page.evaluate("window.ran") is None
    assert outside_requests == []


def test_another_site_cannot_frame_the_page(new_page: Callable[..., Page], served: Served, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text(f'<iframe src="{served.url}/sources"></iframe>', encoding="utf-8")
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        page = new_page()
        with page.expect_console_message(lambda message: "frame-ancestors" in message.text):
            page.goto(f"http://127.0.0.1:{other.server_port}/")
        other.shutdown()


def test_chart_is_drawn_and_its_dots_can_be_picked_under_the_policy(
    new_page: Callable[..., Page], tmp_path: Path
) -> None:
    script = tmp_path / "charts.py"
    script.write_text(CHARTS, encoding="utf-8")
    options = {
        "PYTHONPATH": str(ROOT),
        "STREAMLIT_SERVER_ADDRESS": "127.0.0.1",
        "STREAMLIT_SERVER_HEADLESS": "true",
        "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
    }
    with serving(tmp_path / "data", tmp_path, script=script, **options) as url:
        page = new_page()
        page.add_init_script(NOTE_VIOLATIONS)
        page.goto(url)
        drawn = page.locator("[data-testid=stVegaLiteChart] svg.marks")
        drawn.wait_for()
        box = drawn.bounding_box()
        assert box is not None
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 150)
        page.locator("#picked", has_text="1").wait_for()
        assert page.evaluate("violations") == []
