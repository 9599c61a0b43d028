"""A reader of the page without a browser: one raw websocket that speaks Streamlit's messages, timers included.

It draws nothing: it remembers which elements came, asks by the question box, and runs a fragment again as often as the
page asked for, as a browser would.
"""

from __future__ import annotations

import asyncio
import re
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
    from websockets.asyncio.client import ClientConnection

MAX_MESSAGE_BYTES = 64_000_000
FIRST_TEXT = re.compile(r'class="tpa-(?:claim|card)\b')
OVER = re.compile(r'data-state="over"')


@dataclass(frozen=True, slots=True)
class Asked:
    """Seconds from sending a question to the first text of its answer, and to its end."""

    first_text_s: float
    whole_s: float


@dataclass
class PageClient:
    """One connection to a served page; use it in an `async with`."""

    url: str
    _connection: ClientConnection = field(init=False)
    _timers: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    _page: str = ""
    _box: str = ""
    _resources: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def __aenter__(self) -> Self:
        """Connect and wait until the page is drawn with its question box."""
        from websockets.asyncio.client import connect
        from websockets.typing import Subprotocol

        address = self.url.replace("http", "ws", 1) + "/_stcore/stream"
        self._connection = await self._resources.enter_async_context(
            connect(address, subprotocols=[Subprotocol("streamlit")], max_size=MAX_MESSAGE_BYTES)
        )
        await self._send()
        while not self._box:
            await self._receive()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the timers and the connection."""
        for timer in self._timers.values():
            timer.cancel()
        await self._resources.aclose()

    async def ask(self, question: str) -> Asked:
        """Type the first question of a conversation and follow its answer to the end.

        Raises RuntimeError if the page shows an exception.
        """
        started = time.perf_counter()
        await self._send(question=question)
        first: float | None = None
        while True:
            markup = await self._receive()
            now = time.perf_counter() - started
            if first is None and FIRST_TEXT.search(markup):
                first = now
            if OVER.search(markup):
                return Asked(now if first is None else first, now)

    async def _send(self, *, question: str | None = None, fragment: str = "") -> None:
        from streamlit.proto.BackMsg_pb2 import BackMsg

        message = BackMsg()
        state = message.rerun_script
        state.query_string = ""
        state.page_script_hash = self._page
        state.fragment_id = fragment
        state.is_auto_rerun = bool(fragment)
        if question is not None:
            widget = state.widget_states.widgets.add()
            widget.id = self._box
            widget.chat_input_value.data = question
        await self._connection.send(message.SerializeToString())

    async def _receive(self) -> str:
        """Take one message in; return the HTML it draws, "" if it draws none."""
        from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

        data = await self._connection.recv()
        message = ForwardMsg()
        message.ParseFromString(data if isinstance(data, bytes) else data.encode())
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self._begin(message)
        elif kind == "auto_rerun":
            self._repeat(message.auto_rerun.fragment_id, message.auto_rerun.interval)
        elif kind == "stop_auto_rerun":
            for fragment in message.stop_auto_rerun.fragment_ids:
                self._stop(fragment)
        elif kind == "delta":
            return self._drawn(message.delta.new_element)
        return ""

    def _begin(self, message: ForwardMsg) -> None:
        """Follow the page; a run of the whole page ends the timers of the one before."""
        self._page = message.new_session.page_script_hash
        if not message.metadata.run.fragment_ids:
            for fragment in list(self._timers):
                self._stop(fragment)

    def _drawn(self, element: Any) -> str:
        kind = element.WhichOneof("type")
        if kind == "chat_input":
            self._box = element.chat_input.id
        elif kind == "exception":
            raise RuntimeError(f"the page shows {element.exception.type}: {element.exception.message}")
        elif kind == "html":
            return str(element.html.body)
        return ""

    def _repeat(self, fragment: str, interval_s: float) -> None:
        async def run_again() -> None:
            while True:
                await asyncio.sleep(interval_s)
                await self._send(fragment=fragment)

        self._stop(fragment)
        self._timers[fragment] = asyncio.create_task(run_again())

    def _stop(self, fragment: str) -> None:
        if timer := self._timers.pop(fragment, None):
            timer.cancel()
