"""What a run reads of the library: through the writer, or for a dry run through a snapshot."""

from __future__ import annotations

from contextlib import ExitStack, closing
from datetime import datetime
from typing import Protocol

from assistant.domain import Article, SourceState
from assistant.errors import LibraryMismatch, LibraryMissing
from assistant.library import Library, Snapshot
from assistant.records import NO_VALIDATORS, FailedFile, FetchedPage, ManifestEntry, Validators
from assistant.settings import Settings


class Memory(Protocol):
    """What a run reads of the library: the writer, or for a dry run a snapshot."""

    @property
    def generation(self) -> int: ...

    def manifest(self) -> dict[str, ManifestEntry]: ...
    def failures(self) -> dict[str, FailedFile]: ...
    def folders(self) -> list[str]: ...
    def fetched(self, source: str) -> dict[str, FetchedPage]: ...
    def source_states(self) -> dict[str, SourceState]: ...
    def source_validators(self, name: str) -> Validators: ...
    def is_known(self, location: str) -> bool: ...
    def article_at(self, location: str) -> Article | None: ...
    def withdrawn(self, since: datetime) -> list[str]: ...


class NoLibrary:
    """The memory of a library that is not there."""

    generation = 0

    def manifest(self) -> dict[str, ManifestEntry]:
        return {}

    def failures(self) -> dict[str, FailedFile]:
        return {}

    def folders(self) -> list[str]:
        return []

    def fetched(self, source: str) -> dict[str, FetchedPage]:
        return {}

    def source_states(self) -> dict[str, SourceState]:
        return {}

    def source_validators(self, name: str) -> Validators:
        return NO_VALIDATORS

    def is_known(self, location: str) -> bool:
        return False

    def article_at(self, location: str) -> Article | None:
        return None

    def withdrawn(self, since: datetime) -> list[str]:
        return []


def present_memory(settings: Settings, stack: ExitStack) -> Snapshot | NoLibrary:
    """Return what is there without the writer's lock."""
    try:
        library = stack.enter_context(closing(Library.open(settings.data_dir)))
    except LibraryMissing:
        return NoLibrary()
    return stack.enter_context(library.snapshot())


def has_library(settings: Settings) -> bool:
    try:
        Library.open(settings.data_dir).close()
    except LibraryMissing:
        return False
    except LibraryMismatch:
        return True
    return True
