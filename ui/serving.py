"""Run the chat page: this process becomes Streamlit, bound to this computer only.

The same settings stand in `.streamlit/config.toml` for `streamlit run ui/app.py`; the flags given here win over a
user's own Streamlit settings where safety depends on them.
"""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from assistant.errors import SettingsError

if TYPE_CHECKING:
    from starlette.middleware import Middleware

HOST = "127.0.0.1"
LOOPBACK = ("localhost", "127.0.0.1", "::1")
FLAGS = (
    f"--server.address={HOST}",
    "--server.headless=true",
    "--server.enableXsrfProtection=true",
    "--server.enableCORS=true",
    "--server.fileWatcherType=none",
    "--browser.gatherUsageStats=false",
    "--client.showErrorDetails=none",
    "--client.toolbarMode=viewer",
)
# Waits for the page without importing anything but the standard library, then opens it and ends.
OPEN_WHEN_READY = """
import sys, time, urllib.error, urllib.request, webbrowser
address = sys.argv[1]
for _ in range(150):
    time.sleep(0.2)
    try:
        if urllib.request.urlopen(address + "/_stcore/health", timeout=2).read() == b"ok":
            webbrowser.open(address)
            break
    except (urllib.error.URLError, OSError):
        pass
"""


def middleware() -> list[Middleware]:
    """Return what the server is wrapped in, outermost first."""
    from starlette.middleware import Middleware

    from ui.security import Guard

    return [Middleware(Guard, hosts=LOOPBACK)]


def address(port: int) -> str:
    """Return what to type into a browser."""
    return f"http://localhost:{port}"


def require_free_port(port: int) -> None:
    """Raise SettingsError, saying what to do, if the page could not listen on this port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as err:
            if err.errno == errno.EADDRINUSE:
                reason = f"port {port} is in use: perhaps the page runs already on {address(port)}"
            else:
                reason = f"port {port} cannot be used ({err.strerror})"
            raise SettingsError(f"{reason}; choose another with --port {port + 1 if port < 65535 else 8502}") from err


@contextlib.contextmanager
def samples_folder() -> Iterator[Path]:
    """Give the folder of the sample articles."""
    with resources.as_file(resources.files("ingest") / "samples") as folder:
        yield folder


def serve(port: int, *, data_dir: Path, open_browser: bool) -> NoReturn:
    """Become the page's server. Returns only by an exception."""
    os.environ["TRADE_ASSISTANT_DATA_DIR"] = str(data_dir)
    if open_browser and _has_screen():
        subprocess.Popen(
            [sys.executable, "-c", OPEN_WHEN_READY, address(port)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    page = Path(__file__).with_name("app.py")
    # -P keeps the folder that the command was typed in off the path: a file there could stand in for a library.
    command = [sys.executable, "-P", "-m", "streamlit", "run", str(page), f"--server.port={port}", *FLAGS]
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(sys.executable, command)


def _has_screen() -> bool:
    """Say whether a browser would open in a window; in a text terminal it would take the terminal over."""
    return sys.platform == "darwin" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
