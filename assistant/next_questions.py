"""What may be asked next: questions about the articles just cited, or named beside a refusal, that the library answers.

They come from what those articles say: headings that ask, people who are quoted, and headings that name a subject.
Each is tried before it is offered, and none asks again what the conversation has asked already.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice, zip_longest

from assistant.domain import Answer, Article, BlockKind
from assistant.library import Snapshot
from assistant.suggestions import questions_of
from assistant.text import content_stems

ARTICLES_READ = 3
TRIED = 8
# A heading such as "Why prices fall" is half a question: what is said "about" it cannot be asked.
_SUBJECT = re.compile(r"(?!(?:What|Why|How|When|Where|Who|Whose|Which|Whether)\b)[A-Z][\w’'-]*(?: [\w’'&%.-]+){1,7}")
# Headings that stand over anything: they name no subject to ask about.
_FURNITURE = re.compile(
    r"\b(?:summary|background|introduction|conclusions?|overview|contact|about (?:us|the author)|next steps"
    r"|key (?:points|takeaways)|further information|supplementary information|related|read more|references|sources"
    r"|appendix|annex|frequently asked questions|faqs?|table of contents|dates?|addresses|comments)\b",
    re.IGNORECASE,
)


def next_questions(
    snapshot: Snapshot, history: Sequence[Answer], is_answerable: Callable[[str], bool], *, limit: int = 3
) -> list[str]:
    """Return at most `limit` questions to go on with after the last answer of `history`; [] if there are none."""
    asked = [_stems(answer.standalone_question) for answer in history]
    offered: list[str] = []
    for question in islice(_fresh(snapshot, history[-1], asked), TRIED):
        if is_answerable(question):
            offered.append(question)
        if len(offered) == limit:
            break
    return offered


def _fresh(snapshot: Snapshot, answer: Answer, asked: list[frozenset[str]]) -> Iterator[str]:
    """Yield the questions of the articles in turn, without those that are asked already in other words."""
    seen = list(asked)
    for question in _of_articles(snapshot, answer):
        stems = _stems(question)
        if stems and not any(_is_same(stems, before) for before in seen):
            seen.append(stems)
            yield question


def _of_articles(snapshot: Snapshot, answer: Answer) -> Iterator[str]:
    cited = [citation.article_id for citation in answer.citations] or [near.article_id for near in answer.nearest]
    live = snapshot.summaries(list(dict.fromkeys(cited)))
    articles = [snapshot.article(one).article for one in dict.fromkeys(cited) if one in live]
    in_turn = zip_longest(*(chain(questions_of(one), _of_subjects(one)) for one in articles[:ARTICLES_READ]))
    return (question for questions in in_turn for question in questions if question)


def _of_subjects(article: Article) -> Iterator[str]:
    for block in article.blocks:
        text = " ".join(article.text[block.start : block.end].split()).rstrip(":")
        if block.kind is BlockKind.HEADING and _SUBJECT.fullmatch(text) and not _FURNITURE.search(text):
            yield f"What is said about “{text}”?"


def _stems(question: str) -> frozenset[str]:
    return frozenset(content_stems(question))


def _is_same(stems: frozenset[str], before: frozenset[str]) -> bool:
    """Say whether two questions share most of their words."""
    return 2 * len(stems & before) > len(stems | before)
