"""What is due, as lists: what a filter lets through, under what it is grouped by, and the days of a month."""

import datetime as dt
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple

from sqlmodel import Session

from models.tracked import Standing
from store.tracking_occurrences import holding_up, tracked_rows
from store.tracking_owners import directory
from store.tracking_reminders import next_reminders
from store.tracking_tables import OccurrenceRow, TrackedContractRow
from tracking.filtering import Filter, Judged, Listed, find
from tracking.standing import standing
from tracking.under_review import warnings_of

LIMIT = 300
"""Lines a page shows, at most; how many there are is said."""

_MONTH = 2_000
"""What a month shows, at most."""


class By(StrEnum):
    """What a list can be grouped by."""

    OWNER = "owner"
    DEPARTMENT = "department"
    COUNTERPARTY = "counterparty"
    TYPE = "type"
    KIND = "kind"
    URGENCY = "urgency"


_URGENCY = {
    Standing.OVERDUE: "Overdue",
    Standing.DUE: "Due today",
    Standing.DUE_SOON: "Due soon",
    Standing.UPCOMING: "Later",
    Standing.BLOCKED: "Waits for something",
    Standing.DONE: "Done",
    Standing.WAIVED: "Waived",
    Standing.SUPERSEDED: "Superseded",
}
"""The most urgent first."""


class Line(NamedTuple):
    """An occurrence in a list.

    ``warning`` says that an amendment is under review. ``holds_up`` is how many others wait for it.
    """

    row: OccurrenceRow
    contract: TrackedContractRow | None
    owner: str
    department: str | None
    standing: Standing
    next_reminder: dt.datetime | None
    warning: str | None = None
    holds_up: int = 0

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
            case By.URGENCY:
                return _URGENCY[self.standing]


def listed(session: Session, chosen: Filter, judged: Judged, limit: int = LIMIT) -> list[Line]:
    """What a filter lets through, by day."""
    return lines(session, find(session, chosen, judged, limit), judged)


def coming(session: Session, judged: Judged, days: int) -> list[Line]:
    """What is to be acted on from today on, so many days ahead."""
    return listed(session, Filter(first=judged.today, last=judged.today + dt.timedelta(days=days)), judged)


def overdue(session: Session, judged: Judged) -> list[Line]:
    """What should have been done."""
    return listed(session, Filter(listed=Listed.OVERDUE), judged)


def in_month(session: Session, judged: Judged, first: dt.date) -> list[Line]:
    """All of a month: open, expected and done."""
    chosen = Filter(listed=Listed.ALL, first=first, last=next_month(first) - dt.timedelta(days=1))
    found = lines(session, find(session, chosen, judged, _MONTH), judged, brief=True)
    return [line for line in found if line.standing is not Standing.WAIVED]


def grouped(lines: Iterable[Line], by: By) -> list[tuple[str, list[Line]]]:
    """Lines under what they are grouped by, in its order; those of which it is not known last."""
    found: dict[str, list[Line]] = {}
    for line in lines:
        found.setdefault(line.group(by), []).append(line)
    if by is By.URGENCY:
        order = list(_URGENCY.values())
        return sorted(found.items(), key=lambda pair: order.index(pair[0]))
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


def lines(session: Session, rows: Sequence[OccurrenceRow], judged: Judged, *, brief: bool = False) -> list[Line]:
    """Occurrences as lines, in their order; ``brief`` ones without reminders, warnings and what they hold up."""
    contracts = tracked_rows(session, {row.contract_id for row in rows})
    told = [] if brief else rows
    fires = next_reminders(session, [row.id for row in told])
    warned = warnings_of(session, [row for row in told if row.state.open])
    held_up = holding_up(session, [row for row in told if row.state.open])
    people = directory(session)
    found = []
    for row in rows:
        owner, contract = people[row.owner_id], contracts.get(row.contract_id)
        found.append(
            Line(
                row,
                contract,
                owner.name,
                (contract.department if contract else None) or owner.department,
                standing(row.state, row.act_by, judged.today, judged.due_soon),
                fires.get(row.id),
                warned.get(row.id),
                held_up.get(row.id, 0),
            )
        )
    return found
