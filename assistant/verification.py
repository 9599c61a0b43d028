"""Check a claim against the exact text it cites: figures, dates, names, quotations, direction, certainty, meaning.

Each check is a small function from a case (the claim, what it cites) to findings; a verdict is its worst finding.
Word rules first, an embedding similarity where one is given: rules say *what* is wrong, in words a reader can check
himself. Nothing here does I/O or loads a model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date

from assistant.checks_actors import check_neighbours, check_origin, check_roles, check_speaker
from assistant.checks_alignment import check_put_in
from assistant.checks_causes import check_causes
from assistant.checks_certainty import check_absolutes, check_certainty
from assistant.checks_changes import check_change_words
from assistant.checks_figures import check_belonging, check_dates, check_figures
from assistant.checks_joints import check_conditions, check_joints, is_converse
from assistant.checks_left_out import check_left_out
from assistant.checks_names import check_goods, check_names
from assistant.checks_order import check_exchange, check_subject
from assistant.checks_polarity import check_direction, check_negation, check_prefix, check_ranges
from assistant.checks_ranks import check_ranks
from assistant.checks_wording import check_length, check_meaning, check_quotations
from assistant.claim_reading import Case, Reading, concepts_of, read_case, read_text
from assistant.domain import Support, Verdict
from assistant.entailment import Relation
from assistant.figures import FigureKind
from assistant.finding import Finding
from assistant.near_copies import is_near_copy
from assistant.text import sentences

# A sentence or short list of an answer is far shorter; longer ones are only ever accepted as exact quotes.
MAX_CLAIM_CHARS = 4_000

CHECKS: tuple[Callable[[Case], Iterable[Finding]], ...] = (
    check_length,
    check_quotations,
    check_figures,
    check_ranges,
    check_change_words,
    check_dates,
    check_names,
    check_goods,
    check_negation,
    check_direction,
    check_certainty,
    check_absolutes,
    check_speaker,
    check_roles,
    check_neighbours,
    check_origin,
    check_prefix,
    check_belonging,
    check_causes,
    check_joints,
    check_conditions,
    check_ranks,
    check_meaning,
    check_put_in,
    check_left_out,
    check_exchange,
    check_subject,
)
# What lays a near copy beside its source, and knows another order of clauses.
COPY_CHECKS = (check_put_in, check_left_out, check_exchange, check_subject)
# Held against a near copy only where those find something as well.
LOOSE_CHECKS = frozenset((check_certainty, check_negation, check_neighbours, check_origin, check_belonging))
_ORDER = (Support.SUPPORTED, Support.PARTIAL, Support.UNSUPPORTED, Support.UNCITED)


def verify(
    claim: str,
    quotes: Sequence[str],
    *,
    similarity: float | None = None,
    published: Sequence[date] = (),
    relation: Relation = Relation.NEITHER,
) -> Verdict:
    """Check a claim against the texts it cites, taken together.

    `similarity` is the cosine of the claim and the nearest quote: a high one lets other words say the same, but it
    never makes up for a figure, a date, a name or a direction.
    `published` are the publication dates of the cited articles: with them a year that only the claim states must be
    near one of them. No quotes: `uncited`.
    `relation` is what an entailment model reads: a contradiction lowers the verdict by a step; an entailment makes up
    for words that are not the source's, but for nothing else.
    """
    cited = [quote for quote in quotes if quote.strip()]
    if not cited:
        return Verdict(Support.UNCITED, "no source is cited")
    if is_verbatim(claim, cited):
        return _EXACT
    if not claim.strip():
        return Verdict(Support.UNSUPPORTED, "the claim is empty")
    if len(claim) > MAX_CLAIM_CHARS:
        return Verdict(Support.UNSUPPORTED, "the claim is too long to be checked")
    case = read_case(claim, "\n".join(cited), similarity=similarity, published=published)
    findings = _findings(case, is_entailed=relation is Relation.ENTAILS)
    if relation is Relation.CONTRADICTS and all(finding.support is not Support.UNSUPPORTED for finding in findings):
        reason = "the entailment model reads the cited passage as contradicting this"
        return Verdict(Support.UNSUPPORTED if findings else Support.PARTIAL, reason)
    if not findings:
        return Verdict(Support.SUPPORTED, _confirmation(case.claim))
    worst = max(findings, key=lambda finding: _ORDER.index(finding.support))
    return Verdict(worst.support, worst.reason)


def _findings(case: Case, *, is_entailed: bool) -> list[Finding]:
    found = {check: list(check(case)) for check in CHECKS}
    passed_over: set[Callable[[Case], Iterable[Finding]]] = set()
    if is_near_copy(case) and not any(found[check] for check in COPY_CHECKS):
        passed_over |= LOOSE_CHECKS
    if is_converse(case):
        passed_over |= {check_direction, check_roles, check_origin, check_neighbours, *COPY_CHECKS}
    if is_entailed and all(finding.support is Support.PARTIAL for finding in found[check_meaning]):
        passed_over.add(check_meaning)
    return [finding for check, findings in found.items() if check not in passed_over for finding in findings]


_EXACT = Verdict(Support.SUPPORTED, "exact quote")


def _confirmation(claim: Reading) -> str:
    parts = [
        word
        for word, found in (
            ("figures", [figure for figure in claim.figures if figure.kind is not FigureKind.ORDINAL]),
            ("dates", claim.dates),
            ("names", claim.names),
        )
        if found
    ]
    if not parts:
        return "the cited passage says this in other words"
    listed = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
    return f"its {listed} are in the cited passage"


def is_verbatim(claim: str, quotes: Sequence[str]) -> bool:
    """Say whether every line of a claim is one or more whole sentences of a quote, white space aside.

    The whole of a quote, and quotes joined in order, count as well.
    """
    squeezed = " ".join(claim.split())
    if not squeezed:
        return False
    if squeezed in [" ".join(quote.split()) for quote in quotes] or squeezed == " ".join(" ".join(quotes).split()):
        return True
    return all(any(_is_whole_sentences(line, quote) for quote in quotes) for line in claim.splitlines() if line.strip())


def _is_whole_sentences(line: str, quote: str) -> bool:
    squeezed, words = " ".join(quote.split()), " ".join(line.split())
    at = squeezed.find(words)
    if at < 0:
        return False
    spans = sentences(squeezed)
    return at in {start for start, _ in spans} and at + len(words) in {end for _, end in spans}


def narrow(claim: str, text: str, sentence_spans: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """Return the smallest run of whole sentences of `text` that gives a claim the verdict the whole text gives it.

    Among runs of one length the one that shares most words with the claim wins, then the first. Without sentences the
    whole text is returned. `sentence_spans` ascend, as `assistant.text.sentences` gives them.
    """
    if not sentence_spans:
        return 0, len(text)
    whole = (sentence_spans[0][0], sentence_spans[-1][1])
    target = verify(claim, [text[slice(*whole)]]).support
    words = concepts_of(read_text(claim).content)
    shares = [len(words & concepts_of(read_text(text[start:end]).content)) for start, end in sentence_spans]
    for length in range(1, len(sentence_spans)):
        runs = [
            (-sum(shares[first : first + length]), first)
            for first in range(len(sentence_spans) - length + 1)
            if length == 1 or (shares[first] and shares[first + length - 1])
        ]
        for _, first in sorted(runs):
            span = (sentence_spans[first][0], sentence_spans[first + length - 1][1])
            if _ORDER.index(verify(claim, [text[slice(*span)]]).support) <= _ORDER.index(target):
                return span
        if length == _LONGEST_RUN:
            break
    return whole if target is not Support.UNSUPPORTED else _best_sentence(sentence_spans, shares)


# Runs longer than this are not tried one by one; then the whole passage stays cited.
_LONGEST_RUN = 4


def _best_sentence(spans: Sequence[tuple[int, int]], shares: Sequence[int]) -> tuple[int, int]:
    return spans[max(range(len(spans)), key=lambda position: (shares[position], -position))]
