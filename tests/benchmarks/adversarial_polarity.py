"""Changed polarity: it is not so where it was, it is where it was not, and words turned into their opposites."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

from tests.benchmarks import adversarial_words as words
from tests.benchmarks.adversarial_changes import Change, replaced
from tests.benchmarks.adversarial_passages import Source

AUXILIARIES = "is was are were has had can could will would may might should must did does do".split()
# Who can be the subject of the verb that follows: a name, a pronoun, or a noun for people.
DOER = (
    r"(?<![\w’'-])(?:[A-Z][a-z]{3,}|[Tt]hey|[Ii]t|[Hh]e|[Ss]he"
    r"|\w+(?:ers|ors|ists|government|parliament|ministry|court))"
)
# Where these stand near, a negation may change nothing or the grammar breaks.
_UNSAFE = re.compile(
    r"\b(?:not|never|neither|nor|no|none|nothing|nobody|without|hardly|scarcely|unless|whether|only)\b|n['’]t\b", re.I
)
_POLAR = re.compile(
    r"\b(?:any|ever|either|yet|at all|anymore|anything|anyone|until|nor|but|merely|only|necessarily|just|so much)\b",
    re.I,
)
_CONTRACTED = {
    "is": "isn't", "was": "wasn't", "are": "aren't", "were": "weren't", "has": "hasn't", "had": "hadn't",
    "can": "can't", "could": "couldn't", "will": "won't", "would": "wouldn't", "should": "shouldn't",
    "must": "mustn't", "did": "didn't", "does": "doesn't",
}  # fmt: skip
_UNCOUNTED = "or|one|longer|more|doubt|other|less|fewer|choice|matter|different|better|need|evidence|way|means"
_DROPPED = (
    (r"\bcannot\b", "can", "cannot"),
    (r"\b(?P<verb>was|were|has|had|have|could|would|will|is|are) never(?= \w)", r"\g<verb>", "never removed"),
    (r"(?<=is|as|re|ve|ad) no longer(?= \w)", " still", "no longer removed"),
    (r"\bwithout (?=(?:the|a|an|its|their|his|much|significant|formal)\b)", "with ", "without removed"),
    (rf"\b(?P<verb>has|have|had|is|was|are|were|with) no (?=(?!{_UNCOUNTED})[a-z]+s\b)", r"\g<verb> ", "no removed"),
    (
        rf"\b(?P<verb>has|have|had|is|was|with|made|gave) no (?=(?!{_UNCOUNTED})[a-z]+[^s\W]\b)",
        r"\g<verb> a ",
        "no removed",
    ),
    (r"\bneither (?P<x>[^,.;]{2,40}) nor\b", r"both \g<x> and", "neither removed"),
)


def negation_added(source: Source, rng: random.Random) -> Iterator[Change]:
    """Say that it is not so: with not, n't, never, did not, failed to."""
    yield from _denied(source, rng)
    yield from _denied_deed(source, rng)


def negation_removed(source: Source, rng: random.Random) -> Iterator[Change]:
    """Say that it is so where the sentence says not, n't, never, no longer, no, neither, without, failed to."""
    yield from _without_not(source)
    yield from _without_other_negations(source)


def past_of_doing(word: str) -> str:
    """Return the dictionary form of a verb in the past that people or bodies are the subject of, "" for other words."""
    for lemma in words.lemmas(word, "VERB"):
        if lemma in words.DOING and word in words.forms(lemma, "VBD") and word != lemma:
            return lemma
    return ""


def direction(source: Source, rng: random.Random) -> Iterator[Change]:
    """Turn a word into its opposite: rise and fall, before and after, imposed and lifted."""
    text = source.sentence
    for match in re.finditer(r"(?<![\w’'-])[A-Za-z]+(?:-term)?(?![\w’'-])", text):
        if _is_idiom(text, match):
            continue
        word = match[0].lower()
        for after, lemma in _opposites(word, text[: match.start()]):
            if not _has_form(source.span, lemma):
                yield from replaced(source, *match.span(), words.like(after, match[0]), f"{word} to {after}")


def _denied(source: Source, rng: random.Random) -> Iterator[Change]:
    """Deny the first verb that can be denied."""
    text = source.sentence
    for match in re.finditer(rf"(?<![\w’'-])({'|'.join(AUXILIARIES)})(?= )", text):
        window = text[max(0, match.start() - 25) : match.end() + 40]
        if _UNSAFE.search(window) or re.search(r"\b(?:whether|little)\b", text[: match.start()]):
            continue
        if not _is_finite(text, match):
            continue
        sort = "not" if match[0] in ("may", "do") else rng.choice(["not", "not", "n't", "never"])
        if sort == "n't" and match[0] in _CONTRACTED:
            after = _CONTRACTED[match[0]]
        elif sort == "never" and match[0] in ("was", "were", "has", "had", "could", "would", "will"):
            after = f"{match[0]} never"
        else:
            sort, after = "not", "cannot" if match[0] == "can" else f"{match[0]} not"
        yield from replaced(source, *match.span(), after, f"{sort} added", is_new=False)
        return


def _denied_deed(source: Source, rng: random.Random) -> Iterator[Change]:
    text = source.sentence
    for match in re.finditer(rf"{DOER} (?P<verb>[a-z]+)(?= )", text):
        lemma = past_of_doing(match["verb"])
        if not lemma or _UNSAFE.search(text[max(0, match.start() - 25) : match.end() + 40]):
            continue
        if lemma == "have" and not re.match(r" (?:a|an|the|its|their|his)\b", text[match.end() :]):
            continue
        forms = [
            (f"did not {lemma}", "did not"), (f"didn't {lemma}", "didn't"), (f"failed to {lemma}", "failed to"),
            (f"never {match['verb']}", "never"),
        ]  # fmt: skip
        after, how = rng.choice(forms)
        yield from replaced(source, *match.span("verb"), after, how, is_new=False)
        return


def _is_finite(text: str, match: re.Match[str]) -> bool:
    """Say whether an auxiliary is one here, with a verb or a predicate after it."""
    following = text[match.end() :].lstrip()
    word = re.match(r"[\w’'-]+", following)
    before = re.search(r"(\w+)\W*$", text[: match.start()])
    if not word or not before or before[1].lower() in "a the than as if there to what of democratic free own".split():
        return False
    if re.match(r"(?:to|so|in which|as|more|that|because)\b", following):
        return False
    if match[0] in ("has", "had"):
        irregular = "become|made|taken|given|led|had|shown|held|found|come|begun|grown|seen|set|won|lost|gone"
        return re.match(rf"(?:been|(?!limited)\w+ed|{irregular})\b", following) is not None
    if match[0] in ("do", "does", "did"):
        return any("VB" in words.tags_of(word[0], lemma) for lemma in words.lemmas(word[0], "VERB"))
    return True


def _without_not(source: Source) -> Iterator[Change]:
    text = source.sentence
    for match in re.finditer(r"(?<=\w) not(?= \w)", text):
        before, after = text[: match.start()].split()[-1].lower(), text[match.end() :]
        if before not in [*AUXILIARIES, "be", "been"] or _POLAR.search(after):
            continue
        if re.match(r" (?:to|so|all|every)\b", after) or re.search(r"\b(?:whether|if|why)\b", text[: match.start()]):
            continue
        verb = re.match(r" (\w+)", after)
        tag = {"did": "VBD", "does": "VBZ"}.get(before)
        if before in ("did", "does", "do") and not (verb and verb[1] in words.lemmas(verb[1], "VERB")):
            continue
        if tag and verb:
            form = words.inflected(verb[1], tag)
            start, end = match.start() - len(before), match.end() + verb.end()
            if form:
                yield from replaced(source, start, end, form, f"{before} not removed")
        elif before == "do":
            yield from replaced(source, match.start() - 2, match.end() + 1, "", "do not removed", is_new=False)
        else:
            yield from replaced(source, *match.span(), "", "not removed", is_new=False)
    for match in re.finditer(r"\b(is|was|are|were|has|had|could|would|should)n['’]t (?=\w)", text):
        if not _POLAR.search(text[match.end() :]):
            yield from replaced(source, *match.span(), f"{match[1]} ", "n't removed", is_new=False)


def _without_other_negations(source: Source) -> Iterator[Change]:
    text = source.sentence
    for pattern, after, how in _DROPPED:
        for match in re.finditer(pattern, text):
            if not _POLAR.search(text[match.end() :]):
                yield from replaced(source, *match.span(), match.expand(after), how, is_new=False)
    for match in re.finditer(r"\b(?:failed|refused|declined) to (\w+)(?= )", text):
        past = words.inflected(match[1], "VBD")
        if past and match[1] != "be" and not _POLAR.search(text[match.end() :]):
            yield from replaced(source, *match.span(), past, "failed to removed")


def _opposites(word: str, before: str) -> Iterator[tuple[str, str]]:
    """Yield what to put in a word's place and the dictionary form of that."""
    for pair in words.OPPOSITE_WORDS:
        if word in pair:
            other = pair[1 - pair.index(word)]
            yield other, other
            return
    for pair in words.OPPOSITE_VERBS:
        for lemma, other in (pair, pair[::-1]):
            tag = _tag(word, lemma, before) if lemma in words.lemmas(word, "VERB") else ""
            if tag and words.inflected(other, tag):
                yield words.inflected(other, tag), other
                return


def _tag(word: str, lemma: str, before: str) -> str:
    """Return which form of a verb a word is after what stands before it, "" where it may be no verb."""
    tags = words.tags_of(word, lemma)
    if "VBN" in tags and re.search(r"\b(?:was|were|is|are|been|be|has|had|have|being|by)(?: \w+ly)? $", before):
        return "VBN"
    if "VBD" in tags:
        return "VBD"
    if re.search(r"\b(?:the|a|an|of|in|its|their|this) $", before):
        return ""
    follows = re.search(r"\b(?:to|will|would|may|might|could|can|should|must|they|it|not|which) $", before)
    return tags[0] if tags and (follows or tags[0] == "VBG") else ""


def _has_form(text: str, lemma: str) -> bool:
    forms = [lemma, *(words.inflected(lemma, tag) for tag in ("VBD", "VBN", "VBG", "VBZ"))]
    return any(words.has_word(text, form) for form in forms if form)


_PERSONS = "countr|people|worker|nation|household|famil"
_IDIOMS = re.compile(
    rf"rare earths?|taking? advantage|took advantage|poor (?!{_PERSONS})[a-z]+|rose to|rise to|gave rise|allowed for"
    r"|no (?:longer|shorter|more|less)|more or less|once more|any more|more than one|more and more|less and less"
    r"|after all|before (?:a|the) (?:court|judge|commission|committee|tribunal|house|royal|parliament)|at first"
    r"|first (?:to|time|name|lady|minister|world|half|and|two|three|of|opened|class|place|century|\w+ minister)"
    r"|first-|at least|at most|at last|last (?:year|week|month|name|century)|north(?:east|west)?-|north and|north,"
    r"|(?:north|south)(?:ern)? (?:america|africa|korea|carolina|dakota|sea|pole|wales|shore|side|california)"
    r"|(?:north|south)(?:ern)? \w+ university|public (?:school|house|holiday|order|health|domain|domains|transport)s?"
    r"|public (?:relations|opinion|law|\w+ school)|the former|the latter|open(?:ed)? to|looked? after"
    r"|named (?:[\w ]{1,30} )?after"
    r"|common (?:law|market|sense|ground|names?|ancestor|era)|most of|less than|more important|more so|sought after"
    r"|most (?:notabl|common|like|import|recent|famous|popular|significan|well|often)\w*|before (?:him|her|it|them)"
    r"|better known|best[ -]known|one more|legal (?:system|basis|order|studies|profession|department|person\w*)s?"
    r"|house of|add(?:ed|s|ing)? that|day after|soon after|shortly after|direct(?:ed)? (?:by|to|at)"
    r"|positive (?:integer|feedback|number)s?|win(?:s|ning)? (?:actor|actress)|winning",
    re.I,
)


def _is_idiom(text: str, match: re.Match[str]) -> bool:
    if match[0][0].isupper() and match.start() > 0:
        return True
    if match[0].lower() in ("most", "least") and not text[: match.start()].endswith("the "):
        return True
    return any(one.start() <= match.start() < one.end() for one in _IDIOMS.finditer(text))
