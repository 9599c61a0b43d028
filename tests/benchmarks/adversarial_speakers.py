"""Changed attributions: somebody else said it, or nobody did."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

from tests.benchmarks import adversarial_words as words
from tests.benchmarks.adversarial_changes import Change, opened, replaced
from tests.benchmarks.adversarial_names import Name, names, others
from tests.benchmarks.adversarial_naming import SAID_BY, SPEAKS
from tests.benchmarks.adversarial_passages import Source

_SAYS = (
    r"(?:has |have |had |also |often |generally |widely |later |even )?(?:said|says|say|argued?|argues|claim(?:s|ed)?"
    r"|stated|states that|noted|notes|warn(?:s|ed)?|wrote|writes|suggest(?:s|ed)?|concluded?|concludes|believe[sd]?"
    r"|estimate[sd]?|acknowledged|insisted|insists|maintain(?:s|ed)? that|declared|contend(?:s|ed)?|asserts?|asserted"
    r"|observed|pointed out|points out|agree|remarked|commented|worry|announced|explained|explains|proposed|propose)\b"
)
_RULES = (
    r"(?:has |have |had )?(?:ruled|held|decided|found|concluded|confirmed|predicted|thought|think|called|described"
    r"|recommended)\b"
)
_LEADS = "[Ss]ome|[Mm]any|[Mm]ost|[Tt]he|[Aa]|[Aa]n|that|as|other|[Oo]ther|[Ss]everal|[Ll]ower|[Ff]ederal|[Ii]ts|[Oo]ne"
_UNKNOWN = r"(?<![\w’'.-])[A-Z][a-zé]+(?: (?:[A-Z]\. )?[A-Z][a-zé]+){0,2}"
_NOBODY = frozenset(
    "He She It They We I You This That These Those Some Many Most Others Critics Scholars Historians Scientists "
    "Researchers Experts The A An In On At Who Which There As Both All Several Few One Two People Reports Report "
    "Studies Evidence Results Economists Officials Skeptics Supporters Opponents Analysts Authors Another Conclusions "
    "Data Public Article Section Act Parliament Court Congress Commission Islam Law Research Study Analysis Legend "
    "Archaeological Recent Current While When Although But And If Since Increasingly Similarly Furthermore Moreover "
    "Accordingly However Previously Still Then".split()
)
_INSIDE_NAME = re.compile(
    r"[A-Z][\w’'-]*,? (?:of |and |on )?$|\b(?:of|and|in|on|the|en|und|y|v|de|von|van|al|el|ibn|le|la|du) $"
)
_BELIEVING = (
    "argue[sd]?|claim(?:s|ed)?|believe[sd]?|contend(?:s|ed)?|allege[sd]?|assert(?:s|ed)?|maintain(?:s|ed)?|think"
)
_GROUP = r"(?:[A-Z][\w.’'-]*|of|the|and|for|critics|scholars|historians|people|economists|experts|authors|hawks)"


def attribution(source: Source, rng: random.Random) -> Iterator[Change]:
    """Let another person, body or group have said it, or state somebody's view as a fact."""
    yield from _known_speakers(source, rng)
    yield from _unknown_speakers(source, rng)
    yield from _groups(source, rng)
    yield from _sources(source, rng)
    yield from _views(source)


def _known_speakers(source: Source, rng: random.Random) -> Iterator[Change]:
    text = source.sentence
    for found in names(text):
        is_source = SAID_BY.search(text[: found.start]) and found.kind in ("person", "organisation")
        if not SPEAKS.match(text[found.end :]) and not is_source:
            continue
        choices = _other_speakers(found, source)
        if choices and not re.search(r"\b[Oo]n $", text[: found.start]):
            yield from replaced(source, found.start, found.end, rng.choice(choices), f"another {found.kind}")


def _other_speakers(found: Name, source: Source) -> list[str]:
    if found.kind == "nationality":
        return []
    choices = others(found, source)
    if found.kind == "person":
        choices += _strangers(source)
    elif found.kind == "organisation" and found.takes_the:
        choices += [one.removeprefix("the ") for one in words.BODIES if one not in source.span]
    return choices


def _strangers(source: Source) -> list[str]:
    return [one for one in words.SPEAKERS if one.split()[-1] not in source.span]


def _unknown_speakers(source: Source, rng: random.Random) -> Iterator[Change]:
    text = source.sentence
    for match in re.finditer(rf"(?P<who>{_UNKNOWN})(?=,? {_SAYS})", text):
        first = match["who"].split()[0]
        if names(match["who"]) or first in _NOBODY or _INSIDE_NAME.search(text[: match.start()]):
            continue
        yield from replaced(source, *match.span("who"), rng.choice(_strangers(source)), "another person")


def _groups(source: Source, rng: random.Random) -> Iterator[Change]:
    text = source.sentence
    said = rf"(?<![\w-])(?:(?:{_LEADS}|^) ?)(?P<who>[A-Za-z]+)(?= (?:{_SAYS}|{_RULES}))"
    viewed = r"\b(?:in the |in |to the )(?P<who>[a-z]+)(?=[’']s? (?:view|opinion|judg\w+|eyes)\b)"
    for match in (*re.finditer(said, text), *re.finditer(viewed, text)):
        other = words.GROUPS.get(match["who"].lower())
        if other and not words.has_word(source.span, other):
            yield from replaced(source, *match.span("who"), words.like(other, match["who"]), "another group")
    found = re.match(
        r"(?:(?:Here|In this study),? we|We) (?=(?:show|find|found|showed|demonstrate|report|conclude)\b)", text
    )
    if found:
        others_ = rng.choice(["Earlier authors ", "Critics ", "Other groups "])
        yield from replaced(source, *found.span(), others_, "another group", is_new=False)


def _sources(source: Source, rng: random.Random) -> Iterator[Change]:
    match = re.match(r"According to (?P<who>(?:(?! on )[^,.;()]){3,50})(?=,| on )", source.sentence)
    if not match or names(match["who"]):
        return
    if not re.search(r"\b(?:models?|theory|law|definition|rules?|plan|treaty|guidelines)\b", match["who"]):
        choices = [one for one in words.BODIES if one not in source.span]
        yield from replaced(source, *match.span("who"), rng.choice(choices), "another source")


def _views(source: Source) -> Iterator[Change]:
    start = r"(?:[A-Z][\w.’'-]*|the|of|some|many)"
    pattern = rf"{start}(?: {_GROUP})* (?:has |have |had |also )?(?:{_BELIEVING}) that (?P<rest>[^\"“”]+)$"
    match = re.match(pattern, source.sentence)
    if match and not re.match(r"(?:it|they|he|she|this|these|such|their|his|its)\b", match["rest"]):
        before = source.sentence[: match.start("rest")].strip()
        yield Change(opened(match["rest"]), before, "", "a view as a fact")
