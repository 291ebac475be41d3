"""Dates that the calendar itself gives: ends of months and fiscal quarters, nth weekdays, the next 31 December.

Every function is monotone: a later day never gives an earlier result.
"""

import datetime as dt
from calendar import monthrange

from models.arithmetic import add_days, add_months, clamped
from models.dateexpr import CalendarUnit

_MONTHS_OF = {CalendarUnit.MONTH: 1, CalendarUnit.QUARTER: 3, CalendarUnit.HALF_YEAR: 6, CalendarUnit.YEAR: 12}


class NoSuchDayError(ValueError):
    """A month that lacks the weekday asked for, such as a fifth Friday."""


def period_start(day: dt.date, unit: CalendarUnit, year_end_month: int = 12) -> dt.date:
    """First day of the week (Monday), month, quarter, half year or year that ``day`` falls in.

    ``year_end_month`` is the last month of a fiscal year. Raises ``OutOfRangeError``.
    """
    if unit is CalendarUnit.WEEK:
        return add_days(day, -day.weekday())
    return add_months(day.replace(day=1), -((day.month - 1 - year_end_month) % _MONTHS_OF[unit]))


def period_end(day: dt.date, unit: CalendarUnit, year_end_month: int = 12) -> dt.date:
    """Last day of the week (Sunday), month, ...; see ``period_start``."""
    start = period_start(day, unit, year_end_month)
    if unit is CalendarUnit.WEEK:
        return add_days(start, 6)
    last_month = add_months(start, _MONTHS_OF[unit] - 1)
    return clamped(last_month.year, last_month.month, 31)


def next_date(after: dt.date, month: int, day: int, nth: int = 1, inclusive: bool = True) -> dt.date:
    """The ``nth`` coming of a day of the year: from ``after`` on, or strictly after it.

    29 February is 28 February in common years. Raises ``OutOfRangeError``.
    """
    coming = clamped(after.year, month, day)
    passed = coming < after or (coming == after and not inclusive)
    return clamped(after.year + passed + nth - 1, month, day)


def nth_weekday(month_of: dt.date, n: int, weekday: int) -> dt.date:
    """The ``n``-th weekday (0 is Monday) of the month ``month_of`` falls in, -1 the last. Raises ``NoSuchDayError``."""
    length = monthrange(month_of.year, month_of.month)[1]
    if n < 0:
        last = month_of.replace(day=length)
        return last.replace(day=length - (last.weekday() - weekday) % 7)
    number = 1 + (weekday - month_of.replace(day=1).weekday()) % 7 + 7 * (n - 1)
    if number > length:
        raise NoSuchDayError(f"{month_of.month}/{month_of.year} has no fifth weekday of that name")
    return month_of.replace(day=number)
