"""Reports: renewals of the quarter, reviews and reporting duties, payments by month, what was missed, who has how much.

Each is a value of its own; what of it is drawn is in ``tracking.charts``.
"""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import case, func
from sqlmodel import Session, col, select

from models.contract import MilestoneKind
from models.decision import ItemState
from models.tracked import Choice, OccurrenceState, Purpose, ReminderState, Standing
from store.review_tables import ReviewItem
from store.tables import Contract
from store.tracking_occurrences import cycle_decisions
from store.tracking_owners import directory
from store.tracking_tables import OccurrenceRow, ReminderRow
from tracking.filtering import Filter, Judged, Listed, count, find
from tracking.overview import LIMIT, Line, lines, next_month
from tracking.standing import standing

_ENDS = (MilestoneKind.RENEWAL, MilestoneKind.EXPIRATION, MilestoneKind.NOTICE)
_DUTIES_AHEAD = dt.timedelta(days=90)
_MISSED_BACK = dt.timedelta(days=365)
_LEAST_REVIEWED = 10


class Numbers(NamedTuple):
    """How many there are, at a glance."""

    overdue: int
    today: int
    soon: int
    month: int


def numbers(session: Session, judged: Judged, chosen: Filter | None = None) -> Numbers:
    """What is overdue, due today, due soon, and due in the next 30 days, of what a filter lets through."""
    chosen = chosen or Filter()
    today = judged.today

    def ahead(days: int, first: int = 0) -> int:
        bounds = {"first": today + dt.timedelta(days=first), "last": today + dt.timedelta(days=days)}
        return count(session, chosen.model_copy(update={"listed": Listed.OPEN, **bounds}), judged)

    late = chosen.model_copy(update={"listed": Listed.OVERDUE, "first": None, "last": None})
    return Numbers(count(session, late, judged), ahead(0), ahead(judged.due_soon), ahead(30))


class Renewal(NamedTuple):
    """The end of a term, or the notice before it, and what was decided about the term, if anything."""

    line: Line
    choice: Choice | None


def quarter_of(day: dt.date) -> tuple[dt.date, dt.date]:
    """The first and the last day of the quarter that a day lies in."""
    first = dt.date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
    return first, next_month(next_month(next_month(first))) - dt.timedelta(days=1)


def renewals(session: Session, judged: Judged) -> list[Renewal]:
    """Ends, renewals and notices of this quarter, past ones that are still open included."""
    first, last = quarter_of(judged.today)
    rows = find(session, Filter(listed=Listed.ALL, first=first, last=last, kinds=_ENDS), judged, LIMIT)
    decided = cycle_decisions(session, {row.contract_id for row in rows})
    found = []
    for line in lines(session, rows, judged):
        about = [one for one in decided.get(line.row.contract_id, ()) if one.cycle == line.row.cycle]
        found.append(Renewal(line, about[-1].choice if about else None))
    return found


def reviews_overdue(session: Session, judged: Judged) -> list[Line]:
    """Reviews of vendors and contracts that should have been held."""
    return _listed(session, judged, Filter(listed=Listed.OVERDUE, kind=MilestoneKind.REVIEW))


def reporting_duties(session: Session, judged: Judged) -> list[Line]:
    """Reports that are owed: overdue ones, and those of the next 90 days."""
    return _listed(session, judged, Filter(kind=MilestoneKind.REPORT, last=judged.today + _DUTIES_AHEAD))


def _listed(session: Session, judged: Judged, chosen: Filter) -> list[Line]:
    return lines(session, find(session, chosen, judged, LIMIT), judged)


class Escalated(NamedTuple):
    """A deadline that others had to be told of."""

    line: Line
    purposes: tuple[Purpose, ...]
    last: dt.datetime


def missed(session: Session, judged: Judged) -> list[Line]:
    """Deadlines of the last year that passed before anybody had acted, the newest first; closed ones too."""
    rows = session.exec(
        select(OccurrenceRow)
        .where(col(OccurrenceRow.missed).is_(True), col(OccurrenceRow.act_by) >= judged.today - _MISSED_BACK)
        .order_by(col(OccurrenceRow.act_by).desc(), col(OccurrenceRow.id))
        .limit(LIMIT)
    ).all()
    return lines(session, rows, judged)


def escalated(session: Session, judged: Judged) -> list[Escalated]:
    """Open deadlines of which a deputy or a group was told, for nobody had acted."""
    told = session.exec(
        select(ReminderRow)
        .join(OccurrenceRow, col(OccurrenceRow.id) == col(ReminderRow.occurrence_id))
        .where(
            ReminderRow.state == ReminderState.SENT,
            col(ReminderRow.purpose).in_([Purpose.DEPUTY, Purpose.GROUP]),
            OccurrenceRow.state == OccurrenceState.PLANNED,
        )
        .order_by(col(ReminderRow.sent_at).desc())
        .limit(LIMIT)
    ).all()
    by: dict[str, list[ReminderRow]] = {}
    for reminder in told:
        by.setdefault(reminder.occurrence_id or "", []).append(reminder)
    rows = session.exec(select(OccurrenceRow).where(col(OccurrenceRow.id).in_(list(by)))).all()
    found = []
    for line in lines(session, rows, judged):
        reminders = sorted(by[line.row.id], key=lambda one: one.sent_at or one.fire_at)
        purposes = tuple(dict.fromkeys(one.purpose for one in reminders))
        found.append(Escalated(line, purposes, max(one.sent_at or one.fire_at for one in reminders)))
    return sorted(found, key=lambda one: one.last, reverse=True)


class Month(NamedTuple):
    """A month of a forecast."""

    month: dt.date
    sum: Decimal
    payments: int


def months_from(first: dt.date, number: int) -> list[dt.date]:
    """The first days of so many months."""
    found = [first.replace(day=1)]
    while len(found) < number:
        found.append(next_month(found[-1]))
    return found


def cash_flow(session: Session, today: dt.date, months: int = 12) -> dict[str, list[Month]]:
    """Payments to come by month, for each currency.

    Payments that only wait for their day (``expected``) count in the month it is expected in; what has no stated amount
    is left out.
    """
    starts = months_from(today, months)
    rows = session.exec(
        select(col(OccurrenceRow.due), col(OccurrenceRow.amount), col(OccurrenceRow.currency)).where(
            col(OccurrenceRow.state).in_([OccurrenceState.PLANNED, OccurrenceState.BLOCKED]),
            OccurrenceRow.kind == MilestoneKind.PAYMENT,
            col(OccurrenceRow.amount).is_not(None),
            col(OccurrenceRow.due) >= today,
            col(OccurrenceRow.due) < next_month(starts[-1]),
        )
    )
    sums: dict[str, dict[dt.date, list[Decimal]]] = {}
    for due, amount, currency in rows:
        assert due is not None
        assert amount is not None
        by_month = sums.setdefault(currency or "without currency", {})
        by_month.setdefault(due.replace(day=1), []).append(amount)
    return {
        currency: [Month(at, sum(paid.get(at, []), Decimal(0)), len(paid.get(at, []))) for at in starts]
        for currency, paid in sorted(sums.items())
    }


class Ahead(NamedTuple):
    """How many deadlines a month has, by what they are about."""

    month: dt.date
    ends: int
    payments: int
    others: int

    @property
    def all(self) -> int:
        """All of them."""
        return self.ends + self.payments + self.others


def year_ahead(session: Session, judged: Judged, months: int = 12) -> list[Ahead]:
    """What is to be acted on in each of the next months."""
    starts = months_from(judged.today, months)
    found = session.exec(
        select(col(OccurrenceRow.act_by), OccurrenceRow.kind, func.count())
        .where(
            OccurrenceRow.state == OccurrenceState.PLANNED,
            col(OccurrenceRow.act_by) >= judged.today,
            col(OccurrenceRow.act_by) < next_month(starts[-1]),
        )
        .group_by(col(OccurrenceRow.act_by), col(OccurrenceRow.kind))
    )
    counted = {start: [0, 0, 0] for start in starts}
    for day, kind, number in found:
        assert day is not None
        group = 0 if kind in _ENDS else 1 if kind == MilestoneKind.PAYMENT else 2
        counted[day.replace(day=1)][group] += number
    return [Ahead(start, *numbers) for start, numbers in counted.items()]


class Load(NamedTuple):
    """How much an owner has open, by how urgent it is."""

    owner: str
    overdue: int
    soon: int
    later: int

    @property
    def all(self) -> int:
        """All of it."""
        return self.overdue + self.soon + self.later


def workload(session: Session, judged: Judged, days: int = 90) -> list[Load]:
    """What is overdue, due soon and due in the next 90 days, by owner; who has most overdue first."""
    last = judged.today + dt.timedelta(days=days)
    found = session.exec(
        select(OccurrenceRow.owner_id, col(OccurrenceRow.act_by), OccurrenceRow.kind, func.count())
        .where(OccurrenceRow.state == OccurrenceState.PLANNED, col(OccurrenceRow.act_by) <= last)
        .group_by(col(OccurrenceRow.owner_id), col(OccurrenceRow.act_by), col(OccurrenceRow.kind))
    )
    counted: dict[str, list[int]] = {}
    for owner, day, kind, number in found:
        stands = standing(OccurrenceState.PLANNED, day, judged.today, judged.due_soon)
        if stands is Standing.OVERDUE and kind in judged.happenings:
            continue
        group = {Standing.OVERDUE: 0, Standing.DUE: 1, Standing.DUE_SOON: 1}.get(stands, 2)
        counted.setdefault(owner, [0, 0, 0])[group] += number
    people = directory(session)
    loads = [Load(people[owner].name, *numbers) for owner, numbers in counted.items()]
    return sorted(loads, key=lambda load: (-load.overdue, -load.soon, load.owner))


class Progress(NamedTuple):
    """How far the review is. ``name`` is the contract's, empty for all of them."""

    contract_id: str
    name: str
    confirmed: int
    rejected: int
    open: int

    @property
    def all(self) -> int:
        """All there was to decide."""
        return self.confirmed + self.rejected + self.open

    @property
    def decided(self) -> float:
        """The share that is decided."""
        return (self.confirmed + self.rejected) / self.all if self.all else 1.0


def review_progress(session: Session) -> tuple[Progress, Sequence[Progress]]:
    """How far the review is on the whole, and the contracts of which most is still to be decided."""
    state = col(ReviewItem.state)

    def number(*states: ItemState) -> Any:
        return func.sum(case((state.in_(states), 1), else_=0))

    confirmed = [one for one in ItemState if one.confirmed]
    waiting = [one for one in ItemState if one.open]
    counted = (number(*confirmed), number(ItemState.REJECTED), number(*waiting))
    total = session.exec(select(*counted)).one()
    least = session.exec(
        select(ReviewItem.contract_id, *counted)
        .group_by(col(ReviewItem.contract_id))
        .having(counted[2] > 0)
        .order_by(counted[2].desc(), col(ReviewItem.contract_id))
        .limit(_LEAST_REVIEWED)
    ).all()
    names = session.exec(select(Contract).where(col(Contract.id).in_([row[0] for row in least])))
    titles = {one.id: one.title or one.name for one in names}
    whole = Progress("", "", *(int(one or 0) for one in total))
    return whole, [Progress(row[0], titles[row[0]], *(int(one) for one in row[1:])) for row in least]
