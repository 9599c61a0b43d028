"""Dates, bylines and addresses: what is read, and what is left unknown rather than guessed."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.metadata import NOTHING, Stated, byline, clean, dateline, name, shorten, stated_date, web_address

DAY = date(2025, 11, 9)


@pytest.mark.parametrize(
    "text",
    [
        "2025-11-09",
        "2025/11/09",
        "20251109",
        "2025-11-09T23:30:00-05:00",
        "2025-11-09T07:30:00+00:00",
        "2025-11-09T07:30:00Z",
        "2025-11-09 07:30",
        "Nov. 9, 2025",
        "Nov 9 2025",
        "November 9th, 2025",
        "9 November 2025",
        "9 Nov 2025",
        "9th of November 2025",
        "09-Nov-2025",
        "Sunday, November 9, 2025",
        "Sun, 09 Nov 2025 10:00:00 +0000",
        "November 9, 2025 at 10:30 a.m. EST",
        "November 9, 2025, 10:30 AM ET",
    ],
)
def test_full_dates_are_read(text: str) -> None:
    assert stated_date(text) == DAY


@pytest.mark.parametrize("text, day", [("25/12/2025", date(2025, 12, 25)), ("12/25/2025", date(2025, 12, 25))])
def test_day_and_month_in_figures_are_read_where_only_one_reading_is_a_date(text: str, day: date) -> None:
    assert stated_date(text) == day


@pytest.mark.parametrize(
    "text",
    ["03/04/2025", "November 2025", "2025", "9 Nov", "Nov. 9", "2025-13-01", "2025-02-30", "yesterday", "", "© 2025"],
)
def test_other_dates_stay_unknown(text: str) -> None:
    assert stated_date(text) is None


@pytest.mark.parametrize(
    "line, stated",
    [
        ("By bellecarter // 2025-11-09", Stated(author="bellecarter", published=DAY)),
        ("By Jane Roe | November 9, 2025", Stated(author="Jane Roe", published=DAY)),
        ("By Jane Roe and John Roe", Stated(author="Jane Roe and John Roe")),
        ("By Jane Roe, Sample Wire", Stated(author="Jane Roe")),
        ("By Jane Roe, Nov. 9, 2025", Stated(author="Jane Roe", published=DAY)),
        ("November 9, 2025 by Jane Roe", Stated(author="Jane Roe", published=DAY)),
        ("BY JANE ROE — 9 Nov 2025 — 4 min read", Stated(author="JANE ROE", published=DAY)),
        ("Published: 9 Nov 2025", Stated(published=DAY)),
        ("Published on November 9, 2025 | Updated November 12, 2025", Stated(published=DAY)),
        ("November 9, 2025", Stated(published=DAY)),
        ("Article Source: Sample Wire", Stated(publisher="Sample Wire")),
        ("Source: The Sample Gazette", Stated(publisher="The Sample Gazette")),
        ("Source: https://example.org/a", Stated(url="https://example.org/a")),
        ("By admin | November 9, 2025", Stated(published=DAY)),
        ("By Anonymous, Nov. 9, 2025", Stated(published=DAY)),
        ("Author: UNKNOWN", NOTHING),
        ("Written by Jane Roe", Stated(author="Jane Roe")),
        ("Last updated: November 9, 2025", NOTHING),
        ("Published: 03/04/2025", NOTHING),
    ],
)
def test_bylines_are_read(line: str, stated: Stated) -> None:
    found = byline(line)
    assert found is not None
    assert found.stated == stated


@pytest.mark.parametrize(
    "line",
    [
        "By contrast, the duty on zinc stays",
        "By 2026 the quota is full",
        "Sources include:",
        "Source: company filings, own research",
        "Sources: NYTimes.com, Brighteon.com",
        "The ruling came on November 9, 2025",
        "What changed on November 9, 2025 and why it matters to importers of steel",
        "Date of the hearing",
        "Published figures show a rise",
        "",
    ],
)
def test_other_lines_are_no_bylines(line: str) -> None:
    assert byline(line) is None


@pytest.mark.parametrize("value", ["anonymous", "Anonymous", "UNKNOWN", "user", "Admin", " By admin. ", "(unknown)"])
def test_nobody_is_no_author(value: str) -> None:
    assert name(value) is None


@pytest.mark.parametrize("value", ["Jane Roe", "Unknown Pleasures", "Adminah", "Users"])
def test_other_names_are_kept(value: str) -> None:
    assert name(value) == value


def test_dateline_without_a_year_states_no_date() -> None:
    assert dateline("BEIJING, Nov 9 (Sample Wire) - The duty doubles.") == (31, Stated(publisher="Sample Wire"))


@pytest.mark.parametrize(
    "text", ["U.S. - China talks", "The duty — 5% — stays", "NATO - a view", "COPPER duty (new) — up"]
)
def test_dashes_in_running_text_are_no_datelines(text: str) -> None:
    assert dateline(text) is None


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "//example.org",
        "https://",
        "http://[",
        "ftp://x.org/a",
        "https://a b",
    ],
)
def test_only_web_addresses_are_kept(address: str) -> None:
    assert web_address(address) is None


@given(st.text(max_size=400))
def test_cleaned_values_are_one_short_line_without_control_characters(text: str) -> None:
    found = clean(text, 60)
    if found is not None:
        assert found == " ".join(found.split())
        assert len(found) <= 60
        assert found.isprintable() or not any(ord(character) < 32 for character in found)


@given(st.text(max_size=200))
def test_reading_a_line_never_fails(text: str) -> None:
    byline(text), dateline(text), stated_date(text), web_address(text)


def test_text_is_shortened_at_a_word() -> None:
    assert shorten("The duty on copper, zinc and tin", 20) == "The duty on copper…"
    assert shorten("short", 20) == "short"
