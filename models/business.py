"""Business days: which days count, counting them, and rolling a date to one.

Where nobody knows the holidays, weekends alone are taken out (``WEEKENDS_ONLY``) and every result says so,
because the error has a direction. Counting forward, an unknown holiday can only make the true date later: the
date given is safe. Counting backward, or rolling to the preceding day, it makes the true date earlier: the date
given may be too late by as many business days as there are holidays on the way, and a person must look.
"""

import datetime as dt
import warnings
from dataclasses import dataclass
from functools import lru_cache

from models.arithmetic import add_days
from models.dateexpr import RollRule

SATURDAY_AND_SUNDAY = frozenset({5, 6})


class UnknownJurisdictionError(ValueError):
    """No holidays are known for a code."""


@dataclass(frozen=True, slots=True)
class BusinessCalendar:
    """The days on which business is done.

    ``weekend`` holds weekdays (0 is Monday) and ``holidays`` further days off. ``jurisdiction`` adds the public
    holidays of a country or a part of it, and then its own weekend and its special working days decide.
    """

    name: str = "weekends only"
    weekend: frozenset[int] = SATURDAY_AND_SUNDAY
    holidays: frozenset[dt.date] = frozenset()
    jurisdiction: str | None = None

    def __post_init__(self) -> None:
        if not self.weekend <= set(range(7)) or len(self.weekend) == 7:
            raise ValueError("a weekend is some of the weekdays 0 to 6, not all")

    @property
    def knows_holidays(self) -> bool:
        """Whether more than the weekend is taken out."""
        return self.jurisdiction is not None or bool(self.holidays)

    def is_business_day(self, day: dt.date) -> bool:
        """Whether business is done on ``day``."""
        if day in self.holidays:
            return False
        if self.jurisdiction is not None:
            return day not in _days_off(self.jurisdiction, day.year)
        return day.weekday() not in self.weekend

    def add(self, day: dt.date, count: int) -> dt.date:
        """The ``count``-th business day after ``day``, before it where negative; ``day`` itself is never counted.

        Zero gives ``day`` back, business day or not. Raises ``OutOfRangeError``.
        """
        step = 1 if count > 0 else -1
        for _ in range(abs(count)):
            day = self._nearest(add_days(day, step), step)
        return day

    def roll(self, day: dt.date, rule: RollRule) -> dt.date:
        """``day`` if it is a business day, else the one the rule names. Raises ``OutOfRangeError``.

        Modified following goes forward unless that leaves the month, then back.
        """
        if rule is RollRule.PRECEDING:
            return self._nearest(day, -1)
        following = self._nearest(day, 1)
        if rule is RollRule.MODIFIED_FOLLOWING and following.month != day.month:
            return self._nearest(day, -1)
        return following

    def _nearest(self, day: dt.date, step: int) -> dt.date:
        while not self.is_business_day(day):
            day = add_days(day, step)
        return day


WEEKENDS_ONLY = BusinessCalendar()


def calendar_for(jurisdiction: str) -> BusinessCalendar:
    """The calendar of a country or a part of it, by ISO 3166 code: ``US``, ``US-NY``, ``GB``, ``GB-SCT``.

    Raises ``UnknownJurisdictionError``.
    """
    code = jurisdiction.strip().upper()
    if not code:
        raise UnknownJurisdictionError("no holidays are known for an empty code")
    _days_off(code, 2000)  # unknown codes are found out here, not in the middle of a contract
    return BusinessCalendar(name=f"business days of {code}", jurisdiction=code)


@lru_cache(maxsize=4096)
def _days_off(jurisdiction: str, year: int) -> frozenset[dt.date]:
    """Weekends and public holidays of a year, less the weekend days declared working days."""
    import holidays  # takes a tenth of a second, and most contracts never ask

    country, _, part = jurisdiction.partition("-")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some calendars warn of years whose movable holidays they cannot know
        try:
            known = holidays.country_holidays(country, subdiv=part or None, years=year, expand=False)
        except NotImplementedError as error:
            raise UnknownJurisdictionError(f"no holidays are known for {jurisdiction}") from error
        first = dt.date(year, 1, 1).toordinal()
        days = (dt.date.fromordinal(first + n) for n in range((dt.date(year, 12, 31).toordinal() - first) + 1))
        return frozenset(day for day in days if not known.is_working_day(day))
