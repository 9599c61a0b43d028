"""Where the LibreOffice of the tests of Word files is, and how to get one.

`python -m tests.office` prints its path or fails; `--install` installs Writer alone, without a window, as root on
Debian (a minute), else says how. As with the browser, nothing is installed unasked except by `make test` where CI=true.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

VARIABLE = "TRADE_ASSISTANT_TEST_OFFICE"
COMMANDS = ("soffice", "libreoffice")
MAC_APP = Path("/Applications/LibreOffice.app/Contents/MacOS/soffice")
HOW_TO = f"""\
The tests of Word files need LibreOffice. One of these gives them one:
  sudo apt-get install libreoffice-writer-nogui    Debian and Ubuntu
  brew install --cask libreoffice                  macOS
  {VARIABLE}=/path/to/soffice    any other LibreOffice"""
CONVERTS_WITHIN_S = 240


def find() -> Path | None:
    """Return the executable, or None. A path in the variable is taken as it is, never replaced."""
    if named := os.environ.get(VARIABLE):
        return Path(named)
    found = [Path(path) for path in map(shutil.which, COMMANDS) if path]
    return next(iter([*found, *([MAC_APP] if MAC_APP.is_file() else [])]), None)


def convert(soffice: Path, file: Path, suffix: str) -> Path:
    """Open a file in LibreOffice and save it in another format beside it, under a profile of its own."""
    target = file.parent / "converted"
    profile = (file.parent / "profile").as_uri()
    command: list[str | Path] = [
        soffice,
        "--headless",
        "--norestore",
        f"-env:UserInstallation={profile}",
        "--convert-to",
        suffix,
    ]
    with tempfile.TemporaryFile("w+") as log:
        # A session of its own: what the command starts in its turn is ended with it.
        run = subprocess.Popen(
            [*command, "--outdir", target, file], stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            run.wait(CONVERTS_WITHIN_S)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(run.pid, signal.SIGKILL)
        log.seek(0)
        printed = log.read()
    made = target / f"{file.stem}.{suffix}"
    assert made.is_file(), printed
    return made


def install() -> int:
    """Install Writer where none is found and that is allowed; return an exit status."""
    if path := find():
        sys.stdout.write(f"Found {path}\n")
        return 0
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        sys.stderr.write(f"{HOW_TO}\n")
        return 1
    subprocess.run([apt, "update"], check=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    packages = ["libreoffice-writer-nogui", "fonts-liberation"]
    subprocess.run([apt, "install", "--yes", "--no-install-recommends", *packages], check=True, env=quiet)
    return 0 if find() else 1


def main(arguments: list[str]) -> int:
    """Print the path of LibreOffice, or install it with `--install`; return an exit status."""
    if arguments == ["--install"]:
        return install()
    path = find()
    (sys.stdout if path else sys.stderr).write(f"{path or HOW_TO}\n")
    return 0 if path else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
