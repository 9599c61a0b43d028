"""An OpenID Connect provider on this computer to sign in with: oidc-provider-mock, in a process of its own.

Its form asks for a subject only; what else it states of a person is told to it beforehand.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

STARTS_WITHIN_S = 60


class OidcServer:
    """Run the provider while the block lasts."""

    def __enter__(self) -> OidcServer:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        # Its own deprecation warning, and each request it answers, are no news for the tests.
        self.process = subprocess.Popen(
            [sys.executable, "-m", "oidc_provider_mock", "--port", str(self.port)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + STARTS_WITHIN_S
        while not self._answers():
            assert self.process.poll() is None and time.monotonic() < deadline, "the provider did not start"
            time.sleep(0.1)
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(20)

    @property
    def url(self) -> str:
        """Return the issuer."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def metadata_url(self) -> str:
        """Return where the provider describes itself."""
        return f"{self.url}/.well-known/openid-configuration"

    def add(self, subject: str, **claims: object) -> None:
        """Let the provider state these claims of a person."""
        request = urllib.request.Request(
            f"{self.url}/users/{urllib.parse.quote(subject)}",
            data=json.dumps(claims).encode(),
            headers={"Content-Type": "application/json"},
            method="PUT",
        )
        with urllib.request.urlopen(request, timeout=10) as response:
            assert response.status == 204

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(self.metadata_url, timeout=5) as response:
                return bool(response.status == 200)
        except (urllib.error.URLError, OSError):
            return False
