"""Conditions that are denied, in one form: "if it does not object" is read as "unless it does object".

"Should it fail" opens a condition as "if" does, and what may not be done until something happens may be done only once
it does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_AUXILIARY = r"(?:do|does|did|is|are|was|were|has|have|had|can|could|will|would)"
_IF_NOT = re.compile(
    r"(?<!even )(?<!only )(?<!as )\b(?P<if>if) (?:[\w'$%-]+ ){1,6}?"
    rf"(?P<not>(?P<verb>{_AUXILIARY})(?: not|n't)(?= \w)(?! only| just| yet)"
    r"|(?P<no>no)(?= (?!longer|more|later|less)\w))",
    re.IGNORECASE,
)
_SHOULD = re.compile(
    r"(?:\A|(?<=[.;,] )|(?<=\n))(?P<should>should)(?= (?:the|a|an|any|it|they|this|that|its|their|[A-Z]))",
    re.IGNORECASE,
)
_NOT_UNTIL = re.compile(
    r"\b(?P<not>(?P<verb>may|can|could|will|would|shall|must|do|does|did|is|are|was|were|has|have)(?: not|n't)) "
    r"[^,.;:]{1,80}? (?P<until>until)\b",
    re.IGNORECASE,
)
_UNTIL_NOT = re.compile(
    r"\b(?P<until>until) [^.;:]{1,80}?, [^,.;:]{1,60}? "
    r"(?P<not>(?P<verb>may|can|could|will|would|shall|must|do|does|did|is|are)(?: not|n't))(?= \w)",
    re.IGNORECASE,
)
# "Were it to fail, …", "…, had it failed": a verb before its subject, and a "would" elsewhere in the sentence.
_SUBJECT = r"(?:the|an?|any|it|they|this|that|its|their|[A-Z])"
_TURNED = re.compile(
    rf"(?:\A|(?<=[.;] )|(?<=\n))(?P<if>were|had)(?= {_SUBJECT}[^.;?]{{1,160}}\bwould\b)"
    r"|\bwould have\b[^.;?]{1,160}?(?<!who)(?<!it)(?<!they)(?<!that)(?<!which) (?P<if2>had)(?= (?:the|an?|its|their) )"
    r"|\bwould\b[^.;?]{1,160}? (?P<if3>were)(?= (?:the|an?|any|its|their) [^,.;?]{1,60} to )",
    re.IGNORECASE,
)


def denied_conditions(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield the start and end of what is read in another form, and that form; `text` has plain typography."""
    for match in _IF_NOT.finditer(text):
        yield *match.span("if"), "unless"
        yield *match.span("not"), match["verb"] or "any"
    for match in _SHOULD.finditer(text):
        if "?" not in text[match.end() :].partition(".")[0]:
            yield *match.span("should"), "if"
    for match in _TURNED.finditer(text):
        yield *next(match.span(name) for name in ("if", "if2", "if3") if match[name]), "if"
    for match in _UNTIL_NOT.finditer(text):
        yield *match.span("until"), "only once"
        yield *match.span("not"), match["verb"]
    for match in _NOT_UNTIL.finditer(text):
        yield *match.span("not"), match["verb"]
        yield *match.span("until"), "only once"
