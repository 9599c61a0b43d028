"""What a reader may rely on when a question goes on from the one before."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.domain import Answer, Claim, Searched, Support
from assistant.followup import standalone
from assistant.text import stems
from tests.benchmarks.report_followups import HALVES, read_conversations, rewritten

NOTICE = "What did Beijing's Ministry of Commerce announce on November 9?"
SUSPENDED = "China has temporarily suspended export restrictions on critical minerals."
GREER = "What did Jamieson Greer say about magnets?"
SHARE = "What share of the world's rare earths does China refine?"
FENTANYL = "What happened to the fentanyl tariff after the leaders met?"
FORCE = "Are China's rare earth export restrictions still in force?"
DELAY = "How long will China delay its new export regime for critical minerals?"
BLACKWELL = "Did China get approval to buy Nvidia's Blackwell chips?"
FEES = "What was decided about port fees on Chinese ships?"
DAIRY = "What tariff does Canada apply to American dairy products?"
STEPS = "What steps are company leaders considering to reduce their exposure?"


def answered(question: str, *claims: str, alone: str | None = None, refused: bool = False) -> Answer:
    return Answer(
        question=question,
        standalone_question=alone or question,
        is_refusal=refused,
        text="",
        claims=tuple(Claim(claim, Support.SUPPORTED, "exact quote") for claim in claims),
        nearest=(),
        searched=Searched(2, 40),
        generation=1,
        as_of=None,
        answerer="exact quotes",
    )


@pytest.mark.parametrize(
    ("earlier", "claim", "question", "expected"),
    [
        (
            NOTICE,
            SUSPENDED,
            "And how long will it last?",
            "How long will the suspension that Beijing's Ministry of Commerce announced on November 9 last?",
        ),
        (
            NOTICE,
            "A spokesman spoke.",
            "And how long will it last?",
            "How long will what Beijing's Ministry of Commerce announced on November 9 last?",
        ),
        (
            NOTICE,
            SUSPENDED,
            "Is it still in force?",
            "Is the suspension that Beijing's Ministry of Commerce announced on November 9 still in force?",
        ),
        (
            NOTICE,
            SUSPENDED,
            "What does that mean for U.S. firms?",
            "What does the suspension that Beijing's Ministry of Commerce announced on November 9 mean for U.S. firms?",
        ),
        (
            NOTICE,
            SUSPENDED,
            "Which minerals does it cover?",
            "Which minerals does the suspension that Beijing's Ministry of Commerce announced on November 9 cover?",
        ),
        (
            NOTICE,
            SUSPENDED,
            "What are its conditions?",
            "What are the conditions of the suspension that Beijing's Ministry of Commerce announced on November 9?",
        ),
        (
            NOTICE,
            SUSPENDED,
            "How did the U.S. respond to it?",
            "How did the U.S. respond to the suspension that Beijing's Ministry of Commerce announced on November 9?",
        ),
        (NOTICE, SUSPENDED, "Why?", "Why (about what Beijing's Ministry of Commerce announced on November 9)?"),
        (
            NOTICE,
            SUSPENDED,
            "When does the suspension end?",
            "When does the suspension end (about what Beijing's Ministry of Commerce announced on November 9)?",
        ),
        (
            NOTICE,
            SUSPENDED,
            "Does that ban still apply?",
            "Does that ban still apply (about what Beijing's Ministry of Commerce announced on November 9)?",
        ),
        (
            NOTICE,
            SUSPENDED,
            "But is Canada affected?",
            "Is Canada affected (about what Beijing's Ministry of Commerce announced on November 9)?",
        ),
        (
            NOTICE,
            SUSPENDED,
            "Tell me more",
            "What else is reported (about what Beijing's Ministry of Commerce announced on November 9)?",
        ),
        (
            NOTICE,
            SUSPENDED,
            "What about gallium?",
            "What about gallium: what did Beijing's Ministry of Commerce announce on November 9?",
        ),
        (NOTICE, SUSPENDED, "And in 2026?", "What did Beijing's Ministry of Commerce announce in 2026?"),
        (
            NOTICE,
            SUSPENDED,
            "OK, and what about Japan?",
            "What did Japan's Ministry of Commerce announce on November 9?",
        ),
        (
            NOTICE,
            SUSPENDED,
            "Who said that?",
            "Who said that “China has temporarily suspended export restrictions on critical minerals”?",
        ),
        (GREER, "", "And what did he say about Blackwell?", "What did Jamieson Greer say about Blackwell?"),
        (GREER, "", "What did she say about Blackwell?", "What did Jamieson Greer say about Blackwell?"),
        (GREER, "", "And Trump?", "What did Trump say about magnets?"),
        (GREER, "", "And what did Trump say?", "What did Trump say about magnets?"),
        (GREER, "", "And about chips?", "What did Jamieson Greer say about chips?"),
        (SHARE, "", "And for Japan?", "What share of the world's rare earths does Japan refine?"),
        (SHARE, "", "What about Vietnam?", "What share of the world's rare earths does Vietnam refine?"),
        (SHARE, "", "Why?", "Why (about the share of the world's rare earths that China refines)?"),
        (
            "What did China do about American soybeans?",
            "",
            "What about gallium?",
            "What did China do about gallium?",
        ),
        (
            "What did China do about American soybeans?",
            "",
            "Why did it do that?",
            "Why did China do that (about what China did about American soybeans)?",
        ),
        (FENTANYL, "", "How about the port fees?", "What happened to the port fees after the leaders met?"),
        (FENTANYL, "", "When will it expire?", "When will the fentanyl tariff expire?"),
        (FORCE, "", "Since when?", "Since when (about China's rare earth export restrictions)?"),
        (FORCE, "", "Who imposed them?", "Who imposed China's rare earth export restrictions?"),
        (
            DELAY,
            "",
            "Why?",
            "Why (about how China will delay its new export regime for critical minerals)?",
        ),
        (
            DELAY,
            "",
            "What did it get in return?",
            "What did China get in return (about how China will delay its new export regime for critical minerals)?",
        ),
        (DELAY, "", "Does it cover graphite?", "Does China's new export regime for critical minerals cover graphite?"),
        (
            BLACKWELL,
            "Greer said Blackwell was “not on the table right now.”",
            "Why not?",
            "Why not (about whether China got approval to buy Nvidia's Blackwell chips)?",
        ),
        (
            BLACKWELL,
            "Greer said Blackwell was “not on the table right now.”",
            "Who said so?",
            "Who said that “not on the table right now”?",
        ),
        (
            "Who called the rollback of US controls a dangerous precedent?",
            "“It sets a dangerous precedent,” said Chris McGuire, a former official.",
            "What did he say about chips?",
            "What did Chris McGuire say about chips?",
        ),
        (
            "Which law is at stake in the Supreme Court tariff case?",
            "",
            "When was it passed?",
            "When was the law at stake in the Supreme Court tariff case passed?",
        ),
        (
            "For which minerals did Beijing suspend its export restrictions?",
            "",
            "And how long will it last?",
            "How long will Beijing's suspension of export restrictions last?",
        ),
        (
            "What did Derek Scissors say?",
            "",
            "And what did he compare it to?",
            "What did he compare it to (about what Derek Scissors said)?",
        ),
        (DAIRY, "", "And on beef?", "What tariff does Canada apply to American beef?"),
        (DAIRY, "", "And Mexico?", "What tariff does Mexico apply to American dairy products?"),
        (FEES, "", "For how long?", "For how long (about port fees on Chinese ships)?"),
        (FEES, "", "How much are they?", "How much are port fees on Chinese ships?"),
        (
            STEPS,
            "",
            "Why are they doing that?",
            "Why are company leaders doing that (about the steps that company leaders are considering to reduce their "
            "exposure)?",
        ),
    ],
)
def test_follow_up_is_made_standalone(earlier: str, claim: str, question: str, expected: str) -> None:
    history = [answered(earlier, *([claim] if claim else []))]
    assert standalone(question, history) == expected


@pytest.mark.parametrize(
    "question",
    [
        "What share of rare earths does China refine?",
        "Did China say it would lift the ban on gallium?",
        "How long will China delay its new export regime for critical minerals?",
        "If the tariff is halved, will it stay below 40 percent?",
        "Is it true that the Supreme Court could strike down the tariffs?",
        "Which minerals did Beijing name, and when do their controls end?",
        "Did Trump say he would meet Xi again?",
        "Who is Wendy Cutler?",
        "What is the average tariff on Chinese goods this year?",
        "How long will the suspension of port fees on Chinese ships last?",
        "Will Japan retaliate?",
        "What did Greer say about the idea that China would lift its curbs?",
        "When does the African Growth and Opportunity Act expire?",
        "What about the Supreme Court case on the emergency tariffs of 2025?",
        "Why did the lower courts rule against the tariffs?",
        "What steps are companies taking to protect themselves?",
        "How much wheat did Argentina export in 2024?",
    ],
)
def test_question_that_stands_alone_is_returned_unchanged(question: str) -> None:
    assert standalone(question, [answered(NOTICE, SUSPENDED), answered(GREER)]) == question


def test_first_question_is_returned_unchanged() -> None:
    assert standalone("And how long will it last?", []) == "And how long will it last?"


def test_chain_of_follow_ups_keeps_the_topic() -> None:
    history = [answered(NOTICE, SUSPENDED)]
    for question in ("And how long will it last?", "Why?", "And since when?", "Is it permanent?"):
        alone = standalone(question, history)
        assert {"beij", "ministri", "commerc", "announc", "novemb"} <= set(stems(alone)), alone
        history.append(answered(question, "It ends in November 2026.", alone=alone))


HALT = "When did China impose its halt on gallium and germanium shipments?"
CASE = "What is the looming Supreme Court case on tariffs about?"
METRICS = "What happens if licensing metrics improve?"


@pytest.mark.parametrize(
    "turns",
    [
        [
            ("What did China suspend?", "What did China suspend?"),
            ("Who negotiated it?", "Who negotiated what China suspended?"),
            ("Why?", "Why (about who negotiated what China suspended)?"),
            ("Since when?", "Since when (about who negotiated what China suspended)?"),
            ("Is it permanent?", "Is it permanent (about who negotiated what China suspended)?"),
            ("Why not?", "Why not (about who negotiated what China suspended)?"),
            ("Tell me more", "What else is reported (about who negotiated what China suspended)?"),
        ],
        [
            (METRICS, METRICS),
            ("And if they don't?", "What happens if licensing metrics don't improve?"),
            ("Why?", "Why (about what happens if licensing metrics don't improve)?"),
            ("And if they do?", "What happens if licensing metrics improve?"),
        ],
        [
            (HALT, HALT),
            (
                "What were those a reaction to?",
                "What was China's halt on gallium and germanium shipments a reaction to?",
            ),
            ("Why?", "Why (about China's halt on gallium and germanium shipments)?"),
            ("Who imposed them?", "Who imposed China's halt on gallium and germanium shipments?"),
        ],
        [
            (CASE, CASE),
            (
                "What did the courts below decide?",
                "What did the courts below decide (about the looming Supreme Court case on tariffs)?",
            ),
            ("Why?", "Why (about the looming Supreme Court case on tariffs)?"),
        ],
        [
            ("Will they win?", "Will they win?"),
            ("And if they don't?", "What happens if they don't win?"),
        ],
        [
            ("What are the fees for?", "What are the fees for?"),
            ("Who pays them?", "Who pays the fees?"),
            ("Why?", "Why (about who pays the fees)?"),
            ("What about tin?", "Why (about tin)?"),
        ],
        [
            ("Who said that China has lifted its ban?", "Who said that China has lifted its ban?"),
            ("When?", "When (about who said that China has lifted its ban)?"),
        ],
        [
            ("Will Canada retaliate if the tariff is raised?", "Will Canada retaliate if the tariff is raised?"),
            ("And if it isn’t?", "Will Canada retaliate if the tariff isn't raised?"),
            ("And if it is?", "Will Canada retaliate if the tariff is raised?"),
            ("Otherwise?", "Will Canada retaliate if the tariff isn't raised?"),
        ],
        [
            ("What will happen if the Court strikes them down?", "What will happen if the Court strikes them down?"),
            ("What if it doesn't?", "What will happen if the Court doesn't strike them down?"),
            ("And if it does?", "What will happen if the Court strikes them down?"),
        ],
        [
            ("What happens when talks about tin falter?", "What happens when talks about tin falter?"),
            ("And if not?", "What happens when it is not the case that talks about tin falter?"),
        ],
        [
            ("Will Japan lift the quota?", "Will Japan lift the quota?"),
            ("And if they don't?", "What happens if Japan doesn't lift the quota?"),
        ],
        [
            (FORCE, FORCE),
            ("When do they end?", "When do China's rare earth export restrictions end?"),
            (
                "What about tin?",
                "What about tin: when do China's rare earth export restrictions end?",
            ),
            ("And if they don't?", "What happens if China's rare earth export restrictions don't end?"),
        ],
        [
            (FORCE, FORCE),
            ("Does it matter?", "Do China's rare earth export restrictions matter?"),
            ("Why?", "Why (about China's rare earth export restrictions)?"),
        ],
    ],
    ids=lambda turns: turns[0][0],
)
def test_every_question_of_a_conversation_can_be_read_alone(turns: list[tuple[str, str]]) -> None:
    history: list[Answer] = []
    asked = []
    for question, _ in turns:
        alone = standalone(question, history)
        asked.append((question, alone))
        history.append(answered(question, alone=alone))
    assert asked == turns


@given(
    st.lists(
        st.sampled_from(
            [
                "Why?",
                "Since when?",
                "Who said so?",
                "Is it final?",
                "And if they don't?",
                "What about tin?",
                "And Japan?",
                "Who negotiated it?",
                "When does it end?",
                "And for Chile?",
                "Tell me more",
                "What were those a reaction to?",
            ]
        ),
        max_size=8,
    ),
    st.sampled_from([NOTICE, GREER, SHARE, FENTANYL, FORCE, DELAY, FEES, HALT, CASE, METRICS]),
)
def test_chain_of_follow_ups_never_nests(questions: list[str], first: str) -> None:
    history = [answered(first, SUSPENDED)]
    for question in questions:
        alone = standalone(question, history)
        assert alone.count("(about ") <= 1, alone
        assert alone.count("(") == alone.count(")"), alone
        assert "if if" not in alone, alone
        assert len(alone) < 400, alone
        history.append(answered(question, SUSPENDED, alone=alone))


def test_pronoun_means_what_was_answered_last_rather_than_what_was_refused() -> None:
    history = [answered(NOTICE, SUSPENDED), answered("Who is the prime minister of Japan?", refused=True)]
    alone = standalone("And how long will it last?", history)
    assert alone == "How long will the suspension that Beijing's Ministry of Commerce announced on November 9 last?"


def test_person_named_two_questions_ago_is_found() -> None:
    history = [answered(GREER), answered(FEES)]
    assert standalone("And what did he say about Blackwell?", history) == "What did Jamieson Greer say about Blackwell?"


def test_follow_up_after_a_refusal_still_goes_on_from_it() -> None:
    history = [answered(GREER), answered(DAIRY, refused=True)]
    assert standalone("And on beef?", history) == "What tariff does Canada apply to American beef?"


@given(st.text(max_size=200), st.lists(st.text(max_size=200), max_size=3))
def test_any_question_after_any_other_gives_words_to_search_for(question: str, earlier: list[str]) -> None:
    alone = standalone(question, [answered(text, text) for text in earlier])
    assert bool(alone.strip()) == bool(question.strip())


@given(
    st.sampled_from(["Why?", "And what did he say?", "What about it?", "Is it in force?", "And Japan?"]),
    st.text(max_size=300),
)
def test_result_is_one_line(question: str, earlier: str) -> None:
    assert "\n" not in standalone(question, [answered(earlier, earlier)])


@pytest.mark.timeout(120)  # a stall guard: each takes well under a second
def test_longest_question_does_not_stall() -> None:
    history = [answered("what did " * 200, "said " * 2_000)]
    for question in ("and what about " * 130, "it " * 650, "the a " * 330, "what " * 400, "a, " * 600):
        assert standalone(question, history).strip()


REFUSED = answered("Which mayor opposed the harbour tax?", refused=True)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Why?", "Why?"),
        ("Tell me more", "Tell me more"),
        ("And what did the ministry announce?", "And what did the ministry announce?"),
        ("When does the tax end?", "When does the tax end?"),
        ("What about bauxite?", "What about bauxite?"),
    ],
)
def test_topic_of_a_refused_question_is_not_carried_on(question: str, expected: str) -> None:
    assert standalone(question, [REFUSED]) == expected


def test_what_was_answered_before_a_refusal_is_gone_on_from() -> None:
    history = [answered(FEES), REFUSED]
    assert standalone("For how long?", history) == "For how long (about port fees on Chinese ships)?"
    assert standalone("What about small boats?", history) == "What was decided about port fees on small boats?"


def test_a_refused_question_can_be_asked_of_another_country() -> None:
    refused = answered("What share of the world's tin does Peru refine?", refused=True)
    assert standalone("And Chile?", [refused]) == "What share of the world's tin does Chile refine?"


GOODS = "Which goods did India add to its licence list?"
ADDED = "India added these goods:\n- laptops\n- tablets\n- small servers"


@pytest.mark.parametrize(
    ("claim", "question", "expected"),
    [
        (ADDED, "Is the second one taxed?", "Are tablets taxed"),
        (ADDED, "How much does the last of them cost?", "How much do small servers cost"),
        (ADDED, "Why the first two?", "Why laptops and tablets"),
        ("India added laptops, tablets and small servers.", "And the third?", "Small servers"),
    ],
)
def test_a_place_in_the_list_that_was_answered_is_its_item(claim: str, question: str, expected: str) -> None:
    assert expected in standalone(question, [answered(GOODS, claim)])


@pytest.mark.parametrize(
    ("claim", "question"),
    [
        ("India added laptops.", "And the second one?"),
        (ADDED, "When was the second round of talks?"),
        (ADDED, "Who signed the first agreement in Lima?"),
        (ADDED, "Is the tenth one taxed?"),
    ],
)
def test_a_place_that_is_no_item_is_left_alone(claim: str, question: str) -> None:
    assert "laptops" not in standalone(question, [answered(GOODS, claim)])


def test_conversations_come_out_no_worse_than_measured() -> None:
    """The floors are what was measured of those that need no model."""
    outcomes = rewritten(read_conversations())
    right = {half: sum(not one.reason for one in outcomes if one.conversation.half == half) for half in HALVES}
    assert len(outcomes) == 66
    assert right["dev"] >= 33
    assert right["held"] >= 28
