"""What a sentence states that another source may state otherwise: figures, dates, how a measure stands, who did it.

Each fact keeps the words that say what it is about. Read by rules from the reading that verification checks claims
with; what the rules cannot place, such as a figure that counts nothing or a date that is only the scope of a figure,
is no fact.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from assistant.claim_reading import Reading, read_text
from assistant.dating import is_ambiguous
from assistant.domain import ComparisonKind
from assistant.figures import Bound, Figure, FigureKind, WrittenDate
from assistant.names import Name, Token
from assistant.vocabulary import PAST_FORMS, exempt, past_verbs, poles, word_stem


class Role(StrEnum):
    """What a fact's value is to what it is about. Facts with different roles are never compared."""

    LEVEL = "level"
    BEFORE = "level before a change"
    CHANGE = "change"
    SHARE = "share"
    LENGTH = "length"
    START = "start"
    END = "end"
    ON = "day"
    STATUS = "status"
    DEED = "deed"


class Side(StrEnum):
    """How a measure stands."""

    HOLDS = "holds"
    EASED = "eased"
    PUT_OFF = "put off"
    ENDED = "ended"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Fact:
    """A value at `reading.text[start:end]` with the stems around it in its clause.

    `sign` is the direction of a change, 0 if it has none; `per` the stem of what a figure is counted by ("tonne"), or
    of what it counts; `near` the stems right beside the value; `deeds` what was done on a date. A value `is_proposed`
    if it is what somebody asks for or what might be. One of `figure`, `date`, `side` and `actors` is set.
    """

    kind: ComparisonKind
    role: Role
    reading: Reading
    start: int
    end: int
    about: frozenset[str]
    figure: Figure | None = None
    upper: Figure | None = None
    sign: int = 0
    per: frozenset[str] = frozenset()
    date: WrittenDate | None = None
    side: Side | None = None
    actors: tuple[Name, ...] = ()
    deed: str = ""
    deeds: frozenset[str] = frozenset()
    near: frozenset[str] = frozenset()
    is_definite: bool = False
    is_proposed: bool = False

    @property
    def value(self) -> str:
        """Return the value as the source writes it, on one line."""
        return " ".join(self.reading.as_given(self.start, self.end).split())


# Longer units are tables and long lists; a fact of theirs cannot be shown with what it is about.
MAX_CHARS = 1_200


@functools.lru_cache(maxsize=1024)
def read_facts(text: str) -> tuple[Fact, ...]:
    """Return the facts of a sentence or list item, in no order; none of a text longer than MAX_CHARS."""
    if len(text) > MAX_CHARS:
        return ()
    reading = read_text(text)
    if _DENIAL.search(reading.text):
        return ()
    valued = (replace(fact, is_proposed=_is_proposed(fact)) for fact in (*_figures(reading), *_dates(reading)))
    stated = (fact for fact in (*valued, *_deeds(reading)) if not _is_denied(reading, fact.start))
    return (*stated, *_statuses(reading))


# ---- What a sentence denies, it does not state ----

_DENIAL = re.compile(
    r"\b(?:den(?:y|ies|ied|ying)|reject(?:s|ed|ing)?|dismiss(?:es|ed|ing)?|refut(?:es?|ed|ing)|contradict(?:s|ed|ing)?)"
    r" (?:that\b|having\b|[a-z]+ing\b|(?:[\w'-]+ ){0,3}(?:reports?|rumou?rs?|claims?|suggestions?|speculation)\b)"
    r"|(?:\b(?:not|never)|n't) (?:true|correct|accurate|the case|right|so) that\b|\bno truth\b|\buntrue\b|\brumou?red\b"
    r"|\b(?:false(?:ly)?|wrong(?:ly)?|incorrect(?:ly)?) (?:that|to say|claim\w*|report\w*|stat\w+|said|says)\b"
    r"|\b(?:is|are|was|were) (?:false|wrong|incorrect|baseless|unfounded|not (?:true|correct|so|the case)|a rumou?r)\b",
    re.IGNORECASE,
)
_DENIED_BEFORE = re.compile(
    r"(?:\b(?:not|never|neither|nor|cannot|no longer)|n't)\b(?! (?:only|just|merely|least|later|earlier|more|less|fewer"
    r"|until|till|before)\b)(?: (?!until\b|till\b|before\b|but\b|unless\b)[^\s,;:.]+){0,5} ?(?:[$€£¥₹]\s?)?\Z",
    re.IGNORECASE,
)


def _is_denied(reading: Reading, start: int) -> bool:
    """Say whether "not", "never" or "no longer" stands shortly before a value: "is not 25 percent"."""
    begin = max(_clause(reading, start, start)[0], start - _DENIED_REACH)
    return _DENIED_BEFORE.search(reading.text[begin:start]) is not None


_DENIED_REACH = 60
_PROPOSED = re.compile(
    # "May" is a permission as often as a guess.
    r"\b(?:would|could|might|if|propos(?:es?|ed|ing|als?)|demand(?:s|ed|ing)|urg(?:es?|ed|ing)"
    r"|call(?:s|ed|ing)? for|recommend(?:s|ed|ing)?|suggest(?:s|ed|ing)?|threaten(?:s|ed|ing)?)\b",
    re.IGNORECASE,
)


def _is_proposed(fact: Fact) -> bool:
    """Say whether a clause tells what somebody proposes, asks for or threatens, or what might be."""
    return _PROPOSED.search(fact.reading.text, *_clause(fact.reading, fact.start, fact.end)) is not None


# ---- The clause around a value ----

_CLAUSE_MARK = re.compile(r"[;:\n]|\.(?!\d)(?=\s|\Z)|,(?= (?:and|but|while|whereas|which|who|although|because)\b)")


def _clause(reading: Reading, start: int, end: int) -> tuple[int, int]:
    marks = [mark.start() for mark in _CLAUSE_MARK.finditer(reading.text) if not _is_in_value(reading, mark.start())]
    begin = max((at + 1 for at in marks if at < start), default=0)
    return begin, min((at for at in marks if at >= end), default=len(reading.text))


def _is_in_value(reading: Reading, at: int) -> bool:
    parts: tuple[Figure | WrittenDate | Token, ...] = (*reading.figures, *reading.dates, *reading.words)
    return any(part.start <= at < part.end for part in parts)


_ASIDE = re.compile(r"\([^()]*\)")


def _line(reading: Reading, start: int, end: int) -> list[tuple[Token, str]]:
    """Return the content words of the clause around a value, without those in brackets, with their stems."""
    begin, until = _clause(reading, start, end)
    asides = [match.span() for match in _ASIDE.finditer(reading.text)]
    return [
        (word, stemmed)
        for word, stemmed in reading.line
        if begin <= word.start < until
        and not start <= word.start < end
        and not any(first <= word.start < last for first, last in asides)
    ]


def _about(reading: Reading, start: int, end: int) -> frozenset[str]:
    """Return the stems of the clause around a value, without those of speaking."""
    return frozenset(stemmed for _, stemmed in _line(reading, start, end) if stemmed not in exempt())


def _is_aside(reading: Reading, at: int) -> bool:
    return any(match.start() <= at < match.end() for match in _ASIDE.finditer(reading.text))


_NEAR_WORDS = 3


def _near(reading: Reading, start: int, end: int) -> frozenset[str]:
    """Return the stems of the few content words of the clause right before and right after a value."""
    line = _line(reading, start, end)
    before = [stemmed for word, stemmed in line if word.start < start][-_NEAR_WORDS:]
    after = [stemmed for word, stemmed in line if word.start >= end][:_NEAR_WORDS]
    return frozenset(before + after)


# ---- Figures ----

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


def _figures(reading: Reading) -> Iterator[Fact]:
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
    if _NAMED_NUMBER.search(before) or _is_aside(reading, figure.start) or _IN_NAME.search(reading.written(figure)):
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
        about=_about(reading, start, end),
        near=_near(reading, start, end),
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
    until = _clause(reading, end, end)[1]
    following = [at for at, word in enumerate(reading.words) if end <= word.start < until]
    found = (reading.stems[at] for at in following if _is_verb(reading.words[at].lower))
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


# ---- Dates ----

_AT = r"(?: (?:in|on|the|end|of|late|early|mid|at|about|around|least|as|beginning|start|only)\b)*[ -]*\Z"
_ENDS = re.compile(
    rf"\b(?:until|till|through|by|before|expir\w+|ends?|ended|ending|laps\w+|deadline(?: of| is| was)?|runs? to){_AT}",
    re.IGNORECASE,
)
_STARTS = re.compile(
    rf"\b(?:since|from|starting|beginning|began|begins?|starts?|started|effective|opens?|opened|in force|applies"
    rf"|applied|apply|effect|(?:enters?|entered|goes|go|went|comes?|came) in ?to (?:force|effect)){_AT}",
    re.IGNORECASE,
)
_DATE_BACK = 60
_DATE_LEAD = re.compile(
    r"\b(?:(?:the )?end of|late|early|mid|the beginning of|the start of)[ -](?:the )?\Z", re.IGNORECASE
)
_FIRST = re.compile(r"\b(?:when|as)\W", re.IGNORECASE)


def _dates(reading: Reading) -> Iterator[Fact]:
    for date in reading.dates[:_MOST_FIGURES]:
        role = _date_role(reading, date)
        begin, until = _clause(reading, date.start, date.end)
        has_figure = any(begin <= figure.start < until for figure in reading.figures)
        deeds = _verbs_before(reading, begin, date.start)
        is_scope = role is Role.ON and ((date.day is None and has_figure) or not deeds)
        if is_scope or _is_span(reading, date) or _is_named(reading, date) or is_ambiguous(reading.written(date)):
            continue
        lead = _DATE_LEAD.search(reading.text, max(0, date.start - 24), date.start)
        yield Fact(
            kind=ComparisonKind.DATE,
            role=role,
            reading=reading,
            start=date.start,
            end=date.end,
            about=_about(reading, lead.start() if lead else date.start, date.end),
            near=_near(reading, date.start, date.end),
            date=date,
            deeds=deeds if role is Role.ON else frozenset(),
        )


_SPAN_BEFORE = re.compile(r"\b(?:from|between)\s(?:\w+\s)?\Z", re.IGNORECASE)
_SPAN_AFTER = re.compile(r"\s?(?:to|and|until|through|-)\s?(?:\w+\s)?\Z", re.IGNORECASE)


def _is_span(reading: Reading, date: WrittenDate) -> bool:
    """Say whether a date is an end of a span of time, such as "from 1974 to 1979", in which something went on."""
    for other in reading.dates:
        first, second = sorted((date, other), key=lambda one: one.start)
        is_joined = other is not date and _SPAN_AFTER.fullmatch(reading.text[first.end : second.start])
        if is_joined and _SPAN_BEFORE.search(reading.text[max(0, first.start - 16) : first.start]):
            return True
    return False


_ACT = re.compile(r"\b(?:Act|Law|Code|Treaty|Regulation|Directive|Agreement|Convention|Order|Plan) (?:of )?\Z")


def _is_named(reading: Reading, date: WrittenDate) -> bool:
    """Say whether a year is part of a name, such as "the Customs Act 1998"."""
    return date.month is None and _ACT.search(reading.text[max(0, date.start - 20) : date.start]) is not None


def _verbs_before(reading: Reading, begin: int, end: int) -> frozenset[str]:
    """Return the stems of the verbs before a date in its clause: what was done on it."""
    found = []
    for at, word in enumerate(reading.words):
        if begin <= word.start < end:
            is_infinitive = at > 0 and reading.words[at - 1].lower in ("will", "would", "shall", "must", "to", "may")
            if (is_infinitive or _is_verb(word.lower)) and reading.stems[at] not in exempt():
                found.append(reading.stems[at])
    return frozenset(found)


def _date_role(reading: Reading, date: WrittenDate) -> Role:
    before = reading.text[max(0, date.start - _DATE_BACK) : date.start]
    if _ENDS.search(before):
        return Role.END
    if _STARTS.search(before):
        return Role.START
    after = reading.text[date.end : date.end + _DATE_BACK]
    if (opening := _FIRST.search(after)) and re.search(r"\b(?:opens?|starts?|begins?)\b", after[opening.end() :]):
        return Role.START
    return _verb_role(reading, date)


_START_STEMS = frozenset(map(word_stem, "start begin open apply".split()))
_END_STEMS = frozenset(map(word_stem, "end expire lapse finish conclude terminate".split()))


def _verb_role(reading: Reading, date: WrittenDate) -> Role:
    """Read "will start in August", "will end their boycott in 2028": the nearest such verb before the date."""
    begin = _clause(reading, date.start, date.end)[0]
    for at in range(len(reading.words) - 1, -1, -1):
        if begin <= reading.words[at].start < date.start:
            if reading.stems[at] in _START_STEMS:
                return Role.START
            if reading.stems[at] in _END_STEMS:
                return Role.END
    return Role.ON


# ---- How a measure stands ----

_HOLDING = frozenset(
    map(
        word_stem,
        "remain stay persist continue keep retain maintain extend renew apply unchanged still force place effect "
        "bind".split(),
    )
)
_EASING = frozenset(
    map(
        word_stem,
        "lift suspend suspension pause remove ease relax waive scrap repeal revoke end lapse expire withdraw freeze "
        "delay postpone defer drop abolish cancel rescind shelve rollback".split(),
    )
)
# What was only put off or paused may be said of the future: "will delay the rules for a year".
_PUT_OFF = frozenset(map(word_stem, "suspend suspension pause freeze delay postpone defer shelve".split()))
_RELAXED = frozenset(map(word_stem, "ease relax waive".split()))
_IN_FORCE = frozenset("force forced forces forcing place places placed effect effects".split())
_HEDGED = frozenset(
    "may might could would should if unless whether plan plans planned propose proposes proposed consider considers "
    "considering demand demands demanded urge urges urged want wants wanted ask asks asked call calls called hope "
    "hopes hoped request requested until before once expect expects expected likely possible possibly when seek seeks "
    "sought threaten threatens threatened after".split()
)
# "Dockers demand that the ban be lifted": however far before, it is still a demand.
_DEMANDS = frozenset(
    "demand demands demanded urge urges urged call calls called want wants wanted propose proposes".split()
)
_HEDGE_REACH = 7
_NEGATIVES = frozenset(
    "not no never neither nor isn't aren't wasn't weren't hasn't haven't cannot don't doesn't".split()
)


_ACCEPTING = frozenset(map(word_stem, "approve adopt endorse accept uphold grant ratify authorize authorise".split()))
_REJECTING = frozenset(map(word_stem, "reject refuse veto overturn dismiss deny".split()))
_DECIDING = _ACCEPTING | _REJECTING


def status_stems() -> frozenset[str]:
    """Return the stems of all words that tell how a measure stands; "in force" is one stem in a question."""
    return _HOLDING | _EASING | {"inforce"}


def _statuses(reading: Reading) -> Iterator[Fact]:
    taken = -1
    for at, stemmed in enumerate(reading.stems):
        if at <= taken or (not (stemmed in _DECIDING and _is_decided(reading, at)) and not _is_status(reading, at)):
            continue
        begin = _clause(reading, reading.words[at].start, reading.words[at].end)[0]
        earlier = [word.lower for word in reading.words[max(0, at - _HEDGE_REACH) : at] if word.start >= begin]
        is_future = "will" in earlier[-3:] and stemmed in _EASING | _DECIDING and stemmed not in _PUT_OFF
        before = {word.lower for word in reading.words[:at] if word.start >= begin}
        if _HEDGED.intersection(earlier) or _DEMANDS & before or is_future or {"to", "be"} & set(earlier[-2:]):
            continue
        if stemmed in _HOLDING and _is_of_easing(reading, at):
            continue
        first, last = _phrase(reading, at)
        taken = last
        denied = any(word in _NEGATIVES or word.endswith("n't") for word in earlier[-4:])
        start, end = reading.words[first].start, reading.words[last].end
        yield Fact(
            kind=ComparisonKind.STATUS,
            role=Role.STATUS,
            reading=reading,
            start=start,
            end=end,
            about=_about(reading, start, end) - _HOLDING - _EASING - _DECIDING,
            side=_side(stemmed, denied=denied),
        )


def _side(stemmed: str, *, denied: bool) -> Side:
    """Return what a word of status says; one that denies that something holds tells of its end."""
    if stemmed in _DECIDING:
        return Side.ACCEPTED if (stemmed in _ACCEPTING) is not denied else Side.REJECTED
    if (stemmed in _HOLDING) is not denied:
        return Side.HOLDS
    return Side.PUT_OFF if stemmed in _PUT_OFF else Side.EASED if stemmed in _RELAXED else Side.ENDED


def _is_of_easing(reading: Reading, at: int) -> bool:
    """Say whether what holds is a step that eased: "a suspension of the limits, effective at once"."""
    word = reading.words[at]
    for place in range(max(0, at - _SUBJECT_REACH), at):
        between = reading.text[reading.words[place].end : word.start]
        if word.lower == "effective" and reading.stems[place] in _EASING and not _ENDED.search(between):
            return True
        if reading.words[place].lower in _STEPS - {"extension"} and not _PARTED.search(between):
            return True
    return False


def _is_decided(reading: Reading, at: int) -> bool:
    """Say whether a word tells of a decision that was taken: "approved the plan", not "approval"."""
    is_taken = reading.words[at].lower.endswith(("ed", "eld"))
    return is_taken and _is_said_of(reading, at, _MEASURES | _PROPOSALS)


def _is_status(reading: Reading, at: int) -> bool:
    """Say whether a word tells how a measure stands: "rules in force" but not "the force" nor "exports dropped"."""
    word = reading.words[at]
    before = reading.words[at - 1].lower if at else ""
    following = reading.words[at + 1].lower if at + 1 < len(reading.words) else ""
    if reading.stems[at] not in _HOLDING | _EASING:
        return False
    if (word.lower in _IN_FORCE and before != "in") or (word.lower == "still" and following not in _STILL):
        return False
    if word.lower in ("end", "applied", "applying"):
        return False
    return _is_said_of(reading, at, _MEASURES)


_MEASURES = frozenset(
    map(
        word_stem,
        "restriction control curb limit ban duty tariff levy quota rule permit licence license licensing requirement "
        "sanction embargo cap subsidy fee tax surcharge safeguard order law regime measure exemption waiver reform "
        "programme program scheme moratorium blacklist truce charge prohibition regulation policy preference "
        "concession surtax boycott inspection check barrier bar".split(),
    )
)
_PROPOSALS = frozenset(
    map(
        word_stem,
        "request application deal agreement proposal plan bill appeal complaint petition treaty ruling decision merger "
        "bid offer project budget accord pact draft amendment motion claim loan import export".split(),
    )
)
_STILL = frozenset("charged required banned barred restricted subject enforced limited valid active levied due".split())
_BE = frozenset("be been being is are was were isn't aren't wasn't weren't".split())
_STANDS_ALONE = frozenset(
    map(word_stem, "remain stay persist continue apply unchanged still force place effect expire lapse end".split())
)
_STEPS = frozenset(
    "suspension pause delay freeze extension removal postponement repeal withdrawal easing lifting".split()
)
_PREPOSITIONS = frozenset("after in from by for to as amid since because when if on of with at over under".split())
_OBJECT_REACH, _SUBJECT_REACH, _BE_REACH = 8, 14, 4
_ENDED = re.compile(r"[.;!?](?!\S)")
_PARTED = re.compile(r"[.;!?](?!\S)|[,:|]| (?:and|but|while|although|though|whereas) ")


def _is_said_of(reading: Reading, at: int, nouns: frozenset[str]) -> bool:
    """Say whether one of some nouns is what a word of status is said of: its object, or the subject before it."""
    word = reading.words[at]
    begin, until = _clause(reading, word.start, word.end)
    for ahead in range(at + 1, min(at + 1 + _OBJECT_REACH, len(reading.words))):
        later = reading.words[ahead]
        is_over = later.start >= until or (later.lower in _PREPOSITIONS and word.lower not in _STEPS)
        if is_over or "," in reading.text[word.end : later.start]:
            break
        if reading.stems[ahead] in nouns:
            return True
    earlier = [place for place in range(max(0, at - _SUBJECT_REACH), at) if reading.words[place].start >= begin]
    is_passive = any(reading.words[place].lower in _BE for place in earlier[-_BE_REACH:])
    if not is_passive and reading.stems[at] not in _STANDS_ALONE:
        return False
    return any(reading.stems[place] in nouns for place in earlier)


def measure_stems() -> frozenset[str]:
    """Return the stems of nouns for measures: "ban", "quota", "controls"."""
    return _MEASURES


def _phrase(reading: Reading, at: int) -> tuple[int, int]:
    """Return the first and last place of the words that say it together: "has not been lifted", "remain in force"."""
    first = last = at
    while first and reading.words[first - 1].lower in _AUXILIARIES and _is_next(reading, first - 1):
        first -= 1
    if not any(reading.words[place].lower in _NEGATIVES for place in range(first, at)):
        while first < at and reading.words[first].lower not in ("still", "no", "longer", "in"):
            first += 1
    while last + 1 < len(reading.words) and reading.words[last + 1].lower in _FOLLOWING and _is_next(reading, last):
        last += 1
    while last > at and reading.words[last].lower == "in":
        last -= 1
    return first, last


_AUXILIARIES = _NEGATIVES | frozenset("has have had been be is are was were still longer yet in".split())
_FOLLOWING = frozenset("in force place effect apply applies unchanged intact charged".split())


def _is_next(reading: Reading, at: int) -> bool:
    return reading.text[reading.words[at].end : reading.words[at + 1].start].isspace()


# ---- Who did it ----

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


def _deeds(reading: Reading) -> Iterator[Fact]:
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
        begin, until = _clause(reading, start, end)
        about = _about(reading, start, end) - {deed}
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
        is_verb = _is_verb(word.lower) or (at > 0 and reading.words[at - 1].lower == "will")
        return (reading.stems[at], at) if is_verb and not word.is_capital else None
    return None


def _passive(reading: Reading, name: Name) -> tuple[str, int] | None:
    match = _PASSIVE.search(reading.text, max(0, name.start - 40), name.start)
    if match is None or not _is_verb(match["verb"].lower()):
        return None
    at = next(at for at, word in enumerate(reading.words) if word.start >= match.start("verb"))
    return reading.stems[at], at


def _is_verb(word: str) -> bool:
    return word.endswith("ed") or word in past_verbs() or word in PAST_FORMS.values() or word in _PRESENT


_PRESENT = frozenset("leads heads chairs runs owns holds controls manages oversees chairs presides negotiates".split())
