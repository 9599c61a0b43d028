"""A library of some files for the length of a measurement, asked without a language model."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from assistant.answering import ExtractiveAnswerer
from assistant.assistant import Assistant
from assistant.embedding import Embedder
from assistant.settings import load_settings
from ingest.sync import ingest


@contextmanager
def library_of(paths: Sequence[Path], embedder: Embedder) -> Iterator[Assistant]:
    """Index files and folders as the product does and open them for asking; a file that cannot be read is an error."""
    with tempfile.TemporaryDirectory(prefix="trade-assistant-evaluation-") as directory:
        settings = load_settings(data_dir=Path(directory))
        failed = ingest(list(paths), settings, embedder=embedder).failed
        if failed:
            raise ValueError(f"not everything could be indexed: {failed}")
        assistant = Assistant.open(settings, embedder=embedder, answerer=ExtractiveAnswerer())
        try:
            yield assistant
        finally:
            assistant.close()
