"""The words of time in texts of law and trade, as patterns: "effective", "until", "for one year from", "lapses on".

They are matched against a clause whose dates, durations and days are masked by one sign each, so that they are written
over words alone (see `masked_clause`).
"""

from __future__ import annotations

import re

# Stand where a date, a duration and a day such as "Monday" were.
DATE, SPAN, DAY = "\ue000", "\ue001", "\ue002"
# Fonts of their own put such characters into PDF files.
UNUSED = str.maketrans(dict.fromkeys((DATE, SPAN, DAY), " "))


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


# "12:01 a.m. Eastern Standard Time on", "midnight on", "the end of", "late", "Monday," before a date.
CLOCK = (
    r"(?:(?:at )?(?:\d{1,2}(?::\d\d)? ?[ap]\.? ?m\.?|\d{1,2}:\d\d|midnight|noon),? ?"
    r"(?:\(?(?:[a-z]+ ){1,3}time\)?,? ?|(?:[ecmp][sd]?t|gmt|utc|cest|bst|hkt)\.?,? )?(?:on |of )?)"
)
PART = r"(?:(?:the )?(?:(?:very )?(?:end|close|start|beginning|middle) of )?(?:the )?(?:(?:early|late|mid)[- ])?)"
# Possessive: otherwise a date gives up its last letter to get round what must not follow it.
WHEN = (
    rf"{CLOCK}?(?:the )?(?:{DAY}++,? )?{PART}(?P<{{0}}>(?:(?:last|next|this) )?(?:{DATE}++|{DAY}++))"
    rf"(?!,? (?:at the earliest|or (?:until|later|earlier|beyond|when)|if\b|provided|unless an?\b|and beyond))"
)


def when(name: str = "date") -> str:
    """Return the pattern of a masked date with what may lead it, the date as group `name`."""
    return WHEN.replace("{0}", name)


UNTIL = (
    r"(?:up until|until|till?|'til|through to|(?:up to and )?through(?: and including)?|thru"
    r"|up to and including|up to|to and including)"
)
ENDS = (
    r"(?:expir(?:es?|ed|ing|y|ation)|laps(?:es?|ed|ing)|ends?|ended|ending|terminat(?:es?|ed|ing)|sunsets?"
    r"|runs? out|ran out|ceas(?:es?|ed) to (?:apply|have effect|be in (?:force|effect)))"
)
STARTS = (
    r"(?:tak(?:es?|ing) (?:legal |full )?effect|took (?:legal |full )?effect|t(?:akes?|ook) force"
    r"|(?:comes?|coming|came|goes|go|going|went|puts?|brought|enter(?:s|ed|ing)?)(?: back)? in(?:to)? (?:effect"
    r"|force)"
    r"|in (?:force|effect)|effective(?: date)?|applicable|becomes? (?:binding|law|mandatory)"
    r"|became (?:binding|law|mandatory)|enters?(?: into)? application|kick(?:s|ed|ing)? in|(?:begins?|began"
    r"|starts?|started) to apply)"
)
LINK = (
    r"(?: ?[:,-])? ?"
    r"(?:(?:is|was|are|were|only|on|of|in|at|from|as of|as from|since|beginning|starting|on or after|with) ){0,4}"
)
FROM = (
    r"(?:with effect from|with effect on|as of|as from|effective|applicable|starting(?: on| from| in)?"
    r"|beginning(?: on| from| in)?|commencing(?: on| from| in)?|on or after|on and after|from|since|after)"
)
AT_ONCE = r"(?:immediately|at once|straight away|right away|with immediate effect|forthwith)"
IMMEDIATE = _pattern(
    rf"\b(?:effective {AT_ONCE}|(?:with )?immediate effect|immediately effective|takes? immediate effect"
    rf"|(?:tak(?:es?|ing)|took) effect {AT_ONCE}"
    rf"|(?:enter(?:s|ed|ing)?|c[ao]mes?|coming|goes|went) in(?:to)? (?:force|effect) {AT_ONCE})\b"
)
PUBLICATION = (
    r"(?:(?:the )?(?:date|day|time) of )?(?:(?:its|their|the|this) )?publication\b"
    r"(?: (?:of (?:this|the) \w+(?: \w+)?|in the (?:federal register|official journal|official gazette|gazette)))?"
)
ON_PUBLICATION = _pattern(rf"\b(?:{STARTS}|appl(?:y|ies|ied)) (?:up)?(?:on|from|as of|as from|beginning) {PUBLICATION}")
AFTER_PUBLICATION = _pattern(
    rf"\b(?P<verb>{STARTS}|{ENDS}|appl(?:y|ies)|until)[, ]{{1,2}}(?:on )?(?:the )?(?:date |day )?(?:that is )?"
    rf"(?:(?P<span>{SPAN}+)|(?P<nth>\w+)? ?day) (?:after|following|from) (?:that of )?{PUBLICATION}"
)
FROM_PUBLICATION = _pattern(rf"\bfor (?:a period of )?(?P<span>{SPAN}+) (?:after|following|from) {PUBLICATION}")
NTH = {"": 1, "next": 1, "first": 1, "third": 3, "fifth": 5, "tenth": 10, "fifteenth": 15, "twentieth": 20,
        "thirtieth": 30}  # fmt: skip
RANGE = _pattern(
    rf"\b(?:(?P<between>between)|from|starting|beginning|effective|on or after) {when('first')}"
    rf"[^;{DATE}{DAY}]{{0,30}}?(?P<link>,? ?(?:and )?(?:through|until|till|to|before)|,? and| ?-) ?{when('last')}"
)
UNTIL_DATE = _pattern(rf"\b(?P<verb>(?:delay|postpon|deferr?|suspend|extend|paus|renew|prolong)\w* )?{UNTIL} {when()}")
ENDS_DATE = _pattern(
    rf"\b{ENDS}(?: date)?(?: (?:is|of|on|at|in|from|as of|by|no later than|not later than|:)){{0,3}}:? {when()}"
)
EXTENDED_TO = _pattern(rf"\b(?:extend|prolong|renew)\w*(?: [\w',-]+){{0,14}}? to {when()}")
STARTS_DATE = _pattern(rf"\b{STARTS}{LINK}{when()}")
STARTS_LATER = _pattern(
    rf"(?:\A|, )\W*(?:on|from|since|as of|in|beginning|starting|effective) {when()},? [^;]*?(?<!remain )\b{STARTS}"
)
CHANGES_ON = _pattern(
    r"\b(?:will|shall|is to|are to|is set to|are set to) (?:be )?(?:rise|fall|drop|increase|decrease|double"
    r"|start|begin"
    r"|apply|raised|cut|lowered|reduced|imposed|lifted|introduced|abolished|required|prohibited|banned|suspended"
    r"|reinstated)"
    rf"(?: [\w%.]+){{0,6}}? on {when()}"
)
STARTS_PUT_OFF = _pattern(
    r"\b(?:effective date|entry into force|date of application|implementation|introduction|start)\b[^;,]{0,60}?"
    rf"\b(?:delayed|postponed|deferred|pushed back|put off|moved) (?:until|till|to) {when()}"
)
FROM_DATE = _pattern(rf"\b(?P<how>{FROM}) {when()}")
END_OF = _pattern(r"\b(?:end|close) of (?:the )?\Z")
NOT_UNTIL = _pattern(rf"\b(?:not|n't|never) (?:[\w-]+ ){{0,6}}?(?:until|till|before) {when()}")
PERIOD = _pattern(
    rf"(?:\b(?:for|lasts?|lasting) (?:(?:an?|the|another|additional|initial|further|next|period|of|full|first"
    rf"|total|fixed) ){{0,5}}"
    rf"(?P<span>{SPAN}++)|(?<!\w)(?P<own>{SPAN}++)[- ](?:[a-z]+ ){{0,2}}?(?:pause|suspension|truce|extension"
    rf"|waiver|exemption|moratorium"
    rf"|exclusion|ban|delay|freeze|reprieve|period|quota|embargo|halt|deferral|derogation))"
    rf"(?! ?(?:to|or|-) ?{SPAN})(?P<from>,? (?:from|beginning|starting|commencing|as of|effective)(?: on| from"
    rf"| in)? {when()})?"
)

# A time limit, or the term of each licence.
NOT_ITS_TERM = _pattern(
    r"\bwithin\b|\b(?:licen[cs]es?|permits?|certificates?|contracts?)(?: (?:are|is|were|was))? (?:valid|good"
    r"|issued|granted)\b"
)
# A clause with one of these tells of what might be.
UNSURE = _pattern(
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
CONDITION = _pattern(r"\b(?:if|unless|provided that|subject to (?:approval|ratification))\b")
# "The ministry denied that the suspension lasts until May": of the sentence nothing is taken.
SAID_UNTRUE = _pattern(
    r"\b(?:den(?:y|ies|ied|ying)|dismiss(?:es|ed|ing)?|reject(?:s|ed|ing)?|refut(?:es?|ed|ing))"
    r" (?:that\b|having\b|(?:[\w'-]+ ){0,3}(?:reports?|rumou?rs?|claims?|suggestions?|speculation)\b)"
    r"|(?:\bnot|n't) (?:true|correct|the case) that\b"
    r"|\b(?:false(?:ly)?|wrong(?:ly)?|incorrect(?:ly)?) (?:claim\w*|report\w*|stat\w+|said)\b"
    r"|\b(?:is|are|was|were) (?:false|wrong|incorrect|baseless|unfounded|not true)\b"
)
WAS_DUE = _pattern(r"\b(?:(?:was|were|had been) |(?<=, ))(?:due|set|scheduled|supposed|meant|slated|to)\b")
DENIED = _pattern(r"(?:\b(?:not|never|nor|cannot|without|failed to|no)\b|n't\b)(?: [\w-]+){0,4}? ?\Z")
PUT_OFF = _pattern(
    r"\b(?:delay|postpon|deferr?|push(?:ed)? back|put off|suspend|paus|cancel|scrapp|withdr[ae]w|stay(?:ed)?\b)\w*"
)
# Words of a measure that holds; a date beside one of these is the measure's.
STRONG = _pattern(
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
MEASURE = _pattern(
    r"\b(?:dut(?:y|ies)|tariffs?|quotas?|lev(?:y|ies)|surcharges?|licen[cs]\w+|permits?|controls?|curbs"
    r"|restrict\w*|measures?"
    r"|sanctions?|rules?|orders?|regulations?|agreement|deal|pact|fees?|preferen\w+|subsid\w+|rates?|regime"
    r"|scheme|pauses?|relief"
    r"|arrangement|treaty|decree|notice|law|act|ban|waiver|reprieve|rais(?:es?|ed)|cuts?|lower(?:s|ed)"
    r"|reduc(?:es?|ed)|doubl(?:es?|ed)"
    r"|halv(?:es?|ed)|will)\b"
)
EVENT = _pattern(
    r"\b(?:talks|negotiat\w+|comments?|submissions?|submit\w*|hearings?|meetings?|summit|conference|fairs?"
    r"|visit\w*|consultations?"
    r"|deadline|register\w*|respond|repl(?:y|ies)|bids|tenders?|vote|session|appl(?:y|ied) for|applications)\b"
)
# "Talks on the waiver" end, not the waiver.
OF_EVENT = _pattern(
    r"\b(?:talks|negotiations|comments?|period|hearings?|meetings?|consultations?|reviews?|investigations?"
    r"|inquir(?:y|ies)|probes?|funds|funding|term|tenders?|deadline) (?:on|of|for|about|over|into|with) [^,;:]{0,60}\Z"
)
# "Exporters must register": an obligation, not an event.
ORDERED = _pattern(r"\b(?:must|shall|required to|obliged to)(?: \w+)? \Z")
STATISTIC = _pattern(
    r"\b(?:total(?:l?ed|s)|averag\w+|rose|risen|fell|fallen|grew|grown|declin\w+|dropped|jumped|surged|slumped"
    r"|shipments?|(?:shipped|exported|imported|sold|bought|produced)"
    r" (?=[\d$€£]|more|less|fewer|nearly|almost|about|over)"
    r"|sales|output|production|volumes?|figures|data|survey\w*|statistics|deficit|surplus)(?!\w)"
)
ACTION = _pattern(
    r"\b(?:will|shall|must|to be|impos\w+|levied|rais(?:es?|ed)|cuts?|lower(?:s|ed)|reduc(?:es?|ed)|suspend(?:s"
    r"|ed)|lift(?:s|ed)"
    r"|bann?(?:s|ed)|exempt\w*|required?|requires|subject|appl(?:y|ies|ied)|drops?|rises?|falls?|payable|due"
    r"|introduced?|need"
    r"|reinstat\w+|restored?|doubl(?:es?|ed)|halv(?:es?|ed)|increas(?:es?|ed)|prohibit\w*|in (?:force|effect"
    r"|place)|extend\w*"
    r"|duty[- ]free|abolished|valid|allowed)\b"
)
# "Exports were 12 percent lower", "shipments were hit by the ban": what went on in a time, no time of a measure.
FLOWED = _pattern(
    rf"(?:\A|[,;:{DATE}{SPAN}{DAY}])[\s\"'(]*(?:(?!(?:on|of|for|to|from|in|by|against|with|under|at)\b)[\w'-]+ ){{0,3}}"
    r"(?:exports?|imports?|shipments?|sales|deliveries|purchases|trade|output|production|arrivals|volumes?|inflows?"
    r"|orders|prices|revenues?)"
    r"(?: (?!(?:was|were|had|have|has|been)\b)[\w',-]+){0,10}? (?:rose|fell|grew|declined|dropped|climbed|jumped"
    r"|slumped|total+ed|reached|averaged|came to|stood at|amounted to|(?:was|were|had been|have been|has been)"
    r"(?! (?:not |also |again |\w+ly ){0,2}(?:exempt\w*|bann?ed|barred|prohibited|forbidden|blocked|suspended|stopped"
    r"|halted|limited|capped|restricted|allowed|permitted|admitted|charged|taxed|licensed|duty[- ]free|free of"
    r"|liable to|subject(?:ed)? to (?:[\w-]+ ){0,5}?(?:dut(?:y|ies)|tariffs?|quotas?|lev(?:y|ies)|fees?"
    r"|licen[cs]\w+|tax(?:es)?|surcharges?|checks?|inspections?|controls?|caps?|limits?|permits?|rates?|rules?|ceilings?|bans?))))\b"
)
YEAR_ENDED = _pattern(
    r"\b(?:years?|quarters?|months?|weeks?|season|half)(?: to| ended| ending| through| from| up to| ends?)? ?\Z"
)
PASSIVE = _pattern(
    r"\b(?:suspended|extended|delayed|postponed|paused|renewed|prolonged|exempted|waived|deferred|frozen|lifted"
    r"|eased)\b"
)
PAST = _pattern(
    r"\b(?:was|were|had|did|took|came|went|began|started|applied|ran|lasted|expired|lapsed|ended|entered|imposed"
    r"|introduced"
    r"|raised|levied|been|since|became|terminated|ceased)\b"
)
PASSIVE_TO_COME = _pattern(r"\b(?:will|shall|must|to) be \w+")
COMING = _pattern(
    r"\b(?:will|shall|must|takes?|comes?|enters?|goes|begins?|starts?|is|are|applies|to|due|set|scheduled|next)\b"
)
ANNOUNCE = (
    r"\b(?:announc\w+|said|issued?|unveil\w+|declared|signed|decided|decision|decree\w*|published|released|ordered"
    r"|ruled|approved)"
)
ANNOUNCED = _pattern(
    rf"{ANNOUNCE}\b(?:(?! but )[^;{DATE}{DAY}]){{0,80}}?\b(?:on|in|of|dated) {when()}"
    rf"|(?:\A|\b(?:on|in) ){when('lead')},? [^;{DATE}{DAY}]{{0,80}}?{ANNOUNCE}\b"
    rf"|{ANNOUNCE} (?:[\w']+ ){{0,5}}?{when('bare')}"
)
VAGUE_DAY = _pattern(
    r"\b(?:(?:last|past|previous|earlier(?: this)?) (?:week|month|year|summer|spring|autumn|fall|winter)|ago"
    r"|recently)\b"
)
OWN = _pattern(
    rf"\b(?:this|the) (?:(?:final|interim|amended) )?(?:rule|notice|order|determination|regulation|decree|action"
    rf"|amendment|"
    rf"proclamation|directive|decision)s? (?:is|are|becomes?|shall be|will be)? ?{STARTS}(?! (?:on|in|from|as of"
    rf"|until|up)\b)"
)
REVOKED = _pattern(
    r"\b(?:was|were|is|are|been) (?:[a-z]+ly )?(?:lifted|ended|revoked|scrapped|repealed|suspended|removed"
    r"|dropped|abolished"
    r"|withdrawn|rescinded|annulled|struck down|stayed|blocked|vacated|voided|overturned|replaced)\b"
)
ENDED_IT = _pattern(
    r"\b(?:lift(?:s|ed)|end(?:s|ed)|revok(?:es?|ed)|scrap(?:s|ped)|repeal(?:s|ed)|suspend(?:s|ed)|remov(?:es?|ed)"
    r"|abolish(?:es|ed)|withdrew|withdraws|rescind(?:s|ed)|annul(?:s|led)|str(?:ikes|uck) down|block(?:s|ed)"
    r"|vacate[sd]?|void(?:s|ed)|overturn(?:s|ed)|replace[sd]?) [^;,]*, [^;,]{0,30}\Z"
)
# "Firms have until 15 December to apply": a deadline.
TIME_TO = _pattern(r"\b(?:have|has|had|gives?|gave|given|giving)(?: \w+)? \Z")
EASED = _pattern(
    r"\b(?:suspen|paus|lift|eas(?:e|ed|ing)\b|waiv|exempt|halt|delay|postpon|defer|relax|fr[eo]z|freez)\w*"
)
ACT = _pattern(r"\b(?:truce|reprieve|extension|moratorium|stay|relief|step|move|deal|agreement)\b")
CLAUSE_END = _pattern(
    r"; | - (?=(?:while|but|the)\b)|,? (?=(?:while|whereas|although|though)\b)|, (?=but\b)"
    r"|,? and (?=the (?:\w+ ){1,3}(?:runs?|ran|expires?|lasts?|took|takes|will)\b)"
)
GOES_ON = _pattern(
    r"\A\W*(?:but |and |while |although |though )?(?:(?:it|they|this|these|that|which|both|the same)\b|(?:lasts?"
    r"|runs?|expires?|remains?|applies|ends?|will|is|are|only)\b"
    r"|the (?:measures?|steps?|moves?|changes?|decision|cut|increase|arrangement)\b"
    r"|the (?:lower|new|higher|reduced|current|temporary|special) [a-z]+\b)"
)
# "In October 2010 Beijing cut its quotas with immediate effect."
STARTS_EARLIER = _pattern(rf"(?:\A|\b(?:on|in|of|since) ){when()}(?! and\b)")
OTHER_YEAR = _pattern(r"\b(?:last|next|previous|following|past) year\b")
