"""Amendments in the review: a document arrives, its link is confirmed or refused, what it changes is approved.

Every function works in the caller's writing transaction (``store.engine.writing``): the link, the contract's values,
the items, the audit trail and, through ``Services.replan``, deadlines and their reminders change together or not at
all.
"""

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable
from typing import NamedTuple, Protocol

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from models.actor import Actor, Role
from models.contract import Outcome, Status
from models.decision import PROGRAM, Action, Finding, ItemState
from models.tracked import ReminderState
from review.deciding import accept, reject, require
from review.errors import Forbidden, Invalid, NotFound, StaleVersion
from review.resolving import PLAIN, Reckoning, load_contract
from review.undoing import undo
from store import identity
from store.amending import Reckoning as StoreReckoning
from store.amending import amend_by, changes_of, decide, reviewed
from store.engine import writing
from store.families import find_link
from store.family_tables import AmendmentChange, FamilyLink, LinkState
from store.identity import contract_id as id_of
from store.results import save_outcome
from store.review_tables import DecisionRow, ReviewItem
from store.reviewing import find_item
from store.tables import Contract
from store.tracking_tables import OccurrenceRow, ReminderRow

Replan = Callable[[Session, str, dt.datetime], None]
"""Brings the deadlines and pending reminders of a contract in line with what is confirmed of it, in the transaction."""


class ReadDocument(NamedTuple):
    """A document as the program read it, and by which versions."""

    outcome: Outcome
    ruleset_version: str
    model_version: str
    size: int
    media_type: str | None


class Intake(Protocol):
    """What takes a new document in: keeps its bytes and reads it.

    Raises DocumentError for a file that cannot be read.
    """

    def __call__(self, name: str, data: bytes) -> ReadDocument:
        """The document."""
        ...


class Coming(NamedTuple):
    """A deadline as it is tracked, with the reminders that are still to go out."""

    id: str
    title: str
    due: dt.date | None
    state: str
    reminders: tuple[dt.datetime, ...]


class Moved(NamedTuple):
    """A deadline before and after; None where there is none."""

    before: Coming | None
    after: Coming | None

    @property
    def title(self) -> str:
        """What it is called."""
        one = self.after or self.before
        return one.title if one else ""


def arrive(
    session: Session,
    contract_id: str,
    read: ReadDocument,
    actor: Actor,
    now: dt.datetime,
    *,
    using: Reckoning = PLAIN,
) -> FamilyLink:
    """Take in a document that a person says amends a contract, with all that follows.

    The same file again changes nothing. Raises ``Invalid`` for the contract's own file and for what is no contract.
    """
    require(actor, Role.REVIEWER)
    contract = load_contract(session, contract_id, lock=True)
    outcome = read.outcome
    if outcome.status is Status.FAILED or outcome.sha256 is None:
        why = outcome.problems[0].message if outcome.problems else "It could not be read."
        raise Invalid(f"{outcome.file}: {why}", "file")
    if outcome.sha256 == contract.document_sha256:
        raise Invalid("This file is the contract itself. Choose the document that changes it.", "file")
    save_outcome(
        session,
        outcome,
        ruleset_version=read.ruleset_version,
        model_version=read.model_version,
        now=now,
        size=read.size,
        media_type=read.media_type,
    )
    return amend_by(session, contract_id, id_of(outcome.sha256), actor, now, using=_store(using))


def confirm(
    session: Session, link_id: str, actor: Actor, now: dt.datetime, *, using: Reckoning = PLAIN, seen: str = ""
) -> FamilyLink:
    """The document belongs to the contract. What it changes is opened for a decision. ``seen`` as in ``refuse``."""
    require(actor, Role.REVIEWER)
    link = _as_seen(session, link_id, seen)
    return decide(session, link, LinkState.CONFIRMED, actor, now, using=_store(using))


def refuse(
    session: Session,
    link_id: str,
    actor: Actor,
    now: dt.datetime,
    *,
    using: Reckoning = PLAIN,
    replan: Replan | None = None,
    seen: str = "",
) -> FamilyLink:
    """The document does not belong to the contract: its values are as before, and so is what people had decided.

    ``seen`` is ``state_of`` as the person saw it, where they saw it: raises ``Invalid`` if anything has changed since.
    """
    require(actor, Role.REVIEWER)
    link = _as_seen(session, link_id, seen)
    touched = [change.item_id for change in changes_of(session, link_id) if change.item_id]
    link = decide(session, link, LinkState.REFUSED, actor, now, using=_store(using))
    for item_id in touched:
        _decided_again(session, item_id, actor, now, using)
    if replan is not None:
        replan(session, link.parent_id, now)
    return link


def approve(
    session: Session,
    link_id: str,
    seen: str,
    actor: Actor,
    now: dt.datetime,
    *,
    using: Reckoning = PLAIN,
    replan: Replan | None = None,
) -> FamilyLink:
    """Everything the document changes is right: accept it, take back what falls away, move deadlines and reminders.

    ``seen`` is ``state_of`` as the person saw it. Raises ``Invalid`` if anything has changed since.
    """
    require(actor, Role.REVIEWER)
    link = _as_seen(session, link_id, seen, needed=True)
    if link.state is not LinkState.CONFIRMED:
        link = decide(session, link, LinkState.CONFIRMED, actor, now, using=_store(using))
    child = session.get(Contract, link.child_id)
    name = (child.title or child.name) if child else "an amendment"
    bulk_id = identity.derive("amendment", link.id, now.isoformat())
    for item_id in _terms_first(session, changes_of(session, link.id)):
        _follow(session, item_id, name, actor, now, using, bulk_id)
    reviewed(session, link, actor, now)
    if replan is not None:
        replan(session, link.parent_id, now)
    return link


def rehearse(
    engine: Engine,
    link_id: str,
    actor: Actor,
    now: dt.datetime,
    *,
    using: Reckoning = PLAIN,
    replan: Replan | None = None,
) -> list[Moved]:
    """The deadlines that approving would move, with their reminders. Done in a transaction that is rolled back."""
    someone = actor.model_copy(update={"role": Role.REVIEWER})
    with writing(engine) as session:
        link = load_link(session, link_id)
        before = _coming(session, link.parent_id)
        after = before
        try:
            approve(session, link_id, state_of(session, link), someone, now, using=using, replan=replan)
            session.flush()
            after = _coming(session, link.parent_id)
        except (Invalid, Forbidden, StaleVersion):
            pass  # it cannot be approved as it stands, and approving will say why
        session.expunge_all()
        session.rollback()
    ids = dict.fromkeys((*before, *after))
    moved = [Moved(before.get(one), after.get(one)) for one in ids if before.get(one) != after.get(one)]
    return sorted(moved, key=lambda one: ((one.after or one.before or _NEVER).due or dt.date.max, one.title))


def state_of(session: Session, link: FamilyLink) -> str:
    """A name for what a person sees of an amendment: another one as soon as anything in it changes."""
    changes = changes_of(session, link.id)
    items = [find_item(session, change.item_id) for change in changes if change.item_id]
    parts = [link.id, str(link.state), str(link.reviewed_at)]
    parts += [f"{change.what} {change.old} {change.new}" for change in changes]
    parts += [f"{item.id} {item.version}" for item in items if item is not None]
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]


def load_link(session: Session, link_id: str) -> FamilyLink:
    """A link by its id. Raises ``NotFound``."""
    link = session.get(FamilyLink, link_id, populate_existing=True)
    if link is None:
        raise NotFound("There is no such amendment.")
    return link


def _as_seen(session: Session, link_id: str, seen: str, *, needed: bool = False) -> FamilyLink:
    """A link, its contract locked, if it is still as the person saw it; who saw nothing is asked for it if ``needed``.

    Raises ``NotFound`` and ``Invalid``.
    """
    load_contract(session, load_link(session, link_id).parent_id, lock=True)
    link = load_link(session, link_id)  # as it is now that nobody else decides about it
    if (seen or needed) and seen != state_of(session, link):
        raise Invalid("This has changed since you opened it. Look at it again before you decide.")
    return link


def known_link(session: Session, contract_id: str, sha256: str) -> FamilyLink | None:
    """The link between a contract and a document that was taken in before, if there is one."""
    return find_link(session, id_of(sha256), contract_id)


_NEVER = Coming("", "", None, "", ())


def _follow(
    session: Session, item_id: str, name: str, actor: Actor, now: dt.datetime, using: Reckoning, bulk_id: str
) -> None:
    """Decide one item as the amendment has it."""
    item = find_item(session, item_id)
    if item is None:
        return
    if item.state.confirmed and item.finding is Finding.VANISHED:
        reason = f"Superseded by {name}"
        reject(session, item.id, item.version, actor, now, reason=reason, using=using, bulk_id=bulk_id)
    elif item.state is ItemState.PENDING or (item.state is ItemState.AWAITING_APPROVAL and item.decided_by != actor.id):
        accept(session, item.id, item.version, actor, now, using=using, reason=f"Amended by {name}", bulk_id=bulk_id)


def _decided_again(session: Session, item_id: str, actor: Actor, now: dt.datetime, using: Reckoning) -> None:
    """Bring back what people had decided of an item before the amendment opened it again."""
    item = find_item(session, item_id)
    if item is None or item.state is not ItemState.PENDING:
        return
    last = select(DecisionRow).where(DecisionRow.item_id == item_id, DecisionRow.action != Action.REDATE)
    row = session.exec(last.order_by(col(DecisionRow.seq).desc()).limit(1)).first()
    if row is not None and row.action is Action.REOPEN and row.actor_id == PROGRAM.id:
        undo(session, actor.model_copy(update={"role": Role.ADMIN}), now, row.id, using=using)


def _terms_first(session: Session, changes: Iterable[AmendmentChange]) -> list[str]:
    """The items that changes are settled by, terms before the milestones that hang on them."""
    ids = list(dict.fromkeys(change.item_id for change in changes if change.item_id))
    terms = set(
        session.exec(select(ReviewItem.id).where(col(ReviewItem.id).in_(ids), ~col(ReviewItem.term_field).is_(None)))
    )
    return sorted(ids, key=lambda one: one not in terms)


def _coming(session: Session, contract_id: str) -> dict[str, Coming]:
    rows = session.exec(select(OccurrenceRow).where(OccurrenceRow.contract_id == contract_id)).all()
    pending: dict[str, list[dt.datetime]] = {}
    waiting = select(ReminderRow).where(
        col(ReminderRow.occurrence_id).in_([row.id for row in rows]), ReminderRow.state == ReminderState.PLANNED
    )
    for reminder in session.exec(waiting):
        pending.setdefault(reminder.occurrence_id or "", []).append(reminder.fire_at)
    return {
        row.id: Coming(row.id, row.title, row.due, str(row.state), tuple(sorted(pending.get(row.id, ()))))
        for row in rows
    }


def _store(using: Reckoning) -> StoreReckoning:
    return StoreReckoning(using.calendar, using.conventions)
