"""The golden set of identifiers: well made, and every passage found first, even without a model of meaning."""

from __future__ import annotations

from assistant.identifiers import holds, identifiers
from tests.benchmarks.report_ranking import outcomes, read_golden
from tests.toys import HashEmbedder


def test_each_question_names_an_identifier_that_only_the_article_of_the_case_holds() -> None:
    articles, cases = read_golden()
    assert (len(articles), len(cases)) >= (30, 50)
    for case in cases:
        named = identifiers(case.question)
        assert named, case.question
        holding = [title for title, text in articles.items() if all(holds(text, one) for one in named)]
        assert holding == ([case.first] if case.first else []), case.question
        assert bool(case.missing) != bool(case.first)
        assert case.says in articles.get(case.first, "")


def test_passage_that_holds_the_identifier_is_first_and_what_no_passage_holds_is_refused_by_its_number() -> None:
    assert [outcome.case.question for outcome in outcomes(HashEmbedder()) if not outcome.is_found] == []
