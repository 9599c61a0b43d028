"""How often the offline answer holds the answer: SQuAD over all paragraphs, and the golden questions.

    python -m tests.benchmarks.report_answers [--data ../shared]

A random sample of the reporting half of SQuAD (see `squad.py`) is asked of all paragraphs at once. A unit is what the
product ranks: mostly one sentence, sometimes a quotation of several. To compare with sentences, the one sentence of a
unit that is nearest to the question counts too, chosen without a look at the answer.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.answering import ExtractiveAnswerer
from assistant.embedding import Embedder, open_embedder
from assistant.evaluation import EvaluationResult, evaluate
from assistant.evidence import Evidence, WeighedUnit
from assistant.settings import load_settings
from assistant.text import sentences
from tests.benchmarks.libraries import library_of
from tests.benchmarks.section import Section, interval
from tests.benchmarks.squad import GoldQuestion, Pool, holds, open_pool, sample

QUESTIONS = 500
OWN = Path(__file__).resolve().parent.parent / "data"
GOLDEN = OWN / "questions.jsonl"
GENRES = OWN / "genres"


@dataclass(frozen=True, slots=True)
class Hits:
    """Whether the first, and the first two, of each thing counted hold an answer."""

    sentence: tuple[bool, bool]
    unit: tuple[bool, bool]
    quote: tuple[bool, bool]
    is_answered: bool


def section(data: Path, *, quick: bool = False) -> Section:
    """Ask the sample and the golden questions; `data` is the shared folder."""
    embedder = open_embedder(load_settings())
    with open_pool(data / "bench/data/squad", embedder, paragraphs=60 if quick else None) as pool:
        questions = sample(data / "bench/data/squad", QUESTIONS // 10 if quick else QUESTIONS, develops=False)
        hits = [_hits(pool, question, embedder) for question in questions]
    with library_of([data / "articles"], embedder) as assistant:
        golden = [
            ("seed questions", evaluate(assistant, data / "eval/seed_questions.jsonl")),
            ("our own, harder", evaluate(assistant, GOLDEN)),
        ]
    with library_of(sorted(GENRES.glob("*.md")), embedder) as assistant:
        golden += [
            ("our own on three invented articles", evaluate(assistant, GENRES / "questions-dev.jsonl")),
            ("put aside, on three others", evaluate(assistant, GENRES / "questions-held.jsonl")),
        ]
    return Section("Offline answers", (*_squad_lines(hits), "", *_golden_lines(golden)))


def _hits(pool: Pool, question: GoldQuestion, embedder: Embedder) -> Hits:
    evidence = pool.weigh(question.text)
    answer = ExtractiveAnswerer().write(evidence, should_stop=lambda: False) if evidence.units else ()
    nearest = [_nearest_sentence(unit, evidence, embedder) for unit in evidence.units[:2]]
    return Hits(
        sentence=_first_two(nearest, question),
        unit=_first_two([unit.read.text for unit in evidence.units[:2]], question),
        quote=_first_two([draft.text for draft in answer], question),
        is_answered=evidence.is_enough,
    )


def _nearest_sentence(unit: WeighedUnit, evidence: Evidence, embedder: Embedder) -> str:
    text = unit.read.text
    parts = [text[start:end] for start, end in sentences(text, wrapped=True)]
    if len(parts) < 2:
        return text
    vectors = embedder.embed([evidence.question.text, *parts])
    return parts[int((vectors[1:] @ vectors[0]).argmax())]


def _first_two(texts: Sequence[str], question: GoldQuestion) -> tuple[bool, bool]:
    found = [holds(text, question.answers) for text in texts[:2]]
    return any(found[:1]), any(found)


def _squad_lines(hits: Sequence[Hits]) -> list[str]:
    rows = [
        ("sentence, nearest of its unit", [hit.sentence for hit in hits]),
        ("unit as ranked", [hit.unit for hit in hits]),
        ("quote as shown", [hit.quote for hit in hits]),
        ("quote as shown, refusals count as misses", [_if_answered(hit) for hit in hits]),
    ]
    lines = [
        f"SQuAD, {len(hits)} questions on articles that the ranking of units was not fitted on, over all 1,204",
        "paragraphs: the first, or one of the first two, holds the gold answer.",
        "",
        "| | first | first two |",
        "| --- | --- | --- |",
        "| design note: sentences, 5 passages read | .766 | .860 |",
    ]
    for label, found in rows:
        cells = [_share(sum(row[place] for row in found), len(found)) for place in (0, 1)]
        lines.append(f"| {label} | {cells[0]} | {cells[1]} |")
    refused = sum(not hit.is_answered for hit in hits)
    return [
        *lines,
        "",
        f"Refused: {_share(refused, len(hits))}; some of these articles are among those that the refusal model was",
        "fitted on, which cuts them another way.",
    ]


def _if_answered(hit: Hits) -> tuple[bool, bool]:
    return hit.quote if hit.is_answered else (False, False)


def _golden_lines(golden: Sequence[tuple[str, EvaluationResult]]) -> list[str]:
    lines = [
        "| two real articles; six invented ones of other genres | answered right | refused right |",
        "| --- | --- | --- |",
    ]
    for label, result in golden:
        answered = f"{result.answered_right} of {result.answerable} {_range(result.answered_right, result.answerable)}"
        refused = f"{result.refused_right} of {result.unanswerable} {_range(result.refused_right, result.unanswerable)}"
        lines.append(f"| {label} | {answered} | {refused} |")
    return lines


def _share(hits: int, count: int) -> str:
    return f"{_decimal(hits / max(1, count))} {_range(hits, count)}"


def _range(hits: int, count: int) -> str:
    low, high = interval(hits, count)
    return f"[{_decimal(low)}–{_decimal(high)}]"


def _decimal(share: float) -> str:
    return f"{share:.3f}".removeprefix("0")


def main() -> None:
    """Print the section."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared"))
    print(section(parser.parse_args().data))


if __name__ == "__main__":
    main()
