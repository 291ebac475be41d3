"""Recurrence rules: the dates an RFC 5545 RRULE names, read the way contracts mean them.

Two readings differ from the RFC, and both on purpose. The RFC leaves out a month that is too short for its day;
a payment due on the 31st of each month is due on the last day of April, so here the day is clamped, from the rule
each time, and never drifts. The RFC counts an interval from the start's own week, month or year; here it is
counted from the first date that fits ("every three months on the 10th", from 15 January: 10 February), the
earlier and so the safe reading, and the one under which a later start never gives an earlier first date.
"""

import datetime as dt
import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from dateutil.rrule import rrule, rrulestr

from models.arithmetic import OutOfRangeError, add_days, add_months

FIRST_WITHIN_YEARS = 50
"""A rule without a date in so many years names none that anybody waits for (30 February)."""

HORIZON_YEARS = 200
"""Occurrences are looked for over so many years at most, so that a rule without any ends."""

_LIMITS = {"BYMONTH": 12, "BYMONTHDAY": 31, "BYSETPOS": 366}
_MONTHS_ONLY = {"BYMONTHDAY", "BYSETPOS"}
_WEEKDAYS = re.compile(r"[+-]?[1-5]?(MO|TU|WE|TH|FR|SA|SU)(,[+-]?[1-5]?(MO|TU|WE|TH|FR|SA|SU))*")
_WORDS = {"DAILY": ("daily", "days"), "WEEKLY": ("weekly", "weeks"), "MONTHLY": ("monthly", "months")}


class BadRuleError(ValueError):
    """A recurrence rule that is not understood."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A parsed RRULE, in words ("every 3 months") as a string. ``by`` holds its BY... parts and WKST as written."""

    frequency: str
    interval: int = 1
    count: int | None = None
    until: dt.date | None = None
    by: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        months = dict(self.by).get("BYMONTH", "").count(",") + 1
        if months > 1 and self.interval == 1 and self.frequency in {"MONTHLY", "YEARLY"}:
            return f"{months} times a year"
        adverb, plural = _WORDS.get(self.frequency, ("yearly", "years"))
        return adverb if self.interval == 1 else f"every {self.interval} {plural}"


@lru_cache(maxsize=256)
def parse_rule(text: str) -> Rule:
    """Read an RRULE value. Raises ``BadRuleError``.

    Taken are daily to yearly rules with BYMONTH and BYDAY, and BYMONTHDAY and BYSETPOS in monthly and yearly ones;
    no times of day, and no days or weeks of the year, which no contract counts in. A monthly or yearly rule that says
    in which months must say on which day too: the day of its start would make a later start give an earlier date.
    """
    parts: dict[str, str] = {}
    for part in text.upper().removeprefix("RRULE:").strip(" ;").split(";"):
        name, _, value = part.partition("=")
        if name in parts:
            raise BadRuleError(f"{name} stands twice in the recurrence {text!r}")
        parts[name] = value
    frequency = parts.pop("FREQ", "")
    if frequency not in {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}:
        raise BadRuleError(f"the recurrence {text!r} is not daily, weekly, monthly or yearly")
    interval = _number(parts.pop("INTERVAL", "1"), 1_000, text)
    count = _number(value, 100_000, text) if (value := parts.pop("COUNT", "")) else None
    until = _date(value, text) if (value := parts.pop("UNTIL", "")) else None
    for name, value in parts.items():
        if name in _MONTHS_ONLY and frequency in {"DAILY", "WEEKLY"}:
            raise BadRuleError(f"{name} stands in the {frequency.lower()} recurrence {text!r}")
        if name in _LIMITS:
            for number in value.split(","):
                _number(number.removeprefix("-") if name != "BYMONTH" else number, _LIMITS[name], text)
        elif not (name in {"BYDAY", "WKST"} and _WEEKDAYS.fullmatch(value)):
            raise BadRuleError(f"{name or 'an empty part'} is not understood in the recurrence {text!r}")
    if frequency in {"MONTHLY", "YEARLY"} and parts and not parts.keys() & {"BYDAY", "BYMONTHDAY"}:
        raise BadRuleError(f"the recurrence {text!r} does not say on which day")
    return Rule(frequency, interval, count, until, tuple(parts.items()))


def first_date(rule: Rule, start: dt.date) -> dt.date | None:
    """The first date of the rule on or after ``start``; None where there is none. Monotone in ``start``."""
    until = _years_after(start, FIRST_WITHIN_YEARS)
    found = next(_raw_dates(replace(rule, interval=1), start, start, start, until), None)
    return None if found and rule.until and found > rule.until else found


def dates_between(rule: Rule, start: dt.date, low: dt.date, high: dt.date) -> Iterator[dt.date]:
    """The dates of the rule from ``start`` on that lie between ``low`` and ``high``, both included, in order.

    Lazy, and quick however long ago the recurrence began, unless it has a COUNT and must be counted.
    """
    first = first_date(rule, start)
    if first is None:
        return
    high = min(high, rule.until or dt.date.max, _years_after(max(first, low), HORIZON_YEARS))
    begin = first if rule.count else _fast_forward(rule, first, low)
    for index, day in enumerate(_raw_dates(rule, first, begin, max(first, begin), high)):
        if rule.count is not None and index >= rule.count:
            return
        if day >= low:
            yield day


def _raw_dates(rule: Rule, first: dt.date, begin: dt.date, low: dt.date, high: dt.date) -> Iterator[dt.date]:
    """Dates from ``begin`` (where intervals are counted from) within ``low`` and ``high``; ``first`` gives the day."""
    by = dict(rule.by)
    if rule.frequency in {"MONTHLY", "YEARLY"} and not by:
        by["BYMONTHDAY"] = str(first.day)
        if rule.frequency == "YEARLY":
            by["BYMONTH"] = str(first.month)
    days: frozenset[int] = frozenset()
    if "BYMONTHDAY" in by and not by.keys() & {"BYDAY", "BYSETPOS"}:
        days = frozenset(map(int, by["BYMONTHDAY"].split(",")))
        by["BYMONTHDAY"] = ",".join(map(str, sorted(days | set(range(28, max(days) + 1)))))
    text = ";".join([f"FREQ={rule.frequency};INTERVAL={rule.interval}", *(f"{k}={v}" for k, v in by.items())])
    midnight = dt.time()
    dates = rrulestr(text, dtstart=dt.datetime.combine(begin, midnight))
    assert isinstance(dates, rrule)  # one rule makes no set
    try:
        for moment in dates.replace(until=dt.datetime.combine(high, midnight)):
            day = moment.date()
            if day >= low and (not days or _is_one_of(day, days)):
                yield day
    except ValueError:  # the library looks for the rest of the calendar's last week in the year 10000
        return


def _is_one_of(day: dt.date, days: frozenset[int]) -> bool:
    """Whether a date is one of those days of its month, clamped to the month's end; -1 is the last."""
    length = monthrange(day.year, day.month)[1]
    return any(day.day == (min(wanted, length) if wanted > 0 else length + 1 + wanted) for wanted in days)


def _fast_forward(rule: Rule, first: dt.date, low: dt.date) -> dt.date:
    """The last day not after ``low`` from which the rule's intervals may be counted just as from ``first``."""
    if low <= first:
        return first
    if rule.frequency in {"DAILY", "WEEKLY"}:
        stride = rule.interval * (7 if rule.frequency == "WEEKLY" else 1)
        return add_days(first, (low - first).days // stride * stride)
    stride = rule.interval * (12 if rule.frequency == "YEARLY" else 1)
    months = (low.year - first.year) * 12 + low.month - first.month
    if not (strides := months // stride):
        return first
    month = add_months(first.replace(day=1), strides * stride)
    return month if rule.frequency == "MONTHLY" else month.replace(month=1)


def _years_after(day: dt.date, years: int) -> dt.date:
    try:
        return add_months(day, 12 * years)
    except OutOfRangeError:
        return dt.date.max


def _number(text: str, limit: int, rule: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= limit):
        raise BadRuleError(f"{text!r} is out of place in the recurrence {rule!r}")
    return int(text)


def _date(text: str, rule: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text[:8])
    except ValueError:
        raise BadRuleError(f"{text!r} is no date in the recurrence {rule!r}") from None
