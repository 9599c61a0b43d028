"""Questions that are no headings: those of a transcript ("QUESTION: …") and of questions with their answers ("Q3. …").

Whoever asks tells nothing. "There are reports that the tariff will be raised. Can you confirm?" stands in a ministry's
transcript and is not what the ministry said, so a question only leads what answers it.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from assistant.domain import Block, BlockKind
from assistant.text import sentences

# A transcript names who asks; the answer is a paragraph of its own.
_ASKER = re.compile(r"(?:QUESTION(?: \d+)?|Question(?: \d+)?|REPORTERS?|JOURNALIST|Q)(?::|\.(?=\s)|(?=\s{2,}))\s*")
# A list of questions numbers them; the answer often follows in the same paragraph.
_NUMBERED = re.compile(r"Q(?:uestion )?\d{1,3}[.:)]\s+")
_SPEAKER = re.compile(r"(?:[A-Z][A-Z.'’-]+(?: [A-Z][A-Z.'’-]+)*:|A(?:nswer)?(?: ?\d{1,3})?[.:)])\s+")
# One question that stands alone is a figure of speech; of several, each is followed by its answer.
_LEAST_ALONE = 2


def questions_apart(text: str, blocks: Sequence[Block]) -> Iterator[tuple[Block, bool]]:
    """Yield the blocks of an article and whether each is only a question; one above its answer is parted from it."""
    alone = {block for block, following in itertools.pairwise(blocks) if _is_alone(text, block, following)}
    for block in blocks:
        end = _asked_until(text, block, is_alone=block in alone and len(alone) >= _LEAST_ALONE)
        if end is None:
            yield block, False
            continue
        yield replace(block, end=end), True
        start = end + len(text[end : block.end]) - len(text[end : block.end].lstrip())
        if start < block.end:
            yield replace(block, start=start), False


def is_question(text: str) -> bool:
    """Say whether a text asks and tells nothing: a question in quotation marks is what somebody said."""
    return text.rstrip().endswith("?")


def without_speaker(text: str) -> str:
    """Return an answer without the label in front of it: "MS. MORWEN: No." is "No."."""
    return _SPEAKER.sub("", text, count=1) if _SPEAKER.match(text) else text


def _is_alone(text: str, block: Block, following: Block) -> bool:
    if block.kind is not BlockKind.PARAGRAPH or following.kind not in (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM):
        return False
    return (
        is_question(text[block.start : block.end]) and len(sentences(text, block.start, block.end, wrapped=True)) == 1
    )


def _asked_until(text: str, block: Block, *, is_alone: bool) -> int | None:
    """Return where the question of a block ends, None if it is none."""
    if block.kind is not BlockKind.PARAGRAPH:
        return None
    if _NUMBERED.match(text, block.start, block.end):
        return _first_question_end(text, block)
    return block.end if is_alone or _ASKER.match(text, block.start, block.end) else None


def _first_question_end(text: str, block: Block) -> int | None:
    found: int | None = None
    for start, end in sentences(text, block.start, block.end, wrapped=True):
        if is_question(text[start:end]):
            found = end
        elif found is not None:
            break
    return found
