"""Business days: calendars, counting and rolling."""

import datetime as dt
import pickle
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.arithmetic import OutOfRangeError
from models.business import WEEKENDS_ONLY, BusinessCalendar, UnknownJurisdictionError, calendar_for
from models.dateexpr import RollRule
from tests.models.building import day, days

counts = st.integers(0, 60)
rules = st.sampled_from(RollRule)
calendars = st.sampled_from(
    [
        WEEKENDS_ONLY,
        calendar_for("US-NY"),
        calendar_for("GB-SCT"),
        BusinessCalendar(name="Fridays and Saturdays off", weekend=frozenset({4, 5})),
        BusinessCalendar(name="a shut December", holidays=frozenset(dt.date(2025, 12, n) for n in range(1, 32))),
    ]
)


@pytest.mark.parametrize(
    ("start", "count", "jurisdiction", "end"),
    [
        ("2025-07-03", 1, None, "2025-07-04"),
        ("2025-07-03", 1, "US", "2025-07-07"),  # 4 July is a Friday
        ("2025-07-07", -1, "US", "2025-07-03"),
        ("2025-07-03", 1, "GB", "2025-07-04"),
        ("2025-02-11", 1, "US-NY", "2025-02-13"),  # Lincoln's birthday, kept in New York
        ("2025-02-11", 1, "US", "2025-02-12"),
        ("2021-12-30", 1, "US", "2022-01-03"),  # New Year's Day on a Saturday is observed the year before
        ("2025-04-17", 1, "GB-ENG", "2025-04-22"),  # Good Friday and Easter Monday
        ("2025-04-17", 1, "GB-SCT", "2025-04-21"),
        ("2025-12-24", 3, "DE", "2025-12-31"),
        ("2025-05-09", 1, None, "2025-05-12"),
        ("2025-05-10", 1, None, "2025-05-12"),  # from a Saturday the Monday is the first
        ("2025-05-10", -1, None, "2025-05-09"),
        ("2025-05-10", 0, None, "2025-05-10"),
        ("2025-05-05", 10, None, "2025-05-19"),
    ],
)
def test_counting_business_days(start: str, count: int, jurisdiction: str | None, end: str) -> None:
    calendar = calendar_for(jurisdiction) if jurisdiction else WEEKENDS_ONLY
    assert calendar.add(day(start), count) == day(end)


@pytest.mark.parametrize(
    ("start", "rule", "end"),
    [
        ("2025-05-09", "following", "2025-05-09"),
        ("2025-05-10", "following", "2025-05-12"),
        ("2025-05-10", "preceding", "2025-05-09"),
        ("2025-05-10", "modified_following", "2025-05-12"),
        ("2025-05-31", "following", "2025-06-02"),
        ("2025-05-31", "modified_following", "2025-05-30"),
        ("2025-08-31", "modified_following", "2025-08-29"),
    ],
)
def test_rolling_to_a_business_day(start: str, rule: str, end: str) -> None:
    assert WEEKENDS_ONLY.roll(day(start), RollRule(rule)) == day(end)


def test_the_weekend_is_the_jurisdictions_own() -> None:
    riyadh = calendar_for("SA")
    assert not riyadh.is_business_day(day("2025-05-09"))  # a Friday
    assert riyadh.is_business_day(day("2025-05-11"))  # a Sunday


def test_a_working_day_made_up_for_a_holiday_counts() -> None:
    assert calendar_for("CN").is_business_day(day("2024-02-04"))  # a Sunday before the Spring Festival


@pytest.mark.parametrize("code", ["XX", "US-QQ", "", "-", "Narnia"])
def test_a_jurisdiction_nobody_knows_is_an_error_at_once(code: str) -> None:
    with pytest.raises(UnknownJurisdictionError, match="no holidays are known"):
        calendar_for(code)


def test_years_whose_holidays_nobody_knows_still_have_weekends() -> None:
    assert not calendar_for("IN").is_business_day(day("2090-01-01"))  # a Sunday
    assert calendar_for("US").is_business_day(day("9999-12-31"))


def test_counting_past_the_last_year_is_an_error() -> None:
    with pytest.raises(OutOfRangeError):
        WEEKENDS_ONLY.add(dt.date(9999, 12, 30), 5)


@pytest.mark.parametrize("weekend", [set(range(7)), {7}, {-1, 5}])
def test_a_week_without_a_business_day_is_no_calendar(weekend: set[int]) -> None:
    with pytest.raises(ValueError, match="weekend"):
        BusinessCalendar(weekend=frozenset(weekend))


def test_a_calendar_is_a_value_that_travels_between_processes() -> None:
    calendar = calendar_for("us-ny")
    assert pickle.loads(pickle.dumps(calendar)) == calendar == calendar_for("US-NY")
    assert hash(calendar) == hash(calendar_for("US-NY"))


def test_holidays_are_loaded_only_when_asked_for() -> None:
    program = "import sys, models.business, models.resolve; sys.exit('holidays' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@given(calendars, days, counts.filter(bool))
def test_a_count_ends_on_a_business_day_with_that_many_on_the_way(
    calendar: BusinessCalendar, start: dt.date, count: int
) -> None:
    end = calendar.add(start, count)
    passed = [start + dt.timedelta(n) for n in range(1, (end - start).days + 1)]
    assert calendar.is_business_day(end)
    assert sum(map(calendar.is_business_day, passed)) == count


@given(calendars, days, counts, counts)
def test_counts_add_up(calendar: BusinessCalendar, start: dt.date, one: int, other: int) -> None:
    assert calendar.add(calendar.add(start, one), other) == calendar.add(start, one + other)


@given(calendars, days, counts)
def test_counting_there_and_back_returns_to_a_business_day(
    calendar: BusinessCalendar, start: dt.date, count: int
) -> None:
    start = calendar.roll(start, RollRule.FOLLOWING)
    assert calendar.add(calendar.add(start, count), -count) == start


@given(calendars, days, days, st.integers(-60, 60))
def test_a_later_start_never_counts_to_an_earlier_day(
    calendar: BusinessCalendar, one: dt.date, other: dt.date, count: int
) -> None:
    one, other = sorted((one, other))
    assert calendar.add(one, count) <= calendar.add(other, count)


@given(calendars, days, days, rules)
def test_a_later_day_never_rolls_to_an_earlier_one(
    calendar: BusinessCalendar, one: dt.date, other: dt.date, rule: RollRule
) -> None:
    """Modified following too: it is the following day, or the month's last business day if that is earlier."""
    one, other = sorted((one, other))
    assert calendar.roll(one, rule) <= calendar.roll(other, rule)


@given(calendars, days, rules)
def test_rolling_gives_a_business_day_and_leaves_one_alone(
    calendar: BusinessCalendar, start: dt.date, rule: RollRule
) -> None:
    end = calendar.roll(start, rule)
    assert calendar.is_business_day(end)
    assert calendar.roll(end, rule) == end


@given(days, counts)
def test_not_knowing_holidays_errs_early_counting_forward_and_late_counting_back(start: dt.date, count: int) -> None:
    """The direction that the notes of a result name."""
    known = calendar_for("US-NY")
    assert WEEKENDS_ONLY.add(start, count) <= known.add(start, count)
    assert WEEKENDS_ONLY.add(start, -count) >= known.add(start, -count)
