"""Connections that httpx may not make by itself: only to addresses that were checked, and only until a deadline.

A transport of httpx resolves names where no check can be put between the answer and the connection. This one asks for
checked addresses and connects to those; certificate and Host header are still those of the name.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import httpcore
import httpx

from ingest.addresses import Resolver


@dataclass(frozen=True, slots=True)
class Deadline:
    """The moment of the clock `monotonic` at which a request has to be done."""

    monotonic: Callable[[], float]
    at: float

    def left(self, timeout_s: float | None = None) -> float:
        """Return the shorter of a time-out and what is left. Raises httpcore.ReadTimeout if nothing is."""
        left = self.at - self.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the deadline has passed")
        return left if timeout_s is None else min(left, timeout_s)

    @property
    def is_over(self) -> bool:
        """Say whether it has passed."""
        return self.monotonic() >= self.at


class CheckedTransport(httpx.BaseTransport):
    """Make each request on a connection of its own, to an address that `addresses` returned for its host.

    Errors are those of httpcore, and what `addresses` raises. `trusted` are the certificates that https needs,
    `connector` makes the connections.
    """

    def __init__(
        self,
        addresses: Resolver,
        deadline: Deadline,
        trusted: ssl.SSLContext | None,
        *,
        connector: httpcore.NetworkBackend | None = None,
    ) -> None:
        backend = _Backend(addresses, deadline, connector or httpcore.SyncBackend())
        self._pool = httpcore.ConnectionPool(ssl_context=trusted, max_keepalive_connections=0, network_backend=backend)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request without a body and return its response, to be streamed."""
        url = request.url
        target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        answer = self._pool.handle_request(
            httpcore.Request(request.method, target, headers=request.headers.raw, extensions=request.extensions)
        )
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer))

    def close(self) -> None:
        """Close the connection."""
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        return self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


class _Backend(httpcore.NetworkBackend):
    """Connects to the first checked address that answers."""

    def __init__(self, addresses: Resolver, deadline: Deadline, connector: httpcore.NetworkBackend) -> None:
        self._addresses, self._deadline, self._connector = addresses, deadline, connector

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        failure: Exception = httpcore.ConnectError("no address")
        for address in self._addresses(host, port):
            left = self._deadline.left(timeout)
            try:
                inner = self._connector.connect_tcp(address, port, left, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as err:
                failure = err
            else:
                return _Stream(inner, self._deadline)
        raise failure


class _Stream(httpcore.NetworkStream):
    """A connection on which every wait ends with the deadline, however little each of them takes."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._inner, self._deadline = inner, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._deadline.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._deadline.left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        inner = self._inner.start_tls(ssl_context, server_hostname, self._deadline.left(timeout))
        return _Stream(inner, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)
