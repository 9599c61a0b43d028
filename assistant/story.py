"""What an article tells, without its frame, and whether two articles tell the same: a wire story and its copies.

A copy has another headline, byline, dateline or credit, is cut after some paragraphs, or has a sentence edited. Two
notices written from one template share most of their words and none of their facts, and an update differs from its
story by one figure: neither is a copy. So words find what may be a copy, and figures, dates and names decide.
"""

from __future__ import annotations

import functools
import hashlib
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from itertools import chain

from assistant.domain import Article, BlockKind
from assistant.places import KEYS
from assistant.sides import is_opposed
from assistant.text import sentences
from assistant.vocabulary import NEGATIONS

# Shorter texts are notes such as "Subscribe to read on", which many articles have in common.
MIN_WORDS = 25
# Words in a row that are compared as one: two reports of one event in their own words share hardly any.
SHINGLE_WORDS = 4
# Thresholds chosen on the pairs of tests/test_copies.py. The share of the shorter text that stands in the longer one:
# one edited sentence of six leaves .75, and what quotes three paragraphs of five .6.
CONTAINED = 0.7
# Shorter than this share of the longer text it is a quotation in another article …
MIN_LENGTH = 0.6
# … unless it is the beginning of the longer text: a story cut after some paragraphs, down to this share of it.
MIN_BEGINNING = 0.25
# It may have a standfirst or an advertisement before or inside it of this share of its length, and this many words.
BEGINNING_SLACK, STANDFIRST_WORDS = 0.15, 15
# Figures of the shorter text that the longer one may lack: "Tuesday" told as "7 October", or this share of them. Two
# notices of one template differ in more; without this bound each new one would be compared with all others in full.
MISSING_FIGURES, MISSING_SHARE = 2, 0.05
# Two sentences with this share of the shorter one's words in common are one sentence that was edited.
SAME_SENTENCE = 0.6
# With this share they differ in a word or two.
NEARLY_EQUAL = 0.8
# Sentences whose names were exchanged: one may be "Xi" for "the Chinese leader", two are another story.
MAX_EXCHANGED_NAMES = 1

_TOLD = frozenset({BlockKind.PARAGRAPH, BlockKind.LIST_ITEM, BlockKind.TABLE_ROW})
_DATELINE_PARAGRAPHS = 3


@dataclass(frozen=True)
class Story:
    """The sentences of an article as words in one spelling: names begin with a capital, all other words do not."""

    sentences: tuple[str, ...]

    @functools.cached_property
    def words(self) -> tuple[str, ...]:
        """Return all words in order."""
        return tuple(word for sentence in self.sentences for word in sentence.split())

    @functools.cached_property
    def text_hash(self) -> str:
        """Return the sha256 (hex) of the sentences; equal hashes are the same story word for word."""
        return hashlib.sha256("\n".join(self.sentences).encode()).hexdigest()

    @functools.cached_property
    def shingles(self) -> frozenset[str]:
        """Return every run of SHINGLE_WORDS words, without regard to capitals."""
        return _shingles(self.words)

    @functools.cached_property
    def figures(self) -> frozenset[str]:
        """Return the figures, dates and identifiers."""
        return _figures(self.words)


def read_story(article: Article) -> Story | None:
    """Return what an article's paragraphs, list items and table rows tell; None for fewer than MIN_WORDS words.

    Datelines, credits and dates of an update are left out, wherever the file's format hid them from the parser.
    """
    texts = [article.text[block.start : block.end] for block in article.blocks if block.kind in _TOLD]
    story = Story(tuple(chain.from_iterable(_told_sentences(text, place) for place, text in enumerate(texts))))
    return story if len(story.words) >= MIN_WORDS else None


def told(text: str) -> tuple[str, ...]:
    """Return the sentences of a part of an article as its story has them."""
    return tuple(_told_sentences(text, 0))


def is_copy(one: Story, other: Story) -> bool:
    """Say whether two stories have one origin; the same whichever comes first."""
    if one.text_hash == other.text_hash:
        return True
    shorter, longer = sorted((one, other), key=lambda story: (len(story.words), story.text_hash))
    return (
        may_be_copy(len(shorter.words), shorter.figures, len(longer.words), longer.figures)
        and _is_contained(shorter, longer)
        and not _tells_otherwise(shorter, longer)
    )


def may_be_copy(words: int, figures: Set[object], words_of_longer: int, others: Set[object]) -> bool:
    """Say whether lengths and figures allow a copy: the quick part of `is_copy`, for a story and a longer one."""
    is_long_enough = words >= MIN_BEGINNING * words_of_longer
    return is_long_enough and len(figures - others) <= max(MISSING_FIGURES, MISSING_SHARE * len(figures))


def _is_contained(shorter: Story, longer: Story) -> bool:
    share = len(shorter.shingles & longer.shingles) / len(shorter.shingles)
    if share < CONTAINED:
        return False
    if len(shorter.words) >= MIN_LENGTH * len(longer.words):
        return True
    beginning = longer.words[: int((1 + BEGINNING_SLACK) * len(shorter.words)) + STANDFIRST_WORDS]
    return len(shorter.shingles & _shingles(beginning)) / len(shorter.shingles) >= CONTAINED


def _shingles(words: tuple[str, ...]) -> frozenset[str]:
    lower = [word.lower() for word in words]
    last = max(1, len(lower) - SHINGLE_WORDS + 1)
    return frozenset(" ".join(lower[start : start + SHINGLE_WORDS]) for start in range(last))


def _tells_otherwise(shorter: Story, longer: Story) -> bool:
    """Say whether what is not the same in both tells of other facts."""
    common = set(shorter.sentences) & set(longer.sentences)
    own, others = _Rest.of(shorter, common), _Rest.of(longer, common)
    if _has_exchanged_figures(own, others, shorter, longer):
        return True
    exchanged_names = 0
    for one, other in _edited(own.sentences, others.sentences):
        if _is_contradicted(one, other):
            return True
        exchanged_names += _are_exchanged(_names(one), _names(other))
        if exchanged_names > MAX_EXCHANGED_NAMES:
            return True
    return False


@dataclass(frozen=True, slots=True)
class _Rest:
    """The sentences of a story that another one lacks, each after the last common sentence before it ("" if none)."""

    gaps: dict[str, list[str]]
    last_gap: str

    @classmethod
    def of(cls, story: Story, common: set[str]) -> _Rest:
        gaps: dict[str, list[str]] = defaultdict(list)
        gap = ""
        for sentence in story.sentences:
            if sentence in common:
                gap = sentence
            else:
                gaps[gap].append(sentence)
        return cls(gaps, gap)

    @property
    def sentences(self) -> list[str]:
        return [sentence for gap in self.gaps.values() for sentence in gap]


def _has_exchanged_figures(own: _Rest, others: _Rest, one: Story, other: Story) -> bool:
    """Say whether at one place each story has a figure that stands nowhere in the other.

    After the last common sentence it may: there, one was cut, and each publisher adds what it likes.
    """
    places = (own.gaps.keys() & others.gaps.keys()) - {own.last_gap, others.last_gap}
    return any(
        _figures(_words(own.gaps[place])) - other.figures and _figures(_words(others.gaps[place])) - one.figures
        for place in places
    )


def _edited(own: list[str], others: list[str]) -> Iterator[tuple[list[str], list[str]]]:
    """Yield the pairs of sentences that are one sentence, edited, as words."""
    split = [sentence.split() for sentence in others]
    lowered = [frozenset(word.lower() for word in words) for words in split]
    holders: dict[str, list[int]] = defaultdict(list)
    for place, held in enumerate(lowered):
        for word in held:
            holders[word].append(place)
    for sentence in own:
        words = sentence.split()
        lower = frozenset(word.lower() for word in words)
        # Words that hundreds of sentences hold find nothing, and would take time squared in long texts.
        shared = Counter(chain.from_iterable(places for word in lower if len(places := holders.get(word, [])) < 200))
        best = max(shared, key=lambda place: (len(lower & lowered[place]), -place), default=None)
        if best is not None:
            least = min(len(lower), len(lowered[best]))
            if len(lower & lowered[best]) >= max(3, SAME_SENTENCE * least):
                yield words, split[best]


def _is_contradicted(one: list[str], other: list[str]) -> bool:
    """Say whether two readings of one sentence give other figures, other days, or the opposite."""
    if _are_exchanged(_figures(one), _figures(other)) or _are_exchanged(_weekdays(one), _weekdays(other)):
        return True
    texts = " ".join(one), " ".join(other)
    if is_opposed(*texts) and is_opposed(*reversed(texts)):
        return True
    words, others = frozenset(map(str.lower, one)), frozenset(map(str.lower, other))
    if len(words & others) < NEARLY_EQUAL * max(len(words), len(others)):
        return False
    return _is_negated(one) != _is_negated(other) or is_opposed(*texts) or is_opposed(*reversed(texts))


def _are_exchanged(one: frozenset[str], other: frozenset[str]) -> bool:
    return bool(one - other) and bool(other - one)


def _figures(words: Iterable[str]) -> frozenset[str]:
    return frozenset(
        word.lower() for word in words if any(map(str.isdigit, word)) or word.lower() in _AMOUNTS or word in _MONTHS
    )


def _weekdays(words: Iterable[str]) -> frozenset[str]:
    return frozenset(words) & _WEEKDAYS


def _names(words: Iterable[str]) -> frozenset[str]:
    return frozenset(word for word in words if word[0].isupper()) - _WEEKDAYS - _MONTHS - _FORMS_OF_ADDRESS


def _is_negated(words: Iterable[str]) -> bool:
    return any(word in NEGATIONS or word.endswith("n't") for word in words)


def _words(sentences_of_words: Iterable[str]) -> list[str]:
    return [word for sentence in sentences_of_words for word in sentence.split()]


# ---- Reading: one spelling for what publishers write differently ----

_MONTHS = frozenset("January February March April May June July August September October November December".split())
_SHORT_MONTHS = {month[:3].lower(): month for month in _MONTHS} | {"sept": "September"}
_WEEKDAYS = frozenset("Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split())
_FORMS_OF_ADDRESS = frozenset("Mr Mrs Ms Dr President Minister Secretary Chairman Ambassador Sir".split())
_AMOUNTS = frozenset("percent thousand million billion trillion half third quarter double triple dozen".split())
_NUMBERS = {
    word: str(number)
    for number, word in enumerate("two three four five six seven eight nine ten eleven twelve".split(), start=2)
}
_UNITS = {"k": "thousand", "m": "million", "mn": "million", "mln": "million", "bn": "billion", "tn": "trillion"}
_PLACE_WORDS = max(map(len, KEYS))
_PLACE_STARTS = frozenset(form[0] for form in KEYS)

_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_DASHES = re.compile("[\u2010-\u2015\u2212]")
_PERCENT = re.compile(r"(?<=\d)\s*(?:%|(?:per\s?cent|pct)\b)", re.IGNORECASE)
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_JOINED_UNIT = re.compile(r"(?<=\d)(k|m|mn|mln|bn|tn)\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+(?:\.?['’]s\b|[.'’/-][^\W_]+)*")
_DATE = r"(?:,?\s+(?:[A-Z][a-z]{2,8}\.?\s+\d{1,2}|\d{1,2}\s+[A-Z][a-z]{2,8})(?:,?\s+\d{4})?)"
_AGENCY = r"\([A-Z][^()]{1,30}\)"
_DATELINE = re.compile(
    rf"\s*(?:[A-Z][\w.’'/ -]{{1,40}}(?:,\s+[A-Z][\w.’' ]{{1,20}})?{_DATE}?\s+{_AGENCY}\s*(?:--?|[–—:])?\s*"
    rf"|[A-Z]{{3,}}[A-Z.,’'/ -]{{0,40}}(?:,\s+[A-Z][\w.’' ]{{1,20}})?{_DATE}?\s*(?:--?|[–—])\s+"
    rf"|{_AGENCY}\s*(?:--?|[–—])\s+)"
)
_CREDIT = re.compile(
    r"\W*(?:(?:additional |further )?(?:reporting|writing|editing) by\b|(?:written|edited|compiled) by\b|©|copyright\b"
    r"|all rights reserved|(?:last |first )?(?:updated|published|posted|modified)(?: on| at)?\b[^.]{0,60}$"
    r"|with (?:inputs?|files|reporting) from\b|sources?:|photo(?:graph)?:"
    r"|this (?:story|article|report) (?:was|has been) |by [A-Z][\w.’'-]+ [A-Z][^.]{0,60}$)",
    re.IGNORECASE,
)
_SPELLINGS = (
    (re.compile(r"(?<=..)is(?=(?:e|es|ed|ing|ation|ations|er|ers)$)"), "iz"),
    (re.compile(r"(?<=..)ys(?=(?:e|es|ed|ing|er|ers)$)"), "yz"),
    (re.compile(r"(?<=[a-z]{2})our(?=$|s$|ed$|ing$|able$|ite|al$)"), "or"),
    (re.compile(r"(?<=[bt])re(?=$|s$|d$)"), "er"),
    (re.compile(r"(?<=[aeiou])ll(?=ed$|ing$|er$|ers$|or$|ors$)"), "l"),
    (re.compile(r"(?<=..)ogue(?=$|s$)"), "og"),
    (re.compile(r"(?<=[a-z]gram)me(?=$|s$)"), ""),
    (re.compile(r"(?<=[a-z]en)c(?=e$|es$)"), "s"),
    (re.compile(r"(?<=acti)c(?=e$|es$|ed$)"), "s"),
    (re.compile(r"(?<=.)ae(?=.)"), "e"),
    (re.compile(r"(?<=jud)ge(?=ment)"), "g"),
)


def _told_sentences(text: str, place: int) -> Iterator[str]:
    """Yield a block's sentences as words; none of a credit."""
    plain = _DASHES.sub("-", _UNSEEN.sub("", unicodedata.normalize("NFKC", text)))
    if _CREDIT.match(plain):
        return
    if place < _DATELINE_PARAGRAPHS and (dateline := _DATELINE.match(plain)):
        plain = plain[dateline.end() :]
    plain = _JOINED_UNIT.sub(lambda unit: f" {_UNITS[unit[1].lower()]}", _THOUSANDS.sub("", plain))
    plain = _PERCENT.sub(" percent", plain)
    for start, end in sentences(plain, wrapped=True):
        if words := " ".join(_read_words(plain[start:end])):
            yield words


def _read_words(sentence: str) -> Iterator[str]:
    written = [part for match in _WORD.finditer(sentence) for part in _parts(match[0])]
    lower = [word.lower() for word in written]
    at = 0
    while at < len(written):
        length, place = _place_at(written, lower, at)
        yield place or _one_spelling(written[at], at == 0)
        at += length


def _parts(word: str) -> list[str]:
    """Part a word at its hyphens, unless it is an identifier such as `A-570-123`."""
    whole = word.replace("’", "'")
    if whole.isalpha() or any(map(str.isdigit, whole)):
        return [whole]
    parts = (part.removesuffix("'s").replace(".", "") for part in re.split("[/-]", whole))
    return [part for part in parts if part]


def _place_at(written: list[str], lower: list[str], at: int) -> tuple[int, str]:
    """Return how many words name a place here, and the place; (1, "") for none."""
    is_named = written[at][:1].isupper() and lower[at] in _PLACE_STARTS and (lower[at] != "us" or written[at] == "US")
    for length in range(_PLACE_WORDS if is_named else 0, 0, -1):
        if key := KEYS.get(tuple(lower[at : at + length])):
            return length, key.title().replace(" ", "")
    return 1, ""


@functools.lru_cache(maxsize=65536)
def _one_spelling(written: str, is_first: bool) -> str:
    lower = written.lower()
    if lower in _SHORT_MONTHS and written[0].isupper():
        return _SHORT_MONTHS[lower]
    if written.title() in _MONTHS | _WEEKDAYS and written[0].isupper():
        return written.title()
    if any(map(str.isdigit, lower)):
        return lower
    if lower in _NUMBERS:
        return _NUMBERS[lower]
    if lower in _UNITS and len(lower) > 1:
        return _UNITS[lower]
    for pattern, spelling in _SPELLINGS:
        lower = pattern.sub(spelling, lower)
    is_name = written[:1].isupper() and (not is_first or (len(written) > 1 and written.isupper()))
    return lower[:1].upper() + lower[1:] if is_name else lower
