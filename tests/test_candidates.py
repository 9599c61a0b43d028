"""What could answer a question at all: a town where one is asked for, a sum, a count of that thing."""

from __future__ import annotations

import pytest

from assistant.candidates import Sought, holds, is_counted, sought
from assistant.question import read_question


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Which city hosts the fair?", Sought.TOWN),
        ("Which tariff heading covers magnets?", Sought.CODE),
        ("What is the docket number of the review?", Sought.CODE),
        ("Until when can one comment in docket USTR-2018-0025?", Sought.TIME),
        ("Where is the mill?", Sought.PLACE),
        ("How much barley did Canada ship last year?", Sought.QUANTITY),
        ("How much duty do the importers pay?", Sought.MONEY),
        ("How much did Norland collect from the fee?", Sought.SUM),
        ("How much more did Canada ship?", Sought.AMOUNT),
        ("Which refiner closed its plant?", Sought.FIRM),
        ("Who closed the plant?", Sought.NAME),
        ("What did the minister reply?", Sought.STATEMENT),
    ],
)
def test_what_is_sought_is_told_from_the_question(question: str, kind: Sought) -> None:
    assert sought(read_question(question)) is kind


@pytest.mark.parametrize(
    ("question", "text", "expected"),
    [
        ("Which city hosts the fair?", "The fair is held in Leeds.", True),
        ("Which city hosts the fair?", "The fair is the largest in Canada.", False),
        ("Where in Ohio is the mill?", "The petition came from the Council of Mills of Ohio.", False),
        ("Where in Ohio is the mill?", "The mill in Toledo belongs to them.", True),
        ("Where do the shrimp come from?", "Most of it is bought from Tessaria.", True),
        ("How much barley did Canada ship last year?", "Canada raised the duty on barley to 12 percent.", False),
        ("How much barley did Canada ship last year?", "Canada shipped 4.1 million tonnes.", True),
        ("How much did Norland collect from the fee?", "Norland charges a fee of 0.8 percent.", False),
        ("How much did Norland collect from the fee?", "The fee brought in $3 million.", True),
        ("Which refiner closed its plant?", "A plant in Canada was closed.", False),
        ("Which refiner closed its plant?", "Brightwater Metals closed it.", True),
        ("Who sits on the panel?", "The panel was set up under the Harbour Act.", False),
        ("What did the minister reply?", "The minister was in town.", False),
        ("What did the minister reply?", "The minister called it a mistake.", True),
    ],
)
def test_a_text_holds_what_is_sought_or_does_not(question: str, text: str, expected: bool) -> None:
    assert holds(text, read_question(question)) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The town imports 900 motorcycles.", True),
        ("Sales of motorcycles rose to 900 in May.", True),
        ("Motorcycles under 150 cc are left out.", False),
        ("Motorcycles are left out.", False),
    ],
)
def test_a_figure_counts_what_follows_it_or_what_it_follows_alone(text: str, expected: bool) -> None:
    assert is_counted(text, read_question("How many motorcycles does the town import?")) is expected
