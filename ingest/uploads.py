"""Files that a reader puts in through the page: kept in a folder of the data directory that is a source like others."""

from __future__ import annotations

import hashlib
import os
import tempfile
from itertools import count
from pathlib import Path, PurePosixPath

from assistant.errors import SourceError
from ingest.catalog import UPLOADS_NAME, add_folders
from ingest.folder import resolved, unsupported_reason
from ingest.parse import SUFFIXES

MAX_NAME_BYTES = 200


def uploads_folder(data_dir: Path) -> Path:
    """Return the folder that uploaded files are kept in, as the library names it."""
    return resolved(data_dir / UPLOADS_NAME)


def save_upload(data_dir: Path, name: str, data: bytes) -> Path:
    """Keep an uploaded file, whole or not at all, and return its path; the folder becomes a source if it is none.

    The same bytes under the same name are kept once; other bytes get a name of their own. Raises SourceError for a
    kind of file that cannot be read, if it cannot be written, or if the list of sources cannot be used.
    """
    safe = safe_name(name)
    if PurePosixPath(safe).suffix.lower() not in SUFFIXES:
        raise SourceError(unsupported_reason(Path(safe)))
    if not data:
        raise SourceError("the file is empty (0 bytes)")
    folder = uploads_folder(data_dir)
    add_folders(data_dir, [folder])
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path = _free_path(folder, safe, data)
        if not path.exists():
            _write(path, data)
    except OSError as err:
        raise SourceError(f"the file cannot be kept in {str(folder)!r} ({err.strerror}): check its free space") from err
    return path


def uploaded(data_dir: Path) -> list[str]:
    """Return the names of the files that are kept, in the order of the alphabet."""
    folder = uploads_folder(data_dir)
    if not folder.is_dir():
        return []
    return sorted(path.name for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))


def set_aside(data_dir: Path) -> Path | None:
    """Rename the folder of uploads, so that files kept so far are no longer in the way of new ones; None if none is.

    Raises SourceError if it cannot be renamed.
    """
    folder = uploads_folder(data_dir)
    if not folder.is_dir():
        return None
    names = (f"{UPLOADS_NAME}-removed-{number}" for number in count(1))
    aside = next(folder.with_name(name) for name in names if not folder.with_name(name).exists())
    try:
        return folder.rename(aside)
    except OSError as err:
        raise SourceError(f"{str(folder)!r} cannot be set aside ({err.strerror}): check its permissions") from err


def delete_upload(data_dir: Path, name: str) -> None:
    """Delete one uploaded file; the next run withdraws its article. Raises SourceError if it is none or cannot be."""
    path = uploads_folder(data_dir) / name
    if name not in uploaded(data_dir):
        raise SourceError(f"{name!r} is no uploaded file")
    try:
        path.unlink()
    except OSError as err:
        raise SourceError(f"{path.name!r} cannot be deleted ({err.strerror}): check its permissions") from err


def safe_name(name: str) -> str:
    """Return the last part of a name without what a path or a terminal would read otherwise."""
    last = name.replace("\\", "/").rpartition("/")[2]
    stem, dot, suffix = "".join(mark if mark.isprintable() else "_" for mark in last).strip().rpartition(".")
    # A leading dot or "~$" would hide it from every run.
    stem = stem.encode()[:MAX_NAME_BYTES].decode("utf-8", "ignore").strip().lstrip(".~ ")
    return f"{stem or 'file'}{dot}{suffix[:10]}"


def _free_path(folder: Path, name: str, data: bytes) -> Path:
    """Return the path of these bytes under this name: a name with their hash in it where the plain one is taken."""
    plain = folder / name
    if not plain.exists() or (plain.is_file() and plain.read_bytes() == data):
        return plain
    return plain.with_name(f"{plain.stem}-{hashlib.sha256(data).hexdigest()[:12]}{plain.suffix}")


def _write(path: Path, data: bytes) -> None:
    # Hidden until it is whole, so that a run that comes by leaves it out.
    descriptor, beside = tempfile.mkstemp(dir=path.parent, prefix=".")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(beside).replace(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
