"""Who did what, as a sentence states it: "Brazil filed the complaint", "was signed by Awa Diop"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.claim_reading import Reading
from assistant.clauses import about_of, clause_at, is_verb
from assistant.domain import ComparisonKind
from assistant.fact import Fact, Role
from assistant.names import Name
from assistant.vocabulary import exempt, word_stem

_OPINIONS = frozenset(
    map(
        word_stem,
        "criticize criticise welcome oppose support back praise condemn attack join warn urge call want hope expect "
        "need face export import produce grow have be seem fear like see know think believe hail reject send get "
        "use".split(),
    )
)
_HELPERS = frozenset("has have had also then later formally finally already will".split())
_APPOSITION = re.compile(r", [^,.;:]{1,80},")
_PASSIVE = re.compile(r"\b(?P<verb>[a-z]+) by (?:the )?\Z", re.IGNORECASE)
_JOINED = re.compile(r",? (?:and |or )?(?:the )?|, ", re.IGNORECASE)


def deed_facts(reading: Reading) -> Iterator[Fact]:
    groups: list[list[Name]] = []
    for name in reading.names:
        if groups and _JOINED.fullmatch(reading.text, groups[-1][-1].end, name.start):
            groups[-1].append(name)
        else:
            groups.append([name])
    for group in groups:
        found = _active(reading, group[-1]) or _passive(reading, group[0])
        if found is None:
            continue
        deed, at = found
        if deed in exempt() or deed in _OPINIONS:
            continue
        start, end = group[0].start, group[-1].end
        begin, until = clause_at(reading, start, end)
        about = about_of(reading, start, end) - {deed}
        # What the doer of a deed in the passive did it to stands before the verb.
        verb = reading.words[at]
        first, last = (verb.end, until) if verb.start > start else (begin, verb.start)
        is_definite = re.match(r"\W*(?:the|its|his|her|their)\b", reading.text[first:last], re.IGNORECASE) is not None
        yield Fact(
            kind=ComparisonKind.ACTOR,
            role=Role.DEED,
            reading=reading,
            start=start,
            end=end,
            about=about,
            actors=tuple(group),
            deed=deed,
            is_definite=is_definite,
        )


def _active(reading: Reading, name: Name) -> tuple[str, int] | None:
    apposition = _APPOSITION.match(reading.text, name.end)
    end = apposition.end() if apposition else name.end
    following = [at for at, word in enumerate(reading.words) if word.start >= end][:4]
    for at in following:
        word = reading.words[at]
        if reading.text[end : word.start].strip():
            return None
        end = word.end
        if word.lower in _HELPERS:
            continue
        if word.lower in ("do", "does", "did"):
            return None
        is_deed = is_verb(word.lower) or (at > 0 and reading.words[at - 1].lower == "will")
        return (reading.stems[at], at) if is_deed and not word.is_capital else None
    return None


def _passive(reading: Reading, name: Name) -> tuple[str, int] | None:
    match = _PASSIVE.search(reading.text, max(0, name.start - 40), name.start)
    if match is None or not is_verb(match["verb"].lower()):
        return None
    at = next(at for at, word in enumerate(reading.words) if word.start >= match.start("verb"))
    return reading.stems[at], at
