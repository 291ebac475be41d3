from typing import Any

import pytest

from pipeline.evaluation.scoring import Counts, Match, Verdict, judge, match_milestones, same_timing


@pytest.mark.parametrize(
    ("field", "value", "accepted", "verdict"),
    [
        ("effective_date", "2024-01-01", ("2024-01-01", "2024-02-01"), Verdict.RIGHT),
        ("effective_date", "2024-01-02", ("2024-01-01",), Verdict.WRONG),
        ("effective_date", "2024-01-02", (), Verdict.INVENTED),
        ("effective_date", None, ("2024-01-01",), Verdict.MISSED),
        ("effective_date", None, (), Verdict.RIGHTLY_ABSENT),
        ("expiration_date", "perpetual", ("perpetual",), Verdict.RIGHT),
        ("renewal_term", {"months": 12, "successive": True}, ({"months": 12},), Verdict.RIGHT),
        ("renewal_term", "perpetual", ({"months": 12},), Verdict.WRONG),
        ("notice_period", {"days": 30}, ({"months": 1},), Verdict.WRONG),
        ("notice_period", {"months": 1}, ({"days": 30}, {"months": 1}), Verdict.RIGHT),
    ],
)
def test_an_answer_is_right_when_it_equals_an_accepted_value(
    field: str, value: Any, accepted: tuple[Any, ...], verdict: Verdict
) -> None:
    assert judge(field, value, accepted) is verdict


def milestone(kind: str = "payment", quote: str = "pays within thirty days", **timing: Any) -> dict[str, Any]:
    return {"kind": kind, "quote": quote, **timing}


DAYS_30: dict[str, Any] = {"offset": 30, "unit": "day", "direction": "after"}


@pytest.mark.parametrize(
    ("ours", "theirs", "same"),
    [
        (milestone(**DAYS_30), milestone(**DAYS_30), True),
        (milestone(**DAYS_30), milestone(offset=1, unit="month", direction="after"), False),
        (milestone(offset=12, unit="month"), milestone(offset=1, unit="year"), True),
        (milestone(offset=30, unit="business_day"), milestone(offset=30, unit="day"), False),
        (milestone(**{**DAYS_30, "direction": "before"}), milestone(**DAYS_30), False),
        (milestone("termination", **{**DAYS_30, "direction": "before"}), milestone("termination", **DAYS_30), True),
        (milestone(date="2024-01-01"), milestone(date="2024-01-01", **DAYS_30), True),
        (milestone(recurrence="monthly"), milestone(recurrence="monthly"), True),
        (milestone(), milestone(recurrence="monthly"), False),
        (milestone(), milestone(), True),
        (milestone("renewal", date="2024-01-01"), milestone("renewal"), False),
    ],
)
def test_timing_agrees_by_date_by_offset_or_by_recurrence(
    ours: dict[str, Any], theirs: dict[str, Any], same: bool
) -> None:
    assert same_timing(ours, theirs) is same


def test_matching_is_one_to_one_and_prefers_the_right_timing() -> None:
    quote = "Customer pays within thirty days after receipt of the invoice"
    ours = [milestone(quote=quote), milestone(quote=quote, **DAYS_30)]
    assert match_milestones(ours, (milestone(quote=quote, **DAYS_30),)) == [Match(1, 0, True)]


def test_milestones_of_different_kinds_never_match() -> None:
    assert match_milestones([milestone("report")], (milestone("payment"),)) == []


def test_the_start_of_a_term_matches_by_its_date_alone() -> None:
    ours = milestone("effective", "This Agreement starts then", date="2024-01-01")
    theirs = milestone("effective", "wholly other words", date="2024-01-01")
    assert match_milestones([ours], (theirs,)) == [Match(0, 0, True)]


def test_counts_give_precision_recall_and_f1() -> None:
    counts = Counts(tp=8, fp=2, fn=4)
    assert (counts.precision, round(counts.recall, 3), round(counts.f1, 3)) == (0.8, 0.667, 0.727)
    assert Counts().f1 == 0.0
