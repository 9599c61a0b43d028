"""One thing is called the cause of another only where the source does so, in whatever words.

Two facts side by side ("while", "and") are no cause and effect. Not a matter of figures or names, so no other check
would see it. A ban that ends and exports that are allowed again are one fact said twice: "because" adds nothing there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from assistant.checks_joints import is_joined, is_same
from assistant.checks_polarity import undone_bans
from assistant.claim_reading import Case, Reading, read_text
from assistant.finding import Finding, doubtful
from assistant.joints import Kind, joints
from assistant.vocabulary import poles


def check_causes(case: Case) -> Iterable[Finding]:
    """The claim does not join by "because" or "led to" what the source does not join as cause and effect."""
    causes = [joint for joint in joints(case.claim) if joint.kind is Kind.CAUSE]
    stated = [joint for joint in joints(case.source) if joint.kind in (Kind.CAUSE, Kind.AS)]
    if causes and all(any(is_joined(joint, other) for other in stated) for joint in causes):
        return
    for joint in causes:
        same_effect = [other for other in stated if is_same(joint.main, other.main)]
        if same_effect and not any(joint.side & (other.side | other.main) for other in stated):
            said = case.source.as_given(*same_effect[0].side_at).strip()
            yield doubtful(f"the cited passage gives another cause: “{said}”")
            return
    first = _CAUSAL.search(case.claim.text)
    start, end = (causes[0].start, causes[0].end) if causes else first.span() if first else (0, 0)
    if not end or any(_SAYS_CAUSE.search(part.text) for part in case.nearest):
        return
    if not _is_said_twice(case.claim, start, end):
        yield doubtful("the cited passage does not say that one is because of the other")


_CAUSAL = re.compile(
    r"\b(?:because|due to|owing to|thanks to|as a (?:direct )?(?:result|consequence)|result(?:s|ed|ing)? (?:in|from)"
    r"|therefore|thus|hence|consequently|le(?:d|ads?|ading) (?:[\w.]+ ){0,6}?to|caus(?:es?|ed|ing)|triggered"
    r"|prompted)\b",
    re.IGNORECASE,
)
_SAYS_CAUSE = re.compile(
    rf"{_CAUSAL.pattern}|\b(?:results?|resulting|consequences?|reasons?|why|so that|so|given (?:that|the)|on account of"
    r"|attribut\w+|blam\w+|stem(?:s|med|ming)? from|prompt\w*|trigger\w*|spark\w*|fuel+ed|fuel+ing|spur+\w*|dr[io]v\w+"
    r"|forc(?:es|ed|ing)|push(?:es|ed|ing)|in (?:response|reaction|retaliation|return|exchange)|respon(?:ds?|ded|ding)"
    r"|retaliat\w+|(?:made?|makes?|making) (?:[\w.]+ ){1,6}?(?:more|less|\w+er)|sent|bring\w*|brought|on the news)\b"
    # "since" and "as" mostly speak of time; where they open a sentence or follow a comma they can give a reason.
    r"|(?:\A|[,.;:] )(?:since|as) (?!of\b|part\b|well\b|an?\b|for\b|to\b|early\b|late\b|\d|[A-Z][a-z]+ \d)",
    re.IGNORECASE,
)


def _is_said_twice(claim: Reading, start: int, end: int) -> bool:
    """Say whether one side of the joint only says that a ban ended and the other that the banned thing is allowed."""
    sides = [read_text(claim.text[:start]), read_text(claim.text[end:])]
    if sides[0].keys and sides[1].keys and sides[0].keys != sides[1].keys:
        return False
    return any(
        undone_bans(one) and _allows(other) and one.content & other.content for one, other in (sides, sides[::-1])
    )


def _allows(reading: Reading) -> bool:
    return any(
        ("permit", 1) in poles().get(stemmed, ()) and at not in reading.denied
        for at, stemmed in enumerate(reading.stems)
    )
