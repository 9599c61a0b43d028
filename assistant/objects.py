"""What a figure, date or status is of: "on rebar", "for rice", "from the Baltic Sea".

Two facts whose sentences are alike but for that are about different things: a duty on rebar and one on wire rod.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from assistant.claim_reading import concepts_of, is_in
from assistant.fact import Fact
from assistant.facts_statuses import measure_stems
from assistant.figures import FigureKind
from assistant.vocabulary import past_verbs, word_stem

_PREPOSITIONS = frozenset("on of for from against into between to".split())
_OVER = _PREPOSITIONS | frozenset(
    "in at by with after before since until through that which who as and or but is are was were be been has have had "
    "will would may can could must while because if when its their".split()
)
# Words of trade that say nothing about which goods are meant.
_GENERAL = frozenset(
    map(word_stem, "export import shipment sale good product imported exported year month total whole".split())
)
_MOST_WORDS = 5
# "To 4 percent on Monday": when, not what of.
_DAYS = frozenset("monday tuesday wednesday thursday friday saturday sunday today yesterday tomorrow average".split())


@dataclass(frozen=True, slots=True)
class _Object:
    """The words after one preposition; `is_beside` if that stands right after the value."""

    preposition: str
    words: frozenset[str]
    is_beside: bool


# What is called by words of two of these is two measures; a "rule", "curb" or "measure" may be any of them.
_KINDS = tuple(
    frozenset(map(word_stem, words.split()))
    for words in (
        "ban embargo prohibition moratorium boycott",
        "duty tariff tax levy",
        "fee charge levy",
        "surcharge surtax charge levy",
        "quota cap limit",
        "licence license licensing permit",
        "exemption waiver concession preference",
        "subsidy",
        "sanction blacklist embargo",
        "safeguard duty tariff",
    )
)


def are_of_other_measures(one: Iterable[str], other: Iterable[str]) -> bool:
    """Say whether the stems of two measures name two kinds of them: a ban and a duty, a licence and a quota."""
    mine, theirs = (frozenset(stems) for stems in (one, other))
    first, second = ({at for at, kind in enumerate(_KINDS) if kind & stems} for stems in (mine, theirs))
    return bool(first) and bool(second) and not first & second


def are_of_other_objects(one: Fact, other: Fact) -> bool:
    """Say whether two facts name objects after the same preposition of which the other sentence says nothing.

    What stands right after both values decides; there an amount must be of the very same: "tonnes of canned tuna" are
    not "tonnes of tuna".
    """
    mine, theirs = list(_objects(one)), list(_objects(other))
    beside = [{found.preposition: found.words for found in every if found.is_beside} for every in (mine, theirs)]
    for preposition, first, second in _paired(*beside):
        is_amount = preposition == "of" and one.figure is not None and one.figure.kind is FigureKind.NUMBER
        return not (_is_within(first, second) and _is_within(second, first)) if is_amount else not _share(first, second)
    return any(
        not _share(first, other.reading.content) and not _share(second, one.reading.content)
        for _, first, second in _paired(_united(mine), _united(theirs))
    )


def _paired(
    mine: Mapping[str, frozenset[str]], theirs: Mapping[str, frozenset[str]]
) -> Iterator[tuple[str, frozenset[str], frozenset[str]]]:
    for preposition in sorted(mine.keys() & theirs.keys()):
        if mine[preposition] and theirs[preposition]:
            yield preposition, mine[preposition], theirs[preposition]


def _united(found: list[_Object]) -> dict[str, frozenset[str]]:
    united: dict[str, frozenset[str]] = {}
    for one in found:
        united[one.preposition] = united.get(one.preposition, frozenset()) | one.words
    return united


def _share(one: frozenset[str], other: frozenset[str]) -> bool:
    concepts = concepts_of(other)
    return any(is_in(word, other, concepts) for word in one)


def _is_within(one: frozenset[str], other: frozenset[str]) -> bool:
    concepts = concepts_of(other)
    return all(is_in(word, other, concepts) for word in one)


def _objects(fact: Fact) -> Iterator[_Object]:
    reading = fact.reading
    stems = {word.start: stemmed for word, stemmed in reading.line}
    ignored = measure_stems() | _GENERAL | reading.keys
    for at, word in enumerate(reading.words):
        following = reading.words[at + 1].lower if at + 1 < len(reading.words) else ""
        if word.lower not in _PREPOSITIONS or following in _DAYS:
            continue
        words, end = [], word.end
        for later in reading.words[at + 1 : at + 1 + _MOST_WORDS]:
            is_cut = reading.text[end : later.start].strip(" -'")
            if is_cut or later.lower in _OVER or fact.start <= later.start < fact.end or _is_past(later.lower):
                break
            end = later.end
            if later.start in stems:
                words.append(stems[later.start])
        is_beside = word.start >= fact.end and not reading.text[fact.end : word.start].strip()
        said = frozenset(words) - ignored
        yield _Object(word.lower, said if is_beside else said & fact.about, is_beside)


def _is_past(word: str) -> bool:
    return word in past_verbs()
