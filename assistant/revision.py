"""What changed between two versions of an article, sentence by sentence and, in a changed sentence, word by word.

Sentences that both versions have once are fixed points (the idea of Bram Cohen's patience diff); `difflib` compares
what lies between them, so even two long articles take little more than the time to read them. A sentence that went
elsewhere is moved, not deleted and inserted. White space alone is no change.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from assistant.domain import Article
from assistant.text import sentences

# Between two fixed points difflib compares up to this many pairs of sentences, or of words; beyond, all is replaced.
MAX_SENTENCE_PAIRS = 40_000
MAX_WORD_PAIRS = 250_000
# A deleted sentence and an inserted one that share this much of their words are one sentence that was changed.
SAME_SENTENCE = 0.5
# Shorter ones ("He agreed.") may stand anywhere: they do not move, they come and go.
MIN_MOVED_WORDS = 4

Span = tuple[int, int]


class Mark(StrEnum):
    """What became of a stretch of text."""

    SAME = "same"
    DELETED = "deleted"
    INSERTED = "inserted"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of one of the two texts, exactly as it stands there; of the new one if both have it."""

    mark: Mark
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence: where it stood and where it stands (None: nowhere), and its pieces in reading order."""

    old: Span | None
    new: Span | None
    pieces: tuple[Piece, ...]

    @property
    def is_same(self) -> bool:
        """Say whether it stands where it stood, word for word."""
        return all(piece.mark is Mark.SAME for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class Detail:
    """Something known about an article besides its text that changed; "" where it was or is not known."""

    name: str
    old: str
    new: str


class Fate(StrEnum):
    """What became of a cited passage."""

    UNCHANGED = "unchanged"
    CHANGED = "changed"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Revision:
    """All sentences of both versions in the order of the new one, each deleted one after what stood before it.

    Every sentence of the old text is the `old` of just one line, every one of the new text the `new` of just one.
    """

    details: tuple[Detail, ...]
    lines: tuple[Line, ...]

    @property
    def is_same(self) -> bool:
        """Say whether nothing but white space changed."""
        return not self.details and all(line.is_same for line in self.lines)

    def folded(self, *, around: int = 1) -> Iterator[Line | int]:
        """Yield the lines that changed with this many around them, and for each stretch left out its length.

        A moved line counts as changed only where it stands alone: of a moved stretch the ends are shown.
        """
        is_quiet = [line.is_same or _is_moved_on(self.lines, place) for place, line in enumerate(self.lines)]
        left_out = 0
        for place, line in enumerate(self.lines):
            if all(is_quiet[max(0, place - around) : place + around + 1]):
                left_out += 1
                continue
            if left_out:
                yield left_out
            left_out = 0
            yield line
        if left_out:
            yield left_out

    def fate(self, start: int, end: int) -> Fate:
        """Return what became of `old.text[start:end]`; a passage that only went elsewhere is unchanged."""
        touched = [line for line in self.lines if line.old and line.old[0] < end and start < line.old[1]]
        if all(_is_kept(line) for line in touched):
            return Fate.UNCHANGED
        return Fate.CHANGED if any(line.new for line in touched) else Fate.GONE


def compare(old: Article, new: Article) -> Revision:
    """Return what changed from one version of an article to another."""
    before, after = _read(old), _read(new)
    pairs = list(_pairs(before, after))
    return Revision(_details(old, new), tuple(_lines(before, after, pairs)))


def _is_moved_on(lines: Sequence[Line], place: int) -> bool:
    """Say whether a line and the one before it went elsewhere."""
    both = lines[max(0, place - 1) : place + 1]
    return place > 0 and all(line.pieces[0].mark is Mark.MOVED for line in both)


def _is_kept(line: Line) -> bool:
    return line.new is not None and all(piece.mark in {Mark.SAME, Mark.MOVED} for piece in line.pieces)


def _details(old: Article, new: Article) -> tuple[Detail, ...]:
    known = [
        ("Title", old.title, new.title),
        ("Publisher", old.publisher, new.publisher),
        ("Author", old.author, new.author),
        ("Published", old.published, new.published),
        ("Effective", old.effective, new.effective),
        ("Address", old.url, new.url),
    ]
    return tuple(Detail(name, str(one or ""), str(other or "")) for name, one, other in known if one != other)


@dataclass(frozen=True, slots=True)
class _Text:
    """A text with the spans of its sentences, and their words, by which they are compared."""

    text: str
    spans: tuple[Span, ...]
    keys: tuple[str, ...]

    def __getitem__(self, place: int) -> str:
        return self.text[slice(*self.spans[place])]


def _read(article: Article) -> _Text:
    """Cut a text into sentences; a line of a paragraph that was broken to fit a page does not end one."""
    spans: list[Span] = []
    at = 0
    for block in article.blocks:
        spans += sentences(article.text, at, block.start)
        spans += sentences(article.text, block.start, block.end, wrapped=True)
        at = block.end
    spans += sentences(article.text, at, len(article.text))
    return _Text(article.text, tuple(spans), tuple(" ".join(article.text[slice(*span)].split()) for span in spans))


def _pairs(old: _Text, new: _Text) -> Iterator[tuple[int, int]]:
    """Yield the places of sentences that stayed, ascending in both texts."""
    done = (0, 0)
    for fixed in [*_fixed_points(old.keys, new.keys), (len(old.keys), len(new.keys))]:
        yield from _between(old.keys, new.keys, done, fixed)
        if fixed[0] < len(old.keys):
            yield fixed
        done = fixed[0] + 1, fixed[1] + 1


def _fixed_points(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Return the longest ascending run of sentences that each text has once, by patience sorting."""
    times, times_new = Counter(old), Counter(new)
    where = {key: place for place, key in enumerate(new) if times_new[key] == 1}
    common = [(place, where[key]) for place, key in enumerate(old) if times[key] == 1 and key in where]
    tops: list[int] = []
    piles: list[int] = []
    before: list[int] = []
    for index, (_, place) in enumerate(common):
        pile = bisect_left(tops, place)
        before.append(piles[pile - 1] if pile else -1)
        tops[pile : pile + 1], piles[pile : pile + 1] = [place], [index]
    run = []
    index = piles[-1] if piles else -1
    while index >= 0:
        run.append(common[index])
        index = before[index]
    return run[::-1]


def _between(
    old: Sequence[str], new: Sequence[str], start: tuple[int, int], end: tuple[int, int]
) -> Iterator[tuple[int, int]]:
    """Yield the equal sentences between two fixed points; those at both ends only, where the gap is very large."""
    (a, b), (a_end, b_end) = start, end
    while a < a_end and b < b_end and old[a] == new[b]:
        yield a, b
        a, b = a + 1, b + 1
    tail = 0
    while a < a_end - tail and b < b_end - tail and old[a_end - tail - 1] == new[b_end - tail - 1]:
        tail += 1
    rest = (old[a : a_end - tail], new[b : b_end - tail])
    if 0 < len(rest[0]) * len(rest[1]) <= MAX_SENTENCE_PAIRS:
        for match in SequenceMatcher(None, *rest, autojunk=False).get_matching_blocks():
            yield from ((a + match.a + step, b + match.b + step) for step in range(match.size))
    yield from ((a_end - step, b_end - step) for step in range(tail, 0, -1))


def _lines(old: _Text, new: _Text, pairs: list[tuple[int, int]]) -> Iterator[Line]:
    moved = _moved(old, new, pairs)
    gone_elsewhere = frozenset(moved.values())
    done = (0, 0)
    for a, b in [*pairs, (len(old.spans), len(new.spans))]:
        deleted = [place for place in range(done[0], a) if place not in gone_elsewhere]
        inserted = list(range(done[1], b))
        yield from _replaced(old, new, deleted, inserted, moved)
        if a < len(old.spans):
            yield Line(old.spans[a], new.spans[b], (Piece(Mark.SAME, new[b]),))
        done = a + 1, b + 1


def _moved(old: _Text, new: _Text, pairs: list[tuple[int, int]]) -> dict[int, int]:
    """Return where sentences stood (by where they stand) that went elsewhere."""
    stayed, stayed_new = {a for a, _ in pairs}, {b for _, b in pairs}
    free: dict[str, list[int]] = {}
    for place in reversed(range(len(old.keys))):
        if place not in stayed and len(old.keys[place].split()) >= MIN_MOVED_WORDS:
            free.setdefault(old.keys[place], []).append(place)
    places = (place for place in range(len(new.keys)) if place not in stayed_new)
    return {place: free[new.keys[place]].pop() for place in places if free.get(new.keys[place])}


def _replaced(old: _Text, new: _Text, deleted: list[int], inserted: list[int], moved: dict[int, int]) -> Iterator[Line]:
    """Yield the lines of a gap: changed sentences where they stand now, deleted ones before what took their place."""
    changed = _changed(old, new, deleted, [place for place in inserted if place not in moved])
    left = deque(place for place in deleted if place not in changed.values())
    ahead = deque(changed.values())
    for place in inserted:
        while left and (not ahead or left[0] < ahead[0]):
            yield _deleted(old, left.popleft())
        if place in changed:
            ahead.popleft()
            yield Line(old.spans[changed[place]], new.spans[place], _words(old[changed[place]], new[place]))
        elif place in moved:
            yield Line(old.spans[moved[place]], new.spans[place], (Piece(Mark.MOVED, new[place]),))
        else:
            yield Line(None, new.spans[place], (Piece(Mark.INSERTED, new[place]),))
    yield from (_deleted(old, place) for place in left)


def _deleted(old: _Text, place: int) -> Line:
    return Line(old.spans[place], None, (Piece(Mark.DELETED, old[place]),))


def _changed(old: _Text, new: _Text, deleted: list[int], inserted: list[int]) -> dict[int, int]:
    """Return which sentence each new one was before it was changed, in order on both sides."""
    if len(deleted) * len(inserted) > MAX_SENTENCE_PAIRS:
        return {}
    words = {place: frozenset(_WORD.findall(old[place].lower())) for place in deleted}
    found: dict[int, int] = {}
    first = 0
    for place in inserted:
        own = frozenset(_WORD.findall(new[place].lower()))
        likeness = [(_share(own, words[other]), -rank) for rank, other in enumerate(deleted[first:], start=first)]
        best, rank = max(likeness, default=(0.0, 0))
        if best >= SAME_SENTENCE:
            found[place] = deleted[-rank]
            first = -rank + 1
    return found


def _share(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / max(len(one), len(other), 1)


_WORD = re.compile(r"\w+(?:[.,'’-]\w+)*")
# A word with the white space after it, so that whole words are marked and nothing is left between them.
_STEP = re.compile(r"(?:\w+(?:[.,'’-]\w+)*|[^\w\s]|\s)\s*")


def _words(old: str, new: str) -> tuple[Piece, ...]:
    """Return the pieces of a changed sentence."""
    one, other = _STEP.findall(old), _STEP.findall(new)
    if len(one) * len(other) > MAX_WORD_PAIRS:
        return Piece(Mark.DELETED, old), Piece(Mark.INSERTED, new)
    keys = [[_one_space(step) for step in steps] for steps in (one, other)]
    pieces: list[Piece] = []
    for tag, a, a_end, b, b_end in SequenceMatcher(None, keys[0], keys[1], autojunk=False).get_opcodes():
        if tag == "equal":
            pieces.append(Piece(Mark.SAME, "".join(other[b:b_end])))
            continue
        pieces += [Piece(Mark.DELETED, "".join(one[a:a_end]))] if a < a_end else []
        pieces += [Piece(Mark.INSERTED, "".join(other[b:b_end]))] if b < b_end else []
    return tuple(pieces)


def _one_space(step: str) -> str:
    return f"{step.rstrip()} " if step[-1:].isspace() else step
