"""Ask an earlier question under the other condition: "And if they don't?" after "What happens if the rules change?".

The condition of the earlier question is denied, or what it denies is affirmed. A condition whose verb is not found is
denied as a whole ("if it is not the case that …"), so the result is a sentence whatever the words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.antecedents import agreeing, last_answered
from assistant.domain import Answer
from assistant.question_parts import CARRIED, VERB, parts_of, past, third_person, topic_of
from assistant.topic_exchange import ASKED_ABOUT
from assistant.vocabulary import BASE_FORMS


def other_condition(asked: str, history: Sequence[Answer]) -> str | None:
    """Return the earlier question with its condition as the follow-up has it; None if that names no other condition."""
    match = _ASKED.match(asked)
    if match is None:
        return None
    is_denied = match["bare"] is not None or _NOT.search(match["verb"] or "") is not None
    earlier = ASKED_ABOUT.sub("", last_answered(history).standalone_question.rstrip(" ?.!"))
    carried = CARRIED.search(earlier)
    for text, rest in ((CARRIED.sub("", earlier), carried[0] if carried else ""), (topic_of(earlier), "")):
        found = _CONDITION.search(text) or _FIRST_CONDITION.match(text)
        if found:
            clause = _with_denial(found["clause"], is_denied=is_denied, verb=match["verb"] or "")
            return text[: found.start("clause")] + clause + text[found.end("clause") :] + rest
    parts = parts_of(earlier)
    if parts.subject and parts.verb and match["verb"]:
        verb = _plain(match["verb"])
        if verb.startswith(("do ", "don", "does")) or verb == "do":
            verb = agreeing("do ", parts.subject).strip() + ("n't" if is_denied else "")
        said = f"{parts.subject} {verb} {parts.verb} {parts.object}".strip()
        return f"What happens if {said}{carried[0] if carried else ''}"
    return f"What happens if {'not' if is_denied else 'so'} (about {topic_of(earlier)})"


_AUXILIARY = r"(?:do|does|did|is|are|was|were|will|would|can|could|should|has|have|had|may|might|must)"
_ASKED = re.compile(
    r"^(?:(?:and|but|so|or|then|ok(?:ay)?|well|now)\b[\s,]*)*"
    r"(?:(?P<bare>(?:what )?if not|otherwise|or else|else)"
    r"|(?:what (?:(?:happens|happened|(?:will|would) happen) )?)?if (?:they|it|he|she|we|that|this|these|those) "
    rf"(?P<verb>{_AUXILIARY}(?:n['’]t| not)?|won['’]t|can['’]t|cannot))\s*\??$",
    re.IGNORECASE,
)
_NOT = re.compile(r"n['’]t\b|not\b", re.IGNORECASE)
_CONDITION = re.compile(r"(?<=\S)\s(?:if|when|once) (?P<clause>[^,;]+)$", re.IGNORECASE)
_FIRST_CONDITION = re.compile(r"^(?:if|once) (?P<clause>[^,;]+),", re.IGNORECASE)
_CONTRACTED = {"will": "won't", "can": "can't", "may": "may not", "might": "might not"}
_FULL = {"won't": "will", "can't": "can", "cannot": "can"}
_DENIED = re.compile(
    rf" (?:(?P<verb>{_AUXILIARY})(?:n['’]t| not)|(?P<short>won['’]t|can['’]t|cannot))(?: (?P<base>[a-z]+))?\b",
    re.IGNORECASE,
)
_AFFIRMED = re.compile(rf" (?P<verb>{_AUXILIARY})\b", re.IGNORECASE)


def _plain(verb: str) -> str:
    return " ".join(verb.lower().replace("’", "'").split())


def _with_denial(clause: str, *, is_denied: bool, verb: str) -> str:
    """Return a clause denied or affirmed; as it is where it says so already. `verb` is the follow-up's own."""
    whole = _WHOLLY_DENIED.match(clause)
    denied = _DENIED.search(clause)
    if is_denied:
        return clause if denied or whole else _denied(clause, _plain(verb))
    if whole:
        return clause[whole.end() :]
    if denied is None:
        return clause
    auxiliary = (denied["verb"] or _FULL[_plain(denied["short"])]).lower()
    base = denied["base"] or ""
    forms = {"do": base, "does": third_person(base), "did": past(base)} if base else {}
    return clause[: denied.start()] + " " + forms.get(auxiliary, f"{auxiliary} {base}".strip()) + clause[denied.end() :]


_WHOLLY_DENIED = re.compile(r"it is not the case that ")


def _denied(clause: str, verb: str) -> str:
    auxiliary = _AFFIRMED.search(clause)
    if auxiliary:
        word = auxiliary["verb"].lower()
        denied = _CONTRACTED.get(word, f"{word}n't")
        return f"{clause[: auxiliary.start()]} {denied}{clause[auxiliary.end() :]}"
    words = clause.split()
    for at, word in enumerate(words):
        base, form = _base(word.lower(), words[at - 1].lower()) if at else ("", "")
        if base:
            return " ".join([*words[:at], f"{form}n't", base, *words[at + 1 :]])
    return f"it is not the case that {clause}"


def _base(word: str, before: str) -> tuple[str, str]:
    """Return a verb's base form and the form of "do" that it needs; two empty strings for what is no verb here."""
    if before in _NO_SUBJECT:
        return "", ""
    if word in BASE_FORMS and word != BASE_FORMS[word]:
        return BASE_FORMS[word], "did"
    if before.endswith("s") and not before.endswith(("ss", "'s", "’s")) and (_is_verb(word) or word in _MORE_VERBS):
        return word, "do"
    for ending, put in (("ies", "y"), ("es", ""), ("s", "")):
        base = word.removesuffix(ending) + put
        if word.endswith(ending) and third_person(base) == word and (_is_verb(base) or base in _MORE_VERBS):
            return base, "does"
    return "", ""


_NO_SUBJECT = frozenset("the a an its their his her our new any all no of to in on for with and or".split())
_MORE_VERBS = frozenset(
    "improve worsen strike sue weaken strengthen act vote pass break return recover comply cooperate escalate "
    "intervene appeal resume collapse succeed fail renew ratify repeal uphold overturn back follow".split()
)


def _is_verb(word: str) -> bool:
    return VERB.fullmatch(word) is not None
