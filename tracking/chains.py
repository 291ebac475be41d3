"""The chain of reminders of one occurrence: planned from its day, its owner and the policy, mended when they move."""

import datetime as dt
import hashlib
import json
from collections.abc import Mapping

from sqlmodel import Session

from models.derivation import date_words
from models.tracked import OccurrenceState, Purpose, ReminderState
from rules.tracking_policies import Case
from store.tracking_owners import Directory
from store.tracking_reminders import add_reminders, reminder_id, reminders_of
from store.tracking_tables import OccurrenceRow, ReminderRow
from tracking.context import Context
from tracking.ladders import Recipient, Step, escalation_at, steps

CHAIN = (Purpose.RUNG, Purpose.SNOOZED, Purpose.OVERDUE)
"""What is planned ahead; escalations follow from what was sent."""

ESCALATIONS = (Purpose.DEPUTY, Purpose.GROUP)

_STANDS = (ReminderState.PLANNED, ReminderState.CLAIMED, ReminderState.SENT, ReminderState.UNCERTAIN)


def recipient(directory: Directory, owner_id: str) -> Recipient:
    """Where reminders to an owner go."""
    owner = directory[owner_id]
    return Recipient(owner.id, owner.time_zone, tuple(owner.channels))


def rungs_of(
    row: OccurrenceRow, case: Case, ladders: Mapping[str, tuple[int, ...]], context: Context
) -> tuple[int, ...]:
    """The lead times of an occurrence."""
    own = tuple(row.ladder) if row.ladder is not None else None
    return context.policies.reminders.ladder(case, dict(ladders), own)


def plan_chain(
    session: Session,
    row: OccurrenceRow,
    case: Case,
    ladders: Mapping[str, tuple[int, ...]],
    context: Context,
    directory: Directory,
    *,
    now: dt.datetime,
) -> None:
    """Plan the reminders of an open occurrence, and cancel those that are planned and no longer hold.

    Nothing is done while what they hang on stays the same. What was sent is never sent again: a step is known by its
    purpose, its rung, the day it counts back from, its recipient and its channel.
    """
    wanted: list[Step] = []
    basis = ""
    if row.state is OccurrenceState.PLANNED and row.act_by is not None:
        policy = context.policies.reminders
        rungs = rungs_of(row, case, ladders, context)
        overdue = () if row.kind in policy.happenings else policy.overdue
        owner = recipient(directory, row.owner_id)
        others = _others(directory, row.owner_id, context)
        basis = _digest(row.act_by, rungs, overdue, owner, others, row.snoozed_until, context.times)
        if basis == row.planned_as:
            return
        wanted = steps(row.act_by, rungs, overdue, owner, others, now, context.times, row.snoozed_until)
    elif not row.planned_as:
        return
    _mend(session, row, wanted, now)
    row.planned_as = basis
    session.add(row)
    session.flush()


def _mend(session: Session, row: OccurrenceRow, wanted: list[Step], now: dt.datetime) -> None:
    existing = {_known(one): one for one in reminders_of(session, row.id) if one.purpose in CHAIN}
    moved_from = {one.due for one in existing.values() if one.due and one.due != row.act_by and one.sent_at}
    missing = []
    for step in wanted:
        key = (step.purpose, step.rung, step.due, step.recipient, step.channel)
        there = existing.pop(key, None)
        if there is None:
            missing.append(_planned(row.id, step, moved_from, now))
        elif there.state in (ReminderState.PLANNED, ReminderState.CANCELLED):
            there.state, there.fire_at, there.note = ReminderState.PLANNED, step.fire_at, None
            session.add(there)
    for one in existing.values():
        if one.state is ReminderState.PLANNED:
            one.state, one.note = ReminderState.CANCELLED, "planned anew"
            session.add(one)
    session.flush()
    add_reminders(session, missing)


def _known(row: ReminderRow) -> tuple[Purpose, int | None, dt.date | None, str, str]:
    return row.purpose, row.rung, row.due, row.recipient_id, row.channel


def _planned(occurrence_id: str, step: Step, moved_from: set[dt.date], now: dt.datetime) -> ReminderRow:
    note = step.note
    if moved_from and step.fire_at == now:
        note = f"moved: it was {date_words(max(moved_from))}"
    return ReminderRow(
        id=reminder_id(occurrence_id, step.purpose, step.rung, step.recipient, step.channel, step.due),
        occurrence_id=occurrence_id,
        purpose=step.purpose,
        rung=step.rung,
        due=step.due,
        fire_at=step.fire_at,
        recipient_id=step.recipient,
        channel=step.channel,
        note=note,
        created_at=now,
    )


def _others(directory: Directory, owner_id: str, context: Context) -> list[Recipient]:
    """Who is told besides the owner that something is overdue: their deputy and their group."""
    deputy, group = directory.deputy(owner_id), directory.group(owner_id, context.policies.owners.fallback)
    return [recipient(directory, one) for one in dict.fromkeys((deputy, group)) if one is not None]


def escalate(
    session: Session, row: OccurrenceRow, sent: ReminderRow, context: Context, directory: Directory, *, now: dt.datetime
) -> None:
    """Plan whom a reminder that was just sent goes on to, should nobody acknowledge it.

    From the owner to the deputy, from the deputy (or where there is none, from the owner) to the group; each once for
    as long as nobody acts.
    """
    policy = context.policies.reminders
    near = sent.rung is not None and 0 <= sent.rung <= policy.escalation.from_
    if (
        row.state is not OccurrenceState.PLANNED
        or row.act_by is None
        or not near
        or sent.purpose
        in (
            Purpose.GROUP,
            Purpose.OVERDUE,
            Purpose.ALERT,
        )
    ):
        return
    fallback = context.policies.owners.fallback
    deputy, group = directory.deputy(row.owner_id), directory.group(row.owner_id, fallback)
    purpose, target, after = Purpose.DEPUTY, deputy, policy.escalation.deputy_after
    if sent.purpose is Purpose.DEPUTY or deputy is None:
        purpose, target, after = Purpose.GROUP, group, policy.escalation.group_after
    if target is None or target == sent.recipient_id or _escalated(session, row, purpose):
        return
    to = recipient(directory, target)
    fire_at = escalation_at(now, row.act_by, after, to, context.times)
    if fire_at is None:
        return
    made = [
        _planned(row.id, Step(purpose, sent.rung or 0, row.act_by, fire_at, to.id, channel), set(), now)
        for channel in to.channels
    ]
    add_reminders(session, made)


def _escalated(session: Session, row: OccurrenceRow, purpose: Purpose) -> bool:
    """Whether it went to that level already, and nobody has acted since."""
    since = row.acknowledged_at or dt.datetime.min.replace(tzinfo=dt.UTC)
    return any(
        one.purpose is purpose and one.due == row.act_by and one.state in _STANDS and one.created_at >= since
        for one in reminders_of(session, row.id)
    )


def _digest(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()[:16]
