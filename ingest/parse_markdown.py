"""Markdown as a manuscript: front matter states the metadata, CommonMark tokens give the blocks, marks are dropped."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from assistant.domain import BlockKind
from ingest.decode import decode
from ingest.manuscript import MAX_CHARS, Composer, Manuscript, too_long
from ingest.metadata import MAX_TITLE_CHARS, NOTHING, Stated, clean, name, stated_date, web_address
from ingest.parse_html import fragment_text

if TYPE_CHECKING:
    from markdown_it.token import Token

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(?P<fields>.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_MAX_FRONT_MATTER_CHARS = 20_000
_FIELD = re.compile(r"^(?P<key>[A-Za-z][\w -]{0,30}):[ \t]+(?P<value>\S.*)$", re.MULTILINE)
_LINE_TAG = re.compile(r"</?(?:br|hr|p|div|li|tr)\b", re.IGNORECASE)


def read_markdown(data: bytes) -> Manuscript:
    """Read the bytes of a Markdown file. Raises ParseError."""
    text = decode(data)
    if len(text) > MAX_CHARS:
        raise too_long()
    stated, body = _front_matter(text)
    composer = Composer()
    _write(_tokens(body), composer)
    return composer.manuscript(stated)


def _front_matter(text: str) -> tuple[Stated, str]:
    found = _FRONT_MATTER.match(text)
    if found is None or len(found["fields"]) > _MAX_FRONT_MATTER_CHARS:
        return NOTHING, text
    fields = _fields(found["fields"])
    if fields is None:
        return NOTHING, text
    stated = Stated(
        title=_first(fields, "title", "headline", max_chars=MAX_TITLE_CHARS),
        publisher=name(_first(fields, "publisher", "publication", "source", "site", "site_name", "sitename", "outlet")),
        author=name(_first(fields, "author", "authors", "byline", "creator")),
        published=stated_date(_first(fields, "date", "published", "publication_date", "date_published", "pubdate")),
        url=web_address(
            _first(fields, "url", "link", "canonical", "canonical_url", "permalink", "source_url", max_chars=2_000)
        ),
    )
    return stated, text[found.end() :]


def _fields(block: str) -> dict[str, object] | None:
    """Return the front matter as strings and lists, None if it is no mapping.

    The base loader makes neither dates nor numbers nor objects, so an odd value is only an odd string. A title with a
    colon is no valid YAML but common: then the lines are read one by one.
    """
    import yaml

    try:
        loaded = yaml.load(block, Loader=yaml.BaseLoader)
    except (yaml.YAMLError, RecursionError, ValueError):
        loaded = {found["key"]: found["value"].strip(" \t\"'") for found in _FIELD.finditer(block)}
    if not isinstance(loaded, dict) or not loaded:
        return None
    return {
        str(key).lower().replace("-", "_").replace(" ", "_"): value
        for key, value in loaded.items()
        if isinstance(key, str)
    }


def _first(fields: dict[str, object], *keys: str, max_chars: int = 200) -> str | None:
    for key in keys:
        value = fields.get(key)
        if isinstance(value, list):
            names = [part.get("name") if isinstance(part, dict) else part for part in value[:10]]
            value = ", ".join(part for part in names if isinstance(part, str))
        if isinstance(value, dict):
            value = value.get("name")
        if found := clean(value, max_chars):
            return found
    return None


def _tokens(body: str) -> Sequence[Token]:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(body)


def _write(tokens: Sequence[Token], composer: Composer) -> None:
    """Write the tokens as blocks; a list item's mark goes to its first paragraph only."""
    lists: list[int | None] = []
    mark, heading, row, in_cell = "", 0, list[str](), False
    for token in tokens:
        match token.type:
            case "bullet_list_open":
                lists.append(None)
            case "ordered_list_open":
                lists.append(int(token.attrs.get("start", 1)))
            case "bullet_list_close" | "ordered_list_close":
                lists.pop()
                mark = ""
            case "list_item_open":
                number = lists[-1]
                mark = "•" if number is None else f"{number}."
                lists[-1] = None if number is None else number + 1
            case "heading_open":
                heading = int(token.tag[1])
            case "heading_close":
                heading = 0
            case "tr_open":
                row = []
            case "th_open" | "td_open":
                in_cell = True
            case "th_close" | "td_close":
                in_cell = False
            case "tr_close":
                composer.add_row(row)
            case "inline" if in_cell:
                row.append(_inline(token))
            case "inline" | "fence" | "code_block" | "html_block":
                text = _content(token)
                if heading:
                    composer.add(BlockKind.HEADING, text, heading)
                elif lists:
                    composer.add(BlockKind.LIST_ITEM, text, len(lists) - 1, mark)
                    mark = ""
                else:
                    composer.add(BlockKind.PARAGRAPH, text)


def _content(token: Token) -> str:
    if token.type == "inline":
        return _inline(token)
    return fragment_text(token.content) if token.type == "html_block" else token.content


def _inline(token: Token) -> str:
    return "".join(_runs(token.children or []))


def _runs(children: Sequence[Token]) -> Iterator[str]:
    for child in children:
        match child.type:
            case "text" | "code_inline":
                yield child.content
            case "html_inline" if _LINE_TAG.match(child.content):
                yield "\n"
            case "softbreak":
                yield " "
            case "hardbreak":
                yield "\n"
