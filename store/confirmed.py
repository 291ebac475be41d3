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
from models.decision import PROGRAM, Action, ItemState, ItemSubject
from models.resolution import Fact
from store.family_tables import AmendmentChange
from store.recurring_tables import RereadDifference, RereadEffect
from store.review_tables import DecisionRow, ReviewItem, SuppliedFact
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
    ids: list[str] = sorted({*session.exec(statement), *_under_review(session, contract_id)})
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
    for held in _held(session, ids):
        items.setdefault(held.contract_id, []).append(held)
    facts: dict[str, dict[str, Fact]] = {}
    holding = select(SuppliedFact).where(
        col(SuppliedFact.contract_id).in_(ids), col(SuppliedFact.withdrawn_at).is_(None)
    )
    for row in session.exec(holding):
        facts.setdefault(row.contract_id, {})[row.anchor] = fact_of(row)
    for id_ in ids:
        if id_ not in items:
            continue  # amended, and nothing of it was ever confirmed
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


def _under_review(session: Session, contract_id: str | None) -> list[str]:
    """Ids of the contracts that an amendment changes, or that a new reading gave another answer of."""
    amended = select(AmendmentChange.parent_id).distinct()
    reread = select(RereadDifference.contract_id).where(RereadDifference.effect == RereadEffect.REOPENS).distinct()
    if contract_id is not None:
        amended = amended.where(AmendmentChange.parent_id == contract_id)
        reread = reread.where(RereadDifference.contract_id == contract_id)
    return [*session.exec(amended), *session.exec(reread)]


def _held(session: Session, ids: list[str]) -> Iterator[ReviewItem]:
    """What was confirmed, and is open again because an amendment or a new reading changes it: the old value.

    Until somebody decides; to track nothing meanwhile would lose the reminders of the day that may still hold.
    """
    amended = select(AmendmentChange.item_id).where(col(AmendmentChange.parent_id).in_(ids))
    reread = select(RereadDifference.item_id).where(
        col(RereadDifference.contract_id).in_(ids), RereadDifference.effect == RereadEffect.REOPENS
    )
    changed = col(ReviewItem.id).in_(amended) | col(ReviewItem.id).in_(reread)
    opened = select(ReviewItem).where(changed, col(ReviewItem.state) == ItemState.PENDING)
    for item in session.exec(opened.order_by(col(ReviewItem.id))):
        last = session.exec(
            select(DecisionRow).where(DecisionRow.item_id == item.id).order_by(col(DecisionRow.seq).desc()).limit(1)
        ).first()
        old = last.before if last and last.action is Action.REOPEN and last.actor_id == PROGRAM.id else None
        if last is not None and old and old.get("human_value"):
            by, at = old.get("decided_by"), old.get("decided_at")
            known = {"human_value": old["human_value"], "decided_by": by}
            yield item.model_copy(update={**known, "decided_at": dt.datetime.fromisoformat(at) if at else last.at})


def fact_of(row: SuppliedFact) -> Fact:
    """A supplied fact for the date algebra; whatever hangs on it says who stated it."""
    return Fact(label=row.label, expr=Fixed(date=row.date), note=f"{row.label}: stated by {row.supplied_by_name}")
