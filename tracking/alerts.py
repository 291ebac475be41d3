"""Messages about the reminders themselves: one that may not have arrived, one that failed, a run that came late."""

import datetime as dt

from sqlmodel import Session

from models.derivation import date_words
from models.tracked import Purpose, ReminderState
from store.identity import derive
from store.tracking_owners import Directory
from store.tracking_reminders import NewReminder, add_reminders
from store.tracking_tables import Heartbeat, OccurrenceRow, ReminderRow
from tracking.context import Context


def alert_about(session: Session, reminder_id: str, people: Directory, context: Context, *, now: dt.datetime) -> None:
    """Tell the deputy and the group that a reminder failed, or may not have arrived.

    Not about digests, which come again, nor about alerts, for that could go on for ever: those are in the report.
    """
    row = session.get(ReminderRow, reminder_id)
    if row is None or row.purpose in (Purpose.DIGEST, Purpose.ALERT) or row.occurrence_id is None:
        return
    occurrence = session.get(OccurrenceRow, row.occurrence_id)
    if occurrence is None:
        return
    fallback = context.policies.owners.fallback
    others = (people.deputy(occurrence.owner_id), people.group(occurrence.owner_id, fallback))
    told = [one for one in dict.fromkeys(others) if one is not None and one != row.recipient_id]
    what = "could not be sent" if row.state is ReminderState.FAILED else "may not have arrived"
    when = date_words(row.fire_at.date())
    note = f"the reminder of {when} to {people[row.recipient_id].name} {what}: please make sure that they know"
    _add(session, row, told or [row.recipient_id], note, people, now)


def alert_late_run(
    session: Session, people: Directory, context: Context, before: Heartbeat, *, now: dt.datetime
) -> None:
    """Tell the fallback team that no reminders were sent for too long."""
    team = people.standing_in(people.id_of(context.policies.owners.fallback))
    if team is None:
        return
    last = before.started_at
    note = (
        f"Reminders were last sent on {date_words(last.date())} at {last:%H:%M} UTC, and then not before "
        f"{date_words(now.date())} at {now:%H:%M} UTC. Please see to it that milepost remind is run on time."
    )
    rows = [
        NewReminder(
            id=derive("late run", last.isoformat(), team, channel),
            purpose=Purpose.ALERT,
            fire_at=now,
            recipient_id=team,
            channel=channel,
            note=note,
            created_at=now,
        )
        for channel in people[team].channels
    ]
    add_reminders(session, rows)


def _add(session: Session, about: ReminderRow, told: list[str], note: str, people: Directory, now: dt.datetime) -> None:
    rows = [
        NewReminder(
            # One for each attempt: sent again and uncertain again is a new thing to know.
            id=derive("alert", about.id, str(about.attempts), owner, channel),
            occurrence_id=about.occurrence_id,
            purpose=Purpose.ALERT,
            rung=about.rung,
            due=about.due,
            fire_at=now,
            recipient_id=owner,
            channel=channel,
            note=note,
            created_at=now,
        )
        for owner in told
        for channel in people[owner].channels
    ]
    add_reminders(session, rows)
