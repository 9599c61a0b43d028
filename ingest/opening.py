"""Make the sources that `sources.toml` describes, ready to be listed."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from assistant.domain import Article
from assistant.errors import FetchError, SourceError
from assistant.records import NO_VALIDATORS, Validators
from assistant.settings import Settings
from ingest.catalog import FederalRegisterEntry, FeedEntry, FolderEntry, SourceEntry, UrlEntry
from ingest.folder import Folder
from ingest.metadata import NOTHING, Stated
from ingest.sources import Item, Listing, Problem, Source
from ingest.worker import ParseWorker

if TYPE_CHECKING:
    from ingest.feed import Feed
    from ingest.fetch import Fetcher


class SourceOpener:
    """Makes sources, and what they share for the length of a run: one parse worker, one fetcher if any is needed."""

    def __init__(self, settings: Settings, stack: ExitStack) -> None:
        self.worker = stack.enter_context(ParseWorker())
        self._settings = settings
        self._stack = stack
        self._fetcher: Fetcher | None = None

    def source(self, entry: SourceEntry) -> Source:
        """Return the source that an entry describes; one that cannot be looked at lists only why."""
        try:
            return self._source(entry)
        except SourceError as err:
            return Nothing((Problem(entry.target, str(err)),))

    def unlisted(self, entry: SourceEntry, address: str, article: Article | None, fingerprint: str) -> Item | None:
        """Return the item for a page that its source lists no more; None if only the listing holds what it said of it.

        What is known of its `article` stands in for what the listing said.
        """
        if not has_pages(entry):
            return None
        from ingest.web import PageItem, clean_address

        try:
            is_page = clean_address(address) == address and address != entry.target
        except FetchError:
            return None
        return PageItem(address, self._fetching(), _facts(article), fingerprint) if is_page else None

    def _source(self, entry: SourceEntry) -> Source:
        match entry:
            case FolderEntry():
                return Folder(entry.path)
            case UrlEntry():
                from ingest.web import UrlSource

                return UrlSource(entry.name, entry.url, self._fetching())
            case FeedEntry():
                from ingest.feed import FeedSource

                return FeedSource(entry.name, entry.url, self._fetching(), entry.text, reader=self._read_feed)
            case FederalRegisterEntry():
                from ingest.federal_register import FederalRegister

                return FederalRegister(
                    entry.name,
                    self._fetching(),
                    base_url=self._settings.federal_register_url,
                    term=entry.term,
                    agencies=entry.agencies,
                    types=entry.types,
                    docket=entry.docket,
                    since=entry.since,
                )

    def _read_feed(self, data: bytes, content_type: str, url: str) -> Feed:
        """Read a feed where it can do no harm. Raises ParseError."""
        from ingest.feed import Feed

        return Feed.from_json(self.worker.call("feed", data, {"content_type": content_type, "url": url}))

    def _fetching(self) -> Fetcher:
        if self._fetcher is None:
            from ingest.fetch import Fetcher

            self._fetcher = self._stack.enter_context(Fetcher(self._settings))
        return self._fetcher


@dataclass(frozen=True, slots=True)
class Nothing:
    """Stands for paths that are neither files nor folders."""

    problems: tuple[Problem, ...]

    def list(self, known: Validators = NO_VALIDATORS) -> Listing:
        """Return the problems alone."""
        return Listing(problems=self.problems)


def has_pages(entry: SourceEntry) -> bool:
    """Say whether the articles of a source are pages that can be asked for by their own addresses."""
    return isinstance(entry, UrlEntry) or (isinstance(entry, FeedEntry) and entry.text == "page")


def _facts(article: Article | None) -> Stated:
    if article is None:
        return NOTHING
    return Stated(
        title=article.title,
        publisher=article.publisher,
        author=article.author,
        published=article.published,
        effective=article.effective,
        references=article.references,
    )
