"""From facts that were compared to what a reader sees: positions with their quotes, and the name of their point."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from assistant.claim_reading import concepts_of, is_in
from assistant.domain import Citation, Claim, Comparison, ComparisonKind, Draft, Position, Span
from assistant.evidence import WeighedUnit
from assistant.fact import Fact, Role
from assistant.facts_statuses import measure_stems
from assistant.figures import Bound
from assistant.measures import Placed
from assistant.names import Token
from assistant.vocabulary import past_verbs, word_stem

# Words of the name of a point.
MAX_POINT_WORDS = 9


@dataclass(slots=True)
class Quotes:
    """The citations an answer has, to which quotes of positions are added through the answer's own checker."""

    check: Callable[[Draft], Claim]
    citations: list[Citation]
    further: list[Claim]

    def holds(self, unit: WeighedUnit) -> bool:
        """Say whether a unit is cited."""
        return self._citing(unit) is not None

    def cite(self, placed: Placed, *, in_answer: bool) -> Citation | None:
        """Return the citation that holds a fact's unit, a new one if there is none; None if the checker rejects it.

        A new one comes with a further claim for the answer if `in_answer`.
        """
        if cited := self._citing(placed.unit):
            return cited
        source, unit = placed.unit.read.source, placed.unit.read.unit
        start = min(unit.shown_from, unit.opening)
        quote = source.article.text[start : unit.end]
        claim = self.check(Draft(quote, (Span(source.article_id, source.version, start, unit.end),)))
        if not claim.citations:
            return None
        self.citations += claim.citations
        if in_answer:
            self.further.append(claim)
        return claim.citations[0]

    def _citing(self, weighed: WeighedUnit) -> Citation | None:
        source, unit = weighed.read.source, weighed.read.unit
        inside = (
            citation
            for citation in self.citations
            if (citation.article_id, citation.version) == (source.article_id, source.version)
            and citation.start <= unit.start
            and unit.end <= citation.end
        )
        return next(inside, None)


def comparison(groups: Sequence[Sequence[Placed]], quotes: Quotes, *, is_loose: bool = False) -> Comparison | None:
    """Return what groups of facts that say the same come to, the cited one first; None if too little can be cited.

    With `is_loose` the facts bear on one question, but need not be about one measure.
    """
    differs = len(groups) > 1
    positions = [
        (min(group, key=_exactness).fact.value, tuple(_newest_first(cited)))
        for group in groups
        if (cited := [citation for one in group if (citation := quotes.cite(one, in_answer=differs))])
    ]
    if len(positions) < len(groups) or not (differs or len(positions[0][1]) > 1):
        return None
    first = groups[0][0]
    other = groups[1][0] if differs else groups[0][1]
    newest = _newest(positions)
    ordered = sorted(positions, key=lambda position: _latest(position[1]) or date.min, reverse=True)
    return Comparison(
        kind=first.fact.kind,
        point=_PLAIN[ComparisonKind.STATUS] if is_loose else point(first.fact, other.fact),
        positions=tuple(Position(value, cited, is_newest=cited is newest) for value, cited in ordered),
        is_loose=is_loose,
    )


def _exactness(placed: Placed) -> tuple[bool, float]:
    """Order values that say the same by how exact they are: all sources of a position say at least the least exact."""
    figure, date = placed.fact.figure, placed.fact.date
    if figure is not None:
        is_exact = figure.bound is Bound.EXACT and placed.fact.upper is None
        return is_exact, -figure.precision
    parts = (date.year, date.quarter, date.month, date.day) if date is not None else ()
    return True, float(sum(part is not None for part in parts))


def _newest_first(citations: Sequence[Citation]) -> list[Citation]:
    return sorted(citations, key=lambda citation: citation.published or date.min, reverse=True)


def _latest(citations: Sequence[Citation]) -> date | None:
    return max((citation.published for citation in citations if citation.published), default=None)


def _newest(positions: Sequence[tuple[str, tuple[Citation, ...]]]) -> tuple[Citation, ...] | None:
    """Return the citations of the one position that is newer than every other; None if a date is missing or shared."""
    dated = [(latest, citations) for _, citations in positions if (latest := _latest(citations))]
    if len(positions) < 2 or len(dated) < len(positions):
        return None
    dated.sort(key=lambda pair: pair[0])
    return dated[-1][1] if dated[-1][0] > dated[-2][0] else None


# ---- The name of a point ----

_ENDS = {Role.END: "the end of", Role.START: "the start of"}
# What is said to be suspended until a day: not the measure ends then but its suspension.
_STEPS = {
    word_stem(word): noun
    for word, noun in (
        ("suspended", "suspension"),
        ("paused", "pause"),
        ("frozen", "freeze"),
        ("delayed", "delay"),
        ("postponed", "postponement"),
        ("deferred", "deferral"),
        ("extended", "extension"),
        ("waived", "waiver"),
    )
}


def point(cited: Fact, other: Fact) -> str:
    """Return what two facts are about in words of the first: the stretch that holds most of what they share.

    Of dates it says whether they are a start or an end.
    """
    words = _stretch(cited, other)
    lead = _ENDS.get(cited.role, "")
    step = next((_STEPS[stemmed] for stemmed in cited.about if stemmed in _STEPS), "") if cited.role is Role.END else ""
    if step and step not in words:
        return f"{lead} the {step} ({words})" if words else f"{lead} the {step}"
    if not words:
        return lead.removesuffix(" of") or _PLAIN[cited.kind]
    article = "the " if words[0].islower() and words.split()[0] not in _DETERMINED else ""
    return f"{lead} {article}{words}".strip()


_PLAIN = {
    ComparisonKind.FIGURE: "the figure",
    ComparisonKind.DATE: "the date",
    ComparisonKind.STATUS: "what still applies",
    ComparisonKind.ACTOR: "who it was",
}
_DETERMINED = frozenset("the a an its his her their this that these those all some many".split())


def _stretch(cited: Fact, other: Fact) -> str:
    reading = cited.reading
    concepts = concepts_of(other.about)
    shared = {
        word.start: 2 if cited.kind is ComparisonKind.STATUS and stemmed in measure_stems() else 1
        for word, stemmed in reading.line
        if stemmed in cited.about and is_in(stemmed, other.about, concepts)
    }
    for name in reading.names:
        if name.start in shared:
            shared |= {word.start: 0 for word in reading.words if name.start < word.start < name.end}
    best: tuple[Token, ...] = ()
    most = (0, 0)
    for run in _runs(cited):
        for first, last in itertools.combinations_with_replacement(range(len(run)), 2):
            held = sum(shared.get(word.start, 0) for word in run[first : last + 1])
            is_framed = run[first].start in shared and run[last].start in shared
            if is_framed and last - first < MAX_POINT_WORDS and (held, first - last) > most:
                best, most = run[first : last + 1], (held, first - last)
    if not best:
        return ""
    written = " ".join(reading.as_given(best[0].start, best[-1].end).split())
    is_name = any(name.start <= best[0].start < name.end for name in reading.names)
    return written if is_name or written[1:2].isupper() else written[:1].lower() + written[1:]


def _runs(fact: Fact) -> Iterator[tuple[Token, ...]]:
    """Yield the stretches of a sentence without a mark, a verb or the value itself in them."""
    run: list[Token] = []
    words = fact.reading.words
    for before, word, following in zip((None, *words), words, (*words[1:], None), strict=False):
        is_value = fact.start <= word.start < fact.end
        is_cut = run and _CUT.search(fact.reading.text, run[-1].end, word.start)
        is_verb = _is_verb(before, word, following)
        if is_value or is_cut or is_verb:
            yield tuple(run)
            run = []
        if not is_value and not is_verb:
            run.append(word)
    yield tuple(run)


_CUT = re.compile(r"[.,;:()\[\]\n\"]| - ")
_VERBS = frozenset(
    "has have had is are was were be been will would can could may might must should shall that which who whose when "
    "said says say told and but while if as so because comes come came falls goes stands faces face set sets "
    "raises lowers imposes lifts suspends extends halves abolishes".split()
)
_LITTLE = frozenset(
    "a an the its his her their to on in of for from at by with until through since into no not".split()
)


def _is_verb(before: Token | None, word: Token, following: Token | None) -> bool:
    """Say whether a word is a verb, over which no name of a thing goes on: "signed the accord", not "fixed price"."""
    if word.lower in _VERBS or (before is not None and before.lower in _MODALS):
        return True
    if following is None:
        return word.lower.endswith("ed") or word_stem(word.lower) in _LASTING
    is_past = word.lower.endswith("ed") or word.lower in past_verbs()
    is_followed = following.lower in _LITTLE or following.is_capital
    is_lasting = word_stem(word.lower) in _LASTING and following.lower in _LITTLE
    return (is_past and is_followed) or is_lasting or (following.lower in _ARTICLES and word.lower not in _LITTLE)


_MODALS = frozenset("will would can could may might must should shall".split())
_ARTICLES = frozenset("a an its their his her".split())
_LASTING = frozenset(map(word_stem, "ends starts begins opens takes effect runs lasts expires applies".split()))
