"""The JSON API of items: the queue, one item, and every decision on it."""

import datetime as dt
from typing import Annotated

from fastapi import Depends, Query, Response

from models.decision import Change, Finding, ItemState, ItemSubject
from review import assigning, deciding
from review.api_problems import GONE, STALE
from review.api_requests import (
    Cursor,
    Decides,
    Id,
    Limit,
    Used,
    cursor_of,
    decisions_out,
    items_out,
    moves_out,
    place_in,
    routes,
)
from review.api_shapes import (
    Assignee,
    Assignment,
    Correction,
    CountsOut,
    DecisionOut,
    HandedOverOut,
    ItemDetail,
    ItemOut,
    ItemPage,
    PreviewOut,
    Reason,
    Rejection,
    reason_in,
)
from review.consequence import refresh
from review.groups import group_size
from review.permissions import Reviewer, Viewer
from review.previewing import dependants, preview, standing_of, value_words
from review.resolving import shown
from store import audit, review_queue
from store.audit import DecisionFilter
from store.engine import reading
from store.review_queue import OPEN, QueueFilter

router = routes()


def _filter(
    batch: Annotated[str | None, Query(max_length=200)] = None,
    contract: Annotated[str | None, Query(max_length=200)] = None,
    kind: Annotated[list[str] | None, Query(max_length=50)] = None,
    counterparty: Annotated[str | None, Query(max_length=200)] = None,
    contract_type: Annotated[str | None, Query(max_length=200)] = None,
    assignee: Annotated[str | None, Query(max_length=200)] = None,
    unassigned: bool = False,
    reviewer: Annotated[str | None, Query(max_length=200)] = None,
    state: Annotated[list[ItemState] | None, Query(max_length=10, description="Default: what waits.")] = None,
    finding: Annotated[list[Finding] | None, Query(max_length=10)] = None,
    subject: ItemSubject | None = None,
    min_confidence: Annotated[float | None, Query(ge=0, le=1)] = None,
    max_confidence: Annotated[float | None, Query(ge=0, le=1)] = None,
    due_from: dt.date | None = None,
    due_to: dt.date | None = None,
    text: Annotated[str | None, Query(max_length=200)] = None,
) -> QueueFilter:
    return QueueFilter(
        batch=batch,
        contract=contract,
        kinds=tuple(kind or ()),
        counterparty=counterparty,
        contract_type=contract_type,
        assignee=assignee,
        unassigned=unassigned,
        reviewer=reviewer,
        states=tuple(state or OPEN),
        findings=tuple(finding or ()),
        subject=subject,
        min_confidence=min_confidence,
        max_confidence=max_confidence,
        due_from=due_from,
        due_to=due_to,
        text=text,
    )


Which = Annotated[QueueFilter, Depends(_filter)]


@router.get("/items")
def list_items(_: Viewer, services: Used, which: Which, cursor: Cursor = None, limit: Limit = 50) -> ItemPage:
    """Items, by default those that wait, in the order of consequence."""
    refresh(services.engine, services.weights, services.today())
    with reading(services.engine) as session:
        listed = review_queue.page(session, which, after=place_in(cursor), limit=limit + 1)
    items = [one.item for one in listed]
    following = cursor_of(items[limit - 1].priority, items[limit - 1].id) if len(items) > limit else None
    return ItemPage(items=items_out(items[:limit]), next=following)


@router.post("/items/assign")
def assign_items(actor: Reviewer, services: Used, which: Which, body: Assignee) -> HandedOverOut:
    """Hand over all that waits and passes the filter, what matters most first; undone by its ``bulk_id``."""
    done = assigning.assign_all(services.engine, which, actor, services.now(), assignee_id=body.assignee_id)
    return HandedOverOut.model_validate(done)


@router.get("/counts")
def get_counts(_: Viewer, services: Used, which: Which) -> CountsOut:
    """How many items there are, how many are decided, and how many of each kind the filter lets through."""
    with reading(services.engine) as session:
        counted, kinds = review_queue.counts(session, which), review_queue.kind_counts(session, which)
    return CountsOut(total=counted.total, done=counted.done, open=counted.open, by_kind=kinds)


@router.get("/items/{item_id}", responses=GONE)
def get_item(item_id: Id, _: Viewer, services: Used, response: Response) -> ItemDetail:
    """An item with its value as things stand. Its version is the ETag."""
    with reading(services.engine) as session:
        item, standing = standing_of(session, item_id, whole=False)
        response.headers["etag"] = f'"{item.version}"'
        return ItemDetail(
            **ItemOut.model_validate(item).model_dump(),
            value=shown(standing, item, services.using),
            machine=standing.machine.get(item.id),
            depends_on_it=moves_out(dependants(standing, item, services.using)),
            same_clause=group_size(session, item),
        )


@router.post("/items/{item_id}/accept", responses=STALE)
def accept_item(decision: Decides, body: Reason | None = None) -> ItemOut:
    """The value as shown is right."""
    return decision.by(deciding.accept, reason=reason_in(body))


@router.post("/items/{item_id}/correct", responses=STALE)
def correct_item(decision: Decides, body: Correction) -> ItemOut:
    """The value is another one. What hangs on it is dated anew."""
    return decision.by(deciding.correct, change=body.change, reason=body.reason)


@router.post("/items/{item_id}/reject", responses=STALE)
def reject_item(decision: Decides, body: Rejection) -> ItemOut:
    """The contract does not say this."""
    return decision.by(deciding.reject, reason=body.reason)


@router.post("/items/{item_id}/approve", responses=STALE)
def approve_item(decision: Decides, body: Reason | None = None) -> ItemOut:
    """A second person agrees."""
    return decision.by(deciding.approve, reason=reason_in(body))


@router.post("/items/{item_id}/reopen", responses=STALE)
def reopen_item(decision: Decides, body: Reason | None = None) -> ItemOut:
    """The item is to be decided anew."""
    return decision.by(deciding.reopen, reason=reason_in(body))


@router.post("/items/{item_id}/assign", responses=STALE)
def assign_item(decision: Decides, body: Assignment) -> ItemOut:
    """Somebody in particular is to decide the item, or anybody again."""
    return decision.without_dates(assigning.assign_one, assignee_id=body.assignee_id, approvals=body.approvals)


@router.post("/items/{item_id}/preview", responses=GONE)
def preview_item(item_id: Id, _: Viewer, services: Used, body: Change) -> PreviewOut:
    """What a correction would give, and what would move with it. Changes nothing."""
    with reading(services.engine) as session:
        seen = preview(session, item_id, body, using=services.using)
    return PreviewOut(
        value=seen.value,
        words=value_words(seen.value),
        moves=moves_out(seen.moves),
        problem=seen.problem,
        field=seen.field,
    )


@router.get("/items/{item_id}/decisions", responses=GONE)
def list_item_decisions(item_id: Id, _: Viewer, services: Used) -> list[DecisionOut]:
    """All that was ever decided of an item, the oldest first."""
    with reading(services.engine) as session:
        standing_of(session, item_id, whole=False)
        return decisions_out(audit.stream(session, DecisionFilter(item_id=item_id)))
