"""Ranks of a text: "the second-largest exporter", "one of the three oldest ports", "the last to sign", "a record high".

A rank is a scale and the end of it that is counted from, the place, whether others share it ("among the"), and the
words it is said of. "Most" and "a minority" of a whole are read as ranks as well: they have two ends.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from assistant.claim_reading import Reading, concepts_of, read_text
from assistant.figures import Figure, FigureKind
from assistant.vocabulary import exempt, word_stem

# scale: what superlatives are made of at the upper end / at the lower end, and words that are ranks by themselves
_SCALES = """
degree: large big great high top leading main chief principal primary foremost most maximum record majority /
  small low little least lowermost minimum few tiny minority bottom
age: new recent young modern newest / old ancient eld
order: first early initial / last final late
quality: good best fine / bad worst poor
strength: strong tough strict heavy robust / weak mild light lax
pace: fast quick rapid swift / slow
reach: far distant remote / near close
length: long / short
cost: dear expensive costly / cheap
wealth: rich wealthy affluent / poor
warmth: hot warm / cold cool
width: wide broad / narrow
"""
_NO_SUPERLATIVES = frozenset(
    "rest test forest rainforest interest disinterest harvest modest honest request protest contest suggest invest "
    "northwest southwest midwest arrest conquest tempest crest nest unrest guest manifest earnest ingest digest attest "
    "divest priest behest bequest inquest chest quest zest jest reinvest molest infest detest wrest everest budapest "
    "bucharest reforest brest deforest dishonest immodest congest west vest pest lest blest qwest retest furest".split()
)
_IRREGULAR = {"best": "good", "worst": "bad", "farthest": "far", "furthest": "far", "eldest": "old", "latest": "new"}
# Words that are ranks without an ending; the second line only right after a word that picks one out.
_WHOLE = frozenset("most least foremost majority minority".split())
_PICKED = frozenset("top leading main chief principal primary last final first bottom record".split())
_PICKING = frozenset("the its their his her our a an this as s their whose single reached hit at".split())
_SPANS = frozenset("year month week day night quarter decade century few two three hour season summer winter".split())


@dataclass(frozen=True, slots=True)
class Rank:
    """A rank at `text[start:end]` of a reading.

    `scale` is its name, or the stem of a word on none; `sign` 1 for the upper end and -1 for the lower. `place` counts
    from there, `several` how many share it ("top three"), 1 for one. `before` and `after` are the words it is said of,
    `place_in` those of where it holds ("in the world"), `since` the year it holds since, or "ever";
    `is_plain` says that the word is often no rank at all ("last", "main").
    """

    scale: str
    sign: int
    place: int
    several: int
    is_shared: bool
    is_plain: bool
    before: frozenset[str | int]
    after: frozenset[str | int]
    place_in: frozenset[str | int]
    since: str
    start: int
    end: int

    def follows_from(self, other: Rank) -> bool:
        """Say whether this is true where `other` is: what is the largest is among the largest."""
        if self.place > 1 and self.place == other.place and "order" in (self.scale, other.scale):
            return True  # "came third" of the third-largest
        if (self.scale, self.sign) != (other.scale, other.sign):
            return False
        return self.is_shared or (self.place == other.place and self.several == other.several and not other.is_shared)

    def reaches_beyond(self, other: Rank) -> bool:
        """Say whether this holds in another place or for another time than `other`: "ever" for "since 2009"."""
        is_elsewhere = bool(self.place_in and other.place_in) and self.place_in.isdisjoint(other.place_in)
        is_longer = self.since != other.since and bool(self.since) and bool(other.since)
        return is_elsewhere or (is_longer and self.since != "some years")

    def nearness(self, other: Rank) -> int:
        """Say how much two ranks are said of the same thing; what follows a rank says most."""
        after = len(self.after & other.after)
        return 3 * after + len((self.before | self.after) & (other.before | other.after))


def ranks(reading: Reading) -> tuple[Rank, ...]:
    """Return the ranks of a text in order."""
    return _ranks(reading.original)


@functools.lru_cache(maxsize=512)
def _ranks(original: str) -> tuple[Rank, ...]:

    return tuple(_read(read_text(original)))


def _read(reading: Reading) -> Iterator[Rank]:
    spots = sorted(_spots(reading), key=lambda spot: spot[2])[:_MOST_RANKS]
    last_before: frozenset[str | int] = frozenset()
    last_after: frozenset[str | int] = frozenset()
    for at, (base, place, start, end) in enumerate(spots):
        scale, sign = _scales().get(word_stem(base), (word_stem(base), 1))
        if base == "record" and reading.text[end:].lower().startswith((" low", "-low")):
            sign = -1
        low = spots[at - 1][3] if at else 0
        high = spots[at + 1][2] if at + 1 < len(spots) else len(reading.text)
        before, after = _around(reading, start, end, low, high)
        # "First in roses" after "Madara ranks fifth in tulips" says no more who ranks.
        after = last_after if after <= last_after else after
        before = before or last_before
        last_before, last_after = before, after
        lead = reading.text[max(0, start - _LEAD) : start].lower()
        is_shared = _SHARED.search(lead) is not None
        is_plain = base in _PICKED
        several = 1 if base == "record" else _several(reading, start, end)
        place_in, since = _scope(reading, start, end, high)
        yield Rank(scale, sign, place, several, is_shared, is_plain, before, after, place_in, since, start, end)


_LEAD = 40
# More than a passage holds; tables have many.
_MOST_RANKS = 48
_SHARED = re.compile(
    r"\b(?:(?:one|some|many|several|two|three|four|five|any|few|each|both) of|among|amongst) (?:the |its |their )?"
    r"(?:[\w.]+'s? )?(?:[\w-]+ )?\Z"
)


def _spots(reading: Reading) -> Iterator[tuple[str, int, int, int]]:
    """Yield the base word, the place, the start and the end of each rank."""
    ordinals = {figure.end: figure for figure in reading.figures if figure.kind is FigureKind.ORDINAL}
    joined: set[int] = set()
    for at, word in enumerate(reading.words):
        base = _base(reading, at)
        ordinal = ordinals.get(word.start - 1)
        if base is None and not (ordinal and word.lower in _PICKED):
            continue
        if ordinal is None:
            yield base or word.lower, 1, word.start, word.end
        else:
            joined.add(ordinal.start)
            yield base or word.lower, int(ordinal.value), ordinal.start, word.end
    for figure in ordinals.values():
        if figure.start not in joined and not _is_part_of_name(reading, figure):
            yield "first", int(figure.value), figure.start, figure.end


def _base(reading: Reading, at: int) -> str | None:
    """Return the word a superlative is made of, or a word that is a rank by itself; None for any other word."""
    words = reading.words
    lower = words[at].lower
    before = words[at - 1].lower if at else ""
    following = words[at + 1].lower if at + 1 < len(words) else ""
    if lower in _WHOLE:
        return None if before == "at" else lower
    if lower in _PICKED:
        is_span = lower == "last" and word_stem(following) in _SPANS
        return lower if (before in _PICKING or words[at - 1].is_possessive) and at and not is_span else None
    return superlative_base(lower)


def superlative_base(lower: str) -> str | None:
    """Return the adjective of a superlative, as far as its ending tells; None for any other word."""
    if lower in _IRREGULAR:
        return _IRREGULAR[lower]
    if not lower.endswith("est") or len(lower) < 6 or lower in _NO_SUPERLATIVES:
        return None
    stem = lower[:-3]
    if stem.endswith("i"):
        return f"{stem[:-1]}y"
    if stem[-1] == stem[-2] and stem[-1] not in "ls":
        return stem[:-1]
    return stem if stem in _all_bases() or f"{stem}e" not in _all_bases() else f"{stem}e"


def degree(lower: str) -> tuple[str, str]:
    """Return the adjective of a superlative or comparative and its degree, "most" or "more"; the word and "" else."""
    base = superlative_base(lower)
    if base is not None:
        return base, "most"
    stem = lower.removesuffix("er")
    for other in (_COMPARATIVES.get(lower, ""), stem, f"{stem}e", f"{stem[:-1]}y", stem[:-1]):
        if lower != stem and other in _all_bases():
            return other, "more"
    return (_COMPARATIVES[lower], "more") if lower in _COMPARATIVES else (lower, "")


_COMPARATIVES = {"better": "good", "worse": "bad", "less": "little", "fewer": "few"}


def _is_part_of_name(reading: Reading, figure: Figure) -> bool:
    """Say whether an ordinal is one of "World War II", "the 11th Congress" or counts sentences: "First, …"."""
    written = reading.text[figure.start : figure.end]
    return written[0].isupper() or reading.text[figure.end : figure.end + 1] == ","


_WHERE = "world globe global worldwide region country nation continent district province state city".split()
_IN = re.compile(r"\b(?:in|across|of|among) (?:the |all of the |its |their )?\Z")
_EVER = re.compile(r"\b(?:ever|on record|in (?:its |the )?history|of all time)\b", re.IGNORECASE)
_FOR_YEARS = re.compile(r"\b(?:in|for) (?:[\w-]+ ){1,3}(?:years|months|decades|weeks)\b", re.IGNORECASE)


def _scope(reading: Reading, start: int, end: int, high: int) -> tuple[frozenset[str | int], str]:
    """Return the words of the place a rank holds in, "the world's largest", and the year it holds since, or "ever"."""
    stop = min([high, *(match.start() for match in _CUT.finditer(reading.text, end))])
    wheres = []
    for word, stemmed in reading.line:
        is_place = stemmed in reading.keys or stemmed in _places()
        is_whose = word.is_possessive and start - _NEAR <= word.end <= start
        is_in = end <= word.start < stop and _IN.search(reading.text, end, word.start) is not None
        if is_place and (is_whose or is_in):
            wheres.append(stemmed)
    year = next(
        (day.year for day in reading.dates if end <= day.start < stop and reading.text[: day.start].endswith("since ")),
        None,
    )
    if year is not None:
        return concepts_of(wheres), str(year)
    since = "ever" if _EVER.search(reading.text, end, stop) else ""
    return concepts_of(wheres), since or ("some years" if _FOR_YEARS.search(reading.text, end, stop) else "")


@functools.cache
def _places() -> frozenset[str]:
    return frozenset(map(word_stem, _WHERE))


_NEAR = 12
_MOST_SEVERAL = 20


def _several(reading: Reading, start: int, end: int) -> int:
    """Return how many share a rank: "the five largest", "top 3"; "the last 5 years" are no such five."""
    for figure in reading.figures:
        if figure.end == start - 1 or figure.start == end + 1:
            is_count = figure.kind is FigureKind.NUMBER and not figure.unit and 1 < figure.value <= _MOST_SEVERAL
            return int(figure.value) if is_count else 1
    return 1


_REACH = 4
_CUT = re.compile(r"[,;:.()\n](?!\d)|\b(?:and|but|while|whereas|although|though|which)\b")


def _around(
    reading: Reading, start: int, end: int, low: int, high: int
) -> tuple[frozenset[str | int], frozenset[str | int]]:
    """Return the content words before and after a rank, as far as its clause or the next rank."""
    cuts = [match.start() for match in _CUT.finditer(reading.text)]
    low = max([low, *(cut for cut in cuts if cut < start)])
    high = min([high, *(cut for cut in cuts if cut >= end)])
    line = [(word.start, stemmed) for word, stemmed in reading.line if stemmed not in exempt()]
    before = [stemmed for at, stemmed in line if low <= at < start][-_REACH:]
    after = [stemmed for at, stemmed in line if end <= at < high][:_REACH]
    return concepts_of(before), concepts_of(after)


@functools.cache
def _all_bases() -> frozenset[str]:
    return frozenset(_SCALES.replace("/", " ").split())


@functools.cache
def _scales() -> dict[str, tuple[str, int]]:
    found: dict[str, tuple[str, int]] = {}
    for line in _SCALES.strip().replace("\n  ", " ").splitlines():
        name, _, words = line.partition(":")
        for sign, side in zip((1, -1), words.split("/"), strict=True):
            found |= {word_stem(word): (name, sign) for word in side.split()}
    return found
