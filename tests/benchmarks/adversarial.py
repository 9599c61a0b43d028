"""Change one thing in true sentences and count how many of the changed claims the verification catches.

    python -m tests.benchmarks.adversarial --split dev|test|written [--data ../shared] [--misses FILE] [--kind KIND]

Claims are made from real passages (adversarial_pairs.py) and checked as the product checks its own: against the cited
passage, with the cosine of the claim and that passage. The dev half is for tuning; the test half comes from other
articles and has kinds of change that dev never shows. Claims written by hand are a third set, held out too. Misses
are written only where a file is named for them.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.domain import Support, Verdict
from assistant.embedding import Embedder, open_embedder
from assistant.settings import load_settings
from assistant.verification import verify
from tests.benchmarks.adversarial_pairs import Pair, draw
from tests.benchmarks.adversarial_passages import SPLITS
from tests.benchmarks.adversarial_written import written
from tests.benchmarks.section import interval

# So many claims are embedded at once.
_BATCH = 256


@dataclass(frozen=True, slots=True)
class Checked:
    """A pair and what the verification says of it."""

    pair: Pair
    verdict: Verdict
    similarity: float | None

    @property
    def is_right(self) -> bool:
        """Say whether a true claim is supported, or a changed one is not."""
        return (self.verdict.support is Support.SUPPORTED) == self.pair.is_true


def main() -> None:
    """Draw the pairs of a half, check them, print the table and write the misses where they are asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--split", choices=(*SPLITS, "written"), default="dev")
    parser.add_argument("--data", type=Path, default=Path("../shared"), help="the folder with bench/data and articles")
    parser.add_argument("--misses", type=Path, help="write what was missed to this file, a JSON object a line")
    parser.add_argument("--kind", help="only this kind of change or rewrite")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    is_written = options.split == "written"
    drawn = written() if is_written else draw(options.data, options.split, seed=options.seed)
    pairs = [pair for pair in drawn if options.kind in (None, pair.kind)]
    if not pairs:
        parser.error(f"the {options.split} half has no pairs of the kind {options.kind!r}")
    checked = check(pairs, open_embedder(load_settings()))
    print("\n".join(table(checked)))
    if options.misses:
        write_misses(checked, options.misses)


def check(pairs: Sequence[Pair], embedder: Embedder) -> list[Checked]:
    """Check each claim against its passage as the product does, in the order of the pairs."""
    checked = []
    for start in range(0, len(pairs), _BATCH):
        batch = pairs[start : start + _BATCH]
        vectors = embedder.embed([text for pair in batch for text in (pair.claim, pair.source.span)])
        cosines = (vectors[::2] * vectors[1::2]).sum(axis=1)
        for pair, cosine in zip(batch, cosines, strict=True):
            span = pair.source.span
            # The product does not embed a claim that is its quote.
            given = None if pair.claim == span else float(cosine)
            verdict = verify(pair.claim, [span], similarity=given, published=() if given is None else pair.published)
            checked.append(Checked(pair, verdict, given))
    return checked


def table(checked: Iterable[Checked]) -> list[str]:
    """Return the counts by kind as Markdown: changed claims (open, hidden kinds), then true ones."""
    rows = list(checked)
    lines = []
    changed = [row for row in rows if not row.pair.is_true]
    if changed:
        lines += [
            "| Changed | claims | caught | share (95 %) | partial | unsupported | unsupported only (95 %) |",
            "| --- | ---: | ---: | --- | ---: | ---: | --- |",
        ]
        hidden = [row for row in changed if row.pair.is_hidden]
        shown = [row for row in changed if not row.pair.is_hidden]
        for title, group in (("open kinds", shown), ("hidden kinds", hidden)):
            lines += [_line(kind, [row for row in group if row.pair.kind == kind]) for kind in _kinds(group)]
            lines += [_line(f"**{title}**", group)] if group and hidden else []
        lines += [_line("**all changed**", changed), ""]
    true = [row for row in rows if row.pair.is_true]
    if true:
        lines += [
            "| True | claims | rejected | share (95 %) | partial | unsupported | partial accepted (95 %) |",
            "| --- | ---: | ---: | --- | ---: | ---: | --- |",
            *[_line(kind, [row for row in true if row.pair.kind == kind]) for kind in _kinds(true)],
            _line("**all true**", true),
        ]
    return lines


def write_misses(checked: Iterable[Checked], path: Path) -> None:
    """Write each wrong verdict as a JSON object on a line of its own."""
    with path.open("w", encoding="utf-8") as file:
        for row in checked:
            if not row.is_right:
                record = {
                    "kind": row.pair.kind, "how": row.pair.how, "is_true": row.pair.is_true, "claim": row.pair.claim,
                    "before": row.pair.before, "after": row.pair.after, "span": row.pair.source.span,
                    "article": row.pair.source.article, "similarity": row.similarity,
                    "published": [day.isoformat() for day in row.pair.published],
                    "verdict": row.verdict.support.value, "reason": row.verdict.reason,
                }  # fmt: skip
                file.write(json.dumps(record, ensure_ascii=False) + "\n")


def _kinds(rows: Iterable[Checked]) -> list[str]:
    return list(dict.fromkeys(row.pair.kind for row in rows))


def _line(kind: str, rows: Sequence[Checked]) -> str:
    """Return a row: what is not supported, and what is left of that where partial support counts as support."""
    partial, unsupported = _counts(rows)
    shares = [_share(number, len(rows)) for number in (partial + unsupported, unsupported)]
    return f"| {kind} | {len(rows)} | {partial + unsupported} | {shares[0]} | {partial} | {unsupported} | {shares[1]} |"


def _counts(rows: Sequence[Checked]) -> tuple[int, int]:
    supports = [row.verdict.support for row in rows]
    return supports.count(Support.PARTIAL), supports.count(Support.UNSUPPORTED)


def _share(hits: int, count: int) -> str:
    low, high = interval(hits, count)
    return f"{hits / max(1, count):.1%} ({low:.1%}–{high:.1%})"


if __name__ == "__main__":
    main()
