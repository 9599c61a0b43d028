"""Countries, agencies and agreements known under several names, and which of those names are true aliases.

News text calls a country by its people and its capital, too: a claim about Beijing may rest on a sentence about China.
To search for one name when another is asked for is a different matter. "Washington" is a state and a man as well, so
only names proper are searched for in place of one another; a capital leads to its country, never the other way round.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

# key: names / people and capital (a government is called by its capital)
_PLACES = """
us: US|U.S|USA|U.S.A|United States|United States of America / America|American|Americans|Washington
china: China|PRC|P.R.C|People's Republic of China / Chinese|Beijing
eu: EU|E.U|European Union / Brussels
europe: Europe / European|Europeans
uk: UK|U.K|United Kingdom|Britain|Great Britain / British|London
japan: Japan / Japanese|Tokyo
india: India / Indian|Indians|New Delhi|Delhi
canada: Canada / Canadian|Canadians|Ottawa
mexico: Mexico / Mexican|Mexicans|Mexico City
brazil: Brazil / Brazilian|Brazilians|Brasilia|Brasília
germany: Germany / German|Germans|Berlin
france: France / French|Paris
italy: Italy / Italian|Italians|Rome
spain: Spain / Spanish|Madrid
netherlands: Netherlands / Dutch|The Hague
switzerland: Switzerland / Swiss|Bern
russia: Russia / Russian|Russians|Moscow|Kremlin
ukraine: Ukraine / Ukrainian|Ukrainians|Kyiv
taiwan: Taiwan / Taiwanese|Taipei
south korea: South Korea|ROK|Republic of Korea / South Korean|South Koreans|Seoul
north korea: North Korea|DPRK|Democratic People's Republic of Korea / North Korean|Pyongyang
australia: Australia / Australian|Australians|Canberra
new zealand: New Zealand / Wellington
vietnam: Vietnam|Viet Nam / Vietnamese|Hanoi
thailand: Thailand / Thai|Bangkok
malaysia: Malaysia / Malaysian|Kuala Lumpur
indonesia: Indonesia / Indonesian|Jakarta
philippines: Philippines / Philippine|Manila
singapore: Singapore / Singaporean
cambodia: Cambodia / Cambodian|Phnom Penh
myanmar: Myanmar|Burma
pakistan: Pakistan / Pakistani|Islamabad
bangladesh: Bangladesh / Bangladeshi|Dhaka
turkey: Turkey|Türkiye / Turkish|Ankara
israel: Israel / Israeli|Jerusalem
iran: Iran / Iranian|Tehran
saudi arabia: Saudi Arabia / Saudi|Riyadh
uae: UAE|United Arab Emirates / Abu Dhabi
egypt: Egypt / Egyptian|Cairo
south africa: South Africa / South African|Pretoria
nigeria: Nigeria / Nigerian|Abuja
kenya: Kenya / Kenyan|Nairobi
congo: Congo|DRC / Congolese|Kinshasa
argentina: Argentina / Argentine|Argentinian|Buenos Aires
chile: Chile / Chilean|Santiago
peru: Peru / Peruvian|Lima
colombia: Colombia / Colombian|Bogota|Bogotá
norway: Norway / Norwegian|Oslo
sweden: Sweden / Swedish|Stockholm
denmark: Denmark / Danish|Copenhagen
finland: Finland / Finnish|Helsinki
poland: Poland / Polish|Warsaw
ireland: Ireland / Irish|Dublin
austria: Austria / Austrian|Vienna
belgium: Belgium / Belgian
hungary: Hungary / Hungarian|Budapest
portugal: Portugal / Portuguese|Lisbon
greece: Greece / Greek|Athens
hong kong: Hong Kong
africa: Africa / African|Africans
asia: Asia / Asian
latin america: Latin America / Latin American
wto: WTO|World Trade Organization|World Trade Organisation
imf: IMF|International Monetary Fund
un: UN|U.N|United Nations
nafta: NAFTA|North American Free Trade Agreement
usmca: USMCA|United States-Mexico-Canada Agreement|CUSMA
"""

# Agencies, courts, agreements and laws: an abbreviation and what it stands for. What only turns words round
# ("Commerce Department") or is short for several (DOC, EC) is left out: words match by themselves, and rightly.
_BODIES = """
ustr: USTR|U.S. Trade Representative|United States Trade Representative|Trade Representative
mofcom: MOFCOM|Ministry of Commerce|Commerce Ministry
cbp: CBP|Customs and Border Protection|U.S. Customs and Border Protection
itc: USITC|ITC|International Trade Commission|U.S. International Trade Commission
bis: BIS|Bureau of Industry and Security
ofac: OFAC|Office of Foreign Assets Control
ita: ITA|International Trade Administration
usda: USDA|U.S. Department of Agriculture|Department of Agriculture|Agriculture Department
dhs: DHS|Department of Homeland Security
cit: CIT|Court of International Trade|U.S. Court of International Trade
cafc: CAFC|Court of Appeals for the Federal Circuit|U.S. Court of Appeals for the Federal Circuit
cfius: CFIUS|Committee on Foreign Investment in the United States
gacc: GACC|General Administration of Customs
ndrc: NDRC|National Development and Reform Commission
dgft: DGFT|Directorate General of Foreign Trade
dgtr: DGTR|Directorate General of Trade Remedies
cbsa: CBSA|Canada Border Services Agency
citt: CITT|Canadian International Trade Tribunal
tra: TRA|Trade Remedies Authority
oecd: OECD|Organisation for Economic Co-operation and Development|Organization for Economic Cooperation and Development
asean: ASEAN|Association of Southeast Asian Nations
rcep: RCEP|Regional Comprehensive Economic Partnership
cptpp: CPTPP|Comprehensive and Progressive Agreement for Trans-Pacific Partnership
efta: EFTA|European Free Trade Association
ieepa: IEEPA|International Emergency Economic Powers Act
uflpa: UFLPA|Uyghur Forced Labor Prevention Act
cbam: CBAM|Carbon Border Adjustment Mechanism
agoa: AGOA|African Growth and Opportunity Act
gsp: GSP|Generalized System of Preferences|Generalised System of Preferences
scm: SCM Agreement|Agreement on Subsidies and Countervailing Measures
trips: TRIPS|Trade-Related Aspects of Intellectual Property Rights
hts: HTS|HTSUS|Harmonized Tariff Schedule
"""


def _lines(table: str) -> Iterator[tuple[str, list[str], list[str]]]:
    for line in table.strip().splitlines():
        key, _, forms = line.partition(":")
        proper, _, loose = forms.partition(" / ")
        yield key.strip(), [form.strip() for form in proper.split("|")], [form for form in loose.split("|") if form]


def _words(form: str) -> tuple[str, ...]:
    return tuple(form.lower().replace("’", "'").replace(".", "").replace("-", " ").split())


def _keys(table: str) -> dict[tuple[str, ...], str]:
    return {_words(form): key for key, proper, loose in _lines(table) for form in (*proper, *loose)}


# Words of a form, lower case, without dots: the key they share. Of countries, regions and what states make together:
KEYS = _keys(_PLACES)
# … and of these and all other bodies.
NAMES = KEYS | _keys(_BODIES)

_PROPER = {key: proper for table in (_PLACES, _BODIES) for key, proper, _ in _lines(table)}
# In small letters these are words, even in a question that is typed so.
_WORDS_IN_SMALL_LETTERS = frozenset({"us", "un", "turkey", "bis", "tra", "cit", "chile"})


def _pattern(forms: Iterable[tuple[str, ...]]) -> re.Pattern[str]:
    def written(form: tuple[str, ...]) -> str:
        dotted = [r"\.?".join(word) if len(word) <= len("usa") else re.escape(word) for word in form]
        return r"[\s-]".join(dotted).replace("'", "['’]")

    longest_first = sorted(forms, key=lambda form: -len(" ".join(form)))
    return re.compile(rf"(?<![\w.])(?:{'|'.join(map(written, longest_first))})(?!\w)", re.IGNORECASE)


_ANY = _pattern(NAMES)


def body_forms() -> list[list[str]]:
    """Return the names of each agency, court, agreement and law, the abbreviation first."""
    return [proper for _, proper, _ in _lines(_BODIES)]


def other_names(text: str) -> list[str]:
    """Return what else the countries and bodies that a text names are called, a few of each, in order.

    A name with dots comes beside the one without, because an index of words tells them apart.
    """
    said: dict[str, set[str]] = {}
    for found in _ANY.finditer(text):
        if found[0] not in _WORDS_IN_SMALL_LETTERS:
            written = found[0].lower().replace("’", "'")
            said.setdefault(NAMES[_words(written)], set()).add(written.replace(".", ""))
    return [form for key, forms in said.items() for form in _PROPER[key] if form.lower() not in forms]
