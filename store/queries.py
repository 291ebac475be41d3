"""Reading results back: lists for people, streams for export, and values as the models have them."""

import datetime as dt
from collections.abc import Collection, Iterator
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, func
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from models.contract import MilestoneKind, Outcome, TermField
from store.rows import milestone_of, term_of
from store.tables import Batch, Contract, Document, Extraction, LedgerEntry, MilestoneRow, TermRow

__all__ = [
    "ALL",
    "Listed",
    "MilestoneFilter",
    "count_milestones",
    "iter_milestones",
    "iter_outcomes",
    "list_contracts",
    "list_milestones",
    "milestone_of",
    "term_of",
    "terms_of",
]

_STREAM = 500
"""Rows held at a time while streaming."""


class MilestoneFilter(NamedTuple):
    """Which milestones; every part left out allows all.

    ``due_from`` and ``due_to`` (both included) compare ``machine_due``; ``batch_id`` keeps the contracts of
    that batch's files.
    """

    contract_id: str | None = None
    batch_id: str | None = None
    kinds: Collection[MilestoneKind] = ()
    due_from: dt.date | None = None
    due_to: dt.date | None = None
    blocked: bool | None = None
    min_confidence: float | None = None
    current: bool | None = True


class Listed(NamedTuple):
    """A milestone with its contract."""

    milestone: MilestoneRow
    contract: Contract


ALL = MilestoneFilter()


def iter_milestones(session: Session, which: MilestoneFilter = ALL) -> Iterator[Listed]:
    """Milestones by due day (undated last), then contract and place in it; streamed, not held in memory."""
    yield from _milestones(session, which, None, 0)


def list_milestones(
    session: Session, which: MilestoneFilter = ALL, *, limit: int | None = None, offset: int = 0
) -> list[Listed]:
    """A page of the milestones, in the order of ``iter_milestones``."""
    return list(_milestones(session, which, limit, offset))


def count_milestones(session: Session, which: MilestoneFilter = ALL) -> int:
    """How many milestones there are."""
    counted = select(func.count()).select_from(MilestoneRow).join(Contract, _same_contract()).where(*_conditions(which))
    return session.exec(counted).one()


def list_contracts(
    session: Session, *, batch_id: str | None = None, limit: int | None = None, offset: int = 0
) -> list[Contract]:
    """A page of the contracts, by file name, then id."""
    statement = select(Contract).order_by(col(Contract.name), col(Contract.id)).limit(limit).offset(offset)
    if batch_id is not None:
        statement = statement.where(_in_batch(batch_id))
    return list(session.exec(statement))


def terms_of(session: Session, contract_id: str) -> list[TermRow]:
    """The terms of a contract, in the order of ``TermField``."""
    order = list(TermField)
    rows = session.exec(select(TermRow).where(TermRow.contract_id == contract_id))
    return sorted(rows, key=lambda row: order.index(row.field))


def iter_outcomes(session: Session, *, batch_id: str | None = None) -> Iterator[tuple[Document, Extraction, Outcome]]:
    """What each document gave when last read (by the batch's versions, if one is given), by hash; streamed."""
    statement = select(Document, Extraction).join(Extraction, col(Extraction.document_sha256) == Document.sha256)
    if batch_id is None:
        newest_first = col(Extraction.created_at).desc(), col(Extraction.id)
        rank = func.row_number().over(partition_by=col(Extraction.document_sha256), order_by=newest_first)
        ranked = columns(col(Extraction.id).label("id"), rank.label("rank")).subquery()
        newest = columns(ranked.c.id).where(ranked.c.rank == 1)
        statement = statement.where(col(Extraction.id).in_(newest))
    else:
        statement = statement.join(
            Batch,
            (col(Batch.ruleset_version) == Extraction.ruleset_version)
            & (col(Batch.model_version) == Extraction.model_version),
        ).where(Batch.id == batch_id, col(Document.sha256).in_(_hashes(batch_id)))
    streamed = statement.order_by(col(Document.sha256)).execution_options(yield_per=_STREAM)
    for document, extraction in session.exec(streamed):
        yield document, extraction, Outcome.model_validate(extraction.outcome)


def _milestones(session: Session, which: MilestoneFilter, limit: int | None, offset: int) -> Iterator[Listed]:
    statement = (
        select(MilestoneRow, Contract)
        .join(Contract, _same_contract())
        .where(*_conditions(which))
        .order_by(
            col(MilestoneRow.machine_due).nulls_last(),
            col(Contract.name),
            col(Contract.id),
            col(MilestoneRow.position),
            col(MilestoneRow.key),
        )
        .limit(limit)
        .offset(offset)
        .execution_options(yield_per=_STREAM)
    )
    for milestone, contract in session.exec(statement):
        yield Listed(milestone, contract)


def _conditions(which: MilestoneFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if which.contract_id is not None:
        conditions.append(col(MilestoneRow.contract_id) == which.contract_id)
    if which.batch_id is not None:
        conditions.append(_in_batch(which.batch_id))
    if which.kinds:
        conditions.append(col(MilestoneRow.kind).in_(which.kinds))
    if which.due_from is not None:
        conditions.append(col(MilestoneRow.machine_due) >= which.due_from)
    if which.due_to is not None:
        conditions.append(col(MilestoneRow.machine_due) <= which.due_to)
    if which.blocked is not None:
        blocked = col(MilestoneRow.machine_blocked_on).is_not(None)
        conditions.append(blocked if which.blocked else ~blocked)
    if which.min_confidence is not None:
        conditions.append(col(MilestoneRow.machine_confidence) >= which.min_confidence)
    if which.current is not None:
        conditions.append(col(MilestoneRow.current).is_(which.current))
    return conditions


def _same_contract() -> ColumnElement[bool]:
    return col(Contract.id) == col(MilestoneRow.contract_id)


def _in_batch(batch_id: str) -> ColumnElement[bool]:
    return col(Contract.document_sha256).in_(_hashes(batch_id))


def _hashes(batch_id: str) -> Select[tuple[str | None]]:
    hashes = columns(col(LedgerEntry.sha256))
    return hashes.where(col(LedgerEntry.batch_id) == batch_id, col(LedgerEntry.sha256).is_not(None))
