"""Under which address an article from the network is kept, so that none ever takes the place of another.

Publishers name one address for all forms of a page, and careless ones the same address for all their pages. So the
address that a page states is believed if nobody else has it, or if who has it tells the same; else the page keeps the
address where it was found. That one is its own: whoever only stated it moves away to where it was found itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from assistant.domain import Article
from assistant.records import FetchedPage, Held, Move, TouchedFile
from assistant.story import is_copy, read_story
from ingest.embedding_step import Parsed
from ingest.memory import Memory
from ingest.plan import Task
from ingest.read import Refused
from ingest.sources import Problem


@dataclass(frozen=True, slots=True)
class Named:
    """A page under the address it is kept at, and the live articles that have to move before, in their order."""

    outcome: Parsed | TouchedFile | Refused
    moves: tuple[Move, ...] = ()


class Naming:
    """Names the pages of one run.

    `memory` is asked for what is stored, so a page that `concerns` what is not stored yet has to wait. A dry run stores
    nothing; there two pages that state one address are taken for one article only if their texts are equal.
    """

    def __init__(self, memory: Memory, *, is_dry: bool = False) -> None:
        self._memory = memory
        self._is_dry = is_dry
        self._given: dict[str, tuple[str, int]] = {}

    def named(self, task: Task, parsed: Parsed) -> Named:
        """Decide on the address of a page; a file keeps its path."""
        if parsed.page is None:
            return Named(parsed)
        own = parsed.found_at or parsed.location
        places = dict.fromkeys((parsed.location, own))
        location = next((place for place in places if self._may_have(place, own, task, parsed)), None)
        moves: list[Move] = []
        if location is None:
            location = own
            moved = self._moved_away(own, task)
            if isinstance(moved, Refused):
                return Named(moved)
            moves.append(moved)
        if (follows := self._followed(location, task, is_free=bool(moves))) is not None:
            moves.append(follows)
        if self._is_dry:
            self._given[location] = (task.item.location, hash(parsed.article.text))
        return Named(_placed(parsed, location, task), tuple(moves))

    def _may_have(self, place: str, own: str, task: Task, parsed: Parsed) -> bool:
        """Say whether a page may be kept under an address: it is free, the page's already, or of the same article."""
        url, known, is_own = task.item.location, task.known, place == own
        given = self._given.get(place)
        if given is not None and given[0] != url:
            return given[1] == hash(parsed.article.text)
        held = self._memory.held(place)
        if held is None:
            return True
        if known is not None and known.location != place and not is_own:
            return False  # it has its place, and moves only to a free one
        others = self._others(place, url, own)
        if is_own and not (others and held.is_live):
            return True
        if known is not None and known.location == place and (not others or known.file_hash == held.file_hash):
            return True  # what is stored came from this very page
        return _tell_the_same(held.article, parsed.article)

    def _others(self, place: str, url: str, own: str) -> list[FetchedPage]:
        """Return the pages that lead to a place, but for the page itself under whichever of its addresses."""
        itself = {url, own} if place == own else {url}
        return [page for page in self._memory.leading_to(place) if page.url not in itself]

    def _moved_away(self, own: str, task: Task) -> Move | Refused:
        """Return where the article goes that other pages put under this page's own address."""
        held, first = self._memory.held(own), self._others(own, task.item.location, own)[0]
        if held is None or self._memory.is_known(first.url):
            reason = f"its address is taken by another article, which came from {first.url}"
            return Refused(Problem(task.item.location, reason))
        return _move(own, first.url, held)

    def _followed(self, location: str, task: Task, *, is_free: bool) -> Move | None:
        """Return the move of an article whose page goes by a free address now, if nothing else leads to the old one."""
        if task.known is None or task.known.location == location:
            return None
        old, url = task.known.location, task.item.location
        held = self._memory.held(old)
        if held is None or not held.is_live or not (is_free or not self._memory.is_known(location)):
            return None
        return _move(old, location, held) if not self._others(old, url, url) else None


def concerns(parsed: Parsed, waiting: list[Parsed]) -> bool:
    """Say whether a page may get an address that one of these articles, not stored yet, has."""
    places = {parsed.location, parsed.found_at}
    return parsed.page is not None and any(other.location in places for other in waiting)


def _placed(parsed: Parsed, location: str, task: Task) -> Parsed | TouchedFile:
    assert parsed.page is not None
    page = replace(parsed.page, location=location)
    article = replace(parsed.article, url=location)
    known = task.known
    if known is not None and known.location == location and known.content_hash == article.content_hash:
        return TouchedFile(location, parsed.file_hash, parsed.size, parsed.changed_ns, parsed.parser_version, page)
    return replace(parsed, location=location, found_at="", page=page, article=article)


def _tell_the_same(one: Article, other: Article) -> bool:
    """Say whether two pages hold one article, apart from what a form for print or for telephones leaves out."""
    if one.text == other.text:
        return True
    first, second = read_story(one), read_story(other)
    return first is not None and second is not None and is_copy(first, second)


def _move(old: str, new: str, held: Held) -> Move:
    return Move(old, new, held.file_hash, held.size, held.changed_ns)
