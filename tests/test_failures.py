"""Every error is told in one way: what failed, what still works, what to do, and an id that the log has too."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant import errors
from assistant.errors import AssistantError, ConversationsError, EvaluationError, QuestionError, SourceError
from assistant.settings import load_settings
from ingest.catalog import entry_for
from ui.failures import Told, is_advice, told
from ui.incidents import UnexpectedError, unexpected


def kinds() -> Iterator[type[AssistantError]]:
    """Return every class of errors of ours."""

    def below(kind: type[AssistantError]) -> Iterator[type[AssistantError]]:
        for one in kind.__subclasses__():
            yield one
            yield from below(one)

    return (kind for kind in below(AssistantError) if kind.__module__ == errors.__name__)


def caused(error: AssistantError, cause: Exception) -> AssistantError:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize("kind", [kind for kind in kinds() if kind not in {errors.FetchError, errors.ParseError}])
def test_every_kind_of_failure_says_what_failed_and_what_still_works(
    kind: type[AssistantError], caplog: pytest.LogCaptureFixture
) -> None:
    found = told(caused(kind("it is broken: mend it"), OSError()), "a test")
    assert found.title != "This did not work"
    assert found.words == "It is broken: mend it."
    if kind is QuestionError:
        return
    assert found.works
    (record,) = caplog.records
    assert record.getMessage() == f"error {found.error_id}: a test: {kind.__name__}: it is broken: mend it"


def test_card_and_line_have_the_id_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    found = told(ConversationsError("the disk is full"), "saving", title="Not saved", works="It stays here.")
    assert f"error {found.error_id}: saving" in caplog.text
    assert found.line == f"The disk is full. Error {found.error_id}."
    assert re.findall(r"<(?:h2|p)>(.*?)</", found.card_html) == [
        "Not saved",
        "The disk is full.",
        "It stays here.",
        f"Error {found.error_id}",
    ]
    assert found.html == found.card_html


def test_id_of_an_error_that_was_read_back_is_the_one_it_had(caplog: pytest.LogCaptureFixture) -> None:
    assert told(ConversationsError("x"), "a test", error_id="0011aabb").error_id == "0011aabb"
    assert caplog.records == []


def typed_wrongly() -> AssistantError:
    with pytest.raises(SourceError) as caught:
        entry_for("url", name="a", url="ftp://example.org")
    return caught.value


@pytest.mark.parametrize(
    ("error", "is_it"),
    [
        (QuestionError("the question is empty"), True),
        (SourceError("name a folder"), True),
        (typed_wrongly(), True),
        (EvaluationError("an evaluation question needs an id"), True),
        (caused(SourceError("the list cannot be written"), OSError()), False),
        (caused(EvaluationError("the file cannot be written"), OSError()), False),
        (ConversationsError("the disk is full"), False),
        (UnexpectedError("x"), False),
    ],
)
def test_what_was_typed_wrongly_is_advice_and_nothing_else_is(error: AssistantError, is_it: bool) -> None:
    assert is_advice(error) == is_it


def test_advice_has_no_id_and_fills_no_log(caplog: pytest.LogCaptureFixture) -> None:
    found = told(SourceError("name <b>a folder</b>"), "adding a source")
    assert found.html == '<p class="tpa-notice" role="alert">Name &lt;b&gt;a folder&lt;/b&gt;.</p>'
    assert (found.error_id, caplog.records) == ("", [])


def test_command_in_a_message_is_one_that_works_here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TRADE_ASSISTANT_DATA_DIR", str(tmp_path))
    assert load_settings().data_dir == tmp_path
    assert f"--data {tmp_path}`" in told(errors.LibraryMismatch("run `trade-assistant rebuild`"), "a test").words


def test_defect_is_told_without_its_words(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)
    found = told(unexpected(KeyError("/home/ana/secret.txt"), "page ui.chat"), "page")
    assert isinstance(found, Told)
    assert "secret" not in found.card_html
    assert f"error {found.error_id}: page ui.chat: KeyError" in caplog.text
