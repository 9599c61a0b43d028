"""From articles that were cut to what the library stores: each text is embedded once, and only if it is not known yet.

The model is opened when the first text needs it, so that a run over unchanged articles never loads one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from assistant.domain import Article, PassageSpan, embedded_text
from assistant.records import FetchedPage, NewArticle, text_hash
from assistant.settings import Settings
from assistant.writer import Writer
from ingest.chunk import CHUNKER_VERSION
from ingest.progress import Progress, ProgressFile

if TYPE_CHECKING:
    from collections.abc import Callable

    from assistant.embedding import Embedder

# A commit holds at most this many articles, or the articles that bring it past this many passages, so that new articles
# answer within seconds. One file is one commit, however long it is.
BATCH_ARTICLES = 64
BATCH_PASSAGES = 256
# Texts embedded between two reports of progress, a few seconds' work; more than most commits hold.
EMBEDDED_AT_ONCE = 2 * BATCH_PASSAGES


@dataclass(frozen=True, slots=True)
class Parsed:
    """An article that was read and cut, before it is embedded. `page` is set when it came from the network."""

    location: str
    file_hash: str
    size: int
    changed_ns: int
    article: Article
    passages: tuple[PassageSpan, ...]
    parser_version: int
    page: FetchedPage | None = None


class EmbeddingStep:
    """Embeds batches for one run. `embedder` None: the configured model, opened when it is first needed."""

    def __init__(
        self,
        writer: Writer,
        settings: Settings,
        embedder: Embedder | None,
        progress: ProgressFile,
        notify: Callable[[str], None] | None,
    ) -> None:
        self._writer = writer
        self._settings = settings
        self._embedder = embedder
        self._progress = progress
        self._notify = notify

    def embedded(self, batch: Sequence[Parsed]) -> list[NewArticle]:
        """Embed each text of a batch that the library does not know, once. Raises ModelUnavailable."""
        texts = [embedded_texts(parsed.article, parsed.passages) for parsed in batch]
        by_hash = {digest: text for pairs in texts for digest, text in pairs}
        vectors = self._writer.known_vectors(list(by_hash))
        missing = [digest for digest in by_hash if digest not in vectors]
        for start in range(0, len(missing), EMBEDDED_AT_ONCE):
            if len(missing) > EMBEDDED_AT_ONCE:
                # It is the last file that makes a batch this long.
                self._progress.update(Progress("embedding passages", start, len(missing), batch[-1].location))
            digests = missing[start : start + EMBEDDED_AT_ONCE]
            vectors.update(zip(digests, self.embed([by_hash[digest] for digest in digests]), strict=True))
        return [
            new_article(parsed, [digest for digest, _ in pairs], vectors)
            for parsed, pairs in zip(batch, texts, strict=True)
        ]

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed texts, known or not; float32 of shape (len(texts), dimension). Raises ModelUnavailable."""
        return self._open().embed(texts)

    def _open(self) -> Embedder:
        if self._embedder is None:
            from assistant.embedding import open_embedder

            self._embedder = open_embedder(self._settings, notify=self._notify)
        return self._embedder


def open_writer(settings: Settings, embedder: Embedder | None, *, wait_s: float, reindexing: bool = False) -> Writer:
    """Open the library for writing with the model of a run, which is not loaded yet. Raises as `Writer.open` does."""
    if embedder is None:
        from assistant.embedding import embedder_name, lasting_setting

        name, dimension = embedder_name(settings)
        setting = lasting_setting(settings)
    else:
        name, dimension, setting = embedder.name, embedder.dimension, None
    return Writer.open(
        settings.data_dir,
        embedding_model=name,
        dimension=dimension,
        chunker_version=CHUNKER_VERSION,
        embedding_setting=setting,
        wait_s=wait_s,
        reindexing=reindexing,
    )


def is_full(batch: Sequence[Parsed]) -> bool:
    """Say whether a batch is as much as one commit should hold."""
    return len(batch) >= BATCH_ARTICLES or sum(len(parsed.passages) for parsed in batch) >= BATCH_PASSAGES


def embedded_texts(article: Article, passages: Sequence[PassageSpan]) -> list[tuple[str, str]]:
    """Return (hash, text) of what is embedded for each passage."""
    texts = [embedded_text(article.title, span.heading, article.text[span.start : span.end]) for span in passages]
    return [(text_hash(text), text) for text in texts]


def new_article(parsed: Parsed, hashes: Sequence[str], vectors: Mapping[str, NDArray[np.float32]]) -> NewArticle:
    """Return what the library stores of an article; `hashes` are of its embedded texts, `vectors` has all of them."""
    return NewArticle(
        location=parsed.location,
        file_hash=parsed.file_hash,
        size=parsed.size,
        changed_ns=parsed.changed_ns,
        article=parsed.article,
        passages=parsed.passages,
        vectors=np.stack([vectors[digest] for digest in hashes]) if hashes else np.empty((0, 0), np.float32),
        hashes=tuple(hashes),
        parser_version=parsed.parser_version,
        page=parsed.page,
    )
