"""What every step of tracking is told besides its subject: policies, calendars and conventions."""

import datetime as dt
from dataclasses import dataclass, field

from models.business import SATURDAY_AND_SUNDAY, WEEKENDS_ONLY, BusinessCalendar
from models.resolution import Conventions
from rules.tracking_policies import Policies
from tracking.ladders import Times
from tracking.links import LinkKey


@dataclass(frozen=True, slots=True)
class Context:
    """How an installation tracks. ``base_url`` is where people reach the web application; messages link to it."""

    policies: Policies
    calendar: BusinessCalendar = WEEKENDS_ONLY
    conventions: Conventions = field(default_factory=Conventions)
    base_url: str | None = None
    links: LinkKey | None = None
    """Signs the links by which people act from a message; without it messages hold none."""
    expected_every: dt.timedelta = dt.timedelta(hours=1)
    """How often the reminders are run; twice as long without a run is late."""

    @property
    def times(self) -> Times:
        """When messages go out."""
        return Times(self.policies.reminders.at, _quiet(self.policies.reminders.quiet, self.calendar))


def _quiet(named: tuple[str, ...], calendar: BusinessCalendar) -> BusinessCalendar | None:
    """The calendar whose days off are quiet."""
    if "holidays" in named and calendar.knows_holidays:
        # A jurisdiction's calendar knows its own weekend; one may want the holidays alone all the same.
        return calendar
    if "weekend" in named:
        return BusinessCalendar(name="quiet days", weekend=calendar.weekend or SATURDAY_AND_SUNDAY)
    return None
