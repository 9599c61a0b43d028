"""Where the browser of the browser tests is, and how to get one.

`python -m tests.chromium` prints its path or fails; `--install` installs one as root on Debian, else says how.
Nothing is ever installed behind a user's back: only `make browser`, and `make test` where CI=true, come here for that.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

VARIABLE = "TRADE_ASSISTANT_TEST_BROWSER"
COMMANDS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC_APPS = ("Chromium", "Google Chrome")
HOW_TO = f"""\
The browser tests need Chromium or Chrome. One of these gives them one:
  sudo apt-get install chromium              Debian; on Ubuntu the package of that name needs snap
  brew install --cask chromium               macOS; an installed Google Chrome is found as it is
  .venv/bin/python -m playwright install chromium    with internet access, no root needed
  {VARIABLE}=/path/to/chrome    any other Chromium or Chrome"""


def find() -> Path | None:
    """Return the browser's executable, or None. A path in the variable is taken as it is, never replaced."""
    if named := os.environ.get(VARIABLE):
        return Path(named)
    return next((path for path in _candidates() if path.is_file() and os.access(path, os.X_OK)), None)


def install() -> int:
    """Install a browser where none is found and that is allowed; return an exit status."""
    if path := find():
        print(f"Found {path}")
        return 0
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        print(HOW_TO, file=sys.stderr)
        return 1
    subprocess.run([apt, "update"], check=True)
    packages = ["chromium", "fonts-liberation"]
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run([apt, "install", "--yes", "--no-install-recommends", *packages], check=True, env=quiet)
    return 0 if find() else 1


def _candidates() -> Iterator[Path]:
    """Yield where a browser may be; what `playwright install` downloaded comes last, asking for it takes a second."""
    from playwright.sync_api import sync_playwright

    yield from (Path(path) for path in map(shutil.which, COMMANDS) if path)
    for folder in (Path("/Applications"), Path.home() / "Applications"):
        yield from (folder / f"{name}.app/Contents/MacOS/{name}" for name in MAC_APPS)
    with sync_playwright() as playwright:
        yield Path(playwright.chromium.executable_path)


def main(arguments: list[str]) -> int:
    """Print the path of the browser, or install one with `--install`; return an exit status."""
    if arguments == ["--install"]:
        return install()
    path = find()
    print(path or HOW_TO, file=sys.stdout if path else sys.stderr)
    return 0 if path else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
