"""Quoted words are the source's, and the claim's other words say what the source says, in these or like words.

The rules for figures, names and direction look for single things that differ; these say whether the two texts are
about the same thing at all.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence

from assistant.claim_reading import Case, Reading, concepts_of, is_in
from assistant.finding import Finding, doubtful, wrong
from assistant.names import Token, tokens
from assistant.vocabulary import base_verbs, exempt, past_verbs, word_stem

# Shares of a claim's content words found in the source; measured on the pairs of tests/test_verification.py.
COVERED = 0.62
PARTLY_COVERED = 0.34

# Cosine of sentence embeddings (all-MiniLM-L6-v2) above which other words may say the same. A low cosine means nothing:
# on those pairs true claims and claims with one thing changed have the same median, .64 and .63.
NEAR = 0.72

# Words, a figure with its unit being one; what is shorter and has no verb is no statement.
SHORTEST = 3


def check_quotations(case: Case) -> Iterable[Finding]:
    """Every phrase in quotation marks stands in the source, word for word, but for cuts marked as such."""
    source = f" {' '.join(word.lower for word in case.source.words)} "
    for match in _QUOTED.finditer(case.claim.text):
        for piece in _CUT.split(match[1] or match[2]):
            words = " ".join(word.lower for word in tokens(piece))
            if words and f" {words} " not in source:
                yield wrong(f"the quoted words “{piece.strip()}” are not in the cited passage")


_QUOTED = re.compile(r"\"([^\"\n]{2,})\"|(?<![\w])'([^'\n]{2,}(?:'\w[^'\n]*)*)'(?!\w)")
_CUT = re.compile(r"\.\.\.|…|\[[^\]]*\]")


def check_length(case: Case) -> Iterable[Finding]:
    """A fragment such as "10 percent." says nothing that could be true or false."""
    figures = case.claim.figures
    words = [word for word in case.claim.words if not any(at.start <= word.start < at.end for at in figures)]
    if figures:
        words = [word for word in words if word.lower not in _BEFORE_FIGURE]
    if len(words) + len(figures) < SHORTEST and not _has_verb(case.claim.words):
        yield doubtful("too short to be checked")


_BEFORE_FIGURE = frozenset(
    "to from by at of for in on a an the about around roughly nearly over under only just".split()
)
_AUXILIARY = frozenset("is are was were has have had does do did will would can could may might must".split())


def _has_verb(words: Sequence[Token]) -> bool:
    """Say whether a word can be the verb of the one before it: in "duties fell", not in "halved duties"."""
    for subject, word in itertools.pairwise(words):
        is_past = word.lower in past_verbs() or word.lower.endswith("ed") or word.lower in _AUXILIARY
        # "exports rise", but "export rise" is a noun
        is_present = subject.lower.endswith("s") and {word.lower, word_stem(word.lower)} & base_verbs()
        if is_past or is_present:
            return True
    return False


def check_meaning(case: Case) -> Iterable[Finding]:
    """Enough of the claim's content words are in the source, or an embedding finds the two close."""
    leads = [(figure.lead, figure.end) for figure in case.claim.figures if figure.bound]
    said = [stemmed for word, stemmed in case.claim.line if not any(start <= word.start < end for start, end in leads)]
    wanted = [stemmed for stemmed in dict.fromkeys(said) if stemmed not in exempt()]
    concepts = concepts_of(case.source.content)
    missing = [word for word in wanted if not is_in(word, case.source.content, concepts)]
    share = 1 - len(missing) / len(wanted) if wanted else 1.0
    near = case.similarity is not None and case.similarity >= NEAR
    if share >= COVERED:
        return
    if share < PARTLY_COVERED and not near:
        yield wrong(f"the cited passage is about something else: it has no {_listed(case.claim, missing)}")
    elif not (near and share >= PARTLY_COVERED):
        yield doubtful(f"not all of it is in the cited passage, which has no {_listed(case.claim, missing)}")


def _listed(claim: Reading, missing: Sequence[str]) -> str:
    written = {stemmed: claim.written(word) for word, stemmed in reversed(claim.line)}
    return ", ".join(f"“{written[stemmed]}”" for stemmed in missing[:3]) or "word of it"
