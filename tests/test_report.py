"""The evaluation report: all parts run, a failed one is told, and only the marked block of a file is rewritten."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.embedding import Embedder
from tests.benchmarks import report
from tests.benchmarks.report import CLOSES, OPENS, SECTIONS, Part, Report, run, with_sections
from tests.benchmarks.section import Section, interval
from tests.conftest import unavailable


def toy(data: Path, *, quick: bool = False) -> Section:
    return Section("Toy", (f"Asked in {data.name}{', a tenth' if quick else ''}.", "", "| a |", "| --- |", "| 1 |"))


def broken(data: Path, *, quick: bool = False) -> Section:
    raise ValueError(f"nothing in {data.name}")


def load(name: str) -> Part:
    return {"toy": toy, "broken": broken, "last": toy}[name]


def test_every_part_runs_and_the_report_holds_them_in_order(tmp_path: Path) -> None:
    section = toy(tmp_path, quick=True)
    found = run(["toy", "last"], tmp_path, quick=True, load=load)
    assert found == Report({"toy": section, "last": section}, {})
    assert str(found) == f"## Evaluation\n\n{section}\n{section}"


def test_a_failed_part_is_told_after_the_others_ran(tmp_path: Path) -> None:
    found = run(["broken", "last"], tmp_path, load=load)
    assert found == Report({"last": toy(tmp_path)}, {"broken": f"ValueError: nothing in {tmp_path.name}"})


def test_the_command_fails_with_the_reason_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(report, "_module_section", load)
    monkeypatch.setattr(report, "SECTIONS", ("broken", "toy"))
    readme = tmp_path / "README.md"
    readme.write_text(f"{OPENS}\n{CLOSES}\n", encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        report.main(["--data", str(tmp_path), "--write", str(readme)])
    assert ended.value.code == f"broken failed: ValueError: nothing in {tmp_path.name}"
    assert str(toy(tmp_path)) in capsys.readouterr().out
    assert readme.read_text(encoding="utf-8") == f"{OPENS}\n{CLOSES}\n"


def test_only_the_block_between_the_marks_is_rewritten_part_by_part() -> None:
    first = with_sections(f"Above.\n{OPENS}\n{CLOSES}\nBelow.\n", {"toy": Section("Toy", ("| 1 |", "- a miss"))})
    folded = "<details>\n<summary>{}</summary>\n\n{}\n\n</details>"
    assert first == f"Above.\n{OPENS}\n<!-- toy -->\n{folded.format('Toy', '| 1 |')}\n{CLOSES}\nBelow.\n"
    again = with_sections(first, {"answers": Section("Answers", ("| 2 |",))})
    parts = {"answers": folded.format("Answers", "| 2 |"), "toy": folded.format("Toy", "| 1 |")}
    block = "\n\n".join(f"<!-- {name} -->\n{part}" for name, part in parts.items())
    assert again == f"Above.\n{OPENS}\n{block}\n{CLOSES}\nBelow.\n"
    assert with_sections(again, {"answers": Section("Answers", ("| 2 |",))}) == again


def test_a_file_without_the_marks_is_left_alone() -> None:
    with pytest.raises(ValueError, match="needs a line"):
        with_sections("no marks\n", {})


def test_the_readme_has_room_for_the_report() -> None:
    readme = (report.ROOT / "README.md").read_text(encoding="utf-8")
    assert with_sections(readme, {}).count(OPENS) == 1


@pytest.mark.parametrize("name", SECTIONS)
def test_every_part_can_be_found(name: str) -> None:
    assert callable(report._module_section(name))


@pytest.mark.model
@pytest.mark.parametrize("name", SECTIONS)
def test_every_part_runs_in_little_time(name: str, shared: Path, embedder: Embedder) -> None:
    """A tenth of each part, with the model that `embedder` has prepared."""
    if not (shared / "bench" / "data").is_dir():
        unavailable(f"no test collections in {str(shared)!r}; TRADE_ASSISTANT_SHARED names another folder")
    found = run([name], shared, quick=True)
    assert found.failures == {}
    assert found.sections[name].lines


def test_figures_of_a_quick_run_are_not_written_down(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="2"):
        report.main(["--data", str(tmp_path), "--quick", "--write", str(tmp_path / "README.md")])


@pytest.mark.parametrize(("hits", "count", "low", "high"), [(0, 0, 0, 1), (10, 10, 0.722, 1), (50, 100, 0.404, 0.596)])
def test_interval_is_wilsons(hits: int, count: int, low: float, high: float) -> None:
    assert interval(hits, count) == pytest.approx((low, high), abs=5e-4)
