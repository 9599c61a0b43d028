"""How often a follow-up question is understood: made to stand alone, and answered over the sample articles.

    python -m tests.benchmarks.report_followups [--each]

Each line of `tests/data/followups.jsonl` is a conversation. `turns` are its earlier questions with what was answered;
`must` and `must_not` are regular expressions on the follow-up as it is asked alone. One with `answer` is asked of a
library of `ingest/samples` instead, earlier questions first, and the regular expressions are on the answer. The half
`held` was written before the code was looked at with the half `dev`.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.assistant import Assistant
from assistant.domain import Answer, Claim, Searched, Support
from assistant.embedding import open_embedder
from assistant.followup import standalone
from assistant.settings import load_settings
from tests.benchmarks.libraries import library_of
from tests.benchmarks.section import Section, interval

ROOT = Path(__file__).resolve().parents[2]
CONVERSATIONS = ROOT / "tests" / "data" / "followups.jsonl"
SAMPLES = ROOT / "ingest" / "samples"
HALVES = {"dev": "tuned on", "held": "held out"}


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier question of a conversation and the claim that answered it, "" if none is known."""

    question: str
    claim: str
    is_refusal: bool


@dataclass(frozen=True, slots=True)
class Conversation:
    """Earlier turns, a follow-up, and what it must and must not say alone, or what its answer must say."""

    conversation_id: str
    half: str
    kind: str
    turns: tuple[Turn, ...]
    question: str
    must: tuple[str, ...]
    must_not: tuple[str, ...]
    answer: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a follow-up; `reason` says what is wrong, "" if nothing is."""

    conversation: Conversation
    said: str
    reason: str


def read_conversations() -> list[Conversation]:
    """Return all conversations of the golden set."""
    return [_conversation(json.loads(line)) for line in CONVERSATIONS.read_text(encoding="utf-8").splitlines()]


def rewritten(conversations: Sequence[Conversation]) -> list[Outcome]:
    """Make the follow-ups stand alone that are not asked of a library; no model is needed."""
    return [_rewritten(one) for one in conversations if not one.answer]


def asked(assistant: Assistant, conversations: Sequence[Conversation]) -> list[Outcome]:
    """Ask the others of a library of the samples, each after its earlier questions."""
    return [_asked(assistant, one) for one in conversations if one.answer]


def section(data: Path, *, quick: bool = False) -> Section:
    """Count what came out right, in both halves; nothing of the shared folder is needed."""
    outcomes = _outcomes(read_conversations()[:: 10 if quick else 1])
    kinds = list(dict.fromkeys(outcome.conversation.kind for outcome in outcomes))
    lines = [
        f"{len(outcomes)} conversations of our own: the last question made to stand alone, and over the sample",
        "articles its answer.",
        "",
        f"| kind | {' | '.join(HALVES.values())} |",
        "| --- | --- | --- |",
    ]
    for kind in [*kinds, "all"]:
        cells = [_count([one for one in outcomes if _is_in(one, half, kind)]) for half in HALVES]
        lines.append(f"| {kind} | {' | '.join(cells)} |")
    return Section("Follow-ups", tuple(lines))


def _is_in(outcome: Outcome, half: str, kind: str) -> bool:
    return outcome.conversation.half == half and kind in ("all", outcome.conversation.kind)


def _count(outcomes: Sequence[Outcome]) -> str:
    right = sum(not outcome.reason for outcome in outcomes)
    low, high = interval(right, len(outcomes))
    return f"{right} of {len(outcomes)} [{100 * low:.0f}–{100 * high:.0f} %]"


def _outcomes(conversations: Sequence[Conversation]) -> list[Outcome]:
    with library_of([SAMPLES], open_embedder(load_settings())) as assistant:
        return [*rewritten(conversations), *asked(assistant, conversations)]


def _conversation(record: dict[str, Any]) -> Conversation:
    return Conversation(
        conversation_id=record["id"],
        half=record["half"],
        kind=record["kind"],
        turns=tuple(_turn(turn) for turn in record["turns"]),
        question=record["question"],
        must=tuple(record.get("must", ())),
        must_not=tuple(record.get("must_not", ())),
        answer=tuple(record.get("answer", ())),
    )


def _turn(record: dict[str, Any]) -> Turn:
    return Turn(record["question"], record.get("claim", ""), record.get("refused", False))


def _rewritten(conversation: Conversation) -> Outcome:
    history: list[Answer] = []
    for turn in conversation.turns:
        history.append(_answer(turn, standalone(turn.question, tuple(history))))
    alone = standalone(conversation.question, tuple(history))
    problems = [f"must match {pattern!r}" for pattern in conversation.must if not re.search(pattern, alone)]
    problems += [f"must not match {pattern!r}" for pattern in conversation.must_not if re.search(pattern, alone)]
    return Outcome(conversation, alone, "; ".join(problems))


def _answer(turn: Turn, alone: str) -> Answer:
    return Answer(
        question=turn.question,
        standalone_question=alone,
        is_refusal=turn.is_refusal,
        text=turn.claim,
        claims=(Claim(turn.claim, Support.SUPPORTED, "exact quote"),) if turn.claim else (),
        nearest=(),
        searched=Searched(1, 10),
        generation=1,
        as_of=None,
        answerer="exact quotes",
    )


def _asked(assistant: Assistant, conversation: Conversation) -> Outcome:
    history: list[Answer] = []
    for question in (*(turn.question for turn in conversation.turns), conversation.question):
        history.append(assistant.ask(question, history=tuple(history)))
    last = history[-1]
    problems = [f"must match {pattern!r}" for pattern in conversation.answer if not re.search(pattern, last.text)]
    return Outcome(conversation, f"{last.standalone_question} → {last.text}", "; ".join(problems))


def _told(outcomes: Sequence[Outcome]) -> Iterator[str]:
    for outcome in outcomes:
        said = " ".join(outcome.said.split())
        yield f"{outcome.conversation.conversation_id} {outcome.reason or 'right'}: {said[:300]}"


def main() -> None:
    """Print the section, or each outcome of the half that the code is tuned on."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared"))
    parser.add_argument("--each", action="store_true", help="print each conversation of the half that is tuned on")
    options = parser.parse_args()
    if options.each:
        print("\n".join(_told(_outcomes([one for one in read_conversations() if one.half == "dev"]))))
    else:
        print(section(options.data))


if __name__ == "__main__":
    main()
