"""LangChain's own standard tests for a retriever and for embeddings, over a real library."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, ClassVar

import pytest
from langchain_core.embeddings import Embeddings
from langchain_core.retrievers import BaseRetriever
from langchain_tests.integration_tests import EmbeddingsIntegrationTests, RetrieversIntegrationTests
from langchain_tests.unit_tests import EmbeddingsUnitTests

from assistant.assistant import Assistant
from assistant.domain import Filters
from assistant.errors import QuestionError
from assistant.langchain_adapters import AssistantEmbeddings, AssistantRetriever
from assistant.settings import load_settings
from ingest.sync import ingest
from tests.toys import HashEmbedder

ARTICLES = {
    "steel.md": (
        "---\ntitle: Steel duties are lifted\npublisher: Sample Wire\nauthor: A. Writer\ndate: 2025-03-01\n"
        "url: https://example.org/steel\n---\n\nThe duty on imported steel was lifted in March by the ministry.\n"
    ),
    "gallium.txt": "Gallium licences\n\nExport licences for gallium stay in force, the ministry of trade said.\n",
    "soy.txt": "Soybean purchases\n\nImporters bought more soybean after the duty was halved by the ministry.\n",
    "ports.txt": "Port fees\n\nThe ministry paused port fees on foreign vessels for a year, and duty stays the same.\n",
}


pytestmark = pytest.mark.anyio  # the standard tests have asynchronous ones


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    folder = tmp_path_factory.mktemp("library")
    (folder / "articles").mkdir()
    for name, text in ARTICLES.items():
        (folder / "articles" / name).write_text(text, encoding="utf-8")
    settings = load_settings(data_dir=folder / "data")
    report = ingest([folder / "articles"], settings, embedder=HashEmbedder())
    assert len(report.added) == len(ARTICLES)
    assistant = Assistant.open(settings, embedder=HashEmbedder())
    yield assistant
    assistant.close()


class TestRetrieverStandard(RetrieversIntegrationTests):
    library: ClassVar[Assistant]

    @pytest.fixture(autouse=True)
    def _over(self, library: Assistant) -> None:
        type(self).library = library

    @property
    def retriever_constructor(self) -> type[BaseRetriever]:
        return AssistantRetriever

    @property
    def retriever_constructor_params(self) -> dict[str, Any]:
        return {"assistant": self.library}

    @property
    def retriever_query_example(self) -> str:
        return "What did the ministry say about the duty?"


class TestEmbeddingsUnit(EmbeddingsUnitTests):
    @property
    def embeddings_class(self) -> type[Embeddings]:
        return AssistantEmbeddings

    @property
    def embedding_model_params(self) -> dict[str, Any]:
        return {"embedder": HashEmbedder()}


class TestEmbeddingsStandard(EmbeddingsIntegrationTests):
    @property
    def embeddings_class(self) -> type[Embeddings]:
        return AssistantEmbeddings

    @property
    def embedding_model_params(self) -> dict[str, Any]:
        return {"embedder": HashEmbedder()}


def test_documents_carry_a_citation(library: Assistant) -> None:
    (document,) = AssistantRetriever(assistant=library, k=1).invoke("When was the duty on imported steel lifted?")

    stored = library.article(document.metadata["article_id"], document.metadata["version"])
    score = document.metadata.pop("score")
    assert score == library.search("When was the duty on imported steel lifted?", limit=1).hits[0].score
    assert document.metadata == {
        "article_id": stored.article_id,
        "version": 1,
        "title": "Steel duties are lifted",
        "publisher": "Sample Wire",
        "author": "A. Writer",
        "published": "2025-03-01",
        "url": "https://example.org/steel",
        "start": document.metadata["start"],
        "end": document.metadata["end"],
    }
    assert stored.article.text[document.metadata["start"] : document.metadata["end"]] == document.page_content
    assert "imported steel was lifted in March" in document.page_content


def test_unknown_metadata_is_none(library: Assistant) -> None:
    (document,) = AssistantRetriever(assistant=library, k=1).invoke("export licences for gallium")

    assert document.metadata["title"] == "Gallium licences"
    assert [document.metadata[name] for name in ("publisher", "author", "published", "url")] == [None] * 4


def test_filters_hold(library: Assistant) -> None:
    retriever = AssistantRetriever(assistant=library, filters=Filters(since=date(2025, 1, 1)))

    assert {document.metadata["title"] for document in retriever.invoke("duty")} == {"Steel duties are lifted"}


def test_empty_query_is_refused(library: Assistant) -> None:
    with pytest.raises(QuestionError):
        AssistantRetriever(assistant=library).invoke("  ")


def test_embeddings_are_the_embedders(tmp_path: Path) -> None:
    embeddings = AssistantEmbeddings(HashEmbedder())
    texts = ["steel duty", "gallium"]

    assert embeddings.embed_documents(texts) == HashEmbedder().embed(texts).tolist()
    assert embeddings.embed_query("gallium") == HashEmbedder().embed(texts).tolist()[1]
    assert embeddings.embed_documents([]) == []
