"""Decide what a run does: what to read of what was listed, which articles are gone, and which are too many to remove.

Nothing here reads, writes or fetches. A removal is only ever concluded from a folder that was seen in full. One that
lost more than a fifth of its articles at once is what a missing disk looks like, so that is asked about.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import PurePath
from typing import Protocol

from assistant.domain import Failure
from assistant.records import NO_VALIDATORS, FailedFile, FetchedPage, ManifestEntry, Validators
from ingest.folder import Found
from ingest.parse import PARSER_VERSION
from ingest.sources import Item, Known, Listing

# More of a folder's articles than this are not removed at once unless the user says so.
REMOVED_SHARE = 0.2
# What was removed within this time counts as removed at once.
REMOVED_WITHIN = timedelta(hours=1)
# A page that failed and that its source lists no more is asked for again at every look for this long: what passes by
# itself, such as a server that is down over a weekend, has passed by then.
ASKED_AGAIN_FOR = timedelta(days=3)
# Pages read again in one run because an older parser read them and no source lists them: at one page a second and host
# a run stays within minutes, and the next one goes on.
OUTDATED_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Task:
    """One item to read. `known` is what the library has of it, None if it is new; `source` is "" for a single file.

    `is_outdated` if another version of the parser read it, so that the same bytes may make another article. `failed_at`
    is when a page failed that its source does not list any more.
    """

    source: str
    item: Item
    known: Known | None
    is_page: bool = False
    is_outdated: bool = False
    failed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do about listings.

    `to_read` are new or changed items, `gone` the locations of articles whose files are gone, `lasting` failures of
    files that are what they were when they failed.
    """

    to_read: tuple[Task, ...] = ()
    unchanged: int = 0
    gone: tuple[str, ...] = ()
    lasting: tuple[Failure, ...] = ()


def plan_files(
    listing: Listing,
    manifest: Mapping[str, ManifestEntry],
    *,
    failed: Mapping[str, FailedFile] | None = None,
    folders: Mapping[str, str] | None = None,
) -> Plan:
    """Compare listed files with the live articles; the order in which files were found does not matter.

    A live article is gone only if a folder above it was seen and it was not there (`Listing.is_gone`). `failed` are the
    failures not to try again while their files stay as they were, `folders` the name of the source of each folder.
    """
    to_read, lasting = [], []
    for item in listing.found:
        entry = manifest.get(item.location)
        known = None if entry is None else known_file(item.location, entry)
        is_outdated = entry is not None and entry.parser_version != PARSER_VERSION
        if known is not None and not is_outdated and item.is_unchanged(known):
            continue
        failure = (failed or {}).get(item.location)
        if failure is not None and _still_fails(item, failure):
            lasting.append(failure.failure)
        else:
            to_read.append(Task(source_of(item.location, folders or {}), item, known, is_outdated=is_outdated))
    here = {item.location for item in listing.found}
    return Plan(
        to_read=tuple(sorted(to_read, key=lambda task: task.item.location)),
        unchanged=len(listing.found) - len(to_read) - len(lasting),
        gone=tuple(sorted(location for location in manifest if location not in here and listing.is_gone(location))),
        lasting=tuple(lasting),
    )


class Unlisted(Protocol):
    """Makes the item for a page that its source does not list, to be asked for by its own address; None if none can."""

    def __call__(self, address: str, page: FetchedPage | None, fingerprint: str) -> Item | None: ...


def plan_pages(
    source: str,
    listing: Listing,
    fetched: Mapping[str, FetchedPage],
    manifest: Mapping[str, ManifestEntry],
    *,
    failed: Mapping[str, FailedFile] | None = None,
    retry: bool = False,
    unlisted: Unlisted = lambda address, page, fingerprint: None,
    now: datetime | None = None,
) -> Plan:
    """Compare the items of a source on the network with what was fetched of it before; nothing is ever gone.

    `failed` are the source's failures. A page that cannot be parsed is read again when its source says something new of
    it. One that failed and is not listed any more is asked for again for ASKED_AGAIN_FOR and reported from then on.
    With `retry` both are read again. Pages that an older parser read are read again too, by their own addresses if they
    are not listed.
    """
    failures, to_read, lasting = dict(failed or {}), [], []
    for item in listing.found:
        known, is_outdated = _known_page(item.location, fetched, manifest)
        failure = failures.pop(item.location, None)
        if known is not None and not is_outdated and item.is_unchanged(known):
            continue
        if failure is not None and not retry and _is_still_no_article(item, failure):
            lasting.append(failure.failure)
        else:
            to_read.append(Task(source, item, known, is_page=True, is_outdated=is_outdated))
    listed = {*(item.location for item in listing.found), *(problem.location for problem in listing.problems)}
    unchanged = len(listing.found) - len(to_read) - len(lasting)
    left = {url: failure for url, failure in failures.items() if url not in listed}
    if listing.found or listing.is_unchanged or not listing.problems:
        for url, failure in left.items():
            item_left = unlisted(url, fetched.get(url), failure.file_hash)
            is_due = _is_passing(failure, now or datetime.now(UTC))
            if item_left is not None and (retry or is_due):
                known, is_outdated = _known_page(url, fetched, manifest)
                task = Task(source, item_left, known, True, is_outdated, failed_at=failure.failure.at)
                to_read.append(task)
            elif item_left is not None or listing.is_unchanged:
                lasting.append(failure.failure)
    old = _outdated(fetched, manifest, [task.known.location for task in to_read if task.known])
    for page in [page for page in old if page.url not in listed and page.url not in left][:OUTDATED_AT_ONCE]:
        if (again := unlisted(page.url, page, page.validators.fingerprint)) is not None:
            known, _ = _known_page(page.url, fetched, manifest)
            to_read.append(Task(source, again, known, is_page=True, is_outdated=True))
    if listing.is_unchanged:
        read = {task.known.location for task in to_read if task.known}
        unchanged = sum(page.location in manifest and page.location not in read for page in fetched.values())
    return Plan(to_read=tuple(to_read), unchanged=unchanged, lasting=tuple(lasting))


def refreshed(plan: Plan, fetched: Mapping[str, FetchedPage], manifest: Mapping[str, ManifestEntry]) -> Plan:
    """Return a plan of pages that was made a while ago, with what is known of each now."""
    tasks = []
    for task in plan.to_read:
        known, is_outdated = _known_page(task.item.location, fetched, manifest)
        tasks.append(replace(task, known=known, is_outdated=is_outdated))
    return replace(plan, to_read=tuple(tasks))


def joined(plans: Iterable[Plan]) -> Plan:
    """Return several plans as one, in their order."""
    each = list(plans)
    return Plan(
        to_read=tuple(task for part in each for task in part.to_read),
        unchanged=sum(part.unchanged for part in each),
        gone=tuple(location for part in each for location in part.gone),
        lasting=tuple(failure for part in each for failure in part.lasting),
    )


def withheld(
    gone: Sequence[str],
    manifest: Mapping[str, ManifestEntry],
    roots: Collection[str],
    *,
    asked: Collection[str] = (),
    recent: Collection[str] = (),
) -> dict[str, tuple[str, ...]]:
    """Return, by folder, the articles that are too many to remove at once without being told to; locations sorted.

    While any of a folder's are `asked` about already, all that is gone from it is: what was added to it since, or came
    back, answers for none of them. `recent` were removed a short while ago and count as gone at once, because a disk
    or a folder in the cloud may go away file by file.
    """
    lost = _by_folder(gone, roots)
    live, removed = _by_folder(manifest, roots), _by_folder(recent, roots)
    waiting = _by_folder(asked, roots)
    return {
        root: tuple(sorted(lost[root]))
        for root in sorted(lost)
        if root in waiting or _is_much(len(lost[root]), len(live[root]), len(removed.get(root, ())))
    }


def _is_much(lost: int, live: int, removed: int) -> bool:
    """Say whether a folder that has `live` articles is asked about before `lost` of them follow those `removed`."""
    whole = live + removed
    if removed > REMOVED_SHARE * whole:  # the user allowed it, and is not asked again about each file that follows
        removed, whole = 0, live
    return lost + removed > REMOVED_SHARE * whole


def _by_folder(locations: Iterable[str], roots: Collection[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for location in locations:
        root = nearest(location, roots)
        if root is not None:
            found.setdefault(root, []).append(location)
    return found


def nearest(location: str, folders: Collection[str]) -> str | None:
    """Return the lowest of these folders that a location lies in, None if it lies in none."""
    if not folders:
        return None
    return next((above for above in (location, *map(str, PurePath(location).parents)) if above in folders), None)


def source_of(location: str, folders: Mapping[str, str]) -> str:
    """Return the name of the source whose folder a file lies in, "" if it lies in none."""
    folder = nearest(location, folders)
    return "" if folder is None else folders[folder]


def flat(locations: Mapping[str, Iterable[str]]) -> set[str]:
    """Return all the locations of a mapping by folder or source."""
    return {location for each in locations.values() for location in each}


def known_file(location: str, entry: ManifestEntry) -> Known:
    """Return what the library has of a file."""
    return Known(location, entry.file_hash, entry.size, entry.changed_ns, entry.content_hash)


def may_become(file: Found, gone: Known) -> bool:
    """Say whether a new file that is being written may end up as the file of an article, which was renamed or copied.

    A file that has outgrown it never will, and the kind decides how bytes are read.
    """
    return file.size <= gone.size and file.path.suffix.lower() == PurePath(gone.location).suffix.lower()


def _still_fails(item: Item, failed: FailedFile) -> bool:
    """Say whether a file is what it was when this version of the parser refused it."""
    before = Known(item.location, failed.file_hash, failed.size, failed.changed_ns, "")
    return failed.parser_version == PARSER_VERSION and item.is_unchanged(before)


def _known_page(
    url: str, fetched: Mapping[str, FetchedPage], manifest: Mapping[str, ManifestEntry]
) -> tuple[Known | None, bool]:
    """Return what the library has of a page, and whether an older parser read it; then it is asked for as a whole."""
    page = fetched.get(url)
    entry = None if page is None else manifest.get(page.location)
    if page is None or entry is None:
        return None, False
    is_outdated = entry.parser_version != PARSER_VERSION
    validators = NO_VALIDATORS if is_outdated else page.validators
    return Known(page.location, page.file_hash, entry.size, 0, entry.content_hash, validators), is_outdated


def _outdated(
    fetched: Mapping[str, FetchedPage], manifest: Mapping[str, ManifestEntry], read: Iterable[str]
) -> list[FetchedPage]:
    """Return a page of each article that an older parser read and that is not read again anyway."""
    found: dict[str, FetchedPage] = {}
    done = set(read)
    for _, page in sorted(fetched.items()):
        entry = manifest.get(page.location)
        if entry is not None and entry.parser_version != PARSER_VERSION and page.location not in done:
            found.setdefault(page.location, page)
    return list(found.values())


def _is_still_no_article(item: Item, failed: FailedFile) -> bool:
    """Say whether a listing says of a page what it said when this version of the parser refused it."""
    before = Known(item.location, "", -1, 0, "", Validators(fingerprint=failed.file_hash))
    return bool(failed.file_hash) and failed.parser_version == PARSER_VERSION and item.is_unchanged(before)


def _is_passing(failed: FailedFile, now: datetime) -> bool:
    """Say whether a page may come yet: it did not come a short while ago, or it was an older parser that refused it."""
    is_young = now - failed.failure.at < ASKED_AGAIN_FOR
    return is_young if failed.parser_version == 0 else failed.parser_version != PARSER_VERSION
