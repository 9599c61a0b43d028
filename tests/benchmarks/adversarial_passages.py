"""Sentences of real articles, each with the passage it is cited from, split by article into dev and test.

The trade articles come first: the product's samples are dev, the articles that came with the task are test. Every
other article goes to one half or the other by the hash of its title, so that no article is in both.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from assistant.domain import BlockKind
from ingest.parse import parse

SAMPLES = Path(__file__).resolve().parents[2] / "ingest" / "samples"
SPLITS = ("dev", "test")
MAX_FILE_BYTES = 10_000_000
# Of the 35 articles of SQuAD, so many are densest in figures, dates, names, modal and direction words. The others
# are only drawn from for kinds that these do not fill.
DENSEST = 26
# Abstracts taken of each collection, before the split.
ABSTRACTS = {"scifact": 500, "cranfield": 160}
# Words of a sentence that can be told from a heading and read in one breath.
SENTENCE_WORDS = (8, 48)

_ABBREVIATED = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|Sen|Rep|Gov|Gen|Lt|Col|St|Mt|vs?|No|Nos|Art|Fig|Vol|Inc|Corp|Co|Ltd|Jr|Sr|ca|approx|lit"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|al|cf|e\.g|i\.e|c)|\b[A-Z](?:\.[A-Z])*|\.\.)\.$"
)
_END = re.compile(r"[.!?][\"”’')\]]*(?:\[\d+\])*(?=\s)")
_DENSE = re.compile(
    r"\d|\b(?:may|might|could|will|must|should|rose|fell|increase\w*|decrease\w*|more|less|above|below|before|after"
    r"|according|said|argued|percent|million|billion|law|court|parliament|government|treaty|minister|tax|trade|oil"
    r"|agreement|commission|council|president|war)\b|(?<=[a-z,] )[A-Z][a-z]+"
)
_CLOSED = {"(": ")", "[": "]", "“": "”", "«": "»"}


@dataclass(frozen=True, slots=True)
class Source:
    """A sentence and the passage cited for it, which holds it once; `elsewhere` are the other
    paragraphs of its article.

    `published` is the day the article states, as the product would hand it to the verification.
    """

    article: str
    collection: str
    sentence: str
    span: str
    elsewhere: tuple[str, ...] = field(repr=False, default=())
    published: date | None = None

    @property
    def key(self) -> str:
        """Return what tells this source from every other, the same in each run."""
        return hashlib.sha256(f"{self.article}\n{self.sentence}\n{self.span}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Text:
    """An article as its paragraphs."""

    title: str
    collection: str
    paragraphs: tuple[tuple[str, ...], ...]
    published: date | None = None


def split_of(title: str, collection: str) -> str:
    """Return the half an article belongs to."""
    if collection in ("samples", "articles"):
        return "dev" if collection == "samples" else "test"
    return SPLITS[hashlib.sha256(f"adversarial {title}".encode()).digest()[0] % 2]


def sources(data: Path, split: str, *, seed: int = 0) -> list[Source]:
    """Return the sources of one half, in an order that depends on the seed alone.

    `data` is the folder that holds `articles` and `bench/data`. Raises FileNotFoundError if it does not.
    """
    found = [
        source
        for text in texts(data)
        if split_of(text.title, text.collection) == split
        for source in sources_of(text, seed=seed)
    ]
    return sorted(found, key=lambda source: hashlib.sha256(f"{seed} {source.key}".encode()).digest())


def texts(data: Path) -> Iterator[Text]:
    """Yield every article of both halves."""
    yield from sample_texts()
    yield from _files(sorted((data / "articles").glob("*.txt")), "articles")
    collections = data / "bench" / "data"
    yield from _squad(_records(collections / "squad" / "corpus.jsonl"))
    for name, count in ABSTRACTS.items():
        yield from _abstracts(_records(collections / name / "corpus.jsonl"), name, count)


def sample_texts() -> Iterator[Text]:
    """Yield the product's sample articles."""
    return _files(sorted(SAMPLES.glob("*.*")), "samples")


def sources_of(text: Text, *, seed: int = 0) -> Iterator[Source]:
    """Yield each usable sentence of an article: cited alone, with its neighbours, or with its whole paragraph."""
    whole = [" ".join(paragraph) for paragraph in text.paragraphs]
    for place, paragraph in enumerate(text.paragraphs):
        for index, sentence in enumerate(paragraph):
            if not is_usable(sentence) or paragraph.count(sentence) > 1:
                continue
            share = random.Random(f"{seed} {text.title} {sentence}").random()
            reach = 0 if share < 0.4 else 1 if share < 0.8 else len(paragraph)
            span = " ".join(paragraph[max(0, index - reach) : index + reach + 1])
            rest = tuple(one for other, one in enumerate(whole) if other != place)
            yield Source(text.title, text.collection, sentence, span, rest, text.published)


def sentences(paragraph: str) -> tuple[str, ...]:
    """Return the sentences of a paragraph on one line each; what is left open in brackets goes on."""
    line = " ".join(paragraph.split())
    found, start = [], 0
    for end in _END.finditer(line):
        piece = line[start : end.end()]
        following = line[end.end() :].lstrip()[:1]
        if _ABBREVIATED.search(piece.rstrip("\"”’')]")) or not (following.isupper() or following in "\"“'‘("):
            continue
        if not _is_closed(piece):
            continue
        found.append(piece.strip())
        start = end.end()
    return tuple(piece for piece in (*found, line[start:].strip()) if piece)


def is_usable(sentence: str) -> bool:
    """Say whether a sentence can be changed in one place and still be read: whole, closed, no question."""
    count = len(sentence.split())
    return (
        SENTENCE_WORDS[0] <= count <= SENTENCE_WORDS[1]
        and sentence[:1].isupper()
        and sentence[-1:] == "."
        and _is_closed(sentence)
        and "http" not in sentence
        and re.search(r"[=<>^\\|]", sentence) is None
        and sum(letter.isalpha() or letter == " " for letter in sentence) / len(sentence) > 0.8
    )


def _is_closed(text: str) -> bool:
    return text.count('"') % 2 == 0 and all(text.count(left) == text.count(right) for left, right in _CLOSED.items())


def _records(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _files(paths: Iterable[Path], collection: str) -> Iterator[Text]:
    answered = (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM)
    for path in paths:
        if path.suffix == ".py":
            continue
        article = parse(path, max_bytes=MAX_FILE_BYTES)
        blocks = [article.text[block.start : block.end] for block in article.blocks if block.kind in answered]
        yield Text(path.stem, collection, tuple(map(sentences, blocks)), article.published)


def _squad(records: Iterable[dict[str, Any]]) -> Iterator[Text]:
    paragraphs: dict[str, list[str]] = defaultdict(list)
    for record in records:
        paragraphs[record["title"]].append(record["text"])
    densest = sorted(paragraphs, key=lambda title: (-_density(paragraphs[title]), title))
    for place, title in enumerate(densest):
        collection = "squad" if place < DENSEST else "squad, other"
        yield Text(title, collection, tuple(map(sentences, paragraphs[title])))


def _density(paragraphs: list[str]) -> float:
    text = " ".join(paragraphs)
    return len(_DENSE.findall(text)) / max(1, len(text.split()))


def _abstracts(records: Iterable[dict[str, Any]], collection: str, count: int) -> Iterator[Text]:
    order = sorted(records, key=lambda record: hashlib.sha256(f"{collection} {record['_id']}".encode()).digest())
    for record in order[:count]:
        text = record["text"]
        # Cranfield is lower case throughout, with its marks set off by spaces.
        whole = text if collection != "cranfield" else _as_prose(text)
        yield Text(f"{collection} {record['_id']}", collection, (sentences(whole),))


def _as_prose(text: str) -> str:
    closed = re.sub(r"\s+([.,;:)])", r"\1", text)
    return re.sub(r"(^|\.\s+)([a-z])", lambda match: match[1] + match[2].upper(), closed)
