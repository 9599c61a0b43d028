"""Who stands behind a value in a sentence: the text itself, somebody who claims or proposes it, nobody: it is denied.

What somebody claims is no fact of the text, and what is denied may only be shown with the words that deny it. A figure
that two texts have from one named body is one body's figure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.claim_reading import Reading
from assistant.clauses import clause_at
from assistant.figures import plain
from assistant.names import Name
from assistant.text import content_stems

# ---- What a sentence denies, it does not state ----

_REPORTS = r"(?:reports?|rumou?rs?|claims?|suggestions?|speculation|allegations?)\b"
_DENIAL = re.compile(
    r"\b(?:den(?:y|ies|ied|ying)|reject(?:s|ed|ing)?|dismiss(?:es|ed|ing)?|refut(?:es?|ed|ing)|contradict(?:s|ed|ing)?)"
    rf" (?:that\b|having\b|[a-z]+ing\b|(?:[\w'-]+ ){{0,3}}{_REPORTS}"
    r"|(?=(?:[\w'-]+ ){1,8}(?:was|were|is|are|has|have|had|will|would|expires?|ends?|lapses?"
    r"|remains?|applies|stays?|takes?|runs?)\b))"
    r"|(?:\b(?:not|never)|n't) (?:true|correct|accurate|the case|right|so) that\b|\bno truth\b|\buntrue\b|\brumou?red\b"
    r"|\b(?:false(?:ly)?|wrong(?:ly)?|incorrect(?:ly)?) (?:that|to say|claim\w*|report\w*|stat\w+|said|says)\b"
    r"|\b(?:is|are|was|were) (?:false|wrong|incorrect|baseless|unfounded|not (?:true|correct|so|the case)|a rumou?r)\b",
    re.IGNORECASE,
)
# Beyond one of these a denial does not reach: "denied a delay and said that …".
_REACHED = re.compile(r"[,;:()]|\.(?=\s)| (?:and|but|while|although|though|whereas) ", re.IGNORECASE)
MAX_DENIAL_CHARS = 120
_NOT_BEFORE = re.compile(
    r"(?:\b(?:not|never|neither|nor|cannot|no longer)|n't)\b(?! (?:only|just|merely|least|later|earlier|more|less|fewer"
    r"|until|till|before)\b)(?: (?!until\b|till\b|before\b|but\b|unless\b)[^\s,;:.]+){0,5} ?(?:[$€£¥₹]\s?)?\Z",
    re.IGNORECASE,
)
_NOT_REACH = 60


def has_denial(reading: Reading) -> bool:
    """Say whether a sentence denies anything that is told."""
    return _DENIAL.search(reading.text) is not None


def is_denial(value: str) -> bool:
    """Say whether a value that a fact tells is a denial."""
    return _DENIAL.search(plain(value)) is not None


def is_hearsay(text: str) -> bool:
    """Say whether a text tells what is "reportedly" so, or denies it."""
    return _HEARSAY.search(text) is not None or _DENIAL.search(text) is not None


def denied_span(reading: Reading, start: int, end: int) -> tuple[int, int] | None:
    """Return the words that deny what stands at a place, with it: "denied that the ban was lifted"; None if none do."""
    for match in _DENIAL.finditer(reading.text):
        if _NO_DENIAL.search(reading.text[max(0, match.start() - 24) : match.start()]):
            continue
        first, last = min(match.start(), start), max(match.end(), end)
        if match.end() > start:  # "Reports that the ban was lifted are false": from the beginning of the clause
            first = clause_at(reading, start, end)[0]
            first += len(reading.text[first:start]) - len(reading.text[first:start].lstrip())
        is_beside = match.end() <= start or match.start() >= end
        between = reading.text[min(match.end(), end) : max(match.start(), start)]
        if is_beside and last - first <= MAX_DENIAL_CHARS and not _REACHED.search(between):
            return first, last
    return None


def is_negated(reading: Reading, start: int) -> bool:
    """Say whether "not", "never" or "no longer" stands shortly before a value: "is not 25 percent"."""
    begin = max(clause_at(reading, start, start)[0], start - _NOT_REACH)
    return _NOT_BEFORE.search(reading.text[begin:start]) is not None


# ---- What somebody proposes or claims ----

_PROPOSED = re.compile(
    # "May" is a permission as often as a guess.
    r"\b(?:would|could|might|if|propos(?:es?|ed|ing|als?)|demand(?:s|ed|ing)|urg(?:es?|ed|ing)"
    r"|call(?:s|ed|ing)? for|recommend(?:s|ed|ing)?|suggest(?:s|ed|ing)?|threaten(?:s|ed|ing)?)\b",
    re.IGNORECASE,
)


def is_proposed(reading: Reading, start: int, end: int) -> bool:
    """Say whether a clause tells what somebody proposes, asks for or threatens, or what might be."""
    return _PROPOSED.search(reading.text, *clause_at(reading, start, end)) is not None


_CLAIM = (
    r"(?:claim(?:s|ed|ing)?|alleg(?:es?|ed|ing)|contend(?:s|ed|ing)?|insist(?:s|ed|ing)?|argu(?:es?|ed|ing)"
    r"|assert(?:s|ed|ing)?|accus(?:es?|ed|ing)|complain(?:s|ed|ing)?|suspect(?:s|ed|ing)?|speculat(?:es?|ed|ing)"
    r"|doubt(?:s|ed|ing)?|insinuat(?:es?|ed|ing)|maintain(?:s|ed)? that)"
)
_PARTISANS = (
    r"(?:opponents?|critics?|s[ck]eptics?|rivals?|activists?|campaigners?|lobbyists?|detractors?|the opposition"
    r"|rumou?rs?|social media|unconfirmed reports?)"
)
_SAYS = r"(?:say|says|said|tell|told|report|reported|suggest|suggested|have it|state|stated|write|wrote)"
_UNCONFIRMED = (
    r"(?:retract(?:s|ed|ing)?|(?:refus|declin)(?:es?|ed) to (?:say|confirm|comment)|(?:not|n't) (?:say|confirm)"
    r"|contrary to|earlier version|mistakenly|erroneously)"
)
_CLAIMED_BEFORE = re.compile(
    rf"\b(?:{_CLAIM}|{_UNCONFIRMED}|{_PARTISANS} (?:[\w'-]+ ){{0,4}}?{_SAYS}"
    rf"|according to (?:[\w'-]+ ){{0,3}}?{_PARTISANS})\b",
    re.IGNORECASE,
)
_CLAIMED_AFTER = re.compile(
    rf"[^,;]{{0,200}}, (?:(?:[\w'.-]+ ){{1,6}}{_CLAIM}|(?:[\w'.-]+ ){{0,3}}{_PARTISANS} {_SAYS}"
    rf"|according to (?:[\w'-]+ ){{0,3}}?{_PARTISANS})(?=[,.;]|\s*\Z)",
    re.IGNORECASE,
)
_HEARSAY = re.compile(
    r"\b(?:reportedly|allegedly|supposedly|purportedly|apparently|ostensibly|so-called"
    r"|(?:is|are|was|were) (?:said|believed|thought|understood|alleged|rumou?red|claimed|reported) to)\b",
    re.IGNORECASE,
)
# "No one denies that …"
_NO_DENIAL = re.compile(r"\b(?:no ?one|nobody|none|not|never|cannot|without|[a-z]+n't)\W+(?:\w+\W+)?\Z", re.IGNORECASE)
_CLAIM_ENDS = re.compile(r"[;:]|\.(?=\s)|,? (?:but|while|although|though|whereas) |, and ", re.IGNORECASE)


def is_claimed(reading: Reading, start: int, end: int) -> bool:
    """Say whether what stands at a place is only somebody's claim, or told from hearsay."""
    begin, until = clause_at(reading, start, end)
    return _HEARSAY.search(reading.text, begin, until) is not None or is_attributed(reading.text, start, end)


def is_attributed(text: str, start: int, end: int) -> bool:
    """Say whether `text[start:end]` is what somebody is said to claim, before it or after."""
    if _CLAIMED_AFTER.match(text, end):
        return True
    return any(not _CLAIM_ENDS.search(text, match.end(), start) for match in _CLAIMED_BEFORE.finditer(text, 0, start))


# ---- Whose figure it is ----

_BY = re.compile(r"\b(?:according to|(?:data|figures|estimates?|numbers|statistics) (?:from|of|by)) ", re.IGNORECASE)
_REPORTING = re.compile(
    r" ?,? ?(?:(?:now|also|then|since|has|have|had) ){0,2}(?:estimat|calculat|reckon|forecast|project|find|found|say"
    r"|said|put|expect|predict|report|count|show|write|wrote|told|note|comput|assess|conclud|record)\w*\b",
    re.IGNORECASE,
)
_FIGURES_OF = re.compile(
    r"(?:'s?)? (?:data|figures|estimates?|numbers|statistics|study|report|analysis)\b", re.IGNORECASE
)
_PHRASE = re.compile(r"[^,;:.()]{1,80}")


def origin_names(reading: Reading) -> tuple[Name, ...]:
    """Return the bodies that a sentence names as those its figures are from: "the Lindholm Institute estimates"."""
    return tuple(name for name in reading.names if _is_origin(reading, name))


def _is_origin(reading: Reading, name: Name) -> bool:
    before = reading.text[max(0, name.start - 48) : name.start]
    led = [match.end() for match in _BY.finditer(before)]
    is_led = bool(led) and not re.search(r"[,;:.]", before[led[-1] :])
    # What a country says is no more than where the figure is from.
    is_body = name.key is None
    return is_led or (is_body and any(one.match(reading.text, name.end) for one in (_REPORTING, _FIGURES_OF)))


def origin_words(reading: Reading) -> frozenset[str]:
    """Return the stems of who a sentence says its figures are from: of "according to customs data"."""
    phrases: Iterator[re.Match[str] | None] = (
        _PHRASE.match(reading.text, match.end()) for match in _BY.finditer(reading.text)
    )
    return frozenset(stem for match in phrases if match for stem in content_stems(match[0]))
