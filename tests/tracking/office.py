"""A database with staff and contracts, in which runs are made on days, for the tests of tracking."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Engine
from sqlmodel import col, select

from models.tracked import Purpose, ReminderState, Report, TrackedContract
from store.engine import reading
from store.tracking_owners import find_owner
from store.tracking_tables import OccurrenceRow, Owner, ReminderRow
from tests.tracking.building import Outbox, Portfolio, context, staff, store_contracts, track
from tracking.acting import Desk
from tracking.context import Context
from tracking.running import remind
from tracking.senders import Sender


class Office:
    """Staff, contracts and an outbox."""

    def __init__(self, engine: Engine, contracts: Sequence[TrackedContract], told: Context | None = None) -> None:
        self.engine, self.portfolio = engine, Portfolio(contracts)
        self.context = replace(told or context(), expected_every=dt.timedelta(days=1))
        self.desk = Desk(self.portfolio, self.context)
        self.outbox = Outbox()
        staff(engine)
        if contracts:
            store_contracts(engine, contracts)
        track(engine, contracts)

    def run(self, now: dt.datetime, sender: Sender | None = None) -> Report:
        return remind(self.engine, self.portfolio, {"email": sender or self.outbox}, self.context, lambda: now)

    def days(self, first: dt.datetime, last: dt.datetime) -> None:
        while first <= last:
            self.run(first)
            first += dt.timedelta(days=1)

    def occurrence(self, kind: str, cycle: int | None = None) -> OccurrenceRow:
        with reading(self.engine) as session:
            statement = select(OccurrenceRow).where(OccurrenceRow.kind == kind)
            if cycle is not None:
                statement = statement.where(OccurrenceRow.cycle == cycle)
            return session.exec(statement.order_by(col(OccurrenceRow.act_by), col(OccurrenceRow.id))).all()[0]

    def reminders(self, *purposes: Purpose, state: ReminderState | None = None) -> list[ReminderRow]:
        with reading(self.engine) as session:
            rows = session.exec(select(ReminderRow).order_by(col(ReminderRow.fire_at), col(ReminderRow.id))).all()
        return [
            row for row in rows if (not purposes or row.purpose in purposes) and (state is None or row.state is state)
        ]

    def owner(self, name: str) -> Owner:
        with reading(self.engine) as session:
            return find_owner(session, name)

    def subjects(self) -> list[str]:
        return [message.subject for message in self.outbox.messages]

    def to(self) -> list[str]:
        return [address.email for message in self.outbox.messages for address in message.to]
