"""The audit trail: added to, read, never changed."""

import datetime as dt
from collections.abc import Iterator, Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import insert
from sqlmodel import Session, col, select

from models.actor import Actor
from models.decision import Action, Decision
from store import identity
from store.review_tables import DecisionRow, ReviewItem
from store.tables import Contract

_STREAM = 500


class Entry(NamedTuple):
    """What is to be written down of one act; who, when and from which document are added to it."""

    action: Action
    item: ReviewItem | None = None
    contract_id: str | None = None
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    reason: str | None = None
    bulk_id: str | None = None
    because: str | None = None
    undoes: str | None = None
    number: str | None = None
    """Tells apart acts that have no item, and so no version, to tell them apart."""


class DecisionFilter(NamedTuple):
    """Which rows of the trail; every part left out allows all. ``since`` and ``until`` are both included."""

    item_id: str | None = None
    contract_id: str | None = None
    actor_id: str | None = None
    actions: tuple[Action, ...] = ()
    bulk_id: str | None = None
    since: dt.datetime | None = None
    until: dt.datetime | None = None


def write(session: Session, actor: Actor, now: dt.datetime, *entries: Entry) -> list[str]:
    """Add rows to the trail, in the order given; their ids."""
    if not entries:
        return []
    rows: list[dict[str, Any]] = []
    for entry in entries:
        contract_id = _contract_id(entry)
        contract = session.get(Contract, contract_id) if contract_id is not None else None
        version = entry.item.version if entry.item else None
        about = entry.item.id if entry.item else contract_id or ""
        rows.append(
            {
                "id": identity.derive("decision", about, str(version), entry.action, entry.number or ""),
                "at": now,
                "action": entry.action,
                "actor_id": actor.id,
                "actor_name": actor.name,
                "item_id": entry.item.id if entry.item else None,
                "contract_id": contract_id,
                "before": plain(entry.before) if entry.before is not None else None,
                "after": plain(entry.after) if entry.after is not None else None,
                "reason": entry.reason,
                "document_sha256": contract.document_sha256 if contract else None,
                "extraction_id": contract.extraction_id if contract else None,
                "machine_version": entry.item.machine_version if entry.item else None,
                "version": version,
                "bulk_id": entry.bulk_id,
                "because": entry.because,
                "undoes": entry.undoes,
            }
        )
    session.execute(insert(DecisionRow), rows)
    return [row["id"] for row in rows]


def decision_of(row: DecisionRow) -> Decision:
    """A row of the trail as the models have it."""
    return Decision.model_validate(row.model_dump(exclude={"seq"}))


def find(session: Session, decision_id: str) -> DecisionRow | None:
    """One row of the trail."""
    return session.exec(select(DecisionRow).where(DecisionRow.id == decision_id)).first()


def page(
    session: Session,
    which: DecisionFilter = DecisionFilter(),  # noqa: B008 - a frozen value
    *,
    limit: int = 50,
    before: int | None = None,
) -> list[DecisionRow]:
    """The newest rows first; those written before the one with the number ``before``."""
    statement = select(DecisionRow).where(*_conditions(which)).order_by(col(DecisionRow.seq).desc()).limit(limit)
    if before is not None:
        statement = statement.where(col(DecisionRow.seq) < before)
    return list(session.exec(statement))


def stream(
    session: Session,
    which: DecisionFilter = DecisionFilter(),  # noqa: B008 - a frozen value
) -> Iterator[DecisionRow]:
    """All rows in the order they were written; streamed, for export."""
    statement = select(DecisionRow).where(*_conditions(which)).order_by(col(DecisionRow.seq))
    yield from session.exec(statement.execution_options(yield_per=_STREAM))


def plain(value: Any) -> Any:
    """A value as JSON holds it."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, (dt.date, dt.datetime)):
        return value.isoformat()
    if isinstance(value, StrEnum):
        return str(value)
    return str(value) if isinstance(value, Decimal) else value


def _contract_id(entry: Entry) -> str | None:
    return entry.contract_id or (entry.item.contract_id if entry.item else None)


def _conditions(which: DecisionFilter) -> list[Any]:
    conditions: list[Any] = []
    for column, value in (
        (DecisionRow.item_id, which.item_id),
        (DecisionRow.contract_id, which.contract_id),
        (DecisionRow.actor_id, which.actor_id),
        (DecisionRow.bulk_id, which.bulk_id),
    ):
        if value is not None:
            conditions.append(col(column) == value)
    if which.actions:
        conditions.append(col(DecisionRow.action).in_(which.actions))
    if which.since is not None:
        conditions.append(col(DecisionRow.at) >= which.since)
    if which.until is not None:
        conditions.append(col(DecisionRow.at) <= which.until)
    return conditions
