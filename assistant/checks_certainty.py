"""A claim is as certain and as sweeping as its source: "may" does not become "will", nor "some" become "all".

A modal is compared with those the source has for the same verb, or a verb of like meaning.
"""

from __future__ import annotations

from collections.abc import Iterable

from assistant.claim_reading import Case, Reading
from assistant.finding import Finding, doubtful
from assistant.vocabulary import ABSOLUTES, certainty, exempt, same


def check_certainty(case: Case) -> Iterable[Finding]:
    """What the source calls possible is not called certain, and the other way round."""
    claimed = _modals(case.claim)
    stated = [modal for part in case.nearest for modal in _modals(part)]
    hedged_claim = any(level < 0 for level, _, _ in claimed) or _is_hedged(case.claim)
    for level, word, head in claimed:
        alike = [(other, said) for other, said, about in stated if _same_meaning(head, about)]
        if alike and all(other == -level for other, _ in alike):
            yield doubtful(f"the cited passage says “{alike[0][1]}” where the claim says “{word}”")
            return
        best = [(other, said) for other, said, _ in _modals(case.nearest[0])] if case.nearest else []
        if not alike and best and all(other == -level for other, _ in best):
            yield doubtful(f"the cited passage says “{best[0][1]}” where the claim says “{word}”")
            return
        is_unhedged = not alike and level < 0 and not stated and not any(map(_is_hedged, case.nearest))
        if is_unhedged and any(_same_meaning(head, other) for part in case.nearest for other in part.stems):
            yield doubtful(f"the cited passage states as fact what the claim says “{word}” happen")
            return
    if hedged_claim:
        return
    for level, said, head in stated:
        certain = any(other > 0 and _same_meaning(head, about) for other, _, about in claimed)
        if level < 0 and not certain and any(_same_meaning(head, word) for word in case.claim.stems):
            yield doubtful(f"the cited passage only says “{said}”")
            return


_MODALS = frozenset("may might could would should can will shall must cannot won't".split())
_SKIPPED = frozenset(
    "not be been being have has had also still even soon only now then never eventually probably".split()
)


def _modals(reading: Reading) -> list[tuple[int, str, str]]:
    """Return (1 certain or -1 possible, the word, the stem of the verb it belongs to) for each modal."""
    found = []
    months = {day.start for day in reading.dates}
    for at, word in enumerate(reading.words):
        level = certainty(word.lower)
        following = [other.lower for other in reading.words[at + 1 : at + 2]]
        is_modal = word.lower in _MODALS or (level < 0 and following == ["to"])
        if not level or not is_modal or word.start in months:
            continue
        for ahead in range(at + 1, min(at + 6, len(reading.words))):
            if reading.words[ahead].lower not in _SKIPPED and reading.words[ahead].lower != "to":
                found.append((level, word.lower, reading.stems[ahead]))
                break
    return found


def _is_hedged(reading: Reading) -> bool:
    months = {day.start for day in reading.dates}
    return any(certainty(word.lower) < 0 and word.start not in months for word in reading.words)


def _same_meaning(one: str, other: str) -> bool:
    if one == other:
        return True
    if one in exempt() or other in exempt():
        return False
    groups = same()
    return bool(groups.get(one, frozenset()) & groups.get(other, frozenset()))


def check_absolutes(case: Case) -> Iterable[Finding]:
    """Words like "all", "only" and "permanently" are the source's own."""
    said = {word.lower for part in case.nearest for word in part.words}
    for at, word in enumerate(case.claim.words):
        allowed = ABSOLUTES.get(word.lower)
        before = case.claim.words[at - 1].lower if at else ""
        is_counted = any(
            figure.end == word.start - 1 for figure in case.claim.figures
        )  # "fifth-largest" of "ranks fifth"
        if allowed is None or is_counted or before in ("not", "at", "after", "above", "if"):
            continue
        if not said & set(allowed.split()):
            yield doubtful(f"the cited passage does not say “{case.claim.written(word)}”")
