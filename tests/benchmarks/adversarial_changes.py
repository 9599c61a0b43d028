"""Changes that make a true sentence false of its passage, one thing at a time: the kinds that may be tuned on.

Each function takes a source and a generator of random numbers and yields changes, the claim with what was there and
what stands there now. What stands there now never occurs anywhere in the cited passage, so that nothing else in it
can make the changed claim true; but for `role` and `mixed_up`, which put things of the passage in each other's place.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.benchmarks import adversarial_words as words
from tests.benchmarks.adversarial_names import Name, is_same_place, names, others
from tests.benchmarks.adversarial_passages import Source

AUXILIARIES = "is was are were has had can could will would may might should must did does do".split()
# Where these stand near, a negation may change nothing or the grammar breaks.
_UNSAFE_TO_NEGATE = re.compile(
    r"\b(?:not|n't|never|neither|nor|no|none|nothing|nobody|without|hardly|scarcely|unless|whether|only)\b|n't\b", re.I
)
_POLAR = re.compile(
    r"\b(?:any|ever|either|yet|at all|anymore|anything|anyone|until|nor|but|merely|only|necessarily|just|so much)\b",
    re.I,
)
_BOUND_BELOW = re.compile(
    r"\b(?:more than|over|at least|exceed\w*|above|greater than|minimum of|excess of|beyond)\s+(?:[$€£]|US\$)?$", re.I
)
_BOUND_ABOVE = re.compile(
    r"\b(?:less than|under|at most|up to|below|fewer than|maximum of|within)\s+(?:[$€£]|US\$)?$", re.I
)
_FIGURE = re.compile(r"(?<![\w.,/:–-])(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?(?![\w/:]|[-–]\d|-[A-Za-z]|\.\d|,\d)")
_YEAR = re.compile(
    r"(?<![\w.,$€£–/-])(1[1-9]\d\d|20[0-4]\d)(s?)(?![\w/]|[-–]\d|,\d|\.\d| (?:km|m|people|miles|percent|men|soldiers|feet|troops|seats|acres)\b|%)"
)
_EARLIER = re.compile(
    r"\b(?:before|until|till|by|prior to|through|up to|to)\s+(?:the\s+|early\s+|late\s+|mid-)*$", re.I
)
_LATER = re.compile(r"\b(?:after|since|from)\s+(?:the\s+|early\s+|late\s+|mid-)*$", re.I)
# Who can be the subject of the verb that follows: a name, a pronoun, or a noun for people.
_DOER = r"(?<![\w’'-])(?:[A-Z][a-z]{3,}|[Tt]hey|[Ii]t|[Hh]e|[Ss]he|\w+(?:ers|ors|ists|government|parliament|ministry|court))"
_MONTH = "|".join(words.MONTHS)


@dataclass(frozen=True, slots=True)
class Change:
    """A claim with one thing changed: `before` became `after`; `how` names the sort of change within its kind."""

    claim: str
    before: str
    after: str
    how: str


Changer = Callable[[Source, random.Random], Iterator[Change]]


def replaced(source: Source, start: int, end: int, after: str, how: str, *, is_new: bool = True) -> Iterator[Change]:
    """Yield the change of a stretch of the sentence, unless its new words occur in the passage."""
    before = source.sentence[start:end]
    if before == after or (is_new and words.has_word(source.span, after)):
        return
    claim = source.sentence[:start] + after + source.sentence[end:]
    claim = (
        re.sub(
            r"\b([Aa])n? (?=%s)" % re.escape(after),
            lambda one: one[1] + ("n " if after[0] in "aeiouAEIO" else " "),
            claim,
        )
        if after
        else claim
    )
    claim = re.sub(r"  +", " ", claim).replace(" ,", ",").replace(" .", ".").strip()
    yield Change(claim[:1].upper() + claim[1:], before, after, how)


def figure(source: Source, rng: random.Random) -> Iterator[Change]:
    """Change an amount, a count or a share, by a little or by a lot, in digits or in words."""
    text = source.sentence
    for match in _FIGURE.finditer(text):
        if _is_date_part(text, match) or _is_label(text, match):
            continue
        value = float(match[0].replace(",", ""))
        for other in _other_values(value, match, text, rng):
            after = _written(other, match)
            if not _occurs(after, source.span):
                yield from replaced(source, *match.span(), after, "digits")
                break
    for match in re.finditer(r"(?<![\w-])(%s)(?![\w-])" % "|".join(words.NUMBERS[2:13]), text, re.I):
        number = words.NUMBERS.index(match[0].lower())
        if re.match(r" (?:or|and|to|of the most)\b| (?:hundred|thousand)", text[match.end() :]) or re.search(
            r"\b(?:or|and|to|more than|at least|over|up to|least) $", text[: match.start()], re.I
        ):
            continue
        choices = [one for one in range(2, 13) if one != number and not _occurs(str(one), source.span)]
        if choices:
            yield from replaced(
                source, *match.span(), words.like(words.NUMBERS[rng.choice(choices)], match[0]), "words"
            )


def unit(source: Source, rng: random.Random) -> Iterator[Change]:
    """Change what a figure counts, and leave the figure."""
    text = source.sentence
    for pattern, choices in _UNITS:
        for match in re.finditer(rf"(?<=\d)(\s?|-)(?P<unit>{pattern})(?![\w])", text):
            after = rng.choice(choices)
            if not words.has_word(source.span, after):
                yield from replaced(source, *match.span("unit"), after, "unit", is_new=False)
    number = "|".join([*words.NUMBERS[1:], "hundred", "thousand", r"\d+"])
    for pattern, choices in _UNITS[_FIRST_OF_WORDS:]:
        for match in re.finditer(rf"(?<![\w])(?:{number})(?: |-)(?P<unit>{pattern})(?![\w])", text, re.I):
            if not text[match.start()].isdigit():
                choice = rng.choice(choices)
                if not words.has_word(source.span, choice):
                    yield from replaced(source, *match.span("unit"), choice, "unit of a number word")
    for match in re.finditer(r"[$€£](?=\d)", text):
        after = rng.choice([one for one in "$€£" if one != match[0]])
        if after not in source.span:
            yield Change(text[: match.start()] + after + text[match.end() :], match[0], after, "currency sign")


# Each with those it may be mistaken for. From "days" on also after numbers in words.
_UNITS = (
    (r"%", (" percentage points",)),
    (r"percent|per cent", ("percentage points", "dollars")),
    (r"million", ("billion", "thousand")),
    (r"billion", ("million", "trillion")),
    (r"trillion", ("billion", "million")),
    (r"thousand", ("million",)),
    (r"(?:km2|km²)", ("sq mi", "hectares")),
    (r"km|kilometers|kilometres", ("miles", "meters")),
    (r"miles|mi", ("kilometers", "feet")),
    (r"meters|metres|m", ("feet", "km")),
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


def date(source: Source, rng: random.Random) -> Iterator[Change]:
    """Change a day, a month, a year, a decade, a century or a weekday."""
    text = source.sentence
    for match in _YEAR.finditer(text):
        step = 10 * rng.randint(1, 4) if match[2] else rng.choice([1, 2, 3, 5, 10, 11, 20])
        sign = (
            -1
            if _EARLIER.search(text[: match.start()])
            else 1
            if _LATER.search(text[: match.start()])
            else rng.choice([-1, 1])
        )
        after = f"{int(match[1]) + sign * step}{match[2]}"
        if after[:4] not in source.span:
            yield from replaced(source, *match.span(), after, "decade" if match[2] else "year")
    for match in re.finditer(rf"(?<!\w)({_MONTH})(?!\w)", text):
        if match[0] in ("May", "March") and not re.search(r"\d", text[max(0, match.start() - 4) : match.end() + 6]):
            continue
        choices = [one for one in words.MONTHS if one[:3] not in source.span and one != "May"]
        if choices and not _BOUND.search(text[: match.start()]):
            yield from replaced(source, *match.span(), rng.choice(choices), "month")
    for match in re.finditer(
        rf"(?:(?:{_MONTH}|Nov\.|Dec\.|Oct\.|Sept\.|Aug\.|Jan\.|Feb\.) (?P<after>\d{{1,2}}))(?!\d|,\d)|(?<!\d)(?P<before>\d{{1,2}}) (?:{_MONTH})(?!\w)",
        text,
    ):
        group = "after" if match["after"] else "before"
        choices = [one for one in range(1, 29) if not _occurs(str(one), source.span)]
        if choices and not _BOUND.search(text[: match.start()]):
            yield from replaced(source, *match.span(group), str(rng.choice(choices)), "day")
    for match in re.finditer(rf"(?<!\w)({'|'.join(words.WEEKDAYS)})(?=s?\b)", text):
        choices = [one for one in words.WEEKDAYS if one not in source.span]
        if choices:
            yield from replaced(source, *match.span(), rng.choice(choices), "weekday")
    for match in re.finditer(r"(?<![\w–-])(\d{1,2})(?:st|nd|rd|th)(?=[ -](?:century|centuries))", text):
        choices = [one for one in range(9, 21) if one != int(match[1]) and f"{one}th" not in source.span]
        if choices:
            yield from replaced(source, *match.span(), f"{rng.choice(choices)}th", "century")


_BOUND = re.compile(
    r"\b(?:before|until|till|by|prior to|after|since|from|through)\s+(?:early |late |mid-|the )*$", re.I
)


def name(source: Source, rng: random.Random) -> Iterator[Change]:
    """Put another name of the same kind in place of one: from the same article, never from the passage."""
    for found in names(source.sentence):
        if _SPEAKS.match(source.sentence[found.end :]) or _ACCORDING.search(source.sentence[: found.start]):
            continue
        choices = others(found, source)
        if choices:
            yield from replaced(source, found.start, found.end, rng.choice(choices), found.kind)


_SPEAKS = re.compile(r"(?:,[^,]{3,60},)? (?:has |have |had |also )?(?:%s)\b" % "|".join(words.SAYING))
_ACCORDING = re.compile(r"\b(?:according to|said|says) (?:the )?$", re.I)


def role(source: Source, rng: random.Random) -> Iterator[Change]:
    """Let two names of one kind change places, where who did it to whom is what the sentence says."""
    text = source.sentence
    found = [one for one in names(text) if text.count(one.text) == 1]
    for left, right in zip(found, found[1:], strict=False):
        between = text[left.end : right.start]
        if left.kind != right.kind or not _is_asymmetric(text, left, between) or left.takes_the != right.takes_the:
            continue
        yield from _exchanged(
            source, (left.start, left.end), (right.start, right.end), f"{left.kind} names change places"
        )
    figures = [one for one in re.finditer(_AMOUNT, text) if not _is_label(text, one)]
    years = list(_YEAR.finditer(text))
    for group, how in ((figures, "figures change places"), (years, "years change places")):
        for one, other in zip(group, group[1:], strict=False):
            between = text[one.end() : other.start()]
            if (
                one[0] == other[0]
                or (re.fullmatch(r"\W*(?:and|or|to|,|–|-)?\W*", between)
                and "from " not in text[max(0, one.start() - 8) : one.start()])
            ):
                continue
            if _is_range(text, between):
                continue
            if _unit_of(one[0]) == _unit_of(other[0]) and not re.search(
                r"\b(?:between|respectively|or)\b|[(\[]", between
            ):
                yield from _exchanged(source, one.span(), other.span(), how)


_AMOUNT = r"(?<![\w.,/:–-])(?:US\$|[$€£])?\d[\d,]*(?:\.\d+)?(?:%| percent| per cent| million| billion)"


def _unit_of(figure: str) -> str:
    return re.sub(r"[\d.,]+", "0", figure)


def _is_range(text: str, between: str) -> bool:
    is_joined = len(between) < 25 and re.search(r"\b(?:to|and|through|until|or)\b", between)
    return bool(is_joined) and not re.search(
        r"\b(?:rose|fell|increased|decreased|dropped|reduced|cut|grew|declined|raised)\b", text
    )


def _exchanged(source: Source, left: tuple[int, int], right: tuple[int, int], how: str) -> Iterator[Change]:
    text = source.sentence
    before = (text[slice(*left)], text[slice(*right)])
    claim = text[: left[0]] + before[1] + text[left[1] : right[0]] + before[0] + text[right[1] :]
    if claim not in source.span:
        yield Change(claim, " … ".join(before), " … ".join(reversed(before)), how)


def mixed_up(source: Source, rng: random.Random) -> Iterator[Change]:
    """Put a figure, a year or a name from another sentence of the passage in place of one of the same sort."""
    text = source.sentence
    rest = source.span.replace(text, " ")
    if not rest.strip():
        return
    for pattern, how in ((_AMOUNT, "figure from beside"), (_YEAR, "year from beside")):
        theirs = sorted({one[0] for one in re.finditer(pattern, rest)} - set(re.findall(r"[\w.,%$]+", text)))
        for match in re.finditer(pattern, text):
            unit = match[0].lstrip("$€£US").lstrip("0123456789.,")
            choices = [
                one
                for one in theirs
                if one not in text
                and one.lstrip("$€£US").lstrip("0123456789.,") == unit
                and one[0].isdigit() == match[0][0].isdigit()
            ]
            if choices and match[0] not in rest and not _BOUND.search(text[: match.start()]):
                yield from replaced(source, *match.span(), rng.choice(choices), how, is_new=False)
    beside = names(rest)
    for found in names(text):
        choices = sorted(
            {
                one.text
                for one in beside
                if one.kind == found.kind and one.takes_the == found.takes_the and one.text not in text
            }
        )
        choices = [one for one in choices if not is_same_place(one, found.text)]
        if choices and found.text not in rest and found.kind != "nationality":
            yield from replaced(
                source, found.start, found.end, rng.choice(choices), f"{found.kind} from beside", is_new=False
            )


def _is_asymmetric(text: str, left: Name, between: str) -> bool:
    if len(between) > 80 or re.match(r"\s*(?:,|and|or|&|/|–|-)", between) or re.search(r"[;(]", between):
        return False
    moves = re.search(r"\bfrom (?:the )?$", text[: left.start]) and re.fullmatch(r" (?:to|into) (?:the )?", between)
    does = re.search(r"\b(?:%s)\b" % "|".join(words.ASYMMETRIC), between) or re.search(r" than ", between)
    return bool(moves or does) and not re.search(r"\b(?:and|or|between|both)\b", between)


def negation(source: Source, rng: random.Random) -> Iterator[Change]:
    """Say that it is not so, or that it is: with not, n't, never, no longer, no, without, failed to."""
    yield from _denied(source, rng)
    yield from _asserted(source)


def _denied(source: Source, rng: random.Random) -> Iterator[Change]:
    text = source.sentence
    for match in re.finditer(rf"(?<![\w’'-])({'|'.join(AUXILIARIES)})(?= )", text):
        window = text[max(0, match.start() - 25) : match.end() + 40]
        if _UNSAFE_TO_NEGATE.search(window) or not _is_finite(text, match):
            continue
        auxiliary = match[0]
        sort = rng.choice(["not", "not", "n't", "never"] if auxiliary not in ("may", "do") else ["not"])
        if sort == "n't" and auxiliary in _CONTRACTED:
            yield from replaced(source, *match.span(), _CONTRACTED[auxiliary], "n't added", is_new=False)
        elif sort == "never" and auxiliary in ("was", "were", "has", "had", "could", "would", "will"):
            yield from replaced(source, *match.span(), f"{auxiliary} never", "never added", is_new=False)
        else:
            after = "cannot" if auxiliary == "can" else f"{auxiliary} not"
            yield from replaced(source, *match.span(), after, "not added", is_new=False)
        break
    for match in re.finditer(rf"{_DOER} (?P<verb>[a-z]+)(?= )", text):
        lemma = _past_lemma(match["verb"])
        if lemma == "have" and not re.match(r" (?:a|an|the|its|their|his)\b", text[match.end() :]):
            continue
        if not lemma or _UNSAFE_TO_NEGATE.search(text[max(0, match.start() - 25) : match.end() + 40]):
            continue
        after, how = rng.choice(
            [
                (f"did not {lemma}", "did not"),
                (f"didn't {lemma}", "didn't"),
                (f"failed to {lemma}", "failed to"),
                (f"never {match['verb']}", "never"),
            ]
        )
        yield from replaced(source, *match.span("verb"), after, how, is_new=False)
        break
    for match in re.finditer(r"(?<= )with(?= (?:the|a|an|its|their|his) \w+ (?:of|from|in|and|to)\b)", text):
        if not words.has_word(source.span, "without") and re.search(
            r"\b(?:work|done|built|came|left|act|marched|opened|sold|made|used|provided) $", text[: match.start()]
        ):
            yield from replaced(source, *match.span(), "without", "without")


_CONTRACTED = {
    "is": "isn't", "was": "wasn't", "are": "aren't", "were": "weren't", "has": "hasn't", "had": "hadn't",
    "can": "can't", "could": "couldn't", "will": "won't", "would": "wouldn't", "should": "shouldn't",
    "must": "mustn't", "did": "didn't", "does": "doesn't",
}  # fmt: skip


def _is_finite(text: str, match: re.Match[str]) -> bool:
    following = text[match.end() :].lstrip()
    word = re.match(r"[\w’'-]+", following)
    before = re.search(r"(\w+)\W*$", text[: match.start()])
    if (
        not word
        or not before
        or before[1].lower() in ("a", "the", "than", "as", "if", "there", "to", "what", "that's", "of")
    ):
        return False
    if re.match(r"(?:to|so|in which|as|more|that|because)\b", following):
        return False
    if match[0] in ("has", "had"):
        return bool(
            re.match(
                r"(?:been|\w+ed|become|made|taken|given|led|had|shown|held|found|come|begun|grown|seen|set|won|lost|gone)\b",
                following,
            )
        )
    if match[0] in ("do", "does", "did"):
        return "VB" in [tag for lemma in words.lemmas(word[0], "VERB") for tag in words.tags_of(word[0], lemma)]
    return True


def _past_lemma(word: str) -> str:
    for lemma in words.lemmas(word, "VERB"):
        if lemma in words.DOING and word in words.forms(lemma, "VBD") and word != lemma:
            return lemma
    return ""


def _asserted(source: Source) -> Iterator[Change]:
    text = source.sentence
    for match in re.finditer(r"(?<=\w) not(?= \w)", text):
        before = text[: match.start()].split()[-1].lower()
        after = text[match.end() :]
        if (
            before not in AUXILIARIES + ["be", "been"]
            or _POLAR.search(after)
            or re.match(r" (?:only|just|until|to|so|all|every)\b", after)
        ):
            continue
        if re.search(r"\b(?:whether|if|why)\b", text[: match.start()]):
            continue
        verb = re.match(r" (\w+)", after)
        if before == "did" and verb and verb[1] in words.forms(verb[1], "VB") and words.inflected(verb[1], "VBD"):
            start = match.start() - 3
            yield from replaced(
                source, start, match.end() + verb.end(), words.inflected(verb[1], "VBD"), "did not removed"
            )
        elif before == "does" and verb and words.inflected(verb[1], "VBZ"):
            yield from replaced(
                source, match.start() - 4, match.end() + verb.end(), words.inflected(verb[1], "VBZ"), "does not removed"
            )
        elif before == "do":
            yield from replaced(source, match.start() - 2, match.end() + 1, "", "do not removed", is_new=False)
        elif before != "did":
            yield from replaced(source, *match.span(), "", "not removed", is_new=False)
    for match in re.finditer(r"\b(is|was|are|were|has|had|could|would|should|does|did)n['’]t (?=\w)", text):
        if match[1] not in ("did", "does") and not _POLAR.search(text[match.end() :]):
            yield from replaced(source, *match.span(), f"{match[1]} ", "n't removed", is_new=False)
    for pattern, after, how in _DROPPED_NEGATIONS:
        for match in re.finditer(pattern, text):
            if _POLAR.search(text[match.end() :]):
                continue
            yield from replaced(source, *match.span(), match.expand(after), how, is_new=False)
    for match in re.finditer(r"\b(?:failed|refused|declined|unable) to (\w+)(?= )", text):
        past = words.inflected(match[1], "VBD")
        if past and match[0][:6] != "unable" and match[1] != "be" and not _POLAR.search(text[match.end() :]):
            yield from replaced(source, *match.span(), past, "failed to removed")


_DROPPED_NEGATIONS = (
    (r"\bcannot\b", "can", "cannot"),
    (r"\b(?P<verb>was|were|has|had|have|could|would|will|is|are) never(?= \w)", r"\g<verb>", "never removed"),
    (r"(?<=is|as|re|ve|ad) no longer(?= \w)", " still", "no longer removed"),
    (r"\bwithout (?=(?:the|a|an|its|their|his|much|significant|formal)\b)", "with ", "without removed"),
    (r"\b(?P<verb>has|have|had|is|was|are|were|with) no (?=(?!one|longer|more|doubt|other|less|fewer|choice|matter|different|better)[a-z]+s\b)", r"\g<verb> ", "no removed"),
    (r"\b(?P<verb>has|have|had|is|was|with|made|gave) no (?=(?!one|longer|more|doubt|other|less|fewer|choice|matter|different|better|need|evidence)[a-z]+[^s\W]\b)", r"\g<verb> a ", "no removed"),
    (r"\bneither (?P<x>[^,.;]{2,40}) nor\b", r"both \g<x> and", "neither removed"),
)  # fmt: skip


def direction(source: Source, rng: random.Random) -> Iterator[Change]:
    """Turn a word into its opposite: rise and fall, before and after, imposed and lifted."""
    text = source.sentence
    for match in re.finditer(r"(?<![\w’'-])[A-Za-z]+(?:-term)?(?![\w’'-])", text):
        word = match[0].lower()
        if _is_idiom(text, match):
            continue
        for after, lemma in _opposites(word, text[: match.start()]):
            if not _has_form(source.span, lemma):
                yield from replaced(source, *match.span(), words.like(after, match[0]), f"{word} to {after}")


def _opposites(word: str, before: str) -> Iterator[tuple[str, str]]:
    for pair in words.OPPOSITE_WORDS:
        if word in pair:
            other = pair[1 - pair.index(word)]
            yield other, other
            return
    for pair in words.OPPOSITE_VERBS:
        for lemma, other in (pair, pair[::-1]):
            if lemma not in words.lemmas(word, "VERB"):
                continue
            tags = words.tags_of(word, lemma)
            if re.search(r"\b(?:was|were|is|are|been|be|has|had|have|being|by)(?: \w+ly)? $", before) and "VBN" in tags:
                tags = ["VBN"]
            elif "VBD" in tags:
                tags = ["VBD"]
            elif re.search(r"\b(?:the|a|an|of|in|its|their|this) $", before) or (
                tags[:1] in (["VB"], ["VBZ"])
                and not re.search(
                    r"\b(?:to|will|would|may|might|could|can|should|must|they|it|not|which|that) $", before
                )
            ):
                continue
            if tags and words.inflected(other, tags[0]):
                yield words.inflected(other, tags[0]), other
                return


def _has_form(text: str, lemma: str) -> bool:
    return words.has_word(text, lemma) or any(
        words.has_word(text, words.inflected(lemma, tag))
        for tag in ("VBD", "VBN", "VBG", "VBZ")
        if words.inflected(lemma, tag)
    )


_IDIOMS = re.compile(
    r"rare earths?|rose to|no (?:longer|shorter)|allowed for|more or less|once more|no more|any more|more than one|more and more|less and less|after all|before (?:a|the) (?:court|judge|commission|committee|tribunal|house|royal|parliament)"
    r"|rise to|gave rise|at first|first (?:to|time|name|lady|minister)|first-|first and|at least|at most|at last|last (?:year|week|month|name|century)|north(?:east|west)?-|(?:north|south)(?:ern)? (?:america|africa|korea|carolina|dakota|sea|pole|wales|shore|side|\w+ university|california)"
    r"|make no|public (?:school|house|holiday|order|health|domain|domains|transport|relations|opinion|law)s?|the former|common (?:law|market|sense|ground|names?|ancestor|era)|open(?:ed)? to|looked? after|named after|the latter|most of|most (?:notabl|common|like|import|recent|famous|notably|popular|significan|well|often|of)\w*|less than|more important|more so|before (?:him|her|it|them)|sought after"
    r"|first (?:world|half|and|two|three|of|opened|class|place|century)|better known|best known|best-known|one more|north and|north,|legal (?:system|basis|order|system|studies|profession|department|personality|person)s?|house of|add(?:ed|s|ing)? that|day after|soon after|shortly after|public \w+ school|first \w+ minister|positive (?:integer|feedback|number)s?|direct(?:ed)? (?:by|to|at)",
    re.I,
)


def _is_idiom(text: str, match: re.Match[str]) -> bool:
    is_name = match[0][0].isupper() and match.start() > 0
    if match[0].lower() in ("most", "least") and not text[: match.start()].endswith("the "):
        return True
    return is_name or any(one.start() <= match.start() < one.end() for one in _IDIOMS.finditer(text))


def attribution(source: Source, rng: random.Random) -> Iterator[Change]:
    """Let somebody else have said it, or nobody: a view as a fact."""
    text = source.sentence
    for found in names(text):
        if found.kind not in ("person", "organisation", "country", "city"):
            continue
        if _SPEAKS.match(text[found.end :]) or _ACCORDING.search(text[: found.start]):
            choices = [one for one in others(found, source) if found.kind in ("person", "organisation")]
            if found.kind == "person":
                choices += [one for one in words.SPEAKERS if one.split()[-1] not in source.span]
            elif found.kind == "organisation" and found.takes_the:
                choices += [one.removeprefix("the ") for one in words.BODIES if one not in source.span]
            else:
                choices += others(found, source)
            if choices:
                yield from replaced(source, found.start, found.end, rng.choice(choices), f"another {found.kind}")
    for match in re.finditer(rf"(?P<who>{_UNKNOWN})(?=,? {_SAYS})", text):
        first = match["who"].split()[0]
        if (
            names(match["who"])
            or first in _NOBODY
            or first.endswith("’s")
            or re.search(
                r"[A-Z][\w’'-]*,? (?:of |and )?$|\b(?:of|and|in|the|de|von|van|al|el|ibn|le|la|du) $",
                text[: match.start()],
            )
        ):
            continue
        choices = [one for one in words.SPEAKERS if one.split()[-1] not in source.span]
        yield from replaced(source, *match.span("who"), rng.choice(choices), "another person")
    for match in re.finditer(
        rf"(?<![\w-])(?P<lead>(?:[Ss]ome|[Mm]any|[Mm]ost|[Tt]he|that|as|other|[Oo]ther|several|^) ?)(?P<who>[A-Za-z]+)(?= {_SAYS})",
        text,
    ):
        other = words.GROUPS.get(match["who"].lower())
        if other and not words.has_word(source.span, other):
            yield from replaced(source, *match.span("who"), words.like(other, match["who"]), "another group")
    match = re.match(r"According to (?P<who>(?:the |a |an |some |many )?[^,.;()]{3,50})(?=,)", text)
    if (
        match
        and not names(match["who"])
        and not re.search(r"\b(?:models?|theory|law|definition|rules?|plan|treaty)\b", match["who"])
    ):
        yield from replaced(
            source,
            *match.span("who"),
            rng.choice([one for one in words.BODIES if one not in source.span]),
            "another source",
        )
    match = re.match(
        r"(?:[A-Z][\w.’'-]*|the|of|The|critics|scholars|and|some|Some|Many|many)(?: (?:[A-Z][\w.’'-]*|of|the|and|for|critics|scholars|historians|people|economists|experts|authors))* (?:has |have |had |also )?(?:argue[sd]?|claim(?:s|ed)?|believe[sd]?|contend(?:s|ed)?|allege[sd]?|assert(?:s|ed)?|maintain(?:s|ed)?) that (?P<rest>[^\"“”]+)$",
        text,
    )
    if match and not re.match(r"(?:it|they|he|she|this|these|such|their|his|its)\b", match["rest"]):
        rest = match["rest"][:1].upper() + match["rest"][1:]
        yield Change(rest, text[: match.start("rest")].strip(), "", "a view as a fact")


_SAYS = (
    r"(?:has |have |had |also |often |generally |widely |later |even )?(?:said|says|say|argued?|argues|claim(?:s|ed)?|stat(?:es|ed)|noted|notes|warn(?:s|ed)?|"
    r"wrote|writes|suggest(?:s|ed)?|concluded?|concludes|believe[sd]?|estimate[sd]?|acknowledged|insisted|insists|maintain(?:s|ed)?|declared|contend(?:s|ed)?|"
    r"asserts?|asserted|observed|pointed out|points out|agree|remarked|commented|worry|announced|explained|explains|proposed|propose)\b"
)
_UNKNOWN = r"(?<![\w’'.-])[A-Z][a-zé]+(?: (?:[A-Z]\. )?[A-Z][a-zé]+){0,2}"
_NOBODY = frozenset(
    "He She It They We I You This That These Those Some Many Most Others Critics Scholars Historians Scientists Researchers "
    "Experts The A An In On At Who Which There As Both All Several Few One Two People Reports Report Studies Evidence Results "
    "Economists Officials Skeptics Supporters Opponents Analysts Authors Another Conclusions Data Public Article Section Act "
    "Parliament Court Congress Commission Islam Law Research Study Analysis Legend Archaeological Recent Current".split()
)


def modality(source: Source, rng: random.Random) -> Iterator[Change]:
    """Turn what may be into what is or will be, a plan into a deed, a proposal into a decision, and back."""
    text = source.sentence
    for pattern, afters, how in _MODALS:
        for match in re.finditer(pattern, text):
            if re.search(r"\b(?:not|if|whether|unless)\b", text[max(0, match.start() - 20) : match.end() + 8]):
                continue
            after = rng.choice(afters)
            verb = match.groupdict().get("verb")
            if verb and "{" in after:
                tag = after[after.index("{") + 1 : after.index("}")]
                lemma = verb if verb == "be" or tag == "VB" else next(iter(words.lemmas(verb, "VERB")), "")
                if not lemma or verb == "be" or not words.inflected(lemma, tag):
                    continue
                after = after.replace("{%s}" % tag, words.inflected(lemma, tag))
            after = match.expand(after)
            yield from replaced(
                source,
                *match.span(),
                words.like(after, match[0]) if after else after,
                how,
                is_new=len(after.split()) == 1 and bool(after),
            )
    for match in re.finditer(rf"{_DOER} (?P<verb>[a-z]+)(?= (?:the|a|an|to|its|their|his)\b)", text):
        lemma = _past_lemma(match["verb"])
        if lemma and lemma not in (
            "begin",
            "become",
            "have",
            "continue",
            "need",
            "want",
            "try",
            "know",
            "mean",
            "threaten",
            "suffer",
            "die",
            "fail",
            "believe",
            "exist",
            "remain",
        ):
            after = rng.choice(
                [f"planned to {lemma}", f"may have {words.inflected(lemma, 'VBN')}", f"proposed to {lemma}"]
            )
            yield from replaced(source, *match.span("verb"), after, "a deed as a plan")


_MODALS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    (r"(?<=\w )(?:may|might|could)(?= (?:[a-z]+ly )?(?!have|not|also be seen|only)[a-z]+\b)", ("will", "must"), "may to will"),
    (r"(?<=\w )will(?= (?:[a-z]+ly )?(?!have|not)[a-z]+\b)", ("may", "might", "could"), "will to may"),
    (r"\b(?:may|might|could) have been\b", ("was",), "may have been to was") ,
    (r"\b(?:may|might|could) have (?!been)(?P<verb>[a-z]+(?:ed|en|wn|de))\b", (r"certainly \g<verb>",), "may have to certainly"),
    (r"\b(?:planned|intended|sought|hoped|proposed|attempted|tried|wanted|promised|threatened) to (?P<verb>[a-z]+)\b", ("{VBD}",), "a plan as a deed"),
    (r"\b(?:plans|intends|hopes|proposes|wants|seeks) to (?P<verb>[a-z]+)\b", ("{VBD}",), "a plan as a deed"),
    (r"\b(?:is|are) (?:expected|planned|likely|thought|believed|said|supposed|projected|estimated|predicted) to (?=[a-z]+\b)", ("will certainly ",), "expected to certainly"),
    (r"\b(?P<be>is|are) (?:considered|regarded|thought|believed)(?: to be)? (?=one|the|a|an)\b", (r"\g<be> without doubt ",), "considered to certain"),
    (r"\bproposed(?= (?:[a-z]+ )?(?:rule|expansion|law|tariff|treaty|legislation|bill|plan|reform|constitution|amendment|changes|directive|increase)s?\b)", ("adopted", "final"), "proposed to final"),
    (r"\b[Pp]lanned(?= (?:[a-z]+ )?[a-z]+s\b)", ("Completed",), "planned to completed"),
    (r"(?<= a )possible\b", ("certain",), "possible to certain"),
    (r"(?<=[a-z]) (?:probably|possibly|perhaps|reportedly|allegedly|apparently|presumably|likely)(?= [a-z]+)", ("",), "a hedge dropped"),
    (r"\b(?:suggest|suggests|suggested|indicate|indicates|indicated)(?= that\b)", ("prove beyond doubt",), "suggests to proves"),
    (r"\b(?P<be>appear|seem)s to be\b", ("is",), "seems to is"),
    (r"\bshould(?= (?!have|not)[a-z]+\b)", ("may",), "should to may"),
    (r"\bmust(?= (?!have|not)[a-z]+\b)", ("may", "need not"), "must to may"),
    (r"\bwould(?= (?!have|not|be)[a-z]+\b)", ("might",), "would to might"),
)  # fmt: skip


# The kinds that a development split shows, in the order of the table.
OPEN_KINDS: dict[str, Changer] = {
    "figure": figure,
    "unit": unit,
    "date": date,
    "name": name,
    "role swap": role,
    "mixed up": mixed_up,
    "negation": negation,
    "direction": direction,
    "attribution": attribution,
    "modality": modality,
}


def _is_date_part(text: str, match: re.Match[str]) -> bool:
    before, after = text[max(0, match.start() - 12) : match.start()], text[match.end() :]
    is_year = bool(re.fullmatch(r"1\d\d\d|20[0-4]\d", match[0])) and not before.endswith(("$", "£", "€"))
    return (
        is_year
        or re.search(rf"(?:{_MONTH}|Jan\.|Feb\.|Aug\.|Sept\.|Oct\.|Nov\.|Dec\.) $", before) is not None
        or re.match(rf" (?:{_MONTH}|BC|AD|BCE|CE|AM|PM|a\.m|p\.m)\b", after) is not None
    )


def _is_label(text: str, match: re.Match[str]) -> bool:
    before, after = text[: match.start()], text[match.end() :]
    return (
        re.search(
            r"(?:\[|\b(?:[A-Z][a-z]*|No\.|Article|article|Section|section|Act|type|types|Figure|Type|mach|number|grade|phase|level|volume|chapter|ref\.) )$",
            before,
        )
        is not None
        or re.match(r"\]|th|st|nd|rd|'|(?: -|-)", after) is not None
        or re.search(r"[A-Za-z()+±*×^]$|[+±*×^−-] $|\d $", before) is not None
    )


def _other_values(value: float, match: re.Match[str], text: str, rng: random.Random) -> list[float]:
    before = text[: match.start()]
    near = re.search(
        r"\b(?:about|around|some|nearly|almost|approximately|roughly|estimated|circa|c\.|~) ?(?:[$€£]|US\$)?$",
        before,
        re.I,
    )
    if _BOUND_BELOW.search(before):
        factors = [2, 3, 10]
    elif _BOUND_ABOVE.search(before):
        factors = [0.5, 0.2]
    elif near:
        factors = [0.5, 2, 3, 10]
    else:
        factors = [0.5, 0.8, 1.1, 1.25, 2, 10]
    rng.shuffle(factors)
    places = len(match[2]) - 1 if match[2] else 0
    grid = 1 if places or value < 20 else 10 ** (len(re.search(r"0*$", match[1].replace(",", ""))[0]))  # type: ignore[index]
    made = [
        round(value * factor, places) if places else float(max(1, round(value * factor / grid)) * grid)
        for factor in factors
    ]
    if not near and not _BOUND_BELOW.search(before) and not _BOUND_ABOVE.search(before):
        digits = [value + 10**-places * grid, value - 10**-places * grid]
        made = [*made[:1], *digits, *made[1:]] if rng.random() < 0.5 else [*digits, *made]
    is_share = re.match(r" ?(?:%|percent|per cent)", text[match.end() :])
    return [one for one in made if one > 0 and one != value and not (is_share and one > 100 and value <= 100)]


def _written(value: float, match: re.Match[str]) -> str:
    if match[2]:
        return f"{value:.{len(match[2]) - 1}f}"
    whole = int(value)
    return f"{whole:,}" if "," in match[1] or (whole >= 10_000) else str(whole)


def _occurs(figure: str, span: str) -> bool:
    """Say whether a passage holds a figure, in digits with or without commas, or in words."""
    plain = figure.replace(",", "")
    digits = re.sub(r"(?<=\d),(?=\d{3})", "", span)
    if re.search(rf"(?<![\d.]){re.escape(plain)}(?:\.0+)?(?!\d|\.\d)", digits):
        return True
    return plain.isdigit() and int(plain) <= 20 and words.has_word(span, words.NUMBERS[int(plain)])
