"""What the page and the log say of one error is found together by its id."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

import pytest

from assistant.errors import SourceError
from ui.incidents import UnexpectedError, incident, standing, unexpected


def test_error_is_logged_once_under_the_id_that_is_shown(caplog: pytest.LogCaptureFixture) -> None:
    error = SourceError("no such folder")
    shown = [incident(error, "page ui.updates") for _ in range(3)]
    assert len(set(shown)) == 1
    (record,) = caplog.records
    assert record.getMessage() == f"error {shown[0]}: page ui.updates: SourceError: no such folder"
    assert (record.levelno, record.exc_info) == (logging.WARNING, None)


def test_every_error_has_an_id_of_its_own() -> None:
    assert len({incident(SourceError("the same"), "page") for _ in range(50)}) == 50


def test_defect_is_told_without_its_words_and_logged_with_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    try:
        raise KeyError("/home/ana/secret.txt")
    except KeyError as err:
        told = unexpected(err, "page ui.chat")
    assert isinstance(told, UnexpectedError)
    assert "secret" not in str(told)
    (record,) = caplog.records
    assert incident(told, "page") in record.getMessage()
    assert record.exc_info is not None
    assert len(caplog.records) == 1


@dataclass(frozen=True)
class Unchangeable(Exception):
    code: int


class Speechless(Exception):
    def __str__(self) -> str:
        raise ValueError("no words")


@pytest.mark.parametrize("error", [Unchangeable(5), Speechless()])
def test_defect_that_bears_no_mark_or_has_no_words_is_logged_too(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    told = unexpected(error, "a question")
    (record,) = caplog.records
    assert record.getMessage().startswith(f"error {incident(told, 'a page')}: a question: {type(error).__name__}: ")


def test_nobody_writes_lines_of_their_own_into_the_log(caplog: pytest.LogCaptureFixture) -> None:
    incident(SourceError("no folder 'x'\n2026-01-01 ERROR forged\u202e\x1b[31m"), "page")
    (record,) = caplog.records
    assert record.getMessage().endswith(r"no folder 'x'\n2026-01-01 ERROR forged\u202e\x1b[31m")


def test_what_stays_wrong_is_logged_once_under_one_id(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    # The folder makes the key one that no other test has.
    shown = [standing(f"run 17 in {tmp_path}", "a run", "no\nmodel") for _ in range(3)]
    assert len({*shown, standing(f"run 18 in {tmp_path}", "a run", "no model")}) == 2
    assert [record.getMessage() for record in caplog.records] == [
        rf"error {shown[0]}: a run: no\nmodel",
        f"error {standing(f'run 18 in {tmp_path}', 'a run', '')}: a run: no model",
    ]
