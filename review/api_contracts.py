"""The JSON API of contracts: how far their review is, the facts that people supply, and milestones that they add."""

from http import HTTPStatus

from fastapi import Response
from sqlmodel import col, select, tuple_

from review import adding, supplying
from review.api_problems import GONE, errors
from review.api_requests import Cursor, Id, Limit, Used, cursor_of, facts_out, items_out, routes, tagged, texts_in
from review.api_shapes import (
    ContractDetail,
    ContractOut,
    ContractPage,
    FactIn,
    FactOut,
    ItemOut,
    MilestoneIn,
    Reason,
    SuppliedOut,
    WaitingOut,
    reason_in,
)
from review.errors import Invalid
from review.permissions import Reviewer, Viewer
from review.resolving import load_contract, load_standing, waiting
from review.supplying import Supplied
from store import review_queue
from store.engine import reading, writing
from store.review_queue import Counts
from store.tables import Contract, Document

router = routes()


@router.get("/contracts")
def list_contracts(_: Viewer, services: Used, cursor: Cursor = None, limit: Limit = 50) -> ContractPage:
    """Contracts by file name, each with how far its review is."""
    after = texts_in(cursor, 2)
    with reading(services.engine) as session:
        statement = select(Contract).order_by(col(Contract.name), col(Contract.id)).limit(limit + 1)
        if after:
            statement = statement.where(tuple_(col(Contract.name), col(Contract.id)) > tuple_(*after))
        found = session.exec(statement).all()
        counted = review_queue.contract_counts(session, [contract.id for contract in found])
    following = cursor_of(found[limit - 1].name, found[limit - 1].id) if len(found) > limit else None
    contracts = [_contract(contract, counted[contract.id]) for contract in found[:limit]]
    return ContractPage(contracts=contracts, next=following)


@router.get("/contracts/{contract_id}", responses=GONE)
def get_contract(contract_id: Id, _: Viewer, services: Used) -> ContractDetail:
    """A contract with its items, the facts that people supplied, and those that are not known."""
    with reading(services.engine) as session:
        contract = load_contract(session, contract_id)
        missing = waiting(load_standing(session, contract), services.using)
        counted = review_queue.contract_counts(session, [contract_id])[contract_id]
        return ContractDetail(
            **_contract(contract, counted).model_dump(),
            items=items_out(review_queue.items_of(session, contract_id)),
            facts=facts_out(supplying.facts(session, contract_id)),
            waiting=[WaitingOut(anchor=one.anchor, words=one.words, item_ids=list(one.item_ids)) for one in missing],
        )


@router.post("/contracts/{contract_id}/facts", status_code=HTTPStatus.CREATED, responses=GONE)
def supply_fact(contract_id: Id, actor: Reviewer, services: Used, body: FactIn) -> SuppliedOut:
    """State the day of something the contract counts from. What waits for it gets its dates."""
    with writing(services.engine) as session:
        done = supplying.supply(
            session, contract_id, body.anchor, body.date, actor, services.now(), using=services.using, note=body.note
        )
        return _supplied(done)


@router.post("/facts/{fact_id}/withdraw", responses=GONE)
def withdraw_fact(fact_id: Id, actor: Reviewer, services: Used, body: Reason | None = None) -> SuppliedOut:
    """Take a supplied fact back. What hung on it waits again."""
    with writing(services.engine) as session:
        done = supplying.withdraw(session, fact_id, actor, services.now(), using=services.using, reason=reason_in(body))
        return _supplied(done)


@router.post(
    "/contracts/{contract_id}/milestones",
    status_code=HTTPStatus.CREATED,
    responses=GONE | errors(HTTPStatus.CONFLICT),
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
    return tagged(item, response)


def _contract(contract: Contract, counted: Counts) -> ContractOut:
    columns = {name: getattr(contract, name) for name in ContractOut.model_fields.keys() - {"total", "done"}}
    return ContractOut(**columns, total=counted.total, done=counted.done)


def _supplied(done: Supplied) -> SuppliedOut:
    return SuppliedOut(fact=FactOut.model_validate(done.fact), items=items_out(done.items))
