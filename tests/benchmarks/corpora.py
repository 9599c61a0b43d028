"""Read public test collections and index them through the product's own chunker, embedder and library."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from assistant.domain import Article, Block, BlockKind, embedded_text
from assistant.embedding import Embedder
from assistant.records import NewArticle
from assistant.writer import Writer
from ingest.chunk import CHUNKER_VERSION, passages

ARTICLES_PER_COMMIT = 200


def read_relevant(path: Path) -> dict[str, set[str]]:
    """Return, for each query id of a TREC-like table, the ids of its relevant articles."""
    relevant: dict[str, set[str]] = defaultdict(set)
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            query_id, *_, article_id, grade = line.split()
            if grade.isdigit() and int(grade) > 0:
                relevant[query_id].add(article_id)
    return dict(relevant)


def index_articles(data_dir: Path, embedder: Embedder, corpus: Iterable[dict[str, Any]]) -> None:
    """Index records {"_id", "title", "text"}; the location of an article is its `_id`."""
    writer = Writer.open(
        data_dir, embedding_model=embedder.name, dimension=embedder.dimension, chunker_version=CHUNKER_VERSION
    )
    articles = [(record["_id"], _article(record)) for record in corpus if record["text"].strip()]
    for start in range(0, len(articles), ARTICLES_PER_COMMIT):
        writer.put(_embedded(articles[start : start + ARTICLES_PER_COMMIT], embedder))
    writer.publish_vectors()
    writer.close()


def _article(record: dict[str, Any]) -> Article:
    text = record["text"].strip()
    return Article(record.get("title", "").replace("_", " "), text, (Block(BlockKind.PARAGRAPH, 0, len(text)),))


def _embedded(articles: list[tuple[str, Article]], embedder: Embedder) -> list[NewArticle]:
    spans = [tuple(passages(article)) for _, article in articles]
    texts = [
        [embedded_text(article.title, span.heading, article.text[span.start : span.end]) for span in of_article]
        for (_, article), of_article in zip(articles, spans, strict=True)
    ]
    vectors = embedder.embed([text for of_article in texts for text in of_article])
    made = []
    for (location, article), of_article, embedded in zip(articles, spans, texts, strict=True):
        hashes = tuple(hashlib.sha256(text.encode()).hexdigest() for text in embedded)
        rows, vectors = vectors[: len(embedded)], vectors[len(embedded) :]
        made.append(
            NewArticle(
                location=location, file_hash=location, size=0, changed_ns=0, article=article, passages=of_article,
                vectors=rows, hashes=hashes,
            )
        )  # fmt: skip
    return made
