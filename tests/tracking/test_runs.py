"""Runs of the reminders, on both databases: planned, claimed, sent, recorded; once."""

import datetime as dt

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from models.tracked import Report
from store.engine import reading
from store.tracking_tables import OccurrenceRow, ReminderRow
from tests.tracking.building import (
    START,
    Outbox,
    Portfolio,
    context,
    contract,
    effective,
    lasting,
    noticed,
    renewing,
    staff,
    store_contracts,
    track,
)
from tracking.context import Context
from tracking.running import remind
from tracking.senders import Sender

RENEWING = contract("Cleaning", effective("2025-06-01"), lasting("1 year"), renewing("1 year"), noticed("90 days"))


class Office:
    """A database with staff and contracts, and runs on days."""

    def __init__(self, engine: Engine, portfolio: Portfolio, told: Context) -> None:
        self.engine, self.portfolio, self.context = engine, portfolio, told
        self.outbox = Outbox()
        staff(engine)
        store_contracts(engine, portfolio.contracts.values())
        track(engine, portfolio.contracts.values())

    def run(self, now: dt.datetime, sender: Sender | None = None) -> Report:
        return remind(self.engine, self.portfolio, {"email": sender or self.outbox}, self.context, lambda: now)

    def occurrences(self) -> dict[str, OccurrenceRow]:
        with reading(self.engine) as session:
            return {row.kind: row for row in session.exec(select(OccurrenceRow).order_by("cycle"))}

    def reminders(self) -> list[ReminderRow]:
        with reading(self.engine) as session:
            return list(session.exec(select(ReminderRow).order_by("fire_at")))


@pytest.fixture
def office(engine: Engine) -> Office:
    return Office(engine, Portfolio([RENEWING]), context())


def test_a_notice_is_reminded_of_from_its_ladder_and_only_once(office: Office) -> None:
    first = office.run(START)
    assert first.contracts == 1
    again = office.run(START + dt.timedelta(hours=1))
    assert again.contracts == again.sent == 0
    assert office.outbox.messages
    assert all("Cleaning" in one.subject for one in office.outbox.messages)
