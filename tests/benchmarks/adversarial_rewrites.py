"""Other sentences that say the same: active and passive, another order, a part left out, other words.

Every rule is narrow on purpose: what it rewrites has to be true of the sentence whatever the sentence is about.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

from tests.benchmarks import adversarial_words as words
from tests.benchmarks.adversarial_changes import Change, lowered, opened
from tests.benchmarks.adversarial_forms import rewritten
from tests.benchmarks.adversarial_passages import Source


def same(source: Source, rng: random.Random) -> Iterator[Change]:
    """Say the sentence as it is."""
    yield Change(source.sentence, "", "", "the sentence itself")


_DETERMINED = (
    r"(?:[Tt]he|[Aa]n?|[Ii]ts|[Tt]heir|[Hh]is|[Tt]his|[Ss]ome|[Mm]any|[Tt]wo|[Tt]hree) (?:[\w’'-]+ ){0,4}?[\w’'-]+"
)
_NOUN_PHRASE = (
    rf"(?:{_DETERMINED}|(?:[A-Z][\w.’'-]+ ){{0,3}}[A-Z][\w.’'-]+)(?: of (?:the )?(?:[\w’'-]+ ){{0,2}}?[\w’'-]+)?"
)
_LEAD = r"(?P<lead>(?:In|On|During|After|By) [^,]{3,40}, )?"
_WHEN = r"(?P<when>(?: (?:in|on|after|during|since|at|until|from) [^,;]{3,60})?)"
_NOT_NOUN = re.compile(
    r"\b(?:and|or|which|who|that|was|were|is|are|has|had|have|not|also|later|latter|been|be|it|they|he|in|by|to|what"
    r"|when|can|may|will|would|could|for|on|from|with|at|as)\b|ing\b"
)
_TURNED = frozenset(
    "signed passed ordered funded owned operated hosted organised organized sponsored defended opened closed named "
    "recognised recognized accepted recorded issued criticised criticized carried settled sold brought held launched "
    "won translated expanded financed granted destroyed invaded promoted reduced limited published measured proved "
    "presented analysed studied examined obtained calculated considered investigated performed reported founded built "
    "designed introduced established approved rejected adopted invented discovered developed created captured defeated "
    "conquered occupied purchased acquired supported opposed produced caused influenced replaced controlled governed "
    "ruled commissioned constructed appointed elected described proposed imposed announced suspended used employed "
    "attacked encouraged prohibited".split()
)


def voice(source: Source, rng: random.Random) -> Iterator[Change]:
    """Turn a short passive sentence active, or an active one passive."""
    text = source.sentence
    subject = rf"(?P<what>{_NOUN_PHRASE}|It|They|He)"
    passive = rf"{_LEAD}{subject} (?:was|were) (?P<verb>[a-z]+) by (?P<who>{_NOUN_PHRASE}){_TAIL}\.$"
    match = re.match(passive, text)
    past = _past(match["verb"]) if match else ""
    if match and past and _is_plain(match["who"]) and (match["what"] in _OBJECTS or _is_plain(match["what"])):
        who = match["who"] if match["lead"] else opened(match["who"])
        what = _OBJECTS.get(match["what"]) or lowered(match["what"])
        claim = f"{match['lead'] or ''}{who} {past} {what}{match['tail']}."
        yield Change(claim, f"was {match['verb']} by", past, "active")
    match = re.match(rf"{_LEAD}(?P<who>{_NOUN_PHRASE}) (?P<verb>[a-z]+) (?P<what>{_NOUN_PHRASE}){_WHEN}\.$", text)
    if not match or not _is_plain(match["who"]) or not _is_plain(match["what"]) or match["verb"] not in _TURNED:
        return
    if re.match(r"(?:its|their|his)\b", match["what"]) or _BOUND_TAIL.search(match["when"]):
        return
    head = re.split(r" of ", match["what"])[0].split()[-1]
    be = "were" if head.endswith("s") and not head.endswith(("ss", "us", "is")) else "was"
    what = match["what"] if match["lead"] else opened(match["what"])
    claim = f"{match['lead'] or ''}{what} {be} {match['verb']} by {lowered(match['who'])}{match['when']}."
    yield Change(claim, match["verb"], f"{be} {match['verb']} by", "passive")


_OBJECTS = {"It": "it", "They": "them", "He": "him"}
_TAIL = (
    r"(?P<tail>(?: (?:in|on|after|during|since|at|until|from|as|to|with)\b"
    r"(?:(?!\b(?:which|who|that|and|but)\b)[^,;])*)?)"
)
_BOUND_TAIL = re.compile(r"\b(?:and|who|which|that|but|were|was|had|his|its|their|by|to|for)\b")


def _past(participle: str) -> str:
    """Return the past of a verb whose participle is given, "" for a word that is none."""
    for lemma in words.lemmas(participle, "VERB"):
        if participle in words.forms(lemma, "VBN"):
            return words.inflected(lemma, "VBD")
    return ""


def _is_plain(part: str) -> bool:
    """Say whether a part is a noun phrase that can change sides with its verb."""
    return not _NOT_NOUN.search(part) and not re.fullmatch(r"I|We|It|They|He|She|This|That|There|Here", part, re.I)


_CLAUSE = r"(?: [^,;:()\"“]{3,90})"
_OPENING = (
    rf"(?:(?:After|Before|When|While|Although|Though|If|Because|Once|Until|During|Despite|Since){_CLAUSE}"
    r"|In (?:1\d\d\d|20\d\d|the \w+ century|\w+ (?:1\d\d\d|20\d\d))|On \w+ \d{1,2}(?:, \d{4})?|By (?:1\d\d\d|20\d\d))"
)
_SUBORDINATE = re.compile(
    r"\b(?:that|which|who|whom|where|and|or|but|because|when|if|then|what|after|before|while|until|although|to|as|so"
    r"|since)\b|^(?:they|it|he|she|this|these)\b|\. |^[A-Z]?[a-z]+ing\b"
)
_CLOSING = r"(?:after|before|when|although|because|while|until) (?:the|a|an|it|they|he|she|[A-Z]\w+|their|its) "


def order(source: Source, rng: random.Random) -> Iterator[Change]:
    """Let the opening clause or phrase come last, or the last one first."""
    text = source.sentence
    match = re.match(rf"(?P<first>{_OPENING}), (?P<rest>[^,;:()\"“]{{15,150}})\.$", text)
    if match and not _SUBORDINATE.search(match["rest"]):
        is_dated = match["first"].startswith(("In ", "On ", "By ")) and re.search(r"\b\d{4}\b", match["rest"])
        comma = "," if match["first"].startswith(("Although", "Though", "While", "Despite")) else ""
        if not is_dated:
            claim = f"{opened(match['rest'])}{comma} {lowered(match['first'])}."
            yield Change(claim, match["first"], match["first"], "the first last")
    closing = rf"(?P<rest>[A-Z][^,;:()\"“]{{15,150}}?)(?P<comma>,?) (?P<last>{_CLOSING}[^,;:()\"“]{{6,100}})\.$"
    match = re.match(closing, text)
    if match and not _holds_together(match):
        claim = f"{opened(match['last'])}, {lowered(match['rest'])}."
        yield Change(claim, match["last"], match["last"], "the last first")


def _holds_together(match: re.Match[str]) -> bool:
    """Say whether a closing clause belongs to a part of the sentence only, or to the word before it."""
    if match["comma"] and match["last"].startswith(("when", "while", "until", "after", "before")):
        return True
    bound = (
        r"\b(?:that|which|who|where|and|but|because|when|if|what|not|just|only|even|long|soon|shortly|years?|months"
        r"|days?|till|to|immediately|well)\b"
    )
    return bool(re.search(bound, match["rest"]) or re.search(r"\b(?:and|or|which|who)\b", match["last"]))


_ADDED = "is|was|are|were|had|has|have|began|includes?|included|became|made|took|came"
_GOES_ON = r"(?=(?:was|is|had|has|were|are|will|would|became)\b)"


def shortened(source: Source, rng: random.Random) -> Iterator[Change]:
    """Leave out a bracket, an apposition or a clause that only adds."""
    text = source.sentence
    for match in re.finditer(r" \((?!\d\)|[a-z]\)|[A-Z]{2,}\))[^()]{3,120}\)", text):
        yield from rewritten(source, *match.span(), "", "bracket left out")
    for match in re.finditer(r"(?<=[a-z])\[(?:\d+|note \d+|citation needed)\]", text):
        yield from rewritten(source, *match.span(), "", "reference left out")
    verbs = "was|is|had|has|said|told|argued|became|were|wrote|made|led|called|won|sounded|made"
    out = rf"(?<=[A-Z]\w\w)(?P<name>\w*), (?:a|an|the|president of|former) [^,;:()]{{4,70}}, (?=(?:{verbs})\b)"
    for match in re.finditer(out, text):
        yield from rewritten(source, match.end("name"), match.end(), " ", "apposition left out")
    clause = rf"(?<=\w), (?:which|who) (?:{_ADDED}) [^,;:()\"“]{{4,90}}(?P<end>, {_GOES_ON}|(?=\.$))"
    for match in re.finditer(clause, text):
        yield from rewritten(source, *match.span(), " " if match["end"] else "", "clause left out")


_OPENERS = (
    "However|Moreover|Furthermore|In addition|Additionally|Meanwhile|Nevertheless|Indeed|For example|For instance|Also"
    "|Similarly|Likewise|Finally|Still|In fact|Thus|Therefore|As a result|Consequently|Besides|Overall|By contrast"
    "|In contrast|On the other hand|Specifically|Notably|Interestingly|Importantly"
)


def opener(source: Source, rng: random.Random) -> Iterator[Change]:
    """Leave out the word that only joins a sentence to the one before."""
    match = re.match(rf"(?:{_OPENERS}), (?=\w)", source.sentence)
    if match:
        yield Change(opened(source.sentence[match.end() :]), match[0], "", "opener left out")


_REPORTING = (
    (r"said that", ("stated that",)), (r"stated that", ("said that",)), (r"says that", ("states that",)),
    (r"states that", ("says that",)), (r"argued that", ("contended that",)), (r"argues that", ("contends that",)),
    (r"argue that", ("contend that",)), (r"noted that", ("observed that", "remarked that")),
    (r"claimed that", ("asserted that",)), (r"reported that", ("stated that",)),
    (r"announced that", ("declared that",)), (r"believe that", ("think that",)),
    (r"(?<=[a-z] )said(?= [A-Z])", ("stated",)),
    (r"acknowledged that", ("admitted that",)), (r"(?<=[”\"] )said (?=[A-Z])", ("stated ",)),
    (r"believed that", ("thought that",)), (r"showed that", ("demonstrated that",)),
    (r"show that", ("demonstrate that",)),
)  # fmt: skip


def reporting(source: Source, rng: random.Random) -> Iterator[Change]:
    """Use another verb of saying that commits its speaker to no more and no less, or put the source last."""
    text = source.sentence
    for pattern, choices in _REPORTING:
        for match in re.finditer(rf"(?<!\w)(?:{pattern})", text):
            yield from rewritten(source, *match.span(), rng.choice(choices), "verb of saying")
    match = re.match(
        r"According to (?P<who>(?:the )?[A-Z][\w.]*(?: [A-Z][\w.]*){0,3}), (?P<rest>[^\"“]{15,200})\.$", text
    )
    if match and not re.match(r"[A-Z]\w+,", match["rest"]):
        claim = f"{opened(match['rest'])}, according to {match['who']}."
        yield Change(claim, match["who"], match["who"], "the source last")


_FIGURE_FOLLOWS = r"(?= (?:\d|half|all|every|one|two|a hundred))"
_GOES_WITH = r"(?! (?:up|out|in|off|on|with|of|for|number|scale|to|ing|into|other|others)\b|-)"
_SYNONYMS = (
    ("approximately", "about"), (r"about (?=\d)", "approximately "), ("roughly", "approximately"),
    ("nearly" + _FIGURE_FOLLOWS, "almost"), ("almost" + _FIGURE_FOLLOWS, "nearly"),
    ("began" + _GOES_WITH, "started"), ("started" + _GOES_WITH, "began"), ("purchased", "bought"),
    ("bought" + _GOES_WITH, "purchased"), ("located", "situated"), ("situated", "located"),
    ("assist", "help"), ("(?<!a )whole", "entire"), ("entire", "whole"), ("numerous", "many"),
    ("many (?=[a-z]+s )", "numerous "), ("however", "nevertheless"), ("frequently", "often"), ("often", "frequently"),
    ("usually", "normally"), ("mainly", "chiefly"), ("primarily", "mainly"), ("because of", "owing to"),
    ("due to", "owing to"), ("in order to", "to"), ("although", "though"), ("Although", "Though"),
    ("prior to", "before"), ("permitted", "allowed"), ("prohibited", "forbidden"), ("demonstrated", "showed"),
    ("resided", "lived"), ("attempted to", "tried to"), ("tried to", "attempted to"),
    ("ended" + _GOES_WITH, "finished"),
    ("(?<!a )(?<!not )(?<!statistically )(?<!most )significant", "considerable"),
    ("(?<!a )(?<!not )(?<!most )considerable", "substantial"), ("rapidly", "quickly"), ("quickly", "rapidly"),
    ("currently", "at present"), ("constructed", "built"), ("(?<=was )built" + _GOES_WITH, "constructed"),
    ("founded", "established"), ("various" + _GOES_WITH, "different"), ("therefore", "for that reason"),
    ("the majority of", "most"), ("more than" + _FIGURE_FOLLOWS, "over"), (r"over (?=\d)", "more than "),
    ("firms", "companies"), ("companies", "firms"), ("delayed", "put off"), ("postponed", "put off"),
    ("halted", "stopped"), (r"around (?=\d)", "about "), ("comprises", "is made up of"),
    ("consists of", "is made up of"), ("in addition to", "besides"), ("essential", "vital"), ("vital", "essential"),
    ("sometimes", "at times"), ("subsequently", "later"), ("eventually", "in the end"), ("especially", "particularly"),
    ("particularly", "especially"), ("annually", "every year"), ("annual", "yearly"), ("usage", "use"),
    ("remain in force", "are still in force"), ("remains in force", "is still in force"),
)  # fmt: skip


def synonym(source: Source, rng: random.Random) -> Iterator[Change]:
    """Put another word of the same meaning."""
    text = source.sentence
    for before, after in _SYNONYMS:
        whole = "" if before.endswith(")") else r"(?!\w)"
        for match in re.finditer(rf"(?<![\w’'-])(?:{before})(?![’'-]){whole}", text):
            how = f"{match[0].strip()} to {after.strip()}"
            yield from rewritten(source, *match.span(), words.like(after, match[0]), how)
