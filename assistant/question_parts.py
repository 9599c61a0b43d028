"""A question taken apart: who does what to what, what kind of thing is asked for, and what it is all about.

Patterns, no parser: an auxiliary, a subject, the first verb of a list, the rest. What no pattern takes apart keeps its
own words, so a topic always says at least what the question said.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from assistant.figures import plain
from assistant.vocabulary import PAST_FORMS, past_verbs

# Longer questions say enough about themselves, whatever small word they begin with.
MOST_CONTENT_WORDS = 3
CONNECTOR = re.compile(
    r"^(?:(?:and|but|so|or|also|then|ok(?:ay)?|well|now|plus|yes|no|thanks|thank you|please|"
    r"(?:and )?what if)\b[\s,:.!-]*)+(?=\S)(?!about\b)",
    re.IGNORECASE,
)
ASKS = re.compile(
    r"^(?:who|whom|whose|what|which|when|where|why|how|is|are|was|were|do|does|did|has|have|had|can|could|will|would|"
    r"should|may|might|must)\b",
    re.IGNORECASE,
)
HAS_OBJECT = re.compile(r"\b(?:about|regarding|concerning)\s+\w+", re.IGNORECASE)
POSSESSIVE = re.compile(r"(?:['’]s?)?\Z")
# What an earlier follow-up was given to stand alone; it is passed on, never wrapped again.
CARRIED = re.compile(r"\s*\(about (?P<topic>.+)\)$")
# Stems that do not say what a question is about.
EMPTY = frozenset("say said last end mean happen long much mani till still actual exact els more".split())
VERB = re.compile(
    r"(?<!\bthe )(?<!\ba )(?<!\ban )(?<!\bnew )(?<!\bto )(?<!'s )\b(?:say|announce|agree|agreed|do|get|make|give|take|"
    r"buy|sell|impose|lift|suspend|delay|pause|postpone|cut|raise|lower|reduce|increase|keep|hold|put|set|win|lose|"
    r"pay|face|want|need|expect|plan|propose|threaten|promise|offer|accept|reject|refuse|sign|apply|run|last|end|"
    r"expire|start|begin|remain|happen|work|matter|come|stay|continue|lapse|go|mean|cover|affect|refine|produce|"
    r"import|export|mine|control|allow|ban|block|permit|restrict|target|hit|charge|collect|call|think|tell|argue|warn|"
    r"describe|react|respond|retaliate|estimate|predict|decide|rule|declare|order|introduce|unveil|restore|reinstate|"
    r"extend|withdraw|drop|stop|halt|exempt|exclude|include|approve|endorse|confirm|deny|consider|seek|secure|receive|"
    r"use|ship|invest|build|expand|support|oppose|criticize|demand|ask|request|insist|concede|gain|benefit|hurt|help|"
    r"cost|cause|change|be|have|know|see|find|become|rise|fall|grow|join|leave|file|submit|launch|open|close|"
    r"investigate|negotiate|meet|discuss|own|lead|employ|supply|deliver|store|stockpile|require|add|remove|revoke|adopt|"
    r"publish|grant|enforce|ratify|implement)\b",
    re.IGNORECASE,
)
INTRANSITIVE = frozenset(
    "last run end expire apply start begin take remain happen work matter come stay continue lapse go mean "
    "cover affect".split()
)


@dataclass(frozen=True, slots=True)
class Parts:
    """A question's subject, verb and object, or the `noun` it asks about; "" for what it has not.

    `wanted` is the kind of thing asked for ("share" in "what share of"), `opening` the word that makes a clause of it.
    """

    text: str
    subject: str = ""
    verb: str = ""
    object: str = ""
    noun: str = ""
    wanted: str = ""
    auxiliary: str = ""
    opening: str = ""
    asks_what: bool = False


def parts_of(question: str) -> Parts:
    """Take a question apart, without a topic in brackets. Only `text`, the bare question, is set where nothing fits."""
    text = CARRIED.sub("", _bared(question))
    for pattern in _NAMED_THING:
        named = pattern.match(text)
        if named:
            return Parts(text, noun=named["noun"])
    match = _inverted(text)
    if match is None:
        return Parts(text)
    wh = (match["wh"] or "").strip()
    parts = Parts(
        text,
        wanted=_WANTED.sub("", wh).strip(),
        auxiliary=match["auxiliary"].lower(),
        opening=_opening(wh),
        asks_what=_opening(wh) == "what",
    )
    if parts.auxiliary in _BE:
        return _with_state(parts, match["rest"], asks_who=bool(re.match(r"(?:what|who)$", wh, re.IGNORECASE)))
    return _with_action(parts, match["rest"])


def _bared(question: str) -> str:
    return CONNECTOR.sub("", " ".join(plain(question).split())).rstrip(" ?.!")


_AFTERWARDS = r"(?:\s(?:after|since|when|during|following|before|as a result|under)\s.*)?$"
_NAMED_THING = tuple(
    re.compile(rf"^{opening} (?P<noun>{thing}){_AFTERWARDS}", re.IGNORECASE)
    for opening, thing in (
        (r"what (?:has |have )?(?:happen(?:ed|s)?|became|becomes?|changed) (?:to|of|with|for|about)", ".+?"),
        (
            r"what (?:was|were|is|are|has been|have been) (?:decided|agreed|announced|said|planned|known|reported|"
            r"done) (?:about|on|for|regarding|with)",
            ".+?",
        ),
        (r"(?:what|how) (?:about|of)", "[^:]+?"),
    )
)
_INVERTED = re.compile(
    r"^(?P<wh>(?:(?:until|since|by|for|in|on|from|to|with|under|against|at|after|of) )?(?:what|which|who|whom|whose|"
    r"when|where|why|how)\b.*?\s)?(?P<auxiliary>did|does|do|will|would|can|could|should|may|might|must|has|have|had|"
    r"is|are|was|were)\s+(?P<rest>.+)$",
    re.IGNORECASE,
)
_SUBORDINATE = re.compile(r"\b(?:if|when|that|because|unless|while|once)\b|[\":]", re.IGNORECASE)
_SUBJECT_VERB = frozenset(
    "happens follows remains makes drives explains comes goes stands means says pays wins loses gains leads".split()
)


def _inverted(text: str) -> re.Match[str] | None:
    """Match a question with its verb before its subject; "who signed …" and "what happens if …" have none."""
    match = _INVERTED.match(text)
    asked, _, rest = ((match["wh"] or "") if match else "").partition(" ")
    following = rest.split()[0].lower() if rest.split() else ""
    is_verb = following in _SUBJECT_VERB or following in past_verbs() or following.endswith("ed")
    is_subject = asked.lower() in ("who", "what", "which") and (
        is_verb or (asked.lower() == "who" and following not in ("", "else", "exactly"))
    )
    return None if is_subject or _SUBORDINATE.search(rest) else match


_WANTED = re.compile(
    r"^(?:(?:until|since|by|for|in|on|from|to|with|under|against|at|after|of) )?(?:what|which|whose|who|whom|when|"
    r"where|why|how)\b\s*(?:long|much|many|big|large|often|soon|far|high|exactly|else)?\s*",
    re.IGNORECASE,
)
_BE = frozenset("is are was were".split())
_STATE = re.compile(
    r"\b(?:still|now|yet|already|currently|no longer|in (?:force|place|effect|danger)|on (?:hold|the table)|"
    r"at (?:stake|risk)|under|being|legal|illegal|lawful|unlawful|permanent|temporary|final|affected|suspended|lifted|"
    r"imposed|halved|paused|delayed|postponed|exempt|exempted|excluded|included|approved|signed|ratified|expected|"
    r"supposed|due|set|banned|raised|cut|reduced|lowered|increased|allowed|decided|agreed|announced|called|caused|"
    r"used|refined|produced|made|charged|paid|higher|lower|going to|likely|ready|valid|subject|part|important|a|an)\b",
    re.IGNORECASE,
)


def _opening(wh: str) -> str:
    """Return the word that makes a clause of a question: "what China did", "whether it will"."""
    if re.match(r"(?:\w+ )?what\b|which\b", wh, re.IGNORECASE):
        return "what"
    if wh.lower() in ("who", "whom"):
        return "whom"
    return "how" if wh else "whether"


def _with_state(parts: Parts, rest: str, *, asks_who: bool) -> Parts:
    """Take apart what follows "is" or "were"."""
    doing = re.search(r"(?<!\bthe )\b[a-z]+ing\b", rest)
    ended = _STATE.search(rest)
    rest = _DANGLING.sub("", rest) if asks_who else rest
    if doing and doing.start() > 0 and not asks_who:
        return replace(parts, subject=rest[: doing.start()].strip(), verb=doing[0], object=rest[doing.end() :].strip())
    if parts.wanted and (ended is None or ended.start() == 0):
        return replace(parts, noun=f"the {parts.wanted} {rest}")
    if asks_who and (ended is None or re.match(r"(?:the|a|an)\b|[A-Z]", rest)):
        return replace(parts, noun=rest)
    if ended and ended.start() > 0:
        return replace(parts, noun=rest[: ended.start()].strip())
    return parts


_DANGLING = re.compile(
    r"(?<=\S)(?:\s+(?:an?|the|in) (?:reaction|response|answer|retaliation))?"
    r"\s+(?:about|for|over|to|with|on|from|of|in|by|at|against|like|after)$",
    re.IGNORECASE,
)


def _with_action(parts: Parts, rest: str) -> Parts:
    """Take apart what follows "did", "will" and the like."""
    verb = next((found for found in VERB.finditer(rest) if not _COMPOUND.match(rest, found.start())), None)
    if verb is None or verb.start() == 0:
        return parts
    return replace(parts, subject=rest[: verb.start()].strip(), verb=verb[0].lower(), object=rest[verb.end() :].strip())


# "export restrictions" are restrictions
_COMPOUND = re.compile(
    r"(?:export|import|control|supply|plan|rule|order|mine|ship|use|call) (?:restriction|control|ban|curb|regime|"
    r"licen[cs]e|licensing|quota|tax|dut(?:y|ies)|tariff|fee|rule|order|case|market|share|chain|permit|polic)",
    re.IGNORECASE,
)


def carried_topic(question: str) -> str | None:
    """Return the topic in brackets that a question got when it was made to stand alone, without brackets in it."""
    carried = CARRIED.search(_bared(question))
    return carried["topic"].rsplit("(about ", 1)[-1].rstrip(")") if carried else None


def topic_of(question: str) -> str:
    """Return what a question is about as words that can stand after "about"."""
    text = _bared(question)
    carried = carried_topic(text)
    if carried:
        return carried
    parts = parts_of(text)
    if parts.noun:
        return _remaining(parts)
    if parts.subject and parts.verb:
        if parts.wanted:
            return f"the {parts.wanted} that {clause_of(parts)}"
        if parts.verb in INTRANSITIVE and not parts.object:
            return parts.subject
        return f"{parts.opening} {clause_of(parts)}".strip()
    inverted = _inverted(text)
    if inverted:
        wanted = _WANTED.sub("", inverted["wh"] or "").strip()
        return f"{wanted} {inverted['rest']}".strip()
    if _ASKS_SUBJECT.match(text):
        return text[0].lower() + text[1:]
    return re.sub(r"^(?:who|what|which|when|where|why|how)\s+", "", text, flags=re.IGNORECASE)


# "who signed the deal" can stand after "about" as it is, and so can "how many firms closed".
_ASKS_SUBJECT = re.compile(r"^(?:who|what|which|how (?:many|much))\s+\S+", re.IGNORECASE)


def _remaining(parts: Parts) -> str:
    """Return a named thing with what the question said of it: "the tariff after the leaders met"."""
    at = parts.text.find(parts.noun)
    return parts.text[at:] if at >= 0 and not parts.auxiliary else parts.noun


def clause_of(parts: Parts) -> str:
    """Return a subject, verb and object as a clause, without its opening: "China suspended the ban"."""
    if parts.auxiliary == "did":
        verb = past(parts.verb)
    elif parts.auxiliary == "does":
        verb = third_person(parts.verb)
    elif parts.auxiliary == "do":
        verb = parts.verb
    else:
        verb = f"{parts.auxiliary} {parts.verb}"
    return f"{parts.subject} {verb} {parts.object}".strip()


def past(verb: str) -> str:
    """Return the past form of a verb's base form."""
    if verb in PAST_FORMS:
        return PAST_FORMS[verb]
    if verb.endswith("e"):
        return f"{verb}d"
    return f"{verb[:-1]}ied" if re.search(r"[^aeiou]y$", verb) else f"{verb}ed"


def third_person(verb: str) -> str:
    """Return the form of a verb after "it"."""
    if verb in ("have", "be"):
        return {"have": "has", "be": "is"}[verb]
    if re.search(r"[^aeiou]y$", verb):
        return f"{verb[:-1]}ies"
    return f"{verb}es" if verb.endswith(("s", "sh", "ch", "x", "o")) else f"{verb}s"
