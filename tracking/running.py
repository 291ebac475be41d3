"""One run of the reminders: plan what is tracked, claim what is due, send it, record how that went.

    begin      the heartbeat says that a run began; a run that comes late says so
    recover    what a stopped run had claimed: never sent goes back, maybe sent is uncertain and reported
    plan       contracts that were decided about, or that must be looked at on this day
    deliver    claim, write down that it starts, send, record; what nobody acknowledges goes on to deputy and group
    finish     the heartbeat holds the report

Each step is a transaction of its own, so that a run may be stopped anywhere. Two runs at a time share the work.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy import Engine
from sqlmodel import Session

from models.tracked import ReminderState, Report, TrackedContract
from store.engine import reading, writing
from store.tracking_occurrences import (
    begin_run,
    contracts_decided,
    contracts_to_check,
    finish_run,
    heartbeat,
    occurrences_by_id,
    tracked_contracts,
)
from store.tracking_owners import Directory, directory, ensure_teams, unowned
from store.tracking_reminders import due_reminders, recover, troubled
from store.tracking_tables import Heartbeat, ReminderRow
from tracking.alerts import alert_about, alert_late_run
from tracking.context import Context
from tracking.delivering import Tally, deliver
from tracking.digests import plan_digests
from tracking.keeping import keep
from tracking.senders import Sender

NAME = "remind"
"""What the heartbeat calls these runs."""

_PLAN_AT_ONCE = 25
"""Contracts planned in one transaction."""

_SHOWN = 10_000
"""Reminders a dry run lists, at most."""

Clock = Callable[[], dt.datetime]
Source = Callable[[Session, Sequence[str]], Iterable[TrackedContract]]
"""Gives what is confirmed of contracts, by id; of a contract of which nothing is (any more), one without anything."""


def remind(engine: Engine, source: Source, senders: Mapping[str, Sender], context: Context, clock: Clock) -> Report:
    """Do one run. ``senders`` are by channel; a reminder on a channel without one waits and is reported."""
    now = clock()
    planner = _Planner(engine, source, context, now)
    planner.begin()
    planner.recover()
    planner.plan()
    tally = Tally()
    deliver(engine, senders, context, clock, tally)
    return planner.finish(clock(), tally)


class Rehearsed(NamedTuple):
    """A reminder that a run would send: to whom, and what it is about."""

    reminder: ReminderRow
    to: str
    about: str
    act_by: dt.date | None


def rehearse(engine: Engine, source: Source, context: Context, now: dt.datetime) -> list[Rehearsed]:
    """What a run would send now. Plans in a transaction that is rolled back: nothing is kept, nothing is sent."""
    with Session(engine, expire_on_commit=False) as session:
        ensure_teams(session, context.policies.owners.named, now=now)
        people = directory(session)
        beat = heartbeat(session, NAME)
        _, ids = _contracts(session, beat, context, now)
        for contract in source(session, ids):
            keep_or_say(session, contract, context, people, now=now)
        plan_digests(session, people, context, now=now)
        rows = due_reminders(session, now, _SHOWN)
        about = occurrences_by_id(session, [row.occurrence_id for row in rows if row.occurrence_id])
        found = []
        for row in rows:
            one = about.get(row.occurrence_id or "")
            title, act_by = (one.title, one.act_by) if one else (str(row.purpose), None)
            found.append(Rehearsed(row, people[row.recipient_id].name, title, act_by))
        session.expunge_all()
        session.rollback()
    return found


def keep_or_say(
    session: Session, contract: TrackedContract, context: Context, people: Directory, *, now: dt.datetime
) -> tuple[bool, str | None]:
    """Keep a contract in step; whether there was anything to do, or what kept it from being planned.

    One contract that cannot be planned must not keep all others from their reminders.
    """
    try:
        with session.begin_nested():
            return keep(session, contract, context, people, now=now), None
    except (ValueError, ArithmeticError, LookupError) as error:
        return False, f"{contract.title}: cannot be planned: {error}"


def late_by(beat: Heartbeat | None, now: dt.datetime) -> dt.timedelta | None:
    """How much later than expected the next run is, measured from the last one; None while it is in time.

    A run is late when twice the time has passed in which one was expected. Where none ever ran there is no telling.
    """
    if beat is None:
        return None
    expected = dt.timedelta(seconds=beat.expected_every)
    since = now - beat.started_at
    return since - expected if since > 2 * expected else None


@dataclass
class _Planner:
    """The part of a run before and after the sending."""

    engine: Engine
    source: Source
    context: Context
    now: dt.datetime
    before: Heartbeat | None = None
    seen: int = 0
    contracts: int = 0
    returned: int = 0
    problems: list[str] = field(default_factory=list)
    unplanned: list[str] = field(default_factory=list)
    late: dt.timedelta | None = None

    def begin(self) -> None:
        """Note the run, and that it is late if it is."""
        with reading(self.engine) as session:
            self.before = heartbeat(session, NAME)
        self.late = late_by(self.before, self.now)
        if self.before is not None and self.before.finished_at is None:
            self.problems.append(f"the run that began at {self.before.started_at:%Y-%m-%d %H:%M} UTC did not finish")
        with writing(self.engine) as session:
            begin_run(session, NAME, now=self.now, expected_every=self.context.expected_every)
            ensure_teams(session, self.context.policies.owners.named, now=self.now)
            if self.late is not None and self.before is not None:
                alert_late_run(session, directory(session), self.context, self.before, now=self.now)

    def recover(self) -> None:
        """Look into what stopped runs had claimed."""
        timeout = dt.timedelta(minutes=self.context.policies.reminders.delivery.claim_timeout)
        with writing(self.engine) as session:
            found = recover(session, now=self.now, timeout=timeout)
            people = directory(session)
            for id_ in found.uncertain:
                alert_about(session, id_, people, self.context, now=self.now)
        self.returned = len(found.returned)

    def plan(self) -> None:
        """Bring the contracts up to date that need it."""
        with reading(self.engine) as session:
            self.seen, ids = _contracts(session, self.before, self.context, self.now)
        for start in range(0, len(ids), _PLAN_AT_ONCE):
            with writing(self.engine) as session:
                # Takes the row's lock: two runs must not plan the same contract at the same time.
                begin_run(session, NAME, now=self.now, expected_every=self.context.expected_every)
                people = directory(session)
                for contract in self.source(session, ids[start : start + _PLAN_AT_ONCE]):
                    done, problem = keep_or_say(session, contract, self.context, people, now=self.now)
                    self.contracts += done
                    self.unplanned += [problem] if problem else []
        with writing(self.engine) as session:
            plan_digests(session, directory(session), self.context, now=self.now)

    def finish(self, now: dt.datetime, tally: Tally) -> Report:
        """Write the report into the heartbeat."""
        with writing(self.engine) as session:
            # All that nobody has settled yet, not only this run's: one that stopped had nobody to tell.
            unsettled = troubled(session)
            report = Report(
                started_at=self.now,
                finished_at=now,
                late_by_seconds=self.late.total_seconds() if self.late else None,
                contracts=self.contracts,
                sent=tally.sent,
                messages=tally.messages,
                retried=tally.retried,
                failed=tuple(row.id for row in unsettled if row.state is ReminderState.FAILED),
                uncertain=tuple(row.id for row in unsettled if row.state is ReminderState.UNCERTAIN),
                returned=self.returned,
                unowned=unowned(session),
                problems=(*self.problems, *self.unplanned, *tally.problems),
            )
            dumped = report.model_dump(mode="json")
            # What could not be planned is looked at again by the next run.
            known = self.before.seen if self.before else 0
            seen = known if self.unplanned else self.seen
            finish_run(session, NAME, now=now, report=dumped, seen=seen, policy=_version(self.context))
        return report


def _contracts(session: Session, before: Heartbeat | None, context: Context, now: dt.datetime) -> tuple[int, list[str]]:
    """Up to which decision contracts are planned now, and the contracts to look at."""
    seen, decided = contracts_decided(session, before.seen if before else 0)
    same = before is not None and before.policy == _version(context)
    others = contracts_to_check(session, now.date()) if same else tracked_contracts(session)
    return seen, sorted({*decided, *others})


def _version(context: Context) -> str:
    return f"{context.policies.version} {context.calendar.name} {context.conventions.model_dump_json()}"
