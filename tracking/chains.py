"""The chain of reminders of one occurrence: planned from its day, its owner and the policy, mended when they move."""

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence

from sqlmodel import Session

from models.derivation import date_words
from models.tracked import OccurrenceState, Purpose, ReminderState
from rules.tracking_policies import Case
from store.tracking_owners import Directory
from store.tracking_reminders import NewReminder, add_reminders, reminder_id, reminders_of_all
from store.tracking_tables import OccurrenceRow, ReminderRow
from tracking.context import Context
from tracking.ladders import Recipient, Step, escalation_at, steps

CHAIN = (Purpose.RUNG, Purpose.SNOOZED, Purpose.OVERDUE)
"""What is planned ahead; escalations follow from what was sent."""

ESCALATIONS = (Purpose.DEPUTY, Purpose.GROUP)

_ESCALATE = (Purpose.RUNG, Purpose.SNOOZED, Purpose.DEPUTY)
"""What goes on to others when nobody acknowledges it."""

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


def plan_chains(
    session: Session,
    rows: Sequence[OccurrenceRow],
    cases: Callable[[str], Case],
    ladders: Mapping[str, tuple[int, ...]],
    context: Context,
    directory: Directory,
    *,
    now: dt.datetime,
) -> None:
    """Plan the reminders of open occurrences, and cancel those that are planned and no longer hold.

    Nothing is done while what they hang on stays the same. What was sent is never sent again: a step is known by its
    purpose, its rung, the day it counts back from, its recipient and its channel.
    """
    wanted: list[tuple[OccurrenceRow, list[Step]]] = []
    for row in rows:
        basis, found = _wanted(row, cases, ladders, context, directory, now)
        if basis == row.planned_as:
            continue
        wanted.append((row, found()))
        row.planned_as = basis
        session.add(row)
    if not wanted:
        return
    session.flush()
    there = reminders_of_all(session, [row.id for row, _ in wanted])
    missing = [one for row, found in wanted for one in _mended(row, found, there.get(row.id, []), now)]
    session.flush()
    add_reminders(session, missing)


def _wanted(
    row: OccurrenceRow,
    cases: Callable[[str], Case],
    ladders: Mapping[str, tuple[int, ...]],
    context: Context,
    directory: Directory,
    now: dt.datetime,
) -> tuple[str, Callable[[], list[Step]]]:
    """What an occurrence's reminders hang on, in short, and a way to get them."""
    if row.state is not OccurrenceState.PLANNED or row.act_by is None:
        return "", list
    policy, times, act_by = context.policies.reminders, context.times, row.act_by
    rungs = rungs_of(row, cases(row.kind), ladders, context)
    overdue = () if row.kind in policy.happenings else policy.overdue
    owner, others = recipient(directory, row.owner_id), _others(directory, row.owner_id, context)
    basis = _digest(act_by, rungs, overdue, owner, others, row.snoozed_until, times.at, str(times.quiet))
    return basis, lambda: steps(act_by, rungs, overdue, owner, others, now, times, row.snoozed_until)


def _mended(row: OccurrenceRow, wanted: list[Step], there: list[ReminderRow], now: dt.datetime) -> list[NewReminder]:
    """Put right what is there, and give what is missing."""
    existing = {_known(one): one for one in there if one.purpose in CHAIN}
    moved_from = {one.due for one in existing.values() if one.due and one.due != row.act_by and one.sent_at}
    missing = []
    for step in wanted:
        key = (step.purpose, step.rung, step.due, step.recipient, step.channel)
        found = existing.pop(key, None)
        if found is None:
            missing.append(_planned(row.id, step, moved_from, now))
        elif found.state in (ReminderState.PLANNED, ReminderState.CANCELLED):
            found.state, found.fire_at, found.note = ReminderState.PLANNED, step.fire_at, None
    for one in existing.values():
        if one.state is ReminderState.PLANNED:
            one.state, one.note = ReminderState.CANCELLED, "planned anew"
    return missing


def _known(row: ReminderRow) -> tuple[Purpose, int | None, dt.date | None, str, str]:
    return row.purpose, row.rung, row.due, row.recipient_id, row.channel


def _planned(occurrence_id: str, step: Step, moved_from: set[dt.date], now: dt.datetime) -> NewReminder:
    note = step.note
    if moved_from and step.fire_at == now:
        note = f"moved: it was {date_words(max(moved_from))}"
    return NewReminder(
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
    row: OccurrenceRow,
    sent: ReminderRow,
    earlier: Sequence[ReminderRow],
    context: Context,
    directory: Directory,
    *,
    now: dt.datetime,
) -> list[NewReminder]:
    """Whom a reminder that was just sent goes on to, should nobody acknowledge it.

    From the owner to the deputy, from the deputy (or where there is none, from the owner) to the group; each once for
    as long as nobody acts. ``earlier`` are the occurrence's reminders.
    """
    policy = context.policies.reminders
    near = sent.rung is not None and 0 <= sent.rung <= policy.escalation.from_
    if row.state is not OccurrenceState.PLANNED or row.act_by is None or not near or sent.purpose not in _ESCALATE:
        return []
    fallback = context.policies.owners.fallback
    deputy, group = directory.deputy(row.owner_id), directory.group(row.owner_id, fallback)
    purpose, target, after = Purpose.DEPUTY, deputy, policy.escalation.deputy_after
    if sent.purpose is Purpose.DEPUTY or deputy is None:
        purpose, target, after = Purpose.GROUP, group, policy.escalation.group_after
    if target is None or target == sent.recipient_id or _escalated(row, purpose, earlier):
        return []
    to = recipient(directory, target)
    fire_at = escalation_at(now, row.act_by, after, to, context.times)
    if fire_at is None:
        return []
    return [
        _planned(row.id, Step(purpose, sent.rung or 0, row.act_by, fire_at, to.id, channel), set(), now)
        for channel in to.channels
    ]


def handover(row: OccurrenceRow, to: Recipient, now: dt.datetime) -> list[NewReminder]:
    """Tells a new owner what has become theirs, where no step of the ladder does so at once."""
    if row.act_by is None:
        return []
    left = max(0, (row.act_by - now.date()).days)
    return [
        _planned(row.id, Step(Purpose.HANDOVER, left, row.act_by, now, to.id, channel), set(), now)
        for channel in to.channels
    ]


def _escalated(row: OccurrenceRow, purpose: Purpose, earlier: Sequence[ReminderRow]) -> bool:
    """Whether it went to that level already, and nobody has acted since."""
    since = row.acknowledged_at or dt.datetime.min.replace(tzinfo=dt.UTC)
    return any(
        one.purpose is purpose and one.due == row.act_by and one.state in _STANDS and one.created_at >= since
        for one in earlier
    )


def _digest(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()[:16]
