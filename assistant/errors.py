"""Every error this product raises on purpose; each message says what failed and what to do.

AssistantError
├── SettingsError           a setting has a value that cannot be used
├── QuestionError           a question or query is empty or too long
├── LibraryError            the library cannot be read or written
│   ├── LibraryMissing      nothing has been indexed in this data directory yet
│   ├── LibraryLocked       another process is writing
│   ├── LibraryMismatch     made with another embedding model, chunker or schema
│   └── ArticleNotFound     no such article or version
├── VectorsError            a vector directory is damaged or cannot be built
├── ModelUnavailable        the embedding model cannot be loaded
├── ChatModelError          the chat model cannot be reached or gave no usable answer
├── ParseError              a document cannot be turned into an article
├── FetchError              an address cannot be fetched
├── ConversationsError      conversations cannot be read or kept
│   └── AnswerUnreadable    one stored answer cannot be read by this version
├── SourceError             a source, or the list of them, cannot be used
├── ExportError             an exported file cannot be written, or read back
├── AccessDenied            who asks for this may not have or do it
└── EvaluationError         a file of evaluation questions cannot be used
"""

from __future__ import annotations

from datetime import datetime


class AssistantError(Exception):
    """Base of all errors below; `str(error)` is one line fit for a reader."""


class SettingsError(AssistantError):
    """A setting has a value that cannot be used."""


class QuestionError(AssistantError):
    """A question or query is empty or too long."""


class LibraryError(AssistantError):
    """The library cannot be read or written."""


class LibraryMissing(LibraryError):
    """Nothing has been indexed in this data directory yet."""


class LibraryLocked(LibraryError):
    """Another process holds the writer's lock."""


class LibraryMismatch(LibraryError):
    """The library was made with another embedding model, chunker or schema version."""


class ArticleNotFound(LibraryError):
    """The library holds no such article, or not that version of it."""


class VectorsError(AssistantError):
    """A vector directory is damaged or cannot be built."""


class ModelUnavailable(AssistantError):
    """The embedding model cannot be loaded."""


class ChatModelError(AssistantError):
    """The chat model cannot be reached or gave no usable answer."""


class ParseError(AssistantError):
    """A document cannot be turned into an article; the message is the reason shown to the user."""


class FetchError(AssistantError):
    """An address cannot be fetched; `retry_at` is when its server asks to be asked again, if it said so."""

    def __init__(self, reason: str, *, retry_at: datetime | None = None) -> None:
        super().__init__(reason)
        self.retry_at = retry_at


class ConversationsError(AssistantError):
    """Conversations cannot be read or kept."""


class AnswerUnreadable(ConversationsError):
    """One stored answer cannot be read by this version."""


class SourceError(AssistantError):
    """A source, or the list of sources, cannot be used."""


class ExportError(AssistantError):
    """An exported file cannot be written, or a file is none or too large to be read back."""


class AccessDenied(AssistantError):
    """Who asks for this may not have or do it."""


class EvaluationError(AssistantError):
    """A file of evaluation questions cannot be used."""
