"""What a decision moves: everything that hangs on what was decided gets its new dates, each with a row of the audit."""

import datetime as dt
from typing import Any, NamedTuple

from sqlmodel import Session

from models.actor import Actor
from models.contract import Milestone, Term
from models.decision import Action, Finding
from review.errors import StaleVersion
from review.resolving import Reckoning, Standing, human_value, resolved, same_dates
from store import audit
from store.audit import Entry
from store.review_tables import ReviewItem
from store.reviewing import change_item, difference, due_of, finding_of, snapshot

_ATTEMPTS = 3


class Move(NamedTuple):
    """An item whose dates differ between two standings of its contract."""

    item: ReviewItem
    before: Term | Milestone | None
    after: Term | Milestone | None


def moves(before: Standing, after: Standing, using: Reckoning, but: str | None = None) -> list[Move]:
    """What falls due on another day, or no longer waits, in ``after``; all items but one."""
    old, new = resolved(before, using), resolved(after, using)
    found = []
    for item_id, item in after.items.items():
        was, now = old.get(item_id), new.get(item_id)
        if item_id == but or was is None or now is None:
            continue
        if item.state.confirmed:
            # A new reading of another passage has moved nothing that a person confirmed: now it may.
            was = human_value(item) or was
        if not (same_dates(was, now) and _is_up_to_date(item, now)):
            found.append(Move(item, was, now))
    return found


def redate(
    session: Session,
    before: Standing,
    after: Standing,
    using: Reckoning,
    actor: Actor,
    now: dt.datetime,
    *,
    because: str,
    but: str | None = None,
    bulk_id: str | None = None,
) -> list[ReviewItem]:
    """Give every item that moves its new dates; the items. ``because`` is the decision that moved them.

    What a person confirmed keeps its meaning and gets the date that now follows from it.
    """
    entries: list[Entry] = []
    moved = moves(before, after, using, but)
    for move in moved:
        assert move.after is not None  # as ``moves`` says
        old = snapshot(move.item)
        _write(session, move.item, move.after, now)
        was, became = difference(old, snapshot(move.item))
        entries.append(Entry(Action.REDATE, move.item, before=was, after=became, bulk_id=bulk_id, because=because))
    audit.write(session, actor, now, *entries)
    return [move.item for move in moved]


def date_columns(item: ReviewItem, value: Term | Milestone) -> dict[str, Any]:
    """The columns of an item that follow from the dates of its value."""
    finding = item.finding if item.finding is Finding.VANISHED else finding_of(value)
    return {"due": due_of(value), "blocked_on": value.blocked_on, "finding": finding}


def human_columns(value: Term | Milestone) -> dict[str, Any]:
    """The columns that hold a person's value."""
    return {"human_value": value.model_dump(mode="json"), "human_due": due_of(value)}


def _is_up_to_date(item: ReviewItem, value: Term | Milestone) -> bool:
    return (item.due, item.blocked_on) == (due_of(value), value.blocked_on)


def _write(session: Session, item: ReviewItem, value: Term | Milestone, now: dt.datetime) -> None:
    for _ in range(_ATTEMPTS):
        columns = date_columns(item, value)
        if item.state.confirmed:
            columns |= human_columns(value)
        # Whoever assigns an item does not wait for its contract: then it is read again.
        if change_item(session, item, now, columns, unranked=True):
            return
    raise StaleVersion(item)
