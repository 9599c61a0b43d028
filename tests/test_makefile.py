"""The two commands keep their word: nothing is installed twice, and what is missing is said."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FILES = ("Makefile", "pyproject.toml", "requirements.lock", "requirements-test.lock", "requirements-bench.lock")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Return a folder with a space in its name that holds what the Makefile needs, and no `.venv`."""
    folder = tmp_path / "a clone"
    folder.mkdir()
    for name in FILES:
        shutil.copy(ROOT / name, folder)
    return folder


def make(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run make there, free of what an outer make passes down."""
    environment = {name: value for name, value in os.environ.items() if name not in {"MAKEFLAGS", "MAKELEVEL", "CI"}}
    return subprocess.run(["make", *arguments], cwd=folder, env=environment, capture_output=True, text=True)


def stamp(folder: Path, path_of: Path) -> None:
    """Leave `.venv` as a finished installation in the folder `path_of` would."""
    (folder / ".venv/bin").mkdir(parents=True, exist_ok=True)
    (folder / ".venv/bin/python").symlink_to(sys.executable)
    checksum = subprocess.run(["cksum"], input=f"{path_of}\n", capture_output=True, text=True, check=True)
    number = checksum.stdout.split()[0]
    for kind in ("runtime", "test"):
        (folder / f".venv/.{kind}-{number}").touch()


def test_make_alone_lists_the_commands(clone: Path) -> None:
    listed = make(clone).stdout
    for command in ("run", "setup", "test", "soak", "check", "bench", "growth", "load", "browser", "office", "lock"):
        assert f"make {command} " in listed


def test_first_run_installs_from_the_lock_then_prepares_and_opens_the_page(clone: Path) -> None:
    lines = make(clone, "-n", "run", "PORT=8600").stdout
    steps = ["--no-deps --no-compile -r requirements.lock", "ui.cli prepare", "ui.cli chat --samples --port 8600"]
    assert [step for step in steps if step in lines] == steps
    assert sorted(steps, key=lines.index) == steps
    assert "requirements-test.lock" not in lines


@pytest.mark.parametrize("target", ["run", "setup", "test"])
def test_second_time_installs_nothing(clone: Path, target: str) -> None:
    stamp(clone, clone)
    assert "pip install" not in make(clone, "-n", target).stdout


@pytest.mark.parametrize("changed", ["requirements.lock", "pyproject.toml"])
def test_changed_dependencies_are_installed(clone: Path, changed: str) -> None:
    stamp(clone, clone)
    later = (clone / ".venv").stat().st_mtime + 60
    os.utime(clone / changed, (later, later))
    assert "-r requirements.lock" in make(clone, "-n", "run").stdout


def test_moved_folder_is_installed_anew(clone: Path) -> None:
    stamp(clone, clone.parent / "elsewhere")
    assert "-r requirements.lock" in make(clone, "-n", "run").stdout


def test_environment_whose_python_is_gone_is_made_anew(clone: Path) -> None:
    stamp(clone, clone)
    (clone / ".venv/bin/python").unlink()
    assert "-m venv --clear" in make(clone, "-n", "run").stdout


def test_unusable_python_is_named(clone: Path) -> None:
    run = make(clone, "setup", "PYTHON=/no/such/python")
    assert run.returncode != 0
    assert "No usable Python: /no/such/python is not 3.11, 3.12 or 3.13 with venv." in run.stderr
    assert "make setup PYTHON=" in run.stderr
    assert not (clone / ".venv").exists()
