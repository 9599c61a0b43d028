"""What a question asks for: its content words, its names and figures, the type of thing that would answer it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from assistant.identifier_kinds import Identifier
from assistant.identifiers import identifiers
from assistant.names import known_key, names
from assistant.text import content_stems, stem, words
from assistant.vocabulary import goods

_POSSESSIVE = re.compile(r"['’]s?\Z")
_FIGURE = re.compile(r"\d[\d.,]*\d|\d")
_PREPOSITION = "in|on|at|by|to|for|from|of|with|under|until|since|about|against|through"
_AUXILIARY = r"(?:is|are|was|were|do|does|did|has|have|had|will|would|can|could|should|may|might|must)\b"
# Up to three words of a noun phrase: "what further steps", never across the verb ("what did the United States").
_PHRASE = rf"(?:(?!{_AUXILIARY})[\w’'‑-]+\s+){{0,3}}?"
# What an article follows is a verb: "which broker insures the cargo".
_PLURAL = re.compile(
    rf"\b(?:what|which)\s+{_PHRASE}(?!{_AUXILIARY})(?:\w{{2,}}[^s\W]s|people|criteria)\b(?!\s+(?:the|an?|it|them)\b)",
    re.IGNORECASE,
)
# Words that say how the question is put rather than what it is about.
_FRAMING = re.compile(
    r"\bhow (?:long|many|much|large|big|high|far|often|soon)\b|\baccording to\b|\bhappen(?:s|ed|ing)?\b"
    r"|\b(?:say|said|says|tell|told|actually|really|exactly|precisely|currently)\b",
    re.IGNORECASE,
)

_WH = r"(?:who|whom|whose|what|which|when|where|why|how)\b"
_LATER_QUESTION = re.compile(
    rf"\A(?:if|when|while|after|before|since|although|though|once|given|despite|according|under|in|on|for)\b.*?"
    rf"[,;:]\s(?P<asks>(?:(?:{_PREPOSITION})\s)?{_WH})",
    re.IGNORECASE | re.DOTALL,
)
_NOUN_ENDS = rf"{_AUXILIARY}|(?:of|to|in|for|from)\b"
_ASKED_FOR = re.compile(
    rf"\b(?:what|which|how\smany|how\smuch)\s(?P<noun>(?:(?!{_NOUN_ENDS})[\w’'‑-]+\s){{1,3}}?)(?={_NOUN_ENDS})",
    re.IGNORECASE,
)
_LATER_CLAUSE = re.compile(r"\s(?:when|where|who|whose|which|while|after|before|if|because)\s", re.IGNORECASE)
# As far as "until when", "which of the" or "how long ago": what asks is not what a later clause opens with.
_OPENING_CHARS = 12


_WH_OPENS = re.compile(rf"(?:(?:{_PREPOSITION})\s)?{_WH}(?:\s(?:long|much|many|often|far|high|large))?", re.IGNORECASE)
# A comma or a question mark alone parts too: "Who pays? When?"
_AND_ASKS = re.compile(
    rf"(?:,?\s(?:and|but|or)\s(?:also\s)?|\?\s(?:and\s)?|;\s)(?=(?:(?:{_PREPOSITION})\s)?{_WH})", re.IGNORECASE
)


class Asked(StrEnum):
    """The type of thing a question asks for."""

    PERSON = "person"
    DATE = "date"
    DURATION = "duration"
    SHARE = "share"
    NUMBER = "number"
    LIST = "list"
    STATEMENT = "statement"
    PLACE = "place"
    LAW = "law"
    REASON = "reason"
    YES_NO = "yes or no"
    OTHER = "other"


# Types that cannot be given without leaving a trace in the text.
MEASURED = frozenset({Asked.DATE, Asked.DURATION, Asked.LAW, Asked.NUMBER, Asked.PLACE, Asked.SHARE})


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE | re.VERBOSE)


# The first that matches counts.
_ASKED = [
    (Asked.DURATION, _pattern(r"\bhow\ long\b | \bfor\ how\ (?: long | many\ (?:years|months|weeks|days) )\b")),
    (
        Asked.DATE,
        _pattern(
            r"\bwhen\b | \b(?:what|which)\ (?:date|day|month|year|deadline)\b"
            r"| \b(?:until|since|by)\ (?:when|what|which)\b"
        ),
    ),
    (
        Asked.SHARE,
        _pattern(rf"\b(?:what|which)\ {_PHRASE}(?:share|percentage|percent|proportion|rate|portion|fraction)\b"),
    ),
    (Asked.NUMBER, _pattern(r"\bhow\ (?:many|much|large|big|high|far)\b | \bwhat\ (?:number|amount|price|value)\b")),
    (
        Asked.STATEMENT,
        _pattern(
            r"\bwhat\ (?:did|does|do|has|have|is|was)\ .*\b(?:say|said|argu|warn|claim|tell|told|think|describ|call"
            r"|conten|complain|answer|reply|replied|comment)"
            r"| \bhow\ (?:did|does|do|has|have)\ .*\b(?:describ|characteri[sz]|react|respond|see|view|judge|assess"
            r"|put\b)"
        ),
    ),
    (Asked.LAW, _pattern(rf"\b(?:what|which)\ {_PHRASE}(?:law|statute|act|legislation|treaty|authority|provision)\b")),
    (
        Asked.PERSON,
        _pattern(
            rf"\bwho(?:m|se)?\b | \b(?:what|which)\ {_PHRASE}(?:person|official|lawyer|attorney|analyst|company|firm"
            r"|executive|minister|negotiator|critic|agency|court|outlet|institute|think\ tank|group|ministry"
            r"|president|country|state|name)\b"
        ),
    ),
    (
        Asked.PLACE,
        _pattern(r"\bwhere\b | \b(?:what|which)\ (?:city|place|town|port|province|region|platform|site|venue)\b"),
    ),
    (Asked.REASON, _pattern(r"\bwhy\b | \bwhat\ (?:caused|explains|prompted)\b | \bfor\ what\ reasons?\b")),
    (Asked.LIST, _pattern(r"\bwhat\ (?:are|were)\b | \blist\b | \bname\ (?:the|some|all|\d|two|three|four|five)\b")),
    (Asked.LIST, _PLURAL),
    (
        Asked.YES_NO,
        _pattern(
            r"\A(?:(?:and|but|so|or)\ )?"
            r"(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|may|might|must)\b"
        ),
    ),
]

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_COUNT = r"(?:\d+|one|two|three|four|five|six|seven|eight|nine|ten|twelve|eighteen|several|a)"
# What the type asked for looks like in a text that gives it. Each is read once from left to right, however long it is.
_TRACES = {
    Asked.DURATION: _pattern(
        rf"\b{_COUNT}[\s‑-](?:years?|months?|weeks?|days?|decades?)\b"
        rf"| \b(?:until|through|till)\s+(?:(?:late|early|mid)[\s-])?(?:{_MONTH}\s+)?\d | \bindefinite | \bpermanent"
    ),
    Asked.DATE: _pattern(
        rf"\b{_MONTH}\s+\d | \b\d{{1,2}}\s+{_MONTH} | \b(?:19|20)\d\d\b"
        rf"| \b(?:in|early|late|since|until|from|last|next)\s+{_MONTH}"
    ),
    Asked.SHARE: _pattern(r"\d\s?% | \bper\s?cent | \b(?:half|third|quarter|majority)\b"),
    Asked.NUMBER: _pattern(
        r"\d | \b(?:two|three|four|five|six|seven|eight|nine|ten|dozens?|hundreds?|thousands?|millions?|billions?)\b"
    ),
    Asked.STATEMENT: _pattern(
        r"[“\"] | \b(?:sa(?:id|ys)|argue[sd]?|warn(?:s|ed)|call(?:s|ed)|told|add(?:s|ed)|not(?:es|ed)|describe[sd]"
        r"|acknowledged|declared|claim(?:s|ed)|contend(?:s|ed))\b"
    ),
    Asked.PERSON: re.compile(
        r"(?<=\w\s)[A-Z][\w’'.-]+(?:\s+[A-Z][\w’'.-]+)+"
        r"|(?<![\w’'-])[a-z]?[A-Z][\w’'-]++\s+(?:said|says|warned|argued|noted|told)"
    ),
    Asked.LAW: re.compile(r"\b(?:Acts?|Code|Treaty|Agreement|Law|Order|Section|Article|Regulation|Directive)\b"),
    Asked.PLACE: re.compile(r"\b(?:in|at|on|from|to|near|aboard)\s+(?:the\s+)?[A-Z][a-z]"),
    Asked.REASON: _pattern(
        r"\b(?:because|since|due\ to|as\ a\ result|in\ response|retaliat\w+|so\ that|given|in\ exchange|amid|driven\ by"
        r"|to\ (?:counter|avoid|ease|cool))\b"
    ),
    Asked.LIST: _pattern(r"\A[,;]*+(?:[^,;]++[,;]++){2}(?s:.*?)\b(?:and|or)\b | \([^(),]*+,[^(),]*+,[^()]*+\)"),
}


@dataclass(frozen=True, slots=True)
class Question:
    """A question taken apart. `stems` are distinct content stems; the rest as it stands in it. `places`
    are the names of countries and bodies.

    `halves` are its parts if it asks several things ("When …, and when …"), each with its own words only.
    `asked_for` are the stems of the noun phrase that asks: "million tons" of "How many million tons …".
    `identifiers` are what it names exactly, such as a tariff code: their keys are among the stems, and they are neither
    names nor figures.
    """

    text: str
    stems: tuple[str, ...]
    names: tuple[str, ...]
    places: tuple[str, ...]
    figures: tuple[str, ...]
    goods: tuple[str, ...]
    asked: Asked
    asked_for: tuple[str, ...]
    identifiers: tuple[Identifier, ...] = ()
    halves: tuple[Question, ...] = ()

    def is_type_in(self, text: str) -> bool:
        """Say whether a text holds the type of thing asked for; False where the type leaves no trace."""
        pattern = _TRACES.get(self.asked)
        return bool(pattern and pattern.search(text))


def read_question(text: str) -> Question:
    """Take a question apart."""
    body = text.strip()
    halves = _halves(body)
    return replace(_read_one(body), halves=tuple(map(_read_one, halves)) if len(halves) > 1 else ())


def _halves(text: str) -> list[str]:
    """Return the questions that a question is made of; one that is a mere "and why?" repeats what the first one says.

    "From what date" begins a question, "and what it costs" at the end of a clause with "that" does not.
    """
    if not _WH_OPENS.match(text):
        return [text]
    parts = [part for part in _AND_ASKS.split(text) if part.strip(" ?,")]
    opening = _WH_OPENS.match(parts[0])
    said = parts[0][opening.end() :] if opening else ""
    return [
        part if place == 0 or content_stems(_FRAMING.sub(" ", part)) else f"{part.rstrip(' ?,')}{said}"
        for place, part in enumerate(parts)
    ]


def _read_one(body: str) -> Question:
    asked = next((kind for kind, pattern in _ASKED if pattern.search(_main_clause(body))), Asked.OTHER)
    exact = identifiers(body)
    bare = _without(body, exact)
    content = [identifier.key for identifier in exact]
    content += content_stems(_FRAMING.sub(" ", bare)) or ([] if exact else content_stems(body))
    found = [name for name in names(body) if bare[name.start : name.end].strip()]
    named = tuple(dict.fromkeys(_POSSESSIVE.sub("", bare[name.start : name.end].strip()) for name in found))
    return Question(
        text=body,
        stems=tuple(dict.fromkeys(content)),
        names=named,
        places=tuple(name for name in named if known_key(name)),
        figures=tuple(_FIGURE.findall(bare)),
        goods=tuple(word for word in words(body) if stem(word) in goods()),
        asked=asked,
        asked_for=_asked_for(bare),
        identifiers=tuple({identifier.key: identifier for identifier in exact}.values()),
    )


def _without(text: str, exact: Iterable[Identifier]) -> str:
    """Return a text with spaces in place of identifiers."""
    for identifier in exact:
        blank = " " * (identifier.end - identifier.start)
        text = text[: identifier.start] + blank + text[identifier.end :]
    return text


def _asked_for(text: str) -> tuple[str, ...]:
    match = _ASKED_FOR.search(_main_clause(text))
    return tuple(content_stems(match["noun"])) if match else ()


def _main_clause(text: str) -> str:
    """Return the clause that asks: after "If no deal is reached, …", and before a later "when" or "who"."""
    later_question = _LATER_QUESTION.search(text)
    clause = text[later_question.start("asks") :] if later_question else text
    later = _LATER_CLAUSE.search(clause, _OPENING_CHARS)
    return clause[: later.start()] if later else clause
