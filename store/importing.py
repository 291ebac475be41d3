"""Milestones that come from a register people kept until now: they wait in the review like any other, unconfirmed."""

import datetime as dt

from sqlmodel import Session

from models.actor import Actor
from models.contract import Milestone, MilestoneKind
from models.dateexpr import Fixed
from models.decision import Action, ItemState, ItemSubject
from models.evidence import Evidence
from models.money import Amount
from store import audit, identity
from store.audit import Entry
from store.review_tables import ReviewItem
from store.reviewing import AUDITED, columns_of, due_of, shared_columns, snapshot
from store.search import index_contract
from store.tables import Contract

RULE = "register"
"""What found a milestone that was imported."""

_UNKNOWN = 0.5
"""Nobody knows how reliable a register is."""


def imported_milestone(
    kind: MilestoneKind, title: str, date: dt.date, amount: Amount | None = None, who: str | None = None
) -> Milestone:
    """A milestone as a register states it. It stands in no passage of the contract."""
    return Milestone(
        kind=kind,
        title=title,
        # A register quotes nothing: whoever decides looks the passage up.
        evidence=(Evidence(start=0, end=0, quote=""),),
        rule=RULE,
        confidence=_UNKNOWN,
        expr=Fixed(date=date),
        date=date,
        amount=amount,
        who=who,
    )


def propose(
    session: Session, contract: Contract, value: Milestone, actor: Actor, now: dt.datetime, *, source: str
) -> ReviewItem | None:
    """Have people decide about an imported milestone; None if it was imported before.

    ``source`` says where it comes from ("register.xlsx, row 12").
    """
    assert value.date is not None
    id_ = identity.derive("item", "imported", contract.id, value.kind, value.title, value.date.isoformat())
    if session.get(ReviewItem, id_) is not None:
        return None
    columns = columns_of(value)
    # Without a passage it shares no clause with others.
    columns |= {"clause_hash": None, "clause_shape": None}
    item = ReviewItem(
        id=id_,
        subject=ItemSubject.ADDED,
        contract_id=contract.id,
        **columns,
        **shared_columns(session, contract),
        state=ItemState.PENDING,
        human_value=value.model_dump(mode="json"),
        human_due=due_of(value),
        reason=source,
        created_at=now,
        updated_at=now,
    )
    session.add(item)
    session.flush()
    after = {name: kept for name, kept in snapshot(item, AUDITED).items() if kept is not None}
    audit.write(session, actor, now, Entry(Action.ADD, item, after=after, reason=source))
    index_contract(session, contract)
    return item
