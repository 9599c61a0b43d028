"""How well differences and agreement between sources are found, on pairs of articles made for it.

Each line of `tests/data/pairs.jsonl` is a question with two articles that differ, agree, or speak of different things.
All articles of a half stand in one library, as they would in use; a pair counts as found when the answer compares its
two articles in the right kind. The half `dev` chose the thresholds of `assistant/measures.py`, `held` did not.

Run `python -m tests.benchmarks.report_disagreement [--data ../shared] [--half dev] [--each]`; with `--sweep` it prints
what other thresholds would do on `dev`.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from assistant import comparison, measures
from assistant.assistant import Assistant
from assistant.domain import Answer, Comparison
from assistant.embedding import open_embedder
from assistant.settings import load_settings
from ingest.sync import ingest
from tests.benchmarks.corpora import index_articles
from tests.benchmarks.records import first_records
from tests.benchmarks.section import Section, interval
from tests.benchmarks.squad import sample

PAIRS = Path(__file__).resolve().parent.parent / "data" / "pairs.jsonl"
SQUAD_QUESTIONS = 400
KINDS = ("figure", "date", "status", "actor")


@dataclass(frozen=True, slots=True)
class Pair:
    """A question with its articles; `expect` is "differ", "agree" or "none", `values` what the positions hold."""

    id: str
    half: str
    kind: str
    expect: str
    question: str
    values: tuple[str, ...]
    articles: tuple[dict[str, str], ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an answer made of a pair: "differ", "agree", "none", or "refused"."""

    pair: Pair
    found: str
    strangers: int
    answer: Answer

    @property
    def is_right(self) -> bool:
        """Say whether it was found as it should be."""
        return self.found == self.pair.expect


def read_pairs(half: str | None = None) -> list[Pair]:
    """Return the pairs of a half ("dev" or "held"), or all."""
    rows = [json.loads(line) for line in PAIRS.read_text(encoding="utf-8").splitlines()]
    pairs = [
        Pair(
            row["id"],
            row["half"],
            row["kind"],
            row["expect"],
            row["question"],
            tuple(row["values"]),
            tuple(row["articles"]),
        )
        for row in rows
    ]
    return [pair for pair in pairs if half in (None, pair.half)]


def outcomes(pairs: Sequence[Pair]) -> Iterator[Outcome]:
    """Index the articles of all pairs with the real model, ask each question, and yield what was compared."""
    with _library(pairs) as assistant:
        yield from (_outcome(pair, assistant.ask(pair.question)) for pair in pairs)


@contextmanager
def _library(pairs: Sequence[Pair]) -> Iterator[Assistant]:
    with tempfile.TemporaryDirectory(prefix="pairs-") as place:
        folder = Path(place) / "articles"
        folder.mkdir()
        for pair in pairs:
            for number, article in enumerate(pair.articles):
                (folder / f"{pair.id}-{number}.md").write_text(_markdown(article), encoding="utf-8")
        settings = load_settings(data_dir=Path(place) / "data")
        ingest([folder], settings)
        assistant = Assistant.open(settings)
        try:
            yield assistant
        finally:
            assistant.close()


def _markdown(article: dict[str, str]) -> str:
    head = "\n".join(f"{name}: {article[key]}" for name, key in _HEAD)
    return f"---\n{head}\n---\n\n{article['text']}\n"


_HEAD = (("title", "title"), ("publisher", "publisher"), ("date", "published"))


def _outcome(pair: Pair, answer: Answer) -> Outcome:
    titles = {article["title"] for article in pair.articles}
    own = [one for one in answer.comparisons if _titles(one) <= titles and one.kind == pair.kind]
    found = "refused" if answer.is_refusal else "none"
    if any(one.is_agreement and _holds(one, pair.values) for one in own):
        found = "agree"
    differing = [one for one in answer.comparisons if not one.is_agreement and _titles(one) <= titles]
    if pair.expect == "differ":
        differing = [one for one in differing if one.kind == pair.kind and _holds(one, pair.values)]
    if differing:
        found = "differ"
    strangers = sum(not _titles(one) <= titles for one in answer.comparisons)
    return Outcome(pair, found, strangers, answer)


def _titles(one: Comparison) -> set[str]:
    return {citation.title for position in one.positions for citation in position.citations}


def _holds(one: Comparison, values: Sequence[str]) -> bool:
    """Say whether each value stands in a position: in its value where sources differ, in a quote where they agree."""
    if one.is_agreement:
        quotes = [citation.quote for position in one.positions for citation in position.citations]
        return all(any(value in quote for quote in quotes) for value in values)
    return all(any(value in position.value for position in one.positions) for value in values)


def sweep(pairs: Sequence[Pair]) -> Iterator[str]:
    """Yield a Markdown row for each value of each threshold, the others as they are: what it finds and what it costs.

    The values in use are the middle of the range that does best on the half `dev`.
    """
    yield "| threshold | value | differ: found | differ: right | agree: found | left alone |"
    yield "|---|---|---|---|---|---|"
    with _library(pairs) as assistant:
        for module, name, values in _SWEPT:
            in_use = getattr(module, name)
            for value in values:
                setattr(module, name, value)
                found = [_outcome(pair, assistant.ask(pair.question)) for pair in pairs]
                yield f"| {name} | {value}{' (in use)' if value == in_use else ''} | {' | '.join(_counts(found))} |"
            setattr(module, name, in_use)


_SWEPT: tuple[tuple[ModuleType, str, tuple[float, ...]], ...] = (
    (measures, "NEAR", (0.3, 0.4, 0.5, 0.6, 0.7)),
    (measures, "SHARED", (0.35, 0.5, 0.6, 0.7)),
    (measures, "COVERS", (0.5, 0.6, 0.68, 0.75, 0.85)),
    (measures, "BEARS", (0.34, 0.5, 0.67)),
    (comparison, "ON_TOPIC", (0.4, 0.6, 0.8)),
    (comparison, "DIFFERENCE_BEARS", (0.2, 0.34, 0.5)),
    (comparison, "AGREEMENT_BEARS", (0.34, 0.5, 0.67)),
)


def _counts(found: Sequence[Outcome]) -> list[str]:
    differ = [one for one in found if one.pair.expect == "differ"]
    shown = [one for one in found if one.found == "differ"]
    agree = [one for one in found if one.pair.expect == "agree"]
    alone = [one for one in found if one.pair.expect == "none"]
    return [
        f"{sum(one.is_right for one in differ)} of {len(differ)}",
        f"{sum(one.is_right for one in shown)} of {len(shown)}",
        f"{sum(one.is_right for one in agree)} of {len(agree)}",
        f"{sum(one.found in ('none', 'refused') for one in alone)} of {len(alone)}",
    ]


def section(data: Path, *, quick: bool = False) -> Section:
    """Return precision and recall of differences and agreement by kind; quick: a tenth of the pairs, no SQuAD.

    The paragraphs of SQuAD are parts of encyclopedia articles that do not contradict one another: next to all
    differences shown there are false alarms.
    """
    pairs = read_pairs()
    lines: list[str] = []
    for half in ("dev", "held"):
        chosen = [pair for pair in pairs if pair.half == half][:: 10 if quick else 1]
        lines += [f"Half `{half}`, {len(chosen)} pairs:", "", *table(list(outcomes(chosen))), ""]
    if not quick and (data / "bench" / "data" / "squad").is_dir():
        lines += [alarms(data / "bench" / "data" / "squad"), ""]
    return Section("Where sources differ and agree", tuple(lines[:-1]))


def alarms(squad: Path, *, questions: int = SQUAD_QUESTIONS) -> str:
    """Ask questions of the half of SQuAD that nothing was chosen on, each paragraph a source, and count differences."""
    settings = load_settings()
    asked = sample(squad, questions, develops=False)
    titles = {question.article for question in sample(squad, 10**6, develops=False)}
    with tempfile.TemporaryDirectory(prefix="squad-") as place:
        records = (record for record in first_records(squad / "corpus.jsonl") if record["title"] in titles)
        index_articles(Path(place), open_embedder(settings), records)
        assistant = Assistant.open(load_settings(data_dir=Path(place)))
        try:
            answers = [assistant.ask(question.text) for question in asked]
        finally:
            assistant.close()
    differing = sum(any(not one.is_agreement for one in answer.comparisons) for answer in answers)
    agreeing = sum(any(one.is_agreement for one in answer.comparisons) for answer in answers)
    return (
        f"SQuAD, half that nothing was chosen on, paragraphs as sources: a difference is shown for "
        f"{_share(differing, len(asked))} questions, agreement for {_share(agreeing, len(asked))}."
    )


def table(found: Sequence[Outcome]) -> list[str]:
    """Return Markdown rows: recall and precision of differences by kind and of agreement, and what was left alone."""
    rows = ["| | found of all there are (recall) | right of all shown (precision) |", "|---|---|---|"]
    for kind in (*KINDS, "all"):
        of_kind = [one for one in found if kind in (one.pair.kind, "all")]
        rows.append(_row(f"differ: {kind}", of_kind, "differ"))
    rows.append(_row("agree", list(found), "agree"))
    alone = [one for one in found if one.pair.expect == "none"]
    quiet = sum(one.found in ("none", "refused") for one in alone)
    strangers = sum(one.strangers for one in found)
    refused = sum(one.found == "refused" for one in found)
    rows.append(f"| different things left alone | {_share(quiet, len(alone))} | |")
    rows += ["", f"Comparisons with articles of another pair: {strangers}. Questions refused: {refused}."]
    return rows


def _row(name: str, found: Sequence[Outcome], expect: str) -> str:
    wanted = [one for one in found if one.pair.expect == expect]
    shown = [one for one in found if one.found == expect]
    right = sum(one.is_right for one in wanted)
    return f"| {name} | {_share(right, len(wanted))} | {_share(right, len(shown))} |"


def _share(hits: int, count: int) -> str:
    low, high = interval(hits, count)
    return f"{hits} of {count} ({low:.2f}–{high:.2f})"


def main() -> None:
    """Print the section, or with --each what became of every pair of a half."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared"))
    parser.add_argument("--half", choices=("dev", "held"))
    parser.add_argument("--each", action="store_true")
    parser.add_argument("--sweep", action="store_true")
    args = parser.parse_args()
    if args.sweep:
        for row in sweep(read_pairs("dev")):
            print(row, flush=True)
        return
    if args.half is None:
        print(section(args.data))
        return
    found = list(outcomes(read_pairs(args.half)))
    for one in found if args.each else ():
        print(f"{'ok ' if one.is_right else 'BAD'} {one.pair.id} {one.pair.kind} {one.pair.expect} → {one.found}")
        for compared in one.answer.comparisons:
            print(f"      {compared.kind} {compared.point!r}")
            for position in compared.positions:
                cited = "; ".join(f"{citation.publisher} {citation.published}" for citation in position.citations)
                print(f"        {position.value!r}{' (newer)' if position.is_newest else ''} — {cited}")
    print("\n".join(table(found)))
    print(Counter(one.pair.kind for one in found if not one.is_right))


if __name__ == "__main__":
    main()
