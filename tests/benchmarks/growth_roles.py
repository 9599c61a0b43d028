"""The processes that `make growth` measures: an unchanged run, a reader that waits for an article, a warm writer.

`python -m tests.benchmarks.growth_roles unchanged FOLDER DATA`, `… reader DATA`, `… warm FOLDER DATA`. The last two
take a line on stdin for each measurement and answer with a line of JSON.
"""

from __future__ import annotations

import json
import os
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from assistant.settings import load_settings
from ingest import sync
from ingest.sync import ingest

# What a run with nothing to do has no use for.
HEAVY = ("chromadb", "openvino", "torch", "tokenizers", "transformers", "trafilatura", "pypdfium2", "docx")
POLL_S = 0.01


def unchanged(folder: Path, data_dir: Path) -> None:
    """Index what is unchanged, and say how long that took and what was loaded and started for it."""
    from ingest.worker import ParseWorker

    parsed: list[str] = []
    read = ParseWorker.article

    def counted(self: ParseWorker, document: Any) -> Any:
        parsed.append(document.location)
        return read(self, document)

    ParseWorker.article = counted  # type: ignore[method-assign]
    assert not hasattr(sync, "parse"), "parsing in this process would not be counted"
    started = time.perf_counter()
    report = ingest([folder], load_settings(data_dir=data_dir))
    seconds = time.perf_counter() - started
    tell(
        seconds=seconds,
        unchanged=report.unchanged,
        others=len(report.added) + len(report.changed) + len(report.removed) + len(report.failed),
        parsed=len(parsed),
        loaded=sorted({*HEAVY} & {*sys.modules}),
        children=children(),
    )


def children() -> int:
    """Return how many processes this one has started and not ended, -1 where there is no /proc."""
    listed = list(Path(f"/proc/{os.getpid()}/task").glob("*/children"))
    return sum(len(path.read_text(encoding="ascii").split()) for path in listed) if listed else -1


def reader(data_dir: Path) -> None:
    """Ask a question again and again until it is answered from the article of the title given."""
    from assistant.assistant import Assistant

    with closing(Assistant.open(load_settings(data_dir=data_dir))) as assistant:
        assistant.prepare()
        assistant.ask("What is the fee on steel?")
        tell(ready=True)
        for line in sys.stdin:
            wanted = json.loads(line)
            asked = 0
            while True:
                asked += 1
                started = time.perf_counter()
                answer = assistant.ask(wanted["question"])
                answer_ms = 1000 * (time.perf_counter() - started)
                if any(citation.title == wanted["title"] for citation in answer.citations):
                    break
                time.sleep(POLL_S)
            tell(answered_at=time.time(), asked=asked, answer_ms=answer_ms)


def warm(folder: Path, data_dir: Path) -> None:
    """Index the folder whenever told to, with a model that stays open, as `watch` does."""
    from assistant.embedding import open_embedder

    settings = load_settings(data_dir=data_dir)
    embedder = open_embedder(settings)
    embedder.embed(["warm"])
    ingest([folder], settings, embedder=embedder)
    tell(ready=True)
    for _ in sys.stdin:
        report = ingest([folder], settings, embedder=embedder)
        tell(done_at=time.time(), added=len(report.added), notes=report.notes)


def tell(**record: Any) -> None:
    """Say one thing to the benchmark."""
    print(json.dumps(record), flush=True)


if __name__ == "__main__":
    places = [Path(argument) for argument in sys.argv[2:]]
    if sys.argv[1] == "reader":
        reader(places[0])
    else:
        (warm if sys.argv[1] == "warm" else unchanged)(places[0], places[1])
