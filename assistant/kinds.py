"""Which live articles are of which kind of source, remembered from question to question.

What kind an article is depends on its own text and on a table that a reader may edit, so it is read, not stored: once
for every version of an article, and anew when the table changes.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from assistant import records
from assistant.database import Connection
from assistant.domain import Standing
from assistant.standing import Rule, read_table, standing_of


class Kinds:
    """The standing of every live version of a library; safe to use from many threads."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._lock = threading.Lock()
        self._known: tuple[str, Sequence[Rule], dict[int, Standing]] = ("", (), {})

    def counts(self, connection: Connection, library_id: str) -> dict[Standing, int]:
        """Return how many live articles are of each kind, in the order of `Standing`. Raises SettingsError."""
        found = Counter(self._of_live(connection, library_id).values())
        return {standing: found[standing] for standing in Standing if found[standing]}

    def versions(self, connection: Connection, library_id: str, wanted: Iterable[Standing]) -> list[int]:
        """Return the ids of the live versions that are of one of these kinds. Raises SettingsError."""
        kinds = frozenset(wanted)
        return [version for version, kind in self._of_live(connection, library_id).items() if kind in kinds]

    def _of_live(self, connection: Connection, library_id: str) -> Mapping[int, Standing]:
        table = read_table(self._data_dir)
        query = "SELECT live_version_id FROM articles WHERE live_version_id IS NOT NULL"
        live = [row[0] for row in connection.execute(query)]
        with self._lock:
            known_library, known_table, known = self._known
            if (known_library, known_table) != (library_id, table):
                known = {}
        found = _read(connection, [version for version in live if version not in known], table)
        kinds = {version: known[version] if version in known else found[version] for version in live}
        with self._lock:
            self._known = (library_id, table, kinds)
        return kinds


def _read(connection: Connection, versions: Sequence[int], table: Sequence[Rule]) -> dict[int, Standing]:
    """Return the kind of each version, read one at a time: their texts need not fit in memory together."""
    query = f"SELECT {records.ARTICLE_COLUMNS} FROM versions v WHERE v.version_id = ?"
    rows = ((version, connection.execute(query, (version,)).fetchone()) for version in versions)
    return {version: standing_of(records.article_of(row), table) for version, row in rows}
