"""The weekly list of each owner: one for each week and channel, and none for those with nothing open."""

import datetime as dt
from zoneinfo import ZoneInfo

from sqlmodel import Session

from models.tracked import Purpose
from rules.tracking_policies import Weekday
from store.identity import derive
from store.tracking_occurrences import owners_with_open
from store.tracking_owners import Directory
from store.tracking_reminders import NewReminder, add_reminders
from tracking.context import Context

_MISSED_AFTER = dt.timedelta(days=2)
"""A list that could not be sent for so long is left out: the next one says the same."""


def plan_digests(session: Session, people: Directory, context: Context, *, now: dt.datetime) -> None:
    """Plan this week's list of every owner who has something open."""
    policy = context.policies.reminders.digest
    if policy.weekday is Weekday.NONE:
        return
    number = [*Weekday].index(policy.weekday) + 1
    until = now.date() + dt.timedelta(days=policy.days)
    rows = []
    for owner_id in owners_with_open(session, until):
        owner = people[owner_id]
        week = now.astimezone(ZoneInfo(owner.time_zone)).isocalendar()
        day = dt.date.fromisocalendar(week.year, week.week, number)
        fire_at = context.times.moment(day, owner.time_zone)
        if not now - _MISSED_AFTER <= fire_at <= now + dt.timedelta(days=1):
            continue
        rows += [
            NewReminder(
                id=derive("digest", owner_id, f"{week.year}-{week.week}", channel),
                purpose=Purpose.DIGEST,
                due=day,
                fire_at=fire_at,
                recipient_id=owner_id,
                channel=channel,
                created_at=now,
            )
            for channel in owner.channels
        ]
    add_reminders(session, rows)
