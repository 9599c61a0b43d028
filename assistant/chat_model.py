"""The one door to LangChain's chat models, and the answerer that writes with one.

A model streams on one event loop of this process, in a thread of its own: there a stalled or unwanted stream can be
cancelled at once, whatever the provider, and its connection is closed. Nothing of LangChain is imported before the
first question.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import queue
import re
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from assistant.domain import Draft
from assistant.errors import ChatModelError, SettingsError
from assistant.evidence import Evidence
from assistant.llm_answering import drafts, passages_of, prompt
from assistant.settings import Settings

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

# How often an error worth a second try (429, 5xx, no connection) is tried again, by the provider's own client.
MAX_RETRIES = 2
# How soon a stop is noticed, in seconds.
POLL_S = 0.05

_EXAMPLE = 'write "provider:model", for example "openai:gpt-5-mini" or "ollama:llama3.1"'
_EXAMPLE_ADDRESS = 'write an http or https address, for example "http://127.0.0.1:11434/v1"'
_KEY_VARIABLES = {
    "anthropic": "ANTHROPIC_API_KEY",
    "azure_openai": "AZURE_OPENAI_API_KEY",
    "cohere": "COHERE_API_KEY",
    "deepseek": "DEEPSEEK_API_KEY",
    "fireworks": "FIREWORKS_API_KEY",
    "google_genai": "GOOGLE_API_KEY",
    "groq": "GROQ_API_KEY",
    "huggingface": "HUGGINGFACEHUB_API_TOKEN",
    "mistralai": "MISTRAL_API_KEY",
    "nvidia": "NVIDIA_API_KEY",
    "openai": "OPENAI_API_KEY",
    "openrouter": "OPENROUTER_API_KEY",
    "perplexity": "PPLX_API_KEY",
    "together": "TOGETHER_API_KEY",
    "upstage": "UPSTAGE_API_KEY",
    "xai": "XAI_API_KEY",
}
# The key sent to a local server that asks for none; the client refuses to start without one.
_NO_KEY = "not-needed"

_TOO_LONG = frozenset({"length", "max_tokens", "model_length"})
_WITHHELD = frozenset({"content_filter", "safety", "recitation", "refusal", "prohibited_content", "blocklist"})


class ChatAnswerer:
    """Writes an answer with the chat model of the settings. One answerer serves all threads.

    Raises SettingsError for a model that is not written as "provider:model" and for a server's address that is none.
    The model itself is opened at the first question, or by `prepare`.
    """

    def __init__(self, settings: Settings) -> None:
        self.name = settings.chat_model or ""
        self._provider, self._model_name = _provider_and_model(self.name)
        self._base_url = _checked_address(settings.chat_base_url)
        self._timeout_s = settings.chat_timeout_s
        self._model: BaseChatModel | None = None
        self._lock = threading.Lock()

    def prepare(self) -> None:
        """Import the provider's client and open the model ahead of the first question; what fails is told there."""
        with suppress(ChatModelError, SettingsError):
            self._open()

    def write(self, evidence: Evidence, *, should_stop: Callable[[], bool] = lambda: False) -> Iterator[Draft]:
        """Yield one draft a sentence, as soon as it is complete; none if the model finds no answer in the evidence.

        Raises ChatModelError, after the sentences that were complete by then. `should_stop` ends the answer within
        a fraction of a second and closes the connection, and so does closing the iterator.
        """
        passages = passages_of(evidence)
        if not passages or should_stop():
            return
        system, user = prompt(evidence.question.text, passages)
        with closing(self._stream(system, user, should_stop)) as pieces, suppress(_Stopped):
            yield from drafts(pieces, passages)

    def _stream(self, system: str, user: str, should_stop: Callable[[], bool]) -> Generator[str, None, None]:
        """Yield the model's words as they arrive. Raises ChatModelError."""
        model = self._open()
        arrived: queue.SimpleQueue[Any] = queue.SimpleQueue()
        reading = asyncio.run_coroutine_threadsafe(_read(model, system, user, self._timeout_s, arrived), _event_loop())
        ending = ""
        try:
            while True:
                if should_stop():
                    raise _Stopped
                try:
                    item = arrived.get(timeout=POLL_S)
                except queue.Empty:
                    continue
                if item is _END:
                    self._check_ending(ending)
                    return
                if isinstance(item, Exception):
                    raise self._explained(item) from self._safe_cause(item)
                ending = _ending_of(item) or ending
                yield str(item.text)
        finally:
            reading.cancel()

    def _open(self) -> BaseChatModel:
        with self._lock:
            if self._model is None:
                self._model = self._opened()
            return self._model

    def _opened(self) -> BaseChatModel:
        try:
            from langchain.chat_models import init_chat_model
        except ImportError as err:
            raise ChatModelError("a chat model needs the package langchain: run `pip install langchain`") from err
        options: dict[str, Any] = {"timeout": self._timeout_s, "max_retries": MAX_RETRIES}
        if self._base_url:
            options["base_url"] = self._base_url
            if self._provider == "openai" and not os.environ.get(self._key_variable):
                options["api_key"] = _NO_KEY
        try:
            model: BaseChatModel = init_chat_model(self._model_name, model_provider=self._provider, **options)
        except ImportError as err:
            package = _package_in(str(err)) or f"langchain-{self._provider.replace('_', '-')}"
            raise ChatModelError(
                f"{self.name} needs the package {package}: run `pip install {package}` in this environment"
            ) from err
        except Exception as err:  # noqa: BLE001  providers share no base class of errors
            raise self._not_opened(err) from self._safe_cause(err)
        return model

    def _not_opened(self, err: Exception) -> ChatModelError | SettingsError:
        if "unsupported provider" in str(err).lower():
            return SettingsError(
                f"TRADE_ASSISTANT_CHAT_MODEL is {self.name!r}, but there is no provider {self._provider!r}: {_EXAMPLE}"
            )
        if not os.environ.get(self._key_variable):
            return ChatModelError(f"{self.name} needs a key: set {self._key_variable}")
        return ChatModelError(f"{self.name} cannot be set up ({type(err).__name__}): check its settings and its key")

    @property
    def _key_variable(self) -> str:
        return _KEY_VARIABLES.get(self._provider, f"{self._provider.upper()}_API_KEY")

    def _check_ending(self, ending: str) -> None:
        if ending in _TOO_LONG:
            raise ChatModelError(f"{self.name} stopped at its length limit; the answer is incomplete")
        if ending in _WITHHELD:
            raise ChatModelError(f"{self.name} withheld the rest of its answer; ask in other words")
        if not ending and self._provider == "openai":
            raise ChatModelError(f"the connection to {self.name} was cut; the answer is incomplete")

    def _explained(self, err: Exception) -> ChatModelError:
        """Say what went wrong in our own words: what a server writes may hold the key or anything else."""
        status = _status_of(err)
        if isinstance(err, TimeoutError) or "timeout" in type(err).__name__.lower():
            return ChatModelError(
                f"{self.name} did not finish within {self._timeout_s:g} s (TRADE_ASSISTANT_CHAT_TIMEOUT_S)"
            )
        if status in (401, 403):
            return ChatModelError(f"{self.name} refused the key (status {status}): check {self._key_variable}")
        if status == 404:
            return ChatModelError(
                f"{self._server} knows no model {self._model_name!r} (status 404): check TRADE_ASSISTANT_CHAT_MODEL"
                + (" and TRADE_ASSISTANT_CHAT_BASE_URL" if self._base_url else "")
            )
        if status == 429:
            return ChatModelError(f"{self.name} has too many requests or no quota left (status 429): try again later")
        if status is not None and status >= 500:
            return ChatModelError(f"{self._server} failed (status {status}): try again")
        if status is not None:
            return ChatModelError(f"{self._server} did not accept the request (status {status})")
        if isinstance(err, ValueError):
            return ChatModelError(f"{self._server} sent an answer that cannot be read")
        kinds = set(_kinds(err))
        if kinds & _UNREACHED:
            return ChatModelError(f"{self._server} cannot be reached: is it running, and is the address right?")
        if kinds & _CUT:
            return ChatModelError(f"the connection to {self.name} was cut; the answer is incomplete")
        return ChatModelError(f"{self.name} failed ({type(err).__name__})")

    @property
    def _server(self) -> str:
        """Name the server without what an address may hold of user names, passwords and keys."""
        if not self._base_url:
            return f"the server of {self._provider}"
        parts = urlsplit(self._base_url)
        return f"the server at {parts.hostname}{f':{parts.port}' if parts.port else ''}"

    def _safe_cause(self, err: Exception) -> Exception | None:
        """Return the error for the traceback, but not one that quotes the key."""
        key = os.environ.get(self._key_variable)
        return None if key and key in f"{err!r} {err}" else err


class _Stopped(ChatModelError):
    """The reader wants no more; what was complete is kept, as after a failure."""


# Names of errors of the HTTP clients that providers use: httpx, aiohttp, requests, and the standard library's.
_UNREACHED = frozenset(
    {"ConnectError", "ConnectionRefusedError", "gaierror", "ClientConnectorError", "UnsupportedProtocol", "InvalidURL"}
)
_CUT = frozenset(
    {
        "APIConnectionError",
        "ChunkedEncodingError",
        "ClientPayloadError",
        "ConnectionError",
        "ConnectionResetError",
        "ReadError",
        "RemoteProtocolError",
        "ServerDisconnectedError",
        "WriteError",
    }
)


def _kinds(err: BaseException) -> Iterator[str]:
    """Yield the names of the classes of an error and of all errors behind it."""
    seen: BaseException | None = err
    while seen is not None:
        yield from (kind.__name__ for kind in type(seen).__mro__)
        seen = seen.__cause__ or seen.__context__


_END = object()


async def _read(
    model: BaseChatModel, system: str, user: str, timeout_s: float, arrived: queue.SimpleQueue[Any]
) -> None:
    """Put the pieces of an answer into `arrived`, then `_END` or the error that ended it."""
    try:
        async with asyncio.timeout(timeout_s):
            async for piece in model.astream([("system", system), ("human", user)]):
                arrived.put(piece)
    except Exception as err:  # noqa: BLE001  handed to the thread that waits, which explains it
        arrived.put(_without_frames(err))
    else:
        arrived.put(_END)


def _without_frames(err: Exception) -> Exception:
    """Drop the tracebacks of an error and its causes: the client's open streams hang on them.

    Collected by the thread that waits, rather than by the loop they belong to, they cannot be closed.
    """
    link: BaseException | None = err
    while link is not None:
        link.__traceback__ = None
        link = link.__cause__ or link.__context__
    return err


_loop_lock = threading.Lock()
_loops: list[asyncio.AbstractEventLoop] = []


def _event_loop() -> asyncio.AbstractEventLoop:
    """Return the loop all models stream on.

    One for the process: providers keep their HTTP connections in a pool across answers, and a connection cannot
    be used from another loop than the one that opened it.
    """
    with _loop_lock:
        if not _loops:
            loop = asyncio.new_event_loop()
            thread = threading.Thread(target=loop.run_forever, name="chat-model", daemon=True)
            thread.start()
            atexit.register(_close_loop, loop, thread)
            _loops.append(loop)
        return _loops[0]


def _close_loop(loop: asyncio.AbstractEventLoop, thread: threading.Thread) -> None:
    loop.call_soon_threadsafe(loop.stop)
    thread.join(timeout=1)
    if not loop.is_running():
        loop.close()


def _provider_and_model(written: str) -> tuple[str, str]:
    provider, colon, model = (part.strip() for part in written.partition(":"))
    if not (provider and colon and model):
        raise SettingsError(f"TRADE_ASSISTANT_CHAT_MODEL is {written!r}: {_EXAMPLE}")
    return provider.lower().replace("-", "_"), model


def _checked_address(written: str | None) -> str | None:
    """Return a server's address, None if none is given. Raises SettingsError unless it is http(s) with a host."""
    if not written:
        return None
    try:
        parts = urlsplit(written)
        has_host = parts.scheme in ("http", "https") and bool(parts.hostname) and not _BLANK.search(written)
        is_right = has_host and parts.port != 0
    except ValueError:  # a port that is no number up to 65535, or half an IPv6 address
        is_right = False
    if not is_right:
        shown = _SECRETS.sub("", _USER.sub("…@", written))
        raise SettingsError(f"TRADE_ASSISTANT_CHAT_BASE_URL is {shown!r}: {_EXAMPLE_ADDRESS}")
    return written


_BLANK = re.compile(r"\s")
# What an address may hold of user names, passwords and keys.
_USER = re.compile(r"(?<=//)[^/?#]*@|^[^/?#]*@")
_SECRETS = re.compile(r"[?#].*\Z", re.DOTALL)


def _package_in(message: str) -> str | None:
    """Return the package that LangChain says is missing ("… requires the langchain-anthropic package …")."""
    words = message.replace("`", " ").split()
    return next((word.rstrip(".,)") for word in words if word.startswith("langchain-")), None)


def _status_of(err: Exception) -> int | None:
    status = getattr(err, "status_code", None) or getattr(getattr(err, "response", None), "status_code", None)
    return status if isinstance(status, int) else None


def _ending_of(piece: Any) -> str:
    """Return why the model ended, as its provider names it, lower case; empty while it goes on."""
    about = getattr(piece, "response_metadata", None) or {}
    for name in ("finish_reason", "stop_reason", "done_reason", "status"):
        if about.get(name):
            return str(about[name]).lower()
    return ""
