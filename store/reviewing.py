"""The items of the review: made from what was extracted, and changed under an optimistic lock.

``sync_items`` runs in the transaction that stores an outcome. Nothing here decides anything about a value; the
review does (``review.deciding``).
"""

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import CursorResult, insert, update
from sqlalchemy import select as columns
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from models.clause_identity import clause_hash, clause_shape, clause_words
from models.contract import FIVE_TERMS, Milestone, Term, TermField, TermState
from models.decision import PROGRAM, Action, Finding, ItemState, ItemSubject
from models.evidence import Evidence
from models.family import OWN_TERM, VERSIONS, FamilyRole
from store import audit, identity
from store.audit import Entry
from store.columns import storable_tree
from store.family_tables import FamilyLink, LinkState
from store.review_tables import NEVER, ReviewItem
from store.rows import milestone_of, term_of
from store.tables import Contract, MilestoneRow, TermRow

_FINDINGS = {
    TermState.FOUND: Finding.FOUND,
    TermState.ABSENT: Finding.ABSENT,
    TermState.BLOCKED: Finding.BLOCKED,
    TermState.PARTIAL: Finding.PARTIAL,
    TermState.CONFLICT: Finding.CONFLICT,
}
_CONFLICT = "word_figure_conflict"
_DERIVED = {
    *("confidence", "date", "earliest", "latest", "blocked_on", "derivation", "rule", "evidence", "flags", "state"),
    *("alternatives", "title", "rank", "occurrences", "cycles", "send_by", "sending", "depends_on", "consequences"),
}
"""What of an answer follows from the rest of it, or is about it."""

AUDITED = (
    "state",
    "proposed",
    "finding",
    "kind",
    "title",
    "due",
    "blocked_on",
    "human_value",
    "human_due",
    "machine_version",
    "decided_source",
    "decided_answer",
    "assignee_id",
    "routed_by",
    "approvals",
    "sampled",
    "decided_by",
    "decided_by_name",
    "decided_at",
    "reason",
)
"""Columns of an item whose changes the audit trail keeps, and an undo brings back."""

UNDECIDED: dict[str, Any] = dict.fromkeys(
    (
        "human_value",
        "human_due",
        "machine_version",
        "decided_source",
        "decided_answer",
        "proposed",
        "decided_by",
        "decided_by_name",
        "decided_at",
        "reason",
    )
)
"""Columns that are empty until somebody decides."""


def item_id_of_milestone(key: str) -> str:
    """Id of the item of a milestone."""
    return identity.derive("item", "milestone", key)


def item_id_of_term(contract_id: str, field: TermField) -> str:
    """Id of the item of a term."""
    return identity.derive("item", "term", contract_id, field)


def sync_items(session: Session, contract: Contract, now: dt.datetime) -> None:
    """Bring the items of a contract in line with its terms and milestones as last extracted.

    What nobody has decided follows the machine. What was decided stays, and is opened again only if both the passage
    and the answer have changed; the old decision is in the audit trail. What was not decided and is no longer found is
    superseded; a decided one is marked as vanished, for a person to say what becomes of it.

    Of a document that amends another contract only its own dates are asked, of another version of it nothing: what it
    changes is decided there.
    """
    amends = _amends_another(session, contract.id)
    stored = {item.id: item for item in _items_of(session, contract.id)}
    terms = _terms_of(session, contract)
    shared = _shared(contract, terms)
    fresh: list[dict[str, Any]] = []
    entries: list[Entry] = []
    seen: set[str] = set()
    of_its_own = () if amends in VERSIONS else _own_dates(contract, terms)
    for wanted in of_its_own if amends else _wanted(session, contract, terms):
        seen.add(wanted["id"])
        item = stored.get(wanted["id"])
        if item is None:
            new = {"created_at": now, "updated_at": now, "version": 1, "state": ItemState.PENDING, "ranked_on": NEVER}
            fresh.append({**wanted, **shared, **new, "priority": 0.0, "approvals": 1})
        elif (entry := _renewed(session, item, {**wanted, **shared}, now)) is not None:
            entries.append(entry)
    if fresh:
        session.execute(insert(ReviewItem), [_without_seen(row) for row in fresh])
    for item in stored.values():
        gone = item.id not in seen and item.subject is not ItemSubject.ADDED
        if gone and (entry := _vanished(session, item, now, _DECIDED_THERE if amends else _NOT_FOUND)) is not None:
            entries.append(entry)
    audit.write(session, PROGRAM, now, *entries)


def sync_missing(session: Session, now: dt.datetime, limit: int = 200) -> int:
    """Make the items of contracts that have none yet, ``limit`` of them at most; of how many. Zero: none are left."""
    contracts = session.exec(_without_items().limit(limit)).all()
    for contract in contracts:
        sync_items(session, contract, now)
    return len(contracts)


def lacking_items(session: Session) -> bool:
    """Whether a contract that was read has no items: it was stored before there was a review."""
    return session.exec(_without_items().limit(1)).first() is not None


def find_item(session: Session, item_id: str) -> ReviewItem | None:
    """An item as it is now in the database."""
    return session.get(ReviewItem, item_id, populate_existing=True)


def change_item(
    session: Session, item: ReviewItem, now: dt.datetime, values: Mapping[str, Any], *, unranked: bool = False
) -> bool:
    """Change an item if it still has the version that was read; whether it had. ``item`` then is as in the database.

    This is the only way an item changes: of several writers who read the same version exactly one succeeds.
    """
    changes = dict(values) | ({"ranked_on": NEVER} if unranked else {})
    changes |= {"version": item.version + 1, "updated_at": now}
    done = session.execute(
        update(ReviewItem)
        .where(col(ReviewItem.id) == item.id, col(ReviewItem.version) == item.version)
        .values(**changes)
        .execution_options(synchronize_session=False)
    )
    assert isinstance(done, CursorResult)
    if done.rowcount != 1:
        session.refresh(item)
        return False
    for name, value in changes.items():
        set_committed_value(item, name, value)
    return True


def snapshot(item: ReviewItem, names: Iterable[str] = AUDITED) -> dict[str, Any]:
    """Columns of an item for the audit trail."""
    return {name: getattr(item, name) for name in names}


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What differs between two snapshots: before, after."""
    changed = [name for name in before if before[name] != after[name]]
    return {name: before[name] for name in changed}, {name: after[name] for name in changed}


def machine_term(session: Session, item: ReviewItem) -> TermRow | None:
    """The machine's row of the term an item is about."""
    statement = select(TermRow).where(TermRow.contract_id == item.contract_id, TermRow.field == item.term_field)
    return session.exec(statement).first()


def source_of(value: Milestone | Term) -> str:
    """A name for the passages that a value was read from."""
    return _digest(*(" ".join(clause_words(evidence.quote)) for evidence in value.evidence))


def answer_of(value: Milestone | Term) -> str:
    """A name for what a value says, apart from the dates that follow from other facts."""
    kept = value.model_dump_json(exclude=_DERIVED)
    return _digest(kept, str(value.state in (TermState.ABSENT,)) if isinstance(value, Term) else "")


def due_of(value: Milestone | Term) -> dt.date | None:
    """The day to plan by: the date, else the end of the window, else its start. A notice is sent before it."""
    if isinstance(value, Term):
        return value.date
    return value.date or value.latest or value.earliest


def finding_of(value: Milestone | Term) -> Finding:
    """What the program has to say of a value."""
    if isinstance(value, Term):
        return _FINDINGS[value.state]
    if value.blocked_on:
        return Finding.BLOCKED
    return Finding.CONFLICT if _CONFLICT in value.flags else Finding.FOUND


def columns_of(value: Milestone | Term) -> dict[str, Any]:
    """What an item shows and is sorted by, from the value it is about."""
    first: Evidence | None = value.evidence[0] if value.evidence else None
    quote = first.quote if first else ""
    kind = value.field.value if isinstance(value, Term) else value.kind.value
    return {
        "kind": kind,
        "title": term_title(value.field) if isinstance(value, Term) else value.title,
        "quote": quote,
        "page": first.page if first else None,
        "finding": finding_of(value),
        "due": due_of(value),
        "blocked_on": value.blocked_on,
        "confidence": value.confidence,
        "rank": value.rank.score if isinstance(value, Milestone) and value.rank else None,
        "recurring": isinstance(value, Milestone) and value.recurrence is not None,
        "money": float(value.amount.value) if value.amount and value.amount.value is not None else None,
        "rule": value.rule,
        "clause_hash": clause_hash(kind, quote),
        "clause_shape": clause_shape(kind, quote),
    }


def term_title(field: TermField) -> str:
    """A term's name for people: ``Notice period``."""
    return field.replace("_", " ").capitalize()


_OF_THE_CONTRACT = ("counterparty", "contract_type", "contract_value")

_CHANGES = (col(FamilyLink.state) == LinkState.CONFIRMED, col(FamilyLink.role).not_in(OWN_TERM))
"""Of links: that their document changes the contract."""
_DATES = frozenset({TermField.AGREEMENT_DATE, TermField.EFFECTIVE_DATE})
_NOT_FOUND = "no longer found by a new reading"
_DECIDED_THERE = "decided at the contract that the document amends"

_SEEN = "_seen"
"""Key of what a row of the machine says, beside the columns made from it."""


def _wanted(session: Session, contract: Contract, terms: Iterable[Term]) -> Iterable[dict[str, Any]]:
    """The columns of each item the contract should have.

    All five terms have one, found or not; of the others only what was found, for there is nothing else to decide.
    """
    for term in terms:
        if term.field in FIVE_TERMS or term.state is not TermState.ABSENT:
            yield _of_term(contract, term)
    current = select(MilestoneRow).where(MilestoneRow.contract_id == contract.id, col(MilestoneRow.current))
    for row in session.exec(current):
        milestone = milestone_of(row)
        yield {
            "id": item_id_of_milestone(row.key),
            "subject": ItemSubject.MILESTONE,
            "contract_id": contract.id,
            "milestone_key": row.key,
            "term_field": None,
            **columns_of(milestone),
            _SEEN: milestone,
        }


def _of_term(contract: Contract, term: Term) -> dict[str, Any]:
    return {
        "id": item_id_of_term(contract.id, term.field),
        "subject": ItemSubject.TERM,
        "contract_id": contract.id,
        "milestone_key": None,
        "term_field": term.field,
        **columns_of(term),
        _SEEN: term,
    }


def _own_dates(contract: Contract, terms: Iterable[Term]) -> Iterable[dict[str, Any]]:
    """What is to be decided of a document that amends another: since when it has effect."""
    for term in terms:
        if term.field in _DATES and term.state is not TermState.ABSENT:
            yield _of_term(contract, term)


def _amends_another(session: Session, contract_id: str) -> FamilyRole | None:
    """As what a document is confirmed to change another contract, so that its milestones are that one's."""
    statement = select(FamilyLink).where(FamilyLink.child_id == contract_id, *_CHANGES)
    link = session.exec(statement.order_by(col(FamilyLink.role)).limit(1)).first()
    return link.role if link else None


def _without_seen(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != _SEEN}


def shared_columns(session: Session, contract: Contract) -> dict[str, Any]:
    """Columns that all items of a contract have in common, to filter by."""
    return _shared(contract, _terms_of(session, contract))


def _terms_of(session: Session, contract: Contract) -> list[Term]:
    return [term_of(row) for row in session.exec(select(TermRow).where(TermRow.contract_id == contract.id))]


def _shared(contract: Contract, terms: Iterable[Term]) -> dict[str, Any]:
    amount = next((term.amount for term in terms if term.field is TermField.TOTAL_VALUE), None)
    names = [str(party.get("name", "")) for party in contract.parties]
    return {
        "counterparty": "; ".join(name for name in names if name) or None,
        "contract_type": contract.contract_type,
        "contract_value": float(amount.value) if amount and amount.value is not None else None,
    }


def _renewed(session: Session, item: ReviewItem, wanted: dict[str, Any], now: dt.datetime) -> Entry | None:
    """Let an item follow a new reading, as far as a decision allows."""
    seen = wanted[_SEEN]
    before = snapshot(item)
    values = {name: value for name, value in _as_stored(wanted).items() if getattr(item, name) != value}
    if item.state is ItemState.PENDING:
        return _followed(session, item, values, before, now, None)
    if item.state is ItemState.SUPERSEDED:
        return _followed(session, item, values | {"state": ItemState.PENDING}, before, now, "found again")
    other = item.decided_source != source_of(seen) and item.decided_answer != answer_of(seen)
    if other and not _agrees(item, seen):
        values |= UNDECIDED | {"state": ItemState.PENDING}
        return _followed(session, item, values, before, now, "a new reading of a changed passage")
    # What was decided stands; only what describes the contract, and that the passage is there again, is taken over.
    kept: dict[str, Any] = {name: values[name] for name in _OF_THE_CONTRACT if name in values}
    if item.finding is Finding.VANISHED:
        kept["finding"] = wanted["finding"]
    if kept:
        change_item(session, item, now, kept)
    return None


def _agrees(item: ReviewItem, seen: Milestone | Term) -> bool:
    """Whether a new reading says what a person had decided: then there is nothing to ask them again."""
    if item.human_value is None:
        return False
    return answer_of(type(seen).model_validate(item.human_value)) == answer_of(seen)


def _followed(
    session: Session,
    item: ReviewItem,
    values: dict[str, Any],
    before: dict[str, Any],
    now: dt.datetime,
    reason: str | None,
) -> Entry | None:
    if not values:
        return None
    change_item(session, item, now, values, unranked=True)
    if reason is None:
        return None
    old, new = difference(before, snapshot(item))
    return Entry(Action.REOPEN, item, before=old, after=new, reason=reason)


def _without_items() -> SelectOfScalar[Contract]:
    items = columns(col(ReviewItem.id)).where(col(ReviewItem.contract_id) == col(Contract.id))
    terms = columns(col(TermRow.id)).where(col(TermRow.contract_id) == col(Contract.id))
    amends = columns(col(FamilyLink.id)).where(col(FamilyLink.child_id) == col(Contract.id), *_CHANGES)
    return select(Contract).where(~items.exists(), terms.exists(), ~amends.exists())


def _vanished(session: Session, item: ReviewItem, now: dt.datetime, why: str) -> Entry | None:
    before = snapshot(item)
    if item.state.open:
        values: dict[str, Any] = {"state": ItemState.SUPERSEDED}
    elif item.state.confirmed and item.finding is not Finding.VANISHED:
        values = {"finding": Finding.VANISHED}
    else:
        return None
    change_item(session, item, now, values)
    old, new = difference(before, snapshot(item))
    return Entry(Action.SUPERSEDE, item, before=old, after=new, reason=why)


def _as_stored(wanted: dict[str, Any]) -> dict[str, Any]:
    """The columns as they will come back from the database, to compare with what is there."""
    return {
        name: storable_tree(value) if type(value) is str else value for name, value in wanted.items() if name != _SEEN
    }


def _items_of(session: Session, contract_id: str) -> Iterable[ReviewItem]:
    statement = select(ReviewItem).where(ReviewItem.contract_id == contract_id)
    return session.exec(statement.execution_options(populate_existing=True)).all()


def _digest(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]
