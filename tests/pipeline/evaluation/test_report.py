import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.evaluation.comparison import compare, from_json, to_json
from pipeline.evaluation.gold import Gold
from pipeline.evaluation.render import render, render_speed
from pipeline.evaluation.report import Judged, judge_contract, make_report, report_object
from pipeline.evaluation.speed import Timing, measure

GOLD = Gold(
    "lease.pdf",
    Path("lease.pdf"),
    {"agreement_date": ("2020-01-02",), "effective_date": (), "notice_period": ({"days": 30},)},
    (
        {"kind": "payment", "quote": "pays within thirty days", "offset": 30, "unit": "day", "direction": "after"},
        {"kind": "report", "quote": "reports every month to the owner", "recurrence": "monthly"},
    ),
)


def said(**terms: Any) -> dict[str, Any]:
    given = {name: {"value": value, "confidence": 0.9, "rule": f"{name}.rule@1"} for name, value in terms.items()}
    paid = {"kind": "payment", "quote": "pays within thirty days", "confidence": 0.8, "rule": "payment.rule@1"}
    return {"terms": given, "milestones": [paid | {"offset": 30, "unit": "day", "direction": "after"}]}


RIGHT = said(agreement_date="2020-01-02", effective_date=None, notice_period={"days": 30})
MIXED = said(agreement_date="2020-01-03", effective_date="2020-01-02", notice_period=None)


def judged(prediction: dict[str, Any] | None) -> Judged:
    return judge_contract(GOLD, prediction)


@pytest.mark.parametrize(
    ("prediction", "tp", "fp", "fn"),
    [(RIGHT, 2, 0, 0), (MIXED, 0, 2, 2), (None, 0, 0, 2)],
)
def test_terms_are_counted_as_the_verdicts_say(prediction: dict[str, Any] | None, tp: int, fp: int, fn: int) -> None:
    counts = make_report([judged(prediction)], 1).terms["micro"].counts
    assert (counts.tp, counts.fp, counts.fn) == (tp, fp, fn)


def test_milestones_are_found_timed_and_missed() -> None:
    report = make_report([judged(RIGHT), judged(None)], 1)
    found, timed = report.found["all"].counts, report.timed["payment"].counts
    assert (found.tp, found.fp, found.fn) == (1, 0, 3)
    assert (timed.tp, timed.fp, timed.fn) == (1, 0, 1)
    assert report.found["report"].counts.fn == 2


def test_intervals_hold_their_figure_and_are_the_same_each_time() -> None:
    contracts = [judged(RIGHT)] * 6 + [judged(MIXED)] * 3
    micro = make_report(contracts, 9).terms["micro"]
    assert micro.low <= micro.counts.f1 <= micro.high
    assert micro.low < micro.high
    assert make_report(contracts, 9).terms["micro"] == micro


def test_a_rule_has_its_hits_and_its_errors() -> None:
    rules = {rule.rule: rule for rule in make_report([judged(RIGHT), judged(MIXED)], 2).rules}
    assert (rules["agreement_date.rule@1"].hits, rules["agreement_date.rule@1"].errors) == (2, 1)
    assert rules["effective_date.rule@1"].precision == 0.0
    assert rules["payment.rule@1"].precision == 1.0


def test_the_report_is_printed_with_the_figures_programs_get() -> None:
    report = make_report([judged(RIGHT), judged(MIXED)], 2)
    text, figures = render(report), report_object(report)
    assert json.loads(json.dumps(figures)) == figures
    assert f"{figures['terms']['micro']['f1']:.3f}" in text
    assert "contracts 2, read 2" in text
    assert "notice+renewal+payment" in text
    assert "agreement_date.rule@1" in text


def test_gains_and_losses_are_told_contract_by_contract() -> None:
    before, after = to_json([judged(MIXED)]), to_json([judged(RIGHT)])
    head, *lines = compare(before, after)
    assert head == "terms: gains 3, losses 0; milestones: none moved"
    assert lines == [
        "+ lease.pdf  agreement_date: '2020-01-03' -> '2020-01-02'",
        "+ lease.pdf  effective_date: '2020-01-02' -> None",
        "+ lease.pdf  notice_period: None -> {'days': 30}",
    ]
    head, *lines = compare(after, to_json([judged(None)]))
    assert head == "terms: gains 0, losses 2; milestones: found -1, timed -1, missed +1"
    assert [line[0] for line in lines] == ["-", "-", "~"]
    assert compare(after, {})[1] == "not compared: 1 contracts that only one of the two evaluations holds"


def test_a_saved_evaluation_is_what_was_judged_and_holds_no_words_of_the_contract() -> None:
    saved = json.dumps(to_json([judged(RIGHT)]))
    assert from_json(json.loads(saved)) == to_json([judged(RIGHT)])
    assert "thirty" not in saved


@pytest.mark.parametrize("given", [[], {"a.pdf": 1}, {"a.pdf": {"terms": {}}}, {"a.pdf": {"terms": {"x": "right"}}}])
def test_what_is_no_saved_evaluation_is_refused(given: Any) -> None:
    with pytest.raises(ValueError, match="no verdicts"):
        from_json(given)


def test_speed_is_words_for_a_second_of_one_core() -> None:
    speed = measure([Timing(1000, 0.5, 0.1), Timing(3000, 0.5, 0.1), Timing(500, 1.0, 0.1), Timing(0, 9.0, 0.0)])
    assert tuple(speed) == pytest.approx((4500, 2250.0, 15000.0, 10000.0))
    assert "4,500 words" in render_speed(speed)
    assert tuple(measure([])) == (0, 0.0, 0.0, 0.0)
