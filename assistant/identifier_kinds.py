"""What an identifier of trade law is: a kind and a path from the general to the particular, or a range of such paths.

The one rule is that a path finds what begins with it: heading 8471 finds 8471.30 and 8471.30.01, 19 CFR 351 finds
19 CFR 351.225(c), and never the other way round. A range is all that lies between its ends, as general as they are:
8471.41 finds "8471.30 through 8471.50", and "headings 8471 to 8473" find 8472.10.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

Path = tuple[str, ...]


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

    `path` goes from the general to the particular: that of 8471.30.01 is ("84", "71", "30", "01"). `last` is the path
    that a range ends with, as long as `path`; it is None for what is no range.
    """

    kind: IdentifierKind
    path: Path
    start: int
    end: int
    last: Path | None = None

    @property
    def key(self) -> str:
        """Return the one way it is written here, such as "8471.30", "84 FR 243", "Section 301(b)" or "8471–8473"."""
        first = _written(self.kind, self.path)
        return first if self.last is None else f"{first}–{_after_dash(self.kind, self.last)}"

    def finds(self, other: Identifier) -> bool:
        """Say whether the other, or some of a range that it is, is this one or a part of it."""
        length = len(self.path)
        if self.kind is not other.kind or len(other.path) < length:
            return False
        if self.last is None and other.last is None:
            return other.path[:length] == self.path
        least, most = other.path[:length], (other.last or other.path)[:length]
        return in_order(least, self.last or self.path) and in_order(self.path, most)


def in_order(one: Path, other: Path) -> bool:
    """Say whether a path is another or comes before it; numbers count, so 99 comes before 101."""
    return _order(one) <= _order(other)


def _order(path: Path) -> list[tuple[int, str]]:
    return [(len(part), part) for part in path]


def _after_dash(kind: IdentifierKind, path: Path) -> str:
    """Return a path without the words that say its kind, which stand before the first of a range."""
    return _written(kind, path).split(" ")[-1]


def _written(kind: IdentifierKind, path: Path) -> str:
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
