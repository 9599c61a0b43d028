"""Find what could answer a question: a figure, a date, a name of the kind asked for that the question itself lacks.

"How many mills closed?" needs a count, "On what day …" a day and no mere year, "By what vote …" votes. A sentence on
the right topic that holds nothing of the kind cannot be the answer, however near it is.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from assistant.figures import Figure, FigureKind, WrittenDate, read_figures
from assistant.names import Name, names
from assistant.question import Asked, Question
from assistant.text import content_stems


class Sought(StrEnum):
    """The kind of thing that would answer a question, as far as it leaves a trace in the text that gives it."""

    VOTE = "vote"
    CODE = "code"
    DURATION = "duration"
    DAY = "day"
    MONTH = "month"
    YEAR = "year"
    TIME = "time"
    SHARE = "share"
    MONEY = "money"
    RATE = "rate"
    COUNT = "count"
    AMOUNT = "amount"
    QUANTITY = "quantity"
    SUM = "sum"
    NAME = "name"
    FIRM = "firm"
    PLACE = "place"
    TOWN = "town"
    STATEMENT = "statement"
    OPEN = "open"


# What may be of any kind, or leaves no trace of its own.
OPEN = frozenset({Sought.OPEN})
# What is written in few ways, so that a text without them does not give it.
EXACT = frozenset(
    {
        Sought.VOTE,
        Sought.CODE,
        Sought.DAY,
        Sought.MONTH,
        Sought.YEAR,
        Sought.COUNT,
        Sought.SHARE,
        Sought.MONEY,
        Sought.AMOUNT,
        Sought.QUANTITY,
        Sought.SUM,
    }
)


# What `Asked` does not tell apart, so that the ranking of units knows nothing of it.
APART = frozenset({Sought.RATE, Sought.TOWN, Sought.FIRM, Sought.QUANTITY, Sought.SUM, Sought.VOTE, Sought.CODE})


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE | re.VERBOSE)


_RATES = r"(?:tariff|dut(?:y|ies)|rate|margin|fee|levy|tax|price|penalty|fine|interest|salary|budget|cost)"
# Those who trade, make, pay, judge: one of them is asked for by name. Plurals are lists.
_ACTORS = (
    r"(?:\w+maker|(?:im|ex)porter|producer|manufacturer|supplier|retailer|trader|broker|buyer|seller|insurer|lender|bank"
    r"|company|firm|carrier|grower|refiner|smelter|union|university|newspaper|judge|justice|senator|economist|hotel|airport|airline)"
)
# The first that matches counts.
_SOUGHT = [
    (Sought.VOTE, _pattern(r"\b(?:what|which|how\ many)\ (?:\w+\ )?votes?\b | \bby\ what\ majority\b")),
    (Sought.CODE, _pattern(r"\b(?:code|case\ number|docket(?:\ number)?|tariff\ (?:line|heading))\b(?!\ \S*\d).*\?")),
    (Sought.DAY, _pattern(r"\b(?:what|which|exact)\ (?:exact\ )?(?:day|date)\b")),
    (Sought.MONTH, _pattern(r"\b(?:what|which)\ month\b")),
    (Sought.YEAR, _pattern(r"\b(?:what|which)\ year\b")),
    (
        Sought.SUM,
        _pattern(
            r"\bhow\ much\ (?:money|revenue)\b | \bwhat\ (?:salary|budget)\b"
            r"| \bhow\ much\ (?:did|do|does|has|have|will|was|were)\b.*"
            r"\b(?:earn|spend|spent|invest|collect|borrow|lend|lent)"
        ),
    ),
    (
        Sought.MONEY,
        _pattern(r"\bhow\ much\b.*\b(?:cost|pay|paid|worth|charge[sd]?)\b | \bwhat\ price\b"),
    ),
    (
        Sought.QUANTITY,
        _pattern(
            rf"\bhow\ much\ (?!of\b|more\b|less\b|higher\b|lower\b|(?:[\w-]+\ ){{0,2}}?{_RATES}\b)(?:[\w-]+\ ){{1,3}}?"
            r"(?:did|do|does|has|have|had|will|would|is|was|were|are|can|could)\b.*"
            r"\b(?:(?:im|ex)port|produc|ship|sell|sold|buy|bought|mine|consum|grow|grew|store|refine)"
        ),
    ),
    (Sought.TOWN, _pattern(r"\b(?:what|which)\ (?:city|town|port|capital|village)\b")),
    (Sought.FIRM, _pattern(rf"\b(?:what|which)\ (?:[\w-]+\ ){{0,2}}?{_ACTORS}\b")),
    (Sought.COUNT, _pattern(r"\bhow\ many\b | \bwhat\ number\b")),
    (
        Sought.RATE,
        _pattern(
            rf"\bwhat\ (?:(?:is|was|are|were)\ (?:the|its|their|[\w.’']+['’]s)\ )?"
            rf"(?:[\w-]+\ ){{0,3}}?{_RATES}\b(?!\ (?:act|law))"
        ),
    ),
]  # fmt: skip
_OF_ASKED = {
    Asked.DURATION: Sought.DURATION,
    Asked.DATE: Sought.TIME,
    Asked.SHARE: Sought.SHARE,
    Asked.NUMBER: Sought.AMOUNT,
    Asked.PERSON: Sought.NAME,
    Asked.PLACE: Sought.PLACE,
    Asked.STATEMENT: Sought.STATEMENT,
}
_NAME_OF = _pattern(r"\b(?:name\ of|(?:is|was|are|were)\ .*\bcalled|named)\b")


def sought(question: Question) -> Sought:
    """Return the kind of thing that would answer a question."""
    for kind, pattern in _SOUGHT:
        if pattern.search(question.text):
            return kind
    if question.asked is Asked.OTHER and _NAME_OF.search(question.text):
        return Sought.NAME
    return _OF_ASKED.get(question.asked, Sought.OPEN)


def holds(text: str, question: Question) -> bool:
    """Say whether a text holds something of the kind that a question seeks and does not itself hold.

    True where any text might.
    """
    kind = sought(question)
    if kind in OPEN:
        return True
    return _HOLDS[kind](_read(text), _read(question.text))


def is_counted(text: str, question: Question) -> bool:
    """Say whether a text counts what a question asks the number of: "41 mills" for "how many mills".

    True where no number of things is asked.
    """
    counted = frozenset(question.asked_for)
    if not counted or sought(question) is not Sought.COUNT:
        return True
    return any(
        not counted.isdisjoint(_beside(text, figure)) for figure in _read(text).figures if figure.kind in _COUNTS
    )


def _beside(text: str, figure: Figure) -> list[str]:
    """Return the stems of the few words beside a figure: what it counts mostly stands after it."""
    before = content_stems(text[max(0, figure.start - _BESIDE_CHARS) : figure.start])
    after = content_stems(text[figure.start : figure.end + _BESIDE_CHARS])
    return (before[-_WORDS_BEFORE:] if _STANDS_ALONE.match(text, figure.end) else []) + after[:_WORDS_AFTER]


_BESIDE_CHARS = 60
# No noun follows that a figure would count: "closures rose to 41 in May", but not "motorcycles under 150 cc".
_STANDS_ALONE = re.compile(
    r"\W*(?:\Z|[^\w\s-]|\s(?:in|of|on|at|by|to|from|and|or|but|for|per|a|an|the|last|this|that|than|as|since|more|fewer"
    r"|less|were|was|are|is|have|has|had|will|compared|after|before|over|under|with|when|while|so)\b)",
    re.IGNORECASE,
)
_WORDS_BEFORE, _WORDS_AFTER = 2, 6


@dataclass(frozen=True, slots=True)
class _Read:
    text: str
    figures: tuple[Figure, ...]
    dates: tuple[WrittenDate, ...]
    names: tuple[Name, ...]
    stems: frozenset[str]


@functools.lru_cache(maxsize=4096)
def _read(text: str) -> _Read:
    figures, dates, _ = read_figures(text)
    return _Read(text, figures, dates, tuple(names(text)), frozenset(content_stems(text)))


def _has_figure(read: _Read, asked: _Read, kinds: frozenset[FigureKind]) -> bool:
    return any(
        figure.kind in kinds and not any(figure.matches(known) for known in asked.figures) for figure in read.figures
    )


def _has_date(read: _Read, asked: _Read, is_fit: Callable[[WrittenDate], bool]) -> bool:
    return any(is_fit(found) and not any(found.agrees(known) for known in asked.dates) for found in read.dates)


def _has_name(read: _Read, asked: _Read) -> bool:
    return any(_can_act(read.text, name) for name in _new_names(read, asked))


def _can_act(text: str, name: Name) -> bool:
    """Say whether a name may be of somebody: no law, and no place that something is in."""
    return name.words[-1] not in _OF_LAWS and _IN.search(text, max(0, name.start - _BESIDE_CHARS), name.start) is None


def _new_names(read: _Read, asked: _Read) -> Iterator[Name]:
    """Yield the names that the question does not hold, a longer form of one of its own neither."""
    keys = {name.key for name in asked.names if name.key}
    known = {word for name in asked.names for word in name.words}
    for name in read.names:
        is_known = name.key in keys if name.key else not known.isdisjoint(name.words)
        if not is_known and not asked.stems.issuperset(content_stems(" ".join(name.words))):
            yield name


def _is_place(read: _Read, asked: _Read, name: Name) -> bool:
    """Say whether a name stands where a place does: what comes from it or goes to it only where that is asked."""
    word = _AT.search(read.text, max(0, name.start - _BESIDE_CHARS), name.start)
    return word is not None and (word["way"] is None or _WAY.search(asked.text) is not None)


_COUNTS = frozenset({FigureKind.NUMBER, FigureKind.VAGUE, FigureKind.MULTIPLE})
_SPANS = frozenset({FigureKind.MONTHS, FigureKind.DAYS, FigureKind.HOURS})
_SHARES = frozenset({FigureKind.PERCENT, FigureKind.POINTS, FigureKind.MULTIPLE})
_AMOUNTS = frozenset(FigureKind) - {FigureKind.ORDINAL, FigureKind.CODE, *_SPANS}
_WEEKDAY = re.compile(r"\b(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|yesterday|today|tomorrow)\b")
_TIME = _pattern(
    r"\b\d{3,4}s?\b | \bcentur(?:y|ies)\b | \b(?:spring|summer|autumn|fall|winter|mid)\b"
    r"| \b(?:last|next|this|same)\ (?:week|month|year|quarter|season|decade)\b"
    r"| \b(?:once|after|before|when|until|since|during|while|immediately)\b"
)
_SAYS = _pattern(
    r"[“\"] | \b(?:sa(?:id|ys?)|told|tells?|argu\w+|warn\w*|call(?:s|ed)|add(?:s|ed)|not(?:es|ed)|describe[sd]?"
    r"|claim\w*|acknowledg\w+|declar\w+|conten\w+|complain\w*|answer\w*|repl(?:y|ies|ied)|thinks?|thought|believe[sd]?"
    r"|sees?|saw|expect\w*|accus\w+|criticis\w+|criticiz\w+|oppos\w+|support\w*|welcom\w+|propos\w+|according)\b"
)
_UNTIL = _pattern(r"\b(?:until|through|till|indefinite\w*|permanent\w*|forever|century|centuries|decades?)\b")
# The first of a line decides: if no figure follows it, none follows a later one.
_VOTE = _pattern(
    r"\b\d+\ ?(?:-|–|to)\ ?\d+\b | \b(?:unanimous\w*)\b"
    r"| (?m:^)(?>.*?\b(?:vote[sd]?|majority|lawmakers|justices|members)\b).*\d"
    r"| (?m:^)(?>.*?\d).*\bvote[sd]?\b"
)
_NOTHING = _pattern(r"\b(?:free|zero|no|abolish\w*|exempt\w*|none)\b")
_OF_LAWS = frozenset("act agreement chapter code convention law order section treaty".split())
_IN = re.compile(r"\b(?:in|at|near|across)\s+(?:the\s+)?\Z")
_WAY = _pattern(r"\b(?:from|to|go|goes|went|come|comes|came|ship\w*|sen[dt]|mov\w+|export\w*|import\w*)\b")
_AT = re.compile(
    r"\b(?:in|at|on|(?P<way>from|to)|near|aboard|across|into|around|between|through|outside)\s+(?:the\s+)?\Z"
)
_HOLDS: dict[Sought, Callable[[_Read, _Read], bool]] = {
    Sought.VOTE: lambda read, _: bool(_VOTE.search(read.text)),
    Sought.CODE: lambda read, asked: _has_figure(read, asked, frozenset({FigureKind.CODE})),
    Sought.DURATION: lambda read, asked: _has_figure(read, asked, _SPANS) or bool(_UNTIL.search(read.text)),
    Sought.DAY: lambda read, asked: (
        _has_date(read, asked, lambda found: found.day is not None) or bool(_WEEKDAY.search(read.text))
    ),
    Sought.MONTH: lambda read, asked: _has_date(read, asked, lambda found: found.month is not None),
    Sought.YEAR: lambda read, asked: (
        _has_date(read, asked, lambda found: found.year is not None) or bool(re.search(r"\b\d{3,4}\b", read.text))
    ),
    Sought.TIME: lambda read, asked: (
        _has_date(read, asked, lambda _: True) or bool(_TIME.search(read.text) or _WEEKDAY.search(read.text))
    ),
    Sought.SHARE: lambda read, asked: _has_figure(read, asked, _SHARES | {FigureKind.MONEY, FigureKind.VAGUE}),
    Sought.MONEY: lambda read, asked: _has_figure(read, asked, frozenset({FigureKind.MONEY, FigureKind.PERCENT})),
    Sought.RATE: lambda read, asked: _has_figure(read, asked, _AMOUNTS) or bool(_NOTHING.search(read.text)),
    Sought.COUNT: lambda read, asked: _has_figure(read, asked, _COUNTS | _SPANS | {FigureKind.PERCENT}),
    Sought.AMOUNT: lambda read, asked: _has_figure(read, asked, _AMOUNTS),
    Sought.NAME: _has_name,
    Sought.FIRM: lambda read, asked: any(
        not name.key and _can_act(read.text, name) for name in _new_names(read, asked)
    ),
    Sought.PLACE: lambda read, asked: any(_is_place(read, asked, name) for name in _new_names(read, asked)),
    Sought.TOWN: lambda read, asked: any(
        not name.key and _is_place(read, asked, name) for name in _new_names(read, asked)
    ),
    Sought.QUANTITY: lambda read, asked: _has_figure(read, asked, _AMOUNTS - _SHARES),
    Sought.SUM: lambda read, asked: _has_figure(read, asked, frozenset({FigureKind.MONEY})),
    Sought.STATEMENT: lambda read, _: _SAYS.search(read.text) is not None,
}
