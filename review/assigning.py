"""Handing items to people: one, or all that a filter of the queue lets through."""

import datetime as dt
import secrets
from typing import NamedTuple

from sqlalchemy import Engine
from sqlmodel import Session

from models.actor import Actor, Role
from review.deciding import assign
from review.errors import Invalid, StaleVersion
from store import review_queue
from store.account_tables import Account
from store.accounts import list_accounts
from store.engine import reading, writing
from store.review_queue import OPEN, QueueFilter
from store.review_tables import ReviewItem

MOST = 1_000
"""Items handed over in one go."""

_AT_ONCE = 100
"""Items of one transaction: colleagues need not wait for long."""


class HandedOver(NamedTuple):
    """How many items changed hands, whether more would have, and what takes it back (``undoing.undo_bulk``)."""

    bulk_id: str
    items: int
    more: bool


def assign_one(
    session: Session,
    item_id: str,
    version: int,
    actor: Actor,
    now: dt.datetime,
    *,
    assignee_id: str | None,
    approvals: int | None = None,
) -> ReviewItem:
    """Somebody in particular is to decide the item, or anybody again. Raises ``Invalid`` for who may not decide."""
    check_assignee(session, assignee_id, actor)
    return assign(session, item_id, version, actor, now, assignee_id=assignee_id, approvals=approvals)


def assign_all(
    engine: Engine, which: QueueFilter, actor: Actor, now: dt.datetime, *, assignee_id: str | None, most: int = MOST
) -> HandedOver:
    """Hand over what waits and passes the filter, what matters most first, up to ``most`` items.

    What is theirs already is left alone, and so is what changes meanwhile.
    """
    open_ = tuple(state for state in which.states if state in OPEN)
    with reading(engine) as session:
        check_assignee(session, assignee_id, actor)
        listed = review_queue.page(session, which._replace(states=open_), limit=most + 1) if open_ else []
    bulk_id = secrets.token_hex(16)
    chosen = [one.item for one in listed[:most] if one.item.assignee_id != assignee_id]
    done = 0
    for start in range(0, len(chosen), _AT_ONCE):
        with writing(engine) as session:
            for item in chosen[start : start + _AT_ONCE]:
                try:
                    assign(session, item.id, item.version, actor, now, assignee_id=assignee_id, bulk_id=bulk_id)
                except StaleVersion:  # somebody is at it this very moment: theirs
                    continue
                done += 1
    return HandedOver(bulk_id, done, len(listed) > most)


def deciders(session: Session) -> list[Account]:
    """Everybody who may decide, by name."""
    return [account for account in list_accounts(session) if account.active and account.role.allows(Role.REVIEWER)]


def check_assignee(session: Session, assignee_id: str | None, actor: Actor) -> None:
    """Raise ``Invalid`` unless that is somebody who may decide, or nobody in particular."""
    if assignee_id not in (None, actor.id, *(person.id for person in deciders(session))):
        raise Invalid("There is nobody with that id who may decide.", "assignee_id")
