"""The table at the end of a soak: what was done how often, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from tests.soak.scale import IS_FULL


@dataclass(slots=True)
class Outcomes:
    """Rows of the table."""

    rows: list[tuple[str, int, str]] = field(default_factory=list)

    def add(self, what: str, count: int, outcome: str) -> None:
        """Add a row; `count` is of what was done."""
        self.rows.append((what, count, outcome))


KEPT = pytest.StashKey[Outcomes]()


@pytest.fixture
def outcomes(request: pytest.FixtureRequest) -> Outcomes:
    """Return the table of the session, to which the test adds what it counted."""
    return request.config.stash.setdefault(KEPT, Outcomes())


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the table below the results; in `make test`, where it would be noise, only with -v."""
    kept = config.stash.get(KEPT, None)
    if kept is None or not (IS_FULL or config.get_verbosity() > 0):
        return
    terminalreporter.section("soak")
    for what, count, outcome in kept.rows:
        terminalreporter.write_line(f"{what:<34} {count:>6}  {outcome}")
