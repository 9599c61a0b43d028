"""The reader process: the same articles as in this process, limits that hold, and a death that costs one document."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.domain import Article, Block, BlockKind, PassageSpan
from assistant.errors import ParseError
from ingest.chunk import passages
from ingest.metadata import NOTHING, Stated
from ingest.parse import parse_bytes
from ingest.sources import Document
from ingest.worker import JOBS, ParseWorker, dumped, loaded, packed_article, unpacked_article
from tests.build_samples import SAMPLES

ROOT = Path(__file__).resolve().parent.parent
TYPES = {".md", ".html", ".pdf", ".docx"}
GOOD = b"The duty on copper doubles in June, the ministry said. Importers expect higher prices."
# A reader that does on purpose what a hostile document might make a reader do.
UNRULY = """
import os, resource, sys, time
sys.path.insert(0, sys.argv[1])
from ingest.worker import JOBS, serve

def kill(data, arguments):
    os.kill(os.getpid(), arguments["signal"])
    time.sleep(60)

def fill(data, arguments):
    return len(bytearray(arguments["bytes"]))

def grow(data, arguments):
    grown = []
    while True:
        grown.append("x" * 1_000_000)

def dive(data, arguments):
    return dive(data, arguments)

def flood(data, arguments):
    for _ in range(2_000):
        os.write(2, b"e" * 1_000)
        print("o" * 1_000, flush=True)
    return "done"

def reply(data, arguments):
    os.write(REPLIES, data)
    time.sleep(60)

def write(data, arguments):
    with open(arguments["path"], "wb") as file:
        file.write(data)

def state(data, arguments):
    return {
        "environment": dict(os.environ),
        "modules": sorted(sys.modules),
        "limits": {name: resource.getrlimit(getattr(resource, name)) for name in dir(resource) if "RLIMIT_" in name},
        "session": os.getsid(0),
        "pid": os.getpid(),
    }

# serve takes standard output away from the jobs.
REPLIES = os.dup(1)
serve(
    memory_bytes=int(sys.argv[2]),
    deadline_s=float(sys.argv[3]),
    jobs=JOBS
    | {
        "kill": kill,
        "fill": fill,
        "grow": grow,
        "dive": dive,
        "flood": flood,
        "reply": reply,
        "write": write,
        "state": state,
        "exit": lambda data, arguments: os._exit(arguments["code"]),
        "fail": lambda data, arguments: [][1],
        "sleep": lambda data, arguments: time.sleep(arguments["seconds"]),
        "spin": lambda data, arguments: sum(range(10**12)),
        "echo": lambda data, arguments: data.decode(),
        "same": lambda data, arguments: arguments,
    },
)
"""


def document(data: bytes, suffix: str = ".txt", stated: Stated = NOTHING) -> Document:
    return Document(f"/articles/a{suffix}", data, suffix, f"a{suffix}", len(data), stated=stated)


@pytest.fixture(scope="module")
def worker() -> Iterator[ParseWorker]:
    with ParseWorker() as opened:
        yield opened


@pytest.fixture
def unruly() -> Iterator[ParseWorker]:
    with ParseWorker(start=UNRULY, deadline_s=30) as opened:
        yield opened


def refusal(worker: ParseWorker, job: str, data: bytes = b"", **arguments: Any) -> str:
    """Return why a job was refused, and see that the next document is read all the same."""
    with pytest.raises(ParseError) as caught:
        worker.call(job, data, arguments)
    assert worker.article(document(GOOD))[0].text == GOOD.decode()
    return str(caught.value)


# The same as without it


@pytest.mark.parametrize("name", sorted(path.name for path in SAMPLES.iterdir() if path.suffix in TYPES))
def test_a_document_is_read_as_in_this_process(worker: ParseWorker, name: str) -> None:
    path = SAMPLES / name
    here = parse_bytes(path.read_bytes(), suffix=path.suffix, name=name)
    assert worker.article(document(path.read_bytes(), path.suffix)) == (here, tuple(passages(here)))


def test_what_the_source_states_fills_what_the_document_does_not(worker: ParseWorker) -> None:
    stated = Stated(
        title="Notice",
        publisher="Sample Register",
        author="Jane Roe",
        published=date(2025, 4, 7),
        url="https://example.org/a",
        effective=date(2025, 4, 9),
        references=(("Docket", "C-570-161"), ("Citation", "90 FR 14957")),
    )
    here = parse_bytes(GOOD, suffix=".txt", name="a.txt", stated=stated)
    assert worker.article(document(GOOD, stated=stated)) == (here, tuple(passages(here)))
    assert (here.effective, here.references) == (stated.effective, stated.references)


@settings(max_examples=60, deadline=None)
@given(
    suffix=st.sampled_from([".txt", ".md", ".html"]),
    data=st.text(st.characters(codec=None), max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass"))
    | st.text(max_size=300).map(lambda text: text.encode("utf-16"))
    | st.text("ab c.\n-#>|\"'<&;\u00ad\u2028\ufeff\U0001f600", min_size=1, max_size=300).map(str.encode),
)
def test_every_outcome_is_that_of_this_process(worker: ParseWorker, suffix: str, data: bytes) -> None:
    try:
        article = parse_bytes(data, suffix=suffix, name=f"a{suffix}")
        spans = tuple(passages(article))
        here: object = (article, spans) if spans else "no sentences to answer from were found in it"
    except ParseError as err:
        here = str(err)
    try:
        there: object = worker.article(document(data, suffix))
    except ParseError as err:
        there = str(err)
    assert there == here


ODD = st.text(st.characters(codec=None), max_size=40) | st.sampled_from(["\ud83d\ude00", "\ud800", "\x00", "\u2028"])
DAYS = st.none() | st.dates()


@st.composite
def articles(draw: st.DrawFn) -> tuple[Article, tuple[PassageSpan, ...]]:
    """Return any article, halves of surrogate pairs included, with ascending blocks and passages."""
    text = draw(ODD.filter(bool))
    bounds = sorted(draw(st.sets(st.integers(0, len(text)), min_size=2, max_size=8)))
    spans = list(pairwise(bounds))
    blocks = tuple(Block(draw(st.sampled_from(BlockKind)), *span, draw(st.integers(0, 8))) for span in spans)
    paths = st.lists(ODD, max_size=3).map(tuple)
    article = Article(
        title=draw(ODD),
        text=text,
        blocks=blocks,
        publisher=draw(st.none() | ODD),
        author=draw(st.none() | ODD),
        published=draw(DAYS),
        url=draw(st.none() | ODD),
        effective=draw(DAYS),
        references=tuple(draw(st.lists(st.tuples(ODD, ODD), max_size=2))),
    )
    return article, tuple(PassageSpan(*span, draw(paths)) for span in spans)


@given(articles())
def test_an_article_comes_through_the_pipe_as_it_was(
    read: tuple[Article, tuple[PassageSpan, ...]],
) -> None:
    assert unpacked_article(loaded(dumped(packed_article(*read)))) == read


def test_a_name_that_is_no_unicode_gets_there(unruly: ParseWorker) -> None:
    arguments = {"name": os.fsdecode(b"\xff\xed\xa0\xbd\xed\xb8\x80.txt"), "pair": "\ud83d\ude00"}
    assert unruly.call("same", b"", arguments) == arguments


# What goes wrong costs one document


def test_a_document_that_takes_too_long_is_stopped() -> None:
    with ParseWorker(start=UNRULY, deadline_s=1.5) as worker:
        for job in ("sleep", "spin"):
            assert refusal(worker, job, seconds=60) == (
                "reading it took longer than 1.5 s, so it was stopped: split it, or save it as plain text"
            )


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (signal.SIGSEGV, "its reader crashed on it (SIGSEGV), as damaged files"),
        (signal.SIGABRT, "its reader crashed on it (SIGABRT), as damaged files"),
        (signal.SIGKILL, "its reader was killed, probably because this computer ran out of memory"),
        (signal.SIGXCPU, "reading it took longer than 30 s, so it was stopped"),
    ],
)
def test_a_reader_that_dies_says_what_to_do(unruly: ParseWorker, number: int, reason: str) -> None:
    assert refusal(unruly, "kill", signal=number).startswith(reason)


def test_a_reader_that_ends_is_told_by_its_code(unruly: ParseWorker) -> None:
    assert refusal(unruly, "exit", code=7).startswith("its reader ended with exit code 7")


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS does not enforce a limit of address space")
@pytest.mark.parametrize(("job", "arguments"), [("fill", {"bytes": 2**40}), ("grow", {})])
def test_a_document_that_needs_too_much_memory_is_refused(job: str, arguments: dict[str, int]) -> None:
    with ParseWorker(start=UNRULY, memory_bytes=256 * 1024**2) as worker:
        assert refusal(worker, job, **arguments) == (
            "reading it needed more than 0.25 GB of memory, so it was stopped: split it"
        )


def test_bytes_that_do_not_fit_into_the_child_are_refused() -> None:
    with ParseWorker(start=UNRULY, memory_bytes=128 * 1024**2) as worker:
        assert refusal(worker, "echo", b"x" * 200_000_000).startswith("reading it needed more than 0.125 GB of memory")


def test_deep_nesting_and_defects_are_refusals(unruly: ParseWorker) -> None:
    assert refusal(unruly, "dive").startswith("it is nested too deeply")
    assert refusal(unruly, "fail") == "the file cannot be parsed (IndexError: list index out of range)"
    assert refusal(unruly, "no such job") == "the file cannot be parsed (KeyError: 'no such job')"


def test_what_a_reader_prints_is_dropped(unruly: ParseWorker, capfd: pytest.CaptureFixture[str]) -> None:
    assert unruly.call("flood", b"", {}) == "done"
    assert unruly.call("flood", b"", {}) == "done"
    assert capfd.readouterr() == ("", "")


def test_large_documents_and_replies_pass_the_pipe(unruly: ParseWorker) -> None:
    data = bytes(range(32, 127)) * 600_000
    assert unruly.call("echo", data, {}) == data.decode()


@pytest.mark.parametrize(
    "data",
    [
        b"\x00" * 8,
        b"\xff" * 8,
        b"no length at all",
        b"\x00" * 7 + b"\x02{}",
        b"\x00" * 7 + b"\x04null",
        b"\x00" * 7 + b"\x03\x80\x04.",
        b"\x00" * 7 + b"\x05\xff\xff\xff\xff\xff",
        (200_000).to_bytes(8, "big") + b"[" * 200_000,
        (13).to_bytes(8, "big") + b'{"refused":1}',
    ],
)
@pytest.mark.timeout(60)
def test_a_reader_that_was_taken_over_gets_no_further(data: bytes) -> None:
    with ParseWorker(start=UNRULY, deadline_s=2) as worker:
        reason = refusal(worker, "reply", data)
    assert reason.startswith(("its reader gave an answer that makes no sense", "reading it took longer"))


def test_a_reason_is_one_printable_line(unruly: ParseWorker) -> None:
    said = json.dumps({"refused": "\x1b[31mred\n\u202eright" + "x" * 5_000, "detail": ""}).encode()
    reason = refusal(unruly, "reply", len(said).to_bytes(8, "big") + said)
    assert reason.isprintable() and len(reason) <= 500


PACKED = packed_article(
    Article("Title", "One. Two.", (Block(BlockKind.PARAGRAPH, 0, 9),)), (PassageSpan(0, 9, ("Heading",)),)
)


@pytest.mark.parametrize(
    "change",
    [
        {"text": None},
        {"title": ["Title"]},
        {"blocks": [["paragraph", 0, 10, 0]]},
        {"blocks": [["paragraph", 5, 4, 0]]},
        {"blocks": [["paragraph", 0, 5, 0], ["paragraph", 4, 9, 0]]},
        {"blocks": [["paragraph", 0, 9, -1]]},
        {"blocks": [["paragraph", False, 9, 0]]},
        {"blocks": [["script", 0, 9, 0]]},
        {"blocks": None},
        {"published": "yesterday"},
        {"url": 5},
        {"references": [["one"]]},
        {"headings": [[1]]},
        {"passages": []},
        {"passages": [[0, 10, 0]]},
        {"passages": [[0, 9, 1]]},
        {"passages": [[0, 9, -1]]},
        {"passages": [[0.0, 9, 0]]},
        {"passages": {"0": 1}},
    ],
)
def test_an_article_that_makes_no_sense_is_refused(unruly: ParseWorker, change: Mapping[str, object]) -> None:
    class Lying(ParseWorker):
        def call(self, job: str, data: bytes, arguments: Mapping[str, Any]) -> Any:
            return {**PACKED, **change}

    with pytest.raises(ParseError, match="makes no sense"):
        Lying().article(document(GOOD))


# Limits


def test_the_child_has_limits_and_no_secrets(unruly: ParseWorker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    monkeypatch.setenv("TRADE_ASSISTANT_CHAT_MODEL", "secret")
    for path in sorted(SAMPLES.iterdir()):
        if path.suffix in TYPES:
            unruly.article(document(path.read_bytes(), path.suffix))
    state = unruly.call("state", b"", {})
    heavy = {"numpy", "torch", "chromadb", "sqlite3", "_sqlite3", "streamlit", "openvino", "pydantic", "httpx"}
    assert heavy.isdisjoint(state["modules"])
    assert "secret" not in state["environment"].values()
    assert state["session"] == state["pid"] != os.getpid()
    limits = state["limits"]
    assert (limits["RLIMIT_CORE"], limits["RLIMIT_FSIZE"], limits["RLIMIT_NOFILE"]) == ([0, 0], [0, 0], [64, 64])
    if sys.platform != "darwin":
        assert limits["RLIMIT_AS"] == [2 * 1024**3, 2 * 1024**3]
    assert 30 < limits["RLIMIT_CPU"][0] < 90


def test_the_child_can_write_no_file(unruly: ParseWorker, tmp_path: Path) -> None:
    assert "OSError" in refusal(unruly, "write", b"x" * 10, path=str(tmp_path / "written"))
    assert (tmp_path / "written").read_bytes() == b""


def test_it_is_started_when_first_needed_and_ends_with_close() -> None:
    worker = ParseWorker(start=UNRULY)
    assert worker.pid is None
    worker.close()
    first = worker.call("state", b"", {})["pid"]
    assert worker.pid == first == worker.call("state", b"", {})["pid"]
    worker.close()
    with pytest.raises(ProcessLookupError):
        os.kill(first, 0)
    second = worker.call("state", b"", {})["pid"]
    assert second != first
    worker.close()
    worker.close()
    assert worker.pid is None


def test_a_child_that_died_between_two_documents_is_replaced(unruly: ParseWorker) -> None:
    unruly.article(document(GOOD))
    assert unruly.pid is not None
    os.kill(unruly.pid, signal.SIGKILL)
    while _runs(unruly.pid):
        time.sleep(0.01)
    assert unruly.article(document(GOOD))[0].text == GOOD.decode()


def test_a_reader_lasts_for_thousands_of_documents(unruly: ParseWorker) -> None:
    """Nothing that goes over its pipes may be taken for the end of this process."""
    data = GOOD.decode() * 20
    first = unruly.call("state", b"", {})["pid"]
    assert {unruly.call("echo", data.encode(), {}) for _ in range(5_000)} == {data}
    assert unruly.pid == first


def test_a_reader_starts_beside_thousands_of_open_files(unruly: ParseWorker) -> None:
    """As in a server with many readers: `select` takes no file number over 1,023."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(4_096, hard)), hard))
    opened = [os.open(os.devnull, os.O_RDONLY)]
    try:
        while opened[-1] < 1_100:
            opened.append(os.dup(opened[0]))
        assert unruly.article(document(GOOD))[0].text == GOOD.decode()
    finally:
        for number in opened:
            os.close(number)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_threads_wait_for_each_other(worker: ParseWorker) -> None:
    texts = [f"The duty on good {number} doubles in June, the ministry said." for number in range(200)]
    with ThreadPoolExecutor(8) as pool:
        read = list(pool.map(lambda text: worker.article(document(text.encode()))[0].text, texts))
    assert read == texts


def test_the_child_outlives_the_thread_that_started_it(unruly: ParseWorker) -> None:
    thread = threading.Thread(target=unruly.article, args=(document(GOOD),))
    thread.start()
    thread.join()
    started = unruly.pid
    unruly.article(document(GOOD))
    assert unruly.pid == started is not None


PARENT = """
import sys, threading
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from ingest.worker import ParseWorker
worker = ParseWorker(start=Path(sys.argv[2]).read_text())
print(worker.call("state", b"", {})["pid"], flush=True)
worker.call(sys.argv[3], b"", {"seconds": 300})
"""


# A shell that starts tests in the background has all that they start ignore interrupts.
HEEDING = "import signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
INTERRUPTED = HEEDING + PARENT.replace("worker.call(sys", "try: worker.call(sys")
INTERRUPTED += """
except KeyboardInterrupt: print(worker.call("state", b"", {})["pid"], flush=True)
sys.stdin.read()
"""


@pytest.mark.timeout(60)
def test_an_interrupt_ends_the_child_and_leaves_the_worker_usable(tmp_path: Path) -> None:
    (tmp_path / "unruly.py").write_text(UNRULY, encoding="utf-8")
    command = [sys.executable, "-c", INTERRUPTED, str(ROOT), str(tmp_path / "unruly.py"), "sleep"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        first = int(parent.stdout.readline())
        time.sleep(0.5)
        parent.send_signal(signal.SIGINT)
        second = int(parent.stdout.readline())
        assert (_runs(first), _runs(second)) == (False, True)
        parent.communicate()
        assert parent.returncode == 0


@pytest.mark.parametrize("job", ["sleep", "spin", "state"])
@pytest.mark.timeout(60)
def test_the_child_ends_when_its_parent_is_killed(tmp_path: Path, job: str) -> None:
    (tmp_path / "unruly.py").write_text(UNRULY, encoding="utf-8")
    program = PARENT + ("" if job != "state" else "import time; time.sleep(300)")
    command = [sys.executable, "-c", program, str(ROOT), str(tmp_path / "unruly.py"), job]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        time.sleep(0.5)
        parent.kill()
    while _runs(child):
        time.sleep(0.01)


def _runs(pid: int) -> bool:
    """Say whether a process runs; one that nobody waits for has ended too."""
    found = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], check=False, capture_output=True, text=True)
    return bool(found.stdout.strip()) and not found.stdout.startswith("Z")


def test_it_works_from_any_folder_and_imports_nothing_from_there(tmp_path: Path) -> None:
    for name in ("json.py", "ingest.py", "sitecustomize.py", "trafilatura.py"):
        (tmp_path / name).write_text("raise SystemExit('imported from the working directory')\n", encoding="utf-8")
    program = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from ingest.sources import Document\n"
        "from ingest.worker import ParseWorker\n"
        "data = open(sys.argv[2], 'rb').read()\n"
        "with ParseWorker() as worker:\n"
        "    print(worker.article(Document('a', data, '.html', 'a.html', len(data)))[0].title)\n"
    )
    command = [sys.executable, "-P", "-c", program, str(ROOT), str(SAMPLES / "farm-trade.html")]
    done = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True)
    here = parse_bytes((SAMPLES / "farm-trade.html").read_bytes(), suffix=".html", name="a.html")
    assert (done.stdout, done.stderr) == (f"{here.title}\n", "")


def test_the_table_of_jobs_is_fixed() -> None:
    assert "article" in JOBS and all(callable(job) for job in JOBS.values())
