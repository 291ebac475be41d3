"""The JSON API: the same decisions as in the browser, for programs.

    /api/v1/openapi.json        describes it

Every change of an item needs its version as ``If-Match`` (its ``ETag``), so that a program decides on what it saw: an
older one is answered 412, none at all 428. Lists are read page by page with the cursor in ``next``. Errors are problems
(RFC 9457).
"""

import base64
import datetime as dt
import json
import math
import re
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.openapi.utils import get_openapi
from sqlmodel import col, select, tuple_
from starlette.responses import JSONResponse, StreamingResponse

from models.decision import Action, Change, Finding, ItemState, ItemSubject
from review import adding, api_policy, deciding, groups, supplying, undoing
from review.api_problems import PreconditionRequired, ProblemRoute, answers
from review.api_shapes import (
    Assignment,
    ContractDetail,
    ContractOut,
    ContractPage,
    Correction,
    CountsOut,
    DecidedOut,
    DecisionOut,
    DecisionPage,
    FactIn,
    FactOut,
    GroupDecision,
    GroupOut,
    GroupPage,
    ItemDetail,
    ItemOut,
    ItemPage,
    MemberOut,
    MembersOut,
    MilestoneIn,
    MoveOut,
    PreviewOut,
    ProblemOut,
    Reason,
    Rejection,
    SuppliedOut,
    UndoneOut,
    WaitingOut,
)
from review.consequence import refresh
from review.errors import Invalid
from review.permissions import Reviewer, Viewer
from review.previewing import dependants, preview, standing_of, value_words
from review.redating import Move
from review.resolving import load_contract, load_standing, shown, waiting
from review.routing import candidates
from review.services import Services, services_of
from store import audit, review_queue
from store.audit import DecisionFilter
from store.engine import reading, writing
from store.review_queue import OPEN, Counts, Place, QueueFilter
from store.review_tables import DecisionRow, ReviewItem, SuppliedFact
from store.tables import Contract, Document

PREFIX = "/api/v1"
MOST = 200
"""Rows of a page at most."""

router = APIRouter(prefix=PREFIX, tags=["review"], route_class=ProblemRoute)
router.include_router(api_policy.router)

Id = Annotated[str, "an id as the API gave it"]
Cursor = Annotated[str | None, Query(max_length=500, description="`next` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=MOST)]
Used = Annotated[Services, Depends(services_of)]

_GONE = HTTPStatus.NOT_FOUND
_STALE = (HTTPStatus.NOT_FOUND, HTTPStatus.PRECONDITION_FAILED, HTTPStatus.PRECONDITION_REQUIRED)
_ETAG = re.compile(r'"([0-9]{1,9})"')


def _version(
    if_match: Annotated[str | None, Header(description='The item\'s ETag, as in `"3"`.', max_length=100)] = None,
) -> int:
    """The version of the item that the program saw."""
    if if_match is None:
        raise PreconditionRequired
    match = _ETAG.fullmatch(if_match.strip())
    if match is None:
        raise Invalid('If-Match is the ETag of the item, as in "3".', "if-match")
    return int(match[1])


Version = Annotated[int, Depends(_version)]


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


@router.get("/openapi.json", operation_id="get_openapi", include_in_schema=False)
def openapi(request: Request, _: Viewer) -> JSONResponse:
    """This description."""
    return JSONResponse(document(request.app.version, request.scope.get("root_path", "")))


def document(version: str, root_path: str = "") -> dict[str, Any]:
    """The OpenAPI document of the API."""
    described = get_openapi(
        title="milepost",
        version=version,
        description=__doc__ or "",
        routes=router.routes,
        servers=[{"url": root_path}] if root_path else None,
    )
    components = described.setdefault("components", {})
    schema = ProblemOut.model_json_schema(ref_template="#/components/schemas/{model}")
    components.setdefault("schemas", {}).update(schema.pop("$defs", {}) | {ProblemOut.__name__: schema})
    components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    described["security"] = [{"token": []}, {}]
    for path in described["paths"].values():
        for operation in path.values():
            # Ours are problems; the framework would describe its own.
            operation["responses"].get("422", {}).get("content", {}).pop("application/json", None)
    for unused in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(unused, None)
    return described


@router.get("/items", operation_id="list_items", responses=answers())
def list_items(_: Viewer, services: Used, which: Which, cursor: Cursor = None, limit: Limit = 50) -> ItemPage:
    """Items, by default those that wait, in the order of consequence."""
    refresh(services.engine, services.weights, services.today())
    with reading(services.engine) as session:
        listed = review_queue.page(session, which, after=_place(cursor), limit=limit + 1)
    items = [one.item for one in listed]
    following = _cursor(items[limit - 1].priority, items[limit - 1].id) if len(items) > limit else None
    return ItemPage(items=_items(items[:limit]), next=following)


@router.get("/counts", operation_id="get_counts", responses=answers())
def get_counts(_: Viewer, services: Used, which: Which) -> CountsOut:
    """How many items there are, how many are decided, and how many of each kind the filter lets through."""
    with reading(services.engine) as session:
        counted, kinds = review_queue.counts(session, which), review_queue.kind_counts(session, which)
    return CountsOut(total=counted.total, done=counted.done, open=counted.open, by_kind=kinds)


@router.get("/items/{item_id}", operation_id="get_item", responses=answers(_GONE))
def get_item(item_id: Id, _: Viewer, services: Used, response: Response) -> ItemDetail:
    """An item with its value as things stand. Its version is the ETag."""
    with reading(services.engine) as session:
        item, standing = standing_of(session, item_id, whole=False)
        response.headers["etag"] = f'"{item.version}"'
        return ItemDetail(
            **ItemOut.model_validate(item).model_dump(),
            value=shown(standing, item, services.using),
            machine=standing.machine.get(item.id),
            depends_on_it=_moves(dependants(standing, item, services.using)),
            same_clause=groups.group_size(session, item),
        )


@router.post("/items/{item_id}/accept", operation_id="accept_item", responses=answers(*_STALE))
def accept_item(
    item_id: Id, actor: Reviewer, version: Version, services: Used, response: Response, body: Reason | None = None
) -> ItemOut:
    """The value as shown is right."""
    with writing(services.engine) as session:
        item = deciding.accept(
            session, item_id, version, actor, services.now(), using=services.using, reason=_reason(body)
        )
    return _item(item, response)


@router.post("/items/{item_id}/correct", operation_id="correct_item", responses=answers(*_STALE))
def correct_item(
    item_id: Id, actor: Reviewer, version: Version, services: Used, response: Response, body: Correction
) -> ItemOut:
    """The value is another one. What hangs on it is dated anew."""
    with writing(services.engine) as session:
        item = deciding.correct(
            session, item_id, version, actor, services.now(), body.change, using=services.using, reason=body.reason
        )
    return _item(item, response)


@router.post("/items/{item_id}/reject", operation_id="reject_item", responses=answers(*_STALE))
def reject_item(
    item_id: Id, actor: Reviewer, version: Version, services: Used, response: Response, body: Rejection
) -> ItemOut:
    """The contract does not say this."""
    with writing(services.engine) as session:
        item = deciding.reject(
            session, item_id, version, actor, services.now(), reason=body.reason, using=services.using
        )
    return _item(item, response)


@router.post("/items/{item_id}/approve", operation_id="approve_item", responses=answers(*_STALE))
def approve_item(
    item_id: Id, actor: Reviewer, version: Version, services: Used, response: Response, body: Reason | None = None
) -> ItemOut:
    """A second person agrees."""
    with writing(services.engine) as session:
        item = deciding.approve(
            session, item_id, version, actor, services.now(), using=services.using, reason=_reason(body)
        )
    return _item(item, response)


@router.post("/items/{item_id}/reopen", operation_id="reopen_item", responses=answers(*_STALE))
def reopen_item(
    item_id: Id, actor: Reviewer, version: Version, services: Used, response: Response, body: Reason | None = None
) -> ItemOut:
    """The item is to be decided anew."""
    with writing(services.engine) as session:
        item = deciding.reopen(
            session, item_id, version, actor, services.now(), using=services.using, reason=_reason(body)
        )
    return _item(item, response)


@router.post("/items/{item_id}/assign", operation_id="assign_item", responses=answers(*_STALE))
def assign_item(
    item_id: Id, actor: Reviewer, version: Version, services: Used, response: Response, body: Assignment
) -> ItemOut:
    """Somebody in particular is to decide the item, or anybody again."""
    with writing(services.engine) as session:
        if body.assignee_id not in (None, actor.id, *(person.id for person in candidates(session))):
            raise Invalid("There is nobody with that id who may decide.", "assignee_id")
        item = deciding.assign(
            session,
            item_id,
            version,
            actor,
            services.now(),
            assignee_id=body.assignee_id,
            approvals=body.approvals,
        )
    return _item(item, response)


@router.post("/items/{item_id}/preview", operation_id="preview_item", responses=answers(_GONE))
def preview_item(item_id: Id, _: Viewer, services: Used, body: Change) -> PreviewOut:
    """What a correction would give, and what would move with it. Changes nothing."""
    with reading(services.engine) as session:
        seen = preview(session, item_id, body, using=services.using)
    return PreviewOut(
        value=seen.value,
        words=value_words(seen.value),
        moves=_moves(seen.moves),
        problem=seen.problem,
        field=seen.field,
    )


@router.get("/items/{item_id}/decisions", operation_id="list_item_decisions", responses=answers(_GONE))
def list_item_decisions(item_id: Id, _: Viewer, services: Used) -> list[DecisionOut]:
    """All that was ever decided of an item, the oldest first."""
    with reading(services.engine) as session:
        standing_of(session, item_id, whole=False)
        return _decisions(audit.stream(session, DecisionFilter(item_id=item_id)))


@router.post("/decisions/undo", operation_id="undo_last_decision", responses=answers(*_STALE))
def undo_last_decision(actor: Reviewer, services: Used) -> UndoneOut:
    """Take back your last decision, and all that were taken together with it."""
    with writing(services.engine) as session:
        return _undone(undoing.undo(session, actor, services.now(), using=services.using))


@router.post("/decisions/{decision_id}/undo", operation_id="undo_decision", responses=answers(*_STALE))
def undo_decision(decision_id: Id, actor: Reviewer, services: Used) -> UndoneOut:
    """Take back one decision, if it still stands."""
    with writing(services.engine) as session:
        return _undone(undoing.undo(session, actor, services.now(), decision_id, using=services.using))


@router.post("/bulks/{bulk_id}/undo", operation_id="undo_bulk", responses=answers(*_STALE))
def undo_bulk(bulk_id: Id, actor: Reviewer, services: Used) -> UndoneOut:
    """Take back what was decided together. What a colleague has decided since stays."""
    with writing(services.engine) as session:
        return _undone(undoing.undo_bulk(session, actor, services.now(), bulk_id, using=services.using))


def _trail_filter(
    item: Annotated[str | None, Query(max_length=200)] = None,
    contract: Annotated[str | None, Query(max_length=200)] = None,
    actor: Annotated[str | None, Query(max_length=200)] = None,
    action: Annotated[list[Action] | None, Query(max_length=20)] = None,
    bulk: Annotated[str | None, Query(max_length=200)] = None,
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
) -> DecisionFilter:
    return DecisionFilter(item, contract, actor, tuple(action or ()), bulk, _moment(since), _moment(until))


Trail = Annotated[DecisionFilter, Depends(_trail_filter)]


@router.get("/decisions", operation_id="list_decisions", responses=answers())
def list_decisions(_: Viewer, services: Used, which: Trail, cursor: Cursor = None, limit: Limit = 50) -> DecisionPage:
    """The audit trail, the newest rows first."""
    before = _numbers(cursor, 1)
    with reading(services.engine) as session:
        rows = audit.page(session, which, limit=limit + 1, before=int(before[0]) if before else None)
    following = _cursor(rows[limit - 1].seq) if len(rows) > limit else None
    return DecisionPage(decisions=_decisions(rows[:limit]), next=following)


@router.get(
    "/decisions/export",
    operation_id="export_decisions",
    response_class=StreamingResponse,
    responses=answers() | {200: {"content": {"application/x-ndjson": {"schema": {"type": "string"}}}}},
)
def export_decisions(_: Viewer, services: Used, which: Trail) -> StreamingResponse:
    """The audit trail whole, the oldest row first, one JSON object on each line."""

    def lines() -> Iterator[str]:
        with reading(services.engine) as session:
            for row in audit.stream(session, which):
                yield DecisionOut.model_validate(row).model_dump_json() + "\n"

    headers = {"content-disposition": 'attachment; filename="audit.jsonl"'}
    return StreamingResponse(lines(), media_type="application/x-ndjson", headers=headers)


@router.get("/contracts", operation_id="list_contracts", responses=answers())
def list_contracts(_: Viewer, services: Used, cursor: Cursor = None, limit: Limit = 50) -> ContractPage:
    """Contracts by file name, each with how far its review is."""
    after = _texts(cursor, 2)
    with reading(services.engine) as session:
        statement = select(Contract).order_by(col(Contract.name), col(Contract.id)).limit(limit + 1)
        if after:
            statement = statement.where(tuple_(col(Contract.name), col(Contract.id)) > tuple_(*after))
        found = session.exec(statement).all()
        counted = review_queue.contract_counts(session, [contract.id for contract in found])
    following = _cursor(found[limit - 1].name, found[limit - 1].id) if len(found) > limit else None
    contracts = [_contract(contract, counted[contract.id]) for contract in found[:limit]]
    return ContractPage(contracts=contracts, next=following)


@router.get("/contracts/{contract_id}", operation_id="get_contract", responses=answers(_GONE))
def get_contract(contract_id: Id, _: Viewer, services: Used) -> ContractDetail:
    """A contract with its items, the facts that people supplied, and those that are not known."""
    with reading(services.engine) as session:
        contract = load_contract(session, contract_id)
        missing = waiting(load_standing(session, contract), services.using)
        counted = review_queue.contract_counts(session, [contract_id])[contract_id]
        return ContractDetail(
            **_contract(contract, counted).model_dump(),
            items=_items(review_queue.items_of(session, contract_id)),
            facts=_facts(supplying.facts(session, contract_id)),
            waiting=[WaitingOut(anchor=one.anchor, words=one.words, item_ids=list(one.item_ids)) for one in missing],
        )


@router.post(
    "/contracts/{contract_id}/facts",
    operation_id="supply_fact",
    status_code=HTTPStatus.CREATED,
    responses=answers(_GONE),
)
def supply_fact(contract_id: Id, actor: Reviewer, services: Used, body: FactIn) -> SuppliedOut:
    """State the day of something the contract counts from. What waits for it gets its dates."""
    with writing(services.engine) as session:
        done = supplying.supply(
            session,
            contract_id,
            body.anchor,
            body.date,
            actor,
            services.now(),
            using=services.using,
            note=body.note,
        )
        return SuppliedOut(fact=FactOut.model_validate(done.fact), items=_items(done.items))


@router.post("/facts/{fact_id}/withdraw", operation_id="withdraw_fact", responses=answers(_GONE))
def withdraw_fact(fact_id: Id, actor: Reviewer, services: Used, body: Reason | None = None) -> SuppliedOut:
    """Take a supplied fact back. What hung on it waits again."""
    with writing(services.engine) as session:
        done = supplying.withdraw(session, fact_id, actor, services.now(), using=services.using, reason=_reason(body))
        return SuppliedOut(fact=FactOut.model_validate(done.fact), items=_items(done.items))


@router.post(
    "/contracts/{contract_id}/milestones",
    operation_id="add_milestone",
    status_code=HTTPStatus.CREATED,
    responses=answers(_GONE, HTTPStatus.CONFLICT),
)
def add_milestone(contract_id: Id, actor: Reviewer, services: Used, response: Response, body: MilestoneIn) -> ItemOut:
    """Add a milestone that the program missed."""
    with reading(services.engine) as session:
        contract = load_contract(session, contract_id)
        file = session.get_one(Document, contract.document_sha256).name
    source = services.library.source(contract.document_sha256, file)
    place = adding.locate(source.text, body.quote, body.near)
    if place is None:
        raise Invalid("The document does not say this. Select the passage anew.", "quote")
    new = adding.Added(kind=body.kind, title=body.title, evidence=adding.evidence_at(source, place), change=body.change)
    with writing(services.engine) as session:
        item = adding.add(session, contract_id, new, actor, services.now(), using=services.using, reason=body.reason)
    return _item(item, response)


@router.get("/groups", operation_id="list_groups", responses=answers())
def list_groups(
    _: Viewer,
    services: Used,
    kind: Annotated[str | None, Query(max_length=50)] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> GroupPage:
    """Clauses that wait in several contracts, the most frequent first."""
    offset = _numbers(cursor, 1)
    start = int(offset[0]) if offset else 0
    with reading(services.engine) as session:
        found = groups.groups(session, kind=kind, limit=limit + 1, offset=start)
    following = _cursor(start + limit) if len(found) > limit else None
    return GroupPage(groups=[GroupOut.model_validate(group) for group in found[:limit]], next=following)


@router.get("/groups/{clause}", operation_id="get_group", responses=answers(_GONE))
def get_group(clause: Id, _: Viewer, services: Used) -> MembersOut:
    """The items of one clause that wait: the identical ones, and the near-identical with what differs."""
    with reading(services.engine) as session:
        found = groups.members(session, clause)
    return MembersOut(identical=[_member(one) for one in found.identical], near=[_member(one) for one in found.near])


@router.post("/groups/decide", operation_id="decide_group", responses=answers(*_STALE))
def decide_group(actor: Reviewer, services: Used, body: GroupDecision) -> DecidedOut:
    """Decide items that say the same, alike. All or none; each has its own row of the audit trail."""
    chosen = [groups.Choice(one.item_id, one.version) for one in body.items]
    with writing(services.engine) as session:
        done = groups.decide_group(
            session,
            body.action,
            chosen,
            actor,
            services.now(),
            change=body.change,
            reason=body.reason,
            using=services.using,
        )
    return DecidedOut(bulk_id=done.bulk_id, items=_items(done.items))


def _item(item: ReviewItem, response: Response) -> ItemOut:
    response.headers["etag"] = f'"{item.version}"'
    return ItemOut.model_validate(item)


def _reason(body: Reason | None) -> str | None:
    return body.reason if body is not None else None


def _items(items: Iterable[ReviewItem]) -> list[ItemOut]:
    return [ItemOut.model_validate(item) for item in items]


def _facts(facts: Iterable[SuppliedFact]) -> list[FactOut]:
    return [FactOut.model_validate(fact) for fact in facts]


def _decisions(rows: Iterable[DecisionRow]) -> list[DecisionOut]:
    return [DecisionOut.model_validate(row) for row in rows]


def _contract(contract: Contract, counted: Counts) -> ContractOut:
    columns = {name: getattr(contract, name) for name in ContractOut.model_fields.keys() - {"total", "done"}}
    return ContractOut(**columns, total=counted.total, done=counted.done)


def _member(member: groups.Member) -> MemberOut:
    return MemberOut(
        item=ItemOut.model_validate(member.item),
        contract_name=member.contract.name,
        same_answer=member.same_answer,
        likeness=member.likeness,
        differs=member.differs,
    )


def _moves(moves: Iterable[Move]) -> list[MoveOut]:
    return [
        MoveOut(
            item_id=move.item.id,
            title=move.item.title,
            kind=move.item.kind,
            before=value_words(move.before),
            after=value_words(move.after),
        )
        for move in moves
    ]


def _undone(undone: undoing.Undone) -> UndoneOut:
    return UndoneOut(items=_items(undone.items), facts=_facts(undone.facts), overtaken=_decisions(undone.overtaken))


def _cursor(*parts: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def _parts(cursor: str | None, count: int) -> list[Any]:
    """What a cursor says; nothing where there is none. Raises ``Invalid`` for one that the API never gave."""
    if cursor is None:
        return []
    try:
        parts = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, RecursionError):
        parts = None
    if not isinstance(parts, list) or len(parts) != count:
        raise Invalid("This is no cursor that the API gave.", "cursor")
    return parts


def _numbers(cursor: str | None, count: int) -> list[float]:
    parts = _parts(cursor, count)
    if any(not isinstance(part, (int, float)) or not math.isfinite(part) or abs(part) >= 2**31 for part in parts):
        raise Invalid("This is no cursor that the API gave.", "cursor")
    return parts


def _texts(cursor: str | None, count: int) -> list[str]:
    parts = _parts(cursor, count)
    if not all(isinstance(part, str) for part in parts):
        raise Invalid("This is no cursor that the API gave.", "cursor")
    return parts


def _place(cursor: str | None) -> Place | None:
    parts = _parts(cursor, 2)
    if not parts:
        return None
    priority, id_ = parts
    if not isinstance(priority, (int, float)) or not math.isfinite(priority) or not isinstance(id_, str):
        raise Invalid("This is no cursor that the API gave.", "cursor")
    return Place(float(priority), id_)


def _moment(moment: dt.datetime | None) -> dt.datetime | None:
    return moment.replace(tzinfo=dt.UTC) if moment is not None and moment.tzinfo is None else moment
