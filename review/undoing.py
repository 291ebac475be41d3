"""Taking decisions back: one, or all that were taken together.

An undo is a row of the audit trail like any other act, and brings back what the decision changed; the dates that hang
on it follow. Only what still stands can be undone: once somebody has decided the item anew, that decision comes first.
"""

import datetime as dt
from collections.abc import Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import select as columns
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from models.actor import Actor, Role
from models.decision import Action, Finding, ItemState
from review.deciding import open_item, require, restore
from review.errors import Forbidden, Invalid, NotFound, StaleVersion
from review.resolving import PLAIN, Reckoning
from review.supplying import supply, withdraw
from store import audit, identity
from store.review_tables import DecisionRow, ReviewItem, SuppliedFact
from store.reviewing import find_item

OF_ITEMS = frozenset(
    {
        Action.ACCEPT,
        Action.CORRECT,
        Action.REJECT,
        Action.APPROVE,
        Action.ADD,
        Action.REOPEN,
        Action.ASSIGN,
        Action.AUTO_ACCEPT,
    }
)
OF_FACTS = frozenset({Action.SUPPLY, Action.WITHDRAW})
_BESIDE = frozenset({Action.REDATE, Action.ASSIGN})
"""What happens to an item without deciding it."""

_DATES = frozenset({"human_due", "due"})
_MOMENTS = frozenset({"decided_at"})
_WORDS: dict[str, type[StrEnum]] = {"state": ItemState, "proposed": ItemState, "finding": Finding}


class Undone(NamedTuple):
    """What was taken back: the items as they are now, the facts, and the decisions that others have overtaken."""

    items: list[ReviewItem]
    facts: list[SuppliedFact]
    overtaken: list[DecisionRow]


def undo(
    session: Session,
    actor: Actor,
    now: dt.datetime,
    decision_id: str | None = None,
    *,
    using: Reckoning = PLAIN,
) -> Undone:
    """Take back one decision, by default the actor's last one that stands; with all that were taken together with it.

    Raises ``NotFound`` where there is none, ``StaleVersion`` where somebody decided the item since, and ``Forbidden``
    for a colleague's decision, unless the actor is an administrator.
    """
    require(actor, Role.REVIEWER)
    if decision_id is None:
        decision = last_undoable(session, actor)
        if decision is None:
            raise NotFound("There is nothing to undo.")
        if decision.bulk_id is not None:
            return undo_bulk(session, actor, now, decision.bulk_id, using=using)
    else:
        decision = _found(session, decision_id)
    _own(decision, actor)
    _refuse_undone(session, decision)
    if decision.action in OF_FACTS:
        return _undo_fact(session, decision, actor, now, using)
    if decision.action not in OF_ITEMS or decision.item_id is None:
        raise Invalid("This cannot be undone.")
    item = find_item(session, decision.item_id)
    if item is None:
        raise NotFound("There is no such item.")
    return Undone([_undo_item(session, decision, item, actor, now, using, None)], [], [])


def undo_bulk(session: Session, actor: Actor, now: dt.datetime, bulk_id: str, *, using: Reckoning = PLAIN) -> Undone:
    """Take back what was decided together. What others have decided anew since stays, and is named."""
    require(actor, Role.REVIEWER)
    together = select(DecisionRow).where(DecisionRow.bulk_id == bulk_id, col(DecisionRow.action).in_(OF_ITEMS))
    # By contract, as all decisions lock them, so that two undos never wait for each other.
    rows = session.exec(together.order_by(col(DecisionRow.contract_id), col(DecisionRow.seq))).all()
    if not rows:
        raise NotFound("There is no such group of decisions.")
    again = identity.derive("undo", bulk_id)
    items: list[ReviewItem] = []
    overtaken: list[DecisionRow] = []
    undone = _undone(session, rows)
    for decision in rows:
        _own(decision, actor)
        if decision.id in undone:
            continue
        item = find_item(session, decision.item_id or "")
        if item is None:
            continue
        try:
            items.append(_undo_item(session, decision, item, actor, now, using, again))
        except StaleVersion:
            overtaken.append(decision)
    if not items and not overtaken:
        raise Invalid("This was undone already.")
    return Undone(items, [], overtaken)


def last_undoable(session: Session, actor: Actor) -> DecisionRow | None:
    """The actor's last decision that was not undone, for the undo key to say what it would take back."""
    later = aliased(DecisionRow)
    statement = (
        select(DecisionRow)
        .where(
            DecisionRow.actor_id == actor.id,
            col(DecisionRow.action).in_(OF_ITEMS | OF_FACTS),
            ~columns(col(later.seq)).where(col(later.undoes) == col(DecisionRow.id)).exists(),
        )
        .order_by(col(DecisionRow.seq).desc())
        .limit(1)
    )
    return session.exec(statement).first()


def _undo_item(
    session: Session,
    decision: DecisionRow,
    item: ReviewItem,
    actor: Actor,
    now: dt.datetime,
    using: Reckoning,
    bulk_id: str | None,
) -> ReviewItem:
    opened = open_item(session, item.id, item.version, actor)
    if _standing_decision(session, opened.item.id, decision.action is Action.ASSIGN) != decision.id:
        raise StaleVersion(opened.item)
    if decision.action is Action.ADD:
        values: dict[str, Any] = {"state": ItemState.REJECTED, "reason": "added by mistake"}
    else:
        values = _typed(decision.before or {})
    return restore(session, opened, values, actor, now, Action.UNDO, None, using, bulk_id=bulk_id, undoes=decision.id)


def _undo_fact(session: Session, decision: DecisionRow, actor: Actor, now: dt.datetime, using: Reckoning) -> Undone:
    """Take a supplied fact back and let the one before it hold again; or state again what was withdrawn."""
    contract_id, before, after = decision.contract_id or "", decision.before, decision.after
    if after is not None:
        fact = session.get(SuppliedFact, after["fact_id"], populate_existing=True)
        if fact is None or fact.withdrawn_at is not None:
            raise Invalid("Another date was stated since, or this one was withdrawn.")
    if before is not None:
        day = dt.date.fromisoformat(before["date"])
        done = supply(session, contract_id, before["anchor"], day, actor, now, using=using, undoes=decision.id)
    else:
        done = withdraw(session, (after or {})["fact_id"], actor, now, using=using, undoes=decision.id)
    return Undone(done.items, [done.fact], [])


def _standing_decision(session: Session, item_id: str, assignments: bool) -> str | None:
    """The decision that an item's state is owed to: the last one that was not taken back."""
    rows = session.exec(select(DecisionRow).where(DecisionRow.item_id == item_id).order_by(col(DecisionRow.seq).desc()))
    undone: set[str] = set()
    for row in rows:
        if row.undoes is not None:
            undone.add(row.undoes)
        elif row.id in undone or (row.action in _BESIDE) is not assignments or row.action is Action.REDATE:
            continue
        else:
            return row.id
    return None


def _undone(session: Session, rows: Sequence[DecisionRow]) -> set[str | None]:
    ids = [row.id for row in rows]
    found: set[str | None] = set()
    for start in range(0, len(ids), 500):
        chunk = ids[start : start + 500]
        found |= set(session.exec(select(col(DecisionRow.undoes)).where(col(DecisionRow.undoes).in_(chunk))))
    return found


def _refuse_undone(session: Session, decision: DecisionRow) -> None:
    if _undone(session, [decision]):
        raise Invalid("This was undone already.")


def _found(session: Session, decision_id: str) -> DecisionRow:
    decision = audit.find(session, decision_id)
    if decision is None:
        raise NotFound("There is no such decision.")
    return decision


def _own(decision: DecisionRow, actor: Actor) -> None:
    if decision.actor_id != actor.id and not actor.may(Role.ADMIN):
        raise Forbidden(f"{decision.actor_name} decided this. An administrator can undo it, or you decide it anew.")


def _typed(before: dict[str, Any]) -> dict[str, Any]:
    """Columns of an item as the audit trail keeps them, with their types."""
    values = dict(before)
    for name in values.keys() & _DATES:
        values[name] = dt.date.fromisoformat(values[name]) if values[name] else None
    for name in values.keys() & _MOMENTS:
        values[name] = dt.datetime.fromisoformat(values[name]) if values[name] else None
    for name in values.keys() & _WORDS.keys():
        values[name] = _WORDS[name](values[name]) if values[name] else None
    return values
