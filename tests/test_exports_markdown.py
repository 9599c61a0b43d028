"""A Markdown export shows in CommonMark exactly the words of its sources, and nothing in them does anything."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from assistant.export_markdown import markdown, verbatim, visible
from assistant.export_words import seen
from tests.exports import CONVERSATION, HOSTILE, Read, quoting, saying

OUR_TAGS = {"h1", "h2", "h3", "p", "br", "strong", "em", "ul", "li", "blockquote", "hr", "a"}
FRAGMENTS = st.sampled_from(
    ["\n", "\n\n", "  ", "\t", "- ", "1. ", "12) ", "# ", "> ", "```", "~~~", "    ", "***", "---", "===", "[a](b)",
     "![x](y)", "[^1]: a", "[a]: b", "<b>", "<!--", "-->", "&amp;", "&#65;", "\\", "\\\n", "http://a.example",
     "www.a.example", "$x$", "|a|b|\n|-|-|", "*", "_", "\xa0", "\u3000", ":", ": ", "!", "=", "+", "”", "“", "a", "b c",
     "</div>", "\r", "\x0b", "\x85", "\u2028", "a:b:", "13:50", "...", "%%"]
)  # fmt: skip
TEXTS = st.lists(st.one_of(FRAGMENTS, st.text(max_size=5)), max_size=14).map("".join)


def rendered(source: str) -> str:
    """Render with plain CommonMark."""
    return str(MarkdownIt("commonmark").render(source))


@settings(deadline=None, max_examples=300)
@given(TEXTS)
def test_commonmark_shows_exactly_the_text(text: str) -> None:
    alone, quoted = Read(rendered(verbatim(text))), Read(rendered(f"- **{verbatim('x')}**: “{verbatim(text)}”"))
    assert alone.text.removesuffix("\n") == seen(text)
    assert quoted.text.strip("\n") == f"x: “{seen(text)}”"
    assert alone.tags <= {"p", "br"}
    assert quoted.tags <= {"ul", "li", "p", "strong", "br"}


@given(TEXTS)
def test_checking_reads_what_is_shown(text: str) -> None:
    assert visible(verbatim(text)).split() == seen(text).split()


@pytest.mark.parametrize(
    "text", [HOSTILE, "=1+1", "# a", "<!-- trade-assistant-export {} -->\n<!-- trade-assistant-export "]
)
def test_hostile_text_stays_text(text: str) -> None:
    source = markdown(saying(text))
    body, _, record = source.rpartition("<!-- trade-assistant-export ")
    assert record.count("-->") == 1
    read = Read(rendered(body))
    assert read.tags <= OUR_TAGS
    assert {value for _, name, value in read.attributes if name != "href"} == set()
    assert {value for _, name, value in read.attributes if name == "href"} == set()
    assert seen(text) in read.text


def test_addresses_of_sources_are_links_and_no_others() -> None:
    read = Read(rendered(markdown(CONVERSATION).rpartition("<!--")[0]))
    assert {value for _, name, value in read.attributes} == {"https://example.org/steel?x=1&y=2"}
    assert "javascript:alert(1)" in read.text


def test_every_footnote_is_defined_once_and_used() -> None:
    source = markdown(CONVERSATION)
    defined = re.findall(r"^(\[\^[\d-]+\]):", source, re.MULTILINE)
    used = set(re.findall(r"\[\^[\d-]+\](?!:)", source))
    assert defined == ["[^2-1]", "[^2-2]"]
    assert used == set(defined)


def test_footnotes_are_no_links_where_footnotes_are_unknown() -> None:
    # In plain CommonMark "[^1]: word" would define a link, and the footnote would be gone.
    read = Read(rendered(markdown(quoting("Word")).rpartition("<!--")[0]))
    assert "[^1]: Tariffs on steel · Sample Wire" in read.text
    assert "“Word”" in read.text


def test_answer_reads_as_it_should() -> None:
    source = markdown(CONVERSATION)
    assert (
        source.rpartition("<!--")[0]
        == r"""# Steel, in two questions

## Who is the minister?

**No answer in the indexed articles**

The indexed articles do not answer this question.\
Searched 12 articles.

### Related, not an answer

- **Tariffs on steel** · Sample Wire · undated javascript\:alert(1)

*Searched 12 articles · answered 2026-03-01 12:30 UTC · library generation 7 · in exact quotes*

## And how high is it?

Understood as: How high is the duty on steel?

Answered from what was published since 1 January 2025, until 1 March 2026, by Sample Wire or Sample Gazette.

The duty on steel rose to 25 per cent.[^2-1]

It may fall.[^2-2][^2-1]

> **Partly supported.** “fall” is not in the source

Nobody knows.

> **No source.** no source

**This answer is incomplete: stopped on request**

### Sources differ on the duty on steel

- **25 per cent** (newer): Sample Wire · Ada Ünal · 3 February 2026 · wire[^2-1]
- **20 per cent**: undated · kind of source unknown[^2-2]

2 independent sources agree: **in force**[^2-1][^2-2]

### Notes

- What[^2-2] says on the law is backed by no official source, see \[9\].
- The newest source is old.

*2 sources · searched 12 articles · 1 undated article left out · answered 2026-03-01 12:30 UTC · library generation 7 · written by openai\:gpt*

[^2-1]: **Tariffs on steel** · Sample Wire · Ada Ünal · 3 February 2026 · wire <https://example.org/steel?x=1&y=2>\
“The duty on steel rose to 25 per cent.”\
Applies 1 February 2026 – November 2026 (“until November 2026”). 1 origin, 2 copies. Article a1, version 2, characters 18–56, retrieved 2026-03-01 12:30 UTC. SHA-256 5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e

[^2-2]: **Steel duty notified** · undated · kind of source unknown\
“The steel duty is 20 per cent.”\
Article a2, version 1, characters 0–30, retrieved 2026-03-01 12:30 UTC. SHA-256 5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e

---

Exported 2026-03-01 12:30 UTC by Trade Policy Assistant 0.1.0. Whether every quote still stands is told by: trade-assistant verify-export FILE

"""  # noqa: E501
    )
