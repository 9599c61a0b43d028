"""What kind of source an article is: a table of publishers and sites that a reader may edit, first rule that fits.

The packaged `standing.toml` holds general rules; one in the data directory is asked first. Where an article is
certainly a notice (from the Federal Register) or an opinion (it says so at its top or in its address), that decides.
An article that names its publisher only as its source, "Article Source: Sample Wire" at its end, is somebody else's.
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from assistant.domain import Article, BlockKind, Claim, Standing
from assistant.errors import SettingsError

FILE_NAME = "standing.toml"
PACKAGED = Path(__file__).with_name(FILE_NAME)
# Speak for who makes the rules.
OFFICIAL = frozenset({Standing.OFFICIAL, Standing.AGENCY, Standing.COURT})
PRESS = frozenset({Standing.WIRE, Standing.TRADE_PRESS})

EXAMPLE = """\
# What kind of source a publisher is. The first rule that fits decides, and these come before the packaged ones, which
# `trade-assistant standing` prints.
#
#   standing    official notice, agency, court, wire, trade press, opinion or unknown
#   publishers  names; * stands for anything; upper and lower case are the same
#   sites       domains; each covers the sites below it
#
# [[source]]
# standing = "trade press"
# publishers = ["Harbour Monitor", "Sample * Weekly"]
# sites = ["harbour-monitor.example"]
"""
_FIELDS = {"standing", "publishers", "sites"}
_HEADER = re.compile(r"^[ \t]*\[\[[ \t]*source[ \t]*\]\]", re.MULTILINE)
_OPINION_TITLE = re.compile(
    r"\A(?:opinion|editorial|commentary|op-ed|guest (?:column|essay|commentary)|letters? to the editor)\s*[:|–—-]|"
    r"[|–—-]\s*(?:opinion|editorial|commentary|op-ed)\s*\Z",
    re.IGNORECASE,
)
_OPINION_LINE = re.compile(
    r"(?:opinion|editorial|commentary|op-ed|guest (?:column|essay|commentary)|viewpoint|the editorial board)[.:]?",
    re.IGNORECASE,
)
_CREDIT = re.compile(
    r"^[ \t(\[]*(?:(?:(?:article|story|news|content|original|report)[ \t])?(?:sources?|credits?)[ \t]*[:–—-]"
    r"|(?:this (?:article|story) (?:was )?)?(?:originally|first) (?:published|appeared) (?:by|in|on|at):?)"
    r"[ \t]*(?P<name>[^\n]{1,80})$",
    re.IGNORECASE | re.MULTILINE,
)
# A credit stands under the text.
_END_CHARS = 600
_OPINION_PATH = re.compile(r"/(?:opinions?|commentary|editorials?|op-eds?|op-ed|blogs?)/", re.IGNORECASE)
_REGISTER_HOSTS = ("federalregister.gov", "govinfo.gov")
# Before the first of these an article names what it is.
_BODY = frozenset({BlockKind.PARAGRAPH, BlockKind.LIST_ITEM, BlockKind.TABLE_ROW})

# What is required, forbidden or in force, and the rate of a duty.
_LEGAL = re.compile(
    r"\b(?:must(?! have)|shall|(?:is|are|was|were|be|been) (?:required|prohibited|banned|barred|forbidden|obliged"
    r"|permitted"
    r"|exempt(?:ed)?|subject to|liable|unlawful|illegal|mandatory|payable|duty[- ]free)|requires?|prohibits?"
    r"|bans?|forbids?"
    r"|(?:un|in)?lawful(?:ly)?|illegal(?:ly)?|mandatory|(?:in|into) (?:force|effect)|tak(?:es?|ing) effect"
    r"|took effect"
    r"|effective (?:immediately|from|on|as of|date)|need(?:s|ed)? (?:an? )?(?:[\w-]+ )?(?:licen[cs]e|permit)"
    r"|repeal(?:s|ed)"
    r"|(?:dut(?:y|ies)|tariffs?|(?:deposit|duty|tax|customs) rates?|levy|surcharge|quota)"
    r" (?:[\w,’'-]+ ){0,8}?(?:at|of|to|from|is|are|by)"
    r" (?:[\w-]+ ){0,2}?(?:\d[\d.]*|zero|[a-z-]+) ?(?:%|per ?cent|percent)"
    r"|\d[\d.]* ?(?:%|per ?cent|percent) (?:[\w-]+ ){0,3}?(?:dut(?:y|ies)|tariffs?|levy|surcharge)"
    r"|(?:lifted|suspended|imposed|reinstated|revoked|waived) (?:[\w’'-]+ ){0,6}?(?:dut(?:y|ies)|tariffs?"
    r"|restrictions?"
    r"|controls?|bans?|curbs|quotas?|sanctions?|licen[cs]\w+|requirements?|measures?))(?!\w)",
    re.IGNORECASE,
)
_NO_LAW = re.compile(
    r"\b(?:would|could|might|may|if|forecast|expects?|predict\w*|(?<!as )possible|propos(?:es?|ed|al)|planned"
    r"|threat\w*)\b"
)


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of a table: articles of these publishers (patterns) or these sites have this standing."""

    standing: Standing
    publishers: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()

    def fits(self, publisher: str, host: str) -> bool:
        """Say whether a publisher (lower case) or a host is one of the rule's."""
        by_name = bool(publisher) and any(_name_pattern(name).fullmatch(publisher) for name in self.publishers)
        return by_name or (bool(host) and any(host == site or host.endswith(f".{site}") for site in self.sites))


def read_table(data_dir: Path) -> tuple[Rule, ...]:
    """Return the rules in use, a reader's own before the packaged ones.

    Raises SettingsError that names the file and the line of what is wrong in it.
    """
    return (*own_rules(data_dir), *packaged_rules())


def own_rules(data_dir: Path) -> tuple[Rule, ...]:
    """Return the rules of the data directory's table, none if there is no such file. Raises SettingsError."""
    path = data_dir / FILE_NAME
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError) as err:
        raise SettingsError(f"{str(path)!r} cannot be read: {err}") from err
    return parse_table(text, str(path))


@functools.cache
def packaged_rules() -> tuple[Rule, ...]:
    """Return the rules that come with the product."""
    return parse_table(PACKAGED.read_text(encoding="utf-8"), str(PACKAGED))


def parse_table(text: str, name: str) -> tuple[Rule, ...]:
    """Return the rules of a table, in order. Raises SettingsError with the file's name and the line."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as err:
        raise SettingsError(f"{name!r} is no TOML: {err}") from err
    unknown = sorted(set(table) - {"source"})
    if unknown:
        raise _wrong(name, _line_of(text, unknown[0]), f"{unknown[0]!r} is not known; write [[source]]")
    entries = table.get("source", [])
    if not isinstance(entries, list):
        raise _wrong(name, _line_of(text, "source"), "write [[source]], with two brackets")
    starts = [match.start() for match in _HEADER.finditer(text)] + [len(text)]
    rules = []
    for place, entry in enumerate(entries):
        # An inline list of tables has no headers: then the whole text is looked through.
        start, end = (starts[place], starts[place + 1]) if len(starts) == len(entries) + 1 else (0, len(text))
        rules.append(_rule(entry, name, text, start, end))
    return tuple(rules)


def standing_of(article: Article, table: Sequence[Rule]) -> Standing:
    """Return what kind of source an article is; unknown where no rule fits, whoever it credits."""
    host, path = _place(article.url)
    publisher = " ".join((article.publisher or "").casefold().split())
    if any(host == site or host.endswith(f".{site}") for site in _REGISTER_HOSTS):
        return Standing.OFFICIAL
    standing = next((rule.standing for rule in table if rule.fits(publisher, host)), Standing.UNKNOWN)
    if publisher and publisher in _credited(article) and not any(rule.fits("", host) for rule in table):
        return Standing.RETELLING
    return Standing.OPINION if standing not in OFFICIAL and _is_opinion(article, path) else standing


def standing_of_publisher(name: str, table: Sequence[Rule]) -> Standing:
    """Return how a publisher stands by its name alone."""
    return standing_of(Article("", "", (), publisher=name), table)


def create(data_dir: Path) -> Path:
    """Begin a table in the data directory, with an example to follow, unless there is one; return its path.

    Raises SettingsError if it cannot be written.
    """
    path = data_dir / FILE_NAME
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(EXAMPLE)
    except FileExistsError:
        pass
    except OSError as err:
        raise SettingsError(f"{str(path)!r} cannot be written: {err}") from err
    return path


def is_legal(text: str) -> bool:
    """Say whether a text tells what is required, forbidden, in force or the rate of a duty, not what might be."""
    return any(
        _LEGAL.search(sentence) and not _NO_LAW.search(sentence) for sentence in re.split(r"(?<=[.!?])\s+", text)
    )


def standing_note(claims: Sequence[Claim]) -> str:
    """Return by whose word an answer tells of the law; "" where official sources are cited, or nothing of the law is.

    Commentary alone is told of each such claim. That there are only press reports is told where no official source is
    cited at all, so that it is one line and says something.
    """
    legal = [claim for claim in claims if claim.citations and is_legal(claim.text)]
    opinions = [claim for claim in legal if all(cited.standing is Standing.OPINION for cited in claim.citations)]
    if opinions:
        return f"{_told(opinions)} on the law is backed only by commentary."
    if not legal or any(cited.standing in OFFICIAL for claim in claims for cited in claim.citations):
        return ""
    kinds = {cited.standing for claim in legal for cited in claim.citations}
    backing = (
        "only by press reports, no official source" if kinds <= PRESS | {Standing.OPINION} else "by no official source"
    )
    return f"{_told(legal)} on the law is backed {backing}."


def _told(claims: Sequence[Claim]) -> str:
    """Return "What [1] and [2] say", without what only heads what they say, as a table's first row does."""
    speaking = [[cited for cited in claim.citations if is_legal(cited.quote)] or claim.citations for claim in claims]
    markers = sorted({cited.marker for each in speaking for cited in each})
    *others, last = [f"[{marker}]" for marker in markers]
    return f"What {', '.join(others)} and {last} say" if others else f"What {last} says"


@functools.lru_cache(maxsize=4096)
def _name_pattern(name: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in name.casefold().split("*")))


def _is_opinion(article: Article, path: str) -> bool:
    """Say whether an article calls itself opinion: in its title, on a line above its text, or in its address."""
    if _OPINION_TITLE.search(article.title) or _OPINION_PATH.search(path):
        return True
    for block in article.blocks:
        line = article.text[block.start : block.end].strip()
        if block.kind is not BlockKind.TITLE and _OPINION_LINE.fullmatch(line):
            return True
        if block.kind in _BODY:
            return False
    return False


def _credited(article: Article) -> set[str]:
    """Return whom an article names at its end as where it has its story from (lower case)."""
    names = (match["name"].strip(" .)]\t") for match in _CREDIT.finditer(article.text[-_END_CHARS:]))
    return {" ".join(name.casefold().split()) for name in names}


def _place(url: str | None) -> tuple[str, str]:
    """Return the host (lower case) and the path of an address, "" for what cannot be read."""
    try:
        parts = urlsplit(url or "")
        return (parts.hostname or "").removeprefix("www."), parts.path
    except ValueError:
        return "", ""


def _rule(entry: Any, name: str, text: str, start: int, end: int) -> Rule:
    def wrong(key: str, words: str) -> SettingsError:
        return _wrong(name, _line_of(text, key, start, end), words)

    if not isinstance(entry, dict):
        raise wrong("source", "write [[source]], with two brackets")
    if unknown := sorted(set(entry) - _FIELDS):
        raise wrong(unknown[0], f"{unknown[0]!r} is not known; a source has standing, publishers and sites")
    known = [str(standing) for standing in Standing if standing is not Standing.RETELLING]
    if entry.get("standing") not in known:
        said = f"{entry['standing']!r} is no standing" if "standing" in entry else "the standing is missing"
        raise wrong("standing", f"{said}; write one of {', '.join(known)}")
    for key in ("publishers", "sites"):
        value = entry.get(key, [])
        if not isinstance(value, list) or not all(isinstance(each, str) and each.strip() for each in value):
            raise wrong(key, f"{key} is a list of names in quotation marks")
    publishers, sites = entry.get("publishers", []), entry.get("sites", [])
    if not publishers and not sites:
        raise wrong("standing", "name publishers or sites")
    return Rule(
        Standing(entry["standing"]),
        tuple(" ".join(each.split()) for each in publishers),
        tuple(each.strip().lower().removeprefix("www.").strip(".") for each in sites),
    )


def _line_of(text: str, key: str, start: int = 0, end: int | None = None) -> int:
    """Return the line (from 1) of a key within a stretch of the file, of the stretch if the key is not in it."""
    found = re.compile(rf"^[ \t\[]*[\"']?{re.escape(key)}\b", re.MULTILINE).search(
        text, start, len(text) if end is None else end
    )
    return text.count("\n", 0, found.start() if found else start) + 1


def _wrong(name: str, line: int, words: str) -> SettingsError:
    return SettingsError(f"{name!r}, line {line}: {words}")
