"""Recurrence rules, and the single dates of recurring milestones."""

import datetime as dt
from itertools import islice, pairwise

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given
from hypothesis import strategies as st

from models.business import calendar_for
from models.dateexpr import DateExpr, NthWeekday, Recurring, Shift
from models.occurrences import expand
from models.recurrence import BadRuleError, dates_between, first_date, parse_rule
from models.resolution import Blocked, Fact
from models.resolve import resolve
from tests.models.building import (
    BEFORE,
    DELIVERY,
    NOTICE,
    after,
    before,
    blocked,
    calendar_periods,
    day,
    days,
    end_of,
    event,
    fixed,
    known,
    period,
    resolved,
    rolled,
    rrules,
    term,
    within,
)


def dates(rule: str, start: str, low: str, high: str, most: int = 50) -> list[str]:
    return [str(date) for date in islice(dates_between(parse_rule(rule), day(start), day(low), day(high)), most)]


@pytest.mark.parametrize(
    ("rule", "start", "expected"),
    [
        ("FREQ=MONTHLY", "2024-01-31", "2024-01-31 2024-02-29 2024-03-31 2024-04-30"),
        ("FREQ=MONTHLY", "2024-01-15", "2024-01-15 2024-02-15 2024-03-15 2024-04-15"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "2024-01-15", "2024-01-31 2024-02-29 2024-03-31 2024-04-30"),
        ("FREQ=MONTHLY;BYMONTHDAY=31", "2024-02-15", "2024-02-29 2024-03-31 2024-04-30 2024-05-31"),
        ("FREQ=MONTHLY;BYMONTHDAY=15,30", "2024-01-20", "2024-01-30 2024-02-15 2024-02-29 2024-03-15"),
        ("FREQ=MONTHLY;BYMONTHDAY=10,-1", "2024-01-11", "2024-01-31 2024-02-10 2024-02-29 2024-03-10"),
        ("FREQ=MONTHLY;INTERVAL=3", "2024-11-30", "2024-11-30 2025-02-28 2025-05-30 2025-08-30"),
        ("FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=10", "2024-01-15", "2024-02-10 2024-05-10 2024-08-10 2024-11-10"),
        ("FREQ=MONTHLY;BYDAY=-1FR", "2024-01-01", "2024-01-26 2024-02-23 2024-03-29 2024-04-26"),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "2024-01-01", "2024-01-31 2024-02-29 2024-03-29 2024-04-30"),
        ("FREQ=MONTHLY;BYMONTHDAY=13;BYDAY=FR", "2024-01-01", "2024-09-13 2024-12-13 2025-06-13 2026-02-13"),
        ("FREQ=YEARLY", "2024-02-29", "2024-02-29 2025-02-28 2026-02-28 2027-02-28"),
        ("FREQ=YEARLY;BYMONTH=3,6,9,12;BYMONTHDAY=31", "2024-04-01", "2024-06-30 2024-09-30 2024-12-31 2025-03-31"),
        ("FREQ=YEARLY;BYMONTH=6;BYMONTHDAY=31", "2024-01-31", "2024-06-30 2025-06-30 2026-06-30 2027-06-30"),
        (
            "FREQ=YEARLY;INTERVAL=2;BYMONTH=6,9;BYMONTHDAY=15",
            "2024-07-15",
            "2024-09-15 2026-06-15 2026-09-15 2028-06-15",
        ),
        ("FREQ=WEEKLY", "2024-01-01", "2024-01-01 2024-01-08 2024-01-15 2024-01-22"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR", "2024-01-02", "2024-01-05 2024-01-15 2024-01-19 2024-01-29"),
        ("RRULE:FREQ=DAILY;COUNT=3", "2024-12-30", "2024-12-30 2024-12-31 2025-01-01"),
        ("FREQ=MONTHLY;UNTIL=20240301T000000Z", "2024-01-31", "2024-01-31 2024-02-29"),
    ],
)
def test_the_dates_of_a_rule(rule: str, start: str, expected: str) -> None:
    assert dates(rule, start, start, "2030-01-01", most=4) == expected.split()


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ("", "not daily, weekly, monthly or yearly"),
        ("FREQ=SECONDLY", "not daily, weekly, monthly or yearly"),
        ("FREQ=DAILY;INTERVAL=0", "'0' is out of place"),
        ("FREQ=DAILY;INTERVAL=99999999999999999999", "out of place"),
        ("FREQ=DAILY;COUNT=0", "'0' is out of place"),
        ("FREQ=DAILY;BYMONTH=13", "'13' is out of place"),
        ("FREQ=MONTHLY;BYMONTHDAY=0", "'0' is out of place"),
        ("FREQ=MONTHLY;BYMONTHDAY=32", "'32' is out of place"),
        ("FREQ=MONTHLY;BYDAY=XX", "BYDAY is not understood"),
        ("FREQ=MONTHLY;BYHOUR=3", "BYHOUR is not understood"),
        ("FREQ=MONTHLY;;BYMONTH=2", "an empty part is not understood"),
        ("FREQ=MONTHLY;FREQ=DAILY", "FREQ stands twice"),
        ("FREQ=MONTHLY;UNTIL=soon", "'SOON' is no date"),
        ("FREQ=YEARLY;BYMONTH=3,9", "does not say on which day"),
        ("FREQ=MONTHLY;BYSETPOS=-1", "does not say on which day"),
        ("FREQ=DAILY;BYMONTHDAY=3", "BYMONTHDAY stands in the daily recurrence"),
    ],
)
def test_a_rule_that_is_not_understood_says_why(rule: str, why: str) -> None:
    with pytest.raises(BadRuleError, match=why):
        parse_rule(rule)


def test_a_rule_that_names_no_date_ends() -> None:
    rule = parse_rule("FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30;BYDAY=MO")
    assert first_date(rule, day("2025-01-01")) is None
    assert list(dates_between(rule, day("2025-01-01"), dt.date.min, dt.date.max)) == []


def test_the_last_years_of_the_calendar_are_no_failure() -> None:
    assert dates("FREQ=MONTHLY", "9999-10-31", "0001-01-01", "9999-12-31") == ["9999-10-31", "9999-11-30", "9999-12-31"]
    assert dates("FREQ=WEEKLY", "9999-12-25", "0001-01-01", "9999-12-31") == ["9999-12-25"]


@given(rrules, days, st.integers(0, 5_000), st.integers(0, 1_500))
def test_looking_only_at_later_dates_gives_the_same_dates(rule: str, start: dt.date, skip: int, span: int) -> None:
    parsed = parse_rule(rule)
    low, high = start + dt.timedelta(skip), start + dt.timedelta(skip + span)
    assert list(dates_between(parsed, start, low, high)) == [
        date for date in dates_between(parsed, start, start, high) if date >= low
    ]


@given(rrules, days, days)
def test_a_later_start_never_has_an_earlier_first_date(rule: str, one: dt.date, other: dt.date) -> None:
    one, other = sorted((one, other))
    first, second = first_date(parse_rule(rule), one), first_date(parse_rule(rule), other)
    assert first is not None
    assert second is not None
    assert one <= first <= second


@given(
    st.sampled_from(["FREQ=MONTHLY;BYMONTHDAY=28", "FREQ=MONTHLY;BYDAY=2FR", "FREQ=WEEKLY", "FREQ=DAILY;INTERVAL=5"]),
    days,
)
def test_where_no_month_is_too_short_the_dates_are_those_of_the_standard(rule: str, start: dt.date) -> None:
    first = first_date(parse_rule(rule), start)
    assert first is not None
    standard = rrulestr(rule, dtstart=dt.datetime.combine(first, dt.time()))
    ours = islice(dates_between(parse_rule(rule), start, start, dt.date.max), 30)
    assert list(ours) == [moment.date() for moment in islice(standard, 30)]


# Occurrences of expressions


def monthly(rule: str = "FREQ=MONTHLY;BYMONTHDAY=-1", due: str | None = None) -> Recurring:
    return Recurring(rrule=rule, start=DELIVERY, until=NOTICE, due=period(due) if due else None)


def due_dates(expr: DateExpr, low: str, high: str, **facts: str) -> list[str]:
    found = expand(expr, known(delivery="2025-01-15", **facts), day(low), day(high))
    assert not isinstance(found, Blocked)
    return [str(occurrence.due) for occurrence in found]


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        (monthly(), "2025-05-31 2025-06-30 2025-07-31"),
        (monthly(due="45 days"), "2025-05-15 2025-06-14 2025-07-15"),
        (monthly("FREQ=YEARLY;BYMONTH=3,6,9,12;BYMONTHDAY=-1", due="45 days"), "2025-05-15"),
        (monthly(due="3 business days"), "2025-05-05 2025-06-04 2025-07-03"),
        (rolled(monthly(), "following"), "2025-06-02 2025-06-30 2025-07-31"),
        (rolled(monthly(), "modified_following"), "2025-05-30 2025-06-30 2025-07-31"),
        (before(monthly(), "2 months"), "2025-05-31 2025-06-30 2025-07-30"),
        (within(monthly(), "5 days"), "2025-05-05 2025-06-05 2025-07-05"),
        (within(monthly(), "5 days", BEFORE), "2025-05-31 2025-06-30 2025-07-31"),
        (after(end_of(monthly("FREQ=MONTHLY"), "month"), "10 days"), "2025-05-10 2025-06-10 2025-07-10"),
        (term(monthly("FREQ=MONTHLY"), "1 year"), ""),
        (NthWeekday(of=monthly("FREQ=MONTHLY"), n=5, weekday=4), "2025-05-30"),
        (fixed("2025-06-01"), "2025-06-01"),
        (fixed("2025-08-01"), ""),
        (after(DELIVERY, "6 months"), "2025-07-15"),
    ],
)
def test_what_falls_due_between_two_days(expr: DateExpr, expected: str) -> None:
    assert due_dates(expr, "2025-05-01", "2025-07-31") == expected.split()


def test_a_recurrence_stops_at_its_end_and_what_it_made_due_before_stays_due() -> None:
    assert due_dates(monthly(due="45 days"), "2025-05-01", "2025-12-31", notice="2025-04-30") == [
        "2025-05-15",
        "2025-06-14",
    ]


def test_an_occurrence_keeps_the_day_it_is_for() -> None:
    found = expand(monthly(due="45 days"), known(delivery="2025-01-15"), day("2025-05-01"), day("2025-05-31"))
    assert not isinstance(found, Blocked)
    assert [(str(one.on), str(one.due)) for one in found] == [("2025-03-31", "2025-05-15")]


def test_a_recurrence_whose_start_is_not_known_is_blocked() -> None:
    assert blocked(expand_outcome(monthly(), {})).on == ("delivery",)
    assert blocked(expand_outcome(event("Launch"), {})).phrase == "Launch"


def test_a_recurrence_that_is_not_understood_is_blocked() -> None:
    assert "not daily" in blocked(expand_outcome(monthly("FREQ=HOURLY"), known(delivery="2025-01-15"))).phrase


def expand_outcome(expr: DateExpr, facts: dict[str, Fact]) -> Blocked:
    outcome = expand(expr, facts, day("2025-01-01"), day("2025-12-31"))
    assert isinstance(outcome, Blocked)
    return outcome


def test_no_more_occurrences_come_than_were_asked_for() -> None:
    daily = Recurring(rrule="FREQ=DAILY", start=fixed("0001-01-01"))
    found = expand(daily, {}, day("2025-01-01"), dt.date.max, limit=7)
    assert not isinstance(found, Blocked)
    assert [str(one.due) for one in found][-1] == "2025-01-07"
    unlimited = expand(daily, {}, day("2025-01-01"), dt.date.max)
    assert not isinstance(unlimited, Blocked)
    assert len(list(unlimited)) == 1_000


recurring = st.builds(Recurring, rrule=rrules, start=st.just(DELIVERY), due=st.none() | calendar_periods)
wrapped = recurring | st.builds(
    Shift, base=recurring, period=calendar_periods, direction=st.sampled_from(["before", "after"])
)


@given(wrapped, days, days, st.integers(0, 1_500))
def test_occurrences_are_in_order_and_within_the_days_asked_for(
    expr: DateExpr, start: dt.date, low: dt.date, span: int
) -> None:
    high = low + dt.timedelta(span)
    found = expand(expr, known(delivery=str(start)), low, high, calendar_for("US"))
    assert not isinstance(found, Blocked)
    occurrences = list(found)
    assert all(low <= one.due <= high for one in occurrences)
    assert all(one.on < other.on and one.due <= other.due for one, other in pairwise(occurrences))
    assert all(one.on >= start for one in occurrences)


@given(wrapped, days, st.integers(0, 700), st.integers(0, 700))
def test_two_stretches_of_days_hold_what_the_whole_holds(expr: DateExpr, start: dt.date, one: int, two: int) -> None:
    facts = known(delivery=str(start))
    low, middle = start, start + dt.timedelta(one)
    high = middle + dt.timedelta(two)

    def dues(first: dt.date, last: dt.date) -> list[dt.date]:
        found = expand(expr, facts, first, last)
        assert not isinstance(found, Blocked)
        return [occurrence.due for occurrence in found]

    assert dues(low, middle) + dues(middle + dt.timedelta(1), high) == dues(low, high)


@given(wrapped, days)
def test_the_first_occurrence_is_what_the_expression_resolves_to(expr: DateExpr, start: dt.date) -> None:
    facts = known(delivery=str(start))
    first = resolved(resolve(expr, facts)).date
    assert first is not None
    found = expand(expr, facts, first - dt.timedelta(2_000), first)
    assert not isinstance(found, Blocked)
    assert next(found).due == first
