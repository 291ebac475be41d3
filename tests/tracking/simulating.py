"""Lives through years of a portfolio day by day, with people who act, or do not, as people do."""

import datetime as dt
import random
from collections import Counter
from dataclasses import replace

from sqlalchemy import Engine
from sqlmodel import Session, select

from models.tracked import Choice, CycleDecision, OccurrenceState, Proof, Report, TrackedContract
from store.engine import reading, writing
from store.tracking_tables import DeliveryAttempt, OccurrenceRow, ReminderRow, TrackedContractRow
from tests.tracking.building import START, Outbox, Portfolio, context, staff, store_contracts, track
from tracking.acting import Desk
from tracking.running import remind
from tracking.senders import Message, Receipt


class Stopped(BaseException):
    """The run was killed."""


class Simulation:
    """A database in which days pass. ``lazy``: nobody ever acts."""

    def __init__(self, engine: Engine, contracts: list[TrackedContract], *, lazy: bool = False, seed: int = 1) -> None:
        self.engine, self.portfolio = engine, Portfolio(contracts)
        self.context = replace(context(), expected_every=dt.timedelta(days=1))
        self.desk = Desk(self.portfolio, self.context)
        self.outbox = Outbox()
        self.lazy = lazy
        self.chance = random.Random(seed)
        self.reports: list[Report] = []
        staff(engine)
        store_contracts(engine, contracts)
        track(engine, contracts)

    def live(self, days: int) -> None:
        for number in range(days):
            now = START + dt.timedelta(days=number)
            self.run(now)
            if not self.lazy:
                self.act(now)

    def run(self, now: dt.datetime) -> None:
        self.reports.append(remind(self.engine, self.portfolio, {"email": self.outbox}, self.context, lambda: now))

    def act(self, now: dt.datetime) -> None:
        """Of what was reminded of today somebody acknowledges, finishes, snoozes or decides some."""
        with reading(self.engine) as session:
            told = session.exec(
                select(ReminderRow.occurrence_id).where(ReminderRow.sent_at == now).distinct().order_by("occurrence_id")
            ).all()
        for id_ in told:
            if id_ is None:
                continue
            mood = self.chance.random()
            if mood < 0.75:
                continue
            with writing(self.engine) as session:
                row = session.get(OccurrenceRow, id_)
                if row is not None and row.state is OccurrenceState.PLANNED:
                    self._act_on(session, row, mood, now)

    def _act_on(self, session: Session, row: OccurrenceRow, mood: float, now: dt.datetime) -> None:
        if row.kind == "notice" and mood > 0.9:
            choice = Choice.TERMINATE if mood > 0.98 else Choice.RENEW
            decision = CycleDecision(
                cycle=row.cycle, choice=choice, reason="as agreed", decided_by="ann", decided_at=now,
                proof=Proof(note="sent by registered mail") if choice is Choice.TERMINATE else None,
            )  # fmt: skip
            contract = session.get(TrackedContractRow, row.contract_id)
            if contract is not None and (contract.cycle or 0) >= row.cycle - 1:
                self.desk.decide(session, row.contract_id, decision, now=now)
        elif mood > 0.85:
            self.desk.done(session, row.id, Proof(note="done"), by="ann", now=now)
        else:
            self.desk.acknowledge(session, row.id, by="ann", now=now)


class CrashingClock:
    """Tells the time, and now and then stops the run that asks: between claim, send and record."""

    def __init__(self, now: dt.datetime, chance: random.Random, rate: float) -> None:
        self._now, self._chance, self._rate = now, chance, rate

    def __call__(self) -> dt.datetime:
        if self._chance.random() < self._rate:
            raise Stopped
        return self._now


class CrashingOutbox(Outbox):
    """Stops the run before or after a message has left, now and then."""

    def __init__(self, chance: random.Random, rate: float) -> None:
        super().__init__()
        self._chance, self._rate = chance, rate

    def send(self, message: Message) -> Receipt:
        if self._chance.random() < self._rate:
            raise Stopped
        receipt = super().send(message)
        if self._chance.random() < self._rate:
            raise Stopped
        return receipt


def delivered(engine: Engine, outbox: Outbox) -> Counter[str]:
    """How often each reminder left, by the messages that left and what the ledger says is in them."""
    with reading(engine) as session:
        begun = session.exec(select(DeliveryAttempt.message_id, DeliveryAttempt.reminder_id).distinct()).all()
    inside: dict[str, list[str]] = {}
    for message_id, reminder_id in begun:
        if message_id is not None:
            inside.setdefault(message_id, []).append(reminder_id)
    return Counter(id_ for message in outbox.messages for id_ in inside[message.id])


def weekday_before(day: dt.date) -> dt.date:
    while day.weekday() > 4:
        day -= dt.timedelta(days=1)
    return day


def weekday_after(day: dt.date) -> dt.date:
    while day.weekday() > 4:
        day += dt.timedelta(days=1)
    return day
