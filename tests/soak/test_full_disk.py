"""A disk that is full, or that cannot be written, costs a clear sentence and nothing else."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import unavailable
from tests.soak.conftest import Outcomes
from tests.soak.scale import IS_FULL, ROOT

pytestmark = pytest.mark.soak

FULL = "said that the disk is full"
HALF = "published all but the vector directory and said so"
ENOUGH = "had enough space"
NAMESPACE = ["unshare", "--map-root-user", "--mount"]


def mounted(scenario: str, folder: Path) -> list[dict[str, Any]]:
    """Run a scenario with mounts of its own, which need no rights where Linux lets users have namespaces."""
    if shutil.which("unshare") is None or subprocess.run([*NAMESPACE, "true"], capture_output=True).returncode:
        unavailable("no file system can be mounted here: `unshare --map-root-user --mount` does not work")
    command = [*NAMESPACE, sys.executable, "-W", "error", "-m", "tests.soak.small_disk", scenario, str(folder)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    results: list[dict[str, Any]] = json.loads(run.stdout)
    return results


@pytest.mark.timeout(600)
def test_full_disk_is_said_and_the_old_index_answers_until_there_is_space(tmp_path: Path, outcomes: Outcomes) -> None:
    results = mounted("full", tmp_path)
    kinds = Counter[str]()
    for result in results:
        outcome, free = result["outcome"], result["free"]
        assert "\n" not in outcome.removeprefix("done\n"), result
        if outcome.startswith("AssistantError: "):
            assert "free some space and run it again" in outcome, result
            kinds[FULL] += 1
        elif outcome.startswith("done\n"):
            assert "could not be built" in outcome, result
            assert "the disk is full, free some space" in outcome, result
            kinds[HALF] += 1
        else:
            assert outcome == "done", result
            kinds[ENOUGH] += 1
        # What was there before the run, or a commit of it.
        expected = {"old"} if free == 0 else {"old", "newer"}
        assert (result["open reader"] in expected, result["new reader"] in expected) == (True, True), result
        assert result["vectors problem"] == "", result
        assert result["is complete"], result
        assert result["leftovers"] == [], result
    assert set(kinds) >= ({FULL, HALF, ENOUGH} if IS_FULL else {FULL, ENOUGH}), results
    outcomes.add(
        "full disk: amounts of free space", len(results), ", ".join(f"{n} {kind}" for kind, n in kinds.items())
    )


@pytest.mark.timeout(300)
def test_read_only_directory_is_said_and_answers(tmp_path: Path, outcomes: Outcomes) -> None:
    [result] = mounted("read-only", tmp_path)
    assert result.pop("outcome") == (
        f"AssistantError: the data directory {str(tmp_path / 'data')!r} cannot be written (Read-only file system); "
        "check its permissions, or name another with --data or TRADE_ASSISTANT_DATA_DIR"
    )
    assert result == {
        "open reader": "old",
        "new reader": "old",
        "command": 0,
        "vectors problem": "",
        "is complete": True,
        "leftovers": [],
    }
    outcomes.add("read-only directory", 1, "said so, and answered")
