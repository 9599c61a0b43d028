"""Nothing is turned into its opposite: a rise into a fall, a ban into a permit, what is denied into what is said.

Words with opposites come from the vocabulary as poles: an axis ("amount") and a side of it. A pole of the claim is
held against those on its axis in the cited sentences, by the words that stand around each.
"""

from __future__ import annotations

import itertools
import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from assistant.claim_reading import Case, Reading, concepts_of, is_in
from assistant.figures import Figure
from assistant.finding import Finding, doubtful, wrong
from assistant.vocabulary import MUST_BE_SAID, NEGATED_TO_OPPOSITE, exempt, negative, poles


def check_direction(case: Case) -> Iterable[Finding]:
    """No word of the claim is the opposite of what the source says of the same thing ("rose" for "fell")."""
    stated = [pole for part in case.nearest for pole in _poles(part)]
    claimed = _poles(case.claim)
    known = concepts_of(case.source.content)
    for word in dict.fromkeys(pole.word for pole in claimed):
        mine = [pole for pole in claimed if pole.word == word]
        written = mine[0].written
        verdicts = [_compare(pole, stated) for pole in mine]
        if _AGREES in verdicts:
            continue
        clashing = next((verdict for verdict in verdicts if isinstance(verdict, _Pole)), None)
        if clashing is None:
            new = [pole.stem for pole in mine if pole.axis in MUST_BE_SAID and pole.is_content]
            if new and not is_in(new[0], case.source.content, known):
                yield doubtful(f"the cited passage does not say “{written}”")
        elif clashing.word == word:
            yield wrong(f"the cited passage says the opposite about “{written}”")
        else:
            yield wrong(f"the cited passage says “{clashing.written}” where the claim says “{written}”")


@dataclass(frozen=True, slots=True)
class _Pole:
    """A word with an opposite: where it stands, on which side, and the words around it."""

    stem: str
    word: str
    written: str
    axis: str
    sign: int
    around: frozenset[str | int]
    is_content: bool
    is_turned: bool


_AGREES = "agrees"
_SILENT = "silent"


def _compare(pole: _Pole, stated: Sequence[_Pole]) -> str | _Pole:
    """Return whether the source agrees or is silent, or the opposite pole of it that stands nearest in meaning."""
    on_axis = [other for other in stated if other.axis == pole.axis]
    agreeing = [other for other in on_axis if other.sign == pole.sign]
    same_side = [len(pole.around & other.around) for other in agreeing]
    if any(other.stem == pole.stem and pole.around & other.around for other in agreeing):
        return _AGREES
    opposite = [(len(pole.around & other.around), other) for other in on_axis if other.sign != pole.sign]
    if not opposite:
        return _AGREES if same_side else _SILENT
    shared, nearest = max(opposite, key=lambda pair: pair[0])
    if same_side and max(same_side) >= shared:
        return _AGREES
    return nearest if shared else _SILENT


_AROUND = 5


def _poles(reading: Reading) -> list[_Pole]:
    table = poles()
    starts = [word.start for word, _ in reading.line]
    found = []
    bounds = [(figure.lead, figure.end) for figure in reading.figures if figure.bound]
    for at, stemmed in enumerate(reading.stems):
        if any(lead <= reading.words[at].start < end for lead, end in bounds):
            continue
        for axis, sign in table.get(stemmed, ()):
            place = bisect_left(starts, reading.words[at].start)
            near = (*reading.line[max(0, place - _AROUND) : place], *reading.line[place : place + 1 + _AROUND])
            around = concepts_of(other for word, other in near if word is not reading.words[at])
            is_content = reading.words[at].start in starts[place : place + 1]
            turned = axis in NEGATED_TO_OPPOSITE and (
                at in reading.denied or (sign < 0 and _is_undone(reading, at, axis))
            )
            towards = -sign if turned else sign
            word, written = reading.words[at].lower, reading.written(reading.words[at])
            found.append(_Pole(stemmed, word, written, axis, towards, around, is_content, turned))
    return found


_UNDONE_BY = 8


def _is_undone(reading: Reading, at: int, axis: str) -> bool:
    """Say whether a ban is said to be lifted: then it permits."""
    near = reading.stems[max(0, at - _UNDONE_BY) : at + _UNDONE_BY]
    return axis == "permit" and any(("force", -1) in poles().get(word, ()) for word in near)


def undone_bans(reading: Reading) -> list[str]:
    """Return the words for bans that the text says are lifted or suspended."""
    return [pole.written for pole in _poles(reading) if pole.axis == "permit" and pole.is_turned and pole.sign > 0]


def check_ranges(case: Case) -> Iterable[Finding]:
    """A change "from A to B" is not turned round."""
    claimed, stated = _changes(case.claim), _changes(case.source)
    direction = {pole.sign for pole in _poles(case.claim) if pole.axis == "amount"}
    for before, after in claimed:
        rises = after.value > before.value
        if direction == {-1 if rises else 1} and (before.kind, before.unit) == (after.kind, after.unit):
            yield wrong(f"from {case.claim.written(before)} to {case.claim.written(after)} is not a {_TURN[rises]}")
        if _holds(stated, after, before) and not _holds(stated, before, after):
            written = f"from {case.claim.written(before)} to {case.claim.written(after)}"
            yield wrong(f"the cited passage has the change the other way round, not “{written}”")


_TURN = {True: "fall", False: "rise"}
_FROM = re.compile(r"\bfrom\W+(?:\w+\W+){0,2}\Z", re.IGNORECASE)


def _changes(reading: Reading) -> list[tuple[Figure, Figure]]:
    return [
        (before, after)
        for before, after in itertools.pairwise(reading.figures)
        if _FROM.search(reading.text, max(0, before.start - 30), before.start)
        and " to " in reading.text[before.start : after.start]
    ]


def _holds(changes: Sequence[tuple[Figure, Figure]], before: Figure, after: Figure) -> bool:
    return any(before.matches(first) and after.matches(second) for first, second in changes)


def check_negation(case: Case) -> Iterable[Finding]:
    """What the source affirms is not denied, and the other way round."""
    claim_denied, claim_affirmed = _denied(case.claim)
    parts = [_denied(part) for part in case.nearest]
    source_denied = frozenset[str]().union(*(denied for denied, _ in parts))
    source_affirmed = frozenset[str]().union(*(affirmed for _, affirmed in parts))
    if claim_denied and not source_denied:
        if any(not _is_softened(word, case.nearest) for word in claim_denied & source_affirmed):
            yield wrong("the claim denies what the cited passage says")
    elif source_denied and not claim_denied:
        if any(not _is_softened(word, (case.claim,)) for word in (source_denied - source_affirmed) & claim_affirmed):
            yield wrong("the claim says what the cited passage denies")
    elif not claim_denied & source_denied:
        turned = claim_denied & source_affirmed - source_denied
        back = source_denied & claim_affirmed - claim_denied
        if turned and back:
            yield wrong("the claim denies something else than the cited passage")


def _denied(reading: Reading) -> tuple[frozenset[str], frozenset[str]]:
    """Return the content stems in the reach of a negation, and all others."""
    place = {word.start: at for at, word in enumerate(reading.words)}
    denied = {stemmed for word, stemmed in reading.line if place[word.start] in reading.denied}
    affirmed = {stemmed for word, stemmed in reading.line if place[word.start] not in reading.denied}
    return frozenset(denied - exempt()), frozenset(affirmed - exempt())


_SOFT_REACH = 4


def _is_softened(word: str, readings: Sequence[Reading]) -> bool:
    """Say whether every place of a word has a word near it that denies without a "not", like "lifted"."""
    for part in readings:
        line = [stemmed for _, stemmed in part.line]
        for at, stemmed in enumerate(line):
            if stemmed == word and negative().isdisjoint(line[max(0, at - _SOFT_REACH) : at + _SOFT_REACH + 1]):
                return False
    return True


def check_prefix(case: Case) -> Iterable[Finding]:
    """A word is not turned round by "un-": changed for unchanged."""
    known = frozenset(case.source.stems)
    place = {word.start: at for at, word in enumerate(case.claim.words)}
    for word, stemmed in case.claim.line:
        opposite = stemmed.removeprefix("un") if stemmed.startswith("un") else f"un{stemmed}"
        is_denied = place[word.start] in case.claim.denied
        is_turned = any(at in case.source.denied for at, other in enumerate(case.source.stems) if other == opposite)
        if stemmed not in known and opposite in known and len(stemmed) > 3 and not is_denied and not is_turned:
            yield wrong(f"the cited passage says the opposite of “{case.claim.written(word)}”")
