"""From confirmed terms and milestones to occurrences, on a day."""

import datetime as dt
from typing import Any

import pytest

from models.contract import MilestoneKind
from models.dateexpr import Anchor, AnchorName, Window
from models.resolution import Conventions
from models.sending import Sending
from models.tracked import Choice, CycleDecision, OccurrenceState, PlannedOccurrence, Proof, TrackedContract
from tests.models.building import TERM_END, end_of, fact
from tests.tracking.building import (
    START,
    after_event,
    before,
    contract,
    day,
    effective,
    lasting,
    milestone,
    monthly,
    noticed,
    payment,
    period,
    perpetual,
    renewing,
    until,
)
from tracking.planning import Frame, plan_contract, term_of

TACIT = (effective("2020-03-01"), lasting("36 months"), renewing("12 months"), noticed("3 months"))


def frame(today: str, **more: Any) -> Frame:
    on = day(today)
    days = dt.timedelta
    return Frame(today=on, start=on - days(30), end=on + days(400), **{"happenings": frozenset({"expiration"}), **more})


def plan(one: TrackedContract, today: str, **more: Any) -> list[PlannedOccurrence]:
    return list(plan_contract(one, frame(today, **more)))


def dates(found: list[PlannedOccurrence], kind: str) -> list[tuple[int, str]]:
    return [(one.cycle, str(one.due)) for one in found if one.kind == kind and one.closed is None]


def decided(cycle: int, choice: str, proof: str | None = None) -> CycleDecision:
    return CycleDecision(
        cycle=cycle,
        choice=Choice(choice),
        reason="as agreed",
        proof=Proof(note=proof) if proof else None,
        decided_by="ann",
        decided_at=START,
    )


def test_trap_3_the_notice_deadline_is_that_of_the_current_term_after_a_tacit_renewal() -> None:
    found = plan(contract("a", *TACIT), "2024-06-01")
    # 36 months to 1 Mar 2023, then a year each: on 1 Jun 2024 the third term runs, until 1 Mar 2025.
    assert dates(found, "notice") == [(3, "2024-12-01"), (4, "2025-12-01")]


def test_trap_3_no_deadline_of_a_term_that_is_over_is_shown_as_open() -> None:
    for month in range(1, 13):
        today = f"2024-{month:02}-15"
        assert all(
            one.due is None or one.due >= day(today) or one.cycle >= 2 for one in plan(contract("a", *TACIT), today)
        )
        open_ = [one for one in plan(contract("a", *TACIT), today) if one.kind == "notice" and one.closed is None]
        assert all(one.due and one.due > day(today) - dt.timedelta(days=92) for one in open_)


def test_trap_1_a_month_is_no_30_days_also_in_later_terms() -> None:
    terms = (effective("2024-12-31"), lasting("1 year"), renewing("1 year"), noticed("6 months"))
    assert dates(plan(contract("a", *terms), "2025-01-10"), "notice") == [(1, "2025-06-30"), (2, "2026-06-30")]


def test_trap_4_the_convention_for_the_last_day_moves_the_deadline() -> None:
    terms = (effective("2014-02-10"), lasting("3 years"), noticed("30 days"))
    by_anniversary = plan(contract("a", *terms), "2016-10-01")
    day_before = plan(contract("a", *terms), "2016-10-01", conventions=Conventions(inclusive_term_end=False))
    assert dates(by_anniversary, "expiration") == [(1, "2017-02-10")]
    assert dates(day_before, "expiration") == [(1, "2017-02-09")]
    assert dates(day_before, "notice") == [(1, "2017-01-10")]


def test_trap_6_a_window_keeps_both_its_sides() -> None:
    window = Window(earliest=before(TERM_END, "90 days"), latest=before(TERM_END, "60 days"))
    one = contract("a", *TACIT[:3], milestones=[milestone("n", "notice", window)])
    first = plan(one, "2024-06-01")[0]
    assert (first.earliest, first.due) == (day("2024-12-01"), day("2024-12-31"))


def test_trap_7_what_waits_for_an_event_has_no_date_until_it_is_known() -> None:
    waiting = milestone("bonus", "payment", after_event("acceptance of phase 2", "30 days"))
    one = contract("a", *TACIT, milestones=[waiting])
    blocked = next(found for found in plan(one, "2024-06-01") if found.key == "bonus")
    assert (blocked.due, blocked.blocked) == (None, True)
    assert "phase 2" in (blocked.blocked_on or "")
    told = one.model_copy(update={"supplied": {"event:acceptance of phase 2": fact("Acceptance", "2024-06-10")}})
    known = next(found for found in plan(told, "2024-06-01") if found.key == "bonus")
    assert (known.due, known.blocked, known.name) == (day("2024-07-10"), False, blocked.name)


def test_trap_8_leap_days_keep_their_place_over_the_years() -> None:
    one = contract("a", effective("2024-02-29"), lasting("1 year"), renewing("1 year"))
    ends = []
    for year in (2024, 2025, 2026, 2027):
        current = term_of(one, frame(f"{year}-06-01")).current
        assert current is not None
        ends.append(str(current.end))
    assert ends == ["2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"]


def test_trap_9_the_last_day_of_each_month_is_a_rule_and_does_not_drift() -> None:
    found = plan(contract("a", *TACIT, milestones=[payment("fee", "2024-01-31")]), "2024-02-01")
    assert [str(one.due) for one in found if one.key == "fee"][:4] == [
        "2024-01-31",
        "2024-02-29",
        "2024-03-31",
        "2024-04-30",
    ]


def test_trap_9_within_45_days_after_quarter_end_has_two_parts() -> None:
    report = monthly("2025-01-01", "FREQ=MONTHLY;BYMONTH=3,6,9,12;BYMONTHDAY=-1", due=period("45 days"))
    found = plan(
        contract("a", perpetual(), effective("2025-01-01"), milestones=[milestone("q", "report", report)]), "2025-02-01"
    )
    assert [(one.sequence, str(one.due)) for one in found if one.key == "q"][:2] == [
        ("2025-03", "2025-05-15"),
        ("2025-06", "2025-08-14"),
    ]


@pytest.mark.parametrize("kind", ["notice", "renewal"])
def test_a_notice_that_was_confirmed_stands_for_that_of_the_terms(kind: str) -> None:
    stop = milestone("stop", kind, before(TERM_END, "3 months"))
    found = plan(contract("a", *TACIT, milestones=[stop]), "2024-06-01")
    assert [one.key for one in found if str(one.due) == "2024-12-01"] == ["stop"]


def test_trap_30_the_day_to_send_by_lies_before_the_deadline_in_every_term() -> None:
    by_post = Sending(
        methods=("registered mail",), slowest="registered mail", takes=period("5 business days"), by_post=True
    )
    notice = milestone("n", "notice", before(TERM_END, "90 days"), sending=by_post)
    found = [one for one in plan(contract("a", *TACIT[:3], milestones=[notice]), "2024-06-01") if one.key == "n"]
    assert [(str(one.send_by), str(one.due)) for one in found] == [
        ("2024-11-22", "2024-12-01"),
        ("2025-11-24", "2025-12-01"),
    ]
    assert all(one.act_by == one.send_by for one in found)


def test_a_recurrence_goes_on_through_the_terms_the_contract_rolls_over_into() -> None:
    fee = payment("fee", "2020-03-31")
    fee = fee.model_copy(update={"expr": monthly("2020-03-31", until=TERM_END)})
    found = plan(contract("a", *TACIT, milestones=[fee]), "2025-01-15")
    assert str(max(one.due for one in found if one.key == "fee" and one.due)) == "2026-01-31"


def test_a_recurrence_ends_with_a_contract_that_ends() -> None:
    one = contract("a", effective("2024-01-01"), until("2025-03-15"), milestones=[payment("fee", "2024-01-31")])
    assert [str(found.due) for found in plan(one, "2025-01-20") if found.key == "fee"] == [
        "2024-12-31",
        "2025-01-31",
        "2025-02-28",
    ]


@pytest.mark.parametrize(
    ("choice", "proof", "closed", "later_terms"),
    [
        ("renew", None, OccurrenceState.WAIVED, True),
        ("renegotiate", None, None, True),
        ("terminate", None, None, False),
        ("terminate", "registered letter of 3 Oct", OccurrenceState.DONE, False),
        ("lapse", None, None, False),
    ],
)
def test_a_decision_about_the_current_term_settles_its_notice(
    choice: str, proof: str | None, closed: OccurrenceState | None, later_terms: bool
) -> None:
    one = contract("a", *TACIT).model_copy(update={"decisions": (decided(3, choice, proof),)})
    found = {(one.kind, one.cycle): one for one in plan(one, "2024-06-01")}
    notice = found["notice", 3]
    assert notice.closed is closed
    assert (("notice", 4) in found) is later_terms
    if proof:
        assert notice.proof == Proof(note=proof)


def test_to_let_a_fixed_term_lapse_needs_no_notice() -> None:
    one = contract(
        "a", effective("2024-01-01"), until("2025-03-15"), renewing("1 year", automatic=False), noticed("30 days")
    )
    lapsing = one.model_copy(update={"decisions": (decided(1, "lapse"),)})
    notice = next(found for found in plan(lapsing, "2025-01-20") if found.kind == "notice")
    assert notice.closed is OccurrenceState.WAIVED


def test_an_option_that_was_taken_makes_another_term() -> None:
    one = contract(
        "a", effective("2024-01-01"), lasting("1 year"), renewing("1 year", automatic=False), noticed("30 days")
    )
    assert [cycle for cycle, _ in dates(plan(one, "2024-10-01"), "notice")] == [1]
    renewed = one.model_copy(update={"decisions": (decided(1, "renew"),)})
    ends = [found for found in plan(renewed, "2024-10-01") if found.cycle == 2]
    assert {str(found.due) for found in ends} >= {"2026-01-01"}


def test_a_limited_number_of_renewals_ends() -> None:
    one = contract("a", effective("2022-01-01"), lasting("1 year"), renewing("1 year", times=2), noticed("30 days"))
    found = plan(one, "2024-06-01")
    assert dates(found, "notice") == [], "in the last term there is nothing to prevent"
    assert dates(found, "expiration") == [(3, "2025-01-01")]


def test_what_waits_for_another_milestone_moves_with_it() -> None:
    delivery = milestone("delivery", "delivery", date="2025-05-03")
    acceptance = milestone("acceptance", "delivery", after_event("delivery", "30 days"), waits_for=("delivery",))
    invoice = milestone("invoice", "payment", after_event("acceptance", "14 days"), waits_for=("acceptance",))
    one = contract("a", effective("2025-01-01"), perpetual(), milestones=[invoice, delivery, acceptance])

    def days(today: str, **more: Any) -> list[tuple[str, bool]]:
        found = {one.key: one for one in plan(one, today, **more)}
        return [(str(found[key].due), found[key].expected) for key in ("acceptance", "invoice")]

    assert days("2025-04-10") == [("2025-06-02", True), ("2025-06-16", True)]
    assert days("2025-05-13") == [("2025-06-12", True), ("2025-06-26", True)], "late: it delays both, day by day"
    done = {("delivery", 0, ""): day("2025-05-01")}
    assert days("2025-05-13", done=done) == [("2025-05-31", False), ("2025-06-14", True)]


def test_milestones_that_wait_for_each_other_are_planned_all_the_same() -> None:
    first = milestone("first", "delivery", after_event("second", "1 day"), waits_for=("second",))
    second = milestone("second", "delivery", after_event("first", "1 day"), waits_for=("first",))
    found = plan(contract("a", milestones=[first, second]), "2025-01-01")
    assert sorted((one.key, one.blocked) for one in found) == [("first", True), ("second", True)]


def test_a_moved_recurrence_keeps_the_names_of_its_comings() -> None:
    on_the_fifth = milestone("fee", "payment", monthly("2025-01-05", "FREQ=MONTHLY;BYMONTHDAY=5"))
    on_the_tenth = milestone("fee", "payment", monthly("2025-01-10", "FREQ=MONTHLY;BYMONTHDAY=10"))
    before_, after = (
        {one.sequence: one.due for one in plan(contract("a", milestones=[one]), "2025-03-20")}
        for one in (on_the_fifth, on_the_tenth)
    )
    assert (before_["2025-04"], after["2025-04"]) == (day("2025-04-05"), day("2025-04-10"))
    assert set(before_) <= set(after) | {"2025-03"}


@pytest.mark.parametrize(
    ("rule", "names"),
    [
        ("FREQ=WEEKLY;BYDAY=MO", ["2025-W01", "2025-W02"]),
        ("FREQ=MONTHLY;BYMONTHDAY=1,15", ["2025-01", "2025-01.2"]),
        ("FREQ=YEARLY;BYMONTH=6;BYMONTHDAY=30", ["2025"]),
        ("FREQ=DAILY;INTERVAL=2", ["2024-12-30", "2025-01-01"]),
    ],
)
def test_comings_are_named_by_their_stretch_of_the_calendar(rule: str, names: list[str]) -> None:
    one = contract("a", milestones=[milestone("x", "report", monthly("2024-12-30", rule))])
    found = [found.sequence for found in plan(one, "2025-01-10")]
    assert found[:2] == names


def test_silence_of_a_term_about_its_end_leaves_what_hangs_on_it_blocked() -> None:
    notice = milestone("n", MilestoneKind.NOTICE, before(Anchor(name=AnchorName.TERM_END), "60 days"))
    found = plan(contract("a", effective("2025-01-01"), milestones=[notice]), "2025-02-01")
    assert [(one.key, one.due) for one in found] == [("n", None)]
    assert found[0].blocked_on


def test_an_end_of_a_quarter_after_a_fixed_day_is_one_occurrence() -> None:
    one = contract("a", milestones=[milestone("r", "report", end_of(before(TERM_END, "1 day"), "quarter"))])
    assert len(plan(one, "2025-02-01")) == 1


def test_what_was_over_long_before_it_was_tracked_is_left_out() -> None:
    old = milestone("old", "payment", date="2019-05-01")
    new = milestone("new", "payment", date="2025-01-20")
    assert [one.key for one in plan(contract("a", milestones=[old, new]), "2025-02-01")] == ["new"]


def test_a_day_that_comes_by_itself_is_over_when_it_has_passed() -> None:
    one = contract("a", effective("2024-01-01"), until("2025-01-20"))
    closed = [found for found in plan(one, "2025-02-01") if found.kind == "expiration"]
    assert [found.closed for found in closed] == [OccurrenceState.DONE]
