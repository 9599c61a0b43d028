"""A claim and what it cites, read for checking: words, figures, dates, names and what is denied, with their places.

Every check asks the same `Case`: the claim, all the cited text, and of that the sentences that speak of what the
claim speaks of. Words are compared by concept: their stem, or the group of words of like meaning it belongs to.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from assistant.denied_conditions import denied_conditions
from assistant.figures import BLANK, Figure, WrittenDate, plain, read_figures
from assistant.names import Name, Token, names, tokens
from assistant.negation import denied_places
from assistant.text import sentences, stems
from assistant.vocabulary import BASE_FORMS, PHRASES, exempt, same, word_stem


@dataclass(frozen=True, slots=True)
class Reading:
    """A text read once.

    `text` is what all places refer to, `original` the text as given. `stems` go with `words`; `line` holds the content
    words outside figures and dates, each with its stem or, for a country, its key; `content` are those stems as a set;
    `denied` the places in `words` that a negation reaches; `keys` the countries named; `exchanged` the start and end of
    each word put for a set phrase, with the length of the phrase.
    """

    text: str
    words: tuple[Token, ...]
    stems: tuple[str, ...]
    line: tuple[tuple[Token, str], ...]
    content: frozenset[str]
    denied: frozenset[int]
    figures: tuple[Figure, ...]
    dates: tuple[WrittenDate, ...]
    names: tuple[Name, ...]
    keys: frozenset[str]
    original: str
    exchanged: tuple[tuple[int, int, int], ...]

    def written(self, part: Figure | WrittenDate | Name | Token) -> str:
        """Return a part as the original text has it."""
        return self.as_given(part.start, part.end)

    def as_given(self, start: int, end: int) -> str:
        """Return what `text[start:end]` was read from; part of a set phrase gives the whole phrase."""
        return self.original[self._place(start, is_end=False) : self._place(end, is_end=True)]

    def _place(self, at: int, *, is_end: bool) -> int:
        shift = 0
        for start, end, length in self.exchanged:
            if at <= start:
                break
            if at < end:
                return start + shift + (length if is_end else 0)
            shift += length - (end - start)
        return at + shift


@dataclass(frozen=True, slots=True)
class Case:
    """A claim, all it cites, and the cited sentences that speak of the same thing as the claim, best first.

    `similarity` is the cosine of claim and source, None where not measured; `published` the cited articles' dates.
    """

    claim: Reading
    source: Reading
    nearest: tuple[Reading, ...]
    similarity: float | None
    published: tuple[date, ...]


def read_case(claim: str, source: str, *, similarity: float | None, published: Sequence[date]) -> Case:
    """Read a claim and the text it cites."""
    read, cited = read_text(claim), read_text(source)
    return Case(read, cited, _nearest_sentences(read, cited), similarity, tuple(published))


# A text is often checked many times (each sentence of a passage while a citation is narrowed) and never changes.
@functools.lru_cache(maxsize=2048)
def read_text(text: str) -> Reading:
    """Read a text. Places are those in `Reading.text`, where typography is plain and set phrases are one word."""
    original = text
    text, exchanged = _one_word_phrases(plain(text))
    found_figures, found_dates, rest = read_figures(text)
    words = tuple(tokens(text))
    found_names = tuple(names(rest))
    line = tuple(_content(words, rest, found_names))
    outside = {
        at for at, word in enumerate(words) if rest[word.start] != BLANK and _content_stem(word.lower) is not None
    }
    return Reading(
        text=text,
        words=words,
        stems=tuple(word_stem(word.lower) for word in words),
        line=line,
        content=frozenset(stemmed for _, stemmed in line),
        denied=denied_places(text, words, outside),
        figures=found_figures,
        dates=found_dates,
        names=found_names,
        keys=frozenset(name.key for name in found_names if name.key is not None),
        original=original,
        exchanged=exchanged,
    )


_WORD = re.compile(r"(?<!\w)[a-z]+(?:'[a-z]+)?", re.IGNORECASE)
_OPENS = re.compile(r"(?:\A|[.!?:\n])[\s\"'(]*\Z")
_SHORTENED = {"can't": "can not", "won't": "will not", "shan't": "shall not", "ain't": "is not", "cannot": "can not"}


def _one_word_phrases(text: str) -> tuple[str, tuple[tuple[int, int, int], ...]]:
    """Put one word for each set phrase, "could not" for "couldn't". Returns the text and `Reading.exchanged`."""
    pieces: list[str] = []
    exchanged: list[tuple[int, int, int]] = []
    done = length = 0
    for start, end, word in sorted([*denied_conditions(text), *_phrases(text)]):
        if start < done:
            continue
        if text[start].isupper() and _OPENS.search(text, max(0, start - 4), start):  # it still opens a sentence
            word = word[0].upper() + word[1:]
        length += start - done
        exchanged.append((length, length + len(word), end - start))
        pieces += [text[done:start], word]
        done, length = end, length + len(word)
    return "".join([*pieces, text[done:]]), tuple(exchanged)


def _phrases(text: str) -> Iterator[tuple[int, int, str]]:
    for match in _WORD.finditer(text):
        word, end = _phrase_at(text, match.start(), match[0].lower())
        if word:
            yield match.start(), end, word


def _phrase_at(text: str, start: int, first: str) -> tuple[str, int]:
    """Return the word for the longest set phrase at a place, and where it ends; an empty word if there is none."""
    for phrase in _phrases_by_word().get(first, ()):
        end = start + len(phrase)
        if text[start:end].lower() == phrase and not text[end : end + 1].isalnum():
            return PHRASES[phrase], end
    if first in _SHORTENED:
        return _SHORTENED[first], start + len(first)
    return (f"{first[:-3]} not" if first.endswith("n't") else ""), start + len(first)


@functools.cache
def _phrases_by_word() -> dict[str, list[str]]:
    """Return the set phrases by their first word, long ones first: one alternation of all of them is slow."""
    found: dict[str, list[str]] = {}
    for phrase in sorted(PHRASES, key=len, reverse=True):
        found.setdefault(re.split(r"[ -]", phrase)[0], []).append(phrase)
    return found


def _content(words: Sequence[Token], rest: str, found_names: Sequence[Name]) -> Iterator[tuple[Token, str]]:
    """Yield the content words outside figures and dates with their stems; a country's name is its key, once."""
    key_at = {name.start: name.key for name in found_names if name.key is not None}
    inside = [(name.start, name.end) for name in found_names if name.key is not None]
    for word in words:
        if rest[word.start] == BLANK:
            continue
        if word.start in key_at:
            yield word, key_at[word.start]
        elif not any(start <= word.start < end for start, end in inside):
            stemmed = _content_stem(word.lower)
            if stemmed is not None:
                yield word, stemmed


@functools.lru_cache(maxsize=65536)
def _content_stem(word: str) -> str | None:
    return next(iter(stems(BASE_FORMS.get(word, word))), None)


_MOST_SENTENCES = 3


def _nearest_sentences(claim: Reading, source: Reading) -> tuple[Reading, ...]:
    """Return the sentence of a source that shares most words with the claim, and those that share further ones."""
    parts = [read_text(source.as_given(start, end)) for start, end in sentences(source.text)]
    people = {word.start for name in claim.names if name.key is None for word in claim.words if is_inside(word, name)}
    wanted = concepts_of(
        stemmed for word, stemmed in claim.line if stemmed not in exempt() and word.start not in people
    )
    shared = [wanted & concepts_of(part.content) for part in parts]
    chosen: list[Reading] = []
    covered: frozenset[str | int] = frozenset()
    while len(chosen) < _MOST_SENTENCES and parts:
        best = max(
            range(len(parts)), key=lambda at: (len(shared[at] - covered), len(claim.content & parts[at].content), -at)
        )
        if not shared[best] - covered:
            break
        covered |= shared[best]
        chosen.append(parts[best])
    return tuple(chosen) or tuple(parts)


def is_inside(word: Token, name: Name) -> bool:
    """Say whether a word is part of a name."""
    return name.start <= word.start < name.end


def concepts_of(content: Iterable[str]) -> frozenset[str | int]:
    """Return the numbers of the groups of like meaning that stems belong to, and the stems that are in none."""
    groups = same()
    return frozenset(concept for word in content for concept in (groups.get(word) or (word,)))


def is_in(word: str, others: frozenset[str], concepts: frozenset[str | int]) -> bool:
    """Say whether a stem is among others or, going by their concepts, one of like meaning is."""
    return word in others or any(group in concepts for group in same().get(word, ()))
