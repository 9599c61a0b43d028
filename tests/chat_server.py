"""A chat server on this computer that speaks the OpenAI protocol, well or badly, as a test tells it to.

Nothing of the client is replaced: requests come over HTTP, answers go out as server-sent events, and what a bad
server or a bad line does (refusals, stalls, cuts, nonsense) happens on the wire.
"""

from __future__ import annotations

import json
import select
import socket
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, ClassVar

MODEL = "toy-model"


@dataclass(frozen=True)
class Reply:
    """How one request is answered. `pieces` are the deltas of the answer, in order.

    After `stall_after`, `cut_after` or `garble_after` pieces the server falls silent, hangs up, or sends what is no
    JSON; after `hold_after` pieces it waits until `ChatServer.go_on` is set. `finish` is the reason it gives for the
    end, None for none; `is_orderly_cut` makes a cut look like an end; `delay_s` are the seconds before each piece.
    """

    pieces: Sequence[str] = ()
    status: int = 200
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    finish: str | None = "stop"
    stall_after: int | None = None
    cut_after: int | None = None
    garble_after: int | None = None
    hold_after: int | None = None
    is_orderly_cut: bool = False
    delay_s: float = 0.0


@dataclass(frozen=True)
class Request:
    """A request as it came over the wire."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def system(self) -> str:
        return str(self.body["messages"][0]["content"])

    @property
    def user(self) -> str:
        return str(self.body["messages"][-1]["content"])


class ChatServer:
    """Answers requests with the replies it was given, the last one again and again. Use it in a `with` statement."""

    def __init__(self, *replies: Reply) -> None:
        self._replies = list(replies)
        self._lock = threading.Lock()
        self.requests: list[Request] = []
        self.go_on = threading.Event()
        self.hung_up = threading.Event()
        self.stopping = threading.Event()

    def __enter__(self) -> ChatServer:
        handler = type("BoundHandler", (_Handler,), {"chat": self})
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stopping.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}/v1"

    def next_reply(self, request: Request) -> Reply:
        with self._lock:
            self.requests.append(request)
            return self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    chat: ClassVar[ChatServer]

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", "0"))
        body = json.loads(self.rfile.read(length))
        reply = self.chat.next_reply(Request(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
        self.close_connection = True
        try:
            if reply.status != 200:
                self._refuse(reply)
            else:
                self._stream(reply)
        except (BrokenPipeError, ConnectionResetError):
            self.chat.hung_up.set()

    def _refuse(self, reply: Reply) -> None:
        body = (reply.body or json.dumps({"error": {"message": "no", "type": "toy"}})).encode()
        self.send_response(reply.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _stream(self, reply: Reply) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        if not reply.is_orderly_cut:
            self.send_header("Transfer-Encoding", "chunked")
        self.send_header("Connection", "close")
        self.end_headers()
        for count, piece in enumerate([*reply.pieces, ""]):
            if count == reply.stall_after:
                self._stall()
                return
            if count == reply.hold_after and not self._is_let_go_on():
                return
            if count == reply.cut_after:
                self._hang_up(reply)
                return
            if count == reply.garble_after:
                self._send(reply, "data: {this is no JSON\n\n")
                continue
            if piece:
                time.sleep(reply.delay_s)
                self._send(reply, _event({"content": piece}, None))
        if reply.finish is not None:
            self._send(reply, _event({}, reply.finish))
        self._send(reply, "data: [DONE]\n\n")
        if not reply.is_orderly_cut:
            self.wfile.write(b"0\r\n\r\n")

    def _send(self, reply: Reply, text: str) -> None:
        data = text.encode()
        self.wfile.write(data if reply.is_orderly_cut else b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def _stall(self) -> None:
        """Say nothing more until the client hangs up or the test is over."""
        while self._is_awaited():
            pass

    def _is_let_go_on(self) -> bool:
        """Say nothing more until the test lets the answer go on; not so if the client hung up or the test is over."""
        while not self.chat.go_on.is_set():
            if not self._is_awaited():
                return False
        return True

    def _is_awaited(self) -> bool:
        """Say, after a moment, whether anybody waits for more."""
        look = select.poll()
        look.register(self.connection, select.POLLIN)
        if look.poll(20) and not self.connection.recv(1, socket.MSG_PEEK):
            self.chat.hung_up.set()
            return False
        return not self.chat.stopping.is_set()

    def _hang_up(self, reply: Reply) -> None:
        if not reply.is_orderly_cut:
            self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: Any) -> None:
        """Keep test output clean."""


def _event(delta: dict[str, str], finish: str | None) -> str:
    chunk = {
        "id": "chat-1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": MODEL,
        "choices": [{"index": 0, "delta": {"role": "assistant", **delta}, "finish_reason": finish}],
    }
    return f"data: {json.dumps(chunk)}\n\n"
