"""Which occurrences a list, a workbook or a calendar shows: one filter for all of them."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from pydantic import Field
from sqlalchemy import ColumnElement, func, or_
from sqlmodel import Session, col, select

from models.base import Value
from models.contract import MilestoneKind
from models.tracked import OccurrenceState
from store.tracking_owners import owner_name
from store.tracking_tables import EnteredDeadline, OccurrenceRow, Owner, TrackedContractRow

_LONGEST = 200


class Listed(StrEnum):
    """In which state what is listed stands."""

    OPEN = "open"
    """To be acted on, overdue included."""
    OVERDUE = "overdue"
    WAITING = "waiting"
    """For an event, or for another milestone."""
    DONE = "done"
    WAIVED = "waived"
    ALL = "all"
    """All of these; what was superseded is never listed."""

    @property
    def states(self) -> tuple[OccurrenceState, ...]:
        """As they are on record."""
        match self:
            case Listed.OPEN | Listed.OVERDUE:
                return (OccurrenceState.PLANNED,)
            case Listed.WAITING:
                return (OccurrenceState.BLOCKED,)
            case Listed.DONE:
                return (OccurrenceState.DONE,)
            case Listed.WAIVED:
                return (OccurrenceState.WAIVED,)
            case Listed.ALL:
                return tuple(state for state in OccurrenceState if state is not OccurrenceState.SUPERSEDED)

    @property
    def closed(self) -> bool:
        """Whether only what is over is listed."""
        return self in (Listed.DONE, Listed.WAIVED)


class Filter(Value):
    """What must hold of an occurrence to be listed; what is left out takes everything.

    ``kind`` is one kind, ``kinds`` are several. ``first`` and ``last`` bound the day to act by; what has none is listed
    where neither is given. ``owner`` is an owner's name, ``counterparty`` a part of the counterparty's, and each word
    of ``text`` a part of the title, the contract or the counterparty. Letter case is ignored.
    """

    listed: Listed = Listed.OPEN
    first: dt.date | None = None
    last: dt.date | None = None
    kind: str | None = None
    kinds: tuple[str, ...] = ()
    owner: str | None = None
    department: str | None = None
    counterparty: str | None = Field(default=None, max_length=_LONGEST)
    contract_type: str | None = None
    contract: str | None = None
    text: str | None = Field(default=None, max_length=_LONGEST)


def within(listed: Listed, days: int | None, today: dt.date) -> dict[str, dt.date]:
    """The bounds of a filter by so many days: ahead for what is open, overdue included, and back for what is over."""
    if days is None or listed is Listed.OVERDUE:
        return {}
    span = dt.timedelta(days=days)
    if listed.closed:
        return {"first": today - span}
    return {"last": today + span} | ({"first": today - span} if listed is Listed.ALL else {})


class Judged(NamedTuple):
    """How occurrences are judged: the day it is, and days before a deadline from which it is due soon.

    ``happenings`` are kinds of what comes by itself: nothing is overdue after it.
    """

    today: dt.date
    due_soon: int
    happenings: tuple[str, ...] = ()


def find(session: Session, chosen: Filter, judged: Judged, limit: int | None = None) -> list[OccurrenceRow]:
    """The occurrences that a filter lets through, by their day; those without one last."""
    day = col(OccurrenceRow.act_by)
    # What is over is looked at from its end.
    ordered = day.desc() if chosen.listed.closed else day
    statement = _where(select(OccurrenceRow), chosen, judged)
    # What is bounded has a day: then the index gives it in order, and only as much is read as is shown.
    bounded = chosen.first is not None or chosen.last is not None or chosen.listed is Listed.OVERDUE
    last = () if bounded else (day.is_(None),)
    statement = statement.order_by(*last, ordered, col(OccurrenceRow.id))
    return list(session.exec(statement.limit(limit) if limit else statement))


def count(session: Session, chosen: Filter, judged: Judged) -> int:
    """How many there are."""
    return int(session.exec(_where(select(func.count()).select_from(OccurrenceRow), chosen, judged)).one())


def _where(statement: Any, chosen: Filter, judged: Judged) -> Any:
    return (
        statement.join(Owner, col(Owner.id) == col(OccurrenceRow.owner_id))
        .outerjoin(TrackedContractRow, col(TrackedContractRow.contract_id) == col(OccurrenceRow.contract_id))
        .where(*_conditions(chosen, judged))
    )


def _conditions(chosen: Filter, judged: Judged) -> Iterator[ColumnElement[bool]]:
    act_by = col(OccurrenceRow.act_by)
    yield col(OccurrenceRow.state).in_(chosen.listed.states)
    if chosen.listed is Listed.OVERDUE:
        yield act_by < judged.today
        yield col(OccurrenceRow.kind).not_in(judged.happenings)
    elif chosen.listed is Listed.OPEN:
        yield or_(act_by >= judged.today, col(OccurrenceRow.kind).not_in(judged.happenings))
    if chosen.first is not None:
        yield act_by >= chosen.first
    if chosen.last is not None:
        yield act_by <= chosen.last
    if chosen.kinds:
        yield col(OccurrenceRow.kind).in_(chosen.kinds)
    department = func.coalesce(col(TrackedContractRow.department), col(Owner.department))
    for column, value in (
        (col(OccurrenceRow.kind), chosen.kind),
        (col(Owner.name), chosen.owner and owner_name(chosen.owner)),
        (department, chosen.department),
        (col(TrackedContractRow.contract_type), chosen.contract_type),
        (col(OccurrenceRow.contract_id), chosen.contract),
    ):
        if value:
            yield func.lower(column) == value.lower()
    if chosen.counterparty:
        yield _holds(col(TrackedContractRow.counterparty), chosen.counterparty)
    for word in (chosen.text or "").split():
        columns = (OccurrenceRow.title, TrackedContractRow.title, TrackedContractRow.counterparty)
        yield or_(*(_holds(col(column), word) for column in columns))


def _holds(column: Any, part: str) -> ColumnElement[bool]:
    return func.lower(column).contains(part.lower(), autoescape=True)


class Choices(NamedTuple):
    """What there is to choose from, in order."""

    kinds: Sequence[str]
    owners: Sequence[str]
    departments: Sequence[str]
    contract_types: Sequence[str]


def choices(session: Session) -> Choices:
    """What there may be. Asked of the small tables alone: however many occurrences there are, a list opens at once."""
    kinds = {*MilestoneKind, *session.exec(select(EnteredDeadline.kind).distinct())}
    owners = session.exec(select(Owner.name).where(Owner.active))
    departments = {*session.exec(select(TrackedContractRow.department).distinct())}
    departments |= {*session.exec(select(Owner.department).distinct())}
    types = session.exec(select(TrackedContractRow.contract_type).distinct())
    return Choices(sorted(map(str, kinds)), sorted(owners), _known(departments), _known(types))


def _known(words: Iterable[str | None]) -> list[str]:
    return sorted((word for word in words if word), key=str.casefold)
