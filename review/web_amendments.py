"""Amendments: proposed links, what each changes with both quotes, one approval for all of it, and new arrivals."""

import datetime as dt
from http import HTTPStatus
from pathlib import PurePath
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Query, Request, UploadFile
from starlette.responses import RedirectResponse, Response

from models.actor import Actor
from models.problem import DocumentError
from review import amending, amendments_view
from review.amendments_view import PAGE
from review.errors import Invalid
from review.permissions import Reviewer, Viewer
from review.rendering import render, root_of
from review.resolving import load_contract
from review.services import services_of
from store.engine import reading, writing
from store.family_tables import LinkState

router = APIRouter(include_in_schema=False)

Day = Annotated[dt.date | None, Query(alias="on", ge=dt.date(1900, 1, 1), le=dt.date(2199, 12, 31))]
Token = Annotated[str, Form(max_length=64)]


@router.get("/amendments")
def amendments(request: Request, actor: Viewer, page: Annotated[int, Query(ge=1, le=10_000)] = 1) -> Response:
    """Links that wait for somebody, those that nobody has decided first."""
    with reading(services_of(request).engine) as session:
        found = amendments_view.waiting(session, page)
        listed = amendments_view.listed(session, found[:PAGE])
    return render(
        request,
        "amendments.html",
        actor=actor,
        section="amendments",
        links=listed,
        page=page,
        more=len(found) > PAGE,
    )


@router.get("/amendments/{link_id}")
def amendment(request: Request, actor: Viewer, link_id: str) -> Response:
    """One amendment: old and new side by side, and everything that moves."""
    return _page(request, actor, link_id)


@router.post("/amendments/{link_id}/confirm")
def confirm(request: Request, actor: Reviewer, link_id: str, seen: Token = "") -> Response:
    """The document belongs to the contract."""
    services = services_of(request)
    try:
        with writing(services.engine) as session:
            amending.confirm(session, link_id, actor, services.now(), using=services.using, seen=seen)
    except Invalid as error:
        return _page(request, actor, link_id, trouble=error.message)
    return _to(request, link_id)


@router.post("/amendments/{link_id}/refuse")
def refuse(request: Request, actor: Reviewer, link_id: str, seen: Token = "") -> Response:
    """The document does not belong to the contract, or does not count."""
    services = services_of(request)
    try:
        with writing(services.engine) as session:
            now, replan = services.now(), services.replan
            amending.refuse(session, link_id, actor, now, using=services.using, replan=replan, seen=seen)
    except Invalid as error:
        return _page(request, actor, link_id, trouble=error.message)
    return _to(request, link_id)


@router.post("/amendments/{link_id}/approve")
def approve(request: Request, actor: Reviewer, link_id: str, seen: Token) -> Response:
    """Everything it changes is right, as it was shown."""
    services = services_of(request)
    try:
        with writing(services.engine) as session:
            now = services.now()
            amending.approve(session, link_id, seen, actor, now, using=services.using, replan=services.replan)
    except Invalid as error:
        return _page(request, actor, link_id, trouble=error.message)
    return _to(request, link_id)


@router.get("/contracts/{contract_id}/governing")
def governing(request: Request, actor: Viewer, contract_id: str, on: Day = None) -> Response:
    """What governs a contract as of a day, each value with its document."""
    services = services_of(request)
    day = on or services.today()
    with reading(services.engine) as session:
        contract = load_contract(session, contract_id)
        found = amendments_view.governing(session, services, contract_id, day)
        belongs, to = amendments_view.family_of(session, contract_id)
    return render(
        request,
        "governing.html",
        actor=actor,
        section="contracts",
        contract=contract,
        day=day,
        found=found,
        belongs=belongs,
        to=to,
        trouble="",
        can_take_in=services.intake is not None,
    )


@router.post("/contracts/{contract_id}/amendments")
def arrive(request: Request, actor: Reviewer, contract_id: str, file: Annotated[UploadFile, File()]) -> Response:
    """Take in a document that amends the contract."""
    services = services_of(request)
    try:
        link_id = take_in(request, actor, contract_id, file)
    except (Invalid, DocumentError) as error:
        message = error.message if isinstance(error, Invalid) else error.problem.message
        with reading(services.engine) as session:
            contract = load_contract(session, contract_id)
            found = amendments_view.governing(session, services, contract_id, services.today())
            belongs, to = amendments_view.family_of(session, contract_id)
        return render(
            request,
            "governing.html",
            HTTPStatus.UNPROCESSABLE_ENTITY,
            actor=actor,
            section="contracts",
            contract=contract,
            day=services.today(),
            found=found,
            belongs=belongs,
            to=to,
            trouble=message,
            can_take_in=services.intake is not None,
        )
    return _to(request, link_id)


def take_in(request: Request, actor: Actor, contract_id: str, file: UploadFile) -> str:
    """Read an uploaded document and link it to the contract; the id of the link."""
    services = services_of(request)
    if services.intake is None:
        raise Invalid("New documents are not taken in here.", "file")
    with reading(services.engine) as session:
        load_contract(session, contract_id)
    name = PurePath((file.filename or "").replace("\\", "/")).name[:200]
    data = file.file.read()
    if not name or not data:
        raise Invalid("Choose the file of the amendment first.", "file")
    read = services.intake(name, data)
    with writing(services.engine) as session:
        return amending.arrive(session, contract_id, read, actor, services.now(), using=services.using).id


def _page(request: Request, actor: Actor, link_id: str, *, trouble: str = "") -> Response:
    services = services_of(request)
    context: dict[str, Any] = {"actor": actor, "section": "amendments", "trouble": trouble}
    with reading(services.engine) as session:
        link = amending.load_link(session, link_id)
        shown = amendments_view.listed(session, [link])[0]
        changes = amendments_view.compared(session, link)
        clauses = amendments_view.clauses(session, services, link)
        seen = amending.state_of(session, link)
    moved = []
    if shown.waits and link.state is not LinkState.REFUSED and services.replan is not None:
        moved = amending.rehearse(
            services.engine, link_id, actor, services.now(), using=services.using, replan=services.replan
        )
    status = HTTPStatus.CONFLICT if trouble else HTTPStatus.OK
    return render(
        request,
        "amendment.html",
        status,
        shown=shown,
        link=link,
        changes=changes,
        clauses=clauses,
        moved=moved,
        seen=seen,
        **context,
    )


def _to(request: Request, link_id: str) -> Response:
    return RedirectResponse(f"{root_of(request)}/amendments/{link_id}", HTTPStatus.SEE_OTHER)
