"""Pairs of texts made for the thresholds of `assistant/story.py`: copies of one story, and what only looks like one.

The stories, notices and names are invented.
"""

from __future__ import annotations

import re
from collections.abc import Callable

Text = tuple[str, ...]

GALLIUM: Text = (
    "BEIJING, Nov 9 (Reuters) - China said on Sunday that it had suspended a ban on exports of gallium, germanium and "
    "antimony to the United States until 27 November 2026, a further step in the truce between the two countries.",
    "The commerce ministry published the decision after weeks of negotiations between officials who met in Kuala "
    "Lumpur in October and again in Busan. The ban had been in force since December 2024.",
    "Exporters still need a licence for each shipment of dual-use goods, the ministry said. A spokesman said that the "
    "review of a licence would take no more than 45 working days.",
    "“We welcome the suspension, but our members have been promised faster licences before,” said Ada Lindqvist, who "
    "heads the Association of Alloy Makers in Rotterdam.",
    "China refines more than 80% of the world’s gallium and about 60 percent of its germanium. Prices of both metals "
    "in Europe tripled after the first restrictions were announced in 2023.",
    "The United States imported 19,000 kg of gallium in 2023, down from 25,000 kg a year before, according to its "
    "geological survey. Two smelters in Tennessee and Louisiana are studying whether to recover the metal.",
    "Shares of Hallam Metals rose 4.2% in Toronto, while those of Norr Refining fell 1.1% in Oslo.",
    "Analysts at Brookvale Research said the suspension did not touch the rare earth rules of April 2025, which remain "
    "in force for seven elements.",
)
STEEL: Text = (
    "BRUSSELS (AP) — The European Union will cut its quota for duty-free steel imports by 47 percent and double the "
    "duty on what exceeds it to 50 percent, the European Commission proposed Tuesday.",
    "The new measure would replace a safeguard that expires on June 30, 2026, and needs the approval of member "
    "countries and the European Parliament.",
    "Under the proposal, 18.3 million tons of steel a year could enter the bloc without a duty. Importers would have "
    "to say where the steel was melted and poured.",
    "“This is the lifeline that our furnaces have been waiting for,” said Henrik Maas, chairman of the steelworkers’ "
    "union in Ghent. He said 30,000 jobs were lost in the past 15 years.",
    "Carmakers criticized the plan. The industry’s labor costs and energy bills leave no room for dearer steel, their "
    "organization said in a statement.",
    "Britain, which sells 78% of its steel exports to the bloc, called for urgent talks. Its trade minister traveled "
    "to Brussels on Wednesday.",
    "Norway, Iceland and Liechtenstein would be exempt because they belong to the European Economic Area.",
)
COCOA: Text = (
    "ACCRA: Ghana has raised the price that it guarantees to cocoa farmers by 12 per cent for the season that begins "
    "in August, its finance minister announced in parliament.",
    "Farmers will get 58,000 cedis a tonne, up from 51,660 cedis. The regulator said that the new price is about 70 "
    "per cent of what the beans fetch abroad.",
    "The country is the world’s second largest producer after Ivory Coast. Its harvest fell to 530,000 tonnes last "
    "season, the lowest in two decades, because of swollen shoot disease and illegal gold mining.",
    "Smugglers carried an estimated 160,000 tonnes across the borders to Togo and Ivory Coast in 2023, where prices "
    "were higher, according to the regulator.",
    "Kwabena Osei, who grows cocoa on four hectares near Sefwi, said the increase came too late for many of his "
    "neighbours. “Some have sold their land to the miners,” he said.",
    "Futures in London closed at £5,210 a tonne on Friday, half of their record in December 2024.",
)
DUTY: Text = (
    "WASHINGTON, March 3 (Bloomberg) -- The Commerce Department set preliminary anti-dumping duties of as much as "
    "183.6 percent on mattresses from seven countries, siding with producers who say that imports are sold below cost.",
    "The department will announce its final decision on July 14. The duties apply to shipments that arrived from "
    "December on, because it found critical circumstances for three of the countries.",
    "Imports of the mattresses were worth $1.2 billion in 2024, more than twice as much as in 2021.",
    "“Our plants in Alabama and Ohio can run a second shift at last,” said Lou Brandt, chief executive of Restwell "
    "Bedding Inc., one of eleven petitioners.",
    "Retailers asked for a longer comment period. They say that tariffs on timber and textiles have already raised the "
    "price of an average mattress by $65.",
    "The case numbers are A-542-805 and A-557-818. Public hearings will be held in April if a party asks for one.",
)


def _quotes(text: Text) -> Text:
    return tuple(part.replace("“", '"').replace("”", '"').replace("’", "'") for part in text)


def _dashes(text: Text) -> Text:
    return tuple(part.replace("-", "\u2011").replace(", which", " – which").replace(" kg", "\u00a0kg") for part in text)


def _without_dateline(text: Text) -> Text:
    first = re.sub(r"^.*?(?:--?|—|:) (?=[A-Z])", "", text[0], count=1)
    return (first, *text[1:])


def _dateline(line: str) -> Callable[[Text], Text]:
    return lambda text: (line + _without_dateline(text)[0], *text[1:])


def _first(count: int) -> Callable[[Text], Text]:
    return lambda text: text[:count]


def _with(old: str, new: str) -> Callable[[Text], Text]:
    def edited(text: Text) -> Text:
        changed = tuple(part.replace(old, new) for part in text)
        assert changed != text, old
        return changed

    return edited


def _before(*parts: str) -> Callable[[Text], Text]:
    return lambda text: (*parts, *text)


def _after(*parts: str) -> Callable[[Text], Text]:
    return lambda text: (*text, *parts)


def _american(text: Text) -> Text:
    spellings = {
        "licence": "license", "per cent": "percent", "tonne": "ton", "neighbours": "neighbors", "labour": "labor",
        "criticised": "criticized", "organisation": "organization", "travelled": "traveled",
    }  # fmt: skip
    return tuple(re.sub("|".join(spellings), lambda found: spellings[found[0]], part) for part in text)


def _british(text: Text) -> Text:
    spellings = {"labor": "labour", "criticized": "criticised", "organization": "organisation", "traveled": "travelled"}
    british = (re.sub("|".join(spellings), lambda found: spellings[found[0]], part) for part in text)
    return tuple(part.replace(" percent", "%") for part in british)


def _all(*changes: Callable[[Text], Text]) -> Callable[[Text], Text]:
    def edited(text: Text) -> Text:
        for change in changes:
            text = change(text)
        return text

    return edited


COPIES: dict[str, tuple[Text, Text]] = {
    name: (story, change(story))
    for name, story, change in [
        ("straight quotes", GALLIUM, _quotes),
        ("other dashes and spaces", GALLIUM, _dashes),
        ("no dateline", GALLIUM, _without_dateline),
        ("no dateline of another agency", DUTY, _without_dateline),
        ("no short dateline", STEEL, _without_dateline),
        ("another dateline", GALLIUM, _dateline("SHANGHAI (Xinhua) — ")),
        ("a dateline with another date", DUTY, _dateline("WASHINGTON, March 4 — ")),
        ("a credit line", GALLIUM, _after("Reporting by Mei Tan in Beijing and Jo Ruiz; Editing by Kay Oduya")),
        ("two credit lines", STEEL, _after("(Additional reporting by A. Bron)", "© 2026 The Example Press")),
        ("a byline as a paragraph", STEEL, _before("By Hanna Vries and Tom Berg")),
        ("a date of an update", COCOA, _before("Updated: 12 August 2026, 14:30 GMT")),
        ("a standfirst", COCOA, _before("Accra hopes that a higher price will keep the beans at home.")),
        (
            "a standfirst with a figure of the story",
            DUTY,
            _before("Duties of up to 183.6 percent hit mattresses from seven countries."),
        ),
        (
            "an invitation at the end",
            GALLIUM,
            _after("Sign up for our newsletter, sent at 7 each morning.", "Read more about metals."),
        ),
        ("an advertisement inside", STEEL, lambda text: (*text[:3], "Story continues below advertisement", *text[3:])),
        ("cut after six of eight paragraphs", GALLIUM, _first(6)),
        ("cut after four of eight paragraphs", GALLIUM, _first(4)),
        ("cut after three of eight paragraphs", GALLIUM, _first(3)),
        ("cut after two of seven paragraphs", STEEL, _first(2)),
        ("cut after three of six paragraphs", COCOA, _first(3)),
        ("cut, with a credit", DUTY, _all(_first(3), _after("Bloomberg"))),
        ("cut, with an own invitation", STEEL, _all(_first(4), _after("Follow us for 24 hours of news."))),
        ("a paragraph left out inside", GALLIUM, lambda text: (*text[:3], *text[4:])),
        ("British spelling", STEEL, _british),
        ("American spelling", COCOA, _american),
        ("a sentence edited", GALLIUM, _with("published the decision after weeks", "announced it following weeks")),
        ("a sentence shortened", STEEL, _with(", and needs the approval of member countries and the European", ".")),
        (
            "a figure left out",
            DUTY,
            _with(", more than twice as much as in 2021", ", a multiple of what they were a few years ago"),
        ),
        ("a day named by its date", STEEL, _with("proposed Tuesday", "proposed on 7 October")),
        ("a country by its other name", GALLIUM, _with("the United States", "the U.S.")),
        ("a number in figures", COCOA, _with("four hectares", "4 hectares")),
        ("an amount written otherwise", DUTY, _with("$1.2 billion", "$1.2bn")),
        ("a form of address", COCOA, _with("Kwabena Osei, who", "Mr Kwabena Osei, who")),
        ("a sentence cut in two", COCOA, _with(" last season, the lowest", " last season. It was the lowest")),
        ("two paragraphs in one", DUTY, lambda text: (text[0] + " " + text[1], *text[2:])),
        (
            "cut, with another dateline, spelling and quotes",
            STEEL,
            _all(_british, _quotes, _dateline("Brussels (dpa) - "), _first(5)),
        ),
        (
            "a standfirst, a credit and an edited sentence",
            GALLIUM,
            _all(
                _before("The truce holds, for now."),
                _with("a further step in the truce", "another step in a truce"),
                _after("Editing by Lee Park"),
            ),
        ),
    ]
}  # fmt: skip


def _notice(number: str, product: str, country: str, month: str, day: int, margin: str, petitioner: str) -> Text:
    """Return an initiation as an official gazette prints it: the same words, other facts."""
    return (
        f"The Department of Commerce (Commerce) is initiating an antidumping duty investigation of {product} from "
        f"{country}. Case number {number}.",
        f"DATES: Applicable {month} {day}, 2026.",
        f"On {month} {day - 9}, 2026, Commerce received a petition concerning imports of {product} from {country}, "
        f"filed in proper form on behalf of {petitioner}, a domestic producer of {product}.",
        f"In accordance with section 732(b) of the Tariff Act of 1930, as amended (the Act), the petitioner alleges "
        f"that imports of {product} from {country} are being, or are likely to be, sold in the United States at less "
        "than fair value within the meaning of section 731 of the Act, and that such imports are materially injuring "
        "the domestic industry in the United States.",
        "Consistent with section 732(b)(1) of the Act, the petition was accompanied by information reasonably "
        "available to the petitioner supporting its allegations. Commerce finds that the petitioner filed the petition "
        "on behalf of the domestic industry, because the petitioner is an interested party, as defined in section "
        "771(9)(C) of the Act.",
        f"Based on the data provided by the petitioner, there is reason to believe that imports of {product} from "
        f"{country} are being, or are likely to be, sold at less than fair value. The estimated dumping margin is "
        f"{margin} percent.",
        "In accordance with section 735(b) of the Act, the ITC will preliminarily determine, within 45 days after the "
        "date on which the petition was filed, whether there is a reasonable indication that imports of the subject "
        "merchandise are materially injuring, or threatening material injury to, a U.S. industry.",
        "Interested parties must submit applications for disclosure under an administrative protective order in "
        "accordance with 19 CFR 351.305. On January 22, 2008, Commerce published Antidumping and Countervailing Duty "
        "Proceedings: Documents Submission Procedures, 73 FR 3634. Parties wishing to participate should ensure that "
        "they meet the requirements of these procedures.",
    )


HOSES = _notice("A-570-211", "rubber hoses", "China", "May", 19, "61.20", "Delta Hose Company")
NOTICES = {
    "another case": _notice("A-580-933", "copper fittings", "South Korea", "June", 24, "18.44", "Fenton Brass LLC"),
    "another country": _notice("A-549-877", "rubber hoses", "Thailand", "May", 19, "33.07", "Delta Hose Company"),
    "another product": _notice("A-570-212", "glass jars", "China", "May", 19, "144.02", "Clearwater Glass Inc"),
    "another month": _notice("A-570-214", "rubber hoses", "China", "August", 27, "61.20", "Delta Hose Company"),
    "only another number": _notice("A-570-305", "rubber hoses", "China", "May", 19, "61.20", "Delta Hose Company"),
    "only another margin": _notice("A-570-211", "rubber hoses", "China", "May", 19, "71.90", "Delta Hose Company"),
    "other names alone": _notice("A-570-211", "steel racks", "Vietnam", "May", 19, "61.20", "Orrin Storage Corp"),
}

# The same events in the words of somebody else.
GALLIUM_RETOLD: Text = (
    "American chipmakers can buy gallium and germanium from China again, at least for a year. Beijing lifted its "
    "embargo on the two metals, and on antimony, over the weekend.",
    "The move follows a meeting of negotiators in Busan. It leaves the licensing system untouched: whoever wants to "
    "ship goods that armies can use must apply to the ministry of commerce and wait up to 45 working days.",
    "For Ada Lindqvist of the Association of Alloy Makers, that is the rub. Her members, she says, have heard promises "
    "of faster paperwork before.",
    "More than 80% of all gallium is refined in China. When exports were first restricted in 2023, prices in Rotterdam "
    "tripled. Since 27 November 2026 is now the date on everybody's calendar, nobody expects them to halve.",
    "Restrictions on seven rare earths, introduced in April 2025, are not part of the deal.",
)
STEEL_RETOLD: Text = (
    "Foreign steel is to pay 50 percent in Europe. That is the core of a plan that the European Commission put forward "
    "on Tuesday, and that would nearly halve the amount that comes in free of duty.",
    "At 18.3 million tons, the new quota is 47 percent smaller than the present one, which lapses at the end of June "
    "2026. Parliament and governments still have to agree.",
    "Unions cheered. Henrik Maas, who leads the steelworkers in Ghent, spoke of a lifeline; car companies spoke of "
    "costs they cannot bear.",
    "Hardest hit would be Britain: nearly four fifths of the steel it exports goes to the continent.",
)
QUOTING: Text = (
    "What does a truce mean in a market that one country owns? I have asked buyers of minor metals that question for "
    "three weeks, and the answers were gloomier than the headlines.",
    "Nobody in Rotterdam keeps large stocks any longer. A trader showed me a shelf with eleven drums, all of them "
    "sold, and a telephone that rings from six in the morning.",
    "Then the news came, in the dry words of an agency report:",
    *GALLIUM[1:4],
    "Read it twice and you see what is missing. There is no word about who decides which factory gets its licence "
    "first, nor about the forms that ask for drawings of the finished product, down to the last screw.",
    "A company that makes lenses for night vision told me it had given up. It buys recycled germanium from solar cells "
    "that were launched into orbit and never used, at a price that its accountants call insane.",
    "Governments answer with stockpiles. Japan has had one since the eighties and pays a state company to run it; the "
    "others are drafting papers. Stockpiles end, however, and mines take a decade to open.",
    "So the drums leave the shelf, one by one, and the telephone goes on ringing.",
)  # fmt: skip

OTHERS: dict[str, tuple[Text, Text]] = {
    **{f"a notice on {name}": (HOSES, notice) for name, notice in NOTICES.items()},
    "two other notices": (NOTICES["another case"], NOTICES["another product"]),
    **{
        f"an update: {name}": (story, change(story))
        for name, story, change in [
            ("a rate", STEEL, _with("duty on what exceeds it to 50 percent", "duty on what exceeds it to 35 percent")),
            ("a date", GALLIUM, _with("until 27 November 2026", "until 10 December 2026")),
            ("an amount", DUTY, _with("$1.2 billion", "$1.9 billion")),
            ("a number in words", DUTY, _with("one of eleven petitioners", "one of nine petitioners")),
            ("two prices", COCOA, _all(_with("58,000", "61,500"), _with("12 per cent", "19 per cent"))),
            ("a figure, told in other words", STEEL, lambda text: (
                "BRUSSELS (AP) — Steel that exceeds a smaller quota would pay 40 percent in the European Union under a "
                "plan made public on Tuesday by its executive, a share cut by 47 percent.", *text[1:])),
            ("a figure, and cut", GALLIUM, _all(_with("45 working days", "30 working days"), _first(5))),
            ("a month", COCOA, _with("begins in August", "begins in October")),
            ("a weekday", GALLIUM, _with("said on Sunday", "said on Thursday")),
            ("a case number", DUTY, _with("A-542-805 and A-557-818", "A-542-806 and A-557-819")),
            ("a denial", DUTY, _with("will be held in April", "will not be held in April")),
            ("lifted, no longer in force", GALLIUM, _with(
                "which remain in force for seven elements", "which were lifted for seven elements")),
        ]
    },
    "two reports of one event": (GALLIUM, GALLIUM_RETOLD),
    "two reports of another event": (STEEL, STEEL_RETOLD),
    "three paragraphs quoted": (GALLIUM, QUOTING),
    "a story quoted whole in a long piece": (GALLIUM[1:4], QUOTING),
    "a paragraph quoted": (STEEL, (*COCOA, STEEL[3])),
    "two stories": (GALLIUM, STEEL),
    "a digest of two stories": (COCOA[:2], (*STEEL, *COCOA[:2])),
    "a follow-up with the background of the story": (
        GALLIUM,
        (
            "Two European smelters will restart their gallium lines in spring, their owners said on Monday.",
            "Halden Werke and Norr Refining expect to make 30 tonnes a year between them. Both get cheap loans.",
            "The plants in Stade and Odda closed in 2016, when prices were too low. About 140 people will work there.",
            *GALLIUM[4:6],
        ),
    ),
}  # fmt: skip
