"""Deciding one item: accept, correct, reject, approve, open again, assign.

Every function works in the caller's writing transaction (``store.engine.writing``), takes the version of the item that
the person saw, and raises ``StaleVersion`` if a colleague was quicker: of several decisions on one version exactly one
succeeds. Decisions on one contract take turns, since each may move the dates of others.
"""

import datetime as dt
from typing import Any, NamedTuple

from sqlmodel import Session

from models.actor import Actor, Role
from models.contract import Milestone, Term, TermField, TermState
from models.decision import PROGRAM, Action, Change, ItemState, ItemSubject
from models.editing import (
    BadChangeError,
    changed_milestone,
    changed_term,
    confirmed_milestone,
    confirmed_term,
    moves_dates,
)
from models.resolution import Blocked
from review.errors import Forbidden, Invalid, NotFound, StaleVersion
from review.redating import date_columns, human_columns, redate
from review.resolving import (
    PLAIN,
    Reckoning,
    Standing,
    counting_value,
    human_value,
    load_contract,
    load_standing,
    resolved,
)
from store import audit
from store.audit import Entry
from store.review_tables import ReviewItem
from store.reviewing import UNDECIDED, answer_of, change_item, difference, find_item, snapshot, source_of

EARLIEST, LATEST = dt.date(1900, 1, 1), dt.date(2199, 12, 31)
"""Dates that a person types lie between these: others are slips of the keyboard."""

_TWO_PEOPLE = frozenset({Action.ACCEPT, Action.CORRECT, Action.REJECT})


class Open(NamedTuple):
    """An item that is about to be decided, with its contract as it stands."""

    item: ReviewItem
    standing: Standing


def accept(
    session: Session,
    item_id: str,
    version: int,
    actor: Actor,
    now: dt.datetime,
    *,
    using: Reckoning = PLAIN,
    reason: str | None = None,
    bulk_id: str | None = None,
    action: Action = Action.ACCEPT,
) -> ReviewItem:
    """The value as shown is right. Of a conflict the reading that is shown is taken; NOT FOUND is confirmed as such."""
    opened = open_item(session, item_id, version, actor)
    item, standing = opened
    if item.state is ItemState.AWAITING_APPROVAL:
        return approve(session, item_id, version, actor, now, using=using, reason=reason)
    if item.state.confirmed:
        raise Invalid(f"This is {item.state} already.")
    value = standing.machine.get(item.id) or human_value(item)
    if value is None:
        raise Invalid("There is nothing to accept: the program found no value. State one, or reject the item.")
    confirmed = confirmed_term(value) if isinstance(value, Term) else confirmed_milestone(value)
    return _settle(
        session, opened, actor, now, action, ItemState.ACCEPTED, confirmed, reason, using=using, bulk_id=bulk_id
    )


def correct(
    session: Session,
    item_id: str,
    version: int,
    actor: Actor,
    now: dt.datetime,
    change: Change,
    *,
    using: Reckoning = PLAIN,
    reason: str | None = None,
    bulk_id: str | None = None,
) -> ReviewItem:
    """The value is what ``change`` says. What hangs on it is dated anew."""
    opened = open_item(session, item_id, version, actor)
    value = corrected_value(opened.standing, opened.item, change, using)
    return _settle(
        session,
        opened,
        actor,
        now,
        Action.CORRECT,
        ItemState.CORRECTED,
        value,
        reason,
        using=using,
        bulk_id=bulk_id,
    )


def reject(
    session: Session,
    item_id: str,
    version: int,
    actor: Actor,
    now: dt.datetime,
    *,
    reason: str,
    using: Reckoning = PLAIN,
    bulk_id: str | None = None,
) -> ReviewItem:
    """The contract does not say this. Nothing may hang on it any more."""
    opened = open_item(session, item_id, version, actor)
    if opened.item.state is ItemState.REJECTED:
        raise Invalid("This is rejected already.")
    if not reason.strip():
        raise Invalid("Say why, in a word or two.", "reason")
    return _settle(
        session, opened, actor, now, Action.REJECT, ItemState.REJECTED, None, reason, using=using, bulk_id=bulk_id
    )


def approve(
    session: Session,
    item_id: str,
    version: int,
    actor: Actor,
    now: dt.datetime,
    *,
    using: Reckoning = PLAIN,
    reason: str | None = None,
    bulk_id: str | None = None,
) -> ReviewItem:
    """A second person agrees with what the first one decided; only then it counts."""
    opened = open_item(session, item_id, version, actor)
    item = opened.item
    if item.state is not ItemState.AWAITING_APPROVAL or item.proposed is None:
        raise Invalid("This item waits for nobody's approval.")
    if item.decided_by == actor.id:
        raise Forbidden("You decided this item yourself. Somebody else must approve it.")
    return _settle(
        session,
        opened,
        actor,
        now,
        Action.APPROVE,
        item.proposed,
        None if item.proposed is ItemState.REJECTED else human_value(item),
        reason,
        using=using,
        bulk_id=bulk_id,
    )


def reopen(
    session: Session,
    item_id: str,
    version: int,
    actor: Actor,
    now: dt.datetime,
    *,
    reason: str | None = None,
    using: Reckoning = PLAIN,
) -> ReviewItem:
    """The item is to be decided anew; also how a second person declines to approve."""
    opened = open_item(session, item_id, version, actor)
    if opened.item.state is ItemState.PENDING:
        raise Invalid("This item is open already.")
    if opened.item.subject is ItemSubject.ADDED:
        raise Invalid("What a person added is corrected or rejected, not decided anew.")
    values = {**UNDECIDED, "state": ItemState.PENDING}
    read = opened.standing.machine.get(item_id)
    if isinstance(read, Milestone):
        values |= {"kind": read.kind.value, "title": read.title}
    return restore(session, opened, values, actor, now, Action.REOPEN, cleaned(reason), using)


def assign(
    session: Session,
    item_id: str,
    version: int,
    actor: Actor,
    now: dt.datetime,
    *,
    assignee_id: str | None,
    approvals: int | None = None,
    routed_by: str | None = None,
    bulk_id: str | None = None,
) -> ReviewItem:
    """Who is to decide the item (None: anybody), how many must agree, and by which rule, if it was one."""
    require(actor, Role.REVIEWER)
    item = _found(session, item_id, version)
    values: dict[str, Any] = {"assignee_id": assignee_id, "routed_by": routed_by}
    if approvals is not None:
        # Else whoever is to be checked could do away with the check.
        if approvals < item.approvals and not actor.may(Role.ADMIN):
            raise Forbidden("Only an administrator can do away with a second approval.")
        values["approvals"] = approvals
    before = snapshot(item)
    if not change_item(session, item, now, values):
        raise StaleVersion(item)
    old, new = difference(before, snapshot(item))
    audit.write(session, actor, now, Entry(Action.ASSIGN, item, before=old, after=new, bulk_id=bulk_id))
    return item


def open_item(session: Session, item_id: str, version: int, actor: Actor) -> Open:
    """The item as the person saw it, and what it hangs on, which nobody else changes until the transaction ends."""
    require(actor, Role.REVIEWER)
    found = _found(session, item_id)
    contract = load_contract(session, found.contract_id, lock=True)
    standing = load_standing(session, contract, found)
    item = standing.items[item_id]
    if item.version != version:
        raise StaleVersion(item)
    return Open(item, standing)


def corrected_value(standing: Standing, item: ReviewItem, change: Change, using: Reckoning) -> Term | Milestone:
    """The item's value with a change, and its dates. Raises ``Invalid`` where they cannot be."""
    base = human_value(item) or standing.machine.get(item.id)
    if change.empty:
        raise Invalid("Nothing was changed.")
    check_dates(change)
    try:
        if item.term_field is not None:
            term = base if isinstance(base, Term) else None
            value: Term | Milestone = changed_term(term or _unknown(item.term_field), change)
        elif isinstance(base, Milestone):
            value = changed_milestone(base, change)
        else:
            raise Invalid("There is no milestone to correct any more. Add one instead.")
    except BadChangeError as error:
        raise Invalid(str(error), error.field) from error
    changed = standing.with_value(item.id, value)
    if change.timing is not None and value.expr is not None:
        outcome = changed.resolver(using).resolve(value.expr)
        if isinstance(outcome, Blocked) and not outcome.on:
            raise Invalid(outcome.reason, "timing")
    return resolved(changed, using)[item.id]


def check_dates(change: Change) -> None:
    """Raise ``Invalid`` for a date that must be a slip of the keyboard."""
    if change.timing is None:
        return
    for name in ("date", "earliest", "latest", "until"):
        check_date(getattr(change.timing, name), f"timing.{name}")


def check_date(day: dt.date | None, field: str) -> None:
    """Raise ``Invalid`` for a date that must be a slip of the keyboard."""
    if day is not None and not EARLIEST <= day <= LATEST:
        raise Invalid(f"The year {day.year} cannot be meant.", field)


def restore(
    session: Session,
    opened: Open,
    values: dict[str, Any],
    actor: Actor,
    now: dt.datetime,
    action: Action,
    reason: str | None,
    using: Reckoning,
    *,
    bulk_id: str | None = None,
    undoes: str | None = None,
) -> ReviewItem:
    """Give an item a state it had before, with the dates that follow for it and for all that hangs on it."""
    item, standing = opened
    before = snapshot(item)
    if not change_item(session, item, now, values, unranked=True):
        raise StaleVersion(item)
    counts = counting_value(item, standing.machine.get(item.id))
    after = standing.with_value(item.id, counts)
    if (value := resolved(after, using).get(item.id)) is not None:
        columns = date_columns(item, value) | (human_columns(value) if item.state.confirmed else {})
        if any(getattr(item, name) != column for name, column in columns.items()):
            change_item(session, item, now, columns)
    old, new = difference(before, snapshot(item))
    entry = Entry(action, item, before=old, after=new, reason=reason, bulk_id=bulk_id, undoes=undoes)
    [because] = audit.write(session, actor, now, entry)
    if item.subject is ItemSubject.TERM:
        redate(session, standing, after, using, actor, now, because=because, but=item.id, bulk_id=bulk_id)
    return item


def _settle(
    session: Session,
    opened: Open,
    actor: Actor,
    now: dt.datetime,
    action: Action,
    state: ItemState,
    value: Term | Milestone | None,
    reason: str | None,
    *,
    using: Reckoning,
    bulk_id: str | None,
) -> ReviewItem:
    """Write a decision down, and give what hangs on it the dates that follow."""
    item, standing = opened
    before = snapshot(item)
    first_of_two = item.approvals > 1 and action in _TWO_PEOPLE and actor != PROGRAM
    after = standing.with_value(item.id, value if value is not None else _rejected(item))
    columns: dict[str, Any] = {"human_value": None, "human_due": None}
    if value is not None:
        value = resolved(after, using)[item.id]
        columns = human_columns(value)
        if not first_of_two:
            columns |= date_columns(item, value)
            columns |= {"kind": value.kind.value, "title": value.title} if isinstance(value, Milestone) else {}
    elif item.subject is ItemSubject.ADDED:
        columns = {}  # what a person added is kept, so that rejecting it can be undone
    read = standing.machine.get(item.id)
    columns |= {
        "state": ItemState.AWAITING_APPROVAL if first_of_two else state,
        "proposed": state if first_of_two else None,
        "machine_version": standing.versions.get(item.id),
        "decided_source": source_of(read) if read else None,
        "decided_answer": answer_of(read) if read else None,
        "reason": cleaned(reason) or (item.reason if action is Action.APPROVE else None),
    }
    if action is Action.AUTO_ACCEPT:
        columns["sampled"] = False
    if action is not Action.APPROVE:
        columns |= {"decided_by": actor.id, "decided_by_name": actor.name, "decided_at": now}
    if not change_item(session, item, now, columns, unranked=first_of_two):
        raise StaleVersion(item)
    old, new = difference(before, snapshot(item))
    entry = Entry(action, item, before=old, after=new, reason=cleaned(reason), bulk_id=bulk_id)
    [because] = audit.write(session, actor, now, entry)
    if item.term_field is not None and moves_dates(item.term_field) and not first_of_two:
        redate(session, standing, after, using, actor, now, because=because, but=item.id, bulk_id=bulk_id)
    return item


def _rejected(item: ReviewItem) -> Term | None:
    """What counts of a rejected item: a term that is not stated; nothing of a milestone."""
    return confirmed_term(_unknown(item.term_field)) if item.term_field is not None else None


def _unknown(field: TermField) -> Term:
    return Term(field=field, state=TermState.ABSENT, confidence=0.0)


def _found(session: Session, item_id: str, version: int | None = None) -> ReviewItem:
    item = find_item(session, item_id)
    if item is None:
        raise NotFound("There is no such item.")
    if version is not None and item.version != version:
        raise StaleVersion(item)
    return item


def require(actor: Actor, role: Role) -> None:
    """Raise ``Forbidden`` unless the actor may do what ``role`` may."""
    if not actor.may(role):
        raise Forbidden(f"Your role ({actor.role}) may look, not decide. An administrator can change that.")


def cleaned(text: str | None) -> str | None:
    """A text a person typed, None where it says nothing."""
    return (text or "").strip() or None
