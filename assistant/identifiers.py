"""Numbers of trade law that are exact: tariff codes, cases, citations, orders. One digit off is another thing.

What is read is a kind and a path, see `identifier_kinds.py`; two with "through" or a dash between them are a range.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from assistant.identifier_kinds import Identifier, IdentifierKind, Path, in_order
from assistant.tariff_codes import DASH, JOIN, holds_bare, read_tariff_codes


@dataclass(frozen=True, slots=True)
class _Reading:
    """A way in which identifiers of one kind are written, and what yields those of a text."""

    kind: IdentifierKind
    read: Callable[[str], Iterator[Identifier]]


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
    return _with_ranges(text, _apart(itertools.chain.from_iterable(reading.read(text) for reading in _READINGS)))


def _apart(found: Iterable[Identifier]) -> list[Identifier]:
    """Return identifiers in order, of those in the same words one."""
    kept: list[Identifier] = []
    for identifier in sorted(found, key=lambda identifier: (identifier.start, -identifier.end)):
        # "701-TA-612-613" names two investigations in the same words.
        if not kept or identifier.start >= kept[-1].end or _is_beside(identifier, kept[-1]):
            kept.append(identifier)
    return kept


def _is_beside(identifier: Identifier, other: Identifier) -> bool:
    is_same_words = (identifier.kind, identifier.start, identifier.end) == (other.kind, other.start, other.end)
    return is_same_words and identifier.path != other.path


# Kinds of which there are ranges, such as "headings 8471 to 8473" and "Sections 301-310".
_RANGED = frozenset(
    {
        IdentifierKind.TARIFF_CODE,
        IdentifierKind.SECTION,
        IdentifierKind.DISPUTE,
        IdentifierKind.ORDER,
        IdentifierKind.PROCLAMATION,
    }
)
_TO = rf"\s*+(?:{DASH}|\b(?:to|thru|through)\b)\s*+"
_BETWEEN = re.compile(_TO, re.IGNORECASE)
_FROM = re.compile(r"\bfrom\s++\Z", re.IGNORECASE)


def _with_ranges(text: str, found: list[Identifier]) -> list[Identifier]:
    """Return identifiers with a range in place of each two that are its ends."""
    joined: list[Identifier] = []
    for identifier in found:
        if joined and _is_range(text, joined[-1], identifier):
            joined[-1] = replace(joined[-1], end=identifier.end, last=identifier.path)
        else:
            joined.append(identifier)
    return joined


def _is_range(text: str, first: Identifier, last: Identifier) -> bool:
    between = text[first.end : last.start]
    if first.kind is not last.kind or first.kind not in _RANGED or not _BETWEEN.fullmatch(between):
        return False
    # Goods are moved "from 8471.30 to 8471.50", and cases from one section "to Section 301".
    is_moved = between.strip().lower() == "to" and (
        _FROM.search(text, 0, first.start) or not text[last.start].isdigit()
    )
    return first.last is None and not is_moved and _is_ascending(first.kind, first.path, last.path)


def _is_ascending(kind: IdentifierKind, first: Path, last: Path) -> bool:
    # Headings of two chapters are ends of a range, subsections of two sections are not.
    is_one_level = len(first) == len(last) and (kind is IdentifierKind.TARIFF_CODE or first[:-1] == last[:-1])
    are_numbers = first[-1].isdigit() and last[-1].isdigit()
    are_letters = len(first[-1]) == len(last[-1]) == 1 and (first[-1] + last[-1]).isalpha()
    return is_one_level and (are_numbers or are_letters) and first != last and in_order(first, last)


def holds(text: str, wanted: Identifier) -> bool:
    """Say whether a text names an identifier or a part of it, or a range that it lies in.

    In a text that speaks of tariff codes, a number of as many digits that stands alone counts as one, as in a table.
    """
    is_code = wanted.kind is IdentifierKind.TARIFF_CODE
    return any(
        _is_named(part, wanted) or (is_code and holds_bare(part, wanted)) for part in _parts_with(text, _anchor(wanted))
    )


def _is_named(text: str, wanted: Identifier) -> bool:
    """Say whether an identifier is among those of a text, as a rule without reading all of it for every kind."""
    found = list(itertools.chain.from_iterable(reading.read(text) for reading in _readings_of(wanted.kind)))
    likely = [one for one in _with_ranges(text, _apart(found)) if wanted.finds(one)]
    if any(_is_undisputed(text, one) for one in likely):
        return True
    return bool(likely or any(map(wanted.finds, found))) and any(map(wanted.finds, identifiers(text)))


def _is_undisputed(text: str, found: Identifier) -> bool:
    """Say whether no other kind is read in the same words."""
    start = max(0, found.start - _CHARS_BEFORE)
    others = identifiers(text[start : found.end + _CHARS_BEFORE])
    return not any(
        other.kind is not found.kind and start + other.start < found.end and found.start < start + other.end
        for other in others
    )


# Words that open an identifier stand within this much before its number.
_CHARS_BEFORE = 80


@functools.cache
def _readings_of(kind: IdentifierKind) -> list[_Reading]:
    return [reading for reading in _READINGS if reading.kind is kind]


def _anchor(wanted: Identifier) -> str:
    """Return a pattern of digits that stand wherever the identifier does, or a range that may hold it."""
    if wanted.last is not None:
        return r"\d"
    digits = _digits(wanted)
    return rf"{digits}|(?i:{_RANGE_OF[wanted.kind]})" if wanted.kind in _RANGE_OF else digits


_RANGE_OF = dict.fromkeys(_RANGED, rf"\d\d(?:\([a-z0-9]+\))*{_TO}(?:[a-z]+\s++)*+\d\d") | {
    IdentifierKind.TARIFF_CODE: rf"\d\d\.?\d\d{_TO}(?:[a-z]+\s++)*+\d\d\.?\d\d"
}


def _digits(wanted: Identifier) -> str:
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
            # Of "701-TA-613" those of the law: "701-TA-612-614" has it without its number.
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
    if wanted.last is not None:
        forms = [search_forms(member) for member in _members(wanted)]
        return SearchForms(
            tuple(phrase for form in forms for phrase in form.phrases),
            tuple(prefix for form in forms for prefix in form.prefixes),
        )
    path = wanted.path
    match wanted.kind:
        case IdentifierKind.TARIFF_CODE:
            # Its heading, too: it may lie in a range of subheadings.
            heading = ["".join(path[:2])] if len(path) > 2 else [" ".join(path)] if len(path) == 2 else []
            return SearchForms((), (*_ways_of_dots(path), *heading))
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


def _members(range_: Identifier) -> list[Identifier]:
    """Return what lies in a range of numbers; of a long one, and one of letters or several chapters, only its ends."""
    first, last = range_.path, range_.last or range_.path
    ends = (first[-1], last[-1])
    parts: Sequence[str] = ends
    if first[:-1] == last[:-1] and all(map(str.isdigit, ends)) and int(ends[1]) - int(ends[0]) <= _LONGEST_RANGE:
        parts = [f"{number:0{len(ends[0])}}" for number in range(int(ends[0]), int(ends[1]) + 1)]
    paths = [(*first[:-1], part) for part in parts] if parts is not ends else [first, last]
    return [replace(range_, path=path, last=None) for path in paths]


def _ways_of_dots(path: tuple[str, ...]) -> Iterator[str]:
    """Yield a code with and without each of its dots; the first comes after four digits."""
    heading, rest = "".join(path[:2]), path[2:]
    for dots in itertools.product((" ", ""), repeat=len(rest)):
        yield heading + "".join(itertools.chain.from_iterable(zip(dots, rest, strict=True)))


def _ways_of_commas(number: str) -> list[str]:
    return [number, f"{number[:-3]} {number[-3:]}"] if len(number) > 3 else [number]


# Everything but tariff codes: words that open it, then one number or a list of them

_MAY_HOLD = re.compile(r"\d|\btitle\b", re.IGNORECASE)
_SUBS = r"((?:\([a-z0-9]{1,4}\))*)"
_END = r"(?![\w%]|[.,]\d)"
_NUMBER = r"(?:\s*+(?:\b(?:nos?|numbers?)\b\.?|#))?\s*+:?\s*+"
_NOT_A_YEAR = r"(?!(?:19|20)\d\d\b)"


def _listed(kind: IdentifierKind, opening: str, number: str) -> _Reading:
    """Return a reading of an opening with the numbers after it; the groups of a number are its path."""
    whole = re.compile(rf"{opening}(?P<items>{_ungrouped(number)}(?:{JOIN}{_ungrouped(number)})*)", re.IGNORECASE)
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

    return _Reading(kind, read)


def _ungrouped(pattern: str) -> str:
    return re.sub(r"(?<!\\)\((?!\?)", "(?:", pattern)


def _path(groups: tuple[str | None, ...]) -> tuple[str, ...]:
    """Return what the groups of a match hold, "(b)(1)" as two, without commas and with one kind of hyphen."""
    parts = [part for group in groups if group for part in re.findall(r"[^()]+", group)]
    return tuple(re.sub(DASH, "-", part.replace(",", "").replace("_", "-")).lower() for part in parts)


def _upper(reading: _Reading) -> _Reading:
    """Return a reading that writes letters large, for what is typed either way."""

    def read(text: str) -> Iterator[Identifier]:
        for found in reading.read(text):
            yield Identifier(found.kind, tuple(part.upper() for part in found.path), found.start, found.end)

    return _Reading(reading.kind, read)


_INVESTIGATION = re.compile(
    rf"\b(?P<law>\d{{3}}{DASH}TA|TA{DASH}\d{{3}}){DASH}(?P<first>\d{{1,4}})(?:{DASH}(?P<last>\d{{1,4}}))?{_END}"
    rf"|\binv(?:estigation)?s?\.?\s*+nos?\.?\s*+(?P<fact>332){DASH}(?P<number>\d{{2,4}}){_END}",
    re.IGNORECASE,
)
# "701-TA-612-613" are two; a longer range than this is no range.
_LONGEST_RANGE = 50


def _investigations(text: str) -> Iterator[Identifier]:
    for found in _INVESTIGATION.finditer(text):
        law = re.sub(DASH, "-", found["law"] or found["fact"]).upper()
        first = int(found["first"] or found["number"])
        last = int(found["last"] or first)
        for number in range(first, last + 1) if last - first <= _LONGEST_RANGE else ():
            yield Identifier(IdentifierKind.INVESTIGATION, (f"{law}-{number}",), *found.span())


# After "case" without the letter, too: then it is both proceedings. Spaces alone part thousands, "A 570 967 ton order".
_CASE = re.compile(
    rf"(?:\bcases?{_NUMBER}(?P<named>[AC]?)(?:{DASH}|\s)?(?P<named_country>\d{{3}})(?:{DASH}|\s)?"
    rf"|(?<![\w-])(?:(?P<law>[AC]){DASH}|(?-i:(?P<large>[AC]))\s?)(?P<country>\d{{3}}){DASH}"
    rf"|(?<![\w-])(?-i:(?P<joined>[AC]))(?P<joined_country>\d{{3}}))(?P<number>\d{{3}}){_END}",
    re.IGNORECASE,
)


def _cases(text: str) -> Iterator[Identifier]:
    for found in _CASE.finditer(text):
        law = found["named"] or found["law"] or found["large"] or found["joined"] or ""
        country = found["named_country"] or found["country"] or found["joined_country"]
        path = (f"{country}-{found['number']}", *([law.upper()] if law else []))
        yield Identifier(IdentifierKind.CASE, path, *found.span())


_READINGS: tuple[_Reading, ...] = (
    _Reading(IdentifierKind.TARIFF_CODE, read_tariff_codes),
    _Reading(IdentifierKind.INVESTIGATION, _investigations),
    _Reading(IdentifierKind.CASE, _cases),
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
    _listed(IdentifierKind.NOTICE, "", rf"(?<![\w-])((?:19|20)\d\d{DASH}\d{{5}}){_END}"),
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
        rf"(\d{{2,3}}{DASH}\d{{1,4}}){_END}",
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
