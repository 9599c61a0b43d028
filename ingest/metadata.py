"""What a document states about itself: author, publisher, publication date, address. Never a guess.

A date counts only where it is said to be the publication date or stands where bylines stand. `03/04/2025` names two
days and therefore none; a copyright year, a file's time and a "last updated" line are not publication dates.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

MAX_TITLE_CHARS = 300
MAX_NAME_CHARS = 120
MAX_URL_CHARS = 2_000

# What programs write where nobody gave a name.
_NOBODY = frozenset({"admin", "anonymous", "unknown", "user"})
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?"
    r"|Nov(?:ember)?|Dec(?:ember)?)\.?"
)
_DATE = re.compile(
    r"(?<![\w/.-])(?:"
    r"(?P<iso_year>\d{4})(?P<dash>[-/.])(?P<iso_month>\d{1,2})(?P=dash)(?P<iso_day>\d{1,2})(?=[T\s,;|)]|\Z)"
    rf"|(?P<us_month>{_MONTH})\s+(?P<us_day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<us_year>\d{{4}})"
    rf"|(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:\s+(?:of\s+)?|-)(?P<month>{_MONTH}),?[\s-]+(?P<year>\d{{4}})"
    r"|(?P<first>\d{1,2})(?P<mark>[/.-])(?P<second>\d{1,2})(?P=mark)(?P<last>\d{4}))(?!(?!T\d)[\w/])",
    re.IGNORECASE | re.ASCII,
)
_WEEKDAY = re.compile(r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s+", re.IGNORECASE)
_TIME = re.compile(
    r"[T\s,]*(?:at\s+)?(?:\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:[.,]\d+)?|\d{1,2}(?=\s*[ap]\.?m))\s*(?:[ap]\.?m\.?)?"
    r"\s*(?:[A-Z]{1,5}|[+-]\d{2}:?\d{2})?(?:\s*\([A-Z]{2,5}\))?\s*\Z",
    re.IGNORECASE | re.ASCII,
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T\d{4,6}Z?)?\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Stated:
    """What a document says about itself; None where it says nothing."""

    title: str | None = None
    publisher: str | None = None
    author: str | None = None
    published: date | None = None
    url: str | None = None
    effective: date | None = None
    references: tuple[tuple[str, str], ...] = ()

    def or_else(self, other: Stated) -> Stated:
        """Return these statements, filled up from another's where this one is silent."""
        return Stated(
            self.title or other.title,
            self.publisher or other.publisher,
            self.author or other.author,
            self.published or other.published,
            self.url or other.url,
            self.effective or other.effective,
            self.references or other.references,
        )


NOTHING = Stated()


def clean(value: object, max_chars: int = MAX_NAME_CHARS) -> str | None:
    """Return a string without control characters, white space collapsed, cut to length; None if nothing is left."""
    if not isinstance(value, str):
        return None
    kept = value[: 20 * max_chars]
    if not kept.isprintable():
        kept = "".join(character for character in kept if _is_visible(character))
    collapsed = " ".join(kept.split())
    if len(collapsed) > max_chars:
        collapsed = shorten(collapsed, max_chars)
    return collapsed or None


def shorten(text: str, max_chars: int) -> str:
    """Cut a text at a word to at most `max_chars` characters, with "…" where something was cut."""
    if len(text) <= max_chars:
        return text
    cut = text[:max_chars]
    head = cut.rpartition(" ")[0] or cut[:-1]
    return head.rstrip(" ,;:–—-") + "…"


def web_address(value: object) -> str | None:
    """Return an absolute http or https address, or None."""
    if not isinstance(value, str):
        return None
    address = value.strip()
    if len(address) > MAX_URL_CHARS or any(not _is_visible(character) or character.isspace() for character in address):
        return None
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return None
    return address if parts.scheme.lower() in ("http", "https") and host else None


def name(value: object) -> str | None:
    """Return the name of a person or publisher without a leading "By"; None for addresses, numbers and "unknown"."""
    found = clean(value)
    if found is None:
        return None
    found = re.sub(r"\A(?:written\s+)?by:?\s+", "", found, flags=re.IGNORECASE).strip(" ,;|")
    if not any(character.isalpha() for character in found) or re.match(r"(?:https?:|www\.|@)", found, re.IGNORECASE):
        return None
    return None if found.strip(" .()[]").casefold() in _NOBODY else found


def stated_date(value: object) -> date | None:
    """Return the day a value names in full, a weekday and time of day allowed; None if it names none, or two."""
    if not isinstance(value, str) or len(value) > MAX_NAME_CHARS or not any(mark.isdigit() for mark in value):
        return None
    text = clean(value) or ""
    text = _WEEKDAY.sub("", text, count=1)
    if compact := _COMPACT.match(text):
        return _day(*compact.groups())
    found = _DATE.match(text)
    if found is None or (text[found.end() :].strip(" .,") and not _TIME.match(text, found.end())):
        return None
    return _date_of(found)


def _date_of(found: re.Match[str]) -> date | None:
    if found["iso_year"]:
        return _day(found["iso_year"], found["iso_month"], found["iso_day"])
    if found["us_month"]:
        return _day(found["us_year"], _month(found["us_month"]), found["us_day"])
    if found["month"]:
        return _day(found["year"], _month(found["month"]), found["day"])
    first, second = int(found["first"]), int(found["second"])
    if first > 12 or first == second:
        return _day(found["last"], second, first)
    return _day(found["last"], first, second) if second > 12 else None


def _month(word: str) -> int:
    return _MONTHS.index(word[:3].lower()) + 1


def _day(year: str | int, month: str | int, day: str | int) -> date | None:
    try:
        found = date(int(year), int(month), int(day))
    except ValueError:
        return None
    return found if 1800 <= found.year <= 2199 else None


def _is_visible(character: str) -> bool:
    return character.isspace() or unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Cn")


@dataclass(frozen=True, slots=True)
class Byline:
    """A line that says who, when or where; `is_labelled` if a label says so ("Published:"), not only its place."""

    stated: Stated
    is_labelled: bool


_SEPARATOR = re.compile(r"\s*(?:\||·|•|//)\s*|\s+[—–-]\s+|;\s+")
_LABELS: dict[str, str] = {
    "title": "title",
    "headline": "title",
    "author": "author",
    "authors": "author",
    "written by": "author",
    "reported by": "author",
    "publisher": "publisher",
    "publication": "publisher",
    "published in": "publisher",
    "outlet": "publisher",
    "source": "publisher",
    "article source": "publisher",
    "news source": "publisher",
    "story source": "publisher",
    "original source": "publisher",
    "date": "published",
    "dated": "published",
    "published": "published",
    "published on": "published",
    "publication date": "published",
    "date published": "published",
    "first published": "published",
    "originally published": "published",
    "posted": "published",
    "posted on": "published",
    "issued": "published",
    "released": "published",
    "url": "url",
    "link": "url",
    "permalink": "url",
    "source url": "url",
    "original url": "url",
    "web address": "url",
    "updated": "",
    "last updated": "",
    "last modified": "",
    "modified": "",
    "retrieved": "",
    "accessed": "",
}
_LABEL = re.compile(rf"(?P<label>{'|'.join(sorted(_LABELS, key=len, reverse=True))})\s*(?P<colon>:)?\s+", re.IGNORECASE)
_BY = re.compile(r"(?:By|BY|by)\s+(?P<name>\S.*)")
_NAME = re.compile(
    r"(?:[^\W\d_a-zß-öø-ÿ][\w.'’-]*|de|da|del|della|di|du|van|von|der|den|al|bin|ibn|la|le|and|&|,)"
    r"(?:,?\s+(?:[^\W\d_a-zß-öø-ÿ][\w.'’-]*|de|da|del|della|di|du|van|von|der|den|al|bin|ibn|la|le|and|&)){0,9}"
)
_HANDLE = re.compile(r"@?[\w.-]{2,40}(?: [\w.-]{2,40})?")
_ASIDE = re.compile(
    r"(?:\d+\s*[- ]?min(?:ute)?s?(?:\s+read)?|\d{1,2}[:.]\d{2}\s*(?:[ap]\.?m\.?)?(?:\s*[A-Z]{2,4})?)", re.IGNORECASE
)
_ROLE = re.compile(
    r",\s+(?:[\w&.' -]*\b(?:news|wire|gazette|times|post|monitor|journal|herald|tribune|press|reporter|correspondent|"
    r"editor|staff|writer|contributor|columnist|analyst))\Z",
    re.IGNORECASE,
)
_IN_PLACE = re.compile(r"\s+in\s+[A-Z][\w.’' -]+?(?=\s+and\s|,|\Z)")
_PUBLISHER = re.compile(
    r"(?:The |the )?[^\W_a-z][\w.'’&+-]*(?:\s+(?:[^\W_a-z][\w.'’&+-]*|of|the|and|for|on|in|&|\([A-Z]+\))){0,6}"
)


def byline(line: str) -> Byline | None:
    """Read a line such as "By Jane Roe | November 9, 2025" or "Source: Sample Wire"; None if it is no such line."""
    line = " ".join(line.split())
    if not line or len(line) > 200:
        return None
    stated, known, labelled, strange = NOTHING, 0, False, 0
    whole = _labelled(line)
    if whole is not None:
        return Byline(whole, is_labelled=True)
    is_dated = _DATE.search(line) is not None
    for part in _SEPARATOR.split(line.strip("()[] ")):
        read = _part(part.strip(" ,()[]"), is_dated=is_dated)
        if read is None:
            strange += 1
            if len(part.split()) > 5 or part.endswith((".", "?", "!", ":")):
                return None
            continue
        found, is_labelled = read
        known += 1
        labelled = labelled or is_labelled
        stated = stated.or_else(found)
    has_content = stated != NOTHING or labelled
    return Byline(stated, labelled) if known and has_content and strange <= known else None


def is_name(text: str) -> bool:
    """Say whether a line could be the name of a person: two to four capitalised words."""
    return 2 <= len(text.split()) <= 4 and _NAME.fullmatch(text) is not None


def _part(part: str, *, is_dated: bool) -> tuple[Stated, bool] | None:
    """Read one part of a byline: what it states, and whether a label says so."""
    if not part or _ASIDE.fullmatch(part):
        return NOTHING, False
    labelled = _labelled(part)
    if labelled is not None:
        return labelled, True
    if (day := stated_date(part)) is not None:
        return Stated(published=day), False
    if by := _BY.fullmatch(part):
        author, day = _author_and_day(by["name"])
        if _NAME.fullmatch(author) or (is_dated and _HANDLE.fullmatch(author)):
            return Stated(author=name(author), published=day), True
        return None
    if " by " in part.lower():
        before, _, after = re.split(r"(\s+by\s+)", part, maxsplit=1, flags=re.IGNORECASE)
        opening = _part(before, is_dated=is_dated)
        closing = _part(f"by {after}", is_dated=is_dated)
        if opening is not None and closing is not None:
            return closing[0].or_else(opening[0]), True
    return None


def _author_and_day(text: str) -> tuple[str, date | None]:
    found = _DATE.search(text)
    day = None
    if found is not None and (found.end() == len(text) or _TIME.match(text, found.end())):
        day = _date_of(found)
        text = re.sub(r"[\s,]+(?:on\s+)?(?:\w+day,?\s*)?\Z", "", text[: found.start()])
    return re.sub(_IN_PLACE, "", _ROLE.sub("", text)).strip(" ,"), day


def _labelled(part: str) -> Stated | None:
    """Return what "Label: value" states; an empty statement for labels that state nothing wanted ("Updated:")."""
    found = _LABEL.match(part)
    if found is None:
        return None
    field = _LABELS[found["label"].lower()]
    value = part[found.end() :].strip()
    if field in ("published", ""):
        day = stated_date(value)
        if day is None:
            opening = _DATE.match(_WEEKDAY.sub("", value, count=1)) if found["colon"] and len(value) <= 80 else None
            if opening is None:
                return None
            day = _date_of(opening)
        return Stated(published=day) if field else NOTHING
    if not found["colon"] and found["label"].lower() not in ("written by", "reported by"):
        return None
    if field in ("url", "publisher") and (address := web_address(value)):
        return Stated(url=address)
    if field == "title":
        return Stated(title=clean(value, MAX_TITLE_CHARS))
    if field == "author" and len(value.split()) <= 12 and not value.endswith((".", "?")):
        return Stated(author=name(value))
    if field == "publisher" and _PUBLISHER.fullmatch(value.rstrip(".")):
        return Stated(publisher=name(value.rstrip(".")))
    return None


_PLACE = r"[A-Z][A-Z.'’ -]{2,40}[A-Z.](?:,\s+[A-Z][\w. ]{1,20}?)?"
_DATELINE = re.compile(
    rf"(?P<place>{_PLACE})(?:,?\s+(?:\w+day,\s+)?(?P<date>[\w.]+\s+\d{{1,2}}(?:,\s*\d{{4}})?|\d{{1,2}}\s+\w+\.?(?:\s+\d{{4}})?))?"
    r",?\s*(?:\((?P<agency>[^()\n]{2,60})\))?\s*(?:—|–|--|-)\s+(?=\S)"
)


def dateline(text: str) -> tuple[int, Stated] | None:
    """Return where the dateline that opens a text ends and what it states, or None.

    "WASHINGTON, Nov. 9, 2025 (Sample Wire) — …" states a date and a publisher; without a year it states no date.
    """
    found = _DATELINE.match(text)
    if found is None or not (found["date"] or found["agency"]):
        return None
    if found["date"] and not re.search(_MONTH, found["date"], re.IGNORECASE):
        return None
    agency = found["agency"] if found["agency"] and _PUBLISHER.fullmatch(found["agency"]) else None
    return found.end(), Stated(published=stated_date(found["date"]), publisher=name(agency))
