"""The traps of date arithmetic in contracts: each has tests whose names say it.

They are numbered as the known ways in which contract date software goes wrong.
"""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.business import WEEKENDS_ONLY, BusinessCalendar, calendar_for
from models.contract import Renewal
from models.cycles import RollingTerm
from models.dateexpr import Ambiguous, DateExpr, EarliestOf, LatestOf, Recurring, Window
from models.derivation import derivation
from models.occurrences import expand
from models.period import Period, Unit
from models.resolution import Blocked, Conventions, Fact
from models.resolve import resolve
from tests.models.building import (
    ACCEPTANCE,
    BEFORE,
    DELIVERY,
    EFFECTIVE,
    NOTICE,
    TERM_END,
    after,
    before,
    blocked,
    day,
    days,
    end_of,
    fact,
    fixed,
    known,
    not_later,
    period,
    resolved,
    rolled,
    term,
    within,
)

LATER_OF_BOTH = after(LatestOf(of=(DELIVERY, ACCEPTANCE)), "30 days")


def date_of(
    expr: DateExpr, facts: dict[str, Fact] | None = None, conventions: Conventions | None = None
) -> dt.date | None:
    return resolved(resolve(expr, facts or {}, conventions=conventions)).date


# 1. A month is not 30 days.


def test_trap_1_six_months_before_31_december_is_30_june_and_not_180_days() -> None:
    assert date_of(before(fixed("2025-12-31"), "6 months")) == day("2025-06-30")
    assert date_of(before(fixed("2025-12-31"), "180 days")) == day("2025-07-04")


@pytest.mark.parametrize(
    ("length", "end"), [("1 month", "2025-02-28"), ("2 months", "2025-03-31"), ("13 months", "2026-02-28")]
)
def test_trap_1_months_from_the_31st_clamp_to_the_end_of_the_month_and_do_not_drift(length: str, end: str) -> None:
    assert date_of(after(fixed("2025-01-31"), length)) == day(end)


def test_trap_1_a_period_keeps_its_unit_until_a_date_is_known() -> None:
    lengths = [Period(count=6, unit=Unit.MONTH), Period(count=2, unit=Unit.QUARTER), Period(count=26, unit=Unit.WEEK)]
    assert [str(length) for length in lengths] == ["6 months", "2 quarters", "26 weeks"]
    assert len(set(lengths)) == 3


# 2. Business days need a calendar and roll rules; "business" must never be dropped.


@pytest.mark.parametrize(
    ("calendar", "due"),
    [(WEEKENDS_ONLY, "2025-07-07"), (calendar_for("US"), "2025-07-08"), (calendar_for("GB"), "2025-07-07")],
)
def test_trap_2_business_days_follow_the_calendar_of_the_contract(calendar: BusinessCalendar, due: str) -> None:
    outcome = resolved(resolve(after(fixed("2025-07-03"), "2 business days"), {}, calendar))
    assert outcome.date == day(due)


def test_trap_2_without_a_calendar_business_days_are_still_counted_and_the_result_says_what_was_not_known() -> None:
    outcome = resolved(resolve(after(fixed("2025-07-03"), "10 business days"), {}))
    assert outcome.date == day("2025-07-17")
    assert outcome.notes == ("holidays not known: weekends only; a holiday makes it later",)
    backwards = resolved(resolve(before(fixed("2025-07-17"), "10 business days"), {}))
    assert backwards.notes == ("holidays not known: weekends only; a holiday makes it earlier",)


@pytest.mark.parametrize(
    ("rule", "paid"),
    [("following", "2025-06-02"), ("modified_following", "2025-05-30"), ("preceding", "2025-05-30")],
)
def test_trap_2_a_date_on_a_weekend_rolls_by_the_rule_of_the_contract(rule: str, paid: str) -> None:
    assert date_of(rolled(fixed("2025-05-31"), rule)) == day(paid)


# 3. The initial term is not the renewal term.


TACIT_RENEWAL = RollingTerm(
    start=day("2020-01-15"),
    length=period("36 months"),
    renewal=Renewal(period=period("12 months"), automatic=True, successive=True),
    notice=Window(latest=before(TERM_END, "3 months")),
)


@pytest.mark.parametrize(
    ("as_of", "number", "ends", "deadline"),
    [
        ("2021-06-01", 1, "2023-01-15", "2022-10-15"),
        ("2023-01-15", 1, "2023-01-15", "2022-10-15"),
        ("2023-01-16", 2, "2024-01-15", "2023-10-15"),
        ("2026-11-22", 5, "2027-01-15", "2026-10-15"),
    ],
)
def test_trap_3_the_deadline_is_that_of_the_current_term_and_moves_when_the_contract_rolls(
    as_of: str, number: int, ends: str, deadline: str
) -> None:
    cycle = TACIT_RENEWAL.cycle_at(day(as_of))
    assert cycle
    assert (cycle.number, cycle.end, cycle.notice_latest) == (number, day(ends), day(deadline))


@given(st.dates(dt.date(2020, 1, 15), dt.date(2200, 1, 1)))
def test_trap_3_after_a_tacit_renewal_no_deadline_of_a_term_gone_by_is_shown(as_of: dt.date) -> None:
    upcoming, current = TACIT_RENEWAL.next_notice(as_of), TACIT_RENEWAL.cycle_at(as_of)
    assert current
    assert current.end
    assert current.end >= as_of
    assert upcoming
    assert upcoming.notice_latest
    assert 0 <= (upcoming.notice_latest - as_of).days <= 3 * 366


# 4. Is the end inclusive?


@pytest.mark.parametrize(
    ("inclusive", "end", "words"),
    [
        (True, "2017-02-10", "Effective date 10 Feb 2014 + 3 years = 10 Feb 2017"),
        (False, "2017-02-09", "Effective date 10 Feb 2014 + 3 years less a day = 9 Feb 2017"),
    ],
)
def test_trap_4_whether_a_term_ends_on_its_anniversary_is_one_setting_and_the_derivation_shows_it(
    inclusive: bool, end: str, words: str
) -> None:
    conventions = Conventions(inclusive_term_end=inclusive)
    outcome = resolved(resolve(term(EFFECTIVE, "3 years"), known(effective_date="2014-02-10"), conventions=conventions))
    assert outcome.date == day(end)
    assert derivation(outcome) == words


def test_trap_4_the_setting_moves_ends_of_terms_and_nothing_else() -> None:
    day_before = Conventions(inclusive_term_end=False)
    for expr in (fixed("2017-02-10"), after(fixed("2014-02-10"), "3 years"), within(fixed("2014-02-10"), "3 years")):
        assert resolve(expr, {}, conventions=day_before) == resolve(expr, {})


# 5. Termination at the end of a period.


@pytest.mark.parametrize(
    ("given_on", "ends"),
    [
        ("2025-04-03", "2025-04-30"),
        ("2025-04-16", "2025-04-30"),
        ("2025-04-17", "2025-05-31"),
        ("2025-04-20", "2025-05-31"),
        ("2025-12-20", "2026-01-31"),
    ],
)
def test_trap_5_two_weeks_to_the_end_of_a_month_ends_the_contract_at_the_end_of_the_month_they_run_out_in(
    given_on: str, ends: str
) -> None:
    assert date_of(end_of(after(NOTICE, "2 weeks"), "month"), known(notice=given_on)) == day(ends)


@pytest.mark.parametrize(
    ("unit", "ends"), [("quarter", "2025-06-30"), ("half_year", "2025-06-30"), ("year", "2025-12-31")]
)
def test_trap_5_and_likewise_to_the_end_of_a_quarter_or_a_year(unit: str, ends: str) -> None:
    assert date_of(end_of(after(NOTICE, "6 weeks"), unit), known(notice="2025-03-20")) == day(ends)


# 6. Windows, and the safe reading of what is ambiguous.


def test_trap_6_not_less_than_60_and_not_more_than_90_days_is_a_window() -> None:
    window = Window(earliest=before(TERM_END, "90 days"), latest=before(TERM_END, "60 days"))
    outcome = resolved(resolve(window, known(term_end="2025-12-31")))
    assert (outcome.earliest, outcome.latest, outcome.date) == (day("2025-10-02"), day("2025-11-01"), None)


def test_trap_6_an_ambiguous_date_is_the_earlier_and_says_what_the_other_is() -> None:
    readings = (fixed("2025-04-03"), fixed("2025-03-04"))
    outcome = resolved(resolve(Ambiguous(readings=readings, why="the order of day and month"), {}))
    assert outcome.date == day("2025-03-04")
    assert outcome.notes == ("ambiguous (the order of day and month): 3 Apr 2025 or 4 Mar 2025; the earlier is taken",)


@given(days, st.integers(0, 200), st.integers(0, 400), st.integers(0, 400))
def test_trap_6_no_deadline_that_hangs_on_an_ambiguous_date_is_later_than_the_true_one(
    one: dt.date, apart: int, notice: int, due: int
) -> None:
    other = one + dt.timedelta(apart)
    unclear = Ambiguous(readings=(fixed(str(other)), fixed(str(one))), why="a test")
    deadline = rolled(after(end_of(before(DELIVERY, f"{notice} days"), "month"), f"{due} business days"), "preceding")
    proposed = resolved(resolve(deadline, {"delivery": fact("Delivery", unclear)}))
    for true in (one, other):
        assert not_later(proposed, resolved(resolve(deadline, known(delivery=str(true)))))


# 7. The later of, the earlier of: blocked until all are known.


def test_trap_7_thirty_days_after_the_later_of_two_events_waits_for_both() -> None:
    assert blocked(resolve(LATER_OF_BOTH, {})).on == ("delivery", "acceptance")
    assert blocked(resolve(LATER_OF_BOTH, known(delivery="2025-05-03"))).on == ("acceptance",)
    assert date_of(LATER_OF_BOTH, known(delivery="2025-05-03", acceptance="2025-05-20")) == day("2025-06-19")


def test_trap_7_the_earlier_of_two_events_waits_for_both_as_well() -> None:
    first = EarliestOf(of=(DELIVERY, ACCEPTANCE))
    assert blocked(resolve(first, known(delivery="2025-05-03"))).phrase == "acceptance"
    assert date_of(first, known(delivery="2025-05-03", acceptance="2025-05-20")) == day("2025-05-03")


# 8. Year boundaries, leap days, deadlines already past.


@pytest.mark.parametrize(
    ("expr", "date"),
    [
        (before(fixed("2025-01-15"), "30 days"), "2024-12-16"),
        (after(fixed("2025-12-15"), "1 month"), "2026-01-15"),
        (after(fixed("2024-02-29"), "1 year"), "2025-02-28"),
        (after(fixed("2024-02-29"), "4 years"), "2028-02-29"),
        (before(fixed("2025-02-28"), "1 year"), "2024-02-28"),
        (after(fixed("2023-02-28"), "1 day"), "2023-03-01"),
        (after(fixed("2024-02-28"), "1 day"), "2024-02-29"),
        (after(fixed("2025-12-31"), "1 business day"), "2026-01-01"),
        (end_of(after(fixed("2025-12-20"), "2 weeks"), "month"), "2026-01-31"),
    ],
)
def test_trap_8_year_boundaries_and_leap_days(expr: DateExpr, date: str) -> None:
    assert date_of(expr) == day(date)


def test_trap_8_a_deadline_long_past_resolves_like_any_other() -> None:
    assert date_of(before(fixed("1987-03-31"), "1 month")) == day("1987-02-28")


@given(days, st.integers(0, 40))
def test_trap_8_a_term_from_a_leap_day_ends_on_it_again_whenever_there_is_one(start: dt.date, years: int) -> None:
    leap_day = dt.date(start.year // 4 * 4, 2, 29)
    ends = date_of(after(fixed(str(leap_day)), f"{years} years"))
    assert ends
    assert (ends.year, ends.month) == (leap_day.year + years, 2)
    assert (ends + dt.timedelta(1)).month == 3


def test_trap_8_a_date_beyond_the_calendar_is_blocked_and_not_a_crash() -> None:
    assert "outside the years 1 to 9999" in blocked(resolve(after(fixed("2025-01-01"), "99999 years"), {})).phrase
    assert "outside the years 1 to 9999" in blocked(resolve(before(fixed("0001-01-01"), "1 business day"), {})).phrase


# 9. Recurring "last day of each month" is a rule.


def due_dates(expr: DateExpr, low: str, high: str) -> list[str]:
    found = expand(expr, {}, day(low), day(high))
    assert not isinstance(found, Blocked)
    return [str(one.due) for one in found]


def test_trap_9_the_last_day_of_each_month_is_a_rule_and_not_the_30th() -> None:
    last_days = Recurring(rrule="FREQ=MONTHLY;BYMONTHDAY=-1", start=fixed("2025-01-30"))
    assert due_dates(last_days, "2025-01-01", "2025-05-31") == [
        "2025-01-31",
        "2025-02-28",
        "2025-03-31",
        "2025-04-30",
        "2025-05-31",
    ]


def test_trap_9_monthly_from_the_31st_leaves_no_month_out_and_does_not_drift() -> None:
    monthly = Recurring(rrule="FREQ=MONTHLY", start=fixed("2025-01-31"))
    assert due_dates(monthly, "2025-01-01", "2025-05-31") == [
        "2025-01-31",
        "2025-02-28",
        "2025-03-31",
        "2025-04-30",
        "2025-05-31",
    ]


def test_trap_9_quarterly_within_45_days_after_quarter_end_has_two_parts() -> None:
    quarter_ends = "FREQ=YEARLY;BYMONTH=3,6,9,12;BYMONTHDAY=-1"
    reports = Recurring(rrule=quarter_ends, start=fixed("2025-01-10"), due=period("45 days"))
    assert due_dates(reports, "2025-01-01", "2026-03-31") == ["2025-05-15", "2025-08-14", "2025-11-14", "2026-02-14"]
    assert derivation(resolved(resolve(reports, {}))) == (
        "10 Jan 2025; 4 times a year, first = 31 Mar 2025; + 45 days = 15 May 2025"
    )


# 10. A word and its figure that disagree.


def test_trap_10_sixty_90_days_before_is_the_safe_reading_and_shows_both() -> None:
    readings = (before(TERM_END, "60 days"), before(TERM_END, "90 days"))
    outcome = resolved(resolve(Ambiguous(readings=readings, why="sixty (90) days"), known(term_end="2025-12-31")))
    assert derivation(outcome) == (
        "Term end 31 Dec 2025 - 90 days = 2 Oct 2025"
        " [ambiguous (sixty (90) days): 1 Nov 2025 or 2 Oct 2025; the earlier is taken]"
    )


def test_trap_10_sixty_90_days_after_is_the_safe_reading_too() -> None:
    readings = (after(DELIVERY, "60 days"), after(DELIVERY, "90 days"))
    conflict = Ambiguous(readings=readings, why="sixty (90) days")
    assert date_of(conflict, known(delivery="2025-01-01")) == day("2025-03-02")


def test_trap_10_a_window_whose_length_is_unclear_closes_by_the_safe_reading() -> None:
    readings = (within(DELIVERY, "6 months"), within(DELIVERY, "4 months"))
    outcome = resolved(resolve(Ambiguous(readings=readings, why="six [4] months"), known(delivery="2025-01-01")))
    assert (outcome.earliest, outcome.latest) == (day("2025-01-01"), day("2025-05-01"))
    backwards = (within(DELIVERY, "6 months", BEFORE), within(DELIVERY, "4 months", BEFORE))
    outcome = resolved(resolve(Ambiguous(readings=backwards, why="six [4] months"), known(delivery="2025-07-01")))
    assert (outcome.earliest, outcome.latest) == (day("2025-01-01"), day("2025-07-01"))
    assert outcome.notes[-1].endswith("the earlier is taken; before 1 Mar 2025 it may be too soon")
