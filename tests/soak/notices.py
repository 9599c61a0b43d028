"""Made-up notices whose every sentence says which edition it is from, so that an answer gives away what it was made of.

A notice is about one thing that no other names. Some belong to a family: three notices that are always rewritten
together, so that two of its editions in one answer prove that two generations were mixed.
"""

from __future__ import annotations

import re
from itertools import product

from assistant.text import stem

_EDITION = re.compile(r"\b(?:edition|stage) (\d+)")
_TITLE = re.compile(r"Notice on (\w+)")
_STARTS = ("bro", "cla", "dre", "flu", "gri", "klo", "pra", "sko", "tru", "vle")
_ENDS = ("bak", "dop", "fuk", "gax", "jop", "mub", "rok", "tix", "vup", "zob")
THINGS = tuple(start + end for end, start in product(_ENDS, _STARTS))
FAMILIES = ("widgets", "gaskets", "spindles", "bobbins")
MEMBERS = {f"{family}{member}": family for family in FAMILIES for member in ("one", "two", "three")}


def stored_text(thing: str, edition: int) -> str:
    """Return the text that the library must hold of a notice."""
    return "\n\n".join([f"Notice on {thing}", *(line.removeprefix("## ") for line in _lines(thing, edition))])


def markdown(thing: str, edition: int) -> str:
    """Return a notice as a file."""
    return "\n\n".join([f"# Notice on {thing}", *_lines(thing, edition)]) + "\n"


def sentences(thing: str, edition: int) -> list[str]:
    """Return what is answered from, without title and headings."""
    lines = [line for line in _lines(thing, edition) if not line.startswith("## ")]
    return [sentence for line in lines for sentence in re.split(r"(?<=\.) ", line)]


def thing_of(title: str) -> str:
    """Return the thing that a notice of this title is about."""
    found = _TITLE.fullmatch(title)
    if found is None:
        raise ValueError(f"no notice has the title {title!r}")
    return found[1]


def editions(text: str) -> set[int]:
    """Return the editions that a text speaks of; more than one is a mixture."""
    return {int(number) for number in _EDITION.findall(text)}


def question(thing: str) -> str:
    """Return what the first sentence of a notice answers."""
    family = MEMBERS.get(thing)
    return f"What is the levy on {family}?" if family else f"What is the fee on {thing}?"


def _lines(thing: str, edition: int) -> list[str]:
    return _family_lines(thing, edition) if thing in MEMBERS else _single_lines(thing, edition)


def _family_lines(thing: str, edition: int) -> list[str]:
    family = MEMBERS[thing]
    sentences = {
        "one": f"The levy on {family} at stage {edition} is {edition} percent of the customs value.",
        "two": f"Importers of {family} pay a levy of {edition} percent on entry since stage {edition} began.",
        "three": f"At every port brokers collect the {edition} percent levy on {family} that stage {edition} brought.",
    }
    return [
        sentences[thing.removeprefix(family)],
        f"Questions about {thing} go to the customs office, which wrote stage {edition} of this notice.",
    ]


def _single_lines(thing: str, edition: int) -> list[str]:
    fee = 2 + edition % 90
    return [
        f"The fee on {thing} is {fee} percent of the customs value under edition {edition}.",
        "## Scope",
        *(_clause(thing, edition, place) for place in ("Rotterdam", "Santos", "Durban")),
        "## Dates",
        f"Rules on {thing} of edition {edition} replace all older ones and stay until the next one is out.",
        *(_clause(thing, edition, place) for place in ("Busan", "Mersin", "Callao")),
    ]


def _clause(thing: str, edition: int, place: str) -> str:
    return (
        f"Shipments of {thing} that arrive in {place} are weighed, opened and counted as edition {edition} orders. "
        f"Who brings {thing} to {place} without a licence pays twice, as edition {edition} says, and waits ten days. "
        f"Samples of {thing} below one kilogram are free in {place} for as long as edition {edition} is in force."
    )


assert len({stem(thing) for thing in (*THINGS, *MEMBERS)}) == len(THINGS) + len(MEMBERS)
