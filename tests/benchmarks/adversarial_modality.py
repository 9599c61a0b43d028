"""Changed modality: what may be is or will be, a plan is a deed, a proposal is a decision, and back."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

from tests.benchmarks import adversarial_words as words
from tests.benchmarks.adversarial_changes import Change, replaced
from tests.benchmarks.adversarial_passages import Source
from tests.benchmarks.adversarial_polarity import DOER, past_of_doing

_VERB = r"(?= (?:[a-z]+ly )?(?!have|not|also be seen|only)[a-z]+\b)"
_MEASURES = (
    "rule|expansion|law|tariff|treaty|legislation|bill|plan|reform|constitution|amendment|change|directive|increase"
)
# What to find, what to put there ({VBD} is the past of the verb found), and the name of that.
_CHANGES: tuple[tuple[str, tuple[str, ...], str], ...] = (
    (r"(?<=\w )(?:may|might|could)" + _VERB, ("will", "must"), "may to will"),
    (r"(?<=\w )will(?! of\b)" + _VERB, ("may", "might", "could"), "will to may"),
    (r"\b(?:may|might|could) have been\b", ("was",), "may have been to was"),
    (
        r"\b(?:may|might|could) have (?!been)(?P<verb>[a-z]+(?:ed|en|wn|de))\b",
        (r"certainly \g<verb>",),
        "may have to certainly",
    ),
    (
        r"\b(?:planned|intended|sought|hoped|proposed|attempted|tried|wanted|threatened) to (?P<verb>[a-z]+)\b",
        ("{VBD}",),
        "a plan as a deed",
    ),
    (
        r"(?<![Ww]ith )(?:plans|intends|hopes|proposes|wants|seeks) to (?P<verb>[a-z]+)\b",
        ("{VBD}",),
        "a plan as a deed",
    ),
    (
        r"\b(?:is|are) (?:expected|planned|likely|thought|believed|said|supposed|projected|predicted) to (?=[a-z]+\b)",
        ("will certainly ",),
        "expected to certainly",
    ),
    (
        r"\b(?P<be>is|are) (?:considered|regarded|thought|believed)(?: to be)? (?=one|the|a|an)\b",
        (r"\g<be> without doubt ",),
        "considered to certain",
    ),
    (rf"\bproposed(?= (?:[a-z]+ )?(?:{_MEASURES})s?\b)", ("adopted", "final"), "proposed to final"),
    (r"\bPlanned(?= (?:[a-z]+ )?[a-z]+s\b)", ("Completed",), "planned to completed"),
    (r"(?<= a )possible\b", ("certain",), "possible to certain"),
    (
        r"(?<=[a-z]) (?:probably|possibly|perhaps|reportedly|allegedly|apparently|presumably)(?= [a-z]+)",
        ("",),
        "a hedge dropped",
    ),
    (r"\b(?:suggest|indicate)(?= that\b)", ("prove beyond doubt",), "suggest to prove"),
    (r"\b(?:suggests|indicates)(?= that\b)", ("proves beyond doubt",), "suggest to prove"),
    (r"\b(?:suggested|indicated)(?= that\b)", ("proved beyond doubt",), "suggest to prove"),
    (r"\b(?:appear|seem)s to be\b", ("is",), "seems to is"),
    (r"\bshould(?= (?!have|not|more|be noted|be mentioned)[a-z]+\b)", ("may",), "should to may"),
    (r"\bmust(?= (?!have|not)[a-z]+\b)", ("may", "need not"), "must to may"),
    (r"\bwould(?= (?!have|not|be|often)[a-z]+\b)", ("might",), "would to might"),
)
# Deeds that nobody plans: they only may have happened.
_UNPLANNED = frozenset(
    "lead cause receive find open suffer create include exist contain influence reach happen become begin lose fail "
    "gain increase improve grow result rise remain continue have need want try know mean threaten die believe".split()
)
_NEVER_MODAL = frozenset(
    "begin become have continue need want try know mean threaten suffer die fail believe exist remain".split()
)


def modality(source: Source, rng: random.Random) -> Iterator[Change]:
    """Turn what may be into what is or will be, a plan into a deed, a proposal into a decision, and back."""
    text = source.sentence
    for pattern, afters, how in _CHANGES:
        for match in re.finditer(pattern, text):
            near = text[max(0, match.start() - 20) : match.end() + 8]
            if re.search(r"\b(?:not|if|whether|unless)\b", near) or _is_noun(text, match):
                continue
            after = _filled(rng.choice(afters), match)
            if after is not None:
                is_word = bool(after) and len(after.split()) == 1
                after = words.like(after, match[0]) if after else ""
                yield from replaced(source, *match.span(), after, how, is_new=is_word)
    for match in re.finditer(rf"{DOER} (?P<verb>[a-z]+)(?= (?:the|a|an|to|its|their|his)\b)", text):
        lemma = past_of_doing(match["verb"])
        if not lemma or lemma in _NEVER_MODAL or re.search(r"alleg|rumou?r", text[: match.start()]):
            continue
        forms = [f"may have {words.inflected(lemma, 'VBN')}"]
        if lemma not in _UNPLANNED and not match[0].startswith(("It ", "it ", "This ")):
            forms += [f"planned to {lemma}", f"proposed to {lemma}"]
        yield from replaced(source, *match.span("verb"), rng.choice(forms), "a deed as a plan", is_new=False)


_BEFORE_NOUN = re.compile(
    r"\b(?:the|a|his|her|its|their|free|own|democratic|political|of|no|shelve|for|and|announced|had|has|have|made"
    r"|with) $"
)


def _is_noun(text: str, match: re.Match[str]) -> bool:
    """Say whether "will" or "plans" is a noun here."""
    if not re.match(r"will|plans|hopes", match[0]):
        return False
    return _BEFORE_NOUN.search(text[: match.start()]) is not None


def _filled(after: str, match: re.Match[str]) -> str | None:
    """Return what to put in place of a match, with its verb in the form that is asked for; None if it has none."""
    form = re.search(r"\{(VB[DN])\}", after)
    if form is None:
        return match.expand(after)
    verb = match["verb"]
    lemma = next(iter(words.lemmas(verb, "VERB")), "")
    made = words.inflected(lemma, form[1]) if lemma and verb != "be" else ""
    return after.replace(form[0], made) if made else None
