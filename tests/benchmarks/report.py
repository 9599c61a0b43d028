"""`make evaluate`: every part of the evaluation, one after the other, as one Markdown report.

    python -m tests.benchmarks.report [--data ../shared] [--only NAME] [--quick] [--write FILE]

A part is a module `report_NAME` beside this one with `section(data, quick=…) -> Section`; SECTIONS names them in the
order of the report. A part that fails is told at the end, after the others ran, and the command fails with it.
"""

from __future__ import annotations

import argparse
import importlib
import os
import re
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.section import Section

SECTIONS = ("ranking", "answers", "refusal", "verification", "disagreement", "time", "followups")
ROOT = Path(__file__).resolve().parents[2]
OPENS, CLOSES = "<!-- evaluation: written by `make evaluate` -->", "<!-- end of evaluation -->"
HEADING = "## Evaluation\n"
Part = Callable[..., Section]


@dataclass(frozen=True, slots=True)
class Report:
    """What the parts found by name, and why those that failed did."""

    sections: Mapping[str, Section]
    failures: Mapping[str, str]

    def __str__(self) -> str:
        """Return the whole report in Markdown."""
        return "\n".join([HEADING, *map(str, self.sections.values())])


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the parts, print the report, write it where it is wanted. Exits with the reasons if a part failed."""
    parser = argparse.ArgumentParser(prog="make evaluate", description="measure everything that the README states")
    default = Path(os.environ.get("TRADE_ASSISTANT_SHARED") or ROOT.parent / "shared")
    parser.add_argument("--data", type=Path, default=default, help="folder with articles/, eval/ and bench/data/")
    parser.add_argument("--only", action="append", choices=SECTIONS, metavar="NAME", help="this part (repeatable)")
    parser.add_argument("--quick", action="store_true", help="a tenth of each part, to see that it runs")
    parser.add_argument("--write", type=Path, metavar="FILE", help="put the tables between the marks in this file")
    options = parser.parse_args(arguments)
    if options.write and options.quick:
        parser.error("figures of --quick are not for writing down")
    if not options.data.is_dir():
        parser.error(f"there is no folder {str(options.data)!r}; --data or TRADE_ASSISTANT_SHARED names another")
    print(HEADING)
    report = run(
        options.only or SECTIONS,
        options.data,
        quick=options.quick,
        on_section=lambda section: print(section, flush=True),
    )
    if report.failures:
        sys.exit("\n".join(f"{name} failed: {reason}" for name, reason in report.failures.items()))
    if options.write:
        written = with_sections(options.write.read_text(encoding="utf-8"), report.sections)
        options.write.write_text(written, encoding="utf-8")


def run(
    names: Sequence[str],
    data: Path,
    *,
    quick: bool = False,
    load: Callable[[str], Part] | None = None,
    on_section: Callable[[Section], None] = lambda section: None,
) -> Report:
    """Run the parts in the order of `names`; `load` finds a part by its name, `on_section` is told each at once."""
    sections: dict[str, Section] = {}
    failures: dict[str, str] = {}
    for name in names:
        started = time.perf_counter()
        try:
            sections[name] = (load or _module_section)(name)(data, quick=quick)
            on_section(sections[name])
        except (Exception, SystemExit) as err:  # noqa: BLE001 - whatever it is, the other parts still run
            failures[name] = f"{type(err).__name__}: {err}"
        print(f"{name}: {time.perf_counter() - started:.0f} s", file=sys.stderr)
    return Report(sections, failures)


def _module_section(name: str) -> Part:
    part: Part = importlib.import_module(f"tests.benchmarks.report_{name}").section
    return part


def with_sections(text: str, sections: Mapping[str, Section]) -> str:
    """Put sections in place of those of their names between the marks of a text; the others stay.

    Raises ValueError for a text without the two marks.
    """
    before, opens, rest = text.partition(OPENS)
    block, closes, after = rest.partition(CLOSES)
    if not (opens and closes):
        raise ValueError(f"the file needs a line {OPENS!r} and after it a line {CLOSES!r}")
    kept = {part["name"]: part["lines"].strip() for part in _PART.finditer(block)}
    kept |= {name: _compact(section) for name, section in sections.items()}
    order = [*(name for name in SECTIONS if name in kept), *(name for name in kept if name not in SECTIONS)]
    parts = "\n\n".join(f"<!-- {name} -->\n{kept[name]}" for name in order)
    return f"{before}{OPENS}\n{parts}\n{CLOSES}{after}"


_PART = re.compile(r"<!-- (?P<name>\w+) -->\n(?P<lines>.*?)(?=<!-- |\Z)", re.DOTALL)
_LISTED = re.compile(r"\s*(?:[-*+]|\d+\.)\s|\s{2,}\S|#|<|Missed:")


def _compact(section: Section) -> str:
    """Return a section for the README, folded: its paragraphs and tables, without lists of single cases."""
    kept = [line for line in section.lines if not _LISTED.match(line)]
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()
    return f"<details>\n<summary>{section.title}</summary>\n\n{text}\n\n</details>"


if __name__ == "__main__":
    main()
