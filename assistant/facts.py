"""What a sentence states that another source may state otherwise: figures, dates, how a measure stands, who did it.

Each fact keeps the words that say what it is about. Read by rules from the reading that verification checks claims
with; what the rules cannot place, such as a figure that counts nothing or a date that is only the scope of a figure,
is no fact.
"""

from __future__ import annotations

import functools
import re
from dataclasses import replace

from assistant.claim_reading import Reading, read_text
from assistant.clauses import clause_at
from assistant.fact import Fact
from assistant.facts_actors import deed_facts
from assistant.facts_dates import date_facts
from assistant.facts_figures import figure_facts
from assistant.facts_statuses import status_facts

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
    valued = (replace(fact, is_proposed=_is_proposed(fact)) for fact in (*figure_facts(reading), *date_facts(reading)))
    stated = (fact for fact in (*valued, *deed_facts(reading)) if not _is_denied(reading, fact.start))
    return (*stated, *status_facts(reading))


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
    begin = max(clause_at(reading, start, start)[0], start - _DENIED_REACH)
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
    return _PROPOSED.search(fact.reading.text, *clause_at(fact.reading, fact.start, fact.end)) is not None
