"""Sentences with offsets, words and stems: one reading of text shared by chunking, ranking and verification.

Sentence spans come from rules rather than a model: on news text with headings, bullets and curly quotes a regular
expression with exact offsets did better than four sentence libraries, at 15–19 MB/s (design note `answers.md`).
"""

from __future__ import annotations

import functools
import re
import threading
from typing import TYPE_CHECKING

from assistant.places import KEYS, body_forms

if TYPE_CHECKING:
    from snowballstemmer.basestemmer import BaseStemmer

# A stemmer keeps the word it works on: two threads in it would get each other's stems.
_STEMMING = threading.Lock()

# Never the end of a sentence, whatever follows.
_TITLES = (
    "Mr Mrs Ms Dr Prof Sen Rep Gov Gen Lt Col Sgt Capt Hon Amb Rev Messrs St Ste Mt Ft vs v cf eg ie e.g i.e viz "
    "approx est ca Fed Reg Stat Supp"
).split()
_MONTHS = "Jan Feb Mar Apr Jun Jul Aug Sep Sept Oct Nov Dec".split()
# Only before a figure: "No. 5" goes on, "No. Officials said" does not.
_NUMBERED = "No Nos Art Arts Sec Secs Fig Figs Vol pp".split()
# May end a sentence: they do when a word follows that commonly opens one.
_EITHER = "Inc Corp Co Ltd Bros LLC LLP PLC Cos U.S U.K U.N E.U D.C P.R.C U.S.A a.m p.m etc al Jr Sr Ph.D M.D".split()
_OPENERS = frozenset(
    "the a an this that these those it its he she his her they their we our you i in on at by for from with without "
    "to of as if when while where after before since until although though because but and or so yet however "
    "moreover meanwhile still also then there here what who why how which some many most several both all no not "
    "under over during despite critics officials instead according".split()
)
_ABBREVIATION = re.compile(
    r"(?<![\w.])(?:(?P<never>{never})|(?P<numbered>{numbered})|(?P<either>{either})|(?P<initial>[A-Z](?:\.[A-Z])*))\.\Z".format(
        never="|".join(map(re.escape, _TITLES + _MONTHS)),
        numbered="|".join(_NUMBERED),
        either="|".join(map(re.escape, _EITHER)),
    )
)
_OPENING = "\"'“‘«(["
_CLOSING = "\"'”’»)]"
_BOUNDARY = re.compile(
    # A run of marks is tried once, from its start: "…" a hundred thousand times would take minutes otherwise.
    rf"(?:(?P<mark>(?<![.!?…])[.!?…]++[{re.escape(_CLOSING)}]*+)(?=\s+[{re.escape(_OPENING)}]*[^\W_a-zß-öø-ÿ])(?P<gap>\s+))"
    r"|(?P<blank>\n[^\S\n]*\n\s*)|(?P<line>\n\s*)"
)
_WORD = re.compile(r"[^\W_]+(?:[.,'’/‑–-][^\W_]+)*")
_NEXT_WORD = re.compile(r"[^\W\d_]+")

_STOP_WORDS = frozenset(
    "a about above after again all also am an and any are as at be because been before being below between both "
    "but by can could did do does doing done down during each few for from further get got had has have having he "
    "her here hers him his how i if in into is it its itself just let me more most much my no nor not now of off "
    "on once only or other our ours out over own please same shall she should so some such tell than that the "
    "their theirs them themselves then there these they this those through to too under until up upon very was we "
    "were what when where which while who whom whose why will with would you your yours s t ll ve re d m".split()
)

# Forms of several words are read as one: "people's republic of china", and "in place" for "in force".
_PHRASES = {" ".join(form): key.replace(" ", "") for form, key in KEYS.items() if len(form) > 1}
_PHRASES |= dict.fromkeys(("in force", "in place", "in effect"), "inforce")


def _any_phrase() -> re.Pattern[str]:
    """Return a pattern of all phrases, each first word tried once: hundreds of alternatives take twice as long."""
    by_first: dict[str, list[str]] = {}
    for phrase in sorted(_PHRASES, key=len, reverse=True):
        first, _, rest = phrase.partition(" ")
        by_first.setdefault(first, []).append(rest)
    either = "|".join(f"{first} (?:{'|'.join(rests)})" for first, rests in by_first.items())
    return re.compile(rf"\b(?:{either})\b".replace("'", "['’]").replace(" ", r"[\s-]"), re.IGNORECASE)


_PHRASE = _any_phrase()
_PLACES = {form[0]: key.replace(" ", "") for form, key in KEYS.items() if len(form) == 1}


def sentences(text: str, start: int = 0, end: int | None = None, *, wrapped: bool = False) -> list[tuple[int, int]]:
    """Return the spans of the sentences of `text[start:end]`, ascending, without surrounding white space.

    A line break ends a sentence unless `wrapped` says that lines are only typesetting; a blank line always does.
    """
    end = len(text) if end is None else end
    spans = []
    opened = start
    for boundary in _BOUNDARY.finditer(text, start, end):
        if boundary["mark"] is not None:
            stop = boundary.end("mark")
            if _is_inside_sentence(text, opened, boundary):
                continue
        elif boundary["line"] is not None and wrapped:
            continue
        else:
            stop = boundary.start()
        spans.append((opened, stop))
        opened = boundary.end()
    spans.append((opened, end))
    return [span for span in (_trimmed(text, *span) for span in spans) if span[0] < span[1]]


def _is_inside_sentence(text: str, opened: int, boundary: re.Match[str]) -> bool:
    mark = boundary["mark"]
    if not mark.startswith(".") or mark.startswith(".."):
        return False
    before = _ABBREVIATION.search(text[max(opened, boundary.start() - 12) : boundary.start() + 1])
    if before is None:
        return False
    if before["never"]:
        return True
    if before["numbered"]:
        return text[boundary.end()].isdigit()
    opening = _opening_length(text, boundary.end())
    following = _NEXT_WORD.match(text, boundary.end() + opening)
    word = following[0] if following else ""
    quoted = opening > 0
    if before["initial"] and len(before["initial"]) == 1:
        return not quoted
    return not quoted and word.lower() not in _OPENERS


def _opening_length(text: str, position: int) -> int:
    length = 0
    while position + length < len(text) and text[position + length] in _OPENING:
        length += 1
    return length


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def words(text: str) -> list[str]:
    """Return the words of a text in order, lower case; figures and identifiers such as `8471.30` stay whole.

    A hyphen (any of the three kinds) parts words unless the word holds a digit (`A-570-123`).
    """
    found = []
    for match in _WORD.finditer(text.lower().replace("’", "'")):
        word = match[0]
        if any(character.isdigit() for character in word):
            found.append(word.replace("‑", "-").replace("–", "-"))
            continue
        for part in re.split(r"[‑–/,-]", word):
            found.append(part.removesuffix("'s").replace(".", ""))
    return [word for word in found if word]


def stem(word: str) -> str:
    """Return the Snowball English stem of one lower-case word."""
    with _STEMMING:
        stemmed: str = _stemmer().stemWord(word)
    return stemmed


def stems(text: str) -> list[str]:
    """Return the stems of the content words (stop words left out) of a text, in order, repeats kept."""
    return [_cached_stem(word) for word in words(text) if word not in _STOP_WORDS]


def content_stems(text: str) -> list[str]:
    """Return stems for comparing meaning: as `stems`, with peoples, capitals and short forms read as their country.

    "Beijing", "Chinese" and "PRC" all become "china"; "Washington", "American" and "U.S." all become "us"; "in place"
    is "in force".
    """
    joined = _PHRASE.sub(lambda match: _PHRASES[_as_form(match[0])], text)
    return [_PLACES.get(word, _cached_stem(word)) for word in words(joined) if word not in _STOP_WORDS]


def with_other_names(found: frozenset[str]) -> frozenset[str]:
    """Return content stems of a text with those of the other names of the agencies, agreements and laws in it.

    A text with "USTR" answers to "trade representative", and one with "Ministry of Commerce" to "MOFCOM". Goods with
    two spellings answer to both.
    """
    return found.union(*(every for every, forms in _bodies() if any(form <= found for form in forms)))


_TWO_SPELLINGS = [["aluminium", "aluminum"], ["sulphur", "sulfur"], ["tyre", "tire"], ["fibre", "fiber"]]


@functools.cache
def _bodies() -> list[tuple[frozenset[str], list[frozenset[str]]]]:
    """Return for each body, and goods with two spellings, the stems of all its names, and those of each."""
    bodies = [[frozenset(content_stems(form)) for form in forms] for forms in (*body_forms(), *_TWO_SPELLINGS)]
    return [(frozenset().union(*forms), forms) for forms in bodies]


def _as_form(phrase: str) -> str:
    return " ".join(phrase.lower().replace("’", "'").replace("-", " ").split())


def search_terms(text: str) -> list[str]:
    """Return the distinct words worth searching for, in order; all words if every one is a stop word."""
    every = list(dict.fromkeys(words(text)))
    return [word for word in every if word not in _STOP_WORDS] or every


@functools.cache
def _stemmer() -> BaseStemmer:
    import snowballstemmer

    return snowballstemmer.stemmer("english")


@functools.lru_cache(maxsize=65536)
def _cached_stem(word: str) -> str:
    return stem(word)
