"""Sends what is due, once: claim, write down the start, send, record the end.

Each message is one owner's on one channel. Several reminders that one owner gets in a run may come in one message; they
are begun and recorded together, so that its fate is theirs.
"""

import datetime as dt
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from models.tracked import LedgerEvent, Purpose
from store.engine import writing
from store.identity import derive
from store.tracking_occurrences import occurrences_by_id
from store.tracking_owners import EMAIL, Directory, directory, no_address
from store.tracking_reminders import NewReminder, add_reminders, begin, claim, drop, record, release, reminders_of_all
from store.tracking_tables import ReminderRow
from tracking.alerts import alert_about
from tracking.calendar import calendar_of
from tracking.chains import CHAIN, escalate
from tracking.contents import about_all, words_of
from tracking.context import Context
from tracking.feeds import calendar_entries
from tracking.messages import Words
from tracking.senders import Address, Message, Part, Sender, SendError, UncertainError

_AT_ONCE = 500
"""Reminders claimed at a time."""

_UNREACHABLE_FOR = dt.timedelta(days=1)
"""When a message to somebody without an address is tried again."""


@dataclass
class Tally:
    """What became of the messages of a run."""

    sent: int = 0
    messages: int = 0
    retried: int = 0
    problems: list[str] = field(default_factory=list)

    def problem(self, text: str) -> None:
        """Say something once."""
        if text not in self.problems:
            self.problems.append(text)


def deliver(
    engine: Engine, senders: Mapping[str, Sender], context: Context, clock: Callable[[], dt.datetime], tally: Tally
) -> None:
    """Send everything that is due."""
    token = secrets.token_hex(8)
    due_by = clock()
    while True:
        with writing(engine) as session:
            claimed = claim(session, token, now=due_by, limit=_AT_ONCE)
        if not claimed:
            return
        with writing(engine) as session:
            people = directory(session)
            waiting = _without_overtaken(session, token, claimed)
        for group in _messages(waiting, context.policies.reminders.delivery.bundle_from):
            _Delivery(engine, senders, context, people, token, clock, tally).send(group)


def _without_overtaken(session: Session, token: str, claimed: Sequence[ReminderRow]) -> list[ReminderRow]:
    """Of several steps of one ladder that are due at once (nothing ran for days) the nearest is sent alone."""
    nearest: dict[tuple[str | None, str, str], ReminderRow] = {}
    steps = [row for row in claimed if row.purpose in CHAIN and row.rung is not None]
    for row in sorted(steps, key=lambda row: row.rung or 0):
        nearest.setdefault((row.occurrence_id, row.recipient_id, row.channel), row)
    kept = {row.id for row in nearest.values()}
    overtaken = [row.id for row in steps if row.id not in kept]
    if overtaken:
        drop(session, token, overtaken, "a nearer step was due in the same run")
    gone = set(overtaken)
    return [row for row in claimed if row.id not in gone]


def _messages(rows: Sequence[ReminderRow], bundle_from: int) -> Iterator[list[ReminderRow]]:
    """The reminders that come in one message: each by itself, or many of one owner together."""
    by_owner: dict[tuple[str, str], list[ReminderRow]] = {}
    for row in rows:
        if row.occurrence_id is None:
            yield [row]
        else:
            by_owner.setdefault((row.recipient_id, row.channel), []).append(row)
    for group in by_owner.values():
        if len(group) >= bundle_from:
            yield group
        else:
            yield from ([row] for row in group)


@dataclass
class _Delivery:
    """One message on its way."""

    engine: Engine
    senders: Mapping[str, Sender]
    context: Context
    people: Directory
    token: str
    clock: Callable[[], dt.datetime]
    tally: Tally

    def send(self, rows: list[ReminderRow]) -> None:
        """Send the reminders in one message, and record what became of it."""
        now, first = self.clock(), rows[0]
        owner = self.people[first.recipient_id]
        today = now.astimezone(ZoneInfo(owner.time_zone)).date()
        reached = self.people.reachable(owner.id, today)
        sender = self.senders.get(first.channel)
        by_mail = first.channel == EMAIL
        if sender is None or (by_mail and not reached):
            self._wait(rows, now, no_address(owner.name) if sender else f"{first.channel} is not set up")
            return
        ids = [row.id for row in rows]
        message_id = ids[0] if len(ids) == 1 else derive("message", *sorted(ids))
        addresses = [str(one.email) for one in reached] if by_mail else [first.channel]
        with writing(self.engine) as session:
            if first.purpose is Purpose.DIGEST and self._words(session, rows, today) is None:
                drop(session, self.token, ids, "nothing is open any more")
                return
            begun = begin(session, self.token, ids, message_id=message_id, addresses=addresses, now=now)
            rows = [row for row in rows if row.id in set(begun)]
            words = self._words(session, rows, today, now if by_mail else None) if rows else None
            parts = self._parts(session, rows, today) if by_mail else ()
            about = about_all(session, rows, self.people, self.context.base_url)
        if words is None:
            return
        message = Message(
            id=message_id,
            to=tuple(Address(name=one.name, email=str(one.email)) for one in reached) if by_mail else (),
            subject=words.subject,
            text=words.text,
            html=words.html,
            at=now,
            thread=first.occurrence_id if len(rows) == 1 else None,
            parts=parts,
            about=about,
        )
        self._hand_over(sender, message, rows, addresses)

    def _hand_over(self, sender: Sender, message: Message, rows: list[ReminderRow], addresses: Sequence[str]) -> None:
        event, detail, retry_at = LedgerEvent.SENT, None, None
        try:
            receipt = sender.send(message)
            if receipt.refused:
                detail = f"refused for {', '.join(receipt.refused)}"
                self.tally.problem(f"{message.subject}: {detail}")
        except UncertainError as error:
            event, detail = LedgerEvent.UNCERTAIN, str(error)
        except SendError as error:
            detail = str(error)
            policy = self.context.policies.reminders.delivery
            attempts = max(row.attempts for row in rows) + 1
            if error.permanent or attempts >= policy.attempts:
                event = LedgerEvent.FAILED
            else:
                event, retry_at = LedgerEvent.RETRY, message.at + policy.wait(attempts)
        now = self.clock()
        with writing(self.engine) as session:
            recorded = record(
                session,
                self.token,
                [row.id for row in rows],
                event,
                now=now,
                message_id=message.id,
                addresses=addresses,
                detail=detail,
                retry_at=retry_at,
            )
            self._follow_up(session, recorded, event, now)
        self._count(event, recorded, message.subject, detail)

    def _follow_up(self, session: Session, ids: Sequence[str], event: LedgerEvent, now: dt.datetime) -> None:
        if event is LedgerEvent.RETRY:
            return
        if event is not LedgerEvent.SENT:
            for id_ in ids:
                alert_about(session, id_, self.people, self.context, now=now)
        rows = session.exec(select(ReminderRow).where(col(ReminderRow.id).in_(list(ids)))).all()
        about = [row.occurrence_id for row in rows if row.occurrence_id]
        found, earlier = occurrences_by_id(session, about), reminders_of_all(session, about)
        planned: list[NewReminder] = []
        for row in rows:
            occurrence = found.get(row.occurrence_id or "")
            if occurrence is None:
                continue
            if row.purpose is Purpose.OVERDUE and not occurrence.missed:
                occurrence.missed = True
                session.add(occurrence)
            planned += escalate(occurrence, row, earlier[occurrence.id], self.context, self.people, now=now)
        add_reminders(session, planned)

    def _count(self, event: LedgerEvent, ids: list[str], subject: str, detail: str | None) -> None:
        match event:
            case LedgerEvent.SENT:
                self.tally.sent += len(ids)
                self.tally.messages += 1
            case LedgerEvent.RETRY:
                self.tally.retried += len(ids)
                self.tally.problem(f"{subject}: {detail}; it is tried again")
            case LedgerEvent.FAILED | LedgerEvent.UNCERTAIN:
                self.tally.problem(f"{subject}: {detail}")

    def _wait(self, rows: Sequence[ReminderRow], now: dt.datetime, why: str) -> None:
        with writing(self.engine) as session:
            ids = [row.id for row in rows]
            release(session, self.token, ids, until=now + _UNREACHABLE_FOR, why=why, now=now)
        self.tally.problem(f"{why}: reminders wait")

    def _parts(self, session: Session, rows: Sequence[ReminderRow], today: dt.date) -> tuple[Part, ...]:
        """The deadlines of a message as a file for a calendar."""
        shown = calendar_entries(session, [row.occurrence_id for row in rows if row.occurrence_id], self.context)
        if not shown:
            return ()
        name = f"Deadlines, {today.isoformat()}"
        return (Part(media_type="text/calendar", name="deadline.ics", content=calendar_of(shown, name)),)

    def _words(
        self, session: Session, rows: Sequence[ReminderRow], today: dt.date, acting_at: dt.datetime | None = None
    ) -> Words | None:
        return words_of(session, rows, self.people, self.context, today, acting_at=acting_at)
