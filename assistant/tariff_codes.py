"""Codes of the Harmonized System and of tariffs made from it: 8471, 8471.30, 8471.30.0100, "heading 84.71", chapter 84.

A bare number is one only where its form (dots) or the words before it ("heading", "HTS code") say so: 2025 is a year,
8,471 a count.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.identifier_kinds import Identifier, IdentifierKind

DASH = r"[-‐‑–]"
_CODE_END = r"(?!\w|[.,]\d)"
_DOTTED = rf"\d{{4}}\.\d\d(?:\.?\d\d){{0,2}}{_CODE_END}"
# "8471 30 00" is how the European Union writes them, "84.71" a heading in the Harmonized System itself.
_CODE = rf"(?:{_DOTTED}|\d{{4}}(?:\s\d\d){{2,3}}{_CODE_END}|\d{{4}}(?:\d\d){{0,3}}{_CODE_END})"
JOIN = rf"(?:\s*+(?:,|;|/|&|{DASH}|\b(?:to|through|and|or|and/or)\b)\s*+){{1,2}}"
_NUMBERED = r"(?:\s*+\b(?:codes?|numbers?|nos?\b\.?|items?|lines?|provisions?|classifications?|(?:sub)?headings?))"
_SCHEDULE = r"(?:HTS(?:US)?|HS|CN|harmoni[sz]ed\s++(?:tariff\s++schedule|tariff|schedule|system))"
_TARIFF_WORDS = (
    rf"\b(?:{_SCHEDULE}{_NUMBERED}{{0,2}}"
    rf"|(?:tariff|customs|commodity){_NUMBERED}{{1,2}}"
    rf"|(?:sub)?headings?{_NUMBERED}?)"
)
_WITH_WORDS = re.compile(
    rf"(?:{_TARIFF_WORDS}(?:\s++of)?|\bcodes?(?=\s++(?:\d{{8}}|\d{{10}})\b))\s*+[:#]?\s*+(?P<codes>{_CODE}(?:{JOIN}{_CODE})*)",
    re.IGNORECASE,
)
_SPEAKS_OF_CODES = re.compile(
    rf"\b(?:{_SCHEDULE}|(?:tariff|customs|commodity){_NUMBERED}|(?:sub)?headings?)\b", re.IGNORECASE
)
# Without words before it: dots, or hyphens that no date has, or eight or ten digits that count nothing after them.
_BY_FORM = re.compile(
    rf"(?:(?<![\w.,/$€£¥+-])|(?<=\d\.\d\d-))(?:{_DOTTED}|(?!19|20)\d{{4}}(?:-\d\d){{1,2}}-?\d\d{_CODE_END}"
    rf"|\d{{8}}(?:\d\d)?(?=\s*+(?:[?;:)]|\Z)))"
)
_HEADING_OF_HS = re.compile(
    rf"\b(?:sub)?headings?{_NUMBERED}?\s++(?P<codes>\d\d\.\d\d(?:{JOIN}\d\d\.\d\d)*){_CODE_END}", re.IGNORECASE
)
_ONE_HEADING_OF_HS = re.compile(r"\d\d\.\d\d")
_ONE_CODE = re.compile(_CODE)
_CHAPTER = re.compile(
    rf"\b{_SCHEDULE}\s++chapter\s++(?P<before>\d\d?)(?!\d)"
    rf"|\bchapter\s++(?P<after>\d\d?)\s++of\s++the\s++(?:{_SCHEDULE}|(?:customs\s++)?tariff)\b",
    re.IGNORECASE,
)
_MONEY_BEFORE = re.compile(r"(?:[$€£¥]|\b(?:USD|EUR|GBP|RMB|CNY|yuan|dollars|euros|worth))\s?\Z", re.IGNORECASE)
_UNIT_AFTER = re.compile(
    r"\s?(?:%|per\s?cent\b|(?:m|b|tr)illion|thousand|tons?\b|tonnes?\b|kg\b|kilo|dollars?\b|euros?\b|yuan\b|USD\b"
    r"|RMB\b|EUR\b|points?\b|units?\b|barrels?\b|bushels?\b|(?:years?|months?|days?)\b)",
    re.IGNORECASE,
)
# Years of the editions of the Harmonized System, which is often called by them: HS 2022.
_EDITION = re.compile(r"(?:HS|harmoni[sz]ed\s++system)\s*+(?:1988|1996|2002|2007|2012|2017|2022|2028)\b", re.IGNORECASE)


def read_tariff_codes(text: str) -> Iterator[Identifier]:
    """Yield the codes of a text: those that words before them call so, and those that their form alone does."""
    for listed in _WITH_WORDS.finditer(text):
        if _EDITION.match(listed[0]):
            continue
        for code in _ONE_CODE.finditer(text, listed.start("codes"), listed.end("codes")):
            # The words before them belong to the first.
            yield from _code(text, code, listed.start() if code.start() == listed.start("codes") else code.start())
    for listed in _HEADING_OF_HS.finditer(text):
        for code in _ONE_HEADING_OF_HS.finditer(text, listed.start("codes"), listed.end("codes")):
            yield from _code(text, code, listed.start() if code.start() == listed.start("codes") else code.start())
    for code in _BY_FORM.finditer(text):
        if not _MONEY_BEFORE.search(text, max(0, code.start() - 12), code.start()):
            yield from _code(text, code, code.start())
    for chapter in _CHAPTER.finditer(text):
        number = int(chapter["before"] or chapter["after"])
        if number:
            yield Identifier(IdentifierKind.TARIFF_CODE, (f"{number:02}",), *chapter.span())


def holds_bare(text: str, wanted: Identifier) -> bool:
    """Say whether a code stands alone, as in a table, in a text that speaks of codes."""
    if wanted.kind is not IdentifierKind.TARIFF_CODE or len(wanted.path) < 2 or not _SPEAKS_OF_CODES.search(text):
        return False
    # What follows a count is what was counted; a cell ends.
    alone = rf"(?<![\w.,/$€£¥+-]){''.join(wanted.path)}(?:\d\d){{0,3}}{_CODE_END}(?=[^\S\n]*(?:[|,;:)\]\n\t.]|\Z))"
    return re.search(alone, text) is not None


def _code(text: str, match: re.Match[str], start: int) -> Iterator[Identifier]:
    digits = re.sub(r"\D", "", match[0])
    if _is_heading(digits[:4]) and not _UNIT_AFTER.match(text, match.end()):
        path = tuple(digits[at : at + 2] for at in range(0, len(digits), 2))
        yield Identifier(IdentifierKind.TARIFF_CODE, path, start, match.end())


def _is_heading(digits: str) -> bool:
    """Say whether four digits can be a heading; chapters 19 and 20 end at 1905 and 2009, so that few years can."""
    chapter, heading = int(digits[:2]), int(digits[2:])
    return chapter not in (0, 77) and 1 <= heading <= {19: 5, 20: 9}.get(chapter, 99)
