"""What a sentence states that another source may state otherwise: figures, dates, how a measure stands, who did it.

Each fact keeps the words that say what it is about. Read by rules from the reading that verification checks claims
with; what the rules cannot place, such as a figure that counts nothing or a date that is only the scope of a figure,
is no fact, and neither is what somebody claims.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from dataclasses import replace

from assistant.attribution import denied_span, has_denial, is_claimed, is_negated, is_proposed
from assistant.claim_reading import read_text
from assistant.domain import ComparisonKind
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
    valued = [
        replace(fact, is_proposed=is_proposed(reading, fact.start, fact.end))
        for fact in (*figure_facts(reading), *date_facts(reading))
    ]
    stated = [fact for fact in (*valued, *deed_facts(reading)) if not is_negated(reading, fact.start)]
    told = [fact for fact in (*stated, *status_facts(reading)) if not is_claimed(reading, fact.start, fact.end)]
    return tuple(_denied(told) if has_denial(reading) else told)


def _denied(facts: Iterable[Fact]) -> Iterator[Fact]:
    """Yield the facts of a sentence with a denial that it denies, with the words that do; of others nothing is sure."""
    for fact in facts:
        span = denied_span(fact.reading, fact.start, fact.end)
        if span and fact.kind is not ComparisonKind.ACTOR:
            yield replace(fact, start=span[0], end=span[1], is_denied=True)
