"""Kinds of change that nobody who tunes the verification looks at: only the held-out half has them.

Whoever improves the verification should not read this file either.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

from tests.benchmarks import adversarial_words as words
from tests.benchmarks.adversarial_changes import Change, Changer, lowered, opened, put, replaced
from tests.benchmarks.adversarial_passages import Source

_MIDDLE = r"(?<![\w’'-])"
_QUANTITIES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"(?<!almost )(?<!nearly )[Aa]ll (?=(?:the |of the |other |of |these |those )?[a-z]+s\b)", ("some ", "few ")),
    (r"[Ee]very(?= [a-z]+)", ("hardly any",)),
    (r"[Ee]ach(?= [a-z]+)(?! of\b| other)", ("hardly any",)),
    (r"[Ss]ome(?= (?:of the |of its |of their )[a-z]+)", ("all", "none")),
    (r"[Ss]ome(?= [a-z]+s\b)", ("all",)),
    (r"[Mm]ost(?= (?:of the|of its|of their) )", ("few", "all")),
    (r"(?<!the )(?<!\d )[Mm]ost(?= [a-z]+(?<!ou)s\b)", ("few", "all")),
    (r"[Mm]any(?= (?:of the )?(?:[a-z]+ )?[a-z]+s\b)", ("all", "few")),
    (r"(?<= a )few(?= [a-z]+s\b)", ("great many",)),
    (r"[Ss]everal(?= (?:of the )?(?:[a-z]+ )?[a-z]+s\b)", ("all", "no")),
    (r"[Nn]early all\b|[Aa]lmost all\b|[Vv]irtually all\b", ("some",)),
    (r"[Bb]oth(?= (?!as\b)[a-z]+s\b)", ("neither of the",)),
    (r"(?<= )only(?= (?:a|an|one|two|three|four|the|in|by|about|\d)\b)", ("not only",)),
    (r"[Mm]ainly|[Mm]ostly|[Ll]argely|[Pp]rimarily|[Pp]artly|[Pp]artially", ("exclusively", "entirely")),
    (r"(?<= )(?:usually|often|sometimes|generally|typically)(?= [a-z]+)", ("always", "never")),
    (r"(?<= )(?:rarely|seldom)(?= [a-z]+)", ("always",)),
    (r"(?<= )always(?= [a-z]+)", ("sometimes",)),
    (r"(?<!first )(?<!second )(?<!a )(?<!an )(?:[Pp]arts? of|[Hh]alf of) (?=(?:the|its|their) )", ("all of ",)),
    (r"(?<= )(?<!not )(?:completely|entirely|fully|wholly)(?= [a-z]+)", ("partly",)),
)  # fmt: skip
_BEFORE_QUANTITY = re.compile(r"\b(?:at|after|above|not|in|for|such|as|so|how|too|the|very|an?|enforced|is) $")


def quantity(source: Source, rng: random.Random) -> Iterator[Change]:
    """Make some of all, all of most, always of often, the whole of a part."""
    text = source.sentence
    for pattern, choices in _QUANTITIES:
        for match in re.finditer(_MIDDLE + f"(?:{pattern})", text):
            adverbial = match[0].lower().strip() == "only" or match[0].endswith("ly")
            before = text[: match.start()]
            if not adverbial and _BEFORE_QUANTITY.search(before) and not (before.endswith(" a ") and "few" in match[0]):
                continue
            after = words.like(rng.choice(choices), match[0])
            how = f"{match[0].strip().lower()} to {after.strip().lower()}"
            yield from replaced(source, *match.span(), after, how, is_new=" " not in after.strip())


_CONDITION = (
    r"(?:if(?! not\b| any\b| so\b| (?:or )?when\b)|unless|provided that|as long as|except (?:for|in|when|that|where)"
    r"|subject to|only (?:if|when|where)|where necessary|with the exception of|in the event of)"
)
_OPEN_CONDITION = (
    r"(?:If(?! not\b| any\b| so\b| \()|Unless|Provided that|As long as|Except|Only (?:if|when)|Subject to)"
)
_NOT_ASKED = r"\b(?:even|as|what|ask|asked|know|see|whether|test|tested|determine|examine|and|or|but|not|only)$"


def condition(source: Source, rng: random.Random) -> Iterator[Change]:
    """Leave out the condition or the exception that a statement was made under."""
    text = source.sentence
    opening = re.match(rf"(?P<lead>[A-Z]\w+, )?(?P<if>{_OPEN_CONDITION} [^,;]{{6,110}}), (?:then )?(?=\w)", text)
    if opening and not re.match(r"(?:and|or|even|if|which|such) ", text[opening.end() :]):
        yield Change(opened(text[opening.end() :]), opening["if"], "", "condition dropped")
    lead = re.match(r"(?P<lead>[A-Z][\w ]{2,20}, )(?P<if>(?:if(?! not\b)|unless) [^,;]{6,110}), (?=\w)", text)
    if lead and not re.match(r"(?:and|or|even|if|which) ", text[lead.end() :]):
        yield Change(lead["lead"] + text[lead.end() :], lead["if"], "", "condition dropped")
    ending = re.search(rf"(?<![\w-]),? (?P<if>{_CONDITION} [^,;\"“]{{6,110}})\.$", text)
    if ending and ending.start() > 25 and not re.search(_NOT_ASKED, text[: ending.start()]):
        is_partial = re.search(r"\b(?:[Mm]any|[Mm]ost|[Ss]ome)\b", text[: ending.start()])
        if not (is_partial and ending["if"].startswith(("except", "with"))):
            claim = text[: ending.start()].rstrip(",– ") + "."
            yield Change(claim, ending["if"], "", "condition dropped")
    middle = re.search(rf"(?<=\w), (?P<if>{_CONDITION} [^,;\"“]{{6,80}}), (?=[a-z])", text)
    if middle and not lead and not re.match(r"(?:and|or|but|then|which|even|in which)\b", text[middle.end() :]):
        pause = ", " if middle.start() < 20 else " "
        yield Change(put(text, *middle.span(), pause), middle["if"], "", "condition dropped")


_CAUSING = (
    r"(?:caused|led to|resulted in|gave rise to|triggered|prompted|produced|causes|leads to|results in|lead to"
    r"|result in|brought about|contributed to|contributes to|contribute to|induces|induced|stimulates|stimulated"
    r"|provoked)"
)
_DUE = re.compile(r"\b(?:is|are|was|were|not|part|partly|largely|mainly|particularly|be|been),?$")
_NO_CAUSE = re.compile(
    r"\b(?:and|which|that|who|was|were|to|has|have|had|can|may|not|this|these|it|could|would|will|is|are|also|he|they"
    r"|factors|results?|introduction)\b",
    re.I,
)


def cause(source: Source, rng: random.Random) -> Iterator[Change]:
    """Let what caused it be what it caused, or be no cause."""
    text, how = source.sentence, "cause and effect change places"
    match = re.match(r"(?P<left>[^,;]{12,120}) because (?!of)(?P<right>[^,;]{12,120})\.$", text)
    if match and not re.search(r"\b(?:not|only|just|partly|part|that|argued|said)\b", match["left"]):
        yield Change(f"{opened(match['right'])} because {lowered(match['left'])}.", "because", "because", how)
    match = re.match(r"Because (?!of)(?P<right>[^,;]{8,120}), (?P<left>[^,;]{12,140})\.$", text)
    if match:
        claim = f"Because {lowered(match['left'])}, {match['right']}."
        yield Change(claim, "Because", "Because", how)
    left, right = r"(?:The |This |These |A |An |[A-Z])[^,;:()]{3,60}?", r"(?:the |a |an |[A-Za-z])[^,;:()]{4,70}"
    match = re.match(rf"(?P<left>{left}) (?P<verb>{_CAUSING}) (?P<right>{right})\.$", text)
    bound = r"\b(?:which|that|who|being|to|their|its|his|by|when|as)\b"
    if match and not _NO_CAUSE.search(match["left"]) and not re.search(bound, match["right"]):
        claim = f"{opened(match['right'])} {match['verb']} {lowered(match['left'])}."
        yield Change(claim, match["left"], match["right"], how)
    for match in re.finditer(r"(?<=\w)(?: because of | due to | as a result of | owing to )", text):
        if not _DUE.search(text[: match.start()]):
            yield from replaced(source, *match.span(), " despite ", "because of to despite")
    for match in re.finditer(r"(?<=[\w.,]) because (?!of|as)", text):
        if not re.search(r"\b(?:not|only|just|partly|simply|part|is|was|also)\b[^,]{0,12}$", text[: match.start()]):
            yield from replaced(source, *match.span(), " although ", "because to although")


_BEST = r"(?:most|[a-z]+est|best|leading|main|major|first|earliest|top)"
_ORDINAL = r"(?:second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|twelfth|\d+(?:nd|rd|th))"
_DEGREE = r"(?:slightly|considerably|significantly|substantially|far|well|somewhat|markedly) "


def rank(source: Source, rng: random.Random) -> Iterator[Change]:
    """Make the first of one of the first, the largest of the second largest, the world of a region, as much of more."""
    text = source.sentence
    one_of = rf"\b[Oo]ne of (?P<rest>(?:the|its) (?:[a-z]+[’']s )?{_BEST}(?: [a-z-]+){{0,3}}? )(?P<noun>[a-z]+s)\b"
    for match in re.finditer(one_of, text):
        single = next(iter(words.lemmas(match["noun"], "NOUN")), match["noun"])
        after = words.like(match["rest"] + single, match[0])
        yield from replaced(source, *match.span(), after, "one of the first to the first", is_new=False)
    for match in re.finditer(rf"(?<=is|as|re) among (?=(?:the|its) (?:[\w’']+ )?{_BEST}\b)", text):
        yield from replaced(source, *match.span(), " ", "among the first to the first", is_new=False)
    for match in re.finditer(rf"\b{_ORDINAL}[- ](?=(?:most|[a-z]+est)\b)", text):
        yield from replaced(source, *match.span(), "", "the second largest to the largest", is_new=False)
    for match in re.finditer(r"(?<=\w )in (?:the )?(?:[A-Z][a-z]+(?: [A-Z][a-z]+)*)(?=[,.])", text):
        is_best = re.search(rf"\bthe (?:[a-z]+ )?{_BEST}[- ](?:[a-z-]+ ){{1,4}}$", text[: match.start()])
        if is_best and not words.has_word(source.span, "world"):
            yield from replaced(source, *match.span(), "in the world", "of a region to of the world")
    more = rf"(?:{_DEGREE})?(?P<more>(?:[a-z]{{2,}}er|more|less|fewer)(?: [a-z]+)?) than "
    for match in re.finditer(rf"\b{more}(?=(?:the|that|those|in|for|most|other|any|an|its)\b)", text):
        skipped = match["more"].split()[0] in ("rather", "other", "no", "further", "later", "earlier")
        if skipped or re.search(r"\b(?:no|nothing|for|times|fold)$|\d\w*$", text[: match.start()].rstrip()):
            continue
        yield from replaced(source, *match.span(), "the same as ", "more than to the same as", is_new=False)


HIDDEN_KINDS: dict[str, Changer] = {"quantity": quantity, "condition": condition, "cause": cause, "rank": rank}
