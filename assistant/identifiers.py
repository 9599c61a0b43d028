"""Numbers of trade law that are exact: tariff codes, cases, citations, orders. One digit off is another thing.

Each is a kind and a path, and the one rule is that a path finds what begins with it: heading 8471 finds 8471.30 and
8471.30.01, 19 CFR 351 finds 19 CFR 351.225(c), and never the other way round. A bare number is an identifier only
where its form (dots) or the words before it ("heading", "HTS code") say so: 2025 is a year, 8,471 a count.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum


class IdentifierKind(StrEnum):
    """What an identifier numbers. Only identifiers of one kind are compared."""

    TARIFF_CODE = "tariff code"
    SECTION = "section"
    TITLE = "title"
    REGISTER = "Federal Register citation"
    NOTICE = "Federal Register document"
    CASE = "antidumping or countervailing case"
    INVESTIGATION = "investigation"
    DISPUTE = "WTO dispute"
    ORDER = "executive order"
    PROCLAMATION = "proclamation"
    PUBLIC_LAW = "public law"
    DOCKET = "docket"
    REGULATION = "regulation"
    STATUTE = "statute"
    EU_ACT = "EU act"
    CONTROL = "export control classification"
    RULING = "customs ruling"


@dataclass(frozen=True, slots=True)
class Identifier:
    """An identifier at `text[start:end]` of the text it was read from.

    `path` goes from the general to the particular: that of 8471.30.01 is ("84", "71", "30", "01").
    """

    kind: IdentifierKind
    path: tuple[str, ...]
    start: int
    end: int

    @property
    def key(self) -> str:
        """Return the one way it is written here, such as "8471.30", "84 FR 243" or "Section 301(b)"."""
        return _written(self.kind, self.path)

    @property
    def keys(self) -> tuple[str, ...]:
        """Return the keys of all that finds it, its own last: of 8471.30 those of chapter 84 and of 8471 too."""
        return tuple(_written(self.kind, self.path[:length]) for length in range(1, len(self.path) + 1))

    def finds(self, other: Identifier) -> bool:
        """Say whether the other is this one or a part of it."""
        return self.kind is other.kind and other.path[: len(self.path)] == self.path


@dataclass(frozen=True, slots=True)
class SearchForms:
    """Phrases that a full-text search finds an identifier by, and those whose last word may go on.

    They find more than the identifier: whether a passage holds it, `holds` says.
    """

    phrases: tuple[str, ...]
    prefixes: tuple[str, ...] = ()


def identifiers(text: str) -> list[Identifier]:
    """Return the identifiers of a text in order; of two in the same words, the one that begins first or is longer."""
    if not _MAY_HOLD.search(text):
        return []
    found = sorted(
        itertools.chain.from_iterable(reading(text) for reading in _READINGS),
        key=lambda identifier: (identifier.start, -identifier.end),
    )
    kept: list[Identifier] = []
    for identifier in found:
        # "701-TA-612-613" names two investigations in the same words.
        if not kept or identifier.start >= kept[-1].end or _is_beside(identifier, kept[-1]):
            kept.append(identifier)
    return kept


def _is_beside(identifier: Identifier, other: Identifier) -> bool:
    is_same_words = (identifier.kind, identifier.start, identifier.end) == (other.kind, other.start, other.end)
    return is_same_words and identifier.path != other.path


def holds(text: str, wanted: Identifier) -> bool:
    """Say whether a text names an identifier or a part of it.

    In a text that speaks of tariff codes, a number of as many digits that stands alone counts as one, as in a table.
    """
    return any(
        any(wanted.finds(found) for found in identifiers(part)) or _holds_bare(part, wanted)
        for part in _parts_with(text, _anchor(wanted))
    )


def _anchor(wanted: Identifier) -> str:
    """Return a pattern of digits that stand wherever the identifier does."""
    match wanted.kind:
        case IdentifierKind.TARIFF_CODE:
            return r"\.?".join(wanted.path[:2])
        case IdentifierKind.REGISTER:
            return wanted.path[1][-3:]
        case IdentifierKind.ORDER | IdentifierKind.PROCLAMATION:
            return wanted.path[0][-3:]
        case IdentifierKind.REGULATION | IdentifierKind.STATUTE:
            return wanted.path[1]
        case _:
            # Of "701-TA-613" those of the law: the number may stand inside a range.
            return max((found[0] for found in re.finditer(r"\d+|[IVXL]+", wanted.path[0])), key=len)


def _parts_with(text: str, anchor: str) -> Iterator[str]:
    """Yield what stands around each place of an anchor, or the whole of a short text that has it."""
    if len(text) <= _WHOLE_CHARS:
        if re.search(anchor, text):
            yield text
        return
    ends = 0
    for found in re.finditer(anchor, text):
        if found.end() > ends:
            ends = found.end() + _CHARS_AROUND
            yield text[max(0, found.start() - 2 * _CHARS_AROUND) : ends + _CHARS_AROUND]


# Reading takes about 3 µs a character, so of a whole article only what matters is read.
_WHOLE_CHARS = 2_000
_CHARS_AROUND = 200


def search_forms(wanted: Identifier) -> SearchForms:
    """Return what to search an index of words for, in which dots, hyphens and slashes part words."""
    path = wanted.path
    match wanted.kind:
        case IdentifierKind.TARIFF_CODE:
            return SearchForms((), (*_ways_of_dots(path), *([" ".join(path)] if len(path) == 2 else [])))
        case IdentifierKind.SECTION:
            return SearchForms((f"section {path[0]}", path[0], f"s{path[0]}"))
        case IdentifierKind.REGISTER:
            names = (
                "FR",
                "F R",
                "Fed Reg",
                "Fed Register",
                "Federal Register",
                "Federal Register at",
                "Federal Register page",
            )
            return SearchForms(tuple(f"{path[0]} {name} {page}" for name in names for page in _ways_of_commas(path[1])))
        case IdentifierKind.INVESTIGATION:
            return SearchForms((wanted.key, wanted.key.rpartition("-")[0]))
        case IdentifierKind.CASE:
            joined = path[0].replace("-", "")
            return SearchForms((path[0], joined, f"A{joined}", f"C{joined}"))
        case IdentifierKind.DISPUTE:
            return SearchForms(tuple(f"{opening}{path[0]}" for opening in ("DS", "DS ", "D S ", "dispute ")))
        case IdentifierKind.ORDER | IdentifierKind.PROCLAMATION:
            return SearchForms((*_ways_of_commas(path[0]), f"EO{path[0]}"))
        case IdentifierKind.REGULATION:
            return SearchForms(tuple(f"{book}{part} {path[1]}" for book in ("CFR", "C F R") for part in ("", " part")))
        case IdentifierKind.STATUTE:
            parts = ("", " section", " sec")
            return SearchForms(tuple(f"{book}{part} {path[1]}" for book in ("USC", "U S C") for part in parts))
        case IdentifierKind.PUBLIC_LAW | IdentifierKind.CONTROL | IdentifierKind.DOCKET:
            return SearchForms((path[0],))
        case _:
            return SearchForms((wanted.key.removeprefix("(EU) "),))


def _ways_of_dots(path: tuple[str, ...]) -> Iterator[str]:
    """Yield a code with and without each of its dots; the first comes after four digits."""
    heading, rest = "".join(path[:2]), path[2:]
    for dots in itertools.product((" ", ""), repeat=len(rest)):
        yield heading + "".join(itertools.chain.from_iterable(zip(dots, rest, strict=True)))


def _ways_of_commas(number: str) -> list[str]:
    return [number, f"{number[:-3]} {number[-3:]}"] if len(number) > 3 else [number]


def _written(kind: IdentifierKind, path: tuple[str, ...]) -> str:
    match kind:
        case IdentifierKind.TARIFF_CODE if len(path) == 1:
            return f"HS chapter {path[0]}"
        case IdentifierKind.TARIFF_CODE:
            return ".".join(["".join(path[:2]), *path[2:]])
        case IdentifierKind.SECTION:
            return f"Section {path[0]}{_in_brackets(path[1:])}"
        case IdentifierKind.TITLE:
            return f"Title {path[0]}"
        case IdentifierKind.REGISTER:
            return " FR ".join(path)
        case IdentifierKind.CASE:
            return "-".join(reversed(path))
        case IdentifierKind.ORDER:
            return f"Executive Order {path[0]}"
        case IdentifierKind.PROCLAMATION:
            return f"Proclamation {path[0]}"
        case IdentifierKind.PUBLIC_LAW:
            return f"Public Law {path[0]}"
        case IdentifierKind.DISPUTE:
            return f"DS{path[0]}"
        case IdentifierKind.REGULATION:
            return f"{path[0]} CFR {'.'.join(path[1:3])}{_in_brackets(path[3:])}"
        case IdentifierKind.STATUTE:
            return f"{path[0]} U.S.C. {''.join(path[1:2])}{_in_brackets(path[2:])}"
        case IdentifierKind.EU_ACT:
            return f"(EU) {path[0]}"
        case IdentifierKind.CONTROL:
            return ".".join([path[0], *(part.lower() for part in path[1:])])
        case _:
            return "-".join(path)


def _in_brackets(parts: tuple[str, ...]) -> str:
    return "".join(f"({part})" for part in parts)


# Tariff codes

_MAY_HOLD = re.compile(r"\d|\btitle\b", re.IGNORECASE)
_DASH = r"[-‐‑–]"
_CODE_END = r"(?!\w|[.,]\d)"
_DOTTED = rf"\d{{4}}\.\d\d(?:\.?\d\d){{0,2}}{_CODE_END}"
# "8471 30 00" is how the European Union writes them, "84.71" a heading in the Harmonized System itself.
_CODE = rf"(?:{_DOTTED}|\d{{4}}(?:\s\d\d){{2,3}}{_CODE_END}|\d{{4}}(?:\d\d){{0,3}}{_CODE_END})"
_JOIN = rf"(?:\s*+(?:,|;|/|&|{_DASH}|\b(?:to|through|and|or|and/or)\b)\s*+){{1,2}}"
_NUMBERED = r"(?:\s*+\b(?:codes?|numbers?|nos?\b\.?|items?|lines?|provisions?|classifications?|(?:sub)?headings?))"
_SCHEDULE = r"(?:HTS(?:US)?|HS|CN|harmoni[sz]ed\s++(?:tariff\s++schedule|tariff|schedule|system))"
_TARIFF_WORDS = (
    rf"\b(?:{_SCHEDULE}{_NUMBERED}{{0,2}}"
    rf"|(?:tariff|customs|commodity){_NUMBERED}{{1,2}}"
    rf"|(?:sub)?headings?{_NUMBERED}?)"
)
_WITH_WORDS = re.compile(
    rf"(?:{_TARIFF_WORDS}(?:\s++of)?|\bcodes?(?=\s++(?:\d{{8}}|\d{{10}})\b))\s*+[:#]?\s*+(?P<codes>{_CODE}(?:{_JOIN}{_CODE})*)",
    re.IGNORECASE,
)
_SPEAKS_OF_CODES = re.compile(
    rf"\b(?:{_SCHEDULE}|(?:tariff|customs|commodity){_NUMBERED}|(?:sub)?headings?)\b", re.IGNORECASE
)
# Without words before it: dots, or hyphens that no date has, or eight or ten digits that count nothing after them.
_BY_FORM = re.compile(
    rf"(?<![\w.,/$€£¥+-])(?:{_DOTTED}|(?!19|20)\d{{4}}(?:-\d\d){{1,2}}-?\d\d{_CODE_END}"
    rf"|\d{{8}}(?:\d\d)?(?=\s*+(?:[?;:)]|\Z)))"
)
_HEADING_OF_HS = re.compile(
    rf"\b(?:sub)?headings?{_NUMBERED}?\s++(?P<codes>\d\d\.\d\d(?:{_JOIN}\d\d\.\d\d)*){_CODE_END}", re.IGNORECASE
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


def _tariff_codes(text: str) -> Iterator[Identifier]:
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


def _code(text: str, match: re.Match[str], start: int) -> Iterator[Identifier]:
    digits = re.sub(r"\D", "", match[0])
    if _is_heading(digits[:4]) and not _UNIT_AFTER.match(text, match.end()):
        path = tuple(digits[at : at + 2] for at in range(0, len(digits), 2))
        yield Identifier(IdentifierKind.TARIFF_CODE, path, start, match.end())


def _is_heading(digits: str) -> bool:
    """Say whether four digits can be a heading; chapters 19 and 20 end at 1905 and 2009, so that few years can."""
    chapter, heading = int(digits[:2]), int(digits[2:])
    return chapter not in (0, 77) and 1 <= heading <= {19: 5, 20: 9}.get(chapter, 99)


def _holds_bare(text: str, wanted: Identifier) -> bool:
    if wanted.kind is not IdentifierKind.TARIFF_CODE or len(wanted.path) < 2 or not _SPEAKS_OF_CODES.search(text):
        return False
    # What follows a count is what was counted; a cell ends.
    alone = rf"(?<![\w.,/$€£¥+-]){''.join(wanted.path)}(?:\d\d){{0,3}}{_CODE_END}(?=[^\S\n]*(?:[|,;:)\]\n\t.]|\Z))"
    return re.search(alone, text) is not None


# Everything else: words that open it, then one number or a list of them

Reading = Callable[[str], Iterator[Identifier]]
_SUBS = r"((?:\([a-z0-9]{1,4}\))*)"
_END = r"(?![\w%]|[.,]\d)"
_NUMBER = r"(?:\s*+(?:\b(?:nos?|numbers?)\b\.?|#))?\s*+:?\s*+"
_NOT_A_YEAR = r"(?!(?:19|20)\d\d\b)"


def _listed(kind: IdentifierKind, opening: str, number: str) -> Reading:
    """Return a reading of an opening with the numbers after it; the groups of a number are its path."""
    whole = re.compile(rf"{opening}(?P<items>{_ungrouped(number)}(?:{_JOIN}{_ungrouped(number)})*)", re.IGNORECASE)
    one = re.compile(number, re.IGNORECASE)

    def read(text: str) -> Iterator[Identifier]:
        for found in whole.finditer(text):
            # Up to the end of the text, not of the items: an item may ask what follows it.
            first = found.start("items")
            for item in one.finditer(text, first):
                if item.end() > found.end("items"):
                    break
                # The opening belongs to the first.
                start = found.start() if item.start() == first else item.start()
                yield Identifier(kind, _path(item.groups()), start, item.end())

    return read


def _ungrouped(pattern: str) -> str:
    return re.sub(r"(?<!\\)\((?!\?)", "(?:", pattern)


def _path(groups: tuple[str | None, ...]) -> tuple[str, ...]:
    """Return what the groups of a match hold, "(b)(1)" as two, without commas and with one kind of hyphen."""
    parts = [part for group in groups if group for part in re.findall(r"[^()]+", group)]
    return tuple(re.sub(_DASH, "-", part.replace(",", "").replace("_", "-")).lower() for part in parts)


def _upper(reading: Reading) -> Reading:
    """Return a reading that writes letters large, for what is typed either way."""

    def read(text: str) -> Iterator[Identifier]:
        for found in reading(text):
            yield Identifier(found.kind, tuple(part.upper() for part in found.path), found.start, found.end)

    return read


_INVESTIGATION = re.compile(
    rf"\b(?P<law>\d{{3}}{_DASH}TA|TA{_DASH}\d{{3}}){_DASH}(?P<first>\d{{1,4}})(?:{_DASH}(?P<last>\d{{1,4}}))?{_END}"
    rf"|\binv(?:estigation)?s?\.?\s*+nos?\.?\s*+(?P<fact>332){_DASH}(?P<number>\d{{2,4}}){_END}",
    re.IGNORECASE,
)
# "701-TA-612-613" are two; a longer range than this is no range.
_LONGEST_RANGE = 50


def _investigations(text: str) -> Iterator[Identifier]:
    for found in _INVESTIGATION.finditer(text):
        law = re.sub(_DASH, "-", found["law"] or found["fact"]).upper()
        first = int(found["first"] or found["number"])
        last = int(found["last"] or first)
        for number in range(first, last + 1) if last - first <= _LONGEST_RANGE else ():
            yield Identifier(IdentifierKind.INVESTIGATION, (f"{law}-{number}",), *found.span())


# After "case" without the letter, too: then it is both proceedings. Spaces alone part thousands, "A 570 967 ton order".
_CASE = re.compile(
    rf"(?:\bcases?{_NUMBER}(?P<named>[AC]?)(?:{_DASH}|\s)?(?P<named_country>\d{{3}})(?:{_DASH}|\s)?"
    rf"|(?<![\w-])(?:(?P<law>[AC]){_DASH}|(?-i:(?P<large>[AC]))\s?)(?P<country>\d{{3}}){_DASH}"
    rf"|(?<![\w-])(?-i:(?P<joined>[AC]))(?P<joined_country>\d{{3}}))(?P<number>\d{{3}}){_END}",
    re.IGNORECASE,
)


def _cases(text: str) -> Iterator[Identifier]:
    for found in _CASE.finditer(text):
        law = found["named"] or found["law"] or found["large"] or found["joined"] or ""
        country = found["named_country"] or found["country"] or found["joined_country"]
        path = (f"{country}-{found['number']}", *([law.upper()] if law else []))
        yield Identifier(IdentifierKind.CASE, path, *found.span())


_READINGS: tuple[Reading, ...] = (
    _tariff_codes,
    _investigations,
    _cases,
    _listed(
        IdentifierKind.SECTION,
        r"(?:\bsec(?:tions?|s?\.)\s*+|§{1,2}\s*+)",
        rf"(\d{{1,5}}(?:\.\d{{1,4}})?[a-z]?){_SUBS}{_END}",
    ),
    # News calls the duties of a section by its number alone.
    _listed(
        IdentifierKind.SECTION,
        r"(?<![\w.,$€£¥/-])",
        r"(122|201|232|301|337|338|421)(?=\s++(?:tariffs?|dut(?:y|ies)|exclusions?|investigation|probe|action|case|review)\b)",
    ),
    _listed(
        IdentifierKind.SECTION,
        r"(?<![\w.])(?-i:s\.\s?|[sS](?=\d))",
        r"(122|201|232|301|337|338|421)(?!\w|[.,]\d)",
    ),
    _upper(_listed(IdentifierKind.TITLE, r"(?-i:\bT(?:itle|ITLE))\s++", r"([IVXL]+|\d{1,2})\b")),
    _listed(
        IdentifierKind.REGISTER,
        "",
        r"(?<![\w.,])(\d{1,3})\s*+(?:F\.?\s?R\.?|Fed(?:eral)?\.?\s*+Reg(?:ister)?\.?)\s*+(?:at\s++|pages?\s++|p\.\s*+)?"
        rf"(\d{{1,3}}(?:,\d{{3}})+|\d{{1,6}}){_END}",
    ),
    _listed(IdentifierKind.NOTICE, "", rf"(?<![\w-])((?:19|20)\d\d{_DASH}\d{{5}}){_END}"),
    _listed(IdentifierKind.DISPUTE, r"(?<!\w)(?:WT/)?", r"(?:DS|D\.\s?S\.)[\s-]?(\d{1,3})(?!\w|[.,]\d)"),
    _listed(
        IdentifierKind.DISPUTE,
        rf"\b(?:disputes?|WTO\s++cases?){_NUMBER}",
        rf"(\d{{2,3}}){_END}(?!\s++(?:years?|months?|weeks?|days?|members?|countries|times)\b)",
    ),
    _listed(
        IdentifierKind.ORDER,
        rf"\b(?:exec(?:utive|\.)\s*+orders?|E\.\s?O\.|EOs?(?![a-z])){_NUMBER}",
        rf"{_NOT_A_YEAR}(\d\d,\d{{3}}|\d{{4,5}}){_END}",
    ),
    _listed(
        IdentifierKind.PROCLAMATION, rf"\bproclamations?{_NUMBER}", rf"{_NOT_A_YEAR}(\d\d?,\d{{3}}|\d{{4,5}}){_END}"
    ),
    _listed(
        IdentifierKind.PUBLIC_LAW,
        rf"\b(?:public\s++law|pub\.?\s*+l\.?|p\.\s?l\.){_NUMBER}",
        rf"(\d{{2,3}}{_DASH}\d{{1,4}}){_END}",
    ),
    _upper(
        _listed(
            IdentifierKind.DOCKET,
            "",
            rf"(?<![\w-])([a-z]{{2,6}}[-‑_](?:19|20)\d\d[-‑_]\d{{4}})(?:[-‑_](\d{{4}}))?{_END}",
        )
    ),
    _listed(
        IdentifierKind.REGULATION,
        "",
        rf"(?<![\w.,])(\d{{1,2}})\s*+C\.?\s?F\.?\s?R\.?\s*+(?:parts?\s++|§+\s*+|sec(?:tion|\.)\s*+)?"
        rf"(\d{{1,4}})(?:\.(\d{{1,4}}))?{_SUBS}{_END}",
    ),
    _listed(
        IdentifierKind.STATUTE,
        "",
        rf"(?<![\w.,])(\d{{1,2}})\s*+U\.?\s?S\.?\s?C\.?\s*+(?:§+\s*+|sec(?:tion|\.)\s*+)?(\d{{1,5}}[a-z]?){_SUBS}{_END}",
    ),
    _listed(
        IdentifierKind.EU_ACT,
        r"(?:\((?:EU|EC|EEC)\)\s*+|\b(?:regulation|directive|decision)\s++)(?:no\.?\s*+)?",
        rf"(\d{{2,4}}/\d{{1,4}}){_END}",
    ),
    _upper(_listed(IdentifierKind.CONTROL, "", r"(?<![\w.-])(\d[A-E]\d{3})(?:\.([a-z](?:\.\d{1,2})?))?(?!\w)")),
    _upper(_listed(IdentifierKind.RULING, r"(?:\b(?:HQ|NY)\s*+)?", r"(?-i:\b([HN]\d{6})\b)")),
)
