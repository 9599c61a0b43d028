"""Make a follow-up question stand alone, from the conversation so far: "And how long will it last?", "What about tin?".

Rules, no model: the result is shown to the reader and searched with, so it must read well, hold the words of both
questions, and still ask what the follow-up asks. A question that stands alone comes back as it was. Only the earlier
questions (in their own standalone form) and the claims of earlier answers are drawn on.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.antecedents import answered_topic, last_answered, reported_noun, with_antecedents
from assistant.conditions import other_condition
from assistant.domain import Answer
from assistant.figures import dates
from assistant.listed_items import with_listed_items
from assistant.names import names
from assistant.question_parts import CARRIED, CONNECTOR, EMPTY, HAS_OBJECT, MOST_CONTENT_WORDS
from assistant.text import stem, stems
from assistant.topic_exchange import PLACE_OF_TOPIC, about_another


def standalone(question: str, history: Sequence[Answer]) -> str:
    """Return the question as it has to be asked without the conversation, oldest answer first in `history`.

    The question itself comes back where nothing in it points outside it, where there is no earlier answer, and where
    nothing earlier fits.
    """
    asked = " ".join(question.split())
    told = [answer for answer in history if stems(answer.standalone_question)]
    if not told or not asked:
        return question
    core = CONNECTOR.sub("", asked)
    named, core = core, with_listed_items(core, told)
    rewritten = (
        other_condition(asked, told)
        or about_another(core, told)
        or _bare(core, told)
        or _who_said_that(core, told)
        or with_antecedents(core, told)
        or _with_topic(core, asked, told)
        or (core if core != named else None)
    )
    if rewritten and _is_garbled(rewritten):
        topic = answered_topic(told)
        rewritten = None if topic is None or _is_garbled(topic) else f"{core.rstrip(' ?')} (about {topic})"
    return _sentence(rewritten) if rewritten else question


def _is_garbled(text: str) -> bool:
    """Say whether a rewriting is not fit to be shown: a row of a table in it, or one full name twice."""
    full_names = [name.words for name in names(text) if len(name.words) > 1 and name.key is None]
    return " | " in text or len(set(full_names)) < len(full_names)


def _sentence(text: str) -> str:
    text = " ".join(text.split()).rstrip(" ?.!") + "?"
    return text[0].upper() + text[1:]


_BARE = re.compile(
    r"^(?P<asks>why(?: not| so| is that| was that| is this)?|how(?: so| come| exactly)?|when(?: exactly| was that|"
    r" is that)?|where(?: exactly)?|who(?: exactly| else)?|what else|what for|(?:for )?how (?:long|much|many|big|"
    r"large|often|soon)(?: exactly)?|(?:since|until|till|by|from) (?:when|what date)|by (?:how much|whom)|"
    r"which(?: ones?)?|what exactly|such as|like what|in what way|says? who|who says(?: so| that)?|to whom|"
    r"under what conditions|at what (?:price|cost|rate)|what happen(?:ed|s) (?:next|then|after that|afterwards)|"
    r"anything else|any others?|what does (?:that|this|it) mean|(?:is|was) (?:that|this|it) (?:true|so|certain|"
    r"confirmed|final)|really|on what grounds|according to whom|(?:can you )?(?:tell me more|explain|elaborate)|"
    r"more(?: details)?|since when|what (?:are|were) the (?:details|conditions))\s*[?.!]*$",
    re.IGNORECASE,
)
_POLISHED = {
    "more": "What else is reported", "tell me more": "What else is reported", "elaborate": "What else is reported",
    "really": "Is it so", "says who": "Who says so", "say who": "Who says so", "how come": "Why", "how so": "Why",
    "why so": "Why", "why is that": "Why", "why was that": "Why", "why is this": "Why", "like what": "Which ones",
    "such as": "Which ones", "more details": "What else is reported", "when was that": "When", "when is that": "When",
    "any other": "What else", "any others": "What else", "anything else": "What else",
}  # fmt: skip


def _bare(core: str, history: Sequence[Answer]) -> str | None:
    """Attach what the earlier question was about to a question word that stands alone."""
    match, topic = _BARE.match(core), answered_topic(history)
    if match is None or topic is None:
        return None
    asks = " ".join(match["asks"].lower().split()).removeprefix("can you ")
    return _joined(_POLISHED.get(asks, match["asks"]), topic)


def _joined(asks: str, topic: str) -> str:
    return f"{asks.rstrip(' ?.!')} (about {topic})"


_SAID_THAT = re.compile(
    r"^who (?:said|says|claimed|claims|argued|argues|told (?:us|reporters|them)|confirmed|wrote|announced|decided|"
    r"called it) (?P<what>that|this|so|it)?\s*\??$",
    re.IGNORECASE,
)


def _who_said_that(core: str, history: Sequence[Answer]) -> str | None:
    """Put the first words of the earlier answer for "that"."""
    match = _SAID_THAT.match(core)
    answered = last_answered(history)
    if match is None or not answered.claims:
        return None
    return (
        f"{core.rstrip(' ?').removesuffix(match['what'] or '').rstrip()} that “{_beginning(answered.claims[0].text)}”"
    )


_LONGEST_QUOTE_CHARS = 160


def _beginning(text: str) -> str:
    """Return a claim's first words: the quotation in it if there is one, cut at a word."""
    quoted = re.search(r"[“\"]([^”\"]{12,})[”\"]", text)
    words = " ".join((quoted[1] if quoted else text).split()).rstrip(" .,;")
    if len(words) <= _LONGEST_QUOTE_CHARS:
        return words
    return words[:_LONGEST_QUOTE_CHARS].rsplit(" ", 1)[0].rstrip(" ,;") + "…"


_SAYING = re.compile(
    r"^(?:what|how) (?:did|does|do|has|have) .*\b(?:say|do|think|decide|announce|respond|react)\s*\??$", re.IGNORECASE
)
_DEFINITE = re.compile(
    r"\bthe (?P<noun>[a-z]+)\b(?! (?:of|on|in|for|against|between|from|to|that|which|[a-z]+ (?:of|on|for)))",
    re.IGNORECASE,
)


def _with_topic(core: str, asked: str, history: Sequence[Answer]) -> str | None:
    """Add the earlier topic to a short question that goes on from it without saying so."""
    content = [part for part in stems(core) if part not in EMPTY]
    topic = answered_topic(history)
    if topic is None:
        return None
    if core != asked and _SAYING.match(core) and not HAS_OBJECT.search(core):
        place = PLACE_OF_TOPIC.search(CARRIED.sub("", last_answered(history).standalone_question.rstrip("? ")))
        if place:
            return f"{core.rstrip(' ?')} {place[0]}"
    goes_on = core != asked and len(content) < MOST_CONTENT_WORDS and not HAS_OBJECT.search(core)
    definite = _DEFINITE.search(core)
    takes_up = (
        definite is not None
        and len(content) < MOST_CONTENT_WORDS
        and not names(core)
        and not dates(core)
        and stem(definite["noun"].lower()) in set(stems(" ".join(_said(history))))
    )
    if not (goes_on or takes_up) or set(stems(topic)) <= set(content):
        return None
    return f"{core.rstrip(' ?')} (about {topic})"


def _said(history: Sequence[Answer]) -> list[str]:
    answered = last_answered(history)
    return [answered.standalone_question, *(claim.text for claim in answered.claims), reported_noun(answered) or ""]
