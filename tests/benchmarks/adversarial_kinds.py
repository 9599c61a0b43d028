"""The kinds of change that may be tuned on, in the order of the table. The hidden ones are in a file of their own."""

from __future__ import annotations

from tests.benchmarks.adversarial_changes import Changer
from tests.benchmarks.adversarial_figures import date, figure, unit
from tests.benchmarks.adversarial_modality import modality
from tests.benchmarks.adversarial_naming import mixed_up, name, role
from tests.benchmarks.adversarial_polarity import direction, negation_added, negation_removed
from tests.benchmarks.adversarial_speakers import attribution

OPEN_KINDS: dict[str, Changer] = {
    "figure": figure,
    "unit": unit,
    "date": date,
    "name": name,
    "role swap": role,
    "mixed up": mixed_up,
    "negation added": negation_added,
    "negation removed": negation_removed,
    "direction": direction,
    "attribution": attribution,
    "modality": modality,
}
