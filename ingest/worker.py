"""Documents are read in a process of their own, so that a hostile one can take down nothing but that process.

The child sets its limits before it reads a byte: memory, file sizes, open files, CPU time. It knows nothing of the
library and has none of the user's environment. Its answers are JSON and are checked here: a document that takes over a
reader gets no further. The child ends when the other end of its pipe is closed, also by `kill -9` of this process.

Linux enforces the limit of memory; macOS accepts the call and ignores it, so that there the deadline alone is left.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import logging
import os
import resource
import select
import selectors
import signal
import struct
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, Self

from assistant.domain import Article, Block, BlockKind, PassageSpan
from assistant.errors import ParseError
from ingest.metadata import Stated, clean

if TYPE_CHECKING:
    from ingest.sources import Document

logger = logging.getLogger(__name__)

DEADLINE_S = 60.0
# A 50 MB page takes under 1.5 GiB of address space with its tree; the rest of a small computer is left to the others.
MEMORY_BYTES = 2 * 1024**3
# An article of 5,000,000 characters in blocks of a few characters each.
MAX_REPLY_BYTES = 256 * 1024**2
MAX_OPEN_FILES = 64
_PIPE_BYTES = 65_536
_STDERR_BYTES = 4_000
_DYING_S = 2.0
_REASON_CHARS = 500
_DETAIL_CHARS = 4_000
_SENSELESS = "its reader gave an answer that makes no sense: leave the document out"
_LENGTHS = struct.Struct(">QQ")
_LENGTH = struct.Struct(">Q")
# The variable that gives the child the number of its end of the lifeline.
_LIFELINE = "TRADE_ASSISTANT_LIFELINE"
# What an interpreter needs to start; keys and passwords in the environment are no business of a reader.
_KEPT_VARIABLES = (
    "PATH HOME LANG LC_ALL LC_CTYPE LD_LIBRARY_PATH DYLD_LIBRARY_PATH PYTHONHOME PYTHONPATH PYTHONUSERBASE".split()
)
_ROOT = str(Path(__file__).resolve().parent.parent)
_START = (
    "import sys\n"
    "if sys.argv[1] not in sys.path: sys.path.insert(0, sys.argv[1])\n"
    "from ingest.worker import serve\n"
    "serve(memory_bytes=int(sys.argv[2]), deadline_s=float(sys.argv[3]))\n"
)

Job = Callable[[bytes, Mapping[str, Any]], Any]


class ParseWorker:
    """One child process that reads documents, one at a time; started when first needed and anew after each death.

    May be used by several threads, which wait for each other. `deadline_s` is for each document, the start of the
    child included. `start` is the program of the child, given the folder of the packages and both limits.
    """

    def __init__(
        self, *, deadline_s: float = DEADLINE_S, memory_bytes: int = MEMORY_BYTES, start: str = _START
    ) -> None:
        self._deadline_s = deadline_s
        self._memory_bytes = memory_bytes
        self._command = [sys.executable, "-P", "-B", "-c", start, _ROOT, str(memory_bytes), str(deadline_s)]
        self._lock = threading.Lock()
        self._child: _Child | None = None

    def article(self, document: Document) -> tuple[Article, tuple[PassageSpan, ...]]:
        """Read a document as an article and cut it into passages, at least one. Raises ParseError."""
        arguments = {"suffix": document.suffix, "name": document.name, "stated": _packed_stated(document.stated)}
        reply = self.call("article", document.data, arguments)
        try:
            return unpacked_article(reply)
        except (LookupError, TypeError, ValueError, AttributeError) as err:
            raise ParseError(_SENSELESS) from err

    def call(self, job: str, data: bytes, arguments: Mapping[str, Any]) -> Any:
        """Do a job of the table JOBS with these bytes in the child; arguments and result are what JSON can hold.

        Raises ParseError if the document is refused, takes too long or too much memory, or kills its reader.
        """
        header = dumped({"job": job, "arguments": dict(arguments)})
        with self._lock:
            reply = self._exchange([_LENGTHS.pack(len(header), len(data)), header, data])
        match reply:
            case {"value": value}:
                return value
            case {"refused": str(reason), "detail": str(detail)}:
                if detail:
                    logger.debug("%s of %d bytes failed: %r", job, len(data), detail[:_DETAIL_CHARS])
                raise ParseError(clean(reason, _REASON_CHARS) or "it was refused")
            case {"exhausted": True}:
                raise ParseError(self._too_large())
        raise ParseError(_SENSELESS)

    def close(self) -> None:
        """End the child. A later document starts a new one."""
        with self._lock:
            self._stop()

    @property
    def pid(self) -> int | None:
        """Return the process id of the child, None if none was started."""
        child = self._child
        return None if child is None else child.pid

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, err: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _exchange(self, request: Sequence[bytes]) -> object:
        deadline = time.monotonic() + self._deadline_s
        try:
            if self._child is None or not self._child.is_alive:
                self._stop()
                self._child = _Child(self._command)
            reply = loaded(self._child.exchange(request, deadline))
        except TimeoutError as err:
            self._stop()
            raise ParseError(self._too_long()) from err
        except _Ended as err:
            how, said = self._stop()
            logger.debug("the reader ended with %d: %r", how, said)
            raise ParseError(self._death(how)) from err
        except (ValueError, RecursionError) as err:
            self._stop()
            raise ParseError(_SENSELESS) from err
        except BaseException:
            # Interrupted half way, the child is in the middle of something: the next document gets another one.
            self._stop()
            raise
        if not isinstance(reply, dict) or reply.pop("is_last", True):
            self._stop()
        return reply

    def _stop(self) -> tuple[int, str]:
        """End the child if there is one; return how it ended and what it said last on standard error."""
        child, self._child = self._child, None
        return (0, "") if child is None else child.stop()

    def _too_long(self) -> str:
        return (
            f"reading it took longer than {self._deadline_s:g} s, so it was stopped: split it, or save it as plain text"
        )

    def _too_large(self) -> str:
        return (
            f"reading it needed more than {self._memory_bytes / 1024**3:.3g} GB of memory, so it was stopped: split it"
        )

    def _death(self, how: int) -> str:
        if how == -signal.SIGXCPU:
            return self._too_long()
        if how == -signal.SIGKILL:
            return "its reader was killed, probably because this computer ran out of memory: split it, then try again"
        if how < 0:
            return (
                f"its reader crashed on it ({signal.Signals(-how).name}), as damaged files and those that need too "
                "much memory make it: open it in the program that made it and save it again, or save it as plain text"
            )
        return f"its reader ended with exit code {how}: save it as plain text, or install the product again"


class _Ended(Exception):
    """The child is gone."""


class _Child:
    """The running process and its three pipes, none of which ever blocks this side.

    A fourth one carries nothing: it is the lifeline, whose end tells the child that this process has ended.
    """

    def __init__(self, command: Sequence[str]) -> None:
        kept = {name: value for name in _KEPT_VARIABLES if (value := os.environ.get(name)) is not None}
        lifeline, self._lifeline = os.pipe()
        try:
            self._process = subprocess.Popen(
                command,
                bufsize=0,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                # One arena: each of glibc's takes 128 MB of the address space that is limited.
                env=kept | {"PYTHONUTF8": "1", "MALLOC_ARENA_MAX": "1", _LIFELINE: str(lifeline)},
                pass_fds=(lifeline,),
                # A Ctrl-C in the terminal is for this process, which ends the child.
                start_new_session=True,
            )
        except BaseException:
            os.close(self._lifeline)
            raise
        finally:
            os.close(lifeline)
        for pipe in self._pipes:
            os.set_blocking(pipe.fileno(), False)
        self._said = b""

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def exchange(self, request: Sequence[bytes], deadline: float) -> bytes:
        """Send a request and return the reply.

        Raises TimeoutError at the deadline, _Ended if the child is gone, ValueError for a reply too long to be one.
        """
        stdin, stdout, stderr = self._pipes
        waiting = [memoryview(part) for part in request if part]
        reply = bytearray()
        size = MAX_REPLY_BYTES
        with selectors.DefaultSelector() as selector:
            selector.register(stdin, selectors.EVENT_WRITE)
            selector.register(stdout, selectors.EVENT_READ)
            selector.register(stderr, selectors.EVENT_READ)
            while len(reply) < _LENGTH.size + size:
                left = deadline - time.monotonic()
                if left <= 0:
                    raise TimeoutError
                for key, _ in selector.select(left):
                    if key.fileobj is stdin:
                        if not _write_some(stdin, waiting):
                            selector.unregister(stdin)
                        continue
                    some = key.fileobj.read(_PIPE_BYTES)  # type: ignore[union-attr]
                    if some == b"" and key.fileobj is stdout:
                        raise _Ended
                    if some == b"":
                        selector.unregister(stderr)
                    elif key.fileobj is stderr:
                        self._said = (self._said + (some or b""))[-_STDERR_BYTES:]
                    else:
                        reply += some or b""
                if size == MAX_REPLY_BYTES and len(reply) >= _LENGTH.size:
                    (size,) = _LENGTH.unpack_from(reply)
                    if size > MAX_REPLY_BYTES:
                        raise ValueError("longer than any article")
        return bytes(reply[_LENGTH.size :])

    def stop(self) -> tuple[int, str]:
        """Kill what still runs, take its exit code and close the pipes."""
        with contextlib.suppress(OSError):
            self._pipes[0].close()
        try:
            # A child that is dying is given the time to say of what.
            how = self._process.wait(_DYING_S if self._is_closed() else 0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            how = self._process.wait()
        _, stdout, stderr = self._pipes
        said = self._said + (stderr.read(_STDERR_BYTES) or b"")
        stdout.close()
        stderr.close()
        os.close(self._lifeline)
        return how, said[-_STDERR_BYTES:].decode("utf-8", "replace")

    def _is_closed(self) -> bool:
        """Say whether the child has closed its end of the pipe of replies."""
        try:
            return self._pipes[1].read(1) == b""
        except OSError:
            return True

    @property
    def _pipes(self) -> tuple[IO[bytes], IO[bytes], IO[bytes]]:
        stdin, stdout, stderr = self._process.stdin, self._process.stdout, self._process.stderr
        assert stdin is not None and stdout is not None and stderr is not None
        return stdin, stdout, stderr


def _write_some(pipe: IO[bytes], waiting: list[memoryview]) -> bool:
    """Write as much as the pipe takes and take it off `waiting`; say whether there is more that can be written."""
    try:
        written = pipe.write(waiting[0][:_PIPE_BYTES]) or 0
    except BrokenPipeError:
        # The child is gone, maybe after a reply: reading will tell.
        return False
    waiting[0] = waiting[0][written:]
    if not waiting[0]:
        del waiting[0]
    return bool(waiting)


# What goes over the pipes


def dumped(value: object) -> bytes:
    """Return JSON that gives back every string as it was, halves of surrogate pairs too, which escapes would join."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def loaded(data: bytes) -> Any:
    """Return the value of what `dumped` wrote. Raises ValueError or RecursionError for anything else."""
    return json.loads(data.decode("utf-8", "surrogatepass"))


def packed_article(article: Article, spans: Sequence[PassageSpan]) -> dict[str, Any]:
    """Return an article and its passages as JSON can hold them; heading paths, which repeat, are written once."""
    headings = list(dict.fromkeys(span.heading for span in spans))
    number = {heading: index for index, heading in enumerate(headings)}
    return {
        "title": article.title,
        "text": article.text,
        "blocks": [[str(block.kind), block.start, block.end, block.level] for block in article.blocks],
        "publisher": article.publisher,
        "author": article.author,
        "published": article.published and article.published.isoformat(),
        "url": article.url,
        "effective": article.effective and article.effective.isoformat(),
        "references": article.references,
        "headings": headings,
        "passages": [[span.start, span.end, number[span.heading]] for span in spans],
    }


def unpacked_article(packed: Any) -> tuple[Article, tuple[PassageSpan, ...]]:
    """Return what `packed_article` was given. Raises ValueError, TypeError or LookupError for what it never makes."""
    text = _string(packed["text"])
    headings = [tuple(map(_string, heading)) for heading in packed["headings"]]
    article = Article(
        title=_string(packed["title"]),
        text=text,
        blocks=tuple(_block(*block) for block in packed["blocks"]),
        publisher=_optional(packed["publisher"]),
        author=_optional(packed["author"]),
        published=_day(packed["published"]),
        url=_optional(packed["url"]),
        effective=_day(packed["effective"]),
        references=tuple((_string(label), _string(value)) for label, value in packed["references"]),
    )
    spans = tuple(PassageSpan(start, end, headings[_count(index)]) for start, end, index in packed["passages"])
    _check_ascending([(block.start, block.end) for block in article.blocks], text)
    _check_ascending([(span.start, span.end) for span in spans], text)
    if not spans:
        raise ValueError("no passages")
    return article, spans


def _block(kind: Any, start: Any, end: Any, level: Any) -> Block:
    return Block(BlockKind(kind), start, end, _count(level))


def _check_ascending(spans: Sequence[tuple[Any, Any]], text: str) -> None:
    position = 0
    for start, end in spans:
        if not position <= _count(start) < _count(end):
            raise ValueError("spans overlap")
        position = end
    if position > len(text):
        raise ValueError("a span beyond the text")


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("no string")
    return value


def _count(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise TypeError("no count")
    return value


def _optional(value: Any) -> str | None:
    return None if value is None else _string(value)


def _day(value: Any) -> date | None:
    return None if value is None else date.fromisoformat(_string(value))


def _packed_stated(stated: Stated) -> list[Any]:
    return [value.isoformat() if isinstance(value, date) else value for value in astuple(stated)]


def _unpacked_stated(packed: Sequence[Any]) -> Stated:
    title, publisher, author, published, url, effective, references = packed
    pairs = tuple((label, value) for label, value in references)
    return Stated(title, publisher, author, _day(published), url, _day(effective), pairs)


# The child's side


def _read_article(data: bytes, arguments: Mapping[str, Any]) -> dict[str, Any]:
    from ingest.chunk import passages
    from ingest.parse import parse_bytes

    article = parse_bytes(
        data, suffix=arguments["suffix"], name=arguments["name"], stated=_unpacked_stated(arguments["stated"])
    )
    spans = passages(article)
    if not spans:
        raise ParseError("no sentences to answer from were found in it")
    return packed_article(article, spans)


def _read_feed(data: bytes, arguments: Mapping[str, Any]) -> Any:
    from ingest.feed import parse_feed

    return parse_feed(data, content_type=str(arguments["content_type"]), url=str(arguments["url"])).to_json()


JOBS: Mapping[str, Job] = {"article": _read_article, "feed": _read_feed}


def serve(*, memory_bytes: int, deadline_s: float, jobs: Mapping[str, Job] = JOBS) -> None:
    """Answer requests on standard input until it is closed; runs in the child."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGIO, signal.SIG_DFL)
    _die_with_parent(int(os.environ[_LIFELINE]))
    _limit(memory_bytes)
    # What a library prints must not end up among the replies.
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    is_last = False
    while not is_last and len(lengths := requests.read(_LENGTHS.size)) == _LENGTHS.size:
        _limit_cpu(deadline_s)
        reply, is_last = _dumped_reply(jobs, requests, *_LENGTHS.unpack(lengths))
        replies.write(_LENGTH.pack(len(reply)) + reply)
        replies.flush()


def _limit(memory_bytes: int) -> None:
    limits = {
        resource.RLIMIT_AS: memory_bytes,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NOFILE: MAX_OPEN_FILES,
    }
    for kind, wanted in limits.items():
        hard = resource.getrlimit(kind)[1]
        value = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        # macOS refuses some of these.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (value, value))


def _limit_cpu(deadline_s: float) -> None:
    """Let this process end by itself some time after the deadline, for the case that nobody is left to kill it."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(used.ru_utime + used.ru_stime + deadline_s) + 5
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CPU, (limit, hard))


def _die_with_parent(lifeline: int) -> None:
    """Let the kernel end this process when the other end of the lifeline is closed, even in a long loop in C.

    Nothing is ever written to it, so that SIGIO, which ends a process, means its end. The pipe of the requests will not
    do: the signal for what was written to it may come long after that was read. The usual PR_SET_PDEATHSIG would come
    with the end of the thread that started this process.
    """
    fcntl.fcntl(lifeline, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(lifeline, fcntl.F_SETFL, fcntl.fcntl(lifeline, fcntl.F_GETFL) | os.O_ASYNC)
    # Not select.select, which refuses numbers over 1,023: this process takes over the number that the other one gave.
    look = select.poll()
    look.register(lifeline, select.POLLIN)
    if look.poll(0):
        os._exit(0)


def _dumped_reply(jobs: Mapping[str, Job], requests: IO[bytes], header_size: int, data_size: int) -> tuple[bytes, bool]:
    """Read a request, do its job and return the reply, and whether it is the last of this process."""
    with contextlib.suppress(MemoryError):
        header, data = requests.read(header_size), requests.read(data_size)
        reply = _reply(jobs, header, data)
        is_last = _is_large()
        return dumped({**reply, "is_last": is_last}), is_last
    return dumped({"exhausted": True, "is_last": True}), True


def _reply(jobs: Mapping[str, Job], header: bytes, data: bytes) -> dict[str, Any]:
    request = loaded(header)
    try:
        return {"value": jobs[request["job"]](data, request["arguments"])}
    except ParseError as err:
        return {"refused": str(err), "detail": ""}
    except RecursionError:
        return {"refused": "it is nested too deeply: simplify it, or save it as plain text", "detail": ""}
    except MemoryError:
        raise
    except Exception as err:  # noqa: BLE001 - whatever a hostile document does to a reader, the other documents go on
        reason = f"the file cannot be parsed ({type(err).__name__}: {' '.join(str(err).split())[:200]})"
        return {"refused": reason, "detail": traceback.format_exc(limit=-20)[-_DETAIL_CHARS:]}


def _is_large() -> bool:
    """Say whether this process has grown to half its limit, so that it is another one that reads the next document."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split(maxsplit=1)[0])
    except OSError:
        return False
    return pages * resource.getpagesize() > resource.getrlimit(resource.RLIMIT_AS)[0] / 2
