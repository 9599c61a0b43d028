"""Questions that the library answers, for a reader who does not know yet what to ask.

They come from the articles: question headings (FAQ), and people who are quoted by name. Each is tried before it is
offered.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from assistant.domain import Article, BlockKind
from assistant.library import Snapshot

ARTICLES_READ = 12
SUGGESTIONS = 6
_SPEAKER = re.compile(
    r"[,.?!][\"”]\s+(?:said|says|warned|argued|added)\s+(?P<name>[A-Z][\w’'-]+(?:\s[A-Z][\w’'-]+){1,2})"
)


def suggest(snapshot: Snapshot, is_answerable: Callable[[Snapshot, str], bool]) -> list[str]:
    """Return at most six questions, of different articles as far as possible; [] if the articles offer none."""
    per_article = [
        questions_of(snapshot.article(summary.article_id).article) for summary in snapshot.articles(limit=ARTICLES_READ)
    ]
    chosen: list[str] = []
    while per_article and len(chosen) < SUGGESTIONS:
        for candidates in list(per_article):
            question = next((asked for asked in candidates if is_answerable(snapshot, asked)), None)
            if question is None:
                per_article.remove(candidates)
            elif question not in chosen:
                chosen.append(question)
    return chosen[:SUGGESTIONS]


def questions_of(article: Article) -> Iterator[str]:
    """Yield the questions that an article asks itself, then those about whom it quotes."""
    for block in article.blocks:
        text = " ".join(article.text[block.start : block.end].split())
        if block.kind is BlockKind.HEADING and text.endswith("?") and 20 <= len(text) <= 90:
            yield text
    for match in _SPEAKER.finditer(article.text):
        yield f"What did {' '.join(match['name'].split())} say?"
