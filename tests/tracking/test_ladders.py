"""When which reminder goes to whom."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.business import WEEKENDS_ONLY, calendar_for
from models.tracked import Purpose
from tests.models.building import day
from tracking.ladders import Recipient, Step, Times, escalation_at, steps

TIMES = Times(dt.time(9), WEEKENDS_ONLY)
ANN = Recipient("ann", "UTC", ("email",))
BOB = Recipient("bob", "UTC", ("email",))


def told(found: list[Step]) -> list[str]:
    return [f"{step.recipient} {step.purpose} {step.rung}: {step.fire_at:%Y-%m-%d %H}" for step in found]


def at(iso: str) -> dt.datetime:
    return dt.datetime.fromisoformat(iso).replace(tzinfo=dt.UTC)


def test_each_step_fires_so_many_days_before_the_day_to_act_by() -> None:
    found = steps(day("2026-06-30"), [30, 7, 1], [1], ANN, [BOB], at("2026-01-01"), TIMES)
    assert told(found) == [
        "ann rung 30: 2026-05-29 09",  # 31 May is a Sunday: the Friday before
        "ann rung 7: 2026-06-23 09",
        "ann rung 1: 2026-06-29 09",
        "ann overdue -1: 2026-07-01 09",
        "bob overdue -1: 2026-07-01 09",
    ]


def test_trap_28_steps_that_quiet_days_put_on_one_day_are_one() -> None:
    # A Monday: one day and two days before are the Sunday and the Saturday, and so both the Friday.
    found = steps(day("2026-06-29"), [3, 2, 1], [], ANN, [], at("2026-01-01"), TIMES)
    assert told(found) == ["ann rung 1: 2026-06-26 09"]


def test_whoever_gets_something_late_is_told_once_and_at_once() -> None:
    now = at("2026-06-20")
    found = steps(day("2026-06-30"), [90, 60, 30, 14, 7, 1], [], ANN, [], now, TIMES)
    assert told(found) == ["ann rung 14: 2026-06-20 00", "ann rung 7: 2026-06-23 09", "ann rung 1: 2026-06-29 09"]


def test_trap_8_a_deadline_that_is_past_at_onboarding_gives_one_notice_that_it_is_overdue() -> None:
    found = steps(day("2026-06-01"), [30, 7], [1, 7, 14, 30], ANN, [], at("2026-06-20"), TIMES)
    assert told(found) == ["ann overdue -14: 2026-06-20 00", "ann overdue -30: 2026-07-01 09"]


@pytest.mark.parametrize(
    ("zone", "moment"),
    [
        ("UTC", "2026-03-30T09:00"),
        ("Europe/Berlin", "2026-03-30T07:00"),  # summer time began the day before
        ("America/New_York", "2026-03-30T13:00"),
        ("Asia/Tokyo", "2026-03-30T00:00"),
        ("Asia/Kolkata", "2026-03-30T03:30"),
    ],
)
def test_it_is_nine_where_the_recipient_is(zone: str, moment: str) -> None:
    found = steps(day("2026-03-31"), [1], [], Recipient("ann", zone, ("email",)), [], at("2026-01-01"), TIMES)
    assert [step.fire_at for step in found] == [at(moment)]


def test_trap_2_holidays_of_the_jurisdiction_are_quiet_days() -> None:
    times = Times(dt.time(9), calendar_for("US"))
    found = steps(day("2026-12-26"), [1], [2], ANN, [], at("2026-01-01"), times)
    assert told(found) == ["ann rung 1: 2026-12-24 09", "ann overdue -2: 2026-12-28 09"]


def test_without_quiet_days_every_day_is_as_good() -> None:
    found = steps(day("2026-06-29"), [2, 1], [], ANN, [], at("2026-01-01"), Times(dt.time(9), None))
    assert told(found) == ["ann rung 2: 2026-06-27 09", "ann rung 1: 2026-06-28 09"]


def test_each_channel_of_a_recipient_has_its_own_reminder() -> None:
    both = Recipient("ann", "UTC", ("email", "chat"))
    found = steps(day("2026-06-30"), [7], [], both, [], at("2026-01-01"), TIMES)
    assert sorted(step.channel for step in found) == ["chat", "email"]


def test_a_snooze_leaves_out_what_lies_before_its_end_and_reminds_on_that_day() -> None:
    now = at("2026-06-01")
    found = steps(day("2026-06-30"), [30, 14, 7, 1], [], ANN, [], now, TIMES, snoozed_until=day("2026-06-18"))
    assert told(found) == ["ann snoozed 12: 2026-06-18 09", "ann rung 7: 2026-06-23 09", "ann rung 1: 2026-06-29 09"]


def test_a_snooze_that_ends_on_the_day_of_a_step_gives_that_step_alone() -> None:
    now = at("2026-06-01")
    found = steps(day("2026-06-30"), [30, 14, 7], [], ANN, [], now, TIMES, snoozed_until=day("2026-06-23"))
    assert told(found) == ["ann rung 7: 2026-06-23 09"]


@pytest.mark.parametrize(
    ("sent", "after", "expected"),
    [
        ("2026-06-01T09:00", 3, "2026-06-04T09:00"),
        ("2026-06-04T09:00", 3, "2026-06-09T09:00"),  # over a weekend
        ("2026-06-26T09:00", 3, "2026-06-30T09:00"),  # no later than the day to act by
        ("2026-06-30T09:00", 3, None),
        ("2026-07-02T09:00", 3, None),
    ],
)
def test_nobody_acknowledging_escalates_after_business_days_and_not_after_the_deadline(
    sent: str, after: int, expected: str | None
) -> None:
    found = escalation_at(at(sent), day("2026-06-30"), after, BOB, TIMES)
    assert found == (at(expected) if expected else None)


days_ = st.dates(dt.date(2020, 1, 1), dt.date(2040, 12, 31))
zones = st.sampled_from(["UTC", "Europe/London", "America/Los_Angeles", "Pacific/Auckland", "Asia/Kathmandu"])


@given(days_, st.sets(st.integers(0, 200), min_size=1), st.sets(st.integers(1, 60)), st.integers(-300, 60), zones)
def test_no_lead_time_gets_shorter_and_nothing_lies_in_the_past(
    act_by: dt.date, rungs: set[int], overdue: set[int], offset: int, zone: str
) -> None:
    now = dt.datetime.combine(act_by + dt.timedelta(days=offset), dt.time(12), dt.UTC)
    owner = Recipient("ann", zone, ("email",))
    found = steps(act_by, sorted(rungs), sorted(overdue), owner, [], now, TIMES)
    assert all(step.fire_at >= now for step in found)
    assert len({(step.purpose, step.rung) for step in found}) == len(found)
    for step in found:
        local = TIMES.day_of(step.fire_at, zone)
        if step.purpose is Purpose.RUNG and step.fire_at > now:
            assert (act_by - local).days >= step.rung
            assert local.weekday() < 5
        if step.purpose is Purpose.OVERDUE:
            assert local > act_by


@given(days_, st.integers(1, 10), st.integers(0, 400), zones)
def test_escalation_comes_after_what_it_follows_and_not_after_the_deadline(
    act_by: dt.date, after: int, before: int, zone: str
) -> None:
    sent = dt.datetime.combine(act_by - dt.timedelta(days=before), dt.time(12), dt.UTC)
    to = Recipient("bob", zone, ("email",))
    found = escalation_at(sent, act_by, after, to, TIMES)
    if found is not None:
        assert found > sent
        assert TIMES.day_of(found, zone) <= act_by
