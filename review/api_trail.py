"""The JSON API of the audit trail, and of taking decisions back."""

import datetime as dt
from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, Query
from starlette.responses import StreamingResponse

from models.decision import Action
from review import undoing
from review.api_problems import STALE
from review.api_requests import (
    Cursor,
    Id,
    Limit,
    Used,
    cursor_of,
    decisions_out,
    facts_out,
    items_out,
    number_in,
    routes,
)
from review.api_shapes import DecisionOut, DecisionPage, UndoneOut
from review.permissions import Reviewer, Viewer
from store import audit
from store.audit import DecisionFilter
from store.engine import reading, writing

router = routes()


@router.post("/decisions/undo", responses=STALE)
def undo_last_decision(actor: Reviewer, services: Used) -> UndoneOut:
    """Take back your last decision, and all that were taken together with it."""
    with writing(services.engine) as session:
        return _undone(undoing.undo(session, actor, services.now(), using=services.using))


@router.post("/decisions/{decision_id}/undo", responses=STALE)
def undo_decision(decision_id: Id, actor: Reviewer, services: Used) -> UndoneOut:
    """Take back one decision, if it still stands."""
    with writing(services.engine) as session:
        return _undone(undoing.undo(session, actor, services.now(), decision_id, using=services.using))


@router.post("/bulks/{bulk_id}/undo", responses=STALE)
def undo_bulk(bulk_id: Id, actor: Reviewer, services: Used) -> UndoneOut:
    """Take back what was decided together. What a colleague has decided since stays."""
    with writing(services.engine) as session:
        return _undone(undoing.undo_bulk(session, actor, services.now(), bulk_id, using=services.using))


def _filter(
    item: Annotated[str | None, Query(max_length=200)] = None,
    contract: Annotated[str | None, Query(max_length=200)] = None,
    actor: Annotated[str | None, Query(max_length=200)] = None,
    action: Annotated[list[Action] | None, Query(max_length=20)] = None,
    bulk: Annotated[str | None, Query(max_length=200)] = None,
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
) -> DecisionFilter:
    return DecisionFilter(item, contract, actor, tuple(action or ()), bulk, _moment(since), _moment(until))


Which = Annotated[DecisionFilter, Depends(_filter)]


@router.get("/decisions")
def list_decisions(_: Viewer, services: Used, which: Which, cursor: Cursor = None, limit: Limit = 50) -> DecisionPage:
    """The audit trail, the newest rows first."""
    with reading(services.engine) as session:
        rows = audit.page(session, which, limit=limit + 1, before=number_in(cursor))
    following = cursor_of(rows[limit - 1].seq) if len(rows) > limit else None
    return DecisionPage(decisions=decisions_out(rows[:limit]), next=following)


@router.get(
    "/decisions/export",
    response_class=StreamingResponse,
    responses={200: {"content": {"application/x-ndjson": {"schema": {"type": "string"}}}}},
)
def export_decisions(_: Viewer, services: Used, which: Which) -> StreamingResponse:
    """The audit trail whole, the oldest row first, one JSON object on each line."""

    def lines() -> Iterator[str]:
        with reading(services.engine) as session:
            for row in audit.stream(session, which):
                yield DecisionOut.model_validate(row).model_dump_json() + "\n"

    headers = {"content-disposition": 'attachment; filename="audit.jsonl"'}
    return StreamingResponse(lines(), media_type="application/x-ndjson", headers=headers)


def _undone(undone: undoing.Undone) -> UndoneOut:
    return UndoneOut(
        items=items_out(undone.items), facts=facts_out(undone.facts), overtaken=decisions_out(undone.overtaken)
    )


def _moment(moment: dt.datetime | None) -> dt.datetime | None:
    return moment.replace(tzinfo=dt.UTC) if moment is not None and moment.tzinfo is None else moment
