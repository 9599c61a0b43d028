"""The kinds of claim that say what their sentence says, in the order of the table."""

from __future__ import annotations

from tests.benchmarks.adversarial_changes import Changer
from tests.benchmarks.adversarial_forms import contraction, date, large_number, money, number, share, short_name
from tests.benchmarks.adversarial_rewrites import opener, order, reporting, same, shortened, synonym, voice

TRUE_KINDS: dict[str, Changer] = {
    "the sentence itself": same,
    "percent": share,
    "money": money,
    "large number": large_number,
    "date form": date,
    "contraction": contraction,
    "number in words": number,
    "short name": short_name,
    "active or passive": voice,
    "order of clauses": order,
    "part left out": shortened,
    "opener left out": opener,
    "verb of saying": reporting,
    "synonym": synonym,
}
