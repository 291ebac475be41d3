"""The queue: which items are to be decided, in which order, and how many there are.

The order is by consequence (``models.consequence``). It is kept in a column, so that a page of the queue is one walk
along an index however many items wait; ``rank`` brings the column up to date, for it changes with the days.
"""

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, CursorResult, Float, Select, Text, case, cast, func, literal, tuple_, update
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from models.actor import Actor
from models.consequence import Weights
from models.decision import Finding, ItemState, ItemSubject
from store.review_tables import NEVER, ReviewItem, ReviewPolicy, ReviewProgress, ReviewText
from store.tables import Contract, LedgerEntry

OPEN = (ItemState.PENDING, ItemState.AWAITING_APPROVAL)
"""States in which somebody still has to decide."""

DONE = (ItemState.ACCEPTED, ItemState.CORRECTED, ItemState.REJECTED)
"""States in which somebody has decided."""

_ORDER = "consequence"
"""Name of the policy that the order of the queue is."""

_NAMED = "queue filters"
"""Key of a session's filters, each with what was found for it (``_named``)."""

_ASSIGNED = col(ReviewItem.assignee_id).is_not(None)

_FEW = 500
"""Items ranked in one go: other writers need not wait for long."""


class QueueFilter(NamedTuple):
    """Which items; every part left out allows all.

    ``state`` counts only those by default that wait for a decision. ``unassigned`` and ``assignee``: whose they are;
    ``reviewer``: who decided them. ``counterparty`` is part of a party's name, ``text`` of a title, quote or name.
    ``min_confidence`` and ``max_confidence`` are both included.
    """

    batch: str | None = None
    contract: str | None = None
    kinds: tuple[str, ...] = ()
    counterparty: str | None = None
    contract_type: str | None = None
    assignee: str | None = None
    unassigned: bool = False
    reviewer: str | None = None
    states: tuple[ItemState, ...] = OPEN
    findings: tuple[Finding, ...] = ()
    subject: ItemSubject | None = None
    min_confidence: float | None = None
    max_confidence: float | None = None
    due_from: dt.date | None = None
    due_to: dt.date | None = None
    clause: str | None = None
    text: str | None = None
    contracts: tuple[str, ...] | None = None
    """The contracts of a party, where they are few enough to be named."""
    items: tuple[str, ...] | None = None
    """The items with a text, where they are few enough to be named."""


class Listed(NamedTuple):
    """An item with its contract."""

    item: ReviewItem
    contract: Contract


class Place(NamedTuple):
    """Where in the queue an item stands; the next page begins after it."""

    priority: float
    id: str


class Counts(NamedTuple):
    """How far the review is: all items that count, and how many of them are decided."""

    total: int
    done: int

    @property
    def open(self) -> int:
        """How many are still to be decided."""
        return self.total - self.done


EVERYTHING = QueueFilter(states=())
"""All items, decided or not."""

WAITING = QueueFilter()
"""All items that wait for a decision."""


def page(
    session: Session, which: QueueFilter = WAITING, *, after: Place | None = None, limit: int = 50
) -> list[Listed]:
    """A page of the queue, what matters most first."""
    found: list[ReviewItem] = []
    for narrow in _by_state(_named(session, which)):
        statement = select(ReviewItem).where(*_conditions(narrow))
        if after is not None:
            statement = statement.where(_key() < tuple_(literal(after.priority), literal(after.id)))
        ordered = statement.order_by(col(ReviewItem.priority).desc(), col(ReviewItem.id).desc())
        found += session.exec(ordered.limit(limit))
    found.sort(key=place_of, reverse=True)
    del found[limit:]
    ids = {item.contract_id for item in found}
    contracts = {contract.id: contract for contract in session.exec(select(Contract).where(col(Contract.id).in_(ids)))}
    return [Listed(item, contracts[item.contract_id]) for item in found]


def next_item(session: Session, which: QueueFilter = WAITING, *, after: Place | None = None) -> ReviewItem | None:
    """The item that comes after a place in the queue, the first of all where none is given."""
    found = page(session, which, after=after, limit=1)
    return found[0].item if found else None


def previous_item(session: Session, which: QueueFilter, before: Place) -> ReviewItem | None:
    """The item that comes before a place in the queue."""
    found: list[ReviewItem] = []
    for narrow in _by_state(_named(session, which)):
        earlier = _key() > tuple_(literal(before.priority), literal(before.id))
        statement = select(ReviewItem).where(*_conditions(narrow), earlier)
        found += session.exec(statement.order_by(col(ReviewItem.priority), col(ReviewItem.id)).limit(1))
    return min(found, key=place_of, default=None)


def place_of(item: ReviewItem) -> Place:
    """Where an item stands in the queue."""
    return Place(item.priority, item.id)


def counts(session: Session, which: QueueFilter = WAITING) -> Counts:
    """How many items the filter lets through, whatever their state, and how many of them are decided."""
    which = _named(session, which)._replace(states=OPEN + DONE)
    if _whole_contracts(which):
        return _progress(session, which)
    if which.unassigned and _whole_contracts(which._replace(unassigned=False)):
        everything, assigned = _progress(session, which), _counted(session, which._replace(unassigned=False), _ASSIGNED)
        return Counts(everything.total - assigned.total, everything.done - assigned.done)
    return _counted(session, which)


def _counted(session: Session, which: QueueFilter, *conditions: ColumnElement[bool]) -> Counts:
    """The counts of what the filter lets through and ``conditions`` hold for, item by item."""
    statement = columns(col(ReviewItem.state), func.count()).where(*_conditions(which, walk=False), *conditions)
    by_state: dict[Any, int] = {}
    for state, count in session.execute(statement.group_by(col(ReviewItem.state))):
        by_state[state] = count
    return Counts(sum(by_state.values()), sum(by_state.get(state, 0) for state in DONE))


def contract_counts(session: Session, contract_ids: Sequence[str]) -> dict[str, Counts]:
    """``12 of 40`` for each of some contracts."""
    rows = columns(col(ReviewProgress.contract_id), col(ReviewProgress.total), col(ReviewProgress.done))
    found = session.execute(rows.where(col(ReviewProgress.contract_id).in_(contract_ids)))
    counted = {contract_id: Counts(total, done) for contract_id, total, done in found}
    return {contract_id: counted.get(contract_id, Counts(0, 0)) for contract_id in contract_ids}


def kind_counts(session: Session, which: QueueFilter = WAITING) -> dict[str, int]:
    """How many items of each kind the filter lets through."""
    statement = columns(col(ReviewItem.kind), func.count()).where(*_conditions(_named(session, which), walk=False))
    return dict(session.execute(statement.group_by(col(ReviewItem.kind))).tuples().all())


def items_of(session: Session, contract_id: str) -> list[ReviewItem]:
    """All items of a contract but the superseded ones: terms first, then by due day (undated last) and title."""
    statement = select(ReviewItem).where(
        ReviewItem.contract_id == contract_id, ReviewItem.state != ItemState.SUPERSEDED
    )
    far = dt.date.max
    return sorted(
        session.exec(statement),
        key=lambda item: (item.subject is not ItemSubject.TERM, item.due or far, item.title, item.id),
    )


def rank_is_current(session: Session, today: dt.date) -> bool:
    """Whether the order of the queue is that of ``today``."""
    # Two ranges are two looks at the index; "not equal" would read all of it.
    before, after = col(ReviewItem.ranked_on) < today, col(ReviewItem.ranked_on) > today
    return not any(
        session.exec(select(ReviewItem.id).where(ReviewItem.state == state, side).limit(1)).first()
        for state in OPEN
        for side in (before, after)
    )


def rank(session: Session, weights: Weights, today: dt.date, *, limit: int = _FEW, anew: bool = False) -> int:
    """Give up to ``limit`` open items that were not ranked today their priority; how many. Zero: the order is current.

    ``anew`` ranks all open items, however recently they were: the weights have changed.
    """
    ids: list[str] = []
    for state in OPEN:
        for side in (col(ReviewItem.ranked_on) < today, col(ReviewItem.ranked_on) > today):
            stale = columns(col(ReviewItem.id)).where(col(ReviewItem.state) == state, side)
            if not anew and len(ids) < limit:
                ids += session.execute(stale.limit(limit - len(ids))).scalars()
    which = col(ReviewItem.state).in_(OPEN) if anew else col(ReviewItem.id).in_(ids)
    if not anew and not ids:
        return 0
    statement = (
        update(ReviewItem)
        .where(which)
        .values(priority=_priority(weights, today), ranked_on=today)
        .execution_options(synchronize_session=False)
    )
    done = session.execute(statement)
    assert isinstance(done, CursorResult)
    return done.rowcount


def known_weights(session: Session) -> Weights | None:
    """The weights by which the queue is ordered; None while none were ever named."""
    row = session.get(ReviewPolicy, _ORDER, populate_existing=True)
    return Weights.model_validate(row.value) if row is not None else None


def adopt_weights(session: Session, weights: Weights, actor: Actor, now: dt.datetime) -> bool:
    """Order the queue by these weights from now on; whether they are others than before. What waits is ranked anew."""
    before = known_weights(session)
    if before == weights:
        return False
    row = session.get(ReviewPolicy, _ORDER) or ReviewPolicy(
        name=_ORDER, value={}, version=0, updated_by=actor.id, updated_by_name=actor.name, updated_at=now
    )
    row.value, row.version, row.updated_at = weights.model_dump(mode="json"), row.version + 1, now
    row.updated_by, row.updated_by_name = actor.id, actor.name
    session.add(row)
    session.execute(
        update(ReviewItem)
        .where(col(ReviewItem.state).in_(OPEN), col(ReviewItem.ranked_on) > NEVER)
        .values(ranked_on=NEVER)
        .execution_options(synchronize_session=False)
    )
    session.flush()
    return True


def _whole_contracts(which: QueueFilter) -> bool:
    """Whether the filter tells contracts apart, and no items of one."""
    return which == QueueFilter(which.batch, which.contract, states=which.states, contracts=which.contracts)


def _progress(session: Session, which: QueueFilter) -> Counts:
    """The counts of whole contracts, as the database keeps them: a row for each in place of all its items."""
    contract_id = col(ReviewProgress.contract_id)
    statement = columns(func.sum(col(ReviewProgress.total)), func.sum(col(ReviewProgress.done)))
    total, done = session.execute(statement.where(*_of_contracts(which, contract_id))).one()
    return Counts(total or 0, done or 0)


def _priority(weights: Weights, today: dt.date) -> ColumnElement[float]:
    """``Weights`` as one expression of the database. Days are only compared: the two databases do other sums apart."""
    wrong = 1.0 - col(ReviewItem.confidence)
    likely = case((wrong > weights.floor, wrong), else_=weights.floor)
    by_kind = _table(
        ((col(ReviewItem.kind) == kind, cost) for kind, cost in sorted(weights.costs.items())), weights.cost
    )
    cost = case((col(ReviewItem.rank).is_not(None), cast(col(ReviewItem.rank), Float)), else_=by_kind)
    dearest_first = sorted(weights.amounts.items(), reverse=True)
    amount = _table(((col(ReviewItem.money) >= low, times) for low, times in dearest_first), 1.0)
    due, recurring = col(ReviewItem.due), col(ReviewItem.recurring)
    # The day of signing is long past, and everything hangs on it: only the end of a term is itself a deadline.
    not_a_deadline = (col(ReviewItem.subject) == ItemSubject.TERM) & (col(ReviewItem.kind) != "expiration_date")
    nearness = case(
        (not_a_deadline | due.is_(None), weights.undated),
        ((due < today) & recurring, weights.past_recurring),
        (due < today, weights.past),
        *((due <= _days_after(today, days), times) for days, times in sorted(weights.near.items())),
        else_=weights.far,
    )
    findings = sorted(weights.findings.items())
    finding = _table(((col(ReviewItem.finding) == Finding(name), times) for name, times in findings), 1.0)
    return cast(likely * cost * amount * nearness * finding, Float)


def _table(rows: Iterable[tuple[ColumnElement[bool], float]], otherwise: float) -> ColumnElement[float]:
    """The weight of the first condition that holds. A table may be empty, a CASE of SQL may not."""
    cases = list(rows)
    return case(*cases, else_=otherwise) if cases else literal(otherwise)


def _days_after(today: dt.date, days: int) -> dt.date:
    return dt.date.fromordinal(min(today.toordinal() + days, dt.date.max.toordinal()))


def _key() -> Any:
    return tuple_(col(ReviewItem.priority), col(ReviewItem.id))


def _by_state(which: QueueFilter) -> Iterator[QueueFilter]:
    """The filter for one state after the other: only within one is the order that of an index. Few are sorted."""
    if which.contracts is not None or which.items is not None:
        yield which
        return
    for state in which.states or tuple(ItemState):
        yield which._replace(states=(state,))


def _named(session: Session, which: QueueFilter) -> QueueFilter:
    """The filter with the contracts of its party and the items with its text, where these are few.

    There are far fewer contracts than items, and reading all texts takes less time than looking up every item. A page
    is asked for with its counts: what was found is kept with the session.
    """
    known: dict[QueueFilter, QueueFilter] = session.info.setdefault(_NAMED, {})
    if which not in known:
        known[which] = _found_few(session, which)
    return known[which]


def _found_few(session: Session, which: QueueFilter) -> QueueFilter:
    if which.counterparty and which.contracts is None:
        # Inside JSON a quotation mark or a backslash is written as two characters.
        written = json.dumps(which.counterparty, ensure_ascii=False)[1:-1]
        of_party = columns(col(Contract.id)).where(_contains(func.lower(cast(col(Contract.parties), Text)), written))
        which = which._replace(contracts=_few(session, of_party))
    if which.text and which.items is None:
        which = which._replace(items=_few(session, _with_text(which.text)))
    return which


def _few(session: Session, ids: Select[tuple[str]]) -> tuple[str, ...] | None:
    """What a query finds, None where that is much."""
    found = tuple(session.execute(ids.limit(_FEW + 1)).scalars())
    return found if len(found) <= _FEW else None


def _with_text(text: str) -> Select[tuple[str]]:
    """The ids of items with a text in their title, passage or parties."""
    return columns(col(ReviewText.item_id)).where(_contains(col(ReviewText.text), text))


def _conditions(which: QueueFilter, *, walk: bool = True) -> list[ColumnElement[bool]]:
    """What the filter says of items; ``walk``: for items in the order of the queue, of which not all are asked for."""
    conditions = _of_contracts(which, col(ReviewItem.contract_id))
    few = which.contracts is not None or which.items is not None
    if which.states:
        by_text = which.text and not walk
        conditions.append((spread(ReviewItem.state) if few or by_text else col(ReviewItem.state)).in_(which.states))
    if which.kinds:
        conditions.append(col(ReviewItem.kind).in_(which.kinds))
    if which.contract_type is not None:
        conditions.append(col(ReviewItem.contract_type) == which.contract_type)
    if which.assignee is not None:
        conditions.append(col(ReviewItem.assignee_id) == which.assignee)
    if which.unassigned:
        conditions.append(col(ReviewItem.assignee_id).is_(None))
    if which.reviewer is not None:
        conditions.append(col(ReviewItem.decided_by) == which.reviewer)
    if which.findings:
        conditions.append(col(ReviewItem.finding).in_(which.findings))
    if which.subject is not None:
        conditions.append(col(ReviewItem.subject) == which.subject)
    if which.min_confidence is not None:
        conditions.append(col(ReviewItem.confidence) >= which.min_confidence)
    if which.max_confidence is not None:
        conditions.append(col(ReviewItem.confidence) <= which.max_confidence)
    if which.due_from is not None:
        conditions.append(col(ReviewItem.due) >= which.due_from)
    if which.due_to is not None:
        conditions.append(col(ReviewItem.due) <= which.due_to)
    if which.clause is not None:
        conditions.append(col(ReviewItem.clause_hash) == which.clause)
    if which.counterparty:
        conditions.append(_contains(func.lower(col(ReviewItem.counterparty)), which.counterparty))
    if which.items is not None:
        conditions.append(col(ReviewItem.id).in_(which.items))
    elif which.text and walk:
        conditions.append(_with_text(which.text).where(col(ReviewText.item_id) == col(ReviewItem.id)).exists())
    elif which.text:
        conditions.append(col(ReviewItem.id).in_(_with_text(which.text)))
    return conditions


def spread(column: Any) -> ColumnElement[Any]:
    """A column that nearly all rows have the same in, so that no database takes an index of it for a short cut."""
    kept: ColumnElement[Any] = func.coalesce(col(column), "")
    return kept


def _of_contracts(which: QueueFilter, contract_id: Any) -> list[ColumnElement[bool]]:
    """What the filter says of whole contracts."""
    conditions: list[ColumnElement[bool]] = []
    if which.contract is not None:
        conditions.append(contract_id == which.contract)
    if which.batch is not None:
        conditions.append(contract_id.in_(_of_batch(which.batch)))
    if which.contracts is not None:
        conditions.append(contract_id.in_(which.contracts))
    return conditions


def _contains(lower: Any, text: str) -> ColumnElement[bool]:
    found: ColumnElement[bool] = lower.contains(text.lower(), autoescape=True)
    return found


def _of_batch(batch_id: str) -> Any:
    hashes = columns(col(LedgerEntry.sha256)).where(
        col(LedgerEntry.batch_id) == batch_id, col(LedgerEntry.sha256).is_not(None)
    )
    return columns(col(Contract.id)).where(col(Contract.document_sha256).in_(hashes))
