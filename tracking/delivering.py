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
from store.amending import warning_of
from store.engine import writing
from store.identity import derive
from store.tracking_occurrences import occurrences_by_id, open_until
from store.tracking_owners import EMAIL, Directory, directory, no_address
from store.tracking_reminders import NewReminder, add_reminders, begin, claim, drop, record, release, reminders_of_all
from store.tracking_tables import OccurrenceRow, ReminderRow, TrackedContractRow
from tracking.alerts import alert_about
from tracking.calendar import calendar_of
from tracking.chains import CHAIN, escalate
from tracking.context import Context
from tracking.feeds import calendar_entries
from tracking.messages import Item, Words, about_one, about_several, alert, digest
from tracking.senders import About, Address, Message, Part, Sender, SendError, UncertainError

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
            words = self._words(session, rows, today) if rows else None
            parts = self._parts(session, rows, today) if by_mail else ()
            about = self._about(session, rows)
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

    def _about(self, session: Session, rows: Sequence[ReminderRow]) -> tuple[About, ...]:
        found = occurrences_by_id(session, [row.occurrence_id for row in rows if row.occurrence_id])
        pairs = [(row, found[row.occurrence_id]) for row in rows if row.occurrence_id in found]
        base_url, people = self.context.base_url, self.people
        return tuple(about_of(row, one, _contract(session, one), people, base_url) for row, one in pairs if one.due)

    def _words(self, session: Session, rows: Sequence[ReminderRow], today: dt.date) -> Words | None:
        return _words(session, rows, self.people, self.context, today)


def _words(
    session: Session, rows: Sequence[ReminderRow], people: Directory, context: Context, today: dt.date
) -> Words | None:
    """The words of a message; None for a list of nothing."""
    first, name = rows[0], people[rows[0].recipient_id].name
    if first.purpose is Purpose.DIGEST:
        days = context.policies.reminders.digest.days
        open_ = open_until(session, today + dt.timedelta(days=days), first.recipient_id)
        items = [item for row in open_ if (item := _told(session, first, row, people, context))]
        return digest(items, today, days, name) if items else None
    if first.occurrence_id is None:
        return alert("Reminders came late", first.note or "", name)
    found = occurrences_by_id(session, [row.occurrence_id for row in rows if row.occurrence_id])
    pairs = [(row, found[row.occurrence_id]) for row in rows if row.occurrence_id in found]
    items = [item for row, one in pairs if (item := _told(session, row, one, people, context))]
    if not items:
        return None
    return about_one(items[0], today, name) if len(items) == 1 else about_several(items, today, name)


def about_of(
    reminder: ReminderRow,
    row: OccurrenceRow,
    contract: TrackedContractRow | None,
    people: Directory,
    base_url: str | None,
) -> About:
    """What programs are told of a reminder about an occurrence that has a day."""
    assert row.due is not None
    return About(
        occurrence=row.id,
        purpose=reminder.purpose,
        kind=row.kind,
        title=row.title,
        contract=row.contract_id,
        contract_title=contract.title if contract else row.contract_id,
        counterparty=contract.counterparty if contract else None,
        act_by=row.act_by or row.due,
        due=row.due,
        send_by=row.send_by,
        amount=str(row.amount) if row.amount is not None else None,
        currency=row.currency,
        owner=people[row.owner_id].name,
        link=f"{base_url}/occurrences/{row.id}" if base_url else None,
    )


def _contract(session: Session, row: OccurrenceRow) -> TrackedContractRow | None:
    return session.get(TrackedContractRow, row.contract_id)


def _told(
    session: Session, reminder: ReminderRow, row: OccurrenceRow, people: Directory, context: Context
) -> Item | None:
    """What a message says of an occurrence, with a warning as of now where an amendment is under review."""
    item = _item(reminder, row, _contract(session, row), people, context)
    return item._replace(warning=warning_of(session, row.contract_id, row.milestone_key)) if item else None


def _item(
    reminder: ReminderRow,
    row: OccurrenceRow,
    contract: TrackedContractRow | None,
    people: Directory,
    context: Context,
) -> Item | None:
    if row.due is None:
        return None
    full = context.policies.reminders.delivery.text == "full"
    amount = f"{row.amount:,} {row.currency or ''}".strip() if row.amount is not None else None
    return Item(
        purpose=reminder.purpose,
        kind=row.kind,
        title=row.title,
        contract=contract.title if contract else row.contract_id,
        counterparty=contract.counterparty if contract else None,
        due=row.due,
        send_by=row.send_by,
        rung=reminder.rung,
        note=reminder.note if reminder.purpose is not Purpose.DIGEST else None,
        derivation=row.derivation if full else None,
        amount=amount,
        owner=people[row.owner_id].name,
        link=f"{context.base_url}/occurrences/{row.id}" if context.base_url else None,
    )
