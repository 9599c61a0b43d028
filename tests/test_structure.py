"""Units know what they belong to: list and lead-in, answer and question, quotation and speaker."""

from __future__ import annotations

from assistant.domain import Article, Block, BlockKind
from assistant.structure import Unit, UnitKind, outline
from ingest.chunk import MAX_PASSAGE_CHARS, passages

KINDS = {
    "T": BlockKind.TITLE,
    "H": BlockKind.HEADING,
    "P": BlockKind.PARAGRAPH,
    "L": BlockKind.LIST_ITEM,
    "R": BlockKind.TABLE_ROW,
    "B": BlockKind.BOILERPLATE,
}


def article(*lines: str) -> Article:
    """Make an article of lines such as "H:A heading"; list items get a bullet outside their block."""
    text = ""
    blocks = []
    for line in lines:
        kind = KINDS[line[0]]
        text += "- " if kind is BlockKind.LIST_ITEM else ""
        blocks.append(Block(kind, len(text), len(text) + len(line) - 2, 2 if kind is BlockKind.HEADING else 0))
        text += line[2:] + "\n"
    return Article("Title", text, tuple(blocks))


def shown(source: Article, unit: Unit) -> str:
    return source.text[unit.shown_from : unit.end]


def test_a_list_is_one_unit_with_its_lead_in() -> None:
    source = article("P:Talks went on. Firms report:", "L:Longer waits", "L:Repeated filings")
    found = outline(source.text, source.blocks)
    assert [(shown(source, unit), unit.lead) for unit in found.atoms] == [
        ("Talks went on.", ""),
        ("Longer waits", "Firms report:"),
        ("Repeated filings", "Firms report:"),
    ]
    assert [(unit.kind, shown(source, unit)) for unit in found.groups] == [
        (UnitKind.LIST, "Firms report:\n- Longer waits\n- Repeated filings")
    ]


def test_a_question_heading_leads_its_answer_and_is_no_answer() -> None:
    source = article(
        "H:Does the pause last?", "P:Yes. It lasts one year. After that it ends.", "H:Next", "P:More text."
    )
    found = outline(source.text, source.blocks)
    assert [(shown(source, unit), unit.lead, unit.heading) for unit in found.atoms] == [
        ("Yes. It lasts one year.", "Does the pause last?", ("Does the pause last?",)),
        ("After that it ends.", "Does the pause last?", ("Does the pause last?",)),
        ("More text.", "", ("Next",)),
    ]
    assert [(unit.kind, shown(source, unit)) for unit in found.groups] == [
        (UnitKind.ANSWER, "Yes. It lasts one year. After that it ends.")
    ]


def test_an_item_that_is_only_a_name_is_quoted_with_its_heading() -> None:
    source = article("H:What Beijing did not get", "L:Approval to buy chips", "L:The promise was never made")
    spans = [unit.lead_span for unit in outline(source.text, source.blocks).atoms]
    assert [span and source.text[slice(*span)] for span in spans] == ["What Beijing did not get", None]


def test_a_later_item_is_quoted_with_its_lead_in() -> None:
    source = article("P:Firms report:", "L:Longer waits", "L:Repeated filings")
    spans = [unit.lead_span for unit in outline(source.text, source.blocks).atoms]
    assert [span and source.text[slice(*span)] for span in spans] == [None, "Firms report:"]


def test_a_quotation_stays_with_its_speaker() -> None:
    whole = "“We hold. That will not change,” said Ann Lee. “Instead of waiting, we act.”"
    source = article(f"P:{whole} Others agreed.")
    assert [shown(source, unit) for unit in outline(source.text, source.blocks).atoms] == [whole, "Others agreed."]


def test_a_sentence_that_says_he_is_shown_with_the_one_that_names_him() -> None:
    source = article("P:Ann Lee opened the talks.", "P:She said that they failed. The rest is known.")
    assert [shown(source, unit) for unit in outline(source.text, source.blocks).atoms] == [
        "Ann Lee opened the talks.",
        "Ann Lee opened the talks.\nShe said that they failed.",
        "The rest is known.",
    ]


def test_titles_headings_and_boilerplate_are_never_units() -> None:
    source = article("T:Title", "H:Heading", "B:Watch the video below.", "P:Text.")
    assert [shown(source, unit) for unit in outline(source.text, source.blocks).atoms] == ["Text."]


def test_a_table_row_is_led_by_its_header() -> None:
    source = article("R:Date | Event", "R:9 Nov 2025 | Curbs paused", "R:30 Oct 2025 | Leaders met")
    found = outline(source.text, source.blocks)
    assert [(shown(source, unit), unit.lead) for unit in found.atoms] == [
        ("9 Nov 2025 | Curbs paused", "Date | Event"),
        ("30 Oct 2025 | Leaders met", "Date | Event"),
    ]


def test_passages_keep_the_lead_in_and_never_cross_a_heading() -> None:
    source = article("H:One", "P:Firms report:", "L:Longer waits", "H:Two", "P:More text.")
    assert [(source.text[span.start : span.end], span.heading) for span in passages(source)] == [
        ("Firms report:\n- Longer waits", ("One",)),
        ("More text.", ("Two",)),
    ]


def test_a_list_cut_in_two_keeps_its_lead_in_as_heading() -> None:
    source = article("P:Firms report:", *[f"L:Item {number} " + "word " * 30 + "end" for number in range(10)])
    spans = passages(source)
    assert len(spans) > 1
    assert [span.heading for span in spans] == [()] + [("Firms report:",)] * (len(spans) - 1)


def test_long_text_is_cut_into_even_passages_on_sentence_bounds() -> None:
    source = article("P:" + " ".join(f"Sentence number {number} says something of note." for number in range(60)))
    texts = [source.text[span.start : span.end] for span in passages(source)]
    assert all(text.startswith("Sentence") and text.endswith("note.") for text in texts)
    assert " ".join(texts) == source.text.strip()
    assert max(map(len, texts)) <= MAX_PASSAGE_CHARS
    assert max(map(len, texts)) < 1.5 * min(map(len, texts))


def test_boilerplate_parts_passages() -> None:
    source = article("P:Before it.", "B:Subscribe to our newsletter today", "P:After it.")
    assert [source.text[span.start : span.end] for span in passages(source)] == ["Before it.", "After it."]


def test_a_sentence_that_announces_a_table_is_no_answer() -> None:
    text = "The duty is charged at the border. The rates are the following.\n\nCode | Rate\n8418.30 | 12 %\n"
    start = text.index("Code")
    middle = text.index("8418")
    blocks = [
        Block(BlockKind.PARAGRAPH, 0, start - 2),
        Block(BlockKind.TABLE_ROW, start, middle - 1),
        Block(BlockKind.TABLE_ROW, middle, len(text) - 1),
    ]
    atoms = outline(text, blocks).atoms
    assert [text[unit.start : unit.end] for unit in atoms] == ["The duty is charged at the border.", "8418.30 | 12 %"]


def test_a_table_is_quoted_with_what_announces_it() -> None:
    lead, header, *rows = "P:The preliminary margins are:", "R:Firm | Margin", "R:Ann | 3", "R:Ben | 4", "R:Cy | 5"
    source = article(lead, header, *rows)
    found = outline(source.text, source.blocks)
    [table] = found.groups
    assert source.text[table.opening : table.end].split("\n") == [line[2:] for line in (lead, header, *rows)]
    first, *others = found.atoms
    assert source.text[first.opening : first.end] == "The preliminary margins are:\nFirm | Margin\nAnn | 3"
    assert [unit.lead_span and source.text[slice(*unit.lead_span)] for unit in others] == [
        "The preliminary margins are:\nFirm | Margin"
    ] * 2
    assert {unit.lead for unit in found.atoms} == {"Firm | Margin"}


def test_a_question_of_a_transcript_leads_its_answer_and_is_no_answer() -> None:
    source = article(
        "P:SPOKESWOMAN: The quota stays.",
        "P:QUESTION: There are reports that it will be cut. Can you confirm?",
        "P:MS. HALE: I cannot. No decision was taken.",
        "P:QUESTION: Is Norland exempt?",
        "P:MS. HALE: No, it is not.",
    )
    found = outline(source.text, source.blocks)
    first, second = "QUESTION: There are reports that it will be cut. Can you confirm?", "QUESTION: Is Norland exempt?"
    assert [(shown(source, unit), unit.lead) for unit in found.atoms] == [
        ("SPOKESWOMAN: The quota stays.", ""),
        ("MS. HALE: I cannot.", first),
        ("No decision was taken.", first),
        ("MS. HALE: No, it is not.", second),
    ]
    assert [(shown(source, unit), unit.lead) for unit in found.groups] == [
        ("MS. HALE: I cannot. No decision was taken.", first)
    ]
    spans = [unit.lead_span and source.text[slice(*unit.lead_span)] for unit in found.atoms]
    assert spans == [None, first, None, second]


def test_a_numbered_question_is_parted_from_the_answer_below_it() -> None:
    source = article(
        "P:Q1. What is the fee? Nothing. No fee is charged.", "P:Q2. Who decides? The ministry does, in May."
    )
    found = outline(source.text, source.blocks)
    assert [(shown(source, unit), unit.lead) for unit in found.atoms] == [
        ("Nothing. No fee is charged.", "Q1. What is the fee?"),
        ("The ministry does, in May.", "Q2. Who decides?"),
    ]


def test_questions_in_paragraphs_of_their_own_lead_what_follows_but_one_alone_is_a_figure_of_speech() -> None:
    answers = ["P:What is the fee?", "P:Nothing is charged here.", "P:Who decides?", "P:The ministry decides in May."]
    source = article(*answers)
    assert [unit.lead for unit in outline(source.text, source.blocks).atoms] == ["What is the fee?", "Who decides?"]
    source = article("P:So what now?", "P:Nobody at the port knows.", "P:Q2 was weak. Rates fell.")
    assert [unit.lead for unit in outline(source.text, source.blocks).atoms] == [""] * 4
