"""What `make page` looks at: conversations of stored answers, and libraries of many short articles.

The answers are the product's own, to the questions about the sample articles; they are stored again and again, each
time under another question, so that nothing that is remembered by question serves twice. The made-up articles go into
the library by the product's writer, with vectors drawn at random.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import cycle, islice
from pathlib import Path

import numpy as np

from assistant.answering import ExtractiveAnswerer
from assistant.assistant import Assistant
from assistant.conversation_records import LOCAL, StoredTurn, TurnState, title_of
from assistant.conversations import ConversationStore
from assistant.domain import Answer, Article, Block, BlockKind, PassageSpan, embedded_text
from assistant.embedding import embedder_name, lasting_setting
from assistant.records import NewArticle, text_hash
from assistant.settings import Settings
from assistant.writer import Writer
from ingest.chunk import CHUNKER_VERSION

QUESTIONS = Path(__file__).resolve().parent.parent / "data" / "questions.jsonl"
ARTICLES_PER_COMMIT = 500
FIRST_DAY = date(2020, 1, 1)
PUBLISHERS = tuple(f"{place} {kind}" for place in ("Narva", "Quentland", "Osmark") for kind in ("Gazette", "Ledger"))
GOODS = ("steel", "zinc", "cotton", "sugar", "rice", "copper", "glass", "timber", "wool", "paper", "tin", "salt")
ACTS = ("raised", "cut", "kept", "suspended", "announced", "reviewed", "ended", "doubled", "halved", "defended")


def sample_questions() -> list[str]:
    """Return the questions that are asked about the sample articles."""
    return [json.loads(line)["question"] for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]


def sample_answers(settings: Settings, count: int) -> list[Answer]:
    """Ask so many questions; return the answers, refusals among them, one with several citations last."""
    assistant = Assistant.open(settings, answerer=ExtractiveAnswerer())
    try:
        answers = [assistant.ask(question) for question in sample_questions()[:count]]
    finally:
        assistant.close()
    return sorted(answers, key=lambda answer: len(answer.citations) > 1)


def store_conversation(data_dir: Path, key: str, answers: Sequence[Answer], turns: int) -> None:
    """Store a conversation of so many turns; the last one gives the last of `answers`."""
    store = ConversationStore(data_dir)
    begun = datetime.now(UTC) - timedelta(days=30)
    rounds = -turns % len(answers)
    for number, answer in enumerate(islice(cycle(answers), rounds, rounds + turns), 1):
        question = f"{answer.question} (Asked as number {number} of {key}.)"
        asked = replace(answer, question=question, standalone_question=question)
        turn = StoredTurn(number, question, begun + timedelta(minutes=number), TurnState.DONE, answer=asked)
        store.save(LOCAL, key, turn, title=title_of(question))


def add_articles(settings: Settings, count: int) -> None:
    """Put so many made-up articles of one passage each into the library of the settings, and publish them."""
    name, dimension = embedder_name(settings)
    with Writer.open(
        settings.data_dir,
        embedding_model=name,
        dimension=dimension,
        chunker_version=CHUNKER_VERSION,
        embedding_setting=lasting_setting(settings),
    ) as writer:
        articles = _made_up(count, dimension)
        while batch := list(islice(articles, ARTICLES_PER_COMMIT)):
            writer.put(batch)
        writer.publish_vectors()


def _made_up(count: int, dimension: int) -> Iterator[NewArticle]:
    chance, draws = random.Random(count), np.random.default_rng(count)
    for number in range(count):
        good = chance.choice(GOODS)
        title = f"Notice {number} on {good}"
        text = (
            f"The customs office of {chance.choice(PUBLISHERS).split()[0]} {chance.choice(ACTS)} the fee on {good} "
            f"number {number} by {chance.randint(1, 99)} percent after it {chance.choice(ACTS)} its list of goods."
        )
        article = Article(
            title,
            text,
            (Block(BlockKind.PARAGRAPH, 0, len(text)),),
            publisher=chance.choice(PUBLISHERS),
            published=FIRST_DAY + timedelta(days=chance.randrange(2_000)),
        )
        vector = draws.standard_normal((1, dimension)).astype(np.float32)
        yield NewArticle(
            location=f"/made-up/{number}.md",
            file_hash=hashlib.sha256(text.encode()).hexdigest(),
            size=len(text),
            changed_ns=number + 1,
            article=article,
            passages=(PassageSpan(0, len(text)),),
            vectors=vector / np.linalg.norm(vector),
            hashes=(text_hash(embedded_text(title, (), text)),),
        )
