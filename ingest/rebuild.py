"""Rebuild: make anew whatever a library derives from its articles, without the files they came from.

The content of a file with damaged pages is replaced first by all of its articles, if these are whole. Then every live
article is cut as this version of the product cuts it. Where its passages, their full text or their
embeddings are not those, they are made anew; with another embedding model all embeddings are. What has to be embedded
is staged in the library as it comes, so that a rebuild that is killed goes on where it was. One commit swaps all of it
in, and until then readers answer from the old state.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from assistant.errors import LibraryMismatch
from assistant.library import Library
from assistant.records import ManifestEntry, NewArticle
from assistant.settings import Settings
from assistant.writer import Writer
from ingest.chunk import passages
from ingest.embedding_step import BATCH_PASSAGES, EmbeddingStep, Parsed, embedded_texts, new_article, open_writer
from ingest.progress import Progress, ProgressFile, recorded

if TYPE_CHECKING:
    from assistant.embedding import Embedder

OnProgress: TypeAlias = Callable[[Progress], None]
Notify: TypeAlias = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """The outcome of a rebuild.

    `is_embedded_again` if the model or the chunker had changed; `mended` articles had passages, full text or
    embeddings that were not what they should be; `embedded` texts were embedded in this run.
    """

    articles: int
    passages: int
    is_embedded_again: bool
    vector_directory: str | None
    generation: int
    seconds: float
    mended: int = 0
    embedded: int = 0


def rebuild(
    settings: Settings,
    *,
    embedder: Embedder | None = None,
    on_progress: OnProgress | None = None,
    notify: Notify | None = None,
    wait_s: float = 0,
) -> Rebuilt:
    """Make passages, full text and embeddings right where they are not, then the vector directory anew.

    Raises LibraryMissing if there is no library, LibraryLocked if another process is writing (after waiting `wait_s`
    seconds), LibraryMismatch for a newer schema, ModelUnavailable if there is something to embed and no model,
    VectorsError if the vector directory cannot be built: everything else is done then.
    """
    clock = time.monotonic()
    # An older schema is brought up to date by the writer, a newer one refused by it.
    with contextlib.suppress(LibraryMismatch):
        Library.open(settings.data_dir).close()
    Writer.salvage(settings.data_dir, wait_s=wait_s)
    with (
        open_writer(settings, embedder, wait_s=wait_s, reindexing=True) as writer,
        recorded(settings.data_dir, on_progress) as progress,
        closing(Library.open(settings.data_dir)) as library,
    ):
        is_embedded_again = not writer.is_same_making
        work = _Work(writer, library, EmbeddingStep(writer, settings, embedder, progress, notify), progress)
        to_mend = work.stage()
        writer.swap(work.recut(to_mend))
        progress.update(Progress("publishing", 0, 0))
        directory = writer.publish_vectors(force=True)
        with library.snapshot() as snapshot:
            status = snapshot.status(settings.data_dir)
        rebuilt = Rebuilt(
            articles=status.articles,
            passages=status.passages,
            is_embedded_again=is_embedded_again,
            vector_directory=directory,
            generation=status.generation,
            seconds=time.monotonic() - clock,
            mended=0 if is_embedded_again else len(to_mend),
            embedded=work.embedded,
        )
        progress.finish({"articles": rebuilt.articles, "passages": rebuilt.passages, "seconds": rebuilt.seconds})
        return rebuilt


class _Work:
    """One rebuild: what is staged, then what is put in the place of the stored passages."""

    def __init__(self, writer: Writer, library: Library, embedding: EmbeddingStep, progress: ProgressFile) -> None:
        self.embedded = 0
        self._writer = writer
        self._library = library
        self._embedding = embedding
        self._progress = progress
        self._staging = writer.staging()
        self._manifest = writer.manifest()

    def stage(self) -> list[str]:
        """Stage every embedding that the swap needs; return the articles that have to be cut anew, by location."""
        self._staging.begin()
        to_mend: list[str] = []
        waiting: dict[str, str] = {}
        stage = "checking" if self._writer.is_same_making else "embedding"
        for number, (location, entry) in enumerate(self._manifest.items(), start=1):
            parsed = self._cut(location, entry)
            pairs = embedded_texts(parsed.article, parsed.passages)
            hashes = [digest for digest, _ in pairs]
            is_stored = self._writer.is_stored(location, parsed.article, parsed.passages, hashes)
            if not is_stored:
                to_mend.append(location)
            if not (is_stored and self._writer.is_same_model):
                waiting.update(pairs)
            if len(waiting) >= BATCH_PASSAGES:
                self._embed(waiting, location)
                waiting = {}
            self._progress.update(Progress(stage, number, len(self._manifest), location))
        self._embed(waiting, "")
        return to_mend

    def recut(self, locations: list[str]) -> Iterator[NewArticle]:
        """Yield articles with their passages and staged embeddings."""
        for location in locations:
            parsed = self._cut(location, self._manifest[location])
            hashes = [digest for digest, _ in embedded_texts(parsed.article, parsed.passages)]
            yield new_article(parsed, hashes, self._staging.vectors(hashes))

    def _embed(self, texts: dict[str, str], location: str) -> None:
        """Embed what is neither staged nor known, a commit for each batch."""
        if self._writer.is_same_model:
            self._staging.adopt(list(texts))
        missing = sorted(texts.keys() - self._staging.vectors(list(texts)).keys())
        for start in range(0, len(missing), BATCH_PASSAGES):
            if start:
                self._progress.update(Progress("embedding passages", start, len(missing), location))
            batch = missing[start : start + BATCH_PASSAGES]
            vectors = self._embedding.embed([texts[digest] for digest in batch])
            self._staging.add(dict(zip(batch, vectors, strict=True)))
            self.embedded += len(batch)

    def _cut(self, location: str, entry: ManifestEntry) -> Parsed:
        # A snapshot of its own: one for all of it would keep SQLite from emptying its log.
        with self._library.snapshot() as snapshot:
            article = snapshot.article(entry.article_id, entry.version).article
        spans = tuple(passages(article))
        return Parsed(location, entry.file_hash, entry.size, entry.changed_ns, article, spans, entry.parser_version)
