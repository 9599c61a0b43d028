"""The figures that a sentence states: levels, what was before a change, changes, shares and lengths of time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from assistant.claim_reading import Reading
from assistant.clauses import about_of, clause_at, is_aside, is_verb, near_to
from assistant.domain import ComparisonKind
from assistant.fact import Fact, Role
from assistant.figures import Bound, Figure, FigureKind
from assistant.vocabulary import poles, word_stem

_COMPARED = frozenset({
    FigureKind.MONEY, FigureKind.PERCENT, FigureKind.POINTS, FigureKind.NUMBER, FigureKind.MONTHS, FigureKind.DAYS,
})  # fmt: skip
_LENGTHS = frozenset({FigureKind.MONTHS, FigureKind.DAYS})
# More figures than a sentence that can be compared holds; tables have many.
_MOST_FIGURES = 8
_LOOK_BACK = 48
_HEDGES = (
    r"(?:(?:about|around|roughly|approximately|nearly|almost|some|just|only|over|under|more than|less than|at least|"
    r"at most|up to|as (?:much|many|low|high|little) as|an?(?: further| additional| estimated)?|the|another|(?:US|C|A)?"
    r"[$€£¥₹])\s*)*\Z"
)
_BOUND = re.compile(
    r"(?:\b(?:about|around|roughly|approximately|nearly|almost|some|over|under|above|below"
    r"|(?:no |not )?(?:more|less|fewer) than|at least|at most|up to|close to|an estimated) ?(?:the |a |an )?)\Z",
    re.IGNORECASE,
)
_REACHED = re.compile(rf"\b(?P<word>from|to|by)\s+{_HEDGES}", re.IGNORECASE)
_LAST_WORD = re.compile(rf"(?P<word>[A-Za-z-]+)\s+{_HEDGES}")
_OF_CHANGE = re.compile(rf"(?P<word>[A-Za-z-]+)\s+of\s+{_HEDGES}")
_CHANGED = re.compile(r"\b(?P<word>[A-Za-z-]+) (?:by |of )?(?:an? )?\Z")
_NEXT_WORD = re.compile(r"[ -](?P<word>[A-Za-z-]+)")
_SHARE = re.compile(r"\s+(?:share\b|of (?!the (?:year|month)))", re.IGNORECASE)
# "1,800 tonnes of the quota": part of what another figure may be of.
_PART = re.compile(r"\s+of (?:the|its|their|his|her|this|that|these|those|all)\b", re.IGNORECASE)
_PER = re.compile(r"(?:\s+(?:per|an?|each|every)\s+|/)(?P<word>[A-Za-z]+)", re.IGNORECASE)
_AGO = re.compile(
    r"\s*(?:ago|earlier|later|before|after|old)\b|[ -](?:of (?:talks|negotiations|waiting|work|delay))", re.IGNORECASE
)
_PAST = re.compile(rf"\b(?:after|past|last|previous|within|every|in|than|since|next)\s+{_HEDGES}", re.IGNORECASE)
_DOLLARS = {"canadian": "cad", "australian": "aud", "hong kong": "hkd", "taiwan": "twd", "american": "usd", "us": "usd"}
_FOREIGN_MONEY = re.compile(rf" (?P<of>{'|'.join(_DOLLARS)}) dollars?\b", re.IGNORECASE)
_RANGE = re.compile(r" ?(?:-|to|and|or) ?(?:[A-Z]{0,2}[$€£¥₹])?", re.IGNORECASE)
# "Section 301", "Annex 2": a number that names something.
_IN_NAME = re.compile(r"\b(?:Years|Year|Months|Days|Weeks|Hours)\b")
_NAMED_NUMBER = re.compile(
    r"\b(?:sections?|articles?|annex(?:es)?|chapters?|headings?|lists?|schedules?|phase|round|no|number|part|rule"
    r"|paragraphs?|clause|title|table|page|step|route|line|class|category|group|tranche)\.? \Z",
    re.IGNORECASE,
)


def figure_facts(reading: Reading) -> Iterator[Fact]:
    if len(reading.figures) > _MOST_FIGURES:
        return
    taken: Figure | None = None
    for place, figure in enumerate(reading.figures):
        if figure is taken or figure.kind not in _COMPARED or figure.value == 0:
            continue
        following = reading.figures[place + 1] if place + 1 < len(reading.figures) else None
        upper = following if following and _is_range(reading, figure, following) else None
        taken = upper
        fact = _figure(reading, figure, upper)
        if fact is not None:
            yield fact


def _is_range(reading: Reading, one: Figure, other: Figure) -> bool:
    is_alike = (one.kind, one.unit) == (other.kind, other.unit) and one.value < other.value
    reached = _REACHED.search(reading.text, max(0, one.start - _LOOK_BACK), one.start)
    is_change = reached is not None and reached["word"].lower() == "from"
    return is_alike and not is_change and _RANGE.fullmatch(reading.text, one.end, other.start) is not None


def _figure(reading: Reading, figure: Figure, upper: Figure | None) -> Fact | None:
    before = reading.text[max(0, figure.start - _LOOK_BACK) : figure.start]
    end = upper.end if upper else figure.end
    after = reading.text[end : end + _LOOK_BACK]
    # In brackets stands the same in another unit, and "Seven Years" is part of a name.
    if _NAMED_NUMBER.search(before) or is_aside(reading, figure.start) or _IN_NAME.search(reading.written(figure)):
        return None
    per: frozenset[str] = frozenset()
    if figure.kind in _LENGTHS:
        if _AGO.match(after) or _PAST.search(before):
            return None
        role, sign = Role.LENGTH, 0
    else:
        role, sign = _role(reading, figure, before, after)
        if figure.kind is FigureKind.NUMBER and not figure.unit:
            if money := _FOREIGN_MONEY.match(after):
                end += money.end()
                figure = replace(figure, kind=FigureKind.MONEY, unit=_DOLLARS[money["of"].lower()])
            elif not (per := _counted(reading, end)):
                return None
        elif rate := _PER.match(after):
            per = frozenset({word_stem(rate["word"].lower())})
    bound = _BOUND.search(before) if figure.bound is not Bound.EXACT else None
    start = figure.start - len(bound[0]) if bound else figure.start
    start, end = _with_direction(reading, start, end) if role is Role.CHANGE else (start, end)
    return Fact(
        kind=ComparisonKind.FIGURE,
        role=role,
        reading=reading,
        start=start,
        end=end,
        about=about_of(reading, start, end),
        near=near_to(reading, start, end),
        deeds=_verb_after(reading, end) if per and not figure.unit else frozenset(),
        figure=figure,
        upper=upper,
        sign=sign,
        per=per,
    )


def _with_direction(reading: Reading, start: int, end: int) -> tuple[int, int]:
    """Take the word of growing or shrinking beside a change into its value: "rose by 4 percent", "4 percent rise"."""
    before = _CHANGED.search(reading.text, max(0, start - _LOOK_BACK), start)
    if before and _amount_sign(before["word"].lower()):
        return before.start(), end
    after = _NEXT_WORD.match(reading.text, end)
    return (start, after.end()) if after and _amount_sign(after["word"].lower()) else (start, end)


def _role(reading: Reading, figure: Figure, before: str, after: str) -> tuple[Role, int]:
    reached = _REACHED.search(before)
    if reached:
        word = reached["word"].lower()
        if word == "by":
            sign = _direction(reading, figure)
            is_change = sign or figure.kind in (FigureKind.PERCENT, FigureKind.POINTS)
            return (Role.CHANGE if is_change else Role.LEVEL), sign
        if word == "from" and re.search(r"\bto\b", after):
            return Role.BEFORE, 0
        return (Role.LEVEL, 0) if word == "to" or not _is_from_level(reading, figure) else (Role.BEFORE, 0)
    if _SHARE.match(after) if figure.kind is FigureKind.PERCENT else _PART.match(after):
        return Role.SHARE, 0
    neighbours = [match["word"].lower() for match in (_LAST_WORD.search(before), _OF_CHANGE.search(before)) if match]
    neighbours += [match["word"].lower() for match in (_NEXT_WORD.match(after),) if match]
    for word in neighbours:
        sign = _amount_sign(word)
        if sign:
            return Role.CHANGE, sign
    return Role.LEVEL, 0


def _is_from_level(reading: Reading, figure: Figure) -> bool:
    """Say whether "from" before a figure names what was before a change: "up from 10 percent"."""
    return _direction(reading, figure) != 0


_CHANGE_REACH = 90


def _direction(reading: Reading, figure: Figure) -> int:
    before = [word.lower for word in reading.words if figure.start - _CHANGE_REACH <= word.start < figure.start]
    return next((sign for word in reversed(before) if (sign := _amount_sign(word))), 0)


def _amount_sign(word: str) -> int:
    """Return 1 for a word of growing, -1 for one of shrinking, 0 for any other; "more" and "lower" before a figure."""
    if word in ("lower", "higher", "double", "triple", "halve", "exceed"):
        return 0
    return next((sign for axis, sign in poles().get(word_stem(word), ()) if axis == "amount"), 0)


def _verb_after(reading: Reading, end: int) -> frozenset[str]:
    """Return the stem of the first verb after a count in its clause: what those that are counted did."""
    until = clause_at(reading, end, end)[1]
    following = [at for at, word in enumerate(reading.words) if end <= word.start < until]
    found = (reading.stems[at] for at in following if is_verb(reading.words[at].lower))
    return frozenset(list(found)[:1])


_COUNT_REACH = 28


def _counted(reading: Reading, end: int) -> frozenset[str]:
    """Return the stems of the one or two content words right after a bare number: what it counts."""
    following = [
        stemmed
        for word, stemmed in reading.line
        if end <= word.start < end + _COUNT_REACH and not re.search(r"[,;:.()\n]", reading.text[end : word.start])
    ]
    gap = reading.text[end : end + 1]
    return frozenset(following[:2]) if gap == " " else frozenset()
