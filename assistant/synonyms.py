"""Words that may stand for one another in a sentence that stays the same otherwise, and words that carry its logic.

Plain lists to add to. Stricter than the groups of `vocabulary`, which only ask whether two texts speak of like things:
here a wrong pair would let a changed sentence pass for its source.
"""

from __future__ import annotations

import functools

from assistant.vocabulary import word_stem

# one group a line; a word may be in several; an indented line goes on with the line above
_GROUPS = """
say state tell report note add declare announce explain remark comment mention observe express
  argue contend maintain insist assert claim stress emphasise emphasize
  underline acknowledge write describe point
warn caution alert
suggest indicate imply
conclude find found determine establish
claim allege
believe think feel
predict forecast expect anticipate project foresee
estimate reckon calculate
begin start commence open launch initiate inaugurate
end finish conclude complete close stop cease terminate
show demonstrate indicate reveal illustrate display
find found discover detect identify
use usage utilize utilise employ apply
help assist aid support
build construct erect
make create produce manufacture fabricate
get obtain acquire receive gain secure
buy purchase acquire
sell vend
need require necessitate
must require oblige obligate
try attempt seek endeavour endeavor effort
keep retain maintain preserve remain stay continue hold
allow permit let authorize authorise enable
ban prohibit bar forbid outlaw
big large huge sizable sizeable great considerable substantial
biggest largest greatest
small little tiny minor
smallest least
many numerous several various multiple
important significant major key crucial vital essential critical
main chief principal primary leading foremost central
nearly almost virtually
about around roughly approximately circa some estimated
mostly mainly largely primarily chiefly predominantly principally
fully completely entirely wholly totally altogether full complete entire
partly partially part
quickly rapidly swiftly fast speedily promptly quick rapid swift
often frequently regularly commonly
usually normally generally typically ordinarily
rarely seldom infrequently
sometimes occasionally
also additionally too furthermore moreover besides
however nevertheless nonetheless though yet still but
therefore thus hence consequently accordingly
because since owing due
although though while whereas
while whereas
before earlier previously prior previous former formerly
after afterwards following subsequently later
now currently presently today current present existing
soon shortly
till until
among amongst
toward towards
like such
consider regard view deem treat
call name term dub describe
think believe
know aware
ask request
demand insist
answer reply respond response
change alter modify amend
rise increase grow climb growth jump soar surge
fall decrease decline drop reduction slump plunge tumble
cut reduce lower slash reduction trim
raise increase lift boost hike
double twice twofold
triple threefold treble
half halve
halve cut reduce lower
double rise increase raise grow
keep kept hold
plan intend aim
suggest propose recommend
vow pledge promise commit commitment
choose select pick elect
decide determine resolve
agree consent accept
approve endorse back ratify clear approval
reject refuse rebuff decline
oppose resist object fight
criticise criticize condemn denounce
praise welcome hail applaud
fine penalise penalize
damage harm hurt injure
destroy demolish ruin wreck
fix repair mend
kill slay
die perish death
live reside dwell inhabit
move relocate transfer shift
send dispatch ship
bring carry transport convey
give grant provide supply award hand
take seize
join enter accede
leave left depart exit quit
return
meet gather convene
talk speak discuss negotiation discussion
write author pen
publish release issue
set establish fix
found establish set create
form establish constitute
include contain comprise encompass feature cover
consist comprise compose
link connect join tie
shelter house harbour harbor host home
lead head run chair direct
chief head leader director boss
rule govern reign
rule decide find found hold ruling decision judgment judgement verdict finding
win triumph victory
lose loss
beat defeat
worker employee labourer laborer staff
job post position employment
firm company business corporation enterprise
car automobile vehicle auto
ship vessel boat
house home residence
country nation state
city town
person people individual human
child kid
woman female
man male
doctor physician
lawyer attorney
teacher instructor
soldier troop
talk negotiation
deal agreement accord pact treaty
tariff duty levy
tax levy
licence license permit
rival competitor
partner ally
goal aim objective purpose target
way method manner
problem issue difficulty trouble
result outcome consequence
result lead cause
cause trigger prompt bring
reason cause
effect impact influence
part portion share section segment
share percentage proportion
number amount quantity
area region zone district
place location site spot
price cost
expensive costly dear dearer
cheap inexpensive
rich wealthy affluent
poor impoverished
old ancient aged
new recent novel
recent late latest
hard difficult tough challenging
easy simple
strong powerful robust
weak feeble
fast quick rapid
slow gradual
whole entire complete
total overall
different distinct various
similar alike comparable
same identical
famous renowned noted
known
enough sufficient adequate
extra additional further more
scarce rare
usual normal common ordinary
likely probable probably expect
certain sure
clear evident obvious apparent
right correct
wrong incorrect mistaken
true accurate
illegal unlawful illicit
legal lawful
global worldwide international world
foreign overseas
domestic internal home
year annual annually yearly
month monthly
week weekly
day daily
halt stop pause suspend suspension freeze postpone defer shelve
scrap abolish cancel eliminate repeal rescind revoke
remove eliminate withdraw lift
resume restore reinstate restart revive
impose introduce levy place put
tighten toughen
ease relax loosen
expand extend enlarge widen broaden
shrink contract
strengthen bolster reinforce
weaken undermine
improve better enhance
worsen deteriorate
protect defend safeguard shield
threaten menace
avoid prevent avert
hide conceal
escape avoid evade
happen occur
appear seem
become turn
want wish desire
hope wish
fear worry
like enjoy
watch observe monitor
see
study research investigation investigate examine
inquiry investigation probe
test trial
measure step action
rule regulation law legislation statute act
law legislation
right entitlement
power authority
government administration cabinet
parliament legislature
court tribunal
judge justice
minister secretary
official officer
spokesman spokeswoman spokesperson
group organisation organization
body organisation organization agency authority
union federation association
member
expert specialist
analyst
scientist researcher
author writer
growth increase
fifth
maker manufacturer producer
supplier vendor
buyer purchaser customer
farmer grower agricultural farm agriculture
crop harvest
factory plant mill
chip semiconductor
good product merchandise goods commodity
account make represent constitute
up rise
down fall
per each
risk danger hazard
chance opportunity possibility
idea concept notion
view opinion stance position
war conflict
fight battle combat
attack assault
peace
dispute conflict row quarrel
complaint case suit lawsuit
appeal challenge
vote ballot
speech address
letter
picture image
film movie
fall autumn
flat apartment
petrol gasoline
aluminium aluminum
soy soya soybean
patient
drug medicine medication
illness disease
tumour tumor cancer
cell
raise collect generate
pay
spend
permanent lasting
temporary interim provisional
immediately instantly directly immediate
formal official officially formally
publicly openly
together jointly
alone solely only exclusively just merely
originally initially
finally eventually ultimately
especially particularly notably
sharply steeply markedly
slightly modestly
greatly considerably substantially significantly
almost close
exactly precisely
widely broadly
worldwide globally
despite notwithstanding spite
within inside
over above exceed
under below beneath
next following
last final
last past
first initial
allegedly reportedly
supposed alleged
amid during
during throughout
via through
mill plant
unite unify
divide split
respond react counter retaliate
retaliation response
reprieve relief respite
strict stringent
effective effect force
obtain win
hit affect strike
upend overturn
sign initial
finance fund
invest
belief
worth value
injure hurt
employ hire
quit resign
resign step
collapse fail break
summit meeting
truce ceasefire
blacklist entity-list
rollback reduce
reach attain achieve hit
serve act
stand lie situate locate
surround encircle
separate divide
mix blend combine
merge combine
attract draw
arrive come
travel journey
visit
teach
learn
play perform
born birth
marry wed
bury inter
elect
own possess
lack absence without
empty vacant
full
high tall
low
long lengthy
short brief
wide broad
thick
early
warm
cold
hot
dangerous hazardous unsafe
safe secure
complex complicated
famous celebrated
popular
modern contemporary
ancient old
beautiful
religious
economic
speed accelerate hasten velocity
estimate project forecast predict expect
calculate compute
reckon estimate
fund money
loan credit
rate
border frontier
coast shore
sea ocean
river stream
mountain
forest wood
road street highway
railway railroad rail train
airport
bridge
church
school
university college
book volume
newspaper paper daily
language tongue
music
song
game match
team squad side
player
goal
season
queen
king monarch
emperor
army military
navy naval
troops soldiers forces
weapon arm
bomb
plane aircraft airplane aeroplane
fire blaze
flood
storm
earthquake quake
"""

# Words that carry the logic of a sentence, one class a line: put in, left out or exchanged, they change what it says.
_STRONG = """
deny: not no never neither nor without none nothing nobody nowhere hardly barely scarcely cannot
possible: may might could can perhaps maybe possibly potentially
likely: likely probably
must: must
should: should
all: all every each entire whole
most: most majority mostly
some: some
few: few
only: only solely exclusively merely
unless: unless except excluding
if: if whether
will: will shall would
earlier: earlier
later: later
reported: reportedly allegedly supposedly apparently
"""

# Words that change nothing by coming or going but clash with others in their place: sides are parted by a slash.
_CLASHING = """
and / or nor
to toward towards into onto / from off
for / against
with / without
in inside within / outside
before / after following since / until till / during
before / once when
if / unless / although despite
because since owing due / although though despite notwithstanding while whereas
therefore thus hence consequently accordingly so / nevertheless nonetheless however yet although though despite
more greater higher larger / less fewer lower smaller
most / least / more less
most more greater higher larger better longer less least fewer lower smaller worse / same similar equal as equally
over above beyond / under below beneath
up / down
this current / last past previous / next coming
first / last
will shall would / have has had did was were
earlier before sooner / later afterwards
here / there
both / neither / either / former / latter
now currently today / then formerly once
"""

# Adjectives and adverbs that a sentence is not true without: "the proposed levy" is not the levy.
_NEEDED = (
    "propose proposed draft planned prospective would-be intended alleged suspected attempted potential possible "
    "so-called interim acting partly partially normally usually typically generally often sometimes occasionally "
    "rarely seldom largely mainly mostly nearly almost barely hardly fake supposed hypothetical conditional "
    "provisional tentative preliminary former ex unconfirmed unlikely"
).split()

# What somebody holds to be so is not said to be so.
_OPINIONS = (
    "claim allege believe think argue suggest speculate contend assert insist suspect hypothesise hypothesize theorise "
    "theorize doubt deny assume presume imagine fear hope maintain predict reckon feel"
).split()

# What one plans, promises or fails to do is not done; stands before "to" and a verb.
_INTENTIONS = (
    "plan intend propose want wish seek try attempt threaten vow pledge promise agree hope offer refuse decline fail "
    "aim ask urge expect schedule require order tell allow likely unlikely able unable ready willing reluctant prepare "
    "prefer decide consider suppose believe claim say think allege consent hesitate neglect consult mean bound destine "
    "design request invite encourage persuade force oblige permit forbid advise recommend"
).split()

# Verbs and nouns that say little by themselves.
_LIGHT = (
    "say state tell declare note argue add acknowledge announce report claim remark comment describe mention explain "
    "write call accord according source article passage view point term make take go come give put get become use "
    "include involve thing way part face reach apply cover enter see saw run concern relate represent account amount "
    "total account occur happen rank stand lie set bring do have be one also respect case fact kind sort"
).split()

# Nouns that stand for what the text named before: "the company", "these minerals".
_GENERIC = (
    "country nation state company firm group body agency organisation organization material mineral metal product good "
    "item measure step move action deal agreement accord pact place city town region area site person people man woman "
    "team thing issue matter plan study report survey figure number amount total level capital crop animal event"
).split()


# Words whose stems are those of other words: "important" has the stem of "import".
DISTINCT = {
    word: f"{group[0]}*"
    for group in (
        ("important", "importance", "importantly"), ("authority", "authorities"), ("customer", "customers"),
        ("international", "internationally"), ("organic", "organically"), ("university", "universities"),
        ("universal", "universally"), ("experiment", "experiments", "experimental"), ("positive", "positively"),
        ("general", "generally"), ("generate", "generates", "generated"), ("physician", "physicians"),
        ("execute", "executed", "executes"), ("objective", "objectives"), ("new", "newer", "newest"),
        ("policy", "policies"), ("critical", "critically"), ("relation", "relations"),
        ("operate", "operates", "operated"),
    )
    for word in group
}  # fmt: skip


def distinct_stem(word: str) -> str:
    """Return the stem of a lower-case word, another one for words that only look like forms of one."""
    return DISTINCT.get(word) or word_stem(word)


@functools.cache
def synonyms() -> dict[str, frozenset[str]]:
    """Return for each stem the names of the groups it is in; a group's name is no stem."""
    found: dict[str, set[str]] = {}
    for number, line in enumerate(_GROUPS.strip().replace("\n  ", " ").splitlines()):
        for word in line.split():
            found.setdefault(distinct_stem(word), set()).add(f"={number}")
    return {key: frozenset(groups) for key, groups in found.items()}


@functools.cache
def strong_words() -> dict[str, str]:
    """Return for each word of logic its class."""
    rows = [line.partition(":") for line in _STRONG.strip().splitlines()]
    return {word: name for name, _, words in rows for word in words.split()}


@functools.cache
def clashing_sides() -> dict[str, frozenset[tuple[int, int]]]:
    """Return for each word the (line, side) it stands on; two words clash on one line and other sides."""
    found: dict[str, set[tuple[int, int]]] = {}
    for number, line in enumerate(_CLASHING.strip().splitlines()):
        for side, words in enumerate(line.split("/")):
            for word in words.split():
                found.setdefault(word, set()).add((number, side))
    return {key: frozenset(sides) for key, sides in found.items()}


@functools.cache
def needed() -> frozenset[str]:
    """Return the words that a sentence is not true without."""
    return frozenset(_NEEDED)


@functools.cache
def opinions() -> frozenset[str]:
    """Return the stems of verbs of holding something to be so."""
    return frozenset(map(distinct_stem, _OPINIONS))


@functools.cache
def intentions() -> frozenset[str]:
    """Return the stems of words after which "to" and a verb is no fact."""
    return frozenset(map(distinct_stem, _INTENTIONS))


@functools.cache
def light() -> frozenset[str]:
    """Return the stems of words that say little by themselves."""
    return frozenset(distinct_stem(word) for word in _LIGHT)


@functools.cache
def generic() -> frozenset[str]:
    """Return the nouns that stand for what was named before, in singular and plural."""
    plurals = (f"{word[:-1]}ies" if word.endswith("y") else f"{word}s" for word in _GENERIC)
    return frozenset(_GENERIC) | frozenset(plurals)
