"""The time for which a quote says that something applies: "effective immediately", "for one year from", "until".

Rules, not a model, and never a guess: what may, might or would apply, what was put off, a deadline for comments, a
statistic "through October" and a period whose start is unknown give nothing. Dates are found by `figures`, which day
each means is decided by `dating`; every date is masked first, so that the rules are written over words alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from assistant.dating import (
    RELATIVE,
    Tense,
    in_words,
    is_ambiguous,
    is_relative,
    later,
    of_day,
    resolve,
    resolve_relative,
)
from assistant.domain import Article, PartialDate, Validity
from assistant.figures import Bound, Figure, FigureKind, WrittenDate, plain, read_figures
from assistant.text import content_stems, sentences

MAX_WORDS_CHARS = 120
# Text without an end to its sentences is no law: reading it would take long and give nothing.
MAX_CLAUSE_CHARS = 3_000
_COMMON_LETTERS = 6
# Sentences after a quote that may say until when what it tells of applies.
MAX_FOLLOWING = 3
# Sentences before a quote that may say when what it tells of was announced.
MAX_BEFORE = 10
# What stands further off than this is not looked at.
MAX_AROUND_CHARS = 6_000
# Stand where a date, a duration and a day such as "Monday" were.
_DATE, _SPAN, _DAY = "\ue000", "\ue001", "\ue002"
# Fonts of their own put such characters into PDF files.
_UNUSED = str.maketrans(dict.fromkeys((_DATE, _SPAN, _DAY), " "))


def read_validity(article: Article, start: int, end: int, *, is_notice: bool = False) -> Validity:
    """Return the time for which `article.text[start:end]` says that something applies, empty where it does not say.

    `is_notice` says that the article is itself the notice, rule or decree: "from the date of publication" then means
    its own. Two sentences that give two times give none, unless the second goes on about what the first is about.
    """
    first = next((block for block in article.blocks if block.start <= start < block.end), None)
    last = next((block for block in article.blocks if block.start < end <= block.end), None)
    return read_words(
        article.text[start:end],
        published=article.published,
        stated=article.effective,
        before=article.text[first.start : start] if first else "",
        after=article.text[end : last.end] if last else "",
        is_notice=is_notice,
    )


def read_words(
    quote: str,
    *,
    published: date | None = None,
    stated: date | None = None,
    before: str = "",
    after: str = "",
    is_notice: bool = False,
) -> Validity:
    """Return the time that a quote gives, read as `read_validity` does.

    `stated` is the effective date of the whole document; `before` and `after` stand around the quote in its paragraph.
    What follows may say until when: "The suspension lasts …" after a quote that something was suspended.
    """
    found: list[tuple[Validity, str]] = []
    near = before[-MAX_AROUND_CHARS:]
    context = [plain(near[slice(*span)]) for span in sentences(near)]
    for first, last in sentences(quote):
        sentence = quote[first:last]
        about = _About(published, stated, is_notice, tuple(context[-MAX_BEFORE:]))
        for clause in _clauses(sentence):
            read = _Clause(clause, plain(sentence), about).validity()
            if read != Validity():
                found.append((read, clause))
        context.append(plain(sentence))
    result = _joined(found)
    if result.expires or (found and result == Validity()) or not _tells_of_measure(quote):
        return result
    after = after[:MAX_AROUND_CHARS]
    for place, (first, last) in enumerate(sentences(after)[:MAX_FOLLOWING]):
        sentence = after[first:last]
        if _is_about_same(quote, sentence, is_next=place == 0):
            about = _About(published, stated, is_notice, tuple(context[-MAX_BEFORE:]))
            times = [_Clause(clause, plain(sentence), about).validity() for clause in _clauses(sentence)]
            later_time = _joined([(time, sentence) for time in times if time != Validity()])
            if later_time.expires:
                return _with_end(result, later_time)
        context.append(plain(sentence))
    return result


def validity_line(validity: Validity) -> str:
    """Return "applies 9 November 2025 – November 2026 (“until November 2026”)", "" where nothing is known.

    The quote's own words are left out where they are the very same.
    """
    effective, expires = validity.effective, validity.expires
    if effective and expires:
        when = f"{in_words(effective)} – {in_words(expires)}"
    elif effective:
        when = f"from {in_words(effective)}"
    elif expires:
        when = f"until {in_words(expires)}"
    else:
        return ""
    is_said_so = validity.words.casefold() in ("", when.casefold())
    return f"applies {when}" if is_said_so else f"applies {when} (“{validity.words}”)"


@dataclass(frozen=True, slots=True)
class _About:
    """What is known around a sentence: the document's dates, and the sentences before it."""

    published: date | None
    stated: date | None
    is_notice: bool
    before: tuple[str, ...]


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


# "12:01 a.m. Eastern Standard Time on", "midnight on", "the end of", "late", "Monday," before a date.
_CLOCK = (
    r"(?:(?:at )?(?:\d{1,2}(?::\d\d)? ?[ap]\.? ?m\.?|\d{1,2}:\d\d|midnight|noon),? ?"
    r"(?:\(?(?:[a-z]+ ){1,3}time\)?,? ?|(?:[ecmp][sd]?t|gmt|utc|cest|bst|hkt)\.?,? )?(?:on |of )?)"
)
_PART = r"(?:(?:the )?(?:(?:very )?(?:end|close|start|beginning|middle) of )?(?:the )?(?:(?:early|late|mid)[- ])?)"
# Possessive: otherwise a date gives up its last letter to get round what must not follow it.
_WHEN = (
    rf"{_CLOCK}?(?:the )?(?:{_DAY}++,? )?{_PART}(?P<{{0}}>(?:(?:last|next|this) )?(?:{_DATE}++|{_DAY}++))"
    rf"(?!,? (?:at the earliest|or (?:until|later|earlier|beyond|when)|if\b|provided|unless an?\b|and beyond))"
)


def _when(name: str = "date") -> str:
    return _WHEN.replace("{0}", name)


_UNTIL = r"(?:up until|until|till?|'til|through to|through|thru|up to and including|up to|to and including)"
_ENDS = (
    r"(?:expir(?:es?|ed|ing|y|ation)|laps(?:es?|ed|ing)|ends?|ended|ending|terminat(?:es?|ed|ing)|sunsets?"
    r"|runs? out|ran out|ceas(?:es?|ed) to (?:apply|have effect|be in (?:force|effect)))"
)
_STARTS = (
    r"(?:tak(?:es?|ing) (?:legal |full )?effect|took (?:legal |full )?effect|t(?:akes?|ook) force"
    r"|(?:comes?|coming|came|goes|go|going|went|puts?|brought|enter(?:s|ed|ing)?)(?: back)? in(?:to)? (?:effect"
    r"|force)"
    r"|in (?:force|effect)|effective(?: date)?|applicable|becomes? (?:binding|law|mandatory)"
    r"|became (?:binding|law|mandatory)|enters?(?: into)? application|kick(?:s|ed|ing)? in|(?:begins?|began"
    r"|starts?|started) to apply)"
)
_LINK = (
    r"(?: ?[:,-])? ?"
    r"(?:(?:is|was|are|were|only|on|of|in|at|from|as of|as from|since|beginning|starting|on or after|with) ){0,4}"
)
_FROM = (
    r"(?:with effect from|with effect on|as of|as from|effective|applicable|starting(?: on| from| in)?"
    r"|beginning(?: on| from| in)?|commencing(?: on| from| in)?|on or after|on and after|from|since|after)"
)
_AT_ONCE = r"(?:immediately|at once|straight away|right away|with immediate effect|forthwith)"
_IMMEDIATE = _pattern(
    rf"\b(?:effective {_AT_ONCE}|(?:with )?immediate effect|immediately effective|takes? immediate effect"
    rf"|(?:tak(?:es?|ing)|took) effect {_AT_ONCE}"
    rf"|(?:enter(?:s|ed|ing)?|c[ao]mes?|coming|goes|went) in(?:to)? (?:force|effect) {_AT_ONCE})\b"
)
_PUBLICATION = (
    r"(?:(?:the )?(?:date|day|time) of )?(?:(?:its|their|the|this) )?publication\b"
    r"(?: (?:of (?:this|the) \w+(?: \w+)?|in the (?:federal register|official journal|official gazette|gazette)))?"
)
_ON_PUBLICATION = _pattern(
    rf"\b(?:{_STARTS}|appl(?:y|ies|ied)) (?:up)?(?:on|from|as of|as from|beginning) {_PUBLICATION}"
)
_AFTER_PUBLICATION = _pattern(
    rf"\b(?P<verb>{_STARTS}|{_ENDS}|appl(?:y|ies)|until)[, ]{{1,2}}(?:on )?(?:the )?(?:date |day )?(?:that is )?"
    rf"(?:(?P<span>{_SPAN}+)|(?P<nth>\w+)? ?day) (?:after|following|from) (?:that of )?{_PUBLICATION}"
)
_FROM_PUBLICATION = _pattern(rf"\bfor (?:a period of )?(?P<span>{_SPAN}+) (?:after|following|from) {_PUBLICATION}")
_NTH = {"": 1, "next": 1, "first": 1, "third": 3, "fifth": 5, "tenth": 10, "fifteenth": 15, "twentieth": 20,
        "thirtieth": 30}  # fmt: skip
_RANGE = _pattern(
    rf"\b(?:(?P<between>between)|from|starting|beginning|effective|on or after) {_when('first')}"
    rf"[^;{_DATE}{_DAY}]{{0,30}}?(?P<link>,? ?(?:and )?(?:through|until|till|to|before)|,? and| ?-) ?{_when('last')}"
)
_UNTIL_DATE = _pattern(
    rf"\b(?P<verb>(?:delay|postpon|deferr?|suspend|extend|paus|renew|prolong)\w* )?{_UNTIL} {_when()}"
)
_ENDS_DATE = _pattern(rf"\b{_ENDS}(?: date)?(?: (?:is|of|on|at|in|from|as of|by|:)){{0,3}}:? {_when()}")
_EXTENDED_TO = _pattern(rf"\b(?:extend|prolong|renew)\w*(?: [\w',-]+){{0,14}}? to {_when()}")
_STARTS_DATE = _pattern(rf"\b{_STARTS}{_LINK}{_when()}")
_STARTS_LATER = _pattern(
    rf"(?:\A|, )\W*(?:on|from|since|as of|in|beginning|starting|effective) {_when()},? [^;]*?(?<!remain )\b{_STARTS}"
)
_CHANGES_ON = _pattern(
    r"\b(?:will|shall|is to|are to|is set to|are set to) (?:be )?(?:rise|fall|drop|increase|decrease|double"
    r"|start|begin"
    r"|apply|raised|cut|lowered|reduced|imposed|lifted|introduced|abolished|required|prohibited|banned|suspended"
    r"|reinstated)"
    rf"(?: [\w%.]+){{0,6}}? on {_when()}"
)
_STARTS_PUT_OFF = _pattern(
    r"\b(?:effective date|entry into force|date of application|implementation|introduction|start)\b[^;,]{0,60}?"
    rf"\b(?:delayed|postponed|deferred|pushed back|put off|moved) (?:until|till|to) {_when()}"
)
_FROM_DATE = _pattern(rf"\b(?P<how>{_FROM}) {_when()}")
_END_OF = _pattern(r"\b(?:end|close) of (?:the )?\Z")
_NOT_UNTIL = _pattern(rf"\b(?:not|n't|never) (?:[\w-]+ ){{0,6}}?(?:until|till|before) {_when()}")
_PERIOD = _pattern(
    rf"(?:\b(?:for|lasts?|lasting) (?:(?:an?|the|another|additional|initial|further|next|period|of|full|first"
    rf"|total|fixed) ){{0,5}}"
    rf"(?P<span>{_SPAN}++)|(?<!\w)(?P<own>{_SPAN}++)[- ](?:[a-z]+ ){{0,2}}?(?:pause|suspension|truce|extension"
    rf"|waiver|exemption|moratorium"
    rf"|exclusion|ban|delay|freeze|reprieve|period|quota|embargo|halt|deferral|derogation))"
    rf"(?! ?(?:to|or|-) ?{_SPAN})(?P<from>,? (?:from|beginning|starting|commencing|as of|effective)(?: on| from"
    rf"| in)? {_when()})?"
)

# A time limit, or the term of each licence.
_NOT_ITS_TERM = _pattern(
    r"\bwithin\b|\b(?:licen[cs]es?|permits?|certificates?|contracts?)(?: (?:are|is|were|was))? (?:valid|good"
    r"|issued|granted)\b"
)
# A clause with one of these tells of what might be.
_UNSURE = _pattern(
    r"\b(?:would|could|might|if|whether|propos(?:e|es|ed|ing|als?)|threat\w*|consider(?:s|ed|ing)?|calls? for"
    r"|called for"
    r"|calling for|urg(?:e|es|ed|ing)|ask(?:s|ed|ing)?|wants?|wanted|seeks?|sought|seeking|hop(?:e|es|ed|ing)"
    r"|expect(?:s|ed|ing)?|plans?|planned|draft|likely|requests?|requested|recommend(?:s|ed)?|suggest(?:s|ed)?"
    r"|possibl[ey]"
    r"|demand(?:s|ed|ing)?|insist\w*|lobb(?:y|ies|ied|ying)|favou?rs?|advocat\w+|press(?:es|ed|ing)? for"
    r"|offer(?:s|ed)?|pledg\w+"
    r"|promis\w+|vow\w*|warn(?:s|ed|ing)?|predict\w*|prefers?|perhaps|probably|should|rumou?red|originally"
    r"|initially|previously (?:set|due|scheduled)|forecast"
    r"|project(?:s|ed)"
    r"|aims?|efforts?|bids?|goals?|intends?|intended)\b|\b(?-i:may)\b"
)
_CONDITION = _pattern(r"\b(?:if|unless|provided that|subject to (?:approval|ratification))\b")
# "The ministry denied that the suspension lasts until May": of the sentence nothing is taken.
_SAID_UNTRUE = _pattern(
    r"\b(?:den(?:y|ies|ied|ying)|dismiss(?:es|ed|ing)?|reject(?:s|ed|ing)?|refut(?:es?|ed|ing))"
    r" (?:that\b|having\b|(?:[\w'-]+ ){0,3}(?:reports?|rumou?rs?|claims?|suggestions?|speculation)\b)"
    r"|(?:\bnot|n't) (?:true|correct|the case) that\b"
    r"|\b(?:false(?:ly)?|wrong(?:ly)?|incorrect(?:ly)?) (?:claim\w*|report\w*|stat\w+|said)\b"
    r"|\b(?:is|are|was|were) (?:false|wrong|incorrect|baseless|unfounded|not true)\b"
)
_WAS_DUE = _pattern(r"\b(?:(?:was|were|had been) |(?<=, ))(?:due|set|scheduled|supposed|meant|slated|to)\b")
_DENIED = _pattern(r"(?:\b(?:not|never|nor|cannot|without|failed to|no)\b|n't\b)(?: [\w-]+){0,4}? ?\Z")
_PUT_OFF = _pattern(
    r"\b(?:delay|postpon|deferr?|push(?:ed)? back|put off|suspend|paus|cancel|scrapp|withdr[ae]w|stay(?:ed)?\b)\w*"
)
# Words of a measure that holds; a date beside one of these is the measure's.
_STRONG = _pattern(
    r"\b(?:suspen[ds]\w*|paus(?:e|es|ed|ing)|extend\w*|extension|prolong\w*|renew(?:s|ed|al)?|remain\w*|stays?"
    r"|stayed|lasts?|lasted"
    r"|in (?:force|effect|place)|valid|effective|exempt\w*|waiv\w*|lift(?:s|ed|ing)?|bann?(?:s|ed|ing)?"
    r"|prohibit\w*|moratori\w+"
    r"|truce|fr[eo]ez\w*|froze|delay\w*|postpon\w*|deferr?\w*|exclu(?:ded?|sion|sions)|imposed?|impos(?:es|ing)"
    r"|levied|appl(?:y|ies|ied|icable)"
    r"|subject to|must|shall|required?|requires|mandatory|authori[sz]\w+|reprieve|expir\w+|halt(?:s|ed)?"
    r"|embargo\w*|allow(?:s|ed)?"
    r"|reinstat\w+|restor(?:e|es|ed)|duty[- ]free|payable|enforc\w+|introduc\w+|abolish\w*|safeguards?)\b"
)
_MEASURE = _pattern(
    r"\b(?:dut(?:y|ies)|tariffs?|quotas?|lev(?:y|ies)|surcharges?|licen[cs]\w+|permits?|controls?|curbs"
    r"|restrict\w*|measures?"
    r"|sanctions?|rules?|orders?|regulations?|agreement|deal|pact|fees?|preferen\w+|subsid\w+|rates?|regime"
    r"|scheme|pauses?|relief"
    r"|arrangement|treaty|decree|notice|law|act|ban|waiver|reprieve|rais(?:es?|ed)|cuts?|lower(?:s|ed)"
    r"|reduc(?:es?|ed)|doubl(?:es?|ed)"
    r"|halv(?:es?|ed)|will)\b"
)
_EVENT = _pattern(
    r"\b(?:talks|negotiat\w+|comments?|submissions?|submit\w*|hearings?|meetings?|summit|conference|fairs?"
    r"|visit\w*|consultations?"
    r"|deadline|register\w*|respond|repl(?:y|ies)|bids|tenders?|vote|session|appl(?:y|ied) for|applications)\b"
)
# "Exporters must register": an obligation, not an event.
_ORDERED = _pattern(r"\b(?:must|shall|required to|obliged to)(?: \w+)? \Z")
_STATISTIC = _pattern(
    r"\b(?:total(?:l?ed|s)|averag\w+|rose|risen|fell|fallen|grew|grown|declin\w+|dropped|jumped|surged|slumped"
    r"|shipments?|(?:shipped|exported|imported|sold|bought|produced)"
    r" (?=[\d$€£]|more|less|fewer|nearly|almost|about|over)"
    r"|sales|output|production|volumes?|figures|data|survey\w*|statistics|deficit|surplus)(?!\w)"
)
_ACTION = _pattern(
    r"\b(?:will|shall|must|to be|impos\w+|levied|rais(?:es?|ed)|cuts?|lower(?:s|ed)|reduc(?:es?|ed)|suspend(?:s"
    r"|ed)|lift(?:s|ed)"
    r"|bann?(?:s|ed)|exempt\w*|required?|requires|subject|appl(?:y|ies|ied)|drops?|rises?|falls?|payable|due"
    r"|introduced?|need"
    r"|reinstat\w+|restored?|doubl(?:es?|ed)|halv(?:es?|ed)|increas(?:es?|ed)|prohibit\w*|in (?:force|effect"
    r"|place)|extend\w*"
    r"|duty[- ]free|abolished|valid|allowed)\b"
)
_YEAR_ENDED = _pattern(
    r"\b(?:years?|quarters?|months?|weeks?|season|half)(?: to| ended| ending| through| from| up to| ends?)? ?\Z"
)
_PASSIVE = _pattern(
    r"\b(?:suspended|extended|delayed|postponed|paused|renewed|prolonged|exempted|waived|deferred|frozen|lifted"
    r"|eased)\b"
)
_PAST = _pattern(
    r"\b(?:was|were|had|did|took|came|went|began|started|applied|ran|lasted|expired|lapsed|ended|entered|imposed"
    r"|introduced"
    r"|raised|levied|been|since|became|terminated|ceased)\b"
)
_PASSIVE_TO_COME = _pattern(r"\b(?:will|shall|must|to) be \w+")
_COMING = _pattern(
    r"\b(?:will|shall|must|takes?|comes?|enters?|goes|begins?|starts?|is|are|applies|to|due|set|scheduled|next)\b"
)
_ANNOUNCE = (
    r"\b(?:announc\w+|said|issued?|unveil\w+|declared|signed|decided|decision|decree\w*|published|released|ordered"
    r"|ruled|approved)"
)
_ANNOUNCED = _pattern(
    rf"{_ANNOUNCE}\b(?:(?! but )[^;{_DATE}{_DAY}]){{0,80}}?\b(?:on|in|of|dated) {_when()}"
    rf"|(?:\A|\b(?:on|in) ){_when('lead')},? [^;{_DATE}{_DAY}]{{0,80}}?{_ANNOUNCE}\b"
    rf"|{_ANNOUNCE} (?:[\w']+ ){{0,5}}?{_when('bare')}"
)
_VAGUE_DAY = _pattern(
    r"\b(?:(?:last|past|previous|earlier(?: this)?) (?:week|month|year|summer|spring|autumn|fall|winter)|ago"
    r"|recently)\b"
)
_OWN = _pattern(
    rf"\b(?:this|the) (?:(?:final|interim|amended) )?(?:rule|notice|order|determination|regulation|decree|action"
    rf"|amendment|"
    rf"proclamation|directive|decision)s? (?:is|are|becomes?|shall be|will be)? ?{_STARTS}(?! (?:on|in|from|as of"
    rf"|until|up)\b)"
)
_REVOKED = _pattern(
    r"\b(?:was|were|is|are|been) (?:[a-z]+ly )?(?:lifted|ended|revoked|scrapped|repealed|suspended|removed"
    r"|dropped|abolished"
    r"|withdrawn|rescinded|annulled|struck down|stayed|blocked|vacated|voided|overturned|replaced)\b"
)
_ENDED_IT = _pattern(
    r"\b(?:lift(?:s|ed)|end(?:s|ed)|revok(?:es?|ed)|scrap(?:s|ped)|repeal(?:s|ed)|suspend(?:s|ed)|remov(?:es?|ed)"
    r"|abolish(?:es|ed)|withdrew|withdraws|rescind(?:s|ed)|annul(?:s|led)|str(?:ikes|uck) down|block(?:s|ed)"
    r"|vacate[sd]?|void(?:s|ed)|overturn(?:s|ed)|replace[sd]?) [^;,]*, [^;,]{0,30}\Z"
)
# "Firms have until 15 December to apply": a deadline.
_TIME_TO = _pattern(r"\b(?:have|has|had|gives?|gave|given|giving)(?: \w+)? \Z")
_EASED = _pattern(
    r"\b(?:suspen|paus|lift|eas(?:e|ed|ing)\b|waiv|exempt|halt|delay|postpon|defer|relax|fr[eo]z|freez)\w*"
)
_ACT = _pattern(r"\b(?:truce|reprieve|extension|moratorium|stay|relief|step|move|deal|agreement)\b")
_CLAUSE_END = _pattern(
    r"; | - (?=(?:while|but|the)\b)|,? (?=(?:while|whereas|although|though)\b)|, (?=but\b)"
    r"|,? and (?=the (?:\w+ ){1,3}(?:runs?|ran|expires?|lasts?|took|takes|will)\b)"
)
_GOES_ON = _pattern(
    r"\A\W*(?:but |and |while |although |though )?(?:(?:it|they|this|these|that|which|both|the same)\b|(?:lasts?"
    r"|runs?|expires?|remains?|applies|ends?|will|is|are|only)\b"
    r"|the (?:measures?|steps?|moves?|changes?|decision|cut|increase|arrangement)\b"
    r"|the (?:lower|new|higher|reduced|current|temporary|special) [a-z]+\b)"
)


class _Clause:
    """One clause with its dates, durations and days masked, and the rules that read it."""

    def __init__(self, clause: str, sentence: str, about: _About) -> None:
        self.given = clause
        self.text = plain(clause).translate(_UNUSED)
        self.sentence = sentence
        self.about = about
        found_figures, found_dates, _ = read_figures(self.text)
        self.dates: dict[int, list[WrittenDate]] = {}
        for each in found_dates:
            self.dates.setdefault(each.start, []).append(each)
        masked = self.text
        for start, written in self.dates.items():
            masked = _masked(masked, start, written[0].end, _DATE)
        self.spans: dict[int, Figure] = {}
        for figure in found_figures:
            span = _span_of(figure, self.text)
            if span:
                self.spans[span.start] = span
                masked = _masked(masked, span.start, span.end, _SPAN)
        for match in re.finditer(rf"\b{RELATIVE}\b", masked, re.IGNORECASE):
            masked = _masked(masked, *match.span(), _DAY)
        self.masked = masked
        self.words: list[tuple[int, int]] = []

    def validity(self) -> Validity:
        """Return what the clause says."""
        if len(self.masked) > MAX_CLAUSE_CHARS:
            return Validity()
        if not (self.dates or self.spans or _DAY in self.masked or _is_worded(self.masked)):
            return Validity()
        effective, expires = self._range()
        if not effective and not expires:
            effective, expires = self._period_with_start()
        if not effective and not expires:
            effective, expires = self._start(), self._end()
        if effective and not expires:
            expires = self._end_of_period(effective)
        if (not effective and not expires) or (effective and expires and effective.first > expires.last):
            return Validity()
        return Validity(effective, expires, self._said())

    def _said(self) -> str:
        """Return the words that were read, as the clause has them, parts that lie apart joined by an ellipsis."""
        ends: list[list[int]] = []
        for start, end in sorted(self.words):
            if ends and start <= ends[-1][1] + 1:
                ends[-1][1] = max(end, ends[-1][1])
            else:
                ends.append([start, end])
        words = " … ".join(" ".join(self.given[start:end].split()) for start, end in ends)
        return words if len(words) <= MAX_WORDS_CHARS else words[:MAX_WORDS_CHARS].rpartition(" ")[0] + " …"

    def _range(self) -> tuple[PartialDate | None, PartialDate | None]:
        """Read "from D to D", "between D and D", "on or after D and before D"."""
        for match in _RANGE.finditer(self.masked):
            link = match["link"].strip(" ,")
            if (link == "and") != bool(match["between"]) or not self._is_measure(match):
                continue
            last = self._date(match, "last", Tense.UNCLEAR)
            first = self._date(match, "first", Tense.UNCLEAR)
            if first is None and last is not None:
                first = self._in_year_of(match, last)
            if first and last:
                self.words.append(match.span())
                return first, last
        for start, pair in self.dates.items():
            if len(pair) == 2:
                read = self._days_of_one_month(start, pair)
                if read:
                    return read
        return None, None

    def _days_of_one_month(self, start: int, pair: list[WrittenDate]) -> tuple[PartialDate, PartialDate] | None:
        """Read "from 10 to 20 November 2025"."""
        before = re.search(r"\b(?:from|between) \Z", self.masked[:start], re.IGNORECASE)
        first, last = (resolve(each, self.about.published, Tense.UNCLEAR) for each in pair)
        if before and first and last and self._measures(before.start()):
            self.words.append((before.start(), pair[0].end))
            return first, last
        return None

    def _in_year_of(self, match: re.Match[str], last: PartialDate) -> PartialDate | None:
        """Give "from 10 November to 10 December 2025" its first year: the one of the second, or the one before."""
        written = self.dates.get(match.start("first"))
        if not written or written[0].year is not None or written[0].month is None:
            return None
        for year in (last.year, last.year - 1):
            found = resolve(replace(written[0], year=year), None, Tense.UNCLEAR)
            if found and found.first <= last.first:
                return found
        return None

    def _start(self) -> PartialDate | None:
        """Return from when something applies, if the clause gives one day for it."""
        found: dict[PartialDate, tuple[int, int]] = {}
        for when, span in self._starts():
            found.setdefault(when, span)
        if len(found) == 1:
            ((when, span),) = found.items()
            self.words.append(span)
            return when
        return None

    def _starts(self) -> Iterator[tuple[PartialDate, tuple[int, int]]]:
        taken: list[tuple[int, int]] = []
        for match in _STARTS_PUT_OFF.finditer(self.masked):
            taken.append(match.span())
            if self._holds(match):
                yield from self._yielded(match)
        for match in _NOT_UNTIL.finditer(self.masked):
            taken.append(match.span())
            if re.search(
                rf"\b(?:{_STARTS}|appl(?:y|ies|ied)|begin|start|be (?:enforced|applied|collected|required|due))\b",
                match[0],
                re.I,
            ) and not _UNSURE.search(self.masked[: match.start()]):
                yield from self._yielded(match)
        if _WAS_DUE.search(self.masked) and (_PUT_OFF.search(self.masked) or not self.about.published):
            return
        for pattern in (_STARTS_DATE, _STARTS_LATER, _CHANGES_ON):
            for match in pattern.finditer(self.masked):
                is_sure = self._holds(match) and not _WAS_DUE.search(self.masked) and not self._is_over(match)
                if not _inside(match, taken) and is_sure:
                    taken.append(match.span())
                    yield from self._yielded(match)
        for match in _FROM_DATE.finditer(self.masked):
            if not _inside(match, taken) and self._is_start(match):
                yield from self._yielded(match)
        yield from self._worded_starts()

    def _worded_starts(self) -> Iterator[tuple[PartialDate, tuple[int, int]]]:
        about = self.about
        for match in _IMMEDIATE.finditer(self.masked):
            if self._holds(match) and (when := self._announced()):
                yield when, match.span()
        if not about.is_notice:
            return
        for match in _ON_PUBLICATION.finditer(self.masked):
            if about.published and self._holds(match):
                yield of_day(about.published), match.span()
        for match in _AFTER_PUBLICATION.finditer(self.masked):
            is_end = re.fullmatch(rf"{_ENDS}|until", match["verb"], re.IGNORECASE)
            if not is_end and self._holds(match) and (when := self._after_publication(match)):
                yield when, match.span()
        for match in _OWN.finditer(self.masked):
            if about.stated and self._holds(match) and not self.dates and not _IMMEDIATE.search(self.masked):
                yield of_day(about.stated), match.span()

    def _end(self) -> PartialDate | None:
        """Return until when something applies, if the clause gives one day for it."""
        found: dict[PartialDate, tuple[int, int]] = {}
        put_off = (*_NOT_UNTIL.finditer(self.masked), *_STARTS_PUT_OFF.finditer(self.masked))
        taken = [match.span() for match in put_off]
        for pattern in (_UNTIL_DATE, _ENDS_DATE, _EXTENDED_TO):
            for match in pattern.finditer(self.masked):
                if not _inside(match, taken) and self._is_end(match, pattern):
                    when = self._date(match, "date", self._end_tense(match))
                    if when and not self._is_this_month(match, when):
                        found.setdefault(when, match.span())
        if self.about.is_notice:
            for match in (*_AFTER_PUBLICATION.finditer(self.masked), *_FROM_PUBLICATION.finditer(self.masked)):
                verb = match.groupdict().get("verb") or "until"
                if re.fullmatch(rf"{_ENDS}|until", verb, re.IGNORECASE) and self._holds(match):
                    when = self._after_publication(match)
                    if when:
                        found.setdefault(when, match.span())
        if len(found) != 1:
            return None
        ((when, span),) = found.items()
        self.words.append(span)
        return when

    def _end_of_period(self, effective: PartialDate) -> PartialDate | None:
        """Return the end of "for one year" that begins on a known day."""
        ends = {}
        for match in _PERIOD.finditer(self.masked):
            if match["from"] or not self._is_period(match):
                continue
            # How long a pause that began long ago goes on says nothing of its beginning.
            if re.search(
                r"\b(?:another|further|additional|more|extend\w*|extension|renew\w*|prolong\w*)\b", self.masked, re.I
            ):
                continue
            when = later(effective, self.spans[match.start("span") if match["span"] else match.start("own")])
            if when:
                ends[when] = match.span()
        if len(ends) != 1:
            return None
        ((when, span),) = ends.items()
        self.words.append(span)
        return when

    def _period_with_start(self) -> tuple[PartialDate | None, PartialDate | None]:
        """Read "for 90 days from 12 August 2025"."""
        for match in _PERIOD.finditer(self.masked):
            if not match["from"] or not self._is_period(match):
                continue
            start = self._date(match, "date", _tense(self.masked[: match.start()]))
            end = start and later(start, self.spans[match.start("span") if match["span"] else match.start("own")])
            if start and end:
                self.words.append(match.span())
                return start, end
        return None, None

    def _is_period(self, match: re.Match[str]) -> bool:
        if _NOT_ITS_TERM.search(self.masked[max(0, match.start() - 40) : match.start()]):
            return False
        return self._holds(match) and (_STRONG.search(self.masked) or _MEASURE.search(self.masked)) is not None

    def _yielded(self, match: re.Match[str]) -> Iterator[tuple[PartialDate, tuple[int, int]]]:
        when = self._date(match, "date", self._start_tense(match))
        if when:
            yield when, match.span()

    def _date(self, match: re.Match[str], group: str, tense: Tense) -> PartialDate | None:
        """Return the date that a group of a match stands for."""
        start, word = match.start(group), match[group]
        if led := re.match(r"(last|next|this) ", word, re.IGNORECASE):
            tense = {"last": Tense.PAST, "next": Tense.FUTURE}.get(led[1].lower(), tense)
            start += led.end()
        if start in self.dates:
            written, *others = self.dates[start]
            if written.month is None and written.quarter is None and _END_OF.search(self.masked[:start]):
                written = replace(written, month=12)
            if others or self._is_doubtful(written):
                return None
            return resolve(written, self.about.published, tense)
        said = self.text[start : match.end(group)]
        return resolve_relative(said, self.about.published, tense) if is_relative(said) else None

    def _is_doubtful(self, written: WrittenDate) -> bool:
        """Say whether a date may be another: "5/1/2026" by where one writes, "in May" where it was "last year"."""
        if written.year is None:
            return _OTHER_YEAR.search(self.masked) is not None
        return is_ambiguous(self.text[written.start : written.end])

    def _is_this_month(self, match: re.Match[str], when: PartialDate) -> bool:
        """Say whether "until November" stands in an article of a November: this one, or the next?"""
        written = self.dates.get(match.start("date"), [])
        published = self.about.published
        is_bare = bool(written) and written[0].year is None and written[0].day is None
        return is_bare and published is not None and when.first <= published <= when.last

    def _holds(self, match: re.Match[str]) -> bool:
        """Say whether the clause tells what is, not what might be and not what is not."""
        before = self.masked[: match.start()]
        if _UNSURE.search(before) or _CONDITION.search(self.masked) or _SAID_UNTRUE.search(self.sentence):
            return False
        return _DENIED.search(before) is None

    def _measures(self, at: int) -> bool:
        """Say whether a date at this place is a measure's, not a meeting's and not a statistic's."""
        before = self.masked[:at]
        if _YEAR_ENDED.search(before):
            return False
        if _STRONG.search(self.masked):
            event = list(_EVENT.finditer(before))
            is_ordered = event and _ORDERED.search(before[: event[-1].start()])
            return not event or bool(is_ordered) or _STRONG.search(self.masked, event[-1].end()) is not None
        if _EVENT.search(self.masked) or _STATISTIC.search(self.masked):
            return False
        return _MEASURE.search(self.masked) is not None

    def _is_over(self, match: re.Match[str]) -> bool:
        """Say whether the clause tells that what began was ended: "in force since 2020, was lifted"."""
        if _REVOKED.search(self.masked, match.end()):
            return True
        return _ENDED_IT.search(self.masked[: match.start()]) is not None

    def _is_measure(self, match: re.Match[str]) -> bool:
        return self._holds(match) and self._measures(match.start())

    def _is_end(self, match: re.Match[str], pattern: re.Pattern[str]) -> bool:
        is_bare = pattern is _UNTIL_DATE and not match["verb"]
        is_deadline = is_bare and _TIME_TO.search(self.masked[: match.start()]) is not None
        if is_deadline or not self._is_measure(match):
            return False
        is_put_off = _WAS_DUE.search(self.masked[: match.start()])
        later_words = re.search(
            r"\b(?:but|however|instead|until|extended|prolonged|renewed|postponed|delayed|shortened|cut short)\b",
            self.masked[match.end() :],
            re.IGNORECASE,
        )
        if is_put_off and later_words:
            return False
        if pattern is _ENDS_DATE and re.match(r"end", match[0], re.IGNORECASE):
            about = self.masked[: match.start()]
            return (_STRONG.search(about) or _MEASURE.search(about)) is not None
        return True

    def _is_start(self, match: re.Match[str]) -> bool:
        """Say whether "from D", "as of D" and their like begin something."""
        if not self._is_measure(match) or self._is_over(match):
            return False
        how, before = match["how"].lower(), self.masked[: match.start()]
        beside = f"{before} {self.masked[match.end() :]}"
        if _STATISTIC.search(beside) and not _STRONG.search(beside):
            return False
        if how == "after" or before.endswith(f"{_SPAN} "):
            return False
        if how == "as of":
            is_act = (_ACTION.search(beside) or _STRONG.search(beside)) is not None
            return is_act and not re.search(r"\b(?:remain\w*|stood|stands?|still|had)\b", beside, re.I)
        if how == "from":
            return (
                not before.strip()
                or re.search(rf"{_ACTION.pattern}|\b(?:is|are|was|were|be)\b", before, re.I) is not None
            )
        return _ACTION.search(beside) is not None or _STRONG.search(beside) is not None

    def _start_tense(self, match: re.Match[str]) -> Tense:
        if re.search(r"\bsince\b", match[0], re.IGNORECASE):
            return Tense.PAST
        return _tense(self.masked[: match.end()])

    def _end_tense(self, match: re.Match[str]) -> Tense:
        before = self.masked[: match.end()]
        if _PASSIVE.search(before):
            return Tense.FUTURE
        return Tense.PAST if _PAST.search(before) else Tense.FUTURE

    def _after_publication(self, match: re.Match[str]) -> PartialDate | None:
        published = self.about.published
        if published is None:
            return None
        if match.groupdict().get("span"):
            return later(of_day(published), self.spans[match.start("span")])
        days = _NTH.get((match["nth"] or "").lower())
        return of_day(published + timedelta(days)) if days else None

    def _announced(self) -> PartialDate | None:
        """Return the day of the announcement: the one that the text gives, else the day of publication."""
        for place, sentence in enumerate((self.sentence, *reversed(self.about.before))):
            read = self if place == 0 and sentence == plain(self.given) else _Clause(sentence, sentence, self.about)
            match = _ANNOUNCED.search(read.masked)
            if match:
                group = next(name for name in ("date", "lead", "bare") if match[name])
                return read._date(match, group, Tense.PAST)
            if place == 0 and (_STARTS_EARLIER.search(read.masked) or _VAGUE_DAY.search(read.masked)):
                return None
            if re.search(_ANNOUNCE, sentence, re.IGNORECASE) and _VAGUE_DAY.search(sentence):
                return None
        return of_day(self.about.published) if self.about.published else None


# "In October 2010 Beijing cut its quotas with immediate effect."
_STARTS_EARLIER = _pattern(rf"(?:\A|\b(?:on|in|of|since) ){_when()}(?! and\b)")


_OTHER_YEAR = _pattern(r"\b(?:last|next|previous|following|past) year\b")


def _is_worded(masked: str) -> bool:
    return bool(
        _IMMEDIATE.search(masked) or re.search(r"\bpublication\b", masked, re.IGNORECASE) or _OWN.search(masked)
    )


def _masked(text: str, start: int, end: int, sign: str) -> str:
    return text[:start] + sign * (end - start) + text[end:]


def _inside(match: re.Match[str], taken: Sequence[tuple[int, int]]) -> bool:
    return any(start < match.end() and match.start() < end for start, end in taken)


def _span_of(figure: Figure, text: str) -> Figure | None:
    """Return a duration without a "for" that is part of it; None for other figures and for "about" and "up to"."""
    if figure.kind not in (FigureKind.MONTHS, FigureKind.DAYS) or figure.bound is not Bound.EXACT:
        return None
    written = text[figure.start : figure.end].lower()
    if written.startswith(("by ", "another ", "within ", "over ", "than ")):
        return None
    lead = len("for ") if written.startswith("for ") else 0
    return replace(figure, start=figure.start + lead)


def _tense(text: str) -> Tense:
    """Return the tense of the last word that shows one."""
    # "will be applied" is to come.
    text = _PASSIVE_TO_COME.sub("will", text)
    past = [match.end() for match in _PAST.finditer(text)]
    coming = [match.end() for match in _COMING.finditer(text)]
    if not past and not coming:
        return Tense.UNCLEAR
    return Tense.PAST if max(past, default=-1) > max(coming, default=-1) else Tense.FUTURE


def _clauses(sentence: str) -> Iterator[str]:
    """Yield the parts of a sentence that speak of different things."""
    start = 0
    for match in _CLAUSE_END.finditer(plain(sentence)):
        yield sentence[start : match.start()]
        start = match.end()
    yield sentence[start:]


def _joined(found: list[tuple[Validity, str]]) -> Validity:
    """Return the one time that clauses give: a second one may add the other end if it goes on about the same."""
    if not found:
        return Validity()
    (result, said), *others = found
    for other, clause in others:
        if (other.effective, other.expires) == (result.effective, result.expires):
            continue
        adds = (
            {bool(result.effective), bool(other.effective)}
            == {bool(result.expires), bool(other.expires)}
            == {False, True}
        )
        is_same = _GOES_ON.match(clause) or _shares_subject(said, clause)
        if not (adds and is_same):
            return Validity()
        effective, expires = result.effective or other.effective, result.expires or other.expires
        if effective and expires and effective.first > expires.last:
            return Validity()
        result = Validity(effective, expires, " … ".join(part for part in (result.words, other.words) if part))
    return result


def _with_end(result: Validity, later: Validity) -> Validity:
    """Return a time with the end that a later sentence gives, if the two fit together."""
    effective = result.effective or later.effective
    if later.expires is None or (result.effective and later.effective and result.effective != later.effective):
        return result
    if effective and effective.first > later.expires.last:
        return result
    return Validity(effective, later.expires, " … ".join(part for part in (result.words, later.words) if part))


def _tells_of_measure(quote: str) -> bool:
    return bool(_STRONG.search(quote) or (_ACTION.search(quote) and _MEASURE.search(quote)))


def _is_about_same(quote: str, sentence: str, *, is_next: bool) -> bool:
    """Say whether a later sentence goes on about what a quote tells of.

    After "suspended its controls" that is "the suspension", never "the controls".
    """
    if is_next and _GOES_ON.match(sentence):
        return True
    if not _shares_subject(quote, sentence):
        return False
    is_eased = _EASED.search(quote) is not None
    opening = " ".join(sentence.split()[:4])
    return not is_eased or _EASED.search(opening) is not None or _ACT.search(opening) is not None


def _shares_subject(said: str, clause: str) -> bool:
    """Say whether a clause opens with "the suspension" after one that told that something was suspended."""
    match = re.match(r"\W*(?:the|that|this) ((?:[\w-]+,? ){1,2})", plain(clause), re.IGNORECASE)
    if match is None:
        return False
    # "suspended" and "suspension" have different stems.
    beginnings = {stem[:_COMMON_LETTERS] for stem in content_stems(said)}
    return any(stem[:_COMMON_LETTERS] in beginnings for stem in content_stems(match[1]))
