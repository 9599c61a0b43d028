"""What the copies of one story say again: of several articles with one origin, each sentence is taken once.

The best-ranked article's sentence stays, the origin's where it ranks about as well. What only a copy says stays too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from assistant.story import told

# A score this much lower is no worse: of two articles that say the same, the headline alone moves it more.
ABOUT_AS_WELL = 0.05

Ranked = TypeVar("Ranked")


def without_repeats(
    ranked: Sequence[Ranked],
    origins: Mapping[str, str],
    *,
    article_id: Callable[[Ranked], str],
    text: Callable[[Ranked], str],
    score: Callable[[Ranked], float],
) -> list[Ranked]:
    """Return what remains of passages or units, in their order, without what better ones of their story say.

    `origins` names the origin of each article that has copies. An article never repeats itself.
    """
    said: dict[tuple[str, str], str] = {}  # (origin, sentence) → the article that says it
    repeated: set[int] = set()
    for place in _origins_first(ranked, origins, article_id, score):
        article = article_id(ranked[place])
        sentences = [(origins[article], sentence.lower()) for sentence in told(text(ranked[place]))]
        if sentences and all(said.get(sentence, article) != article for sentence in sentences):
            repeated.add(place)
        else:
            said |= {sentence: article for sentence in sentences if sentence not in said}
    return [one for place, one in enumerate(ranked) if place not in repeated]


def _origins_first(
    ranked: Sequence[Ranked],
    origins: Mapping[str, str],
    article_id: Callable[[Ranked], str],
    score: Callable[[Ranked], float],
) -> Iterable[int]:
    """Return the places of what has copies, best first, with a head start for origins."""

    def merit(place: int) -> float:
        article = article_id(ranked[place])
        return score(ranked[place]) + ABOUT_AS_WELL * (origins[article] == article)

    places = [place for place, one in enumerate(ranked) if article_id(one) in origins]
    return sorted(places, key=merit, reverse=True)
