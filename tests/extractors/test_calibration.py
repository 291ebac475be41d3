"""Confidences: fitted to what was right, rising with the score, never certain on little evidence."""

import random

from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from extractors.calibration import Judged, fit_steps
from extractors.confidence import calibrated

SCORES = st.lists(st.tuples(st.floats(0, 1), st.booleans()).map(lambda pair: Judged(*pair)), max_size=80)


@given(SCORES)
def test_confidence_rises_with_the_score_and_stays_a_chance(answers: list[Judged]) -> None:
    steps = fit_steps(answers)
    assert [score for score, _ in steps] == sorted({score for score, _ in steps})
    confidences = [confidence for _, confidence in steps]
    assert confidences == sorted(confidences)
    assert all(0 <= confidence <= 1 for confidence in confidences)


def test_fitted_confidence_comes_near_the_share_that_was_right() -> None:
    chance = random.Random(7)
    answers = [Judged(score := chance.random(), chance.random() < score**2) for _ in range(4000)]
    data: dict[str, JsonValue] = {"confidence": {"x": [list(step) for step in fit_steps(answers)]}}
    for score in (0.3, 0.5, 0.8):
        assert abs(calibrated(data, "x", score) - score**2) < 0.08


def test_a_handful_of_right_answers_is_not_certainty() -> None:
    answers = [Judged(0.9, True)] * 3 + [Judged(0.5, False)] * 30
    assert fit_steps(answers)[-1][1] < 0.9


def test_without_a_table_the_score_stands() -> None:
    assert calibrated({}, "x", 0.42) == 0.42
    assert calibrated({"confidence": {"x": []}}, "x", 1.7) == 1.0
