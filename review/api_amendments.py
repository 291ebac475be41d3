"""The JSON API of amendments: hand one in, say whether it belongs, see what it changes, approve all of it."""

import datetime as dt
from http import HTTPStatus
from typing import Annotated

from fastapi import File, Query, Request, UploadFile
from pydantic import BaseModel, Field
from sqlmodel import Session

from models.contract import Milestone, Term
from models.family import Certainty, FamilyRole, Operation
from models.governing import OwnTerm
from models.operating import Conflict
from models.term import TermField
from review import amending, amendments_view
from review.api_problems import GONE
from review.api_requests import Id, Used, routes
from review.errors import NotFound
from review.permissions import Reviewer, Viewer
from review.web_amendments import take_in
from store.amending import changes_of
from store.engine import reading, writing
from store.family_tables import FamilyLink, LinkState

router = routes()


class AmendmentOut(BaseModel):
    """A document that belongs to a contract, as proposed or decided, and why."""

    id: str
    document: str = Field(description="What the document is called.")
    document_id: str = Field(description="Its id as a contract of its own.")
    contract: str
    contract_id: str
    role: FamilyRole
    number: int | None
    certainty: Certainty
    state: LinkState
    reasons: list[str]
    waits: bool = Field(description="Whether somebody still has to decide about it, or about anything it changes.")
    decided_by: str | None
    decided_at: dt.datetime | None


class ChangeOut(BaseModel):
    """One thing that it changes. ``operation`` where no rule understood what it does to a value."""

    what: str
    item_id: str | None
    milestone_key: str | None
    old: Term | Milestone | None
    new: Term | Milestone | None
    operation: Operation | None


class AmendmentDetail(AmendmentOut):
    """An amendment with all it changes. ``seen`` is sent back to approve it as it was seen."""

    changes: list[ChangeOut]
    seen: str


class Approval(BaseModel):
    """``seen`` as the amendment had it when it was read."""

    seen: str = Field(max_length=64)


class GoverningTermOut(BaseModel):
    """A term as it stands, and the id of the document that governs it."""

    field: TermField
    term: Term
    document_id: str | None


class GoverningMilestoneOut(BaseModel):
    """A milestone as it stands, and the id of the document that governs it."""

    milestone: Milestone
    document_id: str


class GoverningOut(BaseModel):
    """What governs a contract as of a day."""

    on: dt.date
    base_id: str | None
    documents: dict[str, str] = Field(description="What the documents are called, by id.")
    terms: list[GoverningTermOut]
    milestones: list[GoverningMilestoneOut]
    notice_deadline: dt.date | None
    conflicts: list[Conflict]
    beside: list[OwnTerm]
    pending: list[str]
    undated: list[str]


Day = Annotated[dt.date | None, Query(ge=dt.date(1900, 1, 1), le=dt.date(2199, 12, 31))]


@router.get("/amendments")
def list_amendments(_: Viewer, services: Used, page: Annotated[int, Query(ge=1, le=10_000)] = 1) -> list[AmendmentOut]:
    """Documents that belong to contracts and change them: those that wait first, then the newest."""
    with reading(services.engine) as session:
        found = amendments_view.waiting(session, page)[: amendments_view.PAGE]
        return [_out(one) for one in amendments_view.listed(session, found)]


@router.get("/amendments/{amendment_id}", responses=GONE)
def get_amendment(amendment_id: Id, _: Viewer, services: Used) -> AmendmentDetail:
    """One amendment, with both values of everything it changes."""
    with reading(services.engine) as session:
        return _detail(session, amending.load_link(session, amendment_id))


@router.post("/contracts/{contract_id}/amendments", status_code=HTTPStatus.CREATED, responses=GONE)
def add_amendment(
    request: Request, contract_id: Id, actor: Reviewer, services: Used, file: Annotated[UploadFile, File()]
) -> AmendmentDetail:
    """Hand in a document that changes the contract. The same file again changes nothing."""
    link_id = take_in(request, actor, contract_id, file)
    with reading(services.engine) as session:
        return _detail(session, amending.load_link(session, link_id))


@router.post("/amendments/{amendment_id}/confirm", responses=GONE)
def confirm_amendment(amendment_id: Id, actor: Reviewer, services: Used) -> AmendmentDetail:
    """The document belongs to the contract. What it changes is opened for a decision."""
    with writing(services.engine) as session:
        link = amending.confirm(session, amendment_id, actor, services.now(), using=services.using)
        return _detail(session, link)


@router.post("/amendments/{amendment_id}/refuse", responses=GONE)
def refuse_amendment(amendment_id: Id, actor: Reviewer, services: Used) -> AmendmentDetail:
    """The document does not belong to the contract, or does not count: everything is as it was."""
    with writing(services.engine) as session:
        now, replan = services.now(), services.replan
        link = amending.refuse(session, amendment_id, actor, now, using=services.using, replan=replan)
        return _detail(session, link)


@router.post("/amendments/{amendment_id}/approve", responses=GONE)
def approve_amendment(amendment_id: Id, actor: Reviewer, services: Used, body: Approval) -> AmendmentDetail:
    """Everything it changes is right, as it was seen: dates, deadlines and pending reminders move together."""
    with writing(services.engine) as session:
        now, replan = services.now(), services.replan
        link = amending.approve(session, amendment_id, body.seen, actor, now, using=services.using, replan=replan)
        return _detail(session, link)


@router.get("/contracts/{contract_id}/governing", responses=GONE)
def get_governing(contract_id: Id, _: Viewer, services: Used, on: Day = None) -> GoverningOut:
    """What the contract and all that is confirmed to belong to it provide as of a day, today by default."""
    day = on or services.today()
    with reading(services.engine) as session:
        found = amendments_view.governing(session, services, contract_id, day)
    if found is None:
        raise NotFound("There is no such contract.")
    view = found.view
    return GoverningOut(
        on=day,
        base_id=view.base,
        documents=dict(found.names),
        terms=[GoverningTermOut(field=one.field, term=one.term, document_id=one.document) for one in view.terms],
        milestones=[
            GoverningMilestoneOut(milestone=one.milestone, document_id=one.document) for one in view.milestones
        ],
        notice_deadline=view.notice_deadline,
        conflicts=list(view.conflicts),
        beside=list(view.beside),
        pending=list(view.pending),
        undated=list(view.undated),
    )


def _detail(session: Session, link: FamilyLink) -> AmendmentDetail:
    [listed] = amendments_view.listed(session, [link])
    changes = []
    for one in changes_of(session, link.id):
        kind = Operation if one.item_id is None else Term if one.milestone_key is None else Milestone
        old, new = (kind.model_validate(value) if value else None for value in (one.old, one.new))
        changes.append(
            ChangeOut(
                what=one.what,
                item_id=one.item_id,
                milestone_key=one.milestone_key or None,
                old=None if isinstance(old, Operation) else old,
                new=None if isinstance(new, Operation) else new,
                operation=new if isinstance(new, Operation) else None,
            )
        )
    return AmendmentDetail(**_out(listed).model_dump(), changes=changes, seen=amending.state_of(session, link))


def _out(one: amendments_view.Listed) -> AmendmentOut:
    link = one.link
    return AmendmentOut(
        id=link.id,
        document=one.child,
        document_id=link.child_id,
        contract=one.parent,
        contract_id=link.parent_id,
        role=link.role,
        number=link.number,
        certainty=link.certainty,
        state=link.state,
        reasons=list(link.reasons),
        waits=one.waits,
        decided_by=link.decided_by_name,
        decided_at=link.decided_at,
    )
