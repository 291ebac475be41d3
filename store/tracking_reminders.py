"""Reminders: planned, claimed, sent, recorded; and the ledger of every attempt.

A message goes out once in effect. A run claims what is due by a compare-and-set, writes to the ledger that it starts,
sends, and records the end. Whatever stops it leaves one of two traces: a claim without a start was never sent and is
planned again; a start without an end may have been sent, is called uncertain, and waits for a person.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, CursorResult, case, func, insert, or_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from models.tracked import LedgerEvent, OccurrenceState, Purpose, ReminderState
from store.errors import StoreError
from store.identity import derive
from store.tables import Row
from store.tracking_tables import DeliveryAttempt, OccurrenceRow, ReminderRow

_REMINDERS = Row.metadata.tables["reminder"]
_CHUNK = 500
"""Ids named in one statement."""


def _is(state: ReminderState) -> ColumnElement[bool]:
    """That a reminder is in a state, where its id or occurrence finds it.

    Written so that no index on the state is used: SQLite believes that few rows share a state, and would rather walk
    along a million planned ones than look up five hundred by their ids.
    """
    return func.lower(col(ReminderRow.state)) == state.value


def reminder_id(
    occurrence_id: str | None, purpose: Purpose, rung: int | None, recipient_id: str, channel: str, due: dt.date | None
) -> str:
    """The idempotency key: the same reminder planned twice is one."""
    return derive("reminder", occurrence_id or "", purpose, str(rung), recipient_id, channel, str(due))


class NewReminder(NamedTuple):
    """A reminder that is planned: the columns of ``ReminderRow`` that say what it is."""

    id: str
    purpose: Purpose
    fire_at: dt.datetime
    recipient_id: str
    channel: str
    created_at: dt.datetime
    occurrence_id: str | None = None
    rung: int | None = None
    due: dt.date | None = None
    note: str | None = None


def add_reminders(session: Session, reminders: Sequence[NewReminder]) -> None:
    """Plan reminders; one that is there already stays as it is, whatever its state."""
    if not reminders:
        return
    build = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    rows = [{**one._asdict(), "state": ReminderState.PLANNED, "attempts": 0} for one in reminders]
    session.connection().execute(build(_REMINDERS).on_conflict_do_nothing(), rows)


def cancel_planned(
    session: Session, occurrence_ids: Collection[str], why: str, purposes: Collection[Purpose] = ()
) -> int:
    """Cancel what has not been claimed yet of some occurrences, of some purposes alone if any are named."""
    done = 0
    ids = list(occurrence_ids)
    for start in range(0, len(ids), _CHUNK):
        statement = update(ReminderRow).where(
            col(ReminderRow.occurrence_id).in_(ids[start : start + _CHUNK]), _is(ReminderState.PLANNED)
        )
        if purposes:
            statement = statement.where(col(ReminderRow.purpose).in_(list(purposes)))
        done += _changed(session, statement.values(state=ReminderState.CANCELLED, note=why))
    return done


def reminders_of(session: Session, occurrence_id: str) -> list[ReminderRow]:
    """All reminders of an occurrence, in the order they go out."""
    statement = select(ReminderRow).where(ReminderRow.occurrence_id == occurrence_id)
    return list(session.exec(statement.order_by(col(ReminderRow.fire_at), col(ReminderRow.id))))


def reminders_of_all(session: Session, occurrence_ids: Collection[str]) -> dict[str, list[ReminderRow]]:
    """All reminders of several occurrences, by occurrence."""
    found: dict[str, list[ReminderRow]] = {}
    ids = list(occurrence_ids)
    for start in range(0, len(ids), _CHUNK):
        statement = select(ReminderRow).where(col(ReminderRow.occurrence_id).in_(ids[start : start + _CHUNK]))
        for row in session.exec(statement):
            found.setdefault(row.occurrence_id or "", []).append(row)
    return found


def next_reminder(session: Session, occurrence_id: str) -> ReminderRow | None:
    """The reminder of an occurrence that fires next; None if none will."""
    statement = select(ReminderRow).where(ReminderRow.occurrence_id == occurrence_id, _is(ReminderState.PLANNED))
    return session.exec(statement.order_by(col(ReminderRow.fire_at), col(ReminderRow.id)).limit(1)).first()


def next_reminders(session: Session, occurrence_ids: Collection[str]) -> dict[str, dt.datetime]:
    """When the next reminder of each of several occurrences fires; those without any are left out."""
    found: dict[str, dt.datetime] = {}
    ids = list(occurrence_ids)
    for start in range(0, len(ids), _CHUNK):
        statement = (
            select(ReminderRow.occurrence_id, func.min(ReminderRow.fire_at))
            .where(col(ReminderRow.occurrence_id).in_(ids[start : start + _CHUNK]), _is(ReminderState.PLANNED))
            .group_by(col(ReminderRow.occurrence_id))
        )
        found.update((key, when) for key, when in session.exec(statement) if key is not None)
    return found


def count_due(session: Session, now: dt.datetime) -> int:
    """How many reminders are due and not claimed."""
    statement = select(func.count()).where(ReminderRow.state == ReminderState.PLANNED, ReminderRow.fire_at <= now)
    return session.exec(statement).one()


def due_reminders(session: Session, now: dt.datetime, limit: int) -> list[ReminderRow]:
    """What is due, the longest due first; nothing is claimed."""
    statement = select(ReminderRow).where(ReminderRow.state == ReminderState.PLANNED, ReminderRow.fire_at <= now)
    return list(session.exec(statement.order_by(col(ReminderRow.fire_at)).limit(limit)))


def claim(session: Session, token: str, *, now: dt.datetime, limit: int) -> list[ReminderRow]:
    """Claim what is due, the longest due first, ``limit`` at most; no other run can claim it as well.

    One walk along the index of state and time: what is not due costs nothing.
    """
    due = (
        select(ReminderRow.id)
        .where(ReminderRow.state == ReminderState.PLANNED, ReminderRow.fire_at <= now)
        .order_by(col(ReminderRow.fire_at))
        .limit(limit)
    )
    if session.get_bind().dialect.name == "postgresql":
        due = due.with_for_update(skip_locked=True)
    claimed = session.execute(
        update(ReminderRow)
        .where(col(ReminderRow.id).in_(due), _is(ReminderState.PLANNED))
        .values(state=ReminderState.CLAIMED, claim_token=token, claimed_at=now)
        .returning(ReminderRow)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    rows = list(claimed.scalars())
    return sorted(rows, key=lambda row: (row.fire_at, row.id))


def begin(
    session: Session,
    token: str,
    ids: Sequence[str],
    *,
    message_id: str,
    addresses: Sequence[str],
    now: dt.datetime,
) -> list[str]:
    """Write to the ledger that a message with these reminders is being sent; those that may be.

    Left out is what the run no longer holds (it took so long that another one looked into its claims), and what was
    settled in the meantime: that is cancelled.
    """
    held = session.execute(
        select(ReminderRow.id, ReminderRow.attempts, OccurrenceRow.state)
        .outerjoin(OccurrenceRow, col(OccurrenceRow.id) == col(ReminderRow.occurrence_id))
        .where(
            col(ReminderRow.id).in_(list(ids)),
            _is(ReminderState.CLAIMED),
            ReminderRow.claim_token == token,
        )
        .with_for_update(of=ReminderRow)
    ).all()
    settled = [id_ for id_, _, state in held if state is not None and state is not OccurrenceState.PLANNED]
    starting = [(id_, attempts) for id_, attempts, state in held if state in (None, OccurrenceState.PLANNED)]
    if settled:
        values: dict[str, Any] = {"state": ReminderState.CANCELLED, "note": "settled before it was sent"}
        _changed(session, update(ReminderRow).where(col(ReminderRow.id).in_(settled)).values(**values))
    if starting:
        begun = [id_ for id_, _ in starting]
        _changed(
            session,
            update(ReminderRow)
            .where(col(ReminderRow.id).in_(begun))
            .values(attempts=ReminderRow.attempts + 1, claimed_at=now),
        )
        _write(
            session,
            LedgerEvent.STARTED,
            [(id_, attempts + 1) for id_, attempts in starting],
            now=now,
            message_id=message_id,
            addresses=addresses,
        )
    return [id_ for id_, _ in starting]


def record(
    session: Session,
    token: str,
    ids: Sequence[str],
    event: LedgerEvent,
    *,
    now: dt.datetime,
    message_id: str,
    addresses: Sequence[str],
    detail: str | None = None,
    retry_at: dt.datetime | None = None,
) -> list[str]:
    """Write how sending ended, and put the reminders into the state that goes with it; those that were changed.

    ``retry_at`` is when a message that the server does not take for now is due again.
    """
    values: dict[str, Any] = {"note": detail} if detail else {}
    match event:
        case LedgerEvent.SENT:
            values |= {"state": ReminderState.SENT, "sent_at": now}
        case LedgerEvent.RETRY:
            values |= {"state": ReminderState.PLANNED, "fire_at": retry_at, "claim_token": None, "claimed_at": None}
        case LedgerEvent.FAILED:
            values |= {"state": ReminderState.FAILED}
        case LedgerEvent.UNCERTAIN:
            values |= {"state": ReminderState.UNCERTAIN}
        case _:
            raise ValueError(f"sending does not end with {event}")
    changed = session.execute(
        update(ReminderRow)
        .where(
            col(ReminderRow.id).in_(list(ids)),
            col(ReminderRow.claim_token) == token,
            # Another run may have called it uncertain meanwhile; this one knows.
            or_(_is(ReminderState.CLAIMED), _is(ReminderState.UNCERTAIN)),
        )
        .values(**values)
        .returning(col(ReminderRow.id), col(ReminderRow.attempts))
        .execution_options(synchronize_session=False)
    ).all()
    numbered = [(id_, attempts) for id_, attempts in changed]
    _write(session, event, numbered, now=now, message_id=message_id, addresses=addresses, detail=detail)
    return [id_ for id_, _ in numbered]


def release(
    session: Session, token: str, ids: Sequence[str], *, until: dt.datetime, why: str, now: dt.datetime
) -> None:
    """Give claimed reminders back unsent, to be due again at ``until``; it does not count as an attempt."""
    given = session.execute(
        update(ReminderRow)
        .where(
            col(ReminderRow.id).in_(list(ids)),
            col(ReminderRow.claim_token) == token,
            _is(ReminderState.CLAIMED),
        )
        .values(state=ReminderState.PLANNED, claim_token=None, claimed_at=None, fire_at=until, note=why)
        .returning(col(ReminderRow.id), col(ReminderRow.attempts))
        .execution_options(synchronize_session=False)
    ).all()
    _write(session, LedgerEvent.RETURNED, [(id_, attempts) for id_, attempts in given], now=now, detail=why)


def drop(session: Session, token: str, ids: Sequence[str], why: str) -> None:
    """Cancel claimed reminders that are better not sent."""
    _changed(
        session,
        update(ReminderRow)
        .where(
            col(ReminderRow.id).in_(list(ids)),
            col(ReminderRow.claim_token) == token,
            _is(ReminderState.CLAIMED),
        )
        .values(state=ReminderState.CANCELLED, note=why),
    )


class Recovered(NamedTuple):
    """What stopped runs left: reminders planned again, and those that may have been sent."""

    returned: tuple[str, ...]
    uncertain: tuple[str, ...]


def recover(session: Session, *, now: dt.datetime, timeout: dt.timedelta) -> Recovered:
    """Look into claims older than ``timeout``: those that were never sent are planned again, others are uncertain."""
    stale = session.exec(
        select(ReminderRow)
        .where(
            ReminderRow.state == ReminderState.CLAIMED,
            or_(col(ReminderRow.claimed_at).is_(None), col(ReminderRow.claimed_at) <= now - timeout),
        )
        .with_for_update(skip_locked=True)
    ).all()
    started = _started(session, [row.id for row in stale])
    uncertain = [row for row in stale if row.id in started]
    returned = [row for row in stale if row.id not in started]
    for row in returned:
        row.state, row.claim_token, row.claimed_at = ReminderState.PLANNED, None, None
        session.add(row)
    for row in uncertain:
        row.state, row.note = ReminderState.UNCERTAIN, "a run stopped between sending and recording"
        session.add(row)
    session.flush()
    for event, rows in ((LedgerEvent.RETURNED, returned), (LedgerEvent.UNCERTAIN, uncertain)):
        _write(session, event, [(row.id, row.attempts) for row in rows], now=now)
    return Recovered(tuple(row.id for row in returned), tuple(row.id for row in uncertain))


def _started(session: Session, ids: Sequence[str]) -> set[str]:
    """Those of some reminders whose last entry in the ledger is a start."""
    found: set[str] = set()
    for start in range(0, len(ids), _CHUNK):
        last = (
            select(func.max(DeliveryAttempt.seq))
            .where(col(DeliveryAttempt.reminder_id).in_(ids[start : start + _CHUNK]))
            .group_by(col(DeliveryAttempt.reminder_id))
        )
        statement = select(DeliveryAttempt.reminder_id).where(
            col(DeliveryAttempt.seq).in_(last), DeliveryAttempt.event == LedgerEvent.STARTED
        )
        found.update(session.exec(statement))
    return found


def settle(session: Session, reminder: ReminderRow, *, by: str, now: dt.datetime) -> None:
    """A person says that an uncertain reminder arrived, or a failed one is not needed any more.

    Raises StoreError for any other.
    """
    if reminder.state is ReminderState.UNCERTAIN:
        reminder.state, reminder.sent_at, reminder.note = ReminderState.SENT, now, f"{by} knows of it"
    elif reminder.state is ReminderState.FAILED:
        reminder.state, reminder.note = ReminderState.CANCELLED, f"{by} knows of it"
    else:
        raise StoreError(f"The reminder is {reminder.state}.", "Only uncertain and failed ones are settled.")
    session.add(reminder)
    session.flush()
    _write(session, LedgerEvent.SETTLED, [(reminder.id, reminder.attempts)], now=now, detail=reminder.note)


def settle_all(session: Session, occurrence_id: str, *, by: str, now: dt.datetime) -> None:
    """Whoever acted on an occurrence knows of it: what was uncertain or failed about it needs nobody any more."""
    for row in reminders_of(session, occurrence_id):
        if row.state in (ReminderState.UNCERTAIN, ReminderState.FAILED):
            settle(session, row, by=by, now=now)


def resend(session: Session, reminder: ReminderRow, *, by: str, now: dt.datetime) -> None:
    """A person has an uncertain or failed reminder sent again. Raises StoreError for any other."""
    if reminder.state not in (ReminderState.UNCERTAIN, ReminderState.FAILED):
        raise StoreError(f"The reminder is {reminder.state}.", "Only uncertain and failed ones can be sent again.")
    reminder.state, reminder.fire_at, reminder.claim_token = ReminderState.PLANNED, now, None
    reminder.note = f"sent again for {by}; it may have arrived before"
    session.add(reminder)
    session.flush()
    _write(session, LedgerEvent.RESENT, [(reminder.id, reminder.attempts)], now=now, detail=reminder.note)


def troubled(session: Session, limit: int = 1_000) -> list[ReminderRow]:
    """Reminders that a person must look at: uncertain first, then failed."""
    statement = (
        select(ReminderRow)
        .where(col(ReminderRow.state).in_([ReminderState.UNCERTAIN, ReminderState.FAILED]))
        .order_by(case((col(ReminderRow.state) == ReminderState.UNCERTAIN, 0), else_=1), col(ReminderRow.fire_at))
        .limit(limit)
    )
    return list(session.exec(statement))


def _write(
    session: Session,
    event: LedgerEvent,
    numbered: Iterable[tuple[str, int]],
    *,
    now: dt.datetime,
    message_id: str | None = None,
    addresses: Sequence[str] = (),
    detail: str | None = None,
) -> None:
    rows = [
        {
            "reminder_id": id_,
            "number": number,
            "event": event,
            "at": now,
            "message_id": message_id,
            "addresses": list(addresses),
            "detail": detail,
        }
        for id_, number in numbered
    ]
    if rows:
        session.execute(insert(DeliveryAttempt), rows)


def _changed(session: Session, statement: Any) -> int:
    result = session.execute(statement.execution_options(synchronize_session=False))
    assert isinstance(result, CursorResult)
    return int(result.rowcount)
