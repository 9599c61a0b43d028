"""Ask questions with known answers and count what came out right.

One JSON object a line: `question`, `history` (earlier questions, asked first), `kind`, `must` and `must_not` (regular
expressions on the answer's text), `source` (beginnings of the names of files that have to be cited), `as_of`. A
question of kind `unanswerable` must be refused. An answer has at most four sentences, or is one list.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePath
from typing import Any

from assistant.assistant import Assistant
from assistant.domain import Answer, Filters
from assistant.errors import EvaluationError
from assistant.text import sentences

MAX_SENTENCES = 4


@dataclass(frozen=True, slots=True)
class KnownQuestion:
    """A question with what its answer has to say."""

    question_id: str
    question: str
    kind: str
    history: tuple[str, ...]
    must: tuple[re.Pattern[str], ...]
    must_not: tuple[re.Pattern[str], ...]
    sources: tuple[str, ...]
    filters: Filters

    @property
    def is_answerable(self) -> bool:
        """Say whether it must be answered rather than refused."""
        return self.kind != "unanswerable"


@dataclass(frozen=True, slots=True)
class EvaluationResult:
    """Counts, and (question id, reason) for each question that came out wrong."""

    answerable: int
    answered_right: int
    unanswerable: int
    refused_right: int
    failures: tuple[tuple[str, str], ...]


def evaluate(assistant: Assistant, path: Path) -> EvaluationResult:
    """Ask every question of a file. Raises EvaluationError, naming the line, for a file that cannot be used."""
    questions = read_questions(path)
    wrong = {known.question_id: reason for known in questions if (reason := _wrong(assistant, known))}
    answerable = [known.question_id for known in questions if known.is_answerable]
    unanswerable = [known.question_id for known in questions if not known.is_answerable]
    return EvaluationResult(
        answerable=len(answerable),
        answered_right=sum(question_id not in wrong for question_id in answerable),
        unanswerable=len(unanswerable),
        refused_right=sum(question_id not in wrong for question_id in unanswerable),
        failures=tuple(wrong.items()),
    )


def read_questions(path: Path) -> list[KnownQuestion]:
    """Read a file of questions. Raises EvaluationError, naming the line, for a file that cannot be used."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as err:
        raise EvaluationError(f"cannot read the questions in {str(path)!r}: {err.strerror}") from err
    except UnicodeDecodeError as err:
        raise EvaluationError(f"cannot read the questions in {str(path)!r}: it is not UTF-8 text") from err
    questions = [_known(line, f"{path.name}, line {number}") for number, line in _numbered(lines)]
    repeated = {
        known.question_id
        for known in questions
        if sum(other.question_id == known.question_id for other in questions) > 1
    }
    if repeated:
        raise EvaluationError(f"{path.name}: ids must be unique, these are not: {', '.join(sorted(repeated))}")
    if not questions:
        raise EvaluationError(f"{path.name} holds no questions: one JSON object a line is expected")
    return questions


def ask_known(assistant: Assistant, known: KnownQuestion) -> Answer:
    """Ask a known question after the earlier questions of its conversation."""
    history: list[Answer] = []
    for earlier in known.history:
        history.append(assistant.ask(earlier, history=tuple(history), filters=known.filters))
    return assistant.ask(known.question, history=tuple(history), filters=known.filters)


def _numbered(lines: list[str]) -> Iterator[tuple[int, str]]:
    return ((number, line) for number, line in enumerate(lines, start=1) if line.strip())


def _known(line: str, where: str) -> KnownQuestion:
    try:
        record: dict[str, Any] = json.loads(line)
        as_of = record.get("as_of")
        return KnownQuestion(
            question_id=str(record["id"]),
            question=str(record["question"]),
            kind=str(record["kind"]),
            history=tuple(map(str, record.get("history", ()))),
            must=tuple(re.compile(pattern, re.IGNORECASE) for pattern in record.get("must", ())),
            must_not=tuple(re.compile(pattern, re.IGNORECASE) for pattern in record.get("must_not", ())),
            sources=tuple(map(str, record.get("source", ()))),
            filters=Filters(as_of=date.fromisoformat(as_of) if as_of else None),
        )
    except KeyError as err:
        raise EvaluationError(f"{where}: the field {err} is missing") from err
    except (ValueError, TypeError, AttributeError, re.error) as err:
        raise EvaluationError(f"{where} is no question of the expected form: {err}") from err


def _wrong(assistant: Assistant, known: KnownQuestion) -> str:
    answer = ask_known(assistant, known)
    if not known.is_answerable:
        return "" if answer.is_refusal else f"answered, should have refused: {_short(answer.text)}"
    if answer.is_refusal:
        return f"refused: {_short(answer.text)}"
    problems = [f"must match {pattern.pattern!r}" for pattern in known.must if not pattern.search(answer.text)]
    problems += [f"must not match {pattern.pattern!r}" for pattern in known.must_not if pattern.search(answer.text)]
    problems += _unsourced(assistant, known, answer)
    problems += _too_long(answer)
    return f"{'; '.join(problems)}: {_short(answer.text)}" if problems else ""


def _unsourced(assistant: Assistant, known: KnownQuestion, answer: Answer) -> list[str]:
    cited = {
        PurePath(assistant.article(citation.article_id, citation.version).location).name
        for citation in answer.citations
    }
    lacking = [source for source in known.sources if not any(name.startswith(source) for name in cited)]
    is_enough = not lacking if known.kind == "conflict" else len(lacking) < max(1, len(known.sources))
    return [] if is_enough else [f"must cite {', '.join(lacking)}"] if known.sources else []


def _too_long(answer: Answer) -> list[str]:
    if len(answer.claims) == 1 and "\n" in answer.claims[0].text:
        return []
    count = sum(len(sentences(claim.text, wrapped=True)) for claim in answer.claims)
    return [f"has {count} sentences, at most {MAX_SENTENCES} are allowed"] if count > MAX_SENTENCES else []


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= 160 else f"{flat[:159]}…"
