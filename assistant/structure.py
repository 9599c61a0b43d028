"""What an article's sentences belong to: a list to its lead-in, an answer to its question, a quotation to its speaker.

Plain sentence ranking answered 8 of 18 questions on two real articles, and every miss was structural (design note
`answers.md`), so the unit that is ranked and shown knows its structure. Headings, lead-ins and questions are evidence
for what follows them, never an answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from assistant.domain import Block, BlockKind
from assistant.interview import is_question, questions_apart, without_speaker
from assistant.text import sentences

MAX_GROUP_CHARS = 2_000
MAX_ANSWER_SENTENCES = 4
MAX_QUOTATION_SENTENCES = 5
# A shorter sentence ("No.") says nothing without the next.
MIN_WORDS = 3
# A list item below this length and without a verb is a name for a thing, not a statement.
FRAGMENT_WORDS = 12
_BELOW_HEADINGS = 99

_LEANS_BACK = re.compile(
    r"(?:He|She|They|It|This|That|These|Those|Both|Such|His|Her|Their|Its|The (?:latter|former|two|move|decision))\b"
    r"|.*[,.?!…][\"”’]\s+(?:he|she|they)\s+\w+",
    re.DOTALL,
)
_YES_OR_NO = re.compile(r"(?:Yes|No|Not|Partly|Only|Neither|Both|None)\b")
_VERB = re.compile(
    r"\b(?:is|are|was|were|be|been|has|have|had|will|would|can|could|may|might|must|shall|\w{3,}ed)\b", re.I
)
_ANNOUNCES = re.compile(r"\b(?:following|as follows|(?:listed|set out|shown|given) below)\.\Z", re.IGNORECASE)
_SPEAKERLESS = re.compile(r"[\"“][^\"“”]*[\"”][.!?]?\Z", re.DOTALL)


class UnitKind(StrEnum):
    """What a unit is made of; the last three are groups of the first three."""

    SENTENCE = "sentence"
    LIST_ITEM = "list_item"
    TABLE_ROW = "table_row"
    LIST = "list"
    ANSWER = "answer"
    TABLE = "table"


LISTS = frozenset({UnitKind.LIST, UnitKind.TABLE})
GROUPS = LISTS | {UnitKind.ANSWER}


@dataclass(frozen=True, slots=True)
class Unit:
    """A stretch `text[start:end]` that can answer by itself.

    `heading` is the path of headings above it; `lead` the lead-in line, question or table header it depends on, ""
    if none, and `opening` where that begins if it stands right before (else `start`). `shown_from` is where to
    begin quoting: before `start` if its subject is named in the sentence before ("he said"). `sentences` counts the
    sentences or items from there. `lead_span` is what an item, a row or an answer must be quoted with to be
    understood: its lead-in, header, heading or question.
    """

    kind: UnitKind
    start: int
    end: int
    opening: int
    heading: tuple[str, ...]
    lead: str
    shown_from: int
    sentences: int
    lead_span: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Outline:
    """The units of an article: `atoms` ascend and never overlap; `groups` are runs of atoms that belong together."""

    atoms: tuple[Unit, ...]
    groups: tuple[Unit, ...]


def outline(text: str, blocks: Sequence[Block]) -> Outline:
    """Return the units of an article. Titles, bylines, headings and boilerplate yield none."""
    atoms: list[Unit] = []
    groups: list[Unit] = []
    for heading, heading_span, section in _sections(text, blocks):
        question = heading[-1] if heading and is_question(heading[-1]) else ""
        found = list(_section_units(text, section, heading, heading_span, question))
        atoms += [unit for unit in found if unit.kind not in GROUPS]
        groups += [unit for unit in found if unit.kind in GROUPS]
        if question:
            groups += _answer(text, section, found, heading, question)
    return Outline(tuple(atoms), tuple(groups))


def _sections(
    text: str, blocks: Sequence[Block]
) -> Iterator[tuple[tuple[str, ...], tuple[int, int] | None, list[Block]]]:
    """Yield each run of answerable blocks with the path of headings above it and where the last of them stands.

    A question in a paragraph heads what follows it, below all headings.
    """
    path: dict[int, str] = {}
    last: tuple[int, int] | None = None
    section: list[Block] = []
    for block, asks in questions_apart(text, blocks):
        if not asks and block.kind in (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM, BlockKind.TABLE_ROW):
            section.append(block)
            continue
        if section:
            yield tuple(path.values()), last, section
            section = []
        if asks or block.kind is BlockKind.HEADING:
            level = _BELOW_HEADINGS if asks else block.level
            path = {above: heading for above, heading in path.items() if above < level}
            path[level] = " ".join(text[block.start : block.end].split())
            last = (block.start, block.end)
    if section:
        yield tuple(path.values()), last, section


def _section_units(
    text: str, section: list[Block], heading: tuple[str, ...], heading_span: tuple[int, int] | None, question: str
) -> Iterator[Unit]:
    lead: tuple[int, int] | None = None
    runs = [(kind, list(run)) for kind, run in groupby(section, key=lambda block: block.kind)]
    for position, (kind, run) in enumerate(runs):
        if kind is BlockKind.PARAGRAPH:
            is_before_group = position + 1 < len(runs)
            spans = [span for block in run for span in _quotations_joined(text, block)]
            lead = spans.pop() if is_before_group and spans and _introduces(text[slice(*spans[-1])]) else None
            for index, (start, end) in enumerate(spans):
                shown_from = _subject_start(text, spans, index)
                count = _count(text, shown_from, end)
                is_first = shown_from == spans[0][0]
                apart = heading_span if question and is_first and _needs_question(text[slice(*spans[0])]) else None
                yield Unit(UnitKind.SENTENCE, start, end, start, heading, question, shown_from, count, apart)
        elif kind is BlockKind.LIST_ITEM:
            yield from _list_units(text, run, heading, lead, heading_span, question)
            lead = None
        else:
            yield from _table_units(text, run, heading, lead, question)
            lead = None


def _introduces(text: str) -> bool:
    """Say whether a sentence only announces the list or table below it."""
    return text[-1] in ":：" or _ANNOUNCES.search(text) is not None


def _needs_question(text: str) -> bool:
    """Say whether the first sentence of an answer means nothing without its question ("No.", "It was halved.")."""
    text = without_speaker(text)
    is_short = len(text.split()) < FRAGMENT_WORDS / 2
    return bool(is_short or _YES_OR_NO.match(text) or _LEANS_BACK.match(text))


def _quotations_joined(text: str, block: Block) -> list[tuple[int, int]]:
    """Return the sentence spans of a block, a quotation kept whole and with the sentence that names its speaker."""
    joined: list[tuple[int, int]] = []
    for start, end in sentences(text, block.start, block.end, wrapped=True):
        if joined:
            previous = text[joined[-1][0] : joined[-1][1]]
            is_rest = _SPEAKERLESS.match(text[start:end]) and _has_quotation(previous)
            belongs = is_rest or _is_open(previous) or len(previous.split()) < MIN_WORDS
            if belongs and _count(text, joined[-1][0], joined[-1][1]) < MAX_QUOTATION_SENTENCES:
                joined[-1] = (joined[-1][0], end)
                continue
        joined.append((start, end))
    return joined


def _is_open(text: str) -> bool:
    return text.count("“") > text.count("”") or text.count('"') % 2 == 1


def _has_quotation(text: str) -> bool:
    return "”" in text or text.count('"') >= 2


def _subject_start(text: str, spans: list[tuple[int, int]], index: int) -> int:
    """Return where to begin quoting a sentence: at the one before if that names what this one calls "he" or "it"."""
    start, end = spans[index]
    return spans[index - 1][0] if index > 0 and _LEANS_BACK.match(text[start:end]) else start


def _count(text: str, start: int, end: int) -> int:
    return max(1, len(sentences(text, start, end, wrapped=True)))


def _list_units(
    text: str,
    items: list[Block],
    heading: tuple[str, ...],
    lead: tuple[int, int] | None,
    heading_span: tuple[int, int] | None,
    question: str,
) -> Iterator[Unit]:
    lead_text = " ".join(text[lead[0] : lead[1]].split()) if lead else question
    opening = lead[0] if lead else items[0].start
    for item in items:
        spans = _quotations_joined(text, item)
        for index, (start, end) in enumerate(spans):
            shown_from = _subject_start(text, spans, index)
            count = _count(text, shown_from, end)
            first = min(opening, start)
            apart = lead if first == start else None
            if lead is None and _is_fragment(text[start:end]):
                apart = heading_span
            yield Unit(UnitKind.LIST_ITEM, start, end, first, heading, lead_text, shown_from, count, apart)
            opening = len(text)
    start = lead[0] if lead else items[0].start
    kept = [item for item in items if item.end - start <= MAX_GROUP_CHARS] or items[:1]
    if len(kept) > 1:
        apart = heading_span if lead is None else None
        yield Unit(UnitKind.LIST, start, kept[-1].end, start, heading, lead_text, start, len(kept), apart)


def _is_fragment(text: str) -> bool:
    """Say whether a list item is too little to be understood without the heading of its list."""
    return text[-1] not in '.!?…"”’' and len(text.split()) < FRAGMENT_WORDS and not _VERB.search(text)


def _table_units(
    text: str, rows: list[Block], heading: tuple[str, ...], lead: tuple[int, int] | None, question: str
) -> Iterator[Unit]:
    """Yield the rows below the header and the table; what announces it ("The preliminary rates are:") opens both."""
    header = " ".join(text[rows[0].start : rows[0].end].split()) if rows[1:] else question
    top = lead[0] if lead else rows[0].start
    for row in rows[1:] or rows:
        opening = top if row is rows[min(1, len(rows) - 1)] else row.start
        apart = (top, rows[0].end) if opening == row.start and row is not rows[0] else None
        yield Unit(UnitKind.TABLE_ROW, row.start, row.end, opening, heading, header, row.start, 1, apart)
    kept = [row for row in rows if row.end - rows[0].start <= MAX_GROUP_CHARS]
    if len(kept) > 2:
        yield Unit(UnitKind.TABLE, rows[0].start, kept[-1].end, top, heading, question, rows[0].start, len(kept))


def _answer(text: str, section: list[Block], found: list[Unit], heading: tuple[str, ...], question: str) -> list[Unit]:
    """Return the first paragraph under a question heading as one unit."""
    first = section[0]
    inside = [unit for unit in found if unit.kind is UnitKind.SENTENCE and unit.end <= first.end]
    if len(inside) < 2:
        return []
    start, end = inside[0].start, inside[-1].end
    total = _count(text, start, end)
    if total > MAX_ANSWER_SENTENCES:
        return []
    return [Unit(UnitKind.ANSWER, start, end, start, heading, question, start, total, inside[0].lead_span)]
