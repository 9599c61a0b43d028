"""Questions for `evaluate`, written one by one into a file of a data directory, by a maintainer who read feedback.

The file is replaced as a whole, under a lock: a reader finds it with the new line or without it, never half of one.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from assistant.errors import EvaluationError
from assistant.evaluation import read_questions

FILE_NAME = "questions.jsonl"
ANSWERABLE, UNANSWERABLE = "fact", "unanswerable"


@dataclass(frozen=True, slots=True)
class NewQuestion:
    """A question with what is expected: words that the answer has to hold and files it has to cite, or a refusal.

    `must` are words as they stand, not patterns; `sources` are beginnings of the names of files.
    """

    question_id: str
    question: str
    must: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    is_refused: bool = False
    as_of: date | None = None


def append_question(path: Path, new: NewQuestion) -> None:
    """Add a question to a file, which is made if it is not there.

    Raises EvaluationError, and writes nothing, for a question that says too little or twice what is there, and for a
    file that cannot be used.
    """
    question_id, question = new.question_id.strip(), " ".join(new.question.split())
    if not question_id or not question:
        raise EvaluationError("an evaluation question needs an id and a question")
    if not new.is_refused and not (new.must or new.sources):
        raise EvaluationError(
            "say which words the answer has to hold or which file it has to cite, or expect a refusal"
        )
    record: dict[str, object] = {"id": question_id, "kind": UNANSWERABLE if new.is_refused else ANSWERABLE}
    record["question"] = question
    if not new.is_refused:
        record |= {"must": [_pattern(words) for words in new.must], "source": list(new.sources)}
    if new.as_of:
        record["as_of"] = new.as_of.isoformat()
    try:
        with _locked(path):
            if path.exists() and path.stat().st_size:
                if any(known.question_id == question_id for known in read_questions(path)):
                    raise EvaluationError(f"{path.name} holds a question with the id {question_id!r} already")
                before = path.read_text(encoding="utf-8").rstrip("\n") + "\n"
            else:
                before = ""
            _replace(path, before + json.dumps(record, ensure_ascii=False) + "\n")
    except OSError as err:
        raise EvaluationError(f"the question cannot be written to {str(path)!r}: {err.strerror}") from err


def _pattern(words: str) -> str:
    """Return the regular expression for words as they stand, however they are spaced."""
    return r"\s+".join(re.escape(word) for word in words.split())


def _replace(path: Path, text: str) -> None:
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold the folder of the file: the file itself is another one after each write."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def lines_of(text: str) -> tuple[str, ...]:
    """Return the lines of a text field that hold anything."""
    return tuple(" ".join(line.split()) for line in text.splitlines() if line.strip())
