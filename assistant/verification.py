"""Check a claim against the exact text it cites: figures, dates, names, quotations, direction, certainty, meaning.

Each check is a small function from (claim, source) to findings; a verdict is its worst finding. Word rules first, an
embedding similarity where one is given: rules say *what* is wrong, in words a reader can check himself. Nothing here
does I/O or loads a model.
"""

from __future__ import annotations

import functools
import itertools
import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from assistant.domain import Support, Verdict
from assistant.figures import BLANK, Bound, Figure, FigureKind, WrittenDate, plain, read_figures
from assistant.names import Name, Token, known_key, names, tokens
from assistant.text import sentences, stem, stems
from assistant.vocabulary import (
    ABSOLUTES,
    BASE_FORMS,
    MUST_BE_SAID,
    NEGATED_TO_OPPOSITE,
    NEGATIONS,
    PHRASES,
    actors,
    certainty,
    exempt,
    goods,
    negative,
    poles,
    same,
)

# Shares of a claim's content words found in the source; measured on the pairs of tests/test_verification.py.
COVERED = 0.62
PARTLY_COVERED = 0.34
# Cosine of sentence embeddings (all-MiniLM-L6-v2) above which other words may say the same. A low cosine means nothing:
# on those pairs true claims and claims with one thing changed have the same median, .64 and .63.
NEAR = 0.72

# A sentence or short list of an answer is far shorter; longer ones are only ever accepted as exact quotes.
MAX_CLAIM_CHARS = 4_000

_EXACT = Verdict(Support.SUPPORTED, "exact quote")
_ORDER = (Support.SUPPORTED, Support.PARTIAL, Support.UNSUPPORTED, Support.UNCITED)


def verify(
    claim: str, quotes: Sequence[str], *, similarity: float | None = None, published: Sequence[date] = ()
) -> Verdict:
    """Check a claim against the texts it cites, taken together.

    `similarity` is the cosine of the claim and the nearest quote: a high one lets other words say the same, but it
    never makes up for a figure, a date, a name or a direction.
    `published` are the publication dates of the cited articles: with them a year that only the claim states must be
    near one of them. No quotes: `uncited`.
    """
    cited = [quote for quote in quotes if quote.strip()]
    if not cited:
        return Verdict(Support.UNCITED, "no source is cited")
    if is_verbatim(claim, cited):
        return _EXACT
    if not claim.strip():
        return Verdict(Support.UNSUPPORTED, "the claim is empty")
    if len(claim) > MAX_CLAIM_CHARS:
        return Verdict(Support.UNSUPPORTED, "the claim is too long to be checked")
    read, source = _read(claim), _read("\n".join(cited))
    case = _Case(read, source, _nearest(read, source), similarity, tuple(published))
    findings = [finding for check in CHECKS for finding in check(case)]
    if not findings:
        return Verdict(Support.SUPPORTED, _confirmation(case.claim))
    worst = max(findings, key=lambda finding: _ORDER.index(finding.support))
    return Verdict(worst.support, worst.reason)


def is_verbatim(claim: str, quotes: Sequence[str]) -> bool:
    """Say whether every line of a claim is one or more whole sentences of a quote, white space aside.

    The whole of a quote, and quotes joined in order, count as well.
    """
    squeezed = " ".join(claim.split())
    if not squeezed:
        return False
    if squeezed in [" ".join(quote.split()) for quote in quotes] or squeezed == " ".join(" ".join(quotes).split()):
        return True
    return all(any(_is_whole_sentences(line, quote) for quote in quotes) for line in claim.splitlines() if line.strip())


def narrow(claim: str, text: str, sentence_spans: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """Return the smallest run of whole sentences of `text` that gives a claim the verdict the whole text gives it.

    Among runs of one length the one that shares most words with the claim wins, then the first. Without sentences the
    whole text is returned. `sentence_spans` ascend, as `assistant.text.sentences` gives them.
    """
    if not sentence_spans:
        return 0, len(text)
    whole = (sentence_spans[0][0], sentence_spans[-1][1])
    target = verify(claim, [text[slice(*whole)]]).support
    words = _concepts(_read(claim).content)
    shares = [len(words & _concepts(_read(text[start:end]).content)) for start, end in sentence_spans]
    for length in range(1, len(sentence_spans)):
        runs = [
            (-sum(shares[first : first + length]), first)
            for first in range(len(sentence_spans) - length + 1)
            if length == 1 or (shares[first] and shares[first + length - 1])
        ]
        for _, first in sorted(runs):
            span = (sentence_spans[first][0], sentence_spans[first + length - 1][1])
            if _ORDER.index(verify(claim, [text[slice(*span)]]).support) <= _ORDER.index(target):
                return span
        if length == _LONGEST_RUN:
            break
    return whole if target is not Support.UNSUPPORTED else _best_sentence(sentence_spans, shares)


# Runs longer than this are not tried one by one; then the whole passage stays cited.
_LONGEST_RUN = 4


def _best_sentence(spans: Sequence[tuple[int, int]], shares: Sequence[int]) -> tuple[int, int]:
    return spans[max(range(len(spans)), key=lambda position: (shares[position], -position))]


@dataclass(frozen=True, slots=True)
class _Finding:
    support: Support
    reason: str


@dataclass(frozen=True, slots=True)
class _Reading:
    """A text read once: its words, and what in it can be checked one by one."""

    text: str
    words: tuple[Token, ...]
    stems: tuple[str, ...]
    line: tuple[tuple[Token, str], ...]
    content: frozenset[str]
    denied: frozenset[int]
    figures: tuple[Figure, ...]
    dates: tuple[WrittenDate, ...]
    names: tuple[Name, ...]
    keys: frozenset[str]

    def written(self, part: Figure | WrittenDate | Name | Token) -> str:
        return self.text[part.start : part.end]


@dataclass(frozen=True, slots=True)
class _Case:
    """A claim, all it cites, and the cited sentences that speak of the same thing as the claim."""

    claim: _Reading
    source: _Reading
    nearest: tuple[_Reading, ...]
    similarity: float | None
    published: tuple[date, ...]


def _wrong(reason: str) -> _Finding:
    return _Finding(Support.UNSUPPORTED, reason)


def _doubtful(reason: str) -> _Finding:
    return _Finding(Support.PARTIAL, reason)


def _absent(written: str) -> str:
    return f"“{written}” is not in the cited passage"


# A text is often checked many times (each sentence of a passage while a citation is narrowed) and never changes.
@functools.lru_cache(maxsize=2048)
def _read(text: str) -> _Reading:
    text = _one_word_phrases(plain(text))
    found_figures, found_dates, rest = read_figures(text)
    words = tuple(tokens(text))
    found_names = tuple(names(rest))
    line = tuple(_content(words, rest, found_names))
    return _Reading(
        text=text,
        words=words,
        stems=tuple(_stem(word.lower) for word in words),
        line=line,
        content=frozenset(stemmed for _, stemmed in line),
        denied=_denied_at(text, rest, words),
        figures=found_figures,
        dates=found_dates,
        names=found_names,
        keys=frozenset(name.key for name in found_names if name.key is not None),
    )


def _content(words: Sequence[Token], rest: str, found_names: Sequence[Name]) -> Iterator[tuple[Token, str]]:
    """Yield the content words outside figures and dates with their stems; a country's name is its key, once."""
    key_at = {name.start: name.key for name in found_names if name.key is not None}
    inside = [(name.start, name.end) for name in found_names if name.key is not None]
    for word in words:
        if rest[word.start] == BLANK:
            continue
        if word.start in key_at:
            yield word, key_at[word.start]
        elif not any(start <= word.start < end for start, end in inside):
            stemmed = _content_stem(word.lower)
            if stemmed is not None:
                yield word, stemmed


@functools.lru_cache(maxsize=65536)
def _content_stem(word: str) -> str | None:
    return next(iter(stems(BASE_FORMS.get(word, word))), None)


_PHRASE = re.compile(rf"\b(?:{'|'.join(sorted(map(re.escape, PHRASES), key=len, reverse=True))})\b", re.IGNORECASE)


def _one_word_phrases(text: str) -> str:
    return _PHRASE.sub(lambda match: PHRASES[match[0].lower()], text)


@functools.lru_cache(maxsize=65536)
def _stem(word: str) -> str:
    return stem(BASE_FORMS.get(word, word))


_MOST_SENTENCES = 3


def _nearest(claim: _Reading, source: _Reading) -> tuple[_Reading, ...]:
    """Return the sentence of a source that shares most words with the claim, and those that share further ones."""
    parts = [_read(source.text[start:end]) for start, end in sentences(source.text)]
    people = {word.start for name in claim.names if name.key is None for word in claim.words if _is_inside(word, name)}
    wanted = _concepts(stemmed for word, stemmed in claim.line if stemmed not in exempt() and word.start not in people)
    shared = [wanted & _concepts(part.content) for part in parts]
    everything = claim.content
    chosen: list[_Reading] = []
    covered: frozenset[str | int] = frozenset()
    while len(chosen) < _MOST_SENTENCES and parts:
        best = max(
            range(len(parts)), key=lambda at: (len(shared[at] - covered), len(everything & parts[at].content), -at)
        )
        if not shared[best] - covered:
            break
        covered |= shared[best]
        chosen.append(parts[best])
    return tuple(chosen) or tuple(parts)


def _is_inside(word: Token, name: Name) -> bool:
    return name.start <= word.start < name.end


def _concepts(content: Iterable[str]) -> frozenset[str | int]:
    """Return stems together with the numbers of the groups of like meaning they belong to."""
    groups = same()
    return frozenset(concept for word in content for concept in (groups.get(word) or (word,)))


def _is_in(word: str, others: frozenset[str], concepts: frozenset[str | int]) -> bool:
    return word in others or any(group in concepts for group in same().get(word, ()))


def _is_whole_sentences(line: str, quote: str) -> bool:
    squeezed, words = " ".join(quote.split()), " ".join(line.split())
    at = squeezed.find(words)
    if at < 0:
        return False
    spans = sentences(squeezed)
    return at in {start for start, _ in spans} and at + len(words) in {end for _, end in spans}


def _confirmation(claim: _Reading) -> str:
    parts = [
        word
        for word, found in (
            ("figures", [figure for figure in claim.figures if figure.kind is not FigureKind.ORDINAL]),
            ("dates", claim.dates),
            ("names", claim.names),
        )
        if found
    ]
    if not parts:
        return "the cited passage says this in other words"
    listed = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
    return f"its {listed} are in the cited passage"


# --- quotations


_QUOTED = re.compile(r"\"([^\"\n]{2,})\"|(?<![\w])'([^'\n]{2,}(?:'\w[^'\n]*)*)'(?!\w)")
_CUT = re.compile(r"\.\.\.|…|\[[^\]]*\]")


def check_quotations(case: _Case) -> Iterable[_Finding]:
    """Every phrase in quotation marks stands in the source, word for word, but for cuts marked as such."""
    source = f" {' '.join(word.lower for word in case.source.words)} "
    for match in _QUOTED.finditer(case.claim.text):
        for piece in _CUT.split(match[1] or match[2]):
            words = " ".join(word.lower for word in tokens(piece))
            if words and f" {words} " not in source:
                yield _wrong(f"the quoted words “{piece.strip()}” are not in the cited passage")


# --- figures


def check_figures(case: _Case) -> Iterable[_Finding]:
    """Every figure of the claim is in the source, of the same kind and unit, and no bound is turned round."""
    for figure in case.claim.figures:
        written = case.claim.written(figure)
        if figure.kind is FigureKind.ORDINAL and _is_list_word(case.claim, figure):
            continue
        found = [other for other in case.source.figures if _same_figure(figure, other)]
        if not found:
            if not _is_counted(figure, case.source):
                yield _wrong(_absent(written))
        elif figure.bound in _BOUNDED and not any(other.bound is figure.bound for other in found):
            is_opposite = all(other.bound in _BOUNDED for other in found)
            reason = f"the cited passage does not say “{figure.bound} {written}”"
            yield _wrong(reason) if is_opposite else _doubtful(reason)


_BOUNDED = (Bound.OVER, Bound.UNDER)


def _same_figure(claimed: Figure, other: Figure) -> bool:
    if claimed.matches(other):
        return True
    halves = {(FigureKind.MULTIPLE, 0.5), (FigureKind.PERCENT, 50.0)}
    return (claimed.kind, claimed.value) in halves and (other.kind, other.value) in halves


def _is_list_word(claim: _Reading, figure: Figure) -> bool:
    """Say whether an ordinal only counts sentences ("First, …") or is half of a fixed phrase ("at first")."""
    after = claim.text[figure.end : figure.end + 1]
    before = claim.text[max(0, figure.start - 4) : figure.start].lower()
    return after == "," or before.endswith("at ")


_ENUMERATION = re.compile(
    r"\w(?:, \w[\w'-]*(?: [\w'-]+){0,2})*(?P<last>,? (?:and|or) \w)|\w(?:, \w[\w'-]*(?: [\w'-]+){0,2}){2,}"
)


def _is_counted(figure: Figure, source: _Reading) -> bool:
    """Say whether a small number counts what the source lists: "four minerals" of four named ones, "two" of "both"."""
    if figure.kind is not FigureKind.NUMBER or figure.unit or not 2 <= figure.value <= 12:
        return False
    if figure.value == 2 and any(word.lower in ("both", "pair", "either", "neither") for word in source.words):
        return True
    for match in _ENUMERATION.finditer(source.text):
        commas = match[0].count(",")
        items = 2 + commas - match["last"].count(",") if match["last"] else 1 + commas
        if items == figure.value:
            return True
    return False


def check_ranges(case: _Case) -> Iterable[_Finding]:
    """A change "from A to B" is not turned round."""
    claimed, stated = _changes(case.claim), _changes(case.source)
    direction = {pole.sign for pole in _poles(case.claim) if pole.axis == "amount"}
    for before, after in claimed:
        rises = after.value > before.value
        if direction == {-1 if rises else 1} and (before.kind, before.unit) == (after.kind, after.unit):
            yield _wrong(f"from {case.claim.written(before)} to {case.claim.written(after)} is not a {_TURN[rises]}")
        if _holds(stated, after, before) and not _holds(stated, before, after):
            written = f"from {case.claim.written(before)} to {case.claim.written(after)}"
            yield _wrong(f"the cited passage has the change the other way round, not “{written}”")


_TURN = {True: "fall", False: "rise"}
_FROM = re.compile(r"\bfrom\W+(?:\w+\W+){0,2}\Z", re.IGNORECASE)


def _changes(reading: _Reading) -> list[tuple[Figure, Figure]]:
    return [
        (before, after)
        for before, after in itertools.pairwise(reading.figures)
        if _FROM.search(reading.text, max(0, before.start - 30), before.start)
        and " to " in reading.text[before.start : after.start]
    ]


def _holds(changes: Sequence[tuple[Figure, Figure]], before: Figure, after: Figure) -> bool:
    return any(before.matches(first) and after.matches(second) for first, second in changes)


# --- dates


def check_dates(case: _Case) -> Iterable[_Finding]:
    """Every date of the claim is in the source as far as it is stated; "until" is not turned into "since"."""
    for day in case.claim.dates:
        written = case.claim.written(day)
        found = [other for other in case.source.dates if day.agrees(other)]
        if not found:
            if not _is_plain_number(day, case.source):
                yield _wrong(_absent(written))
            continue
        adds_year = day.year is not None and all(other.year is None for other in found)
        if adds_year and any(_is_of_other_year(day, other) for other in case.source.dates):
            yield _wrong(_absent(written))
            continue
        if adds_year and case.published and not any(day.is_near(published) for published in case.published):
            yield _doubtful(f"the cited passage gives no year for “{written}”")
        side = _side(case.claim, day)
        sides = {_side(case.source, other) for other in found}
        if side and sides == {-side}:
            yield _wrong(f"the cited passage has “{written}” as {'the start' if side < 0 else 'the end'}")


def _is_of_other_year(day: WrittenDate, other: WrittenDate) -> bool:
    is_same_day = day.month == other.month and day.day in (None, other.day)
    return is_same_day and other.year is not None and other.year != day.year


def _is_plain_number(day: WrittenDate, source: _Reading) -> bool:
    is_year_only = day.month is None and day.quarter is None
    return is_year_only and any(figure.value == day.year for figure in source.figures)


_AT = r"(?: (?:in|on|the|end|of|late|early|mid|at|about|around)\b)*[ -]*\Z"
_ENDS = re.compile(rf"\b(?:until|till|through|by|before|expir\w+|ends?|ended){_AT}", re.IGNORECASE)
_STARTS = re.compile(rf"\b(?:since|from|after|starting|beginning|began|starts?|started|effective){_AT}", re.IGNORECASE)


def _side(reading: _Reading, day: WrittenDate) -> int:
    before = reading.text[max(0, day.start - 40) : day.start]
    return 1 if _ENDS.search(before) else -1 if _STARTS.search(before) else 0


# --- names


def check_names(case: _Case) -> Iterable[_Finding]:
    """Every proper name of the claim is in the source, whole or in a form that the source makes plain."""
    for name in case.claim.names:
        if name.key is not None:
            if not _is_known_in(name, case.source):
                yield _wrong(_absent(case.claim.written(name)))
            continue
        missing = [word for word in name.words if not _stands_in(word, case.source)]
        if not missing:
            if len(name.words) > 1 and not _is_together(name.words, case.source):
                yield _doubtful(f"“{case.claim.written(name)}” is not named so in the cited passage")
        elif not _is_spelled_by(name, case.source):
            is_longer_form = name.words[-1] not in missing and _stands_alone(name.words[-1], case.source)
            reason = _absent(case.claim.written(name))
            yield _doubtful(reason) if is_longer_form or not name.is_sure else _wrong(reason)


def _is_known_in(name: Name, source: _Reading) -> bool:
    if name.key in source.keys or (name.key == "europe" and "eu" in source.keys):
        return True
    return name.key == "eu" and name.words[0] == "european" and "europe" in source.keys


def _stands_in(word: str, source: _Reading) -> bool:
    """Say whether a word of a name stands in the source, as a word of any case or as the name of the same country."""
    key = known_key(word)
    if key is not None and key in source.keys:
        return True
    return any(word == other.lower for other in source.words) or _stem(word) in source.stems


def _is_together(words: tuple[str, ...], source: _Reading) -> bool:
    """Say whether the words of a name stand near one another, as in "Greer, the trade representative"."""
    stemmed = [_stem(word) for word in words]
    places = [[at for at, other in enumerate(source.stems) if other == word] for word in stemmed]
    reach = len(words) + 6
    return any(
        all(any(abs(at - first) <= reach for at in others) for others in places) for first in places[0]
    ) or not all(places)


def _stands_alone(word: str, source: _Reading) -> bool:
    """Say whether the source has a name's last word without any first name."""
    return any(name.words == (word,) for name in source.names)


def _is_spelled_by(name: Name, source: _Reading) -> bool:
    """Say whether one of the two is the initials of the other: "IEEPA", "electric vehicles" for "EVs"."""
    if len(name.words) == 1:
        initials = name.words[0].removesuffix("s") if len(name.words[0]) > 2 else name.words[0]
        return 2 <= len(initials) <= 6 and initials in _initials(source)
    initials = "".join(word[0] for word in name.words)
    return any(word.lower == initials for word in source.words)


def _initials(source: _Reading) -> set[str]:
    letters = [word.lower[0] for word in source.words if word.lower not in ("of", "the", "and", "for", "on", "to")]
    line = "".join(letters)
    return {line[at : at + length] for length in range(2, 7) for at in range(len(line) - length + 1)}


# --- goods


def check_goods(case: _Case) -> Iterable[_Finding]:
    """No mineral, crop or product is named that the source does not name."""
    listed = goods()
    known = frozenset(case.source.stems)
    concepts = _concepts(known)
    for word, stemmed in zip(case.claim.words, case.claim.stems, strict=True):
        if stemmed in listed and not _is_in(stemmed, known, concepts):
            yield _wrong(_absent(case.claim.written(word)))


# --- direction


@dataclass(frozen=True, slots=True)
class _Pole:
    """A word with an opposite: where it stands, on which side, and the words around it."""

    stem: str
    written: str
    axis: str
    sign: int
    around: frozenset[str | int]
    is_content: bool


_AROUND = 5


def check_direction(case: _Case) -> Iterable[_Finding]:
    """No word of the claim is the opposite of what the source says of the same thing ("rose" for "fell")."""
    stated = [pole for part in case.nearest for pole in _poles(part)]
    claimed = _poles(case.claim)
    known = _concepts(case.source.content)
    for written in dict.fromkeys(pole.written for pole in claimed):
        verdicts = [_compare(pole, stated) for pole in claimed if pole.written == written]
        if _AGREES not in verdicts:
            clashing = next((verdict for verdict in verdicts if isinstance(verdict, _Pole)), None)
            new = [
                pole for pole in claimed if pole.written == written and pole.axis in MUST_BE_SAID and pole.is_content
            ]
            if clashing is None and new and not _is_in(new[0].stem, case.source.content, known):
                yield _doubtful(f"the cited passage does not say “{written}”")
            if clashing is not None:
                if clashing.written == written:
                    yield _wrong(f"the cited passage says the opposite about “{written}”")
                else:
                    yield _wrong(f"the cited passage says “{clashing.written}” where the claim says “{written}”")


_AGREES = "agrees"
_SILENT = "silent"


def _compare(pole: _Pole, stated: Sequence[_Pole]) -> str | _Pole:
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


def _poles(reading: _Reading) -> list[_Pole]:
    table = poles()
    starts = [word.start for word, _ in reading.line]
    found = []
    for at, stemmed in enumerate(reading.stems):
        for axis, sign in table.get(stemmed, ()):
            place = bisect_left(starts, reading.words[at].start)
            near = (*reading.line[max(0, place - _AROUND) : place], *reading.line[place : place + 1 + _AROUND])
            around = _concepts(other for word, other in near if word is not reading.words[at])
            is_content = reading.words[at].start in starts[place : place + 1]
            turned = axis in NEGATED_TO_OPPOSITE and (
                at in reading.denied or (sign < 0 and _is_undone(reading, at, axis))
            )
            found.append(_Pole(stemmed, reading.words[at].lower, axis, -sign if turned else sign, around, is_content))
    return found


def _is_undone(reading: _Reading, at: int, axis: str) -> bool:
    """Say whether a ban is said to be lifted: then it permits."""
    near = reading.stems[max(0, at - _UNDONE_BY) : at + _UNDONE_BY]
    return axis == "permit" and any(("force", -1) in poles().get(word, ()) for word in near)


_UNDONE_BY = 8


# --- negation


def check_negation(case: _Case) -> Iterable[_Finding]:
    """What the source affirms is not denied, and the other way round."""
    claim_denied, claim_affirmed = _denied(case.claim)
    parts = [_denied(part) for part in case.nearest]
    source_denied = frozenset[str]().union(*(denied for denied, _ in parts))
    source_affirmed = frozenset[str]().union(*(affirmed for _, affirmed in parts))
    if claim_denied and not source_denied:
        if any(not _is_softened(word, case.nearest) for word in claim_denied & source_affirmed):
            yield _wrong("the claim denies what the cited passage says")
    elif source_denied and not claim_denied:
        if any(not _is_softened(word, (case.claim,)) for word in (source_denied - source_affirmed) & claim_affirmed):
            yield _wrong("the claim says what the cited passage denies")
    elif not claim_denied & source_denied:
        turned = claim_denied & source_affirmed - source_denied
        back = source_denied & claim_affirmed - claim_denied
        if turned and back:
            yield _wrong("the claim denies something else than the cited passage")


_SCOPE = 3
_CLAUSE_WORDS = frozenset("but when while because although though if which who whereas unless".split())
_CLAUSE_END = re.compile(r"[,;:.!?()\n]| - ")


def _denied(reading: _Reading) -> tuple[frozenset[str], frozenset[str]]:
    """Return the content stems in the reach of a negation, and all others."""
    place = {word.start: at for at, word in enumerate(reading.words)}
    denied = {stemmed for word, stemmed in reading.line if place[word.start] in reading.denied}
    affirmed = {stemmed for word, stemmed in reading.line if place[word.start] not in reading.denied}
    return frozenset(denied - exempt()), frozenset(affirmed - exempt())


def _denied_at(text: str, rest: str, words: Sequence[Token]) -> frozenset[int]:
    """Return the places of the next content words after each negation, up to the end of its clause."""
    denied: set[int] = set()
    for at in range(len(words)):
        if not _is_negation(words, at):
            continue
        reached = 0
        begin = _after_opinion(text, words, at)
        for ahead in range(begin, len(words)):
            is_cut = ahead > begin and _CLAUSE_END.search(text, words[ahead - 1].end, words[ahead].start)
            is_over = is_cut or words[ahead].lower in _CLAUSE_WORDS
            if is_over or reached == _SCOPE:
                break
            if rest[words[ahead].start] != BLANK and _content_stem(words[ahead].lower) is not None:
                denied.add(ahead)
                reached += 1
    return frozenset(denied)


def _after_opinion(text: str, words: Sequence[Token], at: int) -> int:
    """Return where what is denied begins: in "I don't think, frankly, it has changed" after the words put in."""
    if at + 2 >= len(words) or words[at + 1].lower not in ("think", "believe", "expect"):
        return at + 1
    inserted = re.compile(r"\s*,[^,.;]{1,40},").match(text, words[at + 1].end)
    begin = inserted.end() if inserted else words[at + 1].end
    return next((ahead for ahead in range(at + 2, len(words)) if words[ahead].start >= begin), len(words))


def _is_negation(words: Sequence[Token], at: int) -> bool:
    word = words[at].lower
    following = words[at + 1].lower if at + 1 < len(words) else ""
    if word.endswith("n't"):
        return True
    if word == "yet":
        return following == "to"
    return word in NEGATIONS and following not in ("only", "just", "merely", "until", "before", "less", "doubt")


def _is_softened(word: str, readings: Sequence[_Reading]) -> bool:
    """Say whether every place of a word has a word near it that denies without a "not", like "lifted"."""
    for part in readings:
        line = [stemmed for _, stemmed in part.line]
        for at, stemmed in enumerate(line):
            if stemmed == word and negative().isdisjoint(line[max(0, at - _SOFT_REACH) : at + _SOFT_REACH + 1]):
                return False
    return True


_SOFT_REACH = 4


# --- certainty


def check_certainty(case: _Case) -> Iterable[_Finding]:
    """What the source calls possible is not called certain, and the other way round."""
    claimed = _modals(case.claim)
    stated = [modal for part in case.nearest for modal in _modals(part)]
    hedged_claim = any(level < 0 for level, _, _ in claimed) or _is_hedged(case.claim)
    for level, word, head in claimed:
        alike = [(other, said) for other, said, about in stated if _same_meaning(head, about)]
        if alike and all(other == -level for other, _ in alike):
            yield _doubtful(f"the cited passage says “{alike[0][1]}” where the claim says “{word}”")
            return
        best = [(other, said) for other, said, _ in _modals(case.nearest[0])] if case.nearest else []
        if not alike and best and all(other == -level for other, _ in best):
            yield _doubtful(f"the cited passage says “{best[0][1]}” where the claim says “{word}”")
            return
        is_unhedged = not alike and level < 0 and not stated and not any(map(_is_hedged, case.nearest))
        if is_unhedged and any(_same_meaning(head, other) for part in case.nearest for other in part.stems):
            yield _doubtful(f"the cited passage states as fact what the claim says “{word}” happen")
            return
    if hedged_claim:
        return
    for level, said, head in stated:
        certain = any(other > 0 and _same_meaning(head, about) for other, _, about in claimed)
        if level < 0 and not certain and any(_same_meaning(head, word) for word in case.claim.stems):
            yield _doubtful(f"the cited passage only says “{said}”")
            return


_MODALS = frozenset("may might could would should can will shall must cannot won't".split())
_SKIPPED = frozenset(
    "not be been being have has had also still even soon only now then never eventually probably".split()
)


def _modals(reading: _Reading) -> list[tuple[int, str, str]]:
    """Return (1 certain or -1 possible, the word, the stem of the verb it belongs to) for each modal."""
    found = []
    for at, word in enumerate(reading.words):
        level = certainty(word.lower)
        following = [other.lower for other in reading.words[at + 1 : at + 2]]
        is_modal = word.lower in _MODALS or (level < 0 and following == ["to"])
        if not level or not is_modal:
            continue
        for ahead in range(at + 1, min(at + 6, len(reading.words))):
            if reading.words[ahead].lower not in _SKIPPED and reading.words[ahead].lower != "to":
                found.append((level, word.lower, reading.stems[ahead]))
                break
    return found


def _is_hedged(reading: _Reading) -> bool:
    return any(certainty(word.lower) < 0 for word in reading.words)


def _same_meaning(one: str, other: str) -> bool:
    if one == other:
        return True
    if one in exempt() or other in exempt():
        return False
    groups = same()
    return bool(groups.get(one, frozenset()) & groups.get(other, frozenset()))


# --- absolutes


def check_absolutes(case: _Case) -> Iterable[_Finding]:
    """Words like "all", "only" and "permanently" are the source's own."""
    said = {word.lower for part in case.nearest for word in part.words}
    for at, word in enumerate(case.claim.words):
        allowed = ABSOLUTES.get(word.lower)
        before = case.claim.words[at - 1].lower if at else ""
        if allowed is None or before in ("not", "at", "after", "above", "if"):
            continue
        if not said & set(allowed.split()):
            yield _doubtful(f"the cited passage does not say “{case.claim.written(word)}”")


# --- who does what


_REPORTING = frozenset(
    "said says told tells argued argues warned warns noted notes added adds claimed claims acknowledged "
    "acknowledges insisted insists declared declares called calls estimates estimated predicted predicts "
    "stressed described".split()
)


def check_speaker(case: _Case) -> Iterable[_Finding]:
    """Words are not put into another mouth: who speaks in the claim speaks in the source."""
    speakers = {speaker for part in case.nearest for speaker in _speakers(part)}
    known = sorted(speaker for speaker in speakers if speaker is not None)
    if not known or None in speakers:
        return
    for speaker in _speakers(case.claim):
        if speaker is not None and not any(set(speaker) <= set(other) or set(other) <= set(speaker) for other in known):
            yield _wrong(f"the cited passage has this from {_readable(known[0])}, not from {_readable(speaker)}")


def _speakers(reading: _Reading) -> list[tuple[str, ...] | None]:
    """Return who speaks at each verb of saying, by name or key; None where no name stands beside it."""
    return [
        _name_at(reading, word.start, ends=True) or _name_at(reading, word.end, ends=False)
        for word in reading.words
        if word.lower in _REPORTING
    ]


_APPOSITION = re.compile(r"(?:,[^,.;]{0,60},)? ?(?:also |has |had |then )?")


def _name_at(reading: _Reading, position: int, *, ends: bool) -> tuple[str, ...] | None:
    for name in reading.names:
        gap = reading.text[name.end : position] if ends else reading.text[position : name.start]
        if (name.end <= position if ends else name.start >= position) and _APPOSITION.fullmatch(gap):
            return name.words if name.key is None else (name.key,)
    return None


def _readable(words: tuple[str, ...]) -> str:
    return " ".join(word.capitalize() for word in words)


def check_roles(case: _Case) -> Iterable[_Finding]:
    """Who acts and who is acted upon are not exchanged ("A sued B" for "B sued A")."""
    for first, verb, second in _triples(case.claim):
        stated = [triple for part in case.nearest for triple in _triples(part) if triple[1] == verb]
        if (second, verb, first) in stated and (first, verb, second) not in stated:
            yield _wrong("the cited passage has it the other way round")
            return


def _triples(reading: _Reading) -> list[tuple[str, str, str]]:
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


def check_neighbours(case: _Case) -> Iterable[_Finding]:
    """A name stands beside the same word as in the source: "Chile agreed", "benefits Peru", "Chinese ships"."""
    stated = [pair for part in case.nearest for pair in _neighbours(part)]
    for word, name, is_before in _neighbours(case.claim):
        there = {other for stemmed, other, before in stated if stemmed == word and before == is_before}
        if there and name not in there and not any(set(name.split()) & set(other.split()) for other in there):
            shown = ", ".join(sorted(_readable(tuple(other.split())) for other in there))
            reason = f"the cited passage says this of {shown}, not of {_readable(tuple(name.split()))}"
            is_named = not any(_stem(other) in actors() for other in (*there, name))
            yield _wrong(reason) if is_named else _doubtful(reason)
            return


def _neighbours(reading: _Reading) -> list[tuple[str, str, bool]]:
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
            if stemmed in actors() or any(_is_inside(word, other) for other in reading.names):
                continue
            gap = reading.text[name.end : word.start] if is_before else reading.text[word.end : name.start]
            if len(gap.split()) <= 2 and not re.search(r"[,;:.()\n]", gap) and stemmed not in exempt():
                found.append((stemmed, written, is_before))
    return found


def check_belonging(case: _Case) -> Iterable[_Finding]:
    """A figure stands for what it stands for in the source, not for what another figure there stands for."""
    stated = [(other, words) for other, words in _said_of_figures(case.source)]
    for mine, around in _said_of_figures(case.claim):
        own = [(other, len(around & words)) for other, words in stated if _same_figure(mine, other)]
        if not own:
            continue
        rivals = [
            len(around & words)
            for other, words in stated
            if (mine.kind, mine.unit) == (other.kind, other.unit)
            and not _same_figure(mine, other)
            and not any(_are_one_change(case.source, other, same_value) for same_value, _ in own)
        ]
        if rivals and max(rivals) >= max(count for _, count in own) + 2:
            yield _doubtful(f"“{case.claim.written(mine)}” stands for something else in the cited passage")


_FIGURE_REACH = 6
# More figures than a sentence of an answer holds; tables have many.
_MOST_FIGURES = 48
_CLAUSE_MARK = re.compile(r"[,;:.()\n](?!\d)")


def _said_of_figures(reading: _Reading) -> list[tuple[Figure, frozenset[str | int]]]:
    """Return figures with the words next to each in its clause, as far as the next figure of its kind."""
    marks = [mark.start() for mark in _CLAUSE_MARK.finditer(reading.text)]
    found = []
    for figure in reading.figures[:_MOST_FIGURES]:
        alike = [other.start for other in reading.figures if other is not figure and other.kind is figure.kind]
        begin = max((at for at in (*marks, *alike) if at < figure.start), default=-1)
        end = min((at for at in (*marks, *alike) if at >= figure.end), default=len(reading.text))
        before = [stemmed for word, stemmed in reading.line if begin < word.start < figure.start][-_FIGURE_REACH:]
        after = [stemmed for word, stemmed in reading.line if figure.end <= word.start < end][:_FIGURE_REACH]
        found.append((figure, _concepts(before + after)))
    return found


def _are_one_change(reading: _Reading, one: Figure, other: Figure) -> bool:
    first, second = sorted((one, other), key=lambda figure: figure.start)
    between = reading.text[first.end : second.start]
    return len(between) < 60 and re.search(r"\b(?:to|from|rising|falling)\b", between) is not None


def check_origin(case: _Case) -> Iterable[_Finding]:
    """Things come from where the source has them from: "Chinese ships" are not "ships from Korea"."""
    stated = [pair for part in case.nearest for pair in _origins(part)]
    for word, key in _origins(case.claim):
        there = {other for stemmed, other in stated if stemmed == word}
        if there and key not in there:
            shown = ", ".join(sorted(_readable(tuple(other.split())) for other in there))
            yield _wrong(f"the cited passage says this of {shown}, not of {_readable(tuple(key.split()))}")
            return


def _origins(reading: _Reading) -> list[tuple[str, str]]:
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


def check_prefix(case: _Case) -> Iterable[_Finding]:
    """A word is not turned round by "un-": changed for unchanged."""
    known = frozenset(case.source.stems)
    place = {word.start: at for at, word in enumerate(case.claim.words)}
    for word, stemmed in case.claim.line:
        opposite = stemmed.removeprefix("un") if stemmed.startswith("un") else f"un{stemmed}"
        is_denied = place[word.start] in case.claim.denied
        if stemmed not in known and opposite in known and len(stemmed) > 3 and not is_denied:
            yield _wrong(f"the cited passage says the opposite of “{case.claim.written(word)}”")


# --- meaning


def check_meaning(case: _Case) -> Iterable[_Finding]:
    """Enough of the claim's content words are in the source, or an embedding finds the two close."""
    wanted = [
        stemmed for stemmed in dict.fromkeys(stemmed for _, stemmed in case.claim.line) if stemmed not in exempt()
    ]
    concepts = _concepts(case.source.content)
    missing = [word for word in wanted if not _is_in(word, case.source.content, concepts)]
    share = 1 - len(missing) / len(wanted) if wanted else 1.0
    near = case.similarity is not None and case.similarity >= NEAR
    if share >= COVERED:
        return
    if share < PARTLY_COVERED and not near:
        yield _wrong(f"the cited passage is about something else: it has no {_listed(case.claim, missing)}")
    elif not (near and share >= PARTLY_COVERED):
        yield _doubtful(f"not all of it is in the cited passage, which has no {_listed(case.claim, missing)}")


def check_exchange(case: _Case) -> Iterable[_Finding]:
    """No single word was put in the place of another in what is otherwise the source's own sentence."""
    concepts, claimed = _concepts(case.source.content), _concepts(case.claim.content)
    line = case.claim.line
    for before, (word, stemmed), after in zip(line, line[1:], line[2:], strict=False):
        if stemmed in exempt() or _is_in(stemmed, case.source.content, concepts) or _LOOKS_VERBAL.search(word.lower):
            continue
        for part in case.nearest:
            found = _between(part, before[1], after[1])
            if found and not _is_in(found[1], case.claim.content, claimed) and found[1] not in exempt():
                yield _doubtful(f"the cited passage says “{found[0].lower}” where the claim says “{word.lower}”")
                return


# Verbs and adverbs have too many synonyms for one to be held against a claim.
_LOOKS_VERBAL = re.compile(r"(?:ed|ing|ly|ize|ise)\Z")


def _between(part: _Reading, before: str, after: str) -> tuple[Token, str] | None:
    """Return the one content word of a sentence that stands between two others."""
    for first, found, last in zip(part.line, part.line[1:], part.line[2:], strict=False):
        if first[1] == before and last[1] == after:
            return found
    return None


def _listed(claim: _Reading, missing: Sequence[str]) -> str:
    written = {stemmed: claim.text[word.start : word.end] for word, stemmed in reversed(claim.line)}
    return ", ".join(f"“{written[stemmed]}”" for stemmed in missing[:3]) or "word of it"


CHECKS: tuple[Callable[[_Case], Iterable[_Finding]], ...] = (
    check_quotations,
    check_figures,
    check_ranges,
    check_dates,
    check_names,
    check_goods,
    check_negation,
    check_direction,
    check_certainty,
    check_absolutes,
    check_speaker,
    check_roles,
    check_neighbours,
    check_origin,
    check_prefix,
    check_belonging,
    check_meaning,
    check_exchange,
)
