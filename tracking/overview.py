"""What is due, as lists: coming, overdue, by owner and the like, renewals, payments, and what was missed."""

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from sqlmodel import Session, col, select

from models.contract import MilestoneKind
from models.tracked import Choice, OccurrenceState, Purpose, ReminderState, Standing
from store.tracking_occurrences import cycle_decisions, tracked_rows
from store.tracking_owners import directory
from store.tracking_reminders import next_reminders
from store.tracking_tables import OccurrenceRow, ReminderRow, TrackedContractRow
from tracking.standing import standing

LIMIT = 2_000
"""Lines a list shows, at most."""

_ENDS = (MilestoneKind.RENEWAL, MilestoneKind.EXPIRATION, MilestoneKind.NOTICE)


class By(StrEnum):
    """What a list can be grouped by."""

    OWNER = "owner"
    DEPARTMENT = "department"
    COUNTERPARTY = "counterparty"
    TYPE = "type"
    KIND = "kind"


class Line(NamedTuple):
    """An occurrence in a list."""

    row: OccurrenceRow
    contract: TrackedContractRow | None
    owner: str
    department: str | None
    standing: Standing
    next_reminder: dt.datetime | None

    @property
    def contract_name(self) -> str:
        """What people call its contract."""
        return self.contract.title if self.contract else self.row.contract_id

    def group(self, by: By) -> str:
        """What it is listed under; empty if that is not known."""
        contract = self.contract
        match by:
            case By.OWNER:
                return self.owner
            case By.DEPARTMENT:
                return self.department or ""
            case By.KIND:
                return self.row.kind
            case By.COUNTERPARTY:
                return (contract.counterparty or "") if contract else ""
            case By.TYPE:
                return (contract.contract_type or "") if contract else ""


class Shown(NamedTuple):
    """How a line is judged: the day it is, and days before a deadline from which it is due soon.

    ``happenings`` are kinds of what comes by itself: nothing is overdue after it.
    """

    today: dt.date
    due_soon: int
    happenings: tuple[str, ...] = ()


def coming(session: Session, shown: Shown, days: int) -> list[Line]:
    """What is to be acted on from today on, so many days ahead."""
    return _between(session, shown, shown.today, shown.today + dt.timedelta(days=days))


def overdue(session: Session, shown: Shown) -> list[Line]:
    """What should have been done."""
    lines = _between(session, shown, dt.date.min, shown.today - dt.timedelta(days=1))
    return [line for line in lines if line.row.kind not in shown.happenings]


def in_month(session: Session, shown: Shown, first: dt.date) -> list[Line]:
    """All of a month: open, expected and done."""
    last = next_month(first) - dt.timedelta(days=1)
    states = (OccurrenceState.PLANNED, OccurrenceState.BLOCKED, OccurrenceState.DONE)
    return _between(session, shown, first, last, states)


def renewals(session: Session, shown: Shown) -> list[tuple[Line, Choice | None]]:
    """Ends, renewals and notices of this quarter, with what was decided about the term, if anything."""
    first = dt.date(shown.today.year, (shown.today.month - 1) // 3 * 3 + 1, 1)
    last = next_month(next_month(next_month(first))) - dt.timedelta(days=1)
    lines = [line for line in _between(session, shown, first, last) if line.row.kind in _ENDS]
    decided = cycle_decisions(session, {line.row.contract_id for line in lines})
    found = []
    for line in lines:
        about = [one for one in decided.get(line.row.contract_id, ()) if one.cycle == line.row.cycle]
        found.append((line, about[-1].choice if about else None))
    return found


class Escalated(NamedTuple):
    """A deadline that others had to be told of."""

    line: Line
    purposes: tuple[Purpose, ...]
    last: dt.datetime


def missed(session: Session, shown: Shown) -> list[Line]:
    """Deadlines that passed before anybody had acted, the newest first; closed ones too."""
    rows = session.exec(
        select(OccurrenceRow)
        .where(col(OccurrenceRow.missed).is_(True))
        .order_by(col(OccurrenceRow.act_by).desc(), col(OccurrenceRow.id))
        .limit(LIMIT)
    ).all()
    return _lines(session, rows, shown)


def escalated(session: Session, shown: Shown) -> list[Escalated]:
    """Open deadlines of which a deputy or a group was told, for nobody had acted."""
    told = session.exec(
        select(ReminderRow)
        .join(OccurrenceRow, col(OccurrenceRow.id) == col(ReminderRow.occurrence_id))
        .where(
            ReminderRow.state == ReminderState.SENT,
            col(ReminderRow.purpose).in_([Purpose.DEPUTY, Purpose.GROUP]),
            OccurrenceRow.state == OccurrenceState.PLANNED,
        )
        .order_by(col(ReminderRow.sent_at))
        .limit(LIMIT)
    ).all()
    by: dict[str, list[ReminderRow]] = {}
    for reminder in told:
        by.setdefault(reminder.occurrence_id or "", []).append(reminder)
    rows = session.exec(select(OccurrenceRow).where(col(OccurrenceRow.id).in_(list(by)))).all()
    found = []
    for line in _lines(session, rows, shown):
        reminders = by[line.row.id]
        purposes = tuple(dict.fromkeys(one.purpose for one in reminders))
        found.append(Escalated(line, purposes, max(one.sent_at or one.fire_at for one in reminders)))
    return sorted(found, key=lambda one: one.last, reverse=True)


class Bar(NamedTuple):
    """A month of a forecast; ``share`` of the largest month, from 0 to 1."""

    month: dt.date
    sum: Decimal
    payments: int
    share: float


def cash_flow(session: Session, today: dt.date, months: int = 12) -> dict[str, list[Bar]]:
    """Payments to come by month, for each currency; what has no stated amount is left out."""
    first = today.replace(day=1)
    starts = [first]
    while len(starts) < months:
        starts.append(next_month(starts[-1]))
    rows = session.exec(
        select(OccurrenceRow).where(
            OccurrenceRow.state == OccurrenceState.PLANNED,
            OccurrenceRow.kind == MilestoneKind.PAYMENT,
            col(OccurrenceRow.amount).is_not(None),
            col(OccurrenceRow.due) >= first,
            col(OccurrenceRow.due) < next_month(starts[-1]),
        )
    ).all()
    sums: dict[str, dict[dt.date, list[Decimal]]] = {}
    for row in rows:
        assert row.due is not None
        assert row.amount is not None
        by_month = sums.setdefault(row.currency or "without currency", {})
        by_month.setdefault(row.due.replace(day=1), []).append(row.amount)
    return {currency: _bars(starts, by_month) for currency, by_month in sorted(sums.items())}


def _bars(starts: Sequence[dt.date], by_month: dict[dt.date, list[Decimal]]) -> list[Bar]:
    totals = [(start, sum(by_month.get(start, []), Decimal(0)), len(by_month.get(start, []))) for start in starts]
    largest = max((total for _, total, _ in totals), default=Decimal(0))
    return [Bar(start, total, count, float(total / largest) if largest else 0.0) for start, total, count in totals]


def grouped(lines: Iterable[Line], by: By) -> list[tuple[str, list[Line]]]:
    """Lines under what they are grouped by, in its order; those of which it is not known last."""
    found: dict[str, list[Line]] = {}
    for line in lines:
        found.setdefault(line.group(by), []).append(line)
    return sorted(found.items(), key=lambda pair: (not pair[0], pair[0].casefold()))


def next_month(first: dt.date) -> dt.date:
    """The first day of the month after."""
    return (first.replace(day=1) + dt.timedelta(days=32)).replace(day=1)


def weeks(first: dt.date) -> list[list[dt.date | None]]:
    """The days of a month in weeks from Monday; None for days of other months."""
    day = first - dt.timedelta(days=first.weekday())
    after = next_month(first)
    found = []
    while day < after:
        week = [day + dt.timedelta(days=at) for at in range(7)]
        found.append([one if one.month == first.month else None for one in week])
        day += dt.timedelta(days=7)
    return found


def one(session: Session, row: OccurrenceRow, shown: Shown) -> Line:
    """A single occurrence as a line."""
    return _lines(session, [row], shown)[0]


def _between(
    session: Session,
    shown: Shown,
    first: dt.date,
    last: dt.date,
    states: Sequence[OccurrenceState] = (OccurrenceState.PLANNED,),
) -> list[Line]:
    statement = (
        select(OccurrenceRow)
        .where(
            col(OccurrenceRow.state).in_(states),
            col(OccurrenceRow.act_by) >= first,
            col(OccurrenceRow.act_by) <= last,
        )
        .order_by(col(OccurrenceRow.act_by), col(OccurrenceRow.id))
        .limit(LIMIT)
    )
    return _lines(session, session.exec(statement).all(), shown)


def _lines(session: Session, rows: Sequence[OccurrenceRow], shown: Shown) -> list[Line]:
    contracts = tracked_rows(session, {row.contract_id for row in rows})
    fires = next_reminders(session, [row.id for row in rows])
    people = directory(session)
    found = []
    for row in rows:
        owner, contract = people[row.owner_id], contracts.get(row.contract_id)
        department = (contract.department if contract else None) or owner.department
        stands = standing(row.state, row.act_by, shown.today, shown.due_soon)
        found.append(Line(row, contract, owner.name, department, stands, fires.get(row.id)))
    return found
