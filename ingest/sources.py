"""What ingest gets articles from: a source lists items, and an item is read into a document.

A listing says three things apart: what was found, what failed, and which paths were not looked into. Only that lets
a removal be told from a failed read: an article is gone when the folder above it was seen in full and it is not there.
A source on the network sees no folder, so nothing of it is ever removed because it was not listed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from typing import Protocol

from assistant.records import NO_VALIDATORS, Validators
from ingest.metadata import NOTHING, Stated


@dataclass(frozen=True, slots=True)
class Known:
    """What the library knows of an item. `location` is that of its article; of a page `changed_ns` is 0."""

    location: str
    file_hash: str
    size: int
    changed_ns: int
    content_hash: str
    validators: Validators = NO_VALIDATORS


@dataclass(frozen=True, slots=True)
class Document:
    """What was read of an item, not parsed yet.

    `location` names the article in the library: an absolute path, or a canonical address. `suffix` says which reader
    it is for, `name` is without folders, `stated` fills what the document does not say. Of a page, `size` is the number
    of bytes and `changed_ns` 0.
    """

    location: str
    data: bytes
    suffix: str
    name: str
    size: int
    changed_ns: int = 0
    stated: Stated = NOTHING
    validators: Validators = NO_VALIDATORS


class Item(Protocol):
    """One thing that a source lists."""

    @property
    def location(self) -> str:
        """Return the path or the address asked for."""
        ...

    def is_unchanged(self, known: Known) -> bool:
        """Say from the listing alone whether there can be nothing new."""
        ...

    def read(self, known: Known | None, *, max_bytes: int) -> Document | None:
        """Read it; None if it is unchanged after all. Raises ParseError or FetchError with the reason."""
        ...


@dataclass(frozen=True, slots=True)
class Problem:
    """A path or address that could not be listed or will not be read, and why.

    `is_missing` if there is nothing of that name; `retry_at` when its server asks to be asked again.
    """

    location: str
    reason: str
    is_missing: bool = False
    retry_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """What one look at a source gave, each part sorted by location.

    `roots` are folders that were seen, `unseen` are paths that were not looked into. `ignored` counts hidden files and
    folders, files of other kinds, and links to what was found anyway. `validators` are those of the listing itself, to
    be remembered once every item of it went well; `is_unchanged` if it is the one these were remembered of.
    """

    found: tuple[Item, ...] = ()
    problems: tuple[Problem, ...] = ()
    roots: frozenset[str] = frozenset()
    unseen: frozenset[str] = frozenset()
    ignored: int = 0
    validators: Validators = NO_VALIDATORS
    is_unchanged: bool = False

    def is_gone(self, location: str) -> bool:
        """Say whether a location that was not found was looked for: the nearest path above it decides."""
        for above in (location, *map(str, PurePath(location).parents)):
            if above in self.roots:
                return True
            if above in self.unseen:
                return False
        return False


class Source(Protocol):
    """Anything that can list articles."""

    def list(self, known: Validators = NO_VALIDATORS) -> Listing:
        """Return what is there now. A failure is part of the listing, never an exception."""
        ...


def merged(listings: Sequence[Listing]) -> Listing:
    """Join listings. What one of them found or saw counts as seen, whatever another could not see."""
    found = {item.location: item for listing in listings for item in listing.found}
    problems = {problem.location: problem for listing in listings for problem in listing.problems}
    return Listing(
        found=tuple(found[location] for location in sorted(found)),
        problems=tuple(problems[location] for location in sorted(problems) if location not in found),
        roots=frozenset(root for listing in listings for root in listing.roots),
        unseen=frozenset(path for listing in listings for path in listing.unseen),
        ignored=sum(listing.ignored for listing in listings),
    )
