"""`make bench`: the product beside the tutorial pipeline, on the same abstracts, on the same computer, in turns.

Indexing counts from the start of the process to everything searchable. A warm question is a whole checked answer for
the product, five nearest passages for the tutorial. Turns alternate (tutorial, product, tutorial, product), and speeds
and their ratio are of the fastest turn of each, because other work on the computer slows both, and PyTorch the more.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.benchmarks.records import first_records

ROOT = Path(__file__).resolve().parents[2]
SHOWN_FLAGS = ["avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_tile", "amx_bf16", "amx_int8"]
BF16_FLAGS = {"avx512_bf16", "amx_bf16"}
COLD_QUESTIONS = 3
TARGET_COLD_S = 3.0
TARGET_RATIO = {True: 3.0, False: 1.8}  # with and without bfloat16 in the CPU


@dataclass(frozen=True, slots=True)
class Turn:
    """One process: seconds from its start to everything searchable, its questions, its peak of memory.

    `load` is the load average when it began.
    """

    load: float
    searchable_s: float
    passages: int
    question_ms: list[float]
    peak_mib: float


@dataclass(frozen=True, slots=True)
class Summary:
    """The turns of one pipeline together."""

    articles_per_s: float
    searchable_s: list[float]
    loads: list[float]
    passages: int
    question_p50_ms: float
    question_p95_ms: float
    peak_mib: float


@dataclass(frozen=True, slots=True)
class Computer:
    """What the numbers depend on. `load` is the load average when the measurement began."""

    cpu: str
    cores: int
    flags: list[str]
    load: float

    @property
    def has_bf16(self) -> bool:
        return not BF16_FLAGS.isdisjoint(self.flags)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print a table, and write all numbers to --json."""
    parser = argparse.ArgumentParser(prog="make bench", description="measure the product beside the tutorial pipeline")
    parser.add_argument("--data", type=Path, required=True, help="folder with scifact/corpus.jsonl and queries.jsonl")
    parser.add_argument("--articles", type=int, default=1000, help="abstracts to index (default 1000)")
    parser.add_argument("--questions", type=int, default=50, help="warm questions in a turn (default 50)")
    parser.add_argument("--turns", type=int, default=2, help="turns of each pipeline (default 2)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the measurements there too")
    options = parser.parse_args(arguments)
    missing = [name for name in ("corpus.jsonl", "queries.jsonl") if not (options.data / "scifact" / name).is_file()]
    if missing:
        sys.exit(
            f"there is no {' and no '.join(missing)} in {str(options.data / 'scifact')!r}; "
            "`make bench DATA=FOLDER` names the folder of the test collections (SciFact as BEIR has it)"
        )
    measured = measure(options.data / "scifact", options.articles, options.questions, options.turns)
    show(measured)
    if options.json:
        options.json.write_text(json.dumps(measured, indent=2) + "\n", encoding="utf-8")


def measure(scifact: Path, articles: int, questions: int, turns: int) -> dict[str, Any]:
    """Return all measurements, ready for JSON."""
    computer = this_computer()
    corpus, queries = (scifact / "corpus.jsonl").resolve(), (scifact / "queries.jsonl").resolve()
    run([sys.executable, "-m", "ui.cli", "prepare"])  # done once at set-up, so it counts for neither
    with tempfile.TemporaryDirectory(prefix="trade-assistant-bench-") as directory:
        files = Path(directory) / "articles"
        count = write_articles(first_records(corpus, articles), files)
        plain, product = [], []
        for turn in range(turns):
            plain.append(plain_turn(corpus, queries, articles, questions))
            data_dir = Path(directory) / f"data-{turn}"
            product.append(product_turn(files, data_dir, queries, questions))
        cold = [cold_question(data_dir, query["text"]) for query in first_records(queries, COLD_QUESTIONS)]
    tutorial, ours = summary(plain, count), summary(product, count)
    return {
        "computer": asdict(computer) | {"has_bf16": computer.has_bf16},
        "articles": count,
        "tutorial": asdict(tutorial),
        "product": asdict(ours),
        "ratio": ours.articles_per_s / tutorial.articles_per_s,
        "target_ratio": TARGET_RATIO[computer.has_bf16],
        "cold_question_s": [seconds for seconds, _ in cold],
        "cold_question_peak_mib": max(peak for _, peak in cold),
        "target_cold_question_s": TARGET_COLD_S,
    }


def write_articles(records: list[dict[str, Any]], folder: Path) -> int:
    """Write each record as a text file with its title on the first line; return how many there are."""
    folder.mkdir()
    for record in records:
        (folder / f"{record['_id']}.txt").write_text(f"{record['title']}\n\n{record['text']}\n", encoding="utf-8")
    return len(records)


def plain_turn(corpus: Path, queries: Path, articles: int, questions: int) -> Turn:
    module = [sys.executable, "-m", "tests.benchmarks.plain_pipeline"]
    return turn_of([*module, str(corpus), str(queries), str(articles), str(questions)])


def product_turn(files: Path, data_dir: Path, queries: Path, questions: int) -> Turn:
    module = [sys.executable, "-m", "tests.benchmarks.product_pipeline"]
    return turn_of([*module, str(files), str(data_dir), str(queries), str(questions)])


def turn_of(command: list[str]) -> Turn:
    load, started = os.getloadavg()[0], time.time()
    output, peak_mib, _ = run(command)
    found = json.loads(output)
    return Turn(load, found["searchable_at"] - started, found["passages"], found["question_ms"], peak_mib)


def cold_question(data_dir: Path, question: str) -> tuple[float, float]:
    """Return seconds from the start of `trade-assistant ask` to its end, and its peak of memory in MiB."""
    _, peak_mib, seconds = run([sys.executable, "-m", "ui.cli", "ask", question, "--data", str(data_dir), "--json"])
    return seconds, peak_mib


def run(command: list[str]) -> tuple[str, float, float]:
    """Run a process; return what it printed, its peak of memory in MiB and its seconds. Ends this one if it fails."""
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8") as output,
        tempfile.TemporaryFile("w+", encoding="utf-8") as errors,
    ):
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=output, stderr=errors, cwd=ROOT)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        errors.seek(0)
        printed, complaint = output.read(), errors.read()
    if process.returncode:
        sys.exit(f"`{' '.join(command[1:4])} …` ended with status {process.returncode}: {complaint.strip()[-1000:]}")
    return printed, usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10), seconds


def summary(turns: list[Turn], articles: int) -> Summary:
    times = sorted(ms for turn in turns for ms in turn.question_ms)
    return Summary(
        articles_per_s=articles / min(turn.searchable_s for turn in turns),
        searchable_s=[round(turn.searchable_s, 2) for turn in turns],
        loads=[round(turn.load, 1) for turn in turns],
        passages=turns[0].passages,
        question_p50_ms=statistics.median(times),
        question_p95_ms=times[min(len(times) - 1, int(0.95 * len(times)))],
        peak_mib=max(turn.peak_mib for turn in turns),
    )


def this_computer() -> Computer:
    lines = dict(cpu_facts())
    present = set(lines.get("flags", "").split())
    return Computer(
        cpu=lines.get("model name") or platform.processor() or platform.machine(),
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        flags=[flag for flag in SHOWN_FLAGS if flag in present],
        load=round(os.getloadavg()[0], 2),
    )


def cpu_facts() -> Iterator[tuple[str, str]]:
    """Yield names and values of /proc/cpuinfo; the brand and the features on macOS."""
    if sys.platform == "darwin":
        for name, key in (("model name", "machdep.cpu.brand_string"), ("flags", "machdep.cpu.features")):
            found = subprocess.run(["/usr/sbin/sysctl", "-n", key], capture_output=True, text=True, check=False)
            yield name, found.stdout.strip().lower() if name == "flags" else found.stdout.strip()
        return
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        name, _, value = line.partition(":")
        yield name.strip(), value.strip()


def show(measured: dict[str, Any]) -> None:
    """Print the table, the ratio and the cold start, each with its target."""
    console = Console()
    computer, tutorial, product = measured["computer"], measured["tutorial"], measured["product"]
    table = Table(title=f"{measured['articles']} SciFact abstracts, process start to everything searchable")
    for heading, justify in (("", "left"), ("tutorial pipeline", "right"), ("this product", "right")):
        table.add_column(heading, justify=justify)  # type: ignore[arg-type]
    rows = [
        ("articles per second, fastest turn", "articles_per_s", "{:.1f}"),
        ("seconds, each turn", "searchable_s", "{}"),
        ("load at its start, each turn", "loads", "{}"),
        ("passages", "passages", "{}"),
        ("warm question, median ms", "question_p50_ms", "{:.0f}"),
        ("warm question, 95 % ms", "question_p95_ms", "{:.0f}"),
        ("peak memory, MiB", "peak_mib", "{:.0f}"),
    ]
    for label, key, form in rows:
        table.add_row(label, form.format(tutorial[key]), form.format(product[key]))
    console.print(table)
    cold = statistics.median(measured["cold_question_s"])
    verdicts = [
        (f"ratio {measured['ratio']:.2f}", measured["ratio"] >= measured["target_ratio"], measured["target_ratio"]),
        (f"cold `trade-assistant ask` {cold:.2f} s", cold <= measured["target_cold_question_s"], TARGET_COLD_S),
    ]
    for words, reached, target in verdicts:
        console.print(f"{words}: {'reaches' if reached else 'misses'} the target of {target}")
    console.print(f"cold question, peak memory: {measured['cold_question_peak_mib']:.0f} MiB")
    console.print(f"{computer['cpu']}, {computer['cores']} cores, load {computer['load']} at the start")
    console.print(f"flags: {' '.join(computer['flags']) or 'none of ' + ' '.join(SHOWN_FLAGS)}", highlight=False)


if __name__ == "__main__":
    main()
