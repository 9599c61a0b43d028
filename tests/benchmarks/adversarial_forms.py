"""Other usual forms of the same thing: shares, money, large numbers, dates, contractions, numbers, names.

Each keeps the meaning of the sentence, so that a verification that rejects it keeps a true claim from the reader.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

from tests.benchmarks import adversarial_words as words
from tests.benchmarks.adversarial_changes import Change, opened, put
from tests.benchmarks.adversarial_figures import MONTH
from tests.benchmarks.adversarial_names import is_place_like
from tests.benchmarks.adversarial_passages import Source


def rewritten(source: Source, start: int, end: int, after: str, how: str) -> Iterator[Change]:
    """Yield the rewrite of `sentence[start:end]`, never of words inside quotation marks."""
    text = source.sentence
    if is_quoted(text, start):
        return
    claim = opened(put(text, start, end, after))
    if claim != text:
        yield Change(claim, text[start:end], after, how)


def is_quoted(text: str, position: int) -> bool:
    """Say whether a position is inside quotation marks."""
    before = text[:position]
    is_open = before.count('"') % 2 == 1 or before.count("“") > before.count("”")
    return is_open or re.search(r"[‘'](?=\w)[^‘’']*$", re.sub(r"(?<=\w)[’'](?=\w)", "", before)) is not None


def share(source: Source, rng: random.Random) -> Iterator[Change]:
    """Write a share with the sign or in words."""
    for match in re.finditer(r"(?<=\d)(?: ?%(?!\w)| percent\b(?!age)| per cent\b)", source.sentence):
        forms = [one for one in ("%", " percent", " per cent") if one.strip() != match[0].strip()]
        yield from rewritten(source, *match.span(), rng.choice(forms), "percent")


_MONEY = re.compile(
    r"(?<![\w$])(?P<sign>US\$|\$|€|£)(?P<figure>\d[\d,]*(?:\.\d+)?)(?: (?P<scale>million|billion|trillion))?"
    r"(?![\w–-]|[.,]\d| ?USD| ?(?:million|billion|trillion))"
)
_CODES = {"US$": "USD", "$": "USD", "€": "EUR", "£": "GBP"}


def money(source: Source, rng: random.Random) -> Iterator[Change]:
    """Write an amount of money with the currency's sign or its code, and its scale short or as a figure."""
    for match in _MONEY.finditer(source.sentence):
        sign, figure, code = match["sign"], match["figure"], _CODES[match["sign"]]
        amount = f"{figure} {match['scale'] or ''}".strip()
        forms = [f"{code} {amount}", f"{amount} {code}"]
        short = {"billion": "bn", "million": "m"}.get(match["scale"] or "")
        if short:
            forms += [f"{sign}{figure}{short}", f"{figure}{short} {code}"]
        if match["scale"] == "billion":
            forms.append(f"{sign}{float(figure.replace(',', '')) * 1000:,.0f} million")
        is_attribute = re.search(r"\b(?:an?|the|of|its) $|\d to $", source.sentence[: match.start()])
        if code == "USD" and not is_attribute:
            forms.append(f"{amount} U.S. dollars")
        yield from rewritten(source, *match.span(), rng.choice(forms), "money")


def large_number(source: Source, rng: random.Random) -> Iterator[Change]:
    """Write a large number with or without commas, or out of and into thousands and millions."""
    text = source.sentence
    for match in re.finditer(r"(?<![\w.,$€£/–-])(\d{1,3}(?:,\d{3})+)(?![\w/]|[-–]\d|\.\d|,\d)", text):
        plain = match[0].replace(",", "")
        forms = [plain]
        if plain.endswith("000") and len(plain) < 7:
            forms.append(f"{plain[:-3]} thousand")
        if plain.endswith("00000"):
            forms.append(f"{int(plain) / 1e6:.1f} million".replace(".0 ", " "))
        yield from rewritten(source, *match.span(), rng.choice(forms), "large number")
    for match in re.finditer(r"(?<![\w.,$€£/–-])(\d{1,3}(?:\.\d)?) (million|billion)(?! (?:to|and|or)\b)(?!\w)", text):
        if not re.search(r"(?:to|and|or|–) $|\d–$", text[: match.start()]):
            value = round(float(match[1]) * (1e6 if match[2] == "million" else 1e9))
            forms = [f"{value:,}", f"{match[1]}{'m' if match[2] == 'million' else 'bn'}"]
            yield from rewritten(source, *match.span(), rng.choice(forms), "large number")


_DAY = re.compile(
    rf"(?<![\w–-])(?:(?P<month>{MONTH}) (?P<day>\d{{1,2}})|(?P<day2>\d{{1,2}}) (?P<month2>{MONTH}))"
    r"(?:,? (?P<year>\d{4}))?(?P<comma>,)?(?!\w|[–-]\d)"
)


def date(source: Source, rng: random.Random) -> Iterator[Change]:
    """Write a date in another usual form."""
    text = source.sentence
    for match in _DAY.finditer(text):
        day, month, year = match["day"] or match["day2"], match["month"] or match["month2"], match["year"]
        if year is None and re.match(r",? \d", text[match.end() :]):
            continue
        short = month if len(month) < 5 else f"{month[:3]}."
        forms = [f"{day} {month}", f"{month} {day}", f"{short} {day}", f"{day} {month[:3]}"]
        if year:
            iso = f"{year}-{words.MONTHS.index(month) + 1:02}-{int(day):02}"
            forms = [f"{day} {month} {year}", f"{month} {day}, {year}", f"{short} {day}, {year}", iso]
        chosen = rng.choice([one for one in forms if one not in match[0]])
        yield from rewritten(source, *match.span(), chosen + (match["comma"] or ""), "date")
    for match in re.finditer(rf"(?<!\w)(?:[Ii]n|of|since|until|by) (?P<month>{MONTH}) (?P<year>\d{{4}})(?!\w)", text):
        if len(match["month"]) > 4 and match["month"] != "March":
            yield from rewritten(source, *match.span("month"), f"{match['month'][:3]}.", "month")


_CONTRACTIBLE = "is|was|are|were|has|had|did|does|do|could|would|should"
_IRREGULAR = (
    ("cannot", "can not"), ("cannot", "can't"), ("will not", "won't"), ("won't", "will not"), ("can't", "cannot"),
)  # fmt: skip


def contraction(source: Source, rng: random.Random) -> Iterator[Change]:
    """Write did not as didn't, or the other way round."""
    text = source.sentence
    for match in re.finditer(rf"(?<!\w)(?P<verb>{_CONTRACTIBLE}) not(?= (?!only\b)\w)", text):
        yield from rewritten(source, *match.span(), f"{match['verb']}n't", "contracted")
    for match in re.finditer(rf"(?<!\w)(?P<verb>{_CONTRACTIBLE})n['’]t(?= )", text):
        yield from rewritten(source, *match.span(), f"{match['verb']} not", "expanded")
    for before, after in _IRREGULAR:
        for match in re.finditer(rf"(?<!\w){before}(?!\w)", text):
            yield from rewritten(source, *match.span(), after, "contracted")


_NAMED_BY = r"[A-Z]\w*|to|and|×|types?|phase|grade|virus|herpesvirus|articles?|sections?|chapters?|level|mach|factor"


def number(source: Source, rng: random.Random) -> Iterator[Change]:
    """Write a number up to twenty in words or in digits."""
    text = source.sentence
    for match in re.finditer(rf"(?<![\w-])({'|'.join(words.NUMBERS[2:])})(?= [a-z]+s\b)", text):
        is_part = re.match(
            r" (?:hundreds|thousands|is|was|others|ninths|thirds|fifths|quarters|ones)\b", text[match.end() :]
        )
        if match.start() > 0 and not is_part:
            yield from rewritten(source, *match.span(), str(words.NUMBERS.index(match[0])), "in digits")
    in_digits = r"(?<![\w.,$€£/–-])(\d{1,2})(?= (?:[a-z]+ )?[a-z]+s\b)(?! (?:percent|points|degrees|months ago|ms))"
    for match in re.finditer(in_digits, text):
        is_label = re.search(rf"(?:{MONTH}|\b(?:{_NAMED_BY})|\)) $", text[: match.start()])
        if 2 <= int(match[0]) <= 20 and not is_label:
            yield from rewritten(source, *match.span(), words.NUMBERS[int(match[0])], "in words")


# Written out and short; each is the same to every reader of trade news.
_SHORT = (
    ("United States of America", "United States"), ("United States", "U.S."), ("U.S.", "United States"),
    ("US", "United States"), ("European Union", "EU"), ("EU", "European Union"), ("United Kingdom", "UK"),
    ("UK", "United Kingdom"), ("United Nations", "UN"), ("Donald Trump", "Trump"), ("Xi Jinping", "Xi"),
    ("U.S. Trade Representative", "USTR"), ("National Security Council", "NSC"), ("European Court of Justice", "ECJ"),
    ("People's Republic of China", "China"), ("World War II", "the Second World War"),
    ("World War I", "the First World War"), ("American Enterprise Institute", "AEI"),
)  # fmt: skip
_TITLES = (
    "President|King|Queen|Emperor|Professor|Prime Minister|Trade lawyer|Independent analyst|General|Governor|Senator"
)
_FIRST = "|".join(words.FIRST_NAMES)


def short_name(source: Source, rng: random.Random) -> Iterator[Change]:
    """Use the short form of a name, or the full one; leave out the title of a person or his first name."""
    text = source.sentence
    for before, after in _SHORT:
        for match in re.finditer(rf"(?<![\w.-]){re.escape(before)}(?![\w’'$-])(?! (?:I|Court|of America|[A-Z]))", text):
            earlier = text[: match.start()]
            in_name = re.search(r"\b(?:Treaty on (?:the )?|Model |Functioning of the |[A-Z][a-z]+ of the )$", earlier)
            if match.end() < len(text) and not in_name and not (after.startswith("the ") and earlier.endswith("the ")):
                yield from rewritten(source, *match.span(), after, "short form")
    for match in re.finditer(rf"(?<!\w)(?:{_TITLES}) (?P<name>(?:{_FIRST}) [A-Z][a-zéü]+)(?![\w’'])", text):
        if not re.search(r"\b(?:the|a|of|former|U\.S\.) $|[A-Z][\w-]* $", text[: match.start()]):
            yield from rewritten(source, *match.span(), match["name"], "title left out")
    after_name = r"(?= (?:said|was|argued|had|wrote|has|told|warned|called|became|and|in|of)\b|,)"
    for match in re.finditer(rf"(?<![\w-])(?:{_FIRST}) (?:[A-Z]\. )?(?P<last>[A-Z][a-zéü]{{3,}}){after_name}", text):
        is_longer = re.search(r"(?:[A-Z][\w.]*|St\.) $", text[: match.start()])
        if text.count(match["last"]) == 1 and not is_longer and not is_place_like(match[0].split()):
            yield from rewritten(source, *match.span(), match["last"], "first name left out")
