"""An HTML export is one file that shows the words of its sources, in any light and on paper, and loads nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from assistant.export_html import html
from assistant.export_words import seen
from tests.exports import CONVERSATION, HOSTILE, Read, quoting, saying
from tests.web_server import Page as WebPage
from tests.web_server import Site

if TYPE_CHECKING:
    from playwright.sync_api import Page

OUR_TAGS = (
    "html head meta title style body main header h1 h2 h3 p a article section div span strong em ul ol li blockquote "
    "br footer code script"
).split()
OUR_ATTRIBUTES = {"lang", "charset", "http-equiv", "content", "name", "class", "dir", "href", "rel", "id", "type"}


def test_hostile_text_stays_text() -> None:
    read = Read(html(saying(HOSTILE)))
    assert read.tags <= {*OUR_TAGS}
    assert {name for _, name, _ in read.attributes} <= OUR_ATTRIBUTES | {"aria-label"}
    assert seen(HOSTILE) in read.text
    assert {value for _, name, value in read.attributes if name == "href"} == {"#source-1-1", "#source-2-1"}


def test_only_plain_addresses_are_links() -> None:
    read = Read(html(CONVERSATION))
    assert {value for _, name, value in read.attributes if name == "href" and not value.startswith("#")} == {
        "https://example.org/steel?x=1&y=2"
    }
    assert "javascript:alert(1)" in read.text


def test_every_reference_leads_to_a_source() -> None:
    read = Read(html(CONVERSATION))
    named = {value for _, name, value in read.attributes if name == "id"}
    assert {value[1:] for _, name, value in read.attributes if name == "href" and value.startswith("#")} <= named


def test_page_asks_for_nothing() -> None:
    read = Read(html(CONVERSATION))
    assert {name for _, name, _ in read.attributes} & {"src", "srcset", "onclick", "onload", "style", "action"} == set()
    assert read.tags & {"link", "img", "iframe", "object", "form", "base", "svg"} == set()
    assert "url(" not in html(CONVERSATION) and "@import" not in html(CONVERSATION)


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_is_styled_fits_and_runs_nothing(
    new_page: Callable[..., Page], site: Site, width: int, scheme: str
) -> None:
    site.add("/answer", WebPage(html(saying(f"{HOSTILE} {'w' * 5_000}", url="https://example.org/" + "a" * 900))))
    page = new_page(width=width, color_scheme=scheme)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    page.goto(site.url("/answer"))
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == {"light": "rgb(255, 255, 255)", "dark": "rgb(18, 24, 31)"}[scheme]
    assert said == []
    page.emulate_media(media="print", color_scheme=scheme)  # type: ignore[arg-type]
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(27, 39, 51)"


def test_reference_leads_to_its_quote(page: Page, site: Site) -> None:
    site.add("/answer", WebPage(html(CONVERSATION)))
    page.goto(site.url("/answer"))
    page.get_by_role("link", name="Source 2").first.focus()
    page.keyboard.press("Enter")
    assert page.url.endswith("#source-2-2")
    assert page.locator(":target blockquote").inner_text() == "The steel duty is 20 per cent."


def test_long_quote_is_whole() -> None:
    text = "A clause of the order, and another. " * 3_000
    assert Read(html(quoting(text.strip()))).text.count(text.strip()) == 2
