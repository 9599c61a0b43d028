"""Countries and bodies known under several names: news text calls a country by its people and its capital, too."""

from __future__ import annotations

# key: names, people and capital (a government is called by its capital)
_FORMS = """
us: US|U.S|USA|U.S.A|United States|United States of America|America|American|Americans|Washington
china: China|PRC|P.R.C|People's Republic of China|Chinese|Beijing
eu: EU|E.U|European Union|Brussels
europe: Europe|European|Europeans
uk: UK|U.K|United Kingdom|Britain|Great Britain|British|London
japan: Japan|Japanese|Tokyo
india: India|Indian|Indians|New Delhi|Delhi
canada: Canada|Canadian|Canadians|Ottawa
mexico: Mexico|Mexican|Mexicans|Mexico City
brazil: Brazil|Brazilian|Brazilians|Brasilia|Brasília
germany: Germany|German|Germans|Berlin
france: France|French|Paris
italy: Italy|Italian|Italians|Rome
spain: Spain|Spanish|Madrid
netherlands: Netherlands|Dutch|The Hague
switzerland: Switzerland|Swiss|Bern
russia: Russia|Russian|Russians|Moscow|Kremlin
ukraine: Ukraine|Ukrainian|Ukrainians|Kyiv
taiwan: Taiwan|Taiwanese|Taipei
south korea: South Korea|South Korean|South Koreans|Seoul
north korea: North Korea|North Korean|Pyongyang
australia: Australia|Australian|Australians|Canberra
new zealand: New Zealand|Wellington
vietnam: Vietnam|Vietnamese|Hanoi
thailand: Thailand|Thai|Bangkok
malaysia: Malaysia|Malaysian|Kuala Lumpur
indonesia: Indonesia|Indonesian|Jakarta
philippines: Philippines|Philippine|Manila
singapore: Singapore|Singaporean
cambodia: Cambodia|Cambodian|Phnom Penh
myanmar: Myanmar|Burma
pakistan: Pakistan|Pakistani|Islamabad
bangladesh: Bangladesh|Bangladeshi|Dhaka
turkey: Turkey|Türkiye|Turkish|Ankara
israel: Israel|Israeli|Jerusalem
iran: Iran|Iranian|Tehran
saudi arabia: Saudi Arabia|Saudi|Riyadh
uae: UAE|United Arab Emirates|Abu Dhabi
egypt: Egypt|Egyptian|Cairo
south africa: South Africa|South African|Pretoria
nigeria: Nigeria|Nigerian|Abuja
kenya: Kenya|Kenyan|Nairobi
congo: Congo|DRC|Congolese|Kinshasa
argentina: Argentina|Argentine|Argentinian|Buenos Aires
chile: Chile|Chilean|Santiago
peru: Peru|Peruvian|Lima
colombia: Colombia|Colombian|Bogota|Bogotá
norway: Norway|Norwegian|Oslo
sweden: Sweden|Swedish|Stockholm
denmark: Denmark|Danish|Copenhagen
finland: Finland|Finnish|Helsinki
poland: Poland|Polish|Warsaw
ireland: Ireland|Irish|Dublin
austria: Austria|Austrian|Vienna
belgium: Belgium|Belgian
hungary: Hungary|Hungarian|Budapest
portugal: Portugal|Portuguese|Lisbon
greece: Greece|Greek|Athens
hong kong: Hong Kong
africa: Africa|African|Africans
asia: Asia|Asian
latin america: Latin America|Latin American
wto: WTO|World Trade Organization|World Trade Organisation
imf: IMF|International Monetary Fund
un: UN|U.N|United Nations
nafta: NAFTA|North American Free Trade Agreement
usmca: USMCA|United States-Mexico-Canada Agreement|CUSMA
"""

# Words of a form, lower case, without dots: the key they share.
KEYS = {
    tuple(form.lower().replace(".", "").replace("-", " ").split()): key.strip()
    for line in _FORMS.strip().splitlines()
    for key, _, forms in [line.partition(":")]
    for form in forms.strip().split("|")
}
