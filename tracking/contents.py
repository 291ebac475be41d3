"""What a message says: its words for people and what programs are told, from the rows as they are now."""

import datetime as dt
from collections.abc import Sequence

from sqlmodel import Session

from models.tracked import Purpose
from store.tracking_occurrences import occurrences_by_id, open_until
from store.tracking_owners import Directory
from store.tracking_tables import OccurrenceRow, ReminderRow, TrackedContractRow
from tracking.context import Context
from tracking.links import Deed, Right
from tracking.messages import Item, Words, about_one, about_several, alert, digest
from tracking.senders import About
from tracking.under_review import warnings_of

_DEEDS = {
    Deed.ACKNOWLEDGE: "Acknowledge",
    Deed.SNOOZE: "Remind me later",
    Deed.DONE: "It is done",
    Deed.DELEGATE: "Hand it over",
}


def words_of(
    session: Session,
    rows: Sequence[ReminderRow],
    people: Directory,
    context: Context,
    today: dt.date,
    *,
    acting_at: dt.datetime | None = None,
) -> Words | None:
    """The words of a message; None for a list of nothing. With ``acting_at`` (now) it holds links by which one acts."""
    first, name = rows[0], people[rows[0].recipient_id].name
    if first.purpose is Purpose.DIGEST:
        days = context.policies.reminders.digest.days
        open_ = open_until(session, today + dt.timedelta(days=days), first.recipient_id)
        items = _items(session, [(first, row) for row in open_], people, context)
        return digest(items, today, days, name) if items else None
    if first.occurrence_id is None:
        return alert("Reminders came late", first.note or "", name)
    items = _items(session, _pairs(session, rows), people, context, acting_at)
    if not items:
        return None
    return about_one(items[0], today, name) if len(items) == 1 else about_several(items, today, name)


def about_all(
    session: Session, rows: Sequence[ReminderRow], people: Directory, base_url: str | None
) -> tuple[About, ...]:
    """What programs are told of reminders about occurrences that have a day."""
    pairs = [(reminder, row) for reminder, row in _pairs(session, rows) if row.due]
    warned = warnings_of(session, [row for _, row in pairs])
    return tuple(
        _about(reminder, row, session.get(TrackedContractRow, row.contract_id), people, base_url, warned.get(row.id))
        for reminder, row in pairs
    )


def _pairs(session: Session, rows: Sequence[ReminderRow]) -> list[tuple[ReminderRow, OccurrenceRow]]:
    found = occurrences_by_id(session, [row.occurrence_id for row in rows if row.occurrence_id])
    return [(row, found[row.occurrence_id]) for row in rows if row.occurrence_id in found]


def _items(
    session: Session,
    pairs: Sequence[tuple[ReminderRow, OccurrenceRow]],
    people: Directory,
    context: Context,
    acting_at: dt.datetime | None = None,
) -> list[Item]:
    """What a message says of occurrences, with a warning as of now where an amendment is under review."""
    dated = [(reminder, row) for reminder, row in pairs if row.due is not None]
    warned = warnings_of(session, [row for _, row in dated])
    found = []
    for reminder, row in dated:
        item = _item(reminder, row, session.get(TrackedContractRow, row.contract_id), people, context)
        acts = _acts(reminder, row, context, acting_at) if acting_at else ()
        found.append(item._replace(warning=warned.get(row.id), acts=acts))
    return found


def _acts(reminder: ReminderRow, row: OccurrenceRow, context: Context, now: dt.datetime) -> tuple[tuple[str, str], ...]:
    """The links by which the recipient acts; none where they are switched off or lead nowhere."""
    days = context.policies.reminders.delivery.links
    key, base_url = context.links, context.base_url
    if key is None or base_url is None or not days or reminder.purpose is Purpose.ALERT:
        return ()
    until = now + dt.timedelta(days=days)
    tokens = ((words, key.token(Right(deed, row.id, reminder.recipient_id), until)) for deed, words in _DEEDS.items())
    return tuple((words, f"{base_url}/act/{token}") for words, token in tokens)


def _about(
    reminder: ReminderRow,
    row: OccurrenceRow,
    contract: TrackedContractRow | None,
    people: Directory,
    base_url: str | None,
    warning: str | None,
) -> About:
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
        warning=warning,
    )


def _item(
    reminder: ReminderRow,
    row: OccurrenceRow,
    contract: TrackedContractRow | None,
    people: Directory,
    context: Context,
) -> Item:
    assert row.due is not None
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
