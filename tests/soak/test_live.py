"""People ask while articles arrive: no error, nothing stale, nothing half, nothing of two generations in one answer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.soak.conftest import Outcomes
from tests.soak.journal import Journal
from tests.soak.scale import ROOT, scaled

pytestmark = pytest.mark.soak

SECONDS = scaled(60)
PUBLISHES = scaled(200)
# A reader that keeps 100 MB more for each of a hundred swaps would get here; what Chroma keeps for one is 1 MB.
GROSS_LEAK_MIB = 1_500


def started(module: str, *arguments: object) -> subprocess.Popen[str]:
    """Run a program of this package beside the test."""
    command = [sys.executable, "-W", "error", "-m", f"tests.soak.{module}", *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.timeout(1800)
def test_readers_see_every_publish_whole_while_a_writer_works(tmp_path: Path, outcomes: Outcomes) -> None:
    folder, data_dir, path = tmp_path / "notices", tmp_path / "data", tmp_path / "journal.jsonl"
    folder.mkdir()
    path.touch()
    seed = int(os.environ.get("SEED", "11"))
    journal = Journal(path)
    writer = started("live_writer", folder, data_dir, path, seed, SECONDS, PUBLISHES)
    readers = {
        "prepared": started("live_reader", data_dir, path, "prepared", 100),
        "unprepared": started("live_reader", data_dir, path, "unprepared", 200),
    }
    while journal.poll() <= PUBLISHES // 2 and writer.poll() is None:
        time.sleep(0.05)
    readers["opened half way"] = started("live_reader", data_dir, path, "prepared", 300)
    _, complaint = writer.communicate()
    if writer.returncode:
        for reader in readers.values():
            reader.kill()
            reader.communicate()
        journal.close()
        pytest.fail(f"seed {seed}: the writer failed: {complaint}")
    ended = journal.poll()
    journal.close()
    said = {name: reader.communicate() for name, reader in readers.items()}
    assert complaint == ""
    assert [(name, reader.returncode, said[name][1]) for name, reader in readers.items() if reader.returncode] == []

    directories = {published.directory for published in journal.published.values()}
    outcomes.add("live: runs of the writer", ended, f"{len(directories) - 1} vector directories took another's place")
    total: Counter[str] = Counter()
    for name, (output, _) in said.items():
        result = json.loads(output)
        counts = Counter(result["counts"])
        used = [key for key in counts if key.startswith("in directory ")]
        for key in used:
            del counts[key]
        total += counts
        outcomes.add(
            f"live: reader {name}", sum(counts.values()), ", ".join(f"{n} {kind}" for kind, n in counts.items())
        )
        before, after = result["memory_mib"]
        outcomes.add(f"live: memory of reader {name}", round(after), f"MiB at the end, {before:.0f} after a quarter")
        assert result["problems"] == [], f"seed {seed}:\n" + "\n".join(result["problems"][:3])
        assert after - before < GROSS_LEAK_MIB
        assert len(used) > 1, f"reader {name} has seen one vector directory only"
    assert len({published.generation for published in journal.published.values()}) > PUBLISHES
    assert len(directories) > PUBLISHES // 2
    assert total["questions"] and total["searches"] and total["audits"] and total["patient questions"]
    assert total["swaps while a question was in progress"] > total["patient questions"]
