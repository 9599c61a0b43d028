"""Ask an earlier question about something else: "What about tin?", "And for Japan?", "And in 2027?".

What the follow-up names takes the place of the thing of the same type in the earlier question: a date for a date, a
country for a country, a person for a person, a good for a good.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from assistant.domain import Answer
from assistant.figures import dates
from assistant.names import names
from assistant.question_parts import ASKS, CARRIED, MOST_CONTENT_WORDS, POSSESSIVE, VERB
from assistant.text import stem, stems
from assistant.vocabulary import goods

_OPENS_ABOUT = re.compile(r"^(?:what|how) (?:about|of)\b|^same for\b", re.IGNORECASE)
_ABOUT_ANOTHER = re.compile(
    r"^(?:(?:what|how) about|what of|and|same for|also)?\s*(?:(?P<prep>for|in|on|to|with|from|by|against|under|at|"
    r"after|before|about|regarding)\s+)?(?P<what>[^?]+?)\s*(?:then|too|as well)?\s*\?*$",
    re.IGNORECASE,
)
_POINTS_BACK = re.compile(r"\b(?:it|its|he|she|him|her|his|they|them|their|this|that|these|those)\b", re.IGNORECASE)
PLACE_OF_TOPIC = re.compile(
    r"(?P<before>\b(?:about|regarding|happened to|happen to|become of|happens to|"
    r"status of))\s+(?P<what>.+?)(?P<after>\s(?:after|since|when|during|following|in|on|by|before)\s.*)?$",
    re.IGNORECASE,
)


def about_another(core: str, history: Sequence[Answer]) -> str | None:
    """Ask the earlier question again with one thing in it exchanged for what the follow-up names."""
    is_about = _OPENS_ABOUT.match(core) is not None
    if not is_about and (len(core.split()) > 5 or VERB.search(core) or ASKS.match(core)):
        return None
    match = _ABOUT_ANOTHER.match(core)
    if (
        match is None
        or _POINTS_BACK.search(match["what"])
        or ASKS.match(match["what"])
        or len(stems(match["what"])) > MOST_CONTENT_WORDS + 1
    ):
        return None
    what = match["what"]
    if not is_about and not match["prep"] and not (names(f"x {what}") or _goods_in(what) or dates(what)):
        return None
    if history[-1].is_refusal:
        same_type = _of_same_type(_bared(history[-1]), what, match["prep"])
        if same_type:
            return same_type
    answered = next((answer for answer in reversed(history) if not answer.is_refusal), None)
    if answered is None:
        return None
    earlier = _bared(answered)
    exchanged = _exchanged(earlier, what, match["prep"])
    return exchanged or f"What about {what}: {earlier[0].lower()}{earlier[1:]}"


def _bared(answer: Answer) -> str:
    earlier = " ".join(answer.standalone_question.split()).rstrip("? ")
    return ASKED_ABOUT.sub("", earlier) or earlier


# What an earlier follow-up put in front; a new one takes its place.
ASKED_ABOUT = re.compile(r"^What about [^:]*: ")


def _exchanged(earlier: str, what: str, preposition: str | None) -> str | None:
    """Return the earlier question asked about `what` instead, or of `what` in addition."""
    same_type = _of_same_type(earlier, what, preposition)
    if same_type:
        return same_type
    carried = CARRIED.search(earlier)
    asked = CARRIED.sub("", earlier)
    place = PLACE_OF_TOPIC.search(asked)
    if carried and (preposition in (None, "about", "on", "regarding")):
        return f"{asked} (about {what})" if not names(f"x {what}") and not dates(what) else None
    if place and not names(f"x {what}") and not dates(what) and (preposition in (None, "about", "on", "regarding")):
        return asked[: place.end("before")] + " " + what + (place["after"] or "")
    if preposition and preposition.lower() not in ("about", "regarding"):
        return f"{asked} {preposition.lower()} {what}{carried[0] if carried else ''}"
    return None


def _of_same_type(earlier: str, what: str, preposition: str | None) -> str | None:
    """Return the earlier question with the thing of the same type as `what` exchanged for it, if there is one."""
    for start, end in _alike(earlier, what):
        before, put, after = earlier[:start], what, earlier[end:]
        if preposition and dates(what):
            before = f"{_BEFORE_DATE.sub('', before)} {preposition.lower()} "
        elif not preposition and _goods_in(what):
            before = _without_origin(before)
        if _ARTICLE.search(before):
            put = _FIRST_ARTICLE.sub("", put)
        shared = next((tail for tail in _tails(put) if after.lower().startswith(tail.lower())), "")
        return f"{before}{put}{POSSESSIVE.findall(earlier[start:end])[0]}{after[len(shared) :]}"
    return None


def _tails(text: str) -> Iterator[str]:
    """Yield what follows the words of a text, with the space before it, longest first: " price index", " index"."""
    yield from (text[space.start() :] for space in re.finditer(" ", text))


_ARTICLE = re.compile(r"\b(?:the|an?)\s+\Z", re.IGNORECASE)
_FIRST_ARTICLE = re.compile(r"^(?:the|an?)\s+", re.IGNORECASE)
_BEFORE_DATE = re.compile(r"\s*\b(?:in|on|at|since|until|by|during|from|through)\s*\Z", re.IGNORECASE)


def _alike(earlier: str, what: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of the earlier question that are a thing of the same type: date, country, person, good."""
    if dates(what):
        yield from ((day.start, day.end) for day in dates(earlier))
        return
    new = names(f"x {what}")
    if new:
        same_type = [name for name in names(earlier) if (name.key is None) == (new[0].key is None)]
        yield from ((name.start, name.end) for name in same_type)
        return
    if _goods_in(what):
        for match in _GOOD.finditer(earlier):
            if stem(match["good"].lower()) in goods():
                yield match.span()


_GOOD = re.compile(r"(?P<good>[a-z]+)(?: (?:products?|goods)\b)?", re.IGNORECASE)


def _goods_in(text: str) -> bool:
    return any(stem(word) in goods() for word in re.findall(r"[a-z]+", text.lower()))


def _without_origin(before: str) -> str:
    """Drop a country's adjective: gallium asked about after "American soybeans" need not be American."""
    last = names(before)[-1:]
    return before[: last[0].start] if last and last[0].key and not before[last[0].end :].strip() else before
