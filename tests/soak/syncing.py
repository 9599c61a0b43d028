"""The one place from which the soak tests run an ingest: a folder, a data directory, the toy embedder."""

from __future__ import annotations

from pathlib import Path

from assistant.embedding import Embedder
from assistant.settings import load_settings
from ingest.report import Report
from ingest.sync import ingest
from tests.toys import HashEmbedder


def sync(folder: Path, data_dir: Path, *, embedder: Embedder | None = None, wait_s: float = 0) -> Report:
    """Bring the library in step with the folder, however much of it is gone."""
    settings = load_settings(data_dir=data_dir)
    return ingest([folder], settings, embedder=embedder or HashEmbedder(), wait_s=wait_s, allow_removals=True)
