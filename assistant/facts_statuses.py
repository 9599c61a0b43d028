"""How a sentence says that a measure stands: in force, eased, put off, ended, or what was decided on it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from assistant.claim_reading import Reading
from assistant.clauses import about_of, clause_at
from assistant.domain import ComparisonKind
from assistant.fact import Fact, Role, Side
from assistant.vocabulary import word_stem

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
    return _HOLDING | _EASING | {word_stem("inforce")}


def status_facts(reading: Reading) -> Iterator[Fact]:
    taken = -1
    for at, stemmed in enumerate(reading.stems):
        if at <= taken or (not (stemmed in _DECIDING and _is_decided(reading, at)) and not _is_status(reading, at)):
            continue
        begin = clause_at(reading, reading.words[at].start, reading.words[at].end)[0]
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
            measures=_said_of(reading, at, _MEASURES),
            about=about_of(reading, start, end) - _HOLDING - _EASING - _DECIDING,
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
    return is_taken and bool(_said_of(reading, at, _MEASURES | _PROPOSALS))


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
    return bool(_said_of(reading, at, _MEASURES))


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
_NEW_CLAUSE = frozenset("that which who whose said says but while because".split())
_OBJECT_REACH, _SUBJECT_REACH, _BE_REACH = 8, 14, 4
_ENDED = re.compile(r"[.;!?](?!\S)")
_PARTED = re.compile(r"[.;!?](?!\S)|[,:|]| (?:and|but|while|although|though|whereas) ")


def _said_of(reading: Reading, at: int, nouns: frozenset[str]) -> frozenset[str]:
    """Return those of some nouns that a word of status is said of: its object, else the subject before it."""
    word = reading.words[at]
    begin, until = clause_at(reading, word.start, word.end)
    objects = set()
    for ahead in range(at + 1, min(at + 1 + _OBJECT_REACH, len(reading.words))):
        later = reading.words[ahead]
        is_over = (
            later.start >= until
            or later.lower in _NEW_CLAUSE
            or (later.lower in _PREPOSITIONS and word.lower not in _STEPS)
        )
        if is_over or "," in reading.text[word.end : later.start]:
            break
        if reading.stems[ahead] in nouns:
            objects.add(reading.stems[ahead])
    if objects:
        return frozenset(objects)
    earlier = [place for place in range(max(0, at - _SUBJECT_REACH), at) if reading.words[place].start >= begin]
    is_passive = any(reading.words[place].lower in _BE for place in earlier[-_BE_REACH:])
    if not is_passive and reading.stems[at] not in _STANDS_ALONE:
        return frozenset()
    return frozenset(reading.stems[place] for place in earlier) & nouns


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
