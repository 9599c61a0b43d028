"""Two statements of a sentence and the word that joins them: "prices rose because a mine closed", "exempt unless sold".

A joint has a side that is the cause, the condition or what comes first in time, and a main statement, whichever of them
the sentence begins with: "A led to B" and "B because of A" are one joint.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from assistant.claim_reading import Reading, concepts_of, read_text
from assistant.text import sentences
from assistant.vocabulary import exempt, word_stem


class Kind(StrEnum):
    """What a side is to the main statement."""

    CAUSE = "cause"
    NO_CAUSE = "no cause"
    DESPITE = "despite"
    AS = "as"
    AFTER = "after"
    BEFORE = "before"
    UNTIL = "until"
    IF = "if"
    ONLY_IF = "only if"
    UNLESS = "unless"
    EVEN_IF = "even if"
    WHEN = "when"
    EXCEPT = "except"
    INCLUDING = "including"
    MORE = "more than"
    LESS = "less than"
    AS_MUCH = "as much as"


COMPARING = frozenset({Kind.MORE, Kind.LESS, Kind.AS_MUCH})


@dataclass(frozen=True, slots=True)
class Joint:
    """A joint whose joining words are `text[start:end]` of a reading; `main` and `side` are the words of its two parts.

    `side_at` is where the side stands.
    """

    kind: Kind
    main: frozenset[str | int]
    side: frozenset[str | int]
    start: int
    end: int
    side_at: tuple[int, int]


# Verbs that make what stands before them a cause; with "by" they turn round.
_PAST = r"(?:caused|prompted|triggered|driven|sparked|fuel+ed|spurred|provoked|brought on|forced|pushed (?:up|down))"
_VERB = (
    r"(?:caus(?:es?|ed|ing)|trigger(?:s|ed|ing)?|prompt(?:s|ed|ing)?|forc(?:es|ed|ing)|spark(?:s|ed|ing)?"
    r"|fuel+(?:s|ed|ing)|spur(?:s|red|ring)?|push(?:es|ed|ing) (?:up|down)|provok(?:es?|ed|ing))(?! by\b)"
)
_TO_DECIDE = r"(?:\w+ ){0,2}(?:approv|ratif|review|consent|vote|confirm|agree|sign)"
_THE_REASON = r"(?:the|its|a) (?:\w+ ){0,2}(?:reason|cause|result|top|source|main|only|\w+est)\b"
# "Higher tariffs than": a number after "than" is a bound, not what is compared.
_UP_TO_THAN = r"(?:[\w'-]+ ){0,3}?than(?= (?!\d|half\b|[$€£]|\w+ (?:percent|times|million|billion)\b))"
_OUT = r"(?:exceed|outpac(?:e|)|outstrip(?:p|)|outperform|surpass(?:e|)|outnumber|outweigh)"

# Joining words that the side follows. The first that fits is taken.
_BEFORE_SIDE: tuple[tuple[Kind, tuple[str, ...]], ...] = (
    (Kind.NO_CAUSE, (r"not (?:because(?: of)?|for lack of|thanks to)",)),
    (Kind.EVEN_IF, (
        r"even (?:if|when|where|with(?:out)?|once|after)", r"(?:regardless|irrespective) of(?: whether)?",
        r"whether or not", r"no matter (?:if|whether|how|what)",
    )),
    (Kind.ONLY_IF, (r"only (?:if|when|once|after|where|in case of)", r"only (?=\w+ if\b)")),
    (Kind.IF, (
        r"if", r"assuming(?: that)?", r"provided", r"supposing", r"(?:contingent|conditional) (?:up)?on",
        rf"subject to(?= {_TO_DECIDE})",
    )),
    (Kind.UNLESS, (r"unless", r"barring", r"in the absence of", r"failing")),
    (Kind.UNTIL, (r"until", r"till", r"pending(?= (?:\w+ ){1,4}(?:of|by|from|on)\b| (?:the|an?|its|their|further)\b)")),
    (Kind.WHEN, (r"when", r"whenever", r"once")),
    (Kind.CAUSE, (
        r"because(?: of)?", r"as a (?:\w+ )?(?:result|consequence) of", r"thanks to", r"on the grounds? (?:that|of)",
        r"for (?:lack|fear) of", r"in (?:response|reaction|retaliation) (?:to|for|against)", rf"{_PAST} by",
        r"(?:a|the) (?:\w+ )?(?:result|consequence|outcome|product) of", r"a (?:\w+ )?(?:response|reaction) to",
        r"(?:result(?:s|ed|ing)?|stem(?:s|med|ming)?|aris(?:es|ing)|arose) from", r"in (?:view|light) of",
        r"by reason of",
    )),
    (Kind.DESPITE, (r"despite", r"although", r"even though", r"though", r"notwithstanding")),
    (Kind.AFTER, (r"after(?! (?:then|that|this|all|which)\b)", r"following")),
    (Kind.BEFORE, (r"before(?! (?:then|that|this|now|which)\b)", r"in anticipation of", r"prior to")),
    (Kind.EXCEPT, (r"except(?:ing)?(?: for| that)?", r"excluding", r"but (?:not|for)")),
    (Kind.INCLUDING, (r"including",)),
    (Kind.MORE, (
        rf"(?:more|higher|larger|greater|bigger|faster|longer|stronger|heavier|older|wider|better|dearer|richer|tougher"
        rf"|stricter|quicker|steeper) {_UP_TO_THAN}", rf"{_OUT}(?:s|d|ed|ing)?", r"(?:over|under)?took over from",
        r"overt(?:ook|akes?|aking|aken)",
    )),
    (Kind.LESS, (
        rf"(?:less|lower|fewer|smaller|slower|shorter|weaker|lighter|younger|narrower|worse|cheaper|poorer|milder|laxer)"
        rf" {_UP_TO_THAN}", r"trail(?:s|ed|ing)?", r"lag(?:s|ged|ging)?(?: behind)?", r"f[ae]ll(?:s|en|ing)? behind",
        r"second only to", r"behind only",
    )),
    (Kind.AS_MUCH, (
        r"as (?:much|many|high|low|large|big|small|fast|slow|strong)(?: [\w'-]+){0,3}? as",
        r"the same(?: [\w'-]+){0,3}? as", r"match(?:e[sd]|ing)",
    )),
    # Both mostly speak of time; where they open a sentence or follow a comma they can give a reason.
    (Kind.AS, (
        r"(?:(?<=, )|(?<=\A)|(?<=\. ))(?:since|as)"
        r"(?! (?:of|part|well|an?|for|to|early|late|soon|long|far|such|in|\d|[A-Z]\w+ \d))",
        rf"as(?! {_THE_REASON})(?= (?:the|their|its|his|\w+s|\w+ed|\w+ \w+(?:s|ed)) )",
    )),
)  # fmt: skip
# Joining words that follow the side.
_AFTER_SIDE: tuple[tuple[Kind, tuple[str, ...]], ...] = (
    (Kind.CAUSE, (
        rf"(?:which |and )?(?:in turn )?(?:le(?:d|ads?|ading) to|{_VERB}|result(?:s|ed|ing)? in"
        r"|contribut(?:es?|ed|ing) to|allow(?:s|ed|ing)(?= (?:\w+ ){1,4}to ))",
        r"(?<=, )(?:and )?so(?= (?!far|that|much|many|called))", r"therefore", r"thus", r"hence", r"consequently",
        r"accordingly", r"as a (?:\w+ )?(?:result|consequence)(?! of)",
    )),
    (Kind.AFTER, (r"after which", r"whereupon")),
    (Kind.BEFORE, (r"before which",)),
    (Kind.DESPITE, (r"nevertheless", r"nonetheless", r"even so", r"all the same", r"however")),
)  # fmt: skip
# Both parts at once.
_BE = r"(?:is|was|were|are|been|as)"
_PART = "[^,;.]{1,160}"
_WHOLE = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        (Kind.CAUSE, rf"\bblam(?:e|es|ed|ing) (?P<side>{_PART}?) for (?P<main>{_PART})"),
        (Kind.CAUSE, rf"\bblam(?:e|es|ed|ing) (?P<main>{_PART}?) on (?P<side>{_PART})"),
        (Kind.CAUSE, rf"\battribut(?:e|es|ed|ing) (?P<main>{_PART}?) to (?P<side>{_PART}?)(?= not\b|[,;.]|\Z)"),
        (Kind.CAUSE, rf"(?P<main>{_PART}?) {_BE} attributed to (?P<side>{_PART}?)(?= not\b|[,;.]|\Z)"),
        (Kind.CAUSE, rf"\breasons? (?:for|that|why) (?P<main>{_PART}?) {_BE} (?P<side>{_PART})"),
        (
            Kind.CAUSE,
            rf"(?P<side>{_PART}?) {_BE} the (?:\w+ )?(?:reason|cause)s? (?:(?:for|of|that|why) )?(?P<main>{_PART})",
        ),
        (Kind.MORE, rf"\bprefer(?:s|red)? (?P<main>{_PART}?) to (?P<side>{_PART})"),
    )
)
# Longer sentences are lists or tables.
_LONGEST = 1_500
_EDGE = re.compile(
    r"[;:()\n]|, (?:and|but|while|whereas|which|who)\b|\bthat\b|\bbut\b|\bwhile\b|\bwhereas\b|\bin turn\b"
)
# "Not because of A but because of B": the second joins the same main statement.
_SECOND = re.compile(r"\b(?:but|and|or) \Z", re.IGNORECASE)
# "Though analysts point to the weather as the reason" gives a cause.
_SAYS_WHY = re.compile(r"\b(?:reasons?|causes?|blam\w+|attribut\w+|credit\w*|explain\w*)\b", re.IGNORECASE)
_COMMA = re.compile(r",(?!\d)")


def joints(reading: Reading) -> tuple[Joint, ...]:
    """Return the joints of a text in order."""
    return _joints(reading.original)


@functools.lru_cache(maxsize=512)
def _joints(original: str) -> tuple[Joint, ...]:
    reading = read_text(original)
    found = [
        joint
        for start, end in sentences(reading.text)
        if end - start <= _LONGEST
        for joint in _in_sentence(reading, start, end)
    ]
    return tuple(sorted(found, key=lambda joint: joint.start))


def _in_sentence(reading: Reading, start: int, end: int) -> Iterator[Joint]:
    taken = []
    for kind, pattern in _WHOLE:
        match = pattern.search(reading.text, start, end)
        if match:
            main, side = (statement(reading, *match.span(name)) for name in ("main", "side"))
            taken.append(match.span())
            yield Joint(kind, main, side, *match.span(), match.span("side"))
            break
    joins = [(*found.span(), kind, leads) for found, kind, leads in _joins(reading.text, start, end)]
    joins = [join for join in joins if not any(low <= join[0] < high for low, high in taken)]
    edges = [match.start() for match in _EDGE.finditer(reading.text, start, end)]
    stops = sorted({*edges, *(join[0] for join in joins if join[2] not in COMPARING)})
    # All that is subordinate to a statement may stand behind it: "A when B, unless C".
    parted = sorted({*edges, *(join[0] for join in joins if not join[3])})
    before_last = (start, start)
    yield from _otherwise(reading, start, end)
    for first, last, kind, leads in joins:
        low = max([start, *(stop for stop in (parted if leads else stops) if stop < first)])
        is_second = leads and before_last[1] > start and _SECOND.search(reading.text[:first]) is not None
        high = min([end, *(stop for stop in stops if stop >= last)])
        before = before_last if is_second else _span_before(reading, start, low, first, parted if leads else stops)
        after = (last, high)
        if leads and not statement(reading, *before):  # it opens its sentence: "Because of A, B"
            comma = _COMMA.search(reading.text, last, end)
            if comma is None:
                continue
            beyond = min([end, *(stop for stop in stops if stop > comma.start() + 1 and stop >= last)])
            before, after = (comma.end(), beyond), (last, comma.start())
        elif not leads and not statement(reading, *before):
            before = _sentence_before(reading, start)
        if leads and not statement(reading, last, after[1]):
            after = (last, min([end, *(edge for edge in edges if edge >= last)]))
        main_at, side_at = (before, after) if leads else (after, before)
        before_last = main_at if leads else (start, start)
        main, side = statement(reading, *main_at), statement(reading, *side_at)
        if main and side:
            if kind is Kind.DESPITE and _SAYS_WHY.search(reading.text, *side_at):
                kind = Kind.CAUSE
            yield Joint(kind, main, side, first, last, side_at)


_OTHERWISE = re.compile(r"[,;] (?:or |and )?(?:otherwise|or else|if not)\b,?", re.IGNORECASE)
_CONDITION = re.compile(r"\b(?:(?P<unless>unless)|if|provided|only once)\b", re.IGNORECASE)


def _otherwise(reading: Reading, start: int, end: int) -> Iterator[Joint]:
    """Yield "C unless B" of "A if B, otherwise C", and of "B must be, or else C"."""
    match = _OTHERWISE.search(reading.text, start, end)
    if match is None:
        return
    condition = _CONDITION.search(reading.text, start, match.start())
    side_at = (condition.end() if condition else start, match.start())
    comma = _COMMA.search(reading.text, *side_at)
    side_at = (side_at[0], comma.start() if comma else side_at[1])
    main, side = statement(reading, match.end(), end), statement(reading, *side_at)
    if main and side:
        kind = Kind.IF if condition and condition["unless"] else Kind.UNLESS
        yield Joint(kind, main, side, *match.span(), side_at)


def _span_before(reading: Reading, start: int, low: int, first: int, stops: list[int]) -> tuple[int, int]:
    """Return the statement before a joining word: "the downgrade" of "the downgrade, which had been prompted by"."""
    while low > start and not statement(reading, low, first):
        low = max([start, *(stop for stop in stops if stop < low)])
    return low, first


def _sentence_before(reading: Reading, start: int) -> tuple[int, int]:
    spans = [span for span in sentences(reading.text) if span[1] <= start]
    return spans[-1] if spans else (start, start)


def _joins(text: str, start: int, end: int) -> Iterator[tuple[re.Match[str], Kind, bool]]:
    """Yield each joining word of a sentence with its kind and whether its side follows it."""
    done = start
    for match in _all_joining().finditer(text, start, end):
        if match.start() >= done:
            group = str(match.lastgroup)
            leads, at = group[0] == "b", int(group[1:])
            yield match, (_BEFORE_SIDE if leads else _AFTER_SIDE)[at][0], leads
            done = match.end()


@functools.cache
def _all_joining() -> re.Pattern[str]:
    before = [f"(?P<b{at}>{'|'.join(words)})" for at, (_, words) in enumerate(_BEFORE_SIDE)]
    after = [f"(?P<a{at}>{'|'.join(words)})" for at, (_, words) in enumerate(_AFTER_SIDE)]
    return re.compile(rf"\b(?:{'|'.join([*before, *after])})(?!\w)", re.IGNORECASE)


@functools.cache
def _unsaid() -> frozenset[str]:
    """Return the stems that say nothing in a statement: exempt ones, and joining words that are no stop words."""
    return exempt() | {word_stem(word) for word in "unless although except despite though".split()}


def statement(reading: Reading, start: int = 0, end: int | None = None) -> frozenset[str | int]:
    """Return the words that say something in `text[start:end]` of a reading, with its figures."""
    end = len(reading.text) if end is None else end
    inside = [stemmed for word, stemmed in reading.line if start <= word.start < end and stemmed not in _unsaid()]
    numbers = [f"#{figure.value:g}" for figure in reading.figures if start <= figure.start < end]
    return concepts_of(inside) | frozenset(numbers)
