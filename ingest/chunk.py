"""Cut an article into passages on sentence bounds, each with the path of headings above it.

A passage never crosses a heading. A list that needs several passages keeps its lead-in line as the last part of each
later passage's heading path, and so does a question (FAQ) with its answer.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from itertools import groupby

from assistant.domain import Article, PassageSpan
from assistant.structure import Unit, outline

CHUNKER_VERSION = 1
# About 200 tokens of English news: with title and heading it fits the 256 tokens the default model reads.
MAX_PASSAGE_CHARS = 900
# A lead-in of a megabyte would be stored and embedded with every passage of its list.
MAX_LEAD_CHARS = 1_000
_WORDS = re.compile(r"[^\W\d_]{2,}")


def passages(article: Article) -> list[PassageSpan]:
    """Return the passages of an article, ascending; [] if it has nothing to answer from.

    Every passage starts and ends at a sentence, list item or table row; only one longer than 900 characters by
    itself makes a longer passage.
    """
    found = []
    for heading, section in groupby(outline(article.text, article.blocks).atoms, key=lambda atom: atom.heading):
        for run in _contiguous(article.text, list(section)):
            found += [_passage(atoms, heading) for atoms in _packed(run)]
    return found


def _contiguous(text: str, atoms: list[Unit]) -> Iterator[list[Unit]]:
    """Part atoms that have words between them which belong to neither, such as boilerplate."""
    run = atoms[:1]
    for atom in atoms[1:]:
        if _WORDS.search(text, run[-1].end, atom.opening):
            yield run
            run = []
        run.append(atom)
    yield run


def _packed(atoms: list[Unit]) -> Iterator[list[Unit]]:
    """Yield groups of atoms of about equal length, none over 900 characters if its atoms allow."""
    first = 0
    while first < len(atoms):
        start = atoms[first].opening
        left = atoms[-1].end - start
        target = left / math.ceil(left / MAX_PASSAGE_CHARS)
        last = first
        while last + 1 < len(atoms):
            following = atoms[last + 1]
            middle = (following.start + following.end) / 2
            if following.end - start > MAX_PASSAGE_CHARS or middle - start > target:
                break
            last += 1
        yield atoms[first : last + 1]
        first = last + 1


def _passage(atoms: list[Unit], heading: tuple[str, ...]) -> PassageSpan:
    first = atoms[0]
    is_lead = 0 < len(first.lead) <= MAX_LEAD_CHARS and first.lead not in heading
    is_cut_off = is_lead and first.opening == first.start
    return PassageSpan(first.opening, atoms[-1].end, (*heading, first.lead) if is_cut_off else heading)
