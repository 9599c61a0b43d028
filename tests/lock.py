"""Write the lock files from what is installed: `make lock`.

Each pin is the installed version of something that pyproject.toml reaches, with an environment marker where only some
platforms or Pythons need it. A build's local version ("+cpu") is dropped, so that the same pins fit every platform.
What a build of torch needs beyond its metadata here (the libraries of a graphics card) is left to pip.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterable, Sequence
from importlib import metadata
from itertools import product
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
PYTHONS = ("3.11", "3.12", "3.13")
PLATFORMS = {
    "linux x86_64": {"sys_platform": "linux", "platform_system": "Linux", "platform_machine": "x86_64"},
    "linux aarch64": {"sys_platform": "linux", "platform_system": "Linux", "platform_machine": "aarch64"},
    "macos arm64": {"sys_platform": "darwin", "platform_system": "Darwin", "platform_machine": "arm64"},
}
PLACES = frozenset(product(PYTHONS, PLATFORMS))
MARKERS = {
    PLACES: "",
    frozenset(place for place in PLACES if place[1] != "macos arm64"): ' ; sys_platform != "darwin"',
    frozenset(place for place in PLACES if place[1] == "macos arm64"): ' ; sys_platform == "darwin"',
    frozenset(place for place in PLACES if place[0] == "3.11"): ' ; python_version < "3.12"',
    frozenset(place for place in PLACES if place[0] != "3.11"): ' ; python_version >= "3.12"',
    frozenset(place for place in PLACES if place[0] != "3.13"): ' ; python_version < "3.13"',
    frozenset(place for place in PLACES if place[0] == "3.13"): ' ; python_version >= "3.13"',
}
Place = tuple[str, str]


def needed(requirements: Iterable[str]) -> dict[str, frozenset[Place]]:
    """Return every distribution that the requirements reach, and the places (Python, platform) that need it."""
    places: dict[str, set[Place]] = {}
    for place in sorted(PLACES):
        for name in _reached(requirements, place):
            places.setdefault(name, set()).add(place)
    return {name: frozenset(found) for name, found in sorted(places.items())}


def pins(places: dict[str, frozenset[Place]]) -> list[str]:
    """Return the lines of a lock file. Raises SystemExit for a need that no marker here describes."""
    lines = []
    for name, found in places.items():
        try:
            version = Version(metadata.version(name)).public
        except metadata.PackageNotFoundError:
            sys.exit(f"{name} is needed at {sorted(found)} and not installed here: pin it by hand")
        if found not in MARKERS:
            sys.exit(f"{name} is needed at {sorted(found)}, which no marker in {Path(__file__).name} describes")
        lines.append(f"{name}=={version}{MARKERS[found]}")
    return lines


def _reached(requirements: Iterable[str], place: Place) -> set[str]:
    python, platform = place
    environment = {**PLATFORMS[platform], "python_version": python, "python_full_version": f"{python}.0"}
    seen: set[tuple[str, str]] = set()
    waiting = [Requirement(line) for line in requirements]
    while waiting:
        requirement = waiting.pop()
        for extra in ("", *requirement.extras):
            key = (canonicalize_name(requirement.name), canonicalize_name(extra))
            if key in seen:
                continue
            seen.add(key)
            for line in _requires(key[0]):
                child = Requirement(line)
                if child.marker is None or child.marker.evaluate({**environment, "extra": key[1]}):
                    waiting.append(child)
    return {name for name, _ in seen}


def _requires(name: str) -> Sequence[str]:
    try:
        return metadata.requires(name) or ()
    except metadata.PackageNotFoundError:
        return ()


def main() -> None:
    """Write requirements.lock, and beside it what the tests and the benchmark need on top."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    runtime = needed(project["dependencies"])
    test = needed([*project["dependencies"], *extras["test"]])
    bench = needed([*project["dependencies"], *extras["test"], *extras["bench"]])
    files = {
        "requirements.lock": ("what the product runs with", runtime),
        "requirements-test.lock": ("what the tests need on top of requirements.lock", _without(test, runtime)),
        "requirements-bench.lock": ("what `make bench` needs on top of the tests", _without(bench, test)),
    }
    for name, (purpose, places) in files.items():
        heading = f"# Exact versions of {purpose}. Written by `make lock`; the ranges are in pyproject.toml."
        (ROOT / name).write_text("\n".join([heading, *pins(places), ""]), encoding="utf-8")


def _without(more: dict[str, frozenset[Place]], fewer: dict[str, frozenset[Place]]) -> dict[str, frozenset[Place]]:
    return {name: places for name, places in more.items() if name not in fewer}


if __name__ == "__main__":
    main()
