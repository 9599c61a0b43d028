"""Copies of one story are told from what only looks like one, on pairs made for it (tests/stories.py)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.domain import Article, Block, BlockKind
from assistant.story import MIN_WORDS, Story, is_copy, read_story
from tests.shelf import article
from tests.stories import COCOA, COPIES, GALLIUM, OTHERS, Text


def story(text: Text) -> Story:
    """Read paragraphs as a story."""
    read = read_story(article(*text))
    assert read is not None
    return read


@pytest.mark.parametrize("name", COPIES)
def test_copy_of_a_story_is_a_copy_either_way(name: str) -> None:
    one, other = map(story, COPIES[name])
    assert (is_copy(one, other), is_copy(other, one)) == (True, True)


@pytest.mark.parametrize("name", OTHERS)
def test_what_tells_other_facts_is_no_copy_either_way(name: str) -> None:
    one, other = map(story, OTHERS[name])
    assert (is_copy(one, other), is_copy(other, one)) == (False, False)


def test_pairs_are_enough_to_choose_thresholds_on() -> None:
    assert (len(COPIES) >= 20, len(OTHERS) >= 20) == (True, True)


def test_headline_byline_and_boilerplate_are_no_part_of_a_story() -> None:
    told = article(*GALLIUM, title="Beijing lifts ban")
    parts = [("A headline of its own", BlockKind.TITLE), ("By A. Writer", BlockKind.BYLINE)]
    parts += [(paragraph, BlockKind.PARAGRAPH) for paragraph in GALLIUM]
    parts += [("Subscribe for 9 dollars a month", BlockKind.BOILERPLATE)]
    blocks, start = [], 0
    for text, kind in parts:
        blocks.append(Block(kind, start, start + len(text)))
        start += len(text) + 1
    framed = Article("Another", "\n".join(text for text, _ in parts), tuple(blocks), publisher="Somebody")
    assert read_story(framed) == read_story(told)


@pytest.mark.parametrize("text", [(), ("Subscribe to read on.",), ("word " * (MIN_WORDS - 1),)])
def test_text_too_short_to_be_a_story_is_none(text: Text) -> None:
    assert read_story(article(*text)) is None


def test_one_spelling_for_what_publishers_write_differently() -> None:
    told = story(
        (
            "LONDON, Nov. 9 (Reuters) - The U.K.’s labour ministry said the 1,500 licences cost $2bn, or 4 per cent of "
            "three programmes of the European Union, and that Ms. Ode criticised A‑570‑211 on Tuesday, 9 Sept 2025.",
        )
    )
    assert told == Story(
        (
            "the Uk labor ministry said the 1500 licenses cost 2 billion or 4 percent of 3 programs of the Eu and that "
            "Ms Ode criticized a-570-211 on Tuesday 9 September 2025",
        )
    )


@given(st.lists(st.text(max_size=80), max_size=6), st.lists(st.text(max_size=80), max_size=6))
def test_any_two_texts_can_be_compared_either_way(one: list[str], other: list[str]) -> None:
    stories = [read_story(article(*text, *COCOA)) for text in (one, other)]
    first, second = (found for found in stories if found is not None)
    assert is_copy(first, second) == is_copy(second, first)
