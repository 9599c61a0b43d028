"""What a reader is told of an error, in one way everywhere: what failed, what still works, what to do, and an id.

The message of an error of ours says what failed and what to do; the table here adds a title and what goes on. What was
typed and cannot be used is no failure: its message is advice, and has no id. Nothing is drawn here.
"""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import ValidationError

from assistant.errors import (
    AccessDenied,
    AnswerUnreadable,
    ArticleNotFound,
    AssistantError,
    ChatModelError,
    ConversationsError,
    EvaluationError,
    ExportError,
    LibraryError,
    LibraryMismatch,
    ModelUnavailable,
    QuestionError,
    SettingsError,
    SourceError,
    VectorsError,
)
from assistant.settings import load_settings
from ui import commands, incidents, render

# The first that fits is taken, so a class stands before the one it is a part of.
_WORDS: dict[type[AssistantError], tuple[str, str]] = {
    incidents.UnexpectedError: (
        "Something went wrong",
        "Other pages, and everything indexed, are not touched by it. Load the page again; if that does not help, tell "
        "whoever runs it the number below: the server's log says under it what happened.",
    ),
    AccessDenied: ("This is not open to you", "Asking and reading go on as before."),
    AnswerUnreadable: ("This answer cannot be shown", "The others in this conversation can."),
    ConversationsError: ("Conversations cannot be read or kept", "Asking goes on, and nothing stored is lost."),
    QuestionError: ("This question cannot be asked", ""),
    SettingsError: ("A setting cannot be used", "Change it and start the page again; nothing indexed is touched."),
    ArticleNotFound: ("This article cannot be shown", "Other articles can be read, and asking goes on."),
    LibraryMismatch: ("The library does not fit this version or its settings", "What was indexed is not lost."),
    LibraryError: ("The library cannot be used", "What was indexed is not changed by this."),
    VectorsError: ("The vector index cannot be used", "What was indexed is not changed by this."),
    ModelUnavailable: ("The embedding model cannot be loaded", "Indexed articles can still be read under Sources."),
    ChatModelError: ("The chat model gave no answer", "Without TRADE_ASSISTANT_CHAT_MODEL, answers are exact quotes."),
    SourceError: ("A source cannot be used", "Asking goes on from what is indexed."),
    ExportError: ("Nothing was exported", "The answer stays here as it is."),
    EvaluationError: ("The question was not added", "The feedback stays as it is."),
}
_ON_WHAT_WAS_TYPED = (SourceError, EvaluationError)


@dataclass(frozen=True, slots=True)
class Told:
    """What a reader is told: `words` is what failed and what to do, `works` what goes on.

    `error_id` is what the log has too, "" for advice on what was typed.
    """

    title: str
    words: str
    works: str
    error_id: str

    @property
    def line(self) -> str:
        """Return it as one line, for where there is no room for a card."""
        return " ".join(part for part in (self.words, self._number and f"{self._number}.") if part)

    @property
    def card_html(self) -> str:
        """Return it as a card."""
        return render.card_html(self.title, self.words, self.works, self._number, tone="error")

    @property
    def html(self) -> str:
        """Return a failure as a card, and advice as the line that stands beside what was typed."""
        return self.card_html if self.error_id else alert_html(self.line)

    @property
    def _number(self) -> str:
        return f"Error {self.error_id}" if self.error_id else ""


def told(error: AssistantError, where: str, *, title: str = "", works: str = "", error_id: str = "") -> Told:
    """Return what to tell of an error, and put a failure into the log with `where` it was, unless it is there already.

    `title` and `works` are for where more is known than the kind of error; `error_id` is the id that the log has of
    an error already, one that was read back for example.
    """
    usual = next((words for kind, words in _WORDS.items() if isinstance(error, kind)), ("This did not work", ""))
    found = error_id or ("" if is_advice(error) else incidents.incident(error, where))
    return Told(title or usual[0], render.sentence(_as_typed(str(error))), works or usual[1], found)


def is_advice(error: AssistantError) -> bool:
    """Say whether nothing failed but what somebody typed cannot be used."""
    if isinstance(error, QuestionError):
        return True
    caused_by = error.__cause__
    return isinstance(error, _ON_WHAT_WAS_TYPED) and (caused_by is None or isinstance(caused_by, ValidationError))


def alert_html(words: str) -> str:
    """Return a line that a screen reader says at once."""
    return f'<p class="tpa-notice" role="alert">{render.escaped(words)}</p>'


def _as_typed(message: str) -> str:
    try:
        return commands.as_typed(message, load_settings())
    except SettingsError:
        return message
