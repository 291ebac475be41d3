"""The machine's rows of a contract: terms and milestones, written over those that are there."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import insert
from sqlmodel import Session, col, select

from models.contract import Milestone, Term, TermState
from models.milestone_keys import keys_of
from store import identity, rows
from store.tables import MilestoneRow, Row, TermRow


def milestone_keys(milestones: Iterable[Milestone], contract_id: str) -> Iterator[tuple[str, Milestone]]:
    """Each milestone with its stable key, in the order of the text."""
    found = tuple(milestones)
    keyed = zip(keys_of(found, contract_id), found, strict=True)
    yield from sorted(keyed, key=lambda one: (one[1].evidence[0].start, one[1].evidence[0].end, one[1].kind, one[0]))


def save_terms(session: Session, terms: Iterable[Term], contract_id: str, extraction_id: str, now: dt.datetime) -> None:
    """Write terms over those of a contract, each in place."""
    found = {term.field: term for term in reversed(tuple(terms))}
    stored = {row.field: row for row in _rows_of(session, TermRow, contract_id)}
    # A term the new extraction says nothing about is not known any more; nothing is claimed of it.
    found |= {
        field: Term(field=field, state=TermState.ABSENT, confidence=0.0) for field in stored if field not in found
    }
    fresh: list[dict[str, Any]] = []
    for field, term in found.items():
        columns = rows.term_columns(term)
        row = stored.get(field)
        if row is None:
            id_ = identity.derive("term", contract_id, field)
            fresh.append({"id": id_, "field": field, **_new(columns, contract_id, extraction_id, now)})
        else:
            _renew(row, columns, extraction_id, now)
            session.add(row)
    if fresh:
        session.execute(insert(TermRow), fresh)


def save_milestones(
    session: Session, milestones: Iterable[Milestone], contract_id: str, extraction_id: str, now: dt.datetime
) -> None:
    """Write milestones over those of a contract, each in place by its key; those no longer there stay, not current."""
    gone = {row.key: row for row in _rows_of(session, MilestoneRow, contract_id)}
    fresh: list[dict[str, Any]] = []
    for key, milestone in milestone_keys(milestones, contract_id):
        columns = {**rows.milestone_columns(milestone), "current": True}
        row = gone.pop(key, None)
        if row is None:
            fresh.append({"key": key, **_new(columns, contract_id, extraction_id, now)})
        else:
            _renew(row, columns, extraction_id, now)
            session.add(row)
    if fresh:
        session.execute(insert(MilestoneRow), fresh)
    for row in gone.values():
        if change(row, {"current": False}):
            row.version, row.updated_at = row.version + 1, now
            session.add(row)


_Kept = TypeVar("_Kept", TermRow, MilestoneRow)


def _rows_of(session: Session, table: type[_Kept], contract_id: str) -> Sequence[_Kept]:
    statement = select(table).where(col(table.contract_id) == contract_id)
    return session.exec(statement.execution_options(populate_existing=True)).all()


def _new(columns: Mapping[str, Any], contract_id: str, extraction_id: str, now: dt.datetime) -> dict[str, Any]:
    return {
        **columns,
        "contract_id": contract_id,
        "extraction_id": extraction_id,
        "version": 1,
        "created_at": now,
        "updated_at": now,
    }


def _renew(row: TermRow | MilestoneRow, columns: Mapping[str, Any], extraction_id: str, now: dt.datetime) -> None:
    row.extraction_id = extraction_id
    if change(row, columns):
        row.version, row.updated_at = row.version + 1, now


def change(row: Row, columns: Mapping[str, Any]) -> bool:
    """Set the columns that differ; whether any did."""
    changed = {name: value for name, value in columns.items() if getattr(row, name) != value}
    for name, value in changed.items():
        setattr(row, name, value)
    return bool(changed)
