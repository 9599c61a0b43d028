"""What stands next to a unit of a sentence and makes something else of it: its head, a "planned to", a "more"."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.synonyms import intentions
from assistant.units import Role, Unit
from assistant.vocabulary import BASE_FORMS, past_verbs

DEFINITE = frozenset("the this that these those its their his her such".split())
HEDGES = frozenset("would could may might".split())
PERIODS = frozenset("year month week day quarter".split())
# Before an adjective, which mostly ends as below.
DEGREES = frozenset("more less most least as so".split())
ADJECTIVAL = ("ed", "ent", "ant", "ive", "al", "ous", "ic", "ar", "able", "ible", "ly", "ful")


def head_of(line: Sequence[Unit], at: int) -> int | None:
    """Return the place of the word that a word of logic belongs to: the next that says something, or the last."""
    ahead = range(at + 1, min(at + 5, len(line)))
    found = next((place for place in ahead if line[place].role is not Role.FUNCTION or line[place].is_cut), None)
    if found is not None and not line[found].is_cut:
        return found
    return next((place for place in range(at - 1, -1, -1) if line[place].role is not Role.FUNCTION), None)


def is_before_verb(line: Sequence[Unit], at: int, last: int | None = None) -> bool:
    """Say whether a verb of intention stands before "to" and a verb; `last` is who is to do it, "asked China to"."""
    last = at if last is None else last
    if line[at].stem not in intentions() or last + 2 >= len(line) or line[last + 1].lower != "to":
        return False
    verb = line[last + 2]
    return verb.role is not Role.FUNCTION and bool(verb.lower) and not verb.is_country and not verb.is_cut


def is_denied_form(one: Unit, other: Unit) -> bool:
    """Say whether a word is another with "un-" or the like before it."""
    prefixes = ("un", "in", "im", "dis", "non")
    return bool(one.lower) and any(other.lower in (prefix + one.lower, prefix + one.stem) for prefix in prefixes)


def is_past(unit: Unit) -> bool:
    """Say whether a word looks like a past form of a verb."""
    return unit.lower in past_verbs() or unit.lower in BASE_FORMS or unit.lower.endswith("ed")
