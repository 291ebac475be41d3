"""What stands in a calendar: the open occurrences of one owner, or of all."""

import datetime as dt
from collections.abc import Sequence

from sqlmodel import Session, col, select

from models.tracked import OccurrenceState, Purpose, ReminderState
from store.tracking_feeds import feed_owner
from store.tracking_occurrences import occurrences_by_id, tracked_rows
from store.tracking_owners import Directory, directory
from store.tracking_reminders import reminders_of_all
from store.tracking_tables import OccurrenceRow, TrackedContractRow
from tracking.calendar import Entry, calendar_of
from tracking.context import Context
from tracking.filtering import Filter, Judged, find
from tracking.under_review import warnings_of

_BACK = dt.timedelta(days=60)
"""How long something overdue stays in a calendar; lists and messages go on."""


def feed(session: Session, token: str, today: dt.date, base_url: str | None) -> bytes | None:
    """The calendar that a secret opens; None if it opens none."""
    owner = feed_owner(session, token)
    if owner is None:
        return None
    return calendar_of(entries(session, today, base_url, [owner.id]), f"Deadlines of {owner.name}")


def everything(session: Session, today: dt.date, base_url: str | None) -> bytes:
    """A calendar of all that is open."""
    return calendar_of(entries(session, today, base_url), "Deadlines")


def chosen_entries(session: Session, chosen: Filter, judged: Judged, base_url: str | None) -> bytes:
    """A calendar of what a filter lets through, as far as it is open and has a day."""
    rows = [row for row in find(session, chosen, judged) if row.state.open and row.act_by is not None]
    return calendar_of(_entries(session, rows, base_url), "Deadlines")


def entries(
    session: Session, today: dt.date, base_url: str | None, owner_ids: Sequence[str] | None = None
) -> list[Entry]:
    """What is open, by day: deadlines, and days that are only expected yet. Of some owners, or of all."""
    statement = select(OccurrenceRow).where(
        col(OccurrenceRow.state).in_([state for state in OccurrenceState if state.open]),
        col(OccurrenceRow.act_by) >= today - _BACK,
    )
    if owner_ids is not None:
        statement = statement.where(col(OccurrenceRow.owner_id).in_(list(owner_ids)))
    rows = session.exec(statement.order_by(col(OccurrenceRow.act_by), col(OccurrenceRow.id))).all()
    return _entries(session, rows, base_url)


def calendar_entries(session: Session, ids: Sequence[str], context: Context) -> list[Entry]:
    """Some occurrences, as far as they are open and have a day."""
    found = occurrences_by_id(session, ids).values()
    rows = sorted(
        (row for row in found if row.state.open and row.act_by is not None), key=lambda row: (row.act_by, row.id)
    )
    return _entries(session, rows, context.base_url)


def _entries(session: Session, rows: Sequence[OccurrenceRow], base_url: str | None) -> list[Entry]:
    contracts = tracked_rows(session, {row.contract_id for row in rows})
    alarms = _alarms(session, [row.id for row in rows])
    people, warned = directory(session), warnings_of(session, rows)
    return [
        entry_of(row, contracts.get(row.contract_id), people, alarms.get(row.id, ()), base_url, warned.get(row.id))
        for row in rows
    ]


def entry_of(
    row: OccurrenceRow,
    contract: TrackedContractRow | None,
    people: Directory,
    alarms: Sequence[int],
    base_url: str | None,
    warning: str | None = None,
) -> Entry:
    """An occurrence that has a day, for a calendar."""
    assert row.due is not None
    return Entry(
        id=row.id,
        version=row.version,
        changed=row.updated_at,
        day=row.act_by or row.due,
        title=row.title,
        contract=contract.title if contract else row.contract_id,
        kind=row.kind,
        due=row.due,
        send_by=row.send_by,
        counterparty=contract.counterparty if contract else None,
        owner=people[row.owner_id].name,
        tentative=row.state is OccurrenceState.BLOCKED,
        alarms=alarms,
        link=f"{base_url}/occurrences/{row.id}" if base_url else None,
        warning=warning,
    )


def _alarms(session: Session, ids: Sequence[str]) -> dict[str, tuple[int, ...]]:
    """Lead times of the reminders that are still to come, by occurrence."""
    return {
        id_: tuple(
            sorted(
                {
                    one.rung
                    for one in found
                    if one.purpose is Purpose.RUNG and one.state is ReminderState.PLANNED and one.rung is not None
                }
            )
        )
        for id_, found in reminders_of_all(session, ids).items()
    }
