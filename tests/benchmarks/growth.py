"""`make growth`: what a run costs when nothing changed, and how adding one article grows with the library.

The first half indexes a folder with the real command and model, then again unchanged, beside the time it takes only to
read and hash the files. The second fills libraries with made-up passages under the real model's name, and adds articles
with the real model while another process asks until it is answered from each. Prints tables for the README.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from assistant.domain import Article, Block, BlockKind, PassageSpan, embedded_text
from assistant.embedding import embedder_name, lasting_setting
from assistant.records import NewArticle, text_hash
from assistant.settings import Settings, load_settings
from assistant.writer import Writer
from ingest.chunk import CHUNKER_VERSION
from tests.benchmarks.bench import ROOT, run, this_computer

# Files changed less than 2 s before they are read are read again by the next run.
SETTLING_S = 2.5
PASSAGES_PER_ARTICLE = 20
ARTICLES_PER_COMMIT = 500
PLACES = ("Rotterdam", "Santos", "Durban", "Busan", "Mersin", "Callao", "Odessa", "Lagos", "Genoa", "Manila")
GOODS = ("steel", "zinc", "cotton", "sugar", "rice", "copper", "glass", "timber", "wool", "paper", "tin", "salt")
ACTS = ("raised", "cut", "kept", "suspended", "announced", "reviewed", "ended", "doubled", "halved", "defended")
SYLLABLES = ("bra", "cle", "dro", "fli", "gru", "kla", "pre", "sko", "tri", "vlu", "bak", "dop", "fuk", "gax", "jop")


@dataclass(frozen=True, slots=True)
class Unchanged:
    """Seconds of the first run, of the runs after it, and of reading and hashing the files; the fastest of each."""

    files: int
    first_s: float
    first_process_s: float
    again_s: float
    again_process_s: float
    hashing_s: float
    others: int
    parsed: int
    loaded: list[str]
    children: int


@dataclass(frozen=True, slots=True)
class Added:
    """Seconds from the start of an ingest to the answer and to its end, medians; of a command and of a warm process."""

    passages: int
    command_answered_s: float
    command_done_s: float
    warm_answered_s: float
    warm_done_s: float
    answer_ms: float


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print the tables, and write all numbers to --json."""
    parser = argparse.ArgumentParser(prog="make growth", description="measure unchanged runs and adding one article")
    parser.add_argument("--files", type=int, default=5000, help="files of the unchanged run (default 5000; 0: skip it)")
    parser.add_argument(
        "--passages", type=int, nargs="*", default=[1_000, 10_000, 100_000], help="sizes of the libraries to add to"
    )
    parser.add_argument("--turns", type=int, default=5, help="articles added to each, and unchanged runs (default 5)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the measurements there too")
    options = parser.parse_args(arguments)
    run([sys.executable, "-m", "ui.cli", "prepare"])
    computer = this_computer()
    with tempfile.TemporaryDirectory(prefix="trade-assistant-growth-") as directory:
        work = Path(directory)
        unchanged = measure_unchanged(work, options.files, options.turns) if options.files else None
        if unchanged:
            show_unchanged(unchanged)
        added = [measure_adding(work / f"{size}", size, options.turns) for size in options.passages]
        if added:
            show_added(added)
    print(f"{computer.cpu}, {computer.cores} cores, load {computer.load} at the start")
    if options.json:
        record = {"unchanged": unchanged and as_record(unchanged), "added": [as_record(each) for each in added]}
        options.json.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


def measure_unchanged(work: Path, files: int, turns: int) -> Unchanged:
    """Index files twice, by the command and within a process, and hash them."""
    folder, data_dir = work / "files", work / "data"
    folder.mkdir()
    chance = random.Random(1)
    for number in range(files):
        (folder / f"{number}.md").write_text(_report(number, chance), encoding="utf-8")
    time.sleep(SETTLING_S)
    command = [sys.executable, "-m", "ui.cli", "ingest", str(folder), "--data", str(data_dir), "--json"]
    printed, _, first_process_s = run(command)
    first = json.loads(printed)
    again_process_s = min(run(command)[2] for _ in range(turns))
    role = [sys.executable, "-m", "tests.benchmarks.growth_roles", "unchanged", str(folder), str(data_dir)]
    again = min((json.loads(run(role)[0]) for _ in range(turns)), key=lambda outcome: float(outcome["seconds"]))
    if again["unchanged"] != files:
        sys.exit(f"{again['unchanged']} of {files} files were unchanged")
    return Unchanged(
        files=files,
        first_s=first["seconds"],
        first_process_s=first_process_s,
        again_s=again["seconds"],
        again_process_s=again_process_s,
        hashing_s=min(_hashing_s(folder) for _ in range(turns)),
        others=again["others"],
        parsed=again["parsed"],
        loaded=again["loaded"],
        children=again["children"],
    )


def measure_adding(work: Path, passages: int, turns: int) -> Added:
    """Make a library of this size, and add articles to it one by one while another process asks for each."""
    folder, data_dir = work / "new", work / "data"
    folder.mkdir(parents=True)
    settings = load_settings(data_dir=data_dir)
    fill(settings, passages)
    command = [sys.executable, "-m", "ui.cli", "ingest", str(folder), "--data", str(data_dir), "--json"]
    answer_ms: list[float] = []

    def turn(number: int, reader: Role, index: Any) -> tuple[float, float]:
        """Add one article; return the seconds until it was answered from and until the run was done."""
        title, text, question = _news(passages, number)
        (folder / f"{number}.md").write_text(text, encoding="utf-8")
        reader.send({"title": title, "question": question})
        started = time.time()
        done_at = index()
        answered = reader.answer()
        answer_ms.append(answered["answer_ms"])
        return answered["answered_at"] - started, done_at - started

    def by_command() -> float:
        run(command)
        return time.time()

    with ExitStack() as roles:
        reader = roles.enter_context(role("reader", data_dir))
        cold = [turn(number, reader, by_command) for number in range(turns)]
        writer = roles.enter_context(role("warm", folder, data_dir))
        warm = [turn(number, reader, lambda: float(writer.ask({})["done_at"])) for number in range(turns, 2 * turns)]
    return Added(
        passages=passages,
        command_answered_s=statistics.median(answered for answered, _ in cold),
        command_done_s=statistics.median(done for _, done in cold),
        warm_answered_s=statistics.median(answered for answered, _ in warm),
        warm_done_s=statistics.median(done for _, done in warm),
        answer_ms=statistics.median(answer_ms),
    )


class Role:
    """Another process that takes and gives lines of JSON."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def send(self, record: dict[str, Any]) -> None:
        """Give it a line."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(record) + "\n")
        self._process.stdin.flush()

    def answer(self) -> dict[str, Any]:
        """Wait for its next line."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            sys.exit("a process of the measurement has ended; its complaint is above")
        record: dict[str, Any] = json.loads(line)
        return record

    def ask(self, record: dict[str, Any]) -> dict[str, Any]:
        """Give it a line and wait for its answer."""
        self.send(record)
        return self.answer()


@contextmanager
def role(name: str, *arguments: Path) -> Iterator[Role]:
    """Start a process of `growth_roles` and wait until it is ready."""
    command = [sys.executable, "-m", "tests.benchmarks.growth_roles", name, *map(str, arguments)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        started = Role(process)
        started.answer()
        try:
            yield started
        finally:
            process.kill()


def fill(settings: Settings, passages: int) -> None:
    """Make a library of this many made-up passages, their vectors drawn at random, and publish it."""
    name, dimension = embedder_name(settings)
    chance, draws = random.Random(passages), np.random.default_rng(passages)
    with Writer.open(
        settings.data_dir,
        embedding_model=name,
        dimension=dimension,
        chunker_version=CHUNKER_VERSION,
        embedding_setting=lasting_setting(settings),
    ) as writer:
        batch: list[NewArticle] = []
        for number in range(passages // PASSAGES_PER_ARTICLE):
            batch.append(_made_up(number, dimension, chance, draws))
            if len(batch) == ARTICLES_PER_COMMIT:
                writer.put(batch)
                batch = []
        if batch:
            writer.put(batch)
        writer.publish_vectors()


def _made_up(number: int, dimension: int, chance: random.Random, draws: np.random.Generator) -> NewArticle:
    paragraphs = [" ".join(_sentence(chance) for _ in range(3)) for _ in range(PASSAGES_PER_ARTICLE)]
    spans, start = [], 0
    for paragraph in paragraphs:
        spans.append(PassageSpan(start, start + len(paragraph)))
        start += len(paragraph) + 2
    text = "\n\n".join(paragraphs)
    blocks = tuple(Block(BlockKind.PARAGRAPH, span.start, span.end) for span in spans)
    article = Article(title=f"Report {number} on {chance.choice(GOODS)}", text=text, blocks=blocks)
    texts = [embedded_text(article.title, (), paragraph) for paragraph in paragraphs]
    vectors = draws.standard_normal((len(spans), dimension)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    digest = hashlib.sha256(text.encode()).hexdigest()
    return NewArticle(
        location=f"/made-up/{number}.md",
        file_hash=digest,
        size=len(text),
        changed_ns=number + 1,
        article=article,
        passages=tuple(spans),
        vectors=vectors,
        hashes=tuple(map(text_hash, texts)),
    )


def _sentence(chance: random.Random) -> str:
    return (
        f"{chance.choice(PLACES)} {chance.choice(ACTS)} the {chance.choice(GOODS)} {_word(chance)} of {_word(chance)} "
        f"by {chance.randint(1, 999)} {_word(chance)} after {_word(chance)} {chance.choice(ACTS)} its {_word(chance)}."
    )


def _word(chance: random.Random) -> str:
    return "".join(chance.choice(SYLLABLES) for _ in range(2))


def _report(number: int, chance: random.Random) -> str:
    """Return a file of about 2,500 characters, three passages."""
    paragraphs = [" ".join(_sentence(chance) for _ in range(4)) for _ in range(6)]
    return "\n\n".join([f"# Report {number} on {chance.choice(GOODS)}", *paragraphs]) + "\n"


def _news(passages: int, number: int) -> tuple[str, str, str]:
    """Return title, text and a question for an article that is like no other."""
    thing = f"{SYLLABLES[number % 15]}{SYLLABLES[(number // 15 + 7) % 15]}wick"
    title = f"Customs notice on {thing}"
    text = (
        f"# {title}\n\nThe customs office set the import fee on {thing} at {10 + number} percent of its value. "
        f"Importers of {thing} asked for a longer delay, which the office refused.\n"
    )
    return title, text, f"At what percent did the customs office set the import fee on {thing}?"


def _hashing_s(folder: Path) -> float:
    started = time.perf_counter()
    for path in folder.iterdir():
        hashlib.sha256(path.read_bytes()).hexdigest()
    return time.perf_counter() - started


def show_unchanged(found: Unchanged) -> None:
    """Print the first table."""
    print(f"\n{found.files:,} files | first run | unchanged | share | to read and hash | times that")
    print("---|---:|---:|---:|---:|---:")
    for what, first_s, again_s in (
        ("the run itself", found.first_s, found.again_s),
        ("`trade-assistant ingest`, start to end", found.first_process_s, found.again_process_s),
    ):
        print(
            f"{what} | {first_s:.1f} s | {again_s:.2f} s | {again_s / first_s:.2%} | {found.hashing_s:.2f} s | "
            f"{again_s / found.hashing_s:.1f}"
        )
    print(
        f"\nUnchanged: {found.others} articles new, changed, removed or failed, {found.parsed} parsed, "
        f"{found.children} processes started, loaded: {', '.join(found.loaded) or 'none of the heavy libraries'}.\n"
    )


def show_added(found: Sequence[Added]) -> None:
    """Print the second table, with what it grows by from the first row."""
    print(
        "passages in the library | answered from, command | done, command | answered from, warm | done, warm | question"
    )
    print("---:|---:|---:|---:|---:|---:")
    for each in found:
        print(
            f"{each.passages:,} | {each.command_answered_s:.2f} s | {each.command_done_s:.2f} s | "
            f"{each.warm_answered_s:.2f} s | {each.warm_done_s:.2f} s | {each.answer_ms:.0f} ms"
        )
    first, last = found[0], found[-1]
    print(
        f"\nFrom {first.passages:,} to {last.passages:,} passages: command × "
        f"{last.command_answered_s / first.command_answered_s:.2f} until answered from, warm × "
        f"{last.warm_answered_s / first.warm_answered_s:.2f}.\n"
    )


def as_record(found: Unchanged | Added) -> dict[str, Any]:
    """Return the numbers for JSON."""
    return {name: getattr(found, name) for name in found.__slots__}


if __name__ == "__main__":
    main()
