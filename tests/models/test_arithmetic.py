"""Adding periods to dates."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.arithmetic import OutOfRangeError, add, add_days, add_months, shift, subtract
from models.period import Direction, Period, Unit
from tests.models.building import calendar_periods, day, days, directions, month_periods, period


@pytest.mark.parametrize(
    ("start", "length", "end"),
    [
        ("2025-01-31", "1 month", "2025-02-28"),
        ("2024-01-31", "1 month", "2024-02-29"),
        ("2025-01-31", "2 months", "2025-03-31"),
        ("2025-08-31", "1 quarter", "2025-11-30"),
        ("2025-11-30", "1 quarter", "2026-02-28"),
        ("2024-02-29", "1 year", "2025-02-28"),
        ("2024-02-29", "4 years", "2028-02-29"),
        ("2025-12-31", "1 month", "2026-01-31"),
        ("2014-02-10", "3 years", "2017-02-10"),
        ("2025-12-28", "1 week", "2026-01-04"),
        ("2024-02-28", "1 day", "2024-02-29"),
        ("1900-02-28", "1 day", "1900-03-01"),
        ("2025-05-05", "0 days", "2025-05-05"),
    ],
)
def test_a_period_after_a_date(start: str, length: str, end: str) -> None:
    assert add(day(start), period(length)) == day(end)


@pytest.mark.parametrize(
    ("end", "length", "start"),
    [
        ("2025-12-31", "6 months", "2025-06-30"),
        ("2025-03-31", "1 month", "2025-02-28"),
        ("2024-03-31", "1 month", "2024-02-29"),
        ("2025-01-15", "1 month", "2024-12-15"),
        ("2028-02-29", "1 year", "2027-02-28"),
        ("2025-01-03", "1 week", "2024-12-27"),
        ("2025-03-01", "1 day", "2025-02-28"),
        ("2025-02-15", "1 quarter", "2024-11-15"),
    ],
)
def test_a_period_before_a_date(end: str, length: str, start: str) -> None:
    assert subtract(day(end), period(length)) == day(start)


@pytest.mark.parametrize("length", ["1 day", "1 week", "1 month", "1 quarter", "1 year", "100000 years"])
def test_beyond_the_years_1_to_9999_there_is_no_date(length: str) -> None:
    with pytest.raises(OutOfRangeError, match="outside the years 1 to 9999"):
        add(dt.date.max, period(length))
    with pytest.raises(OutOfRangeError):
        subtract(dt.date.min, period(length))


def test_business_days_are_never_counted_as_days_for_want_of_a_calendar() -> None:
    with pytest.raises(ValueError, match="calendar"):
        add(day("2025-05-05"), period("3 business days"))


@given(days, month_periods, st.integers(0, 30))
def test_months_added_over_and_over_do_not_drift(start: dt.date, length: Period, times: int) -> None:
    """Added in one go, the day of the month comes back wherever the month has it."""
    end = shift(start, length, Direction.AFTER, times=times)
    next_day = add_days(end, 1)
    assert end.day == start.day or (end.day < start.day and next_day.day == 1)


@given(days, st.integers(-400, 400))
def test_months_end_in_the_right_month(start: dt.date, months: int) -> None:
    end = add_months(start, months)
    assert (end.year - start.year) * 12 + end.month - start.month == months


@given(days, month_periods)
def test_months_before_and_after_round_trip_up_to_the_28th(start: dt.date, length: Period) -> None:
    """Later in the month they need not: 31 March less a month is 28 February, and a month on it is 28 March."""
    start = start.replace(day=min(start.day, 28))
    assert subtract(add(start, length), length) == start
    assert add(subtract(start, length), length) == start


@given(days, month_periods)
def test_a_round_trip_of_months_never_ends_later_and_loses_three_days_at_most(start: dt.date, length: Period) -> None:
    back = subtract(add(start, length), length)
    assert dt.timedelta(0) <= start - back <= dt.timedelta(days=3)


@given(days, st.integers(0, 500), st.sampled_from([Unit.DAY, Unit.WEEK]))
def test_days_and_weeks_round_trip_always(start: dt.date, count: int, unit: Unit) -> None:
    length = Period(count=count, unit=unit)
    assert subtract(add(start, length), length) == start


@given(days, days, calendar_periods, directions)
def test_a_later_date_never_gives_an_earlier_result(
    one: dt.date, other: dt.date, length: Period, direction: Direction
) -> None:
    one, other = sorted((one, other))
    assert shift(one, length, direction) <= shift(other, length, direction)


@given(days, st.integers(0, 20))
def test_a_quarter_is_three_months_and_a_year_is_twelve(start: dt.date, count: int) -> None:
    months = {Unit.QUARTER: 3, Unit.YEAR: 12}
    for unit, length in months.items():
        in_months = Period(count=count * length, unit=Unit.MONTH)
        assert add(start, Period(count=count, unit=unit)) == add(start, in_months)
