"""New readings of the portfolio after an upgrade: what differs, side by side, and one decision for all or a part."""

from http import HTTPStatus
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Form, Request
from sqlmodel import Session
from starlette.responses import RedirectResponse, Response

from models.contract import Milestone, Term
from models.rereading import quote_of
from review.accepting import accept_all
from review.permissions import Admin, Viewer
from review.previewing import value_words
from review.rendering import render, root_of
from review.routing import hand_out
from review.services import services_of
from review.wording import contract_name
from store import rereads
from store.engine import reading, writing
from store.errors import StoreError
from store.recurring_tables import Reread, RereadDifference, RereadEffect, RereadingState, RereadState
from store.tables import Contract

router = APIRouter(include_in_schema=False)

SHOWN = 500
"""Values on one page; the command line shows them all."""

_EFFECTS = {
    RereadEffect.SHOWS: "Nobody has decided it yet.",
    RereadEffect.REOPENS: "It was accepted: it is opened again, with the old decision beside it.",
    RereadEffect.KEEPS: "It was decided, and the decision stands.",
    RereadEffect.VANISHES: "It was decided, and is no longer found: a person says what becomes of it.",
}

Part = Annotated[str, Form(max_length=64)]


class Side(NamedTuple):
    """A value on one side, with the words it rests on."""

    words: str
    quote: str


class Compared(NamedTuple):
    """One value that differs."""

    what: str
    old: Side | None
    new: Side | None
    effect: str
    item_id: str


class Group(NamedTuple):
    """What differs of one contract, and whether it is still to be decided."""

    contract: Contract
    name: str
    state: RereadingState | None
    values: list[Compared]

    @property
    def waits(self) -> bool:
        """Whether nobody has decided it."""
        return self.state is RereadingState.DIFFERS


@router.get("/rereads")
def listed(request: Request, actor: Viewer) -> Response:
    """All new readings, newest first."""
    with reading(services_of(request).engine) as session:
        found = [rereads.summary(session, batch) for batch in rereads.list_rereads(session)]
    return render(request, "rereads.html", actor=actor, section="policies", rereads=found)


@router.get("/rereads/{reread_id}")
def shown(request: Request, actor: Viewer, reread_id: str) -> Response:
    """What one new reading found."""
    return _page(request, actor, reread_id)


@router.post("/rereads/{reread_id}/accept")
def accept(request: Request, actor: Admin, reread_id: str, contract: Part = "") -> Response:
    """The new values stand: all, or those of one contract."""
    services = services_of(request)
    try:
        with writing(services.engine) as session:
            batch = rereads.find_reread(session, reread_id)
            rereads.accept_reread(session, batch, actor, services.now(), [contract] if contract else [])
    except StoreError as error:
        return _page(request, actor, reread_id, trouble=str(error))
    hand_out(services.engine, services.routing, services.now())
    accept_all(services.engine, services.now(), using=services.using)
    return _to(request, reread_id)


@router.post("/rereads/{reread_id}/drop")
def drop(request: Request, actor: Admin, reread_id: str, contract: Part = "") -> Response:
    """Everything stays as it was: all, or one contract."""
    services = services_of(request)
    try:
        with writing(services.engine) as session:
            batch = rereads.find_reread(session, reread_id)
            rereads.drop_reread(session, batch, actor, services.now(), [contract] if contract else [])
    except StoreError as error:
        return _page(request, actor, reread_id, trouble=str(error))
    return _to(request, reread_id)


def _page(request: Request, actor: Viewer, reread_id: str, *, trouble: str = "") -> Response:
    with reading(services_of(request).engine) as session:
        batch = session.get(Reread, reread_id)
        if batch is None:
            return _missing(request, actor)
        found = rereads.summary(session, batch)
        groups = _groups(session, reread_id)
        failed = rereads.failures(session, reread_id)
    return render(
        request,
        "reread.html",
        HTTPStatus.CONFLICT if trouble else HTTPStatus.OK,
        actor=actor,
        section="policies",
        found=found,
        groups=groups,
        failed=failed,
        waits=found.state is RereadState.READY,
        shaded=found.counts[RereadingState.SHADED] if found.state is RereadState.UNCHANGED else 0,
        more=max(0, found.differ - SHOWN),
        trouble=trouble,
    )


def _missing(request: Request, actor: Viewer) -> Response:
    return render(request, "rereads.html", HTTPStatus.NOT_FOUND, actor=actor, section="policies", rereads=[])


def _groups(session: Session, reread_id: str) -> list[Group]:
    states = rereads.states_by_family(session, reread_id)
    groups: dict[str, Group] = {}
    for contract, one in rereads.differences(session, reread_id)[:SHOWN]:
        name = contract_name(contract.title, contract.name)
        group = groups.setdefault(contract.id, Group(contract, name, states.get(one.family), []))
        group.values.append(_compared(one))
    return list(groups.values())


def _compared(one: RereadDifference) -> Compared:
    old, new = rereads.value_of(one.old), rereads.value_of(one.new)
    return Compared(one.what, _side(old), _side(new), _EFFECTS[one.effect], one.item_id)


def _side(value: Term | Milestone | None) -> Side | None:
    if value is None:
        return None
    return Side(value_words(value), quote_of(value))


def _to(request: Request, reread_id: str) -> Response:
    return RedirectResponse(f"{root_of(request)}/rereads/{reread_id}", HTTPStatus.SEE_OTHER)
