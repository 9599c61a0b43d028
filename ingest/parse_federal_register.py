"""Documents of the Federal Register: the record that its API gives and the text it leads to, as one manuscript.

The text is the whole of the document and no page around it, so every word of it is kept; what the record says too (the
title, the summary, the dates) is written once. Body HTML and raw text are both as the Office of the Federal Register
publishes them: https://www.federalregister.gov/developers/documentation/api/v1
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import Any, Literal, get_args

from assistant.domain import BlockKind
from assistant.errors import ParseError
from ingest.manuscript import Composer, Manuscript
from ingest.metadata import MAX_TITLE_CHARS, Stated, clean, stated_date, web_address

SUFFIX = ".federal-register"
MAX_PUBLISHER_CHARS = 120
MAX_DOCKETS = 50
MAX_COLUMNS = 60
BodyKind = Literal["html", "text", "none"]
_HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}
_LISTS = frozenset({"ul", "ol"})
_CELLS = frozenset({"td", "th"})
_BLOCKS = frozenset(
    "address article aside blockquote body caption center dd details div dl dt fieldset figcaption figure footer "
    "header hr html li main nav ol p pre section table tbody td tfoot th thead tr ul".split()
) | frozenset(_HEADINGS)
_SKIPPED = frozenset({"head", "script", "style", "template", "noscript", "button"})
# Marks of where a printed page begins stand in the middle of sentences.
_PAGE_MARK_CLASS = re.compile(r"(?:^|\s)(?:printed-page|unprinted-element)")
_PAGE_MARK = re.compile(r"Start Printed Page \d+|\(\s{0,9}printed page \d+\s{0,9}\)", re.IGNORECASE)
_RAW_PAGE_MARK = re.compile(r"[ \t\n]*\n[ \t]*\[\[Page [A-Z]?\d+\]\][ \t]*\n(?:[ \t]*\n)*(?P<indent>[ \t]*)")
_BLANKS = re.compile(r"[ \t]{201,}")
_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n){3,}")
_RAW_RULE = re.compile(r"[-=_]{5,}")
_CELL = re.compile(r"\S+(?: \S+)*")
_LEADER = re.compile(r"\.{3,}")
_RAW_FURNITURE = re.compile(
    r"\[(?:Federal Register|Rules and Regulations|Proposed Rules|Notices|Presidential Documents|Pages? |FR Doc No)"
    r"|From the Federal Register Online|\[FR Doc\. |BILLING CODE ",
    re.IGNORECASE,
)
_LABEL = re.compile(r"([A-Z][A-Z ,/&-]{3,60}):(?:\s+|\Z)")


def envelope(record: Mapping[str, Any], body: str, kind: BodyKind) -> bytes:
    """Return a record of the API and the text it leads to as the bytes that `read_federal_register` reads."""
    return json.dumps({"record": dict(record), "body": body, "body_kind": kind}, ensure_ascii=False).encode(
        "utf-8", "replace"
    )


def read_federal_register(data: bytes) -> Manuscript:
    """Read a record with its text. Raises ParseError if it is none, or has nothing to answer from."""
    record, body, kind = _opened(data)
    title = _value(record, "title", MAX_TITLE_CHARS) or _untitled(record)
    stated = stated_of(record)
    summary, dates = _paragraphs(record.get("abstract")), _paragraphs(record.get("dates"))
    pieces = _without_title(_pieces(body, kind), title)
    for label, said in (("summary", summary), ("dates", dates)):
        pieces = _without_section(pieces, label, " ".join(said))
    composer = Composer()
    composer.add(BlockKind.TITLE, title)
    for fact in _facts(record, stated):
        composer.add_row(fact)
    for heading, said in (("Summary", summary), ("Dates", dates)):
        if said:
            composer.add(BlockKind.HEADING, heading, 2)
        for paragraph in said:
            composer.add(BlockKind.PARAGRAPH, paragraph)
    for piece in pieces:
        piece.write(composer)
    if not pieces and not summary:
        raise ParseError("the document has no text yet, only a title")
    return composer.manuscript(replace(stated, title=title))


def stated_of(record: Mapping[str, Any]) -> Stated:
    """Return what a record of the API says about its document."""
    dates = _value(record, "dates", 4_000)
    return Stated(
        title=_value(record, "title", MAX_TITLE_CHARS) or None,
        publisher=publisher_of(record),
        published=stated_date(record.get("publication_date")),
        url=web_address(record.get("html_url")),
        effective=stated_date(record.get("effective_on")) or effective_date(dates),
        references=_references(record),
    )


def publisher_of(record: Mapping[str, Any]) -> str:
    """Return the agencies as a citation names them, the most specific first.

    "International Trade Administration, Commerce Department; Agriculture Department": a comma leads to the department
    above, a semicolon to the next agency. A long list is cut at an agency.
    """
    agencies = [agency for agency in _listed(record, "agencies") if isinstance(agency, dict) and _agency_name(agency)]
    by_id = {agency.get("id"): agency for agency in agencies if isinstance(agency.get("id"), int)}
    parents = {agency.get("parent_id") for agency in agencies if agency.get("parent_id") in by_id}
    chains = []
    for agency in agencies:
        if agency.get("id") in parents and agency.get("id") is not None:
            continue
        parent = by_id.get(agency.get("parent_id")) if agency.get("parent_id") is not None else None
        above = [_agency_name(parent)] if parent is not None and parent is not agency else []
        chains.append(", ".join(dict.fromkeys([_agency_name(agency), *above])))
    named = list(dict.fromkeys(chains)) or list(dict.fromkeys(map(_agency_name, agencies)))
    kept = named[:1]
    for chain in named[1:]:
        if len("; ".join([*kept, chain])) + len(" and others") > MAX_PUBLISHER_CHARS:
            return "; ".join(kept) + " and others"
        kept.append(chain)
    return clean("; ".join(kept), MAX_PUBLISHER_CHARS) or "Federal Register"


_DAY = r"(?P<day>(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?\s+\d{1,2},\s+\d{4})"
_EFFECTIVE = re.compile(
    r"\b(?:effective|applicable|applicability)(?:\s+dates?)?(?:\s+is)?\s*[:.]?\s+(?:on\s+|as\s+of\s+|beginning\s+(?:on\s+)?|from\s+)?"
    + _DAY,
    re.IGNORECASE,
)
_UNCLEAR = re.compile(
    r"\b(?:unless|delay\w*|postpone\w*|suspend\w*|stay\w*|withdr\w+|extend\w*|except\w*|not|no longer|until|through)\b",
    re.IGNORECASE,
)


def effective_date(dates: str) -> date | None:
    """Return the day from which a document applies if its DATES text plainly says one day, else None.

    "Applicable April 7, 2025." says one; "effective June 1, 2025, unless …" and a text with two of them say none.
    """
    found = {stated_date(match["day"]) for match in _EFFECTIVE.finditer(dates)}
    return found.pop() if len(found) == 1 and not _UNCLEAR.search(dates) else None


def _opened(data: bytes) -> tuple[Mapping[str, Any], str, BodyKind]:
    try:
        opened = json.loads(data)
    except (ValueError, RecursionError) as err:
        raise ParseError("it is no document of the Federal Register") from err
    match opened:
        case {"record": dict(record), "body": str(body), "body_kind": kind} if kind in get_args(BodyKind):
            return record, body, kind
    raise ParseError("it is no document of the Federal Register")


@dataclass(frozen=True, slots=True)
class _Piece:
    """One block to be: its text, or the cells of a table row."""

    kind: BlockKind
    text: str
    level: int = 0
    mark: str = ""
    cells: tuple[str, ...] = ()

    def write(self, composer: Composer) -> None:
        if self.cells:
            composer.add_row(self.cells)
        else:
            composer.add(self.kind, self.text, self.level, self.mark)


def _pieces(body: str, kind: BodyKind) -> list[_Piece]:
    if kind == "none" or not body.strip():
        return []
    is_markup = kind == "html" or body.lstrip().startswith("<")
    return _html_pieces(body) if is_markup else _raw_pieces(body)


def _html_pieces(markup: str) -> list[_Piece]:
    from lxml import etree, html

    parser = html.HTMLParser(
        remove_comments=True, remove_pis=True, collect_ids=False, no_network=True, encoding="utf-8"
    )
    try:
        tree = html.document_fromstring(markup.encode("utf-8", "replace"), parser=parser)
    except (etree.LxmlError, ValueError, AssertionError, RecursionError) as err:
        raise ParseError("the text of the document is broken: it is no HTML") from err
    # libxml2 leaves out what is nested beyond its limit, and only notes it.
    if any("depth" in entry.message for entry in parser.error_log):
        raise ParseError("its markup is nested too deeply")
    preformatted = tree.findall(".//pre")
    if len(preformatted) == 1 and not tree.findall(".//p"):
        return _raw_pieces(preformatted[0].text_content())
    return _HtmlWalk().pieces_of(tree)


class _HtmlWalk:
    """One pass over a tree, however deep; loose text is a paragraph, and nothing but page marks is left out."""

    def __init__(self) -> None:
        self.pieces: list[_Piece] = []
        self.loose: list[str] = []
        self.heading = 0
        self.lists: list[str] = []
        self.counts: list[int] = []
        self.mark = ""
        self.cells: list[list[str]] | None = None
        self.tables = 0

    def pieces_of(self, tree: Any) -> list[_Piece]:
        from lxml import etree

        walk = etree.iterwalk(tree, events=("start", "end"))
        skipped = None
        for event, element in walk:
            if event == "start":
                if element.tag in _SKIPPED or _PAGE_MARK_CLASS.search(element.get("class") or ""):
                    skipped = element
                    walk.skip_subtree()
                else:
                    self._open(element.tag)
                    self.loose.append(_collapsed(element.text))
            else:
                if element is skipped:
                    self.loose.append(" ")
                else:
                    self._close(element.tag)
                self.loose.append(_collapsed(element.tail))
        self._flush()
        return self.pieces

    def _open(self, tag: str) -> None:
        if tag == "br":
            self.loose.append("\n")
        if tag not in _BLOCKS:
            return
        self._flush()
        if tag in _HEADINGS:
            self.heading = _HEADINGS[tag]
        elif tag in _LISTS:
            self.lists.append(tag)
            self.counts.append(0)
        elif tag == "li" and self.lists:
            self.counts[-1] += 1
            self.mark = f"{self.counts[-1]}." if self.lists[-1] == "ol" else "•"
        elif tag == "table":
            self.tables += 1
        elif tag == "tr" and self.tables == 1:
            self.cells = []
        elif tag in _CELLS and self.tables == 1 and self.cells is not None:
            self.cells.append([])

    def _close(self, tag: str) -> None:
        if tag not in _BLOCKS:
            return
        self._flush()
        if tag in _HEADINGS:
            self.heading = 0
        elif tag in _LISTS:
            self.lists.pop()
            self.counts.pop()
        elif tag == "table":
            self.tables -= 1
        elif tag == "tr" and self.tables == 1 and self.cells is not None:
            cells = tuple(" ".join(parts) for parts in self.cells)
            self.cells = None
            if any(cells):
                self.pieces.append(_Piece(BlockKind.TABLE_ROW, "", cells=cells))

    def _flush(self) -> None:
        text = _PAGE_MARK.sub(" ", "".join(self.loose)).strip()
        self.loose.clear()
        if not text:
            return
        if self.cells:
            self.cells[-1].append(" ".join(text.split()))
        elif self.heading:
            self.pieces.append(_Piece(BlockKind.HEADING, " ".join(text.split()), self.heading))
        elif self.lists:
            self.pieces.append(_Piece(BlockKind.LIST_ITEM, text, min(len(self.lists) - 1, 8), self.mark))
            self.mark = ""
        else:
            self.pieces.append(_Piece(BlockKind.PARAGRAPH, text))


def _raw_pieces(text: str) -> list[_Piece]:
    """Read text set in lines of 72 characters: a paragraph is indented or follows a blank line, a table has rules."""
    # Patterns that look for the end of white space take forever on much of it.
    content = _BLANK_LINES.sub("\n\n\n", _BLANKS.sub(" " * 200, re.sub(r"\r\n?", "\n", text)))
    content = _RAW_PAGE_MARK.sub(_page_break, content)
    pieces: list[_Piece] = []
    for group in re.split(r"\n(?:[ \t]*\n)+", content.expandtabs(8)):
        lines = [line for line in group.split("\n") if line.strip()]
        rules = [index for index, line in enumerate(lines) if _RAW_RULE.fullmatch(line.strip())]
        if len(rules) > 1:
            pieces += _prose_pieces(lines[: rules[0]])
            ends = pairwise(rules)
            pieces += _table_pieces([lines[start + 1 : end] for start, end in ends])
            lines = lines[rules[-1] + 1 :]
        pieces += _prose_pieces([line for line in lines if not _RAW_RULE.fullmatch(line.strip())])
    return pieces


def _prose_pieces(lines: Sequence[str]) -> list[_Piece]:
    pieces: list[_Piece] = []
    waiting: list[str] = []
    for line in lines:
        if waiting and (line.startswith("    ") or _RAW_FURNITURE.match(line)):
            pieces.append(_raw_piece(waiting))
            waiting = []
        waiting.append(line)
    return [*pieces, _raw_piece(waiting)] if waiting else []


def _raw_piece(lines: Sequence[str]) -> _Piece:
    # These texts break no word, so a hyphen at the end of a line is one that is meant.
    text = re.sub(r"(?<=\w-)\n(?=\w)|(?<=--)\n", "", "\n".join(line.strip() for line in lines)).replace("\n", " ")
    text = " ".join(text.split())
    if _RAW_FURNITURE.match(text):
        return _Piece(BlockKind.BOILERPLATE, text)
    is_label = _LABEL.fullmatch(text) is not None
    is_open = len(text) <= 200 and not text.endswith((".", ",", ";", ":", "]")) and _LABEL.match(text) is None
    if is_label or (is_open and not lines[0].startswith(" ") and any(mark.isalpha() for mark in text)):
        return _Piece(BlockKind.HEADING, text, 2 if is_label else 3)
    return _Piece(BlockKind.PARAGRAPH, text)


def _table_pieces(parts: Sequence[Sequence[str]]) -> list[_Piece]:
    """Read what stands between the rules of a table: its heading set column by column, then its rows."""
    filled = [[line for line in part if line.strip()] for part in parts]
    filled = [part for part in filled if part]
    pieces = []
    if len(filled) > 1 and (cells := _columns(filled[0])):
        pieces.append(_Piece(BlockKind.TABLE_ROW, "", cells=cells))
        filled = filled[1:]
    name: list[str] = []
    for line in (line for part in filled for line in part):
        cells = tuple(_LEADER.sub("", cell) for cell in _CELL.findall(_LEADER.sub("   ", line.strip())))
        if len(cells) > 1:
            pieces.append(_Piece(BlockKind.TABLE_ROW, "", cells=(" ".join([*name, cells[0]]), *cells[1:])))
            name = []
        else:
            name += cells
    return pieces + ([_Piece(BlockKind.PARAGRAPH, " ".join(name))] if name else [])


def _columns(lines: Sequence[str]) -> tuple[str, ...]:
    """Join the words that stand above each other; nothing if there are more columns than a page has room for."""
    columns: list[tuple[int, int, str]] = []
    for line in lines:
        for found in _CELL.finditer(line):
            start, end, text = found.start(), found.end(), found[0]
            for column in [column for column in columns if column[0] < end and start < column[1]]:
                columns.remove(column)
                start, end, text = min(start, column[0]), max(end, column[1]), f"{column[2]} {text}"
            columns.append((start, end, text))
            if len(columns) > MAX_COLUMNS:
                return ()
    return tuple(text for _, _, text in sorted(columns))


def _page_break(mark: re.Match[str]) -> str:
    """Return what stands for a page's number: a new paragraph is indented, else a sentence goes on."""
    return f"\n\n{mark['indent']}" if len(mark["indent"]) > 1 else "\n"


def _without_title(pieces: Sequence[_Piece], title: str) -> list[_Piece]:
    """Leave out the first piece that only repeats the title."""
    wanted = _letters(title)
    for index, piece in enumerate(pieces[:20]):
        if _letters(piece.text) == wanted:
            return [*pieces[:index], *pieces[index + 1 :]]
    return list(pieces)


def _without_section(pieces: Sequence[_Piece], label: str, said: str) -> list[_Piece]:
    """Leave out the section under a label ("SUMMARY:") if it says letter for letter what the record says."""
    wanted = _letters(said)
    if not wanted:
        return list(pieces)
    for start, piece in enumerate(pieces):
        found = _label_of(piece)
        if found is None or found[0] != label:
            continue
        end = start + 1
        while end < len(pieces) and _label_of(pieces[end]) is None and pieces[end].kind is not BlockKind.HEADING:
            end += 1
        rest = " ".join(
            [found[1], *(following.text or " ".join(following.cells) for following in pieces[start + 1 : end])]
        )
        if _letters(rest) == wanted:
            return [*pieces[:start], *pieces[end:]]
    return list(pieces)


def _label_of(piece: _Piece) -> tuple[str, str] | None:
    """Return the label that opens a section, in lower case, and what stands beside it."""
    if piece.kind is BlockKind.HEADING:
        return piece.text.strip(" :").lower(), ""
    found = _LABEL.match(piece.text) if piece.kind is BlockKind.PARAGRAPH else None
    return None if found is None else (found[1].lower(), piece.text[found.end() :])


def _letters(text: str) -> str:
    return "".join(mark for mark in text.casefold() if mark.isalnum())


def _facts(record: Mapping[str, Any], stated: Stated) -> Iterator[tuple[str, str]]:
    """Yield what is to be found and cited of the record, a label and a value each."""
    yield from _filled("Type", ", ".join(filter(None, [_value(record, "type"), _value(record, "subtype")])))
    yield from _filled("Action", _value(record, "action", 300))
    agencies = [_agency_name(agency) for agency in _listed(record, "agencies") if isinstance(agency, dict)]
    yield from _filled("Agencies", "; ".join(dict.fromkeys(filter(None, agencies))))
    yield from _grouped(stated.references)
    yield from _filled("Publication date", _written(stated.published))
    yield from _filled("Effective date", _written(stated.effective))
    yield from _filled("Comments close", _written(stated_date(record.get("comments_close_on"))))


def _filled(label: str, value: str) -> Iterator[tuple[str, str]]:
    if value:
        yield label, value


def _grouped(references: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    for label in dict.fromkeys(label for label, _ in references):
        yield label, "; ".join(value for named, value in references if named == label)


def _written(day: date | None) -> str:
    return "" if day is None else f"{day:%B} {day.day}, {day.year}"


def _references(record: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    dockets = (clean(docket) for docket in _listed(record, "docket_ids")[:MAX_DOCKETS])
    bare = (re.sub(r"\ADocket\s+(?:Nos?\.?|Numbers?|IDs?)?:?\s*", "", docket or "", flags=re.I) for docket in dockets)
    numbers = (clean(number) for number in _listed(record, "regulation_id_numbers")[:MAX_DOCKETS])
    found = [
        ("Document number", _value(record, "document_number")),
        ("Citation", _value(record, "citation")),
        *(("Docket", docket) for docket in bare),
        ("Executive Order", _value(record, "executive_order_number")),
        ("Proclamation", _value(record, "proclamation_number")),
        *(("RIN", number or "") for number in numbers),
    ]
    return tuple(dict.fromkeys((label, value) for label, value in found if value))


def _agency_name(agency: Mapping[str, Any]) -> str:
    return _value(agency, "name") or _value(agency, "raw_name")


def _untitled(record: Mapping[str, Any]) -> str:
    return " ".join(filter(None, [_value(record, "type") or "Document", _value(record, "document_number")]))


def _listed(record: Mapping[str, Any], key: str) -> list[Any]:
    value = record.get(key)
    return value if isinstance(value, list) else []


def _value(record: Mapping[str, Any], key: str, max_chars: int = 200) -> str:
    """Return a field as one line of text, "" if it is missing; numbers of orders come as numbers or as text."""
    value = record.get(key)
    return clean(str(value) if isinstance(value, int) and not isinstance(value, bool) else value, max_chars) or ""


def _paragraphs(value: object) -> list[str]:
    text = value if isinstance(value, str) else ""
    return [line for part in re.split(r"\n\s*\n", text) if (line := " ".join(part.split()))]


def _collapsed(text: str | None) -> str:
    return re.sub(r"[ \t\n\r\f]+", " ", text or "")
