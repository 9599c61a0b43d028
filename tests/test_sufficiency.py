"""Deciding whether to answer: the file of coefficients, its thresholds, and that strictness refuses more."""

from __future__ import annotations

import math
from importlib import resources

import pytest

from assistant.domain import Strictness
from assistant.sufficiency import COEFFICIENTS, FEATURES, model, read_model

TEXT = (resources.files("assistant") / COEFFICIENTS).read_text(encoding="utf-8")


def test_the_file_that_is_installed_has_a_weight_of_the_right_sign_for_each_feature() -> None:
    fitted = model()
    assert list(fitted.weights) == list(FEATURES)
    assert all(weight * FEATURES[name].sign >= 0 for name, weight in fitted.weights.items())
    assert math.isfinite(fitted.bias)


def test_stricter_needs_more_and_a_missing_name_needs_at_least_as_likely_as_not() -> None:
    fitted = model()
    lenient, balanced, strict = (fitted.thresholds[strictness] for strictness in Strictness)
    assert 0 < lenient < balanced < strict < 1
    assert all(
        fitted.thresholds_missing[strictness] == max(0.5, fitted.thresholds[strictness]) for strictness in Strictness
    )


def test_each_feature_moves_the_probability_the_way_its_sign_says() -> None:
    fitted = model()
    start = dict.fromkeys(FEATURES, 0.5)
    middle = fitted.probability(start)
    assert 0 < middle < 1
    for name, feature in FEATURES.items():
        moved = fitted.probability({**start, name: 1.0})
        assert (moved - middle) * feature.sign >= 0


@pytest.mark.parametrize(("found", "put"), [("[features.match]", "[features.matched]"), ("weight", "weights")])
def test_a_file_of_other_features_is_refused(found: str, put: str) -> None:
    assert found in TEXT
    with pytest.raises((ValueError, KeyError)):
        read_model(TEXT.replace(found, put, 1))
