"""Chroma: vector directories derived from the library, and the dense half of search over them.

A directory `vectors/NNNN-…` holds passage ids and vectors. The single writer builds it beside the live one, checks it
as a reader would, seals it with its name and what is in its files, and never changes it again. Readers hold a shared
`flock` on the one they use. The library can answer without any of them: one that is missing or damaged is not used,
questions are scored exactly, and the next run or `rebuild` builds another.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import threading
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from assistant.database import content_digest, copy_content
from assistant.domain import Filters, Status
from assistant.errors import AssistantError, LibraryError, LibraryMismatch, VectorsError

if TYPE_CHECKING:
    from assistant.library import Library, Snapshot

FOLDER_NAME = "vectors"
COLLECTION = "passages"
SEAL_NAME = "seal.json"
CHROMA_FILE = "chroma.sqlite3"
# Each process that opens a directory adds a row here, so it is no part of what was built.
CHROMA_LOCK_TABLE = "acquire_write"
# The largest batch that Chroma 1.5.9 takes (`get_max_batch_size`).
BATCH = 5_461
# Chroma writes the HNSW files only after this many changes, and what is not in them is replayed, and may be written, by
# the next process that opens the directory. With 1 they are complete after every batch and readers write nothing.
# Building takes no longer: 20,000 vectors in 9.7 s (with 2), with the default of 1,000 in 17.4 s, on noisy cores.
SYNC_THRESHOLD = 1
# Of the vectors added, `build` looks this many up, all if there are fewer. Each must be there; as the search is
# approximate, this share of them must be found by it too.
CHECKED_VECTORS = 20
FOUND_SHARE = 0.9
SELF_SIMILARITY = 0.999
# The writer compares what is in files of up to this much, 110,000 passages at 384 dimensions: 0.1 s for 20,000, most
# of it for the tables of Chroma's SQLite file.
SUMMED_BYTES = 256 << 20
# A disk with less than this left is full: the smallest directory takes half as much.
FULL_BYTES = 1 << 20
# Rows read from the library and scored at a time when they are too many to keep, 77 MB at 384 dimensions.
ROWS_PER_READ = 50_000
# A process that answers one question and ends scores up to this many passages exactly rather than import Chroma.
# Measured on 4 shared cores, 384 dimensions, cold process, seconds until the hits are there: exact 0.01 for 2,000
# passages, 0.05 for 10,000, 0.25 for 50,000, 0.44 for 100,000; Chroma 1.3-1.5 (import 1.2, open and first query 0.3).
# 50,000 rather than more, for their memory: 77 MB, about what Chroma takes (52 MB for the import, then its index).
# A process that stays calls `DenseSearch.prepare` and then uses Chroma: a question takes 3 ms at any size, scored
# exactly 0.5 ms for 2,000 passages, 3 ms for 10,000, 18 ms for 50,000.
COLD_EXACT_PASSAGES = 50_000
# Filtered questions score up to this many passages exactly, in 70 ms. Also what is kept in memory at most, 307 MB.
EXACT_PASSAGES = 200_000
# Asked for more than this many, Chroma is slower than reading and scoring everything.
NAMED_PASSAGES = 10_000
ADVICE = "answers are complete but slower: run `trade-assistant rebuild`"
# Scores are rounded to this many digits, so that equal texts tie in whichever order they were multiplied.
DIGITS = 6


class VectorIndex:
    """One vector directory, open for queries from any thread; holds a shared lock on it. Close it after the last."""

    def __init__(self, directory: Path) -> None:
        """Open a sealed directory, all of which is read first.

        Raises VectorsError if it is missing, damaged, another one's, or about to be deleted.
        """
        self.directory = directory
        self._lock = _lock_shared(directory)
        try:
            _check_seal(directory)
            with _alone(directory), _chroma_errors(directory):
                self._client = _client(directory)
        except BaseException:
            os.close(self._lock)
            raise
        try:
            with _alone(directory), _chroma_errors(directory):
                self._collection = self._client.get_collection(COLLECTION, embedding_function=None)
                self.count: int = self._collection.count()
        except BaseException:
            self.close()
            raise

    def search(self, vector: NDArray[np.float32], k: int) -> list[tuple[int, float]]:
        """Return the `k` nearest as (passage id, cosine), best first; approximate. Raises VectorsError."""
        k = min(k, self.count)
        if k < 1:
            return []
        with _chroma_errors(self.directory):
            found = self._collection.query(query_embeddings=[vector], n_results=k, include=["distances"])
            return [
                (int(id_), 1.0 - distance) for id_, distance in zip(found["ids"][0], found["distances"][0], strict=True)
            ]

    def has(self, passage_ids: Sequence[int]) -> bool:
        """Say whether all of these passages are in it. Raises VectorsError."""
        with _chroma_errors(self.directory):
            found = self._collection.get(ids=[str(passage_id) for passage_id in passage_ids], include=[])
            return len(found["ids"]) == len(set(passage_ids))

    def vectors(self, passage_ids: Sequence[int]) -> dict[int, NDArray[np.float32]]:
        """Return the vectors of those of the passages that are in it. Raises VectorsError."""
        with _chroma_errors(self.directory):
            found = self._collection.get(ids=[str(passage_id) for passage_id in passage_ids], include=["embeddings"])
            rows = np.asarray(found["embeddings"], dtype=np.float32)
            return {int(id_): row for id_, row in zip(found["ids"], rows, strict=True)}

    def ids(self) -> NDArray[np.int64]:
        """Return the ids of all passages in it, ascending. Raises VectorsError."""
        with _chroma_errors(self.directory):
            parts = [
                self._collection.get(limit=BATCH, offset=start, include=[])["ids"]
                for start in range(0, self.count, BATCH)
            ]
            return np.sort(np.array([int(id_) for part in parts for id_ in part], dtype=np.int64))

    def close(self) -> None:
        """Free the memory and the lock; no query may be running."""
        self._client.close()
        os.close(self._lock)


class VectorReaders:
    """Open vector directories, counted: the newest stays open, any other until its last query returned."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._lock = threading.Lock()
        self._newest: _OpenIndex | None = None

    @contextmanager
    def acquire(self, name: str) -> Iterator[VectorIndex]:
        """Hold the directory for a query; a newer one is opened before the one of before is let go.

        Raises VectorsError if it cannot be opened.
        """
        with self._lock:
            held = self._newest if self._newest is not None and self._newest.name == name else self._opened(name)
            held.users += 1
        try:
            yield held.index
        finally:
            with self._lock:
                held.users -= 1
                self._close_if_unused(held)

    def close(self) -> None:
        """Let go of every directory; one that queries still use is closed when the last of them returned."""
        with self._lock:
            before, self._newest = self._newest, None
            if before is not None:
                self._close_if_unused(before)

    def _opened(self, name: str) -> _OpenIndex:
        opened = _OpenIndex(name, VectorIndex(self._root / name))
        before = self._newest
        # Numbers have at least four digits; a question that began before the newest was named may ask for an older.
        if before is None or (len(before.name), before.name) < (len(name), name):
            self._newest = opened
            if before is not None:
                self._close_if_unused(before)
        return opened

    def _close_if_unused(self, held: _OpenIndex) -> None:
        if held.users == 0 and held is not self._newest:
            held.index.close()


@dataclass(slots=True, eq=False)
class _OpenIndex:
    name: str
    index: VectorIndex
    users: int = 0


class DenseSearch:
    """Nearest passages of a snapshot: Chroma, what it does not hold yet, filters. One serves all threads of a process.

    `problem` says in words why Chroma could not be used for the last question that wanted it; None if it could.
    """

    def __init__(self, data_dir: Path) -> None:
        self._root = data_dir / FOLDER_NAME
        self._readers = VectorReaders(self._root)
        self._rows = _KeptVectors()
        self._library_id: str | None = None
        self._is_prepared = False
        self._unusable: str | None = None
        self._counted: str | None = None
        self.problem: str | None = None

    def prepare(self, snapshot: Snapshot) -> None:
        """Get Chroma ready and use it from now on, in a process that stays; sets `problem`, never fails for it."""
        self._is_prepared = True
        _import_chroma()
        if snapshot.vector_directory is not None and snapshot.dimension:
            self._nominated(snapshot, np.ones(snapshot.dimension, dtype=np.float32), 1)

    def check(self, snapshot: Snapshot, *, checksums: bool = True) -> str | None:
        """Return what is wrong with the files of the vector directory, in words, None if nothing; without Chroma.

        Without `checksums` only names and sizes are compared, which reads none of the files.
        """
        if snapshot.vector_directory is None:
            return None
        directory = self._root / snapshot.vector_directory
        try:
            seal = _check_seal(directory, checksums=checksums)
            _require_count(directory, seal.count, snapshot.published_count())
        except VectorsError as err:
            return f"{err}; {ADVICE}"
        return None

    def search(
        self, snapshot: Snapshot, vector: NDArray[np.float32], *, limit: int, filters: Filters
    ) -> list[tuple[int, float]]:
        """Return the live passages nearest to a vector of norm 1 as (passage id, cosine), best first, ties by id.

        Exact for filtered questions, for passages that are newer than the vector directory, and where it is damaged;
        else Chroma names the candidates and the stored vectors score them. Raises LibraryMismatch if the vector has
        another dimension than the library.
        """
        if snapshot.dimension != len(vector):
            raise LibraryMismatch(
                f"the question was embedded in {len(vector)} dimensions, the library in {snapshot.dimension}: "
                "run `trade-assistant rebuild`, or set TRADE_ASSISTANT_EMBEDDING_MODEL back"
            )
        if limit < 1:
            return []
        allowed = snapshot.allowed(filters)
        if not self._is_for_chroma(snapshot, allowed):
            return self._exact(snapshot, vector, limit, allowed)
        nearest = self._nearest(snapshot, vector, limit, allowed)
        return self._exact(snapshot, vector, limit, allowed) if nearest is None else nearest

    def rest(self) -> None:
        """Close the vector directories that no query uses; a later one opens them again."""
        self._readers.close()

    def close(self) -> None:
        """Close the vector directories and free the memory; no query may be running."""
        self.rest()
        self._rows.clear()

    def _is_for_chroma(self, snapshot: Snapshot, allowed: NDArray[np.int64] | None) -> bool:
        if snapshot.vector_directory is None:
            return False
        if allowed is not None:
            return len(allowed) > EXACT_PASSAGES
        return self._is_prepared or snapshot.passage_count() > COLD_EXACT_PASSAGES

    def _nearest(
        self, snapshot: Snapshot, vector: NDArray[np.float32], limit: int, allowed: NDArray[np.int64] | None
    ) -> list[tuple[int, float]] | None:
        """Return the nearest of what Chroma names and what is pending; None if exact scoring has to do it.

        What it names may have been withdrawn, or not pass the filters: it is asked for more until enough is left. A
        filter is this wide only in a large library (`EXACT_PASSAGES`), and Chroma's own took 50-900 ms at 100,000.
        """
        departed = snapshot.departed_count()
        total = snapshot.passage_count()
        share = 1.0 if allowed is None else len(allowed) / total
        k = int(limit / share) + min(departed, limit)
        pending = snapshot.pending()
        wanted = min(limit, total - len(pending) if allowed is None else limit)
        while True:
            named = self._nominated(snapshot, vector, k)
            if named is None:
                return None
            usable = named if allowed is None else np.intersect1d(named, allowed)
            found, vectors = snapshot.live_vectors(usable)
            if len(found) >= wanted or k >= total + departed:
                break
            k = min(4 * k, total + departed)
            if allowed is not None and k > NAMED_PASSAGES:
                return None
        if allowed is not None:
            pending = np.intersect1d(pending, allowed)
        ids = np.concatenate([found, pending])
        return _best(
            ids, np.concatenate([_cosines(vectors, vector), self._rows.scores(snapshot, pending, vector)]), limit
        )

    def _nominated(self, snapshot: Snapshot, vector: NDArray[np.float32], k: int) -> NDArray[np.int64] | None:
        """Return the ids Chroma names, None if it cannot be used; a directory that failed is not tried again."""
        name = snapshot.vector_directory
        if self._library_id != snapshot.library_id:
            # A library made anew in the same place counts its directories from 1 again, under names of its own.
            self._readers.close()
            self._library_id = snapshot.library_id
        if name is None or name == self._unusable:
            return None
        try:
            with self._readers.acquire(name) as index:
                if self._counted != name:
                    _require_count(index.directory, index.count, snapshot.published_count())
                    self._counted = name
                hits = index.search(vector, k)
        except VectorsError as err:
            self._unusable = name
            self.problem = f"{err}; {ADVICE}"
            return None
        self.problem = None
        return np.array([passage_id for passage_id, _ in hits], dtype=np.int64)

    def _exact(
        self, snapshot: Snapshot, vector: NDArray[np.float32], limit: int, allowed: NDArray[np.int64] | None
    ) -> list[tuple[int, float]]:
        ids = self._rows.live(snapshot) if allowed is None else allowed
        return _best(ids, self._rows.scores(snapshot, ids, vector), limit)


class _KeptVectors:
    """Embeddings read from the library once. A passage id changes its vector only with the model."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.clear()

    def clear(self) -> None:
        """Free the memory."""
        self._key: tuple[str, str | None] | None = None
        self._ids = np.empty(0, dtype=np.int64)
        self._vectors = np.empty((0, 0), dtype=np.float32)
        self._live: tuple[tuple[str, int], NDArray[np.int64]] | None = None

    def live(self, snapshot: Snapshot) -> NDArray[np.int64]:
        """Return the ids of all live passages, ascending."""
        key, kept = (snapshot.library_id, snapshot.generation), self._live
        if kept is None or kept[0] != key:
            kept = self._live = (key, snapshot.live())
        return kept[1]

    def scores(self, snapshot: Snapshot, ids: NDArray[np.int64], vector: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the cosine of each live passage, ids ascending."""
        if not len(ids):
            return np.empty(0, dtype=np.float32)
        if len(ids) > EXACT_PASSAGES:
            starts = range(0, len(ids), ROWS_PER_READ)
            return np.concatenate(
                [_cosines(snapshot.vectors(ids[start : start + ROWS_PER_READ]), vector) for start in starts]
            )
        kept, vectors = self._with(snapshot, ids)
        positions = np.searchsorted(kept, ids)
        # Multiplying what is not asked for costs less than copying what is, unless that is little.
        if len(ids) > len(kept) // 4:
            return _cosines(vectors, vector)[positions]
        return _cosines(vectors[positions], vector)

    def _with(self, snapshot: Snapshot, ids: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return what is kept, ids ascending, once these passages are among it."""
        with self._lock:
            key = (snapshot.library_id, snapshot.embedding_model)
            if self._key != key:
                self.clear()
                self._key = key
            if np.array_equal(ids, self._ids):
                return self._ids, self._vectors
            missing = np.setdiff1d(ids, self._ids, assume_unique=True)
            if len(missing) + len(self._ids) > EXACT_PASSAGES or not len(self._ids):
                self._ids, self._vectors = ids, snapshot.vectors(ids)
            elif len(missing):
                all_ids = np.concatenate([self._ids, missing])
                order = np.argsort(all_ids)
                self._vectors = np.concatenate([self._vectors, snapshot.vectors(missing)])[order]
                self._ids = all_ids[order]
            return self._ids, self._vectors


def _cosines(vectors: NDArray[np.float32], vector: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the product of each row with the vector.

    Not `@`: BLAS starts threads for it, and where the cores are busy they wait for each other (2,000 rows took 20 ms
    instead of 0.2). A row also gets the same result whichever rows stand beside it.
    """
    product: NDArray[np.float32] = np.einsum("ij,j->i", vectors, vector)
    return product


def _best(ids: NDArray[np.int64], scores: NDArray[np.float32], limit: int) -> list[tuple[int, float]]:
    rounded = np.round(scores.astype(np.float64), DIGITS)
    if len(ids) > limit:
        # All that tie with the last one stay, so that ties are settled by id and not by where they stood.
        kept = rounded >= np.partition(rounded, len(rounded) - limit)[len(rounded) - limit]
        ids, rounded = ids[kept], rounded[kept]
    order = np.lexsort((ids, -rounded))[:limit]
    return [(int(ids[position]), float(rounded[position])) for position in order]


def import_ahead() -> threading.Thread:
    """Import Chroma beside what this process is doing, so that `build` finds it ready; to be joined before it ends."""
    thread = threading.Thread(target=_import_chroma, name="import-chroma")
    thread.start()
    return thread


def build(
    directory: Path,
    *,
    rows: Iterable[tuple[NDArray[np.int64], NDArray[np.float32]]],
    count: int,
    base: Path | None = None,
    departed: Sequence[int] = (),
) -> None:
    """Build, check, seal and flush a vector directory; only then may the library name it.

    `rows` yields (ids, vectors of norm 1); with `base`, a copy of that directory gets them and loses the `departed`.
    `count` is how many there must be in the end. Raises VectorsError, with nothing left behind.
    """
    try:
        directory.parent.mkdir(parents=True, exist_ok=True)
        directory.mkdir()
        if base is not None:
            _check_seal(base)
            _copy(base, directory)
        samples = _fill(directory, rows, departed, is_new=base is None)
        _seal(directory, count)
        _check(directory, count, samples)
        _flush(directory)
    except BaseException as err:
        # Chroma's own words for a full disk hardly say so. Looked at before what was written of it is deleted.
        is_full = shutil.disk_usage(directory.parent).free < FULL_BYTES
        shutil.rmtree(directory, ignore_errors=True)
        why = (
            "the disk is full, free some space"
            if is_full
            else (err.strerror or str(err))
            if isinstance(err, OSError)
            else ""
        )
        if why and isinstance(err, OSError | VectorsError):
            raise VectorsError(f"the vector directory {str(directory)!r} cannot be written: {why}") from err
        raise


def is_sealed(directory: Path, count: int) -> bool:
    """Say whether a directory looks whole and holds this many passages, without Chroma.

    Names and sizes of its files are compared, and up to `SUMMED_BYTES` in all what is in them; a larger one is read
    whole only by those who open it.
    """
    try:
        seal = _check_seal(directory, checksums=False)
        _require_count(directory, seal.count, count)
        if seal.size <= SUMMED_BYTES:
            _check_seal(directory)
    except VectorsError:
        return False
    return True


def unused(root: Path, *, keep: str | None) -> list[Path]:
    """Return the directories that no reader holds, except the one the library names."""
    with ExitStack() as locks:
        return [path for path in _others(root, keep) if _is_locked_alone(path, locks)]


def delete_unused(root: Path, *, keep: str | None) -> None:
    """Delete the directories that no reader holds, except the one the library names. Only for the writer."""
    for directory in _others(root, keep):
        with ExitStack() as lock:
            if _is_locked_alone(directory, lock):
                # What cannot be deleted now is deleted by the next run.
                shutil.rmtree(directory, ignore_errors=True)


def _others(root: Path, keep: str | None) -> list[Path]:
    if not root.is_dir():
        return []
    return sorted(path for path in root.iterdir() if path.name != keep and path.is_dir())


def _is_locked_alone(directory: Path, locks: ExitStack) -> bool:
    """Lock a directory until the stack is closed; False if a reader holds it."""
    descriptor = os.open(directory, os.O_RDONLY)
    locks.callback(os.close, descriptor)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _lock_shared(directory: Path) -> int:
    """Return a descriptor that holds a shared lock on the directory, which is still there."""
    try:
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as err:
        raise VectorsError(f"the vector directory {str(directory)!r} cannot be opened: {err.strerror}") from err
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        if directory.stat().st_ino != os.fstat(descriptor).st_ino:
            raise FileNotFoundError
    except OSError as err:
        os.close(descriptor)
        raise VectorsError(f"the vector directory {str(directory)!r} is being deleted") from err
    return descriptor


@contextmanager
def _alone(directory: Path) -> Iterator[None]:
    """Keep all other threads and processes from opening a sealed directory, or reading Chroma's SQLite file, meanwhile.

    Chroma writes into that file as it opens it, and keeps Python from running until it may, 1,000 s at most. A thread
    that reads the file holds it locked and cannot go on: two processes that do both wait for each other.
    """
    try:
        descriptor = os.open(directory / SEAL_NAME, os.O_RDONLY)
    except OSError:
        yield  # not sealed yet, so that nobody else knows of it, or so damaged that nobody gets as far
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _copy(base: Path, directory: Path) -> None:
    """Copy a directory while readers may be opening it, which writes into Chroma's own SQLite file."""
    left_out = shutil.ignore_patterns(SEAL_NAME, CHROMA_FILE, f"{CHROMA_FILE}-*")
    shutil.copytree(base, directory, dirs_exist_ok=True, ignore=left_out)
    try:
        with _alone(base):
            copy_content(base / CHROMA_FILE, directory / CHROMA_FILE)
    except LibraryError as err:
        raise VectorsError(f"the vector directory {str(base)!r} cannot be copied: {err}") from err


def _fill(
    directory: Path,
    rows: Iterable[tuple[NDArray[np.int64], NDArray[np.float32]]],
    departed: Sequence[int],
    *,
    is_new: bool,
) -> list[tuple[int, NDArray[np.float32]]]:
    """Delete and add vectors; return `CHECKED_VECTORS` of those added, all if there are fewer."""
    samples: list[tuple[int, NDArray[np.float32]]] = []
    with _chroma_errors(directory):
        client = _client(directory)
        try:
            if is_new:
                hnsw = {"space": "cosine", "sync_threshold": SYNC_THRESHOLD}
                collection = client.create_collection(COLLECTION, embedding_function=None, configuration={"hnsw": hnsw})
            else:
                collection = client.get_collection(COLLECTION, embedding_function=None)
            for start in range(0, len(departed), BATCH):
                collection.delete(ids=[str(passage_id) for passage_id in departed[start : start + BATCH]])
            for ids, vectors in rows:
                for start in range(0, len(ids), BATCH):
                    batch = ids[start : start + BATCH]
                    collection.add(ids=[str(id_) for id_ in batch], embeddings=vectors[start : start + BATCH])
                samples.extend((int(ids[at]), vectors[at].copy()) for at in _spread(len(ids)))
        finally:
            client.close()
    return [samples[at] for at in _spread(len(samples))]


def _spread(count: int) -> list[int]:
    """Return `CHECKED_VECTORS` positions evenly spread over this many, all if there are fewer."""
    taken = min(count, CHECKED_VECTORS)
    return [at * count // taken for at in range(taken)]


def _check(directory: Path, count: int, samples: Sequence[tuple[int, NDArray[np.float32]]]) -> None:
    """Open the directory as a reader does and see that it holds what it should."""
    index = VectorIndex(directory)
    try:
        if index.count != count:
            raise VectorsError(f"the vector directory {str(directory)!r} holds {index.count} of {count} passages")
        if not index.has([passage_id for passage_id, _ in samples]):
            raise VectorsError(f"the vector directory {str(directory)!r} lacks passages it was given")
        nearest = [index.search(vector, 1) for _, vector in samples]
        found = sum(bool(hits) and hits[0][1] >= SELF_SIMILARITY for hits in nearest)
        if found < FOUND_SHARE * len(samples):
            raise VectorsError(
                f"the vector directory {str(directory)!r} finds only {found} of {len(samples)} of the vectors it holds"
            )
    finally:
        index.close()


@dataclass(frozen=True, slots=True)
class _Seal:
    """What a directory was sealed as: how many passages it holds, in files of how many bytes."""

    count: int
    size: int


def _seal(directory: Path, count: int) -> None:
    files = {name: [size, _content(directory / name)] for name, size in _sizes(directory).items()}
    record = {"name": directory.name, "count": count, "files": files}
    (directory / SEAL_NAME).write_text(json.dumps(record), encoding="utf-8")


def _check_seal(directory: Path, *, checksums: bool = True) -> _Seal:
    """Compare the directory with its seal, as damaged HNSW files can take the whole process down.

    The name tells it from a directory of another library, or an older one, that was put in its place. Chroma's SQLite
    file is rewritten by whoever opens it, and may grow, so of that one the content of its tables is compared.
    """
    try:
        record = json.loads((directory / SEAL_NAME).read_text(encoding="utf-8"))
        sealed = {name: (int(size), content) for name, (size, content) in record["files"].items()}
        seal, name = _Seal(int(record["count"]), sum(size for size, _ in sealed.values())), record["name"]
        sizes = _sizes(directory)
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError) as err:
        raise VectorsError(f"the vector directory {str(directory)!r} is missing or damaged ({err})") from err
    if name != directory.name:
        raise VectorsError(f"the vector directory {str(directory)!r} is another one, {name!r}")
    for name, (size, content) in sealed.items():
        found = sizes.get(name, -1)
        is_whole = found >= size if name == CHROMA_FILE else found == size
        if not is_whole or (checksums and _content(directory / name) != content):
            raise VectorsError(f"the vector directory {str(directory)!r} is damaged: {name} is not what was written")
    return seal


def _require_count(directory: Path, count: int, expected: int) -> None:
    if count != expected:
        raise VectorsError(
            f"the vector directory {str(directory)!r} holds {count} passages, the library names {expected}"
        )


def _sizes(directory: Path) -> dict[str, int]:
    """Return the sizes of the files in a directory, by their path below it."""
    return {
        path.relative_to(directory).as_posix(): path.stat().st_size
        for path in sorted(directory.rglob("*"))
        if path.is_file() and path.name != SEAL_NAME and not path.name.endswith(("-journal", "-wal", "-shm"))
    }


def _content(path: Path) -> int | str:
    """Return the CRC-32 of a file, of Chroma's SQLite file a digest of its tables, "" where it cannot be read."""
    if path.name != CHROMA_FILE:
        return _checksum(path)
    try:
        with _alone(path.parent):
            return content_digest(path, leaving_out={CHROMA_LOCK_TABLE})
    except LibraryError:
        return ""


def _checksum(path: Path) -> int:
    checksum = 0
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            checksum = zlib.crc32(block, checksum)
    return checksum


def _flush(directory: Path) -> None:
    """Make a directory and all below it survive a power cut."""
    for path in [*directory.rglob("*"), directory, directory.parent]:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _client(directory: Path) -> Any:
    chromadb = _import_chroma()
    # No `.env` of the folder the user happens to be in, and no telemetry.
    settings = chromadb.config.Settings(_env_file=None, anonymized_telemetry=False)
    return chromadb.PersistentClient(str(directory), settings=settings)


def _import_chroma() -> Any:
    import chromadb

    return chromadb


@contextmanager
def _chroma_errors(directory: Path) -> Iterator[None]:
    """Turn whatever Chroma raises into a VectorsError."""
    try:
        yield
    except AssistantError:
        raise
    except Exception as err:  # Chroma documents no set of errors: ChromaError, ValueError, KeyError, …
        raise VectorsError(f"the vector directory {str(directory)!r} cannot be used ({err})") from err
    except BaseException as err:
        # A panic in Chroma's native half derives from BaseException and cannot be imported.
        if type(err).__name__ != "PanicException":
            raise
        raise VectorsError(f"the vector directory {str(directory)!r} cannot be used ({err})") from err


def status_of(library: Library, data_dir: Path, *, checksums: bool = True) -> Status:
    """Return the state of the library, with what is wrong with its vector directory.

    Checksums read the whole directory, 0.1 s at 20,000 passages; who asks often goes without, and sees files that are
    missing or have another size.
    """
    while True:
        with library.snapshot() as snapshot:
            problem = DenseSearch(data_dir).check(snapshot, checksums=checksums)
            status = replace(snapshot.status(data_dir), vectors_problem=problem or "")
        if not problem:
            return status
        # A publish takes the place of the directory and deletes it, even while it is being checked.
        with library.snapshot() as snapshot:
            if snapshot.vector_directory == status.vector_directory:
                return status
