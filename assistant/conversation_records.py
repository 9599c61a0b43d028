"""Stored questions and answers as values, and their form in the database.

An answer is stored whole, as JSON of the frozen dataclasses of `domain.py`: with its generation, its citations by
article version and span, and its verdicts, so that it is shown later as it was given, whatever became of the library.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError

from assistant.database import storable
from assistant.domain import Answer, Claim, Filters
from assistant.errors import AnswerUnreadable, ConversationsError

FORMAT = 1
"""Of the JSON in a row. A field with a default may be added to a stored type; any other change needs a new
number, and `_turn` to read rows of the older one."""

LOCAL = "local"
"""Who owns everything where nobody signs in."""
MAX_TITLE_CHARS = 60

_ALL = Filters()


class TurnState(StrEnum):
    """Where a turn is; all but the first two are final.

    INTERRUPTED is a turn whose server stopped before its end, UNREADABLE one that this program cannot show.
    """

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    TIMED_OUT = "timed_out"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class StoredTurn:
    """A question as it was asked and what came of it.

    `standalone` is the question as it was understood or edited, "" if it was not. `claims` are those of a turn without
    an answer. `error` is what a reader was told, `error_kind` the name of its class, `error_id` what the log has too.
    `news` counts what changed in the library since the answer before, by kind.
    """

    number: int
    question: str
    asked_at: datetime
    state: TurnState
    filters: Filters = _ALL
    standalone: str = ""
    claims: tuple[Claim, ...] = ()
    answer: Answer | None = None
    error: str = ""
    error_kind: str = ""
    error_id: str = ""
    news: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ConversationSummary:
    """A conversation without its turns, for lists; `updated_at` is when its last question was asked."""

    key: str
    title: str
    created_at: datetime
    updated_at: datetime
    turns: int


class Vote(StrEnum):
    """What a reader thinks of an answer."""

    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a reader said of an answer; with the thumb up, reasons and comment are of an earlier vote, and set aside."""

    vote: Vote
    reasons: tuple[str, ...] = ()
    comment: str = ""

    @property
    def is_explained(self) -> bool:
        """Say whether more than the vote was said."""
        return bool(self.reasons or self.comment)


@dataclass(frozen=True, slots=True)
class FeedbackEntry:
    """Feedback with the turn it is about, for the maintainer; `resolution` is "" until it is resolved."""

    feedback_id: int
    feedback: Feedback
    at: datetime
    owner: str
    key: str
    turn: StoredTurn
    resolved_at: datetime | None = None
    resolution: str = ""


def title_of(question: str) -> str:
    """Return a question as a title: one line of at most MAX_TITLE_CHARS, cut between words."""
    line = " ".join(question.split())
    if len(line) <= MAX_TITLE_CHARS:
        return line
    cut = line[: MAX_TITLE_CHARS - 1]
    whole_words = cut.rsplit(" ", 1)[0] if " " in cut[MAX_TITLE_CHARS // 2 :] else cut
    return f"{whole_words.rstrip(' ,;:–-')}…"


def moment_to_column(at: datetime) -> str:
    """Return a moment in UTC as text that sorts as moments do. Raises ValueError for one without a time zone."""
    if at.tzinfo is None:
        raise ValueError(f"{at!r} has no time zone")
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def moment_from_column(value: str) -> datetime:
    """Return the moment that `moment_to_column` was given."""
    return datetime.fromisoformat(value)


def turn_to_columns(turn: StoredTurn) -> dict[str, Any]:
    """Return a turn as the columns of its row. Raises ConversationsError if it holds what cannot be stored."""
    try:
        return {
            "number": turn.number,
            "format": FORMAT,
            "question": storable(turn.question),
            "standalone": storable(turn.standalone),
            "asked_at": moment_to_column(turn.asked_at),
            "state": turn.state.value,
            "filters": _to_json(_filters(), turn.filters),
            "claims": _to_json(_claims(), turn.claims),
            "answer": None if turn.answer is None else _to_json(_answer(), turn.answer),
            "error": storable(turn.error),
            "error_kind": turn.error_kind,
            "error_id": turn.error_id,
            "news": json.dumps(dict(turn.news)),
        }
    except (PydanticSerializationError, ValueError) as err:
        raise ConversationsError(f"the answer holds what cannot be stored: {err}") from err


def turn_from_columns(row: Mapping[str, Any]) -> StoredTurn:
    """Return the turn of a row; of a row that cannot be read its question, and an error that says what to do."""
    try:
        if row["format"] > FORMAT:
            raise AnswerUnreadable(
                f"it was stored by a newer version of this program (format {row['format']}, this one knows {FORMAT}); "
                "upgrade the program to read it, or ask the question again"
            )
        return _turn(row)
    except (AnswerUnreadable, ValidationError, ValueError, TypeError) as err:
        problem = str(err) if isinstance(err, AnswerUnreadable) else "it is damaged; ask the question again"
        return StoredTurn(
            _number(row["number"]),
            str(row["question"]),
            _moment_or_epoch(row["asked_at"]),
            TurnState.UNREADABLE,
            error=problem,
            error_kind=AnswerUnreadable.__name__,
        )


def searchable(turn: StoredTurn) -> tuple[str, str]:
    """Return the question and the answer of a turn as they are searched."""
    said = turn.answer.text if turn.answer else " ".join(claim.text for claim in turn.claims)
    asked = turn.question if turn.standalone in ("", turn.question) else f"{turn.question}\n{turn.standalone}"
    return storable(asked), storable(re.sub(r"\[\d+\]", "", said))


def _turn(row: Mapping[str, Any]) -> StoredTurn:
    return StoredTurn(
        row["number"],
        row["question"],
        moment_from_column(row["asked_at"]),
        TurnState(row["state"]),
        _filters().validate_json(row["filters"]),
        row["standalone"],
        _claims().validate_json(row["claims"]),
        None if row["answer"] is None else _answer().validate_json(row["answer"]),
        row["error"],
        row["error_kind"],
        row["error_id"],
        json.loads(row["news"]),
    )


def _to_json(adapter: TypeAdapter[Any], value: object) -> str:
    """Return JSON that is read back as the same value. Infinity and NaN are kept: pydantic alone makes them null."""
    return storable(json.dumps(adapter.dump_python(value, mode="json"), ensure_ascii=False, separators=(",", ":")))


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def _moment_or_epoch(value: object) -> datetime:
    try:
        return moment_from_column(str(value))
    except ValueError:
        return datetime.fromtimestamp(0, UTC)


# Made at the first use: that takes a moment, and nothing is to happen at import.
@cache
def _answer() -> TypeAdapter[Answer]:
    return TypeAdapter(Answer)


@cache
def _claims() -> TypeAdapter[tuple[Claim, ...]]:
    return TypeAdapter(tuple[Claim, ...])


@cache
def _filters() -> TypeAdapter[Filters]:
    return TypeAdapter(Filters)
