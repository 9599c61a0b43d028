"""Web pages as a manuscript: trafilatura finds the article in the page, its markup states the metadata.

The metadata is read here rather than by trafilatura's `extract_metadata`: that one cannot be told to leave dates to
the markup (htmldate searches the whole page), takes the host's name for a publisher and drops one-word authors.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from assistant.domain import BlockKind
from assistant.errors import ParseError
from ingest.decode import decode
from ingest.manuscript import MAX_CHARS, Composer, Manuscript, too_long
from ingest.metadata import (
    MAX_TITLE_CHARS,
    MAX_URL_CHARS,
    NOTHING,
    Stated,
    byline,
    clean,
    name,
    stated_date,
    web_address,
)
from ingest.parse_text import parse_text

MAX_NESTING = 200
MAX_ATTRIBUTES = 10_000
_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)
# A tag may be long for the data in an attribute of its; libxml2 compares every attribute with every other.
_LONG_TAG = re.compile(r"<[a-zA-Z][^<>]{20000,}")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_XML_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")
_XML_ENCODING = re.compile(rb"\A\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{2,40})")
# A browser takes the end of the first declaration inside it for its own end, and shows the rest as text.
_DOCTYPE = re.compile(
    r"\A(?:\s|<!--.*?-->)*+<!DOCTYPE[^\[>]*\[(?>\"[^\"]*\"|'[^']*'|<!--.*?-->|<(?!!--)[!?]|[^<\]\"'])*+\]\s*>",
    re.IGNORECASE | re.DOTALL,
)
_REFERENCE = re.compile(r"&#(?:x0*([0-9a-f]{1,4})(?![0-9a-f])|0*([0-9]{1,5})(?![0-9]));?", re.IGNORECASE)
_BLOCKS = frozenset("head p list item table row cell quote ab code div".split())
_LINE_TAGS = frozenset("p div br hr h1 h2 h3 h4 h5 h6 li ul ol dl dt dd tr table section article".split())
_DATES = (
    "article:published_time og:article:published_time datepublished date_published publication_date publishdate "
    "pubdate publish-date publish_date date dc.date dc.date.issued dcterms.issued dcterms.date "
    "citation_publication_date citation_date parsely-pub-date sailthru.date article.published "
    "originalpublicationdate cxenseparse:recs:publishtime"
).split()
_PUBLISHERS = "og:site_name publisher dc.publisher dcterms.publisher citation_publisher application-name".split()
_AUTHORS = "author article:author dc.creator dcterms.creator parsely-author sailthru.author citation_author byl".split()
_TITLES = "og:title twitter:title citation_title dc.title dcterms.title headline parsely-title sailthru.title".split()


def read_html(data: bytes) -> Manuscript:
    """Read the bytes of a web page. Raises ParseError if no text is found in it."""
    text = _XML_DECLARATION.sub("", decode(data, declared=_declared(data), max_bytes=None))
    _check_tags(text)
    tree = _tree(_REFERENCE.sub(_without_control, _DOCTYPE.sub("", text)))
    stated = _stated(tree)
    if (preformatted := _preformatted(tree)) is not None:
        if len(preformatted) > MAX_CHARS:
            raise too_long()
        return replace(parse_text(preformatted), stated=stated)
    composer = Composer()
    body = _article_body(tree)
    if body is not None:
        _write(body, composer, _Place())
    if composer.is_empty:
        raise ParseError("no readable text was found in the page: open it in a browser and save it as text or PDF")
    return composer.manuscript(stated)


def fragment_text(markup: str) -> str:
    """Return the text of a piece of HTML, a line for each block; "" if it has none."""
    from lxml import etree, html

    try:
        tree = html.fragment_fromstring(markup, create_parent="div")
    except (etree.LxmlError, ValueError, AssertionError):
        return ""
    pieces: list[str] = []
    for event, element in etree.iterwalk(tree, events=("start", "end", "comment", "pi")):
        is_line = element.tag in _LINE_TAGS
        if event == "start":
            pieces += ["\n" if is_line else "", "" if element.tag in ("script", "style") else _collapsed(element.text)]
        else:
            pieces += ["\n" if is_line else "", _collapsed(element.tail)]
    return "".join(pieces)


def _declared(data: bytes) -> str | None:
    found = _CHARSET.search(data[:4096]) or _XML_ENCODING.match(data[:300])
    return found[1].decode("ascii") if found else None


def _check_tags(text: str) -> None:
    for tag in _LONG_TAG.finditer(text):
        if len(re.findall(r"[\s=]+", _QUOTED.sub("", tag[0]))) > MAX_ATTRIBUTES:
            raise ParseError("its markup is broken: open it in a browser and save it as text or PDF")


def _without_control(reference: re.Match[str]) -> str:
    """Return a character reference as it is; one that XML cannot hold, and trafilatura fails on, is left out."""
    code = int(reference[1], 16) if reference[1] else int(reference[2])
    if code in (0x0B, 0x0C):
        return " "
    is_control = code < 0x20 and code not in (0x09, 0x0A, 0x0D)
    return "" if is_control or code in (0xFFFE, 0xFFFF) else reference[0]


def _tree(text: str) -> Any:
    from lxml import etree, html

    parser = html.HTMLParser(remove_comments=True, remove_pis=True, collect_ids=False, no_network=True)
    try:
        return html.document_fromstring(text, parser=parser)
    except (etree.LxmlError, ValueError, AssertionError, RecursionError) as err:
        raise ParseError("no readable text was found in the page: it is not HTML, or broken") from err


def _preformatted(tree: Any) -> str | None:
    """Return the text of a page that is one `<pre>`, as public records are published; None if it is not one."""
    found = tree.findall(".//pre")
    body = tree.find("body")
    if len(found) != 1 or body is None:
        return None
    content: str = found[0].text_content().replace("\r\n", "\n").replace("\r", "\n")
    whole = sum(len(word) for word in body.itertext())
    return content if len(content.strip()) > 0.8 * whole else None


def _article_body(tree: Any) -> Any:
    from lxml import etree
    from trafilatura import bare_extraction

    # trafilatura warns on standard error about every page it finds nothing in; the reason is in our own error.
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    try:
        document = bare_extraction(tree, include_comments=False, include_tables=True, with_metadata=False)
    except (etree.LxmlError, LookupError, AttributeError, RuntimeError, AssertionError, ArithmeticError) as err:
        raise ParseError("no readable text was found in the page: its markup is broken") from err
    return getattr(document, "body", None)


class _Place:
    """Where in lists the walk is: depth (-1 outside), the mark of the item to come, the level of nesting."""

    def __init__(self, depth: int = -1, mark: str = "", nesting: int = 0) -> None:
        self.depth, self.mark, self.nesting = depth, mark, nesting


def _write(element: Any, composer: Composer, place: _Place) -> None:
    """Write an element of trafilatura's tree and what is in it, loose text as paragraphs."""
    if place.nesting > MAX_NESTING:
        raise ParseError("its markup is nested too deeply: open it in a browser and save it as text or PDF")
    loose = [_collapsed(element.text)]
    for child in element:
        if child.tag in _BLOCKS:
            _flush(loose, composer, place)
            _write_block(child, composer, place)
        else:
            loose.append(_inline(child))
        loose.append(_collapsed(child.tail))
    _flush(loose, composer, place)


def _flush(loose: list[str], composer: Composer, place: _Place) -> None:
    text = "".join(loose)
    loose.clear()
    if not text.strip():
        return
    if place.depth < 0:
        composer.add(BlockKind.PARAGRAPH, text)
    else:
        composer.add(BlockKind.LIST_ITEM, text, place.depth, place.mark)
        place.mark = ""


def _write_block(element: Any, composer: Composer, place: _Place) -> None:
    match element.tag:
        case "head":
            level = (element.get("rend") or "h2")[-1]
            composer.add(BlockKind.HEADING, _inline(element), int(level) if level in "123456" else 2)
        case "table":
            for row in element.iter("row"):
                composer.add_row([_inline(cell).replace("\n", " ") for cell in row.iter("cell")])
        case "list":
            is_numbered = element.get("rend") == "ol"
            for number, item in enumerate(element.iterchildren("item"), start=1):
                mark = f"{number}." if is_numbered else "•"
                _write(item, composer, _Place(min(place.depth + 1, 8), mark, place.nesting + 1))
        case _:
            inner = _Place(place.depth, place.mark, place.nesting + 1)
            _write(element, composer, inner)
            place.mark = inner.mark


def _inline(element: Any) -> str:
    """Return the text of an element; line ends of the source are spaces, `lb` is a line end."""
    return "".join(_pieces(element))


def _pieces(element: Any) -> Iterator[str]:
    for part in element.iter():
        if part.tag == "lb":
            yield "\n"
        elif isinstance(part.tag, str):
            yield _collapsed(part.text)
        if part is not element:
            yield _collapsed(part.tail)


def _collapsed(text: str | None) -> str:
    """Return text with white space as a browser shows it; a no-break space is no white space there."""
    return re.sub(r"[ \t\n\r\f]+", " ", text or "")


def _stated(tree: Any) -> Stated:
    meta = _meta(tree)
    linked = _linked_data(tree)
    publisher = linked.publisher or name(_one(meta, _PUBLISHERS))
    return Stated(
        title=_without_site(linked.title or _page_title(tree, meta), publisher),
        publisher=publisher,
        author=linked.author or _author(tree, meta),
        published=linked.published or _published(tree, meta),
        url=_address(tree, meta) or linked.url,
    )


def _meta(tree: Any) -> dict[str, list[str]]:
    """Return the contents of `<meta>` by lower-case name."""
    found: dict[str, list[str]] = {}
    for element in tree.iter("meta"):
        key = element.get("property") or element.get("name") or element.get("itemprop")
        content = element.get("content")
        if key and content and content.strip():
            found.setdefault(key.strip().lower(), []).append(content)
    return found


def _one(meta: dict[str, list[str]], keys: list[str], max_chars: int = MAX_TITLE_CHARS) -> str | None:
    return next((value for key in keys for value in (clean(meta.get(key, [""])[0], max_chars),) if value), None)


def _page_title(tree: Any, meta: dict[str, list[str]]) -> str | None:
    stated = _one(meta, _TITLES)
    headings = [clean(heading.text_content(), MAX_TITLE_CHARS) for heading in tree.iter("h1")]
    shown = headings[0] if len(headings) == 1 else None
    element = tree.find(".//title")
    return stated or shown or (None if element is None else clean(element.text_content(), MAX_TITLE_CHARS))


def _without_site(title: str | None, publisher: str | None) -> str | None:
    if title is None or publisher is None:
        return title
    found = re.fullmatch(rf"(.+?)\s+[|–—:»·•-]\s+{re.escape(publisher)}", title, re.IGNORECASE)
    return found[1] if found else title


def _author(tree: Any, meta: dict[str, list[str]]) -> str | None:
    for key in _AUTHORS:
        names = list(dict.fromkeys(found for value in meta.get(key, [])[:10] if (found := name(value))))
        if names:
            return clean(", ".join(names))
    tagged = tree.xpath("//*[@rel='author' or @itemprop='author' or contains(concat(' ', @class, ' '), ' byline ')]")
    for element in tagged[:10]:
        text = clean(element.text_content(), 200) or ""
        read = byline(text)
        if read is not None and read.stated.author:
            return read.stated.author
        if read is None and element.get("class") is None and len(text.split()) <= 6:
            return name(text)
    return None


def _published(tree: Any, meta: dict[str, list[str]]) -> date | None:
    for key in _DATES:
        if key in meta:
            return stated_date(meta[key][0])
    times = tree.xpath("//time[@itemprop='datePublished' or @pubdate]") or tree.xpath("//article//time[@datetime]")
    days = {stated_date(element.get("datetime") or element.text_content()) for element in times[:20]}
    is_update = any(
        "updat" in f"{element.get('class')} {element.getparent().text_content()[:80]}".lower() for element in times[:20]
    )
    if len(days) == 1 and not is_update:
        return days.pop()
    lines = (
        clean(element.text_content(), 200)
        for element in tree.xpath("//*[contains(concat(' ', @class, ' '), ' byline ')]")[:5]
    )
    return next(
        (read.stated.published for line in lines if line and (read := byline(line)) and read.stated.published), None
    )


def _address(tree: Any, meta: dict[str, list[str]]) -> str | None:
    links = [link.get("href") for link in tree.iter("link") if (link.get("rel") or "").lower() == "canonical"]
    return next(filter(None, map(web_address, [*links, _one(meta, ["og:url"], MAX_URL_CHARS)])), None)


def _linked_data(tree: Any) -> Stated:
    """Return what the page's JSON-LD says of its article; nothing if there is none or it is broken."""
    for script in tree.iter("script"):
        if (script.get("type") or "").strip().lower() != "application/ld+json":
            continue
        try:
            loaded = json.loads(script.text or "", strict=False)
        except (ValueError, RecursionError):
            continue
        for entry in _entries(loaded):
            if re.search(r"article|posting|report\b", " ".join(_strings(entry.get("@type"))), re.IGNORECASE):
                return _entry_stated(entry)
    return NOTHING


def _entries(loaded: object) -> Iterator[dict[str, object]]:
    entries = loaded if isinstance(loaded, list) else [loaded]
    for entry in entries[:100]:
        if isinstance(entry, dict):
            yield entry
            graph = entry.get("@graph")
            if isinstance(graph, list):
                yield from (part for part in graph[:100] if isinstance(part, dict))


def _entry_stated(entry: dict[str, object]) -> Stated:
    authors = [found for value in _strings(entry.get("author")) if (found := name(value))]
    publishers = _strings(entry.get("publisher"))
    return Stated(
        title=clean(next(iter(_strings(entry.get("headline"))), None), MAX_TITLE_CHARS),
        publisher=name(publishers[0]) if publishers else None,
        author=clean(", ".join(dict.fromkeys(authors))),
        published=stated_date(entry.get("datePublished")),
        url=web_address(entry.get("url")),
    )


def _strings(value: object) -> list[str]:
    """Return the strings in a JSON-LD value: itself, its name, or those of its members."""
    if isinstance(value, dict):
        value = value.get("name")
    members = value if isinstance(value, list) else [value]
    named = (member.get("name") if isinstance(member, dict) else member for member in members[:10])
    return [member for member in named if isinstance(member, str)]
