"""Plain text: its habits of wrapping, headings, lists, bylines and page furniture."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.domain import Article, Block, BlockKind
from ingest.parse import parse_bytes

TITLE, BYLINE, HEADING, PARAGRAPH = BlockKind.TITLE, BlockKind.BYLINE, BlockKind.HEADING, BlockKind.PARAGRAPH
LIST_ITEM, BOILERPLATE = BlockKind.LIST_ITEM, BlockKind.BOILERPLATE


def read(text: str) -> Article:
    return parse_bytes(text.encode(), suffix=".txt", name="article.txt")


def outline(article: Article) -> list[tuple[BlockKind, str]]:
    return [(block.kind, article.text[block.start : block.end]) for block in article.blocks]


def test_small_text_is_read_whole() -> None:
    text = "Tariffs rise again\nBy Jane Roe | November 9, 2025\n\nDuties went up by 5% on steel.\n- beams\n- coils\n"
    assert read(text) == Article(
        title="Tariffs rise again",
        text=text,
        blocks=(
            Block(TITLE, 0, 18),
            Block(BYLINE, 19, 49),
            Block(PARAGRAPH, 51, 81),
            Block(LIST_ITEM, 84, 89),
            Block(LIST_ITEM, 92, 97),
        ),
        author="Jane Roe",
        published=date(2025, 11, 9),
    )


def test_lines_wrapped_by_hand_are_one_paragraph() -> None:
    article = read(
        "Ministers agree on a smaller tariff list\n\n"
        "The ministers of both countries agreed on Monday to shorten the list of\n"
        "goods that pay the extra duty. The new list holds 40 lines and takes\n"
        "effect in January.\n\n"
        "What happens next\n\n"
        "A joint committee will look at the remaining lines, and it reports to the\n"
        "leaders in spring.\n\n"
        "* First the committee looks at steel, which is the largest part of the\n"
        "  trade between the two\n"
        "* Then it looks at cars\n"
    )
    assert [(kind, " ".join(text.split())) for kind, text in outline(article)] == [
        (TITLE, "Ministers agree on a smaller tariff list"),
        (
            PARAGRAPH,
            "The ministers of both countries agreed on Monday to shorten the list of goods that pay the extra duty. "
            "The new list holds 40 lines and takes effect in January.",
        ),
        (HEADING, "What happens next"),
        (
            PARAGRAPH,
            "A joint committee will look at the remaining lines, and it reports to the leaders in spring.",
        ),
        (LIST_ITEM, "First the committee looks at steel, which is the largest part of the trade between the two"),
        (LIST_ITEM, "Then it looks at cars"),
    ]


def test_lead_in_lines_are_paragraphs_and_short_lines_under_them_are_a_list() -> None:
    article = read(
        "Quota plan\n\nThe plan was published on Monday and has two parts.\n\n"
        "The quota covers:\nsteel beams\nsteel coils\naluminium foil\n\nAll of them pay 10% beyond the quota.\n"
    )
    assert outline(article) == [
        (TITLE, "Quota plan"),
        (PARAGRAPH, "The plan was published on Monday and has two parts."),
        (PARAGRAPH, "The quota covers:"),
        (LIST_ITEM, "steel beams"),
        (LIST_ITEM, "steel coils"),
        (LIST_ITEM, "aluminium foil"),
        (PARAGRAPH, "All of them pay 10% beyond the quota."),
    ]


def test_nested_and_numbered_lists_keep_their_depth() -> None:
    article = read(
        "Steps\n\nThe office named these steps.\n1. File the form\n2. Pay the fee\n   - by card\n   - in cash\n"
        "3. Wait\n"
    )
    assert [(article.text[b.start : b.end], b.level) for b in article.blocks if b.kind is LIST_ITEM] == [
        ("File the form", 0),
        ("Pay the fee", 0),
        ("by card", 1),
        ("in cash", 1),
        ("Wait", 0),
    ]


def test_numbered_headings_and_marked_questions_lose_their_marks() -> None:
    article = read(
        "A guide to the quota\n\n1. Background\n\nThe quota dates from May.\n\n2. Rules\n\nThe rules are strict.\n\n"
        "Q: Who may apply?\nA: Any importer may.\n"
    )
    assert outline(article) == [
        (TITLE, "A guide to the quota"),
        (HEADING, "Background"),
        (PARAGRAPH, "The quota dates from May."),
        (HEADING, "Rules"),
        (PARAGRAPH, "The rules are strict."),
        (HEADING, "Who may apply?"),
        (PARAGRAPH, "Any importer may."),
    ]


def test_sections_under_generic_names_do_not_give_the_title() -> None:
    article = read("Key Points\n\nThe duty on copper doubles in June. Nothing else changes.\n")
    assert article.title == "The duty on copper doubles in June."
    assert outline(article)[0] == (HEADING, "Key Points")


@pytest.mark.parametrize(
    "line",
    [
        "Read more: Tariffs in ten charts",
        "RELATED: What the quota means",
        "Subscribe",
        "Sign up for our newsletter to get the news every morning.",
        "Advertisement",
        "ADVERTISEMENT",
        "Story continues below advertisement",
        "Click here to read the ruling.",
        "Share this article",
        "Follow us on X and Facebook",
        "Photo: Jane Roe/Sample Pictures",
        "Photo by Jane Roe",
        "Image credit: Sample Pictures",
        "Image Source: Sample Pictures",
        "Copyright © 2025 Sample Wire",
        "© 2025 Sample Wire. All rights reserved.",
        "This site uses cookies. By continuing you agree to our use of cookies.",
        "Watch: ministers leave the meeting",
        "Watch the video below where the minister speaks.",
        "Support our journalism.",
        "Disclaimer: this is no legal advice.",
        "Tags: tariffs, steel",
        "(Reporting by Jane Roe; editing by John Roe)",
        "* * *",
    ],
)
def test_page_furniture_is_not_answered_from(line: str) -> None:
    before = "The duty on copper doubles in June, the ministry said on Monday."
    after = "Importers had asked for a later date, but the ministry did not move it."
    article = read(f"Copper duty doubles\n\n{before}\n\n{line}\n\n{after}\n")
    text = article.text
    found = {kind: [text[b.start : b.end] for b in article.blocks if b.kind is kind] for kind in (PARAGRAPH, LIST_ITEM)}
    assert found == {PARAGRAPH: [before, after], LIST_ITEM: []}


@pytest.mark.parametrize(
    "sentence",
    [
        "Related measures stay in force until the spring.",
        "Share prices fell by 3% after the ruling.",
        "Video games pay no duty under the new list.",
        "Follow-up talks are planned for March.",
        "Subscribers to the licence scheme may import 40 tonnes.",
        "Watchdog officials said the quota is full.",
        "Copyright rules were left out of the agreement.",
        "Sources in the ministry expect a ruling in May.",
        "Photographs of the port show forty ships at anchor.",
        "Sponsored by two senators, the bill raises the duty to 10%.",
        "By continuing the talks the two sides avoid a new duty.",
        "Register entries must name the mine of origin.",
        "Source countries must be named on each form.",
        "The date of the hearing is not known.",
        "By contrast, the duty on zinc stays.",
        "Tags on the goods must name their origin.",
    ],
)
def test_news_that_begins_like_furniture_is_answered_from(sentence: str) -> None:
    article = read(f"Copper duty doubles\n\nThe duty doubles in June.\n\n{sentence}\n\nThe ministry gave no reason.\n")
    assert (PARAGRAPH, sentence) in outline(article)


def test_links_under_a_label_are_furniture_and_the_text_after_them_is_not() -> None:
    article = read(
        "Copper duty doubles\n\nThe duty doubles in June.\n\nRelated articles\n- Zinc duty stays\n- Tin duty falls\n\n"
        "The ministry gave no reason for the date it chose, and importers asked for a later one.\n"
    )
    assert outline(article)[2:] == [
        (BOILERPLATE, "Related articles"),
        (BOILERPLATE, "Zinc duty stays"),
        (BOILERPLATE, "Tin duty falls"),
        (PARAGRAPH, "The ministry gave no reason for the date it chose, and importers asked for a later one."),
    ]


def test_header_lines_state_the_metadata() -> None:
    article = read(
        "Title: Copper duty doubles\nAuthor: Jane Roe\nPublisher: Sample Wire\nDate: 2025-11-09\n"
        "URL: https://example.org/copper\n\nThe duty doubles in June, the ministry said.\n"
    )
    assert article.title == "Copper duty doubles"
    assert (article.author, article.publisher, article.published) == ("Jane Roe", "Sample Wire", date(2025, 11, 9))
    assert article.url == "https://example.org/copper"
    assert [kind for kind, _ in outline(article)] == [BYLINE] * 5 + [PARAGRAPH]


def test_dateline_states_date_and_publisher_and_is_no_part_of_the_first_sentence() -> None:
    article = read("Copper duty doubles\n\nWASHINGTON, Nov. 9, 2025 (Sample Wire) — The duty doubles in June.\n")
    assert (article.publisher, article.published) == ("Sample Wire", date(2025, 11, 9))
    assert outline(article)[1:] == [
        (BYLINE, "WASHINGTON, Nov. 9, 2025 (Sample Wire) —"),
        (PARAGRAPH, "The duty doubles in June."),
    ]


def test_dates_of_a_timeline_are_not_publication_dates() -> None:
    article = read(
        "Steps of the dispute\n\nApril 4, 2025\n\nThe first duty takes effect.\n\nOctober 9, 2025\n\n"
        "The second follows.\n"
    )
    assert article.published is None


def test_updates_and_copyright_years_are_not_publication_dates() -> None:
    article = read(
        "Copper duty doubles\nUpdated: November 9, 2025\n\nThe duty doubles in June.\n\n© 2024 Sample Wire\n"
    )
    assert article.published is None


def test_news_page_saved_as_text_is_read_whole() -> None:
    article = read(
        "Skip to content\nSAMPLE GAZETTE\nSubscribe\nEU weighs answer to new steel duties\n"
        "Ministers meet in Brussels on Thursday to agree a common line\nJane Roe\nNov. 9, 2025, 10:30 AM ET\n"
        "3 min read\nShare\nAdvertisement\n\n"
        "The ministers will weigh a joint answer to the new duties this week, officials said.\n\n"
        'The duties took effect on Nov. 1. "We will not stand by," said Max Moe. Follow our live blog for updates.\n\n'
        "WHY IT MATTERS\n\nSteel exports were worth $8 billion last year.\n\nKey takeaways:\n• Duties of 25% apply\n"
        "• The EU may answer with quotas\n    ◦ on pork\n    ◦ on whiskey\n• A ruling is expected in May.\n\n"
        "RELATED: What the quota means\nRead more\nSteel prices fall\nCopper duty doubles\n\n"
        "What's next\nThe ministers meet on Thursday. They may also decide on aid for mills.\n\n---\n"
        "Follow her on X @janeroe.\n© 2025 Sample Gazette. All Rights Reserved.\n"
    )
    assert (article.title, article.published) == ("EU weighs answer to new steel duties", date(2025, 11, 9))
    assert [(block.kind, article.text[block.start : block.end], block.level) for block in article.blocks] == [
        (BOILERPLATE, "Skip to content", 0),
        (BYLINE, "SAMPLE GAZETTE", 0),
        (BOILERPLATE, "Subscribe", 0),
        (TITLE, "EU weighs answer to new steel duties", 0),
        (HEADING, "Ministers meet in Brussels on Thursday to agree a common line", 2),
        (BYLINE, "Jane Roe", 0),
        (BYLINE, "Nov. 9, 2025, 10:30 AM ET", 0),
        (BOILERPLATE, "3 min read", 0),
        (BOILERPLATE, "Share", 0),
        (BOILERPLATE, "Advertisement", 0),
        (PARAGRAPH, "The ministers will weigh a joint answer to the new duties this week, officials said.", 0),
        (PARAGRAPH, 'The duties took effect on Nov. 1. "We will not stand by," said Max Moe.', 0),
        (BOILERPLATE, "Follow our live blog for updates.", 0),
        (HEADING, "WHY IT MATTERS", 2),
        (PARAGRAPH, "Steel exports were worth $8 billion last year.", 0),
        (PARAGRAPH, "Key takeaways:", 0),
        (LIST_ITEM, "Duties of 25% apply", 0),
        (LIST_ITEM, "The EU may answer with quotas", 0),
        (LIST_ITEM, "on pork", 1),
        (LIST_ITEM, "on whiskey", 1),
        (LIST_ITEM, "A ruling is expected in May.", 0),
        (BOILERPLATE, "RELATED: What the quota means", 0),
        (BOILERPLATE, "Read more", 0),
        (BOILERPLATE, "Steel prices fall", 0),
        (BOILERPLATE, "Copper duty doubles", 0),
        (HEADING, "What's next", 2),
        (PARAGRAPH, "The ministers meet on Thursday. They may also decide on aid for mills.", 0),
        (BOILERPLATE, "---", 0),
        (BOILERPLATE, "Follow her on X @janeroe.", 0),
        (BOILERPLATE, "© 2025 Sample Gazette. All Rights Reserved.", 0),
    ]


def test_numbered_questions_are_headings_and_sources_at_the_end_are_not() -> None:
    article = read(
        "China's soybean purchases: three questions\nPublished 9 Nov 2025\n"
        "By Jane Roe in Washington and John Doe in Beijing\n\n"
        "1. What did China promise?\nChina promised to buy 12 million tonnes.\n2. Is that a lot?\nIt is about half.\n\n"
        "Sources: Sample Office, company statements\n"
    )
    assert (article.author, article.published) == ("Jane Roe and John Doe", date(2025, 11, 9))
    assert outline(article)[3:] == [
        (HEADING, "What did China promise?"),
        (PARAGRAPH, "China promised to buy 12 million tonnes."),
        (HEADING, "Is that a lot?"),
        (PARAGRAPH, "It is about half."),
        (BOILERPLATE, "Sources: Sample Office, company statements"),
    ]


def test_press_release_with_a_table_is_read_whole() -> None:
    article = read(
        "FOR IMMEDIATE RELEASE\nNovember 9, 2025\n\nOffice of Sample Affairs Announces Quota for Sugar\n\n"
        "Quotas allow countries to export specified quantities of a product to the\nUnited States at a low tariff, but "
        "all imports of the\nproduct beyond them pay a higher one.\n\nCountry          Metric tons\n"
        "Brazil           155,993\nAustralia        89,293\n\n###\n"
    )
    assert (article.title, article.published) == (
        "Office of Sample Affairs Announces Quota for Sugar",
        date(2025, 11, 9),
    )
    assert [(kind, " ".join(text.split())) for kind, text in outline(article)][2:] == [
        (TITLE, "Office of Sample Affairs Announces Quota for Sugar"),
        (
            PARAGRAPH,
            "Quotas allow countries to export specified quantities of a product to the United States at a low tariff, "
            "but all imports of the product beyond them pay a higher one.",
        ),
        (BlockKind.TABLE_ROW, "Country Metric tons"),
        (BlockKind.TABLE_ROW, "Brazil 155,993"),
        (BlockKind.TABLE_ROW, "Australia 89,293"),
        (BOILERPLATE, "###"),
    ]


def test_byline_below_a_standfirst_is_read_and_a_source_below_a_chart_is_not_the_publisher() -> None:
    standfirst = "The duty on copper doubles in June, and importers had asked for a later date in letters. " * 2
    article = read(
        f"Copper duty doubles\n\n{standfirst}\n\nBy Jane Roe | November 9, 2025\n\nIt covers wire.\n\n"
        "Source: Sample Office\n\n" + "The ministry gave no reason for it.\n\n" * 9
    )
    assert (article.author, article.published, article.publisher) == ("Jane Roe", date(2025, 11, 9), None)
