"""Are two facts of different articles about the same thing? Only then can they agree or differ.

A false alarm costs more than a miss: figures of other goods, countries, years, rounds or kinds of rate are about
other things, and so is what answers the question markedly less well than the fact it would be held against.
Thresholds: `python -m tests.benchmarks.report_disagreement --sweep`, on the development half of tests/data/pairs.jsonl.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from assistant.attribution import origin_names, origin_words
from assistant.claim_reading import concepts_of, is_in, read_text
from assistant.clauses import clause_at
from assistant.domain import ComparisonKind
from assistant.evidence import WeighedUnit
from assistant.fact import Fact, Role
from assistant.facts_statuses import status_stems
from assistant.figures import FigureKind
from assistant.objects import are_of_other_measures, are_of_other_objects
from assistant.question import Question
from assistant.sameness import is_one_actor
from assistant.vocabulary import goods, poles, word_stem

# The share of the words around the fact with fewer of them that stand around the other one as well.
SHARED = 0.5
# At least so many words: "the fee" alone is no measure.
LEAST_SHARED = 2
# Cosine of the two units.
NEAR = 0.5
# How well the other unit covers the question, as a share of how well the cited one does.
COVERS = 0.68
# What stands right beside both values counts this much more: of two dates of a sentence one is meant.
BESIDE = 0.1
# The share of the words of a question of status that each fact's clause holds.
BEARS = 0.5
# Of two that bear as much, the nearer one.
TIE = 1e-3
# Flows, such as exports or a rise, are of the same time only if their articles are.
SAME_TIME_DAYS = 120


@dataclass(frozen=True, slots=True)
class Placed:
    """A fact with the unit it stands in."""

    fact: Fact
    unit: WeighedUnit

    @property
    def article_id(self) -> str:
        """Return the article it stands in."""
        return self.unit.read.source.article_id

    @property
    def published(self) -> date | None:
        """Return when its article was published."""
        return self.unit.read.source.article.published

    @property
    def publisher(self) -> str:
        """Return the publisher of its article in lower case without "The", "" if it names none."""
        return " ".join((self.unit.read.source.article.publisher or "").casefold().split()).removeprefix("the ")


def are_independent(one: Placed, other: Placed) -> bool:
    """Say whether two articles of different stories are two sources of one fact.

    They are of two publishers, neither quotes the other, and they do not have a figure from one named body.
    """
    if one.publisher and one.publisher == other.publisher:
        return False
    if _names_publisher(one, other) or _names_publisher(other, one):
        return False
    return one.fact.kind is not ComparisonKind.FIGURE or not _have_one_origin(one, other)


def _names_publisher(placed: Placed, other: Placed) -> bool:
    return bool(other.publisher) and _names(placed.unit.read.text, other.publisher)


def _have_one_origin(one: Placed, other: Placed) -> bool:
    """Say whether both repeat the figure of one body; one that only one of them names stands elsewhere in the other."""
    mine, theirs = one.fact.reading, other.fact.reading
    first, second = origin_names(mine), origin_names(theirs)
    if any(is_one_actor(here, there) for here in first for there in second):
        return True
    if any(_names(_text(other), mine.written(name)) for name in first):
        return True
    if any(_names(_text(one), theirs.written(name)) for name in second):
        return True
    return bool(origin_words(mine) & origin_words(theirs))


def _text(placed: Placed) -> str:
    return placed.unit.read.source.article.text


def _names(text: str, name: str) -> bool:
    """Say whether a text holds a name, however its words are spaced and written."""
    words = r"\s+".join(map(re.escape, name.split()))
    return re.search(rf"(?<!\w){words}(?!\w)", text, re.IGNORECASE) is not None


def sameness(cited: Placed, other: Placed, question: Question) -> float | None:
    """Return how surely two facts are about one thing (0–1), None if they are not."""
    one, two = cited.fact, other.fact
    if one.kind is not two.kind or one.role is not two.role or not _are_measured_alike(one, two):
        return None
    # What somebody proposed neither confirms nor contradicts what was decided; forecasts of a change may differ.
    if one.is_proposed is not two.is_proposed and one.role is not Role.CHANGE:
        return None
    if _covers(other, question) < COVERS * _covers(cited, question) or _lacks_name(cited, other, question):
        return None
    near = _nearness(cited, other)
    count, share = _shared(one, two)
    if near < NEAR or count < LEAST_SHARED or share < SHARED:
        return None
    if _are_of_other_goods(cited, other) or _are_of_other_places(cited, other) or _are_of_other_times(cited, other):
        return None
    if _are_opposed(one, two) or _are_of_other_scope(one, two) or are_of_other_objects(one, two):
        return None
    if are_of_other_measures(one.measures, two.measures) or _is_of_one_place(cited, other, question):
        return None
    return (near + share) / 2 + BESIDE * _share_near(one, two)


def _share_near(one: Fact, other: Fact) -> float:
    return len(one.near & other.near) / max(1, min(len(one.near), len(other.near)))


def bearing(cited: Placed, other: Placed, question: Question) -> float | None:
    """Return how much (0–1) of what a question asks about two facts are both about, None if too little.

    Of controls of one kind some may be suspended and others remain: who asks what still applies needs both.
    """
    if _covers(other, question) < COVERS * _covers(cited, question) or _lacks_name(cited, other, question):
        return None
    if _are_of_other_places(cited, other) or _are_of_other_goods(cited, other):
        return None
    # Asked of a ban, a duty that remains is another matter.
    if any(are_of_other_measures(question.stems, placed.fact.measures) for placed in (cited, other)):
        return None
    shares = [share_asked(placed.fact, question) for placed in (cited, other)]
    return min(shares) + TIE * _nearness(cited, other) if min(shares) >= BEARS else None


def _lacks_name(cited: Placed, other: Placed, question: Question) -> bool:
    """Say whether a name of the question stands by the cited fact and not by the other: Zambia's tax, Congo's tax.

    The beginning of a name is enough: "Laotian" panels are from Laos.
    """
    if other.unit.names_share >= cited.unit.names_share:
        return False
    mine, theirs = _beginnings(cited), _beginnings(other)
    asked = {word[:_BEGINNING].lower() for name in question.names for word in name.split()}
    return bool(asked & mine - theirs)


_BEGINNING = 3


def _beginnings(placed: Placed) -> frozenset[str]:
    unit = placed.unit.read.unit
    publisher = placed.unit.read.source.article.publisher or ""
    around = " ".join([placed.unit.read.text, unit.lead, *unit.heading, _title(placed), publisher])
    return frozenset(word[:_BEGINNING].lower() for word in around.split() if word[:1].isupper())


def _covers(placed: Placed, question: Question) -> float:
    """Return how well a fact's unit covers the question; asked whether a ban holds, "lifted" covers as much as that."""
    if placed.fact.kind is not ComparisonKind.STATUS:
        return placed.unit.coverage
    title = read_text(_title(placed)).content
    return share_asked(placed.fact, question, beside=title)


def share_asked(fact: Fact, question: Question, *, beside: frozenset[str] = frozenset()) -> float:
    """Return the share (0–1) of a question's words that stand in a fact's clause, or among those `beside` it.

    Names of countries do not count, nor what a fact of status would have to say otherwise.
    """
    asked = _asked_words(fact, question)
    # "What did China suspend and what still applies?" asks of every measure.
    if not asked and fact.kind is ComparisonKind.STATUS:
        return 1.0
    said = fact.about | fact.per | beside
    concepts = concepts_of(said)
    return sum(is_in(word, said, concepts) for word in asked) / max(1, len(asked))


def _asked_words(fact: Fact, question: Question) -> frozenset[str]:
    asked = frozenset(question.stems) - fact.reading.keys - _ASKING
    return asked - status_stems() if fact.kind is ComparisonKind.STATUS else asked


def _nearness(one: Placed, other: Placed) -> float:
    return float(one.unit.read.vectors[0] @ other.unit.read.vectors[0])


def _shared(one: Fact, other: Fact) -> tuple[int, float]:
    mine, theirs = _essence(one), _essence(other)
    first, second = sorted((mine, theirs), key=len)
    concepts = concepts_of(second)
    count = sum(is_in(word, second, concepts) for word in first)
    return count, count / len(first) if first else 0.0


def _essence(fact: Fact) -> frozenset[str]:
    """Return the words that say what a fact is about, without those of growing and shrinking."""
    return frozenset(word for word in fact.about if not any(axis == "amount" for axis, _ in poles().get(word, ())))


def _are_measured_alike(one: Fact, other: Fact) -> bool:
    if one.figure is not None and other.figure is not None:
        lengths = (FigureKind.MONTHS, FigureKind.DAYS)
        are_lengths = one.figure.kind in lengths and other.figure.kind in lengths
        are_alike = (one.figure.kind, one.figure.unit) == (other.figure.kind, other.figure.unit)
        is_count = one.figure.kind is FigureKind.NUMBER and not one.figure.unit
        is_per = bool(one.per & other.per) or (not is_count and not (one.per and other.per))
        is_one_deed = not one.deeds or not other.deeds or _share_deed(one, other)
        return (are_lengths or are_alike) and is_per and is_one_deed
    if one.role is Role.ON:
        return _share_deed(one, other)
    if one.kind is ComparisonKind.ACTOR:
        concepts = concepts_of([other.deed])
        return is_in(one.deed, frozenset([other.deed]), concepts)
    return True


# What a value is itself need not be said around it.
_ASKING = frozenset(map(word_stem, "share percentage percent proportion number amount date day month year".split()))


def _share_deed(one: Fact, other: Fact) -> bool:
    concepts = concepts_of(other.deeds)
    return any(is_in(deed, other.deeds, concepts) for deed in one.deeds)


# ---- What makes two facts facts about different things ----


def _are_apart(mine: Iterable[str], theirs: Iterable[str]) -> bool:
    first, second = frozenset(mine), frozenset(theirs)
    return bool(first) and bool(second) and not first & second


def _are_of_other_goods(one: Placed, other: Placed) -> bool:
    return _are_apart(_goods(one), _goods(other))


def _goods(placed: Placed) -> frozenset[str]:
    """Return the goods that a fact is about: of its clause, else of its sentence, else of its title."""
    listed = goods()
    for stems in (placed.fact.about, placed.fact.reading.content, read_text(_title(placed)).content):
        if found := listed & stems:
            return found
    return frozenset()


def _are_of_other_places(one: Placed, other: Placed) -> bool:
    if one.fact.kind is ComparisonKind.ACTOR:
        return False
    return _are_apart(_places(one), _places(other))


def _places(placed: Placed) -> frozenset[str]:
    return placed.fact.reading.keys or read_text(_title(placed)).keys


def _title(placed: Placed) -> str:
    return placed.unit.read.source.article.title


def _are_of_other_times(one: Placed, other: Placed) -> bool:
    """Say whether figures are of different years, quarters or months, as far as the sentences name them."""
    if one.fact.kind is not ComparisonKind.FIGURE:
        return False
    mine, theirs = _times(one), _times(other)
    for part in zip(*(mine, theirs), strict=True):
        if _are_apart(*part):
            return True
    if not _is_flow(one.fact) and not _is_flow(other.fact):
        return False
    # "Grew in January" and "grew in the whole of 2025".
    if bool(mine[1]) != bool(theirs[1]) and (mine[0] or theirs[0]):
        return True
    is_named = any(mine) and any(theirs)
    first, second = one.published, other.published
    return not is_named and first is not None and second is not None and abs((first - second).days) > SAME_TIME_DAYS


def _times(placed: Placed) -> tuple[frozenset[str], frozenset[str]]:
    """Return the years, and the months and quarters, that a figure's sentence is about."""
    reading = placed.fact.reading
    dates = [day for day in reading.dates if not _is_limit(placed.fact, day.start)]
    years = {str(day.year) for day in dates if day.year}
    if placed.published:
        near = [(word.lower, after.lower) for word, after in zip(reading.words, reading.words[1:], strict=False)]
        years |= {str(placed.published.year + _YEARS[pair]) for pair in near if pair in _YEARS}
    parts = {f"month {day.month}" for day in dates if day.month}
    parts |= {f"quarter {day.quarter}" for day in dates if day.quarter}
    return frozenset(years), frozenset(parts)


_YEARS = {("last", "year"): -1, ("this", "year"): 0, ("next", "year"): 1, ("previous", "year"): -1}
_LIMITS = ("from", "until", "till", "through", "by", "since", "after", "before", "effective", "from early", "from late")


def _is_limit(fact: Fact, start: int) -> bool:
    """Say whether a date is where something starts or ends, not the time that a figure is of."""
    before = fact.reading.text[max(0, start - 24) : start].lower().rstrip()
    return before.endswith(_LIMITS)


_FLOWS = frozenset(
    map(
        word_stem,
        "export import ship shipment sale sell sold revenue production output produce growth surplus deficit turnover "
        "harvest investment trade inflow purchase".split(),
    )
)


def _is_flow(fact: Fact) -> bool:
    if fact.role is Role.CHANGE:
        return True
    is_amount = fact.figure is not None and fact.figure.kind in (FigureKind.MONEY, FigureKind.NUMBER)
    return fact.role is Role.LEVEL and is_amount and not _FIXED & fact.about and bool(_FLOWS & fact.about)


# "The import quota is 300,000 tonnes" is a rule, no flow.
_FIXED = frozenset(
    map(word_stem, "quota cap limit duty tariff fee levy tax fine ceiling list fund permit licence".split())
)

# Words of which two are two things: new and existing controls, a preliminary and a final rate.
_NEW = frozenset(
    map(word_stem, "new newer fresh broader expanded expansion sweeping upcoming additional proposed".split())
)
_OLD = frozenset(map(word_stem, "old older existing earlier previous prior original legacy former".split()))
_PAIRS = tuple(
    (frozenset(map(word_stem, one.split())), frozenset(map(word_stem, other.split())))
    for one, other in (
        ("preliminary provisional", "final definitive"),
        ("import", "export"),
        ("minimum", "maximum"),
        ("average mean", "maximum top highest peak"),
        ("monthly month", "annual year"),
        ("net", "gross"),
        ("value", "volume"),
        ("crude", "refined"),
        ("ad", "specific"),
        ("retail", "wholesale"),
    )
)


def _are_opposed(one: Fact, other: Fact) -> bool:
    mine, theirs = one.about, other.about
    for first, second in (*_PAIRS, (_NEW, _OLD)):
        if _is_only(mine, first, second) and _is_only(theirs, second, first):
            return True
        if _is_only(mine, second, first) and _is_only(theirs, first, second):
            return True
    ordinals = ({f.value for f in fact.reading.figures if f.kind is FigureKind.ORDINAL} for fact in (one, other))
    codes = ({f.unit for f in fact.reading.figures if f.kind is FigureKind.CODE} for fact in (one, other))
    return _are_apart(*(map(str, part) for part in ordinals)) or _are_apart(*codes)


# "Lifted for two companies", "20 percent for Sylvania only": of a measure as a whole that says nothing.
_IN_PART = re.compile(
    r"\b(?:except|excluding|exempting|partly|partially|in part|some of|certain|most of)\b"
    r"|\bfor (?:[\w-]+ ){0,3}(?:compan(?:y|ies)|firms?|users?|applicants?|exporters?|importers?|buyers?)\b"
    r"|\b(?:for|on|to|from|of|in|by) (?:[\w'-]+ ){1,6}(?:only|alone|exclusively)\b"
    r"|\b(?:only|solely|exclusively|just|specifically) (?:for|on|to|from|in|if|when|where|those|by)"
    r" (?!about |around |\d|[$€£¥₹]|one\b|two\b|three\b|a |an )|\b(?:limited|restricted|confined) to (?![\d$€£¥₹])",
    re.IGNORECASE,
)


def _are_of_other_scope(one: Fact, other: Fact) -> bool:
    """Say whether only one of two facts is of some of those concerned, or one status that of new or older measures."""
    if one.kind is ComparisonKind.ACTOR:
        return False
    if (_IN_PART.search(one.reading.text) is None) is not (_IN_PART.search(other.reading.text) is None):
        return True
    if one.kind is not ComparisonKind.STATUS:
        return False
    return any(bool(one.about & words) != bool(other.about & words) for words in (_NEW, _OLD))


# "A duty on ladders from Ostland", "12 percent for Japan".
_FROM_PLACE = re.compile(r"\b(?:from|for|to|against) (?:the )?\Z")


def _is_of_one_place(cited: Placed, other: Placed, question: Question) -> bool:
    """Say whether one of two facts is of goods from or for a place that neither the other nor the question names."""
    if cited.fact.kind is ComparisonKind.ACTOR:
        return False
    asked = {word[:_BEGINNING].lower() for name in question.names for word in name.split()}
    return any(not _place_words(one) <= _beginnings(two) | asked for one, two in ((cited, other), (other, cited)))


def _place_words(placed: Placed) -> frozenset[str]:
    """Return the beginnings of the names that goods of a fact's clause are said to be from or for."""
    reading = placed.fact.reading
    begin, until = clause_at(reading, placed.fact.start, placed.fact.end)
    names = (
        name
        for name in reading.names
        if begin <= name.start < until and _FROM_PLACE.search(reading.text[max(0, name.start - 14) : name.start])
    )
    bodies = origin_names(reading)
    return frozenset(word[:_BEGINNING] for name in names if name not in bodies for word in name.words)


def _is_only(words: frozenset[str], one: frozenset[str], other: frozenset[str]) -> bool:
    return bool(words & one) and not words & other
