"""Articles small enough to read in a test, as ingest would hand them to the library, and a shelf to keep them on."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path
from typing import Any

from assistant.domain import Article, Block, BlockKind, PassageSpan, embedded_text
from assistant.records import NewArticle, text_hash
from assistant.writer import Writer
from tests.toys import HashEmbedder

EMBEDDER = HashEmbedder()


def article(*paragraphs: str, title: str = "A title", published: date | None = None, **names: str | None) -> Article:
    """Return an article of these paragraphs, one a line."""
    blocks, start = [], 0
    for paragraph in paragraphs:
        blocks.append(Block(BlockKind.PARAGRAPH, start, start + len(paragraph)))
        start += len(paragraph) + 1
    return Article(title, "\n".join(paragraphs), tuple(blocks), published=published, **names)


def new(
    location: str, *paragraphs: str, title: str = "A title", published: date | None = None, **names: Any
) -> NewArticle:
    """Return an article ready to be stored, each paragraph a passage."""
    return ready(location, article(*paragraphs, title=title, published=published, **names))


def ready(location: str, source: Article) -> NewArticle:
    """Cut an article at its blocks and embed it."""
    passages = tuple(PassageSpan(block.start, block.end, ("Top", "Below")) for block in source.blocks)
    texts = [embedded_text(source.title, span.heading, source.text[span.start : span.end]) for span in passages]
    digest = hashlib.sha256(source.text.encode("utf-8", "surrogatepass")).hexdigest()
    vectors = EMBEDDER.embed(texts)
    return NewArticle(location, digest, len(source.text), 1, source, passages, vectors, tuple(map(text_hash, texts)))


def writer(data_dir: Path, **options: Any) -> Writer:
    """Open the writer as ingest does with the toy embedder."""
    given = {"embedding_model": EMBEDDER.name, "dimension": EMBEDDER.dimension, "chunker_version": 1, **options}
    return Writer.open(data_dir, **given)


def vector(text: str) -> Any:
    """Return a question as a vector."""
    return EMBEDDER.embed([text])[0]
