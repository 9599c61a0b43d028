"""Changed figures, units and dates.

A figure under a bound ("more than 80") moves to where the bound does not hold any more, and one that is only about
right moves far, so that each changed claim is really false of the sentence.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

from tests.benchmarks import adversarial_words as words
from tests.benchmarks.adversarial_changes import Change, replaced
from tests.benchmarks.adversarial_passages import Source

MONTH = "|".join(words.MONTHS)
_SHORT_MONTH = r"Jan\.|Feb\.|Mar\.|Apr\.|Aug\.|Sept?\.|Oct\.|Nov\.|Dec\."
_FIGURE = re.compile(r"(?<![\w.,/:–-])(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?(?![\w/:]|[-–]\d|-[A-Za-z]|\.\d|,\d)")
_COUNTED = "km|m|people|miles|percent|men|soldiers|feet|troops|seats|acres|controls|patients|individuals|women"
YEAR = re.compile(
    rf"(?<![\w.,$€£–/-])(1[1-9]\d\d|20[0-4]\d)(s?)(?![\w/]|[-–]\d|,\d|\.\d| (?:[a-z]+ )?(?:{_COUNTED})\b|%)"
)
AMOUNT = r"(?<![\w.,/:–-])(?:US\$|[$€£])?\d[\d,]*(?:\.\d+)?(?:%| percent| per cent| million| billion)"
_SIGN = r"\s+(?:[$€£]|US\$)?$"
_AT_LEAST = re.compile(
    r"\b(?:more than|over|at least|exceed\w*|above|greater than|minimum of|excess of|beyond)" + _SIGN, re.I
)
_AT_MOST = re.compile(r"\b(?:less than|under|at most|up to|below|fewer than|maximum of|within)" + _SIGN, re.I)
_ABOUT = re.compile(
    r"\b(?:about|around|some|nearly|almost|approximately|roughly|estimated|circa|ca\.|c\.|~) ?(?:[$€£]|US\$)?$", re.I
)
_PART = r"\s+(?:the\s+|early\s+|late\s+|mid-)*$"
_EARLIER = re.compile(r"\b(?:before|until|till|by|prior to|through|up to|to)" + _PART, re.I)
_LATER = re.compile(r"\b(?:after|since|from)" + _PART, re.I)
BOUND = re.compile(r"\b(?:before|until|till|by|prior to|after|since|from|through)" + _PART, re.I)
# Words after which a number names something rather than counts it.
_NAMED = (
    r"[A-Z][a-z]*|No\.|[Aa]rticles?|[Ss]ections?|Act|[Tt]ypes?|Figure|[Mm]ach|number|grade|phase|level|volume|chapter"
    r"|ref\.|factor|herpesvirus|virus"
)


def figure(source: Source, rng: random.Random) -> Iterator[Change]:
    """Change an amount, a count or a share, by a little or by a lot, in digits or in words."""
    text = source.sentence
    for match in _FIGURE.finditer(text):
        if _is_date_part(text, match) or is_label(text, match):
            continue
        for other in _other_values(match, text, rng):
            after = _written(other, match)
            if not occurs(after, source.span):
                yield from replaced(source, *match.span(), after, "digits")
                break
    for match in re.finditer(rf"(?<![\w-])({'|'.join(words.NUMBERS[2:13])})(?![\w-])", text, re.I):
        number = words.NUMBERS.index(match[0].lower())
        if re.match(r" (?:or|and|to|of the most)\b| (?:hundred|thousand)", text[match.end() :]):
            continue
        if re.search(r"\b(?:or|and|to|more than|at least|over|up to|least) $", text[: match.start()], re.I):
            continue
        choices = [one for one in range(2, 13) if one != number and not occurs(str(one), source.span)]
        if choices:
            after = words.like(words.NUMBERS[rng.choice(choices)], match[0])
            yield from replaced(source, *match.span(), after, "words")


# Each with those it may be mistaken for. From "days" on also after numbers in words.
_UNITS = (
    (r"%", (" percentage points",)),
    (r"percent|per cent", ("percentage points", "percentage points", "dollars")),
    (r"million", ("billion", "thousand")),
    (r"billion", ("million", "trillion")),
    (r"trillion", ("billion", "million")),
    (r"thousand", ("million",)),
    (r"(?:km2|km²)", ("sq mi", "hectares")),
    (r"km|kilometers|kilometres", ("miles", "meters")),
    (r"miles|mi", ("kilometers", "feet")),
    (r"meters|metres|(?<= )m", ("feet", "km")),
    (r"feet|ft", ("meters", "miles")),
    (r"inches", ("centimeters",)),
    (r"mm", ("cm",)),
    (r"cm", ("mm",)),
    (r"kg", ("tonnes", "g")),
    (r"mg", ("kg",)),
    (r"acres", ("hectares", "square miles")),
    (r"square miles", ("acres", "square kilometers")),
    (r"°C", ("°F",)),
    (r"°F", ("°C",)),
    (r"degrees", ("percent",)),
    (r"pounds", ("tons", "francs")),
    (r"dollars", ("pounds", "euros")),
    (r"euros", ("dollars", "pounds")),
    (r"barrels", ("tons", "gallons")),
    (r"days", ("months", "weeks", "years")),
    (r"weeks", ("months", "days")),
    (r"months", ("years", "days", "weeks")),
    (r"years", ("months", "decades", "weeks")),
    (r"hours", ("minutes", "days")),
    (r"minutes", ("hours", "seconds")),
    (r"seconds", ("minutes",)),
    (r"decades", ("years", "centuries")),
    (r"centuries", ("decades",)),
    (r"tons|tonnes", ("kilograms", "pounds")),
    (r"year(?=\W)", ("month", "week")),
    (r"day(?=\W)", ("month", "week")),
)
_FIRST_OF_WORDS = [pattern for pattern, _ in _UNITS].index("days")


def unit(source: Source, rng: random.Random) -> Iterator[Change]:
    """Change what a figure counts, and leave the figure."""
    text = source.sentence
    in_words = "|".join([*words.NUMBERS[1:], "hundred", "thousand"])
    for place, (pattern, choices) in enumerate(_UNITS):
        before = rf"(?:(?<=\d)(?:\s?|-)|(?<!\w)(?:{in_words})[ -])" if place >= _FIRST_OF_WORDS else r"(?<=\d)(?:\s?|-)"
        for match in re.finditer(rf"{before}(?P<unit>{pattern})(?!\w)", text, re.I if place >= _FIRST_OF_WORDS else 0):
            after = rng.choice(choices)
            if not words.has_word(source.span, after.strip()):
                yield from replaced(source, *match.span("unit"), after, "unit", is_new=False)
    for match in re.finditer(r"(?<![A-Z])[$€£](?=\d)", text):
        after = rng.choice([one for one in "$€£" if one != match[0]])
        if after not in source.span:
            yield Change(text[: match.start()] + after + text[match.end() :], match[0], after, "currency sign")


def date(source: Source, rng: random.Random) -> Iterator[Change]:
    """Change a day, a month, a year, a decade, a century or a weekday."""
    yield from _years(source, rng)
    yield from _months(source, rng)
    yield from _days(source, rng)
    text = source.sentence
    for match in re.finditer(rf"(?<!\w)({'|'.join(words.WEEKDAYS)})(?=s?\b)", text):
        choices = [one for one in words.WEEKDAYS if one not in source.span]
        if choices:
            yield from replaced(source, *match.span(), rng.choice(choices), "weekday")
    for match in re.finditer(r"(?<![\w–-])(\d{1,2})(?:st|nd|rd|th)(?=[ -](?:century|centuries))", text):
        choices = [f"{one}th" for one in range(9, 21) if one != int(match[1]) and f"{one}th" not in source.span]
        if choices:
            yield from replaced(source, *match.span(), rng.choice(choices), "century")


def _years(source: Source, rng: random.Random) -> Iterator[Change]:
    for match in YEAR.finditer(source.sentence):
        step = 10 * rng.randint(1, 4) if match[2] else rng.choice([1, 2, 3, 5, 10, 11, 20])
        before = source.sentence[: match.start()]
        sign = -1 if _EARLIER.search(before) else 1 if _LATER.search(before) else rng.choice([-1, 1])
        after = f"{int(match[1]) + sign * step}{match[2]}"
        if after[:4] not in source.span:
            yield from replaced(source, *match.span(), after, "decade" if match[2] else "year")


def _months(source: Source, rng: random.Random) -> Iterator[Change]:
    text = source.sentence
    for match in re.finditer(rf"(?<!\w)({MONTH})(?!\w)", text):
        near = text[max(0, match.start() - 4) : match.end() + 6]
        if (match[0] in ("May", "March") and not re.search(r"\d", near)) or BOUND.search(text[: match.start()]):
            continue
        choices = [one for one in words.MONTHS if one[:3] not in source.span and one != "May"]
        if choices:
            yield from replaced(source, *match.span(), rng.choice(choices), "month")


def _days(source: Source, rng: random.Random) -> Iterator[Change]:
    text = source.sentence
    after_month = rf"(?:{MONTH}|{_SHORT_MONTH}) (?P<after>\d{{1,2}})(?!\d|,\d)"
    for match in re.finditer(rf"{after_month}|(?<!\d)(?P<before>\d{{1,2}}) (?:{MONTH})(?!\w)", text):
        group = "after" if match["after"] else "before"
        choices = [str(one) for one in range(1, 29) if not occurs(str(one), source.span)]
        if choices and not BOUND.search(text[: match.start()]):
            yield from replaced(source, *match.span(group), rng.choice(choices), "day")


def is_label(text: str, match: re.Match[str]) -> bool:
    """Say whether a number is a name, a reference or part of a formula rather than a figure."""
    before, after = text[: match.start()], text[match.end() :]
    return (
        re.search(rf"(?:\[|\b(?:{_NAMED}) )$", before) is not None
        or re.match(r"\]|th|st|nd|rd|'|(?: -|-)", after) is not None
        or re.search(r"[A-Za-z()+±*×^]$|[+±*×^−-] $|\d $", before) is not None
    )


def occurs(figure: str, span: str) -> bool:
    """Say whether a passage holds a figure, in digits with or without commas, or in words."""
    plain = figure.replace(",", "")
    digits = re.sub(r"(?<=\d),(?=\d{3})", "", span)
    if re.search(rf"(?<![\d.]){re.escape(plain)}(?:\.0+)?(?!\d|\.\d)", digits):
        return True
    return plain.isdigit() and int(plain) <= 20 and words.has_word(span, words.NUMBERS[int(plain)])


def _is_date_part(text: str, match: re.Match[str]) -> bool:
    before, after = text[max(0, match.start() - 12) : match.start()], text[match.end() :]
    is_year = bool(re.fullmatch(r"1\d\d\d|20[0-4]\d", match[0])) and not before.endswith(("$", "£", "€"))
    return (
        is_year
        or re.search(rf"(?:{MONTH}|{_SHORT_MONTH}) $", before) is not None
        or re.match(rf" (?:{MONTH}|BC|AD|BCE|CE|AM|PM|a\.m|p\.m)\b", after) is not None
    )


def _other_values(match: re.Match[str], text: str, rng: random.Random) -> list[float]:
    """Return values to put in a figure's place, the one to try first first."""
    value, before = float(match[0].replace(",", "")), text[: match.start()]
    is_free = False
    if _AT_LEAST.search(before):
        factors = [2.0, 3, 10]
    elif _AT_MOST.search(before):
        factors = [0.5, 0.2]
    elif _ABOUT.search(before):
        factors = [0.5, 2, 3, 10]
    else:
        factors, is_free = [0.5, 0.8, 1.1, 1.25, 2, 10], True
    rng.shuffle(factors)
    places, grid = _grid(value, match)
    if places:
        made = [round(value * factor, places) for factor in factors]
    else:
        made = [float(max(1, round(value * factor / grid)) * grid) for factor in factors]
    if is_free:
        near = [value + 10**-places * grid, value - 10**-places * grid]
        made = [*made[:1], *near, *made[1:]] if rng.random() < 0.5 else [*near, *made]
    is_share = value <= 100 and re.match(r" ?(?:%|percent|per cent)", text[match.end() :])
    return [one for one in made if one > 0 and one != value and not (is_share and one > 100)]


def _grid(value: float, match: re.Match[str]) -> tuple[int, int]:
    """Return how many places a figure has after its point, and what it is a multiple of."""
    places = len(match[2]) - 1 if match[2] else 0
    whole = match[1].replace(",", "")
    return places, 1 if places or value < 20 else 10 ** (len(whole) - len(whole.rstrip("0")))


def _written(value: float, match: re.Match[str]) -> str:
    if match[2]:
        return f"{value:.{len(match[2]) - 1}f}"
    return f"{int(value):,}" if "," in match[1] or value >= 10_000 else str(int(value))
