"""How well time and standing are read: times of validity, as-of questions, what is over, old, commented or superseded.

    python -m tests.benchmarks.report_time [--half dev] [--each]

Each line of `tests/data/time.jsonl` is either a quote with the time it gives ("no date": none), or a question to a
library of the invented articles in `tests/data/time`, with what the answer must cite and note. The half `held` was
written when the code was done and is not tuned on. 79 cases of `dev` were held out in earlier rounds, where 70 came
out right at first.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from assistant.assistant import Assistant
from assistant.domain import Answer, Filters
from assistant.embedding import Embedder, open_embedder
from assistant.settings import load_settings
from assistant.validity import read_words
from ingest.sync import ingest
from tests.benchmarks.section import Section, interval

DATA = Path(__file__).resolve().parents[1] / "data"
CASES, ARTICLES = DATA / "time.jsonl", DATA / "time"
READ = ("validity", "no date")
KINDS = {
    "validity": "time of validity of a quote",
    "no date": "quotes that give none",
    "as of": "as-of questions",
    "over": "time over, or still to come",
    "stale": "newest source too old, or not",
    "standing": "by whose word the law is told",
    "superseded": "changes over time",
}
HALVES = {"dev": "written with the code", "held": "held out"}
Case = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a case; `reason` says what is wrong, "" if nothing is."""

    case: Case
    reason: str


def section(data: Path, *, quick: bool = False) -> Section:
    """Return the counts by kind and half; `quick` takes every tenth case."""
    cases = read_cases()[:: 10 if quick else 1]
    found = list(outcomes(cases))
    lines = ["| what | half | right | 95 % |", "| --- | --- | --- | --- |"]
    for kind, words in KINDS.items():
        for half, named in HALVES.items():
            of_kind = [one for one in found if (one.case["kind"], one.case["split"]) == (kind, half)]
            if of_kind:
                lines.append(_row(words, named, of_kind))
    for half, named in HALVES.items():
        lines.append(_row("all", named, [one for one in found if one.case["split"] == half]))
    missed = [f"{one.case['id']} ({one.reason})" for one in found if one.reason]
    lines += ["", f"Missed: {'; '.join(missed) or 'none'}."]
    return Section("Time and standing", tuple(lines))


def read_cases(half: str | None = None) -> list[Case]:
    """Return the cases of a half ("dev" or "held"), or all."""
    cases = [json.loads(line) for line in CASES.read_text(encoding="utf-8").splitlines()]
    return [case for case in cases if half in (None, case["split"])]


def outcomes(cases: Sequence[Case], embedder: Embedder | None = None) -> Iterator[Outcome]:
    """Yield what became of each case; questions are asked with the real model unless another one is given."""
    yield from (Outcome(case, misread(case)) for case in cases if case["kind"] in READ)
    asked = [case for case in cases if case["kind"] not in READ]
    if not asked:
        return
    with tempfile.TemporaryDirectory(prefix="time-") as place:
        settings = load_settings(data_dir=Path(place) / "data")
        model = embedder or open_embedder(settings)
        ingest([ARTICLES], settings, embedder=model)
        for case in asked:
            assistant = Assistant.open(
                settings, embedder=model, today=lambda case=case: date.fromisoformat(case["today"])
            )
            filters = Filters(as_of=_day(case.get("as_of")))
            answer = assistant.ask(case["question"], filters=filters)
            yield Outcome(case, wrong(case, answer, assistant))
            assistant.close()


def misread(case: Case) -> str:
    """Return what is wrong with the time read from a quote, "" if nothing is."""
    read = read_words(
        case["quote"],
        published=_day(case["published"]),
        stated=_day(case.get("stated")),
        before=case.get("before", ""),
        after=case.get("after", ""),
        is_notice=case.get("notice", False),
    )
    got = [str(when) if when else None for when in (read.effective, read.expires)]
    wanted = [case["effective"], case["expires"]]
    return "" if got == wanted else f"read {got}, not {wanted}"


def wrong(case: Case, answer: Answer, assistant: Assistant) -> str:
    """Return what is wrong with an answer, "" if nothing is."""
    if answer.is_refusal != case.get("refuses", False):
        return "refused" if answer.is_refusal else f"answered: {answer.text}"
    cited = {Path(assistant.article(one.article_id).location).name for one in answer.citations}
    notes = "\n".join(answer.notes)
    checks = {
        f"cites {sorted(cited)}": cited >= set(case.get("cites", ())) and not cited & set(case.get("never", ())),
        f"notes {answer.notes}": all(words in notes for words in case.get("notes", ())),
        f"notes too much: {answer.notes}": not any(words in notes for words in case.get("notes_without", ())),
        f"leaves out {answer.searched.undated_left_out}": answer.searched.undated_left_out
        == case.get("left_out", answer.searched.undated_left_out),
        f"stands {[one.standing.value for one in answer.citations]}": not case.get("standing")
        or case["standing"] in {one.standing.value for one in answer.citations},
    }
    return "; ".join(reason for reason, is_right in checks.items() if not is_right)


def _day(stated: str | None) -> date | None:
    return date.fromisoformat(stated) if stated else None


def _row(words: str, half: str, found: Sequence[Outcome]) -> str:
    right = sum(not one.reason for one in found)
    low, high = interval(right, len(found))
    return f"| {words} | {half} | {right} of {len(found)} | {low:.3f}–{high:.3f} |"


def main() -> None:
    """Print the section, or each case that came out wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.report_time")
    parser.add_argument("--data", type=Path, default=DATA, help="not needed: everything is in tests/data")
    parser.add_argument("--half", choices=HALVES, help="only this half, case by case")
    options = parser.parse_args()
    if options.half:
        for one in outcomes(read_cases(options.half)):
            print(f"{one.case['id']} {one.case['kind']}: {one.reason or 'right'}")
    else:
        print(section(options.data))


if __name__ == "__main__":
    main()
