"""Confidences fitted to judged answers: the right key for each, steps that rise, and an honest figure of the fit."""

import random
from typing import Any

import yaml
from pydantic import JsonValue

from extractors.confidence import MILESTONE, calibrated
from pipeline.evaluation.calibration import Scored, cross_validate, fit, milestone_answers, render_fits, render_table
from pipeline.evaluation.folds import folds
from pipeline.evaluation.report import Judged, MilestoneAnswer
from rules.loader import installed_rules


def drawn(count: int, key: str = "expiration_date.found") -> list[Scored]:
    """Answers of which the share that is right is the square of the score: the bare score is too sure."""
    chance = random.Random(11)
    return [Scored(f"{n // 4:04}.pdf", key, s := chance.random(), chance.random() < s**2) for n in range(count)]


def test_installed_steps_rise_and_are_chances() -> None:
    table: Any = installed_rules().data["confidence"]
    for key, steps in table.items():
        if isinstance(steps, dict):
            continue
        scores = [score for score, _ in steps]
        confidences = [confidence for _, confidence in steps]
        assert scores == sorted(set(scores)), key
        assert confidences == sorted(confidences), key
        assert all(0 < confidence < 1 for confidence in confidences), key


def test_milestones_have_steps() -> None:
    table: Any = installed_rules().data["confidence"]
    assert len(table[MILESTONE]) > 2


def test_fitted_steps_rise() -> None:
    table: Any = fit(drawn(600))
    steps = table["expiration_date.found"]
    assert len(steps) > 4
    assert steps == sorted(steps)
    assert [confidence for _, confidence in steps] == sorted(confidence for _, confidence in steps)


def test_a_lone_answer_says_little_about_its_kind() -> None:
    many = [Scored(f"{n}.pdf", "a.found", 0.5, n % 10 > 0) for n in range(100)]
    table = {"confidence": fit([*many, Scored("x.pdf", "b.found", 0.5, True), Scored("x.pdf", "c.found", 0.5, False)])}
    assert 0.85 < calibrated(table, "b.found", 0.5) < 0.97
    assert 0.5 < calibrated(table, "c.found", 0.5) < 0.7


def test_confidences_mean_more_on_contracts_they_were_not_fitted_on() -> None:
    (one,) = cross_validate(drawn(1200))
    assert (one.key, one.answers) == ("expiration_date.found", 1200)
    assert one.before > 0.1
    assert one.after < one.before / 2


def test_a_contract_is_never_judged_by_what_was_learned_from_it() -> None:
    # Two kinds of contracts, one in each fold, with opposite answers: whoever looks into his own fold does well.
    files = [f"{n:02}.pdf" for n in range(40)]
    fold = folds(files, 2)
    (one,) = cross_validate([Scored(file, "a.found", 0.5, fold[file] == 0) for file in files], 2)
    assert one.after > 0.9


def test_only_milestones_of_annotated_contracts_are_learned_from() -> None:
    found = MilestoneAnswer("a.pdf", "payment", "...", True, False, 0.4, "r@1")
    judged = [Judged("a.pdf", (), (found,)), Judged("b.pdf", ())]
    assert milestone_answers(judged) == [Scored("a.pdf", MILESTONE, 0.4, True)]


def test_the_written_table_is_the_fitted_one() -> None:
    weights: dict[str, JsonValue] = {"always": 1.5, "rule=renewal.period_terms@1": -0.25}
    table = fit(drawn(100)) | {"renewal_term.value": weights}
    assert yaml.safe_load(render_table(table)) == table


def test_fits_are_printed_one_to_a_line() -> None:
    head, row = render_fits(cross_validate(drawn(100))).splitlines()
    assert head.split()[:2] == ["answer", "n"]
    assert row.split()[:2] == ["expiration_date.found", "100"]
