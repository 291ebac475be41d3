"""When which reminder of an occurrence goes to whom: values in, values out, and the moment is a parameter."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from zoneinfo import ZoneInfo

from models.business import BusinessCalendar
from models.dateexpr import RollRule
from models.tracked import Purpose


class Recipient(NamedTuple):
    """Where reminders go: an owner's id, time zone and channels."""

    id: str
    time_zone: str
    channels: tuple[str, ...]


class Step(NamedTuple):
    """A reminder as it should be. ``(purpose, rung, due, recipient, channel)`` is what it is known by."""

    purpose: Purpose
    rung: int
    due: dt.date
    fire_at: dt.datetime
    recipient: str
    channel: str
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Times:
    """At which time of the recipient's day messages go out, and which days are quiet (None: no day is)."""

    at: dt.time
    quiet: BusinessCalendar | None

    def moment(self, day: dt.date, zone: str) -> dt.datetime:
        """That day's time in UTC. A time that the change to summer time skips is taken as before the change."""
        return dt.datetime.combine(day, self.at, ZoneInfo(zone)).astimezone(dt.UTC)

    def before(self, day: dt.date) -> dt.date:
        """The day itself, or the business day before it: a lead time never gets shorter."""
        return self.quiet.roll(day, RollRule.PRECEDING) if self.quiet else day

    def after(self, day: dt.date) -> dt.date:
        """The day itself, or the business day after it."""
        return self.quiet.roll(day, RollRule.FOLLOWING) if self.quiet else day

    def business_days_after(self, day: dt.date, count: int) -> dt.date:
        """The ``count``-th day after ``day`` that is not quiet."""
        return self.quiet.add(day, count) if self.quiet else day + dt.timedelta(days=count)

    def day_of(self, moment: dt.datetime, zone: str) -> dt.date:
        """The recipient's day at a moment."""
        return moment.astimezone(ZoneInfo(zone)).date()


def steps(
    act_by: dt.date,
    rungs: Sequence[int],
    overdue: Sequence[int],
    owner: Recipient,
    others: Sequence[Recipient],
    now: dt.datetime,
    times: Times,
    snoozed_until: dt.date | None = None,
) -> list[Step]:
    """Every reminder of an occurrence that nobody has done, in order.

    ``rungs`` go to the owner, notices that it is overdue (so many days after) to ``others`` as well. Of the rungs that
    are past already only the last is given, to be sent now: whoever gets something late is told once, not six times.
    Rungs that quiet days put on one day are one, the nearest. A snooze leaves out what lies before its end, and gives
    a reminder on that day.
    """
    found = [
        *_rungs(act_by, rungs, owner, now, times, snoozed_until),
        *(step for one in (owner, *others) for step in _notices(act_by, overdue, one, now, times, snoozed_until)),
    ]
    by_channel = [
        step._replace(channel=channel)
        for recipient in (owner, *others)
        for step in found
        if step.recipient == recipient.id
        for channel in recipient.channels
    ]
    return sorted(by_channel, key=lambda step: (step.fire_at, step.recipient, step.channel))


def _rungs(
    act_by: dt.date,
    rungs: Sequence[int],
    owner: Recipient,
    now: dt.datetime,
    times: Times,
    snoozed_until: dt.date | None,
) -> list[Step]:
    today = times.day_of(now, owner.time_zone)
    by_day: dict[dt.date, int] = {}
    for rung in sorted(rungs, reverse=True):
        by_day[times.before(act_by - dt.timedelta(days=rung))] = rung  # the nearest stands
    purposes = dict.fromkeys(by_day, Purpose.RUNG)
    if snoozed_until is not None:
        by_day = {day: rung for day, rung in by_day.items() if day >= snoozed_until}
        if snoozed_until not in by_day and snoozed_until <= act_by:
            by_day[snoozed_until] = (act_by - snoozed_until).days
            purposes[snoozed_until] = Purpose.SNOOZED
    made = [
        Step(purposes[day], rung, act_by, times.moment(day, owner.time_zone), owner.id, "")
        for day, rung in sorted(by_day.items())
    ]
    ahead = [step for step in made if step.fire_at > now]
    past = [step for step in made if step.fire_at <= now]
    if past and act_by >= today:
        ahead.insert(0, past[-1]._replace(fire_at=now))
    return ahead


def _notices(
    act_by: dt.date,
    overdue: Sequence[int],
    recipient: Recipient,
    now: dt.datetime,
    times: Times,
    snoozed_until: dt.date | None,
) -> list[Step]:
    days: dict[dt.date, int] = {}
    for late in sorted(overdue, reverse=True):
        days[times.after(act_by + dt.timedelta(days=late))] = late  # the first one of a day stands
    made = [
        Step(Purpose.OVERDUE, -late, act_by, times.moment(day, recipient.time_zone), recipient.id, "")
        for day, late in sorted(days.items())
        if snoozed_until is None or day >= snoozed_until
    ]
    ahead = [step for step in made if step.fire_at > now]
    past = [step for step in made if step.fire_at <= now]
    return [past[-1]._replace(fire_at=now), *ahead] if past else ahead


def escalation_at(
    sent_at: dt.datetime, act_by: dt.date, after: int, recipient: Recipient, times: Times
) -> dt.datetime | None:
    """When a reminder that nobody acknowledged goes on to ``recipient``.

    So many business days after it was sent, but no later than the day to act by; None where it was sent on that day or
    after it: then the notice that it is overdue reaches everybody.
    """
    sent_on = times.day_of(sent_at, recipient.time_zone)
    last = times.before(act_by)
    if last <= sent_on:
        return None
    return times.moment(min(times.business_days_after(sent_on, after), last), recipient.time_zone)
