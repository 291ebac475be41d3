"""Years of a portfolio, day by day: every step of every ladder once, and nothing slips through.

What must come is worked out here from the policy's numbers by plain loops, not by the code that is tested.
"""

import datetime as dt
import random
from collections import defaultdict

import pytest
from dateutil.relativedelta import relativedelta
from sqlalchemy import Engine
from sqlmodel import select

from models.tracked import OccurrenceState, Purpose, ReminderState
from rules.tracking_policies import installed_policies
from store.engine import reading
from store.tracking_reminders import troubled
from store.tracking_tables import OccurrenceRow, ReminderRow, TrackedContractRow
from tests.tracking.building import START, day
from tests.tracking.portfolio import portfolio
from tests.tracking.simulating import (
    CrashingClock,
    CrashingOutbox,
    Simulation,
    Stopped,
    delivered,
    weekday_after,
    weekday_before,
)
from tracking.running import remind

LADDERS = installed_policies().reminders.ladders
HAPPENINGS = installed_policies().reminders.happenings
OVERDUE = installed_policies().reminders.overdue
DAY = dt.timedelta(days=1)


def check(simulation: Simulation, last: dt.date) -> None:
    with reading(simulation.engine) as session:
        occurrences = list(session.exec(select(OccurrenceRow)))
        by_occurrence = defaultdict(list)
        for row in session.exec(select(ReminderRow)):
            by_occurrence[row.occurrence_id].append(row)
    assert len({row.kind for row in occurrences}) >= 4
    for occurrence in occurrences:
        reminders = by_occurrence[occurrence.id]
        every_step_came_once(occurrence, reminders, last)
        nothing_passed_in_silence(occurrence, reminders, last)


def every_step_came_once(occurrence: OccurrenceRow, reminders: list[ReminderRow], last: dt.date) -> None:
    """Each step whose day lies in the time the occurrence was open was sent on that day, to the owner, once."""
    if occurrence.act_by is None:
        return
    sent = [row for row in reminders if row.purpose is Purpose.RUNG and row.state is ReminderState.SENT]
    of_this_day = [row for row in sent if row.due == occurrence.act_by]
    assert len({(row.rung, row.due) for row in sent}) == len(sent), "a step came twice"
    first = min((row.created_at.date() for row in reminders if row.due == occurrence.act_by), default=None)
    if first is None:
        return
    closed = occurrence.closed_at.date() if occurrence.closed_at else last + DAY
    wanted: dict[dt.date, int] = {}
    for rung in sorted(LADDERS.get(occurrence.kind, LADDERS["other"]), reverse=True):
        wanted[weekday_before(occurrence.act_by - rung * DAY)] = rung
    must = {rung: on for on, rung in wanted.items() if first < on < closed and on <= last}
    came = {row.rung: row.sent_at.date() for row in of_this_day if row.sent_at and row.sent_at.date() > first}
    assert {rung: on for rung, on in came.items() if rung in must} == must, occurrence
    assert all(on <= closed for on in came.values()), "reminded of what is done"


def nothing_passed_in_silence(occurrence: OccurrenceRow, reminders: list[ReminderRow], last: dt.date) -> None:
    """What was open when its day passed: reminded of before, escalated, and everybody told that it is overdue."""
    if occurrence.act_by is None or occurrence.act_by + 4 * DAY > last or occurrence.kind in HAPPENINGS:
        return
    closed = occurrence.closed_at.date() if occurrence.closed_at else last + DAY
    if closed <= weekday_after(occurrence.act_by + DAY):
        return
    if occurrence.state is OccurrenceState.BLOCKED:
        return
    sent = [
        row for row in reminders if row.state is ReminderState.SENT and row.due == occurrence.act_by and row.sent_at
    ]
    before = [row for row in sent if row.sent_at and row.sent_at.date() <= occurrence.act_by]
    after = [row for row in sent if row.purpose is Purpose.OVERDUE]
    told = {row.recipient_id for row in after}
    assert len(told) >= 2, f"overdue, and only {len(told)} were told: {occurrence}"
    first = max(weekday_after(occurrence.act_by + DAY), occurrence.created_at.date())
    assert min(row.sent_at.date() for row in after if row.sent_at) == first
    if occurrence.created_at.date() < occurrence.act_by:
        assert [row for row in before if row.purpose is Purpose.RUNG], occurrence
    if occurrence.acknowledged_at is None and occurrence.created_at.date() < occurrence.act_by - 40 * DAY:
        assert {Purpose.DEPUTY, Purpose.GROUP} & {row.purpose for row in before}, f"not escalated: {occurrence}"
    assert occurrence.missed


def no_message_twice(simulation: Simulation) -> None:
    ids = [message.id for message in simulation.outbox.messages]
    assert len(ids) == len(set(ids))
    assert set(delivered(simulation.engine, simulation.outbox).values()) == {1}
    assert all(report.clean for report in simulation.reports), [one for one in simulation.reports if not one.clean][:1]


def terms_rolled(simulation: Simulation, today: dt.date) -> None:
    """Each contract that still runs is in the term that counting by hand gives, and its notice is that term's."""
    with reading(simulation.engine) as session:
        rows = {row.contract_id: row for row in session.exec(select(TrackedContractRow))}
    looked_at = 0
    for contract in simulation.portfolio.contracts.values():
        row = rows[contract.id]
        number = int(contract.title.split()[1])
        shape = number % 10
        if shape not in (0, 1, 2, 3) or row.cycle is None:
            continue
        start = next(term.date for term in contract.terms if term.date is not None)
        initial = 36 if shape == 3 else 12
        ends = [start + relativedelta(months=initial + 12 * index) for index in range(20)]
        expected = next(index for index, end in enumerate(ends) if end >= today)
        assert (row.cycle, row.term_end) == (expected + 1, ends[expected]), contract.title
        looked_at += 1
    assert looked_at


def test_a_year_of_a_portfolio_brings_every_step_once_and_nothing_passes_in_silence(sqlite_engine: Engine) -> None:
    simulation = Simulation(sqlite_engine, portfolio(12))
    simulation.live(366)
    last = START.date() + 365 * DAY
    check(simulation, last)
    no_message_twice(simulation)
    terms_rolled(simulation, last)


@pytest.mark.slow
def test_three_years_of_two_hundred_contracts(sqlite_engine: Engine) -> None:
    simulation = Simulation(sqlite_engine, portfolio(200))
    simulation.live(3 * 366)
    last = START.date() + (3 * 366 - 1) * DAY
    assert last > day("2028-02-29"), "a leap day lies within"
    check(simulation, last)
    no_message_twice(simulation)
    terms_rolled(simulation, last)


def crashing(engine: Engine, size: int, days: int, rate: float) -> tuple[Simulation, int]:
    """Days of a portfolio nobody looks after, with runs that stop anywhere and are started again an hour later."""
    simulation = Simulation(engine, portfolio(size), lazy=True)
    chance = random.Random(5)
    outbox = CrashingOutbox(chance, rate)
    simulation.outbox = outbox
    crashes = 0
    for number in range(days):
        now = START + number * DAY
        for hour in range(6):
            moment = now + dt.timedelta(hours=hour)
            try:
                clock = CrashingClock(moment, chance, rate)
                report = remind(engine, simulation.portfolio, {"email": outbox}, simulation.context, clock)
            except Stopped:
                crashes += 1
            else:
                simulation.reports.append(report)
                break
    return simulation, crashes


def nothing_lost_or_doubled(simulation: Simulation, crashes: int, last: dt.datetime) -> None:
    simulation.run(last + dt.timedelta(hours=12))  # looks into what the last run left
    simulation.run(last + dt.timedelta(hours=13))
    assert crashes > 10
    reported = {id_ for report in simulation.reports for id_ in report.uncertain}
    left = delivered(simulation.engine, simulation.outbox)
    with reading(simulation.engine) as session:
        rows = {row.id: row for row in session.exec(select(ReminderRow))}
        uncertain = {row.id for row in troubled(session)}
    assert set(left.values()) == {1}, "something left twice"
    assert not [row for row in rows.values() if row.state is ReminderState.CLAIMED], "something is stuck"
    assert uncertain <= reported, "uncertain, and nobody was told"
    for row in rows.values():
        if row.state is ReminderState.SENT:
            assert left[row.id] == 1, "called sent, and never left"
        if row.state is ReminderState.PLANNED:
            assert row.fire_at > last, "due, and not sent"
            assert row.id not in left
        if left[row.id]:
            assert row.state is ReminderState.SENT or row.id in reported, "left, and nobody knows"
    alerts = [row for row in rows.values() if row.purpose is Purpose.ALERT and row.occurrence_id]
    assert alerts, "whoever stands by was told of what may not have arrived"


def test_runs_that_stop_anywhere_lose_nothing_and_double_nothing(engine: Engine) -> None:
    simulation, crashes = crashing(engine, 10, 90, 0.08)
    nothing_lost_or_doubled(simulation, crashes, START + 89 * DAY)


@pytest.mark.slow
def test_a_year_of_runs_that_stop_anywhere(sqlite_engine: Engine) -> None:
    simulation, crashes = crashing(sqlite_engine, 100, 366, 0.03)
    nothing_lost_or_doubled(simulation, crashes, START + 365 * DAY)
