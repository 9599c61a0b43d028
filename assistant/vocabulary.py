"""The words verification knows: opposites, hedges, negations, words of one meaning, and goods that are not one another.

Plain lists, so that a trade expert can add to them without reading code. They hold base forms; inflected forms are
reached through stems, irregular ones are written out.
"""

from __future__ import annotations

import functools

from assistant.text import stem

# axis: words of one pole / words of the other; an indented line goes on with the line above
_OPPOSITES = """
amount: rise rose risen increase grow grew grown climb jump surge soar gain expand hike raise higher double
  triple boost accelerate escalate exceed growth upward / fall fell fallen decrease decline drop cut reduce
  reduction shrink shrank slump lower halve narrow slash plunge slow slowed downward shed tumble sank sink
  rollback
force: impose enforce remain keep kept retain stay persist continue introduce reinstate extend tighten maintain
  adopt reimpose intact renew revive / lift suspend suspension pause remove removal cancel scrap repeal revoke
  waive withdraw withdrew withdrawn freeze froze frozen delay postpone relax lapse expire defer shelve drop
  abolish rescind ease halt rollback
comparison: more above exceed over longer greater larger bigger most / less below under fewer shorter smaller
  least
hold: temporary temporarily interim provisional / permanent permanently
trade: import importer inbound / export exporter outbound
deal: buy bought purchase buyer / sell sold sale seller
law: lawful legal constitutional legitimate / unlawful illegal unconstitutional
term: short-term short / long-term long
home: domestic / foreign overseas
win: win won gain / lose lost
agree: agree agreed accept approve endorse / refuse reject deny denied decline oppose veto disagree
permit: allow permit authorize authorise / ban bar barred prohibit forbid block outlaw
start: begin began begun start commence open launch / end ended stop finish conclude close terminate
support: support back favour favor welcome praise / oppose criticize criticise condemn attack
strength: strengthen strong stronger robust / weaken weak weaker fragile
mood: optimistic confident hopeful / pessimistic doubtful sceptical skeptical
result: success succeed successful / fail failed failure
balance: surplus / deficit shortfall
scope: broad broader wide sweeping comprehensive / narrow limited targeted partial
help: help benefit aid / harm hurt damage
size: majority / minority
order: before / after
price: dear dearer expensive / cheap cheaper
custody: seize confiscate detain / release return
fairness: fair fairly / unfair discriminatory discriminate
duty: voluntary voluntarily optional / mandatory compulsory obligatory
filing: file lodge submit bring / withdraw withdrew withdrawn drop retract
first: first initial / last final
include: include including / exclude exempt except excluding
sure: confirm / deny denied
fast: faster quicker quick / slower slow
upheld: uphold upheld / overturn overturned
risk: safe secure / vulnerable exposed risky
easy: easier simple / harder difficult
near: early / late
heat: escalate escalation / de-escalate de-escalation ease cool
public: public / private
formal: formal formally / informal informally
new: new / old existing
present: present available / absent missing
direct: direct directly / indirect indirectly
"""
# Axes on which "not" makes one pole the other: "not in force" is lifted, but "did not buy" is not "sold".
NEGATED_TO_OPPOSITE = frozenset("force permit law sure result include".split())
# Base forms and their past; regular ones are made by rule.
PAST_FORMS = {
    "say": "said", "do": "did", "get": "got", "make": "made", "give": "gave", "take": "took", "buy": "bought",
    "sell": "sold", "cut": "cut", "put": "put", "set": "set", "win": "won", "lose": "lost", "pay": "paid",
    "keep": "kept", "hold": "held", "begin": "began", "rise": "rose", "fall": "fell", "grow": "grew", "meet": "met",
    "tell": "told", "mean": "meant", "think": "thought", "leave": "left", "find": "found", "seek": "sought",
    "withdraw": "withdrew", "run": "ran", "lead": "led", "come": "came", "go": "went", "become": "became",
    "see": "saw", "send": "sent", "spend": "spent", "let": "let", "hit": "hit", "write": "wrote", "know": "knew",
    "have": "had", "ban": "banned", "plan": "planned", "drop": "dropped", "stop": "stopped", "permit": "permitted",
    "submit": "submitted", "ship": "shipped", "be": "was", "hear": "heard", "freeze": "froze", "build": "built",
    "bring": "brought", "sit": "sat", "understand": "understood",
}  # fmt: skip
_MORE_FORMS = {
    "risen": "rise", "fallen": "fall", "grown": "grow", "given": "give", "taken": "take", "begun": "begin",
    "gone": "go", "seen": "see", "known": "know", "frozen": "freeze", "withdrawn": "withdraw", "written": "write",
    "done": "do", "sank": "sink", "sunk": "sink", "shrank": "shrink", "shrunk": "shrink", "slid": "slide",
    "drew": "draw", "drawn": "draw", "drove": "drive", "driven": "drive", "struck": "strike", "stricken": "strike",
    "spoke": "speak", "spoken": "speak", "broke": "break", "broken": "break", "chose": "choose", "chosen": "choose",
    "forbade": "forbid", "forbidden": "forbid", "upheld": "uphold", "overturned": "overturn", "dealt": "deal",
    "stood": "stand", "bore": "bear", "fed": "feed", "shed": "shed", "sued": "sue", "shown": "show",
    "proven": "prove", "threw": "throw", "thrown": "throw",
}  # fmt: skip
BASE_FORMS = {
    past: base for base, past in PAST_FORMS.items() if past not in ("found", "left", "saw", "felt")
} | _MORE_FORMS
# Axes whose words are what a sentence says: without a like word in the source they are not supported.
MUST_BE_SAID = frozenset(
    "amount force agree permit support law result help include upheld duty filing win fairness strength".split()
)
# "put on hold", "rolled back": read as one word before anything else
PHRASES = {
    "put on hold": "suspended", "puts on hold": "suspends", "putting on hold": "suspending", "on hold": "suspended",
    "rolled back": "rollback", "roll back": "rollback", "rolls back": "rollback", "rolling back": "rollback",
    "holds off": "postpones", "held off": "postponed", "hold off": "postpone", "put off": "postponed",
    "pushed back": "postponed", "called off": "cancelled", "phased out": "ended", "cut in half": "halved",
    "in force": "in force", "ramped up": "raised", "scaled back": "reduced", "de-escalation": "deescalation",
    "de-escalate": "deescalate", "short-term": "shortterm", "short term": "shortterm", "near term": "shortterm",
    "near-term": "shortterm", "long-term": "longterm", "long term": "longterm", "struck down": "overturned",
    "thrown out": "overturned", "carry out": "do", "as well as": "and", "soy beans": "soybeans", "going up": "rising",
    "went up": "rose", "go up": "rise", "went down": "fell", "go down": "fall", "comes into force": "starts",
    "taken effect": "started", "take effect": "start", "takes effect": "starts", "took effect": "started",
    "at first": "initially", "in addition to": "besides", "in addition": "additionally", "a number of": "several",
    "a lot of": "many", "lots of": "many", "plenty of": "many", "prior to": "before", "in order to": "to",
    "in spite of": "despite", "at present": "currently", "at the moment": "currently", "at once": "immediately",
    "no one": "nobody", "set up": "established", "took place": "occurred", "takes place": "occurs",
    "take place": "occur", "made up of": "consisting of", "with the exception of": "except", "apart from": "except",
    "other than": "except", "aside from": "except", "the majority of": "most", "the great majority of": "most",
    "the vast majority of": "most", "the large majority of": "most", "a large majority of": "most",
    "a majority of": "most", "per year": "a year", "per annum": "a year", "in the course of": "during",
    "by means of": "by", "in favour of": "for", "in favor of": "for", "on account of": "because of",
    "owing to": "because of", "due to": "because of", "as a result of": "because of", "together with": "with",
    "along with": "with", "found out": "discovered", "find out": "discover", "carried out": "conducted",
    "carries out": "conducts", "pointed out": "noted", "points out": "notes", "in total": "altogether",
    "for instance": "for example", "all over": "throughout", "more or less": "roughly", "a great deal of": "much",
    "in the end": "finally", "at last": "finally", "in case": "if", "in the event that": "if", "yet to": "not",
    "no longer": "not", "have to": "must", "has to": "must", "provided that": "if",
    "on condition that": "if", "as long as": "if", "so long as": "if", "in the event of": "if of",
    "least costly": "cheapest", "least expensive": "cheapest", "most costly": "costliest",
    "most expensive": "costliest", "all but one": "allbutone", "all except one": "allbutone",
    "is able to": "can", "are able to": "can", "is allowed to": "may",
    "are allowed to": "may", "is permitted to": "may", "are permitted to": "may", "set aside": "overturned",
    "up from": "rising from", "down from": "falling from", "for that reason": "therefore",
    "for this reason": "therefore", "as a consequence": "therefore", "at the same time": "meanwhile",
    "in particular": "particularly", "in general": "generally", "as well": "also", "a few": "several",
    "so as to": "to", "with regard to": "about", "with respect to": "about", "in relation to": "about",
    "in the wake of": "after", "ahead of": "before", "as soon as": "once", "once more": "again",
    "once again": "again", "right away": "immediately", "straight away": "immediately", "for the most part": "mostly",
    "in large part": "largely", "to a large extent": "largely", "to a great extent": "largely",
    "to some extent": "partly", "in part": "partly", "home to": "housing", "took part": "participated",
    "take part": "participate", "takes part": "participates", "taking part": "participating", "make use of": "use",
    "makes use of": "uses", "made use of": "used", "gave up": "abandoned", "brought about": "caused",
    "brings about": "causes", "came about": "occurred", "went on": "continued", "goes on": "continues",
    "looked into": "investigated", "turned down": "rejected", "put forward": "proposed", "puts forward": "proposes",
    "got rid of": "removed", "called for": "demanded", "calls for": "demands", "accounted for": "represented",
    "accounts for": "represents", "gave rise to": "caused", "gives rise to": "causes", "in fact": "actually",
    "above all": "especially", "by contrast": "however", "in contrast": "however", "on the other hand": "however",
    "rather than": "not", "instead of": "not", "as yet": "yet", "so called": "so-called", "these days": "now",
    "right now": "now",
    "at this time": "now", "to date": "so far", "up until": "until", "up till": "until", "such as": "like",
    "in support of": "for", "as opposed to": "not", "a couple of": "two", "in the middle of": "amid",
    "every year": "annually", "each year": "annually", "every day": "daily", "each day": "daily",
    "every week": "weekly", "every month": "monthly",
}  # fmt: skip

# words that mean the same in a report on trade, one group a line
_SAME = """
tariff duty duties levy levies
curb restriction restrict control limit
company firm business corporation companies
halve half
suspend suspension pause freeze froze frozen delay postpone defer halt hold
lift remove ease relax relaxed loosen waive
scrap eliminate abolish cancel
buy bought purchase acquire
sell sold sale
licence license permit licensing
talk negotiation discussion negotiator
deal agreement accord pact truce agree agreed ceasefire
say said state tell told declare note argue add acknowledge announce announcement report claim remark comment according
plan intend aim propose
rise rose increase grow grew grown growth climb raise higher
fall fell fallen decrease decline drop lower reduce cut reduction
remain stay persist continue keep kept retain maintain still intact unchanged
raise collect revenue
collapse fail failed failure
consider call describe regard view deem
last run through until till expire end ended continue
refine process processing
make made produce manufacture producer manufacturer maker manufacturing production
country nation
leader president head
vehicle car automobile auto
ship vessel
chip semiconductor
supply supplier provide
world global worldwide
share percentage proportion
farmer agricultural farm agriculture grower
need require requirement must necessary
start begin began begun launch commence introduce unveil
government administration authorities authority
blacklist entity-list
formal formally official officially
approve approval endorse endorsement authorization authorisation clearance
important vital essential critical crucial key indispensable
worry concern fear
expert analyst specialist
official
show demonstrate indicate
get got obtain secure receive gain win won
earlier previous prior former before
foreign overseas
now currently presently current
temporary temporarily short-lived
unlawful illegal
reinstate restore resume bring-back reopened revive
retaliate retaliation retaliatory response countermeasure
warn warning caution
dominate dominance dominant
hard tough
buyer customer importer
compensation price return
year annual annually yearly
dispute conflict row
material mineral
imposed introduce impose levied set placed
upend overturn overturned overturning
court judge ruling rule judicial
reprieve relief respite
wait queue delay
supplier source vendor
extra additional further more
lift lifted drop suspended
hail welcome praise
meet met meeting summit
strict stringent tight tough rigorous tighten
seem appear apparent
respond response counter react reaction answer retaliate
outline set lay present describe detail document publish release
rollback withdraw withdrew withdrawn lower reduce cut ease
effective effect immediate start begin force
big large huge major massive sweeping vast
small minor little modest slight
fast quick rapid swift
rule law legislation act statute
goods product merchandise
job worker employee staff
mill plant factory
price cost
aid help assist support
gain benefit profit
oppose fight resist
hit hurt harm damage affect
target aim
stop end cease
build construct
send ship deliver
promise pledge vow commit commitment
threat threaten
win victory
loss lose lost
chance opportunity
danger risk threat
speed accelerate hasten
allow permit let enable
break violate breach
rival competitor
partner ally
widespread broad general
full complete comprehensive total
current present existing
mostly mainly largely primarily
about around roughly approximately nearly almost
think believe consider
bring lead cause result trigger
strengthen bolster boost
weaken undermine erode
join enter accede
leave quit exit
pay paid charge
fine penalty
grain crop
factory plant
talk speak discuss
view position stance opinion
try attempt seek effort
quickly rapidly swiftly
often frequently
suit lawsuit complaint case challenge
appeal challenge
approval consent permission
demand request ask insist
rest remainder remaining
last past
"""

_CERTAIN = frozenset(
    "will shall must cannot certain certainly definitely surely inevitably guarantee guaranteed bound".split()
)
_POSSIBLE = frozenset(
    "may might could possibly potentially perhaps maybe likely probably possible potential can would should "
    "expect expected expects hope hopes hoped aim aims consider considering considered propose proposed "
    "plan planned plans threaten threatened threat eventually appear appears seem seems reportedly "
    "allegedly risk if potentially would-be signal signaled signalled predict predicts estimate estimates "
    "forecast warn warned unlikely going".split()
)
NEGATIONS = frozenset(
    "not no never neither nor without cannot none nothing nobody hardly barely scarcely lack lacks lacked "
    "lacking fail fails failed failing failure refuse refuses refused refusing unable absent deny denies "
    "denied nowhere stops".split()
)
# A sentence with one of these can be the negation of another sentence without saying "not".
_NEGATIVE = (
    "lift relax drop remove bar reject block ban prohibit end short pending unresolved lacking stop halt "
    "suspend ease waive decline miss scrap cancel abolish rescind withdraw postpone delay excluded exempt "
    "oppose unchanged outstanding free need withheld withhold await awaiting yet unsuccessful unapproved elusive "
    "minimal little few scarce exclude reverse shelve"
).split()
ABSOLUTES = {
    "all": "all every entire whole each",
    "every": "all every each entire",
    "always": "always ever constantly permanently",
    "only": "only solely alone exclusively just nothing but",
    "entire": "entire whole all full complete",
    "entirely": "entirely wholly completely fully all entire total totally",
    "completely": "entirely wholly completely fully all entire total totally complete",
    "fully": "entirely wholly completely fully full all entire total totally",
    "permanently": "permanently permanent forever indefinitely",
    "permanent": "permanently permanent forever indefinite",
    "immediately": "immediately immediate instantly at once now",
    "unanimously": "unanimously unanimous",
    "indefinitely": "indefinitely indefinite permanently open-ended",
    "exclusively": "exclusively only solely",
    "largest": "largest biggest greatest top leading",
    "biggest": "largest biggest greatest top leading",
    "first-ever": "first",
    "guaranteed": "guaranteed guarantee guarantees",
    "never": "never not no ever",
}

# Goods, materials and fields that must not be exchanged for one another.
_GOODS = """
gallium germanium antimony graphite neodymium dysprosium samarium terbium praseodymium yttrium scandium
gadolinium lutetium holmium erbium thulium ytterbium europium cerium lanthanum lithium cobalt nickel copper
zinc tin tungsten molybdenum bismuth indium tellurium titanium vanadium manganese magnesium uranium platinum
palladium gold silver iron steel aluminum aluminium soybean soya wheat corn maize rice sorghum barley cotton
sugar coffee cocoa tea beef pork poultry chicken seafood fish dairy milk cheese fruit timber lumber wood paper
rubber leather textile garment clothing apparel footwear shoe toy furniture watch wine whiskey whisky spirits
tobacco fertilizer fertiliser chemical pharmaceutical medicine drug fentanyl plastic glass cement oil gas coal
electricity solar panel battery turbine magnet chip semiconductor computer phone smartphone television
software car truck vehicle aircraft airplane jet helicopter ship boat missile drone satellite robot tractor
engine machinery bond currency stock
"""

_ACTORS = "president congress parliament senate government court minister ministry commission cabinet regulator"

_EXEMPT_FROM_COVERAGE = frozenset(
    "say said state tell told declare note argue add acknowledge announce report claim remark comment "
    "according source article passage call describe mention explain write wrote point view term accord make "
    "made take took go went give gave put get got become became use used include including involve via per "
    "cent percent year month week day time one also however may might could can will shall should must "
    "meanwhile would still already now back move step thing way part".split()
)


@functools.lru_cache(maxsize=65536)
def word_stem(word: str) -> str:
    """Return the stem of a lower-case word, of "throw" for "threw" where the lists have its base form."""
    return stem(BASE_FORMS.get(word, word))


@functools.cache
def poles() -> dict[str, tuple[tuple[str, int], ...]]:
    """Return for each stem the (axis, +1 or -1) it stands on; a stem may stand on several axes."""
    found: dict[str, list[tuple[str, int]]] = {}
    for line in _OPPOSITES.strip().replace("\n  ", " ").splitlines():
        axis, _, words = line.partition(":")
        for sign, side in zip((1, -1), words.split("/"), strict=True):
            for word in side.split():
                place = (axis, sign)
                listed = found.setdefault(word_stem(word.replace("-", "")), [])
                if place not in listed:
                    listed.append(place)
    return {key: tuple(places) for key, places in found.items()}


@functools.cache
def same() -> dict[str, frozenset[int]]:
    """Return for each stem the numbers of the groups of one meaning that it is in."""
    found: dict[str, set[int]] = {}
    for number, line in enumerate(_SAME.strip().splitlines()):
        for word in line.split():
            found.setdefault(word_stem(word), set()).add(number)
    return {key: frozenset(groups) for key, groups in found.items()}


@functools.cache
def goods() -> frozenset[str]:
    """Return the stems of goods, materials and fields."""
    return frozenset(word_stem(word) for word in _GOODS.split())


@functools.cache
def actors() -> frozenset[str]:
    """Return the stems of nouns that act like a name in a report: "the president", "the commission"."""
    return frozenset(word_stem(word) for word in _ACTORS.split())


@functools.cache
def negative() -> frozenset[str]:
    """Return the stems of words that deny without a "not"."""
    return frozenset(word_stem(word) for word in _NEGATIVE)


@functools.cache
def exempt() -> frozenset[str]:
    """Return the stems that carry too little meaning to be asked for in a source."""
    return frozenset(word_stem(word) for word in _EXEMPT_FROM_COVERAGE)


@functools.cache
def past_verbs() -> frozenset[str]:
    """Return the irregular past forms that are not also the base form: "fell", but not "cut"."""
    return frozenset(_MORE_FORMS) | {past for base, past in PAST_FORMS.items() if past != base}


@functools.cache
def base_verbs() -> frozenset[str]:
    """Return verbs in their base form; many are nouns as well."""
    return frozenset(PAST_FORMS) | {
        word for word, places in poles().items() if MUST_BE_SAID & {axis for axis, _ in places}
    }


def certainty(word: str) -> int:
    """Return 1 for a word of certainty ("will"), -1 for one of possibility ("may"), 0 otherwise."""
    return 1 if word in _CERTAIN else -1 if word in _POSSIBLE else 0
