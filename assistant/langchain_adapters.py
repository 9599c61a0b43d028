"""The product's search and its embedder as LangChain sees them, for use in other people's pipelines.

Nothing inside imports this file. `AssistantRetriever(assistant=Assistant.open(settings))` gives passages as documents
whose metadata is a citation: article, version and offsets into the stored text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict, PositiveInt, SkipValidation

from assistant.domain import Filters, Hit, SearchResult, StoredArticle
from assistant.embedding import Embedder


class Searcher(Protocol):
    """What the retriever needs of an Assistant."""

    def search(self, query: str, *, limit: int = 10, filters: Filters = Filters()) -> SearchResult:
        """Return at most `limit` hits, best first."""
        ...

    def article(self, article_id: str, version: int | None = None) -> StoredArticle:
        """Return one version of an article."""
        ...


class AssistantRetriever(BaseRetriever):
    """Hybrid search over the library: at most `k` documents, best first, each one passage.

    `page_content` is the exact stored text `[start:end]` of that article version. Metadata: article_id, version, title,
    publisher, author, published (ISO date), url, start, end, score; unknown values are None. `k` may also be given to
    `invoke`. Raises QuestionError for an empty query.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    assistant: SkipValidation[Searcher]
    k: PositiveInt = 10
    filters: Filters = Filters()

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun, k: int | None = None
    ) -> list[Document]:
        result = self.assistant.search(query, limit=self.k if k is None else k, filters=self.filters)
        return [self._document(hit) for hit in result.hits]

    def _document(self, hit: Hit) -> Document:
        passage = hit.passage
        article = self.assistant.article(passage.article_id, passage.version).article
        metadata: dict[str, Any] = {
            "article_id": passage.article_id,
            "version": passage.version,
            "title": passage.title,
            "publisher": article.publisher,
            "author": article.author,
            "published": article.published and article.published.isoformat(),
            "url": article.url,
            "start": passage.start,
            "end": passage.end,
            "score": hit.score,
        }
        return Document(
            id=f"{passage.article_id}@{passage.version}:{passage.start}-{passage.end}",
            page_content=passage.text,
            metadata=metadata,
        )


class AssistantEmbeddings(Embeddings):
    """An Embedder as LangChain embeddings: lists of floats of norm 1; queries and documents are embedded alike."""

    def __init__(self, embedder: Embedder) -> None:
        self.embedder = embedder

    def embed_documents(self, texts: Sequence[str]) -> list[list[float]]:
        """Return one vector for each text, in order."""
        vectors: list[list[float]] = self.embedder.embed(texts).tolist()
        return vectors

    def embed_query(self, text: str) -> list[float]:
        """Return the vector of one text."""
        return self.embed_documents([text])[0]
