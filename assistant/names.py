"""Proper names of a text: "U.S.", "American" and "the United States" are one, "Greer" is short for "Jamieson Greer".

A capital makes a name except where a sentence opens; there a word counts as a name only if something else says so.
Countries, their people and capitals share one key, because news text uses them for one another.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass

from assistant.figures import plain
from assistant.places import KEYS, form_words

_LONGEST = max(map(len, KEYS))

_TITLES = frozenset(
    "president mr mrs ms dr prof professor sir minister secretary chairman chairwoman ceo senator sen rep gov leader "
    "premier chancellor ambassador commissioner spokesman spokeswoman spokesperson former".split()
)
_CALENDAR = frozenset(
    "january february march april may june july august september october november december jan feb mar apr jun jul aug "
    "sept sep oct nov dec monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun".split()
)
_NEVER = frozenset(
    "i a an the this that these those it its he she they we you his her their our my your and or but nor so "
    "yet for of in on at by to from with without within into onto over under about above below between "
    "among through during before after since until till as if when while where why how who whom whose what "
    "which whether because although though despite unlike like than not no yes none all any some many much "
    "most several few both each every either neither one two three four five six seven eight nine ten more "
    "less least other another such same new earlier later now then still also only even just however "
    "meanwhile moreover instead nevertheless nonetheless therefore thus hence once again first second third "
    "last next here there is are was were be been being has have had do does did will would can could may "
    "might must shall should according across against around along amid beyond given including per plus "
    "regarding rather together today yesterday tomorrow exactly nearly almost roughly approximately at".split()
)
_COMMON_ENDINGS = (
    "tion sion ment ness ity ism ance ence ing ship age ure ers ors ies ists ysts als ants ents ly ings "
    "ives ages ed ks ts ns es rs ds ps ms cs"
).split()
_SPEAKING = frozenset(
    "said says say told tells added adds argued argues warned warns announced announces claimed claims "
    "noted notes called calls estimates estimated expects expected declared declares acknowledged "
    "acknowledges insisted insists agreed agrees signed imposed refused approved plans planned wants wanted "
    "met vowed pledged threatened predicts predicted reported reports suggested suggests stressed confirmed "
    "confirms denied denies stated states described describes criticized criticised lifted suspended halved "
    "bought sold restored reinstated runs leads sees saw".split()
)

_TOKEN = re.compile(r"(?:[A-Za-z]\.){2,}(?!\w)|[^\W_]+(?:[.'&][^\W_]+)*")
_JOINS = re.compile(r"\A (?:of|of the|for|on|de|von|van|al|and the)? ?\Z")


@dataclass(frozen=True, slots=True)
class Name:
    """A proper name at `text[start:end]`.

    `words` are lower case without titles; `key` is set for countries and bodies known under several names. `is_sure` is
    false for a word that only opens a sentence and might be any noun.
    """

    words: tuple[str, ...]
    key: str | None
    start: int
    end: int
    is_sure: bool = True


@dataclass(frozen=True, slots=True)
class Token:
    """A word as written at `text[start:end]`; `lower` has no dots of abbreviation and no possessive ending."""

    lower: str
    start: int
    end: int
    is_capital: bool
    opens: bool
    is_possessive: bool


def tokens(text: str) -> list[Token]:
    """Return the words of a text in order; a hyphen parts words, `U.S.` is one."""
    text = plain(text)
    found: list[Token] = []
    for match in _TOKEN.finditer(text):
        written = match[0]
        is_possessive = written.endswith("'s") or text.startswith("'", match.end())
        lower = written.removesuffix("'s").replace(".", "").lower() if not written[0].isdigit() else written.lower()
        is_capital = written[0].isupper()
        opens = is_capital and _opens_sentence(found, text, match.start())
        found.append(Token(lower, match.start(), match.end(), is_capital, opens, is_possessive))
    return found


def _opens_sentence(before: list[Token], text: str, start: int) -> bool:
    """Say whether a sentence, line or quotation begins at `start`; a dot of "U.S.", "Mr." or an initial ends none."""
    gap = text[before[-1].end if before else 0 : start]
    if not before or "\n" in gap or gap.strip(" \"'(["):
        last = text[before[-1].start : before[-1].end] if before else ""
        is_dot = gap.strip() == "." or (not gap.strip() and last.endswith("."))
        is_title = last.endswith(".") or len(last) == 1 or last.lower() in _SHORT_TITLES
        return not before or "\n" in gap or (bool(_ENDS_BEFORE.search(gap)) and not (is_dot and is_title))
    return False


_SHORT_TITLES = frozenset("mr mrs ms dr sen rep gov st".split())
_ENDS_BEFORE = re.compile(r"[.!?…:;•*|]|(?:\A|\s)-\s")


def names(text: str, *, lower_words: Iterable[str] = ()) -> list[Name]:
    """Return the proper names of a text in order.

    `lower_words` are words known as ordinary ones (say, those a source writes without a capital).
    """
    text = plain(text)
    words = tokens(text)
    ordinary = {word.lower for word in words if not word.is_capital}.union(lower_words)
    mid_sentence = {word.lower for word in words if word.is_capital and not word.opens}
    is_headline = _is_headline(words, text)
    found: list[Name] = []
    at = 0
    while at < len(words):
        length, key = _known(words, at, text)
        if key is not None:
            found.append(
                Name(
                    tuple(word.lower for word in words[at : at + length]),
                    key,
                    words[at].start,
                    words[at + length - 1].end,
                )
            )
            at += length
            continue
        length = _run(words, at, text)
        if length == 0:
            at += 1
            continue
        run = [word for word in words[at : at + length] if word.is_capital]
        at += length
        run = _without_opening_word(run, ordinary, mid_sentence)
        kept = [word for word in run if word.lower not in _TITLES]
        if not kept or (is_headline and all(word.lower in ordinary or not _looks_special(word, text) for word in kept)):
            continue
        following = words[at].lower if at < len(words) else ""
        is_sure = len(kept) > 1 or not kept[0].opens or kept[0].lower in mid_sentence or _looks_special(kept[0], text)
        if not is_sure and not _may_be_name(kept[0], following, ordinary):
            continue
        found.append(
            Name(
                tuple(word.lower for word in kept), None, kept[0].start, kept[-1].end, is_sure or following in _SPEAKING
            )
        )
    return found


def _is_headline(words: list[Token], text: str) -> bool:
    content = [word for word in words if word.lower not in _NEVER and word.lower[:1].isalpha()]
    return (
        len(content) >= 5 and not text.rstrip().endswith((".", "!", "?")) and all(word.is_capital for word in content)
    )


def known_key(written: str) -> str | None:
    """Return the key of a country or body by one of its names, None for any other word."""
    return KEYS.get(form_words(written))


def _known(words: list[Token], at: int, text: str) -> tuple[int, str | None]:
    if not words[at].is_capital:
        return 0, None
    for length in range(min(_LONGEST, len(words) - at), 0, -1):
        run = words[at : at + length]
        key = KEYS.get(tuple(word.lower for word in run))
        if key is None or any(text[a.end : b.start].strip(" -.") for a, b in itertools.pairwise(run)):
            continue
        if length == 1 and run[0].lower in ("us", "un", "eu", "uk") and not text[run[0].start : run[0].end].isupper():
            continue
        return length, key
    return 0, None


def _run(words: list[Token], at: int, text: str) -> int:
    """Return how many tokens a run of capitalised words has that starts at `at`, with "of" and the like inside."""
    if not words[at].is_capital or words[at].lower in _CALENDAR:
        return 0
    if words[at].lower in _NEVER and not (len(words[at].lower) > 1 and text[words[at].start : words[at].end].isupper()):
        return 0
    end = at + 1
    while end < len(words) and not words[end - 1].is_possessive:
        ahead = end
        while ahead < len(words) and ahead - end < 2 and not words[ahead].is_capital:
            ahead += 1
        if ahead >= len(words) or not words[ahead].is_capital or words[ahead].opens:
            break
        if not _JOINS.match(text[words[end - 1].end : words[ahead].start].replace(".", "")):
            break
        if words[ahead].lower in _CALENDAR or words[ahead].lower in _NEVER or _known(words, ahead, text)[1] is not None:
            break
        end = ahead + 1
    return end - at


def _without_opening_word(run: list[Token], ordinary: set[str], mid_sentence: set[str]) -> list[Token]:
    """Drop a sentence's first word from a run when the text elsewhere writes it as an ordinary word."""
    first = run[0]
    if first.opens and first.lower in ordinary and first.lower not in mid_sentence:
        return run[1:]
    return run


def _looks_special(word: Token, text: str) -> bool:
    written = text[word.start : word.end]
    return any(character.isupper() for character in written[1:]) or any(character.isdigit() for character in written)


def _may_be_name(word: Token, following: str, ordinary: set[str]) -> bool:
    if word.lower in ordinary:
        return False
    if following in _SPEAKING or word.is_possessive:
        return not word.lower.endswith(("ers", "ors", "ists", "ysts", "als", "ants", "ents", "ies"))
    return not word.lower.endswith(tuple(_COMMON_ENDINGS))
