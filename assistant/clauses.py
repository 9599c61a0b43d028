"""The clause around a value in a sentence that was read, and the words of it that say what the value is about."""

from __future__ import annotations

import re

from assistant.claim_reading import Reading
from assistant.figures import Figure, WrittenDate
from assistant.names import Token
from assistant.vocabulary import PAST_FORMS, exempt, past_verbs

_CLAUSE_MARK = re.compile(r"[;:\n]|\.(?!\d)(?=\s|\Z)|,(?= (?:and|but|while|whereas|which|who|although|because)\b)")


def clause_at(reading: Reading, start: int, end: int) -> tuple[int, int]:
    marks = [mark.start() for mark in _CLAUSE_MARK.finditer(reading.text) if not _is_in_value(reading, mark.start())]
    begin = max((at + 1 for at in marks if at < start), default=0)
    return begin, min((at for at in marks if at >= end), default=len(reading.text))


def _is_in_value(reading: Reading, at: int) -> bool:
    parts: tuple[Figure | WrittenDate | Token, ...] = (*reading.figures, *reading.dates, *reading.words)
    return any(part.start <= at < part.end for part in parts)


_ASIDE = re.compile(r"\([^()]*\)")


def line_around(reading: Reading, start: int, end: int) -> list[tuple[Token, str]]:
    """Return the content words of the clause around a value, without those in brackets, with their stems."""
    begin, until = clause_at(reading, start, end)
    asides = [match.span() for match in _ASIDE.finditer(reading.text)]
    return [
        (word, stemmed)
        for word, stemmed in reading.line
        if begin <= word.start < until
        and not start <= word.start < end
        and not any(first <= word.start < last for first, last in asides)
    ]


def about_of(reading: Reading, start: int, end: int) -> frozenset[str]:
    """Return the stems of the clause around a value, without those of speaking."""
    return frozenset(stemmed for _, stemmed in line_around(reading, start, end) if stemmed not in exempt())


def is_aside(reading: Reading, at: int) -> bool:
    return any(match.start() <= at < match.end() for match in _ASIDE.finditer(reading.text))


_NEAR_WORDS = 3


def near_to(reading: Reading, start: int, end: int) -> frozenset[str]:
    """Return the stems of the few content words of the clause right before and right after a value."""
    line = line_around(reading, start, end)
    before = [stemmed for word, stemmed in line if word.start < start][-_NEAR_WORDS:]
    after = [stemmed for word, stemmed in line if word.start >= end][:_NEAR_WORDS]
    return frozenset(before + after)


def is_verb(word: str) -> bool:
    return word.endswith("ed") or word in past_verbs() or word in PAST_FORMS.values() or word in _PRESENT


_PRESENT = frozenset("leads heads chairs runs owns holds controls manages oversees chairs presides negotiates".split())
