"""Adding a period to a date.

Months, quarters and years go by the calendar and clamp to the end of a shorter month: 31 January + 1 month is
28 or 29 February, 29 February + 1 year is 28 February. The day is clamped once, from the date the whole period
is added to, so 31 January + 2 months is 31 March. Days and weeks are counted. Business days need a calendar.

Every function here is monotone: a later date never gives an earlier result.
"""

import datetime as dt
from calendar import monthrange
from typing import Protocol

from models.period import Direction, Period, Unit

MONTHS_IN = {Unit.MONTH: 1, Unit.QUARTER: 3, Unit.YEAR: 12}
DAYS_IN = {Unit.DAY: 1, Unit.WEEK: 7}


class OutOfRangeError(ValueError):
    """A date outside the years 1 to 9999, which no calendar here can name."""

    def __init__(self) -> None:
        super().__init__("the date would lie outside the years 1 to 9999")


class BusinessDays(Protocol):
    """What counting business days needs; ``models.business.BusinessCalendar`` is one."""

    def add(self, day: dt.date, count: int) -> dt.date:
        """The ``count``-th business day after ``day``, before it where negative."""
        ...


def add_days(day: dt.date, count: int) -> dt.date:
    """``count`` calendar days after ``day``, before it where negative. Raises ``OutOfRangeError``."""
    try:
        return day + dt.timedelta(days=count)
    except OverflowError:
        raise OutOfRangeError from None


def add_months(day: dt.date, count: int) -> dt.date:
    """``count`` months after ``day``, before it where negative, clamped. Raises ``OutOfRangeError``."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    return clamped(year, month + 1, day.day)


def clamped(year: int, month: int, day: int) -> dt.date:
    """The date, or the last day of that month where the month is shorter. Raises ``OutOfRangeError``."""
    if not dt.MINYEAR <= year <= dt.MAXYEAR:
        raise OutOfRangeError
    return dt.date(year, month, day if day <= 28 else min(day, monthrange(year, month)[1]))


def shift(
    day: dt.date, period: Period, direction: Direction, business_days: BusinessDays | None = None, times: int = 1
) -> dt.date:
    """``period``, ``times`` over, before or after ``day``.

    The periods are added in one go, so that twelve times a month from the 31st is the 31st again.
    Raises ``OutOfRangeError``, and ``ValueError`` for business days without a calendar to count them by.
    """
    count = period.count * times * (1 if direction is Direction.AFTER else -1)
    if period.business:
        if business_days is None:
            raise ValueError("business days need a calendar")
        return business_days.add(day, count)
    if (months := MONTHS_IN.get(period.unit)) is not None:
        return add_months(day, count * months)
    return add_days(day, count * DAYS_IN[period.unit])


def add(day: dt.date, period: Period, business_days: BusinessDays | None = None) -> dt.date:
    """``period`` after ``day``; see ``shift``."""
    return shift(day, period, Direction.AFTER, business_days)


def subtract(day: dt.date, period: Period, business_days: BusinessDays | None = None) -> dt.date:
    """``period`` before ``day``; see ``shift``."""
    return shift(day, period, Direction.BEFORE, business_days)
