"""The reach of a negation: which words of a text are denied by a "not", "no" or "never" before them.

A negation denies the next few content words of its clause. "Not only", "no doubt" and the like deny nothing, and
"I don't think it has" denies what is thought.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from assistant.names import Token
from assistant.vocabulary import NEGATIONS


def denied_places(text: str, words: Sequence[Token], content: Collection[int]) -> frozenset[int]:
    """Return the places in `words` of the next content words after each negation, up to the end of its clause.

    `content` holds the places of the content words.
    """
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
            if ahead in content:
                denied.add(ahead)
                reached += 1
    return frozenset(denied)


_SCOPE = 3
_CLAUSE_WORDS = frozenset("but when while because although though if which who whereas unless".split())
_CLAUSE_END = re.compile(r"[,;:.!?()\n]| - ")


def _is_negation(words: Sequence[Token], at: int) -> bool:
    word = words[at].lower
    following = words[at + 1].lower if at + 1 < len(words) else ""
    if word.endswith("n't"):
        return True
    if word == "yet":
        return following == "to"
    return word in NEGATIONS and following not in ("only", "just", "merely", "until", "before", "less", "doubt")


_INSERTED = re.compile(r"\s*,[^,.;]{1,40},")


def _after_opinion(text: str, words: Sequence[Token], at: int) -> int:
    """Return where what is denied begins: in "I don't think, frankly, it has changed" after the words put in."""
    if at + 2 >= len(words) or words[at + 1].lower not in ("think", "believe", "expect"):
        return at + 1
    inserted = _INSERTED.match(text, words[at + 1].end)
    begin = inserted.end() if inserted else words[at + 1].end
    return next((ahead for ahead in range(at + 2, len(words)) if words[ahead].start >= begin), len(words))
