"""The product's half of `make bench`: a folder of text files indexed by the real ingest, then questions asked warm.

Run by bench.py in a process of its own: `python -m tests.benchmarks.product_pipeline FOLDER DATA QUERIES QUESTIONS`.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from assistant.assistant import Assistant
from assistant.settings import load_settings
from ingest.sync import ingest
from tests.benchmarks.records import first_records


def main(folder: Path, data_dir: Path, queries: Path, questions: int) -> None:
    """Index the folder, ask the first questions, and print the measurements as JSON."""
    settings = load_settings(data_dir=data_dir)
    report = ingest([folder], settings)
    searchable_at = time.time()
    if report.failed:
        sys.exit(f"{len(report.failed)} files failed, the first: {report.failed[0]}")
    assistant = Assistant.open(settings)
    times_ms = [answer_ms(assistant, query["text"]) for query in first_records(queries, questions + 1)]
    status = assistant.status()
    assistant.close()
    if status.pending:
        sys.exit(f"{status.pending} passages are not in the vector directory")
    print(json.dumps({"searchable_at": searchable_at, "passages": status.passages, "question_ms": times_ms[1:]}))


def answer_ms(assistant: Assistant, question: str) -> float:
    """Return how many milliseconds a question takes to its checked answer."""
    started = time.perf_counter()
    assistant.ask(question)
    return 1000 * (time.perf_counter() - started)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]))
