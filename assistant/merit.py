"""How good a unit is as an answer: a weighted sum of what can be read off it.

The weights are those of a choice among the units of one question (a softmax over them), fitted on one half of the SQuAD
articles by `python -m tests.benchmarks.fit_units`, which prints them, and reported on the other by `make evaluate`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from assistant.question import Asked, Question
from assistant.text import stem

# Relative to the cosine. `own`, the coverage by the unit itself, is not fitted but the design note's: SQuAD's questions
# were written beside their paragraphs and repeat their words, which a reader's questions do not.
WEIGHTS: Mapping[str, float] = {
    "cosine": 1.0,
    "own": 0.5,
    "above": 0.53,
    "before": 0.3,
    "after": 0.0,
    "passage": 0.73,
    "type": 0.07,
    "measured": 0.11,
    "new": 0.16,
    "leans_back": 0.08,
}
_CAPITAL = re.compile(r"\b[A-Z][\w’'.-]+")
_NUMBER = re.compile(
    r"\d[\d.,]*|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|twelve|dozens?|hundreds?|thousands?|millions?"
    r"|billions?)\b",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"\b(?:1\d|20)\d\d\b|\b\d{1,2}(?:st|nd|rd|th) centur|\b(?:January|February|March|April|May|June|July|August"
    r"|September|October|November|December)\b|\b\d{1,4} (?:BC|AD)|\b\d{3}\b"
)
_SENTENCE_ENDS = ".!?"


def merit(features: Mapping[str, float]) -> float:
    """Return the score of a unit with these features; about 1 is a good answer."""
    return sum(weight * features[name] for name, weight in WEIGHTS.items())


def gives_new(question: Question, text: str) -> bool:
    """Say whether a text holds what a question asks for (a name, date, number, duration or law) and did not say."""
    if question.asked in (Asked.PERSON, Asked.PLACE):
        known = {stem(word.lower()) for word in re.findall(r"\w+", question.text)}
        return not known.issuperset(_capitalised(text))
    if question.asked in (Asked.DURATION, Asked.LAW):
        return question.is_type_in(text)
    pattern = {Asked.DATE: _DATE, Asked.NUMBER: _NUMBER, Asked.SHARE: _NUMBER}.get(question.asked)
    asked = question.text.lower()
    return pattern is not None and any(found[0].lower() not in asked for found in pattern.finditer(text))


def _capitalised(text: str) -> set[str]:
    """Return the stems of words with a capital, but for one that only begins a sentence."""
    found = set()
    for match in _CAPITAL.finditer(text):
        begins = match.start() == 0 or text[max(0, match.start() - 2)] in _SENTENCE_ENDS
        if not begins or _CAPITAL.match(text, match.end() + 1):
            found.add(stem(match[0].lower().rstrip(".'’s")))
    return found
