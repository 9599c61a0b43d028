"""A folder that changes at random, the same way for the same seed: adds, edits, renames, copies, removals."""

from __future__ import annotations

import random
from pathlib import Path

_WORDS = (
    "tariff quota licence levy import export port customs steel zinc cotton sugar rice copper rule office notice duty "
    "origin anchor vessel cargo invoice broker bond refund appeal panel treaty waiver audit index"
).split()
_PLACES = ("Rotterdam", "Santos", "Durban", "Busan", "Mersin", "Callao", "Odessa", "Lagos")
ARTICLES = 80
# Few enough to be one commit, or so many that a run needs several.
FEW, MANY = (2, 9), (66, 75)
MANY_EVERY = 4


class History:
    """The folder and the chance that changes it."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._folder = folder
        self._chance = random.Random(seed)
        self._texts: dict[str, list[str]] = {}
        self._made = 0
        self._turns = 0
        folder.mkdir()
        for _ in range(ARTICLES):
            self._add()

    def change(self) -> None:
        """Change a few files, or once in a while most of them."""
        self._turns += 1
        few_or_many = MANY if self._turns % MANY_EVERY == 0 else FEW
        for _ in range(self._chance.randint(*few_or_many)):
            self._chance.choice(
                [self._add, self._edit, self._edit, self._edit, self._remove, self._rename, self._copy]
            )()

    def names(self) -> set[str]:
        """Return the names of the files that are there."""
        return set(self._texts)

    def _add(self) -> None:
        self._made += 1
        title = f"Report {self._made} on {self._word()} and {self._word()}"
        self._write(f"report-{self._made}.md", [f"# {title}", *(self._paragraph() for _ in range(4))])

    def _edit(self) -> None:
        name = self._some()
        parts = list(self._texts[name])
        parts[self._chance.randrange(1, len(parts))] = self._paragraph()
        self._write(name, parts)

    def _remove(self) -> None:
        if len(self._texts) > ARTICLES // 2:
            name = self._some()
            (self._folder / name).unlink()
            del self._texts[name]

    def _rename(self) -> None:
        self._made += 1
        name, renamed = self._some(), f"renamed-{self._made}.md"
        (self._folder / name).rename(self._folder / renamed)
        self._texts[renamed] = self._texts.pop(name)

    def _copy(self) -> None:
        self._made += 1
        self._write(f"copy-{self._made}.md", self._texts[self._some()])

    def _write(self, name: str, parts: list[str]) -> None:
        self._texts[name] = parts
        beside = self._folder / f"{name}.part"
        beside.write_text("\n\n".join(parts) + "\n", encoding="utf-8")
        beside.replace(self._folder / name)

    def _paragraph(self) -> str:
        """Return three sentences; about two paragraphs make a passage."""
        return " ".join(
            f"The {self._word()} {self._word()} of {self._chance.choice(_PLACES)} asks {self._chance.randint(2, 9_999)}"
            f" dollars of each {self._word()} {self._word()} that brings {self._word()} to its {self._word()}."
            for _ in range(3)
        )

    def _word(self) -> str:
        return self._chance.choice(_WORDS)

    def _some(self) -> str:
        return self._chance.choice(sorted(self._texts))
