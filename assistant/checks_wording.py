"""Quoted words are the source's, and the claim's other words say what the source says, in these or like words.

The rules for figures, names and direction look for single things that differ; these say whether the two texts are
about the same thing at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from assistant.claim_reading import Case, Reading, concepts_of, is_in
from assistant.finding import Finding, doubtful, wrong
from assistant.names import Token, tokens
from assistant.vocabulary import exempt

# Shares of a claim's content words found in the source; measured on the pairs of tests/test_verification.py.
COVERED = 0.62
PARTLY_COVERED = 0.34

# Cosine of sentence embeddings (all-MiniLM-L6-v2) above which other words may say the same. A low cosine means nothing:
# on those pairs true claims and claims with one thing changed have the same median, .64 and .63.
NEAR = 0.72


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


def check_meaning(case: Case) -> Iterable[Finding]:
    """Enough of the claim's content words are in the source, or an embedding finds the two close."""
    wanted = [
        stemmed for stemmed in dict.fromkeys(stemmed for _, stemmed in case.claim.line) if stemmed not in exempt()
    ]
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
    written = {stemmed: claim.text[word.start : word.end] for word, stemmed in reversed(claim.line)}
    return ", ".join(f"“{written[stemmed]}”" for stemmed in missing[:3]) or "word of it"


def check_exchange(case: Case) -> Iterable[Finding]:
    """No single word was put in the place of another in what is otherwise the source's own sentence."""
    concepts, claimed = concepts_of(case.source.content), concepts_of(case.claim.content)
    line = case.claim.line
    for before, (word, stemmed), after in zip(line, line[1:], line[2:], strict=False):
        if stemmed in exempt() or is_in(stemmed, case.source.content, concepts) or _LOOKS_VERBAL.search(word.lower):
            continue
        for part in case.nearest:
            found = _between(part, before[1], after[1])
            if found and not is_in(found[1], case.claim.content, claimed) and found[1] not in exempt():
                yield doubtful(f"the cited passage says “{found[0].lower}” where the claim says “{word.lower}”")
                return


# Verbs and adverbs have too many synonyms for one to be held against a claim.
_LOOKS_VERBAL = re.compile(r"(?:ed|ing|ly|ize|ise)\Z")


def _between(part: Reading, before: str, after: str) -> tuple[Token, str] | None:
    """Return the one content word of a sentence that stands between two others."""
    for first, found, last in zip(part.line, part.line[1:], part.line[2:], strict=False):
        if first[1] == before and last[1] == after:
            return found
    return None
