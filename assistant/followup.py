"""Make a follow-up question stand alone, from the conversation so far: "And how long will it last?", "What about tin?".

Rules, no model: the result is shown to the reader and searched with, so it must read well, hold the words of both
questions, and still ask what the follow-up asks. A question that stands alone comes back as it was. Only the earlier
questions (in their own standalone form) and the claims of earlier answers are drawn on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from assistant.domain import Answer
from assistant.figures import dates, plain
from assistant.names import Name, names
from assistant.text import stem, stems
from assistant.vocabulary import PAST_FORMS, goods

# Longer questions say enough about themselves, whatever small word they begin with.
MOST_CONTENT_WORDS = 3
LONGEST_QUOTE_CHARS = 160


def standalone(question: str, history: Sequence[Answer]) -> str:
    """Return the question as it has to be asked without the conversation, oldest answer first in `history`.

    The question itself comes back where nothing in it points outside it, where there is no earlier answer, and where
    nothing earlier fits.
    """
    asked = " ".join(question.split())
    told = [answer for answer in history if stems(answer.standalone_question)]
    if not told or not asked:
        return question
    core = _CONNECTOR.sub("", asked)
    rewritten = (
        _about_another(core, told)
        or _bare(core, told)
        or _who_said_that(core, told)
        or _with_antecedents(core, told)
        or _with_topic(core, asked, told)
    )
    return _sentence(rewritten) if rewritten else question


_CONNECTOR = re.compile(
    r"^(?:(?:and|but|so|or|also|then|ok(?:ay)?|well|now|plus|yes|no|thanks|thank you|please|(?:and )?what "
    r"if)\b[\s,:.!-]*)+"
    r"(?=\S)(?!about\b)",
    re.IGNORECASE,
)


def _sentence(text: str) -> str:
    text = " ".join(text.split()).rstrip(" ?.!") + "?"
    return text[0].upper() + text[1:]


# --- "What about X?", "And for Japan?"

_ABOUT_ANOTHER = re.compile(
    r"^(?:(?:what|how) about|what of|and|same for|also)?\s*(?:(?P<prep>for|in|on|to|with|from|by|against|under|at|"
    r"after|"
    r"before|about|regarding)\s+)?(?P<what>[^?]+?)\s*(?:then|too|as well)?\s*\?*$",
    re.IGNORECASE,
)
_OPENS_ABOUT = re.compile(r"^(?:what|how) (?:about|of)\b|^same for\b", re.IGNORECASE)


def _about_another(core: str, history: Sequence[Answer]) -> str | None:
    """Ask the earlier question again with one thing in it exchanged for what the follow-up names."""
    is_about = _OPENS_ABOUT.match(core) is not None
    if not is_about and (len(core.split()) > 5 or _VERB.search(core) or _ASKS.match(core)):
        return None
    match = _ABOUT_ANOTHER.match(core)
    if (
        match is None
        or _POINTS_BACK.search(match["what"])
        or _ASKS.match(match["what"])
        or len(stems(match["what"])) > MOST_CONTENT_WORDS + 1
    ):
        return None
    what, earlier = match["what"], " ".join(history[-1].standalone_question.split()).rstrip("? ")
    if not is_about and not match["prep"] and not (names(f"x {what}") or _goods_in(what) or dates(what)):
        return None
    exchanged = _exchanged(earlier, what, match["prep"])
    return exchanged or f"What about {what}: {earlier[0].lower()}{earlier[1:]}"


def _exchanged(earlier: str, what: str, preposition: str | None) -> str | None:
    """Return the earlier question with the thing of the same type as `what` exchanged for it, if there is one."""
    for start, end in _alike(earlier, what):
        before = earlier[:start]
        if preposition and dates(what):
            before = f"{_BEFORE_DATE.sub('', before)} {preposition.lower()} "
        elif not preposition and _goods_in(what):
            before = _without_origin(before)
        return f"{before}{what}{_POSSESSIVE.findall(earlier[start:end])[0]}{earlier[end:]}"
    place = _PLACE_OF_TOPIC.search(earlier)
    if place and not names(f"x {what}") and not dates(what) and (preposition in (None, "about", "on", "regarding")):
        return earlier[: place.end("before")] + " " + what + (place["after"] or "")
    if preposition and preposition.lower() not in ("about", "regarding"):
        return f"{earlier} {preposition.lower()} {what}"
    return None


_BEFORE_DATE = re.compile(r"\s*\b(?:in|on|at|since|until|by|during|from|through)\s*\Z", re.IGNORECASE)
_POSSESSIVE = re.compile(r"(?:['’]s?)?\Z")


def _without_origin(before: str) -> str:
    """Drop a country's adjective: gallium asked about after "American soybeans" need not be American."""
    last = names(before)[-1:]
    return before[: last[0].start] if last and last[0].key and not before[last[0].end :].strip() else before


_PLACE_OF_TOPIC = re.compile(
    r"(?P<before>\b(?:about|regarding|happened to|happen to|become of|happens to|status of))\s+(?P<what>.+?)"
    r"(?P<after>\s(?:after|since|when|during|following|in|on|by|before)\s.*)?$",
    re.IGNORECASE,
)


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


# --- "Why?", "Since when?", "Who else?"

_BARE = re.compile(
    r"^(?P<asks>why(?: not| so| is that| was that| is this)?|how(?: so| come| exactly)?|when(?: exactly| was that| "
    r"is that)?|"
    r"where(?: exactly)?|who(?: exactly| else)?|what else|what for|(?:for )?how (?:long|much|many|big|large|often|soon)"
    r"(?: exactly)?|(?:since|until|till|by|from) (?:when|what date)|by (?:how much|whom)|which(?: ones?)?|what exactly|"
    r"such as|like what|in what way|says? who|who says(?: so| that)?|to whom|under what conditions|at what (?:price|"
    r"cost|rate)|"
    r"what happen(?:ed|s) (?:next|then|after that|afterwards)|anything else|any others?|what does (?:that|this|it) "
    r"mean|"
    r"(?:is|was) (?:that|this|it) (?:true|so|certain|confirmed|final)|really|on what grounds|according to whom|"
    r"(?:can you )?(?:tell me more|explain|elaborate)|more(?: details)?|since when|what (?:are|were) the (?:details|"
    r"conditions))"
    r"\s*[?.!]*$",
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
    match = _BARE.match(core)
    if match is None:
        return None
    asks = " ".join(match["asks"].lower().split()).removeprefix("can you ")
    return _joined(_POLISHED.get(asks, match["asks"]), _topic(_answered(history).standalone_question))


def _joined(asks: str, topic: str) -> str:
    return f"{asks.rstrip(' ?.!')} (about {topic})"


# --- "Who said that?"

_SAID_THAT = re.compile(
    r"^who (?:said|says|claimed|claims|argued|argues|told (?:us|reporters|them)|confirmed|wrote|announced|decided|"
    r"called it) (?P<what>that|this|so|it)?\s*\??$",
    re.IGNORECASE,
)


def _who_said_that(core: str, history: Sequence[Answer]) -> str | None:
    """Put the first words of the earlier answer for "that"."""
    match = _SAID_THAT.match(core)
    answered = _answered(history)
    if match is None or not answered.claims:
        return None
    return (
        f"{core.rstrip(' ?').removesuffix(match['what'] or '').rstrip()} that “{_beginning(answered.claims[0].text)}”"
    )


def _beginning(text: str) -> str:
    """Return a claim's first words: the quotation in it if there is one, cut at a word."""
    quoted = re.search(r"[“\"]([^”\"]{12,})[”\"]", text)
    words = " ".join((quoted[1] if quoted else text).split()).rstrip(" .,;")
    if len(words) <= LONGEST_QUOTE_CHARS:
        return words
    return words[:LONGEST_QUOTE_CHARS].rsplit(" ", 1)[0].rstrip(" ,;") + "…"


# --- "how long will it last", "what did he say"

_PERSON_WORD = re.compile(r"\b(?P<word>he|she|him|her|his|hers|himself|herself)\b", re.IGNORECASE)
_THING_WORD = re.compile(
    r"\b(?P<word>it|its|they|them|their|theirs|(?:this|that|these|those)(?=\s*[?.,]|\s*$|\s+(?:is|are|was|were|will|"
    r"would|"
    r"can|could|may|might|has|have|had|mean|means|meant|happen|happens|happened|last|apply|affect|affects|affected|"
    r"end|change|"
    r"changed|expire|hold|work|go|matter|still|also|in|on|to|for|by|about)\b))(?![\w'])",
    re.IGNORECASE,
)
_THAT_NOUN = re.compile(
    r"\b(?P<word>this|that|these|those)\s+(?!year|month|week|time|day|summer|winter|spring|autumn|quarter|is|are|was|"
    r"were|the|"
    r"a|an|it|he|she|they)(?P<noun>[a-z]+)\b",
    re.IGNORECASE,
)
_POINTS_BACK = re.compile(r"\b(?:it|its|he|she|him|her|his|they|them|their|this|that|these|those)\b", re.IGNORECASE)
# Words after which "it" opens a clause of its own and can mean what was named before.
_OPENS_CLAUSE = frozenset(
    "say says said think thinks believe whether if that because when while and but or where how what why as "
    "since until before after which than though although unless announce announced claim claims promise "
    "promised expect hope means know knows decide decided".split()
)
_AGENTIVE = frozenset(
    stem(word)
    for word in (
        "say said announce want agree decide plan promise demand ask sign respond react retaliate win lose buy "
        "sell do did get gain need impose offer accept reject threaten expect hope claim argue insist intend make "
        "export import receive refuse negotiate give concede produce refine secure seek think call propose run "
        "lead own pay"
    ).split()
)
_ADVERBS = frozenset("also still now then ever not already actually really only currently just even formally".split())


def _with_antecedents(core: str, history: Sequence[Answer]) -> str | None:
    """Put what was named earlier for words that point outside the question."""
    text, acts = core, False
    for pattern, find in ((_PERSON_WORD, _person), (_THING_WORD, _thing)):
        match = pattern.search(text)
        found = find(text, match, history) if match and not _is_bound(text, match) else None
        if match and found:
            acts = acts or _verb_after(text, match) in _AGENTIVE
            text = _replaced(text, match, found)
    if text == core:
        points = _THING_WORD.search(text) or _THAT_NOUN.search(text)
        if points is None or _is_bound(text, points) or _is_dummy(text, points):
            return None
    says_enough = len([part for part in stems(core) if part not in _EMPTY]) > 1 or _HAS_OBJECT.search(core)
    if text != core and not _DID_THAT.search(text) and (says_enough or not acts):
        return text
    return f"{text.rstrip(' ?')} (about {_topic(_answered(history).standalone_question)})"


def _replaced(text: str, match: re.Match[str], found: str) -> str:
    """Put a noun phrase for a pronoun; for "its end" of something long, "the end of" it."""
    word, rest = match["word"].lower(), text[match.end() :]
    if word not in ("his", "its", "their", "hers", "theirs"):
        return text[: match.start()] + found + rest
    owned = re.match(r" ([\w-]+)", rest)
    if owned and len(found.split()) > 3:
        return f"{text[: match.start()]}the {owned[1]} of {found}{rest[owned.end() :]}"
    return f"{text[: match.start()]}{found}{_genitive(found)}{rest}"


def _genitive(found: str) -> str:
    return "'" if found.endswith("s") else "'s"


def _verb_after(text: str, match: re.Match[str]) -> str:
    following = (word for word in re.findall(r"[a-z]+", text[match.end() :].lower()) if word not in _ADVERBS)
    return stem(next(following, ""))


_DID_THAT = re.compile(r"\b(?:do|did|does|doing|done) (?:that|this|it|so)\b", re.IGNORECASE)


def _is_bound(text: str, match: re.Match[str]) -> bool:
    """Say whether the question itself names, before the word, what the word can stand for."""
    before = text[: match.start()]
    word = match["word"].lower()
    named = names(before)
    if word in ("he", "she", "him", "her", "his", "hers", "himself", "herself"):
        return any(name.key is None for name in named)
    content = [part for part in stems(_ASKING_WORDS.sub(" ", before)) if part not in _EMPTY]
    if word in ("its", "their", "theirs"):
        return bool(named) or len(content) > 1
    last = before.split()[-1].lower().strip(",") if before.split() else ""
    if word in ("it", "they"):
        return bool(content) and (
            last in _OPENS_CLAUSE or bool(re.search(r"[,;]|\b(?:and|but|if|when|that)\b", before))
        )
    return bool(content) and bool(re.search(r"[,;]|\b(?:and|but|if|when)\b", before))


def _is_dummy(text: str, match: re.Match[str]) -> bool:
    """Say whether "it" stands for what follows: "Is it true that …", "How likely is it that …"."""
    return bool(re.match(r"it\b.*\b(?:that|to)\s+\w+", text[match.start() :], re.IGNORECASE)) and len(stems(text)) > 3


def _person(text: str, match: re.Match[str], history: Sequence[Answer]) -> str | None:
    """Return the person last spoken of: in a question first, then in what was answered to it."""
    fallback = None
    for answer in reversed(history):
        for source in (answer.standalone_question, *(claim.text for claim in answer.claims)):
            people = [name for name in names(source) if _is_person(name, source)]
            for name in people:
                is_speaker = _SPEAKS.match(source, name.end) or _SPOKEN.search(source[: name.start])
                if is_speaker or (len(name.words) > 1 and _FULL_NAME.match(source, name.start)):
                    return _POSSESSIVE.sub("", source[name.start : name.end])
            if people and not fallback:
                fallback = _POSSESSIVE.sub("", source[people[0].start : people[0].end])
    return fallback


_FULL_NAME = re.compile(r"[A-Z][a-z]+(?: [A-Z]\.)?(?: [A-Z][\w'-]+){1,2}")
_SPEAKS = re.compile(
    r"(?:,[^,]{0,60},)? (?:say|said|says|think|call|called|want|argue|warn|tell|told|mean|acknowledge|announce)"
)
_SPOKEN = re.compile(r"\b(?:said|says|told|warned|argued|according to|did|does|is|was|has|who is)\s*\Z", re.IGNORECASE)
_BODIES = frozenset(
    "ministry council court act bank office institute lab inc agency commission department house research "
    "economics organization organisation association committee university group corp company congress "
    "senate board bureau trade air force one post times journal news wire union fund treasury commerce "
    "customs accord agreement deal summit section ai ev street court party administration chamber".split()
)


def _is_person(name: Name, source: str) -> bool:
    written = source[name.start : name.end]
    is_plain = name.key is None and not written.isupper() and not any(character.isdigit() for character in written)
    return is_plain and len(name.words) <= 3 and not _BODIES.intersection(name.words) and " of " not in written


def _thing(text: str, match: re.Match[str], history: Sequence[Answer]) -> str | None:
    """Return a noun phrase for "it", "they" or "that": who acted if the question is of an action, else what it is "
    "about."""
    if _is_dummy(text, match):
        return None
    answered = _answered(history)
    earlier = _parts(answered.standalone_question)
    word = match["word"].lower()
    if word in ("it", "they") and _verb_after(text, match) in _AGENTIVE:
        agent = _agent(earlier, answered)
        if agent:
            return agent
    is_general = earlier.verb in _GENERAL and earlier.asks_what
    if word in ("its", "their") and earlier.subject and names(f"x {earlier.subject}") and not is_general:
        return earlier.subject
    return _subject_matter(earlier, answered)


def _agent(earlier: _Parts, answered: Answer) -> str | None:
    if earlier.subject and names(f"x {earlier.subject}"):
        return earlier.subject
    named = names(earlier.text)
    if named:
        return earlier.text[named[0].start : named[0].end]
    return earlier.subject


def _subject_matter(earlier: _Parts, answered: Answer) -> str | None:
    """Return what the earlier question was about as a noun phrase, None if only a clause would say it."""
    if earlier.noun:
        return earlier.noun
    if earlier.subject and earlier.verb in _INTRANSITIVE:
        return earlier.subject
    if earlier.subject and earlier.verb and earlier.asks_what:
        said = _past_or_present(earlier)
        noun = _noun_of(answered) if earlier.verb in _GENERAL else None
        return " ".join(filter(None, ["the" if noun else "", noun or "", "that" if noun else "what", said]))
    if earlier.subject and earlier.verb and earlier.object:
        owner = f"{earlier.subject}'s"
        return re.sub(r"^(?:its|their|his|her)\b", owner, earlier.object, flags=re.IGNORECASE)
    return None


# Verbs that leave open what was done; the answer says it, and its noun makes the question clear.
_GENERAL = frozenset("announce decide do say agree promise declare order introduce unveil plan propose sign".split())
_NOUNS = {
    "suspend": "suspension", "pause": "pause", "delay": "delay", "postpone": "postponement", "ban": "ban",
    "lift": "lifting", "impose": "measure", "halve": "cut", "cut": "cut", "reduc": "reduction", "rais": "increase",
    "increas": "increase", "extend": "extension", "restor": "restoration", "reinstat": "reinstatement",
    "agre": "agreement", "truce": "truce", "restrict": "restriction", "exempt": "exemption", "quota": "quota",
    "tariff": "tariff", "invest": "investigation",
}  # fmt: skip


def _noun_of(answered: Answer) -> str | None:
    """Return the noun for what the first claim reports: "suspended" makes "suspension"."""
    for claim in answered.claims[:1]:
        found = [_NOUNS[part] for part in stems(claim.text) if part in _NOUNS]
        if found:
            return found[0]
    return None


def _answered(history: Sequence[Answer]) -> Answer:
    """Return the last answer that was not a refusal, the last one if all were."""
    return next((answer for answer in reversed(history) if not answer.is_refusal), history[-1])


# --- a short question that only makes sense after the earlier one

_ASKS = re.compile(
    r"^(?:who|whom|whose|what|which|when|where|why|how|is|are|was|were|do|does|did|has|have|had|can|could|will|would|"
    r"should|"
    r"may|might|must)\b",
    re.IGNORECASE,
)
_DEFINITE = re.compile(
    r"\bthe (?P<noun>[a-z]+)\b(?! (?:of|on|in|for|against|between|from|to|that|which|[a-z]+ (?:of|on|for)))",
    re.IGNORECASE,
)


def _with_topic(core: str, asked: str, history: Sequence[Answer]) -> str | None:
    """Add the earlier topic to a short question that goes on from it without saying so."""
    content = [part for part in stems(core) if part not in _EMPTY]
    topic = _topic(_answered(history).standalone_question)
    if core != asked and _SAYING.match(core) and not _HAS_OBJECT.search(core):
        place = _PLACE_OF_TOPIC.search(_answered(history).standalone_question.rstrip("? "))
        if place:
            return f"{core.rstrip(' ?')} {place[0]}"
    goes_on = core != asked and len(content) < MOST_CONTENT_WORDS and not _HAS_OBJECT.search(core)
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
    answered = _answered(history)
    return [answered.standalone_question, *(claim.text for claim in answered.claims), _noun_of(answered) or ""]


_SAYING = re.compile(
    r"^(?:what|how) (?:did|does|do|has|have) .*\b(?:say|do|think|decide|announce|respond|react)\s*\??$", re.IGNORECASE
)
_HAS_OBJECT = re.compile(r"\b(?:about|regarding|concerning)\s+\w+", re.IGNORECASE)


# --- what an earlier question was about


class _Parts:
    """An earlier question taken apart: who, does what, to what; `noun` where it asks about a named thing."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.subject = self.verb = self.object = self.noun = self.wanted = ""
        self.auxiliary = self.opening = ""
        self.asks_what = False


def _parts(question: str) -> _Parts:
    text = _CONNECTOR.sub("", " ".join(plain(question).split())).rstrip(" ?.!")
    parts = _Parts(text)
    for pattern in _NAMED_THING:
        match = pattern.match(text)
        if match:
            parts.noun = match["noun"]
            return parts
    match = _INVERTED.match(text)
    if match is None:
        return parts
    parts.auxiliary = match["auxiliary"].lower()
    wh = (match["wh"] or "").strip()
    parts.wanted = _WANTED.sub("", wh).strip()
    parts.asks_what = bool(re.match(r"(?:\w+ )?what\b|which\b", wh, re.IGNORECASE))
    parts.opening = (
        "what" if parts.asks_what else "whom" if wh.lower() in ("who", "whom") else "how" if wh else "whether"
    )
    rest = match["rest"]
    if parts.auxiliary in _BE:
        _take_apart_state(parts, rest, asks_who=bool(re.match(r"(?:what|who)$", wh, re.IGNORECASE)))
        return parts
    split = _VERB.search(rest)
    if split and split.start() > 0:
        parts.subject = rest[: split.start()].strip()
        parts.verb = split[0].lower()
        parts.object = rest[split.end() :].strip()
    return parts


def _opening(wh: str) -> str:
    """Return the word that makes a clause of a question: "what China did", "whether it will"."""
    if not wh:
        return "whether"
    if re.match(r"(?:\w+ )?(?:what|which)\b", wh, re.IGNORECASE):
        return "what"
    return "whom" if wh.lower() in ("who", "whom") else "how"


def _take_apart_state(parts: _Parts, rest: str, *, asks_who: bool) -> None:
    doing = re.search(r"(?<!\bthe )\b[a-z]+ing\b", rest)
    ended = _STATE.search(rest)
    if doing and doing.start() > 0 and not asks_who:
        parts.subject, parts.verb = rest[: doing.start()].strip(), doing[0]
        parts.object = rest[doing.end() :].strip()
    elif parts.wanted and (ended is None or ended.start() == 0):
        parts.noun = f"the {parts.wanted} {rest}"
    elif asks_who and (ended is None or re.match(r"(?:the|a|an)\b|[A-Z]", rest)):
        parts.noun = rest
    elif ended and ended.start() > 0:
        parts.noun = rest[: ended.start()].strip()


def _topic(question: str) -> str:
    """Return what a question is about as words that can stand after "about"."""
    text = _CONNECTOR.sub("", " ".join(plain(question).split())).rstrip(" ?.!")
    carried = re.search(r"\(about (?P<topic>.*)\)$", text)
    if carried:
        return carried["topic"]
    parts = _parts(text)
    if parts.noun:
        return _remaining(parts)
    if parts.subject and parts.verb:
        said = _past_or_present(parts)
        if parts.verb in _INTRANSITIVE and not parts.object:
            said = parts.subject
        if parts.wanted:
            return f"the {parts.wanted} that {said}"
        return f"{parts.opening} {said}".strip()
    inverted = _INVERTED.match(text)
    if inverted:
        wanted = _WANTED.sub("", inverted["wh"] or "").strip()
        return f"{wanted} {inverted['rest']}".strip()
    return re.sub(r"^(?:who|what|which|when|where|why|how)\s+", "", text, flags=re.IGNORECASE)


def _remaining(parts: _Parts) -> str:
    """Return a named thing with what the question said of it: "the tariff after the leaders met"."""
    at = parts.text.find(parts.noun)
    return parts.text[at:] if at >= 0 and not parts.auxiliary else parts.noun


def _past_or_present(parts: _Parts) -> str:
    if parts.auxiliary == "did":
        verb = _past(parts.verb)
    elif parts.auxiliary == "does":
        verb = _third_person(parts.verb)
    elif parts.auxiliary == "do":
        verb = parts.verb
    else:
        verb = f"{parts.auxiliary} {parts.verb}"
    return f"{parts.subject} {verb} {parts.object}".strip()


def _past(verb: str) -> str:
    if verb in PAST_FORMS:
        return PAST_FORMS[verb]
    if verb.endswith("e"):
        return f"{verb}d"
    return f"{verb[:-1]}ied" if re.search(r"[^aeiou]y$", verb) else f"{verb}ed"


def _third_person(verb: str) -> str:
    if verb in ("have", "be"):
        return {"have": "has", "be": "is"}[verb]
    if re.search(r"[^aeiou]y$", verb):
        return f"{verb[:-1]}ies"
    return f"{verb}es" if verb.endswith(("s", "sh", "ch", "x", "o")) else f"{verb}s"


_BE = frozenset("is are was were".split())
_INVERTED = re.compile(
    r"^(?P<wh>(?:(?:until|since|by|for|in|on|from|to|with|under|against|at|after|of) )?"
    r"(?:what|which|who|whom|whose|when|where|why|how)\b.*?\s)?"
    r"(?P<auxiliary>did|does|do|will|would|can|could|should|may|might|must|has|have|had|is|are|was|"
    r"were)\s+(?P<rest>.+)$",
    re.IGNORECASE,
)
_WANTED = re.compile(
    r"^(?:(?:until|since|by|for|in|on|from|to|with|under|against|at|after|of) )?(?:what|which|whose|who|whom|when|"
    r"where|why|"
    r"how)\b\s*(?:long|much|many|big|large|often|soon|far|high|exactly|else)?\s*",
    re.IGNORECASE,
)
_AFTERWARDS = r"(?:\s(?:after|since|when|during|following|before|as a result|under)\s.*)?$"
_NAMED_THING = tuple(
    re.compile(rf"^{opening} (?P<noun>{thing}){_AFTERWARDS}", re.IGNORECASE)
    for opening, thing in (
        (r"what (?:has |have )?(?:happen(?:ed|s)?|became|becomes?|changed) (?:to|of|with|for|about)", ".+?"),
        (
            r"what (?:was|were|is|are|has been|have been) (?:decided|agreed|announced|said|planned|known|reported|"
            r"done) "
            r"(?:about|on|for|regarding|with)",
            ".+?",
        ),
        (r"(?:what|how) (?:about|of)", "[^:]+?"),
    )
)
_STATE = re.compile(
    r"\b(?:still|now|yet|already|currently|no longer|in (?:force|place|effect|danger)|on (?:hold|the table)|at "
    r"(?:stake|risk)|"
    r"under|being|legal|illegal|lawful|unlawful|permanent|temporary|final|affected|suspended|lifted|imposed|halved|"
    r"paused|"
    r"delayed|postponed|exempt|exempted|excluded|included|approved|signed|ratified|expected|supposed|due|set|banned|"
    r"raised|"
    r"cut|reduced|lowered|increased|allowed|decided|agreed|announced|called|caused|used|refined|produced|made|"
    r"charged|paid|"
    r"higher|lower|going to|likely|ready|valid|subject|part|important|a|an)\b",
    re.IGNORECASE,
)
_INTRANSITIVE = frozenset(
    "last run end expire apply start begin take remain happen work matter come stay continue lapse go mean "
    "cover affect".split()
)
_VERB = re.compile(
    r"(?<!\bthe )(?<!\ba )(?<!\ban )(?<!\bnew )(?<!\bto )(?<!'s )\b(?:say|announce|agree|agreed|do|get|make|give|"
    r"take|buy|sell|impose|lift|"
    r"suspend|delay|pause|postpone|cut|raise|lower|reduce|increase|keep|hold|put|set|win|lose|pay|face|want|need|"
    r"expect|plan|"
    r"propose|threaten|promise|offer|accept|reject|refuse|sign|apply|run|last|end|expire|start|begin|remain|happen|"
    r"work|"
    r"matter|come|stay|continue|lapse|go|mean|cover|affect|refine|produce|import|export|mine|control|allow|ban|block|"
    r"permit|"
    r"restrict|target|hit|charge|collect|call|think|tell|argue|warn|describe|react|respond|retaliate|estimate|"
    r"predict|decide|rule|declare|order|introduce|unveil|restore|reinstate|extend|withdraw|drop|stop|halt|exempt|"
    r"exclude|"
    r"include|approve|endorse|confirm|deny|consider|seek|secure|receive|use|ship|invest|build|expand|support|oppose|"
    r"criticize|"
    r"demand|ask|request|insist|concede|gain|benefit|hurt|help|cost|cause|change|be|have|know|see|find|become|rise|"
    r"fall|grow|"
    r"join|leave|file|submit|launch|open|close|investigate|negotiate|meet|discuss|own|lead|employ|supply|deliver|"
    r"store|stockpile)\b",
    re.IGNORECASE,
)
_ASKING_WORDS = re.compile(
    r"\b(?:what|which|who|whom|whose|when|where|why|how|long|much|many|often|soon|exactly|until|since|did|does|do|"
    r"will|would|"
    r"can|could|should|is|are|was|were|has|have|had|may|might)\b",
    re.IGNORECASE,
)
_EMPTY = frozenset(
    stem_ for stem_ in "say said last end mean happen long much mani till still actual exact els more".split()
)
