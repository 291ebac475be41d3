"""Supplying a fact that a contract waits for ("delivered on 3 May"): what hung on it gets its dates."""

import datetime as dt
from typing import NamedTuple

from sqlalchemy import func, update
from sqlmodel import Session, col, select

from models.actor import Actor, Role
from models.dateexpr import Anchor, AnchorName
from models.decision import Action
from review.deciding import check_date, cleaned, require
from review.errors import Invalid, NotFound
from review.redating import redate
from review.resolving import PLAIN, Reckoning, Standing, anchor_of, load_contract, load_standing
from store import audit, identity
from store.audit import Entry
from store.confirmed import fact_of
from store.review_tables import ReviewItem, SuppliedFact

_LONGEST = 500


class Supplied(NamedTuple):
    """A fact as supplied, the decision that did it, and the items whose dates it moved."""

    fact: SuppliedFact
    decision_id: str
    items: list[ReviewItem]


def supply(
    session: Session,
    contract_id: str,
    anchor: str,
    date: dt.date,
    actor: Actor,
    now: dt.datetime,
    *,
    using: Reckoning = PLAIN,
    note: str | None = None,
    bulk_id: str | None = None,
    undoes: str | None = None,
) -> Supplied:
    """State the day of something the contract counts from, by ``Anchor.key``; one that was stated before is replaced.

    Raises ``Invalid`` for a key that names nothing or a date that cannot be meant.
    """
    require(actor, Role.REVIEWER)
    named = anchor_of(anchor)
    if named is None or len(anchor) > _LONGEST:
        raise Invalid(f"Nothing is called {anchor[:80]!r}.", "anchor")
    if named.name is AnchorName.PERIOD_END:
        raise Invalid("A period that comes back has no one day on which it ends.", "anchor")
    check_date(date, "date")
    standing = _locked(session, contract_id)
    before = _holding(session, contract_id, named.key)
    if before is not None and before.date == date:
        raise Invalid("That is known already.", "date")
    if before is not None:
        _withdraw(session, before, actor, now)
    fact = _new_fact(session, contract_id, named, date, actor, now, cleaned(note))
    session.add(fact)
    session.flush()
    entry = Entry(
        Action.UNDO if undoes else Action.SUPPLY,
        contract_id=contract_id,
        before=_told(before) if before else None,
        after=_told(fact),
        reason=fact.note,
        number=fact.id,
        bulk_id=bulk_id,
        undoes=undoes,
    )
    [because] = audit.write(session, actor, now, entry)
    after = standing.with_fact(fact.anchor, fact_of(fact))
    items = redate(session, standing, after, using, actor, now, because=because, bulk_id=bulk_id)
    return Supplied(fact, because, items)


def withdraw(
    session: Session,
    fact_id: str,
    actor: Actor,
    now: dt.datetime,
    *,
    using: Reckoning = PLAIN,
    reason: str | None = None,
    undoes: str | None = None,
) -> Supplied:
    """Take a supplied fact back: what hung on it waits again."""
    require(actor, Role.REVIEWER)
    fact = session.get(SuppliedFact, fact_id, populate_existing=True)
    if fact is None:
        raise NotFound("There is no such fact.")
    standing = _locked(session, fact.contract_id)
    session.refresh(fact)
    if fact.withdrawn_at is not None:
        raise Invalid("This fact was withdrawn already.")
    _withdraw(session, fact, actor, now)
    entry = Entry(
        Action.UNDO if undoes else Action.WITHDRAW,
        contract_id=fact.contract_id,
        before=_told(fact),
        reason=cleaned(reason),
        number=f"{fact.id} withdrawn",
        undoes=undoes,
    )
    [because] = audit.write(session, actor, now, entry)
    items = redate(session, standing, standing.with_fact(fact.anchor, None), using, actor, now, because=because)
    return Supplied(fact, because, items)


def facts(session: Session, contract_id: str, *, withdrawn: bool = False) -> list[SuppliedFact]:
    """The supplied facts of a contract, oldest first."""
    statement = select(SuppliedFact).where(SuppliedFact.contract_id == contract_id)
    if not withdrawn:
        statement = statement.where(col(SuppliedFact.withdrawn_at).is_(None))
    return list(session.exec(statement.order_by(col(SuppliedFact.supplied_at), col(SuppliedFact.id))))


def anchor_words(anchor: Anchor) -> str:
    """A name for what a fact is about: ``Delivery``, ``Acceptance of phase 2``."""
    words = anchor.event or anchor.name.replace("_", " ")
    return words[:1].upper() + words[1:]


def _locked(session: Session, contract_id: str) -> Standing:
    return load_standing(session, load_contract(session, contract_id, lock=True))


def _holding(session: Session, contract_id: str, anchor: str) -> SuppliedFact | None:
    statement = select(SuppliedFact).where(
        SuppliedFact.contract_id == contract_id,
        SuppliedFact.anchor == anchor,
        col(SuppliedFact.withdrawn_at).is_(None),
    )
    return session.exec(statement.execution_options(populate_existing=True)).first()


def _new_fact(
    session: Session, contract_id: str, anchor: Anchor, date: dt.date, actor: Actor, now: dt.datetime, note: str | None
) -> SuppliedFact:
    counted = select(func.count()).where(
        col(SuppliedFact.contract_id) == contract_id, col(SuppliedFact.anchor) == anchor.key
    )
    number = session.exec(counted).one() + 1
    return SuppliedFact(
        id=identity.derive("fact", contract_id, anchor.key, str(number)),
        contract_id=contract_id,
        anchor=anchor.key,
        number=number,
        date=date,
        label=anchor_words(anchor),
        note=note,
        supplied_by=actor.id,
        supplied_by_name=actor.name,
        supplied_at=now,
    )


def _withdraw(session: Session, fact: SuppliedFact, actor: Actor, now: dt.datetime) -> None:
    session.execute(
        update(SuppliedFact)
        .where(col(SuppliedFact.id) == fact.id)
        .values(withdrawn_by=actor.id, withdrawn_at=now)
        .execution_options(synchronize_session=False)
    )
    session.refresh(fact)


def _told(fact: SuppliedFact) -> dict[str, object]:
    return {"fact_id": fact.id, "anchor": fact.anchor, "label": fact.label, "date": fact.date.isoformat()}
