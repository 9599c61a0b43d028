"""Claims that say what their sentence says: the sentence itself, and rewrites by rules that keep its meaning.

Each function takes a source and a generator of random numbers and yields rewrites. A verification that rejects one of
these keeps a true claim from the reader.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

from tests.benchmarks import adversarial_words as words
from tests.benchmarks.adversarial_changes import Change, Changer
from tests.benchmarks.adversarial_passages import Source

_MONTH = "|".join(words.MONTHS)
_AUX = "is|was|are|were|has|had|did|does|do|could|would|should"


def same(source: Source, rng: random.Random) -> Iterator[Change]:
    """Say the sentence as it is."""
    yield Change(source.sentence, "", "", "the sentence itself")


def share(source: Source, rng: random.Random) -> Iterator[Change]:
    """Write a share with the sign or in words."""
    for match in re.finditer(r"(?<=\d)(?: ?%(?!\w)| percent\b(?!age)| per cent\b)", source.sentence):
        forms = [one for one in ("%", " percent", " per cent") if one.strip() != match[0].strip()]
        yield from _rewritten(source, *match.span(), rng.choice(forms), "percent")


_MONEY = re.compile(
    r"(?<![\w$])(?P<sign>US\$|\$|€|£)(?P<figure>\d[\d,]*(?:\.\d+)?) ?(?P<scale>million|billion|trillion)?(?!\w)(?! ?USD)"
)
_CODES = {"US$": "USD", "$": "USD", "€": "EUR", "£": "GBP"}


def money(source: Source, rng: random.Random) -> Iterator[Change]:
    """Write an amount of money with the currency's sign or its code, and its scale short or as a figure."""
    for match in _MONEY.finditer(source.sentence):
        code, scale = _CODES[match["sign"]], match["scale"] or ""
        forms = [f"{code} {match['figure']} {scale}".strip(), f"{match['figure']} {scale} {code}".replace("  ", " ")]
        if scale in ("million", "billion"):
            forms += [
                f"{match['sign']}{match['figure']}{'bn' if scale == 'billion' else 'm'}",
                f"{match['figure']}{'bn' if scale == 'billion' else 'm'} {code}",
            ]
        if scale == "billion":
            forms.append(f"{match['sign']}{float(match['figure'].replace(',', '')) * 1000:,.0f} million")
        if code == "USD" and not re.search(r"\b(?:an?|the|of|its) $|\d to $", source.sentence[: match.start()]):
            forms += [f"{match['figure']} {scale} U.S. dollars".replace("  ", " ")]
        yield from _rewritten(source, *match.span(), rng.choice(forms), "money")


_DAY = re.compile(
    rf"(?<!\w)(?:(?P<month>{_MONTH}) (?P<day>\d{{1,2}})|(?P<day2>\d{{1,2}}) (?P<month2>{_MONTH}))(?:,? (?P<year>\d{{4}}))?(?P<comma>,)?(?!\w|[–-]\d)"
)


def date(source: Source, rng: random.Random) -> Iterator[Change]:
    """Write a date in another usual form."""
    for match in _DAY.finditer(source.sentence):
        day, month, year = match["day"] or match["day2"], match["month"] or match["month2"], match["year"]
        if year is None and re.match(r",? \d", source.sentence[match.end() :]):
            continue
        short = month if len(month) < 5 else f"{month[:3]}."
        forms = [f"{day} {month}", f"{month} {day}", f"{short} {day}", f"{day} {month[:3]}"]
        if year:
            number = words.MONTHS.index(month) + 1
            forms = [
                f"{day} {month} {year}",
                f"{month} {day}, {year}",
                f"{short} {day}, {year}",
                f"{year}-{number:02}-{int(day):02}",
            ]
        chosen = rng.choice([one for one in forms if one not in match[0]] or forms)
        yield from _rewritten(source, *match.span(), chosen + (match["comma"] or ""), "date")
    for match in re.finditer(
        rf"(?<!\w)(?:[Ii]n|of|since|until|by) (?P<month>{_MONTH}) (?P<year>\d{{4}})(?!\w)", source.sentence
    ):
        if len(match["month"]) > 4 and match["month"] != "March":
            yield from _rewritten(source, *match.span("month"), f"{match['month'][:3]}.", "month")


def contraction(source: Source, rng: random.Random) -> Iterator[Change]:
    """Write did not as didn't, or the other way round."""
    text = source.sentence
    for match in re.finditer(rf"(?<!\w)(?P<aux>{_AUX}) not(?= (?!only\b)\w)", text):
        yield from _rewritten(source, *match.span(), f"{match['aux']}n't", "contracted")
    for match in re.finditer(rf"(?<!\w)(?P<aux>{_AUX})n['’]t(?= )", text):
        yield from _rewritten(source, *match.span(), f"{match['aux']} not", "expanded")
    for before, after in (
        ("cannot", "can not"),
        ("cannot", "can't"),
        ("will not", "won't"),
        ("won't", "will not"),
        ("can't", "cannot"),
    ):
        for match in re.finditer(rf"(?<!\w){before}(?!\w)", text):
            yield from _rewritten(source, *match.span(), after, "contracted")


def number(source: Source, rng: random.Random) -> Iterator[Change]:
    """Write a number up to twenty in words or in digits."""
    text = source.sentence
    for match in re.finditer(rf"(?<![\w-])({'|'.join(words.NUMBERS[2:])})(?= [a-z]+s\b)", text, re.I):
        if (
            match.start() > 0
            and match[0].islower()
            and not re.match(
                r" (?:hundreds|thousands|is|was|others|ninths|thirds|fifths|quarters|ones)\b", text[match.end() :]
            )
        ):
            yield from _rewritten(source, *match.span(), str(words.NUMBERS.index(match[0])), "in digits")
    for match in re.finditer(
        r"(?<![\w.,$€£/–-])(\d{1,2})(?= (?:[a-z]+ )?[a-z]+s\b)(?! (?:percent|points|degrees|months ago))", text
    ):
        if 2 <= int(match[0]) <= 20 and not re.search(
            rf"(?:{_MONTH}|[A-Z]\w*|to|and|×|type|phase|grade) $", text[: match.start()]
        ):
            yield from _rewritten(source, *match.span(), words.NUMBERS[int(match[0])], "in words")


# Written out and short; each is the same to every reader of trade news.
_SHORT = (
    ("United States of America", "United States"), ("United States", "U.S."), ("U.S.", "United States"), ("US", "United States"),
    ("European Union", "EU"), ("EU", "European Union"), ("United Kingdom", "UK"), ("UK", "United Kingdom"),
    ("United Nations", "UN"), ("Donald Trump", "Trump"), ("Xi Jinping", "Xi"), ("U.S. Trade Representative", "USTR"),
    ("National Security Council", "NSC"), ("European Court of Justice", "ECJ"), ("People's Republic of China", "China"),
    ("Chief Executive Officer", "CEO"), ("World War II", "the Second World War"),
    ("World War I", "the First World War"), ("American Enterprise Institute", "AEI"),
)  # fmt: skip


def short_name(source: Source, rng: random.Random) -> Iterator[Change]:
    """Use the short form of a name, or the full one; leave out the title of a person or his first name."""
    text = source.sentence
    for before, after in _SHORT:
        for match in re.finditer(
            rf"(?<![\w.-]){re.escape(before)}(?![\w’'-])(?! (?:I|Court|Minister|of America|[A-Z]))", text
        ):
            if before.startswith("World War") and text[: match.start()].endswith("the "):
                continue
            if match.end() == len(text):
                continue
            yield from _rewritten(source, *match.span(), after, "short form")
    titles = "President|King|Queen|Emperor|Professor|Prime Minister|Trade lawyer|Independent analyst|General|Governor|Senator|Sir"
    for match in re.finditer(
        rf"(?<!\w)(?:{titles}) (?P<name>(?:{'|'.join(words.FIRST_NAMES)}) [A-Z][a-zéü]+)(?!\w)(?!’|')", text
    ):
        if not re.search(r"\b(?:the|a|of|former|U\.S\.) $|[A-Z][\w-]* $", text[: match.start()]):
            yield from _rewritten(source, *match.span(), match["name"], "title left out")
    for match in re.finditer(
        rf"(?<![\w-])(?:{'|'.join(words.FIRST_NAMES)}) (?:[A-Z]\. )?(?P<last>[A-Z][a-zéü]{{3,}})(?= (?:said|was|argued|had|wrote|has|told|warned|called|became|and|in|of)\b|,)",
        text,
    ):
        if text.count(match["last"]) == 1 and not re.search(r"(?:[A-Z][\w.]*|St\.) $", text[: match.start()]):
            yield from _rewritten(source, *match.span(), match["last"], "first name left out")


_TURNED = (
    "founded built designed written published introduced established approved rejected adopted invented discovered "
    "developed created destroyed captured defeated conquered occupied purchased acquired supported opposed produced "
    "caused led influenced followed replaced controlled governed ruled commissioned constructed appointed elected "
    "described proposed imposed announced suspended signed used employed attacked encouraged prohibited"
).split()
_PAST = {"written": "wrote"}
_NOUN_PHRASE = r"(?:(?:[Tt]he|[Aa]n?|[Ii]ts|[Tt]heir|[Hh]is|[Tt]his|[Ss]ome|[Mm]any|[Tt]wo|[Tt]hree) (?:[\w’'-]+ ){0,4}?[\w’'-]+|(?:[A-Z][\w.’'-]+ ){0,3}[A-Z][\w.’'-]+)(?: of (?:the )?(?:[\w’'-]+ ){0,2}?[\w’'-]+)?"
_WHEN = r"(?P<when>(?: (?:in|on|after|during|as|for|to|since|at|until|from|under|with) [^,;]{3,60})?)"
_NOT_NOUNS = re.compile(
    r"\b(?:and|or|which|who|that|was|were|is|are|has|had|have|not|also|later|latter|been|be|it|they|he|in|by|to|the \w+ing|what|when|can|may|will|would|could|also|for|on|from|with|at|as)\b|ing\b"
)


def voice(source: Source, rng: random.Random) -> Iterator[Change]:
    """Turn a short passive sentence active, or an active one passive."""
    text = source.sentence
    match = re.match(
        rf"(?P<what>{_NOUN_PHRASE}) (?P<be>was|were) (?P<verb>{_VERBS}) by (?P<who>{_NOUN_PHRASE}){_WHEN}\.$", text
    )
    if match and _turns(match["who"], match["what"], match["when"]):
        past = _PAST.get(match["verb"], match["verb"])
        yield Change(
            f"{_opened(match['who'])} {past} {_lowered(match['what'])}{match['when']}.", match["verb"], past, "active"
        )
    match = re.match(rf"(?P<who>{_NOUN_PHRASE}) (?P<verb>{_VERBS}) (?P<what>{_NOUN_PHRASE}){_WHEN}\.$", text)
    if (
        match
        and match["verb"] not in _PAST
        and _turns(match["who"], match["what"], match["when"])
        and not re.match(r"(?:its|their|his)\b", match["what"])
    ):
        head = re.split(r" of ", match["what"])[0].split()[-1]
        be = "were" if head.endswith("s") and not head.endswith(("ss", "us", "is")) else "was"
        yield Change(
            f"{_opened(match['what'])} {be} {match['verb']} by {_lowered(match['who'])}{match['when']}.",
            match["verb"],
            f"{be} {match['verb']} by",
            "passive",
        )


_VERBS = "|".join(_TURNED)


def _turns(who: str, what: str, when: str) -> bool:
    """Say whether doer and done-to are plain noun phrases that can change sides with the verb."""
    plain = not any(
        _NOT_NOUNS.search(part) or re.match(r"(?:It|They|He|She|This|That|There)$", part) for part in (who, what)
    )
    return plain and not re.search(r"\b(?:and|who|which|that|but|were|was|had|his|its|their)\b|\bby\b", when)


def order(source: Source, rng: random.Random) -> Iterator[Change]:
    """Let the opening clause or phrase come last, or the last one first."""
    text = source.sentence
    match = re.match(
        r"(?P<first>(?:After|Before|When|While|Although|Though|If|Because|Once|Until|During|In (?:1\d\d\d|20\d\d|the \w+ century|\w+ (?:1\d\d\d|20\d\d))|On \w+ \d{1,2}(?:, \d{4})?|Despite|Since|By (?:1\d\d\d|20\d\d))(?: [^,;:()\"“]{3,90})?), (?P<rest>[^,;:()\"“]{15,150})\.$",
        text,
    )
    if match and not re.search(
        r"\b(?:that|which|who|whom|where|and|or|but|because|when|if|then|what|after|before|while|until|although|to|as)\b|^(?:they|it|he|she|this|these)\b",
        match["rest"],
    ):
        comma = "," if match["first"].startswith(("Although", "Though", "While", "Despite")) else ""
        claim = f"{_opened(match['rest'])}{comma} {_lowered(match['first'])}."
        yield Change(claim, match["first"], match["first"], "the first last")
    match = re.match(
        r"(?P<rest>[A-Z][^,;:()\"“]{15,150}?)(?P<comma>,?) (?P<last>(?:after|before|when|although|because|while|until) (?:the|a|an|it|they|he|she|[A-Z]\w+|their|its) [^,;:()\"“]{6,100})\.$",
        text,
    )
    if (
        match
        and not re.search(
            r"\b(?:that|which|who|where|and|but|because|when|if|what|not|just|only|even|long|soon|shortly|year|years|months|day|days|till|to|immediately|well)\b",
            match["rest"],
        )
        and not re.search(r"\b(?:and|or|which|who)\b", match["last"])
    ):
        if match["comma"] and match["last"].startswith(("when", "while", "until", "after", "before")):
            return
        yield Change(
            f"{_opened(match['last'])}, {_lowered(match['rest'])}.", match["last"], match["last"], "the last first"
        )


def shortened(source: Source, rng: random.Random) -> Iterator[Change]:
    """Leave out a bracket, an apposition or a clause that only adds."""
    text = source.sentence
    for match in re.finditer(r" \((?!\d\)|[a-z]\)|[A-Z]{2,}\))[^()]{3,120}\)", text):
        yield from _rewritten(source, *match.span(), "", "bracket left out")
    for match in re.finditer(r"(?<=[a-z])\[(?:\d+|note \d+|citation needed)\]", text):
        yield from _rewritten(source, *match.span(), "", "reference left out")
    for match in re.finditer(
        r"(?<=[A-Z]\w\w)(?P<out>\w*), (?:a|an|the|president of|former) [^,;:()]{4,70}, (?=(?:was|is|had|has|said|told|argued|became|were|wrote|made|led|called|won|sounded)\b)",
        text,
    ):
        yield from _rewritten(source, match.end("out"), match.end(), " ", "apposition left out")
    for match in re.finditer(
        r"(?<=\w), (?:which|who) (?:is|was|are|were|had|has|have|began|included?s?|became|made|took|came) [^,;:()\"“]{4,90}(?P<end>, (?=(?:was|is|had|has|were|are|will|would|became)\b)|(?=\.$))",
        text,
    ):
        yield from _rewritten(source, *match.span(), " " if match["end"] else "", "clause left out")


def opener(source: Source, rng: random.Random) -> Iterator[Change]:
    """Leave out the word that only joins a sentence to the one before."""
    match = re.match(
        r"(?:However|Moreover|Furthermore|In addition|Additionally|Meanwhile|Nevertheless|Indeed|For example|For instance|Also|Similarly|Likewise|Finally|Still|In fact|Thus|Therefore|As a result|Consequently|Besides|Overall|By contrast|In contrast|On the other hand|Specifically|Notably|Interestingly|Importantly|Together), (?=\w)",
        source.sentence,
    )
    if match:
        rest = source.sentence[match.end() :]
        yield Change(_opened(rest), match[0], "", "opener left out")


_REPORTING = (
    (r"said that", ("stated that",)), (r"stated that", ("said that",)), (r"says that", ("states that",)),
    (r"states that", ("says that",)), (r"argued that", ("contended that",)), (r"argues that", ("contends that",)),
    (r"argue that", ("contend that",)), (r"noted that", ("observed that", "remarked that")),
    (r"claimed that", ("asserted that",)), (r"[Aa]ccording to (?P<who>[A-Z][\w. ]{3,40}|the [\w ]{3,30}), (?P<rest>[^\"“]{15,200})\.$", (r"\g<rest>, according to \g<who>.",)),
    (r"reported that", ("stated that",)), (r"announced that", ("declared that",)), (r"believe that", ("think that",)),
    (r"(?<=[a-z]) said(?= [A-Z\"“])", (" stated",)),
    (r"acknowledged that", ("admitted that",)), (r"(?<=[”\"]) said (?=[A-Z])", ("stated ",)), (r"(?<=[a-z] )told(?= reporters)", ("said to",)),
    (r"believed that", ("thought that",)), (r"suggests that", ("indicates that",)), (r"suggest that", ("indicate that",)),
    (r"showed that", ("demonstrated that",)), (r"show that", ("demonstrate that",)),
)  # fmt: skip


def reporting(source: Source, rng: random.Random) -> Iterator[Change]:
    """Use another verb of saying that commits its speaker to no more and no less."""
    for pattern, choices in _REPORTING:
        for match in re.finditer(rf"(?<!\w)(?:{pattern})" if pattern[0] not in "(" else pattern, source.sentence):
            if "according" in pattern.lower() and match.start() > 0:
                continue
            yield from _rewritten(
                source, *match.span(), words.like(match.expand(rng.choice(choices)), match[0]), "verb of saying"
            )


_SYNONYMS = (
    ("approximately", "about"), ("about (?=\\d)", "approximately "), ("roughly", "approximately"), ("nearly", "almost"), ("almost", "nearly"),
    ("began", "started"), ("started", "began"), ("purchased", "bought"), ("bought", "purchased"), ("located", "situated"),
    ("situated", "located"), ("obtain", "get"), ("obtained", "got"), ("assist", "help"), ("help", "assist"), ("whole", "entire"),
    ("entire", "whole"), ("large", "big"), ("numerous", "many"), ("many", "numerous"), ("however", "nevertheless"), ("also", "as well as that"),
    ("frequently", "often"), ("often", "frequently"), ("usually", "normally"), ("mainly", "chiefly"), ("primarily", "mainly"),
    ("because of", "owing to"), ("due to", "owing to"), ("in order to", "to"), ("although", "though"), ("Although", "Though"),
    ("while", "whereas"), ("prior to", "before"), ("during", "in the course of"), ("within", "inside"),
    ("permitted", "allowed"), ("prohibited", "forbidden"), ("required", "needed"), ("demonstrated", "showed"), ("resided", "lived"),
    ("attempted to", "tried to"), ("tried to", "attempted to"), ("received", "got"), ("ended", "finished"), ("significant", "considerable"),
    ("considerable", "substantial"), ("important", "significant"), ("rapidly", "quickly"), ("quickly", "rapidly"),
    ("currently", "at present"), ("remain in force", "are still in force"), ("remains in force", "is still in force"),
    ("constructed", "built"), ("built", "constructed"), ("established", "set up"), ("founded", "established"), ("various", "different"),
    ("therefore", "for that reason"), ("such as", "for example"), ("including", "among them"), ("a number of", "some"), ("the majority of", "most"),
    ("more than", "over"), ("over (?=\\d)", "more than "), ("firms", "companies"), ("companies", "firms"), ("delayed", "put off"),
    ("postponed", "put off"), ("halted", "stopped"), ("around (?=\\d)", "about "), ("comprises", "is made up of"), ("consists of", "is made up of"),
    ("consisted of", "was made up of"), ("died", "passed away"), ("children", "kids"), ("in addition to", "besides"), ("like", "such as"),
    ("essential", "vital"), ("vital", "essential"), ("limited relief", "little relief"),  ("main", "principal"),
    ("areas", "regions"), ("sometimes", "at times"), ("subsequently", "later"), ("eventually", "in the end"), ("initially", "at first"),
    ("especially", "particularly"), ("particularly", "especially"), ("usage", "use"), ("annually", "every year"), ("annual", "yearly"),
)  # fmt: skip
# True only in some sentences: never drawn.
_DOUBTFUL = frozenset(
    {
        "also",
        "like",
        "important",
        "within",
        "children",
        "including",
        "such as",
        "main",
        "while",
        "established",
        "during",
        "a number of",
        "required",
        "obtained",
        "received",
        "remain in force",
        "limited relief",
    }
) - {"remain in force"}


def synonym(source: Source, rng: random.Random) -> Iterator[Change]:
    """Put another word of the same meaning."""
    text = source.sentence
    for before, after in _SYNONYMS:
        if before in _DOUBTFUL:
            continue
        for match in re.finditer(
            rf"(?<![\w’'-]){before}(?![\w’'-])" if "(" not in before else rf"(?<![\w-]){before}", text
        ):
            if match[0] in ("more than", "almost", "nearly") and not re.match(
                r" (?:\d|half|all|every|one|two|a hundred)", text[match.end() :]
            ):
                continue
            if match[0] in ("significant", "considerable") and re.search(
                r"\b(?:a|not|statistically|more|most) $", text[: match.start()]
            ):
                continue
            if match[0] in ("ended", "help", "large", "started", "began", "built", "quickly") and re.match(
                r" (?:up|out|in|off|on|with|of|for|number|scale|to|ing|into)\b|-", text[match.end() :]
            ):
                continue
            if match[0] == "large" and not re.search(r"\b(?:a|the) $", text[: match.start()]):
                continue
            yield from _rewritten(source, *match.span(), after, f"{match[0].strip()} to {after.strip()}")


TRUE_KINDS: dict[str, Changer] = {
    "the sentence itself": same,
    "percent": share,
    "money": money,
    "date form": date,
    "contraction": contraction,
    "number in words": number,
    "short name": short_name,
    "active or passive": voice,
    "order of clauses": order,
    "part left out": shortened,
    "opener left out": opener,
    "verb of saying": reporting,
    "synonym": synonym,
}


def _rewritten(source: Source, start: int, end: int, after: str, how: str) -> Iterator[Change]:
    text = source.sentence
    claim = (
        re.sub(r"  +", " ", text[:start] + after + text[end:]).replace(" ,", ",").replace(" .", ".").replace("..", ".")
    )
    claim = (
        re.sub(
            r"\b([Aa])n? (?=%s)" % re.escape(after[:12]),
            lambda one: one[1] + ("n " if after[0] in "aeiou" else " "),
            claim,
        )
        if after[:1].isalpha()
        else claim
    )
    if claim != text:
        yield Change(claim, text[start:end], after, how)


def _opened(text: str) -> str:
    return text[:1].upper() + text[1:]


def _lowered(text: str) -> str:
    first = text.split(" ", 1)[0]
    return text[:1].lower() + text[1:] if first in _LOWERED or first[:1].islower() else text


_LOWERED = (
    "The A An This These Those It They He She Its Their His Her In On At By As After Before When While Although Though If "
    "Because Once Until During Despite Since Some Many Most All Both There Several Few Each Other Such We Our "
    "Two Three Four People Prices Trade Government No"
).split()
