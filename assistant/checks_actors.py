"""Who speaks, acts, is acted upon and where things come from is as the source has it.

Names that are all in the source can still have changed places. These checks compare what stands next to each name,
in the claim and in the cited sentences nearest to it.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence

from assistant.claim_reading import Case, Reading, is_inside
from assistant.finding import Finding, doubtful, wrong
from assistant.vocabulary import actors, exempt, word_stem


def check_speaker(case: Case) -> Iterable[Finding]:
    """Words are not put into another mouth: who speaks in the claim speaks in the source."""
    speakers = {speaker for part in case.nearest for speaker in _speakers(part)}
    known = sorted(speaker for speaker in speakers if speaker is not None)
    if not known or None in speakers:
        return
    for speaker in _speakers(case.claim):
        if speaker is not None and not any(set(speaker) <= set(other) or set(other) <= set(speaker) for other in known):
            there, here = _shown(" ".join(known[0]), case.nearest), _shown(" ".join(speaker), [case.claim])
            yield wrong(f"the cited passage has this from {there}, not from {here}")


_REPORTING = frozenset(
    "said says told tells argued argues warned warns noted notes added adds claimed claims acknowledged "
    "acknowledges insisted insists declared declares called calls estimates estimated predicted predicts "
    "stressed described".split()
)


def _speakers(reading: Reading) -> list[tuple[str, ...] | None]:
    """Return who speaks at each verb of saying, by name or key; None where no name stands beside it."""
    return [
        _name_at(reading, word.start, ends=True) or _name_at(reading, word.end, ends=False)
        for word in reading.words
        if word.lower in _REPORTING
    ]


_APPOSITION = re.compile(r"(?:,[^,.;]{0,60},)? ?(?:also |has |had |then )?")


def _name_at(reading: Reading, position: int, *, ends: bool) -> tuple[str, ...] | None:
    for name in reading.names:
        gap = reading.text[name.end : position] if ends else reading.text[position : name.start]
        if (name.end <= position if ends else name.start >= position) and _APPOSITION.fullmatch(gap):
            return name.words if name.key is None else (name.key,)
    return None


def check_roles(case: Case) -> Iterable[Finding]:
    """Who acts and who is acted upon are not exchanged ("A sued B" for "B sued A")."""
    for first, verb, second in _triples(case.claim):
        stated = [triple for part in case.nearest for triple in _triples(part) if triple[1] == verb]
        if (second, verb, first) in stated and (first, verb, second) not in stated:
            yield wrong("the cited passage has it the other way round")
            return


def _triples(reading: Reading) -> list[tuple[str, str, str]]:
    """Return (name, stem between, name) for names that follow each other; "by" turns the two round."""
    found = []
    for one, two in itertools.pairwise(reading.names):
        between = [at for at, word in enumerate(reading.words) if one.end <= word.start and word.end <= two.start]
        if len(between) > 8 or any(mark in reading.text[one.end : two.start] for mark in ".;:"):
            continue
        first, second = one.key or one.words[-1], two.key or two.words[-1]
        if any(reading.words[at].lower == "by" for at in between):
            first, second = second, first
        found += [(first, reading.stems[at], second) for at in between if reading.stems[at] in reading.content]
    return found


def check_neighbours(case: Case) -> Iterable[Finding]:
    """A name stands beside the same word as in the source: "Chile agreed", "benefits Peru", "Chinese ships"."""
    stated = [pair for part in case.nearest for pair in _neighbours(part)]
    for word, name, is_before in _neighbours(case.claim):
        there = {other for stemmed, other, before in stated if stemmed == word and before == is_before}
        if there and name not in there and not any(set(name.split()) & set(other.split()) for other in there):
            shown = ", ".join(sorted(_shown(other, case.nearest) for other in there))
            reason = f"the cited passage says this of {shown}, not of {_shown(name, [case.claim])}"
            is_named = not any(word_stem(other) in actors() for other in (*there, name))
            yield wrong(reason) if is_named else doubtful(reason)
            return


def _neighbours(reading: Reading) -> list[tuple[str, str, bool]]:
    """Return (stem, name, whether the name comes first) for content words next to a name in one clause."""
    found = []
    places = {word.start: at for at, (word, _) in enumerate(reading.line)}
    for (agent, written), (word, stemmed) in itertools.pairwise(reading.line):
        gap = reading.text[agent.end : word.start]
        is_of_country = any(name.key and reading.text[name.end : agent.start] == " " for name in reading.names)
        if (
            not is_of_country
            and written in actors()
            and len(gap.split()) <= 2
            and not re.search(r"[,;:.()\n]", gap)
            and stemmed not in exempt()
        ):
            found.append((stemmed, agent.lower, True))
    for name in reading.names:
        written = name.key or " ".join(name.words)
        inside = [at for start, at in places.items() if name.start <= start < name.end]
        if not inside:
            continue
        for at, is_before in ((max(inside) + 1, True), (min(inside) - 1, False)):
            if not 0 <= at < len(reading.line):
                continue
            word, stemmed = reading.line[at]
            if stemmed in actors() or any(is_inside(word, other) for other in reading.names):
                continue
            gap = reading.text[name.end : word.start] if is_before else reading.text[word.end : name.start]
            if len(gap.split()) <= 2 and not re.search(r"[,;:.()\n]", gap) and stemmed not in exempt():
                found.append((stemmed, written, is_before))
    return found


def check_origin(case: Case) -> Iterable[Finding]:
    """Things come from where the source has them from: "Chinese ships" are not "ships from Korea"."""
    stated = [pair for part in case.nearest for pair in _origins(part)]
    for word, key in _origins(case.claim):
        there = {other for stemmed, other in stated if stemmed == word}
        if there and key not in there:
            shown = ", ".join(sorted(_shown(other, case.nearest) for other in there))
            yield wrong(f"the cited passage says this of {shown}, not of {_shown(key, [case.claim])}")
            return


def _origins(reading: Reading) -> list[tuple[str, str]]:
    """Return (stem, key) for words in a noun phrase with a country: "Chinese electric cars", "cars from China"."""
    found = []
    places = {word.start: at for at, (word, _) in enumerate(reading.line)}
    for name in reading.names:
        if name.key is None or name.start not in places:
            continue
        at = places[name.start]
        end = name.end
        for word, stemmed in reading.line[at + 1 : at + 4]:
            if reading.text[end : word.start].strip(" -"):
                break
            found.append((stemmed, name.key))
            end = word.end
        if at and reading.text[reading.line[at - 1][0].end : name.start].strip() in ("from", "from the"):
            found.append((reading.line[at - 1][1], name.key))
    return [(stemmed, key) for stemmed, key in found if stemmed not in exempt()]


def _shown(name: str, readings: Sequence[Reading]) -> str:
    """Return a name, or a noun that acts like one, quoted as the first of the texts to have it spells it."""
    for reading in readings:
        for found in reading.names:
            if name in (found.key, " ".join(found.words)):
                return f"“{_POSSESSIVE.sub('', reading.written(found))}”"
        for word in reading.words:
            if word.lower == name:
                return f"“{_POSSESSIVE.sub('', reading.written(word))}”"
    return f"“{name}”"


_POSSESSIVE = re.compile(r"['’]s?\Z")
