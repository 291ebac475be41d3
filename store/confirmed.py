"""What people stand behind, for whoever tracks it: confirmed milestones and terms, and the facts they supplied.

What nobody confirmed is not here, whatever the program thinks of it.
"""

import datetime as dt
from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import func
from sqlmodel import Session, col, select

from models.contract import Milestone, Term, TermField
from models.dateexpr import Fixed
from models.decision import ItemState, ItemSubject
from models.resolution import Fact
from store.review_tables import ReviewItem, SuppliedFact
from store.tables import Contract

CONFIRMED = (ItemState.ACCEPTED, ItemState.CORRECTED)
_STREAM = 200


class ConfirmedMilestone(NamedTuple):
    """A milestone with the item it was decided by; ``version`` grows when it is decided anew or its dates move.

    ``key`` is its stable name: the milestone's key, or the item's id for one that a person added.
    """

    item_id: str
    key: str
    version: int
    milestone: Milestone
    decided_by: str
    decided_at: dt.datetime


class Confirmed(NamedTuple):
    """All that people confirmed of one contract. ``facts`` are by ``Anchor.key``."""

    contract: Contract
    milestones: tuple[ConfirmedMilestone, ...]
    terms: tuple[Term, ...]
    facts: dict[str, Fact]

    def term(self, field: TermField) -> Term | None:
        """The confirmed term of that name."""
        return next((term for term in self.terms if term.field is field), None)


def iter_confirmed(session: Session, contract_id: str | None = None) -> Iterator[Confirmed]:
    """Each contract of which anything was confirmed, by id; streamed, a contract at a time."""
    statement = (
        select(ReviewItem.contract_id)
        .where(col(ReviewItem.state).in_(CONFIRMED))
        .group_by(col(ReviewItem.contract_id))
        .order_by(col(ReviewItem.contract_id))
    )
    if contract_id is not None:
        statement = statement.where(ReviewItem.contract_id == contract_id)
    ids: list[str] = list(session.exec(statement))
    for start in range(0, len(ids), _STREAM):
        yield from _confirmed(session, ids[start : start + _STREAM])


def last_change(session: Session) -> dt.datetime | None:
    """When anything that is confirmed, was confirmed or was supplied last changed: what is tracked may be stale."""
    moments = [
        session.exec(select(func.max(column))).one()
        for column in (ReviewItem.updated_at, SuppliedFact.supplied_at, SuppliedFact.withdrawn_at)
    ]
    return max((moment for moment in moments if moment is not None), default=None)


def _confirmed(session: Session, ids: list[str]) -> Iterator[Confirmed]:
    contracts = {row.id: row for row in session.exec(select(Contract).where(col(Contract.id).in_(ids)))}
    items: dict[str, list[ReviewItem]] = {}
    deciding = select(ReviewItem).where(col(ReviewItem.contract_id).in_(ids), col(ReviewItem.state).in_(CONFIRMED))
    for item in session.exec(deciding.order_by(col(ReviewItem.due), col(ReviewItem.id))):
        items.setdefault(item.contract_id, []).append(item)
    facts: dict[str, dict[str, Fact]] = {}
    holding = select(SuppliedFact).where(
        col(SuppliedFact.contract_id).in_(ids), col(SuppliedFact.withdrawn_at).is_(None)
    )
    for row in session.exec(holding):
        facts.setdefault(row.contract_id, {})[row.anchor] = fact_of(row)
    for id_ in ids:
        terms = tuple(
            Term.model_validate(item.human_value)
            for item in items.get(id_, ())
            if item.subject is ItemSubject.TERM and item.human_value is not None
        )
        milestones = tuple(
            ConfirmedMilestone(
                item.id,
                item.milestone_key or item.id,
                item.version,
                Milestone.model_validate(item.human_value),
                item.decided_by or "",
                item.decided_at or item.updated_at,
            )
            for item in items.get(id_, ())
            if item.subject is not ItemSubject.TERM and item.human_value is not None
        )
        yield Confirmed(contracts[id_], milestones, terms, facts.get(id_, {}))


def fact_of(row: SuppliedFact) -> Fact:
    """A supplied fact for the date algebra; whatever hangs on it says who stated it."""
    return Fact(label=row.label, expr=Fixed(date=row.date), note=f"{row.label}: stated by {row.supplied_by_name}")
