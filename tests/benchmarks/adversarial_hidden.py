"""Kinds of change that nobody who tunes the verification looks at: only the held-out half has them.

Whoever improves the verification should not read this file either.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

from tests.benchmarks import adversarial_words as words
from tests.benchmarks.adversarial_changes import Change, Changer, replaced
from tests.benchmarks.adversarial_passages import Source

_MIDDLE = r"(?<![\w’'-])"
_QUANTITIES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"[Aa]ll (?=(?:the |of the |other |of |these |those )?[a-z]+s\b)", ("some ", "few ")),
    (r"[Ee]very(?= [a-z]+)", ("hardly any",)),
    (r"[Ee]ach(?= [a-z]+)", ("hardly any",)),
    (r"[Ss]ome(?= (?:of the |of its |of their )[a-z]+|(?<= )(?: [a-z]+)? [a-z]+s\b)", ("all", "none")),
    (r"[Mm]ost(?= (?:of the|of its|of their) |(?= [a-z]+s\b))", ("few", "all")),
    (r"[Mm]any(?= (?:of the )?(?:[a-z]+ )?[a-z]+s\b)", ("all", "few")),
    (r"(?<= a )few(?= [a-z]+s\b)", ("great many",)),
    (r"[Ss]everal(?= (?:of the )?(?:[a-z]+ )?[a-z]+s\b)", ("all", "no")),
    (r"[Nn]early all\b|[Aa]lmost all\b|[Vv]irtually all\b", ("some",)),
    (r"[Bb]oth(?= (?:the |of )?[a-z]+s\b)", ("neither of",)),
    (r"(?<= )only(?= (?:a|an|one|two|three|four|the|in|by|about|\d)\b)", ("not only",)),
    (r"[Mm]ainly|[Mm]ostly|[Ll]argely|[Pp]rimarily|[Pp]artly|[Pp]artially", ("exclusively", "entirely")),
    (r"(?<= )(?:usually|often|sometimes|generally|typically)(?= [a-z]+)", ("always", "never")),
    (r"(?<= )(?:rarely|seldom)(?= [a-z]+)", ("always",)),
    (r"(?<= )always(?= [a-z]+)", ("sometimes",)),
    (r"(?:[Pp]art|[Pp]arts|[Hh]alf) of (?=(?:the|its|their) )", ("all of ",)),
    (r"(?<= )(?:completely|entirely|fully|wholly)(?= [a-z]+)", ("partly",)),
)  # fmt: skip


def quantity(source: Source, rng: random.Random) -> Iterator[Change]:
    """Make some of all, all of most, always of often, the whole of a part."""
    text = source.sentence
    for pattern, choices in _QUANTITIES:
        for match in re.finditer(_MIDDLE + f"(?:{pattern})", text):
            if (
                re.search(r"\b(?:at|after|above|not|in|for|such|as|so|how|too|the|very) $", text[: match.start()])
                and match[0].lower().strip() != "only"
            ):
                continue
            after = words.like(rng.choice(choices), match[0])
            yield from replaced(
                source,
                *match.span(),
                after,
                f"{match[0].strip().lower()} to {after.strip().lower()}",
                is_new=after.strip().count(" ") == 0,
            )


_CONDITION = r"(?:if|unless|provided that|as long as|except (?:for|in|when|that|where)|subject to|only (?:if|when|where)|where necessary|in the absence of|with the exception of|in case of|in the event of)"


def condition(source: Source, rng: random.Random) -> Iterator[Change]:
    """Leave out the condition or the exception that a statement was made under."""
    text = source.sentence
    opening = re.match(
        rf"({_CONDITION.replace('(?:if', '(?:If', 1).replace('unless', 'Unless').replace('provided', 'Provided').replace('except', 'Except').replace('in the', 'In the').replace('with the', 'With the').replace('subject', 'Subject')} [^,;]{{6,110}}), (?:then )?(?=\w)",
        text,
    )
    if opening and not re.search(r"\b(?:and|or) ", text[opening.end() : opening.end() + 4]):
        rest = text[opening.end() :]
        yield Change(rest[:1].upper() + rest[1:], opening[1], "", "condition dropped")
    ending = re.search(rf"(?<![\w-]),? ({_CONDITION} [^,;\"“]{{6,110}})\.$", text)
    if ending and not re.search(
        r"\b(?:even|as|what|ask|asked|know|see|whether|test|tested|determine|examine|and|or|but|not|only)$",
        text[: ending.start()],
    ):
        if ending.start() > 25:
            yield Change(text[: ending.start()] + ".", ending[1], "", "condition dropped")
    middle = re.search(rf", ({_CONDITION} [^,;\"“]{{6,80}}), (?=[a-z])", text)
    if middle and not re.match(r"(?:and|or|but|then)\b", text[middle.end() :]):
        yield Change(text[: middle.start()] + " " + text[middle.end() :], middle[1], "", "condition dropped")
    for match in re.finditer(
        r"(?<=\w),? (?P<what>until (?:further|[A-Z]|\d|the (?:end|beginning))[^,;.]{2,40}|for (?:one|a|two|three|\d+) (?:year|years|month|months|weeks)|temporarily|provisionally|in principle|on condition that [^,;.]{5,60})(?=[,.;]| until| and )",
        text,
    ):
        yield Change(text[: match.start()] + text[match.end() :], match["what"], "", "limit dropped")


_CAUSING = (
    r"(?:caused|led to|resulted in|gave rise to|triggered|prompted|produced|causes|leads to|results in|lead to|result in|brought about|"
    r"contributed to|contributes to|contribute to|induces|induced|leading to|stimulates|stimulated|provoked)"
)


def cause(source: Source, rng: random.Random) -> Iterator[Change]:
    """Let what caused it be what it caused."""
    text = source.sentence
    match = re.match(r"(?P<left>[^,;]{12,120}) because (?!of)(?P<right>[^,;]{12,120})\.$", text)
    if match and not re.search(r"\b(?:not|only|just|partly|part|that|argued|said)\b", match["left"]):
        claim = f"{_opened(match['right'])} because {_lowered(match['left'])}."
        yield Change(claim, "because", "because", "cause and effect change places")
    match = re.match(r"(?:Because|Since|As) (?P<right>(?!of)[^,;]{8,120}), (?P<left>[^,;]{12,140})\.$", text)
    if match and text.startswith("Because"):
        claim = f"Because {_lowered(match['left'])}, {match['right']}."
        yield Change(claim, "Because", "Because", "cause and effect change places")
    match = re.match(
        rf"(?P<left>(?:The |This |These |A |An |[A-Z])[^,;:()]{{3,60}}?) (?P<verb>{_CAUSING}) (?P<right>(?:the |a |an |[A-Za-z])[^,;:()]{{4,70}})\.$",
        text,
    )
    if match and not re.search(
        r"\b(?:and|which|that|who|was|were|to|has|have|had|can|may|not|this|these|it|could|would|will|is|are|also|he|they|factors)\b",
        match["left"],
        re.I,
    ):
        if not re.search(r"\b(?:which|that|who|being|to|their|its|his|by|when|as)\b", match["right"]):
            yield Change(
                f"{_opened(match['right'])} {match['verb']} {_lowered(match['left'])}.",
                match["left"],
                match["right"],
                "cause and effect change places",
            )
    for match in re.finditer(r"(?<=\w)(?P<mark> because of | due to | as a result of | owing to )", text):
        yield from replaced(source, *match.span(), " despite ", "because of to despite")
    for match in re.finditer(r"(?<=[\w.,])(?P<mark> because )(?!of)", text):
        if not re.search(r"\b(?:not|only|just|partly|simply)\b[^,]{0,20}$", text[: match.start()]):
            yield from replaced(source, *match.span(), " although ", "because to although")
    for match in re.finditer(r"(?:^|(?<=[.;] ))(?:As a result|Therefore|Consequently|Thus|Hence),? ", text):
        if match.start() == 0 and source.span.count(source.sentence) and len(source.span) > len(text):
            continue


def compared(source: Source, rng: random.Random) -> Iterator[Change]:
    """Let what was compared with something be what it was compared with."""
    text = source.sentence
    noun = r"(?:(?:the|a|an|those|that|other) )?(?:[A-Za-z-]+ ){0,3}?[A-Za-z-]+"
    match = re.match(
        rf"(?P<left>{noun}) (?P<middle>(?:is|are|was|were|has|have|had|showed|performed|became|grew|rose|fell)\b[^,;]{{0,50}}? (?:\w+er|more|less|fewer) (?:[^,;]{{0,40}}? )?than) (?P<right>{noun})(?P<rest>(?: (?:in|at|on|during|for|of|by|after|before|with|to)\b[^;]*)?)\.$",
        text,
        re.I,
    )
    if (
        match
        and not re.search(
            r"\b(?:it|this|these|there|they|he|she|which|what|who|that|expected|usual|average|ever|before|any|one|half|twice|other)\b",
            f"{match['left']} {match['right']}",
            re.I,
        )
        and not re.search(
            r"\d|percent|years|times|once|more than|less than|rather",
            f"{match['middle'].removesuffix(' than')} {match['right']}",
        )
    ):
        claim = f"{_opened(match['right'])} {match['middle']} {_lowered(match['left'])}{match['rest']}."
        yield Change(claim, match["left"], match["right"], "the compared change places")
    for match in re.finditer(
        r"\b(?P<worth>(?:\w+(?:er)|more|less|fewer)(?: [a-z]+){0,2}) than (?P<than>(?:the |that of |those of |in |for |its )?[a-z][a-z -]{3,30})(?=[,.;])",
        text,
    ):
        if match["worth"].split()[0].lower() in ("rather", "other", "later", "earlier", "another") or re.search(
            r"\d|half|once|expected|one|years?|before|ever|usual", match["than"]
        ):
            continue
        yield from (
            replaced(
                source, match.start("than") - 5, match.end("than"), f"as {match['than']}", "than to as", is_new=False
            )
            if False
            else iter(())
        )


HIDDEN_KINDS: dict[str, Changer] = {
    "quantity": quantity,
    "condition": condition,
    "cause": cause,
    "comparison": compared,
}


def _opened(text: str) -> str:
    return text[:1].upper() + text[1:]


def _lowered(text: str) -> str:
    """Return a sentence's start as it would stand inside one: names, acronyms and "I" keep their capital."""
    first = text.split(" ", 1)[0]
    common = (
        first.lower()
        in (
            "the a an this these those that it they he she its their his her in on at by as some many most all such both "
            "there when while we our other higher lower more fewer less each several two three four no one early later"
        ).split()
    )
    return (
        text[:1].lower() + text[1:] if common or (first.endswith("s") and first.lower() in ("trade", "prices")) else text
    )
