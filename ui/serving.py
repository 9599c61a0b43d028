"""Run the chat page: this process becomes Streamlit, bound to this computer only unless a setting says otherwise.

The same settings stand in `.streamlit/config.toml` for `streamlit run ui/app.py`; the flags given here win over a
user's own Streamlit settings where safety depends on them. Whichever of the two starts it, the server asks here for
its wrapping, and refuses to be open to others while nobody signs in.
"""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import logging
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urlsplit

from assistant.errors import SettingsError

if TYPE_CHECKING:
    from assistant.settings import Settings

HOST = "127.0.0.1"
LOOPBACK = ("localhost", "127.0.0.1", "::1")
FLAGS = (
    "--server.headless=true",
    "--server.enableAgentApi=false",
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


def app_options() -> dict[str, Any]:
    """Return what Streamlit's `App` is made with. Ends the process, saying why, if the page must not be served so."""
    import streamlit as st
    from starlette.middleware import Middleware

    from assistant.settings import load_settings
    from ui import signin, troubles
    from ui.security import Guard
    from ui.signin_pages import SignInPages

    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        settings = load_settings()
        listens_on = st.get_option("server.address") or "0.0.0.0"
        require_sign_in(settings, listens_on)
        secrets = signin.provider(settings)
    except SettingsError as err:
        raise SystemExit(f"Error: {err}") from err
    if not secrets and not is_own(listens_on):
        print(open_to_all(listens_on), file=sys.stderr, flush=True)  # noqa: T201 - the terminal is where it is read
    is_secure = bool(secrets) and urlsplit(settings.sign_in_redirect_uri).scheme == "https"
    sign_in = [Middleware(SignInPages)] if secrets else []
    return {
        "middleware": [Middleware(Guard, hosts=hosts(settings, listens_on), is_secure=is_secure), *sign_in],
        "secrets": secrets or None,
        "on_script_error": troubles.unexpected,
    }


def require_sign_in(settings: Settings, listens_on: str) -> None:
    """Raise SettingsError if others could reach this address, nobody would sign in, and nobody has said so be it."""
    from ui import signin

    if signin.is_on(settings) or settings.allow_without_sign_in or is_own(listens_on):
        return
    raise SettingsError(
        f"on {listens_on} others can reach the page, and nobody has to sign in: set up sign-in (README.md says how), "
        "or say with TRADE_ASSISTANT_ALLOW_WITHOUT_SIGN_IN=true that everybody may read, ask, reindex, upload files "
        "and index any folder of this computer"
    )


def open_to_all(listens_on: str) -> str:
    """Return the warning for a page on an address that others can reach, without sign-in."""
    return (
        f"Warning: on {listens_on} everybody who can reach this computer may read, ask, reindex, upload files and "
        "index any folder of it, and reads every conversation: nobody has to sign in."
    )


def is_own(listens_on: str) -> bool:
    """Say whether only this computer reaches an address."""
    try:
        return ipaddress.ip_address(listens_on.strip("[]")).is_loopback
    except ValueError:
        return listens_on.lower() == "localhost"


def hosts(settings: Settings, listens_on: str) -> set[str]:
    """Return the host names that the server answers to."""
    from ui import signin

    named = {*LOOPBACK, *settings.allowed_hosts}
    if signin.is_on(settings):
        named.add(urlsplit(settings.sign_in_redirect_uri).hostname or "")
    with contextlib.suppress(ValueError):
        named |= {address for address in [listens_on] if not ipaddress.ip_address(address).is_unspecified}
    return named


def address(port: int, *, host: str = HOST) -> str:
    """Return what to type into a browser."""
    name = "localhost" if is_own(host) or host in {"0.0.0.0", "::"} else f"[{host}]" if ":" in host else host
    return f"http://{name}:{port}"


def require_free_port(port: int, *, host: str = HOST) -> None:
    """Raise SettingsError, saying what to do, if the page could not listen on this port."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as err:
            if err.errno == errno.EADDRINUSE:
                reason = f"port {port} is in use: perhaps the page runs already on {address(port, host=host)}"
            elif err.errno == errno.EADDRNOTAVAIL or isinstance(err, socket.gaierror):
                raise SettingsError(f"TRADE_ASSISTANT_ADDRESS: {host} is no address of this computer") from err
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
    from assistant.settings import load_settings

    os.environ["TRADE_ASSISTANT_DATA_DIR"] = str(data_dir)
    host = load_settings().address
    if open_browser and _has_screen():
        subprocess.Popen(
            [sys.executable, "-c", OPEN_WHEN_READY, address(port, host=host)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    page = Path(__file__).with_name("app.py")
    # -P keeps the folder that the command was typed in off the path: a file there could stand in for a library.
    place = [f"--server.address={host}", f"--server.port={port}"]
    command = [sys.executable, "-P", "-m", "streamlit", "run", str(page), *place, *FLAGS]
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(sys.executable, command)


def _has_screen() -> bool:
    """Say whether a browser would open in a window; in a text terminal it would take the terminal over."""
    return sys.platform == "darwin" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
