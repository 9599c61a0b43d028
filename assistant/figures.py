"""Figures, dates and proper names of a text in one normal form, so that two wordings of a fact compare equal.

"31%", "31 percent" and "around 31 per cent" are one figure; "$5 billion" and "US$5bn" are one amount; "Nov. 9" and
"9 November" are one date; "U.S." and "American" are one name. Rules, not a model: cheap, and what is
not recognised is left alone rather than guessed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

# Stands where a figure was: neither a word's character nor a space.
BLANK = "¦"

_PLAIN = str.maketrans({
    "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "−": "-", "\u00a0": " ", "\u2009": " ", "\u202f": " ",
    "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‘": "'", "’": "'", "‚": "'", "′": "'", "\u2007": " ",
})  # fmt: skip


def plain(text: str) -> str:
    """Return the text with dashes, quotation marks and spaces of one kind each; every offset stays the same."""
    return text.translate(_PLAIN)


class FigureKind(StrEnum):
    """What a figure measures; figures of different kinds never compare equal, but for a fraction and a percentage."""

    MONEY = "money"
    PERCENT = "percent"
    POINTS = "percentage points"
    NUMBER = "number"
    MONTHS = "months"
    DAYS = "days"
    HOURS = "hours"
    ORDINAL = "ordinal"
    MULTIPLE = "multiple"
    VAGUE = "vague"
    CODE = "code"


class Bound(StrEnum):
    """What the words before a figure make of it."""

    EXACT = ""
    ABOUT = "about"
    OVER = "more than"
    UNDER = "less than"


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure at `text[start:end]`. `unit` is the currency, the unit of measure or the code itself, else empty.

    `precision` is the size of the last written digit, so that "about 31" can stand for 30.8. `lead` is where the words
    begin that bound it, `start` if none do.
    """

    kind: FigureKind
    value: float
    unit: str
    bound: Bound
    precision: float
    start: int
    end: int
    lead: int

    def equals(self, other: Figure) -> bool:
        """Say whether `other`, found in a source, is the same amount: "a fifth" is 20 percent, "double" is 200."""
        if self.matches(other):
            return True
        parts = {FigureKind.MULTIPLE: 1.0, FigureKind.PERCENT: 0.01}
        if self.kind is other.kind or self.kind not in parts or other.kind not in parts:
            return False
        return abs(self.value * parts[self.kind] - other.value * parts[other.kind]) < _FRACTION_SLACK

    def matches(self, other: Figure) -> bool:
        """Say whether `other`, found in a source, is the same figure; "about" allows rounding to written digits."""
        if self.kind is not other.kind:
            return False
        if self.unit != other.unit and (self.kind is not FigureKind.NUMBER or (self.unit and other.unit)):
            return False
        if abs(self.value - other.value) <= 1e-9 * max(1.0, abs(self.value)):
            return True
        if other.precision >= self.precision:
            return False
        if self.bound is Bound.ABOUT:
            return abs(self.value - other.value) <= self.precision / 2
        beyond = {Bound.OVER: other.value - self.value, Bound.UNDER: self.value - other.value}.get(self.bound, -1.0)
        return 0 < beyond < self.precision


# "A third" is written 33 percent.
_FRACTION_SLACK = 0.004


@dataclass(frozen=True, slots=True)
class WrittenDate:
    """A date as far as a text states it, at `text[start:end]`; at least one of the parts is set.

    `is_open` says that day and month may be meant the other way round, as in "12/03/2024".
    """

    year: int | None
    month: int | None
    day: int | None
    quarter: int | None
    start: int
    end: int
    is_open: bool = False

    @property
    def lead(self) -> int:
        """Where the date begins; no words before it belong to it."""
        return self.start

    @property
    def is_year(self) -> bool:
        """Whether only a year is stated; "2000" alone can be a number, too."""
        return self.month is None and self.quarter is None

    def agrees(self, other: WrittenDate) -> bool:
        """Say whether `other`, found in a source, can be the same date: no stated part differs, one is shared."""
        if (self.is_open or other.is_open) and self._turned().agrees(replace(other, is_open=False)):
            return True
        pairs = [
            (self.year, other.year),
            (self.month, other.month),
            (self.day, other.day),
            (self.quarter, other.quarter),
        ]
        both = [(mine, theirs) for mine, theirs in pairs if mine is not None and theirs is not None]
        if not both or any(mine != theirs for mine, theirs in both):
            return False
        adds_day = self.day is not None and other.day is None
        adds_month = self.month is not None and other.month is None
        adds_quarter = self.quarter is not None and other.quarter is None
        return not (adds_day or adds_month or adds_quarter)

    def _turned(self) -> WrittenDate:
        return replace(self, month=self.day, day=self.month, is_open=False)

    def is_near(self, day: date) -> bool:
        """Say whether the date lies within a year of `day`, as dates written without a year do."""
        if self.year is None:
            return True
        months = (self.year - day.year) * 12 + ((self.month or day.month) - day.month)
        return abs(months) <= 12


_ONES = dict(
    zip(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
        "sixteen seventeen eighteen nineteen".split(),
        range(20),
        strict=True,
    )
)
_TENS = {word: 10 * n for n, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)}
_SCALES = {
    "hundred": 1e2, "thousand": 1e3, "k": 1e3, "million": 1e6, "mn": 1e6, "m": 1e6, "mln": 1e6, "billion": 1e9,
    "bn": 1e9, "b": 1e9, "bln": 1e9, "trillion": 1e12, "tn": 1e12, "trn": 1e12, "dozen": 12.0,
}  # fmt: skip
_CURRENCIES = {
    "$": "usd",
    "us$": "usd",
    "usd": "usd",
    "dollar": "usd",
    "dollars": "usd",
    "c$": "cad",
    "a$": "aud",
    "hk$": "hkd",
    "nt$": "twd",
    "€": "eur",
    "eur": "eur",
    "euro": "eur",
    "euros": "eur",
    "£": "gbp",
    "gbp": "gbp",
    "pound": "gbp",
    "pounds": "gbp",
    "¥": "yen",
    "yen": "yen",
    "jpy": "yen",
    "yuan": "cny",
    "renminbi": "cny",
    "rmb": "cny",
    "cny": "cny",
    "₹": "inr",
    "inr": "inr",
    "rupee": "inr",
    "rupees": "inr",
    "won": "krw",
    "krw": "krw",
    "peso": "mxn",
    "pesos": "mxn",
    "mxn": "mxn",
    "real": "brl",
    "reais": "brl",
    "franc": "chf",
    "francs": "chf",
    "chf": "chf",
    "krone": "krone",
    "kroner": "krone",
    "krona": "krona",
    "kronor": "krona",
    "nok": "nok",
    "sek": "sek",
    "dkk": "dkk",
    "rand": "zar",
    "zar": "zar",
    "lira": "try",
    "liras": "try",
    "rouble": "rub",
    "roubles": "rub",
    "ruble": "rub",
    "rubles": "rub",
    "zloty": "pln",
    "zlotys": "pln",
    "baht": "thb",
    "rupiah": "idr",
    "ringgit": "myr",
    "dong": "vnd",
    "riyal": "riyal",
    "riyals": "riyal",
    "dirham": "dirham",
    "dirhams": "dirham",
    "shekel": "ils",
    "shekels": "ils",
    "naira": "ngn",
    "shilling": "kes",
    "shillings": "kes",
    "cent": "cent",
    "cents": "cent",
    "pence": "penny",
    "s$": "sgd",
    "nz$": "nzd",
    "r$": "brl",
}
# "618 Canadian dollars" are not U.S. ones.
_DOLLARS = {
    "canadian": "cad", "australian": "aud", "hong kong": "hkd", "taiwan": "twd", "new taiwan": "twd",
    "singapore": "sgd", "new zealand": "nzd",
}  # fmt: skip
_MEASURES = {
    "tonne": "ton", "tonnes": "ton", "ton": "ton", "tons": "ton", "metric ton": "ton", "metric tons": "ton",
    "kilogram": "kilogram", "kilograms": "kilogram", "kg": "kilogram", "kilos": "kilogram", "barrel": "barrel",
    "barrels": "barrel", "bushel": "bushel", "bushels": "bushel", "litre": "litre", "litres": "litre",
    "liters": "litre", "liter": "litre", "gigawatt": "gigawatt", "gigawatts": "gigawatt", "megawatts": "megawatt",
    "megawatt": "megawatt", "kilometres": "kilometre", "kilometers": "kilometre", "miles": "mile", "acres": "acre",
    "m": "metre", "hectares": "hectare", "containers": "container", "teu": "container", "basis points": "basis point",
    "basis point": "basis point", "mile": "mile", "acre": "acre", "hectare": "hectare", "containerloads": "container",
    "kilometre": "kilometre", "kilometer": "kilometre", "km": "kilometre", "metre": "metre", "metres": "metre",
    "meter": "metre", "meters": "metre", "centimetre": "centimetre", "centimetres": "centimetre", "cm": "centimetre",
    "centimeter": "centimetre", "centimeters": "centimetre", "millimetre": "millimetre", "mm": "millimetre",
    "millimetres": "millimetre", "millimeter": "millimetre", "millimeters": "millimetre", "foot": "foot",
    "feet": "foot", "ft": "foot", "inch": "inch", "inches": "inch", "yard": "yard", "yards": "yard",
    "gram": "gram", "grams": "gram", "milligram": "milligram", "milligrams": "milligram", "mg": "milligram",
    "ounce": "ounce", "ounces": "ounce", "lbs": "pound weight", "gallon": "gallon", "gallons": "gallon",
    "ml": "millilitre", "millilitre": "millilitre", "millilitres": "millilitre", "milliliters": "millilitre",
    "watt": "watt", "watts": "watt", "kilowatt": "kilowatt", "kilowatts": "kilowatt", "kw": "kilowatt",
    "mw": "megawatt", "gw": "gigawatt", "terawatts": "terawatt", "kwh": "kilowatt-hour", "mwh": "megawatt-hour",
    "gwh": "gigawatt-hour", "twh": "terawatt-hour", "kilowatt-hours": "kilowatt-hour", "hertz": "hertz",
    "hz": "hertz", "megahertz": "megahertz", "mhz": "megahertz", "gigahertz": "gigahertz", "ghz": "gigahertz",
    "mph": "mile an hour", "km/h": "kilometre an hour", "kilometres per hour": "kilometre an hour",
    "kilometers per hour": "kilometre an hour", "miles per hour": "mile an hour", "square kilometres": "square km",
    "square kilometers": "square km", "sq km": "square km", "km2": "square km", "km²": "square km",
    "square kilometre": "square km", "square kilometer": "square km", "square miles": "square mile",
    "square mile": "square mile", "sq mi": "square mile", "square metres": "square metre",
    "square meters": "square metre", "square feet": "square foot", "cubic metres": "cubic metre",
    "cubic meters": "cubic metre", "cubic feet": "cubic foot", "degrees": "degree", "degree": "degree",
    "°": "degree", "°c": "degree", "°f": "fahrenheit", "bytes": "byte", "kilobytes": "kilobyte",
    "megabytes": "megabyte", "gigabytes": "gigabyte", "mb": "megabyte", "gb": "gigabyte", "tb": "terabyte",
}  # fmt: skip
_SPANS = {
    "year": (FigureKind.MONTHS, 12.0), "month": (FigureKind.MONTHS, 1.0), "decade": (FigureKind.MONTHS, 120.0),
    "quarter": (FigureKind.MONTHS, 3.0), "century": (FigureKind.MONTHS, 1200.0), "week": (FigureKind.DAYS, 7.0),
    "day": (FigureKind.DAYS, 1.0), "hour": (FigureKind.HOURS, 1.0),
}  # fmt: skip
_MONTHS = {
    name: number
    for number, names in enumerate(
        "january jan,february feb,march mar,april apr,may,june jun,july jul,august aug,september sept sep,october oct,"
        "november nov,december dec".split(","),
        1,
    )
    for name in names.split()
}
_ORDINALS = {
    word: n
    for n, word in enumerate("first second third fourth fifth sixth seventh eighth ninth tenth eleventh".split(), 1)
}
_MULTIPLES = {
    "halve": 0.5, "halved": 0.5, "halves": 0.5, "halving": 0.5, "double": 2.0, "doubled": 2.0, "doubles": 2.0,
    "doubling": 2.0, "twice": 2.0, "twofold": 2.0, "triple": 3.0, "tripled": 3.0, "triples": 3.0, "tripling": 3.0,
    "threefold": 3.0, "quadruple": 4.0, "quadrupled": 4.0, "fourfold": 4.0, "tenfold": 10.0,
}  # fmt: skip

_DIGITS = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
_TEEN_OR_ONE = "|".join(sorted(_ONES, key=len, reverse=True))
_SPELLED = rf"(?:(?:{'|'.join(_TENS)})(?:[- ](?:{_TEEN_OR_ONE}))?|{_TEEN_OR_ONE})"
_NUMBER = (
    rf"(?:{_DIGITS}|(?<!\w){_SPELLED}(?!\w)|(?<!\w)an?(?=[- ](?:hundred|thousand|million|billion|trillion|dozen)\b))"
)
_SCALE = (
    r"[- ]?(?:hundred thousand|hundred million|hundred|thousand|million|billion|trillion|dozen|mln|bln|mn|bn|tn|trn)\b"
)
_SHORT_SCALE = rf"(?:{_SCALE}|[kmb]\b)"
_SYMBOL = r"(?:us ?\$|hk\$|nt\$|nz\$|c\$|a\$|s\$|r\$|usd|eur|gbp|cny|rmb|jpy|\$|€|£|¥|₹)"
_MONEY_WORD = (
    r"(?:(?:us |u\.s\. |american |canadian |australian |hong kong |(?:new )?taiwan |singapore |new zealand )?"
    r"dollars?|usd|euros?|eur|(?:british )?pounds?|gbp|yuan|renminbi|rmb|cny|yen|jpy|won"
    r"|krw|rupees?|pesos?|(?:swiss )?francs?|(?:norwegian |danish )?kroner?|(?:swedish )?kron(?:a|or)|rand|liras?"
    r"|(?:russian )?rou?bles?|zlotys?|baht|rupiah|ringgit|dong|riyals?|dirhams?|shekels?|naira|shillings?|cents?|pence)"
)
# "5m" is five million, "5 m" is a length.
_MEASURE = "|".join(sorted(_MEASURES.keys() - {"m"}, key=len, reverse=True))
_UNIT = (
    rf"(?P<points>percent(?:age)?[- ]points?|per ?cent(?:age)? points?|pp)|(?P<percent>%|percent|per cent|pct)"
    rf"|(?P<money>{_MONEY_WORD})"
    r"|(?P<span>(?:calendar |working |full )?(?:year|month|week|day|hour|decade|century|quarter))s?"
    rf"|(?P<measure>{_MEASURE}|(?<= )m)"
)
_PERCENT = r"(?:%|percent|per ?cent|pct)"
# A range has one unit: "fell 12 percent to 80,000 tonnes" is two figures.
_LINK = r"(?: ?- ?| to | and | or )"
_PRICED = re.compile(
    rf"(?<![\w.$€£¥₹])(?P<symbol>{_SYMBOL}) ?(?P<n>{_NUMBER})(?P<scale>{_SHORT_SCALE})?"
    rf"(?:{_LINK}(?P<symbol2>{_SYMBOL})? ?(?P<n2>{_NUMBER})(?P<scale2>{_SHORT_SCALE})?)?(?:[- ](?:{_MONEY_WORD})\b)?",
    re.IGNORECASE,
)
_MEASURED = re.compile(
    rf"(?<![\w.,])(?P<n>{_NUMBER})(?P<scale>{_SCALE}| ?[kmb](?= ?{_MONEY_WORD}\b)|(?<=\d)[kmb](?= ))?[- ]?"
    rf"(?:(?:(?:{_PERCENT}){_LINK}(?={_NUMBER}[- ]?{_PERCENT})|(?:{_MONEY_WORD}){_LINK}(?={_NUMBER}(?:{_SCALE})?[- ]?"
    rf"(?:{_MONEY_WORD}))|{_LINK})(?P<n2>{_NUMBER})(?P<scale2>{_SCALE})?[- ]?)?"
    rf"(?:{_UNIT})(?!\w)",
    re.IGNORECASE,
)
_AGED = re.compile(
    rf"(?<=\b[Aa]ged )(?P<n>{_NUMBER})(?:(?:{_LINK}|, and | or over)(?P<n2>{_NUMBER}))?(?!\w|[.,]\d)", re.IGNORECASE
)
_TIMES = re.compile(rf"(?<![\w.,])(?P<n>{_NUMBER})(?:[- ]times|-?fold|x)(?!\w)", re.IGNORECASE)
_BARE = re.compile(
    rf"(?<![\w.,$])(?P<n>{_NUMBER})(?P<scale>{_SCALE}|(?<=\d)[kmb]\b)?"
    rf"(?:{_LINK}(?P<n2>{_NUMBER})(?P<scale2>{_SCALE}|(?<=\d)[kmb]\b)?)?(?!\w|[.,]\d)",
    re.IGNORECASE,
)
_CODE = re.compile(
    r"(?<![\w.])(?:\d+(?:\.\d+){2,}|\d{4}\.\d{2}|[A-Z]{1,3}(?:-\d{2,})+|(?=\w*\d)(?=\w*[A-Za-z])(?!\d+(?:st|nd|rd|th|s|x|k|m|b|mn|mln|bn|bln|tn|trn)\b)[A-Za-z\d]{2,})"
    r"(?!\w|\.\d)"
)
# "World War II" is the second; a lone "I" is a pronoun but after these words.
_ROMANS = {roman: n for n, roman in enumerate("I II III IV V VI VII VIII IX X XI XII XIII XIV XV XVI".split(), 1)}
_ORDINAL = re.compile(
    rf"(?<![\w.])(?:(?P<n>\d{{1,3}})(?:st|nd|rd|th)|(?P<word>{'|'.join(_ORDINALS)}))(?!\w)"
    rf"|(?-i:(?<=[a-z] )(?P<roman>{'|'.join(sorted(_ROMANS.keys() - {'I', 'V', 'X'}, key=len, reverse=True))}"
    r"|(?:(?<=War )|(?<=Title )|(?<=Phase )|(?<=Part )|(?<=Annex )|(?<=Chapter ))[IVX])(?!\w|['.]\w))",
    re.IGNORECASE,
)
_MULTIPLE = re.compile(rf"(?<!\w)(?P<word>{'|'.join(_MULTIPLES)})(?!\w)", re.IGNORECASE)
_PART = r"(?:third|quarter|fifth|sixth|eighth|tenth)"
_FRACTION = re.compile(
    rf"(?<!\w)(?P<top>two|three|four)[- ](?P<bottom>{_PART})s(?!\w)"
    rf"|(?:(?<=by )|(?<!\w)(?=\w+[- ]{_PART} (?:of|more|less|fewer|higher|lower|larger|smaller|as)\b))"
    rf"(?P<one>one|a)[- ](?P<single>{_PART})(?!\w)"
    r"|(?<!\w)(?<!first )(?<!second )(?<!latter )(?<!other )half(?! (?:an? )?(?:year|hour|day|of (?:19|20)\d\d))(?!\w)",
    re.IGNORECASE,
)
_VAGUE = re.compile(
    r"(?<!\w)(?P<word>dozens|scores|hundreds|thousands|millions|billions|trillions)(?!\w)", re.IGNORECASE
)
_WHOLE_SPAN = re.compile(
    r"(?<!\w)(?:(?:for|by|in|another|within|over|than) (?:about )?(?:an?|another|one full) (?:full )?|another |a full )"
    r"(?P<span>year|month|week|decade|day)(?!\w|-)"
    r"|(?<!\w)(?P<long>year|month|week|decade|day)-?long(?!\w)",
    re.IGNORECASE,
)

_BOUNDS = {
    Bound.UNDER: r"just under|less than|fewer than|under|below|at (?:the )?most|up to|lower than|short of|<|≤"
    r"|(?:no|not) (?:more|higher|greater) than|not (?:to )?exceed(?:ing)?"
    r"|not (?:be |go |rise )?(?:over|above|beyond|in excess of)",
    Bound.OVER: r"just over|more than|over|above|at (?:the )?least|exceed(?:s|ed|ing)?|upwards? of|in excess of"
    r"|(?:greater|higher) than|≥|>|beyond|topped|topping|surpass(?:es|ed|ing)?"
    r"|(?:no|not) (?:fewer|less|lower) than|not (?:be |go |fall )?(?:under|below)",
    Bound.ABOUT: r"about|around|roughly|approximately|approx\.?|some|nearly|almost|close to|(?:an )?estimated|circa"
    r"|near|~|≈",
}
_BOUND_BEFORE = tuple(
    (bound, re.compile(rf"(?:(?<!\w)(?:{_BOUNDS[bound]})) ?(?:the |a |an )?\Z", re.IGNORECASE))
    for bound in (Bound.ABOUT, Bound.OVER, Bound.UNDER)
)
_BOUND_AFTER = re.compile(
    r" (?:or (?:(?P<over>more|higher|above|greater)|(?:less|fewer|lower|below))|at (?:the )?(?:(?P<least>least)|most))"
    r"(?!\w)",
    re.IGNORECASE,
)

_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec)\b\.?)"
)
_YEAR = r"(?:1[5-9]\d\d|20\d\d)"
_DAY = r"(?:[12]\d|3[01]|0?[1-9])"
_NOT_MORE = r"(?![\d%]|[.,]\d|\w)"
_DATE_FORMS = (
    re.compile(r"(?<![\w.-])(?P<year>[12]\d{3})-(?P<month>0[1-9]|1[0-2])-(?P<day>[0-3]\d)(?!\w)"),
    re.compile(
        r"(?<![\w./-])(?P<first>[0-3]?\d)(?P<mark>[/.])(?P<second>[0-3]?\d)(?P=mark)(?P<year>(?:19|20)\d\d)(?!\w)"
    ),
    re.compile(
        rf"(?<!\w)(?P<month>{_MONTH}) ?(?P<day>{_DAY})(?:st|nd|rd|th)?{_NOT_MORE}"
        rf"(?: ?(?:-|and|to) ?(?P<day2>{_DAY}){_NOT_MORE})?(?:,? (?P<year>{_YEAR}){_NOT_MORE})?"
    ),
    re.compile(
        rf"(?<![\w.,$])(?P<day>{_DAY})(?: ?(?:-|and|to) ?(?P<day2>{_DAY}))?(?:st|nd|rd|th)?"
        rf"(?: of|-)? ?(?P<month>{_MONTH})(?!\w)(?:,? (?P<year>{_YEAR}){_NOT_MORE})?"
    ),
    re.compile(rf"(?<!\w)(?P<month>{_MONTH}),? (?:of )?(?P<year>{_YEAR}){_NOT_MORE}"),
    re.compile(
        rf"(?<!\w)(?:(?P<which>[Ff]irst|[Ss]econd|[Tt]hird|[Ff]ourth)[- ][Qq]uarter|Q(?P<quarter>[1-4]))(?!\w)"
        rf"(?:,? (?:of )?(?P<year>{_YEAR}){_NOT_MORE})?"
    ),
    re.compile(rf"(?<!\w)(?P<month>{_MONTH})(?!\w)"),
    re.compile(
        r"(?<![\w.,$€£¥])(?P<year>(?:19|20)\d\d"
        r"|(?:(?<=\b[iI]n )|(?<=\b[bB]y )|(?<=[sS]ince )|(?<=[uU]ntil )|(?<=[aA]fter ))"
        rf"1[5-8]\d\d){_NOT_MORE}(?! ?(?:percent|per cent|million|billion|bn\b|m\b|(?:{_MEASURE})\b))"
    ),
)
# "May" and "March" open sentences and verbs; alone they are months only after one of these.
_BEFORE_MONTH = re.compile(
    r"(?<!\w)(?:in|since|until|till|by|late|early|mid|of|from|last|this|next|through|before|after|during|to|between|and)"
    r"[ -]\Z",
    re.IGNORECASE,
)


def figures(text: str) -> list[Figure]:
    """Return the figures of a text in order; dates and bare years are not among them (see `dates`).

    A range ("10 to 20 percent") is two figures. The word "one" alone is not a figure, it is mostly a pronoun.
    """
    return list(read_figures(text)[0])


def dates(text: str) -> list[WrittenDate]:
    """Return the dates of a text in order: full, partial, months, quarters, and years from 1900 to 2099."""
    return list(read_figures(text)[1])


def read_figures(text: str) -> tuple[tuple[Figure, ...], tuple[WrittenDate, ...], str]:
    """Return figures, dates, and the text with both blanked out by `BLANK`, at the same length.

    What is most specific is found first and blanked, so that no character is read twice.
    """
    left = _Blank(plain(text))
    found_dates = _find_dates(left)
    found: list[Figure] = []
    for match in left.take(_PRICED):
        currency = _CURRENCIES[match["symbol"].lower().replace(" ", "")]
        pair = _pair(match, FigureKind.MONEY, currency, left.text)
        if match["symbol2"]:
            pair[1] = replace(pair[1], unit=_CURRENCIES[match["symbol2"].lower().replace(" ", "")])
        found += pair
    for match in left.take(_MEASURED):
        kind, unit, factor = _unit(match)
        found += _pair(match, kind, unit, left.text, factor=factor)
    for match in left.take(_AGED):
        found += _pair(match, FigureKind.MONTHS, "", left.text, factor=12.0)
    for match in left.take(_WHOLE_SPAN):
        kind, factor = _SPANS[(match["span"] or match["long"]).lower()]
        found.append(_figure(match, kind, factor, left.text))
    for match in left.take(_TIMES):
        found.append(_figure(match, FigureKind.MULTIPLE, _number(match["n"]), left.text))
    for match in left.take(_MULTIPLE):
        found.append(_figure(match, FigureKind.MULTIPLE, _MULTIPLES[match["word"].lower()], left.text))
    for match in left.take(_FRACTION):
        found.append(_figure(match, FigureKind.MULTIPLE, _fraction(match), left.text))
    for match in left.take(_ORDINAL):
        value = float(match["n"] or _ROMANS.get(match["roman"] or "") or _ORDINALS[(match["word"] or "").lower()])
        found.append(_figure(match, FigureKind.ORDINAL, value, left.text))
    for match in left.take(_VAGUE):
        found.append(_figure(match, FigureKind.VAGUE, 0.0, left.text, unit=match["word"].lower()))
    for match in left.take(_CODE):
        found.append(_figure(match, FigureKind.CODE, 0.0, left.text, unit=match[0].lower()))
    for match in left.take(_BARE, skip=_is_pronoun):
        found += _pair(match, FigureKind.NUMBER, "", left.text)
    return tuple(sorted(found, key=_start)), tuple(sorted(found_dates, key=_start)), left.rest


def _start(part: Figure | WrittenDate) -> int:
    return part.start


class _Blank:
    """A text from which what was read is blanked out with a sign that is neither word nor space."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.rest = text

    def take(
        self, pattern: re.Pattern[str], *, skip: Callable[[re.Match[str]], bool] | None = None
    ) -> list[re.Match[str]]:
        matches = [match for match in pattern.finditer(self.rest) if skip is None or not skip(match)]
        for match in matches:
            self.rest = self.rest[: match.start()] + BLANK * (match.end() - match.start()) + self.rest[match.end() :]
        return matches


def _is_pronoun(match: re.Match[str]) -> bool:
    return match["n"].lower() in ("one", "zero", "a", "an") and not match["scale"] and not match["n2"]


def _unit(match: re.Match[str]) -> tuple[FigureKind, str, float]:
    if match["points"]:
        return FigureKind.POINTS, "", 1.0
    if match["percent"]:
        return FigureKind.PERCENT, "", 1.0
    if match["money"]:
        country, _, currency = match["money"].lower().rpartition(" ")
        return FigureKind.MONEY, _DOLLARS.get(country) or _CURRENCIES[currency], 1.0
    if match["span"]:
        *made_of, span = match["span"].lower().split()
        kind, factor = _SPANS[span]
        return kind, "working" if "working" in made_of else "", factor
    return FigureKind.NUMBER, _MEASURES[match["measure"].lower()], 1.0


def _pair(match: re.Match[str], kind: FigureKind, unit: str, text: str, *, factor: float = 1.0) -> list[Figure]:
    """Read one figure, or the two ends of a range; "5 to 10 million" scales both."""
    groups = match.groupdict()
    scale, scale2 = _scale(groups.get("scale")), _scale(groups.get("scale2"))
    if groups.get("n2") is None:
        return [_figure(match, kind, _number(match["n"]) * scale * factor, text, unit=unit, step=scale * factor)]
    if groups.get("scale2") and not groups.get("scale") and _number(match["n"]) < _WRITTEN_OUT:
        scale = scale2
    first = _number(match["n"]) * scale * factor
    second = _number(match["n2"]) * scale2 * factor
    return [
        _figure(match, kind, first, text, unit=unit, step=scale * factor),
        _figure(match, kind, second, text, unit=unit, step=scale2 * factor, group="n2"),
    ]


# "From 317,000 to 582 thousand": the first is no number of thousands.
_WRITTEN_OUT = 1000


def _figure(
    match: re.Match[str],
    kind: FigureKind,
    value: float,
    text: str,
    *,
    unit: str = "",
    step: float = 1.0,
    group: str = "n",
) -> Figure:
    groups = match.groupdict()
    written = groups.get(group) or ""
    decimals = len(written.partition(".")[2])
    start, end = match.span()
    if group == "n2":
        start = match.start("n2")
    elif groups.get("n2"):
        end = match.end("scale") if groups.get("scale") else match.end("n")
    reach = max(0, match.start() - 24)
    # The longest words say it: "no more than" holds a "more than".
    bounds = [(bound, words) for bound, before in _BOUND_BEFORE if (words := before.search(text, reach, match.start()))]
    bound, words = min(bounds, key=lambda found: found[1].start(), default=(Bound.EXACT, None))
    lead = words.start() if words and group == "n" else start
    after = _BOUND_AFTER.match(text, end) if bound is Bound.EXACT else None
    if after:
        bound, end = (Bound.OVER if after["over"] or after["least"] else Bound.UNDER), after.end()
    return Figure(kind, value, unit, bound, step * 10.0**-decimals, start, end, lead)


def _number(written: str) -> float:
    written = written.lower()
    if written[0].isdigit():
        return float(written.replace(",", ""))
    if written in ("a", "an"):
        return 1.0
    return float(sum(_TENS.get(word, _ONES.get(word, 0)) for word in re.split(r"[- ]", written)))


def _scale(written: str | None) -> float:
    value = 1.0
    for word in re.split(r"[- ]", (written or "").lower()):
        value *= _SCALES.get(word, 1.0)
    return value


def _fraction(match: re.Match[str]) -> float:
    part = match["bottom"] or match["single"]
    if part is None:
        return 0.5
    top = {"two": 2, "three": 3, "four": 4}[match["top"].lower()] if match["top"] else 1
    return top / {"third": 3, "quarter": 4, "fifth": 5, "sixth": 6, "eighth": 8, "tenth": 10}[part.lower()]


def _find_dates(left: _Blank) -> list[WrittenDate]:
    found: list[WrittenDate] = []
    for form in _DATE_FORMS:
        for match in left.take(form, skip=_is_verb):
            groups = match.groupdict()
            if groups.get("first"):
                found += _in_numbers(match)
                continue
            month = _month(groups.get("month"))
            year = int(groups["year"]) if groups.get("year") else None
            quarter = (
                int(groups["quarter"]) if groups.get("quarter") else _ORDINALS.get((groups.get("which") or "").lower())
            )
            days: list[int | None] = [int(groups[name]) for name in ("day", "day2") if groups.get(name)]
            found += [WrittenDate(year, month, day, quarter, match.start(), match.end()) for day in days or [None]]
    return found


def _in_numbers(match: re.Match[str]) -> list[WrittenDate]:
    """Read "12/03/2024", day first unless that cannot be; dots are always day first."""
    first, second, year = int(match["first"]), int(match["second"]), int(match["year"])
    day, month = (second, first) if second > 12 else (first, second)
    is_open = match["mark"] == "/" and first <= 12 and second <= 12 and first != second
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return []
    return [WrittenDate(year, month, day, None, match.start(), match.end(), is_open)]


def _month(written: str | None) -> int | None:
    if not written:
        return None
    return int(written) if written.isdigit() else _MONTHS[written.rstrip(".").lower()]


def _is_verb(match: re.Match[str]) -> bool:
    groups = match.groupdict()
    is_lone_month = groups.get("month") and not any(groups.get(name) for name in ("day", "year"))
    if not is_lone_month or match[0] not in ("May", "March", "Mar", "Dec", "Jan"):
        return False
    return _BEFORE_MONTH.search(match.string, max(0, match.start() - 12), match.start()) is None
