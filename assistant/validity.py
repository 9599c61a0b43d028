"""The time for which a quote says that something applies: "effective immediately", "for one year from", "until".

Rules, not a model, and never a guess: what may, might or would apply, what was put off, a deadline for comments, a
statistic "through October" and a period whose start is unknown give nothing. Dates are found by `figures`, which day
each means is decided by `dating`; every date is masked first, so that the rules are written over words alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from assistant import time_words
from assistant.clause_time import ClauseTime
from assistant.date_order import DateOrder, date_order
from assistant.dating import in_words
from assistant.domain import Article, Validity
from assistant.figures import plain
from assistant.masked_clause import About
from assistant.text import content_stems, sentences

_COMMON_LETTERS = 6
# Sentences after a quote that may say until when what it tells of applies.
MAX_FOLLOWING = 3
# Sentences before a quote that may say when what it tells of was announced.
MAX_BEFORE = 10
# What stands further off than this is not looked at.
MAX_AROUND_CHARS = 6_000
# Text without an end to its sentences is no law: reading it would take long and give nothing.
MAX_CLAUSE_CHARS = 3_000


def read_validity(article: Article, start: int, end: int, *, is_notice: bool = False) -> Validity:
    """Return the time for which `article.text[start:end]` says that something applies, empty where it does not say.

    `is_notice` says that the article is itself the notice, rule or decree: "from the date of publication" then means
    its own. Two sentences that give two times give none, unless the second goes on about what the first is about.
    """
    first = next((block for block in article.blocks if block.start <= start < block.end), None)
    last = next((block for block in article.blocks if block.start < end <= block.end), None)
    return read_words(
        article.text[start:end],
        published=article.published,
        stated=article.effective,
        before=article.text[first.start : start] if first else "",
        after=article.text[end : last.end] if last else "",
        is_notice=is_notice,
        order=date_order(article.text, publisher=article.publisher, url=article.url),
    )


def read_words(
    quote: str,
    *,
    published: date | None = None,
    stated: date | None = None,
    before: str = "",
    after: str = "",
    is_notice: bool = False,
    order: DateOrder | None = None,
) -> Validity:
    """Return the time that a quote gives, read as `read_validity` does.

    `stated` is the effective date of the whole document; `before` and `after` stand around the quote in its paragraph,
    `order` is that of dates in figures where the text does not show it. What follows may say until when: "The
    suspension lasts …" after a quote that something was suspended.
    """
    order = order or date_order(f"{before} {quote} {after}")
    found: list[tuple[Validity, str]] = []
    near = before[-MAX_AROUND_CHARS:]
    context = [plain(near[slice(*span)]) for span in sentences(near)]
    for first, last in sentences(quote):
        sentence = quote[first:last]
        about = About(published, stated, is_notice, tuple(context[-MAX_BEFORE:]), order)
        for clause in _clauses(sentence):
            read = ClauseTime(clause, plain(sentence), about).validity()
            if read != Validity():
                found.append((read, clause))
        context.append(plain(sentence))
    result = _joined(found)
    if result.expires or (found and result == Validity()) or not _tells_of_measure(quote):
        return result
    after = after[:MAX_AROUND_CHARS]
    for place, (first, last) in enumerate(sentences(after)[:MAX_FOLLOWING]):
        sentence = after[first:last]
        if _is_about_same(quote, sentence, is_next=place == 0):
            about = About(published, stated, is_notice, tuple(context[-MAX_BEFORE:]), order)
            times = [ClauseTime(clause, plain(sentence), about).validity() for clause in _clauses(sentence)]
            later_time = _joined([(time, sentence) for time in times if time != Validity()])
            if later_time.expires:
                return _with_end(result, later_time)
        context.append(plain(sentence))
    return result


def validity_line(validity: Validity) -> str:
    """Return "applies 9 November 2025 – November 2026 (“until November 2026”)", "" where nothing is known.

    The quote's own words are left out where they are the very same.
    """
    effective, expires = validity.effective, validity.expires
    if effective and expires:
        when = f"{in_words(effective)} – {in_words(expires)}"
    elif effective:
        when = f"from {in_words(effective)}"
    elif expires:
        when = f"until {in_words(expires)}"
    else:
        return ""
    is_said_so = validity.words.casefold() in ("", when.casefold())
    return f"applies {when}" if is_said_so else f"applies {when} (“{validity.words}”)"


def _clauses(sentence: str) -> Iterator[str]:
    """Yield the parts of a sentence that speak of different things, but for those too long to be read."""
    start = 0
    for match in time_words.CLAUSE_END.finditer(plain(sentence)):
        if match.start() - start <= MAX_CLAUSE_CHARS:
            yield sentence[start : match.start()]
        start = match.end()
    if len(sentence) - start <= MAX_CLAUSE_CHARS:
        yield sentence[start:]


def _joined(found: list[tuple[Validity, str]]) -> Validity:
    """Return the one time that clauses give: a second one may add the other end if it goes on about the same."""
    if not found:
        return Validity()
    (result, said), *others = found
    for other, clause in others:
        if (other.effective, other.expires) == (result.effective, result.expires):
            continue
        adds = (
            {bool(result.effective), bool(other.effective)}
            == {bool(result.expires), bool(other.expires)}
            == {False, True}
        )
        is_same = time_words.GOES_ON.match(clause) or _shares_subject(said, clause)
        if not (adds and is_same):
            return Validity()
        effective, expires = result.effective or other.effective, result.expires or other.expires
        if effective and expires and effective.first > expires.last:
            return Validity()
        result = Validity(effective, expires, " … ".join(part for part in (result.words, other.words) if part))
    return result


def _with_end(result: Validity, later: Validity) -> Validity:
    """Return a time with the end that a later sentence gives, if the two fit together."""
    effective = result.effective or later.effective
    if later.expires is None or (result.effective and later.effective and result.effective != later.effective):
        return result
    if effective and effective.first > later.expires.last:
        return result
    return Validity(effective, later.expires, " … ".join(part for part in (result.words, later.words) if part))


def _tells_of_measure(quote: str) -> bool:
    return bool(
        time_words.STRONG.search(quote) or (time_words.ACTION.search(quote) and time_words.MEASURE.search(quote))
    )


def _is_about_same(quote: str, sentence: str, *, is_next: bool) -> bool:
    """Say whether a later sentence goes on about what a quote tells of.

    After "suspended its controls" that is "the suspension", never "the controls".
    """
    if is_next and time_words.GOES_ON.match(sentence):
        return True
    if not _shares_subject(quote, sentence):
        return False
    is_eased = time_words.EASED.search(quote) is not None
    opening = " ".join(sentence.split()[:4])
    return not is_eased or time_words.EASED.search(opening) is not None or time_words.ACT.search(opening) is not None


def _shares_subject(said: str, clause: str) -> bool:
    """Say whether a clause opens with "the suspension" after one that told that something was suspended."""
    match = re.match(r"\W*(?:the|that|this) ((?:[\w-]+,? ){1,2})", plain(clause), re.IGNORECASE)
    if match is None:
        return False
    # "suspended" and "suspension" have different stems.
    beginnings = {stem[:_COMMON_LETTERS] for stem in content_stems(said)}
    return any(stem[:_COMMON_LETTERS] in beginnings for stem in content_stems(match[1]))
