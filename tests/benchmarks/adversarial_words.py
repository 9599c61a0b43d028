"""The word lists of the generator, written for it alone: the verification has its own and never sees these."""

from __future__ import annotations

import functools
import re

from lemminflect import getAllLemmas, getInflection

MONTHS = "January February March April May June July August September October November December".split()
WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
NUMBERS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
).split()

# Each word with one that says the opposite of it in most sentences. Verbs are inflected.
OPPOSITE_VERBS = (
    ("rise", "fall"), ("increase", "decrease"), ("grow", "shrink"), ("gain", "lose"), ("expand", "contract"),
    ("raise", "lower"), ("strengthen", "weaken"), ("impose", "lift"), ("open", "close"), ("accept", "reject"),
    ("allow", "prohibit"), ("permit", "forbid"), ("support", "oppose"), ("win", "lose"), ("begin", "cease"),
    ("buy", "sell"), ("ease", "tighten"), ("accelerate", "slow"), ("improve", "worsen"), ("export", "import"),
    ("succeed", "fail"), ("approve", "reject"), ("include", "exclude"), ("encourage", "discourage"),
    ("restrict", "liberalise"), ("enhance", "reduce"), ("promote", "inhibit"), ("exceed", "trail"),
    ("add", "remove"), ("accelerate", "delay"), ("suspend", "reinstate"), ("pause", "resume"),
    ("halve", "double"), ("destroy", "preserve"), ("arrive", "depart"), ("ascend", "descend"), ("attack", "defend"),
    ("unite", "divide"), ("elevate", "reduce"), ("restore", "withdraw"), ("widen", "narrow"), ("defeat", "rescue"),
    ("establish", "abolish"), ("upregulate", "downregulate"), ("ban", "authorise"), ("activate", "suppress"),
)  # fmt: skip
OPPOSITE_WORDS = (
    ("above", "below"), ("before", "after"), ("more", "less"), ("higher", "lower"), ("larger", "smaller"),
    ("greater", "smaller"), ("highest", "lowest"), ("largest", "smallest"), ("longer", "shorter"), ("older", "younger"),
    ("northern", "southern"), ("north", "south"), ("eastern", "western"), ("majority", "minority"),
    ("maximum", "minimum"), ("earlier", "later"), ("stronger", "weaker"), ("faster", "slower"), ("most", "least"),
    ("broader", "narrower"), ("better", "worse"), ("best", "worst"), ("oldest", "newest"), ("upward", "downward"),
    ("first", "last"), ("increasing", "decreasing"), ("rising", "falling"), ("growing", "shrinking"),
    ("wealthier", "poorer"), ("rich", "poor"), ("positive", "negative"), ("public", "private"), ("legal", "illegal"),
    ("lawful", "unlawful"), ("strict", "lax"), ("rapidly", "slowly"), ("wider", "narrower"), ("cheaper", "dearer"),
    ("expensive", "cheap"), ("success", "failure"), ("advantage", "disadvantage"), ("temporary", "permanent"),
    ("direct", "indirect"), ("common", "rare"), ("similar", "opposite"), ("victory", "defeat"), ("exports", "imports"),
    ("short-term", "long-term"), ("voluntary", "compulsory"), ("domestic", "foreign"), ("urban", "rural"),
)  # fmt: skip

_COUNTRIES = (
    "China France Germany Italy Spain Portugal Poland Russia Sweden Norway Denmark Finland Ireland Scotland England "
    "Wales Belgium Switzerland Austria Hungary Turkey Greece Egypt Iran Iraq Israel India Japan Brazil Mexico Canada "
    "Australia Pakistan Afghanistan Sudan Libya Syria Vietnam Thailand Indonesia Argentina Chile Peru Cuba Kenya "
    "Ethiopia Nigeria Algeria Morocco Tunisia Venezuela Colombia Ukraine Romania Bulgaria Serbia Croatia Luxembourg "
    "Kuwait Armenia Malta Cyprus Britain"
)
COUNTRIES = [*_COUNTRIES.split(), "South Africa", "New Zealand", "South Korea", "Saudi Arabia"]
NATIONALITIES = (
    "French German Italian Spanish Portuguese Polish Russian Swedish Norwegian Danish Irish Scottish English Belgian "
    "Austrian Hungarian Turkish Greek Egyptian Iranian Iraqi Israeli Indian Japanese Brazilian Mexican Canadian "
    "Australian Chinese British American Dutch Swiss Mongol Persian Korean Prussian"
).split()
_CITIES = (
    "London Paris Berlin Rome Madrid Lisbon Vienna Brussels Moscow Beijing Tokyo Washington Chicago Boston Houston "
    "Philadelphia Edinburgh Glasgow Dublin Amsterdam Rotterdam Basel Geneva Cologne Strasbourg Warsaw Prague Budapest "
    "Melbourne Sydney Cairo Istanbul Constantinople Jerusalem Mumbai Delhi Montreal Quebec Toronto Jacksonville Miami "
    "Orlando Fresno Sacramento Bangkok Seoul Shanghai Florence Venice Genoa Naples Milan Hamburg Munich Frankfurt "
    "Bonn Mainz Doha Kabul Tehran Baghdad Damascus Kraków"
)
CITIES = [*_CITIES.split(), "San Diego", "Los Angeles", "San Francisco", "New York"]
# The same place under two names, or one within the other: never swapped with each other.
SAME_PLACE = (
    {"Britain", "England", "Scotland", "Wales", "British", "English", "Scottish"},
    {"Russia", "Moscow"}, {"China", "Beijing", "Mongol", "Chinese"}, {"Istanbul", "Constantinople"},
    {"Iran", "Persian", "Iranian"},
    {"Germany", "Prussian", "German"}, {"Ireland", "Irish"}, {"America", "American"},
)  # fmt: skip
ORGANISATIONS = (
    "Ministry Commission Court University Parliament Company Council Party Bank Institute Association Agency Committee "
    "Congress Senate Union Department Bureau Corporation Office Fund Organization Organisation Academy Church Front "
    "Brotherhood Foundation Federation League Assembly Museum College School Group Society Board Center Centre"
).split()
FIRST_NAMES = (
    "John William James Thomas Robert Richard Henry Charles George Edward Joseph David Daniel Michael Peter Paul Mark "
    "Martin Louis Philip Francis Frederick Arthur Alexander Benjamin Samuel Stephen Steven Andrew Anthony Antoine "
    "Albert Alfred Harold Hugh Edgar Edmund Edwin Ernest Eugene Roger Ralph Walter Wilhelm Karl Carl Hans Johann Jean "
    "Jacques Pierre François Henri Nicolas Nicholas Isaac Jacob Adam Abraham Mary Elizabeth Anne Anna Margaret "
    "Catherine Jane Sarah Emma Alice Helen Victoria Nancy Susan Laura Julia Christopher Jonathan Patrick Kevin Brian "
    "Barack Donald Ronald Jimmy Bill Tony Gordon Alex Simon Winston Theodore Franklin Abul Sayyid Muhammad Mohammad "
    "Ahmad Ali Hassan Leonhard Marie Rosa Jamieson Jensen Wendy Derek Chris Kurt Wade Nazak Larry Leonard Milton Saul "
    "Gary Emmanuel Jason Rajendra Ottmar Sali Garrett Montgomery Friedrich Bernhard Bob Tom Jim Joan Joe Steve Dan "
    "Ian Alan Allen Donna Max Otto Oliver Neil Phil Rebecca Rachel Robin Ruth Scott Sean Terry Tim Todd Will"
).split()
# For attribution where an article names nobody else: persons and bodies that say things.
SPEAKERS = ("Maria Keller", "Samuel Ortega", "Helen Brandt", "Victor Lindqvist", "Ruth Okafor", "Piers Whitcombe")
BODIES = (
    "the World Bank", "the Peterson Institute", "the Financial Times", "the Treasury", "the customs union",
    "the trade federation",
)  # fmt: skip
# Groups that speak, by whom else they might be mistaken for.
GROUPS = {
    "critics": "supporters", "supporters": "critics", "scholars": "officials", "historians": "lawyers",
    "researchers": "officials", "experts": "politicians", "scientists": "politicians", "economists": "lawyers",
    "officials": "economists", "skeptics": "supporters", "opponents": "supporters", "analysts": "ministers",
    "authors": "politicians", "academics": "ministers", "commentators": "judges", "proponents": "opponents",
    "executives": "officials", "observers": "officials", "court": "parliament", "courts": "ministries",
    "government": "opposition", "commission": "court", "council": "court", "minister": "judge", "ministers": "judges",
    "ministry": "court", "company": "regulator", "president": "parliament", "parliament": "court",
    "committee": "ministry", "lawyer": "minister", "lawyers": "ministers", "judges": "ministers", "report": "minister",
    "study": "ministry", "studies": "officials", "negotiators": "critics", "importers": "officials",
    "exporters": "officials",
    "sociologists": "lawyers", "journalists": "ministers", "workers": "employers", "employers": "workers",
    "geologists": "economists", "mathematicians": "lawyers", "clinicians": "patients", "police": "lawyers",
}  # fmt: skip
SAYING = (
    "said says told argued argues claimed claims stated states noted notes warned warns wrote writes reported reports "
    "announced announces suggested suggests concluded concludes explained explains estimated estimates estimate "
    "believed believes believe acknowledged acknowledges insisted insists declared declares "
    "argue say claim suggest report note warn "
    "worry declared concurs contended contends"
).split()

# Verbs whose past participle is the same as the past, of people and bodies doing things: safe to negate or to turn.
DOING = (
    "agree announce accept adopt appoint approve argue arrive ask attack attempt attend award ban become begin believe "
    "build buy call capture cause change choose claim close complete conclude conquer consist contain continue control "
    "convert cover create decide declare defeat define demand deny describe design destroy develop die discover "
    "dominate employ end establish exist expand fail fight find follow form found gain give govern grant grow halt "
    "happen have help hold impose improve include increase influence introduce invade invent involve join keep know "
    "launch lead leave lift lose maintain make manage marry mean move need offer open oppose order own participate "
    "pass pay perform permit persuade play possess prevent produce prohibit promise propose provide publish purchase "
    "reach receive recognize refuse reject release rely remain remove replace require reside resign result return rise "
    "rule seek seize sell send serve settle show sign sign start stop strengthen study succeed suffer suggest support "
    "surrender suspend take teach threaten trade treat try use visit want warn win withdraw work write yield"
).split()
# Between two names, these make who did it to whom matter.
ASYMMETRIC = (
    "defeated accused told asked sued invaded conquered attacked succeeded appointed founded replaced gave sold ceded "
    "influenced criticized criticised followed led joined supported opposed granted helped allowed forced persuaded "
    "called rejected declared urged overthrew captured ruled dominated sent paid owed threatened countered exported "
    "warned taught inspired killed acquired bought purchased hired invited blamed praised convinced advised ordered"
).split()


@functools.cache
def lemmas(word: str, kind: str) -> tuple[str, ...]:
    """Return the dictionary forms a word may have as a VERB, NOUN, ADJ or ADV."""
    return tuple(getAllLemmas(word.lower()).get(kind, ()))


@functools.cache
def inflected(lemma: str, tag: str) -> str:
    """Return the form of a verb for a Penn tag (VBD, VBN, VBG, VBZ, VB), its first one where there are several."""
    if tag == "VB":
        return lemma
    found = getInflection(lemma, tag=tag)
    return str(found[0]) if found else ""


def tags_of(word: str, lemma: str) -> list[str]:
    """Return the tags under which a word is a form of this verb."""
    return [tag for tag in ("VB", "VBZ", "VBD", "VBN", "VBG") if word.lower() in forms(lemma, tag)]


@functools.cache
def forms(lemma: str, tag: str) -> tuple[str, ...]:
    """Return every spelling of one form of a verb."""
    return (lemma,) if tag == "VB" else tuple(getInflection(lemma, tag=tag) or ())


def like(word: str, model: str) -> str:
    """Return a word with the capital of another at its start."""
    return word[:1].upper() + word[1:] if model[:1].isupper() else word


def has_word(text: str, phrase: str) -> bool:
    """Say whether a phrase stands in a text as whole words, in any case."""
    return re.search(rf"(?<![\w]){re.escape(phrase)}(?![\w])", text, re.IGNORECASE) is not None
