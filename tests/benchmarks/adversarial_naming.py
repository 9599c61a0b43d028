"""Changed names, and things of a passage in each other's place.

`name` takes names that the passage does not hold. `role` and `mixed_up` take what it does hold and put it where
something else belongs, which is how summaries go wrong most often.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from itertools import pairwise

from tests.benchmarks import adversarial_words as words
from tests.benchmarks.adversarial_changes import Change, replaced
from tests.benchmarks.adversarial_figures import AMOUNT, BOUND, YEAR, is_label
from tests.benchmarks.adversarial_names import Name, is_same_place, names, others
from tests.benchmarks.adversarial_passages import Source

SPEAKS = re.compile(rf"(?:,[^,]{{3,60}},)? (?:has |have |had |also )?(?:{'|'.join(words.SAYING)})\b")
SAID_BY = re.compile(r"\b(?:according to|said|says) (?:the )?$", re.I)
_CHANGING = re.compile(r"\b(?:rose|fell|increased|decreased|dropped|reduced|cut|grew|declined|raised)\b")


def name(source: Source, rng: random.Random) -> Iterator[Change]:
    """Put another name of the same kind in place of one: from the same article, never from the passage."""
    text = source.sentence
    for found in names(text):
        if SPEAKS.match(text[found.end :]) or SAID_BY.search(text[: found.start]):
            continue
        choices = others(found, source)
        if choices:
            yield from replaced(source, found.start, found.end, rng.choice(choices), found.kind)


def role(source: Source, rng: random.Random) -> Iterator[Change]:
    """Let two names, figures or years of one sentence change places, where each belongs to something."""
    text = source.sentence
    found = [one for one in names(text) if text.count(one.text) == 1]
    for left, right in pairwise(found):
        is_alike = left.kind == right.kind and left.takes_the == right.takes_the
        if is_alike and _is_asymmetric(text, left, text[left.end : right.start]):
            how = f"{left.kind} names change places"
            yield from _exchanged(source, (left.start, left.end), (right.start, right.end), how)
    figures = [one for one in re.finditer(AMOUNT, text) if not is_label(text, one)]
    for group, how in ((figures, "figures change places"), (list(YEAR.finditer(text)), "years change places")):
        for one, other in pairwise(group):
            between = text[one.end() : other.start()]
            if one[0] == other[0] or _is_range(text, between, is_year=group is not figures):
                continue
            if _unit_of(one[0]) == _unit_of(other[0]) and not re.search(r"\brespectively\b|[(\[]", between):
                yield from _exchanged(source, one.span(), other.span(), how)


def mixed_up(source: Source, rng: random.Random) -> Iterator[Change]:
    """Put a figure, a year or a name from another sentence of the passage in place of one of the same sort."""
    text = source.sentence
    rest = source.span.replace(text, " ")
    if not rest.strip():
        return
    for pattern, how in ((AMOUNT, "figure from beside"), (YEAR.pattern, "year from beside")):
        theirs = sorted({one[0] for one in re.finditer(pattern, rest)})
        for match in re.finditer(pattern, text):
            choices = [one for one in theirs if one not in text and _unit_of(one) == _unit_of(match[0])]
            if choices and match[0] not in rest and not BOUND.search(text[: match.start()]):
                yield from replaced(source, *match.span(), rng.choice(choices), how, is_new=False)
    beside = names(rest)
    for found in names(text):
        if found.text in rest or found.kind == "nationality":
            continue
        alike = {one.text for one in beside if (one.kind, one.takes_the) == (found.kind, found.takes_the)}
        choices = sorted(one for one in alike if one not in text and not is_same_place(one, found.text))
        if choices:
            how = f"{found.kind} from beside"
            yield from replaced(source, found.start, found.end, rng.choice(choices), how, is_new=False)


def _is_asymmetric(text: str, left: Name, between: str) -> bool:
    """Say whether it matters which of two names comes first."""
    if len(between) > 80 or re.match(r"\s*(?:,|and|or|&|/|–|-)", between) or re.search(r"[;(]", between):
        return False
    moves = re.search(r"\bfrom (?:the )?$", text[: left.start]) and re.fullmatch(r" (?:to|into) (?:the )?", between)
    does = re.search(rf"\b(?:{'|'.join(words.ASYMMETRIC)})\b", between) or " than " in between
    return bool(moves or does) and not re.search(r"\b(?:and|or|between|both)\b", between)


def _is_range(text: str, between: str, *, is_year: bool) -> bool:
    """Say whether two figures are the ends of a range or stand in a list, so that their order says nothing."""
    if re.fullmatch(r"\W*(?:and|or|to|,|–|-)?\W*", between) and is_year:
        return True
    is_joined = len(between) < 25 and re.search(r"\b(?:to|and|through|until|or)\b", between)
    return bool(is_joined) and (is_year or not _CHANGING.search(text))


def _unit_of(figure: str) -> str:
    return re.sub(r"[\d.,]+", "0", figure)


def _exchanged(source: Source, left: tuple[int, int], right: tuple[int, int], how: str) -> Iterator[Change]:
    text = source.sentence
    one, other = text[slice(*left)], text[slice(*right)]
    claim = text[: left[0]] + other + text[left[1] : right[0]] + one + text[right[1] :]
    if claim not in source.span:
        yield Change(claim, f"{one} … {other}", f"{other} … {one}", how)
