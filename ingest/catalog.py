"""The list of sources, `sources.toml` in the data directory: what a user adds, lists, removes, or edits by hand.

    [[source]]
    name = "desk"
    kind = "folder"
    path = "/home/ana/articles"
    every = "10m"

The file is read whole or refused with the reason, and only ever replaced as a whole; comments in it are kept.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, field_validator

from assistant.errors import FetchError, SourceError
from ingest.addresses import checked_url, literal_refusal
from ingest.folder import is_walked, refused_name, resolved

if TYPE_CHECKING:
    from tomlkit import TOMLDocument

FILE_NAME = "sources.toml"
# Files that are put in through the page are kept in this folder of the data directory.
UPLOADS_NAME = "uploads"
LOCK_NAME = "sources.lock"
MAX_NAME_CHARS = 60
KINDS = ("folder", "url", "feed", "federal-register")
_EVERY = r"^[1-9][0-9]{0,3}[mhd]$"
_UNITS_S = {"m": 60, "h": 3600, "d": 86_400}


class _Entry(BaseModel):
    """What every source has: its name and how often it is looked at."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    name: str = Field(pattern=r"^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$", max_length=MAX_NAME_CHARS)
    every: str = Field(pattern=_EVERY)

    @property
    def every_s(self) -> int:
        """Return the seconds between two looks."""
        return int(self.every[:-1]) * _UNITS_S[self.every[-1]]


class FolderEntry(_Entry):
    """A folder on disk, kept in step with all it holds."""

    kind: Literal["folder"] = "folder"
    path: Path
    every: str = Field(default="10m", pattern=_EVERY)

    @field_validator("path")
    @classmethod
    def _absolute(cls, path: Path) -> Path:
        if not path.is_absolute():
            raise ValueError(f"{str(path)!r} is not an absolute path")
        if reason := refused_name(path):
            raise ValueError(f"{str(path)!r} is no source: {reason}")
        return path

    @property
    def target(self) -> str:
        """Return the folder."""
        return str(self.path)


class _AddressEntry(_Entry):
    """A source at one address on the network."""

    url: str

    @field_validator("url")
    @classmethod
    def _address(cls, url: str) -> str:
        return _checked_address(url)

    @property
    def target(self) -> str:
        """Return the address."""
        return self.url


class UrlEntry(_AddressEntry):
    """One page on the network."""

    kind: Literal["url"] = "url"
    every: str = Field(default="6h", pattern=_EVERY)


class FeedEntry(_AddressEntry):
    """An RSS or Atom feed; `text` says whether articles are read from their pages or from the feed itself."""

    kind: Literal["feed"] = "feed"
    text: Literal["page", "feed"] = "page"
    every: str = Field(default="30m", pattern=_EVERY)


class FederalRegisterEntry(_Entry):
    """A search of the Federal Register's documents."""

    kind: Literal["federal-register"] = "federal-register"
    term: str = ""
    agencies: tuple[Annotated[str, Field(pattern=r"^[a-z0-9-]+$")], ...] = ()
    types: tuple[Literal["RULE", "PRORULE", "NOTICE", "PRESDOCU"], ...] = ()
    docket: str = ""
    since: date | None = None
    every: str = Field(default="6h", pattern=_EVERY)

    @property
    def target(self) -> str:
        """Return the search in words."""
        parts = [
            f"“{self.term}”" if self.term else "",
            f"docket {self.docket}" if self.docket else "",
            ", ".join(self.agencies),
            ", ".join(self.types),
            f"since {self.since}" if self.since else "",
        ]
        return "Federal Register: " + ("; ".join(part for part in parts if part) or "everything")


SourceEntry: TypeAlias = FolderEntry | UrlEntry | FeedEntry | FederalRegisterEntry
_ENTRY: TypeAdapter[SourceEntry] = TypeAdapter(Annotated[SourceEntry, Field(discriminator="kind")])


def entry_for(kind: str, *, allow_private: bool = True, **fields: Any) -> SourceEntry:
    """Return a checked entry; a field that is None or "" counts as not given. Raises SourceError for the user.

    Refused is also what could never work or was hardly meant: an address on a private network where fetches may not go
    there, and a search for all that the Federal Register ever published.
    """
    given = {name: value for name, value in fields.items() if value is not None and value != ""}
    entry = _validated({"kind": kind, **given}, where="the source")
    if isinstance(entry, _AddressEntry):
        reason = literal_refusal(checked_url(entry.url).host, allow_private=allow_private)
        if reason is not None:
            raise SourceError(
                f"{entry.url!r} is {reason}, which is not fetched from: if it is yours set "
                "TRADE_ASSISTANT_ALLOW_PRIVATE_ADDRESSES=1"
            )
    if isinstance(entry, FederalRegisterEntry) and not (entry.term or entry.agencies or entry.docket or entry.since):
        raise SourceError("say which documents are wanted: give words, an agency, a docket or a first day")
    return entry


def read_sources(data_dir: Path) -> tuple[SourceEntry, ...]:
    """Return the sources in the order of the file, none if there is no file. Raises SourceError."""
    return _entries(_read(data_dir), data_dir)


def add_source(data_dir: Path, entry: SourceEntry) -> SourceEntry:
    """Add a source at the end. Raises SourceError if its name is taken, its target is one already or our own data."""
    if isinstance(entry, FolderEntry):
        _refuse_own_data(resolved(entry.path), resolved(data_dir))
    with _edited(data_dir) as document:
        known = _entries(document, data_dir)
        for other in known:
            if other.name == entry.name:
                raise SourceError(f"there is a source named {entry.name!r} already: choose another name")
            if (other.kind, other.target) == (entry.kind, entry.target):
                raise SourceError(f"{entry.target!r} is a source already, named {other.name!r}")
        _append(document, entry)
    return entry


def overlap(data_dir: Path, entry: SourceEntry) -> str:
    """Say which folders on the list this one lies in or holds, "" for none; their articles count for both."""
    if not isinstance(entry, FolderEntry):
        return ""
    where = resolved(entry.path)
    folders = {
        other.name: resolved(other.path)
        for other in read_sources(data_dir)
        if isinstance(other, FolderEntry) and other.name != entry.name
    }
    around = [name for name, other in folders.items() if other != where and where.is_relative_to(other)]
    within = [name for name, other in folders.items() if other != where and other.is_relative_to(where)]
    said = [
        f"{words} {', '.join(map(repr, names))}" for words, names in (("lies in", around), ("holds", within)) if names
    ]
    return f"its folder {' and '.join(said)}: what both hold is indexed once and counts for both" if said else ""


def remove_source(data_dir: Path, name: str) -> SourceEntry:
    """Take a source off the list; its articles are no concern of this. Raises SourceError if there is none."""
    with _edited(data_dir) as document:
        entries = _entries(document, data_dir)
        place = next((place for place, entry in enumerate(entries) if entry.name == name), None)
        if place is None:
            known = ", ".join(entry.name for entry in entries) or "there is none"
            raise SourceError(f"there is no source named {name!r}; sources: {known}")
        del document["source"][place]
        if not document["source"]:
            del document["source"]
    return entries[place]


def add_folders(data_dir: Path, folders: Sequence[Path]) -> tuple[SourceEntry, ...]:
    """Return all sources once each of these folders is one or lies in one; their names are made from theirs."""
    known = read_sources(data_dir)
    for folder in folders:
        where = resolved(folder)
        if not any(isinstance(entry, FolderEntry) and is_walked(where, entry.path) for entry in known):
            add_source(data_dir, entry_for("folder", name=_free_name(known, where.name), path=where))
            known = read_sources(data_dir)
    return known


def folder_names(entries: Iterable[SourceEntry]) -> dict[str, str]:
    """Return the name of the source of each folder, by the folder."""
    return {entry.target: entry.name for entry in entries if isinstance(entry, FolderEntry)}


def free_name(data_dir: Path, wish: str) -> str:
    """Return a name for a new source that says what `wish` says: a host, a folder's name, a term."""
    return _free_name(read_sources(data_dir), wish)


def has_list(data_dir: Path) -> bool:
    """Say whether there is a list of sources, were it an empty one."""
    return (data_dir / FILE_NAME).is_file()


def _refuse_own_data(folder: Path, data_dir: Path) -> None:
    """Refuse the folder that the library is kept in, but for what readers upload to it."""
    if folder.is_relative_to(data_dir) and not folder.is_relative_to(data_dir / UPLOADS_NAME):
        raise SourceError(f"{str(folder)!r} is where the library is kept: name the folder that your articles are in")


def _free_name(known: Sequence[SourceEntry], wish: str) -> str:
    taken = {entry.name for entry in known}
    stem = re.sub(r"[^a-z0-9]+", "-", wish.lower()).strip("-")[: MAX_NAME_CHARS - 4].strip("-") or "source"
    names = (stem if number == 1 else f"{stem}-{number}" for number in range(1, len(taken) + 2))
    return next(name for name in names if name not in taken)


def _checked_address(url: str) -> str:
    try:
        checked_url(url)
    except FetchError as err:
        raise ValueError(str(err)) from err
    return url


def _entries(document: TOMLDocument, data_dir: Path) -> tuple[SourceEntry, ...]:
    where = data_dir / FILE_NAME
    plain = document.unwrap()
    listed = plain.get("source", [])
    if set(plain) - {"source"} or not isinstance(listed, list):
        raise SourceError(f"{str(where)!r} may hold nothing but [[source]] tables: correct it")
    entries = [_validated(each, where=f"[[source]] number {place} of {where}") for place, each in enumerate(listed, 1)]
    names = [entry.name for entry in entries]
    double = next((name for name in names if names.count(name) > 1), None)
    if double is not None:
        raise SourceError(f"{str(where)!r} names two sources {double!r}: give one of them another name")
    return tuple(entries)


def _validated(fields: Any, *, where: str) -> SourceEntry:
    try:
        return _ENTRY.validate_python(fields)
    except ValidationError as err:
        raise SourceError(f"{where} cannot be used: {'; '.join(map(_problem, err.errors()))}") from err


def _problem(problem: Any) -> str:
    """Say what is wrong with a field, without the words of the library that found it."""
    places = problem["loc"][1:] if problem["loc"][:1] and problem["loc"][0] in KINDS else problem["loc"]
    field = ".".join(map(str, places))
    match problem["type"], field:
        case "string_pattern_mismatch", "name":
            return f"name {problem['input']!r} may hold a to z, 0 to 9 and hyphens only"
        case "string_pattern_mismatch", "every":
            return f"every {problem['input']!r} is no interval: write 15m, 6h or 1d"
        case "string_pattern_mismatch", _:
            return f"{field} {problem['input']!r} is no slug such as commerce-department"
        case "union_tag_invalid" | "union_tag_not_found", _:
            return f"kind must be one of {', '.join(KINDS)}"
        case "value_error", _:
            return str(problem["ctx"]["error"])
        case "string_too_long", _:
            return f"{field} is longer than {problem['ctx']['max_length']} characters"
        case "literal_error", _:
            return f"{places[0]} {problem['input']!r} must be {problem['ctx']['expected']}"
        case "missing", _:
            return f"{field} is missing"
        case "extra_forbidden", _:
            return f"{field} is not a field of this kind"
    return f"{field}: {problem['msg']}"


def _read(data_dir: Path) -> TOMLDocument:
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    path = data_dir / FILE_NAME
    try:
        return tomlkit.parse(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return tomlkit.document()
    except (TOMLKitError, UnicodeDecodeError) as err:
        raise SourceError(f"{str(path)!r} is not valid TOML ({err}): correct it") from err
    except OSError as err:
        raise SourceError(f"{str(path)!r} cannot be read ({err.strerror}): check its permissions") from err


def _append(document: TOMLDocument, entry: SourceEntry) -> None:
    import tomlkit
    from tomlkit.items import AoT

    table = tomlkit.table()
    fields = entry.model_dump(exclude_defaults=True) | {"name": entry.name, "kind": entry.kind, "every": entry.every}
    for key in ("name", "kind", *(key for key in fields if key not in ("name", "kind", "every")), "every"):
        value = fields[key]
        table[key] = str(value) if isinstance(value, Path) else list(value) if isinstance(value, tuple) else value
    # A list in brackets takes no tables: it is written anew, as tables.
    former = document.get("source", [])
    if isinstance(former, AoT):
        table.trivia.indent = "\n"
    else:
        document.pop("source", None)
        document["source"] = tomlkit.aot()
        for each in former:
            document["source"].append(tomlkit.item(dict(each)))
    document["source"].append(table)


@contextlib.contextmanager
def _edited(data_dir: Path) -> Iterator[TOMLDocument]:
    """Give the document to change; it replaces the file at the end, unless the change failed. One at a time."""
    path = data_dir / FILE_NAME
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        lock = os.open(data_dir / LOCK_NAME, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as err:
        raise SourceError(f"{str(path)!r} cannot be written ({err.strerror}): check its permissions") from err
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        document = _read(data_dir)
        yield document
        _replace(path, document.as_string())
    finally:
        os.close(lock)


def _replace(path: Path, text: str) -> None:
    beside = path.with_suffix(".toml.new")
    try:
        with beside.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as err:
        raise SourceError(f"{str(path)!r} cannot be written ({err.strerror}): check its folder and free space") from err
