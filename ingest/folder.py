"""Articles on disk: a folder walked to its bottom, or files that the user named."""

from __future__ import annotations

import os
import re
import stat
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.records import NO_VALIDATORS, Validators
from ingest.parse import SUFFIXES, read_bytes
from ingest.sources import Document, Known, Listing, Problem, Source, merged

# Word keeps "~$name.docx" beside a file that is open. Half-finished downloads end in .part, .tmp or .crdownload and
# LibreOffice's lock files are hidden, so that both are left out as any other kind of file is.
LOCK_PREFIX = "~$"
# A file written less than this before it was read may be written again without a new time stamp (FAT counts in 2 s), so
# its time is not trusted and its bytes are compared at the next run.
UNSETTLED_NS = 2_000_000_000
# The same for the time of its last change, which the kernel takes from a clock of its own.
TICK_NS = 20_000_000
# Names with these are refused: control characters, and what breaks lines or turns the direction of writing around, so
# that what is printed or shown is not what is there.
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
# Stored as the time of such a file: no file has it, so the next run looks again.
UNSETTLED = -1


@dataclass(frozen=True, slots=True)
class Found:
    """One file to read. `location` names the article in the library: the absolute path with its folders resolved.

    `target` is the file itself where the path is a link to one, `identity` its device and inode, `changed_ns` when it
    last changed, as `_changed_ns` says.
    """

    location: str
    path: Path
    target: Path
    identity: tuple[int, int]
    size: int
    changed_ns: int

    def is_unchanged(self, known: Known) -> bool:
        """Say whether size and time are those of the file that was indexed."""
        return (known.size, known.changed_ns) == (self.size, self.changed_ns)

    def read(self, known: Known | None, *, max_bytes: int) -> Document:
        """Read the whole file. Raises ParseError, also for one that changes meanwhile or is another one by now."""
        if abs(time.time_ns() - self.changed_ns) < TICK_NS:
            time.sleep(TICK_NS / 1e9)
        data, state = read_bytes(self.target, max_bytes=max_bytes, identity=self.identity)
        now = time.time_ns()
        is_settled = now - state.st_mtime_ns > UNSETTLED_NS and now - state.st_ctime_ns > TICK_NS
        return Document(
            location=self.location,
            data=data,
            suffix=self.path.suffix.lower(),
            name=self.path.name,
            size=state.st_size,
            changed_ns=_changed_ns(state) if is_settled else UNSETTLED,
        )


class Folder:
    """Every supported file below a folder, hidden ones aside."""

    def __init__(self, path: Path) -> None:
        self.path = resolved(path)

    def list(self, known: Validators = NO_VALIDATORS) -> Listing:
        """Walk the folder. A missing or unreadable folder is a problem and counts as not seen."""
        return _Walk(self.path).listing()


class Files:
    """Single files that the user named; nothing is ever removed because of them."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self.paths = tuple(resolved(path) for path in paths)

    def list(self, known: Validators = NO_VALIDATORS) -> Listing:
        """Look at each file; one that is missing, of another kind or not a regular file is a problem."""
        found: dict[str, Found] = {}
        problems: dict[str, Problem] = {}
        for path in self.paths:
            seen = _look_at(path, Path(os.path.realpath(path))) or _missing(path)
            if isinstance(seen, Found) and path.suffix.lower() not in SUFFIXES:
                seen = Problem(seen.location, unsupported_reason(path))
            if isinstance(seen, Found):
                found[seen.location] = seen
            else:
                problems[seen.location] = seen
        return merged([Listing(found=tuple(found.values()), problems=tuple(problems.values()))])


def sources_for(paths: Sequence[Path]) -> tuple[list[Source], list[Problem]]:
    """Tell folders from files. A path that does not exist is a problem, so that it can never be a removal."""
    sources: list[Source] = []
    files: list[Path] = []
    problems: list[Problem] = []
    for path in paths:
        where = resolved(path)
        if reason := refused_name(where):
            problems.append(Problem(printable(where), reason))
            continue
        try:
            mode = where.stat().st_mode
        except OSError as err:
            is_missing = isinstance(err, FileNotFoundError)
            problem = Problem(printable(where), f"cannot be read: {_why(err)}")
            problems.append(_missing(where) if is_missing else problem)
            continue
        if stat.S_ISDIR(mode):
            sources.append(Folder(path))
        else:
            files.append(path)
    if files:
        sources.append(Files(files))
    return sources, problems


def resolved(path: Path) -> Path:
    """Return the absolute path with the folders above it resolved, so that two names of a folder are one.

    A folder is resolved too; a file keeps its own name, because a link may be pointed at another file tomorrow.
    """
    absolute = path.absolute()
    where = Path(os.path.realpath(absolute.parent)) / absolute.name
    return Path(os.path.realpath(where)) if _is_folder(where) else where


def is_walked(path: Path, above: Path) -> bool:
    """Say whether a look at the folder above comes by this file or folder: it passes over hidden ones."""
    return path.is_relative_to(above) and not any(part.startswith(".") for part in path.relative_to(above).parts)


def refused_name(path: Path) -> str:
    """Say why nothing is read under this name, "" if it may be."""
    where = "the name of the file or of a folder above it"
    if _text(path) != str(path):
        return f"{where} is not valid UTF-8: rename it"
    found = CONTROL.search(str(path))
    return f"{where} holds the control character U+{ord(found[0]):04X}: rename it" if found else ""


def printable(path: Path) -> str:
    """Return a path to be shown: bytes that are not UTF-8 as replacement characters, control characters escaped."""
    return CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), _text(path))


def unsupported_reason(path: Path) -> str:
    """Say which kinds of file can be read instead."""
    kinds = ", ".join(sorted(SUFFIXES))
    if not path.suffix:
        return f"its name has no ending that says what kind of file it is; supported: {kinds}"
    return f"files of kind {path.suffix!r} are not read; supported: {kinds}"


class _Walk:
    """One walk over a folder; collects its listing as it goes."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.found: dict[str, Found] = {}
        self.problems: list[Problem] = []
        self.unseen: set[str] = set()
        self.links: list[Path] = []
        self.ignored = 0

    def listing(self) -> Listing:
        self._walk()
        self._follow_links()
        root = _text(self.root)
        return merged(
            [
                Listing(
                    found=tuple(self.found.values()),
                    problems=tuple(self.problems),
                    roots=frozenset({root} - self.unseen),
                    unseen=frozenset(self.unseen - {root}),
                    ignored=self.ignored,
                )
            ]
        )

    def _walk(self) -> None:
        if reason := refused_name(self.root):
            self._problem(self.root, reason)
            return
        waiting = [self.root]
        while waiting:
            folder = waiting.pop()
            try:
                with os.scandir(folder) as entries:
                    children = list(entries)
            except OSError as err:
                is_gone = isinstance(err, FileNotFoundError) and folder != self.root
                if not is_gone:
                    self._problem(folder, f"the folder cannot be read: {_why(err)}")
                continue
            for child in children:
                try:
                    is_folder = self._take(child)
                except OSError as err:
                    self._problem(Path(child.path), f"cannot be read: {_why(err)}")
                    continue
                if is_folder:
                    waiting.append(Path(child.path))

    def _take(self, child: os.DirEntry[str]) -> bool:
        """Take in a file or a link; return True for a folder, which is to be walked."""
        path = Path(child.path)
        if child.name.startswith("."):
            self.ignored += 1
            self.unseen.add(_text(path))
        elif child.is_symlink():
            self.links.append(path)
        elif child.is_dir(follow_symlinks=False):
            reason = refused_name(path)
            if reason:
                self._problem(path, reason)
            return not reason
        elif _is_candidate(path):
            self._file(path)
        else:
            self.ignored += 1
        return False

    def _follow_links(self) -> None:
        """Take in links that stay inside the folder and lead to a file that was not found under its own name."""
        real = {os.path.realpath(file.path) for file in self.found.values()}
        for path in sorted(self.links):
            target = Path(os.path.realpath(path))
            is_folder = _is_folder(target)
            if not is_folder and not _is_candidate(path):
                self.ignored += 1
            elif not target.is_relative_to(self.root):
                self._problem(path, f"a symbolic link that leads out of the folder, to {printable(target)}")
            elif is_folder or str(target) in real:
                self.ignored += 1
            else:
                real.add(str(target))
                self._file(path, target)

    def _file(self, path: Path, target: Path | None = None) -> None:
        seen = _look_at(path, target or path)
        if isinstance(seen, Found):
            self.found[seen.location] = seen
        elif isinstance(seen, Problem):
            self._problem(path, seen.reason)

    def _problem(self, path: Path, reason: str) -> None:
        self.problems.append(Problem(printable(path), reason))
        self.unseen.add(_text(path))


def _text(path: Path) -> str:
    """Return a path as locations have it; bytes of its name that are not UTF-8 become replacement characters."""
    return os.fsencode(path).decode("utf-8", "replace")


def _is_candidate(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES and not path.name.startswith(LOCK_PREFIX)


def _look_at(path: Path, target: Path) -> Found | Problem | None:
    """Stat one file, which the path itself is or a link to it; None when there is nothing of that name."""
    location = printable(path)
    if reason := refused_name(path):
        return Problem(location, reason)
    try:
        status = target.lstat()
    except FileNotFoundError:
        return _missing(path) if path.is_symlink() else None
    except OSError as err:
        return Problem(location, f"the file cannot be read: {_why(err)}")
    if stat.S_ISLNK(status.st_mode):
        return Problem(location, "the file cannot be read: too many levels of symbolic links")
    if not stat.S_ISREG(status.st_mode):
        return Problem(location, "not a regular file")
    return Found(location, path, target, (status.st_dev, status.st_ino), status.st_size, _changed_ns(status))


def _changed_ns(status: os.stat_result) -> int:
    """Return the later of two times: when a file was written, which programs set at will, and when anything of it was.

    Where the second is not kept, or is that of another event, the first decides alone or a file is read for nothing.
    """
    return max(status.st_mtime_ns, status.st_ctime_ns)


def _missing(path: Path) -> Problem:
    if path.is_symlink():
        return Problem(printable(path), "a symbolic link to something that does not exist")
    return Problem(printable(path), "no such file or folder", is_missing=True)


def _is_folder(path: Path) -> bool:
    """Say whether there is a folder, False where that cannot be found out (`Path.is_dir` may raise)."""
    try:
        return stat.S_ISDIR(path.stat().st_mode)
    except OSError:
        return False


def _why(err: OSError) -> str:
    return (err.strerror or type(err).__name__).lower()
