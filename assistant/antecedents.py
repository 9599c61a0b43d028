"""What "it", "they", "he" or "that" of a follow-up question stand for, by the earlier questions and answers.

A person word stands for the person last spoken of. A thing word stands for who acted, if the follow-up asks of an
action, else for what the earlier question was about; where only a clause says that, the topic is added in brackets.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.domain import Answer
from assistant.names import Name, names
from assistant.question_parts import (
    EMPTY,
    HAS_OBJECT,
    INTRANSITIVE,
    POSSESSIVE,
    Parts,
    carried_topic,
    clause_of,
    parts_of,
    topic_of,
)
from assistant.text import stem, stems


def with_antecedents(core: str, history: Sequence[Answer]) -> str | None:
    """Put what was named earlier for words that point outside the question."""
    text, acts = core, False
    for pattern, find in ((_PERSON_WORD, _person), (_THING_WORD, _thing)):
        match = pattern.search(text)
        found = find(text, match, history) if match and not _is_bound(text, match) else None
        if match and found:
            acts = acts or _acts(text, match)
            text = _replaced(text, match, found)
    if text == core:
        points = _THING_WORD.search(text) or _THAT_NOUN.search(text)
        if points is None or _is_bound(text, points) or _is_dummy(text, points):
            return None
    says_enough = len([part for part in stems(core) if part not in EMPTY]) > 1 or HAS_OBJECT.search(core)
    topic = answered_topic(history)
    if text != core and (topic is None or (not _DID_THAT.search(text) and (says_enough or not acts))):
        carried = carried_topic(last_answered(history).standalone_question)
        is_known = carried is None or set(stems(carried)) <= set(stems(text))
        return text if is_known else f"{text.rstrip(' ?')} (about {carried})"
    return f"{text.rstrip(' ?')} (about {topic})" if topic else None


_PERSON_WORD = re.compile(r"\b(?P<word>he|she|him|her|his|hers|himself|herself)\b", re.IGNORECASE)
_THING_WORD = re.compile(
    r"\b(?P<word>it|its|they|them|their|theirs|(?:this|that|these|those)(?=\s*[?.,]|\s*$|\s+(?:is|are|was|were|will|"
    r"would|can|could|may|might|has|have|had|mean|means|meant|happen|happens|happened|last|apply|affect|affects|"
    r"affected|end|change|changed|expire|hold|work|go|matter|still|also|in|on|to|for|by|about|an?)\b))(?![\w'])",
    re.IGNORECASE,
)
_THAT_NOUN = re.compile(
    r"\b(?P<word>this|that|these|those)\s+(?!year|month|week|time|day|summer|winter|spring|autumn|quarter|is|are|was|"
    r"were|the|a|an|it|he|she|they)(?P<noun>[a-z]+)\b",
    re.IGNORECASE,
)
_DID_THAT = re.compile(r"\b(?:do|did|does|doing|done) (?:that|this|it|so)\b", re.IGNORECASE)


def _is_bound(text: str, match: re.Match[str]) -> bool:
    """Say whether the question itself names, before the word, what the word can stand for."""
    before = text[: match.start()]
    word = match["word"].lower()
    named = names(before)
    if word in ("he", "she", "him", "her", "his", "hers", "himself", "herself"):
        return any(name.key is None for name in named)
    content = [part for part in stems(_ASKING_WORDS.sub(" ", before)) if part not in EMPTY]
    if word in ("its", "their", "theirs"):
        return bool(named) or len(content) > 1
    last = before.split()[-1].lower().strip(",") if before.split() else ""
    if word in ("it", "they"):
        return bool(content) and (
            last in _OPENS_CLAUSE or bool(re.search(r"[,;]|\b(?:and|but|if|when|that)\b", before))
        )
    return bool(content) and bool(re.search(r"[,;]|\b(?:and|but|if|when)\b", before))


_ASKING_WORDS = re.compile(
    r"\b(?:what|which|who|whom|whose|when|where|why|how|long|much|many|often|soon|exactly|until|since|did|does|do|"
    r"will|would|can|could|should|is|are|was|were|has|have|had|may|might)\b",
    re.IGNORECASE,
)

# Words after which "it" opens a clause of its own and can mean what was named before.
_OPENS_CLAUSE = frozenset(
    "say says said think thinks believe whether if that because when while and but or where how what why as "
    "since until before after which than though although unless announce announced claim claims promise "
    "promised expect hope means know knows decide decided".split()
)


def _is_dummy(text: str, match: re.Match[str]) -> bool:
    """Say whether "it" stands for what follows: "Is it true that …", "How likely is it that …"."""
    return bool(re.match(r"it\b.*\b(?:that|to)\s+\w+", text[match.start() :], re.IGNORECASE)) and len(stems(text)) > 3


def _replaced(text: str, match: re.Match[str], found: str) -> str:
    """Put a noun phrase for a pronoun; for "its end" of something long, "the end of" it."""
    word, rest = match["word"].lower(), text[match.end() :]
    if word not in ("his", "its", "their", "hers", "theirs"):
        return agreeing(text[: match.start()], found) + found + rest
    owned = re.match(r" ([\w-]+)", rest)
    if owned and len(found.split()) > 3:
        return f"{text[: match.start()]}the {owned[1]} of {found}{rest[owned.end() :]}"
    return f"{text[: match.start()]}{found}{_genitive(found)}{rest}"


_NUMBERS = {"is": "are", "was": "were", "has": "have", "does": "do"}
_BE_BEFORE = re.compile(r"\b(?P<verb>is|are|was|were|has|have|does|do)\s+\Z", re.IGNORECASE)
_MANY = frozenset("they we you these those".split())
_AFTER_HEAD = re.compile(r"\s(?:of|on|in|for|to|against|from|that|which|at|with|by|under|after)\s")


def agreeing(before: str, found: str) -> str:
    """Put the verb right before a noun phrase into the number of the phrase: "were those" but "was the halt"."""
    match = _BE_BEFORE.search(before)
    if match is None:
        return before
    verb, head = match["verb"].lower(), _AFTER_HEAD.split(found)[0]
    is_clause = re.match(r"(?:what|who|whether|how)\b", found, re.IGNORECASE)
    is_one = is_clause or not head.endswith("s") or head.endswith(("ss", "us", "is", "news", "States", "Philippines"))
    forms = (
        {many: one for one, many in _NUMBERS.items()}
        if is_one and " and " not in head and head.lower() not in _MANY
        else _NUMBERS
    )
    written = forms.get(verb, verb)
    return before[: match.start()] + (written.capitalize() if match["verb"][0].isupper() else written) + " "


def _genitive(found: str) -> str:
    return "'" if found.endswith("s") else "'s"


def _acts(text: str, match: re.Match[str]) -> bool:
    """Say whether the word is who does something; in "when is it decided" it is not."""
    following = text[match.end() :].split()
    is_passive = (
        _BE_BEFORE.search(text[: match.start()]) and following and following[0].rstrip("?").endswith(("ed", "wn"))
    )
    return _verb_after(text, match) in _AGENTIVE and not (
        is_passive and not text[: match.start()].lower().rstrip().endswith(("has", "have", "does", "do"))
    )


def _verb_after(text: str, match: re.Match[str]) -> str:
    following = (word for word in re.findall(r"[a-z]+", text[match.end() :].lower()) if word not in _ADVERBS)
    return stem(next(following, ""))


_ADVERBS = frozenset("also still now then ever not already actually really only currently just even formally".split())
_AGENTIVE = frozenset(
    stem(word)
    for word in (
        "say said announce want agree decide plan promise demand ask sign respond react retaliate win lose buy "
        "sell do did get gain need impose offer accept reject threaten expect hope claim argue insist intend make "
        "export import receive refuse negotiate give concede produce refine secure seek think call propose run "
        "lead own pay"
    ).split()
)


def _person(text: str, match: re.Match[str], history: Sequence[Answer]) -> str | None:
    """Return the person last spoken of: in a question first, then in what was answered to it."""
    fallback = None
    for answer in reversed(history):
        for source in (answer.standalone_question, *(claim.text for claim in answer.claims)):
            people = [name for name in names(source) if _is_person(name, source)]
            for name in people:
                is_speaker = _SPEAKS.match(source, name.end) or _SPOKEN.search(source[: name.start])
                if is_speaker or (len(name.words) > 1 and _FULL_NAME.match(source, name.start)):
                    return POSSESSIVE.sub("", source[name.start : name.end])
            if people and not fallback:
                fallback = POSSESSIVE.sub("", source[people[0].start : people[0].end])
    return fallback


_FULL_NAME = re.compile(r"[A-Z][a-z]+(?: [A-Z]\.)?(?: [A-Z][\w'-]+){1,2}")
_SPEAKS = re.compile(
    r"(?:,[^,]{0,60},)? (?:say|said|says|think|call|called|want|argue|warn|tell|told|mean|acknowledge|announce)"
)
_SPOKEN = re.compile(r"\b(?:said|says|told|warned|argued|according to|did|does|is|was|has|who is)\s*\Z", re.IGNORECASE)


def _is_person(name: Name, source: str) -> bool:
    written = source[name.start : name.end]
    is_plain = name.key is None and not written.isupper() and not any(character.isdigit() for character in written)
    return is_plain and len(name.words) <= 3 and not _BODIES.intersection(name.words) and " of " not in written


_BODIES = frozenset(
    "ministry council court act bank office institute lab inc agency commission department house research "
    "economics organization organisation association committee university group corp company congress "
    "senate board bureau trade air force one post times journal news wire union fund treasury commerce "
    "customs accord agreement deal summit section ai ev street court party administration chamber".split()
)


def _thing(text: str, match: re.Match[str], history: Sequence[Answer]) -> str | None:
    """Return a noun phrase for "it", "they" or "that": who acted, or what the earlier question was about."""
    if _is_dummy(text, match):
        return None
    answered = last_answered(history)
    earlier = parts_of(answered.standalone_question)
    word = match["word"].lower()
    if word in ("it", "they") and _acts(text, match):
        agent = _agent(earlier) or _agent(parts_of(topic_of(answered.standalone_question)))
        if agent:
            return agent
    is_general = earlier.verb in _GENERAL and earlier.asks_what
    if word in ("its", "their") and earlier.subject and names(f"x {earlier.subject}") and not is_general:
        return earlier.subject
    carried = carried_topic(answered.standalone_question) or ""
    act = _act(earlier) if _ASKS_WHEN.search(text) else None
    matter = _subject_matter(earlier, answered, is_many=word in _MANY_WORDS)
    return act or matter or (carried if _NOUN_PHRASE.match(carried) else None)


_MANY_WORDS = frozenset("they them their theirs these those".split())
_NOUN_PHRASE = re.compile(r"(?:the|its|their|an?)\s|[A-Z]")


def _agent(earlier: Parts) -> str | None:
    if earlier.subject and names(f"x {earlier.subject}"):
        return earlier.subject
    named = names(earlier.text)
    if named:
        return earlier.text[named[0].start : named[0].end]
    return earlier.subject


_ASKS_WHEN = re.compile(r"\b(?:how long|when|last|expire|end|run out|begin|start|take effect)\b", re.IGNORECASE)


def _act(earlier: Parts) -> str | None:
    """Return the act that an earlier question was about: what lasts is the suspension, not what was suspended."""
    noun = _NOUNS.get(stem(earlier.verb)) if earlier.verb else None
    if not (noun and earlier.subject and earlier.object) or noun == "measure" or earlier.asks_what:
        return None
    return f"{earlier.subject}'s {noun} of {_OWN.sub('', earlier.object)}"


# "who collects the levy on cement": what is done, where the question asks who does it.
_COLLECTED = re.compile(
    r"^(?i:who|which \w+)(?: (?:has|have|had|will|would|could|can|may))? [a-z]+ "
    r"(?P<object>(?:the|its|their|an?|[A-Z][\w'’]*) .+?)(?: (?:after|since|when|during|before|until|because)\b.*)?$"
)


def _subject_matter(earlier: Parts, answered: Answer, *, is_many: bool) -> str | None:
    """Return what the earlier question was about as a noun phrase, None if only a clause would say it."""
    if earlier.noun:
        return earlier.noun
    is_wanted = earlier.asks_what and earlier.wanted and earlier.subject and earlier.verb
    if is_wanted and (is_many or earlier.verb not in INTRANSITIVE):
        return f"the {earlier.wanted} that {clause_of(earlier)}"
    collected = None if earlier.verb else _COLLECTED.match(earlier.text)
    if collected:
        return collected["object"]
    if earlier.subject and earlier.verb in INTRANSITIVE:
        return earlier.subject
    if earlier.subject and earlier.verb and earlier.asks_what:
        said = clause_of(earlier)
        noun = reported_noun(answered) if earlier.verb in _GENERAL else None
        return " ".join(filter(None, ["the" if noun else "", noun or "", "that" if noun else "what", said]))
    if earlier.subject and earlier.verb and earlier.object:
        owner = f"{earlier.subject}'s"
        return re.sub(r"^(?:its|their|his|her)\b", owner, earlier.object, flags=re.IGNORECASE)
    return None


_OWN = re.compile(r"^(?:its|their|his|her)\s", re.IGNORECASE)
# Verbs that leave open what was done; the answer says it, and its noun makes the question clear.
_GENERAL = frozenset("announce decide do say agree promise declare order introduce unveil plan propose sign".split())
_NOUNS = {
    "suspend": "suspension", "pause": "pause", "delay": "delay", "postpone": "postponement", "ban": "ban",
    "lift": "lifting", "impose": "measure", "halve": "cut", "cut": "cut", "reduc": "reduction", "rais": "increase",
    "increas": "increase", "extend": "extension", "restor": "restoration", "reinstat": "reinstatement",
    "agre": "agreement", "truce": "truce", "restrict": "restriction", "exempt": "exemption", "quota": "quota",
    "tariff": "tariff", "invest": "investigation",
}  # fmt: skip


def reported_noun(answered: Answer) -> str | None:
    """Return the noun for what the first claim reports: "suspended" makes "suspension"."""
    for claim in answered.claims[:1]:
        found = [_NOUNS[part] for part in stems(claim.text) if part in _NOUNS]
        if found:
            return found[0]
    return None


def last_answered(history: Sequence[Answer]) -> Answer:
    """Return the last answer that was not a refusal, the last one if all were."""
    return next((answer for answer in reversed(history) if not answer.is_refusal), history[-1])


def answered_topic(history: Sequence[Answer]) -> str | None:
    """Return what the last answered question was about; None if all were refused, which nothing goes on from."""
    answered = last_answered(history)
    return None if answered.is_refusal else topic_of(answered.standalone_question)
