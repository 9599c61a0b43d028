"""The outcome of a run, as its caller, the record of runs and the progress file get it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from assistant.domain import Failure, Run
from assistant.records import FailedFile
from ingest.plan import flat, nearest, source_of
from ingest.survey import Survey


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of a run: locations sorted; `notes` are sentences about what a user might not expect.

    `moved` are pairs of the old and the new location. `withheld` are articles whose files are gone and that were not
    removed, because they are more than a fifth of their folder's and nobody allowed it.
    """

    added: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: int
    removed: tuple[str, ...]
    failed: tuple[Failure, ...]
    ignored: int
    notes: tuple[str, ...]
    generation: int
    seconds: float
    dry_run: bool
    moved: tuple[tuple[str, str], ...] = ()
    withheld: tuple[str, ...] = ()
    deferred: int = 0

    def counts(self) -> dict[str, int | float | list[str]]:
        """Return the figures for the progress file."""
        return {
            "added": len(self.added),
            "changed": len(self.changed),
            "moved": len(self.moved),
            "unchanged": self.unchanged,
            "removed": len(self.removed),
            "withheld": len(self.withheld),
            "failed": len(self.failed),
            "generation": self.generation,
            "seconds": round(self.seconds, 3),
            "notes": list(self.notes),
        }

    def record(self, started_at: datetime, generation_before: int) -> Run:
        """Return the run as the library remembers it; it ends now."""
        return Run(
            started_at=started_at,
            finished_at=datetime.now(UTC),
            added=len(self.added),
            changed=len(self.changed),
            unchanged=self.unchanged,
            removed=len(self.removed),
            failed=len(self.failed),
            moved=len(self.moved),
            withheld=len(self.withheld),
            notes=self.notes,
            generation_before=generation_before,
            generation=self.generation,
        )


def report_of(
    survey: Survey, failures: Sequence[FailedFile], held: Mapping[str, Sequence[str]], seconds: float
) -> Report:
    """Return the report of a run as far as it is the same for a dry one."""
    all_failures = [*(failed.failure for failed in failures), *survey.plan.lasting]
    return Report(
        added=tuple(sorted({*survey.tally.added})),
        changed=tuple(sorted({*survey.tally.changed})),
        unchanged=survey.plan.unchanged + survey.tally.unchanged,
        removed=(),
        failed=tuple(sorted(all_failures, key=lambda failure: failure.location)),
        ignored=sum(look.listing.ignored for look in survey.looks),
        notes=(),
        generation=0,
        seconds=seconds,
        dry_run=False,
        moved=tuple(sorted(survey.tally.moved)),
        withheld=tuple(sorted(flat(held))),
        deferred=survey.deferred,
    )


def letting_go(source: str) -> str:
    """Return the command that removes what was withheld of a source, or with "" of all of them."""
    return f"`trade-assistant ingest {f'--source {source} ' if source else ''}--allow-removals`"


def notes_of(survey: Survey, held: Mapping[str, Sequence[str]], retired: Collection[str]) -> Iterator[str]:
    """Say what was withheld and which sources were not asked, and why."""
    for name, until in survey.left_alone.items():
        yield (
            f"source {name!r} was not asked: its server asks to be left alone until {until:%Y-%m-%d %H:%M} UTC; "
            f"`trade-assistant ingest --source {name}` asks it all the same"
        )
    for root, locations in held.items():
        live = sum(nearest(location, survey.roots) == root for location in survey.manifest)
        yield (
            f"{len(locations)} of {live} articles from {root!r} are gone but kept, because more than a fifth went "
            f"within an hour; if they are meant to be gone run {letting_go(source_of(root, survey.folders))}, if a "
            "disk is missing mount it"
        )
    if retired and not survey.wanted.allow_removals:
        yield (
            f"{len(retired)} articles came from sources that are no longer in sources.toml and are still answered "
            "from; `trade-assistant ingest --allow-removals` withdraws them"
        )
